"""Pass on what Tiger wrote, in English and as it came, and only as far as it is safe to show and to log."""

import re
from typing import Final

LONGEST: Final = 240
_SECRET: Final = re.compile(
    r"(?:\b(?:sign|signature|token|authorization|(?:private|secret)_key)\b\s*[=:]\s*\S+)|[A-Za-z0-9+/=_]{32,}",
    re.IGNORECASE,
)

SAYS_DUPLICATE: Final = "重复.{0,3}订单|订单.{0,4}重复|重复下单|订单.{0,3}已(?:经)?(?:存在|(?:被)?使用)"
SAYS_NO_ORDER: Final = "订单号?(?:不存在|未找到)|(?:找不到|未找到).{0,2}订单"
SAYS_NO_CONTRACT: Final = "(?:合约|标的|股票代码)(?:不正确|不存在|错误)"
SAYS_LIFETIME: Final = "有效期|失效时间"
SAYS_TIMEOUT: Final = "超时"
SAYS_FAULT: Final = "系统.{0,2}(?:错误|异常|繁忙)|服务.{0,2}(?:错误|异常|不可用)"

SENTENCES: Final[tuple[tuple[str, str], ...]] = (
    ("购买力.{0,4}不足|(?:资金|余额).{0,4}不足", "There are not enough available funds or buying power"),
    (SAYS_NO_CONTRACT, "Tiger knows no such contract"),
    ("(?:持仓|可卖数量|可平数量|可用数量).{0,4}不足|超[过出].{0,8}(?:持仓|可卖|可交易)", "The position is too small"),
    (SAYS_NO_ORDER, "There is no such order"),
    (SAYS_DUPLICATE, "The order number is used already"),
    ("订单.{0,3}(?:过期|失效|到期)(?!时间)", "The order has expired"),
    ("订单已.{0,2}(?:撤销|取消|撤单)", "The order is cancelled already"),
    ("订单已.{0,3}成交", "The order is filled already"),
    ("无法立即成交", "It could not be filled at once"),
    (SAYS_LIFETIME, "This order cannot have this time in force"),
    ("不能修改|不能撤|无法撤|不可撤", "The order cannot be changed or cancelled so"),
    ("盘前|盘后|盘中", "Such an order is taken in regular hours only"),
    ("卖空|反向开仓", "The position does not allow this sale"),
    ("收盘|休市|闭市|非交易时|不在交易时|时[段间].{0,2}(?:不|无法)", "No such order is taken at this time"),
    ("整数倍|每手", "The quantity is no whole number of lots"),
    ("变动价位|价格档位", "The price is between two steps"),
    ("(?:数量|金额).{0,3}(?:最多|过小|过大|小于|大于)|百分比", "A figure of the order is too small or too large"),
    ("请.{0,2}登[录陆]|未登[录陆]", "Tiger asks for a login"),
    ("权限|未开通", "The account has no permission for this"),
    ("频繁|频率", "These are too many requests at once"),
    (SAYS_TIMEOUT, "Tiger's own servers timed out"),
    (SAYS_FAULT, "Tiger's own servers had an error"),
    ("[不只]支持", "Tiger does not support this"),
)
"""What Chinese texts say: Tiger answers in Chinese whatever language a request asks for (SDK #75).

Seen in public are 您的可用资金或者可用购买力不足, 合约不正确 and 订单不存在, and the Chinese page of error codes
tells of hours, positions, numbers and what is not supported; the others are spelled as such texts are.
"""

_EXPIRED: Final = re.compile(
    r"\bexpir(?:ed|es|y|ation)\b|\bend of (?:the )?(?:trading )?(?:day|session)\b"
    r"|过期|到期|失效(?!时间)|当日有效|收盘.{0,6}[撤取]",
    re.IGNORECASE,
)
_OTHER_EXPIRY: Final = re.compile(
    r"\b(?:contract|option|token|permission)s?\b.{0,20}\bexpir|\bexpired (?:contract|option)"
    r"|(?:合约|期权|权限|令牌)(?:已经?)?(?:过期|到期|失效)",
    re.IGNORECASE,
)


def explain(text: str | None) -> str | None:
    """Return what Tiger wrote, a known Chinese sentence in English with the original beside it; None for nothing."""
    reason = get_reason(text or "")
    if reason is None:
        return None
    english = next((english for pattern, english in SENTENCES if re.search(pattern, reason)), None)
    return reason if english is None else f"{english} ({reason})"


def says_expired(remark: str) -> bool:
    """Tell whether an order's remark says that its time was over, not that it was refused.

    An expired contract or permission is a reason to refuse an order.
    """
    return _EXPIRED.search(remark) is not None and _OTHER_EXPIRY.search(remark) is None


def get_reason(text: str) -> str | None:
    """Return Tiger's text on one line, printable, at most 240 characters, without anything that could be a secret."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST]).split())
    safe = _SECRET.sub("…", line)
    return (safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…") or None
