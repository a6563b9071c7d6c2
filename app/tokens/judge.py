"""Say what is wrong with a token, from what is stored of it and what this process sees."""

from app.clock import get_elapsed
from app.tokens.concerns import Concern, Signs, get_concern
from app.tokens.distribution import TokenBoard
from app.tokens.examiner import Examiner
from app.tokens.folders import find_obstacle, get_newest, get_tokens_in_files
from app.tokens.holders import Holders
from app.tokens.journal import AttemptJournal
from app.tokens.plan import Plan
from app.tokens.record import Attempt, Outcome, TokenOwner, TokenRecord, get_now_ms


class Judge:
    """Gather the evidence; ``concerns`` holds the rules."""

    def __init__(
        self, journal: AttemptJournal, board: TokenBoard, plan: Plan, examiner: Examiner, holders: Holders
    ) -> None:
        self._journal = journal
        self._board = board
        self._plan = plan
        self._examiner = examiner
        self._holders = holders

    def find_concern(self, owner: TokenOwner, record: TokenRecord | None) -> Concern | None:
        """Return what is wrong with the owner's token, the worst first, or None.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        last = self._journal.fetch_last_ended(owner.tiger_id)
        refusal = self._journal.fetch_refusal(record) if record and record.failures else None
        if record and refusal and self._examiner.found_good_since(record, refusal):
            refusal = None
        return get_concern(owner, record, last, refusal, get_now_ms(), self._get_signs(owner, record, last))

    def _get_signs(self, owner: TokenOwner, record: TokenRecord | None, last: Attempt | None) -> Signs:
        in_files = get_tokens_in_files(owner)
        unfit = last.requested_by if last and last.outcome is Outcome.UNFIT else None
        due = self._plan.get_due(owner.tiger_id)
        return Signs(
            in_file=get_newest(in_files),
            obstacle=find_obstacle(owner),
            holds_unfit=any(token.fingerprint == unfit for token in in_files),
            is_unsaved=self._board.get_unsaved(owner.tiger_id) is not None,
            is_doubted=bool(record and record.token and self._board.was_refused(owner.tiger_id, record.token)),
            is_dead=record is not None and self._examiner.found_dead(record),
            overdue_seconds=0.0 if due is None else get_elapsed() - due,
            left_by=self._holders.find_gone(record) if record else None,
        )
