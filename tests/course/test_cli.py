"""The student's command, on notebooks made from the example week."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from course import cli, limits
from course.desk import folders
from course.desk.errors import UsageError

FIXTURES = Path(__file__).parents[1] / "fixtures"
NAME = "week00_example"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`assignments/` with the example's release."""
    from autograder import weeks
    from autograder.authoring import release_notebook, text_of

    home = tmp_path_factory.mktemp("student") / "assignments" / NAME
    home.mkdir(parents=True)
    week = weeks.parse(FIXTURES / NAME / f"{NAME}.py")
    (home / f"{NAME}.ipynb").write_text(text_of(release_notebook(week)), encoding="utf-8")
    return home.parent


@pytest.fixture
def home(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of `assignments/`, with the current folder beside it and no remembered name."""
    shutil.copytree(released, tmp_path / "assignments")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_CONFIG", str(tmp_path / "config" / "student.toml"))
    monkeypatch.delenv("COURSE_STUDENT", raising=False)
    return tmp_path / "assignments"


def notebook_path(home: Path) -> Path:
    return home / NAME / f"{NAME}.ipynb"


def answer(home: Path, **answers: str) -> None:
    notebook = nbformat.read(notebook_path(home), as_version=4)
    for cell in notebook.cells:
        if (name := cell.id.replace("-", "_")) in answers:
            cell.source = answers[name]
    nbformat.write(notebook, notebook_path(home))


def course(*arguments: str) -> Result:
    return CliRunner().invoke(cli.cli, list(arguments))


RIGHT = """
def conv2d(image, kernel):
    h, w = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return np.array([[np.sum(image[i : i + len(kernel), j : j + kernel.shape[1]] * kernel) for j in range(w)] for i in range(h)])
"""


def test_importing_it_loads_neither_keras_nor_the_staff_side() -> None:
    code = "import course.cli, sys; print([m for m in ('keras', 'tensorflow', 'autograder', 'nbclient') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_start_lists_the_weeks(home: Path) -> None:
    result = course("start")
    assert result.exit_code == 0 and NAME in result.output and str(home) in result.output


def test_start_says_where_a_notebook_is(home: Path) -> None:
    for name in ("0", "week00", NAME):
        result = course("start", name, "--no-lab")
        assert result.exit_code == 0 and result.output.strip() == str(notebook_path(home))


def test_start_sets_the_profile_and_leaves_the_rest(home: Path) -> None:
    before = notebook_path(home).read_text(encoding="utf-8")
    result = course("start", "0", "--no-lab", "--profile", "full")
    assert result.exit_code == 0 and 'PROFILE is now "full"' in result.output
    after = notebook_path(home).read_text(encoding="utf-8")
    assert after == before.replace('PROFILE = \\"quick\\"', 'PROFILE = \\"full\\"') != before
    assert 'was already "full"' in course("start", "0", "--no-lab", "--profile", "full").output
    course("start", "0", "--no-lab", "--profile", "quick")
    assert notebook_path(home).read_text(encoding="utf-8") == before
    assert not list(home.rglob("*.part"))


def test_start_cannot_set_a_profile_that_is_not_there(home: Path) -> None:
    result = course("start", "--profile", "full")
    assert result.exit_code == 2 and "name the week" in result.output
    assert course("start", "0", "--no-lab", "--profile", "slow").exit_code == 2
    answer(home, parameters="SEED = 0")
    result = course("start", "0", "--no-lab", "--profile", "full")
    assert result.exit_code == 2 and "has no cell that sets PROFILE" in result.output


def test_the_real_week_one_has_its_points_and_date(home: Path) -> None:
    (home / "week01_convolution").mkdir()
    shutil.copy(notebook_path(home), home / "week01_convolution" / "week01_convolution.ipynb")
    assert "Week 1 · Convolution by hand: 100 points, due 2027-01-17" in course("start", "1", "--no-lab").output


def test_check_an_empty_notebook(home: Path) -> None:
    before = notebook_path(home).read_bytes()
    result = course("check", "0")
    assert result.exit_code == 1
    assert "not written yet" in result.output and "0 of 5 points so far." in result.output
    assert "2 more are for written answers, read by a person: not answered yet." in result.output
    assert notebook_path(home).read_bytes() == before, "the student's file is not touched"


def test_check_a_right_answer(home: Path) -> None:
    answer(home, conv2d=RIGHT, correlation_or_convolution="It flips.")
    result = course("check", "0")
    assert result.exit_code == 0, result.output
    assert "At least 2 of 5 points so far; 3 more depend on parts that run only when your work" in result.output
    assert (
        "visible part passes" in result.output
        and "0 to 3" in result.output
        and "read by a person: answered." in result.output
    )


def test_check_a_wrong_answer_in_json(home: Path) -> None:
    answer(home, conv2d=RIGHT.replace("* kernel)", "* kernel[::-1, ::-1])"))
    result = course("check", "0", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1 and (report["points"], report["open_points"], report["max_points"]) == (0, 3, 5)
    lecture = report["checks"][0]
    assert lecture["id"] == "conv2d-lecture" and lecture["points"] == 0 and lecture["max_points"] == 2
    assert lecture["message"] == "your kernel is flipped: deep learning's convolution is cross-correlation"
    assert report["by_hand"] == {"correlation-or-convolution": 2}


def test_check_survives_an_answer_that_ends_python(home: Path) -> None:
    answer(home, conv2d="import os\nos._exit(3)")
    report = json.loads(course("check", "0", "--cell-seconds", "20", "--json").stdout)
    assert {c["message"] for c in report["checks"]} == {
        "conv2d is not defined, because of its cell: Python ended in this cell: os._exit, a crash, or no memory left"
    }


def test_submit(home: Path, tmp_path: Path) -> None:
    (home / NAME / "artefacts").mkdir()
    (home / NAME / "artefacts" / "net-quick.npz").write_bytes(b"weights")
    (home / NAME / "notes.txt").write_text("not handed in")
    result = course("submit", "0", "--student", "ada")
    assert result.exit_code == 0 and "not answered yet: conv2d, correlation-or-convolution" in result.output
    with zipfile.ZipFile(tmp_path / f"ada-{NAME}.zip") as archive:
        assert sorted(archive.namelist()) == ["artefacts/net-quick.npz", f"{NAME}.ipynb"]
        assert archive.read(f"{NAME}.ipynb") == notebook_path(home).read_bytes()
    (tmp_path / "out").mkdir()
    answer(home, conv2d=RIGHT, correlation_or_convolution="It flips.")
    result = course("submit", "week00_example", "--to", "out")
    assert result.exit_code == 0 and "still" not in result.output, "the name is remembered"
    assert (tmp_path / "out" / f"ada-{NAME}.zip").is_file()
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("submit", "0"), "name yourself"),
        (("submit", "0", "--student", "../x"), "use letters, digits"),
        (("check", "7"), "there is no week '7'"),
        (("check", "nothing.ipynb"), "there is no such notebook"),
        (("--folder", "nowhere", "check", "0"), "there is no such folder"),
    ],
)
def test_misuse_is_one_sentence_and_status_2(home: Path, arguments: tuple[str, ...], sentence: str) -> None:
    result = course(*arguments)
    assert result.exit_code == 2 and sentence in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a notebook any more"),
        (b"{", "is not a notebook any more"),
        (b"\xff\xfe\x00", "is not a notebook any more"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "holds no exercise of the course"),
        (b'{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> mine\n}', "unfinished merge"),
    ],
)
def test_a_damaged_notebook_is_one_sentence(home: Path, content: bytes, sentence: str) -> None:
    notebook_path(home).write_bytes(content)
    for arguments in (("check", "0"), ("submit", "0", "--student", "ada")):
        result = course(*arguments)
        assert result.exit_code == 2 and sentence in result.output
    assert "cannot be read" in course("start").output


def test_too_large_to_hand_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NOTEBOOK_BYTES", 100)
    result = course("submit", "0", "--student", "ada")
    assert result.exit_code == 2 and "clear its outputs" in result.output


def test_what_submit_packs_the_grader_takes(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`submit` once packed up to 50 MB of nets, of which the grader took 40."""
    monkeypatch.setattr(limits, "ARTEFACT_BYTES", 1000)
    nets = notebook_path(home).parent / "artefacts"
    nets.mkdir(exist_ok=True)
    (nets / "tiny-quick.npz").write_bytes(b"1" * 600)
    assert course("submit", "0", "--student", "ada", "--to", str(tmp_path)).exit_code == 0
    (nets / "wide-quick.npz").write_bytes(b"2" * 600)
    result = course("submit", "0", "--student", "ada")
    assert result.exit_code == 2 and "wide-quick.npz" in result.output and "larger than" in result.output
    (nets / "wide-quick.npz").rename(nets / "My Net.npz")
    result = course("submit", "0", "--student", "ada")
    assert result.exit_code == 2 and "My Net.npz" in result.output


def test_the_receipt_names_what_the_grader_records(home: Path, tmp_path: Path) -> None:
    """The SHA-256 of the receipt is that of the notebook as the grader reads it out of the zip."""
    import hashlib

    from autograder.grading.batch import _provenance
    from autograder.intake import submissions

    (home / NAME).rename(home / "week01_convolution")
    path = home / "week01_convolution" / "week01_convolution.ipynb"
    (home / "week01_convolution" / f"{NAME}.ipynb").rename(path)
    (tmp_path / "out").mkdir()
    result = course("submit", "1", "--student", "ada", "--to", "out")
    (place,) = submissions.locate(tmp_path / "out", only=["week01_convolution"])
    submission = submissions.read(place)
    recorded = _provenance(place, submission.data)["sha256"]
    assert recorded == hashlib.sha256(path.read_bytes()).hexdigest() and f"sha256 {recorded}" in result.output


def test_modules_of_ones_own_are_handed_in_unless_python_has_them(home: Path, tmp_path: Path) -> None:
    (home / NAME / "mine.py").write_text("x = 1")
    (home / NAME / "no-module.py").write_text("x = 1")
    assert course("submit", "0", "--student", "ada").exit_code == 0
    with zipfile.ZipFile(tmp_path / f"ada-{NAME}.zip") as archive:
        assert "mine.py" in archive.namelist() and "no-module.py" not in archive.namelist()
    (home / NAME / "random.py").write_text("x = 1")
    result = course("submit", "0", "--student", "ada")
    assert result.exit_code == 2 and "random.py" in result.output and "rename yours" in result.output


def test_no_assignments_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "BESIDE", tmp_path / "assignments")
    with pytest.raises(UsageError, match="no folder `assignments`"):
        folders.assignments_folder(None, tmp_path)


def test_whose_numbers_a_notebook_has_is_said_before_it_is_handed_in(home: Path) -> None:
    def signed(line: str) -> None:
        notebook = nbformat.read(notebook_path(home), as_version=4)
        cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
        cell.source = f'PROFILE = "quick"\nSEED = 0\n{line}'
        nbformat.write(notebook, notebook_path(home))

    signed('STUDENT = "bob"')
    careful = course("submit", "0", "--student", "ada").stderr
    assert "STUDENT is bob" in careful and "graded with the numbers of ada" in careful
    signed('STUDENT = ""')
    assert "STUDENT is empty" in course("submit", "0", "--student", "ada").stderr
    signed('STUDENT = " Ada"')
    assert "STUDENT" not in course("submit", "0", "--student", "ada").stderr
