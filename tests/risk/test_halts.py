"""A halt is in force everywhere at once and outlives everything; what is open can be cancelled all the while."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from tigeropen.common.consts.service_types import CANCEL_ORDER

from app import create_app
from app.access.permissions import Permission
from app.clock import get_elapsed
from app.errors import StorageUnavailable, TradingHalted
from app.gateway import get_gateway
from app.orders.states import State
from app.risk.halt_commands import OPERATOR
from app.risk.halt_watch import FRESH_SECONDS, HaltWatch
from app.risk.halts import Halts, Mode, Standing
from app.settings import LimitSettings
from app.tiger.wire.methods import METHODS
from tests.metrics.exposed import scrape
from tests.orders.free_symbols import find_free_symbol
from tests.orders.trader import Trader, get_price
from tests.support.client import FIRST, SECOND, Client, assert_envelope, assert_refusal
from tests.support.server import wait_until

OPEN = Standing(Mode.OPEN, 0)


def halt(client, mode="halted", **fields):
    return client.data("/api/trade/halt", mode=mode, reason="The model is mad.", **fields)


def test_nothing_is_placed_and_the_refusal_says_who_halted_and_why(trader):
    halt(trader.client)
    price = get_price()
    response = trader.place("halted", limit_price=price)

    assert_refusal(response, 403, "trading_halted")
    told = response.get_json()["data"]
    assert (told["account"], told["mode"], told["reason"]) == (FIRST, "halted", "The model is mad.")
    assert told["halted_by"] == "Full Access Client"
    assert trader.held(price) == []


def test_another_account_goes_on(trader):
    halt(trader.client)
    body = {"account": SECOND, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}

    assert_envelope(trader.client.send("/api/trade/place-order", body), 200, SECOND)


def test_nothing_is_changed_and_what_is_open_is_cancelled(trader):
    order_id = trader.place("before").get_json()["data"]["order_id"]
    halt(trader.client)

    assert_refusal(trader.modify(order_id, limit_price=1.5), 403, "trading_halted")
    assert_envelope(trader.cancel(order_id), 200, FIRST)


def test_an_order_that_was_accepted_before_is_reported_again(trader):
    first = trader.place("before").get_json()["data"]["order_id"]
    halt(trader.client)
    repeated = trader.place("before")

    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert repeated.get_json()["data"]["order_id"] == first


def test_a_new_instrument_is_refused_too_and_its_key_stays_free(trader, simulator):
    symbol = find_free_symbol(simulator)
    halt(trader.client)
    assert_refusal(trader.place("new", symbol=symbol), 403, "trading_halted")
    trader.client.data("/api/trade/resume")

    assert_envelope(trader.place("new", symbol=symbol), 200, FIRST)


def test_reduce_only_lets_a_position_be_closed_and_nothing_else_pass(trader, simulator):
    symbol = find_free_symbol(simulator)
    simulator.hold(FIRST, symbol, 10)
    order_id = trader.place("before").get_json()["data"]["order_id"]
    halt(trader.client, "reduce_only")

    assert_refusal(trader.place(), 403, "trading_halted")
    assert_refusal(trader.place(symbol=symbol, action="SELL"), 403, "trading_halted")
    assert_refusal(trader.modify(order_id, limit_price=1.5), 403, "trading_halted")
    assert trader.client.data("/api/trade/close-position", symbol=symbol)["quantity"] == 10


def test_open_orders_are_cancelled_where_that_is_asked_for(trader):
    order_id = trader.place("before").get_json()["data"]["order_id"]
    (told,) = halt(trader.client, cancel_open=True)["cancelled"]

    assert (told["account"], told["code"], told["may_be_open"]) == (FIRST, None, 0)
    assert told["count"] >= 1
    wait_until(lambda: trader.status(order_id=order_id)["order"]["status"] == "Cancelled", 15)


def test_a_halt_holds_for_other_workers_and_for_those_that_start_later(trader, other_app, simulator):
    other = Trader(other_app, simulator)
    other.place("there")
    halt(trader.client)

    assert_refusal(other.place(), 403, "trading_halted")
    assert [each["account"] for each in other.client.data("/api/trade/halts")["halts"]] == [FIRST]


def test_all_accounts_are_halted_by_a_key_of_all_accounts(trader, gateway):
    key = gateway.keys.create("boss", ["*"], [Permission.ADMIN, Permission.READ])
    boss = Client(trader.app, key, "*")
    assert boss.data("/api/trade/halt", mode="halted", reason="Enough.")["account"] == "*"

    assert_refusal(trader.place(), 403, "trading_halted")
    assert boss.data("/api/trade/resume")["halts"] == []
    assert_envelope(trader.place(), 200, FIRST)


def test_a_key_of_some_accounts_cannot_halt_all(trader):
    trader.client.for_account("*").refusal("/api/trade/halt", 403, "account_forbidden", mode="halted", reason="Enough.")


def test_a_halt_of_all_and_one_of_an_account_are_lifted_separately(trader, gateway):
    gateway.halting.halt("*", "halted", "All.", OPERATOR)
    halt(trader.client, "reduce_only")
    left = trader.client.data("/api/trade/resume")

    assert [each["account"] for each in left["halts"]] == ["*"]
    assert_refusal(trader.place(), 403, "trading_halted")


@pytest.mark.parametrize("settings", [6.0], indirect=True)
def test_what_never_arrived_is_not_sent_again_while_trading_is_halted(trader):
    price = get_price()
    trader.inject("cut_before", times=None)
    trader.place("lost", limit_price=price)
    trader.simulator.clear_faults()
    halt(trader.client)
    wait_until(lambda: trader.count(State.ABSENT), 15)
    response = trader.place("lost", limit_price=price)

    assert response.status_code == 202
    assert trader.held(price) == []


def test_what_was_read_half_a_second_ago_is_read_again(gateway):
    halts = Halts(gateway.storage)
    watch = HaltWatch(halts)
    watch.note(FIRST, OPEN, get_elapsed() - FRESH_SECONDS)
    halts.halt(FIRST, Mode.HALTED, "Stop.", "me")

    with pytest.raises(TradingHalted):
        watch(FIRST, False)


def test_where_nothing_can_be_read_nothing_is_sent(gateway):
    watch = HaltWatch(Halts(gateway.storage))
    watch.note(FIRST, OPEN, get_elapsed() - FRESH_SECONDS)
    with gateway.storage.writing() as connection:
        connection.execute(text("DROP TABLE tiger_rest_halts"))

    with pytest.raises(StorageUnavailable):
        watch(FIRST, False)


def test_the_commands_halt_list_and_resume(trader):
    runner = trader.app.test_cli_runner()
    halted = runner.invoke(args=["halt", "--account", FIRST, "--reason", "By hand."])
    listed = runner.invoke(args=["halts"])
    refused = trader.place()
    resumed = runner.invoke(args=["resume", "--account", FIRST])

    assert halted.output == f"account {FIRST}: halted\n"
    assert listed.output == f"{FIRST}\thalted\tcommand line\tBy hand.\n"
    assert_refusal(refused, 403, "trading_halted")
    assert resumed.output == f"account {FIRST}: open\n"


def test_a_halt_between_the_row_and_the_wire_is_seen(trader):
    price = get_price()
    # Tiger takes no more orders for the moment: it is sent again a second later.
    trader.inject("code", code=1200, message="error(too_many_requests:error.requestRateExceedLimit)")
    with ThreadPoolExecutor(1) as pool:
        placed = pool.submit(trader.place, "waiting", limit_price=price)
        wait_until(lambda: trader.simulator.calls("place_order"), 10)
        halt(trader.client)

    assert_refusal(placed.result(), 403, "trading_halted")
    assert trader.held(price) == []


def test_an_older_reading_does_not_hide_a_halt(gateway):
    watch, now = HaltWatch(Halts(gateway.storage)), get_elapsed()
    watch.note(FIRST, Standing(Mode.HALTED, 1), now)
    watch.note(FIRST, OPEN, now - 0.1)

    with pytest.raises(TradingHalted):
        watch(FIRST, False)


def test_whatever_changes_an_order_is_asked_about_and_only_cancellations_are_not():
    changing = {name for name, method in METHODS.items() if method.changes and method.names_account}

    assert {name for name, method in METHODS.items() if method.trades} == changing - {CANCEL_ORDER}


def test_halts_and_refusals_are_counted_and_logged(trader, caplog):
    halt(trader.client)
    trader.place()
    told = scrape(trader.app)

    assert told.value("tiger_rest_halts_in_force", mode="halted") == 1
    assert told.value("tiger_rest_guarded_commands_total", code="trading_halted") == 1
    assert "is halted by Full Access Client: The model is mad." in caplog.text
    assert f"to place of Full Access Client for account {FIRST} was refused: trading_halted" in caplog.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("place-order", {"stop_loss": {"stop_price": 1}}),
        ("place-oca-order", {}),
    ],
)
def test_reduce_only_lets_no_group_of_orders_pass(trader, simulator, path, fields):
    symbol = find_free_symbol(simulator)
    simulator.hold(FIRST, symbol, 10)
    halt(trader.client, "reduce_only")
    body = get_group(path, symbol, **fields)

    assert_refusal(trader.client.post(f"/api/trade/{path}", **body), 403, "trading_halted")
    assert simulator.calls("place_order") == 0


def get_group(path, symbol, **fields):
    order = {"symbol": symbol, "action": "SELL", "quantity": 1, "order_type": "LMT", "limit_price": 900}
    if path == "place-oca-order":
        stop = {"symbol": symbol, "action": "SELL", "quantity": 1, "order_type": "STP", "stop_price": 1}
        return {"orders": [order, stop]}
    return {**order, **fields}


def test_a_program_that_has_used_up_its_limit_can_be_halted_with_the_same_key(settings, simulator):
    app = create_app(dataclasses.replace(settings, limits=LimitSettings(per_key="1/minute")))
    client = Client(app)
    halts = [client.post("/api/trade/halt", mode="halted", reason="Too many.") for _ in range(2)]
    resumed = client.post("/api/trade/resume")
    get_gateway(app).close()

    assert [response.status_code for response in halts] == [200, 200]
    assert_refusal(resumed, 429, "rate_limited")
