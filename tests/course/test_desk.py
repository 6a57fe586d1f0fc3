"""The student's desk without a kernel: notebooks found, read, compared with what was handed out, packed, looked at."""

from __future__ import annotations

import datetime
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from course import cli, syllabus
from course.desk import environment, folders, given, health, lab, notebooks, open_labs, pitfalls, running, saved
from course.desk.errors import UsageError

NAME = "week01_convolution"
CHECK = 'from course import checks\nchecks.equal(conv2d(1), 1)\nchecks.passed("one", points=25)'


def cell(name: str, source: str = "", points: float | None = None, **more: Any) -> Any:
    """A cell of ours: an answer, or with points a check."""
    about = {"grade_id": name, "solution": points is None, "grade": points is not None, "locked": points is not None}
    if points is not None:
        about["points"] = points
    made = nbformat.v4.new_code_cell(source, metadata={"nbgrader": about | more}, id=name)
    if points is not None:
        made.metadata.nbgrader["checksum"] = given._checksum(made)
    return made


def notebook(*cells: Any) -> Any:
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"language_info": {"name": "python"}})


def complete() -> list[Any]:
    """A check for each exercise of week 1, and the written answer."""
    plan = syllabus.week(1)
    every = [cell("conv2d", "def conv2d(x):\n    return x")]
    every += [cell(f"{name}-one", CHECK.replace("25", str(points)), points) for name, points in plan.exercises.items()]
    for name, points in plan.written.items():
        about = {"grade_id": name, "solution": True, "grade": True, "points": points}
        every.append(nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": about}, id=name))
    return every


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`assignments/` with week 1, in a folder with an accent and a blank, which is the current one."""
    place = tmp_path / "Übung – OneDrive" / "assignments"
    (place / NAME).mkdir(parents=True)
    write(place, complete())
    monkeypatch.chdir(place.parent)
    monkeypatch.setenv("COURSE_CONFIG", str(tmp_path / "config" / "student.toml"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("COURSE_STUDENT", raising=False)
    return place


def write(home: Path, cells: list[Any], name: str = NAME) -> Path:
    path = home / NAME / f"{name}.ipynb"
    nbformat.write(notebook(*cells), path)
    return path


def course(*arguments: str) -> Result:
    return CliRunner().invoke(cli.cli, list(arguments))


# --- which notebook


@pytest.mark.parametrize("asked", ["1", "01", "week1", "Week 1", "week01", NAME, f"{NAME}/"])
def test_a_week_is_found_by_what_students_call_it(home: Path, asked: str) -> None:
    assert folders.find_notebook(asked, home) == home / NAME / f"{NAME}.ipynb"


def test_a_renamed_notebook_is_named(home: Path) -> None:
    """It was once: there is no week '1'."""
    path = home / NAME / f"{NAME}.ipynb"
    path.rename(path.with_name("my answers.ipynb"))
    with pytest.raises(UsageError, match=r"only my answers\.ipynb: a notebook keeps the name"):
        folders.find_notebook("week1", None)
    renamed = str(path.with_name("my answers.ipynb"))
    result = course("submit", renamed, "--student", "ada")
    assert result.exit_code == 0 and f"is handed in as {NAME}.ipynb" in result.output
    with zipfile.ZipFile(f"ada-{NAME}.zip") as archive:
        assert archive.namelist() == [f"{NAME}.ipynb"]
    path.with_name("my answers.ipynb").unlink()
    with pytest.raises(UsageError, match="holds no notebook: take"):
        folders.find_notebook("1", home)


@pytest.mark.parametrize("change", ["bom", "no ids", "format 3"])
def test_what_other_tools_save_is_read(home: Path, change: str) -> None:
    path = home / NAME / f"{NAME}.ipynb"
    text = path.read_text(encoding="utf-8")
    if change == "bom":
        path.write_text(text, encoding="utf-8-sig")
    elif change == "no ids":
        raw = json.loads(text)
        for one in raw["cells"]:
            del one["id"]
        path.write_text(json.dumps(raw), encoding="utf-8")
    else:
        older = nbformat.convert(nbformat.read(path, as_version=4), 3)
        path.write_text(nbformat.writes(older, version=3), encoding="utf-8")
    left = notebooks.unanswered(notebooks.read(path))
    assert left == list(syllabus.week(1).written)


# --- what was handed out


def test_checks_that_are_gone_are_missed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`course check` once said "0 of 0 points so far", and ended well."""
    plan = syllabus.week(1)
    assert given.missing_checks(notebook(*complete()), plan) == []
    fewer = [one for one in complete() if one.id not in ("conv2d-one", *plan.written)]
    found = given.missing_checks(notebook(*fewer), plan)
    assert found == [
        "conv2d: checks worth 25 of 25 points",
        "correlation-or-convolution: the cell of the written answer",
    ]
    write(home, complete()[:1])
    monkeypatch.setattr(running, "run_checks", lambda *_: [])
    result = course("check", "1")
    assert result.exit_code == 1 and "No check is left in this notebook" in result.output
    assert "Missing from this notebook: zero_pad: checks worth 5 of 5 points" in result.output
    assert "missing from this notebook: conv2d" in course("submit", "1", "--student", "ada").output
    assert given.missing_checks(notebook(cell("a")), None) == ["all checks"]


def test_a_changed_check_is_named() -> None:
    changed = notebook(*complete())
    assert given.changed_checks(changed) == []
    changed.cells[2].source = "pass"
    assert given.changed_checks(changed) == [changed.cells[2].id]


def test_the_checksum_is_nbgraders() -> None:
    from nbgrader.utils import compute_checksum

    for one in (cell("a", "x = 1", 3), cell("b", "y = 2"), cell("e-1", "# × é", 0.5)):
        assert given._checksum(one) == compute_checksum(one)


def test_what_shadows_the_course_is_named(home: Path) -> None:
    assert given.shadows(home / NAME) == []
    (home / NAME / "course").mkdir()
    (home / NAME / "checks.py").write_text("")
    assert given.shadows(home / NAME) == ["course/"]  # nobody imports a top-level `checks`
    (note,) = [n for n in pitfalls.find(notebook(), home / NAME / f"{NAME}.ipynb") if "course/" in n]
    assert "is imported in place of the course's own module; rename yours" in note


def test_what_does_not_work_where_work_is_graded_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "locked", lambda: {"numpy": "2.0"})
    (home / NAME / "mine.py").write_text("")
    own = nbformat.v4.new_code_cell
    cells = [
        own("%cd data\nimport numpy, os, mine"),
        cell("conv2d", "size = input('how large? ')"),
        own("%pip install pandas\nimport pandas as pd\nfrom numpy import linalg"),
        cell("conv2d-one", "input()", 25),
        own("def f(: no Python"),
    ]
    notes = pitfalls.find(notebook(*cells), home / NAME / f"{NAME}.ipynb")
    assert [note.partition(":")[0] for note in notes] == [
        "cell 1 changes the folder (%cd)",
        "cell 2 (conv2d) calls input()",
        "cell 3 installs packages",
        "cell 3 imports pandas",
    ]


def test_the_lock_is_read() -> None:
    assert environment.locked()["numpy"] and "msgspec" in environment.locked()
    assert not any(name.startswith("pytest") for name in environment.locked()), "the student's, not the staff's"


# --- handing in


def test_the_receipt(home: Path) -> None:
    result = course("submit", "1", "--student", "ada")
    path = home / NAME / f"{NAME}.ipynb"
    digest = __import__("hashlib").sha256(path.read_bytes()).hexdigest()
    assert f"sha256 {digest}" in result.output and f"{path.stat().st_size:,} bytes" in result.output
    assert f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}" in result.output and "UTC" in result.output
    assert "made" in course("progress").output
    path.write_bytes(path.read_bytes() + b"\n")
    (week,) = json.loads(course("progress", "--json").output)["weeks"]
    assert week["zip"].endswith("changed since")


def test_a_full_disk_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home / NAME / f"{NAME}.ipynb").read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = course("submit", "1", "--student", "ada")
    assert result.exit_code == 2 and "No space left on device; your notebook is as it was" in result.output
    write(home, [nbformat.v4.new_code_cell('PROFILE = "quick"', metadata={"tags": ["parameters"]}), *complete()])
    before = (home / NAME / f"{NAME}.ipynb").read_bytes()
    result = course("start", "1", "--no-lab", "--profile", "full")
    assert result.exit_code == 2 and "it is as it was" in result.output
    assert (home / NAME / f"{NAME}.ipynb").read_bytes() == before
    assert not list(home.parent.rglob("*.part"))


@pytest.fixture
def server(home: Path) -> Iterator[Callable[[str], None]]:
    """A lab on this machine with week 1 open; give the time when its kernel was last at work."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ours = self.headers["Authorization"] == "token secret" and self.path == "/api/sessions"
            self.send_response(200 if ours else 403)
            self.end_headers()
            self.wfile.write(json.dumps(sessions).encode())

        def log_message(self, *_: Any) -> None:
            return None

    sessions: list[Any] = []
    answering = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=answering.serve_forever, daemon=True).start()
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    runtime.mkdir()
    about = {"url": f"http://127.0.0.1:{answering.server_port}/", "token": "secret", "root_dir": str(home)}
    (runtime / "jpserver-1.json").write_text(json.dumps(about), encoding="utf-8")
    (runtime / "jpserver-2.json").write_text('{"url": "http://127.0.0.1:9/"}', encoding="utf-8")
    (runtime / "jpserver-3.json").write_text("{", encoding="utf-8")

    def worked(*times: str) -> None:
        sessions[:] = [{"path": f"{NAME}/{NAME}.ipynb", "kernel": {"last_activity": time}} for time in times] + [
            {"path": "other.ipynb", "kernel": {"last_activity": "2999-01-01T00:00:00Z"}}
        ]

    yield worked
    answering.shutdown()
    answering.server_close()


def test_a_notebook_that_may_not_be_saved_is_warned_of(home: Path, server: Callable[..., None]) -> None:
    path = home / NAME / f"{NAME}.ipynb"
    server("2020-01-01T00:00:00.123456Z")
    assert open_labs.unsaved(path) == []
    server("2999-01-01T00:00:00.123456Z")
    result = course("submit", "1", "--student", "ada")
    assert result.exit_code == 0 and "careful: " in result.stderr and "save it there (Ctrl+S)" in result.stderr
    server("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z")
    (said,) = open_labs.unsaved(path)
    assert "is open in 2 labs: save it in one" in said


def test_a_notebook_that_is_older_than_its_checkpoint_is_warned_of(home: Path) -> None:
    path = home / NAME / f"{NAME}.ipynb"
    copy = path.parent / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    assert open_labs.unsaved(path) == []
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert "is older than its checkpoint" in course("submit", "1", "--student", "ada").stderr


# --- progress and doctor


def test_stretch_is_not_among_what_is_missing_from_a_submission(home: Path) -> None:
    stub = "raise NotImplementedError()"
    write(home, [cell("conv2d", stub), cell("im2col", stub), *complete()[1:]])
    said = course("submit", "1", "--student", "ada").output
    assert "not answered yet: conv2d, correlation-or-convolution\n" in said
    assert "stretch, not answered, costs no points: im2col\n" in said


def test_a_hidden_check_of_an_answer_that_is_not_written_opens_no_points() -> None:
    """An untouched week 8 once had "0 to 31 of 100" points."""
    hidden = cell("f-rules", 'from course import checks\nchecks.when_graded("rules", points=5)', 5)
    untouched = notebook(cell("f", "def f():\n    raise NotImplementedError()"), hidden)
    written = notebook(cell("f", "def f():\n    return 1"), hidden)
    (one,) = saved.standings(untouched)
    assert (one.state, one.message) == ("fails", notebooks.NOT_WRITTEN)
    (one,) = saved.standings(written)
    assert (one.state, one.message) == ("when graded", "")


def test_progress_reads_what_is_saved(home: Path) -> None:
    cells = complete()
    for one in cells:
        if one.cell_type == "code":
            one.execution_count = 1
    cells[1].outputs = [nbformat.v4.new_output("stream", text="✓ 5 of 5")]
    cells[2].outputs = [nbformat.v4.new_output("error", ename="CheckFailed", evalue="flipped\nmore", traceback=[])]
    cells[3].source = "pass"
    states = {one.id: one.message for one in saved.standings(notebook(*cells))}
    assert [*states.values()][:4] == ["", "CheckFailed: flipped", "was changed", saved.NOT_RUN]
    write(home, cells)
    result = course("progress")
    assert result.exit_code == 0 and "5 of 100" in result.output
    (week,) = json.loads(course("progress", "--json").output)["weeks"]
    assert week["points"] == 5 and week["max_points"] == 100 and week["missing"].startswith("to write: correlation")
    assert week["due"] == "2027-01-17T23:59:00Z" and week["zip"] == "not made"
    write(home, cells[:-1])
    (week,) = json.loads(course("progress", "--json").output)["weeks"]
    assert week["missing"].startswith("checks are gone")
    (home / NAME / f"{NAME}.ipynb").write_text("{")
    assert "not a notebook any more" in json.loads(course("progress", "--json").output)["weeks"][0]["missing"]


def test_progress_says_why_points_are_not_known(home: Path, server: Callable[..., None]) -> None:
    """It once showed 0 points for a notebook that was complete, and saved without its outputs."""
    server("2020-01-01T00:00:00Z")
    write(home, [one for one in complete() if one.cell_type == "code"] + [written_in_words()])
    (week,) = json.loads(course("progress", "--json").output)["weeks"]
    assert week["shown"] == "? of 100" and week["missing"].startswith("to run and save: ") and not week["unsaved"]
    assert len(week["not_run"]) == sum(points > 0 for points in syllabus.week(1).exercises.values())
    said = " ".join(course("progress").output.split())
    assert "Week 1: the saved file does not show how every check came out" in said and "Ctrl+S" not in said
    server("2999-01-01T00:00:00Z")
    assert "Week 1 is open in a lab that was at work after the file was saved" in course("progress").output
    write(home, [cell("conv2d", "raise NotImplementedError()"), *complete()[1:]])
    (week,) = json.loads(course("progress", "--json").output)["weeks"]
    assert week["shown"] == "0 of 100" and week["not_run"] == [], "nothing is written, so nothing waits to be run"


def written_in_words() -> Any:
    """The written answer of week 1, answered."""
    (name,) = syllabus.week(1).written
    about = {"grade_id": name, "solution": True, "grade": True, "points": 10}
    return nbformat.v4.new_markdown_cell("They agree.", metadata={"nbgrader": about}, id=name)


def test_the_doctor_finds_and_advises(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = course("doctor", "--json")
    found = {one["about"]: one for one in json.loads(result.output)["findings"]}
    assert set(found) == {
        "Python", "Packages", "Keras", "Kernel", "Interpreter", "Course", "Disk", "Memory", "Data", "Writing", "Console",
    }  # fmt: skip
    assert all(one["found"] and (one["advice"] or one["state"] == "good") for one in found.values())
    monkeypatch.setattr(health, "look", lambda *_: [health.Finding("Disk", "wrong", "full", "make room.")])
    result = course("doctor")
    assert result.exit_code == 1 and "WRONG" in result.output and "Make room." in result.output


def test_the_doctor_tries_to_write(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk an empty file can still be made, and "can be written to" was once said of it."""

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(health.tempfile, "TemporaryFile", lambda dir: Full())
    found = health.writable(home)
    assert found.state == "wrong" and "No space left" in found.found and found.advice.startswith("make room")


def test_what_the_doctor_finds_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "locked", lambda: {"numpy": "0.0.1", "no-such-package": "1.0"})
    assert health.packages().found == "not installed: no-such-package"
    monkeypatch.setattr(environment, "locked", lambda: {"numpy": "0.0.1"})
    assert "in place of 0.0.1" in health.packages().found and health.packages().state == "careful"
    specs = "jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec"
    for first, state in (("python", "good"), (sys.executable, "good"), ("/usr/bin/another", "wrong")):
        monkeypatch.setattr(specs, lambda *_, first=first: type("Spec", (), {"argv": [first]}))
        assert health.kernel().state == state
    monkeypatch.setenv("KERAS_BACKEND", "nothing")
    assert health.backend().found == "Keras without nothing, its backend"
    monkeypatch.setattr(health.sys, "version_info", (3, 14, 0))
    assert "TensorFlow has no package for it yet" in health.python().advice
    monkeypatch.setattr(health.sys, "version_info", (3, 12, 0))
    monkeypatch.setattr(health.sys, "platform", "darwin")
    monkeypatch.setattr(health.platform, "machine", lambda: "x86_64")
    assert "Intel Macs" in health.python().advice
    monkeypatch.setattr(health.platform, "machine", lambda: "arm64")
    monkeypatch.setattr(health.platform, "mac_ver", lambda: ("11.7", ("", "", ""), "arm64"))
    assert "macOS 12 or newer" in health.python().advice
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: type("U", (), {"free": 2**20}))
    assert health.disk(home).state == "careful"
    assert health.writable(home / "nowhere").state == "wrong"
    (home.parent / "course").mkdir()
    assert "is imported in place" in health.ours().found
    path = home / NAME / f"{NAME}.ipynb"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["metadata"]["language_info"]["version"] = "3.8.1"
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert "last run with Python 3.8.1" in health.editor([path]).found
    monkeypatch.setenv("COURSE_DATA", str(home / "nowhere"))
    assert health.data().state == "wrong" and "which is no folder" in health.data().found


# --- consoles and the lab


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_a_console_without_utf8_loses_nothing(home: Path, encoding: str) -> None:
    """Windows consoles: a sentence with a character that they do not have once ended in a traceback."""
    clean = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    script = (
        "from course.cli import cli, main\nimport click, sys\n"
        "@cli.command('all')\ndef every():\n    click.echo('✓ 3 of 3 · 5 × 5 – ≥ 99 % … 漢')\n    sys.argv[1:] = ['start']\n"
        "sys.argv = ['course', 'all']\n"
        "try:\n    main()\nexcept SystemExit:\n    main()\n"
    )
    run = subprocess.run([sys.executable, "-c", script], env=clean, capture_output=True)
    assert run.returncode == 0 and b"Traceback" not in run.stderr, run.stderr.decode(errors="replace")
    first, *rest = run.stdout.decode(encoding).splitlines()
    assert (
        first.startswith("+ 3 of 3 ")
        and " 99 % " in first
        and first.endswith("?")
        and any(NAME[:8] in line for line in rest)
    )


def test_the_lab_shows_all_weeks_and_validate_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / NAME / f"{NAME}.ipynb"
    order = lab.order(path)
    assert (
        order[:3] == [sys.executable, "-m", "jupyterlab"] and f"--ServerApp.root_dir={home.parent.resolve()}" in order
    )
    assert order[-1].endswith(f"=/lab/tree/assignments/{NAME}/{NAME}.ipynb?file-browser-path=/")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    monkeypatch.delenv("PYTHONSTARTUP", raising=False)
    found = lab.environment()
    assert found["JUPYTER_CONFIG_PATH"] == os.pathsep.join([str(lab.CONFIGURATION), "mine"])
    assert Path(found["PYTHONSTARTUP"]).is_file()
    pages = json.loads((lab.CONFIGURATION / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    assert "@jupyter/nbgrader:create-assignment" in pages["disabledExtensions"]
    assert "@jupyter/nbgrader:validate-assignment" not in pages["disabledExtensions"]
    (home / NAME).rename(home.parent / "elsewhere")
    assert lab.root_of(home.parent / "elsewhere" / "a.ipynb") == (home.parent / "elsewhere").resolve()


def test_a_name_that_a_restart_has_taken_away(capsys: pytest.CaptureFixture[str]) -> None:
    from course import restarted

    watch = restarted._Watch()

    def after(problem: BaseException | None) -> str:
        watch.after(type("Result", (), {"error_in_exec": problem, "success": problem is None}))
        return capsys.readouterr().err

    assert "training is not defined, and this kernel has run 0 cells" in after(NameError("", name="training"))
    assert not after(ValueError("x"))
    for _ in range(restarted._LEAST):
        assert not after(None)
    assert not after(NameError("", name="trainnig")), "later it is a slip of the pen"


def test_a_check_waits_for_the_answer_that_its_id_names() -> None:
    given = notebook(
        cell("area", "def area(r): return r", None, solution=True),
        cell("area-2", notebooks.STUB, None, solution=True),
        cell("area-any", "assert True", 1, grade=True),
        cell("area-2-any", "assert True", 1, grade=True),
        cell("other", "assert True", 1, grade=True),
    )
    assert notebooks.checks_of_unanswered(given) == {"area-2-any", "other"}
