"""Examine the way to Tiger's push service, without signing in: that would sign out whoever is."""

from app.gateway import Gateway
from app.operations.doctor.finding import Finding, attention, ok
from app.settings import Credential

FIX: str = (
    "let this machine connect to it, or set push.enabled to false: streams then go on from polling; a certificate of "
    "its own is named in push.certificate_file"
)


def examine_push(gateway: Gateway, credential: Credential) -> Finding:
    """Examine whether the push service of a credential can be reached, and whether it lets the gateway in."""
    subject = f"push of {credential.name}"
    if not gateway.push.is_on:
        return ok(subject, "switched off, as push.enabled says")
    where, fault = gateway.push.try_address(credential)
    if fault is not None:
        return attention(subject, f"{where}: {fault}", FIX)
    if problem := gateway.push.fetch_problems().get(credential.name):
        return attention(subject, problem, "see the page on operations: Tiger's push service")
    return ok(subject, f"{where} answers")
