"""Answers that are quotes."""

from marshmallow import fields

from schemas.answers.fields import Answer, by_name, flag, moment, number, one, text, texts, whole
from schemas.answers.instruments import InstrumentAnswer

DELAYED = (
    "Whether it is a quarter of an hour old: only where quotes.delayed_fallback is set, and real time refused, of "
    "United States stocks."
)
PART = "as a part of one: 0.25 is 25 %"


class ExtendedQuote(Answer):
    """What a session outside of the regular one brought."""

    price = number("Price of its latest trade.")
    change = number("How far that is from the close of the regular session before.")
    volume = number("Shares traded in it.")
    time = moment("Time of the latest trade")


class ExtendedHours(Answer):
    """The sessions of a United States stock outside of the regular one; null where Tiger tells nothing of one."""

    pre = one(ExtendedQuote, "Before the regular session; Tiger tells the newer one of this and post.", nullable=True)
    post = one(ExtendedQuote, "After the regular session.", nullable=True)
    overnight = one(ExtendedQuote, "The night, running or last; null without a permission for it.", nullable=True)


class TypedQuote(Answer):
    """What only instruments of some types have in their quotes."""

    open_interest = number("Of an option or a future: contracts open.", required=False)
    open_interest_change = number("Of a future: how many more they are than the day before.", required=False)
    latest_size = number("Of a future: contracts of the latest trade.", required=False)
    settlement = number("Of a future: the settlement price.", required=False)
    limit_up = number("Of a future: the highest price that is allowed.", required=False)
    limit_down = number("Of a future: the lowest price that is allowed.", required=False)
    avg_price = number("Of a future: average price of the day.", required=False)
    volatility = number(f"Of an option: volatility, {PART}; Tiger's page calls it historical.", required=False)
    risk_free_rate = number(f"Of an option: interest of a year, {PART}.", required=False)
    mid_price = number("Of an option: price between bid and ask.", required=False)
    mark_price = number("Of an option: the price that positions are valued at.", required=False)
    pre_mark_price = number("Of an option: the mark price of the day before.", required=False)
    selling_return = number(f"Of an option: what selling it brings, {PART}.", required=False)
    underlying = text("Of a warrant: what it is about.", required=False)
    entitlement_ratio = number("Of a warrant: how many make up one unit of the underlying.", required=False)
    entitlement_price = number("Of a warrant: price of as many.", required=False)
    breakeven_point = number(
        "Of a warrant: price of the underlying at which it wins and loses nothing.", required=False
    )
    premium = number("Of a warrant: how far that is from the underlying's price, as Tiger counts.", required=False)
    outstanding_ratio = number("Of a warrant: the part in the hands of the public, as Tiger counts.", required=False)
    implied_volatility = number("Of a warrant: implied volatility, as Tiger counts.", required=False)
    in_out_price = number("Of a warrant: how far in (+) or out (-) of the money, as Tiger counts.", required=False)
    delta = number("Of a warrant: change of its price when the underlying moves by 1.", required=False)
    leverage_ratio = number("Of a warrant: price of the underlying over that of as many warrants.", required=False)
    call_price = number("Of a bull or bear contract: the underlying's price that ends it.", required=False)


class QuoteAnswer(InstrumentAnswer, TypedQuote):
    """The latest quote of an instrument; prices are in its currency."""

    latest_price = number("Price of the latest trade; of a fund the latest net asset value.")
    pre_close = number("Close of the trading day before.")
    open = number("First price of the day.")
    high = number("Highest price of the day.")
    low = number("Lowest price of the day.")
    close = number("Close of the day; the latest price while it lasts.")
    adj_pre_close = number("Close of the trading day before, adjusted for splits and dividends.")
    volume = number("Shares, contracts or coins traded this day.")
    bid_price = number("Best price that somebody buys at.")
    bid_size = number("What is wanted at the bid price.")
    ask_price = number("Best price that somebody sells at.")
    ask_size = number("What is offered at the ask price.")
    status = text("Tiger's trading status of the symbol, such as NORMAL or HALTED.")
    timestamp = moment("Time of the latest trade; of a fund as Tiger stamps the day")
    delayed = flag(DELAYED, nullable=False)
    extended_hours = one(
        ExtendedHours,
        "Prices outside of the regular session, where extended_hours asked for them; null of what has none.",
        nullable=True,
    )


class BatchQuote(TypedQuote):
    """A quote of a batch: six members and ``delayed`` always, the others where ``fields`` asked for them.

    What is no stock says besides what it is.
    """

    latest_price = number("Price of the latest trade.")
    volume = number("Shares, contracts or coins traded this day.")
    open = number("First price of the day.")
    high = number("Highest price of the day.")
    low = number("Lowest price of the day.")
    pre_close = number("Close of the trading day before.")
    delayed = flag(DELAYED, nullable=False)
    close = number("Close of the day.", required=False)
    adj_pre_close = number("Close of the trading day before, adjusted for splits and dividends.", required=False)
    bid_price = number("Best price that somebody buys at.", required=False)
    bid_size = number("What is wanted at the bid price.", required=False)
    ask_price = number("Best price that somebody sells at.", required=False)
    ask_size = number("What is offered at the ask price.", required=False)
    status = text("Tiger's trading status, such as NORMAL.", required=False)
    timestamp = whole("Time of the latest trade, in epoch milliseconds.", required=False)
    extended_hours = one(
        ExtendedHours, "Where extended_hours asked for it; null of what has none.", nullable=True, required=False
    )
    symbol = text("Of what is no stock: the symbol; of an option its underlying.", required=False)
    sec_type = text("Of what is no stock: its type.", required=False)
    identifier = text("Of what is no stock: the name that says it all.", required=False)
    market = text("Of what is no stock: the market, where it is known.", required=False)
    currency = text("Of what is no stock: the currency, where Tiger tells it.", required=False)
    expiry = text("Of a derivative: the expiration, YYYYMMDD.", required=False)
    strike = number("Of a derivative: the strike price.", required=False)
    put_call = text("Of a derivative: PUT or CALL.", required=False)
    multiplier = number("Of a derivative: units of the underlying in one contract.", required=False)


class BatchAnswer(Answer):
    """The latest quotes of several instruments."""

    symbols = texts("The identifiers of what was asked for: of an option its 21 characters, else the symbol.")
    count = whole("How many quotes were found.", nullable=False, minimum=0)
    quotes = by_name(fields.Nested(BatchQuote), "Identifier to its quote.")
    missing = texts("The identifiers of which Tiger has no quote.")
