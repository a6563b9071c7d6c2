"""Requests about halts."""

from dataclasses import dataclass

from schemas.fields import Choice, Flag, Text
from schemas.requests import optional, required

HALTS = ("halted", "reduce_only")
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class HaltRequest:
    """Stop placing and changing orders."""

    mode: str = required(
        Choice(HALTS), "halted stops all of it; reduce_only lets close-position pass, and nothing else."
    )
    reason: str = required(Text(longest=LONGEST_REASON), "Why, in a sentence: clients whose orders are refused see it.")
    cancel_open: bool = optional(Flag(), False, "Whether to cancel the open orders, too.")


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    """Let orders be placed and changed again."""

    reason: str = optional(Text(longest=LONGEST_REASON), "resumed", "Why, in a sentence.")


@dataclass(frozen=True, slots=True)
class HaltsRequest:
    """Ask what is in force."""
