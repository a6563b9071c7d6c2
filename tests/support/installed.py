"""The wheel, built once and installed in environments of their own, each beside a host application."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.server import ROOT

HOST = ROOT / "tests" / "embedding" / "host"
SOURCES = ("app", "blueprints", "schemas", "pyproject.toml", "README.md", "LICENSE", "wsgi.py", "gunicorn.conf.py")


@dataclass(frozen=True)
class Environment:
    """An environment with everything but the checkout, where packages can be installed."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.folder), "platbase": str(self.folder)}))

    def install(self, *packages: Path) -> None:
        """Install without looking anywhere for further packages."""
        options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet"]
        run([sys.executable, "-m", "pip", "--python", self.python, "install", *options, *packages])

    def uninstall(self, package: str) -> None:
        run([sys.executable, "-m", "pip", "--python", self.python, "uninstall", "--yes", "--quiet", package])

    def run(self, *arguments: str | Path, cwd: Path, **variables: str) -> str:
        """Run Python there and return what it printed."""
        return run([self.python, *arguments], cwd=cwd, **variables)


def run(command: Sequence[str | Path], cwd: Path | None = None, **variables: str) -> str:
    # Sets of strings are printed in the same order each time.
    environ = {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", **variables}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_environment(folder: Path) -> Environment:
    """Make an environment whose packages are those of this one but for the checkout."""
    venv.create(folder, with_pip=False, symlinks=True)
    environment = Environment(folder)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "tiger_rest" not in entry.name and entry.suffix != ".pth" and entry.name != "__pycache__":
            (environment.packages / entry.name).symlink_to(entry)
    return environment


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that is made once for all processes of a run."""
    base = factory.getbasetemp()
    whole = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = whole / name, whole / f"{name}.made"
    with (whole / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def build_wheel(folder: Path) -> None:
    """Build the wheel from a copy of the sources."""
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", folder, source])


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel of this checkout."""
    [built] = make_once(tmp_path_factory, "wheel", build_wheel).glob("*.whl")
    return built


@pytest.fixture(scope="session")
def shared_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Install the wheel where tests only use it."""
    return Environment(
        make_once(tmp_path_factory, "environment", lambda folder: make_environment(folder).install(wheel))
    )


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Give a copy of the host's folder."""
    return shutil.copytree(HOST, tmp_path / "host")
