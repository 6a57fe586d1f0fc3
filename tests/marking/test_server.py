"""The server: whom it lets in, what it refuses, and what it says then."""

from __future__ import annotations

import json
import tempfile
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application
from written import ANSWERS, QUESTION, WEEK, hand_in

from autograder.marking import server
from autograder.marking.access import Access
from autograder.marking.answers import Answers
from autograder.marking.desk import Desk
from autograder.term.folder import Term
from autograder.term.ledger import Mark


class Case(AsyncHTTPTestCase):
    """A server with five answers to week 1, and two graders."""

    def get_app(self) -> Application:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.term = Term.none(hand_in(Path(self.folder.name) / "grades"))
        self.access = Access(("ada", "bea"), self.get_http_port())
        return server.application(Desk(self.term, Answers(self.term)), self.access)

    def ask(self, path: str, *, grader: str = "ada", body: Any = None, **headers: str | None) -> Any:
        """What the server answers; headers by their names with _ for -, None leaves one out."""
        given: dict[str, str | None] = {"Host": f"127.0.0.1:{self.get_http_port()}"}
        if grader:
            given["Cookie"] = f"{self.access.cookie}={self.access.session_for(self.token(grader))}"
        if body is not None:
            given |= {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.get_http_port()}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = None if body is None else body if isinstance(body, str) else json.dumps(body)
        return self.fetch(
            path,
            method="GET" if body is None else "POST",
            body=sent,
            headers={name: value for name, value in given.items() if value is not None},
            follow_redirects=False,
        )

    def token(self, grader: str = "ada") -> str:
        return self.access.address(grader).rpartition("=")[2]

    def first(self) -> dict[str, Any]:
        answer = json.loads(self.ask(f"/api/question/{WEEK}/{QUESTION}").body)["answers"][0]
        return json.loads(self.ask(f"/api/answer/{answer['id']}").body)


class TestDoor(Case):
    def test_the_address_becomes_a_cookie(self) -> None:
        entered = self.ask(f"/?token={self.token()}", grader="")
        assert entered.code == 302 and entered.headers["Location"] == "/"  # the token is not in the address any more
        cookie = SimpleCookie(entered.headers["Set-Cookie"])[self.access.cookie]
        assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
        assert cookie.value != self.token()
        page = self.ask("/", grader="", Cookie=f"{self.access.cookie}={cookie.value}")
        assert page.code == 200 and b"<main" in page.body

    def test_nobody_enters_without_it(self) -> None:
        for path in ("/", "/api/overview", f"/api/question/{WEEK}/{QUESTION}", "/page/mark.js", "/nothing"):
            refused = self.ask(path, grader="")
            assert refused.code == 403 and b"open the address" in refused.body, path
            assert ANSWERS["bo"].encode() not in refused.body
        assert self.ask("/?token=wrong", grader="").code == 403
        assert self.ask("/api/overview", grader="", Cookie=f"{self.access.cookie}=wrong").code == 403
        assert self.ask("/api/overview", grader="", Cookie=f"{self.access.cookie}={self.token()}").code == 403

    def test_a_foreign_name_of_this_machine_is_refused(self) -> None:
        for host in ("evil.example", f"evil.example:{self.get_http_port()}", "127.0.0.1", "127.0.0.1:1", "localhost"):
            assert self.ask("/api/overview", Host=host).code == 403, host
        assert self.ask("/api/overview", Host=f"localhost:{self.get_http_port()}").code == 200

    def test_a_foreign_page_is_refused(self) -> None:
        for origin in (
            "http://evil.example",
            "null",
            "http://127.0.0.1:1",
            f"https://127.0.0.1:{self.get_http_port()}",
        ):
            assert self.ask("/api/overview", Origin=origin).code == 403, origin
            assert self.ask("/api/rubric", body={}, Origin=origin).code == 403, origin
        for site in ("cross-site", "same-site"):
            assert self.ask("/api/overview", Sec_Fetch_Site=site).code == 403
        assert self.ask("/api/overview", Sec_Fetch_Site="same-origin").code == 200
        # The address may be followed from anywhere, such as a mail.
        assert self.ask(f"/?token={self.token()}", grader="", Sec_Fetch_Site="cross-site").code == 302

    def test_a_change_must_say_where_it_comes_from_and_be_json(self) -> None:
        answer = self.first()
        decision = {"version": answer["version"], "points": 3}
        path = f"/api/answer/{answer['id']}"
        assert self.ask(path, body=decision, Origin=None).code == 403
        assert self.ask(path, body=decision, Content_Type="text/plain").code == 415
        assert not self.term.ledger.entries()
        assert self.ask(path, body=decision).code == 200

    def test_what_browsers_are_told(self) -> None:
        for path in ("/", "/page/mark.css", "/api/overview", "/nothing"):
            headers = self.ask(path).headers
            assert "default-src 'none'" in headers["Content-Security-Policy"], path
            assert "unsafe" not in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
            assert "Server" not in headers and "Access-Control-Allow-Origin" not in headers

    def test_only_the_page_s_own_files(self) -> None:
        assert self.ask("/page/mark.js").headers["Content-Type"].startswith("text/javascript")
        for path in ("/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page/server.py"):
            assert self.ask(path).code == 404, path


class TestMarks(Case):
    def test_each_grader_marks_in_their_own_name(self) -> None:
        answer = self.first()
        said = self.ask(f"/api/answer/{answer['id']}", grader="bea", body={"version": answer["version"], "points": 3})
        assert json.loads(said.body)["mark"]["grader"] == "bea"
        [mark] = self.term.ledger.entries()
        assert isinstance(mark, Mark) and (mark.grader, mark.points) == ("bea", 3)

    def test_a_conflict_shows_what_is_there(self) -> None:
        answer = self.first()
        path = f"/api/answer/{answer['id']}"
        self.ask(path, body={"version": answer["version"], "points": 3})
        refused = self.ask(path, grader="bea", body={"version": answer["version"], "points": 7})
        assert refused.code == 409
        there = json.loads(refused.body)
        assert there["points"] == 3 and there["mark"]["grader"] == "ada"
        again = self.ask(path, grader="bea", body={"version": there["version"], "points": 7})
        assert again.code == 200 and len(self.term.ledger.entries()) == 2

    def test_the_rubric(self) -> None:
        item = {"week": WEEK, "question": QUESTION, "text": "both axes", "points": 3}
        made = json.loads(self.ask("/api/rubric", body=item).body)["rubric"][0]
        changed = {**item, "points": 2, "id": made["id"], "version": made["version"]}
        assert self.ask("/api/rubric", body=changed).code == 200
        refused = self.ask("/api/rubric", grader="bea", body=changed)
        assert refused.code == 409 and json.loads(refused.body)["rubric"][0]["points"] == 2

    def test_what_is_wrong_is_said_in_a_sentence(self) -> None:
        answer = self.first()
        path = f"/api/answer/{answer['id']}"
        for body, code, words in (
            ({"version": answer["version"], "points": 99}, 422, "a number from 0 to 10"),
            ({"version": answer["version"], "points": "3"}, 400, "not understood"),
            ({"version": answer["version"], "points": 3, "student": "x"}, 400, "not understood"),
            ("{", 400, "not understood"),
            ('{"version": "x", "points": NaN}', 400, "not understood"),
        ):
            refused = self.ask(path, body=body)
            assert refused.code == code and words in json.loads(refused.body)["problem"]
        assert self.ask("/api/answer/0123456789abcdef").code == 422
        assert self.ask(f"/api/question/{WEEK}/nothing").code == 404
        assert not self.term.ledger.entries()

    def test_nothing_that_a_student_wrote_does_anything(self) -> None:
        lines = json.loads(self.ask(f"/api/question/{WEEK}/{QUESTION}").body)["answers"]
        pages = [json.loads(self.ask(f"/api/answer/{line['id']}").body)["html"] for line in lines]
        [evil] = [page for page in pages if "owned" in page]
        assert (
            "<script" not in evil
            and "<img" not in evil
            and "href" not in evil
            and " src=" not in evil.replace("&lt;img src=", "")
        )

    def test_a_ledger_that_cannot_be_opened_is_said(self) -> None:
        answer = self.first()
        self.term.ledger.path.mkdir()  # a ledger that cannot be opened
        refused = self.ask(f"/api/answer/{answer['id']}", body={"version": answer["version"], "points": 3})
        assert refused.code == 422 and "cannot be" in json.loads(refused.body)["problem"]


def test_a_taken_port_is_said() -> None:
    with server.socket_on(0) as held, pytest.raises(server.UserError, match="--port"):
        server.socket_on(held.getsockname()[1])


def test_this_machine_alone() -> None:
    with server.socket_on(0) as held:
        assert held.getsockname()[0] == "127.0.0.1"


del Case  # holds no tests of its own
