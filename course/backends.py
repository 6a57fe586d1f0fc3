"""What differs between the libraries below Keras, TensorFlow, JAX and PyTorch, in the few places where the course notices it."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["alike", "as_numpy", "gpus", "in_64_bits", "sentence", "title"]

_NAMES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def alike() -> None:
    """Let `np.asarray(net(x))` and `net.get_weights()` be arrays of their own on every library, as notebooks and their readers
    take them to be. A second call changes nothing.

    PyTorch refuses the first to a tensor that belongs to a gradient, as a net's outputs do outside its own `no_grad`, and to
    one on a GPU; on the processor it gives for the second the memory that training then changes. Called when Keras has been
    imported.
    """
    import keras

    if keras.backend.backend() != "torch":
        return
    tensor = sys.modules["torch"].Tensor
    refusing = tensor.__array__
    if getattr(refusing, "_of_course", False):
        return

    @functools.wraps(refusing)
    def array(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(refusing(self.detach().cpu()), dtype=dtype, copy=copy)  # PyTorch's own does not know `copy`

    array._of_course = True  # type: ignore[attr-defined]
    tensor.__array__ = array
    layer = keras.layers.Layer
    weights = layer.get_weights

    @functools.wraps(weights)
    def copies(self: Any) -> list[np.ndarray]:
        return [np.array(weight) for weight in weights(self)]

    layer.get_weights = copies


def title() -> str:
    """The library below Keras, by the name it gives itself."""
    import keras

    backend = str(keras.backend.backend())
    return _NAMES.get(backend, backend)


def as_numpy(value: Any) -> np.ndarray:
    """What a net gives, a weight or an array of NumPy's, as an array of the same shape and type.

    Also where Keras was imported before the package `course`, which else sees to it that `np.asarray` does (`alike`).
    """
    if isinstance(value, np.ndarray):
        return value
    import keras

    return np.asarray(keras.ops.convert_to_numpy(value))


@contextlib.contextmanager
def in_64_bits() -> Iterator[None]:
    """Within, layers of the type float64 compute in 64 bits: JAX makes 32 of them, with a warning, unless it is told."""
    import keras

    if keras.backend.backend() != "jax":
        yield
        return
    with sys.modules["jax"].enable_x64(True):
        yield


def gpus() -> int:
    """How many graphics processors Keras can compute on here."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        return len(sys.modules["tensorflow"].config.list_physical_devices("GPU"))
    if backend == "jax":
        return sum(device.platform in ("gpu", "cuda", "rocm") for device in sys.modules["jax"].devices())
    return int(sys.modules["torch"].cuda.device_count()) if backend == "torch" else 0


def sentence() -> str:
    """Where nets compute, for the top of a notebook; "" for TensorFlow on the processor, which is usual."""
    import keras

    found = gpus()
    if keras.backend.backend() == "tensorflow" and not found:
        return ""
    return f"Keras computes with {title()} on {'the GPU' if found else 'the processor (CPU)'}."
