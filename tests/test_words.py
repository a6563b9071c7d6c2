"""One word for each idea, the field's own: docs/glossary.md has those that a newcomer would not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "blueprints", "schemas", "bench")

# Words that no name may hold, and what to write instead.
INSTEAD = {
    "bookkeeping": "transitions",
    "clerk": "executor",
    "concern": "problem",
    "concerns": "problems",
    "desk": "service",
    "duties": "jobs",
    "duty": "job",
    "errand": "handler",
    "errands": "handlers",
    "examiner": "probe",
    "facts": "metrics_snapshot",
    "finder": "file_import",
    "hasten": "expedite",
    "judge": "health",
    "keeper": "save",
    "mend": "fix",
    "occupancy": "lease_row",
    "ordering": "order_requests",
    "payer": "quota_owner",
    "seal": "encrypt",
    "seat": "lease",
    "settle": "resolve, finish or release",
    "settling": "resolving, finishing or releasing",
    "shelf": "shared_cache",
    "spokesman": "refresh_account",
    "tallies": "journal_stats",
    "tally": "journal_stats",
    "tell": "report, show or log",
    "tells": "reports, shows or logs",
    "traffic": "pipeline",
    "unfit": "rejected",
    "upkeep": "reconcile",
}
# Names that may not stand alone: what they mean here is said by a longer or another one.
NOT_ALONE = {
    "Answer",
    "Caller",
    "Demo",
    "Draft",
    "Entry",
    "Lead",
    "LeadLost",
    "Ledger",
    "Need",
    "Remembered",
    "Signs",
    "Slot",
    "Watch",
    "add_watch",
    "at_work",
    "callers",
    "commands",
    "deny",
    "Flight",
    "Flights",
    "entries",
    "failures",
    "flow",
    "give_sign",
    "give_up",
    "listing",
    "miss",
    "proof",
    "rounds",
    "signs",
    "turns",
}
# What plugins import stays.
PUBLIC = {("schemas/answers/fields.py", "Answer")}
# In a broker's house settlement is what happens a day after a trade, and a draft may be one.
SIMULATOR = "app/simulator"
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def get_names() -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT)
            yield path, path.parent.name if path.name == "__init__.py" else path.stem
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path, node.name


def test_names_are_made_of_the_words_of_the_field():
    wrong = [
        f"{path}: {name} ({word}: write {INSTEAD[word]})"
        for path, name in get_names()
        if not path.is_relative_to(SIMULATOR)
        for word in map(str.lower, WORD.findall(name))
        if word in INSTEAD
    ]

    assert wrong == []


def test_no_name_has_a_meaning_that_only_its_file_knows():
    wrong = [
        f"{path}: {name}"
        for path, name in get_names()
        if name.lstrip("_") in NOT_ALONE and not path.is_relative_to(SIMULATOR) and (str(path), name) not in PUBLIC
    ]

    assert wrong == []
