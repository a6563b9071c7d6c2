"""The command ``flask permissions``."""

from collections.abc import Callable
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.quote_permission.keeper import QuotePermissions


def build_commands(get_permissions: Callable[[], QuotePermissions]) -> AppGroup:
    """Return the commands; ``get_permissions`` gives the permissions of the current application."""
    group = AppGroup("permissions", help="Look after the permission for real-time quotes.")

    @group.command("show")
    def show() -> None:
        """Show which device may read real-time quotes, for each developer id."""
        permissions = get_permissions()
        for tiger_id in permissions.tiger_ids:
            _print(permissions, tiger_id)

    @group.command("grab")
    @click.option("--tiger-id", help="The developer id; all unless given.")
    def grab(tiger_id: str | None) -> None:
        """Take it for this gateway now, from whichever device has it; ends with 1 where that fails."""
        permissions = get_permissions()
        chosen = [known for known in permissions.tiger_ids if tiger_id in {None, known}]
        if not chosen:
            raise click.BadParameter(f"no credential has {tiger_id}", param_hint="--tiger-id")
        results = [permissions.grab(known) for known in chosen]
        for known in chosen:
            _print(permissions, known)
        if not all(results):
            raise click.exceptions.Exit(1)

    return group


def _print(permissions: QuotePermissions, tiger_id: str) -> None:
    state = permissions.describe_holder(tiger_id)
    since = datetime.fromtimestamp(state["since"] / 1_000, UTC).isoformat(timespec="seconds") if state["since"] else "-"
    click.echo(f"tiger_id {tiger_id}\t{state['holder']} since {since}, policy {state['policy']}")
    if state["message"]:
        click.echo(f"  {state['message']}")
