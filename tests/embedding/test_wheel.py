"""The wheel holds one package, complete, that collides with nobody."""

import json
import zipfile

import pytest

from tests.support.installed import make_environment
from tests.support.server import ROOT

pytestmark = pytest.mark.long


def test_the_only_top_level_name_is_tiger_rest(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        [declared] = [name for name in archive.namelist() if name.endswith("top_level.txt")]

        assert archive.read(declared).decode().split() == ["tiger_rest"]

    assert {top for top in tops if not top.endswith(".dist-info")} == {"tiger_rest"}


def test_the_wheel_holds_the_starters_the_migrations_and_the_type_marker(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert names >= {
        "tiger_rest/__init__.py",
        "tiger_rest/plugin.py",
        "tiger_rest/wsgi.py",
        "tiger_rest/gunicorn_conf.py",
        "tiger_rest/py.typed",
        "tiger_rest/app/storage/migrations/env.py",
        "tiger_rest/app/storage/migrations/versions/0001_api_keys.py",
    }
    assert not any(name.startswith("tiger_rest/app/wheel") for name in names)


def test_every_file_of_the_folders_that_is_not_python_is_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    files = {
        f"tiger_rest/{file.relative_to(ROOT)}"
        for folder in ("app", "blueprints", "schemas")
        for file in (ROOT / folder).rglob("*.*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert {name for name in files - names if "/wheel/" not in name} == set()


def test_no_import_in_the_wheel_names_a_package_of_the_checkout(wheel):
    with zipfile.ZipFile(wheel) as archive:
        sources = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")}

    stale = [
        name
        for name, text in sources.items()
        if any(line.strip().startswith(("from app", "from blueprints", "from schemas")) for line in text.splitlines())
    ]
    assert stale == []


def test_every_module_of_the_wheel_can_be_imported(shared_environment, tmp_path):
    code = """if True:
        import importlib, pkgutil, tiger_rest
        skipped = ("migrations.env", "gunicorn_conf", "simulator.__main__", "wsgi")
        for module in pkgutil.walk_packages(tiger_rest.__path__, "tiger_rest."):
            if not module.name.endswith(skipped):
                importlib.import_module(module.name)
        import sys
        print(sorted(name for name in sys.modules if name.split(".")[0] in {"app", "blueprints", "schemas"}))
    """

    assert shared_environment.run("-W", "error", "-c", code, cwd=tmp_path).strip() == "[]"


def test_the_hosts_tests_pass_without_with_and_after_the_wheel(wheel, host, tmp_path):
    environment = make_environment(tmp_path / "environment")
    check = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "check_host.py")

    environment.run(*check, cwd=host, MOUNTED="no")
    environment.install(wheel)
    environment.run(*check, cwd=host, MOUNTED="yes")
    environment.uninstall("tiger-rest")
    environment.run(*check, cwd=host, MOUNTED="no")

    left = {entry.name for entry in environment.packages.iterdir() if "tiger" in entry.name}
    assert left == {"tigeropen", *(name for name in left if name.startswith("tigeropen-"))}


def test_mounting_changes_nothing_of_the_host(shared_environment, host, tmp_path):
    bare = json.loads(shared_environment.run("observe.py", tmp_path / "bare", "bare", cwd=host))

    mounted = json.loads(shared_environment.run("observe.py", tmp_path / "mounted", "mounted", cwd=host))

    assert mounted["unchanged"]
    assert mounted == bare
