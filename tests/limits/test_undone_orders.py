"""What an order takes whose row is undone counts nowhere, and hides nothing that another process has written."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import PoolProxiedConnection

from app.errors import TradingHalted
from app.gateway import get_gateway
from app.orders.gate import ADMITTED, NOTHING, Admission, OpenGate, Said
from app.orders.records import CommandRecord, NewCommand
from app.orders.requester import Requester
from app.orders.service import OrderService
from app.risk.gates import Gates
from app.settings import Settings
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.prepared_orders import PreparedOrder
from tests.limits.conftest import SetLimits
from tests.support.client import FIRST, Client

TICKET = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal(1))


class Late(OpenGate):
    """A gate behind the limits, which lets nothing pass while it is shut."""

    is_shut = True
    order = None

    def prepare(
        self, _session: Session, _command: NewCommand, _prepared: PreparedOrder | None, _deadline: Deadline
    ) -> Admission:
        return self if self.is_shut else ADMITTED

    def admit(self, _driver: PoolProxiedConnection, _record: CommandRecord) -> Said:
        if self.is_shut:
            raise TradingHalted("The gate is shut.")
        return NOTHING


def test_an_order_that_is_undone_after_it_passed_the_limits_takes_nothing(
    app: Flask, client: Client, settings: Settings, set_limits: SetLimits, simulator: Simulator
) -> None:
    set_limits(max_open_orders=1_000)
    used = client.data("/api/trade/limits")["owners"][0]["limits"][0]["used"]
    set_limits(max_open_orders=used + 1, orders_per_day=1)
    gateway, late = get_gateway(app), Late()
    service = OrderService(settings, gateway.storage, gate=Gates(gateway.limiting.rules, late))

    def place(key: str) -> None:
        answer = service.place(gateway.tiger.session(FIRST), Requester("key", "key", key, key), TICKET)
        if answer.error is not None:
            raise answer.error

    with pytest.raises(TradingHalted):
        place("undone")
    late.is_shut = False
    simulator.reset_counts()
    place("placed")

    assert simulator.calls("place_order") == 1
