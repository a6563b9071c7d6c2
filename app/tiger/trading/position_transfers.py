"""Fetch what positions were moved between accounts or brokers (wire methods ``position_transfer_…``)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from tigeropen.common.consts.service_types import (
    POSITION_TRANSFER_DETAIL,
    POSITION_TRANSFER_EXTERNAL_RECORDS,
    POSITION_TRANSFER_RECORDS,
)
from tigeropen.trade.request.model import PositionTransferDetailParams, PositionTransferRecordsParams

from app.errors import InvalidRequest
from app.tiger.sessions import Session
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import figure, identifier, mapping, rows, text

SCOPES: Final = {"internal": POSITION_TRANSFER_RECORDS, "external": POSITION_TRANSFER_EXTERNAL_RECORDS}


def _get_positions(sent: Any) -> list[dict[str, Any]]:
    return [_decode_position(row) for row in rows(sent)]


_decode_position: Final = get_decoder((identifier, "id"), (text, "symbol market"), (figure, "quantity"))
_decode: Final = get_decoder(
    (identifier, "id account=accountId counterparty_account=counterpartyAccountId"),
    (text, "method direction status memo"),
    (identifier, "created_at updated_at finished_at"),
    (_get_positions, "positions=transferPropertyInfos"),
)


def fetch_position_transfers(session: Session, scope: str, begin: date, end: date) -> dict[str, Any]:
    """Return the transfers of a span of days, both included: to other accounts (internal) or brokers (external)."""
    account = session.account.account
    days = {"since_date": begin.isoformat(), "to_date": end.isoformat()}
    params = fill(PositionTransferRecordsParams(), account_id=account, **days)
    told = [_decode(row) for row in rows(session.read(SCOPES[scope], params, session.read_deadline()))]
    transfers = [row for row in told if _is_of_account(row, account)]
    span = {"begin_date": begin.isoformat(), "end_date": end.isoformat()}
    return {"scope": scope, **span, "count": len(transfers), "transfers": transfers}


def fetch_position_transfer(session: Session, transfer_id: str) -> dict[str, Any]:
    """Return one internal transfer with its positions.

    Raises:
        InvalidRequest: Tiger knows no such transfer of the account.
    """
    params = fill(PositionTransferDetailParams(), account_id=session.account.account, id=transfer_id)
    try:
        sent = mapping(session.read(POSITION_TRANSFER_DETAIL, params, session.read_deadline()))
    except InvalidRequest as error:
        raise _get_refusal() from error
    decoded = _decode(sent)
    if decoded["id"] != transfer_id or not _is_of_account(decoded, session.account.account):
        raise _get_refusal()
    transfer = {**decoded, "positions": _get_positions(sent.get("detail"))}
    return {"scope": "internal", "count": 1, "transfers": [transfer]}


def _is_of_account(transfer: Mapping[str, Any], account: str) -> bool:
    """Return whether a transfer names an account; that Tiger asks for the account does not say that it keeps to it."""
    parties = {transfer["account"], transfer["counterparty_account"]} - {None}
    return not parties or account in parties


def _get_refusal() -> InvalidRequest:
    return InvalidRequest.of_fields({"transfer_id": ["Tiger knows no such transfer of this account."]})
