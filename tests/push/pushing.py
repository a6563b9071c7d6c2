"""What the simulator pushes, and to whom."""

from app.push import AccountEvent
from tests.push.conftest import ACCOUNT, TIGER_ID


def connections(simulator):
    return [each for each in simulator.push_connections() if each["tiger_id"] == TIGER_ID]


def publish(simulator, *symbols):
    for symbol in symbols:
        simulator.publish(
            "Position", {"symbol": symbol, "account": ACCOUNT, "position": 1250, "positionScale": 2}, ACCOUNT
        )


def list_positions(leader):
    return [event.data.symbol for event in leader.heard.list(AccountEvent)]
