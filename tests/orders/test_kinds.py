"""Orders of every type are placed with the fields of their type, and with nothing that the type does not use."""

from typing import Any

import pytest

from app.tiger.order_kinds import KINDS

pytestmark = pytest.mark.usefixtures("leaving_none_open")

US = {"symbol": "AAPL", "action": "BUY", "quantity": 10}
HONG_KONG = {"symbol": "00700", "action": "BUY", "quantity": 100}
LIMIT = {**US, "order_type": "LMT", "limit_price": 1.5}
TIMED = {"start_time": "2030-01-02 09:30:00", "end_time": "2030-01-02 11:00:00"}
TIMED_MS = {"start_time": 1_893_594_600_000, "end_time": 1_893_600_000_000}
ICEBERG = {**LIMIT, "order_type": "ICEBERG", "display_size": 3}

# What is sent besides the fields of every order, and what the answer shows.
PLACED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "an amount": (
        {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "cash_amount": 250.5, "limit_price": 1.5},
        {"cash_amount": 250.5, "outside_rth": False},
        {"cash_amount": 250.5, "quantity": None},
    ),
    "until a moment": (
        # A day is included, in the zone of the setting.
        {**LIMIT, "time_in_force": "GTD", "expire_time": "2030-01-02"},
        {"time_in_force": "GTD", "expire_time": 1_893_646_799_999},
        {"time_in_force": "GTD", "expire_time": 1_893_646_799_999},
    ),
    "a session": (
        {**LIMIT, "trading_session": "OVERNIGHT"},
        {"trading_session_type": "OVERNIGHT"},
        {"trading_session": "OVERNIGHT"},
    ),
    "an auction": (
        {**HONG_KONG, "order_type": "AL", "limit_price": 500, "time_in_force": "OPG"},
        {"limit_price": 500.0, "time_in_force": "OPG", "outside_rth": True},
        {"limit_price": 500.0, "time_in_force": "OPG"},
    ),
    "an auction at any price": ({**HONG_KONG, "order_type": "AM"}, {"outside_rth": True}, {"limit_price": None}),
    "by time": (
        {**US, "order_type": "TWAP", **TIMED, "allow_past_end_time": True},
        {
            "outside_rth": False,
            "algo_params": [
                {"tag": "start_time", "value": TIMED_MS["start_time"]},
                {"tag": "end_time", "value": TIMED_MS["end_time"]},
                {"tag": "no_take_liq", "value": None},
                {"tag": "allow_past_end_time", "value": True},
                {"tag": "participation_rate", "value": None},
            ],
        },
        {"algorithm.start_time": TIMED_MS["start_time"], "algorithm.allow_past_end_time": True},
    ),
    "by volume": (
        {**US, "order_type": "VWAP", "participation_rate": 0.2, "limit_price": 1.5},
        {"outside_rth": False, "limit_price": 1.5},
        {"algorithm.participation_rate": 0.2, "algorithm.display_size": None},
    ),
    "an iceberg": (
        {**ICEBERG, "min_display_size": 2, "check_interval_seconds": 30, **TIMED},
        {"display_size": 3, "min_display_size": 2, "check_intervals": 30, "price_type": "LIMIT_PRICE", **TIMED_MS},
        {"algorithm.display_size": 3, "algorithm.check_interval_seconds": 30, "limit_price": 1.5},
    ),
}


def get_sent(simulator, method="place_order"):
    """Return what the newest of these commands said."""
    return next(call.biz for call in reversed(simulator.requests()) if call.method == method)


def get_member(data, path):
    """Return a member of an answer, one of an inner object by its path."""
    for name in path.split("."):
        data = data[name]
    return data


@pytest.mark.parametrize("kind", PLACED)
def test_an_order_is_sent_and_shown_with_the_fields_of_its_type(module_client, simulator, kind):
    body, sent, shown = PLACED[kind]
    placed = module_client.data("/api/trade/place-order", **body)
    biz = get_sent(simulator)

    assert {name: biz.get(name) for name in sent} == sent
    assert {path: get_member(placed, path) for path in shown} == shown
    assert (placed["order_type"], placed["sec_type"]) == (body["order_type"], "STK")


@pytest.mark.parametrize("kind", PLACED)
def test_a_preview_takes_whatever_can_be_placed(module_client, simulator, kind):
    body, sent, _ = PLACED[kind]
    preview = module_client.data("/api/trade/preview-order", **body)
    biz = get_sent(simulator, "preview_order")

    assert preview["symbol"] == body["symbol"]
    assert {name: biz.get(name) for name in sent} == sent


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a field of another type": ({**LIMIT, "display_size": 3}, "display_size"),
    "what a type needs": ({**US, "order_type": "ICEBERG", "limit_price": 1.5}, "display_size"),
    "an amount of a stop order": ({**US, "order_type": "STP", "stop_price": 1, "cash_amount": 5}, "cash_amount"),
    "an amount and a quantity": ({**US, "order_type": "MKT", "cash_amount": 5}, "quantity"),
    "neither": ({"symbol": "AAPL", "action": "BUY", "order_type": "MKT"}, "quantity"),
    "an auction without its time": ({**HONG_KONG, "order_type": "AM", "time_in_force": "GTC"}, "time_in_force"),
    "an auction's time without one": ({**LIMIT, "time_in_force": "OPG"}, "time_in_force"),
    "a market order until cancelled": ({**US, "order_type": "MKT", "time_in_force": "GTC"}, "time_in_force"),
    "a share of the volume": ({**US, "order_type": "VWAP", "participation_rate": 0.6}, "participation_rate"),
    "a share of a TWAP order": ({**US, "order_type": "TWAP", "participation_rate": 0.1}, "participation_rate"),
    "more than is ordered": ({**ICEBERG, "display_size": 10}, "display_size"),
    "less than nothing to show": ({**ICEBERG, "min_display_size": 4}, "min_display_size"),
    "a price that is none": ({**ICEBERG, "price_type": "MID"}, "price_type"),
    "a session that is none": ({**LIMIT, "trading_session": "NIGHT"}, "trading_session"),
    "a session of another market": ({**LIMIT, "trading_session": "HK_AUC"}, "trading_session"),
    "a night in Hong Kong": ({**HONG_KONG, "order_type": "MKT", "trading_session": "OVERNIGHT"}, "trading_session"),
    "an auction in New York": ({**US, "order_type": "AM"}, "order_type"),
    "an algorithm in Hong Kong": ({**HONG_KONG, "order_type": "TWAP"}, "order_type"),
    "an amount of whole shares": (
        {"symbol": "00005", "action": "BUY", "order_type": "MKT", "cash_amount": 5000},
        "cash_amount",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_certainly_not_taken_is_refused_by_name_before_the_wire(module_client, simulator, reason):
    body, named = REFUSED[reason]
    refused = module_client.refusal("/api/trade/place-order", 400, "invalid_request", **body)

    assert named in refused["details"]
    assert simulator.calls("place_order") == 0


def test_what_tiger_refuses_is_its_refusal(paper):
    refused = paper.refusal(
        "/api/trade/place-order", 422, "order_rejected", **LIMIT, time_in_force="GTD", expire_time="2030-01-02"
    )

    assert refused["tiger_code"] is not None


@pytest.mark.parametrize("order_type", [name for name, kind in KINDS.items() if not kind.is_changeable])
def test_an_order_that_tiger_does_not_change_is_not_sent_to_be_changed(module_client, simulator, order_type):
    placed = module_client.data("/api/trade/place-order", **{**US, "order_type": order_type, **TIMED})
    order_id = placed["order_id"]
    module_client.refusal("/api/trade/modify-order", 400, "invalid_request", order_id=order_id, quantity=5)

    assert simulator.calls("modify_order") == 0


def test_a_change_of_an_iceberg_says_all_of_it_again(module_client, simulator):
    placed = module_client.data("/api/trade/place-order", **ICEBERG, check_interval_seconds=30)
    changed = module_client.data("/api/trade/modify-order", order_id=placed["order_id"], limit_price=1.6)
    biz = get_sent(simulator, "modify_order")

    assert (biz["display_size"], biz["check_intervals"], biz["price_type"]) == (3, 30, "LIMIT_PRICE")
    assert (changed["limit_price"], changed["algorithm"]["display_size"]) == (1.6, 3)


KEYED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the amount": ({"cash_amount": 20, "quantity": None}, {"cash_amount": 21}),
    "the end": ({"time_in_force": "GTD", "expire_time": "2030-01-02"}, {"expire_time": "2030-01-03"}),
    "the session": ({}, {"trading_session": "RTH"}),
    "what it is attached to": (
        {"take_profit": {"limit_price": 9}},
        {"take_profit": {"limit_price": 9, "outside_rth": True}},
    ),
    "how its loss ends": ({"stop_loss": {"stop_price": 1}}, {"stop_loss": {"trailing_amount": 1}}),
    "what is shown": ({"order_type": "ICEBERG", "display_size": 3}, {"display_size": 4}),
}


@pytest.mark.parametrize("field", KEYED)
def test_two_orders_that_differ_in_one_field_under_one_key_are_a_conflict(module_client, field):
    first, changed = KEYED[field]
    body = {**LIMIT, **first, "client_order_id": f"key-{field}".replace(" ", "-")}
    placed = module_client.data("/api/trade/place-order", **body)
    repeated = module_client.post("/api/trade/place-order", **body)

    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert repeated.get_json()["data"]["order_id"] == placed["order_id"]
    module_client.refusal("/api/trade/place-order", 409, "idempotency_conflict", **{**body, **changed})
