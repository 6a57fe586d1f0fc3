"""Other right answers to the exercises of week 12. Each must earn every point."""

ALTERNATIVES = {
    "residual_block": {
        "the shortcut first, activations by name": """
def residual_block(x, filters, stride=1, project=None):
    same = stride == 1 and int(x.shape[-1]) == filters
    if project is False and not same:
        raise ValueError("the shapes differ")
    shortcut = x
    if project or not same:
        shortcut = keras.layers.Conv2D(filters, (1, 1), strides=(stride, stride), padding="same", use_bias=False)(x)
        shortcut = keras.layers.BatchNormalization(epsilon=1e-5)(shortcut)
    x = keras.layers.Conv2D(filters, (3, 3), strides=(stride, stride), padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(epsilon=1e-5)(x)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.Conv2D(filters, (3, 3), padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(epsilon=1e-5)(x)
    return keras.layers.Activation("relu")(keras.layers.add([shortcut, x]))
""",
        "the last batch norm starts at zero, + and relu as operations": """
def residual_block(x, filters, stride=1, project=None):
    L = keras.layers

    def conv(x, size, step, gamma="ones"):
        x = L.Conv2D(filters, size, step, "same", use_bias=False, kernel_initializer="he_normal")(x)
        return L.BatchNormalization(momentum=0.9, gamma_initializer=gamma)(x)

    out = (-(-x.shape[1] // stride), -(-x.shape[2] // stride), filters)
    fits = tuple(x.shape[1:]) == out
    if project is None:
        project = not fits
    if not project and not fits:
        raise ValueError(f"{tuple(x.shape[1:])} is not {out}")
    y = conv(keras.ops.relu(conv(x, 3, stride)), 3, 1, gamma="zeros")
    return keras.ops.relu(y + (conv(x, 1, stride) if project else x))
""",
        "every second pixel, then a dense layer over the maps": """
def residual_block(x, filters, stride=1, project=None):
    changed = stride > 1 or x.shape[-1] != filters
    if changed and project is not None and not project:
        raise ValueError("projection needed")
    y = x
    for number in (1, 2):
        y = keras.layers.Conv2D(filters, 3, strides=stride if number == 1 else 1, padding="same", use_bias=False)(y)
        y = keras.layers.BatchNormalization()(y)
        if number == 1:
            y = keras.layers.ReLU()(y)
    if project or changed:
        x = x[:, ::stride, ::stride, :]
        x = keras.layers.Dense(filters, use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))
""",
        "same padding by hand": """
def residual_block(x, filters, stride=1, project=None):
    L = keras.layers
    needs = stride != 1 or x.shape[-1] != filters
    if project is False and needs:
        raise ValueError("x does not fit")

    def three(x, step):
        pads = []
        for side in (x.shape[1], x.shape[2]):
            total = max((-(-side // step) - 1) * step + 3 - side, 0)
            pads.append((total // 2, total - total // 2))
        return L.BatchNormalization()(L.Conv2D(filters, 3, step, use_bias=False)(L.ZeroPadding2D(pads)(x)))

    y = three(L.ReLU()(three(x, stride)), 1)
    if project or needs:
        x = L.BatchNormalization()(L.Conv2D(filters, 1, stride, use_bias=False)(x))
    return L.ReLU()(L.Add()([y, x]))
""",
    },
    "gradients": {
        "np.where, a list filled from the end": """
def forward(x, pairs, residual=True):
    hs = [np.array(x, float)]
    for a, b in pairs:
        hs += [np.where((t := np.where((u := hs[-1] @ a) > 0, u, 0) @ b + residual * hs[-1]) > 0, t, 0)]
    return hs


def gradients(x, pairs, dout, residual=True):
    hs = forward(x, pairs, residual)
    d = np.array(dout, float)
    out = [None] * len(pairs)
    for i in reversed(range(len(pairs))):
        a, b = pairs[i]
        d = np.where(hs[i + 1] > 0, d, 0)
        u = hs[i] @ a
        du = np.where(u > 0, d @ b.T, 0)
        out[i] = [hs[i].T @ du, np.clip(u, 0, None).T @ d]
        d = du @ a.T + residual * d
    return out, d
""",
        "with what was kept on the way forward": """
def _run(x, pairs, residual):
    kept, h = [], x
    for a, b in pairs:
        u = h @ a
        u = u * (u > 0)
        s = u @ b + h if residual else u @ b
        kept.append((h, u, s))
        h = s * (s > 0)
    return kept, h


def forward(x, pairs, residual=True):
    kept, h = _run(x, pairs, residual)
    return [k[0] for k in kept] + [h]


def gradients(x, pairs, dout, residual=True):
    kept, _ = _run(x, pairs, residual)
    grads = []
    for (a, b), (h, u, s) in zip(reversed(pairs), reversed(kept)):
        ds = np.where(s > 0, dout, 0)
        du = np.where(u > 0, ds @ b.T, 0)
        grads.insert(0, [h.T @ du, u.T @ ds])
        dout = du @ a.T
        if residual:
            dout = dout + ds
    return [grads, dout]
""",
        "recursion, block by block": """
def forward(x, pairs, residual=True):
    if len(pairs) == 0:
        return [x]
    a, b = pairs[0]
    h = np.maximum(0, np.maximum(0, x.dot(a)).dot(b) + (x if residual else 0))
    return [x] + forward(h, pairs[1:], residual)


def gradients(x, pairs, dout, residual=True):
    if len(pairs) == 0:
        return [], dout
    a, b = pairs[0]
    u = np.maximum(0, x.dot(a))
    h = np.maximum(0, u.dot(b) + (x if residual else 0))
    later, dh = gradients(h, pairs[1:], dout, residual)
    ds = dh * np.sign(h)
    du = ds.dot(b.T) * np.sign(u)
    dx = du.dot(a.T)
    if residual:
        dx += ds
    return [(x.T.dot(du), u.T.dot(ds))] + later, dx
""",
        "einsum and masks": """
def forward(x, pairs, residual=True):
    out = [np.array(x, dtype=float)]
    for a, b in pairs:
        h = out[-1]
        s = np.einsum("nm,md->nd", np.clip(np.einsum("nd,dm->nm", h, a), 0, None), b) + float(residual) * h
        out.append(np.clip(s, 0, None))
    return out


def gradients(x, pairs, dout, residual=True):
    hs = forward(x, pairs, residual)
    grads = [None] * len(pairs)
    d = np.array(dout, dtype=float)
    for n in reversed(range(len(pairs))):
        a, b = pairs[n]
        d[hs[n + 1] <= 0] = 0
        u = np.clip(hs[n] @ a, 0, None)
        du = np.einsum("nd,md->nm", d, b)
        du[u <= 0] = 0
        grads[n] = (np.einsum("nd,nm->dm", hs[n], du), np.einsum("nm,nd->md", u, d))
        d = du @ a.T + float(residual) * d
    return grads, d
""",
    },
    "bottleneck": {
        "layers apart": """
def bottleneck(x, inner):
    y = keras.layers.Conv2D(inner, (1, 1))(x)
    y = keras.layers.Activation("relu")(y)
    y = keras.layers.Conv2D(inner, (3, 3), padding="same")(y)
    y = keras.layers.Activation("relu")(y)
    y = keras.layers.Conv2D(int(x.shape[-1]), (1, 1))(y)
    return keras.layers.Activation("relu")(keras.layers.add([x, y]))
""",
        "1×1 as dense layers": """
def bottleneck(x, inner):
    y = keras.layers.Dense(inner, activation="relu")(x)
    y = keras.layers.Conv2D(inner, 3, padding="same", activation="relu")(y)
    y = keras.layers.Dense(x.shape[-1])(y)
    return keras.ops.relu(x + y)
""",
        "padding by hand": """
def bottleneck(x, inner):
    L = keras.layers
    branch = [
        L.Conv2D(inner, 1), L.ReLU(), L.ZeroPadding2D(1), L.Conv2D(inner, 3), L.ReLU(), L.Conv2D(x.shape[-1], 1),
    ]
    y = x
    for layer in branch:
        y = layer(y)
    return L.ReLU()(L.Add()([y, x]))
""",
    },
    "resnet_cifar": {
        "written out, its own blocks": """
def resnet_cifar(n, residual=True, width=16, classes=10):
    L = keras.layers
    if n <= 0:
        raise ValueError("at least one block")

    def conv(x, maps, size=3, step=1):
        x = L.Conv2D(maps, size, strides=step, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        return L.BatchNormalization()(x)

    inputs = keras.Input(shape=(32, 32, 3))
    x = L.Activation("relu")(conv(inputs, width))
    for maps, step in ((width, 1), (2 * width, 2), (4 * width, 2)):
        for _ in range(n):
            y = conv(L.Activation("relu")(conv(x, maps, step=step)), maps)
            if residual:
                y = L.add([y, conv(x, maps, 1, step) if step > 1 else x])
            x = L.Activation("relu")(y)
            step = 1
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(classes)(x)
    return keras.Model(inputs, L.Softmax()(x))
""",
        "a list of blocks, the average by a pooling": """
def resnet_cifar(n, residual=True, width=16, classes=10):
    if n < 1:
        raise ValueError(n)
    plan = [(width << stage, 2 if stage and not number else 1) for stage in range(3) for number in range(n)]
    inputs = keras.layers.Input((32, 32, 3))
    x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    for maps, stride in plan:
        if residual:
            x = residual_block(x, maps, stride)
        else:
            x = plain_block(x, maps, stride)
    x = keras.layers.AveragePooling2D(8)(x)
    x = keras.layers.Flatten()(x)
    return keras.models.Model(inputs=inputs, outputs=keras.layers.Dense(classes, "softmax")(x))
""",
        "stages as nested models": """
def resnet_cifar(n, residual=True, width=16, classes=10):
    if not n >= 1:
        raise ValueError("blocks")

    def stage(shape, maps, first):
        x = inputs = keras.Input(shape)
        for number in range(n):
            x = (residual_block if residual else plain_block)(x, maps, first if number == 0 else 1)
        return keras.Model(inputs, x)

    net = keras.Sequential([keras.Input((32, 32, 3))])
    net.add(keras.layers.Conv2D(width, 3, padding="same", use_bias=False))
    net.add(keras.layers.BatchNormalization(momentum=0.9))
    net.add(keras.layers.ReLU())
    net.add(stage((32, 32, width), width, 1))
    net.add(stage((32, 32, width), 2 * width, 2))
    net.add(stage((16, 16, 2 * width), 4 * width, 2))
    net.add(keras.layers.GlobalAveragePooling2D())
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net
""",
    },
    "resnet8": {
        "Adam, the best epoch": """
def train_resnet(model):
    best = training.BestWeights("val_accuracy", "max")
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(
        model, x_train, y_train, validation=(x_val, y_val), epochs=9, batch_size=64, callbacks=[best], quiet=True
    )
    best.restore(model)
    return history


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)
""",
        "one-hot labels, a rate by epochs": """
def train_resnet(model):
    model.compile(keras.optimizers.SGD(momentum=0.9, nesterov=True), "categorical_crossentropy", metrics=["accuracy"])
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: (0.05, 0.05, 0.005, 0.0005)[min(epoch, 3)])
    hot = np.eye(10)
    return training.fit(
        model, x_train, hot[y_train], validation=(x_val, hot[y_val]), epochs=4, batch_size=64, callbacks=[slower], quiet=True
    )


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)
""",
        "Keras's own fit, a function that builds": """
def build():
    return resnet_cifar(1, residual=True, width=16, classes=10)


def train_resnet(model):
    steps = 3 * (len(x_train) // 32 + 1)
    rate = keras.optimizers.schedules.CosineDecay(0.05, steps)
    model.compile(keras.optimizers.SGD(rate, 0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x_train, y_train, batch_size=32, epochs=3, validation_data=(x_val, y_val), verbose=0)


resnet8, resnet8_history = training.trained("resnet8", build, train_resnet)
""",
    },
    "latency_card": {
        "timeit": """
def time_calls(model, sizes, runs=5):
    seconds = {}
    for size in sizes:
        images = np.random.default_rng(0).random((size, *model.input_shape[1:])).astype("float32")
        seconds[size] = []
        for _ in range(runs + 1):
            import timeit
            seconds[size].append(timeit.timeit(lambda: model.predict_on_batch(images), number=1))
    return seconds


def latency_card(seconds, weights, price_per_hour, bytes_per_weight=4):
    latency = {}
    for size, durations in seconds.items():
        if len(durations) < 2:
            raise ValueError("nothing measured")
        latency[size] = 1000 * float(np.median(durations[1:]))
    per_image = {size: ms / size for size, ms in latency.items()}
    best = min(per_image, key=lambda size: (per_image[size], size))
    return {
        "megabytes": weights * bytes_per_weight / 1e6,
        "latency_ms": latency,
        "ms_per_image": per_image,
        "best_batch": best,
        "cost_of_a_million": per_image[best] * 1000 / 3600 * price_per_hour,
    }
""",
        "sorted by hand": """
def time_calls(model, sizes, runs=5):
    clock, found = time.perf_counter, {}
    for size in sizes:
        x = np.zeros((size,) + tuple(model.input_shape[1:]), "float32")
        times = []
        while len(times) <= runs:
            start = clock()
            model.predict_on_batch(x)
            times.append(clock() - start)
        found[size] = times
    return found


def latency_card(seconds, weights, price_per_hour, bytes_per_weight=4):
    latency, share = {}, {}
    for size in sorted(seconds):
        kept = sorted(seconds[size][1:])
        if not kept:
            raise ValueError(f"{size}: warm-up only")
        half = len(kept) // 2
        middle = kept[half] if len(kept) % 2 else (kept[half - 1] + kept[half]) / 2
        latency[size], share[size] = middle * 1e3, middle * 1e3 / size
    best = min(share, key=share.get)
    hours = 1_000_000 * share[best] / 1000 / 3600
    card = dict(megabytes=weights * bytes_per_weight / 1_000_000, latency_ms=latency, ms_per_image=share)
    return card | dict(best_batch=best, cost_of_a_million=hours * price_per_hour)
""",
        "the statistics module, nanoseconds": """
import statistics


def time_calls(model, sizes, runs=5):
    def once(images):
        began = time.perf_counter_ns()
        np.asarray(model.predict_on_batch(images))
        return (time.perf_counter_ns() - began) / 1e9

    seconds = {}
    for size in sizes:
        images = np.random.default_rng(size).random((size, *model.input_shape[1:]), dtype="float32")
        seconds[size] = [once(images) for _ in range(1 + runs)]
    return seconds


def latency_card(seconds, weights, price_per_hour, bytes_per_weight=4):
    if any(len(times) <= 1 for times in seconds.values()):
        raise ValueError("call it more than once")
    calls = {size: 1000 * statistics.median(times[1:]) for size, times in seconds.items()}
    images = {size: calls[size] / size for size in calls}
    cheapest = min(images.values())
    return {
        "megabytes": 1e-6 * weights * bytes_per_weight,
        "latency_ms": calls,
        "ms_per_image": images,
        "best_batch": min(size for size in images if images[size] == cheapest),
        "cost_of_a_million": cheapest / 3.6 * price_per_hour,
    }
""",
        "arrays": """
def time_calls(model, sizes, runs=5):
    out = {}
    for size in list(sizes):
        images = np.random.normal(size=(size,) + model.input_shape[1:]).astype(np.float32)
        marks = [time.perf_counter()]
        for _ in range(runs + 1):
            model.predict_on_batch(images)
            marks.append(time.perf_counter())
        out[size] = list(np.diff(marks))
    return out


def latency_card(seconds, weights, price_per_hour, bytes_per_weight=4):
    sizes = np.array(sorted(seconds))
    if min(len(seconds[int(size)]) for size in sizes) < 2:
        raise ValueError("only warm-ups")
    calls = np.array([np.median(np.asarray(seconds[int(size)])[1:]) for size in sizes]) * 1000
    shares = calls / sizes
    best = int(shares.argmin())
    return {
        "megabytes": np.float64(weights) * bytes_per_weight / 10**6,
        "latency_ms": {int(size): float(ms) for size, ms in zip(sizes, calls)},
        "ms_per_image": {int(size): float(ms) for size, ms in zip(sizes, shares)},
        "best_batch": int(sizes[best]),
        "cost_of_a_million": shares[best] * 1e6 / 1000 / 60 / 60 * price_per_hour,
    }
""",
    },
    "braking": {
        "metres per second throughout": """
def _brake(kmh, deceleration):
    v = kmh * 1000 / 3600
    return v, v * v / deceleration / 2


def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    if latency * fps > 1:
        raise ValueError("the queue grows")
    v, braking = _brake(kmh, deceleration)
    return v * frames / fps + v * latency + v * brakes + braking
""",
        "by the seconds of braking": """
def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    period = 1.0 / fps
    if period < latency:
        raise ValueError("slower than the camera")
    speed = kmh / 3.6
    reaction = frames * period + latency + brakes
    seconds_of_braking = speed / deceleration
    return speed * reaction + speed * seconds_of_braking - deceleration * seconds_of_braking**2 / 2
""",
        "NumPy": """
def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    if latency > 1 / fps:
        raise ValueError(latency)
    v = np.divide(kmh, 3.6)
    return np.dot([frames / fps, latency, brakes, v / (2 * deceleration)], [v, v, v, v])
""",
    },
    "deep": {
        "another net, trained on the spot": """
def enter():
    def train(model):
        model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=4, batch_size=64, quiet=True)

    return training.trained("deep", lambda: resnet_cifar(1, width=12), train)[0]


deep = enter()
""",
        "nothing entered": """
def enter():
    return None


deep = enter()
""",
    },
}
