"""Whatever is changed in the trail without the secret is found, and the row is named."""

import contextlib
import itertools

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from app.audit.audit_reader import AuditReader
from app.audit.examination import verify, verify_file
from app.audit.export import write_export
from app.storage.audit_tables import audit_chain, audit_checkpoints, audit_rows
from app.storage.engine import Storage
from bench import audit_changes
from tests.support import audit_trails as trails

ROWS = 80
NEW_SECRET = b"a new secret, also longer than 32 characters"


class BusyStorage(Storage):
    """A database on which something happens just before one of the readings."""

    def happen(self, before, action):
        self._before, self._action, self._readings = before, action, itertools.count()

    @contextlib.contextmanager
    def reading(self):
        if next(self._readings) == self._before:
            self._action()
        with super().reading() as connection:
            yield connection


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def audit(storage, tmp_path):
    opened = trails.open_trail(storage, tmp_path)
    trails.write_rows(opened, ROWS)
    return opened


def examine(audit, **given):
    return verify(audit.storage, audit.keys, audit.seen, **given)


def follow(audit):
    audit.chain._follow_at = 0.0
    audit.chain.follow()


def wipe(storage):
    with storage.writing() as connection:
        for table in (audit_rows, audit_checkpoints, audit_chain):
            connection.execute(delete(table))


def insert_forged(connection):
    """Add a row that waits, whose code names a key that nobody knows."""
    row = {"writer": "f" * 16, "number": 1, "at": 1, "event": "halt.lifted", "actor": "gateway", "details": "{}"}
    connection.execute(insert(audit_rows).values(**row, code="0" * 72))


def disguise_waiting(connection):
    """Change a row that waits, and whose key its code names."""
    change = {"actor": "me", "code": func.replace(audit_rows.c.code, func.substr(audit_rows.c.code, 1, 8), "0" * 8)}
    connection.execute(update(audit_rows).where(audit_rows.c.position.is_(None)).values(**change))


def test_what_is_as_it_was_written_is_found_so(audit):
    report = examine(audit)

    assert (report.rows, report.problems) == (ROWS, [])
    assert report.checkpoints == 1
    assert report.vouched == ROWS


def test_each_single_change_is_found_and_the_row_is_named(database_url, tmp_path):
    result = audit_changes.run(54, tmp_path, database_url)

    assert set(result.changes) == {change.__name__ for change in trails.CHANGES}
    assert result.is_good, result


def test_a_row_that_is_not_linked_yet_is_protected_as_well(audit):
    audit.trail.note("halt.set", "gateway")
    audit.trail.note("halt.lifted", "gateway")
    with audit.storage.writing() as connection:
        connection.execute(text("UPDATE tiger_rest_audit SET actor = 'me' WHERE event = 'halt.lifted'"))
        connection.execute(text("DELETE FROM tiger_rest_audit WHERE event = 'halt.set'"))
    report = examine(audit)

    assert report.waiting == 1
    assert report.found


@pytest.mark.parametrize("reading", range(8))
def test_what_a_gateway_does_meanwhile_is_no_problem(audit, database_url, tmp_path, reading):
    gateway = trails.open_trail(audit.storage, tmp_path, checkpoint_rows=1)
    gateway.trail.note("halt.set", "gateway")

    def link_and_write():
        gateway.chain.link()
        gateway.trail.note("halt.lifted", "gateway")

    with contextlib.closing(BusyStorage(database_url, tmp_path)) as busy:
        busy.happen(reading, link_and_write)
        report = verify(busy, audit.keys, audit.seen)

    assert report.problems == []
    assert report.rows + report.waiting in (ROWS + 1, ROWS + 2)


def test_a_row_that_was_taken_away_before_it_was_linked_is_missed_by_the_next_of_its_writer(audit):
    with audit.storage.writing() as connection:
        audit.trail.write(connection, "halt.set", "gateway")
        audit.trail.write(connection, "halt.lifted", "gateway")
    with audit.storage.writing() as connection:
        connection.execute(text("DELETE FROM tiger_rest_audit WHERE event = 'halt.set'"))
    audit.chain.link()

    assert [problem.kind for problem in examine(audit).problems] == ["missing"]


@pytest.mark.parametrize("forge", [insert_forged, disguise_waiting])
def test_a_row_that_no_gateway_wrote_so_is_named_for_good(audit, tmp_path, forge):
    gateway = trails.open_trail(audit.storage, tmp_path, checkpoint_rows=1)
    gateway.trail.note("halt.set", "gateway")
    with audit.storage.writing() as connection:
        forge(connection)
    gateway.chain.link()
    report = examine(audit)
    trails.open_trail(audit.storage, tmp_path, NEW_SECRET, trails.SECRET).chain.link()
    (tmp_path / "export.jsonl").write_text("\n".join(write_export(AuditReader(audit.storage))))

    assert report.vouched == report.rows
    assert [problem.kind for problem in report.problems] == ["forged"]
    assert examine(trails.open_trail(audit.storage, tmp_path, NEW_SECRET)).found
    assert verify_file(tmp_path / "export.jsonl", trusted=[audit.keys.current.public]).found


@pytest.mark.parametrize("secrets", [(NEW_SECRET, trails.SECRET), (trails.SECRET, NEW_SECRET)])
def test_rows_of_either_secret_are_authentic_while_it_is_changed(audit, tmp_path, secrets):
    trails.open_trail(audit.storage, tmp_path, NEW_SECRET, trails.SECRET).trail.note("halt.set", "gateway")
    audit.trail.note("halt.lifted", "gateway")
    leader = trails.open_trail(audit.storage, tmp_path, *secrets)
    leader.chain.link()
    report = examine(leader)

    assert (report.rows, report.problems) == (ROWS + 2, [])


def test_a_chain_that_goes_on_behind_a_cut_end_shows_the_cut(audit):
    with audit.storage.writing() as connection:
        trails.cut(connection, ROWS - 1)
    trails.write_rows(audit, 10)
    problems = examine(audit).problems

    assert any(problem.position == ROWS - 1 and "missing" in problem.sentence for problem in problems)


def test_a_database_that_was_set_back_is_shorter_than_what_the_machine_has_seen(audit, tmp_path):
    trails.write_rows(audit, 10)
    follow(audit)
    seen = audit.seen.read()

    assert seen.position == ROWS + 10
    assert audit.seen.note(seen.__class__(seen.chain, 5, "0" * 64, 1))


def test_a_database_that_was_set_back_and_has_grown_again_is_not_what_the_machine_has_seen(audit):
    tables = (audit_rows, audit_checkpoints, audit_chain)
    with audit.storage.reading() as connection:
        kept = [(table, connection.execute(select(table)).mappings().all()) for table in tables]
    trails.write_rows(audit, 10)
    follow(audit)
    seen = audit.seen.read()
    with audit.storage.writing() as connection:
        for table, rows in kept:
            connection.execute(delete(table))
            connection.execute(insert(table), [dict(row) for row in rows])
    faults: list[str] = []
    later = trails.open_trail(audit.storage, audit.seen.folder, found=faults.append)
    trails.write_rows(later, 30)
    follow(later)

    assert later.seen.read() == seen
    # The connection had counted on, and what it wrote meanwhile is gone.
    assert faults == ["missing", "rewritten"]
    assert "rewritten" in [problem.kind for problem in examine(later).problems]


def test_a_trail_that_was_wiped_is_not_what_the_machine_has_seen(audit):
    wipe(audit.storage)
    faults: list[str] = []
    follow(trails.open_trail(audit.storage, audit.seen.folder, found=faults.append))

    assert faults == ["missing"]
    assert [problem.kind for problem in examine(audit).problems] == ["missing"]


def test_a_trail_that_was_exchanged_is_not_what_the_machine_has_seen(audit, database_url, tmp_path):
    wipe(audit.storage)
    with contextlib.closing(Storage(database_url, tmp_path)) as elsewhere:
        trails.write_rows(trails.open_trail(elsewhere, tmp_path / "another machine"), 2 * ROWS)
    problems = examine(audit).problems

    assert [problem.kind for problem in problems] == ["exchanged"]
    assert f"another chain, of {ROWS} rows" in problems[0].sentence


def test_a_head_that_is_gone_is_made_anew_and_the_row_says_so(audit):
    with audit.storage.writing() as connection:
        connection.execute(text("DELETE FROM tiger_rest_audit_chain"))
    trails.write_rows(audit, 2)
    problems = examine(audit).problems

    assert any(problem.kind == "resumed" for problem in problems)


def test_an_export_is_verified_with_the_public_key_alone(audit, tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(write_export(AuditReader(audit.storage))))
    trusted = [audit.keys.current.public]
    whole = verify_file(file, trusted=trusted)
    file.write_text(file.read_text().replace('"number": 7,', '"number": 8,', 1))

    assert (whole.rows, whole.problems) == (ROWS, [])
    assert verify_file(file, trusted=trusted).found
    assert verify_file(file, trusted=["00" * 32]).found


def test_under_a_new_secret_the_old_rows_are_vouched_for_and_the_old_secret_is_needed_no_longer(audit, tmp_path):
    both = trails.open_trail(audit.storage, tmp_path, NEW_SECRET, trails.SECRET)
    both.chain.link()
    alone = trails.open_trail(audit.storage, tmp_path, NEW_SECRET)
    trails.write_rows(alone, 4)
    report = examine(alone)

    assert report.problems == []
    assert report.foreign_codes == ROWS
    assert examine(trails.open_trail(audit.storage, tmp_path, b"a stranger's secret, longer than 32 characters")).found
