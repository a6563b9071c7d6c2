"""The gateway without the comparison after a doubt: what Tiger did not push is lost, and the campaign must find it."""

from typing import Any

from app import create_app
from app.events.comparison import Comparison


def compare_nothing(*_arguments: Any) -> int:
    """Find nothing."""
    return 0


Comparison.run = compare_nothing  # type: ignore[method-assign, assignment]
Comparison.compare_orders = compare_nothing  # type: ignore[method-assign, assignment]

app = create_app()
