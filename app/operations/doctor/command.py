"""The command ``flask --app wsgi doctor``; it also runs while the settings are too wrong to start."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

import click
from flask import Flask
from flask.cli import with_appcontext

from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.gateway import Gateway
from app.operations.doctor.files import examine_files
from app.operations.doctor.finding import Finding, Verdict, wrong
from app.operations.doctor.service import DATABASE_DOWN, examine_service

COLOURS = {Verdict.OK: "green", Verdict.ATTENTION: "yellow", Verdict.WRONG: "red"}
WIDTH = max(map(len, Verdict)) + 2


def build_doctor(find_gateway: Callable[[], Gateway], *, reads_files: bool = True) -> click.Command:
    """Return the command.

    Args:
        find_gateway: Return the gateway of this process, or raise what keeps it from its start.
        reads_files: Whether the gateway has its settings from the file and the environment.
    """

    @click.command("doctor")
    @click.option(
        "--mend", "fixes", is_flag=True, help="Rewrite keys that are whole but wrongly pasted; the old file is kept."
    )
    @with_appcontext
    def doctor(*, fixes: bool) -> None:
        """Check files, keys, database, clock, servers, accounts and tokens, and say what to do."""
        verdicts = set()
        files = examine_files(os.environ, fixes=fixes) if reads_files else ()
        for finding in _examine(files, find_gateway):
            verdicts.add(finding.verdict)
            _show(finding)
        if Verdict.WRONG in verdicts:
            raise SystemExit(1)

    return doctor


def build_patient(error: ConfigurationError | StorageUnavailable) -> Flask:
    """Return, where nothing can start, an application with this command alone.

    Raises:
        ClickException: Another command was asked for; its one line names the setting and what to do.
    """

    def raise_error() -> NoReturn:
        raise error

    doctor = build_doctor(raise_error)
    # Flask builds the application to learn which commands there are, and does not say which it wants.
    if doctor.name not in sys.argv[1:]:
        raise click.ClickException(f"tiger-rest cannot start: {error}") from error
    patient = Flask(__name__, static_folder=None)
    patient.cli.add_command(doctor)
    return patient


def _examine(files: Iterable[Finding], find_gateway: Callable[[], Gateway]) -> Iterator[Finding]:
    is_wrong = False
    for finding in files:
        is_wrong = is_wrong or finding.verdict is Verdict.WRONG
        yield finding
    if is_wrong:
        return
    try:
        yield from examine_service(find_gateway())
    except StorageUnavailable:
        yield DATABASE_DOWN
    except ConfigurationError as error:
        # Neither the files nor the settings showed it.
        seen, _, advice = str(error).rpartition(": ")
        yield wrong("start", seen, advice)


def _show(finding: Finding) -> None:
    verdict = click.style(finding.verdict.ljust(WIDTH), fg=COLOURS[finding.verdict])
    click.echo(f"{verdict}{finding.subject}: {finding.seen}")
    if finding.fix:
        click.echo(f"{' ' * WIDTH}-> {finding.fix}")
