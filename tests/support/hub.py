"""A JupyterHub with users of its own, in name spaces of its own: nothing of this machine's users, homes or processes changes.

The machine's folders are seen as they are, but for: a copy of /etc with our users in it, /home and /srv of the test, /root
and the checkout emptied (users may pass through them to the interpreter, and find no answers there). When it ends, all dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
import websocket

ENVIRONMENT = Path(sys.prefix)
_FIRST_ID = 40001
_TOKEN = uuid.uuid4().hex
_EXECUTABLE = Path(sys.executable).resolve()

_OURS = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {port} + 1
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = "/srv/hub/cookie"
c.ConfigurableHTTPProxy.pid_file = "/srv/hub/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.services = [{{"name": "test", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{"name": "test", "services": ["test"], "scopes": [
    "admin:users", "admin:servers", "tokens", "access:servers"]}}]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.Spawner.environment = {{"PATH": {path!r}, "TF_CPP_MIN_LOG_LEVEL": "3"}}
"""


def problem() -> str | None:
    """Why no hub can be started here, as a sentence."""
    if not (ENVIRONMENT / "bin" / "jupyterhub").exists():
        return "JupyterHub is not installed: pip install -e .[hub]"
    if not (ENVIRONMENT / "bin" / "configurable-http-proxy").exists():
        return "configurable-http-proxy is not installed: pip install -e .[hub]"
    if os.geteuid() != 0:
        return "only root can start a hub whose servers run as several users"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"], capture_output=True, text=True
    )
    return f"name spaces are not allowed here: {tried.stderr.strip()}" if tried.returncode else None


class Hub:
    """A running hub. homes: where /home of its users lies for the test."""

    def __init__(self, url: str, homes: Path) -> None:
        self.url, self.homes = url, homes
        self._tokens: dict[str, str] = {}

    def start(self, user: str) -> None:
        """Sign `user` in and start the server; returns when it answers."""
        self._tokens[user] = self._hub("POST", f"users/{user}/tokens").json()["token"]
        self._hub("POST", f"users/{user}/server")
        wait(
            lambda: self._hub("GET", f"users/{user}").json()["servers"].get("", {}).get("ready"),
            f"the server of {user}",
        )

    def ask(self, user: str, method: str, path: str, **data: str) -> Any:
        """What the server of `user` answers, as JSON."""
        headers = {"Authorization": f"token {self._tokens[user]}"}
        answer = requests.request(method, f"{self.url}/user/{user}/{path}", headers=headers, params=data, timeout=300)
        assert answer.ok, f"{method} {path} of {user}: {answer.status_code} {answer.text[-2000:]}"
        return answer.json()

    def terminal(self, user: str, commands: Sequence[str], seconds: float = 600) -> str:
        """What a terminal of the server shows for `commands`, one after the other; fails at the first that fails."""
        name = self.ask(user, "POST", "api/terminals")["name"]
        line = websocket.create_connection(
            f"{self.url.replace('http', 'ws', 1)}/user/{user}/terminals/websocket/{name}",
            header=[f"Authorization: token {self._tokens[user]}"],
            timeout=seconds,
        )
        script = "\n".join(["set -e", *commands])
        file = self.homes / user / "commands.sh"
        file.write_text(script + "\n", encoding="utf-8")
        line.send(f'["stdin", "bash ~/{file.name}; echo finished\\"\\"=$?=\\r"]')
        shown = ""
        deadline = time.monotonic() + seconds
        while "finished=" not in shown or not shown.rpartition("finished=")[2].count("="):
            assert time.monotonic() < deadline, f"{user}'s commands did not end: {shown[-2000:]}"
            kind, *said = json.loads(line.recv())
            shown += said[0] if kind == "stdout" else ""
        line.close()
        assert "finished=0=" in shown, f"{user}'s commands failed:\n{shown[-4000:]}"
        return shown

    def _hub(self, method: str, path: str) -> requests.Response:
        headers = {"Authorization": f"token {_TOKEN}"}
        answer = requests.request(method, f"{self.url}/hub/api/{path}", headers=headers, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[-2000:]}"
        return answer


def wait(ready: Callable[[], Any], what: str, seconds: float = 300) -> None:
    """Return when `ready` says so; fails after this many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.5)


@contextlib.contextmanager
def running(
    folder: Path, config: str, everyone: str, users: Sequence[str], checkout: Path, ports: Sequence[int]
) -> Iterator[Hub]:
    """A hub with `users`, who have homes under `folder`.

    config: jupyterhub_config.py; everyone: /etc/jupyter/nbgrader_config.py; checkout: hidden from all users but for its
    environment; ports: three that are free, the first two in a row.
    """
    for name in ("home", "srv/hub", "srv/nbgrader/exchange"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "srv/nbgrader/exchange").chmod(0o777)
    (folder / "srv/hub").chmod(0o700)
    etc = folder / "etc"
    subprocess.run(["cp", "-a", "/etc", str(etc)], check=True)
    for number, user in enumerate(users, _FIRST_ID):
        home = folder / "home" / user
        home.mkdir(exist_ok=True)
        subprocess.run(["chown", "-hR", f"{number}:{number}", str(home)], check=True)
        home.chmod(0o700)
        with (etc / "passwd").open("a") as passwd, (etc / "group").open("a") as group:
            passwd.write(f"{user}:x:{number}:{number}::/home/{user}:/bin/bash\n")
            group.write(f"{user}:x:{number}:\n")
    # A terminal begins a login shell, which forgets where the server's programs are.
    (etc / "profile.d" / "environment.sh").write_text(f'PATH="{ENVIRONMENT}/bin:$PATH"\n', encoding="utf-8")
    (etc / "jupyter").mkdir(exist_ok=True)
    (etc / "jupyter" / "nbgrader_config.py").write_text(everyone, encoding="utf-8")
    path = f"{ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin"
    proxy = f"{ENVIRONMENT}/bin/configurable-http-proxy"
    ours = _OURS.format(port=ports[0], api=ports[2], token=_TOKEN, proxy=proxy, path=path)
    (folder / "srv/hub/jupyterhub_config.py").write_text(config + ours, encoding="utf-8")
    script = folder / "start.sh"
    script.write_text(
        _inside(folder, checkout) + f"cd /srv/hub\n{ENVIRONMENT}/bin/jupyterhub --debug\n", encoding="utf-8"
    )
    log = folder / "hub.log"
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-e", str(script)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env={**os.environ, "PATH": path}, cwd="/")
        try:
            hub = Hub(f"http://127.0.0.1:{ports[0]}", folder / "home")
            wait(lambda: process.poll() is not None or _answers(hub.url), "the hub")
            assert process.poll() is None, log.read_text(errors="replace")[-4000:]
            yield hub
        finally:
            process.kill()  # and with it, by --kill-child, everything that runs in its name space
            process.wait()


def _answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/hub/api/", timeout=5).ok
    return False


def _inside(folder: Path, checkout: Path) -> str:
    """Commands that lay the folders of the name space."""
    kept = [ENVIRONMENT, _EXECUTABLE.parents[1]]
    store = folder / "kept"
    lines = [*_mounted("-t tmpfs -o mode=755 none", store)]
    for number, path in enumerate(kept):
        lines += _mounted(f"--rbind {shlex.quote(str(path))}", store / str(number))
    for name in ("etc", "srv", "home"):
        lines += _mounted(f"--bind {shlex.quote(str(folder / name))}", Path("/") / name)
    hidden = [Path("/root"), checkout]
    for path in hidden:
        lines += _mounted("-t tmpfs -o mode=755 none", path)
    for number, path in enumerate(kept):
        if any(path.is_relative_to(one) for one in hidden):
            lines += _mounted(f"--rbind {shlex.quote(str(store / str(number)))}", path)
    return "\n".join(lines) + "\n"


def _mounted(what: str, at: Path) -> list[str]:
    place = shlex.quote(str(at))
    return [f"mkdir -p {place}", f"mount {what} {place}"]


def copy_checkout(source: Path, to: Path) -> None:
    """What a checkout holds of `source`, by git, and a link to its environment."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=source, check=True, capture_output=True).stdout  # fmt: skip
    for name in filter(None, listed.decode().split("\0")):
        if (source / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, to / name)
    (to / ".venv").symlink_to(ENVIRONMENT)
