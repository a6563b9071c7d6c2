"""The fault campaign in its short form; ``make faults`` and ``make faults-readings`` run the long ones."""

from dataclasses import replace

from bench import after_refusal
from bench.campaign.orders import Wish
from bench.fault_campaign import CARELESS, FAULTS, Campaign, render, run

SURE = {Wish.RESTS: 8, Wish.FILLS: 1, Wish.AT_MARKET: 1}
PLAIN_FAULTS = [fault for fault in FAULTS if fault["kind"] not in {"delivered_twice", "expired_token"}]
PLAIN = Campaign(seed=20251029, kills=5, harms=(), faults=PLAIN_FAULTS, wishes=SURE, absence_seconds=5)


def test_every_order_happens_exactly_once_while_workers_die_and_tiger_fails(tmp_path):
    campaign = replace(PLAIN, orders=150)
    result = run(campaign, tmp_path)

    assert result.kills == 5
    assert result.is_good, render(campaign, result)


def test_another_program_on_the_same_accounts_loses_nothing_and_costs_nothing(tmp_path):
    campaign = replace(PLAIN, orders=60, kills=2, has_other_program=True)
    result = run(campaign, tmp_path)

    assert result.verdict.strangers > 0
    assert result.is_good, render(campaign, result)


def test_the_campaign_finds_the_duplicates_of_a_gateway_without_its_safety(tmp_path):
    campaign = replace(PLAIN, orders=60, kills=2, workers=2, gateway=CARELESS)
    result = run(campaign, tmp_path)

    assert result.verdict.faults.several_orders_at_tiger > 0, render(campaign, result)


def test_a_hundred_orders_after_one_that_tiger_refused_are_all_placed(tmp_path):
    result = after_refusal.run(tmp_path, {}, orders=100)

    assert result.refusal == "422 order_rejected"
    assert result.is_good, result
