"""The build step: put the three folders, and what starts them, under ``tiger_rest``.

setuptools loads this file by its path while it builds, so it imports nothing of ours.
"""

import ast
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

PACKAGE = "tiger_rest"
FOLDERS = frozenset({"app", "blueprints", "schemas"})
# Source in the checkout: name in the package.
BESIDE: Mapping[str, str] = MappingProxyType(
    {
        "app/wheel/package.py": "__init__.py",
        "app/wheel/plugin.py": "plugin.py",
        "app/py.typed": "py.typed",
        "gunicorn.conf.py": "gunicorn_conf.py",
        "wsgi.py": "wsgi.py",
    }
)
BUILDERS = ("app/wheel/__init__.py", "app/wheel/build.py")


class BuildPackage(build_py):
    """Build everything under one package, its imports edited to match."""

    def run(self) -> None:
        """Copy the folders, then what stands beside them; an editable installation is left as it is."""
        if self.editable_mode:
            super().run()
            return
        self.build_lib = str(Path(self.build_lib) / PACKAGE)
        # What an earlier build left would go into the wheel.
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        for source, name in BESIDE.items():
            write_rerooted(Path(source), Path(self.build_lib) / name)

    def build_module(
        self, module: str | list[str] | tuple[str, ...], module_file: str, package: str | list[str] | tuple[str, ...]
    ) -> tuple[str, bool]:
        """Copy one module with its imports edited."""
        outfile, copied = super().build_module(module, module_file, package)  # type: ignore[no-untyped-call] # As distutils has it.
        if not self.editable_mode:
            write_rerooted(Path(module_file), Path(outfile))
        return str(outfile), bool(copied)

    def get_source_files(self) -> list[str]:
        """Return what a source distribution needs, the files beside the folders too."""
        return [*super().get_source_files(), *BESIDE, *BUILDERS]  # type: ignore[no-untyped-call] # As distutils has it.


class BuildWheel(bdist_wheel):
    """Make the wheel, and say in it that its one top-level name is ours."""

    def run(self) -> None:
        """Build as usual, marking that this is no editable installation."""
        self.is_whole = True
        super().run()

    def write_wheelfile(self, wheelfile_base: str, *args: str, **kwargs: str) -> None:
        """Write the top-level name, by which tools find what a package has installed."""
        super().write_wheelfile(wheelfile_base, *args, **kwargs)
        if getattr(self, "is_whole", False):
            (Path(wheelfile_base) / "top_level.txt").write_text(f"{PACKAGE}\n")


def write_rerooted(source: Path, target: Path) -> None:
    """Write a file of the checkout as the wheel has it."""
    text = source.read_text(encoding="utf-8")
    target.write_text(reroot(text, source) if source.suffix == ".py" else text, encoding="utf-8")


def reroot(text: str, source: Path) -> str:
    """Return the module with ``from app…``, ``from blueprints…`` and ``from schemas…`` put under the package.

    Raises:
        SetupError: One of our modules is imported by ``import``, which would bind another name.
    """
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text, str(source))):
        if isinstance(node, ast.Import) and any(is_ours(alias.name) for alias in node.names):
            raise SetupError(f"{source}:{node.lineno}: write from … import …, which can be put under {PACKAGE}")
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and is_ours(node.module):
            line, start = lines[node.lineno - 1].encode(), node.col_offset
            edited = line[start:].replace(b"from ", f"from {PACKAGE}.".encode(), 1)
            lines[node.lineno - 1] = (line[:start] + edited).decode()
    return "".join(lines)


def is_ours(module: str) -> bool:
    """Tell whether a module lies in one of the three folders."""
    return module.split(".", 1)[0] in FOLDERS
