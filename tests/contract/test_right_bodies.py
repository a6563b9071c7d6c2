"""No endpoint that takes a body is left out of the tests of bad input."""

from flask import Flask

from tests.contract.right_bodies import RIGHT


def test_every_endpoint_that_takes_a_body_has_a_right_one(module_app: Flask) -> None:
    taking = {rule.rule for rule in module_app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    # What agents send has a schema for each tool, and tests of its own.
    assert taking - {"/mcp"} == RIGHT.keys()
