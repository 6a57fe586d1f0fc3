"""Class 32: poisoned global state."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(32, "error states, float type, working directory", """
        import os, warnings, numpy as np
        os.chdir('/')
        np.seterr(all='raise'); np.set_printoptions(threshold=1)
        warnings.simplefilter('error')
        import keras; keras.backend.set_floatx('float16')
        os.environ['KERAS_BACKEND'] = 'torch'
    """, low=0)  # fmt: skip
    yield top(32, "clocks and random numbers", """
        import time, random, datetime
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        time.sleep = lambda s: None
        random.random = lambda: 0.0
        import numpy as np
        np.random.default_rng = lambda *a: None
    """, low=0)  # fmt: skip
    yield top(32, "limits, masks, locale, handlers", """
        import locale, os, resource, signal, sys, threading, time
        os.umask(0o777)
        os.environ['TZ'] = 'Mars/Phobos'; time.tzset()
        os.environ.clear()
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        for number in (2, 10, 12, 13, 14, 15): signal.signal(number, signal.SIG_IGN)
        threading.stack_size(32768); sys.setswitchinterval(100)
        sys.stdout = sys.stderr = sys.__stdout__ = None
    """, low=0)  # fmt: skip
    yield top(32, "policies of Keras", """
        import keras
        keras.config.set_dtype_policy('bfloat16'); keras.config.enable_unsafe_deserialization()
        keras.config.set_image_data_format('channels_first'); keras.utils.set_random_seed(1)
    """, low=0)  # fmt: skip
    yield top(32, "recursion limit and garbage", "import sys, gc\ngc.disable()\nsys.setrecursionlimit(60)", low=0)
