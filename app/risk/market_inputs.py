"""Prices, contracts, exchange rates, holdings and the day's loss, as old as ``AGES`` allow; else they are unknown."""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar

from app.clock import get_now_ms
from app.errors import AccountNotFound, GatewayError, StorageUnavailable
from app.risk.account_lists import fetch_lists, read_orders, read_positions
from app.risk.exposure import Holdings, get_name
from app.risk.kept_inputs import Ages, KeptInputs
from app.risk.limits.case import BASE_CURRENCY, NONE, Figure, Unknown
from app.risk.use_rows import UseRows
from app.risk.valuation import EXTENDED_MARKET, Price, is_extended
from app.tiger.deadline import Deadline
from app.tiger.instrument import Instrument
from app.tiger.market.exchange_rates import ZONE, fetch_exchange_rates
from app.tiger.market.quotes import fetch_quote
from app.tiger.sessions import Session, Sessions
from app.tiger.symbols import MARKET_ZONES
from app.tiger.trading.assets import SECURITIES, fetch_assets
from app.tiger.trading.tradable_contracts import TradableContract, fetch_tradable_contract
from app.tiger.wire.dates import get_today

PRICE: Final = "price"
RATE: Final = "rate"
HOLDINGS: Final = "holdings"
LOSS: Final = "loss"
AGES: Final[Mapping[str, Ages]] = MappingProxyType(
    {PRICE: Ages(2, 10), RATE: Ages(3_600, 86_400), HOLDINGS: Ages(4, 10), LOSS: Ages(15, 45)}
)
"""Kind of input → for how many seconds it is taken for new, and for how many an order may go by it."""
REGULAR_MS: Final = 60_000
"""A last trade so long ago may be that of a session which is over; then it is asked what comes after that."""
LATEST: Final = 2**63
NIGHT_BEGINS: Final = time_of_day(20)
NIGHT_ENDS: Final = time_of_day(4)
FUNDS: Final = "F"
MOST_RATE_DAYS: Final = 7
"""A rate of an earlier day than so many ago is none: Tiger has one for each day but weekends and holidays."""

T = TypeVar("T")


class MarketInputs:
    """What limits go by, for all requests of one process; ``fetch_sessions`` gives sessions for what is refreshed."""

    def __init__(self, uses: UseRows, fetch_sessions: Callable[[], Sessions]) -> None:
        self._uses = uses
        self._fetch_sessions = fetch_sessions
        self._kept = KeptInputs()

    def get_prices(self, session: Session, instruments: Iterable[Instrument]) -> dict[str, Price | Unknown]:
        """Return the price of each instrument by its name."""
        return {
            get_name(each): self._get(session, PRICE, (each,), partial(_fetch_price, instrument=each))
            for each in instruments
        }

    def get_contracts(
        self, session: Session, instruments: Iterable[Instrument], deadline: Deadline
    ) -> dict[str, TradableContract | Unknown]:
        """Return the contract of each instrument by its name; what the pipeline keeps costs nothing."""
        found: dict[str, TradableContract | Unknown] = {}
        for each in instruments:
            try:
                found[get_name(each)] = fetch_tradable_contract(session, each, deadline)
            except GatewayError as error:
                found[get_name(each)] = Unknown(f"The contract of {each.identifier} cannot be had: {error.message}")
        return found

    def get_rates(self, session: Session, currencies: Iterable[str]) -> dict[str, Figure]:
        """Return how many units of each currency a dollar buys."""
        wanted = sorted(set(currencies) - {BASE_CURRENCY, ""})
        return {each: self._get(session, RATE, (each,), partial(_fetch_rate, currency=each)) for each in wanted}

    def get_holdings(self, session: Session, sec_types: Sequence[str]) -> Holdings | Unknown:
        """Return what the account holds of some types, and its orders."""
        types = tuple(sorted(set(sec_types)))
        account = session.account.account
        return self._get(session, HOLDINGS, (account, types), lambda its: self._fetch_holdings(its, types))

    def get_losses(self, session: Session) -> Sequence[tuple[Decimal, str]] | Unknown:
        """Return what the day has cost the account so far, realised or not, by currency; negative where it earned."""
        return self._get(session, LOSS, (session.account.account,), _fetch_losses)

    def _get(self, session: Session, kind: str, key: tuple[Any, ...], fetch: Callable[[Session], T]) -> T | Unknown:
        account = session.account.account
        try:
            return self._kept.get(
                (kind, account, key),
                AGES[kind],
                lambda: _fetch_dated(session, fetch),
                lambda: _fetch_dated(self._fetch_sessions().session(account), fetch),
            )
        except (StorageUnavailable, AccountNotFound):
            raise
        except GatewayError as error:
            return Unknown(f"The {kind} cannot be had: {error.message}")

    def _fetch_holdings(self, session: Session, sec_types: tuple[str, ...]) -> Holdings:
        account = session.account.account
        lists = fetch_lists(session, sec_types, lambda: self._uses.find_waiting(account))
        sequence, uses = self._uses.read(account)
        read = Holdings(read_positions(lists), read_orders(lists), lists["read_at"], uses, sequence)
        if open_before := [name for name, family in read.unused.items() if any(order.is_open for order in family)]:
            read = replace(read, keys=self._uses.find_keys(open_before))
        if over := [use.command_id for use in uses if use.is_released or read.is_over(use)]:
            # Whoever reads them next forgets them.
            with contextlib.suppress(StorageUnavailable):
                self._uses.forget(over)
        return read


def _fetch_dated(session: Session, fetch: Callable[[Session], T]) -> tuple[T, float]:
    """Return an input and since when it is known: what came from a cache is as old as it was there."""
    age, session.age_seconds = session.age_seconds, None
    since = time.monotonic()
    try:
        return fetch(session), since - _get_age(session)
    finally:
        session.age_seconds = age


def _get_age(session: Session) -> float:
    return session.age_seconds or 0.0


def _fetch_price(session: Session, instrument: Instrument) -> Price | Unknown:
    quote = fetch_quote(session, instrument)
    if _get_age(session) >= AGES[PRICE].most:
        # What is pushed is known without a call, however long nothing was: that nobody trades it is no reason to deny.
        session.age_seconds = None
        quote = fetch_quote(session.get_fresh(), instrument)
    if quote.get("delayed"):
        return Unknown(f"Tiger tells the price of {instrument.identifier} late only.")
    named = {name: quote.get(name) for name in ("latest_price", "bid_price", "ask_price")}
    figures = {name: Decimal(str(figure)) for name, figure in named.items() if figure is not None and figure > 0}
    if is_extended(instrument) and not _is_trading(session, quote):
        later = _fetch_later(session, instrument, quote.get("timestamp"))
        figures |= {"latest_price": later[-1], "dearest": max(later)} if later else {}
    if not figures:
        return Unknown(f"Tiger has no price of {instrument.identifier}.")
    return Price(figures.get("latest_price"), max(figures.values()))


def _is_trading(session: Session, quote: Mapping[str, Any]) -> bool:
    """Return whether the last trade of the regular session was a moment ago: then its price is that of the market."""
    traded_at, now = quote.get("timestamp"), session.tiger_now
    return traded_at is not None and now is not None and now - traded_at < REGULAR_MS


def _fetch_later(session: Session, instrument: Instrument, regular_at: int | None) -> list[Decimal]:
    """Return what a stock was traded at outside of the regular session since its last trade there, the latest last."""
    overnight = is_night(session.tiger_now or get_now_ms())
    hours = fetch_quote(session, instrument, extended_hours=True, overnight=overnight)["extended_hours"]
    # What has no time may be the latest.
    told = [(part["time"] or LATEST, part["price"]) for part in hours.values() if part is not None]
    later = [(at, price) for at, price in told if price and (regular_at is None or at > regular_at)]
    return [Decimal(str(price)) for _, price in sorted(later)]


def is_night(at_ms: int) -> bool:
    """Return whether United States stocks may be traded overnight: from eight to four in New York."""
    local = datetime.fromtimestamp(at_ms / 1_000, MARKET_ZONES[EXTENDED_MARKET]).time()
    return not NIGHT_ENDS <= local < NIGHT_BEGINS


def _fetch_rate(session: Session, currency: str) -> Figure:
    found = fetch_exchange_rates(session, [currency], [], None, None)["rates"]
    latest = found[0]["values"][-1] if found and found[0]["values"] else None
    if latest is None or not latest["units_per_dollar"] > 0:
        return Unknown(f"Tiger has no exchange rate of {currency}.")
    if date.fromisoformat(latest["date"]) < get_today(ZONE) - timedelta(days=MOST_RATE_DAYS):
        return Unknown(f"The latest exchange rate of {currency} is of {latest['date']}.")
    return Decimal(str(latest["units_per_dollar"]))


def _fetch_losses(session: Session) -> Sequence[tuple[Decimal, str]] | Unknown:
    segments = fetch_assets(session)["segments"]
    losses = []
    for segment in segments:
        figure, currency = segment.get("today_pnl"), segment.get("currency")
        if figure is None or not currency:
            if segment.get("category") != SECURITIES and _is_empty(segment):
                continue
            return Unknown("Tiger does not say what the account has earned or lost today.")
        loss = -Decimal(str(figure))
        # That of funds may repeat what securities have earned: it makes no loss smaller.
        losses.append((max(NONE, loss) if segment.get("category") == FUNDS else loss, currency))
    return losses or Unknown("Tiger does not say what the account has earned or lost today.")


def _is_empty(segment: Mapping[str, Any]) -> bool:
    """Return whether a segment holds nothing; futures are worth nothing, and need margin."""
    # That of funds may repeat the margin of securities.
    needs_none = segment.get("category") == FUNDS or not segment.get("init_margin")
    return segment.get("gross_position_value") == 0 and needs_none
