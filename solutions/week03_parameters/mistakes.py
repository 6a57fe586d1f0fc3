"""Wrong answers that students give in week 3. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""

from __future__ import annotations

from typing import Any

# A right answer to exercise 1, in which each mistake below changes one thing.
_LAYERS = """
def _at_least_one(*sizes):
    if min(sizes) < 1:
        raise ValueError("sizes must be at least 1")


def conv_params(m, n, d, K, bias=True):
    _at_least_one(m, n, d, K)
    return m * n * d * K + (K if bias else 0)


def dense_params(n_in, n_out, bias=True):
    _at_least_one(n_in, n_out)
    return n_in * n_out + (n_out if bias else 0)


def bn_params(c):
    _at_least_one(c)
    return 4 * c, 2 * c


def separable_params(m, n, d, K, bias=True):
    _at_least_one(m, n, d, K)
    return m * n * d + d * K + (K if bias else 0)
"""

_COUNT = """
def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _side(n, k, s, padding):
    if padding == "same":
        return (n + s - 1) // s
    if k > n:
        raise ValueError("the window does not fit")
    return (n - k) // s + 1


def count_spec(spec, input_shape):
    rows, total = [], 0
    shape = tuple(input_shape)
    for layer in spec:
        op, params, depth = layer["op"], 0, shape[-1]
        padding, bias = layer.get("padding", "valid"), layer.get("bias", True)
        if op in ("conv", "separable", "pool", "gap") and len(shape) == 1:
            raise ValueError("maps are needed")
        if op in ("conv", "separable"):
            (m, n), (sh, sw) = _pair(layer["kernel"]), _pair(layer.get("stride", 1))
            K = layer["filters"]
            params = conv_params(m, n, depth, K, bias) if op == "conv" else separable_params(m, n, depth, K, bias)
            shape = (_side(shape[0], m, sh, padding), _side(shape[1], n, sw, padding), K)
        elif op == "pool":
            (m, n), (sh, sw) = _pair(layer["size"]), _pair(layer.get("stride", layer["size"]))
            shape = (_side(shape[0], m, sh, padding), _side(shape[1], n, sw, padding), depth)
        elif op == "gap":
            shape = (depth,)
        elif op == "flatten":
            size = 1
            for side in shape:
                size *= side
            shape = (size,)
        elif op == "dense":
            if len(shape) > 1:
                raise ValueError("flatten first")
            params = dense_params(shape[0], layer["units"], bias)
            shape = (layer["units"],)
        elif op == "bn":
            params = bn_params(depth)[0]
        elif op in ("relu", "dropout"):
            pass
        else:
            raise ValueError("unknown op " + str(op))
        rows.append((op, shape, params))
        total += params
    return rows, total
"""

_AUDIT = """
def _size(weights):
    count = 0
    for weight in weights:
        size = 1
        for side in weight.shape:
            size *= int(side)
        count += size
    return count


def audit(model):
    rows = [(layer.name, _size(layer.weights), _size(layer.trainable_weights)) for layer in model.layers]
    total = _size(model.weights)
    trainable = _size(model.trainable_weights)
    moving = _size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])
    frozen = total - trainable - moving
    budget = trainable + frozen
    return {"rows": rows, "total": total, "trainable": trainable, "frozen": frozen, "moving": moving, "budget": budget}
"""

_WIDEST = """
def widest_net(budget, depth=3, d=1, classes=10):
    w, best = 1, 0
    while True:
        total = (9 * d + 1) * w + (depth - 1) * (9 * w + 1) * w + (w + 1) * classes
        if total >= budget:
            break
        best, w = w, w + 1
    if best == 0:
        raise ValueError("nothing fits")
    return best
"""


def _but(code: str, *changes: tuple[str, str]) -> str:
    """`code` with each (old, new) replaced; every old must be there, so that no mistake is right by accident."""
    for old, new in changes:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code that this mistake changes")
        code = code.replace(old, new)
    return code


def _wrong(caught_by: str, says: str, code: str, *changes: tuple[str, str]) -> dict[str, Any]:
    return {"caught_by": caught_by.split(), "says": [says], "code": _but(code, *changes)}


_CONV = "return m * n * d * K + (K if bias else 0)"
_DENSE = "return n_in * n_out + (n_out if bias else 0)"
_SEPARABLE = "return m * n * d + d * K + (K if bias else 0)"

MISTAKES: dict[str, dict[str, dict[str, Any]]] = {
    "layer_params": {
        "bias lost": _wrong(
            "layer_params-conv layer_params-shapes layer_params-blocks",
            "bias lost: every kernel has one weight more",
            _LAYERS,
            (_CONV, "return m * n * d * K"),
        ),
        "depth forgotten": _wrong(
            "layer_params-conv layer_params-blocks",
            "a kernel covers all d maps of the layer below",
            _LAYERS,
            (_CONV, "return (m * n + (1 if bias else 0)) * K"),
        ),
        "one bias per tap (the lecture notes' second form)": _wrong(
            "layer_params-conv layer_params-shapes",
            "one bias per tap",
            _LAYERS,
            (_CONV, "return m * n * (d + bias) * K"),
        ),
        "one bias for the whole layer": _wrong(
            "layer_params-conv layer_params-shapes",
            "one bias for the whole layer",
            _LAYERS,
            (_CONV, "return m * n * d * K + (1 if bias else 0)"),
        ),
        "brackets lost": _wrong(
            "layer_params-conv layer_params-shapes",
            "the brackets are wrong",
            _LAYERS,
            (_CONV, "return m * n * d + 1 * K"),
        ),
        "square kernels only": _wrong(
            "layer_params-shapes", "need not be square", _LAYERS, (_CONV, "return (m * m * d + (1 if bias else 0)) * K")
        ),
        "bias=False ignored": _wrong(
            "layer_params-shapes layer_params-blocks",
            "without a bias",
            _LAYERS,
            (_CONV, "return (m * n * d + 1) * K"),
            (_DENSE, "return (n_in + 1) * n_out"),
        ),
        "dense without biases (784 * 512)": _wrong(
            "layer_params-dense layer_params-shapes", "bias lost: 200,704", _LAYERS, (_DENSE, "return n_in * n_out")
        ),
        "dense biases on the inputs": _wrong(
            "layer_params-dense",
            "the biases belong to the output units",
            _LAYERS,
            (_DENSE, "return n_in * n_out + (n_in if bias else 0)"),
        ),
        "batch norm 2c": _wrong(
            "layer_params-batch-norm", "4c and not 2c", _LAYERS, ("return 4 * c, 2 * c", "return 2 * c, 2 * c")
        ),
        "batch norm all trainable": _wrong(
            "layer_params-batch-norm",
            "the moving mean and variance are not trained",
            _LAYERS,
            ("return 4 * c, 2 * c", "return 4 * c, 4 * c"),
        ),
        "batch norm total only": _wrong(
            "layer_params-batch-norm", "return both counts", _LAYERS, ("return 4 * c, 2 * c", "return 4 * c")
        ),
        "separable multiplies its two steps": _wrong(
            "layer_params-separable",
            "add their weights, do not multiply",
            _LAYERS,
            (_SEPARABLE, "return m * n * d * (d * K + (K if bias else 0))"),
        ),
        "separable with two biases": _wrong(
            "layer_params-separable",
            "the first step has no bias",
            _LAYERS,
            (_SEPARABLE, "return m * n * d + d * K + (d + K if bias else 0)"),
        ),
        "separable is the full convolution": _wrong(
            "layer_params-separable",
            "that is the full convolution",
            _LAYERS,
            (_SEPARABLE, "return conv_params(m, n, d, K, bias)"),
        ),
        "separable without its 1x1": _wrong(
            "layer_params-separable", "the second step is missing", _LAYERS, (_SEPARABLE, "return m * n * d")
        ),
        "counts are floats": _wrong(
            "layer_params-conv layer_params-dense",
            "a count is an int",
            _LAYERS,
            (_CONV, "return (m * n * d * K + (K if bias else 0)) / 1"),
            (_DENSE, "return float(n_in * n_out + (n_out if bias else 0))"),
        ),
        "separable ignores bias=False": _wrong(
            "layer_params-separable",
            "bias=False leaves the biases of the second step out",
            _LAYERS,
            (_SEPARABLE, "return m * n * d + d * K + K"),
        ),
        "only the convolution refuses sizes below 1": _wrong(
            "layer_params-errors",
            "should raise ValueError: dense_params",
            _LAYERS,
            ("    _at_least_one(n_in, n_out)\n", ""),
        ),
        "sizes below 1 accepted": _wrong(
            "layer_params-errors",
            "should raise ValueError",
            _LAYERS,
            ("if min(sizes) < 1:", "if min(sizes) < 0:"),
        ),
        "prints instead of returning": _wrong(
            "layer_params-conv",
            "did you forget `return`",
            _LAYERS,
            (_CONV, "print(m * n * d * K + (K if bias else 0))"),
        ),
        "batch norm of −3 maps": _wrong(
            "layer_params-errors",
            "without a map",
            _LAYERS,
            ("    _at_least_one(c)\n", '    if c == 0:\n        raise ValueError("no maps")\n'),
        ),
        "only the product of the sizes is looked at": _wrong(
            "layer_params-errors",
            "with a size below 1",
            _LAYERS,
            ("if min(sizes) < 1", "if np.prod(sizes) < 1"),
        ),
    },
    "kernel_stack_saving": {
        "36 %": {
            "caught_by": ["kernel_stack_saving-lecture"],
            "says": ["36 %"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return 9 / k**2
""",
        },
        "one 3x3 for the large kernel": {
            "caught_by": ["kernel_stack_saving-lecture"],
            "says": ["count all layers of the stack"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return 1 - 9 / k**2
""",
        },
        "the share that is kept": {
            "caught_by": ["kernel_stack_saving-lecture", "kernel_stack_saving-any-odd"],
            "says": ["the share that is kept"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return (k - 1) / 2 * 9 / k**2
""",
        },
        "a share of the stack": {
            "caught_by": ["kernel_stack_saving-lecture"],
            "says": ["a share of the large kernel"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    stack = (k - 1) // 2 * 9
    return (k * k - stack) / stack
""",
        },
        "a percentage": {
            "caught_by": ["kernel_stack_saving-lecture", "kernel_stack_saving-any-odd"],
            "says": ["not a percentage"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return 100 * (1 - (k - 1) / 2 * 9 / k**2)
""",
        },
        "weights, not a share": {
            "caught_by": ["kernel_stack_saving-lecture"],
            "says": ["a share divides by k * k"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return k**2 - (k - 1) // 2 * 9
""",
        },
        "one layer too many": {
            "caught_by": ["kernel_stack_saving-lecture", "kernel_stack_saving-any-odd"],
            "says": ["L = (k - 1) / 2"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return 1 - (k // 2 + 1) * 9 / k**2
""",
        },
        "the three lecture values only, rounded": {
            "caught_by": ["kernel_stack_saving-lecture", "kernel_stack_saving-any-odd"],
            "says": ["do not round"],
            "code": """
def kernel_stack_saving(k):
    if k < 3 or k % 2 == 0:
        raise ValueError("odd, at least 3")
    return round(1 - (k - 1) / 2 * 9 / k**2, 2 if k == 5 else 3)
""",
        },
        "even kernels accepted": {
            "caught_by": ["kernel_stack_saving-errors"],
            "says": ["should raise ValueError", "4x4"],
            "code": """
def kernel_stack_saving(k):
    if k < 3:
        raise ValueError("at least 3")
    return 1 - (k - 1) / 2 * 9 / k**2
""",
        },
        "small kernels accepted": {
            "caught_by": ["kernel_stack_saving-errors"],
            "says": ["should raise ValueError"],
            "code": """
def kernel_stack_saving(k):
    if k % 2 == 0:
        raise ValueError("odd")
    return 1 - (k - 1) / 2 * 9 / k**2
""",
        },
    },
    "macs": {
        "weights instead of work": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["those are the weights"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return m * n * d * K
""",
        },
        "biases multiplied": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["no MACs for them"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return h_out * w_out * (m * n * d + 1) * K
""",
        },
        "multiplications and additions": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["one MAC, not two"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return 2 * h_out * w_out * m * n * d * K
""",
        },
        "depth forgotten": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["all d maps"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return h_out * w_out * m * n * K
""",
        },
        "one row of places": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["a row of places is not a map"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return h_out * m * n * d * K
""",
        },
        "square maps only": {
            "caught_by": ["macs-any-shape"],
            "says": ["need not be square"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return h_out**2 * m * n * d * K
""",
        },
        "square kernels only": {
            "caught_by": ["macs-any-shape"],
            "says": ["need not be square"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return h_out * w_out * m**2 * d * K
""",
        },
        "a float": {
            "caught_by": ["macs-lecture", "macs-any-shape"],
            "says": ["a count is an int"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return float(h_out * w_out * m * n * d * K)
""",
        },
        "32 bits": {
            "caught_by": ["macs-any-shape"],
            "says": ["32 bits"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return int(np.prod([h_out, w_out, m, n, d, K], dtype=np.int32))
""",
        },
        "in float32": {
            "caught_by": ["macs-any-shape"],
            "says": ["32 bits"],
            "code": """
def conv_macs(h_out, w_out, m, n, d, K):
    return int(np.prod(np.array([h_out, w_out, m, n, d, K], dtype=np.float32)))
""",
        },
    },
    "count_spec": {
        "depth taken from the image": _wrong(
            "count_spec-mnist count_spec-lectures count_spec-shapes count_spec-history",
            "the depth is taken from the image",
            _COUNT,
            (
                'op, params, depth = layer["op"], 0, shape[-1]',
                'op, params, depth = layer["op"], 0, input_shape[-1] if layer["op"] == "conv" else shape[-1]',
            ),
        ),
        "bias lost everywhere": _wrong(
            "count_spec-mnist count_spec-lectures",
            "bias lost",
            _COUNT,
            ('layer.get("bias", True)', "False"),
        ),
        "flatten forgets 7 * 7": _wrong(
            "count_spec-mnist count_spec-lectures count_spec-history",
            "flatten forgets the places",
            _COUNT,
            ("for side in shape:", "for side in shape[-1:]:"),
        ),
        "padding ignored": _wrong(
            "count_spec-mnist count_spec-shapes",
            "the padding is ignored",
            _COUNT,
            ('padding, bias = layer.get("padding", "valid")', 'padding, bias = "valid"'),
        ),
        "padding same when none is given": _wrong(
            "count_spec-lectures count_spec-history",
            "means",
            _COUNT,
            ('layer.get("padding", "valid")', 'layer.get("padding", "same")'),
        ),
        "stride ignored": _wrong(
            "count_spec-shapes count_spec-history", "stride", _COUNT, ('layer.get("stride", 1)', "1")
        ),
        "pool stride ignored": _wrong(
            "count_spec-history count_spec-shapes",
            "overlap",
            _COUNT,
            ('_pair(layer.get("stride", layer["size"]))', '_pair(layer["size"])'),
        ),
        "a padded pool moves by one": _wrong(
            "count_spec-shapes",
            "moves by its own size",
            _COUNT,
            (
                '_pair(layer.get("stride", layer["size"]))',
                '_pair(layer.get("stride", 1 if padding == "same" else layer["size"]))',
            ),
        ),
        "every dense layer has biases": _wrong(
            "count_spec-shapes",
            "a dense layer without bias",
            _COUNT,
            ('dense_params(shape[0], layer["units"], bias)', 'dense_params(shape[0], layer["units"])'),
        ),
        "a separable layer always has biases": _wrong(
            "count_spec-normed",
            "separable",
            _COUNT,
            ("separable_params(m, n, depth, K, bias)", "separable_params(m, n, depth, K)"),
        ),
        "a separable layer never padded": _wrong(
            "count_spec-normed",
            "separable",
            _COUNT,
            (
                'padding, bias = layer.get("padding", "valid"), layer.get("bias", True)',
                'padding, bias = "valid" if op == "separable" else layer.get("padding", "valid"), layer.get("bias", True)',
            ),
        ),
        "a global average of flat values": _wrong(
            "count_spec-errors",
            "gap on flat values",
            _COUNT,
            ('("conv", "separable", "pool", "gap") and len', '("conv", "separable", "pool") and len'),
        ),
        "flat values cannot be flattened": _wrong(
            "count_spec-errors",
            "count_spec raised",
            _COUNT,
            ('("conv", "separable", "pool", "gap") and len', '("conv", "separable", "pool", "gap", "flatten") and len'),
        ),
        "height and width of the kernel swapped": _wrong(
            "count_spec-shapes",
            "(height, width)",
            _COUNT,
            ('(m, n), (sh, sw) = _pair(layer["kernel"])', '(n, m), (sh, sw) = _pair(layer["kernel"])'),
        ),
        "same rounds down": _wrong("count_spec-shapes", "row", _COUNT, ("return (n + s - 1) // s", "return n // s")),
        "valid without the plus one": _wrong(
            "count_spec-lectures count_spec-shapes count_spec-history",
            "20 -> 18 -> 16 -> 14",
            _COUNT,
            ("return (n - k) // s + 1", "return (n - k) // s"),
        ),
        "batch norm 2c": _wrong(
            "count_spec-normed", "four values per map", _COUNT, ("bn_params(depth)[0]", "bn_params(depth)[1]")
        ),
        "separable counted as a convolution": _wrong(
            "count_spec-normed",
            "separable",
            _COUNT,
            ("separable_params(m, n, depth, K, bias)", "conv_params(m, n, depth, K, bias)"),
        ),
        "global average flattens": _wrong(
            "count_spec-normed",
            "one value per map",
            _COUNT,
            (
                'elif op == "gap":\n            shape = (depth,)',
                'elif op == "gap":\n            shape = (shape[0] * shape[1] * depth,)',
            ),
        ),
        "rows only": _wrong("count_spec-mnist", "return two things", _COUNT, ("return rows, total", "return rows")),
        "the total is the last row": _wrong(
            "count_spec-mnist count_spec-lectures", "sum of the rows", _COUNT, ("total += params", "total = params")
        ),
        "a dense layer on maps counts the depth": _wrong(
            "count_spec-errors",
            "were not flattened",
            _COUNT,
            ("if len(shape) > 1:", "if len(shape) > 9:"),
        ),
        "a dense layer flattens by itself": _wrong(
            "count_spec-errors",
            "were not flattened",
            _COUNT,
            ('raise ValueError("flatten first")', "shape = (shape[0] * shape[1] * shape[2],)"),
        ),
        "unknown layers skipped": _wrong(
            "count_spec-errors", "an unknown op", _COUNT, ('raise ValueError("unknown op " + str(op))', "continue")
        ),
        "windows larger than the map": _wrong(
            "count_spec-errors", "does not fit", _COUNT, ("if k > n:", "if k > n + 99:")
        ),
        "no kernel larger than the map, even with same": _wrong(
            "count_spec-errors",
            "padded until any kernel fits",
            _COUNT,
            (
                'if padding == "same":\n        return (n + s - 1) // s\n    if k > n:\n        raise ValueError("the window does not fit")',
                'if k > n:\n        raise ValueError("the window does not fit")\n    if padding == "same":\n        return (n + s - 1) // s',
            ),
        ),
        "the list is eaten": _wrong(
            "count_spec-mnist",
            "changes its input",
            _COUNT,
            ("for layer in spec:", "while spec:\n        layer = spec.pop(0)"),
        ),
        "defaults written into the caller's layers": _wrong(
            "count_spec-mnist",
            "changes its input",
            _COUNT,
            ('layer.get("bias", True)', 'layer.setdefault("bias", True)'),
        ),
        "a bias that is asked for is left out": _wrong(
            "count_spec-shapes",
            "a layer without bias",
            _COUNT,
            ('layer.get("bias", True)\n', '"bias" not in layer\n'),
        ),
        "takes keys out of the layers": _wrong(
            "count_spec-shapes",
            "changes its input",
            _COUNT,
            ('layer.get("bias", True)\n', 'layer.pop("bias", True)\n'),
        ),
    },
    "audit": {
        "moving statistics counted as frozen": _wrong(
            "audit-moving audit-any-net",
            "the moving statistics are counted as frozen",
            _AUDIT,
            ('w.name in ("moving_mean", "moving_variance")', "False"),
        ),
        "the budget counts everything": _wrong(
            "audit-moving audit-any-net",
            "the budget counts the moving statistics",
            _AUDIT,
            ("budget = trainable + frozen", "budget = model.count_params()"),
        ),
        "the budget forgets frozen weights": _wrong(
            "audit-frozen audit-moving audit-any-net",
            "the budget forgets frozen weights",
            _AUDIT,
            ("budget = trainable + frozen", "budget = trainable"),
        ),
        "whatever is not trained is a moving statistic": _wrong(
            "audit-frozen audit-moving",
            "not every weight that is not trained is a moving statistic",
            _AUDIT,
            (
                'moving = _size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])',
                "moving = _size(model.non_trainable_weights)",
            ),
        ),
        "half of a batch norm": _wrong(
            "audit-moving",
            "exactly its moving mean and moving variance",
            _AUDIT,
            (
                '_size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])',
                'sum(_size(x.weights) // 2 for x in model.layers if type(x).__name__ == "BatchNormalization")',
            ),
        ),
        "a frozen batch norm is all moving statistics": _wrong(
            "audit-moving",
            "its scale and shift are frozen weights",
            _AUDIT,
            (
                '_size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])',
                'sum(_size(x.non_trainable_weights) for x in model.layers if type(x).__name__ == "BatchNormalization")',
            ),
        ),
        "batch norms of a nested model not found": _wrong(
            "audit-shared-and-nested",
            "a model used as a layer",
            _AUDIT,
            (
                '_size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])',
                "sum(_size([x.moving_mean, x.moving_variance]) for x in model.layers"
                ' if type(x).__name__ == "BatchNormalization")',
            ),
        ),
        "a shared layer counted once a use": _wrong(
            "audit-shared-and-nested",
            "used twice",
            _AUDIT,
            (
                "total = _size(model.weights)",
                "total = sum(_size(x.weights) * max(1, len(x._inbound_nodes)) for x in model.layers)",
            ),
        ),
        "a nested model and its layers both counted": _wrong(
            "audit-shared-and-nested",
            "its weights count once",
            _AUDIT,
            (
                "total = _size(model.weights)",
                "total = sum(_size(x.weights) for x in model._flatten_layers(include_self=False))",
            ),
        ),
        "batch norms found one level down only": _wrong(
            "audit-shared-and-nested",
            "a model that is used as a layer",
            _AUDIT,
            (
                '_size([w for w in model.weights if w.name in ("moving_mean", "moving_variance")])',
                "sum(_size(y.non_trainable_weights[-2:]) for y in {id(y): y for x in model.layers"
                ' for y in getattr(x, "layers", [x]) if type(y).__name__ == "BatchNormalization"}.values())',
            ),
        ),
        "whatever has moving in its path": _wrong(
            "audit-moving",
            "exactly its moving mean and moving variance",
            _AUDIT,
            ('w.name in ("moving_mean", "moving_variance")', '"moving" in w.path'),
        ),
        "layer.trainable decides for the whole layer": _wrong(
            "audit-rows",
            "use layer.trainable_weights",
            _AUDIT,
            ("_size(layer.trainable_weights)", "_size(layer.weights) * layer.trainable"),
        ),
        "only the kernel of each layer": _wrong(
            "audit-rows audit-frozen",
            "bias lost",
            _AUDIT,
            (
                "_size(layer.weights), _size(layer.trainable_weights)",
                "_size(layer.weights[:1]), _size(layer.trainable_weights[:1])",
            ),
        ),
        "layers without weights left out": _wrong(
            "audit-rows",
            "those without weights as well",
            _AUDIT,
            ("for layer in model.layers]", "for layer in model.layers if layer.weights]"),
        ),
        "weights of the same name merged": _wrong(
            "audit-rows",
            "may have the same name",
            _AUDIT,
            ("total = _size(model.weights)", "total = _size({w.name: w for w in model.weights}.values())"),
        ),
        "the dropout's random state is counted": _wrong(
            "audit-rows audit-moving",
            "random generator",
            _AUDIT,
            ("total = _size(model.weights)", "total = _size(model.variables)"),
        ),
        "the number of weight arrays": _wrong(
            "audit-rows audit-frozen audit-any-net",
            "size of layer.weights",
            _AUDIT,
            ("size *= int(side)", "pass"),
        ),
        "rows only": _wrong(
            "audit-rows", "returns a dictionary", _AUDIT, ('return {"rows": rows,', 'return rows, {"rows": rows,')
        ),
        "the total is the sum of the rows": _wrong(
            "audit-shared-and-nested",
            "where two of them share a layer",
            _AUDIT,
            ("total = _size(model.weights)", "total = sum(row[1] for row in rows)"),
        ),
        "everything is summed over the rows": _wrong(
            "audit-shared-and-nested",
            "not from the rows",
            _AUDIT,
            ("total = _size(model.weights)", "total = sum(row[1] for row in rows)"),
            ("trainable = _size(model.trainable_weights)", "trainable = sum(row[2] for row in rows)"),
            (
                "moving = _size([w for w in model.weights if",
                "moving = _size([w for x in model.layers for w in x.weights if",
            ),
        ),
        "moving statistics summed over the rows": _wrong(
            "audit-shared-and-nested",
            "exist once",
            _AUDIT,
            (
                "moving = _size([w for w in model.weights if",
                "moving = _size([w for x in model.layers for w in x.weights if",
            ),
        ),
    },
    "widest_net": {
        "one map too many": _wrong(
            "widest_net-ten-thousand widest_net-any-budget",
            "one map too many",
            _WIDEST,
            ("return best", "return best + 1"),
        ),
        "every layer sees the image": _wrong(
            "widest_net-ten-thousand widest_net-any-budget",
            "the depth comes from the previous layer",
            _WIDEST,
            ("(depth - 1) * (9 * w + 1) * w", "(depth - 1) * (9 * d + 1) * w"),
        ),
        "at most the budget": _wrong(
            "widest_net-any-budget", "fewer than", _WIDEST, ("if total >= budget:", "if total > budget:")
        ),
        "ten classes, whatever is asked": _wrong(
            "widest_net-any-budget", "under the budget", _WIDEST, ("(w + 1) * classes", "(w + 1) * 10")
        ),
        "grey images only": _wrong("widest_net-any-budget", "under", _WIDEST, ("(9 * d + 1) * w", "10 * w")),
        "zero maps": _wrong(
            "widest_net-any-budget", "should raise ValueError", _WIDEST, ('raise ValueError("nothing fits")', "pass")
        ),
        "no biases": _wrong(
            "widest_net-ten-thousand",
            "one map too many",
            _WIDEST,
            (
                "(9 * d + 1) * w + (depth - 1) * (9 * w + 1) * w + (w + 1) * classes",
                "9 * d * w + (depth - 1) * 9 * w * w",
            ),
        ),
        "looks at widths up to 100": _wrong(
            "widest_net-ten-thousand",
            "at a width that looks large",
            _WIDEST,
            ("while True:", "while w <= 100:"),
        ),
    },
}
