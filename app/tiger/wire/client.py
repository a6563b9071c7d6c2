"""The real SDK's request side: its models, signature and answer check, over our own transport.

Of the SDK's client only what builds, signs and verifies is used. It reads no environment variable and no file here,
asks nothing when it is built, starts no thread, retries nothing, and its log lines, which hold signatures, go nowhere.
"""

import json
import logging
from typing import Any, Final

from tigeropen.common.exceptions import RequestException, ResponseException
from tigeropen.common.model import BaseParams
from tigeropen.common.request import OpenApiRequest
from tigeropen.tiger_open_client import TigerOpenClient
from tigeropen.tiger_open_config import TigerOpenClientConfig

from app.settings import Credential
from app.tiger.deadline import Deadline
from app.tiger.wire.transport import Answer, Transport

HTTP_OK: Final = 200

_SILENCE: Final = logging.Logger("tigeropen", logging.CRITICAL)  # noqa: LOG001 - outside of the tree of loggers on purpose.
_SILENCE.disabled = True


class UnreadableAnswer(Exception):
    """Say that an answer came that is no JSON object, or that Tiger did not sign; its text is not kept."""


class SigningFailed(Exception):
    """Say that the private key of the credential cannot sign; nothing was sent."""


class UnexpectedStatus(Exception):
    """Carry an answer whose HTTP status is not 200."""

    def __init__(self, answer: Answer) -> None:
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


class WireCall(OpenApiRequest):  # type: ignore[misc]
    """Describe one call; ``has_constants`` tells afterwards whether its answer may hold NaN or Infinity."""

    def __init__(
        self,
        method: str,
        params: BaseParams | None,
        *,
        deadline: Deadline,
        token: str | None,
        repeatable: bool,
        is_urgent: bool = False,
        places: bool = False,
    ) -> None:
        super().__init__(method, params)
        self.deadline = deadline
        self.token = token
        self.repeatable = repeatable
        self.is_urgent = is_urgent
        self.places = places
        self.has_constants = False


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

    def fetch_content(self, call: WireCall, url: str) -> dict[str, Any]:
        """Return the decoded answer object, its signature checked where it has one.

        Raises:
            TransportFailure: No answer came.
            UnexpectedStatus: The HTTP status is not 200.
            UnreadableAnswer: The answer is no JSON object or bears a foreign signature.
            SigningFailed: The key cannot sign.
        """
        try:
            content = self.execute(call, url)
        except RequestException:
            refusal: Exception = SigningFailed()
        except (ResponseException, ValueError, TypeError, AttributeError, RecursionError):
            refusal = UnreadableAnswer()
        else:
            if isinstance(content, dict):
                return content
            refusal = UnreadableAnswer()
        # Raised out here so that the SDK's exception, whose text holds the whole answer, is not chained to it.
        raise refusal

    def _TigerOpenClient__do_post(  # noqa: N802 - the SDK's private name, the one place where its requests go out.
        self, call: WireCall, url: str, _query: None, headers: dict[str, str], params: dict[str, Any]
    ) -> bytes:
        own = dict(headers)
        if call.token:
            own["Authorization"] = call.token
        body = json.dumps(params).encode()
        transport = self._urgent if call.is_urgent else self._transport
        answer = transport.post(url, body, own, deadline=call.deadline, repeatable=call.repeatable)
        if answer.status != HTTP_OK:
            raise UnexpectedStatus(answer)
        call.has_constants = b"NaN" in answer.body or b"Infinity" in answer.body
        return answer.body
