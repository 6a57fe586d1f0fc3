"""Keras without TensorFlow's start-up messages, and without its warning of many small nets.

The first are written to the file descriptor of stderr whatever the log level, say nothing about anybody's code, and nbgrader
counts a check that writes to stderr as failed. So the first import of Keras or TensorFlow after `import course` drops
the messages it knows, and passes on everything else. The second ("triggered tf.function retracing") comes whenever a
notebook builds its fifth net, which is what notebooks are for.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from course import needs

NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|"
    rb"[IW]\d{4} \d\d:\d\d:|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] |"
    rb"To enable the following instructions:|"
    rb".*Unable to register cu\w+ factory"
)
MODULES = ("keras", "tensorflow")
LAZY = ("keras.wrappers", "keras._tf_keras.keras.wrappers")
"""Keras's bridge to scikit-learn, which imports it and half of SciPy, a fifth of the time that Keras takes. It is loaded
when it is first used."""


@contextlib.contextmanager
def without_noise() -> Iterator[None]:
    """Inside, lines of TensorFlow's start-up noise on file descriptor 2 are dropped; the others come out at the end."""
    try:
        stderr = os.dup(2)
    except OSError:  # no stderr at all, so no noise
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            if kept := b"".join(line for line in caught if line.strip() and not NOISE.match(line)):
                os.write(2, kept)


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """Inside, Python does not look for garbage, and afterwards not among what is there by then: what an import makes stays.
    To look through Keras and TensorFlow takes half a second while they load, and as much again every few nets.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.freeze()
            gc.enable()


class QuietFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of MODULES as usual, and lets them load without their noise; those of LAZY load when they are used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in MODULES + LAZY:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None and fullname == "keras":
            raise ModuleNotFoundError(needs.absent("keras"), name="keras")
        if spec is not None and spec.loader is not None:
            if fullname in LAZY:
                spec.loader = importlib.util.LazyLoader(spec.loader)
                return spec
            loader: Any = spec.loader
            load = loader.exec_module

            def quietly(module: ModuleType) -> None:
                del loader.exec_module  # the module keeps its ordinary loader
                try:
                    with without_noise(), _without_collections():
                        load(module)
                except ModuleNotFoundError as problem:
                    if fullname == "keras" and problem.name in needs.BACKENDS:
                        raise ModuleNotFoundError(needs.absent(str(problem.name)), name=problem.name) from None
                    raise
                if fullname == "keras" and "torch" in sys.modules:
                    from course import backends

                    backends.alike()

            loader.exec_module = quietly
        return spec


def _no_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(record.msg)


def install() -> None:
    """Take effect for the imports to come; a second call changes nothing."""
    logging.getLogger("tensorflow").addFilter(_no_retracing)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only, once it is running
    if not any(isinstance(finder, QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, QuietFinder())
    if {"keras", "torch"} <= sys.modules.keys():
        from course import backends

        backends.alike()
