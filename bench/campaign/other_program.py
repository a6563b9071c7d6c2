"""Another program on the same accounts: Tiger's SDK as it comes, no marks, nothing shared with the gateway.

It places orders that look like those of the campaign's clients but for their price, is refused some, cancels some, and
prints each thing before it does it and what came of it, one JSON object a line.
"""

import argparse
import itertools
import json
import random
import time
from pathlib import Path
from typing import Any

from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient

FIRST_PRICE = 120.0
"""Above every order that rests of the clients', below the market."""
PAUSE_SECONDS = 0.2
LONGEST_THOUGHT_SECONDS = 0.6
"""So long it may hold a number before it uses it."""
UNAFFORDABLE_QUANTITY = 10_000_000


def report(event: str, account: str, price: float) -> None:
    """Print one line, at once."""
    print(json.dumps({"event": event, "account": account, "price": price}), flush=True)


def build_client(folder: Path) -> tuple[str, TradeClient]:
    """Return an account and a client for it."""
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(folder))
    config.retry_max_tries, config.timeout = 0, 6
    return config.account, TradeClient(config)


def trade(client: TradeClient, account: str, price: float, chance: random.Random) -> None:
    """Place one order, and cancel it afterwards, perhaps, where Tiger shows that it is the one that was placed."""
    quantity = UNAFFORDABLE_QUANTITY if chance.random() < 0.15 else 1
    order = client.create_order(account, stock_contract("AAPL", "USD"), "BUY", "LMT", quantity, limit_price=price)
    time.sleep(chance.uniform(0, LONGEST_THOUGHT_SECONDS))
    report("sends", account, price)
    placed = client.place_order(order)
    report("placed", account, price)
    if chance.random() < 0.3 and _is_own(client.get_order(id=placed), price):
        report("cancels", account, price)
        client.cancel_order(account=account, id=placed)


def _is_own(order: Any, price: float) -> bool:
    return order is not None and round(float(order.limit_price or 0), 2) == price


def main() -> None:
    """Trade until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--credentials", type=Path, required=True, help="the folder that holds the folders of each")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(f"other {arguments.seed}")  # noqa: S311 - repeatable, not secret.
    clients = [build_client(folder) for folder in sorted(arguments.credentials.iterdir()) if folder.is_dir()]
    for number in itertools.count():
        account, client = chance.choice(clients)
        price = round(FIRST_PRICE + number / 100, 2)
        try:
            trade(client, account, price, chance)
        except Exception as error:  # noqa: BLE001 - whatever an SDK raises; this program has no care.
            report("refused" if isinstance(error, ApiException) else "open", account, price)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
