"""Go through a chain row by row and name each one that is not as a gateway wrote it.

Each row is checked by itself (its code), against the one before (its hash), and against the other rows of its writer
(its number). Checkpoints and the head say how far the chain reached. What does not fit is named once: a row after one
that is wrong is taken by whatever fits it, so that one change is one problem.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.audit import events
from app.audit.audit_keys import ID_CHARACTERS, AuditKey
from app.audit.chain import Head
from app.audit.checkpoints import Checkpoint, is_signed
from app.audit.content import START, get_code, get_content, get_hash
from app.audit.report import MOST_PROBLEMS, Report
from app.audit.seen import Seen

MOST_DOUBTS: Final = 2
"""So many rows after a wrong one need not fit to the one before: it may have changed places with its neighbour."""

ALARMS: Final = {
    events.CHAIN_RESUMED: ("resumed", "the chain had to be resumed"),
    events.ROW_NOT_AUTHENTIC: ("forged", "a row was linked that was changed before, or that no gateway wrote"),
}
"""What a gateway found in linking and wrote down: as a kind of problem and a sentence."""

Row = tuple[Any, ...]
"""Position, hash and code, then the content: the columns that ``reading`` gives, in that order."""


class Verification:
    """One walk along a chain, from its first row on."""

    def __init__(
        self,
        keys: Mapping[str, AuditKey],
        checkpoints: Iterable[Checkpoint],
        *,
        chain: str,
        trusted: Iterable[str] = (),
        seen: Seen | None = None,
    ) -> None:
        """Take the keys by their id, further public keys that are trusted, and what was seen of the chain before.

        Without keys, as where an export is checked elsewhere, codes are left alone and the signatures decide.
        """
        self.report = Report()
        self._keys = keys
        self._chain = chain
        self._public = {key.public for key in keys.values()} | set(trusted)
        self._checkpoints = deque(checkpoints)
        self._checkpoint_number = 0
        # Where no head names the chain, what was seen of any is compared.
        self._seen = seen if seen is not None and chain in ("", seen.chain) else None
        if seen is not None and self._seen is None:
            sentence = f"this machine has seen another chain, of {seen.position} rows: was the database exchanged?"
            self.report.add("exchanged", None, sentence)
        self._position = 0
        self._previous: tuple[str, ...] = (START,)
        self._numbers: dict[str, int] = {}
        self._gaps: dict[str, set[int]] = {}
        self._missing = 0
        self._doubts = 0
        self._stop = self._get_stop()

    def take(self, rows: Iterable[Row]) -> None:
        """Check further rows, in the order of their positions."""
        report, keys, numbers = self.report, self._keys, self._numbers
        for row in rows:
            position, linked, code, *content_of = row
            report.rows += 1
            try:
                content = get_content(*content_of)
                key = keys.get(code[:ID_CHARACTERS])
                is_written = key is not None and get_code(key, content) == code
                fits = position == self._position + 1 and len(self._previous) == 1
                found = get_hash(self._previous[0], position, code, content) if fits else ""
                writer, number = content_of[0], content_of[1]
                is_next = numbers.get(writer, 0) + 1 == number
                alarm = ALARMS.get(content_of[3])
            except (TypeError, ValueError, AttributeError):
                report.add("changed", None, f"row {position} holds what no gateway writes")
                self._go_on(position, linked)
                continue
            if fits and is_written and is_next and found == linked:
                self._position, self._previous, numbers[writer] = position, (linked,), number
            else:
                self._examine(row, content, key is None, is_written)
            if alarm is not None and (is_written or key is None):
                # Also where its secret is gone, or in an export: signatures vouch for it then.
                report.add(alarm[0], position, f"row {position}: {alarm[1]}: {content_of[7]}")
            if self._position >= self._stop:
                self._pass_checkpoints()

    @property
    def position(self) -> int:
        """Return how far the walk has come."""
        return self._position

    def expect(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Take further checkpoints, which were signed before the rows that come next are read."""
        self._checkpoints.extend(checkpoints)
        self._stop = self._get_stop()

    def finish(self, head: Head | None, waiting: Iterable[Row]) -> Report:
        """Compare the end with the chain's head, look at the rows that are not linked yet, and return the report."""
        self._examine_end(head)
        for row in waiting:
            self._examine_waiting(row)
        self._report_gaps()
        report = self.report
        if self._keys and report.last_foreign > report.vouched:
            report.add(
                "foreign",
                report.last_foreign,
                f"{report.foreign_codes} rows, the last at {report.last_foreign}, were written with a secret that is "
                "not in gateway.secret_key nor older_secret_keys, and no checkpoint that can be trusted follows",
            )
        return report

    def _examine(self, row: Row, content: bytes, is_foreign: bool, is_written: bool) -> None:
        """Find out what is wrong with a row that is not simply the next one."""
        position, linked, code, writer, number, *_ = row
        report, name = self.report, f"{writer}:{number}"
        if not isinstance(position, int) or position <= self._position:
            report.add("added", None, f"row {position} ({name}) stands where another one stood already")
            return
        if position > self._position + 1:
            self._report_missing(self._position + 1, position - 1)
            self._previous = ()
        found = {get_hash(previous, position, code, content) for previous in self._previous}
        if is_foreign and self._keys:
            report.foreign_codes, report.last_foreign = report.foreign_codes + 1, position
        is_in_order = True
        if is_written or (is_foreign and linked in found):
            is_in_order = self._count_number(writer, number)
        else:
            self._missing += 1
        if not is_written and not (is_foreign and linked in found):
            report.add("changed", position, f"row {position} ({name}) was changed, or no gateway wrote it")
        elif linked in found or not self._previous:
            # Right but for its number, which is counted by itself; or the one before is not there: the next will say.
            self._position, self._previous, self._doubts = position, (linked,), 0
            return
        elif self._doubts:
            # One of the rows before is wrong: what follows is compared with whatever each of them may have been.
            self._doubts -= 1
            self._position, self._previous = position, (linked, *self._previous)
            return
        else:
            where = "its hash was changed" if is_in_order else "it was written elsewhere in the chain"
            report.add("moved", position, f"row {position} ({name}) does not follow the one before: {where}")
        self._position, self._doubts = position, MOST_DOUBTS
        self._previous = (linked, *found)

    def _go_on(self, position: Any, linked: Any) -> None:
        """Step over a row of which nothing can be said."""
        self._missing += 1
        self._position = position if isinstance(position, int) and position > self._position else self._position + 1
        self._previous = (linked,) if isinstance(linked, str) else ()

    def _count_number(self, writer: str, number: int) -> bool:
        """Count a row among those of its writer, and return whether it is the next one."""
        last = self._numbers.get(writer, 0)
        if number > last + 1:
            self._gaps.setdefault(writer, set()).update(range(last + 1, min(number, last + MOST_PROBLEMS)))
        if number <= last:
            self._gaps.get(writer, set()).discard(number)
            return False
        self._numbers[writer] = number
        return number == last + 1

    def _is_counted(self, writer: str, number: Any) -> bool:
        """Return whether the walk came past this row of the writer."""
        last = self._numbers.get(writer, 0)
        return isinstance(number, int) and 0 < number <= last and number not in self._gaps.get(writer, ())

    def _report_missing(self, first: int, last: int) -> None:
        self._missing += last - first + 1
        rows = f"row {first} is" if first == last else f"rows {first} to {last} are"
        self.report.add("missing", first, f"{rows} missing")

    def _report_gaps(self) -> None:
        """Report rows that are missing of their writers, where no place in the chain is missing for them."""
        gaps = [(writer, number) for writer, numbers in self._gaps.items() for number in sorted(numbers)]
        if len(gaps) > self._missing:
            for writer, number in gaps:
                self.report.add("missing", None, f"row {writer}:{number} is missing: it was taken away unlinked")

    def _pass_checkpoints(self) -> None:
        while self._checkpoints and self._checkpoints[0].position <= self._position:
            self._examine_checkpoint(self._checkpoints.popleft())
        self._stop = self._get_stop()
        seen = self._seen
        if seen is not None and seen.position <= self._position:
            self._seen = None
            self._stop = self._get_stop()
        if seen is not None and seen.position == self._position and seen.hash not in self._previous:
            sentence = "the chain up to here is not the one that this machine has seen: it was written anew"
            self.report.add("rewritten", seen.position, f"row {seen.position}: {sentence}")

    def _get_stop(self) -> float:
        """Return the place of the next row that a checkpoint, or this machine, knows something about."""
        places = [checkpoint.position for checkpoint in list(self._checkpoints)[:1]]
        return min([*places, *([self._seen.position] if self._seen is not None else [])], default=math.inf)

    def _examine_checkpoint(self, checkpoint: Checkpoint) -> None:
        report, number = self.report, checkpoint.number
        if number > self._checkpoint_number + 1:
            report.add("checkpoint", None, f"checkpoint {self._checkpoint_number + 1} is missing")
        self._checkpoint_number = max(number, self._checkpoint_number)
        report.checkpoints += 1
        if not is_signed(self._chain, checkpoint):
            report.add("checkpoint", checkpoint.position, f"checkpoint {number} was changed: its signature is wrong")
        elif checkpoint.position != self._position:
            # That its row is missing was reported.
            return
        elif checkpoint.hash not in self._previous:
            sentence = f"rows up to {checkpoint.position} were changed and linked anew after checkpoint {number}"
            report.add("rewritten", checkpoint.position, sentence)
        elif checkpoint.public_key in self._public:
            report.vouched = max(report.vouched, checkpoint.position)
        elif not self._keys:
            report.add("checkpoint", checkpoint.position, f"checkpoint {number} is signed with a key not trusted")

    def _examine_end(self, head: Head | None) -> None:
        report = self.report
        self._pass_checkpoints()
        for beyond in self._checkpoints:
            report.add(
                "checkpoint", beyond.position, f"checkpoint {beyond.number} is of row {beyond.position}, not there"
            )
            self._checkpoint_number = max(beyond.number, self._checkpoint_number)
        if head is None:
            if self._position and self._keys:
                report.add("head", None, "the chain's head is missing")
        elif self._keys:
            self._examine_head(head)
        if self._seen is not None and self._seen.position > self._position:
            sentence = f"this machine has seen {self._seen.position} rows, and there are {self._position}"
            report.add(
                "missing", self._position + 1, f"row {self._position + 1} and what follows is missing: {sentence}"
            )

    def _examine_head(self, head: Head) -> None:
        report = self.report
        if fault := head.find_fault(self._keys):
            report.add("head", None, f"the chain's head cannot be trusted: {fault}")
        elif head.position > self._position:
            self._report_missing(self._position + 1, head.position)
        elif head.position < self._position:
            report.add("added", head.position + 1, f"rows stand beyond the chain's head, from {head.position + 1} on")
        elif self._previous and head.hash not in self._previous:
            report.add("rewritten", head.position, f"the chain does not end as its head says, at row {head.position}")
        if head.checkpoints > self._checkpoint_number:
            report.add("checkpoint", None, f"checkpoint {self._checkpoint_number + 1} and what follows is missing")

    def _examine_waiting(self, row: Row) -> None:
        """Check a row that has no place yet."""
        _, _, code, *content_of = row
        report, (writer, number) = self.report, content_of[:2]
        if self._is_counted(writer, number):
            # It was linked since it was read.
            return
        report.waiting += 1
        try:
            key = self._keys.get(code[:ID_CHARACTERS])
            is_written = key is not None and get_code(key, get_content(*content_of)) == code
            self._count_number(writer, number)
        except (TypeError, ValueError, AttributeError):
            is_written = False
        if not is_written:
            report.add("changed", None, f"row {writer}:{number}, not linked yet, was changed, or no gateway wrote it")
