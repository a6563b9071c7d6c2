"""The question to the gateway that each read of the SDK's clients is answered by."""

from collections.abc import Mapping
from typing import Any, Final

OPTION: Final = "AAPL261218C00250000"
MARCH: Final = {"begin_date": "2026-03-02", "end_date": "2026-03-31"}
YEARS: Final = {"begin_date": "2014-01-01", "end_date": "2026-03-10"}
ORDER: Final = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 100}

SIDE: Final = {"expiry": "20261218", "strike": 250, "put_call": "CALL"}
QUANTITY: Final = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 100}

Question = tuple[str, dict[str, Any]]


def actions(symbol: str, kind: str) -> Question:
    """Ask for corporate actions of one kind."""
    return "/api/info/corporate-actions", {"symbols": [symbol], "action_type": kind, **YEARS}


QUOTE_READS: Final[Mapping[str, Question]] = {
    "get_market_status": ("/api/market/status", {"market": "US"}),
    "get_symbols": ("/api/market/symbols", {"market": "HK"}),
    "get_symbol_names": ("/api/market/search", {"keyword": "apple"}),
    "get_trade_metas": ("/api/info/contracts", {"symbols": ["AAPL", "00700"]}),
    "get_briefs": ("/api/market/batch", {"symbols": ["AAPL"]}),
    "get_stock_briefs": ("/api/market/batch", {"symbols": ["AAPL", "00700"]}),
    "get_cc_briefs": ("/api/market/quote", {"symbol": "BTC/USD", "sec_type": "CC"}),
    "get_option_briefs": ("/api/market/quote", {"identifier": OPTION}),
    "get_future_brief": ("/api/market/quote", {"symbol": "ESmain"}),
    "get_warrant_briefs": ("/api/market/quote", {"symbol": "19669", "sec_type": "WAR"}),
    "get_quote_overnight": ("/api/market/quote", {"symbol": "AAPL", "extended_hours": True}),
    "get_stock_delay_briefs": ("/api/market/batch", {"symbols": ["AAPL"]}),
    "get_stock_details": ("/api/market/details", {"symbols": ["AAPL"]}),
    "get_timeline": ("/api/market/timeline", {"symbol": "AAPL"}),
    "get_timeline_history": ("/api/market/timeline", {"symbol": "AAPL", "date": "2026-03-10"}),
    "get_bars": ("/api/market/kline", {"symbol": "AAPL", "limit": 5}),
    "get_bars_by_page": ("/api/market/kline", {"symbol": "AAPL", "limit": 5}),
    "get_trade_ticks": ("/api/market/ticks", {"symbol": "AAPL", "limit": 5}),
    "get_short_interest": ("/api/market/short-interest", {"symbols": ["AAPL"]}),
    "get_depth_quote": ("/api/market/depth", {"symbol": "AAPL"}),
    "get_option_expirations": ("/api/market/option-chain", {"symbol": "AAPL"}),
    "get_option_chain": ("/api/market/option-chain", {"symbol": "AAPL", "expiry": "20261218"}),
    "get_option_bars": ("/api/market/kline", {"identifier": OPTION, "limit": 5}),
    "get_option_trade_ticks": ("/api/market/ticks", {"identifier": OPTION}),
    "get_option_symbols": ("/api/market/symbols", {"sec_type": "OPT"}),
    "get_option_depth": ("/api/market/depth", {"identifier": OPTION}),
    "get_option_timeline": ("/api/market/timeline", {"identifier": OPTION}),
    "get_option_analysis": ("/api/market/option-analysis", {"symbols": ["AAPL"]}),
    "get_future_exchanges": ("/api/info/futures", {}),
    "get_future_contracts": ("/api/info/futures", {"exchange": "CME"}),
    "get_current_future_contract": ("/api/info/futures", {"type": "ES"}),
    "get_future_history_main_contract": ("/api/info/futures", {"code": "CLmain"}),
    "get_all_future_contracts": ("/api/info/futures", {"type": "CL"}),
    "get_future_contract": ("/api/info/futures", {"code": "ESmain"}),
    "get_future_continuous_contracts": ("/api/info/futures", {"type": "GC"}),
    "get_future_trading_times": ("/api/info/futures", {"code": "ESmain"}),
    "get_future_bars": ("/api/market/kline", {"symbol": "ESmain", "limit": 5}),
    "get_future_bars_by_page": ("/api/market/kline", {"symbol": "ESmain", "limit": 5}),
    "get_future_trade_ticks": ("/api/market/ticks", {"symbol": "ESmain"}),
    "get_future_depth": ("/api/market/depth", {"symbol": "ESmain"}),
    "get_corporate_split": actions("NVDA", "split"),
    "get_corporate_symbol_change": actions("META", "symbol_change"),
    "get_corporate_delisting": actions("TWTR", "delisting"),
    "get_corporate_ipo": actions("RIVN", "ipo"),
    "get_corporate_dividend": actions("AAPL", "dividend"),
    "get_corporate_earnings_calendar": ("/api/info/earnings", {"symbols": ["AAPL"], **MARCH}),
    "get_financial_daily": ("/api/info/financials", {"symbols": ["AAPL"], "fields": ["shares_outstanding"]}),
    "get_financial_report": ("/api/info/financials", {"symbols": ["AAPL"]}),
    "get_financial_currency": ("/api/info/exchange-rates", {"symbols": ["AAPL"]}),
    "get_financial_exchange_rate": ("/api/info/exchange-rates", {"currencies": ["HKD"]}),
    "get_industry_list": ("/api/info/industries", {"level": "GSECTOR"}),
    "get_industry_stocks": ("/api/info/industries", {"industry": "4530", "market": "US"}),
    "get_stock_industry": ("/api/info/industries", {"symbol": "AAPL"}),
    "market_scanner": ("/api/market/scanner", {"market": "HK", "limit": 2}),
    "get_market_scanner_tags": ("/api/market/scanner-fields", {"market": "HK"}),
    "get_quote_permission": ("/api/market/permissions", {}),
    "get_addon_entitlement": ("/api/market/permissions", {}),
    "get_trading_calendar": ("/api/market/trading-calendar", {"market": "US", **MARCH}),
    "get_stock_broker": ("/api/market/brokers", {"symbol": "00700"}),
    "get_broker_hold": ("/api/market/broker-holdings", {}),
    "get_capital_flow": ("/api/market/capital-flow", {"symbol": "AAPL"}),
    "get_capital_distribution": ("/api/market/capital-distribution", {"symbol": "AAPL"}),
    "get_warrant_filter": ("/api/market/warrants", {"symbol": "00700"}),
    "get_kline_quota": ("/api/market/permissions", {}),
    "get_fund_symbols": ("/api/info/funds", {}),
    "get_fund_contracts": ("/api/info/funds", {"symbols": ["IE00B464Q616.USD"]}),
    "get_fund_quote": ("/api/info/funds", {"symbols": ["IE00B464Q616.USD"]}),
    "get_fund_history_quote": ("/api/info/fund-history", {"symbols": ["IE00B464Q616.USD"]}),
    "get_stock_fundamental": ("/api/info/fundamentals", {"symbols": ["AAPL"]}),
    "get_trade_rank": ("/api/market/rank", {"market": "US"}),
}

TRADE_READS: Final[Mapping[str, Question]] = {
    "get_managed_accounts": ("/api/trade/managed-accounts", {}),
    "get_contracts": ("/api/info/contracts", {"symbols": ["AAPL"]}),
    "get_contract": ("/api/info/contracts", {"symbols": ["AAPL"], "sec_type": "OPT", **SIDE}),
    "get_derivative_contracts": ("/api/info/contracts", {"symbols": ["AAPL"], "sec_type": "OPT", "expiry": "20261218"}),
    "get_positions": ("/api/trade/positions", {}),
    "get_assets": ("/api/trade/account-info", {}),
    "get_prime_assets": ("/api/trade/account-info", {}),
    "get_orders": ("/api/trade/orders", {}),
    "get_open_orders": ("/api/trade/orders", {"status": "Submitted"}),
    "get_cancelled_orders": ("/api/trade/orders", {"status": "Cancelled"}),
    "get_filled_orders": ("/api/trade/orders", {"status": "Filled"}),
    "get_order": ("/api/trade/order-status", {"order_id": "1"}),
    "preview_order": ("/api/trade/preview-order", ORDER),
    "get_transactions": ("/api/trade/transactions", {"symbol": "AAPL"}),
    "get_analytics_asset": ("/api/trade/performance", MARCH),
    "get_funding_history": ("/api/trade/cash-movements", {"type": "DEPOSIT_WITHDRAW", **MARCH}),
    "get_fund_details": ("/api/trade/cash-movements", MARCH),
    "get_segment_fund_available": ("/api/trade/segment-funds", {}),
    "get_segment_fund_history": ("/api/trade/segment-funds", {}),
    "check_option_exercise": ("/api/trade/exercise-check", {"contract_id": "1"}),
    "get_option_exercise_records": ("/api/trade/option-exercises", {}),
    "get_option_exercise_positions": ("/api/trade/option-exercises", {}),
    "get_position_transfer_records": ("/api/trade/position-transfers", {}),
    "get_position_transfer_external_records": ("/api/trade/position-transfers", {"scope": "external"}),
    "get_position_transfer_detail": ("/api/trade/position-transfers", {"transfer_id": "12345"}),
    "get_estimate_tradable_quantity": ("/api/trade/max-quantity", QUANTITY),
}

OTHER_METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "get_briefs": ("quote_real_time", "it is the newer form of the same quotes"),
    "get_stock_delay_briefs": ("quote_real_time", "quote_delay is asked in its place where a setting says so"),
    "get_trade_metas": ("contracts", "contracts tell lot and tick as well, and more exactly"),
    "get_assets": ("prime_assets", "the same endpoint asks for assets where the account is a legacy global one"),
    "get_open_orders": ("orders", "one listing with a status has the same, and pages"),
    "get_cancelled_orders": ("orders", "one listing with a status has the same, and pages"),
    "get_filled_orders": ("orders", "one listing with a status has the same, and pages"),
}
"""Reads whose answer comes from another wire method, with the reason."""
