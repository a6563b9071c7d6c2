"""The push client beside the SDK's own, unmodified: it gives way, and hears the same."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.push import AccountEvent, Gap, QuoteEvent
from app.simulator.running import Simulator
from app.tiger.instrument import Instrument
from tests.push.conftest import ACCOUNT, Leader
from tests.push.pushing import connections, publish
from tests.simulator.push.clients import Subscriber
from tests.support.server import ROOT

ONLY_MESSAGES = """
import sys
import app.gateway
print([name for name in sys.modules if name.startswith("tigeropen.push.") and ".push.pb" not in name])
"""


@pytest.fixture
def another_program(simulator: Simulator, listening: Leader) -> Iterator[Subscriber]:
    """Give the SDK's client, signed in after ours."""
    with Subscriber(simulator) as subscriber:
        yield subscriber


def test_who_signs_in_with_the_sdk_keeps_the_connection(
    simulator: Simulator, listening: Leader, another_program: Subscriber
) -> None:
    listening.heard.wait_for("kicked")
    another_program.subscribe("position", ACCOUNT)
    publish(simulator, "AAPL")
    heard = another_program.wait("position_changed")

    assert heard.symbol == "AAPL"
    assert another_program.heard.list("kickout_callback") == []
    assert len(connections(simulator)) == 1
    assert listening.heard.list(AccountEvent) == []


def test_both_hear_the_same_of_an_account_and_a_quote(simulator: Simulator, leader: Leader) -> None:
    leader.interest.want_account(ACCOUNT)
    leader.interest.want_quotes(ACCOUNT, [Instrument("AAPL")])
    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    publish(simulator, "AAPL")
    ours = leader.heard.wait(AccountEvent).data
    our_quote = leader.heard.wait(QuoteEvent).data
    with Subscriber(simulator) as subscriber:
        subscriber.subscribe("position", ACCOUNT)
        subscriber.subscribe("quote", ["AAPL"])
        publish(simulator, "AAPL")
        theirs = subscriber.wait("position_changed")
        their_quote = subscriber.wait("quote_changed", lambda quote: quote.symbol == "AAPL")

    assert (ours.symbol, ours.account) == (theirs.symbol, theirs.account)
    assert float(ours.position) == theirs.position / 10**theirs.positionScale
    assert float(our_quote.latest_price) == their_quote.latestPrice
    assert (our_quote.volume, our_quote.timestamp) == (their_quote.volume, their_quote.timestamp)
    assert float(our_quote.mi.o) == pytest.approx(their_quote.mi.o)


def test_of_the_sdks_push_only_the_messages_are_loaded() -> None:
    # Its transport replaces ssl.SSLContext.wrap_socket for the whole process, and checks no certificate.
    loaded = subprocess.run([sys.executable, "-c", ONLY_MESSAGES], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
