"""The shape of every answer but the health checks'."""

from marshmallow import Schema, fields


class SuccessEnvelope(Schema):
    """What a success looks like."""

    success = fields.Constant(True, metadata={"description": "Always true."})
    data = fields.Raw(required=True, metadata={"description": "The answer."})
    account = fields.String(required=True, metadata={"description": "The account of the request, or system."})
    timestamp = fields.String(required=True, metadata={"description": "When this was answered (RFC 3339, UTC)."})


class ErrorEnvelope(Schema):
    """What an error looks like; the last five members stand only where they apply."""

    success = fields.Constant(False, metadata={"description": "Always false."})
    error = fields.String(required=True, metadata={"description": "A sentence for a person."})
    code = fields.String(required=True, metadata={"description": "A stable code for a machine."})
    account = fields.String(required=True, allow_none=True, metadata={"description": "The account of the request."})
    timestamp = fields.String(required=True, metadata={"description": "When this was answered (RFC 3339, UTC)."})
    request_id = fields.String(required=True, metadata={"description": "Quote it when you report a problem."})
    details = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "Field to messages."}
    )
    tiger_code = fields.Integer(metadata={"description": "Tiger's own code."})
    retryable = fields.Boolean(metadata={"description": "Whether the same request may succeed later."})
    retry_after = fields.Integer(metadata={"description": "Seconds to wait before trying again."})
    data = fields.Raw(metadata={"description": "The order concerned."})
