"""What several modules do to a gateway of theirs, and ask it."""

import contextlib
from collections.abc import Iterator
from typing import Any

from app.settings import TokenRefreshSettings
from app.simulator.running import Simulator
from app.tokens.attempts import Cause
from app.tokens.user_token import UserToken
from tests.support.server import wait_until
from tests.tokens.conftest import Site, put_token

FILE_NAME = "tiger_openapi_token.properties"
FIRST_ID, SECOND_ID = "20154747", "20153921"
BRISK = TokenRefreshSettings(
    interval_hours=1 / 3_600,
    initial_delay_seconds=0,
    retry_first_seconds=0.3,
    retry_longest_seconds=0.6,
    call_seconds=2,
)


def row(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.client.get("/api/token/status").get_json()["data"]["credentials"][0]
    return found


def ready(site: Site) -> dict[str, Any]:
    """Return what readiness answers."""
    answer: dict[str, Any] = site.client.get("/health/ready").get_json()
    return answer


def claim(site: Site, holder: str = "gone:1:x") -> int:
    """Begin an attempt for the first credential, as a process does that is gone then; return its number."""
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    assert record is not None
    number = site.gateway.tokens._parts.store.claim(record, Cause.SCHEDULE, "gone", holder)
    assert number is not None
    site.gateway.tokens.look_after()
    return number


def get_stored(site: Site) -> UserToken | None:
    record = site.gateway.tokens._parts.store.fetch(FIRST_ID)
    return record.token if record else None


def wait_for(site: Site, outcome: str) -> None:
    wait_until(lambda: row(site)["last_attempt"]["outcome"] == outcome, 15)


def put_foreign(tiger: Simulator) -> None:
    """Put the other credential's newest token where the first one's belongs, as a slip of the hand does."""
    foreign = put_token(tiger, SECOND_ID)
    (tiger.get_credential_folder(FIRST_ID) / FILE_NAME).write_text(f"token={foreign}\n")


@contextlib.contextmanager
def table_gone(site: Site, name: str = "tiger_rest_tokens") -> Iterator[None]:
    """Take a table away, as a database does that fails."""
    storage = site.gateway.storage
    with storage.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_gone")
    try:
        yield
    finally:
        with storage.writing() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {name}_gone RENAME TO {name}")
