"""A log that is written slowly, or by nobody, costs no request a moment and no line without a word."""

import logging
import os
import subprocess
import sys
import threading

import pytest

from app.logs import writer
from app.logs.setup import LineHandler
from tests.support.ports import reserve_port
from tests.support.processes import wait_for_start
from tests.support.server import ROOT, Server

ENOUGH = 30.0
"""Seconds after which what hangs is taken to hang for good."""


@pytest.fixture
def pipe():
    reader, descriptor = os.pipe()
    yield reader, descriptor
    os.close(reader)


def finish(work):
    """Run it in a thread and tell whether it ended."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(ENOUGH)
    return not thread.is_alive()


def read_lines(reader, last):
    """Return the lines up to one that begins so."""
    text = b""
    while not text.endswith(b"\n") or not text.splitlines()[-1].startswith(last):
        text += os.read(reader, 65_536)
    return text.decode().splitlines()


def make_logger(descriptor, name):
    logger = logging.Logger(name)  # noqa: LOG001 - one that nobody else logs to.
    logger.addHandler(LineHandler(descriptor))
    return logger


def test_who_logs_does_not_wait_for_who_reads(pipe):
    logger = make_logger(pipe[1], "unread")

    assert finish(lambda: [logger.info("%06d %s", number, "x" * 100) for number in range(writer.MOST_LINES)])


def test_lines_come_whole_and_in_their_order(pipe):
    logger = make_logger(pipe[1], "ordered")
    for number in range(5_000):
        logger.info("%06d", number)

    assert read_lines(pipe[0], b"004999") == [f"{number:06d}" for number in range(5_000)]


def test_lines_that_are_lost_are_counted_where_they_would_stand(pipe, monkeypatch):
    monkeypatch.setattr(writer, "MOST_LINES", 2_000)
    logger = make_logger(pipe[1], "lossy")
    for number in range(10_000):
        logger.info("%06d %s", number, "x" * 100)
    kept: list[str] = []
    lost = 0

    def read_all():
        nonlocal kept, lost
        text = b""
        while len(kept) + lost < 10_000:
            text += os.read(pipe[0], 65_536)
            lines = text[: text.rfind(b"\n") + 1].decode().splitlines()
            kept = [line for line in lines if line.endswith("x")]
            # Whoever writes may fall behind more than once.
            lost = sum(int(line.split()[0]) for line in lines if "are lost" in line)

    assert finish(read_all)
    assert kept[0].startswith("000000")
    assert lost > 0
    assert len(kept) + lost == 10_000


def test_the_child_of_a_fork_writes_its_own_lines_and_not_its_parents():
    code = (
        "import logging, os, sys\n"
        "from app.logs.setup import LineHandler\n"
        "logger = logging.getLogger('own'); logger.setLevel('INFO'); logger.addHandler(LineHandler(1))\n"
        "logger.info('parent')\n"
        "if (child := os.fork()) == 0:\n"
        "    logger.info('child'); sys.exit()\n"
        "os.waitpid(child, 0); logger.info('end')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert sorted(done.stdout.split()) == ["child", "end", "parent"]


def test_the_last_lines_of_a_process_are_written():
    code = (
        "import logging\n"
        "from app.logs.setup import LineHandler\n"
        "logging.root.setLevel('INFO'); logging.root.addHandler(LineHandler(1))\n"
        "for number in range(3000): logging.info('%d', number)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == [str(number) for number in range(3_000)]


def test_a_gateway_whose_log_nobody_reads_serves_on_and_ends(tmp_path):
    port = reserve_port()
    environ = {**os.environ, "TIGER_REST_INSTANCE": str(tmp_path / "instance")}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "wsgi:app"]
    reader, descriptor = os.pipe()
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=descriptor, stderr=descriptor)
    os.close(descriptor)
    server = Server(process, f"http://127.0.0.1:{port}", tmp_path / "no log")
    try:
        wait_for_start(process, server.log, server.answers)

        # A pipe holds 64 KiB, and each request writes a line of a hundred bytes.
        statuses = {server.call("/api/endpoints")[0] for _ in range(2_000)}

        assert statuses == {200}
        process.terminate()
        assert process.wait(ENOUGH) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reader)
