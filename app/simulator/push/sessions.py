"""One connection as the push service knows it: whose it is, what it wants, and how it is told."""

import json
from dataclasses import dataclass, field
from typing import Any

from app.simulator.credentials import Credential
from app.simulator.push.connection import PushConnection
from app.simulator.push.events import Event
from app.simulator.push.feed import Key
from app.simulator.push.messages import encode
from app.simulator.push.outlet import Frame, Outlet
from app.simulator.push.subscriptions import Subscriptions
from app.simulator.push.vocabulary import Command, DataType

_SUCCESS = json.dumps({"code": 0, "message": "success"}, separators=(",", ":"))


@dataclass(slots=True, eq=False)
class Session:
    """Hold what is known of one connection; ``credential`` is None until it has signed in.

    ``missed`` is what it was not told because it did not read.
    """

    connection: PushConnection
    outlet: Outlet
    credential: Credential | None = None
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    missed: dict[Key, None] = field(default_factory=dict)
    uses_full_ticks: bool = False

    @property
    def tiger_id(self) -> str:
        """Return whose connection it is, empty until somebody has signed in."""
        return self.credential.spec.tiger_id if self.credential else ""

    def put(self, command: int, response: dict[str, Any]) -> None:
        """Send what answers a command, or does without one."""
        name = Command(command).name if command in Command._value2member_map_ else Command.UNKNOWN.name
        self.outlet.put(Frame(name, encode("Response", response)))

    def answer(self, request: dict[str, Any], response: dict[str, Any]) -> None:
        """Answer a request under its id."""
        self.put(request.get("command", 0), response | {"id": request.get("id")})

    def confirm(self, request: dict[str, Any], code: int, topic: DataType) -> None:
        """Say that a subscription, or its end, has been taken."""
        body = {"dataType": topic}
        self.answer(request, {"command": Command.MESSAGE, "code": code, "msg": _SUCCESS, "body": body})

    def send(self, event: Event, message: bytes | None = None) -> None:
        """Send an event, which may have been encoded already."""
        frame = Frame(event.data_type.name, message or event.encode(), event.account, event.values)
        self.outlet.put(frame)

    def send_top(self, event: Event) -> None:
        """Send those of a market's ranks that were subscribed for."""
        wanted = self.subscriptions.tops[event.data_type].get(event.values["market"])
        if wanted:
            ranks = [rank for rank in event.values["topData"] if rank["targetName"] in wanted]
            self.send(Event(event.data_type, {**event.values, "topData": ranks}))
