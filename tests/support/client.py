"""A client of the gateway as users write it: an API key, an account, JSON in and out."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from flask import Flask
from werkzeug.test import TestResponse

FULL_KEY = "client_key_001"
DEMO_KEY = "client_key_demo"
FIRST = "67686635"
SECOND = "66804149"
PAPER = "20240830213609658"


@dataclass(frozen=True)
class Client:
    """Send requests with one key for one account."""

    app: Flask
    key: str | None = FULL_KEY
    account: str = FIRST

    def with_key(self, key: str | None) -> Self:
        """Return the same client with another key, or none."""
        return replace(self, key=key)

    def for_account(self, account: str) -> Self:
        """Return the same client for another account."""
        return replace(self, account=account)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Send a GET."""
        return self.app.test_client().get(path, headers=self._headers() | headers)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a POST with the account and these fields as its JSON body."""
        return self.send(path, {"account": self.account, **fields})

    def send(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send a POST with this body."""
        return self.app.test_client().post(path, json=body, headers=self._headers() | headers)

    def data(self, path: str, **fields: Any) -> Any:
        """Send a POST that must succeed, and return its data."""
        response = self.post(path, **fields)
        assert_envelope(response, 200, self.account)
        return response.get_json()["data"]

    def refusal(self, path: str, status: int, code: str, **fields: Any) -> dict[str, Any]:
        """Send a POST that must be refused so, and return the whole body."""
        response = self.post(path, **fields)
        assert_refusal(response, status, code)
        body: dict[str, Any] = response.get_json()
        return body

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key is not None else {}


def assert_envelope(response: TestResponse, status: int, account: str | None) -> None:
    """Check the standard envelope, of a success as of an error."""
    body = response.get_json()
    assert response.status_code == status, body
    assert response.mimetype == "application/json"
    assert response.headers["X-Request-ID"]
    assert response.headers["X-Tiger-Mode"] in {"simulator", "live"}
    assert body["account"] == account
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    if status == 200:
        assert body.keys() == {"success", "data", "account", "timestamp"}
        assert body["success"] is True
    else:
        assert body["success"] is False
        assert body["error"]
        assert body["code"]
        assert body["request_id"] == response.headers["X-Request-ID"]


def assert_refusal(response: TestResponse, status: int, code: str) -> None:
    """Check an error's status, code and envelope."""
    body = response.get_json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert_envelope(response, status, body["account"])
