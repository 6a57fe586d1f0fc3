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

# %% [markdown] topics=["E3", "E4"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 4 · MNIST, from the file to the accuracy you may quote
#
# **Afterwards you can** build a training pipeline from pixels to a test accuracy, train with Keras's own `compile` and `fit`,
# say which epoch's weights a checkpoint kept, and keep the test set out of every decision. **Time** 3 hours; the full profile
# trains for a quarter of an hour in total. **You need** weeks 1 to 3.
#
# The lecture notes this course follows run this pipeline in forty lines and print 99.20 %. That number was not produced by the
# code above it, and its test images had already been used to choose the weights. An honest 99 % is as easy.
#
# | exercise | points |
# |---|--:|
# | 1 `prepare` | 15 |
# | 2 `split` | 15 |
# | 3 `build_lecture_cnn` | 15 |
# | 4 `kept_epoch` | 10 |
# | 5 `evaluate` | 10 |
# | 6 `train` | 25 |
# | in words | 10 |
# | stretch: `permute_pixels`, `mcnemar` | 0 |
#
# Stuck? `course.hint("prepare")`. Words are in the [glossary](../../course/glossary.md).
# The next cell chooses the profile: `quick` (1,797 small digits, seconds) or `full` (the real MNIST). Change the word there, or
# begin with `course start 4 --profile full`.
#
# [← Week 3](../week03_parameters/week03_parameters.ipynb) · [Week 5 →](../week05_under_ten_thousand/week05_under_ten_thousand.ipynb)

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": false, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and without messages.
import course
from course import bounds, checks, datasets, evaluation, plots, training

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)  # profile and random seeds
plots.style()
EPOCHS = 8 if PROFILE == "full" else 5

# %% [markdown] topics=["E-1"] nbgrader={"grade": false, "grade_id": "load-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Load, then look
#
# MNIST is 70,000 handwritten digits, 60,000 to learn from and 10,000 to test on, each 28×28 pixels of one byte. The notes'
# first line downloads it, 11,490,434 bytes; ours uses a local copy, verifies its checksum, and names the data set. In the quick profile that is a smaller set from scikit-learn: 1,797 digits, enlarged from
# 8×8 to 28×28. Only numbers of the full profile may be compared with a paper.
#
# The loader has set aside some training images for **validation**: 5,000 of MNIST's, 240 of the small set, stratified, so that
# each digit keeps its share. Section 3 says why there are three parts.

# %% topics=["E-1"] nbgrader={"grade": false, "grade_id": "load", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("mnist", PROFILE)
print(data)
for part in (data.train, data.validation, data.test):
    print(f"{part.name:10}  {len(part):6,} images  {part.x.shape[1:]} {part.x.dtype}, 0 to {part.x.max()}")

# %% [markdown] topics=["E-2"] nbgrader={"grade": false, "grade_id": "look-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Mind the axes. A pixel is `image[row, column]`, and rows count **down**. A plot takes `xy=(x, y)`, and x counts to the
# **right**: the value of `image[row, column]` is written at `xy=(column, row)`. The notes' code calls the indices x and y,
# writes `img[x][y]` at `xy=(y, x)`, and is right because it swaps twice.

# %% tags=["draw"] topics=["E-2"] nbgrader={"grade": false, "grade_id": "look-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Six training images, every pixel of one, and the shares of the digits
plots.image_grid(
    data.train.x[:6], [f"label {label}" for label in data.train.y[:6]], title="The first six training images"
)
plots.show(f"Six digits in white on black, upright, labelled {', '.join(str(label) for label in data.train.y[:6])}.")
plots.annotated_digit(data.train.x[0], title=f"Every pixel of the first training image, a {data.train.y[0]}", size=9)
plots.show("One digit enlarged, the value of each pixel written on it: most are 0, strokes are near the largest value.")
shares = [np.bincount(part.y, minlength=10) / len(part) for part in (data.train, data.validation)]
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
COLORS = ("#0072B2", "#D55E00")
for number, (share, name, color) in enumerate(zip(shares, ("training", "validation"), COLORS, strict=True)):
    ax.bar(np.arange(10) + 0.4 * number - 0.2, 100 * share, 0.4, color=color, label=name)
ax.set(title="The classes are nearly balanced, and equally in both parts", xlabel="digit", ylabel="share in %")
ax.set(xticks=range(10), ylim=(0, 14))
ax.legend(frameon=False, ncol=2, loc="upper center")
plots.show("Bars of the share of each digit: all near 10 %, and training and validation agree for every digit.")

# %% [markdown] topics=["E-3", "E-4", "E-5", "E5"] nbgrader={"grade": false, "grade_id": "prepare-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · What a network takes as input
#
# Three small steps lead from the file to the network. Each is one line, and each can go wrong without an error.
#
# **Scale.** Bytes from 0 to 255 become `float32` from 0 to 1: divide by 255, always, not by the largest pixel that happens to
# be there, since the same grey must become the same number in every batch. Pixel 51 becomes 51/255 = 0.2. If the cell runs
# twice, all pixels are at most 1/255 = 0.004, and the network still learns, only badly. So our function refuses to scale what
# is scaled already.
#
# **One-hot.** The label 5 becomes a row with a 1 in column 5, because the network answers with ten probabilities and the loss
# compares two rows. The notes' first ten labels, 5 0 4 1 9 2 1 3 1 4, become a 10×10 matrix with a single 1 in each row.
#
# **Channel.** A convolution expects (height, width, **channels**), even for one channel: (N, 28, 28) becomes (N, 28, 28, 1).
#
# ### Exercise 1 · `prepare` (15 points)
#
# Three functions. Bad input is refused with a `ValueError`; `prepare` refuses what the other two refuse.


# %% topics=["E-3", "E-4", "E-5"] nbgrader={"grade": false, "grade_id": "prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale(images):
    """Bytes to numbers in [0, 1].

    images: uint8, any shape. Returns float32 of the same shape: 0 stays 0, 255 becomes 1.
    Raises ValueError when the images are of another type: they have been scaled already, or are no images.
    """
    ### BEGIN SOLUTION
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(f"expected bytes (uint8), found {images.dtype}: are the images scaled already?")
    return images.astype("float32") / 255
    ### END SOLUTION


def one_hot(labels, classes=10):
    """Labels to rows with a single 1.

    labels: integers, shape (N,) or (N, 1), each from 0 to classes - 1. Returns float32, shape (N, classes).
    Raises ValueError when a label is negative or not below `classes`.
    """
    ### BEGIN SOLUTION
    labels = np.asarray(labels).reshape(-1)
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise ValueError(f"labels must lie in 0 … {classes - 1}, found {labels.min()} … {labels.max()}")
    return np.eye(classes, dtype="float32")[labels]
    ### END SOLUTION


def prepare(images, labels, classes=10):
    """Images and labels as a network takes them.

    images: uint8 (N, H, W), or (N, H, W, 3) in colour. labels: integers (N,) or (N, 1).
    Returns (x, y): x float32 (N, H, W, channels) in [0, 1], with 1 channel for grey images; y one-hot (N, classes),
    row i for image i.
    The arguments are not changed. Raises ValueError as `scale` and `one_hot` do.
    """
    ### BEGIN SOLUTION
    x = scale(images)
    if x.ndim == 3:
        x = x[..., np.newaxis]
    return x, one_hot(labels, classes)
    ### END SOLUTION


# %% topics=["E-3"] nbgrader={"grade": true, "grade_id": "prepare-scale", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Four pixels by hand, and a dark image
from course import checks
import numpy as np

pixels = np.array([[[0, 51], [102, 255]]], np.uint8)
got = checks.unchanged(scale, pixels)
checks.close(
    got,
    [[[0.0, 0.2], [0.4, 1.0]]],
    rtol=1e-4,
    unless={
        "an integer division leaves only 0 and 1: turn the bytes into floats first": [[[0, 0], [0, 1]]],
        "divide by 255, the largest byte, not by 256: white must become exactly 1": pixels / 256,
        "the range is 0 to 1, not -1 to 1": pixels / 127.5 - 1,
        "nothing is divided: white must become 1": pixels,
        "a network computes in float32: float16 keeps three digits": pixels.astype("float16") / np.float16(255),
    },
    hint="the bytes 0, 51, 102, 255 become other numbers than in the text above",
)
checks.dtype(got, "float32", hint="a network computes in float32: .astype('float32')", what="scale's result")
dark = np.array([[10, 20], [30, 40]], np.uint8)
checks.close(
    scale(dark),
    dark / 255,
    rtol=1e-4,
    unless={
        "divide by 255, not by the largest pixel of these images: the same grey must always be the same number": dark
        / 40,
        "divide by 255, do not stretch each image to 0 … 1": (dark - 10) / 30,
    },
    hint="a dark image stays dark",
)
checks.passed("bytes become b / 255, in float32", points=3)

# %% topics=["E-4"] nbgrader={"grade": true, "grade_id": "prepare-onehot", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The notes' first ten labels
from course import checks
import numpy as np

labels = np.array([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
expected = np.zeros((10, 10))
for row, column in enumerate(labels):
    expected[row, column] = 1
got = checks.unchanged(one_hot, labels)
checks.close(
    got,
    expected,
    unless={
        "rows and columns are swapped: one row for each label, one column for each class": expected.T,
        "labels count from 0: the label 5 is column 5, the sixth": np.roll(expected, -1, axis=1),
        "one label is one row with a 1, not the label itself": expected * labels[:, None],
    },
    hint="row i has its 1 in column labels[i], and zeros elsewhere",
    what="one_hot's result",
)
checks.dtype(got, "float32", hint="one-hot labels are float32, like the network's output", what="one_hot's result")
checks.shape(one_hot(np.array([0, 1, 1])), (3, 10), hint="ten classes, also when no label reaches 9")
checks.passed("ten labels become ten rows with a single 1", points=3)

# %% topics=["E-5"] nbgrader={"grade": true, "grade_id": "prepare-channel", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Three grey images get a channel
from course import checks
import numpy as np

images = np.arange(3 * 28 * 28).reshape(3, 28, 28).astype(np.uint8)
pair = prepare(images, np.array([2, 0, 1]))
checks.true(
    isinstance(pair, (tuple, list)) and len(pair) == 2, "prepare returns two things: images and labels, return x, y"
)
x, y = pair
checks.shape(
    x,
    (3, 28, 28, 1),
    unless={
        "the channel comes last in Keras: (N, 28, 28, 1)": (3, 1, 28, 28),
        "the channel is missing: a convolution wants (N, 28, 28, 1)": (3, 28, 28),
        "the new axis is in front of the batch: it belongs at the end": (1, 3, 28, 28),
    },
    hint="(N, H, W) becomes (N, H, W, 1)",
    what="x",
)
checks.close(np.asarray(x)[..., 0], images / 255, rtol=1e-4, hint="x holds the scaled images, each at its place")
checks.shape(y, (3, 10), hint="y is one-hot: (N, classes)", what="y")
checks.passed("grey images get their channel, labels become one-hot", points=2)

# %% topics=["E-3"] nbgrader={"grade": true, "grade_id": "prepare-twice", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Images that are scaled already are refused
# When graded: other types that are no bytes; images of any brightness and shape
from course import checks
import numpy as np

checks.raises(
    ValueError, lambda: scale(np.full((2, 28, 28), 0.5, "float32")), hint="images that have been scaled already"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(40)
for kind in ("float64", "float16", "int64", "uint16", "bool"):
    checks.raises(ValueError, lambda kind=kind: scale(np.ones((1, 4, 4), kind)), hint="images that are not uint8")
checks.raises(
    ValueError,
    lambda: prepare(np.full((2, 5, 5), 255, "float32"), np.array([0, 1])),
    hint="images that are not uint8, also when their values look like bytes",
)
for top, shape in ((2, (2, 3, 3)), (256, (1, 9, 7)), (90, (4, 4)), (256, (2, 5, 6, 3))):
    images = rng.integers(0, top, shape, dtype=np.uint8)
    checks.close(
        scale(images),
        images / 255,
        rtol=1e-4,
        hint="every byte is divided by 255, however dark the image and whatever its shape",
    )
### END HIDDEN TESTS
checks.passed("scaled images are refused", points=2, later="other types, any brightness, any shape")

# %% topics=["E-4"] nbgrader={"grade": true, "grade_id": "prepare-labels", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A label that does not exist is refused
# When graded: labels of shape (N, 1), other types and numbers of classes, bad labels
from course import checks
import numpy as np

checks.raises(ValueError, lambda: one_hot(np.array([0, 10])), hint="a label that is not below the number of classes")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(41)
checks.raises(
    ValueError, lambda: one_hot(np.array([3, -1, 2])), hint="a negative label: NumPy would count it from the end"
)
checks.raises(
    ValueError, lambda: one_hot(np.array([0, 1, 3]), 3), hint="a label that is not below the number of classes"
)
for classes, kind in ((10, "uint8"), (3, "int32"), (200, "int64"), (2, "int8")):
    labels = rng.integers(0, classes, 25).astype(kind)
    expected = (labels[:, None] == np.arange(classes)[None, :]).astype(float)
    checks.close(one_hot(labels, classes), expected, hint="other label types and other numbers of classes")
    column = labels.reshape(-1, 1)
    checks.shape(
        one_hot(column, classes),
        (25, classes),
        unless={
            "labels of shape (N, 1), as CIFAR-10 has them, give one axis too many: flatten them first": (25, 1, classes)
        },
        hint="labels of shape (N, 1) give (N, classes) as well",
    )
    checks.close(one_hot(column, classes), expected, hint="labels of shape (N, 1) are the same labels")
checks.shape(one_hot(np.zeros(0, "int64"), 4), (0, 4), hint="no labels make no rows")
images = np.full((3, 4, 4), 9, np.uint8)
checks.shape(
    prepare(images, np.array([[2], [0], [1]]), 3)[1],
    (3, 3),
    unless={"prepare takes labels of shape (N, 1) as one_hot does: let it call one_hot": (3, 1, 3)},
    hint="prepare takes labels of shape (N, 1) as one_hot does",
    what="y",
)
for labels in (np.array([0, 3, 1]), np.array([0, -1, 1])):
    checks.raises(
        ValueError,
        lambda labels=labels: prepare(images, labels, 3),
        hint="prepare refuses the labels that one_hot refuses",
    )
### END HIDDEN TESTS
checks.passed(
    "a label beyond the last class is refused",
    points=3,
    later="columns of labels, other classes, bad labels in one_hot and in prepare",
)

# %% topics=["E-3", "E-4", "E-5"] nbgrader={"grade": true, "grade_id": "prepare-whole", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Nothing that was given is changed
# When graded: grey and colour images, against an independent computation
from course import checks
import numpy as np

checks.unchanged(prepare, np.full((2, 4, 4), 7, np.uint8), np.array([0, 1]))
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(42)
for shape, classes in (((6, 28, 28), 10), ((5, 32, 32, 3), 10), ((4, 7, 9), 3), ((1, 5, 5), 2), ((2, 6, 3), 2)):
    images, labels = rng.integers(0, 256, shape, dtype=np.uint8), rng.integers(0, classes, shape[0])
    x, y = checks.unchanged(prepare, images, labels, classes)
    wanted = images / 255.0 if len(shape) == 4 else (images / 255.0).reshape(*shape, 1)
    checks.shape(
        x,
        wanted.shape,
        unless={
            "a colour image has its channels already: only images of three axes get a new one": (*wanted.shape, 1),
            "grey images may be three pixels wide: the number of axes tells grey from colour, not the last size": shape,
        },
        hint="a colour image keeps its three channels, a grey one gets one",
        what="x",
    )
    checks.close(
        x,
        wanted,
        rtol=1e-4,
        unless={"the images are scaled twice": wanted / 255},
        hint="a colour image keeps its three channels, a grey one gets one",
        what="x",
    )
    checks.dtype(x, "float32", hint="x is float32", what="x")
    checks.close(
        y, (labels[:, None] == np.arange(classes)).astype(float), hint="y is one-hot, in the order of the labels"
    )
### END HIDDEN TESTS
checks.passed("images and labels stay as they were", points=2, later="grey and colour images, other sizes and classes")

# %% [markdown] topics=["H5", "E-9", "E3"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Three parts, and why not two
#
# The **weights** are fitted to the training part. But *you* choose as well: which epoch to keep, which learning rate, which of
# two designs. Each choice is made by looking at a number, so it is a fit too. The part you look at is the **validation** part.
# When all choices are made, the **test** part answers one question, once: how good is the net on images that had no say in
# anything?
#
# **What is wrong here?** The notes train with `validation_data=(x_test, y_test)`, and their checkpoint keeps the epoch that did
# best on them: the test set chose the weights, and was then asked how good its choice is. How much does that flatter? A
# simulation, with coins instead of networks:

# %% tags=["draw"] topics=["H5", "E3"] nbgrader={"grade": false, "grade_id": "flattery-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Ten equally good nets, the best chosen on the test set: a simulation
rng = np.random.default_rng(SEED)
n_test, true_accuracy, tries = 10_000, 0.991, 4_000
measured = rng.binomial(n_test, true_accuracy, size=(tries, 10)) / n_test
fig, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
bins = np.arange(0.9865, 0.9955, 0.0003)
for values, color, style, label in (
    (measured[:, 0], "#0072B2", "-", "one epoch, chosen beforehand"),
    (measured.max(axis=1), "#D55E00", "--", "the best of ten epochs, chosen on the test set"),
):
    heights, edges = np.histogram(100 * values, 100 * bins)
    ax.stairs(
        heights / tries,
        edges,
        color=color,
        linestyle=style,
        linewidth=2,
        label=f"{label}: mean {100 * values.mean():.2f} %",
    )
ax.axvline(100 * true_accuracy, color="0.4", linestyle=":", label=f"the truth: {100 * true_accuracy:.2f} %")
ax.set(
    title="Ten equally good nets, 10,000 test images: luck is measured as skill",
    xlabel="measured accuracy in %",
    ylabel="share of 4,000 trials",
    ylim=(0, 0.28),
)
fig.legend(loc="outside lower center", frameon=False, fontsize=9)
plots.show(
    "Two histograms of measured accuracy: one epoch chosen beforehand scatters around the true 99.10 %, the best of ten lies "
    "about 0.15 points higher."
)

# %% [markdown] topics=["H5", "E8", "E3"] nbgrader={"grade": false, "grade_id": "split-idea-2", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Ten nets that are all exactly 99.1 % good, tested on 10,000 images, and the luckiest reads about 99.24 %. (Ten epochs of one
# training are alike, so the real effect is smaller; by how much, nobody knows.) The standard error of one such accuracy is
# √(0.991 · 0.009 / 10,000) = 0.09 points. The difference of two accuracies, each measured on its own 10,000 images, has √2 times
# that, 0.13 points; measured on the *same* images it has less.
#
# Common splits are 70/15/15 and 60/20/20; with millions of images 98/1/1. **What is wrong here?** A slide of the notes offers
# "90/10/10".
#
# A split has to be
#
# - **disjoint**: no image in two parts, none lost. Copies count: augment *after* you split, or a rotated twin of a training
#   image is in the test set;
# - **paired**: an image and its label stay together. Shuffle one *order*, and use it for both;
# - **stratified**: each class has its share in each part. With 60,000 images chance does that well enough; with 20 images of a
#   rare class it does not;
# - **repeatable**: the same seed gives the same split, or "tuned on validation" means nothing a day later.
#
# ### Exercise 2 · `split` (15 points)
#
# Work with positions, class by class: shuffle the positions of one class, cut them at the cumulative fractions, and collect the
# pieces. All randomness comes from `np.random.default_rng(seed)`. The fractions count as summing to 1 when the sum is within
# 0.000001 of it.


# %% topics=["H5", "E8"] nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(x, y, fractions=(0.7, 0.15, 0.15), seed=0):
    """Split images and labels into disjoint parts with every class in its share.

    x: array (N, …). y: integer labels (N,). fractions: the share of each part, positive, summing to 1 (up to rounding).
    Labels may be any integers, such as 3, 7 and 40.
    Returns a list with one pair (x_part, y_part) for each fraction. Each class gives each part its fraction of images, to
    within two images; every image is in exactly one part. The same seed gives the same split, another seed another one.
    The arguments are not changed.
    Raises ValueError when the fractions do not sum to 1, when one is not positive, or when x and y differ in length.
    """
    ### BEGIN SOLUTION
    if len(x) != len(y):
        raise ValueError(f"{len(x)} images and {len(y)} labels")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions must be positive and sum to 1, not to {sum(fractions):g}")
    rng = np.random.default_rng(seed)
    chosen = [[] for _ in fractions]
    for label in np.unique(y):
        positions = rng.permutation(np.flatnonzero(y == label))
        cuts = np.round(np.cumsum(fractions)[:-1] * len(positions)).astype(int)
        for part, piece in zip(chosen, np.split(positions, cuts), strict=True):
            part.append(piece)
    orders = [rng.permutation(np.concatenate(part)) for part in chosen]
    return [(x[order], y[order]) for order in orders]
    ### END SOLUTION


# %% topics=["H5"] nbgrader={"grade": true, "grade_id": "split-pairs", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# 200 numbered images of four classes, 70/15/15
from course import checks
import numpy as np

y = np.arange(200) % 4
x = np.arange(200, dtype="float32").reshape(200, 1, 1) * np.ones(
    (1, 2, 2), "float32"
)  # image i is full of the number i
parts = checks.unchanged(split, x, y, (0.7, 0.15, 0.15))
checks.true(
    isinstance(parts, (list, tuple)) and len(parts) == 3 and all(len(part) == 2 for part in parts),
    "split returns a list with one pair (x_part, y_part) for each fraction",
)
for (part_x, part_y), wanted, name in zip(parts, (140, 30, 30), ("first", "second", "third"), strict=True):
    part_x, part_y = np.asarray(part_x), np.asarray(part_y)
    checks.true(len(part_x) == len(part_y), f"the {name} part has another number of images than of labels")
    checks.between(
        len(part_y),
        wanted - 4,
        wanted + 4,
        hint=f"of 200 images the {name} part of 70/15/15 gets {wanted}",
        what="its size",
    )
    checks.equal(part_x.shape[1:], (2, 2), hint="the images themselves are not to be changed")
    numbers = part_x[:, 0, 0].astype(int)
    checks.true(
        np.array_equal(y[numbers], part_y),
        "images and labels no longer belong together: shuffle one order of positions and use it for x and for y",
    )
checks.passed("three parts of the right sizes, images with their labels", points=4)

# %% topics=["H5", "E8"] nbgrader={"grade": true, "grade_id": "split-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Fractions that are no split, and one that only looks wrong
from course import checks
import numpy as np

x, y = np.zeros((40, 3)), np.arange(40) % 2
checks.raises(ValueError, lambda: split(x, y, (0.9, 0.1, 0.1)), hint="90/10/10 sums to 110 %")
checks.raises(ValueError, lambda: split(x, y, (0.6, 0.2)), hint="60/20 leaves a fifth of the images without a part")
checks.raises(ValueError, lambda: split(x, y, (0.7, 0.2, 0.101)), hint="the sum is 1.001: 0.000001 is allowed for")
checks.raises(ValueError, lambda: split(x, y, (1.2, -0.2)), hint="a negative fraction")
checks.raises(ValueError, lambda: split(x, y, (0.5, 0.5, 0.0)), hint="a fraction of 0: each has to be positive")
checks.raises(ValueError, lambda: split(x, y[:39]), hint="40 images and 39 labels")
checks.raises(ValueError, lambda: split(x[:39], y), hint="39 images and 40 labels")
try:
    parts = split(x, y, (0.7, 0.2, 0.1))
except ValueError:
    checks.fail("0.7 + 0.2 + 0.1 is 0.9999999999999999 in floats: compare with a tolerance, not with ==")
checks.equal(len(parts), 3, hint="70/20/10 makes three parts")
checks.passed("90/10/10 and its relatives are refused", points=3)

# %% topics=["H5"] nbgrader={"grade": true, "grade_id": "split-disjoint", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# 50 images in two halves: none lost, none in both
# When graded: other sizes and fractions, labels with gaps between them
from course import checks
import numpy as np

parts = split(np.arange(50.0).reshape(50, 1), np.arange(50) % 5, (0.5, 0.5))
numbers = np.sort(np.concatenate([np.asarray(part[0])[:, 0] for part in parts]))
checks.true(len(np.unique(numbers)) == len(numbers), "an image is in two parts: cut one shuffled order into pieces")
checks.true(np.array_equal(numbers, np.arange(50)), "images are lost: every image is in exactly one part")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(43)
for n, classes, fractions in (
    (997, 10, (0.6, 0.2, 0.2)),
    (301, 3, (0.31, 0.69)),
    (128, 2, (0.25, 0.25, 0.25, 0.25)),
    (60, 4, (1.0,)),
):
    x, y = np.arange(n)[:, None] + np.zeros((1, 3)), rng.integers(0, classes, n)
    y = 7 * y - 10  # labels need not be 0, 1, 2, …
    parts = checks.unchanged(split, x, y, fractions)
    checks.equal(len(parts), len(fractions), hint="one part for each fraction, also when there are two or four")
    numbers = np.concatenate([np.asarray(part[0])[:, 0] for part in parts])
    checks.true(len(np.unique(numbers)) == len(numbers), "an image is in two parts: cut one shuffled order into pieces")
    checks.true(len(numbers) == n, "images are lost: the last part ends where the data ends, whatever the rounding")
    for part in parts:
        order = np.asarray(part[0])[:, 0].astype(int)
        checks.true(np.array_equal(y[order], np.asarray(part[1])), "images and labels no longer belong together")
### END HIDDEN TESTS
checks.passed("every image is in exactly one part", points=4, later="other sizes and fractions, labels with gaps")

# %% topics=["H5"] nbgrader={"grade": true, "grade_id": "split-stratified", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Sorted labels: every part needs every class
# When graded: rare classes, each with its share in each part; seeds
from course import checks
import numpy as np

x, y = np.arange(300.0)[:, None], np.repeat([0, 1, 2], 100)
for part in split(x, y, (0.6, 0.2, 0.2)):
    checks.equal(
        len(np.unique(np.asarray(part[1]))),
        3,
        hint="labels that come sorted are no excuse: every part needs every class (shuffle)",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(44)
counts = np.array([400, 20, 1000, 40, 60])
y = rng.permutation(np.repeat(np.arange(5), counts))
x = np.arange(len(y))[:, None]
for fractions, seed in (((0.7, 0.15, 0.15), 0), ((0.5, 0.25, 0.25), 7), ((0.8, 0.2), 3)):
    parts = split(x, y, fractions, seed)
    for part, fraction in zip(parts, fractions, strict=True):
        found = np.bincount(np.asarray(part[1]), minlength=5)
        off = np.abs(found - fraction * counts).max()
        checks.true(
            off <= 2,
            "the classes do not have their share in each part: split class by class",
            f"off by {off:.1f} images",
        )
first, other = split(x, y, seed=5), split(x, y, seed=6)
for seed in (0, 5):
    checks.true(
        all(np.array_equal(a[0], b[0]) for a, b in zip(split(x, y, seed=seed), split(x, y, seed=seed), strict=True)),
        "the same seed must give the same split, 0 as well: use default_rng(seed)",
    )
checks.true(
    not np.array_equal(np.sort(first[0][0].ravel()), np.sort(other[0][0].ravel())),
    "another seed must give another split: the seed is not used, or nothing is shuffled",
)
### END HIDDEN TESTS
checks.passed("every part has every class", points=4, later="rare classes, their shares, and seeds")

# %% [markdown] topics=["E-6", "E-7"] nbgrader={"grade": false, "grade_id": "nets-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · The notes' convolutional net
#
# In the words of `Conv2D`: the number of **filters** (kernels, and so maps that come out), the **kernel_size**, the **strides**
# (1 unless you say otherwise), the **padding** (`"valid"`, none, unless you say `"same"`) and the **activation** (*none at all*
# unless you say `"relu"`: a net without it is one long linear function, and Keras does not complain).
#
# | layer | output | weights |
# |---|---|--:|
# | input | 28×28×1 | |
# | convolution, 32 kernels of 3×3, same padding, ReLU | 28×28×32 | 320 |
# | max pooling 2×2 | 14×14×32 | 0 |
# | convolution, 64 kernels of 3×3, same padding, ReLU | 14×14×64 | 18,496 |
# | max pooling 2×2 | 7×7×64 | 0 |
# | flatten | 3,136 | 0 |
# | dense, 64, ReLU | 64 | 200,768 |
# | dense, 10, softmax | 10 | 650 |
# | **sum** | | **220,234** |
#
# Depth goes **up** while size goes **down**. Keras prints an output as `(None, 28, 28, 32)`; `None` is the batch. The convolutions find features, the dense layers map features to a digit, and
# [softmax](../../course/glossary.md) turns the ten numbers of the last layer into probabilities that sum to 1.
#
# ### Exercise 3 · `build_lecture_cnn` (15 points)
#
# Build the net, do not compile it: how it is trained is a separate decision. `Sequential` or functional, as you like; it is
# checked by what it computes.


# %% topics=["E-6", "A11"] nbgrader={"grade": false, "grade_id": "build_lecture_cnn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_lecture_cnn(input_shape=(28, 28, 1), classes=10):
    """The notes' convolutional net, with fresh weights, not compiled.

    input_shape: (height, width, channels) of one image, already scaled. classes: number of outputs.
    Two rounds of [3×3 convolution, same padding, ReLU; 2×2 max pooling] with 32 and 64 kernels, then flatten, a dense
    layer of 64 with ReLU, and a dense layer of `classes` with softmax. Returns a keras.Model; all weights trainable.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% topics=["E-6"] nbgrader={"grade": true, "grade_id": "build_lecture_cnn-total", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# 220,234 weights
from course import blocks, checks

net = blocks.as_model(build_lecture_cnn(), "build_lecture_cnn's result", (28, 28, 1))
checks.integer(
    net.count_params(),
    220_234,
    unless={
        "the convolutions have no padding: with padding='same' the maps stay 28×28 and 14×14": 320
        + 18_496
        + 102_464
        + 650,
        "a pooling is missing, the second one: 14×14×64 values reach the dense layer": 320 + 18_496 + 802_880 + 650,
        "both poolings are missing: 28×28×64 values reach the dense layer": 320 + 18_496 + 3_211_328 + 650,
        "the dense layer of 64 is missing between flatten and the output": 320 + 18_496 + 31_370,
        "global average pooling is where the notes flatten: a better idea, but another net": 320 + 18_496 + 4_160 + 650,
        "the widths are swapped: 32 kernels first, then 64": 640 + 18_464 + 100_416 + 650,
        "there is a second dense layer of 64: one is enough": 220_234 + 4_160,
        "kernels are 5×5: the notes' are 3×3": 832 + 51_264 + 200_768 + 650,
        "the biases are missing: Conv2D and Dense have them unless you say otherwise": 288 + 18_432 + 200_704 + 640,
        "32 kernels in both rounds: the second has 64": 320 + 9_248 + 100_416 + 650,
    },
    hint="320 + 18,496 + 200,768 + 650: compare your net.summary() with the table, line by line",
)
checks.passed("220,234 weights", points=3)

# %% topics=["E-6", "E-7"] nbgrader={"grade": true, "grade_id": "build_lecture_cnn-shapes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The sizes on the way, and what goes in and comes out
from course import blocks, checks
import keras
import numpy as np

net = blocks.as_model(build_lecture_cnn(), "build_lecture_cnn's result")
checks.equal(net.input_shape, (None, 28, 28, 1), hint="an image comes in as 28×28×1")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
path = []
for layer, output in blocks.steps(net)[1]:
    shape = tuple(output.shape)[1:]
    padded = isinstance(layer, keras.layers.ZeroPadding2D)  # padding in a layer of its own is no station
    if shape != (28, 28, 1) and not padded and (not path or path[-1] != shape):
        path.append(shape)
checks.equal(
    [shape for shape in path if len(shape) == 3],
    [(28, 28, 32), (14, 14, 32), (14, 14, 64), (7, 7, 64)],
    unless={
        "a stride of 2 in the convolution is no pooling: convolve at full size, then take the maximum of 2×2": [
            (14, 14, 32),
            (7, 7, 64),
        ],
        "both convolutions stand before the first pooling": [(28, 28, 32), (28, 28, 64), (14, 14, 64), (7, 7, 64)],
        "without padding='same' each convolution takes 2 pixels": [
            (26, 26, 32),
            (13, 13, 32),
            (11, 11, 64),
            (5, 5, 64),
        ],
    },
    hint="28×28×32, pooled to 14×14×32, then 14×14×64, pooled to 7×7×64",
)
images = np.random.default_rng(0).random((4, 28, 28, 1)).astype("float32") * 5
out = keras.ops.convert_to_numpy(net(images))
checks.true(bool((out >= 0).all()), "negative outputs are no probabilities: the last layer needs activation='softmax'")
checks.close(
    out.sum(axis=1),
    np.ones(4),
    rtol=1e-3,
    hint="the ten outputs of an image sum to 1: softmax, not sigmoid or ReLU, in the last layer",
)
checks.passed("28×28×1 in, 7×7×64 before the flatten, ten probabilities out", points=5)

# %% topics=["E-6"] nbgrader={"grade": true, "grade_id": "build_lecture_cnn-behaviour", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Eight weight arrays, four layers
# When graded: random weights against an independent computation
from course import blocks, checks

net = blocks.as_model(build_lecture_cnn(), "build_lecture_cnn's result")
checks.equal(len(net.get_weights()), 8, hint="four layers with weights, each with kernels and biases")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(45)
weights = net.get_weights()
checks.equal(
    [w.shape for w in weights],
    [(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (3136, 64), (64,), (64, 10), (10,)],
    hint="the weights, from first to last layer, do not have the shapes of the table",
)
values = [rng.normal(0, 1 / np.sqrt(np.prod(w.shape[:-1])) if w.ndim > 1 else 0.3, w.shape) for w in weights]
net.set_weights([v.astype("float32") for v in values])
image = rng.random((28, 28, 1))


def forward(pool="max", act=lambda a: np.maximum(a, 0), dense=lambda a: np.maximum(a, 0), end="softmax", scale=1.0):
    a = image * scale
    for kernels, bias in ((values[0], values[1]), (values[2], values[3])):
        padded = np.pad(a, ((1, 1), (1, 1), (0, 0)))
        # (y, x, channel, row, column): the window at each place
        seen = np.lib.stride_tricks.sliding_window_view(padded, kernels.shape[:2], axis=(0, 1))
        a = np.tensordot(seen, kernels, axes=([3, 4, 2], [0, 1, 2])) + bias
        a = act(a)
        windows = a.reshape(a.shape[0] // 2, 2, a.shape[1] // 2, 2, -1)
        a = windows.max(axis=(1, 3)) if pool == "max" else windows.mean(axis=(1, 3))
    a = dense(a.reshape(-1) @ values[4] + values[5]) @ values[6] + values[7]
    if end == "softmax":
        a = np.exp(a - a.max())
        return a / a.sum()
    return a if end == "none" else 1 / (1 + np.exp(-a))


def same(a):
    return a


got = np.asarray(net(image[None].astype("float32"), training=False))[0]
checks.close(
    got,
    forward(),
    rtol=1e-3,
    atol=1e-5,
    unless={
        "the convolutions have no activation: activation='relu' in both": lambda: forward(act=same),
        "the dense layer of 64 has no activation: activation='relu'": lambda: forward(dense=same),
        "there is no ReLU anywhere: the whole net is one linear function": lambda: forward(act=same, dense=same),
        "the pooling takes the mean: the notes take the maximum": lambda: forward(pool="mean"),
        "the last layer gives raw scores: activation='softmax'": lambda: forward(end="none"),
        "the last layer has a sigmoid: activation='softmax'": lambda: forward(end="sigmoid"),
        "the net divides by 255 itself: prepare has done that already": lambda: forward(scale=1 / 255),
        "the activation is tanh: the notes use ReLU": lambda: forward(act=np.tanh, dense=np.tanh),
        "the dense layer of 64 has a sigmoid: the notes use ReLU": lambda: forward(
            dense=lambda a: 1 / (1 + np.exp(-a))
        ),
        "the convolutions have a leaky ReLU: the notes use ReLU": lambda: forward(
            act=lambda a: np.where(a > 0, a, 0.2 * a)
        ),
    },
    hint="with the same weights your net computes something else than the notes' net",
)
### END HIDDEN TESTS
checks.passed(
    "four layers with kernels and biases", points=4, later="kernels, ReLU, pooling and their order, with random weights"
)

# %% topics=["E-6", "A11"] nbgrader={"grade": true, "grade_id": "build_lecture_cnn-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# All weights can be trained, and each call builds a fresh net
# When graded: other input shapes and numbers of classes; fresh weights
from course import blocks, checks
import numpy as np

net = blocks.as_model(build_lecture_cnn(), "build_lecture_cnn's result")
checks.true(
    not any(w.path.rsplit("/", 1)[-1] == "moving_mean" for w in net.weights),
    "batch norm does not occur in the notes' net",
)
trainable = sum(int(np.prod(w.shape)) for w in net.trainable_weights)
checks.equal(
    trainable,
    net.count_params(),
    hint="some weights are frozen (trainable=False): a random layer that never learns is no saving",
)
### BEGIN HIDDEN TESTS
other = blocks.as_model(build_lecture_cnn(), "build_lecture_cnn's result")
checks.true(
    not all(np.array_equal(a, b) for a, b in zip(net.get_weights(), other.get_weights(), strict=True)),
    "each call must build a fresh net, with weights drawn anew",
)
for shape, classes in (((32, 32, 3), 10), ((28, 28, 1), 26), ((30, 17, 2), 4)):
    net = blocks.as_model(build_lecture_cnn(shape, classes), "build_lecture_cnn's result")
    flat = (shape[0] // 2 // 2) * (shape[1] // 2 // 2) * 64
    checks.equal(net.output_shape, (None, classes), hint="as many outputs as classes")
    checks.equal(net.input_shape, (None, *shape), hint="input_shape and classes are to be used, not 28×28×1 and 10")
    checks.integer(
        net.count_params(),
        (9 * shape[2] + 1) * 32 + 18_496 + (flat + 1) * 64 + 65 * classes,
        unless={
            "the poolings have padding='same', which rounds up: an odd row or column is left out, 17 becomes 8": (
                9 * shape[2] + 1
            )
            * 32
            + 18_496
            + (64 * -(-shape[0] // 4) * -(-shape[1] // 4) + 1) * 64
            + 65 * classes,
        },
        hint="input_shape and classes are to be used, not 28×28×1 and 10",
    )
### END HIDDEN TESTS
checks.passed("every weight is trainable", points=3, later="other inputs, other numbers of classes, fresh weights")

# %% [markdown] topics=["A11", "E-7", "G2"] nbgrader={"grade": false, "grade_id": "head-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Where the weights are
#
# Week 3's arithmetic again: 200,768 of 220,234 weights, 91 %, are in one layer, the dense one after the flatten, because
# 7·7·64 = 3,136 numbers meet 64 units. There is another way to end a net. A slide of the notes shrinks 36×36×3 by convolutions
# and poolings (3×3×64 kernels on 3 maps have (3·3·3 + 1)·64 = 1,792 weights; 34×34×64, then 17×17×64, …) to 3×3×10, flattens
# that to 90 numbers, and a dense layer to ten classes costs 90·10 + 10 = 910 more. A **1×1 convolution** with ten kernels gives the
# ten class maps directly: 64·10 + 10 = 650 weights whatever the size of the map; their mean ([global average
# pooling](../../course/glossary.md)) needs none. Section 9 shows what else such a head buys, week 5 builds on it.

# %% tags=["draw"] topics=["E-6", "A11"] nbgrader={"grade": false, "grade_id": "net-diagram", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your net as boxes and arrows, with the weights of each layer
with checks.waiting_for("build_lecture_cnn"):
    plots.diagram(build_lecture_cnn(), title="Your net", direction="right", parameters=True)
    plots.show(
        "A chain of boxes: convolution, pooling, convolution, pooling, flatten, two dense layers; the first dense layer has "
        "200,768 of the weights."
    )

# %% [markdown] topics=["E-8"] nbgrader={"grade": false, "grade_id": "fit-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · `compile` and `fit`
#
# Training in Keras takes two calls. `compile` names three things. The **optimiser** moves the weights; the notes take RMSprop,
# Adam is as good a default. The **loss** must fit the labels: one-hot rows take `categorical_crossentropy`, plain integers
# `sparse_categorical_crossentropy`; Keras 3 refuses a mix-up with a `ValueError`. After a softmax the loss gets probabilities,
# which is the default; `from_logits=True` would take a softmax of the softmax. The **metrics** are watched, not optimised.
#
# `fit` goes through the training images `epochs` times, in batches, and measures the validation part after each epoch. It
# returns an object whose `.history` is a dict of lists, one number per epoch.
#
# Two checks come first. *Loss at the start:* an untrained net gives each of ten classes about 1/10,
# so its cross-entropy is near −ln 0.1 = **2.30**. *Overfit a small batch:* a healthy pipeline can learn twenty images by
# heart; one that cannot has a bug that no amount of data will cure.

# %% topics=["E-8"] nbgrader={"grade": false, "grade_id": "first-fit", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("prepare", "build_lecture_cnn"):
    few = slice(0, 6000)  # a first look needs no more
    x_few, y_few = prepare(data.train.x[few], data.train.y[few])
    first = build_lecture_cnn()
    first.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = first.evaluate(x_few[:500], y_few[:500], verbose=0)
    print(f"untrained: loss {loss:.2f}, accuracy {accuracy:.2f}")

    twenty = keras.models.clone_model(first)
    twenty.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    by_heart = twenty.fit(x_few[:20], y_few[:20], epochs=30, verbose=0)  # verbose=2 prints a line per epoch
    print(f"twenty images, 30 epochs: accuracy {by_heart.history['accuracy'][-1]:.2f} on these twenty")

    run = first.fit(
        x_few, y_few, batch_size=64, epochs=3, validation_data=prepare(*data.validation), shuffle=True, verbose=0
    )
    for epoch, (own, held) in enumerate(zip(run.history["accuracy"], run.history["val_accuracy"], strict=True), 1):
        print(f"epoch {epoch}: training accuracy {own:.3f}, validation accuracy {held:.3f}")
    plots.curves(run.history, title="Three epochs with Keras's own fit")
    plots.show("Loss falls and accuracy rises over three epochs; after the first, validation is better than training.")

# %% [markdown] topics=["E-9", "E-10", "E3", "E4"] nbgrader={"grade": false, "grade_id": "log-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Validation *above* training? The training accuracy is an average over the epoch, taken while the weights still change; the
# validation accuracy is measured at the end of it. Early on, the net is much better at the end of an epoch than on average.
# Dropout, which is off in validation, adds to that.
#
# ## 6 · A log as evidence
#
# The notes train for ten epochs and ask Keras to save the weights whenever they are the best so far:
#
# ```python
# checkpointer = ModelCheckpoint(filepath='mnist.model.best.hdf5', verbose=1, save_best_only=True)
# hist = model.fit(X_train, y_train, batch_size=64, epochs=10, validation_data=(X_test, y_test),
#                  callbacks=[checkpointer], verbose=2, shuffle=True)
# model.load_weights('mnist.model.best.hdf5')
# score = model.evaluate(X_test, y_test, verbose=0)
# ```
#
# The last line printed **Test accuracy: 99.2000%**. Below is the log of that run. (The validation accuracies, which epochs were
# saved and the printed sentence are the notes'; the other columns are filled in so that the saving comes out as it did.)
# Which weights were loaded, how good are they, and where does 99.20 come from? The given `read_training_log` turns the text into
# the dict that `fit` would have returned.

# %% topics=["E-9", "E4"] nbgrader={"grade": false, "grade_id": "lecture-log", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import re

LECTURE_LOG = """Train on 60000 samples, validate on 10000 samples
Epoch 1/10
Epoch 00001: val_loss improved from inf to 0.07860, saving model to mnist.model.best.hdf5
60000/60000 - 16s - loss: 0.2231 - accuracy: 0.9310 - val_loss: 0.0786 - val_accuracy: 0.9753
Epoch 2/10
Epoch 00002: val_loss improved from 0.07860 to 0.03390, saving model to mnist.model.best.hdf5
60000/60000 - 15s - loss: 0.0588 - accuracy: 0.9818 - val_loss: 0.0339 - val_accuracy: 0.9894
Epoch 3/10
Epoch 00003: val_loss improved from 0.03390 to 0.03010, saving model to mnist.model.best.hdf5
60000/60000 - 15s - loss: 0.0409 - accuracy: 0.9874 - val_loss: 0.0301 - val_accuracy: 0.9910
Epoch 4/10
Epoch 00004: val_loss improved from 0.03010 to 0.02870, saving model to mnist.model.best.hdf5
60000/60000 - 15s - loss: 0.0313 - accuracy: 0.9903 - val_loss: 0.0287 - val_accuracy: 0.9906
Epoch 5/10
Epoch 00005: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0246 - accuracy: 0.9925 - val_loss: 0.0292 - val_accuracy: 0.9914
Epoch 6/10
Epoch 00006: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0201 - accuracy: 0.9938 - val_loss: 0.0335 - val_accuracy: 0.9903
Epoch 7/10
Epoch 00007: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0164 - accuracy: 0.9950 - val_loss: 0.0289 - val_accuracy: 0.9928
Epoch 8/10
Epoch 00008: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0135 - accuracy: 0.9959 - val_loss: 0.0421 - val_accuracy: 0.9897
Epoch 9/10
Epoch 00009: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0113 - accuracy: 0.9966 - val_loss: 0.0398 - val_accuracy: 0.9908
Epoch 10/10
Epoch 00010: val_loss did not improve from 0.02870
60000/60000 - 15s - loss: 0.0094 - accuracy: 0.9972 - val_loss: 0.0372 - val_accuracy: 0.9927
"""


def read_training_log(text):
    """{name: [number of epoch 1, of epoch 2, …]} from the lines "… - loss: 0.2231 - accuracy: 0.9310 - …"."""
    history = {}
    for name, number in re.findall(r"(\w+): ([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan))", text):
        history.setdefault(name, []).append(float(number))
    return history


for name, numbers in read_training_log(LECTURE_LOG).items():
    if name != "Epoch":
        print(f"{name:12}", *(f"{number:.4f}" for number in numbers))

# %% [markdown] topics=["E-9", "E-10"] nbgrader={"grade": false, "grade_id": "task-kept_epoch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A checkpoint compares **one** quantity, in **one** direction: by default `val_loss`, and smaller is better.
#
# ### Exercise 4 · `kept_epoch` (10 points)
#
# Find the epoch whose weights a checkpoint has kept at the end. A run that diverges writes NaN into its history.


# %% topics=["E-9", "E-10", "E4"] nbgrader={"grade": false, "grade_id": "kept_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kept_epoch(history, monitor="val_loss", mode="min"):
    """The epoch, counted from 1, whose weights a checkpoint with save_best_only has kept at the end.

    history: {name: [number of epoch 1, of epoch 2, …]}, as `fit` makes it. monitor: the quantity that is watched.
    mode: "min" or "max", what is better. Numbers may be of any size and sign. A later epoch replaces an earlier one only
    when it is better, so of equal ones the first is kept. An epoch that is NaN is never kept; where all are NaN, returns
    None. The history is not changed.
    Raises KeyError when the history lacks `monitor`, ValueError when `mode` is another word.
    """
    ### BEGIN SOLUTION
    if mode not in ("min", "max"):
        raise ValueError(f'mode is "min" or "max", not {mode!r}')
    best, kept = None, None
    for epoch, value in enumerate(history[monitor], start=1):
        if value != value:  # only NaN differs from itself
            continue
        if best is None or (value < best if mode == "min" else value > best):
            best, kept = value, epoch
    return kept
    ### END SOLUTION


# %% topics=["E-9", "E-10", "E4"] nbgrader={"grade": true, "grade_id": "kept_epoch-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Which epoch the notes kept, and what accuracy would have kept
from course import checks

history = {
    "val_accuracy": [0.9753, 0.9894, 0.9910, 0.9906, 0.9914, 0.9903, 0.9928, 0.9897, 0.9908, 0.9927],
    "val_loss": [0.0786, 0.0339, 0.0301, 0.0287, 0.0292, 0.0335, 0.0289, 0.0421, 0.0398, 0.0372],
}
checks.integer(
    kept_epoch(history),
    4,
    unless={
        "epochs count from 1 in a log, positions in a list from 0": 3,
        "the smallest loss is the best one: this is the largest": 1,
        "this is the best accuracy, but the checkpoint watches val_loss": 7,
        "this is the last epoch, not the best one": 10,
    },
    hint="by default the epoch of the smallest val_loss is kept",
)
checks.unchanged(kept_epoch, {"val_loss": [0.3, 0.1, 0.2]})
checks.integer(
    kept_epoch(history, "val_accuracy", "min"),
    1,
    unless={
        "monitor is ignored: this is the epoch of val_loss": 4,
        "this is the largest val_accuracy, and mode says min": 7,
    },
    hint='the epoch of the smallest val_accuracy: mode="min" makes little sense here, but that is what it means',
)
checks.integer(
    kept_epoch(history, "val_accuracy", "max"),
    7,
    unless={
        "mode is ignored: for an accuracy larger is better": 1,
        "epochs count from 1 in a log, positions in a list from 0": 6,
    },
    hint="the epoch of the largest val_accuracy",
)
checks.passed("val_loss keeps one epoch, val_accuracy would keep another", points=5)

# %% topics=["E-9", "E-10"] nbgrader={"grade": true, "grade_id": "kept_epoch-any", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# What raises
# When graded: ties, NaN, other quantities, numbers of any size
from course import checks

checks.raises(KeyError, lambda: kept_epoch({"loss": [1.0]}), hint="a history without the monitored quantity")
checks.raises(
    ValueError, lambda: kept_epoch({"val_loss": [1.0]}, mode="auto"), hint="a mode that is neither min nor max"
)
### BEGIN HIDDEN TESTS
import numpy as np

nan = float("nan")
checks.integer(
    kept_epoch({"score": [1.0, 4.0, 3.0, 2.0], "val_loss": [0.3, 0.2, 0.4, 0.1]}, "score", "max"),
    2,
    unless={
        "monitor is ignored: watch the quantity that is asked for, whatever its name": 3,
        "monitor and mode are ignored: watch the quantity that is asked for, in the direction that is asked for": 4,
    },
    hint="the largest of any quantity",
)
checks.integer(
    kept_epoch({"val_loss": [0.3, 0.1, 0.1, 0.2]}),
    2,
    unless={"of equal epochs the first is kept: the second is not better": 3},
    hint="ties",
)
checks.integer(
    kept_epoch({"a": [0.5, 0.9, 0.7, 0.9]}, "a", "max"), 2, unless={"of equal epochs the first is kept": 4}, hint="ties"
)
checks.integer(kept_epoch({"val_loss": [nan, 0.4, nan, 0.6]}), 2, hint="an epoch whose loss is NaN is never kept")
checks.integer(
    kept_epoch({"val_loss": [0.5, nan, 0.4]}),
    3,
    hint="an epoch whose loss is NaN is never kept, and does not end the search",
)
checks.integer(
    kept_epoch({"val_loss": [nan, 0.4]}, "val_loss", "max"), 2, hint="an epoch whose loss is NaN is never kept"
)
checks.integer(
    kept_epoch({"score": [-3.0, -1.0, -2.0]}, "score", "max"),
    2,
    hint="numbers may be negative: begin with the first, not with 0",
)
checks.integer(
    kept_epoch({"val_loss": [7.0, 5.0, 6.0]}), 2, hint="losses may be large: begin with the first, not with 1"
)
for values, mode in (([9e9, 7e9, 8e9], "min"), ([-9e9, -7e9, -8e9], "max"), ([0.30002, 0.30001, 0.30003], "min")):
    checks.integer(
        kept_epoch({"a": values}, "a", mode), 2, hint="numbers of any size and sign, compared as they are, not rounded"
    )
rng = np.random.default_rng(48)
for _ in range(5):
    values = [float(v) for v in rng.permutation(20)]
    checks.integer(kept_epoch({"q": values}, "q", "min"), values.index(0.0) + 1, hint="the smallest of twenty")
    checks.integer(kept_epoch({"q": values}, "q", "max"), values.index(19.0) + 1, hint="the largest of twenty")
checks.true(kept_epoch({"val_loss": [nan, nan]}) is None, "where every epoch is NaN nothing is kept: None")
checks.true(kept_epoch({"a": [nan]}, "a", "max") is None, "where every epoch is NaN nothing is kept: None")
checks.integer(
    kept_epoch({"val_loss": [float("inf"), 3.0, float("inf")]}),
    2,
    hint="an infinite loss is a loss, the worst there is",
)
checks.integer(kept_epoch({"val_loss": [float("inf"), nan]}), 1, hint="an infinite loss is kept when nothing is better")
checks.integer(
    kept_epoch({"a": [-float("inf"), nan]}, "a", "max"), 1, hint="so is the worst of numbers to be maximised"
)
### END HIDDEN TESTS
checks.passed(
    "a missing quantity and an unknown mode raise", points=5, later="ties, NaN, other quantities, numbers of any size"
)

# %% tags=["draw"] topics=["E-9", "E-10", "E4"] nbgrader={"grade": false, "grade_id": "log-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The notes' log as curves, with both candidates marked
with checks.waiting_for("kept_epoch"):
    lecture = read_training_log(LECTURE_LOG)
    by_loss, by_accuracy = kept_epoch(lecture), kept_epoch(lecture, "val_accuracy", "max")
    plots.curves(
        lecture, best={"kept, by val_loss": by_loss, "best val_accuracy": by_accuracy}, title="The notes' ten epochs"
    )
    plots.show(
        "Training loss falls throughout; validation loss is lowest in the marked epoch and then rises and falls."
    )
    for percent in (99.06, 99.20, 99.28):
        found = [n for n, value in enumerate(lecture["val_accuracy"], 1) if abs(100 * value - percent) < 0.005]
        print(f"{percent:.2f} % is the validation accuracy of the epochs {found}")

# %% [markdown] topics=["E-9", "E-10", "E3", "E4", "E5"] nbgrader={"grade": false, "grade_id": "log-verdict", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The checkpoint watched `val_loss`, so it kept **epoch 4**, with a validation accuracy of 0.9906. As the notes validate on their
# test set, evaluating these weights on the test set must print 99.06 %. The 99.20 % is the accuracy of *no* epoch of this run: the
# output is **stale**, left over from an earlier run of the notebook. A checkpoint on `val_accuracy` would have kept epoch 7,
# 0.9928; whether that would have been *better* nobody can tell, as the test set has been looked at ten times.
#
# Before you quote a number, **restart the kernel and run everything**, and print beside it which weights, which epoch and which
# part of the data it belongs to.
#
# **What is wrong here?** Run the notes' lines today, and two of them stop before anything is trained: `from keras.utils import
# np_utils`, and the `ModelCheckpoint` above with its `'mnist.model.best.hdf5'`.
#
# <details><summary>Answer</summary>
#
# The module `np_utils` is gone; its function lives on as `keras.utils.to_categorical`. A checkpoint's file name must say what is in
# the file: `best.keras` for the whole model, or `best.weights.h5` with `save_weights_only=True`. Any other ending is a
# `ValueError`.
#
# </details>

# %% [markdown] topics=["E-10"] nbgrader={"grade": false, "grade_id": "evaluate-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Measure
#
# A single number hides on which classes the errors fall. So yours returns three things, from one pass:
#
# - the **[confusion matrix](../../course/glossary.md)** $C$: $C_{ij}$ counts the images of true class $i$ that the net calls $j$;
# - the **recall** of each class: of the images that *are* an $i$, which share is *called* an $i$: $C_{ii} / \sum_j C_{ij}$,
#   diagonal over **row** sum. (Diagonal over column sum is precision: of those called $i$, which share is right.)
# - the **accuracy**: the sum of the diagonal over the sum of everything. It is the mean of the recalls *weighted* with the sizes
#   of the classes.
#
# Worked: true labels 0 0 0 1, predictions 0 0 1 1. $C = \begin{pmatrix} 2 & 1 \\ 0 & 1 \end{pmatrix}$, accuracy 3/4, recall
# 2/3 and 1. Their unweighted mean is 5/6: not the accuracy.
#
# ### Exercise 5 · `evaluate` (10 points)
#
# `model.predict(x, verbose=0)` gives scores (N, classes); the prediction is the place of the largest.


# %% topics=["E-10"] nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, x, y):
    """How good a classifier is, over all and by class.

    model: a Keras model that gives one score for each class, (N, C); C is the number of scores, whatever labels occur.
    x: images (N, …) as the model takes them.
    y: true labels, integers (N,) or (N, 1), or one-hot (N, C).
    Returns a dict: "accuracy", a number in [0, 1]; "confusion", integers (C, C), row the true class, column the predicted
    one; "recall", floats (C,), NaN for a class that has no image in y.
    """
    ### BEGIN SOLUTION
    scores = model.predict(x, verbose=0)
    classes = scores.shape[1]
    y = np.asarray(y)
    true = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] == classes else y.reshape(-1)
    confusion = np.zeros((classes, classes), dtype=int)
    np.add.at(confusion, (true.astype(int), scores.argmax(axis=1)), 1)
    totals = confusion.sum(axis=1)
    recall = np.full(classes, np.nan)
    recall[totals > 0] = np.diag(confusion)[totals > 0] / totals[totals > 0]
    return {"accuracy": float(np.trace(confusion) / len(true)), "confusion": confusion, "recall": recall}
    ### END SOLUTION


# %% topics=["E-10"] nbgrader={"grade": true, "grade_id": "evaluate-accuracy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# A net that passes its input on, so that we choose its scores
from course import checks
import keras
import numpy as np

through = keras.Sequential([keras.Input((2,)), keras.layers.Activation("linear")])
scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]], "float32")
found = evaluate(through, scores, np.array([0, 0, 0, 1]))
checks.true(isinstance(found, dict), "evaluate returns a dictionary with accuracy, confusion and recall")
for key in ("accuracy", "confusion", "recall"):
    checks.true(key in found, f"the dictionary has no {key!r}")
checks.close(
    found["accuracy"],
    0.75,
    unless={
        "this is the mean of the recalls: the accuracy counts every image alike": 5 / 6,
        "the accuracy is a share between 0 and 1, not per cent": 75.0,
        "this is the number of right answers: divide by the number of images": 3,
        "this is the error: accuracy counts the right answers": 0.25,
    },
    hint="three of four predictions, 0 0 1 1, are right for 0 0 0 1",
    what="accuracy",
)
checks.close(
    found["confusion"],
    [[2, 1], [0, 1]],
    unless={
        "rows and columns are swapped: the row is the true class": [[2, 0], [1, 1]],
        "each pair is counted once only: c[true, predicted] += 1 with arrays adds 1, however often a pair occurs": [
            [1, 1],
            [0, 1],
        ],
        "the confusion matrix holds counts, not shares": [[0.5, 0.25], [0, 0.25]],
    },
    hint="row: true class, column: predicted class",
    what="confusion",
)
checks.passed("accuracy and confusion matrix of the worked example", points=4)

# %% topics=["E-10"] nbgrader={"grade": true, "grade_id": "evaluate-recall", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Recall of the worked example
# When graded: random predictions of several classes, counted one by one
from course import checks
import keras
import numpy as np

through = keras.Sequential([keras.Input((2,)), keras.layers.Activation("linear")])
scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]], "float32")
checks.close(
    evaluate(through, scores, np.array([0, 0, 0, 1]))["recall"],
    [2 / 3, 1.0],
    unless={
        "this is precision, diagonal over column sums: recall divides by the row sums": [1.0, 0.5],
        "this is the accuracy for every class": [0.75, 0.75],
        "recall divides by the images of that class, not by all": [0.5, 0.25],
    },
    hint="recall: of the three 0s two are found, of the one 1 one",
    what="recall",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(49)
for classes, n in ((3, 50), (10, 400), (5, 31)):
    net = keras.Sequential([keras.Input((classes,)), keras.layers.Activation("linear")])
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes) ** 2 % classes])
    scores = rng.normal(size=(n, classes)).astype("float32")
    scores[np.arange(n), y] += 1.2
    predicted = np.argmax(scores, axis=1)
    counts = np.array([[np.sum((y == i) & (predicted == j)) for j in range(classes)] for i in range(classes)])
    found = checks.unchanged(lambda x, y, net=net: evaluate(net, x, y), scores, y)
    checks.close(
        found["accuracy"],
        float(np.mean(predicted == y)),
        hint="the share of images whose largest score is at the true class",
    )
    checks.close(
        found["confusion"],
        counts,
        unless={
            "rows and columns are swapped: the row is the true class": counts.T,
        },
        hint="count every image at (true class, predicted class)",
        what="confusion",
    )
    checks.dtype(
        found["confusion"], "integer", hint="the confusion matrix holds counts: integers, not floats", what="confusion"
    )
    checks.close(
        found["recall"],
        counts.diagonal() / counts.sum(axis=1),
        unless={"this is precision, not recall": counts.diagonal() / np.maximum(counts.sum(axis=0), 1)},
        hint="diagonal over row sums",
        what="recall",
    )
### END HIDDEN TESTS
checks.passed("recall of the worked example", points=3, later="random predictions of several classes")

# %% topics=["E-10"] nbgrader={"grade": true, "grade_id": "evaluate-labels", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# One-hot labels
# When graded: labels of shape (N, 1), scores of any size, classes without images, dropout
from course import checks
import keras
import numpy as np

through = keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])
scores = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.4, 0.35, 0.25]], "float32")
y = np.array([0, 2, 0, 1])
checks.close(
    evaluate(through, scores, np.eye(3)[y])["accuracy"], 0.5, hint="one-hot labels are labels, too", what="accuracy"
)
### BEGIN HIDDEN TESTS
checks.close(
    evaluate(through, scores, y.reshape(4, 1))["accuracy"],
    0.5,
    unless={"(N, 1) against (N,) compares every label with every prediction: flatten the labels first": 0.375},
    hint="labels of shape (N, 1) are the same labels",
    what="accuracy",
)
for stretched in (40 * scores - 30, 40 * scores + 30, 0.1 * scores):
    checks.close(
        evaluate(through, stretched, np.array([0, 2, 1, 0]))["accuracy"],
        1.0,
        hint="the prediction is the largest score, whatever its size: do not round and do not compare with 0.5",
        what="accuracy",
    )
rare = evaluate(through, scores, np.array([0, 2, 0, 0]))
checks.shape(rare["confusion"], (3, 3), hint="a class without images keeps its row and its column", what="confusion")
recall = np.asarray(rare["recall"], float)
checks.shape(recall, (3,), hint="a class without images keeps its place in recall", what="recall")
checks.true(bool(np.isnan(recall[1])), "a class without images has no recall: NaN, not 0 and not 1")
checks.close(recall[[0, 2]], [2 / 3, 1.0], hint="the other classes have their recall all the same", what="recall")
low = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1], [0.4, 0.35, 0.25]], "float32")
for absent, values, y in ((2, low, np.array([0, 0, 1, 1])), (0, scores, np.array([1, 2, 2, 1]))):
    rare = evaluate(through, values, y)
    checks.shape(
        rare["confusion"],
        (3, 3),
        unless={"the number of classes is that of the scores, not that of the labels which occur": (2, 2)},
        hint="the number of classes is that of the scores, not that of the labels which occur",
        what="confusion",
    )
    checks.true(bool(np.isnan(np.asarray(rare["recall"], float)[absent])), "a class without images has no recall: NaN")
many = keras.Sequential([keras.Input((30,)), keras.layers.Activation("linear")])
checks.close(
    evaluate(many, np.eye(30, dtype="float32"), np.arange(30, dtype="uint8"))["confusion"],
    np.eye(30),
    hint="30 classes, labels of type uint8: label · 30 does not fit into a byte, so turn the labels into int first",
    what="confusion",
)
rng = np.random.default_rng(50)
net = keras.Sequential(
    [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")]
)
net.set_weights([rng.normal(size=(16, 3)).astype("float32"), np.zeros(3, "float32")])
x = rng.normal(size=(200, 4, 4, 1)).astype("float32")
y = (x.reshape(200, 16) @ net.get_weights()[0]).argmax(axis=1)
checks.close(
    evaluate(net, x, y)["accuracy"],
    1.0,
    atol=0.006,
    hint="on images and a net with dropout: measure in inference mode, on the images given",
    what="accuracy",
)
### END HIDDEN TESTS
checks.passed("one-hot labels are understood", points=3, later="columns of labels, any scores, absent classes, dropout")

# %% [markdown] topics=["E-8", "E-9"] nbgrader={"grade": false, "grade_id": "train-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · Train, and keep the best epoch
#
# The course has two helpers for this. `training.fit` is `model.fit` with one line of progress per epoch; it takes `validation=`
# and returns the history dict itself. `training.BestWeights(monitor, mode)` is a checkpoint in memory: it watches one quantity
# in one direction.
#
# ```python
# best = training.BestWeights(monitor, mode)  # mode: "min" or "max"
# history = training.fit(model, x, y, validation=(x_val, y_val), epochs=8, batch_size=64, callbacks=[best])
# best.restore(model)  # the best epoch's weights back into the model
# ```
#
# Keras's own `model.fit` and `ModelCheckpoint` will do as well. `val_loss` also weighs *how sure* a wrong answer is,
# `val_accuracy` only counts. The direction follows from the quantity.
#
# ### Exercise 6 · `train` (25 points)
#
# Compile, train, restore; the optimiser and its learning rate are yours. The lines after the function train the notes' CNN with
# it, once. The net is kept in `artefacts/` and loaded from there until your training code or its data change;
# `training.forget("lecture-cnn")` has it trained anew.
#
# The trained net must be that of the table. Decide by *validation* accuracy when it is good enough. The small set has 360 test
# images, so one standard error at 93 % is 1.3 points, and its bounds are low. The grader asks for:

# %% nbgrader={"grade": false, "grade_id": "asks-train", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from course import bounds

bounds.show("week04", "fair", "good", "slack", "moved")


# %% topics=["E-8", "E-9", "E-10"] nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, train_part, validation_part, epochs=8, batch_size=64, monitor="val_loss"):
    """Train a classifier and give it the weights of its best epoch.

    model: a Keras model that ends in a softmax, not compiled. train_part, validation_part: pairs (x, y) as `prepare`
    makes them, y one-hot. monitor: what the best epoch is chosen by: "val_loss" (smaller is better) or "val_accuracy"
    (larger is better), both measured on the validation part.
    Compiles with categorical cross-entropy and the metric "accuracy", runs all `epochs` on the training part alone, in
    batches of `batch_size`. Returns (model, history): the model with the weights of the best epoch, and a dict with the
    lists "loss", "accuracy", "val_loss", "val_accuracy", one number per epoch.
    """
    ### BEGIN SOLUTION
    x, y = train_part
    steps = epochs * -(-len(x) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"])
    best = training.BestWeights(monitor, "max" if monitor.endswith("accuracy") else "min")
    history = training.fit(
        model, x, y, validation=validation_part, epochs=epochs, batch_size=batch_size, callbacks=[best]
    )
    best.restore(model)
    return model, history
    ### END SOLUTION


# Which part may the net learn from, which one may choose the epoch, and which one is not opened yet?
train_part = prepare(*data.train)
validation_part = prepare(*data.validation)
cnn, cnn_history = training.trained(
    "lecture-cnn",
    build_lecture_cnn,
    lambda model: train(model, train_part, validation_part, epochs=EPOCHS),
    settings={"epochs": EPOCHS, "seed": SEED},
)

# %% topics=["E-8", "E-9"] nbgrader={"grade": true, "grade_id": "train-history", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Two things come back, and the history has four lists
from contextlib import redirect_stdout
from io import StringIO

from course import blocks, checks
import keras
import numpy as np

rng = np.random.default_rng(0)
y = np.arange(60) % 3
x = (rng.random((60, 6, 6, 1)) * 0.2).astype("float32")
for k in range(3):
    x[y == k, 2 * k : 2 * k + 2] += 0.7
net = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
with redirect_stdout(StringIO()):
    pair = train(
        net,
        (x[:48], np.eye(3, dtype="float32")[y[:48]]),
        (x[48:], np.eye(3, dtype="float32")[y[48:]]),
        epochs=2,
        batch_size=16,
    )
checks.true(isinstance(pair, (tuple, list)) and len(pair) == 2, "train returns two things: the model and the history")
blocks.as_model(pair[0], "the first of the two")
history = pair[1]
checks.true(isinstance(history, dict), "the history is a dictionary: what training.fit returns")
for key, why in (
    ("loss", "the loss of each epoch"),
    ("accuracy", "metrics=['accuracy'] in compile"),
    ("val_loss", "validation=validation_part in fit"),
    ("val_accuracy", "validation=validation_part in fit, metrics=['accuracy'] in compile"),
):
    checks.true(key in history, f"the history has no {key!r}: {why}")
    checks.equal(
        len(history[key]), 2, hint="two epochs were asked for: epochs=epochs in fit", what=f"the length of {key}"
    )
checks.passed("model and history come back, one number per epoch", points=3)

# %% topics=["E-8"] nbgrader={"grade": true, "grade_id": "train-learns", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Overfit a small batch: 60 images of three kinds, by heart
from contextlib import redirect_stdout
from io import StringIO

from course import blocks, checks
import keras
import numpy as np

rng = np.random.default_rng(1)
y = np.arange(60) % 3
x = (rng.random((60, 6, 6, 1)) * 0.2).astype("float32")
for k in range(3):
    x[y == k, 2 * k : 2 * k + 2] += 0.7
part = (x, np.eye(3, dtype="float32")[y])
net = keras.Sequential(
    [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(32, "relu"), keras.layers.Dense(3, "softmax")]
)
start = np.random.default_rng(3)
before = [start.normal(0, 0.2 if w.ndim > 1 else 0.0, w.shape).astype("float32") for w in net.get_weights()]
net.set_weights(before)
with redirect_stdout(StringIO()):
    model, history = train(net, part, part, epochs=10, batch_size=4, monitor="val_accuracy")
model = blocks.as_model(model, "the trained model")
after = model.get_weights()
checks.equal(
    [w.shape for w in after], [w.shape for w in before], hint="the model that comes back is another one than was given"
)
checks.true(
    not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)),
    "no weight has changed: is fit called on the model that was given?",
)
right = float(np.mean(keras.ops.convert_to_numpy(model(x)).argmax(axis=1) == y))
checks.between(
    right,
    0.95,
    1.0,
    hint="60 easy images should be known by heart after ten epochs: is the learning rate sensible, and are x and y in step?",
    what="the accuracy on them",
)
checks.true(
    isinstance(history, dict) and "val_accuracy" in history,
    "the history needs the list val_accuracy: validate on validation_part",
)
checks.close(
    right,
    max(history["val_accuracy"]),
    atol=1e-3,
    hint='monitor="val_accuracy": the model that comes back should be that of the epoch with the largest val_accuracy',
    what="its accuracy on the validation part, here the same 60 images",
)
checks.passed("60 easy images are learned by heart, the best epoch is restored", points=4)

# %% topics=["E-9", "E-10"] nbgrader={"grade": true, "grade_id": "train-best", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# When graded: which epoch's weights come back?
from course import blocks, checks

### BEGIN HIDDEN TESTS
from contextlib import redirect_stdout
from io import StringIO

import keras
import numpy as np

# Three classes, each a bright pair of columns in noise. On the validation part 11 labels of 20 are wrong and the images
# are twice too bright: while the accuracy still rises, the loss gets worse, so the two have different best epochs.
rng = np.random.default_rng(51)
y, y_val = rng.integers(0, 3, 90), rng.integers(0, 3, 120)
x, x_val = 0.8 * rng.random((90, 6, 6, 1)).astype("float32"), 0.8 * rng.random((120, 6, 6, 1)).astype("float32")
for images, labels in ((x, y), (x_val, y_val)):
    for image, label in zip(images, labels, strict=True):
        image[:, 2 * label : 2 * label + 2] += 0.2
x_val = 2 * x_val
number = np.arange(120)
y_val = np.where(number % 20 < 9, y_val, (y_val + 1 + number % 2) % 3)
one = np.eye(3, dtype="float32")
for monitor in ("val_loss", "val_accuracy"):
    net = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(64, "relu"),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    net.set_weights(
        [np.random.default_rng(52).normal(0, 0.25 if w.ndim > 1 else 0.0, w.shape) for w in net.get_weights()]
    )
    with redirect_stdout(StringIO()):
        model, history = train(net, (x, one[y]), (x_val, one[y_val]), epochs=6, batch_size=5, monitor=monitor)
    model = blocks.as_model(model, "the trained model")
    out = np.clip(keras.ops.convert_to_numpy(model(x_val)), 1e-30, 1)
    loss = float(-np.log(out[np.arange(120), y_val]).mean())
    right = float(np.mean(out.argmax(axis=1) == y_val))
    got, values = (loss, history["val_loss"]) if monitor == "val_loss" else (right, history["val_accuracy"])
    best, worst, last = (
        (min(values), max(values), values[-1]) if monitor == "val_loss" else (max(values), min(values), values[-1])
    )
    checks.close(
        got,
        best,
        rtol=1e-3,
        atol=1e-4,
        unless={
            "these are the weights of the last epoch, here also the worst: the best ones are not restored after fit, or the mode is the wrong way round (a loss: min, an accuracy: max)": last
        }
        if np.isclose(worst, last, rtol=1e-3)
        else {
            "these are the weights of the worst epoch: the mode is the wrong way round (a loss: min, an accuracy: max)": worst,
            "these are the weights of the last epoch: restore the best ones after fit, and return that model": last,
        },
        hint=f"the weights that come back are not those of the best epoch by {monitor}: watch the quantity that is asked for",
        what=f"{monitor} of the returned model",
    )
### END HIDDEN TESTS
checks.when_graded("a validation part on which the last epoch is not the best", points=5)

# %% topics=["E-8"] nbgrader={"grade": true, "grade_id": "train-loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: the loss, the validation part, the batch size
from course import blocks, checks

### BEGIN HIDDEN TESTS
from contextlib import redirect_stdout
from io import StringIO

import keras
import numpy as np

rng = np.random.default_rng(53)
one = np.eye(3, dtype="float32")
y = np.arange(80) % 2  # the third kind is in the validation part alone
x = (rng.random((80, 6, 6, 1)) * 0.2).astype("float32")
for k in range(2):
    x[y == k, 3 * k : 3 * k + 3] += 0.7
x_val, y_val = (rng.random((30, 6, 6, 1)) * 0.2 + 0.4).astype("float32"), np.full(30, 2)
layers = keras.layers
net = keras.Sequential(
    [keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(3), layers.Softmax(), layers.Reshape((3,))]
)
net.set_weights([rng.normal(0, 0.02, (36, 3)), np.array([0, 0, -0.5])])
with redirect_stdout(StringIO()):
    model, history = train(net, (x, one[y]), (x_val, one[y_val]), epochs=6, batch_size=16)
model = blocks.as_model(model, "the trained model")
checks.equal(len(history["val_loss"]), 6, hint="all epochs are run, also when the validation loss rises")
out = np.clip(keras.ops.convert_to_numpy(model(x_val)).astype(float), 1e-7, 1)
crossentropy = float(-np.log(out[:, 2]).mean())
score = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
wrong, smooth = one[y_val], 0.9 * one[y_val] + 0.1 / 3
checks.true(
    history["val_loss"][-1] > history["val_loss"][0],
    "val_loss falls on a kind of image that the training part does not have: the validation part is trained on, or it is "
    "not the part that is measured",
)
reported = min(history["val_loss"])
checks.close(
    reported,
    crossentropy,
    rtol=2e-3,
    atol=1e-4,
    unless={
        "from_logits=True takes a softmax of the softmax: your net gives probabilities already": float(
            -np.log(score[:, 2]).mean()
        ),
        "this is binary cross-entropy: ten classes of which one is right want the categorical one": float(
            -(wrong * np.log(out) + (1 - wrong) * np.log(np.clip(1 - out, 1e-7, 1))).mean()
        ),
        "this is the mean squared error: a classifier wants categorical cross-entropy": float(
            ((out - wrong) ** 2).mean()
        ),
        "this is a cross-entropy with label smoothing: plain categorical cross-entropy is asked for": float(
            -(smooth * np.log(out)).sum(axis=1).mean()
        ),
    },
    hint="val_loss should be the categorical cross-entropy on the validation part given (not on a piece of the training part)",
    what="the smallest val_loss",
)
# A batch norm moves its mean by a tenth towards that of the batch at each step: it counts the steps.
counter = keras.Sequential(
    [keras.Input((6, 6, 1)), layers.BatchNormalization(momentum=0.9), layers.Flatten(), layers.Dense(3, "softmax")]
)
ones = np.ones((48, 6, 6, 1), "float32")
with redirect_stdout(StringIO()):
    model, _ = train(counter, (ones, one[np.arange(48) % 3]), (ones, one[np.arange(48) % 3]), epochs=1, batch_size=8)
mean = float(blocks.as_model(model, "the trained model").get_weights()[2][0])
checks.close(
    mean,
    1 - 0.9**6,
    rtol=1e-3,
    unless={
        "batch_size is not used: 48 images in batches of 8 are six steps": 1 - 0.9**1,
        "batch_size is not used, so that Keras takes 32: 48 images in batches of 8 are six steps": 1 - 0.9**2,
    },
    hint="48 images in batches of 8 are six steps per epoch",
    what="the moving mean that counts the steps",
)
### END HIDDEN TESTS
checks.when_graded("the loss, the validation part and the batch size", points=4)

# %% topics=["E-10"] nbgrader={"grade": true, "grade_id": "train-fair", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The notes' net, and its accuracy on the validation images
# When graded: its accuracy on the test images
from course import bands, blocks, checks

net = blocks.as_model(cnn, "cnn, the trained net,", (28, 28, 1))
checks.equal(
    sorted(w.shape for w in net.get_weights()),
    sorted([(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (3136, 64), (64,), (64, 10), (10,)]),
    hint="cnn should be the notes' net, trained: the layers of the table, 220,234 weights",
)
bands.on_validation(net, "mnist", "week04", "fair")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

layers = keras.layers
table = keras.Sequential([keras.Input((28, 28, 1))])
for filters in (32, 64):
    table.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
    table.add(layers.MaxPooling2D(2))
for layer in (layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")):
    table.add(layer)
table.set_weights(net.get_weights())
images = np.random.default_rng(56).random((5, 28, 28, 1)).astype("float32")
checks.close(
    np.asarray(net(images, training=False)),
    np.asarray(table(images, training=False)),
    rtol=1e-3,
    atol=1e-4,
    hint="cnn computes something else than the notes' net with the same weights: train what build_lecture_cnn builds",
)
bands.on_test(net, "mnist", "week04", "fair", moves=())
### END HIDDEN TESTS
checks.passed(
    "the notes' net is trained, and near the first bound on validation images", points=4, later="the test images"
)

# %% topics=["E-10"] nbgrader={"grade": true, "grade_id": "train-good", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The second bound, on the validation images
# When graded: the test images, as they are and moved by one pixel
from course import bands, blocks, checks

net = blocks.as_model(cnn, "cnn, the trained net,", (28, 28, 1))
checks.equal(
    sorted(w.shape for w in net.get_weights()),
    sorted([(3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,), (3136, 64), (64,), (64, 10), (10,)]),
    hint="cnn should be the notes' net, trained: the layers of the table, 220,234 weights",
)
bands.on_validation(net, "mnist", "week04", "good")
### BEGIN HIDDEN TESTS
bands.on_test(net, "mnist", "week04", "good")
### END HIDDEN TESTS
checks.passed(
    "near the second bound on validation images", points=5, later="the test images, as they are and moved by one pixel"
)

# %% [markdown] topics=["E-10", "D11"] nbgrader={"grade": false, "grade_id": "look-at-it", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Look at what you have made
#
# All pictures here use validation images: you may look at them as often as you like.

# %% tags=["draw"] topics=["E-9", "E-10"] nbgrader={"grade": false, "grade_id": "mistakes-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your net's curves, its confusion matrix, and its surest mistakes
with checks.waiting_for("train", "evaluate", "kept_epoch"):
    plots.curves(
        cnn_history,
        best={
            "lowest val_loss": kept_epoch(cnn_history),
            "highest val_accuracy": kept_epoch(cnn_history, "val_accuracy", "max"),
        },
        title="Your net",
    )
    plots.show("Loss and accuracy of your net per epoch, training and validation, with the best epoch of each marked.")
    report = evaluate(cnn, *validation_part)
    plots.confusion(report["confusion"], data.classes, title="Your net on the validation images")
    plots.show("Confusion matrix of ten digits: nearly all counts are on the diagonal.")
    scores = cnn.predict(validation_part[0], verbose=0)
    guesses = scores.argmax(axis=1)
    wrong = np.flatnonzero(guesses != data.validation.y)
    worst = wrong[np.argsort(-scores[wrong].max(axis=1))][:16]
    if len(worst):
        plots.gallery(
            data.validation.x[worst],
            data.validation.y[worst],
            guesses[worst],
            data.classes,
            title=f"The {len(worst)} surest of {len(wrong)} mistakes: predicted, and the true class in brackets",
        )
        plots.show(
            "The validation images that your net gets wrong with most confidence. Would you have read them right?"
        )

# %% [markdown] topics=["D11"] nbgrader={"grade": false, "grade_id": "kernels-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What has the first layer become? Zeiler and Fergus (2014) looked inside a large net: its first layer answers to edges and
# colours, the second to corners and circles, the third to textures such as meshes, the fifth to whole objects, keyboards and
# dogs among them. Your net has two convolutions, and digits. Below: the kernels before and after training; how strongly each answers to a bright line of
# every direction; and the maps of one digit.
#
# Even a random 3×3 kernel prefers some direction, and the printed correlation says how far
# training moved these kernels from their random start. An untrained net's maps show the digit's outline, too.

# %% tags=["draw"] topics=["D11"] nbgrader={"grade": false, "grade_id": "kernels-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# First-layer kernels before and after, and the lines they answer to
with checks.waiting_for("train"):
    training.start(PROFILE, SEED)  # the same random start that the training had
    nets = {"before training": build_lecture_cnn(), "after training": cnn}
    angles = np.arange(0, 180, 15)
    rows, columns = np.mgrid[-13.5:14, -13.5:14]
    lines = []
    for angle in np.deg2rad(angles):
        # distance of each pixel from a line through the centre; rows count down, so the sine has a minus
        distance = np.abs(columns * np.sin(angle) + rows * np.cos(angle))
        lines.append(np.clip(1.5 - distance, 0, 1))
    lines = np.array(lines, "float32")[..., None]
    kernels = {}
    for name, net in nets.items():
        layer = next(layer for layer in net.layers if isinstance(layer, keras.layers.Conv2D))
        kernels[name] = np.asarray(layer.kernel)
        plots.kernels(layer, columns=16, title=f"First-layer kernels {name}")
        plots.show(f"32 kernels of 3×3 {name}, orange positive and purple negative.")
    first = next(layer for layer in cnn.layers if isinstance(layer, keras.layers.Conv2D))
    answers = np.asarray(keras.Model(cnn.inputs[0], first.output)(lines))[:, 8:20, 8:20].max(axis=(1, 2))
    alive = answers.max(axis=0) > 0
    preference = (answers - answers.mean(axis=0))[:, alive] / answers[:, alive].max(axis=0)
    order = np.argsort(preference.argmax(axis=0), kind="stable")
    fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    limit = float(np.abs(preference).max())
    shown = ax.imshow(preference[:, order], aspect="auto", cmap="PuOr_r", vmin=-limit, vmax=limit, origin="lower")
    ax.set(title="Which line does each kernel answer to?", xlabel="kernel, sorted by the line it likes best")
    ax.set(ylabel="direction of the line", yticks=range(0, len(angles), 3), xticks=range(len(order)))
    ax.set_yticklabels([f"{a}°" for a in angles[::3]])
    ax.set_xticklabels(np.flatnonzero(alive)[order])
    fig.colorbar(shown, ax=ax, label="answer minus its mean")
    plots.show(
        "A map of kernels against line directions: each kernel answers above its mean (orange) to a band of neighbouring "
        "directions, and the bands cover all directions."
    )
    same = np.corrcoef(*(kernels[name].ravel() for name in nets))[0, 1]
    print(f"correlation of the kernels before and after training: {same:.2f}")
    plots.activation_maps(cnn, evaluation.scaled(data.train.x[:1])[0], title="One digit on its way through your net")
    plots.show("Eight maps of each convolution and pooling: the digit's outline gets coarser from row to row.")

# %% [markdown] topics=["E-11", "C1", "C2"] nbgrader={"grade": false, "grade_id": "compare-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 10 · "CNNs outperform MLPs"
#
# A claim of the notes; test it fairly: the same images, the same `train`, the same number of epochs, the epoch chosen in the
# same way. The rival has no convolutions: flatten to 784 numbers, dense layers of 512 and 512. That is 784·512 + 512 =
# 401,920, then 262,656, then 5,130, in total **669,706** weights, three times the CNN's. A third net keeps the convolutions, adds
# another, and replaces flatten and the wide dense layer by a **global maximum** of each map: 56,394 weights.
#
# Then a second question, which the single number hides: what if the digits are not quite where they were?

# %% topics=["E-11", "C1"] nbgrader={"grade": false, "grade_id": "rivals", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
layers = keras.layers


def build_mlp(input_shape=(28, 28, 1), classes=10, hidden=(512, 512)):
    """A net of dense layers: flatten, the hidden layers with ReLU, softmax."""
    x = inputs = keras.Input(input_shape)
    x = layers.Flatten()(x)
    for units in hidden:
        x = layers.Dense(units, "relu")(x)
    return keras.Model(inputs, layers.Dense(classes, "softmax")(x))


def build_global(input_shape=(28, 28, 1), classes=10):
    """Convolutions as in the notes' net, one more, and the maximum of each map in place of flatten."""
    x = inputs = keras.Input(input_shape)
    for filters, pool in ((32, True), (64, True), (64, False)):
        x = layers.Conv2D(filters, 3, padding="same", activation=keras.activations.relu)(x)
        x = layers.MaxPooling2D()(x) if pool else layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, "softmax")(x))


def trained_like_cnn(name, build):
    """`build`'s net, trained exactly as `cnn` was."""
    settings = {"epochs": EPOCHS, "seed": SEED}
    return training.trained(
        name, build, lambda model: train(model, train_part, validation_part, epochs=EPOCHS), settings=settings
    )[0]


with checks.waiting_for("train"):
    mlp, pooled = trained_like_cnn("mlp", build_mlp), trained_like_cnn("global", build_global)

# %% tags=["draw"] topics=["E-11", "C2"] nbgrader={"grade": false, "grade_id": "compare-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Validation accuracy of the three nets on digits shifted sideways
with checks.waiting_for("train"):
    steps = range(-4, 5)
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    for net, name, color, style in (
        (mlp, "MLP, 669,706 weights", "#D55E00", "s--"),
        (cnn, "CNN with flatten, 220,234", "#0072B2", "o-"),
        (pooled, "CNN with a global maximum, 56,394", "#009E73", "^:"),
    ):
        shares = [
            evaluation.accuracy(net, evaluation.shifted(validation_part[0], 0, step), data.validation.y)
            for step in steps
        ]
        ax.plot(
            steps,
            [100 * share for share in shares],
            style,
            color=color,
            label=f"{name}: {100 * shares[4]:.1f} % unshifted",
        )
    ax.set(
        title="Shifted digits: what matters is the head", xlabel="shift to the right in pixels", ylabel="accuracy in %"
    )
    ax.set(ylim=(0, 103))
    ax.grid(alpha=0.3)
    fig.legend(loc="outside lower center", frameon=False)
    plots.show(
        "Accuracy against a shift of up to four pixels: MLP and the CNN with flatten fall together to about a third, the CNN "
        "with a global maximum stays nearly level."
    )

# %% [markdown] topics=["E-11", "C2"] nbgrader={"grade": false, "grade_id": "compare-verdict", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# At shift 0, on the small set, the MLP leads by a few points: 1,200 blurred, centred digits hardly need convolutions. Shifted, the MLP and the notes' CNN fall *together* there. A convolution is
# [equivariant](../../course/glossary.md), its maps move with the digit; but the dense layer after the flatten has one weight
# per place and met each stroke in its place only. The global maximum does not ask where, and that net stays nearly level.
#
# On the real MNIST (4 epochs, one seed, validation images moved 4 pixels to the left) the MLP keeps 43 %, the notes' CNN 71 %
# and the net with the global maximum 99 %. "CNNs outperform MLPs" needs its conditions: which data, which head.
#
# **Is one seed enough?** Below, four trainings of two nets that differ in their random start only.

# %% tags=["draw"] topics=["E-11"] nbgrader={"grade": false, "grade_id": "seeds-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Recorded runs: the spread over random starts
recorded = {  # right answers of 240 validation images, small set, 5 epochs, Adam with a cosine schedule
    "CNN with flatten": [224, 226, 229, 225],
    "MLP": [231, 232, 232, 232],
}
fig, ax = plt.subplots(figsize=(8, 2.4), layout="constrained")
for place, (name, right) in enumerate(recorded.items()):
    shares = 100 * np.array(right) / 240
    ax.plot(shares, np.full(len(shares), place), "o", color=("#0072B2", "#D55E00")[place], alpha=0.6, markersize=9)
    print(
        f"{name:17} mean {shares.mean():.1f} %, standard deviation over {len(shares)} seeds {shares.std(ddof=1):.1f} points"
    )
ax.set(
    title="One dot per seed", xlabel="validation accuracy in %", yticks=(0, 1), yticklabels=recorded, ylim=(-0.5, 1.5)
)
ax.grid(alpha=0.3, axis="x")
plots.show("A dot per seed for two nets: each net's dots spread over one to two points of validation accuracy.")

# %% [markdown] topics=["E-10"] nbgrader={"grade": false, "grade_id": "test-once", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 11 · The test set, once
#
# Every choice is made. Now the test images are read, in this one cell, and each accuracy is printed with its standard error. If
# you change something after this, say so when you quote the number: the test set has then had its say.

# %% topics=["E-10", "E-11"] nbgrader={"grade": false, "grade_id": "test-report", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("train", "evaluate"):
    if data.test.labelled:
        test_y, test_guesses = data.test.y, {}
        test_x, _ = prepare(data.test.x, test_y)
        for name, net in (("the notes' CNN", cnn), ("the MLP", mlp), ("global maximum", pooled)):
            report = evaluate(net, test_x, test_y)
            test_guesses[name] = net.predict(test_x, verbose=0).argmax(axis=1)  # for the stretch, from the same look
            error = np.sqrt(report["accuracy"] * (1 - report["accuracy"]) / len(test_y))
            low = int(np.nanargmin(report["recall"]))
            print(
                f"{name:16} test accuracy {100 * report['accuracy']:.2f} % ± {100 * error:.2f}, {len(test_y):,} images, seed {SEED}; "
                f"lowest recall {100 * report['recall'][low]:.1f} %, digit {low}"
            )

# %% [markdown] topics=["E3", "E4"] nbgrader={"grade": false, "grade_id": "task-written", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 12 · In words (10 points, read by a person)
#
# A few sentences each; numbers say more than adjectives.
#
# 1. (4 points) The notes pass the test set as `validation_data`, and keep the epoch that did best on it. No weight was ever
#    updated on a test image. What leaked all the same, how, and in which direction does the printed accuracy err?
# 2. (3 points) "Test accuracy: 99.2000%" stands under the log of section 6. Show from the log that this number cannot belong to
#    the weights that were loaded, and say which number should stand there.
# 3. (3 points) A fellow student augments MNIST first (each image with four shifted copies) and splits the 300,000 images
#    70/15/15 afterwards. What will the test accuracy look like, and what is it worth?

# %% [markdown] topics=["E-9", "E-10", "H5", "E3", "E4"] nbgrader={"grade": true, "grade_id": "when-the-test-set-validates", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. Information about the test set leaked through a choice: of ten epochs the one was kept that fits these 10,000 images best,
#    partly because it is better, partly because it was lucky on them. The maximum of ten noisy measurements is larger than
#    their mean, so the printed accuracy is too high (optimistic). With equally good independent nets at 99.1 % the best of ten
#    reads about 99.24 %; epochs of one run are alike, so the bias is smaller, but it cannot be known. The cure: choose on a
#    validation part, and ask the test part once.
#    *(1 point: the choice of the epoch is a fit. 1: selection of the luckiest. 1: too high. 1: the cure, or the size.)*
# 2. The checkpoint watches val_loss (smaller is better); the smallest, 0.0287, is that of epoch 4, and the log says it saved
#    then and never again. Epoch 4 has a validation accuracy of 0.9906. The validation set is the test set, so evaluating the
#    loaded weights must print 99.06 %. 0.9920 occurs in no epoch: the output is left over from an earlier run.
#    *(1 point each: epoch 4 with its reason; 99.06 %; stale, no epoch has 0.9920.)*
# 3. It will be very high, as nearly every test image has a shifted twin in the training part, which the net has learned by
#    heart. The number says how well the net remembers, not how well it reads new digits; it is worth nothing as a test
#    accuracy. Split first, then augment the training part alone.
#    *(1 point each: high; why; split first.)*
# ### END SOLUTION

# %% [markdown] topics=["E-10"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - A pipeline whose functions refuse what cannot be right.
# - Three parts: the net learns from the first, **you** learn from the second, the third answers once.
# - A checkpoint keeps the best epoch *by one quantity in one direction*.
# - 91 % of that net's weights are in one layer, which ties it to places. Next week you replace it, with fewer than 10,000.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week04")

# %% [markdown] topics=["C2"] nbgrader={"grade": false, "grade_id": "stretch-permute", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# No points, still checked.
#
# ### `permute_pixels`: what flattening loses
#
# Take one random order of the 784 pixels and rearrange *every* image by it, in training and validation alike. No information is
# lost: the order could be undone. A person sees noise. The MLP is not affected at all: its first layer has a row of weights for
# each pixel, and with the rows permuted alike every answer is the same, so the figure below does not train it again. The CNN
# looks at neighbours, and now neighbours have nothing to do with each other; it has to be trained anew. (How much it loses
# depends on the data: of the small set's 240 validation images only a few.) This is what people mean when they say that a
# convolution *assumes* something about images.


# %% topics=["C2"] nbgrader={"grade": false, "grade_id": "permute_pixels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def permute_pixels(x, seed=0):
    """Every image with its pixels in another order, the same order for all of them.

    x: images (N, H, W, C). seed: chooses the order; the same seed and the same H and W give the same order, whatever N and
    the values are. The channels of a pixel stay together. Returns an array of the same shape and dtype; x is not changed.
    """
    ### BEGIN SOLUTION
    n, height, width, channels = x.shape
    order = np.random.default_rng(seed).permutation(height * width)
    return x.reshape(n, height * width, channels)[:, order].reshape(x.shape)
    ### END SOLUTION


# %% topics=["C2"] nbgrader={"grade": true, "grade_id": "permute_pixels-same", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Numbered pixels, two equal images
from course import checks
import numpy as np

image = np.arange(36, dtype="float32").reshape(1, 6, 6, 1)
x = np.concatenate([image, image, 100 + image])
got = np.asarray(checks.unchanged(permute_pixels, x))
checks.shape(got, x.shape, hint="the images keep their shape")
checks.true(
    np.array_equal(np.sort(got[0].ravel()), np.arange(36)),
    "no pixel may be lost or doubled: it is another order, nothing else",
)
checks.true(not np.array_equal(got[0], x[0]), "nothing has moved")
checks.true(
    np.array_equal(got[0], got[1]) and np.array_equal(got[2] - 100, got[0]),
    "every image must be rearranged by the same order: draw it once, outside any loop",
)
checks.passed("every image is rearranged by one order", points=0)

# %% topics=["C2"] nbgrader={"grade": true, "grade_id": "permute_pixels-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Images that are not square
# When graded: separate calls, colour images, seeds
from course import checks
import numpy as np

checks.equal(
    np.asarray(permute_pixels(np.zeros((2, 4, 5, 3), "float32"))).shape, (2, 4, 5, 3), hint="images need not be square"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(54)
x = rng.random((7, 8, 5, 3)).astype("float32")
for seed in (0, 3):
    whole, again = np.asarray(permute_pixels(x, seed)), np.asarray(permute_pixels(x[2:4], seed))
    checks.true(
        np.array_equal(whole[2:4], again),
        "training and test must get the same order: it depends on the seed, not on the batch or on chance",
    )
checks.true(not np.array_equal(whole, np.asarray(permute_pixels(x, 4))), "another seed gives another order")
pixels = {tuple(p) for p in x[0].reshape(-1, 3)}
checks.true({tuple(p) for p in whole[0].reshape(-1, 3)} == pixels, "the three channels of a pixel stay together")
checks.equal(whole.dtype.name, "float32", hint="the type stays")
rows = np.asarray(permute_pixels(np.arange(64, dtype="float32").reshape(1, 8, 8, 1), 1))[0, :, :, 0] // 8
checks.true(any(len(set(row)) > 1 for row in rows), "all pixels change places, not whole rows")
columns = np.asarray(permute_pixels(np.arange(64, dtype="float32").reshape(1, 8, 8, 1), 1))[0, :, :, 0] % 8
checks.true(any(len(set(column)) > 1 for column in columns.T), "all pixels change places, not whole columns")
### END HIDDEN TESTS
checks.passed("images need not be square", points=0, later="separate calls, colour images, seeds")

# %% tags=["draw"] topics=["C2"] nbgrader={"grade": false, "grade_id": "permutation-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The same pixels in order and out of order: validation errors
with checks.waiting_for("permute_pixels", "train"):
    parts = [(permute_pixels(x), y) for x, y in (train_part, validation_part)]
    permuted_cnn, _ = training.trained(
        "cnn-permuted",
        build_lecture_cnn,
        lambda model: train(model, *parts, epochs=EPOCHS),
        settings={"epochs": EPOCHS, "seed": SEED},
    )
    rows, *others = mlp.get_weights()
    order = permute_pixels(np.arange(28 * 28).reshape(1, 28, 28, 1)).ravel()
    permuted_mlp = build_mlp()
    permuted_mlp.set_weights([rows[order], *others])
    bars = []
    for name, net, other, how in (
        ("MLP", mlp, permuted_mlp, "weight rows permuted alike"),
        ("CNN", cnn, permuted_cnn, "trained anew"),
    ):
        own = evaluation.accuracy(net, validation_part[0], data.validation.y)
        moved = evaluation.accuracy(other, parts[1][0], data.validation.y)
        bars.append((f"{name}, pixels as they are", "#0072B2", "", own))
        bars.append((f"{name}, permuted, {how}", "#D55E00", "//", moved))
    fig, (left, ax) = plt.subplots(1, 2, figsize=(10, 3), layout="constrained", width_ratios=[1, 2])
    left.imshow(np.hstack([train_part[0][0, ..., 0], parts[0][0][0, ..., 0]]), cmap="gray")
    left.set(title="A digit, and its pixels permuted", xticks=[], yticks=[])
    for place, (_, color, hatch, share) in zip((0, 1, 2.4, 3.4), bars, strict=True):
        ax.barh(place, 100 * (1 - share), color=color, hatch=hatch, edgecolor="0.7")
        ax.text(100 * (1 - share), place, f" {100 * (1 - share):.2f} %", va="center")
    ax.set(title="The same pixels, in order and out of order", xlabel="validation error in %")
    ax.set(yticks=[0, 1, 2.4, 3.4], yticklabels=[bar[0] for bar in bars])
    ax.margins(x=0.15)
    ax.invert_yaxis()
    plots.show(
        "Bars of the validation error: the MLP's is exactly the same for permuted pixels, that of the CNN, trained anew, is not."
    )

# %% [markdown] topics=["E-11"] nbgrader={"grade": false, "grade_id": "stretch-mcnemar", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `mcnemar`: is the better net better?
#
# Two nets see the *same* test images, so their accuracies are not independent, and comparing two standard errors throws
# information away. What matters are the images on which they **disagree**: $b$ that only the first gets wrong, $c$ that only
# the second gets wrong. If the nets were equally good, each of these $b + c$ images would be a fair coin. McNemar's exact test
# asks how likely the coins would split at least as unevenly as they did:
#
# $$ p = \min\Big(1,\; 2 \sum_{i=0}^{\min(b,c)} \binom{b+c}{i} \, 2^{-(b+c)}\Big) $$
#
# Worked: $b = 1$, $c = 5$. Of 6 coins at most 1 shows heads with probability (1 + 6)/64 = 0.109, twice that is $p$ = 0.219: six
# disagreements prove nothing.


# %% topics=["E-11"] nbgrader={"grade": false, "grade_id": "mcnemar", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mcnemar(y, first, second):
    """McNemar's exact test of two classifiers on the same images.

    y: true labels (N,), first, second: predicted labels (N,) of two classifiers.
    Returns (b, c, p): how many images only the first gets wrong, how many only the second, and the two-sided exact
    p-value, 1.0 where they never disagree in being right.
    """
    ### BEGIN SOLUTION
    from math import comb

    first_wrong, second_wrong = np.asarray(first) != y, np.asarray(second) != y
    b, c = int(np.sum(first_wrong & ~second_wrong)), int(np.sum(second_wrong & ~first_wrong))
    tail = sum(comb(b + c, i) for i in range(min(b, c) + 1))  # Python's own integers: they never overflow
    return b, c, min(1.0, 2 * tail / 2 ** (b + c))
    ### END SOLUTION


# %% topics=["E-11"] nbgrader={"grade": true, "grade_id": "mcnemar-worked", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The worked example
from course import checks
import numpy as np

y = np.zeros(20, int)
first, second = y.copy(), y.copy()
first[0], second[1:6] = 1, 1
first[10:12], second[10:12] = 1, 2  # both wrong, in different ways
b, c, p = mcnemar(y, first, second)
checks.integer(
    b,
    1,
    unless={"count the images that ONLY the first gets wrong": 3, "b and c are swapped: b is the first net's": 5},
    hint="b = 1",
    what="b",
)
checks.integer(c, 5, unless={"count the images that ONLY the second gets wrong": 7}, hint="c = 5", what="c")
checks.close(
    p,
    14 / 64,
    rtol=1e-6,
    unless={"two-sided: twice the one tail": 7 / 64, "at most min(b, c): include the case itself": 2 / 64},
    hint="2 · (1 + 6) / 64",
    what="p",
)
checks.passed("b, c and p of the worked example", points=0)

# %% topics=["E-11"] nbgrader={"grade": true, "grade_id": "mcnemar-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Equal nets
# When graded: random predictions, against the same sum in logarithms
from course import checks
import numpy as np

checks.close(
    mcnemar(np.arange(5), np.arange(5), np.arange(5))[2], 1.0, hint="nets that never disagree: p = 1", what="p"
)
### BEGIN HIDDEN TESTS
from math import exp, lgamma, log

rng = np.random.default_rng(55)
for n, worse in ((300, 0.1), (2000, 0.02), (50, 0.5), (40, 0.0), (9000, 0.3)):
    y = rng.integers(0, 10, n)
    first = np.where(rng.random(n) < 0.1, rng.integers(0, 10, n), y)
    second = np.where(rng.random(n) < 0.1 + worse, rng.integers(0, 10, n), y)
    b = sum(1 for t, f, s in zip(y, first, second, strict=True) if f != t and s == t)
    c = sum(1 for t, f, s in zip(y, first, second, strict=True) if f == t and s != t)
    got = checks.unchanged(mcnemar, y, first, second)
    checks.equal(list(got[:2]), [b, c], hint="b and c count the images that exactly one of the two gets wrong")
    heads = np.arange(min(b, c) + 1)
    chances = [exp(lgamma(b + c + 1) - lgamma(i + 1) - lgamma(b + c - i + 1) - (b + c) * log(2)) for i in heads]
    p = min(1.0, 2 * sum(chances))
    full = "2 ** (b + c) does not fit NumPy's 64-bit integers: count b and c as Python's ints, int(…), or use SciPy"
    unless = {full: 1.0} if b + c > 62 and p < 0.5 else {}
    checks.close(
        got[2], p, rtol=1e-5, atol=1e-12, unless=unless, hint="the exact two-sided p-value, never above 1", what="p"
    )
### END HIDDEN TESTS
checks.passed(
    "nets that never disagree have p = 1", points=0, later="random predictions, up to thousands of disagreements"
)

# %% topics=["E-11"] nbgrader={"grade": false, "grade_id": "mcnemar-result", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("mcnemar", "train"):
    if data.test.labelled:
        b, c, p = mcnemar(test_y, test_guesses["the notes' CNN"], test_guesses["the MLP"])
        print(f"of {len(test_y):,} test images only the CNN misses {b}, only the MLP {c}: p = {p:.2g}")
