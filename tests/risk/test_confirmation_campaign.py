"""The short form of the campaign of confirmation tokens that are not good, over the processes of one gateway."""

import pytest

from bench.confirmation_campaign import run


@pytest.mark.long
def test_no_bad_token_places_and_a_good_one_places_once(tmp_path):
    result = run(tokens=140, folder=tmp_path)

    assert result.is_good, result.to_dict()
