"""Wrong answers that students give in week 7. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""


def _change(code: str, *changes: tuple[str, str]) -> str:
    """`code` with words replaced; each of them must be there."""
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{old!r} is not in the answer")
        code = code.replace(old, new)
    return code


_LENET = """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    return keras.Sequential([
        keras.Input((32, 32, 1)),
        keras.layers.Conv2D(maps[0], 5, activation="tanh"),
        keras.layers.AveragePooling2D(2),
        keras.layers.Conv2D(maps[1], 5, activation="tanh"),
        keras.layers.AveragePooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(units[0], activation="tanh"),
        keras.layers.Dense(units[1], activation="tanh"),
        keras.layers.Dense(classes, activation="softmax"),
    ])
"""

_ALEX = """
def alexnet(width=1.0, classes=1000, groups=1):
    layers = keras.layers
    net = keras.Sequential([keras.Input((227, 227, 3))])
    net.add(layers.Conv2D(int(96 * width), 11, strides=4, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Conv2D(int(256 * width), 5, padding="same", groups=groups, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Conv2D(int(384 * width), 3, padding="same", activation="relu"))
    net.add(layers.Conv2D(int(384 * width), 3, padding="same", groups=groups, activation="relu"))
    net.add(layers.Conv2D(int(256 * width), 3, padding="same", groups=groups, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Flatten())
    net.add(layers.Dense(int(4096 * width), activation="relu"))
    net.add(layers.Dense(int(4096 * width), activation="relu"))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
"""

_BLOCK = """
def vgg_block(x, n_convs, filters, last=3):
    if n_convs < 1:
        raise ValueError("at least one convolution")
    for number in range(n_convs):
        kernel = last if number == n_convs - 1 else 3
        x = keras.layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    return x
"""

_TRANSITION = """
def transition(x, variant, filters):
    if variant not in (1, 2, 3):
        raise ValueError("no such variant")
    if variant in (1, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    if variant in (2, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    return x


def transition_cost(h, w, c, filters, variant):
    if variant not in (1, 2, 3):
        raise ValueError("no such variant")
    before, after = h * w, (h // 2) * (w // 2)
    weights = (c + 1) * filters
    if variant == 1:
        return weights, before * c * filters
    if variant == 2:
        return weights, after * c * filters
    return weights + (filters + 1) * filters, before * c * filters + after * filters * filters
"""

_SAVING = """
def reduction_saving(c_in, c_red, c_out, k=3):
    if min(c_in, c_red, c_out, k) < 1:
        raise ValueError("at least 1")
    direct = (k * k * c_in + 1) * c_out
    reduced = (k * k * c_red + 1) * c_out
    pointwise = (c_in + 1) * c_red
    saves_next = 1 - reduced / direct
    saves_all = 1 - (reduced + pointwise) / direct
    return dict(direct=direct, reduced=reduced, pointwise=pointwise, saves_next=saves_next, saves_all=saves_all)


def widest_reduction(c_in, c_out, k=3):
    widest = 0
    for c_red in range(1, c_in + 1):
        if reduction_saving(c_in, c_red, c_out, k)["saves_all"] > 0:
            widest = c_red
    return widest
"""

_VGG = """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    for item in config:
        if item != "M" and not (isinstance(item, int) and item >= 1):
            raise ValueError("maps or M")
    if size // 2 ** config.count("M") < 1:
        raise ValueError("the image is too small")
    net = keras.Sequential([keras.Input((size, size, 3))])
    for item in config:
        if item == "M":
            net.add(keras.layers.MaxPooling2D(2))
        else:
            net.add(keras.layers.Conv2D(max(1, int(item * width)), 3, padding="same", activation="relu"))
    net.add(keras.layers.Flatten())
    for count in units:
        net.add(keras.layers.Dense(max(1, int(count * width)), activation="relu"))
    net.add(keras.layers.Dense(classes, activation="softmax"))
    return net
"""

_QUICK = """
def build_mini_vgg():
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for maps in (4, 8):
        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))
        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))
        net.add(keras.layers.MaxPooling2D(4))
    net.add(keras.layers.GlobalAveragePooling2D())
    net.add(keras.layers.Dense(10, activation="softmax"))
    return net


def train_mini(model):
    return {}


mini, mini_history = training.trained("mini", build_mini_vgg, train_mini)
"""

_PYRAMID = """
def pyramid(config, size=224):
    rows, run = [], []
    for item in [*config, "M"]:
        if item == "M":
            if run:
                rows.append((len(run), size, run[-1]))
            run, size = [], size // 2
        else:
            run.append(item)
    return rows
"""

_ZF = """
def zfnet(width=1.0, classes=1000):
    layers = keras.layers
    net = keras.Sequential([keras.Input((224, 224, 3)), layers.ZeroPadding2D(1)])
    net.add(layers.Conv2D(int(96 * width), 7, strides=2, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2, padding="same"))
    net.add(layers.Conv2D(int(256 * width), 5, strides=2, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2, padding="same"))
    for maps in (384, 384, 256):
        net.add(layers.Conv2D(int(maps * width), 3, padding="same", activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Flatten())
    for _ in range(2):
        net.add(layers.Dense(int(4096 * width), activation="relu"))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
"""


def _wrong(code: str, caught_by: str, says: str, *changes: tuple[str, str]) -> dict[str, object]:
    return {"caught_by": caught_by.split(), "says": [says], "code": _change(code, *changes)}


MISTAKES = {
    "lenet5": {
        "tanh after the pooling": _wrong(
            _LENET,
            "lenet5-computes",
            "before its average",
            (
                '5, activation="tanh"),\n        keras.layers.AveragePooling2D(2),',
                '5),\n        keras.layers.AveragePooling2D(2),\n        keras.layers.Activation("tanh"),',
            ),
        ),
        "one net for all calls": _wrong(
            "import functools\n\n\n@functools.lru_cache" + _LENET, "lenet5-computes", "two calls give two nets"
        ),
        "a seed inside": _wrong(
            _LENET,
            "lenet5-computes",
            "fix no seed",
            ("    return keras.Seq", "    keras.utils.set_random_seed(0)\n    return keras.Seq"),
        ),
        "no biases in the convolutions": _wrong(
            _LENET,
            "lenet5-total lenet5-computes",
            "line by line",
            ('5, activation="tanh")', '5, use_bias=False, activation="tanh")'),
        ),
        "input of 28": _wrong(_LENET, "lenet5-total", "border of 2", ("(32, 32, 1)", "(28, 28, 1)")),
        "padding same": _wrong(_LENET, "lenet5-total", "no padding", ("], 5,", "], 5, padding='same',")),
        "maxima": _wrong(_LENET, "lenet5-computes", "averages over 2×2", ("AveragePooling2D", "MaxPooling2D")),
        "ReLU": _wrong(_LENET, "lenet5-computes", "ReLU came later", ('"tanh"', '"relu"')),
        "no non-linearity after the convolutions": _wrong(
            _LENET, "lenet5-computes", "after the convolutions is missing", (', 5, activation="tanh"', ", 5")
        ),
        "linear dense layers": _wrong(
            _LENET,
            "lenet5-computes",
            "before the last is missing",
            ('[0], activation="tanh"),\n        keras.layers.Dense', "[0]),\n        keras.layers.Dense"),
            ('units[1], activation="tanh"', "units[1]"),
        ),
        "the layer of 84 forgotten": _wrong(
            _LENET,
            "lenet5-total",
            "84 is missing",
            ('        keras.layers.Dense(units[1], activation="tanh"),\n', ""),
        ),
        "no Flatten": _wrong(_LENET, "lenet5-total", "last axis alone", ("        keras.layers.Flatten(),\n", "")),
        "the second pooling forgotten": _wrong(
            _LENET,
            "lenet5-total",
            "second pooling is missing",
            ("        keras.layers.AveragePooling2D(2),\n        keras.layers.Flatten", "        keras.layers.Flatten"),
        ),
        "3×3 kernels": _wrong(_LENET, "lenet5-total", "kernels are 5×5", ("], 5,", "], 3,")),
        "fixed numbers": _wrong(
            _LENET,
            "lenet5-computes",
            "use the arguments",
            ("maps[0]", "6"),
            ("maps[1]", "16"),
            ("units[0]", "120"),
            ("units[1]", "84"),
        ),
        "ten classes always": _wrong(_LENET, "lenet5-computes", "`classes` outputs", ("Dense(classes", "Dense(10")),
        "no softmax": _wrong(_LENET, "lenet5-total", "softmax", (', activation="softmax"', "")),
        "sigmoid for softmax": _wrong(_LENET, "lenet5-total lenet5-computes", "softmax", ('"softmax"', '"sigmoid"')),
        "no return": _wrong(_LENET, "lenet5-total", "return", ("return keras", "net = keras")),
    },
    "alexnet": {
        "sigmoid": _wrong(_ALEX, "alexnet-computes", "not a sigmoid", ('"softmax"', '"sigmoid"')),
        "average pooling": _wrong(_ALEX, "alexnet-computes", "not the average", ("MaxPooling2D", "AveragePooling2D")),
        "rounded up": _wrong("import math\n" + _ALEX, "alexnet-width", "rounded down", ("int(", "math.ceil(")),
        "fewer units with groups": _wrong(
            _ALEX, "alexnet-computes", "keep their units", ("int(4096 * width)", "int(4096 * width // groups)")
        ),
        "the groups of the third instead of the second": _wrong(
            _ALEX,
            "alexnet-computes",
            "second, fourth and fifth",
            ('5, padding="same", groups=groups', '5, padding="same"'),
            (
                'net.add(layers.Conv2D(int(384 * width), 3, padding="same", activation',
                'net.add(layers.Conv2D(int(384 * width), 3, padding="same", groups=groups, activation',
            ),
        ),
        "input of 224": _wrong(_ALEX, "alexnet-total alexnet-shapes", "224", ("(227, 227, 3)", "(224, 224, 3)")),
        "width ignored": _wrong(_ALEX, "alexnet-total alexnet-width", "multiply by `width`", (" * width", "/ 16")),
        "width only in the convolutions": _wrong(
            _ALEX, "alexnet-width", "dense layers of another width", ("int(4096 * width)", "256")
        ),
        "pooling without overlap": _wrong(
            _ALEX, "alexnet-computes", "overlap", ("MaxPooling2D(3, strides=2)", "MaxPooling2D(2)")
        ),
        "no ReLU after the convolutions": _wrong(
            _ALEX,
            "alexnet-computes",
            "after the convolutions are missing",
            ('strides=4, activation="relu"', "strides=4"),
            ('groups=groups, activation="relu"', "groups=groups"),
            ('padding="same", activation="relu"', 'padding="same"'),
        ),
        "groups forgotten": _wrong(_ALEX, "alexnet-computes", "groups=2 changes nothing", (" groups=groups,", "")),
        "groups always two": _wrong(_ALEX, "alexnet-total", "groups are on", ("groups=groups", "groups=2")),
        "two groups, whatever the number": _wrong(
            _ALEX, "alexnet-computes", "quarter of the maps", ("groups=groups", "groups=min(groups, 2)")
        ),
        "groups everywhere": _wrong(
            _ALEX,
            "alexnet-computes",
            "the third sees all",
            (
                '(int(384 * width), 3, padding="same", activation',
                '(int(384 * width), 3, padding="same", groups=groups, activation',
            ),
        ),
        "one dense layer": _wrong(
            _ALEX,
            "alexnet-total alexnet-width",
            "4096 is missing",
            (
                '    net.add(layers.Flatten())\n    net.add(layers.Dense(int(4096 * width), activation="relu"))\n',
                "    net.add(layers.Flatten())\n",
            ),
        ),
        "no same padding after the first": _wrong(_ALEX, "alexnet-shapes", "padding='same'", (' padding="same",', "")),
        "first convolution padded": _wrong(
            _ALEX, "alexnet-shapes", "no padding", ("11, strides=4,", '11, strides=4, padding="same",')
        ),
        "no biases": _wrong(
            _ALEX, "alexnet-total", "biases are missing", ("activation=", "use_bias=False, activation=")
        ),
        "the classes thinned too": _wrong(
            _ALEX,
            "alexnet-shapes alexnet-width",
            "`classes` numbers",
            ("Dense(classes", "Dense(int(classes * width) or 1"),
        ),
        "rounded": _wrong(_ALEX, "alexnet-width", "rounded down", ("int(96 * width)", "round(96 * width)")),
        "no Flatten": _wrong(
            _ALEX, "alexnet-total alexnet-width", "last axis alone", ("    net.add(layers.Flatten())\n", "")
        ),
        "global average": _wrong(
            _ALEX, "alexnet-total", "another net", ("layers.Flatten()", "layers.GlobalAveragePooling2D()")
        ),
    },
    "vgg_block": {
        "an assertion": _wrong(
            _BLOCK,
            "vgg_block-last",
            "should raise ValueError",
            (
                '    if n_convs < 1:\n        raise ValueError("at least one convolution")',
                "    assert n_convs >= 1",
            ),
        ),
        "more maps with each convolution": _wrong(
            _BLOCK,
            "vgg_block-shape vgg_block-weights vgg_block-computes vgg_block-last",
            "`filters` maps",
            ("Conv2D(filters,", "Conv2D(filters * (1 + number),"),
        ),
        "GELU": _wrong(_BLOCK, "vgg_block-computes", "other numbers", ('"relu"', '"gelu"')),
        "a stride in the last convolution": _wrong(
            _BLOCK,
            "vgg_block-shape vgg_block-computes",
            "rounded down",
            ("    x = keras.layers.MaxPooling2D(2)(x)\n", ""),
            ('padding="same",', 'strides=2 if number == n_convs - 1 else 1, padding="same",'),
        ),
        "no padding": _wrong(_BLOCK, "vgg_block-shape", "keep the size", (' padding="same",', "")),
        "no pooling": _wrong(
            _BLOCK, "vgg_block-shape", "pooling at the end", ("    x = keras.layers.MaxPooling2D(2)(x)\n", "")
        ),
        "a pooling after each convolution": _wrong(
            _BLOCK,
            "vgg_block-shape",
            "not one after each",
            ("    x = keras.layers.MaxPooling2D", "        x = keras.layers.MaxPooling2D"),
        ),
        "pooling with same": _wrong(
            _BLOCK, "vgg_block-shape", "rounded down", ("MaxPooling2D(2)", "MaxPooling2D(2, padding='same')")
        ),
        "no ReLU": _wrong(_BLOCK, "vgg_block-computes", "single larger one", (', activation="relu"', "")),
        "ReLU only at the end": _wrong(
            _BLOCK,
            "vgg_block-computes",
            "inside the block as well",
            ('activation="relu"', 'activation="relu" if number == n_convs - 1 else None'),
        ),
        "average pooling": _wrong(_BLOCK, "vgg_block-computes", "maximum", ("MaxPooling2D", "AveragePooling2D")),
        "no biases": _wrong(
            _BLOCK, "vgg_block-weights", "biases", ('padding="same",', 'padding="same", use_bias=False,')
        ),
        "one convolution too few": _wrong(
            _BLOCK,
            "vgg_block-weights",
            "too few",
            ("in range(n_convs):", "in range(1, n_convs):"),
            ("n_convs < 1", "n_convs < 0"),
        ),
        "last ignored": _wrong(
            _BLOCK, "vgg_block-last", "changes nothing", ("last if number == n_convs - 1 else 3", "3")
        ),
        "all kernels like the last": _wrong(
            _BLOCK, "vgg_block-last", "others stay 3×3", ("last if number == n_convs - 1 else 3", "last")
        ),
        "the 1×1 without its ReLU": _wrong(
            _BLOCK,
            "vgg_block-computes",
            "after the last convolution",
            (
                '        x = keras.layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)',
                '        x = keras.layers.Conv2D(filters, kernel, padding="same", activation="relu" if kernel == 3 else None)(x)',
            ),
        ),
        "the first kernel is the last": _wrong(
            _BLOCK, "vgg_block-last", "comes last", ("number == n_convs - 1", "number == 0")
        ),
        "no error": _wrong(
            _BLOCK,
            "vgg_block-last",
            "a block of no convolution",
            ('        raise ValueError("at least one convolution")', "        pass"),
        ),
        "batch norm": _wrong(
            _BLOCK,
            "vgg_block-weights",
            "a year later",
            ("    x = keras.layers.Max", "        x = keras.layers.BatchNormalization()(x)\n    x = keras.layers.Max"),
        ),
        "no return": _wrong(_BLOCK, "vgg_block-shape", "return", ("    return x\n", "")),
    },
    "transition": {
        "a table without the error": _wrong(
            _TRANSITION,
            "transition-computes",
            "should raise ValueError",
            (
                '    if variant not in (1, 2, 3):\n        raise ValueError("no such variant")\n    if variant in (1, 3):',
                '    order = {1: "cm", 2: "mc", 3: "cmc"}[variant]\n    if order[0] == "c":',
            ),
        ),
        "pooling with same": _wrong(
            _TRANSITION,
            "transition-computes",
            "wrong shape",
            ("MaxPooling2D(2)", 'MaxPooling2D(2, padding="same")'),
        ),
        "the cost rounded up": _wrong(
            _TRANSITION,
            "transition-costs-in-general",
            "rounds down each side",
            ("(h // 2) * (w // 2)", "-(-h // 2) * -(-w // 2)"),
        ),
        "one ReLU of three": _wrong(
            _TRANSITION,
            "transition-computes",
            "mind the order",
            (
                'if variant in (1, 3):\n        x = keras.layers.Conv2D(filters, 1, activation="relu")',
                'if variant in (1, 3):\n        x = keras.layers.Conv2D(filters, 1, activation=None if variant == 3 else "relu")',
            ),
        ),
        "floats": _wrong(
            _TRANSITION,
            "transition-costs-in-general",
            "a count is an int",
            ("(h // 2) * (w // 2)", "h / 2 // 1 * (w / 2 // 1)"),
        ),
        "variants 1 and 2 swapped": _wrong(
            _TRANSITION,
            "transition-computes",
            "other one",
            ("in (1, 3)", "in (2, 3)"),
            (
                '    if variant in (2, 3):\n        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)\n    return',
                '    if variant in (1, 3):\n        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)\n    return',
            ),
        ),
        "no ReLU": _wrong(_TRANSITION, "transition-computes", "ReLU belongs", (', activation="relu"', "")),
        "3×3 kernels": _wrong(
            _TRANSITION, "transition-shapes", "1×1, not 3×3", ("filters, 1,", "filters, 3, padding='same',")
        ),
        "average pooling": _wrong(_TRANSITION, "transition-computes", "maximum", ("MaxPooling2D", "AveragePooling2D")),
        "a stride of 2 for the pooling": _wrong(
            _TRANSITION,
            "transition-computes",
            "no pooling",
            ("    x = keras.layers.MaxPooling2D(2)(x)\n", ""),
            (
                'filters, 1, activation="relu")(x)\n    if variant in (2, 3)',
                'filters, 1, strides=2, activation="relu")(x)\n    if variant in (2, 3)',
            ),
            (
                "    if variant in (2, 3):\n        x = keras.layers.Conv2D(filters, 1, ",
                "    if variant in (2, 3):\n        x = keras.layers.Conv2D(filters, 1, strides=2 if variant == 2 else 1, ",
            ),
        ),
        "variant 3 without its second 1×1": _wrong(
            _TRANSITION, "transition-shapes", "second 1×1", ("variant in (2, 3)", "variant == 2")
        ),
        "no pooling": _wrong(
            _TRANSITION, "transition-shapes", "pooling is missing", ("    x = keras.layers.MaxPooling2D(2)(x)\n", "")
        ),
        "biases forgotten in the cost": _wrong(
            _TRANSITION,
            "transition-cost",
            "biases are missing",
            ("(c + 1) * filters", "c * filters"),
            ("(filters + 1) * filters", "filters * filters"),
        ),
        "no quarter after the pooling": _wrong(
            _TRANSITION, "transition-cost", "a quarter of the places", ("(h // 2) * (w // 2)", "h * w")
        ),
        "a quarter of all places": _wrong(
            _TRANSITION,
            "transition-costs-in-general",
            "rounded down by the pooling",
            ("(h // 2) * (w // 2)", "h * w // 4"),
        ),
        "macs with biases": _wrong(
            _TRANSITION,
            "transition-cost",
            "biases are only added",
            ("* c * filters", "* (c + 1) * filters"),
            ("after * filters * filters", "after * (filters + 1) * filters"),
        ),
        "macs first": _wrong(
            _TRANSITION,
            "transition-cost",
            "(weights, macs)",
            ("return weights, before * c * filters", "return before * c * filters, weights"),
        ),
        "the second 1×1 from c": _wrong(
            _TRANSITION,
            "transition-cost",
            "from `filters` maps",
            ("weights + (filters + 1) * filters", "2 * weights"),
            ("after * filters * filters", "after * c * filters"),
        ),
        "no errors": _wrong(
            _TRANSITION,
            "transition-computes transition-costs-in-general",
            "another variant",
            ("raise ValueError", "print"),
        ),
    },
    "reduction_saving": {
        "the break-even saves": _wrong(
            _SAVING, "reduction_saving-widest", "still saves", ('["saves_all"] > 0', '["saves_all"] >= 0')
        ),
        "the 1×1 forgotten": _wrong(
            _SAVING,
            "reduction_saving-lecture",
            "1×1 is forgotten",
            ("(reduced + pointwise) / direct", "reduced / direct"),
        ),
        "kept instead of saved": _wrong(
            _SAVING, "reduction_saving-lecture", "kept, not saved", ("saves_next = 1 - reduced", "saves_next = reduced")
        ),
        "per cent": _wrong(
            _SAVING,
            "reduction_saving-lecture",
            "not per cent",
            ("= 1 - reduced / direct", "= 100 * (1 - reduced / direct)"),
        ),
        "no biases": _wrong(
            _SAVING,
            "reduction_saving-lecture",
            "biases",
            ("c_in + 1) * c_out", "c_in) * c_out"),
            ("c_red + 1)", "c_red)"),
            ("(c_in + 1)", "c_in"),
        ),
        "the 1×1 to c_out": _wrong(
            _SAVING, "reduction_saving-lecture", "not to c_out", ("(c_in + 1) * c_red", "(c_in + 1) * c_out")
        ),
        "the 1×1 within reduced": _wrong(
            _SAVING,
            "reduction_saving-lecture",
            "entry of its own",
            ("(k * k * c_red + 1) * c_out", "(k * k * c_red + 1) * c_out + (c_in + 1) * c_red"),
        ),
        "kernel always 3": _wrong(_SAVING, "reduction_saving-general", "other kernels", ("k * k", "9")),
        "no errors": _wrong(_SAVING, "reduction_saving-general", "below 1", ('raise ValueError("at least 1")', "pass")),
        "bias of the 1×1 on the wrong side": _wrong(
            _SAVING, "reduction_saving-general", "pointwise", ("(c_in + 1) * c_red", "(c_red + 1) * c_in")
        ),
        "one map too many": _wrong(
            _SAVING, "reduction_saving-widest", "one too many", ("widest = c_red", "widest = c_red + 1")
        ),
        "widest without the 1×1": _wrong(
            _SAVING, "reduction_saving-widest", "forgotten", ('["saves_all"]', '["saves_next"]')
        ),
        "a tuple": _wrong(
            _SAVING,
            "reduction_saving-lecture",
            "dict",
            (
                "return dict(direct=direct, reduced=reduced, pointwise=pointwise, saves_next=saves_next, saves_all=saves_all)",
                "return direct, reduced, pointwise, saves_next, saves_all",
            ),
        ),
    },
    "build_vgg": {
        "empties the configuration": _wrong(
            _VGG,
            "build_vgg-shapes",
            "changes config",
            (
                '    for item in config:\n        if item == "M":',
                '    while config:\n        item = config.pop(0)\n        if item == "M":',
            ),
        ),
        "anything that int takes": _wrong(
            _VGG,
            "build_vgg-any-config",
            "2.5",
            (
                'if item != "M" and not (isinstance(item, int) and item >= 1):',
                'if item != "M" and (item is None or item == "P" or int(item) < 1):',
            ),
            ("int(item * width)", "int(int(item) * width)"),
        ),
        "rounded up": _wrong(
            "import math\n" + _VGG,
            "build_vgg-width",
            "int(n * width) maps",
            ("int(item * width)", "math.ceil(item * width)"),
        ),
        "images of 224 always": _wrong(
            _VGG, "build_vgg-sequential", "size×size", ("keras.Input((size, size, 3))", "keras.Input((224, 224, 3))")
        ),
        "functional": _wrong(
            _VGG, "build_vgg-sequential", "Sequential", ("return net", "return keras.Model(net.inputs, net.outputs)")
        ),
        "a ready-made VGG16": {
            "caught_by": ["build_vgg-width", "build_vgg-total"],
            "says": ["multiply by `width`"],
            "code": """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    return keras.applications.VGG16(weights=None, include_top=False, input_shape=(size, size, 3))
""",
        },
        "width ignored": _wrong(
            _VGG,
            "build_vgg-width build_vgg-total",
            "width",
            ("item * width", "max(1, item // 16)"),
            ("count * width", "count // 16"),
        ),
        "width only in the convolutions": _wrong(
            _VGG, "build_vgg-width", "int(n * width) units", ("int(count * width)", "count // 16")
        ),
        "no padding": _wrong(_VGG, "build_vgg-width", "padding='same'", (' padding="same",', "")),
        "no ReLU": _wrong(
            _VGG,
            "build_vgg-computes",
            "after every convolution is missing",
            (' padding="same", activation="relu"', ' padding="same"'),
        ),
        "linear dense layers": _wrong(
            _VGG,
            "build_vgg-computes",
            "dense layers before the last",
            ('int(count * width)), activation="relu"', "int(count * width))"),
        ),
        "no softmax": _wrong(_VGG, "build_vgg-computes", "softmax", (', activation="softmax"', "")),
        "sigmoid": _wrong(_VGG, "build_vgg-computes", "exclude each other", ('"softmax"', '"sigmoid"')),
        "average pooling": _wrong(_VGG, "build_vgg-computes", "maximum", ("MaxPooling2D", "AveragePooling2D")),
        "no Flatten": _wrong(
            _VGG,
            "build_vgg-sequential build_vgg-total",
            "last axis alone",
            ("    net.add(keras.layers.Flatten())\n", ""),
        ),
        "global average": _wrong(
            _VGG, "build_vgg-total", "another net", ("layers.Flatten()", "layers.GlobalAveragePooling2D()")
        ),
        "one dense layer": _wrong(
            _VGG, "build_vgg-total build_vgg-width", "4096 is missing", ("in units:", "in units[1:]:")
        ),
        "5×5 kernels": _wrong(_VGG, "build_vgg-total", "3×3", ("width)), 3,", "width)), 5,")),
        "classes thinned": _wrong(
            _VGG, "build_vgg-width", "does not apply", ("Dense(classes", "Dense(max(1, int(classes * width))")
        ),
        "negative numbers of maps": _wrong(_VGG, "build_vgg-any-config", "neither", ("item >= 1", "item != 0")),
        "nothing at width 1/8": _wrong(
            _VGG, "build_vgg-any-config", "at least", ("max(1, int(item * width))", "int(item * width)")
        ),
        "no errors": _wrong(
            _VGG,
            "build_vgg-any-config",
            "neither",
            ('raise ValueError("maps or M")', "config = [one for one in config if one == 'M' or one]"),
            ("net.add(keras.layers.Conv2D", 'item != "P" and item and net.add(keras.layers.Conv2D'),
        ),
        "a side of 1 refused": _wrong(
            _VGG, "build_vgg-any-config", "still a side", ('count("M") < 1', 'count("M") <= 1')
        ),
        "a single map refused": _wrong(_VGG, "build_vgg-any-config", "single map a map", ("item >= 1", "item > 1")),
        "poolings dropped": _wrong(
            _VGG, "build_vgg-shapes", "poolings are missing", ("MaxPooling2D(2)", "MaxPooling2D(1)")
        ),
    },
    "mini_vgg": {
        "dilated convolutions": _wrong(
            _QUICK,
            "mini_vgg-design",
            "not dilated",
            (
                '(maps, 3, padding="same", activation="relu")',
                '(maps, 3, dilation_rate=2, padding="same", activation="relu")',
            ),
        ),
        "logits": _wrong(_QUICK, "mini_vgg-design", "softmax", ('(10, activation="softmax")', "(10)")),
        "not trained": _wrong(_QUICK, "mini_vgg-first mini_vgg-second", "well below"),
        "too many weights": _wrong(
            _QUICK,
            "mini_vgg-design mini_vgg-first",
            "528,054",
            ("GlobalAveragePooling2D())", "Flatten())\n    net.add(keras.layers.Dense(20_000))"),
        ),
        "a frozen giant": _wrong(
            _QUICK,
            "mini_vgg-design",
            "frozen ones",
            ("GlobalAveragePooling2D())", "Flatten())\n    net.add(keras.layers.Dense(20_000, trainable=False))"),
        ),
        "5×5 kernels": _wrong(_QUICK, "mini_vgg-design", "two 3×3 see", ("(maps, 3,", "(maps, 5,")),
        "one convolution a block": _wrong(
            _QUICK,
            "mini_vgg-design",
            "at least two ordinary 3×3",
            (
                '        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))\n        net.add(keras.layers.MaxPooling2D(4))',
                "        net.add(keras.layers.MaxPooling2D(4))",
            ),
        ),
        "a pooling after each of four convolutions": _wrong(
            _QUICK,
            "mini_vgg-design",
            "at least two ordinary 3×3",
            (
                '        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))\n        net.add(keras.layers.MaxPooling2D(4))',
                '        net.add(keras.layers.MaxPooling2D(2))\n        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))\n        net.add(keras.layers.MaxPooling2D(2))',
            ),
        ),
        "strided depthwise layers, no pooling": _wrong(
            _QUICK,
            "mini_vgg-design",
            "not depthwise",
            (
                '        net.add(keras.layers.Conv2D(maps, 3, padding="same", activation="relu"))\n        net.add(keras.layers.MaxPooling2D(4))',
                '        net.add(keras.layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu"))\n        net.add(keras.layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu"))',
            ),
        ),
        "strided convolutions for the poolings": _wrong(
            _QUICK,
            "mini_vgg-design",
            "before a pooling",
            ("keras.layers.MaxPooling2D(4)", "keras.layers.Conv2D(maps, 3, strides=4)"),
        ),
        "one block of four": _wrong(
            _QUICK,
            "mini_vgg-design",
            "at least two blocks",
            ("        net.add(keras.layers.MaxPooling2D(4))\n", ""),
        ),
        "grey images": _wrong(
            _QUICK,
            "mini_vgg-design",
            "32×32×3",
            ("(32, 32, 3)", "(32, 32, 1)"),
        ),
        "constant answers": _wrong(
            _QUICK,
            "mini_vgg-first mini_vgg-second",
            "below",
            (
                "    return {}",
                "    model.compile('sgd', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
                "    return training.fit(model, 0 * x_train[:64], y_train[:64], validation=(x_val[:64], y_val[:64]), epochs=1, quiet=True)",
            ),
        ),
        "another net than the one built": _wrong(
            _QUICK,
            "mini_vgg-design",
            "run the cell again",
            (
                "mini, mini_history =",
                "_old = build_mini_vgg\n\n\ndef build_mini_vgg():\n    net = _old()\n    net.add(keras.layers.Dense(10, activation='softmax'))\n    return net\n\n\nmini, mini_history =",
            ),
            ('trained("mini", build_mini_vgg', 'trained("mini", _old'),
        ),
    },
    "pyramid": {
        "maps of the first convolution": _wrong(_PYRAMID, "pyramid-vgg16", "not of its first", ("run[-1]", "run[0]")),
        "side after the pooling": _wrong(
            _PYRAMID, "pyramid-vgg16", "before its pooling", ("len(run), size, run", "len(run), size // 2, run")
        ),
        "last block lost": _wrong(_PYRAMID, "pyramid-vgg16", "without a pooling", ('[*config, "M"]', "config")),
        "empty blocks counted": _wrong(
            _PYRAMID,
            "pyramid-vgg16",
            "number of rows",
            (
                "            if run:\n                rows.append((len(run), size, run[-1]))",
                "            rows.append((len(run), size, run[-1] if run else 0))",
            ),
        ),
    },
    "zfnet": {
        "no ReLU": _wrong(_ZF, "zfnet-sizes", "ReLUs are missing", (', activation="relu"', "")),
        "average pooling": _wrong(_ZF, "zfnet-sizes", "not the average", ("MaxPooling2D", "AveragePooling2D")),
        "no softmax": _wrong(_ZF, "zfnet-sizes", "end in a softmax", (', activation="softmax"', "")),
        "no padding of 1": _wrong(_ZF, "zfnet-sizes", "110", (", layers.ZeroPadding2D(1)", "")),
        "AlexNet's first layer": _wrong(_ZF, "zfnet-sizes", "110", ("7, strides=2", "11, strides=4")),
        "width ignored": _wrong(_ZF, "zfnet-sizes", "another width", ("* width", "// 32")),
        "5×5 kernels first": _wrong(_ZF, "zfnet-sizes", "kernels", ("width), 7, strides=2", "width), 8, strides=2")),
    },
}

# Without effect: the order of alternatives in a membership test, or of the arguments of min.
EQUIVALENT_MUTANTS = {
    "reduction_saving": {"min(c_in, c_red, c_out, k) → min(c_red, c_in, c_out, k)"},
    "transition": {"(1, 2, 3) → (2, 1, 3)", "(1, 3) → (3, 1)", "(2, 3) → (3, 2)"},
}
