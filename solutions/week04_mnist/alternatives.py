"""Other right answers to week 4. Each must earn every point."""

_RUN = """

train_part = prepare(*data.train)
validation_part = prepare(*data.validation)
cnn, cnn_history = training.trained(
    "lecture-cnn",
    build_lecture_cnn,
    lambda model: train(model, train_part, validation_part, epochs=EPOCHS),
    settings={"epochs": EPOCHS, "seed": SEED},
)
"""

ALTERNATIVES = {
    "prepare": {
        "loops and lists": """
def scale(images):
    if images.dtype != "uint8":
        raise ValueError("these are no bytes")
    return np.float32(images) / np.float32(255)


def one_hot(labels, classes=10):
    rows = np.zeros((len(labels), classes), np.float32)
    for row, label in zip(rows, np.ravel(labels)):
        if not 0 <= label < classes:
            raise ValueError(f"there is no class {label}")
        row[label] = 1
    return rows


def prepare(images, labels, classes=10):
    if images.ndim == 4:
        return scale(images), one_hot(labels, classes)
    return np.expand_dims(scale(images), -1), one_hot(labels, classes)
""",
        "comparison with arange": """
def scale(images):
    if not np.issubdtype(images.dtype, np.uint8):
        raise ValueError(images.dtype)
    return np.multiply(images, 1 / 255, dtype=np.float32)


def one_hot(labels, classes=10):
    labels = np.asarray(labels).ravel().astype(int)
    if np.any((labels < 0) | (labels >= classes)):
        raise ValueError("bad label")
    return (labels[:, None] == np.arange(classes)).astype(np.float32)


def prepare(images, labels, classes=10):
    x = scale(images)
    return x.reshape(*x.shape[:3], -1), one_hot(labels, classes)
""",
        "Keras's own to_categorical": """
def scale(images):
    if images.dtype != np.uint8:
        raise ValueError("scaled already?")
    return (images / 255.0).astype("float32")


def one_hot(labels, classes=10):
    labels = np.array(labels).reshape(-1)
    if ((labels < 0) | (labels > classes - 1)).any():
        raise ValueError("label out of range")
    return np.asarray(keras.utils.to_categorical(labels, classes)).astype("float32")


def prepare(images, labels, classes=10):
    x = scale(images)
    return (x if x.ndim == 4 else x[:, :, :, np.newaxis]), one_hot(labels, classes)
""",
        "a list comprehension and a list as result": """
def scale(images):
    if images.dtype != np.uint8:
        raise ValueError("no bytes")
    return images.astype(np.float32) / 255.0


def one_hot(labels, classes=10):
    flat = [int(label) for label in np.asarray(labels).flatten()]
    if flat and not (0 <= min(flat) and max(flat) < classes):
        raise ValueError("no such class")
    return np.array([[float(label == c) for c in range(classes)] for label in flat], dtype="float32").reshape(-1, classes)


def prepare(images, labels, classes=10):
    x = scale(images)
    if x.ndim < 4:
        x = np.stack([x], axis=-1)
    return [x, one_hot(labels, classes)]
""",
    },
    "split": {
        "scikit-learn's train_test_split, again and again": """
from sklearn.model_selection import train_test_split


def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y):
        raise ValueError("lengths differ")
    if any(f <= 0 for f in fractions) or not np.isclose(sum(fractions), 1):
        raise ValueError("fractions must be positive and sum to 1")
    rest, parts, left = np.arange(len(x)), [], 1.0
    for fraction in fractions[:-1]:
        chosen, rest = train_test_split(rest, train_size=fraction / left, stratify=y[rest], random_state=seed)
        parts.append(chosen)
        left -= fraction
    parts.append(rest)
    return [(x[p], y[p]) for p in parts]
""",
        "a label for each image that says its part": """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y) or min(fractions) <= 0 or not 0.999999 < sum(fractions) < 1.000001:
        raise ValueError("cannot split like this")
    rng = np.random.RandomState(seed)
    part = np.empty(len(y), int)
    borders = np.cumsum(fractions) - 1e-9
    for label in set(y.tolist()):
        where = np.where(y == label)[0]
        rng.shuffle(where)
        part[where] = np.minimum(np.searchsorted(borders, np.arange(len(where)) / len(where), side="right"), len(fractions) - 1)
    return [(x[part == k], y[part == k]) for k in range(len(fractions))]
""",
        "sorts by class, then deals out slices": """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    import math

    if len(x) != len(y):
        raise ValueError("lengths")
    if not math.isclose(math.fsum(fractions), 1, abs_tol=1e-6):
        raise ValueError("sum")
    if any(f <= 0 for f in fractions):
        raise ValueError("sign")
    mixed = np.random.default_rng(seed).permutation(len(x))
    out = [([], []) for _ in fractions]
    for label in sorted(set(y[mixed])):
        mine = [i for i in mixed if y[i] == label]
        start = 0.0
        for (xs, ys), f in zip(out, fractions):
            a, b = round(start * len(mine)), round((start + f) * len(mine))
            for i in mine[a:b]:
                xs.append(x[i])
                ys.append(y[i])
            start += f
    return tuple((np.array(xs), np.array(ys)) for xs, ys in out)
""",
    },
    "build_lecture_cnn": {
        "functional": """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    inputs = keras.Input(shape=input_shape, name="image")
    x = inputs
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, (3, 3), padding="same", activation=keras.activations.relu)(x)
        x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(64, "relu", name="features")(x)
    outputs = keras.layers.Dense(classes, "softmax", name="digit")(x)
    return keras.Model(inputs, outputs, name="lecture")
""",
        "activations as layers of their own": """
from keras import layers


def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    model = keras.Sequential()
    model.add(keras.Input(input_shape))
    model.add(layers.Conv2D(32, 3, padding="same"))
    model.add(layers.Activation("relu"))
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Conv2D(64, 3, padding="same"))
    model.add(layers.ReLU())
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(64))
    model.add(layers.ReLU())
    model.add(layers.Dense(classes))
    model.add(layers.Softmax())
    return model
""",
        "ReLU after pooling, explicit zero padding, reshape, compiled": """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    L = keras.layers
    inputs = keras.Input(input_shape)
    x = L.ZeroPadding2D(1)(inputs)
    x = L.Conv2D(32, 3)(x)
    x = L.ReLU()(L.MaxPooling2D()(x))
    x = L.Conv2D(64, 3, padding="same", kernel_initializer="he_normal")(x)
    x = L.ReLU()(L.MaxPooling2D()(x))
    x = L.Reshape((-1,))(x)
    x = L.Dropout(0.2)(L.Dense(64, activation="relu")(x))
    model = keras.Model(inputs, L.Dense(classes, activation="softmax")(x))
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        "a net for each round, put together": """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    def block(filters):
        return keras.Sequential(
            [keras.layers.Conv2D(filters, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D(2)]
        )

    head = [keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")]
    last = keras.layers.Dense(classes, activation="softmax")
    return keras.Sequential([keras.Input(input_shape), block(32), block(64), *head, last])
""",
        "Sequential with build": """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    model = keras.models.Sequential(
        [
            keras.layers.Conv2D(filters=32, kernel_size=3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(pool_size=2),
            keras.layers.Conv2D(filters=64, kernel_size=3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(pool_size=2),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
    model.build((None, *input_shape))
    return model
""",
    },
    "kept_epoch": {
        "an index of the best so far": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode == "min":
        better = lambda new, old: new < old
    elif mode == "max":
        better = lambda new, old: new > old
    else:
        raise ValueError("min or max")
    kept = None
    for i, value in enumerate(history[monitor]):
        if np.isnan(value):
            continue
        if kept is None or better(value, history[monitor][kept]):
            kept = i
    return None if kept is None else kept + 1
""",
        "NumPy's nanargmin": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    pick = {"min": np.nanargmin, "max": np.nanargmax}.get(mode)
    if pick is None:
        raise ValueError(mode)
    try:
        return pick(history[monitor]) + 1
    except ValueError:  # a slice of NaN only
        return None
""",
        "sorts the epochs": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in {"min", "max"}:
        raise ValueError("mode")
    sign = 1 if mode == "min" else -1
    epochs = [(sign * v, e) for e, v in enumerate(history[monitor], start=1) if v == v]
    return sorted(epochs)[0][1] if epochs else None
""",
        "min with a key": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    import math

    choose = {"min": min, "max": max}
    if mode not in choose:
        raise ValueError(f"no mode {mode}")
    values = history[monitor]
    numbers = [n for n in range(len(values)) if not math.isnan(values[n])]
    if numbers:
        return choose[mode](numbers, key=values.__getitem__) + 1
""",
    },
    "evaluate": {
        "scikit-learn": """
from sklearn.metrics import accuracy_score, confusion_matrix


def evaluate(model, x, y):
    p = model.predict(x, verbose=0)
    n = p.shape[-1]
    y = np.asarray(y)
    if y.ndim > 1:
        y = y.argmax(axis=1) if y.shape[1] == n else y[:, 0]
    guess = p.argmax(axis=-1)
    matrix = confusion_matrix(y, guess, labels=range(n))
    recall = [matrix[k, k] / matrix[k].sum() if matrix[k].sum() else float("nan") for k in range(n)]
    return {"accuracy": accuracy_score(y, guess), "confusion": matrix.tolist(), "recall": recall}
""",
        "bincount and one-hot products": """
def evaluate(model, x, y):
    scores = np.asarray(model(x, training=False))
    n = scores.shape[1]
    y = np.asarray(y)
    true = np.eye(n)[y.ravel().astype(int)] if y.size == len(x) else y
    found = np.eye(n)[scores.argmax(1)]
    confusion = (true.T @ found).astype(int)
    with np.errstate(all="ignore"):
        recall = confusion.diagonal() / confusion.sum(1)
    return dict(accuracy=confusion.trace() / confusion.sum(), confusion=confusion, recall=recall)
""",
        "loops": """
def evaluate(model, x, y):
    scores = keras.ops.convert_to_numpy(model.predict_on_batch(x))
    classes = len(scores[0])
    y = np.array(y)
    labels = [int(np.argmax(row)) if np.size(row) == classes and classes > 1 else int(np.squeeze(row)) for row in y]
    confusion = [[0] * classes for _ in range(classes)]
    right = 0
    for true, row in zip(labels, scores):
        guess = max(range(classes), key=lambda c: row[c])
        confusion[true][guess] += 1
        right += true == guess
    recall = []
    for k in range(classes):
        total = sum(confusion[k])
        recall.append(confusion[k][k] / total if total else np.nan)
    return {"accuracy": right / len(labels), "confusion": np.array(confusion), "recall": np.array(recall)}
""",
    },
    "train": {
        "Adam at a constant rate": """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    mode = {"val_loss": "min", "val_accuracy": "max"}[monitor]
    model.compile(optimizer="adam", loss=keras.losses.CategoricalCrossentropy(), metrics=["accuracy"])
    best = training.BestWeights(monitor, mode)
    history = training.fit(
        model, train_part[0], train_part[1], validation=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[best]
    )
    best.restore(model)
    return model, history
"""
        + _RUN,
        "the lecture's RMSprop, Keras's fit, weights kept by hand": """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    kept = {"value": None, "weights": None}

    def look(epoch, logs):
        value = logs[monitor] if monitor == "val_loss" else -logs[monitor]
        if kept["value"] is None or value < kept["value"]:
            kept.update(value=value, weights=model.get_weights())

    run = model.fit(
        *train_part,
        validation_data=validation_part,
        epochs=epochs,
        batch_size=batch_size,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=look)],
    )
    model.set_weights(kept["weights"])
    return model, {key: [float(v) for v in values] for key, values in run.history.items()}
"""
        + _RUN,
        "momentum, Keras's ModelCheckpoint": """
import tempfile
from pathlib import Path


def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "best.weights.h5")
        keep = keras.callbacks.ModelCheckpoint(
            path, monitor=monitor, mode="max" if "acc" in monitor else "min", save_best_only=True, save_weights_only=True
        )
        history = training.fit(
            model, *train_part, validation=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[keep]
        )
        model.load_weights(path)
    return [model, history]
"""
        + _RUN,
    },
    "permute_pixels": {
        "np.take": """
def permute_pixels(x, seed=0):
    order = np.random.RandomState(seed).permutation(x.shape[1] * x.shape[2])
    return np.take(x.reshape(len(x), -1, x.shape[3]), order, axis=1).reshape(x.shape)
""",
        "pixel by pixel": """
def permute_pixels(x, seed=0):
    _, h, w, _ = x.shape
    order = np.random.default_rng(seed).permutation(h * w)
    out = np.empty_like(x)
    for target, source in enumerate(order):
        out[:, target // w, target % w] = x[:, source // w, source % w]
    return out
""",
    },
    "mcnemar": {
        "math.comb": """
from math import comb


def mcnemar(y, first, second):
    b = sum(1 for t, f, s in zip(y, first, second) if f != t and s == t)
    c = sum(1 for t, f, s in zip(y, first, second) if f == t and s != t)
    p = 2 * sum(comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c)
    return b, c, min(1, p)
""",
        "SciPy's binomtest": """
def mcnemar(y, first, second):
    from scipy.stats import binomtest

    wrong = np.stack([first != y, second != y])
    b, c = (int(np.sum(wrong[k] & ~wrong[1 - k])) for k in (0, 1))
    return b, c, binomtest(b, b + c, 0.5).pvalue if b + c > 0 else 1.0
""",
    },
}
