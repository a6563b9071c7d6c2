"""The number of a contract: the same wherever it is named, and in every run."""

_LARGEST = 1_000_000_007


def get_contract_id(identifier: str) -> int:
    """Return the number that belongs to an identifier."""
    number = 0
    for character in identifier:
        number = (number * 131 + ord(character)) % _LARGEST
    return number
