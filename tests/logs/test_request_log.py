import json
import logging

import pytest

from app.logs.lines import JsonFormatter
from app.request_context import describe_request
from app.simulator.faults import Fault
from app.web.request_log import logger as request_log
from tests.support.client import FIRST
from tests.support.server import running_server

REQUEST_LOG = request_log.name
SPENT = {"milliseconds", "tiger_milliseconds", "own_milliseconds"}


class Lines(logging.Handler):
    """Keep the lines of a logger as JSON."""

    def __init__(self):
        super().__init__()
        self.formatter = JsonFormatter(describe_request)
        self.told = []

    def emit(self, record):
        self.told.append(json.loads(self.format(record)))


@pytest.fixture
def lines(app):
    handler = Lines()
    root = logging.getLogger()
    root.addHandler(handler)
    return handler.told


def requests(lines):
    return [line for line in lines if line["logger"] == REQUEST_LOG]


def test_each_request_is_one_line_with_its_id(client, lines):
    answer = client.send("/api/market/quote", {"account": FIRST, "symbol": "AAPL"}, **{"X-Request-ID": "my-own-id"})

    (line,) = requests(lines)
    assert answer.headers["X-Request-ID"] == line["request_id"] == "my-own-id"
    assert {name: value for name, value in line.items() if name not in {"time", *SPENT}} == {
        "level": "info",
        "logger": REQUEST_LOG,
        "message": "request",
        "request_id": "my-own-id",
        "method": "POST",
        "route": "/api/market/quote",
        "path": None,
        "status": 200,
        "key": "Full Access Client",
        "account": FIRST,
        "address": "127.0.0.1",
    }


def test_tigers_time_and_our_own_make_up_the_whole(client, lines, simulator):
    simulator.inject(Fault("delay", method="quote_real_time", seconds=0.2))
    client.data("/api/market/quote", symbol="AAPL")

    (line,) = requests(lines)
    assert 200 <= line["tiger_milliseconds"] < line["milliseconds"]
    assert line["own_milliseconds"] == pytest.approx(line["milliseconds"] - line["tiger_milliseconds"], abs=0.01)


def test_a_path_is_told_only_where_it_leads_nowhere(client, lines):
    client.get("/nowhere/x%0Ay?key=hidden")
    client.get("/docs/no-such-file")

    nowhere, somewhere = requests(lines)
    assert (nowhere["route"], nowhere["path"]) == ("unmatched", "/nowhere/x\ny")
    assert (somewhere["route"], somewhere["path"]) == ("/docs/<name>", None)


def test_a_request_without_a_valid_key_names_none(client, lines):
    client.with_key("wrong").post("/api/market/quote", symbol="AAPL")

    (line,) = requests(lines)
    assert (line["status"], line["key"], line["account"]) == (401, None, None)


def test_other_lines_of_a_request_name_the_same_request(client, lines, simulator):
    simulator.inject(Fault("http_500", method="quote_real_time"))
    answer = client.post("/api/market/quote", symbol="AAPL")

    warning = next(line for line in lines if line["level"] == "warning")
    assert warning["request_id"] == answer.headers["X-Request-ID"]
    assert (warning["key"], warning["account"]) == ("Full Access Client", FIRST)


def test_an_account_cannot_pretend_to_be_a_field(client, caplog):
    caplog.set_level(logging.INFO, REQUEST_LOG)
    client.send("/api/market/quote", {"account": 'x key="boss" from=1', "symbol": "AAPL"})

    line = next(record.getMessage() for record in caplog.records if record.name == REQUEST_LOG)
    assert line.startswith("POST /api/market/quote 403 ")
    assert line.endswith(' key="Full Access Client" account="x key=\\"boss\\" from=1" from=127.0.0.1')


def test_every_line_of_a_running_service_is_json_where_that_is_set(tmp_path, simulator):
    folder = str(simulator.folder)
    with running_server(tmp_path, TIGER_REST_GATEWAY__LOG_FORMAT="json", TIGER_REST_SIMULATOR__FOLDER=folder) as server:
        assert server.call("/api/market/quote", {"account": FIRST, "symbol": "AAPL"})[0] == 200
        server.stop()

    told = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"gunicorn.error", REQUEST_LOG} <= {line["logger"] for line in told}


def test_an_id_that_looks_like_a_key_is_not_taken_over(client, lines):
    sent = "trk_" + "a1" * 22
    answer = client.get("/health", **{"X-Request-ID": sent})

    (line,) = requests(lines)
    assert answer.headers["X-Request-ID"] == line["request_id"] != sent


def test_a_key_that_was_sent_as_account_or_path_is_withheld(client, lines):
    client.send("/api/market/quote", {"account": "client_key_001", "symbol": "AAPL"})
    client.get("/client_key_001")

    first, second = requests(lines)
    assert (first["account"], second["path"]) == ("[withheld]", "/[withheld]")
