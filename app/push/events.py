"""What the push client tells: what came, what may have been missed, what Tiger refused, and how a connection stands."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from app.tiger.instrument import Instrument
from app.tiger.push.account_data import AccountData
from app.tiger.push.feeds import Feed
from app.tiger.push.quote_data import QuoteDatum

Concern = Literal["accounts", "quotes"]
Condition = Literal["idle", "connecting", "connected", "down", "refused", "kicked"]
CONDITIONS: Final[tuple[Condition, ...]] = get_args(Condition)


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Data about an account that somebody wants.

    Tiger numbers nothing: the same may come again, and late. ``received_ms`` is our clock's, epoch milliseconds.
    """

    tiger_id: str
    account: str
    received_ms: int
    data: AccountData


@dataclass(frozen=True, slots=True)
class QuoteEvent:
    """Data about an instrument that somebody wants; of ranks, which nobody can want yet, both are None."""

    tiger_id: str
    feed: Feed | None
    instrument: Instrument | None
    received_ms: int
    data: QuoteDatum


@dataclass(frozen=True, slots=True)
class Gap:
    """Say that something may have been missed, and that from here on all is told again.

    Whoever needs the truth reads it now by REST: it comes after Tiger has confirmed the subscriptions, so that what
    happens during the reading is told as well. Of accounts it concerns those named, of quotes all of the tiger_id.
    ``since_ms`` is when the doubt began, None where nobody knows; all in epoch milliseconds.
    """

    tiger_id: str
    concerns: Concern
    reason: str
    since_ms: int | None
    at_ms: int
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say that Tiger does not push something, by name: an instrument of a feed, or an account.

    ``code`` is Tiger's, 3002 where its limit of symbols is reached; 0 where Tiger need not be asked.
    """

    tiger_id: str
    code: int
    reason: str
    feed: Feed | None = None
    instrument: Instrument | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class PushState:
    """How the connection of a tiger_id stands.

    ``idle``: nobody wants anything. ``connecting``: not let in yet. ``down``: tried again after a pause. ``refused``:
    Tiger does not let it in. ``kicked``: another program has signed in with the tiger_id, and has it until
    ``until_ms``. Epoch milliseconds.
    """

    tiger_id: str
    condition: Condition
    since_ms: int
    reason: str | None = None
    until_ms: int | None = None
