"""Deterministic randomness: the same seed, symbol and moment always give the same number."""

from hashlib import blake2b

MASK = 0xFFFF_FFFF_FFFF_FFFF
_UNIT = 1.0 / (1 << 64)


def seed_of(*parts: object) -> int:
    """Return 64 bits that depend on every part and on their order, the same in every process."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def mixed(seed: int, number: int) -> int:
    """Return 64 well-mixed bits for a number under a seed (the SplitMix64 finaliser)."""
    bits = (seed + number * 0x9E37_79B9_7F4A_7C15) & MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return bits ^ (bits >> 31)


def uniform(seed: int, number: int) -> float:
    """Return a number in [0, 1)."""
    return mixed(seed, number) * _UNIT


def smooth(seed: int, position: float) -> float:
    """Return value noise in [-1, 1]: independent values at the integers, joined without a kink."""
    left = int(position // 1)
    part = position - left
    here = mixed(seed, left) * _UNIT
    if not part:
        return 2.0 * here - 1.0
    there = mixed(seed, left + 1) * _UNIT
    weight = part * part * (3.0 - 2.0 * part)
    return 2.0 * (here + (there - here) * weight) - 1.0
