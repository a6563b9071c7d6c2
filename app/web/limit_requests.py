"""Between the views of limits and the rows: who may change whose, and what is answered."""

from typing import Any

from app.access.permissions import Identity
from app.audit.actors import name_client
from app.errors import AccountForbidden, InvalidRequest
from app.request_context import current_gateway, current_identity, current_session
from app.risk.limits.table import LIMITS, WrongLimit, read_value
from app.risk.owners import Owner


def fetch_limits() -> dict[str, Any]:
    """Return the limits of the request's account and of its key, with what is left."""
    gateway, session, identity = current_gateway(), current_session(), current_identity()
    owners = [Owner.account(session.account.account), Owner.key(identity.key_id)]
    return {"owners": gateway.limiting.report.fetch(session, owners)}


def change_limits(body: Any) -> dict[str, Any]:
    """Set and end limits of the request's account, or of the key that the body names, and return what holds then.

    Raises:
        InvalidRequest: No key has that name.
        AccountForbidden: The key may use accounts that the caller may not.
    """
    gateway, session, identity = current_gateway(), current_session(), current_identity()
    owner, name = Owner.account(session.account.account), session.account.account
    if body.key is not None:
        key = gateway.keys.find_named(body.key)
        if key is None:
            raise InvalidRequest.of_fields({"key": ["No valid API key has this name."]})
        if not _covers(identity, key):
            raise AccountForbidden("The key may use accounts that yours may not: its limits are not yours to change.")
        owner, name = Owner.key(key.key_id), key.name
    changes: dict[str, Any] = dict.fromkeys(body.ended)
    for each, said in body.values.items():
        try:
            changes[each] = read_value(LIMITS[each], said)
        except WrongLimit as error:
            raise InvalidRequest.of_fields({each: [str(error)]}) from error
    actor = name_client(identity.key_id, identity.name)
    gateway.limiting.rows.change(owner, name, changes, currency=body.currency, by=identity.name, actor=actor)
    return {"owners": gateway.limiting.report.fetch(session, [owner])}


def _covers(identity: Identity, key: Identity) -> bool:
    """Return whether a caller may use every account that a key may."""
    return all(identity.may_use(account) for account in key.accounts)
