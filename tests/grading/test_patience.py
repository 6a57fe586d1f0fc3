"""A time limit is meant for an idle machine: on a busy one a worker that computes is given its time in full."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from autograder.grading import remote
from autograder.grading.remote import CallAborted, Worker
from autograder.worker import wire


def asked(monkeypatch: pytest.MonkeyPatch, share: float | None, answers_after: float, limit: float = 0.4) -> str:
    """What becomes of a request with `limit` seconds to a worker that has `share` of a core."""
    monkeypatch.setattr(remote, "_LOOK_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    began = time.monotonic()
    there = wire.Channel(theirs)

    def work() -> None:
        there.receive()
        time.sleep(answers_after)
        with contextlib.suppress(wire.ChannelClosed):
            there.send(wire.encode({"id": 1, "value": 7}))

    threading.Thread(target=work, daemon=True).start()
    worker = Worker(wire.Channel(ours), lambda: None if share is None else share * (time.monotonic() - began))
    try:
        return str(worker.ask(limit, op="call", name="f")["value"])
    except CallAborted as problem:
        return problem.verdict
    finally:
        ours.close()


@pytest.mark.parametrize(
    ("share", "answers_after", "outcome"),
    [
        (0.3, 0.1, "7"),
        (0.3, 1.0, "7"),
        (0.05, 1.0, "7"),  # among twenty
        (0.3, 3.0, "timeout"),  # 0.4 s of a whole core, at a third of one
        (1.0, 1.2, "timeout"),
        (0.0, 1.2, "timeout"),
        (None, 1.2, "timeout"),
    ],
)
def test_who_computes_on_a_busy_machine_gets_more_time(
    monkeypatch: pytest.MonkeyPatch, share: float | None, answers_after: float, outcome: str
) -> None:
    assert asked(monkeypatch, share, answers_after) == outcome


def test_a_closed_channel_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(CallAborted) as caught:
        Worker(wire.Channel(ours)).ask(5, op="names")
    assert caught.value.lost


@pytest.mark.sandbox
def test_the_parent_knows_what_its_worker_has_used() -> None:
    from autograder.isolation.parent import WarmParent

    with WarmParent("bwrap") as parent:
        worker = Worker(parent.spawn(), parent.cpu_seconds)
        before = parent.cpu_seconds()
        busy = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
        assert worker.ask(30, op="cell", source=busy)["raised"] is None
        after = parent.cpu_seconds()
        assert before is not None and after is not None and 0.3 < after - before < 3
        parent.clean()
    assert parent.cpu_seconds() is None
