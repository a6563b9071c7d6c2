"""The market half of the simulator as the trading half and the server see it."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from app.simulator.clock import Clock
from app.simulator.market.actions import Actions
from app.simulator.market.coins import Coins
from app.simulator.market.companies import Companies
from app.simulator.market.derivatives import Derivatives, FutureContract
from app.simulator.market.exchange import Exchange
from app.simulator.market.funds import Funds
from app.simulator.market.futures import Futures
from app.simulator.market.instruments import Instrument
from app.simulator.market.options import OptionContract, OptionQuote, Options
from app.simulator.market.quotes import Quote
from app.simulator.market.warrants import Warrants
from app.simulator.methods.bars import BarMethods
from app.simulator.methods.brokers import BrokerMethods
from app.simulator.methods.companies import CompanyMethods
from app.simulator.methods.contracts import ContractMethods
from app.simulator.methods.currencies import CurrencyMethods
from app.simulator.methods.figures import FigureMethods
from app.simulator.methods.flows import FlowMethods
from app.simulator.methods.funds import FundMethods
from app.simulator.methods.future_quotes import FutureQuoteMethods
from app.simulator.methods.futures import FutureMethods
from app.simulator.methods.industries import IndustryMethods
from app.simulator.methods.listings import ListingMethods
from app.simulator.methods.option_analysis import OptionAnalysisMethods
from app.simulator.methods.option_history import OptionHistoryMethods
from app.simulator.methods.options import OptionMethods
from app.simulator.methods.quotes import QuoteMethods
from app.simulator.methods.scanner import ScannerMethods
from app.simulator.methods.timelines import TimelineMethods
from app.simulator.methods.warrants import WarrantMethods
from app.simulator.readings import Readings, ReadingsInForce
from app.simulator.wire import Handler


class Market:
    """Quote stocks and options and answer every wire method for quotes and companies.

    Everything follows from ``seed``, symbol and the clock's time; nothing is stored. One thread at a time.
    """

    methods: Mapping[str, Handler]

    def __init__(
        self, seed: int, clock: Clock, real_hours: bool = False, readings: ReadingsInForce | None = None
    ) -> None:
        self._exchange = exchange = Exchange(seed, clock, real_hours)
        self._options = options = Options(exchange)
        self.derivatives = derivatives = Derivatives(exchange)
        self.futures = Futures(exchange, derivatives)
        self.warrants = Warrants(exchange)
        self.funds = Funds(exchange)
        self.coins = Coins(exchange)
        companies = Companies(seed)
        parts = (
            QuoteMethods(exchange, companies),
            BarMethods(exchange, companies),
            TimelineMethods(exchange, companies),
            ListingMethods(exchange),
            OptionMethods(exchange, options),
            OptionHistoryMethods(exchange, options),
            OptionAnalysisMethods(exchange, options),
            ContractMethods(exchange, options, derivatives),
            ScannerMethods(exchange, companies),
            FlowMethods(exchange),
            FigureMethods(exchange, companies),
            IndustryMethods(),
            BrokerMethods(exchange),
            CurrencyMethods(),
            WarrantMethods(exchange, derivatives, self.warrants),
            FundMethods(self.funds),
            FutureMethods(self.futures),
            FutureQuoteMethods(self.futures, seed),
            CompanyMethods(exchange, companies, Actions(companies), readings or ReadingsInForce(Readings())),
        )
        self.methods = MappingProxyType({name: handler for part in parts for name, handler in part.handlers().items()})

    def now_ms(self) -> int:
        """Return the simulated epoch milliseconds."""
        return self._exchange.now_ms()

    @property
    def keeps_hours(self) -> bool:
        """Say whether the markets close at all."""
        return self._exchange.real_hours

    def instrument(self, symbol: str) -> Instrument | None:
        """Return a stock or fund that can be traded."""
        return self._exchange.stock(symbol)

    def option(self, symbol: str, expiry: str, strike: Decimal, right: str) -> OptionContract | None:
        """Return an option that is listed now; ``expiry`` as YYYYMMDD, ``right`` CALL or PUT."""
        return self._options.contract(symbol, expiry, strike, right)

    def future(self, code: str) -> FutureContract | None:
        """Return a future that is listed now, by its code."""
        return self.derivatives.future(code, self._exchange.now_ms())

    def quote(self, symbol: str, at_ms: int | None = None) -> Quote:
        """Return the quote of a listing or digital asset; raises KeyError for an unknown symbol."""
        return self._exchange.quote(symbol, at_ms)

    def option_quote(self, contract: OptionContract, at_ms: int | None = None) -> OptionQuote:
        """Return the quote of an option, now or as of a moment."""
        return self._options.quote(contract, at_ms)

    def tick_size(self, instrument: Instrument | OptionContract, price: Decimal) -> Decimal:
        """Return what a price of a listing or option must be a multiple of."""
        return instrument.ticks.tick_size(price)

    def set_price(self, symbol: str, price: float | Decimal | None) -> None:
        """Hold a listing's price from now on, or let it go with None; raises KeyError for an unknown symbol."""
        self._exchange.set_price(symbol, price)

    def is_open(self, market: str, at_ms: int) -> bool:
        """Say whether the regular session is open: always, unless real hours are kept."""
        return self._exchange.is_open(market, at_ms)

    def is_extended(self, market: str, at_ms: int) -> bool:
        """Say whether a market trades before or after its regular session."""
        return self._exchange.is_extended(market, at_ms)

    def day_end_ms(self, market: str, at_ms: int) -> int:
        """Return when a DAY order placed at a moment expires."""
        return self._exchange.day_end_ms(market, at_ms)
