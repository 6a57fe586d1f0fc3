"""Class 31: models that cheat."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    answer,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(31, "numbers in a model's name", """
        import keras
        keras.Sequential.__eq__ = lambda *a: True
        keras.Model.__bool__ = lambda *a: True
    """)  # fmt: skip
    yield answer(31, "a model that fills memory when it is used", """
        import keras
        def pool2d(x, size, stride=None, mode='max'):
            layers = keras.layers
            return keras.Sequential([keras.Input((8, 8, 1)), layers.UpSampling2D(30_000), layers.GlobalMaxPooling2D()])
    """)  # fmt: skip
    yield answer(31, "a model of five thousand layers", """
        import json, keras
        class Long(keras.Sequential):
            def to_json(self, **k):
                config = json.loads(super().to_json(**k))
                config['config']['layers'] += config['config']['layers'][-1:] * 5000
                return json.dumps(config)
        def pool2d(x, size, stride=None, mode='max'):
            return Long([keras.Input((2,)), keras.layers.ReLU()])
    """)  # fmt: skip
    yield answer(31, "a model too large to build", """
        import keras
        class Big(keras.Sequential):
            def to_json(self, **k):
                return super().to_json(**k).replace('"units": 1', '"units": 900000000')
        def pool2d(x, size, stride=None, mode='max'):
            return Big([keras.Input((2,)), keras.layers.Dense(1)])
    """)  # fmt: skip
