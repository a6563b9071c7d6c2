"""Takes a wire request from its bytes to its answer: identity, limits, faults, token, account, handler."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator import answers
from app.simulator.answers import CUT, Answer
from app.simulator.clock import Clock
from app.simulator.credentials import TOKEN_LICENSE, Credential
from app.simulator.faults import Fault, FaultPlan
from app.simulator.rate_limits import RateLimiter
from app.simulator.readings import ReadingsInForce
from app.simulator.signed_envelope import Envelope, UnreadableEnvelope, open_envelope
from app.simulator.tokens import TokenRegister
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.late_refusals import STATUSES, LateRefusal
from app.simulator.wire import (
    BUSINESS_PARAMETER_ERROR,
    COMMON_PARAMETER_ERROR,
    SERVER_ERROR,
    Handler,
    WireRefusal,
    WireRequest,
)

TOKENLESS_METHODS = frozenset({"user_license"})
ORDER_COMMANDS = frozenset({"preview_order", "place_order", "modify_order", "cancel_order"})
KEPT_RECORDS = 20_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Hold what is remembered of one call; ``code`` is that of a refusal before the handler, else 0.

    ``biz`` is what a command for an order said, without an institution's key; None of every other call.
    """

    at_ms: int
    method: str
    tiger_id: str
    account: str | None
    signature_is_valid: bool
    code: int
    biz: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold a call that was received: either answered already, or to be finished after ``wait_seconds``."""

    answer: Answer | None = None
    envelope: Envelope | None = None
    authorization: str | None = None
    faults: tuple[Fault, ...] = ()
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LateCall:
    """Hold a call whose client has given up and which takes effect at ``due_ms`` all the same."""

    due_ms: int
    envelope: Envelope
    authorization: str | None


class Service:
    """Answer wire requests; lives on the event loop's thread."""

    def __init__(
        self,
        clock: Clock,
        credentials: Mapping[str, Credential],
        tokens: TokenRegister,
        limiter: RateLimiter,
        faults: FaultPlan,
        engine: TradingEngine,
        handlers: Mapping[str, Handler],
        readings: ReadingsInForce,
    ) -> None:
        self.clock = clock
        self.credentials = credentials
        self.tokens = tokens
        self.limiter = limiter
        self.faults = faults
        self.engine = engine
        self._handlers = handlers
        self._readings = readings
        self.records: deque[CallRecord] = deque(maxlen=KEPT_RECORDS)
        self.counts: Counter[str] = Counter()
        self.after_tick: list[Callable[[bool], None]] = []
        self._late: list[LateCall] = []

    def receive(self, body: bytes, authorization: str | None) -> Receipt:
        """Take a call in; the answer comes from here or, after the wait, from ``finish``."""
        try:
            envelope = open_envelope(body, self.credentials)
        except UnreadableEnvelope as refusal:
            is_valid = False
            self._record(refusal.method, refusal.tiger_id, None, is_valid, refusal.code)
            return Receipt(answer=answers.get_refusal(refusal, self.clock.now_ms()))
        try:
            self._admit(envelope)
        except WireRefusal as refusal:
            self._record(envelope.method, envelope.tiger_id, envelope.account, True, refusal.code)
            return Receipt(answer=answers.get_refusal(refusal, self.clock.now_ms()))
        self._record(envelope.method, envelope.tiger_id, envelope.account, True, 0, get_kept_fields(envelope))
        faults = self.faults.draw(envelope.method, envelope.tiger_id, envelope.account, envelope.biz)
        wait_seconds = sum(fault.seconds for fault in faults if fault.kind == "delay")
        return Receipt(None, envelope, authorization, faults, wait_seconds)

    def finish(self, receipt: Receipt) -> Answer:
        """Let the call take effect, unless a fault says otherwise, and return its answer."""
        if receipt.answer is not None or receipt.envelope is None:
            return receipt.answer or CUT
        for fault in receipt.faults:
            if not fault.strikes_after and (spoilt := self._strike(fault, receipt)):
                return spoilt
        refusal = self._get_late_refusal(receipt.faults)
        hidden_ms = _get_total_ms(receipt.faults, "late_visibility")
        if any(fault.kind == "delivered_twice" for fault in receipt.faults):
            first_hidden_ms = hidden_ms + _get_total_ms(receipt.faults, "delivered_twice")
            with self.engine.spoiling(first_hidden_ms, refusal):
                self._process(receipt.envelope, receipt.authorization, ())
        with self.engine.spoiling(hidden_ms, refusal, _get_total_ms(receipt.faults, "late_fills")):
            answer = self._process(receipt.envelope, receipt.authorization, receipt.faults)
        for fault in receipt.faults:
            if fault.processed and (spoilt := self._strike(fault, receipt)):
                return spoilt
        return answer

    def tick(self, *, at_once: bool = False) -> None:
        """Advance resting orders, and let late calls take effect whose time has come.

        ``at_once`` says that prices or time were moved by hand: who looks once a second is to look at everything now.
        """
        now_ms = self.clock.now_ms()
        due = [late for late in self._late if late.due_ms <= now_ms]
        if due:
            self._late = [late for late in self._late if late.due_ms > now_ms]
        for late in due:
            self._process(late.envelope, late.authorization, ())
        self.engine.advance()
        for look in self.after_tick:
            look(at_once)

    def reset_counts(self) -> None:
        """Forget the calls counted so far."""
        self.records.clear()
        self.counts.clear()

    def _admit(self, envelope: Envelope) -> None:
        if envelope.method not in self._handlers:
            raise WireRefusal(
                COMMON_PARAMETER_ERROR, f"common param error(method '{envelope.method}' is not supported)"
            )
        self.limiter.admit(envelope.tiger_id, envelope.method, envelope.account)

    def _get_late_refusal(self, faults: Iterable[Fault]) -> LateRefusal | None:
        fault = next((fault for fault in faults if fault.kind == "late_rejection"), None)
        status = STATUSES[self._readings.now.unaffordable]
        return None if fault is None else LateRefusal(status, fault.message, fault.seconds)

    def _strike(self, fault: Fault, receipt: Receipt) -> Answer | None:
        """Return the answer that the fault gives instead; None for faults that give none."""
        now_ms = self.clock.now_ms()
        if fault.kind == "late_acceptance" and receipt.envelope is not None:
            due_ms = now_ms + int(fault.seconds * 1000)
            self._late.append(LateCall(due_ms, receipt.envelope, receipt.authorization))
        return answers.get_fault_answer(fault, now_ms)

    def _process(self, envelope: Envelope, authorization: str | None, faults: tuple[Fault, ...]) -> Answer:
        try:
            data = self._handle(envelope, authorization)
        except WireRefusal as refusal:
            answer = answers.get_refusal(refusal, self.clock.now_ms())
            return CUT if any(fault.kind == "lost_answer" for fault in faults) else answer
        document = answers.get_success(data, self.clock.now_ms())
        return answers.spoil(document, faults) if faults else answers.encode(document)

    def _handle(self, envelope: Envelope, authorization: str | None) -> object:
        credential = self.credentials[envelope.tiger_id]
        if (
            credential.license == TOKEN_LICENSE
            and envelope.method not in TOKENLESS_METHODS
            and not self.tokens.is_valid(envelope.tiger_id, authorization)
        ):
            raise answers.get_token_refusal()
        if envelope.account is not None:
            self._require_own_account(envelope)
        request = WireRequest(
            method=envelope.method,
            version=envelope.version,
            biz=envelope.biz,
            tiger_id=envelope.tiger_id,
            lang=envelope.lang,
            now_ms=self.clock.now_ms(),
            device_id=envelope.device_id,
        )
        try:
            return self._handlers[envelope.method](request)
        except WireRefusal:
            raise
        except Exception as error:
            # The edge: a bug in one handler must cost one answer, not the server.
            logger.exception("simulator: %s failed", envelope.method)
            raise WireRefusal(SERVER_ERROR, "server error") from error

    def _require_own_account(self, envelope: Envelope) -> None:
        credential = self.credentials[envelope.tiger_id]
        if credential.secret_key and envelope.biz.get("secret_key") != credential.secret_key:
            raise WireRefusal(BUSINESS_PARAMETER_ERROR, "biz param error(field 'secret_key' is wrong)")
        if all(spec.account != envelope.account for spec in credential.spec.accounts):
            raise WireRefusal(
                BUSINESS_PARAMETER_ERROR, f"biz param error(account '{envelope.account}' does not belong to tiger_id)"
            )

    def _record(
        self,
        method: str,
        tiger_id: str,
        account: str | None,
        is_valid: bool,
        code: int,
        biz: Mapping[str, Any] | None = None,
    ) -> None:
        self.counts[method] += 1
        self.records.append(CallRecord(self.clock.now_ms(), method, tiger_id, account, is_valid, code, biz))


def get_kept_fields(envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is remembered of what a call said: of a command for an order all but the institution's key."""
    if envelope.method not in ORDER_COMMANDS:
        return None
    return {name: value for name, value in envelope.biz.items() if name != "secret_key"}


def _get_total_ms(faults: Iterable[Fault], kind: str) -> int:
    return int(sum(fault.seconds for fault in faults if fault.kind == kind) * 1000)
