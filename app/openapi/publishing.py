"""Publish the description of the API; it is made when it is first asked for, and kept."""

from typing import Literal

from flask import Response


def publish_document(form: Literal["json", "yaml"]) -> Response:
    """Return the OpenAPI document of the gateway that was asked.

    The generator is imported here: a worker that nobody asks for the document never loads it.
    """
    from app.openapi.pages import get_document_text  # noqa: PLC0415 - see above.

    return Response(get_document_text(form), mimetype=f"application/{form}")


def publish_page() -> Response:
    """Return the page that shows the document, which may load and call nothing but this gateway."""
    from app.openapi.pages import get_page  # noqa: PLC0415 - as above.

    return get_page()


def publish_file(name: str) -> Response:
    """Return one of the files that the page loads, for browsers to keep.

    Raises:
        NotFound: The page has no such file.
    """
    from app.openapi.pages import get_page_file  # noqa: PLC0415 - as above.

    return get_page_file(name)
