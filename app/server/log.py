"""Let gunicorn write its own lines, and those of its master, in the form of ours."""

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.logs.lines import configure_root, get_formatter
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
            configure_root(settings)
            for handler in self.error_log.handlers:
                handler.setFormatter(get_formatter(settings.log_format))

    return ServerLog
