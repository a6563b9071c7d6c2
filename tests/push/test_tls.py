"""TLS to the push service is always checked: against the system's authorities, or what is pinned."""

import ssl

import pytest

from app.push.connection import Connection, make_context
from app.push.endings import describe
from app.simulator.push.certificate import load_context
from app.tiger.push.address import PushAddress
from app.tiger.push.answers import Kind, PushAnswer, read
from app.tiger.push.requests import Requests, make_sign_in
from tests.support.tls import write_certificate


@pytest.fixture
def pinned(simulator):
    """Give the file with the certificate that the simulator shows."""
    load_context(simulator.folder, "127.0.0.1")
    return str(simulator.folder / "push.pem")


def connect(address, context):
    return Connection(PushAddress(address.host, address.port), context)


def test_a_certificate_that_nobody_has_signed_is_refused(address, pinned):
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        connect(address, make_context(""))

    assert "certificate is not trusted" in describe(refused.value)


def test_another_certificate_than_the_pinned_one_is_refused(address, pinned, tmp_path):
    other = write_certificate(tmp_path / "other.pem")

    with pytest.raises(ssl.SSLCertVerificationError):
        connect(address, make_context(str(other)))


def test_the_pinned_certificate_is_taken_and_signed_in_through(address, pinned, credentials):
    connection = connect(address, make_context(pinned))
    connection.send(Requests().connect(make_sign_in(credentials[0]), None).SerializeToString())
    answers = [read(message) for _ in range(50) for message in connection.receive(0.2)]
    connection.close()

    assert next(answer.kind for answer in answers if isinstance(answer, PushAnswer)) is Kind.CONNECTED
