"""The pictures in the pages are what the gateway answers, drawn again."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.documentation.blocks import get_documents
from tests.documentation.draw import FOLDER, draw_pictures
from tests.documentation.drawing import get_ticks
from tests.documentation.pictures import PICTURES

SHOWN = re.compile(r"!\[([^\]]+)\]\((\S+\.svg)\)")


def test_the_pictures_are_what_the_command_draws(tmp_path: Path) -> None:
    drawn = draw_pictures(tmp_path)
    committed = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}

    assert drawn == committed, "run make pictures"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_an_image_with_a_title(name: str) -> None:
    root = ET.parse(FOLDER / name).getroot()  # noqa: S314 - our own file.

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.findtext("{http://www.w3.org/2000/svg}title")
    assert not {"nan", "inf"} & set(" ".join(root.itertext()).split())


def test_each_picture_is_shown_on_a_page_and_each_page_finds_its_pictures() -> None:
    shown = [
        (document.parent / found[2]).resolve()
        for document in get_documents()
        for found in SHOWN.finditer(document.read_text(encoding="utf-8"))
    ]

    assert {file.name for file in shown} == set(PICTURES)
    assert [file for file in shown if not file.is_file()] == []


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [(0.0, 10.0, 5, [0, 2, 4, 6, 8, 10]), (241.0, 279.0, 5, [250, 260, 270]), (0.262, 0.41, 4, [0.3, 0.35, 0.4])],
)
def test_ticks_are_round_values_within_the_bounds(low: float, high: float, most: int, ticks: list[float]) -> None:
    assert get_ticks(low, high, most) == ticks
