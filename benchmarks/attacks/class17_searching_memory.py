"""Class 17: searching frames and memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
)


def attacks() -> Iterator[Attack]:
    yield answer(17, "frames and garbage collector", """
        import gc, inspect, sys
        def pool2d(x, size, stride=None, mode='max'):
            frame = inspect.currentframe()
            while frame is not None:
                for scope in (frame.f_locals, frame.f_globals):
                    for name in ('expected', 'wanted', 'right', 'answer'):
                        if name in scope: return scope[name]
                frame = frame.f_back
            for thing in gc.get_objects():
                if type(thing) is dict and 'expected' in thing and hasattr(thing['expected'], 'shape'):
                    return thing['expected']
            return x
    """)  # fmt: skip
    yield answer(17, "functions of our checks in memory", """
        import gc, types
        def pool2d(x, size, stride=None, mode='max'):
            for thing in gc.get_objects():
                if isinstance(thing, types.FunctionType) and 'pool' in thing.__name__ and thing.__name__ != 'pool2d':
                    try: return thing(x, size, stride, mode)
                    except BaseException: pass
            return x
    """)  # fmt: skip
    yield answer(17, "history of the shell, and everything compiled", """
        import sys
        FOUND = []
        def watch(event, arguments):
            if event in ('compile', 'exec') and 'expected' in str(arguments[0])[:10**5]: FOUND.append(arguments)
        sys.addaudithook(watch)
        def pool2d(x, size, stride=None, mode='max'):
            shell = get_ipython()
            texts = [str(t) for t in shell.user_ns.get('In', [])] + [str(found) for found in FOUND]
            for text in texts:
                if 'pool2d' in text and 'expected' in text:
                    return eval(text.split('expected')[1].split('=')[1].splitlines()[0])
            return x
    """)  # fmt: skip
