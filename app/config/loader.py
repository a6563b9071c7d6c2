"""Load the settings: the TOML file, then the environment over it, each value with the place it came from.

``tiger-rest.toml`` is found by ``TIGER_REST_CONFIG``, else in the instance folder. Each setting is also
``TIGER_REST_<SECTION>__<NAME>``; only names with two underscores in a row are settings. Whatever is wrong raises
``ConfigurationError``: one line that names the setting and what to do.
"""

import dataclasses
import os
import tomllib
import zoneinfo
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

from app.config.credentials import ConfigurationError, load_credentials
from app.config.values import check_value, parse_text
from app.settings import GatewaySettings, Settings

PREFIX = "TIGER_REST_"
FILE_NAME = "tiger-rest.toml"
SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        item.name: item.type
        for item in dataclasses.fields(Settings)
        if isinstance(item.type, type) and dataclasses.is_dataclass(item.type)
    }
)


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
) -> tuple[Settings, Mapping[str, str]]:
    """Return the settings in force and, for each ``section.name``, "default", or the file or variable it is from."""
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
    _check_whole(settings.gateway)
    return settings, sources


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
            raise ConfigurationError(f"{variable} is no setting: unset it or fix its name (flask config lists them)")
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
            values[item.name] = check_value(key, hints[item.name], table[item.name], item.metadata)
            sources[key] = origin
        if key in variables:
            variable, text = variables[key]
            value = parse_text(variable, hints[item.name], text)
            values[item.name] = check_value(variable, hints[item.name], value, item.metadata)
            sources[key] = variable
    return kind(**values)


def _check_whole(gateway: GatewaySettings) -> None:
    try:
        zoneinfo.ZoneInfo(gateway.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            "gateway.timezone must be a zone's name such as America/New_York or Asia/Hong_Kong"
        ) from error
    if gateway.database_url.startswith("sqlite:"):
        return
    if find_spec("psycopg") is None:
        raise ConfigurationError("gateway.database_url: PostgreSQL needs its driver: install tiger-rest[postgresql]")
    if not gateway.secret_key:
        raise ConfigurationError(
            "gateway.secret_key is required with PostgreSQL: openssl rand -hex 32 makes one for all machines"
        )
