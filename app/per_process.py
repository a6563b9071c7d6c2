"""Give each process a gateway of its own.

A server that forks after the application was built (gunicorn's ``preload_app``) hands its children open connections and
threads that are gone. So a child builds its own gateway, before its first request is served.
"""

import os
import threading

from app.access.authentication import Authenticate
from app.gateway import Gateway
from app.settings import Mode, Settings


class GatewayPerProcess:
    """The gateway of whichever process asks."""

    def __init__(self, settings: Settings, authenticate: Authenticate | None = None) -> None:
        """Build the gateway of this process, so that whatever is wrong stops the start.

        Raises:
            ConfigurationError: The database was written by a newer release.
            StorageUnavailable: The database does not answer.
        """
        self._settings = settings
        self._authenticate = authenticate
        self._gateways: dict[int, Gateway] = {}
        self._building = {os.getpid(): threading.Lock()}
        self.get()

    @property
    def mode(self) -> Mode:
        """Return whether Tiger or the simulator is at the other end."""
        return self._settings.mode

    def get(self) -> Gateway:
        """Return the gateway of this process."""
        process = os.getpid()
        if gateway := self._gateways.get(process):
            return gateway
        # A lock of the parent may have been held at the fork, and would stay so.
        with self._building.setdefault(process, threading.Lock()):
            if process not in self._gateways:
                for inherited in self._gateways.values():
                    inherited.forget_connections()
                self._gateways = {process: Gateway(self._settings, self._authenticate)}
            return self._gateways[process]
