"""Read symbols: how they are written, which market they belong to, and in which zone that market lives."""

import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

MARKET_ZONES: Final = {
    "US": ZoneInfo("America/New_York"),
    "HK": ZoneInfo("Asia/Hong_Kong"),
    "CN": ZoneInfo("Asia/Shanghai"),
    "SG": ZoneInfo("Asia/Singapore"),
    "AU": ZoneInfo("Australia/Sydney"),
}
SUFFIX_MARKETS: Final = {".HK": "HK", ".SI": "SG", ".AU": "AU", ".SH": "CN", ".SZ": "CN"}
HK_DIGITS: Final = 5
CN_DIGITS: Final = 6


CONTINUOUS: Final = "main"
"""How Tiger ends the code of a continuous future, the one code with lower case in it [SDK: CLmain, MEURmain]."""


SPELLINGS: Final = tuple(
    (re.compile(pattern), spelt)
    for pattern, spelt in (
        (r"US\.(.+)|(.+)\.US", r"\1\2"),
        (r"HK\.([0-9]{1,5})|([0-9]{1,5})\.HK", r"\1\2"),
        (r"(?:SH|SZ|CN)\.([0-9]{6})|([0-9]{6})\.(?:SH|SZ|SS|CN)", r"\1\2"),
        (r"([A-Z]+)[-/ ]([A-Z])", r"\1.\2"),
    )
)
"""How other programs write what Tiger writes otherwise: the market before or behind, a class of shares."""
OPTION: Final = re.compile(r"([A-Z0-9.]{1,6}) *([0-9]{6}[CP][0-9]{8})")
"""The identifier of an option, with the spaces that fill its underlying up to six characters, or without [OCC]."""
UNDERLYING_LENGTH: Final = 6
FUND: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]\.[A-Z]{3}")
"""A mutual fund: its international number and its currency [docs: get_fund_contracts]."""
MOST_READ: Final = 4_096
"""Symbols of which is known how they are read: each request reads its own several times, by many patterns."""


@lru_cache(maxsize=MOST_READ)
def get_symbol(written: str) -> str:
    """Return the symbol as Tiger writes it: trimmed, upper case, Hong Kong codes with five digits ("700" → "00700").

    Other programs' spellings are understood: BRK-B, BRK/B and BRK B for BRK.B, 700.HK and HK.00700, US.AAPL, and
    identifiers of options without their spaces. A continuous future that is written exactly as Tiger does ("ESmain")
    stays so; "main" alone is a stock.
    """
    symbol = written.strip()
    if re.fullmatch(rf"[A-Z0-9]+{CONTINUOUS}", symbol):
        return symbol
    symbol = symbol.upper()
    for pattern, spelt in SPELLINGS:
        if found := pattern.fullmatch(symbol):
            symbol = found.expand(spelt)
    if option := OPTION.fullmatch(symbol):
        return f"{option[1]:<{UNDERLYING_LENGTH}}{option[2]}"
    if re.fullmatch(r"[0-9]{1,4}", symbol):
        return symbol.zfill(HK_DIGITS)
    return symbol


def get_future(written: str) -> str:
    """Return the code of a future as Tiger writes it, however a continuous one is written ("esmain" → "ESmain")."""
    symbol = get_symbol(written)
    product = symbol.removesuffix(CONTINUOUS.upper())
    return f"{product}{CONTINUOUS}" if product and product != symbol else symbol


def get_pair(symbol: str) -> str:
    """Return the name of a digital asset with a point, however an answer of Tiger's writes it ("BTC/USD")."""
    return symbol.replace("/", ".")


def get_symbol_of(sec_type: str, written: str) -> str:
    """Return the symbol as Tiger writes it for that type of security."""
    return get_future(written) if sec_type == "FUT" else get_symbol(written)


@lru_cache(maxsize=MOST_READ)
def get_market(symbol: str) -> str:
    """Return the market of a symbol as Tiger writes it; what names no other market is US.

    Five digits are Hong Kong, six are mainland China, a suffix names its market; an option or warrant is in the
    market of its underlying ("TCH.HK").
    """
    if option := OPTION.fullmatch(symbol):
        symbol = option[1]
    if re.fullmatch(r"[0-9]+", symbol):
        if len(symbol) == CN_DIGITS:
            return "CN"
        return "HK" if len(symbol) == HK_DIGITS else "US"
    return SUFFIX_MARKETS.get(symbol[-3:], "US")


def get_zone(symbol: str) -> ZoneInfo:
    """Return the time zone in which the symbol's exchange writes its dates."""
    return MARKET_ZONES[get_market(symbol)]
