"""What the reads of accounts answer, as documented: path, body, shape of the answer."""

from typing import Any

from tests.contract.documented_types import NUMBER, TEXT, WHOLE
from tests.support.client import FIRST

ACCOUNT_READS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/api/trade/positions": (
        {},
        {
            "count": WHOLE,
            "positions": [
                {
                    "symbol": TEXT,
                    "quantity": NUMBER,
                    "average_cost": NUMBER,
                    "market_price": NUMBER,
                    "market_value": NUMBER,
                    "unrealized_pnl": NUMBER,
                },
            ],
        },
    ),
    "/api/trade/account-info": (
        {},
        {
            "account_id": FIRST,
            "tiger_id": "20154747",
            "net_liquidation": NUMBER,
            "cash_balance": NUMBER,
            "buying_power": NUMBER,
            "gross_position_value": NUMBER,
            "unrealized_pnl": NUMBER,
            "realized_pnl": NUMBER,
            "update_timestamp": WHOLE,
            "currency": "USD",
        },
    ),
    "/api/trade/max-quantity": (
        {"symbol": "AAPL", "action": "BUY", "order_type": "MKT"},
        {
            "symbol": "AAPL",
            "sec_type": "STK",
            "action": "BUY",
            "order_type": "MKT",
            "limit_price": (type(None),),
            "tradable_quantity": NUMBER,
            "financing_quantity": NUMBER,
            "position_quantity": NUMBER,
            "tradable_position_quantity": NUMBER,
        },
    ),
    "/api/trade/performance": (
        {"begin_date": "2026-10-01", "end_date": "2026-10-02"},
        {
            "begin_date": "2026-10-01",
            "end_date": "2026-10-02",
            "segment": "SEC",
            "currency": (type(None),),
            "summary": {"pnl": NUMBER, "pnl_percent": NUMBER, "annualized_return": NUMBER},
            "count": 2,
            "history": [{"date": TEXT, "asset": NUMBER, "pnl": NUMBER, "cash_balance": NUMBER, "deposit": NUMBER}],
        },
    ),
    "/api/trade/cash-movements": (
        {"type": "DEPOSIT_WITHDRAW"},
        {
            "count": WHOLE,
            "next_page_token": (type(None),),
            "movements": [{"id": TEXT, "type": TEXT, "currency": TEXT, "amount": NUMBER, "business_date": TEXT}],
            "transfers": [{"id": TEXT, "type": TEXT, "currency": TEXT, "amount": NUMBER, "is_completed": (bool,)}],
        },
    ),
    "/api/trade/managed-accounts": (
        {},
        {
            "tiger_id": "20154747",
            "count": 1,
            "accounts": [{"account": FIRST, "account_type": "STANDARD", "status": "Funded", "is_served": (bool,)}],
        },
    ),
    "/api/trade/segment-funds": (
        {"segment": "SEC"},
        {"segment": "SEC", "available": [{"segment": "SEC", "currency": TEXT, "amount": NUMBER}], "count": 0},
    ),
    "/api/trade/position-transfers": ({}, {"scope": "internal", "begin_date": TEXT, "end_date": TEXT, "count": 0}),
}
