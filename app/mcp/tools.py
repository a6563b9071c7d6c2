"""The tools: which route each one is, what of it is offered, and what a model has to know.

Who may call a tool, what it takes and what it answers is said by its route alone.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

CONFIRM_TOKEN = "confirm_token"  # noqa: S105 - the name of a field.
CLIENT_ORDER_ID = "client_order_id"
INSTRUMENT = ("symbol", "sec_type")
"""An option is named well enough by its 21 characters."""
ORDER = (
    *("order_id", "symbol", "sec_type", "action", "order_type", "quantity"),
    *("filled", "status", "status_details", "limit_price", "stop_price", "avg_fill_price"),
    *("time_in_force", "order_time", "currency"),
)
COMMANDED_ORDER = (
    *("order_id", "symbol", "action", "quantity", "filled", "avg_fill_price", "status", "status_details"),
    *("limit_price", "stop_price"),
)
TICKET = (
    *(*INSTRUMENT, "action", "order_type", "quantity", "limit_price", "stop_price", "trailing_percent"),
    *("time_in_force", "outside_rth"),
)
SIMPLE_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"order_type": ("MKT", "LMT", "STP", "STP_LMT", "TRAIL"), "time_in_force": ("DAY", "GTC", "IOC", "FOK")}
)
"""What can be said with the fields of a ticket; the other kinds of orders need more of them."""
SAID: Mapping[str, str] = MappingProxyType(
    {
        "order_type": "LMT needs limit_price, STP stop_price, STP_LMT both, TRAIL trailing_percent.",
        "quantity": "How many.",
        "time_in_force": "GTC lasts until cancelled; IOC and FOK fill at once, in part or as a whole.",
        CONFIRM_TOKEN: "What preview_order answered for these very arguments.",
        CLIENT_ORDER_ID: "The name of the order that you chose, or that place_order answered.",
    }
)
"""Argument → what is said of it to a model, in the place of what its route says of the field."""


class Effect(enum.Enum):
    """What a call does, as annotations say it to a client."""

    READS = enum.auto()
    COMMANDS = enum.auto()

    @property
    def hints(self) -> dict[str, bool]:
        """Return the annotations; a repeat of a command with the same arguments changes nothing further."""
        is_read = self is Effect.READS
        return {"readOnlyHint": is_read, "destructiveHint": not is_read, "idempotentHint": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool.

    ``takes`` names the fields of its route's request that are offered, ``needs`` those that a model has to send though
    the route may do without, and ``only`` which values of a choice are offered. ``shows`` names those members of its
    answer, at whatever depth, that outputSchema describes; the others come all the same. ``outside`` names the members
    whose text somebody else wrote. ``is_confirmed`` is said of a placement, and of what gives its confirmation;
    ``is_unconfirmed`` of what no preview can confirm, so that a key that asks for confirmation never may.
    """

    name: str
    title: str
    route: str
    description: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    shows: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    is_confirmed: bool = False
    is_unconfirmed: bool = False
    effect: Effect = Effect.READS


TOOLS = (
    Tool(
        name="list_accounts",
        title="Accounts",
        route="GET /api/accounts",
        description="Start here: the accounts this key may use, and what it may do. Type demo trades no real money.",
        shows=("accounts", "account", "account_type", "permissions"),
    ),
    Tool(
        name="get_quotes",
        title="Quotes",
        route="POST /api/market/batch",
        description="Latest prices of up to 50 symbols; get_depth has bid and ask. Those without data come in missing.",
        takes=("symbols", "sec_type"),
        shows=("quotes", "latest_price", "pre_close", "open", "high", "low", "volume", "delayed", "missing"),
    ),
    Tool(
        name="get_bars",
        title="Bars",
        route="POST /api/market/kline",
        description="Price bars (candles) of one instrument, oldest first. An option is AAPL251219C00150000.",
        takes=(*INSTRUMENT, "period", "begin_time", "end_time", "limit", "page_token"),
        shows=("symbol", "currency", "bars", "time", "open", "high", "low", "close", "volume", "next_page_token"),
    ),
    Tool(
        name="search_symbols",
        title="Search",
        route="POST /api/market/search",
        description="Find symbols by a word of a company's name, or by the beginning of a symbol.",
        takes=("keyword", "market", "sec_type", "limit"),
        shows=("results", "symbol", "name", "market", "sec_type"),
        outside=("name",),
    ),
    Tool(
        name="get_depth",
        title="Order book",
        route="POST /api/market/depth",
        description="What is bid and offered at each price of a stock, option or future.",
        takes=(*INSTRUMENT, "levels"),
        shows=("symbol", "currency", "bids", "asks", "price", "size"),
    ),
    Tool(
        name="get_option_chain",
        title="Option chain",
        route="POST /api/market/option-chain",
        description="Expirations of an underlying; with expiry also its calls and puts. Ask without expiry first.",
        takes=("symbol", "expiry"),
        shows=(
            *("symbol", "expirations", "chain", "expiry", "calls", "puts", "identifier", "strike"),
            *("bid_price", "ask_price", "implied_vol", "delta", "open_interest"),
        ),
    ),
    Tool(
        name="get_market_status",
        title="Market status",
        route="POST /api/market/status",
        description="Whether a market trades now, and when it opens next.",
        takes=("market",),
        shows=("market", "status", "open_time", "markets"),
    ),
    Tool(
        name="get_trading_calendar",
        title="Trading days",
        route="POST /api/market/trading-calendar",
        description="The days on which a market trades, of at most 366 days. Days left out have no trading.",
        takes=("market", "begin_date", "end_date"),
        shows=("market", "days", "date"),
    ),
    Tool(
        name="get_positions",
        title="Positions",
        route="POST /api/trade/positions",
        description="What an account holds. Stocks unless sec_type says another kind; ALL for every kind.",
        takes=INSTRUMENT,
        shows=(
            *("positions", "symbol", "sec_type", "identifier", "name", "quantity", "salable_quantity"),
            *("average_cost", "market_price", "market_value", "unrealized_pnl", "currency"),
        ),
        outside=("name",),
    ),
    Tool(
        name="get_balances",
        title="Balances",
        route="POST /api/trade/account-info",
        description="Cash, buying power, worth and profit of an account.",
        shows=(
            *("net_liquidation", "cash_balance", "buying_power", "gross_position_value"),
            *("unrealized_pnl", "realized_pnl", "currency"),
        ),
    ),
    Tool(
        name="list_orders",
        title="Orders",
        route="POST /api/trade/orders",
        description="Orders of an account, newest first. Submitted finds open ones, partly filled ones too.",
        takes=("symbol", "sec_type", "status", "start_date", "end_date", "limit", "page_token"),
        shows=("orders", CLIENT_ORDER_ID, *ORDER, "next_page_token"),
        outside=("name", "status_details"),
    ),
    Tool(
        name="get_order",
        title="Order",
        route="POST /api/trade/order-status",
        description=(
            "What became of one order, by order_id or client_order_id. Ask this when an outcome is unknown, instead "
            "of placing again. outcome: accepted, denied (never sent), rejected, unknown, or absent (never arrived)."
        ),
        takes=("order_id", CLIENT_ORDER_ID),
        shows=("command", "outcome", "reason", CLIENT_ORDER_ID, "order", *COMMANDED_ORDER),
        outside=("name", "reason", "status_details"),
    ),
    Tool(
        name="list_transactions",
        title="Executions",
        route="POST /api/trade/transactions",
        description="Fills of an account's orders, newest first.",
        takes=("order_id", "symbol", "sec_type", "begin_date", "end_date", "limit", "page_token"),
        shows=(
            *("transactions", "id", "order_id", "symbol", "action", "quantity", "price", "amount"),
            *("currency", "transaction_time", "next_page_token"),
        ),
        outside=("name",),
    ),
    Tool(
        name="get_max_quantity",
        title="Largest quantity",
        route="POST /api/trade/max-quantity",
        description="How many an account could buy or sell by one order. For stocks and options.",
        takes=(*INSTRUMENT, "action", "order_type", "limit_price", "stop_price"),
        shows=("symbol", "action", "tradable_quantity", "financing_quantity", "position_quantity"),
    ),
    Tool(
        name="preview_order",
        title="Preview an order",
        route="POST /api/trade/preview-order",
        description=(
            "What an order would need and cost; nothing is ordered. is_pass false: it would be refused. Show your "
            "user the answer before place_order, which takes the confirm_token."
        ),
        takes=TICKET,
        needs=("symbol", "quantity"),
        only=SIMPLE_ORDERS,
        shows=("is_pass", "message", "warnings", "init_margin", "margin_currency", "commission", CONFIRM_TOKEN),
        outside=("message", "warnings"),
        is_confirmed=True,
    ),
    Tool(
        name="place_order",
        title="Place an order",
        route="POST /api/trade/place-order",
        description=(
            "Place an order exactly as it was previewed, once your user agreed: the same arguments, and the "
            "confirm_token of the preview, good once and for two minutes. A second order needs another preview."
        ),
        takes=(*TICKET, CONFIRM_TOKEN),
        needs=("symbol", "quantity"),
        only=SIMPLE_ORDERS,
        shows=(CLIENT_ORDER_ID, *COMMANDED_ORDER),
        outside=("name", "status_details"),
        is_confirmed=True,
        effect=Effect.COMMANDS,
    ),
    Tool(
        name="modify_order",
        title="Change an order",
        route="POST /api/trade/modify-order",
        description="Change quantity or prices of an open order. Send only what changes.",
        takes=("order_id", "quantity", "limit_price", "stop_price"),
        shows=("modified_fields", *COMMANDED_ORDER),
        outside=("name", "status_details"),
        is_unconfirmed=True,
        effect=Effect.COMMANDS,
    ),
    Tool(
        name="cancel_order",
        title="Cancel an order",
        route="POST /api/trade/cancel-order",
        description="Cancel an open order. PendingCancel: the exchange has yet to answer; ask get_order.",
        takes=("order_id",),
        shows=COMMANDED_ORDER,
        outside=("name", "status_details"),
        effect=Effect.COMMANDS,
    ),
    Tool(
        name="get_gateway_status",
        title="Gateway status",
        route="GET /health",
        description="Whether the gateway is well, and whether Tiger or a simulator is at its other end (mode).",
        shows=("status", "version", "mode", "timestamp"),
    ),
)
