"""Answers questions about positions moved between accounts: none ever was, here."""

from typing import Any

from app.simulator.trading.decimals import get_invalid
from app.simulator.trading.drafts import require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.times import read_moment
from app.simulator.wire import BUSINESS_PARAMETER_ERROR, WireRefusal, WireRequest


class Transfers:
    """Serve the wire methods that read transfers; they name their account ``account_id``."""

    def __init__(self, engine: TradingEngine) -> None:
        self._engine = engine

    def _require_own(self, request: WireRequest) -> None:
        account = self._engine.accounts.get(str(require(request.biz, "account_id")))
        if account is None or account.tiger_id != request.tiger_id:
            asked = request.biz["account_id"]
            raise WireRefusal(
                BUSINESS_PARAMETER_ERROR, f"biz param error(account '{asked}' does not belong to tiger_id)"
            )

    def get_records(self, request: WireRequest) -> Any:
        """Answer ``position_transfer_records`` and ``position_transfer_external_records``."""
        self._require_own(request)
        for name in ("since_date", "to_date"):
            if read_moment(name, require(request.biz, name)) is None:
                raise get_invalid(name)
        return []

    def get_detail(self, request: WireRequest) -> Any:
        """Answer ``position_transfer_detail``: no transfer has the id."""
        self._require_own(request)
        require(request.biz, "id")
        name = "id"
        raise get_invalid(name)
