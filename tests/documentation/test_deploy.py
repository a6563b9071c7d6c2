"""The unit, the image and the tested set under docs/deploy do what their tools and the gateway expect."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.installed import Environment, make_environment, run
from tests.support.nginx import DEPLOY, is_open
from tests.support.ports import reserve_port
from tests.support.server import ROOT, wait_until

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path):
    # Only the path of the installation is another here.
    unit = (DEPLOY / "tiger-rest.service").read_text().replace("/opt/tiger-rest/bin/gunicorn", sys.executable)
    (tmp_path / "tiger-rest.service").write_text(unit)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "tiger-rest.service"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_starts_what_the_wheel_has(shared_environment, tmp_path):
    command = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / "tiger-rest.service").read_text(), re.MULTILINE)
    assert command is not None

    shared_environment.run("-m", "gunicorn", "--check-config", *command[1].split(), cwd=tmp_path)


class Stages:
    """Carry out a Dockerfile in bare folders: one for each stage, with an environment for its ``pip``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots: dict[str, Path] = {}
        self.environment: Environment
        self.work: Path
        self.variables: dict[str, str] = {}
        self.command: list[str] = []

    def carry_out(self, text: str) -> None:
        for line in re.sub(r"\\\n", " ", text).splitlines():
            word, _, rest = line.partition(" ")
            if action := getattr(self, f"_do_{word.lower()}", None):
                action(rest)

    def _do_from(self, rest: str) -> None:
        name = rest.rpartition(" AS ")[2]
        self._roots[name] = self._folder / str(len(self._roots))
        self._roots[name].mkdir()
        self.environment = make_environment(self._folder / f"environment{len(self._roots)}")
        pip = self.environment.python.with_name("pip")
        pip.write_text(f'#!/bin/sh\nexec {self.environment.python} -m pip "$@"\n')
        pip.chmod(0o755)

    def _do_workdir(self, rest: str) -> None:
        self.work = list(self._roots.values())[-1] / rest.lstrip("/")
        self.work.mkdir(parents=True)

    def _do_copy(self, rest: str) -> None:
        *sources, target = rest.removeprefix("--from=build ").split()
        base = self._roots["build"] if rest.startswith("--from=") else ROOT
        for source in sources:
            origin = base / source.lstrip("/")
            if origin.is_dir():
                shutil.copytree(origin, self.work / target)
            else:
                shutil.copy(origin, self.work / target)

    def _do_run(self, rest: str) -> None:
        path = f"{self.environment.python.parent}:/usr/bin:/bin"
        if os.getuid() != 0:
            rest = rest.replace("-o 10001 -g 10001 ", "")
        # What the packages depend on is there already; nothing is fetched.
        run(["sh", "-euc", rest], cwd=self.work, PATH=path, PIP_NO_DEPS="1", PIP_NO_BUILD_ISOLATION="0")

    def _do_env(self, rest: str) -> None:
        self.variables |= dict(pair.split("=", 1) for pair in rest.split())

    def _do_cmd(self, rest: str) -> None:
        self.command = re.findall(r'"([^"]+)"', rest)


def test_the_dockerfile_builds_and_starts_in_bare_folders(tmp_path):
    stages = Stages(tmp_path)
    stages.carry_out((DEPLOY / "Dockerfile").read_text())
    port = reserve_port()
    environ = {
        "PATH": f"{stages.environment.python.parent}:/usr/bin:/bin",
        "TIGER_REST_INSTANCE": str(stages.work / "instance"),
        "TIGER_REST_GATEWAY__BIND": f"127.0.0.1:{port}",
    }
    assert environ.keys() >= stages.variables.keys()

    command = [str(stages.environment.python), "-m", *stages.command]
    process = subprocess.Popen(command, cwd=stages.work, env=environ, stderr=subprocess.DEVNULL)

    wait_until(lambda: is_open(port), 30)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=30) as answer:
        assert answer.status == 200
    process.terminate()
    assert process.wait(30) == 0


CONSTRAINTS = ROOT / ".ci" / "constraints.txt"


def find_brought(names: list[str]) -> set[str]:
    """Return the packages that these requirements bring, as they are installed here, and all that those bring."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            key = f"{canonicalize_name(wanted.name)}[{extra}]"
            if key not in found:
                found.add(key)
                further = map(Requirement, metadata.requires(wanted.name) or ())
                waiting += [each for each in further if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {key.partition("[")[0] for key in found}


def test_the_tested_set_names_every_package_that_an_installation_brings():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = {
        canonicalize_name(line.partition("==")[0]) for line in CONSTRAINTS.read_text().splitlines() if "==" in line
    }

    brought = find_brought([*project["dependencies"], *extras["postgresql"], *extras["limits"]])

    assert len(brought) > len(project["dependencies"])
    assert brought - pinned == set()


def test_every_version_of_the_tested_set_fits_what_the_wheel_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = [Requirement(line) for line in CONSTRAINTS.read_text().splitlines() if "==" in line]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}

    unfit = [
        text
        for text in project["dependencies"]
        if not (asked := Requirement(text)).specifier.contains(versions[canonicalize_name(asked.name)])
    ]
    assert unfit == []


@pytest.mark.parametrize(
    ("file", "installs"),
    [("deploy/Dockerfile", 1), ("install.md", 1), ("operations.md", 1), ("first-answer.md", 1)],
)
def test_every_way_to_install_uses_the_tested_set(file, installs):
    lines = [
        line
        for line in (ROOT / "docs" / file).read_text().splitlines()
        if re.search(r"pip install .*(\.whl|WHEEL)", line)
    ]

    assert len(lines) == installs
    assert all(re.search(r" -c \S*(constraints|CONSTRAINTS)", line) for line in lines)


def test_the_image_copies_what_is_there():
    sources = [
        source
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from=" not in line
        for source in line.split()[1:-1]
    ]

    assert ".ci/constraints.txt" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
