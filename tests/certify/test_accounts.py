"""Nothing is tried with an account that is not one to try things with, nor before its owner agrees."""

import dataclasses

import pytest

from app.certify.trial import find_objection
from app.settings import Settings
from app.tiger.sessions import Sessions
from tests.support.client import FIRST, PAPER, SECOND

COMMANDS = ("order_no", "place_order", "cancel_order", "modify_order")


def count_commands(stage):
    return sum(stage.simulator.calls(method) for method in COMMANDS)


def find_by(gateway_credentials, account, **changes):
    """Return the objection to an account that the settings describe otherwise."""
    credentials = [
        dataclasses.replace(
            credential, accounts=tuple(dataclasses.replace(each, **changes) for each in credential.accounts)
        )
        for credential in gateway_credentials
    ]
    sessions = Sessions(Settings(instance=credentials[0].path), credentials)
    objection = find_objection(sessions.session(account))
    sessions.close()
    return objection


@pytest.fixture
def credentials(app):
    """Give the credentials of the shared simulator."""
    return app.extensions["tiger_rest"].get().credentials


def test_a_paper_account_is_taken(credentials):
    assert find_by(credentials, PAPER) is None


def test_an_account_that_the_settings_call_live_is_refused(credentials):
    assert find_by(credentials, PAPER, type="live") == "the settings call it live"


def test_an_account_without_the_number_of_a_paper_account_is_refused(credentials):
    assert find_by(credentials, SECOND, type="demo") == "its number is not one of a paper account"


def test_an_account_that_tiger_calls_otherwise_is_refused(open_stage, credentials):
    stage = open_stage()
    stage.simulator._assembly.engine.accounts[PAPER].kind = "STANDARD"
    result = stage.certify()

    assert result.exit_code == 1
    assert "Tiger tells that it is of another kind" in result.output
    assert count_commands(stage) == 0


@pytest.mark.parametrize("account", [FIRST, SECOND])
def test_a_live_account_is_refused_before_anything_is_sent(open_stage, account):
    stage = open_stage()
    result = stage.certify(account=account)

    assert result.exit_code == 1
    assert "the settings call it live" in result.output
    assert stage.simulator.calls() == 0


def test_an_account_that_nobody_configured_is_told(open_stage):
    result = open_stage().certify(account="12345678901234567")

    assert (result.exit_code, "is configured" in result.output) == (1, True)


def test_nothing_is_placed_before_the_owner_agrees(open_stage):
    stage = open_stage()
    result = stage.certify(input="n\n")

    assert result.exit_code == 1
    assert "some fifteen orders" in result.output
    assert count_commands(stage) == 0


def test_the_quote_permission_stays_where_it_is_unless_asked_for(open_stage):
    stage = open_stage()
    found = stage.find_readings()

    assert "--quote-permission" in found["quote_permission"]
    assert stage.simulator.calls("grab_quote_permission") == 0
