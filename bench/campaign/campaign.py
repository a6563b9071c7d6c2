"""What to run: Tiger's faults, and the plan of one campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.campaign.kinds import KINDS, Kind
from bench.campaign.orders import WISHES, Wish

DEADLINE_SECONDS = 4.0
ABSENCE_SECONDS = 10.0
"""Longer than a delay and the hiding of an order together, which one order may meet."""
LATE_SECONDS = 3.0
HIDDEN_SECONDS = 5.0

SAFE, CARELESS, CREDULOUS = "wsgi:app", "bench.campaign.unsafe_wsgi:app", "bench.campaign.credulous_wsgi:app"

FAULTS: tuple[Mapping[str, object], ...] = (
    {"kind": "lost_answer", "probability": 0.10},
    {"kind": "cut_before", "probability": 0.05},
    {"kind": "http_500", "probability": 0.015},
    {"kind": "http_500", "probability": 0.015, "processed": True},
    {"kind": "garbage", "probability": 0.01},
    {"kind": "broken_json", "probability": 0.01},
    {"kind": "delay", "probability": 0.01, "seconds": DEADLINE_SECONDS + 1},
    {"kind": "delay_after", "probability": 0.01, "seconds": DEADLINE_SECONDS + 1},
    {"kind": "late_visibility", "probability": 0.05, "seconds": LATE_SECONDS},
    {"kind": "late_acceptance", "probability": 0.02, "seconds": LATE_SECONDS},
    {"kind": "delivered_twice", "probability": 0.02, "seconds": HIDDEN_SECONDS},
    {"kind": "expired_token", "probability": 0.02, "processed": True},
)
"""What goes wrong with ``place_order``; each is drawn for itself, so that one order may meet several."""
AMENDING_FAULTS: tuple[Mapping[str, object], ...] = (
    {"kind": "lost_answer", "probability": 0.10},
    {"kind": "cut_before", "probability": 0.05},
    {"kind": "http_500", "probability": 0.02, "processed": True},
)
"""What goes wrong with ``modify_order`` and ``cancel_order``."""
LATE_FILLS: Mapping[str, object] = {"kind": "late_fills", "method": "positions", "probability": 0.3, "seconds": 3.0}
"""Now and then positions lack the latest fills."""
CLOSING_CLIENTS = 6


@dataclass(frozen=True)
class Campaign:
    """What to run; ``harms`` names those that befall machine and database, None means all, each after some calm."""

    seed: int
    orders: int = 2_000
    clients: int = 16
    workers: int = 4
    instances: int = 1
    kill_seconds: float = 2.0
    kills: int | None = None
    gateway: str = SAFE
    database_url: str | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    has_other_program: bool = False
    harms: Sequence[str] | None = None
    calm_seconds: float = 4.0
    faults: Sequence[Mapping[str, object]] = FAULTS
    absence_seconds: float = ABSENCE_SECONDS
    wishes: Mapping[Wish, int] = field(default_factory=lambda: WISHES)
    kinds: Sequence[Kind] = KINDS

    @property
    def has_closings(self) -> bool:
        """Tell whether clients close positions: a gateway without its safety is tried with orders alone."""
        return self.gateway == SAFE

    @property
    def database(self) -> str:
        """Return the kind of database."""
        return (self.database_url or "sqlite").partition(":")[0].partition("+")[0]
