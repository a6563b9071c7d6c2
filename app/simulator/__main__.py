"""Runs a simulator as a process of its own: ``python -m app.simulator --instance DIR``."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from app.simulator.assembly import Assembly
from app.simulator.credentials import write_private_file
from app.simulator.options import DEFAULT_OLD_TOKEN_GRACE_SECONDS, SimulatorOptions
from app.simulator.readings import Readings, get_choices
from app.simulator.state import StateInUseError

PARENT_POLL_SECONDS = 0.5
EXIT_FAILED = 1
"""The only code of failure; gunicorn's master takes 3 and 4 for messages of its own workers."""

BANNER = """
************************************************************************
*  SIMULATOR: this is not Tiger. No order leaves this machine.         *
*  Keys, accounts, prices and fills are made up.                       *
************************************************************************
  address      {url}
  credentials  {credentials}
  control      {base_url}/control/  (token in {token_file})
"""

logger = logging.getLogger(__name__)


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    add = parser.add_argument
    add("--instance", type=Path, required=True, help="folder for everything that is written")
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    add("--fd", type=int, help="inherited listening socket, instead of host and port")
    add("--parent-pid", type=int, help="stop when this process is no longer the parent")
    add("--ready-file", type=Path, help="file to write the address to once it serves")
    add("--seed", type=int, default=1, help="seed of prices and faults")
    add("--real-hours", action="store_true", help="markets keep their hours; otherwise they never close")
    add("--limit-scale", type=float, default=1.0, help="factor on Tiger's rate limits; 0 turns them off")
    add("--rate-limit-style", choices=("code4", "http429"), default="code4", help="how the limits refuse")
    add("--old-token", choices=("stays", "ends"), default="stays", help="what a refresh does to the old token")
    add("--old-token-grace", type=float, default=DEFAULT_OLD_TOKEN_GRACE_SECONDS, help="seconds that it stays")
    readings = "; ".join(f"{name}={'|'.join(values)}" for name, values in get_choices().items())
    add("--reading", action="append", default=[], metavar="NAME=VALUE", help=f"how an open point is played: {readings}")
    add("--cancel-delay", type=float, default=0.0, help="seconds that orders stay PendingCancel")
    add("--late-refusal", type=float, default=2.0, help="seconds until an order is refused that was taken")
    add("--attached-orders", choices=("when_filled", "at_once"), default="when_filled", help="when lookups show them")
    add("--secret-key", default="", help="institution's key that requests about accounts must carry")
    add(
        "--push",
        choices=("plain", "tls"),
        default="plain",
        help="how credentials tell clients to reach the push service",
    )
    add("--global-account", action="store_true", help="add the legacy account U1234567")
    chosen = parser.parse_args(arguments)
    try:
        chosen.readings = Readings.read(chosen.reading)
    except ValueError as error:
        parser.error(str(error))
    return chosen


def get_options(arguments: argparse.Namespace) -> SimulatorOptions:
    """Return the options that the command line describes."""
    return SimulatorOptions(
        folder=arguments.instance,
        host=arguments.host,
        port=arguments.port,
        listen_fd=arguments.fd,
        seed=arguments.seed,
        real_hours=arguments.real_hours,
        limit_scale=arguments.limit_scale,
        rate_limit_style=arguments.rate_limit_style,
        old_token=arguments.old_token,
        old_token_grace_seconds=arguments.old_token_grace,
        readings=arguments.readings,
        global_account=arguments.global_account,
        secret_key=arguments.secret_key,
        cancel_delay_seconds=arguments.cancel_delay,
        late_refusal_seconds=arguments.late_refusal,
        attached_orders=arguments.attached_orders,
        push=arguments.push,
    )


async def run(arguments: argparse.Namespace) -> None:
    """Serve until told to stop, or until the parent is gone."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    with Assembly(get_options(arguments)) as assembly:
        await assembly.start()
        announce(assembly, arguments.ready_file)
        watching = loop.create_task(watch_parent(arguments.parent_pid, stopped))
        try:
            await assembly.serve(stopped)
        finally:
            watching.cancel()


async def watch_parent(parent_pid: int | None, stopped: asyncio.Event) -> None:
    """Set ``stopped`` once this process has been orphaned."""
    while parent_pid is not None and not stopped.is_set():
        if os.getppid() != parent_pid:
            logger.warning("simulator: the parent process is gone, stopping")
            stopped.set()
        await asyncio.sleep(PARENT_POLL_SECONDS)


def announce(assembly: Assembly, ready_file: Path | None) -> None:
    """Say loudly what this is, and tell whoever waits for it that it serves."""
    folder = assembly.options.state_folder
    banner = BANNER.format(
        url=assembly.url,
        base_url=assembly.base_url,
        credentials=folder / "credentials.toml",
        token_file=folder / "control.token",
    )
    logger.warning(banner)
    if ready_file is not None:
        write_private_file(ready_file, assembly.url + "\n")
    sys.stdout.write(f"ready {assembly.url}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator and return the exit status: 0 when stopped, 1 when it could not go on."""
    options = read_arguments(arguments)
    # What it writes holds keys and tokens, if only made up ones.
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(run(options))
    except (OSError, StateInUseError) as error:
        logger.error("simulator: cannot run: %s", error)  # noqa: TRY400 - the message says it all.
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
