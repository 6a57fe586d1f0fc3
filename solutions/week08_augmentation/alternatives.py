"""Other right answers to week 8. Each must earn every point: whole batch or loop, other orders of the draws, other libraries."""

_RUN = """
nets = {variant: [] for variant in VARIANTS}
histories = {variant: [] for variant in VARIANTS}
for variant, settings in VARIANTS.items():
    for seed in SEEDS:
        model, history = training.trained(
            f"{variant}-{seed}",
            lambda settings=settings, seed=seed: build_variant(settings, (28, 28, 1), seed),
            lambda model: train_variant(model, few, held, EPOCHS),
            settings={"variant": settings, "seed": seed, "images": FEW, "epochs": EPOCHS},
        )
        nets[variant].append(model)
        histories[variant].append(history)
"""

ALTERNATIVES = {
    "hflip": {
        "a loop with one draw an image": """
def hflip(x, rng, p=0.5):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    images = []
    for image in x:
        if rng.random() < p:
            image = np.fliplr(image)
        images.append(image)
    return np.array(images)
""",
        "where, with drawn indices": """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    keep = rng.uniform(size=len(x)) >= p
    return np.where(keep.reshape(-1, 1, 1, 1), x, np.flip(x, axis=2))
""",
        "rng.choice": """
def hflip(x, rng, p=0.5):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    out = np.array(x)
    for i in np.flatnonzero(rng.choice([True, False], size=len(x), p=[p, 1 - p])):
        for column in range(x.shape[2]):
            out[i, :, column] = x[i, :, x.shape[2] - 1 - column]
    return out
""",
        "binomial draws": """
def hflip(x, rng, p=0.5):
    if not 0.0 <= p <= 1.0:
        raise ValueError(p)
    chosen = rng.binomial(1, p, size=x.shape[0]).astype(bool)
    out = np.empty_like(x)
    out[chosen], out[~chosen] = x[chosen][:, :, ::-1, :], x[~chosen]
    return out
""",
    },
    "random_shift": {
        "pads and cuts": """
def random_shift(x, rng, fraction=0.1):
    if fraction < 0 or fraction >= 1:
        raise ValueError("fraction")
    n, h, w, c = x.shape
    a, b = int(fraction * h), int(fraction * w)
    wide = np.pad(x, [(0, 0), (a, a), (b, b), (0, 0)])
    out = []
    for image in wide:
        left = rng.integers(0, 2 * b + 1)
        top = rng.integers(0, 2 * a + 1)
        out.append(image[top : top + h, left : left + w])
    return np.stack(out)
""",
        "whole batch, by indices": """
def random_shift(x, rng, fraction=0.1):
    if not (0 <= fraction < 1):
        raise ValueError("fraction")
    n, h, w, c = x.shape
    a, b = int(fraction * h), int(fraction * w)
    right = rng.integers(-b, b + 1, size=(n, 1, 1))
    down = rng.integers(-a, a + 1, size=(n, 1, 1))
    rows = np.arange(h)[None, :, None] - down
    columns = np.arange(w)[None, None, :] - right
    inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
    moved = x[np.arange(n)[:, None, None], np.clip(rows, 0, h - 1), np.clip(columns, 0, w - 1)]
    return np.where(inside[..., None], moved, np.zeros((), x.dtype))
""",
        "np.roll with the ring blanked": """
def random_shift(x, rng, fraction=0.1):
    if not 0 <= fraction < 1:
        raise ValueError("fraction")
    n, h, w = x.shape[:3]
    a, b = int(fraction * h), int(fraction * w)
    out = np.empty_like(x)
    for i, (u, v) in enumerate(rng.random((n, 2))):
        dy, dx = int(np.floor(u * (2 * a + 1))) - a, int(np.floor(v * (2 * b + 1))) - b
        image = np.roll(np.pad(x[i], ((a, a), (b, b), (0, 0))), (dy, dx), axis=(0, 1))
        out[i] = image[a : a + h, b : b + w]
    return out
""",
        "scipy.ndimage.shift": """
def random_shift(x, rng, fraction=0.1):
    from scipy import ndimage

    if not 0 <= fraction < 1:
        raise ValueError("fraction")
    n, h, w = x.shape[:3]
    a, b = int(fraction * h), int(fraction * w)
    downs, rights = rng.integers(-a, a, n, endpoint=True), rng.integers(-b, b, n, endpoint=True)
    return np.stack([ndimage.shift(image, (dy, dx, 0), order=0) for image, dy, dx in zip(x, downs, rights)])
""",
    },
    "random_crop_pad": {
        "sliding windows": """
def random_crop_pad(x, rng, pad=4, mode="zeros"):
    if pad < 0:
        raise ValueError("pad")
    if mode == "zeros":
        wide = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    elif mode == "reflect":
        wide = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="reflect")
    else:
        raise ValueError("mode")
    n, h, w = x.shape[:3]
    views = np.lib.stride_tricks.sliding_window_view(wide, (h, w), axis=(1, 2))
    lefts = rng.integers(2 * pad + 1, size=n)
    tops = rng.integers(2 * pad + 1, size=n)
    return np.ascontiguousarray(np.moveaxis(views[np.arange(n), tops, lefts], 1, -1))
""",
        "image by image": """
def random_crop_pad(x, rng, pad=4, mode="zeros"):
    words = {"zeros": dict(mode="constant", constant_values=0), "reflect": dict(mode="reflect")}
    if pad < 0 or mode not in words:
        raise ValueError("pad or mode")
    out = x.copy()
    for i in range(len(x)):
        wide = np.pad(x[i], ((pad, pad), (pad, pad), (0, 0)), **words[mode])
        place = rng.integers(0, (2 * pad + 1) ** 2)
        top, left = divmod(place, 2 * pad + 1)
        out[i] = wide[top : top + x.shape[1], left : left + x.shape[2]]
    return out
""",
        "by indices, reflected by hand": """
def random_crop_pad(x, rng, pad=4, mode="zeros"):
    if pad < 0:
        raise ValueError("pad")
    if mode not in ("zeros", "reflect"):
        raise ValueError("mode")
    n, h, w, c = x.shape
    out = np.zeros_like(x)
    for i in range(n):
        dy, dx = rng.integers(-pad, pad + 1, size=2)
        rows, columns = np.arange(h) + dy, np.arange(w) + dx
        if mode == "reflect":
            rows, columns = np.abs(rows), np.abs(columns)
            rows = np.where(rows >= h, 2 * (h - 1) - rows, rows)
            columns = np.where(columns >= w, 2 * (w - 1) - columns, columns)
            out[i] = x[i][rows][:, columns]
        else:
            r, s = (rows >= 0) & (rows < h), (columns >= 0) & (columns < w)
            out[i][np.ix_(r, s)] = x[i][np.ix_(rows[r], columns[s])]
    return out
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
    "cutout": {
        "a mask for the whole batch": """
def cutout(x, rng, size=8):
    n, h, w, c = x.shape
    if size < 0 or size > h or size > w:
        raise ValueError("size")
    left = rng.integers(0, w - size + 1, (n, 1, 1))
    top = rng.integers(0, h - size + 1, (n, 1, 1))
    r, s = np.arange(h)[None, :, None], np.arange(w)[None, None, :]
    hole = (r >= top) & (r < top + size) & (s >= left) & (s < left + size)
    return np.where(hole[..., None], 0, x).astype(x.dtype)
""",
        "one number for the place": """
def cutout(x, rng, size=8):
    h, w = x.shape[1], x.shape[2]
    if not 0 <= size <= min(h, w):
        raise ValueError("size")
    out = np.copy(x)
    for image in out:
        top, left = divmod(int(rng.integers((h - size + 1) * (w - size + 1))), w - size + 1)
        image[top : top + size, left : left + size, :] = 0
    return out
""",
        "times a mask": """
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
""",
    },
    "brightness": {
        "image by image": """
def brightness(x, rng, delta=0.2):
    if delta < 0 or delta > 1:
        raise ValueError("delta")
    top = 255.0 if x.dtype == np.uint8 else 1.0
    out = np.empty_like(x)
    for i, image in enumerate(x):
        new = np.minimum(np.maximum(image.astype(float) + top * rng.uniform(-delta, delta), 0), top)
        out[i] = np.round(new) if x.dtype == np.uint8 else new
    return out
""",
        "bytes by way of floats": """
def brightness(x, rng, delta=0.2):
    if not 0 <= delta <= 1:
        raise ValueError("delta")
    if x.dtype == np.uint8:
        return np.rint(255 * brightness(x.astype("float64") / 255, rng, delta)).astype("uint8")
    amount = delta * (2 * rng.random((x.shape[0], 1, 1, 1)) - 1)
    return (x + amount).clip(0, 1).astype(x.dtype)
""",
        "wide integers with rounding by hand": """
def brightness(x, rng, delta=0.2):
    if delta > 1 or delta < 0:
        raise ValueError("delta")
    change = rng.uniform(low=-delta, high=delta, size=x.shape[0])[:, None, None, None]
    if x.dtype == np.uint8:
        return np.clip(np.floor(x.astype(np.int64) + 255 * change + 0.5), 0, 255).astype(np.uint8)
    return np.clip(x + change, 0.0, 1.0).astype(np.float32)
""",
    },
    "compose": {
        "partial functions, chosen first": """
from functools import partial, reduce


def compose(x, steps, rng):
    every = (hflip, random_shift, random_crop_pad, rotate, cutout, brightness)
    table = {function.__name__: function for function in every}
    unknown = [name for name, _ in steps if name not in table]
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    chosen = [partial(table[name], rng=rng, **settings) for name, settings in steps]
    return reduce(lambda images, step: step(images), chosen, np.array(x))
""",
        "if and elif": """
def compose(x, steps, rng):
    out = x.copy()
    for step in steps:
        name, settings = step[0], step[1]
        if name == "hflip":
            out = hflip(out, rng, **settings)
        elif name == "random_shift":
            out = random_shift(out, rng, **settings)
        elif name == "random_crop_pad":
            out = random_crop_pad(out, rng, **settings)
        elif name == "rotate":
            out = rotate(out, rng, **settings)
        elif name == "cutout":
            out = cutout(out, rng, **settings)
        elif name == "brightness":
            out = brightness(out, rng, **settings)
        else:
            raise ValueError("unknown augmentation " + name)
    return out
""",
        "recursion": """
def compose(x, steps, rng):
    if not steps:
        return x.copy()
    (name, settings), *rest = steps
    functions = (hflip, random_shift, random_crop_pad, rotate, cutout, brightness)
    by_name = {function.__name__: function for function in functions}
    try:
        function = by_name[name]
    except KeyError as problem:
        raise ValueError(f"unknown: {name}") from problem
    return compose(function(x, rng, **settings), rest, rng)
""",
        "a generator of its own for each step, spawned": """
def compose(x, steps, rng):
    known = dict(hflip=hflip, random_shift=random_shift, random_crop_pad=random_crop_pad, rotate=rotate)
    known.update(cutout=cutout, brightness=brightness)
    if any(name not in known for name, _ in steps):
        raise ValueError("unknown step")
    out = x.copy()
    for (name, settings), own in zip(steps, rng.spawn(len(steps))):
        out = known[name](out, own, **settings)
    return out
""",
    },
    "classes_kept": {
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
    "splits": {
        "shuffled in place of an index": """
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
        "scikit-learn": """
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
        "lists as pairs": """
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
    },
    "keras_pipeline": {
        "all layers always, strength 0 or not": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, delta=0.0):
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.RandomBrightness([-delta, delta], value_range=(0.0, 1.0)),
            keras.layers.RandomTranslation((-shift, shift), (-shift, shift), fill_mode="constant"),
            keras.layers.RandomRotation((-degrees / 360, degrees / 360), fill_mode="constant"),
        ]
    )
    if flip:
        model.add(keras.layers.RandomFlip(mode="horizontal"))
    return model
""",
        "functional": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, delta=0.0):
    inputs = keras.Input(shape=shape)
    x = inputs
    if degrees > 0:
        x = keras.layers.RandomRotation(factor=degrees / 360.0, fill_mode="constant", fill_value=0.0, seed=3)(x)
    if shift > 0:
        x = keras.layers.RandomTranslation(shift, shift, "constant", seed=4)(x)
    if flip:
        x = keras.layers.RandomFlip("horizontal", seed=5)(x)
    if delta > 0:
        x = keras.layers.RandomBrightness(delta, (0, 1), seed=6)(x)
    if x is inputs:
        x = keras.layers.Activation("linear")(x)
    return keras.Model(inputs, x)
""",
        "rescaled by 1, with add": """
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, delta=0.0):
    model = keras.Sequential()
    model.add(keras.layers.InputLayer(shape=shape))
    model.add(keras.layers.Rescaling(1.0))
    if flip:
        model.add(keras.layers.RandomFlip("horizontal"))
    model.add(keras.layers.RandomTranslation(shift, shift, fill_mode="constant", fill_value=0))
    turn = degrees * np.pi / 180 / (2 * np.pi)
    model.add(keras.layers.RandomRotation(float(turn), fill_mode="constant", fill_value=0))
    if delta:
        model.add(keras.layers.RandomBrightness(delta, value_range=[0, 1]))
    return model
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
    "verdict": {
        "statistics": """
def verdict(without, with_it, n):
    import math
    import statistics

    if len(without) < 2 or len(with_it) < 2:
        raise ValueError("two seeds at least")
    together = list(without) + list(with_it)
    for value in together:
        if value < 0 or value > 1:
            raise ValueError("a share")
    gain = statistics.mean(with_it) - statistics.mean(without)
    p = statistics.fmean(together)
    spreads = [max(side) - min(side) for side in (without, with_it)]
    noise = max(*spreads, math.sqrt(p * (1 - p) / n))
    if gain > 2 * noise:
        return gain, noise, "helps"
    if gain < -2 * noise:
        return gain, noise, "hurts"
    return gain, noise, "undecided"
""",
        "NumPy": """
def verdict(without, with_it, n):
    a, b = np.asarray(without, float), np.asarray(with_it, float)
    if a.size < 2 or b.size < 2:
        raise ValueError("seeds")
    both = np.concatenate([a, b])
    if ((both < 0) | (both > 1)).any():
        raise ValueError("shares")
    noise = np.max([a.max() - a.min(), b.max() - b.min(), np.sqrt(both.mean() * (1 - both.mean()) / n)])
    gain = b.mean() - a.mean()
    return gain, noise, ("undecided" if abs(gain) <= 2 * noise else "helps" if gain > 0 else "hurts")
""",
        "a list with sorted sides": """
def verdict(without, with_it, n):
    a, b = sorted(without), sorted(with_it)
    if len(a) == 0 or len(b) == 0 or len(a) == 1 or len(b) == 1:
        raise ValueError("seeds")
    if a[0] < 0 or b[0] < 0 or a[-1] > 1 or b[-1] > 1:
        raise ValueError("shares")
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    p = (sum(a) + sum(b)) / (len(a) + len(b))
    noise = a[-1] - a[0]
    for other in (b[-1] - b[0], (p * (1 - p) / n) ** 0.5):
        if other > noise:
            noise = other
    ratio = (mean_b - mean_a) / noise
    word = "undecided"
    if ratio > 2:
        word = "helps"
    if ratio < -2:
        word = "hurts"
    return [mean_b - mean_a, noise, word]
""",
    },
    "variants": {
        "functional, Keras's own fit": """
def build_variant(settings, shape, seed):
    keras.utils.set_random_seed(seed)
    net = small_net(shape)
    inputs = keras.Input(shape)
    return keras.Model(inputs, net(keras_pipeline(shape, **settings)(inputs)))


def train_variant(model, train, validation, epochs):
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    log = model.fit(train[0], train[1], batch_size=32, epochs=epochs, validation_data=validation, verbose=0)
    return model, {name: [float(value) for value in values] for name, values in log.history.items()}
""",
        "layers flattened into one Sequential": """
def build_variant(settings, shape, seed):
    keras.utils.set_random_seed(seed)
    net = small_net(shape)
    front = keras_pipeline(shape, **settings)
    return keras.Sequential([keras.Input(shape), *front.layers, *net.layers])


def train_variant(model, train, validation, epochs):
    (x, y), held_out = train, tuple(validation)
    model.compile(keras.optimizers.Adam(learning_rate=3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(model, x, y, validation=held_out, epochs=epochs, batch_size=32, quiet=True)
    return model, history
""",
        "a model within a model, metric as an object": """
def build_variant(settings, shape, seed):
    keras.utils.set_random_seed(seed)
    net = small_net(shape)
    model = keras.Sequential([keras.Input(shape)])
    if settings:
        model.add(keras_pipeline(shape, **settings))
    model.add(net)
    return model


def train_variant(model, train, validation, epochs):
    model.compile(
        keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")]
    )
    history = training.fit(model, *train, validation=validation, epochs=epochs, batch_size=32, quiet=True)
    return model, history
""",
    },
    "ablation": {
        "by hand, with predictions": _RUN
        + """
def share(net):
    predicted = keras.ops.convert_to_numpy(net(held[0], training=False)).argmax(axis=1)
    return float((predicted == held[1]).mean())


record = {variant: [share(net) for net in nets[variant]] for variant in nets}
n = len(held[0])
conclusion = dict(zip(
    ["shift-and-turn", "mirrored-too"],
    [verdict(record[a], record[b], n)[-1] for a, b in (("none", "shift-and-turn"), ("shift-and-turn", "mirrored-too"))],
))
""",
        "from the last epochs of the histories": _RUN
        + """
record = {variant: [history["val_accuracy"][-1] for history in histories[variant]] for variant in VARIANTS}
conclusion = {}
for base, variant in (("none", "shift-and-turn"), ("shift-and-turn", "mirrored-too")):
    conclusion[variant] = verdict(record[base], record[variant], len(held[1]))[2]
""",
        "without the artefacts": """
nets, histories = {}, {}
for variant in VARIANTS:
    pairs = [train_variant(build_variant(VARIANTS[variant], (28, 28, 1), s), few, held, EPOCHS) for s in SEEDS]
    nets[variant], histories[variant] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
record = {}
for variant, group in nets.items():
    record[variant] = np.array([evaluation.accuracy(net, held[0], held[1]) for net in group])
first = verdict(list(record["none"]), list(record["shift-and-turn"]), held[1].size)
second = verdict(list(record["shift-and-turn"]), list(record["mirrored-too"]), held[1].size)
conclusion = {"mirrored-too": second[2], "shift-and-turn": first[2]}
""",
    },
}
