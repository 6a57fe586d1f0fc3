"""Wrong answers that students give in week 4. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


_PREPARE = """
def scale(images):
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError("expected bytes")
    return images.astype("float32") / 255


def one_hot(labels, classes=10):
    labels = np.asarray(labels).reshape(-1)
    if len(labels) and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError("label out of range")
    return np.eye(classes, dtype="float32")[labels]


def prepare(images, labels, classes=10):
    x = scale(images)
    if x.ndim == 3:
        x = x[..., None]
    return x, one_hot(labels, classes)
"""

_SPLIT = """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y):
        raise ValueError("x and y differ")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("fractions")
    rng = np.random.default_rng(seed)
    parts = [[] for _ in fractions]
    for label in np.unique(y):
        order = np.flatnonzero(y == label)
        rng.shuffle(order)
        cuts = np.round(np.cumsum(fractions)[:-1] * len(order)).astype(int)
        for part, piece in zip(parts, np.split(order, cuts)):
            part.extend(piece)
    return [(x[part], y[part]) for part in parts]
"""

_PLAIN_SPLIT = """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y):
        raise ValueError("x and y differ")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("fractions")
    rng = np.random.default_rng(seed)
    {order}
    cuts = np.round(np.cumsum(fractions)[:-1] * len(x)).astype(int)
    return [(x[part], y[part]) for part in np.split(order, cuts)]
"""

_CNN = """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
"""

_KEPT = """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    values = np.array(history[monitor])
    if mode == "max":
        values = -values
    if np.isnan(values).all():
        return None
    values[np.isnan(values)] = np.inf
    return int(np.argmin(values)) + 1
"""

_EVALUATE = """
def evaluate(model, x, y):
    scores = model.predict(x, verbose=0)
    classes = scores.shape[1]
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == classes:
        y = y.argmax(axis=1)
    y = y.reshape(-1)
    predicted = scores.argmax(axis=1)
    confusion = np.zeros((classes, classes), int)
    for true, guess in zip(y, predicted):
        confusion[true, guess] += 1
    with np.errstate(invalid="ignore"):
        recall = np.diag(confusion) / confusion.sum(axis=1)
    return {"accuracy": np.mean(predicted == y), "confusion": confusion, "recall": recall}
"""

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

_TRAIN = """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    model.compile(keras.optimizers.Adam(2e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    best = training.BestWeights(monitor, "max" if monitor == "val_accuracy" else "min")
    history = training.fit(
        model, *train_part, validation=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[best]
    )
    best.restore(model)
    return model, history
"""

# What only concerns the function need not train the lecture's net as well.
_NO_RUN = "\n\ncnn = None\n"

MISTAKES = {
    "prepare": {
        "any unsigned type passes": {
            "caught_by": ["prepare-twice"],
            "says": ["not uint8"],
            "code": _swap(_PREPARE, ("images.dtype != np.uint8", 'images.dtype.kind != "u"')),
        },
        "float16": {
            "caught_by": ["prepare-scale"],
            "says": ["three digits"],
            "code": _swap(_PREPARE, ('"float32") / 255', '"float16") / 255')),
        },
        "colour told by a last size of 3": {
            "caught_by": ["prepare-whole"],
            "says": ["three pixels wide"],
            "code": _swap(_PREPARE, ("x.ndim == 3", "x.shape[-1] != 3")),
        },
        "a new axis for colour images, too": {
            "caught_by": ["prepare-whole"],
            "says": ["has its channels already"],
            "code": _swap(_PREPARE, ("x.ndim == 3", "True")),
        },
        "integer division": {
            "caught_by": ["prepare-scale"],
            "says": ["integer division"],
            "code": _swap(_PREPARE, ('images.astype("float32") / 255', '(images // 255).astype("float32")')),
        },
        "divides by 256": {
            "caught_by": ["prepare-scale", "prepare-twice"],
            "says": ["not by 256"],
            "code": _swap(_PREPARE, ("/ 255", "/ 256")),
        },
        "divides by the largest pixel": {
            "caught_by": ["prepare-scale", "prepare-twice"],
            "says": ["largest pixel"],
            "code": _swap(_PREPARE, ("/ 255", "/ images.max()")),
        },
        "scales to -1 … 1": {
            "caught_by": ["prepare-scale"],
            "says": ["not -1 to 1"],
            "code": _swap(_PREPARE, ("/ 255", "/ 127.5 - 1")),
        },
        "forgets to divide": {
            "caught_by": ["prepare-scale"],
            "says": ["nothing is divided"],
            "code": _swap(_PREPARE, (" / 255", "")),
        },
        "float64": {
            "caught_by": ["prepare-scale"],
            "says": ["float32"],
            "code": _swap(_PREPARE, ('images.astype("float32") / 255', "images / 255")),
        },
        "scales what is scaled already": {
            "caught_by": ["prepare-twice"],
            "says": ["scaled already"],
            "code": _swap(_PREPARE, ("if images.dtype != np.uint8:", "if False:")),
        },
        "guesses from the values whether to scale": {
            "caught_by": ["prepare-twice"],
            "says": ["should raise ValueError"],
            "code": _swap(
                _PREPARE,
                ("if images.dtype != np.uint8:", "if images.max() <= 1:"),
            ),
        },
        "double scaling in prepare": {
            "caught_by": ["prepare-channel", "prepare-whole"],
            "says": ["scaled twice"],
            "code": _swap(_PREPARE, ("x = scale(images)", "x = scale(images) / 255")),
        },
        "one-hot transposed": {
            "caught_by": ["prepare-onehot"],
            "says": ["swapped"],
            "code": _swap(
                _PREPARE, ('np.eye(classes, dtype="float32")[labels]', 'np.eye(classes, dtype="float32")[:, labels]')
            ),
        },
        "labels count from 1": {
            "caught_by": ["prepare-onehot"],
            "says": ["count from 0"],
            "code": _swap(_PREPARE, ("[labels]", "[labels - 1]")),
        },
        "as many columns as labels that occur": {
            "caught_by": ["prepare-onehot"],
            "says": ["no label reaches 9"],
            "code": _swap(_PREPARE, ("np.eye(classes,", "np.eye(int(labels.max()) + 1,")),
        },
        "labels of shape (N, 1)": {
            "caught_by": ["prepare-labels"],
            "says": ["(N, 1)", "one axis too many"],
            "code": _swap(_PREPARE, ("np.asarray(labels).reshape(-1)", "np.asarray(labels)")),
        },
        "negative labels count from the end": {
            "caught_by": ["prepare-labels"],
            "says": ["negative label"],
            "code": _swap(_PREPARE, ("labels.min() < 0 or ", "")),
        },
        "labels are not looked at, NumPy raises IndexError": {
            "caught_by": ["prepare-labels"],
            "says": ["should raise ValueError"],
            "code": _swap(
                _PREPARE,
                (
                    '    if len(labels) and (labels.min() < 0 or labels.max() >= classes):\n        raise ValueError("label out of range")\n',
                    "",
                ),
            ),
        },
        "channel in front": {
            "caught_by": ["prepare-channel", "prepare-whole"],
            "says": ["channel comes last"],
            "code": _swap(_PREPARE, ("x[..., None]", "x[:, None]")),
        },
        "channel forgotten": {
            "caught_by": ["prepare-channel", "prepare-whole"],
            "says": ["channel is missing"],
            "code": _swap(_PREPARE, ("x = x[..., None]", "pass")),
        },
        "28×28 fixed": {
            "caught_by": ["prepare-whole"],
            "says": [],
            "code": _swap(_PREPARE, ("if x.ndim == 3:\n        x = x[..., None]", "x = x.reshape(-1, 28, 28, 1)")),
        },
        "classes ignored in prepare": {
            "caught_by": ["prepare-whole"],
            "says": ["one-hot"],
            "code": _swap(_PREPARE, ("one_hot(labels, classes)\n", "one_hot(labels)\n")),
        },
        "prepare does not use one_hot": {
            "caught_by": ["prepare-labels"],
            "says": ["let it call one_hot"],
            "code": _swap(
                _PREPARE, ("return x, one_hot(labels, classes)", 'return x, np.eye(classes, dtype="float32")[labels]')
            ),
        },
        "prepare flattens the labels and lets bad ones pass": {
            "caught_by": ["prepare-labels"],
            "says": ["refuses the labels that one_hot refuses"],
            "code": _swap(
                _PREPARE,
                (
                    "return x, one_hot(labels, classes)",
                    "return x, (labels.reshape(-1, 1) == np.arange(classes)).astype('float32')",
                ),
            ),
        },
        "as many rows as labels, not classes": {
            "caught_by": ["prepare-labels"],
            "says": [],
            "code": _swap(
                _PREPARE,
                ('np.eye(classes, dtype="float32")[labels]', 'np.eye(labels.size, classes, dtype="float32")[labels]'),
            ),
        },
        "returns the images alone": {
            "caught_by": ["prepare-channel", "prepare-whole"],
            "says": ["two things"],
            "code": _swap(_PREPARE, ("return x, one_hot(labels, classes)", "return x")),
        },
        "changes the labels in place": {
            "caught_by": ["prepare-onehot"],
            "says": ["work on a copy"],
            "code": _swap(
                _PREPARE,
                (
                    'np.eye(classes, dtype="float32")[labels]',
                    'np.eye(classes, dtype="float32")[_used(labels)]',
                ),
            )
            + """

def _used(labels):
    copy = labels.copy()
    labels[:] = 0
    return copy
""",
        },
    },
    "split": {
        "a fraction of 0 passes": {
            "caught_by": ["split-errors"],
            "says": ["fraction of 0"],
            "code": _swap(_SPLIT, ("min(fractions) <= 0", "min(fractions) < 0")),
        },
        "a sum of 1.001 passes": {
            "caught_by": ["split-errors"],
            "says": ["1.001"],
            "code": _swap(_SPLIT, ("> 1e-6", "> 0.01")),
        },
        "only too many images are noticed": {
            "caught_by": ["split-errors"],
            "says": ["39 images and 40 labels"],
            "code": _swap(_SPLIT, ("len(x) != len(y)", "len(x) > len(y)")),
        },
        "a seed of 0 is no seed": {
            "caught_by": ["split-stratified"],
            "says": ["0 as well"],
            "code": _swap(_SPLIT, ("default_rng(seed)", "default_rng(seed or None)")),
        },
        "negative labels are lost": {
            "caught_by": ["split-disjoint"],
            "says": ["images are lost"],
            "code": _swap(_SPLIT, ("in np.unique(y)", "in range(int(y.max()) + 1)")),
        },
        "x is shuffled without y": {
            "caught_by": ["split-pairs", "split-disjoint"],
            "says": ["no longer belong together"],
            "code": _swap(
                _PLAIN_SPLIT.format(order="order = np.arange(len(x)); x = rng.permutation(x)"),
            ),
        },
        "each shuffled on its own": {
            "caught_by": ["split-pairs", "split-disjoint"],
            "says": ["no longer belong together"],
            "code": _PLAIN_SPLIT.format(
                order="order = np.arange(len(x)); x = x[rng.permutation(len(x))]; y = y[rng.permutation(len(y))]"
            ),
        },
        "nothing is shuffled": {
            "caught_by": ["split-stratified"],
            "says": ["every part needs every class"],
            "code": _PLAIN_SPLIT.format(order="order = np.arange(len(x))"),
        },
        "shuffled but not stratified": {
            "caught_by": ["split-stratified"],
            "says": ["class by class"],
            "code": _PLAIN_SPLIT.format(order="order = rng.permutation(len(x))"),
        },
        "the seed is ignored": {
            "caught_by": ["split-stratified"],
            "says": ["seed"],
            "code": _swap(_SPLIT, ("default_rng(seed)", "default_rng(0)")),
        },
        "no seed at all": {
            "caught_by": ["split-stratified"],
            "says": ["same seed"],
            "code": _swap(_SPLIT, ("default_rng(seed)", "default_rng()")),
        },
        "classes in order, not shuffled within": {
            "caught_by": ["split-stratified"],
            "says": ["another seed"],
            "code": _swap(_SPLIT, ("        rng.shuffle(order)\n", "")),
        },
        "90/10/10 accepted": {
            "caught_by": ["split-errors"],
            "says": ["110"],
            "code": _swap(_SPLIT, (" or abs(sum(fractions) - 1) > 1e-6", "")),
        },
        "fractions normalised in silence": {
            "caught_by": ["split-errors"],
            "says": ["should raise ValueError"],
            "code": _swap(
                _SPLIT,
                (
                    'if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:\n        raise ValueError("fractions")',
                    "fractions = np.array(fractions) / sum(fractions)",
                ),
            ),
        },
        "compares floats with ==": {
            "caught_by": ["split-errors"],
            "says": ["tolerance"],
            "code": _swap(_SPLIT, ("abs(sum(fractions) - 1) > 1e-6", "sum(fractions) != 1")),
        },
        "negative fractions pass": {
            "caught_by": ["split-errors"],
            "says": ["negative fraction"],
            "code": _swap(_SPLIT, ("min(fractions) <= 0 or ", "")),
        },
        "lengths are not compared": {
            "caught_by": ["split-errors"],
            "says": ["39 labels"],
            "code": _swap(_SPLIT, ("if len(x) != len(y):", "if False:")),
        },
        "each part is drawn anew": {
            "caught_by": ["split-disjoint"],
            "says": ["two parts"],
            "code": """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("bad input")
    rng = np.random.default_rng(seed)
    parts = []
    for fraction in fractions:
        chosen = rng.choice(len(x), round(fraction * len(x)), replace=False)
        parts.append((x[chosen], y[chosen]))
    return parts
""",
        },
        "the last images are lost by rounding down": {
            "caught_by": ["split-disjoint"],
            "says": ["lost"],
            "code": """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("bad input")
    rng = np.random.default_rng(seed)
    parts = [[] for _ in fractions]
    for label in np.unique(y):
        order, start = rng.permutation(np.flatnonzero(y == label)), 0
        for part, fraction in zip(parts, fractions):
            size = int(fraction * len(order))
            part.extend(order[start : start + size])
            start += size
    return [(x[part], y[part]) for part in parts]
""",
        },
        "labels counted as 0, 1, 2, …": {
            "caught_by": ["split-disjoint"],
            "says": ["images are lost"],
            "code": _swap(_SPLIT, ("for label in np.unique(y):", "for label in range(len(np.unique(y))):")),
        },
        "ten classes, always": {
            "caught_by": ["split-disjoint"],
            "says": ["images are lost"],
            "code": _swap(_SPLIT, ("for label in np.unique(y):", "for label in range(10):")),
        },
        "always three parts": {
            "caught_by": ["split-disjoint"],
            "says": [],
            "code": """
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    if len(x) != len(y) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("bad input")
    a, b, _ = fractions
    order = np.random.default_rng(seed).permutation(len(x))
    first, second = int(a * len(x)), int((a + b) * len(x))
    return [(x[o], y[o]) for o in (order[:first], order[first:second], order[second:])]
""",
        },
        "shuffles the caller's arrays": {
            "caught_by": ["split-pairs"],
            "says": ["changes its input"],
            "code": _PLAIN_SPLIT.format(
                order="np.random.default_rng(seed).shuffle(x); np.random.default_rng(seed).shuffle(y); order = np.arange(len(x))"
            ),
        },
    },
    "build_lecture_cnn": {
        "poolings that round up": {
            "caught_by": ["build_lecture_cnn-any"],
            "says": ["rounds up"],
            "code": _swap(_CNN, ("MaxPooling2D(2)", 'MaxPooling2D(2, padding="same")')),
        },
        "a leaky ReLU in the convolutions": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["leaky"],
            "code": _swap(_CNN, ('padding="same", activation="relu"', 'padding="same", activation="leaky_relu"')),
        },
        "a sigmoid in the dense layer": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["has a sigmoid"],
            "code": _swap(_CNN, ('Dense(64, activation="relu")', 'Dense(64, activation="sigmoid")')),
        },
        "64 kernels first, then 32": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-shapes"],
            "says": ["widths are swapped"],
            "code": _swap(_CNN, ("Conv2D(32", "Conv2D(_"), ("Conv2D(64", "Conv2D(32"), ("Conv2D(_", "Conv2D(64")),
        },
        "batch norm after the first convolution": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-any"],
            "says": ["batch norm does not occur"],
            "code": _swap(
                _CNN, ("layers.Conv2D(64, 3", "layers.BatchNormalization(),\n            layers.Conv2D(64, 3")
            ),
        },
        "a second dense layer": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["second dense layer"],
            "code": _swap(
                _CNN,
                (
                    'Dense(64, activation="relu"),',
                    'Dense(64, activation="relu"), keras.layers.Dense(64, activation="relu"),',
                ),
            ),
        },
        "no padding": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-shapes"],
            "says": ["padding='same'"],
            "code": _swap(_CNN, (', padding="same"', "")),
        },
        "no activation in the convolutions": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["convolutions have no activation"],
            "code": _swap(_CNN, (', padding="same", activation="relu"', ', padding="same"')),
        },
        "no activation in the dense layer": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["dense layer of 64 has no activation"],
            "code": _swap(_CNN, ('Dense(64, activation="relu")', "Dense(64)")),
        },
        "no activation anywhere": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["one linear function"],
            "code": _swap(_CNN, (', activation="relu"', "")),
        },
        "linear last layer": {
            "caught_by": ["build_lecture_cnn-shapes", "build_lecture_cnn-behaviour"],
            "says": ["softmax"],
            "code": _swap(_CNN, (', activation="softmax"', "")),
        },
        "sigmoid in the last layer": {
            "caught_by": ["build_lecture_cnn-shapes", "build_lecture_cnn-behaviour"],
            "says": ["not sigmoid"],
            "code": _swap(_CNN, ("softmax", "sigmoid")),
        },
        "average pooling": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["takes the mean"],
            "code": _swap(_CNN, ("MaxPooling2D", "AveragePooling2D")),
        },
        "stride instead of pooling": {
            "caught_by": ["build_lecture_cnn-shapes", "build_lecture_cnn-behaviour"],
            "says": ["no pooling"],
            "code": _swap(
                _CNN,
                ('3, padding="same"', '3, strides=2, padding="same"'),
                ("            layers.MaxPooling2D(2),\n", ""),
            ),
        },
        "second pooling forgotten": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-shapes"],
            "says": ["a pooling is missing"],
            "code": _swap(
                _CNN, ("            layers.MaxPooling2D(2),\n            layers.Flatten", "            layers.Flatten")
            ),
        },
        "both convolutions first": {
            "caught_by": ["build_lecture_cnn-shapes", "build_lecture_cnn-behaviour"],
            "says": ["before the first pooling"],
            "code": """
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
""",
        },
        "global pooling instead of flatten": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["global average pooling"],
            "code": _swap(_CNN, ("layers.Flatten()", "layers.GlobalAveragePooling2D()")),
        },
        "hidden dense layer forgotten": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["dense layer of 64 is missing"],
            "code": _swap(_CNN, ('            layers.Dense(64, activation="relu"),\n', "")),
        },
        "5×5 kernels": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["3×3"],
            "code": _swap(_CNN, ("32, 3,", "32, 5,"), ("64, 3,", "64, 5,")),
        },
        "no biases": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["biases are missing"],
            "code": _swap(_CNN, ('activation="', 'use_bias=False, activation="')),
        },
        "32 kernels twice": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["the second has 64"],
            "code": _swap(_CNN, ("Conv2D(64", "Conv2D(32")),
        },
        "divides by 255 a second time": {
            "caught_by": ["build_lecture_cnn-behaviour"],
            "says": ["prepare has done that"],
            "code": _swap(
                _CNN, ("keras.Input(input_shape),", "keras.Input(input_shape),\n            layers.Rescaling(1 / 255),")
            ),
        },
        "a frozen random first layer": {
            "caught_by": ["build_lecture_cnn-any"],
            "says": ["frozen"],
            "code": _swap(_CNN, ("Conv2D(32, 3,", "Conv2D(32, 3, trainable=False,")),
        },
        "input shape and classes fixed": {
            "caught_by": ["build_lecture_cnn-any"],
            "says": ["classes"],
            "code": _swap(
                _CNN, ("keras.Input(input_shape)", "keras.Input((28, 28, 1))"), ("Dense(classes", "Dense(10")
            ),
        },
        "the same net every time": {
            "caught_by": ["build_lecture_cnn-any"],
            "says": ["fresh net"],
            "code": _CNN.replace("def build_lecture_cnn(", "def _built(")
            + """

_nets = {}


def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    key = (tuple(input_shape), classes)
    if key not in _nets:
        _nets[key] = _built(input_shape, classes)
    return _nets[key]
""",
        },
        "no input, so nothing is built": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-shapes"],
            "says": ["keras.Input"],
            "code": _swap(_CNN, ("            keras.Input(input_shape),\n", "")),
        },
        "return forgotten": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["return"],
            "code": _swap(_CNN, ("return keras.Sequential", "model = keras.Sequential")),
        },
        "a custom layer": {
            "caught_by": ["build_lecture_cnn-total"],
            "says": ["Keras"],
            "code": """
class Scores(keras.layers.Dense):
    pass


"""
            + _swap(_CNN, ("layers.Dense(classes", "Scores(classes")),
        },
        "a Lambda layer": {
            "caught_by": ["build_lecture_cnn-total", "build_lecture_cnn-behaviour"],
            "says": ["Lambda"],
            "code": _swap(_CNN, ("layers.Flatten()", "layers.Lambda(lambda a: a + 0),\n            layers.Flatten()")),
        },
    },
    "kept_epoch": {
        "epochs count from 0": {
            "caught_by": ["kept_epoch-lecture", "kept_epoch-any"],
            "says": ["count from 1"],
            "code": _swap(_KEPT, ("int(np.argmin(values)) + 1", "int(np.argmin(values))")),
        },
        "looks for the largest loss": {
            "caught_by": ["kept_epoch-lecture", "kept_epoch-any"],
            "says": ["smallest loss is the best"],
            "code": _swap(_KEPT, ('if mode == "max":', 'if mode == "min":')),
        },
        "mode is ignored": {
            "caught_by": ["kept_epoch-lecture", "kept_epoch-any"],
            "says": ["mode is ignored"],
            "code": _swap(_KEPT, ('if mode == "max":', "if False:")),
        },
        "monitor is ignored": {
            "caught_by": ["kept_epoch-lecture", "kept_epoch-any"],
            "says": ["monitor"],
            "code": _swap(_KEPT, ("history[monitor]", 'history["val_loss"]')),
        },
        "always the best accuracy": {
            "caught_by": ["kept_epoch-lecture"],
            "says": ["the checkpoint watches val_loss"],
            "code": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    return int(np.argmax(history["val_accuracy"])) + 1
""",
        },
        "the last epoch is kept": {
            "caught_by": ["kept_epoch-lecture"],
            "says": ["last epoch"],
            "code": _swap(_KEPT, ("int(np.argmin(values)) + 1", "len(values)")),
        },
        "of equal epochs the later one": {
            "caught_by": ["kept_epoch-any"],
            "says": ["first is kept"],
            "code": _swap(_KEPT, ("int(np.argmin(values)) + 1", "len(values) - int(np.argmin(values[::-1]))")),
        },
        "NaN is the smallest": {
            "caught_by": ["kept_epoch-any"],
            "says": ["NaN"],
            "code": _swap(_KEPT, ("    values[np.isnan(values)] = np.inf\n", "")),
        },
        "the first epoch where all are NaN": {
            "caught_by": ["kept_epoch-any"],
            "says": ["nothing is kept"],
            "code": _swap(_KEPT, ("    if np.isnan(values).all():\n        return None\n", "")),
        },
        "an infinite loss ends as a NaN does": {
            "caught_by": ["kept_epoch-any"],
            "says": ["infinite"],
            "code": _swap(
                _KEPT,
                ("np.isnan(values).all()", "not np.isfinite(values).any()"),
                ("np.isnan(values)]", "~np.isfinite(values)]"),
            ),
        },
        "begins with -100": {
            "caught_by": ["kept_epoch-any"],
            "says": ["any size and sign"],
            "code": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    best, kept = (float("inf") if mode == "min" else -100.0), None
    for epoch, value in enumerate(history[monitor], start=1):
        if (value < best if mode == "min" else value > best) or (kept is None and value == best):
            best, kept = value, epoch
    return kept
""",
        },
        "rounds to four digits, as the log": {
            "caught_by": ["kept_epoch-any"],
            "says": ["not rounded"],
            "code": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    values = np.round(np.array(history[monitor], float), 4)
    if np.isnan(values).all():
        return None
    return int(np.nanargmin(values) if mode == "min" else np.nanargmax(values)) + 1
""",
        },
        "begins with 0 and 1": {
            "caught_by": ["kept_epoch-any"],
            "says": ["begin with the first"],
            "code": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    best, kept = (1.0 if mode == "min" else 0.0), None
    for epoch, value in enumerate(history[monitor], start=1):
        if (mode == "min" and value < best) or (mode == "max" and value > best):
            best, kept = value, epoch
    return kept
""",
        },
        "any mode passes": {
            "caught_by": ["kept_epoch-any"],
            "says": ["neither min nor max"],
            "code": _swap(_KEPT, ('    if mode not in ("min", "max"):\n        raise ValueError(mode)\n', "")),
        },
        "the history is sorted in place": {
            "caught_by": ["kept_epoch-lecture"],
            "says": ["changes its input"],
            "code": """
def kept_epoch(history, monitor="val_loss", mode="min"):
    if mode not in ("min", "max"):
        raise ValueError(mode)
    values = list(history[monitor])
    numbers = history[monitor]
    numbers.sort(key=lambda value: (value != value, value if mode == "min" else -value))
    return values.index(numbers[0]) + 1 if numbers[0] == numbers[0] else None
""",
        },
        "a missing quantity gives None": {
            "caught_by": ["kept_epoch-any"],
            "says": ["without the monitored quantity"],
            "code": _swap(
                _KEPT,
                (
                    "    values = np.array(history[monitor])\n",
                    "    values = np.array(history.get(monitor, [np.nan]))\n",
                ),
            ),
        },
    },
    "evaluate": {
        "a matrix of floats": {
            "caught_by": ["evaluate-recall"],
            "says": ["integers, not floats"],
            "code": _swap(_EVALUATE, ("np.zeros((classes, classes), int)", "np.zeros((classes, classes))")),
        },
        "shares in the matrix": {
            "caught_by": ["evaluate-accuracy", "evaluate-recall"],
            "says": ["counts, not shares"],
            "code": _swap(_EVALUATE, ('"confusion": confusion', '"confusion": confusion / len(y)')),
        },
        "each pair counted once": {
            "caught_by": ["evaluate-accuracy", "evaluate-recall"],
            "says": ["counted once only"],
            "code": _swap(
                _EVALUATE,
                (
                    "    for true, guess in zip(y, predicted):\n        confusion[true, guess] += 1\n",
                    "    confusion[y.astype(int), predicted] += 1\n",
                ),
            ),
        },
        "label times classes in a byte": {
            "caught_by": ["evaluate-labels"],
            "says": ["fit into a byte"],
            "code": _swap(
                _EVALUATE,
                (
                    "    confusion = np.zeros((classes, classes), int)\n"
                    "    for true, guess in zip(y, predicted):\n        confusion[true, guess] += 1\n",
                    "    confusion = np.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes)\n",
                ),
            ),
        },
        "precision instead of recall": {
            "caught_by": ["evaluate-recall"],
            "says": ["precision"],
            "code": _swap(_EVALUATE, ("confusion.sum(axis=1)", "confusion.sum(axis=0)")),
        },
        "confusion matrix transposed": {
            "caught_by": ["evaluate-accuracy", "evaluate-recall"],
            "says": ["the row is the true class"],
            "code": _swap(_EVALUATE, ("confusion[true, guess]", "confusion[guess, true]")),
        },
        "accuracy as the mean recall": {
            "caught_by": ["evaluate-accuracy"],
            "says": ["mean of the recalls"],
            "code": _swap(_EVALUATE, ("np.mean(predicted == y)", "float(np.nanmean(recall))")),
        },
        "accuracy in per cent": {
            "caught_by": ["evaluate-accuracy"],
            "says": ["between 0 and 1"],
            "code": _swap(_EVALUATE, ("np.mean(predicted == y)", "100 * np.mean(predicted == y)")),
        },
        "number of right answers": {
            "caught_by": ["evaluate-accuracy"],
            "says": ["divide by the number"],
            "code": _swap(_EVALUATE, ("np.mean(predicted == y)", "int(np.sum(predicted == y))")),
        },
        "a hard-coded accuracy": {
            "caught_by": ["evaluate-accuracy", "evaluate-recall"],
            "says": ["three of four"],
            "code": _swap(_EVALUATE, ("np.mean(predicted == y)", "0.992")),
        },
        "argmax over the wrong axis": {
            "caught_by": ["evaluate-accuracy"],
            "says": [],
            "code": _swap(_EVALUATE, ("predicted = scores.argmax(axis=1)", "predicted = scores.argmax(axis=0)")),
        },
        "one-hot labels are not turned back": {
            "caught_by": ["evaluate-labels"],
            "says": [],
            "code": _swap(
                _EVALUATE, ("    if y.ndim == 2 and y.shape[1] == classes:\n        y = y.argmax(axis=1)\n", "")
            ),
        },
        "only one-hot labels": {
            "caught_by": ["evaluate-accuracy", "evaluate-recall"],
            "says": [],
            "code": _swap(
                _EVALUATE,
                ("    if y.ndim == 2 and y.shape[1] == classes:\n        y = y", "    if True:\n        y = y"),
            ),
        },
        "labels of shape (N, 1) against (N,)": {
            "caught_by": ["evaluate-labels"],
            "says": ["compares every label with every prediction"],
            "code": _swap(
                _EVALUATE,
                ("    y = y.reshape(-1)\n", ""),
                ("zip(y, predicted)", "zip(y.reshape(-1), predicted)"),
            ),
        },
        "rounds the scores": {
            "caught_by": ["evaluate-labels"],
            "says": ["largest score"],
            "code": _swap(
                _EVALUATE, ("predicted = scores.argmax(axis=1)", "predicted = (scores > 0.5).argmax(axis=1)")
            ),
        },
        "a class without images gets 0": {
            "caught_by": ["evaluate-labels"],
            "says": ["NaN"],
            "code": _swap(_EVALUATE, ('"recall": recall}', '"recall": np.nan_to_num(recall)}')),
        },
        "classes counted from the labels": {
            "caught_by": ["evaluate-labels"],
            "says": [],
            "code": """
def evaluate(model, x, y):
    from sklearn.metrics import confusion_matrix

    scores = model.predict(x, verbose=0)
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == scores.shape[1]:
        y = y.argmax(axis=1)
    y = y.reshape(-1)
    confusion = confusion_matrix(y, scores.argmax(axis=1), labels=np.unique(y))
    recall = np.diag(confusion) / confusion.sum(axis=1)
    return {"accuracy": np.mean(scores.argmax(axis=1) == y), "confusion": confusion, "recall": recall}
""",
        },
        "as many classes as the largest label": {
            "caught_by": ["evaluate-labels"],
            "says": [],
            "code": _swap(
                _EVALUATE,
                (
                    "    predicted = scores.argmax(axis=1)\n",
                    "    classes = y.max() + 1\n    predicted = scores.argmax(axis=1)\n",
                ),
            ),
        },
        "as many classes as labels and predictions reach": {
            "caught_by": ["evaluate-labels"],
            "says": ["not that of the labels which occur"],
            "code": _swap(
                _EVALUATE,
                (
                    "    predicted = scores.argmax(axis=1)\n",
                    "    predicted = scores.argmax(axis=1)\n    classes = max(y.max(), predicted.max()) + 1\n",
                ),
            ),
        },
        "dropout is left on": {
            "caught_by": ["evaluate-labels"],
            "says": ["inference mode"],
            "code": _swap(_EVALUATE, ("model.predict(x, verbose=0)", "np.asarray(model(x, training=True))")),
        },
        "scales the images again": {
            "caught_by": ["evaluate-labels"],
            "says": [],
            "code": _swap(
                _EVALUATE, ("model.predict(x, verbose=0)", "model.predict((x / 255).astype('uint8'), verbose=0)")
            ),
        },
        "recall forgotten": {
            "caught_by": ["evaluate-accuracy"],
            "says": ["recall"],
            "code": _swap(_EVALUATE, (', "recall": recall}', "}")),
        },
        "returns the accuracy alone": {
            "caught_by": ["evaluate-accuracy"],
            "says": ["dictionary"],
            "code": _swap(
                _EVALUATE,
                (
                    'return {"accuracy": np.mean(predicted == y), "confusion": confusion, "recall": recall}',
                    "return np.mean(predicted == y)",
                ),
            ),
        },
    },
    "train": {
        "the best weights are not restored": {
            "caught_by": ["train-best"],
            "says": ["last epoch"],
            "code": _swap(_TRAIN, ("    best.restore(model)\n", "")) + _NO_RUN,
        },
        "the wrong mode for an accuracy": {
            "caught_by": ["train-best"],
            "says": ["mode is the wrong way round"],
            "code": _swap(_TRAIN, ('"max" if monitor == "val_accuracy" else "min"', '"min"')) + _NO_RUN,
        },
        "the wrong mode for a loss": {
            "caught_by": ["train-best"],
            "says": ["mode is the wrong way round"],
            "code": _swap(_TRAIN, ('"max" if monitor == "val_accuracy" else "min"', '"max"')) + _NO_RUN,
        },
        "monitor is ignored": {
            "caught_by": ["train-best"],
            "says": ["watch the quantity that is asked for"],
            "code": _swap(
                _TRAIN,
                (
                    'training.BestWeights(monitor, "max" if monitor == "val_accuracy" else "min")',
                    'training.BestWeights("val_loss", "min")',
                ),
            )
            + _NO_RUN,
        },
        "the best epoch of the training part": {
            "caught_by": ["train-best"],
            "says": [],
            "code": _swap(
                _TRAIN,
                (
                    'training.BestWeights(monitor, "max" if monitor == "val_accuracy" else "min")',
                    'training.BestWeights("loss", "min")',
                ),
            )
            + _NO_RUN,
        },
        "validates on the training part": {
            "caught_by": ["train-best", "train-loss"],
            "says": [],
            "code": _swap(_TRAIN, ("validation=validation_part", "validation=train_part")) + _NO_RUN,
        },
        "trains on the validation part, too": {
            "caught_by": ["train-loss"],
            "says": ["trained on"],
            "code": _swap(
                _TRAIN,
                ("model, *train_part,", "model, *[np.concatenate(p) for p in zip(train_part, validation_part)],"),
            )
            + _NO_RUN,
        },
        "a piece of the training part validates": {
            "caught_by": ["train-loss"],
            "says": ["not the part that is measured"],
            "code": _swap(
                _TRAIN,
                (
                    "    best = ",
                    "    x, y = train_part\n    n = len(x) * 4 // 5\n    train_part, validation_part = (x[:n], y[:n]), (x[n:], y[n:])\n    best = ",
                ),
            )
            + _NO_RUN,
        },
        "softmax with from_logits": {
            "caught_by": ["train-loss"],
            "says": ["softmax of the softmax"],
            "code": _swap(
                _TRAIN,
                ('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(from_logits=True)"),
            )
            + _NO_RUN,
        },
        "label smoothing": {
            "caught_by": ["train-loss"],
            "says": ["label smoothing"],
            "code": _swap(
                _TRAIN,
                ('loss="categorical_crossentropy"', "loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"),
            )
            + _NO_RUN,
        },
        "binary cross-entropy": {
            "caught_by": ["train-loss"],
            "says": ["binary"],
            "code": _swap(_TRAIN, ("categorical_crossentropy", "binary_crossentropy")) + _NO_RUN,
        },
        "mean squared error": {
            "caught_by": ["train-loss"],
            "says": ["mean squared error"],
            "code": _swap(_TRAIN, ("categorical_crossentropy", "mean_squared_error")) + _NO_RUN,
        },
        "sparse loss with one-hot labels": {
            "caught_by": ["train-history", "train-learns"],
            "says": [],
            "code": _swap(_TRAIN, ("categorical_crossentropy", "sparse_categorical_crossentropy")) + _NO_RUN,
        },
        "no metric": {
            "caught_by": ["train-history"],
            "says": ["metrics=['accuracy']"],
            "code": _swap(_TRAIN, (', metrics=["accuracy"]', "")) + _NO_RUN,
        },
        "no validation": {
            "caught_by": ["train-history"],
            "says": ["validation=validation_part"],
            "code": _swap(
                _TRAIN,
                (" validation=validation_part,", ""),
                (", callbacks=[best]", ""),
                ("    best.restore(model)\n", ""),
            )
            + _NO_RUN,
        },
        "epochs fixed": {
            "caught_by": ["train-history", "train-loss"],
            "says": ["epochs=epochs"],
            "code": _swap(_TRAIN, ("epochs=epochs", "epochs=8")) + _NO_RUN,
        },
        "batch_size is ignored": {
            "caught_by": ["train-loss"],
            "says": ["batch_size is not used"],
            "code": _swap(_TRAIN, ("batch_size=batch_size, ", "")) + _NO_RUN,
        },
        "batch_size fixed at Keras's 32": {
            "caught_by": ["train-loss"],
            "says": ["Keras takes 32"],
            "code": _swap(_TRAIN, ("batch_size=batch_size", "batch_size=32")) + _NO_RUN,
        },
        "stops early": {
            "caught_by": ["train-loss"],
            "says": ["all epochs"],
            "code": _swap(_TRAIN, ("[best]", "[best, keras.callbacks.EarlyStopping(patience=1)]")) + _NO_RUN,
        },
        "returns the history alone": {
            "caught_by": ["train-history"],
            "says": ["two things"],
            "code": _swap(_TRAIN, ("return model, history", "return history")) + _NO_RUN,
        },
        "returns Keras's History object": {
            "caught_by": ["train-history"],
            "says": ["dictionary"],
            "code": """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    best = training.BestWeights(monitor, "max" if monitor == "val_accuracy" else "min")
    history = model.fit(
        *train_part, validation_data=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[best], verbose=0
    )
    best.restore(model)
    return model, history
"""
            + _NO_RUN,
        },
        "a learning rate far too small": {
            "caught_by": ["train-learns"],
            "says": ["learning rate"],
            "code": _swap(_TRAIN, ("Adam(2e-3)", "SGD(1e-5)")) + _NO_RUN,
        },
        "a learning rate far too large": {
            "caught_by": ["train-learns"],
            "says": [],
            "code": _swap(_TRAIN, ("Adam(2e-3)", "SGD(1e6)")) + _NO_RUN,
        },
        "labels and images out of step": {
            "caught_by": ["train-learns"],
            "says": ["in step"],
            "code": _swap(
                _TRAIN, ("model, *train_part,", "model, train_part[0], np.roll(train_part[1], 1, axis=0)[::-1],")
            )
            + _NO_RUN,
        },
        "another net is trained and returned": {
            "caught_by": ["train-learns"],
            "says": ["another one"],
            "code": _swap(
                _TRAIN,
                (
                    "    model.compile(",
                    "    layers = keras.layers\n    model = keras.Sequential([keras.Input(train_part[0].shape[1:]), layers.Flatten(), layers.Dense(3, 'softmax')])\n    model.compile(",
                ),
            )
            + _NO_RUN,
        },
        "nothing is trained, the history is made up": {
            "caught_by": ["train-learns", "train-best"],
            "says": ["no weight has changed"],
            "code": """
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    good = [0.992] * epochs
    return model, {"loss": [0.01] * epochs, "accuracy": good, "val_loss": [0.02] * epochs, "val_accuracy": good}
"""
            + _NO_RUN,
        },
        "the test set validates, as in the lecture": {
            "caught_by": ["train-fair", "train-good"],
            "says": ["cnn"],
            "code": _TRAIN + _swap(_RUN, ("prepare(*data.validation)", "prepare(*data.test)")),
        },
        "the net is left untrained": {
            "caught_by": ["train-fair", "train-good"],
            "says": ["validation accuracy is still well below"],
            "code": _TRAIN + "\n\ncnn, cnn_history = build_lecture_cnn(), {}\n",
        },
        "trained on images scaled twice": {
            "caught_by": ["train-fair", "train-good"],
            "says": ["validation accuracy is still well below"],
            "code": _TRAIN
            + _swap(
                _RUN,
                (
                    "train_part = prepare(*data.train)",
                    "train_part = prepare(*data.train)\ntrain_part = (train_part[0] / 255, train_part[1])",
                ),
                (
                    "validation_part = prepare(*data.validation)",
                    "validation_part = prepare(*data.validation)\nvalidation_part = (validation_part[0] / 255, validation_part[1])",
                ),
            ),
        },
        "strides for poolings, with the same 220,234 weights": {
            "caught_by": ["train-fair"],
            "says": ["computes something else"],
            "code": """
def other_net():
    layers = keras.layers
    net = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64):
        net.add(layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu"))
    for layer in (layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(10, "softmax")):
        net.add(layer)
    return net

"""
            + _TRAIN
            + _swap(_RUN, ("    build_lecture_cnn,\n", "    other_net,\n")),
        },
        "another net than the lecture's": {
            "caught_by": ["train-fair", "train-good"],
            "says": ["220,234"],
            "code": """
def other_net():
    return keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(512, "relu"), keras.layers.Dense(10, "softmax")]
    )

"""
            + _TRAIN
            + _swap(_RUN, ("    build_lecture_cnn,\n", "    other_net,\n"), ("epochs=EPOCHS)", "epochs=1)")),
        },
    },
    "permute_pixels": {
        "a seed of 0 is no seed": {
            "caught_by": ["permute_pixels-any"],
            "says": ["or on chance"],
            "code": """
def permute_pixels(x, seed=0):
    n, h, w, c = x.shape
    return x.reshape(n, h * w, c)[:, np.random.default_rng(seed or None).permutation(h * w)].reshape(x.shape)
""",
        },
        "every image in another order": {
            "caught_by": ["permute_pixels-same", "permute_pixels-any"],
            "says": ["same order"],
            "code": """
def permute_pixels(x, seed=0):
    rng = np.random.default_rng(seed)
    n, h, w, c = x.shape
    return np.stack([image.reshape(h * w, c)[rng.permutation(h * w)].reshape(h, w, c) for image in x])
""",
        },
        "shuffles the images instead of the pixels": {
            "caught_by": ["permute_pixels-same"],
            "says": [],
            "code": """
def permute_pixels(x, seed=0):
    return x[np.random.default_rng(seed).permutation(len(x))]
""",
        },
        "whole rows change places": {
            "caught_by": ["permute_pixels-any"],
            "says": ["whole rows"],
            "code": """
def permute_pixels(x, seed=0):
    return x[:, np.random.default_rng(seed).permutation(x.shape[1])]
""",
        },
        "channels are torn apart": {
            "caught_by": ["permute_pixels-any"],
            "says": ["channels"],
            "code": """
def permute_pixels(x, seed=0):
    flat = x.reshape(len(x), -1)
    return flat[:, np.random.default_rng(seed).permutation(flat.shape[1])].reshape(x.shape)
""",
        },
        "a new order at each call": {
            "caught_by": ["permute_pixels-any"],
            "says": ["same order"],
            "code": """
def permute_pixels(x, seed=0):
    n, h, w, c = x.shape
    return x.reshape(n, h * w, c)[:, np.random.default_rng().permutation(h * w)].reshape(x.shape)
""",
        },
        "changes the caller's images": {
            "caught_by": ["permute_pixels-same"],
            "says": ["work on a copy"],
            "code": """
def permute_pixels(x, seed=0):
    n, h, w, c = x.shape
    x[:] = x.reshape(n, h * w, c)[:, np.random.default_rng(seed).permutation(h * w)].reshape(x.shape)
    return x
""",
        },
    },
    "mcnemar": {
        "one-sided": {
            "caught_by": ["mcnemar-worked", "mcnemar-any"],
            "says": ["twice the one tail"],
            "code": """
def mcnemar(y, first, second):
    from scipy.stats import binom

    a, b = first != y, second != y
    b, c = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    return b, c, float(binom.cdf(min(b, c), b + c, 0.5))
""",
        },
        "counts all errors of each": {
            "caught_by": ["mcnemar-worked", "mcnemar-any"],
            "says": ["ONLY"],
            "code": """
def mcnemar(y, first, second):
    from scipy.stats import binomtest

    b, c = int(np.sum(first != y)), int(np.sum(second != y))
    return b, c, binomtest(b, b + c).pvalue if b + c else 1.0
""",
        },
        "above 1 when they are equal": {
            "caught_by": ["mcnemar-any"],
            "says": ["p = 1"],
            "code": """
def mcnemar(y, first, second):
    from scipy.stats import binom

    wrong, other = first != y, second != y
    b, c = int(np.sum(wrong & ~other)), int(np.sum(other & ~wrong))
    return b, c, 2 * float(binom.cdf(min(b, c), b + c, 0.5))
""",
        },
        "the chi-squared approximation": {
            "caught_by": ["mcnemar-worked", "mcnemar-any"],
            "says": [],
            "code": """
def mcnemar(y, first, second):
    from scipy.stats import chi2

    wrong, other = first != y, second != y
    b, c = int(np.sum(wrong & ~other)), int(np.sum(other & ~wrong))
    return b, c, float(chi2.sf((b - c) ** 2 / (b + c), 1)) if b + c else 1.0
""",
        },
        "2 ** (b + c) in 64-bit integers": {
            "caught_by": ["mcnemar-any"],
            "says": ["64-bit"],
            "code": """
from math import comb


def mcnemar(y, first, second):
    b = np.sum((first != y) & (second == y))
    c = np.sum((first == y) & (second != y))
    p = 2 * sum(comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c)
    return b, c, min(1.0, p)
""",
        },
        "b and c swapped": {
            "caught_by": ["mcnemar-worked", "mcnemar-any"],
            "says": ["swapped"],
            "code": """
def mcnemar(y, first, second):
    from scipy.stats import binomtest

    wrong, other = first != y, second != y
    b, c = int(np.sum(other & ~wrong)), int(np.sum(wrong & ~other))
    return b, c, binomtest(b, b + c).pvalue if b + c else 1.0
""",
        },
    },
}

# Changes without effect: `zip(strict=True)` is a safeguard, min has no order, and no sum of fractions is a millionth off 1 to
# the last bit.
EQUIVALENT_MUTANTS = {
    "split": {"True → False", "abs(sum(fractions) - 1) > 1e-06 → abs(sum(fractions) - 1) >= 1e-06"},
    "kept_epoch": {"('min', 'max') → ('max', 'min')"},
    "mcnemar": {
        "min(b, c) → min(c, b)",
        "min(1.0, 2 * tail / 2 ** (b + c)) → min(2 * tail / 2 ** (b + c), 1.0)",
    },
}
