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
    if counts:
        small, large = min(counts, key=counts.get), max(counts, key=counts.get)
        if counts[large] > most_ratio * counts[small]:
            problems.append(f"{large} has many more images than {small}")
    return problems
"""

_SPLIT = """
def split_dataset(names, test=0.25, seed=0):
    series = {}
    for name in sorted(names):
        group, file = name.split("/", 1)
        key = file.rsplit("-", 1)[0]
        series.setdefault(group, {}).setdefault(key, []).append(name)
    rng = np.random.default_rng(seed)
    train, held = [], []
    for members in series.values():
        keys = sorted(members)
        chosen = set(rng.permutation(len(keys))[: round(test * len(keys))].tolist())
        for place, key in enumerate(keys):
            (held if place in chosen else train).extend(members[key])
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


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_train, y_train))
"""

_FREEZE = """
def freeze(base, W, b):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    outputs = keras.layers.Dense(len(b), activation="softmax")(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    model.layers[-1].set_weights([10 * W, 10 * b])
    return model


def unfreeze_top(model, n):
    base = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    convolutions = [layer for layer in base.layers if isinstance(layer, keras.layers.Conv2D)]
    if not 0 <= n <= len(convolutions):
        raise ValueError("so many cannot be thawed")
    base.trainable = True
    for layer in base.layers:
        layer.trainable = False
    for layer in convolutions[len(convolutions) - n :]:
        layer.trainable = True
    return model
"""

_TUNE = """
def fine_tune(base, x, y, n, epochs=6, rate=1e-4):
    W, b = linear_probe(np.asarray(base(x, training=False)), y)
    model = freeze(base, W, b)
    model = unfreeze_top(model, n)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model
"""

_CAM = """
def grad_cam(maps, gradients, size):
    weights = gradients.mean(axis=(0, 1))
    heat = np.maximum((maps * weights).sum(axis=-1), 0)
    if heat.max() > 0:
        heat = heat / heat.max()
    return heat.repeat(size // heat.shape[0], axis=0).repeat(size // heat.shape[1], axis=1)
"""

MISTAKES = {
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
            _VALIDATE, "validate_dataset-good", "ignored", ("if not name.lower().endswith(SUFFIXES):", "if False:")
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
        "an empty folder crashes": _wrong(
            _VALIDATE,
            "validate_dataset-counts",
            "empty",
            ("    if counts:\n", "    if True:\n"),
        ),
        "a class without a readable image is forgotten": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            "has 0 images",
            ("        counts.setdefault(group, 0)\n", ""),
            ("        counts[group] += 1\n", "        counts[group] = counts.get(group, 0) + 1\n"),
        ),
        "the first copy only": _wrong(
            _VALIDATE,
            "validate_dataset-copies",
            "every copy is reported",
            ("        if key in known:\n", '        if key in known and not any("same" in one for one in problems):\n'),
        ),
        "the smallest class only": _wrong(
            _VALIDATE,
            "validate_dataset-counts",
            "not only the smallest",
            (
                "    for group, count in counts.items():\n",
                "    for group, count in sorted(counts.items(), key=lambda pair: pair[1])[:1]:\n",
            ),
        ),
        "three endings by heart": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            ".jpeg too",
            ("endswith(SUFFIXES)", 'endswith((".jpg", ".png", ".bmp"))'),
        ),
        "brightness compared": _wrong(
            _VALIDATE, "validate_dataset-copies", "compare red, green and blue", ('convert("RGB")', 'convert("L")')
        ),
        "a folder of texts is a class": _wrong(
            _VALIDATE,
            "validate_dataset-good",
            "with its folder",
            (
                '            continue\n        group = name.split("/")[0]\n',
                '            counts.setdefault(name.split("/")[0], 0) if "/" in name else None\n            continue\n        group = name.split("/")[0]\n',
            ),
        ),
        "0 images are not too few": _wrong(
            _VALIDATE,
            "validate_dataset-unreadable",
            "has 0 images",
            ("if count < least_images", "if 0 < count < least_images"),
        ),
        "copies do not count": _wrong(
            _VALIDATE,
            "validate_dataset-copies",
            "copies count",
            ("        counts[group] += 1\n        key", "        key"),
            (
                "        known.setdefault(key, name)\n",
                "        counts[group] += key not in known\n        known.setdefault(key, name)\n",
            ),
        ),
        "twice as many, whatever the argument": _wrong(
            _VALIDATE, "validate_dataset-counts", "in balance", ("most_ratio * counts", "2 * counts")
        ),
        "three classes, whatever the argument": _wrong(
            _VALIDATE, "validate_dataset-counts", "4 are asked for", ("len(counts) < least_classes", "len(counts) < 3")
        ),
        "exactly the ratio is out of balance": _wrong(
            _VALIDATE, "validate_dataset-counts", "is in balance", ("> most_ratio *", ">= most_ratio *")
        ),
    },
    "split_dataset": {
        "image by image": _wrong(
            _SPLIT,
            "split_dataset-series split_dataset-any",
            "among the series",
            ('key = file.rsplit("-", 1)[0]', "key = file"),
        ),
        "the first dash": _wrong(
            _SPLIT, "split_dataset-series", "", ('file.rsplit("-", 1)[0]', 'file.split("-", 1)[0]')
        ),
        "not stratified": _wrong(
            _SPLIT,
            "split_dataset-any",
            "of each class",
            (
                "    rng = np.random.default_rng(seed)\n",
                "    series = {'': {(g, k): v for g, m in series.items() for k, v in m.items()}}\n    rng = np.random.default_rng(seed)\n",
            ),
        ),
        "series of two classes mixed up": _wrong(
            _SPLIT,
            "split_dataset-any",
            "",
            ("series.setdefault(group, {}).setdefault(key", "series.setdefault('', {}).setdefault(key"),
        ),
        "a share of the images": _wrong(
            _SPLIT,
            "split_dataset-any",
            "whatever the number of their images",
            (
                "        chosen = set(rng.permutation(len(keys))[: round(test * len(keys))].tolist())\n",
                "        chosen, total = set(), sum(map(len, members.values()))\n        for place in rng.permutation(len(keys)):\n            if sum(len(members[keys[i]]) for i in chosen) + len(members[keys[place]]) <= test * total + 0.5:\n                chosen.add(int(place))\n",
            ),
        ),
        "exchanged": _wrong(_SPLIT, "split_dataset-series", "exchanged", ("return train, held", "return held, train")),
        "the last series": _wrong(
            _SPLIT, "split_dataset-seed", "", ("rng.permutation(len(keys))", "np.arange(len(keys))[::-1]")
        ),
        "always the same": _wrong(_SPLIT, "split_dataset-seed", "other seeds", ("default_rng(seed)", "default_rng(0)")),
        "no seed": _wrong(_SPLIT, "split_dataset-seed", "same seed", ("default_rng(seed)", "default_rng()")),
        "the order of the names decides": _wrong(
            _SPLIT,
            "split_dataset-seed",
            "another order",
            ("in sorted(names)", "in names"),
            ("keys = sorted(members)", "keys = list(members)"),
        ),
        "test images in both": _wrong(
            _SPLIT, "split_dataset-series", "both sides", ("return train, held", "return train + held, held")
        ),
        "single images are lost": _wrong(
            _SPLIT,
            "split_dataset-series",
            "exactly one side",
            ("        group, file", "        if '-' not in name:\n            continue\n        group, file"),
        ),
        "always rounded down": _wrong(
            _SPLIT, "split_dataset-any", "round", ("round(test * len(keys))", "int(test * len(keys))")
        ),
        "always rounded up": _wrong(
            _SPLIT, "split_dataset-any", "round", ("round(test * len(keys))", "int(np.ceil(test * len(keys)))")
        ),
        "one series always stays": _wrong(
            _SPLIT,
            "split_dataset-any",
            "round",
            ("round(test * len(keys))", "min(len(keys) - 1, round(test * len(keys)))"),
        ),
        "the dash of the class": _wrong(
            _SPLIT,
            "split_dataset-any",
            "round",
            ('key = file.rsplit("-", 1)[0]', 'key = name.rpartition("-")[0] or name'),
        ),
        "a list only": _wrong(
            _SPLIT, "split_dataset-seed", "", ("    series = {}\n", "    names[0]\n    series = {}\n")
        ),
        "rounded down": _wrong(
            _SPLIT, "split_dataset-any", "round", ("round(test * len(keys))", "int(test * len(keys) - 1e-9)")
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
        "the features changed in place": _wrong(
            _PROBE,
            "linear_probe-separates",
            "changes its input",
            ("    f = np.asarray(f, float)\n", ""),
            ("    z = (f - mean) / scale\n", "    f -= mean\n    f /= scale\n    z = f\n"),
        ),
        "W alone": _wrong(_PROBE, "linear_probe-separates", "two things", ("return W, b", "return W")),
    },
    "alexnet_mini": {
        "hardly trained": _wrong(_ALEX, "alexnet_mini-first alexnet_mini-second", "validation accuracy"),
        "a budget blown by Flatten": _wrong(
            _ALEX,
            "alexnet_mini-shapes",
            "after Flatten",
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
        "no ReLU before the poolings": _wrong(
            _ALEX,
            "alexnet_mini-computes",
            "a pooling is none in its place",
            (
                'Conv2D(12, 5, strides=2 if size > 40 else 1, padding="same", activation="relu")',
                'Conv2D(12, 5, strides=2 if size > 40 else 1, padding="same")',
            ),
        ),
        "no ReLU after the last convolution": _wrong(
            _ALEX,
            "alexnet_mini-computes",
            "a pooling is none in its place",
            (
                '(24, 3, padding="same", activation="relu"))\n    net.add(keras.layers.MaxPooling2D(3, strides=2))\n    net.add(keras.layers.Flatten',
                '(24, 3, padding="same"))\n    net.add(keras.layers.MaxPooling2D(3, strides=2))\n    net.add(keras.layers.Flatten',
            ),
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
    "freeze": {
        "the base not frozen": _wrong(
            _FREEZE, "freeze-counts freeze-holds", "not frozen", ("    base.trainable = False\n", "")
        ),
        "only the convolutions frozen": _wrong(
            _FREEZE,
            "freeze-counts freeze-holds",
            "",
            (
                "    base.trainable = False\n",
                "    for layer in base.layers:\n        layer.trainable = not isinstance(layer, keras.layers.Conv2D)\n",
            ),
        ),
        "everything frozen": _wrong(
            _FREEZE,
            "freeze-counts freeze-holds",
            "nothing is left to train",
            ("    return model\n\n\n", "    model.trainable = False\n    return model\n\n\n"),
        ),
        "a new head": _wrong(
            _FREEZE, "freeze-answers", "softmax(10", ("    model.layers[-1].set_weights([10 * W, 10 * b])\n", "")
        ),
        "not ten times as sure": _wrong(_FREEZE, "freeze-answers", "ten times as sure", ("[10 * W, 10 * b]", "[W, b]")),
        "W alone times ten": _wrong(_FREEZE, "freeze-answers", "b is multiplied", ("[10 * W, 10 * b]", "[10 * W, b]")),
        "scores": _wrong(_FREEZE, "freeze-answers", "end in a softmax", (', activation="softmax"', "")),
        "a copy of the layout": _wrong(
            _FREEZE,
            "freeze-answers freeze-holds",
            "",
            ("    base.trainable", "    base = keras.models.clone_model(base)\n    base.trainable"),
        ),
        "no bias": _wrong(
            _FREEZE,
            "freeze-counts freeze-answers",
            "no bias",
            ('activation="softmax")', 'activation="softmax", use_bias=False)'),
            ("[10 * W, 10 * b]", "[10 * W]"),
        ),
        "thawed from the wrong end": _wrong(
            _FREEZE,
            "freeze-thawed freeze-which",
            "wrong end",
            ("convolutions[len(convolutions) - n :]", "convolutions[:n]"),
        ),
        "the whole base thawed": _wrong(
            _FREEZE,
            "freeze-thawed",
            "whole base",
            ("        layer.trainable = False\n", "        layer.trainable = True\n"),
        ),
        "batch norms between thawed": _wrong(
            _FREEZE,
            "freeze-thawed",
            "batch norm",
            (
                "    for layer in convolutions[len(convolutions) - n :]:",
                "    first = base.layers.index(convolutions[len(convolutions) - n]) if n else len(base.layers)\n    for layer in base.layers[first:]:",
            ),
        ),
        "n layers of any kind": _wrong(
            _FREEZE,
            "freeze-thawed",
            "not layers of any kind",
            ("convolutions[len(convolutions) - n :]", "base.layers[len(base.layers) - n :]"),
        ),
        "n layers with weights": _wrong(
            _FREEZE,
            "freeze-thawed",
            "batch norm is none",
            ("if isinstance(layer, keras.layers.Conv2D)", "if layer.weights"),
        ),
        "[-n:] with n = 0": _wrong(
            _FREEZE, "freeze-which", "whole list", ("convolutions[len(convolutions) - n :]", "convolutions[-n:]")
        ),
        "thawed layers stay thawed": _wrong(
            _FREEZE,
            "freeze-which",
            "frozen again",
            (
                "    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = False\n",
                "    kept = [layer for layer in base.layers if layer.trainable and layer.weights]\n    base.trainable = True\n    for layer in base.layers:\n        layer.trainable = layer in kept\n",
            ),
        ),
        "the head frozen": _wrong(
            _FREEZE,
            "freeze-thawed",
            "head must stay",
            (
                "        layer.trainable = True\n    return",
                "        layer.trainable = True\n    model.layers[-1].trainable = False\n    return",
            ),
        ),
        "one too many": _wrong(
            _FREEZE,
            "freeze-thawed",
            "one convolution too many",
            ("len(convolutions) - n :]", "len(convolutions) - n - 1 :]"),
        ),
        "no errors": _wrong(
            _FREEZE,
            "freeze-which",
            "below 0",
            ('raise ValueError("so many cannot be thawed")', "n = min(max(n, 0), len(convolutions))"),
        ),
    },
    "fine_tune": {
        "compiled before it is thawed": _wrong(
            _TUNE,
            "fine_tune-steps fine_tune-holds",
            "",
            ("    model = unfreeze_top(model, n)\n", ""),
            (
                "    model.fit(",
                "    model.train_on_batch(x, y)\n    model = unfreeze_top(model, n)\n    model.fit(",
            ),
        ),
        "compiled before it is frozen": _wrong(
            _TUNE,
            "fine_tune-start fine_tune-holds",
            "batch norm",
            (
                "    model = unfreeze_top(model, n)\n",
                "    base.trainable = True\n",
            ),
            (
                "    model.fit(x, y",
                "    model.train_on_batch(x[:1], y[:1])\n    model = unfreeze_top(model, n)\n    model.fit(x, y",
            ),
        ),
        "all thawed": _wrong(
            _TUNE,
            "fine_tune-start fine_tune-holds",
            "batch norm",
            ("    model = unfreeze_top(model, n)\n", "    base.trainable = True\n"),
        ),
        "head only": _wrong(
            _TUNE, "fine_tune-steps fine_tune-holds", "has not moved", ("    model = unfreeze_top(model, n)\n", "")
        ),
        "never fitted": _wrong(
            _TUNE,
            "fine_tune-steps",
            "has not moved",
            ("    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)\n", ""),
        ),
        "the rate ignored": _wrong(_TUNE, "fine_tune-start fine_tune-steps", "", ("Adam(rate)", "Adam()")),
        "the epochs ignored": _wrong(_TUNE, "fine_tune-steps", "epochs", ("epochs=epochs", "epochs=6")),
        "SGD": _wrong(
            _TUNE, "fine_tune-steps", "use Adam", ("keras.optimizers.Adam(rate)", "keras.optimizers.SGD(rate)")
        ),
        "one large batch": _wrong(
            _TUNE, "fine_tune-steps", "", ("epochs=epochs, batch_size=32", "epochs=epochs, batch_size=4096")
        ),
        "a random head": _wrong(
            _TUNE,
            "fine_tune-start",
            "linear_probe on the base",
            (
                "    W, b = linear_probe(np.asarray(base(x, training=False)), y)\n",
                "    W, b = np.random.normal(0, 0.1, (base.output_shape[-1], int(y.max()) + 1)), np.zeros(int(y.max()) + 1)\n",
            ),
        ),
        "nothing thawed, nothing trained": _wrong(
            _TUNE,
            "fine_tune-holds",
            "head has not been trained",
            ("    model.compile(", "    if n == 0:\n        return model\n    model.compile("),
        ),
        "a probe on batch statistics": _wrong(
            _TUNE, "fine_tune-start", "", ("base(x, training=False)", "base(x, training=True)")
        ),
        "no return": _wrong(
            _TUNE, "fine_tune-start fine_tune-steps fine_tune-holds", "return", ("    return model\n", "")
        ),
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
        "from the smallest to the largest": _wrong(
            _CAM,
            "grad_cam-formula",
            "divide by the maximum alone",
            ("heat = heat / heat.max()", "heat = (heat - heat.min()) / np.ptp(heat)"),
        ),
        "not divided": _wrong(_CAM, "grad_cam-formula", "divide by the maximum", ("heat = heat / heat.max()", "pass")),
    },
}
