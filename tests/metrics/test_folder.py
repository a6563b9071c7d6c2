import subprocess
import sys

import pytest
from prometheus_client.mmap_dict import MmapedDict

from app.operations.metrics import Metrics
from app.operations.metrics.exposition import render
from app.operations.metrics.value_file import ValueFile
from tests.metrics.exposed import Exposed

SENT = "tiger_rest_upstream_requests_total"
CIRCUIT = "tiger_rest_circuit_open"

# Another process of the same gateway, which counts, tells that it has, and ends when it is told to.
OTHER = """
import sys
from pathlib import Path
from app.operations.metrics import Metrics
metrics = Metrics(Path(sys.argv[1]))
metrics.open()
metrics.count_sent("assets")
metrics.set_circuit("main", "assets", True)
print("counted", flush=True)
sys.stdin.read()
"""

LITTLE_ROOM = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))
"""


def test_what_has_no_room_is_left_out(tmp_path, caplog):
    file = tmp_path / "values.db"
    values = ValueFile(file, 4_096)
    for number in range(200):
        values.add(f"series {number}", 1)
        values.add("series 0", 1)
    values.close()
    read = {key: value for key, value, *_ in MmapedDict.read_all_values_from_file(str(file))}

    assert file.stat().st_size == 4_096
    assert read["series 0"] == 201
    assert list(read) == [f"series {number}" for number in range(len(read))]
    assert caplog.text.count("have no room for further series") == 1


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "metrics"


@pytest.fixture
def open_metrics(folder):
    opened = []

    def open_one():
        metrics = Metrics(folder)
        metrics.open()
        opened.append(metrics)
        return metrics

    yield open_one
    for metrics in opened:
        metrics.close()


@pytest.fixture
def start_other(folder):
    started = []

    def start():
        command = [sys.executable, "-c", OTHER, str(folder)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"counted\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def read(metrics):
    return Exposed(render(metrics.folder, [], "")[0].decode())


def end(process):
    process.communicate(b"", timeout=10)


def test_what_all_processes_counted_is_added_up(open_metrics, start_other):
    mine = open_metrics()
    mine.count_sent("assets")
    start_other()

    assert read(mine).value(SENT, method="assets") == 2


def test_what_an_ended_process_counted_stays(open_metrics, start_other):
    mine = open_metrics()
    end(start_other())

    assert read(mine).value(SENT, method="assets") == 1


def test_a_state_ends_with_its_process(open_metrics, start_other):
    mine = open_metrics()
    mine.set_circuit("main", "assets", False)
    other = start_other()
    assert read(mine).value(CIRCUIT, credential="main", method="assets") == 1
    end(other)

    assert read(mine).value(CIRCUIT, credential="main", method="assets") == 0


def test_files_of_ended_processes_become_one_and_lose_nothing(open_metrics, start_other, folder):
    mine = open_metrics()
    mine.count_sent("assets")
    for _ in range(3):
        end(start_other())
    open_metrics()

    assert read(mine).value(SENT, method="assets") == 4
    assert len(list(folder.glob("counter_*.db"))) == 3
    assert len(list(folder.glob("gauge_livemax_*.db"))) == 2
    assert len(list(folder.glob("gauge_livesum_*.db"))) == 2


def test_whoever_comes_alone_begins_afresh(open_metrics, start_other, folder):
    end(start_other())
    mine = open_metrics()

    assert read(mine).value(SENT) == 0
    assert len(list(folder.glob("counter_*.db"))) == 1


def test_whoever_leaves_and_returns_alone_begins_afresh(open_metrics):
    mine = open_metrics()
    mine.count_sent("assets")
    mine.close()
    mine.count_sent("assets")
    mine.open()

    assert read(mine).value(SENT) == 0


def test_more_series_than_a_file_has_room_for_are_kept(open_metrics):
    mine = open_metrics()
    for number in range(1_000):
        mine.count_sent(f"method-{number}")

    assert read(mine).value(SENT) == 1_000


def test_a_folder_that_cannot_be_written_costs_the_metrics_alone(folder, caplog):
    folder.write_text("in the way")
    metrics = Metrics(folder)
    metrics.open()
    metrics.count_request("GET", "/health", 200, 0.1, 0.0)

    assert metrics.folder is None
    assert "Nothing is counted" in caplog.text


def test_a_full_disk_costs_the_metrics_alone_and_leaves_no_half_made_file(folder):
    command = [sys.executable, "-c", LITTLE_ROOM + OTHER, str(folder)]
    result = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False)

    assert result.returncode == 0, result.stderr
    assert [file.name for file in folder.iterdir() if ".db" in file.name] == []
