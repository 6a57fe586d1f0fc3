"""Other right answers of week 10. Each replaces the answer cell it is keyed by, and must earn all its points."""

ALTERNATIVES = {
    "features": {
        "predict": """
def features(base, x, batch_size=500):
    return base.predict(x, batch_size=batch_size, verbose=0)
""",
        "predict_on_batch, into an array": """
def features(base, x, batch_size=500):
    out = np.empty((len(x), base.output_shape[-1]), "float32")
    for first in range(0, len(x), batch_size):
        out[first : first + batch_size] = base.predict_on_batch(x[first : first + batch_size])
    return out
""",
        "split into pieces": """
def features(base, x, batch_size=500):
    pieces = np.array_split(x, -(-len(x) // batch_size))
    return np.vstack([keras.ops.convert_to_numpy(base(piece)) for piece in pieces])
""",
        "keras tensors": """
def features(base, x, batch_size=500):
    batches = [base(keras.ops.convert_to_tensor(x[i : i + batch_size]), training=False) for i in range(0, len(x), batch_size)]
    return keras.ops.convert_to_numpy(keras.ops.concatenate(batches))
""",
    },
    "linear_probe": {
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
    "probe_curve": {
        "nested choices from one order": """
def probe_curve(f, y, f_test, y_test, samples, seeds):
    rows = []
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(y))
        members = [order[y[order] == label] for label in np.unique(y)]
        row = []
        for each in samples:
            chosen = np.concatenate([one[:each] for one in members])
            W, b = linear_probe(f[chosen], y[chosen])
            row.append(float((np.argmax(f_test @ W + b, axis=1) == y_test).mean()))
        rows.append(row)
    return np.array(rows)
""",
        "choice without replacement": """
def probe_curve(f, y, f_test, y_test, samples, seeds):
    def accuracy(each, seed):
        rng = np.random.default_rng([seed, each])
        chosen = np.concatenate([rng.choice(np.flatnonzero(y == c), each, replace=False) for c in range(y.max() + 1)])
        W, b = linear_probe(f[chosen], y[chosen])
        return np.mean((f_test @ W + b).argmax(1) == y_test)

    return np.array([[accuracy(each, seed) for each in samples] for seed in seeds])
""",
        "scikit-learn's metric": """
def probe_curve(f, y, f_test, y_test, samples, seeds):
    from sklearn.metrics import accuracy_score
    from sklearn.utils import shuffle

    table = np.full((len(seeds), len(samples)), np.nan)
    for i in range(len(seeds)):
        g, labels = shuffle(f, y, random_state=int(seeds[i]))
        for j in range(len(samples)):
            rank = np.zeros(len(labels), int)
            for c in set(labels.tolist()):
                rank[labels == c] = np.arange((labels == c).sum())
            keep = rank < samples[j]
            W, b = linear_probe(g[keep], labels[keep])
            table[i, j] = accuracy_score(y_test, (f_test @ W + b).argmax(axis=1))
    return table
""",
    },
    "scratch": {
        "plain, functional, best of few": """
def build_scratch(classes):
    x = inputs = keras.Input((32, 32, 3))
    for maps in (24, 32, 48):
        x = keras.layers.Conv2D(maps, 3, padding="same", strides=2 if maps == 24 else 1)(x)
        x = keras.layers.BatchNormalization(momentum=0.8)(x)
        x = keras.layers.MaxPooling2D(2)(keras.layers.ReLU()(x))
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(keras.layers.Flatten()(x)))


def train_scratch(model, x, y):
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    both, labels = np.concatenate([x, x[:, :, ::-1]]), np.concatenate([y, y])
    return training.fit(model, both, labels, epochs=25, batch_size=20, quiet=True)


scratch, scratch_history = training.trained("scratch", lambda: build_scratch(4), lambda model: train_scratch(model, x_few, y_few))
W_b = linear_probe(features(base, x_few), y_few)
probe = W_b
""",
        "one-hot labels, SGD": """
def build_scratch(classes):
    net = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(16, 4, strides=2, use_bias=False)])
    net.add(keras.layers.BatchNormalization(momentum=0.7))
    net.add(keras.layers.ReLU())
    for maps in (24, 32):
        net.add(keras.layers.Conv2D(maps, 3, padding="same", use_bias=False))
        net.add(keras.layers.MaxPooling2D(2))
        net.add(keras.layers.BatchNormalization(momentum=0.7))
        net.add(keras.layers.ReLU())
    net.add(keras.layers.GlobalMaxPooling2D())
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net


def train_scratch(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.1, 40 * 5)
    model.compile(keras.optimizers.SGD(rate, momentum=0.9, nesterov=True), "categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, np.eye(4)[y], epochs=40, batch_size=20, quiet=True)


scratch, scratch_history = training.trained("scratch", lambda: build_scratch(4), lambda model: train_scratch(model, x_few, y_few))
probe = list(linear_probe(features(base, x_few), y_few))
""",
        "a plain net, biases and dropout": """
def build_scratch(classes):
    layers = keras.layers
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(20, 5, strides=2, padding="same", activation="relu", kernel_initializer="he_normal"),
        layers.MaxPooling2D(2),
        layers.Conv2D(40, 3, padding="same", activation="relu", kernel_initializer="he_normal"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(48, activation="relu"),
        layers.Dense(classes, activation="softmax"),
    ])


def train_scratch(model, x, y):
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x, y, epochs=60, batch_size=10, verbose=0)


scratch, scratch_history = training.trained("scratch", lambda: build_scratch(4), lambda model: train_scratch(model, x_few, y_few))
probe = linear_probe(features(base, x_few), y_few)
""",
    },
    "freeze": {
        "flat, not nested": """
def freeze(base, classes, rate=1e-3):
    for layer in base.layers:
        layer.trainable = False
    head = keras.layers.Dense(classes, activation="softmax")
    model = keras.Model(base.inputs[0], head(base.outputs[0]))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        "sequential, with dropout": """
def freeze(base, classes, rate=1e-3):
    base.trainable = False
    model = keras.Sequential([keras.Input(base.input_shape[1:]), base, keras.layers.Dropout(0.2), keras.layers.Dense(classes), keras.layers.Softmax()])
    model.compile(keras.optimizers.Adam(learning_rate=rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        "frozen after the model is made, before compile": """
def freeze(base, classes, rate=1e-3):
    image = keras.Input(base.input_shape[1:])
    model = keras.Model(image, keras.layers.Dense(classes, "softmax")(base(image)))
    for layer in model.layers:
        layer.trainable = isinstance(layer, keras.layers.Dense)
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    return model
""",
    },
    "unfreeze_top": {
        "from the end, layer by layer": """
def unfreeze_top(model, n, rate=1e-4):
    base = [layer for layer in model.layers if hasattr(layer, "layers")][0]
    count = sum(isinstance(layer, keras.layers.Conv2D) for layer in base.layers)
    if n < 0 or n > count:
        raise ValueError("n")
    left = n
    for layer in reversed(base.layers):
        thaw = isinstance(layer, keras.layers.Conv2D) and left > 0
        layer.trainable = thaw
        left -= thaw
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        "by four-dimensional kernels": """
def unfreeze_top(model, n, rate=1e-4):
    flat = []

    def collect(net):
        for layer in net.layers:
            if isinstance(layer, keras.Model):
                collect(layer)
            else:
                flat.append(layer)

    collect(model)
    kernels = [layer for layer in flat if any(len(w.shape) == 4 for w in layer.weights)]
    if n not in range(len(kernels) + 1):
        raise ValueError(f"n is 0 to {len(kernels)}")
    for layer in flat:
        layer.trainable = layer in kernels[len(kernels) - n :] or layer is model.layers[-1]
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        "a set of layers": """
def unfreeze_top(model, n, rate=1e-4):
    inner = next(part for part in model.layers if isinstance(part, keras.Model))
    places = [i for i, layer in enumerate(inner.layers) if isinstance(layer, keras.layers.Conv2D)]
    if n < 0 or n > len(places):
        raise ValueError("as many convolutions as the base has, at most")
    thawed = set(places[::-1][:n])
    inner.trainable = True
    for i, layer in enumerate(inner.layers):
        layer.trainable = i in thawed
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
    },
    "fine_tune": {
        "keras's own fit": """
def fine_tune(base, x, y, n, epochs=(20, 10), rates=(1e-3, 1e-4)):
    model = freeze(base, len(np.unique(y)), rate=rates[0])
    model.fit(x, y, batch_size=32, epochs=epochs[0], verbose=0)
    unfreeze_top(model, n, rate=rates[1]).fit(x, y, batch_size=32, epochs=epochs[1], verbose=0)
    return model
""",
        "the head on features, then the whole": """
def fine_tune(base, x, y, n, epochs=(20, 10), rates=(1e-3, 1e-4)):
    classes = int(y.max()) + 1
    model = freeze(base, classes, rates[0])
    f = features(base, x)
    head = keras.Sequential([keras.Input((f.shape[1],)), keras.layers.Dense(classes, activation="softmax")])
    head.compile(keras.optimizers.Adam(rates[0]), "sparse_categorical_crossentropy")
    head.fit(f, y, batch_size=32, epochs=epochs[0], verbose=0)
    model.layers[-1].set_weights(head.get_weights())
    model = unfreeze_top(model, n, rates[1])
    model.fit(x, y, batch_size=32, epochs=epochs[1], verbose=0)
    return model
""",
        "both phases in a loop": """
def fine_tune(base, x, y, n, epochs=(20, 10), rates=(1e-3, 1e-4)):
    model = freeze(base, np.bincount(y).size, rates[0])
    for phase in (0, 1):
        if phase:
            model = unfreeze_top(model, n, rates[phase])
        order = np.random.default_rng(phase).permutation(len(x))
        training.fit(model, x[order], y[order], epochs=epochs[phase], batch_size=32, quiet=True)
    return model
""",
    },
    "validate_dataset": {
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
    few, many = min(groups.values()), max(groups.values())
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
    small, large = min(totals.values()), max(totals.values())
    if large > most_ratio * small:
        pair = [next(g for g, n in totals.items() if n == size) for size in (small, large)]
        found.append(f"{pair[0]} against {pair[1]}: {small} against {large}")
    return found
""",
    },
    "split_dataset": {
        "train_test_split on pictures": """
def split_dataset(files, test=0.2, seed=0):
    from sklearn.model_selection import train_test_split

    pictures = {}
    for name in sorted(files):
        if name.lower().endswith(SUFFIXES):
            pixels = np.asarray(Image.open(io.BytesIO(files[name])).convert("RGB"))
            pictures.setdefault((pixels.shape, pixels.tobytes()), []).append(name)
    train, held = [], []
    for group in sorted({name.split("/")[0] for names in pictures.values() for name in names}):
        own = [names for names in pictures.values() if names[0].split("/")[0] == group]
        rest, chosen = train_test_split(own, test_size=round(test * len(own)), random_state=seed)
        train += sum(rest, [])
        held += sum(chosen, [])
    return train, held
""",
        "hashes, an order drawn for each class": """
def split_dataset(files, test=0.2, seed=0):
    import hashlib
    import random

    def key(name):
        image = Image.open(io.BytesIO(files[name])).convert("RGB")
        return hashlib.md5(str(image.size).encode() + image.tobytes()).hexdigest()

    names = sorted(name for name in files if Path(name).suffix.lower() in SUFFIXES)
    keys = {name: key(name) for name in names}
    side, draw = {}, random.Random(seed)
    for group in sorted({name.split("/")[0] for name in names}):
        members = [name for name in names if name.startswith(group + "/")]
        draw.shuffle(members)
        wanted = int(test * len(members) + 0.5)
        have = sum(side.get(keys[name]) == 1 for name in members)
        for name in members:
            if keys[name] not in side:
                copies = [other for other in members if keys[other] == keys[name]]
                side[keys[name]] = int(have + len(copies) <= wanted)
                have += len(copies) * side[keys[name]]
    return [n for n in names if not side[keys[n]]], [n for n in names if side[keys[n]]]
""",
        "one of each picture first, copies follow": """
def split_dataset(files, test=0.2, seed=0):
    first, follow = {}, {}
    for name in sorted(files):
        if not name.lower().endswith(SUFFIXES):
            continue
        pixels = np.asarray(Image.open(io.BytesIO(files[name])).convert("RGB"))
        original = first.setdefault((pixels.shape, pixels.tobytes()), name)
        follow.setdefault(original, []).append(name)
    rng = np.random.default_rng(seed)
    parts = ([], [])
    for group in dict.fromkeys(name.split("/")[0] for name in follow):
        originals = [name for name in follow if name.split("/")[0] == group]
        rng.shuffle(originals)
        for place, name in enumerate(originals):
            parts[place < round(test * len(originals))].extend(follow[name])
    return list(parts[0]), list(parts[1])
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


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_own, y_own))
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


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_own, y_own))
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


own, own_history = training.trained("own", lambda: alexnet_mini(32, 3), lambda model: train_own(model, x_own, y_own))
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
