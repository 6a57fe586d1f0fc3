"""An invented class: submissions of every kind that a term brings, each with the outcome that grading must give it.

Students who know it all, who err in the ways `mistakes.py` lists, who stop half way, whose file is damaged, and three
who try to cheat. The attacks are what real graders have fallen to, with their sting drawn: they read, print, and write
into a temporary folder of their own; nothing is sent anywhere, nothing outside is changed, whatever box they run in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.demo.answers import (
    LONG,
    Expectation,
    Notebook,
    Submission,
    alternatives,
    checks_meddled_with,
    duplicate_ids,
    fill,
    full,
    half,
    invalid,
    merge_conflict,
    mistaken,
    model_text,
    old_format,
    references,
    text_of,
    truncated,
)
from autograder.demo.cheats import (
    agreeable,
    blinding,
    curious,
)
from autograder.weeks import Week

SAME = "It is the same, because the kernel is learned anyway."


@dataclass
class _Class:
    weeks: list[Week]
    members: list[Submission] = field(default_factory=list)

    def add(
        self, student: str, number: int, story: str, data: bytes | Notebook, expect: Expectation, hostile: bool = False
    ) -> None:
        raw = data if isinstance(data, bytes) else text_of(data)
        self.members.append(Submission(student, self.weeks[number], raw, expect, story, hostile))


def submissions(weeks: list[Week]) -> list[Submission]:
    """The class's work on three weeks, in the order of the students' names. The same weeks give the same bytes."""
    one, two, three = weeks
    room = _Class(list(weeks))

    for number, week in enumerate(weeks):
        room.add("ada", number, "everything right", fill(week, references(week), model_text(week)), full(week))

    for number, week in enumerate(weeks):
        noisy = fill(week, alternatives(week, number, noise=True), SAME)
        room.add("bao", number, "everything right in another way, with 3,000 warnings", noisy, full(week))

    answers, expect = mistaken(one, ["conv2d", "pool2d"])
    room.add("chidi", 0, "two common mistakes", fill(one, answers, SAME), expect)
    answers, expect = mistaken(two, ["receptive_field", "layer_counts"])
    room.add("chidi", 1, "two common mistakes", fill(two, answers, LONG), expect)

    answers, expect = mistaken(one, ["pool2d", "sobel_edges"], 1)
    room.add("dilara", 0, "two common mistakes", fill(one, answers, LONG), expect)
    answers, expect = mistaken(three, ["count_spec"], 1)
    room.add("dilara", 2, "one common mistake", fill(three, answers, SAME), expect)

    for number, share in ((0, 0.5), (1, 0.4)):
        answers, expect = half(room.weeks[number], share)
        room.add("emeka", number, "stopped half way", fill(room.weeks[number], answers), expect)

    nothing = Expectation(frozenset({"missing"}), 0, 0, fails=tuple(check.id for check in one.checks))
    room.add("freya", 0, "handed in the blank notebook", fill(one, {}), nothing)

    room.add("goran", 0, "the upload broke off", truncated(fill(one, references(one), SAME)), invalid("cut off"))
    answers, expect = mistaken(two, ["receptive_field"], 2)
    room.add("goran", 1, "one common mistake", fill(two, answers), expect)

    meddled = checks_meddled_with(fill(two, references(two), LONG), two)
    room.add(
        "hana",
        1,
        "all right, but checks deleted and edited",
        meddled,
        full(two, "tampered", says=("deleted", "edited", "points")),
    )

    twice = duplicate_ids(fill(three, references(three), SAME))
    room.add("ines", 2, "all right, but cells share one id", twice, full(three, "pass", "tampered"))

    conflict = merge_conflict(fill(two, references(two), LONG))
    room.add("jun", 1, "git left its marks in the file", conflict, invalid("merge-conflict"))
    answers, expect = mistaken(three, ["count_spec", "layer_params"], 2)
    room.add("jun", 2, "two common mistakes", fill(three, answers, SAME), expect)

    room.add(
        "kofi", 2, "all right, in the format of 2014", old_format(fill(three, references(three), SAME)), full(three)
    )
    answers, expect = mistaken(one, ["conv2d"], 2)
    room.add("kofi", 0, "one common mistake", fill(one, answers), expect)

    answers, expect = mistaken(one, ["pool2d", "conv2d_multi"], 3)
    room.add("lucia", 0, "two common mistakes", fill(one, answers, SAME), expect)
    room.add("lucia", 1, "everything right", fill(two, references(two), LONG), full(two))

    room.add("mallory", 0, "blanks the checks and patches the tools", *blinding(one), hostile=True)
    room.add("nemo", 1, "returns objects that equal everything", *agreeable(two), hostile=True)
    room.add("oscar", 2, "looks for the solutions, exits, loops", *curious(three), hostile=True)
    return sorted(room.members, key=lambda s: (s.student, s.week.id))


def write(members: list[Submission], folder: Path) -> Iterator[Path]:
    """Write `members` in nbgrader's layout, `folder/<student>/<week>/<week>.ipynb`; yields each path."""
    for member in members:
        path = folder / member.student / member.week.id / f"{member.week.id}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(member.data)
        yield path
