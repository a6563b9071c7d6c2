"""Place with confirmation tokens that are not good, and with good ones many times at once.

In each round a key previews an order, and others try what they can: tokens that are forged, altered, used, ended, or
given for another key, account or body. None may place. Then the one good token goes to all workers at the same moment,
and one order may come of it. The simulator's own record of orders says what arrived.
"""

import argparse
import asyncio
import hashlib
import json
import math
import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, update

from app.risk.confirmations import LASTING_SECONDS, PREFIX
from app.storage.halt_tables import confirmations
from bench.campaign.databases import empty_database
from bench.clients import ACCOUNT, Client, Reply
from bench.serving import UNLIMITED, Served, running_gateway, running_simulator
from tests.support.processes import ROOT

WORKERS: Final = 4
ROUNDS_AT_A_TIME: Final = 4
RIVALS: Final = 8
"""Requests that bear the same good token at once."""
EACH: Final = 10
"""Attempts of each kind in a round."""
KINDS: Final = ("forged", "altered", "used", "ended", "other key", "other account", "other body")
OTHER_ACCOUNT: Final = "66804149"
OTHERS: Final = (
    {"quantity": 2},
    {"action": "SELL"},
    {"symbol": "MSFT"},
    {"time_in_force": "GTC"},
    {"limit_price": 0.5},
)
UNAVAILABLE: Final = 503
MOST_TURNS: Final = 6
REFUSED: Final = "confirmation_required"
SETTINGS: Final = {"BUDGET__LIMIT_SCALE": "0", "TIGER__ORDER_DEADLINE_SECONDS": "30", "GATEWAY__THREADS": "12"}
SECRET: Final = "a secret of a campaign, which guards nothing at all"  # noqa: S105 - as it says.


@dataclass(slots=True)
class Result:
    """What was seen: how attempts of each kind were answered, how often each good token placed, and what arrived."""

    refused: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    placed: Counter[int] = field(default_factory=Counter)
    expected: int = 0
    arrived: int = 0

    @property
    def is_good(self) -> bool:
        """Return whether no bad token was taken, and each good one once."""
        are_refused = all(set(codes) == {REFUSED} for codes in self.refused.values())
        return are_refused and set(self.placed) == {1} and self.arrived == self.expected

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is printed."""
        return {
            "refused": {kind: dict(codes) for kind, codes in self.refused.items()},
            "bad_tokens": sum(codes.total() for codes in self.refused.values()),
            "orders_of_a_good_token": dict(self.placed),
            "rivals_for_each": RIVALS,
            "arrived": self.arrived,
            "expected": self.expected,
            "is_good": self.is_good,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """Where it takes place: the gateway, its database, and the keys."""

    gateway: Served
    database: Engine
    key: str
    other_key: str


def run(tokens: int, folder: Path, server_url: str | None = None) -> Result:
    """Try at least so many bad tokens, on SQLite or on a server of PostgreSQL."""
    result, rounds = Result(), math.ceil(tokens / (EACH * len(KINDS)))
    with (
        running_simulator(folder / "simulator", *UNLIMITED) as simulator,
        empty_database(server_url, folder) as database,
    ):
        settings = {"GATEWAY__DATABASE_URL": database.url, "GATEWAY__SECRET_KEY": SECRET, **SETTINGS}
        keys = [create_key(name, folder / "gateway" / "instance", settings) for name in ("careful", "other")]
        with running_gateway(folder / "gateway", simulator, "--workers", str(WORKERS), **settings) as gateway:
            engine = create_engine(database.url)
            before = len(simulator.control("orders")["orders"])
            asyncio.run(_work(Field(gateway, engine, *keys), iter(range(rounds)), result))
            engine.dispose()
        result.expected = 2 * rounds
        result.arrived = len(simulator.control("orders")["orders"]) - before
    return result


def create_key(name: str, instance: Path, settings: dict[str, str]) -> str:
    """Return a new key that places only what it has previewed."""
    environ = {f"TIGER_REST_{setting}": value for setting, value in {**settings, "INSTANCE": str(instance)}.items()}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "create", "--name", name]
    command += ["--accounts", f"{ACCOUNT},{OTHER_ACCOUNT}", "--permissions", "trade,read", "--require-confirmation"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


async def _work(place: Field, rounds: Iterator[int], result: Result) -> None:
    async def serve() -> None:
        for number in rounds:
            await _play(place, number, result)

    await asyncio.gather(*(serve() for _ in range(ROUNDS_AT_A_TIME)))


async def _play(place: Field, number: int, result: Result) -> None:
    """Play one round, with an order that no other round has."""
    careful, other = (Client(place.gateway.address, key) for key in (place.key, place.other_key))
    body = {
        "symbol": "AAPL",
        "action": "BUY",
        "order_type": "LMT",
        "quantity": 1,
        "limit_price": round(1 + number / 100, 2),
    }
    good, used, ended = [await _preview(careful, body) for _ in range(3)]
    _expect(await _place(careful, body, used), "200")
    _end(place.database, ended)
    attempts = [kind for kind in KINDS for _ in range(EACH)]
    random.shuffle(attempts)
    for turn, kind in enumerate(attempts):
        token = {"forged": PREFIX + secrets.token_urlsafe(32), "altered": _alter(good), "used": used, "ended": ended}
        changed = {"other account": {"account": OTHER_ACCOUNT}, "other body": OTHERS[turn % len(OTHERS)]}
        client = other if kind == "other key" else careful
        reply = await _place(client, {**body, **changed.get(kind, {})}, token.get(kind, good))
        result.refused[kind][_get_code(reply)] += 1
    rivals = [Client(place.gateway.address, place.key) for _ in range(RIVALS)]
    codes = [_get_code(reply) for reply in await asyncio.gather(*(_place(rival, body, good) for rival in rivals))]
    result.placed[codes.count("200")] += 1
    for code in codes:
        if code not in {"200", REFUSED}:
            raise RuntimeError(f"one of the rivals was answered {code}")
    for client in (careful, other, *rivals):
        client.close()


async def _preview(client: Client, body: dict[str, Any]) -> str:
    reply = await _send(client, "/api/trade/preview-order", body)
    _expect(reply, "200")
    token: str = reply.body["data"]["confirm_token"]
    return token


async def _place(client: Client, body: dict[str, Any], token: str) -> Reply:
    # Without a key of its own it would be a repeat of the order that the token confirmed.
    key = {"Idempotency_Key": secrets.token_hex(8)}
    return await _send(client, "/api/trade/place-order", {**body, "confirm_token": token}, **key)


async def _send(client: Client, path: str, body: dict[str, Any], **headers: str) -> Reply:
    """Send one request, again where the gateway has no time for it; then it did nothing."""
    for turn in range(MOST_TURNS):
        reply = await client.send("POST", path, body, **headers)
        if reply.status != UNAVAILABLE:
            return reply
        await asyncio.sleep(turn)
    return reply


def _end(database: Engine, token: str) -> None:
    """Let the time of a token be over."""
    its_row = confirmations.c.digest == hashlib.sha256(token.encode()).hexdigest()
    earlier = confirmations.c.expires_at - LASTING_SECONDS * 1_000
    with database.begin() as connection:
        if connection.execute(update(confirmations).where(its_row).values(expires_at=earlier)).rowcount != 1:
            raise RuntimeError("the database does not have a token that was just given")


def _alter(token: str) -> str:
    """Return a token with one character changed."""
    at = random.randrange(len(PREFIX), len(token))  # noqa: S311 - any of them.
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


def _expect(reply: Reply, code: str) -> None:
    if _get_code(reply) != code:
        raise RuntimeError(f"answered {reply.status}: {reply.body}")


def _get_code(reply: Reply) -> str:
    return "200" if reply.status == 200 else str((reply.body or {}).get("code") or reply.status)


def main() -> int:
    """Run it, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=10_000)
    parser.add_argument("--database-url", help="A PostgreSQL server; SQLite by default.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(given.tokens, Path(folder), given.database_url)
    sys.stdout.write(json.dumps(result.to_dict(), indent=2) + "\n")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
