"""Where the push service is looked for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from tigeropen import tiger_open_config
from tigeropen.tiger_open_config import SOCKET_HOST_PORT, US_SOCKET_HOST_PORT

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.push.address import PushAddress, find_address, read_address
from app.tiger.wire.client import Client
from app.tiger.wire.domains import Domains
from app.tiger.wire.transport import Transport
from tests.support.domain_table import serve_domain_table

TABLE = {"socket_port": 9884, "COMMON": "https://openapi.example.com", "TBSG": "https://openapi.example.com/hkg"}
Serve = Callable[[Mapping[str, object]], list[str]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Give what serves a table of domains where the SDK looks for it, and gives the questions that arrived."""
    with ExitStack() as stack:
        yield lambda table: stack.enter_context(serve_domain_table(table, monkeypatch))


def find(license_name: str = "TBSG", server_url: str | None = None, push_address: str | None = None) -> PushAddress:
    credential = Credential(
        "one", Path(), "20154747", license_name, "key", server_url, (), socket_host_port=push_address
    )
    domains = Domains(Client(credential, Transport(1)).configuration, server_url)
    return find_address(credential, domains, Deadline.after(5))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ssl,openapi.tigerfintech.com,9883", PushAddress("openapi.tigerfintech.com", 9883)),
        (" tcp , 127.0.0.1 , 5000 ", PushAddress("127.0.0.1", 5000, is_tls=False)),
        ("http,127.0.0.1,5000", None),
        ("ssl,127.0.0.1,0", None),
        ("ssl,127.0.0.1,65536", None),
        ("127.0.0.1:5000", None),
    ],
)
def test_plain_tcp_is_used_only_where_it_is_spelt(written: str, address: PushAddress | None) -> None:
    assert read_address(written) == address


def test_the_credentials_own_address_comes_first_and_nobody_is_asked(serve: Serve) -> None:
    asked = serve(TABLE)

    assert find(push_address="tcp,127.0.0.1,5000") == PushAddress("127.0.0.1", 5000, is_tls=False)
    assert asked == []


def test_then_that_of_the_table(serve: Serve) -> None:
    serve(TABLE)

    assert find() == PushAddress("openapi.example.com", 9884)


@pytest.mark.parametrize(
    "table",
    [{"socket_port": "x", "COMMON": "https://a"}, {"socket_port": 1, "COMMON": "http://a"}, {"COMMON": "https://a"}],
)
@pytest.mark.parametrize(("license_name", "own"), [("TBSG", SOCKET_HOST_PORT), ("TBUS", US_SOCKET_HOST_PORT)])
def test_then_the_sdks_for_the_licence(
    serve: Serve, table: Mapping[str, object], license_name: str, own: tuple[str, str, int]
) -> None:
    serve(table)

    assert find(license_name) == PushAddress(*own[1:])


def test_without_a_table_it_is_the_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiger_open_config, "DOMAIN_GARDEN_ADDRESS", "http://127.0.0.1:1")

    assert find() == PushAddress(*SOCKET_HOST_PORT[1:])
