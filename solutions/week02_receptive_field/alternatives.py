"""Other right answers to week 2. Each must earn every point."""

ALTERNATIVES = {
    "conv_output_size": {
        "counts the places": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    for name, value in (("n", n), ("k", k), ("s", s), ("dilation", dilation)):
        if value < 1:
            raise ValueError(f"{name} must be positive")
    if isinstance(p, str):
        if p not in ("same", "valid"):
            raise ValueError(p)
        if p == "same":
            return len(range(0, n, s))
        p = 0
    if p < 0:
        raise ValueError("negative padding")
    places = [start for start in range(0, n + 2 * p, s) if start + dilation * (k - 1) < n + 2 * p]
    if not places:
        raise ValueError("no place for the kernel")
    return len(places)
""",
        "math.floor and math.ceil": """
import math


def conv_output_size(n, k, s=1, p=0, dilation=1):
    if n <= 0 or k <= 0 or s <= 0 or dilation <= 0:
        raise ValueError("sizes must be positive")
    if p == "same":
        return math.ceil(n / s)
    elif p == "valid":
        p = 0
    elif not isinstance(p, int):
        raise ValueError("unknown padding")
    if p < 0:
        raise ValueError("negative padding")
    k = k + (k - 1) * (dilation - 1)
    out = math.floor((n + 2 * p - k) / s + 1)
    if out <= 0:
        raise ValueError("the kernel is larger than the padded side")
    return out
""",
        "NumPy integers": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if np.any(np.array([n, k, s, dilation]) < 1):
        raise ValueError("must be positive")
    if p == "same":
        return np.int64(np.ceil(n / s))
    if p == "valid":
        p = 0
    if not isinstance(p, (int, np.integer)) or p < 0:
        raise ValueError("padding")
    starts = np.arange(0, n + 2 * p - dilation * (k - 1), s)
    if starts.size == 0:
        raise ValueError("too large")
    return np.int64(starts.size)
""",
        "asks Keras": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    import keras

    if min(n, k, s, dilation) < 1 or p not in ("same", "valid") and (isinstance(p, str) or p < 0):
        raise ValueError("bad layer")
    if p == "same":
        return (n + s - 1) // s
    side = n + (0 if p == "valid" else 2 * p)
    if (k - 1) * dilation >= side:
        raise ValueError("too large")
    if s > 1 and dilation > 1:
        k, dilation = (k - 1) * dilation + 1, 1
    layer = keras.layers.Conv1D(1, k, strides=s, dilation_rate=dilation)
    return layer.compute_output_shape((None, side, 1))[1]
""",
        "the length of a range, words by match": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if any(value < 1 for value in (n, k, s, dilation)):
        raise ValueError("too small")
    match p:
        case "same":
            return len(range(0, n, s))
        case "valid":
            p = 0
        case str():
            raise ValueError("unknown word")
    places = range(0, n + 2 * p - (k - 1) * dilation, s)
    if p < 0 or not places:
        raise ValueError("it does not fit")
    return len(places)
""",
    },
    "same_padding": {
        "floor and ceil halves": """
def same_padding(k):
    import math

    if k <= 0:
        raise ValueError("k")
    return [math.floor((k - 1) / 2), math.ceil((k - 1) / 2)]
""",
        "odd and even apart": """
def same_padding(k):
    if k < 1:
        raise ValueError("k")
    if k % 2 == 1:
        return k // 2, k // 2
    return k // 2 - 1, k // 2
""",
        "hands out zeros one by one": """
def same_padding(k):
    if k < 1:
        raise ValueError("k")
    sides = [0, 0]
    for i in range(k - 1):
        sides[1 - i % 2] += 1
    return tuple(sides)
""",
        "NumPy array": """
def same_padding(k):
    if k < 1:
        raise ValueError("k")
    return np.array([k - 1, k]) // 2
""",
        "bits, in a list": """
def same_padding(k):
    if not k > 0:
        raise ValueError("no kernel")
    return [k - 1 >> 1, k >> 1]
""",
    },
    "shape_trace": {
        "recursion": """
def shape_trace(n, spec):
    if not spec:
        return [n]
    k, s, p = spec[0]
    if isinstance(n, tuple):
        after = conv_output_size(n[0], k, s, p), conv_output_size(n[1], k, s, p)
    else:
        after = conv_output_size(n, k, s, p)
    return [n, *shape_trace(after, spec[1:])]
""",
        "itertools.accumulate, pairs by zip": """
def shape_trace(n, spec):
    from itertools import accumulate

    if isinstance(n, tuple):
        return list(zip(*(shape_trace(side, spec) for side in n)))
    return list(accumulate(spec, lambda side, layer: conv_output_size(side, *layer), initial=n))
""",
        "a NumPy array of sizes": """
def shape_trace(n, spec):
    sides = np.atleast_1d(n)
    table = [sides]
    for k, s, p in spec:
        table.append(np.array([conv_output_size(int(side), k, s, p) for side in table[-1]]))
    table = np.array(table)
    return table if isinstance(n, tuple) else table[:, 0]
""",
        "its own formula": """
def shape_trace(n, spec):
    def after(side, k, s, p):
        if p == "same":
            return (side + s - 1) // s
        p = 0 if p == "valid" else p
        if p < 0 or side + 2 * p < k:
            raise ValueError("does not fit")
        return 1 + (side + 2 * p - k) // s

    sizes = [n]
    for layer in spec:
        if isinstance(n, int):
            n = after(n, *layer)
        else:
            n = [after(side, *layer) for side in n]
        sizes.append(n)
    return sizes
""",
    },
    "receptive_field": {
        "walks back from every layer": """
def receptive_field(spec, n=None):
    rows = []
    for depth in range(1, len(spec) + 1):
        rf = 1
        for k, s, p in reversed(spec[:depth]):
            rf = (rf - 1) * s + k
        jump = 1
        for layer in spec[:depth]:
            jump *= layer[1]
        rows.append([rf, jump, None if n is None else shape_trace(n, spec[:depth])[-1]])
    return rows
""",
        "NumPy sums and products": """
def receptive_field(spec, n=None):
    if len(spec) == 0:
        return []
    k = np.array([layer[0] for layer in spec])
    jumps = np.cumprod([1] + [layer[1] for layer in spec])
    fields = 1 + np.cumsum((k - 1) * jumps[:-1])
    sizes = shape_trace(n, spec)[1:] if n is not None else [None] * len(spec)
    return list(zip(fields, jumps[1:], sizes))
""",
        "named tuples": """
from typing import NamedTuple


class Row(NamedTuple):
    rf: int
    jump: int
    size: object


def receptive_field(spec, n=None):
    table = []
    for i, (k, s, p) in enumerate(spec):
        before = table[-1] if table else Row(1, 1, n)
        size = None if n is None else shape_trace(before.size, [(k, s, p)])[1]
        table.append(Row(before.rf + (k - 1) * before.jump, before.jump * s, size))
    return tuple(table)
""",
        "first and last pixel": """
def receptive_field(spec, n=None):
    rows = []
    for depth in range(len(spec)):
        def pixels(first, last):
            for k, s, p in spec[depth::-1]:
                first, last = first * s, last * s + k - 1
            return first, last
        a, b = pixels(0, 0)
        c, d = pixels(1, 1)
        rows.append((b - a + 1, c - a, None if n is None else shape_trace(n, spec)[depth + 1]))
    return rows
""",
        "sums of products, rows as lists": """
import math


def receptive_field(spec, n=None):
    sizes = [None] * len(spec) if n is None else shape_trace(n, spec)[1:]
    jumps = [math.prod(s for _, s, _ in spec[:i]) for i in range(len(spec) + 1)]
    fields = [1 + sum((spec[j][0] - 1) * jumps[j] for j in range(i + 1)) for i in range(len(spec))]
    return [list(row) for row in zip(fields, jumps[1:], sizes)]
""",
    },
    "field_location": {
        "start and width, walking forward": """
def field_location(spec, i):
    if i < 0:
        raise ValueError("no such unit")
    start, jump, width = 0, 1, 1
    for k, s, p in spec:
        if p == "valid":
            p = 0
        if p == "same" or not isinstance(p, int) or p < 0:
            raise ValueError("padding")
        start -= p * jump
        width += (k - 1) * jump
        jump *= s
    return (start + i * jump, start + i * jump + width - 1)
""",
        "recursion": """
def field_location(spec, i, j=None):
    j = i if j is None else j
    if not spec:
        if i < 0 and j == i:
            raise ValueError("no such unit")
        return i, j
    if j < 0:
        raise ValueError("no such unit")
    *before, (k, s, p) = spec
    if p == "valid":
        p = 0
    elif isinstance(p, str) or p < 0:
        raise ValueError("padding")
    a, b = i * s - p, j * s - p + k - 1
    if not before:
        return a, b
    return _walk(before, a, b)


def _walk(spec, a, b):
    for k, s, p in spec[::-1]:
        if p == "valid":
            p = 0
        elif isinstance(p, str) or p < 0:
            raise ValueError("padding")
        a, b = a * s - p, b * s - p + k - 1
    return a, b
""",
        "the set of all pixels": """
def field_location(spec, i):
    if not i >= 0:
        raise ValueError("no such unit")
    seen = [i]
    for k, s, p in list(spec)[::-1]:
        if p == "valid":
            p = 0
        if not isinstance(p, (int, np.integer)) or p < 0:
            raise ValueError("padding")
        seen = sorted({unit * s - p + tap for unit in seen for tap in range(k)})
    return [min(seen), max(seen)]
""",
        "from receptive_field, as NumPy integers": """
def field_location(spec, i):
    if i < 0:
        raise ValueError("no such unit")
    zeros = [0 if p == "valid" else p for _, _, p in spec]
    if any(isinstance(z, str) or z < 0 for z in zeros):
        raise ValueError("padding")
    if not spec:
        return np.array([i, i])
    strides = np.cumprod([1] + [s for _, s, _ in spec])
    first = i * strides[-1] - np.sum(np.array(zeros) * strides[:-1])
    return np.array([first, first + receptive_field(spec)[-1][0] - 1])
""",
    },
    "layer_counts": {
        "counting loops": """
def layers_to_collapse(n, k=3):
    if n < 1 or k < 2:
        raise ValueError("impossible")
    layers = 0
    while n >= k:
        n = n - k + 1
        layers += 1
    return layers, n


def layers_for_rf(n, k=3, pool_every=None):
    h, w = n if isinstance(n, (tuple, list)) else (n, n)
    if h < 1 or w < 1 or k < 2 or (pool_every is not None and pool_every < 1):
        raise ValueError("impossible")
    spec, layers = [], 0
    while (receptive_field(spec)[-1][0] if spec else 1) < max(h, w):
        if pool_every and layers > 0 and layers % pool_every == 0:
            spec.append((2, 2, 0))
        spec.append((k, 1, 0))
        layers += 1
    return layers
""",
        "closed forms": """
def layers_to_collapse(n, k=3):
    import math

    if n < 1 or k < 2:
        raise ValueError("impossible")
    layers = max(0, math.floor((n - k) / (k - 1)) + 1)
    return [layers, n - layers * (k - 1)]


def layers_for_rf(n, k=3, pool_every=None):
    import math

    if np.min(n) < 1 or k < 2 or (pool_every is not None and pool_every < 1):
        raise ValueError("impossible")
    n = int(np.max(n))
    if pool_every is None:
        return math.ceil((n - 1) / (k - 1))
    layers, left, jump = 0, n - 1, 1
    while left > pool_every * (k - 1) * jump:
        left -= (pool_every * (k - 1) + 1) * jump
        layers += pool_every
        jump *= 2
    return layers + max(math.ceil(left / ((k - 1) * jump)), 1 if layers else 0)
""",
        "conv_output_size until it raises": """
def layers_to_collapse(n, k=3):
    if n < 1 or k < 2:
        raise ValueError("impossible")
    layers = 0
    while True:
        try:
            n = conv_output_size(n, k)
        except ValueError:
            return np.int64(layers), np.int64(n)
        layers += 1


def layers_for_rf(n, k=3, pool_every=None):
    sides = np.atleast_1d(n)
    if (sides < 1).any() or k < 2 or (pool_every is not None and pool_every < 1):
        raise ValueError("impossible")
    rf, jump, layers = np.int64(1), np.int64(1), np.int64(0)
    while rf < sides.max():
        rf += (k - 1) * jump
        layers += 1
        if rf < sides.max() and pool_every is not None and layers % pool_every == 0:
            rf += jump
            jump *= 2
            if rf >= sides.max():
                layers += 1
    return layers
""",
        "lists and receptive_field": """
import math


def layers_to_collapse(n, k=3):
    if n < 1 or k <= 1:
        raise ValueError("too small")
    layers, rest = divmod(n - 1, k - 1)
    return [layers, rest + 1]


def layers_for_rf(n, k=3, pool_every=None):
    n = (n,) if isinstance(n, int) else n
    if min(n) < 1 or k <= 1 or (pool_every is not None and pool_every < 1):
        raise ValueError("too small")
    if pool_every is None:
        return math.ceil((max(n) - 1) / (k - 1))
    spec, convolutions = [], 0
    while (receptive_field(spec)[-1][0] if spec else 1) < max(n):
        if convolutions and convolutions % pool_every == 0:
            spec.append((2, 2, 0))
        spec.append((k, 1, 0))
        convolutions += 1
    return convolutions
""",
    },
    "branches": {
        "a set of paths": """
def branch_field(spec):
    paths = [(1, 1)]
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            paths = [(rf + (r - 1) * jump, jump * j) for rf, jump in paths for r, j in ends]
            if len({jump for _, jump in paths}) > 1:
                raise ValueError("the branches do not fit onto each other")
        else:
            k, s, p = item
            paths = [(rf + (k - 1) * jump, jump * s) for rf, jump in paths]
    return [max(rf for rf, _ in paths), paths[0][1]]
""",
        "walks on with rf and jump": """
def branch_field(spec, rf=1, jump=1):
    for item in spec:
        if isinstance(item, tuple):
            rf += (item[0] - 1) * jump
            jump *= item[1]
        else:
            ends = [branch_field(branch, rf, jump) for branch in item]
            rf, jump = max(ends)
            if any(end[1] != jump for end in ends):
                raise ValueError("jumps differ")
    return rf, jump
""",
    },
    "dilation": {
        "zeros between the taps": """
def effective_kernel(k, dilation):
    return k + (k - 1) * (dilation - 1)


def dilated_field(k, dilations):
    fields = [1]
    for d in dilations:
        fields.append(fields[-1] + (k - 1) * d)
    return fields[1:]
""",
        "cumulative sum": """
def effective_kernel(k, dilation):
    return np.arange(k)[-1] * dilation + 1


def dilated_field(k, dilations):
    return 1 + (k - 1) * np.cumsum(dilations)
""",
    },
}
