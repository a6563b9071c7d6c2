"""What is quoted besides stocks and options: futures, warrants, funds, digital assets."""

from decimal import Decimal

import pytest

from app.simulator.clock import Clock
from app.simulator.market.calendars import calendar_of
from app.simulator.market.funds import FUNDS, dealing_day
from app.simulator.market.futures import last_closed_day
from app.simulator.methods.market import Market

NOW = 1_800_000_000_000
DAY = 86_400_000


@pytest.fixture
def market() -> Market:
    return Market(1, Clock(NOW))


@pytest.mark.parametrize("product", ["ES", "MES", "NQ", "CL", "GC"])
def test_a_continuous_future_is_quoted_as_its_front_month(market: Market, product: str) -> None:
    main = market.derivatives.future(f"{product}main", NOW)
    assert main is not None
    month = market.futures.front(product, NOW)
    quotes = [market.futures.quote(contract).quote for contract in (main, month)]

    assert (quotes[0].latest, quotes[0].ask) == (quotes[1].latest, quotes[1].ask)
    assert quotes[0].bid < quotes[0].ask
    assert all(Decimal(str(price)) % main.tick == 0 for price in (quotes[0].bid, quotes[0].latest, quotes[0].high))


def test_the_front_month_changes_before_it_ends(market: Market) -> None:
    first = market.futures.front("ES", NOW)
    end = market.futures.expires_ms(first)
    later = market.futures.front("ES", end - DAY)

    assert later.month > first.month
    assert market.futures.contract(first.code, end - 1) is not None
    assert market.futures.contract(first.code, end) is None


def test_a_later_month_costs_more(market: Market) -> None:
    contracts = [market.derivatives.future(code, NOW) for code in ("ES2703", "ES2712")]
    near, far = (market.futures.quote(contract).quote.latest for contract in contracts if contract)

    assert near < far


def test_a_settlement_price_holds_until_the_next_close(market: Market) -> None:
    contract = market.futures.front("CL", NOW)
    day = last_closed_day(NOW)
    following = calendar_of("US").day(day.index + 1)
    settled = [market.futures.settlement(contract, at) for at in (NOW, following.close_ms - 1, following.close_ms)]

    assert settled[0] == settled[1] != settled[2]


def test_a_held_price_of_a_future_is_quoted_and_settled_at(market: Market) -> None:
    market.futures.set_price("ESmain", Decimal("6000.1"))
    quote = market.futures.quote(market.futures.front("ES", NOW))

    assert (quote.quote.latest, quote.settlement) == (6000.0, Decimal(6000))
    market.futures.set_price("ESmain", None)
    assert market.futures.quote(market.futures.front("ES", NOW)).quote.latest != 6000.0


def test_a_warrant_follows_its_underlying(market: Market) -> None:
    calls = [warrant for warrant in market.derivatives.warrants("00700", NOW) if warrant.right == "CALL"]
    market.set_price("00700", 700)
    high = [market.warrants.quote(warrant).latest for warrant in calls]
    market.set_price("00700", 600)
    low = [market.warrants.quote(warrant).latest for warrant in calls]

    assert all(before > after for before, after in zip(high, low, strict=True))


def test_a_bull_contract_is_knocked_out_at_its_call_price(market: Market) -> None:
    bull = next(w for w in market.derivatives.warrants("00700", NOW) if (w.sec_type, w.right) == ("IOPT", "CALL"))
    market.set_price("00700", bull.strike + 10)
    before = market.warrants.is_knocked_out(bull, NOW)
    market.set_price("00700", bull.strike)

    assert (before, market.warrants.is_knocked_out(bull, NOW)) == (False, True)
    assert market.warrants.inner_value(bull, NOW) == 0


def test_a_fund_has_one_value_a_day(market: Market) -> None:
    fund = FUNDS["LU0417517546.USD"]
    today = dealing_day(NOW)
    tomorrow = dealing_day(today.close_ms)

    assert tomorrow.index == today.index + 1
    assert market.funds.net_asset_value(fund, today) != market.funds.net_asset_value(fund, tomorrow)


@pytest.mark.parametrize("symbol", ["BTC/USD", "BTC.USD", "btc/usd"])
def test_a_digital_asset_has_one_quote_under_each_spelling(market: Market, symbol: str) -> None:
    coin = market.coins.coin(symbol)

    assert coin is not None
    assert market.coins.quote(coin).symbol == "BTC/USD"
