"""Keep what belongs to the running request apart from what a host application keeps in Flask's ``g``."""

from flask import g as shared
from flask.ctx import _AppCtxGlobals
from werkzeug.local import LocalProxy

NAME = "_tiger_rest"


def _get_own() -> _AppCtxGlobals:
    own: _AppCtxGlobals | None = shared.get(NAME)
    if own is None:
        own = _AppCtxGlobals()
        setattr(shared, NAME, own)
    return own


g: _AppCtxGlobals = LocalProxy(_get_own)  # type: ignore[assignment] # As Flask declares its own.
