"""List the accounts of a caller."""

from collections.abc import Iterable
from typing import Any

from app.access.permissions import Identity, Permission
from app.settings import Credential


def describe_accounts(credentials: Iterable[Credential], identity: Identity) -> dict[str, Any]:
    """Return the accounts the caller may use, and what the caller may do with them."""
    return {
        "accounts": [
            {
                "account": account.account,
                "tiger_id": account.tiger_id,
                "account_type": account.type,
                "license": account.license or None,
            }
            for credential in credentials
            for account in credential.accounts
            if identity.may_use(account.account)
        ],
        "permissions": [permission.value for permission in Permission if identity.has(permission)],
        "api_key_name": identity.name,
    }
