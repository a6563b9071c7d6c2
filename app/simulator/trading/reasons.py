"""Why an order is refused or ends, in both languages that Tiger was seen to answer in."""

from dataclasses import dataclass
from typing import Final, Literal, Self


@dataclass(frozen=True, slots=True)
class Reason:
    """Hold one reason in English and in Chinese; ``{}`` stands for what ``about`` fills in."""

    english: str
    chinese: str

    def about(self, *values: object) -> Self:
        """Return this reason with its places filled."""
        return type(self)(self.english.format(*values), self.chinese.format(*values))

    def tell(self, language: Literal["en", "zh"]) -> str:
        """Return the reason as the reading ``refusal_language`` wants it."""
        return self.chinese if language == "zh" else self.english


# Tiger tells this one in Chinese whatever language was asked for [SDK #75].
UNKNOWN_CONTRACT: Final = Reason("合约不正确", "合约不正确")
LACKING_MONEY: Final = Reason(
    "insufficient buying power, please adjust the order quantity or deposit funds", "可用资金或购买力不足"
)
ORDER_NOT_FOUND: Final = Reason("order not found", "订单不存在")
USED_NUMBER: Final = Reason("duplicate order id", "订单号重复")
EXPIRED: Final = Reason("order expired", "订单已过期")
NOT_IMMEDIATE: Final = Reason("the rest could not be filled immediately", "剩余数量无法立即成交")

# The English words are on Tiger's page of error codes.
MARKET_OUTSIDE: Final = Reason(
    "You cannot place market or stop order during pre-market and after-hours trading",
    "盘前盘后阶段无法下市价单和止损单",
)
FRACTION_OUTSIDE: Final = Reason(
    "fractional and amount orders of type MKT and STP must be traded during regular hours",
    "碎股和金额的市价单、止损单只能在盘中交易",
)
PAPER_TIME_IN_FORCE: Final = Reason("paper account does not support time in force {}", "模拟账户不支持该订单有效期 {}")
TYPE_TIME_IN_FORCE: Final = Reason("{} order does not support time in force {}", "{} 订单不支持该有效期 {}")
PAST_EXPIRY: Final = Reason("expire time must be in the future", "订单失效时间必须晚于当前时间")

LOT_SIZE: Final = Reason("order quantity must be a multiple of the lot size {}", "下单数量必须是每手股数 {} 的整数倍")
NO_FRACTION: Final = Reason("contract does not support fractional shares", "该合约不支持碎股交易")
LONG_FRACTION: Final = Reason("fractional quantity has more than 5 decimals", "碎股数量最多五位小数")
NO_AMOUNT: Final = Reason("contract does not support amount orders", "该合约不支持按金额下单")
AMOUNT_TYPE: Final = Reason("amount orders must be of type MKT or LMT", "按金额下单只支持市价单和限价单")
SMALL_AMOUNT: Final = Reason("order amount is too small", "下单金额过小")
BELOW_FILLED: Final = Reason("order quantity is less than the filled quantity", "下单数量小于已成交数量")

PRICE_GRID: Final = Reason(
    "the {} {} does not conform to the minimum price variation {}", "价格不符合最小变动价位({} {}, {})"
)
WIDE_TRAIL: Final = Reason("trailing percent must be below 100", "跟踪百分比必须小于 100")

NO_REVERSAL: Final = Reason(
    "order quantity exceeds the closable quantity {}, reversing is not supported",
    "下单数量超过可平仓数量 {}, 不支持反向开仓",
)
NO_POSITION: Final = Reason(
    "insufficient position, short selling is not supported for this order", "持仓不足, 该订单不支持卖空"
)

NOT_MODIFIABLE: Final = Reason("the order is {} and cannot be modified", "订单状态为 {}, 不能修改")
NOT_CANCELLABLE: Final = Reason("the order is {} and cannot be cancelled", "订单状态为 {}, 不能撤销")
FIXED_SIDE: Final = Reason("side and type of an order cannot be modified", "订单方向和类型不能修改")
FIXED_CONTRACT: Final = Reason("the contract of an order cannot be modified", "订单合约不能修改")
NO_PRIME_ASSETS: Final = Reason("prime assets are not available for this account", "该账户不支持查询综合账户资产")

# What an account, a market or a kind of contract does not take; after the tables of order types in Tiger's pages.
TYPE_OF_CONTRACT: Final = Reason("{} order is not supported for {}", "{} 订单不支持该品种 {}")
ACCOUNT_CONTRACT: Final = Reason("{} account does not support trading of {}", "{} 账户不支持交易 {}")
SESSION: Final = Reason("trading session {} is not supported for this contract", "该合约不支持交易时段 {}")
AMOUNT_ONLY: Final = Reason("subscriptions of a fund must be by amount", "基金申购只支持按金额下单")
AUCTION_TIME: Final = Reason("auction order only supports time in force DAY and OPG", "竞价单只支持有效期 DAY 和 OPG")
ATTACHED_TYPE: Final = Reason("attached orders are only supported for limit orders", "附加订单只支持限价单")
ATTACHED_PRICE: Final = Reason(
    "the price {} of the attached order is on the wrong side of the limit price",
    "不支持该附加订单价格 {}, 与限价方向不符",
)
ATTACHED_ACTIVE: Final = Reason(
    "attached orders that are active must be modified by themselves", "附加订单已生效, 不支持通过主订单修改"
)
NO_ATTACHED: Final = Reason("the order has no attached order of type {}", "该订单不支持修改附加订单 {}")
NOT_A_STRATEGY: Final = Reason("the legs are not a combination {}", "不支持的期权组合 {}")
LARGE_DISPLAY: Final = Reason("display size must be smaller than the order quantity", "显示数量必须小于下单数量")
CLOSE_ONLY: Final = Reason("the contract only supports closing positions", "该合约只支持平仓")
OCA_DONE: Final = Reason("cancelled because another order of its group was filled", "同组订单已成交, 不支持继续委托")
OCA_CANCELLED: Final = Reason("cancelled together with its group", "同组订单已撤, 不支持继续委托")
PARENT_ENDED: Final = Reason("cancelled because its main order has ended", "主订单已终止, 附加订单不支持生效")
TIME_OVER: Final = Reason("the time of the algorithm is over", "算法时间已结束, 剩余数量不支持继续委托")
NO_AUCTION_PRICE: Final = Reason("not filled in the auction", "竞价时段未成交, 不支持继续委托")
