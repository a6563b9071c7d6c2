"""Orders through the gateway keep the limits of their account and of their key."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.gateway import get_gateway
from app.risk.limit_gate import UNCOUNTED
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.storage.audit_tables import audit_rows
from tests.limits.conftest import SetLimits
from tests.support.client import FIRST, Client
from tests.support.server import wait_until

RECORDED = ["limit.cleared", "limit.set"]


def place(client: Client, key: str | None = None, **fields: Any) -> TestResponse:
    body = {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.send("/api/trade/place-order", {**body, **fields}, **headers)


def get_left(client: Client) -> dict[tuple[str, str], Any]:
    owners = client.data("/api/trade/limits")["owners"]
    return {(each["of"], limit["limit"]): limit["left"] for each in owners for limit in each["limits"]}


@pytest.mark.parametrize("of_key", [False, True])
def test_the_order_after_the_last_one_of_a_day_is_refused(
    client: Client, set_limits: SetLimits, simulator: Simulator, *, of_key: bool
) -> None:
    set_limits(of_key=of_key, orders_per_day=2)
    place(client)
    place(client)
    simulator.reset_counts()

    refused = place(client)

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "limit_exceeded"
    assert "orders_per_day" in refused.get_json()["details"]
    assert simulator.calls("place_order") == 0


def test_a_repeat_is_answered_as_before_when_nothing_is_left(client: Client, set_limits: SetLimits) -> None:
    set_limits(orders_per_day=1)
    first = place(client, "once")

    again = place(client, "once")

    assert again.status_code == 200
    assert again.get_json()["data"]["order_id"] == first.get_json()["data"]["order_id"]


def test_an_order_that_was_never_sent_gives_back_what_it_took(
    client: Client, set_limits: SetLimits, simulator: Simulator
) -> None:
    set_limits(orders_per_day=1, orders_per_minute=1, value_per_day=1)
    simulator.inject(Fault("code", method="place_order", code=5, times=3))
    denied = place(client)
    simulator.clear_faults()

    placed = place(client)

    assert denied.status_code == 429
    assert placed.status_code == 200
    assert place(client).status_code == 403


def test_an_order_whose_outcome_is_unknown_counts_as_sent(
    client: Client, set_limits: SetLimits, simulator: Simulator
) -> None:
    set_limits(orders_per_day=1)
    simulator.inject(Fault("lost_answer", method="place_order", times=1))
    place(client)

    assert place(client).status_code == 403


def test_an_order_that_tiger_rejects_counts_as_sent(
    client: Client, set_limits: SetLimits, simulator: Simulator
) -> None:
    set_limits(orders_per_day=1)
    simulator.inject(Fault("code", method="place_order", times=1, code=1200))
    place(client)

    assert place(client).status_code == 403


def test_all_that_a_bracket_sends_counts(client: Client, set_limits: SetLimits) -> None:
    set_limits(orders_per_day=3)

    bracket = place(client, take_profit={"limit_price": 900}, stop_loss={"stop_price": 0.5})

    assert bracket.status_code == 200
    assert get_left(client)["account", "orders_per_day"] == 0


def test_a_refusal_says_whose_limit_it_is_and_what_is_left(client: Client, set_limits: SetLimits) -> None:
    set_limits(of_key=True, max_order_value=100)

    refused = place(client, quantity=101).get_json()

    limit = refused["data"]["limits"][0]
    assert (limit["limit"], limit["of"], limit["value"], limit["asked"], limit["left"]) == (
        "max_order_value",
        "key",
        100,
        101,
        100,
    )


def test_a_market_order_is_worth_the_market_and_a_margin(client: Client, set_limits: SetLimits) -> None:
    price = client.data("/api/market/quote", symbol="AAPL")["latest_price"]
    set_limits(max_order_value=round(price * 1.01, 2))

    refused = place(client, order_type="MKT", limit_price=None)

    assert refused.status_code == 403


def test_what_a_limit_needs_and_cannot_get_denies(client: Client, set_limits: SetLimits, simulator: Simulator) -> None:
    place(client, symbol="MSFT")
    set_limits(max_order_value=1_000_000)
    simulator.inject(Fault("http_500", method="quote_real_time", times=50))

    refused = place(client, symbol="MSFT", order_type="MKT", limit_price=None)

    assert refused.status_code == 403
    assert "cannot be had" in refused.get_json()["error"]


def test_no_more_orders_are_open_than_the_limit(client: Client, set_limits: SetLimits) -> None:
    open_orders = get_open(client)
    set_limits(max_open_orders=open_orders + 1)

    placed, refused = place(client), place(client)

    assert (placed.status_code, refused.status_code) == (200, 403)


def get_open(client: Client) -> int:
    orders = client.data("/api/trade/orders", status="Submitted", limit=300)["orders"]
    return len(orders)


def test_a_position_is_limited_with_all_that_is_open(client: Client, set_limits: SetLimits) -> None:
    price = client.data("/api/market/quote", symbol="NVDA")["latest_price"]
    set_limits(max_position_value=round(price * 2.5, 2))

    statuses = [place(client, symbol="NVDA").status_code for _ in range(4)]

    assert statuses.count(200) <= 2
    assert statuses[-1] == 403


def test_reduce_only_lets_no_position_be_opened(client: Client, set_limits: SetLimits) -> None:
    set_limits(reduce_only=True)

    assert place(client, symbol="TSLA").status_code == 403


def test_a_larger_change_counts_for_what_it_adds(client: Client, set_limits: SetLimits) -> None:
    order_id = place(client).get_json()["data"]["order_id"]
    set_limits(value_per_day=5, orders_per_day=0)

    enlarged = client.send("/api/trade/modify-order", {"account": FIRST, "order_id": order_id, "quantity": 6})
    refused = client.send("/api/trade/modify-order", {"account": FIRST, "order_id": order_id, "quantity": 7})
    reduced = client.send("/api/trade/modify-order", {"account": FIRST, "order_id": order_id, "quantity": 2})

    assert [enlarged.status_code, refused.status_code, reduced.status_code] == [200, 403, 200]


def test_cancellations_pass_whatever_the_limits(client: Client, set_limits: SetLimits) -> None:
    order_id = place(client).get_json()["data"]["order_id"]
    set_limits(orders_per_day=0, orders_per_minute=0, max_open_orders=0, reduce_only=True)

    cancelled = client.send("/api/trade/cancel-order", {"account": FIRST, "order_id": order_id})

    assert cancelled.status_code == 200


def test_a_limit_that_was_ended_holds_no_longer(client: Client, set_limits: SetLimits) -> None:
    set_limits(symbols=["MSFT"])
    refused = place(client)
    set_limits(symbols=None)

    assert (refused.status_code, place(client).status_code) == (403, 200)


def test_changes_checks_and_refusals_are_recorded(client: Client, set_limits: SetLimits) -> None:
    set_limits(orders_per_day=1, symbols=["AAPL"])
    set_limits(symbols=None)
    place(client)
    place(client)

    with get_gateway(client.app).storage.reading() as connection:
        rows = connection.execute(select(audit_rows.c.event, audit_rows.c.details)).all()
    events = [event for event, _ in rows]
    assert sorted(event for event in events if event.startswith("limit.")) == RECORDED
    taken = [limits for _, details in rows if (limits := json.loads(details).get("limits"))]
    assert [list(limits) for limits in taken] == [["account"]]
    assert taken[0]["account"].startswith("1 orders on ")
    assert {"order.denied", "order.refused"} & set(events)


def test_orders_count_from_when_a_limit_is_set(client: Client, set_limits: SetLimits) -> None:
    set_limits(orders_per_day=9)
    set_limits(of_key=True, symbols=None)
    place(client)

    set_limits(of_key=True, orders_per_day=1)

    assert [place(client).status_code for _ in range(2)] == [200, 403]


def test_a_limit_of_none_at_all_lets_nothing_pass(client: Client) -> None:
    client.data("/api/trade/set-limits", max_order_value=1_000, orders_per_day=0)

    assert get_left(client)["account", "orders_per_day"] == 0
    assert place(client).get_json()["code"] == "limit_exceeded"


def test_what_is_switched_off_may_be_all_that_is_said(client: Client) -> None:
    client.data("/api/trade/set-limits", reduce_only=True)
    refused = place(client)
    client.data("/api/trade/set-limits", reduce_only=False)

    assert refused.get_json()["code"] == "limit_exceeded"
    assert place(client).status_code == 200


def test_what_never_arrived_and_is_not_counted_is_told_to_be_sent_no_more(
    client: Client, set_limits: SetLimits, simulator: Simulator
) -> None:
    simulator.inject(Fault("hang", method="place_order", times=1))
    simulator.inject(Fault("hang", method="orders", times=None))
    unknown = place(client, "lost")
    simulator.clear_faults()
    asked = {"account": FIRST, "client_order_id": "lost"}
    wait_until(lambda: client.data("/api/trade/order-status", **asked)["outcome"] == "absent", 10)
    set_limits(orders_per_day=9)

    again = place(client, "lost")

    assert (unknown.status_code, again.status_code) == (202, 202)
    assert "repeat the request" in unknown.get_json()["error"]
    assert UNCOUNTED in again.get_json()["error"]
