"""The doctor goes step by step, says what to do, and ends with 1 where something is wrong."""

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from app.errors import StorageUnavailable
from app.gateway import get_gateway
from app.operations.doctor.files import examine_files
from app.operations.doctor.finding import Verdict
from app.operations.doctor.service import examine_service
from app.simulator.faults import Fault
from app.storage.tables import api_keys
from app.storage.token_tables import token_attempts, tokens
from app.tiger.sessions import Session
from tests.support.server import ROOT


@pytest.fixture
def gateway(app):
    return get_gateway(app)


@pytest.fixture
def live_folder(tmp_path, simulator):
    """Give an instance folder configured as for Tiger, with the simulator's credentials."""
    instance = tmp_path / "live"
    folder = instance / "credentials" / "main"
    folder.mkdir(parents=True, mode=0o700)
    instance.chmod(0o700)
    for file in simulator.get_credential_folder("20154747").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(0o600)
    (instance / "tiger-rest.toml").write_text(
        '[[credentials]]\nname = "main"\npath = "credentials/main"\n[[credentials.accounts]]\naccount = "67686635"\n'
    )
    return instance


def wrongs(findings):
    return [finding for finding in findings if finding.verdict is Verdict.WRONG]


def properties(instance):
    return instance / "credentials" / "main" / "tiger_openapi_config.properties"


def break_lines_of_the_key(instance):
    file = properties(instance)
    lines = file.read_text().splitlines()
    name, _, body = next(line for line in lines if line.startswith("private_key_pk8=")).partition("=")
    broken = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    rest = [line for line in lines if not line.startswith("private_key")]
    pem = f"{name}=-----BEGIN PRIVATE KEY-----\n{broken}\n-----END PRIVATE KEY-----"
    file.write_text("\n".join([pem, *rest]))


def test_a_gateway_in_simulator_mode_is_well(gateway):
    assert {finding.verdict for finding in examine_service(gateway)} == {Verdict.OK}


def test_a_live_configuration_is_well(live_folder):
    findings = list(examine_files({"TIGER_REST_INSTANCE": str(live_folder)}))

    assert {finding.verdict for finding in findings} == {Verdict.OK}
    assert "live mode" in findings[-1].seen


def test_a_wrongly_pasted_key_is_named_with_its_mend(live_folder):
    break_lines_of_the_key(live_folder)

    [key, *_] = wrongs(examine_files({"TIGER_REST_INSTANCE": str(live_folder)}))

    assert "several lines" in key.seen
    assert "--mend" in key.fix


def test_mending_puts_the_key_right_and_keeps_the_file_as_it_was(live_folder):
    break_lines_of_the_key(live_folder)
    before = properties(live_folder).read_text()

    findings = list(examine_files({"TIGER_REST_INSTANCE": str(live_folder)}, fixes=True))

    assert wrongs(findings) == []
    assert properties(live_folder).with_name("tiger_openapi_config.properties.before").read_text() == before
    assert properties(live_folder).stat().st_mode & 0o077 == 0


def test_files_open_to_others_are_named(live_folder):
    properties(live_folder).chmod(0o644)

    findings = list(examine_files({"TIGER_REST_INSTANCE": str(live_folder)}))

    [finding] = [finding for finding in findings if finding.verdict is Verdict.ATTENTION]
    assert finding.fix.startswith("chmod 600")


def test_a_missing_file_is_named(live_folder):
    properties(live_folder).unlink()

    assert "missing" in wrongs(examine_files({"TIGER_REST_INSTANCE": str(live_folder)}))[0].seen


def test_a_wrong_setting_is_named_with_its_mend(live_folder):
    environ = {"TIGER_REST_INSTANCE": str(live_folder), "TIGER_REST_GATEWAY__BIDN": "x"}

    [finding] = wrongs(examine_files(environ))

    assert "TIGER_REST_GATEWAY__BIDN" in finding.seen
    assert "unset it" in finding.fix


def test_an_unreachable_server_is_named(gateway, monkeypatch):
    monkeypatch.setattr(Session, "find_server", lambda _self: "http://127.0.0.1:1/gateway")

    findings = wrongs(examine_service(gateway))

    assert {finding.seen for finding in findings} == {"http://127.0.0.1:1/gateway cannot be reached"}


def test_a_server_whose_certificate_is_not_trusted_is_told_so(gateway, monkeypatch, tls_server):
    url = f"https://127.0.0.1:{tls_server.server_port}/gateway"
    monkeypatch.setattr(Session, "find_server", lambda _self: url)

    findings = wrongs(examine_service(gateway))

    assert {finding.seen for finding in findings} == {
        f"{url} is not safe to speak to, its certificate is not trusted: self-signed certificate"
    }
    assert all("SSL_CERT_FILE" in finding.fix for finding in findings)


def test_a_database_that_goes_away_meanwhile_ends_the_doctor_in_a_line(app, settings, monkeypatch):
    def go_away(_keys):
        raise StorageUnavailable("gone")

    monkeypatch.setenv("TIGER_REST_INSTANCE", str(settings.instance))
    monkeypatch.setattr("app.access.keys.ApiKeys.list", go_away)

    result = app.test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 1
    assert "database: it does not answer" in result.output


@pytest.mark.parametrize(("seconds", "verdict"), [(20, Verdict.ATTENTION), (-300, Verdict.WRONG)])
def test_a_clock_that_is_off_is_named(gateway, monkeypatch, seconds, verdict):
    real = time.time
    monkeypatch.setattr("app.operations.doctor.service.time.time", lambda: real() - seconds)

    clocks = [finding for finding in examine_service(gateway) if finding.subject == "clock"]

    assert {finding.verdict for finding in clocks} == {verdict}
    assert ("behind" in clocks[0].seen) == (seconds > 0)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(kind="code", code=1000, message="failed to verify signature"), "upload the public half"),
        (Fault(kind="code", code=2400, message="token expired"), "new tiger_openapi_token.properties"),
    ],
    ids=["signature", "token"],
)
def test_a_refused_credential_is_named_with_what_to_do(gateway, simulator, fault, words):
    simulator.inject(dataclasses.replace(fault, method="prime_assets"))

    findings = wrongs(examine_service(gateway))

    assert any(words in finding.fix for finding in findings)


def test_a_missing_entitlement_calls_for_attention_only(gateway, simulator):
    simulator.inject(Fault(kind="code", code=4000, message="permission denied", method="quote_real_time"))

    findings = list(examine_service(gateway))

    assert wrongs(findings) == []
    assert any("buy US market data" in finding.fix for finding in findings)


def snapshot(gateway, folders):
    """Return everything that is stored of tokens, and every file in these folders with its times."""
    with gateway.storage.reading() as connection:
        rows = [connection.execute(select(table)).all() for table in (tokens, token_attempts, api_keys)]
    files = {file: (file.read_bytes(), file.stat().st_mtime_ns) for folder in folders for file in folder.rglob("*.p*")}
    return rows, files


def test_the_doctor_looks_and_changes_nothing(gateway, simulator):
    folders = [credential.path for credential in gateway.credentials]
    simulator.reset_counts()
    before = snapshot(gateway, folders)
    verdicts = {finding.verdict for finding in examine_service(gateway)}

    assert before[0][0] == []
    assert len(before[1]) > 2
    assert snapshot(gateway, folders) == before
    assert verdicts == {Verdict.OK}
    assert simulator.calls("user_token_refresh") == 0


def test_the_command_ends_with_0_where_all_is_well(app, settings, monkeypatch):
    monkeypatch.setenv("TIGER_REST_INSTANCE", str(settings.instance))

    result = app.test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 0, result.output


def run_flask(command: str, instance: Path) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "TIGER_REST_INSTANCE": str(instance), "TIGER_REST_GATEWAY__BIDN": "x"}
    arguments = [sys.executable, "-m", "flask", "--app", "wsgi", *command.split()]
    return subprocess.run(arguments, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_the_command_runs_while_the_settings_are_too_wrong_to_start(tmp_path):
    done = run_flask("doctor", tmp_path)

    assert done.returncode == 1
    assert "-> unset it or fix its name" in done.stdout
    assert "Traceback" not in done.stderr


def test_other_commands_then_say_in_one_line_why_they_cannot_start(tmp_path):
    done = run_flask("keys list", tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: tiger-rest cannot start: TIGER_REST_GATEWAY__BIDN")
    assert "Traceback" not in done.stderr
