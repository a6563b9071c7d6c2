"""Requests of the company info category."""

from typing import Any

from marshmallow import ValidationError, fields, post_load
from marshmallow.validate import Length

from app.tiger.symbols import get_zone
from schemas.fields import Choice, Price, Request, Symbols, Text
from schemas.moments import DayField, MomentField

SECURITY_TYPES = ("STK", "OPT", "FUT", "WAR", "IOPT")
"""Those that Tiger answers for."""
ACTION_TYPES = ("dividend", "split", "merge", "symbol_change", "delisting", "ipo")
PERIOD_TYPES = ("Annual", "Quarterly", "LTM")


class FigureName(Text):
    """The name of a figure, as documented or as Tiger has it."""


class RangeRequest(Request):
    """A request for some symbols and a range of days, both ends included, as the first symbol's market counts days."""

    symbols = Symbols(required=True)
    begin_date = MomentField(metadata={"description": "The first day wanted."})
    end_date = MomentField(metadata={"description": "The last day wanted."})

    @post_load
    def take_days(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Replace the moments by days, ``None`` where the range is open."""
        zone = get_zone(data["symbols"][0])
        for name in ("begin_date", "end_date"):
            moment = data.get(name)
            data[name] = moment.date(zone) if moment else None
        if data["begin_date"] and data["end_date"] and data["begin_date"] > data["end_date"]:
            raise ValidationError("Send a begin_date that is not after the end_date.", "begin_date")
        return data


class ContractsRequest(Request):
    """Ask for contracts; an option is named by expiry, strike and put_call, or a whole expiration listed by expiry."""

    symbols = Symbols(required=True)
    sec_type = Choice(
        SECURITY_TYPES,
        load_default="STK",
        metadata={"description": "The kind of contract; derivatives need an expiry."},
    )
    expiry = DayField(load_default=None, metadata={"description": 'An expiration, "YYYYMMDD" or "YYYY-MM-DD".'})
    strike = Price(load_default=None, metadata={"description": "The strike price of an option or warrant."})
    put_call = Choice(("PUT", "CALL"), load_default=None, metadata={"description": "The side of an option or warrant."})

    @post_load
    def normalise_expiry(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Write the expiration as YYYYMMDD."""
        if data["expiry"] is not None:
            data["expiry"] = f"{data['expiry']:%Y%m%d}"
        return data


class FinancialsRequest(RangeRequest):
    """Ask for figures of financial reports."""

    fields_ = fields.List(
        FigureName(),
        data_key="fields",
        validate=Length(min=1),
        metadata={"description": "Names of figures; three by default."},
    )
    period_type = Choice(
        PERIOD_TYPES,
        load_default="Annual",
        metadata={"description": "The length of a period; LTM is the last twelve months."},
    )

    @post_load
    def rename_fields(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Call the names what they are; ``fields`` is marshmallow's own word."""
        data["fields"] = data.pop("fields_", None)
        return data


class ActionsRequest(RangeRequest):
    """Ask for corporate actions."""

    action_type = Choice(ACTION_TYPES, metadata={"description": "One kind; all where it is left out."})


class EarningsRequest(RangeRequest):
    """Ask for the earnings calendar of at most two years; by default of three months back and three months ahead.

    Tiger answers for a month of a market at once: each four weeks that are not kept yet cost a call, seven or eight by
    default, and serve every symbol of the market for ``cache.earnings_seconds``.
    """
