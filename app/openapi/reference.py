"""Write the reference pages under docs/: settings, errors, endpoints, commands, each from what the code says."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import click

from app.config.loader import PREFIX, SECTIONS
from app.openapi.advice import ADVICE, get_errors

Document = Mapping[str, Any]
NOTE = "<!-- Made by `make docs` from the code: edit there. -->"


def write_settings(_document: Document, _commands: click.Group) -> Iterator[str]:
    """Yield the page of the settings."""
    yield from ("# Settings", "")
    yield (
        "Every setting stands in `tiger-rest.toml` under its section, or in the environment as the variable named "
        "here, which wins. `flask --app wsgi config` prints what is in force and where each value came from."
    )
    for section, kind in SECTIONS.items():
        yield from ("", f"## [{section}]", "", (kind.__doc__ or "").split("\n")[0], "")
        yield from ("| setting | default | meaning | variable |", "|---|---|---|---|")
        for item in dataclasses.fields(kind):
            variable = f"{PREFIX}{section}__{item.name}".upper()
            meaning = item.metadata["doc"] + "".join(f" {bound}" for bound in _describe_bounds(item.metadata))
            yield f"| `{item.name}` | {_describe_default(item.default)} | {meaning} | `{variable}` |"


def _describe_default(value: Any) -> str:
    written = json.dumps(list(value) if isinstance(value, tuple) else value)
    return f"`{written}`"


def _describe_bounds(metadata: Mapping[str, Any]) -> Iterator[str]:
    low, high = metadata["minimum"], metadata["maximum"]
    if metadata["choices"]:
        yield f"One of {', '.join(f'`{choice}`' for choice in metadata['choices'])}."
    if low is not None and high is not None:
        yield f"From {low:g} to {high:,}.".replace(",", " ") if isinstance(high, int) else f"From {low:g} to {high:g}."
    elif low is not None:
        yield f"At least {low:g}."
    if metadata["secret"]:
        yield "Kept out of logs and of `flask config`."


def write_errors(_document: Document, _commands: click.Group) -> Iterator[str]:
    """Yield the page of the error codes."""
    yield from ("# Errors", "")
    yield (
        "Every error has the same shape: `success` (false), `error` (a sentence for a person), `code` (one of these), "
        "`account`, `timestamp`, `request_id`, and `details`, `tiger_code`, `retryable`, `retry_after`, `data` where "
        "they apply. Decide by `code`; the sentence may change."
    )
    for error in get_errors():
        retry = "The same request may succeed later." if error.retryable else "The same request will fail again."
        yield from ("", f"## {error.code}", "", f"HTTP {error.status}. {retry}")
        yield from ("", f"**When.** {error.__doc__}", "", f"**What to do.** {ADVICE[error.code]}")


def write_endpoints(document: Document, _commands: click.Group) -> Iterator[str]:
    """Yield the page of the endpoints."""
    yield from ("# Endpoints", "")
    yield (
        "Each with the permission its key needs; `/docs` of a running gateway shows them with their members and lets "
        "you try them, `/openapi.json` says the same to programs."
    )
    for tag in document["tags"]:
        yield from ("", f"## {tag['name']}", "", tag["description"], "")
        yield from ("| endpoint | permission | what it does |", "|---|---|---|")
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if operation["tags"] == [tag["name"]]:
                    line = f"{method.upper()} {path}"
                    yield f"| `{line}` | {operation['x-permission']} | {operation['summary']} |"


def write_commands(_document: Document, commands: click.Group) -> Iterator[str]:
    """Yield the page of the commands."""
    yield from ("# Commands", "")
    yield "Run in the folder of the checkout, or anywhere with `--app tiger_rest.wsgi` where the wheel is installed."
    yield from _describe_commands(commands, "flask --app wsgi")


def _describe_commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        line = f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from _describe_commands(command, line)
            continue
        arguments = [p.name.upper() for p in command.params if isinstance(p, click.Argument) and p.name]
        yield from ("", f"## {' '.join([*line.split()[3:], *arguments])}", "", f"`{' '.join([line, *arguments])}`", "")
        yield " ".join((command.help or "").split())
        options = [option for option in command.params if isinstance(option, click.Option)]
        if options:
            yield ""
        for option in options:
            needed = " (required)" if option.required else ""
            yield f"- `{option.opts[0]}`{needed}: {option.help}"


PAGES: Mapping[str, Callable[[Document, click.Group], Iterator[str]]] = MappingProxyType(
    {"settings": write_settings, "errors": write_errors, "endpoints": write_endpoints, "commands": write_commands}
)
"""Name of the page → what writes it."""


def write_page(name: str, document: Document, commands: click.Group) -> str:
    """Return one page as Markdown."""
    return "\n".join([NOTE, *PAGES[name](document, commands)]) + "\n"
