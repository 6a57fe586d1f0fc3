"""Wrong answers that students give in week 9. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


_STANDARDIZE = """
def standardize(train, other):
    axes = tuple(range(train.ndim - 1))
    mean = train.mean(axis=axes)
    std = train.std(axis=axes)
    std[std == 0] = 1
    return (train - mean) / std, (other - mean) / std
"""

_MINMAX = """
def minmax(train, other):
    axes = tuple(range(train.ndim - 1))
    low = train.min(axis=axes).astype(float)
    high = train.max(axis=axes).astype(float)
    span = np.where(high > low, high - low, 1)
    return (train - low) / span, (other - low) / span
"""

_FORWARD = """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    axes = tuple(range(x.ndim - 1))
    if training:
        mean = x.mean(axis=axes)
        var = x.var(axis=axes)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_var = momentum * moving_var + (1 - momentum) * var
    else:
        mean, var = moving_mean, moving_var
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, moving_mean, moving_var
"""

_BACKWARD = """
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    over = tuple(range(x.ndim - 1))
    count = x.size // x.shape[-1]
    centred = x - x.mean(axis=over)
    var = (centred**2).mean(axis=over)
    inv = (var + eps) ** -0.5
    dxhat = dout * gamma
    dinv = (dxhat * centred).sum(axis=over)
    dvar = -0.5 * dinv * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / count
    dmu = -dcentred.sum(axis=over)
    return {"xhat": dxhat, "inv": dinv, "var": dvar, "centred": dcentred, "mean": dmu, "x": dcentred + dmu / count}


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    axes = tuple(range(x.ndim - 1))
    m = x.size // x.shape[-1]
    mean = x.mean(axis=axes)
    root = np.sqrt(x.var(axis=axes) + eps)
    xhat = (x - mean) / root
    dbeta = dout.sum(axis=axes)
    dgamma = (dout * xhat).sum(axis=axes)
    dx = gamma / root * (dout - dbeta / m - xhat * dgamma / m)
    return dx, dgamma, dbeta
"""

_NET = """
def net_gradients(params, x, y, eps=1e-3):
    z = x @ params["W1"]
    start = np.zeros(len(params["gamma"]))
    a = batchnorm_forward(z, params["gamma"], params["beta"], start, start + 1, 0.9, eps)[0]
    h = a * (a > 0)
    s = h @ params["W2"] + params["b2"]
    s = s - s.max(axis=1, keepdims=True)
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    onehot = np.eye(p.shape[1])[y]
    loss = (np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]).mean()
    ds = (p - onehot) / len(y)
    dh = ds @ params["W2"].T
    da = dh * (a > 0)
    dz, dgamma, dbeta = batchnorm_backward(da, z, params["gamma"], eps)
    return loss, {"W1": x.T @ dz, "gamma": dgamma, "beta": dbeta, "W2": h.T @ ds, "b2": ds.sum(axis=0)}
"""

_INIT = """
def init_std(shape, scheme):
    window = np.prod(shape[:-2]) if len(shape) > 2 else 1
    fan_in, fan_out = window * shape[-2], window * shape[-1]
    if scheme == "random_uniform":
        return 0.05 / np.sqrt(3)
    if scheme in ("glorot_uniform", "glorot_normal"):
        return np.sqrt(2 / (fan_in + fan_out))
    if scheme in ("he_uniform", "he_normal"):
        return np.sqrt(2 / fan_in)
    if scheme in ("lecun_uniform", "lecun_normal"):
        return np.sqrt(1 / fan_in)
    raise ValueError(scheme)
"""

_GRADIENTS = """
def signal_by_depth(x, weights, activation):
    if activation not in ("linear", "relu", "tanh"):
        raise ValueError(activation)
    layers = [x]
    for w in weights:
        z = layers[-1] @ w
        if activation == "relu":
            z = np.maximum(z, 0)
        if activation == "tanh":
            z = np.tanh(z)
        layers.append(z)
    return layers


def gradients_by_depth(layers, weights, activation, dout):
    delta = dout
    norms = []
    for l in range(len(weights), 0, -1):
        h = layers[l]
        if activation == "relu":
            delta = delta * (h > 0)
        if activation == "tanh":
            delta = delta * (1 - h**2)
        gradient = layers[l - 1].T @ delta
        norms.append(np.sqrt((gradient**2).sum()))
        delta = delta @ weights[l - 1].T
    return norms[::-1]
"""

_FOLD = """
def fold_batchnorm(kernel, bias, gamma, beta, moving_mean, moving_var, eps=1e-3):
    scale = gamma / np.sqrt(moving_var + eps)
    if bias is None:
        bias = np.zeros(kernel.shape[-1])
    return kernel * scale, (bias - moving_mean) * scale + beta
"""

_ACCOUNT = (
    "moving_mean = momentum * moving_mean + (1 - momentum) * mean",
    "moving_var = momentum * moving_var + (1 - momentum) * var",
)

MISTAKES = {
    "standardize": {
        "exactly zero only": {
            "code": _STANDARDIZE,
            "caught_by": ["standardize-images"],
            "says": ["0.1, 0.1, 0.1"],
        },
        "a small number added instead": {
            "code": _swap(_STANDARDIZE, ("    std[std == 0] = 1\n", "    std = std + 1e-7\n")),
            "caught_by": ["standardize-images"],
            "says": ["divided by 1"],
        },
        "the other data not centred": {
            "code": _swap(_STANDARDIZE, ("(other - mean) / std", "other / std")),
            "caught_by": ["standardize-train"],
            "says": ["mean and standard deviation of train"],
        },
        "the other data by their own statistics": {
            "code": _swap(
                _STANDARDIZE,
                ("(other - mean) / std", "(other - other.mean(axis=axes)) / np.maximum(other.std(axis=axes), 1e-9)"),
            ),
            "caught_by": ["standardize-train"],
            "says": ["those of train belong to both"],
        },
        "statistics of both together": {
            "code": _swap(
                _STANDARDIZE,
                (
                    "mean = train.mean(axis=axes)",
                    "both = np.concatenate([train, other])\n    mean = both.mean(axis=axes)",
                ),
                ("std = train.std(axis=axes)", "std = both.std(axis=axes)"),
            ),
            "caught_by": ["standardize-train"],
            "says": ["must not leak"],
        },
        "one mean for the whole array": {
            "code": _swap(
                _STANDARDIZE, ("axes = tuple(range(train.ndim - 1))", "axes = None"), ("std[std == 0] = 1", "")
            ),
            "caught_by": ["standardize-worked", "standardize-images"],
            "says": ["one standard deviation per channel"],
        },
        "one mean a pixel": {
            "code": _swap(_STANDARDIZE, ("axes = tuple(range(train.ndim - 1))", "axes = 0")),
            "caught_by": ["standardize-images"],
            "says": ["average over images, rows and columns"],
        },
        "unbiased standard deviation": {
            "code": _swap(_STANDARDIZE, ("train.std(axis=axes)", "train.std(axis=axes, ddof=1)")),
            "caught_by": ["standardize-worked"],
            "says": ["not by the count less one"],
        },
        "divided by the variance": {
            "code": _swap(_STANDARDIZE, ("train.std(axis=axes)", "train.var(axis=axes)")),
            "caught_by": ["standardize-worked", "standardize-train"],
            "says": ["not by the variance"],
        },
        "division by zero in a constant channel": {
            "code": _swap(_STANDARDIZE, ("    std[std == 0] = 1\n", "")),
            "caught_by": ["standardize-images"],
            "says": ["NaN spreads"],
        },
        "small spreads replaced as well": {
            "code": _swap(_STANDARDIZE, ("std[std == 0] = 1", "std = np.maximum(std, 1)")),
            "caught_by": ["standardize-train"],
            "says": ["exactly 0"],
        },
        "minmax instead": {
            "code": _swap(_MINMAX, ("def minmax", "def standardize")),
            "caught_by": ["standardize-worked", "standardize-train"],
            "says": ["scaling to 0 … 1"],
        },
        "train alone comes back": {
            "code": _swap(
                _STANDARDIZE, ("return (train - mean) / std, (other - mean) / std", "return (train - mean) / std")
            ),
            "caught_by": ["standardize-worked"],
            "says": ["return two arrays"],
        },
        "scaled in place": {
            "code": _swap(
                _STANDARDIZE, ("return (train", "train -= mean\n    train /= std\n    return train, (train")
            ).replace("(train - mean) / std, (other", "(other"),
            "caught_by": ["standardize-worked"],
            "says": ["changes its input"],
        },
    },
    "batchnorm_forward": {
        "eps in the account": {
            "code": _swap(_FORWARD, ("(1 - momentum) * var", "(1 - momentum) * (var + eps)")),
            "caught_by": ["batchnorm_forward-moving"],
            "says": ["after several batches"],
        },
        "a single vector taken for the test mode": {
            "code": _swap(_FORWARD, ("    if training:", "    if training and len(x) > 1:")),
            "caught_by": ["batchnorm_forward-moving"],
            "says": ["a single vector is its own mean"],
        },
        "the account kept between calls": {
            "code": "kept = {}\n"
            + _swap(
                _FORWARD,
                (
                    "        moving_mean = momentum",
                    "        moving_mean = kept.get(len(gamma), moving_mean)\n        moving_mean = momentum",
                ),
                ("    else:", "        kept[len(gamma)] = moving_mean\n    else:"),
            ),
            "caught_by": ["batchnorm_forward-moving"],
            "says": ["keep nothing"],
        },
        "standard deviations averaged": {
            "code": _swap(
                _FORWARD,
                (
                    "moving_var = momentum * moving_var + (1 - momentum) * var",
                    "moving_var = (momentum * np.sqrt(moving_var) + (1 - momentum) * np.sqrt(var)) ** 2",
                ),
            ),
            "caught_by": ["batchnorm_forward-moving", "batchnorm_forward-defaults"],
            "says": ["0.9 · 1 + 0.1 · 5"],
        },
        "one mean a pixel": {
            "code": _swap(_FORWARD, ("axes = tuple(range(x.ndim - 1))", "axes = 0")),
            "caught_by": ["batchnorm_forward-maps"],
            "says": ["not one per pixel"],
        },
        "over the channels of one image": {
            "code": _swap(
                _FORWARD,
                ("x.mean(axis=axes)", "x.mean(axis=-1, keepdims=True)"),
                ("x.var(axis=axes)", "x.var(axis=-1, keepdims=True)"),
            ),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps"],
            "says": ["not over the channels"],
        },
        "unbiased variance": {
            "code": _swap(_FORWARD, ("x.var(axis=axes)", "x.var(axis=axes, ddof=1)")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps", "batchnorm_forward-moving"],
            "says": ["biased"],
        },
        "unbiased in the account only": {
            "code": _swap(_FORWARD, ("(1 - momentum) * var", "(1 - momentum) * x.var(axis=axes, ddof=1)")),
            "caught_by": ["batchnorm_forward-moving"],
            "says": ["takes the biased variance too"],
        },
        "momentum the other way round": {
            "code": _swap(
                _FORWARD,
                (_ACCOUNT[0], "moving_mean = (1 - momentum) * moving_mean + momentum * mean"),
                (_ACCOUNT[1], "moving_var = (1 - momentum) * moving_var + momentum * var"),
            ),
            "caught_by": ["batchnorm_forward-moving", "batchnorm_forward-defaults"],
            "says": ["the other convention"],
        },
        "batch statistics at test time": {
            "code": _swap(
                _FORWARD, ("mean, var = moving_mean, moving_var", "mean, var = x.mean(axis=axes), x.var(axis=axes)")
            ),
            "caught_by": ["batchnorm_forward-test", "batchnorm_forward-defaults"],
            "says": ["moving statistics count"],
        },
        "moving statistics in training": {
            "code": _swap(_FORWARD, ("    xhat =", "    mean, var = moving_mean, moving_var\n    xhat =")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps"],
            "says": ["the batch's own statistics count"],
        },
        "the account moves at test time": {
            "code": """
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    axes = tuple(range(x.ndim - 1))
    mean, var = x.mean(axis=axes), x.var(axis=axes)
    new_mean = momentum * moving_mean + (1 - momentum) * mean
    new_var = momentum * moving_var + (1 - momentum) * var
    if not training:
        mean, var = moving_mean, moving_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, new_mean, new_var
""",
            "caught_by": ["batchnorm_forward-test"],
            "says": ["stays as it is"],
        },
        "no account at all": {
            "code": _swap(_FORWARD, (_ACCOUNT[0], "pass"), (_ACCOUNT[1], "pass")),
            "caught_by": ["batchnorm_forward-moving", "batchnorm_forward-defaults"],
            "says": ["updated during training"],
        },
        "the account becomes the batch": {
            "code": _swap(_FORWARD, (_ACCOUNT[0], "moving_mean = mean"), (_ACCOUNT[1], "moving_var = var")),
            "caught_by": ["batchnorm_forward-moving", "batchnorm_forward-defaults"],
            "says": ["moves a little"],
        },
        "the account in place": {
            "code": _swap(
                _FORWARD,
                (_ACCOUNT[0], "moving_mean *= momentum\n        moving_mean += (1 - momentum) * mean"),
                (_ACCOUNT[1], "moving_var *= momentum\n        moving_var += (1 - momentum) * var"),
            ),
            "caught_by": ["batchnorm_forward-moving"],
            "says": ["changes its input"],
        },
        "eps outside the root": {
            "code": _swap(_FORWARD, ("np.sqrt(var + eps)", "(np.sqrt(var) + eps)")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps", "batchnorm_forward-defaults"],
            "says": ["under the root"],
        },
        "no eps": {
            "code": _swap(_FORWARD, ("np.sqrt(var + eps)", "np.sqrt(var)")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps"],
            "says": ["eps is missing"],
        },
        "no root": {
            "code": _swap(_FORWARD, ("np.sqrt(var + eps)", "(var + eps)")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-test"],
            "says": ["root of the variance"],
        },
        "beta before gamma": {
            "code": _swap(_FORWARD, ("gamma * xhat + beta", "gamma * (xhat + beta)")),
            "caught_by": ["batchnorm_forward-train", "batchnorm_forward-maps"],
            "says": ["gamma multiplies first"],
        },
        "gamma and beta forgotten at test time": {
            "code": _swap(
                _FORWARD,
                (
                    "        mean, var = moving_mean, moving_var\n",
                    "        return (x - moving_mean) / np.sqrt(moving_var + eps), moving_mean, moving_var\n",
                ),
            ),
            "caught_by": ["batchnorm_forward-test"],
            "says": ["belong to the test mode as well"],
        },
    },
    "batchnorm_backward": {
        "steps: kept dimensions": {
            "code": _swap(
                _BACKWARD, ("(dxhat * centred).sum(axis=over)", "(dxhat * centred).sum(axis=over, keepdims=True)")
            ),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["needs no keepdims"],
        },
        "steps: eps forgotten": {
            "code": _swap(_BACKWARD, ("inv = (var + eps) ** -0.5", "inv = var**-0.5")),
            "caught_by": ["batchnorm_backward-steps-any"],
            "says": ["gradient of var"],
        },
        "steps: the root's derivative squared instead of cubed": {
            "code": _swap(_BACKWARD, ("inv**3", "inv**2")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["the gradient of var is wrong"],
        },
        "the mean of x̂ instead of x̂": {
            "code": _swap(_BACKWARD, ("xhat * dgamma / m", "xhat.mean(axis=axes) * dgamma / m")),
            "caught_by": ["batchnorm_backward-worked", "batchnorm_backward-gradient", "batchnorm_backward-maps"],
            "says": ["path through the variance is missing"],
        },
        "gamma twice in dx": {
            "code": _swap(_BACKWARD, ("dx = gamma / root", "dx = gamma**2 / root")),
            "caught_by": ["batchnorm_backward-gradient", "batchnorm_backward-maps"],
            "says": ["slope of your own batchnorm_forward"],
        },
        "as if mean and variance were constants": {
            "code": _swap(_BACKWARD, ("(dout - dbeta / m - xhat * dgamma / m)", "dout")),
            "caught_by": ["batchnorm_backward-worked", "batchnorm_backward-gradient", "batchnorm_backward-maps"],
            "says": ["two paths are missing"],
        },
        "the path through the variance missing": {
            "code": _swap(_BACKWARD, (" - xhat * dgamma / m)", ")")),
            "caught_by": ["batchnorm_backward-worked", "batchnorm_backward-gradient"],
            "says": ["through the variance"],
        },
        "the path through the mean missing": {
            "code": _swap(_BACKWARD, ("dout - dbeta / m - xhat", "dout - xhat")),
            "caught_by": ["batchnorm_backward-worked", "batchnorm_backward-gradient"],
            "says": ["through the mean"],
        },
        "sums instead of means": {
            "code": _swap(_BACKWARD, ("    m = x.size // x.shape[-1]", "    m = 1")),
            "caught_by": ["batchnorm_backward-worked", "batchnorm_backward-gradient"],
            "says": ["only 1/m of its gradient"],
        },
        "m is the batch size only": {
            "code": _swap(_BACKWARD, ("m = x.size // x.shape[-1]", "m = len(x)")),
            "caught_by": ["batchnorm_backward-maps"],
            "says": ["N·H·W"],
        },
        "gamma forgotten in dx": {
            "code": _swap(_BACKWARD, ("gamma / root", "1 / root")),
            "caught_by": ["batchnorm_backward-gradient", "batchnorm_backward-maps"],
            "says": ["slope"],
        },
        "means for gamma and beta": {
            "code": _swap(_BACKWARD, ("return dx, dgamma, dbeta", "return dx, dgamma / m, dbeta / m")),
            "caught_by": ["batchnorm_backward-sums"],
            "says": ["not its mean"],
        },
        "dgamma with x": {
            "code": _swap(_BACKWARD, ("return dx, dgamma, dbeta", "return dx, (dout * x).sum(axis=axes), dbeta")),
            "caught_by": ["batchnorm_backward-sums"],
            "says": ["standardised x̂"],
        },
        "dbeta before dgamma": {
            "code": _swap(_BACKWARD, ("return dx, dgamma, dbeta", "return dx, dbeta, dgamma")),
            "caught_by": ["batchnorm_backward-sums"],
            "says": ["the order is dx, dgamma, dbeta"],
        },
        "eps forgotten": {
            "code": _swap(_BACKWARD, ("x.var(axis=axes) + eps", "x.var(axis=axes)")),
            "caught_by": ["batchnorm_backward-sums", "batchnorm_backward-gradient"],
            "says": ["eps under the root"],
        },
        "unbiased variance": {
            "code": _swap(_BACKWARD, ("x.var(axis=axes)", "x.var(axis=axes, ddof=1)")),
            "caught_by": ["batchnorm_backward-sums", "batchnorm_backward-worked", "batchnorm_backward-gradient"],
            "says": ["dgamma is the sum of dout · x̂"],
        },
        "over the batch only": {
            "code": _swap(
                _BACKWARD, ("axes = tuple(range(x.ndim - 1))", "axes = 0"), ("m = x.size // x.shape[-1]", "m = len(x)")
            ),
            "caught_by": ["batchnorm_backward-sums", "batchnorm_backward-maps"],
            "says": ["for maps"],
        },
        "steps: gamma forgotten": {
            "code": _swap(_BACKWARD, ("dxhat = dout * gamma", "dxhat = dout")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["gamma stands between"],
        },
        "steps: the contributions of inv not added up": {
            "code": _swap(_BACKWARD, ("dinv = (dxhat * centred).sum(axis=over)", "dinv = dxhat * centred")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["add up the contributions"],
        },
        "steps: a mean for inv": {
            "code": _swap(_BACKWARD, ("dinv = (dxhat * centred).sum(", "dinv = (dxhat * centred).mean(")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["only a mean divides by m"],
        },
        "steps: the wrong sign of the root's derivative": {
            "code": _swap(_BACKWARD, ("-0.5 * dinv", "0.5 * dinv")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["is negative"],
        },
        "steps: the derivative of the root instead of its inverse": {
            "code": _swap(_BACKWARD, ("-0.5 * dinv * inv**3", "0.5 * dinv * inv")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["is not that of"],
        },
        "steps: c without the way through the variance": {
            "code": _swap(_BACKWARD, (" + dvar * 2 * centred / count", "")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["the way through v is missing"],
        },
        "steps: c without the way through xhat": {
            "code": _swap(_BACKWARD, ("dxhat * inv + dvar", "dvar")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["the way through x̂ is missing"],
        },
        "steps: the variance as a sum": {
            "code": _swap(_BACKWARD, ("2 * centred / count", "2 * centred")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["v is a mean"],
        },
        "steps: the sign of the mean": {
            "code": _swap(_BACKWARD, ("dmu = -dcentred", "dmu = dcentred")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["the other sign"],
        },
        "steps: x without the way through the mean": {
            "code": _swap(_BACKWARD, ('"x": dcentred + dmu / count', '"x": dcentred')),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["the way through μ is missing"],
        },
        "steps: the mean as a sum": {
            "code": _swap(_BACKWARD, ("dmu / count", "dmu")),
            "caught_by": ["batchnorm_backward-steps", "batchnorm_backward-steps-any"],
            "says": ["gets 1/m of its gradient"],
        },
        "steps: m is the batch size only": {
            "code": _swap(_BACKWARD, ("count = x.size // x.shape[-1]", "count = len(x)")),
            "caught_by": ["batchnorm_backward-steps-any"],
            "says": ["N·H·W"],
        },
        "steps: a node left out": {
            "code": _swap(_BACKWARD, ('"mean": dmu, ', "")),
            "caught_by": ["batchnorm_backward-steps"],
            "says": ["the nodes are"],
        },
    },
    "net_gradients": {
        "no batch norm": {
            "code": _swap(
                _NET,
                ('a = batchnorm_forward(z, params["gamma"], params["beta"], start, start + 1, 0.9, eps)[0]', "a = z"),
            ),
            "caught_by": ["net_gradients-loss", "net_gradients-slopes", "net_gradients-any"],
            "says": ["batch norm is missing"],
        },
        "as many classes as the labels say": {
            "code": _swap(_NET, ("np.eye(p.shape[1])[y]", "np.eye(y.max() + 1)[y]")),
            "caught_by": ["net_gradients-any"],
            "says": ["only class 0 occurs"],
        },
        "a probability clipped in the logarithm": {
            "code": _swap(
                _NET,
                (
                    "(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]).mean()",
                    "-np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1)).mean()",
                ),
            ),
            "caught_by": ["net_gradients-any"],
            "says": ["scores of 1,000"],
        },
        "the gradient of the right class alone": {
            "code": _swap(_NET, ("ds = (p - onehot) / len(y)", "ds = (p - onehot) * onehot / len(y)")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of b2"],
        },
        "a sum over the images": {
            "code": _swap(_NET, ("y]).mean()", "y]).sum()")),
            "caught_by": ["net_gradients-loss"],
            "says": ["not a sum"],
        },
        "the gradient of the sum": {
            "code": _swap(_NET, (") / len(y)", ")")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["divide by N"],
        },
        "uphill": {
            "code": _swap(_NET, ("(p - onehot)", "(onehot - p)")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["the sign is wrong"],
        },
        "ReLU left out on the way back": {
            "code": _swap(_NET, ("da = dh * (a > 0)", "da = dh")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of beta"],
        },
        "ReLU's slope by h of the scores": {
            "code": _swap(_NET, ("da = dh * (a > 0)", "da = dh * (z > 0)")),
            "caught_by": ["net_gradients-slopes"],
            "says": ["gradient of beta"],
        },
        "batch norm left out on the way back": {
            "code": _swap(
                _NET,
                (
                    'dz, dgamma, dbeta = batchnorm_backward(da, z, params["gamma"], eps)',
                    'dz, dgamma, dbeta = da, batchnorm_backward(da, z, params["gamma"], eps)[1], da.sum(axis=0)',
                ),
            ),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of W1"],
        },
        "a instead of z": {
            "code": _swap(_NET, ("batchnorm_backward(da, z,", "batchnorm_backward(da, a,")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of"],
        },
        "eps not passed on": {
            "code": _swap(
                _NET, ('batchnorm_backward(da, z, params["gamma"], eps)', 'batchnorm_backward(da, z, params["gamma"])')
            ),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of"],
        },
        "test mode": {
            "code": _swap(_NET, ("start, start + 1, 0.9, eps)[0]", "start, start + 1, 0.9, eps, False)[0]")),
            "caught_by": ["net_gradients-loss", "net_gradients-slopes"],
            "says": ["training mode"],
        },
        "no bias": {
            "code": _swap(_NET, ('h @ params["W2"] + params["b2"]', 'h @ params["W2"]')),
            "caught_by": ["net_gradients-loss"],
            "says": ["dense with bias"],
        },
        "the bias by a mean": {
            "code": _swap(_NET, ("ds.sum(axis=0)", "ds.mean(axis=0)")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of b2"],
        },
        "overflow": {
            "code": _swap(_NET, ("    s = s - s.max(axis=1, keepdims=True)\n", "")),
            "caught_by": ["net_gradients-any"],
            "says": ["overflow"],
        },
        "a of the first layer for W2": {
            "code": _swap(_NET, ("h.T @ ds", "a.T @ ds")),
            "caught_by": ["net_gradients-slopes", "net_gradients-any"],
            "says": ["gradient of W2"],
        },
        "gradients alone": {
            "code": _swap(_NET, ("return loss, {", "return {")),
            "caught_by": ["net_gradients-loss"],
            "says": ["two things"],
        },
    },
    "init_std": {
        "a KeyError for an unknown scheme": {
            "code": _swap(_INIT, ("raise ValueError(scheme)", "return {}[scheme]")),
            "caught_by": ["init_std-keras"],
            "says": ["should raise ValueError"],
        },
        "a word within the scheme": {
            "code": _swap(_INIT, ('scheme == "random_uniform"', '"random" in scheme')),
            "caught_by": ["init_std-keras"],
            "says": ["does not exist"],
        },
        "the truncated normal's factor": {
            "code": _swap(
                _INIT,
                (
                    'if scheme in ("he_uniform", "he_normal"):\n        return np.sqrt(2 / fan_in)',
                    'if scheme in ("he_uniform", "he_normal"):\n        return (0.8796 if scheme == "he_normal" else 1) * np.sqrt(2 / fan_in)',
                ),
            ),
            "caught_by": ["init_std-dense", "init_std-conv", "init_std-keras"],
            "says": ["√(2 / 100)"],
        },
        "the limit instead of the standard deviation": {
            "code": _swap(_INIT, ("np.sqrt(2 / (fan_in + fan_out))", "np.sqrt(6 / (fan_in + fan_out))")),
            "caught_by": ["init_std-dense", "init_std-conv", "init_std-keras"],
            "says": ["limit / √3"],
        },
        "the variance": {
            "code": _swap(_INIT, ("np.sqrt(2 / (fan_in + fan_out))", "2 / (fan_in + fan_out)")),
            "caught_by": ["init_std-dense", "init_std-conv"],
            "says": ["take its root"],
        },
        "fans without the window": {
            "code": _swap(_INIT, ("np.prod(shape[:-2]) if len(shape) > 2 else 1", "1")),
            "caught_by": ["init_std-conv", "init_std-keras"],
            "says": ["window counts in both fans"],
        },
        "fan_out without the window": {
            "code": _swap(_INIT, ("window * shape[-1]", "shape[-1]")),
            "caught_by": ["init_std-conv"],
            "says": ["in fan_out as well"],
        },
        "the first two numbers as fans": {
            "code": _swap(_INIT, ("window * shape[-2], window * shape[-1]", "shape[0], shape[1]")),
            "caught_by": ["init_std-conv"],
            "says": ["the window"],
        },
        "a square window taken for granted": {
            "code": _swap(_INIT, ("np.prod(shape[:-2]) if", "shape[0] ** 2 if")),
            "caught_by": ["init_std-conv"],
            "says": ["k_h · k_w"],
        },
        "He by fan_out": {
            "code": _swap(_INIT, ("np.sqrt(2 / fan_in)", "np.sqrt(2 / fan_out)")),
            "caught_by": ["init_std-dense", "init_std-conv"],
            "says": ["fan_in"],
        },
        "He without its 2": {
            "code": _swap(_INIT, ("np.sqrt(2 / fan_in)", "np.sqrt(1 / fan_in)")),
            "caught_by": ["init_std-dense"],
            "says": ["He has a 2 above"],
        },
        "random uniform: its limit": {
            "code": _swap(_INIT, ("0.05 / np.sqrt(3)", "0.05")),
            "caught_by": ["init_std-dense", "init_std-keras"],
            "says": ["0.05 / √3"],
        },
        "a smaller spread for uniform": {
            "code": _swap(
                _INIT,
                (
                    '    if scheme in ("he_uniform", "he_normal"):',
                    '    if scheme == "he_uniform":\n        return np.sqrt(2 / fan_in) / np.sqrt(3)\n    if scheme == "he_normal":',
                ),
            ),
            "caught_by": ["init_std-conv", "init_std-keras"],
            "says": ["√(2 / 144)"],
        },
        "any scheme is He": {
            "code": _swap(_INIT, ("    raise ValueError(scheme)", "    return np.sqrt(2 / fan_in)")),
            "caught_by": ["init_std-keras"],
            "says": ["does not exist"],
        },
    },
    "gradients_by_depth": {
        "a leaky ReLU": {
            "code": _swap(_GRADIENTS, ("np.maximum(z, 0)", "np.maximum(z, 0.01 * z)")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["negative sums become 0"],
        },
        "the largest entry instead of the norm": {
            "code": _swap(_GRADIENTS, ("np.sqrt((gradient**2).sum())", "np.abs(gradient).max()")),
            "caught_by": ["gradients_by_depth-worked", "gradients_by_depth-numbers"],
            "says": ["norms 5 and 1.414"],
        },
        "no activation": {
            "code": _swap(_GRADIENTS, ('        if activation == "relu":\n            z = np.maximum(z, 0)\n', "")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["activation is missing"],
        },
        "weights transposed": {
            "code": _swap(_GRADIENTS, ("layers[-1] @ w", "layers[-1] @ w.T")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["mismatch"],
        },
        "every layer from x": {
            "code": _swap(_GRADIENTS, ("layers[-1] @ w", "x @ w")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["starts from the one before it"],
        },
        "the input left out": {
            "code": _swap(_GRADIENTS, ("return layers", "return layers[1:]")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["begins with x"],
        },
        "the last layer linear": {
            "code": _swap(_GRADIENTS, ("return layers", "layers[-1] = layers[-2] @ weights[-1]\n    return layers")),
            "caught_by": ["gradients_by_depth-signal-any"],
            "says": ["differs from the same net"],
        },
        "tanh forgotten": {
            "code": _swap(_GRADIENTS, ('        if activation == "tanh":\n            z = np.tanh(z)\n', "")),
            "caught_by": ["gradients_by_depth-signal-any"],
            "says": ["tanh"],
        },
        "any activation accepted": {
            "code": _swap(
                _GRADIENTS,
                ('    if activation not in ("linear", "relu", "tanh"):\n        raise ValueError(activation)\n', ""),
            ),
            "caught_by": ["gradients_by_depth-signal-any"],
            "says": ["an activation not in the list"],
        },
        "spreads instead of activations": {
            "code": _swap(_GRADIENTS, ("return layers", "return [float(h.std()) for h in layers]")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["begins with x"],
        },
        "negative part kept": {
            "code": _swap(_GRADIENTS, ("np.maximum(z, 0)", "np.abs(z)")),
            "caught_by": ["gradients_by_depth-signal", "gradients_by_depth-signal-any"],
            "says": ["negative sums become 0"],
        },
        "last layer first": {
            "code": _swap(_GRADIENTS, ("return norms[::-1]", "return norms")),
            "caught_by": ["gradients_by_depth-worked", "gradients_by_depth-numbers"],
            "says": ["first layer first"],
        },
        "norms of delta": {
            "code": _swap(_GRADIENTS, ("gradient = layers[l - 1].T @ delta", "gradient = delta")),
            "caught_by": ["gradients_by_depth-worked", "gradients_by_depth-numbers"],
            "says": ["norms of δ"],
        },
        "activations of the wrong layer": {
            "code": _swap(_GRADIENTS, ("layers[l - 1].T @ delta", "layers[l].T @ delta")),
            "caught_by": ["gradients_by_depth-worked", "gradients_by_depth-numbers"],
            "says": ["of the layer before it"],
        },
        "squares": {
            "code": _swap(_GRADIENTS, ("np.sqrt((gradient**2).sum())", "(gradient**2).sum()")),
            "caught_by": ["gradients_by_depth-worked", "gradients_by_depth-numbers"],
            "says": ["root of the sum of squares"],
        },
        "derivative forgotten": {
            "code": _swap(_GRADIENTS, ("delta * (h > 0)", "delta"), ("delta * (1 - h**2)", "delta")),
            "caught_by": ["gradients_by_depth-numbers"],
            "says": ["derivative of the activation"],
        },
        "the derivative of tanh at h": {
            "code": _swap(_GRADIENTS, ("1 - h**2", "1 - np.tanh(h) ** 2")),
            "caught_by": ["gradients_by_depth-numbers"],
            "says": ["tanh"],
        },
        "the derivative of the last layer only": {
            "code": _swap(_GRADIENTS, ('if activation == "tanh":', 'if activation == "tanh" and l == len(weights):')),
            "caught_by": ["gradients_by_depth-numbers"],
            "says": ["in every layer"],
        },
        "spectral norm": {
            "code": _swap(_GRADIENTS, ("np.sqrt((gradient**2).sum())", "np.linalg.norm(gradient, 2)")),
            "caught_by": ["gradients_by_depth-numbers"],
            "says": ["measured slopes"],
        },
        "the mean over the batch": {
            "code": _swap(_GRADIENTS, ("layers[l - 1].T @ delta", "layers[l - 1].T @ delta / len(dout)")),
            "caught_by": ["gradients_by_depth-numbers"],
            "says": ["measured slopes"],
        },
    },
    "fold_batchnorm": {
        "beta scaled": {
            "code": _swap(_FOLD, ("* scale + beta", "* scale + beta * scale")),
            "caught_by": ["fold_batchnorm-outputs"],
            "says": ["folded convolution answers differently"],
        },
        "the kernel in place": {
            "code": _swap(_FOLD, ("    return kernel * scale", "    kernel *= scale\n    return kernel")),
            "caught_by": ["fold_batchnorm-worked"],
            "says": ["work on a copy"],
        },
        "the bias unscaled": {
            "code": _swap(_FOLD, ("(bias - moving_mean) * scale + beta", "bias - moving_mean * scale + beta")),
            "caught_by": ["fold_batchnorm-worked", "fold_batchnorm-outputs"],
            "says": ["old bias is scaled"],
        },
        "the mean unscaled": {
            "code": _swap(_FOLD, ("(bias - moving_mean) * scale + beta", "bias * scale - moving_mean + beta")),
            "caught_by": ["fold_batchnorm-worked", "fold_batchnorm-outputs"],
            "says": ["subtracted before the scaling"],
        },
        "scaled by the input channel": {
            "code": _swap(_FOLD, ("kernel * scale,", "kernel * np.resize(scale, kernel.shape[2])[:, None],")),
            "caught_by": ["fold_batchnorm-outputs"],
            "says": ["for each output channel"],
        },
        "the variance's root forgotten": {
            "code": _swap(_FOLD, ("np.sqrt(moving_var + eps)", "(moving_var + eps)")),
            "caught_by": ["fold_batchnorm-worked", "fold_batchnorm-outputs"],
            "says": ["√(var + eps)"],
        },
        "no bias for a convolution without one": {
            "code": _swap(_FOLD, ("        bias = np.zeros(kernel.shape[-1])", "        return kernel * scale, None")),
            "caught_by": ["fold_batchnorm-outputs"],
            "says": ["None"],
        },
    },
}

# Without effect: m is divided without a rest; in training mode the moving statistics are not read; maximum and a membership test
# do not ask for an order; where a is exactly 0 either slope of ReLU may be taken.
EQUIVALENT_MUTANTS = {
    "batchnorm_backward": {"x.size // x.shape[-1] → x.size / x.shape[-1]"},
    "net_gradients": {
        "np.zeros(z.shape[1]) → np.ones(z.shape[1])",
        "np.maximum(a, 0) → np.maximum(0, a)",
        "a > 0 → a >= 0",
    },
    "init_std": {"('glorot', 'he', 'lecun') → ('he', 'glorot', 'lecun')"},
    "gradients_by_depth": {"np.maximum(z, 0) → np.maximum(0, z)"},
}
