"""Downloads that resume, and that put nothing under its final name before its hash is right."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from course.datasets.errors import DatasetError
from course.datasets.registry import Download

ATTEMPTS = 3  # connections to one mirror; each goes on where the last one broke off
TIMEOUT = 20  # seconds without a byte
BLOCK = 1 << 18


class _WrongBytesError(DatasetError):
    """The file is complete and is not the pinned one."""


def cache_folder() -> Path:
    """Return the folder for downloads: the one in COURSE_CACHE, else the user's cache folder of this platform."""
    named = os.environ.get("COURSE_CACHE")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("convnet-course", appauthor=False))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal.

    Raises:
        DatasetError: when the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"The file {path} cannot be read ({error.strerror}).") from error


def fetch(download: Download, folder: Path) -> Path:
    """Return the path of a file in `folder` that has the pinned hash; download it when it is not there.

    A download goes to `<name>.part`, which a later call resumes. Only a complete file with the right hash gets its name.

    Raises:
        DatasetError: one sentence that names the file and the reason: no network, a wrong hash, a truncated answer, a
            folder that cannot be written.
    """
    target = folder / download.file
    if _is_right(target, download):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder / f"{download.file}.lock"):
            if _is_right(target, download):  # another process was faster
                return target
            _fetch_from_any(download, folder / f"{download.file}.part")
            (folder / f"{download.file}.part").replace(target)
            _sync_folder(folder)
    except OSError as error:
        raise DatasetError(
            f"{download.file} cannot be kept, because the cache folder {folder} cannot be written "
            f"({error.strerror or error}); set COURSE_CACHE to a folder of yours with room for it."
        ) from error
    return target


def _is_right(path: Path, download: Download) -> bool:
    """Tell whether a file is there and has the pinned hash."""
    return path.is_file() and path.stat().st_size == download.bytes and sha256_of(path) == download.sha256


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process at a time write the partial file; where the platform has no flock, do without."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file releases the lock; the empty file stays, for who deletes it cuts others off from it


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where a folder can be synchronised."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _fetch_from_any(download: Download, part: Path) -> None:
    """Try the mirrors in order until the partial file is whole and right."""
    reasons: list[str] = []
    for url in download.urls:
        try:
            _fetch_from(url, download, part)
            return
        except DatasetError as error:
            if str(error) not in reasons:
                reasons.append(str(error))
    raise DatasetError(f"{download.file} could not be downloaded: {'; '.join(reasons)}.")


def _fetch_from(url: str, download: Download, part: Path) -> None:
    """Complete the partial file from one mirror and check it.

    Raises:
        DatasetError: a clause that names the host and what went wrong.
    """
    host = urlsplit(url).hostname
    reason = DatasetError(f"{host} sent nothing")
    for _ in range(ATTEMPTS):
        before = part.stat().st_size if part.exists() else 0
        try:
            if before < download.bytes:
                _read_on(url, download, part, before)
            _check(download, part, host)
            return
        except _WrongBytesError as error:
            part.unlink(missing_ok=True)
            reason = error
            if before == 0:  # all of it came from this mirror, so asking again would give the same
                break
        except DatasetError as error:
            reason = error
            if not part.exists() or part.stat().st_size <= before:  # no progress: the next mirror may do better
                break
    raise reason


def _read_on(url: str, download: Download, part: Path, before: int) -> None:
    """Append what is missing to the partial file, with a progress bar; `before` bytes are there."""
    from tqdm.auto import tqdm

    host = urlsplit(url).hostname
    headers = {"User-Agent": "convnet-course", "Accept-Encoding": "identity"}
    if before:
        headers["Range"] = f"bytes={before}-"
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        raise DatasetError(f"{host} answered {error.code} {error.reason}") from error
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        raise DatasetError(f"{host} cannot be reached ({why})") from error
    with answer:
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {before}-")
        if before and answer.status == 206 and not resumed:
            raise DatasetError(f"{host} answered with another part of the file than was asked for")
        have = before if resumed else 0  # a server without Range sends the whole again
        with (
            part.open("ab" if resumed else "wb") as file,
            tqdm(total=download.bytes, initial=have, unit="B", unit_scale=True, desc=download.file) as bar,
        ):
            try:
                while have <= download.bytes:
                    try:
                        block = answer.read(BLOCK)
                    except (OSError, http.client.HTTPException) as error:
                        raise DatasetError(
                            f"{host} broke off after {have:,} of {download.bytes:,} bytes ({error or 'no reason given'})"
                        ) from error
                    if not block:
                        break
                    file.write(block)
                    have += len(block)
                    bar.update(len(block))
            finally:
                file.flush()
                os.fsync(file.fileno())


def _check(download: Download, part: Path, host: str | None) -> None:
    """Check that the partial file is whole and has the pinned hash."""
    size = part.stat().st_size
    if size < download.bytes:
        raise DatasetError(f"{host} broke off after {size:,} of {download.bytes:,} bytes")
    if size > download.bytes:
        raise _WrongBytesError(f"{host} sent more than the {download.bytes:,} bytes that the file has")
    if sha256_of(part) != download.sha256:
        raise _WrongBytesError(f"{host} sent a file with the wrong SHA-256, which was thrown away")
