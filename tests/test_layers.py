"""Imports point one way; each room knows only the rooms below it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "blueprints", "schemas")

# What a room may import of our own, besides itself, from the bottom up. A room is the longest matching prefix of a
# module's name; what it may import stands above it here, so that no arrow runs up.
PLAIN = {"app.version", "app.errors", "app.settings", "app.clock", "app.durable_file"}
TIGER = {"app.tiger", "app.tiger.wire", "app.tiger.pipeline", "app.tiger.deadline", "app.tiger.symbols"} | {
    "app.tiger.instrument",
    "app.tiger.identification",
    "app.tiger.instrument_filter",
    "app.tiger.order_kinds",
}
SUBJECTS = {"app.tiger.market", "app.tiger.company", "app.tiger.trading", "app.tiger.credential"}
BELOW_THE_GATEWAY = {"app.config", "app.storage", "app.leadership", "app.audit", "app.access", "app.orders"} | {
    "app.tokens",
    "app.risk",
    "app.risk.limits",
}
ALLOWED: dict[str, set[str]] = {
    "app.version": set(),
    "app.errors": set(),
    "app.settings": set(),
    "app.clock": set(),
    "app.durable_file": set(),
    "app.simulator.clock": set(),
    "app.simulator.readings": set(),
    "app.simulator.wire": set(),
    "app.simulator.market": {"app.simulator.clock"},
    "app.simulator.methods": {
        "app.simulator.clock",
        "app.simulator.readings",
        "app.simulator.wire",
        "app.simulator.market",
    },
    "app.simulator": {"app.simulator.clock", "app.simulator.readings", "app.simulator.wire", "app.simulator.methods"}
    | {"app.simulator.market"},
    "app.config": PLAIN,
    "app.logs": PLAIN,
    "app.storage": PLAIN,
    "app.tiger.symbols": set(),
    "app.tiger.instrument": {"app.tiger.symbols"},
    "app.tiger.identification": {"app.tiger.symbols", "app.tiger.instrument"},
    "app.tiger.instrument_filter": {"app.tiger.symbols", "app.tiger.instrument", "app.tiger.identification"},
    "app.tiger.vocabulary": set(),
    "app.tiger.order_kinds": set(),
    "app.tiger.deadline": set(),
    "app.tiger.wire": PLAIN | {"app.tiger.deadline", "app.tiger.symbols", "app.tiger.instrument"},
    "app.tiger.pipeline": PLAIN | {"app.tiger.deadline", "app.tiger.symbols", "app.tiger.vocabulary", "app.tiger.wire"},
    "app.tiger": PLAIN | TIGER,
    "app.tiger.market": PLAIN | TIGER | {"app.tiger.vocabulary"},
    "app.tiger.company": PLAIN | TIGER,
    "app.tiger.trading": PLAIN | TIGER,
    "app.tiger.credential": PLAIN | TIGER,
    "app.tiger.push": PLAIN | TIGER,
    "app.tiger.plain": PLAIN | TIGER | {"app.tiger.trading"},
    "app.operations.metrics": PLAIN,
    "app.leadership": PLAIN | {"app.storage", "app.config"},
    "app.audit": PLAIN | {"app.storage", "app.leadership", "app.logs"},
    "app.shared": PLAIN | {"app.storage", "app.tiger.pipeline", "app.tiger.deadline"},
    "app.server": PLAIN | {"app.config", "app.logs"},
    "app.access": PLAIN | {"app.storage", "app.config", "app.audit"},
    "app.streams": PLAIN | {"app.access", "app.server.stream", "app.storage"},
    "app.entitlements": PLAIN | TIGER | {"app.leadership", "app.shared", "app.tiger.credential"},
    "app.quote_permission": PLAIN | TIGER | {"app.storage", "app.leadership", "app.tiger.credential"},
    "app.orders": PLAIN
    | TIGER
    | {"app.config", "app.storage", "app.leadership", "app.access", "app.audit", "app.tiger.trading"},
    "app.risk.limits": {"app.tiger.symbols"},
    "app.risk": PLAIN
    | TIGER
    | {"app.storage", "app.access", "app.audit", "app.leadership", "app.orders", "app.risk.limits"}
    | {"app.tiger.trading", "app.tiger.market"},
    "app.tokens": PLAIN | TIGER | {"app.storage", "app.leadership", "app.access", "app.tiger.credential"},
    "app.push": PLAIN | TIGER | {"app.storage", "app.leadership", "app.tiger.push"},
    "app.operations.metrics.observers": {"app.operations.metrics", "app.push", "app.tiger", "app.tiger.pipeline"},
    "app.events": PLAIN
    | TIGER
    | {"app.storage", "app.leadership", "app.server.stream", "app.streams", "app.operations.metrics"}
    | {"app.orders", "app.push", "app.tiger.push", "app.tiger.trading"},
    "app.quote_feed": PLAIN
    | TIGER
    | {
        "app.config",
        "app.leadership",
        "app.push",
        "app.server.stream",
        "app.streams",
        "app.tiger.market",
        "app.tiger.push",
    }
    | {"app.tiger.vocabulary"},
    "app.gateway": PLAIN
    | TIGER
    | BELOW_THE_GATEWAY
    | {"app.operations.metrics", "app.operations.metrics.observers"}
    | {"app.server", "app.shared", "app.entitlements", "app.quote_permission"}
    | {"app.events", "app.push", "app.quote_feed", "app.streams"},
    "app.per_process": PLAIN | {"app.gateway", "app.access"},
    "app.request_context": {"app.access", "app.gateway", "app.tiger"},
    "schemas": {"app.tiger.symbols", "app.tiger.instrument", "app.tiger.identification", "app.tiger.vocabulary"}
    | {"app.tiger.instrument_filter", "app.tiger.order_kinds", "app.risk.limits"},
    "app.web": PLAIN
    | {
        "app.access",
        "app.audit",
        "app.config",
        "app.logs",
        "app.server.names",
        "app.server.stream",
        "app.streams",
        "app.gateway",
        "app.per_process",
        "schemas",
    }
    | {
        "app.orders",
        "app.request_context",
        "app.tiger",
        "app.tiger.trading",
        "app.tiger.push",
        "app.risk",
        "app.risk.limits",
    },
    "app.operations": PLAIN
    | TIGER
    | BELOW_THE_GATEWAY
    | SUBJECTS
    | {"app.gateway", "app.web", "app.operations.metrics"},
    "app.openapi": PLAIN | {"app.access", "app.config", "app.operations", "app.web", "app.tiger.company", "schemas"},
    "app.mcp": PLAIN
    | {"app.access", "app.audit", "app.logs", "app.openapi", "app.operations", "app.request_context"}
    | {"app.server.names", "app.web"},
    "app.certify": PLAIN
    | TIGER
    | SUBJECTS
    | {"app.tiger.plain", "app.access", "app.web", "app.gateway"}
    | {"app.request_context"},
    "blueprints": PLAIN
    | SUBJECTS
    | {"app.access", "app.openapi", "app.operations", "app.request_context", "app.streams", "app.web", "schemas"}
    | {"app.mcp"},
    "app.plugins": {"app.config", "blueprints"},
    "app.cli": PLAIN
    | BELOW_THE_GATEWAY
    | {"app.certify", "app.gateway", "app.openapi", "app.operations", "app.quote_permission"},
    "app.factory": PLAIN
    | {"app.access", "app.cli", "app.config", "app.gateway", "app.logs", "app.operations", "app.per_process"}
    | {"app.plugins", "app.request_context", "app.web"},
    "app.embedding": PLAIN
    | {"app.access", "app.cli", "app.config", "app.factory", "app.gateway", "app.per_process"}
    | {"app.web"},
    "app.wheel": PLAIN
    | TIGER
    | SUBJECTS
    | {"app.access", "app.config", "app.embedding", "app.request_context", "app.web", "schemas"},
}
# What the package itself offers: it stands outside of all rooms.
PACKAGE = {"app": {"app.version", "app.settings", "app.factory"}}
MOST_MODULES_AT_THE_ROOT = 14


def imports() -> Iterator[tuple[str, str]]:
    for module, file in list_modules():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((module, name) for name in find_imported(node))
            elif isinstance(node, ast.Import):
                yield from ((module, name.name) for name in node.names)


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
