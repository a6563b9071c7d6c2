"""A token says when it was issued and when it ends; whatever else it may be, it is not guessed about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens.user_token import UserToken, read_token
from tests.tokens.token_texts import TIMES, encode


def test_a_published_token_is_decoded() -> None:
    token = read_token(encode(*TIMES))

    assert (token.issued_at, token.expires_at) == TIMES


@pytest.mark.parametrize(
    "text", ["", "abc", "=", "a" * 60, "\x00", "ü", encode(TIMES[1], TIMES[0]), encode(*TIMES)[1:]]
)
def test_what_does_not_decode_says_nothing_about_time(text: str) -> None:
    assert read_token(text) == UserToken(text, None, None)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert read_token(text).text == text


def test_the_later_issued_of_two_is_newer() -> None:
    older, newer = read_token(encode(*TIMES)), read_token(encode(TIMES[0] + 1, TIMES[1]))

    assert (newer.is_newer_than(older), older.is_newer_than(newer), older.is_newer_than(None)) == (True, False, True)


def test_a_token_does_not_show_in_its_description() -> None:
    assert encode(*TIMES) not in repr(read_token(encode(*TIMES)))
