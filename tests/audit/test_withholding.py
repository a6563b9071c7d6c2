"""A text of any length is searched in no time, and what is recorded of it holds no secret."""

import time

import pytest

from app.audit.withholding import LONGEST, Withholding
from app.errors import InvalidRequest
from tests.orders.trader import get_order
from tests.support.client import assert_refusal

LONG = 65_000
SLOWEST_SECONDS = 1.0
"""Searched from each of its places to its end, such a text takes minutes."""


@pytest.mark.parametrize(
    "text",
    [
        "a-" * (LONG // 2),
        "a" * LONG,
        "secret" * (LONG // 6),
        "secret " * (LONG // 7) + "=",
        "eyJ-aaaaaaaa" * (LONG // 12),
        "a.b+" * (LONG // 4) + "://",
        "bearer " * (LONG // 7),
        "Aa1-" * (LONG // 4),
        "A1/" * (LONG // 3),
    ],
    ids=lambda text: text[:8],
)
def test_a_long_text_is_searched_soon(text):
    begun = time.process_time()
    cleaned = Withholding(["another secret"]).clean({"reason": text, text: text})

    assert time.process_time() - begun < SLOWEST_SECONDS
    assert len(cleaned["reason"]) <= 4 * LONGEST


def test_a_name_that_is_no_name_is_not_quoted(client):
    refused = client.post("/api/trade/place-order", **get_order(), **{"a-" * 20_000: 1})

    assert_refusal(refused, 400, "invalid_request")
    assert len(refused.get_json()["error"]) < 1_000
    assert (
        str(InvalidRequest.of_fields({"quantity": ["Send more."]})) == "The request is not valid: quantity: Send more."
    )


@pytest.mark.parametrize("keyword", ["a" * 65_000 + "\u0001", " " * 65_000, "\u00a0" * 10_000])
def test_a_long_word_is_refused_for_its_length(client, keyword):
    begun = time.process_time()
    refused = client.post("/api/market/search", keyword=keyword[: 65_000 - 100])

    assert_refusal(refused, 400, "invalid_request")
    assert time.process_time() - begun < SLOWEST_SECONDS
