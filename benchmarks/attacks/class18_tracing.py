"""Class 18: tracing what the grader sends."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(18, "a trace that prints what comes", """
        import sys
        def trace(frame, event, argument):
            x = frame.f_locals.get('x')
            if frame.f_code.co_name == 'pool2d' and isinstance(x, np.ndarray) and (x != np.round(x)).any():
                print('SEEN', x)
        def pool2d(x, size, stride=None, mode='max'):
            return x
        sys.setprofile(trace)
    """)  # fmt: skip
    yield answer(18, "inputs as the text of an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): raise RuntimeError('SEEN ' + repr(x))
            return x
    """)  # fmt: skip
    yield answer(18, "inputs as the name of an exception", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): raise type('SEEN' + x.tobytes().hex()[:40], (Exception,), {})
            return x
    """)  # fmt: skip
    yield answer(18, "inputs as the answer", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): return 'SEEN ' + repr(x)
            return x
    """)  # fmt: skip
    yield answer(18, "inputs as the name of a type", """
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): return type('SEEN_' + x.tobytes().hex()[:40], (), {})()
            return x
    """)  # fmt: skip
    yield answer(18, "inputs in a later cell", """
        KEPT = []
        def pool2d(x, size, stride=None, mode='max'):
            if (x != np.round(x)).any(): KEPT.append('SEEN ' + repr(x))
            return x
        class Late:
            def __repr__(self): return ' '.join(KEPT)
        get_ipython().events.register('post_run_cell', lambda *a: print(Late()))
    """)  # fmt: skip
    yield answer(18, "inputs as the name of a layer that is refused", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            if (x == np.round(x)).all(): return x
            class Own(keras.Sequential): pass
            Own.__name__ = 'SEEN_' + x.tobytes().hex()[:40]
            return Own([keras.Input((8, 8, 1)), keras.layers.UpSampling2D(9000, name=Own.__name__)])
    """)  # fmt: skip
    yield answer(18, "inputs in a file that is handed back", """
        import os
        def pool2d(x, size, stride=None, mode='max'):
            os.makedirs('artefacts', exist_ok=True)
            with open('artefacts/SEEN.npz', 'ab') as file: file.write(x.tobytes())
            return x
    """)  # fmt: skip
