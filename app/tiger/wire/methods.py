"""What the gateway has to know about each wire method before it calls it.

Source: which of the SDK's clients sends a method (``QuoteClient`` posts to the quote server, ``TradeClient`` and the
token calls to the trade server) and what its request model carries (tigeropen 3.8.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tigeropen.common.consts import service_types as wire

Server = Literal["trade", "quote"]

TOKEN_RENEWAL: Final = wire.USER_TOKEN_REFRESH


@dataclass(frozen=True, slots=True)
class Method:
    """Describe a wire method: its server, whether its request names an account, whether it changes something.

    ``follows_orders`` says that an order command changes its answer, ``is_batched`` that what several ask for at the
    same time is asked for in one call, ``is_scarce`` that its calls are too rare to be spent on repeating a read.
    """

    server: Server
    names_account: bool = False
    changes: bool = False
    follows_orders: bool = False
    is_batched: bool = False
    is_scarce: bool = False
    places: bool = False


_QUOTE = Method("quote")
_SCARCE = Method("quote", is_scarce=True)
_ACCOUNT = Method("trade", names_account=True, follows_orders=True)
_CONTRACT = Method("trade", names_account=True)
_CHANGE = Method("trade", names_account=True, changes=True)

METHODS: Final[Mapping[str, Method]] = {
    wire.QUOTE_REAL_TIME: Method("quote", is_batched=True),
    wire.QUOTE_DELAY: Method("quote", is_batched=True, is_scarce=True),
    wire.KLINE: _QUOTE,
    wire.TIMELINE: _QUOTE,
    wire.TRADE_TICK: _QUOTE,
    wire.QUOTE_DEPTH: _QUOTE,
    wire.ALL_SYMBOLS: _SCARCE,
    wire.ALL_SYMBOL_NAMES: _SCARCE,
    wire.ALL_HK_OPTION_SYMBOLS: _QUOTE,
    wire.OPTION_EXPIRATION: _QUOTE,
    wire.OPTION_CHAIN: _QUOTE,
    wire.OPTION_BRIEF: _QUOTE,
    wire.MARKET_STATE: _SCARCE,
    wire.TRADING_CALENDAR: _QUOTE,
    wire.STOCK_DETAIL: _SCARCE,
    wire.QUOTE_STOCK_TRADE: _QUOTE,
    wire.FINANCIAL_DAILY: _QUOTE,
    wire.FINANCIAL_REPORT: _QUOTE,
    wire.CORPORATE_ACTION: _QUOTE,
    wire.OPTION_TRADE_TICK: _QUOTE,
    wire.QUOTE_SHORTABLE_STOCKS: _QUOTE,
    wire.KLINE_QUOTA: _SCARCE,
    wire.ADDON_ENTITLEMENTS: _QUOTE,
    wire.FUTURE_EXCHANGE: _SCARCE,
    wire.FUTURE_REAL_TIME_QUOTE: _QUOTE,
    wire.FUTURE_TICK: _QUOTE,
    wire.FUTURE_TRADING_DATE: _QUOTE,
    wire.FUTURE_CURRENT_CONTRACT: _QUOTE,
    wire.FUTURE_CONTRACT_BY_CONTRACT_CODE: _QUOTE,
    wire.GET_QUOTE_PERMISSION: _SCARCE,
    wire.GRAB_QUOTE_PERMISSION: Method("quote", changes=True, is_scarce=True),
    wire.QUOTE_CONTRACT: Method("trade"),
    wire.CONTRACT: _CONTRACT,
    wire.CONTRACTS: _CONTRACT,
    wire.POSITIONS: _ACCOUNT,
    wire.ASSETS: _ACCOUNT,
    wire.PRIME_ASSETS: _ACCOUNT,
    wire.ORDERS: _ACCOUNT,
    wire.ACTIVE_ORDERS: _ACCOUNT,
    wire.INACTIVE_ORDERS: _ACCOUNT,
    wire.FILLED_ORDERS: _ACCOUNT,
    wire.ORDER_TRANSACTIONS: _ACCOUNT,
    wire.ESTIMATE_TRADABLE_QUANTITY: _ACCOUNT,
    wire.PREVIEW_ORDER: _ACCOUNT,
    wire.ORDER_NO: _ACCOUNT,
    wire.PLACE_ORDER: Method("trade", names_account=True, changes=True, places=True),
    wire.MODIFY_ORDER: _CHANGE,
    wire.CANCEL_ORDER: _CHANGE,
    wire.ACCOUNTS: Method("trade"),
    wire.USER_LICENSE: Method("trade", is_scarce=True),
    wire.USER_TOKEN_REFRESH: Method("trade", changes=True, is_scarce=True),
}
