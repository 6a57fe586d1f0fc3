"""Class 21: hostile pickles, layers and arrays."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    WRONG,
    Attack,
    answer,
)


def _pickled() -> bytes:
    import io

    import numpy as np

    stream = io.BytesIO()
    np.savez(stream, weight_000=np.array([print, len], dtype=object))
    return stream.getvalue()


def attacks() -> Iterator[Attack]:
    yield answer(21, "an object that runs code when it is unpickled", """
        class Bomb:
            def __reduce__(self): return (exec, ("import builtins; builtins.all = lambda *a: True",))
        def pool2d(x, size, stride=None, mode='max'): return Bomb()
    """)  # fmt: skip
    yield answer(21, "an array of objects", """
        class Bomb:
            def __reduce__(self): return (exec, ("raise SystemExit",))
            def __eq__(self, other): return True
        def pool2d(x, size, stride=None, mode='max'):
            out = np.empty((2, 2), dtype=object)
            out.fill(Bomb())
            return out
    """)  # fmt: skip
    yield answer(21, "a model with a Lambda layer", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda t: t)])
    """)  # fmt: skip
    yield answer(21, "a lie about what is a model", """
        import keras
        class Model(keras.Sequential):
            def get_config(self): return {'name': 'x', 'layers': [{'class_name': '__import__("os")', 'config': {}}]}
            def to_json(self, **k): return '{"class_name": "Lambda", "module": "builtins", "config": {}}'
        def pool2d(x, size, stride=None, mode='max'):
            return Model([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
    yield Attack(
        21, "pickled arrays as a trained net", {"pool2d": WRONG}, files={"artefacts/net-quick.npz": _pickled()}
    )
    yield Attack(
        21,
        "other files as trained nets",
        {"pool2d": WRONG},
        files={
            "artefacts/net-quick.npz": b"cbuiltins\nexec\n(S'1/0'\ntR.",
            "artefacts/net.keras": b"PK",
            "net.pkl": b"\x80\x04N.",
        },
    )
    yield answer(21, "a model that reads a file", """
        import keras
        class Model(keras.Sequential):
            def to_json(self, **k):
                text = super().to_json(**k)
                return text.replace('"class_name": "Dense"', '"class_name": "StringLookup"').replace(
                    '"units": 1', '"vocabulary": "/etc/passwd"')
        def pool2d(x, size, stride=None, mode='max'):
            return Model([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
    yield answer(21, "a layer of one's own under Keras's name", """
        import keras
        @keras.saving.register_keras_serializable(package='keras.layers', name='Dense')
        class Dense(keras.layers.Layer):
            def call(self, x): return x * float('nan')
        def pool2d(x, size, stride=None, mode='max'):
            return keras.Sequential([keras.Input((2,)), Dense()])
    """)  # fmt: skip
