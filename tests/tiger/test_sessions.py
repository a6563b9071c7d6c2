"""A session calls in its account's name, and every failure says whether the order may stand."""

import logging
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tigeropen.trade.request.model import AssetParams

from app.errors import (
    AccountNotFound,
    GatewayError,
    InternalError,
    TigerCredentialsRejected,
    TigerError,
    TigerPermissionDenied,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
    TigerUnavailable,
)
from app.settings import Credential, Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tiger.pipeline.observer import Observer
from app.tiger.sessions import Session, Sessions
from app.tiger.wire.token_source import FileToken
from tests.support.client import FIRST, PAPER, SECOND
from tests.support.ports import reserve_port
from tests.tiger.conftest import QUICK

METHOD = "prime_assets"


def ask(session: Session, *, seconds: float = 2.0, command: bool = False) -> Any:
    send = session.command if command else session.read
    return send(METHOD, AssetParams(), Deadline.after(seconds))


def fail(session: Session, *, seconds: float = 2.0, command: bool = False) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        ask(session, seconds=seconds, command=command)
    return caught.value


def test_a_call_names_the_account_of_its_session(sessions: Sessions, simulator: Simulator) -> None:
    for account in (FIRST, SECOND, PAPER):
        ask(sessions.session(account))

    assert [record.account for record in simulator.requests()] == [FIRST, SECOND, PAPER]


def test_each_credential_signs_with_its_own_key(sessions: Sessions, simulator: Simulator) -> None:
    ask(sessions.session(FIRST))
    ask(sessions.session(SECOND))
    records = simulator.requests()

    assert len({record.tiger_id for record in records}) == 2
    assert all(record.signature_is_valid for record in records)


def test_no_tigeropen_variable_counts(
    simulator: Simulator,
    credentials: tuple[Credential, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("TIGER_ID", "ACCOUNT", "PRIVATE_KEY", "LICENSE", "TOKEN", "SERVER_URL", "SECRET_KEY", "TIMEOUT"):
        monkeypatch.setenv(f"TIGEROPEN_{name}", "7")
    monkeypatch.setenv("TIGEROPEN_PROPS_PATH", str(tmp_path))
    (tmp_path / "tiger_openapi_config.properties").write_text("tiger_id=7\naccount=7\n")
    (tmp_path / "tiger_openapi_token.properties").write_text("token=7\n")
    monkeypatch.chdir(tmp_path)

    ask(Sessions(Settings(simulator.folder, tiger=QUICK), credentials).session(FIRST))
    record = simulator.requests()[-1]

    assert (record.account, record.signature_is_valid, record.code) == (FIRST, True, 0)


def test_building_the_sessions_calls_nothing(sessions: Sessions, simulator: Simulator) -> None:
    sessions.session(FIRST)

    assert simulator.calls() == 0


def test_an_unknown_account_is_not_found(sessions: Sessions) -> None:
    with pytest.raises(AccountNotFound):
        sessions.session("12345678")


def test_a_request_for_another_account_is_never_sent(session: Session, simulator: Simulator) -> None:
    params = AssetParams()
    params.account = SECOND

    with pytest.raises(InternalError):
        session.read(METHOD, params, session.read_deadline())

    assert simulator.calls() == 0


@pytest.mark.parametrize(
    ("fault", "error", "in_doubt"),
    [
        (Fault("http_500"), TigerError, True),
        (Fault("http_429"), TigerRateLimited, False),
        (Fault("cut_before"), TigerUnavailable, True),
        (Fault("lost_answer"), TigerUnavailable, True),
        (Fault("hang"), TigerTimeout, True),
        (Fault("garbage"), TigerError, True),
        (Fault("broken_json"), TigerError, True),
        (Fault("foreign_signature"), TigerError, True),
        (Fault("expired_token"), TigerTokenRejected, False),
        (Fault("code", code=1), TigerError, True),
        (Fault("code", code=2), TigerTimeout, True),
        (Fault("code", code=4, message="permission denied"), TigerPermissionDenied, False),
        (Fault("code", code=1000, message="failed to verify signature"), TigerCredentialsRejected, False),
        (Fault("code", code=424242), TigerError, True),
    ],
    ids=lambda value: f"{value.kind}-{value.code}" if isinstance(value, Fault) else None,
)
def test_a_failure_says_whether_a_command_may_have_been_carried_out(
    session: Session, simulator: Simulator, fault: Fault, error: type[GatewayError], in_doubt: bool
) -> None:
    simulator.inject(fault)
    of_read, of_command = fail(session, seconds=0.5), fail(session, seconds=0.5, command=True)

    assert (type(of_read), of_read.in_doubt) == (error, False)
    assert (type(of_command), of_command.in_doubt) == (error, in_doubt)


def test_a_command_is_sent_once_whatever_happens(session: Session, simulator: Simulator) -> None:
    ask(session)
    simulator.inject(Fault("lost_answer"))
    fail(session, command=True)

    assert len(simulator.requests()) == 2


def test_a_huge_answer_is_not_read(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("huge_answer", times=1))
    error = fail(session, seconds=10, command=True)

    assert (type(error), error.in_doubt) == (TigerError, True)


def test_a_slow_answer_ends_at_the_deadline(session: Session, simulator: Simulator) -> None:
    simulator.inject(Fault("delay", seconds=5))
    started = time.monotonic()
    error = fail(session, seconds=0.3)

    assert type(error) is TigerTimeout
    assert time.monotonic() - started < 2.5


def test_no_secret_is_in_an_error_or_in_the_log(
    session: Session, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = (session.credential.path / "tiger_openapi_token.properties").read_text().partition("=")[2].strip()
    for kind in ("http_500", "foreign_signature", "garbage", "hang", "expired_token"):
        simulator.inject(Fault(kind, times=1))
        error = fail(session, seconds=0.3)
        logging.getLogger("test").error("failed: %s", error, exc_info=error)

    assert token[:20] not in caplog.text
    assert "sign" not in caplog.text.replace("signature", "")


def test_a_refused_credential_is_told_to_the_operator(
    session: Session, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.inject(Fault("expired_token"))
    fail(session)

    assert session.credential.name in caplog.text


def test_many_threads_share_few_connections(session: Session, simulator: Simulator) -> None:
    before = simulator.connections_opened
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _number: ask(session, seconds=30), range(24 * 200)))

    assert len(answers) == 24 * 200
    assert simulator.connections_opened - before <= 24


def test_every_call_is_observed_with_its_outcome(simulator: Simulator, credentials: tuple[Credential, ...]) -> None:
    seen: list[tuple[str, str]] = []
    sessions = Sessions(
        Settings(simulator.folder, tiger=QUICK),
        credentials,
        observer=Observer(called=lambda method, outcome, _seconds: seen.append((method, outcome))),
    )
    ask(sessions.session(FIRST))
    simulator.inject(Fault("http_500"))
    fail(sessions.session(FIRST))

    assert seen == [(METHOD, "ok"), (METHOD, "tiger_error")]


def test_a_dead_server_is_unavailable_and_nothing_is_in_doubt(
    simulator: Simulator, credentials: tuple[Credential, ...]
) -> None:
    closed_url = f"http://127.0.0.1:{reserve_port()}/gateway"
    dead = [replace(credential, server_url=closed_url) for credential in credentials]
    error = fail(Sessions(Settings(simulator.folder, tiger=QUICK), dead).session(FIRST), command=True)

    assert (type(error), error.in_doubt, error.retry_after) == (TigerUnavailable, False, 5.0)


class ReplacedToken(FileToken):
    """A token that was replaced while a request was on its way."""

    def fetch_replacement(self, refused: Collection[str], deadline: Deadline) -> str | None:  # noqa: ARG002
        return self.current() or "any"


def test_a_call_that_is_repeated_with_another_token_counts_twice(
    settings: Settings, credentials: tuple[Credential, ...], simulator: Simulator
) -> None:
    sent: list[str] = []
    watch = Observer(sent=sent.append)
    sessions = Sessions(settings, credentials, token_source=lambda one: ReplacedToken(one.path), observer=watch)
    simulator.inject(Fault("expired_token", METHOD, times=1))
    ask(sessions.session(FIRST))
    sessions.close()

    assert sent == [METHOD] * 2


@pytest.mark.parametrize(("times", "calls"), [(2, 3), (3, 3)])
def test_a_call_is_repeated_with_each_token_that_follows_but_not_for_ever(
    settings: Settings, credentials: tuple[Credential, ...], simulator: Simulator, times: int, calls: int
) -> None:
    sessions = Sessions(settings, credentials, token_source=lambda one: ReplacedToken(one.path))
    simulator.inject(Fault("expired_token", METHOD, times=times))
    if times < calls:
        ask(sessions.session(FIRST))
    else:
        assert type(fail(sessions.session(FIRST))) is TigerTokenRejected
    sessions.close()

    assert simulator.calls(METHOD) == calls


def test_a_call_carries_the_token_of_the_moment_in_which_it_is_sent(
    settings: Settings, credentials: tuple[Credential, ...], simulator: Simulator
) -> None:
    taken_after: list[list[str]] = []
    sent: list[str] = []

    class Noting(FileToken):
        def current(self) -> str | None:
            taken_after.append(list(sent))
            return super().current()

    sessions = Sessions(
        settings, credentials, token_source=lambda one: Noting(one.path), observer=Observer(sent=sent.append)
    )
    ask(sessions.session(FIRST))
    sessions.close()

    # Its slot within Tiger's limits, for which a call may wait long, had been given by then.
    assert taken_after == [[METHOD]]
