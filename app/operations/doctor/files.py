"""Examine what is on this machine: settings, credential folders, keys."""

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.config.credentials import PROPERTIES_FILE, ConfigurationError
from app.config.loader import find_file, find_instance, load_settings
from app.durable_file import replace_file
from app.operations.doctor.finding import Finding, attention, ok, wrong
from app.operations.doctor.private_keys import examine_key

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_files(environ: Mapping[str, str], *, fixes: bool = False) -> Iterator[Finding]:
    """Examine the settings and every credential they name; with ``fixes``, put wrongly pasted keys right first."""
    instance = find_instance(environ)
    yield _examine_instance(instance)
    try:
        file = find_file(environ, instance)
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("credentials", []) if file else []
    except (ConfigurationError, OSError, ValueError):
        # The loading below says it better.
        file, tables = None, []
    for table in tables if isinstance(tables, list) else []:
        if isinstance(table, dict) and isinstance(table.get("path"), str):
            yield from _examine_credential(table, (file or instance).parent, fixes=fixes)
    try:
        settings = load_settings(environ)
    except ConfigurationError as error:
        seen, _, advice = str(error).rpartition(": ")
        yield wrong("settings", seen, advice)
        return
    source = str(file) if file else "defaults and environment"
    accounts = sum(len(credential.accounts) for credential in settings.credentials)
    served = f"{accounts} accounts of Tiger" if accounts else "the simulator, since no credentials are configured"
    yield ok("settings", f"{source}: {settings.mode} mode, serving {served}")


def _examine_instance(instance: Path) -> Finding:
    if not instance.exists():
        return ok("instance folder", f"{instance} will be made at the first start")
    if not os.access(instance, os.R_OK | os.W_OK | os.X_OK):
        return wrong("instance folder", f"{instance} is not this user's to write", f"chown it to {os.getuid()}")
    if instance.stat().st_mode & FOR_OTHERS:
        return attention("instance folder", f"{instance} is open to other users", f"chmod 700 {instance}")
    return ok("instance folder", str(instance))


def _examine_credential(table: Mapping[str, Any], base: Path, *, fixes: bool) -> Iterator[Finding]:
    subject = f"credential {table.get('name', table['path'])}"
    file = (base / Path(table["path"]).expanduser()).resolve() / PROPERTIES_FILE
    try:
        text = file.read_text(encoding="utf-8")
        mode = file.stat().st_mode
    except FileNotFoundError:
        yield wrong(subject, f"{file} is missing", "download it from Tiger's developer page")
        return
    except (OSError, UnicodeDecodeError):
        yield wrong(subject, f"{file} cannot be read", f"make it a text file that user {os.getuid()} may read")
        return
    if mode & FOR_OTHERS:
        yield attention(subject, f"{file} is open to other users", f"chmod 600 {file}")
    report = examine_key(text)
    if report.fixed_text is not None and fixes:
        _replace(file, report.fixed_text)
        yield attention(subject, f"{report.fault}; {file} is put right", f"the file as it was is {file}.before")
    elif report.fault:
        yield wrong(subject, f"{file}: {report.fault}", report.fix)
    else:
        yield ok(subject, f"{file}: the private key is an RSA key on one line")


def _replace(file: Path, text: str) -> None:
    """Write the file anew, and keep the old one beside it."""
    before = file.with_name(f"{file.name}.before")
    before.unlink(missing_ok=True)
    before.hardlink_to(file)
    before.chmod(0o600)
    replace_file(file, text)
