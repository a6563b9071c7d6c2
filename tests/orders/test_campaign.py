"""The fault campaign in its short form; ``make faults`` runs the long one."""

from bench.fault_campaign import Campaign, render, run


def test_every_order_happens_exactly_once_while_workers_die_and_tiger_fails(tmp_path):
    campaign = Campaign(seed=20251029, orders=200, kills=5)
    result = run(campaign, tmp_path)

    assert result.kills == 5
    assert result.is_good, render(campaign, result)


def test_the_campaign_finds_the_duplicates_of_a_gateway_without_its_safety(tmp_path):
    campaign = Campaign(seed=20251029, orders=100, kills=2, workers=2, is_safe=False)
    result = run(campaign, tmp_path)

    assert result.verdict.duplicated > 0, render(campaign, result)
