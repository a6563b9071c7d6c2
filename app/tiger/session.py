"""The session of one request: the only way from the gateway to Tiger."""

import time
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, TypeVar

from tigeropen.common.model import BaseParams

from app.errors import InternalError
from app.settings import CacheSettings
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.call import Call, CallResult, Go, Kind, get_unchanged
from app.tiger.pipeline.link import Link
from app.tiger.pipeline.stages import (
    COMMANDING,
    COMPOSING,
    INSIDE,
    ORDERING,
    QUOTING,
    READING,
    REFRESHING,
    Way,
)
from app.tiger.wire.methods import METHODS

T = TypeVar("T")


class Session:
    """Call Tiger in the name of one account, signed with the key of its credential, for one request.

    ``age_seconds`` tells afterwards how old the oldest answer was that came from a cache, None where none did.
    """

    __slots__ = (
        "_asked_at",
        "_is_inside",
        "_link",
        "_opened_at",
        "_ways",
        "account",
        "age_seconds",
        "credential",
        "wants_fresh",
    )

    def __init__(
        self,
        link: Link,
        ways: Mapping[Way, Go],
        *,
        wants_fresh: bool = False,
        asked_at: float | None = None,
        is_inside: bool = False,
    ) -> None:
        """Take whether the calls are parts of another one, which has passed the first stages already."""
        self._link = link
        self._ways = ways
        self._asked_at = asked_at
        self._opened_at = time.monotonic()
        self._is_inside = is_inside
        self.account = link.account
        self.credential = link.connection.credential
        self.wants_fresh = wants_fresh
        self.age_seconds: float | None = None

    @property
    def link(self) -> Link:
        """Return what all sessions of the account share."""
        return self._link

    @property
    def kept_seconds(self) -> CacheSettings:
        """Return how long answers are kept."""
        return self._link.pipeline.settings

    @property
    def tiger_now(self) -> int | None:
        """Return Tiger's own time, epoch milliseconds; None before its first answer to this process."""
        return self._link.connection.clock.now_ms()

    def read_deadline(self) -> Deadline:
        """Return the deadline of a read: from when it was asked for, where that is known, else from now."""
        return Deadline.after(self._link.settings.read_deadline_seconds, since=self._asked_at)

    def order_deadline(self) -> Deadline:
        """Return the deadline of an order command, from when it was asked for or from now."""
        seconds = self._link.settings.order_deadline_seconds
        return Deadline.after(seconds, since=self._asked_at, purpose=Purpose.ORDER)

    def lookup_deadline(self) -> Deadline:
        """Return the deadline of a lookup of an order in doubt, with the share that is held back for those."""
        return self.read_deadline().for_(Purpose.LOOKUP)

    def find_server(self) -> str:
        """Return the address that this account's requests about accounts and orders go to."""
        return self._link.connection.domains.servers(self.read_deadline(), is_paper=self._link.is_paper).trade

    def read(
        self,
        method: str,
        params: BaseParams | None,
        deadline: Deadline,
        *,
        decode: Callable[[Any], Any] = get_unchanged,
        kind: Kind | None = None,
        key: tuple[Hashable, ...] | None = None,
        token: str | None = None,
        is_alone: bool = False,
    ) -> Any:
        """Read something: the decoded ``data``; NaN and Infinity are None, nested JSON text is decoded.

        It is never in doubt. Identical reads share a call, those about orders, positions and balances only one that
        began after they were asked. With a ``kind`` the answer is kept, under its parameters or under ``key``. With a
        ``token`` that one is tried, and the call is shared with nobody. ``is_alone`` asks for nothing else in the same
        call, also where the method is asked for many at once.

        Raises:
            GatewayError: Anything but a success.
        """
        self._address(method, params)
        call = Call(method, params, deadline, decode, kind, key, None, self.wants_fresh, token, self._opened_at)
        is_batched = METHODS[method].is_batched and not is_alone
        if self._is_inside or token is not None:
            way = INSIDE
        elif call.is_urgent:
            way = ORDERING
        else:
            way = QUOTING if is_batched else READING
        answer = self._ways[way](call)
        if kind is not None or is_batched:
            self._note_age(answer)
        return answer.value

    def command(self, method: str, params: BaseParams | None, deadline: Deadline, *, is_reducing: bool = False) -> Any:
        """Change something at Tiger, and return the data of its answer.

        Whatever leaves the outcome open is raised with ``in_doubt`` set, and it is sent again only where Tiger refused
        its token, thus did nothing. ``is_reducing`` says that it certainly does nothing but reduce a position.

        Raises:
            GatewayError: Anything but a success.
        """
        self._address(method, params)
        ends = deadline.for_(Purpose.COMMAND)
        call = Call(method, params, ends, opened_at=self._opened_at, is_reducing=is_reducing)
        return self._ways[COMMANDING](call).value

    def compose(self, kind: Kind, key: tuple[Hashable, ...], ask: "Callable[[Session], T]", deadline: Deadline) -> T:
        """Return an answer that is kept and put together of several calls, made with the session that ``ask`` is given.

        Raises:
            GatewayError: As ``ask`` does, or the one of an identical answer that was shared.
        """
        answer = self._ways[COMPOSING](
            Call(
                kind.name,
                None,
                deadline,
                kind=kind,
                key=key,
                ask=partial(ask, self._get_inside(wants_fresh=self.wants_fresh)),
                is_fresh=self.wants_fresh,
                opened_at=self._opened_at,
            )
        )
        self._note_age(answer)
        value: T = answer.value
        return value

    def refreshing(self, subject: Hashable, fetch: "Callable[[Session, Deadline], T]", deadline: Deadline) -> T:
        """Return a large answer that changes slowly, which the accounts of this credential keep together.

        Raises:
            TooBusy: It is not there yet, and too many threads wait for Tiger already.
            GatewayError: As ``fetch`` does, where it is not there yet.
        """
        connection = self._link.connection
        place = connection.get_refreshing(subject, self.kept_seconds.names_seconds / 2)
        with_session = partial(fetch, self._get_inside(wants_fresh=False))
        value: T
        if place.is_known:
            value = place.value(with_session, deadline)
        else:
            # Who waits for another thread's fetch waits for Tiger, too.
            ask = partial(place.value, with_session, deadline)
            value = self._ways[REFRESHING](Call("", None, deadline, ask=ask, opened_at=self._opened_at)).value
        return value

    def get_kept(self, kind: Kind, key: tuple[Hashable, ...]) -> Any:
        """Return what is kept without asking Tiger, or None."""
        key = self._link.get_key(Call(kind.name, None, self.read_deadline(), kind=kind, key=key))
        kept = self._link.pipeline.cache.get(key, kind.get_seconds(self.kept_seconds))
        return kept.value if kept else None

    def get_fresh(self) -> "Session":
        """Return a session of the same request that passes by what is kept."""
        return Session(self._link, self._ways, wants_fresh=True, asked_at=self._asked_at, is_inside=self._is_inside)

    def _get_inside(self, *, wants_fresh: bool) -> "Session":
        """Return the same session for calls that are parts of another one."""
        return Session(self._link, self._ways, wants_fresh=wants_fresh, asked_at=self._asked_at, is_inside=True)

    def _note_age(self, answer: CallResult) -> None:
        if answer.begun_at < self._opened_at:
            self.age_seconds = max(self.age_seconds or 0.0, time.monotonic() - answer.begun_at)

    def _address(self, method: str, params: BaseParams | None) -> None:
        """Put the account, the language and an institution's secret key into a request.

        Raises:
            InternalError: The request names another account.
        """
        if params is None:
            return
        if params.lang is None:
            params.lang = self._link.settings.language
        # Of the SDK's models those of the trade server have the attribute, and its client fills it in all of them.
        if getattr(params, "secret_key", "") is None:
            params.secret_key = self.credential.secret_key
        named = getattr(params, "account", None)
        if named is None and METHODS[method].names_account:
            params.account = self.account.account
        elif named is not None and named != self.account.account:
            raise InternalError("A request was about to name another account than its session's.")
