"""Let gunicorn write its own lines, and those of its master, in the form of ours."""

import sys
from logging import Formatter
from typing import TextIO

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.logs.lines import FORMATTERS
from app.logs.setup import configure_logging, open_handler
from app.settings import GatewaySettings


def get_logger_class(settings: GatewaySettings) -> type[Logger]:
    """Return the class that gunicorn makes its logger of.

    The master loads no application, so what it says of the simulator would otherwise have no form at all.
    """

    class ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types.
        """Write errors as our lines are written; an access log, where one is asked for, stays gunicorn's."""

        def setup(self, cfg: Config) -> None:
            """Set the handlers up, again after a reload."""
            super().setup(cfg)
            configure_logging(settings)
            for handler in self.error_log.handlers:
                handler.setFormatter(FORMATTERS[settings.log_format](dict))

        def _set_handler(self, log: Logger, output: str | None, fmt: Formatter, stream: TextIO | None = None) -> None:
            super()._set_handler(log, output, fmt, stream)
            own = self._get_gunicorn_handler(log)
            if output == "-" and stream is None and own is not None:
                # gunicorn's own would have the thread that logs wait for the disk.
                log.removeHandler(own)
                ours = open_handler(sys.stderr)
                ours._gunicorn = True  # type: ignore[attr-defined]  # noqa: SLF001 - so that a reload replaces it.
                log.addHandler(ours)

    return ServerLog
