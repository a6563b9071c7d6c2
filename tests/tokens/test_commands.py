"""What the command line tells about tokens."""

from collections.abc import Callable

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.tokens.conftest import Site

RENEWAL = "user_token_refresh"


def run(site: Site, *arguments: str) -> tuple[int, str]:
    result = site.client.app.test_cli_runner().invoke(args=["tokens", *arguments])
    return result.exit_code, result.output


def test_status_names_leader_credentials_and_moments(site: Site) -> None:
    code, output = run(site, "status")

    assert code == 0
    assert "leader: " in output
    assert "simulator-one\ttiger_id 20154747\t67686635\thealthy" in output


def test_refresh_refreshes_every_token(site: Site, tiger: Simulator) -> None:
    code, output = run(site, "refresh")

    assert (code, tiger.calls(RENEWAL)) == (0, 2)
    assert "simulator-two: refreshed, expires " in output


def test_refresh_of_one_credential_leaves_the_other(site: Site, tiger: Simulator) -> None:
    run(site, "refresh", "--credential", "simulator-two")

    assert (tiger.calls(RENEWAL, "20154747"), tiger.calls(RENEWAL, "20153921")) == (0, 1)


def test_an_unknown_credential_is_told(site: Site) -> None:
    code, output = run(site, "refresh", "--credential", "nobody")

    assert (code, "no credential is named nobody" in output) == (2, True)


def test_a_failure_is_told_and_does_not_keep_the_other_from_its_turn(site: Site, tiger: Simulator) -> None:
    tiger.inject(Fault("http_500", RENEWAL, tiger_id="20154747"))
    code, output = run(site, "refresh")

    assert code == 1
    assert "simulator-one: Tiger answered with HTTP status 500. (tiger_error)" in output
    assert "simulator-two: refreshed" in output


def test_status_of_a_dead_token_ends_with_an_error(
    site: Site, tiger: Simulator, open_site: Callable[..., Site]
) -> None:
    tiger.end_tokens("20154747")
    run(site, "refresh")
    code, output = run(site, "status")

    assert (code, "failing" in output) == (1, True)
