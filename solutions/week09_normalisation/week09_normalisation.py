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
# # Week 9 · Numbers that stay in range
#
# **Afterwards you can** explain what batch norm does in training and at test time, because you have written it, forward and
# backward; choose an initialiser by arithmetic instead of by habit; and say why a deep net of badly scaled weights does not
# learn at all. **Time** 3 to 4 hours. **You need** week 3 (fan-in, parameters) and the chain rule.
#
# Nothing in the formula of a convolution cares whether a number is 0.001 or 1,000. Training does. A learning rate fits numbers
# of one size; a layer multiplies, and thirty layers multiply thirty times. This week is about one wish, *mean 0, spread 1*, at
# three places: in the **data**, in the **weights** on the first day, and, with batch norm, in **every layer on every day**.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import checks, datasets, evaluation, training

import keras
import matplotlib.pyplot as plt
import numpy as np

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.4"
training.start(PROFILE, SEED)

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("mnist", PROFILE)
x_train, y_train = evaluation.scaled(data.train.x[:2000]), data.train.y[:2000]
x_held, y_held = evaluation.scaled(data.validation.x[:1000]), data.validation.y[:1000]
print(f"{len(x_train)} training images, {len(x_held)} held out, values {x_train.min():g} … {x_train.max():g}")

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "scaling-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Two ways to bring data to one size
#
# Two columns of a table: a person's height in metres, 1.5 … 2.0, and salary, 20,000 … 90,000. Nobody asks a net to find salaries
# fifty thousand times as important as heights; that is an accident of units. There are two usual cures:
#
# * **Normalisation** to 0 … 1: subtract the smallest value, divide by the range. For images: divide by 255.
# * **Standardisation**: subtract the mean $\mu$, divide by the standard deviation $\sigma$. What comes out has mean 0 and variance 1.
#
# Worked: the values 2, 4, 4, 4, 5, 5, 7, 9 have mean 5 and standard deviation 2 (divide the sum of squares by 8, not by 7). The 9
# becomes $(9-5)/2 = 2$ in one way and $(9-2)/(9-2) = 1$ in the other.
#
# Two rules that are broken more often than any formula:
#
# 1. **The statistics come from the training data alone.** The test data are scaled *with the training set's* numbers. So they
#    need not have mean 0 afterwards, nor stay within 0 … 1. A net that will see one image tomorrow cannot ask for its average.
# 2. **One pair of statistics a channel**, not one a pixel and not one for everything. For images (N, H, W, C) the average runs
#    over the axes 0, 1 and 2.
#
# And a constant channel has spread 0. Divide by it and you get NaN, which spreads through the net within one batch. Such a
# channel tells nothing, so let it become 0.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-standardize", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `standardize` (6 points)


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


# %% nbgrader={"grade": true, "grade_id": "standardize-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked column beside one of another size.
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
        "one mean and one standard deviation a channel (the last axis), not one for the whole array": (
            table - table.mean()
        )
        / table.std(),
        "that is the scaling to 0 … 1; standardise with mean and standard deviation": (table - table.min(0))
        / np.ptp(table, axis=0),
    },
    hint="(x − mean) / standard deviation, for each column: the 9 of the worked column becomes 2",
)

# %% nbgrader={"grade": true, "grade_id": "standardize-train", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: other data keep their own offset. Hidden: random data, train and other from different worlds.
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

# %% nbgrader={"grade": true, "grade_id": "standardize-images", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: images in uint8, one channel constant. Hidden: other images.
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
        "one pair of statistics a channel: average over images, rows and columns, axes (0, 1, 2)": (
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
pixels = images[..., 1].astype(float)
checks.close(
    (np.asarray(got[0])[..., 1] * pixels.std() + pixels.mean()),
    pixels,
    hint="uint8 counts modulo 256: differences need floats",
    rtol=1e-4,
    atol=1e-3,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-minmax", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `minmax` (4 points)
#
# The same contract for the other cure.


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "minmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minmax(train, other):
    """Bring both arrays to the scale in which each channel of the training data runs from 0 to 1.

    train, other: (N, C) or (N, H, W, C), numbers of any type (uint8 as well); the last axis holds the channels.
    Returns (train, other), new float arrays of the same shapes; smallest and largest value are those of train, for both
    (nothing is clipped: other may leave 0 … 1). Where a channel of train is constant, it is divided by 1 instead of 0.
    """
    ### BEGIN SOLUTION
    axes = tuple(range(train.ndim - 1))
    low = train.min(axis=axes).astype(float)
    span = train.max(axis=axes) - low
    span = np.where(span > 0, span, 1.0)
    return (train - low) / span, (other - low) / span
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minmax-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a column that does not begin at 0, and other data that lie outside.
import numpy as np

from course import checks

table = np.array([[2.0, 100.0], [9.0, 300.0], [5.5, 150.0]])
result = checks.unchanged(minmax, table, np.array([[16.0, 50.0]]))
checks.true(isinstance(result, (tuple, list)) and len(result) == 2, "return two arrays: train and other, both scaled")
checks.close(
    result[0],
    [[0.0, 0.0], [1.0, 1.0], [0.5, 0.25]],
    unless={
        "subtract the smallest value before you divide": table / np.array([9.0, 300.0]),
        "divide by the range, largest less smallest, not by the largest": (table - [2, 100]) / [9, 300],
        "one smallest and one largest value a channel, not one for the whole array": (table - 2) / 298,
    },
    hint="(x − smallest) / (largest − smallest) for each column: 5.5 between 2 and 9 becomes 0.5",
)
checks.close(
    result[1],
    [[2.0, -0.25]],
    unless={"nothing is clipped: values outside the training range stay outside": [[1.0, 0.0]]},
    hint="other is scaled with the smallest and the largest value of train, and may leave 0 … 1",
)

# %% nbgrader={"grade": true, "grade_id": "minmax-images", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: uint8 images with a constant channel, each channel for itself.
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(903)
images = rng.integers(40, 90, (5, 4, 3, 3)).astype("uint8")
images[..., 2] = 50
other = rng.integers(0, 256, (3, 4, 3, 3)).astype("uint8")
got = checks.unchanged(minmax, images, other)
checks.true(np.isfinite(np.asarray(got[0])).all(), "a constant channel has range 0: divide by 1 there, or NaN spreads")
for c in range(3):
    values = sorted(images[..., c].ravel().tolist())
    low, span = values[0], (values[-1] - values[0]) or 1
    checks.close(
        got[0][..., c],
        (images[..., c].astype(float) - low) / span,
        hint="each channel of train runs from 0 to 1",
        rtol=1e-4,
        atol=1e-6,
    )
    checks.close(
        got[1][..., c],
        (other[..., c].astype(float) - low) / span,
        unless={"uint8 counts modulo 256: a difference below 0 needs floats": (other[..., c] - np.uint8(low)) / span},
        hint="other is scaled with the numbers of train, without clipping",
        rtol=1e-4,
        atol=1e-6,
    )
small = np.array([[0.2], [0.3], [0.6]])
checks.close(
    minmax(small, small[:1])[0],
    [[0.0], [0.25], [1.0]],
    unless={"only a range of exactly 0 is replaced by 1: a small one, below 1, is divided by as it is": small - 0.2},
    hint="a channel of small numbers runs from 0 to 1 afterwards as well",
)
### END HIDDEN TESTS

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "scaling-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("standardize", "minmax"):
    rng = np.random.default_rng(SEED)
    people = np.stack([rng.normal(1.72, 0.09, 300), rng.lognormal(10.6, 0.35, 300)], axis=1)
    fig, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    axes[0].scatter(*people.T, s=8, color=GREY)
    axes[0].set(title="As measured", xlabel="height (m)", ylabel="salary")
    for ax, (title, scale) in zip(axes[1:], {"minmax": minmax, "standardize": standardize}.items(), strict=True):
        here, _ = scale(people, people[:1])
        ax.scatter(*np.asarray(here).T, s=8, color=BLUE)
        ax.axhline(0, color="0.8", zorder=0)
        ax.axvline(0, color="0.8", zorder=0)
        ax.set(title=f"{title}: means {abs(here[:, 0].mean()):.2f} and {abs(here[:, 1].mean()):.2f}")
        ax.set(xlabel="height, scaled", ylabel="salary, scaled", aspect="equal")
    fig.suptitle("The same 300 people: only standardisation puts zero into the middle")
    plt.show()

# %% [markdown] topics=["F2", "H7"] nbgrader={"grade": false, "grade_id": "bowl-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Why it matters: the elongated bowl
#
# A linear model $\hat y = w_1 x_1 + \dots + w_D x_D + b$ with the loss $\frac{1}{2N}\sum (\hat y - y)^2$ has a loss surface that
# is exactly a bowl. Its shape does not depend on $y$ at all, only on the features: with a column of ones appended for $b$,
# $A = [X, 1]$, the matrix of second derivatives is
#
# $$H = \tfrac{1}{N} A^\top A .$$
#
# The eigenvalues $\lambda$ of $H$ are the curvatures along the bowl's axes. Gradient descent multiplies the distance along each
# axis by $1 - \eta\lambda$ in every step. The steepest axis limits the learning rate, $\eta < 2/\lambda_{max}$; beyond it the
# steps swing wider and wider. The flattest axis then has to crawl with that rate. How many steps that takes is set by one number,
# the **condition number** $\kappa = \lambda_{max}/\lambda_{min}$.
#
# Worked: one feature with the values 9, 10, 11. $A^\top A/N = \begin{pmatrix}100.67 & 10\\ 10 & 1\end{pmatrix}$, the eigenvalues
# are 101.66 and 0.0066, so $\kappa$ = 15,502. Scaled to 0 … 1 the values are 0, ½, 1 and $\kappa$ = 9.9. Standardised, $H$ is the unit
# matrix and $\kappa$ = 1: a round bowl. **Centring matters as much as spreading**: a feature with a mean far from 0 is entangled with the
# bias. That is what the 0 … 1 scaling leaves undone.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-gd_on_bowl", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `gd_on_bowl` (10 points)
#
# Two short functions: the bowl of a table, and a walk down a bowl.


# %% topics=["F2"] nbgrader={"grade": false, "grade_id": "gd_on_bowl", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bowl_of(features):
    """The bowl that a table of features makes: its second derivatives, and how elongated it is.

    features: (N, D). Returns (H, kappa): H (D + 1, D + 1) = AᵀA / N, where A is features with a last column of ones
    for the bias; kappa: float, the largest eigenvalue of H over the smallest.
    """
    ### BEGIN SOLUTION
    a = np.column_stack([features, np.ones(len(features))])
    hessian = a.T @ a / len(a)
    values = np.linalg.eigvalsh(hessian)
    return hessian, float(values[-1] / values[0])
    ### END SOLUTION


def gd_on_bowl(hessian, start, lr, steps):
    """Gradient descent on the bowl ½ wᵀHw, whose lowest point is w = 0.

    hessian: (D, D), symmetric; start: (D,); lr: learning rate; steps: how many, >= 0.
    Returns the path (steps + 1, D), the start first. Raises ValueError when lr <= 0.
    """
    ### BEGIN SOLUTION
    if lr <= 0:
        raise ValueError(f"a learning rate is positive, not {lr}")
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - lr * (hessian @ path[-1]))
    return np.array(path)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gd_on_bowl-bowl", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked column. Hidden: random tables.
import numpy as np

from course import checks

features = np.array([[9.0], [10.0], [11.0]])
hessian, kappa = checks.unchanged(bowl_of, features)
checks.close(
    hessian,
    [[302 / 3, 10], [10, 1]],
    unless={
        "divide by the number of rows: the loss is a mean": [[302, 30], [30, 3]],
        "the column of ones comes last": [[1, 10], [10, 302 / 3]],
        "subtracting the mean is what the bowl is to show: use the features as they come": [[2 / 3, 0], [0, 1]],
    },
    hint="H = AᵀA / N, with a last column of ones in A",
)
checks.shape(kappa, (), hint="kappa is one number: the largest eigenvalue over the smallest")
checks.close(
    kappa,
    15502.17,
    rtol=1e-3,
    unless={
        "turn it over: the largest eigenvalue over the smallest": 1 / 15502.17,
        "kappa is a ratio of eigenvalues of H; that is its root, the ratio of A's singular values": np.sqrt(15502.17),
        "the eigenvalues count, not the entries on the diagonal": 302 / 3,
    },
    hint="the largest eigenvalue of H over the smallest",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(904)
for d in (1, 2, 4):
    table = rng.normal(1, 1, (30, d)) * np.arange(1, d + 1)
    hessian, kappa = bowl_of(table)
    singular = np.linalg.svd(np.concatenate([table, np.ones((30, 1))], axis=1), compute_uv=False)
    checks.close(
        kappa,
        (singular[0] / singular[-1]) ** 2,
        rtol=1e-4,
        hint="the largest eigenvalue of H over the smallest, for any number of features",
    )
    expected = np.einsum("ni,nj->ij", table, table) / 30
    checks.close(np.asarray(hessian)[:d, :d], expected, rtol=1e-4, hint="H = AᵀA / N for any number of features")
    checks.close(
        np.asarray(hessian)[d],
        [*table.mean(0), 1.0],
        rtol=1e-4,
        hint="the last row of H belongs to the bias: the means, and 1",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gd_on_bowl-steps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: two steps on a bowl with the curvatures 1 and 10.
import numpy as np

from course import checks

bowl = np.diag([1.0, 10.0])
path = checks.unchanged(gd_on_bowl, bowl, np.array([1.0, 1.0]), 0.05, 2)
checks.shape(
    path,
    (3, 2),
    unless={
        "the path begins with the start: steps + 1 rows": (2, 2),
        "return every point, not only the last one": (2,),
    },
    hint="one row for the start and one for each step",
)
checks.close(
    path,
    [[1, 1], [0.95, 0.5], [0.9025, 0.25]],
    unless={
        "uphill: subtract the gradient": [[1, 1], [1.05, 1.5], [1.1025, 2.25]],
        "the gradient of ½ wᵀHw is Hw: the ½ cancels the 2": [[1, 1], [0.9, 0.0], [0.81, 0.0]],
        "keep a copy of each point: the rows of your path are one and the same array": [[0.9025, 0.25]] * 3,
    },
    hint="w ← w − lr · Hw: along an axis with curvature λ each step multiplies by 1 − lr·λ",
)

# %% nbgrader={"grade": true, "grade_id": "gd_on_bowl-axes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: random bowls against the formula for each axis, the edge of divergence, and a wrong learning rate.
import numpy as np

from course import checks

checks.raises(ValueError, lambda: gd_on_bowl(np.eye(2), np.ones(2), 0.0, 3), hint="a learning rate of 0")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(905)
for d in (2, 3, 5):
    axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
    curvature = rng.uniform(0.2, 5, d)
    start = rng.normal(size=d)
    path = gd_on_bowl(axes @ np.diag(curvature) @ axes.T, start, 0.3, 12)
    along = (axes.T @ start) * (1 - 0.3 * curvature) ** np.arange(13)[:, None]
    checks.close(
        path, along @ axes.T, rtol=1e-4, atol=1e-6, hint="a turned bowl: the gradient is the matrix product Hw"
    )
edge = np.asarray(gd_on_bowl(np.diag([4.0, 1.0]), np.ones(2), 0.49, 40))
beyond = np.asarray(gd_on_bowl(np.diag([4.0, 1.0]), np.ones(2), 0.51, 40))
checks.true(abs(edge[-1, 0]) < 1 < abs(beyond[-1, 0]), "below 2/λ the steps shrink, above it they grow")
checks.close(
    gd_on_bowl(np.eye(2), np.array([1.0, 2.0]), 0.1, 0), [[1.0, 2.0]], hint="without a step the path is the start alone"
)
checks.close(
    gd_on_bowl(np.eye(2), np.array([1, 2]), 0.5, 1),
    [[1, 2], [0.5, 1]],
    hint="a start given in whole numbers: the path needs floats",
)
checks.raises(ValueError, lambda: gd_on_bowl(np.eye(2), np.ones(2), -0.1, 3), hint="a negative learning rate")
### END HIDDEN TESTS

# %% topics=["F2"] nbgrader={"grade": false, "grade_id": "bowl-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("standardize", "minmax", "bowl_of", "gd_on_bowl"):
    rng = np.random.default_rng(SEED)
    feature = rng.uniform(2, 5, (200, 1))
    fig, axes = plt.subplots(1, 3, figsize=(13, 4.3), layout="constrained")
    cases = {
        "as it comes": feature,
        "0 … 1": minmax(feature, feature)[0],
        "standardised": standardize(feature, feature)[0],
    }
    for ax, (name, table) in zip(axes, cases.items(), strict=True):
        hessian, kappa = bowl_of(table)
        largest = np.linalg.eigvalsh(hessian)[-1]
        path = gd_on_bowl(hessian, np.array([-0.9, 0.9]), 1.6 / largest, 40)
        grid = np.linspace(-1.2, 1.2, 121)
        w, b = np.meshgrid(grid, grid)
        loss = 0.5 * (hessian[0, 0] * w**2 + 2 * hessian[0, 1] * w * b + hessian[1, 1] * b**2)
        ax.contourf(w, b, np.sqrt(loss), levels=18, cmap="cividis")
        ax.plot(*path.T, "o-", color="white", markersize=3, linewidth=1)
        ax.plot(0, 0, "x", color=ORANGE, markersize=10, markeredgewidth=2)
        rest = np.linalg.norm(path[-1]) / np.linalg.norm(path[0])
        ax.set(title=f"{name}: κ = {kappa:,.1f}\nafter 40 steps {rest:.1%} of the way is left")
        ax.set(xlabel="weight w, distance from the best", aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
    axes[0].set_ylabel("bias b, distance from the best")
    fig.suptitle("One feature, one bias: the bowl before and after scaling (learning rate 1.6 / λmax in each)")
    plt.show()

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "bn-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Batch norm: the same wish inside the net
#
# Scaling happens once, before training, to the input. Three layers later nothing is left of it: the weights have changed, and
# with them the size of everything behind. **Batch norm** standardises *inside* the net, at every step, with the numbers of the
# batch at hand. For each channel:
#
# $$\mu = \text{mean}(x), \qquad \sigma^2 = \text{mean}\big((x-\mu)^2\big), \qquad
# \hat x = \frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}}, \qquad y = \gamma\,\hat x + \beta .$$
#
# (The lecture's notes call dividing by 255 a batch normalisation. It is not: that is a constant, fixed before training. Batch
# norm sits between layers, has weights, and computes anew with each batch.)
#
# * The mean runs over **everything but the channel**: over the batch for (N, C), over batch, rows and columns for (N, H, W, C).
#   One kernel made the whole map; its numbers belong together.
# * The variance is **biased**: divided by the count $m$, not by $m-1$.
# * $\varepsilon$ stands **under the root**. It keeps a constant channel from dividing by 0.
# * $\gamma$ and $\beta$ are learned. With them the layer can undo the standardisation where that is better; the layer's size is then
#   set by one number, instead of by the interplay of all weights in front of it. And since $\beta$ is a bias, the convolution in
#   front needs none (`use_bias=False`).
#
# **At test time there is no batch.** One image alone would be standardised by itself, and its answer would depend on who else is in
# the batch. So while it trains, the layer keeps a running account, for each channel:
#
# $$\text{moving} \leftarrow m \cdot \text{moving} + (1-m)\cdot\text{of this batch},$$
#
# and at test time it uses the moving mean and variance, and changes nothing. That makes four numbers a channel, of which $\gamma$ and $\beta$
# are trained and two are only counted.
#
# Worked: one channel, batch 1, 3, 5, 7: $\mu = 4$, $\sigma^2 = 5$. With $\varepsilon = 0$ the 7 becomes $3/\sqrt 5 = 1.342$. With momentum 0.9
# the moving mean goes from 0 to $0.9\cdot 0 + 0.1\cdot 4 = 0.4$ and the moving variance from 1 to $0.9 + 0.5 = 1.4$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-batchnorm_forward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `batchnorm_forward` (20 points)
#
# Both modes in one function, as Keras has it. The moving statistics come in as arguments and go out as results: nothing
# is kept in between, and nothing that comes in is changed.


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
# Visible: the worked channel, beside one of another size.
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
        "one mean and one variance a channel, not one for the whole batch": (x - x.mean()) / x.std(),
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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-maps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: maps (N, H, W, C) become mean 0 and variance 1 for each channel.
import numpy as np

from course import checks

maps = np.random.default_rng(91).normal(3, 2, (4, 5, 6, 2)) * [1, 10]
got = checks.unchanged(batchnorm_forward, maps, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), 0.99, 1e-6)
checks.shape(got[0], (4, 5, 6, 2), hint="the result has the shape of x")
y = np.asarray(got[0])
by_pixel = (maps - maps.mean(0)) / np.sqrt(maps.var(0) + 1e-6)
checks.true(
    not np.allclose(y, by_pixel, rtol=1e-3, atol=1e-4),
    "one mean a channel, not one a pixel: for maps the mean runs over the axes (0, 1, 2)",
)
checks.close(y.mean(axis=(0, 1, 2)), [0, 0], atol=1e-4, hint="each channel has mean 0 after training-mode batch norm")
checks.close(y.var(axis=(0, 1, 2)), [1, 1], rtol=1e-3, hint="each channel has variance 1 over images, rows and columns")
checks.shape(got[1], (2,), hint="the moving mean holds one number a channel")

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-maps-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the values, for maps and vectors, with other gamma, beta and eps.
import numpy as np

from course import checks

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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-moving", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked account.
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
        "the moving account is kept of the variance, not of the standard deviation": [0.9 + 0.1 * np.sqrt(5)],
        "the moving variance is updated during training": [1.0],
    },
    hint="new = momentum · old + (1 − momentum) · batch: 0.9 · 1 + 0.1 · 5",
)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-moving-batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the account after several batches in a row, of vectors and of maps, with other momenta.
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one image at test time.
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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-test-batch", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: batches at test time, and an answer that does not depend on its neighbours.
import numpy as np

from course import checks

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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_forward-defaults", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: against a layer of Keras with its defaults, which are those of the signature: momentum 0.99, eps 0.001, training.
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

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "moving-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### How long until the account is right?
#
# The moving statistics begin at mean 0 and variance 1 and follow slowly. With momentum 0.99 what is left of the false beginning after $t$
# steps is $0.99^t$: 37 % after 100 steps, 5 % after 300. Whoever trains for a few dozen steps and then tests sees a good
# training accuracy and a miserable test accuracy, and looks for overfitting where there is none. For short trainings use 0.9.

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "moving-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("batchnorm_forward"):
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
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
        ax.axhline(true, color="0.3", linestyle="--", linewidth=1, label=f"true {name}, {true}")
        ax.set(title=f"Moving {name}", xlabel="batches of 32", ylabel=f"moving {name}")
        ax.legend(fontsize=8)
    plt.show()

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "backward-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Backward: the batch is in the derivative
#
# $\gamma$ and $\beta$ are easy: $y = \gamma\hat x + \beta$, so with $\delta = \partial L/\partial y$
#
# $$\frac{\partial L}{\partial\beta} = \sum\delta, \qquad \frac{\partial L}{\partial\gamma} = \sum\delta\,\hat x$$
#
# summed over everything but the channel. The input is not. Raise one $x_i$, and $\mu$ rises and $\sigma$ changes, and so do the outputs of
# *all others* in the batch. Three paths lead from $x_i$ to the loss: directly, through $\mu$ and through $\sigma^2$. Add them up, and it
# becomes short:
#
# $$\frac{\partial L}{\partial x} = \frac{\gamma}{\sqrt{\sigma^2+\varepsilon}}
# \Big(\delta - \text{mean}(\delta) - \hat x\cdot\text{mean}(\delta\,\hat x)\Big).$$
#
# Read it: from $\delta$ two things are taken away, its mean and its share along $\hat x$. For those are the two changes that batch norm
# undoes anyway: shifting a channel and stretching it. **The gradient never asks for what the layer would cancel.** This gives
# two tests without any reference: the gradients of a channel sum to 0, and with $\varepsilon = 0$ they are at right angles to $\hat x$.
#
# Worked: $x$ = 1, 3, 5, 7, $\gamma = 1$, $\varepsilon = 0$, so $\hat x = (-3,-1,1,3)/\sqrt5$. Let only the last output count: $\delta$ = (0, 0, 0, 1). Then
# mean$(\delta)$ = 0.25, mean$(\delta\hat x) = 3/(4\sqrt5) = 0.335$, and the last entry is $(1 - 0.25 - 1.342\cdot0.335)/\sqrt5 = 0.134$. Directly it would be
# 0.447: 70 % of it are cancelled by mean and variance.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-batchnorm_backward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `batchnorm_backward` (15 points)


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "batchnorm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batchnorm_backward(dout, x, gamma, eps=1e-3):
    """The gradients of batch norm in training mode.

    dout: the loss's gradient with respect to the output, of the shape of x; x: the input, (N, C) or (N, H, W, C);
    gamma: (C,); eps as in batchnorm_forward.
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


# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-sums", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: dgamma and dbeta of the worked channel. Hidden: maps.
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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked example, and the two tests that need no reference.
import numpy as np

from course import checks

x, dout = np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([[0.0], [0.0], [0.0], [1.0]])
hat = np.array([[-3.0], [-1.0], [1.0], [3.0]]) / np.sqrt(5)
dx = checks.unchanged(batchnorm_backward, dout, x, np.ones(1), 0.0)[0]
checks.close(
    dx,
    (dout - 0.25 - hat * 3 / (4 * np.sqrt(5))) / np.sqrt(5),
    unless={
        "the mean and the variance depend on x as well: two paths are missing": dout / np.sqrt(5),
        "the path through the variance is missing": (dout - 0.25) / np.sqrt(5),
        "the path through the mean is missing": (dout - hat * 3 / (4 * np.sqrt(5))) / np.sqrt(5),
        "means, not sums: each of the m numbers carries only 1/m of the mean": (dout - 1 - hat * 3 / np.sqrt(5))
        / np.sqrt(5),
        "divide by √(var + eps) as well": dout - 0.25 - hat * 3 / (4 * np.sqrt(5)),
        "divide by the root of the variance, not by the variance": (dout - 0.25 - hat * 3 / (4 * np.sqrt(5))) / 5,
    },
    hint="the last entry is (1 − 0.25 − 1.342 · 0.335) / √5 = 0.134",
)
checks.close(np.sum(dx), 0.0, atol=1e-6, hint="shifting a channel changes nothing: dx sums to 0")
checks.close(
    np.sum(np.asarray(dx) * hat), 0.0, atol=1e-6, hint="stretching a channel changes nothing: dx · x̂ sums to 0"
)

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: against differences of your own batchnorm_forward.
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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-gradient-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: against differences of an independent batch norm, with other gamma and eps.
import numpy as np

from course import checks

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

# %% nbgrader={"grade": true, "grade_id": "batchnorm_backward-maps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: maps, where mean and variance belong to (m = N·H·W) numbers. Against the whole matrix of derivatives.
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

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "gradient-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### How well do a formula and a measurement agree?
#
# A gradient check compares the formula with $(L(x+h)-L(x-h))/2h$. The step $h$ is a compromise: too large, and the curve is no
# straight line; too small, and the two losses differ only in their last digits, which are rounded. The valley lies near
# $h = 10^{-5}$ for 64-bit numbers, and nowhere good for 32-bit ones. So check gradients in float64.

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "gradient-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("batchnorm_forward", "batchnorm_backward"):
    rng = np.random.default_rng(SEED)
    x, weights, gamma, beta = rng.normal(size=(8, 3)), rng.normal(size=(8, 3)), np.array([1.0, 2.0, 0.5]), np.zeros(3)
    exact = batchnorm_backward(weights, x, gamma)[0]
    nudges = np.logspace(-12, 0, 25)
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
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
    ax.axhline(1e-6, color="0.5", linestyle="--", linewidth=1, label="a good check stays below")
    ax.set(title="Your gradient against measured slopes", xlabel="step h", ylabel="relative error")
    ax.legend()
    plt.show()

# %% [markdown] topics=["H7", "G1"] nbgrader={"grade": false, "grade_id": "parity-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · The same layer in Keras, and elsewhere
#
# `keras.layers.BatchNormalization(momentum=0.99, epsilon=1e-3)` keeps four arrays of C numbers, in the order **gamma, beta, moving
# mean, moving variance**: `layer.get_weights()` returns them so and `layer.set_weights([...])` takes them so. Of the 4C numbers
# 2C are trained. With momentum and epsilon there are six things to agree on, before two implementations give equal results.
#
# Whoever carries a net from one library to another has to know what the words mean there:
#
# | | Keras | PyTorch |
# |---|---|---|
# | momentum | the share of the **old** value, 0.99 | the share of the **new** value, 0.1 |
# | ε | 0.001 | 0.00001 |
# | variance in training | biased (÷ m) | biased (÷ m) |
# | moving variance | biased (÷ m) | **unbiased** (÷ (m − 1)) |
#
# With m = 2 the last row makes a factor of 2; with a batch of 32 images of 28×28 it is invisible. Bugs of this kind do not
# crash. They cost half a percent.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-bn_model", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `bn_model` (9 points)


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "bn_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bn_model(shape, gamma, beta, moving_mean, moving_var, momentum=0.99, eps=1e-3):
    """A Keras model of one batch norm layer that holds the given numbers.

    shape: of one input without the batch axis, such as (C,) or (H, W, C); gamma, beta, moving_mean, moving_var: (C,);
    momentum and eps in the sense of Keras. Returns a keras.Model from (N, *shape) to (N, *shape).
    """
    ### BEGIN SOLUTION
    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=eps)
    model = keras.Sequential([keras.Input(shape), layer])
    layer.set_weights([gamma, beta, moving_mean, moving_var])
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bn_model-weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: four numbers a channel, two of them trained.
import numpy as np

from course import blocks, checks

model = bn_model((3,), np.array([1.0, 2, 3]), np.array([4.0, 5, 6]), np.array([7.0, 8, 9]), np.array([1.0, 1, 1]))
model = blocks.as_model(model, "bn_model(...)")
checks.integer(
    int(sum(np.prod(w.shape) for w in model.weights)),
    12,
    hint="4C numbers for C = 3 channels: gamma, beta, moving mean, moving variance, and nothing else",
)
checks.integer(
    int(sum(np.prod(w.shape) for w in model.trainable_weights)),
    6,
    hint="gamma and beta are trained, the moving statistics are only counted: 2C trainable numbers",
)

# %% nbgrader={"grade": true, "grade_id": "bn_model-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: test mode with numbers by hand.
import numpy as np

from course import blocks, checks

model = bn_model((2,), np.array([1.0, 3.0]), np.array([0.5, 0.0]), np.array([2.0, 1.0]), np.array([4.0, 0.25]), eps=0.0)
model = blocks.as_model(model, "bn_model(...)")
checks.close(
    np.asarray(model(np.array([[6.0, 2.0]], dtype="float32"), training=False)),
    [[2.5, 6.0]],
    rtol=1e-4,
    unless={
        "the layer still has its first weights: set gamma, beta, moving mean and moving variance": [[6.0, 2.0]],
        "gamma and beta are swapped: the order is gamma, beta, moving mean, moving variance": [[2.0, 3.0]],
        "moving mean and variance are swapped: the order is gamma, beta, moving mean, moving variance": [
            [2 / np.sqrt(2) + 0.5, 5.25]
        ],
        "epsilon is a setting of the layer, epsilon=eps; its default is 0.001": [
            [0.5 + 4 / np.sqrt(4.001), 3 / np.sqrt(0.251)]
        ],
    },
    hint="gamma · (x − moving mean) / √(moving variance + eps) + beta = 1 · (6 − 2) / 2 + 0.5",
)

# %% nbgrader={"grade": true, "grade_id": "bn_model-test-any", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: test mode with random numbers, for vectors and maps.
import numpy as np

from course import blocks, checks

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(912)
for shape, eps in (((5,), 0.2), ((4, 3, 2), 0.05), ((6, 6, 1), 1e-3)):
    c = shape[-1]
    gamma, beta, mean, var = rng.normal(size=c), rng.normal(size=c), rng.normal(size=c), rng.uniform(0.1, 2, c)
    try:
        model = blocks.as_model(bn_model(shape, gamma, beta, mean, var, 0.9, eps), "bn_model(...)")
    except ValueError:
        checks.fail("Keras refuses the C numbers for maps: the layer normalises the last axis, as it does by default")
    checks.equal(tuple(model.input_shape), (None, *shape), hint="the model takes inputs of the given shape")
    x = rng.normal(size=(3, *shape)).astype("float32")
    expected = (x - mean) * (gamma / np.sqrt(var + eps)) + beta
    checks.close(
        np.asarray(model(x, training=False)),
        expected,
        rtol=1e-3,
        atol=1e-4,
        hint="in test mode the given statistics count, per channel (last axis), with the given eps",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bn_model-training", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: one batch in training mode: the outputs, and what momentum does to the moving statistics.
import numpy as np

from course import blocks, checks

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(913)
for shape, momentum, eps in (((3,), 0.8, 0.1), ((3, 4, 2), 0.6, 0.01)):
    c = shape[-1]
    gamma, beta, mean, var = rng.uniform(0.5, 2, c), rng.normal(size=c), rng.normal(size=c), rng.uniform(0.5, 2, c)
    model = blocks.as_model(bn_model(shape, gamma, beta, mean, var, momentum, eps), "bn_model(...)")
    x = rng.normal(3, 2, (6, *shape)).astype("float32")
    flat = x.reshape(-1, c).astype(float)
    out = np.asarray(model(x, training=True)).reshape(-1, c)
    checks.close(
        out,
        (flat - flat.mean(0)) / np.sqrt(flat.var(0) + eps) * gamma + beta,
        rtol=1e-3,
        atol=1e-3,
        hint="in training mode the batch's own statistics count: leave the layer trainable",
    )
    after = {tuple(np.round(np.asarray(w), 3)) for w in model.non_trainable_weights}
    moved = np.round(momentum * mean + (1 - momentum) * flat.mean(0), 3)
    checks.true(
        any(np.allclose(moved, one, atol=2e-3) for one in after),
        "after a batch the moving mean is momentum · old + (1 − momentum) · batch: hand momentum to the layer",
    )
    spread = momentum * var + (1 - momentum) * flat.var(0)
    checks.true(
        any(np.allclose(spread, one, atol=5e-3) for one in after), "the moving variance follows with the same momentum"
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-from_torch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `from_torch` (6 points)


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "from_torch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def from_torch(momentum, running_var, m):
    """What a batch norm of PyTorch becomes in Keras.

    momentum: PyTorch's, the share of the new value; running_var: (C,), kept of unbiased variances of m numbers each;
    m: numbers a channel in a batch (N, or N·H·W for maps), at least 2.
    Returns (momentum, moving_var) in Keras's sense: the share of the old value, and the biased variance (C,).
    Raises ValueError when m < 2: one number has no unbiased variance.
    """
    ### BEGIN SOLUTION
    if m < 2:
        raise ValueError("an unbiased variance needs at least two numbers")
    return 1 - momentum, np.asarray(running_var) * (m - 1) / m
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "from_torch-momentum", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: PyTorch's default 0.1 is 0.9 in Keras.
import numpy as np

from course import checks

result = checks.unchanged(from_torch, 0.1, np.array([2.0, 4.0]), 8)
checks.true(isinstance(result, (tuple, list)) and len(result) == 2, "return two things: momentum and moving_var")
checks.close(
    result[0],
    0.9,
    unless={"PyTorch's momentum is the share of the new value, Keras's that of the old one: 1 − momentum": 0.1},
    hint="momentum in Keras is the share of the old value: 1 − 0.1",
)

# %% nbgrader={"grade": true, "grade_id": "from_torch-variance", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: m = 8 by hand.
import numpy as np

from course import checks

checks.close(
    from_torch(0.1, np.array([2.0, 4.0]), 8)[1],
    [1.75, 3.5],
    unless={
        "the other way round: the unbiased variance is the larger one": [16 / 7, 32 / 7],
        "the moving variance changes too: PyTorch keeps the unbiased one": [2.0, 4.0],
        "the factor belongs to the variance, not to the standard deviation": [2 * np.sqrt(7 / 8), 4 * np.sqrt(7 / 8)],
    },
    hint="biased = unbiased · (m − 1) / m",
)

# %% nbgrader={"grade": true, "grade_id": "from_torch-variance-batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: variances of real batches, and what cannot be.
import numpy as np

from course import checks

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(914)
for m in (2, 5, 31):
    batch = rng.normal(size=(m, 3))
    try:
        momentum, var = checks.unchanged(from_torch, 0.03, batch.var(axis=0, ddof=1), m)
    except ValueError:
        checks.fail("two numbers have one unbiased variance already: only m < 2 is refused")
    checks.close(var, batch.var(axis=0), hint="the biased variance of the same numbers", rtol=1e-5)
    checks.close(momentum, 0.97, hint="momentum in Keras is the share of the old value")
checks.raises(ValueError, lambda: from_torch(0.1, np.ones(2), 1), hint="m = 1")
### END HIDDEN TESTS

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "init-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · The first day: how large should a weight be?
#
# A neuron adds up `fan_in` products. If inputs and weights are independent with mean 0, variances add:
#
# $$\text{Var}(y) = \text{fan\_in}\cdot\text{Var}(w)\cdot\text{Var}(x).$$
#
# To keep the variance, $\text{Var}(w) = 1/\text{fan\_in}$. Going backward, the same sum runs over `fan_out`. Hence the schemes:
#
# | scheme | standard deviation of a weight | made for |
# |---|---|---|
# | LeCun | $\sqrt{1/\text{fan\_in}}$ | linear, selu |
# | Glorot (Xavier) | $\sqrt{2/(\text{fan\_in}+\text{fan\_out})}$, forward and backward in balance | tanh, sigmoid; Keras's default |
# | He | $\sqrt{2/\text{fan\_in}}$, as ReLU throws half of the variance away | ReLU |
# | RandomUniform | $0.05/\sqrt3$ = 0.0289, whatever the layer | nothing in particular |
#
# "uniform" and "normal" differ in the shape of the distribution, not in its standard deviation. A uniform distribution on $\pm a$ has the
# standard deviation $a/\sqrt3$; so Glorot's limit is $a = \sqrt{6/(\text{fan\_in}+\text{fan\_out})}$.
#
# **Fan of a convolution**: a kernel (k, k, c_in, c_out) has fan_in = $k\cdot k\cdot c_{in}$, since so many products go into one output number, and
# fan_out = $k\cdot k\cdot c_{out}$. Worked, 3×3 from 16 to 32 channels: fan_in 144, fan_out 288. Glorot $\sqrt{2/432}$ = 0.0680, He $\sqrt{2/144}$ = 0.1179.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-init_std", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 8 · `init_std` (8 points)


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


# %% nbgrader={"grade": true, "grade_id": "init_std-dense", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a dense layer from 100 to 300.
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

# %% nbgrader={"grade": true, "grade_id": "init_std-conv", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: 3×3 from 16 to 32 channels.
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

# %% nbgrader={"grade": true, "grade_id": "init_std-conv-any", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden: windows that are not square, a few channels.
from course import checks

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

# %% nbgrader={"grade": true, "grade_id": "init_std-keras", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: a scheme that does not exist. Hidden: against 100,000 weights drawn by Keras, for each scheme.
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

# %% [markdown] topics=["A12", "K3"] nbgrader={"grade": false, "grade_id": "depth-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Thirty layers multiply thirty times
#
# One layer with the wrong factor is no accident. Depth makes one of it: a factor of 0.5 a layer is $0.5^{10} \approx 0.001$ after ten and $10^{-9}$
# after thirty. The lecture's numbers, "0.007 after 5 layers, 0.00004 after 10, with random uniform", are of this kind. (From 0.007
# to 0.00004 in 5 layers is a factor of 0.36 a layer.)
#
# Send a batch through and write down the spread behind each layer. With $h_0 = x$ and $h_l = f(h_{l-1}W_l)$, no biases:
#
# Worked: $x = (1, 2)$, $W_1 = \begin{pmatrix}1&-1\\0&1\end{pmatrix}$, $W_2 = \begin{pmatrix}2\\1\end{pmatrix}$, ReLU. $xW_1 = (1, 1)$, ReLU leaves it; $(1,1)W_2 = 3$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-signal_by_depth", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 9 · `signal_by_depth` (5 points)


# %% topics=["A12", "K3"] nbgrader={"grade": false, "grade_id": "signal_by_depth", "locked": false, "schema_version": 3, "solution": true, "task": false}
def signal_by_depth(x, weights, activation):
    """Activations behind every layer of a plain dense net without biases.

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


# %% nbgrader={"grade": true, "grade_id": "signal_by_depth-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked net, and one that ReLU silences.
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

# %% nbgrader={"grade": true, "grade_id": "signal_by_depth-random", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: an activation that does not exist. Hidden: deeper nets, three activations.
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

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "histogram-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Look at them
#
# A net of 12 layers, 256 wide, ReLU, fed with standardised random numbers. Three initialisers, nothing is trained.

# %% topics=["A12", "K3"] nbgrader={"grade": false, "grade_id": "histogram-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("init_std", "signal_by_depth"):
    schemes = {"random_uniform": ORANGE, "glorot_normal": BLUE, "he_normal": GREEN}
    depth, width, shown = 12, 256, (1, 3, 6, 12)
    fig, axes = plt.subplots(3, len(shown) + 1, figsize=(14, 7), layout="constrained")
    for row, (scheme, colour) in zip(axes, schemes.items(), strict=True):
        rng = np.random.default_rng(SEED)
        weights = [rng.normal(0, init_std((width, width), scheme), (width, width)) for _ in range(depth)]
        layers = signal_by_depth(rng.normal(size=(200, width)), weights, "relu")
        for ax, layer in zip(row, shown, strict=False):
            values = np.asarray(layers[layer])
            ax.hist(values[values > 0], bins=40, range=(0, 3), color=colour)
            ax.set(title=f"layer {layer}: spread {values.std():.2g}", xlim=(0, 3), yticks=[])
        row[0].set_ylabel(f"{scheme}\nhow many (log)")
        for ax in row[:-1]:
            ax.set_yscale("log")
            ax.set(ylim=(1, 1e5), yticks=[])
            ax.minorticks_off()
        row[-1].semilogy([np.std(h) for h in layers], "o-", color=colour, markersize=4)
        row[-1].set(title="spread behind each layer", ylim=(1e-8, 10), xlabel="layer")
    for ax in axes[-1, :-1]:
        ax.set_xlabel("activation, above 0")
    fig.suptitle("Activations through depth: 12 ReLU layers of 256, three initialisers")
    plt.show()

# %% [markdown] topics=["A12"] nbgrader={"grade": false, "grade_id": "histogram-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Only He keeps its spread. Glorot, balanced for a linear layer, loses a factor of $\sqrt2$ with every ReLU; after twelve layers that is
# 64. RandomUniform's factor depends on the width: $0.0289\cdot\sqrt{256/2} = 0.33$ a layer here, close to the lecture's 0.36.

# %% [markdown] topics=["K3"] nbgrader={"grade": false, "grade_id": "gradient-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · And backward: who hears of the mistake?
#
# The gradient takes the same road back and is multiplied in every layer too. With $\delta_L = \partial L/\partial h_L$ given, from the last layer to the
# first:
#
# $$\delta'_l = \delta_l \odot f'(z_l), \qquad \frac{\partial L}{\partial W_l} = h_{l-1}^\top\,\delta'_l, \qquad \delta_{l-1} = \delta'_l W_l^\top .$$
#
# For ReLU $f'(z)$ is 1 where $h > 0$ and 0 elsewhere; for tanh it is $1 - h^2$. So the activations of exercise 9 are all you need.
#
# Worked on, from exercise 9 with $x$ = (1, 2), $h_1$ = (1, 1), $h_2$ = 3, and $\delta_2 = 1$. $\partial L/\partial W_2 = h_1^\top\cdot 1 = (1, 1)^\top$ with norm 1.414; $\delta_1 = (2, 1)$;
# $\partial L/\partial W_1 = \begin{pmatrix}1\\2\end{pmatrix}(2, 1) = \begin{pmatrix}2&1\\4&2\end{pmatrix}$ with norm 5.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-gradients_by_depth", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 10 · `gradients_by_depth` (7 points)


# %% topics=["K3"] nbgrader={"grade": false, "grade_id": "gradients_by_depth", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked net, first layer first.
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
        "the weights' gradient takes h of the layer before it, not the one behind": [np.sqrt(10), 3.0],
    },
    hint="norms 5 and 1.414",
)

# %% nbgrader={"grade": true, "grade_id": "gradients_by_depth-numbers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: random nets with three activations, against measured slopes.
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

# %% topics=["K3", "A12"] nbgrader={"grade": false, "grade_id": "gradient-depth-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("init_std", "signal_by_depth", "gradients_by_depth"):
    schemes = {"random_uniform": ORANGE, "glorot_normal": BLUE, "he_normal": GREEN}
    width, depths = 64, (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)
    fig, axes = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
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
    axes[0].set(title="A net of 30 layers: gradient norm by layer", xlabel="layer (1 is next to the image)")
    axes[1].set(title="The first layer's gradient, in nets of 1 … 30 layers", xlabel="depth of the net")
    axes[0].set_ylabel("‖∂L/∂W‖")
    for ax in axes:
        ax.legend(fontsize=8)
    fig.suptitle("Vanishing gradients: ReLU, 64 wide, before any training")
    plt.show()

# %% [markdown] topics=["K3"] nbgrader={"grade": false, "grade_id": "gradient-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The left picture surprises many: with a bad initialiser the gradient is small in **all** layers, and nearly the same. A weight's
# gradient is the product of what came forward and what came back, and the two shrink towards opposite ends. The right picture
# is the lecture's table: the deeper the net, the less reaches the first layer. With He both lines stay level, whatever the depth.

# %% [markdown] topics=["H7", "K3"] nbgrader={"grade": false, "grade_id": "rescue-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Three deep nets on digits
#
# Ten dense layers, ReLU, 64 wide, the same digits and steps; three first days: RandomUniform, He, and RandomUniform with batch
# norm behind every layer. The batch norm repairs, in every step, what the initialiser got wrong.


# %% nbgrader={"grade": false, "grade_id": "rescue", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def deep_net(initialiser, batch_norm, depth=10, width=64):
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

# %% topics=["H7", "K3"] nbgrader={"grade": false, "grade_id": "rescue-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
fig, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
for (name, history), colour in zip(histories.items(), (ORANGE, GREEN, BLUE), strict=True):
    epochs = range(1, len(history["loss"]) + 1)
    axes[0].plot(epochs, history["loss"], "o-", color=colour, label=name)
    axes[1].plot(epochs, history["val_accuracy"], "o-", color=colour, label=name)
axes[0].axhline(np.log(10), color="0.5", linestyle="--", linewidth=1, label="log 10: knows nothing")
axes[0].set(title="Training loss", xlabel="epoch", ylabel="cross-entropy", ylim=(0, 2.6))
axes[1].axhline(0.1, color="0.5", linestyle="--", linewidth=1, label="guessing")
axes[1].set(title="Accuracy on held-out digits", xlabel="epoch", ylabel="accuracy", ylim=(0, 1))
for ax in axes:
    ax.legend(fontsize=8)
plt.show()

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "modes-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### The wrong mode at test time
#
# The net with batch norm once more, trained as it is, on the held-out digits. In test mode it uses its moving statistics. What
# happens when someone leaves it in training mode (`model(x, training=True)`)? Every answer then depends on the other images in
# the batch, and on how many they are.

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "modes-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
net = deep["random uniform + BN"]
kept = net.get_weights()
digits, labels = x_held[:120], y_held[:120]
sizes = (3, 6, 12, 24, 60, 120)  # each divides 120: every digit is asked about once
wrong_mode = []
for size in sizes:
    batches = [digits[start : start + size] for start in range(0, 120, size)]
    answers = [keras.ops.convert_to_numpy(net(batch, training=True)).argmax(-1) for batch in batches]
    wrong_mode.append(np.mean(np.concatenate(answers) == labels))
net.set_weights(kept)  # training mode has moved the statistics
right_mode = evaluation.accuracy(net, digits, labels)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.semilogx(sizes, wrong_mode, "o-", base=2, color=ORANGE, label="training mode: statistics of the batch")
ax.axhline(right_mode, color=BLUE, label="test mode: moving statistics")
ax.set(title="The same net, the same 120 digits", xlabel="images in the batch", ylabel="accuracy", ylim=(0, 1))
ax.set_xticks(sizes, [str(size) for size in sizes])
ax.legend(loc="lower right")
plt.show()

# %% [markdown] topics=["H7", "E18"] nbgrader={"grade": false, "grade_id": "written-intro", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 10 · In your own words (10 points, read by a person)
#
# Three sentences or so for each point.
#
# 1. (4 points) What does batch norm compute in training, what at test time, and why must the two differ? Which bug shows when one
#    image is classified alone, and which when a net is tested after twenty steps?
# 2. (3 points) "We divide by 255, so we already use batch normalisation." Name three differences.
# 3. (3 points) A net of 30 ReLU layers starts with a loss of log 10 and stays there. Which two numbers would you look at first, layer by
#    layer, and which two changes would you try?

# %% [markdown] topics=["H7", "E18", "K3"] nbgrader={"grade": true, "grade_id": "what-batch-norm-does", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. In training each channel is standardised with mean and biased variance of the batch (over images, rows and columns), then
#    scaled by gamma and shifted by beta; the moving statistics follow slowly. At test time the moving statistics are used and stay, so that an
#    answer does not depend on the other images, and one image alone works. In training mode a single vector is its own mean: it becomes
#    beta, whatever it shows. After twenty steps with momentum 0.99 the moving statistics still are 82 % of their first values 0 and 1: test
#    accuracy is bad though training went well. *(1 point for each mode, 1 for each bug.)*
# 2. 255 is a constant, fixed before training; batch norm's statistics come from each batch. It scales only the input; batch norm stands
#    between layers. It has no weights and one mode; batch norm has gamma and beta, trained, and two modes. It also does not centre.
#    *(1 point each.)*
# 3. The spread of the activations and the norm of the weights' gradient in each layer; one expects both to be tiny and shrinking.
#    He initialisation, batch norm behind each layer (or skip connections, a shallower net). *(1 point for the activations, 1 for the
#    gradients, 1 for two sensible changes. A larger learning rate alone earns nothing here.)*
# ### END SOLUTION

# %% [markdown] topics=["H7"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 11 · Stretch: batch norm for nothing (0 points, still checked)
#
# At test time batch norm is a fixed line per channel, $y = a\,z + b$ with $a = \gamma/\sqrt{\sigma^2+\varepsilon}$ and $b = \beta - a\mu$. A convolution in front of it is linear,
# $z = k * x + c$. Two linear maps in a row are one: multiply the kernel by $a$, for each output channel, and the bias becomes
# $a\,c + b$. The net answers the same with one layer fewer. Every phone does this before it runs a net.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-fold_batchnorm", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch · `fold_batchnorm`


# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "fold_batchnorm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold_batchnorm(kernel, bias, gamma, beta, moving_mean, moving_var, eps=1e-3):
    """The convolution that alone does what a convolution with a batch norm behind it does at test time.

    kernel: (k_h, k_w, c_in, c_out); bias: (c_out,), or None for a convolution without one; the others: (c_out,).
    Returns (kernel, bias), of the same shape as kernel, and (c_out,). Nothing given is changed.
    """
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(moving_var + eps)
    start = 0.0 if bias is None else bias
    return kernel * scale, (start - moving_mean) * scale + beta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fold_batchnorm-worked", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a 1×1 convolution with numbers by hand.
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

# %% nbgrader={"grade": true, "grade_id": "fold_batchnorm-outputs", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Hidden: Keras's convolution and batch norm against the folded convolution, on random images.
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
    checks.shape(new[1], (c_out,), hint="one bias an output channel, also where the convolution had none")
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

# %% topics=["H7"] nbgrader={"grade": false, "grade_id": "fold-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("fold_batchnorm"):
    keras.utils.set_random_seed(SEED)
    pair = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3), keras.layers.BatchNormalization()])
    for _ in range(30):
        pair(x_train[:64], training=True)  # moves the statistics
    single = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3)])
    single.set_weights(fold_batchnorm(*pair.layers[0].get_weights(), *pair.layers[1].get_weights()))
    apart = np.abs(pair.predict(x_held[:100], verbose=0) - single.predict(x_held[:100], verbose=0)).max()
    print(f"{pair.count_params()} numbers against {single.count_params()}; the outputs differ by at most {apart:.1e}")

# %% [markdown] topics=["H7", "A12", "K3"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# * Scale with the training set's numbers. Standardisation also centres, and that makes the bowl round.
# * Batch norm: statistics of the batch in training, moving ones at test time, one pair a channel, biased, ε under the root.
# * Its gradient is what remains when mean and stretch are taken away. Check any gradient by nudging, in float64.
# * He for ReLU, Glorot for tanh. Compute the factor of one layer, then take it to the power of the depth.
# * Loss stuck at log C, and the net is deep: look at spread and gradient norm, layer by layer, before you touch the learning rate.
