"""A read endpoint is data and a decoder: it takes few lines of gateway code besides its schemas."""

import ast
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SUBJECTS = ("app.tiger.market", "app.tiger.company", "app.tiger.trading", "app.tiger.credential")
"""Where the code of single endpoints lies; what lies elsewhere serves all of them."""
MOST_LINES = 60


def get_file(module: str) -> Path:
    return (ROOT / Path(*module.split("."))).with_suffix(".py")


@cache
def get_tree(module: str) -> ast.Module:
    return ast.parse(get_file(module).read_text())


def count_lines(node: ast.AST) -> int:
    """Count the lines that hold code: no docstring, no comment, nothing blank."""
    texts = {
        line
        for child in ast.walk(node)
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant) and isinstance(child.value.value, str)
        for line in range(child.lineno, (child.end_lineno or child.lineno) + 1)
    }
    held = {
        line
        for child in ast.walk(node)
        if isinstance(child, ast.stmt | ast.expr | ast.arg | ast.keyword | ast.alias)
        for line in (child.lineno, child.end_lineno or child.lineno)
    }
    return len(held - texts)


def get_imports(module: str) -> dict[str, str]:
    """Return the names that a module imports from those of subjects, each with its module."""
    return {
        name.asname or name.name: str(node.module)
        for node in ast.walk(get_tree(module))
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
        if str(node.module).startswith(SUBJECTS) and get_file(str(node.module)).exists()
    }


@cache
def get_reached(module: str) -> frozenset[str]:
    """Return a module of a subject with all others that it needs."""
    return frozenset({module}).union(*map(get_reached, set(get_imports(module).values())))


def list_reads() -> Iterator[tuple[str, int, frozenset[str]]]:
    """Yield the path of each read with the lines of its view and the modules of subjects that it needs."""
    for file in sorted((ROOT / "blueprints").glob("*.py")):
        imported = get_imports(f"blueprints.{file.stem}")
        for view in get_tree(f"blueprints.{file.stem}").body:
            if isinstance(view, ast.FunctionDef) and "Access.READ" in map(ast.unparse, get_guards(view)):
                used = {
                    imported[name.id] for name in ast.walk(view) if isinstance(name, ast.Name) and name.id in imported
                }
                lines = count_lines(view) + len(view.decorator_list)
                yield f"{file.stem}.{view.name}", lines, frozenset[str]().union(*map(get_reached, used))


def get_guards(view: ast.FunctionDef) -> Iterator[ast.expr]:
    for decorator in view.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "guard":
            yield from decorator.args


def get_costs() -> dict[str, float]:
    """Return the lines of each read: those of its view, and its part of each module that it needs.

    A module that several reads need counts for each by its part: what they share is written once.
    """
    reads = {name: (lines, modules) for name, lines, modules in list_reads() if modules}
    sharing = [module for _, modules in reads.values() for module in modules]
    return {
        name: lines + sum(count_lines(get_tree(module)) / sharing.count(module) for module in modules)
        for name, (lines, modules) in reads.items()
    }


def test_half_of_the_reads_take_at_most_sixty_lines() -> None:
    costs = get_costs()

    assert len(costs) > 40
    assert statistics.median(costs.values()) <= MOST_LINES, sorted(costs.items(), key=lambda cost: -cost[1])


def test_the_model_of_the_guide_takes_as_many_as_it_says() -> None:
    assert 40 <= get_costs()["market.trading_calendar"] <= MOST_LINES
