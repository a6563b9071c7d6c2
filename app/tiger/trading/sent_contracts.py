"""The contract of an order as it is named to Tiger, whether the order is placed or changed."""

from tigeropen.trade.domain.contract import Contract

from app.tiger.trading.order_contracts import OrderContract
from app.tiger.trading.order_figures import wire_number
from app.tiger.trading.tradable_contracts import TradableContract


def get_sent_contract(contract: TradableContract | OrderContract) -> Contract:
    """Return what a request names of a contract; what is None there is not sent.

    Raises:
        InvalidRequest: A figure has more digits than the wire carries.
    """
    return Contract(
        symbol=contract.symbol,
        currency=contract.currency,
        sec_type=contract.sec_type,
        exchange=contract.exchange,
        local_symbol=contract.local_symbol,
        expiry=contract.expiry,
        strike=wire_number("strike", contract.strike),
        put_call=contract.put_call,
        multiplier=wire_number("multiplier", contract.multiplier),
    )
