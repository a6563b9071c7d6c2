"""The guard: every view declares what it asks of its caller, and is called only when that holds.

The order is the contract's: key, a JSON object with a readable account, permission for the account, the permission
itself, existence of the account; only then does the view look at the rest of the body.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import Request

from app.access.authentication import Authenticate, KeyAuthentication
from app.access.permissions import Access, Identity, Permission, find_fault
from app.errors import (
    AccountForbidden,
    EarlierOutcomeUnknown,
    InternalError,
    InvalidRequest,
    PermissionRequired,
    StorageUnavailable,
    Unauthorized,
)
from app.request_context import get_own, get_request
from app.server.names import ARRIVED_AT
from app.web.payload import read_object

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_ACCOUNT = 32
WITHOUT_BODY = frozenset({"GET", "HEAD"})

logger = logging.getLogger(__name__)


def guard(access: Access, *, without_storage: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for callers who have this access.

    The view carries ``access`` as an attribute: ``create_app`` refuses to start over a route without one.
    ``without_storage`` is for what must be possible while the gateway's database does not answer: a key then counts as
    it did when it last answered, for ten minutes.
    """
    permission = access.permission

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if access is not Access.PUBLIC:
                _admit(permission, without_storage=without_storage)
            return view(*args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined] # Functions take attributes; their type does not say which.
        return guarded

    return decorate


def get_access(view: Any) -> Access | None:
    """Return what a view asks of its caller, or None where it carries no guard."""
    access = getattr(view, "access", None)
    return access if isinstance(access, Access) else None


def _admit(permission: Permission | None, *, without_storage: bool) -> None:
    own, request = get_own(), get_request()
    gateway = own.gateway
    identity = own.identity = _authenticate(gateway, request, without_storage=without_storage)
    if gateway.limits is not None:
        _count(own, gateway, request, without_storage=without_storage)
    account: str | None = None
    # Whatever may change something names its account, a plugin's PUT or DELETE as well.
    if request.method not in WITHOUT_BODY:
        account = own.account = _read_account()
        if not identity.may_use(account):
            raise AccountForbidden("This API key may not use this account.")
    if permission is not None and not identity.has(permission):
        raise PermissionRequired(f"This API key lacks the permission {permission.value}.")
    if account is not None:
        asked = request.headers.get("Cache-Control")
        own.session = gateway.tiger.session(
            account,
            wants_fresh=asked is not None and "no-cache" in asked.lower(),
            asked_at=_get_asked_at(request),
        )


def _authenticate(gateway: Any, request: Request, *, without_storage: bool) -> Identity:
    authenticate: Authenticate = gateway.authenticate
    try:
        identity = authenticate(request)
    except StorageUnavailable as error:
        can_recall = without_storage and isinstance(authenticate, KeyAuthentication)
        identity = authenticate.recall(request) if can_recall else None  # type: ignore[attr-defined]
        if identity is None:
            raise _tell(request, error) from error
    if identity is None:
        raise Unauthorized("Nobody is known by the credentials of this request.")
    if not isinstance(authenticate, KeyAuthentication) and (fault := find_fault(identity)):
        logger.error("authenticate of the host application: %s", fault)
        raise InternalError("The application that this gateway is part of says wrongly who calls; see its log.")
    return identity.fitted()


def _count(own: Any, gateway: Any, request: Request, *, without_storage: bool) -> None:
    """Count a request within its key's limit.

    A cancellation must be possible all the same, and what a repeat is told must not hang on how often it was asked.
    """
    try:
        own.allowance = gateway.limits.admit(own.identity)
    except StorageUnavailable as error:
        if not without_storage:
            raise _tell(request, error) from error
        return
    if own.allowance is None or own.allowance.is_within or without_storage:
        return
    if not _is_repeat(gateway, own.identity, request):
        own.allowance.check()


def _is_repeat(gateway: Any, identity: Identity, request: Request) -> bool:
    """Tell whether a request bears an idempotency key that holds an order command of this caller."""
    key = _get_key(request)
    if key is None:
        return False
    try:
        held = gateway.orders.journal.find_holder(key, identity.key_id, _read_account())
    except StorageUnavailable as error:
        raise _tell(request, error) from error
    return held is not None


def _get_key(request: Request) -> str | None:
    """Return the idempotency key of an order command, as the header or the body gives it."""
    if request.method in WITHOUT_BODY:
        return None
    key = request.headers.get("Idempotency-Key") or read_object().get("client_order_id")
    return key if isinstance(key, str) else None


def _tell(request: Request, error: StorageUnavailable) -> StorageUnavailable:
    """Return what is told where the database does not answer: a request with a key may be a repeat of one that did."""
    return error if _get_key(request) is None else EarlierOutcomeUnknown.of_command()


def _get_asked_at(request: Request) -> float | None:
    """Return from when the request's time counts (monotonic seconds), a wait for a thread included.

    Only our own server tells that; elsewhere it is None.
    """
    arrived_at: float | None = request.environ.get(ARRIVED_AT)
    return arrived_at


def _read_account() -> str:
    """Return the account of the body."""
    account = read_object().get("account")
    if isinstance(account, int) and not isinstance(account, bool):
        account = str(account)
    if (
        not isinstance(account, str)
        or not account.strip()
        or len(account) > LONGEST_ACCOUNT
        or not account.isprintable()
    ):
        raise InvalidRequest(
            "The body needs an account.",
            details={"account": ['Send the account number as a string, such as "67686635".']},
        )
    return account.strip()
