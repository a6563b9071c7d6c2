"""What is true of the whole gateway at the moment it is asked, told to Prometheus: read, not counted."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.gateway import Gateway
from app.operations.metrics.families import PREFIX
from app.storage.engine import Storage
from app.tiger.wire.methods import METHODS
from app.tokens.health import Need
from app.version import __version__

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def fetch_metrics_snapshot(gateway: Gateway) -> Iterator[Metric]:
    """Yield what is known now; what cannot be had is left out, but for whether the database answers."""
    yield _gauge("info", "The release and the mode, simulator or live.", {"version": __version__, "mode": gateway.mode})
    yield from _describe_workers(gateway)
    is_up = _answers(gateway.storage)
    yield _gauge("database_up", "Whether the database answers.", value=is_up)
    for fetch in (_fetch_lead, _fetch_tokens, _fetch_quote_permissions, _fetch_journal, _fetch_budget) if is_up else ():
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
    yield _gauge("workers", "Processes of this machine that serve.", value=len(processes))
    yield _gauge(
        "resident_memory_bytes",
        "Memory that these processes hold together.",
        value=sum(map(_get_resident_bytes, processes)),
    )


def _fetch_lead(gateway: Gateway) -> Iterator[Metric]:
    lease = gateway.leadership.fetch_lease()
    yield _gauge(
        "leader",
        "Whether a worker of this machine leads and does the scheduled work; of all machines one does.",
        value=_is_here(lease.holder, gateway),
    )
    yield _gauge("leadership_term", "Number of the term; it grows with each change of the leader.", value=lease.term)
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
    names = ("credential",)
    age = GaugeMetricFamily(f"{PREFIX}token_age_seconds", "Time since the token in use was obtained.", labels=names)
    expiry = GaugeMetricFamily(f"{PREFIX}token_expiry_timestamp_seconds", "When the token expires.", labels=names)
    due = GaugeMetricFamily(f"{PREFIX}token_refresh_due_timestamp_seconds", "When it is refreshed next.", labels=names)
    failures = GaugeMetricFamily(f"{PREFIX}token_refresh_failures", "Refreshes that failed, in a row.", labels=names)
    needs = GaugeMetricFamily(
        f"{PREFIX}token_needs_operator",
        "1 where the token is missing, refused by Tiger, lost on its way or expired (download a new "
        "tiger_openapi_token.properties into the folder of the credential), or sealed with another gateway.secret_key.",
        labels=("credential", "reason"),
    )
    needed = {(problem.credential, problem.need) for problem in gateway.tokens.fetch_problems()}
    for token in gateway.tokens.describe()["credentials"]:
        if token["uses_token"]:
            label = [token["credential"]]
            for need in Need:
                needs.add_metric([*label, need.value], (token["credential"], need) in needed)
            failures.add_metric(label, token["failures"])
            if token["obtained_at"] is not None:
                age.add_metric(label, max(0.0, time.time() - token["obtained_at"] / 1_000))
            if token["expires_at"] is not None:
                expiry.add_metric(label, token["expires_at"] / 1_000)
            if token["next_refresh_at"] is not None:
                due.add_metric(label, token["next_refresh_at"] / 1_000)
    yield from (age, expiry, due, failures, needs)


def _fetch_quote_permissions(gateway: Gateway) -> Iterator[Metric]:
    names = {credential.tiger_id: credential.name for credential in reversed(gateway.credentials)}
    held = GaugeMetricFamily(
        f"{PREFIX}quote_permission_held",
        "Whether this gateway, and no other device of the user, has the permission for real-time quotes.",
        labels=("credential",),
    )
    for tiger_id, name in names.items():
        held.add_metric([name], gateway.quote_permissions[tiger_id].describe_holder()["holder"] == "gateway")
    yield held


def _fetch_journal(gateway: Gateway) -> Iterator[Metric]:
    counts = gateway.journal_stats.fetch()
    commands = GaugeMetricFamily(
        f"{PREFIX}journal_commands",
        "Order commands of the last 24 hours, and older ones with something left to find out.",
        labels=("kind", "state"),
    )
    for (kind, state), count in counts.commands.items():
        commands.add_metric([kind.value, state.value], count)
    yield commands
    since = counts.unresolved_since
    yield _gauge(
        "journal_unsettled_age_seconds",
        "Age of the oldest order command that is not settled; 0 where all are.",
        value=0.0 if since is None else max(0.0, time.time() - since / 1_000),
    )


def _fetch_budget(gateway: Gateway) -> Iterator[Metric]:
    names = {credential.tiger_id: credential.name for credential in reversed(gateway.credentials)}
    limits = gateway.tiger.pipeline.limits
    counts = gateway.call_counter.fetch_counts()
    labels = ("credential", "method")
    left = GaugeMetricFamily(
        f"{PREFIX}budget_calls_left", "Calls that Tiger still allows within the minute, by wire method.", labels=labels
    )
    allowed = GaugeMetricFamily(
        f"{PREFIX}budget_calls_limit", "Calls that Tiger allows within a minute, by wire method.", labels=labels
    )
    for tiger_id, name in names.items():
        for method in METHODS:
            if limit := limits.get(method, tiger_id):
                left.add_metric([name, method], max(0, limit.calls - counts.get((tiger_id, method), 0)))
                allowed.add_metric([name, method], limit.calls)
    yield from (left, allowed)


def _gauge(name: str, doc: str, labels: dict[str, str] | None = None, value: float = 1) -> Metric:
    labels = labels or {}
    gauge = GaugeMetricFamily(f"{PREFIX}{name}", doc, labels=list(labels))
    gauge.add_metric(list(labels.values()), float(value))
    return gauge


def _get_resident_bytes(process: int) -> int:
    """Return what a process holds, or 0 where the system does not tell (Linux does)."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0
