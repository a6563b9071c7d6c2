"""The gateway without its comparison, to show that the campaign finds what it prevents.

Whatever order Tiger answers with, or shows under the number that was sent, is taken for the one that was asked for.
"""

from app import create_app
from app.orders import matching, placing
from app.orders.records import CommandRecord
from app.tiger.trading.orders import Order


def _believe(_order: Order, _entry: CommandRecord) -> bool:
    return True


placing.is_ours = matching.is_ours = _believe  # type: ignore[assignment, attr-defined]
app = create_app()
