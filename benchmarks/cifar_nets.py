"""The nets and recipes of `python -m benchmarks cifar`; the small net and its training are week 6's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder import weeks

WEEK = "week06_cifar10"
GIVEN = ("helpers",)
ANSWERS = ("build_lecture_cifar", "lr_schedule", "build_better", "better_net")
SMALL, LARGE, LECTURE, WHOLE = "small", "large", "lecture", "ablation: nothing"


@dataclass(frozen=True)
class Recipe:
    """How a net is trained: SGD with momentum, one cycle, moved images, soft labels, each of which may be left out."""

    epochs: int
    batch: int = 128
    peak: float = 0.1
    momentum: float = 0.9
    decay: float = 0.0
    smoothing: float = 0.1
    moved: bool = True
    cycle: bool = True
    """False: one rate, half the peak, from the first step to the last."""


@dataclass(frozen=True)
class Design:
    """A net of the table: how it is built and trained, and what is promised of it."""

    says: str
    recipe: Recipe
    build: str = "build_better"
    """A name of the notebook or of `BUILDERS`."""
    promise: float | None = None
    on: str = "test"
    head: str = "max"
    norm: bool = True
    dropout: float = 0.0


_SIX = Recipe(epochs=6)

DESIGNS: dict[str, Design] = {
    LECTURE: Design(
        "the lecture's net and recipe: RMSprop, batches of 32, 25 epochs of it",
        Recipe(epochs=25, batch=32),
        build="build_lecture_cifar",
    ),
    SMALL: Design("week 6's reference, `build_better` and `train_better`", Recipe(epochs=12), promise=0.75),
    LARGE: Design(
        "a 4×4 convolution with stride 2 to 28 channels, 3×3 to 56 and 112, each with a pooling and a residual pair",
        Recipe(epochs=8, decay=5e-4),
        build="large",
        promise=0.80,
    ),
    WHOLE: Design("the small net, 6 epochs of its recipe", _SIX, build="variant", on="validation"),
    "ablation: batch norm": Design("biases instead", _SIX, build="variant", norm=False, on="validation"),
    "ablation: one cycle": Design(
        "one rate, 0.05, throughout", Recipe(epochs=6, cycle=False), build="variant", on="validation"
    ),
    "ablation: momentum": Design("plain SGD", Recipe(epochs=6, momentum=0.0), build="variant", on="validation"),
    "ablation: moved images": Design(
        "the images as they are", Recipe(epochs=6, moved=False), build="variant", on="validation"
    ),
    "ablation: soft labels": Design("hard labels", Recipe(epochs=6, smoothing=0.0), build="variant", on="validation"),
    "ablation: global maximum": Design("a global average", _SIX, build="variant", head="average", on="validation"),
    "ablation: no dropout": Design(
        "dropout 0.3 before the last layer", _SIX, build="variant", dropout=0.3, on="validation"
    ),
}
PROMISED = (LECTURE, SMALL, LARGE)
ABLATIONS = tuple(name for name in DESIGNS if name.startswith("ablation"))


def convolution(
    x: Any, channels: int, size: int = 3, strides: int = 1, *, pool: bool = False, norm: bool = True
) -> Any:
    """Convolution, pooling where asked for, batch norm, ReLU."""
    import keras

    layers = keras.layers
    x = layers.Conv2D(channels, size, strides=strides, padding="same", use_bias=not norm)(x)
    if pool:
        x = layers.MaxPooling2D(2)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x) if norm else x)


def ended(inputs: Any, x: Any, head: str = "max", dropout: float = 0.0) -> Any:
    """The model from `inputs` to ten probabilities, through a global maximum or average of `x`."""
    import keras

    layers = keras.layers
    x = (layers.GlobalMaxPooling2D() if head == "max" else layers.GlobalAveragePooling2D())(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def large_net() -> Any:
    """The larger net: 356,338 weights, fewer than the lecture's."""
    import keras

    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 28, 4, 2)
    for channels in (56, 112):
        x = convolution(x, channels, pool=True)
        x = keras.layers.Add()([x, convolution(convolution(x, channels), channels)])
    return ended(inputs, x)


def variant(design: Design) -> Any:
    """The small net with a part taken away, as `build_better` of the authored notebook otherwise."""
    import keras

    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 24, 4, 2, norm=design.norm)
    x = convolution(x, 32, pool=True, norm=design.norm)
    x = convolution(x, 56, norm=design.norm)
    x = convolution(x, 56, pool=True, norm=design.norm)
    x = convolution(x, 80, norm=design.norm)
    return ended(inputs, x, design.head, design.dropout)


def reference(names: dict[str, Any]) -> dict[str, Any]:
    """`names` with what week 6's authored notebook defines on top of them: helpers, schedule, nets, training."""
    week = weeks.load(WEEK)
    cells = {cell.id: cell for cell in week.cells}
    for name in (*GIVEN, *ANSWERS):
        source = cells[name].source
        if name == "better_net":  # the function, not the training that follows it
            source = source.split("### END SOLUTION")[0]
        exec(compile(source, f"<{WEEK}: {name}>", "exec"), names)
    return names


def fit_recipe(model: Any, recipe: Recipe, names: dict[str, Any], seed: int, title: str) -> dict[str, list[float]]:
    """Train `model` on the notebook's x_train by `recipe`; returns the history, validation on its x_val."""
    import keras
    import numpy as np

    from course import training

    x, y = names["x_train"], np.eye(10, dtype="float32")[names["y_train"]]
    held = names["x_val"], np.eye(10, dtype="float32")[names["y_val"]]
    rng = np.random.default_rng(seed)
    steps = recipe.epochs * -(-len(x) // recipe.batch)

    def rate(step: int) -> float:
        return float(names["one_cycle"](step, steps, recipe.peak)) if recipe.cycle else recipe.peak / 2

    callback = names["EveryStep"](rate)
    optimizer = keras.optimizers.SGD(
        recipe.peak, momentum=recipe.momentum, nesterov=recipe.momentum > 0, weight_decay=recipe.decay or None
    )
    if recipe.decay:
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"])
    history: dict[str, list[float]] = {}
    for epoch in range(1, recipe.epochs + 1):
        images = names["moved"](x, rng) if recipe.moved else x
        one = training.fit(
            model,
            images,
            y,
            validation=held,
            epochs=1,
            batch_size=recipe.batch,
            callbacks=[callback],
            title=f"{title}, {epoch} of {recipe.epochs}",
        )
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return history


def fit_lecture(model: Any, recipe: Recipe, names: dict[str, Any], title: str) -> dict[str, list[float]]:
    """The lecture's compile and fit, sparse labels for one-hot ones."""
    from course import training

    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(
        model,
        names["x_train"],
        names["y_train"],
        validation=(names["x_val"], names["y_val"]),
        epochs=recipe.epochs,
        batch_size=recipe.batch,
        title=title,
    )
