"""Know whether the permission for real-time quotes comes back."""

from typing import Protocol

from app.tiger.deadline import Deadline


class PermissionSource(Protocol):
    """Know whether what was refused for the device is worth another try."""

    number: int
    """Of the newest grab that this process knows of."""

    def is_regained(self, number: int, deadline: Deadline) -> bool:
        """Take that a call begun after that grab was refused; wait for the next grab, and tell whether it came."""
        ...
