"""Show the address of a database without its secrets."""

import re

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

HIDDEN = "********"
SECRET = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
"""Names of parameters whose value is nobody's business: password, sslpassword, sslkey …"""


def describe_address(address: str) -> str:
    """Return an address (SQLAlchemy's form, which Redis shares) with its passwords hidden, its parameters' too."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return HIDDEN
    hidden = {name: HIDDEN for name in url.query if SECRET.search(name)}
    if url.password is None and not hidden:
        return address
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A", "*")
