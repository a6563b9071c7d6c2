"""Lots and price steps are checked before anything is sent, and the nearest right figures are named."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.orders.checks import check_prices, get_neighbours, get_step
from app.simulator.faults import Fault
from app.tiger.trading.tradable_contracts import PriceStep, get_price_steps
from schemas.orders import PlaceOrderRequest
from schemas.requests import get_schema
from tests.support.client import FIRST, Client, assert_refusal

STEPS = (PriceStep(Decimal(0), Decimal(1), Decimal("0.0001")), PriceStep(Decimal(1), None, Decimal("0.01")))
SCHEMA = get_schema(PlaceOrderRequest)
NAIVE = {"account": "1", "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}
WRONG_PRICE = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 175.123}


@pytest.mark.parametrize("path", ["place-order", "preview-order"])
def test_a_price_between_two_steps_names_the_nearest_valid_ones(client, simulator, path):
    body = client.refusal(f"/api/trade/{path}", 400, "invalid_request", **WRONG_PRICE)

    assert "175.12 and 175.13" in body["details"]["limit_price"][0]
    assert simulator.calls("place_order") == simulator.calls("preview_order") == 0


@pytest.mark.parametrize("path", ["place-order", "preview-order"])
def test_a_quantity_that_is_no_whole_number_of_lots_names_the_nearest(client, path):
    order = {"symbol": "00700", "action": "BUY", "order_type": "MKT", "quantity": 250}
    body = client.refusal(f"/api/trade/{path}", 400, "invalid_request", **order)

    assert "lots of 100: the nearest are 200 and 300" in body["details"]["quantity"][0]


@pytest.mark.parametrize("path", ["place-order", "preview-order"])
def test_odd_lots_may_be_sold_where_fractions_may(client, simulator, path):
    simulator.hold(FIRST, "00001", 1_000)
    order = {"symbol": "00001", "action": "SELL", "order_type": "LMT", "quantity": 50, "limit_price": 500}

    assert client.data(f"/api/trade/{path}", **order)


@pytest.mark.parametrize(("symbol", "action"), [("00001", "BUY"), ("00700", "SELL")])
def test_odd_lots_are_not_bought_nor_sold_where_fractions_are_not(client, symbol, action):
    order = {"symbol": symbol, "action": action, "order_type": "MKT", "quantity": 50}

    assert "quantity: " in client.refusal("/api/trade/place-order", 400, "invalid_request", **order)["error"]


@pytest.mark.parametrize("price", [0.1 + 0.2, 3 * 1.1, 0.7 + 0.1, 100.123456789012, 1.1 * 1.1, 5e-324])
def test_every_price_that_is_refused_names_the_nearest_ones(client, simulator, price):
    body = client.refusal("/api/trade/place-order", 400, "invalid_request", **WRONG_PRICE | {"limit_price": price})

    assert "limit_price: Prices of AAPL move by" in body["error"]
    assert "the nearest valid price" in body["details"]["limit_price"][0]
    assert simulator.calls("place_order") == 0


def test_a_quantity_with_more_digits_than_are_counted_names_the_nearest(client):
    body = client.refusal("/api/trade/place-order", 400, "invalid_request", **WRONG_PRICE | {"quantity": 0.1 + 0.2})

    assert "quantity: Send at most 10 decimals: the nearest number is 0.3." in body["error"]


def test_a_market_order_that_lasts_is_told_by_name_before_it_is_sent(client, simulator):
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1, "time_in_force": "GTC"}
    body = client.refusal("/api/trade/place-order", 400, "invalid_request", **order)

    assert list(body["details"]) == ["time_in_force"]
    assert "time_in_force" in body["error"]
    assert simulator.calls("place_order") == 0


def test_an_order_that_lasts_is_rejected_on_paper(paper):
    order = WRONG_PRICE | {"limit_price": 1, "time_in_force": "GTC"}
    response = paper.post("/api/trade/place-order", **order)

    assert_refusal(response, 422, "order_rejected")
    assert list(response.get_json()["details"]) == ["time_in_force"]


def test_a_garbled_answer_about_the_contract_denies_the_order_and_leaves_its_key_free(client, simulator):
    order = WRONG_PRICE | {"limit_price": 1, "client_order_id": "garbled-contract"}
    simulator.inject(Fault("missing_fields", method="contract", times=1, fields=("symbol",)))
    client.refusal("/api/trade/place-order", 502, "tiger_error", **order)

    assert simulator.calls("place_order") == 0
    assert client.data("/api/trade/place-order", **order)["symbol"] == "AAPL"


@pytest.mark.parametrize(("quantity", "outside"), [(1, True), (0.5, False)])
def test_a_market_order_may_trade_outside_regular_hours_unless_it_is_a_fraction(client: Client, quantity, outside):
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": quantity}

    assert client.data("/api/trade/place-order", **order)["outside_rth"] is outside


def test_a_preview_tells_margin_cost_and_effect_and_orders_nothing(client, simulator):
    held = len(simulator.orders())
    data = client.data("/api/trade/preview-order", **WRONG_PRICE | {"limit_price": 10})

    assert data["is_pass"] is True
    assert data["init_margin_change"] == -data["buying_power_effect"] > 0
    assert data["min_commission"] <= data["max_commission"]
    assert data["warnings"] == []
    assert len(simulator.orders()) == held


def test_a_preview_of_what_cannot_be_paid_warns(client):
    data = client.data("/api/trade/preview-order", **WRONG_PRICE | {"limit_price": 200, "quantity": 1_000_000})

    assert data["is_pass"] is False
    assert data["warnings"]


def test_at_a_border_the_finer_step_counts():
    assert get_step(Decimal(1), STEPS) == Decimal("0.0001")
    assert get_step(Decimal("1.005"), STEPS) == Decimal("0.01")


def test_a_price_is_not_checked_where_tiger_tells_no_steps():
    assert check_prices({"limit_price": Decimal("1.23456")}, (), "AAPL") == {}


def test_dust_on_a_price_is_refused_also_where_tiger_tells_no_steps():
    details = check_prices({"limit_price": Decimal("0.30000000000000004")}, (), "AAPL")

    assert "the nearest number is 0.3." in details["limit_price"][0]


def test_steps_that_cannot_be_read_are_left_out():
    sent = [{"begin": "0", "end": "1", "tickSize": 1e-4}, {"begin": "1", "end": "Infinity", "tickSize": "junk"}]

    assert get_price_steps(sent) == STEPS[:1]


@given(st.decimals("0.0001", "5000", places=4), st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal(100)]))
def test_the_neighbours_of_a_figure_are_the_nearest_multiples_around_it(value, step):
    below, above = get_neighbours(value, step)

    assert below <= value <= above
    assert below % step == above % step == 0
    assert above - below in {0, step}


@pytest.mark.parametrize("step", ["0.01", "0.05", "0.1", "1.1", "2.2"])
def test_a_naive_price_is_taken_or_refused_with_the_nearest_ones(step):
    naive = [float(step) * count for count in range(1, 67)]
    loaded = [SCHEMA().load(NAIVE | {"limit_price": Decimal(repr(price))}).limit_price for price in naive]
    told = [check_prices({"limit_price": price}, STEPS, "AAPL").get("limit_price", [""])[0] for price in loaded]

    assert [price % Decimal(step) == 0 for price in loaded] == [not reason for reason in told]
    assert all("the nearest valid price" in reason for reason in told if reason)
