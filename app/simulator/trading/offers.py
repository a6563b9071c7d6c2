"""Which orders are taken for which contracts, by which accounts: tables after Tiger's documentation.

The types are those of the table "order types by market" in Tiger's guide to its SDK; what it does not say of warrants,
funds, digital assets and combinations is the plainest that its SDK can send.
"""

from collections.abc import Mapping
from typing import Final

from app.simulator.trading import reasons
from app.simulator.trading.contracts import (
    BULL_BEAR,
    COIN,
    COMBINATION,
    FUND,
    FUTURE,
    OPTION,
    STOCK,
    WARRANT,
    Contract,
)
from app.simulator.trading.drafts import Draft
from app.simulator.trading.orders import (
    AUCTION_TYPES,
    ICEBERG,
    LIMIT_ORDER,
    MARKET_ORDER,
    STOP_LIMIT_ORDER,
    STOP_ORDER,
    TRAILING_ORDER,
    WEIGHTED_TYPES,
)
from app.simulator.trading.reasons import Reason
from app.simulator.trading.sessions import get_markets_of

PLAIN = frozenset({MARKET_ORDER, LIMIT_ORDER})
STOPS = frozenset({STOP_ORDER, STOP_LIMIT_ORDER})
TRAIL = frozenset({TRAILING_ORDER})

TYPES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    (STOCK, "US"): PLAIN | STOPS | TRAIL | WEIGHTED_TYPES | {ICEBERG},
    # Stops of Hong Kong shares are in Tiger's application, not in the table of its guide: they are taken.
    (STOCK, "HK"): PLAIN | STOPS | TRAIL | AUCTION_TYPES | {ICEBERG},
    (STOCK, "CN"): PLAIN | STOPS | TRAIL,
    (OPTION, "US"): PLAIN | STOPS,
    (OPTION, "HK"): PLAIN | STOPS,
    (FUTURE, "US"): PLAIN | STOPS,
    (WARRANT, "HK"): PLAIN,
    (BULL_BEAR, "HK"): PLAIN,
    (FUND, "US"): frozenset({MARKET_ORDER}),
    (COIN, "US"): PLAIN,
    (COMBINATION, "US"): PLAIN | STOPS | TRAIL,
    (COMBINATION, "HK"): PLAIN | STOPS | TRAIL,
}
"""The order types by type and market of the contract."""

NOT_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "STANDARD": frozenset(),
    "PAPER": frozenset({WARRANT, BULL_BEAR, FUND, COIN}),
    "GLOBAL": frozenset({FUND, COIN, COMBINATION}),
}
"""What accounts do not trade: warrants of paper accounts are in the documentation, the others are new products."""

ATTACHABLE = frozenset({STOCK, OPTION, FUTURE})
GROUPABLE = frozenset({STOCK})


def find_kind_objection(draft: Draft, contract: Contract, kind: str) -> Reason | None:
    """Return why no such order is taken by an account of this kind for this contract, whatever its figures."""
    if contract.sec_type in NOT_TAKEN[kind]:
        return reasons.ACCOUNT_CONTRACT.about(kind.lower(), contract.sec_type)
    if draft.order_type not in TYPES.get((contract.sec_type, contract.market), frozenset()):
        return reasons.TYPE_OF_CONTRACT.about(draft.order_type, contract.sec_type)
    if draft.session and (contract.sec_type, contract.market) != (STOCK, get_markets_of(draft.session)):
        is_regular = draft.session == "RTH" and contract.market == "US"
        return None if is_regular else reasons.SESSION.about(draft.session)
    if draft.order_type in AUCTION_TYPES and draft.time_in_force not in {"DAY", "OPG"}:
        return reasons.AUCTION_TIME
    return _find_attachment_objection(draft, contract)


def _find_attachment_objection(draft: Draft, contract: Contract) -> Reason | None:
    if not draft.attachments:
        return None
    if draft.order_type != LIMIT_ORDER or draft.limit_price is None or draft.quantity is None:
        return reasons.ATTACHED_TYPE
    if contract.sec_type not in ATTACHABLE:
        return reasons.TYPE_OF_CONTRACT.about("ATTACHED", contract.sec_type)
    sign = 1 if draft.action == "BUY" else -1
    for attachment in draft.attachments:
        price = attachment.limit_price if attachment.kind == "PROFIT" else attachment.aux_price
        side = sign if attachment.kind == "PROFIT" else -sign
        is_distance = attachment.order_type == TRAILING_ORDER
        if price is not None and not is_distance and (price - draft.limit_price) * side <= 0:
            return reasons.ATTACHED_PRICE.about(f"{price.normalize():f}")
    return None
