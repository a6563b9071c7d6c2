"""Read what was bought of Tiger's limits, tell all workers, and notice where it became less."""

import json
import logging
from typing import Final

from app.clock import get_elapsed
from app.errors import GatewayError, TigerRateLimited
from app.leadership import Term
from app.settings import Credential
from app.shared.answers import SharedAnswers
from app.shared.call_counter import CallCounter
from app.tiger.credential.entitlements import fetch_bought
from app.tiger.pipeline.quota import READ_PAUSE_SECONDS
from app.tiger.sessions import Sessions

LOOK_SECONDS: Final = 2.0
DAY_SECONDS: Final = 86_400.0
AGAIN_SECONDS: Final = 30.0
"""Not read again sooner, however often Tiger refuses: another program may use up what we have left."""
LONGEST_PAUSE_SECONDS: Final = 3_600.0

logger = logging.getLogger(__name__)


class BoughtLimits:
    """What one tiger_id bought, as one process of a gateway knows it; it lies where all workers look."""

    def __init__(self, owner: Credential, sessions: Sessions, answers: SharedAnswers, counter: CallCounter) -> None:
        self._owner = owner
        self._sessions = sessions
        self._limits = sessions.pipeline.limits
        self._answers = answers
        self._counter = counter
        self._name = f"limits/{owner.tiger_id}"
        self._term: int | None = None
        self._failures = 0
        self._not_before = 0.0
        self._seen = -1
        self._follow_at = float("-inf")

    def keep(self, term: Term) -> None:
        """Read it where that is due: at the start of a term, after a day, and where Tiger refused what we counted on.

        Raises:
            LeadershipLost: This process leads no longer.
            StorageUnavailable: The database does not answer.
        """
        if not self._limits.are_counted:
            return
        known = self._answers.read(self._name)
        age = known.age_seconds if known else DAY_SECONDS
        refused_since = self._counter.fetch_pauses().get(self._owner.tiger_id, 0.0) > READ_PAUSE_SECONDS - age
        is_new = self._term != term.number or refused_since
        is_due = age >= DAY_SECONDS or (is_new and age >= AGAIN_SECONDS)
        if is_due and get_elapsed() >= self._not_before:
            term.confirm()
            self._read()
        self._term = term.number

    def follow(self) -> None:
        """Use in this process what was read.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if get_elapsed() < self._follow_at or not self._limits.are_counted:
            return
        self._follow_at = get_elapsed() + LOOK_SECONDS
        shared = self._answers.read(self._name, self._seen)
        if shared is not None:
            self._limits.take_bought(self._owner.tiger_id, json.loads(shared.content))
            self._seen = shared.version

    def _read(self) -> None:
        self._not_before = get_elapsed() + AGAIN_SECONDS
        bought: tuple[int, int, int] | None = None
        try:
            bought = fetch_bought(self._sessions.session(self._owner.accounts[0].account))
        except GatewayError as error:
            if error.tiger_code is None or isinstance(error, TigerRateLimited):
                # Tiger did not say: what is known stays.
                self._failures += 1
                pause = min(LONGEST_PAUSE_SECONDS, AGAIN_SECONDS * 2 ** min(self._failures, 10))
                self._not_before = get_elapsed() + pause
                return
            logger.info("Tiger does not say the limits of tiger_id %s (%s)", self._owner.tiger_id, error.message)
        self._failures = 0
        self._answers.put(self._name, json.dumps(bought).encode(), 2 * DAY_SECONDS)
        shown = "as published" if bought is None else "{}, {} and {} calls a minute".format(*bought)
        logger.info("The limits of tiger_id %s are %s", self._owner.tiger_id, shown)
