"""Puts a simulator together from its options: state, keys, market, engine, service, server."""

import asyncio
import contextlib
import logging
import ssl
from typing import IO, TYPE_CHECKING, Self

from app.simulator.clock import Clock
from app.simulator.control import Control
from app.simulator.credentials import get_specs, load_credentials, write_folders, write_private_file, write_token
from app.simulator.faults import Fault, FaultPlan
from app.simulator.listening import bind
from app.simulator.methods.market import Market
from app.simulator.options import SimulatorOptions
from app.simulator.push.recognition import Forget, Recognized
from app.simulator.quote_permission import QuotePermission
from app.simulator.rate_limits import RateLimiter
from app.simulator.readings import ReadingsInForce
from app.simulator.server import Server
from app.simulator.service import Service
from app.simulator.state import StateFile, lock_folder
from app.simulator.tokens import TokenRegister
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.methods import get_methods
from app.simulator.trading.opening import open_account, open_futures
from app.simulator.trading.openings import Openings
from app.simulator.trading.prices import Prices
from app.simulator.trading.store import TradingStore
from app.simulator.users import Users

if TYPE_CHECKING:
    from app.simulator.push.service import PushService

GATEWAY_PATH = "/gateway"
CONTROL_TOKEN_FILE = "control.token"  # noqa: S105 - the name of a file.

logger = logging.getLogger(__name__)


class Assembly:
    """Own the parts of one simulator; made, run and closed on one thread."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self._tls_context: ssl.SSLContext | None = None
        self._push: PushService | None = None
        self._lock: IO[bytes] = lock_folder(options.state_folder)
        try:
            self._build(options)
        except BaseException:
            self._lock.close()
            raise

    def _build(self, options: SimulatorOptions) -> None:
        self.clock = Clock(options.frozen_at_ms)
        self._state = StateFile(options.state_folder / "state.db")
        specs = get_specs(options.global_account)
        self.credentials = load_credentials(self._state, specs, options.key_bits, options.secret_key)
        self.tokens = TokenRegister(self._state, self.clock, self._get_grace_ms())
        self.readings = ReadingsInForce(options.readings)
        self.quote_permission = QuotePermission(self._state, self.readings, self.credentials)
        market = Market(options.seed, self.clock, options.real_hours, self.readings)
        prices = Prices(market)
        self.engine = TradingEngine(options, self.readings, self.clock, prices, TradingStore(self._state))
        for spec in specs:
            for account in spec.accounts:
                if account.account not in self.engine.accounts:
                    now_ms = self.clock.now_ms()
                    self.engine.add_account(open_account(account.account, spec.tiger_id, account.kind, prices, now_ms))
        openings = Openings(self._state)
        for account_name in self.engine.accounts:
            openings.note(account_name, self.clock.now_ms())
        for kept in self.engine.accounts.values():
            if not kept.futures.cash:
                open_futures(kept)
        self._limiter = limiter = RateLimiter(self.clock, options.limit_scale, options.rate_limit_style, self.readings)
        handlers = {
            **self.quote_permission.guard(market.methods),
            **self.quote_permission.methods,
            **Users(self.credentials, self.tokens).methods,
            **get_methods(self.engine, self.readings, openings),
            "addon_entitlements": limiter.get_entitlements,
        }
        self.service = Service(
            self.clock,
            self.credentials,
            self.tokens,
            limiter,
            FaultPlan(options.seed),
            self.engine,
            handlers,
            self.readings,
        )
        self.control = Control(
            self.service, self.readings, self.quote_permission, self._get_push, self._refuse_soon, self._get_connections
        )
        listener = bind(options.host, options.port, options.listen_fd)
        self.server = Server(self.service, self.control, self._make_push, listener)

    @property
    def push(self) -> "PushService":
        """Return the push service, which is made for its first client: most simulators never have one."""
        if self._push is None:
            from app.simulator.push.service import PushService  # noqa: PLC0415 - see above.

            self._push = PushService(
                self.credentials, self.service.faults, self._limiter, self.quote_permission, self.readings, self.engine
            )
            self.service.after_tick.append(self._push.tick)
        return self._push

    def _get_push(self) -> "PushService":
        return self.push

    def _make_push(self, forget: Forget) -> Recognized:
        from app.simulator.push.connection import PushConnection  # noqa: PLC0415 - see above.

        return PushConnection(self.push, self._get_tls_context, forget)

    def _get_tls_context(self) -> ssl.SSLContext:
        """Return the push service's side of TLS, made when the first client wants it."""
        if self._tls_context is None:
            # Reading about certificates costs a start more than the rest of the service; most never need it.
            from app.simulator.push.certificate import load_context  # noqa: PLC0415

            self._tls_context = load_context(self.options.state_folder, self.options.host)
        return self._tls_context

    def _get_grace_ms(self) -> int:
        return 0 if self.options.old_token == "ends" else int(self.options.old_token_grace_seconds * 1000)  # noqa: S105

    def inject(self, *faults: Fault) -> None:
        """Put faults in force; refusing connections starts at once."""
        self.service.faults.add(fault for fault in faults if fault.kind != "refused")
        for fault in faults:
            if fault.kind == "refused":
                self.server.refuse(fault.seconds)

    def write_new_token(self, tiger_id: str) -> str:
        """Issue a user token and put it into the developer's folder."""
        token = self.tokens.issue(tiger_id).token
        write_token(self.options.state_folder, self.credentials[tiger_id], token)
        return token

    def _refuse_soon(self, seconds: float) -> None:
        self.server.refuse_soon(seconds)

    def _get_connections(self) -> tuple[int, int]:
        return self.server.connections_opened, self.server.connections_open

    @property
    def base_url(self) -> str:
        """Return the address without a path."""
        host = self.options.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server.port}"

    @property
    def url(self) -> str:
        """Return what clients put down as ``server_url``."""
        return self.base_url + GATEWAY_PATH

    @property
    def push_address(self) -> str:
        """Return what clients of the push service put down as ``socket_host_port``."""
        protocol = "ssl" if self.options.push == "tls" else "tcp"
        return f"{protocol},{self.options.host},{self.server.port}"

    async def start(self) -> None:
        """Write the credential folders, then listen."""
        folder = self.options.state_folder
        write_folders(folder, self.credentials, self.tokens, self.url, self.push_address)
        if self.options.push == "tls":
            # Whoever pins the certificate needs it before the first connection.
            self._get_tls_context()
        write_private_file(folder / CONTROL_TOKEN_FILE, self.control.token + "\n")
        await self.server.start()

    async def tick_forever(self) -> None:
        """Let resting orders meet the market several times a second."""
        while True:
            await asyncio.sleep(self.options.tick_seconds)
            try:
                self.service.tick()
            except Exception:
                # The edge of the loop: one bad order must not stop time for all others.
                logger.exception("simulator: the tick failed")

    async def serve(self, stopped: asyncio.Event) -> None:
        """Serve until ``stopped`` is set, then let go of everything."""
        ticking = asyncio.get_running_loop().create_task(self.tick_forever())
        try:
            await stopped.wait()
        finally:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
            self.server.stop()
            # Closed transports need a turn of the loop to say goodbye.
            await asyncio.sleep(0)

    def close(self) -> None:
        """Close the socket and the state file, and free the folder."""
        self.server.stop()
        self._state.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
