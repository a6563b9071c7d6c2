"""The ways of a call: the stages that it passes, in their order, each with the same signature.

A stage is given what the account's requests share, the next stage and the call; it answers, or hands the call on.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from app.tiger.pipeline.call import Call, CallResult, Go
from app.tiger.pipeline.link import Link
from app.tiger.pipeline.sending_stages import behind_breaker, retried, sent, with_token, within_quota
from app.tiger.pipeline.sharing_stages import (
    batched,
    cached,
    coalesced,
    composed,
    known_quotes,
    shared_among_workers,
    within_bulkhead,
)

Stage = Callable[[Link, Go, Call], CallResult]
Way = tuple[Stage, ...]

SENDING: Final[Way] = (with_token, behind_breaker, retried, within_quota, sent)
"""What a call passes that goes to Tiger."""
READING: Final[Way] = (cached, within_bulkhead, coalesced, shared_among_workers, *SENDING)
QUOTING: Final[Way] = (known_quotes, within_bulkhead, batched, *SENDING)
"""Quotes, order books and bars are asked for by many at once and of many symbols: what waits is one call."""
ORDERING: Final[Way] = (cached, within_bulkhead, *SENDING)
"""What an order has to know waits for nobody else's call."""
COMMANDING: Final[Way] = (within_bulkhead, with_token, behind_breaker, within_quota, sent)
COMPOSING: Final[Way] = (cached, within_bulkhead, coalesced, shared_among_workers, composed)
"""An answer that several calls are put together to."""
REFRESHING: Final[Way] = (within_bulkhead, composed)
INSIDE: Final[Way] = (shared_among_workers, *SENDING)
"""The calls that another answer is put together of: their thread is within the bulkhead already."""
WAYS: Final = (READING, QUOTING, ORDERING, COMMANDING, COMPOSING, REFRESHING, INSIDE)


def build(way: Way, link: Link) -> Go:
    """Return what leads a call along a way."""
    go: Any = None
    for stage in reversed(way):
        go = partial(stage, link, go)
    first: Go = go
    return first
