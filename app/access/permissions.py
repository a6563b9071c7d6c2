"""The vocabulary of access: what a key may be granted, and what a view may ask for."""

import enum
import hashlib
from dataclasses import dataclass, replace
from typing import Any

ANY_ACCOUNT = "*"
LONGEST_ID = 32
LONGEST_NAME = 100


class Permission(enum.StrEnum):
    """What a key can be granted. Each stands on its own: ``trade`` does not imply ``read``."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


class Access(enum.StrEnum):
    """What a view asks of its caller.

    ``PUBLIC`` asks nothing; ``KEY`` any valid key; the others that permission.
    """

    PUBLIC = "public"
    KEY = "key"
    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"

    @property
    def permission(self) -> Permission | None:
        """Return the permission a key needs, or None where none is asked."""
        return None if self in {Access.PUBLIC, Access.KEY} else Permission(self.value)


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: the key's lasting id and name (never the key), and what it was granted.

    The id survives a rotation of the key; ``form_created_at`` is when the form of it was made that the caller came
    with. Times are epoch milliseconds.
    """

    key_id: str
    name: str
    accounts: frozenset[str]
    permissions: frozenset[Permission]
    expires_at: int | None = None
    requires_idempotency: bool = False
    requires_confirmation: bool = False
    form_created_at: int = 0

    def may_use(self, account: str) -> bool:
        """Return whether this caller may use the account, whether or not it exists."""
        return account in self.accounts or ANY_ACCOUNT in self.accounts

    def has(self, permission: Permission) -> bool:
        """Return whether this caller was granted the permission."""
        return permission in self.permissions

    def fitted(self) -> "Identity":
        """Return this identity as the journal can hold it: a host's own id and name may be longer.

        A long id becomes its digest, which is as lasting; a long name is cut.
        """
        if len(self.key_id) <= LONGEST_ID and len(self.name) <= LONGEST_NAME:
            return self
        digest = hashlib.sha256(self.key_id.encode(errors="surrogatepass")).hexdigest()[:LONGEST_ID]
        key_id = self.key_id if len(self.key_id) <= LONGEST_ID else digest
        return replace(self, key_id=key_id, name=self.name[:LONGEST_NAME])


def find_fault(identity: Any) -> str | None:
    """Return why what a host's ``authenticate`` returned is no identity that may be let in, or None where it is one.

    Of a string ``in`` would find parts: "readonly" would grant read, and an account every one whose number is in its.
    """
    if not isinstance(identity, Identity):
        return f"it returned a {type(identity).__name__}, and must return an Identity or None"
    key_id: Any = identity.key_id
    if not isinstance(key_id, str) or not key_id.strip():
        return "key_id must be a string that is not empty: idempotency keys belong to it"
    for name in ("accounts", "permissions"):
        values: Any = getattr(identity, name)
        if not isinstance(values, set | frozenset | list | tuple) or not all(isinstance(each, str) for each in values):
            return f"{name} must be a set of strings, and is a {type(values).__name__}"
    return None
