"""How contracts of each type are written on the wire."""

from decimal import Decimal
from typing import Any

from app.simulator.market.contract_ids import get_contract_id
from app.simulator.market.derivatives import Warrant
from app.simulator.market.funds import Fund
from app.simulator.market.future_contracts import FutureContract
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.options import OptionContract
from app.simulator.market.ticks import TickTable

_MONEY = Decimal("0.001")
_DAY_MS = 86_400_000


def _head(
    identifier: str, symbol: str, sec_type: str, market: str, currency: str, exchange: str, name: str, lot: float
) -> dict[str, Any]:
    return {
        "contractId": get_contract_id(identifier),
        "identifier": identifier,
        "symbol": symbol,
        "secType": sec_type,
        "multiplier": 1.0,
        "lotSize": lot,
        "market": market,
        "primaryExchange": exchange,
        "currency": currency,
        "localSymbol": identifier,
        "tradingClass": symbol,
        "name": name,
        "status": 1,
        "tradeable": True,
        "marginable": False,
        "shortable": False,
        "closeOnly": False,
    }


def stock_row(instrument: Instrument, language: str, seed: int, now_ms: int) -> dict[str, Any]:
    """Return a stock's contract; margins grow with volatility, a short one costs more."""
    margin = min(1.0, round(0.2 + instrument.volatility * 0.35, 2))
    row = _instrument_row(instrument, "STK", language) | {
        "marginable": instrument.market != "CN",
        "longInitialMargin": margin,
        "longMaintenanceMargin": round(margin * 0.85, 4),
        "shortable": instrument.shortable,
        "isEtf": instrument.is_etf,
        "supportOvernightTrading": instrument.market == "US",
        "supportFractionalShare": instrument.fractional or instrument.sells_odd_lots,
    }
    if instrument.shortable:
        chance = seed_of(seed, instrument.symbol, "lending")
        row |= {
            "shortMargin": round(margin + 0.05, 2),
            "shortInitialMargin": round(margin + 0.05, 2),
            "shortMaintenanceMargin": margin,
            "shortFeeRate": round(0.25 + 6 * uniform(chance, 1) ** 4, 4),
            "shortableCount": int(instrument.shares * 0.002 * (0.5 + uniform(chance, now_ms // _DAY_MS))),
        }
    return row


def digital_row(asset: Instrument, language: str) -> dict[str, Any]:
    """Return a digital asset's contract, of which any fraction can be traded."""
    return _instrument_row(asset, "CC", language) | {"supportFractionalShare": True}


def _instrument_row(instrument: Instrument, sec_type: str, language: str) -> dict[str, Any]:
    name, lot = instrument.name_in(language), float(instrument.lot_size)
    symbol, market, exchange = instrument.symbol, instrument.market, instrument.exchange
    row = _head(symbol, symbol, sec_type, market, instrument.currency, exchange, name, lot)
    return row | {"tickSizes": instrument.ticks.to_wire()}


def fund_row(fund: Fund, language: str) -> dict[str, Any]:
    """Return a fund's contract, which is bought by amount."""
    name = fund.chinese_name if language.startswith("zh") else fund.name
    market = fund.symbol.rpartition(".")[2][:2]
    row = _head(fund.symbol, fund.symbol, "FUND", market, fund.currency, "FUND", name, 1.0)
    return row | {"supportFractionalShare": True}


def option_row(option: OptionContract) -> dict[str, Any]:
    """Return an option's contract."""
    exchange = "SEHK" if option.market == "HK" else "CBOE"
    row = _head(option.identifier, option.symbol, "OPT", option.market, option.currency, exchange, option.symbol, 1.0)
    return row | {
        "expiry": option.expiry,
        "strike": float(option.strike),
        "right": option.right,
        "multiplier": float(option.multiplier),
        "shortable": True,
        "tickSizes": _ticks(option.ticks),
    }


def warrant_row(warrant: Warrant, language: str) -> dict[str, Any]:
    """Return a warrant's or bull/bear contract's contract."""
    lot, name = float(warrant.shares_per_lot), warrant.name_in(language)
    row = _head(warrant.symbol, warrant.symbol, warrant.sec_type, "HK", "HKD", "SEHK", name, lot)
    return row | {
        "expiry": warrant.expiry,
        "strike": float(warrant.strike.quantize(_MONEY)),
        "right": warrant.right,
        "multiplier": lot,
        "tickSizes": _ticks(warrant.ticks),
    }


def future_row(future: FutureContract) -> dict[str, Any]:
    """Return a future's contract."""
    row = _head(future.code, future.code, "FUT", "US", "USD", future.exchange, future.name, 1.0)
    return row | {
        "tradingClass": future.product,
        "multiplier": float(future.multiplier),
        "marginable": True,
        "shortable": True,
        "exchange": future.exchange,
        "minTick": float(future.tick),
        "contractMonth": future.month,
        "expiry": future.last_trading_day,
        "lastTradingDate": future.last_trading_day,
        "continuous": future.is_continuous,
    }


def _ticks(table: TickTable) -> list[dict[str, Any]]:
    return table.to_wire()
