"""What keeps failing is not asked again and again, and what hangs does not take every thread."""

import threading

import pytest

from app.errors import StorageUnavailable, TigerRateLimited, TigerUnavailable, TooBusy
from app.shared.call_counter import CallCounter
from app.simulator.faults import Fault
from app.storage.engine import Storage
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.breaker import FAILURES, Breaker
from app.tiger.pipeline.bulkhead import Bulkhead
from app.tiger.pipeline.limits import Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import Quota

DOWN = TigerUnavailable("down")


def open_circuit(clock):
    told: list[bool] = []
    breaker = Breaker(told.append, clock=clock.seconds)
    for _ in range(FAILURES):
        breaker.record(DOWN)
    return breaker, told


def test_a_circuit_opens_after_failures_in_a_row_and_says_when_to_come_back(clock):
    breaker, told = open_circuit(clock)

    with pytest.raises(TigerUnavailable) as caught:
        breaker.admit()

    assert 0 < (caught.value.retry_after or 0) <= 1
    assert told == [True]


def test_an_open_circuit_lets_one_call_a_second_through_and_closes_on_its_success(clock):
    breaker, told = open_circuit(clock)
    clock.advance(1)
    breaker.admit()
    with pytest.raises(TigerUnavailable):
        breaker.admit()
    breaker.record(None)
    breaker.admit()

    assert told == [True, False]


def test_a_success_between_failures_keeps_the_circuit_closed(clock):
    breaker = Breaker(clock=clock.seconds)
    for _ in range(FAILURES - 1):
        breaker.record(DOWN)
    breaker.record(None)
    breaker.record(DOWN)

    assert not breaker.is_open


def test_failing_reads_open_no_circuit_of_orders(client, simulator):
    simulator.inject(Fault("http_500", method="kline"))
    for limit in range(1, 9):
        client.post("/api/market/kline", symbol="AAPL", limit=limit)
    refused = client.post("/api/market/kline", symbol="AAPL", limit=50)
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}

    assert (refused.status_code, refused.get_json()["code"]) == (503, "tiger_unavailable")
    assert refused.headers["Retry-After"]
    assert client.post("/api/trade/place-order", **order).status_code == 200


def fill(bulkhead, count, *, is_urgent, until):
    inside = threading.Barrier(count + 1)

    def stay():
        with bulkhead.entered(is_urgent=is_urgent):
            inside.wait(10)
            until.wait(10)

    threads = [threading.Thread(target=stay) for _ in range(count)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    return threads


def test_reads_leave_threads_to_orders_and_both_leave_some_to_health():
    bulkhead, end = Bulkhead(16), threading.Event()
    threads = fill(bulkhead, 12, is_urgent=False, until=end)
    with pytest.raises(TooBusy), bulkhead.entered(is_urgent=False):
        pass
    threads += fill(bulkhead, 3, is_urgent=True, until=end)
    with pytest.raises(TooBusy), bulkhead.entered(is_urgent=True):
        pass
    end.set()
    for thread in threads:
        thread.join(10)

    with bulkhead.entered(is_urgent=False):
        pass


def test_a_read_that_failed_on_its_way_is_repeated_once(client, simulator):
    simulator.inject(Fault("http_500", method="kline", times=1))

    assert client.post("/api/market/kline", symbol="AAPL", limit=7).status_code == 200
    assert simulator.calls("kline") == 2


def test_without_the_counter_reads_stop_and_cancellations_go_out(tmp_path):
    (tmp_path / "no.db").mkdir()
    quota = Quota(CallCounter(Storage(f"sqlite:///{tmp_path}/no.db", tmp_path)), Limits(), Observer())
    deadline = Deadline.after(1)
    for method in ("orders", "cancel_order"):
        quota.release(quota.take("1", "", method, deadline.for_(Purpose.ORDER)))

    refused = (("kline", Purpose.READ), ("orders", Purpose.READ), ("orders", Purpose.LOOKUP))
    for method, purpose in (*refused, ("place_order", Purpose.COMMAND)):
        with pytest.raises(StorageUnavailable):
            quota.take("1", "", method, deadline.for_(purpose))


def test_a_refusal_of_tigers_holds_back_every_further_call(counter: CallCounter):
    quota = Quota(counter, Limits(), Observer())
    quota.pause("1", "", "kline")

    with pytest.raises(TigerRateLimited) as caught:
        quota.take("1", "", "kline", Deadline.after(0.2))

    assert 55 < (caught.value.retry_after or 0) <= 60
