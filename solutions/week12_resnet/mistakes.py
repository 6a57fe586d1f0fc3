"""Wrong answers that students give in week 12. Each replaces the answer cell it is keyed by.

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


_BLOCK = """
def residual_block(x, filters, stride=1, project=None):
    layers = keras.layers
    changes = stride != 1 or x.shape[-1] != filters
    if project is None:
        project = changes
    elif changes and not project:
        raise ValueError("project")
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if project:
        x = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    y = layers.Add()([y, x])
    y = layers.ReLU()(y)
    return y
"""

_FORWARD = """
def forward(x, pairs, residual=True):
    layers = [x]
    for a, b in pairs:
        total = np.maximum(layers[-1] @ a, 0) @ b
        if residual:
            total = total + layers[-1]
        layers.append(np.maximum(total, 0))
    return layers
"""

_GRADIENTS = """

def gradients(x, pairs, dout, residual=True):
    layers = forward(x, pairs, residual)
    delta, grads = dout, []
    for number in range(len(pairs) - 1, -1, -1):
        (a, b), before, after = pairs[number], layers[number], layers[number + 1]
        delta = delta * (after > 0)
        inner = np.maximum(before @ a, 0)
        inside = (delta @ b.T) * (inner > 0)
        grads.append((before.T @ inside, inner.T @ delta))
        delta = inside @ a.T + (delta if residual else 0)
    return grads[::-1], delta
"""

_BOTTLENECK = """
def bottleneck(x, inner):
    layers = keras.layers
    y = layers.Conv2D(inner, 1, activation="relu")(x)
    y = layers.Conv2D(inner, 3, padding="same", activation="relu")(y)
    y = layers.Conv2D(x.shape[-1], 1)(y)
    y = layers.Add()([y, x])
    return layers.ReLU()(y)
"""

_NET = """
def resnet_cifar(n, residual=True, width=16, classes=10):
    if n < 1:
        raise ValueError("n")
    block = residual_block if residual else plain_block
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    for stage in range(3):
        for number in range(n):
            x = block(x, width * 2**stage, stride=2 if stage > 0 and number == 0 else 1)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
"""

_OWN_BLOCK = """

def own_block(x, maps, stride=1):
    L = keras.layers
    y = L.Conv2D(maps, 3, strides=stride, padding="same", use_bias=False)(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.BatchNormalization()(L.Conv2D(maps, 3, padding="same", use_bias=False)(y))
    if stride != 1 or x.shape[-1] != maps:
        x = L.BatchNormalization()(L.Conv2D(maps, 1, strides=stride, use_bias=False)(x))
    y = L.Add()([y, x])
    return L.ReLU()(y)
"""

_OWN_NET = _OWN_BLOCK + _NET.replace("residual_block if", "own_block if")

_CARD = """
def time_calls(model, sizes, runs=5):
    seconds = {}
    for size in sizes:
        images = np.random.random((size, *model.input_shape[1:])).astype("float32")
        seconds[size] = []
        for _ in range(runs + 1):
            began = time.perf_counter()
            model.predict_on_batch(images)
            seconds[size].append(time.perf_counter() - began)
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
"""

_BRAKING = """
def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    if latency > 1 / fps:
        raise ValueError("queue")
    speed = kmh / 3.6
    return speed * (frames / fps + latency + brakes) + speed**2 / (2 * deceleration)
"""

_TRAIN = """
def train_resnet(model):
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train[:64], y_train[:64], validation=(x_val[:64], y_val[:64]), epochs=1, quiet=True)


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)
"""

_TRAINED = """
def train_resnet(model):
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=2, batch_size=32, quiet=True)


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)
"""

MISTAKES = {
    "residual_block": {
        "ReLU before the addition": _wrong(
            _BLOCK,
            "residual_block-zeroed residual_block-computes",
            "after the addition, not before",
            (
                "    y = layers.Add()([y, x])\n    y = layers.ReLU()(y)\n",
                "    y = layers.Add()([layers.ReLU()(y), x])\n",
            ),
        ),
        "ReLU before the addition and after it": _wrong(
            _BLOCK,
            "residual_block-computes",
            "must be able to subtract",
            ("layers.Add()([y, x])", "layers.Add()([layers.ReLU()(y), x])"),
        ),
        "no ReLU at the end": _wrong(
            _BLOCK,
            "residual_block-zeroed residual_block-computes",
            "last ReLU",
            ("    y = layers.Add()([y, x])\n    y = layers.ReLU()(y)\n", "    y = layers.Add()([y, x])\n"),
        ),
        "Concatenate": _wrong(
            _BLOCK, "residual_block-weights residual_block-zeroed", "does not concatenate", ("Add()", "Concatenate()")
        ),
        "Multiply": _wrong(_BLOCK, "residual_block-zeroed", "skip is missing", ("Add()", "Multiply()")),
        "Average": _wrong(_BLOCK, "residual_block-zeroed", "does not average", ("Add()", "Average()")),
        "the pre-activation block": {
            "caught_by": ["residual_block-zeroed", "residual_block-computes"],
            "says": ["pre-activation"],
            "code": """
def residual_block(x, filters, stride=1, project=None):
    L = keras.layers
    changes = stride != 1 or x.shape[-1] != filters
    if project is None:
        project = changes
    elif changes and not project:
        raise ValueError("project")
    y = L.ReLU()(L.BatchNormalization()(x))
    y = L.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(y)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    if project:
        x = L.BatchNormalization()(L.Conv2D(filters, 1, strides=stride, use_bias=False)(x))
    return L.Add()([x, y])
""",
        },
        "no skip": _wrong(_BLOCK, "residual_block-zeroed", "skip is missing", ("    y = layers.Add()([y, x])\n", "")),
        "never projected": _wrong(
            _BLOCK,
            "residual_block-weights residual_block-project",
            "1×1 convolution with the same stride",
            ("        project = changes", "        project = False"),
        ),
        "always projected": _wrong(
            _BLOCK,
            "residual_block-weights",
            "projected though the shape stays",
            ("        project = changes", "        project = True"),
        ),
        "projected only where the step is 2": _wrong(
            _BLOCK,
            "residual_block-project",
            "the shape changes, so the shortcut is projected",
            ("changes = stride != 1 or x.shape[-1] != filters", "changes = stride != 1"),
        ),
        "projected only where the maps change": _wrong(
            _BLOCK,
            "residual_block-project",
            "the shape changes, so the shortcut is projected",
            ("changes = stride != 1 or x.shape[-1] != filters", "changes = x.shape[-1] != filters"),
        ),
        "the shortcut without the step": _wrong(
            _BLOCK, "residual_block-weights", "with the same stride", ("filters, 1, strides=stride,", "filters, 1,")
        ),
        "the step on the second convolution": _wrong(
            _BLOCK,
            "residual_block-computes",
            "first convolution, not to its second",
            ("3, strides=stride,", "3,"),
            (
                'y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)',
                "y = layers.Conv2D(filters, 3, strides=stride, padding='same', use_bias=False)(y)",
            ),
        ),
        "the step on both convolutions": _wrong(
            _BLOCK,
            "residual_block-weights",
            "first convolution only",
            ('filters, 3, padding="same"', 'filters, 3, strides=stride, padding="same"'),
            ("1, strides=stride,", "1, strides=stride * stride,"),
        ),
        "biases": _wrong(_BLOCK, "residual_block-weights", "counted twice", (", use_bias=False", "")),
        "a bias in the projection": _wrong(
            _BLOCK,
            "residual_block-weights",
            "no bias either",
            ("strides=stride, use_bias=False)(x)\n        x", "strides=stride)(x)\n        x"),
        ),
        "no batch norm": _wrong(
            _BLOCK, "residual_block-weights", "batch norm is missing", ("    y = layers.BatchNormalization()(y)\n", "")
        ),
        "no batch norm at the end of the branch": _wrong(
            _BLOCK,
            "residual_block-weights",
            "after one of the two",
            ("use_bias=False)(y)\n    y = layers.BatchNormalization()(y)\n", "use_bias=False)(y)\n"),
        ),
        "no batch norm after the projection": _wrong(
            _BLOCK, "residual_block-weights", "batch norm as well", ("        x = layers.BatchNormalization()(x)\n", "")
        ),
        "batch norm on the identity path": _wrong(
            _BLOCK,
            "residual_block-weights residual_block-zeroed",
            "identity path",
            ("        x = layers.BatchNormalization()(x)\n", "    x = layers.BatchNormalization()(x)\n"),
        ),
        "no ReLU inside": _wrong(
            _BLOCK,
            "residual_block-computes",
            "they are one",
            ("    y = layers.ReLU()(y)\n    y = layers.Conv2D", "    y = layers.Conv2D"),
        ),
        "a 3×3 projection": _wrong(
            _BLOCK,
            "residual_block-weights",
            "1×1, not 3×3",
            ("filters, 1, strides", "filters, 3, padding='same', strides"),
        ),
        "a pooled shortcut": _wrong(
            _BLOCK,
            "residual_block-computes",
            "max-pooled",
            (
                "        x = layers.Conv2D(filters, 1, strides=stride,",
                "        x = layers.Conv2D(filters, 1,",
            ),
            (
                "    if project:\n",
                "    if project:\n        x = layers.MaxPooling2D(stride, padding='same')(x) if stride > 1 else x\n",
            ),
        ),
        "no padding": _wrong(_BLOCK, "residual_block-weights", "same", (' padding="same",', "")),
        "padded as PyTorch does": _wrong(
            _BLOCK,
            "residual_block-computes",
            "as PyTorch does",
            (
                'y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)',
                "y = layers.Conv2D(filters, 3, strides=stride, use_bias=False)(layers.ZeroPadding2D(1)(x))",
            ),
        ),
        "one map is spread out in silence": _wrong(
            _BLOCK,
            "residual_block-project",
            "one map to four",
            ("elif changes and not project", "elif changes and not project and x.shape[-1] > 1"),
        ),
        "no return": _wrong(_BLOCK, "residual_block-weights", "return", ("    return y\n", "")),
    },
    "gradients": {
        "the skip's part forgotten": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked gradients-slopes",
            "what the skip keeps is missing",
            (" + (delta if residual else 0)", ""),
        ),
        "the branch's part forgotten": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked",
            "the branch's is missing",
            ("inside @ a.T + (delta", "0 + (delta"),
        ),
        "dout on the skip, not δ": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked gradients-slopes",
            "it is δ, not dout",
            ("        delta = delta * (after > 0)\n", "        whole, delta = delta, delta * (after > 0)\n"),
            ("(delta if residual", "(whole if residual"),
        ),
        "the last ReLU not masked": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked",
            "multiply by (h > 0)",
            ("        delta = delta * (after > 0)\n", ""),
        ),
        "the inner ReLU not masked": _wrong(
            _FORWARD + _GRADIENTS, "gradients-slopes", "masks of both ReLUs", (" * (inner > 0)", "")
        ),
        "last block first": _wrong(
            _FORWARD + _GRADIENTS, "gradients-slopes", "turn the list around", ("grads[::-1]", "grads")
        ),
        "B before A": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked",
            "in this order",
            ("(before.T @ inside, inner.T @ delta)", "(inner.T @ delta, before.T @ inside)"),
        ),
        "residual ignored forward": _wrong(
            _FORWARD + _GRADIENTS, "gradients-forward", "leaves the skip out", ("        if residual:\n    ", "")
        ),
        "residual ignored backward": _wrong(
            _FORWARD + _GRADIENTS, "gradients-plain", "left out backward", ("(delta if residual else 0)", "delta")
        ),
        "no skip forward": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-forward",
            "skip is missing",
            ("        if residual:\n            total = total + layers[-1]\n", ""),
        ),
        "ReLU before the addition": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-forward",
            "after the addition",
            (
                "            total = total + layers[-1]\n        layers.append(np.maximum(total, 0))",
                "            total = np.maximum(total, 0) + layers[-1]\n        layers.append(total)",
            ),
        ),
        "only the last activation": _wrong(
            _FORWARD + _GRADIENTS, "gradients-forward", "returns a list", ("return layers\n", "return layers[-1]\n")
        ),
        "dx forgotten": _wrong(
            _FORWARD + _GRADIENTS, "gradients-worked", "two things", ("return grads[::-1], delta", "return grads[::-1]")
        ),
        "the mean over the images": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-slopes",
            "sum over the images",
            ("(before.T @ inside, inner.T @ delta)", "(before.T @ inside / len(x), inner.T @ delta / len(x))"),
        ),
        "dout changed in place": _wrong(
            _FORWARD + _GRADIENTS,
            "gradients-worked",
            "changes its input",
            ("        delta = delta * (after > 0)\n", "        delta *= after > 0\n"),
        ),
    },
    "bottleneck": {
        "Concatenate": _wrong(_BOTTLENECK, "bottleneck-weights", "does not concatenate", ("Add()", "Concatenate()")),
        "not increased again": _wrong(
            _BOTTLENECK,
            "bottleneck-weights",
            "increases again",
            ("x.shape[-1], 1)(y)", "inner, 1)(y)"),
            ("    y = layers.Add()([y, x])\n", ""),
        ),
        "four times inner": _wrong(
            _BOTTLENECK, "bottleneck-computes", "error", ("Conv2D(x.shape[-1], 1)", "Conv2D(4 * inner, 1)")
        ),
        "no padding": _wrong(
            _BOTTLENECK,
            "bottleneck-weights",
            "same",
            (' padding="same",', ""),
            ("    y = layers.Add()([y, x])\n", ""),
        ),
        "the plain 3×3": _wrong(
            _BOTTLENECK,
            "bottleneck-weights",
            "first decrease",
            (
                '    y = layers.Conv2D(inner, 1, activation="relu")(x)\n    y = layers.Conv2D(inner, 3, padding="same", activation="relu")(y)\n    y = layers.Conv2D(x.shape[-1], 1)(y)\n',
                '    y = layers.Conv2D(x.shape[-1], 3, padding="same")(x)\n',
            ),
        ),
        "no biases": _wrong(
            _BOTTLENECK,
            "bottleneck-weights",
            "biases are missing",
            ('activation="relu")', 'activation="relu", use_bias=False)'),
            ("x.shape[-1], 1)", "x.shape[-1], 1, use_bias=False)"),
        ),
        "a ReLU at the end of the branch": _wrong(
            _BOTTLENECK,
            "bottleneck-computes",
            "must be able to subtract",
            ("x.shape[-1], 1)", 'x.shape[-1], 1, activation="relu")'),
        ),
        "no ReLU after the addition": _wrong(
            _BOTTLENECK, "bottleneck-computes", "last ReLU", ("return layers.ReLU()(y)", "return y")
        ),
        "no skip": _wrong(
            _BOTTLENECK, "bottleneck-computes", "skip is missing", ("    y = layers.Add()([y, x])\n", "")
        ),
        "no ReLU inside": _wrong(
            _BOTTLENECK, "bottleneck-computes", "three convolutions are one", (', activation="relu"', "")
        ),
        "no ReLU after the 3×3": _wrong(
            _BOTTLENECK,
            "bottleneck-computes",
            "after the 3×3",
            ('padding="same", activation="relu"', 'padding="same"'),
        ),
    },
    "resnet_cifar": {
        "2n blocks": _wrong(_NET, "resnet_cifar-totals", "6n + 2", ("in range(n)", "in range(2 * n)")),
        "no batch norm in front": _wrong(
            _NET,
            "resnet_cifar-totals",
            "very first convolution",
            ("    x = keras.layers.BatchNormalization()(x)\n", ""),
        ),
        "no ReLU in front": _wrong(
            _NET, "resnet_cifar-computes", "very first batch norm", ("    x = keras.layers.ReLU()(x)\n", "")
        ),
        "a bias in front": _wrong(_NET, "resnet_cifar-totals", "compare your net.summary()", (", use_bias=False", "")),
        "biases everywhere": _wrong(_OWN_NET, "resnet_cifar-totals", "no bias", (", use_bias=False", "")),
        "Flatten": _wrong(_NET, "resnet_cifar-totals", "not Flatten", ("GlobalAveragePooling2D", "Flatten")),
        "the maximum": _wrong(
            _NET, "resnet_cifar-computes", "not its maximum", ("GlobalAveragePooling2D", "GlobalMaxPooling2D")
        ),
        "no softmax": _wrong(_NET, "resnet_cifar-computes", "softmax", (', activation="softmax"', "")),
        "projected in the first stage": _wrong(
            _OWN_NET,
            "resnet_cifar-totals",
            "none of its blocks is projected",
            (
                "stride=2 if stage > 0 and number == 0 else 1",
                "stride=2 if stage > 0 and number == 0 else 1, **({'first': number == 0} if residual else {})",
            ),
            ("maps, stride=1):", "maps, stride=1, first=False):"),
            ("if stride != 1 or", "if first or stride != 1 or"),
        ),
        "no batch norm after the projections": _wrong(
            _OWN_NET,
            "resnet_cifar-totals",
            "after each projection",
            (
                "x = L.BatchNormalization()(L.Conv2D(maps, 1, strides=stride, use_bias=False)(x))",
                "x = L.Conv2D(maps, 1, strides=stride, use_bias=False)(x)",
            ),
        ),
        "ReLU before the additions": _wrong(
            _OWN_NET,
            "resnet_cifar-computes",
            "before the addition",
            ("L.Add()([y, x])", "L.Add()([L.ReLU()(y), x])"),
        ),
        "residual ignored": _wrong(
            _NET, "resnet_cifar-totals", "residual=False changes nothing", (" if residual else plain_block", "")
        ),
        "plain always": _wrong(
            _NET,
            "resnet_cifar-totals",
            "this is the plain net",
            ("residual_block if residual else plain_block", "plain_block"),
        ),
        "width ignored": _wrong(
            _NET, "resnet_cifar-sizes", "width changes nothing", ("width * 2", "16 * 2"), ("Conv2D(width", "Conv2D(16")
        ),
        "ten classes always": _wrong(_NET, "resnet_cifar-sizes", "`classes`", ("Dense(classes", "Dense(10")),
        "the step in the last block of a stage": _wrong(
            _NET,
            "resnet_cifar-totals",
            "first block of the second and third stage",
            (
                "x = block(x, width * 2**stage, stride=2 if stage > 0 and number == 0 else 1)",
                "x = block(x, width * 2**stage, stride=2 if stage > 0 and number == n - 1 else 1)",
            ),
        ),
        "a step in every block": _wrong(
            _NET, "resnet_cifar-totals", "not in each", ("stage > 0 and number == 0", "stage > 0")
        ),
        "no blocks, no error": _wrong(
            _NET, "resnet_cifar-sizes", "a net of no blocks", ('    if n < 1:\n        raise ValueError("n")\n', "")
        ),
        "a net of Keras's own": {
            "caught_by": ["resnet_cifar-totals", "resnet_cifar-sizes"],
            "says": ["layers"],
            "code": """
def resnet_cifar(n, residual=True, width=16, classes=10):
    if n < 1:
        raise ValueError("n")
    return keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, weights=None, classes=classes)
""",
        },
        "no return": _wrong(_NET, "resnet_cifar-totals", "return", ("return keras.Model(", "model = keras.Model(")),
    },
    "resnet8": {
        "hardly trained": {"caught_by": ["resnet8-first"], "says": ["well below"], "code": _TRAIN},
        "never fitted": _wrong(
            _TRAIN,
            "resnet8-net resnet8-first",
            "the net guesses",
            (
                "    return training.fit(model, x_train[:64], y_train[:64], validation=(x_val[:64], y_val[:64]), epochs=1, quiet=True)",
                "    return {}",
            ),
        ),
        "the plain net": _wrong(
            _TRAINED, "resnet8-net", "the plain net", ("resnet_cifar(1)", "resnet_cifar(1, residual=False)")
        ),
        "as many weights, another graph": _wrong(
            _OWN_NET.replace("L.Add()([y, x])", "L.Add()([L.ReLU()(y), x])") + _TRAINED,
            "resnet8-net",
            "another graph",
        ),
        "ResNet-20": _wrong(
            _TRAIN, "resnet8-net", "resnet_cifar(1) makes", ("resnet_cifar(1)", "resnet_cifar(3, width=4)")
        ),
        "scaled twice": _wrong(
            _TRAINED, "resnet8-first", "well below", ("(model, x_train, y_train", "(model, x_train / 255, y_train")
        ),
        "x shuffled without y": _wrong(
            _TRAINED,
            "resnet8-net resnet8-first",
            "guesses",
            (
                "training.fit(model, x_train, y_train",
                "training.fit(model, np.random.default_rng(0).permutation(x_train), y_train",
            ),
        ),
        "only the history kept": _wrong(
            _TRAIN,
            "resnet8-net resnet8-first",
            "should be a Keras model",
            (
                'resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)',
                'resnet8_history = resnet8 = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet)[1]',
            ),
        ),
        "NaN weights": _wrong(
            _TRAIN,
            "resnet8-net resnet8-first",
            "NaN",
            (
                "lambda: resnet_cifar(1), train_resnet)",
                "lambda: resnet_cifar(1), train_resnet)\nresnet8.set_weights([w * np.nan for w in resnet8.get_weights()])",
            ),
        ),
    },
    "latency_card": {
        "the warm-up counted": _wrong(
            _CARD, "latency_card-worked", "compiles: leave it out", ("durations[1:]", "durations")
        ),
        "the mean": _wrong(_CARD, "latency_card-worked", "the median, not the mean", ("np.median", "np.mean")),
        "the mean of all": _wrong(
            _CARD, "latency_card-worked", "a mean believes it", ("np.median(durations[1:])", "np.mean(durations)")
        ),
        "the fastest call": _wrong(_CARD, "latency_card-worked", "not the minimum", ("np.median", "np.min")),
        "seconds": _wrong(_CARD, "latency_card-worked", "milliseconds, not seconds", ("1000 * float", "float")),
        "not divided by the batch": _wrong(_CARD, "latency_card-worked", "its share of the call", ("ms / size", "ms")),
        "latency divided as well": _wrong(
            _CARD, "latency_card-worked", "waits for its batch", ('"latency_ms": latency', '"latency_ms": per_image')
        ),
        "a byte a weight": _wrong(
            _CARD, "latency_card-worked", "four bytes", ("weights * bytes_per_weight", "weights")
        ),
        "mebibytes": _wrong(_CARD, "latency_card-worked", "not 2²⁰", ("/ 1e6", "/ 2**20")),
        "the least latency is best": _wrong(
            _CARD, "latency_card-worked", "not the least latency", ("(per_image[size], size)", "(latency[size], size)")
        ),
        "the largest batch is best": _wrong(
            _CARD,
            "latency_card-any",
            "in whatever order",
            ("min(per_image, key=lambda size: (per_image[size], size))", "max(per_image)"),
        ),
        "the last of equal ones": _wrong(
            _CARD, "latency_card-any", "the smallest", ("(per_image[size], size)", "(per_image[size], -size)")
        ),
        "the price of a second": _wrong(_CARD, "latency_card-worked", "3,600 seconds", (" / 3600", "")),
        "half precision ignored": _wrong(
            _CARD, "latency_card-any", "bytes_per_weight changes nothing", ("weights * bytes_per_weight", "weights * 4")
        ),
        "nothing measured, no error": _wrong(
            _CARD, "latency_card-any", "nothing but its warm-up", ("len(durations) < 2", "len(durations) < 1")
        ),
        "the warm-up thrown away at once": _wrong(
            _CARD, "latency_card-calls", "the first call belongs in the list", ("range(runs + 1)", "range(runs)")
        ),
        "the clock turned round": _wrong(
            _CARD,
            "latency_card-calls",
            "positive number of seconds",
            ("time.perf_counter() - began", "began - time.perf_counter()"),
        ),
        "constants": _wrong(
            _CARD,
            "latency_card-calls",
            "much shorter than the calls",
            ("time.perf_counter() - began", "0.001"),
        ),
        "constants that begin high": _wrong(
            _CARD,
            "latency_card-calls",
            "much shorter than the calls",
            ("time.perf_counter() - began", "0.001 if seconds[size] else 0.002"),
        ),
        "the net never called": _wrong(
            _CARD,
            "latency_card-calls",
            "between the two looks at the clock",
            ("            model.predict_on_batch(images)\n", ""),
        ),
        "one image whatever the size": _wrong(
            _CARD,
            "latency_card-calls",
            "as many images as the batch size says",
            ("np.random.random((size,", "np.random.random((1,"),
        ),
        "two calls, the second repeated": _wrong(
            _CARD,
            "latency_card-calls",
            "one by one",
            ("range(runs + 1)", "range(2)"),
            (
                "    return seconds\n",
                "    return {size: [one, *[two] * runs] for size, (one, two) in seconds.items()}\n",
            ),
        ),
        "the quickest first": _wrong(
            _CARD,
            "latency_card-calls",
            "keeps its order",
            ("    return seconds\n", "    return {size: sorted(times) for size, times in seconds.items()}\n"),
        ),
        "images of 32×32×3 whatever the net": _wrong(
            _CARD, "latency_card-calls", "takes a batch of shape", ("*model.input_shape[1:]", "32, 32, 3")
        ),
        "Keras's predict, which does more": _wrong(
            _CARD,
            "latency_card-calls",
            "predict_on_batch",
            ("model.predict_on_batch(images)", "model.predict(images, verbose=0)"),
        ),
        "the processor's clock": _wrong(
            _CARD, "latency_card-calls", "much shorter", ("time.perf_counter()", "time.process_time()")
        ),
        "called before the clock starts": _wrong(
            _CARD,
            "latency_card-calls",
            "very first call",
            (
                "        seconds[size] = []\n",
                "        seconds[size] = []\n        model.predict_on_batch(images)\n",
            ),
        ),
        "one clock for all calls": _wrong(
            _CARD,
            "latency_card-calls",
            "add up to more",
            ("        seconds[size] = []\n", "        seconds[size] = []\n        began = time.perf_counter()\n"),
            ("            began = time.perf_counter()\n", ""),
        ),
    },
    "braking": {
        "km/h": _wrong(_BRAKING, "braking-worked", "divide km/h by 3.6", ("kmh / 3.6", "kmh")),
        "v² over a": _wrong(_BRAKING, "braking-worked", "v² over 2a", ("(2 * deceleration)", "deceleration")),
        "no reaction": _wrong(
            _BRAKING,
            "braking-worked",
            "until the brakes take hold is missing",
            ("speed * (frames / fps + latency + brakes) + ", ""),
        ),
        "no braking": _wrong(
            _BRAKING, "braking-worked", "braking distance is missing", (" + speed**2 / (2 * deceleration)\n", "\n")
        ),
        "one frame": _wrong(
            _BRAKING, "braking-worked", "all `frames` of them", ("speed * (frames / fps", "speed * (1 / fps")
        ),
        "one frame too few": _wrong(
            _BRAKING, "braking-worked", "just after a frame", ("speed * (frames / fps", "speed * ((frames - 1) / fps")
        ),
        "latency for each frame": _wrong(
            _BRAKING, "braking-worked", "paid once", ("+ latency + brakes", "+ frames * latency + brakes")
        ),
        "refused where it just keeps up": _wrong(
            _BRAKING, "braking-any", "keeps up", ("latency > 1 / fps", "latency >= 1 / fps")
        ),
        "no queue": _wrong(_BRAKING, "braking-worked", "one every 67 ms", ("latency > 1 / fps", "False")),
    },
    "deep": {
        "an untrained net": {
            "caught_by": ["deep-ninety"],
            "says": ["well below"],
            "code": """
def enter():
    return resnet_cifar(1)


deep = enter()
""",
        },
        "a wider net": {
            "caught_by": ["deep-ninety"],
            "says": ["a ResNet-20 has"],
            "code": """
def enter():
    return resnet_cifar(1, width=48)


deep = enter()
""",
        },
        "a net for another size": {
            "caught_by": ["deep-ninety"],
            "says": ["another input"],
            "code": """
def enter():
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])


deep = enter()
""",
        },
    },
}
