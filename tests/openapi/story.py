"""One sensible request for every endpoint, in an order in which each finds what it needs."""

from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from tests.support.client import Client

Chapter = tuple[str, dict[str, Any] | None, TestResponse]
RESTING = {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}


def tell_story(client: Client) -> Iterator[Chapter]:
    """Ask every endpoint once; yield its line in ``/api/endpoints``, the body sent, and the answer."""
    yield from (read(client, path) for path in ("/health", "/health/live", "/health/ready", "/api/endpoints"))
    yield from (read(client, path) for path in ("/api/accounts", "/api/token/status"))
    yield from tell_of_markets(client)
    yield from tell_of_companies(client)
    yield from tell_of_orders(client)
    yield from tell_of_transfers(client)
    yield from tell_of_streams(client)
    yield ask(client, "/api/token/refresh")


def tell_of_markets(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/market/quote", symbol="AAPL", extended_hours=True)
    yield ask(client, "/api/market/kline", symbol="AAPL", period="day", limit=2)
    yield ask(client, "/api/market/batch", symbols=["AAPL", "00700", "ZZZZ"], fields=["bid_price", "ask_price"])
    yield ask(client, "/api/market/search", keyword="apple", market="US")
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][0]
    yield ask(client, "/api/market/option-chain", symbol="AAPL", expiry=expiry)
    yield ask(client, "/api/market/status", market="US")
    yield ask(client, "/api/market/permissions")
    yield ask(client, "/api/market/trading-calendar", market="US", begin_date="2026-04-01", end_date="2026-04-30")
    yield ask(client, "/api/market/depth", symbol="AAPL", levels=2)
    yield ask(client, "/api/market/ticks", symbol="AAPL", after=0, limit=2)
    yield ask(client, "/api/market/timeline", symbol="AAPL", date="2026-04-01", sessions=["overnight"])
    yield from tell_of_analysis(client)


def tell_of_analysis(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/market/option-analysis", symbols=["AAPL"], period="26week", days=True)
    yield ask(client, "/api/market/details", symbols=["AAPL", "ZZZZ"])
    yield ask(client, "/api/market/capital-flow", symbol="AAPL", period="day", limit=2)
    yield ask(client, "/api/market/capital-distribution", symbol="AAPL")
    yield ask(client, "/api/market/brokers", symbol="00700", levels=2)
    yield ask(client, "/api/market/short-interest", symbols=["AAPL"])
    yield ask(client, "/api/market/rank", market="US")
    yield from tell_of_screening(client)


def tell_of_screening(client: Client) -> Iterator[Chapter]:
    big = {"field": "StockField_MarketValue", "min": 100_000_000_000}
    by_change = {"field": "StockField_current_ChangeRate", "direction": "desc"}
    yield ask(client, "/api/market/scanner", market="HK", filters=[big], sort=by_change, limit=2)
    yield ask(client, "/api/market/scanner-fields", market="US")
    calls = {"types": ["CALL"], "premium": {"max": 0.5}}
    yield ask(client, "/api/market/warrants", symbol="00700", filters=calls, sort={"field": "volume"}, limit=2)
    yield ask(client, "/api/market/broker-holdings", order_by="market_value", limit=2)
    yield ask(client, "/api/market/symbols", market="HK", limit=2)


def tell_of_companies(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/info/contracts", symbols=["AAPL"])
    yield ask(client, "/api/info/financials", symbols=["AAPL"], fields=["revenue", "net_income", "eps"])
    yield ask(client, "/api/info/corporate-actions", symbols=["AAPL"], action_type="dividend")
    yield ask(client, "/api/info/earnings", symbols=["AAPL"])
    yield ask(client, "/api/info/fundamentals", symbols=["AAPL", "00700"])
    yield ask(client, "/api/info/industries", symbol="AAPL")
    yield ask(client, "/api/info/exchange-rates", currencies=["HKD"], symbols=["AAPL"])
    yield ask(client, "/api/info/futures", code="ESmain", begin_date="2026-03-09", end_date="2026-03-11")
    yield ask(client, "/api/info/funds", symbols=["IE00B464Q616.USD"])
    yield ask(client, "/api/info/fund-history", symbols=["IE00B464Q616.USD"], limit=3)


def tell_of_transfers(client: Client) -> Iterator[Chapter]:
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][-1]
    chain = client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    option = {"identifier": chain["calls"][0]["identifier"], "quantity": 1}
    client.data("/api/trade/place-order", action="BUY", order_type="MKT", **option)
    exercises = ask(client, "/api/trade/option-exercises", type="EXERCISE")
    held = exercises[2].get_json()["data"]["positions"]
    yield exercises
    yield ask(client, "/api/trade/exercise-check", contract_id=held[0]["contract_id"], quantity=1)
    yield ask(client, "/api/trade/position-transfers", begin_date="2026-01-01", end_date="2026-03-01")
    yield ask(client, "/api/trade/segment-funds", segment="SEC")


def tell_of_streams(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/stream/ticket", stream="events", topics=["orders"])
    path = f"/api/stream/poll?account={client.account}&wait=0"
    after = client.get(path).get_json()["data"]["after"]
    client.data("/api/trade/place-order", symbol="AAPL", **RESTING)
    yield "GET /api/stream/poll", None, client.get(f"{path}&after={after}")


def tell_of_orders(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/trade/account-info")
    yield ask(client, "/api/trade/positions", sec_type="STK")
    yield ask(client, "/api/trade/preview-order", symbol="AAPL", **RESTING)
    placed = ask(client, "/api/trade/place-order", symbol="AAPL", **RESTING)
    order_id = placed[2].get_json()["data"]["order_id"]
    yield placed
    yield ask(client, "/api/trade/order-status", order_id=order_id)
    yield ask(client, "/api/trade/modify-order", order_id=order_id, limit_price=1.6)
    yield ask(client, "/api/trade/orders", symbol="AAPL", limit=2)
    yield ask(client, "/api/trade/cancel-order", order_id=order_id)
    yield ask(client, "/api/trade/order-events", order_id=order_id)
    yield ask(client, "/api/trade/close-position", symbol="NVDA", quantity=10)
    pair = {"symbol": "MSFT", "action": "BUY", "quantity": 1}
    stop = {**pair, "order_type": "STP", "stop_price": 900}
    yield ask(client, "/api/trade/place-oca-order", orders=[{**pair, "order_type": "LMT", "limit_price": 1.5}, stop])
    client.data("/api/trade/place-order", symbol="MSFT", **RESTING)
    yield ask(client, "/api/trade/cancel-all-orders", symbol="MSFT")
    yield from tell_of_the_account(client)
    yield from tell_of_halts(client)
    yield from tell_of_limits(client)


def tell_of_the_account(client: Client) -> Iterator[Chapter]:
    order = {"action": "BUY", "order_type": "LMT", "limit_price": 180}
    yield ask(client, "/api/trade/max-quantity", symbol="AAPL", **order)
    yield ask(client, "/api/trade/transactions", symbol="AAPL", limit=2)
    yield ask(client, "/api/trade/performance", begin_date="2026-06-01", end_date="2026-06-03")
    yield ask(client, "/api/trade/cash-movements", type="DEPOSIT_WITHDRAW", limit=2)
    yield ask(client, "/api/trade/managed-accounts")


def tell_of_halts(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/trade/halt", mode="reduce_only", reason="The strategy lost its way.", cancel_open=True)
    yield ask(client, "/api/trade/halts")
    yield ask(client, "/api/trade/resume", reason="It found back.")


def tell_of_limits(client: Client) -> Iterator[Chapter]:
    yield ask(client, "/api/trade/set-limits", orders_per_day=25, max_order_value=5000, symbols=["AAPL", "00700"])
    client.data("/api/trade/place-order", symbol="AAPL", **RESTING)
    yield ask(client, "/api/trade/limits")
    client.data("/api/trade/set-limits", clear=["orders_per_day", "max_order_value", "symbols"])


def read(client: Client, path: str) -> Chapter:
    return f"GET {path}", None, client.get(path)


def ask(client: Client, path: str, **fields: Any) -> Chapter:
    body = {"account": client.account, **fields}
    return f"POST {path}", body, client.send(path, body)
