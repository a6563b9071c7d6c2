"""Each way a key is pasted wrongly is named; one that is whole is put right."""

import base64
import textwrap

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.operations.doctor.private_keys import examine_key

KEY = rsa.generate_private_key(65_537, 1_024)  # noqa: S505 - as small as Tiger still accepts; it guards nothing.
PLAIN = serialization.NoEncryption()
PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
PKCS8 = serialization.PrivateFormat.PKCS8
REST = "tiger_id=20150001\nlicense=TBHK\n"


def pem(encoding_format=PKCS1, protection=PLAIN) -> str:
    return KEY.private_bytes(serialization.Encoding.PEM, encoding_format, protection).decode()


def body(encoding_format=PKCS1) -> str:
    der = KEY.private_bytes(serialization.Encoding.DER, encoding_format, PLAIN)
    return base64.b64encode(der).decode()


@pytest.mark.parametrize("encoding_format", [PKCS1, PKCS8], ids=["PKCS1", "PKCS8"])
def test_a_key_on_one_line_has_no_fault(encoding_format):
    assert not examine_key(f"private_key_pk1={body(encoding_format)}\n{REST}").fault


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(pem(), id="PEM over several lines"),
        pytest.param(pem(PKCS8), id="PKCS8 PEM over several lines"),
        pytest.param(pem().replace("\n", "\\n"), id="PEM with backslash and n"),
        pytest.param(pem().replace("\n", " "), id="PEM with spaces for line ends"),
        pytest.param(f'"{body()}"', id="quotes"),
        pytest.param(f" {body()} ", id="spaces"),
        pytest.param("\n".join(textwrap.wrap(body(), 64)), id="several lines without PEM marks"),
        pytest.param("\\\n".join(textwrap.wrap(body(), 64)), id="continued lines"),
        pytest.param(body().rstrip("="), id="without padding"),
    ],
)
@pytest.mark.parametrize("rest_first", [True, False], ids=["last", "first"])
def test_a_whole_key_pasted_wrongly_is_put_right(pasted, rest_first):
    line = f"private_key_pk1={pasted.strip(chr(10))}\n"
    text = REST + line if rest_first else line + REST

    fixed = examine_key(text).fixed_text or text

    whole = [f"private_key_pk1={body(PKCS1)}", f"private_key_pk1={body(PKCS8)}"]
    assert sorted(line for line in fixed.splitlines() if line not in whole) == sorted(REST.splitlines())
    assert not examine_key(fixed).fault


def public() -> str:
    encoded = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(encoded).decode()


def elliptic() -> str:
    encoded = ec.generate_private_key(ec.SECP256R1()).private_bytes(serialization.Encoding.DER, PKCS8, PLAIN)
    return base64.b64encode(encoded).decode()


@pytest.mark.parametrize(
    ("pasted", "fault"),
    [
        pytest.param(public(), "public half", id="public key"),
        pytest.param(elliptic(), "no RSA key", id="other kind"),
        pytest.param(body()[:-40], "cut off", id="cut at the end"),
        pytest.param(body()[40:], "cut off", id="cut at the beginning"),
        pytest.param(body().replace("A", "…", 1), "characters", id="foreign characters"),
        pytest.param("", "empty", id="empty"),
        pytest.param(pem(PKCS8, serialization.BestAvailableEncryption(b"x")), "password", id="protected"),
    ],
)
def test_a_key_that_cannot_be_put_right_is_named(pasted, fault):
    report = examine_key(f"private_key_pk1={pasted}\n{REST}")

    assert fault in report.fault
    assert report.fix
    assert report.fixed_text is None


def test_a_file_without_a_key_is_named():
    assert "no private key" in examine_key(REST).fault


def test_no_report_repeats_the_key():
    report = examine_key(f"private_key_pk1={body()[:-40]}\n{REST}")

    assert body()[:20] not in report.fault + report.fix
