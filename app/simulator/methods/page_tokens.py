"""Opaque tokens that name where the next page of a question begins, good for that question only."""

import base64
import binascii

from app.simulator.methods.requests import refused


def write_page_token(question: str, position: int) -> str:
    """Return the token of the page of a question that begins (or, for bars, ends) at a position."""
    return base64.b64encode(f"{question}|{position}".encode()).decode()


def read_page_token(token: object, question: str) -> int:
    """Return where a page begins; a token of another question is refused."""
    try:
        text = base64.b64decode(str(token), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise refused("invalid page_token") from None
    kind, _, position = text.rpartition("|")
    if kind != question or not position.isdecimal():
        raise refused("invalid page_token")
    return int(position)
