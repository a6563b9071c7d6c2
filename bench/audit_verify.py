"""Measure the audit trail: ``python -m bench.audit_verify``.

How fast rows are written, linked, verified, exported, and verified from the export with the public key alone. Each is
done several times and the best counts: what else the machine does meanwhile makes it slower, never faster. Ends with 1
where fewer than ``LEAST`` rows a second are verified.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.audit.audit import Audit, open_audit
from app.audit.audit_reader import AuditReader
from app.audit.examination import verify, verify_file
from app.audit.export import write_export
from app.settings import Settings
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from bench.campaign.databases import empty_database

LEAST: Final = 50_000
SECRET: Final = b"what this measurement signs with, and nothing else does"
PART: Final = 1_000
BODY: Final = {
    "account": "67686635",
    "symbol": "AAPL",
    "action": "BUY",
    "order_type": "LMT",
    "quantity": "100",
    "limit_price": "101.5",
    "time_in_force": "DAY",
}


def write(audit: Audit, rows: int) -> int:
    """Write so many rows as orders do, many in one transaction."""
    for first in range(0, rows, PART):
        with audit.storage.writing_directly(relaxed=True) as driver:
            for number in range(first, first + PART):
                details = {"command": "place", "state": "sending", "body": BODY, "idempotency_key": f"key-{number}"}
                audit.trail.write(
                    driver,
                    "order.received",
                    "key:5f2b:Full Access Client",
                    account="67686635",
                    subject=f"{number:020x}",
                    details={**details, "attempts": 1, "request_id": f"{number:032x}"},
                )
    return rows


def verify_all(audit: Audit) -> int:
    """Verify the database, which is as it was written."""
    report = verify(audit.storage, audit.keys, audit.seen)
    if report.found:
        raise RuntimeError(f"the trail is said to be wrong: {report.problems}")
    return report.rows


def export(audit: Audit, file: Path) -> int:
    """Write all of it to a file."""
    with file.open("w") as stream:
        return sum(bool(stream.write(f"{line}\n")) for line in write_export(AuditReader(audit.storage)))


def verify_export(audit: Audit, file: Path) -> int:
    """Verify that file."""
    report = verify_file(file, trusted=[audit.keys.current.public])
    if report.found:
        raise RuntimeError(f"the export is said to be wrong: {report.problems}")
    return report.rows


def measure(work: Callable[[], int], times: int) -> tuple[float, float]:
    """Return the most rows a second, by the clock and by what the processor worked."""
    best_by_clock = best_by_processor = 0.0
    for _ in range(times):
        started, worked = time.perf_counter(), time.process_time()
        rows = work()
        best_by_clock = max(best_by_clock, rows / (time.perf_counter() - started))
        best_by_processor = max(best_by_processor, rows / (time.process_time() - worked))
    return best_by_clock, best_by_processor


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--database-url", help="A server; without one it is a file.")
    given = parser.parse_args()
    rows = given.rows // PART * PART
    with tempfile.TemporaryDirectory() as name, empty_database(given.database_url, Path(name)) as database:
        folder = Path(name)
        storage, file = Storage(database.url, folder), folder / "export.jsonl"
        upgrade(storage, folder)
        audit = open_audit(Settings(instance=folder), storage, [SECRET])
        steps: dict[str, tuple[Callable[[], int], int]] = {
            "write, many in a transaction": (lambda: write(audit, rows), 1),
            "link": (audit.chain.link, 1),
            "verify": (lambda: verify_all(audit), given.times),
            "export": (lambda: export(audit, file), given.times),
            "verify an export": (lambda: verify_export(audit, file), given.times),
        }
        print(f"| {rows} rows, {'SQLite' if storage.is_sqlite else 'PostgreSQL'} | rows a second | by processor time |")
        print("|---|---|---|")
        best = {}
        for step, (work, times) in steps.items():
            best[step], by_processor = measure(work, times)
            print(f"| {step} | {best[step]:,.0f} | {by_processor:,.0f} |", flush=True)
        storage.close()
    return int(best["verify"] < LEAST)


if __name__ == "__main__":
    sys.exit(main())
