"""A value that does not fit is not told as a database that does not answer."""

import pytest
from sqlalchemy.exc import DataError, OperationalError

from app.errors import StorageUnavailable
from app.storage import Storage


def test_a_value_that_does_not_fit_is_not_told_as_an_outage(tmp_path):
    storage = Storage(f"sqlite:///{tmp_path}/gateway.db", tmp_path)

    with pytest.raises(DataError), storage.writing():
        raise DataError("INSERT", {}, Exception("value too long"))
    with pytest.raises(StorageUnavailable), storage.writing():
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))
    storage.close()
