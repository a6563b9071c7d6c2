"""Corporate actions as Tiger answers them: dividends, splits, listings and their ends, earnings dates."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from app.simulator.market.calendars import Calendar, calendar_of
from app.simulator.market.companies import Companies, company
from app.simulator.market.dividends import list_dividends
from app.simulator.market.events import (
    DELISTINGS,
    OFFERINGS,
    SPLITS,
    SYMBOL_CHANGES,
)
from app.simulator.market.instruments import Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of

ACTIONS = ("dividend", "split", "symbol_change", "delisting", "ipo", "earning")
_ANNOUNCED_DAYS = 21
_PAID_DAYS = 16
_CALENDAR_DAYS_AHEAD = 110
_REPORT_TIMES = {"en": ("Pre-market", "Post-market"), "zh": ("盘前", "盘后")}


class Actions:
    """Find corporate actions by kind, symbols and dates."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    def events(
        self,
        kind: str,
        symbols: list[str] | None,
        markets: tuple[str, ...],
        begin: date,
        end: date,
        now_ms: int,
        language: str,
    ) -> list[dict[str, Any]]:
        """Return the events of a kind whose date lies within both dates, by symbol and date.

        Without ``symbols``, of all listings. Only what has been announced by ``now_ms`` is known.
        """
        makers: dict[str, Callable[[Instrument, date], Iterator[dict[str, Any]]]] = {
            "dividend": _dividends,
            "split": _splits,
            "earning": lambda instrument, today: self._earnings(instrument, today, begin, end, language),
        }
        maker = makers.get(kind)
        if maker is None:
            events = [event for event in _records(kind) if symbols is None or event["symbol"] in symbols]
            events = [event for event in events if event["market"] in markets]
        else:
            listed = [
                instrument
                for symbol in (LISTINGS if symbols is None else symbols)
                if (instrument := LISTINGS.get(symbol)) is not None and instrument.market in markets
            ]
            events = [
                event
                for instrument in listed
                for event in maker(instrument, calendar_of(instrument.market).local_date(now_ms))
            ]
        first, last = begin.isoformat(), end.isoformat()
        return [event for event in events if first <= event["executeDate"] <= last]

    def _earnings(
        self, instrument: Instrument, today: date, begin: date, end: date, language: str
    ) -> Iterator[dict[str, Any]]:
        if company(instrument.symbol) is None:
            return
        times = _REPORT_TIMES["zh" if language.startswith("zh") else "en"]
        report_time = times[seed_of(instrument.symbol, "report time") & 1]
        for quarter in self._companies.quarters(instrument.symbol):
            if quarter.filed_on > min(end, today + timedelta(days=_CALENDAR_DAYS_AHEAD)):
                return
            if quarter.filed_on < begin:
                # Most of them, for a whole market: describing each first took a fifth of a second.
                continue
            event: dict[str, Any] = {
                **_head(instrument, "EARNING", quarter.filed_on),
                "reportDate": quarter.filed_on.isoformat(),
                "reportTime": report_time,
                "expectedEps": round(quarter.expected_income / instrument.shares, 4),
                "fiscalQuarterEnding": quarter.ends_on.isoformat(),
            }
            if quarter.filed_on <= today:
                event["actualEps"] = round(quarter.net_income / instrument.shares, 4)
            yield event


def _head(instrument: Instrument, action: str, on: date) -> dict[str, Any]:
    return {
        "symbol": instrument.symbol,
        "market": instrument.market,
        "exchange": instrument.exchange,
        "executeDate": on.isoformat(),
        "actionType": action,
    }


def _dividends(instrument: Instrument, today: date) -> Iterator[dict[str, Any]]:
    calendar = calendar_of(instrument.market)
    for ex_date, amount in list_dividends(instrument, instrument.listed_on.year, today.year + 1):
        announced = _trading_day_from(calendar, ex_date - timedelta(days=_ANNOUNCED_DAYS))
        if announced > today:
            return
        yield {
            "id": seed_of(instrument.symbol, ex_date, "dividend") >> 24,
            **_head(instrument, "DIVIDEND", ex_date),
            "recordDate": ex_date.isoformat(),
            "announcedDate": announced.isoformat(),
            "payDate": _trading_day_from(calendar, ex_date + timedelta(days=_PAID_DAYS)).isoformat(),
            "amount": amount,
            "currency": instrument.currency,
            "type": "DIVIDEND",
        }


def _trading_day_from(calendar: Calendar, on: date) -> date:
    return calendar.dates[calendar.index_from(on)]


def _splits(instrument: Instrument, today: date) -> Iterator[dict[str, Any]]:
    for split in SPLITS.get(instrument.symbol, ()):
        if split.executes_on <= today:
            yield {
                **_head(instrument, "SPLIT", split.executes_on),
                "fromFactor": float(split.from_factor),
                "toFactor": float(split.to_factor),
                "ratio": split.from_factor / split.to_factor,
            }


def _records(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the recorded events of a kind; a change of symbol is found under both symbols."""
    if kind == "delisting":
        for delisting in DELISTINGS:
            yield {
                "symbol": delisting.symbol,
                "market": "US",
                "exchange": delisting.exchange,
                "executeDate": delisting.executes_on.isoformat(),
                "actionType": "DELISTING",
                "announcedDate": delisting.announced_on.isoformat(),
                "reason": delisting.reason,
            }
    elif kind == "symbol_change":
        for change in SYMBOL_CHANGES:
            for symbol in (change.old_symbol, change.new_symbol):
                yield {
                    "symbol": symbol,
                    "market": "US",
                    "exchange": change.exchange,
                    "executeDate": change.executes_on.isoformat(),
                    "actionType": "SYMBOL_CHANGE",
                    "oldSymbol": change.old_symbol,
                    "newSymbol": change.new_symbol,
                }
    else:
        for offering in OFFERINGS:
            yield {
                "symbol": offering.symbol,
                "market": "US",
                "exchange": offering.exchange,
                "executeDate": offering.listed_on.isoformat(),
                "actionType": "IPO",
                "ipoName": offering.name,
                "listingDate": offering.listed_on.isoformat(),
                "listingPrice": offering.price,
                "currency": "USD",
            }
