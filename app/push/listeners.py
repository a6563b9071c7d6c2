"""Who is told what the push client hears."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.push.events import AccountEvent, Gap, PushState, QuoteEvent, Refusal

Told = AccountEvent | QuoteEvent | Gap | Refusal | PushState

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Listeners:
    """Callbacks by what they are told; what one of them raises is logged, and keeps nothing from the others."""

    _callbacks: dict[type, list[Callable[[Any], None]]] = field(default_factory=dict)

    def add(self, kind: type, callback: Callable[[Any], None]) -> None:
        """Tell it whatever is of that kind, from now on."""
        self._callbacks.setdefault(kind, []).append(callback)

    def report(self, told: Told) -> None:
        """Tell everybody who listens."""
        for callback in self._callbacks.get(type(told), ()):
            try:
                callback(told)
            except Exception as error:  # noqa: BLE001 - the edge of a listener: the feed goes on without it.
                # The text may quote what was pushed: only its type and the lines it passed are logged.
                trace = "".join(traceback.format_tb(error.__traceback__))
                logger.error("A listener of the push client failed: %s\n%s", type(error).__name__, trace)  # noqa: TRY400
