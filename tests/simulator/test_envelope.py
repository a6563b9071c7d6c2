"""What a request has to look like, and who may send it."""

import json
from typing import Any

import pytest

from app.simulator import signatures
from app.simulator.running import Simulator
from tests.simulator.trader import FIRST, Wire


@pytest.mark.parametrize("field", ["method", "version", "tiger_id", "charset", "sign_type", "timestamp", "sign"])
def test_a_missing_envelope_field_is_named(wire: Wire, field: str) -> None:
    fields = wire.sign("accounts")
    del fields[field]
    answer = wire.post(fields)[1]

    assert answer["code"] == 1000
    assert f"field '{field}' cannot be empty" in answer["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": "yesterday"},
        {"timestamp": "2026-13-01 00:00:00"},
        {"version": "9.9"},
        {"charset": "latin-1"},
        {"sign_type": "RSA2"},
        {"tiger_id": "1"},
        {"biz_content": "{"},
        {"biz_content": "3"},
    ],
)
def test_a_wrong_envelope_is_refused(wire: Wire, changes: dict[str, str]) -> None:
    assert wire.ask("accounts", **changes)["code"] == 1000


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(wire: Wire, body: bytes) -> None:
    assert wire.post(body)[1]["code"] == 1000


@pytest.mark.parametrize(
    "change", [{"biz_content": json.dumps({"account": FIRST, "x": 1})}, {"sign": "AAAA"}, {"extra": 1}]
)
def test_a_change_after_signing_is_noticed(wire: Wire, change: dict[str, Any]) -> None:
    answer = wire.post(wire.sign("positions", {"account": FIRST}) | change)[1]

    assert answer["code"] == 1000
    assert "failed to verify signature" in answer["message"]


def test_the_signature_of_another_key_is_refused(simulator: Simulator, wire: Wire) -> None:
    fields = wire.sign("accounts")
    foreign = signatures.make_private_key(1024)
    fields["sign"] = signatures.sign(foreign, signatures.get_signed_content(fields))

    assert "failed to verify signature" in wire.post(fields)[1]["message"]
    assert not simulator.requests()[-1].signature_is_valid


def test_text_beyond_ascii_and_values_that_are_no_text_are_signed(wire: Wire) -> None:
    answer = wire.ask("accounts", {"lang": "zh_CN", "note": "合约"}, number=7, flag=True)

    assert answer["code"] == 0


def test_a_repeat_of_a_request_is_as_good_as_the_first(wire: Wire) -> None:
    fields = wire.sign("accounts")

    assert [wire.post(fields)[1]["code"] for _ in range(3)] == [0, 0, 0]


def test_an_unknown_method_is_refused_by_name(wire: Wire) -> None:
    answer = wire.ask("no_such_method")

    assert answer["code"] == 1000
    assert "no_such_method" in answer["message"]


def test_an_answer_is_unsigned_and_timed(simulator: Simulator, wire: Wire) -> None:
    answer = wire.ask("accounts")

    assert set(answer) == {"code", "message", "timestamp", "data"}
    assert abs(answer["timestamp"] - simulator.now_ms) < 5000
