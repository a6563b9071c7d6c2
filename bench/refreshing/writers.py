"""The trial of the token file: a writer that is killed at random moments, and readers that look all the time."""

import base64
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tigeropen.tiger_open_config import TigerOpenClientConfig

from app.tokens.token_file import read_token_file, write_token_file
from app.tokens.user_token import UserToken, read_token

ROOT = Path(__file__).resolve().parent.parent.parent
WRITER = """
import pathlib, sys
from app.tokens.token_file import write_token_file
from bench.refreshing.writers import get_token
folder, number = pathlib.Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
while True:
    number += 1
    write_token_file(folder, get_token(number))
"""


@dataclass
class Writers:
    """What was found after each kill."""

    kills: int
    whole: int
    backwards: int
    written: int
    read_by_sdk: int
    left_overs: int
    mode: str


def get_token(number: int) -> UserToken:
    """Return a token that was issued at this moment."""
    raw = b"%013d,%013d" % (number, number + 10**9) + number.to_bytes(16, "big")
    return read_token(base64.b64encode(raw).decode())


def kill_writers(folder: Path, kills: int, seed: int) -> Writers:
    """Kill a process that replaces the file again and again, and look at the file each time.

    The numbers in the tokens grow: a file is whole if it holds one of them, and neither old nor new if it holds one
    that is older than the file before.
    """
    chance = random.Random(seed)  # noqa: S311 - moments must repeat from run to run.
    result = Writers(kills, 0, 0, 0, 0, 0, "")
    number = first = 10**12
    write_token_file(folder, get_token(first))
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(number)], cwd=ROOT, stdout=subprocess.PIPE
        )
        with process:
            assert process.stdout is not None  # noqa: S101 - for the type checker.
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.06))
            process.kill()
        token = read_token_file(folder)
        if token is None or token.issued_at is None:
            continue
        result.whole += 1
        result.backwards += token.issued_at < number
        result.read_by_sdk += (
            TigerOpenClientConfig(props_path=str(folder), enable_dynamic_domain=False).token == token.text
        )
        number = token.issued_at
    result.written = number - first
    result.left_overs = len(list(folder.glob(".tiger_openapi_token*")))
    result.mode = oct((folder / "tiger_openapi_token.properties").stat().st_mode & 0o777)
    return result
