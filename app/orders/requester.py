"""Who gives an order command, and under which name of its own."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Requester:
    """A client's request: the lasting id and name of its API key, and the key that makes a repeat safe, if any.

    ``idempotency_key`` is the header ``Idempotency-Key`` or the field ``client_order_id``. ``confirm_token`` is what a
    preview gave; where the API key ``requires_confirmation`` nothing is placed without one.
    """

    key_id: str
    name: str
    request_id: str
    idempotency_key: str | None = None
    confirm_token: str | None = field(default=None, repr=False)
    requires_confirmation: bool = False
