"""One call, as one value: what goes to Tiger, until when, what for, and what is done with its answer."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

from tigeropen.common.model import BaseParams

from app.settings import CacheSettings
from app.tiger.deadline import Deadline, Purpose
from app.tiger.wire.methods import METHODS, Method


def get_unchanged(data: Any) -> Any:
    """Return the data of an answer as they came."""
    return data


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of answer that is kept: for how long, for whose requests, and whether all workers use what one fetched.

    ``is_by_symbol`` says that it is decoded to an object by the symbols of its ``symbols``, of which each is kept by
    itself: requests for other lists of them share what is kept. What Tiger has nothing of is not kept.
    """

    name: str
    get_seconds: Callable[[CacheSettings], float]
    scope: Literal["account", "tiger_id"] = "tiger_id"
    is_shared: bool = False
    is_by_symbol: bool = False


@dataclass(slots=True)
class Attempt:
    """What a call carried when it was sent last: the token, and the newest grab of the quote permission."""

    token: str | None = None
    grab: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a wire method, or an answer that several calls are put together to (``ask``).

    ``kind`` says that the answer is kept, ``key`` under which name, where that is not method and parameters;
    ``is_fresh`` passes by what is kept. ``decode`` turns the data into what is kept and returned. ``token`` is sent
    instead of the credential's own. ``opened_at`` is when the request began that needs it (monotonic seconds).
    ``is_reducing`` says of an order that it certainly does nothing but reduce a position.
    """

    method: str
    params: BaseParams | None
    deadline: Deadline
    decode: Callable[[Any], Any] = get_unchanged
    kind: Kind | None = None
    key: tuple[Hashable, ...] | None = None
    ask: Callable[[], Any] | None = None
    is_fresh: bool = False
    token: str | None = None
    opened_at: float = float("-inf")
    is_reducing: bool = False
    attempt: Attempt = field(default_factory=Attempt)

    @property
    def described(self) -> Method:
        """Return the row of the method."""
        return METHODS[self.method]

    @property
    def is_command(self) -> bool:
        """Tell whether its outcome can be in doubt."""
        return self.deadline.purpose is Purpose.COMMAND

    @property
    def is_urgent(self) -> bool:
        """Tell whether it is for an order."""
        return self.deadline.purpose is not Purpose.READ

    @property
    def may_arrive_twice(self) -> bool:
        """Tell whether it does no harm where Tiger gets it twice."""
        return not (self.is_command or METHODS[self.method].changes)


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of a call, as decoded, and when the call for it began (monotonic seconds)."""

    value: Any
    begun_at: float


Clearance = Callable[[str, bool], None]
"""Asked right before something that trades is sent, with the account and whether it only reduces a position.

It raises a ``GatewayError`` where trading is not known to be open: nothing of the call is sent then.
"""
Go = Callable[[Call], CallResult]
"""Whatever handles a call next; it raises a ``GatewayError`` where there is no answer."""
