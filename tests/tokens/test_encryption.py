"""What is encrypted can be read with the same secret, for the same tiger_id, and in no other way."""

import pytest

from app.tokens.encryption import Encryption

ENCRYPTION = Encryption(b"a secret of some length, for tests")


def test_what_was_encrypted_can_be_decrypted() -> None:
    assert ENCRYPTION.decrypt(ENCRYPTION.encrypt("token", "1"), "1") == "token"


def test_an_encrypted_token_holds_nothing_of_the_token() -> None:
    assert "token" not in ENCRYPTION.encrypt("token", "1")


def test_the_same_token_is_encrypted_differently_each_time() -> None:
    assert ENCRYPTION.encrypt("token", "1") != ENCRYPTION.encrypt("token", "1")


def test_an_older_secret_still_decrypts_what_was_encrypted_with_it() -> None:
    rotated = Encryption(b"a new secret", b"a secret of some length, for tests")
    before = ENCRYPTION.encrypt("token", "1")

    assert rotated.decrypt(before, "1") == rotated.decrypt(rotated.encrypt("token", "1"), "1") == "token"
    assert ENCRYPTION.decrypt(rotated.encrypt("token", "1"), "1") is None


def test_another_secret_decrypts_nothing() -> None:
    assert Encryption(b"another secret").decrypt(ENCRYPTION.encrypt("token", "1"), "1") is None


def test_a_token_moved_to_another_row_does_not_decrypt() -> None:
    assert ENCRYPTION.decrypt(ENCRYPTION.encrypt("token", "1"), "2") is None


@pytest.mark.parametrize(
    "encrypted",
    [
        None,
        "",
        "v1:",
        "v1:????",
        "v2:abcd",
        "token",
        pytest.param(ENCRYPTION.encrypt("token", "1")[:-4], id="cut short"),
    ],
)
def test_what_was_changed_does_not_decrypt(encrypted: str | None) -> None:
    assert ENCRYPTION.decrypt(encrypted, "1") is None
