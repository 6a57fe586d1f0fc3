"""Wrong answers that students give in week 10. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""


def _change(code: str, *changes: tuple[str, str]) -> str:
    """`code` with words replaced; each of them must be there."""
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{old!r} is not in the answer")
        code = code.replace(old, new)
    return code


def _wrong(code: str, caught_by: str, says: str, *changes: tuple[str, str]) -> dict[str, object]:
    return {"caught_by": caught_by.split(), "says": [says], "code": _change(code, *changes)}


_FEATURES = """
def features(base, x, batch_size=500):
    parts = [np.asarray(base(x[i : i + batch_size], training=False)) for i in range(0, len(x), batch_size)]
    return np.concatenate(parts)
"""

_PROBE = """
def linear_probe(f, y):
    f = np.asarray(f, float)
    mean, scale = f.mean(axis=0), f.std(axis=0) + 1e-9
    z = (f - mean) / scale
    labels = np.eye(y.max() + 1)[y]
    share = labels.mean(axis=0)
    W = np.linalg.solve(z.T @ z + f.shape[1] * np.eye(f.shape[1]), z.T @ (labels - share))
    W = W / scale[:, None]
    b = share - mean @ W
    return W, b
"""

_DESCENT = """
def linear_probe(f, y):
    f = np.asarray(f, float)
    mean, scale = f.mean(axis=0), f.std(axis=0) + 1e-9
    z = (f - mean) / scale
    labels = np.eye(y.max() + 1)[y]
    W, b = np.zeros((f.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    for _ in range(300):
        scores = z @ W + b
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        error = (p - labels) / len(z)
        W -= 0.05 * (z.T @ error + 1e-2 * W)
        b -= 0.05 * error.sum(axis=0)
    W = W / scale[:, None]
    return W, b - mean @ W
"""

_CURVE = """
def probe_curve(f, y, f_test, y_test, samples, seeds):
    table = np.zeros((len(seeds), len(samples)))
    for row, seed in enumerate(seeds):
        for column, each in enumerate(samples):
            chosen = pretrained.few(y, each, seed)
            W, b = linear_probe(f[chosen], y[chosen])
            table[row, column] = np.mean((f_test @ W + b).argmax(axis=1) == y_test)
    return table
"""

_SCRATCH = """
def build_scratch(classes):
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        keras.layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False),
        keras.layers.BatchNormalization(momentum=0.8),
        keras.layers.ReLU(),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(classes, activation="softmax"),
    ])


def train_scratch(model, x, y):
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs=1, batch_size=20, quiet=True)


scratch, scratch_history = training.trained(
    "scratch", lambda: build_scratch(4), lambda model: train_scratch(model, x_few, y_few)
)
probe = linear_probe(features(base, x_few), y_few)
"""

_FREEZE = """
def freeze(base, classes, rate=1e-3):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    outputs = keras.layers.Dense(classes, activation="softmax")(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

_THAW = """
def unfreeze_top(model, n, rate=1e-4):
    base = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    convolutions = [layer for layer in base.layers if isinstance(layer, keras.layers.Conv2D)]
    if not 0 <= n <= len(convolutions):
        raise ValueError("so many cannot be thawed")
    base.trainable = True
    for layer in base.layers:
        layer.trainable = False
    for layer in convolutions[len(convolutions) - n :]:
        layer.trainable = True
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

_TUNE = """
def fine_tune(base, x, y, n, epochs=(20, 10), rates=(1e-3, 1e-4)):
    model = freeze(base, int(np.max(y)) + 1, rates[0])
    model.fit(x, y, epochs=epochs[0], batch_size=32, verbose=0)
    model = unfreeze_top(model, n, rates[1])
    model.fit(x, y, epochs=epochs[1], batch_size=32, verbose=0)
    return model
"""

_VALIDATE = """
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    problems, counts, known = [], {}, {}
    for name in sorted(files):
        if not name.lower().endswith(SUFFIXES):
            continue
        group = name.split("/")[0]
        counts.setdefault(group, 0)
        try:
            with Image.open(io.BytesIO(files[name])) as image:
                pixels = np.asarray(image.convert("RGB"))
        except Exception:
            problems.append(f"{name} cannot be read")
            continue
        counts[group] += 1
        key = (pixels.shape, pixels.tobytes())
        if key in known:
            problems.append(f"{name} shows the same picture as {known[key]}")
        known.setdefault(key, name)
    if len(counts) < least_classes:
        problems.append(f"there are {len(counts)} classes, and {least_classes} are needed")
    for group, count in counts.items():
        if count < least_images:
            problems.append(f"{group} has {count} images")
    small, large = min(counts, key=counts.get), max(counts, key=counts.get)
    if counts[large] > most_ratio * counts[small]:
        problems.append(f"{large} has many more images than {small}")
    return problems
"""

_SPLIT = """
def split_dataset(files, test=0.2, seed=0):
    pictures, classes = {}, {}
    for name in sorted(files):
        if not name.lower().endswith(SUFFIXES):
            continue
        with Image.open(io.BytesIO(files[name])) as image:
            pixels = np.asarray(image.convert("RGB"))
        key = (pixels.shape, pixels.tobytes())
        pictures.setdefault(key, []).append(name)
        classes.setdefault(name.split("/")[0], []).append(key)
    rng = np.random.default_rng(seed)
    train, held = [], []
    done = set()
    for group, keys in classes.items():
        wanted = round(test * len(keys))
        keys = [keys[i] for i in rng.permutation(len(keys))]
        taken = 0
        for key in keys:
            if key in done:
                continue
            done.add(key)
            if taken + len(pictures[key]) <= wanted:
                held += pictures[key]
                taken += len(pictures[key])
            else:
                train += pictures[key]
    return train, held
"""

_ALEX = """
def alexnet_mini(size=32, classes=3):
    net = keras.Sequential([keras.Input((size, size, 3))])
    net.add(keras.layers.Conv2D(12, 5, strides=2 if size > 40 else 1, padding="same", activation="relu"))
    net.add(keras.layers.MaxPooling2D(3, strides=2))
    net.add(keras.layers.Conv2D(24, 3, padding="same", activation="relu"))
    net.add(keras.layers.MaxPooling2D(3, strides=2))
    net.add(keras.layers.Conv2D(32, 3, padding="same", activation="relu"))
    net.add(keras.layers.Conv2D(32, 3, padding="same", activation="relu"))
    net.add(keras.layers.Conv2D(24, 3, padding="same", activation="relu"))
    net.add(keras.layers.MaxPooling2D(3, strides=2))
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dense(64, activation="relu"))
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net


def train_own(model, x, y):
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x[:64], y[:64], epochs=1, batch_size=32, quiet=True)


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_own, y_own))
"""

_CAM = """
def grad_cam(maps, gradients, size):
    weights = gradients.mean(axis=(0, 1))
    heat = np.maximum((maps * weights).sum(axis=-1), 0)
    if heat.max() > 0:
        heat = heat / heat.max()
    return heat.repeat(size // heat.shape[0], axis=0).repeat(size // heat.shape[1], axis=1)
"""

_BATCHNORM = "isinstance(layer, keras.layers.BatchNormalization)"

MISTAKES = {
    "features": {
        "training mode": _wrong(
            _FEATURES, "features-values features-alone", "statistics of the batch", ("training=False", "training=True")
        ),
        "last batch lost": _wrong(
            _FEATURES,
            "features-values",
            "last images are lost",
            ("range(0, len(x), batch", "range(0, len(x) - batch_size + 1, batch"),
        ),
        "first batch only": _wrong(
            _FEATURES, "features-values", "only the first batch", ("return np.concatenate(parts)", "return parts[0]")
        ),
        "scaled twice": _wrong(
            _FEATURES,
            "features-values",
            "scaled already",
            ("base(x[i : i + batch_size]", "base(x[i : i + batch_size] / 255"),
        ),
        "transposed": _wrong(
            _FEATURES, "features-values", "(N, d)", ("np.concatenate(parts)", "np.concatenate(parts).T")
        ),
        "standardised": _wrong(
            _FEATURES,
            "features-values features-alone",
            "inference mode",
            (
                "    return np.concatenate(parts)",
                "    f = np.concatenate(parts)\n    return (f - f.mean(axis=0)) / (f.std(axis=0) + 1e-6)",
            ),
        ),
        "images scaled over the batch": _wrong(
            _FEATURES,
            "features-values features-alone",
            "inference mode",
            ("    parts =", "    x = (x - x.mean()) / x.std()\n    parts ="),
        ),
        "changes its images": _wrong(
            _FEATURES,
            "features-alone",
            "changes its input",
            ("    parts =", "    x *= 1.0\n    x[0] += 1e-3\n    parts ="),
        ),
        "a list of batches": _wrong(_FEATURES, "features-values", "", ("return np.concatenate(parts)", "return parts")),
        "no return": _wrong(
            _FEATURES, "features-values features-alone", "return", ("    return np.concatenate(parts)\n", "")
        ),
    },
    "linear_probe": {
        "transposed": _wrong(_PROBE, "linear_probe-separates", "transposed", ("return W, b", "return W.T, b")),
        "bias with an axis": _wrong(
            _PROBE, "linear_probe-separates", "without another axis", ("return W, b", "return W, b[None]")
        ),
        "bias forgotten": _wrong(
            _PROBE, "linear_probe-anywhere", "is there a bias", ("b = share - mean @ W", "b = np.zeros(len(share))")
        ),
        "mean not folded in": _wrong(
            _PROBE, "linear_probe-anywhere", "mean folded in", ("b = share - mean @ W", "b = share")
        ),
        "scale not folded in": _wrong(_PROBE, "linear_probe-anywhere", "fold", ("    W = W / scale[:, None]\n", "")),
        "no regularisation": _wrong(
            _PROBE,
            "linear_probe-few",
            "falls apart",
            (
                "np.linalg.solve(z.T @ z + f.shape[1] * np.eye(f.shape[1]), z.T @ (labels - share))",
                "np.linalg.pinv(z) @ (labels - share)",
            ),
        ),
        "features not scaled": _wrong(
            _DESCENT,
            "linear_probe-anywhere",
            "",
            ("scale = f.mean(axis=0), f.std(axis=0) + 1e-9", "scale = np.zeros(f.shape[1]), np.ones(f.shape[1])"),
        ),
        "divides by a deviation of 0": _wrong(_PROBE, "linear_probe-anywhere", "do not divide by it", (" + 1e-9", "")),
        "one step": _wrong(_DESCENT, "linear_probe-few", "", ("range(300)", "range(1)"), ("0.05 * (z", "-0.05 * (z")),
        "uphill": _wrong(
            _DESCENT,
            "linear_probe-separates",
            "worse than chance",
            ("W -= 0.05", "W += 0.05"),
            ("+ 1e-2 * W", "- 1e-2 * W"),
        ),
        "diverges": _wrong(_DESCENT, "linear_probe-separates", "NaN", ("W -= 0.05 *", "W -= 1e200 *")),
        "four classes, always": _wrong(_PROBE, "linear_probe-anywhere", "", ("np.eye(y.max() + 1)", "np.eye(4)")),
        "W alone": _wrong(_PROBE, "linear_probe-separates", "two things", ("return W, b", "return W")),
    },
    "probe_curve": {
        "in all instead of each": _wrong(
            _CURVE,
            "probe_curve-table",
            "*each* class",
            (
                "pretrained.few(y, each, seed)",
                "np.random.default_rng(seed).permutation(len(y))[: each * (y.max() + 1)]",
            ),
        ),
        "the first ones": _wrong(
            _CURVE,
            "probe_curve-seeds",
            "use the seed",
            ("pretrained.few(y, each, seed)", "np.concatenate([np.flatnonzero(y == c)[:each] for c in np.unique(y)])"),
        ),
        "one seed for all": _wrong(_CURVE, "probe_curve-seeds", "use the seed", ("each, seed)", "each, 0)")),
        "no seed": _wrong(
            _CURVE,
            "probe_curve-seeds",
            "default_rng",
            ("each, seed)", "each, int(np.random.default_rng().integers(10**6)))"),
        ),
        "trained on the test part": _wrong(
            _CURVE,
            "probe_curve-leak",
            "test part was trained on",
            ("linear_probe(f[chosen], y[chosen])", "linear_probe(np.r_[f[chosen], f_test], np.r_[y[chosen], y_test])"),
        ),
        "accuracy of the training images": _wrong(
            _CURVE,
            "probe_curve-leak",
            "training images",
            ("(f_test @ W + b).argmax(axis=1) == y_test", "(f[chosen] @ W + b).argmax(axis=1) == y[chosen]"),
        ),
        "transposed": _wrong(_CURVE, "probe_curve-table", "transposed", ("return table", "return table.T")),
        "counts": _wrong(_CURVE, "probe_curve-table", "share", ("np.mean(", "np.sum(")),
        "with replacement": _wrong(
            _CURVE,
            "probe_curve-seeds",
            "none twice",
            (
                "pretrained.few(y, each, seed)",
                "np.concatenate([np.random.default_rng(seed).choice(np.flatnonzero(y == c), each) for c in np.unique(y)])",
            ),
        ),
        "all images, always": _wrong(
            _CURVE, "probe_curve-seeds", "every seed chooses", ("pretrained.few(y, each, seed)", "np.arange(len(y))")
        ),
    },
    "scratch": {
        "hardly trained": _wrong(_SCRATCH, "scratch-fair scratch-opponent", "serious opponent"),
        "too many weights": _wrong(
            _SCRATCH,
            "scratch-fair",
            "at most 100,000",
            ("GlobalAveragePooling2D()", "Flatten()"),
            ("keras.layers.Dense(classes", "keras.layers.Dense(64), keras.layers.Dense(classes"),
        ),
        "ten classes": _wrong(
            _SCRATCH, "scratch-fair scratch-opponent", "four numbers", ("build_scratch(4)", "build_scratch(10)")
        ),
        "grey images": _wrong(
            _SCRATCH,
            "scratch-fair",
            "32×32×3",
            ("(32, 32, 3)", "(32, 32, 1)"),
            ("train_scratch(model, x_few", "train_scratch(model, x_few[..., :1]"),
        ),
        "the probe of pixels": _wrong(
            _SCRATCH, "scratch-probe", "base's features", ("features(base, x_few)", "x_few.reshape(100, -1)")
        ),
        "the probe of the wrong labels": _wrong(
            _SCRATCH, "scratch-probe", "knows less", ("x_few), y_few)", "x_few), np.roll(y_few, 1))")
        ),
        "trained on wrong labels": _wrong(
            _SCRATCH,
            "scratch-fair scratch-opponent",
            "serious opponent",
            ("train_scratch(model, x_few, y_few)", "train_scratch(model, x_few, y_few[::-1])"),
        ),
        "W without b": _wrong(_SCRATCH, "scratch-probe", "W and b", ("x_few), y_few)\n", "x_few), y_few)[0]\n")),
        "another net than the one built": _wrong(
            _SCRATCH,
            "scratch-fair",
            "run the cell again",
            (
                "probe = linear",
                "def build_scratch(classes):\n    return keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(classes)])\n\n\nprobe = linear",
            ),
            ("epochs=1", "epochs=40"),
        ),
    },
    "freeze": {
        "not frozen": _wrong(_FREEZE, "freeze-counts freeze-holds", "not frozen", ("    base.trainable = False\n", "")),
        "training=False alone, statistics thawed": _wrong(
            _FREEZE,
            "freeze-counts freeze-holds",
            "batch norms",
            (
                "    base.trainable = False\n",
                f"    for layer in base.layers:\n        layer.trainable = {_BATCHNORM}\n",
            ),
        ),
        "only the statistics move": _wrong(
            _FREEZE,
            "freeze-holds",
            "it is not frozen",
            (
                "    base.trainable = False\n",
                f"    for layer in base.layers:\n        layer.trainable = {_BATCHNORM}\n        if layer.trainable:\n            layer.gamma.trainable = layer.beta.trainable = False\n",
            ),
        ),
        "the head as well": _wrong(
            _FREEZE,
            "freeze-counts freeze-holds",
            "head",
            ("    model.compile", "    model.trainable = False\n    model.compile"),
        ),
        "all but the last layer of the base": _wrong(
            _FREEZE,
            "freeze-counts",
            "last layer of the base",
            ("    base.trainable = False\n", "    for layer in base.layers[:-4]:\n        layer.trainable = False\n"),
        ),
        "new weights": _wrong(
            _FREEZE,
            "freeze-holds",
            "base itself",
            ("    base.trainable = False\n", "    base = keras.models.clone_model(base)\n    base.trainable = False\n"),
        ),
        "no softmax": _wrong(_FREEZE, "freeze-counts freeze-holds", "softmax", (', activation="softmax"', "")),
        "sigmoid": _wrong(_FREEZE, "freeze-counts freeze-holds", "softmax", ('"softmax"', '"sigmoid"')),
        "features instead of classes": _wrong(
            _FREEZE,
            "freeze-counts",
            "not the base's features",
            ('keras.layers.Dense(classes, activation="softmax")(base(inputs, training=False))', "base(inputs)"),
        ),
        "no bias": _wrong(_FREEZE, "freeze-counts", "no bias", ("Dense(classes,", "Dense(classes, use_bias=False,")),
        "a hidden layer": _wrong(
            _FREEZE,
            "freeze-counts freeze-holds",
            "alone",
            (
                'softmax")(base(inputs, training=False))',
                'softmax")(keras.layers.Dense(16, activation="relu")(base(inputs)))',
            ),
        ),
        "no return": _wrong(_FREEZE, "freeze-counts freeze-holds", "return", ("    return model\n", "")),
    },
    "unfreeze_top": {
        "from the bottom": _wrong(
            _THAW,
            "unfreeze_top-counts unfreeze_top-which",
            "wrong end",
            ("convolutions[len(convolutions) - n :]", "convolutions[:n]"),
        ),
        "everything": _wrong(
            _THAW,
            "unfreeze_top-counts",
            "whole base",
            ("        layer.trainable = False\n", "        layer.trainable = True\n"),
        ),
        "all convolutions": _wrong(
            _THAW,
            "unfreeze_top-counts unfreeze_top-which unfreeze_top-fits",
            "all convolutions",
            ("convolutions[len(convolutions) - n :]", "convolutions"),
        ),
        "batch norms too": _wrong(
            _THAW,
            "unfreeze_top-counts unfreeze_top-fits",
            "batch norm",
            ("        layer.trainable = False\n", f"        layer.trainable = {_BATCHNORM}\n"),
        ),
        "batch norms in between": _wrong(
            _THAW,
            "unfreeze_top-counts unfreeze_top-fits",
            "batch norm",
            (
                "    for layer in convolutions[len(convolutions) - n :]:",
                "    first = base.layers.index(convolutions[len(convolutions) - n]) if n else len(base.layers)\n    for layer in base.layers[first:]:",
            ),
        ),
        "n layers of any kind": _wrong(
            _THAW,
            "unfreeze_top-counts",
            "not layers of any kind",
            ("convolutions[len(convolutions) - n :]", "base.layers[len(base.layers) - n :]"),
        ),
        "n layers with weights": _wrong(
            _THAW,
            "unfreeze_top-counts",
            "batch norm is none",
            ("if isinstance(layer, keras.layers.Conv2D)", "if layer.weights"),
        ),
        "[-n:] with n = 0": _wrong(
            _THAW, "unfreeze_top-which", "whole list", ("convolutions[len(convolutions) - n :]", "convolutions[-n:]")
        ),
        "the head frozen": _wrong(
            _THAW,
            "unfreeze_top-counts",
            "head must stay",
            ("    model.compile", "    model.layers[-1].trainable = False\n    model.compile"),
        ),
        "one too many": _wrong(
            _THAW,
            "unfreeze_top-counts",
            "one convolution too many",
            ("len(convolutions) - n :]", "len(convolutions) - n - 1 :]"),
        ),
        "no errors": _wrong(
            _THAW,
            "unfreeze_top-which",
            "below 0",
            ('raise ValueError("so many cannot be thawed")', "n = min(max(n, 0), len(convolutions))"),
        ),
        "a new head": _wrong(
            _THAW,
            "unfreeze_top-which",
            "head that has been trained is lost",
            (
                "    return model\n",
                "    return keras.Model(model.inputs, keras.layers.Dense(model.output_shape[-1], activation='softmax')(model.layers[-1].input))\n",
            ),
        ),
        "no return": _wrong(_THAW, "unfreeze_top-counts unfreeze_top-fits", "return", ("    return model\n", "")),
    },
    "fine_tune": {
        "trainable after compile": _wrong(
            _TUNE,
            "fine_tune-phases fine_tune-holds",
            "compile",
            (
                "    model = unfreeze_top(model, n, rates[1])\n",
                "    part = next(layer for layer in model.layers if isinstance(layer, keras.Model))\n    convolutions = [layer for layer in part.layers if isinstance(layer, keras.layers.Conv2D)]\n    part.trainable = True\n    for layer in part.layers:\n        layer.trainable = layer in convolutions[len(convolutions) - n :]\n    model.optimizer.learning_rate = rates[1]\n",
            ),
        ),
        "all thawed": _wrong(
            _TUNE,
            "fine_tune-phases fine_tune-holds",
            "",
            (
                "    model = unfreeze_top(model, n, rates[1])\n",
                "    model.trainable = True\n    model.compile(keras.optimizers.Adam(rates[1]), 'sparse_categorical_crossentropy')\n",
            ),
        ),
        "head only": _wrong(
            _TUNE,
            "fine_tune-phases fine_tune-holds fine_tune-gently",
            "not moved",
            ("    model = unfreeze_top(model, n, rates[1])\n", ""),
        ),
        "thawed first": _wrong(
            _TUNE,
            "fine_tune-gently",
            "short and slow",
            (
                "    model.fit(x, y, epochs=epochs[0], batch_size=32, verbose=0)\n    model = unfreeze_top(model, n, rates[1])\n",
                "    model = unfreeze_top(model, n, rates[0])\n    model.fit(x, y, epochs=epochs[0], batch_size=32, verbose=0)\n",
            ),
        ),
        "rates exchanged": _wrong(
            _TUNE,
            "fine_tune-gently",
            "rates[1]",
            ("rates[0])", "rates[2])"),
            ("rates[1])", "rates[0])"),
            ("rates[2])", "rates[1])"),
        ),
        "one rate": _wrong(_TUNE, "fine_tune-gently", "rates[1]", ("n, rates[1]", "n, rates[0]")),
        "no first phase": _wrong(
            _TUNE,
            "fine_tune-phases fine_tune-gently",
            "",
            ("    model.fit(x, y, epochs=epochs[0], batch_size=32, verbose=0)\n", ""),
        ),
        "no second phase": _wrong(
            _TUNE,
            "fine_tune-phases fine_tune-holds",
            "moved",
            ("    model.fit(x, y, epochs=epochs[1], batch_size=32, verbose=0)\n", ""),
        ),
        "the last class is lost": _wrong(_TUNE, "fine_tune-phases", "", ("int(np.max(y)) + 1", "int(np.max(y))")),
        "no return": _wrong(
            _TUNE, "fine_tune-phases fine_tune-holds fine_tune-gently", "return", ("    return model\n", "")
        ),
    },
    "validate_dataset": {
        "opened, not decoded": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            "cut off in the middle",
            (
                '                pixels = np.asarray(image.convert("RGB"))',
                "                image.verify()\n            pixels = np.frombuffer(files[name], np.uint8)",
            ),
        ),
        "bytes compared": _wrong(
            _VALIDATE, "validate_dataset-copies", "other bytes", ("(pixels.shape, pixels.tobytes())", "files[name]")
        ),
        "not converted to RGB": _wrong(
            _VALIDATE,
            "validate_dataset-copies",
            "convert both to RGB",
            ('np.asarray(image.convert("RGB"))', "np.asarray(image)"),
        ),
        "shape ignored": _wrong(
            _VALIDATE,
            "validate_dataset-copies",
            "another shape",
            ("(pixels.shape, pixels.tobytes())", "pixels.tobytes()"),
        ),
        "within a class only": _wrong(
            _VALIDATE, "validate_dataset-copies", "another class", ("key = (pixels.shape", "key = (group, pixels.shape")
        ),
        "a mean for a fingerprint": _wrong(
            _VALIDATE,
            "validate_dataset-copies",
            "turned is another image",
            ("(pixels.shape, pixels.tobytes())", "np.sort(pixels.ravel()).tobytes()"),
        ),
        "a rough fingerprint": _wrong(
            _VALIDATE, "validate_dataset-copies", "single pixel", ("pixels.tobytes()", "(pixels // 8 + 1).tobytes()")
        ),
        "more than instead of at least": _wrong(
            _VALIDATE,
            "validate_dataset-good",
            "250 images are enough",
            ("count < least_images", "count <= least_images"),
        ),
        "text files counted as broken images": _wrong(
            _VALIDATE, "validate_dataset-good", "passed over", ("if not name.lower().endswith(SUFFIXES):", "if False:")
        ),
        "capitals passed over": _wrong(_VALIDATE, "validate_dataset-unreadable", "capitals", ("name.lower()", "name")),
        "stops at the first problem": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            "",
            ("            continue\n        counts", "            return problems\n        counts"),
        ),
        "broken images count": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            "does not count",
            (
                '            problems.append(f"{name} cannot be read")\n',
                '            problems.append(f"{name} cannot be read")\n            counts[group] += 1\n',
            ),
        ),
        "balance forgotten": _wrong(
            _VALIDATE,
            "validate_dataset-counts",
            "more than twice",
            ("counts[large] > most_ratio * counts[small]", "False"),
        ),
        "no number of classes": _wrong(
            _VALIDATE,
            "validate_dataset-counts",
            "both numbers",
            ("there are {len(counts)} classes, and {least_classes} are needed", "too few classes"),
        ),
        "says only that something is wrong": _wrong(
            _VALIDATE,
            "validate_dataset-counts validate_dataset-unreadable",
            "",
            ("    return problems", "    return ['this data set is not in order'] if problems else []"),
        ),
        "True instead of a list": _wrong(
            _VALIDATE,
            "validate_dataset-good validate_dataset-counts",
            "",
            ("    return problems", "    return not problems"),
        ),
        "names every file": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable validate_dataset-copies",
            "",
            ("    return problems", "    return [' '.join(files)] if problems else []"),
        ),
    },
    "split_dataset": {
        "not stratified": _wrong(
            _SPLIT,
            "split_dataset-stratified",
            "*each* class",
            (
                "    rng = np.random.default_rng(seed)\n",
                "    rng = np.random.default_rng(seed)\n    names = [name for group in pictures.values() for name in group]\n    order = rng.permutation(len(names))\n    cut = round(test * len(names))\n    return [names[i] for i in order[cut:]], [names[i] for i in order[:cut]]\n",
            ),
        ),
        "exchanged": _wrong(
            _SPLIT, "split_dataset-stratified", "exchanged", ("return train, held", "return held, train")
        ),
        "the last fifth": _wrong(
            _SPLIT, "split_dataset-seed", "at random", ("rng.permutation(len(keys))", "range(len(keys))")
        ),
        "always the same": _wrong(
            _SPLIT, "split_dataset-seed", "another seed", ("default_rng(seed)", "default_rng(0)")
        ),
        "no seed": _wrong(_SPLIT, "split_dataset-seed", "same seed", ("default_rng(seed)", "default_rng()")),
        "copies across the line": _wrong(
            _SPLIT,
            "split_dataset-copies",
            "Compare pixels",
            ("        key = (pixels.shape, pixels.tobytes())\n", "        key = name\n"),
        ),
        "copies of bytes only": _wrong(
            _SPLIT,
            "split_dataset-copies",
            "Compare pixels",
            ("        key = (pixels.shape, pixels.tobytes())\n", "        key = files[name]\n"),
        ),
        "copies dropped": _wrong(
            _SPLIT,
            "split_dataset-copies",
            "exactly one side",
            ("pictures.setdefault(key, []).append(name)", "pictures[key] = [name]"),
        ),
        "text files too": _wrong(
            _SPLIT, "split_dataset-stratified", "", ("if not name.lower().endswith(SUFFIXES):", "if False:")
        ),
        "test images in both": _wrong(
            _SPLIT, "split_dataset-stratified", "both sides", ("return train, held", "return train + held, held")
        ),
        "share of all": _wrong(
            _SPLIT, "split_dataset-stratified", "*each* class", ("round(test * len(keys))", "round(test * 80 / 3)")
        ),
    },
    "alexnet_mini": {
        "hardly trained": _wrong(_ALEX, "alexnet_mini-first alexnet_mini-second", "new images"),
        "a budget blown by Flatten": _wrong(
            _ALEX,
            "alexnet_mini-shapes",
            "behind Flatten",
            ("Dense(64,", "Dense(512,"),
            (
                '(24, 3, padding="same", activation="relu"))\n    net.add(keras.layers.MaxPooling2D(3, strides=2))\n    net.add(keras.layers.Flatten',
                '(96, 3, padding="same", activation="relu"))\n    net.add(keras.layers.MaxPooling2D(3, strides=2))\n    net.add(keras.layers.Flatten',
            ),
        ),
        "C M C M C M": _wrong(
            _ALEX,
            "alexnet_mini-pattern",
            "three convolutions in a row",
            (
                '    net.add(keras.layers.Conv2D(32, 3, padding="same", activation="relu"))\n',
                "",
            ),
        ),
        "VGG's kernels": _wrong(_ALEX, "alexnet_mini-pattern", "large one", ("Conv2D(12, 5", "Conv2D(12, 3")),
        "no pooling between": _wrong(
            _ALEX,
            "alexnet_mini-pattern",
            "pattern",
            (
                "    net.add(keras.layers.MaxPooling2D(3, strides=2))\n    net.add(keras.layers.Conv2D(24, 3, padding",
                "    net.add(keras.layers.Conv2D(24, 3, padding",
            ),
        ),
        "no ReLU between the three": _wrong(
            _ALEX,
            "alexnet_mini-computes",
            "non-linearity",
            ('Conv2D(32, 3, padding="same", activation="relu")', 'Conv2D(32, 3, padding="same")'),
        ),
        "32 only": _wrong(
            _ALEX, "alexnet_mini-shapes alexnet_mini-computes", "(size, size, 3)", ("(size, size, 3)", "(32, 32, 3)")
        ),
        "three classes only": _wrong(
            _ALEX, "alexnet_mini-shapes alexnet_mini-computes", "classes", ("Dense(classes", "Dense(3")
        ),
        "no softmax": _wrong(
            _ALEX, "alexnet_mini-shapes", "softmax", ('Dense(classes, activation="softmax")', "Dense(classes)")
        ),
        "labels in the order of the folder": _wrong(
            _ALEX,
            "alexnet_mini-first alexnet_mini-second",
            "alphabetical",
            ("train_own(model, x_own, y_own)", "train_own(model, x_own, np.array([2, 0, 1])[y_own])"),
            ("x[:64], y[:64], epochs=1", "x[:400], y[:400], epochs=3"),
        ),
        "another net than the one built": _wrong(
            _ALEX,
            "alexnet_mini-first",
            "run the cell again",
            (
                'own, own_history = training.trained("own", lambda: alexnet_mini(32, 3)',
                '_built = alexnet_mini(32, 3)\n\n\ndef alexnet_mini(size=32, classes=3):\n    return keras.Sequential([keras.Input((size, size, 3)), keras.layers.Flatten(), keras.layers.Dense(classes)])\n\n\nown, own_history = training.trained("own", lambda: _built',
            ),
        ),
        "an application": {
            "caught_by": ["alexnet_mini-shapes", "alexnet_mini-pattern"],
            "says": ["200,000"],
            "code": _change(
                _ALEX,
                (
                    "def train_own",
                    "def alexnet_mini(size=32, classes=3):\n    return keras.applications.MobileNetV2((size, size, 3), weights=None, classes=classes, alpha=0.35)\n\n\ndef train_own",
                ),
                ("epochs=1", "epochs=0"),
            ),
        },
    },
    "grad_cam": {
        "no ReLU": _wrong(
            _CAM,
            "grad_cam-formula",
            "ReLU is missing",
            ("np.maximum((maps * weights).sum(axis=-1), 0)", "(maps * weights).sum(axis=-1)"),
        ),
        "not averaged": _wrong(_CAM, "grad_cam-formula", "averages them", ("gradients.mean(axis=(0, 1))", "gradients")),
        "0/0": _wrong(
            _CAM,
            "grad_cam-formula",
            "",
            ("    if heat.max() > 0:\n        heat = heat / heat.max()", "    heat = heat / heat.max()"),
        ),
        "not divided": _wrong(_CAM, "grad_cam-formula", "divide by the maximum", ("heat = heat / heat.max()", "pass")),
    },
}
