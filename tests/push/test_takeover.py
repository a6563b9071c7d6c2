"""The elected worker ends in each way that it can, and the next one has the only connection."""

import pytest

from bench.push_takeover import WAYS, running_campaign

LEASE_SECONDS = 1.5


@pytest.mark.long
def test_there_are_never_two_connections_however_the_leader_ends(tmp_path):
    told: list[str] = []
    with running_campaign(tmp_path, LEASE_SECONDS) as campaign:
        campaign.run(len(WAYS), told.append)
        seen = campaign.seen

    assert len(told) == len(WAYS)
    assert (seen.most_at_a_time, seen.kicked_leaders) == (1, 0)
    assert seen.connections == len(WAYS) + 1
