"""Halts and confirmations as a gate: nothing is asked beforehand, and both are decided with the journal's row."""

import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy import PoolProxiedConnection

from app.clock import get_elapsed
from app.errors import ConfirmationRequired, GatewayError, TradingHalted
from app.orders.gate import NOTHING, Admission, Said
from app.orders.records import CommandRecord, Kind, NewCommand
from app.orders.requester import Requester
from app.risk.confirmations import Confirmations
from app.risk.halt_watch import HaltWatch
from app.risk.halts import Halts, Mode
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.prepared_orders import PreparedOrder

HOW: Final = (
    "This API key places only what was previewed: send the body to /api/trade/preview-order, and place it with the "
    "confirm_token that it answers. What has no preview, an OCA pair or close-position, it cannot place; an order the "
    "other way closes a position. Nothing was sent."
)
NOT_GOOD: Final = (
    "This confirm_token is not good for this order: it was used, has ended, was given before a halt, or belongs to "
    "another key, account or body. This request sent nothing. What a token was used for may be at Tiger: look at the "
    "orders before you preview another one."
)
NEVER: Final = (
    "This API key places only what was previewed, and a change of an order cannot be: cancel it, preview another one "
    "and place that. Nothing was sent."
)

logger = logging.getLogger(__name__)


class Rules:
    """The gate of halts and confirmations, for all requests of a process."""

    def __init__(
        self, halts: Halts, watch: HaltWatch, confirmations: Confirmations, count: Callable[[str], None]
    ) -> None:
        """Take what counts refusals by the error's code."""
        self._halts = halts
        self._watch = watch
        self._confirmations = confirmations
        self._count = count

    def prepare(
        self, _session: Session, command: NewCommand, _prepared: PreparedOrder | None, _deadline: Deadline
    ) -> Admission:
        """Refuse at once what lacks its confirmation.

        Raises:
            ConfirmationRequired: The key asks for one, and there is none.
        """
        requester = command.requester
        if requester.requires_confirmation and command.kind is not Kind.PLACE:
            raise ConfirmationRequired(NEVER)
        if requester.requires_confirmation and requester.confirm_token is None:
            raise ConfirmationRequired(HOW)
        return _Admission(self, requester)

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let what never arrived be sent again where trading is open.

        Raises:
            TradingHalted: It is not.
        """
        began_at = get_elapsed()
        standing = self._halts.look(driver, record.account)
        self._watch.note(record.account, standing, began_at)
        if standing.mode is Mode.OPEN:
            return
        is_reducing = record.kind is Kind.PLACE and record.closes is not None
        if not standing.allows(is_reducing=is_reducing):
            raise self._halts.get_refusal(driver, record.account)

    def take_confirmation(self, driver: PoolProxiedConnection, requester: Requester, record: CommandRecord) -> None:
        """Use up the confirmation that a command bears, if it bears one.

        Raises:
            ConfirmationRequired: It is not good for this command.
        """
        token = requester.confirm_token
        if token is None:
            return
        key_id, account = requester.key_id, record.account
        if not self._confirmations.take(driver, token, key_id, account, record.body_digest):
            raise ConfirmationRequired(NOT_GOOD)
        self._confirmations.note_taken(driver, token, record)

    def note_refusal(self, _session: Session, command: NewCommand, error: GatewayError) -> None:
        """Count and log what was refused here."""
        if isinstance(error, (TradingHalted, ConfirmationRequired)):
            self._count(error.code)
            told = (command.kind, command.requester.name, command.account, error.code)
            logger.warning("A command to %s of %s for account %s was refused: %s", *told)


class _Admission:
    """The admission of one command."""

    order = None

    def __init__(self, rules: Rules, requester: Requester) -> None:
        self._rules = rules
        self._requester = requester

    def admit(self, driver: PoolProxiedConnection, record: CommandRecord) -> Said:
        """Let the command pass where trading is open, with its confirmation.

        Raises:
            TradingHalted: Trading is halted.
            ConfirmationRequired: The confirmation is not good.
        """
        self._rules.readmit(driver, record)
        self._rules.take_confirmation(driver, self._requester, record)
        return NOTHING
