"""Values that must agree do: in one answer, between answers, and over a fill."""

from decimal import Decimal

import pytest

from tests.support.client import FIRST


def cash(client) -> Decimal:
    return Decimal(str(client.data("/api/trade/account-info")["cash_balance"]))


def settled(client, order_id: str):
    orders = client.data("/api/trade/orders", limit=50)["orders"]
    return next(order for order in orders if order["order_id"] == order_id)


@pytest.mark.parametrize("period", ["1min", "5min", "15min", "30min", "60min", "day", "week", "month", "year"])
def test_the_high_and_the_low_of_a_bar_enclose_its_other_prices(client, period):
    bars = client.data("/api/market/kline", symbol="TSLA", period=period, limit=50)["bars"]

    assert bars
    for bar in bars:
        assert bar["low"] <= min(bar["open"], bar["close"])
        assert bar["high"] >= max(bar["open"], bar["close"])


def test_bars_are_oldest_first_and_the_newest_of_the_range(client):
    every = client.data("/api/market/kline", symbol="AAPL", limit=200)["bars"]
    newest = client.data("/api/market/kline", symbol="AAPL", limit=20)["bars"]

    assert every == sorted(every, key=lambda bar: bar["time"])
    assert [bar["time"] for bar in newest] == [bar["time"] for bar in every[-20:]]


def test_the_value_of_a_position_is_quantity_times_price(client):
    for position in client.data("/api/trade/positions")["positions"]:
        product = position["quantity"] * position["market_price"]
        assert position["market_value"] == pytest.approx(product, abs=0.01)


def test_a_fill_costs_exactly_its_price_and_commission(client):
    before = cash(client)
    placed = client.data("/api/trade/place-order", symbol="MSFT", action="BUY", order_type="MKT", quantity=3)
    order = settled(client, placed["order_id"])

    assert order["status"] == "Filled"
    spent = Decimal(str(order["avg_fill_price"])) * 3 + Decimal(str(order["commission"]))
    assert cash(client) == pytest.approx(before - spent, abs=Decimal("0.01"))


def test_net_liquidation_is_cash_and_positions(client):
    info = client.data("/api/trade/account-info")

    assert info["account_id"] == FIRST
    total = info["cash_balance"] + info["gross_position_value"]
    assert info["net_liquidation"] == pytest.approx(total, rel=0.02)


def test_a_batch_agrees_with_the_quote(client):
    quote = client.data("/api/market/quote", symbol="AAPL")
    batch = client.data("/api/market/batch", symbols=["aapl", "NOSUCH", " AAPL "])

    assert batch["symbols"] == ["AAPL", "NOSUCH"]
    assert batch["missing"] == ["NOSUCH"]
    assert batch["count"] == 1
    assert batch["quotes"]["AAPL"]["pre_close"] == quote["pre_close"]


def test_an_unknown_symbol_is_told_as_the_contract_says(client):
    client.refusal("/api/market/quote", 404, "symbol_not_found", symbol="NOSUCH")
    client.refusal("/api/info/contracts", 404, "symbol_not_found", symbols=["NOSUCH"])

    assert client.data("/api/market/kline", symbol="NOSUCH")["bars"] == []
    assert client.data("/api/info/earnings", symbols=["NOSUCH"])["earnings"] == []
    assert client.data("/api/info/corporate-actions", symbols=["NOSUCH"])["corporate_actions"] == []


def test_a_derivative_of_an_unknown_symbol_is_told_as_the_contract_says(client):
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][0]
    wanted = {"sec_type": "OPT", "expiry": expiry}
    client.refusal("/api/info/contracts", 404, "symbol_not_found", symbols=["NOSUCH"], **wanted)

    found = client.data("/api/info/contracts", symbols=["AAPL", "NOSUCH"], **wanted)
    assert found["missing"] == ["NOSUCH"]
    assert {contract["symbol"] for contract in found["contracts"]} == {"AAPL"}


@pytest.mark.parametrize("written", ["ESmain", "esmain", "ESMAIN"])
def test_a_continuous_future_can_be_asked_for(client, written):
    found = client.data("/api/info/contracts", symbols=[written], sec_type="FUT")

    assert [contract["symbol"] for contract in found["contracts"]] == ["ESmain"]


def test_search_finds_the_symbol_first_then_words_of_the_name(client):
    def found(keyword, **fields):
        return [row["symbol"] for row in client.data("/api/market/search", keyword=keyword, **fields)["results"]]

    assert found("aapl")[0] == "AAPL"
    assert "AAPL" in found("APPLE")
    assert found("tencent", market="HK")[0] == "00700"
    assert len(found("a", limit=2)) == 2


def test_a_hong_kong_code_may_be_written_short(client):
    assert client.data("/api/market/quote", symbol="700")["symbol"] == "00700"
