"""A question for every read method of the SDK's clients, as its user would put it."""

from collections.abc import Callable, Mapping
from typing import Any

from tigeropen.common.consts import (
    BarPeriod,
    CapitalPeriod,
    Market,
    OptionExerciseType,
    SecurityType,
    SegmentType,
    SortDirection,
    TradingSession,
)
from tigeropen.common.consts.filter_fields import MultiTagField, StockField
from tigeropen.common.consts.fundamental_fields import Income, Valuation
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import limit_order
from tigeropen.quote.domain.filter import SortFilterData, StockFilter
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.trade.trade_client import TradeClient

OPTION = "AAPL  260417C00250000"
SPAN = {"begin_date": "2025-10-01", "end_date": "2026-03-10"}
MONTH = {"begin_date": "2026-01-20", "end_date": "2026-02-15"}
BIG = StockFilter(StockField.MarketValue, filter_min=1e11)
BY_SIZE = SortFilterData(StockField.MarketValue, SortDirection.DESC)

QUOTE_READS: Mapping[str, Callable[[QuoteClient], Any]] = {
    "get_market_status": lambda client: client.get_market_status(Market.US),
    "get_symbols": lambda client: client.get_symbols(Market.HK),
    "get_symbol_names": lambda client: client.get_symbol_names(Market.US),
    "get_trade_metas": lambda client: client.get_trade_metas(["AAPL", "00700"]),
    "get_briefs": lambda client: client.get_briefs(["AAPL"], include_hour_trading=True, include_ask_bid=True),
    "get_stock_briefs": lambda client: client.get_stock_briefs(["AAPL", "00700"], include_hour_trading=True),
    "get_cc_briefs": lambda client: client.get_cc_briefs(["BTC/USD"], sec_type=SecurityType.CC),
    "get_stock_delay_briefs": lambda client: client.get_stock_delay_briefs(["AAPL"]),
    "get_stock_details": lambda client: client.get_stock_details(["AAPL", "00700"]),
    "get_timeline": lambda client: client.get_timeline(["AAPL"], include_hour_trading=True),
    "get_timeline_history": lambda client: client.get_timeline_history(["AAPL"], "2026-03-10"),
    "get_bars": lambda client: client.get_bars(["AAPL"], period=BarPeriod.DAY, limit=5, with_fundamental=True),
    "get_bars_by_page": lambda client: client.get_bars_by_page(
        "AAPL", begin_time="2026-02-02", end_time="2026-03-01", page_size=9, time_interval=0
    ),
    "get_trade_ticks": lambda client: client.get_trade_ticks(["AAPL"], limit=9),
    "get_short_interest": lambda client: client.get_short_interest(["AAPL"]),
    "get_depth_quote": lambda client: client.get_depth_quote(["AAPL", "MSFT"], Market.US),
    "get_option_expirations": lambda client: client.get_option_expirations(["AAPL"]),
    "get_option_chain": lambda client: client.get_option_chain("AAPL", "2026-04-17", delta_min=0.2),
    "get_option_briefs": lambda client: client.get_option_briefs([OPTION]),
    "get_option_bars": lambda client: client.get_option_bars([OPTION], limit=5),
    "get_option_trade_ticks": lambda client: client.get_option_trade_ticks([OPTION]),
    "get_option_symbols": lambda client: client.get_option_symbols(),
    "get_option_depth": lambda client: client.get_option_depth([OPTION]),
    "get_option_timeline": lambda client: client.get_option_timeline([OPTION]),
    "get_option_analysis": lambda client: client.get_option_analysis(["AAPL"], require_volatility_list=True),
    "get_future_exchanges": lambda client: client.get_future_exchanges(),
    "get_future_contracts": lambda client: client.get_future_contracts("CME"),
    "get_current_future_contract": lambda client: client.get_current_future_contract("ES"),
    "get_future_history_main_contract": lambda client: client.get_future_history_main_contract(
        ["CLmain"], begin_time=1_772_000_000_000, end_time=1_773_000_000_000
    ),
    "get_all_future_contracts": lambda client: client.get_all_future_contracts("CL"),
    "get_future_contract": lambda client: client.get_future_contract("ESmain"),
    "get_future_continuous_contracts": lambda client: client.get_future_continuous_contracts("GC"),
    "get_future_trading_times": lambda client: client.get_future_trading_times("ESmain"),
    "get_future_bars": lambda client: client.get_future_bars(["ESmain"], limit=5),
    "get_future_bars_by_page": lambda client: client.get_future_bars_by_page(
        "ESmain", begin_time=1_771_000_000_000, end_time=1_773_000_000_000, page_size=7, time_interval=0
    ),
    "get_future_trade_ticks": lambda client: client.get_future_trade_ticks("ESmain"),
    "get_future_brief": lambda client: client.get_future_brief(["ESmain", "CLmain"]),
    "get_future_depth": lambda client: client.get_future_depth(["ESmain"]),
    "get_corporate_split": lambda client: client.get_corporate_split(
        ["NVDA"], Market.US, begin_date="2024-01-01", end_date="2024-12-31"
    ),
    "get_corporate_symbol_change": lambda client: client.get_corporate_symbol_change(
        ["META"], Market.US, begin_date="2021-01-01", end_date="2023-12-31"
    ),
    "get_corporate_delisting": lambda client: client.get_corporate_delisting(
        ["TWTR"], Market.US, begin_date="2021-01-01", end_date="2023-12-31"
    ),
    "get_corporate_ipo": lambda client: client.get_corporate_ipo(
        ["RIVN"], Market.US, begin_date="2020-01-01", end_date="2022-12-31"
    ),
    "get_corporate_dividend": lambda client: client.get_corporate_dividend(["AAPL"], Market.US, **SPAN),
    "get_corporate_earnings_calendar": lambda client: client.get_corporate_earnings_calendar(Market.US, **MONTH),
    "get_financial_daily": lambda client: client.get_financial_daily(
        ["AAPL"], Market.US, [Valuation.shares_outstanding], "2026-02-02", "2026-02-06"
    ),
    "get_financial_report": lambda client: client.get_financial_report(
        ["AAPL"], Market.US, [Income.net_income], "Annual"
    ),
    "get_financial_currency": lambda client: client.get_financial_currency(["AAPL"], Market.US),
    "get_financial_exchange_rate": lambda client: client.get_financial_exchange_rate(["HKD"], "2026-03-02"),
    "get_industry_list": lambda client: client.get_industry_list(),
    "get_industry_stocks": lambda client: client.get_industry_stocks("4530"),
    "get_stock_industry": lambda client: client.get_stock_industry("AAPL"),
    "market_scanner": lambda client: client.market_scanner(Market.US, [BIG], BY_SIZE, page_size=5),
    "get_market_scanner_tags": lambda client: client.get_market_scanner_tags(Market.US, [MultiTagField.Industry]),
    "grab_quote_permission": lambda client: client.grab_quote_permission(),
    "get_quote_permission": lambda client: client.get_quote_permission(),
    "get_addon_entitlement": lambda client: client.get_addon_entitlement(),
    "get_trading_calendar": lambda client: client.get_trading_calendar(Market.US, "2026-03-02", "2026-03-12"),
    "get_stock_broker": lambda client: client.get_stock_broker("00700"),
    "get_broker_hold": lambda client: client.get_broker_hold(),
    "get_capital_flow": lambda client: client.get_capital_flow("AAPL", Market.US, CapitalPeriod.DAY, limit=9),
    "get_capital_distribution": lambda client: client.get_capital_distribution("AAPL", Market.US),
    "get_warrant_briefs": lambda client: client.get_warrant_briefs(
        list(client.get_warrant_filter("00700").items["symbol"][:2])
    ),
    "get_warrant_filter": lambda client: client.get_warrant_filter("00700", page_size=5),
    "get_kline_quota": lambda client: client.get_kline_quota(with_details=True),
    "get_fund_symbols": lambda client: client.get_fund_symbols(),
    "get_fund_contracts": lambda client: client.get_fund_contracts(client.get_fund_symbols()),
    "get_fund_quote": lambda client: client.get_fund_quote(client.get_fund_symbols()),
    "get_fund_history_quote": lambda client: client.get_fund_history_quote(
        client.get_fund_symbols(), begin_time=1_772_000_000_000, end_time=1_773_000_000_000
    ),
    "get_stock_fundamental": lambda client: client.get_stock_fundamental(["AAPL", "GOOG"], Market.US),
    "get_trade_rank": lambda client: client.get_trade_rank(Market.US),
    "get_quote_overnight": lambda client: client.get_quote_overnight(["AAPL"]),
}

MORE_QUOTE_READS: Mapping[str, Callable[[QuoteClient], Any]] = {
    "digital bars": lambda client: client.get_bars(["BTC/USD"], sec_type=SecurityType.CC, limit=3),
    "digital symbols": lambda client: client.get_symbols(sec_type=SecurityType.CC),
    "digital timeline": lambda client: client.get_timeline(["ETH/USD"], sec_type=SecurityType.CC),
    "pre-market bars": lambda client: client.get_bars(
        ["AAPL"], period=BarPeriod.FIVE_MINUTES, trade_session=TradingSession.PreMarket, limit=5
    ),
    "overnight history": lambda client: client.get_timeline_history(
        ["AAPL"], "2026-03-10", trade_session=TradingSession.OverNight
    ),
    "single depth": lambda client: client.get_depth_quote("00700", Market.HK),
    "many future depths": lambda client: client.get_future_depth(["ESmain", "CLmain"]),
    "Hong Kong option chain": lambda client: client.get_option_chain("TCH.HK", "2026-04-29"),
    "several option depths": lambda client: client.get_option_depth([OPTION, OPTION.replace("C0", "P0")]),
    "capital flow of a day": lambda client: client.get_capital_flow("00700", Market.HK, CapitalPeriod.INTRADAY),
    "periods of analysis": lambda client: client.get_option_analysis([{"symbol": "TSLA", "period": "26week"}]),
}

TRADE_READS: Mapping[str, Callable[[TradeClient], Any]] = {
    "get_managed_accounts": lambda client: client.get_managed_accounts(),
    "get_contracts": lambda client: client.get_contracts(["AAPL", "00700"]),
    "get_contract": lambda client: client.get_contract("AAPL"),
    "get_derivative_contracts": lambda client: client.get_derivative_contracts("AAPL", SecurityType.OPT, "20260417"),
    "get_positions": lambda client: client.get_positions(),
    "get_assets": lambda client: client.get_assets(segment=True, market_value=True),
    "get_prime_assets": lambda client: client.get_prime_assets(),
    "get_aggregate_assets": lambda client: client.get_aggregate_assets(),
    "get_orders": lambda client: client.get_orders(),
    "get_open_orders": lambda client: client.get_open_orders(),
    "get_cancelled_orders": lambda client: client.get_cancelled_orders(),
    "get_filled_orders": lambda client: client.get_filled_orders(
        start_time=1_772_000_000_000, end_time=1_774_000_000_000
    ),
    "get_order": lambda client: client.get_order(id=client.get_orders()[0].id, show_charges=True),
    "preview_order": lambda client: client.preview_order(_order()),
    "get_transactions": lambda client: client.get_transactions(symbol="AAPL", sec_type=SecurityType.STK),
    "get_analytics_asset": lambda client: client.get_analytics_asset(),
    "get_segment_fund_available": lambda client: client.get_segment_fund_available(SegmentType.SEC),
    "get_estimate_tradable_quantity": lambda client: client.get_estimate_tradable_quantity(_order()),
    "get_funding_history": lambda client: client.get_funding_history(),
    "get_fund_details": lambda client: client.get_fund_details(SegmentType.SEC),
    "check_option_exercise": lambda client: client.check_option_exercise(
        client.get_option_exercise_positions("Exercise").items[0].contract_id, OptionExerciseType.EXERCISE
    ),
    "get_option_exercise_positions": lambda client: client.get_option_exercise_positions(OptionExerciseType.EXERCISE),
    "get_option_exercise_records": lambda client: client.get_option_exercise_records(),
}

EMPTY_READS: Mapping[str, Callable[[TradeClient], Any]] = {
    "get_segment_fund_history": lambda client: client.get_segment_fund_history(),
    "get_position_transfer_records": lambda client: client.get_position_transfer_records("2026-01-01", "2026-03-01"),
    "get_position_transfer_external_records": lambda client: client.get_position_transfer_external_records(
        "2026-01-01", "2026-03-01"
    ),
}
"""Reads whose answer is empty, because nothing of the kind ever happens to these accounts."""

REFUSED_READS: Mapping[str, Callable[[TradeClient], Any]] = {
    "get_position_transfer_detail": lambda client: client.get_position_transfer_detail("12345"),
}
"""Reads of what no id names here, for the same reason."""

COMMANDS = {
    "create_order": "takes a number and builds an order",
    "place_order": "places",
    "modify_order": "changes an order",
    "cancel_order": "ends an order",
    "transfer_segment_fund": "moves money",
    "cancel_segment_fund": "moves money back",
    "place_forex_order": "changes money",
    "transfer_position": "moves positions",
    "submit_option_exercise": "exercises",
    "cancel_option_exercise": "ends an exercise",
}
"""The methods of the trade client that are no reads, with what they do instead."""


def _order() -> Any:
    return limit_order("67686635", stock_contract("AAPL", "USD"), "BUY", 5, limit_price=100.0)
