"""Who gives an order command, and under which name of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requester:
    """A client's request: the lasting id and name of its API key, and the key that makes a repeat safe, if any.

    ``idempotency_key`` is the header ``Idempotency-Key`` or the field ``client_order_id``.
    """

    key_id: str
    name: str
    request_id: str
    idempotency_key: str | None = None
