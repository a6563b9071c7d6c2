"""Run the long forms of the trials of the token refresh and print a table: ``make refresh-campaign``.

With TIGER_REST_TEST_DATABASE_URL in the environment the trials of several machines run on that PostgreSQL server.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.preloaded import Machine
from bench.refreshing.clocks import ON_THE_WIRE_SECONDS, jump_clock, jump_clock_on_the_wire
from bench.refreshing.killing import kill_everybody, lose_a_token
from bench.refreshing.trials import (
    FAULTS,
    Counts,
    disturb_leaders,
    fail_one,
    refresh_together,
    refresh_under_load,
    silencing_database,
    watch_schedule,
)
from bench.refreshing.world import running_world
from bench.refreshing.writers import kill_writers

TAKEOVER_SECONDS = 10.0
INTERVAL = 2.0
MOST_LATE_SECONDS = 0.5
WORKERS = 4
SET_CLOCKS = 4


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    trial: str
    seen: str
    is_good: bool


def is_regular(counts: Counts) -> bool:
    """Tell whether each interval saw exactly one refresh of each tiger_id."""
    return counts.shortest_gap >= INTERVAL and counts.longest_gap <= INTERVAL + MOST_LATE_SECONDS


def describe(counts: Counts) -> str:
    """Return counts and gaps as words."""
    each = " and ".join(map(str, counts.refreshes))
    return f"{each} refreshes, {counts.shortest_gap:.2f} to {counts.longest_gap:.2f} s apart"


def try_schedule(folder: Path, database: str, instances: int, workers: int, seconds: float) -> Iterator[Row]:
    """Count refreshes over time."""
    name = f"{instances} × {workers} workers, {database}, interval {INTERVAL:g} s, {seconds:g} s"
    with running_world(folder, instances=instances, workers=workers, database=database) as world:
        counts = watch_schedule(world, seconds)
        yield Row(name, describe(counts), is_regular(counts))
        yield report_leaks(name, world.find_tokens_in_clear())


def report_leaks(trial: str, leaks: list[str]) -> Row:
    """Return the line about tokens in clear."""
    return Row(f"{trial}: tokens in clear in logs and database", ", ".join(leaks) or "none", not leaks)


def try_takeover(
    folder: Path, database: str, instances: int, workers: int, kills: int, freezes: int, seed: int
) -> Iterator[Row]:
    """Kill and freeze leaders."""
    name = f"{instances} × {workers} workers, {database}"
    with running_world(folder, instances=instances, workers=workers, database=database) as world:
        result = disturb_leaders(world, kills, freezes, seed)
        for what, seconds in (("killed", result.killed_seconds), ("frozen", result.frozen_seconds)):
            seen = f"takeover {min(seconds):.1f} to {max(seconds):.1f} s, median {statistics.median(seconds):.1f} s"
            yield Row(f"{name}: leader {what} {len(seconds)} times", seen, max(seconds) <= TAKEOVER_SECONDS)
        assert result.counts is not None  # noqa: S101 - for the type checker.
        is_apart = result.counts.shortest_gap >= INTERVAL
        yield Row(f"{name}: refreshes meanwhile", describe(result.counts), is_apart)
        yield report_leaks(name, world.find_tokens_in_clear())


def try_load(
    folder: Path, database: str, instances: int, workers: int, refreshes: int, *, is_silenced: bool = False
) -> Iterator[Row]:
    """Replace tokens under load, and while the database keeps falling silent."""
    name = f"{instances} × {workers} workers, {database}: {refreshes} refreshes, old token ends at once, 8 clients"
    name += ", the database silent for 0.8 s of each 2" if is_silenced else ""
    with running_world(
        folder,
        instances=instances,
        workers=workers,
        database=database,
        interval_seconds=3_600,
        ends_old_token=True,
        settings={"token_refresh__join_seconds": 0},
    ) as world:
        with silencing_database(world) if is_silenced else contextlib.nullcontext():
            load = refresh_under_load(world, 8, refreshes)
        seen = (
            f"{load.reads} reads, {load.calls} calls for them, {len(load.errors)} errors; {load.refreshes} refreshes, "
        )
        seen += f"{len(load.refresh_errors)} failed"
        seen += "".join(f"; {error}" for error in sorted({*load.errors, *load.refresh_errors}))
        is_good = (
            not load.errors and not load.refresh_errors and load.refreshes >= refreshes and load.calls >= load.reads
        )
        yield Row(name, seen, is_good)
        yield report_leaks(name, world.find_tokens_in_clear())


def try_together(folder: Path, database: str, instances: int, workers: int) -> Iterator[Row]:
    """Refresh by hand from many clients at once."""
    with running_world(
        folder,
        instances=instances,
        workers=workers,
        database=database,
        interval_seconds=3_600,
        settings={"token_refresh__initial_delay_seconds": 3_600},
    ) as world:
        result = refresh_together(world, 10)
        seen = f"{result.calls} on the wire, {result.answers} answers, {result.different_answers} different, "
        seen += f"{result.failures} failed"
        is_good = (result.calls, result.different_answers, result.failures) == (1, 1, 0)
        yield Row(f"{instances} × {workers} workers, {database}: ten refreshes by hand at once", seen, is_good)


def try_failures(folder: Path, seconds: float) -> Iterator[Row]:
    """Let one credential fail in every way."""
    for kind in FAULTS:
        settings = {
            "token_refresh__retry_first_seconds": 1,
            "token_refresh__retry_longest_seconds": 2,
            "token_refresh__call_seconds": 2,
        }
        with running_world(folder / kind.replace(" ", "-"), settings=settings) as world:
            result = fail_one(world, kind, seconds)
            seen = f"other on time (longest gap {result.other_longest_gap:.2f} s), tries {result.pauses} s apart, "
            seen += f"{result.readiness} while it fails, {result.status_after} after: {result.warning[:80]}"
            is_good = (
                result.other_longest_gap <= INTERVAL + MOST_LATE_SECONDS
                and result.readiness != "ready"
                and result.status_after == "ready"
            )
            yield Row(f"one credential fails: {kind}", seen, is_good)
            yield report_leaks(kind, world.find_tokens_in_clear())


def try_loss(folder: Path) -> Iterator[Row]:
    """Lose a token at the one moment when it can be lost."""
    settings = {"token_refresh__retry_first_seconds": 1, "token_refresh__retry_longest_seconds": 2}
    with running_world(folder, ends_old_token=True, settings=settings) as world:
        loss = lose_a_token(world)
        seen = f"told after {loss.seconds_until_told:.1f} s ({loss.status}, readiness {loss.readiness_status}, "
        seen += f"{'in' if loss.is_logged else 'NOT in'} the log), ready {loss.seconds_until_recovered:.1f} s after "
        seen += f"the mend: {loss.reason}; metrics: {', '.join(loss.needs) or 'NOTHING'}"
        is_told = loss.is_logged and len(loss.needs) == 1 and not loss.needs_afterwards
        is_good = is_told and (loss.status, loss.readiness_status, loss.recovered_read) == ("lost", 503, 200)
        yield Row("killed between Tiger's answer and the first durable write", seen, is_good)
        yield report_leaks("the lost token", world.find_tokens_in_clear())


def try_killed(folder: Path, database: str, instances: int, workers: int, call_seconds: float) -> Iterator[Row]:
    """Kill every process while a refresh is on the wire, and those that come after them."""
    settings = {"token_refresh__retry_first_seconds": 1, "token_refresh__call_seconds": call_seconds}
    name = f"{instances} × {workers} workers, {database}, call_seconds {call_seconds:g}: all killed until it ends"
    with running_world(
        folder, instances=instances, workers=workers, database=database, interval_seconds=5, settings=settings
    ) as world:
        result = kill_everybody(world, 3.0, call_seconds + 4 * TAKEOVER_SECONDS)
        seen = f"killed {result.kills} times, told after {result.seconds_until_told:.1f} s, given up after "
        seen += f"{result.seconds_until_ended:.1f} s, refreshed again {result.seconds_until_next:.1f} s after the first"
        is_timely = 0 < result.seconds_until_ended <= call_seconds + TAKEOVER_SECONDS
        is_told = 0 < result.seconds_until_told <= TAKEOVER_SECONDS and result.is_logged
        yield Row(name, seen, is_timely and is_told and result.seconds_until_next > call_seconds)
        yield report_leaks(name, world.find_tokens_in_clear())


def try_clock(folder: Path, seconds: float) -> Iterator[Row]:
    """Set the clock by an hour, both ways, with the leader staying and with a new one."""
    machine = Machine.build(folder)
    with running_world(folder, environment=machine.variables) as world:
        for name, counts, most_late in jump_clock(world, machine, seconds):
            is_good = counts.shortest_gap >= INTERVAL and counts.longest_gap <= INTERVAL + most_late
            yield Row(f"clock {name}", describe(counts), is_good)
        for name, counts, given_up in jump_clock_on_the_wire(world, machine):
            longest = ON_THE_WIRE_SECONDS + INTERVAL + MOST_LATE_SECONDS
            is_good = counts.shortest_gap >= INTERVAL and counts.longest_gap <= longest and given_up == 0
            yield Row(f"clock {name}", f"{describe(counts)}, {given_up} given up", is_good)
        noticed = world.read_log().count("The clock was set by")
        # Without this line the trial could pass with a library that moves nothing.
        yield Row("clock: jumps that workers noticed", str(noticed), noticed >= SET_CLOCKS * WORKERS)


def try_writers(folder: Path, kills: int, seed: int) -> Iterator[Row]:
    """Kill writers of the token file."""
    result = kill_writers(folder, kills, seed)
    seen = f"{result.whole} whole, {result.backwards} went back, {result.read_by_sdk} read by the SDK, "
    seen += f"{result.written} written, {result.left_overs} drafts left, mode {result.mode}"
    is_good = (
        result.whole == result.read_by_sdk == kills
        and result.backwards == 0
        and result.mode == "0o600"
        and result.left_overs <= 1
    )
    yield Row(f"writer killed {kills} times", seen, is_good)


def main() -> int:
    """Run the campaign and return 0 if every line is good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20251029)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the trials of the schedule")
    parser.add_argument("--only", help="run only the trials whose function has this in its name")
    chosen = parser.parse_args()
    has_server = bool(os.environ.get("TIGER_REST_TEST_DATABASE_URL"))
    several = "postgresql" if has_server else "sqlite"
    seed, seconds = chosen.seed, chosen.seconds
    trials: list[tuple[str, Callable[[Path], Iterator[Row]]]] = [
        ("schedule", lambda folder: try_schedule(folder, "sqlite", 1, 4, seconds)),
        ("schedule", lambda folder: try_schedule(folder, several, 2, 2, seconds)),
        ("takeover", lambda folder: try_takeover(folder, several, 2, 2, 10, 5, seed)),
        ("takeover", lambda folder: try_takeover(folder, "sqlite", 1, 4, 10, 5, seed)),
        ("load", lambda folder: try_load(folder, "sqlite", 1, 4, 100)),
        ("load", lambda folder: try_load(folder, several, 2, 2, 100)),
        *([("load", lambda folder: try_load(folder, several, 2, 2, 100, is_silenced=True))] if has_server else []),
        ("together", lambda folder: try_together(folder, "sqlite", 1, 4)),
        ("together", lambda folder: try_together(folder, several, 2, 2)),
        ("failures", lambda folder: try_failures(folder, 20.0)),
        ("loss", try_loss),
        ("killed", lambda folder: try_killed(folder, "sqlite", 1, 2, 20)),
        ("killed", lambda folder: try_killed(folder, several, 2, 2, 8)),
        ("clock", lambda folder: try_clock(folder, 12.0)),
        ("writers", lambda folder: try_writers(folder, 200, seed)),
    ]
    rows: list[Row] = []
    started = time.monotonic()
    for name, trial in trials:
        if chosen.only and chosen.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="refresh-") as folder:
            for row in trial(Path(folder)):
                rows.append(row)
                verdict = "ok " if row.is_good else "BAD"
                print(f"{time.monotonic() - started:6.0f} s  {verdict} {row.trial}: {row.seen}", flush=True)
    print_table(rows)
    return 0 if all(row.is_good for row in rows) else 1


def print_table(rows: list[Row]) -> None:
    """Print what was seen as a Markdown table; the lines about leaks are summed up where there are none."""
    print("\n| trial | seen | |\n|---|---|---|")
    for row in rows:
        if row.is_good and row.trial.endswith("logs and database"):
            continue
        print(f"| {row.trial} | {row.seen} | {'ok' if row.is_good else 'BAD'} |")
    clean = sum(row.is_good for row in rows if row.trial.endswith("logs and database"))
    print(f"| tokens in clear in logs and database rows | none, in {clean} trials | {'ok' if clean else ''} |")


if __name__ == "__main__":
    sys.exit(main())
