"""Downloads, against a server on this machine that can break off, lie and refuse."""

import hashlib
import io
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from course import datasets
from course.datasets import download as download_module
from course.datasets.download import cache_folder, fetch
from course.datasets.registry import Download, entries

CONTENT = np.random.default_rng(0).bytes(700_000)
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `content` at any path; `log` holds the Range header of each request."""

    daemon_threads = True

    def __init__(self, content=CONTENT):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.ranges = True  # whether Range is honoured
        self.stop_after: list[int] = []  # for each request in turn: how many bytes to send before breaking off
        self.status = 200
        self.log: list[str | None] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/file.bin"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        asked = self.headers.get("Range")
        server.log.append(asked)
        if server.status != 200:
            self.send_error(server.status)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.stop_after.pop(0)] if server.stop_after else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(content=CONTENT):
        server = Server(content)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch, tmp_path):
    for name in (
        "COURSE_DATA",
        "COURSE_WORKER",
        "COURSE_OFFLINE",
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(download_module, "TIMEOUT", 5)


def wanted(*servers, content=CONTENT):
    urls = tuple(server if isinstance(server, str) else server.url for server in servers)
    return Download("file.bin", len(content), hashlib.sha256(content).hexdigest(), urls)


def refused(*servers, folder):
    """Fetch, expect an error of one sentence and nothing under the final name; return the sentence."""
    with pytest.raises(datasets.DatasetError) as caught:
        fetch(wanted(*servers), folder)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text
    assert not (folder / "file.bin").exists()
    return text


CLOSED = "http://127.0.0.1:1/file.bin"  # nothing listens on port 1


def test_a_download_is_kept_and_not_repeated(serve, tmp_path, capsys):
    server = serve()
    path = fetch(wanted(server), tmp_path / "new" / "cache")
    assert path.read_bytes() == CONTENT
    assert "file.bin" in capsys.readouterr().err  # the progress bar
    fetch(wanted(server), path.parent)
    assert server.log == [None]
    assert not path.with_name("file.bin.part").exists()


def test_it_goes_on_where_it_broke_off(serve, tmp_path):
    server = serve()
    server.stop_after = [300_000, 100_000]
    assert fetch(wanted(server), tmp_path).read_bytes() == CONTENT
    assert server.log == [None, "bytes=300000-", "bytes=400000-"]


def test_a_later_call_resumes(serve, tmp_path):
    server = serve()
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:123_456])
    assert fetch(wanted(server), tmp_path).read_bytes() == CONTENT
    assert server.log == ["bytes=123456-"]


def test_a_complete_part_needs_no_network(tmp_path):
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetch(wanted(CLOSED), tmp_path).read_bytes() == CONTENT


def test_a_server_without_range_sends_all_again(serve, tmp_path):
    server = serve()
    server.ranges = False
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:123_456])
    assert fetch(wanted(server), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [1000, len(CONTENT), len(CONTENT) + 5])
def test_a_spoilt_part_is_thrown_away(serve, tmp_path, size):
    server = serve()
    (tmp_path / "file.bin.part").write_bytes(bytes(size))
    assert fetch(wanted(server), tmp_path).read_bytes() == CONTENT


def test_a_spoilt_file_is_replaced(serve, tmp_path):
    (tmp_path / "file.bin").write_bytes(bytes(len(CONTENT)))
    assert fetch(wanted(serve()), tmp_path).read_bytes() == CONTENT


def test_the_next_mirror_finishes_what_the_first_began(serve, tmp_path):
    first, second = serve(), serve()
    first.stop_after = [200_000, 0, 0]
    assert fetch(wanted(first, second), tmp_path).read_bytes() == CONTENT
    assert second.log == ["bytes=200000-"]


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_the_next_mirror_is_asked_when_one_refuses(serve, tmp_path, status):
    first, second = serve(), serve()
    first.status = status
    assert fetch(wanted(first, second), tmp_path).read_bytes() == CONTENT
    assert str(status) in refused(first, folder=tmp_path / "other")


def test_wrong_hash(serve, tmp_path):
    server = serve(bytes(len(CONTENT)))
    assert "wrong SHA-256" in refused(server, folder=tmp_path)
    assert not (tmp_path / "file.bin.part").exists()
    good = serve()
    assert fetch(wanted(server, good), tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_too_long(serve, tmp_path):
    assert "more than the 700,000 bytes" in refused(serve(CONTENT + b"x" * 10), folder=tmp_path)


def test_truncated(serve, tmp_path):
    server = serve()
    server.stop_after = [5000, 0, 0, 0]
    assert "broke off after 5,000 of 700,000 bytes" in refused(server, folder=tmp_path)
    assert (tmp_path / "file.bin.part").read_bytes() == CONTENT[:5000]


def test_a_server_that_has_less_than_the_file(serve, tmp_path):
    assert "broke off after 1,000 of" in refused(serve(CONTENT[:1000]), folder=tmp_path)


def test_no_network(tmp_path):
    text = refused(CLOSED, CLOSED, folder=tmp_path)
    assert "cannot be reached" in text and text.count("cannot be reached") == 1


def test_cache_that_is_a_file(serve, tmp_path):
    (tmp_path / "cache").write_text("in the way")
    assert "set COURSE_CACHE" in refused(serve(), folder=tmp_path / "cache" / "deeper")


def test_read_only_cache(serve, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o555)
    if os.access(cache, os.W_OK):
        pytest.skip("this user may write read-only folders")
    assert "cannot be written" in refused(serve(), folder=cache)


def test_disk_that_refuses(serve, tmp_path, monkeypatch):
    """The same sentence without a folder's permissions, which do not bind root."""

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(download_module.os, "fsync", refuse)
    text = refused(serve(), folder=tmp_path)
    assert "cannot be written (Read-only file system)" in text and "COURSE_CACHE" in text


def test_an_interrupt_leaves_a_part_and_no_file(serve, tmp_path, monkeypatch):
    server = serve()
    server.stop_after = [300_000]

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(download_module, "_check", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(wanted(server), tmp_path)
    assert not (tmp_path / "file.bin").exists()
    monkeypatch.undo()
    assert fetch(wanted(server), tmp_path).read_bytes() == CONTENT


def test_two_at_once_download_once(serve, tmp_path):
    server = serve()
    threads = [threading.Thread(target=fetch, args=(wanted(server), tmp_path)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    if os.name == "posix":
        assert server.log == [None]


def test_cache_folder(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("COURSE_CACHE")
    assert "convnet-course" in str(cache_folder())


def small_mnist(monkeypatch, *urls):
    """Let the registry pin a small MNIST file; return its bytes."""
    from msgspec.structs import replace

    y = np.arange(100) % 10
    x = np.zeros((100, 28, 28), np.uint8)
    x[:, 0, 0] = np.arange(100)
    file = io.BytesIO()
    np.savez(file, x_train=x, y_train=y, x_test=x + 100, y_test=y)
    content = file.getvalue()
    known = dict(entries())
    pinned = Download("mnist.npz", len(content), hashlib.sha256(content).hexdigest(), urls)
    counts = {"train": (10,) * 10, "test": (10,) * 10}
    known["mnist"] = replace(known["mnist"], download=pinned, counts=counts, validation=20)
    monkeypatch.setattr("course.datasets.loading.entries", lambda: known)
    return content


def test_load_downloads_and_then_uses_the_cache(serve, monkeypatch):
    server = serve()
    server.content = small_mnist(monkeypatch, CLOSED, server.url)
    for _ in range(2):
        data = datasets.load("mnist", "full")
        assert data.real and data.source == "download, mnist.npz" and len(data.train) == 80
        assert data.sha256 == hashlib.sha256(server.content).hexdigest()
    assert len(server.log) == 1


def test_load_without_network_gives_the_embedded_set_and_says_why(monkeypatch):
    small_mnist(monkeypatch, CLOSED)
    with pytest.warns(datasets.EmbeddedDataWarning, match="127.0.0.1 cannot be reached") as seen:
        data = datasets.load("mnist", "full")
    assert not data.real and "NOT mnist" in str(seen[0].message)
