"""The command ``flask journal``."""

from collections.abc import Callable

import click
from flask.cli import AppGroup

from app.orders.journal import Journal

DAY_MS = 86_400_000


def build_commands(get_journal: Callable[[], tuple[Journal, float]]) -> AppGroup:
    """Return the commands; ``get_journal`` gives the journal of the current application and how many days it keeps."""
    group = AppGroup("journal", help="Look after the journal of order commands.")

    @group.command("purge")
    @click.option("--days", type=click.FloatRange(min=1), help="Delete what is older; the setting unless given.")
    def purge(days: float | None) -> None:
        """Delete old resolved commands with their events; what is not resolved stays."""
        journal, kept_days = get_journal()
        deleted = journal.purge(round((days or kept_days) * DAY_MS))
        click.echo(f"deleted {deleted} order commands")
        if deleted:
            click.echo("The database keeps their space for new ones; docs/operations.md says how to give it back.")

    return group
