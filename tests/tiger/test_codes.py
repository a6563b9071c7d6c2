"""The table of Tiger's codes is total, and each text lands where a client can act on it."""

import pytest

from app.errors import (
    GatewayError,
    InvalidRequest,
    InvalidSymbol,
    OrderNotFound,
    OrderRejected,
    QuotePermissionElsewhere,
    SymbolNotFound,
    TigerCredentialsRejected,
    TigerError,
    TigerPermissionDenied,
    TigerRateLimited,
    TigerTimeout,
    TigerTokenRejected,
)
from app.tiger.wire.codes import TABLE, Row, get_error, says_duplicate

DOCUMENTED = [1, 2, 3, 4, 5, 6, 1000, 1010, 1100, 1200, 1300, 2000, 2100, 2200, 2300, 2400, *range(3000, 3009)]
DOCUMENTED += [4000, 4001, 40012, 40013]
LIMIT = "rate limit error(current limiting interface:kline, up to 60 times per minute)"
DEVICE = "4000:permission denied(current device does not have permission)"
MARKET = "4000:permission denied(Current user and device do not have permissions in the US market)"


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_has_a_row_that_matches_any_text(code: int) -> None:
    rows = [row for row in TABLE if row.code == code]

    assert rows[-1].matches("")
    assert all(row.source for row in rows)


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        (1, "server error", TigerError),
        (2, "read timeout", TigerTimeout),
        (4, LIMIT, TigerRateLimited),
        (4, DEVICE, QuotePermissionElsewhere),
        (4, MARKET, TigerPermissionDenied),
        (4, "access forbidden: ip is not in the whitelist", TigerCredentialsRejected),
        (4, "you are in the blacklist", TigerCredentialsRejected),
        (4, "access forbidden", TigerPermissionDenied),
        (5, "too many requests", TigerRateLimited),
        (1000, "failed to verify signature, please check", TigerCredentialsRejected),
        (1000, "failed to get developer information", TigerCredentialsRejected),
        (1000, "common param error(invalid symbols)", InvalidSymbol),
        (1000, "unknown method", TigerError),
        (1000, "field 'market' cannot be empty", TigerError),
        (1010, "00700 is not US stock symbol", InvalidSymbol),
        (1010, "biz param error(option symbol format error)", InvalidSymbol),
        (1010, "'market' AU not supported, all supported market include:[HK]", InvalidRequest),
        (1010, "biz param error(field 'secret_key' or 'account' invalid)", TigerCredentialsRejected),
        (4, "account is not authorized to the api user", TigerCredentialsRejected),
        (1100, "global account response error", TigerError),
        (1200, "standard account response error(order not found)", OrderNotFound),
        (1300, "paper account response error", TigerError),
        (1200, "standard account response error(bad_request:something else)", InvalidRequest),
        (2000, "financial data error", TigerError),
        (2100, "symbol XYZ does not exist", SymbolNotFound),
        (2200, "invalid expiry format", InvalidRequest),
        (2100, "invalid symbol format", InvalidSymbol),
        (2300, "permission denied", TigerPermissionDenied),
        (2400, "user token error", TigerTokenRejected),
        (4000, "permission denied(This service is temporarily unavailable)", TigerPermissionDenied),
        (40013, "sign check failed", TigerCredentialsRejected),
        (987654, "something new", TigerError),
    ],
)
def test_a_read_that_tiger_refuses_becomes_the_documented_error(
    code: int, text: str, error: type[GatewayError]
) -> None:
    found = get_error(code, text, command=False)

    assert type(found) is error
    assert found.tiger_code == code
    assert not found.in_doubt


ACCOUNT_CODES = pytest.mark.parametrize("code", [1100, 1200, 1300])
# The text within "standard account response error(…)", then the error of a read, that of a command, and whether a
# command may have been carried out all the same.
SECOND_CODES = [
    ("too_many_requests:error.requestRateExceedLimit", TigerRateLimited, TigerRateLimited, False),
    ("unauthorized:Please login in", TigerCredentialsRejected, TigerCredentialsRejected, False),
    ("account is not authorized to the api user", TigerCredentialsRejected, TigerCredentialsRejected, False),
    ("bad_request:合约不正确", SymbolNotFound, SymbolNotFound, False),
    ("bad_request:Contract does not exist", SymbolNotFound, SymbolNotFound, False),
    ("BAD_REQUEST:symbol XYZ not found", SymbolNotFound, SymbolNotFound, False),
    ("bad_request:invalid strike", SymbolNotFound, SymbolNotFound, False),
    ("not_found:订单不存在", OrderNotFound, OrderNotFound, False),
    ("not_found:Order does not exist", OrderNotFound, OrderNotFound, False),
    ("BAD_REQUEST:Order does not exist", OrderNotFound, OrderNotFound, False),
    ("not_found:order 17", OrderNotFound, OrderNotFound, False),
    ("bad_request:System error", TigerError, TigerError, True),
    ("bad_request:系统错误", TigerError, TigerError, True),
    ("internal_server_error:oops", TigerError, TigerError, True),
    ("internal:oops", TigerError, TigerError, True),
    ("TRADE DUPLICATE ORDER ID", TigerError, OrderRejected, False),
    ("bad_request:Orders cannot be placed at this moment", InvalidRequest, OrderRejected, False),
    ("bad_request:We don’t support trading of this stock now(Error Code 4)", InvalidRequest, OrderRejected, False),
    ("The order quantity you entered exceeds your currently available position", TigerError, OrderRejected, False),
    ("bad_request:FOK is no time in force", InvalidRequest, OrderRejected, False),
    ("not_found:账户不存在", TigerError, OrderRejected, False),
    ("fail:The transfer cannot be cancelled now", TigerError, OrderRejected, False),
]


@ACCOUNT_CODES
@pytest.mark.parametrize(("text", "read", "command", "is_open"), SECOND_CODES)
def test_the_second_code_of_a_text_decides(
    code: int, text: str, read: type[GatewayError], command: type[GatewayError], *, is_open: bool
) -> None:
    told = f"standard account response error({text})"
    refused = get_error(code, told, command=True)

    assert type(get_error(code, told, command=False)) is read
    assert (type(refused), refused.in_doubt) == (command, is_open)


@ACCOUNT_CODES
@pytest.mark.parametrize("command", [True, False])
def test_too_many_requests_in_a_second_say_to_come_back_shortly(code: int, *, command: bool) -> None:
    text = "standard account response error(too_many_requests:error.requestRateExceedLimit)"

    assert get_error(code, text, command=command).retry_after == 1


@ACCOUNT_CODES
def test_a_business_refusal_of_an_order_keeps_its_reason(code: int) -> None:
    text = "standard account response error(bad_request:Orders cannot be place at this moment)"
    found = get_error(code, text, command=True)

    assert type(found) is OrderRejected
    assert found.message == f"Tiger rejected the order: {text}"
    assert not found.in_doubt


@ACCOUNT_CODES
def test_a_chinese_reason_is_told_in_english_with_the_original_beside_it(code: int) -> None:
    text = "standard account response error(bad_request:您的可用资金或者可用购买力不足)"
    found = get_error(code, text, command=True)

    assert type(found) is OrderRejected
    assert found.message == (f"Tiger rejected the order: There are not enough available funds or buying power ({text})")


@ACCOUNT_CODES
@pytest.mark.parametrize(
    "text",
    [
        "TRADE DUPLICATE ORDER ID",
        "trade duplicate order id",
        "standard account response error(bad_request:Duplicate order id)",
        "paper account response error(bad_request:order_id 17 has been used)",
        "standard account response error(bad_request:order id already exists)",
        "standard account response error(bad_request:订单号重复)",
        "standard account response error(bad_request:重复的订单号)",
        "standard account response error(bad_request:订单号已存在)",
    ],
)
def test_a_refusal_of_the_number_is_known_in_every_wording(code: int, text: str) -> None:
    assert says_duplicate(get_error(code, text, command=True, places=True))


@pytest.mark.parametrize(
    "text",
    [
        "bad_request:订单不存在",
        "bad_request:可用资金或购买力不足",
        "bad_request:order id is wrong",
        "order already filled",
    ],
)
def test_a_refusal_of_something_else_is_none_of_the_number(text: str) -> None:
    assert not says_duplicate(get_error(1200, f"standard account response error({text})", command=True, places=True))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("biz param error(field 'total_quantity' cannot be empty)", "quantity"),
        ("biz param error(total_quantity cannot be empty)", "quantity"),
        ("biz param error(field 'aux_price' is invalid)", "stop_price"),
        ("biz param error(field 'limit_price' is invalid)", "limit_price"),
        ("biz param error(outsideRth is invalid)", "outside_rth"),
        ("biz param error(00700 is not US stock symbol)", "symbol"),
        ("biz param error(field 'id' cannot be empty)", "order_id"),
    ],
)
def test_a_parameter_of_an_order_that_tiger_refuses_is_named_as_the_client_knows_it(text: str, field: str) -> None:
    found = get_error(1010, text, command=True)

    assert (type(found), found.in_doubt) == (InvalidRequest, False)
    assert list(found.details or {}) == [field]
    assert text in found.message
    assert field == "symbol" or field in found.message


@pytest.mark.parametrize("code", [1010, 1200])
@pytest.mark.parametrize(
    "text", ["field 'time_in_force' is invalid", "time_in_force 'IOC' is not supported", "bad TIF"]
)
def test_a_refused_time_in_force_is_the_orders_and_tells_what_tiger_takes(code: int, text: str) -> None:
    found = get_error(code, text, command=True)

    assert type(found) is OrderRejected
    assert list(found.details or {}) == ["time_in_force"]
    assert "time_in_force; it takes DAY, GTC, GTD and OPG" in found.message


def test_a_parameter_that_tiger_does_not_name_has_no_details() -> None:
    found = get_error(1010, "failed to parse parameters in 'biz_content'", command=False)

    assert (type(found), found.details) == (InvalidRequest, None)
    assert found.message.startswith("Tiger refuses a parameter: failed")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.code} {row.source}")
def test_only_a_refusal_of_the_order_itself_is_final(row: Row) -> None:
    assert not (row.leaves_open and issubclass(row.command, OrderRejected))
    assert row.read is not OrderRejected


@pytest.mark.parametrize("code", [1, 2, 3, 6, 987654])
def test_a_code_that_tells_nothing_of_the_order_leaves_it_in_doubt(code: int) -> None:
    assert get_error(code, "oops", command=True).in_doubt


@pytest.mark.parametrize("code", [1100, 1200, 1300])
@pytest.mark.parametrize("text", ["bad_request:request timeout", "Read timed out", "Internal Server Error", "请求超时"])
def test_a_backend_that_did_not_answer_in_time_leaves_an_order_in_doubt(code: int, text: str) -> None:
    error = get_error(code, f"standard_account_response_error({text})", command=True)

    assert (type(error), error.in_doubt) == (TigerError, True)
    assert not get_error(code, f"standard_account_response_error({text})", command=False).in_doubt


@pytest.mark.parametrize("code", [4, 5, 1000, 1010, 1100, 2400, 4000, 40013])
def test_a_refusal_leaves_no_doubt_about_an_order(code: int) -> None:
    assert not get_error(code, "refused", command=True).in_doubt


@pytest.mark.parametrize(
    "text",
    [
        "failed: sign=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/==",
        "token: MTc1NTA3MzM0NDAwMCwxNzU2MzY5MzQ0MDAw is bad",
        "body {MTc1NTA3MzM0NDAwMCwxNzU2MzY5MzQ0MDAwAbCdEfGhIjKl}",
    ],
)
def test_what_could_be_a_secret_is_not_passed_on(text: str) -> None:
    message = get_error(1, text, command=False).message

    assert "MTc1" not in message
    assert "AbCd" not in message


def test_a_reason_is_short_and_on_one_line() -> None:
    message = get_error(1, "a\r\nb\x1b[31m " + "word " * 500, command=False).message

    assert len(message) < 300
    assert message.isprintable()
