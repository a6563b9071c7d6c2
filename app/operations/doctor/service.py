"""Examine what the gateway needs from elsewhere: database, Tiger's servers, clock, accounts, tokens, entitlements."""

import json
import time
from collections.abc import Iterator

import urllib3

from app.access.keys import is_expired
from app.errors import (
    GatewayError,
    QuotePermissionElsewhere,
    StorageUnavailable,
    TigerCredentialsRejected,
    TigerPermissionDenied,
    TigerTokenRejected,
)
from app.gateway import Gateway
from app.operations.doctor.finding import Finding, attention, ok, wrong
from app.operations.doctor.push import examine_push
from app.operations.doctor.secrets import examine_older_secrets
from app.settings import Credential
from app.storage.addresses import describe_address
from app.tiger.market.quotes import fetch_quote
from app.tiger.sessions import Session
from app.tiger.trading.assets import fetch_assets
from app.tiger.wire.tls_faults import find_tls_fault

PROBE_SECONDS = 5.0
SKEW_SECONDS = 5.0
LARGEST_SKEW_SECONDS = 60.0
SYNCHRONISE = "switch on time synchronisation: timedatectl set-ntp true"
DATABASE_DOWN = wrong("database", "it does not answer", "check gateway.database_url, and that the server runs")
FIX_TLS = (
    "see whether the clock is right, what on the way inspects TLS (a proxy, a virus scanner), and which authorities "
    "this machine trusts; a further one is named in SSL_CERT_FILE"
)
MARKETS = {"US": "AAPL", "HK": "00700"}


def examine_service(gateway: Gateway) -> Iterator[Finding]:
    """Examine everything beyond the settings, in the order in which one thing needs the other."""
    try:
        gateway.storage.ping()
    except StorageUnavailable:
        yield DATABASE_DOWN
        return
    address = gateway.storage.engine.url.render_as_string(hide_password=False)
    yield ok("database", f"{describe_address(address)} answers")
    yield _examine_keys(gateway)
    if trouble := gateway.limits and gateway.limits.find_trouble():
        yield wrong("client limits", trouble, "check limits.storage_url, and that its Redis runs: limited keys get 503")
    yield from examine_older_secrets(gateway)
    for credential in gateway.credentials:
        yield from _examine_credential(gateway, credential)
    yield from _examine_tokens(gateway)


def _examine_keys(gateway: Gateway) -> Finding:
    valid = [each for each in gateway.keys.list() if each.revoked_at is None and not is_expired(each.identity)]
    if valid or gateway.mode == "simulator":
        return ok("API keys", f"{len(valid)} valid" + (", and the demo keys" if gateway.mode == "simulator" else ""))
    return attention("API keys", "there is none", "make one: flask --app wsgi keys create --help")


def _examine_credential(gateway: Gateway, credential: Credential) -> Iterator[Finding]:
    subject = f"credential {credential.name}"
    sessions = [gateway.tiger.session(account.account) for account in credential.accounts]
    server = sessions[0].find_server()
    try:
        seconds, ahead_seconds = _probe(server)
    except urllib3.exceptions.HTTPError as error:
        if fault := find_tls_fault(error):
            yield wrong(subject, f"{server} is not safe to speak to, {fault}", FIX_TLS)
        else:
            fix = f"check name service, firewall and proxy: curl -v {server}"
            yield wrong(subject, f"{server} cannot be reached", fix)
        return
    yield ok(subject, f"{server} answers in {seconds * 1_000:.0f} ms")
    yield _examine_clock(ahead_seconds)
    for session in sessions:
        yield _examine_account(session)
    yield _examine_quote_permission(gateway, credential)
    yield examine_push(gateway, credential)
    for market, symbol in MARKETS.items():
        yield _examine_entitlement(sessions[0], market, symbol)


def _probe(server: str) -> tuple[float, float | None]:
    """Send an empty request, which any Tiger server refuses with its time in the answer.

    Return after how many seconds it answered, and by how many its clock is ahead, where it says.
    """
    started, sent_at = time.monotonic(), time.time()
    with urllib3.PoolManager(retries=False, timeout=PROBE_SECONDS) as pool:
        answer = pool.request("POST", server, body=b"{}", headers={"Content-Type": "application/json"})
    seconds = time.monotonic() - started
    try:
        return seconds, float(json.loads(answer.data)["timestamp"]) / 1_000 - sent_at - seconds / 2
    except (ValueError, KeyError, TypeError):
        return seconds, None


def _examine_clock(ahead_seconds: float | None) -> Finding:
    if ahead_seconds is None:
        return attention("clock", "the server does not say its time", "see that time is synchronised: timedatectl")
    off = abs(ahead_seconds)
    if off < SKEW_SECONDS:
        return ok("clock", f"within {max(1, round(off))} s of the server's")
    say = wrong if off > LARGEST_SKEW_SECONDS else attention
    return say("clock", f"{off:.0f} s {'behind' if ahead_seconds > 0 else 'ahead'} of the server's", SYNCHRONISE)


def _examine_account(session: Session) -> Finding:
    subject = f"account {session.account.account}"
    try:
        fetch_assets(session)
    except TigerCredentialsRejected as error:
        return wrong(
            subject,
            f"Tiger refuses the credential: {error.message}",
            "on Tiger's developer page, compare tiger_id, upload the public half of this key, and add this address "
            "to the list of allowed ones",
        )
    except TigerTokenRejected as error:
        return wrong(
            subject,
            f"Tiger refuses the token: {error.message}",
            "put a new tiger_openapi_token.properties from Tiger's page into the folder",
        )
    except GatewayError as error:
        return wrong(subject, f"{error.message} ({error.code})", "see the page of this error code in the documentation")
    return ok(subject, f"{session.account.type}, answers")


def _examine_quote_permission(gateway: Gateway, credential: Credential) -> Finding:
    subject = f"quote permission of {credential.name}"
    permission = gateway.quote_permissions[credential.tiger_id]
    if permission.policy == "leave":
        return ok(subject, "left to the user's other devices, as quotes.permission says")
    if obstacle := permission.find_obstacle():
        return attention(subject, obstacle, "start the gateway, or: flask --app wsgi permissions grab")
    return ok(subject, "this gateway has it")


def _examine_entitlement(session: Session, market: str, symbol: str) -> Finding:
    subject = f"{market} quotes"
    try:
        fetch_quote(session, symbol)
    except QuotePermissionElsewhere as error:
        return attention(subject, error.message, "see the quote permission above")
    except TigerPermissionDenied as error:
        return attention(subject, error.message, f"buy {market} market data for OpenAPI at Tiger, if you need it")
    except GatewayError as error:
        return attention(subject, f"{error.message} ({error.code})", "try again; then see the page of this error code")
    return ok(subject, f"{symbol} has one")


def _examine_tokens(gateway: Gateway) -> Iterator[Finding]:
    problems = gateway.tokens.fetch_problems()
    for problem in problems:
        say = wrong if problem.is_fatal else attention
        yield say("tokens", problem.sentence, "refresh it: flask --app wsgi tokens refresh")
    if not problems:
        yield ok("tokens", "each that is needed is there and young")
