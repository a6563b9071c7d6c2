"""User tokens: who needs one, how they rotate, that they survive."""

import base64
from pathlib import Path

import pytest
from tigeropen.common.exceptions import ApiException

from app.simulator.credentials import TOKEN_FILE, read_token
from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import FIRST_ID, SECOND_ID, Trader, Wire

DAY_SECONDS = 24 * 3600


def test_a_token_is_two_moments_fifteen_days_apart_and_sixteen_bytes(simulator: Simulator, wire: Wire) -> None:
    raw = base64.b64decode(wire.token or "")
    made, _, rest = raw.partition(b",")

    assert (len(raw), len(made)) == (43, 13)
    assert int(rest[:13]) - int(made) == 15 * DAY_SECONDS * 1000


@pytest.mark.parametrize("token", ["nonsense", "Bearer x", "=="])
def test_a_wrong_token_is_refused(wire: Wire, token: str) -> None:
    status, answer = wire.post(wire.sign("accounts"), token=token)

    assert (status, answer["code"]) == (200, 2400)


def test_the_token_of_another_developer_is_refused(simulator: Simulator, wire: Wire) -> None:
    other = Wire(simulator, SECOND_ID)

    assert wire.post(wire.sign("accounts"), token=other.token)[1]["code"] == 2400


def test_a_token_dies_after_fifteen_days(simulator: Simulator, trader: Trader) -> None:
    simulator.advance(15 * DAY_SECONDS + 1)

    with pytest.raises(ApiException) as refused:
        trader.client.get_managed_accounts()
    assert refused.value.code == 2400


def test_a_refresh_gives_a_new_token_and_the_old_one_stays_for_a_while(simulator: Simulator, wire: Wire) -> None:
    fresh = wire.ask("user_token_refresh")["data"]
    old_at_once = wire.ask("accounts")["code"]
    simulator.advance(601)

    assert (fresh["tigerId"], fresh["license"]) == (FIRST_ID, "TBHK")
    assert fresh["expiredTime"] - fresh["createTime"] == 15 * DAY_SECONDS * 1000
    assert (old_at_once, wire.ask("accounts")["code"]) == (0, 2400)
    assert wire.post(wire.sign("accounts"), token=fresh["token"])[1]["code"] == 0


def test_a_refresh_can_end_the_old_token_at_once(simulate: Simulate) -> None:
    wire = Wire(simulate(old_token="ends"))  # noqa: S106 - what becomes of a token.
    fresh = wire.ask("user_token_refresh")["data"]["token"]

    assert wire.ask("accounts")["code"] == 2400
    assert wire.post(wire.sign("accounts"), token=fresh)[1]["code"] == 0


def test_the_sdk_gets_its_new_token(trader: Trader) -> None:
    new = trader.client.query_token()

    assert len(base64.b64decode(new)) == 43


def test_a_restart_leaves_a_good_token_file_alone(simulate: Simulate, tmp_path: Path) -> None:
    first = simulate(folder=tmp_path / "a")
    path = first.get_credential_folder(FIRST_ID) / TOKEN_FILE
    fresh = Wire(first).ask("user_token_refresh")["data"]["token"]
    escaped = fresh.replace("=", "\\=")
    path.write_text(f"#written by the SDK\ntoken={escaped}\n")
    first.stop()
    second = simulate(folder=tmp_path / "a")

    assert read_token(path) == fresh
    assert Trader(second).client.get_managed_accounts()


@pytest.mark.parametrize("text", ["", "token=\n", "token=unknown\n", "\x00\xff"])
def test_a_restart_replaces_a_token_file_that_is_no_good(simulate: Simulate, tmp_path: Path, text: str) -> None:
    first = simulate(folder=tmp_path / "a")
    path = first.get_credential_folder(FIRST_ID) / TOKEN_FILE
    path.write_text(text)
    first.stop()
    second = simulate(folder=tmp_path / "a")

    assert Trader(second).client.get_managed_accounts()
    assert path.stat().st_mode & 0o777 == 0o600
