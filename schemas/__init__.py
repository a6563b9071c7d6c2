"""marshmallow schemas: one module per category, the envelope, and the fields they share.

Schemas know marshmallow and plain vocabularies; no database, no Tiger, no Flask.
"""
