"""Other right answers to week 3. Each must earn every point."""

ALTERNATIVES = {
    "layer_params": {
        "kernels counted one by one": """
def conv_params(m, n, d, K, bias=True):
    if m < 1 or n < 1 or d < 1 or K < 1:
        raise ValueError("sizes must be positive")
    total = 0
    for kernel in range(K):
        total += m * n * d
        if bias:
            total += 1
    return total


def dense_params(n_in, n_out, bias=True):
    if n_in < 1 or n_out < 1:
        raise ValueError("sizes must be positive")
    if bias:
        return n_in * n_out + n_out
    return n_in * n_out


def bn_params(c):
    if c <= 0:
        raise ValueError("no maps")
    gamma = beta = moving_mean = moving_variance = c
    return [gamma + beta + moving_mean + moving_variance, gamma + beta]


def separable_params(m, n, d, K, bias=True):
    return d * conv_params(m, n, 1, 1, bias=False) + conv_params(1, 1, d, K, bias)
""",
        "sizes of NumPy arrays": """
def positive(*sizes):
    if any(size < 1 for size in sizes):
        raise ValueError(f"not positive: {sizes}")


def conv_params(m, n, d, K, bias=True):
    positive(m, n, d, K)
    return np.prod((m, n, d, K)) + bias * np.int64(K)


def dense_params(n_in, n_out, bias=True):
    positive(n_in, n_out)
    return np.int64(n_in) * n_out + bias * n_out


def bn_params(c):
    positive(c)
    return np.array([4, 2]) * c


def separable_params(m, n, d, K, bias=True):
    positive(m, n, d, K)
    return np.prod([m, n, d]) + np.prod([d + bool(bias), K])
""",
        "a dense layer is a 1x1 convolution": """
def conv_params(m, n, d, K, bias=True):
    for name, size in {"m": m, "n": n, "d": d, "K": K}.items():
        if size < 1:
            raise ValueError(name)
    return int(((m * n * d) + int(bias)) * K)


def dense_params(n_in, n_out, bias=True):
    return conv_params(1, 1, n_in, n_out, bias)


def bn_params(c):
    trainable = conv_params(1, 1, 1, c)
    return trainable + 2 * c, trainable


def separable_params(m, n, d, K, bias=True):
    depthwise = conv_params(m, n, 1, d, bias=False)
    return depthwise + dense_params(d, K, bias)
""",
        "Keras counts": """
def conv_params(m, n, d, K, bias=True):
    import keras

    if min(m, n, d, K) < 1:
        raise ValueError("sizes must be positive")
    layer = keras.layers.Conv2D(K, (m, n), use_bias=bias)
    layer.build((None, m, n, d))
    return layer.count_params()


def dense_params(n_in, n_out, bias=True):
    if min(n_in, n_out) < 1:
        raise ValueError("sizes must be positive")
    return (n_in + bias) * n_out  # Keras would really allocate the gigabytes of the megapixel layer


def bn_params(c):
    import keras

    if c < 1:
        raise ValueError("no maps")
    layer = keras.layers.BatchNormalization()
    layer.build((None, c))
    return layer.count_params(), sum(w.shape[0] for w in layer.trainable_weights)


def separable_params(m, n, d, K, bias=True):
    import keras

    if min(m, n, d, K) < 1:
        raise ValueError("sizes must be positive")
    layer = keras.layers.SeparableConv2D(K, (m, n), use_bias=bias)
    layer.build((None, m, n, d))
    return layer.count_params()
""",
        "a separable layer is two convolutions": """
def check(*sizes):
    if any(size <= 0 for size in sizes):
        raise ValueError(f"sizes below 1: {sizes}")


def conv_params(m, n, d, K, bias=True):
    check(m, n, d, K)
    return sum([m * n * d, bool(bias)]) * K


def dense_params(n_in, n_out, bias=True):
    return conv_params(1, 1, n_in, n_out, bias)


def bn_params(c):
    check(c)
    return np.array([4, 2]) * c


def separable_params(m, n, d, K, bias=True):
    return conv_params(m, n, 1, d, bias=False) + conv_params(1, 1, d, K, bias)
""",
    },
    "kernel_stack_saving": {
        "stack until the field is reached": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 != 1:
        raise ValueError("odd and at least 3")
    field, weights = 1, 0
    while field < k:
        field += 2
        weights += 9
    return (k * k - weights) / (k * k)
""",
        "exact fractions": """
def kernel_stack_saving(k):
    from fractions import Fraction

    if k not in range(3, 10**6, 2):
        raise ValueError("odd and at least 3")
    return float(1 - Fraction(9 * (k - 1), 2 * k * k))
""",
        "NumPy scalar": """
def kernel_stack_saving(k):
    half, odd = divmod(k, 2)
    if not odd or half < 1:
        raise ValueError("odd and at least 3")
    return np.float64(1.0) - np.divide(9 * half, k**2)
""",
        "with maps in and out": """
def kernel_stack_saving(k):
    if k % 2 == 0:
        raise ValueError("even kernel")
    if k < 3:
        raise ValueError("kernel below 3")
    c = 64
    large = conv_params(k, k, c, c, bias=False)
    stack = sum(conv_params(3, 3, c, c, bias=False) for _ in range(k // 2))
    return 1 - stack / large
""",
    },
    "macs": {
        "one kernel, then K of them": """
def conv_macs(h_out, w_out, m, n, d, K):
    one_place = m * n * d
    one_map = sum(w_out * one_place for _ in range(h_out))
    return K * one_map
""",
        "places times kernel": """
def conv_macs(h_out, w_out, m, n, d, K):
    places = h_out * w_out
    per_place = conv_params(m, n, d, K, bias=False)
    return places * per_place
""",
        "product of a list": """
def conv_macs(h_out, w_out, m, n, d, K):
    import math

    return math.prod([h_out, w_out, m, n, d, K])
""",
        "64-bit NumPy": """
def conv_macs(h_out, w_out, m, n, d, K):
    return np.prod([h_out, w_out, m, n, d, K], dtype=np.int64)
""",
    },
    "count_spec": {
        "one small function a layer": """
def count_spec(spec, input_shape):
    def two(value):
        return tuple(value) if isinstance(value, (tuple, list)) else (value, value)

    def window(shape, layer, size, stride):
        out = []
        for n, k, s in zip(shape[:2], two(size), two(stride)):
            if layer.get("padding", "valid") == "same":
                out.append(int(np.ceil(n / s)))
            elif k > n:
                raise ValueError("window too large")
            else:
                out.append(int(np.floor((n - k) / s)) + 1)
        return out

    def conv(shape, layer, count):
        m, n = two(layer["kernel"])
        out = window(shape, layer, (m, n), layer.get("stride", 1))
        return (*out, layer["filters"]), count(m, n, shape[2], layer["filters"], bias=layer.get("bias", True))

    def dense(shape, layer):
        if len(shape) == 3:
            raise ValueError("flatten first")
        return (layer["units"],), dense_params(*shape, layer["units"], bias=layer.get("bias", True))

    kinds = {
        "conv": lambda shape, layer: conv(shape, layer, conv_params),
        "separable": lambda shape, layer: conv(shape, layer, separable_params),
        "pool": lambda shape, layer: (
            (*window(shape, layer, layer["size"], layer.get("stride", layer["size"])), shape[2]), 0
        ),
        "gap": lambda shape, layer: ((shape[2],), 0),
        "flatten": lambda shape, layer: ((int(np.prod(shape)),), 0),
        "dense": dense,
        "bn": lambda shape, layer: (shape, bn_params(shape[-1])[0]),
        "relu": lambda shape, layer: (shape, 0),
        "dropout": lambda shape, layer: (shape, 0),
    }
    rows, shape = [], input_shape
    for layer in spec:
        if layer["op"] not in kinds:
            raise ValueError(layer["op"])
        if len(shape) == 1 and layer["op"] in ("conv", "separable", "pool", "gap"):
            raise ValueError("already flat")
        shape, params = kinds[layer["op"]](shape, layer)
        rows.append([layer["op"], shape, params])
    return rows, sum(row[-1] for row in rows)
""",
        "Keras builds the net, layer by layer": """
def count_spec(spec, input_shape):
    import keras

    if any(layer.get("units", 0) > 3000 for layer in spec):  # too large to build for counting: add it up instead
        return by_hand(spec, input_shape)
    x = keras.Input(tuple(input_shape))
    rows = []
    for layer in spec:
        options = {"padding": layer.get("padding", "valid")}
        if layer["op"] in ("conv", "separable"):
            kind = keras.layers.Conv2D if layer["op"] == "conv" else keras.layers.SeparableConv2D
            built = kind(
                layer["filters"], layer["kernel"], strides=layer.get("stride", 1), use_bias=layer.get("bias", True), **options
            )
        elif layer["op"] == "pool":
            built = keras.layers.MaxPooling2D(layer["size"], strides=layer.get("stride"), **options)
        elif layer["op"] == "gap":
            built = keras.layers.GlobalAveragePooling2D()
        elif layer["op"] == "flatten":
            built = keras.layers.Flatten()
        elif layer["op"] == "dense":
            if len(x.shape) != 2:
                raise ValueError("flatten first")
            built = keras.layers.Dense(layer["units"], use_bias=layer.get("bias", True))
        elif layer["op"] == "bn":
            built = keras.layers.BatchNormalization()
        elif layer["op"] in ("relu", "dropout"):
            built = keras.layers.ReLU() if layer["op"] == "relu" else keras.layers.Dropout(0.1)
        else:
            raise ValueError(layer["op"])
        x = built(x)
        rows.append((layer["op"], tuple(x.shape[1:]), built.count_params()))
    return rows, sum(params for _, _, params in rows)


def by_hand(spec, shape):
    rows = []
    for layer in spec:
        op, params = layer["op"], 0
        if op in ("conv", "pool"):
            k = layer["kernel"] if op == "conv" else layer["size"]
            s = layer.get("stride", 1 if op == "conv" else k)
            h, w = (
                (-(-n // s) if layer.get("padding") == "same" else (n - k) // s + 1) for n in shape[:2]
            )
            params = conv_params(k, k, shape[2], layer["filters"]) if op == "conv" else 0
            shape = (h, w, layer["filters"] if op == "conv" else shape[2])
        elif op == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        elif op == "dense":
            params, shape = dense_params(shape[0], layer["units"]), (layer["units"],)
        rows.append((op, shape, params))
    return rows, sum(row[2] for row in rows)
""",
        "recursion, and NumPy numbers": """
def count_spec(spec, input_shape):
    if len(spec) == 0:
        return [], 0
    first = dict(spec[0])
    shape = np.array(input_shape)
    op, params = first["op"], np.int64(0)

    def slide(size, stride):
        size, stride = np.broadcast_to(size, 2), np.broadcast_to(stride, 2)
        if first.get("padding", "valid") == "same":
            return (shape[:2] + stride - 1) // stride
        if (size > shape[:2]).any():
            raise ValueError("does not fit")
        return (shape[:2] - size) // stride + 1

    match op:
        case "conv" | "separable" | "pool" | "gap" if shape.size == 1:
            raise ValueError("flat")
        case "conv" | "separable":
            m, n = np.broadcast_to(first["kernel"], 2)
            count = {"conv": conv_params, "separable": separable_params}[op]
            params = count(m, n, shape[-1], first["filters"], first.get("bias", True))
            out = (*slide(first["kernel"], first.get("stride", 1)), first["filters"])
        case "pool":
            out = (*slide(first["size"], first.get("stride", first["size"])), shape[-1])
        case "gap":
            out = (shape[-1],)
        case "flatten":
            out = (np.prod(shape),)
        case "dense":
            if shape.size > 1:
                raise ValueError("not flat")
            params = dense_params(shape[0], first["units"], first.get("bias", True))
            out = (first["units"],)
        case "bn":
            params, out = bn_params(shape[-1])[0], tuple(shape)
        case "relu" | "dropout":
            out = tuple(shape)
        case _:
            raise ValueError(op)
    rows, total = count_spec(spec[1:], out)
    return [(op, tuple(out), params), *rows], params + total
""",
    },
    "audit": {
        "layers found by recursion, each once": """
def audit(model):
    def leaves(layer, seen):
        inside = getattr(layer, "layers", None)
        if inside is None:
            seen.setdefault(id(layer), layer)
        for part in inside or ():
            leaves(part, seen)
        return seen

    def size(weights):
        return sum(int(np.prod(weight.shape)) for weight in weights)

    every = leaves(model, {}).values()
    moving = sum(size(w for w in layer.non_trainable_weights if w.name.startswith("moving")) for layer in every)
    total = sum(size(layer.weights) for layer in every)
    trainable = sum(size(layer.trainable_weights) for layer in every)
    rows = []
    for layer in model.layers:
        parts = leaves(layer, {}).values()
        rows.append((layer.name, sum(size(p.weights) for p in parts), sum(size(p.trainable_weights) for p in parts)))
    return dict(
        rows=rows, total=total, trainable=trainable, moving=moving,
        frozen=total - trainable - moving, budget=total - moving,
    )
""",
        "flags of each weight": """
def audit(model):
    groups = {"trainable": 0, "frozen": 0, "moving": 0}
    for weight in model.weights:
        size = int(np.prod(weight.shape))
        if "moving" in weight.path.split("/")[-1]:
            groups["moving"] += size
        elif weight.trainable:
            groups["trainable"] += size
        else:
            groups["frozen"] += size
    rows = []
    for layer in model.layers:
        sizes = [(int(np.prod(w.shape)), w.trainable) for w in layer.weights]
        rows.append([layer.name, sum(s for s, _ in sizes), sum(s for s, t in sizes if t)])
    return {
        "rows": rows,
        "total": sum(groups.values()),
        "budget": groups["trainable"] + groups["frozen"],
        **groups,
    }
""",
        "Keras's own counts, batch norms found by walking": """
def audit(model):
    import keras

    def walk(layer, found):
        if isinstance(layer, keras.layers.BatchNormalization):
            found[id(layer)] = layer
        for part in getattr(layer, "layers", []):
            walk(part, found)
        return found

    norms = walk(model, {}).values()
    moving = sum(norm.moving_mean.shape[0] + norm.moving_variance.shape[0] for norm in norms)
    total = model.count_params()
    trainable = sum(w.numpy().size for w in model.trainable_weights)
    rows = [
        (layer.name, layer.count_params(), sum(w.numpy().size for w in layer.trainable_weights))
        for layer in model.layers
    ]
    return {
        "rows": rows, "total": total, "trainable": trainable, "moving": moving,
        "frozen": total - trainable - moving, "budget": total - moving,
    }
""",
        "sets of weights, and more keys than asked": """
def audit(model):
    import math

    def size(weights):
        return np.int64(sum(math.prod(w.shape) for w in weights))

    trainable = {id(w): w for w in model.trainable_weights}
    rest = [w for w in model.weights if id(w) not in trainable]
    moving = [w for w in rest if w.name.startswith("moving_")]
    frozen = [w for w in rest if not w.name.startswith("moving_")]
    report = {"rows": tuple((x.name, size(x.weights), size(x.trainable_weights)) for x in model.layers)}
    report["trainable"] = size(trainable.values())
    report["frozen"], report["moving"] = size(frozen), size(moving)
    report["budget"] = report["trainable"] + report["frozen"]
    report["total"] = report["budget"] + report["moving"]
    report["arrays"] = len(model.weights)
    return report
""",
        "sizes of the arrays, names from the paths": """
import math


def audit(model):
    rows = [
        [layer.name, sum(w.size for w in layer.get_weights()), sum(math.prod(w.shape) for w in layer.trainable_weights)]
        for layer in model.layers
    ]
    still = {True: 0, False: 0}
    for weight in model.non_trainable_weights:
        still[weight.path.split("/")[-1].startswith("moving_")] += math.prod(weight.shape)
    trainable = sum(math.prod(w.shape) for w in model.trainable_weights)
    return {
        "rows": rows,
        "total": sum(w.size for w in model.get_weights()),
        "trainable": trainable,
        "frozen": still[False],
        "moving": still[True],
        "budget": trainable + still[False],
    }
""",
    },
    "widest_net": {
        "solve the quadratic": """
def widest_net(budget, depth=3, d=1, classes=10):
    import math

    a, b, c = 9 * (depth - 1), 9 * d + 1 + depth - 1 + classes, classes
    room = budget - 1 - c
    w = room // b if a == 0 else int((-b + math.sqrt(max(0, b * b + 4 * a * room))) / (2 * a))
    while a * w * w + b * w > room:
        w -= 1
    while a * (w + 1) ** 2 + b * (w + 1) <= room:
        w += 1
    if w < 1:
        raise ValueError("the budget is too small")
    return w
""",
        "count_spec and bisection": """
def widest_net(budget, depth=3, d=1, classes=10):
    def fits(w):
        spec = [{"op": "conv", "filters": w, "kernel": 3, "padding": "same"}] * depth
        spec = [*spec, {"op": "gap"}, {"op": "dense", "units": classes}]
        return count_spec(spec, (8, 8, d))[1] < budget

    if not fits(1):
        raise ValueError("the budget is too small")
    low, high = 1, 2
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
""",
        "bisect": """
import bisect


def widest_net(budget, depth=3, d=1, classes=10):
    def weights(w):
        return (9 * d + 1) * w + (depth - 1) * (9 * w + 1) * w + (w + 1) * classes

    w = bisect.bisect_left(range(1, 10**6), budget, key=weights)
    if w < 1:
        raise ValueError("nothing fits")
    return w
""",
    },
}
