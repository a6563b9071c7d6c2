"""Find out how Tiger answers, and write what was found into a report."""

import json
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app

from app.certify.questions import QUESTIONS
from app.certify.readings import find_reading, summarise, summarise_calendars, summarise_order
from app.certify.replay import replay
from app.certify.report import clean, describe, write_text
from app.certify.trial import NotAsked, Trial, find_objection
from app.errors import GatewayError
from app.gateway import Gateway
from app.tiger.trading.orders import Order
from app.version import __version__

Handler = Callable[[int, FrameType | None], object] | signal.Handlers
WARNING = """\
This asks Tiger how it behaves, with some fifteen orders of account {account}. Each would buy {symbol} at half its
price, so that none fills; all are cancelled within the minute that it takes. What is found is written into a report,
which you can read and, if you like, send to the project. Go on?"""


def certify(
    gateway: Gateway,
    document: dict[str, Any],
    *,
    account: str,
    symbol: str,
    yes: bool,
    quote_permission: bool,
    output: Path,
) -> None:
    """Ask, and write the report into a folder.

    Raises:
        ClickException: The account is none to try things with.
        SystemExit: Orders may be left open.
    """
    try:
        session = gateway.tiger.session(account)
        if objection := find_objection(session):
            raise click.ClickException(f"this account is not one to try things with: {objection}")
        if gateway.halting.list(account)["count"]:
            raise click.ClickException("trading is halted for this account: resume it first, or let it be")
        if not yes:
            click.confirm(WARNING.format(account=account, symbol=symbol), abort=True)
        grab = gateway.quote_permissions[session.credential.tiger_id].grab
        trial = Trial(session, symbol, grab if quote_permission else None)
    except (GatewayError, NotAsked) as error:
        raise click.ClickException(str(error)) from error
    # Ctrl-C too: whoever starts this in the background may have had it ignored.
    _handle(signal.default_int_handler)
    try:
        report = _examine(current_app, gateway, trial, document)
    finally:
        # Whoever is impatient now would leave orders open without a word.
        _handle(signal.SIG_IGN)
        click.echo("cancelling what is open …", err=True)
        if (left := trial.clean()) != 0:
            click.echo(f"{left or 'some'} orders marked {trial.prefix} may be open: cancel them at Tiger", err=True)
        _handle(signal.default_int_handler)
    _write(clean(report, _get_secrets(gateway, trial)), output)
    if left != 0:
        raise SystemExit(1)


def _handle(handler: Handler) -> None:
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, handler)


def _examine(app: Flask, gateway: Gateway, trial: Trial, document: dict[str, Any]) -> dict[str, Any]:
    questions = [_ask(trial, question) for question in QUESTIONS]
    trial.clean()
    changes = {"symbol": trial.symbol, "symbols": [trial.symbol], "order_id": trial.first.order_id or "1"}
    return {
        "version": __version__,
        "mode": gateway.mode,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions": questions,
        "endpoints": list(replay(app, gateway, document, trial.session.account.account, changes)),
    }


def _ask(trial: Trial, question: str) -> dict[str, Any]:
    click.echo(f"{question} …", err=True)
    ask = QUESTIONS[question]
    row: dict[str, Any] = {"question": question, "how": ask.__doc__}
    try:
        answers = ask(trial)
    except (NotAsked, GatewayError) as error:
        return {**row, "reading": f"not asked: {error}", "told": [], "answered": []}
    if question == "earnings_span":
        told = summarise_calendars(*answers)
    else:
        first = trial.first.order_id
        told = [summarise_order(each) if isinstance(each, Order) else summarise(each, first) for each in answers]
    return {**row, "reading": find_reading(question, told), "told": told, "answered": list(map(describe, answers))}


def _write(report: dict[str, Any], folder: Path) -> None:
    text = "\n".join(write_text(report))
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in (("json", json.dumps(report, ensure_ascii=False, indent=1)), ("txt", text)):
        file = folder / f"certify-{report['at'][:19].replace(':', '')}.{suffix}"
        file.write_text(f"{content}\n", encoding="utf-8")
        click.echo(f"wrote {file}", err=True)
    click.echo(text)


def _get_secrets(gateway: Gateway, trial: Trial) -> list[str]:
    connection = trial.session.link.connection
    known = [trial.prefix, connection.token.current(), connection.client.configuration._device_id]  # noqa: SLF001
    for credential in gateway.credentials:
        known += [credential.name, credential.tiger_id, credential.secret_key]
        known += [account.account for account in credential.accounts]
    return sorted((text for text in known if text), key=len, reverse=True)
