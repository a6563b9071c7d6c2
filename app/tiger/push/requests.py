"""What a client of Tiger's push service sends [SDK: push/pb/util.py]."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from tigeropen import __VERSION__
from tigeropen.common.consts.params import P_SDK_VERSION_PREFIX
from tigeropen.common.util.signature_utils import sign_with_rsa
from tigeropen.push.pb.Request_pb2 import Request
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon

from app.settings import Credential

ACCEPTED_VERSION: Final = "3"
HEARTBEAT_MS: Final = 10_000
"""How often each side gives a sign of life, as the SDK asks for it."""
ACCOUNT_TOPICS: Final = tuple(
    SocketCommon.DataType.Value(name) for name in ("OrderStatus", "OrderTransaction", "Position", "Asset")
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a developer shows who it is: by a signature, or where it has an access token by that alone [SDK: OAuth2].

    The signature is the same for ever, and whoever sees it can sign in with it.
    """

    tiger_id: str
    sign: str = field(repr=False)
    get_access_token: Callable[[], str | None] | None = None


def make_sign_in(credential: Credential) -> SignIn:
    """Return the sign-in of a credential: its signature of the tiger_id, which is the same for ever."""
    return SignIn(credential.tiger_id, sign_with_rsa(credential.private_key, credential.tiger_id, "utf-8"))


class Requests:
    """Write the requests of one connection, each under a number of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def connect(self, sign_in: SignIn, access_token: str | None) -> Any:
        """Return the sign-in."""
        request = self._make("CONNECT")
        connect = request.connect
        connect.tigerId, connect.sign = ("", "") if access_token else (sign_in.tiger_id, sign_in.sign)
        connect.sdkVersion, connect.acceptVersion = P_SDK_VERSION_PREFIX + __VERSION__, ACCEPTED_VERSION
        connect.sendInterval = connect.receiveInterval = HEARTBEAT_MS
        connect.useFullTick = False
        if access_token:
            connect.accessToken = access_token
        return request

    def refresh_token(self, access_token: str) -> Any:
        """Return the request that takes a new access token into use on a connection."""
        request = self._make("REFRESH_TOKEN")
        request.refreshToken.accessToken = access_token
        return request

    def subscribe(self, data_type: int, symbols: Iterable[str] = (), account: str = "", *, is_end: bool = False) -> Any:
        """Return a subscription for symbols or an account, or its end."""
        request = self._make("UNSUBSCRIBE" if is_end else "SUBSCRIBE")
        request.subscribe.dataType = data_type
        if joined := ",".join(symbols):
            request.subscribe.symbols = joined
        if account:
            request.subscribe.account = account
        return request

    def list_subscriptions(self) -> Any:
        """Return the question what is subscribed for; nothing else asks for an answer without changing anything."""
        return self._make("SEND")

    def heartbeat(self) -> Any:
        """Return a sign of life."""
        return self._make("HEARTBEAT")

    def disconnect(self) -> Any:
        """Return the farewell."""
        return self._make("DISCONNECT")

    def _make(self, command: str) -> Any:
        return Request(command=SocketCommon.Command.Value(command), id=next(self._numbers))
