"""Hong Kong's brokers: who queues at which price, and who keeps how many shares for its customers."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.simulator.market.calendars import TradingDay
from app.simulator.market.instruments import STOCK
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import mixed, seed_of, uniform

SEATS = (
    ("5337", "J.P. Morgan"), ("5344", "J.P. Morgan"), ("6998", "China Investment"), ("2204", "TIGER BROKERS (HK)"),
    ("2845", "Macquarie"), ("0757", "Jefferies"), ("8594", "KGI Asia"), ("5999", "China Innovation"), ("8136", "BOCI"),
    ("8948", "BOCI"), ("3436", "Morgan Stanley"), ("4978", "Goldman Sachs"), ("9065", "UBS"), ("5465", "Citigroup"),
    ("1799", "Yue Xiu"), ("6387", "Bright Smart"), ("8305", "HSBC Broking"), ("7387", "Futu"), ("2040", "BNP Paribas"),
    ("4091", "CLSA"),
)  # fmt: skip
"""Broker numbers as they queue, with their names."""

_ORGANISATIONS = (
    ("C00019", "HONGKONG SHANGHAI BANKING", 19), ("A00003", "(SH)-HK Stock Connect", 13), ("C00010", "CITIBANK", 10),
    ("A00004", "(SZ)-HK Stock Connect", 9), ("C00039", "STANDARD CHARTERED BANK", 8), ("B01161", "UBS", 6),
    ("C00033", "BANK OF CHINA (HONG KONG)", 5), ("C00100", "JPMORGAN CHASE BANK", 5), ("B01274", "MORGAN STANLEY", 3),
    ("B01451", "GOLDMAN SACHS (ASIA)", 3), ("B01130", "BOCI SECURITIES", 2), ("B01955", "FUTU SECURITIES", 2),
    ("B02204", "TIGER BROKERS (HK)", 1), ("B01078", "HANG SENG SECURITIES", 1), ("B01228", "CHINA INT CAPITAL", 1),
)  # fmt: skip
_HELD = 0.9
"""Which part of a company's shares brokers and banks keep."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Hold what an organisation keeps of a company: shares, and how many it took in over 1, 5, 20 and 60 days."""

    code: str
    name: str
    symbol: str
    shares: int
    bought: tuple[int, int, int, int]


def get_seats(symbol: str, side: str, level: int, count: int, at_ms: int) -> list[tuple[str, str]]:
    """Return the brokers that queue at a level of the book, as many as there are orders, repeated ones too."""
    seed = seed_of(symbol, side, level, at_ms // 1000)
    return [SEATS[mixed(seed, number) % len(SEATS)] for number in range(count)]


def list_holdings(day: TradingDay) -> Iterator[Holding]:
    """Yield what every organisation keeps of every Hong Kong company after a trading day."""
    whole = sum(part for _, _, part in _ORGANISATIONS)
    for listing in LISTINGS.values():
        if listing.market != "HK" or listing.sec_type != STOCK:
            continue
        for code, name, part in _ORGANISATIONS:
            kept = listing.shares * _HELD * part / whole
            now = _shares(listing.symbol, code, kept, day.index)
            bought = (now - _shares(listing.symbol, code, kept, day.index - days) for days in (1, 5, 20, 60))
            one, five, twenty, sixty = bought
            yield Holding(code, name, listing.symbol, now, (one, five, twenty, sixty))


def _shares(symbol: str, code: str, kept: float, day: int) -> int:
    return int(kept * (0.98 + 0.02 * uniform(seed_of(symbol, code), day)))
