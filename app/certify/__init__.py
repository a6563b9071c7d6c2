"""Find out with a user's own paper account how Tiger answers where public sources are silent or contradict each other.

What an answer means is decided by pure functions, ``readings``; nothing in here is used while the gateway serves.
"""
