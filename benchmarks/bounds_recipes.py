"""Which answers of a week train the nets that a bound is asked of, and two plain recipes for each of them.

A plain recipe is what a student writes who has understood the week and tunes nothing: Keras's defaults, one rate, no trick of
the reference. It is given as functions; each takes the place of the function of its name in the reference answers.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from autograder.weeks import Week, names

REFERENCE = "the reference"


@dataclass(frozen=True)
class Trained:
    """answers: the answer cells whose alternatives are trained. plain: {name: functions}."""

    answers: tuple[str, ...]
    plain: dict[str, str] = field(default_factory=dict)


_FIT = """
def {name}(model{more}):
    model.compile({optimiser}, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs={epochs}, batch_size=64)
"""

_WEEK4 = """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    model.compile({optimiser}, "categorical_crossentropy", metrics=["accuracy"])
    best = training.BestWeights(monitor, "max" if monitor.endswith("accuracy") else "min")
    history = training.fit(
        model, *train_part, validation=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[best]
    )
    best.restore(model)
    return model, history
"""

_WEEK5 = """
def build_tiny():
    layers = keras.layers
    net = keras.Sequential([keras.Input((28, 28, 1))])
    for part in {parts!r}.split():
        if part == "M":
            net.add(layers.MaxPooling2D(2))
        else:
            net.add(layers.Conv2D(int(part), 3, padding="same", use_bias=False))
            net.add(layers.BatchNormalization(momentum=0.9))
            net.add(layers.ReLU())
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dense(10, activation="softmax"))
    return net


def train_tiny(model, x, y, x_val, y_val, epochs=10, seed=0):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    steps = epochs * -(-len(x) // 32)
    rate = keras.optimizers.schedules.CosineDecay({rate}, steps)
    model.compile({optimiser}, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = {{}}
    for _ in range(epochs):
        moved = np.zeros_like(x)
        for i, (down, right) in enumerate(rng.integers(-1, 2, (len(x), 2))):
            moved[i] = evaluation.shifted(x[i : i + 1], down, right)[0]
        one = training.fit(model, moved, y, validation=(x_val, y_val), epochs=1, batch_size=32)
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return model, history
"""

_CHAIN = """
def {name}():
    layers = keras.layers
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for part in {parts!r}.split():
        if part == "M":
            net.add(layers.MaxPooling2D(2))
            continue
        net.add(layers.Conv2D(int(part), 3, padding="same", activation={activation!r}))
        if {activation!r} is None:
            net.add(layers.BatchNormalization(momentum=0.9))
            net.add(layers.ReLU())
    net.add(layers.{head}())
    net.add(layers.Dense(10, activation="softmax"))
    return net
"""


def _chain(name: str, parts: str, *, normed: bool, head: str = "GlobalAveragePooling2D") -> str:
    return _CHAIN.format(name=name, parts=parts, activation=None if normed else "relu", head=head)


def _fit(name: str, optimiser: str, epochs: str, more: str = "") -> str:
    return _FIT.format(name=name, optimiser=optimiser, epochs=epochs, more=more)


_INCEPTION = """
def build_mini_googlenet():
    layers = keras.layers
    x = inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    for maps in {maps!r}:
        x = layers.MaxPooling2D(2)(x)
        x = inception_block(x, maps, maps, maps, maps // 2, maps, maps)
        {norm}
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
"""

_ALEXNET = """
def alexnet_mini(size=32, classes=3):
    layers = keras.layers
    net = keras.Sequential([keras.Input((size, size, 3))])
    for part in {parts!r}.split():
        if part == "M":
            net.add(layers.MaxPooling2D(2))
        else:
            maps, kernel = part.split("/")
            net.add(layers.Conv2D(int(maps), int(kernel), padding="same", activation="relu"))
    for layer in (layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(classes, activation="softmax")):
        net.add(layer)
    return net


def train_own(model, x, y):
    model.compile({optimiser}, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs={epochs}, batch_size=32, quiet=True)
"""

WEEKS = {
    "week04_mnist": Trained(
        ("train",),
        {
            "Nadam, one rate": _WEEK4.format(optimiser="'nadam'"),
            "gradient descent at 0.1": _WEEK4.format(optimiser="keras.optimizers.SGD(0.1)"),
        },
    ),
    "week05_under_ten_thousand": Trained(
        ("build_tiny", "train_tiny", "tiny_net"),
        {
            "five layers of 16, Adam": _WEEK5.format(
                parts="16 M 16 16 M 16 16", rate=0.005, optimiser="keras.optimizers.Adam(rate)"
            ),
            "8 to 24 maps, momentum": _WEEK5.format(
                parts="8 8 M 16 16 M 24", rate=0.1, optimiser="keras.optimizers.SGD(rate, 0.9)"
            ),
        },
    ),
    "week06_cifar10": Trained(
        ("build_better", "better_net"),
        {
            "three layers, Adam": _chain("build_better", "32 M 32 M 64 M", normed=False)
            + _fit("train_better", "'adam'", '8 if PROFILE == "quick" else 12', ", epochs=None"),
            "batch norm, RMSprop": _chain("build_better", "16 16 M 32 M 64", normed=True)
            + _fit("train_better", "'rmsprop'", '5 if PROFILE == "quick" else 12', ", epochs=None"),
        },
    ),
    "week07_lenet_to_vgg": Trained(
        ("mini_vgg",),
        {
            "two blocks": _chain("build_mini_vgg", "16 16 M 32 32 M", normed=True),
            "three blocks, flatten": _chain("build_mini_vgg", "16 16 M 32 32 M 32 32 M", normed=True, head="Flatten"),
        },
    ),
    "week08_augmentation": Trained(("ablation",)),
    "week10_transfer": Trained(
        ("linear_probe", "alexnet_mini"),
        {
            "5×5 first, Adam": _ALEXNET.format(
                parts="16/5 M 32/3 M 48/3 48/3 32/3 M", optimiser="'adam'", epochs='12 if PROFILE == "quick" else 24'
            ),
            "7×7 first, RMSprop": _ALEXNET.format(
                parts="16/7 M 24/5 M 32/3 32/3 32/3 M", optimiser="'rmsprop'", epochs='12 if PROFILE == "quick" else 24'
            ),
        },
    ),
    "week11_inception": Trained(
        ("mini_googlenet",),
        {
            "no batch norm, Adam": _INCEPTION.format(maps=(8, 16), norm="")
            + _fit("train_mini", "'adam'", '8 if PROFILE == "quick" else 12'),
            "batch norm, RMSprop": _INCEPTION.format(
                maps=(8, 16), norm="x = layers.BatchNormalization(momentum=0.9)(x)"
            )
            + _fit("train_mini", "'rmsprop'", '4 if PROFILE == "quick" else 12'),
        },
    ),
    "week12_resnet": Trained(
        ("resnet8",),
        {
            "Adam, one rate": _fit("train_resnet", "'adam'", '4 if PROFILE == "quick" else 6'),
            "momentum, one rate": _fit(
                "train_resnet", "keras.optimizers.SGD(0.05, 0.9)", '4 if PROFILE == "quick" else 6'
            ),
        },
    ),
}
"""Weeks with a bound on an accuracy. In week 8 the student chooses neither net nor training: there are no plain recipes."""


def recipes(week: Week) -> dict[str, dict[str, str]]:
    """{name: {answer id: source}} of all that is trained for a week: reference, alternatives, plain recipes."""
    trained = WEEKS[week.id]
    reference = {answer.id: answer.source for answer in week.answers}
    found = {REFERENCE: reference}
    for answer in trained.answers:
        for name, code in week.alternatives().get(answer, {}).items():
            found[f"{answer}: {name}"] = {**reference, answer: code}
    for name, functions in trained.plain.items():
        found[f"plain: {name}"] = _with(reference, functions)
    return found


def _with(reference: dict[str, str], functions: str) -> dict[str, str]:
    """The answers with `functions` in the place of those of the same names. Raises KeyError where no answer defines one."""
    changed = dict(reference)
    for function in ast.parse(functions).body:
        assert isinstance(function, ast.FunctionDef)
        answer = next((a for a, source in changed.items() if function.name in names.defined(source)), None)
        if answer is None:
            raise KeyError(f"no answer defines {function.name}")
        rows = changed[answer].splitlines()
        for old in ast.parse(changed[answer]).body:
            if isinstance(old, ast.FunctionDef) and old.name == function.name:
                rows[old.lineno - 1 : old.end_lineno] = ast.unparse(function).splitlines()
        changed[answer] = "\n".join(rows) + "\n"
    return changed
