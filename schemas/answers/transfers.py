"""Answers of the account transfers category."""

from schemas.answers.fields import Answer, day, flag, many, moment, number, text, whole
from schemas.answers.paging import PageAnswer

AS_WRITTEN = "as Tiger writes it"


class ExercisableOption(Answer):
    """An option that is held and can be exercised or left to expire."""

    contract_id = text("Tiger's id of the contract, which exercise-check takes.", nullable=False)
    symbol = text("The underlying.")
    option_class = text("The name under which the options are listed, such as TCH.HK.")
    expiry = text("The expiration, YYYYMMDD.")
    strike = number("The strike price.")
    put_call = text("PUT or CALL.")
    market = text("The market.")
    quantity = number("Contracts that are held.")
    available_quantity = number("Contracts of which no exercise is asked for yet.")


class ExerciseRecord(Answer):
    """An exercise that was asked for."""

    id = text("Its id.")
    type = text("Exercise or Expire, in Tiger's words.")
    status = text("How it stands, in Tiger's words, such as New or Success.")
    contract_id = text("Tiger's id of the contract.", nullable=False)
    symbol = text("The underlying.")
    option_class = text("The name under which the options are listed.")
    expiry = text("The expiration, YYYYMMDD.")
    strike = number("The strike price.")
    put_call = text("PUT or CALL.")
    requested_quantity = number("Contracts that were asked for.")
    quantity = number("Contracts that were exercised.")
    executing_date = day("The day of the exercise")
    itm_rate = whole("How far in the money an option has to be, in Tiger's steps from 0 to 10.")
    is_force = flag("Whether it is exercised whatever the price.")


class OptionExercisesAnswer(PageAnswer):
    """What can be exercised, and a page of what was asked for."""

    type = text("EXERCISE or EXPIRE.", nullable=False)
    positions = many(ExercisableOption, "The options that can be.")
    records = many(ExerciseRecord, "What was asked for, in Tiger's order.")
    total = whole("How many records there are, on all pages.", minimum=0)


class ExerciseCheckAnswer(Answer):
    """What an exercise would do; nothing is exercised."""

    type = text("EXERCISE or EXPIRE.", nullable=False)
    contract_id = text("Tiger's id of the contract.", nullable=False)
    symbol = text("The option's class or underlying, as Tiger names it.")
    quantity = number("Contracts that are held.")
    available_quantity = number("Contracts that can be exercised.")
    stock_before = number("Shares of the underlying that are held.")
    stock_change = number("Shares that would come or go.")
    stock_after = number("Shares that would be held then.")


class TransferredPosition(Answer):
    """A position of a transfer."""

    id = text("Its id.")
    symbol = text("The symbol.")
    market = text("The market.")
    quantity = number("How many were moved.")


class PositionTransfer(Answer):
    """A transfer of positions."""

    id = text("Its id.")
    account = text("The account.")
    counterparty_account = text("The other account; null of transfers from and to brokers.")
    method = text("How it was made, in Tiger's words.")
    direction = text("IN or OUT.")
    status = text("How it stands, in Tiger's words.")
    memo = text("What was noted.")
    created_at = text(f"When it was asked for, {AS_WRITTEN}.")
    updated_at = text(f"When it changed last, {AS_WRITTEN}.")
    finished_at = text(f"When it ended, {AS_WRITTEN}.")
    positions = many(TransferredPosition, "What was moved; of internal transfers only where one was asked for.")


class PositionTransfersAnswer(Answer):
    """Transfers of positions."""

    scope = text("internal or external.", nullable=False)
    begin_date = day("The first day asked for", required=False)
    end_date = day("The last day asked for", required=False)
    count = whole("How many there are.", nullable=False, minimum=0)
    transfers = many(PositionTransfer, "The transfers, in Tiger's order.")


class AvailableMoney(Answer):
    """Money that can leave a segment."""

    segment = text("The segment.")
    currency = text("The currency.")
    amount = number("How much.")


class SegmentTransfer(Answer):
    """Money that was moved between segments."""

    id = text("Its id.")
    from_segment = text("The segment that it left.")
    to_segment = text("The segment that it went to.")
    currency = text("The currency.")
    amount = number("How much.")
    status = text("How it stands, in Tiger's words.")
    description = text("The same for people.")
    message = text("Why it failed.")
    created_at = moment("When it was asked for")
    updated_at = moment("When it changed last")
    settled_at = moment("When it was done")


class SegmentFundsAnswer(Answer):
    """What money can leave a segment, and what was moved."""

    segment = text("The segment.", nullable=False)
    available = many(AvailableMoney, "What can leave it, by currency.")
    count = whole("How many transfers there are.", nullable=False, minimum=0)
    transfers = many(SegmentTransfer, "Money that was moved between segments, in Tiger's order.")
