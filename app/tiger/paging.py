"""Page tokens: where a listing goes on, good only for the question, the account and the endpoint it was made for.

A token carries what Tiger's own paging needs, and is signed with a key made of the credential's private one: all
workers and machines take each other's, and nobody else can make one. So nothing that a client made up reaches Tiger as
a place in another account's list.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from app.errors import InvalidRequest
from app.tiger.sessions import Session

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")

PURPOSE: Final = b"page tokens"
SIGNATURE_BYTES: Final = 16
STALE: Final = (
    "It does not continue this list: pass next_page_token as it came, to the same endpoint, with the same account and "
    "the same filters."
)


@dataclass(frozen=True, slots=True)
class AtToken:
    """A place that Tiger named by a token of its own."""

    token: str


@dataclass(frozen=True, slots=True)
class AtPage:
    """A page of Tiger's by its number; what stands on it depends on its size."""

    page: int
    size: int


@dataclass(frozen=True, slots=True)
class AtIndex:
    """A place that Tiger counts from the first row."""

    index: int


class Paging(Generic[P]):
    """Write and read the page tokens of one question: ``Paging(session, "orders", filters, AtToken)``."""

    def __init__(self, session: Session, endpoint: str, question: object, place: type[P]) -> None:
        """Take all that makes another list if it differs, but the limit: members that JSON can write, days, decimals.

        ``place`` is a flat dataclass of texts, whole numbers and None: where a page begins.
        """
        self._place = place
        members = [field.name for field in dataclasses.fields(place)]
        self._list = json.dumps([endpoint, session.account.account, question, members], sort_keys=True, default=str)
        self._key = hmac.digest(session.credential.private_key.encode(), PURPOSE, hashlib.sha256)

    def write(self, place: P | None) -> str | None:
        """Return the token of a place, letters, digits, - and _ alone; None for no place: the list has ended."""
        if place is None:
            return None
        written = json.dumps(dataclasses.astuple(place), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(written) + written).decode().rstrip("=")

    def read(self, page_token: str | None) -> P | None:
        """Return the place that a token names; None without a token: the list begins.

        Raises:
            InvalidRequest: The token was not made for this question, account and endpoint, or not by this gateway.
        """
        if not page_token:
            return None
        try:
            sent = base64.urlsafe_b64decode(page_token + "=" * (-len(page_token) % 4))
        except ValueError as error:
            raise get_stale() from error
        written = sent[SIGNATURE_BYTES:]
        if not hmac.compare_digest(sent[:SIGNATURE_BYTES], self._sign(written)):
            raise get_stale()
        members: list[Any] = json.loads(written)
        return self._place(*members)

    def _sign(self, written: bytes) -> bytes:
        return hmac.digest(self._key, self._list.encode() + b"\n" + written, hashlib.sha256)[:SIGNATURE_BYTES]


def get_stale() -> InvalidRequest:
    """Return the error about a token that does not continue the list, or no longer."""
    return InvalidRequest("The page token cannot be used.", details={"page_token": [STALE]})
