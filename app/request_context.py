"""What belongs to the running request, apart from what a host application keeps in Flask's ``g``.

It lies in the request's own WSGI environment: a request that is sent from within another one finds nothing of that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Request, has_request_context, request

from app.access.client_limits import Allowance
from app.access.permissions import Identity
from app.gateway import Gateway
from app.tiger.session import Session
from app.tiger.waited import get_waited_seconds

KEY = "tiger_rest.request"
CARRIED = "tiger_rest.carried"
"""Where the body lies of a request that came within another one: it has been read already."""
CONFIRMED = "tiger_rest.confirmed"
"""Where it stands that a request which came within another one may only do what was confirmed."""

# The way on which a proxy finds what it stands for, public by werkzeug's documentation. Every attribute that is taken
# through the proxy goes it anew, and a request takes dozens.
get_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined] # noqa: SLF001


@dataclass(slots=True)
class RequestContext:
    """One request: what is known of it from its arrival on, and what the guard finds out.

    ``started_at`` is in seconds of ``time.perf_counter``; ``waited_before`` is how long the thread had waited for Tiger
    by then.
    """

    find_gateway: Callable[[], Gateway]
    request_id: str
    started_at: float
    waited_before: float
    found_gateway: Gateway | None = None
    payload: dict[str, object] | None = None
    identity: Identity | None = None
    allowance: Allowance | None = None
    account: str | None = None
    session: Session | None = None

    @property
    def gateway(self) -> Gateway:
        """Return the gateway that the request belongs to, of this process.

        Raises:
            StorageUnavailable: It has to be built, and its database does not answer.
        """
        if self.found_gateway is None:
            self.found_gateway = self.find_gateway()
        return self.found_gateway

    @property
    def upstream_seconds(self) -> float:
        """Return how much of the request's time went by waiting for Tiger."""
        return get_waited_seconds() - self.waited_before


def find_context() -> RequestContext | None:
    """Return what belongs to the running request, or None where it has not come to us yet."""
    context: RequestContext | None = get_request().environ.get(KEY)
    return context


def get_context() -> RequestContext:
    """Return what belongs to the running request, which has come to us."""
    context: RequestContext = get_request().environ[KEY]
    return context


def current_gateway() -> Gateway:
    """Return the gateway that the running request belongs to."""
    return get_context().gateway


def current_identity() -> Identity:
    """Return who calls, as the guard found it."""
    identity = get_context().identity
    if identity is None:
        raise LookupError("Nobody has said who calls: the view is open to all.")
    return identity


def current_session() -> Session:
    """Return the session for the account of the running request, as the guard admitted it."""
    session = get_context().session
    if session is None:
        raise LookupError("The request names no account: the view is open to all, or its method takes no body.")
    return session


def current_account() -> str:
    """Return the account that the running request names, or * for all where its view takes that."""
    account = get_context().account
    if account is None:
        raise LookupError("The request names no account: the view is open to all, or its method takes no body.")
    return account


def describe_request() -> Mapping[str, str]:
    """Return, for a line of the log, the id of the running request, and the key's name and the account if known."""
    context = find_context() if has_request_context() else None
    if context is None:
        return {}
    known = {"request_id": context.request_id}
    if context.identity is not None:
        known["key"] = context.identity.name
    if context.account is not None:
        known["account"] = context.account
    return known
