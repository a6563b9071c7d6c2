"""Name the words of market data that clients may use, without importing the SDK."""

from typing import Final

BAR_PERIODS: Final = (
    "day",
    "week",
    "month",
    "year",
    "1min",
    "3min",
    "5min",
    "10min",
    "15min",
    "30min",
    "45min",
    "60min",
    "2hour",
    "3hour",
    "4hour",
    "6hour",
)
MAXIMUM_BARS: Final = 1200
MAXIMUM_SYMBOLS: Final = 50

QUOTE_FIELDS: Final = ("latest_price", "volume", "open", "high", "low", "pre_close")
"""What every quote of a batch holds."""
FURTHER_QUOTE_FIELDS: Final = (
    "close",
    "adj_pre_close",
    "bid_price",
    "bid_size",
    "ask_price",
    "ask_size",
    "status",
    "timestamp",
)
"""What a batch adds when it is asked to."""
TYPED_QUOTE_FIELDS: Final = (
    *("open_interest", "open_interest_change", "latest_size", "settlement", "limit_up", "limit_down", "avg_price"),
    *("volatility", "risk_free_rate", "mid_price", "mark_price", "pre_mark_price", "selling_return", "underlying"),
    *(
        "entitlement_ratio",
        "entitlement_price",
        "breakeven_point",
        "premium",
        "outstanding_ratio",
        "implied_volatility",
    ),
    *("in_out_price", "delta", "leverage_ratio", "call_price"),
)
"""What only quotes of options, of futures or of warrants have; null of others."""

ANALYSIS_PERIODS: Final = ("52week", "3year", "26week", "13week")
FLOW_PERIODS: Final = ("intraday", "day", "week", "month", "quarter", "6month", "year")

HOLDING_ORDERS: Final = ("market_value", "shares", "bought", "bought_5_days", "bought_20_days", "bought_60_days")

WARRANT_TYPES: Final = ("CALL", "PUT", "BULL", "BEAR")
WARRANT_STATES: Final = ("NORMAL", "ENDED", "UPCOMING")
"""As Tiger numbers them, from 1 on."""
WARRANT_RANGES: Final = (
    "strike",
    "effective_leverage",
    "leverage_ratio",
    "call_price",
    "volume",
    "premium",
    "outstanding_ratio",
    "implied_volatility",
)
WARRANT_SORTS: Final = (
    "expiry",
    *WARRANT_RANGES,
    "latest_price",
    "change",
    "change_rate",
    "amount",
    "entitlement_ratio",
    "breakeven_point",
    "in_out_price",
    "delta",
)

SEARCHED_TYPES: Final = ("STK", "OPT", "FUT", "FUND")
"""What the search finds, the first of equally good ones first."""

MARKETS: Final = ("US", "HK", "CN")
INDUSTRY_LEVELS: Final = ("GSECTOR", "GGROUP", "GIND", "GSUBIND")
"""The levels of industries, the widest first [SDK: IndustryLevel]."""

CURRENCIES: Final = ("USD", "HKD", "CNH", "SGD")
"""Those that accounts hold [SDK: Currency]."""

STATUS_MARKETS: Final = (*MARKETS, "ALL")
"""Those whose opening the SDK can read [MarketStatusResponse]; ALL tells of every one that Tiger lists."""

REGULAR: Final = "regular"
SESSIONS: Final = {"pre": "PreMarket", REGULAR: "Regular", "post": "AfterHours", "overnight": "OverNight"}
"""Our words for the parts of a trading day, and Tiger's [SDK: TradingSession]; all but one are of the United States."""
