"""Tell what is wrong where no trusted connection over TLS comes about."""

import ssl

from urllib3.exceptions import SSLError


def find_tls_fault(error: BaseException) -> str | None:
    """Return what is wrong with the certificate, or with TLS; None where something else failed."""
    inner = error.args[0] if isinstance(error, SSLError) and error.args else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {inner.verify_message}"
    if isinstance(inner, ssl.SSLError):
        return f"TLS fails: {(inner.reason or str(inner)).replace('_', ' ').lower()}"
    return f"TLS fails: {inner}" if isinstance(error, SSLError) else None
