"""Confirmations: a preview gives a token, and a placement takes it, once, for what was previewed and nothing else.

Only its digest is stored. It is taken in the transaction of the order's row, so that of two that bear the same one the
second finds nothing, on whatever machine; and every halt ends those that were given before it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, PoolProxiedConnection, bindparam, delete, func, insert, literal_column, select

from app.audit import events
from app.audit.actors import name_client
from app.audit.trail import Trail
from app.clock import get_now_ms
from app.orders.records import CommandRecord
from app.orders.statements import DATABASE_CLOCK
from app.risk.halts import ALL_ACCOUNTS
from app.storage.engine import Storage
from app.storage.halt_tables import confirmations, halts
from app.storage.prepared import Prepared

PREFIX: Final = "trc_"
LASTING_SECONDS: Final = 120
LONGEST_TOKEN: Final = 100


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A token as it is given, once, and when it ends (epoch milliseconds)."""

    token: str
    expires_at: int

    def __repr__(self) -> str:
        """Return what may be read by anybody."""
        return f"Confirmation(until {self.expires_at})"


class Confirmations:
    """The tokens that were given and not taken; raises ``StorageUnavailable`` where they cannot be read or written."""

    def __init__(self, storage: Storage, trail: Trail | None = None) -> None:
        """Take who records what is given and taken."""
        self._storage = storage
        self._trail = trail
        now = bindparam("now", type_=BigInteger) if storage.is_sqlite else DATABASE_CLOCK
        self._expired = delete(confirmations).where(confirmations.c.expires_at <= now)
        ends = now + literal_column(str(LASTING_SECONDS * 1_000), BigInteger)
        names = ("digest", "api_key_id", "account", "body_digest")
        self._give = (
            insert(confirmations)
            .from_select(
                [*names, "halts", "expires_at"],
                select(
                    *(bindparam(f"its_{name}", type_=confirmations.c[name].type) for name in names),
                    _seen(),
                    ends.label("ends"),
                ),
            )
            .returning(confirmations.c.expires_at)
        )
        own = [confirmations.c[name] == bindparam(f"its_{name}") for name in names]
        # One that ends further away was given before the clock was set back.
        is_good = (
            confirmations.c.expires_at > now,
            confirmations.c.expires_at <= ends,
            confirmations.c.halts == _seen(),
        )
        self._take = Prepared(
            storage.engine, delete(confirmations).where(*own, *is_good).returning(confirmations.c.expires_at)
        )

    def give(self, key_id: str, account: str, body_digest: str, key_name: str = "") -> Confirmation:
        """Return a token with which this key may place exactly this, once; nobody can be shown it again."""
        token = PREFIX + secrets.token_urlsafe(32)
        with self._storage.writing() as connection:
            connection.execute(self._expired, self._bind())
            values = self._bind(**_get_names(token, key_id, account, body_digest))
            expires_at: int = connection.execute(self._give, values).scalar_one()
            if self._trail is not None:
                actor, said = name_client(key_id, key_name), {"expires_at": expires_at, "body_digest": body_digest[:16]}
                its_name = get_name(token)
                self._trail.write(
                    connection, events.CONFIRMATION_GIVEN, actor, account=account, subject=its_name, details=said
                )
        return Confirmation(token, expires_at)

    def take(self, driver: PoolProxiedConnection, token: str, key_id: str, account: str, body_digest: str) -> bool:
        """Use a token up in the transaction of the driver's, and return whether it was good; another's stays."""
        values = self._bind(**_get_names(token, key_id, account, body_digest))
        return self._take.first(driver, values) is not None

    def note_taken(self, driver: PoolProxiedConnection, token: str, record: CommandRecord) -> None:
        """Record in the same transaction which command took it."""
        if self._trail is not None:
            actor, said = name_client(record.api_key_id, record.api_key_name), {"confirmation": get_name(token)}
            self._trail.write(
                driver, events.CONFIRMATION_TAKEN, actor, account=record.account, subject=record.id, details=said
            )

    def _bind(self, **values: Any) -> dict[str, Any]:
        return values | {"now": get_now_ms()} if self._storage.is_sqlite else values


def get_name(token: str) -> str:
    """Return what a token is called where it is recorded; nobody finds the token by it."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()[:16]


def _seen() -> Any:
    """Return how many halts of an account there are, as a part of a statement."""
    concerned = halts.c.account.in_([bindparam("its_account"), ALL_ACCOUNTS])
    return select(func.coalesce(func.sum(halts.c.number), 0)).where(concerned).scalar_subquery()


def _get_names(token: str, key_id: str, account: str, body_digest: str) -> dict[str, str]:
    digest = hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
    return {"its_digest": digest, "its_api_key_id": key_id, "its_account": account, "its_body_digest": body_digest}
