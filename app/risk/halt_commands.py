"""The commands ``flask halt``, ``flask resume`` and ``flask halts``."""

import json
from collections.abc import Callable

import click

from app.audit.actors import COMMAND_LINE
from app.errors import GatewayError
from app.orders.requester import Requester
from app.risk.halting import Halting
from app.risk.halts import ALL_ACCOUNTS, LONGEST_REASON, Mode

OPERATOR = Requester(COMMAND_LINE, "command line", COMMAND_LINE)
HALTS = [Mode.HALTED.value, Mode.REDUCE_ONLY.value]


class Reason(click.ParamType):  # type: ignore[type-arg] # Generic from click 8.4 on, which no older one has to know.
    """A sentence that fits into a row."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it trimmed."""
        text = str(value).strip()
        if not text or len(text) > LONGEST_REASON or not text.isprintable():
            self.fail(f"say it in 1 to {LONGEST_REASON} printable characters", param, ctx)
        return text


def build_commands(
    get_halting: Callable[[], Halting], get_accounts: Callable[[], frozenset[str]]
) -> list[click.Command]:
    """Return the commands, which get what halts, and the accounts that are served, from these."""

    @click.command("halt")
    @click.option("--account", required=True, help="The account, or * for all.")
    @click.option("--mode", type=click.Choice(HALTS), default=HALTS[0], show_default=True, help="What it stops.")
    @click.option("--reason", type=Reason(), required=True, help="Why; clients whose orders are refused are told.")
    @click.option("--cancel-open", is_flag=True, help="Cancel the open orders, too.")
    def halt(account: str, mode: str, reason: str, cancel_open: bool) -> None:
        """Stop placing and changing orders, everywhere within a second, until it is resumed."""
        if account not in {*get_accounts(), ALL_ACCOUNTS}:
            raise click.BadParameter(f"no credential serves {account}", param_hint="--account")
        try:
            halted = get_halting().halt(account, mode, reason, OPERATOR, cancels=cancel_open)
        except GatewayError as error:
            raise click.ClickException(f"whether trading is halted is not known: {error.message}") from error
        click.echo(f"account {account}: {mode}")
        for cancelled in halted["cancelled"]:
            click.echo(json.dumps(cancelled))

    @click.command("resume")
    @click.option("--account", required=True, help="The account, or * for the halt of all.")
    @click.option("--reason", type=Reason(), default="resumed", help="Why.")
    def resume(account: str, reason: str) -> None:
        """Let orders be placed and changed again; a halt of all and one of an account are lifted each by itself."""
        try:
            left = get_halting().resume(account, reason, OPERATOR)["halts"]
        except GatewayError as error:
            raise click.ClickException(f"whether trading is resumed is not known: {error.message}") from error
        still = ", ".join(f"{each['account']}: {each['mode']}" for each in left)
        click.echo(f"account {account}: {f'still in force is {still}' if still else 'open'}")

    @click.command("halts")
    def list_halts() -> None:
        """List the halts in force."""
        for each in get_halting().list(ALL_ACCOUNTS)["halts"]:
            click.echo(f"{each['account']}\t{each['mode']}\t{each['changed_by']}\t{each['reason']}")

    return [halt, resume, list_halts]
