"""One call to Tiger, from its parameters to its data: whose it is, which token it carries, what went wrong with it."""

import logging
import time
from typing import Any, Final

from tigeropen.common.consts.service_types import PLACE_ORDER
from tigeropen.common.model import BaseParams

from app.errors import (
    GatewayError,
    InternalError,
    QuotePermissionElsewhere,
    TigerCredentialsRejected,
    TigerTokenRejected,
    TooBusy,
)
from app.tiger.deadline import Deadline
from app.tiger.links import Link
from app.tiger.pipeline.limits import SCARCE
from app.tiger.wire.asked import get_asked_market
from app.tiger.wire.client import SigningFailed, UnexpectedStatus, UnreadableAnswer, WireCall
from app.tiger.wire.decoding import get_data
from app.tiger.wire.errors import get_failure, get_status_error, get_unreadable
from app.tiger.wire.methods import METHODS, TOKEN_RENEWAL
from app.tiger.wire.token_source import TokenSource
from app.tiger.wire.transport import TransportFailure

MOST_TOKENS: Final = 3
"""Tokens that one call is sent with: they are replaced by the half day, so that a third says something is wrong."""

_log = logging.getLogger(__name__)


def address(link: Link, method: str, params: BaseParams | None) -> None:
    """Put the account, the language and an institution's secret key into the request.

    Raises:
        InternalError: The request names another account.
    """
    if params is None:
        return
    if params.lang is None:
        params.lang = link.settings.language
    # Of the SDK's models those of the trade server have the attribute, and its client fills it in all of them.
    if getattr(params, "secret_key", "") is None:
        params.secret_key = link.connection.credential.secret_key
    named = getattr(params, "account", None)
    if named is None and METHODS[method].names_account:
        params.account = link.account.account
    elif named is not None and named != link.account.account:
        raise InternalError("A request was about to name another account than its session's.")


def send_call(
    link: Link,
    method: str,
    params: BaseParams | None,
    *,
    deadline: Deadline,
    command: bool,
    is_urgent: bool,
    tokens: TokenSource | None = None,
) -> Any:
    """Send one request that counts within Tiger's limits, and return its decoded data.

    ``tokens`` are those to send it with, where these are not the credential's own.

    Raises:
        GatewayError: Anything but a success.
    """
    started = time.monotonic()
    outcome = InternalError.code
    try:
        tokens = tokens or link.connection.token
        data = _fetch(link, method, params, tokens, deadline=deadline, command=command, is_urgent=is_urgent)
        outcome = "ok"
    except GatewayError as error:
        outcome = error.code
        _tell_operator(link, method, error)
        raise
    finally:
        link.traffic.watch.called(method, outcome, time.monotonic() - started)
    return data


def _fetch(
    link: Link,
    method: str,
    params: BaseParams | None,
    tokens: TokenSource,
    *,
    deadline: Deadline,
    command: bool,
    is_urgent: bool,
) -> Any:
    """Send with the token in force; where it was replaced under the request, once more with each that follows.

    So is a call that was refused because another device has the permission for quotes, once that is taken back.
    """
    carried: str | None = None
    permission, grab = link.connection.permission, 0
    refused: list[str] = []

    def send() -> Any:
        nonlocal carried, grab
        # Taken when all waiting is over: it may be replaced while a call waits for its turn.
        carried = tokens.current()
        grab = permission.number if permission else 0
        if deadline.has_passed:
            # The database was slow, and Tiger is not to blame.
            raise TooBusy("The time was over before Tiger could be asked; nothing was sent.", retry_after=1)
        return _send(link, method, params, carried, deadline=deadline, command=command)

    turn = 1
    while True:
        try:
            return link.traffic.send(
                link.payer,
                method,
                send,
                deadline,
                is_urgent=is_urgent,
                may_repeat=not is_urgent and method not in SCARCE,
            )
        except TigerTokenRejected as refusal:
            # Tiger looks at the token before anything else, so what it refused for it it did not do. The renewal
            # itself has nobody to wait for.
            refusal.sendings = turn
            if refusal.in_doubt or method == TOKEN_RENEWAL or turn == MOST_TOKENS:
                raise
            refused += [carried] if carried else []
            if tokens.fetch_replacement(refused, deadline) is None:
                raise
        except QuotePermissionElsewhere:
            if permission is None or turn == MOST_TOKENS or not permission.is_regained(grab, deadline):
                raise
        except GatewayError as error:
            error.sendings = turn
            raise
        turn += 1


def _send(
    link: Link, method: str, params: BaseParams | None, token: str | None, *, deadline: Deadline, command: bool
) -> Any:
    call = WireCall(
        method,
        params,
        deadline=deadline,
        token=token,
        repeatable=not (command or METHODS[method].changes),
        is_urgent=command or deadline.is_urgent,
        places=method == PLACE_ORDER,
    )
    servers = link.connection.domains.servers(deadline, is_paper=link.is_paper)
    try:
        content = link.connection.client.fetch_content(call, servers.url(METHODS[method].server))
    except TransportFailure as failure:
        raise get_failure(failure, command=command) from failure
    except UnexpectedStatus as status:
        market = get_asked_market(params)
        raise get_status_error(status.answer, command=command, market=market, places=call.places) from None
    except UnreadableAnswer:
        raise get_unreadable(command=command) from None
    except SigningFailed:
        raise TigerCredentialsRejected("The private key of this gateway's credential cannot sign.") from None
    link.connection.clock.note(content.get("timestamp"))
    return get_data(content, call, params, command=command)


def _tell_operator(link: Link, method: str, error: GatewayError) -> None:
    if isinstance(error, (TigerCredentialsRejected, TigerTokenRejected)):
        _log.error(
            "Tiger refused credential %s at %s with code %s: %s %s",
            link.connection.credential.name,
            method,
            error.tiger_code,
            error.message,
            " ".join(getattr(error, "__notes__", ())),
        )
