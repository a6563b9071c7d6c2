"""The guard: every view declares what it asks of its caller, and is called only when that holds.

The order is the contract's: key, a JSON object with a readable account, permission for the account, the permission
itself, existence of the account; only then does the view look at the rest of the body.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ParamSpec, TypeVar

from flask import Request

from app.access.authentication import Authenticate, KeyAuthentication
from app.access.client_limits import Allowance, ClientLimits
from app.access.permissions import ANY_ACCOUNT, Access, Identity, Permission, find_fault
from app.errors import (
    AccountForbidden,
    EarlierOutcomeUnknown,
    GatewayError,
    InternalError,
    InvalidRequest,
    PermissionRequired,
    StorageUnavailable,
    Unauthorized,
)
from app.gateway import Gateway
from app.request_context import CONFIRMED, get_context, get_request
from app.server.names import ARRIVED_AT
from app.web.payload import read_object
from app.web.refusals import record_refusal

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_ACCOUNT = 32
RECORDED = frozenset({Access.TRADE, Access.ADMIN})
"""Whose refusals are recorded: those of what would change something."""
WITHOUT_BODY = frozenset({"GET", "HEAD"})

logger = logging.getLogger(__name__)


def guard(
    access: Access,
    *,
    without_storage: bool = False,
    all_accounts: bool = False,
    by_query: bool = False,
    unlimited: bool = False,
    carries_requests: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for callers who have this access.

    The view carries ``access`` as an attribute: ``create_app`` refuses to start over a route without one.
    ``without_storage`` is for what must be possible while the gateway's database does not answer: a key then counts as
    it did when it last answered, for ten minutes. With ``all_accounts`` the account may be ``*``, for a key of all
    accounts; there is no session then. ``by_query`` is for what has no body, and names its account in the address. What
    is ``unlimited`` counts in the client's limit and is not stopped by it; nor is what is ``without_storage``.
    ``carries_requests`` is for what speaks another protocol, in whose messages requests to our own routes travel: their
    guards count them, and find the account and the permission.
    """
    permission = access.permission

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if access is Access.PUBLIC:
                return view(*args, **kwargs)
            if carries_requests:
                _identify(without_storage=True, by_query=False)
                return view(*args, **kwargs)
            try:
                identity = _identify(without_storage=without_storage, by_query=by_query)
                is_stopped = not (without_storage or unlimited)
                _keep_limit(identity, is_stopped=is_stopped, may_be_repeat=access is Access.TRADE)
                _admit(identity, permission, all_accounts=all_accounts, by_query=by_query)
                return view(*args, **kwargs)
            except GatewayError as error:
                if access in RECORDED:
                    record_refusal(get_context(), error)
                raise

        guarded.access = access  # type: ignore[attr-defined] # Functions take attributes; their type does not say which.
        guarded.carries_requests = carries_requests  # type: ignore[attr-defined] # As above.
        return guarded

    return decorate


def get_access(view: object) -> Access | None:
    """Return what a view asks of its caller, or None where it carries no guard."""
    access = getattr(view, "access", None)
    return access if isinstance(access, Access) else None


def speaks_rest(view: object) -> bool:
    """Return whether a view is of the REST API, not of another protocol that carries its requests."""
    return not getattr(view, "carries_requests", False)


def count_request() -> None:
    """Count the running request within its key's limit, where no guard has done so.

    Raises:
        RateLimited: The key has used up its limit.
        StorageUnavailable: The request cannot be counted.
    """
    context = get_context()
    limits, identity = context.gateway.limits, context.identity
    if limits is not None and identity is not None:
        allowance = context.allowance = limits.admit(identity)
        if allowance is not None:
            allowance.check()


def _identify(*, without_storage: bool, by_query: bool) -> Identity:
    context, request = get_context(), get_request()
    gateway = context.gateway
    identity = _redeem_ticket(gateway, request) if by_query else None
    if identity is None:
        identity = _authenticate(gateway.authenticate, request, without_storage=without_storage)
    if CONFIRMED in request.environ:
        identity = replace(identity, requires_confirmation=True)
    context.identity = identity
    return identity


def _keep_limit(identity: Identity, *, is_stopped: bool, may_be_repeat: bool) -> None:
    """Count a request within its client's limit, and stop it beyond, unless it is never stopped or repeats an order."""
    context, request = get_context(), get_request()
    gateway = context.gateway
    if gateway.limits is None:
        return
    allowance = context.allowance = _count(gateway.limits, identity, request, is_stopped=is_stopped)
    is_beyond = allowance is not None and not allowance.is_within and is_stopped
    # What a repeat is answered must not hang on how often it was asked.
    if allowance is not None and is_beyond and not (may_be_repeat and _is_repeat(gateway, identity, request)):
        allowance.check()


def _admit(identity: Identity, permission: Permission | None, *, all_accounts: bool, by_query: bool) -> None:
    context, request = get_context(), get_request()
    gateway = context.gateway
    account: str | None = None
    # Whatever may change something names its account, a plugin's PUT or DELETE as well.
    if by_query or request.method not in WITHOUT_BODY:
        account = context.account = _read_account(request.args if by_query else None)
        if not identity.may_use(account):
            raise AccountForbidden("This API key may not use this account.")
    if permission is not None and not identity.has(permission):
        raise PermissionRequired(f"This API key lacks the permission {permission.value}.")
    if account is not None and not (all_accounts and account == ANY_ACCOUNT):
        asked = request.headers.get("Cache-Control")
        context.session = gateway.tiger.session(
            account,
            wants_fresh=asked is not None and "no-cache" in asked.lower(),
            # Only our own server says when the request arrived; a wait for a thread counts.
            asked_at=request.environ.get(ARRIVED_AT),
        )


def _redeem_ticket(gateway: Gateway, request: Request) -> Identity | None:
    """Return who took the ticket in the address, None where there is none, or a key besides.

    Raises:
        Unauthorized: It is not valid, or not for this stream; or the key it was taken with is not valid any more.
    """
    ticket = request.args.get("ticket")
    if ticket is None or "Authorization" in request.headers:
        return None
    identity = gateway.tickets.redeem(ticket, request.path, request.args)
    if identity is None:
        if isinstance(gateway.authenticate, KeyAuthentication):
            gateway.authenticate.refuse(request.remote_addr or "", "This ticket is not valid for this stream.")
        raise Unauthorized("This ticket is not valid for this stream.")
    if isinstance(gateway.authenticate, KeyAuthentication):
        since = gateway.keys.find_valid([identity.key_id]).get(identity.key_id)
        if since is None or since > identity.form_created_at:
            raise Unauthorized("The API key of this ticket is expired or revoked.")
    return identity


def _authenticate(authenticate: Authenticate, request: Request, *, without_storage: bool) -> Identity:
    own = authenticate if isinstance(authenticate, KeyAuthentication) else None
    try:
        identity = authenticate(request)
    except StorageUnavailable as error:
        identity = own.recall(request) if own and without_storage else None
        if identity is None:
            raise _get_outage(request, error) from error
    if identity is None:
        raise Unauthorized("Nobody is known by the credentials of this request.")
    if own is None and (fault := find_fault(identity)):
        logger.error("authenticate of the host application: %s", fault)
        raise InternalError("The application that this gateway is part of says wrongly who calls; see its log.")
    return identity.fitted()


def _count(limits: ClientLimits, identity: Identity, request: Request, *, is_stopped: bool) -> Allowance | None:
    """Count a request within its key's limit; what is never stopped is possible even where that cannot be done."""
    try:
        return limits.admit(identity)
    except StorageUnavailable as error:
        if not is_stopped:
            return None
        raise _get_outage(request, error) from error


def _is_repeat(gateway: Gateway, identity: Identity, request: Request) -> bool:
    """Return whether a request bears an idempotency key that holds an order command of this caller."""
    key = _get_key(request)
    if key is None:
        return False
    try:
        return gateway.orders.journal.find_holder(key, identity.key_id, _read_account()) is not None
    except StorageUnavailable as error:
        raise _get_outage(request, error) from error


def _get_key(request: Request) -> str | None:
    """Return the idempotency key of an order command, as the header or the body gives it."""
    if request.method in WITHOUT_BODY:
        return None
    key = request.headers.get("Idempotency-Key") or read_object().get("client_order_id")
    return key if isinstance(key, str) else None


def _get_outage(request: Request, error: StorageUnavailable) -> StorageUnavailable:
    """Return what to answer where the database is down: a request with a key may be a repeat of one that was done."""
    return error if _get_key(request) is None else EarlierOutcomeUnknown.of_command()


def _read_account(query: Mapping[str, str] | None = None) -> str:
    """Return the account of the body, or of the address."""
    account = (read_object() if query is None else query).get("account")
    if isinstance(account, int) and not isinstance(account, bool):
        account = str(account)
    if (
        not isinstance(account, str)
        or not account.strip()
        or len(account) > LONGEST_ACCOUNT
        or not account.isprintable()
    ):
        raise InvalidRequest(
            f"The {'body' if query is None else 'address'} needs an account.",
            details={"account": ['Send the account number as a string, such as "67686635".']},
        )
    return account.strip()
