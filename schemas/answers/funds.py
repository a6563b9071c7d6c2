"""Answers about mutual funds."""

from marshmallow import fields

from schemas.answers.fields import Answer, day, flag, many, number, text, whole


class Fund(Answer):
    """A mutual fund, with its latest value."""

    symbol = text("The symbol: the international number and the currency.", nullable=False)
    sec_type = text("The kind of instrument: FUND.")
    market = text("The market, as Tiger names it.")
    currency = text("The currency it is valued in.")
    name = text("The name.")
    company_name = text("The company that manages it.")
    sub_type = text("What it holds, in Tiger's words, such as Fixed Income.")
    dividend_type = text("What becomes of dividends: ACC stay in the fund, INC are paid.")
    tradable = flag("Whether it can be traded.")
    tiger_vault = flag("Whether it belongs to Tiger Vault, where idle cash earns interest.")
    net_asset_value = number("The latest net asset value of a unit, in the fund's currency.")
    date = day("The day of that value")


class FundsAnswer(Answer):
    """Some funds; the symbols of all, where none was named."""

    funds = many(Fund, "The funds, in the order asked for.", required=False)
    missing = fields.List(
        fields.String(), required=False, metadata={"description": "The symbols that Tiger does not list."}
    )
    count = whole("How many funds Tiger lists.", nullable=False, required=False, minimum=0)
    symbols = fields.List(
        fields.String(), required=False, metadata={"description": "The symbols of all funds, by the alphabet."}
    )


class FundValue(Answer):
    """The net asset value of one day."""

    date = day("The day", nullable=False)
    net_asset_value = number("The value of a unit, in the fund's currency.")


class FundHistory(Answer):
    """The net asset values of one fund."""

    symbol = text("The symbol.", nullable=False)
    count = whole("How many values there are.", nullable=False, minimum=0)
    values = many(FundValue, "The values, oldest first; none of a fund that Tiger does not list.")


class FundHistoryAnswer(Answer):
    """The net asset values of some funds."""

    begin_date = day("The first day asked for", nullable=False)
    end_date = day("The last day asked for", nullable=False)
    history = many(FundHistory, "One entry for each fund, in the order asked for.")
