"""Answers about what an account holds."""

from schemas.answers.fields import Answer, flag, many, moment, number, text, whole


class Position(Answer):
    """A position; prices and amounts are in its currency."""

    symbol = text("The symbol; of a derivative, the underlying.")
    quantity = number("The quantity held; negative when short.")
    average_cost = number("The average cost of one unit.")
    market_price = number("The latest price.")
    delayed = flag("Whether that price is told late, and with it what is reckoned by it.")
    market_value = number("The value at that price.")
    unrealized_pnl = number("The profit or loss if it were closed at that price.")
    realized_pnl = number("The profit or loss realised so far.")
    unrealized_pnl_percent = number("unrealized_pnl as a fraction of the cost.")
    average_cost_by_average = number("The average cost by the average method.")
    average_cost_of_carry = number("The average cost with fees.")
    today_pnl = number("The profit or loss of today.")
    today_pnl_percent = number("today_pnl as a fraction.")
    last_close_price = number("Close of the trading day before.")
    strike = number("The strike price of an option.")
    salable_quantity = number("The quantity that can be sold now.")
    sec_type = text("The kind of contract, such as STK.")
    market = text("The market.")
    currency = text("The currency.")
    name = text("The name of the contract.")
    contract_id = text("Tiger's id of the contract.")
    identifier = text("Tiger's name of the contract.")
    multiplier = number("Units of the underlying in one contract.")
    expiry = text("The expiration of a derivative, YYYYMMDD.")
    put_call = text("The side of an option: PUT or CALL.")
    status = whole("Tiger's status of the position; 0 is normal.")
    update_timestamp = moment("When Tiger last changed the position")


class MissingType(Answer):
    """A kind of contract whose positions Tiger does not show."""

    sec_type = text("The kind of contract.", nullable=False)
    code = text("The code of the refusal.", nullable=False)
    error = text("Tiger's reason.", nullable=False)


class PositionsAnswer(Answer):
    """The positions of an account."""

    positions = many(Position, "The positions.")
    count = whole("How many positions there are.", nullable=False, minimum=0)
    missing = many(MissingType, "With sec_type ALL: the kinds that Tiger refuses to show.", required=False)


class CurrencyAsset(Answer):
    """The cash of one currency."""

    currency = text("The currency.")
    cash_balance = number("The cash.")
    cash_available_for_trade = number("The cash that can be traded with.")
    forex_rate = number("One unit of this currency in the currency of the segment.")


FIGURES = (
    ("cash_available_for_trade", "Cash that can be traded with."),
    ("cash_available_for_withdrawal", "Cash that can be withdrawn."),
    ("equity_with_loan", "Equity with loan value."),
    ("init_margin", "Initial margin in use."),
    ("maintain_margin", "Maintenance margin in use."),
    ("overnight_margin", "Margin in use overnight."),
    ("excess_liquidity", "Equity above the maintenance margin."),
    ("overnight_liquidity", "Equity above the overnight margin."),
    ("available_funds", "Equity above the initial margin; legacy global accounts only."),
    ("today_pnl", "Profit or loss of today, realised or not."),
    ("locked_funds", "Money that is locked."),
    ("uncollected", "Money that has yet to arrive."),
    ("leverage", "Value of the positions over equity."),
)

# Prime and legacy global accounts know different figures, so these come only where the kind of account has them.
_FURTHER_FIGURES = {name: number(description, required=False) for name, description in FIGURES}


class Balances(Answer):
    """The figures of an account, in its currency."""

    net_liquidation = number("Everything at its present value, less what is owed.")
    cash_balance = number("Cash; negative when borrowed.")
    buying_power = number("What can be bought on margin.")
    gross_position_value = number("Value of all positions, short ones counted negative.")
    unrealized_pnl = number("Profit or loss if everything were closed now.")
    realized_pnl = number(
        "Profit or loss realised today, as Tiger tells it: by one of its pages that of futures alone. today_pnl of a "
        "segment has all of it."
    )
    currency = text("The currency of the figures.")


class Segment(Balances.from_dict(_FURTHER_FIGURES, name="SegmentFigures")):  # type: ignore[misc] # Made from a table.
    """The figures of one segment of an account."""

    category = text("S securities, C futures, F funds, D digital assets.")
    capability = text("What the segment may do, such as RegTMargin or Cash.", required=False)
    currency_assets = many(CurrencyAsset, "The cash by currency.", required=False)


class AccountInfoAnswer(Balances):
    """The balances of an account: the figures of its securities segment, and every segment."""

    account_id = text("The account number.", nullable=False)
    tiger_id = text("The developer id that serves it.", nullable=False)
    update_timestamp = moment("When Tiger last changed the figures")
    segments = many(Segment, "The segments; they are not added up, since they may repeat each other's figures.")
