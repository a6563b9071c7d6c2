"""What the gateway has to know about each wire method before it calls it.

Sources: which of the SDK's clients sends a method (``QuoteClient`` posts to the quote server, ``TradeClient`` and the
token calls to the trade server) and what its request model carries (tigeropen 3.8.0). Calls a minute: the page
"ratelimit" of docs.itigerup.com; where it names no class, the older page "requestLimit" of quant.itigerup.com or the
quick start of Tiger's published skill. The older page also has some contracts of futures in the high class; the newer
one does not name them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tigeropen.common.consts import service_types as wire

Server = Literal["trade", "quote"]
Source = Literal["page ratelimit", "page requestLimit", "quick start", "none"]

HIGH: Final = 120
MIDDLE: Final = 60
LOW: Final = 10
"""Calls a minute of Tiger's three classes."""

PAGE: Final = "page ratelimit"
OLDER_PAGE: Final = "page requestLimit"
QUICK_START: Final = "quick start"
UNNAMED: Final = "none"
"""A method that no source names gets the middle class."""

TOKEN_RENEWAL: Final = wire.USER_TOKEN_REFRESH


@dataclass(frozen=True, slots=True)
class Method:
    """Describe a wire method: its server, how often it may be called, what its request names, what it changes.

    ``follows_orders`` says that an order command changes its answer, ``is_batched`` that what several ask for at the
    same time is asked for in one call, of up to ``most_names``, ``places`` that it places an order. What ``trades`` is
    sent only where trading is known to be open at that moment: cancellations are not among it.
    """

    server: Server
    calls_per_minute: int
    source: Source
    names_account: bool = False
    changes: bool = False
    follows_orders: bool = False
    is_batched: bool = False
    most_names: int = 50
    places: bool = False
    trades: bool = False

    @property
    def is_scarce(self) -> bool:
        """Tell whether its calls are too rare to be spent on repeating a read."""
        return self.calls_per_minute <= LOW


def _account(calls_per_minute: int, source: Source) -> Method:
    """Return a read of what orders change of an account."""
    return Method("trade", calls_per_minute, source, names_account=True, follows_orders=True)


METHODS: Final[Mapping[str, Method]] = {
    wire.QUOTE_REAL_TIME: Method("quote", HIGH, PAGE, is_batched=True),
    wire.QUOTE_OVERNIGHT: Method("quote", MIDDLE, UNNAMED, is_batched=True),
    wire.WARRANT_REAL_TIME_QUOTE: Method("quote", MIDDLE, UNNAMED, is_batched=True),
    wire.QUOTE_DELAY: Method("quote", LOW, OLDER_PAGE, is_batched=True),
    wire.KLINE: Method("quote", MIDDLE, QUICK_START, is_batched=True),
    wire.TIMELINE: Method("quote", HIGH, PAGE),
    wire.HISTORY_TIMELINE: Method("quote", MIDDLE, UNNAMED),
    wire.TRADE_TICK: Method("quote", HIGH, PAGE),
    wire.QUOTE_DEPTH: Method("quote", MIDDLE, PAGE, is_batched=True),
    wire.ALL_SYMBOLS: Method("quote", LOW, PAGE),
    wire.ALL_SYMBOL_NAMES: Method("quote", LOW, PAGE),
    wire.ALL_HK_OPTION_SYMBOLS: Method("quote", MIDDLE, UNNAMED),
    wire.OPTION_EXPIRATION: Method("quote", MIDDLE, PAGE),
    wire.OPTION_CHAIN: Method("quote", MIDDLE, PAGE),
    wire.OPTION_BRIEF: Method("quote", HIGH, PAGE, is_batched=True, most_names=30),
    wire.MARKET_STATE: Method("quote", LOW, PAGE),
    wire.TRADING_CALENDAR: Method("quote", MIDDLE, UNNAMED),
    wire.STOCK_DETAIL: Method("quote", LOW, PAGE),
    wire.QUOTE_STOCK_TRADE: Method("quote", MIDDLE, PAGE),
    wire.OPTION_ANALYSIS: Method("quote", MIDDLE, UNNAMED),
    wire.CAPITAL_FLOW: Method("quote", MIDDLE, UNNAMED),
    wire.CAPITAL_DISTRIBUTION: Method("quote", MIDDLE, UNNAMED),
    wire.STOCK_BROKER: Method("quote", MIDDLE, UNNAMED),
    wire.BROKER_HOLD: Method("quote", MIDDLE, UNNAMED),
    wire.WARRANT_FILTER: Method("quote", MIDDLE, UNNAMED),
    wire.MARKET_SCANNER: Method("quote", MIDDLE, UNNAMED),
    wire.MARKET_SCANNER_TAGS: Method("quote", MIDDLE, UNNAMED),
    wire.TRADE_RANK: Method("quote", MIDDLE, UNNAMED),
    wire.FINANCIAL_DAILY: Method("quote", MIDDLE, UNNAMED),
    wire.FINANCIAL_REPORT: Method("quote", MIDDLE, UNNAMED),
    wire.STOCK_FUNDAMENTAL: Method("quote", MIDDLE, UNNAMED),
    wire.INDUSTRY_LIST: Method("quote", MIDDLE, UNNAMED),
    wire.INDUSTRY_STOCKS: Method("quote", MIDDLE, UNNAMED),
    wire.STOCK_INDUSTRY: Method("quote", MIDDLE, UNNAMED),
    wire.FINANCIAL_CURRENCY: Method("quote", MIDDLE, UNNAMED),
    wire.FINANCIAL_EXCHANGE_RATE: Method("quote", MIDDLE, UNNAMED),
    wire.FUND_ALL_SYMBOLS: Method("quote", MIDDLE, UNNAMED),
    wire.FUND_CONTRACTS: Method("quote", MIDDLE, UNNAMED),
    wire.FUND_QUOTE: Method("quote", MIDDLE, UNNAMED),
    wire.FUND_HISTORY_QUOTE: Method("quote", MIDDLE, UNNAMED),
    wire.CORPORATE_ACTION: Method("quote", MIDDLE, QUICK_START),
    wire.OPTION_TRADE_TICK: Method("quote", HIGH, PAGE),
    wire.OPTION_KLINE: Method("quote", MIDDLE, UNNAMED),
    wire.OPTION_DEPTH: Method("quote", MIDDLE, UNNAMED),
    wire.OPTION_TIMELINE: Method("quote", MIDDLE, UNNAMED),
    wire.QUOTE_SHORTABLE_STOCKS: Method("quote", MIDDLE, PAGE),
    wire.KLINE_QUOTA: Method("quote", LOW, OLDER_PAGE),
    wire.ADDON_ENTITLEMENTS: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_EXCHANGE: Method("quote", LOW, PAGE),
    wire.FUTURE_CONTRACT_BY_EXCHANGE_CODE: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_CONTRACTS: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_CONTINUOUS_CONTRACTS: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_HISTORY_MAIN_CONTRACT: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_REAL_TIME_QUOTE: Method("quote", HIGH, PAGE, is_batched=True),
    wire.FUTURE_TICK: Method("quote", HIGH, PAGE),
    wire.FUTURE_KLINE: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_DEPTH: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_TRADING_DATE: Method("quote", MIDDLE, PAGE),
    wire.FUTURE_CURRENT_CONTRACT: Method("quote", MIDDLE, UNNAMED),
    wire.FUTURE_CONTRACT_BY_CONTRACT_CODE: Method("quote", MIDDLE, UNNAMED),
    wire.GET_QUOTE_PERMISSION: Method("quote", LOW, PAGE),
    wire.GRAB_QUOTE_PERMISSION: Method("quote", LOW, PAGE, changes=True),
    wire.QUOTE_CONTRACT: Method("trade", MIDDLE, PAGE),
    wire.CONTRACT: Method("trade", MIDDLE, PAGE, names_account=True),
    wire.CONTRACTS: Method("trade", MIDDLE, PAGE, names_account=True),
    wire.POSITIONS: _account(MIDDLE, PAGE),
    wire.ASSETS: _account(MIDDLE, PAGE),
    wire.PRIME_ASSETS: _account(MIDDLE, PAGE),
    wire.ORDERS: _account(HIGH, PAGE),
    wire.ACTIVE_ORDERS: _account(HIGH, PAGE),
    wire.INACTIVE_ORDERS: _account(HIGH, PAGE),
    wire.FILLED_ORDERS: _account(HIGH, PAGE),
    wire.ORDER_TRANSACTIONS: _account(MIDDLE, PAGE),
    wire.ESTIMATE_TRADABLE_QUANTITY: _account(MIDDLE, UNNAMED),
    wire.ANALYTICS_ASSET: _account(MIDDLE, UNNAMED),
    wire.FUND_DETAILS: _account(MIDDLE, UNNAMED),
    wire.TRANSFER_FUND: _account(MIDDLE, UNNAMED),
    wire.SEGMENT_FUND_AVAILABLE: _account(MIDDLE, UNNAMED),
    wire.SEGMENT_FUND_HISTORY: _account(MIDDLE, UNNAMED),
    wire.OPTION_EXERCISE_POSITION: _account(MIDDLE, UNNAMED),
    wire.OPTION_EXERCISE_PAGE: _account(MIDDLE, UNNAMED),
    wire.OPTION_EXERCISE_CHECK: _account(MIDDLE, UNNAMED),
    # They name their account otherwise.
    wire.POSITION_TRANSFER_RECORDS: Method("trade", MIDDLE, UNNAMED),
    wire.POSITION_TRANSFER_EXTERNAL_RECORDS: Method("trade", MIDDLE, UNNAMED),
    wire.POSITION_TRANSFER_DETAIL: Method("trade", MIDDLE, UNNAMED),
    wire.PREVIEW_ORDER: _account(MIDDLE, UNNAMED),
    wire.ORDER_NO: _account(HIGH, PAGE),
    wire.PLACE_ORDER: Method("trade", HIGH, PAGE, names_account=True, changes=True, places=True, trades=True),
    wire.MODIFY_ORDER: Method("trade", HIGH, PAGE, names_account=True, changes=True, trades=True),
    wire.CANCEL_ORDER: Method("trade", HIGH, PAGE, names_account=True, changes=True),
    wire.ACCOUNTS: Method("trade", MIDDLE, PAGE),
    wire.USER_LICENSE: Method("trade", LOW, OLDER_PAGE),
    wire.USER_TOKEN_REFRESH: Method("trade", LOW, OLDER_PAGE, changes=True),
}
