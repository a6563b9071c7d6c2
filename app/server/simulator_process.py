"""Start the simulator as a process of its own, and find the credentials it offers.

The simulator is spoken to over HTTP, as Tiger is. One runs for each instance folder, whoever starts it: its process
holds a lock there for as long as it lives.
"""

import contextlib
import fcntl
import logging
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import tomllib
from pathlib import Path
from typing import IO

from app.config.credentials import ConfigurationError, load_credentials
from app.settings import Credential, Settings

START_SECONDS = 20.0
STOP_SECONDS = 2.0
POLL_SECONDS = 0.02
RESTART_SECONDS = 0.5
SIMULATOR = f"{__name__.removesuffix('.server.simulator_process')}.simulator"

logger = logging.getLogger(__name__)


def find_interpreter() -> str:
    """Return the Python of this process: under uWSGI, or embedded otherwise, ``sys.executable`` is another program.

    Raises:
        ConfigurationError: There is none.
    """
    folders = (sysconfig.get_path("scripts"), sysconfig.get_config_var("BINDIR"))
    for file in (Path(sys.executable or ""), *(Path(folder, "python3") for folder in folders)):
        if file.name.startswith(("python", "pypy")) and file.is_file():
            return str(file)
    raise ConfigurationError(
        f"the simulator needs a Python to run in, {sys.executable or 'this program'} is none, and there is none in "
        f"{' or '.join(folders)}: run python -m {SIMULATOR} yourself and name its folder in simulator.folder"
    )


class SimulatorProcess:
    """The simulator of one instance folder, as seen by the process that may have to start it.

    The port belongs to the starter, which keeps listening on it: a simulator that died is replaced behind the same
    address.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._is_ours = not settings.simulator.folder
        self.folder = settings.instance / "simulator" if self._is_ours else Path(settings.simulator.folder)
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def start(self) -> tuple[Credential, ...]:
        """Make sure that a simulator runs, and return its credentials.

        Raises:
            ConfigurationError: It did not come up in time.
        """
        if not self._is_ours:
            return self._read_credentials()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "lock").touch(0o600)
        ends = time.monotonic() + START_SECONDS
        self._spawn_unless_running()
        while not (self.folder / "ready").exists():
            if time.monotonic() > ends or (self._process and self._process.poll() is not None):
                raise ConfigurationError(
                    f"the simulator did not start: see its lines above, and the folder {self.folder}"
                )
            time.sleep(POLL_SECONDS)
            if self._process is None:
                # Whoever was starting it may have given up.
                self._spawn_unless_running()
        return self._read_credentials()

    def supervise(self) -> None:
        """Start the simulator again whenever it ends, until ``stop``; returns at once."""
        threading.Thread(target=self._restart_forever, name="simulator-supervisor", daemon=True).start()

    def leave_to_parent(self) -> None:
        """Let go of what a forked process inherits: the address of a dead simulator must refuse, not keep waiting."""
        if self._listener:
            self._listener.close()

    def stop(self) -> None:
        """End the simulator if this process started it."""
        self._stopping.set()
        process, self._process = self._process, None
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._listener:
            self._listener.close()

    def _read_credentials(self) -> tuple[Credential, ...]:
        file = self.folder / "credentials.toml"
        try:
            tables = tomllib.loads(file.read_text())["credentials"]
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(f"simulator.folder: no simulator has written {file}: start it first") from error
        return load_credentials(tables, file, self._settings.instance)

    def _restart_forever(self) -> None:
        while not self._stopping.wait(RESTART_SECONDS):
            process = self._process
            if process and process.poll() is not None:
                logger.error("The simulator ended by itself; starting it again")
                with contextlib.suppress(OSError):
                    self._spawn_unless_running()

    def _spawn_unless_running(self) -> None:
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            (self.folder / "ready").unlink(missing_ok=True)
            # The child inherits the locked file, so the lock is held until it ends, and by nobody else.
            self._process = self._spawn(lock)

    def _spawn(self, lock: IO[str]) -> subprocess.Popen[bytes]:
        command = [find_interpreter(), "-m", SIMULATOR]
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        simulator = self._settings.simulator
        command += ["--instance", str(self._settings.instance), "--fd", str(self._listener.fileno())]
        command += ["--parent-pid", str(os.getpid()), "--ready-file", str(self.folder / "ready")]
        command += ["--seed", str(simulator.seed)]
        command += ["--limit-scale", str(simulator.limit_scale)]
        command += ["--real-hours"] if simulator.real_hours else []
        for reading in simulator.readings:
            command += ["--reading", reading]
        logger.warning("No Tiger credentials are configured: the simulator serves, and no order is real")
        # A session of its own keeps Ctrl-C from ending it before the requests in flight have their answers.
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module.
            command,
            stdout=subprocess.DEVNULL,
            pass_fds=(self._listener.fileno(), lock.fileno()),
            start_new_session=True,
            # It has what is imported here, whatever told this process where that lies.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            cwd=Path(__file__).resolve().parent.parent.parent if SIMULATOR.count(".") == 1 else None,
        )
