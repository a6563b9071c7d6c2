"""A token is a problem from half of the life it had left, and fatal at the end of it."""

from pathlib import Path

import pytest

from app.settings import Account, Credential
from app.tokens.attempts import Outcome
from app.tokens.health import Reason, find_problem
from app.tokens.observation import Observation
from app.tokens.records import TokenOwner, TokenRecord
from app.tokens.user_token import UserToken

ACCOUNT = Account("1", "9", "live", "TBHK", "main")
OWNER = TokenOwner("9", (Credential("main", Path("main"), "9", "TBHK", "key", None, (ACCOUNT,)),))
OBTAINED, EXPIRES = 1_000, 2_000
TOKEN = UserToken("a-token", 0, EXPIRES)


def record(token: UserToken | None) -> TokenRecord:
    return TokenRecord("9", 1, token, OBTAINED, 1, 1, False, 0, OBTAINED, 1.0, 1, 0.0)


@pytest.mark.parametrize(
    ("now", "is_fatal"), [(1_000, None), (1_499, None), (1_500, False), (1_999, False), (2_000, True), (9_999, True)]
)
def test_a_problem_grows_with_age(now: int, is_fatal: bool | None) -> None:
    problem = find_problem(Observation(OWNER, record(TOKEN), now_ms=now))

    assert (problem.is_fatal if problem else None) is is_fatal


def test_a_token_that_has_expired_needs_an_operator() -> None:
    problem = find_problem(Observation(OWNER, record(TOKEN), now_ms=EXPIRES))

    assert problem is not None
    assert (problem.credential, problem.reason) == ("main", Reason.EXPIRED)


def test_every_outcome_that_needs_an_operator_says_why() -> None:
    assert {outcome.value for outcome in Outcome if outcome.needs_operator} <= set(Reason)


def test_a_missing_token_is_fatal_and_says_what_to_do() -> None:
    problem = find_problem(Observation(OWNER, record(None), now_ms=OBTAINED))

    assert problem is not None
    assert problem.is_fatal
    assert "tiger_openapi_token.properties" in problem.sentence


def test_a_token_that_lives_in_memory_alone_is_a_problem() -> None:
    problem = find_problem(Observation(OWNER, record(TOKEN), now_ms=OBTAINED, is_unsaved=True))

    assert problem is not None
    assert not problem.is_fatal


def test_no_sentence_holds_the_token() -> None:
    problem = find_problem(Observation(OWNER, record(TOKEN), now_ms=EXPIRES))

    assert problem is not None
    assert "a-token" not in problem.sentence
