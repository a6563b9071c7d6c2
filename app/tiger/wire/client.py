"""The real SDK's request side: its models, signature and answer check, over our own transport.

Of the SDK's client only what builds, signs and verifies is used. It reads no environment variable and no file here,
asks nothing when it is built, starts no thread, retries nothing, and its log lines, which hold signatures, go nowhere.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tigeropen.common.consts import THREAD_LOCAL
from tigeropen.common.exceptions import RequestException, ResponseException
from tigeropen.common.model import BaseParams
from tigeropen.common.request import OpenApiRequest
from tigeropen.tiger_open_client import TigerOpenClient
from tigeropen.tiger_open_config import TigerOpenClientConfig

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.wire.http_connection import HttpAnswer
from app.tiger.wire.transport import Transport

HTTP_OK: Final = 200

_SILENCE: Final = logging.Logger("tigeropen", logging.CRITICAL)  # noqa: LOG001 - outside of the tree of loggers on purpose.
_SILENCE.disabled = True


class UnreadableAnswer(Exception):
    """Say that an answer came that is no JSON object, or that Tiger did not sign; its text is not kept."""


class SigningFailed(Exception):
    """Say that the private key of the credential cannot sign; nothing was sent."""


class UnexpectedStatus(Exception):
    """Carry an answer whose HTTP status is not 200."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class _Configuration(TigerOpenClientConfig):  # type: ignore[misc]
    """Take everything from one credential: no TIGEROPEN_* variable and no file in the working directory counts."""

    def __init__(self, credential: Credential, device_id: str | None) -> None:
        self._credential = credential
        super().__init__(enable_dynamic_domain=False)
        self.retry_max_tries = 0
        # The SDK takes the MAC, which a container has anew at every start.
        self._device_id: str = device_id or self._device_id

    def _load_env_vars(self) -> None:
        self.tiger_id = self._credential.tiger_id
        self.private_key = self._credential.private_key
        self.license = self._credential.license
        self._server_url = self._credential.server_url

    def _load_props(self) -> None:
        """Read nothing."""

    def load_token(self) -> None:
        """Know no token: it is put into each request, not into what the threads share."""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """Hold the decoded answer object, and whether it may hold NaN or Infinity."""

    content: dict[str, Any]
    has_constants: bool


class Client(TigerOpenClient):  # type: ignore[misc]
    """Sign requests with the key of one credential and send them over the shared transports.

    What is urgent has one of its own, so that hanging reads cannot take its connections.
    """

    def __init__(
        self,
        credential: Credential,
        transport: Transport,
        urgent: Transport | None = None,
        device_id: str | None = None,
    ) -> None:
        self._transport = transport
        self._urgent = urgent or transport
        self.configuration = _Configuration(credential, device_id)
        super().__init__(self.configuration, logger=_SILENCE)
        self._headers: dict[str, str] = self._TigerOpenClient__headers

    def post(
        self,
        url: str,
        method: str,
        params: BaseParams | None,
        token: str | None,
        deadline: Deadline,
        *,
        is_urgent: bool,
        may_arrive_twice: bool,
        clear: Callable[[], None] | None = None,
    ) -> WireAnswer:
        """Sign a request and return its answer, the signature checked where it has one.

        ``clear`` is called last of all; where it raises nothing is sent.

        Raises:
            TransportFailure: No answer came.
            UnexpectedStatus: The HTTP status is not 200.
            UnreadableAnswer: The answer is no JSON object or bears a foreign signature.
            SigningFailed: The key cannot sign.
        """
        fields = self._sign(method, params)
        headers = {**self._headers, "Authorization": token} if token else self._headers
        transport = self._urgent if is_urgent else self._transport
        body = json.dumps(fields).encode()
        answer = transport.post(url, body, headers, deadline=deadline, repeatable=may_arrive_twice, clear=clear)
        if answer.status != HTTP_OK:
            raise UnexpectedStatus(answer)
        has_constants = b"NaN" in answer.body or b"Infinity" in answer.body
        return WireAnswer(self._read(answer.body, fields["timestamp"]), has_constants)

    # What the SDK raises holds whole requests and answers in its text, so that ours are not chained to it. Its
    # ``execute`` is these two steps with its own way to send between them.

    def _sign(self, method: str, params: BaseParams | None) -> dict[str, Any]:
        # Its log lines, which go nowhere, begin with it.
        THREAD_LOCAL.uuid = ""
        try:
            fields: dict[str, Any] = self._TigerOpenClient__prepare_request(OpenApiRequest(method, params))
        except RequestException:
            fields = {}
        if not fields:
            raise SigningFailed
        return fields

    def _read(self, body: bytes, timestamp: str) -> dict[str, Any]:
        try:
            content = self._TigerOpenClient__parse_response(body, timestamp)
        except (ResponseException, ValueError, TypeError, AttributeError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise UnreadableAnswer
        return content
