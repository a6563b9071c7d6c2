"""Which fields of the SDK's are which members of ours, in reads about futures, companies and what was bought."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from app.tiger.company.actions import get_action, get_feed
from app.tiger.company.financials import get_daily_values, get_reports
from app.tiger.company.industries import get_industries
from app.tiger.credential.entitlements import get_entitlements, get_quotas
from app.tiger.market import futures
from app.tiger.option_codes import get_classes
from app.tiger.symbols import MARKET_ZONES
from tests.contract.comparison import Comparison, Row, get_members

ZONE: Final = MARKET_ZONES["US"]
CHINA: Final = timedelta(hours=8)
ACTION: Final = "symbol action_type execute_date=ex_date market exchange"
ACTION_MEMBERS: Final = (
    "symbol action_type amount currency ex_date pay_date record_date announced_date ratio from_factor to_factor"
    " old_symbol new_symbol reason name listing_date listing_price market exchange"
)


def get_written_day(digits: str) -> str:
    """Return a day that the SDK leaves as Tiger writes it, "20250919"."""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def get_day_in_china(moment_ms: int) -> str:
    """Return the day that begins at a moment in China."""
    return (datetime.fromtimestamp(moment_ms / 1000, UTC) + CHINA).date().isoformat()


def compare_actions(kind: str, same: str, **convert: Callable[[Any], Any]) -> Comparison:
    """Compare corporate actions of a kind, by what the SDK tells of it besides what all have."""
    names = f"{ACTION} {same}"
    told = {word.partition("=")[2] or word for word in names.split()}
    return Comparison(
        f"get_corporate_{kind}",
        lambda data: [get_action(kind, item, ZONE) for item in get_feed(data)],
        names,
        added=" ".join(set(ACTION_MEMBERS.split()) - told),
        convert={"action_type": str.lower, **convert},
    )


def compare_futures(read: str) -> Comparison:
    """Compare contracts; that of the SDK's ``symbol`` is the class, and its ``continuous`` marks the main contract."""
    return Comparison(
        read,
        futures.get_contracts,
        "contract_code=symbol symbol=trading_class continuous=main trade=tradable type name exchange exchange_code"
        " currency contract_month last_trading_date first_notice_date last_bidding_close_time min_tick multiplier"
        " display_multiplier product_type product_worth delivery_mode",
        added="sec_type identifier expiry market strike put_call continuous",
        convert={
            "last_trading_date": get_written_day,
            "first_notice_date": get_written_day,
            "last_bidding_close_time": lambda moment: moment or None,
        },
    )


def read_times(data: Any) -> list[Row]:
    """Return the spans of an answer, each with what it is."""
    told = futures.get_times(data)
    return [
        {**span, "bidding": name == "bidding", "trading": name == "trading", "zone": told["zone"]}
        for name in ("bidding", "trading")
        for span in told[name]
    ]


def read_reports(data: Any) -> list[Row]:
    """Return each figure of the reports by itself."""
    return [
        {"symbol": symbol, "period_end_date": day, "field": field, "value": value, **about}
        for (symbol, day), report in get_reports(data, ZONE).items()
        for about in [{name: report[name] for name in ("currency", "filing_date")}]
        for field, value in report.items()
        if field not in about
    ]


def read_daily(data: Any) -> list[Row]:
    """Return each daily figure by itself."""
    return [
        {"symbol": symbol, "field": field, "date": day, "value": value}
        for (symbol, field), days in get_daily_values(data).items()
        for day, value in days.items()
    ]


LISTINGS: Final[tuple[Comparison, ...]] = (
    *map(
        compare_futures,
        (
            "get_all_future_contracts",
            "get_current_future_contract",
            "get_future_continuous_contracts",
            "get_future_contract",
            "get_future_contracts",
        ),
    ),
    Comparison("get_future_trading_times", read_times, "start=begin end bidding trading zone"),
    Comparison(
        "get_future_history_main_contract",
        # The SDK leaves the rows as they came, newest first.
        lambda data: futures.get_main_contracts("CLmain", data)[::-1],
        "time refer_contract_code=symbol",
        left="contract_code",
    ),
    Comparison(
        "get_option_symbols",
        lambda data: [{"symbol": symbol, "underlying": code} for symbol, code in get_classes(data).items()],
        "symbol underlying_symbol=underlying",
        left="name",
    ),
    compare_actions("delisting", "announced_date reason"),
    compare_actions("ipo", "ipo_name=name listing_date listing_price currency"),
    # Tiger's is old shares for one new one.
    compare_actions("split", "from_factor to_factor ratio", ratio=lambda sent: 1 / sent),
    compare_actions("symbol_change", "old_symbol new_symbol"),
    Comparison(
        "get_financial_report",
        read_reports,
        "symbol currency field value period_end_date filing_date",
        # The SDK leaves a number as the text that came.
        convert={"value": float},
    ),
    Comparison(
        "get_financial_daily",
        read_daily,
        "symbol field date value",
        # The SDK leaves a day as the moment that came.
        convert={"date": get_day_in_china},
    ),
    Comparison(
        "get_industry_list",
        partial(get_industries, level="GGROUP"),
        "id industry_level=level name_en=name name_cn=chinese_name",
    ),
    Comparison("get_kline_quota", get_quotas, "method used remain=remaining", left="details symbol_details"),
    Comparison(
        "get_addon_entitlement",
        lambda data: get_entitlements(data)["limits"],
        "high_freq_limit=high_frequency_calls mid_freq_limit=middle_frequency_calls low_freq_limit=low_frequency_calls"
        " rate_multiple history_stock_limit=history_stocks history_stock_remaining=history_stocks_remaining"
        " history_future_limit=history_futures history_future_remaining=history_futures_remaining"
        " history_option_limit=history_options history_option_remaining=history_options_remaining"
        " subscribe_limit=subscriptions subscribe_remaining=subscriptions_remaining"
        " subscribe_depth_limit=depth_subscriptions subscribe_depth_remaining=depth_subscriptions_remaining",
        flatten=lambda result: [result.effective_entitlement],
    ),
    Comparison(
        "get_addon_entitlement",
        lambda data: get_entitlements(data)["addons"],
        "plan_type=type active start_time=starts_at expire_time=expires_at",
        flatten=lambda result: result.addons,
    ),
    Comparison(
        "get_addon_entitlement",
        lambda data: {"user_level": get_entitlements(data)["user_level"], **get_entitlements(data)["plan"]},
        "user_level plan_type=type expire_time=expires_at",
        flatten=lambda result: [{"user_level": result.user_level, **get_members(result.active_plan)}],
    ),
)
