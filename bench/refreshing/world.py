"""A simulator and gateways before it, each with credential folders of its own, as on machines that share no disk."""

import base64
import contextlib
import itertools
import os
import re
import secrets
import shutil
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, create_engine, make_url, select, text

from app.access.keys import ApiKeys
from app.access.permissions import Permission
from app.leadership.lease import Lease, LeaseRow
from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from app.storage import Storage
from app.storage.token_tables import token_attempts, tokens
from app.storage.upgrade import upgrade
from app.tokens.token_file import read_token_file
from app.tokens.user_token import TIMES
from tests.support.server import Server, get_descendants, is_alive, running_server, wait_until

TIGER_IDS = ("20154747", "20153921")
ACCOUNTS = {"20154747": "67686635", "20153921": "66804149"}
RENEWAL = "user_token_refresh"
NEED = re.compile(r"^tiger_rest_token_needs_operator\{(.+)\} 1\.0$", re.MULTILINE)
TOKEN_TEXT = re.compile(r"MT[A-Za-z0-9+/]{34}")
"""How the times in a token look anywhere: base64 of two numbers of 13 digits, the first of these years."""


@dataclass
class World:
    """What a trial acts on; times are epoch milliseconds as the simulator counts them."""

    simulator: Simulator
    storage: Storage
    database_url: str
    folder: Path
    key: str
    servers: list[Server] = field(default_factory=list)

    def get_refreshes(self) -> dict[str, list[int]]:
        """Return when each tiger_id's refreshes arrived."""
        arrived: dict[str, list[int]] = {tiger_id: [] for tiger_id in TIGER_IDS}
        for record in self.simulator.requests():
            if record.method == RENEWAL:
                arrived[record.tiger_id].append(record.at_ms)
        return arrived

    def fetch_leader(self) -> LeaseRow:
        """Return who leads."""
        return Lease(self.storage).fetch()

    def wait_for_leader(self, after_term: int = 0, seconds: float = 30.0) -> LeaseRow:
        """Wait for a leader of a later term that is alive, and return it."""

        def leads() -> bool:
            found = self.fetch_leader()
            return found.holder is not None and found.term > after_term

        wait_until(leads, seconds)
        return self.fetch_leader()

    def fetch_refreshing(self) -> dict[str, str]:
        """Return the tiger_ids whose new token is on its way, as far as the database knows, with who fetches it."""
        attempt = and_(token_attempts.c.tiger_id == tokens.c.tiger_id, token_attempts.c.attempt == tokens.c.attempt)
        under_way = and_(tokens.c.is_refreshing, tokens.c.obtained_by < tokens.c.attempt)
        statement = select(tokens.c.tiger_id, token_attempts.c.holder).join_from(tokens, token_attempts, attempt)
        with self.storage.reading() as connection:
            return {row.tiger_id: row.holder for row in connection.execute(statement.where(under_way))}

    def fetch_needs(self) -> list[str]:
        """Return which credentials need an operator and why, as the metrics of the first gateway tell it."""
        with urllib.request.urlopen(f"{self.servers[0].url}/metrics", timeout=10) as answer:  # noqa: S310 - our own.
            return sorted(NEED.findall(answer.read().decode()))

    def call(self, path: str, body: dict[str, Any] | None = None, server: int = 0) -> tuple[int, Any]:
        """Ask a gateway with the key that may do everything."""
        return self.servers[server].call(path, body, self.key)

    def get_workers(self) -> list[int]:
        """Return the pids of all workers."""
        return sorted(pid for server in self.servers for pid in get_descendants(server.process.pid) if is_alive(pid))

    def get_folder(self, instance: int, tiger_id: str) -> Path:
        """Return the credential folder of one gateway."""
        return self.folder / f"machine-{instance}" / "credentials" / tiger_id

    def give_token(self, instance: int, tiger_id: str) -> str:
        """Put a new token into a folder, as an operator does who downloads one from Tiger's website."""
        token = self.simulator._call(lambda: self.simulator._assembly.tokens.issue(tiger_id)).token  # noqa: SLF001
        (self.get_folder(instance, tiger_id) / "tiger_openapi_token.properties").write_text(f"token={token}\n")
        return token

    def read_log(self) -> str:
        """Return what all gateways have logged."""
        return "".join(server.log.read_text() for server in self.servers)

    def find_tokens_in_clear(self) -> list[str]:
        """Return the places, outside of the credential folders, where something that looks like a token stands."""
        leaks = [str(server.log) for server in self.servers if holds_token(server.log.read_text())]
        tables = ("tiger_rest_tokens", "tiger_rest_token_attempts", "tiger_rest_leadership")
        with self.storage.reading() as connection:
            for table in tables:
                rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - the names above.
                leaks += [table for row in rows if holds_token(str(tuple(row)))]
        return leaks

    def count_whole_files(self) -> int:
        """Return how many token files hold a token."""
        folders = (self.get_folder(i, tiger_id) for i in range(len(self.servers)) for tiger_id in TIGER_IDS)
        return sum(read_token_file(folder) is not None for folder in folders)


@contextlib.contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database: sqlite, or postgresql on the server that the environment names."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/gateway.db"
        return
    server = make_url(os.environ["TIGER_REST_TEST_DATABASE_URL"])
    name = f"tiger_rest_refresh_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@contextlib.contextmanager
def running_world(
    folder: Path,
    *,
    instances: int = 1,
    workers: int = 4,
    database: str = "sqlite",
    interval_seconds: float = 2.0,
    ends_old_token: bool = False,
    arguments: tuple[str, ...] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[World]:
    """Run gateways for the time of the block; ``settings`` are ``section__name`` to value."""
    options = SimulatorOptions(
        folder=folder / "tiger", limit_scale=0, key_bits=1024, old_token="ends" if ends_old_token else "stays"
    )
    with (
        Simulator.running(options) as simulator,
        empty_database(database, folder) as database_url,
        contextlib.ExitStack() as stack,
    ):
        storage = Storage(database_url, folder)
        upgrade(storage, folder)
        secret = secrets.token_hex(32)
        key = ApiKeys(storage, secret.encode(), {}).create("campaign", ["*"], list(Permission))
        world = World(simulator, storage, database_url, folder, key)
        variables = {
            "TIGER_REST_TOKEN_REFRESH__INTERVAL_HOURS": repr(interval_seconds / 3_600),
            "TIGER_REST_TOKEN_REFRESH__INITIAL_DELAY_SECONDS": "1",
            # The simulator's limits are off as well: the trials read far more than Tiger lets anyone read.
            "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
            "TIGER_REST_GATEWAY__DATABASE_URL": database_url,
            "TIGER_REST_GATEWAY__SECRET_KEY": secret,
            **environment,
            **{f"TIGER_REST_{name}".upper(): str(value) for name, value in settings.items()},
        }
        for instance in range(instances):
            home = folder / f"machine-{instance}"
            variables["TIGER_REST_CONFIG"] = str(_write_configuration(home, simulator))
            server = running_server(home, "--workers", str(workers), *arguments, **variables)
            world.servers.append(stack.enter_context(server))
        yield world
        storage.close()


def _write_configuration(home: Path, simulator: Simulator) -> Path:
    """Give a machine its own copies of the credential folders, and a file that names them."""
    lines = []
    for tiger_id in TIGER_IDS:
        shutil.copytree(simulator.get_credential_folder(tiger_id), home / "credentials" / tiger_id)
        lines += ["[[credentials]]", f'name = "{tiger_id}"', f'path = "credentials/{tiger_id}"']
        lines += ["[[credentials.accounts]]", f'account = "{ACCOUNTS[tiger_id]}"']
    file = home / "tiger-rest.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def holds_token(text: str) -> bool:
    """Tell whether a text holds a token in clear; what is sealed looks like base64, too, but says nothing."""
    return any(TIMES.match(base64.b64decode(found)) for found in TOKEN_TEXT.findall(text))


def get_shortest_gap(arrivals: list[int]) -> float:
    """Return the shortest time between two arrivals, in seconds."""
    return min((later - earlier for earlier, later in itertools.pairwise(arrivals)), default=0) / 1_000


def get_longest_gap(arrivals: list[int]) -> float:
    """Return the longest time between two arrivals, in seconds."""
    return max((later - earlier for earlier, later in itertools.pairwise(arrivals)), default=0) / 1_000


def get_pid(holder: str) -> int:
    """Return the process behind a candidate's name."""
    return int(holder.split(":")[1])


def freeze(pid: int) -> None:
    """Stop a process where it is."""
    os.kill(pid, signal.SIGSTOP)


def freeze_between_writes(world: World, pid: int) -> None:
    """Stop a process at a moment when it does not hold SQLite's write lock, which nobody can take from it.

    With PostgreSQL any moment will do.
    """
    while True:
        freeze(pid)
        if not world.storage.is_sqlite or is_writable(make_url(world.database_url).database or ""):
            return
        thaw(pid)
        time.sleep(0.01)


def is_writable(file: str) -> bool:
    """Tell whether nobody holds SQLite's write lock."""
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=0.3, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def thaw(pid: int) -> None:
    """Let it go on."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def pause(seconds: float) -> None:
    """Let the gateways work for a while."""
    time.sleep(seconds)
