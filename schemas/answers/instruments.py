"""What every answer about an instrument says about it."""

from schemas.answers.fields import Answer, number, text


class InstrumentAnswer(Answer):
    """The instrument that an answer is about."""

    symbol = text("The symbol; of an option its underlying, of a future the contract code.", nullable=False)
    sec_type = text("The kind of instrument: STK, OPT, FUT, WAR, IOPT, FUND or CC.", nullable=False)
    identifier = text("The name that says it all: of an option its 21 characters, else the symbol.", nullable=False)
    market = text("The market it trades in; null where neither Tiger nor the symbol says.")
    currency = text("The currency it trades in; null where Tiger does not say it here.")
    expiry = text("Of a derivative: the expiration, YYYYMMDD.", required=False)
    strike = number("Of a derivative: the strike price.", required=False)
    put_call = text("Of a derivative: PUT or CALL.", required=False)
    multiplier = number("Of a derivative: units of the underlying in one contract.", required=False)
