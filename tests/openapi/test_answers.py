from typing import Any

from app.openapi.examples import read_examples
from tests.openapi.shapes import fits, get_problems, get_shape
from tests.openapi.story import RESTING, ask
from tests.support.client import PAPER, Client

# What is asked for besides the story, since an answer has a member or a row only then.
FURTHER: list[tuple[str, dict[str, Any]]] = [
    ("/api/market/quote", {"symbol": "00700"}),
    ("/api/market/quote", {"symbol": "ZZZZ"}),
    ("/api/market/quote", {"symbol": "ESmain"}),
    ("/api/market/quote", {"symbol": "BTC.USD", "sec_type": "CC"}),
    (
        "/api/market/batch",
        {"instruments": [{"symbol": "ESmain"}, {"symbol": "AAPL"}], "fields": ["settlement"], "extended_hours": True},
    ),
    ("/api/market/batch", {"symbols": ["AAPL"], "fields": ["close", "bid_size", "ask_size", "status", "timestamp"]}),
    ("/api/market/kline", {"symbol": "600519", "period": "5min"}),
    ("/api/market/kline", {"symbol": "ESmain", "limit": 2}),
    ("/api/market/kline", {"symbol": "BTC/USD", "sec_type": "CC", "limit": 2}),
    ("/api/market/kline", {"symbol": "AAPL201218C00150000"}),
    ("/api/market/option-chain", {"symbol": "00700"}),
    ("/api/market/status", {"market": "ALL"}),
    ("/api/market/trading-calendar", {"market": "US", "begin_date": "2026-03-14", "end_date": "2026-03-15"}),
    ("/api/market/depth", {"symbol": "00700"}),
    ("/api/market/depth", {"symbol": "ZZZZ"}),
    ("/api/market/ticks", {"symbol": "ESmain", "limit": 3}),
    ("/api/market/timeline", {"symbol": "BTC.USD", "sec_type": "CC"}),
    ("/api/market/option-analysis", {"symbols": ["00700", "ZZZZ"]}),
    ("/api/market/capital-flow", {"symbol": "00700", "period": "intraday", "limit": 2}),
    ("/api/market/capital-flow", {"symbol": "ZZZZ"}),
    ("/api/market/brokers", {"symbol": "09999"}),
    ("/api/market/search", {"keyword": "ES", "sec_type": "FUT"}),
    ("/api/market/search", {"keyword": "tencent", "market": "HK"}),
    ("/api/market/rank", {"market": "HK"}),
    ("/api/market/depth", {"symbol": "ESmain"}),
    ("/api/market/depth", {"symbol": "14339", "sec_type": "WAR"}),
    ("/api/market/scanner", {"market": "HK", "filters": [{"field": "MultiTagField_Industry"}]}),
    ("/api/market/scanner", {"filters": [{"field": "StockField_Nothing"}]}),
    ("/api/market/warrants", {"symbol": "00700", "filters": {"types": ["BEAR"]}}),
    ("/api/market/warrants", {"symbol": "09999"}),
    ("/api/market/symbols", {"sec_type": "OPT"}),
    ("/api/market/symbols", {"sec_type": "FUND", "limit": 2}),
    ("/api/info/contracts", {"symbols": ["00700", "ZZZZ"]}),
    ("/api/info/contracts", {"symbols": ["ES"], "sec_type": "FUT"}),
    ("/api/info/contracts", {"instruments": [{"symbol": "CLmain"}, {"symbol": "BTC/USD", "sec_type": "CC"}]}),
    ("/api/info/financials", {"symbols": ["AAPL"], "fields": ["gross_profit"], "begin_date": "2024-01-01"}),
    ("/api/info/corporate-actions", {"symbols": ["AAPL", "TSLA", "NVDA"], "begin_date": "2020-01-01"}),
    ("/api/info/fundamentals", {"symbols": ["SPY", "ZZZZ"]}),
    ("/api/info/industries", {}),
    ("/api/info/industries", {"industry": "4530", "market": "US"}),
    ("/api/info/exchange-rates", {"currencies": ["XXX"], "begin_date": "2026-01-01", "end_date": "2026-03-01"}),
    ("/api/info/futures", {}),
    ("/api/info/futures", {"exchange": "NYMEX"}),
    ("/api/info/futures", {"type": "CL"}),
    ("/api/info/futures", {"type": "NOSUCH"}),
    ("/api/info/futures", {"code": "ESmain", "trading_date": "2026-03-14"}),
    ("/api/info/funds", {}),
    ("/api/info/fund-history", {"symbols": ["SG9999014039.USD"]}),
    ("/api/trade/positions", {"sec_type": "ALL"}),
    ("/api/trade/orders", {"status": "Filled"}),
    ("/api/trade/order-status", {"order_id": "1"}),
    ("/api/trade/modify-order", {"order_id": "1", "quantity": 2}),
    ("/api/trade/place-order", {"symbol": "AAPL", **RESTING, "quantity": 10_000_000, "limit_price": 900}),
    ("/api/trade/place-order", {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}),
    ("/api/trade/place-order", {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}),
    ("/api/market/quote", {"account": "1", "symbol": "AAPL"}),
]

# What other programs read, and what has tests of its own.
NO_JSON_ENVELOPE = ("/docs", "/openapi", "/metrics", "/api/stream/events", "/api/stream/quotes")


def get_response(document, line, status):
    method, path = line.split()
    responses = document["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{line} answers {status}, which is not documented"
    response = responses[str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return response


def get_misfits(document, chapter):
    line, _, answer = chapter
    response = get_response(document, line, answer.status_code)
    schema = response["content"]["application/json"]["schema"]
    problems = [f"{line} {answer.status_code} {text}" for text in get_problems(document, schema, answer.get_json())]
    undeclared = {"Retry-After", "WWW-Authenticate", "Idempotent-Replayed", "Age"} - response["headers"].keys()
    return problems + [f"{line} sends {name}, which is not documented" for name in undeclared if name in answer.headers]


def test_every_real_answer_fits_its_schema(document, story):
    assert [misfit for chapter in story for misfit in get_misfits(document, chapter)] == []


def test_rarer_answers_and_errors_fit_their_schemas(document, client):
    chapters = [ask(client, path, **fields) for path, fields in FURTHER]

    assert [misfit for chapter in chapters for misfit in get_misfits(document, chapter)] == []


def test_refusals_of_access_fit_their_schemas(document, client):
    strangers = [
        client.with_key(None),
        client.with_key("client_key_demo"),
        Client(client.app, "client_key_demo", PAPER),
    ]
    chapters = [ask(stranger, "/api/token/refresh") for stranger in strangers]

    assert [chapter[2].status_code for chapter in chapters] == [401, 403, 403]
    assert [misfit for chapter in chapters for misfit in get_misfits(document, chapter)] == []


def test_the_story_visits_every_documented_endpoint(document, story):
    told = {line for line, _, _ in story}
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}

    assert {line for line in described - told if not line.removeprefix("GET ").startswith(NO_JSON_ENVELOPE)} == set()


def test_the_examples_have_the_shape_of_real_answers(story):
    examples = read_examples()
    stale = [
        line
        for line, body, answer in story
        if not fits(get_shape(examples.answers.get(line)), get_shape(answer.get_json()))
        or (examples.requests.get(line) or {}).keys() != (body or {}).keys()
    ]

    assert stale == []
    assert set(examples.answers) == {line for line, _, _ in story}


def test_the_examples_fit_the_schemas(document):
    examples = read_examples()

    for line, example in examples.answers.items():
        schema = get_response(document, line, 200)["content"]["application/json"]["schema"]
        assert get_problems(document, schema, example) == [], line


def test_a_wrong_answer_would_be_noticed(document, story):
    line, _, answer = next(chapter for chapter in story if chapter[0] == "POST /api/market/quote")
    response = get_response(document, line, 200)["content"]["application/json"]["schema"]
    wrong = answer.get_json()
    wrong["data"] |= {"latest_price": "175.5", "surprise": 1}

    assert len(get_problems(document, response, wrong)) == 2
