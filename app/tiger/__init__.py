"""Speak to Tiger: sessions (one client for each credential), one translator for each category, the table of codes.

This is the only package that imports tigeropen. Wire objects and ``Any`` stop here: what leaves is plain JSON-ready
data as the REST contract documents it, an order as a frozen dataclass, or an error of ``app.errors``.
The SDK's pandas clients are never imported: answers are decoded from the wire directly.
"""
