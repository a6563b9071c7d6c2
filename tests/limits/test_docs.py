"""The page about guard rails has every limit, as the table of limits has it."""

from pathlib import Path

import pytest

from app.risk.limits.table import LIMITS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guard-rails.md"


@pytest.mark.parametrize("name", LIMITS)
def test_the_page_has_the_row_of_each_limit(name: str) -> None:
    limit = LIMITS[name]

    assert f"| `{name}` | {limit.unit.value} | {limit.help} |\n" in PAGE.read_text()
