import json
import logging
import sys

import pytest

from app.logs.lines import JsonFormatter, RedactingFormatter
from app.logs.redaction import redact

KEY = "trk_" + "a1" * 22


def make_record(message, *arguments, **further):
    return logging.LogRecord("app.test", logging.INFO, __file__, 1, message, arguments, further.get("exc_info"))


def get_failure():
    try:
        int(f"Authorization: Bearer {KEY}")
    except ValueError:
        return sys.exc_info()


def test_a_text_line_names_time_level_request_and_place():
    line = RedactingFormatter(context=lambda: {"request_id": "abc"}).format(make_record("It is %s", "done"))

    assert line[4] == line[7] == "-"
    assert line[19] == ","
    assert line[23:] == " INFO    [abc] app.test: It is done"


def test_a_line_break_that_a_client_sent_begins_no_line_of_ours():
    line = RedactingFormatter("%(message)s").format(
        make_record("GET /%s", "x\n2026-01-01 INFO [-] all is well\r\x1b[2J")
    )

    assert line == "GET /x\n    2026-01-01 INFO [-] all is well\\x0d\\x1b[2J"


def test_a_json_line_is_one_object_on_one_line():
    context = {"request_id": "abc", "key": "Full Access Client", "account": "67686635"}
    line = JsonFormatter(lambda: context).format(make_record("two\nlines and \u2028 more"))

    told = json.loads(line)
    assert line.isascii()
    assert "\n" not in line
    assert told.pop("time").endswith("Z")
    assert told == {"level": "info", "logger": "app.test", "message": "two\nlines and \u2028 more", **context}


@pytest.mark.parametrize("formatter", [RedactingFormatter(), JsonFormatter()], ids=["text", "json"])
@pytest.mark.parametrize(
    "secret", [KEY, "client_key_001", f"bearer {KEY}", "BEARER abc", "MIIEpAIBAAKCAQEA" + "aB3/" * 30]
)
def test_no_form_lets_a_secret_out(formatter, secret):
    line = formatter.format(make_record("sent %s to Tiger", secret))

    assert "[withheld]" in line
    assert secret[-8:] not in line


@pytest.mark.parametrize("formatter", [RedactingFormatter(), JsonFormatter()], ids=["text", "json"])
def test_no_form_lets_a_secret_out_of_an_exception(formatter):
    line = formatter.format(make_record("It failed", exc_info=get_failure()))

    assert "ValueError" in line
    assert KEY not in line


def test_a_json_line_stays_json_where_a_secret_was_withheld():
    told = json.loads(JsonFormatter().format(make_record('{"authorization": "Bearer abc"}')))

    assert told["message"] == '{"authorization": "Bearer [withheld]'


@pytest.mark.parametrize(
    "text", ["3f9c2d5e8a7b4c1d9e0f3a5b7c9d1e2f", "/api/market/quote", "Token refresh completed: 3/3 successful"]
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text
