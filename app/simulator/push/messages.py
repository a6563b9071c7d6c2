"""The messages of Tiger's push protocol, and their way to bytes and back.

The numbers and types are those of the SDK's push/pb/*.proto, written out because the simulator does not know the SDK;
a test compares them field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator.push.fields import (
    KINDS,
    Kind,
    UnreadableFrame,
    WireType,
    read_raw,
    read_varint,
    write_block,
    write_scalar,
    write_tag,
)

OPTIONAL, REPEATED = "?", "*"
_TABLES = """
Request: command=1 enum, id=2 uint32, subscribe=3 Subscribe?, connect=4 Connect?, refreshToken=5 RefreshToken?
RefreshToken: accessToken=1 string
Connect: tigerId=1 string, sign=2 string, sdkVersion=3 string, acceptVersion=4 string?, sendInterval=5 uint32?,
    receiveInterval=6 uint32?, useFullTick=7 bool?, accessToken=10 string?
Subscribe: dataType=1 enum, symbols=2 string?, account=3 string?, market=4 string?
Response: command=1 enum, id=2 uint32?, code=3 int32?, msg=4 string?, body=5 PushData?
PushData: dataType=1 enum, quoteData=2 QuoteData?, quoteDepthData=3 QuoteDepthData?, tradeTickData=4 TradeTickData?,
    positionData=5 PositionData?, assetData=6 AssetData?, orderStatusData=7 OrderStatusData?,
    orderTransactionData=8 OrderTransactionData?, stockTopData=9 StockTopData?, optionTopData=10 OptionTopData?,
    klineData=11 KlineData?, tickData=12 TickData?
QuoteData: symbol=1 string, type=2 enum, timestamp=3 uint64, serverTimestamp=4 uint64?, avgPrice=5 double?,
    latestPrice=6 double?, latestPriceTimestamp=7 uint64?, latestTime=8 string?, preClose=9 double?, volume=10 sint64?,
    amount=11 double?, open=12 double?, high=13 double?, low=14 double?, hourTradingTag=15 string?,
    marketStatus=16 string?, askPrice=17 double?, askSize=18 sint64?, askTimestamp=19 uint64?, bidPrice=20 double?,
    bidSize=21 sint64?, bidTimestamp=22 uint64?, identifier=23 string?, openInt=24 sint64?, tradeTime=25 uint64?,
    preSettlement=26 double?, minTick=27 float?, mi=28 Minute?, volumeDecimal=29 double?
Minute: p=1 double, a=2 double, t=3 uint64, v=4 sint64, o=5 double, h=6 double, l=7 double
QuoteDepthData: symbol=1 string, timestamp=2 uint64, ask=3 OrderBook?, bid=4 OrderBook?
OrderBook: price=1 double*, volume=2 sint64*, orderCount=3 uint32*, exchange=4 string*, time=5 sint64*
TradeTickData: symbol=1 string, type=2 string, cond=3 string, sn=4 int64, priceBase=5 int64, priceOffset=6 int32,
    time=7 int64*, price=8 int64*, volume=9 int64*, partCode=10 string*, quoteLevel=11 string, timestamp=12 uint64,
    secType=13 string, mergedVols=14 MergedVol*
MergedVol: mergeTimes=1 int32, vol=2 int64*
TickData: symbol=1 string, ticks=2 Tick*, timestamp=3 int64, source=4 string
Tick: sn=1 int64, time=2 int64, price=3 float, volume=4 int32, type=5 string, cond=6 string, partCode=7 string
PositionData: account=1 string, symbol=2 string, expiry=3 string, strike=4 string, right=5 string,
    identifier=6 string, multiplier=7 uint32, market=8 string, currency=9 string, segType=10 string, secType=11 string,
    position=12 sint64, positionScale=13 sint32, averageCost=14 double, latestPrice=15 double, marketValue=16 double,
    unrealizedPnl=17 double, name=18 string, timestamp=19 uint64, saleable=20 sint64?, positionQty=21 double,
    salableQty=22 double
AssetData: account=1 string, currency=2 string, segType=3 string, availableFunds=4 double, excessLiquidity=5 double,
    netLiquidation=6 double, equityWithLoan=7 double, buyingPower=8 double, cashBalance=9 double,
    grossPositionValue=10 double, initMarginReq=11 double, maintMarginReq=12 double, timestamp=13 uint64
OrderStatusData: id=1 sint64, account=2 string, symbol=3 string, expiry=4 string, strike=5 string, right=6 string,
    identifier=7 string, multiplier=8 uint32, action=9 string, market=10 string, currency=11 string, segType=12 string,
    secType=13 string, orderType=14 string, isLong=15 bool, totalQuantity=16 sint64, totalQuantityScale=17 sint32,
    filledQuantity=18 sint64, filledQuantityScale=19 sint32, avgFillPrice=20 double, limitPrice=21 double,
    stopPrice=22 double, realizedPnl=23 double, status=24 string, replaceStatus=25 string, cancelStatus=26 string,
    outsideRth=27 bool, canModify=28 bool, canCancel=29 bool, liquidation=30 bool, name=31 string, source=32 string,
    errorMsg=33 string, attrDesc=34 string, commissionAndFee=35 float, openTime=36 uint64, timestamp=37 uint64,
    userMark=38 string, totalCashAmount=39 double, filledCashAmount=40 double, gst=41 double, attrList=42 string*,
    timeInForce=43 string, updateTime=44 uint64, latestTime=45 uint64
OrderTransactionData: id=1 sint64, orderId=2 sint64, account=3 string, symbol=4 string, identifier=5 string,
    multiplier=6 uint32, action=7 string, market=8 string, currency=9 string, segType=10 string, secType=11 string,
    filledPrice=12 double, filledQuantity=13 sint64, createTime=14 uint64, updateTime=15 uint64,
    transactTime=16 uint64, timestamp=17 uint64
StockTopData: market=1 string, timestamp=2 int64, topData=3 StockTop*
StockTop: targetName=1 string, item=2 StockItem*
StockItem: symbol=1 string, latestPrice=2 double, targetValue=3 double
OptionTopData: market=1 string, timestamp=2 int64, topData=3 OptionTop*
OptionTop: targetName=1 string, bigOrder=2 BigOrder*, item=3 OptionItem*
BigOrder: symbol=1 string, expiry=2 string, strike=3 string, right=4 string, dir=5 string, volume=6 double,
    price=7 double, amount=8 double, tradeTime=9 int64
OptionItem: symbol=1 string, expiry=2 string, strike=3 string, right=4 string, totalAmount=5 double,
    totalVolume=6 double, totalOpenInt=7 double, volumeToOpenInt=8 double, latestPrice=9 double, updateTime=10 int64
KlineData: time=1 int64, open=2 float, high=3 float, low=4 float, close=5 float, avg=6 float, volume=7 int64,
    count=8 int32, symbol=9 string, amount=10 double, serverTimestamp=11 uint64?
"""
"""A message a line: each field's name, number and type; ``?`` where absence is told from zero, ``*`` for a list."""


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one field; ``type_name`` is a scalar type, ``enum`` or the name of a message."""

    name: str
    number: int
    type_name: str
    label: str

    @property
    def kind(self) -> Kind | None:
        """Return the scalar type, None for a message."""
        return KINDS.get(self.type_name)


def _read_tables(text: str) -> dict[str, tuple[Field, ...]]:
    tables = {}
    for line in text.replace("\n    ", " ").strip().splitlines():
        message, _, described = line.partition(": ")
        tables[message] = tuple(_read_field(field) for field in described.split(", "))
    return tables


def _read_field(text: str) -> Field:
    name, _, rest = text.partition("=")
    number, type_name = rest.split(" ")
    label = type_name[-1] if type_name[-1] in OPTIONAL + REPEATED else ""
    return Field(name, int(number), type_name.removesuffix(label) if label else type_name, label)


MESSAGES = _read_tables(_TABLES)
_BY_NAME = {message: {field.name: field for field in fields} for message, fields in MESSAGES.items()}
_BY_NUMBER = {message: {field.number: field for field in fields} for message, fields in MESSAGES.items()}
BODIES = {field.type_name: field.name for field in MESSAGES["PushData"] if field.kind is None}
"""Under which name each kind of data stands in ``PushData``."""


def encode(message: str, values: Mapping[str, Any]) -> bytes:
    """Return the bytes of a message; None stands for a field that is absent. Raises KeyError for an unknown field."""
    known = _BY_NAME[message]
    return b"".join(_write(known[name], value) for name, value in values.items() if value is not None)


def _write(field: Field, value: Any) -> bytes:
    kind = field.kind
    if field.label == REPEATED:
        return _write_list(field, value)
    if kind is None:
        return write_tag(field.number, WireType.LENGTH) + write_block(encode(field.type_name, value))
    # What has no presence of its own is left out where it is zero, as proto3 does.
    if not field.label and not value:
        return b""
    return write_tag(field.number, kind.wire_type) + write_scalar(kind, value)


def _write_list(field: Field, values: Any) -> bytes:
    kind = field.kind
    if kind is not None and kind.wire_type is not WireType.LENGTH:
        packed = b"".join(write_scalar(kind, value) for value in values)
        return write_tag(field.number, WireType.LENGTH) + write_block(packed) if packed else b""
    tag = write_tag(field.number, WireType.LENGTH)
    if kind is None:
        return b"".join(tag + write_block(encode(field.type_name, value)) for value in values)
    return b"".join(tag + write_scalar(kind, value) for value in values)


def decode(message: str, data: bytes) -> dict[str, Any]:
    """Return what a message holds, without what it leaves out or what is not known; raises UnreadableFrame."""
    found: dict[str, Any] = {}
    known, position = _BY_NUMBER[message], 0
    while position < len(data):
        tag, position = read_varint(data, position)
        raw, position = read_raw(data, position, tag & 7)
        field = known.get(tag >> 3)
        if field is not None and field.label != REPEATED:
            found[field.name] = _read(field, raw, tag & 7)
    return found


def _read(field: Field, raw: int | bytes, wire_type: int) -> Any:
    kind = field.kind
    if wire_type != (WireType.LENGTH if kind is None else kind.wire_type):
        raise UnreadableFrame(f"field {field.name} is of another type")
    if kind is None:
        return decode(field.type_name, bytes(raw) if isinstance(raw, bytes) else b"")
    try:
        return kind.read(raw)
    except UnicodeDecodeError:
        raise UnreadableFrame(f"field {field.name} is no text") from None
