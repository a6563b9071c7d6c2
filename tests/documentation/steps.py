"""Read a page whose blocks belong to one shell, and run them: each step is a heading, commands, an answer in short."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TITLE = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
COMMANDS = re.compile(r"^```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^```json\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "=== the answer of this step is above ==="


@dataclass(frozen=True)
class Step:
    """One step of a page; ``shown`` is its answer in short, where there is one."""

    title: str
    commands: str
    shown: Any


def get_steps(text: str) -> list[Step]:
    """Return the steps of a page in their order; what follows on a step without a title of its own belongs to it."""
    titles = list(TITLE.finditer(COMMANDS.sub(lambda block: " " * len(block[0]), text)))
    ends = [*(title.start() for title in titles[1:]), len(text)]
    steps = []
    for title, end in zip(titles, ends, strict=True):
        part = text[title.end() : end]
        commands = "".join(block["text"] for block in COMMANDS.finditer(part))
        shown = SHOWN.search(part)
        steps.append(Step(title["title"], commands, json.loads(shown["text"]) if shown else None))
    return steps


def run_steps(steps: list[Step], prelude: str, folder: Path, replaced: dict[str, str]) -> dict[str, Any]:
    """Run all commands in one shell, and return the data of each answer that the page shows, by the step's title."""
    script = prelude + "".join(f"{step.commands}\necho '{MARK}'\n" for step in steps)
    for old, new in replaced.items():
        script = script.replace(old, new)
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    printed = done.stdout.split(MARK)
    return {
        step.title: json.loads(lines.strip().splitlines()[-1])["data"]
        for step, lines in zip(steps, printed, strict=False)
        if step.shown is not None
    }
