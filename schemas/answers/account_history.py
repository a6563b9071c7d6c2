"""Answers about what an account has done."""

from schemas.answers.fields import Answer, day, flag, many, moment, number, one, text, whole
from schemas.answers.paging import PageAnswer

FRACTION = "as a fraction like Tiger's other rates (0.01 is one percent), though no source names the unit"


class Transaction(Answer):
    """One execution of an order; prices and amounts are in its currency."""

    id = text("Tiger's id of it.", nullable=False)
    order_id = text("Tiger's global id of the order.")
    symbol = text("The symbol; of an option, the underlying.")
    sec_type = text("The kind of contract, such as STK.")
    identifier = text("The name that says it all: of an option its 21 characters, else the symbol.")
    market = text("The market.")
    currency = text("The currency.")
    expiry = text("The expiration of a derivative, YYYYMMDD.")
    strike = number("The strike price of an option.")
    put_call = text("The side of an option: PUT or CALL.")
    multiplier = number("Units of the underlying in one contract; null where Tiger does not say it here.")
    action = text("BUY or SELL.")
    quantity = number("How many were traded.")
    price = number("The price of one.")
    amount = number("What it came to, without commission.")
    transaction_time = moment("When it was traded")


class TransactionsAnswer(PageAnswer):
    """A page of executions."""

    transactions = many(Transaction, "The executions, newest first.")


class PerformanceSummary(Answer):
    """The whole span in one row."""

    pnl = number("The profit or loss.")
    pnl_percent = number(f"The return, {FRACTION}.")
    annualized_return = number(f"What that would be in a year, {FRACTION}.")
    over_user_percent = number("How many of Tiger's users did worse, in percent.")


class PerformanceDay(Answer):
    """One day."""

    date = day("The day", nullable=False)
    asset = number("What the segment was worth at its end.")
    pnl = number("The profit or loss against the day before.")
    pnl_percent = number(f"The return against the day before, {FRACTION}.")
    cash_balance = number("Cash at its end.")
    gross_position_value = number("The value of the positions at its end.")
    deposit = number("Money paid in.")
    withdrawal = number("Money paid out.")


class PerformanceAnswer(Answer):
    """How an account has done."""

    begin_date = day("The first day asked for", nullable=False)
    end_date = day("The last day asked for", nullable=False)
    segment = text("The segment: SEC or FUT.", nullable=False)
    currency = text("The currency asked for; null where Tiger chose it.")
    summary = one(PerformanceSummary, "The whole span.")
    count = whole("How many days there are.", nullable=False, minimum=0)
    history = many(PerformanceDay, "The days that Tiger has, oldest first.")


class CashMovement(Answer):
    """A row of the account's ledger."""

    id = text("Tiger's id of the row.")
    type = text("What kind of movement it is, in Tiger's words.")
    description = text("What it was for, in Tiger's words.")
    segment = text("The segment: SEC securities, FUT futures.")
    currency = text("The currency.")
    amount = number("How much; negative for money that left.")
    business_date = day("The day it counts for")
    contract_name = text("The name of the contract that it is about.")
    updated_at = moment("When Tiger wrote it")


class Transfer(Answer):
    """A deposit or a withdrawal as it was asked for."""

    id = text("Tiger's id of it.")
    reference_id = text("Tiger's id of what it belongs to.")
    type = text("1 deposit, 3 withdrawal, 20 to 23 its fee, refund, refund after a failure, refund of the fee.")
    description = text("The type in Tiger's words.")
    currency = text("The currency.")
    amount = number("How much.")
    business_date = day("The day it counts for")
    is_completed = flag("Whether it has come to an end.")
    created_at = moment("When it was asked for")
    updated_at = moment("When it last changed")


class CashMovementsAnswer(PageAnswer):
    """A page of the account's ledger."""

    movements = many(CashMovement, "The movements, newest first.")
    transfers = many(
        Transfer, "With type DEPOSIT_WITHDRAW, on the first page: all of them, also those under way.", required=False
    )


class ManagedAccount(Answer):
    """An account that Tiger has for a developer id."""

    account = text("The account number.", nullable=False)
    account_type = text("STANDARD (prime), PAPER or GLOBAL; another one as Tiger writes it.")
    capability = text("CASH, RegTMargin or PMGRN (portfolio margin).")
    status = text("Funded in most cases; Open, Pending, Rejected, Closed and others in Tiger's words.")
    is_served = flag("Whether this gateway serves it.", nullable=False)


class ManagedAccountsAnswer(Answer):
    """The accounts of a developer id that the API key may use."""

    tiger_id = text("The developer id.", nullable=False)
    accounts = many(ManagedAccount, "The accounts.")
    count = whole("How many there are.", nullable=False, minimum=0)
