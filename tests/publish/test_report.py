"""The report: right numbers, and nothing of what a student wrote can do anything on the page."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import cli
from autograder.errors import UserError
from autograder.publish import report
from autograder.publish.report import class_page, common, exercises, safe, student_page
from autograder.results import VERDICTS, CheckResult, Result
from autograder.results.records import Writer

WEEK1, WEEK2 = "week01_convolution", "week02_receptive_field"
HOSTILE = (
    "<script>alert(1)</script>",
    "../../x",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "عائشة",
    "李" * 300,
    "\ud800lone",
    "a\x00b\x1b[31mred",
    "CON",
    '" onmouseover="alert(1)',
    "{{ 7*7 }}",
    "Ada",
    "ada",
    "",
    ".",
    "..",
)


def check(id: str, verdict: str = "pass", points: float = 5, message: str = "", **more: object) -> CheckResult:
    return CheckResult(id, verdict, points if verdict == "pass" else 0, points, message, **more)  # type: ignore[arg-type]


def result(
    student: str = "ada", week: str = WEEK1, verdict: str = "pass", checks: tuple = (), **more: object
) -> Result:
    return Result(
        student,
        week,
        verdict,  # type: ignore[arg-type]
        sum(c.points for c in checks),
        sum(c.max_points for c in checks),
        checks,
        **more,  # type: ignore[arg-type]
    )


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\x80" * min(width, 9) for _ in range(min(height, 9)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Page(HTMLParser):
    """What a browser would see: tags, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


TAGS = (
    "html head meta title style body svg defs symbol path use rect text a header main section nav footer article figure "
    "p h1 h2 h3 h4 ul li dl dt dd table caption thead tbody tr th td details summary span div strong b q bdi code pre img"
)
ALLOWED_TAGS = set(TAGS.split())
ALLOWED_LINK = re.compile(r"(\.\./)?index\.html|scores\.html|#[\w-]+|students/[a-z0-9._-]+\.html(#[\w-]+)?")


def assert_harmless(path: Path) -> None:
    """No tag but those of our templates, no handler or style attribute, no link out of the report, our policy first."""
    page = Page(path.read_text(encoding="utf-8"))
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("style", "srcdoc", "srcset", "formaction"), (tag, name)
            if name == "href":
                assert ALLOWED_LINK.fullmatch(value or ""), value
                assert ".." not in (value or "").removeprefix("../")
            if name == "src":
                assert re.match(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+\Z", value or "")
    policies = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1 and "default-src 'none'" in (policies[0] or "") and "script" not in (policies[0] or "")


def nasty(student: str) -> Result:
    evil = "</pre></code></style><script>alert(1)</script><img src=x onerror=alert(1)>"
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": [evil, "\x1b[31mred\x1b[0m \x1b]0;title\x07"]},
        {"output_type": "display_data", "data": {"text/html": evil, "text/plain": "plain <b>text</b>"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload=alert(1)>", "text/html": evil}},
        {"output_type": "display_data", "data": {"image/png": '"><script>alert(1)</script>'}},
        {"output_type": "display_data", "data": {"image/png": base64.encodebytes(png()).decode()}},
        {"output_type": "display_data", "data": {"application/javascript": "alert(1)", evil: 1}},
        {"output_type": "error", "ename": evil, "evalue": evil, "traceback": [evil]},
        "no dict at all",
        {"output_type": "stream", "name": evil, "text": None},
    ]
    return result(
        student,
        verdict="tampered",
        checks=(check(f"conv2d-{evil}", "fail", message=evil, detail="SECRET DETAIL", hidden=True),),
        warnings=(evil,),
        by_hand={evil: 10},
        answers={"conv2d": evil, evil: evil, "extra-1": "print('</script>')", "correlation-or-convolution": evil},
        outputs={"conv2d": outputs, evil: outputs},  # type: ignore[dict-item]
        sandbox=evil,
    )


@pytest.mark.parametrize("student", HOSTILE)
def test_whatever_a_student_sends_is_only_shown(tmp_path: Path, student: str) -> None:
    written = report.write([nasty(student), result("bo", checks=(check("conv2d-lecture"),))], tmp_path / "out")
    for page in [written.index, written.scores, *written.pages.values()]:
        assert page.is_relative_to(tmp_path / "out") and page.parent.name in ("out", "students")
        assert_harmless(page)
    # All that was written lies inside the folder, whatever the student is called.
    assert {p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("*")} == {"out"}
    assert len(list((tmp_path / "out" / "students").iterdir())) == 2


def test_modules_that_were_handed_in_are_shown_and_no_clock_is(tmp_path: Path) -> None:
    one = result(
        "bo", answers={"conv2d": "from mine import conv2d", "module-mine.py": "def conv2d(x, k): return '<b>'"}
    )
    page = report.write([dataclasses.replace(one, seconds=7.25)], tmp_path).pages["bo"].read_text()
    assert "module mine.py" in page and "&lt;b&gt;" in page
    assert "7.2" not in page and "7.3" not in page, "how long a function takes could tell its author hidden numbers"


def test_every_student_gets_a_page_of_their_own(tmp_path: Path) -> None:
    names = [safe.file_name(student) for student in HOSTILE]
    assert len({name.casefold() for name in names}) == len(HOSTILE)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name) and len(name) < 60 for name in names)
    assert safe.file_name("ada") == "ada"
    # An id made to look like another's page name does not get that page.
    assert safe.file_name(safe.file_name("Ada")) != safe.file_name("Ada")
    assert safe.file_name("nul.txt") != "nul.txt"
    assert len(report.write([result(student) for student in HOSTILE], tmp_path).pages) == len(HOSTILE)


def test_staff_detail_and_check_sources_never_reach_a_page(tmp_path: Path) -> None:
    checks = (
        check("conv2d-any-shape", "fail", message="uint8 overflows", detail="expected 1800 found 8", hidden=True),
    )
    written = report.write([result(checks=checks)], tmp_path)
    everything = "".join(p.read_text(encoding="utf-8") for p in [written.index, *written.pages.values()])
    assert "uint8 overflows" in everything and "hidden part" in everything
    assert "1800" not in everything and "HIDDEN TESTS" not in everything


def test_same_results_same_bytes_in_any_order(tmp_path: Path) -> None:
    results = [nasty("Ada"), result("bo", checks=(check("conv2d-lecture"),)), result("bo", WEEK2)]
    for folder, given in (("a", results), ("b", results[::-1])):
        report.write(given, tmp_path / folder)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.html"))
    assert len(files) == 4
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_old_pages_go_and_other_files_stay(tmp_path: Path) -> None:
    report.write([result("ada"), result("bo")], tmp_path)
    (tmp_path / "students" / "mine.html").write_text("<p>a teacher's own page</p>")
    report.write([result("ada")], tmp_path)
    assert sorted(p.name for p in (tmp_path / "students").iterdir()) == ["ada.html", "mine.html"]


def test_a_link_in_the_way_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").symlink_to(tmp_path / "precious")
    report.write([result("ada")], tmp_path / "out")
    assert (tmp_path / "precious").read_text() == "keep"


def test_the_policy_allows_exactly_our_style(tmp_path: Path) -> None:
    html = report.write([result()], tmp_path).index.read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style and html.count("<style") == 1
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"sha256-{digest}".replace("+", "&#43;") in html or f"sha256-{digest}" in html


def test_what_the_class_did_not_understand_comes_first() -> None:
    results = []
    for n in range(6):
        results.append(
            result(
                f"s{n}",
                checks=(
                    check("conv2d-lecture", message=""),
                    check("conv2d-any-shape", "fail" if n < 1 else "pass"),
                    check("pool2d-modes", "fail" if n < 4 else "pass", message=f"padding counted\nfound {n}"),
                    check("pool2d-stride", "missing" if n == 5 else "pass"),
                    check("sobel_edges-gx", "missing"),
                    check("lrn-sums", "error", points=0, message="NameError"),
                ),
            )
        )
    view = class_page.class_view(results)
    assert [e.name for e in view.exercises] == ["pool2d", "conv2d", "sobel_edges"]
    assert [e.name for e in view.stretch] == ["lrn"]
    pool = view.exercises[0]
    assert (pool.tried, pool.wrong, pool.unanswered) == (5, 4, 1)
    assert pool.top == exercises.Message("padding counted", 4)
    assert pool.checks[0].counts == {"pass": 2, "fail": 4}
    assert sum(s.width for s in pool.bar) == pytest.approx(100, abs=0.1)


def test_a_message_counts_once_a_submission() -> None:
    one = tuple(check(f"conv2d-{n}", "fail", message="did you forget return?") for n in range(4))
    other = (check("conv2d-0", "fail", message="flipped"),)
    view = class_page.class_view([result("a", checks=one), result("b", checks=other), result("c", checks=other)])
    assert view.exercises[0].top == exercises.Message("flipped", 2)


def test_one_wrong_attempt_alone_does_not_lead() -> None:
    lone = (check("conv2d-a", "fail"), check("pool2d-a", "fail"))
    many = (check("conv2d-a", "missing"), check("pool2d-a", "fail"))
    view = class_page.class_view([result("a", checks=lone), result("b", checks=many), result("c", checks=many)])
    assert [e.name for e in view.exercises] == ["pool2d", "conv2d"]


def test_checks_belong_to_the_longest_exercise_of_the_syllabus() -> None:
    assert common.exercise_of(WEEK1, "conv2d_multi-bias") == "conv2d_multi"
    assert common.exercise_of(WEEK1, "conv2d-lecture") == "conv2d"
    assert common.exercise_of("week99_unknown", "thing-one") == "thing"


def test_scores_medians_and_points_by_hand(tmp_path: Path) -> None:
    why = {"why": "Because a learned kernel may be learned flipped."}
    graded = result(
        "bo", checks=(check("conv2d-a"), check("pool2d-a", "fail")), by_hand={"why": 10}, verdict="fail", answers=why
    )
    perfect = result("ada", checks=(check("conv2d-a"), check("pool2d-a")), by_hand={"why": 10}, answers=why)
    blank = result("dee", WEEK2, by_hand={"why": 10}, answers={"why": "In two sentences: why?\n\nYOUR ANSWER HERE"})
    broken = result("cy", verdict="invalid", warnings=("not JSON: line 3",), by_hand={"why": 10})
    view = class_page.class_view(
        [graded, perfect, broken, blank, result("ada", WEEK2, checks=(check("shape_trace-a"),))]
    )
    assert [row.name for row in view.rows] == ["ada", "bo", "cy", "dee"]
    assert (view.rows[0].final, view.rows[0].most, view.rows[0].waiting) == (15, 30, 10)
    assert view.rows[1].scores[1] is None  # not handed in is not zero
    assert [n.text for n in view.ungradable] == ["not JSON: line 3"]
    assert view.weeks[0].median == 0.75 and view.weeks[0].graded == 2 and view.weeks[0].handed_in == 3
    assert (view.waiting_answers, view.waiting_points) == (2, 20)
    assert [question.blank for question in view.by_hand] == [0, 1]
    html = report.write([graded, perfect, broken], tmp_path).index.read_text(encoding="utf-8")
    assert "not JSON: line 3" in html and "Could not be graded" in html


def test_pictures_of_one_submission_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": base64.b64encode(png()).decode()}}
    size = len(safe.picture("image/png", picture["data"]["image/png"]).uri)  # type: ignore
    monkeypatch.setattr(student_page, "MAX_PICTURE_CHARS", 2 * size)
    given = result(answers={"conv2d": "pass"}, outputs={"figure": [picture] * 2, "conv2d": [picture]})
    week = student_page.student_views([given])[0].weeks[0]
    assert [o.kind for e in week.exercises if e.answer for o in e.answer.outputs] == ["picture"]
    assert [o.kind for o in week.given[0].outputs] == ["picture", "dropped"]


def test_a_picture_keeps_the_text_it_was_shown_with(tmp_path: Path) -> None:
    data = {"image/png": base64.b64encode(png()).decode(), "text/plain": 'Figure: A line "rises" <b>fast</b>.'}
    bare = {**data, "text/plain": "<Figure size 640x480 with 1 Axes>"}
    pictures = [{"output_type": "display_data", "data": each} for each in (data, bare)]
    given = result("ada", answers={"conv2d": "pass"}, outputs={"conv2d": pictures})
    (week,) = student_page.student_views([given])[0].weeks
    alts = [o.alt for e in week.exercises if e.answer for o in e.answer.outputs]
    assert alts == ['A line "rises" <b>fast</b>.', "Picture 2 that the cell conv2d drew"]
    report.write([given], tmp_path)
    page = (tmp_path / "students" / "ada.html").read_text(encoding="utf-8")
    assert "A line &#34;rises&#34; &lt;b&gt;fast&lt;/b&gt;." in page


def test_the_last_result_of_a_submission_counts() -> None:
    first, second = result(checks=(check("conv2d-a", "fail"),)), result(checks=(check("conv2d-a"),))
    assert common.latest([first, second]) == [second]


def test_no_sandbox_is_said_loudly(tmp_path: Path) -> None:
    boxed, bare = result("ada"), result("bo", sandbox="none")
    written = report.write([boxed, bare], tmp_path)
    assert "Graded without a sandbox" in written.index.read_text(encoding="utf-8")
    # To the class's teacher, and not to a student, who can do nothing about it.
    assert not [page for page in (tmp_path / "students").iterdir() if "sandbox" in page.read_text(encoding="utf-8")]
    assert "Graded without a sandbox" not in report.write([boxed], tmp_path).index.read_text(encoding="utf-8")


def test_verdicts_are_words_and_shapes_not_colour_alone(tmp_path: Path) -> None:
    checks = tuple(check(f"conv2d-{v}", v) for v in VERDICTS)
    report.write([result(checks=checks, verdict="fail")], tmp_path)
    html = (tmp_path / "students" / "ada.html").read_text(encoding="utf-8")
    for verdict in VERDICTS:
        assert common.LABELS[verdict] in html and f'id="i-{verdict}"' in html and f'href="#i-{verdict}"' in html
    assert '<html lang="en">' in html and 'scope="col"' in html and 'scope="row"' in html


def test_text_is_cleaned_and_capped() -> None:
    assert safe.text("\x1b[1;31mred\x1b[0m\x07") == "red�"
    assert safe.text("10%\r50%\r100%\nnext\r\n") == "100%\nnext\n"
    assert safe.text("if x: \u202e # safe") == "if x: ⟨U+202E⟩ # safe"
    assert safe.text(["a", "b"]) == "ab" and safe.text(None) == "None"
    long = safe.text("x" * 5_000_000)
    assert len(long) < safe.MAX_TEXT + 100 and "4,988,000 more characters left out" in long
    assert safe.text("a\n" * 1000, lines=10).count("\n") <= 11
    assert safe.name("x" * 500) == "x" * (safe.MAX_NAME - 1) + "…"


def test_huge_outputs_make_small_pages(tmp_path: Path) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "spam\n" * 1_000_000}
    given = result(answers={"conv2d": "x = 1\n" * 100_000}, outputs={"conv2d": [stream] * 500})
    written = report.write([given], tmp_path)
    assert (tmp_path / "students" / "ada.html").stat().st_size < 1_500_000
    assert "470 more outputs are not shown" in (tmp_path / "students" / "ada.html").read_text(encoding="utf-8")
    assert written.index.stat().st_size < 100_000


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("image/png", b"GIF89a" + b"\0" * 40),
        ("image/png", png()[:20]),
        ("image/png", png(50_000, 50_000)),
        ("image/png", png(0, 5)),
        ("image/jpeg", png()),
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10" + b"\0" * 14),
        ("image/svg+xml", b"<svg/>"),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 3_000_000),
    ],
)
def test_pictures_that_are_none_are_dropped(kind: str, raw: bytes) -> None:
    assert safe.picture(kind, base64.b64encode(raw).decode()) is None


def test_sound_pictures_pass() -> None:
    kept = safe.picture("image/png", base64.encodebytes(png(3, 2)).decode())
    assert kept and (kept.width, kept.height) == (3, 2) and kept.uri.startswith("data:image/png;base64,iVBOR")
    jpeg = b"\xff\xd8\xff\xe0\x00\x04\x00\x00" + b"\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00" + b"\xff\xd9"
    kept = safe.picture("image/jpeg", base64.b64encode(jpeg).decode())
    assert kept and (kept.width, kept.height) == (7, 5)


def test_the_command_reads_records_and_says_where_the_report_is(tmp_path: Path) -> None:
    records = tmp_path / "grades"
    with Writer(records) as writer:
        writer.append("key", result(checks=(check("conv2d-a"),)))
    to = tmp_path / "report"
    ran = CliRunner().invoke(cli, ["report", "--records", str(records), "--to", str(to), "--json"])
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    assert said["index"] == str(to / "index.html") and said["submissions"] == 1 and Path(said["index"]).exists()
    shown = CliRunner().invoke(cli, ["report", "--records", str(records), "--to", str(to)])
    assert shown.exit_code == 0 and "index.html" in shown.output


def test_nothing_to_report_on_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="autograder grade"):
        report.write([], tmp_path)
    ran = CliRunner().invoke(cli, ["report", "--records", str(tmp_path / "none"), "--to", str(tmp_path)])
    assert isinstance(ran.exception, UserError) and "grade" in str(ran.exception)


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="choose another --to"):
        report.write([result()], tmp_path / "file")
