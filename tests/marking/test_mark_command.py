"""`autograder mark` on the command line: what it refuses to start with."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner
from written import hand_in

from autograder.cli import cli
from autograder.cli.mark import command


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["mark", *arguments])
    assert isinstance(done.exception, Exception) and not isinstance(done.exception, SystemExit)
    return str(done.exception)


def test_nothing_to_mark(tmp_path: Path) -> None:
    assert "autograder grade" in refused("--records", str(tmp_path))
    hand_in(tmp_path)
    assert "week02" in refused("--records", str(tmp_path), "--week", "2")


def test_what_it_says_at_its_start_and_end(tmp_path: Path) -> None:
    hand_in(tmp_path)
    arguments = ["mark", "--records", str(tmp_path), "--port", "0", "--grader", "ada", "--grader", "bea"]
    with subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        said = [running.stdout.readline() for _ in range(3)]
        assert said[0].startswith("5 written answers, 4 to be marked; marks go to ")
        [ada, bea] = (
            re.fullmatch(rf"{name}: (http://127\.0\.0\.1:\d+/\?token=\S+)\n", line)
            for name, line in zip(("ada", "bea"), said[1:], strict=True)
        )
        assert ada and bea and ada[1] != bea[1]
        running.send_signal(signal.SIGINT)
        _, trouble = running.communicate(timeout=120)
    assert running.returncode == 0 and "Traceback" not in trouble, trouble


def test_help_names_every_option() -> None:
    assert all(option.help for option in command.params)
