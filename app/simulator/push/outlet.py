"""What leaves a connection, as the faults in force let it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator.faults import PUSH_KINDS, Fault, FaultPlan
from app.simulator.push.connection import PushConnection

REFUSED = frozenset({"push_refused"})
_OUTGOING = PUSH_KINDS - REFUSED
MOST_HELD = 1000
"""Frames that wait behind a delayed one; a connection with more is closed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold a message with what faults ask about it: the name of its event or command, its account, its fields."""

    name: str
    message: bytes
    account: str | None = None
    values: Mapping[str, Any] | None = None


class Outlet:
    """Send one connection's frames; made when it has opened, silent for ever once a fault has silenced it."""

    def __init__(self, connection: PushConnection, faults: FaultPlan, kick: Callable[[PushConnection], None]) -> None:
        self._connection = connection
        self._faults = faults
        self._kick = kick
        self._is_silent = False
        self._held: list[Frame] = []
        self._overtaken: list[bytes] = []

    def put(self, frame: Frame) -> None:
        """Send a frame, or do what strikes it."""
        if self._is_silent:
            return
        if self._held:
            self._hold(frame)
            return
        connection = self._connection
        copies = 1
        struck = self._faults.draw_pushed(frame.name, connection.tiger_id, frame.account, frame.values, _OUTGOING)
        for fault in struck:
            if self._strike(fault, frame):
                return
            copies += fault.kind == "push_duplicated"
        for _ in range(copies):
            connection.send(frame.message)
        overtaken, self._overtaken = self._overtaken, []
        for message in overtaken:
            connection.send(message)

    def _strike(self, fault: Fault, frame: Frame) -> bool:
        """Let a fault strike, and say whether that is the end of the frame's way."""
        connection = self._connection
        if fault.kind == "push_duplicated":
            return False
        if fault.kind == "push_delayed":
            self._held.append(frame)
            asyncio.get_running_loop().call_later(fault.seconds, self._release)
        elif fault.kind == "push_out_of_order":
            self._overtaken.append(frame.message)
        elif fault.kind == "push_cut":
            connection.send_part(frame.message)
        elif fault.kind == "push_closed":
            connection.close()
        elif fault.kind == "push_kicked":
            self._kick(connection)
        elif fault.kind == "push_silent":
            self._is_silent = True
        return True

    def _hold(self, frame: Frame) -> None:
        """Let a frame wait behind a delayed one: the order of a connection does not change by waiting."""
        if len(self._held) >= MOST_HELD:
            self._held.clear()
            self._connection.close()
        else:
            self._held.append(frame)

    def _release(self) -> None:
        held, self._held = self._held, []
        for frame in held[:1]:
            self._connection.send(frame.message)
        for frame in held[1:]:
            self.put(frame)
