"""Flows of capital are those of the range, oldest first; the distribution is that of today by the size of orders."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.support.client import Client

FLOW, DISTRIBUTION = "/api/market/capital-flow", "/api/market/capital-distribution"
PERIODS = ["intraday", "day", "week", "month", "quarter", "6month", "year"]


def at(day: str) -> int:
    """Return the midnight of a day in New York, epoch milliseconds."""
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("America/New_York")).timestamp() * 1000)


def test_flows_within_a_range_hold_both_ends(module_client: Client) -> None:
    answer = module_client.data(FLOW, symbol="aapl", begin_time="2026-03-10", end_time="2026-03-12")

    assert (answer["symbol"], answer["period"], answer["count"]) == ("AAPL", "day", 3)
    assert [flow["time"] for flow in answer["flows"]] == [at(f"2026-03-{day}") for day in (10, 11, 12)]
    assert all(isinstance(flow["net_inflow"], float) for flow in answer["flows"])


def test_of_more_than_the_limit_the_newest_are_given(module_client: Client) -> None:
    span = {"symbol": "AAPL", "begin_time": "2026-03-02", "end_time": "2026-03-12"}
    many, few = (module_client.data(FLOW, **span, limit=limit)["flows"] for limit in (9, 2))

    assert len(many) == 9
    assert few == many[-2:]


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("symbol", ["AAPL", "00700", "600519"])
def test_every_period_of_every_market_has_flows_in_order(module_client: Client, period: str, symbol: str) -> None:
    times = [flow["time"] for flow in module_client.data(FLOW, symbol=symbol, period=period, limit=5)["flows"]]

    assert times
    assert times == sorted(set(times))


def test_a_range_without_flows_is_empty(module_client: Client) -> None:
    answer = module_client.data(FLOW, symbol="AAPL", begin_time="2026-03-14", end_time="2026-03-15")

    assert (answer["count"], answer["flows"]) == (0, [])


def test_what_comes_in_less_what_goes_out_is_the_net_inflow(module_client: Client) -> None:
    told = module_client.data(DISTRIBUTION, symbol="AAPL")

    assert told["in_all"] - told["out_all"] == pytest.approx(told["net_inflow"])
    for way in ("in", "out"):
        parts = sum(told[f"{way}_{size}"] for size in ("big", "mid", "small"))
        assert parts == pytest.approx(told[f"{way}_all"])


@pytest.mark.parametrize("path", [FLOW, DISTRIBUTION])
@pytest.mark.parametrize("symbol", ["ZZZZ", ".IXIC"])
def test_what_has_no_flow_is_not_found(module_client: Client, path: str, symbol: str) -> None:
    module_client.refusal(path, 404, "symbol_not_found", symbol=symbol)


@pytest.mark.parametrize(("path", "method"), [(FLOW, "capital_flow"), (DISTRIBUTION, "capital_distribution")])
def test_a_flow_of_no_symbol_is_nobodys(client: Client, simulator: Simulator, path: str, method: str) -> None:
    simulator.inject(Fault("missing_fields", method=method, fields=("symbol",)))

    client.refusal(path, 404, "symbol_not_found", symbol="AAPL")


def test_other_ends_and_kinds_are_refused_before_tiger_is_asked(client: Client, simulator: Simulator) -> None:
    client.refusal(FLOW, 400, "invalid_request", symbol="D05.SI")
    client.refusal(DISTRIBUTION, 400, "invalid_request", symbol="ESmain")

    assert simulator.calls() == 0
