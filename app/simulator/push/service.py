"""The push service: who is connected, what each has subscribed for, and who is told what."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from app.simulator import signatures
from app.simulator.credentials import Credential
from app.simulator.faults import FaultPlan
from app.simulator.push.account_events import AccountEvents
from app.simulator.push.connection import PushConnection
from app.simulator.push.events import FULL_TICKS, Event
from app.simulator.push.feed import Key, QuoteFeed, get_key
from app.simulator.push.messages import encode
from app.simulator.push.outlet import REFUSED, Outlet
from app.simulator.push.quotes import QuoteReader
from app.simulator.push.refusals import (
    PushRefusal,
    bad_signature,
    no_access_tokens,
    no_quote_permission,
    not_signed_in,
    too_many_symbols,
    unknown_command,
    unknown_tiger_id,
)
from app.simulator.push.requests import Wish, read_wish
from app.simulator.push.sessions import Session
from app.simulator.push.vocabulary import (
    ACCOUNT_TOPICS,
    KICKED,
    SUBSCRIBED,
    SUBSCRIPTIONS_TOLD,
    TOP_TOPICS,
    UNSUBSCRIBED,
    Command,
    DataType,
)
from app.simulator.quote_permission import ANOTHER_DEVICE, QuotePermission
from app.simulator.rate_limits import RateLimiter
from app.simulator.readings import ReadingsInForce
from app.simulator.trading.engine import TradingEngine

LONGEST_INTERVAL_MS = 3_600_000
REFUSED_STAYS_SECONDS = 1.0
"""How long a connection stays whose sign-in was refused: clients of the SDK connect again the moment it closes."""
KICK_TEXT = "kick out by a new connection"


class PushService:
    """Answer the requests of connections, and tell events to those who want them; lives on the event loop."""

    def __init__(
        self,
        credentials: Mapping[str, Credential],
        faults: FaultPlan,
        limiter: RateLimiter,
        quote_permission: QuotePermission,
        readings: ReadingsInForce,
        engine: TradingEngine,
    ) -> None:
        self._credentials = credentials
        self._faults = faults
        self._limiter = limiter
        self._quote_permission = quote_permission
        self._readings = readings
        self._prices = engine.prices
        self._sessions: dict[PushConnection, Session] = {}
        self._account_events = AccountEvents(engine, self.publish)
        self._feed = QuoteFeed(QuoteReader(engine.prices.market, engine.prices), self._publish_quote)
        self._commands: dict[int, Callable[[Session, dict[str, Any]], None]] = {
            Command.SUBSCRIBE: self._subscribe,
            Command.UNSUBSCRIBE: self._unsubscribe,
            Command.SEND: self._tell_subscriptions,
        }

    def received(self, connection: PushConnection, request: dict[str, Any]) -> None:
        """Answer a request, or refuse it."""
        session = self._sessions.get(connection)
        if session is None:
            outlet = Outlet(connection, self._faults, self._kick)
            session = self._sessions[connection] = Session(connection, outlet)
        command = request.get("command", 0)
        try:
            if command == Command.CONNECT:
                self._sign_in(session, request)
            elif command == Command.DISCONNECT:
                connection.close()
            elif command != Command.HEARTBEAT:
                self._obey(session, command, request)
        except PushRefusal as refusal:
            answer = {"command": Command.ERROR, "code": refusal.code, "msg": refusal.message}
            session.answer(request, answer)

    def _obey(self, session: Session, command: int, request: dict[str, Any]) -> None:
        if session.credential is None:
            raise not_signed_in()
        if command == Command.REFRESH_TOKEN:
            raise no_access_tokens()
        if command not in self._commands:
            raise unknown_command(command)
        self._draw_refusal(Command(command), session.tiger_id, request.get("subscribe", {}))
        self._commands[command](session, request)

    def _draw_refusal(self, command: Command, tiger_id: str, values: dict[str, Any]) -> None:
        for fault in self._faults.draw_pushed(command.name, tiger_id, values.get("account"), values, REFUSED):
            raise PushRefusal(fault.code, fault.message)

    def _sign_in(self, session: Session, request: dict[str, Any]) -> None:
        connect = request.get("connect", {})
        try:
            session.credential = self._identify(connect)
        except PushRefusal:
            asyncio.get_running_loop().call_later(REFUSED_STAYS_SECONDS, session.connection.close)
            raise
        session.connection.tiger_id = session.tiger_id
        session.uses_full_ticks = connect.get("useFullTick", False)
        for other in list(self._sessions.values()):
            if other is not session and other.tiger_id == session.tiger_id:
                self._kick(other.connection)
        send_ms, receive_ms = (
            min(connect.get(name, 0), LONGEST_INTERVAL_MS) for name in ("sendInterval", "receiveInterval")
        )
        told = json.dumps({"version": connect.get("acceptVersion", ""), "heart-beat": f"{send_ms},{receive_ms}"})
        session.connection.begin_heartbeats(send_ms, receive_ms)
        session.answer(request, {"command": Command.CONNECTED, "msg": told})

    def _identify(self, connect: dict[str, Any]) -> Credential:
        tiger_id = connect.get("tigerId", "")
        self._draw_refusal(Command.CONNECT, tiger_id, connect)
        if connect.get("accessToken"):
            raise no_access_tokens()
        credential = self._credentials.get(tiger_id)
        if credential is None:
            raise unknown_tiger_id(tiger_id)
        # Tiger's clients sign their id alone [SDK: protobuf_push_client.connect].
        if not signatures.is_signature(credential.public_key, connect.get("sign", ""), tiger_id.encode()):
            raise bad_signature()
        return credential

    def _read_wish(self, session: Session, request: dict[str, Any], *, is_end: bool) -> Wish:
        if session.credential is None:
            raise not_signed_in()
        return read_wish(request.get("subscribe", {}), session.credential, self._prices, is_end=is_end)

    def _subscribe(self, session: Session, request: dict[str, Any]) -> None:
        wish = self._read_wish(session, request, is_end=False)
        subscriptions, topic = session.subscriptions, wish.topic
        if topic in ACCOUNT_TOPICS:
            for each in self._list_together(topic):
                subscriptions.accounts[each].update(wish.accounts)
            self._watch_accounts()
            session.confirm(request, SUBSCRIBED, topic)
            return
        if self._quote_permission.holders.get(session.tiger_id) == ANOTHER_DEVICE:
            raise no_quote_permission()
        if topic in TOP_TOPICS:
            if not self._wants_tops():
                self._feed.begin_tops()
            subscriptions.tops[topic].setdefault(wish.market, set()).update(wish.indicators)
            session.confirm(request, SUBSCRIBED, topic)
            session.send_top(self._feed.get_top(topic, wish.market))
            return
        contracts = wish.contracts or ()
        excess = subscriptions.find_excess(topic, contracts, self._limiter.get_figures(session.tiger_id))
        if excess is not None:
            raise too_many_symbols(excess)
        subscriptions.add_subjects(topic, contracts)
        session.confirm(request, SUBSCRIBED, topic)
        for contract in contracts:
            self._feed.follow(topic, contract)
            for event in self._feed.get_snapshot(topic, contract):
                session.send(event)

    def _unsubscribe(self, session: Session, request: dict[str, Any]) -> None:
        wish = self._read_wish(session, request, is_end=True)
        subscriptions, topic = session.subscriptions, wish.topic
        if topic in ACCOUNT_TOPICS:
            for each in self._list_together(topic):
                subscriptions.accounts[each].difference_update(wish.accounts)
            self._watch_accounts()
        elif topic in TOP_TOPICS:
            subscriptions.tops[topic].get(wish.market, set()).difference_update(wish.indicators)
        else:
            subscriptions.remove_subjects(topic, wish.contracts)
            self._follow_only_what_is_wanted()
        session.confirm(request, UNSUBSCRIBED, topic)

    def _list_together(self, topic: DataType) -> tuple[DataType, ...]:
        """Return which topics begin or end with one of an account [Tiger's page on the push of accounts]."""
        return ACCOUNT_TOPICS if self._readings.now.push_account_topics == "together" else (topic,)

    def _tell_subscriptions(self, session: Session, request: dict[str, Any]) -> None:
        told = session.subscriptions.describe(self._limiter.get_figures(session.tiger_id))
        answer = {"command": Command.MESSAGE, "code": SUBSCRIPTIONS_TOLD, "msg": json.dumps(told)}
        session.answer(request, answer)

    def heartbeat_is_due(self, connection: PushConnection) -> None:
        """Send a heartbeat, if nothing keeps it back."""
        session = self._sessions.get(connection)
        if session is not None:
            session.put(Command.HEARTBEAT, {"command": Command.HEARTBEAT})

    def lost(self, connection: PushConnection) -> None:
        """Forget a connection, and follow what only it wanted no longer."""
        if self._sessions.pop(connection, None) is not None:
            self._watch_accounts()
            self._follow_only_what_is_wanted()

    def _watch_accounts(self) -> None:
        wanted = any(any(session.subscriptions.accounts.values()) for session in self._sessions.values())
        self._account_events.watch(wanted=wanted)

    def _follow_only_what_is_wanted(self) -> None:
        self._feed.retain(
            get_key(topic, contract)
            for session in self._sessions.values()
            for topic, contracts in session.subscriptions.subjects.items()
            for contract in contracts.values()
        )

    def publish(self, event: Event) -> None:
        """Tell an event of an account to everybody who has subscribed for it; one of none to all who have signed in."""
        message = event.encode()
        for session in list(self._sessions.values()):
            wanted = session.subscriptions.accounts.get(event.data_type, ())
            if event.account in wanted or (event.account is None and session.credential is not None):
                session.send(event, message)

    def _publish_quote(self, key: Key, event: Event) -> None:
        message = event.encode()
        for session in list(self._sessions.values()):
            if not session.subscriptions.wants(*key):
                continue
            if session.connection.is_lagging:
                session.missed[key] = None
            elif event.data_type is not DataType.TradeTick or session.uses_full_ticks == (event.message == FULL_TICKS):
                session.send(event, message)

    def tick(self, at_once: bool) -> None:
        """Tell what has changed with time; with ``at_once`` even within the same second."""
        if not self._sessions:
            return
        self._account_events.tell_late()
        self._feed.tick(at_once=at_once)
        self._catch_up()
        if self._wants_tops():
            self._tell_tops()

    def _wants_tops(self) -> bool:
        return any(any(session.subscriptions.tops.values()) for session in self._sessions.values())

    def _catch_up(self) -> None:
        """Tell those who read again how what they have missed stands now."""
        for session in list(self._sessions.values()):
            if not session.missed or session.connection.is_lagging:
                continue
            missed, session.missed = session.missed, {}
            for topic, contracts in list(session.subscriptions.subjects.items()):
                for contract in contracts.values():
                    if get_key(topic, contract) in missed:
                        for event in self._feed.get_snapshot(topic, contract):
                            session.send(event)

    def _tell_tops(self) -> None:
        if not self._feed.are_tops_due():
            return
        told: dict[tuple[DataType, str], Event] = {}
        for session in list(self._sessions.values()):
            for topic, markets in session.subscriptions.tops.items():
                for market in markets:
                    if (topic, market) not in told:
                        told[topic, market] = self._feed.get_top(topic, market)
                    session.send_top(told[topic, market])

    def kick(self, tiger_id: str) -> bool:
        """End a developer's connection as a newer one would, and say whether there was one."""
        found = [session for session in self._sessions.values() if session.tiger_id == tiger_id]
        for session in found:
            self._kick(session.connection)
        return bool(found)

    def _kick(self, connection: PushConnection) -> None:
        connection.send(encode("Response", {"command": Command.ERROR, "code": KICKED, "msg": KICK_TEXT}))
        connection.close()

    def describe(self) -> list[dict[str, Any]]:
        """Return the connections that have signed in, and what they have subscribed for."""
        return [
            {
                "tiger_id": session.tiger_id,
                "accounts": session.subscriptions.describe_accounts(),
            }
            | session.subscriptions.describe(self._limiter.get_figures(session.tiger_id))
            for session in self._sessions.values()
            if session.credential is not None
        ]
