"""What can be chosen about a simulator at its start."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.simulator.readings import Readings

DEFAULT_OLD_TOKEN_GRACE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """Hold the settings of one simulator; every default is what a first start wants.

    ``folder`` is the instance folder: all state lives in ``<folder>/simulator``. ``port`` 0 takes any free
    port; ``listen_fd`` is an inherited listening socket and wins over ``host`` and ``port``.
    ``limit_scale`` multiplies Tiger's rate limits, 0 turns them off. ``old_token`` says what a refresh does
    to the token before it: dies at once, or stays good for ``old_token_grace_seconds``. ``readings`` say how Tiger is
    played where nobody knows how it behaves. ``cancel_delay_seconds`` is how long an order stays PendingCancel,
    ``late_refusal_seconds`` how long one that cannot be paid looks accepted where it is not refused at once.
    ``attached_orders`` says from when lookups show them: once their main order is filled, or from the start.
    ``push`` says how clients are told to reach the push service, which takes both on the same port.
    ``secret_key`` makes the developers institutions, whose requests about an account must carry it.
    ``key_bits`` is the length of the RSA keys: 1024 is what Tiger hands out (the examples in its
    documentation begin with MIICXgIBAAKBgQ). ``frozen_at_ms`` starts the clock stopped at that instant.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    listen_fd: int | None = None
    seed: int = 1
    real_hours: bool = False
    limit_scale: float = 1.0
    rate_limit_style: Literal["code4", "http429"] = "code4"
    old_token: Literal["stays", "ends"] = "stays"  # noqa: S105 - what becomes of a token, not a token.
    old_token_grace_seconds: float = DEFAULT_OLD_TOKEN_GRACE_SECONDS
    readings: Readings = field(default_factory=Readings)
    global_account: bool = False
    secret_key: str = ""
    cancel_delay_seconds: float = 0.0
    late_refusal_seconds: float = 2.0
    attached_orders: Literal["when_filled", "at_once"] = "when_filled"
    tick_seconds: float = 0.2
    push: Literal["plain", "tls"] = "plain"
    key_bits: int = 1024
    frozen_at_ms: int | None = None

    @property
    def state_folder(self) -> Path:
        """Return the folder that holds everything the simulator writes."""
        return self.folder / "simulator"
