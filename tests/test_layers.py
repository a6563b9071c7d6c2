"""Imports point one way; each room knows only the rooms below it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "blueprints", "schemas")

# What a room may import of our own, besides itself. A room is the longest matching prefix of a module's name.
PLAIN = {"app.errors", "app.settings", "app.context"}
ALLOWED: dict[str, set[str]] = {
    "app.errors": set(),
    "app.settings": set(),
    "app.context": set(),
    "app.credentials": PLAIN,
    "app.configuration": PLAIN | {"app.credentials"},
    "app.files": PLAIN | {"app.credentials"},
    "app.storage": PLAIN,
    "app.tiger": PLAIN,
    "app.simulator": set(),
    "app.metrics": PLAIN,
    "app.leadership": PLAIN | {"app.storage", "app.credentials"},
    "app.shared": PLAIN | {"app.storage", "app.tiger.flow"},
    "app.server": PLAIN | {"app.credentials", "app.log_lines"},
    "app.access": PLAIN | {"app.storage", "app.payload", "app.credentials", "app.server.names"},
    "app.tokens": PLAIN | {"app.storage", "app.tiger", "app.leadership", "app.access"},
    "app.entitlements": PLAIN | {"app.tiger", "app.leadership", "app.shared"},
    "app.quote_permission": PLAIN | {"app.storage", "app.tiger", "app.leadership"},
    "app.orders": PLAIN | {"app.storage", "app.tiger", "app.leadership", "app.access"},
    "app.certify": PLAIN | {"app.tiger", "app.access", "app.answers", "app.envelope", "app.gateway"},
    "schemas": {"app.tiger.symbols", "app.tiger.vocabulary"},
    "app.payload": PLAIN,
    "app.envelope": PLAIN | {"schemas"},
}


def imports() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield module, node.module
                elif isinstance(node, ast.Import):
                    yield from ((module, name.name) for name in node.names)


def room(module: str) -> str:
    return max((name for name in ALLOWED if f"{module}.".startswith(f"{name}.")), key=len, default="")


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in FOLDERS


def test_a_room_imports_only_the_rooms_below_it():
    wrong = [
        f"{module} imports {imported}"
        for module, imported in imports()
        if room(module)
        and is_ours(imported)
        and imported != "app"  # The version, which everybody may tell.
        and room(imported) != room(module)
        and not any(imported == name or imported.startswith(f"{name}.") for name in ALLOWED[room(module)])
    ]

    assert wrong == []


def test_only_the_tiger_room_imports_the_sdk():
    outside = [m for m, imported in imports() if imported.split(".")[0] == "tigeropen" and room(m) != "app.tiger"]

    assert outside == []


def test_nothing_imports_the_simulator():
    intruders = [m for m, imported in imports() if room(imported) == "app.simulator" and room(m) != "app.simulator"]

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
