"""Every route × every kind of caller: the whole matrix, from the route table."""

import dataclasses
import time
from typing import Any

import pytest
from flask import Blueprint, Flask

from app import create_app
from app.access.keys import ApiKeys
from app.access.permissions import Access, Permission
from app.config.credentials import ConfigurationError
from app.factory import refuse_unguarded
from app.gateway import get_gateway
from app.settings import Settings
from app.web.guard import get_access, guard, speaks_rest
from tests.support.client import DEMO_KEY, FIRST, FULL_KEY, PAPER, SECOND, Client, assert_refusal

UNKNOWN = "99999999"
UNREADABLE: list[Any] = [None, "", "  ", True, 1.5, [FIRST], {}, "a\nb", "1" * 33]
MALFORMED = ["", "Bearer", "Bearer ", "Basic client_key_001", "client_key_001", "Bearer " + "k" * 600]


@pytest.fixture
def keys(app: Flask) -> ApiKeys:
    return get_gateway(app).keys


def routes(app: Flask) -> list[tuple[str, str, Access]]:
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        access = get_access(view)
        assert access is not None
        # What carries requests to these routes judges nothing but the key itself.
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"} if speaks_rest(view) else ()
        found += [(method, rule.rule, access) for method in methods]
    return found


def guarded(app: Flask) -> list[tuple[str, str, Access]]:
    return [route for route in routes(app) if route[2] is not Access.PUBLIC]


def call(client: Client, method: str, path: str):
    if method != "GET":
        return client.post(path)
    response = client.get(f"{path}?account={client.account}{'&wait=0' * path.endswith('poll')}")
    if response.is_streamed:
        # A stream has no end of its own, and holds a thread until it is closed.
        response.close()
    return response


def names_account(method: str, path: str) -> bool:
    return method != "GET" or path.startswith("/api/stream/")


def test_every_route_of_the_contract_is_registered(app):
    paths = {path for _, path, _ in routes(app)}

    assert paths >= {"/health", "/health/live", "/health/ready", "/api/endpoints"}
    assert paths >= {"/api/accounts", "/api/token/refresh"}
    assert paths >= {f"/api/market/{name}" for name in ("quote", "kline", "batch", "search", "option-chain", "status")}
    assert paths >= {f"/api/info/{name}" for name in ("contracts", "financials", "corporate-actions", "earnings")}
    assert paths >= {f"/api/trade/{name}" for name in ("positions", "account-info", "orders")}
    assert paths >= {f"/api/trade/{name}-order" for name in ("place", "modify", "cancel")}


def test_public_routes_ask_for_no_key(app, client):
    public = [(method, path) for method, path, access in routes(app) if access is Access.PUBLIC and "<" not in path]

    assert public
    assert {call(client.with_key(None), *route).status_code for route in public} == {200}


@pytest.mark.parametrize("header", [None, *MALFORMED])
def test_no_key_or_a_malformed_header_is_refused_everywhere(app, header):
    headers = {} if header is None else {"Authorization": header}
    for method, path, _ in guarded(app):
        response = app.test_client().open(path, method=method, json={"account": FIRST}, headers=headers)
        assert_refusal(response, 401, "unauthorized")
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_in_the_address_lets_nobody_in(app):
    names = ("ticket", "api_key", "key", "token", "access_token", "authorization", "Authorization")
    query = {"account": FIRST, **dict.fromkeys(names, FULL_KEY)}
    for method, path, _ in guarded(app):
        response = app.test_client().open(path, method=method, json={"account": FIRST}, query_string=query)
        assert_refusal(response, 401, "unauthorized")


def test_an_unknown_a_revoked_and_an_expired_key_are_refused_everywhere(app, keys):
    revoked = keys.create("revoked", ["*"], Permission)
    keys.revoke("revoked")
    expired = keys.create("expired", ["*"], Permission, expires_at=time.time_ns() // 1_000_000 - 1)
    for number, key in enumerate(["client_key_002", revoked, expired]):
        for method, path, _ in guarded(app):
            # From an address of its own, since one that sends many such keys is slowed.
            asked = {"json": {"account": FIRST}, "environ_base": {"REMOTE_ADDR": f"192.0.2.{number}"}}
            response = app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {key}"}, **asked)
            assert_refusal(response, 401, "unauthorized")


def test_a_key_of_other_accounts_learns_nothing_about_an_account(app, client, keys):
    narrow = client.with_key(keys.create("narrow", [FIRST], Permission))
    for method, path, _ in guarded(app):
        if not names_account(method, path):
            continue
        for account in (SECOND, UNKNOWN):
            refused = call(narrow.for_account(account), method, path)
            assert_refusal(refused, 403, "account_forbidden")
            assert refused.get_json()["error"] == "This API key may not use this account."


def test_a_key_for_all_accounts_is_told_of_an_unknown_one_everywhere(app, client, keys):
    wide = client.with_key(keys.create("wide", ["*"], Permission)).for_account(UNKNOWN)
    for method, path, _ in guarded(app):
        if names_account(method, path):
            assert_refusal(call(wide, method, path), 404, "account_not_found")


def test_each_permission_opens_exactly_the_routes_that_ask_for_it(app, client, keys):
    for permission in Permission:
        holder = client.with_key(keys.create(f"only {permission}", [FIRST], [permission]))
        for method, path, access in guarded(app):
            response = call(holder, method, path)
            if access.permission in {None, permission}:
                assert response.status_code in {200, 400}, (path, response.get_json())
            else:
                assert_refusal(response, 403, "permission_required")


def test_a_body_without_a_readable_account_is_refused_before_the_account_is_judged(app, client):
    for method, path, _ in guarded(app):
        if method == "GET":
            continue
        for account in UNREADABLE:
            response = client.send(path, {"account": account})
            assert_refusal(response, 400, "invalid_request")
            assert "account" in response.get_json()["details"]


def test_an_account_may_be_written_as_a_number(client):
    assert client.for_account(int(FIRST)).post("/api/market/quote", symbol="AAPL").get_json()["account"] == FIRST


def test_the_account_of_a_refusal_is_the_one_asked_for(client):
    assert client.for_account(UNKNOWN).post("/api/market/quote").get_json()["account"] == UNKNOWN


def test_a_view_without_a_guard_stops_the_start(app):
    app.view_functions["bare"] = lambda: "open"
    app.url_map.add(app.url_rule_class("/bare", endpoint="bare"))

    with pytest.raises(ConfigurationError, match="/bare"):
        refuse_unguarded(app)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_plugins_other_methods_ask_for_the_account_too(settings, method):
    category = Blueprint("further", __name__)

    @category.route("/further", methods=[method])
    @guard(Access.KEY)
    def further() -> str:
        return "reached"

    app = create_app(settings)
    parent = app.blueprints["tiger_rest"]
    app._got_first_request = False
    parent._got_registered_once = False
    parent.register_blueprint(category)
    app.register_blueprint(parent, name="second", url_prefix="/second")
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    refused = app.test_client().open("/second/further", method=method, json={"account": FIRST}, headers=headers)
    reached = app.test_client().open("/second/further", method=method, json={"account": PAPER}, headers=headers)
    get_gateway(app).close()

    assert_refusal(refused, 403, "account_forbidden")
    assert reached.text == "reached"


def test_a_guard_above_the_route_decorator_guards_nothing_and_stops_the_start():
    app = Flask(__name__, static_folder=None)

    @guard(Access.READ)
    @app.get("/upside-down")
    def upside_down() -> str:
        return ""

    with pytest.raises(ConfigurationError, match="/upside-down"):
        refuse_unguarded(app)


def test_live_mode_does_not_know_the_demo_keys(app, settings: Settings):
    live = create_app(dataclasses.replace(settings, credentials=get_gateway(app).credentials))

    assert_refusal(Client(live).get("/api/accounts"), 401, "unauthorized")
    assert_refusal(Client(live).post("/api/market/quote", symbol="AAPL"), 401, "unauthorized")
    get_gateway(live).close()
