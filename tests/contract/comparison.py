"""Compare what the gateway makes of an answer of Tiger's with what the unmodified SDK makes of it, field by field."""

import copy
import inspect
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tigeropen.quote.quote_client import QuoteClient
from tigeropen.trade.trade_client import TradeClient

Row = dict[str, Any]


def get_rows(result: Any) -> list[Any]:
    """Return the rows of a table, a list, or one row."""
    if hasattr(result, "to_dict") and hasattr(result, "columns"):
        return list(result.to_dict("records"))
    return list(result) if isinstance(result, list | tuple) else [result]


@dataclass(frozen=True)
class Comparison:
    """Say which fields of the SDK's are which members of ours, for one read or a part of its answer.

    ``same`` names them as "sdk=ours", or both by one word; the rows stand in the same order. ``left`` are fields of
    the SDK's that the gateway does not tell, ``added`` members that the SDK does not have. ``convert`` makes our value
    of the SDK's where the two are not to be equal: another unit, or a fault of the SDK. ``flatten`` makes rows of what
    the SDK read; ``told`` names the attribute of its response, which by default is what its client returns.
    """

    read: str
    decode: Callable[[Any], Any]
    same: str
    left: str = ""
    added: str = ""
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    flatten: Callable[[Any], Iterable[Row]] = get_rows
    told: str = ""

    def check(self, data: Any) -> None:
        """Fail where a value differs, or a field of either side is named nowhere."""
        theirs = [get_members(row) for row in self.flatten(read_by_sdk(self.read, data, self.told))]
        ours = list(get_rows(self.decode(copy.deepcopy(data))))
        pairs = {sdk: name or sdk for sdk, _, name in (word.partition("=") for word in self.same.split())}

        assert theirs, "the SDK reads nothing"
        assert len(theirs) == len(ours)
        for their, our in zip(theirs, ours, strict=True):
            assert their.keys() == pairs.keys() | set(self.left.split())
            assert our.keys() == set(pairs.values()) | set(self.added.split())
            expected = {name: self._convert(sdk, their[sdk]) for sdk, name in pairs.items()}
            assert {name: our[name] for name in expected} == expected

    def _convert(self, name: str, value: Any) -> Any:
        plain = get_plain(value)
        return self.convert[name](plain) if name in self.convert and plain is not None else plain


def read_by_sdk(read: str, data: Any, attribute: str = "") -> Any:
    """Return what the SDK makes of the data of an answer: what its client returns, or an attribute of the response."""
    client = next(client for client in (QuoteClient, TradeClient) if hasattr(client, read))
    source = inspect.getsource(getattr(client, read))
    named = re.search(r"\b(\w+Response)\(", source)
    told = re.search(r"return response\.(\w+)", source)
    assert named, read
    assert told, read
    response = getattr(sys.modules[client.__module__], named[1])()
    response.parse_response_content({"code": 0, "message": "success", "data": copy.deepcopy(data)})
    assert response.is_success()
    return getattr(response, attribute or told[1])


def get_members(row: Any) -> Row:
    """Return the members of a row, or of an object of the SDK's."""
    if isinstance(row, dict):
        return row
    slots = [name for kind in type(row).__mro__ for name in getattr(kind, "__slots__", ())]
    names = [*getattr(row, "__dict__", {}), *slots]
    return {name.lstrip("_"): getattr(row, name.lstrip("_"), getattr(row, name, None)) for name in names}


def get_plain(value: Any) -> Any:
    """Return a value of the SDK's; what it writes for nothing (NaN, an empty text) is None."""
    if isinstance(value, Enum):
        return value.value
    is_nothing = value == "" if isinstance(value, str) else isinstance(value, float) and math.isnan(value)
    return None if is_nothing else value
