"""Find out who calls: by API key, or as a host application says."""

import threading
from collections.abc import Callable
from typing import NoReturn

from flask import Request

from app.access.key_guessing import RefusedKeys
from app.access.keys import ApiKeys
from app.access.permissions import Identity
from app.errors import RateLimited, Unauthorized

LONGEST_KEY = 512
DELAY_SECONDS = 1.0
MOST_DELAYED = 1
"""Threads that wait so that whoever guesses does: one more would be one less for orders."""

Authenticate = Callable[[Request], Identity | None]
"""Return who sent a request, or None for nobody known: the request is then answered 401."""


class KeyAuthentication:
    """Know callers by their API key, and slow those down who guess.

    From the 101st refused key a minute on, an address is answered 429, and late. A valid key is looked at first, so it
    is never slowed, whatever else comes from its address. A guess holds a thread while it waits, so only a few are
    made to wait at a time.
    """

    def __init__(self, keys: ApiKeys, refusals: RefusedKeys) -> None:
        self._keys = keys
        self._refusals = refusals
        self._delayed = threading.BoundedSemaphore(MOST_DELAYED)
        self._never = threading.Event()

    def __call__(self, request: Request) -> Identity:
        """Return who calls.

        Raises:
            Unauthorized: There is no key, or it is unknown, expired or revoked.
            RateLimited: The same, and too many such keys came from this address.
            StorageUnavailable: The database does not answer; nobody is let in.
        """
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key or len(key) > LONGEST_KEY:
            raise Unauthorized("Send your API key in the header Authorization: Bearer <api key>.")
        identity = self._keys.find(key)
        if identity is None:
            self.refuse(request.remote_addr or "", "This API key is unknown, expired or revoked.")
        return identity

    def recall(self, request: Request) -> Identity | None:
        """Return who called with this key when the database last answered, not long ago; None for nobody."""
        return self._keys.recall(request.headers.get("Authorization", "").partition(" ")[2].strip())

    def refuse(self, address: str, reason: str) -> NoReturn:
        """Count what looks like a guess, and answer it: the more there are from an address, the later.

        Raises:
            Unauthorized: As the reason says.
            RateLimited: The same, and too many came from this address.
        """
        wait_seconds = self._refusals.count(address)
        if wait_seconds is None:
            raise Unauthorized(reason)
        if self._delayed.acquire(blocking=False):
            try:
                self._never.wait(DELAY_SECONDS)
            finally:
                self._delayed.release()
        raise RateLimited(
            f"{reason} Too many such keys came from your address.",
            retry_after=wait_seconds,
        )
