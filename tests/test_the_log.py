"""No key, token, signature or private key is logged: it would be withheld, and a run that logs one fails."""

import logging
import os
import subprocess
import sys

import pytest

from app.logs.lines import RedactingFormatter
from tests.support.server import ROOT

PROBE = """
import logging

def test_that_logs_a_secret():
    logging.getLogger("probe").warning("the key is %s%s", "trk_", "a1" * 22)

def test_that_logs_nothing():
    pass
"""


@pytest.mark.parametrize("processes", [0, 2], ids=["one process", "two workers"])
def test_a_run_that_logs_a_secret_fails(tmp_path, processes):
    (tmp_path / "test_probe.py").write_text(PROBE)
    options = ["-c", "/dev/null", "-p", "no:cacheprovider", "-p", "tests.support.run_log", "-p", "xdist"]
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    command = [sys.executable, "-m", "pytest", *options, "-n", str(processes), tmp_path]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "an API key was logged after: WARNING probe the key is" in done.stdout
    assert "1 failed, 2 passed" in done.stdout


@pytest.mark.parametrize("secret", ["trk_" + "a1" * 22, "Bearer client_key_001", "MIIEpAIBAAKCAQEA" + "aB3/" * 30])
def test_a_secret_that_is_logged_all_the_same_does_not_get_out(secret):
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "sent %s to Tiger", (secret,), None)
    line = RedactingFormatter("%(message)s").format(record)

    assert "[withheld]" in line
    assert secret[-8:] not in line
