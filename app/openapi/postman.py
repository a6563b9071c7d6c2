"""Make a Postman collection out of the OpenAPI document: a folder for each category, and tests in each request."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.openapi.links import LINKS
from app.web.description import JSON

FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
VARIABLES = {"base_url": "http://localhost:9000", "api_key": "client_key_001", "account": "67686635"}
QUERY = {"account": "{{account}}", "wait": "0"}
"""What stands in the address of a request that takes it."""
STREAM = "text/event-stream"
ANNOTATIONS = frozenset({"description", "examples", "example", "default", "format"})


def build_collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the collection; its requests run one after the other, each taking what those before it found."""
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            folders[operation["tags"][0]] += _describe_requests(document, method.upper(), path, operation)
    learnt = sorted({link.field for links in LINKS.values() for link in links})
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "version": document["info"]["version"],
            "schema": FORMAT,
        },
        "variable": [
            *({"key": name, "value": value} for name, value in VARIABLES.items()),
            *({"key": name, "value": ""} for name in learnt),
        ],
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{api_key}}", "type": "string"}]},
        "item": [
            {"name": tag["name"], "description": tag["description"], "item": folders[tag["name"]]}
            for tag in document["tags"]
        ],
    }


def _describe_requests(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the request of an operation; of one that answers what itself can take, also one without it before."""
    if STREAM in operation["responses"]["200"]["content"]:
        # It has no end, and the collection would wait for that.
        return
    line, itself = f"{method} {path}", operation["operationId"]
    taken = {link.field for links in LINKS.values() for link in links if link.operation == itself}
    own = {link.field for link in LINKS.get(line, ()) if link.operation == itself}
    for without in (own, set()) if own else (set(),):
        request: dict[str, Any] = {
            "method": method,
            "description": operation["description"],
            "header": _describe_headers(operation),
            "url": _describe_url(path, operation),
            **({} if operation["security"] else {"auth": {"type": "noauth"}}),
        }
        if "requestBody" in operation:
            example = operation["requestBody"]["content"][JSON].get("example", {})
            body = {name: value for name, value in example.items() if name not in without}
            body |= {name: f"{{{{{name}}}}}" for name in (*(taken - without), "account") if name in body}
            text = json.dumps(body, ensure_ascii=False, indent=2)
            request["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
        script = {"type": "text/javascript", "exec": list(_write_tests(document, line, operation))}
        yield {
            "name": operation["summary"] + (f" (without {', '.join(sorted(without))})" if without else ""),
            "request": request,
            "event": [{"listen": "test", "script": script}],
        }


def _describe_headers(operation: Mapping[str, Any]) -> list[dict[str, str]]:
    headers = [{"key": "Content-Type", "value": JSON}] if "requestBody" in operation else []
    if {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]:
        headers.append({"key": "Idempotency-Key", "value": "{{$guid}}"})
    return headers


def _describe_url(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    parts = [f":{part[1:-1]}" if part.startswith("{") else part for part in path.strip("/").split("/")]
    url: dict[str, Any] = {"raw": "{{base_url}}/" + "/".join(parts), "host": ["{{base_url}}"], "path": parts}
    variables = [
        {"key": parameter["name"], "value": parameter.get("example", "")}
        for parameter in operation["parameters"]
        if parameter.get("in") == "path"
    ]
    named = {parameter["name"] for parameter in operation["parameters"] if parameter.get("in") == "query"}
    if query := [{"key": key, "value": value} for key, value in QUERY.items() if key in named]:
        url["raw"] += "?" + "&".join(f"{each['key']}={each['value']}" for each in query)
        url["query"] = query
    return {**url, "variable": variables} if variables else url


def _write_tests(document: Mapping[str, Any], line: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that check an answer, and those that keep what later requests take."""
    yield 'pm.test("answers 200", () => pm.response.to.have.status(200));'
    yield 'pm.test("names the request", () => pm.response.to.have.header("X-Request-ID"));'
    content = operation["responses"]["200"]["content"]
    if JSON not in content:
        media_type = next(iter(content))
        if media_type != "*/*":
            yield f'pm.test("is {media_type}", () => pm.expect(pm.response.headers.get("Content-Type")).to.include("{media_type}"));'  # noqa: E501 - a line of JavaScript.
        return
    schema = resolve(document, content[JSON]["schema"])
    if schema:
        yield f"const schema = {json.dumps(schema, ensure_ascii=False, separators=(',', ':'))};"
        yield 'pm.test("fits its schema", () => pm.response.to.have.jsonSchema(schema));'
    for field, pointer in {link.field: link.pointer for link in LINKS.get(line, ())}.items():
        steps = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in pointer.strip("/").split("/"))
        yield f'pm.collectionVariables.set("{field}", pm.response.json(){steps});'


def resolve(document: Mapping[str, Any], schema: Any) -> Any:
    """Return a schema without references and without what only people read."""
    if isinstance(schema, list):
        return [resolve(document, part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolve(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    # Inside ``properties`` these words are names of members.
    return {
        word: {name: resolve(document, member) for name, member in part.items()}
        if word == "properties"
        else resolve(document, part)
        for word, part in schema.items()
        if word not in ANNOTATIONS
    }
