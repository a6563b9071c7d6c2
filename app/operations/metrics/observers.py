"""Count what the pipeline and the push client report."""

from app.operations.metrics.counters import Metrics
from app.push.observer import Observer as PushObserver
from app.tiger.pipeline.observer import Observer
from app.tiger.waited import add_waited_seconds


def observe_calls(metrics: Metrics) -> Observer:
    """Return what counts the calls to Tiger, and notes how long the request that waits for one was busy with it."""
    return Observer(
        called=metrics.count_call,
        occupied=add_waited_seconds,
        sent=metrics.count_sent,
        cached=metrics.count_lookup,
        coalesced=metrics.count_coalesced,
        waited=metrics.count_wait,
        refused=metrics.count_refusal,
        breaker=metrics.set_circuit,
    )


def observe_push(metrics: Metrics) -> PushObserver:
    """Return what counts the connections to Tiger's push service, and what comes over them."""
    return PushObserver(
        received=metrics.count_pushed,
        ended=metrics.count_push_end,
        gap=metrics.count_push_gap,
        subscribed=metrics.set_push_subscriptions,
    )
