"""Decide what to do about a token: a pure function of what is known of it, tested row by row."""

import enum
from dataclasses import dataclass

from app.clock import was_lately
from app.tokens.attempts import Cause
from app.tokens.distribution import ANNOUNCED_SECONDS
from app.tokens.observation import Observation
from app.tokens.schedule import SECONDS_IN_AN_HOUR, Pauses
from app.tokens.user_token import UserToken

PROBED_SECONDS = 60.0
"""How long a probe holds: a call that is refused whatever its token must not cost another one each time."""
LOST_PROBE_SECONDS = 5.0
"""A probe that has lasted so long died with its process."""
EXPEDITED_SECONDS = 1.0
"""A refresh that is due so soon needs no expediting."""


class Step(enum.Enum):
    """The next step.

    ``CREATE`` begins to look after a token, ``SAVE`` stores a new one that could not be stored when it came,
    ``ABANDON`` ends an attempt whose process has died. ``REFRESH`` asks Tiger for a new token, ``RESCHEDULE`` only
    changes when. ``ADOPT`` takes over one that lies in a folder, once Tiger has taken it where there is one to lose.
    ``PROBE`` tries the one in use out, and rolls back where Tiger takes the one before in its place. ``WRITE`` brings
    the folders of this machine up to date.
    """

    WAIT = enum.auto()
    CREATE = enum.auto()
    SAVE = enum.auto()
    ABANDON = enum.auto()
    REFRESH = enum.auto()
    RESCHEDULE = enum.auto()
    ADOPT = enum.auto()
    PROBE = enum.auto()
    WRITE = enum.auto()


@dataclass(frozen=True, slots=True)
class Action:
    """A step, and for how long the next refresh waits where that changes."""

    step: Step
    wait_seconds: float = 0.0


def decide(seen: Observation, pauses: Pauses, *, leads: bool = False) -> Action:
    """Return what to do about a token now; ``leads``: this process may begin what exactly one process does."""
    if step := _go_on(seen, leads=leads) or _follow_files(seen) or _question(seen):
        return Action(step)
    wait = _get_expedited_wait(seen, pauses)
    return Action(Step.WAIT) if wait is None else Action(Step.RESCHEDULE, wait)


def _go_on(seen: Observation, *, leads: bool) -> Step | None:
    """Return what has to come first: what is under way, and what is due."""
    record = seen.record
    if not record.is_stored:
        return Step.CREATE if seen.uses_token else Step.WAIT
    if seen.is_unsaved:
        return Step.SAVE
    if record.is_refreshing:
        return Step.ABANDON if seen.seconds_left < 0 else Step.WAIT
    if record.is_foreign or seen.is_busy:
        # It is another gateway's, which would lose what is put in its place here.
        return Step.WAIT
    is_due = seen.due_in <= ANNOUNCED_SECONDS and seen.uses_token
    return Step.REFRESH if leads and is_due else None


def _follow_files(seen: Observation) -> Step | None:
    """Return what the files of this machine call for."""
    stored, found = seen.record.token, seen.found
    if found is not None and found.is_newer_than(stored):
        return Step.ADOPT if stored is None or seen.history.may_try(found, seen.now_ms) else None
    if stored is None:
        return None
    if found is None or found.text == stored.text:
        is_unread = found is None and any(file.is_there for file in seen.files)
        is_wanted = seen.is_asked_for or found is not None
        is_missing = not all(file.is_there for file in seen.files)
        return Step.WRITE if is_missing and is_wanted and not is_unread and seen.may_write else None
    return _replace_earlier(seen, found)


def _replace_earlier(seen: Observation, found: UserToken) -> Step | None:
    """Return what an earlier token in a folder calls for, unless it is what the gateway itself had put there."""
    verdict = seen.history.verdict
    is_sure = verdict is not None and was_lately(verdict.ended_at, PROBED_SECONDS, seen.now_ms)
    if found == seen.was_in_step or (is_sure and verdict is not None and verdict.found_good):
        return Step.WRITE if seen.may_write else None
    if is_sure:
        return Step.ADOPT if seen.history.may_try(found, seen.now_ms) else None
    return Step.PROBE if _may_probe(seen) else None


def _question(seen: Observation) -> Step | None:
    """Return whether to try the stored token out: Tiger refused it, at a call of this process or an attempt of any."""
    is_in_question = seen.is_doubted or bool(seen.history.refusals)
    has_token = seen.record.token is not None
    return Step.PROBE if has_token and is_in_question and _may_probe(seen) else None


def _may_probe(seen: Observation) -> bool:
    last = seen.history.newest
    if last is None or last.cause is not Cause.PROBE:
        return True
    pause = LOST_PROBE_SECONDS if last.ended_at is None else PROBED_SECONDS
    return not was_lately(last.started_at, pause, seen.now_ms)


def _get_expedited_wait(seen: Observation, pauses: Pauses) -> float | None:
    """Return how soon to refresh a token that was found dead, once; where tokens keep dying, ever later."""
    record, history = seen.record, seen.history
    dead = [each for each in history.refusals if each.cause is Cause.PROBE]
    refreshed = [each for each in history.since if each.cause.is_refresh]
    if not dead or (refreshed and refreshed[0].number > dead[-1].number):
        return None
    refreshes = [each for each in history.attempts if each.cause.is_refresh]
    failed_at = next((each.ended_at for each in refreshes if each.ended_at), None) if record.failures else None
    since = (seen.now_ms - max(record.obtained_at or 0, failed_at or 0)) / 1_000
    recent = [
        each
        for each in refreshes
        if each.cause is Cause.SCHEDULE and was_lately(each.started_at, SECONDS_IN_AN_HOUR, seen.now_ms)
    ]
    pause = pauses.after_failures(len(recent))
    wait = min(max(pause - since, 0.0), pause)
    return wait if seen.due_in > wait + EXPEDITED_SECONDS else None
