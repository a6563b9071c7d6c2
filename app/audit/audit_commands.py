"""The commands ``flask audit``."""

import contextlib
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.audit.audit import Audit
from app.audit.audit_reader import AuditReader
from app.audit.chain import Chain
from app.audit.examination import verify, verify_file
from app.audit.export import write_export, write_line
from app.audit.report import Report
from app.errors import StorageUnavailable

SHOWN: Final = 50
PAUSE_SECONDS: Final = 1.0


def build_commands(get_audit: Callable[[], Audit]) -> AppGroup:
    """Return the commands."""
    group = AppGroup("audit", help="Verify, export and follow the audit trail.")

    @group.command("verify")
    @click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An export to verify.")
    @click.option("--trust", "trusted", multiple=True, help="A public key that signs checkpoints, in hex.")
    def verify_trail(file: Path | None, trusted: tuple[str, ...]) -> None:
        """Check every row, and name each that was changed, is missing, was added or moved; ends with 1 then."""
        started = time.perf_counter()
        audit = get_audit()
        report = _verify_file(audit, file, trusted) if file is not None else _verify_database(audit, trusted)
        _show(report, time.perf_counter() - started)
        click.echo(_get_verdict(report, is_export=file is not None))
        if report.found:
            raise SystemExit(1)

    @group.command("export")
    def export() -> None:
        """Write the trail to standard output, a line of JSON for each row and checkpoint."""
        audit = get_audit()
        _link(audit.chain)
        for line in write_export(AuditReader(audit.storage)):
            click.echo(line)

    @group.command("tail")
    @click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(min=0), help="How many rows.")
    @click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
    def tail(lines: int, follow: bool) -> None:
        """Show the newest rows."""
        audit = get_audit()
        _link(audit.chain)
        with contextlib.suppress(KeyboardInterrupt):
            _follow(AuditReader(audit.storage), lines, is_endless=follow)

    @group.command("public-keys")
    def show_public_keys() -> None:
        """Print the public keys that checkpoints are verified with, the one in force first."""
        for key in get_audit().keys.all.values():
            click.echo(key.public)

    return group


def _follow(reader: AuditReader, lines: int, *, is_endless: bool) -> None:
    """Show the newest rows, and those that come."""
    head = reader.read_head()
    after = max(0, (head.position if head else 0) - lines)
    while True:
        for row in itertools.chain.from_iterable(reader.read_rows(after)):
            click.echo(write_line(row))
            after = row[0]
        if not is_endless:
            return
        # Rows come once a second, when they are linked; nothing tells another process of it.
        time.sleep(PAUSE_SECONDS)


def _verify_database(audit: Audit, trusted: tuple[str, ...]) -> Report:
    _link(audit.chain)
    return verify(audit.storage, audit.keys, audit.seen, trusted=trusted, progress=_show_progress)


def _verify_file(audit: Audit, file: Path, trusted: tuple[str, ...]) -> Report:
    try:
        return verify_file(file, trusted=trusted or tuple(key.public for key in audit.keys.all.values()))
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file} is no export of the audit trail: {error}") from error


def _link(chain: Chain) -> None:
    """Link what is not linked yet, where no gateway runs that would; a database that cannot be written is only read.

    A chain is left alone that the gateway continued with another secret: under this one it could not go on.
    """
    with contextlib.suppress(StorageUnavailable):
        if chain.is_own():
            chain.link()


def _show_progress(done: int, expected: int) -> None:
    end = "\n" if done >= expected else ""
    click.echo(f"\r{done} of {expected} rows{end}", err=True, nl=not sys.stderr.isatty())


def _show(report: Report, seconds: float) -> None:
    for problem in report.problems[:SHOWN]:
        click.echo(f"wrong: {problem.sentence}")
    if report.found > SHOWN:
        click.echo(f"… and {report.found - SHOWN} more")
    rate = f"{report.rows / max(seconds, 1e-6):,.0f} rows a second"
    click.echo(f"{report.rows} rows, {report.checkpoints} checkpoints, in {seconds:.1f} s ({rate})")
    if not report.foreign_codes and report.vouched < report.rows:
        click.echo(f"{report.rows - report.vouched} rows follow the last checkpoint; the next one vouches for them")
    if report.waiting:
        click.echo(f"the newest {report.waiting} rows are not linked yet; each was checked by itself")
    if report.foreign_codes:
        click.echo(
            f"{report.foreign_codes} rows carry codes of a secret that is gone; the chain and its signatures vouch for "
            f"those up to row {report.vouched}"
        )


def _get_verdict(report: Report, *, is_export: bool) -> str:
    """Return the last line: in an export checkpoints alone vouch for rows, in the database their codes do as well."""
    beyond = report.rows - report.vouched
    if report.found:
        return f"{report.found} problems"
    if is_export and beyond:
        return f"as it was written up to row {report.vouched}; {beyond} rows follow that no checkpoint vouches for"
    return "all is as it was written"
