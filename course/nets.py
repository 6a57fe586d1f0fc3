"""Nets as a whole: whether one is the net that was asked for, and which of its biases do nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.backends import as_numpy, in_64_bits

__all__ = ["idle_biases", "same_net", "without_chance"]

_NOTICED = 1e-4


@in_64_bits()
def same_net(model: Any, reference: Any, rng: np.random.Generator) -> bool:
    """Whether two Keras models compute the same when they hold the same weights: then they are one net, however written.

    Copies of both in 64 bits, without what is random in training, get random weights, those of one shape in the order in
    which they stand (a bias, or the factors of a batch norm, of one length all the same), and see random images. The number
    of weights alone would not tell a residual net from a wider plain one. False, too, where shapes of weights, inputs or
    outputs differ.
    """
    one, other = without_chance(model), without_chance(reference)
    if one.input_shape != other.input_shape or one.output_shape != other.output_shape:
        return False
    shapes = [sorted(_shape(weight) for weight in net.weights) for net in (one, other)]
    if shapes[0] != shapes[1]:
        return False
    seed = int(rng.integers(2**31))
    for net in (one, other):
        _fill(net, seed)
    images = rng.random((4, *(n or 32 for n in one.input_shape[1:])))
    got, right = (as_numpy(net(images, training=False)) for net in (one, other))
    return bool(np.allclose(got, right, rtol=1e-6, atol=1e-9))


@in_64_bits()
def idle_biases(model: Any, images: np.ndarray) -> list[str]:
    """Paths of the biases that a normalisation behind them subtracts again: the outputs do not notice when they move.

    images: (N, height, width, channels), N at least 2, for the batch's own statistics are used, as in training. Dropout and
    the like are taken out, and all is computed in 64 bits: neither chance nor rounding hides a bias.
    """
    net = without_chance(model)
    before = as_numpy(net(images, training=True))
    idle = []
    for weight in net.weights:
        if weight.path.rsplit("/", 1)[-1] == "bias":
            old = as_numpy(weight)
            weight.assign(old + np.linspace(0.5, 1.5, old.size).reshape(old.shape))
            if np.abs(as_numpy(net(images, training=True)) - before).max() < _NOTICED:
                idle.append(weight.path)
            weight.assign(old)
    return idle


@in_64_bits()
def without_chance(model: Any) -> Any:
    """A copy of a Keras model with its weights, in 64 bits, in which nothing is random, not in training either."""
    import keras

    def copied(layer: Any) -> Any:
        if not isinstance(layer, keras.layers.Layer):  # an operation of the graph, without weights and without chance
            return layer
        config = layer.get_config()
        if _is_random(layer):
            return keras.layers.Identity(name=layer.name, dtype="float64")
        for share in ("dropout", "recurrent_dropout"):
            if isinstance(config.get(share), float):
                config[share] = 0.0
        if "dtype" in config:
            config["dtype"] = "float64"
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=copied, recursive=True)
    copy.set_weights([np.asarray(weight) for weight in model.get_weights()])
    return copy


def _is_random(layer: Any) -> bool:
    """Dropout, noise, and random changes of images that keep their size."""
    name = type(layer).__name__
    if layer.weights or not (
        name.endswith(("Dropout", "Dropout1D", "Dropout2D", "Dropout3D", "Noise")) or "Random" in name
    ):
        return False
    return name != "RandomCrop"


def _shape(weight: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in weight.shape)


def _fill(net: Any, seed: int) -> None:
    """Random weights that depend on their shape, their kind and, for kernels, on how many of the shape stood before."""
    before: dict[tuple[int, ...], int] = {}
    for weight in net.weights:
        shape, kind = _shape(weight), weight.path.rsplit("/", 1)[-1]
        if "seed" in kind:
            continue
        number = before[shape] = before.get(shape, -1) + 1
        if len(shape) < 2:
            rng = np.random.default_rng([seed, *shape, *kind.encode()])
            values = rng.uniform(0.6, 1.4, shape) if kind in ("gamma", "moving_variance") else rng.normal(0, 0.2, shape)
        else:
            rng = np.random.default_rng([seed, *shape, number])
            values = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
        weight.assign(values)
