"""What is sealed can be read with the same secret, for the same tiger_id, and in no other way."""

import pytest

from app.tokens.seal import Seal

SEAL = Seal(b"a secret of some length, for tests")


def test_what_was_sealed_can_be_opened() -> None:
    assert SEAL.open(SEAL.close("token", "1"), "1") == "token"


def test_a_sealed_token_holds_nothing_of_the_token() -> None:
    assert "token" not in SEAL.close("token", "1")


def test_the_same_token_is_sealed_differently_each_time() -> None:
    assert SEAL.close("token", "1") != SEAL.close("token", "1")


def test_another_secret_opens_nothing() -> None:
    assert Seal(b"another secret").open(SEAL.close("token", "1"), "1") is None


def test_a_token_moved_to_another_row_does_not_open() -> None:
    assert SEAL.open(SEAL.close("token", "1"), "2") is None


@pytest.mark.parametrize(
    "sealed",
    [None, "", "v1:", "v1:????", "v2:abcd", "token", pytest.param(SEAL.close("token", "1")[:-4], id="cut short")],
)
def test_what_was_changed_does_not_open(sealed: str | None) -> None:
    assert SEAL.open(sealed, "1") is None
