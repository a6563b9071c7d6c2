"""The WSGI entry: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

import gc

from app import create_app
from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable

# Nothing of what is imported and built here ever becomes garbage, and to look for some among it, again and again, would
# cost an eighth of the start; frozen, it is looked through by no later collection either.
gc.disable()
try:
    app = create_app()
except (ConfigurationError, StorageUnavailable) as error:
    # Whichever server loads this shows the line, and no traceback.
    raise SystemExit(f"tiger-rest cannot start: {error}") from error
gc.freeze()
gc.enable()
