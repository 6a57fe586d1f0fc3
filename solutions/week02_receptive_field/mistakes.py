"""Wrong answers that students give in week 2. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""

_SIZE = """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if min(n, k, s, dilation) < 1:
        raise ValueError("n, k, s and dilation must be at least 1")
    if p == "same":
        return {same}
    if p == "valid":
        p = 0
    if isinstance(p, str) or p < 0:
        raise ValueError("bad padding")
    span = {span}
    if span > n + 2 * p:
        raise ValueError("the kernel does not fit")
    return {size}
"""


def _size(
    same: str = "-(-n // s)", span: str = "dilation * (k - 1) + 1", size: str = "(n + 2 * p - span) // s + 1"
) -> str:
    """The right answer with one part replaced."""
    return _SIZE.format(same=same, span=span, size=size)


_RF = """
def receptive_field(spec, n=None):
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, []
    for i, (k, s, p) in enumerate(spec):
{step}
        table.append((rf, jump, sizes[i + 1]))
    return table
"""


def _rf(*step: str) -> str:
    """The right loop with other statements in it."""
    return _RF.format(step="\n".join(f"        {line}" for line in step))


_COLLAPSE = """
def layers_to_collapse(n, k=3):
    if n < 1 or k < 2:
        raise ValueError("n must be at least 1 and k at least 2")
    layers = (n - 1) // (k - 1)
    return layers, n - layers * (k - 1)
"""

_FIELD = """
def layers_for_rf(n, k=3, pool_every=None):
    sides = n if isinstance(n, tuple) else (n,)
    if min(sides) < 1 or k < 2 or (pool_every is not None and pool_every < 1):
        raise ValueError("cannot count layers for this")
    need = max(sides)
    rf, jump, layers = 1, 1, 0
    while rf < need:
        if pool_every and layers and layers % pool_every == 0:
            rf, jump = rf + jump, 2 * jump
        rf += (k - 1) * jump
        layers += 1
    return layers
"""


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


def _location(
    *,
    guard: str = "i < 0 or any(p != 'valid' and (isinstance(p, str) or p < 0) for _, _, p in spec)",
    start: str = "pass",
    order: str = "reversed(spec)",
    first: str = "first * s - p",
    last: str = "last * s - p + k - 1",
    end: str = "return first, last",
) -> str:
    """The walk back through the spec, with one place changed."""
    return f"""
def field_location(spec, i):
    if {guard}:
        raise ValueError("no such unit or padding")
    {start}
    first = last = i
    for k, s, p in {order}:
        p = 0 if isinstance(p, str) else p
        first, last = {first}, {last}
    {end}
"""


MISTAKES = {
    "conv_output_size": {
        "floor forgotten": {
            "caught_by": ["conv_output_size-floor"],
            "says": ["floor is forgotten"],
            "code": _size(size="(n + 2 * p - span) / s + 1"),
        },
        "rounds up": {
            "caught_by": ["conv_output_size-floor", "conv_output_size-keras"],
            "says": ["round down"],
            "code": _size(size="-(-(n + 2 * p - span) // s) + 1"),
        },
        "rounds to the nearest": {
            "caught_by": ["conv_output_size-floor", "conv_output_size-keras"],
            "says": ["nearest"],
            "code": _size(size="round((n + 2 * p - span) / s) + 1"),
        },
        "one place too few": {
            "caught_by": ["conv_output_size-lecture", "conv_output_size-floor"],
            "says": ["one place too few"],
            "code": _size(size="(n + 2 * p - span) // s"),
        },
        "padding counted in all, not on each side": {
            "caught_by": ["conv_output_size-lecture"],
            "says": ["at each end"],
            "code": _size(size="(n + p - span) // s + 1").replace("span > n + 2 * p", "span > n + p"),
        },
        "stride ignored": {
            "caught_by": ["conv_output_size-floor", "conv_output_size-keras"],
            "says": ["stride is ignored"],
            "code": _size(size="n + 2 * p - span + 1"),
        },
        "dilation ignored": {
            "caught_by": ["conv_output_size-floor", "conv_output_size-keras"],
            "says": ["dilation is ignored"],
            "code": _size(span="k"),
        },
        "a dilated kernel spans d times k": {
            "caught_by": ["conv_output_size-floor", "conv_output_size-keras"],
            "says": ["gaps"],
            "code": _size(span="dilation * k if dilation > 1 else k"),
        },
        "same keeps the size at every stride": {
            "caught_by": ["conv_output_size-words", "conv_output_size-keras"],
            "says": ["ceil"],
            "code": _size(same="n"),
        },
        "same rounds down": {
            "caught_by": ["conv_output_size-words", "conv_output_size-keras"],
            "says": ["rounds up"],
            "code": _size(same="n // s"),
        },
        "same as p = k // 2": {
            "caught_by": ["conv_output_size-words", "conv_output_size-keras"],
            "says": ["even kernel"],
            "code": _size(same="(n + 2 * (k // 2) - k) // s + 1"),
        },
        "int() truncates: a kernel that is too large passes at stride 2": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["larger than the padded row"],
            "code": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if min(n, k, s, dilation) < 1:
        raise ValueError("must be at least 1")
    if p == "same":
        return -(-n // s)
    p = 0 if p == "valid" else p
    if isinstance(p, str) or p < 0:
        raise ValueError("bad padding")
    size = int((n + 2 * p - dilation * (k - 1) - 1) / s) + 1
    if size <= 0:
        raise ValueError("impossible")
    return size
""",
        },
        "no errors at all": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["should raise ValueError"],
            "code": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if p == "same":
        return -(-n // s)
    if p == "valid":
        p = 0
    return (n + 2 * p - dilation * (k - 1) - 1) // s + 1
""",
        },
        "negative padding crops": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["negative padding"],
            "code": _size().replace("isinstance(p, str) or p < 0", "isinstance(p, str)"),
        },
        "the padded side does not count when the kernel is compared": {
            "caught_by": ["conv_output_size-errors"],
            "says": [],
            "code": _size().replace("span > n + 2 * p", "span > n"),
        },
        "a kernel as large as the image is refused": {
            "caught_by": ["conv_output_size-errors"],
            "says": [],
            "code": _size().replace("span > n + 2 * p", "span >= n + 2 * p"),
        },
        "returns None: prints instead": {
            "caught_by": ["conv_output_size-lecture", "conv_output_size-floor", "conv_output_size-words"],
            "says": ["return"],
            "code": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if p == "same":
        print(-(-n // s))
    elif p == "valid":
        print((n - k) // s + 1)
    else:
        print((n + 2 * p - k) // s + 1)
""",
        },
        "same is a float": {
            "caught_by": ["conv_output_size-words"],
            "says": ["a count is an int"],
            "code": "import numpy as np\n" + _size(same="np.ceil(n / s)"),
        },
        "same returns before anything is checked": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["of 0 pixels"],
            "code": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if s < 1:
        raise ValueError("stride")
    if p == "same":
        return -(-n // s)
    p = 0 if p == "valid" else p
    if isinstance(p, str) or p < 0 or min(n, k, dilation) < 1 or dilation * (k - 1) + 1 > n + 2 * p:
        raise ValueError("this layer does not exist")
    return (n + 2 * p - dilation * (k - 1) - 1) // s + 1
""",
        },
        "dilation is forgotten where the kernel must fit": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["dilated kernel"],
            "code": _swap(
                _size(size="max((n + 2 * p - dilation * (k - 1) - 1) // s + 1, 1)"),
                ("if span > n + 2 * p", "if k > n + 2 * p"),
            ),
        },
        "unknown words are no padding": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["a word for padding"],
            "code": _swap(_size(), ('if p == "valid":', "if isinstance(p, str):")),
        },
        "valid is settled before the kernel is compared": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["larger than the row, with"],
            "code": """
def conv_output_size(n, k, s=1, p=0, dilation=1):
    if min(n, k, s, dilation) < 1:
        raise ValueError("n, k, s and dilation must be at least 1")
    span = dilation * (k - 1) + 1
    if p == "same":
        return -(-n // s)
    if p == "valid":
        return (n - span) // s + 1
    if isinstance(p, str) or p < 0 or span > n + 2 * p:
        raise ValueError("it does not fit")
    return (n + 2 * p - span) // s + 1
""",
        },
        "a dilation of 0 passes with same": {
            "caught_by": ["conv_output_size-errors"],
            "says": ["a dilation of 0"],
            "code": _size(same="-(-n // s)", span="dilation * (k - 1) + 1")
            .replace("min(n, k, s, dilation) < 1", "min(n, k, s) < 1")
            .replace("    span =", '    if dilation < 1:\n        raise ValueError("dilation")\n    span ='),
        },
    },
    "same_padding": {
        "p = k // 2 on both sides": {
            "caught_by": ["same_padding-even", "same_padding-keras"],
            "says": ["k // 2 at both ends"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return k // 2, k // 2
""",
        },
        "one zero too few": {
            "caught_by": ["same_padding-even", "same_padding-keras"],
            "says": ["one zero too few"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return (k - 1) // 2, (k - 1) // 2
""",
        },
        "more before than after": {
            "caught_by": ["same_padding-even", "same_padding-keras"],
            "says": ["wrong way round"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    after = (k - 1) // 2
    return k - 1 - after, after
""",
        },
        "half zeros": {
            "caught_by": ["same_padding-even", "same_padding-keras"],
            "says": ["half a zero"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return (k - 1) / 2, (k - 1) / 2
""",
        },
        "k - 1 on each side": {
            "caught_by": ["same_padding-odd", "same_padding-even", "same_padding-keras"],
            "says": ["in total, not at each end"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return k - 1, k - 1
""",
        },
        "one number for both sides": {
            "caught_by": ["same_padding-odd", "same_padding-even"],
            "says": ["two numbers"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return (k - 1) // 2
""",
        },
        "the sum only": {
            "caught_by": ["same_padding-odd", "same_padding-even"],
            "says": ["not their sum"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return k - 1
""",
        },
        "k zeros in all": {
            "caught_by": ["same_padding-odd", "same_padding-even"],
            "says": ["k - 1 neighbours"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("no kernel")
    return k // 2, k - k // 2
""",
        },
        "a kernel of 0 pixels passes": {
            "caught_by": ["same_padding-keras"],
            "says": ["below 1"],
            "code": """
def same_padding(k):
    return (k - 1) // 2, k // 2
""",
        },
        "even kernels refused": {
            "caught_by": ["same_padding-even", "same_padding-keras"],
            "says": [],
            "code": """
def same_padding(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("the kernel must be odd")
    return k // 2, k // 2
""",
        },
        "floats for odd kernels": {
            "caught_by": ["same_padding-odd"],
            "says": ["a count is an int"],
            "code": """
def same_padding(k):
    if k < 1:
        raise ValueError("k")
    return ((k - 1) / 2, (k - 1) / 2) if k % 2 else (k // 2 - 1, k // 2)
""",
        },
    },
    "shape_trace": {
        "the input is left out": {
            "caught_by": ["shape_trace-lecture", "shape_trace-pools", "shape_trace-keras"],
            "says": ["begins with the input"],
            "code": """
def shape_trace(n, spec):
    sizes = []
    for k, s, p in spec:
        n = tuple(conv_output_size(x, k, s, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
        sizes.append(n)
    return sizes
""",
        },
        "every layer starts from the image": {
            "caught_by": ["shape_trace-lecture", "shape_trace-pools", "shape_trace-keras"],
            "says": ["not from the image"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        if isinstance(n, tuple):
            sizes.append(tuple(conv_output_size(x, k, s, p) for x in n))
        else:
            sizes.append(conv_output_size(n, k, s, p))
    return sizes
""",
        },
        "only the last size": {
            "caught_by": ["shape_trace-lecture", "shape_trace-pools", "shape_trace-keras"],
            "says": ["not only the last"],
            "code": """
def shape_trace(n, spec):
    for k, s, p in spec:
        n = tuple(conv_output_size(x, k, s, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
    return [n]
""",
        },
        "stride ignored": {
            "caught_by": ["shape_trace-pools", "shape_trace-keras"],
            "says": ["stride is ignored"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        n = tuple(conv_output_size(x, k, 1, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, 1, p)
        sizes.append(n)
    return sizes
""",
        },
        "stride and padding swapped": {
            "caught_by": ["shape_trace-lecture", "shape_trace-pools"],
            "says": [],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, p, s in spec:
        n = tuple(conv_output_size(x, k, s, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
        sizes.append(n)
    return sizes
""",
        },
        "only the height shrinks": {
            "caught_by": ["shape_trace-pair"],
            "says": ["width as well"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        n = (conv_output_size(n[0], k, s, p), n[1]) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
        sizes.append(n)
    return sizes
""",
        },
        "a pair becomes its smaller side": {
            "caught_by": ["shape_trace-pair"],
            "says": ["every size is a pair"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    side = min(n) if isinstance(n, tuple) else n
    for k, s, p in spec:
        side = conv_output_size(side, k, s, p)
        sizes.append(side)
    if isinstance(n, tuple):
        sizes[0] = side = n[0]
    return sizes
""",
        },
        "square images only": {
            "caught_by": ["shape_trace-pair"],
            "says": [],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        sizes.append(conv_output_size(sizes[-1], k, s, p))
    return sizes
""",
        },
        "a layer that does not fit leaves the size as it is": {
            "caught_by": ["shape_trace-errors"],
            "says": ["does not fit"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        try:
            n = tuple(conv_output_size(x, k, s, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
        except ValueError:
            pass
        sizes.append(n)
    return sizes
""",
        },
        "own formula: no words, no errors": {
            "caught_by": ["shape_trace-pools", "shape_trace-errors"],
            "says": ["does not fit"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    for k, s, p in spec:
        p = 0 if isinstance(p, str) else p
        def one(x):
            return (x + 2 * p - k) // s + 1
        n = tuple(one(x) for x in n) if isinstance(n, tuple) else one(n)
        sizes.append(n)
    return sizes
""",
        },
        "padding in all, not per side": {
            "caught_by": ["shape_trace-pools", "shape_trace-keras"],
            "says": ["at each end"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    def one(x, k, s, p):
        if p == "same":
            return -(-x // s)
        p = 0 if p == "valid" else p
        if p < 0 or k > x + p:
            raise ValueError("does not fit")
        return (x + p - k) // s + 1
    for k, s, p in spec:
        n = tuple(one(x, k, s, p) for x in n) if isinstance(n, tuple) else one(n, k, s, p)
        sizes.append(n)
    return sizes
""",
        },
        "empties the spec": {
            "caught_by": ["shape_trace-pair", "shape_trace-keras"],
            "says": ["changes its input"],
            "code": """
def shape_trace(n, spec):
    sizes = [n]
    while spec:
        k, s, p = spec.pop(0)
        n = tuple(conv_output_size(x, k, s, p) for x in n) if isinstance(n, tuple) else conv_output_size(n, k, s, p)
        sizes.append(n)
    return sizes
""",
        },
        "a square pair becomes one number": {
            "caught_by": ["shape_trace-pair"],
            "says": ["every size is a pair"],
            "code": """
def shape_trace(n, spec):
    if isinstance(n, tuple) and n[0] != n[1]:
        return list(zip(shape_trace(n[0], spec), shape_trace(n[1], spec)))
    sizes = [n[0] if isinstance(n, tuple) else n]
    for k, s, p in spec:
        sizes.append(conv_output_size(sizes[-1], k, s, p))
    return sizes
""",
        },
    },
    "receptive_field": {
        "jump ignored": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets", "receptive_field-measured"],
            "says": ["jump is ignored"],
            "code": _rf("rf += k - 1", "jump *= s"),
        },
        "kernels multiplied": {
            "caught_by": ["receptive_field-lecture", "receptive_field-jump"],
            "says": ["not multiplied"],
            "code": _rf("rf *= k", "jump *= s"),
        },
        "kernels added": {
            "caught_by": ["receptive_field-lecture", "receptive_field-jump"],
            "says": ["not added"],
            "code": _rf("rf = rf + k * jump if i else k", "jump *= s"),
        },
        "jump updated before it is used": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets", "receptive_field-measured"],
            "says": ["updated before it is used"],
            "code": _rf("jump *= s", "rf += (k - 1) * jump"),
        },
        "strides added": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets", "receptive_field-measured"],
            "says": ["strides multiply"],
            "code": _rf("rf += (k - 1) * jump", "jump += s - 1"),
        },
        "the jump is this layer's stride": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets", "receptive_field-measured"],
            "says": ["product of all strides"],
            "code": _rf("rf += (k - 1) * jump", "jump = s"),
        },
        "pooling does not widen the field": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets"],
            "says": ["pooling is a window"],
            "code": _rf("if s == 1:", "    rf += (k - 1) * jump", "jump *= s"),
        },
        "the field starts at 0": {
            "caught_by": ["receptive_field-lecture", "receptive_field-jump"],
            "says": ["seen itself"],
            "code": _rf("rf = (rf if i else 0) + (k - 1) * jump", "jump *= s"),
        },
        "output size instead of receptive field": {
            "caught_by": ["receptive_field-sizes"],
            "says": ["output size, not the receptive field"],
            "code": """
def receptive_field(spec, n=None):
    sizes = shape_trace(n, spec)
    jump, table = 1, []
    for (k, s, p), size in zip(spec, sizes[1:]):
        jump *= s
        table.append((size, jump, size))
    return table
""",
        },
        "padding makes the field smaller": {
            "caught_by": ["receptive_field-known-nets"],
            "says": ["padding"],
            "code": _rf("q = p if isinstance(p, int) else 0", "rf += (k - 1 - q // 2) * jump", "jump *= s"),
        },
        "a row for the image": {
            "caught_by": ["receptive_field-lecture", "receptive_field-sizes"],
            "says": ["the image itself has no row"],
            "code": """
def receptive_field(spec, n=None):
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, [(1, 1, sizes[0])]
    for (k, s, p), size in zip(spec, sizes[1:]):
        rf += (k - 1) * jump
        jump *= s
        table.append((rf, jump, size))
    return table
""",
        },
        "the jump before the layer in its row": {
            "caught_by": ["receptive_field-jump", "receptive_field-known-nets"],
            "says": ["after this layer"],
            "code": """
def receptive_field(spec, n=None):
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, []
    for (k, s, p), size in zip(spec, sizes[1:]):
        rf += (k - 1) * jump
        table.append((rf, jump, size))
        jump *= s
    return table
""",
        },
        "the size before the layer in its row": {
            "caught_by": ["receptive_field-sizes"],
            "says": ["after the layer, not before"],
            "code": """
def receptive_field(spec, n=None):
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, []
    for (k, s, p), size in zip(spec, sizes):
        rf += (k - 1) * jump
        jump *= s
        table.append((rf, jump, size))
    return table
""",
        },
        "cut off at the image": {
            "caught_by": ["receptive_field-sizes"],
            "says": ["may exceed the image"],
            "code": """
def receptive_field(spec, n=None):
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, []
    for (k, s, p), size in zip(spec, sizes[1:]):
        rf += (k - 1) * jump
        jump *= s
        table.append((rf if n is None or isinstance(n, tuple) else min(rf, n), jump, size))
    return table
""",
        },
        "an image of 224 is taken where none is given": {
            "caught_by": ["receptive_field-known-nets"],
            "says": ["raised ValueError"],
            "code": """
def receptive_field(spec, n=None):
    sizes = shape_trace(224 if n is None else n, spec)
    rf, jump, table = 1, 1, []
    for i, (k, s, p) in enumerate(spec):
        rf += (k - 1) * jump
        jump *= s
        table.append((rf, jump, None if n is None else sizes[i + 1]))
    return table
""",
        },
        "two columns only": {
            "caught_by": ["receptive_field-lecture", "receptive_field-sizes"],
            "says": ["a row is (rf, jump, size)"],
            "code": """
def receptive_field(spec, n=None):
    rf, jump, table = 1, 1, []
    for k, s, p in spec:
        rf += (k - 1) * jump
        jump *= s
        table.append((rf, jump))
    return table
""",
        },
        "a layer that does not fit has size 0": {
            "caught_by": ["receptive_field-sizes"],
            "says": ["does not fit"],
            "code": """
def receptive_field(spec, n=None):
    rf, jump, size, table = 1, 1, n, []
    for k, s, p in spec:
        rf, jump = rf + (k - 1) * jump, jump * s
        if n is not None:
            try:
                size = shape_trace(size, [(k, s, p)])[1]
            except ValueError:
                size = 0
        table.append((rf, jump, size))
    return table
""",
        },
    },
    "field_location": {
        "padding ignored": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["padding is ignored"],
            "code": _location(first="first * s", last="last * s + k - 1"),
        },
        "padding added": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["to the left"],
            "code": _location(first="first * s + p", last="last * s + p + k - 1"),
        },
        "stride ignored": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["stride is ignored"],
            "code": _location(first="first - p", last="last - p + k - 1"),
        },
        "the last pixel is the one after": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["belongs to the field"],
            "code": _location(end="return first, last + 1"),
        },
        "first and width": {
            "caught_by": ["field_location-by-hand"],
            "says": ["not the first and the width"],
            "code": _location(end="return first, last - first + 1"),
        },
        "cut off at the image": {
            "caught_by": ["field_location-by-hand"],
            "says": ["may be negative"],
            "code": _location(end="return max(first, 0), last"),
        },
        "walks forward": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["begin with the last layer"],
            "code": _location(order="spec"),
        },
        "zeros counted in pixels of the image": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": ["a jump of pixels apart"],
            "code": """
def field_location(spec, i):
    if i < 0 or any(isinstance(p, str) and p != "valid" or not isinstance(p, str) and p < 0 for _, _, p in spec):
        raise ValueError("no such unit or padding")
    rf, jump, zeros = 1, 1, 0
    for k, s, p in spec:
        zeros += 0 if p == "valid" else p
        rf, jump = rf + (k - 1) * jump, jump * s
    return i * jump - zeros, i * jump - zeros + rf - 1
""",
        },
        "the field is centred on the unit's first pixel": {
            "caught_by": ["field_location-by-hand", "field_location-measured"],
            "says": [],
            "code": """
def field_location(spec, i):
    if i < 0 or any(isinstance(p, str) and p != "valid" or not isinstance(p, str) and p < 0 for _, _, p in spec):
        raise ValueError("no such unit or padding")
    rf, jump, _ = receptive_field(spec)[-1] if spec else (1, 1, None)
    return i * jump - rf // 2, i * jump + rf // 2
""",
        },
        "same is no padding": {
            "caught_by": ["field_location-errors"],
            "says": ["depend on the size"],
            "code": _location(guard="i < 0 or any(not isinstance(p, str) and p < 0 for _, _, p in spec)"),
        },
        "negative units count from the end": {
            "caught_by": ["field_location-errors"],
            "says": ["before the first one"],
            "code": _location(guard="any(p != 'valid' and (isinstance(p, str) or p < 0) for _, _, p in spec)"),
        },
        "negative padding passes": {
            "caught_by": ["field_location-errors"],
            "says": ["a negative padding"],
            "code": _location(guard="i < 0 or any(isinstance(p, str) and p != 'valid' for _, _, p in spec)"),
        },
        "fails without layers": {
            "caught_by": ["field_location-errors"],
            "says": [],
            "code": """
def field_location(spec, i):
    if i < 0 or any(isinstance(p, str) and p != "valid" or not isinstance(p, str) and p < 0 for _, _, p in spec):
        raise ValueError("no such unit or padding")
    rf, jump, _ = receptive_field(spec)[-1]
    first, step = i * jump, 1
    for k, s, p in spec:
        first -= (0 if p == "valid" else p) * step
        step *= s
    return first, first + rf - 1
""",
        },
        "reverses the spec in place": {
            "caught_by": ["field_location-measured"],
            "says": ["changes its input"],
            "code": _location(start="spec.reverse()", order="spec"),
        },
        "the unit is looked at layer by layer": {
            "caught_by": ["field_location-errors"],
            "says": ["without layers"],
            "code": _location(
                guard="any(i < 0 or (p != 'valid' and (isinstance(p, str) or p < 0)) for _, _, p in spec)"
            ),
        },
        "only the last layer's padding is looked at": {
            "caught_by": ["field_location-errors"],
            "says": ["in the first layer"],
            "code": _location(
                guard="i < 0 or any(p != 'valid' and (isinstance(p, str) or p < 0) for _, _, p in spec[-1:])"
            ),
        },
    },
    "layer_counts": {
        "collapse: one layer too many": {
            "caught_by": ["layer_counts-collapse", "layer_counts-other-sizes"],
            "says": ["after 199 layers the map is 2×2"],
            "code": _swap(_COLLAPSE, ("(n - 1) // (k - 1)", "n // (k - 1)")) + _FIELD,
        },
        "collapse: always ends at 1×1": {
            "caught_by": ["layer_counts-collapse", "layer_counts-other-sizes"],
            "says": ["never becomes 1×1"],
            "code": _swap(_COLLAPSE, ("return layers, n - layers * (k - 1)", "return layers, 1")) + _FIELD,
        },
        "collapse: the number of layers only": {
            "caught_by": ["layer_counts-collapse", "layer_counts-other-sizes"],
            "says": ["return two numbers"],
            "code": _swap(_COLLAPSE, ("return layers, n - layers * (k - 1)", "return layers")) + _FIELD,
        },
        "collapse: stops while a layer still fits": {
            "caught_by": ["layer_counts-collapse", "layer_counts-other-sizes"],
            "says": [],
            "code": """
def layers_to_collapse(n, k=3):
    if n < 1 or k < 2:
        raise ValueError("n must be at least 1 and k at least 2")
    layers = 0
    while n > k:
        n -= k - 1
        layers += 1
    return layers, n
"""
            + _FIELD,
        },
        "collapse: k ignored": {
            "caught_by": ["layer_counts-other-sizes"],
            "says": ["k is ignored"],
            "code": """
def layers_to_collapse(n, k=3):
    if n < 1 or k < 2:
        raise ValueError("n must be at least 1 and k at least 2")
    layers = (n - 1) // 2
    return layers, n - 2 * layers
"""
            + _FIELD,
        },
        "collapse answers the question of the field": {
            "caught_by": ["layer_counts-collapse", "layer_counts-other-sizes"],
            "says": ["the other question"],
            "code": _COLLAPSE.replace("layers = (n - 1) // (k - 1)", "layers = -(-(n - 1) // (k - 1))").replace(
                "return layers, n - layers * (k - 1)", "return layers, max(1, n - layers * (k - 1))"
            )
            + _FIELD,
        },
        "field: rounds down": {
            "caught_by": ["layer_counts-field", "layer_counts-other-sizes"],
            "says": ["one pixel short"],
            "code": _COLLAPSE + _swap(_FIELD, ("while rf < need", "while rf + k - 1 <= need")),
        },
        "field: larger than the image instead of at least": {
            "caught_by": ["layer_counts-other-sizes"],
            "says": ["seen the whole image already"],
            "code": _COLLAPSE + _swap(_FIELD, ("while rf < need", "while rf <= need")),
        },
        "field: n // (k - 1)": {
            "caught_by": ["layer_counts-other-sizes"],
            "says": ["round up"],
            "code": _COLLAPSE
            + _swap(
                _FIELD,
                (
                    "    rf, jump, layers = 1, 1, 0\n",
                    "    if not pool_every:\n        return need // (k - 1)\n    rf, jump, layers = 1, 1, 0\n",
                ),
            ),
        },
        "field: the smaller side": {
            "caught_by": ["layer_counts-field", "layer_counts-other-sizes"],
            "says": ["smaller side"],
            "code": _COLLAPSE + _swap(_FIELD, ("max(sides)", "min(sides)")),
        },
        "field: only the height": {
            "caught_by": ["layer_counts-field"],
            "says": ["smaller side"],
            "code": _COLLAPSE + _swap(_FIELD, ("max(sides)", "sides[0]")),
        },
        "field: only the width": {
            "caught_by": ["layer_counts-other-sizes"],
            "says": ["first or second"],
            "code": _COLLAPSE + _swap(_FIELD, ("max(sides)", "sides[-1]")),
        },
        "field: both sides added": {
            "caught_by": ["layer_counts-field"],
            "says": ["do not add up"],
            "code": _COLLAPSE + _swap(_FIELD, ("max(sides)", "sum(sides)")),
        },
        "field: one pixel a layer": {
            "caught_by": ["layer_counts-field", "layer_counts-other-sizes"],
            "says": [],
            "code": _COLLAPSE + _swap(_FIELD, ("rf += (k - 1) * jump", "rf += jump")),
        },
        "pool_every ignored": {
            "caught_by": ["layer_counts-pooled"],
            "says": ["pool_every is ignored"],
            "code": _COLLAPSE + _swap(_FIELD, ("if pool_every and layers and", "if False and")),
        },
        "poolings counted as layers": {
            "caught_by": ["layer_counts-pooled"],
            "says": ["poolings are not counted"],
            "code": _COLLAPSE
            + _swap(
                _FIELD,
                ("rf, jump, layers = 1, 1, 0", "rf, jump, layers, pools = 1, 1, 0, 0"),
                ("rf, jump = rf + jump, 2 * jump", "rf, jump, pools = rf + jump, 2 * jump, pools + 1"),
                ("return layers", "return layers + pools"),
            ),
        },
        "poolings do not widen the field": {
            "caught_by": ["layer_counts-pooled"],
            "says": ["widens the field by one jump"],
            "code": _COLLAPSE + _swap(_FIELD, ("rf, jump = rf + jump, 2 * jump", "jump = 2 * jump")),
        },
        "a pooling before the first layer": {
            "caught_by": ["layer_counts-pooled"],
            "says": ["none before the first"],
            "code": _COLLAPSE + _swap(_FIELD, ("if pool_every and layers and", "if pool_every and")),
        },
        "a 1×1 kernel is not refused": {
            "caught_by": ["layer_counts-errors"],
            "says": ["1×1"],
            "code": _swap(_COLLAPSE, ("n < 1 or k < 2", "n < 1"))
            + _swap(_FIELD, (" or k < 2", " or k < 1")).replace(
                "    need = max(sides)\n", "    need = max(sides)\n    if k == 1:\n        return 0\n"
            ),
        },
        "collapse: floats": {
            "caught_by": ["layer_counts-collapse"],
            "says": ["a count is an int"],
            "code": "import numpy as np\n"
            + _swap(_COLLAPSE, ("(n - 1) // (k - 1)", "np.floor((n - 1) / (k - 1))"))
            + _FIELD,
        },
        "only the height may not be 0": {
            "caught_by": ["layer_counts-errors"],
            "says": ["an image without pixels"],
            "code": _COLLAPSE + _swap(_FIELD, ("min(sides) < 1", "sides[0] < 1")),
        },
        "a negative pool_every passes": {
            "caught_by": ["layer_counts-errors"],
            "says": ["every −2 layers"],
            "code": _COLLAPSE + _swap(_FIELD, ("pool_every is not None and pool_every < 1", "pool_every == 0")),
        },
    },
    "branches": {
        "branches added one after the other": {
            "caught_by": ["branches-blocks"],
            "says": ["not their sum"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if len({end[1] for end in ends}) != 1:
                raise ValueError("jumps differ")
            rf, jump = rf + sum(end[0] - 1 for end in ends) * jump, jump * ends[0][1]
        else:
            rf, jump = rf + (item[0] - 1) * jump, jump * item[1]
    return rf, jump
""",
        },
        "the shortest branch": {
            "caught_by": ["branches-blocks"],
            "says": ["longest path"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if len({end[1] for end in ends}) != 1:
                raise ValueError("jumps differ")
            rf, jump = rf + (min(end[0] for end in ends) - 1) * jump, jump * ends[0][1]
        else:
            rf, jump = rf + (item[0] - 1) * jump, jump * item[1]
    return rf, jump
""",
        },
        "jump ignored at the junction": {
            "caught_by": ["branches-blocks"],
            "says": ["jump is ignored"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if len({end[1] for end in ends}) != 1:
                raise ValueError("jumps differ")
            rf, jump = rf + max(end[0] for end in ends) - 1, jump * ends[0][1]
        else:
            rf, jump = rf + (item[0] - 1) * jump, jump * item[1]
    return rf, jump
""",
        },
        "unequal jumps pass": {
            "caught_by": ["branches-any"],
            "says": ["different jumps"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            rf, jump = rf + (max(ends)[0] - 1) * jump, jump * max(ends)[1]
        else:
            rf, jump = rf + (item[0] - 1) * jump, jump * item[1]
    return rf, jump
""",
        },
        "the strides of the branches are lost": {
            "caught_by": ["branches-any"],
            "says": ["goes on after the junction"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if len({end[1] for end in ends}) != 1:
                raise ValueError("jumps differ")
            rf += (max(end[0] for end in ends) - 1) * jump
        else:
            rf, jump = rf + (item[0] - 1) * jump, jump * item[1]
    return rf, jump
""",
        },
        "compares the first two branches only": {
            "caught_by": ["branches-any"],
            "says": ["a third branch"],
            "code": """
def branch_field(spec):
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if ends[0][1] != ends[1][1]:
                raise ValueError("different jumps")
            k, s = max(end[0] for end in ends), ends[0][1]
        else:
            k, s, _ = item
        rf, jump = rf + (k - 1) * jump, jump * s
    return rf, jump
""",
        },
    },
    "dilation": {
        "d times k": {
            "caught_by": ["dilation-doubling", "dilation-measured"],
            "says": ["gaps"],
            "code": """
def effective_kernel(k, dilation):
    return dilation * k if dilation > 1 else k


def dilated_field(k, dilations):
    return [1 + sum(effective_kernel(k, d) - 1 for d in dilations[: i + 1]) for i in range(len(dilations))]
""",
        },
        "d zeros between two taps": {
            "caught_by": ["dilation-doubling"],
            "says": ["d - 1 zeros"],
            "code": """
def effective_kernel(k, dilation):
    return k + (k - 1) * (dilation if dilation > 1 else 0)


def dilated_field(k, dilations):
    return [1 + sum(effective_kernel(k, d) - 1 for d in dilations[: i + 1]) for i in range(len(dilations))]
""",
        },
        "dilation taken for a stride": {
            "caught_by": ["dilation-doubling", "dilation-measured"],
            "says": ["no stride"],
            "code": """
def effective_kernel(k, dilation):
    return dilation * (k - 1) + 1


def dilated_field(k, dilations):
    fields, rf, jump = [], 1, 1
    for d in dilations:
        jump *= d
        rf += (k - 1) * jump
        fields.append(rf)
    return fields
""",
        },
        "spans added": {
            "caught_by": ["dilation-doubling", "dilation-measured"],
            "says": ["minus 1"],
            "code": """
def effective_kernel(k, dilation):
    return dilation * (k - 1) + 1


def dilated_field(k, dilations):
    return [sum(effective_kernel(k, d) for d in dilations[: i + 1]) for i in range(len(dilations))]
""",
        },
        "only the last field": {
            "caught_by": ["dilation-doubling", "dilation-measured"],
            "says": ["not only the last"],
            "code": """
def effective_kernel(k, dilation):
    return dilation * (k - 1) + 1


def dilated_field(k, dilations):
    return 1 + sum(d * (k - 1) for d in dilations)
""",
        },
        "fields as floats": {
            "caught_by": ["dilation-measured"],
            "says": ["a count is an int"],
            "code": """
def effective_kernel(k, dilation):
    return dilation * (k - 1) + 1


def dilated_field(k, dilations):
    return np.cumsum([1.0] + [effective_kernel(k, dilation) - 1 for dilation in dilations])[1:]
""",
        },
    },
}

# Of the reference's mutants one survives, in branch_field: the jump is read from the last branch instead of the first, and they
# are equal by then.
