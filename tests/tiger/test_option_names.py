"""Options of Hong Kong stocks have two names, and a list is narrowed by either."""

import pytest

from app.errors import TigerPermissionDenied
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.option_codes import fetch_filter
from app.tiger.sessions import Session
from tests.support.client import Client

CLASS, STOCK = "TCH.HK", "00700"


def test_orders_of_an_option_are_found_by_its_class_and_by_its_stock(client: Client) -> None:
    expiry = client.data("/api/market/option-chain", symbol=STOCK)["expirations"][2]
    leg = client.data("/api/market/option-chain", symbol=STOCK, expiry=expiry)["chain"]["calls"][0]
    named = {"sec_type": "OPT", "expiry": expiry, "strike": leg["strike"], "put_call": "CALL"}
    order = {**named, "symbol": CLASS, "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 0.01}
    order_id = client.data("/api/trade/place-order", **order)["order_id"]
    found = [client.data("/api/trade/orders", **named, symbol=name)["orders"] for name in (CLASS, STOCK)]
    other = client.data("/api/trade/orders", sec_type="OPT", symbol="00005")["orders"]

    assert [[each["order_id"] for each in orders] for orders in found] == [[order_id], [order_id]]
    assert other == []


def test_where_the_names_cannot_be_had_an_option_is_found_by_its_class_alone(
    simulator: Simulator, session: Session
) -> None:
    simulator.inject(Fault("code", method="all_hk_option_symbols", code=4, message="4000:permission denied"))
    named = InstrumentFilter(CLASS, "OPT")

    assert fetch_filter(session, named, session.read_deadline()) == named
    with pytest.raises(TigerPermissionDenied):
        fetch_filter(session, InstrumentFilter(STOCK, "OPT"), session.read_deadline())
