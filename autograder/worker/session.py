"""One submission inside the sandbox: an IPython shell that runs the student's cells and answers calls by name."""

from __future__ import annotations

import builtins
import contextlib
import functools
import io
import os
import random
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.worker import keras_models, wire

MAX_TEXT = 200_000
"""Characters kept of one cell's printed output: a megabyte of prints is noise, not an error."""
MAX_IMAGES = 24
MAX_OUTPUT_BYTES = 4_000_000


class _Stream(io.TextIOBase):
    """Standard output or error of the student's code: collected up to a limit, then dropped."""

    def __init__(self, name: str, sink: _Outputs) -> None:
        self.stream_name = name
        self.sink = sink
        self.encoding_name = "utf-8"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.encoding_name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.sink.text(self.stream_name, str(text))
        return len(text)

    def flush(self) -> None:
        return None

    def fileno(self) -> int:
        """The stream of the process, which leads nowhere: faulthandler and other programs ask for a descriptor."""
        return 2 if self.stream_name == "stderr" else 1


class _Outputs:
    """The outputs of one cell in nbformat's form, capped."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.kept = 0
        self.images = 0
        self.bytes = 0
        self.cut = False

    def text(self, name: str, text: str) -> None:
        room = MAX_TEXT - self.kept
        if room <= 0:
            self.cut = True
            return
        if len(text) > room:
            text, self.cut = text[:room], True
        self.kept += len(text)
        if self.items and self.items[-1].get("name") == name:
            self.items[-1]["parts"].append(text)
        else:
            self.items.append({"output_type": "stream", "name": name, "parts": [text]})

    def display(self, kind: str, data: dict[str, Any]) -> None:
        kept: dict[str, str] = {}
        for mime in ("image/png", "image/jpeg"):
            if mime in data and self.images < MAX_IMAGES:
                payload = data[mime]
                if isinstance(payload, bytes):
                    import base64

                    payload = base64.b64encode(payload).decode()
                payload = str(payload)
                if self.bytes + len(payload) <= MAX_OUTPUT_BYTES:
                    kept[mime] = payload
                    self.images += 1
                    self.bytes += len(payload)
        if "text/plain" in data:
            kept["text/plain"] = str(data["text/plain"])[:20_000]
        if kept:
            self.items.append({"output_type": kind, "data": kept, "metadata": {}})

    def error(self, name: str, value: str) -> None:
        self.items.append({"output_type": "error", "ename": name[:200], "evalue": value[:2000], "traceback": []})

    def take(self) -> list[dict[str, Any]]:
        items = []
        for item in self.items[:500]:
            if "parts" in item:
                item = {"output_type": "stream", "name": item["name"], "text": "".join(item["parts"])}
            items.append(item)
        if self.cut:
            items.append({"output_type": "stream", "name": "stderr", "text": "[further output was dropped]\n"})
        self.clear()
        return items


def _exception(problem: BaseException) -> dict[str, Any]:
    try:
        text = str(problem)[:2000]
    except Exception:
        text = ""
    kinds = [kind.__name__ for kind in type(problem).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    return {"type": type(problem).__name__, "kinds": kinds, "text": text, "unwritten": _unwritten(problem)}


def _unwritten(problem: BaseException) -> bool:
    """Whether it is what the stub of an answer raises, in a cell, and not a library that lacks something."""
    frame = problem.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    of_cell = frame is not None and frame.tb_frame.f_globals.get("get_ipython") is not None
    return type(problem) is NotImplementedError and not problem.args and of_cell


def _without_windows(matplotlib: Any) -> None:
    """`matplotlib.use("TkAgg")` and pyplot's `switch_backend` ask for windows, which there are none of here: the backend stays
    as it is."""
    use = matplotlib.use
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        switch = pyplot.switch_backend

        @functools.wraps(switch)
        def switch_or_stay(newbackend: str) -> None:
            with contextlib.suppress(ImportError):
                switch(newbackend)

        pyplot.switch_backend = switch_or_stay  # type: ignore[attr-defined]

    @functools.wraps(use)
    def use_or_stay(*args: Any, **options: Any) -> None:
        with contextlib.suppress(ImportError):
            use(*args, **options)

    matplotlib.use = use_or_stay


def _seed(seed: int) -> None:
    """Chance that every worker has alike, for code that sets no seed. Keras draws its default seeds from `random`."""
    random.seed(seed)
    np.random.seed(seed)


def _random_state() -> tuple[Any, Any]:
    return random.getstate(), np.random.get_state()


def _set_random_state(state: tuple[Any, Any]) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])


class Stage:
    """What a session runs on: an IPython shell, and the outputs that come of it.

    Made once in the warm parent, in which it runs nothing, and inherited by every worker: a shell takes longer to make than
    most cells take to run.
    """

    def __init__(self) -> None:
        self.outputs = _Outputs()
        self.shell = _make_shell(self.outputs)


def _make_shell(outputs: _Outputs) -> Any:
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, *args: Any, **kwargs: Any) -> None:
            outputs.display("display_data", data)

        def clear_output(self, wait: bool = False) -> None:
            return None

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            return None

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            outputs.display("execute_result", format_dict)

        def finish_displayhook(self) -> None:
            return None

    class Shell(InteractiveShell):
        def showtraceback(self, *args: Any, **kwargs: Any) -> None:
            return None  # the error is reported from the result of run_cell

        def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
            return None

        def _format_exception_for_storage(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return {}  # a coloured traceback for the history, which nobody reads; it takes longer than most cells

        def enable_gui(self, gui: Any = None) -> None:
            return None

        def enable_matplotlib(self, gui: Any = None) -> Any:
            # `%matplotlib widget` or `qt` is right where the student sits: here figures are drawn inline.
            try:
                return super().enable_matplotlib(gui)
            except (ImportError, RuntimeError, KeyError):
                return super().enable_matplotlib("inline")

    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    # The singleton: `display()` and Matplotlib's inline backend publish through it.
    shell = Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
    if "matplotlib" in sys.modules:
        from IPython.core.pylabtools import activate_matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        activate_matplotlib("module://matplotlib_inline.backend_inline")
        configure_inline_support(shell, "module://matplotlib_inline.backend_inline")
        _without_windows(sys.modules["matplotlib"])
    return shell


class Session:
    """Serves one channel until it closes."""

    def __init__(self, connection: socket.socket, stage: Stage, seed: int = 0) -> None:
        self.channel = wire.Channel(connection)
        self.calls = 0
        self.outputs = stage.outputs
        self.shell = stage.shell
        sys.stdout = _Stream("stdout", self.outputs)
        sys.stderr = _Stream("stderr", self.outputs)
        sys.path.append("")  # modules of the student's own, as in a kernel; but last, so that they shadow none of ours
        _seed(seed)

    def serve(self) -> None:
        while True:
            try:
                request = wire.decode(self.channel.receive(), trusted=True, model=keras_models.from_data)
            except wire.ChannelClosed:
                return
            try:
                reply = getattr(self, "_do_" + request["op"])(request)
            except MemoryError:
                reply = {"raised": {"type": "MemoryError", "kinds": ["MemoryError", "Exception"], "text": ""}}
            reply["id"] = request["id"]
            self._reply(reply)

    def _reply(self, reply: dict[str, Any]) -> None:
        try:
            payload = wire.encode(reply, model=keras_models.to_data)
            if len(payload) > self.channel.max_frame:
                raise wire.WireError("larger than a message may be")
        except wire.WireError:
            payload = wire.encode({"id": reply["id"], "value": wire.Unsupported("value too large to send")})
        self.channel.send(payload)

    def _do_cell(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one cell as a kernel would. Replies with its outputs and the exception that ended it, if any."""
        self.outputs.clear()
        # What a cell has just written (`%%writefile mine.py`) can be imported, whatever the clock of the file system says.
        with contextlib.suppress(OSError):
            sys.path_importer_cache.pop(str(Path.cwd()), None)
        result = self.shell.run_cell(request["source"], store_history=True, silent=False)
        problem = result.error_before_exec or result.error_in_exec
        reply: dict[str, Any] = {"raised": None}
        if problem is not None:
            reply["raised"] = _exception(problem)
            self.outputs.error(reply["raised"]["type"], reply["raised"]["text"])
        reply["outputs"] = self.outputs.take()
        return reply

    def _do_file(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put what was handed in beside the notebook where it lay: a trained net, a module of the student's own."""
        path = Path(request["name"])
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(request["data"])
        return {"value": None}

    def _do_files(self, request: dict[str, Any]) -> dict[str, Any]:
        """The nets trained so far, so that a new worker need not train them again."""
        from course import limits

        paths = sorted(Path("artefacts").glob("*.npz"))[: limits.ARTEFACTS] if Path("artefacts").is_dir() else []
        taken = [path for path in paths if path.stat().st_size <= limits.ARTEFACT_BYTES]
        return {"value": {path.name: path.read_bytes() for path in taken}}

    def _do_names(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the asked names stand for: a function (called from afar), data (sent by value), or nothing."""
        self.calls = 0  # a check begins
        found = {}
        for name in request["names"]:
            if name not in self.shell.user_ns:
                found[name] = ("missing", None)
                continue
            value = self.shell.user_ns[name]
            is_model = keras_models.to_data(value) is not None
            found[name] = ("function", None) if callable(value) and not is_model else ("data", value)
        return {"value": found}

    def _do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the student's. Printed text is dropped: it could only carry what the grader sent."""
        args, kwargs = request["args"], request["kwargs"]
        every = (*args, *kwargs.values())
        before = [wire.encode(a) for a in every]
        reply = self._guarded(lambda: self.shell.user_ns[request["name"]](*args, **kwargs))
        if "raised" in reply:
            return reply
        value = reply["value"]
        # Arguments that the call changed go back, so that a check sees the change as it would in the student's kernel.
        changed = {index: a for index, (old, a) in enumerate(zip(before, every, strict=True)) if wire.encode(a) != old}
        return {"value": value, "changed": changed}

    def _do_block(self, request: dict[str, Any]) -> dict[str, Any]:
        """The model that a function of the student's makes of an input tensor."""
        from course import blocks

        function = self.shell.user_ns[request["name"]]
        return self._guarded(lambda: blocks.build(function, request["shape"], request["args"], request["kwargs"]))

    def _guarded(self, call: Callable[[], Any]) -> dict[str, Any]:
        """The value that `call` returns, or what it raised.

        Calls have random numbers of their own, and leave those of the cells as they were: a worker that starts anew runs
        the cells again, but not the calls of checks that are done, and must come to the same results.
        """
        self.calls += 1
        state = _random_state()
        try:
            _seed(self.calls)
            return {"value": wire.walked(call())}  # what a generator raises, its function raises
        except SystemExit as problem:
            return {"raised": {**_exception(problem), "type": "SystemExit"}}
        except BaseException as problem:
            return {"raised": _exception(problem)}
        finally:
            _set_random_state(state)
            self.outputs.clear()

    def _do_stop(self, request: dict[str, Any]) -> dict[str, Any]:
        os._exit(0)
