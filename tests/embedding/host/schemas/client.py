"""The host's one schema."""

from marshmallow import Schema, fields


class ClientSchema(Schema):
    """A client of the host."""

    name = fields.String()
    zone = fields.String()
