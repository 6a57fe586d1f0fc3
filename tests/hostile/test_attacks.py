"""Every case of `benchmarks.attacks` through the batch, as handed in: what it earns, and what it does to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading import batch
from autograder.isolation.sandbox import WORKER_UIDS
from autograder.results import Result
from benchmarks.attacks import POINTS, SECRET, TITLES, WEEK, Attack, attacks

pytestmark = pytest.mark.sandbox

ALL_SWIFT = [one for one in attacks() if not (one.heavy or one.slow)]


def _share(of_class: list[Attack]) -> list[Attack]:
    """Every second case of a class, from the first on; of large classes every fifth."""
    return of_class[:: 2 if len(of_class) <= 8 else 5]


SWIFT = [one for number in TITLES for one in _share([a for a in ALL_SWIFT if a.number == number])]
"""What the fast tests grade."""
REST = [one for one in ALL_SWIFT if one not in SWIFT]
SLOW = [one for one in attacks() if one.heavy or one.slow]
ARCHIVES = 25
"""The class that is a matter of files, not of notebooks: test_archives.py."""


def grade(todo: list[Attack], place: Path, jobs: int) -> dict[str, Result]:
    """{student: result}: the attacks by their number in the list, behind every fourth an honest neighbour."""
    folder = place / "submitted"
    for number, attack in enumerate(todo):
        attack.write(folder / f"{number:04}" / WEEK)
        if number % 4 == 3 or attack is todo[-1]:
            Attack(0, "neighbour").write(folder / f"{number:04}-neighbour" / WEEK)
    results = batch.grade_folder(folder, to=place / "grades", kind="bwrap", jobs=jobs)
    assert len(list(folder.iterdir())) == len(results), "one result for each, none lost, none twice"
    return {result.student: result for result in results}


@pytest.fixture(scope="module")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Result]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "x")
        yield grade(SWIFT, tmp_path_factory.mktemp("hostile"), jobs=2)


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Result]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "x")
        yield grade(REST, tmp_path_factory.mktemp("hostile"), jobs=2)


def shown(result: Result) -> str:
    """All that feedback and report show of a submission but its own source: messages, outputs."""
    hidden = "\n".join(check.message for check in result.checks)
    return f"{hidden}\n{result.outputs}"


def test_every_class_of_attack_has_a_case() -> None:
    assert {one.number for one in attacks()} | {ARCHIVES} == set(TITLES)
    titles = [one.title for one in attacks()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("number", range(len(SWIFT)), ids=lambda n: SWIFT[n].title.replace("/", "-"))
def test_what_it_earns(swift: dict[str, Result], number: int) -> None:
    holds(SWIFT[number], swift[f"{number:04}"])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(REST)), ids=lambda n: REST[n].title.replace("/", "-"))
def test_what_the_others_earn(rest: dict[str, Result], number: int) -> None:
    holds(REST[number], rest[f"{number:04}"])
    neighbours = {name: result.score for name, result in rest.items() if name.endswith("neighbour")}
    assert set(neighbours.values()) == {POINTS}


def holds(attack: Attack, result: Result) -> None:
    """What an attack earns is what it may, nothing that is hidden is shown, and what is refused says why."""
    assert attack.low <= result.score <= attack.high, (
        result.verdict,
        [c for c in result.checks if c.verdict != "pass"],
    )
    assert "SEEN" not in shown(result), "what the grader sends to a hidden check is not shown"
    if attack.honest:
        assert result.verdict == "pass"
    if result.verdict == "invalid":
        assert result.warnings and re.search(r"\w{3}", result.warnings[0]), "what is refused is refused with its reason"


def test_honest_neighbours_lose_nothing(swift: dict[str, Result]) -> None:
    neighbours = {name: result.score for name, result in swift.items() if name.endswith("neighbour")}
    assert len(neighbours) > 20 and set(neighbours.values()) == {POINTS}


def worker_processes() -> list[str]:
    """Command lines of processes of the workers' user. Only root's graders have such a user of their own."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if folder.stat().st_uid in WORKER_UIDS:
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("attack", SLOW, ids=lambda one: one.title.replace("/", "-"))
def test_what_would_bring_a_machine_down(attack: Attack, tmp_path: Path) -> None:
    """Memory, processes, disk, minutes: the verdict comes, the neighbour is unharmed, nothing stays behind."""
    results = grade([attack], tmp_path, jobs=1)
    assert attack.low <= results["0000"].score <= attack.high, results["0000"].verdict
    assert results["0000-neighbour"].score == POINTS
    assert worker_processes() == []
