"""Half a credential stops the start with one line; it never falls back to the simulator."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.config.credentials import ConfigurationError
from app.config.loader import load_settings

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PLANTED = "planted-secret"
TABLE = """
[[credentials]]
name = "main"
path = "credentials/main"
[[credentials.accounts]]
account = "67686635"
type = "live"
"""


def der(key, form=PrivateFormat.TraditionalOpenSSL) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "credentials" / "main"
    path.mkdir(parents=True)
    write(tmp_path, f"tiger_id=20154747\nlicense=TBHK\nprivate_key_pk1={der(RSA_KEY)}\n")
    (tmp_path / "tiger-rest.toml").write_text(TABLE)
    return tmp_path


def write(folder: Path, properties: str) -> None:
    (folder / "credentials" / "main" / "tiger_openapi_config.properties").write_text(properties)


def load(folder: Path):
    return load_settings({"TIGER_REST_INSTANCE": str(folder)})


def complaint(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load(folder)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_credential_is_read_from_tigers_own_files(folder):
    settings = load(folder)

    credential = settings.credentials[0]
    assert settings.mode == "live"
    assert (credential.tiger_id, credential.license) == ("20154747", "TBHK")
    assert credential.accounts[0].account == "67686635"
    assert credential.private_key not in repr(credential)


@pytest.mark.parametrize("name", ["private_key", "private_key_pk1", "private_key_pk8"])
def test_every_spelling_of_the_key_is_understood(folder, name):
    form = PrivateFormat.PKCS8 if name.endswith("8") else PrivateFormat.TraditionalOpenSSL
    write(folder, f"tiger_id=1\nlicense=TBHK\n{name}={der(RSA_KEY, form)}\n")

    assert load(folder).credentials[0].private_key == der(RSA_KEY, form)


def test_a_key_pasted_with_its_markers_is_understood(folder):
    marked = f"-----BEGIN RSA PRIVATE KEY-----\\n{der(RSA_KEY)}\\n-----END RSA PRIVATE KEY-----"
    write(folder, f"tiger_id=1\nlicense=TBHK\nprivate_key={marked}\n")

    assert load(folder).credentials[0].private_key == der(RSA_KEY)


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        (f"license=TBHK\nprivate_key={der(RSA_KEY)}\n", "tiger_id"),
        ("tiger_id=1\nlicense=TBHK\n", "private key"),
        ("tiger_id=1\nlicense=TBHK\nprivate_key=abc\n", "RSA key"),
        (f"tiger_id=1\nlicense=TBHK\nprivate_key={der(ec.generate_private_key(ec.SECP256R1()))}\n", "RSA key"),
    ],
)
def test_what_a_properties_file_lacks_is_named(folder, properties, named):
    write(folder, properties)

    message = complaint(folder)
    assert named in message
    assert "credentials[1]" in message


def test_a_file_without_a_license_is_served(folder):
    write(folder, f"tiger_id=1\nprivate_key={der(RSA_KEY)}\n")

    assert load(folder).credentials[0].license == ""


def test_the_secret_key_of_an_institution_is_read_and_shown_nowhere(folder):
    write(folder, f"tiger_id=1\nprivate_key={der(RSA_KEY)}\nsecret_key = {PLANTED}\n")
    settings = load(folder)

    assert settings.credentials[0].secret_key == PLANTED
    assert PLANTED not in repr(settings)


def test_no_key_material_stands_in_a_complaint(folder):
    write(folder, f"tiger_id=1\nlicense=TBHK\nprivate_key={der(RSA_KEY)[:-40]}\n")

    assert der(RSA_KEY)[10:40] not in complaint(folder)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("credentials/main", "credentials/other"), "credentials[1].path"),
        (('account = "67686635"', "account = true"), "credentials[1].accounts.account"),
        (('"live"', '"paper"'), "credentials[1].accounts.type"),
        (('name = "main"', 'nmae = "main"'), "nmae"),
        ((TABLE, TABLE + '[[credentials.accounts]]\naccount = "67686635"\n'), "67686635 is listed twice"),
        ((TABLE, TABLE[: TABLE.index("[[credentials.accounts]]")]), "credentials[1].accounts"),
    ],
)
def test_a_wrong_table_is_named(folder, change, named):
    (folder / "tiger-rest.toml").write_text(TABLE.replace(*change))

    assert named in complaint(folder)


def test_credentials_that_nothing_lists_stop_the_start(folder):
    (folder / "tiger-rest.toml").unlink()

    assert "no [[credentials]] names" in complaint(folder)


def test_a_missing_properties_file_is_named(folder):
    (folder / "credentials" / "main" / "tiger_openapi_config.properties").unlink()

    assert "tiger_openapi_config.properties is missing" in complaint(folder)
