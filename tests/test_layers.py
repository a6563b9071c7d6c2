"""Imports point one way; each room knows only the rooms below it."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import ALLOWED

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "blueprints", "schemas")

# What the package itself offers: it stands outside of all rooms.
PACKAGE = {"app": {"app.version", "app.settings", "app.factory"}}
MOST_MODULES_AT_THE_ROOT = 14


@functools.cache
def imports() -> list[tuple[str, str]]:
    """Return who imports what."""
    found: list[tuple[str, str]] = []
    for module, file in list_modules():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.extend((module, name) for name in find_imported(node))
            elif isinstance(node, ast.Import):
                found.extend((module, name.name) for name in node.names)
    return found


def find_imported(node: ast.ImportFrom) -> Iterator[str]:
    """Yield what a statement imports: ``from app.tiger.wire import values`` means that module."""
    for name in node.names:
        inner = f"{node.module}.{name.name}"
        yield inner if (ROOT / Path(*inner.split("."))).with_suffix(".py").exists() else str(node.module)


def list_modules() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), file


def room(module: str) -> str:
    return max((name for name in ALLOWED if f"{module}.".startswith(f"{name}.")), key=len, default="")


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in FOLDERS


def may_import(module: str, imported: str) -> bool:
    """Tell whether the imported module lies in a room that the importing one may use, or is itself named."""
    allowed = PACKAGE.get(module) or ALLOWED[room(module)]
    return room(imported) in allowed or imported in allowed


def test_every_module_lies_in_a_room():
    homeless = [module for module, _ in list_modules() if not room(module) and module not in PACKAGE]

    assert homeless == []


def test_no_arrow_between_rooms_runs_up():
    order = list(ALLOWED)
    upward = [
        (name, below)
        for name, allowed in ALLOWED.items()
        for below in allowed
        if room(below) != name and order.index(room(below)) > order.index(name)
    ]

    assert upward == []


def test_a_room_imports_only_the_rooms_below_it():
    wrong = [
        f"{module} imports {imported}"
        for module, imported in imports()
        if is_ours(imported) and room(imported) != room(module) and not may_import(module, imported)
    ]

    assert wrong == []


def test_no_modules_import_each_other_in_a_circle():
    names = {module for module, _ in list_modules()}
    graph: dict[str, set[str]] = {name: set() for name in names}
    for module, imported in imports():
        if imported in names and imported != module:
            graph[module].add(imported)

    assert find_circles(graph) == set()


def find_circles(graph: dict[str, set[str]]) -> set[str]:
    """Return who is in a circle, or between two: both ends of every chain are taken away, again and again."""
    left = {name: set(imported) for name, imported in graph.items()}
    while True:
        imported_by_somebody = set().union(*left.values())
        free = {name for name, imported in left.items() if not imported or name not in imported_by_somebody}
        if not free:
            return set(left)
        left = {name: imported - free for name, imported in left.items() if name not in free}


def test_few_modules_lie_loose_in_the_application():
    loose = [file.name for file in (ROOT / "app").glob("*.py")]

    assert len(loose) <= MOST_MODULES_AT_THE_ROOT


def test_only_the_tiger_room_imports_the_sdk():
    outside = [
        m for m, imported in imports() if imported.split(".")[0] == "tigeropen" and not m.startswith("app.tiger.")
    ]

    assert outside == []


def test_nothing_imports_the_simulator():
    intruders = [
        m for m, imported in imports() if imported.startswith("app.simulator") and not m.startswith("app.simulator")
    ]

    assert intruders == []


def test_blueprints_do_not_import_each_other():
    pairs = [
        (module, imported)
        for module, imported in imports()
        if module.startswith("blueprints.") and imported.startswith("blueprints")
    ]

    assert pairs == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_own_modules_are_imported_from_never_named(folder):
    plain = [
        (file.name, name.name)
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import)
        for name in node.names
        if is_ours(name.name)
    ]

    assert plain == []


def test_the_map_has_a_line_for_each_room():
    page = (ROOT / "docs" / "architecture.md").read_text()
    paths = [name.replace(".", "/") for name in ALLOWED if not name.startswith("app.simulator.")]
    missing = [path for path in paths if f"| `{path}/` |" not in page and f"| `{path}.py` |" not in page]

    assert missing == []


def test_what_the_pages_for_developers_name_is_there():
    pages = [(ROOT / "docs" / f"{name}.md").read_text() for name in ("architecture", "contributing", "glossary")]
    named = {
        path for page in pages for path in re.findall(r"`((?:app|bench|blueprints|docs|schemas|tests)/[\w./-]+)`", page)
    }

    assert {path for path in named if not (ROOT / path).exists()} == set()
