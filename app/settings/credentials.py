"""The accounts that are served, and the developer ids that serve them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

AccountType = Literal["live", "demo"]


@dataclass(frozen=True, slots=True)
class Account:
    """A brokerage account and what it is served by.

    ``type`` is what the operator declared: a paper account is ``demo``.
    """

    account: str
    tiger_id: str
    type: AccountType
    license: str
    credential: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A Tiger developer id with its private key (base64 DER, one line) and the accounts it serves.

    ``license`` is empty where the properties file names none. ``secret_key`` is what the traders of an institution
    have besides [SDK: client_config]. ``socket_host_port`` is the push service's address where it is not Tiger's own.
    """

    name: str
    path: Path
    tiger_id: str
    license: str
    private_key: str = field(repr=False)
    server_url: str | None
    accounts: tuple[Account, ...]
    secret_key: str | None = field(default=None, repr=False)
    socket_host_port: str | None = None
