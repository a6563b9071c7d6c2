import dataclasses

from app import create_app
from app.gateway import get_gateway
from app.settings import BudgetSettings, MetricsSettings
from app.simulator.faults import Fault
from tests.metrics.exposed import scrape
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.server import wait_until

REQUESTS = "tiger_rest_http_requests_total"
CALLS = "tiger_rest_upstream_calls_total"
LEFT = "tiger_rest_budget_calls_left"
NEEDS = "tiger_rest_token_needs_operator"
LOOKUPS = "tiger_rest_cache_lookups_total"
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}


def test_requests_are_counted_by_method_route_and_status(app, client):
    client.data("/api/market/quote", symbol="AAPL")
    client.post("/api/market/quote", symbol="")
    client.with_key(None).post("/api/market/quote", symbol="AAPL")

    told = scrape(app)
    for status in ("200", "400", "401"):
        assert told.value(REQUESTS, method="POST", route="/api/market/quote", status=status) == 1
    assert told.value("tiger_rest_http_request_duration_seconds_count", route="/api/market/quote") == 3


def test_no_label_comes_from_a_client(app, client):
    client.get("/nowhere/at/all")
    client.get("/docs/no-such-file")
    client.app.test_client().open("/health", method="BREW")
    client.send("/api/market/quote", {"account": "made up", "symbol": "AAPL"})

    told = scrape(app)
    assert told.labels(REQUESTS, "route") == {"unmatched", "/docs/<name>", "/api/market/quote"}
    assert told.labels(REQUESTS, "method") == {"GET", "POST", "other"}


def test_calls_to_tiger_are_counted_by_method_and_outcome(app, client, simulator):
    client.data("/api/market/quote", symbol="AAPL")
    simulator.inject(Fault("http_500", method="quote_real_time"))
    client.post("/api/market/quote", symbol="MSFT")

    told = scrape(app)
    assert told.value(CALLS, method="quote_real_time", outcome="ok") == 1
    assert told.value(CALLS, method="quote_real_time", outcome="tiger_error") == 1
    assert told.value("tiger_rest_upstream_call_duration_seconds_count", method="quote_real_time") == 2


def test_the_time_that_tiger_took_is_part_of_the_request_s(app, client, simulator):
    simulator.inject(Fault("delay", method="quote_real_time", seconds=0.2))
    client.data("/api/market/quote", symbol="AAPL")

    told = scrape(app)
    upstream = told.value("tiger_rest_http_request_upstream_seconds_total", route="/api/market/quote")
    assert 0.2 <= upstream <= told.value("tiger_rest_http_request_duration_seconds_sum", route="/api/market/quote")


def test_buckets_grow_up_to_the_count(app, client):
    client.data("/api/market/quote", symbol="AAPL")

    family = scrape(app).families["tiger_rest_http_request_duration_seconds"]
    buckets = [sample.value for sample in family.samples if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 1


def test_order_commands_are_told_by_state(app, client):
    order = client.data("/api/trade/place-order", **ORDER)
    client.data("/api/trade/cancel-order", order_id=order["order_id"])

    told = scrape(app)
    assert told.value("tiger_rest_journal_commands", kind="place", state="accepted") == 1
    assert told.value("tiger_rest_journal_commands", kind="cancel", state="accepted") == 1
    assert told.value("tiger_rest_journal_commands") == 2
    assert told.value("tiger_rest_journal_unsettled_age_seconds") == 0


def test_an_order_in_doubt_shows_until_it_is_settled(app, client, simulator):
    simulator.inject(Fault("lost_answer", method="place_order"))
    simulator.inject(Fault("http_500", method="orders"))
    assert client.post("/api/trade/place-order", **ORDER).status_code == 202

    told = scrape(app)
    assert told.value("tiger_rest_journal_commands", kind="place", state="unknown") == 1
    assert told.value("tiger_rest_journal_unsettled_age_seconds") > 0


def test_the_lead_and_the_tokens_are_told(app, client):
    client.data("/api/market/quote", symbol="AAPL")
    wait_until(lambda: scrape(app).value("tiger_rest_leader") == 1, 10)
    wait_until(lambda: len(scrape(app).labels("tiger_rest_token_age_seconds", "credential")) == 2, 10)

    told = scrape(app)
    assert told.value("tiger_rest_leadership_term") == 1
    assert told.labels("tiger_rest_token_refresh_failures", "credential") == {"simulator-one", "simulator-two"}
    assert told.value("tiger_rest_token_expiry_timestamp_seconds") > 0
    assert told.value("tiger_rest_workers") == 1
    assert told.value("tiger_rest_info", mode="simulator") == 1


def test_a_token_that_needs_nobody_says_so_for_each_reason(app):
    told = scrape(app)

    assert told.labels(NEEDS, "credential") == {"simulator-one", "simulator-two"}
    assert told.labels(NEEDS, "reason") == {"missing", "refused", "lost", "expired", "sealed"}
    assert told.value(NEEDS) == 0


def test_the_budget_shows_what_is_left_of_the_limits(settings):
    app = create_app(dataclasses.replace(settings, budget=BudgetSettings()))
    Client(app).data("/api/trade/account-info")

    told = scrape(app)
    assert told.value(LEFT, credential="simulator-one", method="prime_assets") < 60
    assert told.value(LEFT, credential="simulator-two", method="prime_assets") == 60
    assert told.value(LEFT, credential="simulator-one", method="kline") == 60
    assert told.value("tiger_rest_budget_calls_limit", credential="simulator-one", method="market_state") == 10
    get_gateway(app).close()


def test_caches_tell_what_they_had(app, client):
    client.data("/api/market/quote", symbol="AAPL")
    client.data("/api/market/quote", symbol="AAPL")

    told = scrape(app)
    assert told.value(LOOKUPS, kind="quote", result="miss") == 1
    assert told.value(LOOKUPS, kind="quote", result="hit") == 1
    assert told.value("tiger_rest_upstream_requests_total", method="quote_real_time") == 1


def test_a_circuit_that_opens_is_told(app, client, simulator):
    simulator.inject(Fault("http_500", method="assets"))
    simulator.inject(Fault("http_500", method="prime_assets"))
    for _ in range(10):
        client.post("/api/trade/account-info")

    told = scrape(app)
    assert told.value("tiger_rest_circuit_open", credential="simulator-one", method="prime_assets") == 1
    assert told.value("tiger_rest_upstream_refusals_total", method="prime_assets", reason="breaker") > 0


def test_a_database_that_is_gone_is_told(app, client, settings):
    client.get("/health")
    gateway = get_gateway(app)
    gateway.leadership.stop()
    gateway.storage.close()
    for file in settings.instance.glob("gateway.db*"):
        file.unlink()
    (settings.instance / "gateway.db").mkdir()

    told = scrape(app)
    assert told.value("tiger_rest_database_up") == 0
    assert told.value(REQUESTS, route="/health") == 1
    assert "tiger_rest_leader" not in told.families


def test_who_prefers_openmetrics_gets_it(app, client):
    client.get("/health")
    answer = client.get("/metrics", Accept="application/openmetrics-text; version=1.0.0")

    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_no_key_account_or_token_is_told(app, client):
    client.data("/api/market/quote", symbol="AAPL")
    text = client.with_key(None).get("/metrics").text

    assert FIRST not in text
    assert "client_key" not in text
    assert "Full Access" not in text


def test_metrics_that_are_switched_off_are_neither_kept_nor_told(settings):
    app = create_app(dataclasses.replace(settings, metrics=MetricsSettings(enabled=False)))
    client = app.test_client()
    assert client.get("/health").status_code == 200

    assert_refusal(client.get("/metrics"), 404, "not_found")
    assert not (settings.instance / "metrics").exists()
    get_gateway(app).close()


def test_two_gateways_in_one_process_count_apart(app, client, settings, tmp_path):
    other = create_app(dataclasses.replace(settings, instance=tmp_path / "other"))
    client.get("/health")
    other.test_client().get("/health/live")

    assert scrape(app).labels(REQUESTS, "route") == {"/health"}
    assert scrape(other).labels(REQUESTS, "route") == {"/health/live"}
    get_gateway(other).close()
