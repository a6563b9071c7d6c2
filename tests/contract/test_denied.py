"""What Tiger does not permit names the market wherever the request has one, and says what to do."""

import pytest

from app.simulator.faults import Fault
from tests.support.client import assert_refusal

ORDER = {"symbol": "00700", "action": "BUY", "order_type": "LMT", "quantity": 100, "limit_price": 500}
PAIR = [ORDER, {**ORDER, "order_type": "STP_LMT", "stop_price": 501}]
CHAIN = {"symbol": "00700", "expiry": "20261230"}
APRIL = {"market": "HK", "begin_date": "2026-04-01", "end_date": "2026-04-30"}
REQUESTS = [
    ("/api/market/quote", {"symbol": "00700"}, "quote_real_time"),
    ("/api/market/quote", {"symbol": "59068", "sec_type": "IOPT"}, "warrant_real_time_quote"),
    ("/api/market/kline", {"symbol": "00700"}, "kline"),
    ("/api/market/kline", {"symbol": "TCH.HK261230C00610000"}, "option_kline"),
    ("/api/market/search", {"keyword": "tencent", "market": "HK"}, "all_symbol_names"),
    ("/api/market/option-chain", CHAIN, "option_expiration"),
    ("/api/market/option-chain", CHAIN, "option_chain"),
    ("/api/market/status", {"market": "HK"}, "market_state"),
    ("/api/market/trading-calendar", APRIL, "trading_calendar"),
    ("/api/market/depth", {"symbol": "00700"}, "quote_depth"),
    ("/api/market/ticks", {"symbol": "00700"}, "trade_tick"),
    ("/api/market/timeline", {"symbol": "00700"}, "timeline"),
    ("/api/market/timeline", {"symbol": "00700", "date": "2026-04-01"}, "history_timeline"),
    ("/api/market/option-analysis", {"symbols": ["00700"]}, "option_analysis"),
    ("/api/market/details", {"symbols": ["00700"]}, "stock_detail"),
    ("/api/market/capital-flow", {"symbol": "00700"}, "capital_flow"),
    ("/api/market/capital-distribution", {"symbol": "00700"}, "capital_distribution"),
    ("/api/market/brokers", {"symbol": "00700"}, "stock_broker"),
    ("/api/market/rank", {"market": "HK"}, "trade_rank"),
    ("/api/market/depth", {"symbol": "TCH.HK261230C00610000"}, "option_depth"),
    ("/api/market/scanner", {"market": "HK"}, "market_scanner"),
    ("/api/market/scanner-fields", {"market": "HK"}, "market_scanner_tags"),
    ("/api/market/warrants", {"symbol": "00700"}, "warrant_filter"),
    ("/api/market/broker-holdings", {"market": "HK"}, "broker_hold"),
    ("/api/market/symbols", {"market": "HK"}, "all_symbols"),
    ("/api/info/contracts", {"symbols": ["00700"]}, "contracts"),
    ("/api/info/contracts", {"symbols": ["00700"], "sec_type": "WAR", "expiry": "20261230"}, "quote_contract"),
    ("/api/info/financials", {"symbols": ["00700"]}, "financial_report"),
    ("/api/info/corporate-actions", {"symbols": ["00700"]}, "corporate_action"),
    ("/api/info/earnings", {"symbols": ["00700"]}, "corporate_action"),
    ("/api/info/fundamentals", {"symbols": ["00700"]}, "stock_fundamental"),
    ("/api/info/exchange-rates", {"symbols": ["00700"]}, "financial_currency"),
    ("/api/info/industries", {"symbol": "00700"}, "stock_industry"),
    ("/api/info/industries", {"industry": "5020", "market": "HK"}, "industry_stocks"),
    ("/api/trade/positions", {"symbol": "00700"}, "positions"),
    ("/api/trade/orders", {"symbol": "00700"}, "orders"),
    ("/api/trade/cancel-all-orders", {"symbol": "00700"}, "active_orders"),
    (
        "/api/trade/max-quantity",
        {"symbol": "00700", "action": "BUY", "order_type": "MKT"},
        "estimate_tradable_quantity",
    ),
    ("/api/trade/transactions", {"symbol": "00700", "sec_type": "STK"}, "order_transactions"),
    ("/api/trade/close-position", {"symbol": "00700"}, "positions"),
    ("/api/trade/preview-order", ORDER, "preview_order"),
    ("/api/trade/place-order", ORDER, "place_order"),
    ("/api/trade/place-oca-order", {"orders": PAIR}, "place_order"),
]


@pytest.mark.parametrize(("path", "fields", "method"), REQUESTS)
def test_a_request_that_names_a_market_is_told_which_one(client, simulator, path, fields, method):
    simulator.inject(Fault("code", method=method, code=4, message="4000:permission denied"))
    response = client.post(path, **fields)

    assert_refusal(response, 403, "tiger_permission_denied")
    assert "HK" in response.get_json()["error"]
    assert "Tiger's app" in response.get_json()["error"]


def test_a_request_about_several_markets_is_told_all_of_them(client, simulator):
    simulator.inject(Fault("code", method="contracts", code=4, message="4000:permission denied"))
    response = client.post("/api/info/contracts", symbols=["AAPL", "00700"])

    assert "HK and US" in response.get_json()["error"]


@pytest.mark.parametrize(
    ("path", "fields", "method"),
    [
        ("/api/trade/account-info", {}, "prime_assets"),
        ("/api/info/contracts", {"symbols": ["HSI2612"], "sec_type": "FUT"}, "contracts"),
        ("/api/info/futures", {"type": "HSI"}, "future_contracts"),
        ("/api/info/funds", {"symbols": ["HK0000584737.HKD"]}, "fund_contracts"),
        ("/api/info/exchange-rates", {"currencies": ["HKD"]}, "financial_exchange_rate"),
        ("/api/market/depth", {"symbol": "HSI2612"}, "future_depth"),
    ],
)
def test_a_market_that_the_request_does_not_tell_is_not_guessed(client, simulator, path, fields, method):
    simulator.inject(Fault("code", method=method, code=4, message="4000:permission denied"))
    response = client.post(path, **fields)

    assert_refusal(response, 403, "tiger_permission_denied")
    assert "market" not in response.get_json()["error"]
