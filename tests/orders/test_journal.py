"""The journal: no order without a row, no row changed by two, nothing forgotten that is not resolved."""

import itertools

import pytest
from sqlalchemy import event, select, update

from app.access.permissions import Permission
from app.gateway import get_gateway
from app.orders import purging
from app.orders.doubt import Doubt
from app.orders.journal import Journal, NumberTaken
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import MOVES, OUTCOMES, RESOLVED, ImpossibleMove, State, check_move
from app.orders.times import Timing
from app.orders.transitions import Transitions
from app.storage import Storage
from app.storage.order_tables import order_commands
from app.storage.upgrade import upgrade
from tests.orders.trader import get_order, get_price
from tests.support.client import FIRST, Client, assert_envelope, assert_refusal
from tests.support.databases import failing, prepared_each
from tests.support.server import wait_until

DAY_MS = 86_400_000
TIMING = Timing(1_000, 600)
_numbers = itertools.count(1)


@pytest.fixture
def storage(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    yield storage
    storage.close()


@pytest.fixture
def journal(storage):
    return Journal(storage, claim_ms=DAY_MS)


def command(key=None):
    return NewCommand.cancelling("1", Requester("key", "Key", "request", key), "5")


def open_record(journal, state=State.SENDING, key=None):
    return journal.open(command(key), state, next(_numbers), TIMING).record


def age(storage, milliseconds):
    with storage.writing() as connection:
        connection.execute(update(order_commands).values(created_at=order_commands.c.created_at - milliseconds))


def test_of_two_that_change_a_row_the_second_is_told(journal):
    record = open_record(journal)
    first = journal.move(record, State.UNKNOWN, "in_doubt")
    second = journal.move(record, State.ACCEPTED, "answered")

    assert (first.state, second) == (State.UNKNOWN, None)
    assert journal.read(record.id).revision == 2


def test_a_look_in_vain_leaves_the_row_to_the_worker_that_holds_it(journal):
    record = open_record(journal)
    journal.postpone(record, 5_000)
    looked_at = journal.read(record.id)
    moved = journal.move(record, State.DENIED, "denied")
    journal.postpone(record, 5_000)

    assert (looked_at.revision, looked_at.looks) == (record.revision, 1)
    assert moved is not None
    assert journal.read(record.id).next_look_at is None


def test_an_order_number_is_used_once(journal):
    record = open_record(journal)

    with pytest.raises(NumberTaken):
        journal.open(command(), State.SENDING, record.order_number, TIMING)


def test_a_key_that_is_held_gives_its_command(journal):
    first = journal.open(command("k"), State.SENDING, None, TIMING)
    second = journal.open(command("k"), State.SENDING, None, TIMING)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.record.id == first.record.id


def test_a_key_whose_command_is_not_settled_is_held_for_ever(journal, storage):
    first = open_record(journal, key="k")
    age(storage, 400 * DAY_MS)

    assert journal.open(command("k"), State.SENDING, None, TIMING).record.id == first.id


def test_a_purge_deletes_old_settled_commands_only(journal, storage):
    journal.move(open_record(journal), State.ACCEPTED, "answered")
    open_record(journal)
    age(storage, 400 * DAY_MS)
    journal.move(open_record(journal), State.ACCEPTED, "answered")

    assert journal.purge(365 * DAY_MS) == 1
    assert journal.purge(365 * DAY_MS) == 0


def test_a_purge_deletes_a_few_at_a_time(journal, storage, monkeypatch):
    monkeypatch.setattr(purging, "PURGED_AT_ONCE", 2)
    monkeypatch.setattr(purging, "PURGE_PAUSE_SECONDS", 0)
    for _ in range(5):
        journal.move(open_record(journal), State.ACCEPTED, "answered")
    age(storage, 400 * DAY_MS)
    commits: list[object] = []
    event.listen(storage.engine, "commit", commits.append)

    assert journal.purge(365 * DAY_MS) == 5
    assert len(commits) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_purge_leaves_no_long_log_behind(journal, storage, tmp_path):
    for _ in range(20):
        journal.move(open_record(journal), State.ACCEPTED, "answered")
    age(storage, 400 * DAY_MS)
    with storage.engine.connect():
        # While a connection is open, the log does not go with the last of them.
        journal.purge(365 * DAY_MS)

        assert (tmp_path / "gateway.db-wal").stat().st_size == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_purge_goes_on_while_somebody_reads(journal, storage):
    journal.move(open_record(journal), State.ACCEPTED, "answered")
    age(storage, 400 * DAY_MS)
    with storage.reading() as connection:
        connection.execute(select(order_commands.c.id)).all()
        deleted = journal.purge(365 * DAY_MS)

    assert deleted == 1
    journal.move(open_record(journal), State.ACCEPTED, "answered")


def test_a_purge_never_frees_a_key_before_its_time(journal, storage):
    journal.move(open_record(journal, key="k"), State.ACCEPTED, "answered")
    age(storage, DAY_MS // 2)

    assert journal.purge(1) == 0


@pytest.mark.parametrize("before", list(State))
def test_only_the_moves_of_the_table_are_possible(before):
    impossible = [after for after in State if after not in MOVES[before]]

    for after in impossible:
        with pytest.raises(ImpossibleMove):
            check_move(before, after)
    assert MOVES[before] <= {State.REJECTED} if before in RESOLVED else MOVES[before]


def test_every_state_has_an_outcome():
    assert set(OUTCOMES) == set(State)
    assert set(OUTCOMES.values()) == {"accepted", "rejected", "denied", "unknown", "absent"}


def test_what_was_sent_is_never_called_denied_without_the_wait():
    assert State.DENIED not in MOVES[State.UNKNOWN]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_denies_the_order_before_anything_is_sent(trader, app):
    storage = get_gateway(app).storage
    # It refuses every page beyond those that the file has; the orders below use up what is left in them.
    with prepared_each(storage, lambda driver: driver.execute("PRAGMA max_page_count=1").close()):
        responses = (trader.place(f"full-{turn}", limit_price=get_price()) for turn in range(300))
        placed = list(itertools.takewhile(lambda response: response.status_code == 200, responses))
        sent = trader.simulator.calls("place_order")
        refused = trader.place("refused", limit_price=get_price())

    assert_refusal(refused, 503, "storage_unavailable")
    assert trader.simulator.calls("place_order") == sent == len(placed) < 300


def test_a_database_that_is_down_denies_orders_and_changes_before_anything_is_sent(trader, app):
    order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    trader.simulator.reset_counts()
    with failing(get_gateway(app).storage):
        responses = [trader.place(limit_price=get_price()), trader.modify(order_id, quantity=2)]

    assert [response.status_code for response in responses] == [503] * 2
    assert not trader.simulator.calls("place_order")
    assert not trader.simulator.calls("modify_order")


def test_a_cancellation_goes_out_while_the_database_is_down(trader, app):
    gateway = get_gateway(app)
    client = Client(app, gateway.keys.create("service", [FIRST], [Permission.TRADE]))
    order_id = client.data("/api/trade/place-order", **get_order(limit_price=get_price()))["order_id"]
    trader.simulator.read_as(cancel="at_once")
    with failing(gateway.storage):
        cancelled = client.post("/api/trade/cancel-order", order_id=order_id)
        again = client.post("/api/trade/cancel-order", order_id=order_id)
        stranger = client.with_key("trk_" + "x" * 43).post("/api/trade/cancel-order", order_id=order_id)

    assert_envelope(cancelled, 200, FIRST)
    assert cancelled.get_json()["data"]["order_id"] == order_id
    assert_refusal(again, 422, "order_rejected")
    assert_refusal(stranger, 503, "storage_unavailable")


def test_an_outcome_that_cannot_be_written_is_still_told(trader, app, caplog):
    price = get_price()
    trader.inject("delay_after", seconds=0.3)
    trader.simulator.reset_counts()
    with failing(get_gateway(app).storage, lambda: trader.simulator.calls("place_order") > 0):
        response = trader.place("told", limit_price=price)
    # The database is let alone for a moment.
    wait_until(lambda: trader.client.post("/api/trade/order-status", client_order_id="told").status_code == 200, 15)

    assert response.status_code == 200
    assert "could not be written" in caplog.text
    assert response.get_json()["data"]["order_id"] == str(trader.held(price)[0]["id"])
    assert trader.status(client_order_id="told")["outcome"] == "accepted"


def test_an_outcome_that_the_database_does_not_take_is_still_told(journal):
    order_id = "4" * 25
    transitions = Transitions(journal, Doubt(1))
    result = CommandResult(data={"order_id": order_id}, order_id=order_id)

    assert transitions.conclude(open_record(journal), result, "answered").data == {"order_id": order_id}
