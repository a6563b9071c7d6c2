"""What is known of the permission of one tiger_id, and the rules by which it is grabbed."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Final

FAILURE_SECONDS: Final = 10.0
LONGEST_FAILURE_SECONDS: Final = 300.0
LONGEST_SECONDS: Final = 3_600.0
CALM_PAUSES: Final = 2
"""A grab that lasts for so many first pauses ends a quarrel."""


@dataclass(frozen=True, slots=True)
class PermissionRecord:
    """The stored state; times in epoch milliseconds, the members as in the table's own comments."""

    tiger_id: str
    device_id: str = ""
    number: int = 0
    grabbed_at: int | None = None
    lost_at: int | None = None
    losses: int = 0
    failures: int = 0
    due_at: int = 0
    message: str | None = None

    @property
    def is_on_its_way(self) -> bool:
        """Tell whether a grab has been announced that has neither succeeded nor failed."""
        return self.failures > 0 and self.message is None

    def is_held_by(self, device_id: str) -> bool:
        """Tell whether, as far as is known, this device has it."""
        return self.number > 0 and self.lost_at is None and self.device_id == device_id

    def get_wait(self, now_ms: int) -> float:
        """Return the seconds until it may be grabbed; a pause longer than any is from before a change of the clock."""
        wait = (self.due_at - now_ms) / 1_000
        return wait if 0 < wait <= LONGEST_SECONDS else 0.0

    def count_loss(self, now_ms: int, pause_seconds: float) -> int:
        """Return which loss this is of those that followed a grab soon."""
        calm_ms = CALM_PAUSES * get_pause(pause_seconds, max(1, self.losses)) * 1_000
        return 1 if self.grabbed_at is None or now_ms - self.grabbed_at > calm_ms else self.losses + 1


def get_pause(first_seconds: float, times: int) -> float:
    """Return the pause after so many times in a row: it doubles up to an hour."""
    return min(LONGEST_SECONDS, first_seconds * 2.0 ** min(times - 1, 20))


def get_loss_pause(first_seconds: float, losses: int) -> float:
    """Return how long the permission is left to who took it: a first time not at all, then it is no accident."""
    return 0.0 if losses <= 1 else get_pause(first_seconds, losses - 1)


def make_device_id(secret: bytes) -> str:
    """Return a device_id in the form of a MAC, that no network card has: the same wherever the secret is the same."""
    digest = hmac.new(secret, b"tiger device_id", hashlib.sha256).digest()
    return ":".join(f"{byte:02x}" for byte in bytes((digest[0] & 0xFC | 0x02,)) + digest[1:6])


def get_now_ms() -> int:
    """Return the present moment in epoch milliseconds."""
    return time.time_ns() // 1_000_000
