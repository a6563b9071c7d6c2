"""Answers about futures: which there are, and when they trade."""

from schemas.answers.fields import Answer, day, flag, many, moment, number, one, text
from schemas.answers.instruments import InstrumentAnswer


class FutureExchange(Answer):
    """An exchange that lists futures."""

    code = text("The code, to ask for its contracts.", nullable=False)
    name = text("The name.")
    zone = text("The time zone it lives in, such as America/Chicago.")


class FutureContract(InstrumentAnswer):
    """A future; null is what Tiger does not say, such as the days of a continuous contract."""

    type = text("The type, such as ES, to ask for all its contracts.")
    trading_class = text("What other brokers call the type.")
    name = text("The name.")
    exchange = text("The exchange.")
    exchange_code = text("The venue, as older systems call it.")
    contract_month = text("The month of delivery, YYYYMM.")
    last_trading_date = day("The last day it trades")
    first_notice_date = day("The first day on which delivery can be announced")
    last_bidding_close_time = moment("When the last bidding closes")
    min_tick = number("The smallest step of the price.")
    display_multiplier = number("By what the price is multiplied where it is shown.")
    product_type = text("What it is about, such as Equity Index.")
    product_worth = text("What a point is worth, in words.")
    delivery_mode = text("What happens at the end: Cash or Physical.")
    main = flag(
        "Whether Tiger marks it as the contract that the continuous one stands for; some of its lists mark none."
    )
    tradable = flag("Whether it can be traded.")
    continuous = flag("Whether it is the continuous contract of its type.", nullable=False)


class TradingSpan(Answer):
    """A span of time."""

    begin = moment("When it begins", nullable=False)
    end = moment("When it ends", nullable=False)


class TradingTimes(Answer):
    """When a contract trades on a trading date, which begins on the evening before."""

    trading_date = day("The day asked for; null for the session that runs or comes next")
    zone = text("The time zone in which the exchange counts them.")
    bidding = many(TradingSpan, "When bids are collected, oldest first.")
    trading = many(TradingSpan, "When it trades, oldest first; empty on a day without trading.")


class MainContract(Answer):
    """What a continuous contract stood for on one day."""

    time = moment("When the session of that day ended", nullable=False)
    symbol = text("The contract.", nullable=False)


class FuturesAnswer(Answer):
    """The exchanges; where an exchange, a type or a code was named, what belongs to it."""

    exchanges = many(FutureExchange, "The exchanges.", required=False)
    exchange = text("The exchange asked for.", nullable=False, required=False)
    type = text("The type asked for.", nullable=False, required=False)
    current = one(FutureContract, "The current contract of the type.", nullable=True, required=False)
    continuous = one(FutureContract, "The continuous contract of the type.", nullable=True, required=False)
    contracts = many(FutureContract, "The contracts of the exchange or type.", required=False)
    code = text("The code asked for.", nullable=False, required=False)
    contract = one(FutureContract, "The contract asked for.", required=False)
    trading_times = one(TradingTimes, "When it trades.", required=False)
    main_contracts = many(MainContract, "What a continuous contract stood for, oldest first.", required=False)
