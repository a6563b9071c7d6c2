"""What is answered about halts."""

from marshmallow import fields

from schemas.answers.fields import Answer, many, moment, text, whole

MODES = ("halted", "reduce_only")


class Halt(Answer):
    """What is in force for an account or for all, and who says so."""

    account = text("The account, or * for all.", nullable=False)
    mode = text("What may be sent: nothing, or what reduces a position.", nullable=False, choices=MODES)
    reason = text("Why.", nullable=False)
    changed_by = text("The API key, or the command line.", nullable=False)
    changed_at = moment("Since when", nullable=False)


class CancelledAccount(Answer):
    """What became of the open orders of one account."""

    account = text("The account.", nullable=False)
    count = whole("How many orders were meant; null where they could not be listed.", minimum=0)
    outcomes = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "How many cancellations ended so, by outcome: accepted, rejected, unknown, denied."},
    )
    may_be_open = whole("How many may still be open: the gateway goes on cancelling until none is.", minimum=0)
    code = text("The error code where the orders could not be cancelled.")
    reason = text("Why not.")


class HaltAnswer(Halt):
    """The halt that is in force from now on, and what became of the open orders where they were to be cancelled."""

    cancelled = many(CancelledAccount, "What became of open orders, by account; empty where none was to be cancelled.")


class HaltsAnswer(Answer):
    """The halts in force."""

    halts = many(Halt, "The halts, the one of all first.")
    count = whole("How many there are.", nullable=False, minimum=0)


class ResumedAnswer(HaltsAnswer):
    """That it was lifted, and what is still in force: a halt of all and one of an account are lifted separately."""

    account = text("The account, or * for all.", nullable=False)
    mode = text("What may be sent as far as this halt goes.", nullable=False, choices=("open",))
    reason = text("Why.", nullable=False)
    changed_by = text("The API key, or the command line.", nullable=False)
    changed_at = moment("Since when", nullable=False)
