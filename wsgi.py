"""The WSGI entry: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

from app import create_app
from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable

try:
    app = create_app()
except (ConfigurationError, StorageUnavailable) as error:
    # Whichever server loads this shows the line, and no traceback.
    raise SystemExit(f"tiger-rest cannot start: {error}") from error
