"""Wrong answers that students give in week 8. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


_HFLIP = """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p")
    chosen = rng.random(len(x)) < p
    return np.where(chosen[:, None, None, None], x[:, :, ::-1], x)
"""

_SHIFT = """
def random_shift(x, rng, fraction=0.1, fill="zeros"):
    if not 0 <= fraction < 1 or fill not in ("zeros", "reflect"):
        raise ValueError("fraction or fill")
    n, height, width = x.shape[:3]
    rows, columns = int(fraction * height), int(fraction * width)
    kind = {"zeros": "constant", "reflect": "reflect"}[fill]
    wide = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)), mode=kind)
    out = np.zeros_like(x)
    for i in range(n):
        dy = int(rng.integers(-rows, rows + 1))
        dx = int(rng.integers(-columns, columns + 1))
        out[i] = wide[i, rows - dy : rows - dy + height, columns - dx : columns - dx + width]
    return out
"""

_ROTATE = """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    out = np.empty(x.shape, "float64")
    for i in range(len(x)):
        angle = rng.uniform(-degrees, degrees)
        out[i] = ndimage.rotate(x[i].astype("float64"), angle, axes=(0, 1), reshape=False, order=1)
    if x.dtype == np.uint8:
        out = np.rint(out)
    return out.astype(x.dtype)
"""

_CUTOUT = """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    for i in range(n):
        top, left = rng.integers(0, height - size + 1), rng.integers(0, width - size + 1)
        out[i, top : top + size, left : left + size] = 0
    return out
"""

_JITTER = """
def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    if not 0 <= brightness <= 1 or not 0 <= saturation <= 1:
        raise ValueError("strength")
    full = 255 if x.dtype == np.uint8 else 1
    factor = rng.uniform(1 - saturation, 1 + saturation, (len(x), 1, 1, 1))
    change = rng.uniform(-brightness, brightness, (len(x), 1, 1, 1)) * full
    wide = x.astype("float64")
    grey = wide.mean(axis=3, keepdims=True)
    out = np.clip(grey + factor * (wide - grey) + change, 0, full)
    if full == 255:
        out = np.round(out)
    return out.astype(x.dtype)
"""

_COMPOSE = """
def compose(x, steps, rng):
    known = {
        "hflip": hflip,
        "random_shift": random_shift,
        "cutout": cutout,
        "colour_jitter": colour_jitter,
    }
    out = x.copy()
    for name, settings in steps:
        if name not in known:
            raise ValueError(name)
        out = known[name](out, rng, **settings)
    return out
"""

_KEPT = """
def classes_kept(augmentation, task):
    classes = {
        "digits": set(range(10)),
        "arrows": {"left", "right", "straight on"},
        "fruit": {"ripe", "unripe"},
        "cells": {"round", "rod"},
    }
    if task not in classes:
        raise ValueError(task)
    if augmentation not in ("hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey"):
        raise ValueError(augmentation)
    if task == "digits" and augmentation == "hflip":
        return {0, 1, 8}
    if task == "digits" and augmentation == "vflip":
        return {0, 1, 3, 8}
    if task == "digits" and augmentation == "turn 180":
        return {0, 1, 8}
    if task == "arrows" and augmentation == "hflip":
        return {"straight on"}
    if task == "arrows" and augmentation == "vflip":
        return {"left", "right"}
    if task == "arrows" and augmentation == "turn 180":
        return set()
    if task == "fruit" and augmentation == "grey":
        return set()
    return classes[task]
"""

_SPLIT = """
def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    if any(share < 0 for share in fractions) or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("shares")
    if copies < 1:
        raise ValueError("copies")
    n = len(x)
    order = rng.permutation(n)
    a = round(fractions[1] * n)
    b = a + round(fractions[2] * n)
    val, test, train = order[:a], order[a:b], order[b:]
    train_x = np.repeat(x[train], copies, axis=0)
    train_y = np.repeat(y[train], copies)
    train_x = compose(train_x, steps, rng)
    return {"train": (train_x, train_y), "validation": (x[val], y[val]), "test": (x[test], y[test])}
"""

_KERAS = """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    inputs = keras.Input(shape)
    x = keras.layers.Identity()(inputs)
    if flip:
        x = keras.layers.RandomFlip("horizontal")(x)
    if shift:
        x = keras.layers.RandomTranslation(shift, shift, fill_mode="constant")(x)
    if degrees:
        x = keras.layers.RandomRotation(degrees / 360, fill_mode="constant")(x)
    if zoom:
        x = keras.layers.RandomZoom((-zoom, 0.0), fill_mode="constant")(x)
    if brightness:
        x = keras.layers.RandomBrightness(brightness, value_range=(0, 1))(x)
    return keras.Model(inputs, x)
"""

_MIXUP = """
def mixup(x, y, rng, alpha=0.2):
    if alpha <= 0:
        raise ValueError("alpha")
    order = rng.permutation(len(x))
    lam = rng.beta(alpha, alpha, len(x))
    image_lam, label_lam = lam[:, None, None, None], lam[:, None]
    mixed = image_lam * x + (1 - image_lam) * x[order]
    labels = label_lam * y + (1 - label_lam) * y[order]
    return mixed.astype("float32"), labels
"""

_CUTMIX = """
def cutmix(x, y, rng, alpha=1.0):
    if alpha <= 0:
        raise ValueError("alpha")
    n, height, width = x.shape[:3]
    order = rng.permutation(n)
    out, labels = x.copy(), y.astype("float64")
    for i, j in enumerate(order):
        lam = rng.beta(alpha, alpha)
        h, w = round(height * (1 - lam) ** 0.5), round(width * (1 - lam) ** 0.5)
        top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
        out[i, top : top + h, left : left + w] = x[j, top : top + h, left : left + w]
        area = h * w / (height * width)
        labels[i] = (1 - area) * y[i] + area * y[j]
    return out, labels
"""

_VERDICT = """
def verdict(without, with_it):
    a, b = np.array(without, dtype=float), np.array(with_it, dtype=float)
    if a.shape != b.shape or a.ndim != 2 or a.shape[0] < 2 or a.shape[1] < 2:
        raise ValueError("shapes")
    d = (b - a).mean(axis=0)
    own = (b - a).mean(axis=1)
    gain = d.mean()
    margin = 1.96 * np.std(d, ddof=1) / np.sqrt(len(d))
    word = "undecided"
    if gain > margin and np.all(own > 0):
        word = "helps"
    elif gain < -margin and np.all(own < 0):
        word = "hurts"
    return float(gain), float(margin), word
"""

_ABLATION = """
nets = {name: {variant: [] for variant in VARIANTS} for name in few}
histories = {name: {variant: [] for variant in VARIANTS} for name in few}
for name in few:
    for variant, settings in VARIANTS.items():
        for seed in SEEDS:
            model = build_variant(settings, few[name][0].shape[1:], seed)
            history = train_variant(model, few[name], held[name], EPOCHS)
            nets[name][variant].append(model)
            histories[name][variant].append(history)
record, conclusion = {}, {}
for name, (x, y) in held.items():
    record[name] = {}
    for variant, group in nets[name].items():
        record[name][variant] = np.stack([net.predict(x, verbose=0).argmax(axis=1) == y for net in group])
    conclusion[name] = verdict(record[name]["as they are"], record[name]["mirrored"])[2]
"""
_BRIEF = _swap(_ABLATION, ("held[name], EPOCHS", "held[name], 1"))
# Where the mistake lies in what is written down of the nets, they need no training.
_UNTRAINED = _swap(
    _ABLATION, ("train_variant(model, few[name], held[name], EPOCHS)", '{"accuracy": [0.1], "val_accuracy": [0.1]}')
)


def _joined(**functions: tuple[dict, tuple[str, ...], tuple[str, ...]]) -> dict:
    """The mistakes of an answer cell with several functions: each wrong one together with the others, right.

    functions: {name: (its mistakes, right functions before it, right functions after it)}.
    """
    return {
        f"{name}: {what}": {**mistake, "code": "\n\n".join([*before, mistake["code"], *after])}
        for name, (mistakes, before, after) in functions.items()
        for what, mistake in mistakes.items()
    }


_HFLIP_MISTAKES = {
    "a fixed number of images": {
        "caught_by": ["moves-mirror"],
        "says": ["a fixed number"],
        "code": _swap(
            _HFLIP,
            (
                "    chosen = rng.random(len(x)) < p\n",
                "    chosen = np.zeros(len(x), bool)\n    chosen[rng.choice(len(x), int(p * len(x)), replace=False)] = True\n",
            ),
        ),
    },
    "neighbours share a draw": {
        "caught_by": ["moves-mirror"],
        "says": ["neighbours in the batch share a draw"],
        "code": _swap(_HFLIP, ("rng.random(len(x)) < p", "np.repeat(rng.random((len(x) + 1) // 2), 2)[: len(x)] < p")),
    },
    "upside down": {
        "caught_by": ["moves-mirror"],
        "says": ["upside down"],
        "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[:, ::-1]")),
    },
    "reverses the batch": {
        "caught_by": ["moves-mirror"],
        "says": ["lose their labels"],
        "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[::-1]")),
    },
    "swaps the colours": {
        "caught_by": ["moves-mirror"],
        "says": ["colours"],
        "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[..., ::-1]")),
    },
    "one draw for the whole batch": {
        "caught_by": ["moves-mirror"],
        "says": ["share one draw"],
        "code": _swap(_HFLIP, ("rng.random(len(x)) < p", "np.full(len(x), rng.random() < p)")),
    },
    "p is the probability to leave the image": {
        "caught_by": ["moves-mirror"],
        "says": ["not the probability to leave"],
        "code": _swap(_HFLIP, ("< p", ">= p")),
    },
    "always a half": {
        "caught_by": ["moves-mirror"],
        "says": ["p = 1 mirrors every image"],
        "code": _swap(_HFLIP, ("< p", "< 0.5")),
    },
    "global np.random": {
        "caught_by": ["moves-rules"],
        "says": ["every random number from rng"],
        "code": _swap(_HFLIP, ("rng.random(len(x))", "np.random.rand(len(x))")),
    },
    "a generator of its own": {
        "caught_by": ["moves-rules"],
        "says": ["do not come from rng"],
        "code": _swap(_HFLIP, ("rng.random(len(x))", "np.random.default_rng(0).random(len(x))")),
    },
    "changes its input": {
        "caught_by": ["moves-rules"],
        "says": ["changes its input"],
        "code": """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p")
    for image in x:
        if rng.random() < p:
            image[:] = image[:, ::-1].copy()
    return x
""",
    },
    "turns bytes into floats": {
        "caught_by": ["moves-rules"],
        "says": ["uint8 in"],
        "code": _swap(_HFLIP, ("return np.where(", "return 1.0 * np.where("), ("x)\n", "x).astype('float32')\n")),
    },
    "takes any p": {
        "caught_by": ["moves-rules"],
        "says": ["outside [0, 1]"],
        "code": _swap(_HFLIP, ("if not 0 <= p <= 1:", "if p is None:")),
    },
}

_SHIFT_MISTAKES = {
    "rows only": {
        "caught_by": ["moves-range", "moves-rules"],
        "says": ["along one axis only"],
        "code": _swap(_SHIFT, ("dx = int(rng.integers(-columns, columns + 1))", "dx = 0")),
    },
    "the largest shift or none": {
        "caught_by": ["moves-reflect", "moves-range", "moves-rules"],
        "says": ["all whole numbers"],
        "code": _swap(
            _SHIFT,
            ("rng.integers(-rows, rows + 1)", "rng.choice([-rows, 0, rows])"),
            ("rng.integers(-columns, columns + 1)", "rng.choice([-columns, 0, columns])"),
        ),
    },
    "a repeated edge for reflect": {
        "caught_by": ["moves-reflect", "moves-rules"],
        "says": ["with a reflected border"],
        "code": _swap(_SHIFT, ('"reflect": "reflect"', '"reflect": "edge"')),
    },
    "writes into its input": {
        "caught_by": ["moves-rules"],
        "says": ["work on a copy"],
        "code": _swap(_SHIFT, ("out = np.zeros_like(x)", "out = x")),
    },
    "np.roll": {
        "caught_by": ["moves-shift"],
        "says": ["wraps around"],
        "code": _swap(
            _SHIFT,
            (
                "out[i] = wide[i, rows - dy : rows - dy + height, columns - dx : columns - dx + width]",
                "out[i] = np.roll(x[i], (dy, dx), axis=(0, 1))",
            ),
        ),
    },
    "repeats the edge": {
        "caught_by": ["moves-shift"],
        "says": ["must be 0"],
        "code": _swap(_SHIFT, ('"zeros": "constant"', '"zeros": "edge"')),
    },
    "fraction read as pixels": {
        "caught_by": ["moves-rules"],
        "says": ["negative, or 1 or more"],
        "code": _swap(_SHIFT, ("not 0 <= fraction < 1", "fraction < 0")),
    },
    "a real number, rounded": {
        "caught_by": ["moves-range"],
        "says": ["equally likely"],
        "code": _swap(
            _SHIFT,
            ("int(rng.integers(-rows, rows + 1))", "int(np.rint(rng.uniform(-rows, rows)))"),
            ("int(rng.integers(-columns, columns + 1))", "int(np.rint(rng.uniform(-columns, columns)))"),
        ),
    },
    "fill ignored": {
        "caught_by": ["moves-reflect"],
        "says": ["zeros move in although"],
        "code": _swap(_SHIFT, ('"reflect": "reflect"', '"reflect": "constant"')),
    },
    "symmetric instead of reflect": {
        "caught_by": ["moves-reflect"],
        "says": ["not repeated"],
        "code": _swap(_SHIFT, ('"reflect": "reflect"', '"reflect": "symmetric"')),
    },
    "any fill": {
        "caught_by": ["moves-reflect"],
        "says": ["neither"],
        "code": _swap(_SHIFT, (' or fill not in ("zeros", "reflect")', ""), ("[fill]", '.get(fill, "edge")')),
    },
    "one draw for the batch where it reflects": {
        "caught_by": ["moves-reflect"],
        "says": ["moved by -2 … 2"],
        "code": _swap(
            _SHIFT,
            (
                "    for i in range(n):",
                "    fixed = int(rng.integers(-rows, rows + 1)), int(rng.integers(-columns, columns + 1))\n    for i in range(n):",
            ),
            (
                "        out[i] = wide",
                '        dy, dx = fixed if fill == "reflect" else (dy, dx)\n        out[i] = wide',
            ),
        ),
    },
    "the whole batch moves alike": {
        "caught_by": ["moves-shift"],
        "says": ["draw for each image"],
        "code": _swap(
            _SHIFT,
            (
                "    for i in range(n):\n        dy = int(rng.integers(-rows, rows + 1))\n        dx = int(rng.integers(-columns, columns + 1))\n",
                "    dy = int(rng.integers(-rows, rows + 1))\n    dx = int(rng.integers(-columns, columns + 1))\n    for i in range(n):\n",
            ),
        ),
    },
    "the largest shift never comes": {
        "caught_by": ["moves-range"],
        "says": ["leaves high out"],
        "code": _swap(
            _SHIFT,
            ("rng.integers(-rows, rows + 1)", "rng.integers(-rows, rows) if rows else 0"),
            ("rng.integers(-columns, columns + 1)", "rng.integers(-columns, columns) if columns else 0"),
        ),
    },
    "one direction only": {
        "caught_by": ["moves-range"],
        "says": ["one way only"],
        "code": _swap(
            _SHIFT,
            ("rng.integers(-rows,", "rng.integers(0,"),
            ("rng.integers(-columns,", "rng.integers(0,"),
        ),
    },
    "columns by the height": {
        "caught_by": ["moves-range"],
        "says": ["different lengths"],
        "code": _swap(_SHIFT, ("int(fraction * width)", "int(fraction * height)")),
    },
    "one draw for both directions": {
        "caught_by": ["moves-range"],
        "says": ["drawn independently"],
        "code": _swap(
            _SHIFT,
            (
                "        dy = int(rng.integers(-rows, rows + 1))\n        dx = int(rng.integers(-columns, columns + 1))\n",
                "        u = rng.random()\n        dy = int(u * (2 * rows + 1)) - rows\n        dx = int(u * (2 * columns + 1)) - columns\n",
            ),
        ),
    },
    "rounds instead of cutting": {
        "caught_by": ["moves-rules"],
        "says": ["rounds down"],
        "code": _swap(_SHIFT, ("int(fraction * height)", "int(np.ceil(fraction * height))")),
    },
    "fractions cut to whole numbers": {
        "caught_by": ["moves-range"],
        "says": ["cuts towards 0"],
        "code": _swap(
            _SHIFT,
            ("int(rng.integers(-rows, rows + 1))", "int(rng.uniform(-rows, rows))"),
            ("int(rng.integers(-columns, columns + 1))", "int(rng.uniform(-columns, columns))"),
        ),
    },
    "normal instead of uniform": {
        "caught_by": ["moves-range"],
        "says": ["equally likely"],
        "code": _swap(
            _SHIFT,
            ("int(rng.integers(-rows, rows + 1))", "int(np.clip(np.rint(rng.normal(0, rows / 2)), -rows, rows))"),
        ),
    },
    "global np.random": {
        "caught_by": ["moves-rules"],
        "says": ["every random number from rng"],
        "code": _swap(_SHIFT, ("rng.integers(-rows", "np.random.randint(-rows")),
    },
    "float64 out": {
        "caught_by": ["moves-shift", "moves-rules"],
        "says": ["float32 in, float32 out"],
        "code": _swap(_SHIFT, ("np.zeros_like(x)", "np.zeros(x.shape)")),
    },
}

_CUTOUT_MISTAKES = {
    "one draw for row and column": {
        "caught_by": ["values-place"],
        "says": ["rows and columns are drawn independently"],
        "code": _swap(
            _CUTOUT,
            (
                "        top, left = rng.integers(0, height - size + 1), rng.integers(0, width - size + 1)\n",
                "        share = rng.random()\n        top, left = int(share * (height - size + 1)), int(share * (width - size + 1))\n",
            ),
        ),
    },
    "grey instead of zero": {
        "caught_by": ["values-square", "values-place"],
        "says": ["not zero in all channels"],
        "code": _swap(_CUTOUT, ("] = 0", "] = x.mean()")),
    },
    "a size of 0 is refused": {
        "caught_by": ["values-rules"],
        "says": ["raised ValueError"],
        "code": _swap(_CUTOUT, ("size < 0", "size <= 0")),
    },
    "the smaller side for both": {
        "caught_by": ["values-place"],
        "says": ["may touch every border"],
        "code": _swap(_CUTOUT, ("rng.integers(0, width - size + 1)", "rng.integers(0, min(height, width) - size + 1)")),
    },
    "hangs over the border": {
        "caught_by": ["values-square", "values-place"],
        "says": ["inside the image"],
        "code": """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    for i in range(n):
        r, c = rng.integers(0, height), rng.integers(0, width)
        top, left = max(0, r - size // 2), max(0, c - size // 2)
        out[i, top : r - size // 2 + size, left : c - size // 2 + size] = 0
    return out
""",
    },
    "pushed back from the border": {
        "caught_by": ["values-place"],
        "says": ["too often"],
        "code": """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    for i in range(n):
        top = min(max(rng.integers(0, height) - size // 2, 0), height - size)
        left = min(max(rng.integers(0, width) - size // 2, 0), width - size)
        out[i, top : top + size, left : left + size] = 0
    return out
""",
    },
    "the last place never comes": {
        "caught_by": ["values-place"],
        "says": ["leaves high out"],
        "code": _swap(
            _CUTOUT,
            ("height - size + 1", "max(1, height - size)"),
            ("width - size + 1", "max(1, width - size)"),
        ),
    },
    "same place in all images": {
        "caught_by": ["values-square"],
        "says": ["draw for each image"],
        "code": """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    top, left = rng.integers(0, height - size + 1), rng.integers(0, width - size + 1)
    out[:, top : top + size, left : left + size] = 0
    return out
""",
    },
    "first channel only": {
        "caught_by": ["values-square"],
        "says": ["all channels"],
        "code": _swap(_CUTOUT, ("left : left + size] = 0", "left : left + size, 0] = 0")),
    },
    "scattered pixels": {
        "caught_by": ["values-square"],
        "says": ["scattered"],
        "code": """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    for i in range(n):
        places = rng.choice(height * width, size * size, replace=False)
        out[i, places // width, places % width] = 0
    return out
""",
    },
    "size is half the side": {
        "caught_by": ["values-square"],
        "says": ["size is wrong"],
        "code": _swap(
            _CUTOUT, ("top : top + size, left : left + size", "top : top + size // 2, left : left + size // 2")
        ),
    },
    "changes its input": {
        "caught_by": ["values-rules"],
        "says": ["changes its input"],
        "code": _swap(_CUTOUT, ("out = x.copy()", "out = x")),
    },
    "sizes that do not fit pass": {
        "caught_by": ["values-rules"],
        "says": ["larger than the shorter side"],
        "code": _swap(
            _CUTOUT,
            (
                '    if size < 0 or size > min(height, width):\n        raise ValueError("size")\n',
                "    size = max(0, min(size, height, width))\n",
            ),
        ),
    },
    "rng ignored": {
        "caught_by": ["values-rules"],
        "says": ["every random number from rng"],
        "code": _swap(_CUTOUT, ("    out = x.copy()", "    rng = np.random.default_rng()\n    out = x.copy()")),
    },
}

_JITTER_MISTAKES = {
    "a clipped normal distribution": {
        "caught_by": ["values-colour"],
        "says": ["amounts are uniform"],
        "code": _swap(
            _JITTER,
            (
                "rng.uniform(-brightness, brightness, (len(x), 1, 1, 1))",
                "rng.normal(0, brightness / 2, (len(x), 1, 1, 1)).clip(-brightness, brightness)",
            ),
        ),
    },
    "the range by the largest value": {
        "caught_by": ["values-bytes"],
        "says": ["the type decides"],
        "code": _swap(_JITTER, ("full = 255 if x.dtype == np.uint8 else 1", "full = 255 if x.max() > 1 else 1")),
    },
    "all the way up or down": {
        "caught_by": ["values-colour"],
        "says": ["amounts are uniform"],
        "code": _swap(
            _JITTER,
            (
                "rng.uniform(-brightness, brightness, (len(x), 1, 1, 1))",
                "brightness * rng.choice([-1.0, 1.0], (len(x), 1, 1, 1))",
            ),
        ),
    },
    "bytes overflow": {
        "caught_by": ["values-bytes"],
        "says": ["bytes overflow"],
        "code": _swap(
            _JITTER,
            (
                "out = np.clip(grey + factor * (wide - grey) + change, 0, full)",
                "out = grey + factor * (wide - grey) + change",
            ),
            (
                "        out = np.round(out)\n",
                "        return np.round(out).astype(int).astype(np.uint8)\n    out = np.clip(out, 0, 1)\n",
            ),
        ),
    },
    "range left": {
        "caught_by": ["values-bytes"],
        "says": ["clip after adding"],
        "code": _swap(
            _JITTER,
            (
                "np.clip(grey + factor * (wide - grey) + change, 0, full)",
                "np.clip(grey + factor * (wide - grey) + change, 0, full) if full == 255 else grey + factor * (wide - grey) + change",
            ),
        ),
    },
    "brightness multiplied": {
        "caught_by": ["values-colour"],
        "says": ["brightness"],
        "code": _swap(
            _JITTER,
            ("(wide - grey) + change", "(wide - grey) + wide * change / full"),
        ),
    },
    "a factor for each pixel": {
        "caught_by": ["values-colour"],
        "says": ["all pixels get the same"],
        "code": _swap(
            _JITTER,
            ("1 + saturation, (len(x), 1, 1, 1))", "1 + saturation, (*x.shape[:3], 1))"),
        ),
    },
    "a number for each channel": {
        "caught_by": ["values-colour"],
        "says": ["evenly spaced"],
        "code": _swap(
            _JITTER,
            ("brightness, (len(x), 1, 1, 1))", "brightness, (len(x), 1, 1, x.shape[3]))"),
        ),
    },
    "one number for the batch": {
        "caught_by": ["values-colour"],
        "says": ["draw for each image"],
        "code": _swap(
            _JITTER,
            ("-brightness, brightness, (len(x), 1, 1, 1))", "-brightness, brightness)"),
        ),
    },
    "brighter only": {
        "caught_by": ["values-colour"],
        "says": ["both ways"],
        "code": _swap(
            _JITTER,
            ("rng.uniform(-brightness, brightness", "rng.uniform(0, brightness"),
        ),
    },
    "saturation ignored": {
        "caught_by": ["values-colour"],
        "says": ["saturation"],
        "code": _swap(
            _JITTER,
            ("grey + factor * (wide - grey) + change", "wide + change"),
        ),
    },
    "paler only": {
        "caught_by": ["values-colour"],
        "says": ["saturation: both ways"],
        "code": _swap(
            _JITTER,
            ("1 + saturation, (len", "1, (len"),
        ),
    },
    "grey of the whole image": {
        "caught_by": ["values-bytes"],
        "says": ["the rest is multiplied"],
        "code": _swap(
            _JITTER,
            ("mean(axis=3, keepdims=True)", "mean(axis=(1, 2, 3), keepdims=True)"),
        ),
    },
    "weighted grey": {
        "caught_by": ["values-colour"],
        "says": ["brightness = 0"],
        "code": _swap(
            _JITTER,
            ("wide.mean(axis=3, keepdims=True)", "(wide @ np.array([0.299, 0.587, 0.114])[: x.shape[3]])[..., None]"),
        ),
    },
    "clipped in between": {
        "caught_by": ["values-bytes"],
        "says": ["clipped once"],
        "code": _swap(
            _JITTER,
            ("grey + factor * (wide - grey) + change", "np.clip(grey + factor * (wide - grey), 0, full) + change"),
        ),
    },
    "one draw for both": {
        "caught_by": ["values-colour"],
        "says": ["independently"],
        "code": _swap(
            _JITTER,
            (
                "    change = rng.uniform(-brightness, brightness, (len(x), 1, 1, 1)) * full",
                "    change = brightness * full * (factor - 1) / saturation if saturation else rng.uniform(-brightness, brightness, (len(x), 1, 1, 1)) * full",
            ),
        ),
    },
    "no scale on bytes": {
        "caught_by": ["values-bytes"],
        "says": ["fraction of 255"],
        "code": _swap(
            _JITTER,
            ("(len(x), 1, 1, 1)) * full", "(len(x), 1, 1, 1))"),
        ),
    },
    "bytes truncated": {
        "caught_by": ["values-bytes"],
        "says": ["round before"],
        "code": _swap(
            _JITTER,
            ("out = np.round(out)", "pass"),
        ),
    },
    "float64 out": {
        "caught_by": ["values-colour"],
        "says": ["float64"],
        "code": _swap(
            _JITTER,
            ("return out.astype(x.dtype)", "return out"),
        ),
    },
    "global np.random": {
        "caught_by": ["values-rules"],
        "says": ["every random number from rng"],
        "code": _swap(
            _JITTER,
            ("rng.uniform(-brightness", "np.random.uniform(-brightness"),
        ),
    },
    "any strength": {
        "caught_by": ["values-rules"],
        "says": ["outside [0, 1]"],
        "code": _swap(
            _JITTER,
            (" or not 0 <= saturation <= 1", ""),
        ),
    },
}

_COMPOSE_MISTAKES = {
    "empties the list of steps": {
        "caught_by": ["pipeline-rng"],
        "says": ["changes its input"],
        "code": _swap(
            _COMPOSE,
            ("    for name, settings in steps:\n", "    while steps:\n        name, settings = steps.pop(0)\n"),
        ),
    },
    "settings dropped": {
        "caught_by": ["pipeline-order"],
        "says": ["settings of a step"],
        "code": _swap(_COMPOSE, ("(out, rng, **settings)", "(out, rng)")),
    },
    "each step on the original": {
        "caught_by": ["pipeline-order"],
        "says": ["only one of the steps"],
        "code": _swap(_COMPOSE, ("known[name](out, rng", "known[name](x, rng")),
    },
    "last step first": {
        "caught_by": ["pipeline-order"],
        "says": ["another order"],
        "code": _swap(_COMPOSE, ("in steps:", "in reversed(steps):")),
    },
    "sorted by name": {
        "caught_by": ["pipeline-order"],
        "says": ["another order"],
        "code": _swap(_COMPOSE, ("in steps:", "in sorted(steps, key=lambda step: step[0]):")),
    },
    "a dict forgets repeated steps": {
        "caught_by": ["pipeline-order"],
        "says": ["only one of the steps"],
        "code": _swap(_COMPOSE, ("in steps:", "in dict(steps).items():")),
    },
    "unknown names left out": {
        "caught_by": ["pipeline-rng"],
        "says": ["silently left out"],
        "code": _swap(_COMPOSE, ("raise ValueError(name)", "continue")),
    },
    "a KeyError": {
        "caught_by": ["pipeline-rng"],
        "says": ["ValueError"],
        "code": _swap(_COMPOSE, ("raise ValueError(name)", "pass")),
    },
    "a new generator for each step": {
        "caught_by": ["pipeline-rng"],
        "says": ["one generator"],
        "code": _swap(
            _COMPOSE,
            ("    out = x.copy()", "    seed = int(rng.integers(2**31))\n    out = x.copy()"),
            ("(out, rng, **settings)", "(out, np.random.default_rng(seed), **settings)"),
        ),
    },
    "rng not handed on": {
        "caught_by": ["pipeline-rng"],
        "says": ["every random number from rng"],
        "code": _swap(_COMPOSE, ("(out, rng, **settings)", "(out, np.random.default_rng(), **settings)")),
    },
    "two of the four": {
        "caught_by": ["pipeline-rng", "pipeline-order"],
        "says": ["raised ValueError"],
        "code": _swap(
            _COMPOSE,
            ('        "colour_jitter": colour_jitter,\n', ""),
            ('        "cutout": cutout,\n', ""),
        ),
    },
}

_SPLIT_MISTAKES = {
    "rounds the training part": {
        "caught_by": ["pipeline-parts"],
        "says": ["13 images"],
        "code": _swap(
            _SPLIT, ("a = round(fractions[1] * n)", "a = n - round(fractions[0] * n) - round(fractions[2] * n)")
        ),
    },
    "a single variant left as it is": {
        "caught_by": ["pipeline-widen"],
        "says": ["copies=1 is no exception"],
        "code": _swap(
            _SPLIT,
            (
                "    train_x = compose(train_x, steps, rng)\n",
                "    if copies > 1:\n        train_x = compose(train_x, steps, rng)\n",
            ),
        ),
    },
    "90/10/10 passes": {
        "caught_by": ["pipeline-sum"],
        "says": ["sum to 1.1"],
        "code": _swap(_SPLIT, (" or abs(sum(fractions) - 1) > 1e-6", "")),
    },
    "exact comparison of floats": {
        "caught_by": ["pipeline-sum"],
        "says": ["shares"],
        "code": _swap(_SPLIT, ("abs(sum(fractions) - 1) > 1e-6", "sum(fractions) != 1")),
    },
    "negative shares pass": {
        "caught_by": ["pipeline-sum"],
        "says": ["negative"],
        "code": _swap(_SPLIT, ("any(share < 0 for share in fractions) or ", "")),
    },
    "widens, then splits": {
        "caught_by": ["pipeline-leak"],
        "says": ["leaks"],
        "code": """
def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError("shares")
    if copies < 1:
        raise ValueError("copies")
    x, y = compose(np.repeat(x, copies, axis=0), steps, rng), np.repeat(y, copies)
    order = rng.permutation(len(x))
    x, y = x[order], y[order]
    a, b = round(fractions[1] * len(x)), round(fractions[2] * len(x))
    return {"validation": (x[:a], y[:a]), "test": (x[a : a + b], y[a : a + b]), "train": (x[a + b :], y[a + b :])}
""",
    },
    "augments validation and test": {
        "caught_by": ["pipeline-leak"],
        "says": ["training part only"],
        "code": _swap(
            _SPLIT,
            ("(x[val], y[val])", "(compose(x[val], steps, rng), y[val])"),
            ("(x[test], y[test])", "(compose(x[test], steps, rng), y[test])"),
        ),
    },
    "not shuffled": {
        "caught_by": ["pipeline-parts"],
        "says": ["shuffle first"],
        "code": _swap(_SPLIT, ("rng.permutation(n)", "np.arange(n)")),
    },
    "images shuffled without labels": {
        "caught_by": ["pipeline-parts"],
        "says": ["same order"],
        "code": _swap(
            _SPLIT,
            ("    a = round", "    other = rng.permutation(n)\n    a = round"),
            ("y[val])", "y[other[:a]])"),
            ("y[test])", "y[other[a:b]])"),
            ("y[train], copies)", "y[other[b:]], copies)"),
        ),
    },
    "test images are among the training images": {
        "caught_by": ["pipeline-parts", "pipeline-leak"],
        "says": ["exactly one part"],
        "code": _swap(_SPLIT, ("order[b:]", "order[a:][: n - b]")),
    },
    "drawn with replacement": {
        "caught_by": ["pipeline-parts"],
        "says": ["exactly one part"],
        "code": _swap(_SPLIT, ("rng.permutation(n)", "rng.integers(0, n, n)")),
    },
    "labels tiled instead of repeated": {
        "caught_by": ["pipeline-widen"],
        "says": ["same order"],
        "code": _swap(_SPLIT, ("np.repeat(y[train], copies)", "np.tile(y[train], copies)")),
    },
    "the originals as well": {
        "caught_by": ["pipeline-widen"],
        "says": ["take the place"],
        "code": _swap(
            _SPLIT,
            (
                "    return {",
                "    train_x = np.concatenate([x[train], train_x])\n    train_y = np.concatenate([y[train], train_y])\n    return {",
            ),
        ),
    },
    "one variant, copied": {
        "caught_by": ["pipeline-widen"],
        "says": ["copies of each other"],
        "code": _swap(
            _SPLIT,
            (
                "    train_x = np.repeat(x[train], copies, axis=0)\n",
                "",
            ),
            ("compose(train_x, steps, rng)", "np.repeat(compose(x[train], steps, rng), copies, axis=0)"),
        ),
    },
    "a split of its own seed": {
        "caught_by": ["pipeline-parts"],
        "says": ["draw from rng"],
        "code": _swap(_SPLIT, ("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")),
    },
    "no copies at all": {
        "caught_by": ["pipeline-sum"],
        "says": ["no copies"],
        "code": _swap(_SPLIT, ("if copies < 1:", "if copies < 0:")),
    },
    "shares cut to whole numbers": {
        "caught_by": ["pipeline-parts"],
        "says": ["round(share"],
        "code": _swap(_SPLIT, ("a = round(", "a = int("), ("b = a + round(", "b = a + int(")),
    },
}

MISTAKES = {
    "moves": _joined(hflip=(_HFLIP_MISTAKES, (), (_SHIFT,)), random_shift=(_SHIFT_MISTAKES, (_HFLIP,), ())),
    "values": _joined(cutout=(_CUTOUT_MISTAKES, (), (_JITTER,)), colour_jitter=(_JITTER_MISTAKES, (_CUTOUT,), ())),
    "pipeline": _joined(
        compose=(_COMPOSE_MISTAKES, (), (_SPLIT,)), split_then_widen=(_SPLIT_MISTAKES, (_COMPOSE,), ())
    ),
    "classes_kept": {
        "a KeyError for an unknown task": {
            "caught_by": ["classes_kept-digits"],
            "says": ["should raise ValueError"],
            "code": _swap(_KEPT, ("    if task not in classes:\n        raise ValueError(task)\n", "")),
        },
        "digits as text": {
            "caught_by": ["classes_kept-digits", "classes_kept-turned"],
            "says": ["keeps its label"],
            "code": _swap(_KEPT, ("set(range(10))", 'set("0123456789")')),
        },
        "a turned arrow": {
            "caught_by": ["classes_kept-arrows"],
            "says": ["turn 10"],
            "code": _swap(
                _KEPT,
                (
                    "    return classes[task]",
                    '    if task == "arrows" and augmentation == "turn 10":\n        return set()\n    return classes[task]',
                ),
            ),
        },
        "digits may be mirrored": {
            "caught_by": ["classes_kept-digits"],
            "says": ["must not be mirrored"],
            "code": _swap(
                _KEPT, ('    if task == "digits" and augmentation == "hflip":\n        return {0, 1, 8}\n', "")
            ),
        },
        "no digit survives the mirror": {
            "caught_by": ["classes_kept-digits"],
            "says": ["own mirror image"],
            "code": _swap(
                _KEPT,
                (
                    'augmentation == "hflip":\n        return {0, 1, 8}',
                    'augmentation == "hflip":\n        return set()',
                ),
            ),
        },
        "3 in a mirror": {
            "caught_by": ["classes_kept-digits"],
            "says": ["vflip"],
            "code": _swap(
                _KEPT,
                (
                    'augmentation == "hflip":\n        return {0, 1, 8}',
                    'augmentation == "hflip":\n        return {0, 1, 3, 8}',
                ),
            ),
        },
        "6 and 9 are kept": {
            "caught_by": ["classes_kept-turned"],
            "says": ["wrong label"],
            "code": _swap(
                _KEPT,
                (
                    'augmentation == "turn 180":\n        return {0, 1, 8}',
                    'augmentation == "turn 180":\n        return {0, 1, 6, 8, 9}',
                ),
            ),
        },
        "upside down as in a mirror": {
            "caught_by": ["classes_kept-turned"],
            "says": ["third row"],
            "code": _swap(_KEPT, ("{0, 1, 3, 8}", "{0, 1, 8}")),
        },
        "arrows may be mirrored": {
            "caught_by": ["classes_kept-arrows"],
            "says": ["another class"],
            "code": _swap(_KEPT, ('return {"straight on"}', "return classes[task]")),
        },
        "straight on does not survive the mirror": {
            "caught_by": ["classes_kept-arrows"],
            "says": ["hflip"],
            "code": _swap(_KEPT, ('return {"straight on"}', "return set()")),
        },
        "straight on upside down": {
            "caught_by": ["classes_kept-arrows"],
            "says": ["vflip"],
            "code": _swap(_KEPT, ('return {"left", "right"}', "return classes[task]")),
        },
        "grey tomatoes": {
            "caught_by": ["classes_kept-turned"],
            "says": ["colour"],
            "code": _swap(_KEPT, ('task == "fruit" and', 'task == "nothing" and')),
        },
        "cells have an upper side": {
            "caught_by": ["classes_kept-turned"],
            "says": ["any way round"],
            "code": _swap(
                _KEPT, ('task == "fruit" and', 'task == "cells" and augmentation == "vflip" or task == "fruit" and')
            ),
        },
        "everything is safe for unknown words": {
            "caught_by": ["classes_kept-digits"],
            "says": ["not in the list"],
            "code": _swap(
                _KEPT,
                (
                    '    if augmentation not in ("hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey"):\n        raise ValueError(augmentation)\n',
                    "",
                ),
            ),
        },
    },
    "keras_pipeline": {
        "one augmentation at a time": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["all five at once"],
            "code": _swap(
                _KERAS,
                ("    if shift:", "    elif shift:"),
                ("    if degrees:", "    elif degrees:"),
                ("    if zoom:", "    elif zoom:"),
                ("    if brightness:", "    elif brightness:"),
            ),
        },
        "each layer on the input": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["on what the last step returned"],
            "code": _swap(_KERAS, (")(x)\n    if", ")(inputs)\n    if"), ("(0, 1))(x)", "(0, 1))(inputs)")),
        },
        "the example's zoom": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["another zoom"],
            "code": _swap(_KERAS, ("(-zoom, 0.0)", "(-0.4, 0.0)")),
        },
        "the nearest pixel": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["windows have"],
            "code": _swap(_KERAS, ('fill_mode="constant")', 'fill_mode="constant", interpolation="nearest")')),
        },
        "sides swapped": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["shift · H"],
            "code": _swap(
                _KERAS,
                ("(shift, shift,", "(shift * shape[1] / shape[0], shift * shape[0] / shape[1],"),
            ),
        },
        "flips both ways": {
            "caught_by": ["keras_pipeline-flip"],
            "says": ["upside down"],
            "code": _swap(_KERAS, ('RandomFlip("horizontal")', "RandomFlip()")),
        },
        "degrees as full turns": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["full turn"],
            "code": _swap(_KERAS, ("degrees / 360", "degrees")),
        },
        "degrees as radians": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["full turn"],
            "code": _swap(_KERAS, ("degrees / 360", "np.deg2rad(degrees)")),
        },
        "degrees out of 180": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["degrees / 360"],
            "code": _swap(_KERAS, ("degrees / 360", "degrees / 180")),
        },
        "rotation reflects": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["reflects"],
            "code": _swap(_KERAS, ('degrees / 360, fill_mode="constant"', "degrees / 360")),
        },
        "translation reflects": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["reflects"],
            "code": _swap(_KERAS, ('shift, shift, fill_mode="constant"', "shift, shift")),
        },
        "rows only": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["height_factor, width_factor"],
            "code": _swap(_KERAS, ("shift, shift,", "shift, 0.0,")),
        },
        "half of the shift": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["up to shift"],
            "code": _swap(_KERAS, ("shift, shift,", "shift / 2, shift / 2,")),
        },
        "brightness for 0 to 255": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["value_range"],
            "code": _swap(_KERAS, (", value_range=(0, 1)", "")),
        },
        "contrast instead of brightness": {
            "caught_by": ["keras_pipeline-shift"],
            "says": ["same number"],
            "code": _swap(
                _KERAS,
                ("RandomBrightness(brightness, value_range=(0, 1))", "RandomContrast(brightness, value_range=(0, 1))"),
            ),
        },
        "flips always": {
            "caught_by": ["keras_pipeline-still"],
            "says": ["strengths 0"],
            "code": _swap(_KERAS, ("    if flip:\n", "    if True:\n")),
        },
        "a layer that learns": {
            "caught_by": ["keras_pipeline-still"],
            "says": ["no weights"],
            "code": _swap(_KERAS, ("keras.layers.Identity()", "keras.layers.BatchNormalization()")),
        },
        "a Lambda layer": {
            "caught_by": ["keras_pipeline-still"],
            "says": ["ambda"],
            "code": _swap(_KERAS, ("keras.layers.Identity()", "keras.layers.Lambda(lambda t: t)")),
        },
        "zooms out": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["becomes smaller"],
            "code": _swap(_KERAS, ("RandomZoom((-zoom, 0.0)", "RandomZoom((0.0, zoom)")),
        },
        "zooms both ways": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["becomes smaller"],
            "code": _swap(_KERAS, ("RandomZoom((-zoom, 0.0)", "RandomZoom(zoom")),
        },
        "half the zoom": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["(1 - zoom) to 1"],
            "code": _swap(_KERAS, ("RandomZoom((-zoom, 0.0)", "RandomZoom((-zoom / 2, 0.0)")),
        },
        "each side by itself": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["keep their proportions"],
            "code": _swap(_KERAS, ("RandomZoom((-zoom, 0.0)", "RandomZoom((-zoom, 0.0), (-zoom, 0.0)")),
        },
        "always the smallest window": {
            "caught_by": ["keras_pipeline-zoom"],
            "says": ["(1 - zoom) to 1"],
            "code": _swap(_KERAS, ("RandomZoom((-zoom, 0.0)", "RandomZoom((-zoom, -zoom)")),
        },
    },
    "verdict": {
        "a seed without a gain counts": {
            "caught_by": ["verdict-general"],
            "says": ["exactly 0"],
            "code": _swap(_VERDICT, ("own > 0", "own >= 0"), ("own < 0", "own <= 0")),
        },
        "most of the seeds": {
            "caught_by": ["verdict-general"],
            "says": ["every seed of the same sign"],
            "code": _swap(
                _VERDICT, ("np.all(own > 0)", "np.mean(own > 0) > 0.5"), ("np.all(own < 0)", "np.mean(own < 0) > 0.5")
            ),
        },
        "each seed above the margin": {
            "caught_by": ["verdict-general"],
            "says": ["every seed of the same sign"],
            "code": _swap(
                _VERDICT, ("np.all(own > 0)", "np.all(own > margin)"), ("np.all(own < 0)", "np.all(own < -margin)")
            ),
        },
        "changes what it is given": {
            "caught_by": ["verdict-worked"],
            "says": ["changes its input"],
            "code": _swap(_VERDICT, ("    return float(gain)", "    without[:] = with_it\n    return float(gain)")),
        },
        "without minus with": {
            "caught_by": ["verdict-worked"],
            "says": ["not the other way round"],
            "code": _swap(
                _VERDICT,
                ("(b - a)", "(a - b)"),
            ),
        },
        "not in pairs": {
            "caught_by": ["verdict-worked"],
            "says": ["pairs are lost"],
            "code": _swap(
                _VERDICT,
                (
                    "np.std(d, ddof=1) / np.sqrt(len(d))",
                    "np.sqrt((a.mean() * (1 - a.mean()) + b.mean() * (1 - b.mean())) / len(d))",
                ),
            ),
        },
        "divided by n": {
            "caught_by": ["verdict-worked"],
            "says": ["n - 1"],
            "code": _swap(
                _VERDICT,
                (", ddof=1", ""),
            ),
        },
        "without the factor": {
            "caught_by": ["verdict-worked"],
            "says": ["1.96 is missing"],
            "code": _swap(
                _VERDICT,
                ("1.96 * ", ""),
            ),
        },
        "not divided by the root": {
            "caught_by": ["verdict-worked"],
            "says": ["root of n"],
            "code": _swap(
                _VERDICT,
                (" / np.sqrt(len(d))", ""),
            ),
        },
        "seeds counted as images": {
            "caught_by": ["verdict-worked"],
            "says": ["400 values of d"],
            "code": _swap(
                _VERDICT,
                ("np.std(d, ddof=1) / np.sqrt(len(d))", "np.std(b - a, ddof=1) / np.sqrt(d.size * len(a))"),
            ),
        },
        "seeds not looked at": {
            "caught_by": ["verdict-worked"],
            "says": ["every seed has to gain"],
            "code": _swap(
                _VERDICT,
                (" and np.all(own > 0)", ""),
            ),
        },
        "one seed is enough": {
            "caught_by": ["verdict-worked"],
            "says": ["every seed has to gain"],
            "code": _swap(
                _VERDICT,
                ("np.all(own > 0)", "np.any(own > 0)"),
            ),
        },
        "any gain helps": {
            "caught_by": ["verdict-general"],
            "says": ["beyond the margin"],
            "code": _swap(
                _VERDICT,
                ("gain > margin and", "gain > 0 and"),
            ),
        },
        "any loss hurts": {
            "caught_by": ["verdict-general"],
            "says": ["beyond the margin"],
            "code": _swap(
                _VERDICT,
                ("gain < -margin and", "gain < 0 and"),
            ),
        },
        "nothing hurts": {
            "caught_by": ["verdict-worked"],
            "says": ["the other way round"],
            "code": _swap(
                _VERDICT,
                ('word = "hurts"', 'word = "undecided"'),
            ),
        },
        "losses not looked at by seed": {
            "caught_by": ["verdict-general"],
            "says": ["the other sign"],
            "code": _swap(
                _VERDICT,
                (" and np.all(own < 0)", ""),
            ),
        },
        "a single seed will do": {
            "caught_by": ["verdict-general"],
            "says": ["single seed"],
            "code": _swap(
                _VERDICT,
                (" or a.shape[0] < 2", ""),
            ),
        },
        "other images": {
            "caught_by": ["verdict-general"],
            "says": ["shapes that differ"],
            "code": _swap(
                _VERDICT,
                ("a.shape != b.shape or ", ""),
                ("d = (b", "b = b[:, : a.shape[1]]\n    a = a[:, : b.shape[1]]\n    d = (b"),
            ),
        },
    },
    "ablation": {
        "accuracies instead of images": {
            "caught_by": ["ablation-record"],
            "says": ["True or False"],
            "code": _swap(
                _UNTRAINED,
                (
                    '    conclusion[name] = verdict(record[name]["as they are"], record[name]["mirrored"])[2]\n',
                    '    conclusion[name] = "undecided"\n    record[name] = {variant: right.mean(axis=1) for variant, right in record[name].items()}\n',
                ),
            ),
        },
        "on the training images": {
            "caught_by": ["ablation-record"],
            "says": ["one column per image"],
            "code": _swap(
                _UNTRAINED,
                ("(x, y) in held.items()", "(x, y) in few.items()"),
            ),
        },
        "the record of a better day": {
            "caught_by": ["ablation-record"],
            "says": ["not what the nets do"],
            "code": _swap(
                _UNTRAINED,
                (
                    "    conclusion[name] =",
                    '    record[name]["mirrored"] |= np.random.default_rng(0).random(record[name]["mirrored"].shape) < 0.5\n    conclusion[name] =',
                ),
            ),
        },
        "seeds in another order": {
            "caught_by": ["ablation-record"],
            "says": ["seed by seed"],
            "code": _swap(
                _BRIEF,
                ("for net in group]", "for net in group[::-1]]"),
            ),
        },
        "one seed": {
            "caught_by": ["ablation-nets"],
            "says": ["one per seed"],
            "code": _swap(
                _UNTRAINED,
                ("for seed in SEEDS:", "for seed in SEEDS[:1]:"),
                ('verdict(record[name]["as they are"], record[name]["mirrored"])[2]', '"undecided"'),
            ),
        },
        "the same seed twice": {
            "caught_by": ["ablation-nets"],
            "says": ["two of the nets are the same"],
            "code": _swap(
                _BRIEF,
                (
                    "            nets[name][variant].append(model)",
                    "            model = nets[name][variant][0] if nets[name][variant] else model\n            nets[name][variant].append(model)",
                ),
            ),
        },
        "copies of one net with a jitter": {
            "caught_by": ["ablation-origin"],
            "says": ["weights of its seed"],
            "code": _swap(
                _BRIEF,
                (
                    "            nets[name][variant].append(model)",
                    '            if nets[name]["as they are"]:\n                jitter = np.random.default_rng(len(histories[name][variant]))\n                kept = nets[name]["as they are"][0].layers[-1].get_weights()\n                model.layers[-1].set_weights([w + jitter.normal(0, 1e-2, w.shape) for w in kept])\n            nets[name][variant].append(model)',
                ),
            ),
        },
        "no mirrors for the mirrored": {
            "caught_by": ["ablation-origin"],
            "says": ["know mirror images hardly better"],
            "code": _swap(
                _BRIEF,
                ("build_variant(settings, few", "build_variant({}, few"),
                (
                    "            nets[name][variant].append(model)",
                    "            if settings:\n                inner = model.layers[-1].get_weights()\n                model.layers[-1].set_weights([w + 1e-3 for w in inner])\n            nets[name][variant].append(model)",
                ),
            ),
        },
        "not trained": {
            "caught_by": ["ablation-origin"],
            "says": ["hardly"],
            "code": _swap(
                _UNTRAINED,
                (
                    "            nets[name][variant].append(model)",
                    "            model.layers[-1].set_weights([w + 1e-3 * (len(variant) + seed) for w in model.layers[-1].get_weights()])\n            nets[name][variant].append(model)",
                ),
            ),
        },
        "mirroring helps digits, by belief": {
            "caught_by": ["ablation-conclusion"],
            "says": ["your own run"],
            "code": _swap(
                _ABLATION,
                (
                    '    conclusion[name] = verdict(record[name]["as they are"], record[name]["mirrored"])[2]',
                    '    conclusion[name] = "helps"',
                ),
            ),
        },
        "numbers instead of words": {
            "caught_by": ["ablation-conclusion"],
            "says": ["three"],
            "code": _swap(
                _UNTRAINED,
                ('["mirrored"])[2]', '["mirrored"])[0]'),
            ),
        },
    },
    "rotate": {
        "black images are not drawn for": {
            "caught_by": ["rotate-rng"],
            "says": ["on rng and N only"],
            "code": _swap(
                _ROTATE,
                (
                    "        angle = rng",
                    "        if x[i].max() == 0:\n            out[i] = x[i]\n            continue\n        angle = rng",
                ),
            ),
        },
        "degrees taken for radians": {
            "caught_by": ["rotate-angle"],
            "says": ["radians"],
            "code": _swap(_ROTATE, ('x[i].astype("float64"), angle', 'x[i].astype("float64"), np.rad2deg(angle)')),
        },
        "one way only": {
            "caught_by": ["rotate-angle"],
            "says": ["one way only"],
            "code": _swap(_ROTATE, ("rng.uniform(-degrees, degrees)", "rng.uniform(0, degrees)")),
        },
        "normal instead of uniform": {
            "caught_by": ["rotate-angle"],
            "says": ["normal distribution"],
            "code": _swap(_ROTATE, ("rng.uniform(-degrees, degrees)", "rng.normal(0, degrees)")),
        },
        "one angle for the batch": {
            "caught_by": ["rotate-angle"],
            "says": ["draw for each image"],
            "code": _swap(
                _ROTATE,
                (
                    "    for i in range(len(x)):\n        angle = rng.uniform(-degrees, degrees)\n",
                    "    angle = rng.uniform(-degrees, degrees)\n    for i in range(len(x)):\n",
                ),
            ),
        },
        "reshape left at its default": {
            "caught_by": ["rotate-angle", "rotate-values"],
            "says": ["keep their size"],
            "code": """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    angle = rng.uniform(-degrees, degrees)
    return ndimage.rotate(x, angle, axes=(1, 2), order=1)
""",
        },
        "spline of order 3": {
            "caught_by": ["rotate-rng", "rotate-values"],
            "says": ["overshoots"],
            "code": _swap(_ROTATE, ("order=1", "order=3")),
        },
        "nearest pixel": {
            "caught_by": ["rotate-values"],
            "says": ["interpolated linearly"],
            "code": _swap(_ROTATE, ("order=1", "order=0")),
        },
        "reflects at the border": {
            "caught_by": ["rotate-values"],
            "says": ["what comes from outside"],
            "code": _swap(_ROTATE, ("order=1", 'order=1, mode="reflect"')),
        },
        "about the corner": {
            "caught_by": ["rotate-angle"],
            "says": ["about its middle"],
            "code": """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    out = np.empty(x.shape)
    for i in range(len(x)):
        a = np.deg2rad(rng.uniform(-degrees, degrees))
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        for c in range(x.shape[3]):
            out[i, :, :, c] = ndimage.affine_transform(x[i, :, :, c].astype(float), turn, order=1)
    if x.dtype == np.uint8:
        out = np.rint(out)
    return out.astype(x.dtype)
""",
        },
        "middle at H / 2": {
            "caught_by": ["rotate-angle"],
            "says": ["(H - 1) / 2"],
            "code": """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    out = np.empty(x.shape)
    middle = np.array([x.shape[1] / 2, x.shape[2] / 2])
    for i in range(len(x)):
        a = np.deg2rad(rng.uniform(-degrees, degrees))
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        for c in range(x.shape[3]):
            out[i, :, :, c] = ndimage.affine_transform(
                x[i, :, :, c].astype(float), turn, offset=middle - turn @ middle, order=1
            )
    if x.dtype == np.uint8:
        out = np.rint(out)
    return out.astype(x.dtype)
""",
        },
        "bytes cut off instead of rounded": {
            "caught_by": ["rotate-rng"],
            "says": ["round before"],
            "code": _swap(_ROTATE, ("        out = np.rint(out)", "        pass")),
        },
        "float64 out": {
            "caught_by": ["rotate-angle"],
            "says": ["float32 in, float32 out"],
            "code": _swap(_ROTATE, ("return out.astype(x.dtype)", "return out")),
        },
        "global np.random": {
            "caught_by": ["rotate-rng"],
            "says": ["every random number from rng"],
            "code": _swap(_ROTATE, ("rng.uniform", "np.random.uniform")),
        },
    },
    "mixup": {
        "the batch reversed for partners": {
            "caught_by": ["mixup-beta"],
            "says": ["the same for every seed"],
            "code": _swap(_MIXUP, ("rng.permutation(len(x))", "np.arange(len(x))[::-1]")),
        },
        "labels not mixed": {
            "caught_by": ["mixup-share"],
            "says": ["different ratios"],
            "code": _swap(_MIXUP, ("label_lam * y + (1 - label_lam) * y[order]", "y")),
        },
        "ratio the wrong way round in the label": {
            "caught_by": ["mixup-share"],
            "says": ["different ratios"],
            "code": _swap(
                _MIXUP, ("label_lam * y + (1 - label_lam) * y[order]", "(1 - label_lam) * y + label_lam * y[order]")
            ),
        },
        "one share for the batch": {
            "caught_by": ["mixup-share"],
            "says": ["share one draw"],
            "code": _swap(_MIXUP, ("rng.beta(alpha, alpha, len(x))", "np.full(len(x), rng.beta(5, 5))")),
        },
        "uniform shares": {
            "caught_by": ["mixup-beta"],
            "says": ["Beta"],
            "code": _swap(_MIXUP, ("rng.beta(alpha, alpha, len(x))", "rng.random(len(x))")),
        },
        "adds without weights": {
            "caught_by": ["mixup-share"],
            "says": ["sum to 1"],
            "code": _swap(_MIXUP, ("label_lam * y + (1 - label_lam) * y[order]", "y + y[order]")),
        },
    },
    "cutmix": {
        "the batch reversed for partners": {
            "caught_by": ["cutmix-draws"],
            "says": ["the same for every seed"],
            "code": _swap(_CUTMIX, ("rng.permutation(n)", "np.arange(n)[::-1]")),
        },
        "alpha unused": {
            "caught_by": ["cutmix-draws"],
            "says": ["alpha is not used"],
            "code": _swap(_CUTMIX, ("rng.beta(alpha, alpha)", "rng.random()")),
        },
        "λ in the label": {
            "caught_by": ["cutmix-area"],
            "says": ["after rounding"],
            "code": _swap(_CUTMIX, ("area = h * w / (height * width)", "area = 1 - lam")),
        },
        "sides from the area": {
            "caught_by": ["cutmix-draws"],
            "says": ["half of the pixels"],
            "code": _swap(_CUTMIX, ("(1 - lam) ** 0.5", "(1 - lam)")),
        },
        "always in the corner": {
            "caught_by": ["cutmix-draws"],
            "says": ["random places"],
            "code": _swap(_CUTMIX, ("rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)", "0, 0")),
        },
        "one size for the batch": {
            "caught_by": ["cutmix-area"],
            "says": ["one size"],
            "code": _swap(
                _CUTMIX,
                ("        lam = rng.beta(alpha, alpha)\n", ""),
                ("    out, labels", "    lam = rng.beta(alpha, alpha)\n    out, labels"),
            ),
        },
    },
}

# Without effect: a random number is never exactly p, nor a gain exactly its margin; NumPy raises ValueError itself where a square
# does not fit, an alpha is 0 or a range is turned around; a change of brightness is as likely downwards; clip(0, x, m) is clip(x, 0, m).
EQUIVALENT_MUTANTS = {
    "moves": {"rng.random(len(x)) < p → rng.random(len(x)) <= p", "('zeros', 'reflect') → ('reflect', 'zeros')"},
    "values": {
        "min(height, width) → max(height, width)",
        "min(height, width) → min(width, height)",
        "grey + factor * (x - grey) + change → grey + factor * (x - grey) - change",
        "np.clip(grey + factor * (x - grey) + change, 0, full) → np.clip(0, grey + factor * (x - grey) + change, full)",
    },
    "verdict": {"gain > margin → gain >= margin", "gain < -margin → gain <= -margin"},
    "pipeline": {"abs(sum(fractions) - 1) > 1e-06 → abs(sum(fractions) - 1) >= 1e-06"},
    "mixup": {"alpha <= 0 → alpha < 0", "if alpha <= 0: → if False:"},
    "cutmix": {"alpha <= 0 → alpha < 0", "if alpha <= 0: → if False:"},
    "rotate": {
        "if degrees < 0: → if False:",
        "np.clip(from_column, 0, width + 0.999999) → np.clip(0, from_column, width + 0.999999)",
        "np.clip(from_row, 0, height + 0.999999) → np.clip(0, from_row, height + 0.999999)",
    },
}
