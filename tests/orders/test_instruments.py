"""Orders for whatever Tiger trades: an option, a future, a warrant, a certificate, a fund, a digital asset."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from tests.support.client import assert_refusal

pytestmark = pytest.mark.usefixtures("leaving_none_open")

FUND = "LU0417517546.USD"
LIMIT = {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 0.01}


@pytest.fixture
def named(module_client, shared_simulator) -> dict[str, dict[str, Any]]:
    """Give something of each type as requests name it."""
    expirations = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"]
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expirations[0])["chain"]
    # Far in the money, so that an order at a cent rests whatever the market did.
    option = chain["calls"][1]
    market = shared_simulator._assembly.engine.prices.market
    warrants = market.derivatives.warrants("00700", shared_simulator.now_ms)
    by_type = {warrant.sec_type: warrant.symbol for warrant in warrants}
    return {
        "OPT": {"symbol": "AAPL", "expiry": expirations[0], "strike": option["strike"], "put_call": "CALL"},
        "FUT": {"symbol": market.futures.front("MES", shared_simulator.now_ms).code},
        "WAR": {"symbol": by_type["WAR"], "sec_type": "WAR"},
        "IOPT": {"symbol": by_type["IOPT"], "sec_type": "IOPT"},
        "FUND": {"symbol": FUND, "sec_type": "FUND"},
        "CC": {"symbol": "BTC/USD", "sec_type": "CC"},
    }


ORDERS: dict[str, dict[str, Any]] = {
    "OPT": LIMIT,
    "FUT": {**LIMIT, "limit_price": 1000},
    "WAR": {**LIMIT, "quantity": 10_000},
    "IOPT": {**LIMIT, "quantity": 10_000},
    "FUND": {"action": "BUY", "order_type": "MKT", "cash_amount": 500},
    "CC": {"action": "BUY", "order_type": "LMT", "quantity": 0.001, "limit_price": 1000},
}


@pytest.mark.parametrize("sec_type", ORDERS)
def test_an_order_for_it_is_placed_shown_and_cancelled(module_client, named, sec_type):
    placed = module_client.data("/api/trade/place-order", **named[sec_type], **ORDERS[sec_type])
    status = module_client.data("/api/trade/order-status", order_id=placed["order_id"])
    cancelled = module_client.data("/api/trade/cancel-order", order_id=placed["order_id"])

    assert (placed["sec_type"], placed["symbol"]) == (sec_type, named[sec_type]["symbol"])
    assert status["order"]["sec_type"] == sec_type
    assert cancelled["status"] in {"Cancelled", "PendingCancel"}


@pytest.mark.parametrize("sec_type", ORDERS)
def test_what_it_would_cost_is_asked_beforehand(module_client, simulator, named, sec_type):
    preview = module_client.data("/api/trade/preview-order", **named[sec_type], **ORDERS[sec_type])

    assert preview["commission"] is not None
    assert simulator.calls("place_order") == 0


@pytest.mark.parametrize("sec_type", ["OPT", "FUT", "WAR", "IOPT"])
def test_what_nobody_trades_a_fraction_of_is_not_ordered_in_fractions(module_client, simulator, named, sec_type):
    order = {**named[sec_type], **ORDERS[sec_type], "quantity": 1.5}
    refused = module_client.refusal("/api/trade/place-order", 400, "invalid_request", **order)

    assert "not traded in fractions" in refused["details"]["quantity"][0]
    assert simulator.calls("place_order") == 0


def test_an_order_for_an_option_names_all_that_it_is(module_client, simulator, named):
    placed = module_client.data("/api/trade/place-order", **named["OPT"], **LIMIT)
    biz = next(call.biz for call in simulator.requests() if call.method == "place_order")

    assert (biz["symbol"], biz["sec_type"], biz["right"], biz["multiplier"]) == ("AAPL", "OPT", "CALL", 100)
    assert (biz["expiry"], biz["strike"]) == (named["OPT"]["expiry"], named["OPT"]["strike"])
    assert "outside_rth" not in biz
    assert (placed["multiplier"], placed["put_call"], placed["strike"]) == (100, "CALL", named["OPT"]["strike"])


@pytest.mark.parametrize(
    "other",
    [{"strike": "1.0"}, {"expiry": "20300118"}, {"right": "PUT", "putCall": "PUT"}, {"secType": "WAR"}],
    ids=["strike", "expiry", "side", "type"],
)
def test_nothing_is_ordered_where_tiger_describes_another_contract(module_client, simulator, named, other):
    simulator.inject(Fault("other_values", method="contract", values=other))
    options = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=named["OPT"]["expiry"])["chain"]
    option = {**named["OPT"], "strike": options["calls"][0]["strike"]}
    response = module_client.post("/api/trade/place-order", **option, **LIMIT)

    assert_refusal(response, 502, "tiger_error")
    assert simulator.calls("contract") >= 1
    assert simulator.calls("place_order") == 0


def test_an_option_may_be_named_by_its_identifier_alone(module_client, named):
    placed = module_client.data("/api/trade/place-order", **named["OPT"], **LIMIT)
    again = module_client.data("/api/trade/place-order", symbol=placed["identifier"], **LIMIT)

    assert again["identifier"] == placed["identifier"]


def test_the_prices_of_an_option_and_of_a_future_move_by_steps_of_their_own(module_client, simulator, named):
    wrong = {
        sec_type: module_client.refusal("/api/trade/place-order", 400, "invalid_request", **named[sec_type], **order)
        for sec_type, order in {
            "OPT": {**LIMIT, "limit_price": 5.013},
            "FUT": {**LIMIT, "limit_price": 1000.1},
            "WAR": {**LIMIT, "quantity": 10_000, "limit_price": 0.0101},
        }.items()
    }

    assert all("limit_price" in refused["details"] for refused in wrong.values())
    assert "1000 and 1000.25" in wrong["FUT"]["details"]["limit_price"][0]
    assert simulator.calls("place_order") == 0


def test_a_change_is_checked_against_the_steps_of_its_instrument(module_client, simulator, named):
    placed = module_client.data("/api/trade/place-order", **named["FUT"], **ORDERS["FUT"])
    order_id = placed["order_id"]
    module_client.refusal("/api/trade/modify-order", 400, "invalid_request", order_id=order_id, limit_price=1000.1)
    changed = module_client.data("/api/trade/modify-order", order_id=order_id, limit_price=1000.25)

    assert changed["limit_price"] == 1000.25
    assert simulator.calls("modify_order") == 1


@pytest.mark.parametrize("sec_type", ["WAR", "IOPT"])
def test_a_paper_account_trades_no_warrants(paper, simulator, named, sec_type):
    refused = paper.refusal("/api/trade/place-order", 400, "invalid_request", **named[sec_type], **ORDERS[sec_type])

    assert "Paper accounts" in refused["details"]["sec_type"][0]
    assert simulator.calls("place_order") == 0


def test_the_loss_of_an_option_is_ended_at_a_limit(module_client, named):
    order = {**named["OPT"], **LIMIT, "stop_loss": {"stop_price": 0.5}}
    refused = module_client.refusal("/api/trade/place-order", 400, "invalid_request", **order)

    assert "stop_loss.limit_price" in refused["details"]


def test_an_order_type_that_is_not_for_it_is_refused_by_name(module_client, named):
    order = {**named["FUT"], "action": "BUY", "order_type": "TWAP", "quantity": 1}
    refused = module_client.refusal("/api/trade/place-order", 400, "invalid_request", **order)

    assert "TWAP orders are for STK of US only" in refused["details"]["order_type"][0]


def test_what_tiger_does_not_know_is_not_found(module_client):
    option = {"symbol": "AAPL", "expiry": "20300104", "strike": 1, "put_call": "PUT"}
    response = module_client.post("/api/trade/place-order", **option, **LIMIT)

    assert_refusal(response, 404, "symbol_not_found")
