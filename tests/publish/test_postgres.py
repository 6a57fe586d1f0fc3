"""nbgrader's gradebook in PostgreSQL: a real server, started here, if the system has one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_term import ANSWER, ONE, QUESTION, refused, result, term
from nbgrader.api import Gradebook

from autograder.publish.export import gradebook, gradebook_marks
from autograder.results.records import Writer
from autograder.term.folder import Term
from autograder.term.ledger import Mark, answer_hash
from autograder.term.points import standings

pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed (the extra `postgres`)")
pytestmark = pytest.mark.slow


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl: on the path, or where Debian keeps them."""
    places = [Path(found).resolve().parent for name in ("initdb", "pg_ctl") if (found := shutil.which(name))]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty database on a server that listens on a socket in a folder of its own alone."""
    programs = _programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL here (the system's package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # pytest's own folders are closed to other users
    who: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        account = pwd.getpwnam("nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        who = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]

    def run(*command: str) -> None:
        done = subprocess.run([*who, *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"

    data = str(folder / "data")
    run(str(programs / "initdb"), "-D", data, "-U", "teacher", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -k {folder} -c fsync=off"
    run(str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://teacher@/postgres?host={folder}"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_the_gradebook_lives_in_postgresql(server: str, tmp_path: Path) -> None:
    there = term(tmp_path / "term")
    given = [result("ada"), result("Zoë"), refused("eve")]
    there.ledger.append(
        Mark(student="ada", week=ONE.id, question=QUESTION, points=7.5, comment="gut – ✓", answer=answer_hash(ANSWER))
    )
    for _ in range(2):  # made, and brought up to date
        done = gradebook.write(server, standings(given, there), there, tmp_path)
        assert (done.submissions, done.kept) == (3, 0)
    with Gradebook(server) as book:
        assert {s.student.id: s.score for s in book.assignment_submissions(ONE.id)} == {
            "ada": 97.5,
            "Zoë": 90,
            "eve": 0,
        }
        book.find_grade(QUESTION, ONE.id, ONE.id, "Zoë").manual_score = 4
        book.db.commit()
    taken = gradebook_marks.read(server, standings(given, there), there)
    assert [(e.student, e.points) for e in taken.entries if isinstance(e, Mark)] == [("Zoë", 4)]
    there.ledger.append(*taken.entries)
    assert gradebook.write(server, standings(given, Term.read(tmp_path / "term")), there, tmp_path).kept == 0


def test_the_command_takes_the_url(server: str, tmp_path: Path) -> None:
    there = term(tmp_path / "term")
    with Writer(there.records) as writer:
        writer.append("k", result("bob"))
    command = [sys.executable, "-m", "autograder.cli", "export", "--format", "nbgrader", "--to", str(tmp_path)]
    done = subprocess.run(
        [*command, "--term", str(there.folder), "--db", server],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Gradebook(server) as book:
        assert book.find_submission(ONE.id, "bob").score == 90
