"""A gateway as users run it, for the clients that are programs of their own."""

from collections.abc import Iterator

import pytest

from tests.support.server import Server, running_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("gateway"), "--workers", "1") as running:
        yield running
