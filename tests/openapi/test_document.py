import json

import pytest
import yaml
from openapi_spec_validator import validate

from app.access.permissions import Access
from app.openapi.advice import ADVICE
from app.openapi.routes import UNDESCRIBED
from app.openapi.yaml_text import write_yaml


def operations(document):
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_says_what_it_does_and_what_it_answers(routes):
    undocumented = [route.line for route in routes if not route.documentation or route.answers is UNDESCRIBED]

    assert undocumented == []


def test_every_post_says_what_it_takes(routes):
    undocumented = [route.line for route in routes if route.method == "POST" and route.request is None]

    assert undocumented == []


def test_every_listed_endpoint_is_described(client, document):
    listing = client.get("/api/endpoints").get_json()["data"]
    listed = {line.replace("<", "{").replace(">", "}") for lines in listing.values() for line in lines}

    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert described == listed


def test_every_member_of_requests_and_answers_is_described(document):
    silent = [
        f"{name}.{member}"
        for name, schema in document["components"]["schemas"].items()
        for member, field in schema.get("properties", {}).items()
        if not field.get("description") and member not in {"success", "account"}
    ]

    assert silent == []


def test_permissions_stand_in_the_document(document, routes):
    told = {
        operation["operationId"]: (operation["x-permission"], operation["security"])
        for operation in operations(document)
    }

    for route in routes:
        roles = [route.access.value] if route.access.permission else []
        expected = [] if route.access is Access.PUBLIC else [{"api_key": roles}]
        assert told[route.operation] == (route.access.value, expected)


def test_a_guarded_operation_tells_its_refusals(document):
    for operation in operations(document):
        statuses = set(operation["responses"])
        assert operation["x-permission"] == "public" or statuses >= {"200", "401", "429", "500", "503"}


@pytest.mark.parametrize("name", ["place_order", "modify_order", "cancel_order"])
def test_an_order_command_tells_of_idempotency_and_unknown_outcomes(document, name):
    operation = next(found for found in operations(document) if found["operationId"] == f"trading_{name}")

    assert {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
    assert "Idempotent-Replayed" in operation["responses"]["200"]["headers"]
    assert operation["responses"].keys() >= {"200", "202", "400", "404", "409", "422", "429", "502", "503", "504"}


def test_every_header_and_every_error_code_stands_in_the_document(document):
    text = json.dumps(document)
    headers = {
        reference for reference in document["components"]["headers"] if f"#/components/headers/{reference}" in text
    }

    assert headers == set(document["components"]["headers"])
    assert [code for code in ADVICE if f"`{code}`: " not in text] == []


def test_operation_ids_are_unique(document):
    ids = [operation["operationId"] for operation in operations(document)]

    assert len(ids) == len(set(ids))


def test_yaml_says_the_same_as_json(document):
    assert yaml.safe_load(write_yaml(document)) == json.loads(json.dumps(document))


def test_odd_scalars_survive_yaml():
    odd = {
        "no": [None, True, 1.5, 1e-05, 3.94e22, "", "yes", "0x1", "a: b # c", "\u00e9\u4e2d\U0001f600\t\n\"'\\"],
        "1": {},
        "": [],
    }

    assert yaml.safe_load(write_yaml(odd)) == odd
