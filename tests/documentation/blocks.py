"""Read the fenced blocks of the documentation, each with what it needs to be executed."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import ROOT

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
NEEDS = re.compile(r"\*Needs (a server|a Tiger account)\.\*\s*\Z")


@dataclass(frozen=True)
class Block:
    """One fenced block: its document, line, language, text, and what it says it needs."""

    document: Path
    line: int
    language: str
    text: str
    needs: str | None

    @property
    def name(self) -> str:
        """Return the name of the document."""
        return self.document.name

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def get_documents() -> list[Path]:
    """Return every page that people read."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def get_blocks(*languages: str) -> list[Block]:
    """Return the blocks in these languages, of all documents."""
    blocks = []
    for document in get_documents():
        text = document.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            needs = NEEDS.search(text[: match.start()])
            blocks.append(
                Block(
                    document,
                    text.count("\n", 0, match.start()) + 1,
                    match["language"],
                    textwrap.dedent(match["text"]),
                    needs[1] if needs else None,
                )
            )
    return [block for block in blocks if not languages or block.language in languages]
