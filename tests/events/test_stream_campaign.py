"""The short form of the campaign that kills clients, workers and Tiger's push among the events of accounts."""

from dataclasses import replace

import pytest

from bench.streaming.campaign import FORGETFUL, Campaign, run

SHORT = Campaign(orders=150, clients=8, workers=2, pause_seconds=0.15)


@pytest.mark.long
def test_every_client_has_each_event_once_and_in_order_whatever_happens(tmp_path):
    result = run(SHORT, tmp_path)

    assert result.verdict.is_good, result
    assert result.harm["elected worker killed"] >= 1


@pytest.mark.long
def test_without_the_comparison_after_a_gap_events_are_lost(tmp_path):
    lost = run(replace(SHORT, gateway=FORGETFUL, calm_seconds=2.0), tmp_path).verdict

    assert lost.lost_orders + lost.lost_fills > 0
    assert (lost.missing, lost.doubled, lost.disordered) == (0, 0, 0)
