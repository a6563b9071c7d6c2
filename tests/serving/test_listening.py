"""How many files may be open, and what the system does with connections once the end has begun."""

import contextlib
import os
import resource
import socket
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from app.server.listening import Handover, let_nobody_in, raise_open_files


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(2)
        yield listening


def make_server(listener: socket.socket, **changes: Any) -> SimpleNamespace:
    """Return what is looked at of gunicorn's master."""
    told = {"pid": os.getpid(), "reexec_pid": 0, "master_pid": 0, "systemd": False, **changes}
    listeners = [SimpleNamespace(sock=listener)]
    return SimpleNamespace(LISTENERS=listeners, cfg=SimpleNamespace(address=[listener.getsockname()]), **told)


def is_let_in(listener: socket.socket) -> bool:
    with contextlib.suppress(TimeoutError), socket.create_connection(listener.getsockname(), 0.3):
        return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="the packet filter is Linux's")
def test_who_was_let_in_before_the_end_is_served_and_nobody_is_after(listener):
    early = socket.create_connection(listener.getsockname(), 2)
    let_nobody_in(make_server(listener))
    was_let_in = is_let_in(listener)
    accepted, _ = listener.accept()
    early.sendall(b"asked")
    asked = accepted.recv(10)
    accepted.sendall(b"answered")

    assert (was_let_in, asked, early.recv(10)) == (False, b"asked", b"answered")
    accepted.close()
    early.close()


@pytest.mark.parametrize("change", [{"pid": 1}, {"reexec_pid": 7}, {"master_pid": 7}, {"systemd": True}], ids=repr)
def test_a_socket_with_which_another_process_goes_on_is_left_as_it_is(listener, change):
    let_nobody_in(make_server(listener, **change))

    assert is_let_in(listener)


def test_old_workers_are_awaited_until_one_that_the_reload_started_is_ready():
    handover = Handover()
    before = handover.is_awaited(2)
    handover.begin(2)
    begun = (handover.is_awaited(1), handover.is_awaited(2), handover.is_awaited(3))
    handover.report_ready(2)
    old_ready = handover.is_awaited(2)
    handover.report_ready(3)

    assert (before, begun, old_ready, handover.is_awaited(2)) == (False, (True, True, False), True, False)


def test_a_worker_may_have_fewer_connections_than_it_may_open_files():
    assert 0 < raise_open_files() < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
