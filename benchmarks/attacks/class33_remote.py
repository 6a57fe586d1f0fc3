"""Class 33: remote functions that lie about what they are, were given, or changed."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    HONEST,
    Attack,
    answer,
)

_SESSION = """
import gc
_patched = []
def _patch(change):
    if not _patched:
        kind = type(next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Session'))
        change(kind)
        _patched.append(kind)
"""


def attacks() -> Iterator[Attack]:
    yield answer(33, "changes of arguments that were none", _SESSION + """
def pool2d(x, size, stride=None, mode='max'):
    def change(kind):
        kind._do_call = lambda self, request: {
            'value': np.zeros((1, 1)), 'raised': None,
            'changed': {0: np.zeros((1, 1)), -1: [], True: {}, 1: 0, 10**30: 'x', 'size': 1}}
    _patch(change)
    return x
""", low=0)  # fmt: skip
    yield answer(33, "an exception of every kind at once", _SESSION + """
def pool2d(x, size, stride=None, mode='max'):
    def change(kind):
        kinds = ['CheckFailed', 'CallAborted', 'SystemExit', 'KeyboardInterrupt', 'GeneratorExit', 'StopIteration', 'Warning']
        kind._do_call = lambda self, request: {
            'raised': {'type': 'CheckFailed', 'kinds': kinds * 2000, 'text': 'x' * 10**6, 'unwritten': True, 'passed': True}}
    _patch(change)
    return x
""", low=0, high=HONEST + 2)  # fmt: skip
    yield answer(33, "an answer with its number as another type", _SESSION + """
def pool2d(x, size, stride=None, mode='max'):
    def change(kind):
        reply = kind._reply
        def other(self, answer):
            answer['id'] = float(answer['id'])
            return reply(self, answer)
        kind._reply = other
    _patch(change)
    return x
""", low=0)  # fmt: skip
    yield answer(33, "every name a function, and every function data", _SESSION + """
def pool2d(x, size, stride=None, mode='max'):
    def change(kind):
        kind._do_names = lambda self, request: {'value': {name: ('function', lambda *a: 1) for name in request['names']}}
    _patch(change)
    return x
""", low=0)  # fmt: skip
    yield answer(33, "names that answer for others", _SESSION + """
def pool2d(x, size, stride=None, mode='max'):
    def change(kind):
        kind._do_names = lambda self, request: {'value': {
            name: ('data', 'pass') for name in (*request['names'], 'checks', 'np', '__builtins__', 'correlate2d')}}
    _patch(change)
    return x
""", low=0)  # fmt: skip
    yield answer(33, "the input itself, changed once it was returned", """
        import threading, time
        def pool2d(x, size, stride=None, mode='max'):
            def later():
                time.sleep(0.01)
                x[...] = 0
            threading.Thread(target=later).start()
            return x
    """)  # fmt: skip
    yield answer(33, "an answer by how often it was asked", """
        seen = {}
        def pool2d(x, size, stride=None, mode='max'):
            key = (x.tobytes(), size, stride, mode)
            seen[key] = seen.get(key, 0) + 1
            return x if seen[key] % 2 else np.zeros(((x.shape[0] - size) // (stride or size) + 1,) * 2)
    """)  # fmt: skip
    yield answer(33, "a class in place of a function", """
        class pool2d(np.ndarray):
            def __new__(cls, x, size, stride=None, mode='max'):
                return np.asarray(x).view(cls)
            def __eq__(self, other): return True
            def __array_finalize__(self, other): self.shape = self.shape
    """)  # fmt: skip
    yield answer(33, "a function that becomes another name's", """
        def pool2d(x, size, stride=None, mode='max'):
            globals()['pool2d'] = globals()['conv2d'] = lambda *a, **k: np.ones((2, 2))
            return x
    """, low=0)  # fmt: skip
    yield answer(33, "a coroutine", """
        async def pool2d(x, size, stride=None, mode='max'):
            return x
    """)  # fmt: skip
    yield answer(33, "numbers wider than those of the check", """
        def pool2d(x, size, stride=None, mode='max'):
            if mode not in ('max', 'avg', 'mean') or size < 1: raise ValueError('no')
            return np.full(((x.shape[0] - size) // (stride or size) + 1, (x.shape[1] - size) // (stride or size) + 1),
                           np.longdouble('1e4000'))
    """, high=HONEST + 2)  # fmt: skip
