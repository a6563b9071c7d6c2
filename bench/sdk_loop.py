"""Call the bare SDK in a loop from some threads, and print the calls a second; the data frame becomes records.

With ``--kind sign`` it prints one request for a quote as the SDK would send it, and calls nothing.
"""

import argparse
import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import urllib3
from tigeropen.common.consts import THREAD_LOCAL, BarPeriod
from tigeropen.common.consts.service_types import QUOTE_REAL_TIME
from tigeropen.common.request import OpenApiRequest
from tigeropen.common.util import web_utils
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import limit_order
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.quote.request.model import MultipleQuoteParams
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient


def build_client(threads: int) -> QuoteClient:
    """Return one client for all threads, with a pool as large as they are many."""
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=os.environ["BENCH_CREDENTIAL"])
    config.quote_server_url = config.server_url = os.environ["BENCH_SERVER_URL"]
    web_utils.http_pool = urllib3.PoolManager(num_pools=4, maxsize=threads, block=True)
    return QuoteClient(config, is_grab_permission=False)


def get_work(client: QuoteClient, kind: str, symbols: list[str]) -> Callable[[], Any]:
    """Return one call, with what a server would do to its answer."""
    if kind == "kline":
        return lambda: json.dumps(client.get_bars(["AAPL"], BarPeriod.DAY, limit=1200).to_dict("records"))
    if kind == "order":
        return get_order_work(client)
    wanted = symbols if kind == "batch" else ["AAPL"]
    return lambda: json.dumps(client.get_stock_briefs(wanted).to_dict("records"))


def get_order_work(client: QuoteClient) -> Callable[[], Any]:
    """Return how the SDK places an order that rests."""
    trader = TradeClient(client._TigerOpenClient__config)  # noqa: SLF001 - the SDK keeps its settings to itself.
    account = trader._account  # noqa: SLF001 - as above.
    return lambda: trader.place_order(limit_order(account, stock_contract("AAPL", "USD"), "BUY", 1, 5.0))


def sign_quote(client: QuoteClient) -> dict[str, str]:
    """Return body and token of a request for a quote, signed, as it goes out."""
    THREAD_LOCAL.uuid = ""
    params = MultipleQuoteParams()
    params.symbols = ["AAPL"]
    request = OpenApiRequest(QUOTE_REAL_TIME, biz_model=params)
    fields = client._TigerOpenClient__prepare_request(request)  # noqa: SLF001 - the SDK offers no way to only sign.
    return {"body": json.dumps(fields), "token": client._TigerOpenClient__config.token}  # noqa: SLF001 - as above.


def main() -> None:
    """Run for the given time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--kind", choices=("quote", "batch", "kline", "order", "sign"), default="quote")
    parser.add_argument("--symbols", default="AAPL")
    arguments = parser.parse_args()
    client = build_client(arguments.threads)
    if arguments.kind == "sign":
        print(json.dumps(sign_quote(client)))
        return
    work = get_work(client, arguments.kind, arguments.symbols.split(","))
    work()
    took: list[float] = []
    cpu_seconds, ends = time.process_time(), time.perf_counter() + arguments.seconds

    def run() -> None:
        while (started := time.perf_counter()) < ends:
            work()
            took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=run) for _ in range(arguments.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu_seconds = time.process_time() - cpu_seconds
    took.sort()
    figures = {"rate": len(took) / arguments.seconds, "p50": took[len(took) // 2] * 1_000}
    figures["cpu_ms"] = cpu_seconds * 1_000 / len(took)
    print(json.dumps({**figures, "p99": took[int(len(took) * 0.99)] * 1_000}))


if __name__ == "__main__":
    main()
