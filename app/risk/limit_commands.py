"""The commands ``flask limits``: each limit is an option of its name."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from flask.cli import AppGroup

from app.access.keys import ApiKeys
from app.audit.actors import name_operator
from app.risk.limit_refusals import spell
from app.risk.limit_rows import LimitRows
from app.risk.limits.checks import show
from app.risk.limits.table import CURRENCIES, LIMITS, Limit, Unit, WrongLimit, read_value
from app.risk.owners import OwnedLimits, Owner

Command = Callable[..., None]


def build_commands(
    get_rows: Callable[[], LimitRows], get_keys: Callable[[], ApiKeys], find_accounts: Callable[[], set[str]]
) -> AppGroup:
    """Return the commands, which get the rows, the keys by name and the accounts of their gateway from these."""
    group = AppGroup("limits", help="Show, set and end limits of API keys and accounts.")

    def find_owner(key: str | None, account: str | None) -> tuple[Owner, str]:
        return _find_key(get_keys(), key) if account is None else _find_account(find_accounts(), key, account)

    @group.command("show")
    @_of_owner
    def show_limits(key: str | None, account: str | None) -> None:
        """List what is set, a limit a line, with what was counted."""
        owner, _ = find_owner(key, account)
        _print(get_rows().read(owner))

    @group.command("set")
    @_of_owner
    @click.option("--currency", type=click.Choice(CURRENCIES), help="The currency of all its amounts, USD unless set.")
    @_with_options(lambda limit: {"help": limit.help, "is_flag": limit.unit is Unit.SWITCH})
    def set_limits(key: str | None, account: str | None, currency: str | None, **said: Any) -> None:
        """Set limits; those that are not named stay. They hold from the next order on."""
        owner, name = find_owner(key, account)
        changes = {each: _read(LIMITS[each], value) for each, value in said.items() if value not in (None, False)}
        if not changes and currency is None:
            raise click.UsageError("name at least one limit")
        _print(get_rows().change(owner, name, changes, currency=currency, by="command line", actor=name_operator()))

    @group.command("clear")
    @_of_owner
    @_with_options(lambda limit: {"help": f"End {limit.name}.", "is_flag": True})
    def clear_limits(key: str | None, account: str | None, **named: bool) -> None:
        """End the limits that are named, or all of them."""
        owner, name = find_owner(key, account)
        ended = [each for each, is_named in named.items() if is_named] or list(LIMITS)
        _print(get_rows().change(owner, name, dict.fromkeys(ended), by="command line", actor=name_operator()))

    return group


def _find_account(served: set[str], key: str | None, account: str) -> tuple[Owner, str]:
    if key is not None:
        raise click.UsageError("name either --key or --account")
    if account not in served:
        click.echo(f"no credential serves {account} yet", err=True)
    return Owner.account(account), account


def _find_key(keys: ApiKeys, key: str | None) -> tuple[Owner, str]:
    if key is None:
        raise click.UsageError("name either --key or --account")
    identity = keys.find_named(key)
    if identity is None:
        raise click.ClickException(f"no valid key is named {key}: keys list shows them")
    return Owner.key(identity.key_id), identity.name


def _of_owner(command: Command) -> Command:
    command = click.option("--account", help="The account whose limits they are.")(command)
    return click.option("--key", help="The name of the API key whose limits they are.")(command)


def _with_options(describe: Callable[[Limit], Mapping[str, Any]]) -> Callable[[Command], Command]:
    """Give a command an option for each limit."""

    def decorate(command: Command) -> Command:
        for limit in reversed(list(LIMITS.values())):
            command = click.option(limit.option, limit.name, **describe(limit))(command)
        return command

    return decorate


def _read(limit: Limit, said: Any) -> Any:
    try:
        return read_value(limit, said)
    except WrongLimit as error:
        raise click.BadParameter(str(error), param_hint=limit.option) from error


def _print(limits: OwnedLimits | None) -> None:
    if limits is None or not limits.values:
        click.echo("no limits are set")
        return
    counters = limits.counters
    for name, value in limits.values.items():
        unit = limits.currency if LIMITS[name].unit is Unit.AMOUNT else LIMITS[name].unit.value
        click.echo(f"{name}\t{show(value)}\t{unit}")
    if counters.day:
        values = ", ".join(f"{spell(value)} {currency}" for currency, value in counters.values.items())
        click.echo(f"counted on {counters.day}: {counters.orders} orders{f', {values}' if values else ''}")
