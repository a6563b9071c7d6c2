"""Contracts to trade in tests, found as a client finds them."""

from tigeropen.common.util.contract_utils import option_contract_by_symbol
from tigeropen.trade.domain.contract import Contract, ContractLeg

from tests.simulator.trader import FIRST_ID, Trader


def find_expiry(trader: Trader, number: int = 2, symbol: str = "AAPL") -> str:
    """Return one of the expirations, YYYYMMDD."""
    return str(trader.quotes().get_option_expirations([symbol]).date[number]).replace("-", "")


def get_option(strike: float, right: str, expiry: str, symbol: str = "AAPL") -> Contract:
    """Return an option's contract as the SDK makes it."""
    currency = "HKD" if symbol.endswith(".HK") else "USD"
    return option_contract_by_symbol(symbol, expiry, strike, right, currency)


def get_leg(contract: Contract, action: str, ratio: int = 1) -> ContractLeg:
    """Return a leg of a combination."""
    return ContractLeg(
        contract.symbol, contract.sec_type, contract.expiry, contract.strike, contract.put_call, action, ratio
    )


def renew(trader: Trader) -> Trader:
    """Return a trader with a new token, where the one that was given out has run out meanwhile."""
    trader.simulator.issue_token(FIRST_ID)
    return Trader(trader.simulator, trader.account)
