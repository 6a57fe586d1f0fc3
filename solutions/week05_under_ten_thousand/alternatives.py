"""Other right answers to week 5. Each must earn every point."""

ALTERNATIVES = {
    "build_tiny": {
        "separable, Sequential": """
def build_tiny():
    layers = keras.layers
    net = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 5, use_bias=False), layers.MaxPooling2D(2)])
    net.add(layers.BatchNormalization(momentum=0.9))
    net.add(layers.ReLU())
    for filters, pool in ((24, False), (24, True), (32, False), (32, False)):
        net.add(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False))
        if pool:
            net.add(layers.MaxPooling2D(2))
        net.add(layers.BatchNormalization(momentum=0.9))
        net.add(layers.ReLU())
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dense(10))
    net.add(layers.Softmax())
    return net
""",
        "strides for poolings, a 1x1 head": """
def build_tiny():
    def block(x, filters, size=3, strides=1):
        x = keras.layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return keras.layers.Activation("relu")(keras.layers.BatchNormalization(momentum=0.85)(x))

    image = keras.Input(shape=(28, 28, 1), name="digit")
    x = block(image, 8, 5)
    for strides in (2, 1, 2, 1, 1):
        x = block(x, 14, strides=strides)
    x = keras.layers.Conv2D(10, 1)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs=image, outputs=keras.layers.Activation("softmax")(x))
""",
        "one layer used three times, with skips": """
def build_tiny():
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(16, 5, padding="same", activation="elu")(inputs)
    x = keras.layers.AveragePooling2D(2)(x)
    shared = keras.layers.Conv2D(16, 3, padding="same", use_bias=False)
    for _ in range(2):
        y = keras.layers.BatchNormalization(momentum=0.9)(shared(x))
        x = keras.layers.Add()([x, keras.layers.ReLU()(y)])
    x = keras.layers.MaxPooling2D(2)(x)
    y = keras.layers.BatchNormalization(momentum=0.9)(shared(x))
    x = keras.layers.Add()([x, keras.layers.ReLU()(y)])
    x = keras.layers.Conv2D(24, 3, activation="elu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
""",
        "no padding, down to one place": """
def build_tiny():
    layers = [keras.Input((28, 28, 1))]
    for filters in (6, 10, "pool", 12, 12, "pool", 14):
        if filters == "pool":
            layers.append(keras.layers.MaxPooling2D())
            continue
        layers += [keras.layers.Conv2D(filters, 3, use_bias=False), keras.layers.BatchNormalization(momentum=0.9)]
        layers += [keras.layers.ReLU()]
    layers += [keras.layers.Conv2D(16, 2, padding="same", activation="relu"), keras.layers.Conv2D(16, 2, activation="relu")]
    layers += [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential(layers)
""",
        "dropout between the blocks, 22 pixels seen": """
def build_tiny():
    net = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, pool in ((12, False), (16, True), (16, False), (16, True), (16, False)):
        net.add(keras.layers.Conv2D(filters, 3, padding="same", use_bias=False))
        net.add(keras.layers.BatchNormalization(momentum=0.9))
        net.add(keras.layers.ReLU())
        if pool:
            net.add(keras.layers.MaxPooling2D(2))
            net.add(keras.layers.Dropout(0.1))
    net.add(keras.layers.GlobalAveragePooling2D())
    net.add(keras.layers.Dense(10, activation="softmax"))
    return net
""",
        "blocks as nets of their own": """
def block(filters, pool):
    parts = [
        keras.layers.SeparableConv2D(filters, 3, padding="same", use_bias=False),
        keras.layers.BatchNormalization(momentum=0.9),
        keras.layers.ReLU(),
    ]
    return keras.Sequential(parts + [keras.layers.MaxPooling2D(2)] * pool)


def build_tiny():
    image = keras.Input((28, 28, 1))
    x = keras.Sequential([keras.layers.Conv2D(12, 5, padding="same", activation="relu"), keras.layers.MaxPooling2D()])(image)
    for filters, pool in ((24, False), (24, True), (32, False), (32, False)):
        x = block(filters, pool)(x)
    classes = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")])
    return keras.Model(image, classes(x))
""",
        "layer norm first, swish, and Keras's operations": """
def build_tiny():
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(12, 5, strides=2, padding="same")(inputs)
    x = keras.ops.silu(keras.layers.LayerNormalization()(x))
    for channels, pool in ((24, False), (24, True), (32, False), (32, False)):
        x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = keras.layers.Conv2D(channels, 1, use_bias=False)(x)
        if pool:
            x = keras.ops.max_pool(x, 2)
        x = keras.ops.silu(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.ops.mean(x, axis=(1, 2))
    return keras.Model(inputs, keras.ops.softmax(keras.layers.Dense(10)(x)))
""",
    },
    "train_tiny": {
        "plain fit, sparse loss, momentum": """
def train_tiny(model, x, y, x_val, y_val, epochs=10, seed=0):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    size = 128 if len(x) > 5000 else 16
    steps = epochs * int(np.ceil(len(x) / size))
    rate = keras.optimizers.schedules.PolynomialDecay(0.1, steps, end_learning_rate=0.0001)
    model.compile(
        optimizer=keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        moved = x.copy()
        for n, (down, right) in enumerate(rng.integers(-2, 3, (len(x), 2))):
            moved[n] = np.roll(x[n], (down, right), axis=(0, 1))  # the margin of a digit is dark
        run = model.fit(moved, y, batch_size=size, validation_data=(x_val, y_val), verbose=0).history
        for name in history:
            history[name] += run[name]
    return model, history
""",
        "AdamW, one-hot, a rate per epoch, Keras moves": """
def train_tiny(model, x, y, x_val, y_val, epochs=10, seed=0):
    keras.utils.set_random_seed(seed)
    y, y_val = keras.utils.to_categorical(y, 10), keras.utils.to_categorical(y_val, 10)
    move = keras.layers.RandomTranslation(2 / 28, 2 / 28, fill_mode="constant", interpolation="nearest", seed=seed)
    model.compile(keras.optimizers.AdamW(0.008, weight_decay=1e-4), "categorical_crossentropy", metrics=["accuracy"])
    lists = {}
    for epoch in range(epochs):
        model.optimizer.learning_rate = 0.008 * (1 + np.cos(np.pi * epoch / max(1, epochs - 1))) / 2 + 2e-5
        moved = np.concatenate([np.asarray(move(x[n : n + 5000], training=True)) for n in range(0, len(x), 5000)])
        one = training.fit(
            model,
            moved,
            y,
            validation=(x_val, y_val),
            epochs=1,
            batch_size=200 if len(x) > 20_000 else 24,
            quiet=True,
        )
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            lists.setdefault(name, []).append(float(one[name][0]))
    return [model, lists]
""",
        "moved in groups, one schedule for all": """
def train_tiny(model, x, y, x_val, y_val, epochs=10, seed=0):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    batch = 32 if len(x) < 2000 else 256
    total = epochs * -(-len(x) // batch)
    model.compile(
        keras.optimizers.Nadam(keras.optimizers.schedules.CosineDecay(0.01, total)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    histories = []
    for _ in range(epochs):
        place, moved = rng.integers(9, size=len(x)), np.empty_like(x)
        for n in range(9):
            moved[place == n] = evaluation.shifted(x[place == n], n // 3 - 1, n % 3 - 1)
        histories.append(model.fit(moved, y, validation_data=(x_val, y_val), batch_size=batch, verbose=0).history)
    return model, {name: [h[name][0] for h in histories] for name in histories[0]}
""",
    },
    "model_card": {
        "with the course's count": """
def protocol():
    return dict(learn="train", choose="validation", report="test", looks_at_test=1)


def model_card(model, histories, x_val, y_val):
    rf = jump = 1
    for layer in model.layers:
        if isinstance(layer, (keras.layers.Flatten, keras.layers.Dense)) or "global" in type(layer).__name__.lower():
            break
        config = layer.get_config()
        size = config.get("kernel_size", config.get("pool_size"))
        if size is None:
            continue
        rf += (size[0] - 1) * config.get("dilation_rate", (1,))[0] * jump
        jump *= config["strides"][0]
    ends = np.array([run["val_accuracy"][-1] for run in histories.values()])
    return dict(
        parameters=evaluation.budget(model),
        receptive_field=rf,
        epochs=len(list(histories.values())[0]["loss"]),
        seeds=sorted(histories.keys()),
        validation_accuracy=evaluation.accuracy(model, x_val, y_val),
        validation_mean=ends.mean(),
        validation_spread=np.ptp(ends),
    )
""",
        "backwards through the chain": """
def protocol():
    return {"report": "test", "choose": "validation", "learn": "train", "looks_at_test": 1}


def model_card(model, histories, x_val, y_val):
    windows = []
    for layer in model.layers:
        if len(layer.output.shape) < 4:
            break
        if hasattr(layer, "kernel_size") or hasattr(layer, "pool_size"):
            k = layer.kernel_size[0] if hasattr(layer, "kernel_size") else layer.pool_size[0]
            d = layer.dilation_rate[0] if hasattr(layer, "dilation_rate") else 1
            windows.append((d * (k - 1) + 1, layer.strides[0]))
    field = 1
    for k, s in reversed(windows):
        field = (field - 1) * s + k
    count = 0
    for layer in model.layers:
        parts = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            parts = parts[:2]
        elif isinstance(layer, keras.layers.Dropout):
            parts = []
        count += sum(part.size for part in parts)
    last = {seed: run["val_accuracy"][-1] for seed, run in histories.items()}
    right = [int(np.argmax(p)) == int(t) for p, t in zip(model.predict(x_val, verbose=0), y_val)]
    return {
        "parameters": int(count),
        "receptive_field": field,
        "epochs": max(len(run["val_accuracy"]) for run in histories.values()),
        "seeds": sorted(last),
        "validation_accuracy": sum(right) / len(right),
        "validation_mean": sum(last.values()) / len(last),
        "validation_spread": max(last.values()) - min(last.values()),
    }
""",
        "trainable and frozen, statistics taken off": """
def protocol():
    answers = {}
    answers["learn"], answers["choose"], answers["report"] = "train", "validation", "test"
    answers["looks_at_test"] = 1
    return answers


def model_card(model, histories, x_val, y_val):
    statistics = sum(2 * layer.moving_mean.shape[0] for layer in model.layers if hasattr(layer, "moving_mean"))
    stored = sum(np.prod(w.shape, dtype=int) for w in model.weights if "seed" in w.path)
    field, jump = 1, 1
    for layer in model.layers:
        name = type(layer).__name__
        if name in ("Flatten", "Dense") or name.startswith("Global"):
            break
        if "Conv" in name:
            field, jump = field + (layer.kernel_size[0] - 1) * layer.dilation_rate[0] * jump, jump * layer.strides[0]
        elif "Pooling" in name:
            field, jump = field + (layer.pool_size[0] - 1) * jump, jump * layer.strides[0]
    runs = [histories[seed] for seed in sorted(histories)]
    last = [run["val_accuracy"][-1] for run in runs]
    guesses = np.argmax(np.asarray(model(x_val)), axis=-1)
    return {
        "parameters": int(sum(np.prod(w.shape, dtype=int) for w in model.weights) - statistics - stored),
        "receptive_field": int(field),
        "epochs": len(runs[0]["val_loss"]),
        "seeds": [int(seed) for seed in sorted(histories)],
        "validation_accuracy": float(np.mean(guesses == y_val)),
        "validation_mean": float(sum(last) / len(last)),
        "validation_spread": float(np.max(last) - np.min(last)),
    }
""",
    },
    "tiny_net": {
        "a function without a name": """
def train_once(model):
    trained_model, history = train_tiny(model, x_train, y_train, x_val, y_val, 14, SEED + 1)
    return history


tiny, tiny_history = training.trained("tiny", build_tiny, lambda net: train_once(net))
""",
        "without the artefact helper": """
def train_once(model):
    return train_tiny(model, x_train, y_train, x_val, y_val, epochs=12, seed=3)[1]


tiny = build_tiny()
tiny_history = train_once(tiny)
""",
        "two runs, one after the other": """
def train_once(model):
    first = train_tiny(model, x_train, y_train, x_val, y_val, epochs=5, seed=1)[1]
    second = train_tiny(model, x_train, y_train, x_val, y_val, epochs=9, seed=2)[1]
    return {name: first[name] + second[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}


tiny, tiny_history = training.trained("tiny", build_tiny, train_once)
""",
    },
    "claims": {
        "the empty list is honest": """
def claims():
    return []
""",
    },
}
