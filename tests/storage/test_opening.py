"""A new SQLite file serves everybody who opens it, at the same moment too."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.storage.engine import Storage

TOGETHER = 6
FILES = 60


def test_a_new_file_can_be_opened_by_many_at_once(tmp_path):
    barrier = threading.Barrier(TOGETHER)

    def open_all(_number):
        for file in range(FILES):
            storage = Storage(f"sqlite:///{tmp_path}/{file}.db", tmp_path)
            barrier.wait(10)
            storage.ping()
            storage.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        assert list(pool.map(open_all, range(TOGETHER))) == [None] * TOGETHER
