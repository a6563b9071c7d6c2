"""The command ``flask tokens``."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import FrameType
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from app.audit.actors import name_operator
from app.errors import GatewayError
from app.tokens.attempts import Cause
from app.tokens.health import UNNAMED
from app.tokens.records import TokenOwner
from app.tokens.token_file import uses_token
from app.tokens.tokens import Tokens

NEVER = "-"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def build_commands(get_tokens: Callable[[], Tokens]) -> AppGroup:
    """Return the commands; ``get_tokens`` gives the tokens of the current application."""
    group = AppGroup("tokens", help="Look after the tokens that Tiger asks for.")

    @group.command("status")
    def status() -> None:
        """Show when each token ends, its last refresh and its next; ends with 1 where one is failing."""
        _print_status(get_tokens().describe())

    @group.command("refresh")
    @click.option("--credential", help="Name of the credential; all unless given.")
    def refresh(credential: str | None) -> None:
        """Refresh tokens now, or join a refresh that is under way; ends with 1 where one fails."""
        tokens = get_tokens()
        owners = [owner for owner in tokens.get_owners() if credential in {None, *(c.name for c in owner.credentials)}]
        if not owners:
            raise click.BadParameter(f"no credential is named {credential}", param_hint="--credential")
        with _kept_until_done(tokens):
            results = [_refresh(tokens, owner) for owner in owners]
        if not all(results):
            raise click.exceptions.Exit(1)

    return group


def _print_status(state: dict[str, Any]) -> None:
    leader = state["leader"]
    click.echo(f"leader: {leader['worker'] or 'none'} since {_show(leader['since'])}, term {leader['term']}")
    for row in state["credentials"]:
        click.echo(f"{row['credential']}\ttiger_id {row['tiger_id']}\t{','.join(row['accounts'])}\t{row['status']}")
        if not row["uses_token"]:
            click.echo(f"  the licence {row['license'] or UNNAMED} uses no token")
            continue
        click.echo(f"  expires {_show(row['expires_at'])}, refreshed {_show(row['refreshed_at'])}", nl=False)
        click.echo(f", next {_show(row['next_refresh_at'])}, failures {row['failures']}")
        if row["concern"]:
            click.echo(f"  {row['concern']}")
    if any(row["status"] == "failing" for row in state["credentials"]):
        raise click.exceptions.Exit(1)


def _refresh(tokens: Tokens, owner: TokenOwner) -> bool:
    if not uses_token(owner):
        click.echo(f"{owner.name}: the licence {owner.license or UNNAMED} uses no token")
        return True
    try:
        tokens.record_request(owner, name_operator())
        attempt = tokens.refresh_owner(owner, Cause.COMMAND, "flask tokens refresh")
    except GatewayError as error:
        click.echo(f"{owner.name}: {error.message} ({error.code})", err=True)
        return False
    click.echo(f"{owner.name}: refreshed, expires {_show(attempt.token_expires_at)}")
    return True


@contextlib.contextmanager
def _kept_until_done(tokens: Tokens) -> Iterator[None]:
    """On a signal to end, take in the token that Tiger may be about to give, and end then."""

    def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
        # Ignored from here to the end of the process: whoever is impatient sends it again.
        for each in ENDING_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise _Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in ENDING_SIGNALS}
    try:
        yield
        tokens.close()
    except _Interrupted as interruption:
        click.echo("Interrupted; what is under way is waited for: a token that comes now must not be lost.", err=True)
        tokens.close()
        raise click.exceptions.Exit(128 + interruption.number) from None
    for number, handler in before.items():
        signal.signal(number, handler)


class _Interrupted(BaseException):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _show(moment_ms: int | None) -> str:
    if moment_ms is None:
        return NEVER
    return datetime.fromtimestamp(moment_ms / 1_000, UTC).isoformat(timespec="seconds")
