"""Let schemathesis look for answers that the document does not promise: ``python -m tests.openapi.run_schemathesis``.

Every check, every operation, as three kinds of caller: a key that may do everything, one that may not, and none.
``--callers full,none`` picks some of them; further arguments go to schemathesis, such as ``--max-examples 200``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.openapi.narrowed import narrow
from tests.openapi.story import RESTING
from tests.support.client import DEMO_KEY, FIRST, FULL_KEY, PAPER
from tests.support.server import Server, running_server, wait_until

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CALLERS = {"full": (FULL_KEY, FIRST), "demo": (DEMO_KEY, PAPER), "none": (None, FIRST)}
READY_SECONDS = 20.0
ORDERS = 20


def search(server: Server, folder: Path, caller: str, arguments: list[str]) -> int:
    """Return the exit status of schemathesis: 0 where it finds nothing."""
    key, account = CALLERS[caller]
    body = {"account": account, "symbol": "AAPL"}
    chain = server.call("/api/market/option-chain", body, key or FULL_KEY)[1]["data"]
    orders = [server.call("/api/trade/place-order", {**body, **RESTING}, key or FULL_KEY)[1] for _ in range(ORDERS)]
    order_ids = [order["data"]["order_id"] for order in orders]
    document = narrow(server.call("/openapi.json")[1], account, chain["expirations"][:3], order_ids)
    narrowed = folder / f"{caller}.json"
    narrowed.write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", str(narrowed)]
    command += ["--url", server.url, "--checks", "all", "--no-color", *arguments]
    command += ["--header", f"Authorization: Bearer {key}"] if key else []
    sys.stdout.write(f"== {caller}\n")
    sys.stdout.flush()
    return subprocess.run(command, check=False, cwd=folder).returncode


def main() -> int:
    """Return 0 where nothing is found, whoever calls."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--callers", default=",".join(CALLERS))
    chosen, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # Tiger's limits are held elsewhere: here they would hide every answer but 429.
        with running_server(folder, TIGER_REST_SIMULATOR__LIMIT_SCALE="0") as server:
            wait_until(lambda: server.call("/health/ready")[0] == 200, READY_SECONDS)
            return max(search(server, folder, caller, arguments) for caller in chosen.callers.split(","))


if __name__ == "__main__":
    sys.exit(main())
