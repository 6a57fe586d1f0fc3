"""Frames over a stream socket: an 8-byte little-endian length and that many bytes, with a deadline for each."""

from __future__ import annotations

import select
import socket
import struct
import time

MAX_FRAME = 256 * 2**20
_HEADER = struct.Struct("<Q")


class WireError(Exception):
    """A message that is malformed, too large or too deep."""


class ChannelClosed(WireError):
    """The other end is gone."""


class ChannelTimeout(WireError):
    """No complete message came in time."""


class Channel:
    """Whole messages over a stream socket, with a deadline for each."""

    def __init__(self, connection: socket.socket, max_frame: int = MAX_FRAME) -> None:
        self.connection = connection
        self.max_frame = max_frame

    def send(self, payload: bytes, seconds: float | None = None) -> None:
        """Send one frame. Raises ChannelClosed, ChannelTimeout."""
        self.connection.settimeout(seconds)
        try:
            self.connection.sendall(_HEADER.pack(len(payload)) + payload)
        except TimeoutError as problem:
            raise ChannelTimeout("the message could not be delivered in time") from problem
        except OSError as problem:
            raise ChannelClosed("the channel is closed") from problem

    def ready(self, seconds: float) -> bool:
        """Wait up to `seconds` for something to arrive, or the other end to close."""
        try:
            return bool(select.select([self.connection], [], [], max(0.0, seconds))[0])
        except (OSError, ValueError):
            return True  # closed: `receive` says so

    def receive(self, seconds: float | None = None) -> bytes:
        """The next frame. Raises ChannelClosed, ChannelTimeout, or WireError where the frame is larger than allowed."""
        deadline = None if seconds is None else time.monotonic() + seconds
        (length,) = _HEADER.unpack(self._exactly(_HEADER.size, deadline))
        if length > self.max_frame:
            raise WireError(f"a message larger than the {self.max_frame:,} bytes allowed")
        return self._exactly(length, deadline)

    def _exactly(self, count: int, deadline: float | None) -> bytes:
        chunks, missing = [], count
        while missing:
            if deadline is not None:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise ChannelTimeout("no answer in time")
                self.connection.settimeout(remaining)
            else:
                self.connection.settimeout(None)
            try:
                chunk = self.connection.recv(min(missing, 2**20))
            except TimeoutError as problem:
                raise ChannelTimeout("no answer in time") from problem
            except OSError as problem:
                raise ChannelClosed("the channel is closed") from problem
            if not chunk:
                raise ChannelClosed("the channel is closed")
            chunks.append(chunk)
            missing -= len(chunk)
        return b"".join(chunks)

    def close(self) -> None:
        self.connection.close()
