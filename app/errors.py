"""Every error the gateway reports to a client, one class for each code.

    GatewayError
    ├── InvalidJSON                 400 invalid_json
    ├── InvalidRequest              400 invalid_request
    │   └── InvalidSymbol           400 invalid_symbol (Tiger 1010, where it is about one)
    ├── Unauthorized                401 unauthorized
    ├── AccountForbidden            403 account_forbidden
    ├── PermissionRequired          403 permission_required
    ├── LimitExceeded               403 limit_exceeded
    ├── TradingHalted               403 trading_halted
    ├── ConfirmationRequired        403 confirmation_required
    ├── TigerPermissionDenied       403 tiger_permission_denied
    ├── NotFound                    404 not_found
    │   ├── AccountNotFound         404 account_not_found
    │   ├── OrderNotFound           404 order_not_found
    │   └── SymbolNotFound          404 symbol_not_found
    ├── MethodNotAllowed            405 method_not_allowed
    ├── IdempotencyConflict         409 idempotency_conflict
    ├── NothingHeld                 409 nothing_held
    ├── NotClosable                 409 not_closable
    ├── PayloadTooLarge             413 payload_too_large
    ├── UnsupportedMediaType        415 unsupported_media_type
    ├── OrderRejected               422 order_rejected
    ├── RateLimited                 429 rate_limited
    ├── TigerRateLimited            429 tiger_rate_limited
    ├── InternalError               500 internal_error
    ├── TigerError                  502 tiger_error
    │   ├── TigerCredentialsRejected 502 tiger_credentials_rejected
    │   └── TigerTokenRejected      502 tiger_token_rejected
    ├── TigerUnavailable            503 tiger_unavailable
    ├── StorageUnavailable          503 storage_unavailable
    │   └── EarlierOutcomeUnknown   503 earlier_outcome_unknown
    ├── TooBusy                     503 too_busy
    ├── TigerTimeout                504 tiger_timeout
    └── OrderStateUnknown           202 order_state_unknown

A class carries what is the same each time (code, status, retry advice); an instance carries what happened.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self

Details = Mapping[str, Sequence[str]]
LONGEST_NAME = 100
"""A longer name of a field is not quoted."""
_errors: dict[str, type["GatewayError"]] = {}
ERRORS: Mapping[str, type["GatewayError"]] = MappingProxyType(_errors)
"""Code → the class that documents it."""


class GatewayError(Exception):
    """Be the root of all errors that have a documented code.

    ``retryable`` says whether the same request may succeed later without a change; ``retry_after`` is in seconds.
    ``in_doubt`` is true where a request may have reached Tiger and no answer says what became of it: for an order
    command that is neither a success nor a failure. ``sendings`` says how often the request had been sent by then.
    ``is_recorded`` once the audit trail has what it says.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    retryable: ClassVar[bool] = False

    def __init_subclass__(
        cls, *, code: str | None = None, status: int | None = None, retryable: bool | None = None
    ) -> None:
        """Take what the class says of itself; it inherits the rest."""
        super().__init_subclass__()
        if code is not None:
            cls.code = code
            _errors[code] = cls
        cls.status = cls.status if status is None else status
        cls.retryable = cls.retryable if retryable is None else retryable

    def __init__(
        self,
        message: str,
        *,
        details: Details | None = None,
        tiger_code: int | None = None,
        retry_after: float | None = None,
        data: Mapping[str, Any] | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.tiger_code = tiger_code
        self.retry_after = retry_after
        self.data = data
        self.in_doubt = in_doubt
        self.sendings = 1
        self.is_recorded = False


class InvalidJSON(GatewayError, code="invalid_json", status=400):
    """The body is not a JSON object."""


class InvalidRequest(GatewayError, code="invalid_request", status=400):
    """A field is missing, unknown or wrong, or Tiger refused it (Tiger 1010); ``details`` names it."""

    @classmethod
    def of_fields(cls, details: Details, opening: str = "The request is not valid") -> Self:
        """Return the error about these fields; its sentence quotes the first reason of the first."""
        name, reasons = next(iter(details.items()))
        # A client may have sent whatever it likes as a name.
        subject = f"{name}: " if len(name) <= LONGEST_NAME and name.isprintable() else ""
        return cls(f"{opening}: {subject}{reasons[0]}", details=details)


class InvalidSymbol(InvalidRequest, code="invalid_symbol"):
    """Tiger refused the symbol."""


class Unauthorized(GatewayError, code="unauthorized", status=401):
    """No API key, a malformed header, or a key that is unknown, expired or revoked."""


class AccountForbidden(GatewayError, code="account_forbidden", status=403):
    """The key may not use this account, whether it exists or not."""


class PermissionRequired(GatewayError, code="permission_required", status=403):
    """The key lacks read, trade or admin."""


class LimitExceeded(GatewayError, code="limit_exceeded", status=403):
    """The order would go beyond a limit of the key or the account; ``data`` says which, and what is left of it."""


class TradingHalted(GatewayError, code="trading_halted", status=403):
    """Trading is halted for this account, or open to orders alone that reduce a position; cancellations pass."""


class ConfirmationRequired(GatewayError, code="confirmation_required", status=403):
    """The key places only what was previewed, with the confirmation that the preview gave, and this was not it."""


class TigerPermissionDenied(GatewayError, code="tiger_permission_denied", status=403):
    """Tiger has not granted this entitlement to the user or device (Tiger 4000)."""


class QuotePermissionElsewhere(TigerPermissionDenied):
    """Another device of the user has the permission for real-time quotes at the moment."""


class NotFound(GatewayError, code="not_found", status=404):
    """Nothing is at this path."""


class AccountNotFound(NotFound, code="account_not_found"):
    """No configured credential has this account."""


class OrderNotFound(NotFound, code="order_not_found"):
    """Tiger has no such order in this account."""


class SymbolNotFound(NotFound, code="symbol_not_found"):
    """Tiger knows nothing about this symbol."""


class MethodNotAllowed(GatewayError, code="method_not_allowed", status=405):
    """The path exists but not for this HTTP method."""


class IdempotencyConflict(GatewayError, code="idempotency_conflict", status=409):
    """The idempotency key was used before with a different body."""


class NothingHeld(GatewayError, code="nothing_held", status=409):
    """The account holds no position that could be closed."""


class NotClosable(GatewayError, code="not_closable", status=409):
    """Less of a position may be closed now than was asked for; ``data`` says how much, and which orders close it."""


class PayloadTooLarge(GatewayError, code="payload_too_large", status=413):
    """The body is larger than ``gateway.max_body_bytes``."""


class UnsupportedMediaType(GatewayError, code="unsupported_media_type", status=415):
    """The body is not declared as JSON."""


class OrderRejected(GatewayError, code="order_rejected", status=422):
    """Tiger refused the order for a business reason."""


class RateLimited(GatewayError, code="rate_limited", status=429, retryable=True):
    """The client used up its own limit."""


class TigerRateLimited(GatewayError, code="tiger_rate_limited", status=429, retryable=True):
    """Tiger's budget for this method is used up."""


class InternalError(GatewayError, code="internal_error", status=500):
    """A bug of ours; nothing of it is shown."""


class TigerError(GatewayError, code="tiger_error", status=502, retryable=True):
    """Tiger answered with something unusable."""


class TooMuchToSearch(TigerError):
    """Tiger has more of something than its lists let anybody read."""


class TigerCredentialsRejected(TigerError, code="tiger_credentials_rejected", retryable=False):
    """Tiger refused the signature, the tiger_id or the address of this gateway."""


class TigerTokenRejected(TigerError, code="tiger_token_rejected"):
    """Tiger refused the token of this credential (Tiger 2400)."""


class TigerUnavailable(GatewayError, code="tiger_unavailable", status=503, retryable=True):
    """Tiger cannot be reached."""


class StorageUnavailable(GatewayError, code="storage_unavailable", status=503, retryable=True):
    """The gateway's own database does not answer."""


class EarlierOutcomeUnknown(StorageUnavailable, code="earlier_outcome_unknown"):
    """This request did nothing; whether an earlier one with its Idempotency-Key did cannot be read now."""

    @classmethod
    def of_command(cls, *, retry_after: float | None = 1.0) -> Self:
        """Return the error for an order command that may be a repeat."""
        return cls(
            "The gateway's database does not answer. This request did nothing, but an earlier one with the same "
            "Idempotency-Key may have been carried out: repeat it with that key, and never send it as a new one.",
            retry_after=retry_after,
        )


class TooBusy(GatewayError, code="too_busy", status=503, retryable=True):
    """No thread is free, or came free too late; the order is being modified already; or the gateway shuts down."""


class TigerTimeout(GatewayError, code="tiger_timeout", status=504, retryable=True):
    """A read ran past its deadline."""


class OrderStateUnknown(GatewayError, code="order_state_unknown", status=202, retryable=True):
    """An order command was sent and its outcome could not be learnt in time; never say it failed."""
