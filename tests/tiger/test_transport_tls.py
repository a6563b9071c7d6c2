"""Over TLS the transport keeps the same promises, and speaks to nobody whose certificate is not trusted."""

from pathlib import Path

import pytest

from app.tiger.deadline import Deadline
from app.tiger.wire.errors import get_failure
from app.tiger.wire.transport import Transport, TransportFailure
from tests.support.tls import Server, serving_over_tls, write_certificate
from tests.tiger.raw_server import Start, answer


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def post(transport: Transport, server: Server, path: str = "/", seconds: float = 5.0) -> bytes:
    url = f"https://127.0.0.1:{server.server_port}{path}"
    return transport.post(url, b"body", {}, deadline=Deadline.after(seconds), repeatable=False).body


def test_a_connection_over_tls_is_kept(trusted: None, tls_server: Server) -> None:
    transport = Transport(4)
    bodies = [post(transport, tls_server) for _ in range(5)]

    assert bodies == [b"body"] * 5
    assert len(tls_server.ports) == 1


def test_nothing_is_sent_to_a_server_that_is_not_trusted(tls_server: Server) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(Transport(1), tls_server)

    assert (caught.value.kind, caught.value.sent) == ("unreachable", False)
    assert tls_server.ports == set()


def test_a_silent_server_over_tls_ends_at_the_deadline(trusted: None, tls_server: Server) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(Transport(1), tls_server, "/hang", seconds=0.3)

    assert (caught.value.kind, caught.value.sent) == ("timeout", True)


def test_an_untrusted_certificate_is_told_as_what_it_is(tls_server: Server) -> None:
    with pytest.raises(TransportFailure) as caught:
        post(Transport(1), tls_server)

    error = get_failure(caught.value, command=True)
    assert error.message == ("Tiger cannot be reached safely: its certificate is not trusted: self-signed certificate.")
    assert (error.code, error.in_doubt) == ("tiger_unavailable", False)


@pytest.mark.parametrize(
    ("days", "address", "words"),
    [(-1, "127.0.0.1", "certificate has expired"), (1, "127.0.0.2", "not valid for '127.0.0.1'")],
    ids=["expired", "of another host"],
)
def test_what_is_wrong_with_a_certificate_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, address: str, words: str
) -> None:
    file = write_certificate(tmp_path / "wrong.pem", days, address)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving_over_tls(file) as server, pytest.raises(TransportFailure) as caught:
        post(Transport(1), server)

    assert words in (caught.value.tls_fault or "")


def test_a_server_without_tls_is_told_as_that(start: Start) -> None:
    url = start(lambda connection: connection.sendall(answer(b"no TLS"))).replace("http://", "https://")
    with pytest.raises(TransportFailure) as caught:
        Transport(1).post(url, b"body", {}, deadline=Deadline.after(5), repeatable=False)

    assert (caught.value.tls_fault or "").startswith("TLS fails: ")


def test_a_server_that_is_not_there_has_no_fault_of_tls() -> None:
    with pytest.raises(TransportFailure) as caught:
        Transport(1).post("https://127.0.0.1:1/", b"body", {}, deadline=Deadline.after(5), repeatable=False)

    assert (caught.value.kind, caught.value.tls_fault) == ("unreachable", None)
