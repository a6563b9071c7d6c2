"""Settings come from defaults, the file, the environment, in this order; a wrong one stops the start in one line."""

from pathlib import Path

import pytest

from app.access.digests import load_secrets
from app.config.credentials import ConfigurationError
from app.config.loader import load_settings, load_settings_with_provenance


def load(folder: Path, toml: str = "", **variables: str):
    if toml:
        (folder / "tiger-rest.toml").write_text(toml)
    return load_settings({"TIGER_REST_INSTANCE": str(folder), **variables})


def complaint(folder: Path, toml: str = "", **variables: str) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load(folder, toml, **variables)
    message = str(refusal.value)
    assert "\n" not in message
    return message


def test_without_a_file_the_defaults_serve_the_simulator(tmp_path):
    settings = load(tmp_path)

    assert settings.mode == "simulator"
    assert settings.gateway.bind == "127.0.0.1:9000"
    assert settings.token_refresh.interval_hours == 12


def test_the_environment_wins_over_the_file(tmp_path):
    settings = load(tmp_path, '[gateway]\nbind = "127.0.0.1:1"\n', TIGER_REST_GATEWAY__BIND="127.0.0.1:2")

    assert settings.gateway.bind == "127.0.0.1:2"


def test_each_value_tells_where_it_came_from(tmp_path):
    (tmp_path / "tiger-rest.toml").write_text('[gateway]\nlog_format = "json"\n')
    environ = {
        "TIGER_REST_INSTANCE": str(tmp_path),
        "TIGER_REST_GATEWAY__CORS_ORIGINS": "https://a.test, https://b.test",
    }
    settings, sources = load_settings_with_provenance(environ)

    assert settings.gateway.cors_origins == ("https://a.test", "https://b.test")
    assert sources["gateway.cors_origins"] == "TIGER_REST_GATEWAY__CORS_ORIGINS"
    assert sources["gateway.log_format"] == str(tmp_path / "tiger-rest.toml")
    assert sources["gateway.bind"] == "default"


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("[gateway\n", "tiger-rest.toml"),
        ("[gateway]\nbnid = 'x'\n", "gateway.bnid"),
        ("[gatewayy]\n", "[gatewayy]"),
        ("gateway = 1\n", "[gateway]"),
        ("[gateway]\nbind = 9000\n", "gateway.bind"),
        ("[gateway]\nbind = ''\n", "gateway.bind"),
        ("[gateway]\nbind = '127.0.0.1'\n", "gateway.bind"),
        ("[gateway]\nbind = '127.0.0.1:65536'\n", "gateway.bind"),
        ("[gateway]\ncors_origins = ['*.example']\n", "gateway.cors_origins"),
        ("[gateway]\ndatabase_url = 'sqlite:///'\n", "gateway.database_url"),
        ("[gateway]\nmax_body_bytes = true\n", "gateway.max_body_bytes"),
        ("[gateway]\nlog_level = 'loud'\n", "gateway.log_level"),
        ("[gateway]\ncors_origins = '*'\n", "gateway.cors_origins"),
        ("[gateway]\ntimezone = 'Mars/Base'\n", "gateway.timezone"),
        ("[gateway]\nsecret_key = 'short'\n", "gateway.secret_key"),
        ("[gateway]\ndatabase_url = 'mysql://x'\n", "gateway.database_url"),
        ("[gateway]\ndatabase_url = 'postgresql+psycopg://h/d'\n", "gateway.secret_key"),
        ("[tiger]\nread_deadline_seconds = nan\n", "tiger.read_deadline_seconds"),
        ("[tiger]\ndevice_id = 'Gerät'\n", "tiger.device_id"),
        ("[token_refresh]\ninterval_hours = 0\n", "token_refresh.interval_hours"),
        ("credentials = 3\n", "[[credentials]]"),
    ],
)
def test_a_wrong_file_is_told_in_one_line_that_names_the_setting(tmp_path, toml, named):
    assert named in complaint(tmp_path, toml)


@pytest.mark.parametrize(
    "bind", ["0.0.0.0:1", "[::1]:9000", "localhost:65535", "gateway.example:80", "unix:/run/tiger-rest.sock", "fd://3"]
)
def test_whatever_gunicorn_can_listen_on_may_be_bound(tmp_path, bind):
    assert load(tmp_path, TIGER_REST_GATEWAY__BIND=bind).gateway.bind == bind


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIGER_REST_GATEWAY__BNID", "x"),
        ("TIGER_REST_NOTHING__AT_ALL", "x"),
        ("TIGER_REST_GATEWAY__MAX_BODY_BYTES", "many"),
        ("TIGER_REST_SIMULATOR__REAL_HOURS", "perhaps"),
        ("TIGER_REST_CONFIG", "/nowhere/tiger-rest.toml"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path, variable, value):
    assert variable in complaint(tmp_path, **{variable: value})


def test_a_variable_without_two_underscores_is_no_setting(tmp_path):
    assert load(tmp_path, TIGER_REST_ANYTHING="x").mode == "simulator"


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path):
    (tmp_path / "tiger-rest.toml").write_bytes(b"\xff\xfe\x00")

    assert "UTF-8" in complaint(tmp_path)


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "tiger-rest.toml").write_bytes(b'\xef\xbb\xbf[gateway]\r\nlog_format = "json"\r\n')

    assert load(tmp_path).gateway.log_format == "json"


@pytest.mark.parametrize("held", ["", "\n", "abc", "a" * 31 + "\n"], ids=["empty", "newline", "three", "thirty-one"])
def test_a_secret_key_file_that_is_too_short_is_refused_like_the_setting(tmp_path, held):
    (tmp_path / "secret_key").write_text(held)

    with pytest.raises(ConfigurationError, match=r"secret_key must hold at least 32 characters"):
        load_secrets(load(tmp_path))
    assert (tmp_path / "secret_key").read_text() == held


def test_a_secret_key_file_that_is_long_enough_is_taken(tmp_path):
    (tmp_path / "secret_key").write_text("a" * 32 + "\n")

    assert load_secrets(load(tmp_path)) == (b"a" * 32,)


@pytest.mark.parametrize("older", ["hunter2-the-old-secret", f"{'s' * 40},hunter2-the-old-secret"])
def test_a_wrong_older_secret_is_not_quoted(tmp_path, older):
    told = complaint(tmp_path, TIGER_REST_GATEWAY__OLDER_SECRET_KEYS=older)
    listed = complaint(tmp_path, f"[gateway]\nolder_secret_keys = {older.split(',')!r}\n")

    assert "at least 32 characters" in told
    assert "older_secret_keys" in listed.lower()
    assert "hunter2" not in told + listed
