"""Read what an account tells of itself through the gateway, for the bookkeeping of ``tests/support/ledger.py``."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.support.client import Client, assert_envelope
from tests.support.ledger import CENT, Charge, Execution, Holding, Key, Segment, Statement, exact, get_key

WIRE_NAMES = {"S": "SEC", "C": "FUT"}


@dataclass(frozen=True)
class Rows:
    """The account's orders and executions, as the gateway lists them."""

    orders: list[dict[str, Any]]
    executions: list[dict[str, Any]]


def read_rows(client: Client) -> Rows:
    """Return every order and every execution."""
    return Rows(list(read_pages(client, "orders", limit=300)), list(read_pages(client, "transactions", limit=100)))


def read_statement(client: Client, rows: Rows) -> Statement:
    """Return everything that the account shows, with those orders and executions."""
    segments = {row["category"]: row for row in client.data("/api/trade/account-info")["segments"]}
    return Statement(
        get_segment(segments["S"]),
        get_segment(segments["C"]),
        [get_holding(row) for row in read_fresh(client, "/api/trade/positions", sec_type="ALL")["positions"]],
        [get_execution(row) for row in rows.executions],
        [get_charge(row) for row in rows.orders],
    )


def check_orders(rows: Rows) -> None:
    """Raise AssertionError where an order is not what its executions add up to; a combination pays for its legs."""
    quantities, amounts = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    for fill in rows.executions:
        quantities[fill["order_id"]] += exact(fill["quantity"])
        amounts[fill["order_id"]] += exact(fill["amount"]) * (1 if fill["action"] == "BUY" else -1)
    for order in rows.orders:
        filled, name = exact(order["filled"]), order["order_id"]
        if order["cash_amount"] is None:
            assert filled + exact(order["remaining"]) == exact(order["quantity"]), order
        assert abs(abs(amounts[name]) - abs(exact(order["filled_cash_amount"] or 0))) < CENT, order
        if order["sec_type"] != "MLEG":
            assert quantities[name] == filled, order
            price = exact(order["avg_fill_price"] or 0) * filled * exact(order["multiplier"] or 1)
            assert abs(abs(price) - abs(amounts[name])) < CENT, order


def check_cash(client: Client) -> None:
    """Raise AssertionError where the movements of cash do not add up to the cash that there is."""
    moved = defaultdict[tuple[str, str], Decimal](Decimal)
    for row in read_pages(client, "cash-movements", limit=100):
        moved[row["segment"], row["currency"]] += exact(row["amount"])
    for segment in client.data("/api/trade/account-info")["segments"]:
        for asset in segment["currency_assets"]:
            total = moved[WIRE_NAMES[segment["category"]], asset["currency"]]
            assert abs(total - exact(asset["cash_balance"])) < CENT, asset


def read_fresh(client: Client, path: str, **fields: Any) -> Any:
    """Return what Tiger says now, whatever the gateway keeps: the tests' days are over in seconds."""
    response = client.send(path, {"account": client.account, **fields}, **{"Cache-Control": "no-cache"})
    assert_envelope(response, 200, client.account)
    return response.get_json()["data"]


def read_pages(client: Client, what: str, limit: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of all pages; none comes twice."""
    token, seen = None, set[str]()
    while True:
        page = client.data(f"/api/trade/{what}", limit=limit, **({"page_token": token} if token else {}))
        for row in page["movements" if what == "cash-movements" else what]:
            name = row.get("id") or row["order_id"]
            assert name not in seen
            seen.add(name)
            yield row
        token = page["next_page_token"]
        if token is None:
            return


def get_segment(row: dict[str, Any]) -> Segment:
    cash = {asset["currency"]: exact(asset["cash_balance"]) for asset in row["currency_assets"]}
    net, realized, unrealized = (exact(row[name]) for name in ("net_liquidation", "realized_pnl", "unrealized_pnl"))
    return Segment(net, realized, unrealized, exact(row["cash_balance"]), cash)


def get_contract_key(row: dict[str, Any]) -> Key:
    return get_key(row["sec_type"], row["symbol"], row["expiry"], row["strike"], row.get("put_call"))


def get_holding(row: dict[str, Any]) -> Holding:
    return Holding(
        get_contract_key(row),
        row["currency"],
        exact(row["quantity"]),
        exact(row["market_price"]),
        exact(row["multiplier"] or 1),
        exact(row["market_value"]),
    )


def get_execution(row: dict[str, Any]) -> Execution:
    return Execution(
        get_contract_key(row),
        row["currency"],
        row["action"] == "BUY",
        exact(row["quantity"]),
        exact(row["price"]),
        exact(row["multiplier"] or 1),
        exact(row["amount"]),
    )


def get_charge(row: dict[str, Any]) -> Charge:
    return Charge(get_contract_key(row), row["currency"], exact(row["commission"]), exact(row["realized_pnl"]))
