"""The gateway takes the permission for real-time quotes, keeps it, and does not fight for it."""

import dataclasses
import json
import threading
from collections.abc import Callable

import pytest

from app.operations.doctor.service import examine_service
from app.quote_permission.permission import LOOK_SECONDS
from app.quote_permission.record import PermissionRecord, get_loss_pause, make_device_id
from app.settings import QuoteSettings, TigerSettings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.metrics.exposed import scrape
from tests.quote_permission.conftest import FIRST_ID, GRAB, SECOND_ID, Site
from tests.support.server import wait_until

HELD = "tiger_rest_quote_permission_held"
LEAVE = QuoteSettings(permission="leave")
NOW = 1_795_700_000_000
LOOKS_SECONDS = 3 * LOOK_SECONDS
"""In which a leader that does not heed its pauses would have grabbed again."""


def test_the_first_quote_of_a_fresh_gateway_waits_for_the_grab(open_site: Callable[..., Site]) -> None:
    assert open_site().quote() == 200


def test_a_chain_waits_for_it_as_well(open_site: Callable[..., Site]) -> None:
    fresh = open_site().client
    expiry = fresh.data("/api/market/option-chain", symbol="AAPL")["expirations"][0]

    assert fresh.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]["total"] > 0


def test_a_permission_that_is_taken_away_is_taken_back_under_the_quote(site: Site, tiger: Simulator) -> None:
    tiger.take_quote_permission(FIRST_ID)

    assert site.quote() == 200
    assert tiger.calls(GRAB, FIRST_ID) == 2


def test_one_that_is_taken_again_soon_is_left_there_and_told(
    site: Site, tiger: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        tiger.take_quote_permission(FIRST_ID)
        site.quote()
    refused = [site.quote() for _ in range(3)]
    threading.Event().wait(LOOKS_SECONDS)

    assert refused == [403, 403, 403]
    assert (tiger.calls(GRAB, FIRST_ID), site.holder) == (2, "another_device")
    assert "it is left there for 300 s" in caplog.text
    assert site.client.get("/health/ready").get_json()["status"] == "degraded"
    assert scrape(site.client.app).value(HELD, credential="simulator-one") == 0


def test_what_is_refused_names_the_device_and_is_not_waited_for(site: Site, tiger: Simulator) -> None:
    for _ in range(2):
        tiger.take_quote_permission(FIRST_ID)
        site.quote()
    told = site.client.refusal("/api/market/quote", 403, "tiger_permission_denied", symbol="TSLA")

    assert "one device at a time" in told["error"]


def test_after_the_pause_it_is_taken_back(open_site: Callable[..., Site], tiger: Simulator) -> None:
    site = open_site(quotes=QuoteSettings(regain_pause_seconds=1))
    wait_until(lambda: site.holder == "gateway", 10)
    for _ in range(2):
        tiger.take_quote_permission(FIRST_ID)
        site.quote()

    wait_until(lambda: site.holder == "gateway", 15)
    assert site.quote() == 200


def test_a_restart_grabs_nothing_anew(site: Site, open_site: Callable[..., Site], tiger: Simulator) -> None:
    site.gateway.close()
    after = open_site()
    wait_until(lambda: after.gateway.leadership.is_leader, 10)

    assert after.quote() == 200
    assert tiger.calls(GRAB, FIRST_ID) == 1


def test_all_gateways_with_one_secret_are_one_device(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    assert open_site().quote() == 200
    assert tiger.get_quote_device(FIRST_ID) == make_device_id(b"s" * 40)


def test_the_device_can_be_named(open_site: Callable[..., Site], tiger: Simulator) -> None:
    open_site(tiger=TigerSettings(device_id="the desk")).quote()

    assert tiger.get_quote_device(FIRST_ID) == "the desk"


def test_another_device_id_takes_the_permission_over_with_the_lead(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    site.gateway.close()
    after = open_site(tiger=TigerSettings(device_id="the desk"))
    wait_until(lambda: after.holder == "gateway", 10)

    assert (after.quote(), tiger.get_quote_device(FIRST_ID)) == (200, "the desk")


def test_a_gateway_with_another_device_id_beside_the_leader_says_so(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    stranger = open_site(tiger=TigerSettings(device_id="the desk"))

    assert (site.quote(), stranger.quote()) == (200, 403)
    assert "another tiger.device_id" in str(stranger.client.get("/health/ready").get_json()["warnings"])
    assert tiger.calls(GRAB, FIRST_ID) == 1


def test_a_grab_that_fails_is_told_and_tried_again_after_a_pause(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    tiger.inject(Fault("http_500", GRAB, tiger_id=FIRST_ID))
    site = open_site()
    wait_until(lambda: site.gateway.quote_permissions[FIRST_ID].describe_holder()["message"], 10)
    wait_until(lambda: tiger.get_quote_device(SECOND_ID) == make_device_id(b"s" * 40), 10)

    assert site.quote() == 403
    threading.Event().wait(LOOKS_SECONDS)
    assert "HTTP status 500" in str(site.client.get("/health/ready").get_json()["warnings"])
    assert tiger.calls(GRAB, FIRST_ID) == 1


def test_a_gateway_that_leaves_it_takes_nothing(open_site: Callable[..., Site], tiger: Simulator) -> None:
    site = open_site(quotes=LEAVE)
    wait_until(lambda: site.gateway.leadership.is_leader, 10)

    assert site.quote() == 403
    assert (tiger.calls(GRAB), site.client.get("/health/ready").get_json()["status"]) == (0, "ready")


def test_a_batch_that_is_refused_for_the_device_costs_one_call(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    site = open_site(quotes=LEAVE)
    site.client.refusal("/api/market/batch", 403, "tiger_permission_denied", symbols=["AAPL", "TSLA", "MSFT", "KO"])

    assert tiger.calls("quote_real_time") == 1


@pytest.mark.parametrize(
    ("quotes", "grabs", "seen"),
    [
        (QuoteSettings(), True, "this gateway has it"),
        (QuoteSettings(), False, "the quote permission is not grabbed yet"),
        (LEAVE, False, "left to the user's other devices"),
    ],
)
def test_the_doctor_says_who_has_it(
    open_site: Callable[..., Site], quotes: QuoteSettings, grabs: bool, seen: str
) -> None:
    site = open_site(is_serving=False, quotes=quotes)
    _ = [site.gateway.quote_permissions[FIRST_ID].grab() for _ in range(grabs)]
    findings = [finding for finding in examine_service(site.gateway) if "simulator-one" in finding.subject]

    assert seen in findings[1].seen


def test_the_state_is_told_to_clients(site: Site) -> None:
    told = site.client.data("/api/market/permissions")

    assert (told["policy"], told["holder"], told["message"]) == ("take", "gateway", None)
    assert {"name": "usStockQuote", "expires_at": None} in told["permissions"]
    assert told["since"] > NOW / 2
    assert scrape(site.client.app).value(HELD, credential="simulator-one") == 1


def test_a_command_takes_it_by_hand(open_site: Callable[..., Site], tiger: Simulator) -> None:
    site = open_site(is_serving=False, quotes=LEAVE)

    assert site.run("grab", "--tiger-id", FIRST_ID)[0] == 0
    assert (tiger.calls(GRAB, FIRST_ID), tiger.calls(GRAB, SECOND_ID)) == (1, 0)
    assert f"tiger_id {FIRST_ID}\tgateway since " in site.run("show")[1]
    assert site.quote() == 200


def test_a_command_that_gets_nothing_ends_with_an_error(open_site: Callable[..., Site], tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", GRAB))
    code, output = open_site(is_serving=False).run("grab")

    assert (code, "HTTP status 500" in output) == (1, True)


def test_an_unknown_developer_id_is_told(open_site: Callable[..., Site]) -> None:
    assert open_site(is_serving=False).run("grab", "--tiger-id", "1")[0] == 2


def test_delayed_quotes_stand_in_where_that_is_set_and_are_marked(open_site: Callable[..., Site]) -> None:
    site = open_site(quotes=dataclasses.replace(LEAVE, delayed_fallback=True))
    quote = site.client.data("/api/market/quote", symbol="AAPL")
    rows = site.client.data("/api/market/batch", symbols=["AAPL", "TSLA"])["quotes"].values()

    assert (quote["delayed"], {row["delayed"] for row in rows}) == (True, {True})
    assert quote["latest_price"] > 0
    assert (quote["bid_price"], quote["ask_price"]) == (None, None)


def test_a_delayed_quote_tells_nothing_of_other_sessions(open_site: Callable[..., Site]) -> None:
    site = open_site(quotes=dataclasses.replace(LEAVE, delayed_fallback=True))
    quote = site.client.data("/api/market/quote", symbol="AAPL", extended_hours=True)

    assert quote["delayed"] is True
    assert quote["extended_hours"] == {"pre": None, "post": None, "overnight": None}


def test_delayed_quotes_never_stand_in_for_another_market(open_site: Callable[..., Site]) -> None:
    site = open_site(quotes=dataclasses.replace(LEAVE, delayed_fallback=True))

    site.client.refusal("/api/market/quote", 403, "tiger_permission_denied", symbol="00700")
    site.client.refusal("/api/market/batch", 403, "tiger_permission_denied", symbols=["AAPL", "00700"])


def test_delayed_quotes_stand_in_only_where_that_is_set(open_site: Callable[..., Site], tiger: Simulator) -> None:
    site = open_site(quotes=LEAVE)

    assert site.quote() == 403
    assert tiger.calls("quote_delay") == 0


def test_a_quote_in_real_time_says_so(open_site: Callable[..., Site]) -> None:
    site = open_site(quotes=QuoteSettings(delayed_fallback=True))

    assert site.client.data("/api/market/quote", symbol="AAPL")["delayed"] is False
    assert json.dumps(site.client.data("/api/market/batch", symbols=["TSLA"])).count('"delayed": false') == 1


@pytest.mark.parametrize(
    ("losses", "pause"), [(1, 0), (2, 300), (3, 600), (4, 1_200), (5, 2_400), (6, 3_600), (60, 3_600)]
)
def test_the_first_loss_is_undone_at_once_and_each_further_one_later(losses: int, pause: float) -> None:
    assert get_loss_pause(300, losses) == pause


@pytest.mark.parametrize(
    ("lasted_seconds", "losses", "counted"), [(5, 0, 1), (5, 1, 2), (599, 1, 2), (601, 1, 1), (5, 4, 5), (9_000, 4, 1)]
)
def test_a_grab_that_lasted_begins_the_count_anew(lasted_seconds: int, losses: int, counted: int) -> None:
    record = PermissionRecord("1", number=1, grabbed_at=NOW - lasted_seconds * 1_000, losses=losses)

    assert record.count_loss(NOW, 300) == counted


@pytest.mark.parametrize(
    ("due_at", "wait"), [(0, 0), (NOW - 1, 0), (NOW + 5_000, 5), (NOW + 3_600_000, 3_600), (NOW + 4_000_000, 0)]
)
def test_a_pause_from_before_the_clock_was_set_back_keeps_nobody_waiting(due_at: int, wait: float) -> None:
    assert PermissionRecord("1", due_at=due_at).get_wait(NOW) == wait


def test_a_device_made_from_a_secret_is_no_network_card() -> None:
    made = make_device_id(b"s" * 40)

    assert (len(made), int(made[:2], 16) & 3, made) == (17, 2, make_device_id(b"s" * 40))
    assert made != make_device_id(b"t" * 40)
