"""Answers of the streams to those who ask again and again, and tickets."""

from marshmallow import fields

from schemas.answers.fields import Answer, many, moment, one, text, whole
from schemas.answers.orders import PlacedOrderAnswer
from schemas.answers.portfolio import AccountInfoAnswer, Position
from schemas.streams import TOPICS

SOURCES = ("journal", "reconciler", "push", "poll")


class AccountEventAnswer(Answer):
    """One event of an account."""

    id = text("The id to come back with.", nullable=False)
    number = whole("Its number among the events of the account.", nullable=False, minimum=1)
    account = text("The account.", nullable=False)
    topic = text("What it is about.", nullable=False, choices=(*TOPICS, "restarted"))
    type = text("What happened, such as accepted, partly_filled, filled, cancelled, rejected, fill.", nullable=False)
    source = text("How the gateway learnt it.", nullable=False, choices=SOURCES)
    at = moment("When it was written", nullable=False)
    data = fields.Dict(required=True, metadata={"description": "The order, execution, position or segment."})


class ReadAgain(Answer):
    """A request that shows what a gap has hidden."""

    path = text("The endpoint.", nullable=False)
    body = fields.Dict(required=True, metadata={"description": "What to send."})


class GapAnswer(Answer):
    """Events that are not there any more, and how to read again what they told."""

    account = text("The account.", nullable=False)
    from_number = whole("The first that is missing; null where the numbers are not known.")
    to_number = whole("The last that is missing.")
    since = moment("After when they happened", nullable=False)
    until = moment("Until when they happened", nullable=False)
    read = many(ReadAgain, "Requests that show how things stand.")


class MissingPart(Answer):
    """A part of a snapshot that Tiger did not answer."""

    name = text("The part.", nullable=False)
    code = text("The error code.", nullable=False)
    error = text("Why.", nullable=False)


class SnapshotAnswer(Answer):
    """How an account stood when the event with the id to come back with was its last one, or later."""

    orders = many(PlacedOrderAnswer, "Its open orders.", nullable=True)
    positions = many(Position, "Its positions.", nullable=True)
    assets = one(AccountInfoAnswer, "What it is worth.", nullable=True)
    missing = many(MissingPart, "What is null here, and why.")


class EventsAnswer(Answer):
    """Events of an account, oldest first."""

    events = many(AccountEventAnswer, "The events after the one that was named.")
    count = whole("How many they are.", nullable=False, minimum=0)
    after = text("What to send as after in the next request.", nullable=False)
    gap = one(GapAnswer, "What is missing before the events that come next.", nullable=True)
    snapshot = one(SnapshotAnswer, "How the account stands, where no event was named.", nullable=True)


class StreamTicketAnswer(Answer):
    """A ticket for one stream."""

    ticket = text("The ticket: good once.", nullable=False)
    url = text("The address of the stream with the ticket in it.", nullable=False)
    expires_at = moment("Until when it is good", nullable=False)
