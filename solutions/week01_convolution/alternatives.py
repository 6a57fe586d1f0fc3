"""Other right answers to week 1. Each must earn every point."""

ALTERNATIVES = {
    "zero_pad": {
        "np.pad": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    return np.pad(x, [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2))
""",
        "glues strips together": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    side = np.zeros((x.shape[0], p) + x.shape[2:])
    x = np.concatenate([side, x, side], axis=1)
    strip = np.zeros((p,) + x.shape[1:])
    return np.concatenate([strip, x, strip], axis=0)
""",
        "pixel by pixel": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    out = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p) + x.shape[2:])
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i + p, j + p] = x[i, j]
    return out
""",
        "nested lists": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    zero = [0] * x.shape[2] if x.ndim == 3 else 0
    width = x.shape[1] + 2 * p
    blank = [[zero] * width for _ in range(p)]
    return np.array(blank + [[zero] * p + row + [zero] * p for row in x.tolist()] + blank)
""",
        "matrices that shift rows and columns": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    down, right = np.eye(x.shape[0] + 2 * p, x.shape[0], -p), np.eye(x.shape[1], x.shape[1] + 2 * p, p)
    return np.einsum("ah,hw...,wb->ab...", down, x, right)
""",
        "ring by ring, by recursion": """
def zero_pad(x, p):
    if p < 0:
        raise ValueError("padding must not be negative")
    return x.copy() if p == 0 else zero_pad(np.pad(x, [(1, 1), (1, 1)] + [(0, 0)] * (x.ndim - 2)), p - 1)
""",
    },
    "conv2d": {
        "four loops": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding makes no sense")
    H, W = image.shape[0] + 2 * padding, image.shape[1] + 2 * padding
    kh, kw = kernel.shape
    if kh > H or kw > W:
        raise ValueError("kernel too large")
    out = np.zeros(((H - kh) // stride + 1, (W - kw) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = bias
            for a in range(kh):
                for b in range(kw):
                    r, c = i * stride + a - padding, j * stride + b - padding
                    if 0 <= r < image.shape[0] and 0 <= c < image.shape[1]:
                        out[i, j] += float(image[r, c]) * float(kernel[a, b])
    return out
""",
        "two loops over windows": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    x = zero_pad(image, padding).astype(np.float64)
    if stride <= 0:
        raise ValueError("stride")
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise ValueError("kernel too large")
    kh, kw = kernel.shape
    return np.array(
        [
            [np.sum(x[i : i + kh, j : j + kw] * kernel) + bias for j in range(0, x.shape[1] - kw + 1, stride)]
            for i in range(0, x.shape[0] - kh + 1, stride)
        ]
    )
""",
        "SciPy": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    from scipy.signal import correlate2d

    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    x = np.pad(image.astype(float), padding)
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise ValueError("kernel too large")
    return correlate2d(x, kernel.astype(float), mode="valid")[::stride, ::stride] + bias
""",
        "windows as a view, float32": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    x = np.pad(image, padding).astype(np.float32)
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise ValueError("kernel too large")
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return np.einsum("ijkl,kl->ij", windows, kernel.astype(np.float32)) + np.float32(bias)
""",
        "a flipped kernel in a true convolution": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    from scipy.signal import convolve2d

    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    x = np.pad(image.astype(float), padding)
    if (np.array(kernel.shape) > x.shape).any():
        raise ValueError("kernel too large")
    return convolve2d(x, kernel[::-1, ::-1], mode="valid")[::stride, ::stride] + bias
""",
        "plain lists": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding")
    x = np.pad(image, padding).tolist()
    w = kernel.tolist()
    kh, kw = len(w), len(w[0])
    if kh > len(x) or kw > len(x[0]):
        raise ValueError("kernel too large")
    out = [
        [
            sum(x[i + a][j + b] * w[a][b] for a in range(kh) for b in range(kw)) + bias
            for j in range(0, len(x[0]) - kw + 1, stride)
        ]
        for i in range(0, len(x) - kh + 1, stride)
    ]
    return np.array(out)
""",
        "start rows and columns by np.arange, tensordot": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if not (stride >= 1 and padding >= 0):
        raise ValueError("stride and padding")
    x = np.zeros(np.add(image.shape, 2 * padding))
    x[padding : padding + image.shape[0], padding : padding + image.shape[1]] = image
    tops, lefts = (np.arange(0, n - k + 1, stride) for n, k in zip(x.shape, kernel.shape))
    if not len(tops) or not len(lefts):
        raise ValueError("the kernel does not fit")
    rows, columns = np.arange(kernel.shape[0]), np.arange(kernel.shape[1])
    windows = x[tops[:, None, None, None] + rows[:, None], lefts[:, None, None] + columns]
    return np.tensordot(windows, kernel, 2) + bias
""",
        "every window, then every stride-th": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if int(stride) < 1:
        raise ValueError("stride")
    x = zero_pad(image * 1.0, padding)
    h, w = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    if h < 1 or w < 1:
        raise ValueError("kernel")
    total = sum(kernel[a, c] * x[a : a + h, c : c + w] for a in range(kernel.shape[0]) for c in range(kernel.shape[1]))
    return total[::stride, ::stride] + bias
""",
        "fast Fourier transform": """
from scipy.signal import fftconvolve


def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding makes no sense")
    x = np.pad(np.asarray(image, dtype=float), padding)
    if kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]:
        raise ValueError("kernel too large")
    return fftconvolve(x, np.asarray(kernel, dtype=float)[::-1, ::-1], mode="valid")[::stride, ::stride] + bias
""",
        "one large sparse matrix, filled by hand": """
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    if stride < 1 or padding < 0:
        raise ValueError("stride or padding makes no sense")
    x = zero_pad(np.asarray(image, dtype=float), padding)
    (H, W), (kh, kw) = x.shape, kernel.shape
    R, C = (H - kh) // stride + 1, (W - kw) // stride + 1
    if R < 1 or C < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((R * C, H * W))
    for i, j, a, c in np.ndindex(R, C, kh, kw):
        matrix[i * C + j, (i * stride + a) * W + j * stride + c] = kernel[a, c]
    return (matrix @ x.ravel() + bias).reshape(R, C)
""",
    },
    "sobel_edges": {
        "differences of slices": """
def sobel_edges(gray):
    if gray.ndim != 2 or min(gray.shape) < 3:
        raise ValueError("a gray image of at least 3×3")
    g = gray.astype(float)
    d = g[:, 2:] - g[:, :-2]
    gx = d[:-2] + 2 * d[1:-1] + d[2:]
    e = g[2:] - g[:-2]
    gy = e[:, :-2] + 2 * e[:, 1:-1] + e[:, 2:]
    return gx, gy, np.sqrt(gx**2 + gy**2)
""",
        "SciPy's sobel, border cut off": """
def sobel_edges(gray):
    from scipy import ndimage

    if gray.ndim != 2 or min(gray.shape) < 3:
        raise ValueError("a gray image of at least 3×3")
    gx = ndimage.sobel(gray.astype(float), axis=1)[1:-1, 1:-1]
    gy = ndimage.sobel(gray.astype(float), axis=0)[1:-1, 1:-1]
    return gx, gy, np.hypot(gx, gy)
""",
        "a complex kernel": """
def sobel_edges(gray):
    if np.ndim(gray) != 2 or gray.shape[0] < 3 or gray.shape[1] < 3:
        raise ValueError("a gray image of at least 3×3")
    kx = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    windows = np.lib.stride_tricks.sliding_window_view(gray.astype(float), (3, 3))
    z = np.tensordot(windows, kx + 1j * kx.T, axes=2)
    return z.real, z.imag, abs(z)
""",
        "thin kernels one after the other, in one array": """
def sobel_edges(gray):
    if gray.ndim != 2:
        raise ValueError("a gray image")
    smooth, change = np.array([[1, 2, 1]]), np.array([[-1, 0, 1]])
    gx = conv2d(conv2d(gray, change), smooth.T)
    gy = conv2d(conv2d(gray, smooth), change.T)
    return np.stack([gx, gy, np.sqrt(gx * gx + gy * gy)])
""",
        "windows and einsum, a list of three": """
def sobel_edges(gray):
    if gray.ndim != 2:
        raise ValueError("a gray image has two axes")
    windows = np.lib.stride_tricks.sliding_window_view(gray.astype(float), (3, 3))
    change, smooth = np.array([-1, 0, 1]), np.array([1, 2, 1])
    gx = np.einsum("ijab,a,b->ij", windows, smooth, change)
    gy = np.einsum("ijab,a,b->ij", windows, change, smooth)
    return [gx, gy, np.abs(gx + 1j * gy)]
""",
    },
    "extract_patches": {
        "a view of windows": """
def extract_patches(image, k, stride):
    if k < 1 or stride < 1 or k > min(image.shape):
        raise ValueError("the window does not fit")
    return np.lib.stride_tricks.sliding_window_view(image, (k, k))[::stride, ::stride].reshape(-1, k, k)
""",
        "appends in loops": """
def extract_patches(image, k, stride):
    if k <= 0 or stride <= 0 or k > image.shape[0] or k > image.shape[1]:
        raise ValueError("the window does not fit")
    patches = []
    row = 0
    while row + k <= image.shape[0]:
        column = 0
        while column + k <= image.shape[1]:
            patches.append(image[row : row + k, column : column + k])
            column += stride
        row += stride
    return np.stack(patches)
""",
        "fancy indices": """
def extract_patches(image, k, stride):
    if k < 1 or stride < 1 or k > min(image.shape):
        raise ValueError("the window does not fit")
    rows = np.arange(0, image.shape[0] - k + 1, stride)[:, None, None, None] + np.arange(k)[:, None]
    columns = np.arange(0, image.shape[1] - k + 1, stride)[:, None, None] + np.arange(k)
    return image[rows, columns].reshape(-1, k, k)
""",
        "fills an array": """
def extract_patches(image, k, stride):
    if k < 1 or stride < 1 or k > min(image.shape):
        raise ValueError("the window does not fit")
    down, across = (image.shape[0] - k) // stride + 1, (image.shape[1] - k) // stride + 1
    out = np.empty((down * across, k, k))
    for n in range(down * across):
        r, c = divmod(n, across)
        out[n] = image[r * stride : r * stride + k, c * stride : c * stride + k]
    return out
""",
    },
    "conv2d_multi": {
        "a block slides": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    if x_hwc.shape[2] != w_kkck.shape[2] or len(b_k) != w_kkck.shape[3] or stride < 1 or padding < 0:
        raise ValueError("shapes do not fit")
    x = np.pad(x_hwc.astype(float), ((padding,) * 2, (padding,) * 2, (0, 0)))
    kh, kw, _, K = w_kkck.shape
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernel too large")
    out = np.zeros(((x.shape[0] - kh) // stride + 1, (x.shape[1] - kw) // stride + 1, K))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            block = x[i * stride : i * stride + kh, j * stride : j * stride + kw]
            for k in range(K):
                out[i, j, k] = np.sum(block * w_kkck[..., k]) + b_k[k]
    return out
""",
        "einsum": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    x = np.pad(np.asarray(x_hwc, dtype=float), ((padding, padding), (padding, padding), (0, 0)))
    if x.shape[2] != C or np.shape(b_k) != (K,) or kh > x.shape[0] or kw > x.shape[1] or stride < 1:
        raise ValueError("shapes do not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(0, 1))[::stride, ::stride]
    return np.einsum("ijcab,abck->ijk", windows, w_kkck) + b_k
""",
        "one matrix product, float32": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    x = np.pad(x_hwc.astype("float32"), ((padding, padding), (padding, padding), (0, 0)))
    if x.shape[2] != C or len(b_k) != K or kh > x.shape[0] or kw > x.shape[1] or stride < 1:
        raise ValueError("shapes do not fit")
    rows, columns = (x.shape[0] - kh) // stride + 1, (x.shape[1] - kw) // stride + 1
    patches = [
        x[i * stride : i * stride + kh, j * stride : j * stride + kw].ravel()
        for i in range(rows)
        for j in range(columns)
    ]
    flat = np.array(patches) @ w_kkck.reshape(-1, K).astype("float32") + np.asarray(b_k, dtype="float32")
    return flat.reshape(rows, columns, K)
""",
        "Keras": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    import keras

    kh, kw, C, K = w_kkck.shape
    if stride < 1 or padding < 0 or x_hwc.shape[2] != C or len(b_k) != K:
        raise ValueError("shapes do not fit")
    if kh > x_hwc.shape[0] + 2 * padding or kw > x_hwc.shape[1] + 2 * padding:
        raise ValueError("kernel too large")
    x = np.pad(x_hwc.astype("float32"), ((padding, padding), (padding, padding), (0, 0)))[None]
    y = keras.ops.conv(x, w_kkck.astype("float32"), strides=stride, padding="valid", data_format="channels_last")
    return keras.ops.convert_to_numpy(y)[0] + np.asarray(b_k)
""",
        "conv2d with the bias in the first channel": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    (kh, kw, C, K) = w_kkck.shape
    if x_hwc.shape[-1] != C:
        raise ValueError("channels")
    if len(b_k) != K:
        raise ValueError("biases")
    maps = []
    for k in range(K):
        total = conv2d(x_hwc[:, :, 0], w_kkck[:, :, 0, k], stride, padding, b_k[k])
        for c in range(1, C):
            total = total + conv2d(x_hwc[:, :, c], w_kkck[:, :, c, k], stride, padding)
        maps.append(total)
    return np.dstack(maps)
""",
        "reads the shape of the biases": """
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    if x_hwc.shape[2] != C or b_k.shape != (K,):
        raise ValueError("shapes do not fit")
    total = b_k.reshape(1, 1, K).astype(float)
    for c in range(C):
        total = total + np.stack([conv2d(x_hwc[:, :, c], w_kkck[:, :, c, k], stride, padding) for k in range(K)], -1)
    return total
""",
        "a three-dimensional correlation": """
from scipy.signal import correlate


def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    if padding < 0 or stride < 1 or x_hwc.shape[2] != C or len(b_k) != K:
        raise ValueError("something does not fit")
    x = zero_pad(x_hwc.astype(float), padding)
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernels too large")
    w = w_kkck.astype(float)
    maps = [correlate(x, w[..., k], mode="valid", method="direct") + b_k[k] for k in range(K)]
    return np.concatenate(maps, axis=2)[::stride, ::stride]
""",
    },
    "pool2d": {
        "loops over windows and channels": """
def pool2d(x, size, stride=None, mode="max"):
    if mode not in ("max", "min", "avg"):
        raise ValueError("mode")
    if stride is None:
        stride = size
    if size < 1 or stride < 1 or size > x.shape[0] or size > x.shape[1]:
        raise ValueError("window")
    if x.ndim == 3:
        return np.stack([pool2d(x[:, :, c], size, stride, mode) for c in range(x.shape[2])], axis=-1)
    out = np.zeros(((x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            values = [float(v) for v in x[i * stride : i * stride + size, j * stride : j * stride + size].ravel()]
            out[i, j] = max(values) if mode == "max" else min(values) if mode == "min" else sum(values) / len(values)
    return out
""",
        "a view of windows": """
def pool2d(x, size, stride=None, mode="max"):
    stride = size if stride is None else stride
    if mode not in ("max", "min", "avg") or size < 1 or stride < 1 or size > min(x.shape[:2]):
        raise ValueError("mode or window")
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]
    return getattr(windows, {"max": "max", "min": "min", "avg": "mean"}[mode])(axis=(-2, -1))
""",
        "shifted maps": """
def pool2d(x, size, stride=None, mode="max"):
    stride = size if stride is None else stride
    if mode not in {"max", "min", "avg"}:
        raise ValueError("mode")
    if size < 1 or stride < 1 or size > x.shape[0] or size > x.shape[1]:
        raise ValueError("window")
    rows, columns = (x.shape[0] - size) // stride + 1, (x.shape[1] - size) // stride + 1
    shifted = [
        x[a : a + stride * (rows - 1) + 1 : stride, b : b + stride * (columns - 1) + 1 : stride].astype(np.float32)
        for a in range(size)
        for b in range(size)
    ]
    return {"max": np.max, "min": np.min, "avg": np.mean}[mode](shifted, axis=0)
""",
        "minimum as the maximum of the negative": """
def pool2d(x, size, stride=None, mode="max"):
    if mode == "min":
        return -pool2d(-x.astype(float), size, stride, "max")
    if mode not in ("max", "avg"):
        raise ValueError("mode")
    stride = size if stride is None else stride
    if not 1 <= size <= min(x.shape[:2]) or stride < 1:
        raise ValueError("window")
    pick = np.max if mode == "max" else np.mean
    return np.array(
        [
            [pick(x[r : r + size, c : c + size], axis=(0, 1)) for c in range(0, x.shape[1] - size + 1, stride)]
            for r in range(0, x.shape[0] - size + 1, stride)
        ]
    )
""",
        "a running maximum over shifted slices": """
def pool2d(x, size, stride=None, mode="max"):
    step = stride if stride is not None else size
    h, w = x.shape[0] - size + 1, x.shape[1] - size + 1
    if mode not in {"max", "min", "avg"} or size < 1 or step < 1 or h < 1 or w < 1:
        raise ValueError("mode or window")
    result = None
    for a in range(size):
        for c in range(size):
            part = x[a : a + h, c : c + w][::step, ::step].astype(float)
            if result is None:
                result = part.copy()
            elif mode == "avg":
                result += part
            else:
                result = (np.maximum if mode == "max" else np.minimum)(result, part)
    return result / size**2 if mode == "avg" else result
""",
        "SciPy's filters, and what lies inside": """
from scipy import ndimage


def pool2d(x, size, stride=None, mode="max"):
    filters = {"max": ndimage.maximum_filter, "min": ndimage.minimum_filter, "avg": ndimage.uniform_filter}
    stride = size if stride is None else stride
    if mode not in filters or size < 1 or stride < 1 or size > min(x.shape[:2]):
        raise ValueError("the window does not fit")
    every = filters[mode](x.astype(float), size=(size, size) + (1,) * (x.ndim - 2))
    centre = size // 2
    return every[centre : centre + x.shape[0] - size + 1 : stride, centre : centre + x.shape[1] - size + 1 : stride]
""",
    },
    "conv2d_backward": {
        "weight by weight": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    x = np.pad(image.astype(float), padding)
    dx, dw = np.zeros_like(x), np.zeros(kernel.shape)
    rows, columns = grad_out.shape
    for a in range(kernel.shape[0]):
        for b in range(kernel.shape[1]):
            met = np.s_[a : a + stride * (rows - 1) + 1 : stride, b : b + stride * (columns - 1) + 1 : stride]
            dw[a, b] = np.sum(grad_out * x[met])
            dx[met] += grad_out * kernel[a, b]
    return dx[padding : x.shape[0] - padding, padding : x.shape[1] - padding], dw, grad_out.sum()
""",
        "convolutions of a spread gradient": """
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    from scipy.signal import convolve2d, correlate2d

    x = np.pad(image.astype(float), padding)
    spread = np.zeros((x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1))
    spread[::stride, ::stride] = grad_out
    dx = convolve2d(spread, kernel, mode="full")
    dw = correlate2d(x, spread, mode="valid")
    return dx[padding : padding + image.shape[0], padding : padding + image.shape[1]], dw, np.sum(spread)
""",
    },
    "im2col": {
        "a view of windows": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = np.pad(x_hwc, ((padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(0, 1))[::stride, ::stride]
    return windows.transpose(0, 1, 3, 4, 2).reshape(-1, kh * kw * x.shape[2])


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    rows = (x_hwc.shape[0] + 2 * padding - kh) // stride + 1
    return (im2col(x_hwc, kh, kw, stride, padding) @ w_kkck.reshape(kh * kw * C, K) + b_k).reshape(rows, -1, K)
""",
        "loops": """
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    x = zero_pad(x_hwc, padding)
    rows = []
    for r in range(0, x.shape[0] - kh + 1, stride):
        for c in range(0, x.shape[1] - kw + 1, stride):
            rows.append([v for a in range(kh) for b in range(kw) for v in x[r + a, c + b].tolist()])
    return rows


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    kh, kw, C, K = w_kkck.shape
    flat = np.dot(im2col(x_hwc, kh, kw, stride, padding), w_kkck.reshape(-1, K)) + b_k
    return flat.reshape(-1, (x_hwc.shape[1] + 2 * padding - kw) // stride + 1, K)
""",
    },
    "separable": {
        "the rank, then one row and one column": """
def separable(kernel):
    kernel = np.asarray(kernel, dtype=float)
    if np.linalg.matrix_rank(kernel, tol=1e-8 * np.linalg.norm(kernel, 2)) > 1:
        return None
    r, c = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    return kernel[:, c], kernel[r] / kernel[r, c]
""",
        "all the size in the row": """
def separable(kernel):
    u, s, v = np.linalg.svd(kernel.astype(float), full_matrices=False)
    if len(s) > 1 and s[1] > 1e-8 * s[0]:
        return None
    return [u[:, 0], s[0] * v[0]]
""",
        "the longest row, and how much of it is in each": """
def separable(kernel):
    kernel = np.asarray(kernel, dtype=float)
    row = kernel[np.abs(kernel).sum(axis=1).argmax()]
    column = kernel @ row / (row @ row)
    close = np.abs(np.outer(column, row) - kernel).max() <= 1e-8 * np.abs(kernel).max()
    return (column, row) if close else None
""",
    },
    "learn_kernel": {
        "windows as rows, one matrix": """
def learn_kernel(pairs, k, rate, steps):
    if len(pairs) == 0:
        raise ValueError("no pairs")
    rows, values = [], []
    for image, target in pairs:
        if np.shape(target) != (len(image) - k + 1, len(image[0]) - k + 1):
            raise ValueError("a target of another size")
        rows.append(np.lib.stride_tricks.sliding_window_view(image, (k, k)).reshape(-1, k * k))
        values.append(np.ravel(target))
    X, t = np.concatenate(rows), np.concatenate(values)
    w = np.zeros(k * k)
    losses = [float(np.mean((X @ w - t) ** 2))]
    for _ in range(steps):
        w = w - rate * 2 * X.T @ (X @ w - t) / len(t)
        losses.append(float(np.mean((X @ w - t) ** 2)))
    return w.reshape(k, k), losses
""",
        "weight by weight": """
def learn_kernel(pairs, k, rate, steps):
    if not pairs:
        raise ValueError("no pairs")
    for image, target in pairs:
        h, w = image.shape[0] - k + 1, image.shape[1] - k + 1
        if target.shape[0] != h or target.shape[1] != w:
            raise ValueError("a target of another size")
    n = 0
    for _, target in pairs:
        n += target.size
    kernel = np.zeros((k, k))
    losses = []
    for step in range(steps + 1):
        loss = 0
        gradient = np.zeros((k, k))
        for image, target in pairs:
            h, w = target.shape
            error = conv2d(image, kernel) - target
            loss += np.sum(error * error) / n
            for a in range(k):
                for c in range(k):
                    gradient[a, c] += 2 * np.sum(error * image[a : a + h, c : c + w]) / n
        losses.append(loss)
        if step == steps:
            break
        kernel -= rate * gradient
    return kernel, losses
""",
        "SciPy, losses in an array": """
def learn_kernel(pairs, k, rate, steps):
    from scipy.signal import correlate2d

    if not len(pairs):
        raise ValueError("no pairs")
    sizes = [np.prod(target.shape) for _, target in pairs]
    if any(np.add(target.shape, k - 1).tolist() != list(image.shape) for image, target in pairs):
        raise ValueError("a target of another size")
    kernel, losses = np.zeros([k, k]), np.empty(steps + 1)
    for step in range(steps + 1):
        errors = [correlate2d(image, kernel, "valid") - target for image, target in pairs]
        losses[step] = np.average([np.mean(e**2) for e in errors], weights=sizes)
        if step < steps:
            parts = [correlate2d(image, e, "valid") for (image, _), e in zip(pairs, errors)]
            kernel = kernel - rate * 2 * np.sum(parts, axis=0) / np.sum(sizes)
    return kernel, losses
""",
        "from the normal equations' matrices": """
def learn_kernel(pairs, k, rate, steps):
    if not pairs:
        raise ValueError("no pairs")
    A, b, c, n = np.zeros((k * k, k * k)), np.zeros(k * k), 0.0, 0
    for x, t in pairs:
        if t.shape != (x.shape[0] - k + 1, x.shape[1] - k + 1):
            raise ValueError("a target of another size")
        M = np.stack([x[a : a + t.shape[0], d : d + t.shape[1]].ravel() for a in range(k) for d in range(k)])
        A, b, c, n = A + M @ M.T, b + M @ t.ravel(), c + np.sum(t**2), n + t.size
    w, losses = np.zeros(k * k), []
    for step in range(steps + 1):
        if step:
            w = w - 2 * rate * (A @ w - b) / n
        losses.append((w @ A @ w - 2 * w @ b + c) / n)
    return w.reshape(k, k), losses
""",
        "recursion, with windows as rows": """
def learn_kernel(pairs, k, rate, steps):
    if not pairs or any(np.shape(t) != tuple(np.subtract(np.shape(x), k - 1)) for x, t in pairs):
        raise ValueError("pairs do not fit")
    windows = np.lib.stride_tricks.sliding_window_view
    A = np.vstack([windows(x, (k, k)).reshape(-1, k * k) for x, _ in pairs])
    b = np.concatenate([t.ravel() for _, t in pairs])

    def go(w, left):
        error = A @ w - b
        loss = float(error @ error / len(b))
        if left == 0:
            return w, [loss]
        last, losses = go(w - rate * 2 / len(b) * (A.T @ error), left - 1)
        return last, [loss, *losses]

    kernel, losses = go(np.zeros(k * k), steps)
    return kernel.reshape(k, k), losses
""",
    },
}
