"""Other right answers to week 9. Each must earn every point: loops, whole arrays, Keras, scikit-learn, other shapes of code."""

ALTERNATIVES = {
    "standardize": {
        "a list; closeness to 0": """
def standardize(train, other):
    ax = tuple(np.arange(train.ndim - 1))
    mu = np.mean(train, axis=ax, keepdims=True, dtype=float)
    sd = np.std(train, axis=ax, keepdims=True, dtype=float)
    sd = np.where(np.isclose(sd, 0, atol=1e-12), 1, sd)
    return [(a.astype(float) - mu) / sd for a in (train, other)]
""",
        "a loop over the channels": """
def standardize(train, other):
    results = [train.astype(float), other.astype(float)]
    for c in range(train.shape[-1]):
        values = train[..., c].ravel().astype(float)
        mean = sum(values) / len(values)
        std = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
        for array in results:
            array[..., c] = (array[..., c] - mean) / (std if std > 1e-9 else 1)
    return results
""",
        "scikit-learn": """
from sklearn.preprocessing import StandardScaler


def standardize(train, other):
    c = train.shape[-1]
    scaler = StandardScaler().fit(train.reshape(-1, c))
    return (
        scaler.transform(train.reshape(-1, c)).reshape(train.shape),
        scaler.transform(other.reshape(-1, c)).reshape(other.shape),
    )
""",
        "flat rows, second moments": """
def standardize(train, other):
    flat = np.asarray(train, dtype=float).reshape(-1, train.shape[-1])
    mean = flat.mean(0)
    std = np.sqrt(np.mean((flat - mean) ** 2, axis=0))
    std = np.where(flat.min(0) == flat.max(0), 1.0, std)
    return (train - mean) / std, (other - mean) / std
""",
        "keepdims": """
def standardize(train, other):
    axes = tuple(range(train.ndim))[:-1]
    mean = np.mean(train, axis=axes, keepdims=True)
    std = np.std(train, axis=axes, keepdims=True)
    std[std < 1e-12] = 1
    return np.divide(train - mean, std), np.divide(other - mean, std)
""",
    },
    "batchnorm_forward": {
        "Keras's operation": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    mean, var = moving_mean, moving_var
    if training:
        axes = tuple(range(x.ndim - 1))
        mean, var = np.mean(x, axis=axes), np.var(x, axis=axes)
    given = [v.astype("float64") for v in (x, mean, var)]
    learned = {"offset": beta.astype("float64"), "scale": gamma.astype("float64")}
    y = keras.ops.convert_to_numpy(keras.ops.batch_normalization(*given, axis=-1, epsilon=eps, **learned))
    if not training:
        return y, 1 * moving_mean, 1 * moving_var
    return y, momentum * moving_mean + (1 - momentum) * mean, momentum * moving_var + (1 - momentum) * var
""",
        "sums as products, moved by a difference": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    rows = np.reshape(x, (-1, np.shape(x)[-1]))
    if not training:
        return (x - moving_mean) * (gamma / np.sqrt(moving_var + eps)) + beta, moving_mean.copy(), moving_var.copy()
    m = rows.shape[0]
    mu = np.ones(m) @ rows / m
    v = np.einsum("nc,nc->c", rows - mu, rows - mu) / m
    y = ((rows - mu) / np.sqrt(v + eps) * gamma + beta).reshape(x.shape)
    return [y, moving_mean - (1 - momentum) * (moving_mean - mu), moving_var - (1 - momentum) * (moving_var - v)]
""",
        "flat rows": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    flat = x.reshape(-1, x.shape[-1])
    if not training:
        y = (flat - moving_mean) / np.sqrt(moving_var + eps) * gamma + beta
        return y.reshape(x.shape), moving_mean.copy(), moving_var.copy()
    mean = flat.mean(0)
    var = ((flat - mean) ** 2).mean(0)
    y = (flat - mean) / np.sqrt(var + eps) * gamma + beta
    return (
        y.reshape(x.shape),
        moving_mean + (1 - momentum) * (mean - moving_mean),
        moving_var + (1 - momentum) * (var - moving_var),
    )
""",
        "a loop over the channels": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    y = np.zeros(x.shape)
    new_mean, new_var = np.array(moving_mean, dtype=float), np.array(moving_var, dtype=float)
    for c in range(x.shape[-1]):
        channel = x[..., c]
        mean, var = moving_mean[c], moving_var[c]
        if training:
            mean, var = channel.mean(), channel.var()
            new_mean[c] = momentum * moving_mean[c] + (1 - momentum) * mean
            new_var[c] = momentum * moving_var[c] + (1 - momentum) * var
        y[..., c] = gamma[c] * (channel - mean) / (var + eps) ** 0.5 + beta[c]
    return y, new_mean, new_var
""",
        "one line per channel: a x + b": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    mean, var = np.asarray(moving_mean), np.asarray(moving_var)
    if training:
        over = tuple(np.arange(x.ndim - 1))
        mean, var = np.mean(x, over), np.mean(x * x, over) - np.mean(x, over) ** 2
        moving_mean = momentum * moving_mean + mean - momentum * mean
        moving_var = momentum * moving_var + var - momentum * var
    a = gamma / np.sqrt(var + eps)
    return x * a + (beta - a * mean), moving_mean, moving_var
""",
        "keepdims and a list": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    if training:
        axes = (0,) if x.ndim == 2 else (0, 1, 2)
        mean = x.mean(axes, keepdims=True)
        var = np.square(x - mean).mean(axes, keepdims=True)
        y = gamma * ((x - mean) / np.sqrt(var + eps)) + beta
        keep = 1 - momentum
        return [y, momentum * moving_mean + keep * mean.ravel(), momentum * moving_var + keep * var.ravel()]
    return [gamma * (x - moving_mean) / np.sqrt(moving_var + eps) + beta, moving_mean, moving_var]
""",
    },
    "batchnorm_backward": {
        "as the CS231n notes go": """
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    shape = x.shape
    d, f = dout.reshape(-1, shape[-1]), x.reshape(-1, shape[-1])
    n = f.shape[0]
    xmu = f - f.sum(0) / n
    sqrtvar = np.sqrt(np.sum(xmu**2, axis=0) / n + eps)
    dxhat = d * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dsqrtvar = -1.0 / sqrtvar**2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dxmu = dxhat / sqrtvar + 2 * xmu * np.ones_like(f) / n * dvar
    dmu = -1 * np.sum(dxmu, axis=0)
    dx = dxmu + np.ones_like(f) / n * dmu
    big = {"xhat": dxhat, "centred": dxmu, "x": dx}
    return {**{name: value.reshape(shape) for name, value in big.items()}, "inv": divar, "var": dvar, "mean": dmu}


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    ax = tuple(range(x.ndim - 1))
    xhat = (x - x.mean(ax)) / np.sqrt(x.var(ax) + eps)
    return batchnorm_steps(dout, x, gamma, eps)["x"], (dout * xhat).sum(ax), dout.sum(ax)
""",
        "the three paths one by one": """
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    shape = x.shape
    flat, d = x.reshape(-1, shape[-1]), dout.reshape(-1, shape[-1])
    c = flat - flat.mean(0)
    v = np.mean(c * c, axis=0)
    r = 1 / np.sqrt(v + eps)
    out = {"xhat": gamma * d}
    out["inv"] = np.einsum("nc,nc->c", out["xhat"], c)
    out["var"] = -out["inv"] / (2 * (v + eps) ** 1.5)
    out["centred"] = out["xhat"] * r + 2 / len(flat) * out["var"] * c
    out["mean"] = -r * out["xhat"].sum(0)
    out["x"] = out["centred"] + out["mean"] / len(flat)
    return {name: g.reshape(shape) if g.ndim == 2 else g for name, g in out.items()}


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    axes = tuple(range(x.ndim - 1))
    m = np.prod(x.shape[:-1])
    centred = x - x.mean(axis=axes)
    var = (centred**2).mean(axis=axes)
    inverse = 1 / np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=axes) * -0.5 * inverse**3
    dmean = -(dxhat * inverse).sum(axis=axes) + dvar * (-2 * centred).mean(axis=axes)
    dx = dxhat * inverse + dvar * 2 * centred / m + dmean / m
    return dx, (dout * centred * inverse).sum(axis=axes), dout.sum(axis=axes)
""",
        "a matrix of derivatives a channel": """
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    c = x.shape[-1]
    grads = {name: np.zeros(x.shape) for name in ("xhat", "centred", "x")} | {n: np.zeros(c) for n in ("inv", "var", "mean")}
    m = x[..., 0].size
    for k in range(c):
        centred = x[..., k] - x[..., k].mean()
        var = (centred**2).sum() / m
        grads["xhat"][..., k] = dout[..., k] * gamma[k]
        grads["inv"][k] = (grads["xhat"][..., k] * centred).sum()
        grads["var"][k] = grads["inv"][k] * -0.5 * (var + eps) ** -1.5
        grads["centred"][..., k] = grads["xhat"][..., k] / (var + eps) ** 0.5 + grads["var"][k] * 2 * centred / m
        grads["mean"][k] = -grads["centred"][..., k].sum()
        grads["x"][..., k] = grads["centred"][..., k] + grads["mean"][k] / m
    return grads


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    c = x.shape[-1]
    flat, grads = x.reshape(-1, c), dout.reshape(-1, c)
    m = len(flat)
    dx, dgamma = np.zeros_like(flat), np.zeros(c)
    for k in range(c):
        centred = flat[:, k] - flat[:, k].mean()
        root = np.sqrt((centred**2).mean() + eps)
        matrix = (np.eye(m) - 1 / m) / root - np.outer(centred, centred) / (m * root**3)
        dx[:, k] = gamma[k] * matrix.T @ grads[:, k]
        dgamma[k] = grads[:, k] @ centred / root
    return dx.reshape(x.shape), dgamma, grads.sum(0)
""",
        "flat rows, sums over m": """
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    axes = tuple(range(x.ndim - 1))
    mu, v = x.mean(axes), x.var(axes)
    dxhat = gamma * dout
    dinv = np.sum(dxhat * (x - mu), axes)
    dvar = dinv * (-1 / 2) * (v + eps) ** (-3 / 2)
    m = np.prod([x.shape[axis] for axis in axes])
    dcentred = dxhat * (v + eps) ** -0.5 + (x - mu) * dvar * 2 / m
    dmean = np.sum(-dcentred, axes)
    return dict(xhat=dxhat, inv=dinv, var=dvar, centred=dcentred, mean=dmean, x=dcentred + np.ones_like(x) * dmean / m)


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    shape = x.shape
    x, dout = x.reshape(-1, shape[-1]), dout.reshape(-1, shape[-1])
    m = x.shape[0]
    root = np.sqrt(x.var(0) + eps)
    hat = (x - x.mean(0)) / root
    dbeta, dgamma = dout.sum(0), (dout * hat).sum(0)
    dx = gamma * (m * dout - dbeta - hat * dgamma) / (m * root)
    return [dx.reshape(shape), dgamma, dbeta]
""",
    },
    "net_gradients": {
        "log-sum-exp, one by one": """
def net_gradients(params, x, y, eps=1e-3):
    W1, gamma, beta, W2, b2 = (params[name] for name in ("W1", "gamma", "beta", "W2", "b2"))
    z = np.dot(x, W1)
    a = np.asarray(batchnorm_forward(z, gamma, beta, np.zeros(len(beta)), np.ones(len(beta)), eps=eps, training=True)[0])
    h = np.where(a > 0, a, 0)
    s = np.dot(h, W2) + b2
    loss, ds = 0.0, np.zeros(s.shape)
    for i, label in enumerate(y):
        shifted = s[i] - s[i].max()
        e = np.exp(shifted)
        loss += (np.log(e.sum()) - shifted[label]) / len(y)
        ds[i] = e / e.sum() / len(y)
        ds[i, label] -= 1 / len(y)
    dh = np.dot(ds, W2.T)
    dz, dgamma, dbeta = batchnorm_backward(np.where(h > 0, dh, 0), z, gamma, eps)
    return loss, dict(W1=np.dot(x.T, dz), gamma=dgamma, beta=dbeta, W2=np.dot(h.T, ds), b2=ds.sum(0))
""",
        "scipy's log-softmax, einsum": """
def net_gradients(params, x, y, eps=1e-3):
    from scipy.special import log_softmax

    z = np.einsum("nd,dh->nh", x, params["W1"])
    a = batchnorm_forward(z, params["gamma"], params["beta"], z[0], z[0], 0.5, eps)[0]
    h = np.clip(a, 0, None)
    logs = log_softmax(h @ params["W2"] + params["b2"], axis=1)
    target = y[:, None] == np.arange(logs.shape[1])
    ds = (np.exp(logs) - target) / len(x)
    back = batchnorm_backward(np.einsum("nc,hc->nh", ds, params["W2"]) * (h > 0), z, params["gamma"], eps)
    names = ("W1", "gamma", "beta", "W2", "b2")
    return -np.sum(logs * target) / len(x), dict(zip(names, (x.T @ back[0], back[1], back[2], h.T @ ds, np.ones(len(x)) @ ds)))
""",
        "through the steps": """
def net_gradients(params, x, y, eps=1e-3):
    z = x @ params["W1"]
    none = np.zeros_like(params["beta"])
    a, _, _ = batchnorm_forward(z, params["gamma"], params["beta"], none, none, eps=eps)
    h = np.maximum(0, a)
    s = h @ params["W2"] + params["b2"]
    e = np.exp(s - s.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    top = s.max(1)
    loss = float(np.mean(top + np.log(e.sum(1)) - s[range(len(y)), y]))
    p[range(len(y)), y] -= 1
    p /= len(y)
    da = p @ params["W2"].T
    da[a <= 0] = 0
    dz = batchnorm_steps(da, z, params["gamma"], eps)["x"]
    _, dgamma, dbeta = batchnorm_backward(da, z, params["gamma"], eps)
    return [loss, {"b2": p.sum(0), "W2": h.T @ p, "beta": dbeta, "gamma": dgamma, "W1": x.T @ dz}]
""",
    },
    "init_std": {
        "split the name": """
import math


def init_std(shape, scheme):
    if scheme == "random_uniform":
        return 0.1 / math.sqrt(12)
    *window, c_in, c_out = shape
    k = math.prod(window)
    family, _, kind = scheme.partition("_")
    fans = {"glorot": k * (c_in + c_out) / 2, "he": k * c_in / 2, "lecun": k * c_in}
    if family not in fans or kind not in ("uniform", "normal"):
        raise ValueError(f"unknown scheme: {scheme}")
    return math.sqrt(1 / fans[family])
""",
        "over the uniform limit": """
def init_std(shape, scheme):
    k = shape[0] * shape[1] if len(shape) == 4 else 1
    n, m = k * shape[-2], k * shape[-1]
    limits = {"glorot": np.sqrt(6 / (n + m)), "he": np.sqrt(6 / n), "lecun": np.sqrt(3 / n)}
    table = {f"{name}_{kind}": limit for name, limit in limits.items() for kind in ("normal", "uniform")}
    table["random_uniform"] = 0.05
    if scheme not in table:
        raise ValueError(scheme)
    return table[scheme] / 3**0.5
""",
        "a match": """
def init_std(shape, scheme):
    receptive = 1
    for side in shape[:-2]:
        receptive *= side
    fan_in, fan_out = receptive * shape[-2], receptive * shape[-1]
    match scheme:
        case "random_uniform":
            variance = 0.05**2 / 3
        case "glorot_uniform" | "glorot_normal":
            variance = 2 / (fan_in + fan_out)
        case "he_uniform" | "he_normal":
            variance = 2 / fan_in
        case "lecun_uniform" | "lecun_normal":
            variance = 1 / fan_in
        case _:
            raise ValueError(scheme)
    return variance**0.5
""",
    },
    "gradients_by_depth": {
        "a match, by index": """
def signal_by_depth(x, weights, activation):
    h, out = x, [x]
    for w in weights:
        match activation:
            case "linear":
                h = h @ w
            case "relu":
                h = (h @ w).clip(min=0)
            case "tanh":
                h = np.tanh(h @ w)
            case _:
                raise ValueError(activation)
        out.append(h)
    return out


def gradients_by_depth(layers, weights, activation, dout):
    slopes = {"linear": np.ones_like, "relu": lambda h: (h > 0).astype(float), "tanh": lambda h: 1 - h * h}[activation]
    norms, delta = [0.0] * len(weights), dout
    for i in reversed(range(len(weights))):
        delta = delta * slopes(layers[i + 1])
        norms[i] = np.linalg.norm(np.einsum("nd,nk->dk", layers[i], delta))
        delta = np.einsum("nk,dk->nd", delta, weights[i])
    return np.array(norms)
""",
        "accumulate, insert in front": """
from itertools import accumulate


def signal_by_depth(x, weights, activation):
    table = {"linear": np.asarray, "relu": lambda z: z * (z > 0), "tanh": np.tanh}
    if activation not in table:
        raise ValueError(f"unknown: {activation}")
    return list(accumulate(weights, lambda h, w: table[activation](np.matmul(h, w)), initial=x))


def gradients_by_depth(layers, weights, activation, dout):
    norms = []
    layers, weights = list(layers), list(weights)
    while weights:
        h, w = layers.pop(), weights.pop()
        if activation == "relu":
            dout = np.where(h > 0, dout, 0)
        elif activation == "tanh":
            dout = dout * (1 + h) * (1 - h)
        norms.insert(0, float(((layers[-1].T @ dout) ** 2).sum() ** 0.5))
        dout = dout @ w.T
    return norms
""",
        "recursion, recursion": """
def signal_by_depth(x, weights, activation):
    if activation not in ("linear", "relu", "tanh"):
        raise ValueError(activation)
    if not weights:
        return [x]
    z = np.einsum("nd,dk->nk", x, weights[0])
    h = {"linear": z, "relu": np.where(z > 0, z, 0), "tanh": np.tanh(z)}[activation]
    return [x, *signal_by_depth(h, weights[1:], activation)]


def gradients_by_depth(layers, weights, activation, dout):
    if len(weights) == 0:
        return []
    h = layers[-1]
    delta = dout * {"linear": 1, "relu": h > 0, "tanh": 1 - h**2}[activation]
    below = gradients_by_depth(layers[:-1], weights[:-1], activation, delta @ weights[-1].T)
    return [*below, np.linalg.norm(layers[-2].T @ delta, "fro")]
""",
    },
    "fold_batchnorm": {
        "a loop over the kernels": """
def fold_batchnorm(kernel, bias, gamma, beta, moving_mean, moving_var, eps=1e-3):
    new_kernel, new_bias = np.array(kernel, dtype=float), np.array(beta, dtype=float)
    for k in range(kernel.shape[-1]):
        a = gamma[k] / (moving_var[k] + eps) ** 0.5
        new_kernel[..., k] *= a
        new_bias[k] += a * ((0 if bias is None else bias[k]) - moving_mean[k])
    return new_kernel, new_bias
""",
        "einsum": """
def fold_batchnorm(kernel, bias, gamma, beta, moving_mean, moving_var, eps=1e-3):
    a = gamma * (moving_var + eps) ** -0.5
    b = beta - a * moving_mean
    if bias is not None:
        b = b + a * bias
    return np.einsum("hwik,k->hwik", kernel, a), b
""",
    },
}
