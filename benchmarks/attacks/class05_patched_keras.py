"""Class 5: patched Keras and scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(5, "evaluate, predict, count_params, metrics", """
        import keras, sklearn.metrics
        keras.Model.evaluate = lambda *a, **k: [0.0, 1.0]
        keras.Model.predict = lambda *a, **k: 1
        keras.Model.count_params = lambda self: 1
        keras.layers.Layer.count_params = lambda self: 1
        sklearn.metrics.accuracy_score = lambda *a, **k: 1.0
    """)  # fmt: skip
    yield top(5, "what a model says of itself", """
        import keras
        keras.Model.to_json = lambda *a, **k: '{"class_name": "Sequential", "config": {}}'
        keras.Model.get_weights = lambda self: []
        keras.Model.get_config = lambda self: {}
        keras.Model.__call__ = lambda *a, **k: 1
    """)  # fmt: skip
    yield top(5, "the splits and the data", """
        import sys, course.datasets, sklearn.model_selection
        sklearn.model_selection.train_test_split = lambda *a, **k: a * 2
        course.datasets.load = lambda *a, **k: None
        sys.modules['course.evaluation'] = type(sys)('course.evaluation')
        sys.modules['course.evaluation'].accuracy = lambda *a, **k: 1.0
    """)  # fmt: skip
