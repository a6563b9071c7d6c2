"""Examine a configuration step by step, as far as Tiger itself, and say of each fault what to do about it.

Nothing here changes anything but a wrongly pasted key, and that only when asked to.
"""
