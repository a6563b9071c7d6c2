"""A token is a concern from half of the life it had left, and fatal at the end of it."""

from pathlib import Path

import pytest

from app.settings import Account, Credential
from app.tokens.concerns import NEEDS, Need, Signs, get_concern
from app.tokens.record import Outcome, TokenOwner, TokenRecord
from app.tokens.user_token import UserToken

ACCOUNT = Account("1", "9", "live", "TBHK", "main")
OWNER = TokenOwner("9", (Credential("main", Path("main"), "9", "TBHK", "key", None, (ACCOUNT,)),))
OBTAINED, EXPIRES = 1_000, 2_000


def record(token: UserToken | None) -> TokenRecord:
    return TokenRecord("9", 1, token, OBTAINED, 1, 1, False, 0, OBTAINED, 1.0, 1, 0.0)


@pytest.mark.parametrize(
    ("now", "is_fatal"), [(1_000, None), (1_499, None), (1_500, False), (1_999, False), (2_000, True), (9_999, True)]
)
def test_concern_grows_with_age(now: int, is_fatal: bool | None) -> None:
    token = UserToken("text", 0, EXPIRES)
    concern = get_concern(OWNER, record(token), None, None, now, Signs())

    assert (concern.is_fatal if concern else None) is is_fatal


def test_a_token_that_has_expired_needs_an_operator() -> None:
    concern = get_concern(OWNER, record(UserToken("text", 0, EXPIRES)), None, None, EXPIRES, Signs())

    assert concern is not None
    assert (concern.credential, concern.need) == ("main", Need.EXPIRED)


def test_every_outcome_that_needs_an_operator_says_why() -> None:
    assert {outcome for outcome in Outcome if outcome.needs_operator} == NEEDS.keys()


def test_a_missing_token_is_fatal_and_says_what_to_do() -> None:
    concern = get_concern(OWNER, record(None), None, None, OBTAINED, Signs())

    assert concern is not None
    assert concern.is_fatal
    assert "tiger_openapi_token.properties" in concern.sentence


def test_a_token_that_lives_in_memory_alone_is_a_concern() -> None:
    token = UserToken("text", 0, EXPIRES)
    concern = get_concern(OWNER, record(token), None, None, OBTAINED, Signs(is_unsaved=True))

    assert concern is not None
    assert not concern.is_fatal


def test_no_sentence_holds_the_token() -> None:
    token = UserToken("a-token", 0, EXPIRES)
    concern = get_concern(OWNER, record(token), None, None, EXPIRES, Signs())

    assert concern is not None
    assert "a-token" not in concern.sentence
