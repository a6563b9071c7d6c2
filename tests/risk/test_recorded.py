"""Every command, refusal, halt and confirmation is a row of the audit trail: who, what, and how it ended."""

import json

import pytest
from sqlalchemy import select, text

from app.access.permissions import Permission
from app.risk.halt_commands import OPERATOR
from app.storage.audit_tables import audit_rows
from tests.orders.trader import get_order, get_price
from tests.support.client import FIRST, SECOND, Client, assert_envelope, assert_refusal
from tests.support.postgresql import connected

PLACE = "/api/trade/place-order"


@pytest.fixture
def recorded(trader, gateway):
    """Give a function that returns the rows written since the test began, as event, actor, account and details."""
    with gateway.storage.reading() as connection:
        before = {(row.writer, row.number) for row in connection.execute(select(audit_rows))}

    def list_rows():
        with gateway.storage.reading() as connection:
            rows = connection.execute(select(audit_rows).order_by(audit_rows.c.at, audit_rows.c.number)).all()
        return [
            (row.event, row.actor, row.account, json.loads(row.details))
            for row in rows
            if (row.writer, row.number) not in before
        ]

    return list_rows


def get_events(rows):
    return [event for event, *_ in rows]


def rename(gateway, column, name):
    """Rename a column by a new connection: one that knows the table as it was would not find it."""
    url = gateway.storage.engine.url.render_as_string(hide_password=False)
    with connected(url) as connection, connection.begin():
        connection.execute(text(f"ALTER TABLE tiger_rest_audit RENAME COLUMN {column} TO {name}"))


def test_a_placement_is_recorded_with_its_body_and_its_outcome(trader, recorded):
    price = get_price()
    order_id = trader.place("one", limit_price=price).get_json()["data"]["order_id"]
    received, *_, answered = recorded()

    assert (received[0], received[2]) == ("order.received", FIRST)
    assert received[1].startswith("key:")
    assert received[1].endswith(":Full Access Client")
    assert received[3]["body"]["limit_price"] == str(price)
    assert received[3]["idempotency_key"] == "one"
    assert (answered[0], answered[3]["state"], answered[3]["order_id"]) == ("order.answered", "accepted", order_id)


def test_each_kind_of_command_is_recorded(trader, recorded):
    order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    trader.modify(order_id, limit_price=get_price())
    trader.cancel(order_id)
    trader.client.data("/api/trade/cancel-all-orders", symbol="TSLA")
    rows = recorded()

    commands = [details["command"] for event, _, _, details in rows if event == "order.received"]
    assert commands == ["place", "modify", "cancel", "cancel_all"]
    assert get_events(rows).count("order.answered") == 4


def test_what_tiger_refuses_and_what_is_in_doubt_is_recorded(trader, recorded):
    filled = trader.place(order_type="MKT", limit_price=None).get_json()["data"]["order_id"]
    refused = trader.cancel(filled)
    trader.inject("lost_answer")
    trader.place("lost", limit_price=get_price())
    rows = recorded()

    assert refused.status_code == 422
    assert "rejected" in [details.get("state") for _, _, _, details in rows]
    assert {"order.in_doubt", "order.found"} <= set(get_events(rows))


def test_what_we_refuse_before_the_journal_has_it_is_recorded_once(trader, recorded):
    trader.place("same", limit_price=get_price())
    conflict = trader.place("same", limit_price=get_price())
    wrong = trader.place(quantity=-1)
    unknown = trader.client.post("/api/trade/close-position", symbol="TSLA")
    rows = [row for row in recorded() if "refused" in row[0]]

    assert [response.status_code for response in (conflict, wrong, unknown)] == [409, 400, 409]
    assert get_events(rows) == ["order.refused", "request.refused", "order.refused"]
    assert [details["error"] for *_, details in rows] == ["idempotency_conflict", "invalid_request", "nothing_held"]
    assert rows[1][3]["path"] == PLACE


def test_who_may_not_trade_or_not_here_is_recorded_and_a_stranger_is_not(trader, gateway, recorded):
    reader = Client(trader.app, gateway.keys.create("reader", [FIRST], [Permission.READ]))
    responses = [reader.send(PLACE, get_order()), reader.send(PLACE, get_order(account=SECOND))]
    responses += [Client(trader.app, "nobody").send(PLACE, get_order())]
    rows = [row for row in recorded() if row[0] == "request.refused"]

    assert [response.status_code for response in responses] == [403, 403, 401]
    assert [details["error"] for *_, details in rows] == ["permission_required", "account_forbidden"]
    assert [account for _, _, account, _ in rows] == [FIRST, SECOND]


def test_halts_and_what_they_refuse_are_recorded(trader, gateway, recorded):
    trader.client.data("/api/trade/halt", mode="halted", reason="The model is mad.")
    assert_refusal(trader.place("halted"), 403, "trading_halted")
    trader.client.data("/api/trade/resume", reason="It is well again.")
    gateway.halting.halt("*", "reduce_only", "By hand.", OPERATOR)
    rows = recorded()

    first, *refused, lifted, last = rows
    assert (first[0], lifted[0], last[0]) == ("halt.set", "halt.lifted", "halt.set")
    assert first[3] == {"mode": "halted", "reason": "The model is mad.", "cancel_open": False}
    assert refused[-1][3]["error"] == "trading_halted"
    assert "The model is mad." in refused[-1][3]["reason"]
    assert last[1].startswith("command:")
    assert last[2] == "*"


def test_confirmations_are_recorded_as_they_are_given_and_taken_and_never_themselves(trader, gateway, recorded):
    key = gateway.keys.create("careful", [FIRST], [Permission.TRADE], requires_confirmation=True)
    careful, price = Client(trader.app, key), get_price()
    body = get_order(limit_price=price)
    token = careful.data("/api/trade/preview-order", **body)["confirm_token"]
    assert_envelope(careful.send(PLACE, {**body, "confirm_token": token}), 200, FIRST)
    again = careful.send(
        PLACE, {**body, "confirm_token": token}, **{"Idempotency-Key": f"again {price}".replace(" ", "-")}
    )
    assert_refusal(again, 403, "confirmation_required")
    rows = recorded()

    assert get_events(rows)[:2] == ["key.created", "confirmation.given"]
    assert get_events(rows).count("confirmation.taken") == 1
    assert [details["error"] for *_, details in rows if "error" in details] == ["confirmation_required"]
    assert token not in str(rows)


@pytest.mark.parametrize("column", ["event", "code"])
def test_an_order_that_cannot_be_recorded_is_not_sent_and_can_be_cancelled(trader, gateway, column):
    order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    price = get_price()
    rename(gateway, column, "gone")
    refused, cancelled = trader.place("lost", limit_price=price), trader.cancel(order_id)
    rename(gateway, "gone", column)

    assert refused.status_code in {500, 503}
    assert trader.held(price) == []
    assert cancelled.status_code == 200
    assert_envelope(trader.place("lost", limit_price=price), 200, FIRST)
