"""Order types as data: what each needs and takes, what it is for, and how its own fields travel.

A further type is a further row; requests, checks and the wire follow from it. What is certain of a type stands here:
Tiger's guides for its SDKs ("order types by market", place order) and the SDK's ``order_utils``. Where they are silent
or contradict each other, nothing is denied and Tiger decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

TIMES_IN_FORCE: Final = ("DAY", "GTC", "GTD", "OPG", "IOC", "FOK")
SESSIONS: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "RTH": None,
        "PRE_RTH_POST": "US",
        "OVERNIGHT": "US",
        "FULL": "US",
        "HK_AUC": "HK",
        "HK_CTS": "HK",
        "HK_AUC_CTS": "HK",
    }
)
"""Trading session → the only market that has it [SDK: TradingSessionType; guide: overnight and full are US only]."""
PRICE_TYPES: Final = ("LIMIT_PRICE", "ASK_PRICE", "BID_PRICE", "LATEST_PRICE")
STRATEGIES: Final = (
    ("COVERED", "PROTECTIVE", "VERTICAL", "STRADDLE", "STRANGLE", "CALENDAR")
    + ("DIAGONAL", "SYNTHETIC", "CUSTOM")
)  # fmt: skip
"""What the legs of a combination may make [SDK: ComboType]."""
LEG_TYPES: Final = ("OPT", "STK")
COMBINATION: Final = "MLEG"
OCA: Final = "OCA"
"""The type of the two together [SDK: OrderType]."""
OCA_FIRST: Final = "LMT"
OCA_SECOND: Final = ("STP", "STP_LMT")
"""Of two OCA orders "one is a take-profit limit order, the other a stop or stop-limit order" [page: OCA brackets]."""
ATTACHED: Final = ("take_profit", "stop_loss")


@dataclass(frozen=True, slots=True)
class OrderKind:
    """Hold what is certain of one order type; fields are named as requests name them.

    ``needs`` must be sent, of ``either`` exactly one, ``takes`` may be; every other field of ``OWN_FIELDS`` is refused.
    ``times`` are its times in force. ``instruments`` are the types and markets that it is for, None where Tiger
    decides. ``wire`` says as which members of the SDK's request its own fields travel; ``is_algorithm``: of its
    ``AlgoParams``. ``defaults`` are sent where a client leaves such a field out. ``outside_rth`` is sent where a client
    does not say: None leaves it to type and contract. ``is_changeable``: an open order of it can be modified.
    """

    needs: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    times: tuple[str, ...] = ("DAY", "GTC", "GTD", "IOC", "FOK")
    instruments: frozenset[tuple[str, str]] | None = None
    wire: Mapping[str, str] = field(default_factory=dict)
    is_algorithm: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    outside_rth: bool | None = None
    is_changeable: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """Return every field of its own that it uses."""
        return frozenset(self.needs + self.either + self.takes)


_AUCTION_TIMES: Final = ("DAY", "OPG")
_SCHEDULE: Final = MappingProxyType(
    {"start_time": "start_time", "end_time": "end_time", "allow_past_end_time": "allow_past_end_time"}
)
_VOLUME: Final = MappingProxyType(
    {**_SCHEDULE, "participation_rate": "participation_rate", "no_take_liquidity": "no_take_liq"}
)
_ICEBERG: Final = MappingProxyType(
    {
        "display_size": "display_size",
        "min_display_size": "min_display_size",
        "check_interval_seconds": "check_intervals",
        "price_type": "price_type",
        "start_time": "start_time",
        "end_time": "end_time",
    }
)
_HONG_KONG: Final = frozenset({("STK", "HK")})
_US_STOCKS: Final = frozenset({("STK", "US")})

KINDS: Final[Mapping[str, OrderKind]] = MappingProxyType(
    {
        # "Market orders (MKT) ... do not support setting the time_in_force parameter to GTC" [page: place order].
        "MKT": OrderKind(takes=("cash_amount",), times=("DAY", "GTD", "IOC", "FOK")),
        # "The main order of attached orders must be a limit order" [page: place order].
        "LMT": OrderKind(needs=("limit_price",), takes=("cash_amount", *ATTACHED)),
        "STP": OrderKind(needs=("stop_price",)),
        "STP_LMT": OrderKind(needs=("limit_price", "stop_price")),
        "TRAIL": OrderKind(either=("trailing_percent", "trailing_amount")),
        # Auctions of Hong Kong; the SDK sends outside_rth with them [auction_market_order, auction_limit_order].
        "AM": OrderKind(times=_AUCTION_TIMES, instruments=_HONG_KONG, outside_rth=True),
        "AL": OrderKind(needs=("limit_price",), times=_AUCTION_TIMES, instruments=_HONG_KONG, outside_rth=True),
        # "US stocks only, in regular hours only; cannot be modified, can be cancelled" [page: algo orders].
        "TWAP": OrderKind(
            takes=("limit_price", *_SCHEDULE),
            instruments=_US_STOCKS,
            wire=_SCHEDULE,
            is_algorithm=True,
            outside_rth=False,
            is_changeable=False,
        ),
        "VWAP": OrderKind(
            takes=("limit_price", *_VOLUME),
            instruments=_US_STOCKS,
            wire=_VOLUME,
            is_algorithm=True,
            outside_rth=False,
            is_changeable=False,
        ),
        "ICEBERG": OrderKind(
            needs=("limit_price", "display_size"),
            takes=("min_display_size", "check_interval_seconds", "price_type", "start_time", "end_time"),
            wire=_ICEBERG,
            # What the SDK sends where nothing is said [iceberg_order].
            defaults=MappingProxyType({"price_type": "LIMIT_PRICE"}),
        ),
    }
)
"""Order type → what is certain of it."""

OWN_FIELDS: Final = tuple(
    dict.fromkeys(name for kind in KINDS.values() for name in kind.needs + kind.either + kind.takes)
)
"""Every field that only some types use."""


def find_wrong(order_type: str, sent: frozenset[str]) -> dict[str, list[str]]:
    """Return, for each field that a type lacks or does not use, what to do; ``sent`` are the fields that were sent."""
    kind = KINDS[order_type]
    wrong = {
        name: [f"Leave it out: {order_type} does not use it."]
        for name in OWN_FIELDS
        if name in sent and name not in kind.fields
    }
    wrong |= {name: [f"{order_type} needs it."] for name in kind.needs if name not in sent}
    if kind.either and len(sent.intersection(kind.either)) != 1:
        wrong[kind.either[0]] = [f"{order_type} needs either {' or '.join(kind.either)}."]
    return wrong
