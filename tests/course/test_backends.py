"""What a notebook says of the library and the processor below Keras, and that arrays and precision are the same on each.

`KERAS_BACKEND=jax` before pytest runs these on JAX.
"""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pytest

from course import backends, training


@pytest.mark.parametrize(
    ("backend", "found", "said"),
    [
        ("tensorflow", 0, ""),
        ("tensorflow", 1, "Keras computes with TensorFlow on the GPU."),
        ("jax", 0, "Keras computes with JAX on the processor (CPU)."),
        ("torch", 2, "Keras computes with PyTorch on the GPU."),
    ],
)
def test_the_notebook_says_where_nets_compute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], backend: str, found: int, said: str
) -> None:
    real = keras.backend.backend()
    monkeypatch.setattr(backends, "gpus", lambda: found)
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    assert backends.sentence() == said
    monkeypatch.setattr(keras.backend, "backend", lambda: real)
    monkeypatch.setattr(backends, "sentence", lambda: said)
    training.start("quick", 3)
    assert capsys.readouterr().out.strip() == said


def test_gpus_are_those_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    class Device:
        def __init__(self, platform: str) -> None:
            self.platform = platform

    class Jax:
        @staticmethod
        def devices() -> list[Any]:
            return [Device("cpu"), Device("gpu")]

    class TensorFlow:
        class config:
            @staticmethod
            def list_physical_devices(kind: str) -> list[str]:
                return ["one", "two"] if kind == "GPU" else ["other"]

    class Torch:
        class cuda:
            @staticmethod
            def device_count() -> int:
                return 3

    fakes = {"jax": (Jax, 1), "tensorflow": (TensorFlow, 2), "torch": (Torch, 3)}
    for name, (library, count) in fakes.items():
        with monkeypatch.context() as patch:
            patch.setattr(keras.backend, "backend", lambda name=name: name)
            patch.setitem(backends.sys.modules, name, library)  # type: ignore[attr-defined, misc]
            assert backends.gpus() == count


def test_outputs_weights_and_arrays_become_arrays() -> None:
    layer = keras.layers.Dense(2)
    x = np.ones((3, 4), "float32")
    answers = [backends.as_numpy(one) for one in (layer(x), layer.kernel, x)]
    assert [a.shape for a in answers] == [(3, 2), (4, 2), (3, 4)] and all(type(a) is np.ndarray for a in answers)
    assert {a.dtype.name for a in answers} == {"float32"} and answers[2] is x
    np.testing.assert_allclose(answers[0], x @ answers[1], rtol=1e-5)


def test_what_a_net_gives_is_an_array_by_numpys_own_function() -> None:
    """With PyTorch, which refuses that to outputs of a net, as with the others."""
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    x = np.ones((3, 4), "float32")
    out = np.asarray(net(x))
    assert type(out) is np.ndarray and out.shape == (3, 2)
    np.testing.assert_array_equal(np.array(net(x), "float64"), out)


def test_pytorchs_outputs_become_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tensor:
        """As much of a tensor of PyTorch's as matters here."""

        detached = False

        def detach(self) -> Tensor:
            other = Tensor()
            other.detached = True
            return other

        def cpu(self) -> Tensor:
            return self

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
            if not self.detached:
                raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
            return np.ones(2, dtype)

    class Torch:
        pass

    Torch.Tensor = Tensor  # type: ignore[attr-defined]
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    monkeypatch.setitem(backends.sys.modules, "torch", Torch)  # type: ignore[attr-defined]
    memory = [np.zeros(2)]  # what training goes on to change
    monkeypatch.setattr(keras.layers.Layer, "get_weights", lambda layer: memory)
    with pytest.raises(RuntimeError):
        np.asarray(Tensor())
    for _ in range(2):
        backends.alike()
        assert np.asarray(Tensor()).tolist() == [1.0, 1.0] and np.array(Tensor(), "int64").dtype == "int64"
        (kept,) = keras.layers.Dense(1).get_weights()
        assert kept.tolist() == [0.0, 0.0] and not np.shares_memory(kept, memory[0])


def test_64_bits_are_64_bits() -> None:
    with warnings.catch_warnings(), backends.in_64_bits():
        warnings.simplefilter("error", UserWarning)
        layer = keras.layers.Dense(1, dtype="float64", kernel_initializer="ones")
        found = backends.as_numpy(layer(np.array([[1.0, 1e-12]])))
    assert found.dtype == "float64" and found[0, 0] - 1 == pytest.approx(1e-12, rel=1e-3)
