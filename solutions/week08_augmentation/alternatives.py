"""Other right answers to week 8. Each must earn every point: whole batch or loop, other orders of the draws, other libraries."""

_RUN = """
nets = {name: {variant: [] for variant in VARIANTS} for name in few}
histories = {name: {variant: [] for variant in VARIANTS} for name in few}
for name in few:
    for variant, settings in VARIANTS.items():
        for seed in SEEDS:
            model, history = training.trained(
                f"{name}-{'mirrored' if settings else 'plain'}-{seed}",
                lambda settings=settings, seed=seed, name=name: build_variant(settings, few[name][0].shape[1:], seed),
                lambda model, name=name: train_variant(model, few[name], held[name], EPOCHS),
                settings={"variant": settings, "seed": seed, "images": FEW[name], "epochs": EPOCHS},
            )
            nets[name][variant].append(model)
            histories[name][variant].append(history)
"""

ALTERNATIVES = {
    "moves": {
        "fancy indices, fliplr": """
def hflip(x, rng, p=0.5):
    if p < 0 or p > 1:
        raise ValueError("p must be a probability")
    flips = rng.uniform(size=x.shape[0]) < p
    return np.stack([np.fliplr(image) if f else image.copy() for image, f in zip(x, flips)]) if len(x) else x.copy()

def random_shift(x, rng, fraction=0.1, fill="zeros"):
    if fraction < 0 or fraction >= 1:
        raise ValueError("fraction")
    if fill not in {"zeros", "reflect"}:
        raise ValueError("fill")
    N, H, W, C = x.shape
    my, mx = int(fraction * H), int(fraction * W)
    dy, dx = rng.integers(-my, my + 1, size=N), rng.integers(-mx, mx + 1, size=N)
    r = np.arange(H)[None, :] - dy[:, None]
    c = np.arange(W)[None, :] - dx[:, None]
    if fill == "reflect":
        r, c = np.abs(r), np.abs(c)
        r = np.where(r > H - 1, 2 * (H - 1) - r, r)
        c = np.where(c > W - 1, 2 * (W - 1) - c, c)
        return x[np.arange(N)[:, None, None], r[:, :, None], c[:, None, :]]
    ok = ((r >= 0) & (r < H))[:, :, None] & ((c >= 0) & (c < W))[:, None, :]
    out = x[np.arange(N)[:, None, None], r.clip(0, H - 1)[:, :, None], c.clip(0, W - 1)[:, None, :]]
    out[~ok] = 0
    return out
""",
        "a loop with one draw an image; pads and cuts": """
def hflip(x, rng, p=0.5):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    images = []
    for image in x:
        if rng.random() < p:
            image = np.fliplr(image)
        images.append(image)
    return np.array(images)


def random_shift(x, rng, fraction=0.1, fill="zeros"):
    if fraction < 0 or fraction >= 1 or fill not in {"zeros", "reflect"}:
        raise ValueError("fraction")
    n, h, w, c = x.shape
    a, b = int(fraction * h), int(fraction * w)
    kind = "reflect" if fill == "reflect" else "constant"
    wide = np.pad(x, [(0, 0), (a, a), (b, b), (0, 0)], mode=kind)
    out = []
    for image in wide:
        left = rng.integers(0, 2 * b + 1)
        top = rng.integers(0, 2 * a + 1)
        out.append(image[top : top + h, left : left + w])
    return np.stack(out)
""",
        "where, with drawn indices; whole batch, by indices": """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    keep = rng.uniform(size=len(x)) >= p
    return np.where(keep.reshape(-1, 1, 1, 1), x, np.flip(x, axis=2))


def random_shift(x, rng, fraction=0.1, fill="zeros"):
    if not (0 <= fraction < 1) or fill not in ["zeros", "reflect"]:
        raise ValueError("fraction")
    n, h, w, c = x.shape
    a, b = int(fraction * h), int(fraction * w)
    right = rng.integers(-b, b + 1, size=(n, 1, 1))
    down = rng.integers(-a, a + 1, size=(n, 1, 1))
    rows = np.arange(h)[None, :, None] - down
    columns = np.arange(w)[None, None, :] - right
    if fill == "reflect":
        rows, columns = np.abs(rows), np.abs(columns)
        rows = np.where(rows >= h, 2 * (h - 1) - rows, rows)
        columns = np.where(columns >= w, 2 * (w - 1) - columns, columns)
    inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
    moved = x[np.arange(n)[:, None, None], np.clip(rows, 0, h - 1), np.clip(columns, 0, w - 1)]
    return np.where(inside[..., None], moved, np.zeros((), x.dtype))
""",
        "rng.choice; np.roll of a padded image": """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    out = np.array(x)
    for i in np.flatnonzero(rng.choice([True, False], size=len(x), p=[p, 1 - p])):
        for column in range(x.shape[2]):
            out[i, :, column] = x[i, :, x.shape[2] - 1 - column]
    return out


def random_shift(x, rng, fraction=0.1, fill="zeros"):
    words = {"zeros": dict(mode="constant"), "reflect": dict(mode="reflect")}
    if not 0 <= fraction < 1 or fill not in words:
        raise ValueError("fraction")
    n, h, w = x.shape[:3]
    a, b = int(fraction * h), int(fraction * w)
    out = np.empty_like(x)
    for i, (u, v) in enumerate(rng.random((n, 2))):
        dy, dx = int(np.floor(u * (2 * a + 1))) - a, int(np.floor(v * (2 * b + 1))) - b
        image = np.roll(np.pad(x[i], ((a, a), (b, b), (0, 0)), **words[fill]), (dy, dx), axis=(0, 1))
        out[i] = image[a : a + h, b : b + w]
    return out
""",
        "binomial draws; scipy.ndimage.shift": """
def hflip(x, rng, p=0.5):
    if not 0.0 <= p <= 1.0:
        raise ValueError(p)
    chosen = rng.binomial(1, p, size=x.shape[0]).astype(bool)
    out = np.empty_like(x)
    out[chosen], out[~chosen] = x[chosen][:, :, ::-1, :], x[~chosen]
    return out


def random_shift(x, rng, fraction=0.1, fill="zeros"):
    from scipy import ndimage

    if not 0 <= fraction < 1 or fill not in ("zeros", "reflect"):
        raise ValueError("fraction")
    n, h, w = x.shape[:3]
    a, b = int(fraction * h), int(fraction * w)
    downs, rights = rng.integers(-a, a, n, endpoint=True), rng.integers(-b, b, n, endpoint=True)
    return np.stack([ndimage.shift(image, (dy, dx, 0), order=0, mode="mirror" if fill == "reflect" else "constant") for image, dy, dx in zip(x, downs, rights)])
""",
    },
    "values": {
        "float32 throughout": """
def cutout(x, rng, size=8):
    n, height, width = x.shape[:3]
    if size < 0 or size > min(height, width):
        raise ValueError("size")
    out = x.copy()
    for i in range(n):
        top, left = rng.integers(0, height - size + 1), rng.integers(0, width - size + 1)
        out[i, top : top + size, left : left + size] = 0
    return out



def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    for strength in (brightness, saturation):
        if strength < 0 or strength > 1:
            raise ValueError("strength")
    scale = np.float32(255) if x.dtype == "uint8" else np.float32(1)
    f = x.astype("float32") / scale
    s = rng.uniform(1 - saturation, 1 + saturation, size=(len(x), 1, 1, 1)).astype("float32")
    b = rng.uniform(-brightness, brightness, size=(len(x), 1, 1, 1)).astype("float32")
    grey = f.mean(axis=3, keepdims=True)
    f = np.clip(s * f + (1 - s) * grey + b, 0, 1) * scale
    return f.round().astype("uint8") if x.dtype == "uint8" else f
""",
        "a mask for the whole batch; image by image": """
def cutout(x, rng, size=8):
    n, h, w, c = x.shape
    if size < 0 or size > h or size > w:
        raise ValueError("size")
    left = rng.integers(0, w - size + 1, (n, 1, 1))
    top = rng.integers(0, h - size + 1, (n, 1, 1))
    r, s = np.arange(h)[None, :, None], np.arange(w)[None, None, :]
    hole = (r >= top) & (r < top + size) & (s >= left) & (s < left + size)
    return np.where(hole[..., None], 0, x).astype(x.dtype)


def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    if min(brightness, saturation) < 0 or max(brightness, saturation) > 1:
        raise ValueError("strength")
    top = 255.0 if x.dtype == np.uint8 else 1.0
    out = np.empty_like(x)
    for i, image in enumerate(x):
        image = image.astype(float)
        grey = image.mean(axis=-1)[..., None]
        new = grey + (image - grey) * rng.uniform(1 - saturation, 1 + saturation) + top * rng.uniform(-brightness, brightness)
        new = np.minimum(np.maximum(new, 0), top)
        out[i] = np.round(new) if x.dtype == np.uint8 else new
    return out
""",
        "one number for the place; bytes by way of floats": """
def cutout(x, rng, size=8):
    h, w = x.shape[1], x.shape[2]
    if not 0 <= size <= min(h, w):
        raise ValueError("size")
    out = np.copy(x)
    for image in out:
        top, left = divmod(int(rng.integers((h - size + 1) * (w - size + 1))), w - size + 1)
        image[top : top + size, left : left + size, :] = 0
    return out


def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    if not (0 <= brightness <= 1) or not (0 <= saturation <= 1):
        raise ValueError("strength")
    if x.dtype == np.uint8:
        return np.rint(255 * colour_jitter(x.astype("float64") / 255, rng, brightness, saturation)).astype("uint8")
    amount, factor = rng.random((2, x.shape[0], 1, 1, 1)) * 2 - 1
    grey = x.astype("float64").sum(axis=3, keepdims=True) / x.shape[3]
    factor = 1 + saturation * factor
    return (factor * x + (1 - factor) * grey + brightness * amount).clip(0, 1).astype(x.dtype)
""",
        "times a mask; a matrix over the channels": """
def cutout(x, rng, size=8):
    height, width = x.shape[1:3]
    if size < 0:
        raise ValueError("size")
    if size > height or size > width:
        raise ValueError("size")
    mask = np.ones(x.shape, x.dtype)
    for i in range(len(x)):
        a = int(rng.random() * (height - size + 1))
        b = int(rng.random() * (width - size + 1))
        mask[i, a : a + size, b : b + size] = 0
    return x * mask


def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    for strength in (brightness, saturation):
        if strength < 0 or strength > 1:
            raise ValueError("strength")
    n, h, w, c = x.shape
    change = rng.uniform(low=-brightness, high=brightness, size=n)
    factor = 1 + rng.uniform(-saturation, saturation, size=n)
    mix = factor[:, None, None] * np.eye(c) + (1 - factor)[:, None, None] * np.full((c, c), 1 / c)
    out = np.einsum("nhwc,ncd->nhwd", x.astype(np.float64), mix)
    if x.dtype == np.uint8:
        return np.clip(np.floor(out + 255 * change[:, None, None, None] + 0.5), 0, 255).astype(np.uint8)
    return np.clip(out + change[:, None, None, None], 0.0, 1.0).astype(np.float32)
""",
    },
    "pipeline": {
        "partial functions, chosen first; shuffled in place of an index": """
from functools import partial, reduce


def compose(x, steps, rng):
    every = (hflip, random_shift, cutout, colour_jitter)
    table = {function.__name__: function for function in every}
    unknown = [name for name, _ in steps if name not in table]
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    chosen = [partial(table[name], rng=rng, **settings) for name, settings in steps]
    return reduce(lambda images, step: step(images), chosen, np.array(x))


def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    a, b, c = fractions
    if a < 0 or b < 0 or c < 0 or not np.isclose(a + b + c, 1):
        raise ValueError("the shares must sum to 1")
    if copies < 1:
        raise ValueError("copies")
    n = len(y)
    order = np.arange(n)
    rng.shuffle(order)
    n_test, n_val = round(c * n), round(b * n)
    n_train = n - n_test - n_val
    parts = {}
    parts["train"] = x[order[:n_train]], y[order[:n_train]]
    parts["validation"] = x[order[n_train : n_train + n_val]], y[order[n_train : n_train + n_val]]
    parts["test"] = x[order[n_train + n_val :]], y[order[n_train + n_val :]]
    images, labels = parts["train"]
    wide = [compose(images, steps, rng) for _ in range(copies)]
    parts["train"] = np.concatenate(wide), np.concatenate([labels] * copies)
    return parts
""",
        "if and elif; scikit-learn": """
def compose(x, steps, rng):
    out = x.copy()
    for step in steps:
        name, settings = step[0], step[1]
        if name == "hflip":
            out = hflip(out, rng, **settings)
        elif name == "random_shift":
            out = random_shift(out, rng, **settings)
        elif name == "cutout":
            out = cutout(out, rng, **settings)
        elif name == "colour_jitter":
            out = colour_jitter(out, rng, **settings)
        else:
            raise ValueError("unknown augmentation " + name)
    return out


def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    from sklearn.model_selection import train_test_split

    if min(fractions) < 0 or abs(1 - sum(fractions)) > 1e-6 or copies < 1:
        raise ValueError("shares or copies")
    n = len(x)
    n_val, n_test = round(n * fractions[1]), round(n * fractions[2])
    seed = int(rng.integers(2**31))
    train, rest = np.arange(n), np.array([], int)
    if n_val + n_test:
        train, rest = train_test_split(train, test_size=n_val + n_test, random_state=seed)
    val, test = rest[:n_val], rest[n_val:]
    many = np.tile(train, copies)
    shuffled = rng.permutation(many)
    return {
        "train": (compose(x[shuffled], steps, rng), y[shuffled]),
        "validation": (x[val], y[val]),
        "test": (x[test], y[test]),
    }
""",
        "recursion; lists as pairs": """
def compose(x, steps, rng):
    if not steps:
        return x.copy()
    (name, settings), *rest = steps
    functions = (hflip, random_shift, cutout, colour_jitter)
    by_name = {function.__name__: function for function in functions}
    try:
        function = by_name[name]
    except KeyError as problem:
        raise ValueError(f"unknown: {name}") from problem
    return compose(function(x, rng, **settings), rest, rng)


def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    if any(f < 0 for f in fractions):
        raise ValueError("negative")
    if round(sum(fractions), 6) != 1:
        raise ValueError("sum")
    if copies <= 0:
        raise ValueError("copies")
    keys = rng.random(len(x))
    order = np.argsort(keys)
    b, c = int(round(fractions[1] * len(x))), int(round(fractions[2] * len(x)))
    test, validation, train = np.split(order, [c, c + b])
    images, labels = [], []
    for index in train:
        images.append(compose(np.stack([x[index]] * copies), steps, rng))
        labels += [y[index]] * copies
    wide = np.concatenate(images) if images else x[:0]
    return {
        "test": [x[test], y[test]],
        "validation": [x[validation], y[validation]],
        "train": [wide, np.array(labels, y.dtype)],
    }
""",
        "a generator of its own for each step, spawned; shuffled in place of an index": """
def compose(x, steps, rng):
    known = dict(hflip=hflip, random_shift=random_shift)
    known.update(cutout=cutout, colour_jitter=colour_jitter)
    if any(name not in known for name, _ in steps):
        raise ValueError("unknown step")
    out = x.copy()
    for (name, settings), own in zip(steps, rng.spawn(len(steps))):
        out = known[name](out, own, **settings)
    return out


def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    a, b, c = fractions
    if a < 0 or b < 0 or c < 0 or not np.isclose(a + b + c, 1):
        raise ValueError("the shares must sum to 1")
    if copies < 1:
        raise ValueError("copies")
    n = len(y)
    order = np.arange(n)
    rng.shuffle(order)
    n_test, n_val = round(c * n), round(b * n)
    n_train = n - n_test - n_val
    parts = {}
    parts["train"] = x[order[:n_train]], y[order[:n_train]]
    parts["validation"] = x[order[n_train : n_train + n_val]], y[order[n_train : n_train + n_val]]
    parts["test"] = x[order[n_train + n_val :]], y[order[n_train + n_val :]]
    images, labels = parts["train"]
    wide = [compose(images, steps, rng) for _ in range(copies)]
    parts["train"] = np.concatenate(wide), np.concatenate([labels] * copies)
    return parts
""",
    },
    "classes_kept": {
        "what is lost, subtracted": """
def classes_kept(augmentation, task):
    every = dict(digits=frozenset(range(10)), arrows=frozenset(["left", "right", "straight on"]), fruit=frozenset(["ripe", "unripe"]), cells=frozenset(["round", "rod"]))
    bad = dict(digits={"hflip": {2, 3, 4, 5, 6, 7, 9}, "vflip": {2, 4, 5, 6, 7, 9}, "turn 180": {2, 3, 4, 5, 6, 7, 9}},
               arrows={"hflip": {"left", "right"}, "vflip": {"straight on"}, "turn 180": {"left", "right", "straight on"}}, fruit={"grey": {"ripe", "unripe"}}, cells={})
    if augmentation not in "hflip,vflip,turn 180,turn 10,shift,brightness,grey".split(",") or task not in every:
        raise ValueError("unknown")
    return every[task] - bad[task].get(augmentation, set())
""",
        "a table of everything": """
def classes_kept(augmentation, task):
    ten = list(range(10))
    arrows, fruit, cells = ["left", "right", "straight on"], ["ripe", "unripe"], ["round", "rod"]
    table = {
        "hflip": ([0, 1, 8], ["straight on"], fruit, cells),
        "vflip": ([0, 1, 3, 8], ["left", "right"], fruit, cells),
        "turn 180": ([0, 1, 8], [], fruit, cells),
        "turn 10": (ten, arrows, fruit, cells),
        "shift": (ten, arrows, fruit, cells),
        "brightness": (ten, arrows, fruit, cells),
        "grey": (ten, arrows, [], cells),
    }
    tasks = ["digits", "arrows", "fruit", "cells"]
    if augmentation not in table or task not in tasks:
        raise ValueError("unknown")
    return set(table[augmentation][tasks.index(task)])
""",
        "a label after the change": """
def classes_kept(augmentation, task):
    if augmentation not in {"hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey"}:
        raise ValueError(augmentation)
    if task == "arrows":
        points = {"left": (-1, 0), "right": (1, 0), "straight on": (0, 1)}
        sign = {"hflip": (-1, 1), "vflip": (1, -1), "turn 180": (-1, -1)}.get(augmentation, (1, 1))
        return {name for name, (a, b) in points.items() if (a * sign[0], b * sign[1]) == (a, b)}
    if task == "digits":
        left_right, up_down = {0, 1, 8}, {0, 1, 3, 8}
        half_turn = left_right & up_down
        return {"hflip": left_right, "vflip": up_down, "turn 180": half_turn}.get(augmentation, set(range(10)))
    if task == "fruit":
        return set() if augmentation == "grey" else {"ripe", "unripe"}
    if task == "cells":
        return {"round", "rod"}
    raise ValueError(task)
""",
        "lists instead of sets": """
def classes_kept(augmentation, task):
    everything = {
        "digits": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "arrows": ["left", "right", "straight on"],
        "fruit": ["ripe", "unripe"],
        "cells": ["round", "rod"],
    }
    lost = {
        "hflip": [2, 3, 4, 5, 6, 7, 9, "left", "right"],
        "vflip": [2, 4, 5, 6, 7, 9, "straight on"],
        "turn 180": [2, 3, 4, 5, 6, 7, 9, "left", "right", "straight on"],
        "turn 10": [],
        "shift": [],
        "brightness": [],
        "grey": ["ripe", "unripe"],
    }
    try:
        return [one for one in everything[task] if one not in lost[augmentation]]
    except KeyError:
        raise ValueError("unknown augmentation or task")
""",
    },
    "keras_pipeline": {
        "a table of layers": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    L = keras.layers
    kinds = [(flip, lambda: L.RandomFlip("horizontal")), (shift, lambda: L.RandomTranslation(shift, shift, fill_mode="constant")),
             (degrees, lambda: L.RandomRotation(degrees / 360, fill_mode="constant")), (zoom, lambda: L.RandomZoom((-zoom, 0), fill_mode="constant")),
             (brightness, lambda: L.RandomBrightness(brightness, (0, 1)))]
    steps = [make() for on, make in kinds if on]
    x = inputs = keras.Input(shape)
    for step in steps:
        x = step(x)
    return keras.Model(inputs, x)
""",
        "another order, with seeds": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    net = keras.Sequential(name="augmentation")
    net.add(keras.Input(shape=shape))
    net.add(keras.layers.RandomBrightness(factor=brightness, value_range=(0.0, 1.0), seed=1))
    net.add(keras.layers.RandomZoom(height_factor=(-zoom, 0), width_factor=None, fill_mode="constant"))
    net.add(keras.layers.RandomRotation((-degrees / 360, degrees / 360), fill_mode="constant"))
    net.add(keras.layers.RandomTranslation((-shift, shift), (-shift, shift), fill_mode="constant"))
    if flip:
        net.add(keras.layers.RandomFlip(mode="horizontal"))
    return net
""",
        "all layers always, strength 0 or not": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.RandomBrightness([-brightness, brightness], value_range=(0.0, 1.0)),
            keras.layers.RandomTranslation((-shift, shift), (-shift, shift), fill_mode="constant"),
            keras.layers.RandomRotation((-degrees / 360, degrees / 360), fill_mode="constant"),
        ]
    )
    model.add(keras.layers.RandomZoom((-zoom, 0.0)))
    if flip:
        model.add(keras.layers.RandomFlip(mode="horizontal"))
    return model
""",
        "functional": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    inputs = keras.Input(shape=shape)
    x = inputs
    if degrees > 0:
        x = keras.layers.RandomRotation(factor=degrees / 360.0, fill_mode="constant", fill_value=0.0, seed=3)(x)
    if shift > 0:
        x = keras.layers.RandomTranslation(shift, shift, "constant", seed=4)(x)
    if zoom > 0:
        x = keras.layers.RandomZoom(height_factor=(-zoom, 0), fill_mode="nearest", seed=8)(x)
    if flip:
        x = keras.layers.RandomFlip("horizontal", seed=5)(x)
    if brightness > 0:
        x = keras.layers.RandomBrightness(brightness, (0, 1), seed=6)(x)
    if x is inputs:
        x = keras.layers.Activation("linear")(x)
    return keras.Model(inputs, x)
""",
        "rescaled by 1, with add": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    model = keras.Sequential()
    model.add(keras.layers.InputLayer(shape=shape))
    model.add(keras.layers.Rescaling(1.0))
    if flip:
        model.add(keras.layers.RandomFlip("horizontal"))
    model.add(keras.layers.RandomTranslation(shift, shift, fill_mode="constant", fill_value=0))
    turn = degrees * np.pi / 180 / (2 * np.pi)
    model.add(keras.layers.RandomRotation(float(turn), fill_mode="constant", fill_value=0))
    if zoom:
        model.add(keras.layers.RandomZoom([-zoom, 0.0], fill_mode="constant"))
    if brightness:
        model.add(keras.layers.RandomBrightness(brightness, value_range=[0, 1]))
    return model
""",
    },
    "verdict": {
        "scipy's standard error": """
from scipy import stats

def verdict(without, with_it):
    if np.shape(without) != np.shape(with_it) or np.ndim(without) != 2 or min(np.shape(without)) < 2:
        raise ValueError("shapes")
    d = np.mean(with_it, axis=0) - np.mean(without, axis=0)
    gain, margin = d.mean(), 1.96 * stats.sem(d)
    signs = np.sign(np.mean(with_it, axis=1) - np.mean(without, axis=1))
    if abs(gain) > margin and abs(signs.sum()) == len(signs):
        return gain, margin, "helps" if gain > 0 else "hurts"
    return gain, margin, "undecided"
""",
        "statistics and lists": """
def verdict(without, with_it):
    import math
    import statistics

    a = [[float(value) for value in row] for row in np.asarray(without).tolist()] if np.ndim(without) == 2 else []
    b = [[float(value) for value in row] for row in np.asarray(with_it).tolist()] if np.ndim(with_it) == 2 else []
    if len(a) < 2 or len(a) != len(b) or len(a[0]) < 2 or len(a[0]) != len(b[0]):
        raise ValueError("two seeds and two images at least, the same on both sides")
    d = [sum(new) / len(new) - sum(old) / len(old) for old, new in zip(zip(*a), zip(*b))]
    gain, margin = statistics.fmean(d), 1.96 * statistics.stdev(d) / math.sqrt(len(d))
    signs = [sum(new) - sum(old) for old, new in zip(a, b)]
    if gain > margin and min(signs) > 0:
        return gain, margin, "helps"
    if gain < -margin and max(signs) < 0:
        return gain, margin, "hurts"
    return gain, margin, "undecided"
""",
        "integers, a tuple of words": """
def verdict(without, with_it):
    old, new = np.asarray(without).astype(int), np.asarray(with_it).astype(int)
    if old.ndim != 2 or new.ndim != 2 or old.shape != new.shape or old.shape[0] == 1 or old.shape[1] == 1:
        raise ValueError("shapes")
    difference = new - old
    seeds, n = difference.shape
    d = difference.sum(axis=0) / seeds
    gain = d.sum() / n
    margin = 1.96 * np.sqrt(((d - gain) ** 2).sum() / (n - 1) / n)
    sign = np.sign(difference.sum(axis=1))
    helps, hurts = gain > margin and (sign == 1).all(), gain < -margin and (sign == -1).all()
    return [gain, margin, "helps" if helps else "hurts" if hurts else "undecided"]
""",
        "np.cov": """
def verdict(without, with_it):
    if np.shape(without) != np.shape(with_it) or len(np.shape(without)) != 2 or min(np.shape(without)) < 2:
        raise ValueError("shapes")
    change = np.subtract(with_it, without, dtype=float)
    d = np.mean(change, axis=0)
    gain, margin = np.average(d), 1.96 * np.sqrt(np.cov(d) / d.shape[0])
    own = change.mean(axis=1)
    word = "undecided"
    if abs(gain) > margin and abs(np.sign(own).sum()) == len(own):
        word = "helps" if gain > 0 else "hurts"
    return gain, margin, word
""",
    },
    "ablation": {
        "called by hand": _RUN
        + """
record, conclusion = {}, {}
for name in nets:
    x, y = held[name]
    record[name] = {}
    for variant in VARIANTS:
        answers = [keras.ops.convert_to_numpy(net(x, training=False)) for net in nets[name][variant]]
        record[name][variant] = np.argmax(answers, axis=-1) == y[None]
    conclusion[name] = verdict(*record[name].values())[-1]
""",
        "lists of arrays": _RUN
        + """
def right(net, name):
    return np.equal(np.argmax(net.predict(held[name][0], verbose=0), axis=1), held[name][1])


record = {n: {v: [right(net, n) for net in group] for v, group in one.items()} for n, one in nets.items()}
conclusion = {}
for n in ("pictures", "digits"):
    gain, margin, conclusion[n] = verdict(record[n]["as they are"], record[n]["mirrored"])
""",
        "without the artefacts": """
nets, histories, record, conclusion = {}, {}, {}, {}
for name, (x, y) in few.items():
    nets[name], histories[name], record[name] = {}, {}, {}
    for variant in VARIANTS:
        made = [build_variant(VARIANTS[variant], x.shape[1:], seed) for seed in SEEDS]
        histories[name][variant] = [train_variant(net, (x, y), held[name], EPOCHS) for net in made]
        nets[name][variant] = made
        told = [net.predict(held[name][0], verbose=0, batch_size=250).argmax(axis=1) for net in made]
        record[name][variant] = np.stack(told) == held[name][1]
    conclusion[name] = verdict(record[name]["as they are"], record[name]["mirrored"])[2]
""",
    },
    "rotate": {
        "scipy.ndimage.rotate": """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    angles = rng.uniform(-degrees, degrees, size=len(x))
    out = [
        ndimage.rotate(image.astype(float), angle, reshape=False, order=1, mode="constant", cval=0)
        for image, angle in zip(x, angles)
    ]
    out = np.array(out)
    if x.dtype.kind == "u":
        out = out.round()
    return out.astype(x.dtype)
""",
        "affine_transform, turning the other way": """
def rotate(x, rng, degrees=10):
    from scipy import ndimage

    if degrees < 0:
        raise ValueError("degrees")
    middle = (np.array(x.shape[1:3]) - 1) / 2
    out = np.zeros(x.shape)
    for i in range(len(x)):
        a = np.pi / 180 * degrees * (2 * rng.random() - 1)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        for c in range(x.shape[3]):
            out[i, ..., c] = ndimage.affine_transform(
                x[i, ..., c].astype("float64"), turn, offset=middle - turn @ middle, order=1
            )
    return np.round(out).astype("uint8") if x.dtype == np.uint8 else out.astype("float32")
""",
        "whole batch at once": """
def rotate(x, rng, degrees=10):
    if degrees < 0:
        raise ValueError("degrees")
    n, h, w, channels = x.shape
    a = np.radians(rng.uniform(-1, 1, (n, 1, 1)) * degrees)
    r, c = np.meshgrid(np.arange(h) - (h - 1) / 2, np.arange(w) - (w - 1) / 2, indexing="ij")
    rows = np.cos(a) * r + np.sin(a) * c + (h - 1) / 2
    columns = -np.sin(a) * r + np.cos(a) * c + (w - 1) / 2
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    out = np.zeros(x.shape)
    which = np.arange(n)[:, None, None]
    for dy in (0, 1):
        for dx in (0, 1):
            y, z = top + dy, left + dx
            weight = (1 - np.abs(rows - y)) * (1 - np.abs(columns - z))
            weight = weight * ((y >= 0) & (y < h) & (z >= 0) & (z < w))
            out += weight[..., None] * x[which, y.clip(0, h - 1), z.clip(0, w - 1)]
    if x.dtype == np.uint8:
        out = np.rint(out).clip(0, 255)
    return out.astype(x.dtype)
""",
        "map_coordinates": """
def rotate(x, rng, degrees=10):
    from scipy.ndimage import map_coordinates

    if degrees < 0:
        raise ValueError("degrees")
    n, h, w, channels = x.shape
    y, z = np.indices((h, w))
    y, z = y - (h - 1) / 2, z - (w - 1) / 2
    result = np.empty(x.shape, "float32")
    for i in range(n):
        t = np.deg2rad(rng.uniform(-degrees, degrees)) if degrees else 0.0
        places = [np.cos(t) * y + np.sin(t) * z + (h - 1) / 2, np.cos(t) * z - np.sin(t) * y + (w - 1) / 2]
        for k in range(channels):
            result[i, :, :, k] = map_coordinates(x[i, :, :, k].astype("float32"), places, order=1)
    return (result + 0.5).astype("uint8") if x.dtype == np.uint8 else result
""",
    },
    "mixup": {
        "image by image": """
def mixup(x, y, rng, alpha=0.2):
    if not alpha > 0:
        raise ValueError("alpha")
    order = rng.permutation(len(x))
    images, labels = [], []
    for i, j in enumerate(order):
        lam = rng.beta(alpha, alpha)
        images.append((lam * x[i] + (1 - lam) * x[j]).astype("float32"))
        labels.append(lam * y[i] + (1 - lam) * y[j])
    return np.array(images), np.array(labels)
""",
        "the beta of two gammas": """
def mixup(x, y, rng, alpha=0.2):
    if alpha <= 0:
        raise ValueError("alpha")
    a, b = rng.gamma(alpha, size=(2, len(x)))
    share = np.where(a + b > 0, a / np.maximum(a + b, 1e-300), rng.random(len(x)) < 0.5)
    order = np.arange(len(x))
    rng.shuffle(order)
    mix = np.einsum("n,nhwc->nhwc", share, x) + np.einsum("n,nhwc->nhwc", 1 - share, x[order])
    return mix.astype(np.float32), share[:, None] * y + (1 - share)[:, None] * y[order]
""",
    },
    "cutmix": {
        "masks": """
def cutmix(x, y, rng, alpha=1.0):
    if alpha <= 0:
        raise ValueError("alpha")
    n, h, w, c = x.shape
    lam = rng.beta(alpha, alpha, n)
    order = rng.permutation(n)
    mask = np.zeros((n, h, w), bool)
    for i in range(n):
        a, b = int(round(h * np.sqrt(1 - lam[i]))), int(round(w * np.sqrt(1 - lam[i])))
        left, top = rng.integers(w - b + 1), rng.integers(h - a + 1)
        mask[i, top : top + a, left : left + b] = True
    area = mask.mean(axis=(1, 2))[:, None]
    return np.where(mask[..., None], x[order], x), (1 - area) * y + area * y[order]
""",
    },
}
