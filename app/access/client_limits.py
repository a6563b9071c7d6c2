"""Limit how often each API key may call, off unless set, and then nothing of it is loaded."""

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.access.permissions import Identity
from app.config.credentials import ConfigurationError
from app.errors import RateLimited, StorageUnavailable
from app.settings import LimitSettings

ANSWER_SECONDS = 0.5
AVOIDED_SECONDS = 1.0
"""After a store has not answered; meanwhile it is not asked."""
TIMEOUTS = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
SILENT = "The store of the client limits does not answer."

if TYPE_CHECKING:
    from limits import RateLimitItem


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may do in the running window, in how many seconds that ends, and whether it did not do too much."""

    limit: int
    remaining: int
    seconds: int
    is_within: bool

    def check(self) -> None:
        """Let the request pass, or raise.

        Raises:
            RateLimited: The key has used up its limit.
        """
        if not self.is_within:
            raise RateLimited("This API key has used up its limit.", retry_after=self.seconds)

    def get_headers(self) -> dict[str, str]:
        """Return the headers that show this to a client; the reset is in epoch seconds."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(time.time()) + self.seconds),
        }


class ClientLimits:
    """Count the requests of each key: in memory for each worker, or in Redis for all."""

    def __init__(self, settings: LimitSettings) -> None:
        """Read the limits.

        Raises:
            ConfigurationError: ``limits`` is not installed, or a limit or the address of the store cannot be read.
        """
        try:
            from limits.errors import StorageError  # noqa: PLC0415 - loaded only where limits are set.
            from limits.storage import storage_from_string  # noqa: PLC0415 - as above.
            from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415 - as above.
        except ImportError as error:
            raise ConfigurationError('limits: install "tiger-rest[limits]" for client limits') from error
        self.is_for_all = bool(settings.per_key)
        self._default = _read("limits.per_key", settings.per_key) if settings.per_key else None
        self._store_error = StorageError
        self._avoided_until = 0.0
        named = (written.rpartition("=") for written in settings.keys)
        self._by_name = {name.strip(): _read("limits.keys", limit) for name, _, limit in named}
        try:
            own = TIMEOUTS if settings.storage_url.startswith("redis") else {}
            self._store = storage_from_string(settings.storage_url, wrap_exceptions=True, **own)
            self._limiter = MovingWindowRateLimiter(self._store)
        except Exception as error:
            # What is wrong with an address is said by the library of whichever store it names, by errors of its own.
            raise ConfigurationError("limits.storage_url cannot be used: write memory:// or redis://…") from error

    def admit(self, identity: Identity) -> Allowance | None:
        """Count a request, and return what is left; None for a key without a limit.

        Raises:
            StorageUnavailable: The requests cannot be counted, so that none is let through.
        """
        limit = self._by_name.get(identity.name, self._default)
        if limit is None:
            return None
        if time.monotonic() < self._avoided_until:
            raise StorageUnavailable(SILENT, retry_after=1)
        try:
            is_within = self._limiter.hit(limit, identity.key_id)
            stats = self._limiter.get_window_stats(limit, identity.key_id)
        except self._store_error as error:
            # Each request would wait as long, in a thread that orders need.
            self._avoided_until = time.monotonic() + AVOIDED_SECONDS
            raise StorageUnavailable(SILENT, retry_after=1) from error
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return Allowance(limit.amount, stats.remaining, seconds, is_within)

    def find_trouble(self) -> str | None:
        """Return why requests cannot be counted, so that those of limited keys are refused, or None."""
        return SILENT if time.monotonic() < self._avoided_until or not self._store.check() else None


def open_limits(settings: LimitSettings) -> ClientLimits | None:
    """Return the limits in force, or None where none are set."""
    return ClientLimits(settings) if settings.per_key or settings.keys else None


def _read(setting: str, written: str) -> "RateLimitItem":
    from limits import parse  # noqa: PLC0415 - as above.

    try:
        return parse(written)
    except ValueError as error:
        raise ConfigurationError(f"{setting}: {written!r} must be written like 600/minute") from error
