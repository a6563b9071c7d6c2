"""Run the fault campaign under every reading of Tiger that concerns orders: ``make faults-readings``.

Each value of each reading alone, then 20 random combinations; in every other run another program trades on the same
accounts. Each run adds a row to bench/results/faults-readings.md; those that are there, of the same code, are not run
again: the whole takes hours, and may be done in parts. Ends with 1 where any run was bad.
"""

import argparse
import hashlib
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
JUDGED = ("app", "blueprints", "schemas", "wsgi.py", "gunicorn.conf.py", "bench/campaign", "bench/fault_campaign.py")
"""What a run depends on: the gateway, the simulator and the campaign; a row counts until one of them is changed."""
COMBINATIONS = 20
HEAD = (
    "readings",
    "database",
    "code",
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


def get_row(name: str, code: str, campaign: Campaign, result: Result) -> str:
    """Return the line of the table."""
    verdict = result.verdict
    rows = [*verdict.faults.to_rows(), *result.positions.faults.to_rows()]
    wrong = ", ".join(f"{count} {fault}" for fault, count in rows if count)
    cells = (
        name,
        campaign.database,
        code,
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
    """Return which runs the table holds, by name, database, code and number of orders, and whether they were good."""
    rows = {}
    for line in table.read_text().splitlines() if table.exists() else ():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(HEAD) and cells[3].isdigit():
            rows[(cells[0], cells[1], cells[2], int(cells[3]))] = cells[-1] == "good"
    return rows


def get_code() -> str:
    """Return what tells the code that is run from any other, marked where it is not committed."""
    trees = _git("rev-parse", *(f"HEAD:{part}" for part in JUDGED))
    digest = hashlib.sha256(trees.encode()).hexdigest()[:8]
    return f"{digest}+" if _git("status", "--porcelain", "--", *JUDGED) else digest


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607 - found on the PATH.


def main() -> int:
    """Run what is not in the table yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--only", default="", help="only runs whose name holds this text")
    chosen, campaign = read_arguments(parser)
    code, rows = get_code(), read_rows(chosen.table)
    if not chosen.table.exists():
        chosen.table.write_text(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}\n")
    verdicts = []
    for name, each in list_runs(campaign):
        if chosen.only not in name:
            continue
        key = (name, each.database, code, each.orders)
        if key in rows:
            verdicts.append(rows[key])
            continue
        print(f"--- {name}{' beside another program' if each.has_other_program else ''}", flush=True)
        result = run_in_own_folder(each)
        verdicts.append(result.is_good)
        with chosen.table.open("a") as table:
            table.write(get_row(name, code, each, result) + "\n")
    print(f"{sum(verdicts)} of {len(verdicts)} runs were good")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
