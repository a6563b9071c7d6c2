"""What a client should do about each error code, beside what the error's own class says about when it comes."""

from collections.abc import Mapping
from types import MappingProxyType

from app.errors import ERRORS, GatewayError

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "invalid_json": "Send one JSON object in UTF-8, each member once, without NaN or Infinity.",
        "invalid_request": "Correct the fields that `details` names; an unknown field is refused rather than ignored.",
        "invalid_symbol": "Check the symbol and its market; `error` holds Tiger's reason and `tiger_code` its code.",
        "unauthorized": (
            "Send `Authorization: Bearer <api key>`. If the key is right, it has ended or was revoked: "
            "the operator sees it with `flask --app wsgi keys list` and makes another with `keys create`."
        ),
        "account_forbidden": (
            "Use an account of this key (`GET /api/accounts` lists them), or ask the operator for a key that has it."
        ),
        "permission_required": (
            "Use a key with the permission that `error` names. Permissions do not imply each other: "
            "a key that trades cannot read unless it was given both."
        ),
        "limit_exceeded": (
            "Nothing was sent. `data` names the limit, its value, what the order asks for and what is left: send a "
            "smaller order, wait until the limit's time is over, or ask the operator for another limit."
        ),
        "trading_halted": (
            "Nothing was sent. `data` says who halted trading, when and why; it goes on once somebody with admin "
            "permission resumes it. Orders can be cancelled all the while."
        ),
        "confirmation_required": (
            "Nothing was sent. Preview the order with `POST /api/trade/preview-order`, have it confirmed by whoever "
            "decides, and send the same body with the preview's `confirm_token`: it is good once, for a short time."
        ),
        "tiger_permission_denied": (
            "`error` names the market or entitlement that is missing. Buy or switch it on with Tiger, for the user "
            "of the developer id; some go to one device only, and the last one that asked has it."
        ),
        "not_found": "Check the path; `GET /api/endpoints` lists every one.",
        "account_not_found": "No credential serves this account: the operator adds it to `tiger-rest.toml`.",
        "order_not_found": (
            "Check the id and the account. An order belongs to one account, and is found by its global id or by the "
            "account's own number."
        ),
        "symbol_not_found": "Check the symbol; `POST /api/market/search` finds symbols by name.",
        "method_not_allowed": "Use a method that the header `Allow` names.",
        "idempotency_conflict": (
            "The key was used for another command. Send the first body again to get its answer, or take a new key for "
            "a new order; never take a new key to repeat an old one."
        ),
        "nothing_held": "Nothing is left to close; `POST /api/trade/positions` lists what is held.",
        "not_closable": (
            "Send the `closable` of `data` as quantity, or cancel the orders that `data` names and ask again. With "
            "`retry_after`, an order in doubt or a late position may be the reason: wait and repeat the request."
        ),
        "payload_too_large": "Send a smaller body; the operator sets the limit with `gateway.max_body_bytes`.",
        "unsupported_media_type": "Send the header `Content-Type: application/json`.",
        "order_rejected": (
            "Tiger took notice of the order and said no: `error` holds its reason, `data` the order where there is "
            "one. The same order will be refused again until the reason is gone."
        ),
        "rate_limited": "Wait for `retry_after` seconds; the operator sets the limit of the key.",
        "tiger_rate_limited": (
            "Wait for `retry_after` seconds. Tiger allows so many calls a minute for each developer id and method; "
            "batches and fewer repeats cost less."
        ),
        "internal_error": "Report it with the `request_id`. An order command may be repeated with its idempotency key.",
        "tiger_error": (
            "Tiger's answer cannot be used. Try again later; if it stays, report it with `tiger_code` and `request_id`."
        ),
        "tiger_credentials_rejected": (
            "Nothing that a client can fix. The operator checks key, tiger_id and the list of addresses at Tiger: "
            "`flask --app wsgi doctor` says which."
        ),
        "tiger_token_rejected": (
            "The gateway refreshes the token by itself; try again in a minute. If it stays, the operator runs "
            "`flask --app wsgi tokens refresh`, or fetches a new token file from Tiger."
        ),
        "tiger_unavailable": "Wait for `retry_after` seconds. Nothing was sent, or nothing of it took effect.",
        "storage_unavailable": "Wait for `retry_after` seconds. The operator looks after the database.",
        "earlier_outcome_unknown": (
            "Repeat the request with the same idempotency key. This one did nothing; an earlier one may have."
        ),
        "too_busy": "Wait for `retry_after` seconds. Nothing was sent.",
        "tiger_timeout": "Try again: it was a read, and nothing has changed.",
        "order_state_unknown": (
            "Do not place the order again as a new one. Repeat the request with the same idempotency key, or ask "
            "`POST /api/trade/order-status`; `data` holds the ids known so far. The gateway goes on finding out."
        ),
    }
)
"""Code → what to do."""


def get_errors() -> list[type[GatewayError]]:
    """Return the class of every error code, by status and then by name."""
    return sorted(ERRORS.values(), key=lambda error: (error.status, error.code))
