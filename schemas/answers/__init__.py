"""What the endpoints answer: one module per category, and the fields they share.

These schemas describe; nothing is dumped through them. A test holds every real answer against them.
"""
