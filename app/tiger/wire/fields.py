"""Read the members of an answer, and write those of a question, by tables."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tigeropen.common.model import BaseParams

Decode = Callable[[Mapping[str, Any]], dict[str, Any]]
Params = TypeVar("Params", bound=BaseParams)


def get_decoder(*parts: tuple[Callable[[Any], Any], str]) -> Decode:
    """Return what makes our object of one of Tiger's.

    Each part is a way to read a value and the names of the members that are read so, in the order of the result. Tiger
    writes a name in camel case; where it calls the member something else, that follows: "ex_date=executeDate".
    It takes a third longer than a literal (1.6 ms for 1 200 bars, not 1.2), so what is read by the thousand has one.
    """
    fields = [
        (name, sent or re.sub(r"_(\w)", lambda found: found[1].upper(), name), read)
        for read, names in parts
        for name, _, sent in (word.partition("=") for word in names.split())
    ]

    def decode(item: Mapping[str, Any]) -> dict[str, Any]:
        return {name: read(item.get(sent)) for name, sent, read in fields}

    return decode


def fill(params: Params, **members: Any) -> Params:
    """Give members of a request of the SDK's their values, and return it.

    Raises:
        AttributeError: The request has no such member.
    """
    for name, value in members.items():
        getattr(params, name)
        setattr(params, name, value)
    return params
