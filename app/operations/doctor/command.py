"""The command ``flask --app wsgi doctor``; it also runs while the settings are too wrong to start."""

import os
import sys
from collections.abc import Iterator

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.gateway import EXTENSION, get_gateway
from app.operations.doctor.files import examine_files
from app.operations.doctor.finding import Finding, Verdict, wrong
from app.operations.doctor.service import DATABASE_DOWN, examine_service
from app.request_context import g

COLOURS = {Verdict.OK: "green", Verdict.ATTENTION: "yellow", Verdict.WRONG: "red"}
TROUBLE = "tiger_rest_trouble"
WIDTH = max(map(len, Verdict)) + 2


@click.command("doctor")
@click.option(
    "--mend", "fixes", is_flag=True, help="Rewrite keys that are whole but wrongly pasted; the old file is kept."
)
@with_appcontext
def doctor(*, fixes: bool) -> None:
    """Check files, keys, database, clock, servers, accounts and tokens, and say what to do."""
    verdicts = set()
    try:
        for finding in _examine(fixes=fixes):
            verdicts.add(finding.verdict)
            _show(finding)
    except StorageUnavailable:
        verdicts.add(DATABASE_DOWN.verdict)
        _show(DATABASE_DOWN)
    if Verdict.WRONG in verdicts:
        raise SystemExit(1)


def build_patient(error: ConfigurationError | StorageUnavailable) -> Flask:
    """Return, where nothing can start, an application with this command alone.

    Raises:
        ClickException: Another command was asked for; its one line names the setting and what to do.
    """
    # Flask builds the application to learn which commands there are, and does not say which it wants.
    if doctor.name not in sys.argv[1:]:
        raise click.ClickException(f"tiger-rest cannot start: {error}") from error
    patient = Flask(__name__, static_folder=None)
    patient.extensions[TROUBLE] = error
    patient.cli.add_command(doctor)
    return patient


def _examine(*, fixes: bool) -> Iterator[Finding]:
    if "gateway" in g:
        # A host application has said which, and may have given it settings of its own.
        yield from examine_service(g.gateway)
        return
    is_wrong = False
    for finding in examine_files(os.environ, fixes=fixes):
        is_wrong = is_wrong or finding.verdict is Verdict.WRONG
        yield finding
    if is_wrong:
        return
    if EXTENSION in current_app.extensions:
        yield from examine_service(get_gateway(current_app))
    else:
        yield _explain(current_app.extensions[TROUBLE])


def _explain(error: ConfigurationError | StorageUnavailable) -> Finding:
    """Return what keeps the gateway from its start where neither files nor settings showed it."""
    if isinstance(error, StorageUnavailable):
        return DATABASE_DOWN
    seen, _, advice = str(error).rpartition(": ")
    return wrong("start", seen, advice)


def _show(finding: Finding) -> None:
    verdict = click.style(finding.verdict.ljust(WIDTH), fg=COLOURS[finding.verdict])
    click.echo(f"{verdict}{finding.subject}: {finding.seen}")
    if finding.fix:
        click.echo(f"{' ' * WIDTH}-> {finding.fix}")
