"""Each kind of account goes to the servers that Tiger's domain table names for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tigeropen import tiger_open_config

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.wire.client import Client
from app.tiger.wire.domains import Domains, Servers
from app.tiger.wire.transport import Transport
from tests.support.domain_table import serve_domain_table

DEFAULT = "https://openapi.tigerfintech.com/gateway"
TABLE = {
    "socket_port": 9883,
    "COMMON": "https://common.example",
    "TBHK": "https://trade.example/hk",
    "TBHK-QUOTE": "https://quote.example/hk",
    "TBHK-PAPER": "https://paper.example/hk",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve a domain table where the SDK looks for it; gives the questions that arrived."""
    with serve_domain_table(TABLE, monkeypatch) as asked:
        yield asked


def build(license_name: str = "TBHK", server_url: str | None = None) -> Domains:
    credential = Credential("main", Path(), "20150001", license_name, "key", server_url, ())
    return Domains(Client(credential, Transport(1)).configuration, server_url)


def servers(domains: Domains, *, is_paper: bool = False) -> Servers:
    return domains.servers(Deadline.after(5), is_paper=is_paper)


def test_a_live_account_trades_and_quotes_on_the_servers_of_its_licence(asked: list[str]) -> None:
    assert servers(build()) == Servers("https://trade.example/hk/gateway", "https://quote.example/hk/gateway")


def test_a_paper_account_never_trades_on_the_live_server(asked: list[str]) -> None:
    found = servers(build(), is_paper=True)

    assert found == Servers("https://paper.example/hk/gateway", "https://quote.example/hk/gateway")


def test_a_licence_that_the_table_does_not_know_uses_the_common_server(asked: list[str]) -> None:
    assert servers(build("TBXX")) == Servers("https://common.example/gateway", "https://common.example/gateway")


def test_the_table_is_asked_for_once_and_not_before_it_is_needed(asked: list[str]) -> None:
    domains = build()
    before = list(asked)
    servers(domains)
    servers(domains, is_paper=True)

    assert before == []
    assert len(asked) == 1


def test_a_server_url_of_the_credential_is_the_only_server(asked: list[str]) -> None:
    found = servers(build(server_url="http://127.0.0.1:9/gateway"))

    assert found == Servers("http://127.0.0.1:9/gateway", "http://127.0.0.1:9/gateway")
    assert asked == []


def test_without_a_table_the_default_servers_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiger_open_config, "DOMAIN_GARDEN_ADDRESS", "http://127.0.0.1:1")

    assert servers(build()) == Servers(DEFAULT, DEFAULT)


def test_an_american_licence_has_its_own_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiger_open_config, "DOMAIN_GARDEN_ADDRESS", "http://127.0.0.1:1")

    assert servers(build("TBUS")).trade == "https://openapi.tradeup.com/gateway"
