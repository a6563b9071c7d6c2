"""What Tiger's push service sends: answers, signs of life, and data."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from google.protobuf.message import DecodeError
from tigeropen.push.pb.Response_pb2 import Response
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon

from app.tiger.push import account_data, quote_data
from app.tiger.push.account_data import AccountData
from app.tiger.push.feeds import FEEDS, Feed, get_key
from app.tiger.push.fields import UnreadableData
from app.tiger.push.frames import UnreadableFrame
from app.tiger.push.quote_data import QuoteDatum

KICKED: Final = 4001
"""A newer connection of the tiger_id has taken this one's place [SDK: protobuf_push_client.on_error]."""
TOO_MANY: Final = 3002
BAD_SYMBOL: Final = 3001
_ERROR_END: Final = 200
_COIN: Final = SocketCommon.DataType.Value("Cc")


class Kind(StrEnum):
    """What an answer says."""

    CONNECTED = "connected"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    LISTED = "listed"
    REFUSED = "refused"
    TOKEN = "token"  # noqa: S105 - the answer to a new one.
    HEARTBEAT = "heartbeat"
    OTHER = "other"


_COMMANDS: Final = {
    SocketCommon.Command.Value("CONNECTED"): Kind.CONNECTED,
    SocketCommon.Command.Value("HEARTBEAT"): Kind.HEARTBEAT,
    SocketCommon.Command.Value("ERROR"): Kind.REFUSED,
    SocketCommon.Command.Value("REFRESH_TOKEN"): Kind.TOKEN,
}
_CODES: Final = {
    111: Kind.LISTED,
    112: Kind.SUBSCRIBED,
    113: Kind.UNSUBSCRIBED,
    _ERROR_END: Kind.REFUSED,
}
"""Of messages [SDK: push_types.ResponseType]."""


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """An answer; ``id`` is the number of its request, 0 where it names none."""

    kind: Kind
    id: int = 0
    code: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class PushedAccount:
    """Data about an account."""

    account: str
    data: AccountData


@dataclass(frozen=True, slots=True)
class PushedQuote:
    """Data about an instrument, found by feed and ``key``, or ranks of a market, which have no feed.

    ``data`` is None where it contradicts itself.
    """

    data_type: str
    feed: Feed | None
    key: str
    data: QuoteDatum | None


Received = PushAnswer | PushedAccount | PushedQuote


def read(message: bytes) -> Received:
    """Return what a message says.

    Raises:
        UnreadableFrame: It is none.
    """
    try:
        response = Response.FromString(message)
    except DecodeError as error:
        raise UnreadableFrame("a message that is none") from error
    name = response.body.WhichOneof("body") if response.HasField("body") else None
    kind = _COMMANDS.get(response.command) or _CODES.get(response.code, Kind.OTHER)
    if kind is not Kind.OTHER or name is None:
        return PushAnswer(kind, response.id, response.code, response.msg)
    body = getattr(response.body, name)
    if reader := account_data.READERS.get(name):
        data = reader(body)
        return PushedAccount(data.account or "", data)
    return _read_quote(response.body.dataType, name, body)


def _read_quote(data_type: int, name: str, body: Any) -> PushedQuote:
    symbol = getattr(body, "symbol", "")
    key = symbol.replace(".", "/") if data_type == _COIN else get_key(symbol, getattr(body, "identifier", None))
    try:
        data = quote_data.READERS[name](body)
    except UnreadableData:
        data = None
    numbers = SocketCommon.DataType.values()
    told = SocketCommon.DataType.Name(data_type) if data_type in numbers else "Unknown"
    return PushedQuote(told, FEEDS.get(name), key, data)


def read_intervals(connected: PushAnswer) -> tuple[float, float]:
    """Return every how many seconds a sign of life is sent, and received, as agreed; 0 for never."""
    told = _read_json(connected.text).get("heart-beat")
    try:
        send, receive = (max(0, int(part)) / 1_000 for part in str(told).split(","))
    except ValueError:
        return 0.0, 0.0
    return send, receive


def read_list(listed: PushAnswer) -> dict[str, Any]:
    """Return the list of subscriptions with its limits, as Tiger names its members; empty where it is unreadable."""
    return _read_json(listed.text)


def _read_json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
