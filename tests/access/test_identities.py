"""A host's own ids and names fit into the journal."""

from app.access.permissions import LONGEST_ID, LONGEST_NAME, Identity


def get_identity(key_id: str, name: str) -> Identity:
    return Identity(key_id, name, frozenset(), frozenset())


def test_a_short_id_and_name_stay():
    identity = get_identity("i" * LONGEST_ID, "n" * LONGEST_NAME)

    assert identity.fitted() is identity


def test_a_long_id_becomes_a_lasting_digest_and_a_long_name_is_cut():
    ids = ["ada.lovelace@analytical-engines.example", "ada.lovelace@analytical-engines.example.org"]
    first, again, other = (get_identity(key_id, "n" * 200).fitted() for key_id in (ids[0], ids[0], ids[1]))

    assert first == again
    assert first.key_id != other.key_id
    assert (len(first.key_id), len(first.name)) == (LONGEST_ID, LONGEST_NAME)
