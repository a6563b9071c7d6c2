"""The simulator's own controls, under ``/control`` on the same port: faults, time, prices, counts, truth.

Only for this machine, and only with the token that lies in the simulator's folder: a web page that happens to
be open in a browser here must not be able to trade or break anything.
"""

import hmac
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from app.simulator.answers import Answer, encode
from app.simulator.faults import Fault
from app.simulator.quote_permission import QuotePermission
from app.simulator.readings import ReadingsInForce
from app.simulator.service import Service
from app.simulator.trading.decimals import to_money
from app.simulator.trading.documents import get_order_document
from app.simulator.trading.orders import Order

if TYPE_CHECKING:
    from app.simulator.push.service import PushService

CONTROL_PREFIX = "/control/"
TOKEN_HEADER = b"x-control-token"


class ControlError(Exception):
    """A control request that cannot be served; carries the HTTP status."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Serve the control paths and do what they and the in-process interface ask for."""

    def __init__(
        self,
        service: Service,
        readings: ReadingsInForce,
        quote_permission: QuotePermission,
        get_push: Callable[[], "PushService"],
        refuse: Callable[[float], None],
        get_connections: Callable[[], tuple[int, int]],
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self._service = service
        self.readings = readings
        self._quote_permission = quote_permission
        self._get_push = get_push
        self._refuse = refuse
        self._get_connections = get_connections
        self._routes: dict[tuple[str, str], Callable[[Mapping[str, Any]], Any]] = {
            ("GET", "faults"): self._show_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "readings"): self._show_readings,
            ("POST", "readings"): self._choose_readings,
            ("DELETE", "readings"): self._reset_readings,
            ("GET", "clock"): self._show_clock,
            ("POST", "clock"): self._move_clock,
            ("GET", "calls"): self._show_calls,
            ("DELETE", "calls"): self._reset_calls,
            ("GET", "requests"): self._show_requests,
            ("GET", "connections"): self._show_connections,
            ("GET", "orders"): self._show_orders,
            ("POST", "price"): self._set_price,
            ("POST", "position"): self._set_position,
            ("POST", "tokens/end"): self._end_tokens,
            ("POST", "limits/forget"): self._forget_limits,
            ("POST", "entitlements"): self._set_entitlements,
            ("GET", "quote-permission"): self._show_quote_permission,
            ("POST", "quote-permission/take"): self._take_quote_permission,
            ("GET", "push"): self._show_push,
            ("POST", "push/kick"): self._kick,
        }

    def answer(self, method: str, target: str, headers: Mapping[bytes, bytes], body: bytes, host: str) -> Answer:
        """Answer one control request; ``host`` is the peer's address."""
        try:
            self._require_right(headers, host)
            parts = urlsplit(target)
            route = self._get_route(method, parts.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            return encode(route({**query, **_read_body(body)}))
        except ControlError as error:
            return encode({"error": str(error)}, error.status)
        except (ValueError, LookupError, TypeError, InvalidOperation) as error:
            return encode({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    def _require_right(self, headers: Mapping[bytes, bytes], host: str) -> None:
        if not _is_loopback(host):
            raise ControlError(HTTPStatus.FORBIDDEN, "control is for this machine only")
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, b""), self.token.encode()):
            raise ControlError(HTTPStatus.UNAUTHORIZED, "the control token is missing or wrong")

    def _get_route(self, method: str, path: str) -> Callable[[Mapping[str, Any]], Any]:
        route = self._routes.get((method, path.removeprefix(CONTROL_PREFIX)))
        if route is None:
            raise ControlError(HTTPStatus.NOT_FOUND, "unknown control path")
        return route

    def advance(self, seconds: float) -> None:
        """Move time forward and let everything happen that falls due."""
        self._service.clock.advance_ms(int(seconds * 1000))
        self._service.tick(at_once=True)

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Pin a price, or let it go with None, and let orders meet it."""
        self._service.engine.prices.set_price(symbol, price)
        self._service.tick(at_once=True)

    def list_orders(self, account: str | None = None) -> list[dict[str, Any]]:
        """Return the orders that there are, hidden ones too, oldest first, as the wire tells them."""
        self._service.tick()
        return [
            self._describe(order)
            for order in sorted(self._service.engine.orders.values(), key=lambda order: order.id)
            if account in (None, order.account)
        ]

    def count_calls(self, method: str | None = None, tiger_id: str | None = None, account: str | None = None) -> int:
        """Return how many calls were received, refused ones too."""
        if tiger_id is None and account is None:
            return self._service.counts[method] if method else self._service.counts.total()
        return sum(
            1
            for record in self._service.records
            if method in (None, record.method)
            and tiger_id in (None, record.tiger_id)
            and account in (None, record.account)
        )

    def _describe(self, order: Order) -> dict[str, Any]:
        engine = self._service.engine
        contract = engine.get_contract(order)
        latest = engine.prices.get_book(contract, engine.clock.now_ms()).latest
        return get_order_document(order, contract, latest)

    def _show_faults(self, _: Mapping[str, Any]) -> Any:
        return {"faults": [asdict(fault) for fault in self._service.faults.faults]}

    def _add_faults(self, body: Mapping[str, Any]) -> Any:
        described = body.get("faults", [body])
        faults = [Fault.from_json(item) for item in described]
        self._service.faults.add(fault for fault in faults if fault.kind != "refused")
        for fault in faults:
            if fault.kind == "refused":
                self._refuse(fault.seconds)
        return self._show_faults({})

    def _clear_faults(self, _: Mapping[str, Any]) -> Any:
        self._service.faults.clear()
        return self._show_faults({})

    def _show_readings(self, _: Mapping[str, Any]) -> Any:
        return {"readings": self.readings.to_dict()}

    def _choose_readings(self, body: Mapping[str, Any]) -> Any:
        self.readings.choose(body)
        return self._show_readings({})

    def _reset_readings(self, _: Mapping[str, Any]) -> Any:
        self.readings.reset()
        return self._show_readings({})

    def _show_clock(self, _: Mapping[str, Any]) -> Any:
        clock = self._service.clock
        return {"now_ms": clock.now_ms(), "offset_ms": clock.offset_ms, "frozen": clock.is_frozen}

    def _move_clock(self, body: Mapping[str, Any]) -> Any:
        if "offset_ms" in body:
            self._service.clock.set_offset_ms(int(body["offset_ms"]))
        if body.get("frozen") is True:
            self._service.clock.freeze()
        elif body.get("frozen") is False:
            self._service.clock.resume()
        self.advance(float(body.get("advance_seconds", 0)))
        return self._show_clock({})

    def _show_calls(self, _: Mapping[str, Any]) -> Any:
        records = self._service.records
        return {
            "total": self._service.counts.total(),
            "by_method": dict(self._service.counts),
            "by_tiger_id": dict(Counter(record.tiger_id for record in records)),
            "by_account": dict(Counter(record.account for record in records if record.account)),
        }

    def _reset_calls(self, _: Mapping[str, Any]) -> Any:
        self._service.reset_counts()
        return self._show_calls({})

    def _show_requests(self, body: Mapping[str, Any]) -> Any:
        wanted = body.get("method")
        return {"requests": [asdict(record) for record in self._service.records if wanted in (None, record.method)]}

    def _show_connections(self, _: Mapping[str, Any]) -> Any:
        opened, still_open = self._get_connections()
        return {"opened": opened, "open": still_open}

    def _show_orders(self, body: Mapping[str, Any]) -> Any:
        orders = [
            order
            for order in self.list_orders(body.get("account"))
            if body.get("user_mark") in (None, order["userMark"])
            and body.get("order_id") in (None, str(order["orderId"]), order["orderId"])
        ]
        return {"count": len(orders), "orders": orders}

    def _set_price(self, body: Mapping[str, Any]) -> Any:
        price = body.get("price")
        symbol = str(body["symbol"])
        self.set_price(symbol, None if price is None else Decimal(str(price)))
        return {"symbol": symbol, "price": None if price is None else to_money(Decimal(str(price)))}

    def _set_position(self, body: Mapping[str, Any]) -> Any:
        account, symbol, quantity = str(body["account"]), str(body["symbol"]), Decimal(str(body["quantity"]))
        self._service.engine.hold(account, symbol, quantity)
        return {"account": account, "symbol": symbol, "quantity": to_money(quantity)}

    def _end_tokens(self, body: Mapping[str, Any]) -> Any:
        self._service.tokens.end_all(str(body["tiger_id"]))
        return {"ended": True}

    def _set_entitlements(self, body: Mapping[str, Any]) -> Any:
        figures = {name: value for name, value in body.items() if name != "tiger_id"}
        self._service.limiter.set_entitlements(str(body["tiger_id"]), figures)
        return {"entitlements": figures}

    def _show_quote_permission(self, _: Mapping[str, Any]) -> Any:
        return {"holders": self._quote_permission.holders}

    def _take_quote_permission(self, body: Mapping[str, Any]) -> Any:
        self._quote_permission.take(str(body["tiger_id"]))
        return self._show_quote_permission({})

    def _show_push(self, _: Mapping[str, Any]) -> Any:
        return {"connections": self._get_push().describe()}

    def _kick(self, body: Mapping[str, Any]) -> Any:
        return {"kicked": self._get_push().kick(str(body["tiger_id"]))}

    def _forget_limits(self, _: Mapping[str, Any]) -> Any:
        self._service.limiter.forget()
        return {"forgotten": True}


def _read_body(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    document = json.loads(body)
    if not isinstance(document, dict):
        message = "the body must be a JSON object"
        raise TypeError(message)
    return document


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
