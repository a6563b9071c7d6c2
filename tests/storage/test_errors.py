"""A value that does not fit is not told as a database that does not answer."""

import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from app.errors import StorageUnavailable
from app.storage import Storage

SECRET = "v1:what nobody is to read"  # noqa: S105 - as it says.


def test_a_value_that_does_not_fit_is_not_told_as_an_outage(tmp_path):
    storage = Storage(f"sqlite:///{tmp_path}/gateway.db", tmp_path)

    with pytest.raises(DataError), storage.writing():
        raise DataError("INSERT", {}, Exception("value too long"))
    with pytest.raises(StorageUnavailable), storage.writing():
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))
    storage.close()


def test_no_error_of_a_statement_tells_what_it_was_given(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    with pytest.raises(StorageUnavailable) as failed, storage.writing() as connection:
        connection.execute(text("UPDATE nowhere SET token = :token"), {"token": SECRET})
    storage.close()

    told = "".join(traceback.format_exception(failed.value))
    assert "nowhere" in told
    assert SECRET not in told
