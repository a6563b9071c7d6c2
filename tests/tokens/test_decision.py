"""What is done about a token follows from what is known of it: one row for each case."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from app.settings import Account, Credential, TokenRefreshSettings
from app.tokens.attempts import UNFIT_SECONDS, UNTRIED_SECONDS, Attempt, Cause, History, Outcome
from app.tokens.decision import LOST_PROBE_SECONDS, PROBED_SECONDS, Action, Step, decide
from app.tokens.observation import Observation
from app.tokens.records import TokenOwner, TokenRecord
from app.tokens.schedule import Pauses
from app.tokens.token_file import TokenFile
from app.tokens.user_token import UserToken

NOW = 10_000_000
HOUR = 3_600.0
PAUSES = Pauses(TokenRefreshSettings())
ACCOUNT = Account("1", "9", "live", "TBHK", "main")
OWNER = TokenOwner("9", (Credential("main", Path("main"), "9", "TBHK", "key", None, (ACCOUNT,)),))
TOKENLESS = TokenOwner("9", (dataclasses.replace(OWNER.credentials[0], license="TBNZ"),))
OLDER, STORED, NEWER = (UserToken(name, issued, issued + 10**9) for name, issued in (("a", 1), ("b", 2), ("c", 3)))
RECORD = TokenRecord(
    tiger_id="9",
    version=1,
    token=STORED,
    obtained_at=NOW - 7_200_000,
    obtained_by=1,
    attempt=9,
    is_refreshing=False,
    failures=0,
    refreshed_at=None,
    wait_seconds=12 * HOUR,
    due_at=None,
    read_at=0.0,
)
EMPTY = dataclasses.replace(RECORD, token=None, obtained_at=None)
IN_STEP = (TokenFile(is_there=True, token=STORED),)
ABSENT, UNREAD = TokenFile(), TokenFile(is_there=True, obstacle="Permission denied")


def attempt(number: int, cause: Cause, outcome: Outcome, ago: float, found: UserToken = STORED) -> Attempt:
    """Return an attempt that began and, unless it runs, ended so many seconds ago."""
    moment = NOW - round(ago * 1_000)
    ended_at = None if outcome is Outcome.RUNNING else moment
    what = found.fingerprint if cause is Cause.FILE else ""
    return Attempt("9", number, cause, what, "host:1:x", moment, ended_at, outcome, None, None, None, None)


def tried(*attempts: Attempt) -> History:
    """Return a history, the newest last, all of it with the token in use."""
    newest_first = tuple(reversed(attempts))
    return History(newest_first, newest_first)


def found(*tokens: UserToken) -> tuple[TokenFile, ...]:
    return tuple(TokenFile(is_there=True, token=token) for token in tokens)


def good(ago: float) -> History:
    return tried(attempt(9, Cause.PROBE, Outcome.FOUND, ago))


def dead(ago: float) -> History:
    return tried(attempt(9, Cause.PROBE, Outcome.REFUSED, ago))


def probing(ago: float) -> History:
    return tried(attempt(9, Cause.PROBE, Outcome.RUNNING, ago))


def filed(outcome: Outcome, ago: float, token: UserToken) -> History:
    return tried(attempt(9, Cause.FILE, outcome, ago, token))


REFUSED = attempt(8, Cause.SCHEDULE, Outcome.REFUSED, 30)
LOST = attempt(8, Cause.SCHEDULE, Outcome.LOST, 30)
PROBED_GOOD = attempt(9, Cause.PROBE, Outcome.FOUND, 20)
PROBED_DEAD = attempt(9, Cause.PROBE, Outcome.REFUSED, 20)
DEAD_BEFORE = attempt(6, Cause.PROBE, Outcome.REFUSED, 300)
IN_VAIN = attempt(7, Cause.SCHEDULE, Outcome.FAILED, 200)
LATEST = UserToken("d", 4, 10**9)

ROWS: list[tuple[str, dict[str, Any], Step]] = [
    # Nothing to do.
    ("nothing is stored yet", {"record": TokenRecord("9")}, Step.CREATE),
    (
        "nothing is stored, of a licence without",
        {"record": TokenRecord("9"), "owner": TOKENLESS, "files": (ABSENT,)},
        Step.WAIT,
    ),
    ("nothing is stored, and this process leads", {"record": TokenRecord("9"), "leads": True}, Step.CREATE),
    ("all is well", {}, Step.WAIT),
    ("a token is missing, and nothing lies there", {"record": EMPTY, "files": (ABSENT,)}, Step.WAIT),
    ("a token is missing, and what lies there has none", {"record": EMPTY, "files": (UNREAD,)}, Step.WAIT),
    # What is under way comes first.
    ("a new token is not stored yet", {"is_unsaved": True}, Step.SAVE),
    ("not stored yet, its attempt abandoned", {"is_unsaved": True, "is_refreshing": True, "left": -1.0}, Step.SAVE),
    ("a refresh is under way", {"is_refreshing": True, "left": 5.0}, Step.WAIT),
    ("a refresh has a moment left", {"is_refreshing": True, "left": 0.0}, Step.WAIT),
    ("a refresh is over its time", {"is_refreshing": True, "left": -0.1}, Step.ABANDON),
    (
        "a refresh whose process is gone has its time",
        {"is_refreshing": True, "left": 5.0, "left_by": "h:1:x"},
        Step.WAIT,
    ),
    ("a refresh, and a newer file", {"is_refreshing": True, "left": 5.0, "files": found(NEWER)}, Step.WAIT),
    ("a refresh, and a refused call", {"is_refreshing": True, "left": 5.0, "is_doubted": True}, Step.WAIT),
    ("a refresh is due while one is under way", {"is_refreshing": True, "due": -9, "leads": True}, Step.WAIT),
    # What another gateway has encrypted, and what is busy here.
    ("another's token", {"is_foreign": True, "token": None, "files": found(NEWER)}, Step.WAIT),
    ("another's token is due", {"is_foreign": True, "token": None, "due": -9, "leads": True}, Step.WAIT),
    ("another's refresh died", {"is_foreign": True, "is_refreshing": True, "left": -1.0}, Step.ABANDON),
    ("busy here, a newer file", {"files": found(NEWER), "is_busy": True}, Step.WAIT),
    ("busy here, a refused call", {"is_doubted": True, "is_busy": True}, Step.WAIT),
    ("busy here, due", {"due": -9, "leads": True, "is_busy": True}, Step.WAIT),
    # The schedule, which is the leader's.
    ("due, and this process leads", {"due": 0.0, "leads": True}, Step.REFRESH),
    ("due when it will have been announced", {"due": 0.1, "leads": True}, Step.REFRESH),
    ("due a little later", {"due": 0.3, "leads": True}, Step.WAIT),
    ("due, and another leads", {"due": -9.0}, Step.WAIT),
    ("due, and nothing is stored yet", {"due": 0.0, "leads": True, "record": EMPTY, "files": (ABSENT,)}, Step.REFRESH),
    ("due, a newer file", {"due": 0.0, "leads": True, "files": found(NEWER)}, Step.REFRESH),
    ("due, dead", {"due": 0.0, "leads": True, "history": dead(10)}, Step.REFRESH),
    ("due, of a licence without", {"due": 0.0, "leads": True, "owner": TOKENLESS, "files": (ABSENT,)}, Step.WAIT),
    ("due, of a licence without, but one lies there", {"due": 0.0, "leads": True, "owner": TOKENLESS}, Step.REFRESH),
    # A newer token in a folder.
    ("the first token", {"record": EMPTY, "files": found(OLDER)}, Step.ADOPT),
    (
        "the first token, refused elsewhere",
        {"record": EMPTY, "history": filed(Outcome.UNFIT, 5, OLDER), "files": found(OLDER)},
        Step.ADOPT,
    ),
    ("a newer token", {"files": found(NEWER)}, Step.ADOPT),
    ("a newer token of a licence without", {"files": found(NEWER), "owner": TOKENLESS}, Step.ADOPT),
    ("a newer token, just untried", {"files": found(NEWER), "history": filed(Outcome.FAILED, 14, NEWER)}, Step.WAIT),
    (
        "a newer token, untried",
        {"files": found(NEWER), "history": filed(Outcome.FAILED, UNTRIED_SECONDS, NEWER)},
        Step.ADOPT,
    ),
    ("a newer token, unfit", {"files": found(NEWER), "history": filed(Outcome.UNFIT, 599, NEWER)}, Step.WAIT),
    (
        "a newer token, unfit long ago",
        {"files": found(NEWER), "history": filed(Outcome.UNFIT, UNFIT_SECONDS, NEWER)},
        Step.ADOPT,
    ),
    (
        "unfit in the future: a clock was set",
        {"files": found(NEWER), "history": filed(Outcome.UNFIT, -50, NEWER)},
        Step.ADOPT,
    ),
    ("another one was unfit", {"files": found(NEWER), "history": filed(Outcome.UNFIT, 5, OLDER)}, Step.ADOPT),
    (
        "an unfit one beside a newer",
        {"files": found(NEWER, LATEST), "history": filed(Outcome.UNFIT, 5, LATEST)},
        Step.ADOPT,
    ),
    (
        "an unfit one beside the one in use",
        {"files": found(STORED, NEWER), "history": filed(Outcome.UNFIT, 5, NEWER)},
        Step.WAIT,
    ),
    ("a newer token, the one in use refused", {"files": found(NEWER), "is_doubted": True}, Step.ADOPT),
    (
        "unfit, the one in use refused",
        {"files": found(NEWER), "is_doubted": True, "history": filed(Outcome.UNFIT, 5, NEWER)},
        Step.PROBE,
    ),
    # An earlier token in a folder.
    ("the gateway's own from before", {"files": found(OLDER), "was_in_step": OLDER}, Step.WRITE),
    ("its own, of another moment", {"files": found(OLDER), "was_in_step": STORED}, Step.PROBE),
    ("an earlier token", {"files": found(OLDER)}, Step.PROBE),
    ("an earlier token, the one in use good", {"files": found(OLDER), "history": good(10)}, Step.WRITE),
    (
        "the one in use good, a folder unwritable",
        {"files": found(OLDER), "history": good(10), "may_write": False},
        Step.WAIT,
    ),
    ("the one in use was good once", {"files": found(OLDER), "history": good(PROBED_SECONDS)}, Step.PROBE),
    ("an earlier token, the one in use dead", {"files": found(OLDER), "history": dead(10)}, Step.ADOPT),
    ("an earlier token, the one in use refused", {"files": found(OLDER), "history": tried(REFUSED)}, Step.ADOPT),
    ("an earlier token, being probed", {"files": found(OLDER), "history": probing(1)}, Step.WAIT),
    ("a token without a date", {"files": found(UserToken("vague", None, None))}, Step.PROBE),
    # A file that is missing, or no token.
    ("no file", {"files": (ABSENT,)}, Step.WRITE),
    ("no file in a second folder", {"files": (*IN_STEP, ABSENT)}, Step.WRITE),
    ("no file, the folder unwritable", {"files": (ABSENT,), "may_write": False}, Step.WAIT),
    ("no file, of a licence without", {"files": (ABSENT,), "owner": TOKENLESS}, Step.WAIT),
    ("a file that cannot be read", {"files": (UNREAD,)}, Step.WAIT),
    ("a file without a token", {"files": (TokenFile(is_there=True),)}, Step.WAIT),
    # A token in question.
    ("a refused call", {"is_doubted": True}, Step.PROBE),
    ("a refused call, just probed", {"is_doubted": True, "history": good(59)}, Step.WAIT),
    ("a refused call, probed before", {"is_doubted": True, "history": good(PROBED_SECONDS)}, Step.PROBE),
    ("a refused call, being probed", {"is_doubted": True, "history": probing(2)}, Step.WAIT),
    ("its probe died with its process", {"is_doubted": True, "history": probing(LOST_PROBE_SECONDS)}, Step.PROBE),
    ("refused at a refresh", {"history": tried(REFUSED)}, Step.PROBE),
    ("lost", {"history": tried(LOST)}, Step.PROBE),
    ("lost, then good", {"history": tried(LOST, PROBED_GOOD)}, Step.WAIT),
    ("refused, then probed dead", {"history": tried(REFUSED, PROBED_DEAD), "due": 30.0, "failures": 1}, Step.WAIT),
    ("dead a minute ago", {"history": dead(PROBED_SECONDS)}, Step.PROBE),
    (
        "nothing is stored that could be refused",
        {"record": EMPTY, "files": (UNREAD,), "history": tried(REFUSED)},
        Step.WAIT,
    ),
    # A dead token is refreshed before its time, once.
    ("dead, due in hours", {"history": dead(10), "due": 5 * HOUR}, Step.RESCHEDULE),
    ("dead, due at once anyway", {"history": dead(10), "due": 0.5}, Step.WAIT),
    (
        "dead again, refreshed in vain since",
        {"history": tried(DEAD_BEFORE, IN_VAIN, PROBED_DEAD), "due": HOUR},
        Step.WAIT,
    ),
    ("dead, refreshed in vain before", {"history": tried(IN_VAIN, PROBED_DEAD), "due": HOUR}, Step.RESCHEDULE),
    (
        "dead again, a file tried since",
        {"history": tried(DEAD_BEFORE, attempt(7, Cause.FILE, Outcome.UNFIT, 200, OLDER), PROBED_DEAD), "due": HOUR},
        Step.RESCHEDULE,
    ),
]


def see(
    *,
    record: TokenRecord = RECORD,
    owner: TokenOwner = OWNER,
    files: tuple[TokenFile, ...] = IN_STEP,
    due: float = HOUR,
    left: float = float("inf"),
    history: History = History(),  # noqa: B008 - it cannot be changed.
    is_unsaved: bool = False,
    is_doubted: bool = False,
    left_by: str | None = None,
    is_busy: bool = False,
    may_write: bool = True,
    was_in_step: UserToken | None = None,
    **changes: Any,
) -> Observation:
    """Return what is seen of a token that is in use and in its file, with these changes."""
    return Observation(
        owner=owner,
        record=dataclasses.replace(record, **changes),
        history=history,
        files=files,
        now_ms=NOW,
        is_unsaved=is_unsaved,
        is_doubted=is_doubted,
        due_in=due,
        seconds_left=left,
        left_by=left_by,
        is_busy=is_busy,
        may_write=may_write,
        was_in_step=was_in_step,
    )


@pytest.mark.parametrize(("changes", "step"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_next_step(changes: dict[str, Any], step: Step) -> None:
    leads = changes.get("leads", False)
    seen = see(**{name: value for name, value in changes.items() if name != "leads"})

    assert decide(seen, PAUSES, leads=leads).step is step


@pytest.mark.parametrize(("scheduled", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (7, 60)])
def test_where_tokens_keep_dying_they_are_refreshed_ever_later(scheduled: int, minutes: int) -> None:
    before = [attempt(number, Cause.SCHEDULE, Outcome.REFRESHED, 3_000 - number) for number in range(scheduled)]
    history = History((attempt(9, Cause.PROBE, Outcome.REFUSED, 5), *reversed(before)), dead(5).since)
    seen = see(history=history, due=12 * HOUR, obtained_at=NOW)

    assert decide(seen, PAUSES) == Action(Step.RESCHEDULE, minutes * 60)


def test_a_refresh_that_failed_has_its_own_pause_first() -> None:
    history = tried(attempt(7, Cause.MANUAL, Outcome.FAILED, 40), attempt(9, Cause.PROBE, Outcome.REFUSED, 5))
    seen = see(history=history, due=HOUR, failures=6)

    assert decide(seen, PAUSES) == Action(Step.RESCHEDULE, 20)


def test_every_step_has_a_row() -> None:
    assert {step for _, _, step in ROWS} == set(Step)
