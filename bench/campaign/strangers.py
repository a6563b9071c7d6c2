"""Run the other program, and know its orders."""

import contextlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.campaign.orders import Name
from tests.support.processes import ROOT, end


@dataclass
class Strangers:
    """What the other program did, by the name of the order."""

    events: Mapping[Name, set[str]] = field(default_factory=dict)

    def owns(self, name: Name) -> bool:
        """Tell whether it ever sent this order."""
        return "sends" in self.events.get(name, ())

    def count_placed(self) -> int:
        """Return of how many it was told that they were placed."""
        return sum("placed" in events for events in self.events.values())

    def count_touched(self, held: Mapping[Name, Sequence[dict[str, Any]]]) -> int:
        """Return how many of its orders are not as it left them."""
        return sum(
            document["replaceStatus"] != "NONE"
            or bool(document["userMark"])
            or (document["status"] in {"Cancelled", "PendingCancel"} and "cancels" not in events)
            for name, events in self.events.items()
            for document in held.get(name, ())
        )


@contextlib.contextmanager
def running_other_program(credentials: Path, folder: Path, seed: int, strangers: Strangers) -> Iterator[None]:
    """Run it until the block ends; what it did is known from then on."""
    output = folder / "other_program.jsonl"
    command = [sys.executable, "-m", "bench.campaign.other_program", "--credentials", str(credentials)]
    with output.open("wb") as stream, (folder / "other_program.log").open("wb") as log:
        process = subprocess.Popen([*command, "--seed", str(seed)], cwd=ROOT, stdout=stream, stderr=log)
        try:
            yield
        finally:
            end(process)
    strangers.events = _read(output)


def _read(output: Path) -> dict[Name, set[str]]:
    events: dict[Name, set[str]] = defaultdict(set)
    for line in output.read_text().splitlines():
        with contextlib.suppress(ValueError):
            told = json.loads(line)
            events[(told["account"], "LMT", told["price"])].add(told["event"])
    return dict(events)
