"""The design of the server that this one replaces, written for comparison.

FastAPI with async views that call the blocking SDK, and a configuration and a client built for each request.
"""

import os
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.tiger_open_config import TigerOpenClientConfig

app = FastAPI()


class QuoteRequest(BaseModel):
    """The body of a request."""

    account: str
    symbol: str


@app.post("/api/market/quote")
async def quote(body: QuoteRequest) -> dict[str, Any]:
    """Answer a quote."""
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=os.environ["BENCH_CREDENTIAL"])
    config.account = body.account
    config.quote_server_url = config.server_url = os.environ["BENCH_SERVER_URL"]
    # As the SDK does unless told otherwise, this takes the quote permission first.
    client = QuoteClient(config)
    rows = client.get_stock_briefs([body.symbol]).to_dict("records")
    return {"success": True, "data": rows[0], "account": body.account}
