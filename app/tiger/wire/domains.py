"""Find the servers of a credential: its own, Tiger's for its licence, or the ones that always work."""

import threading
import time
from dataclasses import dataclass
from typing import Final

from tigeropen.common.consts import ServiceType
from tigeropen.tiger_open_config import GATEWAY_SUFFIX, TigerOpenClientConfig

from app.tiger.deadline import Deadline
from app.tiger.wire.methods import Server

WAIT_SECONDS: Final = 4.0
AGAIN_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Servers:
    """Hold the addresses that one account's requests go to."""

    trade: str
    quote: str

    def url(self, server: Server) -> str:
        """Return the address of one of the two."""
        return self.quote if server == "quote" else self.trade


class Domains:
    """Ask Tiger's domain table for a credential once, when the first request needs it.

    A ``server_url`` of the credential switches it off. Where the table cannot be had within four seconds, the SDK's
    default servers are used; it is asked for again every ten minutes, without anyone waiting for it.
    """

    def __init__(self, configuration: TigerOpenClientConfig, own_url: str | None) -> None:
        self._configuration = configuration
        self._own = Servers(own_url, own_url) if own_url else None
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._ask_again_at = float("-inf")

    def servers(self, deadline: Deadline, *, is_paper: bool) -> Servers:
        """Return the servers of a live or a paper account, waiting for the table no longer than the deadline."""
        if self._own:
            return self._own
        self._ask()
        self._asked.wait(deadline.at_most(WAIT_SECONDS).remaining())
        return Servers(self._address(ServiceType.TRADE, is_paper), self._address(ServiceType.QUOTE, is_paper))

    def fetch_table(self, deadline: Deadline) -> dict[str, object]:
        """Return Tiger's table, waiting for it no longer than the deadline; empty where it is not asked or not had."""
        if self._own:
            return {}
        self._ask()
        self._asked.wait(deadline.at_most(WAIT_SECONDS).remaining())
        return dict(self._configuration.domain_conf or {})

    def _ask(self) -> None:
        with self._lock:
            if not self._configuration.domain_conf and time.monotonic() >= self._ask_again_at:
                self._ask_again_at = time.monotonic() + AGAIN_SECONDS
                threading.Thread(target=self._load, name="tiger-domains", daemon=True).start()

    def _load(self) -> None:
        # query_domains swallows every failure and returns None; an empty table leaves the default servers in use.
        self._configuration.domain_conf = self._configuration.query_domains() or {}
        self._asked.set()

    def _address(self, service: ServiceType, is_paper: bool) -> str:
        configuration = self._configuration
        domain: object = None
        if configuration.domain_conf and configuration.license:
            domain = configuration._get_domain_by_type(service, configuration.license, is_paper)  # noqa: SLF001
        if isinstance(domain, str) and domain.startswith("https://"):
            return f"{domain}{GATEWAY_SUFFIX}"
        default = configuration.quote_server_url if service is ServiceType.QUOTE else configuration.server_url
        return str(default)
