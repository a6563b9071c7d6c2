"""Clients of the simulator as its users have them: the unmodified SDK, and bare HTTP."""

import base64
import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.quote.quote_client import QuoteClient
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.domain.order import Order
from tigeropen.trade.trade_client import TradeClient

from app.simulator import signatures
from app.simulator.credentials import CONFIG_FILE, TOKEN_FILE, read_token
from app.simulator.running import Simulator

FIRST = "67686635"
SECOND = "66804149"
PAPER = "20240830213609658"
FIRST_ID = "20154747"
SECOND_ID = "20153921"


def get_config(folder: Path, account: str | None = None) -> TigerOpenClientConfig:
    """Return an SDK configuration read from a credential folder, without retries."""
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(folder))
    config.retry_max_tries = 0
    config.timeout = 5
    config.account = account or config.account
    return config


class Trader:
    """Trade on one account through the SDK."""

    def __init__(self, simulator: Simulator, account: str = FIRST) -> None:
        tiger_id = FIRST_ID if account in {FIRST, "U1234567"} else SECOND_ID
        self.simulator = simulator
        self.account = account
        self.config = get_config(simulator.get_credential_folder(tiger_id), account)
        self.client = TradeClient(self.config)

    def quotes(self) -> QuoteClient:
        return QuoteClient(self.config)

    def draft(
        self, action: str, quantity: float | None, order_type: str = "MKT", symbol: str = "AAPL", **fields: Any
    ) -> Order:
        currency = "HKD" if symbol.isdigit() else "USD"
        contract = fields.pop("contract", None) or stock_contract(symbol, currency)
        mark = fields.pop("user_mark", None)
        scale = fields.pop("quantity_scale", None)
        order = Order(self.account, contract, action, order_type, quantity, **fields)
        order.user_mark, order.quantity_scale = mark, scale
        return order

    def place(
        self, action: str, quantity: float | None, order_type: str = "MKT", symbol: str = "AAPL", **fields: Any
    ) -> Order:
        """Place an order and return it as the lookup right after tells it."""
        order = self.draft(action, quantity, order_type, symbol, **fields)
        self.client.place_order(order)
        return self.order(order.id)

    def order(self, order_id: int) -> Order:
        return self.client.get_order(account=self.account, id=order_id)

    def segment(self) -> Any:
        return self.client.get_prime_assets(account=self.account).segments["S"]

    def position(self, symbol: str = "AAPL", **fields: Any) -> Any:
        held = self.client.get_positions(account=self.account, symbol=symbol, **fields)
        return held[0] if held else None


class Wire:
    """Send signed requests as bytes, right or wrong."""

    def __init__(self, simulator: Simulator, tiger_id: str = FIRST_ID) -> None:
        self.folder = simulator.get_credential_folder(tiger_id)
        self.url = simulator.url
        self.tiger_id = tiger_id
        self.token = read_token(self.folder / TOKEN_FILE)

    @property
    def key(self) -> RSAPrivateKey:
        lines = (self.folder / CONFIG_FILE).read_text().splitlines()
        encoded = next(line for line in lines if line.startswith("private_key_pk8=")).partition("=")[2]
        return signatures.load_private_key(base64.b64decode(encoded))

    def sign(self, method: str, biz: object | None = None, **changes: Any) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "method": method,
            "version": "2.0",
            "tiger_id": self.tiger_id,
            "charset": "UTF-8",
            "sign_type": "RSA",
            "timestamp": "2026-01-02 03:04:05",
            "device_id": "00:00:5e:00:53:01",
        }
        if biz is not None:
            fields["biz_content"] = json.dumps(biz, ensure_ascii=False)
        fields |= changes
        fields["sign"] = signatures.sign(self.key, signatures.get_signed_content(fields))
        return fields

    def post(self, body: bytes | dict[str, Any], token: str | None = None) -> tuple[int, dict[str, Any]]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            connection.request("POST", parts.path, raw, {"Authorization": token or self.token or ""})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ask(self, method: str, biz: object | None = None, **changes: Any) -> dict[str, Any]:
        return self.post(self.sign(method, biz, **changes))[1]
