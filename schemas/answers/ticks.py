"""Answers about what was traded this day: single trades, and minutes."""

from app.tiger.vocabulary import SESSIONS
from schemas.answers.fields import Answer, day, flag, many, moment, number, one, text, texts, whole
from schemas.answers.instruments import InstrumentAnswer

DIRECTION = (
    "Tiger's mark: + bought actively, or at a higher price than before; - the opposite; * neither: Tiger's own pages "
    "differ. Null for options and futures."
)


class Tick(Answer):
    """A single trade."""

    index = whole("Its number, by which those that follow can be asked for; an option's is made of its time.")
    time = moment("When it was")
    price = number("The price, in the instrument's currency.")
    size = number("Shares or contracts traded.")
    direction = text(DIRECTION)


class Continuation(Answer):
    """What to send with the next request, for the trades that follow on these."""

    after = whole("The index of the last trade; -1 where there was none.", nullable=False, minimum=-1)
    after_time = moment("When it was")


class TicksAnswer(InstrumentAnswer):
    """The newest trades of an instrument, or those that follow on one."""

    session = text("The part of the trading day.", nullable=False, choices=tuple(SESSIONS))
    restarted = flag(
        "Whether Tiger counts anew since the trade ``after``: these are the first ones of a new session then.",
        nullable=False,
    )
    has_more = flag("Whether there may be more already: ask again at once.", nullable=False)
    count = whole("How many trades there are.", nullable=False, minimum=0)
    ticks = many(Tick, "The trades, oldest first.")
    next = one(
        Continuation, "What to send for those that follow; null where Tiger does not number them.", nullable=True
    )


class Minute(Answer):
    """What was traded in one minute."""

    time = moment("Its start", nullable=False)
    session = text("The part of the trading day it lies in.", nullable=False, choices=tuple(SESSIONS))
    price = number("The last price.")
    avg_price = number("Average price of its session by then, weighted by volume.")
    volume = number("Shares or contracts traded in it.")


class TimelineAnswer(InstrumentAnswer):
    """The minutes of a trading day."""

    date = day("The day asked for; null for the current or last one")
    pre_close = number("Close of the trading day before; null for a past day.")
    sessions = texts("The sessions of which Tiger told; of one that is missing here nothing is known.")
    count = whole("How many minutes there are.", nullable=False, minimum=0)
    minutes = many(Minute, "The minutes, oldest first.")
