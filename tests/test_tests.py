"""How tests and benches are built: one support package below both, and no test that leans on another test."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORT = "tests.support"


def imports(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each module of a folder with what it imports of tests and benches."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"tests", "bench"}:
                for name in node.names:
                    yield str(file.relative_to(ROOT)), f"{node.module}.{name.name}"


def test_no_module_imports_a_test_module():
    leaning = [
        (file, imported)
        for folder in ("tests", "bench")
        for file, imported in imports(folder)
        if any(part.startswith("test_") for part in imported.split(".")[:-1])
    ]

    assert leaning == []


def test_a_bench_imports_of_the_tests_their_support_alone():
    wrong = [
        (file, imported)
        for file, imported in imports("bench")
        if imported.startswith("tests.") and not imported.startswith(f"{SUPPORT}.")
    ]

    assert wrong == []


def test_the_support_of_both_knows_neither():
    wrong = [(file, imported) for file, imported in imports("tests/support") if not imported.startswith(f"{SUPPORT}.")]

    assert wrong == []
