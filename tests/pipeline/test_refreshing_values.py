"""A list that changes slowly is fetched again, whatever went wrong the last time."""

import threading

import pytest

from app.tiger.deadline import Deadline
from app.tiger.pipeline.refreshing_value import RefreshingValue
from tests.support.server import wait_until


def test_where_no_thread_can_be_had_whoever_asks_next_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    value: RefreshingValue[int] = RefreshingValue(refresh_seconds=0.0)
    fetched = iter(range(100))

    def ask() -> int:
        return value.value(lambda _deadline: next(fetched), Deadline.after(5))

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    first = ask()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        second = ask()

    assert (first, second) == (0, 0)
    wait_until(lambda: ask() > 0, 10)
