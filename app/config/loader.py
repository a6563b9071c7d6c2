"""Load the settings: the TOML file, then the environment over it, each value with the place it came from.

``tiger-rest.toml`` is found by ``TIGER_REST_CONFIG``, else in the instance folder. Each setting is also
``TIGER_REST_<SECTION>__<NAME>``; only names with two underscores in a row are settings. Whatever is wrong raises
``ConfigurationError``: one line that names the setting and what to do.
"""

import dataclasses
import json
import os
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

from app.config.credentials import ConfigurationError, load_credentials
from app.settings import (
    LEAST_SECRET_CHARACTERS,
    BudgetSettings,
    CacheSettings,
    GatewaySettings,
    LeadershipSettings,
    LimitSettings,
    MetricsSettings,
    OrderSettings,
    QuoteSettings,
    Settings,
    SimulatorSettings,
    TigerSettings,
    TokenRefreshSettings,
)

PREFIX = "TIGER_REST_"
_PORT = r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})"
BIND = re.compile(rf"[\w.-]+:{_PORT}|\[[\da-fA-F:.]+\]:{_PORT}|unix:.+|fd://\d+")
ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^\s/*?#]+")
FILE_NAME = "tiger-rest.toml"
SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "gateway": GatewaySettings,
        "tiger": TigerSettings,
        "budget": BudgetSettings,
        "cache": CacheSettings,
        "quotes": QuoteSettings,
        "limits": LimitSettings,
        "token_refresh": TokenRefreshSettings,
        "leadership": LeadershipSettings,
        "orders": OrderSettings,
        "metrics": MetricsSettings,
        "simulator": SimulatorSettings,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Provenance:
    """Where each value came from: ``section.name`` to "default", a file's name or a variable's."""

    sources: Mapping[str, str]


def find_instance(environ: Mapping[str, str]) -> Path:
    """Return the folder the gateway writes to: ``TIGER_REST_INSTANCE``, else ``instance`` beside the project."""
    if chosen := environ.get("TIGER_REST_INSTANCE"):
        return Path(chosen).expanduser().resolve()
    checkout = Path(__file__).resolve().parent.parent.parent
    root = checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()
    return root / "instance"


def load_settings(environ: Mapping[str, str] | None = None, document: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings in force; a document in the form of the TOML file takes the file's place.

    Raises:
        ConfigurationError: A file, setting or credential is missing or wrong.
    """
    return load_settings_with_provenance(environ, document)[0]


def load_settings_with_provenance(
    environ: Mapping[str, str] | None = None, document: Mapping[str, Any] | None = None
) -> tuple[Settings, Provenance]:
    """Return the settings in force and, for each, where its value came from."""
    environ = os.environ if environ is None else environ
    instance = find_instance(environ)
    file = find_file(environ, instance) if document is None else None
    document = dict(document) if document is not None else _read_toml(file) if file else {}
    variables = _read_variables(environ)
    origin = str(file or "settings")
    sources: dict[str, str] = {}
    sections: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        table = document.pop(section, {})
        if not isinstance(table, dict):
            raise ConfigurationError(f"[{section}] in {origin} must be a table: write [{section}] above its settings")
        sections[section] = _build_section(section, kind, table, variables, origin, sources)
    credentials = load_credentials(document.pop("credentials", []), file, instance)
    if document:
        raise ConfigurationError(
            f"{origin}: unknown section [{next(iter(document))}]: known are {', '.join((*SECTIONS, 'credentials'))}"
        )
    settings = Settings(instance=instance, credentials=credentials, **sections)
    _check_whole(settings)
    return settings, Provenance(MappingProxyType(sources))


def find_file(environ: Mapping[str, str], instance: Path) -> Path | None:
    """Return the settings file, or None where there is none.

    Raises:
        ConfigurationError: ``TIGER_REST_CONFIG`` names a file that is not there.
    """
    if named := environ.get("TIGER_REST_CONFIG"):
        file = Path(named).expanduser().resolve()
        if not file.is_file():
            raise ConfigurationError(f"TIGER_REST_CONFIG: {file} is no file: create it or unset the variable")
        return file
    file = instance / FILE_NAME
    return file if file.is_file() else None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        # Windows' editors begin a file with a byte order mark, which is no part of TOML.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: make it a UTF-8 file this user may read") from error


def _read_variables(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return ``section.name`` to (variable, text) of every variable that is a setting."""
    known = {
        f"{section}.{item.name}": f"{PREFIX}{section}__{item.name}".upper()
        for section, kind in SECTIONS.items()
        for item in dataclasses.fields(kind)
    }
    by_variable = {variable: key for key, variable in known.items()}
    found: dict[str, tuple[str, str]] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        if variable not in by_variable:
            raise ConfigurationError(f"{variable} is no setting: unset it or mend its name (flask config lists them)")
        found[by_variable[variable]] = (variable, text)
    return found


def _build_section(
    section: str,
    kind: type,
    table: dict[str, Any],
    variables: Mapping[str, tuple[str, str]],
    origin: str,
    sources: dict[str, str],
) -> Any:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    names = [item.name for item in dataclasses.fields(kind)]
    for name in table:
        if name not in names:
            raise ConfigurationError(f"{origin}: unknown setting {section}.{name}: known are {', '.join(names)}")
    for item in dataclasses.fields(kind):
        key = f"{section}.{item.name}"
        sources[key] = "default"
        if item.name in table:
            values[item.name] = _check_value(key, hints[item.name], table[item.name], item.metadata)
            sources[key] = origin
        if key in variables:
            variable, text = variables[key]
            value = _parse_text(variable, hints[item.name], text)
            values[item.name] = _check_value(variable, hints[item.name], value, item.metadata)
            sources[key] = variable
    return kind(**values)


def _parse_text(variable: str, hint: Any, text: str) -> Any:
    """Turn a variable's text into the kind of value that TOML would have given."""
    if hint is str:
        return text
    if hint == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    lowered = text.strip().lower()
    if hint is bool:
        if lowered not in {"true", "false", "1", "0"}:
            raise ConfigurationError(f"{variable} must be true or false")
        return lowered in {"true", "1"}
    try:
        return json.loads(lowered)
    except ValueError as error:
        raise ConfigurationError(f"{variable} must be a number") from error


def _check_value(key: str, hint: Any, value: Any, metadata: Mapping[str, Any]) -> Any:
    if hint == tuple[str, ...]:
        if key == "simulator.readings" and isinstance(value, dict):
            value = [f"{name}={chosen}" for name, chosen in value.items()]
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ConfigurationError(f'{key} must be a list of strings, such as ["a", "b"]')
        return tuple(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        names = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
        raise ConfigurationError(f"{key} must be {names[hint]}")
    if metadata["choices"] and value not in metadata["choices"]:
        raise ConfigurationError(f"{key} must be one of {', '.join(metadata['choices'])}")
    low, high = metadata["minimum"], metadata["maximum"]
    # Written so that NaN, which compares false with everything, is refused as well.
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ConfigurationError(f"{key} must be {bounds}")
    return value


def _check_whole(settings: Settings) -> None:
    try:
        zoneinfo.ZoneInfo(settings.gateway.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            "gateway.timezone must be a zone's name such as America/New_York or Asia/Hong_Kong"
        ) from error
    if not re.fullmatch(r"[ -~]{0,100}", settings.tiger.device_id):
        raise ConfigurationError("tiger.device_id must be at most 100 plain characters, such as 02:00:00:00:00:01")
    for written in settings.budget.limits:
        if not re.fullmatch(r"[a-z_]{1,64}=[1-9]\d{0,8}", written):
            raise ConfigurationError(f"budget.limits: {written!r} must be written as method=calls, such as kline=120")
    _check_listening(settings.gateway)
    _check_database(settings.gateway)


def _check_listening(gateway: GatewaySettings) -> None:
    if not BIND.fullmatch(gateway.bind):
        raise ConfigurationError("gateway.bind must be an address and a port, such as 127.0.0.1:9000, or unix:/path")
    for origin in gateway.cors_origins:
        if not ORIGIN.fullmatch(origin):
            raise ConfigurationError(
                f"gateway.cors_origins: {origin!r} must be * or an origin such as https://desk.example"
            )


def _check_database(gateway: GatewaySettings) -> None:
    url, secret = gateway.database_url, gateway.secret_key
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise ConfigurationError("gateway.database_url must start with sqlite:/// or postgresql+psycopg://")
    if not re.fullmatch(r"sqlite:///.+|postgresql\S+", url):
        raise ConfigurationError(
            "gateway.database_url must name a file, such as sqlite:////var/lib/tiger-rest/gateway.db"
        )
    if url.startswith("postgresql") and find_spec("psycopg") is None:
        raise ConfigurationError("gateway.database_url: PostgreSQL needs its driver: install tiger-rest[postgresql]")
    if secret and len(secret) < LEAST_SECRET_CHARACTERS:
        raise ConfigurationError("gateway.secret_key must have at least 32 characters: openssl rand -hex 32 makes one")
    if not secret and not url.startswith("sqlite:"):
        raise ConfigurationError(
            "gateway.secret_key is required with PostgreSQL: openssl rand -hex 32 makes one for all machines"
        )
