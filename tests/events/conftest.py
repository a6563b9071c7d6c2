"""Fixtures: the event log of one account on each database."""

import pytest

from app.events.event_log import EventLog
from app.events.recorder import Recorder
from app.events.told_states import ToldStates
from app.events.wakes import Wakes
from app.storage import Storage


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def log(storage):
    return EventLog(storage)


@pytest.fixture
def told(storage):
    return ToldStates(storage)


@pytest.fixture
def wakes():
    return Wakes()


@pytest.fixture
def recorder(storage, log, told, wakes):
    return Recorder(storage, log, told, wakes)
