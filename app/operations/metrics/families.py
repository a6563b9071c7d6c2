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


REQUESTS = Family(
    f"{PREFIX}http_requests",
    "counter",
    "Requests answered, by method, route (a template, never a path) and status.",
    ("method", "route", "status"),
)
REQUEST_SECONDS = Family(
    f"{PREFIX}http_request_duration_seconds",
    "histogram",
    "Time from the request to its answer, calls to Tiger included.",
    ("route",),
)
REQUEST_UPSTREAM_SECONDS = Family(
    f"{PREFIX}http_request_upstream_seconds",
    "counter",
    "Part of the requests' time that was spent waiting for Tiger.",
    ("route",),
)
CALLS = Family(
    f"{PREFIX}upstream_calls",
    "counter",
    "Calls to Tiger, by wire method and outcome: ok, or the code of our error.",
    ("method", "outcome"),
)
CALL_SECONDS = Family(
    f"{PREFIX}upstream_call_duration_seconds",
    "histogram",
    "Time of a call to Tiger, by wire method.",
    ("method",),
)
SENT = Family(
    f"{PREFIX}upstream_requests",
    "counter",
    "Requests that went out to Tiger, by wire method; repeated reads count again, shared ones once.",
    ("method",),
)
LOOKUPS = Family(
    f"{PREFIX}cache_lookups",
    "counter",
    "Reads that may be answered from a cache, by kind and result: hit, miss, or shared (another worker's answer).",
    ("kind", "result"),
)
COALESCED = Family(
    f"{PREFIX}coalesced_reads",
    "counter",
    "Reads that shared a call of another one, by wire method or kind.",
    ("kind",),
)
WAITED_SECONDS = Family(
    f"{PREFIX}budget_wait_seconds",
    "counter",
    "Time that calls waited for their turn within Tiger's rate limits, by wire method.",
    ("method",),
)
REFUSALS = Family(
    f"{PREFIX}upstream_refusals",
    "counter",
    "Calls that we refused ourselves, by wire method and reason: budget, breaker or bulkhead.",
    ("method", "reason"),
)
CIRCUITS = Family(
    f"{PREFIX}circuit_open",
    "gauge",
    "Whether any worker has stopped calling this method of Tiger because it keeps failing.",
    ("credential", "method"),
)
COUNTED = (
    (REQUESTS, REQUEST_SECONDS, REQUEST_UPSTREAM_SECONDS, CALLS, CALL_SECONDS, SENT)
    + (LOOKUPS, COALESCED, WAITED_SECONDS, REFUSALS, CIRCUITS)
)  # fmt: skip
