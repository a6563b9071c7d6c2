"""Tokens as Tiger writes them."""

import base64

TIMES = (1_700_000_000_000, 1_701_296_000_000)


def encode(issued: int, expires: int, rest: bytes = bytes(16)) -> str:
    return base64.b64encode(b"%013d,%013d" % (issued, expires) + rest).decode()
