"""What an answer means is decided row by row, and what nobody expected is none of the readings."""

import pytest

from app.certify.readings import find_reading, summarise, summarise_calendars, summarise_order
from app.tiger.plain import RawAnswer
from app.tiger.trading.orders import get_order

FIRST = "7"
PREFIX = "standard account response error"


def order(order_id=8, status="Submitted", **more):
    return {"id": order_id, "orderType": "LMT", "status": status, **more}


def taken(data=None):
    return RawAnswer(0, "success", data)


def placed(order_id=8, status="Initial"):
    return taken({"id": order_id, "orders": [order(order_id, status)]})


def refused(text, code=1200):
    return RawAnswer(code, f"{PREFIX}({text})")


SPEED = refused("too_many_requests:error.requestRateExceedLimit")
USED = refused("bad_request:duplicate order id")
POOR = refused("bad_request:可用资金或购买力不足")
SILENT = RawAnswer(None, "Tiger did not answer in time.")
MINE, OTHERS = taken(order(7)), taken({"items": [order(7), order(9)]})
NO_ID, NOBODY = RawAnswer(1010, "biz param error(field 'id' cannot be empty)"), refused("bad_request:订单不存在")
NO_LIFETIME = RawAnswer(1010, "biz param error(field 'time_in_force' is invalid)")
NO_HOURS = refused("bad_request:You cannot place market or stop order during pre-market and after-hours trading")
NO_DEVICE = RawAnswer(4, "4000:permission denied(current device does not have permission)")
ENDING = taken(order(7, cancelStatus="RECEIVED"))

ROWS = [
    ("order_numbers", [taken({"orderId": 12}), taken({"orderId": 13})], "reserved"),
    ("order_numbers", [taken({"orderId": 12}), taken({"orderId": 12})], "next_free"),
    ("order_numbers", [taken({"orderId": 12}), SPEED], None),
    ("used_number", [RawAnswer(1100, "TRADE DUPLICATE ORDER ID")], "refused_1100"),
    ("used_number", [USED], "refused_1200"),
    ("used_number", [RawAnswer(1300, USED.text)], None),
    ("used_number", [placed(7)], "answers_holder"),
    ("used_number", [taken({"id": 7})], "answers_holder"),
    ("used_number", [placed(8)], None),
    ("used_number", [POOR], None),
    ("lookup_by_number", [MINE, taken({})], "works"),
    ("lookup_by_number", [MINE, NOBODY], "works"),
    ("lookup_by_number", [MINE, MINE], "ignored"),
    ("lookup_by_number", [OTHERS, OTHERS], "ignored"),
    ("lookup_by_number", [NO_ID, NO_ID], "refused"),
    ("lookup_by_number", [taken({}), taken({})], None),
    ("lookup_by_number", [taken(order(9)), taken({})], None),
    ("missing_order", [taken({})], "empty"),
    ("missing_order", [taken([])], "empty"),
    ("missing_order", [taken(None)], "null"),
    ("missing_order", [NOBODY], "error"),
    ("missing_order", [taken({"items": []})], None),
    ("missing_order", [SILENT], None),
    ("unaffordable", [POOR, POOR], "refused_at_once"),
    ("unaffordable", [NO_HOURS, NO_HOURS], None),
    ("unaffordable", [placed(), taken(order(8, "Invalid", remark="可用资金或购买力不足"))], "taken_then_invalid"),
    ("unaffordable", [placed(), taken(order(8, "Invalid"))], "taken_then_invalid"),
    ("unaffordable", [placed(), taken(order(8, "Invalid", remark="order expired"))], None),
    ("unaffordable", [placed(), taken(order(8, "Inactive", remark="insufficient funds"))], "taken_then_inactive"),
    ("unaffordable", [placed(), taken(order(8, "Submitted"))], None),
    ("refusal_language", [POOR, POOR], "zh"),
    ("refusal_language", [placed(), taken(order(8, "Invalid", remark="insufficient funds"))], "en"),
    ("refusal_language", [placed(), taken(order(8, "Invalid"))], None),
    ("ioc_fok", [placed(8), placed(9)], "accepted"),
    ("ioc_fok", [NO_LIFETIME, NO_LIFETIME], "refused"),
    ("ioc_fok", [placed(8), NO_LIFETIME], None),
    ("order_rate", [placed(number) for number in range(11, 18)], "none"),
    ("order_rate", [*(placed(number) for number in range(11, 16)), SPEED, SPEED], "five_a_second"),
    ("order_rate", [*(placed(number) for number in range(11, 17)), SILENT], None),
    ("cancel", [taken({"id": 7}), taken(order(7, "Cancelled", cancelStatus="RECEIVED"))], "at_once"),
    ("cancel", [taken({"id": 7}), taken(order(7, "PendingCancel"))], "at_once"),
    ("cancel", [taken({"id": 7}), ENDING], "two_steps"),
    ("cancel", [taken({"id": 7}), MINE], None),
    ("cancel", [SPEED, MINE], None),
    ("market_order_outside_rth", [taken({"isPass": True})], "ignored"),
    ("market_order_outside_rth", [NO_HOURS], "refused"),
    ("market_order_outside_rth", [taken({"isPass": False, "message": "盘前盘后阶段无法下市价单"})], "refused"),
    ("market_order_outside_rth", [taken({"isPass": False, "message": "insufficient funds"})], None),
    ("quote_permission", [taken([{"symbol": "AAPL"}]), taken([]), taken([])], "granted"),
    ("quote_permission", [NO_DEVICE, taken(["usQuoteBasic"]), taken(["AAPL"])], "needs_grab or another_device_has_it"),
    ("quote_permission", [NO_DEVICE, taken(["usQuoteBasic"]), NO_DEVICE], None),
]

ENDED = [
    ("Cancelled", "order expired", "cancelled_with_remark"),
    ("Cancelled", "订单已过期", "cancelled_with_remark"),
    ("Cancelled", None, None),
    ("Invalid", "order expired", "invalid"),
    ("Invalid", None, "invalid"),
    ("Invalid", "可用资金或购买力不足", None),
]

JUNE, JULY = {"AAPL": [{"executeDate": "2026-06-02"}]}, {"MSFT": [{"executeDate": "2026-07-09"}]}
CALENDARS = [
    (taken(JUNE), taken(JULY), taken(JUNE | JULY), "any"),
    (taken(JUNE), taken(JULY), taken(JUNE), "one_month_clipped"),
    (taken(JUNE), taken(JULY), taken(JULY), "one_month_clipped"),
    (taken(JUNE), taken(JULY), RawAnswer(1010, "the range must not be longer than one month"), "one_month_error"),
    (taken(JUNE), taken({}), taken(JUNE), None),
    (taken(JUNE), taken(JULY), SILENT, None),
    (SPEED, SPEED, SPEED, None),
]


@pytest.mark.parametrize(("question", "answers", "reading"), ROWS)
def test_answers_are_the_reading_of_their_row(question, answers, reading):
    assert find_reading(question, [summarise(answer, FIRST) for answer in answers]) == reading


@pytest.mark.parametrize(("status", "remark", "reading"), ENDED)
def test_only_what_ran_out_tells_how_a_day_ends(status, remark, reading):
    ended = get_order(order(8, status, remark=remark))

    assert find_reading("expired_day_order", [summarise_order(ended)]) == reading


@pytest.mark.parametrize(("first", "second", "both", "reading"), CALENDARS)
def test_a_calendar_is_held_against_its_halves(first, second, both, reading):
    assert find_reading("earnings_span", summarise_calendars(first, second, both)) == reading
