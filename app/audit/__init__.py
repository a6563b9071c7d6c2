"""The audit trail: what was commanded, refused and changed, as rows that prove themselves.

It knows nothing of what it records: who records something writes it here, in the transaction of what it describes.
"""
