"""Run the Postman collection with newman against a fresh gateway: ``python -m tests.openapi.run_newman``."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.server import ROOT, running_server, wait_until

NEWMAN = "newman@6.2.2"
READY_SECONDS = 20.0


def main() -> int:
    """Return newman's own exit status: 0 where every test of every request passed."""
    command = [os.environ["NEWMAN"]] if "NEWMAN" in os.environ else [shutil.which("npx") or "npx", "--yes", NEWMAN]
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        wait_until(lambda: server.call("/health/ready")[0] == 200, READY_SECONDS)
        collection = str(ROOT / "docs" / "postman.json")
        arguments = ["run", collection, "--env-var", f"base_url={server.url}", "--color", "off", *sys.argv[1:]]
        return subprocess.run([*command, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
