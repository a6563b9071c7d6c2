"""A gateway inside a host: reached under its prefix, as it is by itself; everything else is the host's."""

import dataclasses
import re
import threading

import pytest
from flask import Blueprint, Flask, g, request

from app import create_app
from app.access.permissions import Permission
from app.config.credentials import ConfigurationError
from app.embedding import TigerRest
from app.gateway import Gateway
from app.settings import Settings
from tests.support.client import DEMO_KEY, FIRST, FULL_KEY, PAPER, Client, assert_envelope, assert_refusal
from tests.support.hosts import close


@pytest.fixture
def host() -> Flask:
    host = Flask("host")

    @host.before_request
    def remember() -> None:
        g.account, g.request_id, g.gateway, g.identity = object(), 7, "host", "visitor"

    @host.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return "the host has no such page", 404

    @host.errorhandler(413)
    @host.errorhandler(Exception)
    def failed(_error: Exception) -> tuple[str, int]:
        return "the host failed", 500

    return host


@pytest.fixture
def tiger(host: Flask, settings: Settings) -> TigerRest:
    return TigerRest(host, settings=settings)


@pytest.fixture
def client(host: Flask, tiger: TigerRest) -> Client:
    return Client(host)


@pytest.fixture(autouse=True)
def _closing(host: Flask, tiger: TigerRest):
    yield
    close(host, tiger)


def test_a_quote_is_answered_under_the_prefix(client):
    assert client.data("/tiger/api/market/quote", symbol="AAPL")["symbol"] == "AAPL"


def test_an_error_in_a_view_of_ours_is_ours(client):
    client.refusal("/tiger/api/market/quote", 400, "invalid_request", symbol=7)


def test_a_missing_key_is_refused_by_us(client):
    assert_refusal(client.with_key(None).get("/tiger/api/accounts"), 401, "unauthorized")


def test_an_unknown_path_under_the_prefix_is_refused_by_us(client):
    assert_refusal(client.get("/tiger/api/nothing"), 404, "not_found")


def test_a_wrong_method_under_the_prefix_is_refused_by_us_and_names_the_right_one(client):
    response = client.get("/tiger/api/market/quote")

    assert_refusal(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


def test_an_unknown_path_elsewhere_is_the_hosts(client):
    assert client.get("/api/market/quote").text == "the host has no such page"


def test_a_body_is_limited_by_the_gateways_setting_not_the_hosts(client, host):
    host.config["MAX_CONTENT_LENGTH"] = 10

    assert client.data("/tiger/api/market/quote", symbol="AAPL")
    assert_refusal(client.send("/tiger/api/market/quote", {"account": "1" * 70_000}), 413, "payload_too_large")


def test_endpoints_are_listed_with_the_prefix_and_without_the_hosts(client):
    listing = client.get("/tiger/api/endpoints").get_json()["data"]

    assert "POST /tiger/api/market/quote" in listing["market_data"]
    assert all(line.split()[1].startswith("/tiger/") for lines in listing.values() for line in lines)


def test_only_our_answers_carry_our_headers(client):
    assert "X-Tiger-Mode" in client.get("/tiger/health").headers
    assert "X-Tiger-Mode" not in client.get("/elsewhere").headers
    assert "X-Request-ID" not in client.get("/elsewhere").headers


def test_cors_is_answered_for_our_routes_alone(client):
    origin = {"Origin": "https://example.com"}

    assert "Access-Control-Allow-Origin" in client.get("/tiger/api/accounts", **origin).headers
    assert "Access-Control-Allow-Origin" not in client.get("/elsewhere", **origin).headers


def test_an_answer_of_the_hosts_own_guard_is_marked_and_does_not_fail(client, host):
    host.before_request_funcs[None].append(lambda: ("come back later", 503))

    response = client.get("/tiger/health")

    assert (response.status_code, response.text) == (503, "come back later")
    assert response.headers["X-Request-ID"]


def test_a_body_that_the_host_has_read_is_no_longer_than_ours_may_be(client, host):
    host.before_request_funcs[None].append(lambda: request.get_data() and None)
    client.data("/tiger/api/market/quote", symbol="AAPL")

    assert_refusal(client.post("/tiger/api/market/quote", symbol="A" * 70_000), 413, "payload_too_large")


@pytest.mark.parametrize("prefix", ["/tiger", "tiger/"])
def test_a_second_gateway_at_the_same_prefix_is_refused_and_the_prefix_is_named(host, tiger, settings, prefix):
    with host.app_context():
        before = tiger.gateway

    with pytest.raises(ConfigurationError, match="url_prefix /tiger: this application has a gateway at /tiger already"):
        TigerRest(host, url_prefix=prefix, settings=settings)
    with host.app_context():
        assert tiger.gateway is before


def test_mounting_the_same_gateway_twice_is_refused_and_it_stays_the_one_that_is_reached(host, tiger, settings):
    with host.app_context():
        before = tiger.gateway

    with pytest.raises(ConfigurationError, match="/tiger"):
        tiger.init_app(host)
    with host.app_context():
        assert tiger.gateway is before


def test_prefixes_that_give_one_name_are_refused(host, tiger, settings, tmp_path):
    second = TigerRest(host, url_prefix="/a-b", settings=dataclasses.replace(settings, instance=tmp_path / "second"))

    with pytest.raises(ConfigurationError, match="url_prefix /a_b: this application has a gateway at /a-b already"):
        TigerRest(host, url_prefix="/a_b", settings=settings)
    close(host, second)


def test_a_route_that_a_plugin_puts_on_the_application_itself_needs_a_guard(monkeypatch, settings):
    host = Flask("other")
    host.add_url_rule("/own", "own", lambda: "own")
    plugin = Blueprint("plugin", __name__)
    plugin.record(lambda state: state.app.add_url_rule("/open", "open", lambda: "open"))
    monkeypatch.setattr("app.factory.find_blueprints", lambda: [plugin])

    with pytest.raises(ConfigurationError, match="route /open has no guard"):
        TigerRest(host, settings=settings)
    with pytest.raises(ConfigurationError, match="route /open has no guard"):
        create_app(settings)


def test_a_mapping_takes_the_place_of_file_and_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TIGER_REST_GATEWAY__MAX_BODY_BYTES", "2048")
    host = Flask("other")

    tiger = TigerRest(host, settings={"gateway": {"log_format": "json"}}, instance=tmp_path / "here")

    with host.app_context():
        settings = tiger.gateway.settings
    assert (settings.gateway.log_format, settings.gateway.max_body_bytes) == ("json", 65_536)
    assert settings.instance == tmp_path / "here"
    close(host, tiger)


def test_a_wrong_setting_stops_the_start_and_is_named(host):
    with pytest.raises(ConfigurationError, match=r"settings: unknown setting gateway\.bnid"):
        TigerRest(host, settings={"gateway": {"bnid": "x"}}, url_prefix="/second")


def test_two_gateways_in_one_process_share_no_state(host, tiger, settings, tmp_path):
    second = TigerRest(host, url_prefix="/paper", settings=dataclasses.replace(settings, instance=tmp_path / "second"))
    with host.app_context():
        first_key = tiger.gateway.keys.create("first", [FIRST], [Permission.READ])
        second_key = second.gateway.keys.create("second", [PAPER], [Permission.READ])
        assert isinstance(second.gateway, Gateway)
        assert second.gateway is not tiger.gateway

    statuses = [
        Client(host, key=key).get(f"{prefix}/api/accounts").status_code
        for prefix in ("/tiger", "/paper")
        for key in (first_key, second_key)
    ]

    assert statuses == [200, 401, 401, 200]
    close(host, second)


def test_each_gateway_of_a_host_has_its_own_commands(host, tiger, settings, tmp_path):
    second = TigerRest(host, url_prefix="/paper", settings=dataclasses.replace(settings, instance=tmp_path / "second"))
    create = ["keys", "create", "--name", "bot", "--accounts", PAPER, "--permissions", "read"]

    result = host.test_cli_runner().invoke(args=["tiger-rest-paper", *create])

    assert result.exit_code == 0
    assert Client(host, key=result.stdout.strip()).get("/paper/api/accounts").status_code == 200
    assert Client(host, key=result.stdout.strip()).get("/tiger/api/accounts").status_code == 401
    close(host, second)


def test_mounting_starts_no_thread_before_the_first_request(host, settings):
    before = set(threading.enumerate())

    TigerRest(host, settings=settings, url_prefix="/third")

    assert set(threading.enumerate()) == before


def test_an_order_can_be_placed_through_a_host(host, tiger):
    paper = Client(host, key=DEMO_KEY, account=PAPER)

    order = paper.data("/tiger/api/trade/place-order", symbol="AAPL", action="BUY", order_type="MKT", quantity=1)

    assert order["symbol"] == "AAPL"


def test_the_demo_key_is_known_under_the_prefix(client):
    assert_envelope(client.with_key(FULL_KEY).post("/tiger/api/trade/positions"), 200, FIRST)


def test_the_doctor_of_a_mounted_gateway_examines_that_gateway(host, tiger, monkeypatch):
    monkeypatch.setenv("TIGER_REST_GATEWAY__NO_SUCH_SETTING", "of somebody else")

    result = host.test_cli_runner().invoke(args=["tiger-rest", "doctor"])

    assert result.exit_code == 0, result.output
    assert "settings" not in result.output


def test_the_page_of_the_documentation_finds_its_files_under_the_prefix(client):
    page = client.get("/tiger/docs").text

    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert files
    assert {client.get(f"/tiger/{file}").status_code for file in files} == {200}


def test_the_child_of_a_fork_has_a_gateway_and_connections_of_its_own(host, tiger, monkeypatch):
    with host.app_context():
        inherited = tiger.gateway
        monkeypatch.setattr("os.getpid", lambda: 1)
        own = tiger.gateway

        assert own is not inherited
        assert own.storage.engine is not inherited.storage.engine
        assert tiger.gateway is own
        own.close()
    inherited.close()


@pytest.mark.parametrize("path", ["/tiger/", "/tiger"])
def test_a_browser_at_the_prefix_is_sent_to_the_documentation_within_it(host, path):
    answer = host.test_client().get(path, headers={"Accept": "text/html,*/*;q=0.8"}, follow_redirects=True)

    assert (answer.request.path, answer.status_code) == ("/tiger/docs", 200)
