"""Ask Tiger in the wire's own words, and hear its answer as it came; the quota counts these calls as all others."""

import contextlib
import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tigeropen.common.model import BaseParams

from app.errors import GatewayError
from app.tiger.pipeline.call import Call, CallResult, Go
from app.tiger.pipeline.link import Link
from app.tiger.pipeline.sending_stages import behind_breaker, within_quota
from app.tiger.pipeline.stages import build
from app.tiger.sessions import Session
from app.tiger.trading.order_statuses import get_status
from app.tiger.trading.orders import Order, get_order
from app.tiger.wire import values
from app.tiger.wire.client import Client, SigningFailed, UnexpectedStatus, UnreadableAnswer
from app.tiger.wire.codes import get_error
from app.tiger.wire.methods import METHODS
from app.tiger.wire.transport import Transport, TransportFailure


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What Tiger answered: code 0 and data, or a refusal's code and text; code None where there is no answer."""

    code: int | None
    text: str = ""
    data: Any = None

    @property
    def error(self) -> GatewayError | None:
        """Return what the gateway would take the refusal of an order command for."""
        return get_error(self.code, self.text, command=True) if self.code else None

    @property
    def order(self) -> Order | None:
        """Return the first order that it tells of."""
        return next(iter(self.orders), None)

    @property
    def orders(self) -> list[Order]:
        """Return the orders that it tells of, in whichever form; their status is the one that came."""
        told = self.data if isinstance(self.data, dict) else {"items": self.data}
        items = [item for item in values.rows(told.get("orders", told)) if "orderType" in item]
        return [replace(get_order(item), status=get_status(item.get("status"), None, None)) for item in items]

    @property
    def order_id(self) -> str | None:
        """Return the global id that a placement was answered with."""
        told = values.identifier(values.mapping(self.data).get("id"))
        return told if told or self.order is None else self.order.order_id


class _Fields(BaseParams):  # type: ignore[misc]
    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__()
        self._fields = {name: value for name, value in fields.items() if value is not None}

    def to_openapi_dict(self) -> dict[str, Any]:
        return self._fields


def ask(
    session: Session,
    method: str,
    fields: Mapping[str, Any],
    device_id: str | None = None,
    gate: threading.Barrier | None = None,
) -> RawAnswer:
    """Send one request, once, perhaps as another device of the user, or when all are ready who pass a gate."""
    link, server, deadline = session.link, METHODS[method].server, session.order_deadline()
    owner = {"account": session.account.account, "secret_key": session.credential.secret_key or None}
    params = _Fields({"lang": link.settings.language, **(owner if server == "trade" else {}), **fields})
    client = link.connection.client
    if device_id is not None:
        client = Client(session.credential, Transport(1), device_id=device_id)

    def send(_link: Link, _go: Go, call: Call) -> CallResult:
        if gate is not None:
            gate.wait(deadline.remaining())
        token = link.connection.token.current()
        answer = client.post(
            link.get_url(call), method, params, token, deadline, is_urgent=True, may_arrive_twice=False
        )
        return CallResult(answer.content, time.monotonic())

    try:
        content = build((behind_breaker, within_quota, send), link)(Call(method, params, deadline)).value
    except (
        (GatewayError, TransportFailure, UnexpectedStatus)
        + (UnreadableAnswer, SigningFailed, threading.BrokenBarrierError)
    ) as failure:  # fmt: skip
        return RawAnswer(None, str(failure) or type(failure).__name__)
    data = content.get("data")
    if isinstance(data, str):
        with contextlib.suppress(ValueError):
            data = json.loads(data)
    # Success outside may hold a refusal inside [SDK: OrderIdResponse].
    told = data if isinstance(data, dict) and values.whole(data.get("code")) else content
    return RawAnswer(values.whole(told.get("code")), values.text(told.get("message")) or "", data)


def ask_at_once(session: Session, method: str, requests: list[dict[str, Any]]) -> list[RawAnswer]:
    """Send several in one moment, when each has its place within the quota, which keeps to a pace."""
    gate = threading.Barrier(len(requests))
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda fields: ask(session, method, fields, gate=gate), requests))
