"""The kinds of orders that a campaign mixes, as data: what each says, what tells it from all others, who may send it.

What differs between kinds is a row of ``KINDS``; clients and verdict know none of them by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from bench.campaign.asking import ask

FIRST, SECOND, PAPER = "67686635", "66804149", "20240830213609658"
ACCOUNTS = (FIRST, SECOND, PAPER)
STANDARD = (FIRST, SECOND)
"""Paper accounts trade no warrants, funds and digital assets, and take no OCA orders and nothing until a day."""
MANY = 10_000
MOST, FEW = 20, 8
"""The money is not endless, and of some kinds the price must stay low."""
PARTNER_ABOVE = 900
"""So much above the limit of an OCA order its partner stops."""
CATALOG_SECONDS = 30.0
TIMED: Final = {"start_time": "2030-01-02 09:30:00", "end_time": "2030-01-02 11:00:00"}
"""In the future: such an order rests."""

Instruments = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What orders of one kind have in common.

    ``body`` is what each says besides its instrument and its ``figure``: the field by which it is known at Tiger, with
    a value that no other order of the account and of this type has. It is ``first`` and a ``step`` more for each
    further one; without a ``step`` it comes from the number of the order, low where it ``rests``, else beyond the
    market. ``at_tiger`` is its type there, with that of an instrument which is no stock. At most ``most`` of an account
    are placed. Where it ``may_end`` by itself nobody cancels it. ``attached`` others come with it, with a pair a
    partner.
    """

    name: str
    body: Mapping[str, Any]
    at_tiger: str
    instrument: str = "stock"
    figure: str = "limit_price"
    first: float = 0.0
    step: float | None = None
    most: int = MANY
    accounts: tuple[str, ...] = ACCOUNTS
    rests: bool = True
    may_end: bool = False
    attached: int = 0
    is_pair: bool = False

    def get_figure(self, number: int, turn: int) -> float:
        """Return an order's figure: ``number`` counts all of a campaign, ``turn`` those of the kind and account."""
        if self.step is None:
            return round((1 if self.rests else 1_000) + number / 100, 2)
        return round(self.first + self.step * turn, 4)

    def get_path(self) -> str:
        """Return where it is sent."""
        return "place-oca-order" if self.is_pair else "place-order"

    def get_body(self, account: str, figure: float, instruments: Instruments) -> dict[str, Any]:
        """Return what a client sends."""
        order = {**instruments[self.instrument], "action": "BUY", **self.body, self.figure: figure}
        if not self.is_pair:
            return {"account": account, **order}
        partner = {name: value for name, value in order.items() if name != self.figure}
        partner |= {"order_type": "STP", "stop_price": get_partner_figure(figure)}
        return {"account": account, "orders": [order, partner]}


def get_partner_figure(figure: float) -> float:
    """Return the price at which the partner of an OCA order stops."""
    return round(figure + PARTNER_ABOVE, 2)


_ONE: Final = {"order_type": "LMT", "quantity": 1}

KINDS: Final[tuple[Kind, ...]] = (
    Kind("option", _ONE, "OPT LMT", "option", first=0.01, step=0.01, most=MOST),
    Kind("combination", {**_ONE, "strategy": "VERTICAL"}, "MLEG LMT", "vertical", first=0.01, step=0.01, most=MOST),
    Kind("future", _ONE, "FUT LMT", "future", first=1_000, step=0.25, most=5),
    Kind(
        "warrant", {**_ONE, "quantity": 10_000}, "WAR LMT", "warrant", first=0.01, step=0.001, most=5, accounts=STANDARD
    ),
    Kind("fund", {"order_type": "MKT"}, "FUND MKT", "fund", "cash_amount", 500, 1, MOST, STANDARD),
    Kind("coin", {**_ONE, "quantity": 0.001}, "CC LMT", "coin", first=1_000, step=1, most=MOST, accounts=STANDARD),
    Kind("pair", _ONE, "LMT", most=FEW, accounts=STANDARD, is_pair=True),
    Kind("pair that fills", _ONE, "LMT", most=FEW, accounts=STANDARD, is_pair=True, rests=False),
    Kind("trailing bracket", {**_ONE, "stop_loss": {"trailing_amount": 0.5}}, "LMT", attached=1),
    Kind("until a day", {**_ONE, "time_in_force": "GTD", "expire_time": "2030-01-02"}, "LMT", accounts=STANDARD),
    Kind("session", {**_ONE, "trading_session": "OVERNIGHT"}, "LMT"),
    Kind("amount", {"order_type": "MKT"}, "MKT", "stock", "cash_amount", 100, 1, MOST, rests=False),
    Kind("amount at a limit", {"order_type": "LMT", "cash_amount": 50}, "LMT"),
    Kind(
        "auction at a limit",
        {"order_type": "AL", "quantity": 100, "time_in_force": "OPG"},
        "AL",
        "hong kong",
        first=1,
        step=0.01,
        most=MOST,
        may_end=True,
    ),
    Kind("auction", {"order_type": "AM"}, "AM", "hong kong", "quantity", 100, 100, 2, may_end=True),
    Kind("by time", {**TIMED, "order_type": "TWAP", "quantity": 9}, "TWAP"),
    Kind(
        "by volume",
        {"order_type": "VWAP", "quantity": 9, "participation_rate": 0.1},
        "VWAP",
        most=3,
        rests=False,
        may_end=True,
    ),
    Kind(
        "iceberg",
        {"order_type": "ICEBERG", "quantity": 9, "display_size": 3},
        "ICEBERG",
        most=3,
        rests=False,
        may_end=True,
    ),
    Kind("iceberg that rests", {"order_type": "ICEBERG", "quantity": 9, "display_size": 3}, "ICEBERG"),
)
CHOICES: Final[Mapping[str, tuple[Kind, ...]]] = MappingProxyType({"all": KINDS, "plain": ()})
"""What can be asked for beside limit and market orders of a stock, and brackets of them."""

NAMED: Final[Instruments] = MappingProxyType(
    {
        "stock": {"symbol": "AAPL"},
        "hong kong": {"symbol": "00700"},
        "future": {"symbol": "MESmain"},
        "fund": {"symbol": "LU0417517546.USD", "sec_type": "FUND"},
        "coin": {"symbol": "BTC/USD", "sec_type": "CC"},
    }
)
"""Instruments that are named the same every day."""


def fetch_instruments(port: int) -> Instruments:
    """Ask a gateway what options and warrants there are, while nothing fails yet; return all instruments by name."""
    expiry = _read(port, "option-chain", symbol="AAPL")["expirations"][2]
    calls = _read(port, "option-chain", symbol="AAPL", expiry=expiry)["chain"]["calls"]
    low, high = (
        # Of the lowest strikes the two are worth together all that lies between, so that an order at a low price rests.
        {"symbol": "AAPL", "expiry": expiry, "put_call": "CALL", "strike": call["strike"]}
        for call in calls[:2]
    )
    rows = _read(port, "warrants", symbol="00700")["warrants"]
    # The dearest is the one of which an order at the first prices rests.
    warrant = max((row for row in rows if row["sec_type"] == "WAR"), key=lambda row: row["latest_price"] or 0)
    return {
        **NAMED,
        "option": low,
        "vertical": {"legs": [{**low, "action": "BUY"}, {**high, "action": "SELL"}]},
        "warrant": {"symbol": warrant["symbol"], "sec_type": "WAR"},
    }


def _read(port: int, path: str, **fields: Any) -> Mapping[str, Any]:
    reply = ask(port, path, {"account": FIRST, **fields}, CATALOG_SECONDS, area="market")
    if not reply.data:
        message = f"{path} answered {reply.name}: {reply.body}"
        raise RuntimeError(message)
    return reply.data
