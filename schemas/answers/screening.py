"""Answers of the market screening category."""

from marshmallow import fields

from schemas.answers.fields import Answer, by_name, day, flag, many, number, one, text, texts, whole
from schemas.answers.paging import PageAnswer

AS_TOLD = "as Tiger writes it: no source names the unit, `bounds` shows it"
PART = "as a fraction: 0.05 is 5 %"
TYPES = "CALL or PUT of warrants, BULL or BEAR of CBBCs"


class CountedPage(PageAnswer):
    """A page of a list whose length is known."""

    total = whole("How many there are, on all pages.", minimum=0)


class BrokerHolding(Answer):
    """What an organisation holds."""

    id = text("The organisation's id.")
    name = text("Its name.")
    market = text("The market.")
    date = day("The day")
    market_value = number("What its shares are worth, in Hong Kong dollars.")
    shares = number("Shares that it holds.")
    bought = number("Bought this day, less what was sold; Tiger calls it an amount.")
    bought_5_days = number("The same of five days.")
    bought_20_days = number("The same of twenty days.")
    bought_60_days = number("The same of sixty days.")


class BrokerHoldingsAnswer(CountedPage):
    """A page of what the organisations of a market hold."""

    market = text("The market.", nullable=False)
    holdings = many(BrokerHolding, "The organisations, as sorted.")


class Warrant(Answer):
    """A warrant or a bull/bear contract; prices are in its currency."""

    symbol = text("Its code.", nullable=False)
    name = text("Its name.")
    sec_type = text("WAR for a warrant, IOPT for a CBBC.")
    market = text("The market.")
    type = text(f"{TYPES}; a code that nobody knows stays as it came.")
    state = text("NORMAL, ENDED or UPCOMING; a code that nobody knows stays as it came.")
    issuer = text("The issuer.")
    expiry = text("The expiration, YYYYMMDD.")
    last_trading_date = day("The last day it trades")
    strike = number("The strike price.")
    call_price = number("The price at which a CBBC is called back.")
    entitlement_ratio = number("Warrants for one share.")
    entitlement_price = number("What as many warrants cost.")
    lot_size = number("Units of one board lot.")
    latest_price = number("Price of the latest trade.")
    change = number("Change of the price since the close before.")
    change_rate = number(f"The same, {PART}.")
    volume = number("Units traded this day.")
    amount = number("Money traded this day.")
    premium = number(f"Premium, {AS_TOLD}.")
    breakeven_point = number("Price of the stock at which nothing is won or lost at the expiration.")
    outstanding_ratio = number(f"Part of the issue that is out, {AS_TOLD}.")
    in_out_price = number("How far in the money (above 0) or out of it, as Tiger writes it.")
    leverage_ratio = number("Price of the stock to that of the warrants for one share.")
    effective_leverage = number("Leverage times delta.")
    delta = number("Change of the price when the stock moves by 1; of warrants alone.")
    implied_volatility = number(f"Implied volatility of a warrant, {AS_TOLD}.")
    before_call_level = number(f"Distance of the stock to the call price of a CBBC, {PART}.")


class Bounds(Answer):
    """Between what a filter may be set."""

    min = number("The least that there is.")
    max = number("The most that there is.")


class WarrantBounds(Answer):
    """What there is to filter by among the warrants on a stock."""

    issuers = texts("The issuers.")
    expiries = texts("The expirations, as Tiger writes them.")
    lot_sizes = fields.List(fields.Float(), required=True, metadata={"description": "Sizes of board lots."})
    entitlement_ratios = fields.List(fields.Float(), required=True, metadata={"description": "Warrants for one share."})
    strike = one(Bounds, "Strike prices.")
    effective_leverage = one(Bounds, "Leverage times delta.")
    leverage_ratio = one(Bounds, "Leverage.")
    call_price = one(Bounds, "Prices at which CBBCs are called back.")
    volume = one(Bounds, "Units traded.")
    premium = one(Bounds, "Premiums.")
    outstanding_ratio = one(Bounds, "Parts of an issue that are out.")
    implied_volatility = one(Bounds, "Implied volatilities.")


class WarrantsAnswer(CountedPage):
    """A page of the warrants on a stock."""

    symbol = text("The stock.", nullable=False)
    warrants = many(Warrant, "The warrants, as sorted.")
    bounds = one(WarrantBounds, "What there is to filter by.")


class ScannedStock(Answer):
    """A stock that passed all filters."""

    symbol = text("The stock.", nullable=False)
    market = text("The market.")
    values = by_name(fields.Raw(), "Field to its value: a number, a text, or null. Rates are fractions: 0.05 is 5 %.")


class ScannerAnswer(CountedPage):
    """A page of the stocks of a market that passed all filters."""

    market = text("The market.", nullable=False)
    stocks = many(ScannedStock, "The stocks, as sorted.")


class ScannerTag(Answer):
    """A value of a field."""

    tag = text("What to send in `values`.", nullable=False)
    name = text("What it means.")


class ScannerField(Answer):
    """A field by which the scanner filters and sorts."""

    field = text("Its name.", nullable=False)
    group = text("base, accumulate (over a period), financial or multi_tag.", nullable=False)
    tiger_name = text("What answers of Tiger's call it.")
    takes = text("What a filter says of it: a range or values.", nullable=False, choices=("range", "values"))
    takes_period = flag("Whether it is about a period, which a filter may name.", nullable=False)
    tags = many(ScannerTag, "Its values in this market, where Tiger lists them.", nullable=True)


class ScannerFieldsAnswer(Answer):
    """The fields of the scanner."""

    market = text("The market of the tags.", nullable=False)
    count = whole("How many fields there are.", nullable=False, minimum=0)
    # A schema has an attribute of that name already.
    its_fields = fields.List(
        fields.Nested(ScannerField), required=True, data_key="fields", metadata={"description": "The fields."}
    )
    periods = texts("The periods that a filter may name.")


class SymbolsAnswer(CountedPage):
    """A page of everything of a kind."""

    sec_type = text("The kind.", nullable=False)
    market = text("The market; null where the kind is listed of all markets together.")
    symbols = texts("The symbols, in their order; a leading point is an index's.")
    underlyings = by_name(
        fields.String(allow_none=True), "Class of options to its stock; of classes alone.", required=False
    )
