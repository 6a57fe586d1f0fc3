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
def random_shift(x, rng, fraction=0.1):
    if not 0 <= fraction < 1:
        raise ValueError("fraction")
    n, height, width = x.shape[:3]
    rows, columns = int(fraction * height), int(fraction * width)
    out = np.zeros_like(x)
    for i in range(n):
        dy = int(rng.integers(-rows, rows + 1))
        dx = int(rng.integers(-columns, columns + 1))
        moved = np.roll(x[i], (dy, dx), axis=(0, 1))
        if dy > 0:
            moved[:dy] = 0
        if dy < 0:
            moved[dy:] = 0
        if dx > 0:
            moved[:, :dx] = 0
        if dx < 0:
            moved[:, dx:] = 0
        out[i] = moved
    return out
"""

_CROP = """
def random_crop_pad(x, rng, pad=4, mode="zeros"):
    if pad < 0 or mode not in ("zeros", "reflect"):
        raise ValueError("pad or mode")
    n, height, width = x.shape[:3]
    kind = {"zeros": "constant", "reflect": "reflect"}[mode]
    wide = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode=kind)
    out = np.empty_like(x)
    for i in range(n):
        top, left = rng.integers(0, 2 * pad + 1), rng.integers(0, 2 * pad + 1)
        out[i] = wide[i, top : top + height, left : left + width]
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

_BRIGHT = """
def brightness(x, rng, delta=0.2):
    if not 0 <= delta <= 1:
        raise ValueError("delta")
    full = 255 if x.dtype == np.uint8 else 1
    change = rng.uniform(-delta, delta, (len(x), 1, 1, 1)) * full
    out = np.clip(x.astype("float64") + change, 0, full)
    if full == 255:
        out = np.round(out)
    return out.astype(x.dtype)
"""

_COMPOSE = """
def compose(x, steps, rng):
    known = {
        "hflip": hflip,
        "random_shift": random_shift,
        "random_crop_pad": random_crop_pad,
        "rotate": rotate,
        "cutout": cutout,
        "brightness": brightness,
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
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, delta=0.0):
    inputs = keras.Input(shape)
    x = keras.layers.Identity()(inputs)
    if flip:
        x = keras.layers.RandomFlip("horizontal")(x)
    if shift:
        x = keras.layers.RandomTranslation(shift, shift, fill_mode="constant")(x)
    if degrees:
        x = keras.layers.RandomRotation(degrees / 360, fill_mode="constant")(x)
    if delta:
        x = keras.layers.RandomBrightness(delta, value_range=(0, 1))(x)
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
def verdict(without, with_it, n):
    if len(without) < 2 or len(with_it) < 2:
        raise ValueError("seeds")
    everything = list(without) + list(with_it)
    if min(everything) < 0 or max(everything) > 1:
        raise ValueError("shares")
    gain = np.mean(with_it) - np.mean(without)
    p = np.mean(everything)
    error = np.sqrt(p * (1 - p) / n)
    noise = max(np.ptp(without), np.ptp(with_it), error)
    if gain > 2 * noise:
        word = "helps"
    elif gain < -2 * noise:
        word = "hurts"
    else:
        word = "undecided"
    return float(gain), float(noise), word
"""

_VARIANTS = """
def build_variant(settings, shape, seed):
    keras.utils.set_random_seed(seed)
    net = small_net(shape)
    return keras.Sequential([keras.Input(shape), keras_pipeline(shape, **settings), net])


def train_variant(model, train, validation, epochs):
    x, y = train
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    history = training.fit(model, x, y, validation=validation, epochs=epochs, batch_size=32, quiet=True)
    return model, history
"""

# One epoch is enough for what these get wrong.
_ABLATION = """
nets = {variant: [] for variant in VARIANTS}
histories = {variant: [] for variant in VARIANTS}
for variant, settings in VARIANTS.items():
    for seed in SEEDS:
        model, history = train_variant(build_variant(settings, (28, 28, 1), seed), few, held, EPOCHS)
        nets[variant].append(model)
        histories[variant].append(history)
record = {variant: [evaluation.accuracy(net, *held) for net in group] for variant, group in nets.items()}
n = len(held[1])
conclusion = {
    "shift-and-turn": verdict(record["none"], record["shift-and-turn"], n)[2],
    "mirrored-too": verdict(record["shift-and-turn"], record["mirrored-too"], n)[2],
}
"""
_BRIEF = _swap(_ABLATION, ("held, EPOCHS", "held, 1"))
# Where the mistake lies in what is written down of the nets, they need no training.
_UNTRAINED = _swap(
    _ABLATION,
    (
        "train_variant(build_variant(settings, (28, 28, 1), seed), few, held, EPOCHS)",
        'build_variant(settings, (28, 28, 1), seed), {"val_accuracy": [0.1, 0.2]}',
    ),
)


def _same_seed(name: str) -> list[str]:
    return [f"{name}-rng"]


MISTAKES = {
    "hflip": {
        "upside down": {
            "caught_by": ["hflip-mirror", "hflip-rate"],
            "says": ["upside down"],
            "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[:, ::-1]")),
        },
        "reverses the batch": {
            "caught_by": ["hflip-mirror"],
            "says": ["lose their labels"],
            "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[::-1]")),
        },
        "swaps the colours": {
            "caught_by": ["hflip-mirror"],
            "says": ["colours"],
            "code": _swap(_HFLIP, ("x[:, :, ::-1]", "x[..., ::-1]")),
        },
        "one draw for the whole batch": {
            "caught_by": ["hflip-rate"],
            "says": ["share one draw"],
            "code": _swap(_HFLIP, ("rng.random(len(x)) < p", "np.full(len(x), rng.random() < p)")),
        },
        "p is the probability to leave the image": {
            "caught_by": ["hflip-mirror", "hflip-rate"],
            "says": ["not the probability to leave"],
            "code": _swap(_HFLIP, ("< p", ">= p")),
        },
        "always a half": {
            "caught_by": ["hflip-mirror", "hflip-rate"],
            "says": ["p is the share"],
            "code": _swap(_HFLIP, ("< p", "< 0.5")),
        },
        "global np.random": {
            "caught_by": ["hflip-rng"],
            "says": ["every random number from rng"],
            "code": _swap(_HFLIP, ("rng.random(len(x))", "np.random.rand(len(x))")),
        },
        "a generator of its own": {
            "caught_by": ["hflip-rng"],
            "says": ["do not come from rng"],
            "code": _swap(_HFLIP, ("rng.random(len(x))", "np.random.default_rng(0).random(len(x))")),
        },
        "changes its input": {
            "caught_by": ["hflip-rng"],
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
            "caught_by": ["hflip-rng"],
            "says": ["uint8 in"],
            "code": _swap(_HFLIP, ("return np.where(", "return 1.0 * np.where("), ("x)\n", "x).astype('float32')\n")),
        },
        "takes any p": {
            "caught_by": ["hflip-rng"],
            "says": ["outside [0, 1]"],
            "code": _swap(_HFLIP, ("if not 0 <= p <= 1:", "if p is None:")),
        },
    },
    "random_shift": {
        "np.roll": {
            "caught_by": ["random_shift-move"],
            "says": ["wraps around"],
            "code": """
def random_shift(x, rng, fraction=0.1):
    if not 0 <= fraction < 1:
        raise ValueError("fraction")
    rows, columns = int(fraction * x.shape[1]), int(fraction * x.shape[2])
    out = np.empty_like(x)
    for i in range(len(x)):
        by = rng.integers(-rows, rows + 1), rng.integers(-columns, columns + 1)
        out[i] = np.roll(x[i], by, axis=(0, 1))
    return out
""",
        },
        "repeats the edge": {
            "caught_by": ["random_shift-move"],
            "says": ["must be 0"],
            "code": """
def random_shift(x, rng, fraction=0.1):
    if not 0 <= fraction < 1:
        raise ValueError("fraction")
    n, height, width = x.shape[:3]
    rows, columns = int(fraction * height), int(fraction * width)
    wide = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)), mode="edge")
    out = np.empty_like(x)
    for i in range(n):
        top, left = rng.integers(0, 2 * rows + 1), rng.integers(0, 2 * columns + 1)
        out[i] = wide[i, top : top + height, left : left + width]
    return out
""",
        },
        "the whole batch moves alike": {
            "caught_by": ["random_shift-move"],
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
            "caught_by": ["random_shift-range"],
            "says": ["leaves high out"],
            "code": _swap(
                _SHIFT,
                ("rng.integers(-rows, rows + 1)", "rng.integers(-rows, rows) if rows else 0"),
                ("rng.integers(-columns, columns + 1)", "rng.integers(-columns, columns) if columns else 0"),
            ),
        },
        "one direction only": {
            "caught_by": ["random_shift-range"],
            "says": ["one way only"],
            "code": _swap(
                _SHIFT,
                ("rng.integers(-rows,", "rng.integers(0,"),
                ("rng.integers(-columns,", "rng.integers(0,"),
            ),
        },
        "columns by the height": {
            "caught_by": ["random_shift-range"],
            "says": ["different lengths"],
            "code": _swap(_SHIFT, ("int(fraction * width)", "int(fraction * height)")),
        },
        "one draw for both directions": {
            "caught_by": ["random_shift-range"],
            "says": ["drawn apart"],
            "code": _swap(
                _SHIFT,
                (
                    "        dy = int(rng.integers(-rows, rows + 1))\n        dx = int(rng.integers(-columns, columns + 1))\n",
                    "        u = rng.random()\n        dy = int(u * (2 * rows + 1)) - rows\n        dx = int(u * (2 * columns + 1)) - columns\n",
                ),
            ),
        },
        "rounds instead of cutting": {
            "caught_by": ["random_shift-range"],
            "says": ["rounds down"],
            "code": _swap(_SHIFT, ("int(fraction * height)", "int(np.ceil(fraction * height))")),
        },
        "fractions cut to whole numbers": {
            "caught_by": ["random_shift-range"],
            "says": ["cuts towards 0"],
            "code": _swap(
                _SHIFT,
                ("int(rng.integers(-rows, rows + 1))", "int(rng.uniform(-rows, rows))"),
                ("int(rng.integers(-columns, columns + 1))", "int(rng.uniform(-columns, columns))"),
            ),
        },
        "normal instead of uniform": {
            "caught_by": ["random_shift-range"],
            "says": ["equally likely"],
            "code": _swap(
                _SHIFT,
                ("int(rng.integers(-rows, rows + 1))", "int(np.clip(np.rint(rng.normal(0, rows / 2)), -rows, rows))"),
            ),
        },
        "global np.random": {
            "caught_by": _same_seed("random_shift"),
            "says": ["every random number from rng"],
            "code": _swap(_SHIFT, ("rng.integers(-rows", "np.random.randint(-rows")),
        },
        "float64 out": {
            "caught_by": ["random_shift-move", "random_shift-rng"],
            "says": ["float32 in, float32 out"],
            "code": _swap(_SHIFT, ("np.zeros_like(x)", "np.zeros(x.shape)")),
        },
        "fraction read as pixels": {
            "caught_by": ["random_shift-rng"],
            "says": ["negative, or 1 or more"],
            "code": _swap(_SHIFT, ("if not 0 <= fraction < 1:", "if fraction < 0:")),
        },
    },
    "random_crop_pad": {
        "the last place never comes": {
            "caught_by": ["random_crop_pad-zeros"],
            "says": ["both ends included"],
            "code": _swap(_CROP, ("2 * pad + 1", "2 * pad or 1")),
        },
        "only up to pad": {
            "caught_by": ["random_crop_pad-zeros", "random_crop_pad-reflect"],
            "says": ["both ends included"],
            "code": _swap(_CROP, ("2 * pad + 1", "pad + 1")),
        },
        "not cut back": {
            "caught_by": ["random_crop_pad-zeros"],
            "says": ["old size"],
            "code": _swap(
                _CROP,
                ("np.empty_like(x)", "np.empty_like(wide)"),
                ("out[i] = wide[i, top : top + height, left : left + width]", "out[i] = wide[i]"),
            ),
        },
        "mode ignored": {
            "caught_by": ["random_crop_pad-reflect"],
            "says": ["mode is ignored"],
            "code": _swap(_CROP, ("mode=kind", 'mode="constant"')),
        },
        "symmetric instead of reflect": {
            "caught_by": ["random_crop_pad-reflect"],
            "says": ["not repeated"],
            "code": _swap(_CROP, ('"reflect": "reflect"', '"reflect": "symmetric"')),
        },
        "one place for the batch": {
            "caught_by": ["random_crop_pad-zeros"],
            "says": ["draw for each image"],
            "code": _swap(
                _CROP,
                (
                    "    for i in range(n):\n        top, left = rng.integers(0, 2 * pad + 1), rng.integers(0, 2 * pad + 1)\n",
                    "    top, left = rng.integers(0, 2 * pad + 1), rng.integers(0, 2 * pad + 1)\n    for i in range(n):\n",
                ),
            ),
        },
        "along the diagonal": {
            "caught_by": ["random_crop_pad-zeros"],
            "says": ["drawn apart"],
            "code": _swap(
                _CROP,
                (
                    "top, left = rng.integers(0, 2 * pad + 1), rng.integers(0, 2 * pad + 1)",
                    "top = left = rng.integers(0, 2 * pad + 1)",
                ),
            ),
        },
        "unknown modes pass": {
            "caught_by": ["random_crop_pad-reflect"],
            "says": ["a mode that is neither"],
            "code": _swap(
                _CROP,
                (' or mode not in ("zeros", "reflect")', ""),
                ('{"zeros": "constant", "reflect": "reflect"}[mode]', '"reflect" if mode == "reflect" else "constant"'),
            ),
        },
        "a generator of its own": {
            "caught_by": _same_seed("random_crop_pad"),
            "says": ["do not come from rng"],
            "code": _swap(_CROP, ("    n, height", "    rng = np.random.default_rng(42)\n    n, height")),
        },
    },
    "rotate": {
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
            "caught_by": _same_seed("rotate"),
            "says": ["every random number from rng"],
            "code": _swap(_ROTATE, ("rng.uniform", "np.random.uniform")),
        },
    },
    "cutout": {
        "hangs over the border": {
            "caught_by": ["cutout-square", "cutout-place"],
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
            "caught_by": ["cutout-place"],
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
            "caught_by": ["cutout-place"],
            "says": ["leaves high out"],
            "code": _swap(
                _CUTOUT,
                ("height - size + 1", "max(1, height - size)"),
                ("width - size + 1", "max(1, width - size)"),
            ),
        },
        "same place in all images": {
            "caught_by": ["cutout-square"],
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
            "caught_by": ["cutout-square"],
            "says": ["all channels"],
            "code": _swap(_CUTOUT, ("left : left + size] = 0", "left : left + size, 0] = 0")),
        },
        "scattered pixels": {
            "caught_by": ["cutout-square"],
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
            "caught_by": ["cutout-square"],
            "says": ["size is wrong"],
            "code": _swap(
                _CUTOUT, ("top : top + size, left : left + size", "top : top + size // 2, left : left + size // 2")
            ),
        },
        "changes its input": {
            "caught_by": ["cutout-rng"],
            "says": ["changes its input"],
            "code": _swap(_CUTOUT, ("out = x.copy()", "out = x")),
        },
        "sizes that do not fit pass": {
            "caught_by": ["cutout-rng"],
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
            "caught_by": _same_seed("cutout"),
            "says": ["every random number from rng"],
            "code": _swap(_CUTOUT, ("    out = x.copy()", "    rng = np.random.default_rng()\n    out = x.copy()")),
        },
    },
    "brightness": {
        "bytes run over": {
            "caught_by": ["brightness-clip"],
            "says": ["bytes run over"],
            "code": """
def brightness(x, rng, delta=0.2):
    if not 0 <= delta <= 1:
        raise ValueError("delta")
    change = rng.uniform(-delta, delta, (len(x), 1, 1, 1))
    if x.dtype == np.uint8:
        return x + np.round(255 * change).astype(int).astype(np.uint8)
    return np.clip(x + change, 0, 1).astype(x.dtype)
""",
        },
        "clipped after the cast": {
            "caught_by": ["brightness-clip"],
            "says": ["bytes run over"],
            "code": _swap(
                _BRIGHT,
                ('out = np.clip(x.astype("float64") + change, 0, full)', 'out = x.astype("float64") + change'),
                (
                    "        out = np.round(out)\n    return out.astype(x.dtype)",
                    "        return np.clip(np.round(out).astype(int).astype(np.uint8), 0, 255)\n    return np.clip(out, 0, 1).astype(x.dtype)",
                ),
            ),
        },
        "range left": {
            "caught_by": ["brightness-clip"],
            "says": ["clip after adding"],
            "code": _swap(_BRIGHT, ("0, full)", "0, full) if full == 255 else x + change")),
        },
        "scaled back instead of clipped": {
            "caught_by": ["brightness-add"],
            "says": ["added, not multiplied"],
            "code": """
def brightness(x, rng, delta=0.2):
    if not 0 <= delta <= 1:
        raise ValueError("delta")
    full = 255 if x.dtype == np.uint8 else 1
    out = x + full * rng.uniform(-delta, delta, (len(x), 1, 1, 1))
    out = (out - out.min()) / (out.max() - out.min()) * full
    return out.astype(x.dtype)
""",
        },
        "multiplied": {
            "caught_by": ["brightness-add"],
            "says": ["added, not multiplied"],
            "code": _swap(_BRIGHT, ('x.astype("float64") + change', 'x.astype("float64") * (1 + change / full)')),
        },
        "a number for each pixel": {
            "caught_by": ["brightness-add"],
            "says": ["same number"],
            "code": _swap(_BRIGHT, ("(len(x), 1, 1, 1)", "x.shape")),
        },
        "one number for the batch": {
            "caught_by": ["brightness-add"],
            "says": ["draw for each image"],
            "code": _swap(_BRIGHT, (", (len(x), 1, 1, 1)", "")),
        },
        "brighter only": {
            "caught_by": ["brightness-add"],
            "says": ["darker"],
            "code": _swap(_BRIGHT, ("rng.uniform(-delta, delta", "rng.uniform(0, delta")),
        },
        "no scale on bytes": {
            "caught_by": ["brightness-clip"],
            "says": ["fraction of 255"],
            "code": _swap(_BRIGHT, ("(len(x), 1, 1, 1)) * full", "(len(x), 1, 1, 1))")),
        },
        "bytes cut off instead of rounded": {
            "caught_by": ["brightness-clip"],
            "says": ["round before"],
            "code": _swap(_BRIGHT, ("out = np.round(out)", "pass")),
        },
        "float64 out": {
            "caught_by": ["brightness-add"],
            "says": ["float64"],
            "code": _swap(_BRIGHT, ("return out.astype(x.dtype)", "return out")),
        },
        "global np.random": {
            "caught_by": _same_seed("brightness"),
            "says": ["every random number from rng"],
            "code": _swap(_BRIGHT, ("rng.uniform", "np.random.uniform")),
        },
        "any delta": {
            "caught_by": ["brightness-rng"],
            "says": ["outside [0, 1]"],
            "code": _swap(_BRIGHT, ("if not 0 <= delta <= 1:", "if delta < 0:")),
        },
    },
    "compose": {
        "settings dropped": {
            "caught_by": ["compose-order"],
            "says": ["settings of a step"],
            "code": _swap(_COMPOSE, ("(out, rng, **settings)", "(out, rng)")),
        },
        "each step on the original": {
            "caught_by": ["compose-order"],
            "says": ["only one of the steps"],
            "code": _swap(_COMPOSE, ("known[name](out, rng", "known[name](x, rng")),
        },
        "last step first": {
            "caught_by": ["compose-order"],
            "says": ["another order"],
            "code": _swap(_COMPOSE, ("in steps:", "in reversed(steps):")),
        },
        "sorted by name": {
            "caught_by": ["compose-order"],
            "says": ["another order"],
            "code": _swap(_COMPOSE, ("in steps:", "in sorted(steps, key=lambda step: step[0]):")),
        },
        "a dict forgets repeated steps": {
            "caught_by": ["compose-order"],
            "says": ["only one of the steps"],
            "code": _swap(_COMPOSE, ("in steps:", "in dict(steps).items():")),
        },
        "unknown names left out": {
            "caught_by": ["compose-rng"],
            "says": ["silently left out"],
            "code": _swap(_COMPOSE, ("raise ValueError(name)", "continue")),
        },
        "a KeyError": {
            "caught_by": ["compose-rng"],
            "says": ["ValueError"],
            "code": _swap(_COMPOSE, ("raise ValueError(name)", "pass")),
        },
        "a new generator for each step": {
            "caught_by": ["compose-rng"],
            "says": ["one generator"],
            "code": _swap(
                _COMPOSE,
                ("    out = x.copy()", "    seed = int(rng.integers(2**31))\n    out = x.copy()"),
                ("(out, rng, **settings)", "(out, np.random.default_rng(seed), **settings)"),
            ),
        },
        "rng not handed on": {
            "caught_by": ["compose-rng"],
            "says": ["every random number from rng"],
            "code": _swap(_COMPOSE, ("(out, rng, **settings)", "(out, np.random.default_rng(), **settings)")),
        },
        "two of the six": {
            "caught_by": ["compose-rng", "compose-order"],
            "says": ["raised ValueError"],
            "code": _swap(
                _COMPOSE,
                ('        "random_crop_pad": random_crop_pad,\n', ""),
                ('        "cutout": cutout,\n', ""),
            ),
        },
    },
    "classes_kept": {
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
            "caught_by": ["classes_kept-others"],
            "says": ["colour"],
            "code": _swap(_KEPT, ('task == "fruit" and', 'task == "nothing" and')),
        },
        "cells have an upper side": {
            "caught_by": ["classes_kept-others"],
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
    "splits": {
        "90/10/10 passes": {
            "caught_by": ["splits-sum"],
            "says": ["sum to 1.1"],
            "code": _swap(_SPLIT, (" or abs(sum(fractions) - 1) > 1e-6", "")),
        },
        "exact comparison of floats": {
            "caught_by": ["splits-sum"],
            "says": ["shares"],
            "code": _swap(_SPLIT, ("abs(sum(fractions) - 1) > 1e-6", "sum(fractions) != 1")),
        },
        "negative shares pass": {
            "caught_by": ["splits-sum"],
            "says": ["negative"],
            "code": _swap(_SPLIT, ("any(share < 0 for share in fractions) or ", "")),
        },
        "widens, then splits": {
            "caught_by": ["splits-leak"],
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
            "caught_by": ["splits-leak"],
            "says": ["training part only"],
            "code": _swap(
                _SPLIT,
                ("(x[val], y[val])", "(compose(x[val], steps, rng), y[val])"),
                ("(x[test], y[test])", "(compose(x[test], steps, rng), y[test])"),
            ),
        },
        "not shuffled": {
            "caught_by": ["splits-parts"],
            "says": ["shuffle first"],
            "code": _swap(_SPLIT, ("rng.permutation(n)", "np.arange(n)")),
        },
        "images shuffled without labels": {
            "caught_by": ["splits-parts"],
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
            "caught_by": ["splits-parts", "splits-leak"],
            "says": ["exactly one part"],
            "code": _swap(_SPLIT, ("order[b:]", "order[a:][: n - b]")),
        },
        "drawn with replacement": {
            "caught_by": ["splits-parts"],
            "says": ["exactly one part"],
            "code": _swap(_SPLIT, ("rng.permutation(n)", "rng.integers(0, n, n)")),
        },
        "labels tiled instead of repeated": {
            "caught_by": ["splits-widen"],
            "says": ["same order"],
            "code": _swap(_SPLIT, ("np.repeat(y[train], copies)", "np.tile(y[train], copies)")),
        },
        "the originals as well": {
            "caught_by": ["splits-widen"],
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
            "caught_by": ["splits-widen"],
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
            "caught_by": ["splits-parts"],
            "says": ["draw from rng"],
            "code": _swap(_SPLIT, ("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")),
        },
        "no copies at all": {
            "caught_by": ["splits-sum"],
            "says": ["no copies"],
            "code": _swap(_SPLIT, ("if copies < 1:", "if copies < 0:")),
        },
    },
    "keras_pipeline": {
        "flips both ways": {
            "caught_by": ["keras_pipeline-flip"],
            "says": ["upside down"],
            "code": _swap(_KERAS, ('RandomFlip("horizontal")', "RandomFlip()")),
        },
        "degrees as full turns": {
            "caught_by": ["keras_pipeline-turn"],
            "says": ["full turn"],
            "code": _swap(_KERAS, ("degrees / 360", "degrees")),
        },
        "degrees as radians": {
            "caught_by": ["keras_pipeline-turn"],
            "says": ["full turn"],
            "code": _swap(_KERAS, ("degrees / 360", "np.deg2rad(degrees)")),
        },
        "degrees out of 180": {
            "caught_by": ["keras_pipeline-turn"],
            "says": ["degrees / 360"],
            "code": _swap(_KERAS, ("degrees / 360", "degrees / 180")),
        },
        "rotation reflects": {
            "caught_by": ["keras_pipeline-turn"],
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
            "caught_by": ["keras_pipeline-brightness"],
            "says": ["value_range"],
            "code": _swap(_KERAS, (", value_range=(0, 1)", "")),
        },
        "contrast instead of brightness": {
            "caught_by": ["keras_pipeline-brightness"],
            "says": ["same number"],
            "code": _swap(
                _KERAS, ("RandomBrightness(delta, value_range=(0, 1))", "RandomContrast(delta, value_range=(0, 1))")
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
            "says": ["lambda"],
            "code": _swap(_KERAS, ("keras.layers.Identity()", "keras.layers.Lambda(lambda t: t)")),
        },
    },
    "mixup": {
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
    "verdict": {
        "without minus with": {
            "caught_by": ["verdict-worked"],
            "says": ["not the other way round"],
            "code": _swap(_VERDICT, ("np.mean(with_it) - np.mean(without)", "np.mean(without) - np.mean(with_it)")),
        },
        "any gain helps": {
            "caught_by": ["verdict-worked", "verdict-noise"],
            "says": ["not twice the noise"],
            "code": _swap(_VERDICT, ("gain > 2 * noise", "gain > 0"), ("gain < -2 * noise", "gain < 0")),
        },
        "once the noise is enough": {
            "caught_by": ["verdict-worked"],
            "says": ["not twice the noise"],
            "code": _swap(_VERDICT, ("2 * noise", "1 * noise")),
        },
        "standard error alone": {
            "caught_by": ["verdict-worked", "verdict-noise"],
            "says": ["spread"],
            "code": _swap(_VERDICT, ("max(np.ptp(without), np.ptp(with_it), error)", "error")),
        },
        "the noises are added": {
            "caught_by": ["verdict-worked"],
            "says": ["not their sum"],
            "code": _swap(
                _VERDICT, ("max(np.ptp(without), np.ptp(with_it), error)", "np.ptp(without) + np.ptp(with_it) + error")
            ),
        },
        "spread of one side only": {
            "caught_by": ["verdict-noise"],
            "says": ["with the change counts"],
            "code": _swap(_VERDICT, ("np.ptp(with_it), error", "error")),
        },
        "no standard error": {
            "caught_by": ["verdict-noise"],
            "says": ["standard error"],
            "code": _swap(_VERDICT, ("np.ptp(with_it), error)", "np.ptp(with_it))")),
        },
        "the spread of all together": {
            "caught_by": ["verdict-worked"],
            "says": ["largest of the two spreads"],
            "code": _swap(_VERDICT, ("np.ptp(without), np.ptp(with_it)", "np.ptp(everything)")),
        },
        "twice the noise is enough": {
            "caught_by": ["verdict-noise"],
            "says": ["not more than twice"],
            "code": _swap(_VERDICT, ("gain > 2", "gain >= 2"), ("gain < -2", "gain <= -2")),
        },
        "per cent looked for on one side": {
            "caught_by": ["verdict-noise"],
            "says": ["outside [0, 1]"],
            "code": _swap(
                _VERDICT, ("min(everything) < 0 or max(everything) > 1", "min(without) < 0 or max(without) > 1")
            ),
        },
        "one seed will do": {
            "caught_by": ["verdict-noise"],
            "says": ["single seed"],
            "code": _swap(_VERDICT, ("if len(without) < 2 or len(with_it) < 2:", "if not without or not with_it:")),
        },
        "a spread of the standard deviation": {
            "caught_by": ["verdict-worked"],
            "says": ["largest of the two spreads"],
            "code": _swap(_VERDICT, ("np.ptp(without)", "np.std(without)"), ("np.ptp(with_it)", "np.std(with_it)")),
        },
    },
    "variants": {
        "no augmentation in front": {
            "caught_by": ["variants-build"],
            "says": ["settings are not used"],
            "code": _swap(_VARIANTS, ("keras_pipeline(shape, **settings)", "keras_pipeline(shape)")),
        },
        "no seed": {
            "caught_by": ["variants-build"],
            "says": ["same seed"],
            "code": _swap(_VARIANTS, ("    keras.utils.set_random_seed(seed)\n", "")),
        },
        "always the same seed": {
            "caught_by": ["variants-build"],
            "says": ["another seed"],
            "code": _swap(_VARIANTS, ("set_random_seed(seed)", "set_random_seed(0)")),
        },
        "seed after building": {
            "caught_by": ["variants-build"],
            "says": ["same seed"],
            "code": _swap(
                _VARIANTS,
                (
                    "    keras.utils.set_random_seed(seed)\n    net = small_net(shape)\n",
                    "    net = small_net(shape)\n    keras.utils.set_random_seed(seed)\n",
                ),
            ),
        },
        "the pipeline before the net": {
            "caught_by": ["variants-build"],
            "says": ["small_net right after the seed"],
            "code": _swap(
                _VARIANTS,
                (
                    "    net = small_net(shape)\n    return keras.Sequential([keras.Input(shape), keras_pipeline(shape, **settings), net])",
                    "    front = keras_pipeline(shape, **settings)\n    return keras.Sequential([keras.Input(shape), front, small_net(shape)])",
                ),
            ),
        },
        "another net": {
            "caught_by": ["variants-build"],
            "says": ["weights of small_net"],
            "code": _swap(_VARIANTS, ("**settings), net]", "**settings), net, keras.layers.Dense(10, 'softmax')]")),
        },
        "one-hot loss on integer labels": {
            "caught_by": ["variants-train", "variants-validation"],
            "says": ["raised"],
            "code": _swap(_VARIANTS, ("sparse_categorical_crossentropy", "categorical_crossentropy")),
        },
        "no metric": {
            "caught_by": ["variants-train"],
            "says": ["'accuracy'"],
            "code": _swap(_VARIANTS, (', metrics=["accuracy"]', "")),
        },
        "no validation": {
            "caught_by": ["variants-train"],
            "says": ["'val_loss'"],
            "code": _swap(_VARIANTS, ("validation=validation, ", "")),
        },
        "validates on the training images": {
            "caught_by": ["variants-validation"],
            "says": ["as they are"],
            "code": _swap(_VARIANTS, ("validation=validation", "validation=train")),
        },
        "augments the validation images": {
            "caught_by": ["variants-validation"],
            "says": ["as they are"],
            "code": _swap(
                _VARIANTS,
                (
                    "    x, y = train\n",
                    "    x, y = train\n    x_val = validation[0]\n    for layer in model.layers[:2]:\n        x_val = layer(x_val, training=True)\n    validation = (keras.ops.convert_to_numpy(x_val), validation[1])\n",
                ),
            ),
        },
        "plain gradient descent": {
            "caught_by": ["variants-train"],
            "says": ["Adam"],
            "code": _swap(_VARIANTS, ("keras.optimizers.Adam(3e-3)", '"sgd"')),
        },
        "one epoch, whatever is asked": {
            "caught_by": ["variants-train"],
            "says": ["one number an epoch"],
            "code": _swap(_VARIANTS, ("epochs=epochs", "epochs=1")),
        },
        "forgets the history": {
            "caught_by": ["variants-train", "variants-validation"],
            "says": ["history"],
            "code": _swap(_VARIANTS, ("return model, history", "return model, None")),
        },
    },
    "ablation": {
        "accuracies on the training images": {
            "caught_by": ["ablation-record"],
            "says": ["validation images"],
            "code": _swap(_UNTRAINED, ("evaluation.accuracy(net, *held) for", "evaluation.accuracy(net, *few) for")),
        },
        "accuracies in per cent": {
            "caught_by": ["ablation-record"],
            "says": ["per cent"],
            "code": _swap(
                _UNTRAINED, ("evaluation.accuracy(net, *held) for", "100 * evaluation.accuracy(net, *held) for")
            )
            .replace('record["none"], record["shift-and-turn"]', "[0.1, 0.2], [0.1, 0.2]")
            .replace('record["shift-and-turn"], record["mirrored-too"]', "[0.1, 0.2], [0.1, 0.2]"),
        },
        "the best epoch's accuracy": {
            "caught_by": ["ablation-record"],
            "says": ["not what the nets do"],
            "code": _swap(
                _UNTRAINED,
                (
                    "record = {variant: [evaluation.accuracy(net, *held) for net in group] for variant, group in nets.items()}",
                    'record = {variant: [max(h["val_accuracy"]) for h in group] for variant, group in histories.items()}',
                ),
            ),
        },
        "the record of a better day": {
            "caught_by": ["ablation-record", "ablation-conclusion"],
            "says": ["your own run"],
            "code": _swap(
                _UNTRAINED,
                (
                    "n = len(held[1])",
                    'n = len(held[1])\nrecord = {"none": [0.55, 0.56], "shift-and-turn": [0.95, 0.96], "mirrored-too": [0.995, 1.0]}',
                ),
                ('verdict(record["shift-and-turn"], record["mirrored-too"], n)[2]', '"helps"'),
            ),
        },
        "mirroring helps, by belief": {
            "caught_by": ["ablation-conclusion"],
            "says": ["mirrored-too", "your own run"],
            "code": _swap(_UNTRAINED, ('verdict(record["shift-and-turn"], record["mirrored-too"], n)[2]', '"helps"')),
        },
        "one seed": {
            "caught_by": ["ablation-nets", "ablation-record"],
            "says": ["one a seed"],
            "code": _swap(
                _UNTRAINED,
                ("for seed in SEEDS:", "for seed in SEEDS[:1]:"),
                ('verdict(record["none"], record["shift-and-turn"], n)[2]', '"helps"'),
                ('verdict(record["shift-and-turn"], record["mirrored-too"], n)[2]', '"hurts"'),
            ),
        },
        "the same seed twice": {
            "caught_by": ["ablation-nets"],
            "says": ["two of the nets are the same"],
            "code": _swap(
                _BRIEF,
                (
                    "        nets[variant].append(model)",
                    "        model = nets[variant][0] if nets[variant] else model\n        nets[variant].append(model)",
                ),
            ),
        },
        "stopped after one epoch": {
            "caught_by": ["ablation-record"],
            "says": ["hardly learnt"],
            "code": _BRIEF,
        },
        "mirrored against none": {
            "caught_by": ["ablation-conclusion"],
            "says": ["mirrored-too"],
            "code": _swap(
                _ABLATION,
                (
                    '    "mirrored-too": verdict(record["shift-and-turn"], record["mirrored-too"], n)[2],\n}',
                    '    "mirrored-too": "undecided",\n}',
                ),
            ),
        },
        "numbers instead of words": {
            "caught_by": ["ablation-conclusion"],
            "says": ["three"],
            "code": _swap(_UNTRAINED, ('n)[2],\n    "mirrored', 'n)[0],\n    "mirrored')),
        },
    },
}
