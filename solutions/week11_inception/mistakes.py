"""Wrong answers that students give in week 11. Each replaces the answer cell it is keyed by.

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


_POINTWISE = """
def conv1x1(x, w, b=None):
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if w.shape[0] != x.shape[-1]:
        raise ValueError("w does not fit x")
    y = x @ w
    return y if b is None else y + b
"""

_COST = """
def naive_cost(h, w, c, f1, f3, f5):
    if min(h, w, c, f1, f3, f5) < 1:
        raise ValueError("at least 1")
    places = h * w
    return {
        "1x1": ((c + 1) * f1, places * c * f1),
        "3x3": ((9 * c + 1) * f3, places * 9 * c * f3),
        "5x5": ((25 * c + 1) * f5, places * 25 * c * f5),
        "pool": (0, 0),
    }


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    if min(h, w, c, f1, f3r, f3, f5r, f5, fp) < 1:
        raise ValueError("at least 1")
    places = h * w
    return {
        "1x1": ((c + 1) * f1, places * c * f1),
        "3x3": ((c + 1) * f3r + (9 * f3r + 1) * f3, places * (c * f3r + 9 * f3r * f3)),
        "5x5": ((c + 1) * f5r + (25 * f5r + 1) * f5, places * (c * f5r + 25 * f5r * f5)),
        "pool": ((c + 1) * fp, places * c * fp),
    }
"""

_BLOCK = """
def naive_block(x, f1, f3, f5):
    a = keras.layers.Conv2D(f1, 1, padding="same", activation="relu")(x)
    b = keras.layers.Conv2D(f3, 3, padding="same", activation="relu")(x)
    c = keras.layers.Conv2D(f5, 5, padding="same", activation="relu")(x)
    d = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return keras.layers.Concatenate()([a, b, c, d])


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    one = keras.layers.Conv2D(f1, 1, padding="same", activation="relu")(x)
    three = keras.layers.Conv2D(f3r, 1, padding="same", activation="relu")(x)
    three = keras.layers.Conv2D(f3, 3, padding="same", activation="relu")(three)
    five = keras.layers.Conv2D(f5r, 1, padding="same", activation="relu")(x)
    five = keras.layers.Conv2D(f5, 5, padding="same", activation="relu")(five)
    pool = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)
    pool = keras.layers.Conv2D(fp, 1, padding="same", activation="relu")(pool)
    return keras.layers.Concatenate(axis=-1)([one, three, five, pool])
"""
_REDUCE_3 = '    three = keras.layers.Conv2D(f3r, 1, padding="same", activation="relu")(x)\n'
_REDUCE_5 = '    five = keras.layers.Conv2D(f5r, 1, padding="same", activation="relu")(x)\n'
_POOLED = '    pool = keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)\n'
_PROJECTED = '    pool = keras.layers.Conv2D(fp, 1, padding="same", activation="relu")(pool)\n'

_SEPARATE = """
def separate(kernel):
    u, s, vt = np.linalg.svd(np.asarray(kernel, dtype=float))
    rank = int((s > 1e-6 * s[0]).sum())
    if rank != 1:
        raise ValueError(f"rank {rank}")
    return u[:, 0] * s[0], vt[0]


def rank_one(kernel):
    u, s, vt = np.linalg.svd(np.asarray(kernel, dtype=float))
    nearest = s[0] * np.outer(u[:, 0], vt[0])
    lost = 1 - s[0] ** 2 / (s ** 2).sum()
    return nearest, lost
"""

_FACTOR = """
def factorised_conv(x, filters, k, middle=None, activation="relu"):
    middle = filters if middle is None else middle
    y = keras.layers.Conv2D(middle, (1, k), padding="same", activation=activation)(x)
    return keras.layers.Conv2D(filters, (k, 1), padding="same", activation=activation)(y)


def factor_cost(k, c=1, filters=1):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    layers = (k - 1) // 2
    return {
        "direct": k * k * c * filters,
        "stack": 9 * c * filters + (layers - 1) * 9 * filters * filters,
        "pair": k * c * filters + k * filters * filters,
    }
"""

_QUICK = """
def build_mini_googlenet():
    x = inputs = keras.Input((32, 32, 3))
    x = keras.layers.MaxPooling2D(4)(keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x))
    x = inception_block(x, 3, 3, 3, 3, 3, 3)
    x = inception_block(x, 3, 3, 3, 3, 3, 3)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def train_mini(model):
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train[:64], y_train[:64], validation=(x_val[:64], y_val[:64]), epochs=1, quiet=True)


mini, mini_history = training.trained("mini", build_mini_googlenet, train_mini)
"""
_TWO_BLOCKS = "    x = inception_block(x, 3, 3, 3, 3, 3, 3)\n    x = inception_block(x, 3, 3, 3, 3, 3, 3)\n"

_GOOGLENET = """
def googlenet(classes=1000):
    def pool(x):
        return keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)

    x = inputs = keras.Input((224, 224, 3))
    x = pool(keras.layers.Conv2D(64, 7, strides=2, padding="same", activation="relu")(x))
    x = keras.layers.Conv2D(64, 1, activation="relu")(x)
    x = keras.layers.Conv2D(192, 3, padding="same", activation="relu")(x)
    for name, row in GOOGLENET.items():
        if name[1] == "a":
            x = pool(x)
        x = inception_block(x, *row[2:])
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
"""


MISTAKES = {
    "conv1x1": {
        "no bias": _wrong(_POINTWISE, "conv1x1-by-hand", "bias is forgotten", ("y if b is None else y + b", "y")),
        "w turned round": _wrong(
            _POINTWISE,
            "conv1x1-keras",
            "columns",
            ("w.shape[0] != x.shape[-1]", "x.shape[-1] not in w.shape"),
            ("y = x @ w", "y = x @ (w.T if w.shape[0] == w.shape[1] else w)"),
        ),
        "one map only": _wrong(_POINTWISE, "conv1x1-by-hand", "first column", ("x @ w", "x @ w[:, :1]")),
        "summed over the pixels": _wrong(
            _POINTWISE, "conv1x1-by-hand", "each pixel is on its own", ("x @ w", "(x @ w).sum(axis=(0, 1))")
        ),
        "element by element": _wrong(
            _POINTWISE, "conv1x1-by-hand", "not summed", ("x @ w", "x.sum(axis=-1, keepdims=True) * w.sum(axis=0)")
        ),
        "bytes run over": _wrong(
            _POINTWISE,
            "conv1x1-colours",
            "run over at 256",
            ("np.asarray(x, dtype=float), np.asarray(w, dtype=float)", "np.asarray(x), np.asarray(w)"),
        ),
        "the single channel dropped": _wrong(
            _POINTWISE,
            "conv1x1-colours",
            "axis of its own",
            ("    return y if", "    y = y[..., 0] if w.shape[1] == 1 else y\n    return y if"),
        ),
        "one image only": _wrong(
            _POINTWISE, "conv1x1-keras", "last axis", ("y = x @ w", "y = (x[0] if x.ndim == 4 else x) @ w")
        ),
        "no return": _wrong(
            _POINTWISE,
            "conv1x1-by-hand",
            "return",
            ("    return y if b is None else y + b", "    y if b is None else y + b"),
        ),
    },
    "block_cost": {
        "no biases": _wrong(
            _COST,
            "block_cost-weights",
            "biases are missing",
            ("(c + 1)", "c"),
            ("(9 * c + 1)", "9 * c"),
            ("(25 * c + 1)", "25 * c"),
            ("(9 * f3r + 1)", "9 * f3r"),
            ("(25 * f5r + 1)", "25 * f5r"),
        ),
        "the 1×1 not paid": _wrong(
            _COST,
            "block_cost-weights",
            "pays for its 1×1",
            ("(c + 1) * f3r + (9", "(9"),
            ("(c + 1) * f5r + (25", "(25"),
        ),
        "the large kernels still see c": _wrong(
            _COST,
            "block_cost-weights",
            "sees 96 maps",
            ("(9 * f3r + 1)", "(9 * c + 1)"),
            ("(25 * f5r + 1)", "(25 * c + 1)"),
        ),
        "the 1×1 after": _wrong(
            _COST,
            "block_cost-weights",
            "before the 3×3",
            ("(c + 1) * f3r + (9 * f3r + 1) * f3,", "(9 * c + 1) * f3r + (f3r + 1) * f3,"),
            ("(c + 1) * f5r + (25 * f5r + 1) * f5,", "(25 * c + 1) * f5r + (f5r + 1) * f5,"),
        ),
        "no projection": _wrong(
            _COST,
            "block_cost-weights",
            "after the pooling",
            ('"pool": ((c + 1) * fp, places * c * fp)', '"pool": (0, 0)'),
        ),
        "MACs with biases": _wrong(
            _COST,
            "block_cost-macs",
            "only added",
            ("places * c * f1", "places * (c + 1) * f1"),
            ("places * 9 * c * f3", "places * (9 * c + 1) * f3"),
        ),
        "MACs of one place": _wrong(_COST, "block_cost-macs", "every place", ("places = h * w", "places = 1")),
        "pooling counted": _wrong(
            _COST, "block_cost-macs", "no multiplication", ('"pool": (0, 0)', '"pool": (0, places * 9 * c)')
        ),
        "square maps only": _wrong(_COST, "block_cost-any", "not square", ("places = h * w", "places = h * h")),
        "no padding": _wrong(
            _COST,
            "block_cost-macs",
            "26·26",
            ("places * 9 * c * f3", "(h - 2) * (w - 2) * 9 * c * f3"),
            ("places * 25 * c * f5", "(h - 4) * (w - 4) * 25 * c * f5"),
        ),
        "MACs first": _wrong(
            _COST,
            "block_cost-weights",
            "(weights, MACs)",
            ('"1x1": ((c + 1) * f1, places * c * f1)', '"1x1": (places * c * f1, (c + 1) * f1)'),
        ),
        "no errors": _wrong(_COST, "block_cost-errors", "without channels", ('raise ValueError("at least 1")', "pass")),
        "the channels not looked at": _wrong(
            _COST, "block_cost-errors", "below 1", ("min(h, w, c, f1, f3r, f3, f5r, f5, fp)", "min(h, w, c, f1)")
        ),
        "only block 3a": {
            "caught_by": ["block_cost-any"],
            "says": ["use the arguments"],
            "code": _COST.replace("def naive_cost", "def _naive").replace("def reduced_cost", "def _reduced")
            + """

def naive_cost(h, w, c, f1, f3, f5):
    return _naive(28, 28, 192, 64, 128, 32) if c > 1 else _naive(h, w, c, f1, f3, f5)


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    three_a = (28, 28, 192, 64, 96, 128, 16, 32, 32)
    return _reduced(*three_a) if c > 1 else _reduced(h, w, c, f1, f3r, f3, f5r, f5, fp)
""",
        },
    },
    "inception_block": {
        "pool stride left out": _wrong(
            _BLOCK,
            "inception_block-shape inception_block-any inception_block-wiring",
            "strides=1",
            (_POOLED, _POOLED.replace(" strides=1,", "")),
        ),
        "pool stride 2": _wrong(
            _BLOCK, "inception_block-shape", "strides=1", (_POOLED, _POOLED.replace("strides=1", "strides=2"))
        ),
        "pool without padding": _wrong(
            _BLOCK, "inception_block-shape", "padding='same'", (_POOLED, _POOLED.replace(', padding="same"', ""))
        ),
        "convolutions without padding": _wrong(
            _BLOCK,
            "inception_block-shape",
            "loses its border",
            ('(f3, 3, padding="same",', "(f3, 3,"),
            ('(f5, 5, padding="same",', "(f5, 5,"),
        ),
        "joined along the height": _wrong(
            _BLOCK,
            "inception_block-shape inception_block-wiring",
            "along the height",
            ("Concatenate(axis=-1)", "Concatenate(axis=1)"),
        ),
        "joined along the width": _wrong(
            _BLOCK,
            "inception_block-shape inception_block-wiring",
            "along the width",
            ("Concatenate(axis=-1)", "Concatenate(axis=2)"),
        ),
        "added": _wrong(
            _BLOCK,
            "inception_block-shape inception_block-wiring",
            "stack them",
            ("Concatenate(axis=-1)([one", "Add()([one"),
        ),
        "the 1×1 after the large kernels": _wrong(
            _BLOCK,
            "inception_block-weights inception_block-any",
            "after the large kernels",
            ("(f3r, 1,", "(f3r, 3,"),
            ("(f3, 3,", "(f3, 1,"),
            ("(f5r, 1,", "(f5r, 5,"),
            ("(f5, 5,", "(f5, 1,"),
        ),
        "no reductions": _wrong(
            _BLOCK,
            "inception_block-weights inception_block-any",
            "reductions are missing",
            (_REDUCE_3, "    three = x\n"),
            (_REDUCE_5, "    five = x\n"),
        ),
        "no reduction before the 5×5": _wrong(
            _BLOCK, "inception_block-weights", "before the 5×5 is missing", (_REDUCE_5, "    five = x\n")
        ),
        "one reduction for both": _wrong(
            _BLOCK,
            "inception_block-weights",
            "each has its own",
            (_REDUCE_3, _REDUCE_3 + "    shared = three\n"),
            (_REDUCE_5, "    five = shared\n"),
        ),
        "f3r and f5r mixed up": _wrong(
            _BLOCK,
            "inception_block-weights inception_block-any",
            "mixed up",
            ("(f3r, 1,", "(_f, 1,"),
            ("(f5r, 1,", "(f3r, 1,"),
            ("(_f, 1,", "(f5r, 1,"),
        ),
        "no ReLU": _wrong(
            _BLOCK, "inception_block-wiring inception_block-naive", "ReLUs are missing", (', activation="relu"', "")
        ),
        "reductions without ReLU": _wrong(
            _BLOCK,
            "inception_block-wiring",
            "one linear layer",
            ('(f3r, 1, padding="same", activation="relu")', "(f3r, 1)"),
            ('(f5r, 1, padding="same", activation="relu")', "(f5r, 1)"),
        ),
        "projection without ReLU": _wrong(
            _BLOCK,
            "inception_block-wiring",
            "projection of the pooling",
            ('(fp, 1, padding="same", activation="relu")', "(fp, 1)"),
        ),
        "pool without projection": _wrong(
            _BLOCK, "inception_block-shape inception_block-any", "no 1×1 after it", (_PROJECTED, "")
        ),
        "projection before the pooling": _wrong(
            _BLOCK,
            "inception_block-wiring",
            "not before it",
            (_POOLED + _PROJECTED, _PROJECTED.replace("(pool)", "(x)") + _POOLED.replace(")(x)", ")(pool)")),
        ),
        "average pooling": _wrong(
            _BLOCK,
            "inception_block-wiring inception_block-naive",
            "not the average",
            ("MaxPooling2D", "AveragePooling2D"),
        ),
        "pooling forgotten": _wrong(
            _BLOCK, "inception_block-fields inception_block-wiring", "sees one pixel", (_POOLED, "    pool = x\n")
        ),
        "3×3 in the place of 5×5": _wrong(
            _BLOCK,
            "inception_block-weights inception_block-fields inception_block-any",
            "has a 5×5",
            ("(f5, 5,", "(f5, 3,"),
        ),
        "one after the other": _wrong(
            _BLOCK,
            "inception_block-fields inception_block-any",
            "one after the other",
            ('(f5r, 1, padding="same", activation="relu")(x)', '(f5r, 1, padding="same", activation="relu")(three)'),
            (', padding="same")(x)\n    pool = keras', ', padding="same")(five)\n    pool = keras'),
        ),
        "the pooling takes what the 1×1 gives": _wrong(
            _BLOCK,
            "inception_block-any",
            "six kernels",
            (', padding="same")(x)\n    pool = keras', ', padding="same")(one)\n    pool = keras'),
        ),
        "reductions stacked as well": _wrong(
            _BLOCK,
            "inception_block-shape",
            "only the ends",
            (
                '    three = keras.layers.Conv2D(f3, 3, padding="same", activation="relu")(three)',
                '    r = three\n    three = keras.layers.Conv2D(f3, 3, padding="same", activation="relu")(three)',
            ),
            ("[one, three", "[one, r, three"),
            ("    five = keras.layers.Conv2D(f5, 5", "    q = five\n    five = keras.layers.Conv2D(f5, 5"),
            ("five, pool])", "five, q, pool])"),
        ),
        "only block 3a": _wrong(
            _BLOCK,
            "inception_block-any",
            "whatever the arguments",
            (
                '(f1, 1, padding="same", activation="relu")(x)\n    three',
                '(256 - f3 - f5 - fp if f1 > 5 else f1, 1, padding="same", activation="relu")(x)\n    three',
            ),
        ),
        "no biases": _wrong(
            _BLOCK,
            "inception_block-weights inception_block-any",
            "biases",
            ('activation="relu"', 'activation="relu", use_bias=False'),
        ),
        "batch norm in the place of biases": _wrong(
            _BLOCK,
            "inception_block-weights",
            "batch norm has no place",
            (
                "    return keras.layers.Concatenate(axis=-1)([one, three, five, pool])",
                "    return keras.layers.BatchNormalization()(keras.layers.Concatenate(axis=-1)([one, three, five, pool]))",
            ),
            ('activation="relu")(', 'activation="relu", use_bias=False)('),
        ),
        "a ReLU after the naive block's pooling": _wrong(
            _BLOCK,
            "inception_block-naive",
            "only convolutions have a ReLU",
            (
                "    return keras.layers.Concatenate()([a, b, c, d])",
                "    return keras.layers.ReLU()(keras.layers.Concatenate()([a, b, c, d]))",
            ),
        ),
        "naive block with a reduction": _wrong(
            _BLOCK,
            "inception_block-naive",
            "all on x",
            (
                '(f5, 5, padding="same", activation="relu")(x)',
                '(f5, 5, padding="same", activation="relu")(keras.layers.Conv2D(16, 1)(x))',
            ),
        ),
        "naive block with pool stride": _wrong(
            _BLOCK,
            "inception_block-naive",
            "strides=1",
            ("d = keras.layers.MaxPooling2D(3, strides=1", "d = keras.layers.MaxPooling2D(3, strides=2"),
        ),
        "naive block without its pooling": _wrong(
            _BLOCK, "inception_block-naive", "passes on all 192", ("[a, b, c, d]", "[a, b, c]")
        ),
        "no return": _wrong(
            _BLOCK,
            "inception_block-shape",
            "return",
            ("    return keras.layers.Concatenate(axis=-1)", "    keras.layers.Concatenate(axis=-1)"),
        ),
    },
    "separate": {
        "sign lost": _wrong(
            _SEPARATE,
            "separate-known separate-any",
            "sign is lost",
            ("return u[:, 0] * s[0], vt[0]", "return -u[:, 0] * s[0], vt[0]"),
        ),
        "row first": _wrong(
            _SEPARATE,
            "separate-known separate-any",
            "first the column",
            ("return u[:, 0] * s[0], vt[0]", "return vt[0], u[:, 0] * s[0]"),
        ),
        "without the singular value": _wrong(
            _SEPARATE,
            "separate-known",
            "singular value is lost",
            ("return u[:, 0] * s[0], vt[0]", "return u[:, 0], vt[0]"),
        ),
        "singular value twice": _wrong(
            _SEPARATE,
            "separate-known",
            "its root in both",
            ("return u[:, 0] * s[0], vt[0]", "return u[:, 0] * s[0], vt[0] * s[0]"),
        ),
        "approximated in silence": _wrong(
            _SEPARATE, "separate-known separate-any", "near miss", ('raise ValueError(f"rank {rank}")', "pass")
        ),
        "an absolute threshold": _wrong(_SEPARATE, "separate-any", "whatever the scale", ("1e-6 * s[0]", "1e-6")),
        "a generous threshold": _wrong(_SEPARATE, "separate-any", "in silence", ("1e-6 * s[0]", "0.05 * s[0]")),
        "a threshold of 1e-5": _wrong(_SEPARATE, "separate-any", "nothing may be approximated", ("1e-6", "1e-5")),
        "matrix_rank with its own limit": _wrong(
            _SEPARATE,
            "separate-any",
            "np.linalg.matrix_rank",
            ("int((s > 1e-6 * s[0]).sum())", "np.linalg.matrix_rank(kernel)"),
        ),
        "no rank in the message": _wrong(
            _SEPARATE, "separate-known", "message says the rank", ('f"rank {rank}"', '"not separable"')
        ),
        "the kernel changed in place": _wrong(
            _SEPARATE,
            "separate-known",
            "changes its input",
            (
                "    u, s, vt = np.linalg.svd(np.asarray(kernel, dtype=float))\n    rank",
                "    kernel = np.asarray(kernel, dtype=float)\n    size = np.abs(kernel).max()\n    kernel /= size\n    u, s, vt = np.linalg.svd(kernel)\n    s = s * size\n    rank",
            ),
        ),
        "no tolerance": _wrong(_SEPARATE, "separate-any", "was refused", ("s > 1e-6 * s[0]", "s > 0")),
        "None instead of an error": _wrong(
            _SEPARATE, "separate-known", "rank 2", ('raise ValueError(f"rank {rank}")', "return None")
        ),
        "a column of V": _wrong(
            _SEPARATE,
            "separate-any",
            "must give the kernel back",
            ("s[0], vt[0]", "s[0], (vt.T[0] if vt.shape[0] != 3 else vt[0])"),
        ),
        "kept instead of lost": _wrong(_SEPARATE, "separate-nearest", "not what is kept", ("lost = 1 - ", "lost = ")),
        "not squared": _wrong(
            _SEPARATE, "separate-nearest", "squared", ("s[0] ** 2 / (s ** 2).sum()", "s[0] / s.sum()")
        ),
        "only the second counted": _wrong(
            _SEPARATE,
            "separate-nearest",
            "not the second alone",
            ("1 - s[0] ** 2 / (s ** 2).sum()", "s[1] ** 2 / (s ** 2).sum() if len(s) > 1 else 0.0"),
        ),
        "nearest without its length": _wrong(
            _SEPARATE, "separate-nearest", "nearest", ("nearest = s[0] * ", "nearest = ")
        ),
    },
    "factorised_conv": {
        "side by side": _wrong(
            _FACTOR,
            "factorised_conv-shape factorised_conv-equals",
            "cross",
            ("activation=activation)(y)", "activation=activation)(x) + y"),
        ),
        "both across": _wrong(_FACTOR, "factorised_conv-shape", "same way", ("(k, 1), padding", "(1, k), padding")),
        "the whole kernel": _wrong(
            _FACTOR,
            "factorised_conv-shape",
            "two thin kernels",
            (
                '    return keras.layers.Conv2D(filters, (k, 1), padding="same", activation=activation)(y)',
                '    return keras.layers.Conv2D(filters, k, padding="same", activation=activation)(x)',
            ),
        ),
        "no padding": _wrong(_FACTOR, "factorised_conv-shape", "padding='same'", (' padding="same",', "")),
        "no activation between": _wrong(
            _FACTOR,
            "factorised_conv-equals",
            "also between them",
            ('(1, k), padding="same", activation=activation)', '(1, k), padding="same")'),
        ),
        "no activation at the end": _wrong(
            _FACTOR,
            "factorised_conv-equals",
            "also at the end",
            ('(k, 1), padding="same", activation=activation)', '(k, 1), padding="same")'),
        ),
        "always ReLU": _wrong(
            _FACTOR, "factorised_conv-equals", "no ReLU", ("activation=activation", 'activation="relu"')
        ),
        "middle ignored": _wrong(
            _FACTOR, "factorised_conv-equals", "`middle` maps", ("filters if middle is None else middle", "filters")
        ),
        "as many in between as come in": _wrong(
            _FACTOR,
            "factorised_conv-shape",
            "as many maps in between as come out",
            ("filters if middle is None", "x.shape[-1] if middle is None"),
        ),
        "no biases": _wrong(
            _FACTOR, "factorised_conv-shape", "bias", ('padding="same",', 'padding="same", use_bias=False,')
        ),
        "pair sees c twice": _wrong(
            _FACTOR,
            "factorised_conv-cost factorised_conv-cost-any",
            "sees `filters` maps",
            ("k * c * filters + k * filters * filters", "2 * k * c * filters"),
        ),
        "stack sees c always": _wrong(
            _FACTOR,
            "factorised_conv-cost",
            "second 3×3 sees",
            ("9 * c * filters + (layers - 1) * 9 * filters * filters", "layers * 9 * c * filters"),
        ),
        "one layer too many": _wrong(_FACTOR, "factorised_conv-cost", "(k − 1)/2", ("(k - 1) // 2", "(k + 1) // 2")),
        "with biases": _wrong(
            _FACTOR,
            "factorised_conv-cost",
            "left aside",
            ('"direct": k * k * c * filters', '"direct": (k * k * c + (c > 1)) * filters'),
        ),
        "no error": _wrong(
            _FACTOR, "factorised_conv-cost-any", "even or below 3", ('raise ValueError("odd, at least 3")', "pass")
        ),
    },
    "mini_googlenet": {
        "hardly trained": _wrong(_QUICK, "mini_googlenet-first mini_googlenet-second", "well below"),
        "a plain chain": _wrong(
            _QUICK,
            "mini_googlenet-branches",
            "nothing runs side by side",
            (_TWO_BLOCKS, '    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x)\n'),
        ),
        "one block": _wrong(
            _QUICK,
            "mini_googlenet-branches",
            "at least two blocks",
            (_TWO_BLOCKS, "    x = inception_block(x, 3, 3, 3, 3, 3, 3)\n"),
        ),
        "branches of one size": _wrong(
            _QUICK,
            "mini_googlenet-branches",
            "three different fields",
            (
                _TWO_BLOCKS,
                '    for _ in range(2):\n        x = keras.layers.Concatenate()([keras.layers.Conv2D(4, 3, padding="same")(x) for _ in range(4)])\n',
            ),
        ),
        "a shortcut is no branch": _wrong(
            _QUICK,
            "mini_googlenet-branches",
            "three different fields",
            (
                _TWO_BLOCKS,
                '    for _ in range(3):\n        x = keras.layers.Concatenate()([x, keras.layers.Conv2D(4, 3, padding="same")(x)])\n',
            ),
        ),
        "a token 5×5": _wrong(
            _QUICK,
            "mini_googlenet-branches",
            "a token branch does not count",
            (_TWO_BLOCKS, "    for _ in range(2):\n        x = inception_block(x, 20, 4, 20, 4, 2, 20)\n"),
        ),
        "too many weights": _wrong(
            _QUICK,
            "mini_googlenet-budget mini_googlenet-first",
            "100,000 are allowed",
            ("GlobalAveragePooling2D()(x)", "Flatten()(x)\n    x = keras.layers.Dense(500)(x)"),
        ),
        "a frozen giant": _wrong(
            _QUICK,
            "mini_googlenet-budget",
            "frozen ones",
            ("GlobalAveragePooling2D()(x)", "Flatten()(x)\n    x = keras.layers.Dense(500, trainable=False)(x)"),
        ),
        "grey images": _wrong(
            _QUICK,
            "mini_googlenet-budget",
            "32×32×3",
            ("(32, 32, 3)", "(32, 32, 1)"),
            ("x_train[:64]", "x_train[:64, ..., :1]"),
            ("x_val[:64]", "x_val[:64, ..., :1]"),
        ),
        "constant answers": _wrong(
            _QUICK,
            "mini_googlenet-first mini_googlenet-second",
            "below",
            ("training.fit(model, x_train[:64]", "training.fit(model, 0 * x_train[:64]"),
        ),
        "another net than the one built": _wrong(
            _QUICK,
            "mini_googlenet-budget",
            "run the cell again",
            (
                "mini, mini_history =",
                "_old = build_mini_googlenet\n\n\ndef build_mini_googlenet():\n    net = _old()\n    return keras.Sequential([net, keras.layers.Dense(10, activation='softmax')])\n\n\nmini, mini_history =",
            ),
            ('trained("mini", build_mini_googlenet', 'trained("mini", _old'),
        ),
    },
    "googlenet": {
        "no 1×1 at the start": _wrong(
            _GOOGLENET,
            "googlenet-total",
            "1×1 before the 3×3",
            ('    x = keras.layers.Conv2D(64, 1, activation="relu")(x)\n', ""),
        ),
        "Flatten": _wrong(_GOOGLENET, "googlenet-total", "GoogLeNet averages", ("GlobalAveragePooling2D", "Flatten")),
        "a pooling forgotten": _wrong(
            _GOOGLENET, "googlenet-total", "nine blocks", ('name[1] == "a"', 'name in ("3a", "4a")')
        ),
        "a thousand classes always": _wrong(
            _GOOGLENET, "googlenet-classes", "`classes` numbers", ("Dense(classes", "Dense(1000")
        ),
        "no ReLU after the first convolution": _wrong(
            _GOOGLENET,
            "googlenet-classes",
            "a ReLU after every convolution",
            ('strides=2, padding="same", activation="relu")', 'strides=2, padding="same")'),
        ),
        "averages between the stages": _wrong(
            _GOOGLENET,
            "googlenet-classes",
            "3×3 maxima",
            ("MaxPooling2D(3, strides=2", "AveragePooling2D(3, strides=2"),
        ),
        "the maximum at the end": _wrong(
            _GOOGLENET, "googlenet-classes", "average at the end", ("GlobalAveragePooling2D", "GlobalMaxPooling2D")
        ),
        "no softmax": _wrong(
            _GOOGLENET, "googlenet-classes", "softmax", ('Dense(classes, activation="softmax")', "Dense(classes)")
        ),
    },
}

EQUIVALENT_MUTANTS = {
    "block_cost": {
        "min(h, w, c, f1, f3, f5) → min(w, h, c, f1, f3, f5)",
        "min(h, w, c, f1, f3r, f3, f5r, f5, fp) → min(w, h, c, f1, f3r, f3, f5r, f5, fp)",
    },
    "separate": {"s > 1e-06 * s[0] → s >= 1e-06 * s[0]"},
}
