"""Fetch what can be exercised, what was, and what an exercise would do (wire methods ``option_exercise_…``)."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import (
    OPTION_EXERCISE_CHECK,
    OPTION_EXERCISE_PAGE,
    OPTION_EXERCISE_POSITION,
)
from tigeropen.trade.request.model import (
    OptionExerciseCheckParams,
    OptionExercisePageParams,
    OptionExercisePositionParams,
)

from app.errors import TigerError
from app.tiger.paging import AtPage, Paging
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import figure, identifier, json_number, mapping, number, rows, text, truth, whole

KINDS: Final = {"EXERCISE": "Exercise", "EXPIRE": "Expire"}
"""What can be done with an option at its end; Tiger exercises by itself what is in the money."""
_option: Final = (
    (identifier, "contract_id"),
    (text, "symbol=stkSymbol option_class=symbol"),
    (identifier, "expiry=expireDate"),
    (number, "strike"),
    (text, "put_call=callPut"),
)
_decode_position: Final = get_decoder(*_option, (text, "market"), (figure, "quantity=position available_quantity"))
_decode_record: Final = get_decoder(
    (identifier, "id"),
    (text, "type status"),
    *_option,
    (figure, "requested_quantity=requestQuantity quantity"),
    (partial(get_day_text, zone=MARKET_ZONES["US"]), "executing_date"),
    (whole, "itm_rate"),
    (truth, "is_force"),
)
_decode_page: Final = get_decoder((whole, "page=pageNum pages=pageCount total=itemCount"))
_decode_check: Final = get_decoder(
    (text, "symbol"),
    (figure, "quantity=position available_quantity"),
    (figure, "stock_before=stkPositionBefore stock_change=stkPositionChange stock_after=stkPositionAfter"),
)


def fetch_exercises(session: Session, kind: str, limit: int, page_token: str | None) -> dict[str, Any]:
    """Return the options that can be exercised (EXERCISE) or left to expire (EXPIRE), and a page of what was asked for.

    Raises:
        InvalidRequest: The page token does not continue this list.
        TigerError: Tiger answered another page.
    """
    paging = Paging(session, "option-exercises", kind, AtPage)
    # Tiger counts these pages from 1 [SDK: get_option_exercise_records].
    place = paging.read(page_token) or AtPage(1, limit)
    deadline = session.read_deadline()
    held = session.read(OPTION_EXERCISE_POSITION, fill(OptionExercisePositionParams(), type=KINDS[kind]), deadline)
    params = fill(OptionExercisePageParams(), page=place.page, size=place.size, type=KINDS[kind])
    sent = session.read(OPTION_EXERCISE_PAGE, params, deadline)
    page, records = _decode_page(mapping(sent)), get_rows(sent, _decode_record)
    if page["page"] not in {None, place.page}:
        raise TigerError("Tiger answered another page of exercises than it was asked for.")
    has_more = bool(records) and place.page < (page["pages"] or 0)
    following = AtPage(place.page + 1, place.size) if has_more else None
    told = {"count": len(records), "total": page["total"], "next_page_token": paging.write(following)}
    return {"type": kind, "positions": get_rows(held, _decode_position), "records": records, **told}


def fetch_exercise_check(session: Session, kind: str, contract_id: str, quantity: Decimal | None) -> dict[str, Any]:
    """Return what an exercise would do to the position in the underlying; nothing is exercised.

    Raises:
        InvalidRequest: The account holds no such option, or not so many.
    """
    params = fill(OptionExerciseCheckParams(), contract_id=int(contract_id), type=KINDS[kind])
    if quantity is not None:
        params.quantity = json_number(quantity)
    sent = session.read(OPTION_EXERCISE_CHECK, params, session.read_deadline())
    return {"type": kind, "contract_id": contract_id, **_decode_check(mapping(sent))}


def get_rows(data: Any, decode: Any) -> list[dict[str, Any]]:
    """Return the rows of an answer; one without a contract is left out."""
    decoded: list[dict[str, Any]] = [decode(row) for row in _get_items(data)]
    return [row for row in decoded if row["contract_id"]]


def _get_items(data: Any) -> list[Mapping[str, Any]]:
    return rows(mapping(data).get("items"))
