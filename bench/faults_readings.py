"""Run the fault campaign under every reading of Tiger that concerns orders: ``make faults-readings``.

Each value of each reading alone, then 20 random combinations; in every other run another program trades on the same
accounts. Each run adds a row to bench/results/faults-readings.md; those that are there, of the same commit, are not run
again. Ends with 1 where any run was bad.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.campaign.campaign import Campaign
from bench.campaign.readings import draw_readings, list_single_readings
from bench.fault_campaign import Result, read_arguments, run_in_own_folder
from tests.support.processes import ROOT

TABLE = ROOT / "bench" / "results" / "faults-readings.md"
COMBINATIONS = 20
HEAD = (
    "readings",
    "database",
    "commit",
    "orders",
    "others",
    "kills",
    "harms",
    "exactly one",
    "refused",
    "wrong",
    "resolved",
    "seconds",
    "verdict",
)


def list_runs(campaign: Campaign) -> Iterator[tuple[str, Campaign]]:
    """Return the name and the plan of every run."""
    named = [(" ".join(f"{name}={value}" for name, value in each.items()), each) for each in list_single_readings()]
    named += [(f"random {seed}", draw_readings(seed)) for seed in range(1, COMBINATIONS + 1)]
    for number, (name, readings) in enumerate(named):
        yield name, replace(campaign, readings=readings, seed=campaign.seed + number, has_other_program=number % 2 == 1)


def get_row(name: str, commit: str, campaign: Campaign, result: Result) -> str:
    """Return the line of the table."""
    verdict = result.verdict
    rows = [*verdict.faults.to_rows(), *result.positions.faults.to_rows()]
    wrong = ", ".join(f"{count} {fault}" for fault, count in rows if count)
    cells = (
        name,
        campaign.database,
        commit,
        verdict.orders,
        verdict.strangers if campaign.has_other_program else "none",
        result.kills,
        sum(result.befell.values()),
        verdict.exactly_one,
        verdict.refused,
        wrong or "nothing",
        "never" if result.resolving.seconds is None else f"{result.resolving.seconds:.0f} s",
        f"{result.seconds:.0f}",
        "good" if result.is_good else "BAD",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def read_rows(table: Path) -> dict[tuple[str, str, str, int], bool]:
    """Return which runs the table holds, by name, database, commit and number of orders, and whether they were good."""
    rows = {}
    for line in table.read_text().splitlines() if table.exists() else ():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(HEAD) and cells[3].isdigit():
            rows[(cells[0], cells[1], cells[2], int(cells[3]))] = cells[-1] == "good"
    return rows


def get_commit() -> str:
    """Return the commit that is checked out, marked where the tree differs from it in more than the table."""
    commit = _git("rev-parse", "--short", "HEAD")
    return commit + ("+" if _git("status", "--porcelain", "--", ".", f":!{TABLE.relative_to(ROOT)}") else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607 - found on the PATH.


def main() -> int:
    """Run what is not in the table yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--only", default="", help="only runs whose name holds this text")
    chosen, campaign = read_arguments(parser)
    commit, rows = get_commit(), read_rows(chosen.table)
    if not chosen.table.exists():
        chosen.table.write_text(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}\n")
    verdicts = []
    for name, each in list_runs(campaign):
        if chosen.only not in name:
            continue
        key = (name, each.database, commit, each.orders)
        if key in rows:
            verdicts.append(rows[key])
            continue
        print(f"--- {name}{' beside another program' if each.has_other_program else ''}", flush=True)
        result = run_in_own_folder(each)
        verdicts.append(result.is_good)
        with chosen.table.open("a") as table:
            table.write(get_row(name, commit, each, result) + "\n")
    print(f"{sum(verdicts)} of {len(verdicts)} runs were good")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
