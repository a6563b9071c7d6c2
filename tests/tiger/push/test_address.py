"""Where the push service is looked for."""

import dataclasses
from pathlib import Path

import pytest
from tigeropen.tiger_open_config import SOCKET_HOST_PORT, US_SOCKET_HOST_PORT

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.push.address import PushAddress, find_address, read_address

CREDENTIAL = Credential("one", Path(), "20154747", "TBSG", "", None, ())
TABLE = {"socket_port": 9884, "COMMON": "https://openapi.example.com", "TBSG": "https://openapi.example.com/hkg"}


class Table:
    """Stand for Tiger's table of domains, of which nothing but the answer matters here."""

    def __init__(self, **answer):
        self._answer = answer

    def fetch_table(self, _):
        return self._answer


def find(table, **changes):
    return find_address(dataclasses.replace(CREDENTIAL, **changes), Table(**table), Deadline.after(1))


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
def test_plain_tcp_is_used_only_where_it_is_spelt(written, address):
    assert read_address(written) == address


def test_the_credentials_own_address_comes_first():
    assert find(TABLE, socket_host_port="tcp,127.0.0.1,5000") == PushAddress("127.0.0.1", 5000, is_tls=False)


def test_then_that_of_the_table():
    assert find(TABLE) == PushAddress("openapi.example.com", 9884)


@pytest.mark.parametrize("table", [{}, {"socket_port": "x", "COMMON": "https://a"}, {"socket_port": 1, "COMMON": "http://a"}])
@pytest.mark.parametrize(("license_name", "own"), [("TBSG", SOCKET_HOST_PORT), ("TBUS", US_SOCKET_HOST_PORT)])
def test_then_the_sdks_for_the_licence(table, license_name, own):
    assert find(table, license=license_name) == PushAddress(*own[1:])
