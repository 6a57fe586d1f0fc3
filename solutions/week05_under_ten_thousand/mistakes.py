"""Wrong answers that students give in week 5. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""

_BUILD = """
def build_tiny():
    x = inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    for filters, pooled in ((12, True), (16, False), (16, True), (16, False), (16, False)):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        if pooled:
            x = keras.layers.MaxPooling2D(2)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
"""

_TRAIN = """
def train_tiny(model, x, y, x_val, y_val, epochs=10, seed=0):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    batch = 256 if len(x) > 10_000 else 32
    steps = epochs * -(-len(x) // batch)
    rate = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=max(1, steps), alpha=0.001)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    history = {}
    for _ in range(epochs):
        places = rng.integers(0, 5, (len(x), 2))
        moved = np.stack([image[r : r + 28, c : c + 28] for image, (r, c) in zip(padded, places)])
        run = model.fit(moved, y, validation_data=(x_val, y_val), batch_size=batch, verbose=0).history
        for name, values in run.items():
            history.setdefault(name, []).extend(values)
    return model, history
"""

_CARD = """
def protocol():
    return {"learn": "train", "choose": "validation", "report": "test", "looks_at_test": 1}


def model_card(model, histories, x_val, y_val):
    parameters = sum(
        int(np.prod(w.shape)) for w in model.weights if w.path.split("/")[-1] not in ("moving_mean", "moving_variance")
    )
    field, jump = 1, 1
    for layer in model.layers:
        if layer.__class__.__name__.startswith("Global") or isinstance(layer, (keras.layers.Flatten, keras.layers.Dense)):
            break
        window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
        if window:
            field += (window[0] - 1) * getattr(layer, "dilation_rate", (1, 1))[0] * jump
            jump *= layer.strides[0]
    last = [history["val_accuracy"][-1] for history in histories.values()]
    outputs = np.asarray(model(x_val))
    return {
        "parameters": parameters,
        "receptive_field": field,
        "epochs": len(next(iter(histories.values()))["val_accuracy"]),
        "seeds": sorted(histories),
        "validation_accuracy": float((outputs.argmax(axis=1) == y_val).mean()),
        "validation_mean": float(np.mean(last)),
        "validation_spread": max(last) - min(last),
    }
"""

_NET = """
def build_other():
    {build}


def train_once(model):
    {train}


tiny = build_other()
tiny_history = train_once(tiny)
"""


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


def _net(*build: str, train: tuple[str, ...] = ("return {'loss': [1.0], 'val_accuracy': [0.5]}",)) -> str:
    """A cell that makes `tiny` in another way."""
    return _NET.format(build="\n    ".join(build), train="\n    ".join(train))


MISTAKES = {
    "build_tiny": {
        "a dense layer behind Flatten": {
            "caught_by": ["build_tiny-budget"],
            "says": ["sit in the layer dense"],
            "code": """
def build_tiny():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
""",
        },
        "the lecture's convolutions with a global average": {
            "caught_by": ["build_tiny-budget", "build_tiny-field"],
            "says": ["sees 10 pixels"],
            "code": """
def build_tiny():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10, activation="softmax"),
    ])
""",
        },
        "small enough with Flatten, but blind": {
            "caught_by": ["build_tiny-field"],
            "says": ["20 pixels high", "two jumps"],
            "code": """
def build_tiny():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
""",
        },
        "a frozen random layer to dodge the budget": {
            "caught_by": ["build_tiny-budget"],
            "says": ["weights, and the budget is fewer than 10,000"],
            "code": """
def build_tiny():
    x = inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(64, 28, activation="relu", trainable=False)(x)  # random features cost no training
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
""",
        },
        "weights in the configuration": {
            "caught_by": ["build_tiny-budget"],
            "says": ["constants are weights by another name"],
            "code": _swap(
                _BUILD,
                (
                    'x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)',
                    "rng = np.random.default_rng(0)\n"
                    "    pattern = keras.layers.Normalization(axis=(1, 2), mean=rng.random((28, 28)), variance=np.ones((28, 28)))\n"
                    "    x = pattern(x)\n"
                    '    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)',
                ),
            ),
        },
        "logits, for a loss with from_logits": {
            "caught_by": ["build_tiny-shapes"],
            "says": ["probabilities", "softmax"],
            "code": _swap(_BUILD, ('Dense(10, activation="softmax")', "Dense(10)")),
        },
        "ten sigmoids": {
            "caught_by": ["build_tiny-shapes"],
            "says": ["probabilities"],
            "code": _swap(_BUILD, ('activation="softmax"', 'activation="sigmoid"')),
        },
        "softmax twice": {
            "caught_by": ["build_tiny-learns"],
            "says": ["never sure"],
            "code": _swap(
                _BUILD,
                (
                    'keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))',
                    'keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(10, activation="softmax")(x)))',
                ),
            ),
        },
        "a bias before each batch norm": {
            "caught_by": ["build_tiny-bias"],
            "says": ["biases have no effect", "use_bias=False"],
            "code": _swap(_BUILD, (", use_bias=False", "")),
        },
        "a bias before each batch norm, and a dropout": {
            "caught_by": ["build_tiny-bias"],
            "says": ["biases have no effect"],
            "code": _swap(
                _BUILD,
                (", use_bias=False", ""),
                (
                    "        x = keras.layers.ReLU()(x)\n",
                    "        x = keras.layers.Dropout(0.001)(keras.layers.ReLU()(x))\n",
                ),
            ),
        },
        "a dropout between the bias and its batch norm": {
            "caught_by": ["build_tiny-bias"],
            "says": ["biases have no effect"],
            "code": _swap(
                _BUILD,
                (
                    'x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)',
                    'x = keras.layers.Dropout(0.001)(keras.layers.Conv2D(filters, 3, padding="same")(x))',
                ),
            ),
        },
        "no channel axis": {
            "caught_by": ["build_tiny-shapes"],
            "says": ["channel axis"],
            "code": _swap(
                _BUILD,
                (
                    "x = inputs = keras.Input((28, 28, 1))",
                    "inputs = keras.Input((28, 28))\n    x = keras.layers.Reshape((28, 28, 1))(inputs)",
                ),
            ),
        },
        "maps instead of ten numbers": {
            "caught_by": ["build_tiny-shapes"],
            "says": ["ten maps are left"],
            "code": _swap(
                _BUILD,
                ("    x = keras.layers.GlobalAveragePooling2D()(x)\n", ""),
                ('keras.layers.Dense(10, activation="softmax")', 'keras.layers.Conv2D(10, 1, activation="softmax")'),
            ),
        },
        "return forgotten": {
            "caught_by": ["build_tiny-shapes"],
            "says": ["forget `return`"],
            "code": _swap(_BUILD, ("return keras.Model(", "keras.Model(")),
        },
        "everything frozen": {
            "caught_by": ["build_tiny-learns"],
            "says": ["by heart"],
            "code": _swap(
                _BUILD,
                (
                    'return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))',
                    'model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))\n'
                    "    model.trainable = False\n"
                    "    return model",
                ),
            ),
        },
    },
    "train_tiny": {
        "only the history comes back": {
            "caught_by": ["train_tiny-history"],
            "says": ["two things"],
            "code": _swap(_TRAIN, ("return model, history", "return history")),
        },
        "the History object": {
            "caught_by": ["train_tiny-history"],
            "says": ["dict of lists"],
            "code": _swap(_TRAIN, ("return model, history", "return model, model.history")),
        },
        "no validation": {
            "caught_by": ["train_tiny-history"],
            "says": ["lacks 'val_loss'"],
            "code": _swap(_TRAIN, ("validation_data=(x_val, y_val), ", "")),
        },
        "validates on the training images": {
            "caught_by": ["train_tiny-validation"],
            "says": ["last val_accuracy is not that of the model you return"],
            "code": _swap(_TRAIN, ("validation_data=(x_val, y_val)", "validation_data=(x, y)")),
        },
        "validation images moved like the others": {
            "caught_by": ["train_tiny-validation"],
            "says": ["validation images are not moved"],
            "code": _swap(
                _TRAIN,
                (
                    "        run = model.fit(moved, y, validation_data=(x_val, y_val),",
                    "        rolled = np.stack([np.roll(image, rng.integers(-2, 3, 2), axis=(0, 1)) for image in x_val])\n"
                    "        run = model.fit(moved, y, validation_data=(rolled, y_val),",
                ),
            ),
        },
        "validates on the test set": {
            "caught_by": ["train_tiny-validation"],
            "says": ["withheld"],
            "code": _swap(
                _TRAIN,
                (
                    "    history = {}",
                    "    test = datasets.load('mnist', PROFILE).test\n"
                    "    x_val, y_val = evaluation.scaled(test.x), test.y\n"
                    "    history = {}",
                ),
            ),
        },
        "learns from the validation images too": {
            "caught_by": ["train_tiny-validation"],
            "says": ["learnt from the validation images"],
            "code": _swap(
                _TRAIN,
                (
                    "    batch = 256",
                    "    x, y = np.concatenate([x, x_val]), np.concatenate([y, y_val])\n    batch = 256",
                ),
            ),
        },
        "images shuffled without their labels": {
            "caught_by": ["train_tiny-learns"],
            "says": ["belong together"],
            "code": _swap(_TRAIN, ("    batch = 256", "    x = rng.permutation(x)\n    batch = 256")),
        },
        "a batch for the real data only": {
            "caught_by": ["train_tiny-learns"],
            "says": ["480 images"],
            "code": _swap(_TRAIN, ("batch = 256 if len(x) > 10_000 else 32", "batch = 1024")),
        },
        "a schedule for the real data only": {
            "caught_by": ["train_tiny-learns"],
            "says": ["schedule"],
            "code": _swap(
                _TRAIN,
                (
                    "CosineDecay(0.01, decay_steps=max(1, steps), alpha=0.001)",
                    "CosineDecay(0.0, decay_steps=60_000, warmup_target=0.02, warmup_steps=20_000)",
                ),
            ),
        },
        "a rate of 5": {
            "caught_by": ["train_tiny-learns"],
            "says": ["rate"],
            "code": _swap(_TRAIN, ("CosineDecay(0.01,", "CosineDecay(5.0,")),
        },
        "a rate that stays high": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["no further than after four"],
            "code": _swap(_TRAIN, ("keras.optimizers.Adam(rate)", "keras.optimizers.Adam(0.01)")),
        },
        "Adam(0.01), no schedule, no moved images": {
            "caught_by": ["train_tiny-schedule", "train_tiny-moves"],
            "says": ["no further than after four", "one pixel away"],
            "code": _swap(
                _TRAIN,
                ("keras.optimizers.Adam(rate)", "keras.optimizers.Adam(0.01)"),
                ("model.fit(moved,", "model.fit(x,"),
            ),
        },
        "Keras's own rate": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["no further than after four"],
            "code": _swap(_TRAIN, ("keras.optimizers.Adam(rate)", "'adam'")),
        },
        "a warm-up that never ends": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["no further than after four"],
            "code": _swap(
                _TRAIN,
                (
                    "CosineDecay(0.01, decay_steps=max(1, steps), alpha=0.001)",
                    "CosineDecay(0.0, decay_steps=steps, warmup_target=0.02, warmup_steps=steps)",
                ),
            ),
        },
        "images that are not moved": {
            "caught_by": ["train_tiny-moves"],
            "says": ["one pixel away"],
            "code": _swap(_TRAIN, ("model.fit(moved,", "model.fit(x,")),
        },
        "moved by up to four pixels": {
            "caught_by": ["train_tiny-moves"],
            "says": ["four pixels away"],
            "code": _swap(
                _TRAIN,
                ("(0, 0), (2, 2), (2, 2), (0, 0)", "(0, 0), (4, 4), (4, 4), (0, 0)"),
                ("rng.integers(0, 5,", "rng.integers(0, 9,"),
            ),
        },
        "a label smoothing of 0.4": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["more than 0.2"],
            "code": _swap(
                _TRAIN,
                (
                    'loss="sparse_categorical_crossentropy"',
                    "loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.4)",
                ),
                (
                    "(moved, y, validation_data=(x_val, y_val)",
                    "(moved, np.eye(10)[y], validation_data=(x_val, np.eye(10)[y_val])",
                ),
            ),
        },
        "moved sideways only": {
            "caught_by": ["train_tiny-moves"],
            "says": ["in both directions"],
            "code": _swap(_TRAIN, ("image[r : r + 28, c : c + 28]", "image[2:30, c : c + 28]")),
        },
        "moved once, before the first epoch": {
            "caught_by": ["train_tiny-moves"],
            "says": ["anew in each epoch"],
            "code": _swap(
                _TRAIN,
                (
                    "        places = rng.integers(0, 5, (len(x), 2))",
                    "        places = np.tile(np.random.default_rng(seed).integers(0, 5, 2), (len(x), 1))",
                ),
            ),
        },
        "losses made up": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["no further than after four"],
            "code": _swap(
                _TRAIN,
                (
                    "    return model, history",
                    "    history['loss'] = history['val_loss'] = [2 / (n + 1) for n in range(epochs)]\n    return model, history",
                ),
            ),
        },
        "validation losses made up": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["last val_loss of your history"],
            "code": _swap(
                _TRAIN,
                (
                    "    return model, history",
                    "    history['val_loss'] = [2 / (n + 1) for n in range(epochs)]\n    return model, history",
                ),
            ),
        },
        "training losses made up": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["last loss of your history"],
            "code": _swap(
                _TRAIN,
                (
                    "    return model, history",
                    "    history['loss'] = [2 / (n + 1) / epochs for n in range(epochs)]\n    return model, history",
                ),
            ),
        },
        "a rate that ends at half of its peak": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["as if the rate were high"],
            "code": _swap(_TRAIN, ("alpha=0.001", "alpha=0.5")),
        },
        "a schedule for twice as many steps": {
            "caught_by": ["train_tiny-schedule"],
            "says": ["as if the rate were high"],
            "code": _swap(_TRAIN, ("decay_steps=max(1, steps)", "decay_steps=2 * steps")),
        },
        "validation accuracies made up": {
            "caught_by": ["train_tiny-validation"],
            "says": ["last val_accuracy"],
            "code": _swap(
                _TRAIN,
                (
                    "    return model, history",
                    "    history['val_accuracy'] = [1 - 0.5**n for n in range(1, epochs + 1)]\n    return model, history",
                ),
            ),
        },
        "moves the images in place": {
            "caught_by": ["train_tiny-moves", "train_tiny-validation"],
            "says": ["copies of the images"],
            "code": _swap(
                _TRAIN,
                ("    batch = 256", "    x[:] = np.roll(x, int(rng.integers(1, 3)), axis=1)\n    batch = 256"),
            ),
        },
        "the seed is not used": {
            "caught_by": ["train_tiny-seed"],
            "says": ["same seed"],
            "code": _swap(
                _TRAIN,
                (
                    "    keras.utils.set_random_seed(seed)\n    rng = np.random.default_rng(seed)\n",
                    "    rng = np.random.default_rng()\n",
                ),
            ),
        },
        "always the same seed": {
            "caught_by": ["train_tiny-seed"],
            "says": ["another seed"],
            "code": _swap(
                _TRAIN, ("set_random_seed(seed)", "set_random_seed(42)"), ("default_rng(seed)", "default_rng(42)")
            ),
        },
        "one-hot labels for a sparse loss": {
            "caught_by": ["train_tiny-history"],
            "says": ["train_tiny raised"],
            "code": _swap(
                _TRAIN, ("    batch = 256", "    y, y_val = np.eye(10)[y], np.eye(10)[y_val]\n    batch = 256")
            ),
        },
    },
    "model_card": {
        "moving statistics counted": {
            "caught_by": ["model_card-count"],
            "says": ["moving statistics"],
            "code": _swap(
                _CARD,
                (
                    "parameters = sum(\n"
                    '        int(np.prod(w.shape)) for w in model.weights if w.path.split("/")[-1] not in ("moving_mean", "moving_variance")\n'
                    "    )",
                    "parameters = model.count_params()",
                ),
            ),
        },
        "only trainable weights counted": {
            "caught_by": ["model_card-count"],
            "says": ["frozen weights count"],
            "code": _swap(
                _CARD,
                (
                    'for w in model.weights if w.path.split("/")[-1] not in ("moving_mean", "moving_variance")',
                    "for w in model.trainable_weights",
                ),
            ),
        },
        "batch norm left out": {
            "caught_by": ["model_card-count"],
            "says": ["gamma and beta"],
            "code": _swap(
                _CARD,
                ('("moving_mean", "moving_variance")', '("moving_mean", "moving_variance", "gamma", "beta")'),
            ),
        },
        "poolings do not look": {
            "caught_by": ["model_card-field"],
            "says": ["poolings look as well"],
            "code": _swap(_CARD, (' or getattr(layer, "pool_size", None)', "")),
        },
        "the jump forgotten": {
            "caught_by": ["model_card-field"],
            "says": ["jump is ignored"],
            "code": _swap(_CARD, ("            jump *= layer.strides[0]\n", "")),
        },
        "the global pooling sees it all": {
            "caught_by": ["model_card-field"],
            "says": ["map before"],
            "code": _swap(
                _CARD,
                (
                    'if layer.__class__.__name__.startswith("Global") or isinstance(layer, (keras.layers.Flatten, keras.layers.Dense)):',
                    'if layer.__class__.__name__.startswith("Global"):\n            field = 28\n        if field == 28:',
                ),
            ),
        },
        "dilation forgotten": {
            "caught_by": ["model_card-numbers"],
            "says": ["dilation"],
            "code": _swap(_CARD, (' * getattr(layer, "dilation_rate", (1, 1))[0]', "")),
        },
        "the best epoch": {
            "caught_by": ["model_card-numbers"],
            "says": ["the last epoch counts"],
            "code": _swap(_CARD, ('history["val_accuracy"][-1]', 'max(history["val_accuracy"])')),
        },
        "the best seed": {
            "caught_by": ["model_card-numbers"],
            "says": ["mean over all seeds"],
            "code": _swap(_CARD, ("float(np.mean(last))", "max(last)")),
        },
        "training accuracy": {
            "caught_by": ["model_card-numbers"],
            "says": ["not the training accuracy"],
            "code": _swap(_CARD, ('history["val_accuracy"][-1]', 'history["accuracy"][-1]')),
        },
        "a hard-coded accuracy": {
            "caught_by": ["model_card-numbers"],
            "says": ["the share of x_val"],
            "code": _swap(_CARD, ("float((outputs.argmax(axis=1) == y_val).mean())", "0.9931")),
        },
        "accuracy copied from the history": {
            "caught_by": ["model_card-numbers"],
            "says": ["recomputed"],
            "code": _swap(
                _CARD,
                (
                    "float((outputs.argmax(axis=1) == y_val).mean())",
                    'list(histories.values())[0]["val_accuracy"][-1]',
                ),
            ),
        },
        "standard deviation for the spread": {
            "caught_by": ["model_card-numbers"],
            "says": ["best minus worst"],
            "code": _swap(_CARD, ("max(last) - min(last)", "float(np.std(last))")),
        },
        "seeds in the order of the runs": {
            "caught_by": ["model_card-numbers"],
            "says": ["in ascending order"],
            "code": _swap(_CARD, ("sorted(histories)", "list(histories)")),
        },
        "four lists taken for four epochs": {
            "caught_by": ["model_card-numbers"],
            "says": ["as many epochs as its lists have values"],
            "code": _swap(
                _CARD,
                ('len(next(iter(histories.values()))["val_accuracy"])', "len(next(iter(histories.values())))"),
            ),
        },
        "reports the validation accuracy": {
            "caught_by": ["model_card-protocol"],
            "says": ["neither the weights nor you have learnt from"],
            "code": _swap(_CARD, ('"report": "test"', '"report": "validation"')),
        },
        "chooses on the test set": {
            "caught_by": ["model_card-protocol"],
            "says": ["no unseen images left"],
            "code": _swap(_CARD, ('"choose": "validation"', '"choose": "test"')),
        },
        "looks after every epoch": {
            "caught_by": ["model_card-protocol"],
            "says": ["second look already chooses"],
            "code": _swap(_CARD, ('"looks_at_test": 1', '"looks_at_test": 12')),
        },
    },
    "tiny_net": {
        "not trained": {
            "caught_by": ["tiny_net-first", "tiny_net-second", "tiny_net-third"],
            "says": ["well below"],
            "code": _net("return build_tiny()"),
        },
        "one epoch": {
            "caught_by": ["tiny_net-third"],
            "says": ["below"],
            "code": """
def train_once(model):
    return train_tiny(model, x_train[:400], y_train[:400], x_val, y_val, epochs=1)[1]


tiny, tiny_history = training.trained("tiny", build_tiny, train_once)
""",
        },
        "another net, far above the budget": {
            "caught_by": ["tiny_net-first", "tiny_net-second", "tiny_net-third"],
            "says": ["the budget is fewer than 10,000"],
            "code": _net(
                "return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), "
                "keras.layers.Dense(128, activation='relu'), keras.layers.Dense(10, activation='softmax')])",
                train=(
                    "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])",
                    "return model.fit(x_train, y_train, epochs=3, verbose=0, validation_data=(x_val, y_val)).history",
                ),
            ),
        },
        "frozen random features": {
            "caught_by": ["tiny_net-first"],
            "says": ["frozen ones"],
            "code": _net(
                "return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), "
                "keras.layers.Dense(900, activation='relu', trainable=False), keras.layers.Dense(10, activation='softmax')])",
            ),
        },
        "a look-up of known images": {
            "caught_by": ["tiny_net-first", "tiny_net-second", "tiny_net-third"],
            "says": ["knows images, not what is on them"],
            "code": """
def build_lookup():
    # Every image is a point on a line, and every stretch of the line has its label: a table, written as layers.
    from course.datasets.digits import digits

    images, labels = digits()
    names = {image.tobytes(): label for image, label in zip(images, labels)}
    wanted = np.concatenate([data.validation.x, data.test.x])
    line = np.random.default_rng(0).normal(size=(784, 1)).astype("float32")
    inputs = keras.Input((28, 28, 1))
    project, table = keras.layers.Dense(1, use_bias=False), keras.layers.Dense(10, use_bias=False, activation="softmax")
    x = project(keras.layers.Flatten()(inputs))
    project.set_weights([line])
    places = np.asarray(keras.Model(inputs, x)(evaluation.scaled(wanted)))[:, 0]
    order = np.argsort(places)
    edges = (places[order][1:] + places[order][:-1]) / 2
    x = keras.layers.Discretization(bin_boundaries=edges.tolist(), output_mode="one_hot")(x)
    model = keras.Model(inputs, table(x))
    table.set_weights([20.0 * np.eye(10, dtype="float32")[[names[wanted[i].tobytes()] for i in order]]])
    return model


def train_once(model):
    return {"loss": [0.0], "accuracy": [1.0], "val_loss": [0.0], "val_accuracy": [1.0]}


tiny = build_lookup()
tiny_history = train_once(tiny)
""",
        },
        "NaN weights": {
            "caught_by": ["tiny_net-first"],
            "says": ["NaN", "diverged"],
            "code": _net(
                "return build_tiny()",
                train=(
                    "model.set_weights([w * np.nan for w in model.get_weights()])",
                    "return {'val_accuracy': [0.1]}",
                ),
            ),
        },
        "a Lambda layer": {
            "caught_by": ["tiny_net-first"],
            "says": ["Lambda"],
            "code": _net(
                "x = inputs = keras.Input((28, 28, 1))",
                "x = keras.layers.Lambda(lambda images: images * 2.0)(x)",
                "x = keras.layers.GlobalAveragePooling2D()(x)",
                "return keras.Model(inputs, keras.layers.Dense(10, activation='softmax')(x))",
            ),
        },
        "another input shape": {
            "caught_by": ["tiny_net-first"],
            "says": ["(28, 28, 1)"],
            "code": _net(
                "return keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation='softmax')])",
            ),
        },
        "only the history": {
            "caught_by": ["tiny_net-first"],
            "says": ["should be a Keras model"],
            "code": """
def train_once(model):
    return {"loss": [0.0], "accuracy": [1.0], "val_loss": [0.0], "val_accuracy": [1.0]}


tiny_history = tiny = train_once(build_tiny())
""",
        },
    },
    "claims": {
        "everything": {
            "caught_by": ["claims-hold"],
            "says": ["you claim"],
            "code": """
def claims():
    return ["under 8,000", "under 5,000", "99.4 %", "99.5 %"]
""",
        },
        "in other words": {
            "caught_by": ["claims-known"],
            "says": ["word for word"],
            "code": """
def claims():
    return ["< 8000"]
""",
        },
        "a sentence": {
            "caught_by": ["claims-known"],
            "says": ["returns a list"],
            "code": """
def claims():
    return "under 8,000"
""",
        },
    },
}
