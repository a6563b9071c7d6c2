"""The application: its factory, settings, access, Tiger, tokens, orders, storage and the simulator.

Importing this package loads nothing heavy; ``create_app`` does when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.version import __version__

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings

__all__ = ["__version__", "create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Build the gateway as a Flask application.

    Args:
        settings: What to run with; by default the configuration file and the environment say.

    Raises:
        ConfigurationError: A setting is wrong; the message names it and what to do.
    """
    from app.factory import build_application  # noqa: PLC0415 - keeps ``import app`` light.

    return build_application(settings)
