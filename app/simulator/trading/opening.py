"""What the accounts of a first start hold, so that there is something to look at and to sell."""

from decimal import Decimal

from app.simulator.trading.accounts import Account, Holding, Purse
from app.simulator.trading.contracts import STOCK
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.prices import Prices

CASH = {
    "STANDARD": {"USD": Decimal(250_000), "HKD": Decimal(400_000)},
    "PAPER": {"USD": Decimal(1_000_000), "HKD": Decimal(1_000_000)},
    "GLOBAL": {"USD": Decimal(250_000), "HKD": Decimal(0)},
}
FUTURES_CASH = {"STANDARD": Decimal(100_000), "PAPER": Decimal(500_000), "GLOBAL": Decimal(100_000)}
"""What lies in the segment of futures, in US dollars."""
HOLDINGS = {
    "67686635": (("AAPL", 100), ("NVDA", 60), ("00700", 200)),
    "66804149": (("MSFT", 80), ("TSLA", 40), ("00005", 800)),
    "U1234567": (("AAPL", 100),),
}
FIRST_NUMBER = 1001
PAID = Decimal("0.92")
"""Opening positions were bought below today's price, so that there is a profit to show."""


def open_account(account: str, tiger_id: str, kind: str, prices: Prices, now_ms: int) -> Account:
    """Return a new account with its opening cash and positions."""
    opened = Account(account, tiger_id, kind, FIRST_NUMBER, dict(CASH[kind]), dict.fromkeys(CASH[kind], ZERO))
    open_futures(opened)
    for symbol, quantity in HOLDINGS.get(account, ()):
        contract = prices.find(STOCK, symbol)
        if contract is None:
            message = f"the market does not have {symbol}"
            raise LookupError(message)
        paid = round(prices.get_book(contract, now_ms).latest * PAID, 2)
        opened.holdings[contract.key] = Holding(contract, Decimal(quantity), paid * quantity)
    return opened


def open_futures(account: Account) -> None:
    """Give an account a segment of futures; one from before there were any has none yet."""
    account.futures = Purse({"USD": FUTURES_CASH[account.kind]}, {"USD": ZERO})
