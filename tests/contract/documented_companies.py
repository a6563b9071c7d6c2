"""What the reads of companies, funds and futures answer, as documented: path, body, shape of the answer."""

import datetime as dt
from typing import Any

from tests.contract.documented_types import MAYBE, NUMBER, TEXT, WHOLE


def days(back: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=back)).strftime("%Y-%m-%d")


COMPANY_READS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/api/info/contracts": (
        {"symbols": ["AAPL", "TSLA"], "sec_type": "STK"},
        {
            "contracts": [
                {
                    "symbol": TEXT,
                    "sec_type": "STK",
                    "currency": "USD",
                    "exchange": TEXT,
                    "name": TEXT,
                    "lot_size": NUMBER,
                    "tick_sizes": [{}],
                    "shortable": (bool, int, type(None)),
                },
            ],
        },
    ),
    "/api/info/financials": (
        {"symbols": ["AAPL"], "fields": ["revenue", "net_income", "eps"]},
        {
            "financials": [
                {
                    "symbol": "AAPL",
                    "revenue": NUMBER,
                    "net_income": NUMBER,
                    "eps": NUMBER,
                    "currency": "USD",
                    "period_end_date": TEXT,
                },
            ],
        },
    ),
    "/api/info/corporate-actions": (
        {"symbols": ["AAPL"], "action_type": "dividend"},
        {
            "corporate_actions": [
                {
                    "symbol": "AAPL",
                    "action_type": "dividend",
                    "amount": NUMBER,
                    "currency": "USD",
                    "ex_date": TEXT,
                    "pay_date": TEXT,
                    "record_date": TEXT,
                    "ratio": MAYBE,
                },
            ],
        },
    ),
    "/api/info/earnings": (
        {"symbols": ["AAPL"], "begin_date": days(365), "end_date": days(0)},
        {
            "earnings": [
                {
                    "symbol": "AAPL",
                    "report_date": TEXT,
                    "fiscal_quarter": TEXT,
                    "eps_estimate": MAYBE,
                    "revenue_estimate": (type(None),),
                    "eps_actual": MAYBE,
                    "report_time": (str, type(None)),
                    "fiscal_quarter_ending": TEXT,
                },
            ],
        },
    ),
    "/api/info/fundamentals": (
        {"symbols": ["AAPL", "NOSUCH"]},
        {
            "fundamentals": [
                {
                    "symbol": "AAPL",
                    "market": "US",
                    "market_cap": NUMBER,
                    "pe_ratio": NUMBER,
                    "eps": NUMBER,
                    "dividend_yield": NUMBER,
                    "roe": NUMBER,
                    "week52_high": NUMBER,
                    "week52_low": NUMBER,
                },
            ],
            "missing": [TEXT],
        },
    ),
    "/api/info/industries": (
        {"symbol": "AAPL"},
        {
            "symbol": "AAPL",
            "market": "US",
            "industries": [{"id": TEXT, "level": TEXT, "name": TEXT, "chinese_name": TEXT}],
        },
    ),
    "/api/info/exchange-rates": (
        {"currencies": ["HKD", "XXX"], "symbols": ["AAPL"]},
        {
            "base": "USD",
            "begin_date": TEXT,
            "end_date": TEXT,
            "rates": [{"currency": TEXT, "values": [{"date": TEXT, "units_per_dollar": NUMBER}]}],
            "missing": [TEXT],
            "companies": [{"symbol": "AAPL", "currency": "USD", "report_currency": "USD"}],
        },
    ),
    "/api/info/futures": (
        {"code": "ESmain"},
        {
            "code": "ESmain",
            "contract": {"symbol": "ESmain", "sec_type": "FUT", "type": "ES", "multiplier": NUMBER, "min_tick": NUMBER},
            "trading_times": {
                "zone": TEXT,
                "bidding": [{"begin": WHOLE, "end": WHOLE}],
                "trading": [{"begin": WHOLE, "end": WHOLE}],
            },
            "main_contracts": [{"time": WHOLE, "symbol": TEXT}],
        },
    ),
    "/api/info/funds": (
        {"symbols": ["IE00B464Q616.USD"]},
        {
            "funds": [
                {
                    "symbol": "IE00B464Q616.USD",
                    "sec_type": "FUND",
                    "currency": "USD",
                    "name": TEXT,
                    "net_asset_value": NUMBER,
                    "date": TEXT,
                },
            ],
        },
    ),
    "/api/info/fund-history": (
        {"symbols": ["IE00B464Q616.USD"], "limit": 5},
        {
            "begin_date": TEXT,
            "end_date": TEXT,
            "history": [
                {
                    "symbol": "IE00B464Q616.USD",
                    "count": 5,
                    "values": [{"date": TEXT, "net_asset_value": NUMBER}],
                },
            ],
        },
    ),
}
