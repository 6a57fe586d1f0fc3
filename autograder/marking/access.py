"""Who may talk to the marking server: those who were given its address, from its own page, and nobody else's page.

The server listens on this machine alone, but other programs of this machine, and any web page in the grader's browser, can
reach it too. Against the first stands a token in the address, which becomes a cookie; against the second the names that a
browser says it asks for (Host, so that a foreign name cannot be pointed here) and asks from (Origin, Sec-Fetch-Site).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Access:
    """The graders of one server, each with a token for the address and a session for the cookie."""

    graders: tuple[str, ...]
    port: int
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _sessions: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._tokens = {name: secrets.token_urlsafe(32) for name in self.graders}
        self._sessions = {name: secrets.token_urlsafe(32) for name in self.graders}

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers keep cookies by host, so that two servers on one machine need two names."""
        return f"autograder-mark-{self.port}"

    def address(self, grader: str) -> str:
        """The address to give to a grader; who has it marks in that name."""
        return f"http://127.0.0.1:{self.port}/?token={self._tokens[grader]}"

    def session_for(self, token: str) -> str | None:
        """The cookie's value for a token; None for a wrong one."""
        grader = _owner(self._tokens, token)
        return None if grader is None else self._sessions[grader]

    def grader(self, session: str) -> str | None:
        """Whose cookie it is; None for a wrong one."""
        return _owner(self._sessions, session)

    def problem(self, headers: Mapping[str, str], method: str, entering: bool) -> str:
        """Why a request is refused for where it comes from, in words; "" where it is welcome.

        entering: it is for the address with its token, which may be followed from anywhere.
        """
        hosts = [f"{name}:{self.port}" for name in ("127.0.0.1", "localhost")]
        host = headers.get("Host", "").lower()
        if host not in hosts:
            return (
                f"this server is called {hosts[0]}, not {host or 'nothing'}; a tunnel needs the same port at both ends "
                "(autograder mark --port)"
            )
        origin = headers.get("Origin")
        if origin is not None and origin not in [f"http://{name}" for name in hosts]:
            return "a page of another site may not ask here"
        if method not in ("GET", "HEAD") and origin is None:
            return "a change must come from the marking page"
        if not entering and headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "a page of another site may not ask here"
        return ""


def _owner(secret_of: Mapping[str, str], given: str) -> str | None:
    """Whose secret it is. Every secret is compared, in a time that says nothing about them."""
    found: Iterable[str] = [
        name for name, secret in secret_of.items() if hmac.compare_digest(secret.encode(), given.encode())
    ]
    return next(iter(found), None)
