"""Answers of the company info category."""

from schemas.answers.fields import Answer, Further, day, flag, many, number, text, texts, whole

ACTION_TYPES = ("dividend", "split", "symbol_change", "delisting", "ipo")


class TickSize(Answer):
    """A step of the price between two prices."""

    begin = number("From this price on.")
    end = number("To this price; null where there is no end.")
    type = text("Whether the ends belong to the range, in Tiger's words: OPEN, OPEN_CLOSED, CLOSED, CLOSED_OPEN.")
    tick_size = number("The step.")


class Contract(Answer):
    """An instrument as Tiger trades it; null is what Tiger does not say of this kind."""

    symbol = text("The symbol; of a derivative, the underlying.")
    sec_type = text("The kind: STK, OPT, FUT, WAR, IOPT, FUND or CC.")
    currency = text("The currency it trades in.")
    exchange = text("The exchange.")
    name = text("The name.")
    market = text("The market.")
    lot_size = number("The shares of one board lot.")
    tick_sizes = many(TickSize, "The steps of the price.")
    min_tick = number("The smallest step of the price.")
    multiplier = number("Units of the underlying in one contract.")
    contract_id = text("Tiger's id of the contract.")
    identifier = text("Tiger's name of the contract.")
    local_symbol = text("The exchange's name of the contract.")
    trading_class = text("The trading class.")
    expiry = text("The expiration, YYYYMMDD.")
    strike = number("The strike price.")
    put_call = text("The side of an option: PUT or CALL.")
    contract_month = text("The month of a future, YYYYMM.")
    last_trading_date = text("The last day a future trades, YYYYMMDD.")
    first_notice_date = text("The first notice day of a future, YYYYMMDD.")
    continuous = flag("Whether it is a continuous future.")
    tradable = flag("Whether it can be traded.")
    close_only = flag("Whether positions can only be closed.")
    marginable = flag("Whether it can be bought on margin.")
    long_initial_margin = number("Initial margin of a long position, as a fraction of its value.")
    long_maintenance_margin = number("Maintenance margin of a long position, as a fraction of its value.")
    shortable = flag("Whether it can be sold short.")
    shortable_count = whole("Shares that can be sold short.")
    short_fee_rate = number("Yearly fee of a short position, in per cent of its value.")
    short_initial_margin = number("Initial margin of a short position, as a fraction of its value.")
    short_maintenance_margin = number("Maintenance margin of a short position, as a fraction of its value.")
    is_etf = flag("Whether it is an exchange-traded fund.")
    supports_fractions = flag("Whether fractions of a share can be traded.")
    supports_overnight = flag("Whether it trades overnight.")


class ContractsAnswer(Answer):
    """The contracts of some symbols."""

    contracts = many(Contract, "The contracts.")
    missing = texts("The identifiers, or the underlyings, that Tiger has no such contract of.")


class FinancialRow(Answer):
    """The figures of one symbol and period; a figure that Tiger does not have is null."""

    symbol = text("The symbol.", nullable=False)
    currency = text("The currency of the figures.")
    period_end_date = day("The last day of the period", nullable=False)
    filing_date = day("The day the report was filed")
    further = Further(number("A figure that was asked for.", required=False))


class FinancialsAnswer(Answer):
    """Figures of financial reports."""

    financials = many(FinancialRow, "One row for each symbol and period, newest first.")


class CorporateAction(Answer):
    """A corporate action; the members of other types are null."""

    symbol = text("The symbol.")
    action_type = text("The type.", nullable=False, choices=ACTION_TYPES)
    amount = number("Dividend for one share.")
    currency = text("The currency of the amount.")
    ex_date = day("The day it takes effect: of a dividend, the ex-date")
    pay_date = day("The day a dividend is paid")
    record_date = day("The day that decides who gets a dividend")
    announced_date = day("The day it was announced")
    ratio = number("Ratio of a split: new shares for one old one.")
    from_factor = number("Old shares of a split.")
    to_factor = number("New shares of a split.")
    old_symbol = text("The symbol before it changed.")
    new_symbol = text("The symbol after it changed.")
    reason = text("Why the shares were delisted.")
    name = text("The name of the company that is listed.")
    listing_date = day("The first day it trades")
    listing_price = number("The price at the listing.")
    market = text("The market.")
    exchange = text("The exchange.")


class ActionsAnswer(Answer):
    """Corporate actions of some symbols."""

    corporate_actions = many(CorporateAction, "The actions, newest first.")


class EarningsReport(Answer):
    """One report of a company's earnings."""

    symbol = text("The symbol.")
    report_date = day("The day of the report")
    report_time = text("When on that day, in Tiger's words.")
    fiscal_quarter = text('The calendar quarter in which the fiscal quarter ends, such as "Q3 2026".')
    fiscal_quarter_ending = day("The last day of the fiscal quarter")
    eps_estimate = number("Earnings expected for one share.")
    eps_actual = number("Earnings reported for one share.")
    revenue_estimate = number("Always null: Tiger publishes none.")
    market = text("The market.")
    exchange = text("The exchange.")


class EarningsAnswer(Answer):
    """The earnings calendar of some symbols."""

    earnings = many(EarningsReport, "The reports in order of their dates.")
