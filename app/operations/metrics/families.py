"""The table of what each process counts. Labels come from routes, wire methods and our own words: not from clients."""

from dataclasses import dataclass
from typing import Literal

PREFIX = "tiger_rest_"
# In seconds, from what a cache answers to where every deadline has passed.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric of Prometheus; a counter's samples end in ``_total``, which its name here leaves out."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    doc: str
    labels: tuple[str, ...]


def _counter(name: str, doc: str, *labels: str) -> Family:
    return Family(f"{PREFIX}{name}", "counter", doc, labels)


def _histogram(name: str, doc: str, *labels: str) -> Family:
    return Family(f"{PREFIX}{name}", "histogram", doc, labels)


REQUESTS = _counter(
    "http_requests",
    "Requests answered, by method, route (a template, never a path) and status.",
    *("method", "route", "status"),
)
REQUEST_SECONDS = _histogram(
    "http_request_duration_seconds", "Time from the request to its answer, calls to Tiger included.", "route"
)
REQUEST_UPSTREAM_SECONDS = _counter(
    "http_request_upstream_seconds", "Part of the requests' time that was spent waiting for Tiger.", "route"
)
CALLS = _counter(
    "upstream_calls", "Calls to Tiger, by wire method and outcome: ok, or the code of our error.", "method", "outcome"
)
CALL_SECONDS = _histogram("upstream_call_duration_seconds", "Time of a call to Tiger, by wire method.", "method")
SENT = _counter(
    "upstream_requests",
    "Requests that went out to Tiger, by wire method; repeated reads count again, shared ones once.",
    "method",
)
LOOKUPS = _counter(
    "cache_lookups",
    "Reads that may be answered from a cache, by kind and result: hit, miss, or shared (another worker's answer).",
    *("kind", "result"),
)
COALESCED = _counter("coalesced_reads", "Reads that shared a call of another one, by wire method or kind.", "kind")
WAITED_SECONDS = _counter(
    "budget_wait_seconds", "Time that calls waited for their turn within Tiger's rate limits, by wire method.", "method"
)
REFUSALS = _counter(
    "upstream_refusals",
    "Calls that we refused ourselves, by wire method and reason: budget, breaker or bulkhead.",
    *("method", "reason"),
)
GUARDED = _counter(
    "guarded_commands", "Order commands refused by a halt or for want of a confirmation, by our error's code.", "code"
)
LIMIT_REFUSALS = _counter(
    "limit_refusals", "Orders that a limit did not let pass, by limit and whose it is: account or key.", "limit", "of"
)
AUDIT_ROWS = _counter("audit_rows", "Rows written to the audit trail, by event.", "event")
AUDIT_FAULTS = _counter(
    "audit_faults",
    "What was found wrong with the audit trail while it was linked, by kind: changed, missing, rewritten, or head.",
    "kind",
)
TOOL_CALLS = _counter(
    "tool_calls",
    "Calls of tools by agents, by tool and outcome: ok, unknown, or the code of our error.",
    *("tool", "outcome"),
)
CIRCUITS = Family(
    f"{PREFIX}circuit_open",
    "gauge",
    "Whether any worker has stopped calling this method of Tiger because it keeps failing.",
    ("credential", "method"),
)
STREAMS = Family(
    f"{PREFIX}streams_open",
    "gauge",
    "Streams open at all workers, by kind: quotes, events, or polls that wait for events.",
    ("kind",),
)
PUSHED = _counter("push_events", "Events that Tiger pushed, by kind.", "kind")
PUSH_LAG_SECONDS = _histogram(
    "push_lag_seconds", "Time from the moment that a pushed event bears to its arrival, by kind.", "kind"
)
PUSH_ENDS = _counter(
    "push_ends", "Connections to Tiger's push service that ended unasked, by reason: lost, refused or kicked.", "reason"
)
PUSH_GAPS = _counter(
    "push_gaps", "Times that something pushed may have been missed: connected, overflow or unreadable.", "reason"
)
PUSH_SUBSCRIPTIONS = Family(
    f"{PREFIX}push_subscriptions", "gauge", "What is subscribed for at Tiger, by kind.", ("credential", "kind")
)
EVENTS = _counter(
    "account_events",
    "Events of accounts that were brought to clients of a worker, by topic and by how the gateway learnt them.",
    *("topic", "source"),
)
EVENT_SECONDS = _histogram(
    "account_event_lag_seconds", "Time from the writing of an event to the streams of a worker.", "topic"
)
EVENT_GAPS = _counter("account_event_gaps", "Clients that were told of events that are not there any more.")
QUOTE_LAG_SECONDS = _histogram(
    "stream_quote_lag_seconds", "Time from when Tiger's word about a price came to when a worker tells its streams."
)
STREAM_ENDS = _counter(
    "streams_ended",
    "Streams that are over, by kind and why: closed, or lagging (the client did not keep up).",
    *("kind", "reason"),
)
COUNTED = (
    (REQUESTS, REQUEST_SECONDS, REQUEST_UPSTREAM_SECONDS, CALLS, CALL_SECONDS, SENT)
    + (LOOKUPS, COALESCED, WAITED_SECONDS, REFUSALS, GUARDED, LIMIT_REFUSALS, CIRCUITS)
    + (EVENTS, EVENT_SECONDS, EVENT_GAPS, AUDIT_ROWS, AUDIT_FAULTS)
    + (TOOL_CALLS,)
    + (PUSHED, PUSH_LAG_SECONDS, PUSH_ENDS, PUSH_GAPS, PUSH_SUBSCRIPTIONS)
    + (STREAMS, STREAM_ENDS, QUOTE_LAG_SECONDS)
)  # fmt: skip
