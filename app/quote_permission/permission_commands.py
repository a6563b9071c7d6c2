"""The command ``flask permissions``."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.quote_permission.permission import QuotePermission


def build_commands(get_permissions: Callable[[], Mapping[str, QuotePermission]]) -> AppGroup:
    """Return the commands; ``get_permissions`` gives the permissions of the current application."""
    group = AppGroup("permissions", help="Look after the permission for real-time quotes.")

    @group.command("show")
    def show() -> None:
        """Show which device may read real-time quotes, for each developer id."""
        for permission in get_permissions().values():
            _print(permission)

    @group.command("grab")
    @click.option("--tiger-id", help="The developer id; all unless given.")
    def grab(tiger_id: str | None) -> None:
        """Take it for this gateway now, from whichever device has it; ends with 1 where that fails."""
        chosen = [known for known in get_permissions().values() if tiger_id in {None, known.tiger_id}]
        if not chosen:
            raise click.BadParameter(f"no credential has {tiger_id}", param_hint="--tiger-id")
        results = [permission.grab() for permission in chosen]
        for permission in chosen:
            _print(permission)
        if not all(results):
            raise click.exceptions.Exit(1)

    return group


def _print(permission: QuotePermission) -> None:
    state = permission.describe_holder()
    since = datetime.fromtimestamp(state["since"] / 1_000, UTC).isoformat(timespec="seconds") if state["since"] else "-"
    click.echo(f"tiger_id {permission.tiger_id}\t{state['holder']} since {since}, policy {state['policy']}")
    if state["message"]:
        click.echo(f"  {state['message']}")
