"""Wrong answers that students give in week 1. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""

from typing import Any


def _conv2d(
    *,
    start: str = "",
    pad: str = "padded = zero_pad(np.asarray(image, dtype=float), padding)",
    rows: str = "(height - kh) // stride + 1",
    columns: str = "(width - kw) // stride + 1",
    out: str = "np.zeros((rows, columns))",
    window: str = "padded[i * stride : i * stride + kh, j * stride : j * stride + kw]",
    total: str = "np.sum(window * kernel) + bias",
    end: str = "return out",
    guard: str = "stride < 1 or kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]",
) -> str:
    """The two loops that most students write, with one place changed."""
    return f"""
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    {start or "pass"}
    {pad}
    if {guard}:
        raise ValueError("the kernel does not fit")
    (height, width), (kh, kw) = padded.shape, kernel.shape
    rows, columns = {rows}, {columns}
    out = {out}
    for i in range(rows):
        for j in range(columns):
            window = {window}
            out[i, j] = {total}
    {end}
"""


def _pool2d(
    *,
    modes: str = '{"max": np.max, "min": np.min, "avg": np.mean}',
    start: str = "pass",
    default: str = "size",
    rows: str = "(x.shape[0] - size) // stride + 1",
    columns: str = "(x.shape[1] - size) // stride + 1",
    out: str = "np.zeros((rows, columns, *x.shape[2:]))",
    window: str = "x[i * stride : i * stride + size, j * stride : j * stride + size]",
    total: str = "reduce(window, axis=(0, 1))",
    guard: str = "size < 1 or stride < 1 or size > min(x.shape[:2])",
) -> str:
    """The two loops that most students write, with one place changed."""
    return f"""
def pool2d(x, size, stride=None, mode="max"):
    modes = {modes}
    if mode not in modes:
        raise ValueError("unknown mode")
    reduce = modes[mode]
    {start}
    stride = {default} if stride is None else stride
    if {guard}:
        raise ValueError("the window does not fit")
    rows, columns = {rows}, {columns}
    out = {out}
    for i in range(rows):
        for j in range(columns):
            window = {window}
            out[i, j] = {total}
    return out
"""


def _sobel(
    gx: str = "conv2d(gray, k)", gy: str = "conv2d(gray, k.T)", end: str = "", start: str = "", kernel: str = ""
) -> str:
    return f"""
def sobel_edges(gray):
    if gray.ndim != 2:
        raise ValueError("a gray image has two axes")
    {start or "pass"}
    k = np.array({kernel or "[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]"})
    gx, gy = {gx}, {gy}
    {end or "return gx, gy, np.sqrt(gx**2 + gy**2)"}
"""


def _multi(body: str, guard: str = "x_hwc.shape[2] != w_kkck.shape[2] or len(b_k) != w_kkck.shape[3]") -> str:
    return f"""
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    if {guard}:
        raise ValueError("channels or biases do not fit")
    C, K = w_kkck.shape[2:]
{body}
"""


def _patches(
    rows: str = "range(0, image.shape[0] - k + 1, stride)",
    columns: str = "range(0, image.shape[1] - k + 1, stride)",
    loops: str = "for r in rows for c in columns",
    patch: str = "image[r : r + k, c : c + k]",
    end: str = "return np.array(patches)",
    guard: str = "k < 1 or stride < 1 or k > min(image.shape)",
) -> str:
    return f"""
def extract_patches(image, k, stride):
    if {guard}:
        raise ValueError("the window does not fit")
    rows, columns = {rows}, {columns}
    patches = [{patch} {loops}]
    {end}
"""


def _learn(
    *,
    guard: str = "not pairs or any(t.shape != (x.shape[0] - k + 1, x.shape[1] - k + 1) for x, t in pairs)",
    start: str = "pass",
    kernel: str = "np.zeros((k, k))",
    predict: str = "conv2d(image, kernel) - target",
    add: str = "gradient += correlate(image, error)",
    add_loss: str = "total += np.sum(error**2)",
    loss: str = "total / count",
    gradient: str = "2 * gradient / count",
    condition: str = "step < steps",
    step: str = "kernel = kernel - rate * gradient",
    end: str = "return kernel, losses",
) -> str:
    """The loop over steps and pairs, with one place changed."""
    return f"""
def learn_kernel(pairs, k, rate, steps):
    if {guard}:
        raise ValueError("pairs do not fit")

    def correlate(image, error):
        return conv2d(image, error)

    count = sum(target.size for _, target in pairs)
    {start}
    kernel, losses = {kernel}, []
    for step in range(steps + 1):
        gradient, total = np.zeros((k, k)), 0.0
        for image, target in pairs:
            error = {predict}
            {add}
            {add_loss}
        losses.append({loss})
        gradient = {gradient}
        if {condition}:
            {step}
    {end}
"""


MISTAKES: dict[str, dict[str, dict[str, Any]]] = {
    "zero_pad": {
        "padding in all, not per side": {
            "caught_by": ["zero_pad-lecture", "zero_pad-any"],
            "says": ["per side"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    before, after = p // 2, p - p // 2
    return np.pad(x, [(before, after), (before, after)] + [(0, 0)] * (x.ndim - 2))
""",
        },
        "only above and on the left": {
            "caught_by": ["zero_pad-lecture", "zero_pad-any"],
            "says": ["all four sides"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    out = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p, *x.shape[2:]))
    out[2 * p :, 2 * p :] = x
    return out
""",
        },
        "repeats the border": {
            "caught_by": ["zero_pad-lecture", "zero_pad-any"],
            "says": ["pad with zeros"],
            "code": """
def zero_pad(x, p):
    return np.pad(x, [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2), mode="edge")
""",
        },
        "pads the channels too": {
            "caught_by": ["zero_pad-any"],
            "says": ["channels get no padding"],
            "code": """
def zero_pad(x, p):
    return np.pad(x, p)
""",
        },
        "square images only": {
            "caught_by": ["zero_pad-any"],
            "says": [],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    n = x.shape[0]
    out = np.zeros((n + 2 * p, n + 2 * p))
    out[p : p + n, p : p + n] = x
    return out
""",
        },
        "a negative padding cuts": {
            "caught_by": ["zero_pad-any"],
            "says": ["negative padding"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        return x[-p:p, -p:p]
    out = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p, *x.shape[2:]))
    out[p : p + x.shape[0], p : p + x.shape[1]] = x
    return out
""",
        },
        "an end index that fails at p = 0": {
            "caught_by": ["zero_pad-any"],
            "says": [],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    out = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p, *x.shape[2:]))
    out[p:-p, p:-p] = x
    return out
""",
        },
        "cuts fractions": {
            "caught_by": ["zero_pad-any"],
            "says": ["fractions are lost"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    out = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p, *x.shape[2:]), dtype=int)
    out[p : p + x.shape[0], p : p + x.shape[1]] = x
    return out
""",
        },
        "pads rows only": {
            "caught_by": ["zero_pad-lecture", "zero_pad-any"],
            "says": ["columns are not"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("negative padding")
    frame = np.zeros((p, *x.shape[1:]))
    return np.concatenate([frame, x, frame])
""",
        },
        "p = 0 is refused": {
            "caught_by": ["zero_pad-any"],
            "says": [],
            "code": """
def zero_pad(x, p):
    if p <= 0:
        raise ValueError("nothing to pad")
    return np.pad(x, [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2))
""",
        },
        "mirrors the image": {
            "caught_by": ["zero_pad-lecture", "zero_pad-any"],
            "says": ["mirrors the image"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    return np.pad(x, [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2), mode="reflect")
""",
        },
        "nested lists": {
            "caught_by": ["zero_pad-lecture"],
            "says": ["not a list"],
            "code": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    return np.pad(x, [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2)).tolist()
""",
        },
    },
    "conv2d": {
        "flipped kernel": {
            "caught_by": ["conv2d-lecture", "conv2d-stride-padding", "conv2d-shapes"],
            "says": ["your kernel is flipped"],
            "code": _conv2d(start="kernel = kernel[::-1, ::-1]"),
        },
        "SciPy's convolve2d": {
            "caught_by": ["conv2d-lecture", "conv2d-shapes"],
            "says": ["cross-correlation"],
            "code": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    from scipy.signal import convolve2d

    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    padded = np.pad(image.astype(float), padding)
    if kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        raise ValueError("kernel too large")
    return convolve2d(padded, kernel, mode="valid")[::stride, ::stride] + bias
""",
        },
        "flipped along the columns only": {
            "caught_by": ["conv2d-lecture", "conv2d-shapes"],
            "says": ["flipped along"],
            "code": _conv2d(start="kernel = kernel[:, ::-1]"),
        },
        "flipped along the rows only": {
            "caught_by": ["conv2d-shapes"],
            "says": ["flipped along"],
            "code": _conv2d(start="kernel = kernel[::-1]"),
        },
        "integers overflow": {
            "caught_by": ["conv2d-numbers"],
            "says": ["uint8"],
            "code": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    padded = zero_pad(image, padding)
    if stride < 1 or kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        raise ValueError("kernel too large")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return np.einsum("ijkl,kl->ij", windows, kernel) + bias
""",
        },
        "stride ignored": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["stride is ignored"],
            "code": _conv2d(rows="height - kh + 1", columns="width - kw + 1", window="padded[i : i + kh, j : j + kw]"),
        },
        "stride along the rows only": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["the stride holds along rows"],
            "code": _conv2d(columns="width - kw + 1", window="padded[i * stride : i * stride + kh, j : j + kw]"),
        },
        "the window starts at i, not at i · stride": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["stride"],
            "code": _conv2d(window="padded[i : i + kh, j : j + kw]"),
        },
        "floor forgotten": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["floor"],
            "code": _conv2d(
                rows="int(np.ceil((height - kh) / stride)) + 1",
                columns="int(np.ceil((width - kw) / stride)) + 1",
                total="np.sum(window * kernel[: window.shape[0], : window.shape[1]]) + bias",
            ),
        },
        "the size is rounded to the nearest": {
            "caught_by": ["conv2d-stride-padding"],
            "says": [],
            "code": _conv2d(rows="round((height - kh) / stride) + 1", columns="round((width - kw) / stride) + 1"),
        },
        "padding in all, not per side": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["per side"],
            "code": _conv2d(
                pad="if padding < 0: raise ValueError\n    "
                "padded = np.pad(image.astype(float), (padding // 2, padding - padding // 2))"
            ),
        },
        "padding ignored": {
            "caught_by": ["conv2d-stride-padding", "conv2d-errors"],
            "says": ["padding is ignored"],
            "code": _conv2d(pad="padded = image.astype(float)"),
        },
        "padded with the border": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["pad with zeros"],
            "code": _conv2d(pad='padded = np.pad(image.astype(float), padding, mode="edge")'),
        },
        "bias lost": {
            "caught_by": ["conv2d-bias"],
            "says": ["the bias is lost"],
            "code": _conv2d(total="np.sum(window * kernel)"),
        },
        "bias once per weight": {
            "caught_by": ["conv2d-bias"],
            "says": ["not once per weight"],
            "code": _conv2d(total="np.sum(window * kernel + bias)"),
        },
        "bias added to the pixels": {
            "caught_by": ["conv2d-bias"],
            "says": ["finished sum"],
            "code": _conv2d(total="np.sum((window + bias) * kernel)"),
        },
        "rows and columns swapped": {
            "caught_by": ["conv2d-lecture", "conv2d-shapes"],
            "says": ["rows and columns of the result are swapped"],
            "code": _conv2d(end="return out.T"),
        },
        "kernel transposed": {
            "caught_by": ["conv2d-lecture", "conv2d-shapes"],
            "says": ["rows and columns of the kernel are swapped"],
            "code": _conv2d(start="kernel = kernel.T"),
        },
        "square images and kernels only": {
            "caught_by": ["conv2d-shapes"],
            "says": [],
            "code": _conv2d(
                columns="(height - kh) // stride + 1",
                window="padded[i * stride : i * stride + kh, j * stride : j * stride + kh]",
            ),
        },
        "last row and column left out": {
            "caught_by": ["conv2d-lecture", "conv2d-shapes"],
            "says": ["wrong shape"],
            "code": _conv2d(rows="(height - kh) // stride", columns="(width - kw) // stride"),
        },
        "cut to pixels": {
            "caught_by": ["conv2d-numbers"],
            "says": ["cut at 255"],
            "code": _conv2d(end="return np.clip(out, 0, 255)"),
        },
        "negative results cut": {
            "caught_by": ["conv2d-numbers", "conv2d-shapes"],
            "says": ["negative results are cut"],
            "code": _conv2d(end="return np.maximum(out, 0)"),
        },
        "result of the image's type": {
            "caught_by": ["conv2d-bias", "conv2d-numbers"],
            "says": ["fractions are lost"],
            "code": _conv2d(out="np.zeros((rows, columns), dtype=image.dtype)"),
        },
        "overwrites the image": {
            "caught_by": ["conv2d-lecture"],
            "says": ["changes its input"],
            "code": _conv2d(
                pad="padded = image if padding == 0 else zero_pad(image, padding)", out="padded[:rows, :columns]"
            ),
        },
        "multiplies in place": {
            "caught_by": ["conv2d-numbers"],
            "says": ["changes its input"],
            "code": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    padded = zero_pad(image, padding) if padding else image
    padded = padded if padded.dtype == float else padded.astype(float)
    if stride < 1 or padding < 0 or kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        raise ValueError("kernel too large")
    (kh, kw), (H, W) = kernel.shape, padded.shape
    out = np.zeros(((H - kh) // stride + 1, (W - kw) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            window = padded[i * stride : i * stride + kh, j * stride : j * stride + kw]
            window *= kernel
            out[i, j] = window.sum() + bias
    return out
""",
        },
        "no check of the kernel's size": {
            "caught_by": ["conv2d-errors"],
            "says": ["a kernel larger than the image"],
            "code": _conv2d(guard="stride < 1", out="np.zeros((max(rows, 0), max(columns, 0)))"),
        },
        "the kernel must fit the bare image": {
            "caught_by": ["conv2d-errors"],
            "says": [],
            "code": _conv2d(guard="stride < 1 or kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]"),
        },
        "no check of stride and padding": {
            "caught_by": ["conv2d-errors"],
            "says": ["a stride of 0"],
            "code": _conv2d(
                pad="padded = image.astype(float) if padding <= 0 else zero_pad(image.astype(float), padding)\n"
                "    stride = max(stride, 1)"
            ),
        },
        "a negative padding is ignored": {
            "caught_by": ["conv2d-errors"],
            "says": ["a negative padding"],
            "code": _conv2d(pad="padded = zero_pad(image.astype(float), max(padding, 0))"),
        },
        "forgets return": {
            "caught_by": ["conv2d-lecture", "conv2d-bias", "conv2d-stride-padding", "conv2d-shapes", "conv2d-numbers"],
            "says": ["return"],
            "code": _conv2d(end="pass"),
        },
        "prints instead of returning": {
            "caught_by": ["conv2d-lecture"],
            "says": ["return"],
            "code": _conv2d(end="print(out)"),
        },
        "nested lists": {
            "caught_by": ["conv2d-lecture"],
            "says": ["not a list"],
            "code": _conv2d(end="return out.tolist()"),
        },
        "the bias only without padding": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["the bias is lost"],
            "code": _conv2d(total="np.sum(window * kernel) + (bias if padding == 0 else 0)"),
        },
        "the frame is filled with the bias": {
            "caught_by": ["conv2d-stride-padding"],
            "says": ["finished sum"],
            "code": _conv2d(
                pad="if padding < 0: raise ValueError\n    "
                "padded = np.pad(image.astype(float), padding, constant_values=bias)"
            ),
        },
        "the matrix product of window and kernel": {
            "caught_by": ["conv2d-lecture", "conv2d-bias"],
            "says": ["multiply pairwise, with *"],
            "code": _conv2d(total="np.sum(window @ kernel) + bias"),
        },
        "the mean of the products": {
            "caught_by": ["conv2d-lecture", "conv2d-numbers"],
            "says": ["do not average"],
            "code": _conv2d(total="np.mean(window * kernel) + bias"),
        },
        "pixels scaled to 0…1": {
            "caught_by": ["conv2d-lecture", "conv2d-numbers"],
            "says": ["no division by 255"],
            "code": _conv2d(pad="padded = zero_pad(image / 255, padding)"),
        },
        "the kernel scaled to a sum of 1": {
            "caught_by": ["conv2d-lecture"],
            "says": ["no division by their sum"],
            "code": _conv2d(start="kernel = kernel / kernel.sum()"),
        },
        "padded to the same size when nobody asks": {
            "caught_by": ["conv2d-lecture", "conv2d-bias"],
            "says": ["there is no padding"],
            "code": _conv2d(start="padding = padding or kernel.shape[0] // 2"),
        },
    },
    "sobel_edges": {
        "gx and gy swapped": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["gx and gy are swapped"],
            "code": _sobel(end="return gy, gx, np.sqrt(gx**2 + gy**2)"),
        },
        "sign of gx turned": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random", "sobel_edges-numbers"],
            "says": ["sign of gx"],
            "code": _sobel(gx="conv2d(gray, -k)"),
        },
        "sign of gy turned": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["sign of gy"],
            "code": _sobel(gy="conv2d(gray, k.T[::-1])"),
        },
        "true convolution": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob"],
            "says": ["sign of gx"],
            "code": """
def sobel_edges(gray):
    from scipy.signal import convolve2d

    if gray.ndim != 2 or min(gray.shape) < 3:
        raise ValueError("a gray image has two axes")
    k = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx, gy = convolve2d(gray, k, "valid"), convolve2d(gray, k.T, "valid")
    return gx, gy, np.hypot(gx, gy)
""",
        },
        "magnitude as a sum of sizes": {
            "caught_by": ["sobel_edges-blob", "sobel_edges-random"],
            "says": ["|gx| + |gy|"],
            "code": _sobel(end="return gx, gy, np.abs(gx) + np.abs(gy)"),
        },
        "the root forgotten": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["root is missing"],
            "code": _sobel(end="return gx, gy, gx**2 + gy**2"),
        },
        "negative responses clipped": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random", "sobel_edges-numbers"],
            "says": ["keep the sign"],
            "code": _sobel(gx="np.maximum(conv2d(gray, k), 0)", gy="np.maximum(conv2d(gray, k.T), 0)"),
        },
        "clipped to pixels": {
            "caught_by": ["sobel_edges-blob", "sobel_edges-numbers"],
            "says": ["cut at 255"],
            "code": _sobel(
                gx="np.clip(conv2d(gray, k), 0, 255)",
                gy="np.clip(conv2d(gray, k.T), 0, 255)",
                end="return gx, gy, np.clip(np.hypot(gx, gy), 0, 255)",
            ),
        },
        "absolute values": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["no abs"],
            "code": _sobel(gx="np.abs(conv2d(gray, k))", gy="np.abs(conv2d(gray, k.T))"),
        },
        "Prewitt's weights": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["1, 2, 1"],
            "code": _sobel(kernel="[[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]"),
        },
        "differences of uint8": {
            "caught_by": ["sobel_edges-numbers"],
            "says": ["uint8"],
            "code": """
def sobel_edges(gray):
    if gray.ndim != 2 or min(gray.shape) < 3:
        raise ValueError("a gray image has two axes and at least 3 pixels each")
    d = gray[:, 2:] - gray[:, :-2]
    gx = d[:-2] + 2 * d[1:-1] + d[2:]
    e = gray[2:] - gray[:-2]
    gy = e[:, :-2] + 2 * e[:, 1:-1] + e[:, 2:]
    return gx * 1.0, gy * 1.0, np.hypot(gx, gy)
""",
        },
        "same size by padding": {
            "caught_by": ["sobel_edges-step", "sobel_edges-random"],
            "says": ["wrong shape"],
            "code": _sobel(gx="conv2d(gray, k, padding=1)", gy="conv2d(gray, k.T, padding=1)"),
        },
        "centres the picture in place": {
            "caught_by": ["sobel_edges-numbers"],
            "says": ["changes its input"],
            "code": _sobel(start="if gray.dtype == float: gray -= gray.mean()"),
        },
        "takes a colour image": {
            "caught_by": ["sobel_edges-numbers"],
            "says": ["a colour image"],
            "code": """
def sobel_edges(gray):
    if gray.ndim == 3:
        gray = gray.mean(axis=-1)
    k = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx, gy = conv2d(gray, k), conv2d(gray, k.T)
    return gx, gy, np.hypot(gx, gy)
""",
        },
        "scaled to its maximum": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob", "sobel_edges-random"],
            "says": ["not scaled"],
            "code": _sobel(end="m = np.hypot(gx, gy); return gx, gy, m / m.max()"),
        },
        "returns the magnitude only": {
            "caught_by": ["sobel_edges-step"],
            "says": ["return three arrays"],
            "code": _sobel(end="return np.hypot(gx, gy)"),
        },
        "only the height is checked": {
            "caught_by": ["sobel_edges-numbers"],
            "says": ["smaller than 3×3"],
            "code": """
def sobel_edges(gray):
    if gray.ndim != 2 or gray.shape[0] < 3:
        raise ValueError("a gray image of at least 3×3")
    g = gray.astype(float)
    d = g[:, 2:] - g[:, :-2]
    gx = d[:-2] + 2 * d[1:-1] + d[2:]
    e = g[2:] - g[:-2]
    gy = e[:, :-2] + 2 * e[:, 1:-1] + e[:, 2:]
    return gx, gy, np.hypot(gx, gy)
""",
        },
        "divided by eight": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob"],
            "says": ["scaled by 1/8"],
            "code": _sobel(kernel="[[-0.125, 0, 0.125], [-0.25, 0, 0.25], [-0.125, 0, 0.125]]"),
        },
        "the image scaled to its maximum": {
            "caught_by": ["sobel_edges-step", "sobel_edges-blob"],
            "says": ["the pixels as they are"],
            "code": _sobel(start="gray = gray / max(gray.max(), 1e-9)"),
        },
        "the magnitude first": {
            "caught_by": ["sobel_edges-step"],
            "says": ["in this order"],
            "code": _sobel(end="return np.hypot(gx, gy), gx, gy"),
        },
    },
    "extract_patches": {
        "stride ignored": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["stride is ignored"],
            "code": _patches(rows="range(image.shape[0] - k + 1)", columns="range(image.shape[1] - k + 1)"),
        },
        "columns first": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["reading order"],
            "code": _patches(loops="for c in columns for r in rows"),
        },
        "flattened": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["do not flatten"],
            "code": _patches(patch="image[r : r + k, c : c + k].ravel()"),
        },
        "a grid of patches": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["one axis for all patches"],
            "code": _patches(end="return np.array(patches).reshape(len(rows), len(columns), k, k)"),
        },
        "transposed patches": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["transposed"],
            "code": _patches(patch="image[r : r + k, c : c + k].T"),
        },
        "last windows left out": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["the last window counts too"],
            "code": _patches(
                rows="range(0, image.shape[0] - k, stride)", columns="range(0, image.shape[1] - k, stride)"
            ),
        },
        "square images only": {
            "caught_by": ["extract_patches-any"],
            "says": [],
            "code": _patches(columns="range(0, image.shape[0] - k + 1, stride)"),
        },
        "steps by k instead of stride": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["wrong shape"],
            "code": _patches(rows="range(0, image.shape[0] - k + 1, k)", columns="range(0, image.shape[1] - k + 1, k)"),
        },
        "the window starts at every pixel": {
            "caught_by": ["extract_patches-lecture", "extract_patches-any"],
            "says": ["stride pixels"],
            "code": _patches(
                rows="range((image.shape[0] - k) // stride + 1)", columns="range((image.shape[1] - k) // stride + 1)"
            ),
        },
        "no errors": {
            "caught_by": ["extract_patches-errors"],
            "says": ["a window larger than the image"],
            "code": _patches(guard="False"),
        },
        "only the height is checked": {
            "caught_by": ["extract_patches-errors"],
            "says": ["wider"],
            "code": _patches(guard="k < 1 or stride < 1 or k > image.shape[0]"),
        },
        "a list": {
            "caught_by": ["extract_patches-lecture"],
            "says": ["not a list"],
            "code": _patches(end="return patches"),
        },
        "a negative stride gives nothing": {
            "caught_by": ["extract_patches-errors"],
            "says": ["a negative stride"],
            "code": _patches(guard="k < 1 or stride == 0 or k > min(image.shape)"),
        },
    },
    "conv2d_multi": {
        "bias lost": {
            "caught_by": ["conv2d_multi-count", "conv2d_multi-random"],
            "says": ["the bias is lost"],
            "code": _multi("""
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1)
"""),
        },
        "bias once per channel": {
            "caught_by": ["conv2d_multi-count", "conv2d_multi-random"],
            "says": ["not once per input channel"],
            "code": _multi("""
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding, b_k[k]) for c in range(C)) for k in range(K)
    ]
    return np.stack(maps, axis=-1)
"""),
        },
        "one bias for all": {
            "caught_by": ["conv2d_multi-count", "conv2d_multi-random"],
            "says": ["bias of its own"],
            "code": _multi("""
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1) + b_k[0]
"""),
        },
        "flipped kernels": {
            "caught_by": ["conv2d_multi-random"],
            "says": ["your kernel is flipped"],
            "code": _multi("""
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[::-1, ::-1, c, k], stride, padding) for c in range(C)) for k in range(K)
    ]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
"""),
        },
        "filters before channels": {
            "caught_by": ["conv2d_multi-random"],
            "says": ["(kh, kw, C, K)"],
            "code": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    w = w_kkck.swapaxes(2, 3)
    if w_kkck.shape[2] == w_kkck.shape[3]:
        w = w_kkck
    else:
        w = w_kkck.swapaxes(2, 3)
    K, C = w.shape[2:]
    if x_hwc.shape[2] != C or len(b_k) != K:
        raise ValueError("channels")
    maps = [sum(conv2d(x_hwc[..., c], w[:, :, k, c], stride, padding) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
""",
        },
        "channels first": {
            "caught_by": ["conv2d_multi-gray", "conv2d_multi-count", "conv2d_multi-random"],
            "says": ["channels come last"],
            "code": _multi("""
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) + b_k[k] for k in range(K)]
    return np.array(maps)
"""),
        },
        "squeezes a single map": {
            "caught_by": ["conv2d_multi-gray"],
            "says": ["keep the last axis"],
            "code": _multi("""
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) + b_k[k] for k in range(K)]
    return np.stack(maps, axis=-1).squeeze()
"""),
        },
        "mean over channels": {
            "caught_by": ["conv2d_multi-gray", "conv2d_multi-count"],
            "says": ["averaged"],
            "code": _multi("""
    maps = [
        np.mean([conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)], axis=0) for k in range(K)
    ]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
"""),
        },
        "only the first channel": {
            "caught_by": ["conv2d_multi-gray", "conv2d_multi-count", "conv2d_multi-random"],
            "says": ["input channels"],
            "code": _multi("""
    maps = [conv2d(x_hwc[..., 0], w_kkck[..., 0, k], stride, padding) + b_k[k] for k in range(K)]
    return np.stack(maps, axis=-1)
"""),
        },
        "blue, green, red": {
            "caught_by": ["conv2d_multi-gray", "conv2d_multi-random"],
            "says": ["blue, green, red"],
            "code": _multi("""
    maps = [
        sum(conv2d(x_hwc[..., C - 1 - c], w_kkck[..., c, k], stride, padding) for c in range(C)) for k in range(K)
    ]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
"""),
        },
        "stride and padding dropped": {
            "caught_by": ["conv2d_multi-stride-padding"],
            "says": ["stride and padding are ignored"],
            "code": _multi("""
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k]) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
"""),
        },
        "uint8 sums": {
            "caught_by": ["conv2d_multi-random"],
            "says": ["uint8"],
            "code": _multi("""
    x = np.pad(x_hwc, ((padding, padding), (padding, padding), (0, 0)))
    kh, kw = w_kkck.shape[:2]
    if kh > x.shape[0] or kw > x.shape[1] or stride < 1:
        raise ValueError("kernel too large")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(0, 1))[::stride, ::stride]
    return np.einsum("ijcab,abck->ijk", windows, w_kkck) + np.asarray(b_k)
"""),
        },
        "silent about channels": {
            "caught_by": ["conv2d_multi-errors"],
            "says": ["3 channels"],
            "code": _multi(
                """
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(min(C, x_hwc.shape[2])))
        for k in range(K)
    ]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
""",
                guard="len(b_k) != w_kkck.shape[3]",
            ),
        },
        "silent about biases": {
            "caught_by": ["conv2d_multi-errors"],
            "says": ["too few biases"],
            "code": _multi(
                """
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1) + np.asarray(b_k)
""",
                guard="x_hwc.shape[2] != w_kkck.shape[2]",
            ),
        },
        "a negative padding is ignored": {
            "caught_by": ["conv2d_multi-errors"],
            "says": ["a negative padding"],
            "code": _multi("""
    padding = max(padding, 0)
    maps = [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) for k in range(K)]
    return np.stack(maps, axis=-1) + b_k
"""),
        },
        "too many biases pass": {
            "caught_by": ["conv2d_multi-errors"],
            "says": ["too many biases"],
            "code": _multi(
                """
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) + b_k[k] for k in range(K)
    ]
    return np.stack(maps, axis=-1)
""",
                guard="x_hwc.shape[2] != w_kkck.shape[2] or len(b_k) < w_kkck.shape[3]",
            ),
        },
        "only the kernel's height is checked": {
            "caught_by": ["conv2d_multi-errors"],
            "says": ["wider than the image"],
            "code": _multi("""
    x = zero_pad(x_hwc.astype(float), padding)
    kh, kw = w_kkck.shape[:2]
    if kh > x.shape[0] or stride < 1:
        raise ValueError("kernel too large")
    rows, columns = (x.shape[0] - kh) // stride + 1, max((x.shape[1] - kw) // stride + 1, 0)
    out = np.zeros((rows, columns, K))
    for i in range(rows):
        for j in range(columns):
            block = x[i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[i, j] = np.tensordot(block, w_kkck, axes=3) + b_k
    return out
"""),
        },
        "sums go on from filter to filter": {
            "caught_by": ["conv2d_multi-count", "conv2d_multi-random"],
            "says": ["start every filter's sum anew"],
            "code": _multi(
                """
    maps, total = [], 0
    for k in range(K):
        for c in range(C):
            total = total + conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding)
        maps.append(total + b_k[k])
    return np.stack(maps, axis=-1)
"""
            ),
        },
        "the first filter for all": {
            "caught_by": ["conv2d_multi-random", "conv2d_multi-stride-padding"],
            "says": ["those of the first one for all"],
            "code": _multi(
                """
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., c, 0], stride, padding) for c in range(C)) + b_k[k] for k in range(K)
    ]
    return np.stack(maps, axis=-1)
"""
            ),
        },
        "the first channel's kernel for all": {
            "caught_by": ["conv2d_multi-gray", "conv2d_multi-stride-padding"],
            "says": ["that of the first channel for all"],
            "code": _multi(
                """
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., 0, k], stride, padding) for c in range(C)) + b_k[k] for k in range(K)
    ]
    return np.stack(maps, axis=-1)
"""
            ),
        },
        "maps reshaped instead of stacked": {
            "caught_by": ["conv2d_multi-count", "conv2d_multi-stride-padding"],
            "says": ["a reshape mixes their places"],
            "code": _multi(
                """
    maps = np.array(
        [sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(C)) + b_k[k] for k in range(K)]
    )
    return maps.reshape(*maps.shape[1:], K)
"""
            ),
        },
    },
    "pool2d": {
        "stride 1 by default": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap"],
            "says": ["default stride"],
            "code": _pool2d(default="1"),
        },
        "stride 2 by default": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap"],
            "says": ["ninth"],
            "code": _pool2d(default="2"),
        },
        "stride ignored": {
            "caught_by": ["pool2d-overlap"],
            "says": ["stride is ignored"],
            "code": _pool2d(default="size", start="stride = size if stride != 0 else 0"),
        },
        "always the maximum": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap", "pool2d-channels"],
            "says": ["mode is ignored"],
            "code": _pool2d(modes='{"max": np.max, "min": np.max, "avg": np.max}'),
        },
        "average divides by the side": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap", "pool2d-channels"],
            "says": ["size × size"],
            "code": _pool2d(modes='{"max": np.max, "min": np.min, "avg": lambda v, axis: np.sum(v, axis=axis) / size}'),
        },
        "average cut to integers": {
            "caught_by": ["pool2d-lecture"],
            "says": ["fractions are lost"],
            "code": _pool2d(out="np.zeros((rows, columns, *x.shape[2:]), dtype=x.dtype)"),
        },
        "median for average": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap"],
            "says": ["median"],
            "code": _pool2d(modes='{"max": np.max, "min": np.min, "avg": np.median}'),
        },
        "maximum starts from 0": {
            "caught_by": ["pool2d-channels", "pool2d-overlap"],
            "says": ["from 0"],
            "code": _pool2d(
                modes='{"max": lambda v, axis: np.maximum(np.max(v, axis), 0), "min": np.min, "avg": np.mean}'
            ),
        },
        "channels mixed": {
            "caught_by": ["pool2d-channels"],
            "says": ["each channel is pooled by itself"],
            "code": _pool2d(total="reduce(window)"),
        },
        "ceil instead of floor": {
            "caught_by": ["pool2d-overlap"],
            "says": ["floor"],
            "code": _pool2d(
                rows="-(-(x.shape[0] - size) // stride) + 1", columns="-(-(x.shape[1] - size) // stride) + 1"
            ),
        },
        "padding counted in the average": {
            "caught_by": ["pool2d-overlap"],
            "says": ["floor"],
            "code": _pool2d(
                start="extra = -x.shape[0] % size, -x.shape[1] % size\n"
                "    if size <= min(x.shape[:2]): "
                "x = np.pad(x, ((0, extra[0]), (0, extra[1])) + ((0, 0),) * (x.ndim - 2))"
            ),
        },
        "uint8 average overflows": {
            "caught_by": ["pool2d-channels"],
            "says": ["uint8"],
            "code": _pool2d(
                modes='{"max": np.max, "min": np.min, "avg": lambda v, axis: sum('
                "v[a, b] for a in range(size) for b in range(size)) / size**2}"
            ),
        },
        "sorts the input": {
            "caught_by": ["pool2d-channels"],
            "says": ["changes its input"],
            "code": _pool2d(
                total="reduce(window, axis=(0, 1)) if mode != 'max' else (window.sort(axis=0), window.sort(axis=1), window[-1, -1])[2]"
            ),
        },
        "rows and columns swapped": {
            "caught_by": ["pool2d-lecture", "pool2d-overlap", "pool2d-channels"],
            "says": ["rows and columns are swapped"],
            "code": _pool2d().replace("return out", "return np.swapaxes(out, 0, 1)"),
        },
        "slices one pixel short": {
            "caught_by": ["pool2d-lecture"],
            "says": ["a slice a:b"],
            "code": _pool2d(window="x[i * stride : i * stride + size - 1, j * stride : j * stride + size - 1]"),
        },
        "an unknown mode is the average": {
            "caught_by": ["pool2d-errors"],
            "says": ["an unknown mode"],
            "code": """
def pool2d(x, size, stride=None, mode="max"):
    stride = size if stride is None else stride
    if size < 1 or stride < 1 or size > min(x.shape[:2]):
        raise ValueError("the window does not fit")
    reduce = np.max if mode == "max" else np.min if mode == "min" else np.mean
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
    return reduce(windows, axis=(-2, -1))
""",
        },
        "KeyError for an unknown mode": {
            "caught_by": ["pool2d-errors"],
            "says": ["an unknown mode"],
            "code": _pool2d().replace('raise ValueError("unknown mode")', "pass"),
        },
        "`stride or size`": {
            "caught_by": ["pool2d-errors"],
            "says": ["a stride of 0"],
            "code": _pool2d(start="stride = stride or size"),
        },
        "a large window gives an empty map": {
            "caught_by": ["pool2d-errors"],
            "says": ["a window taller than the map"],
            "code": _pool2d(
                guard="size < 1 or stride < 1", out="np.zeros((max(rows, 0), max(columns, 0), *x.shape[2:]))"
            ),
        },
        "recursion per channel forgets the stride": {
            "caught_by": ["pool2d-channels"],
            "says": ["stride is ignored"],
            "code": _pool2d(
                start="if x.ndim == 3:\n"
                "        return np.stack([pool2d(x[..., c], size, mode=mode) for c in range(x.shape[2])], axis=-1)"
            ),
        },
        "a window of one pixel is refused": {
            "caught_by": ["pool2d-overlap"],
            "says": [],
            "code": _pool2d(guard="size <= 1 or stride < 1 or size > min(x.shape[:2])"),
        },
        "a single channel is squeezed": {
            "caught_by": ["pool2d-channels"],
            "says": ["keep the last axis"],
            "code": _pool2d().replace(
                "return out", "return out.squeeze(-1) if out.ndim == 3 and out.shape[2] == 1 else out"
            ),
        },
        "letters of a mode pass": {
            "caught_by": ["pool2d-errors"],
            "says": ["an unknown mode"],
            "code": """
def pool2d(x, size, stride=None, mode="max"):
    if mode not in "max min avg":
        raise ValueError("mode")
    stride = size if stride is None else stride
    if size < 1 or stride < 1 or size > min(x.shape[:2]):
        raise ValueError("the window does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
    if mode == "max":
        return windows.max(axis=(-2, -1))
    return windows.min(axis=(-2, -1)) if mode == "min" else windows.mean(axis=(-2, -1))
""",
        },
        "only zero is refused, not what is below": {
            "caught_by": ["pool2d-errors"],
            "says": ["a negative stride"],
            "code": """
def pool2d(x, size, stride=None, mode="max"):
    reduce = {"max": np.max, "min": np.min, "avg": np.mean}.get(mode)
    stride = size if stride is None else stride
    if reduce is None or size < 1 or stride == 0 or size > min(x.shape[:2]):
        raise ValueError("the window does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
    return reduce(windows, axis=(-2, -1))
""",
        },
    },
    "conv2d_backward": {
        "overwrites instead of adding": {
            "caught_by": ["conv2d_backward-numbers", "conv2d_backward-gradient"],
            "says": ["add to the gradient"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] = g * kernel
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.sum()
""",
        },
        "stride forgotten": {
            "caught_by": ["conv2d_backward-gradient"],
            "says": ["stride"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        d_kernel += g * padded[i : i + kh, j : j + kw]
        d_padded[i : i + kh, j : j + kw] += g * kernel
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.sum()
""",
        },
        "the padding stays on": {
            "caught_by": ["conv2d_backward-gradient"],
            "says": ["cropped"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] += g * kernel
    return d_padded, d_kernel, grad_out.sum()
""",
        },
        "bias averaged": {
            "caught_by": ["conv2d_backward-numbers", "conv2d_backward-gradient"],
            "says": ["do not average"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] += g * kernel
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.mean()
""",
        },
        "kernel flipped": {
            "caught_by": ["conv2d_backward-numbers", "conv2d_backward-gradient"],
            "says": ["flipped"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] += g * kernel[::-1, ::-1]
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.sum()
""",
        },
        "stride left out of d_kernel only": {
            "caught_by": ["conv2d_backward-gradient"],
            "says": ["mind the stride"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        d_kernel += g * padded[i : i + kh, j : j + kw]
        d_padded[i * stride : i * stride + kh, j * stride : j * stride + kw] += g * kernel
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.sum()
""",
        },
        "-padding as an end index": {
            "caught_by": ["conv2d_backward-numbers", "conv2d_backward-gradient"],
            "says": [],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image.astype(float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] += g * kernel
    return d_padded[padding:-padding, padding:-padding], d_kernel, grad_out.sum()
""",
        },
        "gradients of the image's type": {
            "caught_by": ["conv2d_backward-gradient"],
            "says": ["gradients are floats"],
            "code": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    padded = zero_pad(image, padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel = d_kernel + g * padded[window]
        d_padded[window] = d_padded[window] + g * kernel
    H, W = image.shape
    return d_padded[padding : padding + H, padding : padding + W], d_kernel, grad_out.sum()
""",
        },
    },
    "im2col": {
        "plane by plane": {
            "caught_by": ["im2col-rows", "im2col-matmul"],
            "says": ["channels come last in a row"],
            "code": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = zero_pad(x_hwc, padding)
    H, W, _ = x.shape
    return np.array(
        [
            x[r : r + kh, c : c + kw].transpose(2, 0, 1).ravel()
            for r in range(0, H - kh + 1, stride)
            for c in range(0, W - kw + 1, stride)
        ]
    )


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, _, K = w_kkck.shape
    flat = im2col(x_hwc, kh, kw, stride, padding) @ w_kkck.reshape(-1, K) + b_k
    return flat.reshape(-1, (x_hwc.shape[1] + 2 * padding - kw) // stride + 1, K)
""",
        },
        "bias lost": {
            "caught_by": ["im2col-matmul"],
            "says": ["the bias is lost"],
            "code": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = zero_pad(x_hwc, padding)
    H, W, _ = x.shape
    return np.array(
        [
            x[r : r + kh, c : c + kw].ravel()
            for r in range(0, H - kh + 1, stride)
            for c in range(0, W - kw + 1, stride)
        ]
    )


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, _, K = w_kkck.shape
    flat = im2col(x_hwc, kh, kw, stride, padding) @ w_kkck.reshape(-1, K)
    return flat.reshape(-1, (x_hwc.shape[1] + 2 * padding - kw) // stride + 1, K)
""",
        },
        "filters as rows": {
            "caught_by": ["im2col-matmul"],
            "says": ["filters as columns"],
            "code": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = zero_pad(x_hwc, padding)
    H, W, _ = x.shape
    return np.array(
        [
            x[r : r + kh, c : c + kw].ravel()
            for r in range(0, H - kh + 1, stride)
            for c in range(0, W - kw + 1, stride)
        ]
    )


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, _, K = w_kkck.shape
    flat = im2col(x_hwc, kh, kw, stride, padding) @ w_kkck.reshape(K, -1).T + b_k
    return flat.reshape(-1, (x_hwc.shape[1] + 2 * padding - kw) // stride + 1, K)
""",
        },
        "a frame of border pixels": {
            "caught_by": ["im2col-matmul"],
            "says": ["im2col: "],
            "code": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = np.pad(x_hwc, ((padding, padding), (padding, padding), (0, 0)), mode="edge")
    rows, columns = range(0, x.shape[0] - kh + 1, stride), range(0, x.shape[1] - kw + 1, stride)
    return np.array([x[r : r + kh, c : c + kw].ravel() for r in rows for c in columns])


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    return conv2d_multi(x_hwc, w_kkck, b_k, stride, padding)
""",
        },
    },
    "separable": {
        "an absolute tolerance": {
            "caught_by": ["separable-any"],
            "says": ["small weights alone"],
            "code": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float))
    if (s[1:] > 1e-3).any():
        return None
    return u[:, 0] * s[0], v[0]
""",
        },
        "forgets the size": {
            "caught_by": ["separable-sobel", "separable-any"],
            "says": ["its size included"],
            "code": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float))
    return None if (s[1:] > 1e-8 * s[0]).any() else (u[:, 0], v[0])
""",
        },
        "a column of v instead of a row": {
            "caught_by": ["separable-sobel", "separable-any"],
            "says": ["give the kernel back"],
            "code": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float))
    return None if (s[1:] > 1e-8 * s[0]).any() else (u[:, 0] * s[0], v[:, 0])
""",
        },
        "row and column swapped": {
            "caught_by": ["separable-sobel", "separable-any"],
            "says": ["row and column are swapped"],
            "code": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float))
    return None if (s[1:] > 1e-8 * s[0]).any() else (v[0], u[:, 0] * s[0])
""",
        },
        "always the best rank 1": {
            "caught_by": ["separable-sobel", "separable-any"],
            "says": ["Laplacian has rank 2"],
            "code": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float))
    return u[:, 0] * s[0], v[0]
""",
        },
        "NumPy's tolerance for the rank": {
            "caught_by": ["separable-any"],
            "says": ["counts as zero"],
            "code": """
def separable(kernel):
    if np.linalg.matrix_rank(kernel) != 1:
        return None
    r, c = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    return kernel[:, c], kernel[r] / kernel[r, c]
""",
        },
        "divides by the corner": {
            "caught_by": ["separable-any"],
            "says": ["rows and columns of zeros"],
            "code": """
def separable(kernel):
    sizes = np.linalg.svd(kernel, compute_uv=False)
    if (sizes[1:] > 1e-8 * sizes[0]).any():
        return None
    return kernel[:, 0], kernel[0] / (kernel[0, 0] or 1)
""",
        },
    },
    "learn_kernel": {
        "uphill": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["downhill"],
            "code": _learn(step="kernel = kernel + rate * gradient"),
        },
        "the factor 2 is lost": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["factor of 2"],
            "code": _learn(gradient="gradient / count"),
        },
        "a sum instead of a mean": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["the loss is a mean"],
            "code": _learn(gradient="2 * gradient", loss="total"),
        },
        "a mean of the pairs' means": {
            "caught_by": ["learn_kernel-any"],
            "says": ["not a mean of the pairs' means"],
            "code": _learn(
                add="gradient += correlate(image, error) * count / (len(pairs) * error.size)",
                add_loss="total += np.mean(error**2) * count / len(pairs)",
            ),
        },
        "each pair is a step": {
            "caught_by": ["learn_kernel-any"],
            "says": [],
            "code": """
def learn_kernel(pairs, k, rate, steps):
    if not pairs or any(t.shape != (x.shape[0] - k + 1, x.shape[1] - k + 1) for x, t in pairs):
        raise ValueError("shapes")
    kernel, losses = np.zeros((k, k)), []
    count = sum(t.size for _, t in pairs)
    for step in range(steps + 1):
        losses.append(sum(((conv2d(x, kernel) - t) ** 2).sum() for x, t in pairs) / count)
        if step < steps:
            for x, t in pairs:
                error = conv2d(x, kernel) - t
                kernel = kernel - rate * 2 / t.size * conv2d(x, error)
    return kernel, losses
""",
        },
        "only the first pair": {
            "caught_by": ["learn_kernel-any"],
            "says": ["not only the first"],
            "code": _learn(start="pairs = pairs[:1]; count = pairs[0][1].size"),
        },
        "the gradient of a true convolution": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-sobel"],
            "says": ["the gradient is flipped"],
            "code": _learn(add="gradient += correlate(image, error)[::-1, ::-1]"),
        },
        "the gradient transposed": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-sobel"],
            "says": ["rows and columns of the kernel are swapped"],
            "code": _learn(add="gradient += correlate(image, error).T"),
        },
        "the errors are taken once, before the loop": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["the errors that the first one left"],
            "code": """
def learn_kernel(pairs, k, rate, steps):
    if not pairs or any(t.shape != (x.shape[0] - k + 1, x.shape[1] - k + 1) for x, t in pairs):
        raise ValueError("shapes")
    kernel = np.zeros((k, k))
    count = sum(t.size for _, t in pairs)
    gradient = sum(2 / count * conv2d(x, -t) for x, t in pairs)
    losses = []
    for step in range(steps + 1):
        losses.append(sum(((conv2d(x, kernel) - t) ** 2).sum() for x, t in pairs) / count)
        if step < steps:
            kernel = kernel - rate * gradient
    return kernel, losses
""",
        },
        "starts from random weights": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": [],
            "code": _learn(kernel="np.random.default_rng(0).normal(size=(k, k))"),
        },
        "the last loss is missing": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["after the last step is missing"],
            "code": _learn(end="return kernel, losses[:-1]"),
        },
        "the first loss is missing": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["before the first step"],
            "code": _learn(end="return kernel, losses[1:]"),
        },
        "one step too many": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["one step too many"],
            "code": _learn(condition="True"),
        },
        "returns the kernel only": {
            "caught_by": ["learn_kernel-by-hand"],
            "says": ["return two things"],
            "code": _learn(end="return kernel"),
        },
        "subtracts the mean of the images in place": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["changes its input"],
            "code": _learn(start="for image, _ in pairs: image -= image.mean()"),
        },
        "empties the list of pairs": {
            "caught_by": ["learn_kernel-any"],
            "says": ["changes its input"],
            "code": _learn(end="pairs.clear(); return kernel, losses"),
        },
        "square images only": {
            "caught_by": ["learn_kernel-any"],
            "says": [],
            "code": _learn(guard="any(len(t) != len(x) - k + 1 or t.shape[0] != t.shape[1] for x, t in pairs)"),
        },
        "side length 3 only": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": [],
            "code": _learn(start="k = 3"),
        },
        "no errors": {
            "caught_by": ["learn_kernel-any"],
            "says": ["no pairs at all"],
            "code": _learn(guard="False", start="count = 1"),
        },
        "a target of any shape that NumPy broadcasts": {
            "caught_by": ["learn_kernel-any"],
            "says": ["a target of one row"],
            "code": _learn(guard="not pairs"),
        },
        "only the height of a target is checked": {
            "caught_by": ["learn_kernel-any"],
            "says": ["too wide"],
            "code": _learn(
                guard="not pairs or any(t.shape[0] != x.shape[0] - k + 1 for x, t in pairs)",
                predict="conv2d(image, kernel) - target[:, : image.shape[1] - k + 1]",
            ),
        },
        "only the first target is checked": {
            "caught_by": ["learn_kernel-any"],
            "says": ["a second target"],
            "code": _learn(
                guard="not pairs or pairs[0][1].shape != tuple(side - k + 1 for side in pairs[0][0].shape)",
                add="h, w = conv2d(image, kernel).shape; error = conv2d(image, kernel) - target[:h, :w]; "
                "gradient += correlate(image, error)",
                predict="conv2d(image, kernel) - target[: image.shape[0] - k + 1, : image.shape[1] - k + 1]",
            ),
        },
        "stops when the loss rises": {
            "caught_by": ["learn_kernel-any"],
            "says": ["take every step"],
            "code": _learn(
                step="if len(losses) > 1 and losses[-1] > losses[-2]:\n                break\n            kernel = kernel - rate * gradient"
            ),
        },
        "returns the kernel of the smallest loss": {
            "caught_by": ["learn_kernel-any"],
            "says": ["return the last kernel"],
            "code": _learn(
                start="best = (np.inf, None)",
                loss="total / count); best = min(best, (total / count, kernel), key=lambda b: b[0]",
                end="return best[1], losses",
            ),
        },
        "half of the loss": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["not half of it"],
            "code": _learn(loss="total / count / 2"),
        },
        "the root of the loss": {
            "caught_by": ["learn_kernel-by-hand", "learn_kernel-any"],
            "says": ["without a root"],
            "code": _learn(loss="np.sqrt(total / count)"),
        },
        "losses first": {
            "caught_by": ["learn_kernel-by-hand"],
            "says": ["the kernel first"],
            "code": _learn(end="return losses, kernel"),
        },
    },
}

# Mutants of the reference that no check can notice, because they answer as the reference does. Left for the audit to list are
# those whose text others share: `p < -1` and `stride < 0` (what NumPy and `range` then do raises ValueError as well), and a
# `reshape(-2, …)`, which NumPy reads like −1.
EQUIVALENT_MUTANTS: dict[str, set[str]] = {
    # A negative p makes shapes that do not fit, for which NumPy raises ValueError.
    "zero_pad": {"if p < 0: → if False:"},
    # conv2d cannot unpack another number of axes, which is a ValueError; the length of a vector has no order.
    "sobel_edges": {"if np.ndim(gray) != 2: → if False:", "np.hypot(gx, gy) → np.hypot(gy, gx)"},
    # Both lists have one entry for each pair.
    "learn_kernel": {"True → False"},
    # A minimum and a pair of axes have no order.
    "pool2d": {"min(height, width) → min(width, height)", "(0, 1) → (1, 0)"},
    # A singular value of exactly 1e-8 times the largest does not occur.
    "separable": {"sizes[1:] > 1e-08 * sizes[0] → sizes[1:] >= 1e-08 * sizes[0]"},
}
