"""What an algorithm goes by: the fields of TWAP, VWAP and iceberg orders, as Tiger shows them on an order."""

from collections.abc import Mapping
from typing import Any, Final

from app.tiger.order_kinds import KINDS
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.values import decimal, mapping, milliseconds, number, text, truth, whole

NAMES: Final = (
    "start_time",
    "end_time",
    "participation_rate",
    "no_take_liquidity",
    "allow_past_end_time",
    "display_size",
    "min_display_size",
    "check_interval_seconds",
    "price_type",
)
_decode_tags: Final = get_decoder(
    (milliseconds, "start_time end_time"),
    (decimal, "participation_rate"),
    (truth, "no_take_liquidity=noTakeLiq allow_past_end_time"),
)
_decode_iceberg: Final = get_decoder(
    (whole, "display_size min_display_size check_interval_seconds=checkIntervals"),
    (text, "price_type"),
    (milliseconds, "start_time end_time"),
)


def get_algorithm(order_type: str | None, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an order says of its algorithm, by our names; empty for a type that has none.

    TWAP and VWAP say it as tags [SDK: ALGO_PARAMS_TAG_MAP], an iceberg by members of its own.
    """
    kind = KINDS.get(order_type or "")
    if kind is None or not kind.wire:
        return {}
    if not kind.is_algorithm:
        # The SDK reads either spelling alike.
        spelled = {name: value for name, value in item.items() if "_" not in name}
        return _decode_iceberg({_camel(name): value for name, value in item.items()} | spelled)
    sent = item.get("algoParameters", item.get("algoParams"))
    tags = [mapping(tag) for tag in sent] if isinstance(sent, list) else []
    return _decode_tags({_camel(str(tag.get("tag"))): tag.get("value") for tag in tags})


def show_algorithm(algorithm: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is published of an algorithm; None where there is none."""
    if not algorithm:
        return None
    shown = {name: algorithm.get(name) for name in NAMES}
    return {**shown, "participation_rate": number(shown["participation_rate"])}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
