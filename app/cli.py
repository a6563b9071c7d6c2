"""The commands beside ``flask run``: those of all rooms, and ``config``."""

import dataclasses
from collections.abc import Callable

import click

from app.access.key_commands import build_commands as build_key_commands
from app.audit.audit_commands import build_commands as build_audit_commands
from app.certify.command import build_command as build_certify_command
from app.config.loader import SECTIONS, load_settings_with_provenance
from app.gateway import Gateway
from app.openapi.documentation_commands import build_commands as build_documentation_commands
from app.openapi.documentation_commands import build_current_document
from app.operations.doctor.command import build_doctor
from app.orders.journal import Journal
from app.orders.journal_commands import build_commands as build_journal_commands
from app.quote_permission.permission_commands import build_commands as build_permission_commands
from app.risk.halt_commands import build_commands as build_halt_commands
from app.risk.limit_commands import build_commands as build_limit_commands
from app.storage.addresses import HIDDEN, describe_address
from app.tokens.token_commands import build_commands as build_token_commands

ADDRESSES = frozenset({"database_url", "storage_url"})


def register(group: click.Group, outer: str, find_gateway: Callable[[], Gateway], *, is_embedded: bool = False) -> None:
    """Offer the commands of one gateway in a group: in ``flask`` itself, or in one that a host application has.

    Args:
        group: Where.
        outer: The name of the gateway's outer blueprint.
        find_gateway: Return the gateway of this process.
        is_embedded: Whether a host application may have given it settings that no file and no variable holds.
    """

    def get_journal() -> tuple[Journal, float]:
        gateway = find_gateway()
        return gateway.orders.journal, gateway.settings.orders.journal_days

    group.add_command(build_key_commands(lambda: find_gateway().keys, lambda: find_gateway().credentials))
    group.add_command(
        build_limit_commands(
            lambda: find_gateway().limiting.rows,
            lambda: find_gateway().keys,
            lambda: {account.account for each in find_gateway().credentials for account in each.accounts},
        )
    )
    group.add_command(build_doctor(find_gateway, reads_files=not is_embedded))
    group.add_command(build_journal_commands(get_journal))
    group.add_command(build_audit_commands(lambda: find_gateway().audit))
    group.add_command(build_token_commands(lambda: find_gateway().tokens))
    group.add_command(build_permission_commands(lambda: find_gateway().quote_permissions))
    group.add_command(build_certify_command(find_gateway, lambda: build_current_document(outer)))
    for command in build_halt_commands(lambda: find_gateway().halting, lambda: get_accounts(find_gateway())):
        group.add_command(command)
    for command in build_documentation_commands(outer, lambda pages: register(pages, outer, find_gateway)):
        group.add_command(command)
    if not is_embedded:
        group.add_command(config)


def get_accounts(gateway: Gateway) -> frozenset[str]:
    """Return the accounts that the credentials in force have."""
    return frozenset(account.account for credential in gateway.credentials for account in credential.accounts)


@click.command("config")
def config() -> None:
    """Print the settings in force and where each value came from, secrets masked."""
    settings, sources = load_settings_with_provenance()
    click.echo(f"instance = {settings.instance}")
    click.echo(f"mode = {settings.mode}")
    for section in SECTIONS:
        values = getattr(settings, section)
        for item in dataclasses.fields(values):
            value = getattr(values, item.name)
            if item.metadata["secret"] and value:
                value = describe_address(value) if item.name in ADDRESSES else HIDDEN
            click.echo(f"{section}.{item.name} = {value!r}  # {sources[f'{section}.{item.name}']}")
    for credential in settings.credentials:
        accounts = ", ".join(f"{account.account} ({account.type})" for account in credential.accounts)
        click.echo(f"credential {credential.name}: tiger_id {credential.tiger_id}, accounts {accounts}")
