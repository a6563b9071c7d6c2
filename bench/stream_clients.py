"""Clients of streams, and of requests beside them, as processes of their own that cost the machine little."""

import contextlib
import re
import selectors
import socket
import time
from typing import Any, cast

from bench.clients import ACCOUNT, KEY

SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "GOOG", "META", "AMD", "INTC", "NFLX", "BABA", "JPM", "V", "MA") + (
    "DIS", "KO", "PEP", "WMT", "XOM", "PFE",
)  # fmt: skip
PUSHED, ORDERED = "quote", "orders"
MOMENTS = {PUSHED: re.compile(rb'"timestamp":(\d+)'), ORDERED: re.compile(rb'"at": ?(\d+)')}
"""When the simulator made the frame, or when the event was written (epoch milliseconds)."""
SETTLING_SECONDS = 2.0
"""After the last stream is open; what comes before is left out."""
LAZY_SECONDS = 0.5
CONNECTIONS = 8
EVENTS_SHARE = 10
PROMPT_SHARE = 10


def listen(address: tuple[str, int], kinds: tuple[int, int, int], seconds: float, answers: Any) -> None:
    """Open all streams and say when they are; then what came when and how late, and how many streams ended.

    One in ten reads at once, and looks at the time. The others keep up as a browser in the background does, so that
    this process leaves the machine to the gateway; some never read.
    """
    clients, deaf, symbols = kinds
    opened = [open_stream(address, number, symbols) for number in range(clients + deaf)]
    reading = opened[:clients]
    # Neither is a multiple of the other's share, so that some of each kind are prompt.
    prompt = {
        stream: kind for number, (stream, kind) in enumerate(reading) if number // EVENTS_SHARE % PROMPT_SHARE == 0
    }
    lazy = [stream for stream, _ in reading if stream not in prompt]
    late: list[tuple[str, float, float]] = []
    dropped = 0
    with selectors.DefaultSelector() as selector:
        for stream, _ in reading:
            stream.setblocking(False)
        for stream, kind in prompt.items():
            selector.register(stream, selectors.EVENT_READ, kind)
        answers.put(len(opened))
        begins_at = time.monotonic() + SETTLING_SECONDS
        ends_at, next_at, number = time.monotonic() + seconds, time.monotonic(), 0
        while (now := time.monotonic()) < ends_at:
            for key, _ in selector.select(0.02):
                data = cast("socket.socket", key.fileobj).recv(262_144)
                clock = time.time()
                if now >= begins_at:
                    moments = MOMENTS[key.data].findall(data)
                    late.extend((key.data, clock, clock * 1_000 - int(moment)) for moment in moments)
                if not data:
                    selector.unregister(key.fileobj)
                    dropped += 1
            while lazy and next_at <= now:
                with contextlib.suppress(BlockingIOError):
                    dropped += not lazy[number % len(lazy)].recv(1_048_576)
                number, next_at = number + 1, next_at + LAZY_SECONDS / len(lazy)
    for stream, _ in opened:
        stream.close()
    answers.put((late, dropped))


def open_stream(address: tuple[str, int], number: int, symbols: int) -> tuple[socket.socket, str]:
    """Return a connection on which a stream has been asked for, and what comes there."""
    kind = ORDERED if number % EVENTS_SHARE == EVENTS_SHARE - 1 else PUSHED
    followed = [SYMBOLS[(number + step) % len(SYMBOLS)] for step in range(symbols)]
    asked = f"quotes?symbols={','.join(followed)}" if kind == PUSHED else "events?topics=orders"
    stream = socket.create_connection(address, 60)
    path = f"/api/stream/{asked}&account={ACCOUNT}"
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode())
    begin = stream.recv(64, socket.MSG_PEEK)
    if not begin.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"A stream was refused: {begin!r}")
    return stream, kind


def request(address: tuple[str, int], answered: Any, is_over: Any) -> None:
    """Ask for quotes on some connections at full speed, and count what is answered, until it is over."""
    body = f'{{"account": "{ACCOUNT}", "symbol": "BRK.B"}}'.encode()
    head = f"POST /api/market/quote HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
    asked = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(address, 60)
            connection.sendall(asked)
            selector.register(connection, selectors.EVENT_READ)
        while not is_over.is_set():
            for key, _ in selector.select(1):
                connection = cast("socket.socket", key.fileobj)
                if not connection.recv(65_536).startswith(b"HTTP/1.1 200"):
                    raise SystemExit("A request was refused.")
                answered.value += 1
                connection.sendall(asked)
        for key in list(selector.get_map().values()):
            cast("socket.socket", key.fileobj).close()
