"""What belongs to one request is typed, and no other request finds it."""

import ast
from pathlib import Path

import pytest

from app import create_app
from app.gateway import get_gateway
from tests.support.client import Client, assert_refusal
from tests.support.server import ROOT

TYPED = [*(ROOT / "blueprints").glob("*.py"), ROOT / "app/web/guard.py", ROOT / "app/request_context.py"]


@pytest.mark.parametrize(
    "file", [each for each in TYPED if each.parent.name != "blueprints"], ids=lambda file: file.name
)
def test_the_type_checker_sees_the_whole_request(file: Path):
    names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}

    assert names.isdisjoint({"Any", "cast"})


def test_requests_within_one_application_context_keep_apart(app, client):
    with app.app_context():
        found = [client.data("/api/market/quote", symbol=symbol)["symbol"] for symbol in ("AAPL", "MSFT")]

    assert found == ["AAPL", "MSFT"]


def test_a_forked_process_that_cannot_open_the_database_says_so(settings):
    app = create_app(settings)
    get_gateway(app).close()
    app.extensions["tiger_rest"]._gateways = {}
    for file in settings.instance.glob("gateway.db*"):
        file.unlink()
    (settings.instance / "gateway.db").mkdir()

    assert_refusal(Client(app).get("/api/accounts"), 503, "storage_unavailable")
