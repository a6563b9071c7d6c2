"""Find the blueprints: every module of the folder ``blueprints``, then what installed packages offer.

A category is a module with a ``blueprint``; its name is the category's name in ``/api/endpoints``. A package offers one
through an entry point in the group ``tiger_rest.blueprints`` that names such a blueprint.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from flask import Blueprint

from app.config.credentials import ConfigurationError
from blueprints import __name__ as own_package
from blueprints import __path__ as own_folders

ENTRY_POINT_GROUP = "tiger_rest.blueprints"


def find_blueprints() -> list[Blueprint]:
    """Return the blueprint of every category, our own first, each group in the order of its names.

    Raises:
        ConfigurationError: A plugin cannot be loaded or offers something else; the message names it.
    """
    blueprints = [*_find_own(), *map(_load_plugin, sorted(entry_points(group=ENTRY_POINT_GROUP), key=_get_name))]
    names = [blueprint.name for blueprint in blueprints]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"two categories are named {name}: rename the plugin's blueprint or uninstall it")
    return blueprints


def _find_own() -> Iterator[Blueprint]:
    for module in sorted(pkgutil.iter_modules(own_folders), key=_get_name):
        yield importlib.import_module(f"{own_package}.{module.name}").blueprint


def _load_plugin(entry: EntryPoint) -> Blueprint:
    package = entry.dist.name if entry.dist else entry.value
    try:
        blueprint = entry.load()
    except Exception as error:
        raise ConfigurationError(
            f"plugin {entry.name} of {package} cannot be imported ({type(error).__name__}): fix or uninstall it"
        ) from error
    if not isinstance(blueprint, Blueprint):
        raise ConfigurationError(f"plugin {entry.name} of {package} must name a flask.Blueprint: fix or uninstall it")
    return blueprint


def _get_name(named: pkgutil.ModuleInfo | EntryPoint) -> str:
    return named.name
