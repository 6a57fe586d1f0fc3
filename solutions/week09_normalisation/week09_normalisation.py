# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] topics=["H7", "A12"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 9 · Normalisation and initialisation
#
# **Afterwards you can** explain what batch norm does in training and at test time, because you have written it, forward and backward, and trained a net with it; derive a gradient along a graph; choose an initialiser by arithmetic; and say why a deep net of badly scaled weights does not learn. **Time** 3 hours. **You need** week 3 (fan-in, parameters), week 6 (gradient descent) and the chain rule.
#
# | exercise | points |
# |---|--:|
# | 1 `standardize` | 10 |
# | 2 `batchnorm_forward` | 22 |
# | 3 `batchnorm_steps`, `batchnorm_backward` | 22 |
# | 4 `net_gradients` | 12 |
# | 5 `init_std` | 10 |
# | 6 `signal_by_depth`, `gradients_by_depth` | 12 |
# | 7 in words | 12 |
#
# Stuck? `course.hint("batchnorm_backward")`. Words: [glossary](../../course/glossary.md). Before: [week 8](../week08_augmentation/week08_augmentation.ipynb); next: [week 10](../week10_transfer/week10_transfer.ipynb). `PROFILE` is set in the next cell, or by `course start 9 --profile full`; "full" uses MNIST.
#
# A learning rate fits numbers of one size, and thirty layers multiply thirty times. This week is about one aim, *mean 0, spread 1*, at three places: in the **data**, in the **initial weights**, and, with batch norm, in **every layer at every step**.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import checks, datasets, evaluation, plots, training
import course

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)
plots.style()
BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "0.5"

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("mnist", PROFILE)
x_train, y_train = evaluation.scaled(data.train.x[:2000]), data.train.y[:2000]
x_held, y_held = evaluation.scaled(data.validation.x[:1000]), data.validation.y[:1000]
print(f"{len(x_train)} training images, {len(x_held)} held out, values {x_train.min():g} … {x_train.max():g}")

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "scaling-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Bringing data to one size
#
# A table has two columns: height in metres, 1.5 … 2.0, and salary, 20,000 … 90,000. That salaries look some thirty thousand times as large is an accident of units. There are two usual cures:
#
# * **Normalisation** to 0 … 1: subtract the smallest value, divide by the range. For images: divide by 255.
# * **[Standardisation](../../course/glossary.md)**: subtract the mean $\mu$, divide by the standard deviation $\sigma$; the result has mean 0 and variance 1.
#
# *Worked.* 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and standard deviation 2 (divide the sum of squares by 8, not by 7). The 9 becomes $(9-5)/2 = 2$ when standardised, and $(9-2)/(9-2) = 1$ when normalised.
#
# 1. **The statistics come from the training data alone.** Test data are scaled *with the training set's* numbers, so they need not have mean 0 afterwards. A net that will see one image tomorrow cannot ask for its average.
# 2. **One pair of statistics per channel**, not per pixel and not for everything. For images (N, H, W, C) the average runs over the axes 0, 1 and 2.
# 3. A constant channel has spread 0, and division by 0 gives NaN, which spreads through the net within one batch. There, divide by 1 instead. (Floats are rounded: the computed standard deviation of 0.1, 0.1, 0.1 is 1.4·10⁻¹⁷, not 0. A check for exactly 0 misses it; the largest and the smallest value do not lie.)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-standardize", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `standardize` (10 points)
#
# The same statistics scale both arrays, to five digits.


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "standardize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardize(train, other):
    """Bring both arrays to the scale in which the training data have mean 0 and standard deviation 1, per channel.

    train, other: (N, C) or (N, H, W, C), numbers of any type (uint8 as well); the last axis holds the channels.
    Returns (train, other), new float arrays of the same shapes. The statistics are those of train, for both;
    the standard deviation divides by the count (not by the count less one). Where a channel of train is constant, it is
    divided by 1 instead of 0.
    """
    ### BEGIN SOLUTION
    axes = tuple(range(train.ndim - 1))
    mean, std = train.mean(axis=axes), train.std(axis=axes)
    constant = train.max(axis=axes) == train.min(axis=axes)  # the std of 0.1, 0.1, 0.1 is rounded to 1e-17, not to 0
    std = np.where(constant, 1.0, std)
    return (train - mean) / std, (other - mean) / std
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standardize-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The worked column beside one of another size
import numpy as np

from course import checks

column = np.array([2.0, 4, 4, 4, 5, 5, 7, 9])
table = np.stack([column, 1000 * column + 3], axis=1)
result = checks.unchanged(standardize, table, table[:2])
checks.true(isinstance(result, (tuple, list)) and len(result) == 2, "return two arrays: train and other, both scaled")
expected = np.array([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
checks.close(
    result[0],
    np.stack([expected, expected], axis=1),
    unless={
        "divide by the count, not by the count less one: np.std does, with ddof=1 it does not": np.stack(
            [expected * np.sqrt(7 / 8)] * 2, axis=1
        ),
        "divide by the standard deviation, not by the variance": np.stack([expected / 2, expected / 2000], axis=1),
        "one mean and one standard deviation per channel (the last axis), not one for the whole array": (
            table - table.mean()
        )
        / table.std(),
        "that is the scaling to 0 … 1; standardise with mean and standard deviation": (table - table.min(0))
        / np.ptp(table, axis=0),
    },
    hint="(x − mean) / standard deviation, for each column: the 9 of the worked column becomes 2",
)
checks.passed("the worked column, and a second channel", points=3)

# %% nbgrader={"grade": true, "grade_id": "standardize-train", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Other data keep their own offset
# When graded: random data, small spreads, train and other unlike each other
import numpy as np

from course import checks

train = np.array([[0.0], [2.0], [4.0], [6.0]])
other = np.array([[8.0], [13.0]])
checks.close(
    standardize(train, other)[1],
    (other - 3) / np.sqrt(5),
    unless={
        "the second array has its own statistics here; those of train belong to both": [[-1.0], [1.0]],
        "the statistics are those of train alone: other data must not leak into them": (other - 5.5)
        / np.sqrt(107.5 / 6),
    },
    hint="other is scaled with mean and standard deviation of train",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(901)
for shape, size in (((50, 3), 1), ((8, 5, 6, 2), 1), ((40, 2), 0.01)):
    train = rng.normal(4, 3, shape) * np.arange(1, shape[-1] + 1) * size
    other = rng.normal(-20, 7, (5, *shape[1:])) * size
    flat = train.reshape(-1, shape[-1])
    mean = flat.sum(0) / len(flat)
    std = np.sqrt(((flat - mean) ** 2).sum(0) / len(flat))
    alone = other.reshape(-1, shape[-1])
    got = checks.unchanged(standardize, train, other)
    checks.close(
        got[0],
        (train - mean) / std,
        unless={
            "only a spread of exactly 0 is replaced by 1: a small one, below 1, is divided by as it is": (train - mean)
            / np.maximum(std, 1)
        },
        hint="mean 0 and standard deviation 1 for each channel of train",
        rtol=1e-4,
        atol=1e-5,
    )
    checks.close(
        got[1],
        (other - mean) / std,
        unless={
            "the second array has its own statistics here; those of train belong to both": (other - alone.mean(0))
            / alone.std(0)
        },
        hint="other is scaled with mean and standard deviation of train",
        rtol=1e-4,
        atol=1e-5,
    )
### END HIDDEN TESTS
checks.passed("the statistics are those of train", points=4, later="random data of several sizes")

# %% nbgrader={"grade": true, "grade_id": "standardize-images", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Images in uint8, one channel constant
# When graded: other images, a constant channel of floats
import numpy as np

from course import checks

images = np.random.default_rng(90).integers(0, 256, (6, 4, 5, 3)).astype("uint8")
images[..., 1] = 7
got = standardize(images, images[:2])
checks.shape(got[0], (6, 4, 5, 3), hint="images keep their shape")
checks.true(np.isfinite(np.asarray(got[0])).all(), "a constant channel has spread 0: divide by 1 there, or NaN spreads")
pixels = images.astype(float)
checks.close(
    got[0][..., 0],
    (pixels[..., 0] - pixels[..., 0].mean()) / pixels[..., 0].std(),
    unless={
        "one pair of statistics per channel: average over images, rows and columns, axes (0, 1, 2)": (
            pixels[..., 0] - pixels[..., 0].mean(0)
        )
        / pixels[..., 0].std(0),
    },
    hint="each channel has one mean and one standard deviation, over all images, rows and columns",
    rtol=1e-4,
    atol=1e-5,
)
checks.close(got[0][..., 1], np.zeros((6, 4, 5)), hint="a constant channel becomes 0", atol=1e-6)
### BEGIN HIDDEN TESTS
images = np.random.default_rng(902).integers(0, 256, (4, 3, 7, 2)).astype("uint8")
images[..., 0] = 200
got = standardize(images, 255 - images)
checks.close(got[0][..., 0], np.zeros((4, 3, 7)), hint="a constant channel becomes 0", atol=1e-6)
checks.close(
    got[1][..., 0],
    np.full((4, 3, 7), -145.0),
    hint="a constant channel is shifted by train's mean and divided by 1",
    rtol=1e-4,
)
tenths = np.stack([np.full(3, 0.1), np.array([1.0, 2.0, 3.0])], axis=1)
got_tenths = standardize(tenths, tenths + 1)
checks.close(
    got_tenths[1][:, 0],
    [1, 1, 1],
    atol=1e-6,
    hint="a channel of 0.1, 0.1, 0.1 is constant, although its computed standard deviation is 1.4e-17: compare its largest with "
    "its smallest value",
)
pixels = images[..., 1].astype(float)
checks.close(
    (np.asarray(got[0])[..., 1] * pixels.std() + pixels.mean()),
    pixels,
    hint="uint8 counts modulo 256: differences need floats",
    rtol=1e-4,
    atol=1e-3,
)
### END HIDDEN TESTS
checks.passed("uint8 images, and a constant channel", points=3, later="other images, a constant channel of floats")

# %% [markdown] topics=["F2", "H7"] nbgrader={"grade": false, "grade_id": "bowl-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Why it matters: the elongated bowl
#
# A linear model $\hat y = w_1 x_1 + \dots + w_D x_D + b$ with the loss $\frac{1}{2N}\sum (\hat y - y)^2$ has a loss surface that is a bowl. With a column of ones appended for $b$, $A = [X, 1]$, its matrix of second derivatives is $H = \frac{1}{N} A^\top A$: it depends on the features alone. The eigenvalues $\lambda$ of $H$ are the curvatures along the bowl's axes, and each step of gradient descent multiplies the distance along an axis by $1 - \eta\lambda$. The steepest axis limits the learning rate, $\eta < 2/\lambda_{max}$; the flattest has to crawl with that rate. The **[condition number](../../course/glossary.md)** $\kappa = \lambda_{max}/\lambda_{min}$ says how long that takes.
#
# *Worked.* One feature with the values 9, 10, 11: $H = \begin{pmatrix}100.67 & 10\\ 10 & 1\end{pmatrix}$, eigenvalues 101.66 and 0.0066, $\kappa$ = 15,502. Scaled to 0, ½, 1: $\kappa$ = 9.9. Standardised: $\kappa$ = 1, a round bowl. **Centring matters as much as spreading**: a mean far from 0 entangles a feature with the bias.
#
# Standardising works on each feature by itself, so it makes the bowl round only where features are uncorrelated. Two standardised features with correlation $\rho$ have $\kappa = (1+|\rho|)/(1-|\rho|)$. The fourth picture shows what is left at $\rho = 0.99$.

# %% topics=["F2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "bowl-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One feature and a bias in three scales, and two correlated features
with checks.waiting_for("standardize"):
    rng = np.random.default_rng(SEED)
    feature = rng.uniform(2, 5, (200, 1))
    pair = rng.normal(size=(200, 2)) @ np.linalg.cholesky([[1, 0.99], [0.99, 1]]).T
    ones = np.ones((200, 1))
    cases = {
        "as it comes": np.hstack([feature, ones]),
        "0 … 1": np.hstack([(feature - feature.min()) / np.ptp(feature), ones]),
        "standardised": np.hstack([np.asarray(standardize(feature, feature)[0]), ones]),
        "two, correlation 0.99": np.asarray(standardize(pair, pair)[0]),
    }
    fig, axes = plt.subplots(2, 2, figsize=(8, 8), layout="constrained")
    for ax, (name, a) in zip(axes.flat, cases.items(), strict=True):
        hessian = a.T @ a / len(a)
        curvatures = np.linalg.eigvalsh(hessian)
        path = [np.array([-0.9, 0.9])]
        for _ in range(40):
            path.append(path[-1] - 1.6 / curvatures[-1] * hessian @ path[-1])
        w, b = np.meshgrid(np.linspace(-1.2, 1.2, 121), np.linspace(-1.2, 1.2, 121))
        loss = 0.5 * (hessian[0, 0] * w**2 + 2 * hessian[0, 1] * w * b + hessian[1, 1] * b**2)
        ax.contourf(w, b, np.sqrt(loss), levels=18, cmap="cividis")
        ax.plot(*np.transpose(path), "o-", color="0.9", markersize=3, linewidth=1)
        ax.plot(0, 0, "x", color=ORANGE, markersize=10, markeredgewidth=2)
        rest = np.linalg.norm(path[-1]) / np.linalg.norm(path[0])
        ax.set(title=f"{name}: κ = {curvatures[-1] / curvatures[0]:,.0f}\nafter 40 steps {rest:.1%} of the way is left")
        ax.set(
            xlabel="first weight", ylabel="second weight or bias", aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2)
        )
        ax.title.set_fontsize(9)
    plots.show(
        "Four bowls from above with the path of 40 steps of gradient descent: as it comes, a long narrow valley in which most of the "
        "way is left; scaled to 0 to 1, a wider one; standardised, a round bowl whose centre is reached; for two correlated "
        "standardised features again a narrow valley."
    )

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "bn-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Batch norm: the same aim inside the net
#
# Scaling the input happens once. Some layers later nothing is left of it: the weights change, and with them the size of everything after them. **[Batch norm](../../course/glossary.md)** (Ioffe and Szegedy, 2015) standardises *inside* the net, at every step, with the numbers of the batch at hand. For each channel:
#
# $$\mu = \text{mean}(x), \qquad v = \text{mean}\big((x-\mu)^2\big), \qquad \hat x = \frac{x-\mu}{\sqrt{v+\varepsilon}}, \qquad y = \gamma\,\hat x + \beta .$$
#
# * The mean runs over **everything but the channel**: over the batch for (N, C), over batch, rows and columns for (N, H, W, C). One kernel made the whole map; its numbers belong together.
# * The variance is **biased**: divided by the count $m$, not by $m-1$.
# * $\varepsilon$ stands **under the root**. It prevents division by zero.
# * $\gamma$ and $\beta$ are learned. With them the layer can undo the standardisation where that is better. Since $\beta$ is a bias, the convolution before it needs none (`use_bias=False`).
#
# **At test time there is no batch**, or an accidental one: a single image would be standardised by itself, and an image among others would be answered depending on them. So while it trains, the layer tracks for each channel, with a momentum $\alpha$,
#
# $$\text{moving} \leftarrow \alpha \cdot \text{moving} + (1-\alpha)\cdot\text{of this batch},$$
#
# and at test time it uses the moving mean and variance, and changes nothing. That makes four numbers per channel: $\gamma$ and $\beta$ are trained, two are tracked.
#
# *Worked.* One channel, batch 1, 3, 5, 7: $\mu = 4$, $v = 5$. With $\varepsilon = 0$ the 7 becomes $3/\sqrt 5 = 1.342$. With momentum 0.9 the moving mean goes from 0 to $0.9\cdot 0 + 0.1\cdot 4 = 0.4$ and the moving variance from 1 to $0.9 + 0.5 = 1.4$.
#
# (The notes this course follows call dividing by 255 a batch normalisation. It is not: 255 is a constant, fixed before training; batch norm has weights, and computes anew with each batch.)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-batchnorm_forward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `batchnorm_forward` (22 points)
#
# Both modes in one function, as Keras has it. The moving statistics come in as arguments and go out as results: nothing is kept in between, and nothing that comes in is changed. Compared to four digits, with Keras's own layer to three.


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "batchnorm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_forward(x, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3, training=True):
    """Batch norm of the last axis.

    x: (N, C) or (N, H, W, C); gamma, beta, moving_mean, moving_var: (C,).
    training=True: standardise with the batch's own mean and (biased) variance, and move the moving statistics,
    new = momentum · old + (1 − momentum) · batch. training=False: standardise with the moving statistics, which stay.
    Returns (y, moving_mean, moving_var): y of the shape of x, the others (C,), new arrays. Nothing given is changed.
    """
    ### BEGIN SOLUTION
    mean, var = moving_mean, moving_var
    if training:
        axes = tuple(range(x.ndim - 1))
        mean, var = x.mean(axis=axes), x.var(axis=axes)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_var = momentum * moving_var + (1 - momentum) * var
    y = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return y, np.array(moving_mean), np.array(moving_var)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-train", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The worked channel, beside one of another size; gamma, beta, eps
import numpy as np

from course import checks

x = np.array([[1.0, 40.0], [3.0, 20.0], [5.0, 0.0], [7.0, 20.0]])
one, zero = np.ones(2), np.zeros(2)
result = checks.unchanged(batchnorm_forward, x, one, zero, zero, one, 0.9, 0.0)
checks.true(isinstance(result, (tuple, list)) and len(result) == 3, "return three things: y, moving_mean, moving_var")
expected = (x - [4, 20]) / np.sqrt([5, 200])
checks.close(
    result[0],
    expected,
    unless={
        "the variance is biased: divide by the count, not by the count less one": (x - [4, 20])
        / np.sqrt([20 / 3, 800 / 3]),
        "divide by the root of the variance, not by the variance": (x - [4, 20]) / [5, 200],
        "the mean runs over the batch (axis 0), for each channel; not over the channels of one image": (
            x - x.mean(1, keepdims=True)
        )
        / x.std(1, keepdims=True),
        "one mean and one variance per channel, not one for the whole batch": (x - x.mean()) / x.std(),
        "in training the batch's own statistics count, not the moving ones": (x - [0.4, 2]) / np.sqrt([1.4, 20.9]),
        "in training the batch's own statistics count, not those from before": x,
    },
    hint="(x − mean) / √(variance + eps) for each channel: the 7 becomes 3/√5",
)
checks.close(
    batchnorm_forward(x, np.array([2.0, 10.0]), np.array([1.0, -1.0]), zero, one, 0.9, 0.0)[0],
    expected * [2, 10] + [1, -1],
    unless={
        "gamma multiplies first, then beta is added": expected * [2, 10] + [2, -10],
        "gamma and beta are missing": expected,
        "gamma multiplies, beta is added; they are swapped": expected * [1, -1] + [2, 10],
    },
    hint="y = gamma · x̂ + beta",
)
checks.close(
    batchnorm_forward(x, one, zero, zero, one, 0.9, 4.0)[0],
    (x - [4, 20]) / np.sqrt([9, 204]),
    unless={
        "eps stands under the root, beside the variance: √(var + eps)": (x - [4, 20]) / (np.sqrt([5, 200]) + 4),
        "eps is missing: √(var + eps)": expected,
    },
    hint="eps stands under the root: √(var + eps)",
)
checks.passed("training mode for vectors, with gamma, beta and eps", points=4)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-maps", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Maps (N, H, W, C) get mean 0 and variance 1 per channel
# When graded: their values, with other gamma, beta and eps
import numpy as np

from course import checks

maps = np.random.default_rng(91).normal(3, 2, (4, 5, 6, 2)) * [1, 10]
got = checks.unchanged(batchnorm_forward, maps, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), 0.99, 1e-6)
checks.shape(got[0], (4, 5, 6, 2), hint="the result has the shape of x")
y = np.asarray(got[0])
by_pixel = (maps - maps.mean(0)) / np.sqrt(maps.var(0) + 1e-6)
checks.true(
    not np.allclose(y, by_pixel, rtol=1e-3, atol=1e-4),
    "one mean per channel, not one per pixel: for maps the mean runs over the axes (0, 1, 2)",
)
checks.close(y.mean(axis=(0, 1, 2)), [0, 0], atol=1e-4, hint="each channel has mean 0 after training-mode batch norm")
checks.close(y.var(axis=(0, 1, 2)), [1, 1], rtol=1e-3, hint="each channel has variance 1 over images, rows and columns")
checks.shape(got[1], (2,), hint="the moving mean holds one number per channel")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(906)
for shape in ((3, 4, 5, 3), (2, 7, 2, 1), (9, 4)):
    c = shape[-1]
    x = rng.normal(-1, 3, shape) + np.arange(c)
    gamma, beta = rng.normal(1, 0.5, c), rng.normal(size=c)
    flat = x.reshape(-1, c)
    mean = flat.sum(0) / len(flat)
    var = ((flat - mean) ** 2).sum(0) / len(flat)
    scale = gamma / np.sqrt(var + 0.01)
    got = batchnorm_forward(x, gamma, beta, np.zeros(c), np.ones(c), 0.8, 0.01)
    checks.close(
        got[0],
        x * scale + (beta - mean * scale),
        unless={
            "the variance is biased: divide by the count, not by the count less one": (x - mean)
            * gamma
            / np.sqrt(var * len(flat) / (len(flat) - 1) + 0.01)
            + beta,
        },
        rtol=1e-4,
        atol=1e-5,
        hint="gamma · (x − mean) / √(var + eps) + beta, with one mean and variance a channel",
    )
### END HIDDEN TESTS
checks.passed(
    "maps: one mean and variance per channel",
    points=6,
    later="values for maps and vectors, with other gamma, beta and eps",
)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-moving", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The worked moving mean and variance
# When graded: after several batches, with other momenta, and of a single vector
import numpy as np

from course import checks

x = np.array([[1.0], [3.0], [5.0], [7.0]])
_, mean, var = checks.unchanged(batchnorm_forward, x, np.ones(1), np.zeros(1), np.zeros(1), np.ones(1), 0.9, 0.0)
checks.close(
    mean,
    [0.4],
    unless={
        "momentum is the share of the old value that stays; that is the other convention (PyTorch's)": [3.6],
        "the moving mean is updated during training": [0.0],
        "the moving mean moves a little, 1 − momentum, towards the batch's; it does not become it": [4.0],
    },
    hint="new = momentum · old + (1 − momentum) · batch: 0.9 · 0 + 0.1 · 4",
)
checks.close(
    var,
    [1.4],
    unless={
        "momentum is the share of the old value that stays; that is the other convention (PyTorch's)": [4.6],
        "the moving variance takes the biased variance too: divided by the count": [0.9 + 0.1 * 20 / 3],
        "what is tracked is the variance, not the standard deviation": [0.9 + 0.1 * np.sqrt(5)],
        "the moving variance is updated during training": [1.0],
    },
    hint="new = momentum · old + (1 − momentum) · batch: 0.9 · 1 + 0.1 · 5",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(907)
for shape, momentum in (((6, 3), 0.7), ((3, 4, 2, 2), 0.95)):
    c = shape[-1]
    mean, var = np.zeros(c), np.ones(c)
    wanted_mean, wanted_var = np.zeros(c), np.ones(c)
    for _ in range(5):
        x = rng.normal(2, 2, shape)
        _, mean, var = checks.unchanged(batchnorm_forward, x, np.ones(c), np.zeros(c), mean, var, momentum, 1e-3)
        flat = x.reshape(-1, c)
        centre = flat.sum(0) / len(flat)
        wanted_mean = wanted_mean + (1 - momentum) * (centre - wanted_mean)
        wanted_var = wanted_var + (1 - momentum) * ((flat**2).sum(0) / len(flat) - centre**2 - wanted_var)
        checks.close(mean, wanted_mean, rtol=1e-4, atol=1e-6, hint="the moving mean after several batches")
        checks.close(var, wanted_var, rtol=1e-4, atol=1e-6, hint="the moving (biased) variance after several batches")
old = np.array([10.0, -10.0])
anew = batchnorm_forward(x, np.ones(2), np.zeros(2), old, np.array([3.0, 0.0]), 0.5, 1e-3)
checks.close(
    np.concatenate(anew[1:]),
    np.concatenate([(centre + old) / 2, ((flat - centre) ** 2).mean(0) / 2 + [1.5, 0]]),
    rtol=1e-4,
    atol=1e-6,
    hint="the moving statistics that come in are those of the call: keep nothing from the calls before",
)
single = batchnorm_forward(
    np.array([[4.0, 9.0]]), np.array([2.0, 3.0]), np.array([0.5, -1.0]), np.ones(2), np.ones(2), 0.9
)
checks.close(
    single[0], [[0.5, -1.0]], atol=1e-6, hint="in training mode a single vector is its own mean, so that beta comes out"
)
checks.close(single[1], [1.3, 1.8], rtol=1e-4, hint="in training mode a single vector moves the statistics as well")
### END HIDDEN TESTS
checks.passed(
    "the moving statistics follow", points=5, later="several batches in a row, other momenta, a single vector"
)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# One image at test time
# When graded: batches at test time
import numpy as np

from course import checks

x, gamma, beta = np.array([[6.0, 1.0]]), np.array([1.0, 3.0]), np.array([0.5, 0.0])
mean, var = np.array([2.0, 0.0]), np.array([4.0, 0.25])
y, mean_after, var_after = checks.unchanged(batchnorm_forward, x, gamma, beta, mean, var, 0.9, 1e-9, False)
checks.close(
    y,
    [[2.5, 6.0]],
    rtol=1e-4,
    unless={
        "at test time the moving statistics count, not the batch's: a batch of one image is its own mean": [[0.5, 0.0]],
        "gamma and beta belong to the test mode as well": [[2.0, 2.0]],
        "divide by the root of the moving variance": [[1.5, 12.0]],
    },
    hint="gamma · (x − moving_mean) / √(moving_var + eps) + beta",
)
checks.close(mean_after, mean, hint="at test time the moving mean stays as it is")
checks.close(var_after, var, hint="at test time the moving variance stays as it is")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(908)
maps = rng.normal(size=(5, 3, 4, 2))
gamma, beta, mean, var = rng.normal(size=2), rng.normal(size=2), rng.normal(size=2), rng.uniform(0.5, 2, 2)
together = checks.unchanged(batchnorm_forward, maps, gamma, beta, mean, var, 0.9, 0.1, False)
scale = gamma / np.sqrt(var + 0.1)
checks.close(
    together[0],
    maps * scale + (beta - mean * scale),
    rtol=1e-4,
    atol=1e-6,
    hint="test mode: the moving statistics, with eps under the root",
)
alone = batchnorm_forward(maps[2:3], gamma, beta, mean, var, 0.9, 0.1, False)[0]
checks.close(
    alone, np.asarray(together[0])[2:3], hint="at test time an answer must not depend on the other images of the batch"
)
checks.close(together[1], mean, hint="at test time the moving mean stays as it is")
checks.close(together[2], var, hint="at test time the moving variance stays as it is")
### END HIDDEN TESTS
checks.passed("test mode, where nothing moves", points=5, later="an answer that does not depend on the other images")

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-defaults", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# When graded: against Keras's layer with its defaults
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
import keras

rng = np.random.default_rng(909)
for shape in ((16, 3), (4, 6, 5, 2)):
    c = shape[-1]
    layer = keras.layers.BatchNormalization()
    layer.build((None, *shape[1:]))
    weights = [rng.uniform(0.5, 2, c), rng.normal(size=c), rng.normal(size=c), rng.uniform(0.5, 2, c)]
    layer.set_weights(weights)
    x = (rng.normal(size=shape) * 0.05 + np.arange(c)).astype("float32")
    at_test = keras.ops.convert_to_numpy(layer(x, training=False))
    in_training = keras.ops.convert_to_numpy(layer(x, training=True))
    got = batchnorm_forward(x.astype(float), *weights)
    checks.close(
        got[0],
        in_training,
        rtol=1e-3,
        atol=1e-3,
        hint="training mode differs from Keras's layer: defaults are momentum=0.99, eps=1e-3, training=True",
    )
    checks.close(
        got[1],
        layer.get_weights()[2],
        rtol=1e-4,
        atol=1e-5,
        hint="the moving mean differs from Keras's layer (momentum 0.99)",
    )
    checks.close(
        got[2],
        layer.get_weights()[3],
        rtol=1e-4,
        atol=1e-5,
        hint="the moving variance differs from Keras's layer (momentum 0.99, biased)",
    )
    got = batchnorm_forward(x.astype(float), *weights, training=False)
    checks.close(got[0], at_test, rtol=1e-3, atol=1e-3, hint="test mode differs from Keras's layer (eps 1e-3)")
### END HIDDEN TESTS
checks.when_graded("Keras's layer with its defaults, in both modes", points=2)

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "moving-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How long until the moving statistics are right? They begin at mean 0 and variance 1. With momentum 0.99, what is left of that beginning after $t$ steps is $0.99^t$: 37 % after 100 steps, 5 % after 300. Anyone who trains for a few dozen steps and then tests sees a good training accuracy and a miserable test accuracy, and looks for overfitting where there is none. For short trainings use 0.9.

# %% topics=["H7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "moving-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How the moving statistics approach the true ones
with checks.waiting_for("batchnorm_forward"):
    fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    for momentum, colour in ((0.9, GREEN), (0.99, BLUE), (0.999, ORANGE)):
        rng = np.random.default_rng(SEED)
        mean, var, means, variances = np.zeros(1), np.ones(1), [0.0], [1.0]
        for _ in range(400):
            batch = rng.normal(3, 2, (32, 1))
            _, mean, var = batchnorm_forward(batch, np.ones(1), np.zeros(1), mean, var, momentum)
            means.append(float(mean[0]))
            variances.append(float(var[0]))
        axes[0].plot(means, color=colour, label=f"momentum {momentum}")
        axes[1].plot(variances, color=colour, label=f"momentum {momentum}")
    for ax, true, name in zip(axes, (3, 4), ("mean", "variance"), strict=True):
        ax.axhline(true, color=GREY, linestyle="--", linewidth=1, label=f"true {name}, {true}")
        ax.set(title=f"Moving {name}", xlabel="batches of 32", ylabel=f"moving {name}")
    axes[1].legend()
    plots.show(
        "Moving mean and variance over 400 batches: with momentum 0.9 they reach the true 3 and 4 within some thirty batches, with "
        "0.99 after some three hundred, with 0.999 they are still on the way."
    )

# %% [markdown] topics=["H7", "G1"] nbgrader={"grade": false, "grade_id": "keras-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **In Keras**, `keras.layers.BatchNormalization(momentum=0.99, epsilon=1e-3)` keeps four arrays in the order gamma, beta, moving mean, moving variance. **PyTorch** uses the same words for other things:
#
# | | Keras | PyTorch |
# |---|---|---|
# | momentum | share of the **old** value, 0.99 | share of the **new** value, 0.1 |
# | ε | 0.001 | 0.00001 |
# | what the moving variance tracks | the biased variance | the unbiased variance |
#
# In evaluation both use the stored variance as it is. So to carry a trained net over, copy all four arrays unchanged and set `epsilon=1e-5`; momentum matters only if you train on.
#
# **Where it stands**: the original paper puts it between the linear layer and the non-linearity, which is still the usual place. **It also regularises**: each image meets other batch statistics in every epoch, a noise that acts somewhat like dropout and fades with larger batches. **Why it helps** is debated: the paper's reason, that the inputs of a layer stop shifting, did not hold in experiments; a smoother loss explains more (Santurkar and others, 2018). **Where batches are small or lengths differ, layer norm** (Ba and others, 2016) takes mean and variance over the channels of each example instead: no batch, one mode, no moving statistics; transformers use it.

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "backward-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Backward: the batch is in the derivative
#
# $\gamma$ and $\beta$ are easy: with $\delta = \partial L/\partial y$, $\partial L/\partial\beta$ is the sum of $\delta$, and $\partial L/\partial\gamma$ the sum of $\delta\,\hat x$, over everything but the channel. The input is not: raise one $x_i$, and $\mu$ and $v$ change, and with them the outputs of *all* images in the batch. So go back along the graph, one node at a time. Three rules are enough:
#
# 1. A node's gradient is the gradient of its successor times the local derivative. Where it has **several** successors, their contributions **add**.
# 2. Where one number was used at $m$ places (as $\mu$ and $r$ are, for all $m$ numbers of a channel), the contributions of the $m$ places **add**.
# 3. A mean of $m$ numbers hands $1/m$ of its gradient to each.

# %% topics=["H7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "graph-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The graph of batch norm in training mode
graph = {
    "x": [],
    "mean  μ = mean(x)": ["x"],
    "centred  c = x − μ": ["x", "mean  μ = mean(x)"],
    "var  v = mean(c²)": ["centred  c = x − μ"],
    "inv  r = 1/√(v + ε)": ["var  v = mean(c²)"],
    "xhat  x̂ = c · r": ["centred  c = x − μ", "inv  r = 1/√(v + ε)"],
    "y = γ x̂ + β": ["xhat  x̂ = c · r"],
}
plots.diagram(graph, title="Batch norm, forward")
plots.show(
    "Boxes and arrows: x leads to its mean and to the centred c; c leads to the variance, to 1 over its root, and beside both "
    "directly to x-hat, the product; x-hat leads to y. Both x and c have two successors."
)

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "task-batchnorm_backward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `batchnorm_steps`, `batchnorm_backward` (22 points)
#
# *First the steps.* On paper, write down $\partial L/\partial\,\cdot$ for $\hat x$, $r$, $v$, $c$, $\mu$ and $x$, in this order; each line uses the lines above. Then program them.
#
# *Worked.* $x$ = 1, 3, 5, 7, $\varepsilon = 0$, $\gamma = 2$, $\delta$ = (0, 0, 0, 1). Forward: $c$ = (−3, −1, 1, 3), $v = 5$, $r = 0.4472$. Backward: $\partial L/\partial\hat x$ = (0, 0, 0, 2) and $\partial L/\partial r = 6$. The rest is yours; at the end $\partial L/\partial x$ = (0.179, −0.089, −0.358, 0.268).
#
# *Then simplify.* Insert the lines into each other until $\partial L/\partial x$ holds only $\gamma$, $r$, $\delta$, $\hat x$ and means over the channel. A short line remains, and that is `batchnorm_backward`. Two properties test it without any reference: adding a constant to a channel changes no output, so the gradients of a channel sum to 0; and with $\varepsilon = 0$ stretching a channel changes nothing either, so $\sum \frac{\partial L}{\partial x}\hat x = 0$. **The gradient never asks for what the layer would cancel.**


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "batchnorm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_steps(dout, x, gamma, eps=1e-3):
    """The gradients of batch norm in training mode along its graph, node by node.

    dout: the loss's gradient with respect to the output, of the shape of x; x: the input, (N, C) or (N, H, W, C);
    gamma: (C,); eps as in batchnorm_forward.
    Returns a dict of the loss's gradients: "xhat", "centred" and "x", of the shape of x; "inv", "var" and "mean", (C,).
    """
    ### BEGIN SOLUTION
    axes = tuple(range(x.ndim - 1))
    m = x.size // x.shape[-1]
    centred = x - x.mean(axis=axes)
    var = (centred**2).mean(axis=axes)
    inv = 1 / np.sqrt(var + eps)
    dxhat = dout * gamma
    dinv = (dxhat * centred).sum(axis=axes)
    dvar = dinv * -0.5 * inv**3
    dcentred = dxhat * inv + dvar * 2 * centred / m
    dmean = -dcentred.sum(axis=axes)
    return {"xhat": dxhat, "inv": dinv, "var": dvar, "centred": dcentred, "mean": dmean, "x": dcentred + dmean / m}
    ### END SOLUTION


def batchnorm_backward(dout, x, gamma, eps=1e-3):
    """The gradients of batch norm in training mode, in their short form.

    dout, x, gamma, eps: as in batchnorm_steps.
    Returns (dx, dgamma, dbeta): dx of the shape of x, dgamma and dbeta (C,). Nothing given is changed.
    """
    ### BEGIN SOLUTION
    axes = tuple(range(x.ndim - 1))
    root = np.sqrt(x.var(axis=axes) + eps)
    xhat = (x - x.mean(axis=axes)) / root
    dbeta = dout.sum(axis=axes)
    dgamma = (dout * xhat).sum(axis=axes)
    dx = gamma / root * (dout - dout.mean(axis=axes) - xhat * (dout * xhat).mean(axis=axes))
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% topics=["H7"] nbgrader={"grade": true, "grade_id": "batchnorm_backward-steps", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The steps of the worked example, node by node, beside a second channel
import numpy as np

from course import checks

x = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 0.0], [7.0, 2.0]])
dout = np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
steps = checks.unchanged(batchnorm_steps, dout, x, np.array([2.0, 3.0]), 0.0)
checks.true(isinstance(steps, dict), "a dict comes back, from a node's name to its gradient")
names = ("xhat", "inv", "var", "centred", "mean", "x")
checks.equal(sorted(steps), sorted(names), hint="the nodes are xhat, inv, var, centred, mean and x")
wanted = {
    "xhat": [[0, 3], [0, 0], [0, 0], [2, 0]],
    "inv": [6, -3],
    "var": [-0.2683282, 1.5],
    "centred": [[0.4024922, 2.25], [0.1341641, 0.75], [-0.1341641, -0.75], [0.491935, 0.75]],
    "mean": [-0.8944272, -3],
    "x": [[0.1788854, 1.5], [-0.0894427, 0], [-0.3577709, -1.5], [0.2683282, 0]],
}
unless = {
    "xhat": {"gamma stands between y and x̂": dout},
    "inv": {
        "r was used for every number of the channel: add up the contributions": [[0, -3], [0, 0], [0, 0], [6, 0]],
        "these contributions add up; only a mean divides by m": [1.5, -0.75],
        "one number for each channel comes back, of the shape (C,): the sum needs no keepdims": [[6, -3]],
    },
    "var": {
        "the derivative of 1/√(v + ε) by v is negative": [0.2683282, -1.5],
        "the derivative of 1/√(v + ε) by v is not that of √(v + ε)": [1.3416408, -1.5],
    },
    "centred": {
        "c has two successors, x̂ and v: the way through v is missing": [[0, 3], [0, 0], [0, 0], [0.8944272, 0]],
        "c has two successors, x̂ and v: the way through x̂ is missing": [
            [0.4024922, -0.75], [0.1341641, 0.75], [-0.1341641, -0.75], [-0.4024922, 0.75],
        ],
        "v is a mean: each number gets 1/m of it": [
            [1.6099689, 0], [0.5366563, 3], [-0.5366563, -3], [-0.7155418, 3],
        ],
    },
    "mean": {"μ is subtracted: its gradient has the other sign": [0.8944272, 3]},
    "x": {
        "x has two successors, c and μ: the way through μ is missing": [
            [0.4024922, 2.25], [0.1341641, 0.75], [-0.1341641, -0.75], [0.491935, 0.75],
        ],
        "μ is a mean: each number gets 1/m of its gradient": [
            [-0.491935, -0.75], [-0.7602631, -2.25], [-1.0285913, -3.75], [-0.4024922, -2.25],
        ],
    },
}  # fmt: skip
for name in names:
    checks.close(
        steps[name],
        wanted[name],
        unless=unless[name],
        hint=f"the gradient of {name} is wrong, and the nodes before it in the order of the text are right",
        what=f"the gradient of {name}",
        rtol=1e-4,
        atol=1e-6,
    )
checks.passed("six nodes of the worked graph", points=4)

# %% topics=["H7"] nbgrader={"grade": true, "grade_id": "batchnorm_backward-steps-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: the steps for maps and vectors, against measured slopes
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
rng, step = np.random.default_rng(919), 1e-5
for shape, eps in (((5, 2), 0.1), ((2, 3, 2, 2), 1e-3)):
    c = shape[-1]
    x, dout, gamma = rng.normal(1, 2, shape), rng.normal(size=shape), rng.normal(1, 1, c)
    flat = x.reshape(-1, c)
    values = {"mean": flat.mean(0), "centred": flat - flat.mean(0)}
    values["var"] = (values["centred"] ** 2).mean(0)
    values["inv"] = (values["var"] + eps) ** -0.5
    values["xhat"] = values["centred"] * values["inv"]
    values["x"] = flat

    def loss(node, new):
        """The loss when one node is set to `new`, and those after it follow."""
        now = dict(values, **{node: new})
        order = ("x", "mean", "centred", "var", "inv", "xhat")
        for later in order[order.index(node) + 1 :]:
            now[later] = {
                "mean": lambda: now["x"].mean(0),
                "centred": lambda: now["x"] - now["mean"],
                "var": lambda: (now["centred"] ** 2).mean(0),
                "inv": lambda: (now["var"] + eps) ** -0.5,
                "xhat": lambda: now["centred"] * now["inv"],
            }[later]()
        return (gamma * now["xhat"] * dout.reshape(-1, c)).sum()

    got = checks.unchanged(batchnorm_steps, dout, x, gamma, eps)
    for node in ("xhat", "inv", "var", "centred", "mean", "x"):
        value = values[node]
        slopes = np.zeros(value.shape)
        for place in np.ndindex(*value.shape):
            up, down = value.copy(), value.copy()
            up[place] += step
            down[place] -= step
            slopes[place] = (loss(node, up) - loss(node, down)) / (2 * step)
        checks.close(
            got[node],
            slopes.reshape(shape) if value.ndim == 2 else slopes,
            rtol=1e-4,
            atol=1e-6,
            hint=f"for maps or another eps the gradient of {node} differs from the measured slope of the loss; m is N·H·W",
            what=f"the gradient of {node}",
        )
### END HIDDEN TESTS
checks.when_graded("maps and vectors, each node against measured slopes", points=3)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-sums", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# dgamma and dbeta of the worked channel
# When graded: maps
import numpy as np

from course import checks

x, dout = np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([[0.0], [0.0], [2.0], [1.0]])
result = checks.unchanged(batchnorm_backward, dout, x, np.array([4.0]), 0.0)
checks.true(isinstance(result, (tuple, list)) and len(result) == 3, "return three things: dx, dgamma, dbeta")
checks.close(
    result[2],
    [3.0],
    unless={"sum over the batch, not its mean": [0.75], "the order is dx, dgamma, dbeta": [np.sqrt(5)]},
    hint="dbeta is the sum of dout",
)
checks.close(
    result[1],
    [np.sqrt(5)],
    unless={
        "sum over the batch, not its mean": [np.sqrt(5) / 4],
        "gamma's gradient takes the standardised x̂, not x": [17.0],
        "gamma itself does not appear in its own gradient": [4 * np.sqrt(5)],
    },
    hint="dgamma is the sum of dout · x̂",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(910)
x, dout = rng.normal(2, 3, (3, 4, 5, 2)), rng.normal(size=(3, 4, 5, 2))
_, dgamma, dbeta = batchnorm_backward(dout, x, np.array([2.0, -1.0]), 0.5)
flat, grads = x.reshape(-1, 2), dout.reshape(-1, 2)
hat = (flat - flat.mean(0)) / np.sqrt(flat.var(0) + 0.5)
checks.close(
    dbeta, np.einsum("nc->c", grads), rtol=1e-4, atol=1e-6, hint="for maps dbeta sums over images, rows and columns"
)
checks.close(
    dgamma,
    np.einsum("nc,nc->c", grads, hat),
    rtol=1e-4,
    atol=1e-6,
    hint="for maps dgamma sums over images, rows and columns, with eps under the root of x̂",
)
### END HIDDEN TESTS
checks.passed("dgamma and dbeta", points=3, later="maps")

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-worked", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The worked example, and the two tests that need no reference
import numpy as np

from course import checks

x, dout = np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([[0.0], [0.0], [0.0], [1.0]])
hat = np.array([[-3.0], [-1.0], [1.0], [3.0]]) / np.sqrt(5)
dx = checks.unchanged(batchnorm_backward, dout, x, np.ones(1), 0.0)[0]
checks.close(
    dx,
    [[0.0894427], [-0.0447214], [-0.1788854], [0.1341641]],
    rtol=1e-4,
    unless={
        "the mean and the variance depend on x as well: two paths are missing": [[0], [0], [0], [0.4472136]],
        "the path through the variance is missing": [[-0.1118034], [-0.1118034], [-0.1118034], [0.3354102]],
        "the path through the mean is missing": [[0.2012461], [0.067082], [-0.067082], [0.2459675]],
        "a mean hands only 1/m of its gradient to each of the m numbers": [
            [0.3577709], [-0.1788854], [-0.7155418], [-0.8049845],
        ],
        "the root of the variance is missing: x̂ was divided by it": [[0.2], [-0.1], [-0.4], [0.3]],
        "divide by the root of the variance, not by the variance": [[0.04], [-0.02], [-0.08], [0.06]],
    },
    hint="with γ = 1 it is half of the dx of the exercise's text: compare with your batchnorm_steps",
)  # fmt: skip
checks.close(np.sum(dx), 0.0, atol=1e-6, hint="shifting a channel changes nothing: dx sums to 0")
checks.close(
    np.sum(np.asarray(dx) * hat), 0.0, atol=1e-6, hint="stretching a channel changes nothing: dx · x̂ sums to 0"
)
checks.passed("the worked example; dx sums to 0 and is at right angles to x̂", points=4)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Against differences of your own batchnorm_forward
# When graded: other shapes, gamma and eps
import numpy as np

from course import checks

rng = np.random.default_rng(92)
x, weights, gamma, beta = rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), np.array([2.0, -0.5]), np.zeros(2)
dx = np.asarray(batchnorm_backward(weights, x, gamma, 0.01)[0])
checks.shape(dx, (5, 2), hint="dx has the shape of x")
step = 1e-5
for place in ((0, 0), (3, 0), (1, 1), (4, 1)):
    up, down = x.copy(), x.copy()
    up[place] += step
    down[place] -= step
    high, low = (
        (np.asarray(batchnorm_forward(v, gamma, beta, beta, beta + 1, 0.9, 0.01)[0]) * weights).sum()
        for v in (up, down)
    )
    checks.close(
        dx[place],
        (high - low) / (2 * step),
        rtol=1e-5,
        atol=1e-7,
        hint="dx differs from the slope of your own batchnorm_forward, measured by nudging one number up and down",
    )
### BEGIN HIDDEN TESTS
rng, step = np.random.default_rng(918), 1e-5
for shape, eps in (((4, 3), 1e-3), ((7, 1), 0.5), ((2, 3, 2, 2), 0.1)):
    c = shape[-1]
    x, weights, gamma = rng.normal(1, 2, shape), rng.normal(size=shape), rng.normal(1, 1, c)

    def loss(values):
        flat = values.reshape(-1, c)
        centred = flat - flat.sum(0) / len(flat)
        out = gamma * centred / np.sqrt((centred**2).sum(0) / len(flat) + eps)
        return (out * weights.reshape(-1, c)).sum()

    slopes = np.zeros(shape)
    for place in np.ndindex(*shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (loss(up) - loss(down)) / (2 * step)
    checks.close(
        checks.unchanged(batchnorm_backward, weights, x, gamma, eps)[0],
        slopes,
        rtol=1e-4,
        atol=1e-6,
        hint="dx differs from the measured slope: gamma scales it, eps stands under the root",
    )
### END HIDDEN TESTS
checks.passed(
    "dx is the slope of your batchnorm_forward", points=5, later="other shapes, gamma and eps, against measured slopes"
)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-maps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: maps, against the whole matrix of derivatives
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(911)
for shape in ((2, 3, 4, 3), (3, 2, 2, 1)):
    c = shape[-1]
    x, dout, gamma = rng.normal(size=shape), rng.normal(size=shape), rng.uniform(0.5, 2, c)
    flat, grads = x.reshape(-1, c), dout.reshape(-1, c)
    expected = np.zeros_like(flat)
    for k in range(c):
        m = len(flat)
        centred = flat[:, k] - flat[:, k].mean()
        root = np.sqrt((centred**2).mean() + 1e-3)
        jacobian = (np.eye(m) - 1 / m) / root - np.outer(centred, centred) / (m * root**3)
        expected[:, k] = gamma[k] * jacobian @ grads[:, k]
    dx = batchnorm_backward(dout, x, gamma)[0]
    checks.close(
        dx,
        expected.reshape(shape),
        rtol=1e-4,
        atol=1e-6,
        hint="for maps mean and variance belong to all N·H·W numbers of a channel; eps is 1e-3 unless given",
    )
    checks.close(
        np.asarray(dx).sum(axis=(0, 1, 2)),
        np.zeros(c),
        atol=1e-6,
        hint="for maps dx sums to 0 over images, rows and columns",
    )
### END HIDDEN TESTS
checks.when_graded("maps, where m is N·H·W", points=3)

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "gradient-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A gradient check compares a formula with $(L(x+h)-L(x-h))/2h$. The step $h$ is a compromise: too large, and the curve is no straight line; too small, and the two losses differ only in rounded digits. The best step lies near $h = 10^{-5}$ for 64-bit numbers; 32-bit numbers have no good step. So check gradients in float64.

# %% topics=["H7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "gradient-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your gradient against measured slopes, for steps of many sizes
with checks.waiting_for("batchnorm_forward", "batchnorm_backward"):
    rng = np.random.default_rng(SEED)
    x, weights, gamma, beta = rng.normal(size=(8, 3)), rng.normal(size=(8, 3)), np.array([1.0, 2.0, 0.5]), np.zeros(3)
    exact = np.asarray(batchnorm_backward(weights, x, gamma)[0])
    nudges = np.logspace(-12, 0, 25)
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    for kind, colour in (("float64", BLUE), ("float32", ORANGE)):
        errors = []
        for h in nudges:
            slopes = np.zeros_like(x)
            for place in np.ndindex(*x.shape):
                losses = []
                for sign in (1, -1):
                    nudged = x.astype(kind)
                    nudged[place] += sign * h
                    given = [v.astype(kind) for v in (gamma, beta, beta, beta + 1)]
                    losses.append((batchnorm_forward(nudged, *given)[0] * weights.astype(kind)).sum())
                slopes[place] = (losses[0] - losses[1]) / (2 * h)
            errors.append(np.linalg.norm(slopes - exact) / np.linalg.norm(exact))
        ax.loglog(nudges, np.maximum(errors, 1e-12), "o-", color=colour, markersize=4, label=kind)
    ax.axhline(1e-6, color=GREY, linestyle="--", linewidth=1, label="a good check stays below")
    ax.set(title="Your gradient against measured slopes", xlabel="step h", ylabel="relative error")
    ax.legend()
    plots.show(
        "Relative error over the step: for float64 a valley whose floor, near 1e-10, lies around a step of 1e-5; for float32 a "
        "valley that never comes near one millionth."
    )

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "task-net_gradients", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `net_gradients` (12 points)
#
# Now use it. A small net with one hidden layer,
#
# $$z = x W_1, \quad a = \text{batch norm}(z), \quad h = \text{ReLU}(a), \quad s = h W_2 + b_2, \quad L = -\text{mean}\,\log \text{softmax}(s)_{y} ,$$
#
# the mean over the N images. You know from week 6 that $\partial L/\partial s = (\text{softmax}(s) - \text{onehot}(y))/N$. Go back from there; batch norm's part is done. Loss and gradients are compared to four digits, also where scores are in the thousands. The cell after the checks trains with it, so a wrong gradient shows.


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "net_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def net_gradients(params, x, y, eps=1e-3):
    """Loss and gradients of a net of one hidden layer with batch norm, in training mode.

    params: a dict of arrays: "W1" (D, H), "gamma" and "beta" (H,), "W2" (H, C), "b2" (C,). x: (N, D); y: integers (N,), 0 … C - 1.
    Returns (loss, gradients): a float, and a dict with the keys and shapes of params. Nothing given is changed; scores of
    any size give finite results.
    """
    ### BEGIN SOLUTION
    z = x @ params["W1"]
    unused = np.zeros(z.shape[1])
    a, _, _ = batchnorm_forward(z, params["gamma"], params["beta"], unused, unused, eps=eps)
    h = np.maximum(a, 0)
    s = h @ params["W2"] + params["b2"]
    s = s - s.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    ds = np.exp(log_p)
    ds[rows, y] -= 1
    ds /= len(y)
    da = ds @ params["W2"].T * (a > 0)
    dz, dgamma, dbeta = batchnorm_backward(da, z, params["gamma"], eps)
    gradients = {"W1": x.T @ dz, "gamma": dgamma, "beta": dbeta, "W2": h.T @ ds, "b2": ds.sum(axis=0)}
    return float(-log_p[rows, y].mean()), gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "net_gradients-loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The loss: log C while all scores are equal, and of a random net
import numpy as np

from course import checks

rng = np.random.default_rng(93)
params = {
    "W1": rng.normal(size=(4, 5)),
    "gamma": np.ones(5),
    "beta": np.zeros(5),
    "W2": np.zeros((5, 3)),
    "b2": np.zeros(3),
}
x, y = rng.normal(size=(6, 4)), np.array([0, 1, 2, 2, 1, 0])
answer = checks.unchanged(net_gradients, params, x, y)
checks.true(isinstance(answer, (tuple, list)) and len(answer) == 2, "two things come back: the loss and the gradients")
checks.close(
    answer[0],
    np.log(3),
    unless={
        "the loss is a mean over the images, not a sum": 6 * np.log(3),
        "the loss is −log p, so it is positive": -np.log(3),
    },
    hint="with equal scores each of 3 classes has the probability 1/3, so the loss is log 3 = 1.0986",
)
params = {name: value + rng.normal(0, 0.5, value.shape) for name, value in params.items()}
checks.close(
    net_gradients(params, x, y)[0],
    1.927409,
    unless={
        "batch norm is missing between W1 and the ReLU": 2.488374,
        "batch norm works in training mode here, with the batch's own mean and variance": 2.604723,
        "the ReLU is missing": 1.933115,
        "the dense layers are those of the text: the second is a dense with bias, b2": 1.860864,
    },
    rtol=1e-4,
    hint="dense, batch norm in training mode (eps 1e-3), ReLU, dense with bias, softmax, mean of −log p of the right class",
)
checks.passed("the loss", points=3)

# %% nbgrader={"grade": true, "grade_id": "net_gradients-slopes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The gradient of each parameter against its measured slope
import numpy as np

from course import checks

rng = np.random.default_rng(986)
params = {"W1": rng.normal(size=(3, 4)), "gamma": rng.normal(1, 0.3, 4), "beta": rng.normal(size=4)}
params |= {"W2": rng.normal(size=(4, 3)), "b2": rng.normal(size=3)}
x, y = rng.normal(1, 2, (7, 3)), rng.integers(0, 3, 7)
gradients = net_gradients(params, x, y, 0.01)[1]
checks.true(isinstance(gradients, dict), "the gradients come as a dict with the keys of params")
checks.equal(sorted(gradients), sorted(params), hint="one gradient for each parameter, under the same name")
slopes = {  # measured, by nudging each number of params up and down
    "b2": [0.287087, -0.548118, 0.261031],
    "W2": [
        [0.087308, -0.332327, 0.245019],
        [0.191462, -0.499848, 0.308386],
        [0.309131, -0.548785, 0.239654],
        [0.12786, -0.395553, 0.267693],
    ],
    "beta": [0.319925, -0.499079, 0.510592, 0.145565],
    "gamma": [0.666102, -0.543501, 0.507287, 0.171248],
    "W1": [
        [-0.070997, 0.164843, 0.021518, -0.072602],
        [0.372305, -0.035733, -0.100372, -0.182183],
        [0.259545, -0.080965, 0.127463, 0.081332],
    ],
}
for name, measured in slopes.items():
    checks.close(
        gradients[name],
        measured,
        rtol=1e-4,
        atol=1e-6,
        unless={
            "the loss is a mean over the images: divide by N": 7 * np.array(measured),
            "uphill: the sign is wrong": -np.array(measured),
        },
        hint=f"the gradient of {name} differs from the measured slope of the loss; from the scores back, those before it are right",
        what=f"the gradient of {name}",
    )
checks.passed("five gradients are the measured slopes", points=5)

# %% nbgrader={"grade": true, "grade_id": "net_gradients-any", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: other sizes, eps, a batch of one class, large scores
import numpy as np

from course import checks


### BEGIN HIDDEN TESTS
def loss_of(params, x, y, eps):
    z = x @ params["W1"]
    c = z - z.mean(0)
    h = np.maximum(params["gamma"] * c / np.sqrt((c**2).mean(0) + eps) + params["beta"], 0)
    s = h @ params["W2"] + params["b2"]
    s = s - s.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y])


def slopes_of(params, x, y, eps, name):
    slopes = np.zeros(params[name].shape)
    for place in np.ndindex(*slopes.shape):
        sides = []
        for sign in (1, -1):
            nudged = {key: value.copy() for key, value in params.items()}
            nudged[name][place] += sign * 1e-6
            sides.append(loss_of(nudged, x, y, eps))
        slopes[place] = (sides[0] - sides[1]) / 2e-6
    return slopes


rng = np.random.default_rng(95)
for d, hidden, classes, n, eps in ((2, 6, 2, 9, 1e-3), (5, 3, 4, 4, 0.2)):
    params = {"W1": rng.normal(size=(d, hidden)), "gamma": rng.normal(1, 0.3, hidden), "beta": rng.normal(size=hidden)}
    params |= {"W2": rng.normal(size=(hidden, classes)), "b2": rng.normal(size=classes)}
    x, y = rng.normal(-1, 2, (n, d)), rng.integers(0, classes, n)
    loss, gradients = checks.unchanged(net_gradients, params, x, y, eps)
    checks.close(loss, loss_of(params, x, y, eps), rtol=1e-4, hint="the loss for other sizes and another eps")
    for name in params:
        slopes = slopes_of(params, x, y, eps, name)
        checks.close(
            gradients[name],
            slopes,
            rtol=1e-4,
            atol=1e-7,
            hint=f"the gradient of {name} for other sizes and another eps",
        )
y = np.zeros_like(y)
checks.close(
    net_gradients(params, x, y, eps)[1]["b2"],
    slopes_of(params, x, y, eps, "b2"),
    rtol=1e-4,
    atol=1e-7,
    hint="a batch in which only class 0 occurs: the number of classes is that of the scores, not of the labels",
)
params = dict(params, W2=1000.0 * params["W2"])
loss, gradients = net_gradients(params, x, y, eps)
checks.close(
    loss, loss_of(params, x, y, eps), rtol=1e-4, hint="scores of 1,000 and more overflow in exp: subtract the largest"
)
checks.true(
    all(np.isfinite(np.asarray(gradients[name])).all() for name in params),
    "scores of 1,000 and more overflow in exp: subtract the largest",
)
### END HIDDEN TESTS
checks.when_graded("other sizes and eps, a batch of one class, large scores", points=4)

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "own-training", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("batchnorm_forward", "batchnorm_backward", "net_gradients"):
    x_flat, held_flat = (x.reshape(len(x), -1).astype(float) for x in (x_train, x_held))
    curves, shares = {}, {}
    for size in (0.01, 1, 100):  # first weights a hundred times too small, right (He), a hundred times too large
        rng = np.random.default_rng(SEED)
        params = {"W1": size * rng.normal(0, np.sqrt(2 / 784), (784, 48)), "gamma": np.ones(48), "beta": np.zeros(48)}
        params |= {"W2": rng.normal(0, np.sqrt(2 / 48), (48, 10)), "b2": np.zeros(10)}
        mean, var, losses = np.zeros(48), np.ones(48), []
        for _ in range(4):  # epochs
            order = rng.permutation(len(x_flat))
            for start in range(0, len(order), 50):
                batch = order[start : start + 50]
                loss, gradients = net_gradients(params, x_flat[batch], y_train[batch])
                z = x_flat[batch] @ params["W1"]
                _, mean, var = batchnorm_forward(z, params["gamma"], params["beta"], mean, var, momentum=0.9)
                params = {name: value - 0.2 * gradients[name] for name, value in params.items()}
                losses.append(loss)
        a, _, _ = batchnorm_forward(
            held_flat @ params["W1"], params["gamma"], params["beta"], mean, var, training=False
        )
        curves[size] = losses
        shares[size] = np.mean((np.maximum(a, 0) @ params["W2"] + params["b2"]).argmax(axis=1) == y_held)
        print(
            f"first weights times {size:g}: loss {losses[0]:.2f} → {losses[-1]:.2f}, held-out digits {shares[size]:.1%}"
        )

# %% topics=["H7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "own-training-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A net trained by your own backward pass, from weights of three sizes
with checks.waiting_for("net_gradients"):
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (size, losses), colour in zip(curves.items(), (ORANGE, GREEN, BLUE), strict=True):
        smooth = np.convolve(losses, np.ones(9) / 9, "valid")
        ax.plot(smooth, color=colour, label=f"first weights × {size:g}: {shares[size]:.0%} of held-out digits")
    ax.axhline(np.log(10), color=GREY, linestyle="--", linewidth=1, label="log 10: knows nothing")
    ax.set(
        title="A net trained by your own backward pass", xlabel="step", ylabel="loss (mean of 9 steps)", ylim=(0, None)
    )
    ax.legend()
    plots.show(
        "Training loss of three nets whose first weights differ by factors of 100 in size: all fall; with "
        "right or with small weights to below 0.2, with weights a hundred times too large more slowly, to about 0.45."
    )

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "own-training-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Batch norm divides the size of $W_1$ out again: weights a hundred times too large start with the loss of He's. Weights a hundred times too small do so only in part, for the variance of $z$ then lies far below $\varepsilon$, which then sets the scale. None of the three is stuck. What the size still changes is the relative step: the gradient of a hundred times larger $W_1$ is a hundred times smaller, so the same learning rate moves it ten thousand times less in proportion, and that net learns most slowly. Without batch norm, section 7 shows what badly sized weights do.

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "init-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · The initial weights: how large?
#
# A unit adds up `fan_in` ([fan-in](../../course/glossary.md)) products $w\,x$. If the weights have mean 0 and are independent of each other and of the inputs, variances add, and what counts of an input is its **mean square**, not its variance:
#
# $$\text{Var}(z) = \text{fan\_in}\cdot\text{Var}(w)\cdot E[x^2].$$
#
# For an input with mean 0, $E[x^2]$ is the variance, and $\text{Var}(w) = 1/\text{fan\_in}$ keeps it. After a ReLU the mean is no longer 0. ReLU sets half of the values of a symmetric $z$ to 0 and keeps the others, so $E[\text{ReLU}(z)^2] = \frac12 \text{Var}(z)$, exactly half; hence He's 2. (The variance of ReLU$(z)$ falls further, to 0.34 for a normal $z$, but it is not what the next layer adds up.) Going backward, the same sum runs over `fan_out`.
#
# | scheme | standard deviation of a weight | made for |
# |---|---|---|
# | LeCun | $\sqrt{1/\text{fan\_in}}$ | linear, tanh, selu |
# | Glorot (Xavier; 2010) | $\sqrt{2/(\text{fan\_in}+\text{fan\_out})}$, a balance of forward and backward | tanh, sigmoid; Keras's default |
# | He (2015) | $\sqrt{2/\text{fan\_in}}$ | ReLU |
# | RandomUniform | $0.05/\sqrt3$ = 0.0289, whatever the layer | nothing in particular |
#
# "uniform" and "normal" differ in the shape of the distribution, not in its standard deviation. A uniform distribution on $\pm a$ has the standard deviation $a/\sqrt3$; so Glorot's limit is $a = \sqrt{6/(\text{fan\_in}+\text{fan\_out})}$.
#
# **Fan of a convolution**: a kernel (k, k, c_in, c_out) has fan_in = $k\cdot k\cdot c_{in}$, since so many products go into one output, and fan_out = $k\cdot k\cdot c_{out}$. *Worked*, 3×3 from 16 to 32 channels: fan_in 144, fan_out 288. Glorot $\sqrt{2/432}$ = 0.0680, He $\sqrt{2/144}$ = 0.1179.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-init_std", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `init_std` (10 points)
#
# Compared to four digits, and with weights that Keras draws to 2 %.


# %% topics=["A12"] nbgrader={"grade": false, "grade_id": "init_std", "locked": false, "schema_version": 3, "solution": true, "task": false}
def init_std(shape, scheme):
    """Standard deviation of the weights that Keras draws for a kernel of this shape.

    shape: (fan_in, fan_out) of a dense kernel, or (k_h, k_w, c_in, c_out) of a convolution's.
    scheme: "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", or
    "random_uniform" (between −0.05 and 0.05). Returns a float. Raises ValueError for another scheme.
    """
    ### BEGIN SOLUTION
    window = int(np.prod(shape[:-2]))
    fan_in, fan_out = window * shape[-2], window * shape[-1]
    family = scheme.removesuffix("_uniform").removesuffix("_normal")
    if scheme == "random_uniform":
        return float(0.05 / np.sqrt(3))
    if family == scheme or family not in ("glorot", "he", "lecun"):
        raise ValueError(f"no scheme {scheme!r}")
    variance = {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}[family]
    return float(np.sqrt(variance))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "init_std-dense", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A dense layer from 100 to 300 units
from course import checks

shape = (100, 300)
checks.close(
    init_std(shape, "glorot_uniform"),
    0.0707107,
    unless={
        "that is the limit of the uniform distribution; its standard deviation is limit / √3": 0.1224745,
        "that is the variance; take its root": 0.005,
        "2 / (fan_in + fan_out), not 1 / (fan_in + fan_out)": 0.05,
    },
    hint="√(2 / (100 + 300))",
)
checks.close(
    init_std(shape, "he_normal"),
    0.1414214,
    unless={"fan_in is the first number of a dense kernel's shape": 0.0816497, "He has a 2 above: √(2 / fan_in)": 0.1},
    hint="√(2 / 100)",
)
checks.close(init_std(shape, "lecun_normal"), 0.1, hint="√(1 / 100)")
checks.close(
    init_std(shape, "random_uniform"),
    0.0288675,
    unless={"a uniform distribution on ±0.05 has the standard deviation 0.05 / √3": 0.05},
    hint="0.05 / √3, whatever the shape",
)
checks.passed("four schemes for a dense layer", points=3)

# %% nbgrader={"grade": true, "grade_id": "init_std-conv", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# A convolution, 3×3 from 16 to 32 channels
# When graded: windows that are not square, few channels
from course import checks

shape = (3, 3, 16, 32)
checks.close(
    init_std(shape, "glorot_normal"),
    0.0680414,
    rtol=1e-4,
    unless={
        "the window counts in both fans: k·k·c_in and k·k·c_out": 0.2041241,
        "the window counts in fan_out as well": (2 / (144 + 32)) ** 0.5,
        "fan_in and fan_out are 9 · 16 and 9 · 32 here; the first two numbers of the shape are the window": (2 / 6)
        ** 0.5,
    },
    hint="fan_in 144, fan_out 288: √(2 / 432)",
)
checks.close(
    init_std(shape, "he_uniform"),
    0.1178511,
    rtol=1e-4,
    unless={
        "fan_in without its window: it is k·k·c_in": 0.3535534,
        "He looks at fan_in, k·k·c_in, not at fan_out": 0.0833333,
    },
    hint="fan_in = 3 · 3 · 16: √(2 / 144)",
)
### BEGIN HIDDEN TESTS
for shape, fans in {(5, 3, 2, 7): (30, 105), (1, 1, 64, 16): (64, 16), (7, 7, 3, 4): (147, 196)}.items():
    checks.close(
        init_std(shape, "glorot_uniform"),
        (2 / sum(fans)) ** 0.5,
        rtol=1e-4,
        hint="the window is k_h · k_w, in both fans",
    )
    checks.close(
        init_std(shape, "he_normal"), (2 / fans[0]) ** 0.5, rtol=1e-4, hint="He takes fan_in = k_h · k_w · c_in"
    )
    checks.close(
        init_std(shape, "lecun_uniform"), (1 / fans[0]) ** 0.5, rtol=1e-4, hint="LeCun takes fan_in = k_h · k_w · c_in"
    )
### END HIDDEN TESTS
checks.passed("fans of a convolution", points=5, later="windows that are not square, few channels")

# %% nbgrader={"grade": true, "grade_id": "init_std-keras", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A scheme that does not exist
# When graded: against weights drawn by Keras, for each scheme
from course import checks

checks.raises(ValueError, lambda: init_std((3, 4), "xavier_normal"), hint="a scheme that does not exist")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

kinds = {
    "glorot_uniform": "GlorotUniform",
    "glorot_normal": "GlorotNormal",
    "he_uniform": "HeUniform",
    "he_normal": "HeNormal",
    "lecun_uniform": "LecunUniform",
    "lecun_normal": "LecunNormal",
    "random_uniform": "RandomUniform",
}
for shape in ((400, 250), (3, 3, 40, 280)):
    for scheme, name in kinds.items():
        drawn = np.asarray(getattr(keras.initializers, name)(seed=9)(shape))
        got = init_std(shape, scheme)
        checks.between(
            got,
            0.98 * drawn.std(),
            1.02 * drawn.std(),
            hint=f"{scheme}: not the spread of the weights that Keras draws",
        )
for wrong in ("glorot", "random_normal", "he_Normal"):
    checks.raises(ValueError, lambda wrong=wrong: init_std((3, 4), wrong), hint="a scheme that does not exist")
### END HIDDEN TESTS
checks.passed("an unknown scheme is refused", points=2, later="100,000 weights drawn by Keras, for each scheme")

# %% [markdown] topics=["A12", "K3"] nbgrader={"grade": false, "grade_id": "depth-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Thirty layers multiply thirty times
#
# One layer with a wrong factor is harmless; depth makes it a disaster, [vanishing gradients](../../course/glossary.md) among others. A factor of 0.5 per layer is $0.5^{10} \approx 0.001$ after ten layers and $10^{-9}$ after thirty. The notes report "0.007 after 5 layers, 0.00004 after 10, with random uniform": from one to the other that is a factor of 0.36 per layer.
#
# **Forward**: with $h_0 = x$ and $h_l = f(h_{l-1}W_l)$, no biases. *Worked*: $x = (1, 2)$, $W_1 = \begin{pmatrix}1&-1\\0&1\end{pmatrix}$, $W_2 = \begin{pmatrix}2\\1\end{pmatrix}$, ReLU. $h_1 = (1, 1)$, $h_2 = 3$.
#
# **Backward**: with $\delta_L = \partial L/\partial h_L$ given, from the last layer to the first,
#
# $$\delta'_l = \delta_l \odot f'(z_l), \qquad \frac{\partial L}{\partial W_l} = h_{l-1}^\top\,\delta'_l, \qquad \delta_{l-1} = \delta'_l W_l^\top .$$
#
# For ReLU $f'(z)$ is 1 where $h > 0$ and 0 elsewhere; for tanh it is $1 - h^2$; so the activations are all you need. *Worked on*, with $\delta_2 = 1$: $\partial L/\partial W_2 = (1, 1)^\top$ with norm 1.414; $\delta_1 = (2, 1)$; $\partial L/\partial W_1 = \begin{pmatrix}2&1\\4&2\end{pmatrix}$ with norm 5.

# %% [markdown] topics=["K3"] nbgrader={"grade": false, "grade_id": "task-gradients_by_depth", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `signal_by_depth`, `gradients_by_depth` (12 points)
#
# The first sends a batch through and returns the activations after every layer; the second goes back and returns how large the gradient of each weight matrix is.


# %% topics=["A12", "K3"] nbgrader={"grade": false, "grade_id": "gradients_by_depth", "locked": false, "schema_version": 3, "solution": true, "task": false}
def signal_by_depth(x, weights, activation):
    """Activations after every layer of a plain dense net without biases.

    x: (N, D); weights: list of matrices (D_in, D_out); activation: "linear", "relu" or "tanh", the same in every layer.
    Returns the list [x, h_1, ..., h_L], each (N, width). Raises ValueError for another activation.
    """
    ### BEGIN SOLUTION
    functions = {"linear": lambda z: z, "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}
    if activation not in functions:
        raise ValueError(f"no activation {activation!r}")
    layers = [x]
    for w in weights:
        layers.append(functions[activation](layers[-1] @ w))
    return layers
    ### END SOLUTION


def gradients_by_depth(layers, weights, activation, dout):
    """Norm of the loss's gradient with respect to every weight matrix of a plain dense net.

    layers: [x, h_1, ..., h_L], as signal_by_depth returns them; weights: the L matrices; activation: "linear", "relu"
    or "tanh"; dout: (N, width of h_L), the loss's gradient with respect to h_L.
    Returns L floats, first layer first: the Frobenius norms (root of the sum of squares) of the ∂L/∂W.
    """
    ### BEGIN SOLUTION
    norms = []
    delta = dout
    for w, before, after in zip(weights[::-1], layers[-2::-1], layers[:0:-1], strict=True):
        if activation == "relu":
            delta = delta * (after > 0)
        elif activation == "tanh":
            delta = delta * (1 - after**2)
        norms.append(float(np.linalg.norm(before.T @ delta)))
        delta = delta @ w.T
    return norms[::-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-signal", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Forward: the worked net, and an image that ReLU silences
import numpy as np

from course import checks

weights = [np.array([[1.0, -1.0], [0.0, 1.0]]), np.array([[2.0], [1.0]])]
layers = checks.unchanged(signal_by_depth, np.array([[1.0, 2.0], [-1.0, 0.0]]), weights, "relu")
checks.true(isinstance(layers, (list, tuple)), "return the list of activations")
checks.equal(len(layers), 3, unless={"the list begins with x": 2}, hint="x, and one array for each layer")
checks.close(layers[0], [[1, 2], [-1, 0]], hint="the list begins with x as it is")
checks.close(
    layers[1],
    [[1, 1], [0, 1]],
    unless={
        "the activation is missing": [[1, 1], [-1, 1]],
        "rows are images: h @ W, not h @ W.T": [[0, 2], [0, 0]],
    },
    hint="ReLU of h W: negative sums become 0",
)
checks.close(layers[2], [[3], [1]], hint="each layer starts from the one before it: (1, 1) W₂ = 3")
checks.passed("the activations of the worked net", points=3)

# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-signal-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Forward: an activation that does not exist
# When graded: deeper nets, three activations
import numpy as np

from course import checks

checks.raises(
    ValueError, lambda: signal_by_depth(np.ones((1, 2)), [np.eye(2)], "swish"), hint="an activation not in the list"
)
### BEGIN HIDDEN TESTS
from itertools import pairwise

import keras

rng = np.random.default_rng(915)
for activation in ("linear", "relu", "tanh"):
    widths = [int(n) for n in rng.integers(2, 7, 6)]
    weights = [rng.normal(size=pair) for pair in pairwise(widths)]
    x = rng.normal(size=(4, widths[0]))
    model = keras.Sequential([keras.Input((widths[0],))])
    expected = [x]
    for w in weights:
        model.add(keras.layers.Dense(w.shape[1], activation=activation, use_bias=False))
        model.layers[-1].set_weights([w])
        expected.append(np.asarray(model(x.astype("float32"))))
    got = checks.unchanged(signal_by_depth, x, weights, activation)
    checks.equal(len(got), len(expected), hint="x, and one array for each layer")
    for mine, theirs in zip(got, expected, strict=True):
        checks.close(
            mine,
            theirs,
            rtol=1e-3,
            atol=1e-4,
            hint=f"{activation}: differs from the same net built of Keras's Dense layers",
        )
### END HIDDEN TESTS
checks.passed("an unknown activation is refused", points=3, later="deeper nets, three activations")

# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Backward: the worked net, first layer first
import numpy as np

from course import checks

weights = [np.array([[1.0, -1.0], [0.0, 1.0]]), np.array([[2.0], [1.0]])]
layers = [np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[3.0]])]
got = checks.unchanged(gradients_by_depth, layers, weights, "relu", np.array([[1.0]]))
checks.close(
    got,
    [5.0, np.sqrt(2)],
    unless={
        "first layer first: turn the list around": [np.sqrt(2), 5.0],
        "the norm is the root of the sum of squares": [25.0, 2.0],
        "these are norms of δ; the weights' gradient is hᵀδ, with h of the layer before": [np.sqrt(5), 1.0],
        "the weights' gradient takes h of the layer before it, not the one after": [np.sqrt(10), 3.0],
    },
    hint="norms 5 and 1.414",
)
checks.passed("the gradient norms of the worked net", points=3)

# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-numbers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: backward in random nets, against measured slopes
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
from itertools import pairwise

rng = np.random.default_rng(916)
shapes = {"linear": lambda z: z, "relu": lambda z: z * (z > 0), "tanh": lambda z: np.sinh(z) / np.cosh(z)}


def run(x, weights, f):
    layers = [x]
    for w in weights:
        layers.append(f(layers[-1] @ w))
    return layers


for activation, f in shapes.items():
    widths = [3, 4, 2, 3, 2]
    weights = [rng.normal(0, 0.9, pair) for pair in pairwise(widths)]
    x, dout = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    expected = []
    for index, w in enumerate(weights):
        slopes = np.zeros_like(w)
        for place in np.ndindex(*w.shape):
            for sign in (1, -1):
                nudged = [v.copy() for v in weights]
                nudged[index][place] += sign * 1e-6
                slopes[place] += sign * (run(x, nudged, f)[-1] * dout).sum() / 2e-6
        expected.append(np.sqrt((slopes**2).sum()))
    got = checks.unchanged(gradients_by_depth, run(x, weights, f), weights, activation, dout)
    checks.close(
        got,
        expected,
        unless={"first layer first: turn the list around": expected[::-1]},
        rtol=1e-4,
        atol=1e-6,
        hint=f"{activation}: differs from the measured slopes; is the derivative of the activation in it, in every layer?",
    )
### END HIDDEN TESTS
checks.when_graded("random nets with three activations", points=3)

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "histogram-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look at both in nets of standardised random numbers, ReLU, three initialisers, nothing trained. **Before you run the next two cells, write down** (for question 3 of section 8): by which factor per layer does the mean square change with He, with Glorot, and with RandomUniform at width 256?

# %% topics=["A12", "K3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "histogram-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Activations through depth: 12 ReLU layers of 256, three initialisers
with checks.waiting_for("init_std", "signal_by_depth"):
    schemes = {"random_uniform": ORANGE, "glorot_normal": BLUE, "he_normal": GREEN}
    depth, width, shown = 12, 256, (1, 6, 12)
    fig, axes = plt.subplots(3, len(shown) + 1, figsize=(10, 6.2), layout="constrained")
    for row, (scheme, colour) in zip(axes, schemes.items(), strict=True):
        rng = np.random.default_rng(SEED)
        weights = [rng.normal(0, init_std((width, width), scheme), (width, width)) for _ in range(depth)]
        layers = [np.asarray(h) for h in signal_by_depth(rng.normal(size=(200, width)), weights, "relu")]
        squares = [np.mean(h**2) for h in layers]
        print(f"{scheme:15} mean square × {(squares[-1] / squares[1]) ** (1 / (depth - 1)):.3f} per layer")
        for ax, layer in zip(row, shown, strict=False):
            values = layers[layer]
            ax.hist(values[values > 0], bins=40, range=(0, 3), color=colour)
            ax.set_yscale("log")
            ax.set(xlim=(0, 3), ylim=(1, 1e5), yticks=[])
            ax.set_title(f"layer {layer}: mean square {squares[layer]:.1g}", fontsize=9)
            ax.minorticks_off()
        row[0].set_ylabel(f"{scheme}\nhow many (log)")
        row[-1].semilogy(squares, "o-", color=colour, markersize=4)
        row[-1].set(ylim=(1e-14, 10))
        row[-1].set_title("mean square by layer", fontsize=9)
    for ax in axes[-1, :-1]:
        ax.set_xlabel("activation, above 0")
    axes[-1, -1].set_xlabel("layer")
    plots.show(
        "Histograms of positive activations in layers 1, 6 and 12: with random uniform they shrink to zero at once, with Glorot slowly, "
        "with He they keep their width; at the right the mean square over the layers, falling steeply, falling, and level."
    )

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "histogram-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Only He keeps its mean square. Glorot, balanced for a linear layer, loses half of it with every ReLU: the spread falls by $\sqrt2$ per layer, 64-fold after twelve. RandomUniform's factor depends on the width: $256 \cdot 0.0289^2 / 2 = 0.107$ per layer, in spread 0.33, close to the 0.36 of the notes.

# %% topics=["K3", "A12"] tags=["draw"] nbgrader={"grade": false, "grade_id": "gradient-depth-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Gradient norms by layer, and of the first layer by depth
with checks.waiting_for("init_std", "signal_by_depth", "gradients_by_depth"):
    schemes = {"random_uniform": ORANGE, "glorot_normal": BLUE, "he_normal": GREEN}
    width, depths = 64, (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)
    fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for scheme, colour in schemes.items():
        share = []
        for depth in depths:
            rng = np.random.default_rng(SEED)
            weights = [rng.normal(0, init_std((width, width), scheme), (width, width)) for _ in range(depth)]
            layers = signal_by_depth(rng.normal(size=(100, width)), weights, "relu")
            norms = gradients_by_depth(layers, weights, "relu", rng.normal(size=(100, width)) / 100)
            share.append(norms[0])
        axes[0].semilogy(range(1, 31), norms, "o-", color=colour, markersize=4, label=scheme)
        axes[1].semilogy(depths, share, "o-", color=colour, markersize=4, label=scheme)
    axes[0].set(title="30 layers: gradient norm by layer", xlabel="layer (1 is next to the image)")
    axes[1].set(title="Gradient norm of the first layer, by depth", xlabel="depth of the net")
    axes[0].set_ylabel("‖∂L/∂W‖ before any training")
    axes[1].legend()
    plots.show(
        "Left, in a net of 30 layers the gradient norm is nearly the same in all layers of a net: tiny for random uniform, small for "
        "Glorot, large for He. Right, the norm of the first layer's gradient falls exponentially with the depth of the net for the "
        "first two, and stays level for He."
    )

# %% [markdown] topics=["K3"] nbgrader={"grade": false, "grade_id": "gradient-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The left picture is not what most expect: with a bad initialiser the gradient is small in **all** layers, and nearly the same. A weight's gradient is the product of what came forward and what came back, and the two shrink towards opposite ends. The right picture is the table of the notes: the deeper the net, the less reaches the first layer.

# %% [markdown] topics=["H7", "K3"] nbgrader={"grade": false, "grade_id": "rescue-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Three deep nets on digits
#
# Six hidden dense layers, ReLU, 64 wide, the same digits and steps; three initialisations: RandomUniform, He, and RandomUniform with batch norm after every dense layer. Batch norm repairs, at every step, what the initialiser got wrong.


# %% nbgrader={"grade": false, "grade_id": "rescue", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def deep_net(initialiser, batch_norm, depth=6, width=64):
    """A dense net for digits: depth hidden layers of `width`, ReLU, with batch norm before it or without."""
    keras.utils.set_random_seed(SEED)
    layers = [keras.Input(x_train.shape[1:]), keras.layers.Flatten()]
    for _ in range(depth):
        layers.append(keras.layers.Dense(width, use_bias=not batch_norm, kernel_initializer=initialiser))
        if batch_norm:
            layers.append(keras.layers.BatchNormalization(momentum=0.9))
        layers.append(keras.layers.ReLU())
    layers.append(keras.layers.Dense(10, activation="softmax"))
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


NETS = {
    "random uniform": ("random_uniform", False),
    "He": ("he_normal", False),
    "random uniform + BN": ("random_uniform", True),
}
EPOCHS = 8 if PROFILE == "full" else 6
histories, deep = {}, {}
for name, settings in NETS.items():
    deep[name] = deep_net(*settings)
    print(name)
    histories[name] = training.fit(
        deep[name], x_train, y_train, validation=(x_held, y_held), epochs=EPOCHS, batch_size=64
    )

# %% topics=["H7", "K3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "rescue-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Loss and held-out accuracy of the three nets
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
for (name, history), colour in zip(histories.items(), (ORANGE, GREEN, BLUE), strict=True):
    epochs = range(1, len(history["loss"]) + 1)
    axes[0].plot(epochs, history["loss"], "o-", color=colour, label=name)
    axes[1].plot(epochs, history["val_accuracy"], "o-", color=colour, label=name)
axes[0].axhline(np.log(10), color=GREY, linestyle="--", linewidth=1, label="log 10: knows nothing")
axes[0].set(title="Training loss", xlabel="epoch", ylabel="cross-entropy", ylim=(0, 2.6))
axes[1].axhline(0.1, color=GREY, linestyle="--", linewidth=1, label="guessing")
axes[1].set(title="Accuracy on held-out digits", xlabel="epoch", ylabel="accuracy", ylim=(0, 1))
for ax in axes:
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
plots.show(
    "Over the epochs, the loss of the net from random uniform weights stays at log 10 and its accuracy at a tenth; the nets from He's "
    "weights and with batch norm learn, and both end near or above nine tenths."
)

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "modes-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **The wrong mode at test time.** The net with batch norm once more, its trained weights with your `batchnorm_forward`, on held-out digits. In test mode it uses its moving statistics. What happens when someone leaves it in training mode, as `model(x, training=True)` does? Each answer then depends on the other images in the batch, and on how many they are; look at the batch of one.

# %% topics=["H7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "modes-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The same net in test mode and in training mode, by size of the batch
with checks.waiting_for("batchnorm_forward"):
    net = deep["random uniform + BN"]
    parts = [(type(layer).__name__, [np.asarray(w, float) for w in layer.get_weights()]) for layer in net.layers]

    def classes(images, training):
        """The class that the net gives each image, with your batchnorm_forward in place of Keras's layer."""
        h = images.reshape(len(images), -1)
        for kind, weights in parts:
            if kind == "Dense":
                h = h @ weights[0] + (weights[1] if len(weights) > 1 else 0)
            elif kind == "BatchNormalization":
                h = batchnorm_forward(h, *weights, training=training)[0]
            elif kind == "ReLU":
                h = np.maximum(h, 0)
        return h.argmax(-1)

    digits, labels = x_held[:60], y_held[:60]
    sizes = (1, 3, 6, 12, 30, 60)  # each divides 60: every digit is asked about once
    wrong_mode = []
    for size in sizes:
        answers = [classes(digits[start : start + size], training=True) for start in range(0, 60, size)]
        wrong_mode.append(np.mean(np.concatenate(answers) == labels))
    right_mode = np.mean(classes(digits, training=False) == labels)
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    ax.semilogx(sizes, wrong_mode, "o-", base=2, color=ORANGE, label="training mode: statistics of the batch")
    ax.axhline(right_mode, color=BLUE, label="test mode: moving statistics")
    ax.set(title="The same net, the same 60 digits", xlabel="images in the batch", ylabel="accuracy", ylim=(0, 1))
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.legend(loc="lower right")
    plots.show(
        "Accuracy in training mode over the size of the batch: about a tenth, guessing, for batches of one image, much better for three, rising to "
        "that of the test mode, a level line, for batches of some dozens."
    )

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "written-intro", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · In words
#
# ### Exercise 7 · (12 points, read by a person)
#
# Three sentences or so for each point.
#
# 1. (5 points) What does batch norm compute in training, what at test time, and why must the two differ? Which bug shows when one image is classified alone in training mode, and which when a net is tested after twenty steps?
# 2. (3 points) "We divide by 255, so we already use batch normalisation." Name three differences.
# 3. (4 points) Your prediction of section 6, and what came. Then: a net of 30 ReLU layers starts with a loss of log 10 and stays there. Which two quantities would you look at first, layer by layer, and which two changes would you try?

# %% [markdown] topics=["H7", "E18", "K3"] nbgrader={"grade": true, "grade_id": "what-batch-norm-does", "locked": false, "points": 12, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. In training each channel is standardised with mean and biased variance of the batch (over images, rows and columns), then scaled by gamma and shifted by beta; the moving statistics follow slowly. At test time the moving statistics are used and stay, so that an answer does not depend on the other images, and one image alone works. In training mode a single vector is its own mean: it becomes beta, whatever it shows. After twenty steps with momentum 0.99 the moving statistics still are 82 % of their first values 0 and 1: test accuracy is bad though training went well. *(1 point for each mode, 1 for the reason, 1 for each bug.)*
# 2. 255 is a constant, fixed before training; batch norm's statistics come from each batch. It scales only the input; batch norm stands between layers. It has no weights and one mode; batch norm has gamma and beta, trained, and two modes. It also does not centre. *(1 point each.)*
# 3. He 1, Glorot ½, RandomUniform 0.107 per layer, compared with what was predicted. *(1 point.)* The mean square of the activations and the norm of the weights' gradient in each layer; one expects both to be tiny. He initialisation, batch norm after each layer (or skip connections, a shallower net). *(1 point for the activations, 1 for the gradients, 1 for two sensible changes. A larger learning rate alone earns nothing here.)*
# ### END SOLUTION

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# ### Stretch · `fold_batchnorm`: batch norm for nothing
#
# At test time batch norm is a fixed line per channel, $y = a\,z + b$ with $a = \gamma/\sqrt{v+\varepsilon}$ and $b = \beta - a\mu$. A convolution before it is linear, $z = k * x + c$. Two linear maps in a row are one. Which kernel and which bias does the one convolution have that answers as the two layers do? Programs that run trained nets on phones do this first.


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "fold_batchnorm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold_batchnorm(kernel, bias, gamma, beta, moving_mean, moving_var, eps=1e-3):
    """The convolution that alone does what a convolution with a batch norm after it does at test time.

    kernel: (k_h, k_w, c_in, c_out); bias: (c_out,), or None for a convolution without one; the others: (c_out,).
    Returns (kernel, bias), of the same shape as kernel, and (c_out,). Nothing given is changed.
    """
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(moving_var + eps)
    start = 0.0 if bias is None else bias
    return kernel * scale, (start - moving_mean) * scale + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fold_batchnorm-worked", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A 1×1 convolution, by hand
import numpy as np

from course import checks

kernel = np.array([[[[2.0, 1.0]]]])
got = checks.unchanged(
    fold_batchnorm,
    kernel,
    np.array([1.0, 0.0]),
    np.array([3.0, 1.0]),
    np.array([0.0, 5.0]),
    np.array([3.0, 2.0]),
    np.array([4.0, 1.0]),
    0.0,
)
checks.true(isinstance(got, (tuple, list)) and len(got) == 2, "return two things: kernel and bias")
checks.close(
    got[0],
    [[[[3.0, 1.0]]]],
    unless={"divide by the root: gamma / √(var + eps)": [[[[1.5, 1.0]]]]},
    hint="the kernel is multiplied by gamma / √(var + eps), for each output channel",
)
checks.close(
    got[1],
    [-3.0, 3.0],
    unless={
        "the old bias is scaled as well": [-3.5, 3.0],
        "the moving mean is subtracted before the scaling": [-1.5, 3.0],
    },
    hint="bias: (old − moving mean) · gamma / √(var + eps) + beta = (1 − 3) · 1.5 + 0",
)
checks.passed("a 1×1 convolution by hand", points=0)

# %% nbgrader={"grade": true, "grade_id": "fold_batchnorm-outputs", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# When graded: Keras's convolution and batch norm against the folded one
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
import keras

rng = np.random.default_rng(917)
for use_bias, c_in, c_out in ((True, 3, 4), (False, 1, 5), (True, 3, 3)):
    conv = keras.layers.Conv2D(c_out, 3, use_bias=use_bias)
    norm = keras.layers.BatchNormalization(epsilon=0.02)
    model = keras.Sequential([keras.Input((7, 8, c_in)), conv, norm])
    kernel = rng.normal(size=(3, 3, c_in, c_out))
    bias = rng.normal(size=c_out) if use_bias else None
    conv.set_weights([kernel, bias] if use_bias else [kernel])
    numbers = [rng.normal(size=c_out), rng.normal(size=c_out), rng.normal(size=c_out), rng.uniform(0.3, 2, c_out)]
    norm.set_weights(numbers)
    folded = keras.layers.Conv2D(c_out, 3)
    folded.build((None, 7, 8, c_in))
    new = fold_batchnorm(kernel, bias, *numbers, eps=0.02)
    checks.true(new[1] is not None, "the folded bias is None: beta and the moving mean have to go somewhere")
    checks.shape(new[0], kernel.shape, hint="the folded kernel has the shape of the old one")
    checks.shape(new[1], (c_out,), hint="one bias per output channel, also where the convolution had none")
    folded.set_weights([np.asarray(new[0]), np.asarray(new[1])])
    images = rng.normal(size=(2, 7, 8, c_in)).astype("float32")
    checks.close(
        np.asarray(folded(images)),
        np.asarray(model(images, training=False)),
        rtol=1e-3,
        atol=1e-3,
        hint="the folded convolution answers differently from convolution and batch norm: scale for each output channel",
    )
### END HIDDEN TESTS
checks.when_graded("Keras's two layers against your one, on random images", points=0)

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "fold-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("fold_batchnorm"):
    keras.utils.set_random_seed(SEED)
    pair = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3), keras.layers.BatchNormalization()])
    for _ in range(10):
        pair(x_train[:64], training=True)  # moves the statistics
    single = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3)])
    single.set_weights(fold_batchnorm(*pair.layers[0].get_weights(), *pair.layers[1].get_weights()))
    apart = np.abs(np.asarray(pair(x_held[:100])) - np.asarray(single(x_held[:100]))).max()
    print(f"{pair.count_params()} numbers against {single.count_params()}; the outputs differ by at most {apart:.1e}")

# %% [markdown] topics=["H7", "A12", "K3"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# * Scaling with the training set's numbers. Standardisation also centres, and makes the bowl round where features are uncorrelated.
# * Batch norm: statistics of the batch in training, moving ones at test time, one pair per channel, biased, ε under the root.
# * Its gradient, node by node along the graph, then in one line; and a net that learned by it. Check any gradient by nudging, in float64.
# * He for ReLU, Glorot for tanh: compute the factor of one layer, then take it to the power of the depth.
# * Loss stuck at log C in a deep net: look at mean squares and gradient norms, layer by layer, before you touch the learning rate.
#
# Next week: nets that somebody else has trained, and what batch norm's two modes do to them.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week09")
