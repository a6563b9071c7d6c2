"""How a day's price moves: a tree that divides a day's bar into halves, and those into halves, to the second.

Each node is a span of time with open, high, low, close and volume. Splitting it gives two spans that join at
one price, of which at least one touches the high and one the low, so every level adds up to the one above,
and any bar or running quote is found by visiting a few nodes. All values are integers (fine price units).

A *long* minute is the one that holds a lunch break or the night when the market never closes: it gets as
much room to move as a part of a session would have.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from app.simulator.market.noise import mixed

LONG_MINUTE_WEIGHT = 120
_LONG_MINUTE_VOLUME = 0.08
_SWING = 0.45
_LEAST_ROOM = 0.35
_MORE_ROOM = 0.4


class Span(NamedTuple):
    """Hold what happened over a stretch of time; prices in fine units, volume in shares."""

    open: int
    high: int
    low: int
    close: int
    volume: int

    def followed_by(self, later: "Span") -> "Span":
        """Return both stretches as one."""
        return Span(
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
        )


def split(span: Span, bits: int, time_share: float, volume_share: float) -> tuple[Span, Span]:
    """Divide a span in two by 64 random bits; the first lasts ``time_share`` of it."""
    first, high, low, last, volume = span
    swing = ((bits & 0xFFF) + (bits >> 12 & 0xFFF) - 4095) / 4095 * _SWING * (high - low)
    middle = int(first + (last - first) * time_share + swing * 4 * time_share * (1 - time_share))
    middle = high if middle > high else max(middle, low)
    room_above = _LEAST_ROOM + _MORE_ROOM * (bits >> 44 & 0x3FF) / 1024
    room_below = _LEAST_ROOM + _MORE_ROOM * (bits >> 54) / 1024
    top_before, bottom_before = (first, middle) if first > middle else (middle, first)
    top_after, bottom_after = (middle, last) if middle > last else (last, middle)
    if (bits >> 24 & 0x3FF) < time_share * 1024:
        high_before = high
        high_after = top_after + int((high - top_after) * room_above)
    else:
        high_before = top_before + int((high - top_before) * room_above)
        high_after = high
    if (bits >> 34 & 0x3FF) < time_share * 1024:
        low_before = low
        low_after = bottom_after - int((bottom_after - low) * room_below)
    else:
        low_before = bottom_before - int((bottom_before - low) * room_below)
        low_after = low
    volume_before = int(volume * volume_share * (0.45 + room_above))
    volume_before = min(volume_before, volume)
    return (
        Span(first, high_before, low_before, middle, volume_before),
        Span(middle, high_after, low_after, last, volume - volume_before),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """Cover the minutes from ``start`` up to ``end`` of a day; without ``parts`` when it is not divided.

    ``number`` names the node, so that its random bits are the same whichever period asks for them. Compared
    by identity: plans are made once and serve as keys.
    """

    number: int
    start: int
    end: int
    time_share: float = 0.0
    volume_share: float = 0.0
    parts: "tuple[Branch, Branch] | None" = None


@cache
def day_plan(minutes: int, lunch_minute: int, has_long_minutes: bool) -> Branch:
    """Return the tree of a day's minutes; ``has_long_minutes`` when the market never closes."""
    last = minutes - 1
    long_minutes = {last, lunch_minute - 1} - {-1} if has_long_minutes else set()
    weights = [float(LONG_MINUTE_WEIGHT) if minute in long_minutes else 1.0 for minute in range(minutes)]
    volumes = [_volume_weight(minute, minutes) for minute in range(minutes)]
    for minute in long_minutes:
        volumes[minute] = _LONG_MINUTE_VOLUME * minutes
    return _planned(1, 0, minutes, weights, volumes, lunch_minute)


def _volume_weight(minute: int, minutes: int) -> float:
    """Trade more near the open and the close, as real sessions do."""
    distance = abs(2 * minute / minutes - 1)
    return 0.7 + 1.2 * distance**3


def _planned(number: int, start: int, end: int, weights: list[float], volumes: list[float], lunch: int) -> Branch:
    if end - start == 1:
        return Branch(number, start, end)
    middle = _middle(start, end, weights, lunch)
    return Branch(
        number,
        start,
        end,
        sum(weights[start:middle]) / sum(weights[start:end]),
        sum(volumes[start:middle]) / sum(volumes[start:end]),
        (
            _planned(2 * number, start, middle, weights, volumes, lunch),
            _planned(2 * number + 1, middle, end, weights, volumes, lunch),
        ),
    )


def _middle(start: int, end: int, weights: list[float], lunch: int) -> int:
    """Choose where to divide: at the lunch break, around a long minute, else where longer bars meet."""
    if start < lunch < end:
        return lunch
    if weights[end - 1] > 1:
        return end - 1
    origin = lunch if start >= lunch else 0
    middle = (start + end) // 2
    for step in (60, 30, 15, 5):
        if end - start > step:
            aligned = origin + round((middle - origin) / step) * step
            if start < aligned < end:
                return aligned
    return middle


@cache
def bar_plan(plan: Branch, lunch_minute: int, period_minutes: int) -> tuple[Branch, tuple[int, ...]]:
    """Return a day's tree cut off where one bar of a period ends, and the minute at which each bar begins.

    Bars begin anew after the lunch break, so none spans it.
    """
    starts: list[int] = []
    for begin, end in ((0, lunch_minute), (lunch_minute, plan.end)) if lunch_minute else ((0, plan.end),):
        starts.extend(range(begin, end, period_minutes))
    number_of = [0] * plan.end
    for number, begin in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else plan.end
        number_of[begin:following] = [number] * (following - begin)
    return _pruned(plan, number_of), tuple(starts)


def _pruned(branch: Branch, number_of: list[int]) -> Branch:
    if branch.parts is None or number_of[branch.start] == number_of[branch.end - 1]:
        return Branch(branch.number, branch.start, branch.end)
    before, after = branch.parts
    parts = (_pruned(before, number_of), _pruned(after, number_of))
    return Branch(branch.number, branch.start, branch.end, branch.time_share, branch.volume_share, parts)


def bars_of(plan: Branch, whole: Span, day_seed: int, starts: tuple[int, ...]) -> list[Span]:
    """Return one span for each bar of a day whose tree ``plan`` was cut by ``bar_plan``."""
    bars: list[Span] = []
    pending = [(plan, whole)]
    borders = set(starts)
    while pending:
        branch, span = pending.pop()
        if branch.parts is None:
            if branch.start in borders:
                bars.append(span)
            else:
                bars[-1] = bars[-1].followed_by(span)
            continue
        before, after = split(span, mixed(day_seed, branch.number), branch.time_share, branch.volume_share)
        pending.append((branch.parts[1], after))
        pending.append((branch.parts[0], before))
    return bars


def up_to_minute(plan: Branch, whole: Span, day_seed: int, minute: int, since: int = 0) -> tuple[Span | None, Span]:
    """Return what happened from minute ``since`` up to ``minute`` (None when that is nothing), and that minute."""
    passed: Span | None = None
    branch, span = plan, whole
    while branch.parts is not None:
        before, after = split(span, mixed(day_seed, branch.number), branch.time_share, branch.volume_share)
        left, right = branch.parts
        if minute < left.end:
            branch, span = left, before
            continue
        if left.end > since:
            piece = before if left.start >= since else _from_minute(left, before, day_seed, since)
            passed = piece if passed is None else passed.followed_by(piece)
        branch, span = right, after
    return passed, span


def _from_minute(branch: Branch, span: Span, day_seed: int, since: int) -> Span:
    """Return the part of a branch from minute ``since``, which lies within it, to its end."""
    following: Span | None = None
    while branch.parts is not None and branch.start < since:
        before, after = split(span, mixed(day_seed, branch.number), branch.time_share, branch.volume_share)
        left, right = branch.parts
        if since < left.end:
            following = after if following is None else after.followed_by(following)
            branch, span = left, before
        else:
            branch, span = right, after
    return span if following is None else span.followed_by(following)
