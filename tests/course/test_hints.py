"""Hints: in a notebook, in a terminal, and the message where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from kernel import running

from course import cli, hints

TEXT = 'conv2d = ["one?", "two *is*", "three."]\npool2d = ["only"]\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`assignments/` with one week, its hints in it; the current folder is that of its notebook."""
    folder = tmp_path / "assignments" / "week01_convolution"
    folder.mkdir(parents=True)
    (folder / "week01_convolution.ipynb").write_text("{}")
    (folder / "hints.toml").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(hints, "_shown", {})
    return folder


def test_each_call_shows_the_next_hint(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import course

    for number, text in ((1, "one?"), (2, "two *is*"), (3, "three."), (3, "three.")):
        course.hint("conv2d")
        said = capsys.readouterr().out
        assert said.startswith(f"**Hint {number} of 3 · `conv2d`**\n\n{text}\n")
        assert ('The next one: `course.hint("conv2d")`' in said) == (number < 3)
    course.hint("conv2d", 2)
    assert "two *is*" in capsys.readouterr().out
    course.hint("conv2d")
    assert "three." in capsys.readouterr().out, "it goes on after the one that was asked for"
    course.hint("pool2d")
    assert "Hint 1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [
        ("conv2", None, "There is no hint for 'conv2'; did you mean conv2d?"),
        ("2d", None, "There is no hint for '2d'; did you mean pool2d or conv2d?"),
        ("zzz", None, "There is no hint for 'zzz'; there are hints for conv2d, pool2d."),
        ("conv2d", 4, "Conv2d has 3 hints; there is no number 4."),
        ("pool2d", 0, "Pool2d has one hint; there is no number 0."),
    ],
)
def test_a_wrong_name_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], name: str, number: int | None, sentence: str
) -> None:
    hints.show(name, number)
    assert capsys.readouterr().out == sentence + "\n"


def test_damaged_and_missing_files_are_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "hints.toml").write_text("conv2d = [")
    hints.show("conv2d")
    assert "hints.toml cannot be read" in capsys.readouterr().out
    (home / "hints.toml").unlink()
    hints.show("conv2d")
    assert capsys.readouterr().out == "", "in the grader"
    with running(home) as kernel:
        ran = kernel.run('import course\ncourse.hint("conv2d")')
    assert "no file hints.toml lies beside the notebook" in ran.printed and not ran.error


def test_markdown_in_a_notebook(home: Path) -> None:
    with running(home) as kernel:
        ran = kernel.run('import course\ncourse.hint("conv2d")')
    (shown,) = ran.displayed
    assert not ran.printed and shown["text/markdown"].startswith("**Hint 1 of 3") and "one?" in shown["text/plain"]


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.cli, ["hint", *arguments])
    return result.exit_code, result.output


def test_in_a_terminal(home: Path) -> None:
    assert said("conv2d") == (0, "**Hint 1 of 3 · `conv2d`**\n\none?\n\nThe next one: course hint conv2d 2\n")
    assert said("conv2d", "3") == (0, "**Hint 3 of 3 · `conv2d`**\n\nthree.\n")
    assert said("conv2d", "--week", "1")[0] == 0
    for arguments, sentence in (
        (("conv2",), "did you mean conv2d?"),
        (("conv2d", "4"), "there is no number 4"),
        (("conv2d", "--week", "5"), "there is no week '5'"),
    ):
        code, text = said(*arguments)
        assert code == 2 and sentence in text and "Traceback" not in text
