"""Keep what belongs to the running request apart from what a host application keeps in Flask's ``g``."""

from collections.abc import Callable
from typing import cast

from flask import Request, has_request_context, request
from flask import g as shared
from flask.ctx import _AppCtxGlobals
from werkzeug.local import LocalProxy

NAME = "_tiger_rest"

_request, _shared = cast("LocalProxy[Request]", request), cast("LocalProxy[_AppCtxGlobals]", shared)
# The way on which a proxy finds what it stands for, public by werkzeug's documentation. Every attribute that is taken
# through the proxy goes it anew, and a request takes dozens.
get_request: Callable[[], Request] = _request._get_current_object  # noqa: SLF001
_get_shared: Callable[[], _AppCtxGlobals] = _shared._get_current_object  # noqa: SLF001


def get_own() -> _AppCtxGlobals:
    """Return it as it is, for those who look several things up: each look through ``g`` finds it anew."""
    everything = _get_shared()
    own: _AppCtxGlobals | None = everything.get(NAME)
    if own is None:
        own = _AppCtxGlobals()
        setattr(everything, NAME, own)
    return own


g: _AppCtxGlobals = LocalProxy(get_own)  # type: ignore[assignment] # As Flask declares its own.


def add_upstream_seconds(seconds: float) -> None:
    """Add to the time that the running request has waited for Tiger; outside of a request nothing happens."""
    if has_request_context():
        own = get_own()
        own.upstream_seconds = own.get("upstream_seconds", 0.0) + seconds
