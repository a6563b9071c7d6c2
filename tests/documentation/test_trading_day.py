"""The day of an options trader: its commands run in one shell, and its figures agree, as shown and as answered."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.documentation.steps import get_steps, run_steps
from tests.support.server import ROOT, running_server

PAGE = "trading-day.md"
# A failed request fails its line.
CURL = 'curl() { command curl --fail-with-body "$@"; }\n'
CENT = Decimal("0.01")
STEPS = get_steps((ROOT / "docs" / PAGE).read_text(encoding="utf-8"))
SHOWN = {step.title: step.shown for step in STEPS if step.shown is not None}
Day = Mapping[str, Any]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Give what the commands answer."""
    folder = tmp_path_factory.mktemp("day")
    with running_server(folder, "--workers", "1") as server:
        return run_steps(STEPS, CURL, folder, {"http://localhost:9000": server.url})


@pytest.fixture(params=["shown", "answered"])
def day(request: pytest.FixtureRequest) -> Day:
    """Give the answers of the day: as the page shows them, and as the gateway gives them."""
    return SHOWN if request.param == "shown" else request.getfixturevalue("answered")


def exact(number: Decimal | float) -> Decimal:
    return Decimal(str(number))


def times(row: Mapping[str, Any], *names: str) -> Decimal:
    """Return the product of some members of a row."""
    product = Decimal(1)
    for name in names:
        product *= exact(row[name])
    return product


def agree(*figures: Decimal | float) -> bool:
    """Return whether all figures are the same, to the cent."""
    return all(abs(exact(figure) - exact(figures[0])) < CENT for figure in figures)


def get_segment(account: Mapping[str, Any], category: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in account["segments"] if row["category"] == category)
    return found


def find_strangers(shown: Any, answer: Any, path: str = "") -> list[str]:
    """Return the members of what is shown that an answer does not have."""
    if isinstance(shown, dict):
        missing = [f"{path}.{name}" for name in shown if name not in answer]
        both = [name for name in shown if name in answer]
        return missing + [
            found for name in both for found in find_strangers(shown[name], answer[name], f"{path}.{name}")
        ]
    if isinstance(shown, list):
        return [found for row in shown for found in find_strangers(row, answer[0], f"{path}[]")]
    return []


@pytest.mark.parametrize("title", SHOWN)
def test_an_answer_has_every_member_that_the_page_shows(answered: Day, title: str) -> None:
    assert find_strangers(SHOWN[title], answered[title], title) == []


def test_a_quote_and_the_chain_tell_the_same_multiplier(day: Day) -> None:
    quote = day["What does one cost"]
    calls = {call["identifier"]: call for call in day["When do options expire"]["chain"]["calls"]}

    assert calls[quote["identifier"]]["multiplier"] == quote["multiplier"] == 100


def test_a_preview_tells_the_commission_that_is_charged(day: Day) -> None:
    preview, placed = day["What would a spread cost"], day["Place it"]
    order = day["It is filled"]["order"]

    assert preview["is_pass"] is True
    assert agree(exact(preview["commission"]) / placed["quantity"], exact(order["commission"]) / order["filled"])
    assert agree(preview["init_margin_change"], -exact(preview["buying_power_effect"]))


def test_an_order_is_filled_in_part_then_less_is_wanted_then_it_is_filled(day: Day) -> None:
    part, changed = day["It is filled in part"]["order"], day["Want less of it"]
    whole = day["It is filled"]["order"]
    bought, sold = part["legs"]

    assert [order["status"] for order in (part, changed, whole)] == ["PartiallyFilled", "PartiallyFilled", "Filled"]
    assert 0 < part["filled"] == changed["filled"] < changed["quantity"] == whole["quantity"] == whole["filled"]
    for order in (part, changed, whole):
        assert order["filled"] + order["remaining"] == order["quantity"]
    assert agree(part["avg_fill_price"], exact(bought["avg_fill_price"]) - exact(sold["avg_fill_price"]))
    for order in (part, whole):
        assert agree(order["filled_cash_amount"], times(order, "filled", "avg_fill_price") * 100)


def test_executions_add_up_to_the_order(day: Day) -> None:
    order, rows = day["It is filled"]["order"], day["What was traded"]["transactions"]
    signs = {"BUY": 1, "SELL": -1}

    assert all(agree(row["amount"], times(row, "quantity", "price", "multiplier")) for row in rows)
    assert agree(sum(exact(row["amount"]) * signs[row["action"]] for row in rows), order["filled_cash_amount"])
    for action in signs:
        assert sum(row["quantity"] for row in rows if row["action"] == action) == order["filled"]


def test_positions_agree_with_what_was_paid(day: Day) -> None:
    order, rows = day["It is filled"]["order"], day["What is held now"]["positions"]
    costs = [times(row, "quantity", "average_cost", "multiplier") for row in rows]

    assert sorted(row["quantity"] for row in rows) == [-order["filled"], order["filled"]]
    assert agree(sum(costs), exact(order["filled_cash_amount"]) + exact(order["commission"]))
    for row, cost in zip(rows, costs, strict=True):
        assert agree(row["market_value"], times(row, "quantity", "market_price", "multiplier"))
        assert agree(row["unrealized_pnl"], exact(row["market_value"]) - cost)


def test_the_account_paid_what_the_order_cost_and_holds_its_value(day: Day) -> None:
    before, now = day["What is there to begin with"], day["What is the account worth"]
    order, rows = day["It is filled"]["order"], day["What is held now"]["positions"]
    paid = exact(order["filled_cash_amount"]) + exact(order["commission"])

    assert agree(exact(before["cash_balance"]) - exact(now["cash_balance"]), paid)
    assert agree(now["net_liquidation"], exact(now["cash_balance"]) + sum(exact(row["market_value"]) for row in rows))
    assert agree(now["gross_position_value"], sum(exact(row["market_value"]) for row in rows))
    assert agree(now["unrealized_pnl"], sum(exact(row["unrealized_pnl"]) for row in rows))


def test_closed_legs_leave_cash_and_what_was_realised(day: Day) -> None:
    before, held = day["What is there to begin with"], day["What is the account worth"]
    after, closing = day["What is left of the spread"], day["Close both legs"]
    sold, bought = day["What the legs brought"]["orders"]
    charged = exact(sold["commission"]) + exact(bought["commission"])
    gained = exact(sold["filled_cash_amount"]) - exact(bought["filled_cash_amount"]) - charged

    assert (closing["action"], closing["quantity"], closing["closing"]) == ("SELL", closing["held"], 0)
    assert (sold["action"], bought["action"], sold["status"], bought["status"]) == ("SELL", "BUY", "Filled", "Filled")
    assert agree(exact(after["cash_balance"]) - exact(held["cash_balance"]), gained)
    assert agree(
        exact(after["cash_balance"]) - exact(before["cash_balance"]),
        after["realized_pnl"],
        exact(sold["realized_pnl"]) + exact(bought["realized_pnl"]),
    )
    assert agree(after["net_liquidation"], after["cash_balance"])
    assert after["gross_position_value"] == after["unrealized_pnl"] == 0


def test_ten_points_of_two_futures_are_cash_in_their_segment(day: Day) -> None:
    (held,), closing = day["It goes up by ten points"]["positions"], day["Close the future"]
    sold, bought = day["What the future brought"]["orders"]
    points = exact(sold["avg_fill_price"]) - exact(bought["avg_fill_price"])
    gained = points * 2 * 5 - exact(sold["commission"]) - exact(bought["commission"])
    begun, ended = (get_segment(day[title], "C") for title in ("What is there to begin with", "Where its money is"))

    assert held["multiplier"] == bought["multiplier"] == day["Which month is traded"]["current"]["multiplier"] == 5
    assert agree(held["market_value"], times(held, "quantity", "market_price", "multiplier"))
    assert agree(held["average_cost"], bought["avg_fill_price"])
    assert agree(held["unrealized_pnl"], exact(held["market_value"]) - times(held, "quantity", "average_cost") * 5)
    assert (closing["held"], closing["quantity"], sold["filled"], bought["filled"]) == (2, 2, 2, 2)
    assert agree(exact(ended["cash_balance"]) - exact(begun["cash_balance"]), ended["realized_pnl"], gained)
    assert agree(gained, exact(sold["realized_pnl"]) + exact(bought["realized_pnl"]))
    assert agree(day["Where its money is"]["cash_balance"], day["What is left of the spread"]["cash_balance"])


def test_a_bracket_takes_the_profit_and_leaves_no_stop(day: Day) -> None:
    order, after = day["Buy a stock with what ends it"]["order"], day["The profit is taken"]["order"]
    (held,) = day["What it holds"]["positions"]
    waiting = {row["role"]: row["status"] for row in order["related_orders"]}
    ended = {row["role"]: (row["status"], row["filled"]) for row in after["related_orders"]}
    cost = times(held, "quantity", "average_cost")

    assert waiting == {"take_profit": "Submitted", "stop_loss": "Submitted"}
    assert ended == {"take_profit": ("Filled", order["filled"]), "stop_loss": ("Cancelled", 0)}
    assert agree(cost, times(order, "filled", "avg_fill_price") + exact(order["commission"]))
    assert agree(held["market_value"], times(held, "quantity", "market_price", "multiplier"))
    assert agree(held["unrealized_pnl"], exact(held["market_value"]) - cost)


def test_the_day_is_the_sum_of_its_parts(day: Day) -> None:
    begun, ended = day["What is there to begin with"], day["How the day ended"]
    sold, bought = day["What the bracket brought"]["orders"]
    charged = exact(sold["commission"]) + exact(bought["commission"])
    spread = day["What is left of the spread"]["realized_pnl"]

    assert agree(
        sold["realized_pnl"], exact(sold["filled_cash_amount"]) - exact(bought["filled_cash_amount"]) - charged
    )
    assert agree(ended["realized_pnl"], exact(spread) + exact(sold["realized_pnl"]))
    assert agree(exact(ended["cash_balance"]) - exact(begun["cash_balance"]), ended["realized_pnl"])
    assert agree(ended["net_liquidation"], ended["cash_balance"])
