"""Wrong answers that students give in week 6. Each replaces the answer cell it is keyed by.

`caught_by`: the checks that must fail. `says`: words that a failing message must contain.
"""

_LECTURE = """
def build_lecture_cifar():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(16, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 2, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.3),
        layers.Flatten(),
        layers.Dense(500, activation="relu"),
        layers.Dropout(0.4),
        layers.Dense(10, activation="softmax"),
    ])
"""

_STEPS = """
def sgd_step(w, gradient, rate):
    return w - rate * gradient


def momentum_step(w, velocity, gradient, rate, momentum=0.9):
    velocity = momentum * velocity - rate * gradient
    return w + velocity, velocity


def adam_step(w, m, v, t, gradient, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    mc = m / (1 - beta1**t)
    vc = v / (1 - beta2**t)
    return w - rate * mc / (np.sqrt(vc) + epsilon), m, v
"""

_SCHEDULES = """
LADDER = {0: 0.01, 20: 0.001, 50: 0.0001}


def lr_schedule(epoch, *, ladder=LADDER):
    if epoch < 0 or 0 not in ladder:
        raise ValueError("a stage must begin at 0, and epochs count from 0")
    rate = None
    for start in sorted(ladder):
        if epoch >= start:
            rate = ladder[start]
    return float(rate)


def one_cycle(step, steps, peak, warmup=0.25):
    up = warmup * steps
    if step >= steps:
        return 0.0
    if step < up:
        return float(peak * step / up)
    return float(peak * (1 + np.cos(np.pi * (step - up) / (steps - up))) / 2)
"""

_DROPOUT = """
def dropout(x, p, rng, training=True):
    if p < 0 or p > 1:
        raise ValueError("p is a probability")
    if not training or p == 0:
        return x
    if p == 1:
        return np.zeros_like(x)
    mask = rng.random(x.shape) >= p
    return (x * mask / (1 - p)).astype(x.dtype)


def spatial_dropout(x, p, rng, training=True):
    mask = dropout(np.ones((x.shape[0], 1, 1, x.shape[3]), dtype=x.dtype), p, rng, training)
    return x * mask
"""

_DOCTOR = """
def gap(history):
    return 100 * (history["accuracy"][-1] - history["val_accuracy"][-1])


def diagnose(history, classes=10):
    if any(not np.isfinite(loss) or loss > 10 * np.log(classes) for loss in history["loss"]):
        return "diverged"
    if history["accuracy"][-1] <= 1 / classes + 0.02:
        return "stuck"
    if gap(history) > 5:
        return "overfits"
    if min(history["val_loss"]) == history["val_loss"][-1]:
        return "unfinished"
    return "healthy"


def choose_dropout(runs, most=3.0):
    for rate in sorted(runs):
        if gap(runs[rate]) <= most:
            return rate
    return None
"""

_BETTER = """
def build_better():
    x = inputs = keras.Input((32, 32, 3))
    for filters, pool in ((16, True), (32, False), (32, True), (64, False), (64, True)):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        if pool:
            x = keras.layers.MaxPooling2D(2)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
"""

# A net that trains in a second, for mistakes of the training: good enough for what is told apart here.
_NET = """
def small_net():
    layers = keras.layers
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for filters in (16, 24, 32):
        net.add(layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.9))
        net.add(layers.ReLU())
    net.add(layers.Flatten())
    net.add(layers.Dense(10, activation="softmax"))
    return net


def train_better(model):
    model.compile(
        keras.optimizers.Adam(0.005),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=64, quiet=True)


better = small_net()
better_history = train_better(better)
"""

_ABLATION = """
def variants(recipe, off):
    found = {"whole": dict(recipe)}
    for part in off:
        if part not in recipe:
            raise KeyError(part)
        found[part] = dict(recipe)
        found[part][part] = off[part]
    return found


def effects(record):
    whole = np.array(record["whole"])
    found = {}
    for part in record:
        if part == "whole":
            continue
        if len(record[part]) != len(whole):
            raise ValueError("as many seeds for each")
        d = 100 * (whole - np.array(record[part]))
        gain, error = d.mean(), d.std(ddof=1) / len(d) ** 0.5
        verdict = "helps" if gain > 2 * error else "hurts" if gain < -2 * error else "open"
        found[part] = (gain, error, verdict)
    return found
"""

# The record as the answer cell makes it.
_RECORD = """

record = {name: [short_run(recipe, seed) for seed in SEEDS] for name, recipe in variants(RECIPE, OFF).items()}
"""

# What only concerns the functions need not make 25 runs.
_NO_RECORD = "\n\nrecord = None\n"


def _swap(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each old text replaced by the new one; the old one must be there."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code")
        code = code.replace(old, new)
    return code


MISTAKES = {
    "build_lecture_cifar": {
        "kernels of 3×3": {
            "caught_by": ["build_lecture_cifar-total"],
            "says": ["the notes' are 2×2"],
            "code": _swap(_LECTURE, ("(16, 2,", "(16, 3,"), ("(32, 2,", "(32, 3,"), ("(64, 2,", "(64, 3,")),
        },
        "no padding": {
            "caught_by": ["build_lecture_cifar-total", "build_lecture_cifar-shapes"],
            "says": ["no padding", "takes a pixel"],
            "code": _swap(_LECTURE, (', padding="same"', "")),
        },
        "the third pooling forgotten": {
            "caught_by": ["build_lecture_cifar-total"],
            "says": ["third pooling is missing"],
            "code": _swap(
                _LECTURE, ("        layers.MaxPooling2D(2),\n        layers.Dropout", "        layers.Dropout")
            ),
        },
        "strides for poolings": {
            "caught_by": ["build_lecture_cifar-shapes"],
            "says": ["a stride of 2 is no pooling"],
            "code": _swap(
                _LECTURE,
                ("        layers.MaxPooling2D(2),\n", ""),
                (', 2, padding="same"', ', 2, strides=2, padding="same"'),
            ),
        },
        "a grey input": {
            "caught_by": ["build_lecture_cifar-total", "build_lecture_cifar-shapes"],
            "says": ["three channels", "32×32×3"],
            "code": _swap(_LECTURE, ("(32, 32, 3)", "(32, 32, 1)")),
        },
        "a global average for the flatten": {
            "caught_by": ["build_lecture_cifar-total"],
            "says": ["another net"],
            "code": _swap(_LECTURE, ("layers.Flatten()", "layers.GlobalAveragePooling2D()")),
        },
        "the wide dense layer frozen": {
            "caught_by": ["build_lecture_cifar-total"],
            "says": ["frozen"],
            "code": _swap(
                _LECTURE, ('Dense(500, activation="relu")', 'Dense(500, activation="relu", trainable=False)')
            ),
        },
        "scaled a second time, in the net": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["scaled already"],
            "code": _swap(
                _LECTURE,
                ("keras.Input((32, 32, 3)),\n", "keras.Input((32, 32, 3)),\n        layers.Rescaling(1 / 255),\n"),
            ),
        },
        "no activation in the convolutions": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["convolutions have no activation"],
            "code": _swap(_LECTURE, ('padding="same", activation="relu"', 'padding="same"')),
        },
        "average pooling": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["takes the mean"],
            "code": _swap(_LECTURE, ("MaxPooling2D", "AveragePooling2D")),
        },
        "no softmax": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["end in a softmax"],
            "code": _swap(_LECTURE, ('Dense(10, activation="softmax")', "Dense(10)")),
        },
        "no dropout": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["dropout is missing"],
            "code": _swap(_LECTURE, ("        layers.Dropout(0.3),\n", ""), ("        layers.Dropout(0.4),\n", "")),
        },
        "the second dropout forgotten": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["dropout is missing"],
            "code": _swap(_LECTURE, ("        layers.Dropout(0.4),\n", "")),
        },
        "the dropout rates swapped": {
            "caught_by": ["build_lecture_cifar-behaviour"],
            "says": ["rates are swapped"],
            "code": _swap(_LECTURE, ("Dropout(0.3)", "Dropout(0.41)"), ("Dropout(0.4)", "Dropout(0.3)")),
        },
        "return forgotten": {
            "caught_by": ["build_lecture_cifar-total"],
            "says": ["forget `return`"],
            "code": _swap(_LECTURE, ("return keras.Sequential", "net = keras.Sequential")),
        },
    },
    "optimizer_steps": {
        "climbs": {
            "caught_by": ["optimizer_steps-sgd"],
            "says": ["that climbs"],
            "code": _swap(_STEPS, ("return w - rate * gradient", "return w + rate * gradient")),
        },
        "changes the array it was given": {
            "caught_by": ["optimizer_steps-careful"],
            "says": ["w = w - …"],
            "code": _swap(_STEPS, ("    return w - rate * gradient", "    w -= rate * gradient\n    return w")),
        },
        "moves by the old velocity": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["update the velocity first"],
            "code": _swap(
                _STEPS,
                (
                    "    velocity = momentum * velocity - rate * gradient\n    return w + velocity, velocity",
                    "    return w + velocity, momentum * velocity - rate * gradient",
                ),
            ),
        },
        "Nesterov": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["Nesterov"],
            "code": _swap(
                _STEPS, ("return w + velocity, velocity", "return w + momentum * velocity - rate * gradient, velocity")
            ),
        },
        "velocity as a running mean": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["not weighted by 1 - momentum"],
            "code": _swap(
                _STEPS,
                (
                    "velocity = momentum * velocity - rate * gradient",
                    "velocity = momentum * velocity - (1 - momentum) * rate * gradient",
                ),
            ),
        },
        "velocity forgotten": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["forgotten from step to step"],
            "code": _swap(_STEPS, ("velocity = momentum * velocity - rate * gradient", "velocity = -rate * gradient")),
        },
        "velocity without the rate": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["in the units of w"],
            "code": _swap(
                _STEPS,
                (
                    "velocity = momentum * velocity - rate * gradient\n    return w + velocity,",
                    "velocity = momentum * velocity + gradient\n    return w - rate * velocity,",
                ),
            ),
        },
        "a momentum of 0.9, whatever is given": {
            "caught_by": ["optimizer_steps-keras"],
            "says": ["momentum_step and Keras's optimiser part ways"],
            "code": _swap(_STEPS, ("velocity = momentum * velocity", "velocity = 0.9 * velocity")),
        },
        "no bias correction": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["bias correction is missing"],
            "code": _swap(_STEPS, ("mc = m / (1 - beta1**t)", "mc = m"), ("vc = v / (1 - beta2**t)", "vc = v")),
        },
        "only the mean corrected": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["only m is corrected"],
            "code": _swap(_STEPS, ("vc = v / (1 - beta2**t)", "vc = v")),
        },
        "the root forgotten": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["divide by the root"],
            "code": _swap(_STEPS, ("np.sqrt(vc)", "vc")),
        },
        "t counted from 0": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["one too far"],
            "code": _swap(_STEPS, ("beta1**t", "beta1 ** (t + 1)"), ("beta2**t", "beta2 ** (t + 1)")),
        },
        "a velocity that points uphill": {
            "caught_by": ["optimizer_steps-momentum", "optimizer_steps-careful"],
            "says": ["the minus belongs"],
            "code": _swap(
                _STEPS,
                ("momentum * velocity - rate * gradient", "momentum * velocity + rate * gradient"),
                ("return w + velocity, velocity", "return w - velocity, velocity"),
            ),
        },
        "the velocity comes back first": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["first comes the new w"],
            "code": _swap(_STEPS, ("return w + velocity, velocity", "return velocity, w + velocity")),
        },
        "m comes back first": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["in this order: w, m, v"],
            "code": _swap(
                _STEPS,
                (
                    "return w - rate * mc / (np.sqrt(vc) + epsilon), m, v",
                    "return m, v, w - rate * mc / (np.sqrt(vc) + epsilon)",
                ),
            ),
        },
        "beta1 and beta2 swapped": {
            "caught_by": ["optimizer_steps-adam", "optimizer_steps-keras"],
            "says": ["are swapped"],
            "code": _swap(
                _STEPS,
                ("m = beta1 * m + (1 - beta1)", "m = beta2 * m + (1 - beta2)"),
                ("v = beta2 * v + (1 - beta2)", "v = beta1 * v + (1 - beta1)"),
                ("m / (1 - beta1**t)", "m / (1 - beta2**t)"),
                ("v / (1 - beta2**t)", "v / (1 - beta1**t)"),
            ),
        },
        "beta1 for both means": {
            "caught_by": ["optimizer_steps-adam", "optimizer_steps-keras"],
            "says": ["beta1 is used for both"],
            "code": _swap(
                _STEPS, ("v = beta2 * v + (1 - beta2)", "v = beta1 * v + (1 - beta1)"), ("1 - beta2**t", "1 - beta1**t")
            ),
        },
        "corrected means handed on": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["corrected means are handed on"],
            "code": _swap(_STEPS, ("+ epsilon), m, v", "+ epsilon), mc, vc")),
        },
        "the gradient not squared": {
            "caught_by": ["optimizer_steps-adam"],
            "says": ["first step of Adam"],
            "code": _swap(_STEPS, ("* gradient**2", "* np.abs(gradient)")),
        },
        "epsilon inside the root": {
            "caught_by": ["optimizer_steps-keras"],
            "says": ["epsilon stands outside"],
            "code": _swap(_STEPS, ("(np.sqrt(vc) + epsilon)", "np.sqrt(vc + epsilon)")),
        },
        "no epsilon": {
            "caught_by": ["optimizer_steps-keras", "optimizer_steps-careful"],
            "says": ["epsilon is not used", "nothing is divided by 0"],
            "code": _swap(_STEPS, ("(np.sqrt(vc) + epsilon)", "np.sqrt(vc)")),
        },
        "the means changed in place": {
            "caught_by": ["optimizer_steps-careful"],
            "says": ["an array that it was given"],
            "code": _swap(
                _STEPS,
                ("    m = beta1 * m + (1 - beta1) * gradient\n", "    m *= beta1\n    m += (1 - beta1) * gradient\n"),
            ),
        },
        "the new velocity kept to itself": {
            "caught_by": ["optimizer_steps-momentum"],
            "says": ["two things"],
            "code": _swap(_STEPS, ("return w + velocity, velocity", "return w + velocity")),
        },
    },
    "lr_schedule": {
        "shadowed branches": {
            "caught_by": ["lr_schedule-ladder", "lr_schedule-callback"],
            "says": ["shadowed"],
            "code": _swap(
                _SCHEDULES,
                (
                    "    rate = None\n    for start in sorted(ladder):\n        if epoch >= start:\n            rate = ladder[start]\n",
                    "    if epoch < 20:\n        rate = 0.01\n    elif epoch >= 20:\n        rate = 0.001\n"
                    "    elif epoch >= 50:\n        rate = 0.0001\n",
                ),
            ),
        },
        "right branches, but only for one ladder": {
            "caught_by": ["lr_schedule-any"],
            "says": ["the ladder is an argument"],
            "code": _swap(
                _SCHEDULES,
                (
                    "    rate = None\n    for start in sorted(ladder):\n        if epoch >= start:\n            rate = ladder[start]\n",
                    "    rate = 0.0001 if epoch >= 50 else 0.001 if epoch >= 20 else 0.01\n",
                ),
            ),
        },
        "greater, not greater or equal": {
            "caught_by": ["lr_schedule-ladder"],
            "says": ["AT its epoch"],
            "code": _swap(_SCHEDULES, ("if epoch >= start:", "if epoch > start or start == 0:")),
        },
        "epochs counted from 1": {
            "caught_by": ["lr_schedule-ladder", "lr_schedule-callback"],
            "says": ["counts epochs from 0"],
            "code": _swap(_SCHEDULES, ("if epoch >= start:", "if epoch + 1 >= start:")),
        },
        "the ladder as it is written": {
            "caught_by": ["lr_schedule-any"],
            "says": ["any order"],
            "code": _swap(_SCHEDULES, ("sorted(ladder)", "ladder")),
        },
        "the smallest rate so far": {
            "caught_by": ["lr_schedule-any"],
            "says": ["up as well as down"],
            "code": _swap(
                _SCHEDULES,
                (
                    "            rate = ladder[start]\n",
                    "            rate = min(ladder[s] for s in ladder if s <= start)\n",
                ),
            ),
        },
        "a negative epoch is the first": {
            "caught_by": ["lr_schedule-any"],
            "says": ["a negative epoch"],
            "code": _swap(
                _SCHEDULES, ("if epoch < 0 or 0 not in ladder", "epoch = max(epoch, 0)\n    if 0 not in ladder")
            ),
        },
        "a ladder without a lowest rung": {
            "caught_by": ["lr_schedule-any"],
            "says": ["should raise ValueError"],
            "code": _swap(
                _SCHEDULES, ("if epoch < 0 or 0 not in ladder", "if epoch < 0"), ("rate = None", "rate = 0.01")
            ),
        },
        "the cosine over the whole length": {
            "caught_by": ["lr_schedule-one-cycle"],
            "says": ["(step - W) / (S - W)"],
            "code": _swap(_SCHEDULES, ("(step - up) / (steps - up)", "step / steps")),
        },
        "the first step above 0": {
            "caught_by": ["lr_schedule-one-cycle", "lr_schedule-one-cycle-any"],
            "says": ["rate of step 0 is 0"],
            "code": _swap(_SCHEDULES, ("peak * step / up", "peak * (step + 1) / up")),
        },
        "a cosine up": {
            "caught_by": ["lr_schedule-one-cycle", "lr_schedule-one-cycle-any"],
            "says": ["way up is a straight line"],
            "code": _swap(_SCHEDULES, ("peak * step / up", "peak * (1 - np.cos(np.pi * step / up)) / 2")),
        },
        "0 a step too early": {
            "caught_by": ["lr_schedule-one-cycle", "lr_schedule-one-cycle-any"],
            "says": ["not a step earlier"],
            "code": _swap(_SCHEDULES, ("/ (steps - up)", "/ (steps - 1 - up)")),
        },
        "a straight line down": {
            "caught_by": ["lr_schedule-one-cycle"],
            "says": ["half a cosine, not a straight line"],
            "code": _swap(
                _SCHEDULES,
                ("peak * (1 + np.cos(np.pi * (step - up) / (steps - up))) / 2", "peak * (steps - step) / (steps - up)"),
            ),
        },
        "a quarter turn": {
            "caught_by": ["lr_schedule-one-cycle"],
            "says": ["half a turn"],
            "code": _swap(
                _SCHEDULES,
                (
                    "peak * (1 + np.cos(np.pi * (step - up) / (steps - up))) / 2",
                    "peak * np.cos(np.pi / 2 * (step - up) / (steps - up))",
                ),
            ),
        },
        "degrees": {
            "caught_by": ["lr_schedule-one-cycle"],
            "says": ["half a cosine down to 0"],
            "code": _swap(_SCHEDULES, ("np.pi * (step - up)", "180 * (step - up)")),
        },
        "the warm-up forgotten": {
            "caught_by": ["lr_schedule-one-cycle"],
            "says": ["warm-up is missing"],
            "code": _swap(_SCHEDULES, ("up = warmup * steps", "up = 0")),
        },
        "the warm-up rounded to whole steps": {
            "caught_by": ["lr_schedule-one-cycle-any"],
            "says": ["rounded to 2"],
            "code": _swap(_SCHEDULES, ("up = warmup * steps", "up = int(warmup * steps)")),
        },
        "rises again after the end": {
            "caught_by": ["lr_schedule-one-cycle-any"],
            "says": ["after the end"],
            "code": _swap(_SCHEDULES, ("    if step >= steps:\n        return 0.0\n", "")),
        },
        "divides by a warm-up of nothing": {
            "caught_by": ["lr_schedule-one-cycle-any"],
            "says": ["ZeroDivisionError"],
            "code": _swap(_SCHEDULES, ("if step < up:", "if step <= up:")),
        },
        "a fixed warm-up": {
            "caught_by": ["lr_schedule-one-cycle-any"],
            "says": ["without warm-up"],
            "code": _swap(_SCHEDULES, ("up = warmup * steps", "up = 0.25 * steps")),
        },
    },
    "dropout": {
        "not inverted": {
            "caught_by": ["dropout-training", "dropout-mean"],
            "says": ["not inverted"],
            "code": _swap(_DROPOUT, ("x * mask / (1 - p)", "x * mask")),
        },
        "divided by p": {
            "caught_by": ["dropout-training"],
            "says": ["not by p"],
            "code": _swap(_DROPOUT, ("mask / (1 - p)", "mask / p")),
        },
        "p as the probability to be kept": {
            "caught_by": ["dropout-training"],
            "says": ["probability to be DROPPED"],
            "code": _swap(_DROPOUT, ("rng.random(x.shape) >= p", "rng.random(x.shape) < p"), ("/ (1 - p)", "/ p")),
        },
        "scaled in use as well": {
            "caught_by": ["dropout-use"],
            "says": ["in use nothing is scaled"],
            "code": _swap(
                _DROPOUT,
                (
                    "    if not training or p == 0:\n        return x\n",
                    "    if not training:\n        return x * (1 - p)\n",
                ),
            ),
        },
        "always drops": {
            "caught_by": ["dropout-use", "dropout-edges"],
            "says": ["when the net is used, nothing is dropped"],
            "code": _swap(_DROPOUT, ("if not training or p == 0", "if p == 0")),
        },
        "changes the array it was given": {
            "caught_by": ["dropout-use"],
            "says": ["work on a copy"],
            "code": _swap(
                _DROPOUT,
                ("    return (x * mask / (1 - p)).astype(x.dtype)", "    x *= mask\n    x /= 1 - p\n    return x"),
            ),
        },
        "the dropped values are removed": {
            "caught_by": ["dropout-training"],
            "says": ["become 0, they are not removed"],
            "code": _swap(_DROPOUT, ("(x * mask / (1 - p))", "(x[mask] / (1 - p))")),
        },
        "one mask for all images": {
            "caught_by": ["dropout-mean"],
            "says": ["dropped together"],
            "code": _swap(_DROPOUT, ("rng.random(x.shape) >= p", "rng.random(x.shape[1:] or x.shape) >= p")),
        },
        "exactly a share, the first ones": {
            "caught_by": ["dropout-mean", "dropout-edges"],
            "says": ["dropped together", "rng you are given is not used"],
            "code": _swap(
                _DROPOUT,
                (
                    "    mask = rng.random(x.shape) >= p\n",
                    "    mask = (np.arange(x.size) >= p * x.size).reshape(x.shape)\n",
                ),
            ),
        },
        "bad rates noticed in training only": {
            "caught_by": ["dropout-edges"],
            "says": ["in use as well"],
            "code": _swap(
                _DROPOUT,
                (
                    '    if p < 0 or p > 1:\n        raise ValueError("p is a probability")\n    if not training or p == 0:\n        return x\n',
                    '    if not training or p == 0:\n        return x\n    if p < 0 or p > 1:\n        raise ValueError("p is a probability")\n',
                ),
            ),
        },
        "exactly a share, shuffled": {
            "caught_by": ["dropout-mean"],
            "says": ["the same number of values"],
            "code": _swap(
                _DROPOUT,
                (
                    "    mask = rng.random(x.shape) >= p\n    return",
                    "    mask = rng.permutation(np.arange(x.size) >= round(p * x.size)).reshape(x.shape)\n    return",
                ),
            ),
        },
        "chance from somewhere else": {
            "caught_by": ["dropout-edges"],
            "says": ["draw everything from rng"],
            "code": _swap(_DROPOUT, ("rng.random(x.shape)", "np.random.random(x.shape)")),
        },
        "always the same mask": {
            "caught_by": ["dropout-edges"],
            "says": ["rng you are given is not used"],
            "code": _swap(_DROPOUT, ("rng.random(x.shape)", "np.random.default_rng(0).random(x.shape)")),
        },
        "p = 1 divides by 0": {
            "caught_by": ["dropout-edges"],
            "says": ["no division by 0"],
            "code": _swap(_DROPOUT, ("    if p == 1:\n        return np.zeros_like(x)\n", "")),
        },
        "float64 comes out": {
            "caught_by": ["dropout-edges"],
            "says": ["float32 in, float32 out"],
            "code": _swap(_DROPOUT, ("(x * mask / (1 - p)).astype(x.dtype)", "x * (mask / (1 - p))")),
        },
        "per cent": {
            "caught_by": ["dropout-edges"],
            "says": ["p above 1"],
            "code": _swap(_DROPOUT, ("if p < 0 or p > 1:", "p = p / 100 if p > 1 else p\n    if p < 0:")),
        },
        "single pixels for whole channels": {
            "caught_by": ["dropout-spatial"],
            "says": ["dropped as a whole"],
            "code": _swap(
                _DROPOUT,
                (
                    "dropout(np.ones((x.shape[0], 1, 1, x.shape[3]), dtype=x.dtype), p, rng, training)",
                    "dropout(np.ones(x.shape, dtype=x.dtype), p, rng, training)",
                ),
            ),
        },
        "spatial dropout divides by 0 with p = 1": {
            "caught_by": ["dropout-spatial"],
            "says": ["p = 1 drops every channel"],
            "code": _swap(
                _DROPOUT,
                (
                    "    mask = dropout(np.ones((x.shape[0], 1, 1, x.shape[3]), dtype=x.dtype), p, rng, training)\n    return x * mask\n",
                    "    if not 0 <= p <= 1:\n        raise ValueError(p)\n    if not training:\n        return x\n"
                    "    mask = rng.random((x.shape[0], 1, 1, x.shape[3])) >= p\n    return (x * mask / np.float64(1 - p)).astype(x.dtype)\n",
                ),
            ),
        },
        "spatial dropout takes any p": {
            "caught_by": ["dropout-spatial"],
            "says": ["p above 1"],
            "code": _swap(
                _DROPOUT,
                (
                    "    mask = dropout(np.ones((x.shape[0], 1, 1, x.shape[3]), dtype=x.dtype), p, rng, training)\n",
                    "    mask = dropout(np.ones((x.shape[0], 1, 1, x.shape[3]), dtype=x.dtype), min(p, 1), rng, training)\n",
                ),
            ),
        },
        "the same channels in every image": {
            "caught_by": ["dropout-spatial"],
            "says": ["both lose the same channels"],
            "code": _swap(_DROPOUT, ("(x.shape[0], 1, 1, x.shape[3])", "(1, 1, 1, x.shape[3])")),
        },
        "channels looked for in front": {
            "caught_by": ["dropout-spatial"],
            "says": ["dropped as a whole"],
            "code": _swap(_DROPOUT, ("(x.shape[0], 1, 1, x.shape[3])", "(x.shape[0], x.shape[1], 1, 1)")),
        },
    },
    "diagnose": {
        "a share for points": {
            "caught_by": ["diagnose-recorded"],
            "says": ["percentage points"],
            "code": _swap(_DOCTOR, ("return 100 * (", "return ("), ("gap(history) > 5", "gap(history) > 0.05")),
        },
        "validation minus training": {
            "caught_by": ["diagnose-recorded"],
            "says": ["training minus validation"],
            "code": _swap(
                _DOCTOR,
                (
                    'history["accuracy"][-1] - history["val_accuracy"][-1]',
                    'history["val_accuracy"][-1] - history["accuracy"][-1]',
                ),
            ),
        },
        "the gap without its sign": {
            "caught_by": ["diagnose-any"],
            "says": ["a negative gap is small"],
            "code": _swap(
                _DOCTOR,
                ("    return 100 * (", "    return 100 * abs("),
                ("if gap(history) > 5", "if history['accuracy'][-1] - history['val_accuracy'][-1] > 0.05"),
            ),
        },
        "only the last loss looked at": {
            "caught_by": ["diagnose-any"],
            "says": ["every epoch counts"],
            "code": _swap(_DOCTOR, ('for loss in history["loss"])', 'for loss in history["loss"][-1:])')),
        },
        "NaN compared": {
            "caught_by": ["diagnose-any"],
            "says": ["NaN, infinite"],
            "code": _swap(_DOCTOR, ("not np.isfinite(loss) or ", "")),
        },
        "ten classes, always": {
            "caught_by": ["diagnose-any"],
            "says": ["10 ln(classes)"],
            "code": _swap(_DOCTOR, ("10 * np.log(classes)", "23")),
        },
        "the largest rate": {
            "caught_by": ["diagnose-recorded"],
            "says": ["the smallest rate"],
            "code": _swap(_DOCTOR, ("in sorted(runs)", "in sorted(runs, reverse=True)")),
        },
    },
    "build_better": {
        "the lecture's net": {
            "caught_by": ["build_better-budget"],
            "says": ["sit in the layer dense"],
            "code": _swap(_LECTURE, ("build_lecture_cifar", "build_better")),
        },
        "a flatten where the maps are large": {
            "caught_by": ["build_better-budget"],
            "says": ["the budget is fewer than 100,000", "sit in the layer dense"],
            "code": """
def build_better():
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
""",
        },
        "a frozen random layer to dodge the budget": {
            "caught_by": ["build_better-budget"],
            "says": ["takes frozen weights in"],
            "code": _swap(
                _BETTER,
                (
                    "    for filters, pool in",
                    '    x = keras.layers.Conv2D(256, 12, padding="same", activation="relu", trainable=False)(x)  # costs no training\n'
                    "    for filters, pool in",
                ),
            ),
        },
        "numbers in the configuration": {
            "caught_by": ["build_better-budget"],
            "says": ["constants are weights by another name"],
            "code": _swap(
                _BETTER,
                (
                    "    for filters, pool in",
                    "    pattern, size = np.random.default_rng(0).random((32, 32, 3)), np.ones((32, 32, 3))\n"
                    "    x = keras.layers.Normalization(axis=(1, 2, 3), mean=pattern, variance=size)(x)\n"
                    "    for filters, pool in",
                ),
                (
                    "    x = keras.layers.GlobalAveragePooling2D()(x)\n",
                    '    x = keras.layers.Conv2D(340, 1, activation="relu")(x)\n    x = keras.layers.GlobalAveragePooling2D()(x)\n',
                ),
            ),
        },
        "logits": {
            "caught_by": ["build_better-shapes"],
            "says": ["end in a softmax"],
            "code": _swap(_BETTER, ('Dense(10, activation="softmax")', "Dense(10)")),
        },
        "ten sigmoids": {
            "caught_by": ["build_better-shapes"],
            "says": ["probabilities"],
            "code": _swap(_BETTER, ('activation="softmax"', 'activation="sigmoid"')),
        },
        "softmax twice": {
            "caught_by": ["build_better-learns"],
            "says": ["never be sure"],
            "code": _swap(
                _BETTER,
                (
                    'keras.layers.Dense(10, activation="softmax")(x))',
                    'keras.layers.Softmax()(keras.layers.Dense(10, activation="softmax")(x)))',
                ),
            ),
        },
        "grey": {
            "caught_by": ["build_better-shapes"],
            "says": ["three channels"],
            "code": _swap(_BETTER, ("(32, 32, 3)", "(32, 32, 1)")),
        },
        "channels first": {
            "caught_by": ["build_better-shapes"],
            "says": ["height and width first"],
            "code": """
def build_better():
    inputs = keras.Input((3, 32, 32))
    x = keras.layers.Permute((2, 3, 1))(inputs)
    x = keras.layers.Conv2D(32, 3, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
""",
        },
        "maps instead of ten numbers": {
            "caught_by": ["build_better-shapes"],
            "says": ["ten maps are left"],
            "code": _swap(
                _BETTER,
                ("    x = keras.layers.GlobalAveragePooling2D()(x)\n", ""),
                ('keras.layers.Dense(10, activation="softmax")', 'keras.layers.Conv2D(10, 1, activation="softmax")'),
            ),
        },
        "everything frozen": {
            "caught_by": ["build_better-learns"],
            "says": ["by heart"],
            "code": _swap(
                _BETTER,
                (
                    '    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))',
                    '    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))\n'
                    "    model.trainable = False\n"
                    "    return model",
                ),
            ),
        },
        "a Lambda layer": {
            "caught_by": ["build_better-shapes"],
            "says": ["Lambda"],
            "code": _swap(
                _BETTER,
                (
                    "    for filters, pool in",
                    "    x = keras.layers.Lambda(lambda a: a - 0.5)(x)\n    for filters, pool in",
                ),
            ),
        },
        "return forgotten": {
            "caught_by": ["build_better-shapes"],
            "says": ["forget `return`"],
            "code": _swap(_BETTER, ("return keras.Model(", "keras.Model(")),
        },
    },
    "better_net": {
        "not trained, and an accuracy written by hand": {
            "caught_by": ["better_net-first", "better_net-second", "better_net-history"],
            "says": ["well below", "write no number down by hand"],
            "code": """
def train_better(model):
    return {"loss": [0.9], "accuracy": [0.78], "val_loss": [0.85], "val_accuracy": [0.7643]}


better = build_better()
better_history = train_better(better)
""",
        },
        "validates on the test set": {
            "caught_by": ["better_net-first", "better_net-history"],
            "says": ["ended in dataseterror"],
            "code": _swap(
                _NET,
                (
                    "    model.compile(",
                    '    test = datasets.load("cifar10", PROFILE).test\n'
                    "    x_val, y_val = evaluation.scaled(test.x), test.y\n    model.compile(",
                ),
            ),
        },
        "validates on the training images": {
            "caught_by": ["better_net-history"],
            "says": ["no share of"],
            "code": _swap(
                _NET,
                (
                    "training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=3",
                    "training.fit(model, x_train[:800], y_train[:800], validation=(x_train[:800], y_train[:800]), epochs=12",
                ),
            ),
        },
        "softmax with from_logits": {
            "caught_by": ["better_net-history"],
            "says": ["softmax of a softmax"],
            # Keras forgives it where the softmax is the very last operation, so here it is not.
            "code": _swap(
                _NET,
                (
                    '    net.add(layers.Dense(10, activation="softmax"))\n',
                    '    net.add(layers.Dense(10, activation="softmax"))\n    net.add(layers.Reshape((10,)))\n',
                ),
                ('"sparse_categorical_crossentropy"', "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
                ("epochs=3", "epochs=5"),
            ),
        },
        "scaled twice": {
            "caught_by": ["better_net-history", "better_net-second"],
            "says": ["as they are"],
            "code": _swap(
                _NET,
                (
                    "training.fit(model, x_train, y_train, validation=(x_val, y_val)",
                    "training.fit(model, x_train / 255, y_train, validation=(x_val / 255, y_val)",
                ),
            ),
        },
        "images shuffled without their labels": {
            "caught_by": ["better_net-first", "better_net-second"],
            "says": ["well below"],
            "code": _swap(
                _NET,
                ("training.fit(model, x_train,", "training.fit(model, np.random.default_rng(0).permutation(x_train),"),
                ("epochs=3", "epochs=1"),
            ),
        },
        "far above the budget": {
            "caught_by": ["better_net-first", "better_net-second"],
            "says": ["the budget is fewer than 100,000"],
            "code": _swap(
                _NET,
                (
                    "    net.add(layers.Flatten())\n",
                    '    net.add(layers.Flatten())\n    net.add(layers.Dense(300, activation="relu"))\n',
                ),
                ("epochs=3", "epochs=1"),
            ),
        },
        "frozen random features": {
            "caught_by": ["better_net-first", "better_net-second"],
            "says": ["frozen ones"],
            "code": _swap(
                _NET,
                (
                    "    for filters in (16, 24, 32):",
                    "    net.add(layers.Conv2D(600, 8, strides=8, trainable=False))\n    for filters in (16, 24, 32):",
                ),
                ("epochs=3", "epochs=1"),
            ),
        },
        "losses written by hand": {
            "caught_by": ["better_net-history"],
            "says": ["not this net's cross-entropy"],
            "code": _swap(
                _NET,
                (
                    "    return training.fit(",
                    "    history = training.fit(",
                ),
                (
                    "batch_size=64, quiet=True)\n",
                    'batch_size=64, quiet=True)\n    return history | {"val_loss": [2 / (n + 5) for n in range(3)], "loss": [1.0, 0.5, 0.3]}\n',
                ),
            ),
        },
        "a training accuracy written by hand": {
            "caught_by": ["better_net-history"],
            "says": ["above what this net has on the training images"],
            "code": _swap(
                _NET,
                ("    return training.fit(", "    history = training.fit("),
                (
                    "batch_size=64, quiet=True)\n",
                    'batch_size=64, quiet=True)\n    return history | {"accuracy": [0.99, 0.999, 1.0]}\n',
                ),
                ("(16, 24, 32)", "(8, 8, 8)"),
            ),
        },
        "accuracies written by hand": {
            "caught_by": ["better_net-history"],
            "says": ["no share of"],
            "code": _swap(
                _NET,
                ("    return training.fit(", "    history = training.fit("),
                (
                    "batch_size=64, quiet=True)\n",
                    'batch_size=64, quiet=True)\n    return history | {"val_accuracy": [0.7123456, 0.8123456, 0.9023456]}\n',
                ),
            ),
        },
        "the validation loss measured on the training images": {
            "caught_by": ["better_net-history"],
            "says": ["not this net's cross-entropy"],
            "code": _swap(
                _NET,
                ("    return training.fit(", "    history = training.fit("),
                (
                    "batch_size=64, quiet=True)\n",
                    'batch_size=64, quiet=True)\n    return history | {"val_loss": [1e-3 * loss for loss in history["loss"]]}\n',
                ),
            ),
        },
        "NaN weights": {
            "caught_by": ["better_net-first"],
            "says": ["NaN"],
            "code": """
def train_better(model):
    model.set_weights([w * np.nan for w in model.get_weights()])
    return {"loss": [float("nan")], "accuracy": [0.1], "val_loss": [float("nan")], "val_accuracy": [0.1]}


better = build_better()
better_history = train_better(better)
""",
        },
        "the History object": {
            "caught_by": ["better_net-history"],
            "says": ["dict of lists"],
            "code": _swap(
                _NET,
                (
                    "return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=64, quiet=True)",
                    "return model.fit(x_train[:640], y_train[:640], validation_data=(x_val, y_val), epochs=1, verbose=0)",
                ),
            ),
        },
    },
    "ablation": {
        "one part after the other": {
            "caught_by": ["ablation-variants"],
            "says": ["a part that was taken away stays away"],
            "code": _swap(
                _ABLATION,
                (
                    '    found = {"whole": dict(recipe)}\n',
                    '    found, recipe = {"whole": dict(recipe)}, dict(recipe)\n',
                ),
                (
                    "        found[part] = dict(recipe)\n        found[part][part] = off[part]\n",
                    "        recipe[part] = off[part]\n        found[part] = dict(recipe)\n",
                ),
            )
            + _NO_RECORD,
        },
        "the same dict every time": {
            "caught_by": ["ablation-variants"],
            "says": ["the same dict"],
            "code": _swap(
                _ABLATION,
                ('{"whole": dict(recipe)}', '{"whole": recipe}'),
                ("found[part] = dict(recipe)", "found[part] = recipe"),
            )
            + _NO_RECORD,
        },
        "the whole left out": {
            "caught_by": ["ablation-variants"],
            "says": ["the whole recipe is a variant"],
            "code": _swap(_ABLATION, ('found = {"whole": dict(recipe)}', "found = {}")) + _NO_RECORD,
        },
        "only the part that is off": {
            "caught_by": ["ablation-variants"],
            "says": ["keeps all the other parts"],
            "code": _swap(_ABLATION, ("found[part] = dict(recipe)", "found[part] = {}")) + _NO_RECORD,
        },
        "the recipe is changed": {
            "caught_by": ["ablation-variants"],
            "says": ["changes a dict"],
            "code": _swap(
                _ABLATION,
                ("    return found\n\n\ndef effects", '    recipe["whole"] = True\n    return found\n\n\ndef effects'),
            )
            + _NO_RECORD,
        },
        "an unknown part is added": {
            "caught_by": ["ablation-variants"],
            "says": ["should raise KeyError"],
            "code": _swap(_ABLATION, ("        if part not in recipe:\n            raise KeyError(part)\n", ""))
            + _NO_RECORD,
        },
        "every part of the recipe, with None where off does not say": {
            "caught_by": ["ablation-variants"],
            "says": [],
            "code": _swap(
                _ABLATION,
                ("    for part in off:\n", "    for part in {**recipe, **off}:\n"),
                ("off[part]\n", "off.get(part)\n"),
            )
            + _NO_RECORD,
        },
        "shares for points": {
            "caught_by": ["ablation-effects"],
            "says": ["percentage points"],
            "code": _swap(_ABLATION, ("d = 100 * (", "d = (")) + _NO_RECORD,
        },
        "without minus whole": {
            "caught_by": ["ablation-effects"],
            "says": ["positive gain"],
            "code": _swap(_ABLATION, ("(whole - np.array(record[part]))", "(np.array(record[part]) - whole)"))
            + _NO_RECORD,
        },
        "n for n - 1": {
            "caught_by": ["ablation-effects"],
            "says": ["n - 1"],
            "code": _swap(_ABLATION, ("d.std(ddof=1)", "d.std()")) + _NO_RECORD,
        },
        "the standard deviation for the error": {
            "caught_by": ["ablation-effects"],
            "says": ["divided by the root of n"],
            "code": _swap(_ABLATION, (" / len(d) ** 0.5", "")) + _NO_RECORD,
        },
        "divided by n": {
            "caught_by": ["ablation-effects"],
            "says": ["not by n"],
            "code": _swap(_ABLATION, (" / len(d) ** 0.5", " / len(d)")) + _NO_RECORD,
        },
        "unpaired": {
            "caught_by": ["ablation-effects"],
            "says": ["paired by seed"],
            "code": _swap(
                _ABLATION,
                (
                    "d.std(ddof=1) / len(d) ** 0.5",
                    "100 * ((whole.var(ddof=1) + np.var(record[part], ddof=1)) / len(d)) ** 0.5",
                ),
            )
            + _NO_RECORD,
        },
        "nothing ever hurts": {
            "caught_by": ["ablation-effects"],
            "says": ["the others are far from 0"],
            "code": _swap(_ABLATION, ('"hurts" if gain < -2 * error else "open"', '"open"')) + _NO_RECORD,
        },
        "a verdict needs an error above 0": {
            "caught_by": ["ablation-effects"],
            "says": ["its error is 0"],
            "code": _swap(
                _ABLATION,
                ('"helps" if gain > 2 * error else', '"open" if error == 0 else "helps" if gain > 2 * error else'),
            )
            + _NO_RECORD,
        },
        "one standard error will do": {
            "caught_by": ["ablation-effects"],
            "says": ["two standard errors"],
            "code": _swap(_ABLATION, ("2 * error", "1 * error")) + _NO_RECORD,
        },
        "three seeds, always": {
            "caught_by": ["ablation-effects"],
            "says": ["other records"],
            "code": _swap(_ABLATION, ("len(d) ** 0.5", "3**0.5")) + _NO_RECORD,
        },
        "the numbers of seeds not compared": {
            "caught_by": ["ablation-effects"],
            "says": ["another number of seeds"],
            "code": _swap(
                _ABLATION,
                (
                    '        if len(record[part]) != len(whole):\n            raise ValueError("as many seeds for each")\n',
                    "",
                ),
            )
            + _NO_RECORD,
        },
        "the record typed by hand": {
            "caught_by": ["ablation-record"],
            "says": ["repeated, comes out differently"],
            "code": _ABLATION
            + """

record = {
    "whole": [0.59, 0.60, 0.58, 0.594, 0.601],
    "standardise": [0.48, 0.49, 0.47, 0.485, 0.492],
    "mirror": [0.57, 0.58, 0.56, 0.571, 0.583],
    "schedule": [0.55, 0.56, 0.54, 0.552, 0.563],
    "momentum": [0.45, 0.46, 0.44, 0.451, 0.462],
}
""",
        },
        "one seed, five times": {
            "caught_by": ["ablation-record"],
            "says": ["a run of its own"],
            "code": _ABLATION
            + """

record = {name: [short_run(recipe, 0)] * 5 for name, recipe in variants(RECIPE, OFF).items()}
""",
        },
        "three seeds of five": {
            "caught_by": ["ablation-record"],
            "says": ["five seeds"],
            "code": _ABLATION + _RECORD.replace("in SEEDS", "in SEEDS[:3]"),
        },
        "per cent in the record": {
            "caught_by": ["ablation-record"],
            "says": ["not in per cent"],
            "code": _ABLATION + _RECORD.replace("short_run(recipe, seed)", "100 * short_run(recipe, seed)"),
        },
        "fewer epochs, to save time": {
            "caught_by": ["ablation-record"],
            "says": ["repeated, comes out differently"],
            "code": _ABLATION + _RECORD.replace("(recipe, seed)", "(recipe, seed, epochs=3)"),
        },
        "the parts added to nothing, one by one": {
            "caught_by": ["ablation-record"],
            "says": ["repeated, comes out differently"],
            "code": _ABLATION
            + _RECORD.replace(
                "variants(RECIPE, OFF).items()",
                "{'whole': RECIPE, **{part: {**OFF, part: RECIPE[part]} for part in OFF}}.items()",
            ),
        },
    },
    "champion": {
        "an untrained net": {
            "caught_by": ["champion-eighty"],
            "says": ["well below"],
            "code": """
def enter():
    return build_lecture_cifar()


champion = enter()
""",
        },
        "return forgotten": {
            "caught_by": ["champion-eighty"],
            "says": ["forget `return`"],
            "code": """
def enter():
    winner = better


champion = enter()
""",
        },
        "a net for another size": {
            "caught_by": ["champion-eighty"],
            "says": ["should take one image of shape"],
            "code": """
def enter():
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])


champion = enter()
""",
        },
    },
}

# Changes without effect: before epoch 0 no stage has begun, and max() of nothing raises the ValueError; at the last step the
# cosine gives 0 by itself; a random number is never p to the last bit.
EQUIVALENT_MUTANTS = {
    "lr_schedule": {"if epoch < 0: → if False:", "step >= steps → step > steps"},
    "dropout": {"rng.random(x.shape) >= p → rng.random(x.shape) > p"},
}
