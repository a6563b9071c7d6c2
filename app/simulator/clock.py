"""The one source of time: real time plus an offset that tests and the control path may move, or frozen."""

import time


class Clock:
    """Tell the simulated time in epoch milliseconds.

    Reading is safe from any thread. ``frozen_at_ms`` stops the clock at an instant; it then moves only by
    ``advance_ms``.
    """

    def __init__(self, frozen_at_ms: int | None = None, offset_ms: int = 0) -> None:
        self._frozen_at_ms = frozen_at_ms
        self._offset_ms = offset_ms

    def now_ms(self) -> int:
        """Return the simulated epoch milliseconds."""
        if self._frozen_at_ms is not None:
            return self._frozen_at_ms
        return time.time_ns() // 1_000_000 + self._offset_ms

    @property
    def offset_ms(self) -> int:
        """Return how far the running clock is ahead of real time; 0 means not at all."""
        return self._offset_ms

    @property
    def is_frozen(self) -> bool:
        """Say whether time stands still."""
        return self._frozen_at_ms is not None

    def set_offset_ms(self, offset_ms: int) -> None:
        """Put the running clock ``offset_ms`` ahead of real time."""
        self._offset_ms = offset_ms

    def advance_ms(self, by_ms: int) -> None:
        """Move simulated time forward by ``by_ms``."""
        if self._frozen_at_ms is None:
            self._offset_ms += by_ms
        else:
            self._frozen_at_ms += by_ms

    def freeze(self, at_ms: int | None = None) -> None:
        """Stop the clock, at ``at_ms`` or where it is now."""
        self._frozen_at_ms = self.now_ms() if at_ms is None else at_ms

    def resume(self) -> None:
        """Let a frozen clock run again from where it stands."""
        if self._frozen_at_ms is not None:
            self._offset_ms = self._frozen_at_ms - time.time_ns() // 1_000_000
            self._frozen_at_ms = None
