"""What is true of the whole gateway at the moment it is asked, told to Prometheus: read, not counted."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.audit.chain import read_head
from app.audit.waiting_rows import count_waiting
from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.gateway import Gateway
from app.operations.metrics.families import PREFIX
from app.risk.halts import ALL_ACCOUNTS, Mode
from app.storage.engine import Storage
from app.tiger.wire.methods import METHODS
from app.tokens.health import Reason
from app.version import __version__

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def fetch_metrics_snapshot(gateway: Gateway) -> Iterator[Metric]:
    """Yield what is known now; what cannot be had is left out, but for whether the database answers."""
    mode = {(__version__, gateway.mode): 1}
    yield _gauges("info", "The release and the mode, simulator or live.", ("version", "mode"), mode)
    yield from _describe_workers(gateway)
    is_up = _answers(gateway.storage)
    yield _gauge("database_up", "Whether the database answers.", is_up)
    for fetch in DATABASE_METRICS if is_up else ():
        # The database may go away meanwhile, and without a simulator nobody knows the demonstration's tokens.
        with contextlib.suppress(StorageUnavailable, ConfigurationError):
            yield from list(fetch(gateway))


def _answers(storage: Storage) -> bool:
    try:
        storage.ping()
    except StorageUnavailable:
        return False
    return True


def _describe_workers(gateway: Gateway) -> Iterator[Metric]:
    processes = gateway.metrics.folder.get_processes() if gateway.metrics.folder else set()
    yield _gauge("workers", "Processes of this machine that serve.", len(processes))
    yield _gauge(
        "resident_memory_bytes",
        "Memory that these processes hold together.",
        sum(map(_get_resident_bytes, processes)),
    )


def _fetch_lead(gateway: Gateway) -> Iterator[Metric]:
    lease = gateway.leadership.fetch_lease()
    yield _gauge(
        "leader",
        "Whether a worker of this machine leads and does the scheduled work; of all machines one does.",
        _is_here(lease.holder, gateway),
    )
    yield _gauge("leadership_term", "Number of the term; it grows with each change of the leader.", lease.term)
    heartbeats = CounterMetricFamily(
        f"{PREFIX}leadership_signs", "Signs of life that the leader has given in this term, on whatever machine."
    )
    heartbeats.add_metric([], lease.beat)
    yield heartbeats


def _is_here(holder: str | None, gateway: Gateway) -> bool:
    host, _, rest = (holder or "").partition(":")
    process = rest.partition(":")[0]
    here = gateway.metrics.folder.get_processes() if gateway.metrics.folder else set()
    return host == socket.gethostname() and process.isdigit() and int(process) in here


def _fetch_tokens(gateway: Gateway) -> Iterator[Metric]:
    tokens = [token for token in gateway.tokens.describe()["credentials"] if token["uses_token"]]
    needed = {(problem.credential, problem.reason) for problem in gateway.tokens.fetch_problems()}
    now_ms = time.time() * 1_000
    for name, doc, member, get_ms in (
        ("age_seconds", "Time since the token in use was obtained.", "obtained_at", lambda at: max(0, now_ms - at)),
        ("expiry_timestamp_seconds", "When the token expires.", "expires_at", float),
        ("refresh_due_timestamp_seconds", "When it is refreshed next.", "next_refresh_at", float),
    ):
        known = {(token["credential"],): get_ms(token[member]) / 1_000 for token in tokens if token[member] is not None}
        yield _gauges(f"token_{name}", doc, ("credential",), known)
    failures = {(token["credential"],): token["failures"] for token in tokens}
    yield _gauges("token_refresh_failures", "Refreshes that failed, in a row.", ("credential",), failures)
    yield _gauges(
        "token_needs_operator",
        "1 where the token is missing, refused by Tiger, lost on its way or expired (download a new "
        "tiger_openapi_token.properties into the folder of the credential), or sealed with another gateway.secret_key.",
        ("credential", "reason"),
        {
            (token["credential"], need.value): (token["credential"], need) in needed
            for token in tokens
            for need in Reason
        },
    )


def _fetch_quote_permissions(gateway: Gateway) -> Iterator[Metric]:
    held = {
        (name,): gateway.quote_permissions[tiger_id].describe_holder()["holder"] == "gateway"
        for tiger_id, name in _get_names(gateway).items()
    }
    doc = "Whether this gateway, and no other device of the user, has the permission for real-time quotes."
    yield _gauges("quote_permission_held", doc, ("credential",), held)


def _fetch_push(gateway: Gateway) -> Iterator[Metric]:
    doc = "1 for how the connection to Tiger's push service stands, which is idle while nobody streams."
    yield _gauges("push_state", doc, ("credential", "state"), gateway.push.fetch_conditions())


def _fetch_journal(gateway: Gateway) -> Iterator[Metric]:
    counts = gateway.journal_stats.fetch()
    yield _gauges(
        "journal_commands",
        "Order commands of the last 24 hours, and older ones with something left to find out.",
        ("kind", "state"),
        {(kind.value, state.value): count for (kind, state), count in counts.commands.items()},
    )
    since = counts.unresolved_since
    yield _gauge(
        "journal_unsettled_age_seconds",
        "Age of the oldest order command that is not settled; 0 where all are.",
        0.0 if since is None else max(0.0, time.time() - since / 1_000),
    )


def _fetch_audit(gateway: Gateway) -> Iterator[Metric]:
    with gateway.storage.reading() as connection:
        head, (count, oldest) = read_head(connection), count_waiting(connection)
    yield _gauge(
        "audit_linked_rows", "Rows of the audit trail that are linked into its chain.", head.position if head else 0
    )
    yield _gauge("audit_waiting_rows", "Rows of the audit trail that are not linked yet.", count)
    yield _gauge(
        "audit_lag_seconds",
        "Age of the oldest row of the audit trail that is not linked yet; 0 where all are.",
        0.0 if oldest is None else max(0.0, time.time() - oldest / 1_000),
    )


def _fetch_halts(gateway: Gateway) -> Iterator[Metric]:
    in_force = [halt["mode"] for halt in gateway.halting.list(ALL_ACCOUNTS)["halts"]]
    modes = (Mode.HALTED, Mode.REDUCE_ONLY)
    yield _gauges(
        "halts_in_force",
        "Halts of trading that are in force, of an account or of all, by mode: halted or reduce_only.",
        ("mode",),
        {(mode.value,): in_force.count(mode.value) for mode in modes},
    )


def _fetch_budget(gateway: Gateway) -> Iterator[Metric]:
    limits, counts = gateway.tiger.pipeline.limits, gateway.call_counter.fetch_counts()
    left, allowed = {}, {}
    for tiger_id, name in _get_names(gateway).items():
        for method in METHODS:
            if limit := limits.get(method, tiger_id):
                left[name, method] = max(0, limit.calls - counts.get((tiger_id, method), 0))
                allowed[name, method] = limit.calls
    labels = ("credential", "method")
    yield _gauges("budget_calls_left", "Calls that Tiger still allows within the minute, by wire method.", labels, left)
    yield _gauges("budget_calls_limit", "Calls that Tiger allows within a minute, by wire method.", labels, allowed)


def _get_names(gateway: Gateway) -> dict[str, str]:
    """Return tiger_id to the name of the first credential that has it."""
    return {credential.tiger_id: credential.name for credential in reversed(gateway.credentials)}


def _gauge(name: str, doc: str, value: float) -> Metric:
    return _gauges(name, doc, (), {(): value})


def _gauges(name: str, doc: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    """Return a metric with its value for each tuple of labels."""
    family = GaugeMetricFamily(f"{PREFIX}{name}", doc, labels=labels)
    for of, value in values.items():
        family.add_metric(of, float(value))
    return family


def _get_resident_bytes(process: int) -> int:
    """Return what a process holds, or 0 where the system does not tell (Linux does)."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


DATABASE_METRICS = (
    (_fetch_lead, _fetch_tokens, _fetch_quote_permissions, _fetch_push)
    + (_fetch_journal, _fetch_halts, _fetch_audit, _fetch_budget)
)  # fmt: skip
