"""Lead the generator to values that mean something, so that requests reach what lies behind the first checks.

A random account is refused before anything else is looked at, a random symbol is unknown, a random price never fits its
order type. What is narrowed away is refused by the gateway too, so that a request outside of it must still be refused.
"""

import copy
from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]

SYMBOLS = ("AAPL", "MSFT", "BRK.B", "00700", "600519", "700", "aapl")
FIGURES = ("revenue", "net_income", "eps", "gross_profit", "total_assets")
EARLY = ("2024-02-29", "20241029", "2024-01-02 09:30:00", 1704205800000)
LATE = ("2025-10-29", "20251029", "2026-01-02 09:30:00", "2025-10-29T16:00:00-04:00", 1761768000000)
KEYWORDS = ("AAPL", "apple", "bank of", "00700", "腾讯", "é")
# What belongs to some orders only: random, it would be refused nearly always.
RARE = ("cash_amount", "expire_time", "trading_session", "start_time", "end_time", "participation_rate") + (
    ("no_take_liquidity", "allow_past_end_time", "display_size", "min_display_size", "check_interval_seconds")
    + ("price_type", "take_profit", "stop_loss", "identifier", "sec_type", "expiry", "strike", "put_call")
    + ("legs", "strategy")
)
DATED = ("BarsRequest", "FinancialsRequest", "ActionsRequest", "EarningsRequest", "OrdersRequest") + (
    ("TransactionsRequest", "CashMovementsRequest", "PerformanceRequest")
)
PAGED = ("OrdersRequest", "TransactionsRequest", "CashMovementsRequest")
NARROWED = ("PositionsRequest", "OrdersRequest", "TransactionsRequest")
PRICES = ("limit_price", "stop_price", "trailing_percent", "trailing_amount", *RARE)
PRICES_OF_TYPE = (
    ("MKT", ()),
    ("LMT", ("limit_price",)),
    ("STP", ("stop_price",)),
    ("STP_LMT", ("limit_price", "stop_price")),
    ("TRAIL", ("trailing_percent",)),
    ("TRAIL", ("trailing_amount",)),
    ("LMT", ("limit_price", "take_profit", "stop_loss")),
    ("LMT", ("limit_price", "trading_session")),
    ("VWAP", ("participation_rate", "no_take_liquidity")),
    ("ICEBERG", ("limit_price", "display_size", "price_type")),
)


def narrow(document: Schema, account: str, expirations: Sequence[str], order_ids: Sequence[str]) -> Schema:
    """Return the document for requests about one account, with some of its orders."""
    narrowed = copy.deepcopy(document)
    schemas = narrowed["components"]["schemas"]
    schemas["Account"] = {"enum": [account, int(account)]}
    schemas["Symbol"] = prefer(SYMBOLS, schemas["Symbol"])
    schemas["OrderId"] = prefer(order_ids, schemas["OrderId"]) if order_ids else schemas["OrderId"]
    integer = next(kind for kind in schemas["Moment"]["anyOf"] if kind["type"] == "integer")
    schemas["Moment"] = prefer((*EARLY, *LATE, 0), integer)
    for name in DATED:
        for member, field in schemas[name]["properties"].items():
            if member.startswith(("begin", "start", "end")):
                schemas[name]["properties"][member] = prefer(LATE if member.startswith("end") else EARLY, field)
    schemas["FinancialsRequest"]["properties"]["fields"]["items"] = {"enum": list(FIGURES)}
    keyword = schemas["SearchRequest"]["properties"]["keyword"]
    schemas["SearchRequest"]["properties"]["keyword"] = prefer(KEYWORDS, keyword)
    for name in ("OptionChainRequest", "ContractsRequest"):
        schemas[name]["properties"]["expiry"] = {"enum": [*expirations, None]}
    for name in ("PlaceOrderRequest", "PreviewOrderRequest"):
        properties = schemas[name]["properties"]
        properties["quantity"] = prefer((1, 2, 100), properties["quantity"])
        schemas[name] = {"anyOf": [get_order(schemas[name], kind, used) for kind, used in PRICES_OF_TYPE]}
    for name in PAGED:
        schemas[name]["properties"]["page_token"] = {"enum": [None]}
    for name in NARROWED:
        for member in ("identifier", "expiry", "strike", "put_call"):
            schemas[name]["properties"][member] = {"enum": [None]}
    schemas["MaxQuantityRequest"] = {
        "anyOf": [get_order(schemas["MaxQuantityRequest"], kind, used) for kind, used in PRICES_OF_TYPE[:4]]
    }
    for name in ("OrderStatusRequest", "OrderEventsRequest"):
        names = ("order_id", "client_order_id")
        schemas[name] = {"anyOf": [get_variant(schemas[name], (used,), names) for used in names]}
    changes = ("quantity", "limit_price", "stop_price", "take_profit", "stop_loss")
    schemas["ModifyOrderRequest"] = {
        "anyOf": [get_variant(schemas["ModifyOrderRequest"], (used,), (used,)) for used in changes]
    }
    return narrowed


def prefer(values: Sequence[Any], schema: Schema) -> Schema:
    """Return the schema with values that the generator should often take."""
    return {"anyOf": [{"enum": list(values)}, schema]}


def get_order(schema: Schema, kind: str, used: Sequence[str]) -> Schema:
    """Return the request for an order of one type, with the prices that it uses."""
    properties = schema["properties"]
    always = [name for name in ("symbol", "quantity") if name in properties]
    variant = get_variant(schema, (*always, *used), [name for name in (*always, *PRICES) if name in properties])
    variant["properties"]["order_type"] = {"enum": [kind]}
    return variant


def get_variant(schema: Schema, used: Sequence[str], of: Sequence[str]) -> Schema:
    """Return the request with these members, and null for the others of a group."""
    variant = copy.deepcopy(schema)
    for name in of:
        field = variant["properties"][name]
        variant["properties"][name] = without_null(field) if name in used else {"type": "null"}
    variant["required"] = [*variant["required"], *used]
    return variant


def without_null(field: Schema) -> Schema:
    """Return a member that must be there."""
    if "anyOf" in field:
        return {"anyOf": [kind for kind in field["anyOf"] if kind != {"type": "null"}]}
    number = {**field, "type": next(kind for kind in field["type"] if kind != "null")}
    return prefer((1.5, 2, 150.25), number) if number["type"] == "number" else number
