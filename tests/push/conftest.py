"""Fixtures: a simulator whose time stands still in a Wednesday's session, and the push client of a leader before it."""

import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.clock import get_elapsed
from app.config.credentials import load_credentials
from app.config.loader import load_settings
from app.leadership import Term
from app.push import Gap, PushHub, PushState
from app.settings import Credential, PushSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.storage import Storage
from app.storage.push_tables import push_states
from app.storage.upgrade import upgrade
from app.tiger.push.address import PushAddress
from app.tiger.sessions import Sessions
from app.tiger.wire.domains import Domains

ACCOUNT, TIGER_ID = "67686635", "20154747"
NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
SECONDS = 20.0
LEASE_SECONDS = 60.0


class Heard:
    """Collect what listeners are told, and wait for it."""

    def __init__(self, hub: PushHub) -> None:
        self._changed = threading.Condition()
        self.all: list[Any] = []
        for listen in (hub.subscribe_account, hub.subscribe_quotes, hub.on_gap, hub.on_state, hub.on_refusal):
            listen(self._hear)

    def _hear(self, told: Any) -> None:
        with self._changed:
            self.all.append(told)
            self._changed.notify_all()

    def list(self, kind: type) -> list[Any]:
        return [told for told in self.all if isinstance(told, kind)]

    def wait(self, kind: type, is_it: Callable[[Any], bool] = lambda _: True, times: int = 1) -> Any:
        """Return the newest of so many that are the one, now or when it comes."""

        def find() -> list[Any]:
            return [told for told in self.list(kind) if is_it(told)][times - 1 : times]

        with self._changed:
            assert self._changed.wait_for(find, SECONDS), f"no {kind.__name__} among {self.all[-20:]}"
            return find()[0]

    def wait_for(self, condition: str, times: int = 1) -> PushState:
        state: PushState = self.wait(PushState, lambda told: told.condition == condition, times)
        return state


class Leader:
    """The push client of a worker that leads until it is told otherwise."""

    def __init__(self, credentials: tuple[Credential, ...], storage: Storage, sessions: Sessions, number: int) -> None:
        self.before_connecting: Callable[[], None] = lambda: None

        def get_domains(account: str) -> Domains:
            self.before_connecting()
            return sessions.get_domains(account)

        self.hub = PushHub(PushSettings(), credentials, storage, get_domains)
        self.heard = Heard(self.hub)
        self.interest = self.hub.open_interest()
        self.leads = True
        self.term = Term(number, LEASE_SECONDS, get_elapsed(), lambda: self.leads)
        self._thread = threading.Thread(target=self.hub.run, args=(self.term,))
        self._thread.start()

    def freeze(self) -> None:
        """Have the lease run out, as it does for who was stopped."""
        self.leads = False
        self.term._renewed_at = get_elapsed() - LEASE_SECONDS

    def end(self) -> None:
        """End the term."""
        self.term.ended.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def module_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run a simulator for the module, in which nothing moves but what a test moves."""
    folder = tmp_path_factory.mktemp("push")
    readings = Readings(quote_permission="granted", order_rate="none")
    options = SimulatorOptions(folder, limit_scale=0, key_bits=1024, readings=readings, frozen_at_ms=NOW_MS)
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def simulator(module_simulator: Simulator) -> Iterator[Simulator]:
    """Give the module's simulator, and take back what a test did to it."""
    yield module_simulator
    module_simulator.clear_faults()
    module_simulator.reset_readings()


@pytest.fixture
def credentials(simulator: Simulator) -> tuple[Credential, ...]:
    """Give the simulator's credentials."""
    file = simulator.folder / "credentials.toml"
    return load_credentials(tomllib.loads(file.read_text())["credentials"], file, simulator.folder)


@pytest.fixture(scope="module")
def module_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Give an up-to-date database for the module."""
    folder: Path = tmp_path_factory.mktemp("database")
    opened = Storage(f"sqlite:///{folder / 'gateway.db'}", folder)
    upgrade(opened, folder)
    yield opened
    opened.close()


@pytest.fixture
def lead(
    credentials: tuple[Credential, ...], module_storage: Storage, tmp_path: Path
) -> Iterator[Callable[..., Leader]]:
    """Give what makes a leader; each further one has a later term."""
    with ExitStack() as stack:
        sessions = Sessions(load_settings({"TIGER_REST_INSTANCE": str(tmp_path)}), credentials)
        stack.callback(sessions.close)

        def start(number: int = 1) -> Leader:
            leader = Leader(credentials, module_storage, sessions, number)
            stack.callback(leader.end)
            return leader

        yield start
    forget(module_storage)


@pytest.fixture
def leader(lead: Callable[..., Leader]) -> Leader:
    """Give a leader."""
    return lead()


@pytest.fixture
def listening(leader: Leader) -> Leader:
    """Give a leader that hears of the first account."""
    leader.interest.want_account(ACCOUNT)
    leader.heard.wait(Gap, lambda gap: gap.accounts == (ACCOUNT,))
    return leader


def forget(storage: Storage) -> None:
    """Forget how connections stood: each test begins in peace."""
    with storage.writing() as connection:
        connection.execute(push_states.delete())


@pytest.fixture
def address(simulator: Simulator) -> PushAddress:
    """Give where the simulator's push service listens."""
    _, host, port = simulator.push_address.split(",")
    return PushAddress(host, int(port), is_tls=False)
