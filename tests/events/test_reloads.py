"""A reload tells streams to come again; they miss nothing by it."""

import signal

from tests.events.hearing import ORDER, hearing
from tests.support.server import find_workers, running_server, wait_until


def test_a_client_comes_back_after_a_reload_and_is_told_what_it_has_missed(tmp_path):
    with running_server(tmp_path, "--workers", "2") as server:
        workers = set(find_workers(server))
        with hearing(server.url) as stream:
            _, snapshot = stream.read()
            server.process.send_signal(signal.SIGHUP)
            last = stream.answer.read()
        wait_until(lambda: workers.isdisjoint(find_workers(server)), 30)
        _, placed = server.call("/api/trade/place-order", ORDER)
        with hearing(server.url, **{"Last-Event-ID": snapshot["id"]}) as stream:
            event = stream.read_until("accepted")

        assert b"retry: " in last.rpartition(b"data: ")[2]
        assert event["data"]["order_id"] == placed["data"]["order_id"]
