"""What an examination finds."""

import enum
from dataclasses import dataclass


class Verdict(enum.StrEnum):
    """How a step went: as it should, well enough to serve, or not."""

    OK = "ok"
    ATTENTION = "attention"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: its subject, what was seen, and what to do about it where something is."""

    verdict: Verdict
    subject: str
    seen: str
    fix: str = ""


def ok(subject: str, seen: str) -> Finding:
    """Return that a step went as it should."""
    return Finding(Verdict.OK, subject, seen)


def attention(subject: str, seen: str, fix: str) -> Finding:
    """Return that the gateway serves, but something should be looked after."""
    return Finding(Verdict.ATTENTION, subject, seen, fix)


def wrong(subject: str, seen: str, fix: str) -> Finding:
    """Return that the gateway, or a part of it, cannot serve like this."""
    return Finding(Verdict.WRONG, subject, seen, fix)
