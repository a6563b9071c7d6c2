"""Answers about how much may be ordered."""

from marshmallow import fields

from app.risk.limits.table import LIMITS, Unit
from schemas.answers.fields import Answer, many, number, text


class LimitAnswer(Answer):
    """One limit; what it names stands in ``words``, and a limit without either is switched on."""

    limit = text("The limit.", nullable=False, choices=tuple(LIMITS))
    unit = text("What it is measured in.", nullable=False, choices=tuple(Unit))
    currency = text("The currency of an amount.")
    value = number("The most that there may be.")
    words = fields.List(fields.String(), required=True, metadata={"description": "All that it lets pass."})
    used = number("What is used up, of a limit that is used up.")
    left = number("What is left of it.")
    reason = text("Why nobody can say what is left, while that denies orders.")


class OwnerAnswer(Answer):
    """The limits of the account, or of an API key."""

    of = text("Whose limits they are.", nullable=False, choices=("account", "key"))
    name = text("The account, or the name of the key.", nullable=False)
    currency = text("The currency of its amounts.", nullable=False)
    limits = many(LimitAnswer, "What is set.")


class LimitsAnswer(Answer):
    """The limits that orders of the caller have to keep; all of them hold."""

    owners = many(OwnerAnswer, "The account and the key, as far as there are limits of them.")
