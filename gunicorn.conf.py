"""How gunicorn serves the gateway: two workers on loopback, ended gracefully.

``GUNICORN_CMD_ARGS`` overrides any of it.
"""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

from app.config.credentials import ConfigurationError
from app.config.loader import load_settings
from app.config.private_files import prepare_instance
from app.server.listening import HANDOVER, let_nobody_in, raise_open_files
from app.server.log import get_logger_class
from app.server.simulator_process import SimulatorProcess
from app.server.worker import GatewayWorker

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

    from app.gateway import Gateway
    from app.per_process import GatewayPerProcess

try:
    _settings = load_settings()
except ConfigurationError as error:
    sys.exit(f"tiger-rest cannot start: {error}")

bind = _settings.gateway.bind
workers = 2
worker_class = GatewayWorker
threads = _settings.gateway.threads
# An idle connection costs a file and some memory; the workers must not have more than they may open files.
worker_connections = raise_open_files()
# A worker that is stopped lets its requests finish, an order command ends at its deadline, and takes in the token that
# Tiger may be about to give.
graceful_timeout = round(max(_settings.tiger.order_deadline_seconds + 2, _settings.token_refresh.call_seconds + 6))
# A worker that stands still for so long is ended: on SQLite it may hold the lock that all others wait for.
timeout = 30
keepalive = 30
# Requests larger than this are refused before they reach the application.
limit_request_line = 4_094
limit_request_fields = 64
limit_request_field_size = 8_190
# What a proxy says about the request is believed by gateway.trusted_proxies alone.
forwarded_allow_ips = ""
forwarder_headers = ""
# The gateway logs each request itself, with its id.
accesslog = None
errorlog = "-"
loglevel = _settings.gateway.log_level
logger_class = get_logger_class(_settings.gateway)
proc_name = "tiger-rest"
# It would listen in the home folder of the user; signals do all that is needed here.
control_socket_disable = True

_simulator_process = SimulatorProcess(_settings) if _settings.mode == "simulator" else None


def on_starting(server: "Arbiter") -> None:
    """Start the simulator before any worker needs it, in a folder that can be written."""
    try:
        prepare_instance(_settings.instance)
        if _simulator_process is not None:
            _simulator_process.start()
    except ConfigurationError as error:
        sys.exit(f"tiger-rest cannot start: {error}")
    if _simulator_process is not None:
        _simulator_process.supervise()
        server.log.warning("No Tiger credentials are configured: SIMULATOR MODE")


def when_ready(server: "Arbiter") -> None:
    """Make Ctrl-C as graceful as SIGTERM, and a reload one that wrong settings cannot turn into an end."""

    def stop(_signal: int, frame: FrameType | None) -> None:
        let_nobody_in(server)
        server.signal(signal.SIGTERM, frame)

    def reload(_signal: int, frame: FrameType | None) -> None:
        try:
            load_settings()
        except ConfigurationError as error:
            server.log.warning("tiger-rest goes on with the settings it has: %s", error)
        else:
            if not HANDOVER.is_asked:
                HANDOVER.is_asked = True
                server.signal(signal.SIGHUP, frame)

    signal.signal(signal.SIGHUP, reload)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, stop)


def on_reload(server: "Arbiter") -> None:
    """Let the workers serve until one that is started now can."""
    HANDOVER.begin(server.worker_age)


def post_fork(_server: "Arbiter", worker: "Worker") -> None:
    """Leave Ctrl-C, which a terminal sends to every process, to the master; say what bounds the clients."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _simulator_process is not None:
        _simulator_process.leave_to_parent()
    worker.max_body_bytes = _settings.gateway.max_body_bytes
    if not _settings.gateway.trusted_proxies:  # Behind proxies all clients come from the addresses of these.
        worker.connections_per_address = _settings.gateway.connections_per_address


def post_worker_init(worker: "Worker") -> None:
    """Ignore Ctrl-C for good, since the worker sets its own handler before this; start standing for election."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if gateway := _find_gateway(worker):
        # GUNICORN_CMD_ARGS may have given it other threads than the settings say.
        gateway.serve_with(worker.cfg.threads)
        gateway.start()
        worker.when_ending = gateway.retire
        worker.when_leaving = gateway.open_streams.end_waiting


def worker_exit(_server: "Arbiter", worker: "Worker") -> None:
    """Hand the lead to another worker at once: on a stop, a reload, and at the end of max_requests."""
    if gateway := _find_gateway(worker):
        gateway.close()


def on_exit(_server: "Arbiter") -> None:
    """End the simulator after the last worker has answered."""
    if _simulator_process is not None:
        _simulator_process.stop()


def _find_gateway(worker: "Worker") -> "Gateway | None":
    """Return the gateway of a worker, or None where its application could not be loaded."""
    # The application has loaded this in the worker; the master, which needs none of it, must not.
    from app.gateway import EXTENSION  # noqa: PLC0415

    application = getattr(worker, "wsgi", None)
    extensions: dict[str, GatewayPerProcess] = getattr(application, "extensions", {})
    gateways = extensions.get(EXTENSION)
    return gateways.get() if gateways else None
