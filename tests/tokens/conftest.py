"""Fixtures: a simulator that ends an old token at once, and gateways in front of it."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.config.loader import load_settings
from app.gateway import Gateway, get_gateway
from app.settings import (
    BudgetSettings,
    LeadershipSettings,
    QuoteSettings,
    Settings,
    SimulatorSettings,
    TigerSettings,
    TokenRefreshSettings,
)
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.client import Client
from tests.support.server import wait_until

QUIET = TokenRefreshSettings(join_seconds=0, initial_delay_seconds=3_600, retry_first_seconds=0.2, call_seconds=2)


@dataclasses.dataclass(frozen=True)
class Site:
    """A gateway and a client of it."""

    gateway: Gateway
    client: Client


@pytest.fixture(scope="session")
def strict_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Run one simulator in which a refresh ends the token before it at once."""
    folder = tmp_path_factory.mktemp("strict-simulator")
    options = SimulatorOptions(
        folder=folder,
        limit_scale=0,
        key_bits=1024,
        old_token="ends",  # noqa: S106 - what becomes of it.
        readings=Readings(quote_permission="granted"),
    )
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def tiger(strict_simulator: Simulator) -> Iterator[Simulator]:
    """Give it with no faults and fresh counts."""
    strict_simulator.clear_faults()
    strict_simulator.reset_counts()
    yield strict_simulator
    strict_simulator.clear_faults()


@pytest.fixture
def settings(tiger: Simulator, tmp_path: Path, database_url: str) -> Settings:
    """Give settings of a gateway that refreshes nothing by itself for an hour."""
    plain = load_settings({"TIGER_REST_INSTANCE": str(tmp_path / "instance")})
    return dataclasses.replace(
        plain,
        gateway=dataclasses.replace(plain.gateway, database_url=database_url, secret_key="s" * 40),
        simulator=SimulatorSettings(folder=str(tiger.folder)),
        budget=BudgetSettings(limit_scale=0),
        tiger=TigerSettings(read_deadline_seconds=2.0),
        token_refresh=QUIET,
        leadership=LeadershipSettings(lease_seconds=0.6),
        quotes=QuoteSettings(permission="leave"),
    )


@pytest.fixture
def open_site(settings: Settings) -> Iterator[Callable[..., Site]]:
    """Give a way to start one more gateway on the same database, with other settings where wanted."""
    opened: list[Site] = []

    def start(refresh: TokenRefreshSettings = QUIET, **changes: Any) -> Site:
        app = create_app(dataclasses.replace(settings, token_refresh=refresh, **changes))
        opened.append(Site(get_gateway(app), Client(app)))
        opened[-1].gateway.start()
        return opened[-1]

    yield start
    for site in opened:
        site.gateway.close()


@pytest.fixture
def site(open_site: Callable[..., Site], tiger: Simulator) -> Site:
    """Give a gateway whose tokens are good, whatever a test before did to them, and fresh counts."""
    give_new_tokens(tiger)
    opened = adopted(open_site())
    tiger.reset_counts()
    return opened


def adopted(site: Site) -> Site:
    """Wait until the gateway has taken over what lies in the folders, and return it."""
    store = site.gateway.tokens._parts.store
    wait_until(lambda: (records := store.fetch_all()) and all(record.token for record in records.values()), 10)
    site.gateway.tokens._parts.tasks.join(5)
    site.gateway.tokens.look_after()
    return site


def give_new_tokens(tiger: Simulator) -> None:
    """Put a new token into each folder, as an operator does who downloads one."""
    for tiger_id in ("20154747", "20153921"):
        put_token(tiger, tiger_id)


def put_token(tiger: Simulator, tiger_id: str) -> str:
    """Put a new token into a folder and return it."""
    token = tiger._call(lambda: tiger._assembly.tokens.issue(tiger_id)).token
    (tiger.get_credential_folder(tiger_id) / "tiger_openapi_token.properties").write_text(f"token={token}\n")
    return token
