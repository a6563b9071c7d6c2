"""Runs a simulator in a thread of this process, with a handle that any thread may use."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from app.simulator.assembly import Assembly
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.push.events import Event
from app.simulator.push.vocabulary import DataType
from app.simulator.service import CallRecord

Result = TypeVar("Result")
START_SECONDS = 20.0
CALL_SECONDS = 30.0


class Simulator:
    """Watch and steer a running simulator; every method may be called from any thread."""

    def __init__(
        self, assembly: Assembly, loop: asyncio.AbstractEventLoop, stopped: asyncio.Event, thread: threading.Thread
    ) -> None:
        self._assembly = assembly
        self._loop = loop
        self._stopped = stopped
        self._thread = thread

    @classmethod
    @contextmanager
    def running(cls, options: SimulatorOptions) -> Iterator["Simulator"]:
        """Run a simulator in a thread for the time of the block; its state stays in the folder."""
        ready: Future[tuple[Assembly, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        thread = threading.Thread(target=_run, args=(options, ready), name="simulator", daemon=True)
        thread.start()
        simulator = cls(*ready.result(START_SECONDS), thread)
        try:
            yield simulator
        finally:
            simulator.stop()

    def stop(self) -> None:
        """Stop the simulator, as the end of the block does; harmless when it has stopped."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(START_SECONDS)

    @property
    def url(self) -> str:
        """Return what clients put down as ``server_url``."""
        return self._assembly.url

    @property
    def base_url(self) -> str:
        """Return the address without a path; the control paths hang here."""
        return self._assembly.base_url

    @property
    def control_token(self) -> str:
        """Return the token of the control paths."""
        return self._assembly.control.token

    @property
    def folder(self) -> Path:
        """Return the folder that holds state, credentials and the control token."""
        return self._assembly.options.state_folder

    def get_credential_folder(self, tiger_id: str) -> Path:
        """Return the SDK folder of a developer id."""
        return self.folder / "credentials" / self._assembly.credentials[tiger_id].spec.name

    @property
    def now_ms(self) -> int:
        """Return the simulated time, epoch milliseconds."""
        return self._assembly.clock.now_ms()

    @property
    def connections_opened(self) -> int:
        """Return how many connections clients have opened so far."""
        return self._assembly.server.connections_opened

    @property
    def push_address(self) -> str:
        """Return what clients of the push service put down as ``socket_host_port``."""
        return self._assembly.push_address

    def push_connections(self) -> list[dict[str, Any]]:
        """Return the connections of the push service that have signed in, and what they have subscribed for."""
        return self._call(self._assembly.push.describe)

    def kick(self, tiger_id: str) -> bool:
        """End a developer's connection to the push service as a newer one would, and say whether there was one."""
        return self._call(lambda: self._assembly.push.kick(tiger_id))

    def publish(self, data_type: str, values: Mapping[str, Any], account: str | None = None, message: str = "") -> None:
        """Push an event that has not happened: to the subscribers of an account, or to everybody who has signed in.

        ``message`` names the message that carries it, where there is more than one.
        """
        self._call(lambda: self._assembly.push.publish(Event(DataType[data_type], values, account, message)))

    def calls(self, method: str | None = None, tiger_id: str | None = None, account: str | None = None) -> int:
        """Return how many calls were received, refused ones too."""
        return self._call(lambda: self._assembly.control.count_calls(method, tiger_id, account))

    def requests(self) -> tuple[CallRecord, ...]:
        """Return the calls received, oldest first."""
        return self._call(lambda: tuple(self._assembly.service.records))

    def reset_counts(self) -> None:
        """Forget the calls counted so far."""
        self._call(self._assembly.service.reset_counts)

    def inject(self, *faults: Fault) -> None:
        """Put faults in force; where connections are refused from now on, those that were open are closed."""
        self._call(lambda: self._assembly.inject(*faults))
        # The loop closes a connection in the turn after the one in which it is told to.
        self._call(lambda: None)

    def clear_faults(self) -> None:
        """Let everything go well again."""
        self._call(self._assembly.service.faults.clear)

    def orders(self, account: str | None = None) -> list[dict[str, Any]]:
        """Return the orders that there are, hidden ones too, oldest first, as the wire tells them."""
        return self._call(lambda: self._assembly.control.list_orders(account))

    def read_as(self, **readings: str) -> None:
        """Play some open points as these readings say, from now on."""
        self._call(lambda: self._assembly.readings.choose(readings))

    def reset_readings(self) -> None:
        """Play every open point as at the start again."""
        self._call(self._assembly.readings.reset)

    def take_quote_permission(self, tiger_id: str) -> None:
        """Have another device of the user, such as the phone, grab the permission for real-time quotes."""
        self._call(lambda: self._assembly.quote_permission.take(tiger_id))

    def get_quote_device(self, tiger_id: str) -> str | None:
        """Return the device_id that may read real-time quotes, or None where no device has ever grabbed them."""
        return self._call(lambda: self._assembly.quote_permission.holders.get(tiger_id))

    def advance(self, seconds: float) -> None:
        """Move time forward and let everything happen that falls due."""
        self._call(lambda: self._assembly.control.advance(seconds))

    def set_price(self, symbol: str, price: Decimal | float | None) -> None:
        """Pin the price of a stock, or let it move again with None."""
        exact = None if price is None else Decimal(str(price))
        self._call(lambda: self._assembly.control.set_price(symbol, exact))

    def hold(self, account: str, symbol: str, quantity: float) -> None:
        """Let an account hold so much of a stock, as a gift or a split would."""
        self._call(lambda: self._assembly.engine.hold(account, symbol, Decimal(str(quantity))))

    def end_tokens(self, tiger_id: str) -> None:
        """End every user token of a developer id at once."""
        self._call(lambda: self._assembly.tokens.end_all(tiger_id))

    def issue_token(self, tiger_id: str) -> str:
        """Put a new user token into the developer's folder, as somebody would who fetched one from Tiger's page."""
        return self._call(lambda: self._assembly.write_new_token(tiger_id))

    def set_entitlements(self, tiger_id: str, **figures: Any) -> None:
        """Sell a developer these limits, by their wire names, and tell them as they are; none are what all have."""
        self._call(lambda: self._assembly.service.limiter.set_entitlements(tiger_id, figures))

    def forget_limits(self) -> None:
        """Forget the calls that rate limits have counted."""
        self._call(self._assembly.service.limiter.forget)

    def _call(self, action: Callable[[], Result]) -> Result:
        outcome: Future[Result] = Future()

        def run() -> None:
            try:
                outcome.set_result(action())
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked.
                outcome.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return outcome.result(CALL_SECONDS)


def _run(options: SimulatorOptions, ready: "Future[tuple[Assembly, asyncio.AbstractEventLoop, asyncio.Event]]") -> None:
    async def serve() -> None:
        with Assembly(options) as assembly:
            stopped = asyncio.Event()
            await assembly.start()
            ready.set_result((assembly, asyncio.get_running_loop(), stopped))
            await assembly.serve(stopped)

    try:
        asyncio.run(serve())
    except Exception as error:
        if ready.done():
            raise
        ready.set_exception(error)
