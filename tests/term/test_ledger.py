"""The ledger keeps every entry, says which lines were changed, and takes several writers at once."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.term import decisions
from autograder.term.ledger import FILE, Change, DueDate, Ledger, Mark, Override, RubricItem, Trouble, answer_hash
from autograder.term.roster import Person, Roster


def mark(student: str, points: float | None, **more: object) -> Mark:
    return Mark(
        student=student, week="w1", question="q", points=points, grader="ann", at="2027-01-20T10:00:00+00:00", **more
    )  # type: ignore[arg-type]


def troubles(ledger: Ledger) -> list[Trouble]:
    found: list[Trouble] = []
    ledger.entries(found.append)
    return found


ENTRIES = (
    mark("zoë", 7.5, comment="good; see “lecture 2”", rubric=("a", "b"), answer=answer_hash("text")),
    Override(student="u1", week="w1", check="conv2d-errors", points=3, reason="the text was unclear", grader="ann"),
    Change(student="u1", week="w1", before=83, after=86, checks={"conv2d-errors": (0, 3)}, reason="check mended"),
    RubricItem(week="w1", question="q", id="a", text="names the flip", points=4),
    DueDate(student="", week="w1", until="2027-02-01T23:59:00+01:00", reason="the server was down"),
)


def test_what_was_entered_is_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "term")
    assert ledger.entries() == []
    ledger.append(*ENTRIES[:2])
    ledger.append(*ENTRIES[2:])
    assert tuple(ledger.entries()) == ENTRIES
    assert troubles(ledger) == []


def test_a_line_that_was_edited_or_taken_out_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(mark("a", 1), mark("b", 2), mark("c", 3))
    lines = (tmp_path / FILE).read_text().splitlines(keepends=True)
    (tmp_path / FILE).write_text(lines[0] + lines[1].replace("2", "9", 1) + lines[2])
    assert [one.line for one in troubles(ledger)] == [2]
    (tmp_path / FILE).write_text(lines[0] + lines[2])
    assert [one.line for one in troubles(ledger)] == [2]
    (tmp_path / FILE).write_text(lines[0] + "no entry\n" + lines[1] + lines[2])
    assert "line 2 is not an entry" in str(troubles(ledger)[0])
    assert len(ledger.entries()) == 3


def test_half_a_line_at_the_end_is_the_trace_of_a_killed_writer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(mark("a", 1), mark("b", 2))
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[:-20])
    assert [entry.student for entry in ledger.entries() if isinstance(entry, Mark)] == ["a"]
    ledger.append(mark("c", 3))
    assert len(ledger.entries()) == 2 and troubles(ledger) == []


def test_a_whole_line_without_its_end_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(mark("a", 1), mark("b", 2))
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-1])
    ledger.append(mark("c", 3))
    assert len(ledger.entries()) == 3 and troubles(ledger) == []


def _write(folder: Path, name: str) -> None:
    for number in range(25):
        Ledger(folder).append(mark(name, number))


def test_several_graders_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    graders = [context.Process(target=_write, args=(tmp_path, name)) for name in "abcd"]
    for each in graders:
        each.start()
    for each in graders:
        each.join()
    ledger = Ledger(tmp_path)
    assert len(ledger.entries()) == 100 and troubles(ledger) == []
    assert decisions.of(ledger.entries(), Roster()).marks["d", "w1", "q"].points == 24


@pytest.mark.parametrize("points", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(tmp_path: Path, points: float) -> None:
    with pytest.raises(UserError, match="finite"):
        Ledger(tmp_path).append(mark("a", points))
    assert Ledger(tmp_path).entries() == []


def test_a_due_date_without_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="with its zone"):
        Ledger(tmp_path).append(DueDate(student="a", week="w1", until="2027-02-01T23:59"))


def test_a_folder_where_nothing_can_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="nothing was entered"):
        Ledger(tmp_path / "file").append(mark("a", 1))


def test_line_ends_do_not_make_another_answer() -> None:
    assert answer_hash("one\r\ntwo  \n") == answer_hash("one\ntwo")
    assert answer_hash("one two") != answer_hash("one\ntwo")


def test_the_latest_counts_and_none_withdraws(tmp_path: Path) -> None:
    roster = Roster([Person("u1", "Ana Núñez", email="ana@example.org")])
    found = decisions.of([mark("u1", 1), mark("ana@example.org", 4), mark("b", 2), mark("b", None)], roster)
    assert {key: one.points for key, one in found.marks.items()} == {("u1", "w1", "q"): 4}
    entries = [
        Override(student="u1", week="w1", check="c", points=3, reason="r"),
        Override(student="u1", week="w1", check=None, points=50, reason="r"),
        Override(student="u1", week="w1", check="c", points=None, reason="r"),
    ]
    assert list(decisions.of(entries, roster).overrides["u1", "w1"]) == [None]


def test_a_changed_rubric_item_changes_every_mark() -> None:
    item = RubricItem(week="w1", question="q", id="a", text="names the flip", points=4)
    removed = RubricItem(week="w1", question="q", id="b", text="old", points=3, removed=True)
    given = mark("u1", 0.5, rubric=("a", "b", "unknown"))
    assert decisions.of([item, removed, given], Roster()).points(given, 10) == 4.5
    cheaper = RubricItem(week="w1", question="q", id="a", text="names the flip", points=2)
    assert decisions.of([item, given, cheaper], Roster()).points(given, 10) == 2.5
    assert decisions.of([item], Roster()).points(given, 3) == 3
    minus = RubricItem(week="w1", question="q", id="a", text="wrong", points=-4)
    assert decisions.of([minus], Roster()).points(given, 10) == 0


def test_lines_are_json_with_their_kind(tmp_path: Path) -> None:
    Ledger(tmp_path).append(mark("a", 1))
    line = json.loads((tmp_path / FILE).read_text())
    assert (line["kind"], line["student"], line["points"]) == ("mark", "a", 1)
