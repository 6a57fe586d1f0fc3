"""Other right answers to week 6. Each must earn every point."""

ALTERNATIVES = {
    "build_lecture_cifar": {
        "functional": """
def build_lecture_cifar():
    x = inputs = keras.Input(shape=(32, 32, 3))
    for filters in (16, 32, 64):
        x = keras.layers.Conv2D(filters, (2, 2), padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D(pool_size=2)(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(500, activation="relu")(x)
    x = keras.layers.Dropout(0.4)(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
""",
        "activations as layers, dropout behind the flatten": """
def build_lecture_cifar():
    net = keras.Sequential(name="lecture")
    net.add(keras.Input((32, 32, 3)))
    for filters in (16, 32, 64):
        net.add(keras.layers.Conv2D(filters, 2, padding="same"))
        net.add(keras.layers.ReLU())
        net.add(keras.layers.MaxPool2D())
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dropout(0.3))
    net.add(keras.layers.Dense(500))
    net.add(keras.layers.Activation("relu"))
    net.add(keras.layers.Dropout(0.4))
    net.add(keras.layers.Dense(10))
    net.add(keras.layers.Softmax())
    return net
""",
        "reshape for flatten, pooling before the activation": """
def build_lecture_cifar():
    inputs = keras.Input((32, 32, 3), name="photograph")
    x = inputs
    for stage in range(3):
        x = keras.layers.Conv2D(16 * 2**stage, kernel_size=2, strides=1, padding="same")(x)
        x = keras.layers.MaxPooling2D((2, 2), strides=(2, 2))(x)
        x = keras.layers.Activation(keras.activations.relu)(x)
    x = keras.layers.Reshape((1024,))(keras.layers.Dropout(rate=0.3)(x))
    x = keras.layers.Dropout(rate=0.4)(keras.layers.Dense(500, "relu")(x))
    return keras.Model(inputs=inputs, outputs=keras.layers.Dense(10, "softmax")(x))
""",
        "a net for each stage, padding in a layer of its own": """
def build_lecture_cifar():
    def stage(filters):
        down_and_right = keras.layers.ZeroPadding2D(((0, 1), (0, 1)))
        return [down_and_right, keras.layers.Conv2D(filters, 2, activation="relu"), keras.layers.MaxPooling2D(2)]

    photograph = keras.Input((32, 32, 3))
    x = photograph
    for filters in (16, 32, 64):
        x = keras.Sequential(stage(filters))(x)
    head = keras.Sequential([keras.layers.Dropout(0.3), keras.layers.Flatten(), keras.layers.Dense(500, activation="relu")])
    x = keras.layers.Dropout(0.4)(head(x))
    return keras.Model(photograph, keras.layers.Dense(10, activation="softmax")(x))
""",
    },
    "optimizer_steps": {
        "on copies, in place": """
def sgd_step(w, gradient, rate):
    w = np.array(w, dtype=float)
    w -= rate * gradient
    return w


def momentum_step(w, velocity, gradient, rate, momentum=0.9):
    v = velocity.copy()
    v *= momentum
    v -= rate * gradient
    return [w + v, v]


def adam_step(w, m, v, t, gradient, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    m, v = np.copy(m), np.copy(v)
    m += (1 - beta1) * (gradient - m)
    v += (1 - beta2) * (gradient * gradient - v)
    step = (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + epsilon)
    return w - rate * step, m, v
""",
        "number by number": """
def sgd_step(w, gradient, rate):
    out = np.empty(w.shape)
    for place in np.ndindex(*w.shape):
        out[place] = w[place] - rate * gradient[place]
    return out


def momentum_step(w, velocity, gradient, rate, momentum=0.9):
    new_w, new_v = np.empty(w.shape), np.empty(w.shape)
    for place in np.ndindex(*w.shape):
        new_v[place] = momentum * velocity[place] - rate * gradient[place]
        new_w[place] = w[place] + new_v[place]
    return new_w, new_v


def adam_step(w, m, v, t, gradient, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    new_w, new_m, new_v = np.empty(w.shape), np.empty(w.shape), np.empty(w.shape)
    for place in np.ndindex(*w.shape):
        new_m[place] = beta1 * m[place] + (1 - beta1) * gradient[place]
        new_v[place] = beta2 * v[place] + (1 - beta2) * gradient[place] ** 2
        mean = new_m[place] / (1 - beta1**t)
        square = new_v[place] / (1 - beta2**t)
        new_w[place] = w[place] - rate * mean / (np.sqrt(square) + epsilon)
    return new_w, new_m, new_v
""",
        "one from the other, another order of the same numbers": """
def momentum_step(w, velocity, gradient, rate, momentum=0.9):
    new = w + momentum * velocity - rate * gradient
    return new, new - w


def sgd_step(w, gradient, rate):
    return momentum_step(w, np.zeros_like(w), gradient, rate)[0]


def adam_step(w, m, v, t, gradient, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    m = np.average([m, gradient], axis=0, weights=[beta1, 1 - beta1])
    v = np.average([v, np.square(gradient)], axis=0, weights=[beta2, 1 - beta2])
    fix1, fix2 = 1 - np.power(beta1, t), np.sqrt(1 - np.power(beta2, t))
    return np.subtract(w, rate * fix2 / fix1 * m / (np.sqrt(v) + epsilon * fix2)), m, v
""",
    },
    "lr_schedule": {
        "a walk along the sorted ladder": """
def lr_schedule(epoch, *, ladder={0: 0.01, 20: 0.001, 50: 0.0001}):
    if epoch < 0:
        raise ValueError("negative")
    rate = None
    for start, value in sorted(ladder.items()):
        if start > epoch:
            break
        rate = value
    if 0 not in ladder:
        raise ValueError("nothing begins at 0")
    return float(rate)


def one_cycle(step, steps, peak, warmup=0.25):
    top = steps * warmup
    if step < top:
        return step / top * peak
    done = min(1.0, (step - top) / (steps - top))
    return peak * float(np.cos(done * np.pi / 2)) ** 2
""",
        "last branch first": """
def lr_schedule(epoch, *, ladder=None):
    if ladder is None:
        ladder = {0: 0.01, 20: 0.001, 50: 0.0001}
    if epoch < 0 or min(ladder, default=1) != 0:
        raise ValueError("the ladder must begin at 0, and epochs are not negative")
    for start in sorted(ladder, reverse=True):
        if epoch >= start:
            return 1.0 * ladder[start]


def one_cycle(step, steps, peak, warmup=0.25):
    import math

    if step >= steps:
        return 0.0
    if warmup and step <= warmup * steps:
        return peak * step / (warmup * steps)
    turn = math.pi * (step - warmup * steps) / (steps - warmup * steps)
    return peak / 2 + peak / 2 * math.cos(turn)
""",
        "Keras's own schedules": """
def lr_schedule(epoch, *, ladder={0: 0.01, 20: 0.001, 50: 0.0001}):
    if epoch < 0 or 0 not in ladder:
        raise ValueError("no rate")
    starts = sorted(ladder)
    steps = keras.optimizers.schedules.PiecewiseConstantDecay([s - 1 for s in starts[1:]], [ladder[s] for s in starts])
    return float(steps(epoch))


def one_cycle(step, steps, peak, warmup=0.25):
    top = warmup * steps
    if step < top:
        return float(peak * step / top)
    return float(keras.optimizers.schedules.CosineDecay(peak, steps - top)(step - top))
""",
        "bisection, and interpolation": """
def lr_schedule(epoch, *, ladder={50: 1e-4, 20: 1e-3, 0: 1e-2}):
    from bisect import bisect_right

    starts = sorted(ladder)
    if not starts or starts[0] != 0 or epoch < 0:
        raise ValueError("bad ladder or epoch")
    return float(ladder[starts[bisect_right(starts, epoch) - 1]])


def one_cycle(step, steps, peak, warmup=0.25):
    up = np.interp(step, [0, warmup * steps], [0, peak]) if warmup > 0 else peak
    down = np.interp(step, [warmup * steps, steps], [0, np.pi])
    return float(min(up, peak * (1 + np.cos(down)) / 2))
""",
    },
    "dropout": {
        "binomial": """
def dropout(x, p, rng, training=True):
    if not (0 <= p <= 1):
        raise ValueError("p must be in [0, 1]")
    if not training:
        return x
    kept = rng.binomial(1, 1 - p, size=x.shape)
    scale = 0.0 if p == 1 else 1 / (1 - p)
    return np.asarray(x * kept * scale, dtype=x.dtype)


def spatial_dropout(x, p, rng, training=True):
    if not 0 <= p <= 1:
        raise ValueError("p must be in [0, 1]")
    out = x.copy()
    if training:
        for image in out:
            for channel in range(x.shape[-1]):
                image[..., channel] *= 0 if rng.random() < p else 1 / (1 - p)
    return out
""",
        "np.where": """
def dropout(x, p, rng, training=True):
    if p < 0 or p > 1:
        raise ValueError(p)
    if training and p > 0:
        dropped = rng.uniform(size=x.shape) < p
        return np.where(dropped, 0, x / max(1 - p, 1e-12)).astype(x.dtype)
    return np.array(x)


def spatial_dropout(x, p, rng, training=True):
    if not training:
        return np.array(x)
    mask = dropout(np.ones((x.shape[0], x.shape[-1])), p, rng)
    return np.einsum("nhwc,nc->nhwc", x, mask).astype(x.dtype)
""",
        "choice, one throw after the other": """
def dropout(x, p, rng, training=True):
    if not 0.0 <= p <= 1.0:
        raise ValueError("no probability")
    out = np.zeros_like(x)
    if not training:
        out[...] = x
    elif p < 1:
        kept = rng.choice([True, False], size=x.shape, p=[1 - p, p])
        out[kept] = x[kept] / (1 - p)
    return out


def spatial_dropout(x, p, rng, training=True):
    n, h, w, c = x.shape
    mask = dropout(np.ones((n, c), x.dtype), p, rng, training)
    return x * np.broadcast_to(mask[:, None, None, :], (n, h, w, c))
""",
    },
    "diagnose": {
        "other words for the same": """
def gap(history):
    train, held = history["accuracy"][-1], history["val_accuracy"][-1]
    return (train - held) * 100.0


def diagnose(history, classes=10):
    limit = 10 * np.log(classes)
    fine = all(loss <= limit for loss in history["loss"])  # NaN is not
    if not fine:
        return "diverged"
    rules = [
        ("stuck", history["accuracy"][-1] - 1 / classes <= 0.02),
        ("overfits", gap(history) > 5),
        ("unfinished", int(np.argmin(history["val_loss"])) == len(history["val_loss"]) - 1),
        ("healthy", True),
    ]
    return next(word for word, holds in rules if holds)


def choose_dropout(runs, most=3.0):
    good = [rate for rate in runs if gap(runs[rate]) <= most]
    return min(good) if good else None
""",
    },
    "build_better": {
        "strides, a bottleneck, average": """
def build_better():
    def block(x, filters, size=3, strides=1):
        x = keras.layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return keras.layers.Activation("relu")(keras.layers.BatchNormalization(momentum=0.9)(x))

    inputs = keras.Input((32, 32, 3))
    x = block(inputs, 24, 4, 2)
    x = block(x, 32)
    x = block(x, 48, strides=2)
    x = block(x, 48)
    x = block(x, 80, strides=2)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
""",
        "separable, Sequential, no batch norm in front": """
def build_better():
    layers = keras.layers
    net = keras.Sequential([keras.Input((32, 32, 3)), layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D()])
    for filters in (48, 64, 96, 128):
        net.add(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.8))
        net.add(layers.ReLU())
        if filters in (48, 96):
            net.add(layers.MaxPooling2D())
    net.add(layers.GlobalMaxPooling2D())
    net.add(layers.Dense(10))
    net.add(layers.Softmax())
    return net
""",
        "skips": """
def build_better():
    layers = keras.layers

    def block(x, filters, pool=False):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(layers.MaxPooling2D()(x) if pool else x)
        return layers.ReLU()(x)

    inputs = keras.Input((32, 32, 3))
    x = block(inputs, 16, pool=True)
    x = layers.Add()([x, block(block(x, 16), 16)])
    x = block(x, 48, pool=True)
    x = layers.Add()([x, block(x, 48)])
    x = layers.GlobalMaxPooling2D()(block(x, 64, pool=True))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
""",
    },
    "better_net": {
        "Adam, integer labels, one fit": """
def train_better(model):
    steps = 3 * -(-len(x_train) // 64)
    rate = keras.optimizers.schedules.CosineDecay(0.004, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x_train, y_train, validation_data=(x_val, y_val), batch_size=64, epochs=3, verbose=0).history


better, better_history = training.trained("better", build_better, train_better)
""",
        "the best epoch, without the artefact helper": """
def train_better(model):
    best = training.BestWeights("val_accuracy", "max")
    model.compile(keras.optimizers.AdamW(0.004), keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    history = training.fit(
        model, x_train, y_train, validation=(x_val, y_val), epochs=4, batch_size=100, callbacks=[best], quiet=True
    )
    best.restore(model)
    return {name: history[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}


better = build_better()
better_history = train_better(better)
""",
        "a ladder, augmentation for the second half, a penalty on large weights": """
def other_net():
    layers, penalty = keras.layers, keras.regularizers.L2(0.0003)
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for filters in (16, 32, 64):
        net.add(layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_regularizer=penalty))
        net.add(layers.MaxPooling2D(2))
        net.add(layers.BatchNormalization(momentum=0.9))
        net.add(layers.ReLU())
    net.add(layers.Flatten())
    net.add(layers.Dense(10, activation="softmax", kernel_regularizer=penalty))
    return net


def train_better(model):
    rng = np.random.default_rng(1)
    hot, hot_val = np.eye(10)[y_train], np.eye(10)[y_val]
    model.compile(keras.optimizers.Adam(0.004), "categorical_crossentropy", metrics=["accuracy"])
    rate = keras.callbacks.LearningRateScheduler(lambda epoch, now: 0.004 if epoch < 3 else 0.001)
    histories = []
    for half in range(2):
        images = moved(x_train, rng, by=1) if half else x_train
        run = model.fit(
            images, hot, batch_size=50, initial_epoch=3 * half, epochs=3 + 2 * half, validation_data=(x_val, hot_val),
            callbacks=[rate], verbose=0,
        )
        histories.append(run.history)
    return {name: histories[0][name] + histories[1][name] for name in histories[0]}


better, better_history = training.trained("better", other_net, train_better)
""",
    },
    "ablation": {
        "loops and statistics": """
import statistics


def variants(recipe, off):
    import copy

    for part in off:
        recipe[part]  # raises KeyError
    found = {"whole": copy.deepcopy(recipe)}
    for part, setting in off.items():
        one = recipe.copy()
        one.update({part: setting})
        found[part] = one
    return found


def effects(record):
    result = {}
    for part in [name for name in record if name != "whole"]:
        differences = [100 * (a - b) for a, b in zip(record["whole"], record[part], strict=True)]
        gain = statistics.mean(differences)
        error = statistics.stdev(differences) / len(differences) ** 0.5
        if gain > 2 * error:
            verdict = "helps"
        elif gain < -2 * error:
            verdict = "hurts"
        else:
            verdict = "open"
        result[part] = [gain, error, verdict]
    return result


record = {}
for name, recipe in variants(RECIPE, OFF).items():
    record[name] = []
    for seed in SEEDS:
        record[name].append(short_run(recipe, seed))
""",
        "comprehensions, arrays in the record": """
def variants(recipe, off):
    return {"whole": {**recipe}} | {part: {p: off[part] if p == part else recipe[p] for p in {**recipe, part: recipe[part]}} for part in off}


def effects(record):
    whole = np.array(record["whole"])

    def one(without):
        if len(without) != whole.size:
            raise ValueError("unequal numbers of seeds")
        d = (whole - without) * 100
        mean, error = np.mean(d), np.sqrt(np.var(d, ddof=1) / d.size)
        return mean, error, ["hurts", "open", "helps"][1 + int(mean > 2 * error) - int(mean < -2 * error)]

    return {part: one(np.array(values)) for part, values in record.items() if part != "whole"}


record = {name: np.array([short_run(recipe, seed) for seed in SEEDS]) for name, recipe in variants(RECIPE, OFF).items()}
""",
        "the record entry by entry": """
def variants(recipe, off):
    if not off.keys() <= recipe.keys():
        raise KeyError("no such part")
    names = ["whole", *off]
    return dict(zip(names, [dict(recipe)] + [dict(recipe, **{part: off[part]}) for part in off]))


def effects(record):
    parts = {name: list(values) for name, values in record.items()}
    whole = parts.pop("whole")
    if any(len(values) != len(whole) for values in parts.values()):
        raise ValueError("as many seeds everywhere")
    found = {}
    for part, values in parts.items():
        d = [100 * w - 100 * v for w, v in zip(whole, values)]
        n = len(d)
        gain = sum(d) / n
        error = (sum((x - gain) ** 2 for x in d) / (n - 1)) ** 0.5 / n**0.5
        found[part] = (gain, error, "open" if abs(gain) <= 2 * error else ("helps" if gain > 0 else "hurts"))
    return found


recipes = variants(RECIPE, OFF)
record = dict(
    whole=[short_run(recipes["whole"], s) for s in range(5)],
    momentum=[short_run(recipes["momentum"], s) for s in range(5)],
    schedule=[short_run(recipes["schedule"], s) for s in range(5)],
    mirror=[short_run(recipes["mirror"], s) for s in range(5)],
    standardise=[short_run(recipes["standardise"], s) for s in range(5)],
)
""",
    },
    "champion": {
        "another net, trained for it": """
def build_champion():
    return build_better()


def train_champion(model):
    model.compile(keras.optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x_train, y_train, batch_size=64, epochs=4, verbose=0).history


winner, winner_history = training.trained("champion", build_champion, train_champion)


def enter():
    return winner


champion = enter()
""",
    },
}
