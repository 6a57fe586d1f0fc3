"""`course check` in a kernel: what students write that hangs, ends Python, asks for input, or is interrupted by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course.desk import running
from course.score import Standing


def code(source: str) -> Any:
    return nbformat.v4.new_code_cell(source)


def answer(name: str, source: str) -> Any:
    about = {"grade_id": name, "solution": True, "grade": False}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about})


def check(name: str, call: str) -> Any:
    source = f"from course import checks\nchecks.equal({call}, 1)\nchecks.passed('one', points=2)"
    about = {"grade_id": name, "solution": False, "grade": True, "points": 2}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about})


def hidden(name: str) -> Any:
    """A check that is hidden as a whole."""
    about = {"grade_id": name, "solution": False, "grade": True, "points": 2}
    source = "from course import checks\nchecks.when_graded('all', points=2)"
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": about})


def write(folder: Path, *cells: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{folder.name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


def run(path: Path, seconds: float) -> dict[str, Standing]:
    notebook = nbformat.read(path, as_version=4)
    return {one.id: one for one in running.run_checks(notebook, path, seconds)}


def test_what_students_write(tmp_path: Path) -> None:
    home = tmp_path / "Übung – OneDrive" / "week00_example"
    path = write(
        home,
        code("import mine, os, time"),
        answer("good", "def good():\n    return mine.one"),
        check("good-one", "good()"),
        answer("leave", "def leave():\n    os._exit(3)"),
        check("leave-one", "leave()"),
        check("good-again", "good()"),
        answer("hang", "def hang():\n    while True:\n        pass"),
        answer("uses", "def uses():\n    return hang()"),
        check("hang-one", "hang()"),
        check("uses-one", "uses()"),
        check("hang-two", "hang()"),
        check("good-last", "good()"),
        answer("broken", "def broken(x) return 1"),
        check("broken-one", "broken(1)"),
        answer("ask", "size = input('how large? ')"),
        check("ask-one", "size"),
        answer("stub", "def stub():\n    raise NotImplementedError()"),
        hidden("stub-hidden"),
        code("os.makedirs('artefacts', exist_ok=True)\nopen('artefacts/net-quick.npz', 'wb').write(b'net')"),
        code("open('notes.txt')"),
    )
    (home / "mine.py").write_text("one = 1")
    (home / "notes.txt").write_text("not handed in")
    before = path.read_bytes()
    began = time.monotonic()
    found = run(path, 6)
    took = time.monotonic() - began
    messages = {name: one.message for name, one in found.items()}
    assert messages["good-one"] == messages["good-again"] == messages["good-last"] == ""
    assert messages["leave-one"] == "Python ended in this cell: os._exit, a crash, or no memory left"
    assert messages["hang-one"] == "stopped after 6 s"
    assert messages["uses-one"] == messages["hang-two"] == "stopped after 3 s, as it hung before", (
        "it is not waited for"
    )
    assert messages["ask-one"].startswith(
        "size is not defined, because of its cell: input() waits for somebody to type"
    )
    assert messages["broken-one"].startswith("broken is not defined, because of its cell: SyntaxError: expected ':'")
    assert messages["stub-hidden"] == "not written yet" and found["stub-hidden"].state == "fails"
    assert found["leave-one"].state == "fails" and took < 60
    assert path.read_bytes() == before and (home / "artefacts" / "net-quick.npz").read_bytes() == b"net"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_control_c_is_one_line(tmp_path: Path) -> None:
    """It once ended in sixty lines of traceback, after a warning that a kernel listens on TCP without encryption."""
    path = write(tmp_path / "week00_example", answer("a", "import time\ntime.sleep(60)"), check("a-one", "1"))
    order = [sys.executable, "-m", "course.cli", "check", str(path)]
    process = subprocess.Popen(
        order,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # a shell starts background jobs that ignore it
    )
    before = set(Path(tempfile.gettempdir()).glob("course-*/k-*"))
    for _ in range(300):
        if set(Path(tempfile.gettempdir()).glob("course-*/k-*")) - before:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    said = [
        line
        for line in errors.replace("\r", "\n").splitlines()
        if "stopped" in line or "Traceback" in line or "TCP" in line
    ]
    assert said == ["course: stopped"] and "Traceback" not in out
