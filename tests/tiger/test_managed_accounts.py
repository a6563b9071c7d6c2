"""The accounts that Tiger has for a developer id, as far as the caller may know of them."""

from typing import Any

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.trading.managed_accounts import get_accounts
from tests.support.client import DEMO_KEY, PAPER, SECOND, Client

PATH = "/api/trade/managed-accounts"


def test_what_the_documentation_shows_is_read() -> None:
    items = [
        {"account": "U10010705", "capability": "CASH", "accountType": "GLOBAL", "status": "Funded"},
        {"account": 572386, "capability": None, "status": "Funded"},
        {"capability": "CASH"},
    ]

    assert get_accounts({"items": items}) == [
        {"account": "U10010705", "account_type": "GLOBAL", "capability": "CASH", "status": "Funded"},
        {"account": "572386", "account_type": None, "capability": None, "status": "Funded"},
    ]


@pytest.mark.parametrize("data", [None, [], {"items": None}])
def test_an_answer_without_a_list_does_not_mean_that_there_are_no_accounts(data: Any) -> None:
    with pytest.raises(TigerError):
        get_accounts(data)


def test_the_accounts_of_the_developer_id_are_listed(module_client: Client) -> None:
    answer = module_client.for_account(SECOND).data(PATH)

    kinds = {account["account"]: account["account_type"] for account in answer["accounts"]}
    assert kinds == {SECOND: "STANDARD", PAPER: "PAPER"}
    assert all(account["is_served"] for account in answer["accounts"])
    assert (answer["tiger_id"], answer["count"]) == ("20153921", 2)


def test_a_key_learns_of_no_account_that_it_may_not_use(module_client: Client) -> None:
    answer = module_client.with_key(DEMO_KEY).for_account(PAPER).data(PATH)

    assert [account["account"] for account in answer["accounts"]] == [PAPER]


def test_an_answer_without_its_list_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="accounts", fields=("items",)))

    client.refusal(PATH, 502, "tiger_error")
