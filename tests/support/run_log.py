"""What a whole run of tests logs, unredacted and by every process of it, is searched for secrets at its very end."""

import logging
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

SECRETS = {
    "an API key": re.compile(r"\btrk_[\w-]{20,}|Bearer\s+(?!\[withheld\])[\w.-]{8,}"),
    "a demo key": re.compile(r"\bclient_key_(001|demo)\b"),
    "a private key": re.compile(r"MII[A-Za-z0-9+/]{40,}|PRIVATE KEY-----\s*\S"),
    "a token or a signature": re.compile(
        r"(?<![\w+/=.-])(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])(?=[\w+/]*\d)[\w+/]{56,}={0,2}"
    ),
    "a sign parameter": re.compile(r"sign['\"]?\s*[=:]\s*['\"]?[\w+/]{20,}"),
}
# Names the folder, for the worker processes too.
FOLDER = "TIGER_REST_TEST_RUN_LOG"


def pytest_configure(config: pytest.Config) -> None:
    """Keep every log line of this process, in a file of its own."""
    if not is_worker(config):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="tiger-rest-log-")
    handler = logging.FileHandler(get_file(), encoding="utf-8")
    handler.setLevel(logging.DEBUG)
    # Tests use the SDK's own clients too, to try the simulator; those log requests whole, and the gateway has none.
    handler.addFilter(lambda record: record.name != "tiger_openapi")
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run over what was logged, as a test would, once every fixture and every worker has ended."""
    if is_worker(session.config):
        return
    if not (found := find_secrets()):
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)
        return
    name = "the log of the whole run holds no secret"
    told = "\n".join(f"{kind} was logged after: {before}" for kind, before in found.items())
    report = pytest.TestReport(name, (name, None, name), {}, "failed", told, "call")
    session.config.hook.pytest_runtest_logreport(report=report)
    session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def find_secrets() -> dict[str, str]:
    """Return what stands before the first of each kind of secret, where there is one."""
    files = sorted(Path(os.environ[FOLDER]).iterdir())
    text = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    found = {kind: pattern.search(text) for kind, pattern in SECRETS.items()}
    return {kind: text[max(0, match.start() - 200) : match.start()].strip() for kind, match in found.items() if match}


def keep_log(log: Path) -> None:
    """Add what a process of a test logged, where it is a run of tests that started it."""
    if FOLDER in os.environ:
        with get_file().open("ab") as stream:
            stream.write(log.read_bytes())


def get_file() -> Path:
    """Return the file of this process."""
    return Path(os.environ[FOLDER]) / f"{os.getpid()}.log"


def is_worker(config: pytest.Config) -> bool:
    """Tell whether another process distributes the tests and looks at the log in the end."""
    return hasattr(config, "workerinput")
