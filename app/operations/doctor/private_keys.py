"""Tell how a private key was pasted into Tiger's properties file, and put it right where it is all there.

Keys arrive as PEM with its lines, with quotes, with the characters backslash and n, without their padding, or as the
public half. The file takes one line of base64 (issues 5 and 67 of tigerfintech/openapi-python-sdk are about this).
"""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

NAMES = ("private_key", "private_key_pk8", "private_key_pk1")
"""In the order in which the gateway takes them."""
SMALLEST_BITS = 1_024
MARKS = (
    ("ENCRYPTED", "is protected by a password", "remove it: openssl rsa -in KEY.pem -out PLAIN.pem"),
    ("OPENSSH", "is a key for SSH", "use the RSA key that Tiger's developer page made"),
)
PROPERTY = re.compile(r"[a-z][a-z0-9_]{2,30}\s*[=:]\s*[^\s=]")
MARKER = re.compile(r"-----(BEGIN|END) [A-Z ]*-----")


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What became of the key: the fault, if any, and the whole file as it should read, if that can be told."""

    fault: str = ""
    fix: str = ""
    fixed_text: str | None = None


def examine_key(text: str) -> KeyReport:
    """Examine the key in the text of a properties file."""
    lines = text.splitlines()
    found = _find(lines)
    if found is None:
        return KeyReport("it has no private key", "copy the line private_key_pk1=… from Tiger's developer page")
    name, first, last = found
    pasted = "\n".join(
        [lines[first].split("=", 1)[-1] if "=" in lines[first] else lines[first], *lines[first + 1 : last]]
    )
    body = re.sub(r"\\n|\\r|[\s\"'\\]", "", MARKER.sub("", pasted))
    fault = _find_fault(name, pasted, body)
    if fault:
        return fault
    body += "=" * (-len(body) % 4)
    line = f"{name}={body}"
    if lines[first:last] == [line]:
        return KeyReport()
    return KeyReport(
        f"{name} is a whole key, but pasted over several lines or with characters around it",
        "run this again with --mend, or write it as one line without the BEGIN and END lines, quotes and spaces",
        "\n".join([*lines[:first], line, *lines[last:]]) + "\n",
    )


def _find(lines: list[str]) -> tuple[str, int, int] | None:
    """Return the name of the key's property, its first line, and the line after its last."""
    for name in NAMES:
        for first, line in enumerate(lines):
            if re.match(rf"\s*{name}\s*[=:]", line):
                last = first + 1
                while last < len(lines) and not _is_other_property(lines[last]):
                    last += 1
                return name, first, last
    return None


def _is_other_property(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(("#", "!")) or PROPERTY.match(line.strip()) is not None


def _find_fault(name: str, pasted: str, body: str) -> KeyReport | None:
    """Return what is wrong with the key itself, which no other spelling would put right."""
    if not body:
        return KeyReport(f"{name} is empty", f"paste the key after {name}= as one line")
    for mark, fault, fix in MARKS:
        if mark in pasted:
            return KeyReport(f"{name} {fault}", fix)
    try:
        der = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return KeyReport(f"{name} has characters that no key has", "copy it once more from Tiger's developer page")
    return _find_fault_within(name, der)


def _find_fault_within(name: str, der: bytes) -> KeyReport | None:
    try:
        key = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return _explain_unreadable(name, der)
    if not isinstance(key, RSAPrivateKey):
        return KeyReport(f"{name} is no RSA key", "Tiger takes RSA: make a new pair at its developer page")
    if key.key_size < SMALLEST_BITS:
        return KeyReport(f"{name} has {key.key_size} bits", "make a new pair of at least 1024 bits")
    return None


def _explain_unreadable(name: str, der: bytes) -> KeyReport:
    try:
        load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return KeyReport(f"{name} is cut off or damaged", "copy it once more, from the first character to the last")
    return KeyReport(f"{name} is the public half", "paste the private key here; the public one belongs on Tiger's page")
