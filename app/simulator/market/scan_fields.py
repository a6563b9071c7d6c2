"""The fields of Tiger's scanner that are known here: number, wire name, and how a listing answers."""

from collections.abc import Callable
from dataclasses import dataclass

from app.simulator.market.expirations import is_optionable
from app.simulator.market.ratios import float_shares
from app.simulator.market.scan_facts import ScanFacts, Value
from app.simulator.market.sessions import Session

Answer = Callable[[ScanFacts, str | None], Value]


@dataclass(frozen=True, slots=True)
class ScanField:
    """Describe a field: its kind (StockField, AccumulateField …), Tiger's name and number for it, and its wire name."""

    kind: str
    name: str
    index: int
    wire_name: str
    answer: Answer


def _quote(name: str) -> Answer:
    return lambda facts, _: getattr(facts.quote, name)


def _ratio(name: str) -> Answer:
    return lambda facts, _: facts.ratios.get(name)


def _extended(session: Session, as_rate: bool) -> Answer:
    def answer(facts: ScanFacts, _: str | None) -> Value:
        quote = facts.extended(session)
        if quote is None:
            return None
        return round(quote.price / quote.reference - 1, 6) if as_rate else quote.price

    return answer


def _account(name: str, period: str = "LTM", divisor: int = 1) -> Answer:
    def answer(facts: ScanFacts, asked: str | None) -> Value:
        value = facts.account(name, {"ANNUAL": "Annual", "QUARTERLY": "Quarterly"}.get(asked or "", period))
        return round(value / divisor, 6) if isinstance(value, int | float) else None

    return answer


def _growth(name: str, period: str) -> Answer:
    return lambda facts, _: facts.growth(name, period)


def _change(number: int) -> Answer:
    def answer(facts: ScanFacts, period: str | None) -> Value:
        change = facts.change(period)
        return None if change is None else change[number]

    return answer


def _volatility(number: int) -> Answer:
    def answer(facts: ScanFacts, _: str | None) -> Value:
        return None if facts.volatility is None else round(facts.volatility[number], 6)

    return answer


def _mean_price(facts: ScanFacts, _: str | None) -> Value:
    quote = facts.quote
    return round((quote.open + quote.high + quote.low + quote.latest) / 4 * quote.volume, 2)


def _committee(facts: ScanFacts, _: str | None) -> Value:
    bids, asks = facts.quote.bid_size, facts.quote.ask_size
    return round((bids - asks) / (bids + asks), 6)


def _flag(holds: Callable[[ScanFacts], bool]) -> Answer:
    return lambda facts, _: int(holds(facts))


_ROWS: dict[str, tuple[tuple[str, int, str, Answer], ...]] = {
    "StockField": (
        ("CurPrice", 2, "latestPrice", _quote("latest")),
        ("BidPrice", 3, "bidPrice", _quote("bid")),
        ("AskPrice", 4, "askPrice", _quote("ask")),
        ("OpenPrice", 5, "open", _quote("open")),
        ("PreClosePrice", 6, "preClose", _quote("pre_close")),
        ("HighPrice", 7, "high", _quote("high")),
        ("LowPrice", 8, "low", _quote("low")),
        ("HourTradingPrePrice", 9, "hourTradingPrePrice", _extended(Session.PRE_MARKET, as_rate=False)),
        ("HourTradingAfterPrice", 10, "hourTradingAfterPrice", _extended(Session.AFTER_HOURS, as_rate=False)),
        ("Volume", 11, "volume", _quote("volume")),
        ("Amount", 12, "amount", _mean_price),
        ("FloatShare", 13, "floatShares", lambda facts, _: float_shares(facts.instrument.shares)),
        ("Week52High", 14, "week52High", _ratio("week52High")),
        ("Week52Low", 15, "week52Low", _ratio("week52Low")),
        ("FloatMarketVal", 16, "floatMarketCap", _ratio("floatMarketCap")),
        ("MarketValue", 17, "marketValue", _ratio("marketCap")),
        ("ttm_Eps", 20, "ttmEps", _ratio("ttmEps")),
        ("VolumeRatio", 21, "volumeRatio", _ratio("volumeRatio")),
        ("BidAskRatio", 22, "committee", _committee),
        ("PeTTM", 24, "peRate", _ratio("ttmPeRate")),
        ("DividePrice", 26, "dividePriceVal", _account("dividends_per_share")),
        ("DivideRate", 27, "divideRateVal", _ratio("divideRate")),
        ("Exchange", 29, "exchange", lambda facts, _: facts.instrument.exchange),
        ("TurnoverRate", 30, "turnoverRate", _ratio("turnoverRate")),
        ("ListingDate", 31, "listingDate", lambda facts, _: facts.listed_ms()),
        ("Share", 33, "shares", lambda facts, _: facts.instrument.shares),
        ("lyr_Eps", 37, "lyrEps", _ratio("lyrEps")),
        ("Amplitude", 57, "Amplitude", lambda f, _: round((f.quote.high - f.quote.low) / f.quote.pre_close, 6)),
        ("Pre_ChangeRate", 58, "preChangeRate", _extended(Session.PRE_MARKET, as_rate=True)),
        ("current_ChangeRate", 59, "curChangeRate", lambda facts, _: _change(0)(facts, None)),
        ("Post_ChangeRate", 60, "postChangeRate", _extended(Session.AFTER_HOURS, as_rate=True)),
        ("Net_Income", 63, "netIncomeVal", _account("net_income")),
        ("current_ChangeVal", 64, "curChangeVal", lambda facts, _: _change(1)(facts, None)),
        ("Timestamp", 65, "Timestamp", _quote("latest_ms")),
        ("ivRatio", 70, "ivRatio", _volatility(0)),
        ("ivPercentile", 71, "ivPercentile", _volatility(1)),
        ("hvRatio", 72, "hvRatio", _volatility(2)),
    ),
    "AccumulateField": (
        ("ChangeRate", 1, "changeRate", _change(0)),
        ("ChangeValue", 2, "changeVal", _change(1)),
        ("NetIncome_Ratio_Annual", 6, "netIncomeRatio", _growth("net_income", "Annual")),
        ("OperatingIncome_Ratio_Annual", 7, "opeIncomeratio", _growth("operating_income", "Annual")),
        ("Eps", 8, "eps", _account("basic_eps")),
        ("NetAsset_PerShare", 9, "bookValueshare", _account("book_valueshare")),
        ("Net_Income", 10, "netIncome", _account("net_income")),
        ("Operating_Income", 11, "operatingIncome", _account("operating_income")),
        ("Total_Revenue", 12, "total_revenue", _account("total_revenue")),
        ("ROE", 13, "ROE", _account("return_on_equity", divisor=100)),
        ("ROA", 14, "ROA", _account("return_on_assets", divisor=100)),
        ("GrossProfitRate", 17, "grossMargin", _account("gross_margin", divisor=100)),
        ("NetProfitRate", 18, "netIncomeMargin", _account("net_income_margin", divisor=100)),
        ("TotalAssets", 19, "totalAssets", _account("total_assets")),
        ("CurrentRatio", 20, "currentRatio", _account("current_ratio")),
        ("CashFromOpsVal", 29, "cash4OpsVal", _account("cash_from_ops")),
    ),
    "FinancialField": (
        ("GrossProfitRate", 1, "grossMarginVal", _account("gross_margin", divisor=100)),
        ("NetProfitRate", 2, "netIncomeMarginVal", _account("net_income_margin", divisor=100)),
        ("CurrentRatio", 11, "currentRatioVal", _account("current_ratio")),
        ("ROATTM", 13, "roa", _ratio("roa")),
        ("ReturnOnEquityRate", 14, "roe", _ratio("roe")),
        ("TotalRevenues1YrGrowth", 15, "totalRevenues1YrGrowth", _growth("total_revenue", "LTM")),
        ("NetIncome1YrGrowth", 17, "netIncome1YrGrowth", _growth("net_income", "LTM")),
        ("NetIncomeToCompany", 33, "netIncomeToCompany", _account("net_income_to_company")),
        ("CashFromOperations", 34, "cashFromOps", _account("cash_from_ops")),
        ("TotalAssets", 41, "totalAssetsVal", _account("total_assets")),
        ("OperatingIncome", 43, "operatingIncomeVal", _account("operating_income")),
        ("TotalRevenue", 44, "totalRevenue", _account("total_revenue")),
        ("LYR_PE", 45, "LyrPE", _ratio("lyrPeRate")),
        ("TTM_PE", 46, "ttmPE", _ratio("ttmPeRate")),
        ("TTM_PS", 48, "ttmPS", _ratio("psRate")),
    ),
    "MultiTagField": (
        ("Industry", 1, "industry", lambda facts, _: facts.sector(2)),
        ("isOTC", 3, "isOTC", _flag(lambda _: False)),
        ("StockCode", 4, "symbol", lambda facts, _: facts.instrument.symbol),
        ("Type", 5, "type", _flag(lambda facts: facts.instrument.is_etf)),
        ("Net_Broken", 7, "netBroken", _flag(lambda facts: facts.ratios.get("pbRate", 9) < 1)),
        ("OptionsAvailable", 13, "optionsAvailable", _flag(lambda facts: is_optionable(facts.instrument))),
        ("Week52HighFlag", 17, "week52HighFlag", _flag(lambda f: f.quote.high >= f.ratios["week52High"])),
        ("Week52LowFlag", 18, "week52LowFlag", _flag(lambda f: f.quote.low <= f.ratios["week52Low"])),
        ("TradeCurrency", 19, "tradeCurrency", lambda facts, _: facts.instrument.currency),
        ("Market_Name", 21, "marketName", lambda facts, _: facts.instrument.market),
        ("One_Sectors_Level", 22, "oneSectorsLevel", lambda facts, _: facts.sector(0)),
    ),
}

FIELDS = {
    (kind, name): ScanField(kind, name, index, wire_name, answer)
    for kind, rows in _ROWS.items()
    for name, index, wire_name, answer in rows
}
"""Every field by its kind and Tiger's name."""
