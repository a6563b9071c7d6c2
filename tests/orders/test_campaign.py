"""The fault campaign in its short form; ``make faults`` and ``make faults-readings`` run the long ones."""

import os
from dataclasses import replace

import pytest

from app.simulator.readings import get_choices
from bench import after_refusal
from bench.campaign.campaign import CARELESS, CREDULOUS, Campaign
from bench.campaign.databases import BACKENDS_ENDED, READ_ONLY
from bench.fault_campaign import render, run
from tests.support.databases import DATABASES

pytestmark = pytest.mark.long

FAR_JUMPS = ("clock two days on", "clock two days back")
SHORT = Campaign(seed=20251029, orders=50, kills=3, calm_seconds=1.0, harms=(READ_ONLY, BACKENDS_ENDED))
HURRIED = {"order_rate": "five_a_second", "expired_day_order": "invalid", "unaffordable": "refused_at_once"}
TOLD_TWICE = {
    "order_numbers": "next_free",
    "used_number": "answers_holder",
    "lookup_by_number": "ignored",
    "missing_order": "null",
    "unaffordable": "taken_then_invalid",
    "expired_day_order": "cancelled_with_remark",
    "refusal_language": "zh",
    "ioc_fok": "refused",
    "cancel": "two_steps",
    "market_order_outside_rth": "refused",
}
"""All are told the next free number, and who uses it second is answered with the order of the first."""
REFUSED = TOLD_TWICE | {
    "used_number": "refused_1200",
    "lookup_by_number": "refused",
    "missing_order": "error",
    "unaffordable": "taken_then_inactive",
    "refusal_language": "en",
}


def test_every_order_happens_exactly_once_while_everything_fails(tmp_path):
    campaign = replace(SHORT, harms=FAR_JUMPS, readings=HURRIED)
    result = run(campaign, tmp_path)

    assert result.kills == 3
    assert result.is_good, render(campaign, result)


@pytest.mark.parametrize(("database", "readings"), [("sqlite", TOLD_TWICE), ("postgresql", REFUSED)])
def test_another_program_costs_no_order_however_tiger_answers(tmp_path, database, readings):
    if database not in DATABASES:
        pytest.skip("no PostgreSQL is offered")
    server = os.environ["TIGER_REST_TEST_DATABASE_URL"] if database == "postgresql" else None
    campaign = replace(SHORT, readings=readings, has_other_program=True, database_url=server)
    result = run(campaign, tmp_path)

    assert result.verdict.strangers > 0
    assert result.is_good, render(campaign, result)


def test_the_campaign_finds_the_duplicates_of_a_gateway_without_its_safety(tmp_path):
    campaign = replace(SHORT, harms=(), workers=2, gateway=CARELESS)
    result = run(campaign, tmp_path)

    assert result.verdict.faults.several_orders_at_tiger > 0, render(campaign, result)


def test_the_campaign_finds_what_a_gateway_without_its_comparison_tells(tmp_path):
    campaign = replace(SHORT, orders=150, harms=(), readings=TOLD_TWICE, has_other_program=True, gateway=CREDULOUS)
    result = run(campaign, tmp_path)

    assert not result.verdict.is_good, render(campaign, result)


@pytest.mark.parametrize("order_numbers", get_choices()["order_numbers"])
def test_a_hundred_orders_after_one_that_tiger_refused_are_all_placed(tmp_path, order_numbers):
    result = after_refusal.run(tmp_path, {"order_numbers": order_numbers, "used_number": "answers_holder"})

    assert result.refusal == "422 order_rejected"
    assert result.is_good, result
