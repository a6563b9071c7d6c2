"""Real-time quotes go to the device that grabbed them last; delayed ones, bars and contracts to every device."""

import pytest

from app.simulator.readings import Readings
from tests.simulator.controls import Controls
from tests.simulator.trader import FIRST_ID, Trader, Wire

QUOTE = {"symbols": ["AAPL"]}
REFUSAL = "4000:permission denied(current device does not have permission)"


@pytest.fixture(params=["needs_grab", "another_device_has_it"])
def strict(request, simulate):
    """Give a simulator in which a device has to grab."""
    return simulate(readings=Readings(quote_permission=request.param))


def test_a_device_that_never_grabbed_gets_no_real_time_quote(strict):
    answer = Wire(strict).ask("quote_real_time", QUOTE)

    assert (answer["code"], answer["message"]) == (4, REFUSAL)


def test_a_device_that_grabbed_reads_until_another_one_grabs(strict):
    wire = Wire(strict)
    wire.ask("grab_quote_permission")
    codes = [wire.ask("quote_real_time", QUOTE)["code"], wire.ask("quote_real_time", QUOTE, device_id="x")["code"]]
    strict.take_quote_permission(FIRST_ID)

    assert [*codes, wire.ask("quote_real_time", QUOTE)["code"]] == [0, 4, 4]


@pytest.mark.parametrize(
    ("method", "biz"),
    [
        ("quote_delay", QUOTE),
        ("option_expiration", {**QUOTE, "market": "US"}),
        ("kline", {**QUOTE, "period": "day"}),
        ("market_state", {"market": "US"}),
        ("contract", {"account": "67686635", "symbol": "AAPL", "sec_type": "STK"}),
    ],
)
def test_what_is_not_real_time_comes_without(strict, method, biz):
    assert Wire(strict).ask(method, biz)["code"] == 0


def test_the_permission_outlives_a_restart(simulate, tmp_path):
    first = simulate(readings=Readings(quote_permission="needs_grab"))
    Wire(first).ask("grab_quote_permission")
    first.stop()
    second = simulate(readings=Readings(quote_permission="needs_grab"))

    assert Wire(second).ask("quote_real_time", QUOTE)["code"] == 0


def test_the_client_of_the_sdk_grabs_when_it_is_built(strict):
    quotes = Trader(strict).quotes()

    assert not quotes.get_stock_briefs(["AAPL"]).empty
    assert strict.calls("grab_quote_permission") == 1


def test_it_can_be_taken_over_the_control_path(strict):
    Wire(strict).ask("grab_quote_permission")
    before = strict.get_quote_device(FIRST_ID)
    Controls(strict)("POST", "quote-permission/take", tiger_id=FIRST_ID)

    assert (before, strict.get_quote_device(FIRST_ID)) == ("00:00:5e:00:53:01", "another device")


def test_grabbing_is_limited_to_ten_a_minute(simulate):
    wire = Wire(simulate(limit_scale=1.0))
    codes = [wire.ask("grab_quote_permission")["code"] for _ in range(11)]

    assert codes == [0] * 10 + [4]
