"""Fetch the accounts that Tiger has for a developer id (wire method ``accounts``)."""

from collections.abc import Callable
from typing import Any, Final

from tigeropen.common.consts.service_types import ACCOUNTS
from tigeropen.trade.request.model import AccountsParams

from app.errors import TigerError
from app.tiger.sessions import Session
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.values import identifier, mapping, rows, text

_decode: Final = get_decoder((identifier, "account"), (text, "account_type capability status"))


def fetch_managed_accounts(session: Session, may_see: Callable[[str], bool]) -> dict[str, Any]:
    """Return the accounts of the developer id that serves this one, those alone that the caller may see.

    Raises:
        TigerError: Tiger sent no list of accounts.
    """
    accounts = session.read(ACCOUNTS, AccountsParams(), session.read_deadline(), decode=get_accounts)
    served = {account.account for account in session.credential.accounts}
    seen = [
        {**account, "is_served": account["account"] in served} for account in accounts if may_see(account["account"])
    ]
    return {"tiger_id": session.account.tiger_id, "accounts": seen, "count": len(seen)}


def get_accounts(data: Any) -> list[dict[str, Any]]:
    """Return the accounts of an answer that have a number."""
    if not isinstance(mapping(data).get("items"), list):
        raise TigerError("Tiger's list of accounts cannot be read.")
    return [account for account in map(_decode, rows(data)) if account["account"]]
