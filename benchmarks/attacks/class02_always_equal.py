"""Class 2: objects that equal everything."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    HONEST,
    Attack,
    answer,
)

_ALWAYS = """
class Yes({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter(())
    def __len__(self): return 1
    def __sub__(self, other): return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __abs__ = lambda self, *other: 0
    shape = property(lambda self: self)
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
{more}
def pool2d(x, size, stride=None, mode='max'):
    if mode not in ('max', 'min', 'avg') or size < 1: raise ValueError
    return Yes({args})
"""


def _always(base: str = "", more: str = "", args: str = "") -> str:
    return _ALWAYS.format(base=base, more=more, args=args)


def attacks() -> Iterator[Attack]:
    yield answer(2, "an object", _always())
    yield answer(2, "a float", _always("float", args="1.0"))
    yield answer(2, "a list", _always("list"))
    yield answer(2, "a string", _always("str"))
    yield answer(2, "an int", _always("int"))
    yield answer(2, "a dict", _always("dict"))
    yield answer(2, "a tuple", _always("tuple"))
    yield answer(2, "a set", _always("set"))
    yield answer(2, "bytes", _always("bytes"))
    yield answer(2, "a complex number", _always("complex", args="1.0"))
    yield answer(2, "NumPy's own float", _always("np.float64", args="1.0"))
    yield answer(2, "a lie about its class", _always(more="    __class__ = property(lambda self: np.ndarray)"))
    yield answer(2, "keys that are equal to all others", """
        class Key(str):
            def __eq__(self, other): return True
            __hash__ = lambda self: 0
        def pool2d(x, size, stride=None, mode='max'):
            return {Key('shape'): x.shape, Key('max'): x, 1: Key('x'), True: 2, 1.0: 3}
    """)  # fmt: skip
    yield answer(2, "an array that changes while it is sent", """
        import threading
        def pool2d(x, size, stride=None, mode='max'):
            out = np.zeros((2, 2))
            def change():
                while True: out.resize((0,), refcheck=False); out.resize((10**6,), refcheck=False)
            threading.Thread(target=change, daemon=True).start()
            return out
    """)  # fmt: skip
    yield answer(2, "another answer at each call", """
        calls = []
        def pool2d(x, size, stride=None, mode='max'):
            calls.append(np.array(x))
            return calls[len(calls) // 2]
    """)  # fmt: skip
    yield answer(
        2, "with __array__ that adapts", _always(more="    def __array__(self, *a, **k): return np.array(np.nan)")
    )
    yield answer(2, "an array's subclass", """
        class Yes(np.ndarray):
            def __eq__(self, other): return np.True_
            def __array_function__(self, *a, **k): return True
            def __array_ufunc__(self, *a, **k): return np.True_
            def all(self, *a, **k): return True
            shape = property(lambda self: Same())
        class Same(tuple):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
        def pool2d(x, size, stride=None, mode='max'):
            return np.zeros((1, 1)).view(Yes)
    """)  # fmt: skip
    yield answer(2, "a masked array", """
        def pool2d(x, size, stride=None, mode='max'):
            n = (x.shape[0] - size) // (stride or size) + 1, (x.shape[1] - size) // (stride or size) + 1
            return np.ma.masked_all((*n, *x.shape[2:]))
    """)  # fmt: skip
    yield answer(2, "an exception that is an answer", """
        class Answer(ValueError):
            def __eq__(self, other): return True
        def pool2d(x, size, stride=None, mode='max'):
            raise Answer('equal')
    """, high=HONEST + 2)  # fmt: skip
