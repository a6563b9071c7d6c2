"""Over TLS the transport keeps the same promises, and speaks to nobody whose certificate is not trusted."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.tiger.deadline import Deadline
from app.tiger.transport import Transport, TransportFailure


class Handler(BaseHTTPRequestHandler):
    """Answer, or with the path /hang keep silent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.ports.add(self.client_address[1])  # type: ignore[attr-defined]
        if self.path == "/hang":
            self.rfile.read(1)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Count the ports that clients came from, and be silent about clients that hang up."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.ports: set[int] = set()

    def handle_error(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Write a certificate of 127.0.0.1 with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "server.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server(certificate: Path) -> Iterator[Server]:
    """Serve over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    serving = Server(context)
    thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def post(transport: Transport, server: Server, path: str = "/", seconds: float = 5.0) -> bytes:
    url = f"https://127.0.0.1:{server.server_port}{path}"
    return transport.post(url, b"body", {}, deadline=Deadline.after(seconds), repeatable=False).body


def test_a_connection_over_tls_is_kept(trusted: None, server: Server) -> None:
    transport = Transport(4)
    bodies = [post(transport, server) for _ in range(5)]

    assert bodies == [b"body"] * 5
    assert len(server.ports) == 1


def test_nothing_is_sent_to_a_server_that_is_not_trusted(server: Server) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(Transport(1), server)

    assert (caught.value.kind, caught.value.sent) == ("unreachable", False)
    assert server.ports == set()


def test_a_silent_server_over_tls_ends_at_the_deadline(trusted: None, server: Server) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(Transport(1), server, "/hang", seconds=0.3)

    assert (caught.value.kind, caught.value.sent) == ("timeout", True)
