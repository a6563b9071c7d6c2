"""One connection from the sign-in to its end: signs of life, subscriptions, and what comes is passed on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from app.clock import get_elapsed
from app.push.connection import Connection, ConnectionEnded
from app.push.freshness import Freshness
from app.push.subscriptions import Subscriptions
from app.tiger.push.answers import KICKED, Kind, PushAnswer, PushedAccount, PushedQuote, read, read_intervals
from app.tiger.push.requests import HEARTBEAT_MS, Requests, SignIn

SIGN_IN_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.2
"""How often it is looked whether this worker still leads, while nothing comes."""
SILENT_INTERVALS: Final = 1.4
LONGEST_SILENCE_SECONDS: Final = 14.0
QUESTION_SECONDS: Final = 7.0
"""Where the server promises no sign of life it is asked for one after so long."""
TOKEN_SECONDS: Final = 30.0
"""So long an answer to a new token may take [SDK: TOKEN_REFRESH_REPLY_TIMEOUT_MILLIS]."""


class SignInRefused(Exception):
    """Say that Tiger does not let this developer in, with its code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text or 'no reason'} ({code})")


class Kicked(Exception):
    """Say that another connection of the tiger_id has taken this one's place."""


class Listener(Protocol):
    """What a session passes on, in order, from its thread; it must make nobody wait."""

    def let_in(self) -> None:
        """Take that Tiger has let the connection in."""

    def settled(self) -> None:
        """Take that all that was wanted at first is subscribed for, or refused."""

    def take_account(self, pushed: PushedAccount) -> None:
        """Take data about an account."""

    def take_quote(self, pushed: PushedQuote) -> None:
        """Take data about an instrument."""


@dataclass(slots=True)
class Session:
    """Speak with the service until something ends it, which is raised."""

    connection: Connection
    subscriptions: Subscriptions
    requests: Requests
    sign_in: SignIn
    may_go_on: Callable[[], bool]
    listener: Listener
    _is_in: bool = False
    _is_settled: bool = False
    _token: str | None = None
    _new_token: str | None = None
    _token_until: float = 0.0
    _send_seconds: float = 0.0
    _longest_silence: float = SIGN_IN_SECONDS
    _asks_for_life: bool = False
    _heard_at: float = 0.0
    _sent_at: float = 0.0

    def run(self) -> None:
        """Sign in, and serve.

        Returns where this worker may not go on, without sending or passing on anything more.

        Raises:
            SignInRefused: Tiger does not let the developer in.
            Kicked: Another connection took this one's place.
            ConnectionEnded: It broke, fell silent, or answers no request.
            UnreadableFrame: What came is no frame.
        """
        freshness = Freshness()
        self._token = self.sign_in.get_access_token() if self.sign_in.get_access_token else None
        self._heard_at = get_elapsed()
        if not self._send(self.requests.connect(self.sign_in, self._token)):
            return
        while self.may_go_on():
            if self._is_in and not self._send_what_is_due():
                return
            for message in self.connection.receive(LOOK_SECONDS):
                self._heard_at = get_elapsed()
                if not self.may_go_on():
                    return
                received = read(message)
                if isinstance(received, PushAnswer):
                    self._take_answer(received)
                elif not freshness.is_copy(message):
                    self._pass_on(received, freshness)
            if get_elapsed() - self._heard_at > self._longest_silence:
                waited = "was silent" if self._is_in else "did not answer the sign-in"
                raise ConnectionEnded(f"the server {waited} for {self._longest_silence:g} s")

    def _pass_on(self, received: PushedAccount | PushedQuote, freshness: Freshness) -> None:
        if not self._is_in:
            return
        if isinstance(received, PushedAccount):
            self.listener.take_account(received)
        elif not freshness.is_overtaken(received):
            self.listener.take_quote(received)

    def _send(self, request: Any) -> bool:
        """Send a request; False says that this worker may not any more."""
        if not self.may_go_on():
            return False
        self.connection.send(request.SerializeToString())
        self._sent_at = get_elapsed()
        return True

    def _send_what_is_due(self) -> bool:
        now = get_elapsed()
        try:
            request = self.subscriptions.next_request()
        except TimeoutError as error:
            raise ConnectionEnded(str(error)) from error
        if self.subscriptions.is_settled and not self._is_settled:
            self._is_settled = True
            self.listener.settled()
        if request is None:
            request = self._choose_token()
        if request is None and self._asks_for_life and now - max(self._heard_at, self._sent_at) >= QUESTION_SECONDS:
            request = self.requests.list_subscriptions()
        if request is None and self._send_seconds and now - self._sent_at >= self._send_seconds:
            request = self.requests.heartbeat()
        return request is None or self._send(request)

    def _choose_token(self) -> Any | None:
        """Return the request for a new access token where there is one, and none is under way [SDK: on_heartbeat]."""
        if self.sign_in.get_access_token is None or get_elapsed() < self._token_until:
            return None
        token = self.sign_in.get_access_token()
        if token is None or token == self._token:
            return None
        self._new_token, self._token_until = token, get_elapsed() + TOKEN_SECONDS
        return self.requests.refresh_token(token)

    def _take_answer(self, answer: PushAnswer) -> None:
        if answer.kind is Kind.REFUSED and answer.code == KICKED:
            raise Kicked(answer.text or "another connection of the same tiger_id")
        if not self._is_in:
            if answer.kind is Kind.REFUSED:
                raise SignInRefused(answer.code, answer.text)
            if answer.kind is Kind.CONNECTED:
                self._begin(answer)
            return
        if answer.kind is Kind.TOKEN and self._new_token is not None:
            if answer.code == 0:
                self._token, self._token_until = self._new_token, 0.0
            self._new_token = None
            return
        self.subscriptions.take(answer)

    def _begin(self, connected: PushAnswer) -> None:
        self._send_seconds, receive_seconds = read_intervals(connected)
        self._asks_for_life = not 0 < receive_seconds <= HEARTBEAT_MS / 1_000
        self._longest_silence = (
            LONGEST_SILENCE_SECONDS if self._asks_for_life else receive_seconds * SILENT_INTERVALS + LOOK_SECONDS
        )
        self._is_in = True
        self.listener.let_in()
