"""Nobody is sent elsewhere: an order that follows a redirect may go out in the clear, or twice."""

import pytest

from tests.support.client import assert_refusal


@pytest.mark.parametrize("path", ["//api/accounts", "/api//accounts", "//api//accounts", "/api/accounts/", "//health"])
def test_a_path_that_is_not_ours_is_not_found(client, path):
    assert_refusal(client.get(path, Host="example.com"), 404, "not_found")
