"""Publish the description: the document in two forms, and Swagger UI from our own files.

What makes the document is imported when it is first asked for: a worker that nobody asks never loads it.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from flask import Response, current_app, request, url_for

from app.errors import NotFound
from app.version import __version__

FOLDER = Path(__file__).parent
FILES: Mapping[str, tuple[Path, str]] = MappingProxyType(
    {
        "swagger-ui-bundle.js": (FOLDER / "swagger/swagger-ui-bundle.js", "text/javascript"),
        "swagger-ui-bundle.js.LICENSE.txt": (FOLDER / "swagger/swagger-ui-bundle.js.LICENSE.txt", "text/plain"),
        "swagger-ui.css": (FOLDER / "swagger/swagger-ui.css", "text/css"),
        "LICENSE": (FOLDER / "swagger/LICENSE", "text/plain"),
        "favicon.png": (FOLDER / "swagger/favicon.png", "image/png"),
        "page.js": (FOLDER / "page/page.js", "text/javascript"),
        "page.css": (FOLDER / "page/page.css", "text/css"),
    }
)
"""What the page loads: name → file and media type. Nothing else is given out."""

SWAGGER_VERSION = "5.35.0"
YEAR_SECONDS = 31_536_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
KEPT_DOCUMENTS = 8


def get_document(form: Literal["json", "yaml"]) -> Response:
    """Return the document of the gateway that the running request reached; each is made once."""
    outer = request.blueprints[-1]
    base = url_for(request.endpoint or "").removesuffix(f"/openapi.{form}")
    texts: dict[tuple[str, str], str] = current_app.extensions.setdefault(f"{outer}.documents", {})
    text = texts.get((base, form))
    if text is None:
        text = _write_document(outer, base, form)
        if len(texts) < KEPT_DOCUMENTS:
            texts[base, form] = text
    return Response(text, mimetype=f"application/{form}")


def _write_document(outer: str, base: str, form: str) -> str:
    from app.openapi.document import build_document  # noqa: PLC0415 - see the module's docstring.
    from app.openapi.yaml_text import write_yaml  # noqa: PLC0415 - as above.

    document = build_document(current_app, outer, prefix=base.removeprefix(request.script_root), server=base or "/")
    return json.dumps(document, ensure_ascii=False) if form == "json" else write_yaml(document)


def get_page() -> Response:
    """Return the page, which may load and call nothing but this gateway."""
    text = (FOLDER / "page/index.html").read_text(encoding="utf-8")
    response = Response(text.replace("{version}", f"{__version__}-{SWAGGER_VERSION}"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response


def get_page_file(name: str) -> Response:
    """Return a file of the page; its address names the version, so browsers may keep it.

    Raises:
        NotFound: The page has no such file.
    """
    if name not in FILES:
        raise NotFound("The documentation has no such file.")
    file, media_type = FILES[name]
    response = Response(_read(file), mimetype=media_type)
    response.add_etag()
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response


@functools.cache
def _read(file: Path) -> bytes:
    """Return the file; all clients that take their time with it share this one copy."""
    return file.read_bytes()
