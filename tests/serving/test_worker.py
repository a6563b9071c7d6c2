"""The worker tells the gateway that its end begins, whatever ends it: gunicorn sets ``alive`` in each case."""

from app.server.worker import GatewayWorker


def test_the_end_is_told_however_it_begins() -> None:
    told: list[bool] = []
    worker = GatewayWorker.__new__(GatewayWorker)
    worker.alive = True
    worker.when_ending = lambda: told.append(worker.alive)
    before = list(told)
    worker.alive = False

    assert (before, told) == ([], [False])
