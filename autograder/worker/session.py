"""One submission inside the sandbox: an IPython shell that runs the student's cells and answers calls by name."""

from __future__ import annotations

import builtins
import contextlib
import functools
import os
import random
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.worker import keras_models, objects, wire
from autograder.worker.outputs import Outputs, Stream

MAX_DOC = 10_000
"""Characters kept of a docstring."""


def _exception(problem: BaseException) -> dict[str, Any]:
    try:
        text = str(problem)[:2000]
    except Exception:
        text = ""
    kinds = [kind.__name__ for kind in type(problem).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    names = {"type": type(problem).__name__, "kinds": kinds, "classes": _ancestors(type(problem))}
    return {**names, "text": text, "unwritten": _unwritten(problem)}


def _ancestors(kind: type) -> list[str]:
    """Names of a class and of those that it is derived from."""
    return [str(one.__name__)[:60] for one in kind.__mro__[:20]]


def _doc(value: Any) -> str | None:
    """The docstring of a function or class, where it has one."""
    text = getattr(value, "__doc__", None)
    return str(text)[:MAX_DOC] if isinstance(text, str) else None


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
        self.outputs = Outputs()
        self.shell = _make_shell(self.outputs)


def _make_shell(outputs: Outputs) -> Any:
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
        self.objects = objects.Objects()
        self.outputs = stage.outputs
        self.shell = stage.shell
        sys.stdout = Stream("stdout", self.outputs)
        sys.stderr = Stream("stderr", self.outputs)
        sys.path.append("")  # modules of the student's own, as in a kernel; but last, so that they shadow none of ours
        _seed(seed)

    def serve(self) -> None:
        while True:
            try:
                raw = self.channel.receive()
                request = wire.decode(raw, trusted=True, model=keras_models.from_data, objects=self.objects.held)
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
            payload = self._encoded(reply)
            if len(payload) > self.channel.max_frame:
                raise wire.WireError("larger than a message may be")
        except wire.WireError:
            payload = wire.encode({"id": reply["id"], "value": wire.Unsupported("value too large to send")})
        self.channel.send(payload)

    def _encoded(self, value: Any) -> bytes:
        described = self.objects.describe if self.objects.classes else None
        return wire.encode(value, model=keras_models.to_data, objects=described)

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
        """What the asked names stand for: a function or class (called from afar), data (sent by value), or nothing.

        Instances of the `classes` among them are objects to the check that begins, see `objects`.
        """
        self.calls = 0  # a check begins
        there = {name: self.shell.user_ns[name] for name in request["names"] if name in self.shell.user_ns}
        asked = {name: value for name, value in there.items() if name in request["classes"]}
        kinds = {name: value for name, value in asked.items() if isinstance(value, type)}
        self.objects.begin({name: kind for name, kind in kinds.items() if not issubclass(kind, BaseException)})
        found: dict[str, tuple[str, Any]] = dict.fromkeys(request["names"], ("missing", None))
        for name, value in there.items():
            if name in kinds:
                what = "class" if name in self.objects.classes else "exception"
                found[name] = (what, [_doc(value), _ancestors(value)])
            elif callable(value) and not keras_models.is_model(value) and self.objects.describe(value) is None:
                found[name] = ("function", [_doc(value), []])
            else:
                found[name] = ("data", value)
        return {"value": found}

    def _do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the student's, or a method of an object; what it printed comes along."""
        args, kwargs = request["args"], request["kwargs"]
        every = (*args, *kwargs.values())
        before = [self._encoded(a) for a in every]
        reply = self._guarded(lambda: self._of(request)(*args, **kwargs))
        if "raised" in reply:
            return reply
        # Arguments that the call changed go back, so that a check sees the change as it would in the student's kernel.
        changed = {
            index: a for index, (old, a) in enumerate(zip(before, every, strict=True)) if self._encoded(a) != old
        }
        return {**reply, "changed": changed}

    def _of(self, request: dict[str, Any]) -> Any:
        """What is asked for: an object or something the student's cells define, or an attribute of one."""
        whole = request["object"] if "object" in request else self.shell.user_ns[request["name"]]
        return getattr(whole, request["attribute"]) if "attribute" in request else whole

    def _do_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """An attribute of an object or class, by value; of a method, only that it is one."""
        reply = self._guarded(lambda: self._of(request))
        value = reply.get("value")
        is_data = not callable(value) or keras_models.to_data(value) is not None
        return reply if is_data or self.objects.describe(value) else {**reply, "value": None, "method": True}

    def _do_set(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._guarded(lambda: setattr(request["object"], request["attribute"], request["value"]))

    def _do_operate(self, request: dict[str, Any]) -> dict[str, Any]:
        """What an operator or built-in function makes of objects."""
        return self._guarded(lambda: objects.OPERATORS[request["operator"]](*request["args"]))

    def _do_plain(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._guarded(lambda: objects.plain(request["object"]))

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
        self.outputs.clear()
        try:
            _seed(self.calls)
            reply: dict[str, Any] = {"value": wire.walked(call())}  # what a generator raises, its function raises
        except SystemExit as problem:
            reply = {"raised": {**_exception(problem), "type": "SystemExit"}}
        except BaseException as problem:
            reply = {"raised": _exception(problem)}
        _set_random_state(state)
        if printed := self.outputs.printed():
            reply["printed"] = printed
        self.outputs.clear()
        return reply

    def _do_stop(self, request: dict[str, Any]) -> dict[str, Any]:
        os._exit(0)
