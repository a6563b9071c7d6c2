"""Answers of the market analysis category."""

from schemas.answers.fields import Answer, day, many, moment, number, one, text, texts, whole

ANNUAL = "as a fraction of a year's move: 0.25 is 25 %"
MONEY = "in the currency that the stock trades in"
PART = "as a fraction: 0.05 is 5 %"
STANDING = "as a fraction: 1 is the highest of the period"


class FoundAnswer(Answer):
    """What was found of several symbols."""

    count = whole("Of how many symbols something was found.", nullable=False, minimum=0)
    missing = texts("The symbols of which Tiger has nothing.")


class VolatilityDay(Answer):
    """The volatilities of one day."""

    time = moment("The day, by a moment that Tiger names it by", nullable=False)
    implied_vol = number(f"Implied volatility, {ANNUAL}.")
    historical_vol = number(f"Historical volatility, {ANNUAL}.")
    iv_percentile = number(f"Part of the period's days on which it was lower, {STANDING}.")
    iv_rank = number(f"Where it stands between the lowest and the highest of the period, {STANDING}.")


class OptionAnalysis(Answer):
    """How volatile an underlying is, and is taken to be by the prices of its options."""

    symbol = text("The underlying.", nullable=False)
    implied_vol = number(f"Implied volatility of the next 30 days, {ANNUAL}.")
    historical_vol = number(f"Historical volatility, {ANNUAL}.")
    iv_hv_ratio = number("Implied by historical volatility.")
    call_put_ratio = number("Calls for one put.")
    period = text("The period that Tiger compared the implied volatility with.")
    iv_percentile = number(f"Part of the period's days on which it was lower, {STANDING}.")
    iv_rank = number(f"Where it stands between the lowest and the highest of the period, {STANDING}.")
    days = many(VolatilityDay, "The days of the period, oldest first; null unless they were asked for.", nullable=True)


class OptionAnalysisAnswer(FoundAnswer):
    """Analyses of some underlyings."""

    analyses = many(OptionAnalysis, "The analyses, in the order of the symbols.")


class StockSplit(Answer):
    """A split that is announced."""

    ex_date = day("The day it takes effect")
    from_factor = number("Old shares.")
    to_factor = number("New shares for them.")


class StockRights(Answer):
    """Rights to shares that trade for a while."""

    symbol = text("The stock.")
    rights_symbol = text("The symbol of the rights.")
    first_dealing_date = day("The first day they trade")
    last_dealing_date = day("The last day they trade")


class SymbolChange(Answer):
    """A change of symbol that is announced."""

    ex_date = day("The day it takes effect")
    new_symbol = text("The new symbol.")


class StockNotice(Answer):
    """A notice of Tiger's about a stock."""

    title = text("Its title.")
    content = text("Its text.")
    type = text("Its kind, in Tiger's words.")


class StockDetails(Answer):
    """What is known of a stock beside its prices, which `quote` has."""

    symbol = text("The stock.", nullable=False)
    name = text("The name.")
    sec_type = text("The kind, such as STK.")
    market = text("The market.")
    exchange = text("The exchange.")
    shares = number("Shares of the company.")
    float_shares = number("Shares that can be traded.")
    eps = number(f"Earnings for one share, {MONEY}.")
    adr_rate = number("Shares behind one depositary receipt; null where it is none.")
    etf = whole("0 for no exchange-traded fund, 1 for a plain one, 2 or 3 for leverage, below 0 for inverse ones.")
    shortable = whole("Tiger's code for whether it can be sold short; `contracts` has a plain answer.")
    listing_date = day("The day it was listed")
    split = one(StockSplit, "A split that is announced.", nullable=True)
    rights = one(StockRights, "Rights that trade for a while.", nullable=True)
    symbol_change = one(SymbolChange, "A change of symbol that is announced.", nullable=True)
    notice = one(StockNotice, "A notice of Tiger's.", nullable=True)


class DetailsAnswer(FoundAnswer):
    """Details of some stocks."""

    details = many(StockDetails, "The details, in the order of the symbols.")


class CapitalFlow(Answer):
    """The net flow of capital of one span of time."""

    time = moment("Start of the span", nullable=False)
    net_inflow = number(f"What came in, less what went out, {MONEY}.")


class CapitalFlowAnswer(Answer):
    """Flows of capital of a stock."""

    symbol = text("The stock.", nullable=False)
    period = text("The span of one flow.", nullable=False)
    count = whole("How many flows there are.", nullable=False, minimum=0)
    flows = many(CapitalFlow, "The flows, oldest first; empty where Tiger has none.")


class CapitalDistributionAnswer(Answer):
    """The flow of capital of a stock today, by the size of orders."""

    symbol = text("The stock.", nullable=False)
    net_inflow = number(f"What came in, less what went out, {MONEY}.")
    in_all = number(f"What came in, {MONEY}.")
    in_big = number("Of that, by big orders.")
    in_mid = number("Of that, by orders of middle size.")
    in_small = number("Of that, by small orders.")
    out_all = number(f"What went out, {MONEY}.")
    out_big = number("Of that, by big orders.")
    out_mid = number("Of that, by orders of middle size.")
    out_small = number("Of that, by small orders.")


class Broker(Answer):
    """A broker in a queue."""

    id = text("The broker's number at the exchange.")
    name = text("The broker's name.")


class BrokerLevel(Answer):
    """Who queues at one price."""

    level = whole("1 for the best price, 2 for the next.")
    price = number(f"The price, {MONEY}.")
    orders = whole("How many queue there, as Tiger counts them.")
    brokers = many(Broker, "The brokers, the first in the queue first; one of several orders stands several times.")


class BrokersAnswer(Answer):
    """Who queues in the book of a stock."""

    symbol = text("The stock.", nullable=False)
    market = text("The market it trades in.", nullable=False)
    asks = many(BrokerLevel, "Who sells, the lowest price first.")
    bids = many(BrokerLevel, "Who buys, the highest price first.")


class ShortReport(Answer):
    """What was sold short of a stock on one day."""

    settlement_date = day("The day that it was counted for")
    short_interest = number("Shares sold short and not bought back.")
    avg_daily_volume = number("Shares traded in a day, on average.")
    days_to_cover = number("Days of such trading in which all could be bought back.")
    percent_of_float = number("Part of the shares that can be traded, as Tiger writes it: no source names the unit.")


class ShortInterest(Answer):
    """The reports about one stock."""

    symbol = text("The stock.", nullable=False)
    reports = many(ShortReport, "The reports, newest first.")


class ShortInterestAnswer(FoundAnswer):
    """What is sold short of some stocks."""

    short_interest = many(ShortInterest, "The stocks, in the order of the symbols.")


class ExtendedChange(Answer):
    """What a stock does before or after the regular hours."""

    trading_status = whole("Tiger's code for the session: 1 before the regular hours, 3 after them.")
    change_rate = number(f"Change of the price, {PART}.")


class RankedStock(Answer):
    """A stock of a rank."""

    symbol = text("The stock.", nullable=False)
    sec_type = text("The kind, such as STK.")
    market = text("The market it trades in.")
    name = text("The name.")
    change_rate = number(f"Change of the price, {PART}.")
    buy_order_rate = number(f"Part of the orders that buy, {PART}.")
    sell_order_rate = number(f"Part of the orders that sell, {PART}.")
    extended_hours = one(ExtendedChange, "Before or after the regular hours.", nullable=True)


class RankAnswer(Answer):
    """The stocks of a market that are traded most."""

    market = text("The market.", nullable=False)
    count = whole("How many stocks there are.", nullable=False, minimum=0)
    stocks = many(RankedStock, "The stocks, in Tiger's order.")
