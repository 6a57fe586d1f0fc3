"""Similar submissions: what leaves no trace, what is nobody's own, which pairs come first, and pages that accuse nobody."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from invented_class import write

from autograder import weeks
from autograder.cli import cli
from autograder.cli.similar import _names
from autograder.errors import UserError
from autograder.results import Result
from autograder.similar import tokens
from autograder.similar.compare import Comparison, compare, marked
from autograder.term.roster import Person
from benchmarks import copies

WEEK = weeks.load(1)
CODE = """def conv2d(image, kernel):
    total = np.zeros(image.shape)
    for row in range(image.shape[0]):
        total[row] = image[row] * 2 + kernel[0]
    return total
"""


def texts(source: str, kept: tuple[str, ...] = ("np", "conv2d")) -> list[str]:
    return [token.text for token in tokens.of_code(source, kept)]


def test_names_comments_and_layout_leave_no_trace() -> None:
    other = '''def conv2d(photo, weights):
    """Convolve."""
    out = np.zeros(photo.shape)   # the result

    for i in range(photo.shape[0]):
        out[i] = (photo[i] * 2
                  + weights[0])
    return out'''
    assert texts(CODE) == texts(other)
    # A variable that is called like something of ours, or like a builtin, is a variable all the same.
    assert texts("def f(layers, sum): return layers + sum", ("layers",)) == texts(
        "def f(one, two): return one + two", ("layers",)
    )
    assert texts("a = b + 1") != texts("a = b - 1") and texts("a.sum()") != texts("a.max()")
    assert texts("raise ValueError('one')") == texts('raise ValueError(f"two {x}" "three")')[:3]


@pytest.mark.parametrize(
    "broken", ["def f(:\n  x = [1,\n", "'never closed", "x = 1\n\tif", "%timeit f()\n!ls", "\x00\ud800é"]
)
def test_text_that_is_no_python_is_read_all_the_same(broken: str) -> None:
    found = tokens.of_code(broken)
    assert all(0 <= token.start < token.end <= len(broken) for token in found)
    assert compare(WEEK, [work("a", conv2d=broken + CODE), work("b", conv2d=broken + CODE)]) is not None


def test_a_token_knows_its_place() -> None:
    source = "total = image.sum()  # all\n"
    assert [source[t.start : t.end] for t in tokens.of_code(source)] == ["total", "=", "image", "sum"]
    assert [t.text for t in tokens.of_prose("It’s FLIPPED, twice.")] == ["it’s", "flipped", "twice"]


def work(student: str, **answers: str) -> Result:
    return Result(student, WEEK.id, "pass", 0.0, 0.0, answers=answers)


def honest(count: int, seed: int = 5) -> list[Result]:
    bank, rng = copies.bank(WEEK), random.Random(seed)
    return [work(f"h{number:02}", **copies.honest(bank, rng)) for number in range(count)]


def test_disguised_copies_come_first_and_the_work_moved_elsewhere_is_found() -> None:
    room = honest(24)
    rng = random.Random(7)
    source = room[3].answers
    copied = [
        work(f"c{number}", **copies.disguised(source, {}, way, rng))
        for number, way in enumerate(("renamed", "reordered", "split", "all of these"))
    ]
    found = compare(WEEK, [*room, *copied], most=15)
    together = {"h03", "c0", "c1", "c2", "c3"}
    assert all({pair.one, pair.other} <= together for pair in found.pairs[:5])
    assert sum({pair.one, pair.other} <= together for pair in found.pairs) == 10  # each with each
    assert found.pairs[0].closeness > 2 and all(a.closeness >= b.closeness for a, b in pairwise(found.pairs))
    assert any(cell.startswith("extra-") for cell in copied[2].answers)


def test_what_everybody_has_counts_for_nothing() -> None:
    reference = {answer.id: answer.source for answer in WEEK.answers}
    prose = {cell.id: cell.source for cell in WEEK.written}
    same = compare(WEEK, [work(name, **reference, **prose) for name in "abcd"])
    assert same.pairs == () and same.little == tuple("abcd")
    alike = compare(WEEK, [work(name, conv2d=CODE) for name in "abcdef"])
    assert alike.pairs == ()  # written by more than half of the class
    assert compare(WEEK, []).pairs == () and compare(WEEK, [work("a", conv2d=CODE)]).pairs == ()


def test_two_submissions_alone_can_be_compared() -> None:
    found = compare(WEEK, [work("a", conv2d=CODE), work("b", conv2d=CODE.replace("total", "t"))])
    (pair,) = found.pairs
    assert (pair.one, pair.other) == ("a", "b") and pair.shares[0].part == 1


def test_written_answers_are_compared_as_words() -> None:
    question = WEEK.written[0].id
    mine = "My grandmother's lawnmower also convolves its kernel with the meadow, and nobody flips it."
    room = [*honest(6), work("p", **{question: mine}), work("q", **{question: "I think: " + mine.upper()})]
    found = compare(WEEK, room)
    first = next(pair for pair in found.pairs if {pair.one, pair.other} == {"p", "q"})
    assert [share.cell for share in first.shares] == [question]


def test_marks_cover_what_is_shared_and_the_text_stays_whole() -> None:
    one = CODE + "x = 1 + 2 + 3 + 4 + 5 + 6\n"
    found = compare(WEEK, [*honest(4), work("a", conv2d=one), work("b", conv2d="y = [3]\n" + CODE)])
    for student in "ab":
        (cell,) = found.cells[student]
        pieces = marked(cell, found, found.shared("a", "b"))
        assert "".join(text for text, _ in pieces) == cell.text
        assert "total[row]" in "".join(text for text, level in pieces if level == 2)
    assert "5 + 6" not in "".join(
        text for text, level in marked(found.cells["a"][0], found, found.shared("a", "b")) if level
    )


def records(folder: Path) -> Path:
    evil = "</code></pre><script>alert(1)</script>"
    same = {
        "conv2d": CODE + f"note = '{evil}'",
        "pool2d": CODE.replace("2 +", "3 -"),
        evil: CODE.replace("* 2", "** 7"),
    }
    given = [*honest(8), work("eve", **same), work(evil, **same)]
    given += [Result("mallory", WEEK.id, "invalid", 0.0, 90.0, warnings=("cut off",))]
    write(folder, given)
    return folder


def test_the_command_writes_pages_that_run_nothing_and_accuse_nobody(tmp_path: Path) -> None:
    to = tmp_path / "similar"
    asked = ["similar", "1", "--records", str(records(tmp_path / "grades")), "--to", str(to)]
    ran = CliRunner().invoke(cli, [*asked, "--json", "--pairs", "5"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    (copied,) = (pair for pair in said["weeks"][0]["pairs"] if "eve" in pair["students"])
    assert copied["shares"]["conv2d"] == 1
    pages = [to / "index.html", *(to / "pairs").iterdir()]
    assert len(pages) == 6
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "<script" not in html and "default-src &#39;none&#39;" in html
        words = re.sub(r"<[^>]+>", " ", html.replace("&lt;", "<"))
        assert not re.search(r"plagiar|cheat|guilt|suspect|offend|copied|fraud", words, re.IGNORECASE)
        assert "talk to both" in html
    assert "1 could not be read" in pages[0].read_text(encoding="utf-8")
    shown = CliRunner().invoke(cli, [*asked, "--pairs", "2"], catch_exceptions=False)
    assert shown.exit_code == 0 and "closeness" in shown.output
    assert len(list((to / "pairs").iterdir())) == 2  # those that no longer belong are gone


def test_a_week_without_submissions_is_one_clear_sentence(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["similar", "2", "--records", str(records(tmp_path)), "--to", str(tmp_path / "x")])
    assert isinstance(ran.exception, UserError) and "no graded submission of week02" in str(ran.exception)
    ran = CliRunner().invoke(cli, ["similar", "--records", str(tmp_path / "none")])
    assert isinstance(ran.exception, UserError) and "autograder grade" in str(ran.exception)


def test_an_empty_comparison_has_no_usual() -> None:
    found = compare(WEEK, [work("a", conv2d=CODE), work("b", zero_pad="q = 7 ** 3 % 5 - 8 * 2 / 9")])
    assert isinstance(found, Comparison) and found.pairs == ()


def test_two_people_of_one_name_are_told_apart() -> None:
    people = {"u2": Person("u2", "Ada Ng"), "u3": Person("u3", "Ada Ng"), "u4": Person("u4", "Bo"), "zoe": None}
    assert _names(people) == {"u2": "Ada Ng (u2)", "u3": "Ada Ng (u3)", "u4": "Bo"}


def test_two_untouched_notebooks_share_nothing_of_their_own() -> None:
    from autograder.weeks import marks

    blank = {answer.id: marks.stub(answer.source) for answer in WEEK.answers}
    written = {**blank, "conv2d": CODE}
    results = [
        Result(student, WEEK.id, "missing", 0, 90, answers=answers)
        for student, answers in (("ada", blank), ("bea", blank), ("cem", written))
    ]
    found = compare(WEEK, results)
    assert not found.pairs and {"ada", "bea"} <= set(found.little)
