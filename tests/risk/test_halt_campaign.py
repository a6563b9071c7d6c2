"""The short form of the campaign that halts trading in the middle of placements."""

import pytest

from bench.halt_campaign import run


@pytest.mark.long
def test_a_halt_among_placements_holds_whatever_happens(tmp_path):
    result = run(orders=300, cancels=30, folder=tmp_path)

    assert result.is_good, result.to_dict()
