"""Give each thread an exception of its own: one that is raised in several grows the traces of all."""

from app.errors import GatewayError


def get_copy(error: GatewayError) -> GatewayError:
    """Return an error that tells the same."""
    copy = type(error)(
        error.message,
        details=error.details,
        tiger_code=error.tiger_code,
        retry_after=error.retry_after,
        data=error.data,
        in_doubt=error.in_doubt,
    )
    for note in getattr(error, "__notes__", ()):
        copy.add_note(note)
    return copy
