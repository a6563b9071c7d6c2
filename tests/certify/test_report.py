"""A report tells of Tiger, and nothing of whoever asked."""

import dataclasses

import pytest

from app.certify.replay import find_misfits
from app.certify.report import clean, get_shape
from app.gateway import get_gateway
from app.openapi.document import build_document
from app.openapi.examples import read_examples
from app.simulator.faults import Fault
from tests.support.client import DEMO_KEY, FIRST, PAPER, SECOND

# What a refusal of Tiger's could hold, in texts of orders and of reads.
TOLD = {
    "an account in a text": "account 50512345 is not authorized",
    "a person": "name: Erika Mustermann, see your contract",
    "a person in Chinese": "姓名：王小明, 请联系客服",
    "an address of the machine": "IP 203.0.113.77 is not in the white list",
    "a signature": "sign=" + "c2lnbmF0dXJl" * 6,
    "a token of another kind": "token: eyJhbGciOiJIUzI1NiJ9",
    "a mail address": "mail erika.m@example.org to ask",
    "a password in an address": "redis://gateway:hunter2@cache.example.org:6379/0",
    "a network card": "device 02:42:ac:11:00:02 is unknown",
    "an order": "order 41141143655546880 is not there",
}
PLANTED = (
    ["50512345", "Erika", "王小明", "203.0.113.77", "c2lnbmF0dXJl", "eyJhbGciOiJIUzI1NiJ9", "erika.m", "hunter2"]
    + ["02:42:ac:11:00:02", "41141143655546880"]
)  # fmt: skip
INSTITUTION = "institution-key-5f"
WITHOUT_AN_ANSWER = {"/api/trade/order-events", "/api/trade/exercise-check"}
"""What is about an order of the gateway's, or about an option that is held: there is none."""


ARRIVED = (
    "is not authorized",
    "see your contract",
    "请联系客服",
    "in the white list",
    "to ask",
    "is unknown",
    "is not there",
)
PLACES = (
    Fault("code", "preview_order"),
    Fault("code", "place_order", where={"time_in_force": "IOC"}),
    Fault("code", "place_order", where={"time_in_force": "FOK"}),
    Fault("code", "cancel_order", times=1),
    Fault("code", "corporate_action"),
)


@pytest.fixture
def stage(open_stage):
    """Set a stage whose owner is an institution, and on which Tiger tells of the owner at every occasion."""
    stage = open_stage({"lookup_by_number": "refused"}, secret_key=INSTITUTION)
    texts = list(TOLD.values())
    for turn, place in enumerate(PLACES):
        message = f"{texts[2 * turn]}; {texts[2 * turn + 1]}"
        stage.simulator.inject(dataclasses.replace(place, code=1200, message=message))
    return stage


def get_known(stage):
    """Return what the gateway itself knows of its owner, by name."""
    gateway = get_gateway(stage.app)
    (credential,) = [each for each in gateway.credentials if PAPER in {a.account for a in each.accounts}]
    connection = gateway.tiger.session(PAPER).link.connection
    orders = stage.simulator.orders(PAPER)
    return {
        "accounts": [FIRST, SECOND, PAPER],
        "developers": [each.tiger_id for each in gateway.credentials],
        "credentials": [each.name for each in gateway.credentials],
        "private key": [credential.private_key[40:80]],
        "secret key": [INSTITUTION],
        "token": [connection.token.current()],
        "device": [connection.client.configuration._device_id],
        "API key": [DEMO_KEY],
        "control": [stage.simulator.control_token],
        "orders": [str(order["id"]) for order in orders],
        "numbers": [f"number {order['orderId']}" for order in orders],
        "marks": [order["userMark"] for order in orders],
    }


def test_a_report_holds_nothing_of_whoever_asked(stage):
    result = stage.certify("--quote-permission")
    known = [secret for secrets in get_known(stage).values() for secret in secrets] + PLANTED
    told = result.output + "".join(file.read_text(encoding="utf-8") for file in stage.output.iterdir())

    assert len(set(known)) > 30
    assert [secret for secret in known if secret in told] == []
    assert [text for text in ARRIVED if text not in told] == []


@pytest.mark.parametrize("text", TOLD.values(), ids=TOLD)
def test_what_says_whose_account_it_is_is_hidden(text):
    assert [secret for secret in PLANTED if secret in clean(text, [])] == []


def test_what_says_how_tiger_answers_stays():
    text = "rate limit error(current limiting interface:place_order, up to 120 times per minute)"
    tuples = [
        "refused_1100",
        "2026-11-29T07:28:17+00:00",
        "订单不存在",
        "biz param error(field 'id' cannot be empty)",
        text,
    ]

    assert clean(tuples, ["simulator-two"]) == tuples


def test_a_shape_tells_members_and_kinds_and_no_values():
    told = {"id": 41141143655546880, "remark": "Erika", "status": "Invalid", "items": [{"price": 1.5}, {"price": 2}]}

    assert get_shape(told) == {"id": "int", "remark": "str", "status": "Invalid", "items": [{"price": "float"}]}
    assert get_shape({"Erika Mustermann": {"a": None}}) == {"*": {"a": "NoneType"}}


def test_every_read_endpoint_is_replayed_and_fits(open_stage):
    stage = open_stage({"quote_permission": "granted"})
    stage.certify()
    told = {row["endpoint"]: row for row in stage.read_report()["endpoints"]}
    reads = {line.split()[1] for line in read_examples().requests if "/market/" in line or "/info/" in line}
    commands = {"place-order", "modify-order", "cancel-order"}

    assert reads | {"/api/trade/orders", "/api/trade/order-status", "/api/trade/account-info"} <= told.keys()
    assert not any(command in path for path in told for command in commands)
    assert {path for path, row in told.items() if row["status"] != 200} <= WITHOUT_AN_ANSWER
    assert [misfit for row in told.values() for misfit in row["misfits"]] == []


def get_schema(document, line):
    method, path = line.split()
    return document["paths"][path][method.lower()]["responses"]["200"]["content"]["application/json"]["schema"]


def test_what_does_not_fit_a_schema_is_told_without_its_value(app):
    document, answer = build_document(app, "tiger_rest"), read_examples().answers["POST /api/market/quote"]
    wrong = {**answer, "data": {**answer["data"], "latest_price": "Erika"}}
    del wrong["data"]["symbol"]
    schema = get_schema(document, "POST /api/market/quote")

    assert list(find_misfits(document, schema, answer)) == []
    assert sorted(find_misfits(document, schema, wrong)) == [
        "body.data.latest_price is str, not number or null",
        "body.data.symbol is missing",
    ]


def test_every_recorded_answer_fits(app):
    document = build_document(app, "tiger_rest")
    answers = read_examples().answers.items()
    misfits = [
        misfit for line, answer in answers for misfit in find_misfits(document, get_schema(document, line), answer)
    ]

    assert misfits == []
