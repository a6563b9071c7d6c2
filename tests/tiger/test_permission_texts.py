"""What Tiger denies is told with the market that it is about, and with what to do."""

import pytest

from app.tiger.wire.codes import get_error

LIMIT = "rate limit error(current limiting interface:kline, up to 60 times per minute)"
DEVICE = "4000:permission denied(current device does not have permission)"
MARKET = "4000:permission denied(Current user and device do not have permissions in the US market)"


def test_a_used_up_limit_says_when_to_come_back() -> None:
    assert get_error(4, LIMIT, command=False).retry_after == 60


def test_a_missing_entitlement_names_the_market_and_the_way_out() -> None:
    message = get_error(4, MARKET, command=False, market="HK").message

    assert "US market data" in message
    assert "buy" in message


def test_a_missing_entitlement_names_the_market_of_the_request_where_tiger_names_none() -> None:
    assert "HK market data" in get_error(4, DEVICE, command=False, market="HK").message


@pytest.mark.parametrize(("code", "text"), [(4, DEVICE), (4, "permission denied"), (4, "access forbidden")])
@pytest.mark.parametrize("command", [True, False])
def test_whatever_is_denied_names_the_market_of_the_request_and_where_to_act(
    code: int, text: str, *, command: bool
) -> None:
    message = get_error(code, text, command=command, market="HK").message

    assert "HK" in message
    assert "Tiger's app" in message


@pytest.mark.parametrize("code", [4, 4000])
def test_what_is_denied_without_a_market_leaves_no_gap_in_the_sentence(code: int) -> None:
    message = get_error(code, "permission denied", command=False).message

    assert message.startswith("Tiger does not allow this for this user or account; check")


@pytest.mark.parametrize("code", [4000, 2000, 2100, 2200, 2300])
def test_every_code_for_a_missing_permission_names_the_market(code: int) -> None:
    assert "HK" in get_error(code, "permission denied", command=False, market="HK").message
