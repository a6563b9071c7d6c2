"""Fixtures: a simulator that gives real-time quotes to one device, and gateways in front of it."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.config.loader import load_settings
from app.gateway import Gateway, get_gateway
from app.settings import LeadershipSettings, QuoteSettings, SimulatorSettings
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.support.client import Client
from tests.support.server import wait_until

GRAB = "grab_quote_permission"
FIRST_ID = "20154747"
SECOND_ID = "20153921"


@dataclasses.dataclass(frozen=True)
class Site:
    """A gateway and a client of it."""

    gateway: Gateway
    client: Client

    def quote(self) -> int:
        """Ask for a fresh quote and return the status of the answer."""
        body = {"account": self.client.account, "symbol": "AAPL"}
        return self.client.send("/api/market/quote", body, **{"Cache-Control": "no-cache"}).status_code

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command and return its exit code and output."""
        result = self.client.app.test_cli_runner().invoke(args=["permissions", *arguments])
        return result.exit_code, result.output

    @property
    def holder(self) -> str:
        """Return who has the permission of the first tiger_id, as far as the gateway knows."""
        return str(self.gateway.quote_permissions[FIRST_ID].describe_holder()["holder"])


@pytest.fixture(params=["needs_grab", "another_device_has_it"])
def tiger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Simulator]:
    """Run a simulator, its limits in force, in which a device has to grab."""
    options = SimulatorOptions(folder=tmp_path / "tiger", readings=Readings(quote_permission=request.param))
    with Simulator.running(options) as simulator:
        yield simulator


@pytest.fixture
def open_site(tiger: Simulator, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Give a way to start one more gateway on the same database."""
    opened: list[Site] = []

    def start(*, is_serving: bool = True, **changes: Any) -> Site:
        plain = load_settings({"TIGER_REST_INSTANCE": str(tmp_path / f"instance-{len(opened)}")})
        settings = dataclasses.replace(
            plain,
            gateway=dataclasses.replace(plain.gateway, database_url=database_url, secret_key="s" * 40),
            simulator=SimulatorSettings(folder=str(tiger.folder)),
            leadership=LeadershipSettings(lease_seconds=0.6),
        )
        app = create_app(dataclasses.replace(settings, **{"quotes": QuoteSettings(), **changes}))
        opened.append(Site(get_gateway(app), Client(app)))
        if is_serving:
            opened[-1].gateway.start()
        return opened[-1]

    yield start
    for site in opened:
        site.gateway.close()


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    """Give a gateway that has the permission."""
    opened = open_site()
    wait_until(lambda: opened.holder == "gateway", 10)
    return opened
