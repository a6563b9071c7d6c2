"""What the reads of market data answer, as documented: path, body, shape of the answer."""

from typing import Any

from tests.contract.documented_types import FLAG, MAYBE, NUMBER, TEXT, WHOLE

QUOTE = {"latest_price": NUMBER, "volume": WHOLE, "open": NUMBER, "high": NUMBER, "low": NUMBER, "pre_close": NUMBER}

MARKET_READS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/api/market/quote": ({"symbol": "AAPL"}, {"symbol": "AAPL", **QUOTE, "timestamp": WHOLE, "status": TEXT}),
    "/api/market/kline": (
        {"symbol": "AAPL", "period": "day", "begin_time": "2025-01-01 00:00:00", "limit": 100},
        {
            "symbol": "AAPL",
            "period": "day",
            "count": 100,
            "bars": [
                {"time": WHOLE, "open": NUMBER, "high": NUMBER, "low": NUMBER, "close": NUMBER, "volume": WHOLE},
            ],
        },
    ),
    "/api/market/batch": (
        {"symbols": ["AAPL", "TSLA", "GOOGL"], "fields": ["latest_price", "bid_price"]},
        {
            "symbols": [TEXT],
            "count": 3,
            "quotes": {name: {**QUOTE, "bid_price": NUMBER} for name in ("AAPL", "TSLA", "GOOGL")},
        },
    ),
    "/api/market/search": (
        {"keyword": "apple", "market": "US"},
        {"keyword": "apple", "market": "US", "results": [{"symbol": TEXT, "name": TEXT, "market": "US"}]},
    ),
    "/api/market/option-chain": ({"symbol": "AAPL"}, {"symbol": "AAPL", "expirations": [TEXT]}),
    "/api/market/status": (
        {"market": "US"},
        {"market": "US", "status": "Trading", "trading_status": TEXT, "open_time": TEXT},
    ),
    "/api/market/trading-calendar": (
        {"market": "US", "begin_date": "2026-04-01", "end_date": "2026-04-30"},
        {
            "market": "US",
            "begin_date": "2026-04-01",
            "end_date": "2026-04-30",
            "count": 21,
            "days": [{"date": TEXT, "type": "TRADING"}],
        },
    ),
    "/api/market/depth": (
        {"symbol": "AAPL", "levels": 5},
        {
            "symbol": "AAPL",
            "market": "US",
            "asks": [{"price": NUMBER, "size": WHOLE, "orders": WHOLE}],
            "bids": [{"price": NUMBER, "size": WHOLE, "orders": WHOLE}],
        },
    ),
    "/api/market/option-analysis": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "analyses": [
                {
                    "symbol": "AAPL",
                    "implied_vol": NUMBER,
                    "historical_vol": NUMBER,
                    "iv_hv_ratio": NUMBER,
                    "call_put_ratio": NUMBER,
                    "period": "52week",
                    "iv_percentile": NUMBER,
                    "iv_rank": NUMBER,
                }
            ],
            "missing": (list,),
        },
    ),
    "/api/market/details": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "details": [{"symbol": "AAPL", "name": TEXT, "shares": WHOLE, "float_shares": WHOLE, "listing_date": TEXT}],
            "missing": (list,),
        },
    ),
    "/api/market/capital-flow": (
        {"symbol": "AAPL", "period": "week", "limit": 5},
        {"symbol": "AAPL", "period": "week", "count": 5, "flows": [{"time": WHOLE, "net_inflow": NUMBER}]},
    ),
    "/api/market/capital-distribution": (
        {"symbol": "AAPL"},
        {"symbol": "AAPL", "net_inflow": NUMBER, "in_all": NUMBER, "in_big": NUMBER, "out_all": NUMBER},
    ),
    "/api/market/brokers": (
        {"symbol": "00700"},
        {
            "symbol": "00700",
            "market": "HK",
            "asks": [{"level": WHOLE, "price": NUMBER, "orders": WHOLE, "brokers": [{"id": TEXT, "name": TEXT}]}],
            "bids": [{"level": WHOLE, "price": NUMBER, "orders": WHOLE, "brokers": [{"id": TEXT, "name": TEXT}]}],
        },
    ),
    "/api/market/short-interest": (
        {"symbols": ["AAPL"]},
        {
            "count": 1,
            "short_interest": [
                {
                    "symbol": "AAPL",
                    "reports": [{"settlement_date": TEXT, "short_interest": WHOLE, "days_to_cover": MAYBE}],
                }
            ],
        },
    ),
    "/api/market/rank": (
        {"market": "US"},
        {"market": "US", "count": WHOLE, "stocks": [{"symbol": TEXT, "name": TEXT, "change_rate": NUMBER}]},
    ),
    "/api/market/ticks": (
        {"symbol": "AAPL", "limit": 5},
        {
            "symbol": "AAPL",
            "restarted": False,
            "count": 5,
            "ticks": [{"index": WHOLE, "time": WHOLE, "price": NUMBER, "size": NUMBER, "direction": TEXT}],
            "next": {"after": WHOLE, "after_time": WHOLE},
        },
    ),
    "/api/market/timeline": (
        {"symbol": "AAPL"},
        {
            "symbol": "AAPL",
            "pre_close": NUMBER,
            "sessions": ["regular"],
            "count": WHOLE,
            "minutes": [{"time": WHOLE, "session": "regular", "price": NUMBER, "avg_price": NUMBER, "volume": NUMBER}],
        },
    ),
    "/api/market/scanner": (
        {"filters": [{"field": "StockField_MarketValue", "min": 1e11}], "limit": 3},
        {
            "market": "US",
            "count": 3,
            "total": WHOLE,
            "stocks": [{"symbol": TEXT, "market": "US", "values": {"StockField_MarketValue": NUMBER}}],
            "next_page_token": TEXT,
        },
    ),
    "/api/market/scanner-fields": (
        {"market": "US"},
        {
            "market": "US",
            "count": WHOLE,
            "fields": [{"field": TEXT, "group": TEXT, "takes": TEXT, "takes_period": FLAG}],
            "periods": [TEXT],
        },
    ),
    "/api/market/warrants": (
        {"symbol": "00700", "filters": {"types": ["BULL", "BEAR"]}},
        {
            "symbol": "00700",
            "count": WHOLE,
            "total": WHOLE,
            "warrants": [{"symbol": TEXT, "sec_type": "IOPT", "type": TEXT, "strike": NUMBER, "expiry": TEXT}],
            "bounds": {"issuers": [TEXT], "lot_sizes": [NUMBER], "strike": {"min": NUMBER, "max": NUMBER}},
        },
    ),
    "/api/market/broker-holdings": (
        {"limit": 2},
        {
            "market": "HK",
            "count": 2,
            "total": WHOLE,
            "holdings": [{"id": TEXT, "name": TEXT, "date": TEXT, "shares": WHOLE, "market_value": NUMBER}],
            "next_page_token": TEXT,
        },
    ),
    "/api/market/symbols": (
        {"market": "US", "limit": 3},
        {"sec_type": "STK", "market": "US", "count": 3, "total": WHOLE, "symbols": [TEXT], "next_page_token": TEXT},
    ),
}
