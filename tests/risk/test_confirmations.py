"""A key that asks for confirmation places what was previewed, once, and nothing else in the world."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update

from app.access.permissions import Permission
from app.risk.confirmations import PREFIX
from app.risk.halts import Halts, Mode
from app.storage.halt_tables import confirmations
from tests.orders.trader import get_order, get_price
from tests.support.client import FIRST, SECOND, Client, assert_envelope, assert_refusal

PLACE = "/api/trade/place-order"


@pytest.fixture
def careful(trader, gateway):
    """Give a client whose key places only what it has previewed."""
    accounts, granted = [FIRST, SECOND], [Permission.TRADE, Permission.READ]
    return Client(trader.app, gateway.keys.create("careful", accounts, granted, requires_confirmation=True))


@pytest.fixture
def body():
    """Give an order like no other."""
    return get_order(limit_price=get_price())


def preview(client, body):
    response = client.send("/api/trade/preview-order", body)
    assert_envelope(response, 200, body["account"])
    return response.get_json()["data"]["confirm_token"]


def place(client, body, token, key=None):
    return client.send(PLACE, {**body, "confirm_token": token}, **({} if key is None else {"Idempotency-Key": key}))


def test_without_a_token_nothing_is_placed(trader, careful, body):
    assert_refusal(careful.send(PLACE, body), 403, "confirmation_required")
    assert trader.held(body["limit_price"]) == []


def test_what_was_previewed_is_placed_once(trader, careful, body):
    token = preview(careful, body)
    first, second = (place(careful, body, token) for _ in range(2))

    assert_envelope(first, 200, FIRST)
    assert_envelope(second, 200, FIRST)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(trader.held(body["limit_price"])) == 1


def test_a_token_that_was_used_under_a_key_is_good_under_no_other(trader, careful, body):
    token = preview(careful, body)
    place(careful, body, token, key=f"a {body['limit_price']}".replace(" ", "-"))
    second = place(careful, body, token)

    assert_refusal(second, 403, "confirmation_required")
    assert "look at the orders before you preview another one" in second.get_json()["error"]
    assert len(trader.held(body["limit_price"])) == 1


@pytest.mark.parametrize("settings", [3.0], indirect=True)
def test_a_repeat_after_a_lost_answer_is_a_repeat_of_what_was_confirmed(trader, careful, body):
    token = preview(careful, body)
    trader.inject("lost_answer", times=9)
    first = place(careful, body, token)
    trader.simulator.clear_faults()
    second = place(careful, body, token)

    assert first.status_code in {200, 202}
    assert_envelope(second, 200, FIRST)
    assert len(trader.held(body["limit_price"])) == 1


@pytest.mark.parametrize(
    "other", [{"quantity": 2}, {"limit_price": 1.01}, {"action": "SELL"}, {"symbol": "MSFT"}, {"time_in_force": "GTC"}]
)
def test_another_body_is_not_placed_and_leaves_the_token_good(careful, body, other):
    token = preview(careful, body)

    assert_refusal(place(careful, {**body, **other}, token), 403, "confirmation_required")
    assert_envelope(place(careful, body, token), 200, FIRST)


def test_a_token_is_good_for_its_account_alone(careful, body):
    token = preview(careful, body)

    assert_refusal(place(careful, {**body, "account": SECOND}, token), 403, "confirmation_required")


def test_a_token_is_good_for_its_key_alone(trader, careful, gateway, body):
    key = gateway.keys.create("other", [FIRST], [Permission.TRADE], requires_confirmation=True)
    token = preview(careful, body)

    assert_refusal(place(Client(trader.app, key), body, token), 403, "confirmation_required")
    # Who sends one that is not good does not place without it, either.
    assert_refusal(place(trader.client, body, token), 403, "confirmation_required")


@pytest.mark.parametrize("shift_ms", [-120_000, 60_000])
def test_a_token_ends_by_itself_also_where_the_clock_is_set_back(careful, gateway, body, shift_ms):
    token = preview(careful, body)
    with gateway.storage.writing() as connection:
        connection.execute(update(confirmations).values(expires_at=confirmations.c.expires_at + shift_ms))

    assert_refusal(place(careful, body, token), 403, "confirmation_required")


@pytest.mark.parametrize("account", [FIRST, "*"])
def test_a_halt_ends_what_was_given_before_it(careful, gateway, body, account):
    token = preview(careful, body)
    halts = Halts(gateway.storage)
    halts.halt(account, Mode.HALTED, "Stop.", "me")
    halts.resume(account, "Go on.", "me")

    assert_refusal(place(careful, body, token), 403, "confirmation_required")
    assert_envelope(place(careful, body, preview(careful, body)), 200, FIRST)


def test_a_repeat_of_an_accepted_order_needs_no_token(careful, body):
    token = preview(careful, body)
    place(careful, body, token, "mine")
    repeats = [place(careful, body, token, "mine"), careful.send(PLACE, body, **{"Idempotency-Key": "mine"})]

    assert [repeat.status_code for repeat in repeats] == [200, 200]
    assert [repeat.headers["Idempotent-Replayed"] for repeat in repeats] == ["true", "true"]


@pytest.mark.parametrize("has_keys", [True, False])
def test_of_two_workers_that_are_sent_the_same_token_one_places(trader, careful, other_app, body, has_keys):
    token = preview(careful, body)
    clients = [careful, Client(other_app, careful.key)] * 4
    keys = [f"{number}-{body['limit_price']}" if has_keys else None for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda client, key: place(client, body, token, key), clients, keys))
    placed = [each for each in responses if "Idempotent-Replayed" not in each.headers and each.status_code == 200]

    assert {each.status_code for each in responses} == {200, 403} if has_keys else {200}
    assert len(placed) == len(trader.held(body["limit_price"])) == 1


def test_none_of_many_forged_or_altered_tokens_is_taken(trader, gateway, careful, body):
    token = preview(careful, body)
    forged = [PREFIX + secrets.token_urlsafe(32) for _ in range(100)]
    altered = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    with gateway.storage.writing_directly() as driver:
        key_id = careful_id(gateway)
        taken = [gateway.confirmations.take(driver, each, key_id, FIRST, "0" * 64) for each in forged + altered]

    assert not any(taken)
    assert_refusal(place(careful, body, altered[-1]), 403, "confirmation_required")
    assert_envelope(place(careful, body, token), 200, FIRST)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/api/trade/close-position", {"symbol": "AAPL"}),
        ("/api/trade/modify-order", {"order_id": "1", "limit_price": 1}),
        (
            "/api/trade/place-oca-order",
            {
                "orders": [
                    {"symbol": "AAPL", "action": "SELL", "order_type": kind, "quantity": 1, **price}
                    for kind, price in (("LMT", {"limit_price": 900}), ("STP", {"stop_price": 1}))
                ]
            },
        ),
    ],
)
def test_what_cannot_be_previewed_is_not_sent(trader, careful, path, fields):
    trader.simulator.hold(FIRST, "AAPL", 10)

    assert_refusal(careful.post(path, **fields), 403, "confirmation_required")
    assert trader.simulator.calls("place_order") == trader.simulator.calls("modify_order") == 0


def test_its_orders_are_cancelled_without_ado(careful, body):
    order_id = place(careful, body, preview(careful, body)).get_json()["data"]["order_id"]

    assert_envelope(careful.post("/api/trade/cancel-order", order_id=order_id), 200, FIRST)


def test_a_token_stands_nowhere_in_the_database(careful, gateway, body):
    token = preview(careful, body)
    place(careful, body, token, "mine")
    other = preview(careful, body)
    with gateway.storage.reading() as connection:
        rows = [*connection.execute(text("SELECT * FROM tiger_rest_order_commands"))]
        rows += [*connection.execute(text("SELECT * FROM tiger_rest_confirmations"))]

    assert rows
    assert not any(each in repr(rows) for each in (token, other))


def test_other_keys_are_given_none(trader, body):
    assert preview(trader.client, body) is None


def careful_id(gateway):
    return next(record.identity.key_id for record in gateway.keys.list() if record.identity.name == "careful")
