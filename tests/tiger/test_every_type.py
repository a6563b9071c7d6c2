"""Positions, orders and executions of every kind of instrument, and that they add up to what the account has."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tigeropen.common.util import contract_utils as contracts
from tigeropen.common.util.order_utils import market_order_by_amount

from app import create_app
from app.config.loader import load_settings
from app.gateway import get_gateway
from app.settings import BudgetSettings, SimulatorSettings
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.tiger.trading.order_listing import OrderFilter, iterate_orders
from tests.simulator.instruments import find_expiry, get_option
from tests.simulator.trader import Trader
from tests.support.client import Client

# What the SDK does with its frames, which are asked here for what can be traded.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
FUND = "LU0417517546.USD"
COIN = "BTC/USD"
SIDES = {1: "CALL", 2: "PUT", 3: "CALL", 4: "PUT"}
KINDS = {"STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC"}
POSITIONS, ORDERS, FILLS = "/api/trade/positions", "/api/trade/orders", "/api/trade/transactions"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator on whose first account one of each kind was bought."""
    readings = Readings(order_rate="none", quote_permission="granted")
    folder = tmp_path_factory.mktemp("simulator")
    with Simulator.running(SimulatorOptions(folder=folder, limit_scale=0, readings=readings)) as running:
        trader = Trader(running)
        expiry = find_expiry(trader)
        month = trader.quotes().get_all_future_contracts("ES").contract_code.max()
        warrants = trader.quotes().get_warrant_filter("00700").items.sort_values("expire_date", ascending=False)
        for sec_type, make in (("WAR", contracts.war_contract_by_symbol), ("IOPT", contracts.iopt_contract_by_symbol)):
            found = warrants[warrants.sec_type == sec_type].iloc[0]
            side, day = SIDES[found.type], found.expire_date.replace("-", "")
            lot = make(found.symbol, day, float(found.strike), side, found.symbol)
            trader.place("BUY", 10_000, contract=lot)
        for right in ("CALL", "PUT"):
            trader.place("BUY", 1, contract=get_option(200.0, right, expiry))
        trader.place("BUY", 2, contract=contracts.future_contract(month, "USD"))
        for contract in (contracts.fund_contract(FUND), contracts.cc_contract(COIN)):
            trader.client.place_order(market_order_by_amount(trader.account, contract, "BUY", 500.0))
        # A fund is bought at the next price that it tells, which takes a weekend at most.
        running.advance(4 * 86_400)
        trader = Trader(running)
        trader.place("BUY", 3)
        trader.place("SELL", 1)
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Give a client of a gateway in front of it."""
    plain = load_settings({"TIGER_REST_INSTANCE": str(tmp_path_factory.mktemp("instance"))})
    there, budget = SimulatorSettings(folder=str(simulator.folder)), BudgetSettings(limit_scale=0)
    application = create_app(dataclasses.replace(plain, simulator=there, budget=budget))
    yield Client(application)
    get_gateway(application).close()


def exact(number: Any) -> Decimal:
    return Decimal(str(number))


def list_all(client: Client, path: str, member: str, **fields: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages."""
    page = client.data(path, limit=5, **fields)
    found: list[dict[str, Any]] = page[member]
    while page["next_page_token"]:
        page = client.data(path, limit=5, page_token=page["next_page_token"], **fields)
        found += page[member]
    return found


def find_names(client: Client, **fields: Any) -> list[str]:
    """Return the identifiers of the positions that are asked for."""
    return [position["identifier"] for position in client.data(POSITIONS, **fields)["positions"]]


def test_positions_of_every_kind_are_told_with_what_makes_them(client: Client) -> None:
    held = client.data(POSITIONS, sec_type="ALL")["positions"]

    assert {position["sec_type"] for position in held} == KINDS
    for position in held:
        of_sides = position["sec_type"] in {"OPT", "WAR", "IOPT"}
        assert (position["put_call"] in {"PUT", "CALL"}, position["strike"] is not None) == (of_sides, of_sides)
        assert (position["expiry"] is not None) == (of_sides or position["sec_type"] == "FUT")
        assert position["identifier"]
        assert position["multiplier"] is not None or position["sec_type"] not in {"OPT", "FUT"}


def test_positions_are_narrowed_by_what_describes_an_option(client: Client) -> None:
    call, put = sorted(find_names(client, sec_type="OPT"), key=lambda name: name[12])

    assert find_names(client, symbol="AAPL", put_call="PUT", strike=200) == [put]
    assert find_names(client, identifier=call) == [call]
    assert find_names(client, symbol=call.replace(" ", "")) == [call]
    assert find_names(client, sec_type="OPT", expiry="20200117") == []


def test_a_future_is_found_by_its_code_without_its_type(client: Client) -> None:
    (future,) = find_names(client, sec_type="FUT")

    assert find_names(client, symbol=future) == [future]
    assert {row["sec_type"] for row in client.data(ORDERS, symbol=future)["orders"]} == {"FUT"}
    assert {row["sec_type"] for row in client.data(FILLS, symbol=future)["transactions"]} == {"FUT"}


def test_orders_of_every_kind_are_listed(client: Client) -> None:
    orders = list_all(client, ORDERS, "orders")

    assert {order["sec_type"] for order in orders} == KINDS
    (future,) = [order for order in orders if order["sec_type"] == "FUT"]
    assert (future["multiplier"], len(future["expiry"])) == (50, 8)


@pytest.mark.parametrize("sec_type", sorted(KINDS))
def test_orders_and_executions_are_narrowed_by_their_kind(client: Client, sec_type: str) -> None:
    every = [order for order in list_all(client, ORDERS, "orders") if order["sec_type"] == sec_type]

    orders = list_all(client, ORDERS, "orders", sec_type=sec_type)
    assert orders == every
    fills = list_all(client, FILLS, "transactions", sec_type=sec_type)
    assert {fill["order_id"] for fill in fills} == {order["order_id"] for order in every}


@pytest.mark.parametrize(("segment", "kinds"), [("FUT", {"FUT"}), ("FUND", {"FUND"})])
def test_orders_are_narrowed_by_their_segment(client: Client, segment: str, kinds: set[str]) -> None:
    assert {order["sec_type"] for order in client.data(ORDERS, segment=segment)["orders"]} == kinds
    assert not kinds & {order["sec_type"] for order in client.data(ORDERS, segment="SEC")["orders"]}


def test_where_all_segments_cannot_be_asked_for_at_once_each_can(client: Client, simulator: Simulator) -> None:
    session = get_gateway(client.app).tiger.session(client.account)
    every = {order.order_id for order in iterate_orders(session, OrderFilter(), session.read_deadline())}
    simulator.inject(Fault("code", method="orders", code=1010, message="seg_type", where={"seg_type": "ALL"}))

    assert {order.order_id for order in iterate_orders(session, OrderFilter(), session.read_deadline())} == every
    assert {order["sec_type"] for order in client.data(ORDERS, sec_type="FUT")["orders"]} == {"FUT"}
    assert {order["sec_type"] for order in client.data(ORDERS, segment="FUND")["orders"]} == {"FUND"}
    assert not {"FUT", "FUND"} & {order["sec_type"] for order in client.data(ORDERS)["orders"]}
    simulator.clear_faults()


def test_where_a_segment_is_refused_the_others_are_searched(client: Client, simulator: Simulator) -> None:
    session = get_gateway(client.app).tiger.session(client.account)
    for segment in ("ALL", "FUT"):
        simulator.inject(Fault("code", method="orders", code=1010, message="seg_type", where={"seg_type": segment}))

    kinds = {order.contract.sec_type for order in iterate_orders(session, OrderFilter(), session.read_deadline())}
    assert kinds == KINDS - {"FUT"}
    simulator.clear_faults()


def test_the_status_of_an_order_of_any_kind_tells_what_it_is_about(client: Client) -> None:
    for listed in list_all(client, ORDERS, "orders"):
        order = client.data("/api/trade/order-status", order_id=listed["order_id"])["order"]

        names = ("symbol", "sec_type", "identifier", "expiry", "strike", "put_call", "multiplier")
        assert {name: order[name] for name in names} == {name: listed[name] for name in names}


def test_the_executions_of_an_order_make_what_is_filled_of_it(client: Client) -> None:
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for fill in list_all(client, FILLS, "transactions"):
        quantities[fill["order_id"]] += exact(fill["quantity"])
        amounts[fill["order_id"]] += exact(fill["amount"])

    filled = [order for order in list_all(client, ORDERS, "orders") if order["filled"]]
    assert {order["order_id"]: exact(order["filled"]) for order in filled} == quantities
    for order in filled:
        assert amounts[order["order_id"]] == pytest.approx(exact(order["filled_cash_amount"]), abs=Decimal("0.01"))


@pytest.mark.parametrize("sec_type", ["STK", "OPT", "WAR", "IOPT"])
def test_what_is_held_of_a_kind_is_what_could_be_sold(client: Client, sec_type: str) -> None:
    held = client.data(POSITIONS, sec_type=sec_type)["positions"][0]
    named = {"symbol": held["identifier"] if sec_type == "OPT" else held["symbol"], "sec_type": sec_type}

    answer = client.data("/api/trade/max-quantity", **named, action="SELL", order_type="MKT")
    assert answer["position_quantity"] == held["quantity"] == answer["tradable_quantity"]


@pytest.mark.parametrize(("segment", "category"), [("SEC", "S"), ("FUT", "C")])
def test_the_last_day_of_the_performance_is_what_the_account_is_worth(
    client: Client, segment: str, category: str
) -> None:
    account = client.data("/api/trade/account-info")
    days = client.data("/api/trade/performance", segment=segment, end_date=account["update_timestamp"])["history"]
    worth = days[-1]["asset"]

    (told,) = [each["net_liquidation"] for each in account["segments"] if each["category"] == category]
    # Prices go on between the two questions.
    assert worth == pytest.approx(told, rel=0.005)


def test_the_movements_make_the_cash_of_the_account(client: Client) -> None:
    segments = {each["category"]: each for each in client.data("/api/trade/account-info")["segments"]}
    moved: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in list_all(client, "/api/trade/cash-movements", "movements"):
        moved[row["segment"], row["currency"]] += exact(row["amount"])

    for category, segment in (("S", "SEC"), ("C", "FUT")):
        for asset in segments[category]["currency_assets"]:
            cash = exact(asset["cash_balance"])
            assert moved[segment, asset["currency"]] == pytest.approx(cash, abs=Decimal("0.01"))
