"""Page tokens: good for the list they were made for, and for nothing else."""

import base64
import re
from pathlib import Path

import pytest

from app.errors import InvalidRequest
from app.settings import Account, Credential, Settings
from app.tiger.paging import AtIndex, AtPage, AtToken, Paging
from app.tiger.sessions import Session, Sessions

QUESTION = {"symbol": "AAPL", "begin": 1}


def open_session(account: str = "1", private_key: str = "abc") -> Session:
    served = tuple(Account(name, "10", "live", "TBHK", "default") for name in ("1", "2"))
    credential = Credential("default", Path(), "10", "TBHK", private_key, None, served)
    return Sessions(Settings(instance=Path()), [credential]).session(account)


def write(session: Session, endpoint: str = "fills", question: object = QUESTION) -> str:
    token = Paging(session, endpoint, question, AtToken).write(AtToken("Tiger's own, 页|1"))
    assert token is not None
    return token


def assert_stale(paging: Paging[AtToken] | Paging[AtPage], token: str) -> None:
    with pytest.raises(InvalidRequest, match="page token") as refused:
        paging.read(token)

    assert "the same endpoint, with the same account" in str(refused.value.details)


@pytest.mark.parametrize("place", [AtToken("Tiger's own, 页|1"), AtPage(2, 50), AtIndex(0)])
def test_a_place_comes_back_as_it_was(place: AtToken | AtPage | AtIndex) -> None:
    paging = Paging(open_session(), "fills", QUESTION, type(place))

    token = paging.write(place)

    assert re.fullmatch("[A-Za-z0-9_-]+", token or "")
    assert paging.read(token) == place


def test_a_list_begins_without_a_token_and_ends_without_one() -> None:
    paging = Paging(open_session(), "fills", QUESTION, AtToken)

    assert paging.read(None) is None
    assert paging.write(None) is None


def test_other_workers_take_a_token() -> None:
    token = write(open_session())

    assert Paging(open_session(), "fills", dict(reversed(QUESTION.items())), AtToken).read(token) is not None


def test_a_token_is_good_for_its_question_account_and_endpoint_alone() -> None:
    token = write(open_session())

    assert_stale(Paging(open_session(), "fills", QUESTION | {"begin": 2}, AtToken), token)
    assert_stale(Paging(open_session(account="2"), "fills", QUESTION, AtToken), token)
    assert_stale(Paging(open_session(), "orders", QUESTION, AtToken), token)
    assert_stale(Paging(open_session(private_key="other"), "fills", QUESTION, AtToken), token)


def test_a_token_of_another_release_with_other_members_is_refused() -> None:
    assert_stale(Paging(open_session(), "fills", QUESTION, AtPage), write(open_session()))


def test_a_place_that_was_changed_is_refused() -> None:
    session = open_session()
    sent = base64.urlsafe_b64decode(write(session) + "==")
    forged = base64.urlsafe_b64encode(sent.replace(b"own", b"not")).decode().rstrip("=")

    assert_stale(Paging(session, "fills", QUESTION, AtToken), forged)


@pytest.mark.parametrize("token", ["x", "W10", "é", "=" * 40, base64.urlsafe_b64encode(b"[" * 1_000).decode()])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert_stale(Paging(open_session(), "fills", QUESTION, AtToken), token)
