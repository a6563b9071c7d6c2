"""Links between the pages lead to pages, and to headings that stand there."""

import re
from pathlib import Path

import pytest

from tests.documentation.blocks import FENCE, get_documents

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def get_anchors(document: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    headings = HEADING.findall(FENCE.sub("", document.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", get_documents(), ids=lambda document: document.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    targets = [((document.parent / file).resolve() if file else document, anchor) for file, anchor in links]

    assert [str(file) for file, _ in targets if not file.exists()] == []
    assert [anchor for file, anchor in targets if anchor and anchor not in get_anchors(file)] == []
