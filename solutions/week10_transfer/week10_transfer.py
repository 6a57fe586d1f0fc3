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

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 10 · Transfer learning
#
# **Afterwards you can** reuse a trained net on images that it has never seen, freeze and unfreeze its layers so that they really stay or really
# move, say from how many images on it pays, and bring a data set of your own into order. **Time** 4 hours. **You need** week 4 (splits without leaks), week 5 (training),
# week 7 (AlexNet), week 9 (batch norm).
#
# The lecture's picture: two people apply for a job. One has **seven years** of experience in a neighbouring trade, the other **one year** in this one. Whom do you hire? It
# depends on how much time you have to train them, and on how near the neighbouring trade is. This week you measure both.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import blocks, checks, datasets, evaluation, plots, pretrained, training
from course.datasets.folder import SUFFIXES

import io
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.decomposition import PCA

training.start(PROFILE, SEED)
BLUE, ORANGE, GREY, GREEN, RED = "#0072B2", "#E69F00", "#8A8A8A", "#009E73", "#D55E00"

# %% [markdown] topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "base-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Somebody else's seven years
#
# Nobody trains on ImageNet for a small job: a million photographs of 1000 classes, days on large machines. One downloads the result. To keep this course free of downloads, its
# own small **base** travels in the folder `data/`: a residual net, trained for some minutes on photographs of six classes of CIFAR-10: airplane, bird, deer, dog, frog,
# truck. The other four, **automobile, cat, horse and ship, it has never seen**. They are your job. Each of them has a relative among the six, as in life: whoever knows trucks has
# a head start with cars.
#
# What a net learns first is the same for nearly every task: edges, colours, textures. What it learns last is the task. So the lower layers are worth keeping, and the upper
# ones get taught anew:
#
# | layers | have learned | what you do with them |
# |---|---|---|
# | first | edges, spots of colour | keep |
# | middle | textures, parts | keep; perhaps adapt, if you have many images |
# | last | "airplane, bird, deer, …" | throw away, teach your own classes |
#
# In the quick profile the strangers are four generated shapes: crescent, cross, heart, star. They are much further from photographs than a cat is from a dog. Watch what this does to the head start.

# %% nbgrader={"grade": false, "grade_id": "base", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
base = pretrained.base()  # without its last layer: an image in, 96 features out
data = datasets.load("cifar10", PROFILE, seed=SEED)
strangers = pretrained.strangers(data.classes)
x_pool, y_pool = pretrained.only(data.train, strangers, data.classes)
chosen = pretrained.few(y_pool, 250 if PROFILE == "full" else 80, SEED)
x_pool, y_pool = evaluation.scaled(x_pool[chosen]), y_pool[chosen]  # what you could have photographed and labelled
x_val, y_val = pretrained.only(data.validation, strangers, data.classes)
x_val = evaluation.scaled(x_val)
print(data)
print(
    f"{len(strangers)} strange classes: {', '.join(strangers)}; {len(x_pool):,} images to learn from, {len(x_val):,} to validate"
)
print(f"the base: {base.count_params():,} numbers, {base.input_shape[1:]} in, {base.output_shape[1:]} out")

# %% [markdown] topics=["D11"] nbgrader={"grade": false, "grade_id": "kernels-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look at its first layer before you trust it. Zeiler and Fergus did this with AlexNet's: a trained first layer shows edges at all angles, stripes, and pairs of opposite colours. If
# it showed noise, nothing had been learned, and there would be nothing to transfer. After four minutes of training ours is rougher than theirs, but look for light-dark edges, spots and colours. Each tile is one kernel as a picture, red, green and blue together, mid-grey for zero.
# Behind them, one photograph or shape in some maps of the first layer: a map lights up where the image looks like the kernel.

# %% topics=["D11"] nbgrader={"grade": false, "grade_id": "kernels-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
first = next(layer for layer in base.layers if isinstance(layer, keras.layers.Conv2D))
kernels = np.asarray(first.kernel)  # (5, 5, 3, 32)
tiles = [kernels[..., n] / np.abs(kernels[..., n]).max() / 2 + 0.5 for n in range(kernels.shape[-1])]
plots.image_grid(np.stack(tiles), columns=16, size=0.7, title="The base's 32 first kernels, 5×5×3, as colour pictures")
plt.show()
seen = np.asarray(keras.Model(base.inputs[0], first.output)(x_val[:1]))[0]  # (16, 16, 32)
strongest = np.argsort(-seen.std(axis=(0, 1)))[:7]
fig, axes = plt.subplots(1, 8, figsize=(11, 1.9), layout="constrained")
axes[0].imshow(x_val[0])
axes[0].set_title(f"image: {strangers[y_val[0]]}", fontsize=9)
for ax, number in zip(axes[1:], strongest, strict=True):
    limit = np.abs(seen[..., number]).max()
    ax.imshow(seen[..., number], cmap="PuOr_r", vmin=-limit, vmax=limit)
    ax.set_title(f"map {number}", fontsize=9)
for ax in axes:
    ax.set(xticks=[], yticks=[])
fig.suptitle("One image that the base has never seen, in the liveliest maps of its first layer")
plt.show()

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "features-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Features
#
# Cut off the last layer, and what is left turns each image into a list of numbers, its **features**: here 96, the averages of the last maps. The base is not trained any more, so every image needs to pass
# through it only **once**: compute the features, keep them, and all that follows is cheap.
#
# One thing can go wrong. A batch norm has two ways to work (week 9): with the statistics of the batch, while it is trained; with its moving statistics, when it is used. With the batch's, the features of an
# image would depend on which other images happen to sit beside it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-features", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `features` (5 points)


# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def features(base, x, batch_size=500):
    """The features of images.

    base: a Keras model from images to features (d,); used as it is, in inference mode, and left as it was. x: float32 (N, height, width, 3),
    already scaled, N any number from 1 on. batch_size: so many images at a time.
    Returns a float array (N, d), in the order of the images.
    """
    ### BEGIN SOLUTION
    parts = []
    for start in range(0, len(x), batch_size):
        parts.append(np.asarray(base(x[start : start + batch_size], training=False)))
    return np.concatenate(parts)
    ### END SOLUTION


# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "features-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the features of a tiny base, whole batches and what is left over.
import numpy as np

from course import checks, pretrained

toy = pretrained.toy_base((4, 5, 6), seed=1)
x = np.random.default_rng(2).random((20, 8, 8, 3)).astype("float32")
expected = np.asarray(toy(x, training=False))
other = pretrained.toy_base((4, 5, 6), seed=1)
checks.close(
    features(toy, x, batch_size=8),
    expected,
    rtol=1e-4,
    atol=1e-5,
    unless={
        "training=True takes the statistics of the batch: use training=False, or predict": np.concatenate(
            [np.asarray(other(x[i : i + 8], training=True)) for i in (0, 8, 16)]
        ),
        "the last images are lost: the last batch may be smaller": expected[:16],
        "only the first batch comes back": expected[:8],
        "the images are scaled already: do not divide by 255 again": np.asarray(toy(x / 255, training=False)),
        "features have a row an image: (N, d), not (d, N)": expected.T,
    },
    hint="a row of features for each image, as base(x, training=False) gives them",
)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "features-alone", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: an image has the same features alone and in company; other sizes.
import numpy as np

from course import checks, pretrained

toy = pretrained.toy_base((3, 7), seed=3)
x = np.random.default_rng(4).random((5, 8, 8, 3)).astype("float32")
checks.shape(features(toy, x), (5, 7), hint="(N, d), d features an image")
### BEGIN HIDDEN TESTS
for seed, maps, size, count, batch in ((5, (6, 9), 10, 33, 16), (6, (2, 3, 4, 5), 12, 7, 3), (7, (5,), 6, 1, 4)):
    toy = pretrained.toy_base(maps, size=size, seed=seed)
    x = np.random.default_rng(seed).random((count, size, size, 3)).astype("float32")
    expected = np.asarray(toy(x, training=False))
    found = checks.unchanged(lambda images: features(toy, images, batch), x)
    other = pretrained.toy_base(maps, size=size, seed=seed)
    checks.close(
        found,
        expected,
        rtol=1e-4,
        atol=1e-5,
        unless={
            "training=True takes the statistics of the batch: use training=False, or predict": np.concatenate(
                [np.asarray(other(x[i : i + batch], training=True)) for i in range(0, count, batch)]
            ),
            "the last images are lost: the last batch may be smaller": expected[: count // batch * batch],
        },
        hint="the features are not those of the base in inference mode",
    )
    checks.close(
        features(toy, x[:1]),
        expected[:1],
        rtol=1e-4,
        atol=1e-5,
        hint="an image alone has the same features as in company: inference mode, and no scaling over the images",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "pca-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Are these 96 numbers better than the 3,072 pixels? Look. A principal component analysis turns the cloud of images so that its two longest directions lie in the plane; colours and marks are the true classes. Left the
# pixels, right the features. The title says how often an image's nearest neighbour is of the same class, in all dimensions, not only these two.

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "pca-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("features"):
    clouds = {"pixels": x_val[:600].reshape(len(x_val[:600]), -1), "the base's features": features(base, x_val[:600])}
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for ax, (name, cloud) in zip(axes, clouds.items(), strict=True):
        plane = PCA(2, random_state=SEED).fit_transform(cloud)
        distance = ((cloud[:, None, :] - cloud[None]) ** 2).sum(-1) if cloud.shape[1] < 200 else None
        if distance is None:  # the same without an array of N·N·3072 numbers
            squares = (cloud**2).sum(axis=1)
            distance = squares[:, None] + squares - 2 * cloud @ cloud.T
        np.fill_diagonal(distance, np.inf)
        labels = y_val[:600]
        share = np.mean(labels[distance.argmin(axis=1)] == labels)
        for label, (color, mark) in enumerate(zip((BLUE, ORANGE, GREEN, RED), "os^v", strict=True)):
            ax.scatter(*plane[labels == label].T, s=14, color=color, marker=mark, alpha=0.6, label=strangers[label])
        ax.set(
            title=f"{name}, {cloud.shape[1]:,} numbers: nearest neighbour right {share:.0%}",
            xlabel="first principal component",
            ylabel="second principal component",
        )
    axes[1].legend(frameon=False)
    fig.suptitle("Images of four strange classes, before and after the base (chance: 25 %)")
    plt.show()

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "probe-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · The linear probe
#
# If the features are good, a **linear** classifier is enough: one weight a feature and class, $\text{score} = f\,W + b$, largest score wins. For 4 classes and 96 features that is $96 \cdot 4 + 4 = 388$ weights, the
# whole of what you train. It is called a *probe*, since its accuracy says how much the features know.
#
# How you fit it is up to you, as long as it takes no more than some hundredths of a second, for you will do it often (a `Dense` layer with `fit` needs a second to begin). Softmax regression by gradient descent (week 6), scikit-learn, or, in one line of algebra, **ridge regression** to one-hot labels: centre and scale the features, and solve
#
# $$(Z^\top Z + \lambda I)\, W = Z^\top Y$$
#
# *A worked number.* One feature, centred: $z = (-1, -1, 1, 1)$, labels 0, 0, 1, 1; the column of class 1 is $Y = (0, 0, 1, 1)$. $Z^\top Z = 4$, $Z^\top Y = 2$: without $\lambda$ the weight is 0.5, with $\lambda = 4$ it is 0.25. The threshold does not move, the trust
# in the feature does.
#
# Why $\lambda$ at all? With 24 images of each of 4 classes you have 96 images, **as many as features**. Then $Z^\top Z$ can nearly always be inverted, so some $W$ hits every label exactly, and to do it, it uses huge weights on the least of differences. That is the worst number of images there is; the
# figure behind the checks shows it.
#
# Two traps. Whoever centres and scales must do it with the *training* features, and must either hand on the mean and the scale or, as here, **fold** them into $W$ and $b$: $\frac{f - m}{s} W + b = f \cdot \frac{W}{s} + (b - \frac{m}{s} W)$. You know this from week 9's folded batch norm.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-linear_probe", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `linear_probe` (8 points)


# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "linear_probe", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_probe(f, y):
    """Fit a linear classifier to features.

    f: (N, d) features, not scaled. y: integers (N,), 0 … C - 1, each class at least once.
    Returns (W, b), float arrays (d, C) and (C,): the class of features g is the largest of g @ W + b. It is sensible also where N is about d or less,
    where features lie far from 0, and where one is a thousand times as large as another.
    """
    ### BEGIN SOLUTION
    f, y = np.asarray(f, float), np.asarray(y)
    mean, scale = f.mean(axis=0), f.std(axis=0) + 1e-9
    z = (f - mean) / scale
    labels = np.eye(y.max() + 1)[y]
    share = labels.mean(axis=0)
    W = np.linalg.solve(z.T @ z + f.shape[1] * np.eye(f.shape[1]), z.T @ (labels - share))
    W = W / scale[:, None]
    return W, share - mean @ W
    ### END SOLUTION


# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-separates", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: four clouds, told apart on points that were not trained on.
import numpy as np

from course import checks

rng = np.random.default_rng(11)
centres = rng.normal(0, 2, (4, 6))
y, y_new = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
f, f_new = (centres[labels] + rng.normal(0, 0.6, (200, 6)) for labels in (y, y_new))
answer = linear_probe(f, y)
checks.true(
    isinstance(answer, (tuple, list)) and len(answer) == 2,
    "two things come back, W and b: `return W, b`",
    f"found {type(answer).__name__}",
)
W, b = answer
checks.shape(
    W,
    (6, 4),
    unless={"W is (d, C), a column a class: yours is transposed": (4, 6)},
    hint="W has a column for each class",
)
checks.shape(
    b, (4,), unless={"b has one number a class, without another axis": (1, 4)}, hint="b has one number a class"
)
checks.true(
    bool(np.isfinite(W).all() and np.isfinite(b).all()), "W or b holds NaN or infinity: does your descent diverge?"
)
guess = (f_new @ np.asarray(W) + np.asarray(b)).argmax(axis=1)
found = np.mean(guess == y_new)
checks.true(
    found > 0.1,
    "nearly every answer is wrong, worse than chance: the largest score is the answer, so does your descent go uphill, or are the columns out of order?",
)
checks.between(
    found,
    0.95,
    1,
    hint="four clouds that hardly touch are told apart by a linear classifier; yours is hardly trained",
    what="accuracy",
)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-anywhere", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: features far from 0, of very different sizes, constant ones; two classes.
import numpy as np

from course import checks

rng = np.random.default_rng(12)
f = rng.normal(0, 1, (40, 3))
W, b = linear_probe(f, np.arange(40) % 2)
checks.shape(W, (3, 2), unless={"two classes have two columns, as any other number has": (3, 1)}, hint="(d, C)")
### BEGIN HIDDEN TESTS
for seed, classes, d in ((13, 5, 8), (14, 2, 6)):
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 2.5, (classes, d))
    y, y_new = np.arange(300) % classes, rng.integers(0, classes, 300)
    plain = [centres[labels] + rng.normal(0, 0.6, (300, d)) for labels in (y, y_new)]
    sizes = 10.0 ** rng.uniform(-2, 1, d)
    for name, change in (
        ("", lambda g: g),
        (
            "your classifier needs the features to be near 0: is there a bias, and does it come back with the mean folded in?",
            lambda g: g + 50,
        ),
        (
            "a feature that is large is not an important one: scale the features, and fold the scale into W",
            lambda g: g * sizes,
        ),
        (
            "a feature that never changes has the standard deviation 0: do not divide by it",
            lambda g: np.c_[g, np.ones(len(g))],
        ),
    ):
        W, b = (np.asarray(part, float) for part in linear_probe(change(plain[0]), y))
        checks.true(
            bool(np.isfinite(W).all() and np.isfinite(b).all()),
            name or "W or b holds NaN or infinity",
            "NaN or infinity",
        )
        found = np.mean((change(plain[1]) @ W + b).argmax(axis=1) == y_new)
        checks.between(
            found,
            0.93,
            1,
            hint=name or "clouds that hardly touch are told apart by a linear classifier",
            what="accuracy",
        )
### END HIDDEN TESTS

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-few", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: as many images as features, and far fewer.
import numpy as np

from course import checks

W, b = linear_probe(np.eye(4).repeat(2, axis=0), np.arange(4).repeat(2))
checks.equal(
    (np.eye(4) @ np.asarray(W) + np.asarray(b)).argmax(axis=1),
    [0, 1, 2, 3],
    hint="each class has a feature of its own here",
)
### BEGIN HIDDEN TESTS
for seed, each in ((16, 25), (17, 25), (18, 5)):
    rng = np.random.default_rng(seed)
    d = 100
    centres = rng.normal(0, 0.45, (4, d))
    y, y_new = np.arange(4).repeat(each), rng.integers(0, 4, 400)
    f, f_new = (centres[labels] + rng.normal(0, 1, (len(labels), d)) for labels in (y, y_new))
    W, b = (np.asarray(part, float) for part in linear_probe(f, y))
    checks.true(bool(np.isfinite(W).all() and np.isfinite(b).all()), "with few images W or b becomes NaN or infinity")
    found = np.mean((f_new @ W + b).argmax(axis=1) == y_new)
    checks.between(
        found,
        0.75 if each > 5 else 0.5,
        1,
        hint="with as many images as features, or fewer, your classifier falls apart: hold the weights down, by λ, by weight decay or by ending early",
        what="accuracy on new points",
    )
### END HIDDEN TESTS

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "ridge-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("linear_probe"):
    rng = np.random.default_rng(SEED)
    centres = rng.normal(0, 0.45, (4, 96))  # four clouds in 96 dimensions, which overlap
    y_new = np.arange(400) % 4
    f_new = centres[y_new] + rng.normal(0, 1, (400, 96))
    numbers, shares = (3, 6, 12, 18, 24, 30, 48, 96, 192), []
    for each in numbers:
        labels = np.arange(4).repeat(each)
        f = centres[labels] + rng.normal(0, 1, (len(labels), 96))
        exact = np.linalg.pinv(np.c_[f, np.ones(len(f))]) @ np.eye(4)[labels]  # least squares, nothing held down
        W, b = linear_probe(f, labels)
        scores = (np.c_[f_new, np.ones(400)] @ exact, f_new @ W + b)
        shares.append([100 * np.mean(one.argmax(axis=1) == y_new) for one in scores])
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (name, color, mark), line in zip(
        (("least squares", RED, "s"), ("your probe", BLUE, "o")), np.transpose(shares), strict=True
    ):
        ax.plot(numbers, line, color=color, marker=mark, label=name)
    ax.axvline(24, color=GREY, linestyle=":", label="96 images, 96 features")
    ax.set(
        xscale="log",
        xlabel="points of each class (log scale)",
        ylabel="accuracy on new points in %",
        title="Four clouds in 96 dimensions",
    )
    ax.set_xticks(numbers, numbers)
    ax.minorticks_off()
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    plt.show()

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "curve-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **How many images are needed?** One number of images and one seed are an anecdote. A curve over the number of images a class, drawn anew for several seeds, is an answer. Three rules: so many of *each* class; the
# test features are only ever looked at by the finished probe; the same seed gives the same images. `pretrained.few(y, each, seed)` chooses indices, if you want it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-probe_curve", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `probe_curve` (6 points)


# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "probe_curve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def probe_curve(f, y, f_test, y_test, samples, seeds):
    """The accuracy of `linear_probe` against the number of images that it was fitted to.

    f, y: features (N, d) and labels (N,) to choose from. f_test, y_test: features and labels to measure on, all of them, each time.
    samples: numbers of images *of each class*, each at most as many as the smallest class has. seeds: one random choice each.
    Returns a float array (len(seeds), len(samples)) of accuracies in [0, 1]. The same seed chooses the same images.
    """
    ### BEGIN SOLUTION
    table = np.zeros((len(seeds), len(samples)))
    for row, seed in enumerate(seeds):
        for column, each in enumerate(samples):
            chosen = pretrained.few(y, each, seed)
            W, b = linear_probe(f[chosen], y[chosen])
            table[row, column] = np.mean((f_test @ W + b).argmax(axis=1) == y_test)
    return table
    ### END SOLUTION


# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "probe_curve-table", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a row a seed, a column a number; one image of each class is enough for clouds that are far apart.
import numpy as np

from course import checks

rng = np.random.default_rng(21)
y, y_test = rng.permutation(np.arange(6).repeat((60, 10, 10, 10, 10, 10))), np.arange(6).repeat(20)
f, f_test = (8 * np.eye(6)[labels] + rng.normal(0, 0.2, (len(labels), 6)) for labels in (y, y_test))
table = probe_curve(f, y, f_test, y_test, [1, 3, 10], [0, 1])
checks.shape(
    table,
    (2, 3),
    unless={"a row a seed, a column a number of images: yours is transposed": (3, 2)},
    hint="(len(seeds), len(samples))",
)
checks.true(float(np.max(table)) <= 1, "an accuracy is a share, at most 1, not a number of images or a per cent")
checks.close(
    table,
    np.ones((2, 3)),
    atol=0.02,
    hint="so many images of *each* class: here one of each is enough, and a class that was left out is never found",
)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "probe_curve-leak", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: labels that lie tell who looks at the test part.
import numpy as np

from course import checks

rng = np.random.default_rng(22)
y = rng.permutation(np.arange(3).repeat(20))
f = 8 * np.eye(3)[y] + rng.normal(0, 0.2, (60, 3))
checks.shape(probe_curve(f, y, f[:7], y[:7], [2], [0, 1, 2]), (3, 1), hint="(len(seeds), len(samples))")
### BEGIN HIDDEN TESTS
y_test = np.arange(3).repeat(30)
f_test = 8 * np.eye(3)[y_test] + rng.normal(0, 0.2, (90, 3))
lies = (y_test + 1) % 3
checks.close(
    probe_curve(f, y, f_test, lies, [1, 5, 20], [3, 4]),
    np.zeros((2, 3)),
    atol=0.02,
    hint="the test part was trained on, or the accuracy is that of the training images: fit to the chosen images alone, measure on the test part alone",
)
mixed = np.where(np.arange(90) % 3 == 0, y_test, lies)
checks.close(
    probe_curve(f, y, f_test, mixed, [5], [5]),
    [[1 / 3]],
    atol=0.02,
    hint="the accuracy is the share of *all* test images that are put into the right class",
)
### END HIDDEN TESTS

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "probe_curve-seeds", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: seeds differ, one seed repeats itself, and more images help.
import numpy as np

from course import checks

rng = np.random.default_rng(23)
y = rng.permutation(np.arange(3).repeat(50))
f = np.eye(3)[y] + rng.normal(0, 0.7, (150, 3))
checks.shape(probe_curve(f, y, f, y, [50], [0]), (1, 1), hint="(len(seeds), len(samples))")
### BEGIN HIDDEN TESTS
y_test = np.arange(3).repeat(300)
f_test = np.eye(3)[y_test] + rng.normal(0, 0.7, (900, 3))
table = np.asarray(probe_curve(f, y, f_test, y_test, [2, 10, 50], [0, 1, 2, 3]))
checks.true(
    len({round(float(value), 9) for value in table[:, 0]}) > 1,
    "every seed chooses the same images: use the seed, a row each",
)
checks.close(
    probe_curve(f, y, f_test, y_test, [2, 10, 50], [0, 1, 2, 3]),
    table,
    atol=1e-3,
    hint="the same seed gave other accuracies the second time: choose with np.random.default_rng(seed)",
)
g, labels = np.eye(3)[np.arange(12) % 3] + rng.normal(0, 0.7, (12, 3)), np.arange(12) % 3
checks.true(
    bool(np.ptp(probe_curve(g, labels, f_test, y_test, [4], [0, 1, 2, 3])) < 0.03),
    "with all images of each class there is nothing to choose, but your seeds differ: so many of each class, none twice",
)
checks.true(
    bool(table[:, 2].mean() > table[:, 0].mean()),
    "more images do not help: is a column's number the number of images of each class?",
)
### END HIDDEN TESTS

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "scratch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Against a beginner
#
# A comparison needs an opponent, and a fair one: a net of your own design, **trained from scratch** on the *same* images. Twenty-five of each class, a hundred in all, as many as you can photograph and label in an hour. The danger for it is not that it cannot learn
# them. It learns them by heart: watch the accuracy on its hundred images reach 100 % while that on others stays where it is. Make it a small one (some ten thousand weights), with what you know
# against overfitting: batch norm, dropout, mirrored and shifted copies, a rate that falls.

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "few-images", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
hundred = pretrained.few(y_pool, 25, SEED)
x_few, y_few = x_pool[hundred], y_pool[hundred]  # 100 images, 25 of each strange class

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-scratch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `build_scratch`, `train_scratch` (6 points)
#
# Two judgements are made: that `scratch` is a serious opponent, and that `probe`, fitted to the same hundred images, is at least as good as it should be. The grader evaluates both on test images. The trained net is kept in
# `artefacts/` beside this notebook: hand that folder in as well, else the grader trains it again.


# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "scratch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_scratch(classes):
    """A new, untrained net for images of 32×32.

    Returns a keras.Model, not compiled, of Keras's own layers and with random weights: input (32, 32, 3), scaled to [0, 1]; output (classes,),
    probabilities. At most 100,000 weights.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for maps, size in ((16, 5), (32, 3), (48, 3)):
        net.add(layers.Conv2D(maps, size, strides=2 if size == 5 else 1, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.8))
        net.add(layers.ReLU())
        if maps < 48:
            net.add(layers.MaxPooling2D(2))
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dropout(0.2))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


def train_scratch(model, x, y):
    """Compile `model` and train it on a few images x, float32 (N, 32, 32, 3), with labels y (N,), and on nothing else.

    Returns its history: a dict of lists, "loss" and "accuracy", one float an epoch.
    """
    ### BEGIN SOLUTION
    images = np.concatenate([x, x[:, :, ::-1]])  # mirrored: a car is a car from both sides
    images = np.concatenate([images, np.roll(images, 2, axis=2), np.roll(images, -2, axis=1)])
    epochs = max(4, (20_000 if PROFILE == "full" else 6_000) // len(images))
    rate = keras.optimizers.schedules.CosineDecay(5e-3, epochs * -(-len(images) // 60))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, images, np.tile(y, 6), epochs=epochs, batch_size=60, quiet=True)
    ### END SOLUTION


scratch, scratch_history = training.trained(
    "scratch",
    lambda: build_scratch(len(strangers)),
    lambda model: train_scratch(model, x_few, y_few),
    settings={"seed": SEED},
)
probe = linear_probe(features(base, x_few), y_few)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "scratch-fair", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a net of your own that has learned its hundred images.
from course import blocks, checks, datasets, evaluation, pretrained, profile

net = blocks.as_model(scratch, "scratch")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="an image of 32×32×3 comes in")
checks.equal(net.output_shape, (None, 4), hint="four numbers come out, one for each strange class")
weights = evaluation.budget(net)
checks.true(
    weights <= 100_000,
    f"your net has {weights:,} weights, constants counted; at most 100,000, and the base is not part of it",
)
checks.equal(
    blocks.as_model(build_scratch(4), "build_scratch's result").count_params(),
    net.count_params(),
    hint="scratch is another net than build_scratch builds: run the cell again",
)
known = datasets.load("cifar10", profile.current())
names = pretrained.strangers(known.classes)
x, y = pretrained.only(known.train, names, known.classes)
pool = pretrained.few(y, 250 if profile.current() == "full" else 80, 0)
few = pretrained.few(y[pool], 25, 0)
checks.between(
    evaluation.accuracy(net, evaluation.scaled(x[pool][few]), y[pool][few]),
    0.85,
    1,
    hint="on the hundred images that it was trained on, a serious opponent is nearly always right: train longer, with a higher rate or less dropout",
    what="accuracy on its own training images",
)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "scratch-opponent", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the opponent on test images.
from course import blocks, checks, evaluation, pretrained, profile

net = blocks.as_model(scratch, "scratch")
checks.equal(net.output_shape, (None, 4), hint="four numbers come out, one for each strange class")
### BEGIN HIDDEN TESTS
unseen = evaluation.test_split("cifar10")
names = pretrained.strangers(("automobile", "cat", "horse", "ship") if profile.current() == "full" else ())
classes = {
    "full": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "quick": ("circle", "ring", "crescent", "half-disc", "triangle", "square", "bar", "cross", "star", "heart"),
}[profile.current()]
x, y = pretrained.only(unseen, names, classes)
checks.between(
    evaluation.accuracy(net, evaluation.scaled(x), y),
    profile.bound("week10", "scratch"),
    1,
    hint="on images that it has not seen, a beginner with a hundred examples can do better: fewer weights, moved and mirrored images, a falling rate",
    what="test accuracy",
)
### END HIDDEN TESTS

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "scratch-probe", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the probe on test images, with the grader's own copy of the base.
import numpy as np

from course import checks, evaluation, pretrained, profile

checks.true(isinstance(probe, (tuple, list)) and len(probe) == 2, "probe is what linear_probe returns: W and b")
W, b = probe
checks.shape(W, (96, 4), hint="a row for each of the base's features, a column for each strange class")
checks.shape(b, (4,), hint="a number for each strange class")
### BEGIN HIDDEN TESTS
unseen = evaluation.test_split("cifar10")
names = pretrained.strangers(("automobile", "cat", "horse", "ship") if profile.current() == "full" else ())
classes = {
    "full": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "quick": ("circle", "ring", "crescent", "half-disc", "triangle", "square", "bar", "cross", "star", "heart"),
}[profile.current()]
x, y = pretrained.only(unseen, names, classes)
copy = pretrained.base()
x = evaluation.scaled(x)
f = np.concatenate([np.asarray(copy(x[start : start + 500], training=False)) for start in range(0, len(x), 500)])
checks.between(
    np.mean((f @ np.asarray(W) + np.asarray(b)).argmax(axis=1) == y),
    profile.bound("week10", "probe"),
    1,
    hint="the probe knows less than the base's features allow: fit it to the features of the hundred images, as linear_probe gives W and b",
    what="test accuracy",
)
### END HIDDEN TESTS

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "scratch-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("features", "linear_probe", "build_scratch"):
    W, b = probe
    f_val = features(base, x_val)
    print(f"validation, {len(x_val):,} images: from scratch {evaluation.accuracy(scratch, x_val, y_val):.1%}, ", end="")
    print(f"probe {np.mean((f_val @ W + b).argmax(axis=1) == y_val):.1%}, chance 25 %")
    plots.curves(scratch_history, title="From scratch on a hundred images: what it learned by heart")
    plt.show()

# %% [markdown] topics=["J3", "J2"] nbgrader={"grade": false, "grade_id": "freeze-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Freezing, and thawing from the top
#
# The probe stands outside the net. Usually the new last layer, the **head**, is put onto the base, and both are one model. To train only the head, the base is **frozen**: its weights are there, but no step changes them. Later its upper
# layers may be thawed and trained a little, at a low rate: **fine-tuning**. In the lecture's words: low and middle features are kept, the high ones are taught.
#
# Three things decide whether a frozen net stays as it was. Each of them has cost somebody a week.
#
# 1. **`compile` comes after `trainable`.** Keras makes its training function at the first `fit` after `compile`, from what is trainable then. Change `trainable` later, and nothing happens until you compile again.
# 2. **A batch norm has four arrays**, and two of them are not weights but statistics, which move whenever it works in training mode, at any learning rate, even at 0. In Keras a batch norm with `trainable = False` also works in
#    inference mode, so its statistics stay. A batch norm that is thawed with a handful of images replaces statistics from thirty thousand photographs by those of your handful.
# 3. **`base(x, training=False)` is not enough.** Many guides say that it holds the batch norms. See for yourself what `fit` does to it, in the version that you run:


# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "frozen-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def changed(before, model):
    """How many arrays of a model differ from those kept before, to the last bit."""
    return sum(not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


x_toy, y_toy = np.random.default_rng(SEED).random((32, 8, 8, 3)).astype("float32"), np.arange(32) % 3
for title, frozen, late in (
    ("base(x, training=False) alone", False, False),
    ("trainable = False, then compile", True, False),
    ("compile, fit, then trainable = False, fit", True, True),
):
    toy = pretrained.toy_base((4, 5))
    toy.trainable = not frozen or late
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(toy(inputs, training=False)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    if late:
        model.fit(x_toy, y_toy, epochs=1, verbose=0)
        toy.trainable = False
    before = toy.get_weights()
    model.fit(x_toy, y_toy, epochs=1, verbose=0)
    print(f"{title:42} {changed(before, toy):2} of {len(before)} arrays of the base have changed")

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "freeze-count", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Count before you train. A base with 96 features and a head for 4 classes: $96 \cdot 4 + 4 = 388$ trainable numbers, and not one more. `model.summary()` prints this sum at its end; it is the quickest test of a frozen net that there is.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-freeze", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `freeze` (7 points)


# %% topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "freeze", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze(base, classes, rate=1e-3):
    """A classifier on a frozen base.

    base: a Keras model from images to features (d,). classes: how many classes. rate: the learning rate.
    Returns a keras.Model from images to (classes,) probabilities: the base with its weights, and one new dense layer on its features (a dropout in between is fine).
    Only that layer's kernel and bias are trainable; no fit changes any array of the base, batch norm's statistics included. Compiled
    with Adam, sparse categorical cross-entropy and the accuracy.
    """
    ### BEGIN SOLUTION
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    outputs = keras.layers.Dense(classes, activation="softmax")(base(inputs, training=False))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "freeze-counts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: what may be trained, counted.
import numpy as np

from course import blocks, checks, pretrained

toy = pretrained.toy_base((4, 5, 6), seed=31)
net = blocks.as_model(freeze(toy, 3), "freeze's result")
checks.equal(net.input_shape, (None, 8, 8, 3), hint="it takes the images that the base takes")
checks.equal(net.output_shape, (None, 3), hint="`classes` numbers come out, not the base's features")
outputs = np.asarray(net(np.random.default_rng(32).random((5, 8, 8, 3)).astype("float32"), training=False))
checks.close(outputs.sum(axis=1), np.ones(5), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
kernels = 27 * 4 + 4 + 36 * 5 + 45 * 6 + 6
checks.integer(
    sum(int(np.prod(weight.shape)) for weight in net.trainable_variables),
    (6 + 1) * 3,
    unless={
        "the head is frozen as well, so nothing is left to train": 0,
        "the base is not frozen: base.trainable = False": kernels + 2 * 15 + 21,
        "γ and β of the batch norms can still be trained": 2 * 15 + 21,
        "the last layer of the base is not frozen": 45 * 6 + 6 + 2 * 6 + 21,
        "the head has no bias": 18,
        "frozen and trainable are exchanged: the head stays, the base moves": kernels + 2 * 15,
    },
    hint="trainable are the head's kernel and bias alone: d·classes + classes numbers",
)

# %% topics=["J2", "J3"] nbgrader={"grade": true, "grade_id": "freeze-holds", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: after a fit every array of the base is what it was, to the last bit.
import numpy as np

from course import blocks, checks, pretrained

toy = pretrained.toy_base((5, 7), seed=33)
before = toy.get_weights()
net = blocks.as_model(freeze(toy, 4), "freeze's result")
checks.equal(net.output_shape, (None, 4), hint="`classes` numbers come out")
checks.equal(len(net.weights), len(before) + 2, hint="the net has the base's arrays, and a kernel and a bias")
### BEGIN HIDDEN TESTS
import keras

for maps, classes, seed in (((5, 7), 4, 34), ((3, 4, 6, 8), 2, 35)):
    toy = pretrained.toy_base(maps, size=10, seed=seed)
    before = toy.get_weights()
    rng = np.random.default_rng(seed)
    x, y = rng.random((40, 10, 10, 3)).astype("float32") * 2, rng.integers(0, classes, 40)
    f = np.asarray(toy(x, training=False))
    net = blocks.as_model(freeze(toy, classes), "freeze's result")

    def places(net, before):
        """For each array of the base its number among the net's weights, or None where it is not there to the last bit."""
        values = net.get_weights()
        return [next((n for n, new in enumerate(values) if np.array_equal(old, new)), None) for old in before]

    found = places(net, before)
    checks.true(
        None not in found,
        "the net does not hold the base's weights: put the base itself into the model, not a copy of its layout",
    )
    head = [w for n, w in enumerate(net.get_weights()) if n not in found]
    checks.equal(
        sorted(w.shape for w in head),
        sorted([(maps[-1], classes), (classes,)]),
        hint="beside the base there is one dense layer, on its features",
    )
    W, b = sorted(head, key=lambda w: -w.ndim)
    scores = np.exp(f @ W + b)
    checks.close(
        np.asarray(net(x, training=False)),
        scores / scores.sum(axis=1, keepdims=True),
        rtol=1e-3,
        atol=1e-5,
        hint="the outputs are not softmax(features · W + b), with the base in inference mode",
    )
    net.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    net.fit(x, y, batch_size=10, epochs=2, verbose=0)
    values = net.get_weights()
    moved = [
        n for n, (place, old) in enumerate(zip(found, before, strict=True)) if not np.array_equal(values[place], old)
    ]
    statistics = [n for n, w in enumerate(toy.weights) if "moving" in w.path]
    checks.true(
        not moved or not set(moved) <= set(statistics),
        "the moving statistics of the batch norms were changed by the fit: they must not work in training mode, so trainable = False for them too",
    )
    checks.true(
        not moved, "weights of the base were changed by the fit: it is not frozen", f"arrays {moved} of {len(before)}"
    )
    others = [new for n, new in enumerate(values) if n not in found]
    learned = any(not np.array_equal(old, new) for old, new in zip(head, others, strict=True))
    checks.true(learned, "the head learned nothing: it must stay trainable")
### END HIDDEN TESTS

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "unfreeze-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **From the top.** With more images the upper layers may follow. Which ones? The last ones, for they are the most special; the lower a layer, the more others use it. And by how much? Little: at a tenth of the head's rate or
# less, or else the first steps, taken with a head that is still nearly random, destroy what the base knew. So: head first, then thaw, then a low rate. The batch norms stay frozen throughout.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-unfreeze_top", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `unfreeze_top` (7 points)


# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "unfreeze_top", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unfreeze_top(model, n, rate=1e-4):
    """Thaw the last n convolutions of the base, for fine-tuning.

    model: what your `freeze` returned, trained or not. n: how many convolutions, counted from the end of the base. rate: the learning rate.
    Returns the model, with the weights it had; trainable are the kernels (and biases) of these n convolutions, and the head. All else stays frozen, each batch norm included,
    also those between thawed layers. Compiled anew, as by `freeze`. Raises ValueError where n is negative or the base has fewer convolutions.
    """
    ### BEGIN SOLUTION

    def layers_of(net):
        for layer in net.layers:
            yield from layers_of(layer) if isinstance(layer, keras.Model) else [layer]

    layers = list(layers_of(model))
    convolutions = [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]
    if not 0 <= n <= len(convolutions):
        raise ValueError(f"the base has {len(convolutions)} convolutions, {n} cannot be thawed")
    top = convolutions[len(convolutions) - n :]
    for layer in layers:
        layer.trainable = layer in top or isinstance(layer, keras.layers.Dense)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "unfreeze_top-counts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: two of four convolutions, counted.
import numpy as np

from course import blocks, checks, pretrained

net = blocks.as_model(freeze(pretrained.toy_base((4, 5, 6, 7), seed=41), 3), "freeze's result")
net = blocks.as_model(unfreeze_top(net, 2), "unfreeze_top's result")
sizes = [27 * 4 + 4, 36 * 5, 45 * 6 + 6, 54 * 7]
head = (7 + 1) * 3
checks.integer(
    sum(int(np.prod(weight.shape)) for weight in net.trainable_variables),
    sizes[2] + sizes[3] + head,
    unless={
        "nothing of the base is thawed: n counts convolutions, not layers of any kind": head,
        "thawed from the wrong end: the bottom stays frozen": sizes[0] + sizes[1] + head,
        "the whole base is thawed, batch norms included": sum(sizes) + 2 * 22 + head,
        "all convolutions are thawed, not the last n": sum(sizes) + head,
        "the batch norms among the thawed layers must stay frozen": sizes[2] + sizes[3] + 2 * 13 + head,
        "all batch norms are thawed: they must stay frozen": sizes[2] + sizes[3] + 2 * 22 + head,
        "one convolution too few is thawed": sizes[3] + head,
        "one convolution too many is thawed": sum(sizes[1:]) + head,
        "the head must stay trainable": sizes[2] + sizes[3],
        "n counts convolutions: the batch norm is none, and stays frozen": sizes[3] + 2 * 7 + head,
        "n counts convolutions, not arrays": 2 * 7 + head,
    },
    hint="trainable are the last two convolutions and the head, no batch norm",
)

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "unfreeze_top-which", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: which layers, for any n, and n that cannot be.
import numpy as np

from course import blocks, checks, pretrained

toy = pretrained.toy_base((4, 5, 6), seed=42)
net = blocks.as_model(unfreeze_top(blocks.as_model(freeze(toy, 3), "freeze's result"), 1), "unfreeze_top's result")
checks.equal(net.output_shape, (None, 3), hint="the model comes back, with its head")
### BEGIN HIDDEN TESTS
for maps, classes, seed in (((4, 5, 6), 3, 43), ((3, 3, 3, 3, 3), 5, 44)):
    toy = pretrained.toy_base(maps, seed=seed)
    groups = [[w.numpy() for w in layer.weights] for layer in toy.layers if "conv" in layer.name]
    for n in (0, 1, len(maps)):
        frozen = blocks.as_model(freeze(pretrained.toy_base(maps, seed=seed), classes), "freeze's result")
        kept = frozen.get_weights()
        net = blocks.as_model(unfreeze_top(frozen, n), "unfreeze_top's result")
        checks.true(
            all(np.array_equal(old, new) for old, new in zip(kept, net.get_weights(), strict=True)),
            "unfreeze_top must not change any weight: the head that has been trained is lost, or the base built anew",
        )
        wanted = [w for group in groups[len(maps) - n :] for w in group]
        got = [np.asarray(w) for w in net.trainable_variables]
        missing = [w for w in wanted if not any(np.array_equal(w, other) for other in got)]
        checks.true(
            not missing, f"with n = {n} of {len(maps)} a convolution that should be thawed is not: count from the end"
        )
        message = (
            "n = 0 thaws nothing: [-0:] is the whole list"
            if n == 0
            else f"with n = {n} of {len(maps)} more is thawed than should be"
        )
        checks.equal(len(got), len(wanted) + 2, hint=message)
    for n in (-1, len(maps) + 1):
        frozen = blocks.as_model(freeze(pretrained.toy_base(maps, seed=seed), classes), "freeze's result")
        checks.raises(
            ValueError, lambda: unfreeze_top(frozen, n), hint="n below 0, or more than the base has convolutions"
        )
### END HIDDEN TESTS

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "unfreeze_top-fits", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: a fit moves the thawed layers and nothing below, on the course's base too.
import numpy as np

from course import blocks, checks, pretrained

net = blocks.as_model(
    unfreeze_top(blocks.as_model(freeze(pretrained.base(), 4), "freeze's result"), 2), "unfreeze_top's result"
)
checks.integer(
    sum(int(np.prod(weight.shape)) for weight in net.trainable_variables),
    2 * 9 * 96 * 96 + 97 * 4,
    unless={
        "all convolutions of the base are thawed": 265_056 + 97 * 4,
        "all of the base is thawed, batch norms included": 265_984 + 97 * 4,
    },
    hint="the last two convolutions of the base, 3×3 from 96 maps to 96, and the head",
)
### BEGIN HIDDEN TESTS
import keras

maps, n, seed = (4, 6, 5, 7), 2, 45
toy = pretrained.toy_base(maps, seed=seed)
net = blocks.as_model(unfreeze_top(blocks.as_model(freeze(toy, 3), "freeze's result"), n), "unfreeze_top's result")
rng = np.random.default_rng(seed)
x, y = rng.random((30, 8, 8, 3)).astype("float32") * 2, rng.integers(0, 3, 30)
places = [
    next((m for m, new in enumerate(net.get_weights()) if np.array_equal(old, new)), None)
    for old in pretrained.toy_base(maps, seed=seed).get_weights()
]
checks.true(None not in places, "the net does not hold the base's weights any more")
old = net.get_weights()
net.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
net.fit(x, y, batch_size=10, epochs=2, verbose=0)
new = net.get_weights()
kinds = [w.path.rsplit("/", 1)[-1] for w in toy.weights]
top = len(maps) - n
convolution = -1
for place, kind in zip(places, kinds, strict=True):
    moved = not np.array_equal(old[place], new[place])
    convolution += kind == "kernel"
    if kind.startswith("moving"):
        checks.true(
            not moved,
            "the moving statistics of a batch norm were changed by a fit: batch norms stay frozen, also between thawed layers",
        )
    elif kind in ("gamma", "beta"):
        checks.true(not moved, "γ or β of a batch norm was changed by a fit: batch norms stay frozen")
    elif convolution < top:
        checks.true(not moved, "a layer below the thawed ones was changed by a fit")
    elif kind == "kernel":
        checks.true(moved, "a thawed convolution was not changed by a fit")
### END HIDDEN TESTS

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "task-fine_tune", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `fine_tune` (6 points)
#
# Both together, in the right order. This is where a forgotten `compile` shows: it raises nothing, it just trains the wrong layers.


# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "fine_tune", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fine_tune(base, x, y, n, epochs=(20, 10), rates=(1e-3, 1e-4)):
    """Train a classifier on a base, first its head, then its head and the last n convolutions.

    base: a Keras model from images to features. x: images (N, height, width, 3), scaled. y: integers (N,), 0 … C - 1. n: how many convolutions to thaw.
    epochs, rates: number of epochs and learning rate of the two phases; batches of 32.
    Returns the trained model, images to (C,) probabilities. Below the thawed convolutions, and in every batch norm, the base has its old arrays, to the last bit.
    """
    ### BEGIN SOLUTION
    model = freeze(base, int(np.max(y)) + 1, rates[0])
    training.fit(model, x, y, epochs=epochs[0], batch_size=32, quiet=True)
    model = unfreeze_top(model, n, rates[1])
    training.fit(model, x, y, epochs=epochs[1], batch_size=32, quiet=True)
    return model
    ### END SOLUTION


# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-phases", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: what has moved after both phases, and what has not.
import numpy as np

from course import blocks, checks, pretrained

toy = pretrained.toy_base((4, 5, 6), seed=51)
before = toy.get_weights()
rng = np.random.default_rng(52)
y = np.arange(64) % 3
x = (rng.random((64, 8, 8, 3)) * 0.2 + 0.8 * np.eye(3)[y][:, None, None]).astype(
    "float32"
)  # class 0 is reddish, 1 greenish, 2 bluish
net = blocks.as_model(fine_tune(toy, x, y, 1, (40, 4), (3e-2, 1e-4)), "fine_tune's result")
checks.equal(net.output_shape, (None, 3), hint="a number for each class in y")
values = net.get_weights()
same = [
    any(np.array_equal(old, new) for new in values) for old in before
]  # 5 arrays, 4, 5: kernel, bias if any, γ, β, two statistics
names = [w.path.rsplit("/", 1)[-1] for w in toy.weights]
statistics = [kept for kept, name in zip(same, names, strict=True) if name.startswith("moving")]
checks.true(
    all(statistics), "the moving statistics of the batch norms have changed: they were trained in training mode"
)
checks.true(
    not all(same),
    "nothing in the base has moved, although its last convolution was thawed: is the model compiled *after* trainable is set?",
)
checks.true(
    all(same[:11]), "the lower convolutions or their batch norms have moved: only the last one was to be thawed"
)
sure = np.asarray(net(x, training=False))[np.arange(64), y].mean()
checks.between(
    sure,
    0.5,
    1,
    hint="red, green and blue images are not told apart: is the head trained, with rates[0], in the first phase?",
    what="mean probability of the right class",
)

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-holds", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: other bases and n; n = 0.
import numpy as np

from course import blocks, checks, pretrained

### BEGIN HIDDEN TESTS
for maps, n, seed in (((4, 6, 5), 0, 54), ((5, 4, 3, 6), 3, 55)):
    toy = pretrained.toy_base(maps, seed=seed)
    before = toy.get_weights()
    rng = np.random.default_rng(seed)
    x, y = rng.random((40, 8, 8, 3)).astype("float32"), np.arange(40) % 4
    values = blocks.as_model(fine_tune(toy, x, y, n, (2, 2), (1e-2, 1e-3)), "fine_tune's result").get_weights()
    convolution = -1
    for old, weight in zip(before, toy.weights, strict=True):
        kind = weight.path.rsplit("/", 1)[-1]
        convolution += kind == "kernel"
        same = any(np.array_equal(old, new) for new in values)
        if kind in ("gamma", "beta", "moving_mean", "moving_variance"):
            checks.true(same, "a batch norm of the base has changed: γ, β and the statistics stay, in both phases")
        elif convolution < len(maps) - n:
            checks.true(
                same,
                "a convolution below the thawed ones has changed: was it trained before it was frozen, or is compile missing?",
            )
        elif kind == "kernel":
            checks.true(
                not same, "a thawed convolution has not moved: without compile after trainable, fit goes on as before"
            )
### END HIDDEN TESTS

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-gently", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the second phase is a gentle one, and the first is not skipped.
import numpy as np

from course import blocks, checks, pretrained

### BEGIN HIDDEN TESTS
rng = np.random.default_rng(57)
y = np.arange(64) % 2
x = (rng.random((64, 8, 8, 3)) * 0.5 + 0.5 * y[:, None, None, None]).astype("float32")
epochs, rates = (25, 5), (3e-2, 1e-5)
toy = pretrained.toy_base((5, 6), seed=58)
old = max((w.numpy() for w in toy.weights if len(w.shape) == 4), key=lambda w: w.shape[2])
net = blocks.as_model(fine_tune(toy, x, y, 1, epochs, rates), "fine_tune's result")
kernel = next((w for w in net.get_weights() if w.shape == old.shape), None)
checks.true(kernel is not None, "the thawed convolution is not in the net any more")
step = float(np.abs(kernel - old).max())
checks.true(step > 0, "the thawed convolution has not moved: without compile after trainable, fit goes on as before")
checks.true(
    step <= 3 * 2 * epochs[1] * rates[1],
    "the thawed convolution moved much further than rates[1] and epochs[1] allow: the second phase is to be short and slow",
    f"{step:.2g} in {2 * epochs[1]} steps of {rates[1]:g}",
)
guess = np.asarray(net(x, training=False)).argmax(axis=1)
checks.between(
    np.mean(guess == y),
    0.8,
    1,
    hint="the head is hardly trained: epochs[0] epochs at rates[0] come first",
    what="accuracy",
)
### END HIDDEN TESTS

# %% [markdown] topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "race-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **The race.** Three ways to use the same images: fit a probe; fine-tune the last two convolutions; train from scratch. Each number of images a class is drawn anew for each seed; the line is the mean, the band reaches from the
# worst to the best. Read it from the left: what is the head start worth in *images*? And look for a place where the lines meet. What one more year is worth depends on how many one has.

# %% topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "race-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("features", "linear_probe", "probe_curve", "build_scratch", "fine_tune"):
    samples = (5, 10, 25, 50, 100, 250) if PROFILE == "full" else (5, 10, 20, 40, 80)
    seeds = range(2) if PROFILE == "full" else range(1)
    f_pool, f_val = features(base, x_pool), features(base, x_val)
    lines = {"linear probe": (samples, probe_curve(f_pool, y_pool, f_val, y_val, samples, range(5)), BLUE, "o")}
    tuned, beginner = [], []
    dear, epochs = (samples[:5], (20, 10)) if PROFILE == "full" else (samples[::3], (6, 3))
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        for each in dear:
            picked = pretrained.few(y_pool, each, seed)
            model = fine_tune(pretrained.base(), x_pool[picked], y_pool[picked], 2, epochs)
            tuned.append(evaluation.accuracy(model, x_val, y_val))
            model = build_scratch(len(strangers))
            train_scratch(model, x_pool[picked], y_pool[picked])
            beginner.append(evaluation.accuracy(model, x_val, y_val))
    lines["fine-tuned, last two convolutions"] = (dear, np.reshape(tuned, (len(seeds), -1)), GREEN, "^")
    lines["from scratch"] = (dear, np.reshape(beginner, (len(seeds), -1)), ORANGE, "s")
    fig, ax = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
    for name, (numbers, table, color, mark) in lines.items():
        ax.plot(numbers, 100 * table.mean(axis=0), color=color, marker=mark, label=name)
        ax.fill_between(numbers, 100 * table.min(axis=0), 100 * table.max(axis=0), color=color, alpha=0.15)
        print(f"{name:34}", ", ".join(f"{n}: {a:.1%}" for n, a in zip(numbers, table.mean(axis=0), strict=True)))
    ax.axhline(25, color=GREY, linestyle=":", label="chance")
    ax.set(
        xscale="log",
        xlabel="images of each class (log scale)",
        ylabel="validation accuracy in %",
        title=f"Seven years against one: {', '.join(strangers)}",
    )
    ax.set_xticks(samples, samples)
    ax.minorticks_off()
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    plt.show()

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "movement-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How far do the layers of the base move? For each convolution, the length of the change of its kernel as a share of the kernel's own length, after two trainings on your hundred images: the last two thawed at
# a low rate; all of them thawed at a rate a hundred times as high. The accuracy on validation images stands in the legend.

# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "movement-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("freeze", "unfreeze_top", "fine_tune"):
    total = sum(isinstance(layer, keras.layers.Conv2D) for layer in base.layers)
    old = [w.numpy() for w in base.weights if len(w.shape) == 4]
    fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for number, (name, n, rates, color) in enumerate(
        (
            ("last two, rate 0.0001", 2, (1e-3, 1e-4), GREEN),
            ("all, rate 0.01", total, (1e-3, 1e-2), RED),
        )
    ):
        keras.utils.set_random_seed(SEED)
        model = fine_tune(pretrained.base(), x_few, y_few, n, (10, 6) if PROFILE == "full" else (3, 2), rates)
        values = model.get_weights()
        new, spare = [], [w for w in values if w.ndim == 4]
        for kernel in old:  # partners by shape, in the order in which they stand
            place = next(i for i, w in enumerate(spare) if w.shape == kernel.shape)
            new.append(spare.pop(place))
        shares = [100 * np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in zip(old, new, strict=True)]
        label = f"{name}: {evaluation.accuracy(model, x_val, y_val):.0%}"
        ax.bar(np.arange(total) + 0.4 * (number - 0.5), shares, 0.4, color=color, label=label)
    ax.set_xticks(range(total), [f"conv {n + 1}\n{'×'.join(map(str, k.shape))}" for n, k in enumerate(old)], fontsize=8)
    ax.set(
        yscale="log",
        xlabel="convolution of the base, from the image to the features",
        ylabel="change in % of the kernel",
        title="How far the base moved (no bar: not at all)",
        ylim=(1e-2, 400),
    )
    fig.legend(loc="outside lower center", ncol=2, frameon=False, title="validation accuracy")
    plt.show()

# %% [markdown] topics=["J4", "J1"] nbgrader={"grade": false, "grade_id": "own-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · A data set of your own
#
# The lecture's assignment: photograph or collect at least **three classes of at least 250 images each**, 750 in all, put each class into a folder of its own, split into training and test, and train an AlexNet on it. Most of
# the work is not the net. It is that folders of real images are never in order:
#
# | what goes wrong | what it does |
# |---|---|
# | a file that is no image, or half of one | training stops in the middle, or a decoder quietly fills it with grey |
# | the same picture twice, perhaps saved under another name or in another format | one copy is trained on, the other tested on: the test knows the answer |
# | the same picture in two classes | one of the labels is wrong |
# | one class with 900 images, one with 250 | "always the big one" is right three times in four, and the accuracy looks good |
#
# A copy is not always a copy of the *bytes*: a PNG that was saved again has other bytes and the same pixels. So compare what is decoded.
#
# And the trap of week 8's stored copies again: 100 photographs, each turned and shifted into a hundred stored copies, make 10,000 files. Split *these* at random, and every test image has siblings among the training images. **Split first, then augment**, and only the training part;
# done on the fly, the question does not come up.

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "own-folder", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
sample = datasets.write_sample_folder(Path(tempfile.mkdtemp()) / "shapes", ("star", "heart", "ring"), each=250)
own_files = datasets.read_files(sample)  # {"star/0000.png": bytes, …}
print(f"{len(own_files)} files, {sum(map(len, own_files.values())) / 1e6:.1f} MB; for example {next(iter(own_files))}")

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "task-validate_dataset", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 8 · `validate_dataset` (13 points)
#
# Your function gets the files as `datasets.read_files` reads them from a folder or a zip: a dict from `"class/name.png"` to the file's bytes. It looks at everything and reports **every** problem in a sentence, so that whoever has to repair the folder need not
# come back ten times. `Image.open(io.BytesIO(content))` opens an image, but decodes nothing: a file that was cut off in the middle is noticed only when its pixels are asked for, as by `convert("RGB")`.


# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "validate_dataset", "locked": false, "schema_version": 3, "solution": true, "task": false}
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    """What is wrong with a data set of images.

    files: {"class/name.png": bytes}. Only names that end in one of SUFFIXES (.jpg, .jpeg, .png, .bmp, .webp, capitals too) count as images, all else is passed over.
    Returns a list of sentences (str), empty where all is well. There is one for each of these, which names the files or classes concerned, whole ("cat/7.png", "cat"), and no other file:
    - an image that cannot be decoded to its last pixel,
    - an image whose pixels, as RGB, are those of another one, in its own or in another class: it names both,
    - a class with fewer than least_images images; it names their number, too,
    - fewer than least_classes classes; it names their number, and those that are needed,
    - a largest class with more than most_ratio times as many images as the smallest: it names both.
    Images that cannot be decoded do not count as images of their class; copies do.
    """
    ### BEGIN SOLUTION
    problems, counts, known = [], {}, {}
    for name in sorted(files):
        if not name.lower().endswith(SUFFIXES):
            continue
        group = name.split("/")[0]
        counts.setdefault(group, 0)
        try:
            with Image.open(io.BytesIO(files[name])) as image:
                pixels = np.asarray(image.convert("RGB"))
        except Exception as problem:
            problems.append(f"{name} cannot be read ({type(problem).__name__}): replace it, or take it out")
            continue
        counts[group] += 1
        first = known.setdefault((pixels.shape, pixels.tobytes()), name)
        if first != name:
            problems.append(f"{name} shows the same picture as {first}: keep the one whose class is right")
    if len(counts) < least_classes:
        problems.append(f"there are {len(counts)} classes, and {least_classes} are needed")
    for group, count in counts.items():
        if count < least_images:
            problems.append(f"{group} has {count} images, and {least_images} are needed")
    if counts:
        small, large = min(counts, key=counts.get), max(counts, key=counts.get)
        if counts[large] > most_ratio * counts[small]:
            problems.append(f"{large} has {counts[large]} images and {small} only {counts[small]}: out of balance")
    return problems
    ### END SOLUTION


# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-good", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: 3 × 250 images and a file that is none: nothing to report.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {"readme.txt": b"my images"}
for name in ("star", "heart", "ring"):
    for number, pixels in enumerate(draw_shapes(name, 250, 101)):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        files[f"{name}/{number}.png"] = file.getvalue()
checks.equal(
    validate_dataset(files),
    [],
    hint="this folder is in order, so the list is empty: 250 images are enough, and a text file is passed over",
)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-counts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: a class too few, an image too few, out of balance.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes


def folder(**counts):
    files = {}
    for seed, (name, count) in enumerate(counts.items()):
        for number, pixels in enumerate(draw_shapes("star", count, 110 + seed)):
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG", compress_level=1)
            files[f"{name}/{number}.png"] = file.getvalue()
    return files


def sentences(problems):
    checks.true(
        isinstance(problems, (list, tuple)), "a list of sentences comes back", f"found {type(problems).__name__}"
    )
    checks.true(all(isinstance(one, str) for one in problems), "each problem is a sentence, a str")
    return list(problems)


for files, limits, words, idea in (
    (folder(cat=6, dog=6), (3, 6), ("2", "3"), "two classes where three are needed: a sentence with both numbers"),
    (
        folder(cat=6, dog=5, cow=6),
        (3, 6),
        ("dog", "5"),
        "a class with one image too few: a sentence with its name and its number",
    ),
    (
        folder(cat=13, dog=6, cow=9),
        (3, 5, 2.0),
        ("cat", "dog"),
        "one class has more than twice as many images as another: a sentence with both names",
    ),
):
    found = sentences(validate_dataset(files, *limits))
    checks.true(len(found) > 0, f"nothing is reported: {idea}")
    checks.true(
        any(all(word in one for word in words) for one in found),
        f"the report does not say it: {idea}",
        f"found {found}",
    )
    checks.true(len(found) == 1, f"one problem, one sentence: {idea}", f"found {found}")
checks.equal(
    validate_dataset(folder(cat=12, dog=6, cow=9), 3, 5, 2.0), [], hint="exactly twice as many is still in balance"
)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-unreadable", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: files that are no images, and half an image.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {}
for name in ("a", "b", "c"):
    for number, pixels in enumerate(draw_shapes("heart", 4, 120 + ord(name))):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=90)
        files[f"{name}/{number}.jpg"] = file.getvalue()
checks.equal(validate_dataset(files, 3, 4), [], hint="twelve JPEGs in order: nothing to report")
### BEGIN HIDDEN TESTS
whole = files["b/2.jpg"]
file = io.BytesIO()
Image.fromarray(draw_shapes("heart", 1, 129)[0]).save(file, "PNG")
for name, content, idea in (
    ("b/broken.jpg", b"this is no image", "a file that is no image"),
    ("c/empty.PNG", b"", "an empty file; capitals in .PNG count as well"),
    (
        "a/half.jpg",
        whole[: len(whole) * 4 // 5],
        "an image that was cut off in the middle: `open` and `verify` do not decode it, convert does",
    ),
    (
        "a/half.png",
        file.getvalue()[:-200],
        "an image that was cut off in the middle: `open` and `verify` do not decode it, convert does",
    ),
):
    found = validate_dataset(files | {name: content}, 3, 4)
    checks.true(
        isinstance(found, (list, tuple)) and len(found) > 0 and all(isinstance(one, str) for one in found),
        f"nothing is reported: {idea}",
    )
    checks.true(any(name in one for one in found), f"the sentence must name the file: {idea}")
    checks.true(len(found) == 1, f"one problem, one sentence: {idea}")
    checks.true(not any(other in one for one in found for other in files), "a sentence names a file that is in order")
less = {name: content for name, content in files.items() if name != "b/3.jpg"} | {"b/3.jpg": b"no image"}
found = validate_dataset(less, 3, 4)
checks.true(
    isinstance(found, (list, tuple)) and all(isinstance(one, str) for one in found), "a list of sentences comes back"
)
checks.true(any("b/3.jpg" in one for one in found), "the sentence must name the file that cannot be read")
checks.true(
    any("b" in one and "3" in one and "b/3.jpg" not in one for one in found),
    "an image that cannot be read does not count: its class now has one too few, and that is a problem of its own",
)
both = files | {"a/x.jpg": b"?", "c/y.jpg": b"?"}
found = validate_dataset(both, 3, 4)
checks.true(
    isinstance(found, (list, tuple))
    and all(isinstance(one, str) for one in found)
    and all(any(name in one for one in found) for name in ("a/x.jpg", "c/y.jpg")),
    "every problem is reported, not only the first",
)
### END HIDDEN TESTS

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-copies", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Hidden: copies by bytes and by pixels, in one class and in two; images that only look alike are none.
import io

import numpy as np
from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes


def packed(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


images = {
    f"{name}/{n}.png": pixels
    for name in ("a", "b", "c")
    for n, pixels in enumerate(draw_shapes("ring", 5, 130 + ord(name)))
}
files = {name: packed(pixels) for name, pixels in images.items()}
checks.equal(validate_dataset(files, 3, 5), [], hint="fifteen different images: nothing to report")
### BEGIN HIDDEN TESTS
near = images["a/1.png"].copy()
near[7, 9, 1] ^= 1
checks.equal(
    validate_dataset(files | {"a/near.png": packed(near)}, 3, 5),
    [],
    hint="an image that differs in a single pixel is no copy: compare all pixels, exactly",
)
turned = np.ascontiguousarray(images["a/1.png"].transpose(1, 0, 2))
checks.equal(
    validate_dataset(files | {"a/turned.png": packed(turned)}, 3, 5),
    [],
    hint="an image that was turned is another image",
)
flat = {
    "b/wide.png": packed(np.full((8, 16, 3), 90, np.uint8)),
    "b/high.png": packed(np.full((16, 8, 3), 90, np.uint8)),
}
checks.equal(
    validate_dataset(files | flat, 3, 5),
    [],
    hint="two images of one colour, 8×16 and 16×8, have the same bytes of pixels and another shape: they are no copies",
)
grey = np.repeat(images["c/0.png"][..., :1], 3, axis=2)
for name, content, twin, idea in (
    ("a/again.png", files["a/3.png"], "a/3.png", "the same file under another name"),
    ("c/again.png", files["a/3.png"], "a/3.png", "the same file in another class"),
    (
        "a/saved.png",
        packed(images["a/2.png"], compress_level=0),
        "a/2.png",
        "saved again: other bytes, the same pixels",
    ),
    (
        "b/saved.bmp",
        packed(images["a/4.png"], "BMP"),
        "a/4.png",
        "saved in another format and class: other bytes, the same pixels",
    ),
):
    found = validate_dataset(files | {name: content}, 3, 5)
    checks.true(
        isinstance(found, (list, tuple)) and len(found) > 0 and all(isinstance(one, str) for one in found),
        f"a copy is not reported: {idea}",
    )
    checks.true(any(name in one and twin in one for one in found), f"the sentence must name both files: {idea}")
    checks.true(
        not any(other in one for one in found for other in files if other != twin),
        "a sentence names a file that is in order",
    )
    checks.true(len(found) <= 2, f"one pair, one sentence: {idea}")
pair = {"a/grey.png": packed(grey), "b/grey.png": packed(grey[..., 0])}
found = validate_dataset(files | pair, 3, 5)
checks.true(
    isinstance(found, (list, tuple))
    and any(isinstance(one, str) and "a/grey.png" in one and "b/grey.png" in one for one in found),
    "a grey image and the same one as RGB show the same picture: convert both to RGB, then compare",
)
### END HIDDEN TESTS

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "bad-folder-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your function on a folder that somebody spoiled:

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "bad-folder", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("validate_dataset"):
    spoiled = dict(own_files)
    spoiled["star/half.png"] = own_files["star/0003.png"][:400]
    spoiled["heart/copy of star.png"] = own_files["star/0007.png"]
    for number in range(12):
        del spoiled[f"ring/{number:04}.png"]
    print(f"as it was: {len(validate_dataset(own_files))} problems; spoiled:")
    for sentence in validate_dataset(spoiled):
        print("  -", sentence)

# %% [markdown] topics=["J4", "J1"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Splitting.** 750 images into training and test: the same share of every class (*stratified*), every file on exactly one side, the same seed gives the same split. And pictures that occur twice stay together, on one side, even if nobody has run
# your validator.

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "task-split_dataset", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 9 · `split_dataset` (7 points)


# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "split_dataset", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_dataset(files, test=0.2, seed=0):
    """Split a data set of images into training and test.

    files: {"class/name.png": bytes}, as validate_dataset gets them, all readable; names that are no images (see SUFFIXES) are left out. test: the share to test on, between 0 and 1.
    Returns (train, test), two lists of names: each image on exactly one side. Where no picture occurs twice, a class of N images has round(test · N) of them in the test part,
    chosen at random by the seed. Files with the same pixels, as RGB, are on the same side, whatever their classes; the shares are then as near as that allows.
    """
    ### BEGIN SOLUTION
    pictures = {}
    for name in sorted(files):
        if name.lower().endswith(SUFFIXES):
            with Image.open(io.BytesIO(files[name])) as image:
                pixels = np.asarray(image.convert("RGB"))
            pictures.setdefault((pixels.shape, pixels.tobytes()), []).append(name)
    groups, sizes = {}, {}
    for names in pictures.values():
        groups.setdefault(names[0].split("/")[0], []).append(names)
        for name in names:
            sizes[name.split("/")[0]] = sizes.get(name.split("/")[0], 0) + 1
    rng = np.random.default_rng(seed)
    train, held = [], []
    for group, members in groups.items():
        wanted = round(test * sizes[group])
        taken = 0
        for number in rng.permutation(len(members)):
            names = members[number]
            fits = taken + len(names) <= wanted and all(name.split("/")[0] == group for name in names)
            taken += len(names) * fits
            (held if fits else train).extend(names)
    return train, held
    ### END SOLUTION


# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-stratified", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: every image on one side, the same share of every class.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {"notes.txt": b"of mine"}
for name, count in (("star", 50), ("heart", 20), ("ring", 10)):
    for number, pixels in enumerate(draw_shapes(name, count, 140)):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        files[f"{name}/{number}.png"] = file.getvalue()
answer = split_dataset(files, 0.2, 0)
checks.true(isinstance(answer, (tuple, list)) and len(answer) == 2, "two lists come back: training, test")
train, test = (list(part) for part in answer)
checks.true(all(isinstance(name, str) for name in train + test), "the lists hold names")
checks.true("notes.txt" not in train + test, "a file that is no image is left out")
checks.true(not set(train) & set(test), "an image is on both sides: the test part was trained on")
checks.equal(
    sorted(train + test),
    sorted(name for name in files if name.endswith(".png")),
    hint="each image is on exactly one side",
)
counts = [sum(name.startswith(group) for name in test) for group in ("star", "heart", "ring")]
checks.equal(
    counts,
    [10, 4, 2],
    unless={"training and test are exchanged: (train, test), in this order": [40, 16, 8]},
    hint="a fifth of *each* class is tested on: 10 stars, 4 hearts, 2 rings",
)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-seed", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the same seed, another seed, another share.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {}
for name, count in (("a", 30), ("b", 45), ("c", 15)):
    for number, pixels in enumerate(draw_shapes("cross", count, 150 + ord(name))):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        files[f"{name}/{number:02}.png"] = file.getvalue()
checks.true(len(split_dataset(files, 0.2, 0)) == 2, "two lists come back: training, test")
### BEGIN HIDDEN TESTS
first, again, other = (split_dataset(files, 0.4, seed) for seed in (5, 5, 6))
checks.equal(
    sorted(first[1]), sorted(again[1]), hint="the same seed gave another split: choose with np.random.default_rng(seed)"
)
checks.true(sorted(first[1]) != sorted(other[1]), "another seed gave the same split: choose at random, by the seed")
for share, wanted in ((0.4, [12, 18, 6]), (0.1, [3, 4, 2]), (0.5, [15, 22, 8])):
    train, test = split_dataset(files, share, 7)
    counts = [sum(name.startswith(group) for name in test) for group in "abc"]
    near = all(
        abs(a - b) <= (share in (0.1, 0.5)) for a, b in zip(counts, wanted, strict=True)
    )  # halves may be rounded either way
    checks.true(near, "a class has another share in the test part: round(test · N) of each class")
    checks.true(
        len(set(train) & set(test)) == 0 and len(set(train) | set(test)) == 90, "each image is on exactly one side"
    )
ordered = sorted(first[1])
checks.true(
    any(int(name[2:4]) >= 20 for name in ordered if name[0] == "a")
    and any(int(name[2:4]) < 20 for name in ordered if name[0] == "a"),
    "the test part is the beginning or the end of each class: files of a folder are ordered, choose at random",
)
### END HIDDEN TESTS

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-copies", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: pictures that occur twice do not cross the line.
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes


def packed(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


images = draw_shapes("heart", 20, 160)
files = {f"{'ab'[n % 2]}/{n}.png": packed(pixels) for n, pixels in enumerate(images)}
checks.true(len(split_dataset(files, 0.3, 1)) == 2, "two lists come back: training, test")
### BEGIN HIDDEN TESTS
copies = {n: [f"{'ab'[n % 2]}/{n}.png"] for n in range(20)}
for n in (0, 3, 4, 7, 9, 12, 15, 18):
    group = "ab"[n % 2 if n != 9 else 0]
    name = f"{group}/{n}-again.{'bmp' if n % 4 == 0 else 'png'}"
    files[name] = packed(images[n], "BMP") if n % 4 == 0 else packed(images[n], compress_level=0)
    copies[n].append(name)
for seed in range(6):
    train, test = split_dataset(files, 0.4, seed)
    checks.equal(sorted([*train, *test]), sorted(files), hint="each image is on exactly one side")
    for names in copies.values():
        checks.true(
            len({name in set(test) for name in names}) == 1,
            "two files with the same picture are on different sides: the test part was trained on. Compare pixels, and keep copies together",
        )
    for group in "ab":
        share = sum(name.startswith(group) for name in test) / sum(name.startswith(group) for name in files)
        checks.between(
            share,
            0.2,
            0.6,
            hint="with copies kept together, each class still has about its share in the test part",
            what="share of a class",
        )
### END HIDDEN TESTS

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "alex-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · An AlexNet to your measure
#
# AlexNet's first layer steps by 4 and looks through 11×11 windows, since its images have 227 pixels. Yours have 32 to 64, and 750 of them cannot feed 62 million weights. What is worth keeping is the pattern, `C M C M C C C M`, a first
# kernel that is larger than the others, ReLU, and a head with dropout. All else gets smaller: the steps, the maps, the dense layers. Count before you train (week 3): behind the last pooling, side² · maps numbers meet the first dense layer, and that is where
# the budget goes.
#
# | | AlexNet | here, at 32×32 |
# |---|---|---|
# | first convolution | 11×11, step 4 | for example 5×5, step 1 |
# | maps, side after each stage | 55, 27, 13, 6 | for example 32, 15, 7, 3 |
# | weights | 62,378,344 | at most 200,000 |

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "own-split", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("validate_dataset", "split_dataset"):
    train_names, test_names = split_dataset(own_files, 0.2, SEED)
    x_own, y_own = datasets.to_arrays(own_files, train_names, 32)
    x_own, own_classes = evaluation.scaled(x_own), sorted({name.split("/")[0] for name in train_names})
    x_held, y_held = datasets.to_arrays(own_files, test_names, 32)
    x_held = evaluation.scaled(x_held)
    print(f"{len(x_own)} images to train on, {len(x_held)} to test on: {', '.join(own_classes)}")

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "task-alexnet_mini", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 10 · `alexnet_mini` and `own` (20 points)
#
# `own` is trained on the generated folder above, with your split: there the grader knows the classes, and tests it on images that nobody has. A cell further down does all of it again with a folder of *your* photographs.


# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "alexnet_mini", "locked": false, "schema_version": 3, "solution": true, "task": false}
def alexnet_mini(size=32, classes=3):
    """A new, untrained AlexNet for small images.

    size: side of the images, 32 to 64. Returns a keras.Model, not compiled, of Keras's own layers: input (size, size, 3), scaled to [0, 1]; output (classes,), probabilities.
    In the order C M C M C C C M (C: one or more convolutions, each with a non-linearity behind it; M: a pooling that makes the maps smaller), then a head; the first kernel is larger than 3×3 and
    than the later ones; at most 200,000 weights, for each size.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((size, size, 3))])

    def convolution(maps, kernel, strides=1):
        net.add(layers.Conv2D(maps, kernel, strides=strides, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.8))
        net.add(layers.ReLU())

    convolution(16, 5, 2 if size > 40 else 1)
    net.add(layers.MaxPooling2D(3, strides=2))
    convolution(32, 3)
    net.add(layers.MaxPooling2D(3, strides=2))
    for maps in (48, 48, 32):
        convolution(maps, 3)
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Flatten())
    net.add(layers.Dropout(0.4))
    net.add(layers.Dense(64, activation="relu"))
    net.add(layers.Dropout(0.4))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


def train_own(model, x, y):
    """Compile `model`, as alexnet_mini makes it, and train it on x, float32 (N, size, size, 3), with labels y (N,).

    Returns its history: a dict of lists, "loss" and "accuracy", one float an epoch.
    """
    ### BEGIN SOLUTION
    epochs, batch = (30, 32) if PROFILE == "full" else (8, 32)
    steps = epochs * -(-len(x) // batch)
    rate = keras.optimizers.schedules.CosineDecay(3e-4, steps - steps // 5, warmup_target=3e-3, warmup_steps=steps // 5)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng, history = np.random.default_rng(SEED), {"loss": [], "accuracy": []}
    for _ in range(epochs):
        images = np.roll(x, tuple(rng.integers(-1, 2, 2)), axis=(1, 2))
        one = training.fit(model, images, y, epochs=1, batch_size=batch, quiet=True)
        for name in history:
            history[name] += one[name]
    return history
    ### END SOLUTION


own, own_history = training.trained(
    "own",
    alexnet_mini,
    lambda model: train_own(model, x_own, y_own),
    settings={"seed": SEED, "images": len(x_own), "classes": own_classes},
)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-shapes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: sizes and budget.
import numpy as np

from course import blocks, checks, evaluation

for size, classes in ((32, 3), (48, 4), (64, 5)):
    net = blocks.as_model(alexnet_mini(size, classes), "alexnet_mini's result")
    checks.equal(net.input_shape, (None, size, size, 3), hint="the input is (size, size, 3)")
    checks.equal(net.output_shape, (None, classes), hint="`classes` numbers come out")
    weights = evaluation.budget(net)
    checks.true(
        weights <= 200_000,
        f"with size {size} your net has {weights:,} weights, at most 200,000: most of them sit behind Flatten; pool more, or use fewer maps there",
    )
outputs = np.asarray(net(np.random.default_rng(61).random((3, 64, 64, 3)).astype("float32"), training=False))
checks.close(outputs.sum(axis=1), np.ones(3), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-pattern", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: C M C M C C C M. Read off the shapes: a layer with a 4-d kernel is a C, one that makes the maps smaller without a kernel an M.
import re

import keras
import numpy as np

from course import blocks, checks


def flat(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from flat(layer)
        else:
            yield layer


for size in (32, 64):
    net = blocks.as_model(alexnet_mini(size, 3), "alexnet_mini's result")
    pattern, sides, kernels = "", size, []
    for layer in flat(net):
        shape = tuple(layer.output.shape)
        if len(shape) != 4:
            continue
        kernel = [tuple(w.shape)[:2] for w in layer.weights if len(w.shape) == 4]
        if kernel:
            pattern, kernels = pattern + "C", [*kernels, max(kernel[0])]
        elif shape[1] and shape[1] < sides and shape[1] > 1:
            pattern += "M"
        sides = shape[1] or sides
    checks.true(
        re.fullmatch(r"C+MC+MC{3,}M[CM]*", pattern) is not None,
        "AlexNet's pattern is C M C M C C C M: three convolutions in a row before the last pooling, one before each of the others",
        f"with size {size} found {' '.join(pattern)}",
    )
    checks.true(kernels[0] > 3, "AlexNet's first kernel is the large one: larger than 3×3", f"found {kernels}")
    checks.true(kernels[0] > max(kernels[1:]), "the first kernel is larger than the later ones", f"found {kernels}")

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-computes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: a non-linearity behind the convolutions; other sizes and numbers of classes.
import numpy as np

from course import blocks, checks, evaluation

net = blocks.as_model(alexnet_mini(40, 6), "alexnet_mini's result")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 40, 40, 3), (None, 6)), hint="(size, size, 3) in, (classes,) out"
)
### BEGIN HIDDEN TESTS
import itertools

import keras

for size, classes in ((36, 2), (56, 10)):
    net = blocks.as_model(alexnet_mini(size, classes), "alexnet_mini's result")
    checks.equal(
        (net.input_shape, net.output_shape),
        ((None, size, size, 3), (None, classes)),
        hint="(size, size, 3) in, (classes,) out",
    )
    checks.true(evaluation.budget(net) <= 200_000, "with another size your net has more than 200,000 weights")
net = blocks.as_model(alexnet_mini(32, 3), "alexnet_mini's result")
blocks_of_weights = [
    layer
    for layer in net._flatten_layers(include_self=False, recursive=True)
    if any(len(w.shape) == 4 for w in layer.weights)
]
convolutions = [layer for layer in blocks_of_weights if not isinstance(layer, keras.Model)]
in_a_row = isinstance(net, keras.Sequential)  # its layers are used once, whatever their nodes say


def between(before, after):
    """The part of the net from the input of one convolution to the input of the next."""
    if not in_a_row:
        return keras.Model(before.input, after.input)
    x = start = keras.Input(before.input.shape[1:])
    for layer in net.layers[net.layers.index(before) : net.layers.index(after)]:
        x = layer(x)
    return keras.Model(start, x)


if not any(isinstance(layer, keras.Model) for layer in net.layers) and (
    in_a_row or all(len(layer._inbound_nodes) == 1 for layer in convolutions)
):
    rng = np.random.default_rng(62)
    for before, after in itertools.pairwise(convolutions):
        if tuple(before.output.shape)[1:3] != tuple(after.input.shape)[1:3]:
            continue  # there is a pooling in between, and a maximum is no linear function
        part = between(before, after)
        a, b = (rng.normal(0, 1, (2, *before.input.shape[1:])).astype("float32") for _ in range(2))
        total, one, other, none = (np.asarray(part(x, training=False)) for x in (a + b, a, b, np.zeros_like(a)))
        size = float(np.abs(one - none).max())
        checks.true(
            float(np.abs(total - one - other + none).max()) > 1e-4 * size,
            "between two convolutions there is no non-linearity: two in a row are then one convolution; ReLU belongs behind each",
        )
x = np.random.default_rng(63).random((8, 32, 32, 3)).astype("float32")
outputs = np.asarray(net(x, training=False))
checks.close(outputs.sum(axis=1), np.ones(8), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
checks.true(bool(np.ptp(outputs, axis=0).max() > 0), "the output does not depend on the image")
### END HIDDEN TESTS

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-first", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: new images of the same three classes. Hidden: more of them, also moved by a pixel.
import numpy as np

from course import blocks, checks, evaluation, profile
from course.datasets.shapes import draw_shapes

bound = profile.bound("week10", "first")
net = blocks.as_model(own, "own")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 32, 32, 3), (None, 3)), hint="own is alexnet_mini(32, 3), trained"
)
checks.equal(
    blocks.as_model(alexnet_mini(32, 3), "alexnet_mini's result").count_params(),
    net.count_params(),
    hint="own is another net than alexnet_mini builds: run the cell again",
)
names = ("heart", "ring", "star")  # in alphabetical order, as the labels are
x = evaluation.scaled(np.concatenate([draw_shapes(name, 60, 7100 + n) for n, name in enumerate(names)]))
checks.between(
    evaluation.accuracy(net, x, np.arange(3).repeat(60)),
    bound - profile.bound("week10", "slack"),
    1,
    hint=f"on new images of your three classes at least {bound:.0%} should be right: are the labels in alphabetical order (heart 0, ring 1, star 2), is it trained long enough?",
    what="accuracy",
)
### BEGIN HIDDEN TESTS
x = evaluation.scaled(np.concatenate([draw_shapes(name, 200, 7200 + n) for n, name in enumerate(names)]))
for rows, columns in ((0, 0), (1, 0), (0, -1)):
    checks.between(
        evaluation.accuracy(net, evaluation.shifted(x, rows, columns), np.arange(3).repeat(200)),
        bound - profile.bound("week10", "slack") * (rows or columns) ** 2,
        1,
        hint=f"on images that nobody has seen, also moved by a pixel, fewer than {bound:.0%} are right",
        what="accuracy on new images",
    )
### END HIDDEN TESTS

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-second", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Visible: new images of the same three classes. Hidden: more of them.
import numpy as np

from course import blocks, checks, evaluation, profile
from course.datasets.shapes import draw_shapes

bound = profile.bound("week10", "second")
net = blocks.as_model(own, "own")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 32, 32, 3), (None, 3)), hint="own is alexnet_mini(32, 3), trained"
)
checks.true(evaluation.budget(net) <= 200_000, "own has more than 200,000 weights")
names = ("heart", "ring", "star")
x = evaluation.scaled(np.concatenate([draw_shapes(name, 60, 7100 + n) for n, name in enumerate(names)]))
checks.between(
    evaluation.accuracy(net, x, np.arange(3).repeat(60)),
    bound - profile.bound("week10", "slack"),
    1,
    hint=f"this band asks for {bound:.0%} on new images: train longer, with a falling rate, moved images, batch norm",
    what="accuracy",
)
### BEGIN HIDDEN TESTS
x = evaluation.scaled(np.concatenate([draw_shapes(name, 200, 7200 + n) for n, name in enumerate(names)]))
checks.between(
    evaluation.accuracy(net, x, np.arange(3).repeat(200)),
    bound,
    1,
    hint=f"on images that nobody has seen fewer than {bound:.0%} are right: a band is reached safely with a net that is a little better",
    what="accuracy on new images",
)
### END HIDDEN TESTS

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "own-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("alexnet_mini"):
    print(
        f"test part of the folder: {evaluation.accuracy(own, x_held, y_held):.1%} of {len(x_held)} images, {evaluation.budget(own):,} weights"
    )
    plots.curves(own_history, title="The small AlexNet on 600 images of the folder")
    plt.show()
    guesses = np.asarray(own(x_held, training=False)).argmax(axis=1)
    table = np.zeros((3, 3), int)
    np.add.at(table, (y_held, guesses), 1)
    plots.confusion(table, own_classes, title=f"{len(x_held)} test images of the folder")
    plt.show()

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "photos-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Now with your own photographs.** Make a folder `own_images` beside this notebook, one folder a class in it, at least 250 images each; a telephone's burst mode does it in an hour, but beware of bursts: neighbours in a burst are copies in all but the last bit, and your validator does not see them. (A whole burst belongs on one
# side of the split.) Then run this cell. It is not graded; your report in section 8 may use it.

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "photos", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("validate_dataset", "split_dataset", "alexnet_mini"):
    if Path("own_images").is_dir():
        mine = datasets.read_files("own_images")
        problems = validate_dataset(mine)
        for sentence in problems:
            print("  -", sentence)
        if not problems:
            parts = [datasets.to_arrays(mine, names, 48) for names in split_dataset(mine, 0.2, SEED)]
            (x_mine, y_mine), (x_mine_held, y_mine_held) = parts
            my_net = alexnet_mini(48, int(y_mine.max()) + 1)
            my_history = train_own(my_net, evaluation.scaled(x_mine), y_mine)
            plots.curves(
                my_history,
                title=f"Your own images: {evaluation.accuracy(my_net, evaluation.scaled(x_mine_held), y_mine_held):.1%} on the test part",
            )
            plt.show()
    else:
        print("There is no folder own_images beside this notebook yet.")

# %% [markdown] topics=["J1", "J2", "J3", "J4"] nbgrader={"grade": false, "grade_id": "written-task", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · In words (15 points, read by a person)
#
# 1. (5 points) A workshop sorts five kinds of screws by camera and has 40 photographs of each. You have this week's base, and a day. Which of the three ways do you take, what do you freeze, and what would make you change your mind? Use your own curve: quote two of its numbers.
# 2. (5 points) A student turns 100 photographs of each class into 10,000 by mirroring, shifting and turning, stores them, splits them at random, and reports 99.6 %. Say what is wrong, what the true accuracy may be like, and give the order of steps that is right. Then say what on-the-fly augmentation changes.
# 3. (5 points) Seven years or one: for which new tasks would you *not* take the base at all? Name one where its first layer is of no use, one where only its last is, and say what you would measure to decide.

# %% [markdown] topics=["J1", "J2", "J3", "J4"] nbgrader={"grade": true, "grade_id": "who-to-hire", "locked": false, "points": 15, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. 200 images are few: fit a probe, or a frozen base with a head; it has a few hundred weights and cannot learn the images by heart. Thaw the last one or two convolutions at a tenth of the rate or less if validation images gain by it. *(2 points for the way, 1 for what is frozen, batch norms included.)* Mind-changers: several hundred images a
#    class, or a curve in which scratch has caught up, as it does on the shapes of the quick profile. *(1 point.)* Two numbers of the own curve. *(1 point.)*
# 2. Copies of one photograph are on both sides, so the test asks for what was learned by heart. *(2 points.)* The true accuracy is that on new photographs, perhaps far lower, near what 100 images a class give. *(1 point.)* Split the photographs, then augment the training part alone, then train, then test on untouched images. *(1 point.)* On the fly there are no
#    stored copies to split, each epoch sees new ones, and the disk holds 100 photographs; but the split must still come first. *(1 point.)*
# 3. First layer of no use: inputs that are no colour photographs, such as spectrograms, one-channel radar, sound or tables. *(2 points for such a case with its reason.)* Only the last is of no use: other animals and vehicles in photographs of the same kind. *(1 point.)* Measure: probe on features of several depths against scratch, over numbers of images and seeds, on validation
#    images; the probe's accuracy falls with the layer from which the base stops helping. *(2 points.)*
# ### END SOLUTION

# %% [markdown] topics=["D11", "J2"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Stretch: where did it look? (0 points, still checked)
#
# **Grad-CAM** (Selvaraju and others, 2017) asks which places of the last maps speak for a class. For a class with score $s$ and maps $A^k$, weigh each map by the mean gradient of the score, add up, keep what is positive:
#
# $$\alpha_k = \frac{1}{h\,w} \sum_{ij} \frac{\partial s}{\partial A^k_{ij}} \qquad H = \mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big)$$
#
# Behind the base's last maps stand an average and your probe, so $s = \sum_k W_k \cdot \frac{1}{hw} \sum_{ij} A^k_{ij} + b$. That is linear, and its gradient needs no tape: $\partial s / \partial A^k_{ij} = W_k / (hw)$, the same at each place. (For such a net Grad-CAM is the older *class activation map*, up to a factor.)


# %% topics=["D11"] nbgrader={"grade": false, "grade_id": "grad_cam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grad_cam(maps, gradients, size):
    """A heat map of where a class was seen.

    maps: (h, w, c), what a layer gave for one image. gradients: (h, w, c), the derivatives of the class's score by them. size: a multiple of h and of w.
    Returns a float array (size, size): the formula's H, divided by its maximum (all zeros where that is 0), each place enlarged to a block of size/h × size/w equal pixels.
    """
    ### BEGIN SOLUTION
    weights = gradients.mean(axis=(0, 1))
    heat = np.maximum((maps * weights).sum(axis=-1), 0)
    if heat.max() > 0:
        heat = heat / heat.max()
    return heat.repeat(size // heat.shape[0], axis=0).repeat(size // heat.shape[1], axis=1)
    ### END SOLUTION


# %% topics=["D11"] nbgrader={"grade": true, "grade_id": "grad_cam-formula", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a worked example. Hidden: random maps, maps that speak against the class.
import numpy as np

from course import checks

maps = np.array([[[1.0, 2.0], [0.0, 4.0]], [[3.0, 0.0], [2.0, 2.0]]])  # 2×2 places, 2 maps
gradients = np.array([[[4.0, 0.0], [0.0, -1.0]], [[0.0, 0.0], [0.0, -3.0]]])  # means 1 and -1
checks.close(
    grad_cam(maps, gradients, 4),
    np.array([[0, 0], [1, 0]]).repeat(2, axis=0).repeat(2, axis=1),
    unless={
        "the ReLU is missing: what speaks against the class is left out": np.array([[-1, -4], [3, 0]])
        .repeat(2, 0)
        .repeat(2, 1)
        / 3,
        "each place has its own gradient here: the formula averages them over the places first": np.array(
            [[1, 0], [0, 0]]
        )
        .repeat(2, 0)
        .repeat(2, 1),
        "divide by the maximum": np.array([[0, 0], [3, 0]]).repeat(2, 0).repeat(2, 1),
        "the maps are not weighed by the gradients": np.array([[3, 4], [3, 4]]).repeat(2, 0).repeat(2, 1) / 4,
    },
    hint="the mean gradients are 1 and -1, so the sums are -1, -4, 3, 0; positive is 3 alone",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(71)
for h, w, c, size in ((4, 4, 7, 32), (2, 3, 5, 12), (8, 8, 1, 8)):
    maps, gradients = rng.normal(size=(h, w, c)), rng.normal(size=(h, w, c))
    heat = np.maximum((maps * gradients.mean(axis=(0, 1))).sum(axis=2), 0)
    checks.close(
        checks.unchanged(grad_cam, maps, gradients, size),
        np.kron(heat / heat.max(), np.ones((size // h, size // w))),
        atol=1e-6,
        hint="other maps and sizes",
    )
checks.close(
    grad_cam(np.ones((2, 2, 1)), -np.ones((2, 2, 1)), 4),
    np.zeros((4, 4)),
    hint="nothing speaks for the class: zeros, not 0/0",
)
### END HIDDEN TESTS

# %% topics=["D11", "J2"] nbgrader={"grade": false, "grade_id": "grad_cam-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("grad_cam", "linear_probe", "features"):
    W, b = probe
    last = next(layer for layer in base.layers[::-1] if len(layer.output.shape) == 4)
    shown = [int(n) for label in range(4) for n in np.flatnonzero(y_val == label)[:2]]
    maps = np.asarray(keras.Model(base.inputs[0], last.output)(x_val[shown]))
    scores = maps.mean(axis=(1, 2)) @ W + b
    fig, axes = plt.subplots(2, 8, figsize=(12, 3.5), layout="constrained")
    for column, (number, image_maps, score) in enumerate(zip(shown, maps, scores, strict=True)):
        guess = int(score.argmax())
        gradients = np.broadcast_to(W[:, guess] / image_maps[..., 0].size, image_maps.shape)
        axes[0, column].imshow(x_val[number])
        axes[0, column].set_title(strangers[y_val[number]], fontsize=9)
        axes[1, column].imshow(x_val[number].mean(axis=-1), cmap="gray", vmin=0, vmax=1)
        heat = axes[1, column].imshow(grad_cam(image_maps, gradients, 32), cmap="viridis", alpha=0.55, vmin=0, vmax=1)
        axes[1, column].set_title(f"“{strangers[guess]}”", fontsize=9, color=BLUE if guess == y_val[number] else RED)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    fig.colorbar(heat, ax=axes[1], label="heat", shrink=0.9)
    fig.suptitle("Where the probe's answer comes from: 4×4 places of the base's last maps (blue right, red wrong)")
    plt.show()

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "imagenet-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **The big base.** MobileNetV2 at a third of its width, trained on ImageNet: 1,280 features, 410,208 numbers. It wants images of 96×96 between −1 and 1, so ours are enlarged. The cell runs in the full profile where the weights can be downloaded, and says so where they cannot. Compare its probe with yours.

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "imagenet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("features", "probe_curve"):
    if (large := pretrained.imagenet()) is not None:
        enlarged = [np.asarray(keras.ops.image.resize(x, (96, 96))) * 2 - 1 for x in (x_pool[:400], x_val[:400])]
        f_big, f_big_val = (features(large, x, 50) for x in enlarged)
        table = probe_curve(f_big, y_pool[:400], f_big_val, y_val[:400], (5, 10, 25, 50), range(3))
        print(
            "MobileNetV2's features:",
            ", ".join(f"{n}: {a:.1%}" for n, a in zip((5, 10, 25, 50), table.mean(axis=0), strict=True)),
        )

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# - Features once, then a linear probe: the cheapest first try there is, and the best one with few images.
# - Count the trainable numbers before a fit, and compare the frozen ones after it. `compile` comes last; batch norms stay frozen.
# - Head first, then the top, at a low rate.
# - A curve over the number of images and over seeds, with a fair opponent, says what a head start is worth.
# - Validate a folder before you train on it; split before you augment; copies are copies of pixels.
#
# Next week: several kernel sizes side by side, and why a 1×1 comes first.
