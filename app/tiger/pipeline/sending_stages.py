"""The stages that every call passes which goes to Tiger."""

import logging
import random
import time
from dataclasses import replace
from typing import Final

from app.errors import (
    GatewayError,
    InternalError,
    QuotePermissionElsewhere,
    StorageUnavailable,
    TigerCredentialsRejected,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
    TigerUnavailable,
    TooBusy,
    TradingHalted,
)
from app.tiger.pipeline.breaker import failed_on_its_way
from app.tiger.pipeline.call import Attempt, Call, CallResult, Go
from app.tiger.pipeline.link import Link
from app.tiger.wire.asked import get_asked_market
from app.tiger.wire.client import SigningFailed, UnexpectedStatus, UnreadableAnswer
from app.tiger.wire.decoding import get_data
from app.tiger.wire.errors import get_failure, get_status_error, get_unreadable
from app.tiger.wire.methods import TOKEN_RENEWAL
from app.tiger.wire.transport import TransportFailure

MOST_TOKENS: Final = 3
"""Tokens that one call is sent with: they are replaced by the half day, so that a third says something is wrong."""
RETRY_PAUSE_SECONDS: Final = (0.05, 0.25)
LEAST_RETRY_SECONDS: Final = 1.0
"""With less time left a failed read is reported as it is."""

_log = logging.getLogger(__name__)


def with_token(link: Link, go: Go, call: Call) -> CallResult:
    """Send with the token in force; where it was replaced under the request, once more with each that follows.

    So is a call that was refused because another device has the permission for quotes, once that is taken back. The
    error of the last attempt tells in ``sendings`` how many there were.
    """
    started, outcome, refused = time.monotonic(), InternalError.code, list[str]()
    call = replace(call, attempt=Attempt())
    try:
        for turn in range(1, MOST_TOKENS + 1):
            try:
                answer = go(call)
                outcome = "ok"
                break
            except GatewayError as error:
                error.sendings, outcome = turn, error.code
                if turn == MOST_TOKENS or not _may_repeat(link, call, error, refused):
                    _report(link, call, error)
                    raise
    finally:
        link.pipeline.observer.called(call.method, outcome, time.monotonic() - started)
    return CallResult(call.decode(answer.value), answer.begun_at)


def _may_repeat(link: Link, call: Call, error: GatewayError, refused: list[str]) -> bool:
    """Tell whether a call may be sent anew with another token or permission, waiting for one that is on its way."""
    if isinstance(error, TigerTokenRejected):
        # Tiger looks at the token before anything else, so what it refused for it it did not do. The renewal itself
        # has nobody to wait for.
        if error.in_doubt or call.method == TOKEN_RENEWAL or call.token is not None:
            return False
        refused += [call.attempt.token] if call.attempt.token else []
        return link.connection.token.fetch_replacement(refused, call.deadline) is not None
    permission = link.connection.permission
    if isinstance(error, QuotePermissionElsewhere) and permission is not None:
        return permission.is_regained(call.attempt.grab, call.deadline)
    return False


def _report(link: Link, call: Call, error: GatewayError) -> None:
    if isinstance(error, (TigerCredentialsRejected, TigerTokenRejected)):
        notes = " ".join(getattr(error, "__notes__", ()))
        told = (link.connection.credential.name, call.method, error.tiger_code, error.message, notes)
        _log.error("Tiger refused credential %s at %s with code %s: %s %s", *told)


def behind_breaker(link: Link, go: Go, call: Call) -> CallResult:
    """Refuse at once what keeps failing."""
    if call.deadline.has_passed:
        # It says nothing about this method of Tiger's, and costs nothing of its limits.
        raise TigerTimeout("The time was over before Tiger could be asked.")
    try:
        link.get_circuit(call).admit()
    except TigerUnavailable:
        link.pipeline.observer.refused(call.method, "breaker")
        raise
    return go(call)


def retried(_link: Link, go: Go, call: Call) -> CallResult:
    """Make a read that failed on its way once more."""
    try:
        return go(call)
    except GatewayError as error:
        may_repeat = not (call.is_urgent or call.described.changes or call.described.is_scarce)
        if not may_repeat or not failed_on_its_way(error) or call.deadline.remaining() < LEAST_RETRY_SECONDS:
            raise
    # Many may have failed at the same moment: they come back one by one.
    time.sleep(random.uniform(*RETRY_PAUSE_SECONDS))  # noqa: S311 - jitter.
    return go(call)


def within_quota(link: Link, go: Go, call: Call) -> CallResult:
    """Wait until Tiger's limits allow the call; ``TigerRateLimited`` where there is no time for that."""
    quota, (tiger_id, account) = link.pipeline.quota, link.quota_owner
    permit = quota.take(tiger_id, account, call.method, call.deadline)
    link.pipeline.observer.sent(call.method)
    try:
        return go(call)
    except TigerRateLimited as error:
        quota.pause(tiger_id, account, call.method, error.retry_after)
        raise
    finally:
        quota.release(permit)


def sent(link: Link, _go: Go, call: Call) -> CallResult:
    """Sign the request, send it and read the answer, the end of the way: what is no success is raised as our error."""
    connection, attempt, begun_at = link.connection, call.attempt, time.monotonic()
    # Both as they are when all waiting is over: they may be replaced while a call waits for its turn.
    attempt.token = call.token or connection.token.current()
    attempt.grab = connection.permission.number if connection.permission else 0
    if call.deadline.has_passed:
        # The database was slow, and Tiger is not to blame.
        raise TooBusy("The time was over before Tiger could be asked; nothing was sent.", retry_after=1)
    command, places = call.is_command, call.described.places
    error: GatewayError | None = None
    try:
        answer = connection.client.post(
            link.get_url(call),
            call.method,
            call.params,
            attempt.token,
            call.deadline,
            is_urgent=call.is_urgent,
            may_arrive_twice=call.may_arrive_twice,
            clear=link.get_clearance(call),
        )
        connection.clock.note(answer.content.get("timestamp"))
        data = get_data(answer, call.params, command=command, places=places)
    except (TradingHalted, StorageUnavailable):
        # Tiger was not asked.
        raise
    except GatewayError as refusal:
        link.record(call, refusal)
        raise
    except TransportFailure as failure:
        error = get_failure(failure, command=command)
        error.__cause__ = failure
    except UnexpectedStatus as status:
        error = get_status_error(status.answer, command=command, market=get_asked_market(call.params), places=places)
    except UnreadableAnswer:
        error = get_unreadable(command=command)
    except SigningFailed:
        error = TigerCredentialsRejected("The private key of this gateway's credential cannot sign.")
    link.record(call, error)
    if error is not None:
        raise error
    return CallResult(data, begun_at)
