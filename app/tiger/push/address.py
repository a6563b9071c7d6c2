"""Where Tiger's push service listens for a credential, found as the SDK finds it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tigeropen.common.consts import License, ServiceType
from tigeropen.tiger_open_config import SOCKET_HOST_PORT, US_SOCKET_HOST_PORT

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.wire.domains import Domains

_TLS: Final = "ssl"
_HTTPS: Final = "https://"
_WRITTEN: Final = re.compile(r"\s*(\w+)\s*,\s*([\w.:-]+)\s*,\s*(\d{1,5})\s*")


@dataclass(frozen=True, slots=True)
class PushAddress:
    """A host and a port; ``is_tls`` is False only where the credential itself says "tcp,host,port"."""

    host: str
    port: int
    is_tls: bool = True


def read_address(written: str) -> PushAddress | None:
    """Return what ``socket_host_port`` names, such as "ssl,openapi.tigerfintech.com,9883"; None for what is no address.

    Any other protocol than "ssl" is plain TCP to the SDK; here it has to be spelt "tcp".
    """
    found = _WRITTEN.fullmatch(written)
    if found is None or found[1].lower() not in {_TLS, "tcp"} or not 0 < int(found[3]) < 2**16:
        return None
    return PushAddress(found[2], int(found[3]), found[1].lower() == _TLS)


def find_address(credential: Credential, domains: Domains, deadline: Deadline) -> PushAddress:
    """Return the credential's own address, else that of Tiger's domain table, else the one for its licence."""
    if credential.socket_host_port and (own := read_address(credential.socket_host_port)):
        return own
    told = _read_table(domains.fetch_table(deadline))
    if told is not None:
        return told
    _, host, port = US_SOCKET_HOST_PORT if credential.license == License.TBUS.value else SOCKET_HOST_PORT
    return PushAddress(str(host), int(port))


def _read_table(table: Mapping[str, object]) -> PushAddress | None:
    """Return the common host with the port of the push service [SDK: refresh_server_info]."""
    port, domain = str(table.get("socket_port")), table.get(ServiceType.COMMON.value)
    if not isinstance(domain, str) or not domain.startswith(_HTTPS) or not port.isdecimal():
        return None
    host = domain.removeprefix(_HTTPS).partition("/")[0]
    return PushAddress(host, int(port)) if host and 0 < int(port) < 2**16 else None
