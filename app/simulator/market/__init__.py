"""The market half of the simulator: listings, prices, bars, options, contracts, companies.

Everything is computed from the seed, the symbol and the time; nothing is stored and no file is read. What
belongs to an account, an order, a request or a connection may not enter here: ``app.simulator.methods`` reads requests.
"""

from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import Instrument
from app.simulator.market.options import OptionContract, OptionQuote
from app.simulator.market.quotes import Quote

__all__ = ["Exchange", "Instrument", "OptionContract", "OptionQuote", "Quote"]
