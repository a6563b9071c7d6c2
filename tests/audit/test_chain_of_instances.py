"""Two instances write one chain without forks, killed meanwhile."""

import pytest

from bench import audit_instances


@pytest.mark.long
def test_two_instances_that_are_killed_write_one_chain(empty_database_url, tmp_path):
    result = audit_instances.run(5.0, tmp_path, empty_database_url)

    assert result.is_good, result
