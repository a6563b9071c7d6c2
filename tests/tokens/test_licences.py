"""Licences that use no token say so and are healthy; one token serves all credentials of a tiger_id."""

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.permissions import Identity, Permission
from app.gateway import Gateway
from app.settings import Account, Credential, Settings
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tokens.records import get_owners
from tests.support.client import FIRST

ADMIN = Identity("id", "admin", frozenset({"*"}), frozenset(Permission))


def make_credential(folder: Path, name: str, *accounts: str, kind: str = "live") -> Credential:
    rows = tuple(Account(account, "1", "demo" if kind == "demo" else "live", "TBNZ", name) for account in accounts)
    return Credential(name, folder, "1", "TBNZ", "unused", None, rows)


@pytest.fixture
def tokenless(settings: Settings, tmp_path: Path) -> Iterator[Gateway]:
    """Give a gateway whose only credential has a licence without tokens."""
    (tmp_path / "tokenless").mkdir()
    credential = make_credential(tmp_path / "tokenless", "plain", FIRST)
    gateway = Gateway(dataclasses.replace(settings, credentials=(credential,)))
    yield gateway
    gateway.close()


def test_a_refresh_of_a_licence_without_tokens_says_so(tokenless: Gateway, tiger: Simulator) -> None:
    answer = tokenless.tokens.refresh(tokenless.tiger.session(FIRST), ADMIN)

    assert (answer["refreshed"], answer["reason"]) == (False, "the licence TBNZ uses no token")
    assert tiger.calls() == 0


def test_a_licence_without_tokens_is_healthy(tokenless: Gateway) -> None:
    tokenless.tokens.look_after()
    row = tokenless.tokens.describe()["credentials"][0]

    assert tokenless.tokens.fetch_problems() == []
    assert (row["uses_token"], row["status"], row["next_refresh_at"]) == (False, "healthy", None)


def test_an_old_file_of_a_licence_without_tokens_stops_nothing_and_may_be_deleted(tokenless: Gateway) -> None:
    file = tokenless.settings.credentials[0].path / "tiger_openapi_token.properties"
    over = base64.b64encode(b"1700000000000,1700000001000 and 16 bytes").decode()
    file.write_text(f"token={over}\n")
    tokenless.tokens.look_after()
    told = tokenless.tokens.fetch_problems()
    assert tokenless.tokens.get_source(tokenless.settings.credentials[0]).current() == over
    file.unlink()
    tokenless.tokens.look_after()

    source = tokenless.tokens.get_source(tokenless.settings.credentials[0])
    assert (source.current(), source.fetch_replacement([], Deadline.after(1))) == (None, None)
    assert tokenless.tokens.describe()["credentials"][0]["next_refresh_at"] is None
    assert [concern.is_fatal for concern in told] == [False]
    assert "delete the file" in told[0].sentence
    assert (tokenless.tokens.fetch_problems(), file.exists()) == ([], False)


def test_credentials_of_one_tiger_id_share_its_token() -> None:
    first, second = (make_credential(Path(name), name, account) for name, account in (("a", "1"), ("b", "2")))

    assert [owner.credentials for owner in get_owners([first, second]).values()] == [(first, second)]


def test_a_live_account_speaks_for_its_token() -> None:
    paper, live = make_credential(Path("a"), "a", "9", kind="demo"), make_credential(Path("b"), "b", "2")

    assert get_owners([paper, live])["1"].refresh_account.account == "2"
