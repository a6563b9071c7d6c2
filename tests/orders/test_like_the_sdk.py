"""What the gateway sends of an order is what the SDK sends of the same order, but for what is listed here."""

import contextlib
from collections.abc import Mapping
from typing import Any, Final

import pytest
from tigeropen.common.exceptions import ApiException

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.orders.same_orders import PATHS, PLACE, SameOrders
from tests.simulator.trader import Trader as Program

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

ROUNDS = 15
LEAST_ORDERS = 300
SEED = 7
SAID_BESIDES: Final = {
    "user_mark": "the journal's own id, by which the order is found again",
    "order_id": "the number that Tiger takes once; with the SDK's it is the choice of who places the order",
    "outside_rth": "what is sent is what is answered; the SDK leaves it to Tiger where nobody says",
    "profit_taker_rth": "the same of what takes a profit; a page of Tiger's has it true where nobody says",
    "time_in_force": "the same for combinations, of which the SDK's helper knows no time",
    "exchange": "Tiger names the exchange of a future in its contract",
    "currency": "Tiger names that of a fund in its contract",
}
"""What the gateway says, and the SDK does not, with the reason. Nothing that both say may differ."""


@pytest.fixture
def simulator(tmp_path_factory):
    """Run a simulator of its own, since orders fill; numbers are reserved, so that two programs need no second try."""
    readings = Readings(quote_permission="granted", order_rate="none", order_numbers="reserved")
    options = SimulatorOptions(folder=tmp_path_factory.mktemp("same"), limit_scale=0, key_bits=1024, readings=readings)
    with Simulator.running(options) as simulator:
        yield simulator


def get_newest(simulator: Simulator) -> Mapping[str, Any]:
    """Return what the newest placement said."""
    return next(call.biz for call in reversed(simulator.requests()) if call.biz is not None)


def sort_out(ours: Any, theirs: Any) -> Any:
    """Return ours without what is only said besides, members sorted, lists member by member."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [sort_out(*pair) for pair in zip(ours, theirs, strict=True)]
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours
    kept = {name for name in ours if name in theirs or name not in SAID_BESIDES}
    return {name: sort_out(ours[name], theirs.get(name)) for name in sorted(kept)}


def test_three_hundred_orders_of_every_kind_are_sent_as_the_sdk_sends_them(client, simulator):
    program = Program(simulator)
    different: list[Any] = []
    kinds, count = set(), 0
    for kind, body, order in SameOrders(program, SEED).draw(ROUNDS):
        # Whether it is taken is not the point: a refusal answers what was sent.
        with contextlib.suppress(ApiException):
            program.client.place_order(order)
        theirs = get_newest(simulator)
        simulator.reset_counts()
        response = client.post(PATHS.get(kind, PLACE), **body)
        sent = [call.biz for call in simulator.requests() if call.method == "place_order"]
        ours = sent[0] if sent else response.get_json()
        if sort_out(ours, theirs) != theirs:
            different.append((kind, body, ours, theirs))
        kinds.add(kind)
        count += 1

    assert different == []
    assert count >= LEAST_ORDERS
    assert len(kinds) > 20
