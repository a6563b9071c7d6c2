"""Answers of the market data category."""

from app.tiger.vocabulary import SEARCHED_TYPES, SESSIONS
from schemas.answers.fields import (
    Answer,
    day,
    flag,
    many,
    moment,
    number,
    one,
    text,
    texts,
    whole,
    written_moment,
)
from schemas.answers.instruments import InstrumentAnswer
from schemas.answers.paging import PageAnswer

PRICE = "in the symbol's currency"
ANNUAL = "as a fraction of a year's move: 0.25 is 25 %"


class Bar(Answer):
    """The prices of one span of time, in the currency of the instrument."""

    time = moment("Start of the bar; of a future the end, as Tiger counts", nullable=False)
    open = number("First price.")
    high = number("Highest price.")
    low = number("Lowest price.")
    close = number("Last price.")
    volume = number("Shares, contracts or coins traded.")
    open_interest = number("Of an option or a future: contracts open.", required=False)
    settlement = number("Of a future: the settlement price; null while there is none.", required=False)
    latest_time = moment("Of a future: time of the latest trade", required=False)


class BarsAnswer(PageAnswer, InstrumentAnswer):
    """Bars of an instrument."""

    period = text("The length of a bar.", nullable=False)
    adjusted = flag("Whether prices before a split are adjusted; null of what is not split.")
    session = text("The part of the trading day.", nullable=False, choices=tuple(SESSIONS))
    bars = many(Bar, "The bars, oldest first; empty where Tiger has none. The next page has those before.")


class SearchResult(Answer):
    """What was found; options are found as what all options on a stock are named by."""

    symbol = text("The symbol; of options of the US their stock, of Hong Kong their class.", nullable=False)
    name = text("The name of the company, the future or the fund.")
    market = text("The market of a stock or of options; null of futures and funds.")
    sec_type = text("The kind.", nullable=False, choices=SEARCHED_TYPES)
    underlying = text("Of options: the stock that they are on.")
    hint = text("Of options: how one of them is named.")


class SearchAnswer(Answer):
    """What a keyword finds: stocks and options of one market, futures and funds."""

    keyword = text("The keyword.", nullable=False)
    market = text("The market searched.", nullable=False)
    results = many(SearchResult, "The exact symbol first, then symbols that begin so, then names.")
    unavailable = texts("Kinds that could not be searched, since Tiger did not list them.", choices=SEARCHED_TYPES)


class OptionLeg(Answer):
    """One option of a chain; prices and greeks are for one share of the underlying."""

    identifier = text("Tiger's name of the option, such as AAPL  251219C00175000.")
    strike = number("The strike price.")
    bid_price = number("Best price that somebody buys at.")
    bid_size = whole("Contracts wanted at the bid price.")
    ask_price = number("Best price that somebody sells at.")
    ask_size = whole("Contracts offered at the ask price.")
    latest_price = number("Price of the latest trade.")
    pre_close = number("Close of the trading day before.")
    volume = whole("Contracts traded this day.")
    open_interest = whole("Contracts open.")
    multiplier = number("Shares that one contract is about.")
    implied_vol = number(f"Implied volatility, {ANNUAL}.")
    delta = number("Change of the price when the underlying moves by 1.")
    gamma = number("Change of delta when the underlying moves by 1.")
    theta = number("Change of the price when a day passes.")
    vega = number("Change of the price when the volatility moves by one point.")
    rho = number("Change of the price when the interest rate moves by one point.")
    timestamp = moment("Time of the latest trade")


class OptionChain(Answer):
    """The options of one expiration, by strike."""

    expiry = text("The expiration, YYYYMMDD.", nullable=False, pattern=r"^\d{8}$")
    total = whole("How many options there are, calls and puts.", nullable=False, minimum=0)
    calls = many(OptionLeg, "The calls, by strike.")
    puts = many(OptionLeg, "The puts, by strike.")


class OptionChainAnswer(Answer):
    """The expirations of an underlying, and one chain where ``expiry`` was given."""

    symbol = text("The underlying.", nullable=False)
    expirations = texts("The expirations, YYYYMMDD, nearest first.")
    chain = one(OptionChain, "The chain of the expiry asked for.", required=False)


class MarketState(Answer):
    """The state of one market."""

    market = text("The market.")
    status = text('Tiger\'s word for it, such as "Trading".')
    trading_status = text("Tiger's code for it, such as TRADING, PRE_HOUR_TRADING or CLOSING.")
    open_time = written_moment("The next opening, or the one of today")


class StatusAnswer(Answer):
    """The state of one market; of all of them, ``markets`` alone, where ALL was asked for."""

    market = text("The market.", required=False)
    status = text('Tiger\'s word for it, such as "Trading".', required=False)
    trading_status = text("Tiger's code for it, such as TRADING, PRE_HOUR_TRADING or CLOSING.", required=False)
    open_time = written_moment("The next opening, or the one of today", required=False)
    markets = many(MarketState, "The state of every market.", required=False)


class TradingDay(Answer):
    """A day on which a market trades."""

    date = day("The day", nullable=False)
    type = text("Tiger's word for it: TRADING.", nullable=False)


class TradingCalendarAnswer(Answer):
    """The trading days of a market; a day of the range that is not among them has no trading."""

    market = text("The market.", nullable=False)
    begin_date = day("The first day asked for", nullable=False)
    end_date = day("The last day asked for", nullable=False)
    count = whole("How many trading days there are.", nullable=False, minimum=0)
    days = many(TradingDay, "The trading days, oldest first.")


class DepthLevel(Answer):
    """What is offered or wanted at one price of an order book."""

    price = number("The price, in the currency of the instrument.")
    size = number("Shares or contracts offered or wanted at it.")
    orders = whole("How many orders make it up; null of options and futures.")
    exchange = text("Of an option: the exchange.", required=False)
    time = moment("Of an option: when it was quoted", required=False)


class DepthAnswer(InstrumentAnswer):
    """An order book; a side on which nobody offers or wants anything is empty."""

    asks = many(DepthLevel, "What is offered, the lowest price first; of an option, what each exchange offers.")
    bids = many(DepthLevel, "What is wanted, the highest price first; of an option, what each exchange wants.")
