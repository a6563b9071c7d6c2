"""The unmodified SDK reads every market answer of the real server into the values it should."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tigeropen.common.consts import BarPeriod, Market, SecurityType
from tigeropen.common.consts.fundamental_fields import Income
from tigeropen.quote.domain.filter import OptionFilter
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient

from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
TIGER_ID = "20154747"

# The SDK (3.8.0) renames columns in a way that pandas 3.1 announces the end of.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TigerOpenClientConfig]:
    folder = tmp_path_factory.mktemp("market")
    options = SimulatorOptions(folder=folder, limit_scale=0, key_bits=1024, frozen_at_ms=NOW_MS)
    with Simulator.running(options) as simulator:
        yield _config_of(simulator.get_credential_folder(TIGER_ID))


def _config_of(folder: Path) -> TigerOpenClientConfig:
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(folder))
    config.retry_max_tries = 0
    return config


@pytest.fixture(scope="module")
def quotes(config: TigerOpenClientConfig) -> QuoteClient:
    return QuoteClient(config)


@pytest.fixture(scope="module")
def trade(config: TigerOpenClientConfig) -> TradeClient:
    return TradeClient(config)


def test_briefs_become_rows(quotes: QuoteClient) -> None:
    frame = quotes.get_stock_briefs(["AAPL", "00700"], include_hour_trading=True)

    assert list(frame["symbol"]) == ["AAPL", "00700"]
    assert (frame["low"] <= frame["latest_price"]).all()
    assert frame["hour_trading_tag"][0] == "Pre-Mkt"
    assert frame["volume"].dtype.kind == "i"


def test_a_batch_of_unknown_symbols_becomes_nothing(quotes: QuoteClient) -> None:
    assert quotes.get_stock_briefs(["NOSUCH"]) is None


def test_older_and_delayed_briefs_are_read(quotes: QuoteClient) -> None:
    (brief,) = quotes.get_briefs(["AAPL"], include_ask_bid=True, include_hour_trading=True)
    delayed = quotes.get_stock_delay_briefs(["AAPL"])

    assert (brief.name, brief.hour_trading.trading_session.value) == ("Apple Inc.", "PreMarket")
    assert delayed["pre_close"][0] == brief.prev_close


def test_bars_become_rows_in_order(quotes: QuoteClient) -> None:
    frame = quotes.get_bars(["AAPL", "00700"], period=BarPeriod.DAY, limit=5)

    assert list(frame["symbol"]) == ["AAPL"] * 5 + ["00700"] * 5
    assert frame["time"][:5].is_monotonic_increasing
    assert frame["volume"].dtype.kind == "i"


def test_bars_of_an_unknown_symbol_are_an_empty_frame(quotes: QuoteClient) -> None:
    assert quotes.get_bars("NOSUCH").empty


def test_the_sdk_pages_through_bars(quotes: QuoteClient) -> None:
    asked = {"period": BarPeriod.DAY, "begin_time": "2026-01-02", "end_time": "2026-03-01"}
    whole = quotes.get_bars("AAPL", limit=100, **asked)

    paged = quotes.get_bars_by_page("AAPL", page_size=15, time_interval=0, **asked)

    assert list(paged["time"]) == list(whole["time"])
    assert list(paged["close"]) == list(whole["close"])


def test_market_states_have_opening_times(quotes: QuoteClient) -> None:
    states = {state.market: state for state in quotes.get_market_status(Market.ALL)}

    assert (states["US"].status, states["US"].trading_status) == ("Trading", "TRADING")
    assert f"{states['US'].open_time:%m-%d %H:%M}" == "03-12 09:30"
    assert states["HK"].open_time.utcoffset().total_seconds() == 8 * 3600


def test_symbols_and_names_are_lists(quotes: QuoteClient) -> None:
    assert ".DJI" in quotes.get_symbols(Market.US)
    assert ("AAPL", "Apple Inc.") in quotes.get_symbol_names(Market.US)
    assert ("00700", "腾讯控股") in quotes.get_symbol_names(Market.HK, lang="zh_CN")


def test_details_metas_and_calendar_are_read(quotes: QuoteClient) -> None:
    assert quotes.get_stock_details(["AAPL"])["name"][0] == "Apple Inc."
    assert quotes.get_trade_metas(["00700"])["lot_size"][0] == 100
    assert quotes.get_trading_calendar(Market.US, "2026-03-11", "2026-03-12") == [
        {"date": "2026-03-11", "type": "TRADING"}
    ]


def test_timeline_ticks_and_depth_are_read(quotes: QuoteClient) -> None:
    price = quotes.get_stock_briefs(["AAPL"])["latest_price"][0]
    book = quotes.get_depth_quote(["AAPL"], Market.US)

    assert quotes.get_timeline(["AAPL"])["price"].iloc[-1] == price
    assert quotes.get_trade_ticks(["AAPL"])["price"].iloc[-1] == price
    assert len(quotes.get_timeline_history(["AAPL"], "2026-03-10")) == 390
    assert book["bids"][0][0] <= price <= book["asks"][0][0]


def test_a_chain_becomes_a_row_for_each_leg(quotes: QuoteClient) -> None:
    expirations = quotes.get_option_expirations(["AAPL"])
    frame = quotes.get_option_chain("AAPL", str(expirations["date"][0]), return_greek_value=True)

    assert {"option_symbol", "period_tag", "timestamp"} <= set(expirations.columns)
    assert set(frame["put_call"]) == {"CALL", "PUT"}
    assert frame["strike"].map(lambda strike: isinstance(strike, str)).all()
    assert frame["expiry"][0] == expirations["timestamp"][0]
    assert frame["delta"].isna().any()
    assert (frame["bid_size"][frame["bid_price"] == 0] == 0).any()


def test_a_chain_can_be_filtered(quotes: QuoteClient) -> None:
    expiry = int(quotes.get_option_expirations(["AAPL"])["timestamp"][3])

    frame = quotes.get_option_chain("AAPL", expiry, OptionFilter(delta_min=0.3, delta_max=0.7, open_interest_min=1))

    assert frame["delta"].between(0.3, 0.7).all()
    assert set(frame["put_call"]) == {"CALL"}


def test_hong_kong_options_are_read(quotes: QuoteClient) -> None:
    date = str(quotes.get_option_expirations(["TCH.HK"], market=Market.HK)["date"][0])
    frame = quotes.get_option_chain("TCH.HK", date)

    assert (frame["symbol"] == "TCH.HK").all()
    assert "TCH.HK" in set(quotes.get_option_symbols(Market.HK)["symbol"])


def test_no_chain_becomes_nothing(quotes: QuoteClient) -> None:
    assert quotes.get_option_chain("NOSUCH", "2026-03-13") is None
    assert quotes.get_option_expirations(["NOSUCH"]).empty


def test_option_briefs_are_found_by_identifier(quotes: QuoteClient) -> None:
    frame = quotes.get_option_briefs(["AAPL  260320C00250000"])

    assert (frame["strike"][0], frame["put_call"][0], frame["identifier"][0]) == (
        "250.0",
        "CALL",
        "AAPL  260320C00250000",
    )


def test_contracts_of_every_type_are_read(trade: TradeClient) -> None:
    stock = trade.get_contract("AAPL")
    option = trade.get_contract("AAPL", SecurityType.OPT, expiry="20260320", strike=250.0, put_call="CALL")
    future = trade.get_contracts("ES2606", SecurityType.FUT)[0]
    warrants = trade.get_derivative_contracts("00700", SecurityType.WAR, "20260630")

    assert (stock.primary_exchange, stock.trade, stock.support_fractional_share) == ("NASDAQ", True, True)
    assert stock.tick_sizes[0]["tick_size"] == 0.0001
    assert (option.put_call, option.strike, option.multiplier) == ("CALL", 250.0, 100.0)
    assert future.contract_month == "202606"
    assert {warrant.put_call for warrant in warrants} == {"CALL", "PUT"}


def test_many_contracts_are_read_and_unknown_ones_are_missing(trade: TradeClient) -> None:
    assert [contract.symbol for contract in trade.get_contracts(["AAPL", "NOSUCH", "00700"])] == ["AAPL", "00700"]
    assert trade.get_contract("NOSUCH") is None


def test_financial_reports_are_read(quotes: QuoteClient) -> None:
    frame = quotes.get_financial_report(["AAPL"], Market.US, [Income.net_income, Income.total_revenue], "LTM")

    assert list(frame.columns) == ["symbol", "currency", "field", "value", "period_end_date", "filing_date"]
    assert frame["value"].map(float).gt(1e10).all()


def test_daily_financials_are_read(quotes: QuoteClient) -> None:
    frame = quotes.get_financial_daily(
        ["AAPL"], Market.US, ["shares_outstanding"], begin_date="2026-03-02", end_date="2026-03-06"
    )

    assert len(frame) == 5


@pytest.mark.parametrize(
    ("call", "symbol"),
    [
        ("get_corporate_dividend", "AAPL"),
        ("get_corporate_split", "NVDA"),
        ("get_corporate_symbol_change", "META"),
        ("get_corporate_delisting", "TWTR"),
        ("get_corporate_ipo", "RIVN"),
    ],
)
def test_corporate_actions_are_read(quotes: QuoteClient, call: str, symbol: str) -> None:
    frame = getattr(quotes, call)([symbol], Market.US, begin_date="2020-01-01", end_date="2026-03-01")

    assert (frame["symbol"] == symbol).all()
    assert frame["execute_date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()


def test_no_corporate_action_becomes_nothing(quotes: QuoteClient) -> None:
    assert quotes.get_corporate_split(["KO"], Market.US, begin_date="2026-01-01", end_date="2026-03-01") is None


def test_the_earnings_calendar_is_read(quotes: QuoteClient) -> None:
    frame = quotes.get_corporate_earnings_calendar(Market.US, begin_date="2026-02-12", end_date="2026-03-12")

    assert frame["report_date"].is_monotonic_increasing
    assert frame["actual_eps"].notna().any()
    assert frame["actual_eps"].isna().any()
