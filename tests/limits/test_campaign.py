"""A short form of the campaign: make limit-campaign races more orders, against every limit."""

from pathlib import Path

import pytest

from bench.limit_campaign import running


@pytest.mark.long
@pytest.mark.parametrize(("limit", "of"), [("orders_per_day", "key"), ("max_open_orders", "account")])
def test_no_order_more_than_a_limit_lets_pass_whoever_dies(tmp_path: Path, limit: str, of: str) -> None:
    with running(tmp_path, None, clients=16, seed=1) as campaign:
        outcome = campaign.run(limit, of, 60, loses_answers=True, kills=True)

    assert outcome.is_exact, outcome
