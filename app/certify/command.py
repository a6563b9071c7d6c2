"""The command ``flask certify``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.gateway import Gateway


def build_command(find_gateway: Callable[[], Gateway], build_document: Callable[[], dict[str, Any]]) -> click.Command:
    """Return the command; ``build_document`` gives the OpenAPI document of the current application."""

    @click.command("certify")
    @click.option("--account", required=True, help="The paper account to ask with; any other is refused.")
    @click.option("--symbol", default="AAPL", help="The US stock that orders are for; AAPL unless given.")
    @click.option("--yes", is_flag=True, help="Begin without asking.")
    @click.option("--quote-permission", is_flag=True, help="Also grab real-time quotes, which your phone then loses.")
    @click.option(
        "--output", default=".", type=click.Path(path_type=Path), help="Folder of the report; this one if not given."
    )
    @with_appcontext
    def certify(**given: Any) -> None:
        """Find out how Tiger answers where nobody knows, with orders of a paper account that cannot fill."""
        # A tenth of every start, for what is run once in the life of a gateway.
        from app.certify import certifying  # noqa: PLC0415

        certifying.certify(find_gateway(), build_document(), **given)

    return certify
