"""A token that only an operator can replace shows in /metrics, by reason, until there is a new one."""

from collections.abc import Callable

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.metrics.exposed import Exposed, scrape
from tests.support.server import wait_until
from tests.tokens.conftest import Site, put_token

NEEDS = "tiger_rest_token_needs_operator"
FIRST_ID = "20154747"


def told(site: Site) -> Exposed:
    return scrape(site.client.app)


def lose(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("lost_answer", "user_token_refresh", times=1))
    site.client.post("/api/token/refresh")
    site.client.post("/api/token/refresh")


def withdraw(site: Site, tiger: Simulator) -> None:
    tiger.end_tokens(FIRST_ID)
    site.client.post("/api/token/refresh")


def forget(site: Site, tiger: Simulator) -> None:
    # Whoever looks after tokens would restore the one from the other.
    site.gateway.leadership.stop()
    (tiger.get_credential_folder(FIRST_ID) / "tiger_openapi_token.properties").unlink()
    with site.gateway.storage.writing() as connection:
        connection.exec_driver_sql("UPDATE tiger_rest_tokens SET token = NULL WHERE tiger_id = '20154747'")


@pytest.mark.parametrize(("harm", "reason"), [(lose, "lost"), (withdraw, "refused"), (forget, "missing")])
def test_why_a_token_needs_an_operator_is_told(
    site: Site, tiger: Simulator, harm: Callable[[Site, Simulator], None], reason: str
) -> None:
    harm(site, tiger)

    assert told(site).value(NEEDS, credential="simulator-one", reason=reason) == 1
    assert told(site).value(NEEDS) == 1


def test_a_new_file_ends_the_need(site: Site, tiger: Simulator) -> None:
    lose(site, tiger)
    put_token(tiger, FIRST_ID)

    wait_until(lambda: told(site).value(NEEDS) == 0, 10)


def test_a_refresh_that_fails_needs_nobody_yet(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("cut_before", "user_token_refresh"))
    site.client.post("/api/token/refresh")

    assert told(site).value("tiger_rest_token_refresh_failures", credential="simulator-one") == 1
    assert told(site).value(NEEDS) == 0
