"""The commands ``flask openapi``, ``flask postman`` and ``flask reference``: each prints what it makes.

The generators are imported when a command runs, so that no other command waits for them.
"""

import json
from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

PAGES = ("settings", "errors", "endpoints", "commands")


def build_commands(outer: str, register: Callable[[click.Group], None]) -> list[click.Command]:
    """Return the commands.

    Args:
        outer: The name of the gateway's outer blueprint.
        register: What puts all commands of the gateway into a group, for the page that lists them.
    """

    @click.command("openapi")
    @click.option("--format", "form", type=click.Choice(["json", "yaml"]), default="json", help="json or yaml.")
    @click.option("--server", help="The URL that the paths hang under, as clients see it.")
    @with_appcontext
    def openapi(form: str, server: str | None) -> None:
        """Print the OpenAPI document."""
        from app.openapi.yaml_text import write_yaml  # noqa: PLC0415 - see the module's docstring.

        document = build_current_document(outer, server)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2) if form == "json" else write_yaml(document))

    @click.command("postman")
    @with_appcontext
    def postman() -> None:
        """Print the Postman collection."""
        from app.openapi.postman import build_collection  # noqa: PLC0415 - see the module's docstring.

        click.echo(json.dumps(build_collection(build_current_document(outer)), ensure_ascii=False, indent=1))

    @click.command("reference")
    @click.argument("page", type=click.Choice(PAGES))
    @with_appcontext
    def reference(page: str) -> None:
        """Print a page of the reference as Markdown: settings, errors, endpoints or commands."""
        from app.openapi.reference import write_page  # noqa: PLC0415 - see the module's docstring.

        group = click.Group()
        register(group)
        click.echo(write_page(page, build_current_document(outer), group), nl=False)

    return [openapi, postman, reference]


def build_current_document(outer: str, server: str | None = None) -> dict[str, Any]:
    """Return the document of the current application; ``outer`` as in ``build_commands``."""
    from app.openapi.document import build_document  # noqa: PLC0415 - see the module's docstring.

    rules = current_app.url_map.iter_rules(f"{outer}.documentation.openapi_json")
    prefix = next(rules).rule.removesuffix("/openapi.json")
    return build_document(current_app, outer, prefix=prefix, server=server or prefix or "/")
