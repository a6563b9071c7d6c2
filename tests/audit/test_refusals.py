"""A key that is refused again and again fills no database: a bounded number of rows a minute, and how many more."""

import json

from sqlalchemy import select

from app.access.permissions import Permission
from app.audit import bound
from app.gateway import get_gateway
from app.storage.audit_tables import audit_rows
from tests.orders.trader import get_order
from tests.support.client import FIRST, Client


def list_refusals(app):
    with get_gateway(app).storage.reading() as connection:
        rows = connection.execute(select(audit_rows).order_by(audit_rows.c.at, audit_rows.c.number)).all()
    return [json.loads(row.details) for row in rows if row.event == "request.refused"]


def test_the_next_minute_says_how_many_were_left_out(app, monkeypatch):
    minute = [1]
    monkeypatch.setattr(bound, "get_elapsed", lambda: 60.0 * minute[0])
    reader = Client(app, get_gateway(app).keys.create("reader", [FIRST], [Permission.READ]))
    for _ in range(bound.MOST_A_MINUTE + 7):
        assert reader.send("/api/trade/place-order", get_order()).status_code == 403
    minute[0] += 1
    reader.send("/api/trade/place-order", get_order())
    rows = list_refusals(app)

    assert len(rows) == bound.MOST_A_MINUTE + 1
    assert [row.get("left_out") for row in rows if "left_out" in row] == [7]


def test_orders_that_are_refused_again_and_again_are_recorded_as_often(app, monkeypatch):
    monkeypatch.setattr(bound, "get_elapsed", lambda: 60.0)
    careful = Client(
        app, get_gateway(app).keys.create("careful", [FIRST], [Permission.TRADE], requires_confirmation=True)
    )
    for _ in range(bound.MOST_A_MINUTE + 7):
        assert careful.send("/api/trade/place-order", get_order()).get_json()["code"] == "confirmation_required"
    with get_gateway(app).storage.reading() as connection:
        events = [row.event for row in connection.execute(select(audit_rows))]

    assert events.count("order.refused") == bound.MOST_A_MINUTE
    assert "request.refused" not in events


def test_what_only_reads_is_not_recorded_when_it_is_refused(app):
    trader = Client(app, get_gateway(app).keys.create("trader", [FIRST], [Permission.TRADE]))

    assert trader.post("/api/market/quote", symbol="AAPL").status_code == 403
    assert list_refusals(app) == []
