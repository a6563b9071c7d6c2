"""What Tiger wrote, in English and as it came."""

import pytest

from app.simulator.trading import reasons
from app.simulator.trading.reasons import Reason
from app.tiger.wire.codes import get_error, says_duplicate
from app.tiger.wire.reasons import explain, says_expired

TOLD = {name: reason for name, reason in vars(reasons).items() if isinstance(reason, Reason)}


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("您的可用资金或者可用购买力不足", "There are not enough available funds or buying power"),
        ("可用资金或购买力不足", "There are not enough available funds or buying power"),
        ("账户余额不足", "There are not enough available funds or buying power"),
        ("合约不正确", "Tiger knows no such contract"),
        ("订单不存在", "There is no such order"),
        ("订单号重复", "The order number is used already"),
        ("订单已过期", "The order has expired"),
        ("订单已失效", "The order has expired"),
        ("订单已撤销", "The order is cancelled already"),
        ("订单已全部成交", "The order is filled already"),
        ("可卖数量不足", "The position is too small"),
        ("下单数量超过了可交易数量", "The position is too small"),
        ("市场已收盘", "No such order is taken at this time"),
        ("当前时间无法进行下单操作", "No such order is taken at this time"),
        ("下单数量必须是每手股数的整数倍", "The quantity is no whole number of lots"),
        ("请求超时", "Tiger's own servers timed out"),
        ("系统繁忙", "Tiger's own servers had an error"),
        ("请先登录", "Tiger asks for a login"),
        ("没有交易权限", "The account has no permission for this"),
        ("请求过于频繁", "These are too many requests at once"),
        ("不支持该只标的交易", "Tiger does not support this"),
    ],
)
def test_a_known_chinese_sentence_is_told_in_english_with_the_original_beside_it(text: str, english: str) -> None:
    assert explain(text) == f"{english} ({text})"


@pytest.mark.parametrize("text", ["MINIMUM OF 2000 USD REQUIRED", "一句没有人见过的话"])
def test_a_text_that_nobody_knows_is_told_as_it_came(text: str) -> None:
    assert explain(text) == text


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_nothing_explains_nothing(text: str | None) -> None:
    assert explain(text) is None


@pytest.mark.parametrize(
    "remark",
    [
        "Order expired",
        "the DAY order EXPIRED at the end of the day",
        "End of trading day",
        "订单已过期",
        "订单已失效",
        "当日有效",
    ]
    + ["订单到期", "期权订单已过期", "收盘后自动撤单"],
)
def test_a_remark_tells_that_an_orders_time_was_over(remark: str) -> None:
    assert says_expired(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "可用资金或购买力不足",
        "insufficient buying power",
        "The contract has expired",
        "合约已过期",
        "权限已失效",
        "",
        "expired option",
    ],
)
def test_a_remark_about_something_else_says_nothing_of_the_orders_time(remark: str) -> None:
    assert not says_expired(remark)


@pytest.mark.parametrize("name", sorted(TOLD))
def test_every_reason_that_the_simulator_knows_in_chinese_is_told_in_english(name: str) -> None:
    chinese = TOLD[name].chinese

    told = explain(f"standard account response error(bad_request:{chinese})")

    assert told is not None
    assert chinese in told
    assert not told.startswith("standard")


@pytest.mark.parametrize("name", sorted(TOLD))
def test_of_the_simulators_reasons_one_says_that_time_was_over_and_one_that_the_number_is_used(name: str) -> None:
    for text in (TOLD[name].english, TOLD[name].chinese):
        refusal = get_error(1200, f"standard account response error(bad_request:{text})", command=True, places=True)

        assert says_expired(text) is (name == "EXPIRED")
        assert says_duplicate(refusal) is (name == "USED_NUMBER")
