"""A token in a folder that Tiger refuses, such as another credential's, is told and takes no place."""

from collections.abc import Callable

import pytest

from app.simulator.running import Simulator
from app.tokens.token_file import read_token_file
from tests.support.client import assert_refusal
from tests.support.server import wait_until
from tests.tokens.conftest import Site, adopted, put_token
from tests.tokens.sites import FILE_NAME, FIRST_ID, get_stored, put_foreign, row, wait_for


def test_a_token_that_tiger_refuses_is_told_and_the_one_before_serves_on(site: Site, tiger: Simulator) -> None:
    before = get_stored(site)
    put_foreign(tiger)
    statuses = set()

    def is_unfit() -> bool:
        statuses.add(site.client.send("/api/market/quote", {"account": "67686635", "symbol": "AAPL"}).status_code)
        return bool(row(site)["last_attempt"]["outcome"] == "unfit")

    wait_until(is_unfit, 15)
    warnings = str(site.client.get("/health/ready").get_json()["warnings"])

    assert (statuses, get_stored(site)) == ({200}, before)
    assert "Tiger refuses the token that lies in the folder of credential simulator-one" in warnings
    assert row(site)["status"] == "degraded"


def test_a_refresh_replaces_an_unfit_token(site: Site, tiger: Simulator) -> None:
    put_foreign(tiger)
    wait_for(site, "unfit")
    site.client.data("/api/token/refresh")

    assert read_token_file(tiger.get_credential_folder(FIRST_ID)) == get_stored(site)
    assert row(site)["status"] == "healthy"


def test_an_unfit_token_is_told_for_as_long_as_it_lies_there(site: Site, tiger: Simulator) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    right = file.read_text()
    put_foreign(tiger)
    wait_for(site, "unfit")
    told = row(site)["status"]
    file.write_text(right)

    assert (told, row(site)["status"], row(site)["concern"]) == ("degraded", "healthy", None)


def test_what_is_unfit_leaves_the_next_refresh_where_it_was(site: Site, tiger: Simulator) -> None:
    before = row(site)["next_refresh_at"]
    put_foreign(tiger)
    wait_for(site, "unfit")

    assert row(site)["next_refresh_at"] == pytest.approx(before, abs=1_500)
    assert row(site)["failures"] == 0


def test_an_unfit_token_is_not_tried_out_by_each_process_again(
    site: Site, open_site: Callable[..., Site], tiger: Simulator
) -> None:
    put_foreign(tiger)
    wait_for(site, "unfit")
    number = row(site)["last_attempt"]["number"]
    other = open_site()
    for _ in range(3):
        other.gateway.tokens.look_after()
        site.gateway.tokens.look_after()

    assert row(site)["last_attempt"]["number"] == number


def test_a_wrong_file_at_the_first_start_is_told_and_the_right_one_stays_as_it_is(
    open_site: Callable[..., Site], tiger: Simulator
) -> None:
    file = tiger.get_credential_folder(FIRST_ID) / FILE_NAME
    right = f"token={put_token(tiger, FIRST_ID)}\n"
    put_foreign(tiger)
    site = adopted(open_site())
    assert_refusal(site.client.post("/api/market/quote", symbol="AAPL"), 502, "tiger_token_rejected")
    wait_for_ready(site, 503)
    # Older than the wrong one, as a file is that was there before.
    file.write_text(right)
    wait_for_ready(site, 200)

    assert file.read_text() == right
    site.client.data("/api/market/quote", symbol="AAPL")


def wait_for_ready(site: Site, status: int) -> None:
    wait_until(lambda: site.client.get("/health/ready").status_code == status, 15)
