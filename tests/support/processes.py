"""Processes that tests and benches start, wait for, and end by their own ids."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60.0
END_SECONDS = 20.0


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for the block, with no setting of ours or of gunicorn's in its environment but these variables.

    What it has started, and leaves when it ends, ends with it.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("TIGER_REST_", "GUNICORN_"))}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environ, **(variables or {})}, stdout=stream, stderr=stream
        )
    try:
        yield process
    finally:
        below = get_descendants(process.pid) if process.poll() is None else set()
        end(process)
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process, gently first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_start(process: "subprocess.Popen[bytes]", log: Path, is_there: Callable[[], object]) -> None:
    """Wait until what a process serves is there; a refused connection says that it is not yet.

    Raises:
        RuntimeError: It ended, or took too long; with its own last words.
    """
    ends = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        with contextlib.suppress(OSError):
            if is_there():
                return
        time.sleep(0.02)  # A poll between two looks.
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(encoding='utf-8')[-4_000:]}")


def get_descendants(pid: int) -> set[int]:
    """Return the pids of all processes below one, from /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found: set[int] = set()
    layer = {pid}
    while layer:
        layer = {child for child, parent in parents.items() if parent in layer} - found
        found |= layer
    return found
