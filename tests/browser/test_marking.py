"""The marking page in a real browser: by keyboard alone, two graders at once, what was typed is not lost, accessibility."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import browser
import pytest
from written import ANSWERS, QUESTION, WEEK, hand_in

from autograder.marking import server
from autograder.marking.access import Access
from autograder.marking.answers import Answers
from autograder.marking.desk import Desk
from autograder.results import records
from autograder.term.folder import Term
from autograder.term.ledger import Mark
from autograder.term.points import standings


@dataclass
class Room:
    """A running server with answers of five students to two questions, for the graders ada and bea."""

    term: Term
    access: Access
    stop: Callable[[], None] = field(repr=False)

    def points(self) -> list[float]:
        """The points of all marks of the first question, sorted."""
        found = standings(records.read(self.term.records), self.term)
        written = (s.written[QUESTION] for s in found if s.week == WEEK)
        return sorted(w.points for w in written if w.mark and w.points is not None)

    def marks(self) -> list[Mark]:
        return [entry for entry in self.term.ledger.entries() if isinstance(entry, Mark)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    folder = hand_in(hand_in(tmp_path / "grades"), week="week02_receptive_field")
    term = Term.none(folder)
    listening = server.socket_on(0)
    access = Access(("ada", "bea"), listening.getsockname()[1])
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def serve() -> None:
        running = server.listen(Desk(term, Answers(term)), access, listening)
        await stopped.wait()
        running.stop()
        await running.close_all_connections()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    made = Room(term, access, lambda: (loop.call_soon_threadsafe(stopped.set), thread.join(10)))  # type: ignore[func-returns-value]
    yield made
    made.stop()
    loop.close()


@pytest.fixture
def marking(room: Room, new_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens the page for a grader: marking("ada", question=True)."""

    def open_for(grader: str, question: bool = True, **options: Any) -> Any:
        page = new_page(**options)
        page.problems = []
        page.on("pageerror", lambda problem: page.problems.append(str(problem)))
        page.on(
            "request", lambda request: page.problems.append(request.url) if "example.invalid" in request.url else None
        )
        page.goto(room.access.address(grader))
        page.get_by_role("heading", name="Written answers").wait_for()
        if question:
            page.get_by_role("link", name=QUESTION).focus()
            page.keyboard.press("Enter")
            at(page, 1)
        return page

    return open_for


def at(page: Any, place: int) -> None:
    """Waits until the answer in that place is open."""
    page.locator("h1#title", has_text=re.compile(rf"^Answer {place} of {len(ANSWERS)}$")).wait_for()


def says(page: Any, words: str) -> None:
    page.locator("#said", has_text=words).wait_for()


def new_item(page: Any, text: str, points: str) -> None:
    page.keyboard.press("r")
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.type(points)
    page.keyboard.press("Enter")
    page.locator(".rubric li", has_text=text).wait_for()


def total(page: Any) -> str:
    return str(page.locator("#total").inner_text())


def test_by_keyboard_alone(room: Room, marking: Callable[..., Any]) -> None:
    page = marking("ada")
    press = page.keyboard.press
    new_item(page, "Flips along both axes", "3")
    new_item(page, "Learned turned", "2,5")
    assert total(page) == "5.5"  # a new item is chosen for the answer that it was made for
    press("c")
    page.keyboard.type("Which kernel? <b>s</b>")  # keys are text in a field
    press("Escape")
    press("s")
    says(page, "Saved: 5.5 of 10.")
    at(page, 2)
    press("1")
    press("2")
    press("2")
    press("p")
    page.keyboard.type("-1")
    assert total(page) == "2"
    press("Control+Enter")
    at(page, 3)
    press("f")
    assert total(page) == "10"
    press("s")
    at(page, 4)
    press("p")
    page.keyboard.type("4,5")
    press("Control+Enter")
    says(page, "Every answer to this question is marked.")
    assert room.points() == [2, 4.5, 5.5, 10]
    assert [mark.comment for mark in room.marks()] == ["Which kernel? <b>s</b>", "", "", ""]
    for place in (3, 2, 1):
        press("k")
        at(page, place)
    assert "marked by ada" in page.locator("#standing").inner_text() and total(page) == "5.5"
    # Changed afterwards, for every mark that names it.
    page.get_by_role("button", name="Change the item Flips").focus()
    press("Enter")
    page.get_by_text("2 marks name this item").wait_for()
    press("Tab")
    page.keyboard.type("4")
    press("Enter")
    page.locator("#total", has_text="6.5").wait_for()
    assert room.points() == [3, 4.5, 6.5, 10]
    press("o")
    page.get_by_text("all marked").first.wait_for()
    assert page.problems == []


def test_two_graders_do_not_overwrite_each_other(room: Room, marking: Callable[..., Any]) -> None:
    ada, bea = marking("ada"), marking("bea", question=False)
    bea.goto(ada.url)  # the same answer
    bea.get_by_text("ada has this answer open, too.").wait_for()
    ada.keyboard.press("p")
    ada.keyboard.type("4")
    ada.keyboard.press("Control+Enter")
    at(ada, 2)
    bea.keyboard.press("f")
    bea.keyboard.press("s")
    dialog = bea.get_by_role("dialog")
    dialog.get_by_text("ada saved a mark for this answer after you opened it.").wait_for()
    assert "4 of 10" in dialog.inner_text() and "10 of 10" in dialog.inner_text()
    assert room.points() == [4]
    bea.keyboard.press("Enter")  # what is there is kept, unless she says otherwise
    says(bea, "Kept what was there")
    assert room.points() == [4] and total(bea) == "4"
    bea.keyboard.press("f")
    bea.keyboard.press("s")
    says(bea, "Saved: 10 of 10.")  # she has seen it now
    assert [(mark.grader, mark.points) for mark in room.marks()] == [("ada", 4), ("bea", 10)]


def test_the_second_grader_decides(room: Room, marking: Callable[..., Any]) -> None:
    ada, bea = marking("ada"), marking("bea", question=False)
    bea.goto(ada.url)
    bea.get_by_text("ada has this answer open, too.").wait_for()
    for page, key in ((ada, "f"), (bea, "0")):
        page.keyboard.press(key)
        page.keyboard.press("s")
    bea.get_by_role("dialog").get_by_role("button", name="Save mine in its place").click()
    says(bea, "Saved: 0 of 10.")
    assert [(mark.grader, mark.points) for mark in room.marks()] == [("ada", 10), ("bea", 0)]


def test_a_changed_answer_comes_back_with_its_earlier_mark(room: Room, marking: Callable[..., Any]) -> None:
    page = marking("ada")
    page.keyboard.press("f")
    page.keyboard.press("s")
    at(page, 2)
    [mark] = room.marks()
    hand_in(room.term.records, {mark.student: "An answer that says more."})
    again = marking("bea", question=False)
    again.reload()
    for _ in range(20):  # records are read anew after some seconds
        if again.get_by_text("1 changed after being marked").count():
            break
        again.wait_for_timeout(1000)
        again.reload()
    again.get_by_role("link", name=QUESTION).click()
    at(again, 1)  # first of all
    assert "gave an earlier one 10 of 10" in again.locator("#standing").inner_text()
    assert "says more" in again.locator(".answer").inner_text() and total(again) == "10"
    again.keyboard.press("s")
    says(again, "Saved: 10 of 10.")
    assert len(room.marks()) == 2


def test_what_was_typed_is_not_lost(room: Room, marking: Callable[..., Any]) -> None:
    page = marking("ada")
    page.keyboard.press("c")
    page.keyboard.type("half a comment")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    at(page, 2)
    page.get_by_text("1 other answer is not saved.").wait_for()
    page.keyboard.press("k")
    at(page, 1)
    assert page.locator("#comment").input_value() == "half a comment"
    room.stop()
    page.keyboard.press("f")
    page.keyboard.press("s")
    says(page, "The server does not answer")
    assert page.locator("#comment").input_value() == "half a comment" and total(page) == "10"
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.type("x")
    page.keyboard.press("Control+Enter")
    says(page, "is not a number of points")
    assert room.marks() == []


def test_nothing_that_a_student_wrote_runs(room: Room, marking: Callable[..., Any]) -> None:
    page = marking("ada")
    for place in range(1, len(ANSWERS) + 1):
        at(page, place)
        if "alert(1)" in page.locator(".answer").inner_text():
            break
        page.keyboard.press("j")
    else:
        pytest.fail("the hostile answer is not shown")
    assert page.locator(".answer :is(script, img, a)").count() == 0
    assert "owned" not in page.title() and page.problems == []


def test_keys_can_be_switched_off(room: Room, marking: Callable[..., Any]) -> None:
    page = marking("ada")
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    assert total(page) == "–"
    page.get_by_label("Points", exact=True).fill("3")
    page.get_by_role("button", name="Save").click()
    at(page, 2)
    assert room.points() == [3]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible_and_in_the_window(room: Room, marking: Callable[..., Any], width: int, dark: bool) -> None:
    page = marking("ada", question=False, width=width, height=800, dark=dark)

    def look(name: str) -> None:
        browser.shoot(page, f"marking-{name}-{width}-{'dark' if dark else 'light'}", whole=True)
        assert browser.violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    look("questions")
    page.get_by_role("link", name=QUESTION).click()
    at(page, 1)
    look("answer")
    page.keyboard.press("r")
    look("item")
    page.keyboard.press("Escape")
    new_item(page, "Flips along both axes, and says why that is no matter to a net that learns its kernels", "3")
    page.get_by_label("Comment").fill("Read the second part again.")
    page.keyboard.press("Control+Enter")
    at(page, 2)
    page.keyboard.press("k")
    page.get_by_text("marked by ada").wait_for()
    look("marked")
    page.keyboard.press("?")
    look("keys")
