"""What a convolution has learned: its kernels and its maps."""

from __future__ import annotations

import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from course.backends import as_numpy
from course.plots.tiles import WIDEST, fitting, sheet, tile


def kernels(layer: Any, *, columns: int = 8, channel: int | None = 0, title: str = "") -> Figure:
    """The kernels of a convolution, one picture per filter, all on one scale about zero.

    layer: a Keras convolution, or its weights (k, k, c_in, filters). Shown is one input `channel`; or, with None, all
    three channels of a layer that looks at colour images, as colours: mid-grey is zero, red a kernel that responds to red.

    Raises ValueError for another shape, and for channel=None where there are not three.
    """
    weights = as_numpy(layer if isinstance(layer, np.ndarray) else layer.kernel)
    if weights.ndim != 4:
        raise ValueError(f"kernels have the shape (k, k, c_in, filters), not {weights.shape}")
    k, _, depth, filters = weights.shape
    if channel is None and depth != 3:
        raise ValueError(f"kernels are shown as colours where they look at 3 channels, not at {depth}")
    shown = weights if channel is None else weights[:, :, channel, :]
    limit = float(np.abs(shown).max()) or 1.0
    where = "" if depth == 1 else ", as colours" if channel is None else f", input channel {channel} of {depth}"
    columns = min(columns, filters)
    rows = -(-filters // columns)
    # One picture of all kernels: a sheet of tiles, a strip between them for the number.
    height, width = rows * (k + 1), columns * (k + 1)
    tiles = np.full((height, width), np.nan) if channel is not None else np.zeros((height, width, 4))
    for number in range(filters):
        top, left = number // columns * (k + 1) + 1, number % columns * (k + 1)
        place = np.s_[top : top + k, left : left + k]
        if channel is not None:
            tiles[place] = shown[:, :, number]
        else:
            tiles[place] = np.concatenate([0.5 + 0.5 * shown[..., number] / limit, np.ones((k, k, 1))], axis=-1)
    bar = 1.5  # inches beside the sheet, for the scale
    size = min(0.75 / (k + 1) if k < 5 else 0.15, (WIDEST - bar) / width)
    fig, ax = plt.subplots(figsize=(max(4.0, size * width + bar), size * height + 0.7), layout="constrained")
    picture = ax.imshow(tiles, cmap="PuOr_r", vmin=-limit, vmax=limit, interpolation="nearest")
    for number in range(filters):
        x, y = number % columns * (k + 1) + (k - 1) / 2, number // columns * (k + 1)
        ax.text(x, y, str(number), ha="center", va="center", fontsize=9)
    ax.set_title(title or f"{filters} kernels of {k}×{k}{where}")
    ax.set_axis_off()
    if channel is not None:
        fig.colorbar(picture, ax=ax, shrink=0.8, label="weight")
    return fig


def activation_maps(model: Any, image: np.ndarray, *, maps: int = 8, title: str = "") -> Figure:
    """What each convolution and pooling of a Keras model makes of one image: the first `maps` channels of each.

    image: (H, W, C) as the model takes it. A channel that is zero everywhere stays black.
    """
    import keras

    kinds: tuple[Any, ...] = (
        keras.layers.Conv2D,
        keras.layers.DepthwiseConv2D,
        keras.layers.MaxPooling2D,
        keras.layers.AveragePooling2D,
    )
    kinds += (keras.layers.SeparableConv2D, keras.layers.ReLU)
    layers = [layer for layer in model.layers if isinstance(layer, kinds) and len(layer.output.shape) == 4]
    if not layers:
        raise ValueError("the model has no convolution or pooling whose maps could be shown")
    image = np.asarray(image, "float32")
    outputs = keras.Model(model.inputs[0], [layer.output for layer in layers])(image[None], training=False)
    outputs = [as_numpy(out)[0] for out in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
    label = 1.45
    size = fitting(1.05, maps, label)
    title = title or f"Activation maps, the first {maps} of each layer"
    fig, ax, corners = sheet(len(layers), maps, size, lines=1, title=title, margin=label)
    for row, (places, layer, out) in enumerate(zip(corners, layers, outputs, strict=True)):
        name = re.sub(r"_\d+$", "", layer.name)  # Keras numbers the layers of all nets that were ever built
        what = f"{name}\n{'×'.join(map(str, out.shape))}"
        ax.text(label - 0.08, places[0][1] + size / 2, what, ha="right", va="center", fontsize=9)
        low, high = min(0.0, float(out.min())), float(out.max()) or 1.0
        for number, (left, top) in enumerate(places[: out.shape[-1]]):
            tile(ax, out[..., number], left, top, size, cmap="viridis", vmin=low, vmax=high)
            if row == 0:
                ax.text(left + size / 2, top - 0.03, f"map {number}", ha="center", va="bottom", fontsize=9)
    return fig
