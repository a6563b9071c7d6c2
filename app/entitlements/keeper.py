"""Read what was bought of Tiger's limits, tell all workers, and notice where it became less."""

import json
import logging
from collections.abc import Sequence
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


class Entitlements:
    """What each tiger_id of one gateway bought, where all workers look."""

    def __init__(
        self, credentials: Sequence[Credential], sessions: Sessions, answers: SharedAnswers, counter: CallCounter
    ) -> None:
        self._owners = {credential.tiger_id: credential for credential in reversed(credentials)}
        self._sessions = sessions
        self._limits = sessions.pipeline.limits
        self._answers = answers
        self._counter = counter
        self._terms: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._seen: dict[str, int] = {}
        self._follow_at = float("-inf")

    def run(self, term: Term) -> None:
        """Read what is due: at the start of a term, after a day, and where Tiger refused though we counted on more.

        Raises:
            LeadershipLost: This process leads no longer.
            StorageUnavailable: The database does not answer.
        """
        if not self._limits.are_counted:
            return
        pauses = self._counter.fetch_pauses()
        for tiger_id, owner in self._owners.items():
            known = self._answers.read(_get_name(tiger_id))
            age = known.age_seconds if known else DAY_SECONDS
            refused_since = pauses.get(tiger_id, 0.0) > READ_PAUSE_SECONDS - age
            is_new = self._terms.get(tiger_id) != term.number or refused_since
            is_due = age >= DAY_SECONDS or (is_new and age >= AGAIN_SECONDS)
            if is_due and get_elapsed() >= self._not_before.get(tiger_id, 0.0):
                term.confirm()
                self._read(tiger_id, owner)
            self._terms[tiger_id] = term.number

    def follow(self) -> None:
        """Use in this process what one of them put down.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if get_elapsed() < self._follow_at or not self._limits.are_counted:
            return
        self._follow_at = get_elapsed() + LOOK_SECONDS
        for tiger_id in self._owners:
            found = self._answers.read(_get_name(tiger_id), self._seen.get(tiger_id, -1))
            if found is not None:
                self._limits.take_bought(tiger_id, json.loads(found.content))
                self._seen[tiger_id] = found.version

    def _read(self, tiger_id: str, owner: Credential) -> None:
        self._not_before[tiger_id] = get_elapsed() + AGAIN_SECONDS
        bought: tuple[int, int, int] | None = None
        try:
            bought = fetch_bought(self._sessions.session(owner.accounts[0].account))
        except GatewayError as error:
            if error.tiger_code is None or isinstance(error, TigerRateLimited):
                # Tiger did not say: what is known stays.
                failures = self._failures[tiger_id] = self._failures.get(tiger_id, 0) + 1
                pause = min(LONGEST_PAUSE_SECONDS, AGAIN_SECONDS * 2 ** min(failures, 10))
                self._not_before[tiger_id] = get_elapsed() + pause
                return
            logger.info("Tiger does not tell the limits of tiger_id %s (%s)", tiger_id, error.message)
        self._failures.pop(tiger_id, None)
        self._answers.put(_get_name(tiger_id), json.dumps(bought).encode(), 2 * DAY_SECONDS)
        shown = "as published" if bought is None else "{}, {} and {} calls a minute".format(*bought)
        logger.info("The limits of tiger_id %s are %s", tiger_id, shown)


def _get_name(tiger_id: str) -> str:
    return f"limits/{tiger_id}"
