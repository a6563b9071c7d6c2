"""What a verification found."""

from dataclasses import dataclass, field
from typing import Final

MOST_PROBLEMS: Final = 1_000
"""So many problems are kept; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit: its kind, the row's place in the chain where it has one, and a sentence."""

    kind: str
    position: int | None
    sentence: str


@dataclass(slots=True)
class Report:
    """What a verification found."""

    rows: int = 0
    waiting: int = 0
    checkpoints: int = 0
    vouched: int = 0
    foreign_codes: int = 0
    last_foreign: int = 0
    found: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, kind: str, position: int | None, sentence: str) -> None:
        """Take a problem."""
        self.found += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(kind, position, sentence))
