"""Keep what belongs to the running request apart from what a host application keeps in Flask's ``g``."""

from flask import g as shared
from flask import has_request_context
from flask.ctx import _AppCtxGlobals
from werkzeug.local import LocalProxy

NAME = "_tiger_rest"


def get_own() -> _AppCtxGlobals:
    """Return it as it is, for those who look several things up: each look through ``g`` finds it anew."""
    own: _AppCtxGlobals | None = shared.get(NAME)
    if own is None:
        own = _AppCtxGlobals()
        setattr(shared, NAME, own)
    return own


g: _AppCtxGlobals = LocalProxy(get_own)  # type: ignore[assignment] # As Flask declares its own.


def add_upstream_seconds(seconds: float) -> None:
    """Add to the time that the running request has waited for Tiger; outside of a request nothing happens."""
    if has_request_context():
        own = get_own()
        own.upstream_seconds = own.get("upstream_seconds", 0.0) + seconds
