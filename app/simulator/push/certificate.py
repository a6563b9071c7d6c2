"""The certificate that the push service shows over TLS: its own, made once and kept in the simulator's folder."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.simulator.credentials import write_private_file

CERTIFICATE_FILE = "push.pem"
KEY_FILE = "push-key.pem"
_LIFE = timedelta(days=3650)
_AGE = timedelta(days=1)
"""It is dated back, so that a clock that lags takes it."""


def load_context(folder: Path, host: str) -> ssl.SSLContext:
    """Return the server's side of TLS, with the folder's certificate; made for ``host`` where there is none yet."""
    certificate_path, key_path = folder / CERTIFICATE_FILE, folder / KEY_FILE
    if not certificate_path.exists():
        key, certificate = _make(host)
        write_private_file(key_path, key)
        write_private_file(certificate_path, certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path, key_path)
    return context


def _make(host: str) -> tuple[str, str]:
    """Return key and certificate as PEM; clients may pin the certificate, nobody else has signed it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _AGE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_get_alternative_name(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def _get_alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
