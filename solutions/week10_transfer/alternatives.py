"""Other right answers of week 10. Each replaces the answer cell it is keyed by, and must earn all its points."""

ALTERNATIVES = {
    "validate_dataset": {
        "a sentence for every pair of copies": """
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
        for other in known.get(key, []):
            problems.append(f"{name} shows the same picture as {other}")
        known.setdefault(key, []).append(name)
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
""",
        "a sentence for every picture that is there twice": """
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
        known.setdefault(key, []).append(name)
    problems += ["the same picture: " + ", ".join(g) for g in known.values() if len(g) > 1]
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
""",
        "hashes, in passes": """
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    import hashlib

    names = [name for name in files if name.lower().endswith(tuple(SUFFIXES))]
    groups = {name.split("/")[0]: 0 for name in names}
    problems, digests = [], {}
    for name in names:
        try:
            image = Image.open(io.BytesIO(files[name]))
            image.load()
            image = image.convert("RGB")
        except Exception as problem:
            problems.append(f"Replace {name}: {type(problem).__name__}.")
            continue
        groups[name.split("/")[0]] += 1
        digest = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()
        digests.setdefault(digest, []).append(name)
    problems += [f"The same picture twice: {' and '.join(twins)}." for twins in digests.values() if len(twins) > 1]
    if len(groups) < least_classes:
        problems.append(f"{len(groups)} classes found, {least_classes} needed.")
    problems += [f"Class {group!r} has {n} of {least_images} images." for group, n in groups.items() if n < least_images]
    few, many = min(groups.values(), default=0), max(groups.values(), default=0)
    if many > few * most_ratio:
        of = {n: group for group, n in groups.items()}
        problems.append(f"Out of balance: {of[many]} {many}, {of[few]} {few}.")
    return problems
""",
        "by class": """
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    def decode(content):
        try:
            return np.array(Image.open(io.BytesIO(content)).convert("RGB"))
        except Exception:
            return None

    classes = {}
    for name, content in files.items():
        if Path(name).suffix.lower() in SUFFIXES:
            classes.setdefault(name.partition("/")[0], {})[name] = decode(content)
    out = []
    every = {}
    for members in classes.values():
        out.extend(f"{name} is damaged" for name, pixels in members.items() if pixels is None)
        every.update(members)
    readable = [(name, pixels) for name, pixels in every.items() if pixels is not None]
    buckets = {}
    for name, pixels in readable:
        buckets.setdefault((pixels.shape, int(pixels.astype(np.int64).sum())), []).append((name, pixels))
    for bucket in buckets.values():
        for i, (name, pixels) in enumerate(bucket):
            for other, others in bucket[:i]:
                if np.array_equal(pixels, others):
                    out.append(f"{name} equals {other}")
                    break
    sizes = {group: sum(pixels is not None for pixels in members.values()) for group, members in classes.items()}
    if len(sizes) < least_classes:
        out.append(f"only {len(sizes)} classes of {least_classes}")
    for group, size in sizes.items():
        if size < least_images:
            out.append(f"{group}: only {size} images")
    ordered = sorted(sizes, key=sizes.get)
    if ordered and sizes[ordered[-1]] > most_ratio * sizes[ordered[0]]:
        out.append(f"{ordered[-1]} has {sizes[ordered[-1]]} images, {ordered[0]} {sizes[ordered[0]]}")
    return out
""",
        "numpy's unique": """
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    found, names, keys, groups = [], [], [], []
    for name, content in sorted(files.items()):
        if name.lower().rsplit(".", 1)[-1] not in {suffix.strip(".") for suffix in SUFFIXES}:
            continue
        groups.append((name.split("/")[0], 0))
        try:
            picture = Image.open(io.BytesIO(content)).convert("RGB")
            pixels = np.asarray(picture)
        except (OSError, SyntaxError, ValueError):
            found.append(f"unreadable: {name}")
        else:
            groups.append((name.split("/")[0], 1))
            names.append(name)
            keys.append(hash((pixels.shape, pixels.tobytes())))
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    for group in np.flatnonzero(counts > 1):
        found.append("the same picture: " + ", ".join(np.array(names)[inverse == group]))
    totals = {}
    for group, one in groups:
        totals[group] = totals.get(group, 0) + one
    if len(totals) < least_classes:
        found.append(f"{len(totals)} classes; {least_classes} wanted")
    found += [f"{group}: {n} images; {least_images} wanted" for group, n in totals.items() if n < least_images]
    small, large = min(totals.values(), default=0), max(totals.values(), default=0)
    if large > most_ratio * small:
        pair = [next(g for g, n in totals.items() if n == size) for size in (small, large)]
        found.append(f"{pair[0]} against {pair[1]}: {small} against {large}")
    return found
""",
    },
    "split_dataset": {
        "a regular expression, sorted sets": """
def split_dataset(names, test=0.25, seed=0):
    import re, random
    table = {}
    for name in sorted(set(names)):
        match = re.fullmatch(r"([^/]*)/(?:(.*)-[^-]*|([^-]*))", name)
        table.setdefault(match[1], {}).setdefault(match[2] if match[2] is not None else match[3], []).append(name)
    r = random.Random(seed)
    train, held = set(), set()
    for members in table.values():
        test_keys = set(r.sample(sorted(members), round(test * len(members))))
        for k, files in members.items():
            (held if k in test_keys else train).update(files)
    return sorted(train), sorted(held)
""",
        "a set of chosen series": """
def split_dataset(names, test=0.25, seed=0):
    import re

    names = sorted(names)
    def series(name):
        return re.sub(r"-[^-/]*$", "", name)

    rng = np.random.default_rng(seed)
    held = set()
    for group in sorted({name.split("/")[0] for name in names}):
        own = sorted({series(name) for name in names if name.startswith(group + "/")})
        held |= set(rng.choice(own, round(test * len(own)), replace=False).tolist())
    return [n for n in names if series(n) not in held], [n for n in names if series(n) in held]
""",
        "shuffled in place": """
def split_dataset(names, test=0.25, seed=0):
    import random

    table = {}
    for name in names:
        place = name.rfind("-")
        key = name[:place] if place > name.find("/") else name
        table.setdefault(key, set()).add(name)
    by_class = {}
    for key in sorted(table):
        by_class.setdefault(key.split("/")[0], []).append(key)
    draw = random.Random(seed)
    train, held = [], []
    for keys in by_class.values():
        draw.shuffle(keys)
        count = round(test * len(keys))
        held += [name for key in keys[:count] for name in table[key]]
        train += [name for key in keys[count:] for name in table[key]]
    return train, held
""",
        "a tuple of arrays, turned into lists": """
def split_dataset(names, test=0.25, seed=0):
    names = np.array(sorted(names), dtype=object)
    keys = np.array(["/".join([n.split("/", 1)[0], n.split("/", 1)[1].rpartition("-")[0] or n.split("/", 1)[1]]) for n in names])
    groups = np.array([n.split("/", 1)[0] for n in names])
    chosen = np.zeros(len(names), bool)
    rng = np.random.default_rng([seed, 7])
    for group in np.unique(groups):
        own = np.unique(keys[groups == group])
        rng.shuffle(own)
        chosen |= np.isin(keys, own[: round(test * len(own))])
    return list(names[~chosen]), list(names[chosen])
""",
    },
    "linear_probe": {
        "a support vector machine, float32": """
def linear_probe(f, y):
    from sklearn.svm import LinearSVC
    m, s = np.mean(f, 0), np.std(f, 0)
    s = np.where(s < 1e-12, 1, s)
    c = LinearSVC(C=0.01).fit((f - m) / s, y)
    W, b = c.coef_.T, c.intercept_
    if W.shape[1] == 1:
        W, b = np.concatenate([-W, W], 1), np.concatenate([-b, b])
    W = W / s[:, None]
    return W.astype("float32"), (b - m @ W).astype("float32")
""",
        "SciPy's minimiser, lists": """
def linear_probe(f, y):
    from scipy.optimize import minimize
    from scipy.special import logsumexp, softmax
    m, s = f.mean(0), f.std(0) + 1e-8
    z, Y = (f - m) / s, np.eye(y.max() + 1)[y]
    d, C = z.shape[1], Y.shape[1]
    def fun(v):
        W, b = v[:d * C].reshape(d, C), v[d * C:]
        t = z @ W + b
        g = (softmax(t, 1) - Y)
        return (logsumexp(t, 1) - (t * Y).sum(1)).sum() + 5 * (W ** 2).sum(), np.r_[(z.T @ g + 10 * W).ravel(), g.sum(0)]
    v = minimize(fun, np.zeros(d * C + C), jac=True, method="L-BFGS-B").x
    W = v[:d * C].reshape(d, C) / s[:, None]
    return W.tolist(), (v[d * C:] - m @ W).tolist()
""",
        "the nearest mean": """
def linear_probe(f, y):
    f = np.asarray(f, dtype=np.float64)
    s = f.std(0); s[s == 0] = 1
    m = np.stack([f[y == c].mean(0) / s for c in range(max(y) + 1)])
    return (m / s).T, -0.5 * (m ** 2).sum(1)
""",
        "softmax regression by gradient descent": """
def linear_probe(f, y):
    f = np.asarray(f, float)
    mean, scale = f.mean(axis=0), f.std(axis=0) + 1e-9
    z = (f - mean) / scale
    labels = np.eye(y.max() + 1)[y]
    W, b = np.zeros((f.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    rate = 1 / (1 + np.linalg.norm(z, 2) ** 2 / len(z))
    for _ in range(400):
        scores = z @ W + b
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        error = (p - labels) / len(z)
        W -= rate * (z.T @ error + 1e-2 * W)
        b -= rate * error.sum(axis=0)
    W = W / scale[:, None]
    return W, b - mean @ W
""",
        "scikit-learn": """
def linear_probe(f, y):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(f)
    model = LogisticRegression(C=0.1, max_iter=500).fit(scaler.transform(f), y)
    W, b = model.coef_.T, model.intercept_
    if W.shape[1] == 1:
        W, b = np.c_[-W, W], np.r_[-b, b]
    W = W / scaler.scale_[:, None]
    return W, b - scaler.mean_ @ W
""",
        "ridge in the dual, by images": """
def linear_probe(f, y):
    f = np.asarray(f, float)
    mean, scale = f.mean(axis=0), f.std(axis=0)
    scale[scale < 1e-9] = 1
    z = (f - mean) / scale
    labels = (y[:, None] == np.arange(y.max() + 1)).astype(float)
    share = labels.mean(axis=0)
    W = z.T @ np.linalg.solve(z @ z.T + 0.5 * z.shape[1] * np.eye(len(z)), labels - share) / scale[:, None]
    return W, share - mean @ W
""",
        "linear discriminants": """
def linear_probe(f, y):
    f = np.asarray(f, float)
    scale = f.std(axis=0) + 1e-9
    z = (f - f.mean(axis=0)) / scale
    means = np.stack([z[y == c].mean(axis=0) for c in range(y.max() + 1)])
    inner = z - means[y]
    spread = inner.T @ inner / len(z)
    spread = 0.5 * spread + 0.5 * np.eye(len(spread))
    W = np.linalg.solve(spread, means.T)
    b = -0.5 * np.sum(means.T * W, axis=0)
    W = W / scale[:, None]
    return W, b - f.mean(axis=0) @ W
""",
    },
    "alexnet_mini": {
        "functional, global average": """
def alexnet_mini(size=32, classes=3):
    x = inputs = keras.Input((size, size, 3))
    for maps, kernel, repeats in ((20, 7, 1), (32, 3, 1), (48, 3, 3)):
        for _ in range(repeats):
            x = keras.layers.Conv2D(maps, kernel, padding="same")(x)
            x = keras.layers.BatchNormalization(momentum=0.8)(x)
            x = keras.layers.Activation("relu")(x)
        x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))


def train_own(model, x, y):
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 9 * 19)), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs=9, batch_size=32, quiet=True)


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_train, y_train))
""",
        "no batch norm, He's initialisation, GELU": """
def alexnet_mini(size=32, classes=3):
    layers = keras.layers
    options = dict(padding="same", activation="gelu", kernel_initializer="he_normal")
    return keras.Sequential([
        keras.Input((size, size, 3)),
        layers.Conv2D(16, 5, strides=2 if size > 40 else 1, **options),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 4, **options),
        layers.MaxPooling2D(2),
        layers.Conv2D(40, 3, **options),
        layers.Conv2D(40, 3, **options),
        layers.Conv2D(32, 3, **options),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(64, activation="relu"),
        layers.Dense(classes, activation="softmax"),
    ])


def train_own(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 14 * 19)
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, np.eye(3)[y], epochs=14, batch_size=32, quiet=True)


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_train, y_train))
""",
        "stride 2, and a last pooling to 1×1": """
def alexnet_mini(size=32, classes=3):
    net = keras.Sequential([keras.Input((size, size, 3))])
    for maps, kernel, stride, pool in ((24, 5, 2, True), (32, 3, 1, True), (48, 3, 1, False), (48, 3, 1, False), (48, 3, 1, True)):
        net.add(keras.layers.Conv2D(maps, kernel, strides=stride, padding="same", use_bias=False))
        net.add(keras.layers.BatchNormalization(momentum=0.8))
        net.add(keras.layers.ReLU())
        if pool:
            net.add(keras.layers.MaxPooling2D(3, strides=2))
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dropout(0.3))
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net


def train_own(model, x, y):
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    training.fit(model, x, y, epochs=max(6, 1500 // len(x)), batch_size=32, quiet=True)
    model.compile(keras.optimizers.Adam(3e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs=3, batch_size=32, quiet=True)


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_train, y_train))
""",
        "two convolutions first, a pooling more": """
def alexnet_mini(size=32, classes=3):
    net = keras.Sequential([keras.Input((size, size, 3))])
    for item in (16, "k", "M", 24, "M", 40, 40, 40, "M"):
        if item == "M":
            net.add(keras.layers.MaxPooling2D(3, strides=2, padding="same"))
            continue
        kernel = 3 if item != 16 else 5
        net.add(keras.layers.Conv2D(16 if item == "k" else item, kernel, padding="same", use_bias=False))
        net.add(keras.layers.BatchNormalization(momentum=0.8))
        net.add(keras.layers.ReLU())
    net.add(keras.layers.GlobalMaxPooling2D())
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net


def train_own(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.05, 8 * 19)
    model.compile(keras.optimizers.SGD(rate, momentum=0.9, nesterov=True), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs=8, batch_size=32, quiet=True)


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_train, y_train))
""",
    },
    "freeze": {
        "flat, not nested": """
def freeze(base, W, b):
    for layer in base.layers:
        layer.trainable = False
    head = keras.layers.Dense(W.shape[1], activation="softmax")
    model = keras.Model(base.inputs[0], head(base.outputs[0]))
    head.kernel.assign(W * 10)
    head.bias.assign(b * 10)
    return model


def unfreeze_top(model, n):
    kernels = [layer for layer in model.layers if any(len(w.shape) == 4 for w in layer.weights)]
    if n not in range(len(kernels) + 1):
        raise ValueError(f"n is 0 to {len(kernels)}")
    for layer in model.layers:
        layer.trainable = layer in kernels[len(kernels) - n :] or layer is model.layers[-1]
    return model
""",
        "sequential, softmax apart": """
def freeze(base, W, b):
    base.trainable = False
    dense = keras.layers.Dense(np.shape(W)[1])
    model = keras.Sequential([keras.Input(base.input_shape[1:]), base, dense, keras.layers.Softmax()])
    dense.set_weights([np.multiply(10, W), np.multiply(10, b)])
    return model


def unfreeze_top(model, n):
    inner = next(part for part in model.layers if isinstance(part, keras.Model))
    places = [i for i, layer in enumerate(inner.layers) if isinstance(layer, keras.layers.Conv2D)]
    if n < 0 or n > len(places):
        raise ValueError("as many convolutions as the base has, at most")
    thawed = set(places[::-1][:n])
    inner.trainable = True
    for i, layer in enumerate(inner.layers):
        layer.trainable = i in thawed
    return model
""",
        "constant initialisers; compiled, which does no harm": """
def freeze(base, W, b):
    image = keras.Input(base.input_shape[1:])
    start = keras.initializers.Constant
    head = keras.layers.Dense(len(b), "softmax", kernel_initializer=start(10 * np.asarray(W)), bias_initializer=start(10 * np.asarray(b)))
    model = keras.Model(image, head(base(image)))
    head.set_weights([10 * np.asarray(W), 10 * np.asarray(b)])
    for layer in model.layers:
        layer.trainable = layer is head
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def unfreeze_top(model, n):
    base = [layer for layer in model.layers if hasattr(layer, "layers")][0]
    count = sum(isinstance(layer, keras.layers.Conv2D) for layer in base.layers)
    if n < 0 or n > count:
        raise ValueError("n")
    left = n
    for layer in reversed(base.layers):
        thaw = isinstance(layer, keras.layers.Conv2D) and left > 0
        layer.trainable = thaw
        left -= thaw
    return model
""",
    },
    "fine_tune": {
        "keras's own fit": """
def fine_tune(base, x, y, n, epochs=6, rate=1e-4):
    f = np.concatenate([np.asarray(base(x[i : i + 64], training=False)) for i in range(0, len(x), 64)])
    model = unfreeze_top(freeze(base, *linear_probe(f, y)), n)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=rate), loss=keras.losses.SparseCategoricalCrossentropy())
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return model
""",
        "shuffled by hand, one epoch at a time": """
def fine_tune(base, x, y, n, epochs=6, rate=1e-4):
    base.trainable = False
    W, b = linear_probe(base.predict(x, verbose=0), np.asarray(y))
    model = unfreeze_top(freeze(base, W, b), n)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(x))
        for i in range(0, len(x), 32):
            model.train_on_batch(x[order[i : i + 32]], y[order[i : i + 32]])
    return model
""",
        "one-hot labels": """
def fine_tune(base, x, y, n, epochs=6, rate=1e-4):
    W, b = linear_probe(base.predict(x, verbose=0), y)
    model = freeze(base, W, b)
    model = unfreeze_top(model, n)
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
    training.fit(model, x, np.eye(len(b))[y], epochs=epochs, batch_size=32, quiet=True)
    return model
""",
    },
    "grad_cam": {
        "einsum and kron": """
def grad_cam(maps, gradients, size):
    h, w, _ = maps.shape
    heat = np.clip(np.einsum("hwc,c->hw", maps, np.einsum("hwc->c", gradients) / (h * w)), 0, None)
    peak = heat.max()
    return np.kron(heat / peak if peak > 0 else heat, np.ones((size // h, size // w)))
""",
    },
}
