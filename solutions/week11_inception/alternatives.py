"""Other right answers to week 11. Each must earn every point."""

ALTERNATIVES = {
    "conv1x1": {
        "einsum": """
def conv1x1(x, w, b=None):
    x, w = np.array(x, float), np.array(w, float)
    if len(w) != x.shape[-1]:
        raise ValueError("channels")
    return np.einsum("...c,ck->...k", x, w) + (0 if b is None else np.array(b))
""",
        "pixels as rows of one matrix": """
def conv1x1(x, w, b=None):
    *places, c = np.shape(x)
    c_in, c_out = np.shape(w)
    if c != c_in:
        raise ValueError(f"{c} channels, {c_in} rows")
    rows = np.reshape(x, (-1, c)).astype(np.float64)
    out = np.dot(rows, w)
    if b is not None:
        out += np.reshape(b, (1, c_out))
    return out.reshape(*places, c_out)
""",
        "channel by channel": """
def conv1x1(x, w, b=None):
    x, w = np.asarray(x), np.asarray(w)
    if x.shape[-1] != w.shape[0]:
        raise ValueError("w does not fit")
    out = np.zeros(x.shape[:-1] + (w.shape[1],))
    for k in range(w.shape[1]):
        for c in range(w.shape[0]):
            out[..., k] += x[..., c].astype(float) * float(w[c, k])
        if b is not None:
            out[..., k] += b[k]
    return out
""",
        "Keras": """
def conv1x1(x, w, b=None):
    x, w = np.asarray(x, "float32"), np.asarray(w, "float32")
    if x.shape[-1] != w.shape[0]:
        raise ValueError("w does not fit")
    batch = x[None] if x.ndim == 3 else x
    out = np.asarray(keras.ops.conv(batch, w[None, None], padding="valid", data_format="channels_last"))
    out = out if b is None else out + np.asarray(b)
    return out[0] if x.ndim == 3 else out
""",
    },
    "block_cost": {
        "a helper for one convolution": """
def _conv(h, w, c, maps, k):
    kernel = k * k * c * maps
    return kernel + maps, h * w * kernel


def _sum(*pairs):
    return tuple(map(sum, zip(*pairs)))


def naive_cost(h, w, c, f1, f3, f5):
    if any(n < 1 for n in (h, w, c, f1, f3, f5)):
        raise ValueError("sizes")
    branches = {f"{k}x{k}": _conv(h, w, c, f, k) for k, f in ((1, f1), (3, f3), (5, f5))}
    return {**branches, "pool": (0, 0)}


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    if any(n <= 0 for n in (h, w, c, f1, f3r, f3, f5r, f5, fp)):
        raise ValueError("sizes")
    return dict([
        ("1x1", _conv(h, w, c, f1, 1)),
        ("3x3", _sum(_conv(h, w, c, f3r, 1), _conv(h, w, f3r, f3, 3))),
        ("5x5", _sum(_conv(h, w, c, f5r, 1), _conv(h, w, f5r, f5, 5))),
        ("pool", _conv(h, w, c, fp, 1)),
    ])
""",
        "lists instead of pairs": """
def naive_cost(h, w, c, f1, f3, f5):
    for n in (h, w, c, f1, f3, f5):
        if n < 1:
            raise ValueError(n)
    cost = {"pool": [0, 0]}
    for key, k, f in (("1x1", 1, f1), ("3x3", 3, f3), ("5x5", 5, f5)):
        cost[key] = [k**2 * c * f + f, k**2 * c * f * h * w]
    return cost


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    for n in (h, w, c, f1, f3r, f3, f5r, f5, fp):
        if n < 1:
            raise ValueError(n)
    three = naive_cost(h, w, f3r, 1, f3, 1)["3x3"]
    five = naive_cost(h, w, f5r, 1, 1, f5)["5x5"]

    def one(maps):
        return naive_cost(h, w, c, maps, 1, 1)["1x1"]

    return {
        "pool": one(fp),
        "1x1": one(f1),
        "3x3": [a + b for a, b in zip(one(f3r), three)],
        "5x5": [a + b for a, b in zip(one(f5r), five)],
    }
""",
        "Keras counts": """
def _measure(h, w, steps):
    weights = macs = 0
    for c, f, k in steps:
        layer = keras.layers.Conv2D(f, k, padding="same")
        layer.build((None, h, w, c))
        weights += layer.count_params()
        macs += h * w * (layer.count_params() - f)
    return weights, macs


def naive_cost(h, w, c, f1, f3, f5):
    if min(h, w, c, f1, f3, f5) < 1:
        raise ValueError("too small")
    return {"1x1": _measure(h, w, [(c, f1, 1)]), "3x3": _measure(h, w, [(c, f3, 3)]), "5x5": _measure(h, w, [(c, f5, 5)]), "pool": (0, 0)}


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    if min(h, w, c, f1, f3r, f3, f5r, f5, fp) < 1:
        raise ValueError("too small")
    plan = {"1x1": [(c, f1, 1)], "3x3": [(c, f3r, 1), (f3r, f3, 3)], "5x5": [(c, f5r, 1), (f5r, f5, 5)], "pool": [(c, fp, 1)]}
    return {key: _measure(h, w, steps) for key, steps in plan.items()}
""",
    },
    "inception_block": {
        "another order, ReLU as a layer": """
def naive_block(x, f1, f3, f5):
    pool = keras.layers.MaxPool2D((3, 3), (1, 1), "same")(x)
    parts = [keras.layers.ReLU()(keras.layers.Conv2D(f, k, padding="same")(x)) for k, f in ((5, f5), (3, f3), (1, f1))]
    return keras.layers.Concatenate()([pool, *parts])


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    def conv(x, f, k):
        return keras.layers.Activation("relu")(keras.layers.Conv2D(f, (k, k), padding="same")(x))

    pool = conv(keras.layers.MaxPool2D(3, 1, "same")(x), fp, 1)
    five = conv(conv(x, f5r, 1), f5, 5)
    three = conv(conv(x, f3r, 1), f3, 3)
    return keras.layers.concatenate([pool, five, three, conv(x, f1, 1)])
""",
        "one ReLU behind the stack": """
def naive_block(x, f1, f3, f5):
    L = keras.layers
    kernels = L.Concatenate()([L.Conv2D(f1, 1)(x), L.Conv2D(f3, 3, padding="same")(x), L.Conv2D(f5, 5, padding="same")(x)])
    return L.Concatenate()([L.ReLU()(kernels), L.MaxPooling2D(3, strides=1, padding="same")(x)])


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    L = keras.layers
    three = L.Conv2D(f3, 3, padding="same")(L.Conv2D(f3r, 1, activation="relu")(x))
    five = L.Conv2D(f5, 5, padding="same")(L.Conv2D(f5r, 1, activation="relu")(x))
    pool = L.Conv2D(fp, 1)(L.MaxPooling2D(3, strides=1, padding="same")(x))
    return L.ReLU()(L.Concatenate(axis=3)([L.Conv2D(f1, 1)(x), three, five, pool]))
""",
        "a model of its own, padding by hand": """
def naive_block(x, f1, f3, f5):
    return keras.ops.concatenate(
        [
            keras.layers.Conv2D(f1, 1, activation=keras.activations.relu)(x),
            keras.layers.Conv2D(f3, 3, activation="relu")(keras.layers.ZeroPadding2D(1)(x)),
            keras.layers.Conv2D(f5, 5, activation="relu")(keras.layers.ZeroPadding2D(2)(x)),
            keras.layers.MaxPooling2D(3, strides=1, padding="same")(x),
        ],
        axis=-1,
    )


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    inside = keras.Input(tuple(x.shape[1:]))
    one = keras.layers.Conv2D(f1, 1, activation="relu")(inside)
    three = keras.layers.Conv2D(f3r, 1, activation="relu")(inside)
    three = keras.layers.Conv2D(f3, 3, activation="relu")(keras.layers.ZeroPadding2D(1)(three))
    five = keras.layers.Conv2D(f5r, 1, activation="relu")(inside)
    five = keras.layers.Conv2D(f5, 5, activation="relu")(keras.layers.ZeroPadding2D(2)(five))
    pool = keras.layers.MaxPooling2D(3, strides=1, padding="same")(inside)
    pool = keras.layers.Conv2D(fp, 1, activation="relu")(pool)
    block = keras.Model(inside, keras.layers.Concatenate()([five, one, pool, three]))
    return block(x)
""",
        "branches as small sequences, stacked in pairs": """
def naive_block(x, f1, f3, f5):
    out = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    for f, k in zip((f1, f3, f5), (1, 3, 5)):
        out = keras.layers.Concatenate()([out, keras.layers.Conv2D(f, k, padding="same", activation="relu")(x)])
    return out


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    def conv(f, k):
        return keras.layers.Conv2D(f, k, padding="same", activation="relu")

    branches_ = [[conv(f1, 1)], [conv(f3r, 1), conv(f3, 3)], [conv(f5r, 1), conv(f5, 5)]]
    branches_.append([keras.layers.MaxPooling2D(3, strides=1, padding="same"), conv(fp, 1)])
    ends = []
    for branch in branches_:
        y = x
        for layer in branch:
            y = layer(y)
        ends.append(y)
    left = keras.layers.Concatenate()(ends[:2])
    right = keras.layers.Concatenate()(ends[2:])
    return keras.layers.Concatenate()([left, right])
""",
    },
    "separate": {
        "SciPy, eigenvectors, lists": """
def separate(kernel):
    from scipy.linalg import svd
    k = np.array(kernel, dtype="float64")
    u, s, v = svd(k, full_matrices=False)
    r = np.count_nonzero(s > s.max() * 1e-6)
    if r > 1:
        raise ValueError("rank %d" % r)
    return list(u[:, 0] * np.sqrt(s[0])), list(np.sqrt(s[0]) * v[0])


def rank_one(kernel):
    k = np.array(kernel, dtype="float64")
    w, v = np.linalg.eigh(k.T @ k)
    row = v[:, -1]
    near = np.outer(k @ row, row)
    return near, float(((k - near) ** 2).sum() / (k ** 2).sum())
""",
        "power iteration": """
def separate(kernel):
    near, lost = rank_one(kernel)
    k = np.asarray(kernel, float)
    s = np.linalg.svd(k, compute_uv=False)
    if s[1:].size and s[1] > 1e-6 * s[0]:
        raise ValueError(f"rank {np.linalg.matrix_rank(k, tol=1e-6 * s[0])}")
    i, j = np.unravel_index(np.abs(k).argmax(), k.shape)
    return near[:, j] / near[i, j], near[i]


def rank_one(kernel):
    k = np.asarray(kernel, float)
    v = k[np.abs(k).sum(1).argmax()] + 1e-3 * np.abs(k).max()
    for _ in range(2000):
        v = k.T @ (k @ v)
        v /= np.linalg.norm(v)
    near = np.outer(k @ v, v)
    return near, 1 - (near ** 2).sum() / (k ** 2).sum()
""",
        "by the largest entry": """
def separate(kernel):
    k = np.asarray(kernel, dtype=float)
    i, j = np.unravel_index(np.argmax(np.abs(k)), k.shape)
    column, row = k[:, j], k[i] / k[i, j]
    if np.abs(np.outer(column, row) - k).max() > 1e-6 * np.abs(k).max():
        raise ValueError(f"rank {np.linalg.matrix_rank(k, rtol=1e-6)}")
    return column, row


def rank_one(kernel):
    k = np.asarray(kernel, dtype=float)
    row = np.linalg.eigh(k.T @ k)[1][:, -1]
    nearest = np.outer(k @ row, row)
    return nearest, ((k - nearest) ** 2).sum() / (k**2).sum()
""",
        "rank by matrix_rank, roots in both": """
def separate(kernel):
    kernel = np.array(kernel, dtype=np.float64)
    rank = np.linalg.matrix_rank(kernel, tol=1e-6 * np.linalg.norm(kernel, 2))
    if rank > 1:
        raise ValueError(f"the kernel does not separate: its rank is {rank}")
    U, S, V = np.linalg.svd(kernel, full_matrices=False)
    root = np.sqrt(S[0])
    return [root * U[:, 0], root * V[0, :]]


def rank_one(kernel):
    U, S, V = np.linalg.svd(np.array(kernel, dtype=np.float64), full_matrices=False)
    S2 = S * S
    return (U[:, :1] * S[0]) @ V[:1], float(S2[1:].sum() / S2.sum())
""",
        "every row a multiple of one": """
def separate(kernel):
    k = np.asarray(kernel, float)
    best = max(k, key=lambda row: float(np.dot(row, row)))
    column = np.array([np.dot(row, best) for row in k]) / np.dot(best, best)
    for factor, row in zip(column, k):
        if np.linalg.norm(row - factor * best) > 1e-6 * np.linalg.norm(k):
            raise ValueError(f"the rows are not multiples of one row: rank {np.linalg.matrix_rank(k)}")
    return column, best


def rank_one(kernel):
    k = np.asarray(kernel, float)
    u, s, vt = np.linalg.svd(k)
    s[1:] = 0
    nearest = (u[:, : len(s)] * s) @ vt[: len(s)]
    return nearest, 1 - (np.linalg.norm(nearest) / np.linalg.norm(k)) ** 2
""",
    },
    "factorised_conv": {
        "down first": """
def factorised_conv(x, filters, k, middle=None, activation="relu"):
    y = keras.layers.Conv2D(middle or filters, (k, 1), padding="same", activation=activation)(x)
    return keras.layers.Conv2D(filters, kernel_size=(1, k), padding="same", activation=activation)(y)


def factor_cost(k, c=1, filters=1):
    if k % 2 == 0 or k < 3:
        raise ValueError(k)
    stack, depth = 0, c
    for _ in range(k // 2):
        stack += 9 * depth * filters
        depth = filters
    return dict(direct=k**2 * c * filters, stack=stack, pair=k * filters * (c + filters))
""",
        "activations as layers": """
def factorised_conv(x, filters, k, middle=None, activation="relu"):
    for maps, size in ((middle if middle is not None else filters, (1, k)), (filters, (k, 1))):
        x = keras.layers.Conv2D(maps, size, padding="same")(x)
        if activation is not None:
            x = keras.layers.Activation(activation)(x)
    return x


def factor_cost(k, c=1, filters=1):
    if k not in range(3, 1000, 2):
        raise ValueError("k")
    return {
        "pair": k * c * filters + k * filters**2,
        "direct": c * filters * k * k,
        "stack": 9 * filters * (c + filters * (k - 3) // 2),
    }
""",
        "padding by hand": """
def factorised_conv(x, filters, k, middle=None, activation="relu"):
    p = k // 2
    maps = filters if middle is None else middle
    x = keras.layers.ZeroPadding2D((0, p))(x)
    x = keras.layers.Conv2D(maps, (1, k), activation=activation)(x)
    x = keras.layers.ZeroPadding2D((p, 0))(x)
    return keras.layers.Conv2D(filters, (k, 1), activation=activation)(x)


def _weights(c, filters, sizes):
    total = 0
    for h, w in sizes:
        total, c = total + h * w * c * filters, filters
    return total


def factor_cost(k, c=1, filters=1):
    if k < 3 or not k % 2:
        raise ValueError("odd")
    ways = {"direct": [(k, k)], "stack": [(3, 3)] * ((k - 1) // 2), "pair": [(1, k), (k, 1)]}
    return {way: _weights(c, filters, sizes) for way, sizes in ways.items()}
""",
    },
    "mini_googlenet": {
        "5×5 as two 3×3, blocks written out": """
def build_mini_googlenet():
    L = keras.layers

    def conv(x, maps, k):
        x = L.Conv2D(maps, k, padding="same", use_bias=False)(x)
        return L.ReLU()(L.BatchNormalization(momentum=0.9)(x))

    def block(x, f1, r, f3, f5, fp):
        small, thin = conv(x, f1, 1), conv(x, r, 1)
        middle = conv(thin, f3, 3)
        large = conv(conv(thin, f5, 3), f5, 3)
        pool = conv(L.AveragePooling2D(3, strides=1, padding="same")(x), fp, 1)
        return L.Concatenate()([small, middle, large, pool])

    x = inputs = keras.Input((32, 32, 3))
    x = L.MaxPooling2D(2)(conv(x, 24, 3))
    x = L.MaxPooling2D(2)(block(x, 16, 16, 24, 12, 12))
    x = block(x, 24, 24, 40, 16, 16)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def train_mini(model):
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: 0.003 if epoch < 2 else 0.0005)
    return training.fit(
        model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=64, callbacks=[slower], quiet=True
    )


mini, mini_history = training.trained("mini", build_mini_googlenet, train_mini)
""",
        "blocks as models in a Sequential, SGD": """
def _block(side, c, f1, r, f3, f5, fp):
    L = keras.layers
    x = keras.Input((side, side, c))
    three = L.Conv2D(f3, 3, padding="same")(L.Conv2D(r, 1, activation="relu")(x))
    five = L.Conv2D(f5, (5, 1), padding="same")(L.Conv2D(f5, (1, 5), padding="same")(x))
    pool = L.Conv2D(fp, 1)(L.MaxPooling2D(3, strides=1, padding="same")(x))
    y = L.Concatenate()([five, pool, L.Conv2D(f1, 1)(x), three])
    return keras.Model(x, L.ReLU()(L.BatchNormalization(momentum=0.9)(y)))


def build_mini_googlenet():
    L = keras.layers
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        L.Conv2D(24, 3, padding="same"), L.MaxPooling2D(2), L.BatchNormalization(momentum=0.9), L.ReLU(),
        _block(16, 24, 16, 16, 24, 8, 8), L.MaxPooling2D(2),
        _block(8, 56, 24, 24, 40, 12, 12),
        _block(8, 88, 24, 24, 40, 12, 12),
        L.GlobalAveragePooling2D(), L.Dense(10, activation="softmax"),
    ])


def train_mini(model):
    rate = keras.optimizers.schedules.CosineDecay(0.1, 3 * -(-len(x_train) // 64))
    model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=64, quiet=True)


mini, mini_history = training.trained("mini", build_mini_googlenet, train_mini)
""",
        "the exercise's blocks, thin pairs, best epoch": """
def build_mini_googlenet():
    L = keras.layers
    x = inputs = keras.Input((32, 32, 3))
    x = L.MaxPooling2D(2)(L.Conv2D(32, 3, padding="same", activation="relu")(x))
    x = L.BatchNormalization(momentum=0.9)(x)
    x = L.BatchNormalization(momentum=0.9)(inception_block(x, 16, 16, 24, 8, 12, 12))
    x = L.MaxPooling2D(2)(x)
    wide = factorised_conv(L.Conv2D(16, 1, activation="relu")(x), 24, 7)
    near = L.Conv2D(32, 3, padding="same", activation="relu")(L.Conv2D(24, 1, activation="relu")(x))
    x = L.Concatenate()([L.Conv2D(32, 1, activation="relu")(x), near, wide])
    x = L.BatchNormalization(momentum=0.9)(x)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def train_mini(model):
    hot, hot_val = np.eye(10)[y_train], np.eye(10)[y_val]
    best = training.BestWeights("val_loss", "min")
    model.compile(keras.optimizers.Adam(0.002), "categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(
        model, x_train, hot, validation=(x_val, hot_val), epochs=3, batch_size=64, callbacks=[best], quiet=True
    )
    best.restore(model)
    return history


mini, mini_history = training.trained("mini", build_mini_googlenet, train_mini)
""",
    },
    "googlenet": {
        "written out": """
def googlenet(classes=1000):
    L = keras.layers
    x = inputs = keras.Input((224, 224, 3))
    x = L.Conv2D(64, 7, 2, "same", activation="relu")(x)
    x = L.MaxPool2D(3, 2, "same")(x)
    x = L.Conv2D(64, 1, activation="relu")(x)
    x = L.Conv2D(192, 3, padding="same", activation="relu")(x)
    x = L.MaxPool2D(3, 2, "same")(x)
    x = inception_block(x, 64, 96, 128, 16, 32, 32)
    x = inception_block(x, 128, 128, 192, 32, 96, 64)
    x = L.MaxPool2D(3, 2, "same")(x)
    x = inception_block(x, 192, 96, 208, 16, 48, 64)
    x = inception_block(x, 160, 112, 224, 24, 64, 64)
    x = inception_block(x, 128, 128, 256, 24, 64, 64)
    x = inception_block(x, 112, 144, 288, 32, 64, 64)
    x = inception_block(x, 256, 160, 320, 32, 128, 128)
    x = L.MaxPool2D(3, 2, "same")(x)
    x = inception_block(x, 256, 160, 320, 32, 128, 128)
    x = inception_block(x, 384, 192, 384, 48, 128, 128)
    x = L.Dense(classes)(L.Dropout(0.4)(L.GlobalAveragePooling2D()(x)))
    return keras.Model(inputs, L.Softmax()(x))
""",
    },
}
