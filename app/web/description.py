"""Say what a view answers, as data: nothing of it runs when the view is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from marshmallow import Schema

from app.errors import GatewayError

F = TypeVar("F", bound=Callable[..., Any])
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a view answers.

    ``schema`` describes the member ``data`` of the envelope, or the whole body where the answer ``is_bare``; it is
    None where the body is no JSON object. ``errors`` are those beyond the errors that follow from the view's guard.
    """

    schema: type[Schema] | None
    errors: tuple[type[GatewayError], ...] = ()
    is_bare: bool = False
    statuses: tuple[int, ...] = (200,)
    media_type: str = JSON

    def __call__(self, view: F) -> F:
        """Have the view carry this."""
        view.answers = self  # type: ignore[attr-defined] # Functions take attributes; their type does not say which.
        return view


def answers(
    schema: type[Schema] | None,
    *errors: type[GatewayError],
    bare: bool = False,
    statuses: tuple[int, ...] = (200,),
    media_type: str = JSON,
) -> Answers:
    """Name the schema of a view's answer, and the errors that are this endpoint's own."""
    return Answers(schema, errors, bare, statuses, media_type)


def get_answers(view: object) -> Answers | None:
    """Return what a view says that it answers, or None where it says nothing."""
    described = getattr(view, "answers", None)
    return described if isinstance(described, Answers) else None
