"""Holdings of brokers come page by page, as sorted, and the pages hold each once."""

import pytest

from app.simulator.running import Simulator
from tests.support.client import PAPER, SECOND, Client
from tests.support.pages import read_all

PATH = "/api/market/broker-holdings"


@pytest.mark.parametrize(("order_by", "direction"), [("market_value", "desc"), ("bought_5_days", "asc")])
def test_all_pages_together_hold_everything_once_in_order(client: Client, order_by: str, direction: str) -> None:
    rows = read_all(client, PATH, "holdings", order_by=order_by, direction=direction, limit=4)
    figures = [row[order_by] for row in rows]

    assert len({row["id"] for row in rows}) == len(rows)
    assert figures == sorted(figures, reverse=direction == "desc")


def test_a_page_token_of_another_order_is_refused(module_client: Client) -> None:
    token = module_client.data(PATH, limit=2)["next_page_token"]

    assert (
        "page_token"
        in module_client.refusal(PATH, 400, "invalid_request", page_token=token, direction="asc")["details"]
    )


def test_a_page_is_kept_for_the_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(PATH, limit=2) for account in (SECOND, PAPER))

    assert second["holdings"] == paper["holdings"]
    assert simulator.calls("broker_hold") == 1
