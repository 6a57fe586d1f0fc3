"""The server behind the marking page: a few requests in JSON and the page's files, on this machine alone."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from autograder.errors import UserError
from autograder.marking.access import Access
from autograder.marking.desk import Conflict, Desk, ItemEdit, Save

PAGE = Path(__file__).parent / "page"
KINDS = {".css": "text/css", ".js": "text/javascript", ".html": "text/html"}
MAX_BODY = 100_000
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

T = TypeVar("T")


class Refused(HTTPError):
    """A request that is turned away with a sentence."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(status)
        self.words = words


class _Handler(RequestHandler):
    """Refuses whom `Access` does not know; says mistakes in one sentence."""

    desk: Desk
    access: Access
    grader: str

    def initialize(self, desk: Desk, access: Access) -> None:
        self.desk, self.access = desk, access

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def token(self) -> str:
        """The token of the address, where this request may hold one."""
        return ""

    def prepare(self) -> None:
        entering = bool(self.token())
        if problem := self.access.problem(self.request.headers, self.request.method or "", entering):
            raise Refused(403, problem)
        self.grader = self.access.grader(self.get_cookie(self.access.cookie) or "") or ""
        if not self.grader and not entering:
            raise Refused(403, "open the address that `autograder mark` printed: it holds the key to this page")

    def write_error(self, status_code: int, **about: Any) -> None:
        problem = about.get("exc_info", (None, None, None))[1]
        match problem:
            case Refused():
                words = problem.words
            case UserError():
                self.set_status(422)
                words = str(problem)
            case _ if status_code < 500:
                words = "there is no such thing here"
            case _:
                words = "the server made a mistake, and its terminal says which; what was saved before is kept"
        if self.request.path.startswith("/api/"):
            self.give({"problem": words})
        else:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{words}\n")

    def log_exception(self, *about: Any) -> None:
        if not isinstance(about[1], UserError):
            super().log_exception(*about)

    def give(self, data: object) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(data))

    def asked(self, kind: type[T]) -> T:
        """The request's JSON as a `kind`."""
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise Refused(415, "a change is sent as JSON")
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except msgspec.DecodeError as problem:
            raise Refused(400, f"the request is not understood: {problem}") from problem

    def decided(self, decide: Callable[[], object], now: Callable[[], object]) -> None:
        """Answer with what is there after a decision, or (409) with what is there in place of what the grader saw."""
        try:
            decide()
        except Conflict:
            self.set_status(409)
        self.give(now())


class _Page(_Handler):
    """The page; the address with a token becomes one without, and a cookie."""

    def token(self) -> str:
        return self.get_query_argument("token", "")

    def get(self) -> None:
        if token := self.token():
            session = self.access.session_for(token)
            if session is None:
                raise Refused(
                    403, "this address is of another server: take the one that `autograder mark` printed last"
                )
            self.set_cookie(self.access.cookie, session, httponly=True, samesite="Strict", path="/")
            self.redirect("/")
            return
        _send(self, "index.html")


class _File(_Handler):
    def get(self, name: str) -> None:
        _send(self, name)


def _send(handler: _Handler, name: str) -> None:
    path = PAGE / name
    if path.suffix not in KINDS or not path.is_file():
        raise HTTPError(404)
    handler.set_header("Content-Type", f"{KINDS[path.suffix]}; charset=utf-8")
    handler.finish(path.read_bytes())


class _Overview(_Handler):
    def get(self) -> None:
        self.give({"grader": self.grader, **self.desk.overview()})


class _Question(_Handler):
    def get(self, week: str, question: str) -> None:
        try:
            self.give(self.desk.question(week, question, self.grader, self.get_query_argument("open", "")))
        except KeyError:
            raise Refused(404, "nobody handed in an answer to this question") from None


class _Answer(_Handler):
    def get(self, answer: str) -> None:
        self.give(self.desk.answer(answer, self.grader))

    def post(self, answer: str) -> None:
        decision = self.asked(Save)
        self.decided(
            lambda: self.desk.save(answer, decision, self.grader), lambda: self.desk.answer(answer, self.grader)
        )


class _Rubric(_Handler):
    def post(self) -> None:
        edit = self.asked(ItemEdit)
        self.decided(
            lambda: self.desk.edit(edit, self.grader),
            lambda: self.desk.question(edit.week, edit.question, self.grader),
        )


class _Missing(_Handler):
    def get(self) -> None:
        raise HTTPError(404)

    post = get


def application(desk: Desk, access: Access) -> Application:
    """The server's requests."""
    about = {"desk": desk, "access": access}
    return Application(
        [
            (r"/", _Page, about),
            (r"/page/([a-z]+\.(?:css|js))", _File, about),
            (r"/api/overview", _Overview, about),
            (r"/api/question/([^/]+)/([^/]+)", _Question, about),
            (r"/api/answer/([0-9a-f]{16})", _Answer, about),
            (r"/api/rubric", _Rubric, about),
        ],
        default_handler_class=_Missing,
        default_handler_args=about,
        log_function=_log,
    )


def _log(handler: RequestHandler) -> None:
    """Addresses hold tokens, so that requests are not logged; mistakes of ours are, by `log_exception`."""


def socket_on(port: int) -> socket.socket:
    """A socket of this machine alone on `port` (0: any that is free). Raises UserError where it is taken."""
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as problem:
        raise UserError(
            f"port {port} cannot be used ({problem.strerror}): end the other program, or name another one with --port"
        ) from problem
    listening.setblocking(False)
    return listening


def listen(desk: Desk, access: Access, listening: socket.socket) -> HTTPServer:
    """Serve the page on a socket, within a running event loop."""
    server = HTTPServer(application(desk, access), max_body_size=MAX_BODY, max_header_size=32_000)
    server.add_socket(listening)
    return server
