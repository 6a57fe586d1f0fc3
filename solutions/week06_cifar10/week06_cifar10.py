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

# %% [markdown] topics=["F1"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 6 · Small photographs, and how to train on them
#
# **Afterwards you can** build and read a net for colour photographs, take one step of SGD, momentum and Adam by hand, write a
# learning-rate schedule and a dropout that are right, tell from two curves what ails a training, and *ablate instead of guess*. **Time** 4 to
# 5 hours. **You need** weeks 3 to 5: counting weights, a pipeline that does not leak, a net under a budget.
#
# The lecture's CIFAR net has 528,054 weights, trains for one epoch, reaches 44 %, and is never tested. You will end
# above **75 %** with fewer than **100,000** weights.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import checks, datasets, evaluation, plots, profile, training

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)

# %% topics=["F1"] nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("cifar10", PROFILE, seed=SEED)
x_train, y_train = evaluation.scaled(data.train.x), data.train.y
x_val, y_val = evaluation.scaled(data.validation.x), data.validation.y
print(data)
print("images a class:", np.bincount(y_train))

# %% [markdown] topics=["F1", "F2"] nbgrader={"grade": false, "grade_id": "data-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Ten kinds of thing, 32×32, in colour
#
# CIFAR-10: 60,000 photographs, 32×32×3, ten classes, as many of each; a download of 170,498,071 bytes. Small enough for
# your laptop, and hard enough that a dense net hardly gets above half. In the quick profile ten kinds of generated coloured shapes
# stand in for it: the same shape of array, a far easier task, and **no word about CIFAR-10**.
#
# Two traps before we begin. Keras's own loader gives the labels as a **column**, `(50000, 1)`. Compare a column with a row of predictions,
# `(y == predicted).mean()`, and NumPy broadcasts to 50,000 × 50,000 comparisons: out comes about 0.1, whatever your net can do. Our loader
# has flattened them; your functions will meet columns all the same. And the pixels are scaled **once**: `evaluation.scaled` has divided by
# 255 already. Who divides again feeds the net 0.000 to 0.004, and wonders why it learns so slowly.

# %% topics=["F1"] nbgrader={"grade": false, "grade_id": "grid-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
plots.image_grid(
    x_train[:36],
    [data.classes[label] for label in y_train[:36]],
    columns=9,
    title=f"The first {len(x_train[:36])} training images",
)
plt.show()

# %% [markdown] topics=["F1", "E6"] nbgrader={"grade": false, "grade_id": "grid-question", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** The lecture's cell says `fig = plt.figure(figsize=(20, 5))`, `for i in range(36):`, and above it stands
# "plot the first 24 training images". Count ours. A title that is typed goes stale when the code below it changes; a title that is *computed*, as in the cell
# above, cannot.

# %% [markdown] topics=["F4"] nbgrader={"grade": false, "grade_id": "lecture-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · The lecture's net, line by line
#
# Three rounds of [2×2 convolution, pooling], then dropout, flatten, a wide dense layer, dropout, ten classes. Predict the last
# column before you read it, as in week 3:
#
# | layer | output | weights |
# |---|---|---|
# | convolution, 16 kernels 2×2, same, ReLU | 32×32×16 | (2·2·3 + 1)·16 = 208 |
# | max pooling 2 | 16×16×16 | 0 |
# | convolution, 32 kernels 2×2, same, ReLU | 16×16×32 | (2·2·16 + 1)·32 = 2,080 |
# | max pooling 2 | 8×8×32 | 0 |
# | convolution, 64 kernels 2×2, same, ReLU | 8×8×64 | (2·2·32 + 1)·64 = 8,256 |
# | max pooling 2 | 4×4×64 | 0 |
# | dropout 0.3, flatten | 1,024 | 0 |
# | dense 500, ReLU | 500 | 1,025·500 = 512,500 |
# | dropout 0.4, dense 10, softmax | 10 | 501·10 = 5,010 |
# | **in all** | | **528,054** |
#
# 97 % of the weights sit in one layer, and its input, the 4×4 map, is what three poolings have left. A number of that map has seen 15 pixels of 32: with
# jumps 1, 2, 4 and kernels of 2 the field grows 2, 3, 5, 7, 11, 15. Kernels of 2×2 have no centre (week 2): each layer looks
# half a pixel down and right.

# %% topics=["F4"] nbgrader={"grade": false, "grade_id": "stages-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
image = x_train[int(np.flatnonzero(y_train == 7)[0])]
fig, axes = plt.subplots(1, 4, figsize=(11, 3.5), layout="constrained")
for ax, side in zip(axes, (32, 16, 8, 4), strict=True):
    block = 32 // side
    ax.imshow(image.reshape(side, block, side, block, 3).max(axis=(1, 3)))
    ax.set(title=f"{side}×{side}", xlabel="column", xticks=[0, side - 1], yticks=[0, side - 1])
axes[0].set_ylabel("row")
fig.suptitle(f"One {data.classes[7]} through three max poolings of 2×2: what is left for the dense layer")
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-build_lecture_cifar", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `build_lecture_cifar` (10 points)
#
# Write the table as code. Checked by what the net computes, so `Sequential` or functional, as you like.


# %% topics=["F4"] nbgrader={"grade": false, "grade_id": "build_lecture_cifar", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_lecture_cifar():
    """The lecture's CIFAR net as in the table, fresh weights, not compiled.

    Returns a keras.Model: input (32, 32, 3), scaled to [0, 1]; output (10,), probabilities. All weights trainable.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    return keras.Sequential(
        [
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
        ]
    )
    ### END SOLUTION


# %% topics=["F4"] nbgrader={"grade": true, "grade_id": "build_lecture_cifar-total", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: 528,054 weights, every one of them trainable.
import numpy as np

from course import blocks, checks

net = blocks.as_model(build_lecture_cifar(), "build_lecture_cifar's result")
checks.integer(
    net.count_params(),
    528_054,
    unless={
        "the kernels are 3×3: the lecture's are 2×2": 448 + 4_640 + 18_496 + 512_500 + 5_010,
        "the convolutions have no padding: with padding='same' the maps stay 32, 16 and 8 wide": 208
        + 2_080
        + 8_256
        + 288_500
        + 5_010,
        "the third pooling is missing: 8×8×64 values reach the dense layer": 208 + 2_080 + 8_256 + 2_048_500 + 5_010,
        "the dense layer of 500 is missing": 208 + 2_080 + 8_256 + 10_250,
        "the biases are missing": 192 + 2_048 + 8_192 + 512_000 + 5_000,
        "the input is grey: a colour image has three channels": 80 + 2_080 + 8_256 + 512_500 + 5_010,
        "a global average stands where the lecture flattens: a better idea, but another net": 208
        + 2_080
        + 8_256
        + 32_500
        + 5_010,
        "batch norm does not occur in the lecture's net": 528_054 + 4 * 112,
    },
    hint="208 + 2,080 + 8,256 + 512,500 + 5,010: compare your net.summary() with the table, line by line",
)
checks.equal(
    sum(int(np.prod(w.shape)) for w in net.trainable_weights),
    528_054,
    hint="some weights are frozen (trainable=False): a random layer that never learns is no saving",
)

# %% topics=["F4"] nbgrader={"grade": true, "grade_id": "build_lecture_cifar-shapes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the sizes on the way, and what goes in and comes out.
import keras

from course import blocks, checks

net = blocks.as_model(build_lecture_cifar(), "build_lecture_cifar's result")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="an image comes in as 32×32×3")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
path = []
for layer, output in blocks.steps(net)[1]:
    shape = tuple(output.shape)[1:]
    padded = isinstance(layer, keras.layers.ZeroPadding2D)  # padding in a layer of its own is no station
    if len(shape) == 3 and shape != (32, 32, 3) and not padded and (not path or path[-1] != shape):
        path.append(shape)
checks.equal(
    path,
    [(32, 32, 16), (16, 16, 16), (16, 16, 32), (8, 8, 32), (8, 8, 64), (4, 4, 64)],
    unless={
        "a stride of 2 is no pooling: convolve at full size, then take the maximum of 2×2": [
            (16, 16, 16),
            (8, 8, 32),
            (4, 4, 64),
        ],
        "without padding='same' each convolution takes a pixel": [
            (31, 31, 16),
            (15, 15, 16),
            (14, 14, 32),
            (7, 7, 32),
            (6, 6, 64),
            (3, 3, 64),
        ],
    },
    hint="32×32×16, pooled to 16×16×16, and so on down to 4×4×64: three pooling stages",
)

# %% topics=["F4"] nbgrader={"grade": true, "grade_id": "build_lecture_cifar-behaviour", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: in use, without dropout, the same image gives the same ten probabilities. Hidden: random weights against an
# independent computation; what the two dropouts do in training, where they stand, and at which rates.
import numpy as np

from course import blocks, checks

net = blocks.as_model(build_lecture_cifar(), "build_lecture_cifar's result", (32, 32, 3))
images = np.random.default_rng(0).random((4, 32, 32, 3)).astype("float32")
out = np.asarray(net(images, training=False))
checks.close(np.asarray(net(images, training=False)), out, hint="without training, dropout does nothing")
checks.true(
    bool((out >= 0).all()) and bool(np.allclose(out.sum(axis=1), 1, atol=1e-4)),
    "the ten outputs should be probabilities: end in a softmax",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(61)
weights = net.get_weights()
checks.equal(
    [w.shape for w in weights],
    [(2, 2, 3, 16), (16,), (2, 2, 16, 32), (32,), (2, 2, 32, 64), (64,), (1024, 500), (500,), (500, 10), (10,)],
    hint="the weights, from first to last layer, do not have the shapes of the table",
)
values = [rng.normal(0, 1.2 / np.sqrt(np.prod(w.shape[:-1])) if w.ndim > 1 else 0.2, w.shape) for w in weights]
net.set_weights([v.astype("float32") for v in values])


def relu(a):
    return np.maximum(a, 0)


def forward(pool="max", act=relu, dense=relu, scale=1.0):
    a = images[0].astype(float) * scale
    for kernels, bias in zip(values[0:6:2], values[1:6:2], strict=True):
        padded = np.pad(a, ((0, 1), (0, 1), (0, 0)))
        # (y, x, channel, row, column): the window at each place
        seen = np.lib.stride_tricks.sliding_window_view(padded, kernels.shape[:2], axis=(0, 1))
        a = np.tensordot(seen, kernels, axes=([3, 4, 2], [0, 1, 2]))
        a = act(a + bias)
        windows = a.reshape(a.shape[0] // 2, 2, a.shape[1] // 2, 2, -1)
        a = windows.max(axis=(1, 3)) if pool == "max" else windows.mean(axis=(1, 3))
    a = dense(a.reshape(-1) @ values[6] + values[7]) @ values[8] + values[9]
    a = np.exp(a - a.max())
    return a / a.sum()


checks.close(
    np.asarray(net(images[:1], training=False))[0],
    forward(),
    rtol=1e-3,
    atol=1e-5,
    unless={
        "the convolutions have no activation: activation='relu' in all three": lambda: forward(act=lambda a: a),
        "the dense layer of 500 has no activation: activation='relu'": lambda: forward(dense=lambda a: a),
        "there is no ReLU anywhere: the whole net is one linear function": lambda: forward(
            act=lambda a: a, dense=lambda a: a
        ),
        "the pooling takes the mean: the lecture takes the maximum": lambda: forward(pool="mean"),
        "the net divides by 255 itself: the images are scaled already": lambda: forward(scale=1 / 255),
    },
    hint="with the same weights your net computes something else than the lecture's",
)

# Dropout, measured: the dense layers are turned into probes, whose output says how many of their inputs were dropped.
rates = {}
for name in ("before the dense layer of 500", "before the last layer"):
    probe = [np.zeros_like(v, "float32") for v in values]
    probe[5][:] = 1  # the last convolution gives ones everywhere
    if name.startswith("before the dense"):
        probe[6][:, 0] = 1 / 1024  # unit 0: mean of the 1,024 inputs; only one unit, whose own dropout we see as 0
        probe[8][0, 0] = 1.0
    else:
        probe[7][:] = 1  # 500 ones
        probe[8][:, 0] = 1 / 500
    net.set_weights(probe)
    out = np.asarray(net(np.zeros((200, 32, 32, 3), "float32"), training=True))
    logit = np.log(out[:, 0] / out[:, 1])
    if name.startswith("before the dense"):
        kept = logit[logit > 1e-6]
        checks.true(len(kept) > 0, "something between the convolutions and the output always gives 0 in training")
        rates[name] = (float(np.std(kept / np.mean(kept)) ** 2 * 1024), float(np.mean(logit < 1e-6)))
    else:
        rates[name] = (float(np.std(logit / np.mean(logit)) ** 2 * 500), 0.0)
first, last = rates["before the dense layer of 500"], rates["before the last layer"]
# Of n inputs, each kept with q = 1 - p and scaled by 1 / q, the mean has a relative variance of p / (q n).
checks.true(
    first[0] > 0.05 and last[0] > 0.05,
    "a dropout is missing: one stands before the dense layer of 500, one before the last layer",
    f"found rates near {first[0] / (1 + first[0]):.2f} and {last[0] / (1 + last[0]):.2f}",
)
spread = (first[0] / (1 + first[0]), last[0] / (1 + last[0]))
checks.true(
    not (0.34 < spread[0] < 0.47 and 0.24 < spread[1] < 0.345),
    "the two dropout rates are swapped: 0.3 stands before the dense layer of 500, 0.4 behind it",
)
checks.between(first[0] / (1 + first[0]), 0.22, 0.38, hint="the first dropout, behind the poolings, has a rate of 0.3")
checks.between(last[0] / (1 + last[0]), 0.32, 0.48, hint="the second dropout, before the last layer, has a rate of 0.4")
### END HIDDEN TESTS

# %% [markdown] topics=["F3", "H5", "E8"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Split once more, and mind the twins
#
# The lecture cuts: `x_train[5000:]` to train, `x_train[:5000]` to validate. With CIFAR-10 that happens to work, as its file is in random order. On
# a file that is sorted by class the first 5,000 images are all aeroplanes. And **what is wrong here?** A slide offers three splits:
# 70/15/15, **90/10/10**, 60/20/20. One of them cannot be cut from any data set.
#
# Photographs bring one more trap. The web holds the same picture many times, and so do collections made from it: about 3 % of CIFAR-10's test
# images have a near copy among its training images. An image in the training part with its **twin** in the test part is
# an exam question that was handed out with its answer. Exact copies can be found and kept together; the same goes for an image and its mirrored version, which is why one
# splits first and augments afterwards.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-split", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `split` (10 points)
#
# As in week 4: class by class, one shuffled order for images and labels. New: labels may come as a column, and **copies stay together**. A way that
# works: find out which images are the same (`image.tobytes()` is the same for two images exactly when their pixels are), shuffle
# the *distinct* ones, cut them at the cumulative fractions, and let each take its copies along.


# %% topics=["F3", "H5", "E8"] nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(x, y, fractions=(0.8, 0.1, 0.1), seed=0):
    """Split images and labels into disjoint parts, every class in its share, copies of an image in one part.

    x: array (N, …). y: integer labels, (N,) or (N, 1). fractions: the share of each part, positive, summing to 1 (up to
    rounding). Returns a list with one pair (x_part, y_part) for each fraction; y_part has shape (n,), images and labels
    belong together as before. Every image is in exactly one part; images that are equal in every pixel (their labels are equal, too) are
    in the same part. Each class gives each part its fraction of its DISTINCT images, rounded up or down (two off at most).
    The same seed gives the same split, another seed another one. The arguments are not changed.
    Raises ValueError when the fractions do not sum to 1, when one is not positive, or when x and y differ in length.
    """
    ### BEGIN SOLUTION
    if len(x) != len(y):
        raise ValueError(f"{len(x)} images and {len(y)} labels")
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions must be positive and sum to 1, not to {sum(fractions):g}")
    rng = np.random.default_rng(seed)
    labels = np.asarray(y).reshape(-1)
    first_seen = {}
    twin_of = np.array([first_seen.setdefault(image.tobytes(), number) for number, image in enumerate(x)])
    part_of = np.zeros(len(x), int)
    for label in np.unique(labels):
        distinct = rng.permutation(np.unique(twin_of[labels == label]))
        cuts = np.round(np.cumsum(fractions)[:-1] * len(distinct)).astype(int)
        for number, piece in enumerate(np.split(distinct, cuts)):
            part_of[piece] = number
    part_of = part_of[twin_of]
    orders = [rng.permutation(np.flatnonzero(part_of == number)) for number in range(len(fractions))]
    return [(x[order], labels[order]) for order in orders]
    ### END SOLUTION


# %% topics=["F3"] nbgrader={"grade": true, "grade_id": "split-pairs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: 200 numbered images of four classes, with labels as a column.
import numpy as np

from course import checks

y = (np.arange(200) % 4).reshape(200, 1)
x = np.arange(200, dtype="float32").reshape(200, 1, 1) * np.ones((1, 2, 2), "float32")  # image i is full of i
parts = checks.unchanged(split, x, y, (0.7, 0.15, 0.15))
checks.true(
    isinstance(parts, (list, tuple)) and len(parts) == 3 and all(len(part) == 2 for part in parts),
    "split returns a list with one pair (x_part, y_part) for each fraction",
)
for (part_x, part_y), wanted, name in zip(parts, (140, 30, 30), ("first", "second", "third"), strict=True):
    part_x, part_y = np.asarray(part_x), np.asarray(part_y)
    checks.shape(
        part_y,
        (len(part_x),),
        unless={"labels of shape (N, 1) come back as a column: flatten them": (len(part_x), 1)},
        hint=f"the {name} part has one label for each image",
        what="y_part",
    )
    checks.between(len(part_y), wanted - 4, wanted + 4, hint=f"of 200 images the {name} part of 70/15/15 gets {wanted}")
    checks.equal(part_x.shape[1:], (2, 2), hint="the images themselves are not to be changed")
    checks.true(
        np.array_equal(y[part_x[:, 0, 0].astype(int), 0], part_y),
        "images and labels no longer belong together: shuffle one order of positions and use it for x and for y",
    )

# %% topics=["E8", "H5"] nbgrader={"grade": true, "grade_id": "split-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: fractions that are no split, among them the slide's 90/10/10, and one that only looks wrong.
import numpy as np

from course import checks

x, y = np.arange(120.0).reshape(40, 3), np.arange(40) % 2
checks.raises(ValueError, lambda: split(x, y, (0.9, 0.1, 0.1)), hint="90/10/10 sums to 110 %")
checks.raises(ValueError, lambda: split(x, y, (0.6, 0.2)), hint="60/20 leaves a fifth of the images without a part")
checks.raises(ValueError, lambda: split(x, y, (1.2, -0.2)), hint="a negative fraction")
checks.raises(ValueError, lambda: split(x, y[:39]), hint="40 images and 39 labels")
try:
    parts = split(x, y, (0.7, 0.2, 0.1))
except ValueError:
    checks.fail("0.7 + 0.2 + 0.1 is 0.9999999999999999 in floats: compare with a tolerance, not with ==")
checks.equal(len(parts), 3, hint="70/20/10 makes three parts")

# %% topics=["F3"] nbgrader={"grade": true, "grade_id": "split-stratified", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: labels that come sorted. Hidden: rare classes, other fractions; nothing lost, nothing twice; seeds.
import numpy as np

from course import checks

x, y = np.arange(300.0)[:, None], np.repeat([0, 1, 2], 100)
for part in split(x, y, (0.6, 0.2, 0.2)):
    checks.equal(
        len(np.unique(np.asarray(part[1]))),
        3,
        hint="every part needs every class: the lecture's slices work only on a file in random order, so shuffle",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(62)
counts = np.array([400, 20, 700, 40, 60])
y = rng.permutation(np.repeat(np.arange(5), counts))
x = np.arange(len(y))[:, None]
for fractions, seed in (((0.7, 0.15, 0.15), 0), ((0.5, 0.25, 0.25), 7), ((0.81, 0.19), 3), ((1.0,), 4)):
    parts = split(x, y, fractions, seed)
    numbers = np.concatenate([np.asarray(part[0])[:, 0] for part in parts])
    checks.true(len(np.unique(numbers)) == len(numbers), "an image is in two parts: cut one shuffled order into pieces")
    checks.true(len(numbers) == len(x), "images are lost: the last part ends where the data ends")
    for part, fraction in zip(parts, fractions, strict=True):
        checks.true(
            np.array_equal(y[np.asarray(part[0])[:, 0]], np.asarray(part[1])),
            "images and labels no longer belong together",
        )
        found = np.bincount(np.asarray(part[1]), minlength=5)
        checks.true(
            bool(np.abs(found - fraction * counts).max() <= 2),
            "the classes do not have their share in each part: split class by class",
        )
first, again, other = split(x, y, seed=5), split(x, y, seed=5), split(x, y, seed=6)
checks.true(
    all(np.array_equal(a[0], b[0]) for a, b in zip(first, again, strict=True)),
    "the same seed must give the same split: use default_rng(seed)",
)
checks.true(
    not np.array_equal(np.sort(np.asarray(first[0][0]).ravel()), np.sort(np.asarray(other[0][0]).ravel())),
    "another seed must give another split: the seed is not used, or nothing is shuffled",
)
### END HIDDEN TESTS

# %% topics=["F3", "H5"] nbgrader={"grade": true, "grade_id": "split-twins", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: sixty images, each of them twice. Hidden: some images have several copies, in random places.
import numpy as np

from course import checks


def parts_of_each(parts):
    """{image: the parts in which it occurs}"""
    found = {}
    for number, (images, _) in enumerate(parts):
        for image in np.asarray(images):
            found.setdefault(image.tobytes(), set()).add(number)
    return found


x = np.repeat(np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3), dtype=np.uint8), 2, axis=0)
y = np.repeat(np.arange(60) % 3, 2)
parts = split(x, y, (0.5, 0.25, 0.25))
torn = sum(len(where) > 1 for where in parts_of_each(parts).values())
checks.true(
    torn == 0,
    "twins are torn apart: an image is in one part and its exact copy in another, so a test on it measures memory",
    f"{torn} of 60 images are in several parts",
)
checks.equal(
    sum(len(part[1]) for part in parts),
    120,
    unless={"copies are thrown away: they stay, all in the part of their twin": 60},
    hint="every image is in exactly one part, copies too",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(63)
distinct = rng.random((150, 3, 3)).astype("float32")
distinct[1:40, 0] = distinct[0, 0]  # equal in their first row only: no twins
which = rng.permutation(np.concatenate([np.arange(150), rng.integers(0, 150, 80)]))
x, y = distinct[which], (which % 3)[:, None]
for fractions in ((0.6, 0.2, 0.2), (0.75, 0.25)):
    parts = checks.unchanged(split, x, y, fractions, 9)
    found = parts_of_each(parts)
    checks.true(all(len(where) == 1 for where in found.values()), "twins are torn apart, also where they are many")
    checks.equal(sum(len(part[1]) for part in parts), len(x), hint="every image is in exactly one part, copies too")
    checks.equal(len(found), 150, hint="each distinct image is still there")
    for number, fraction in enumerate(fractions):
        share = sum(where == {number} for where in found.values())
        checks.true(
            abs(share - fraction * 150) <= 6,
            "the parts do not have their share of the distinct images: are images taken for twins that differ somewhere?",
        )
    label_of = {image.tobytes(): int(label) for image, label in zip(distinct, np.arange(150) % 3, strict=True)}
    right = all(
        label_of[image.tobytes()] == int(label)
        for images, labels in parts
        for image, label in zip(np.asarray(images), np.asarray(labels), strict=True)
    )
    checks.true(right, "images and labels no longer belong together")
### END HIDDEN TESTS

# %% [markdown] topics=["F5", "E7"] nbgrader={"grade": false, "grade_id": "epoch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · What one epoch is worth
#
# The lecture trains its net with `rmsprop`, batches of 32: 45,000 / 32 = 1406.25, so 1,407 steps an epoch. Its log has a single line:
# loss 1.6098, accuracy 0.4163, validation accuracy **0.4406**; then the notebook goes on to draw predictions. **What is missing here?** Two things.
# One epoch says next to nothing about a net: the curve has just begun. And the test set, which the notebook loads, is never used: 0.4406 is a *validation*
# number. The net's accuracy on test images is not known.
#
# Below, the same epoch with your `build_lecture_cifar`. (On the small shapes it comes out differently. In the full profile ours came to 0.409 in training, like the lecture's, and to
# **0.537** on its validation images: ten points above the lecture's number, with the same net and recipe. After one epoch at a fixed rate, a validation accuracy is hardly a measurement.)


# %% topics=["F5", "E7"] nbgrader={"grade": false, "grade_id": "lecture-epoch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def train_lecture(model):
    """One epoch, as the lecture has it; integer labels instead of one-hot ones."""
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=1, batch_size=32, title="lecture")


with checks.waiting_for("build_lecture_cifar"):
    lecture_net, lecture_history = training.trained("lecture", build_lecture_cifar, train_lecture)
    print(
        f"steps in an epoch: {-(-len(x_train) // 32):,}; validation accuracy {lecture_history['val_accuracy'][-1]:.4f}"
    )

# %% [markdown] topics=["F2", "I5"] nbgrader={"grade": false, "grade_id": "bowl-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Down the bowl
#
# What does `rmsprop` *do* with the gradient that backpropagation hands it? Take the simplest landscape there is, a bowl in two weights:
#
# $$ L(w_1, w_2) = \tfrac12\,(w_1^2 + 25\,w_2^2), \qquad \nabla L = (w_1,\; 25\,w_2) $$
#
# It is **elongated**: 25 times steeper across than along. Such bowls come from features on unequal scales (one input in
# 0 to 255, another in 0 to 1). Gradient descent, $w \leftarrow w - \eta\, \nabla L$, has one rate for both directions, and the steep one decides: above
# $\eta = 2/25 = 0.08$ each step overshoots by more than the last, and the loss explodes. Below it, the flat direction crawls. **Scale the
# features**, and the bowl is round: one step of the right size is enough. That is why images are divided by 255, and one reason why batch norm helps.
#
# Where scaling does not reach, in the middle of a net, two ideas help:
#
# - **Momentum** keeps a velocity, $v \leftarrow \beta v - \eta\,\nabla L$, $\;w \leftarrow w + v$. Gradients that agree add up (up to $1/(1-\beta)$,
#   tenfold for 0.9), gradients that flip sign cancel.
# - **Adam** keeps a running mean $m$ of the gradient and $v$ of its *square*, coordinate by coordinate, and divides by the root: each weight gets its
#   own rate. Both begin at 0 and so are too small at first; **bias correction** divides that out:
#
# $$ m \leftarrow \beta_1 m + (1-\beta_1)\,g, \quad v \leftarrow \beta_2 v + (1-\beta_2)\,g^2, \quad
#    \hat m = \frac{m}{1-\beta_1^t}, \quad \hat v = \frac{v}{1-\beta_2^t}, \quad w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon} $$
#
# Worked, the first step of Adam ($t = 1$): $\hat m = g$ and $\hat v = g^2$, so $w$ moves by $\eta\, g/|g|$: by exactly $\eta$ in *every* direction, steep or flat.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-optimizer_steps", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `sgd_step`, `momentum_step`, `adam_step` (15 points)
#
# One step each. The caller keeps what has to be kept between steps, and hands it in again; your functions change none of their arguments
# (`w -= …` on an array would).


# %% topics=["I5"] nbgrader={"grade": false, "grade_id": "optimizer_steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(w, gradient, rate):
    """One step of gradient descent. w, gradient: arrays of one shape; rate: a float. Returns the new w."""
    ### BEGIN SOLUTION
    return w - rate * gradient
    ### END SOLUTION


def momentum_step(w, velocity, gradient, rate, momentum=0.9):
    """One step with momentum, the velocity in the units of w: v <- momentum · v - rate · gradient, w <- w + v.

    Returns (new w, new velocity). The first step is made with a velocity of zeros.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity - rate * gradient
    return w + velocity, velocity
    ### END SOLUTION


def adam_step(w, m, v, t, gradient, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """One step of Adam, with bias correction, as in the formulas above (epsilon is added to the root).

    m, v: the running means before this step, zeros before the first. t: the number of THIS step, 1 for the first.
    Returns (new w, new m, new v); m and v as they are to be handed in next time, not divided by 1 - beta^t.
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * gradient**2
    corrected_m, corrected_v = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - rate * corrected_m / (np.sqrt(corrected_v) + epsilon), m, v
    ### END SOLUTION


# %% topics=["I5"] nbgrader={"grade": true, "grade_id": "optimizer_steps-sgd", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: three steps down the bowl from (10, 1) at a rate of 0.06.
import numpy as np

from course import checks

slope, w, path = np.array([1.0, 25.0]), np.array([10.0, 1.0]), []
for _ in range(3):
    w = sgd_step(w, slope * w, 0.06)
    path.append(w)
checks.close(
    path,
    [[9.4, -0.5], [8.836, 0.25], [8.30584, -0.125]],
    atol=1e-6,
    unless={
        "that climbs: the gradient points uphill, so subtract it": [[10.6, 2.5], [11.236, 6.25], [11.91016, 15.625]]
    },
    hint="w - rate · gradient: 10 - 0.06 · 10 = 9.4, and 1 - 0.06 · 25 = -0.5",
)

# %% topics=["I5"] nbgrader={"grade": true, "grade_id": "optimizer_steps-momentum", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: three steps from (10, 1) at a rate of 0.02, and the velocities.
import numpy as np

from course import checks

slope, w, v = np.array([1.0, 25.0]), np.array([10.0, 1.0]), np.zeros(2)
path, velocities = [], []
for _ in range(3):
    result = momentum_step(w, v, slope * w, 0.02)
    checks.true(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "momentum_step returns two things: the new w and the new velocity",
    )
    w, v = (np.asarray(part, float) for part in result)
    path.append(w)
    velocities.append(v)
checks.close(
    path,
    [[9.8, 0.5], [9.424, -0.2], [8.89712, -0.73]],
    atol=1e-6,
    unless={
        "this is Nesterov's look-ahead: here w moves by the new velocity, once": [
            [9.62, 0.05],
            [9.09244, -0.4025],
            [8.445283, -0.404875],
        ],
        "w moves by the old velocity: update the velocity first, then move by it": [
            [10.0, 1.0],
            [9.8, 0.5],
            [9.42, -0.45],
        ],
        "the gradient is not weighted by 1 - momentum here: velocities add up": [
            [9.98, 0.95],
            [9.94204, 0.8575],
            [9.887992, 0.731375],
        ],
        "the velocity is forgotten from step to step: this is plain gradient descent": [
            [9.8, 0.5],
            [9.604, 0.25],
            [9.41192, 0.125],
        ],
    },
    hint="first v = -0.02 · (10, 25) = (-0.2, -0.5), so w = (9.8, 0.5); then v = 0.9 · v - 0.02 · (9.8, 12.5)",
    what="the path",
)
checks.close(
    velocities,
    [[-0.2, -0.5], [-0.376, -0.7], [-0.52688, -0.53]],
    atol=1e-6,
    unless={
        "the velocity is in the units of w here: the rate and the minus are in it": [
            [10.0, 25.0],
            [18.8, 35.0],
            [26.344, 26.5],
        ]
    },
    hint="the velocity is momentum · v - rate · gradient",
    what="the velocities",
)

# %% topics=["I5"] nbgrader={"grade": true, "grade_id": "optimizer_steps-adam", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: three steps of Adam from (10, 1) at a rate of 0.5.
import numpy as np

from course import checks

slope, w, m, v, path = np.array([1.0, 25.0]), np.array([10.0, 1.0]), np.zeros(2), np.zeros(2), []
for t in (1, 2, 3):
    result = adam_step(w, m, v, t, slope * w, 0.5)
    checks.true(
        isinstance(result, (tuple, list)) and len(result) == 3, "adam_step returns three things: the new w, m and v"
    )
    w, m, v = (np.asarray(part, float) for part in result)
    path.append(w)
checks.close(
    path[0],
    [9.5, 0.5],
    atol=1e-5,
    unless={
        "the bias correction is missing: m and v begin at 0 and are too small at first": [8.418861, -0.581139],
        "the root is missing: divide by the root of v": [9.95, 0.98],
        "t is the number of this step, from 1: yours counts one too far": [9.627932, 0.627932],
        "only v is corrected: m is too small at first as well": [9.95, 0.95],
        "only m is corrected: v is too small at first as well": [-5.811388, -14.811388],
        "that climbs: subtract": [10.5, 1.5],
    },
    hint="the first step of Adam has the length of the rate in every direction: (9.5, 0.5)",
    what="w after the first step",
)
checks.close(
    path,
    [[9.5, 0.5], [9.000832, 0.03391], [8.503117, -0.335905]],
    atol=1e-5,
    hint="the first step is right, the next are not: m and v go on as they are, without correction, and t counts up",
    what="the path",
)
checks.close(m, [2.565083, 3.234775], atol=1e-4, hint="m: 0.9 of the old one, 0.1 of the gradient", what="m")
checks.close(
    v, [0.270975, 0.780564], atol=1e-4, hint="v: 0.999 of the old one, 0.001 of the SQUARED gradient", what="v"
)

# %% topics=["I5"] nbgrader={"grade": true, "grade_id": "optimizer_steps-keras", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: a first step of Adam with a large epsilon. Hidden: other shapes, rates and decays, against Keras's own optimisers.
import numpy as np

from course import checks

w, _, _ = adam_step(np.zeros(2), np.zeros(2), np.zeros(2), 1, np.array([4.0, -0.25]), 1.0, epsilon=0.25)
checks.close(
    w,
    [-4 / 4.25, 0.25 / 0.5],
    rtol=1e-4,
    unless={
        "epsilon stands outside the root: it is added to the root of v": [-0.992278, 0.447214],
        "epsilon is not used": [-1.0, 1.0],
    },
    hint="the first step is rate · g / (|g| + epsilon)",
)
### BEGIN HIDDEN TESTS
import keras

rng = np.random.default_rng(64)
for trial in range(3):
    shape = [(4,), (3, 2), (2, 2, 3)][trial]
    start = rng.normal(size=shape)
    gradients = [rng.uniform(0.5, 3, shape) * rng.choice([-1.0, 1.0], shape) for _ in range(6)]
    rate, momentum = float(rng.uniform(0.01, 0.3)), float(rng.uniform(0.5, 0.95))
    beta1, beta2 = float(rng.uniform(0.6, 0.95)), float(rng.uniform(0.9, 0.999))
    for name in ("sgd_step", "momentum_step", "adam_step"):
        variable = keras.Variable(start.astype("float32"))
        if name == "adam_step":
            optimizer = keras.optimizers.Adam(rate, beta_1=beta1, beta_2=beta2)
        else:
            optimizer = keras.optimizers.SGD(rate, momentum=0.0 if name == "sgd_step" else momentum)
        optimizer.build([variable])
        w, m, v = start, np.zeros(shape), np.zeros(shape)
        for t, gradient in enumerate(gradients, start=1):
            optimizer.apply([keras.ops.convert_to_tensor(gradient.astype("float32"))])
            if name == "sgd_step":
                w = sgd_step(w, gradient, rate)
            elif name == "momentum_step":
                w, v = momentum_step(w, v, gradient, rate, momentum)
            else:
                w, m, v = adam_step(w, m, v, t, gradient, rate, beta1, beta2)
            checks.close(
                w,
                keras.ops.convert_to_numpy(variable),
                rtol=2e-4,
                atol=2e-4,
                hint=f"{name} and Keras's optimiser part ways: are all arguments used, and does t count from 1?",
            )
### END HIDDEN TESTS

# %% topics=["I5"] nbgrader={"grade": true, "grade_id": "optimizer_steps-careful", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: no argument is changed. Hidden: a gradient of zero.
import numpy as np

from course import checks

w, g, m, v = np.array([1.0, -2.0]), np.array([0.5, 3.0]), np.array([0.1, 0.1]), np.array([0.2, 0.3])
words = "your function changes an array that it was given: w = w - …, not w -= …"
checks.unchanged(sgd_step, w, g, 0.1, hint=words)
checks.unchanged(momentum_step, w, m, g, 0.1, hint=words)
checks.unchanged(adam_step, w, m, v, 3, g, hint=words)
### BEGIN HIDDEN TESTS
still, _, _ = adam_step(w, np.zeros(2), np.zeros(2), 1, np.zeros(2), 0.1)
checks.close(
    still, w, hint="with a gradient of 0 nothing moves, and nothing is divided by 0: that is what epsilon is for"
)
moved, _ = momentum_step(w, m, np.zeros(2), 0.1)
checks.close(moved, w + 0.9 * m, hint="without a gradient the velocity carries on, a tenth slower")
### END HIDDEN TESTS

# %% [markdown] topics=["F2", "I5"] nbgrader={"grade": false, "grade_id": "bowl-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Now watch your three functions walk. On the left the bowl as it is, on the right the same bowl with its features scaled: there,
# plain descent goes straight home.


# %% topics=["F2", "I5"] nbgrader={"grade": false, "grade_id": "bowl-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def walk(step, slope, steps=40, start=(10.0, 1.0)):
    """Positions of `steps` steps from `start` on the bowl ½ Σ slope w². step: (w, gradient, state, t) → (w, state)."""
    w, state, path = np.array(start), None, [np.array(start)]
    for t in range(1, steps + 1):
        w, state = step(w, slope * w, state, t)
        path.append(w)
    return np.array(path)


def with_momentum(rate):
    return lambda w, g, state, t: momentum_step(w, np.zeros_like(w) if state is None else state, g, rate)


def with_adam(rate):
    def step(w, g, state, t):
        m, v = (np.zeros_like(w), np.zeros_like(w)) if state is None else state
        w, m, v = adam_step(w, m, v, t, g, rate)
        return w, (m, v)

    return step


with checks.waiting_for("sgd_step", "momentum_step", "adam_step"):
    long, round_bowl = np.array([1.0, 25.0]), np.array([1.0, 1.0])
    runs = {
        "SGD, rate 0.075": (walk(lambda w, g, state, t: (sgd_step(w, g, 0.075), None), long), "#0072B2", "o-"),
        "momentum 0.9, rate 0.02": (walk(with_momentum(0.02), long), "#D55E00", "s--"),
        "Adam, rate 0.5": (walk(with_adam(0.5), long), "#009E73", "^:"),
    }
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(12, 4.2), layout="constrained", gridspec_kw={"width_ratios": [3, 2]}
    )
    for ax, slope, high in ((left, long, 2.6), (right, round_bowl, 6)):
        grid_x, grid_y = np.meshgrid(np.linspace(-6, 11, 120), np.linspace(-high, high, 120))
        levels = np.geomspace(0.3, 120, 10)
        ax.contour(
            grid_x, grid_y, 0.5 * (slope[0] * grid_x**2 + slope[1] * grid_y**2), levels, cmap="viridis", alpha=0.6
        )
        ax.plot(0, 0, "k*", markersize=12)
        ax.set(xlabel="weight 1", ylabel="weight 2")
    for label, (path, color, style) in runs.items():
        left.plot(path[:, 0], path[:, 1], style, color=color, markersize=3.5, linewidth=1.2, label=label)
    left.set(title="Elongated bowl, 25 times steeper across: 40 steps", ylim=(-2.6, 2.6))
    left.legend(frameon=False, loc="lower left", fontsize=9)
    path = walk(lambda w, g, state, t: (sgd_step(w, g, 0.5), None), round_bowl, 10, (10.0, 5.0))
    right.plot(path[:, 0], path[:, 1], "o-", color="#0072B2", markersize=4, label="SGD, rate 0.5, 10 steps")
    right.set(title="The same, features scaled", aspect="equal")
    right.legend(frameon=False, loc="lower left", fontsize=9)
    plt.show()

# %% [markdown] topics=["F2", "I4"] nbgrader={"grade": false, "grade_id": "rate-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Two prices of an elongated bowl, paid by plain descent. Left: steps until the loss has fallen to a millionth, at the best rate for each bowl. Right: the loss after
# 50 steps on our bowl against the rate. A rate that is 5 % too high does not give a slightly worse result, it gives $10^{5}$. That is how a loss of 837,421,789 comes about.

# %% topics=["F2", "I4"] nbgrader={"grade": false, "grade_id": "rate-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("sgd_step"):
    conditions, needed = (1, 3, 10, 30, 100, 300), []
    for condition in conditions:
        slope, w, steps = np.array([1.0, float(condition)]), np.array([1.0, 1.0]), 0
        while 0.5 * (slope * w * w).sum() > 1e-6 * 0.5 * slope.sum() and steps < 5000:
            w, steps = sgd_step(w, slope * w, 2 / (1 + condition)), steps + 1
        needed.append(steps)
    rates = np.linspace(0.002, 0.1, 99)
    ends = [walk(lambda w, g, state, t, rate=rate: (sgd_step(w, g, rate), None), long, 50)[-1] for rate in rates]
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    left.loglog(conditions, needed, "o-", color="#0072B2")
    left.set(title="A longer bowl takes more steps", xlabel="steepest ÷ flattest direction", ylabel="steps needed")
    right.semilogy(rates, [max(0.5 * (long * end * end).sum(), 1e-12) for end in ends], color="#D55E00")
    right.axvline(2 / 25, color="0.4", linestyle=":", label="2 / 25 = 0.08")
    right.axhline(62.5, color="0.4", linewidth=0.8)
    right.annotate("loss at the start", (0.002, 62.5), xytext=(0, 4), textcoords="offset points", fontsize=9)
    right.set(title="The rate: too low, right, too high", xlabel="learning rate", ylabel="loss after 50 steps")
    right.legend(frameon=False, loc="lower left")
    for ax in (left, right):
        ax.grid(alpha=0.3)
    plt.show()

# %% [markdown] topics=["I6", "E17"] nbgrader={"grade": false, "grade_id": "schedule-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · A ladder, and a curve
#
# High rates get somewhere, low rates settle. So begin high and come down. The lecture's notes write it as a ladder, 0.01, 0.001, 0.0001, and as code:
#
# ```
# if epoch >= 20: rate = 0.01
# elif epoch >= 50: rate = 0.001
# elif epoch > 50: rate = 0.0001
# ```
#
# **What is wrong here?** Three things. The branches are tested from the top: an epoch of 60 is ≥ 20, so the first branch takes it, and the others **are never reached**.
# `>= 50` and `> 50` differ in a single epoch. And below 20 there is no rate at all. One more thing that no error message will tell you: **Keras counts epochs from 0**, while its log says "Epoch 1". Your
# 20th epoch is `epoch == 19`.
#
# The ladder has edges. The curve that most people use today has none: warm up to a peak, then come down along half a cosine, *per step*, not per epoch, until nothing
# is left at the very last step. With $s$ of $S$ steps done and a warm-up of $W = w S$ steps:
#
# $$ \eta(s) = \eta_\text{peak}\cdot\begin{cases} s / W & s < W \\ \tfrac12\left(1 + \cos\left(\pi\,\frac{s - W}{S - W}\right)\right) & s \ge W \end{cases} $$
#
# Worked: $S = 100$, $w = 0.25$, peak 0.4. Step 10: $0.4 \cdot 10/25 = 0.16$. Step 50: a third of the way down, $\cos 60° = 0.5$, so $0.4 \cdot 0.75 = 0.3$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-lr_schedule", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `lr_schedule` and `one_cycle` (15 points)
#
# `ladder` is keyword-only for a reason: Keras first calls a schedule with *two* arguments, epoch and current rate, and only when that raises a `TypeError`, with the epoch alone.


# %% topics=["I6", "E17"] nbgrader={"grade": false, "grade_id": "lr_schedule", "locked": false, "schema_version": 3, "solution": true, "task": false}
LADDER = {0: 0.01, 20: 0.001, 50: 0.0001}  # first epoch of a stage: its rate


def lr_schedule(epoch, *, ladder=LADDER):
    """The rate of an epoch on a ladder.

    epoch: as Keras counts, from 0. ladder: {first epoch of a stage: its rate}, in ANY order; each stage lasts until the
    next begins. Returns a float.
    Raises ValueError when the epoch is negative, and when no stage begins at 0.
    """
    ### BEGIN SOLUTION
    if epoch < 0:
        raise ValueError(f"epochs count from 0, not {epoch}")
    if 0 not in ladder:
        raise ValueError("the ladder has no stage that begins at epoch 0")
    return float(ladder[max(start for start in ladder if start <= epoch)])
    ### END SOLUTION


def one_cycle(step, steps, peak, warmup=0.25):
    """The rate of a step: straight up from 0 to `peak` in the first `warmup` share of the steps, then half a cosine to 0.

    step: 0 … steps. steps: the length of the whole training. warmup: share in [0, 1); 0 begins at the peak.
    Returns a float. Behind the end, step > steps, the rate stays 0.
    """
    ### BEGIN SOLUTION
    climb = warmup * steps
    if step >= steps:
        return 0.0
    if step < climb:
        return float(peak * step / climb)
    return float(peak * 0.5 * (1 + np.cos(np.pi * (step - climb) / (steps - climb))))
    ### END SOLUTION


# %% topics=["I6", "E17"] nbgrader={"grade": true, "grade_id": "lr_schedule-ladder", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's ladder at and beside its edges.
from course import checks

table = {epoch: lr_schedule(epoch) for epoch in (0, 19, 20, 49, 50, 51)}
checks.close(
    list(table.values()),
    [0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001],
    unless={
        "the later branches are shadowed: an epoch of 50 is also >= 20, so test the last stage first": [
            0.01,
            0.01,
            0.001,
            0.001,
            0.001,
            0.001,
        ],
        "a stage begins AT its epoch: >=, not >": [0.01, 0.01, 0.01, 0.001, 0.001, 0.0001],
        "Keras counts epochs from 0: no 1 is to be added": [0.01, 0.001, 0.001, 0.0001, 0.0001, 0.0001],
    },
    hint="0.01 up to epoch 19, 0.001 from 20 to 49, 0.0001 from 50 on",
    what="the rates of epochs 0, 19, 20, 49, 50, 51",
)
for rate in table.values():
    checks.true(
        isinstance(rate, float), "a rate is a plain float: Keras refuses other things", f"found {type(rate).__name__}"
    )

# %% topics=["I6"] nbgrader={"grade": true, "grade_id": "lr_schedule-any", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: another ladder, written in another order. Hidden: random ladders; rates that go up; the errors of the contract.
from course import checks

checks.close(
    [lr_schedule(epoch, ladder={5: 0.02, 0: 0.1, 9: 0.003}) for epoch in (0, 4, 5, 8, 9, 100)],
    [0.1, 0.1, 0.02, 0.02, 0.003, 0.003],
    hint="the ladder is an argument, and its stages may stand in any order",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(65)
for _ in range(6):
    starts = [0, *(int(s) for s in rng.choice(np.arange(1, 90), 4, replace=False))]
    rates = [float(r) for r in rng.uniform(1e-4, 0.5, 5)]
    ladder = dict(zip(starts, rates, strict=True))
    whole = np.empty(100)
    for start in sorted(starts):
        whole[start:] = ladder[start]
    tried = sorted({0, 99, *(s + d for s in starts for d in (-1, 0, 1))} - {-1, 100})
    checks.close(
        [checks.unchanged(lambda epoch, rungs: lr_schedule(epoch, ladder=rungs), epoch, ladder) for epoch in tried],
        whole[tried],
        hint="some epoch gets the rate of another stage: rates may go up as well as down, stages may stand in any order",
    )
checks.raises(ValueError, lambda: lr_schedule(-1), hint="a negative epoch")
checks.raises(ValueError, lambda: lr_schedule(7, ladder={3: 0.1, 9: 0.01}), hint="no stage begins at 0")
checks.raises(ValueError, lambda: lr_schedule(3, ladder={}), hint="an empty ladder")
### END HIDDEN TESTS

# %% topics=["I6"] nbgrader={"grade": true, "grade_id": "lr_schedule-one-cycle", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one hundred steps to a peak of 0.4, a quarter of them uphill.
from course import checks

steps = (0, 10, 25, 50, 75, 100)
checks.close(
    [one_cycle(step, 100, 0.4) for step in steps],
    [0.0, 0.16, 0.4, 0.3, 0.1, 0.0],
    atol=1e-7,
    unless={
        "the cosine begins behind the warm-up: (step - W) / (S - W), not step / S": [
            0.0,
            0.16,
            0.4 * 0.5 * (1 + 2**-0.5),
            0.2,
            0.4 * 0.5 * (1 - 2**-0.5),
            0.0,
        ],
        "the way down is half a cosine, not a straight line": [0.0, 0.16, 0.4, 0.4 * 2 / 3, 0.4 / 3, 0.0],
        "a cosine of a quarter turn: 1/2 (1 + cos), from 1 to 0 in half a turn": [
            0.0,
            0.16,
            0.4,
            0.4 * 3**0.5 / 2,
            0.2,
            0.0,
        ],
        "the warm-up is missing": [0.4 * 0.5 * (1 + c) for c in (1, 0.951057, 0.707107, 0.0, -0.707107, -1)],
    },
    hint="0 at the start, the peak after a quarter, half a cosine down to 0 at the end",
    what="the rates of steps 0, 10, 25, 50, 75 and 100",
)

# %% topics=["I6"] nbgrader={"grade": true, "grade_id": "lr_schedule-one-cycle-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: no warm-up, and behind the end. Hidden: other lengths, peaks and warm-ups; floats.
from course import checks

checks.close(
    [one_cycle(step, 8, 1.0, warmup=0) for step in (0, 4, 8, 9)],
    [1.0, 0.5, 0.0, 0.0],
    atol=1e-7,
    hint="without warm-up it begins at the peak; behind the end the rate stays 0, it does not rise again",
)
### BEGIN HIDDEN TESTS
import math

for steps, peak, warmup in ((1000, 0.05, 0.1), (37, 2.0, 0.3), (3520, 0.1, 0.5), (10, 0.01, 0.05)):
    top = warmup * steps
    for step in (0, 1, int(top), int(top) + 1, steps // 2, steps - 1, steps, 2 * steps):
        turn = (step - top) / (steps - top)
        expected = peak * step / top if step < top else peak * math.cos(math.pi / 2 * turn) ** 2 if turn < 1 else 0.0
        found = one_cycle(step, steps, peak, warmup)
        checks.close(found, expected, atol=1e-6 * peak, hint="with another length, peak or warm-up the rate is another")
        checks.true(isinstance(found, float), "a rate is a plain float", f"found {type(found).__name__}")
### END HIDDEN TESTS

# %% topics=["I6"] nbgrader={"grade": true, "grade_id": "lr_schedule-callback", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: as Keras calls it. Hidden: at other epochs.
import keras

from course import checks

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.5), "mse")
callback = keras.callbacks.LearningRateScheduler(lr_schedule)
callback.set_model(model)


def rate_in(epoch):
    """The optimiser's rate after Keras has begun `epoch` with your schedule."""
    callback.on_epoch_begin(epoch)
    return float(model.optimizer.learning_rate)


checks.close(rate_in(0), 0.01, rtol=1e-4, hint="in its first epoch, 0, Keras should train at 0.01", what="the rate")
checks.close(rate_in(20), 0.001, rtol=1e-4, hint="in its epoch 20 Keras should train at 0.001", what="the rate")
### BEGIN HIDDEN TESTS
for epoch, rate in ((19, 0.01), (49, 0.001), (50, 0.0001), (500, 0.0001)):
    checks.close(rate_in(epoch), rate, rtol=1e-4, hint="Keras trains some epoch at another rate", what="the rate")
### END HIDDEN TESTS

# %% topics=["I6", "E17"] nbgrader={"grade": false, "grade_id": "schedule-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("lr_schedule", "one_cycle"):
    epochs = np.arange(70)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    left.step(epochs, [lr_schedule(int(e)) for e in epochs], where="post", color="#0072B2", label="your lr_schedule")
    lecture_chain = [
        np.nan if e < 20 else 0.01 for e in epochs
    ]  # ">= 50" and "> 50" stand behind ">= 20": never reached
    left.step(
        epochs, lecture_chain, where="post", color="#D55E00", linestyle="--", label="the lecture's if … elif … elif"
    )
    left.set(yscale="log", title="A ladder", xlabel="epoch, counted from 0", ylabel="learning rate (log scale)")
    left.legend(frameon=False, loc="lower left")
    for warmup, style in ((0.25, "-"), (0.05, "--")):
        rates = [one_cycle(step, 1000, 0.1, warmup) for step in range(1001)]
        right.plot(
            rates, style, color="#0072B2" if warmup == 0.25 else "#009E73", label=f"warm-up {warmup:.0%} of the steps"
        )
    right.set(title="One cycle, 1,000 steps to a peak of 0.1", xlabel="step (one batch)", ylabel="learning rate")
    right.legend(frameon=False)
    for ax in (left, right):
        ax.grid(alpha=0.3)
    plt.show()

# %% [markdown] topics=["I1"] nbgrader={"grade": false, "grade_id": "dropout-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Dropout
#
# In training, each unit is switched off with probability $p$, anew for every image in every step. A unit can then not rely on one particular neighbour, and the net
# learns by heart less easily. The lecture takes 0.3 behind the poolings and 0.4 before the output. When the net is *used*, nothing is dropped.
#
# That makes a difference which must be paid for. With $p = 0.4$, the next layer gets on average only 60 % of what it will get in use. **Inverted dropout**
# settles it in training: what is kept is multiplied by $1/(1-p)$. Then the mean is right, and in use there is nothing left to do. Worked: $x = (1, 1, 1, 1, 1)$, $p = 0.4$, two
# units dropped: $(1.67, 0, 1.67, 1.67, 0)$, mean 1.
#
# In a map, neighbouring pixels say nearly the same, so a dropped pixel can be guessed from beside it. **Spatial dropout** switches off whole channels of an image instead.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-dropout", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `dropout` and `spatial_dropout` (15 points)
#
# All chance comes from `rng`, so that a training can be repeated.


# %% topics=["I1"] nbgrader={"grade": false, "grade_id": "dropout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout(x, p, rng, training=True):
    """Inverted dropout.

    x: array of floats. p: probability that a value is dropped, in [0, 1]. rng: np.random.Generator, the only source of chance.
    training: False when the net is used: then x comes back as it is.
    Returns an array of the shape and dtype of x; x itself is not changed. With p = 1 all is 0. The same state of rng gives the
    same result. Raises ValueError when p is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p is a probability, not {p}")
    if not training or p == 0:
        return x.copy()
    if p == 1:
        return np.zeros_like(x)
    kept = rng.random(x.shape) >= p
    return (x * kept / (1 - p)).astype(x.dtype)
    ### END SOLUTION


def spatial_dropout(x, p, rng, training=True):
    """The same for maps, a whole channel of an image at a time. x: (N, height, width, channels); the rest as in dropout."""
    ### BEGIN SOLUTION
    return x * dropout(np.ones((len(x), 1, 1, x.shape[-1]), x.dtype), p, rng, training)
    ### END SOLUTION


# %% topics=["I1"] nbgrader={"grade": true, "grade_id": "dropout-training", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: 10,000 ones, p = 0.3.
import numpy as np

from course import checks

out = np.asarray(dropout(np.ones((100, 100)), 0.3, np.random.default_rng(0)))
checks.shape(out, (100, 100), hint="as many numbers as came in: dropped ones become 0, they are not removed")
checks.between(
    float((out == 0).mean()),
    0.27,
    0.33,
    hint="about 30 % of the values are dropped: p is the probability to be DROPPED, not to be kept",
    what="the share of zeros",
)
kept = out[out != 0]
checks.close(
    kept,
    np.full(kept.shape, 1 / 0.7),
    unless={
        "dropout is not inverted: what is kept is multiplied by 1 / (1 - p), so that the mean stays": np.ones(
            kept.shape
        ),
        "what is kept is divided by 1 - p, the probability to be kept, not by p": np.full(kept.shape, 1 / 0.3),
        "what is kept grows, it does not shrink: divide by 1 - p": np.full(kept.shape, 0.7),
    },
    hint="what is kept is multiplied by 1 / (1 - p)",
    what="what is kept",
)

# %% topics=["I1"] nbgrader={"grade": true, "grade_id": "dropout-use", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: in use nothing happens, and the array that was given is never changed.
import numpy as np

from course import checks

x = np.arange(12.0).reshape(3, 4) + 1
checks.close(
    dropout(x, 0.4, np.random.default_rng(1), training=False),
    x,
    unless={"in use nothing is scaled: inverted dropout has settled that in training": x * 0.6},
    hint="when the net is used, nothing is dropped",
)
checks.unchanged(
    lambda a: dropout(a, 0.4, np.random.default_rng(2)),
    x,
    hint="your dropout changes the array that it is given: work on a copy",
)
checks.close(dropout(x, 0.0, np.random.default_rng(3)), x, hint="p = 0 drops nothing")

# %% topics=["I1"] nbgrader={"grade": true, "grade_id": "dropout-mean", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the mean of ones stays near 1. Hidden: other values and rates, four standard errors; values are dropped one by one.
import numpy as np

from course import checks

out = np.asarray(dropout(np.ones(20_000), 0.5, np.random.default_rng(4)))
checks.between(float(out.mean()), 0.97, 1.03, hint="the mean of the values stays what it was", what="the mean")
### BEGIN HIDDEN TESTS
for seed, p in ((5, 0.1), (6, 0.4), (7, 0.8)):
    x = np.random.default_rng(seed).normal(2.0, 0.5, (60, 70, 4))
    out = np.asarray(dropout(x, p, np.random.default_rng(seed)), float)
    kept = (out != 0).astype(float)
    for axis in range(3):
        spread, length = kept.mean(axis=axis).std(), x.shape[axis]
        checks.between(
            float(spread / np.sqrt(p * (1 - p) / length)),
            0.85,
            1.15,
            hint="values are dropped together: each value of each image has its own throw of the dice",
            what="how independent the values are",
        )
    ratio = out / x
    error = 4 * np.sqrt(p / (1 - p) / x.size)
    checks.between(
        float(ratio.mean()),
        1 - error,
        1 + error,
        hint="the mean does not stay: scale by 1 / (1 - p), and drop with probability p",
        what="mean of what is left of each value",
    )
    checks.between(
        float((out == 0).mean()),
        p - 4 * np.sqrt(p * (1 - p) / x.size),
        p + 4 * np.sqrt(p * (1 - p) / x.size),
        hint="each value is dropped with probability p",
        what="share of zeros",
    )
### END HIDDEN TESTS

# %% topics=["I1"] nbgrader={"grade": true, "grade_id": "dropout-edges", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: float32 stays float32. Hidden: p = 1, the errors of the contract, and where the chance comes from.
import numpy as np

from course import checks

x = np.linspace(-1, 1, 40, dtype="float32").reshape(5, 8)
checks.dtype(
    dropout(x, 0.25, np.random.default_rng(8)), "float32", hint="the number type stays: float32 in, float32 out"
)
### BEGIN HIDDEN TESTS
checks.close(
    dropout(x, 1.0, np.random.default_rng(9)), np.zeros((5, 8)), hint="p = 1 drops everything: zeros, no division by 0"
)
checks.close(dropout(x, 1.0, np.random.default_rng(9), False), x, hint="in use nothing is dropped, whatever p is")
checks.raises(ValueError, lambda: dropout(x, -0.1, np.random.default_rng(0)), hint="p below 0")
checks.raises(ValueError, lambda: dropout(x, 1.5, np.random.default_rng(0)), hint="p above 1, a percentage perhaps")
ones = np.ones((30, 30))
first, again, other = (np.asarray(dropout(ones, 0.5, np.random.default_rng(s))) for s in (10, 10, 11))
checks.close(again, first, hint="the same rng gives the same mask: take all chance from rng, not from np.random")
checks.true(not np.array_equal(first, other), "another rng gives another mask: the rng you are given is not used")
### END HIDDEN TESTS

# %% topics=["I1"] nbgrader={"grade": true, "grade_id": "dropout-spatial", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: two images of 200 channels. Hidden: values that differ, other rates; use.
import numpy as np

from course import checks

x = np.ones((2, 4, 4, 200))
out = np.asarray(spatial_dropout(x, 0.3, np.random.default_rng(12)))
checks.shape(out, x.shape, hint="the shape stays (N, height, width, channels)")
alive = (out != 0).mean(axis=(1, 2))
checks.true(
    bool(np.isin(alive, (0.0, 1.0)).all()),
    "a channel is dropped as a whole: one throw of the dice for each channel of each image",
)
checks.true(not np.array_equal(alive[0], alive[1]), "each image has its own throw: both lose the same channels")
checks.between(
    float((alive == 0).mean()), 0.2, 0.4, hint="about 30 % of the channels are dropped", what="share of channels"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(66)
x = rng.uniform(0.5, 2, (12, 3, 5, 64))
for p in (0.2, 0.6):
    out = checks.unchanged(lambda a, p=p: spatial_dropout(a, p, np.random.default_rng(13)), x)
    alive = np.asarray(out)[:, 0, 0] != 0
    checks.close(
        out,
        x * alive[:, None, None, :] / (1 - p),
        hint="kept channels are multiplied by 1 / (1 - p), dropped ones are 0 everywhere",
    )
    checks.between(float(alive.mean()), 1 - p - 0.08, 1 - p + 0.08, hint="each channel is dropped with probability p")
    checks.true(len(np.unique(alive, axis=0)) == 12, "each image has its own throw of the dice")
checks.close(spatial_dropout(x, 0.6, np.random.default_rng(1), False), x, hint="in use nothing is dropped")
checks.dtype(
    spatial_dropout(x.astype("float32"), 0.5, np.random.default_rng(1)), "float32", hint="float32 stays float32"
)
### END HIDDEN TESTS

# %% topics=["I1"] nbgrader={"grade": false, "grade_id": "dropout-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("dropout", "spatial_dropout"):
    picture = x_val[:1]
    for seed in range(50):  # until one or two of the three colours are gone
        channels = spatial_dropout(picture, 0.3, np.random.default_rng(seed))
        if 0 < (channels.max(axis=(0, 1, 2)) == 0).sum() < 3:
            break
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.3), layout="constrained")
    versions = [
        (picture, "as it is"),
        (dropout(picture, 0.2, np.random.default_rng(SEED)), "dropout, p = 0.2"),
        (dropout(picture, 0.5, np.random.default_rng(SEED)), "dropout, p = 0.5"),
        (channels, "spatial dropout, p = 0.3"),
    ]
    for ax, (version, title) in zip(axes, versions, strict=True):
        ax.imshow(np.clip(version[0], 0, 1))
        ax.set(title=f"{title}\nmean {version.mean():.3f}", xlabel="column", xticks=(0, 31), yticks=(0, 31))
    axes[0].set_ylabel("row")
    plt.show()

# %% [markdown] topics=["I1"] nbgrader={"grade": false, "grade_id": "dropout-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# With dropout the means stay near each other, as they should: what is kept is brighter. (Three channels are three throws of the dice, so with spatial dropout the mean
# jumps. Over the 64 channels of a layer it would not.) At $p = 0.2$ you can still name the picture at once, since numbers beside each other know the same; at 0.5 it takes a
# step back from the screen. With a whole channel gone, a colour is missing, which no neighbour can fill in.

# %% [markdown] topics=["I2", "I4"] nbgrader={"grade": false, "grade_id": "diagnose-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · What ails a training?
#
# Two curves tell most of it. Here are six trainings on the small shapes, recorded while this notebook was written: same
# images, different sins. The second one is the lecture's "Adam 0.18", and the first is what its notes call "GRAN 837421789.71".

# %% topics=["I4", "I2"] nbgrader={"grade": false, "grade_id": "histories", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
histories = {
    "SGD 0.3, pixels 0 to 255": {
        "loss": [5.39e31, 2.499, 2.3168, 2.3116, 2.3044, 2.3058, 2.305, 2.3053],
        "accuracy": [0.09, 0.0967, 0.1183, 0.0967, 0.0917, 0.105, 0.1033, 0.1033],
        "val_loss": [2.6551, 2.3066, 2.3214, 2.3065, 2.3101, 2.3083, 2.3088, 2.3087],
        "val_accuracy": [0.1233, 0.1033, 0.0883, 0.0883, 0.0883, 0.0883, 0.0883, 0.0883],
    },
    "Adam 0.18": {
        "loss": [72.86, 2.3214, 2.3119, 2.312, 2.3146, 2.3195, 2.3136, 2.3063],
        "accuracy": [0.1017, 0.095, 0.1, 0.1183, 0.1083, 0.1, 0.0917, 0.1117],
        "val_loss": [2.3227, 2.316, 2.3141, 2.3245, 2.335, 2.3173, 2.3104, 2.3109],
        "val_accuracy": [0.0883, 0.0883, 0.0883, 0.0883, 0.0883, 0.0883, 0.0883, 0.0883],
    },
    "SGD 0.00001": {
        "loss": [2.3045, 2.3044, 2.3044, 2.3044, 2.3044, 2.3044, 2.3044, 2.3044],
        "accuracy": [0.0717, 0.0717, 0.0717, 0.0717, 0.0717, 0.0717, 0.0717, 0.0717],
        "val_loss": [2.3104, 2.3104, 2.3104, 2.3104, 2.3104, 2.3104, 2.3103, 2.3103],
        "val_accuracy": [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05],
    },
    "400 images, no dropout": {
        "loss": [2.3745, 1.923, 1.5587, 1.3073, 1.062, 0.8405, 0.6653, 0.5237, 0.3967, 0.3059, 0.2516, 0.2022],
        "accuracy": [0.1575, 0.34, 0.465, 0.595, 0.705, 0.79, 0.8525, 0.895, 0.935, 0.9575, 0.9725, 0.985],
        "val_loss": [2.1905, 1.9615, 1.7978, 1.6408, 1.6285, 1.7548, 1.8502, 1.7904, 1.4995, 1.5732, 1.6281, 1.7489],
        "val_accuracy": [0.2183, 0.2783, 0.375, 0.4367, 0.44, 0.4, 0.4, 0.435, 0.4933, 0.4867, 0.485, 0.4867],
    },
    "2,000 images, five epochs": {
        "loss": [2.2523, 1.8886, 1.623, 1.3586, 1.0452],
        "accuracy": [0.156, 0.312, 0.402, 0.508, 0.6185],
        "val_loss": [2.1166, 1.7837, 1.5277, 1.2261, 0.9993],
        "val_accuracy": [0.2683, 0.3133, 0.4317, 0.5267, 0.615],
    },
    "3,000 images, dropout 0.6": {
        "loss": [
            2.3007,
            2.1792,
            1.8787,
            1.6602,
            1.5205,
            1.3739,
            1.2829,
            1.2079,
            1.1385,
            1.1028,
            1.0305,
            0.9868,
            0.9662,
        ],
        "accuracy": [0.111, 0.195, 0.314, 0.386, 0.4407, 0.485, 0.5207, 0.5557, 0.5613, 0.593, 0.6057, 0.6187, 0.6277],
        "val_loss": [
            2.2764,
            1.8935,
            1.5661,
            1.3803,
            1.24,
            1.1072,
            1.0088,
            0.9479,
            0.9154,
            0.8318,
            0.8037,
            0.7351,
            0.7415,
        ],
        "val_accuracy": [0.2, 0.3383, 0.47, 0.54, 0.5617, 0.595, 0.6483, 0.665, 0.6767, 0.7067, 0.7133, 0.7417, 0.7533],
    },
}
dropout_runs = {  # rate: history of one net, 3,000 shapes, 14 epochs; last epochs only
    0.0: {"accuracy": [0.927, 0.937, 0.9483], "val_accuracy": [0.8133, 0.8083, 0.8117]},
    0.2: {"accuracy": [0.8163, 0.8317, 0.85], "val_accuracy": [0.8367, 0.8267, 0.8517]},
    0.4: {"accuracy": [0.7487, 0.7583, 0.7823], "val_accuracy": [0.8517, 0.8633, 0.8583]},
    0.6: {"accuracy": [0.6187, 0.6277, 0.646], "val_accuracy": [0.7533, 0.7417, 0.7617]},
}

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-diagnose", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `gap`, `diagnose`, `choose_dropout` (0 points, still checked)
#
# Turn the doctor's eye into rules, and be honest about what they leave out. The lecture's rule of thumb: a gap of **2 to 3 points** between training and
# validation accuracy is healthy. Mind what a gap measures once there is dropout: the training accuracy is taken *with* units switched off, the validation
# accuracy without, so the gap may well be negative.


# %% topics=["I2", "I4"] nbgrader={"grade": false, "grade_id": "diagnose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gap(history):
    """Training accuracy minus validation accuracy in the last epoch, in percentage points (float).

    history: dict with the lists "accuracy" and "val_accuracy", shares in [0, 1].
    """
    ### BEGIN SOLUTION
    return 100 * (float(history["accuracy"][-1]) - float(history["val_accuracy"][-1]))
    ### END SOLUTION


def diagnose(history, classes=10):
    """What ails a training, as one word; the first that fits, in this order:

    "diverged": the training loss of some epoch is NaN or infinite, or above 10 · ln(classes);
    "stuck": the last training accuracy is at most 1 / classes + 0.02, so that it has learnt nothing;
    "overfits": the gap is above 5 percentage points;
    "unfinished": the lowest validation loss is that of the last epoch, so that it would go on;
    "healthy": none of these.
    history: dict with the lists "loss", "accuracy", "val_loss", "val_accuracy", one number an epoch, at least one epoch.
    """
    ### BEGIN SOLUTION
    losses = np.asarray(history["loss"], float)
    if not np.isfinite(losses).all() or losses.max() > 10 * np.log(classes):
        return "diverged"
    if history["accuracy"][-1] <= 1 / classes + 0.02:
        return "stuck"
    if gap(history) > 5:
        return "overfits"
    return "unfinished" if history["val_loss"][-1] <= min(history["val_loss"]) else "healthy"
    ### END SOLUTION


def choose_dropout(runs, most=3.0):
    """The smallest rate whose gap is at most `most` percentage points; None when there is none.

    runs: {rate: history}, in any order.
    """
    ### BEGIN SOLUTION
    return min((rate for rate, history in runs.items() if gap(history) <= most), default=None)
    ### END SOLUTION


# %% topics=["I2", "I4"] nbgrader={"grade": true, "grade_id": "diagnose-recorded", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a healthy and an ailing training, three gaps, one choice.
from course import checks

flat = {
    "loss": [2.0, 1.2, 0.9],
    "accuracy": [0.3, 0.6, 0.70],
    "val_loss": [1.8, 1.1, 1.15],
    "val_accuracy": [0.4, 0.62, 0.68],
}
checks.close(
    gap(flat),
    2.0,
    atol=1e-6,
    unless={
        "in percentage points, so times 100": 0.02,
        "training minus validation": -2.0,
        "the last epoch counts": -10.0,
    },
    hint="(0.70 - 0.68) · 100",
    what="the gap",
)
checks.equal(diagnose(flat), "healthy", hint="its gap is 2 points, and the validation loss has come to rest")
checks.equal(
    diagnose({**flat, "accuracy": [0.3, 0.6, 0.8]}), "overfits", hint="12 points between training and validation"
)
checks.equal(
    diagnose({**flat, "val_loss": [1.8, 1.2, 1.1]}), "unfinished", hint="the validation loss was still falling"
)
low, high = {"accuracy": [0.7], "val_accuracy": [0.68]}, {"accuracy": [0.9], "val_accuracy": [0.7]}
checks.equal(
    choose_dropout({0.5: low, 0.0: high, 0.3: low}),
    0.3,
    unless={"the smallest rate, whatever the order": 0.5},
    hint="0.3 is the smallest rate whose gap is at most 3 points",
)

# %% topics=["I4", "I2"] nbgrader={"grade": true, "grade_id": "diagnose-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: Adam at 0.18. Hidden: exploding, stuck and borderline histories.
from course import checks

adam = {
    "loss": [72.86, 2.3214, 2.3119],
    "accuracy": [0.1017, 0.095, 0.1],
    "val_loss": [2.3227, 2.316, 2.3141],
    "val_accuracy": [0.0883, 0.0883, 0.0883],
}
checks.equal(
    diagnose(adam),
    "diverged",
    unless={"it looks stuck, but a loss of 72.86 in its first epoch says why: every epoch counts": "stuck"},
    hint="a loss above 10 ln 10 = 23 in any epoch",
)
### BEGIN HIDDEN TESTS
base = {"accuracy": [0.3, 0.5], "val_loss": [1.5, 1.6], "val_accuracy": [0.3, 0.49]}
for losses, classes, word in (
    ([2.3, float("nan")], 10, "diverged"),
    ([float("nan"), 1.0], 10, "diverged"),
    ([2.3, float("inf")], 10, "diverged"),
    ([2.3, 837421789.71], 10, "diverged"),
    ([22.0, 1.5], 10, "healthy"),
    ([24.0, 1.5], 10, "diverged"),
    ([24.0, 1.5], 100, "healthy"),
    ([8.0, 1.5], 2, "diverged"),
):
    checks.equal(diagnose({"loss": losses, **base}, classes), word, hint="NaN, infinite, or above 10 ln(classes)")
for accuracy, classes, word in ((0.12, 10, "stuck"), (0.05, 10, "stuck"), (0.13, 10, "healthy"), (0.51, 2, "stuck")):
    history = {"loss": [2.3, 2.2], "accuracy": [0.5, accuracy], "val_loss": [2.2, 2.3], "val_accuracy": [0.1, accuracy]}
    checks.equal(diagnose(history, classes), word, hint="stuck: the LAST accuracy is at most 1 / classes + 0.02")
for train, held, word in (
    (0.9, 0.86, "healthy"),
    (0.9, 0.84, "overfits"),
    (0.7, 0.8, "healthy"),
    (0.11, 0.02, "stuck"),
):
    history = {"loss": [2.3, 1.0], "accuracy": [0.5, train], "val_loss": [1.0, 1.1], "val_accuracy": [0.5, held]}
    checks.equal(diagnose(history), word, hint="overfits: a gap above 5 points; the first word that fits")
one = {"loss": [1.8], "accuracy": [0.4163], "val_loss": [1.5], "val_accuracy": [0.4406]}
checks.equal(diagnose(one), "unfinished", hint="after a single epoch the validation loss is at its lowest")
checks.equal(choose_dropout({0.2: {"accuracy": [0.9], "val_accuracy": [0.8]}}), None, hint="no rate is good enough")
runs = {
    rate: {"accuracy": [0.1, train], "val_accuracy": [0.1, 0.7]}
    for rate, train in ((0.6, 0.72), (0.1, 0.79), (0.4, 0.6))
}
checks.equal(choose_dropout(runs), 0.4, hint="a negative gap is small, too; the smallest rate that will do")
checks.equal(choose_dropout(runs, most=10), 0.1, hint="`most` is an argument")
### END HIDDEN TESTS

# %% topics=["I4", "I2"] nbgrader={"grade": false, "grade_id": "histories-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("diagnose"):
    fig, axes = plt.subplots(2, 3, figsize=(12, 6), layout="constrained")
    for ax, (name, history) in zip(axes.flat, histories.items(), strict=True):
        epochs = np.arange(1, len(history["loss"]) + 1)
        ax.plot(epochs, history["loss"], "o-", color="#0072B2", markersize=4, label="training")
        ax.plot(epochs, history["val_loss"], "s--", color="#D55E00", markersize=4, label="validation")
        ax.set(title=f"{name}\n{diagnose(history)}, gap {gap(history):+.1f} points", xlabel="epoch", ylabel="loss")
        if max(history["loss"]) > 20:
            ax.set(yscale="log", ylabel="loss (log scale)", ylim=(1, None))
            ax.minorticks_off()
        ax.grid(alpha=0.3)
    axes[0, 0].legend(frameon=False)
    plt.show()

# %% [markdown] topics=["I4", "I2"] nbgrader={"grade": false, "grade_id": "histories-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look at the two at the top left once more. From its second epoch on, a net that exploded looks exactly like one that never moved: loss 2.30, one tenth right. The explosion
# has thrown the weights so far that every ReLU is off, and no gradient comes back. Whoever prints only the last epoch turns the wrong knob: this patient needs a
# *lower* rate, its neighbour with 0.00001 a higher one.
#
# And the last one, "healthy": validation accuracy 12 points *above* training accuracy. With a dropout of 0.6 that is no miracle and no leak. But is it a good net?
# The next picture holds the answer: the same net at four rates.

# %% topics=["I2", "I1"] nbgrader={"grade": false, "grade_id": "rates-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("gap", "choose_dropout"):
    rates = sorted(dropout_runs)
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for key, color, style, label in (
        ("accuracy", "#0072B2", "o-", "training, with units switched off"),
        ("val_accuracy", "#D55E00", "s--", "validation"),
    ):
        ax.plot(rates, [100 * dropout_runs[p][key][-1] for p in rates], style, color=color, label=label)
    for p in rates:
        top = 100 * max(dropout_runs[p]["accuracy"][-1], dropout_runs[p]["val_accuracy"][-1])
        ax.annotate(
            f"gap {gap(dropout_runs[p]):+.1f}",
            (p, top),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    ax.axvline(choose_dropout(dropout_runs), color="0.4", linestyle=":", label="your choose_dropout")
    ax.set(title="How much dropout? (small shapes, 14 epochs)", xlabel="rate p", ylabel="accuracy in %")
    ax.set(xlim=(-0.07, 0.67), ylim=(58, 102))
    ax.grid(alpha=0.3)
    ax.legend(frameon=False, loc="lower left")
    plt.show()

# %% [markdown] topics=["I2", "I3"] nbgrader={"grade": false, "grade_id": "rates-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# At 0 the net learns by heart; at 0.6 it learns too little; between 0.2 and 0.4 the validation accuracy hardly changes. The rule "gap of at most 3 points" finds 0.2. What it
# cannot see is the right end: at 0.6 the gap is smallest and the net is worst. The gap names an illness; the **validation accuracy** decides.

# %% [markdown] topics=["F5", "I3"] nbgrader={"grade": false, "grade_id": "better-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Better, with a fifth of the weights
#
# What would you change in the lecture's net? From weeks 2 to 5 you have a list: 3×3 kernels, which have a centre; batch norm; a global average or maximum in place of flatten and
# dense, since that one layer holds 512,500 weights; more layers where the maps are small, because a 3×3 convolution from 64 to 64 costs
# 36,928 multiplications at *each place*, and a 32×32 map has sixteen times as many places as an 8×8 one.
#
# A sum on paper for a first idea, all with batch norm: 3×3 convolutions of 16, 32, 32, 64, 64, with a pooling behind the first, third and fifth, then a 1×1 to 128 and a
# global maximum: 432 + 4,608 + 9,216 + 18,432 + 36,864 + 8,192 + 672 + 1,290 = 79,706. There is room for more.
#
# **Weights are one budget, time is another.** The first layers hold hardly any weights and take most of the time, for they work at 1,024 places. A first layer
# with stride 2 works at 256. Count multiplications (week 3) before you train for an hour.
#
# Two helpers for the training are given. Week 8 will take the first apart; the second lets *your* `one_cycle` set the rate before every single step.


# %% topics=["I3", "I6"] nbgrader={"grade": false, "grade_id": "helpers", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def moved(images, rng, by=2):
    """Copies of images (N, 32, 32, 3), each shifted by up to `by` pixels each way, every second one mirrored on average."""
    out = np.empty_like(images)
    size = images.shape[1]
    rows, columns = rng.integers(0, 2 * by + 1, (2, len(images)))
    mirrored = rng.random(len(images)) < 0.5
    for start in range(0, len(images), 1000):  # in portions: a padded copy of everything would fill the memory
        padded = np.pad(images[start : start + 1000], ((0, 0), (by, by), (by, by), (0, 0)), mode="reflect")
        for n, image in enumerate(padded, start):
            cut = image[rows[n] : rows[n] + size, columns[n] : columns[n] + size]
            out[n] = cut[:, ::-1] if mirrored[n] else cut
    return out


class EveryStep(keras.callbacks.Callback):
    """Sets the learning rate to schedule(step) before each step; steps are counted on over several calls of fit."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule, self.step = schedule, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = self.schedule(self.step)
        self.step += 1


# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "moved-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
plots.image_grid(
    np.concatenate([x_train[:2], *(moved(x_train[:2], np.random.default_rng(n)) for n in range(5))]),
    ["as it is"] * 2 + ["moved"] * 10,
    columns=6,
    title="moved: shifts and mirror images of two training images",
)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-build_better", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `build_better` (8 points)
#
# Fewer than 100,000 weights, frozen ones counted, moving statistics of batch norm not: `evaluation.budget` counts as the grader does. The lecture's
# net needs 528,054 for its 44 %.


# %% topics=["F5", "I3"] nbgrader={"grade": false, "grade_id": "build_better", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_better():
    """A new, untrained net for small colour photographs.

    Returns a keras.Model, not compiled, made of Keras's own layers (no Lambda, no layer of your own): input (32, 32, 3),
    scaled to [0, 1]; output (10,), probabilities that sum to 1. It has fewer than 100,000 weights, frozen ones counted,
    moving statistics of batch norm not.
    """
    ### BEGIN SOLUTION
    layers = keras.layers

    def convolution(x, channels, size=3, strides=1, pool=False):
        x = layers.Conv2D(channels, size, strides=strides, padding="same", use_bias=False)(x)
        if pool:  # before batch norm: it then works on a quarter of the numbers
            x = layers.MaxPooling2D(2)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))

    first, second, third, last = (24, 32, 56, 80) if PROFILE == "full" else (16, 20, 28, 40)  # shapes are easy
    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, first, size=4, strides=2)  # a quarter of the places, before anything is expensive
    x = convolution(x, second, pool=True)
    x = convolution(x, third)
    x = convolution(x, third, pool=True)
    x = convolution(x, last)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    ### END SOLUTION


# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "build_better-shapes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one photograph in, ten probabilities out, for any number of them.
import numpy as np

from course import blocks, checks

model = blocks.as_model(build_better(), "build_better's result")
checks.equal(
    tuple(model.input_shape[1:]) if isinstance(model.input_shape, tuple) else None,
    (32, 32, 3),
    unless={"a colour photograph has three channels": (32, 32, 1), "height and width first": (3, 32, 32)},
    hint="the input is a photograph: (32, 32, 3)",
)
photographs = np.random.default_rng(0).random((3, 32, 32, 3)).astype("float32")
for count in (1, 3):
    outputs = np.asarray(model(photographs[:count], training=False))
    checks.shape(
        outputs,
        (count, 10),
        unless={
            "ten maps are left: average each one": (count, *outputs.shape[1:3], 10) if outputs.ndim == 4 else (),
        },
        hint="ten numbers for each photograph",
    )
    checks.true(
        bool((outputs >= 0).all()) and bool(np.allclose(outputs.sum(axis=1), 1, atol=1e-4)),
        "the ten outputs should be probabilities, at least 0 and 1 in sum: end in a softmax over the ten classes",
        f"sums {outputs.sum(axis=1)}, smallest {outputs.min():.3g}",
    )

# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "build_better-budget", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: every weight counts, trainable or frozen; the moving statistics of batch norm do not.
from course import blocks, checks, evaluation

model = blocks.as_model(build_better(), "build_better's result", (32, 32, 3))
constants = evaluation.constants(model)
weights = evaluation.budget(model) - constants
most, where = max(((layer.count_params(), layer.name) for layer in model.layers), default=(0, ""))
checks.true(
    weights < 100_000,
    f"your network has {weights:,} weights, and the budget is fewer than 100,000"
    + (f": {most:,} of them sit in the layer {where}" if 2 * most > weights else ""),
    "the count takes frozen weights in, and leaves the moving statistics of batch norm out",
)
checks.true(
    weights + constants < 100_000,
    f"{weights:,} weights and {constants:,} numbers in the configuration of your layers: constants are weights by another "
    "name, and the budget is fewer than 100,000",
)

# %% topics=["F5", "I4"] nbgrader={"grade": true, "grade_id": "build_better-learns", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: untrained, it has no opinion: a loss near log 10 = 2.3. Hidden: it can learn twenty images by heart, and be sure.
import numpy as np

from course import blocks, checks

model = blocks.as_model(build_better(), "build_better's result", (32, 32, 3))
noise = np.random.default_rng(1).random((48, 32, 32, 3)).astype("float32")
guesses = np.asarray(model(noise, training=True))
checks.between(
    float(-np.log(np.maximum(guesses, 1e-7)).mean()),
    1.8,
    7.0,
    hint="ten classes and no knowledge: the mean of -log p should be near log 10 = 2.3 before training",
    what="the mean of -log p",
)
### BEGIN HIDDEN TESTS
import contextlib

import keras

from course import training

rng = np.random.default_rng(67)
labels = np.arange(20) % 10
images = np.clip(rng.random((20, 1, 1, 3)) + 0.25 * rng.normal(size=(20, 32, 32, 3)), 0, 1)
images[np.arange(20), 3 * labels] = 1.0  # a white line, whose row is the class
images = images.astype("float32")
keras.utils.set_random_seed(3)
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
with contextlib.suppress(training.Diverged):
    training.fit(
        model,
        np.tile(images, (60, 1, 1, 1)),
        np.tile(labels, 60),
        epochs=1,
        batch_size=20,
        shuffle=False,
        quiet=True,
    )
after = np.asarray(model(images, training=True))
checks.true(
    float((after.argmax(axis=1) == labels).mean()) >= 0.8,
    "your network cannot learn even twenty images by heart in 60 steps: are layers frozen, dead or cut off?",
)
checks.true(
    float(np.median(after[np.arange(20), labels])) > 0.4,
    "your network can never be sure: its probabilities stay small however long it trains. One softmax, at the very end, is enough",
)
### END HIDDEN TESTS

# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "better-summary", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("build_better"):
    design = build_better()
    design.summary(line_length=88)
    print(f"counted towards the budget: {evaluation.budget(design):,} of 99,999; the lecture's net: 528,054")

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-better_net", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 8 · `train_better`, and the trained net (12 points)
#
# Compile, choose a loss that fits your labels (integers as they are, or made one-hot), a schedule, an augmentation or none; learn from the training images, look at the
# validation images. Your net ends in a softmax, so the loss gets probabilities: `from_logits` stays False. (With True, the softmax is taken of a softmax, and no net, however good, comes below a
# loss of 1.46.)
#
# Two points are for an honest history. The others come in two bands, measured by the grader on the test set: in the full profile 70 % (5 points) and **75 %** (5 more), always with fewer
# than 100,000 weights. Photographs that are moved by a pixel must do nearly as well.
#
# The net is kept in `artefacts/` and handed in with the notebook; the file notices another architecture, but not another `train_better`, so delete it when you train in
# another way. Get everything right in the quick profile first; in the full profile a
# training takes some minutes.


# %% topics=["F5", "I3"] nbgrader={"grade": false, "grade_id": "better_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_better(model, epochs=2 if PROFILE == "quick" else 12):
    """Compile `model`, as build_better makes it, and train it on x_train, y_train with x_val, y_val as validation.

    epochs: how often to go through the images; choose another number where you like.
    Returns its history: a dict with the lists "loss", "accuracy", "val_loss" and "val_accuracy", one float an epoch.
    """
    ### BEGIN SOLUTION
    batch = 128 if len(x_train) > 10_000 else 64
    rng = np.random.default_rng(SEED)
    steps = epochs * -(-len(x_train) // batch)
    rate = EveryStep(lambda step: one_cycle(step, steps, 0.1))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), loss, metrics=["accuracy"])
    hot, hot_val = np.eye(10, dtype="float32")[y_train], np.eye(10, dtype="float32")[y_val]
    history = {}
    for epoch in range(1, epochs + 1):
        one = training.fit(
            model,
            moved(x_train, rng),
            hot,
            validation=(x_val, hot_val),
            epochs=1,
            batch_size=batch,
            callbacks=[rate],
            title=f"{epoch} of {epochs}",
        )
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return history
    ### END SOLUTION


better, better_history = training.trained("better", build_better, train_better, settings={"seed": SEED})

# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "better_net-first", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the budget, and the validation images. Hidden: the test images, as they are and moved by a pixel.
from course import bands, blocks, checks, evaluation

net = blocks.as_model(better, "better, the trained net,", (32, 32, 3))
checks.true(
    evaluation.budget(net) < 100_000,
    f"your net has {evaluation.budget(net):,} weights, frozen ones and constants counted: the budget is fewer than 100,000",
)
bands.on_validation(net, "cifar10", "week06", "first")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week06", "first")
### END HIDDEN TESTS

# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "better_net-second", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the budget, and the validation images. Hidden: the test images, as they are and moved by a pixel.
from course import bands, blocks, checks, evaluation

net = blocks.as_model(better, "better, the trained net,", (32, 32, 3))
checks.true(
    evaluation.budget(net) < 100_000,
    f"your net has {evaluation.budget(net):,} weights, frozen ones and constants counted: the budget is fewer than 100,000",
)
bands.on_validation(net, "cifar10", "week06", "second")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week06", "second")
### END HIDDEN TESTS

# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "better_net-history", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the history is that of this net, measured on the validation images.
import contextlib
import io

import numpy as np

from course import blocks, checks, datasets, evaluation, profile

net = blocks.as_model(better, "better, the trained net,", (32, 32, 3))
checks.true(
    isinstance(better_history, dict),
    "train_better returns a dict of lists: model.fit returns an object, and its .history is that dict",
    f"found {type(better_history).__name__}",
)
for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
    checks.true(name in better_history, f"the history lacks {name!r}", f"it has {sorted(map(str, better_history))}")
    values = np.asarray(better_history[name], float)
    checks.shape(values, (len(better_history["loss"]),), hint="one number for each epoch", what=f"history[{name!r}]")
    checks.true(bool(np.isfinite(values).all()), f"history[{name!r}] is not finite: the training diverged")
with contextlib.redirect_stdout(io.StringIO()):
    known = datasets.load("cifar10", profile.current()).validation
x, y = evaluation.scaled(known.x), known.y
own = evaluation.accuracy(net, x, y)
claimed = np.asarray(better_history["val_accuracy"], float)
checks.true(
    bool(claimed[-1] <= own + 0.005 and np.abs(claimed - own).min() < 0.02),
    "your val_accuracy is not that of this net on the validation images, as they are: validate on x_val and y_val, never on "
    "training or test images, and write no number down by hand",
    f"your history {better_history['val_accuracy']}, recomputed {own:.4f}",
)
outputs = np.concatenate([np.asarray(net(x[start : start + 500], training=False)) for start in range(0, len(x), 500)])
if outputs.min() >= 0:  # probabilities
    surprise = float(-np.log(np.maximum(outputs[np.arange(len(y)), y], 1e-7)).mean())
    penalty = float(sum(np.asarray(loss) for loss in net.losses))
    # A softmax of numbers between 0 and 1 gives the right class e / (e + 9) at most: a loss of 1.461, however good the net.
    twice = float((np.log(np.exp(outputs).sum(axis=1)) - outputs[np.arange(len(y)), y]).mean())
    reported = np.asarray(better_history["val_loss"], float) - penalty
    checks.true(
        bool(np.abs(reported - twice).min() > 1e-3 and (surprise > 1.0 or reported.min() < 1.4)),
        "your loss takes the softmax of a softmax: the net ends in probabilities, so from_logits stays False",
        f"the lowest validation loss is {reported.min():.3f}, recomputed from the probabilities it is {surprise:.3f}",
    )

# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "better-curves", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("train_better"):
    plots.curves(better_history, title=f"Your net, {evaluation.budget(better):,} weights")
    plt.show()

# %% [markdown] topics=["F5", "I3"] nbgrader={"grade": false, "grade_id": "better-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Training images are moved, and the loss asks for less than certainty, so the validation curve may run *above* the training curve. In the first epochs, at high rates, validation accuracy jumps about;
# when the rate comes down, it settles. Stop such a run in the middle, and you have thrown the best part away.

# %% [markdown] topics=["F6"] nbgrader={"grade": false, "grade_id": "confusion-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 10 · Who is taken for whom?
#
# One number hides the interesting part. The **confusion matrix** counts, for each pair, how often true class $i$ (row) was called $j$ (column): the diagonal is right, a row sums to the images of
# that class, everything to $n$, and the diagonal's share is the accuracy. Worked, with two classes: true 0 0 0 1, predicted 0 0 1 1: $\begin{pmatrix}2&1\\0&1\end{pmatrix}$, accuracy 3/4.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-confusion", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 9 · `confusion_matrix` and `most_confused` (8 points)


# %% topics=["F6"] nbgrader={"grade": false, "grade_id": "confusion", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(y_true, y_pred, classes=10):
    """How often each true class (row) was predicted as each class (column).

    y_true, y_pred: integer labels, each of shape (N,) or (N, 1), in 0 … classes - 1. Returns integers (classes, classes).
    Raises ValueError when the lengths differ or a label is outside.
    """
    ### BEGIN SOLUTION
    true, predicted = np.asarray(y_true).reshape(-1), np.asarray(y_pred).reshape(-1)
    if len(true) != len(predicted):
        raise ValueError(f"{len(true)} labels and {len(predicted)} predictions")
    for labels in (true, predicted):
        if len(labels) and (labels.min() < 0 or labels.max() >= classes):
            raise ValueError(f"labels must be in 0 … {classes - 1}")
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (true, predicted), 1)
    return matrix
    ### END SOLUTION


def most_confused(matrix, names):
    """The most frequent confusion: (name of the true class, name of the predicted class, how often), the count an int.

    matrix: as confusion_matrix gives it; names: a name for each class. Returns None when everything is right.
    """
    ### BEGIN SOLUTION
    wrong = np.array(matrix)
    np.fill_diagonal(wrong, 0)
    if wrong.max() == 0:
        return None
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    return names[true], names[predicted], int(wrong[true, predicted])
    ### END SOLUTION


# %% topics=["F6"] nbgrader={"grade": true, "grade_id": "confusion-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked example, and three classes.
import numpy as np

from course import checks

checks.close(
    confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2),
    [[2, 1], [0, 1]],
    unless={
        "rows and columns are swapped: the row is the true class": [[2, 0], [1, 1]],
        "counts, not shares": [[2 / 3, 1 / 3], [0, 1]],
        "each pair counts as often as it occurs: matrix[i, j] += 1 on arrays adds only once": [[1, 1], [0, 1]],
    },
    hint="row: true class, column: predicted class",
)
found = confusion_matrix(np.array([0, 2, 2, 2]), np.array([0, 2, 0, 0]), 3)
checks.close(
    found,
    [[1, 0, 0], [0, 0, 0], [2, 0, 1]],
    unless={"a class that does not occur keeps its row and its column": [[1, 0], [2, 1]]},
    hint="true 2 was called 0 twice; class 1 does not occur, and keeps its row and its column",
)
checks.dtype(found, "integer", hint="these are counts: integers")

# %% topics=["F6", "F1"] nbgrader={"grade": true, "grade_id": "confusion-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: labels as a column. Hidden: random labels and predictions, counted one by one; the errors of the contract.
import numpy as np

from course import checks

column = np.array([[0], [1], [1]])
checks.close(
    confusion_matrix(column, np.array([0, 1, 0]), 2),
    [[1, 0], [1, 1]],
    hint="labels of shape (N, 1), as Keras's loader gives them, are the same labels: flatten them first",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(68)
for classes, n in ((10, 500), (3, 40), (7, 8)):
    true = rng.integers(0, classes, n)
    predicted = np.where(rng.random(n) < 0.6, true, rng.integers(0, classes, n))
    expected = np.array([[np.sum((true == i) & (predicted == j)) for j in range(classes)] for i in range(classes)])
    for a, b in (
        (true, predicted),
        (true[:, None], predicted),
        (true, predicted[:, None]),
        (true[:, None], predicted[:, None]),
    ):
        found = np.asarray(checks.unchanged(confusion_matrix, a, b, classes))
        checks.close(
            found,
            expected,
            unless={"rows and columns are swapped: the row is the true class": expected.T},
            hint="count every image once, at (true class, predicted class), also where labels come as a column",
        )
        checks.equal(int(found.sum()), n, hint="the matrix sums to the number of images")
checks.raises(ValueError, lambda: confusion_matrix(true, predicted[:-1], 7), hint="as many labels as predictions")
checks.raises(ValueError, lambda: confusion_matrix(np.array([0, -1]), np.array([0, 1]), 3), hint="a negative label")
checks.raises(
    ValueError, lambda: confusion_matrix(np.array([0, 1]), np.array([0, 3]), 3), hint="a label beyond the last class"
)
### END HIDDEN TESTS

# %% topics=["F6"] nbgrader={"grade": true, "grade_id": "confusion-pair", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: cats called dogs. Hidden: other matrices, a perfect one.
import numpy as np

from course import checks

matrix = np.array([[8, 2, 0], [1, 9, 0], [3, 0, 7]])
names = ["cat", "dog", "ship"]
checks.equal(
    most_confused(matrix, names),
    ("ship", "cat", 3),
    unless={
        "first the true class (the row), then the predicted one": ("cat", "ship", 3),
        "the diagonal is right: leave it out": ("dog", "dog", 9),
        "names, not numbers": (2, 0, 3),
    },
    hint="three ships were called cats",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(69)
for classes in (4, 10):
    matrix = rng.integers(0, 50, (classes, classes)) + 60 * np.eye(classes, dtype=int)
    row, column = int(rng.integers(0, classes)), int(rng.integers(1, classes))
    column = (row + column) % classes
    matrix[row, column] = 57
    names = [f"class {n}" for n in range(classes)]
    checks.equal(
        checks.unchanged(most_confused, matrix, names),
        (names[row], names[column], 57),
        hint="the largest number beside the diagonal, and the matrix stays as it is",
    )
    checks.equal(most_confused(np.diag(np.arange(1, classes + 1)), names), None, hint="nothing is confused: None")
### END HIDDEN TESTS

# %% topics=["F6"] nbgrader={"grade": false, "grade_id": "confusion-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("train_better", "confusion_matrix", "most_confused"):
    probabilities = better.predict(x_val, verbose=0, batch_size=500)
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(y_val, predicted)
    plots.confusion(matrix, data.classes, title=f"Validation images: {matrix.trace() / matrix.sum():.1%} right")
    plt.show()
    print("most often confused (true, predicted, how often):", most_confused(matrix, data.classes))

# %% [markdown] topics=["F6"] nbgrader={"grade": false, "grade_id": "confusion-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# On CIFAR-10, look for the block of animals: cats and dogs are taken for each other more often than any other pair, and hardly ever for a ship. Cars and lorries are the other pair. A
# dense net makes other mistakes: it goes by colour, and confuses what is photographed against blue.

# %% [markdown] topics=["F6"] nbgrader={"grade": false, "grade_id": "gallery-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### The gallery
#
# The lecture ends with 32 random predictions, blue where right, red where wrong. Yours will too, and then with something more useful: the errors of which the net is **most sure**. Random
# pictures show that it works; sure errors show *how* it works, and now and then a wrong label.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-gallery", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 10 · `captions` and `worst` (7 points)


# %% topics=["F6"] nbgrader={"grade": false, "grade_id": "gallery", "locked": false, "schema_version": 3, "solution": true, "task": false}
def captions(y_true, y_pred, names):
    """What to write below each picture, and in which colour.

    y_true, y_pred: integer labels, each (N,) or (N, 1). names: a name for each class.
    Returns a list of N pairs (text, colour): the predicted name and "blue" where it is right; "predicted (true)", such as
    "dog (cat)" for a cat that was called a dog, and "red" where it is wrong.
    """
    ### BEGIN SOLUTION
    pairs = zip(np.asarray(y_true).reshape(-1).tolist(), np.asarray(y_pred).reshape(-1).tolist(), strict=True)
    return [(names[p], "blue") if p == t else (f"{names[p]} ({names[t]})", "red") for t, p in pairs]
    ### END SOLUTION


def worst(probabilities, y_true, k=10):
    """Positions of the k wrong predictions of which the net is most sure, the surest first; fewer where fewer are wrong.

    probabilities: (N, classes); y_true: (N,) or (N, 1). The prediction is the largest probability, and that probability is how
    sure the net is. Returns a list or array of ints.
    """
    ### BEGIN SOLUTION
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != np.asarray(y_true).reshape(-1))
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:k]
    ### END SOLUTION


# %% topics=["F6"] nbgrader={"grade": true, "grade_id": "gallery-captions", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one right, one wrong, and labels as a column.
import numpy as np

from course import checks

names = ["cat", "dog", "ship"]
checks.equal(
    captions(np.array([2, 0]), np.array([2, 1]), names),
    [("ship", "blue"), ("dog (cat)", "red")],
    unless={
        "predicted first, the true class in brackets": [("ship", "blue"), ("cat (dog)", "red")],
        "blue is right, red is wrong": [("ship", "red"), ("dog (cat)", "blue")],
        "the true class is named only where the prediction is wrong": [("ship (ship)", "blue"), ("dog (cat)", "red")],
    },
    hint='("ship", "blue") where it is right, ("dog (cat)", "red") for a cat that was called a dog',
)
checks.equal(
    captions(np.array([[1], [2]]), np.array([1, 0]), names),
    [("dog", "blue"), ("cat (ship)", "red")],
    hint="labels of shape (N, 1) are the same labels",
)

# %% topics=["F6"] nbgrader={"grade": true, "grade_id": "gallery-worst", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: six images, three of them wrong. Hidden: random probabilities; labels as a column.
import numpy as np

from course import checks

p = np.array([[0.2, 0.8], [0.9, 0.1], [0.55, 0.45], [0.3, 0.7], [0.05, 0.95], [0.6, 0.4]])
y = np.array([1, 1, 1, 0, 1, 0])
checks.equal(
    np.asarray(worst(p, y, 2)).tolist(),
    [1, 3],
    unless={
        "the surest first": [2, 3],
        "only wrong predictions are asked for": [4, 1],
        "wrong ones, but ordered by position": [1, 2],
        "these are places in the list of wrong ones: asked are places among all images": [0, 2],
        "the k right ones of which it is most sure": [4, 0],
    },
    hint="wrong are 1 (sure to 0.9), 2 (0.55) and 3 (0.7); the two surest are 1 and 3",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(70)
for classes, n, k in ((10, 300, 10), (3, 50, 7), (5, 400, 25)):
    scores = rng.gamma(0.5, size=(n, classes)) + 1e-6
    p = scores / scores.sum(axis=1, keepdims=True)
    y = np.where(rng.random(n) < 0.5, p.argmax(axis=1), rng.integers(0, classes, n))
    sure = sorted((-float(p[i].max()), i) for i in range(n) if int(p[i].argmax()) != y[i])
    expected = [i for _, i in sure[:k]]
    checks.equal(
        np.asarray(checks.unchanged(worst, p, y, k)).tolist(),
        expected,
        unless={
            "ordered by the probability of the TRUE class, the lowest first: asked is how sure the net is of what it says": [
                i for _, i in sorted((float(p[i, y[i]]), i) for _, i in sure)
            ][:k]
        },
        hint="the wrong predictions, by the largest probability of each, the surest first",
    )
    checks.equal(
        np.asarray(worst(p, y[:, None], k)).tolist(), expected, hint="labels of shape (N, 1) are the same labels"
    )
### END HIDDEN TESTS

# %% topics=["F6"] nbgrader={"grade": true, "grade_id": "gallery-edges", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: fewer errors than asked for. Hidden: none at all; the default k; longer lists.
import numpy as np

from course import checks

p = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
checks.equal(np.asarray(worst(p, np.array([0, 1, 0]), 5)).tolist(), [2], hint="only one is wrong, so one comes back")
### BEGIN HIDDEN TESTS
checks.equal(len(np.asarray(worst(p, np.array([0, 1, 1]), 5))), 0, hint="nothing is wrong: an empty list")
rng = np.random.default_rng(71)
p = rng.dirichlet(np.ones(4), 60)
checks.equal(len(np.asarray(worst(p, (p.argmax(axis=1) + 1) % 4))), 10, hint="ten, unless k says otherwise")
names = ["a", "b", "c", "d"]
true, predicted = rng.integers(0, 4, 40), rng.integers(0, 4, 40)
expected = []
for t, guess in zip(true, predicted, strict=True):
    expected.append((names[guess], "blue") if t == guess else (names[guess] + " (" + names[t] + ")", "red"))
checks.equal(captions(true, predicted, names), expected, hint="one caption for each image, in their order")
checks.equal(captions(true[:, None], predicted[:, None], names), expected, hint="predictions may come as a column, too")
### END HIDDEN TESTS


# %% topics=["F6"] nbgrader={"grade": false, "grade_id": "gallery-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def show_gallery(images, labels, guesses, title):
    """Pictures with the captions of your function: blue as blue, red as a vermillion that everybody can tell from it."""
    colors = {"blue": "#0072B2", "red": "#D55E00"}
    texts = captions(labels, guesses, data.classes)
    plots.image_grid(
        images,
        [text.replace(" (", "\n(") for text, _ in texts],
        columns=8,
        title=title,
        size=1.5,
        colors=[colors[color] for _, color in texts],
    )
    plt.show()


with checks.waiting_for("train_better", "captions"):
    probabilities = better.predict(x_val, verbose=0, batch_size=500)
    predicted = probabilities.argmax(axis=1)
    chosen = np.random.default_rng(SEED).choice(len(x_val), 32, replace=False)
    right = int((predicted[chosen] == y_val[chosen]).sum())
    title = f"{len(chosen)} random validation images, {right} of them right: predicted (true where it differs)"
    show_gallery(x_val[chosen], y_val[chosen], predicted[chosen], title)

# %% topics=["F6"] nbgrader={"grade": false, "grade_id": "worst-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("train_better", "captions", "worst"):
    chosen = np.asarray(worst(probabilities, y_val, 16))
    if len(chosen):
        sure = probabilities[chosen].max(axis=1)
        title = f"Errors of which it is most sure: from {sure.max():.0%} down to {sure.min():.0%}"
        show_gallery(x_val[chosen], y_val[chosen], predicted[chosen], title)

# %% [markdown] topics=["I3", "I5"] nbgrader={"grade": false, "grade_id": "ablation-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 11 · Ablate instead of guess
#
# A recipe that works has usually grown, and half of it may be superstition. **Ablation** asks each part for its ticket: take *one* thing away, keep all else, the
# same seed and the same number of epochs, write down the number that you expect *before* the run, and look. On 5,000 validation photographs one standard error of 79 % is 0.6 points, so a
# difference below about a point says nothing.
#
# The lecture's list of remedies (dropout, augmentation, batch norm, a schedule) is right as a list of **candidates**. Which of them pays depends on the net: dropout treats
# overfitting, and a net with 90,000 weights and 45,000 photographs that never come twice the same has none to treat.

# %% [markdown] topics=["F5"] nbgrader={"grade": false, "grade_id": "race-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 12 · Stretch: 80 % (0 points, still checked)
#
# More epochs, more width, or both: can you get a net of *any* size above **80 %** of the test photographs? (In the quick profile, on the small shapes, the bound is another one.) Mind the
# clock, though. Below, the lecture's net for 25 epochs against a larger net of ours, measured one after the other in one run on the same two processor cores, which both shared with
# other work. A net is not slow because it has many weights: the lecture's has most of its 528,054 in one dense layer, where each is used once for an image, and it still takes longer, for it
# learns in 1,407 small steps an epoch.

# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "race-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
race = {  # seconds and test accuracy in %, epoch by epoch
    "the lecture's net, 528,054 weights": (
        "21 42 80 102 128 164 186 209 230 255 281 299 317 341 376 395 412 432 452 468 490 509 534 578 594",
        "53.0 56.1 58.3 58.1 60.0 65.3 62.6 63.2 59.0 65.5 62.0 62.5 66.6 64.3 64.5 67.9 61.8 64.3 66.4 60.7 63.3 64.7 60.9 61.1 63.8",
    ),
    "a larger net of ours, 356,338 weights": (
        "48 109 161 210 259 311 359 412",
        "42.2 59.5 71.5 75.2 77.5 79.3 80.8 81.2",
    ),
}
fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
for (name, (seconds, accuracy)), color, style in zip(
    race.items(), ("#D55E00", "#0072B2", "#009E73"), ("s--", "o-", "^:"), strict=False
):
    ax.plot(
        [float(value) for value in seconds.split()],
        [float(value) for value in accuracy.split()],
        style,
        color=color,
        markersize=4,
        label=name,
    )
ax.axhline(80, color="0.4", linestyle=":", linewidth=1)
ax.set(title="CIFAR-10 (JPEG re-encoded): accuracy against time", ylim=(35, 90))
ax.set(xlabel="seconds of training", ylabel="test accuracy in %")
ax.grid(alpha=0.3)
ax.legend(frameon=False, loc="lower right")
plt.show()

# %% [markdown] topics=["F5", "I4"] nbgrader={"grade": false, "grade_id": "race-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Diagnose both curves as in section 8. The lecture's net is at its best, 68 %, in epoch 16, and ends at 64 %; its *training* loss falls to 0.94 by epoch 12 and is back at
# 1.05 in epoch 25. That is no overfitting, which would leave the training loss low: a rate that never comes down keeps throwing the weights about. The other net ends at 81.2 %, in two
# thirds of the time, and its last epochs, at the lowest rates, are its best.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-champion", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Say which trained net you enter. It may be `better` itself. If you train another, use `training.trained("champion", build, train)` in `enter`, which keeps it beside the notebook. Keras's own
# layers only.


# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "champion", "locked": false, "schema_version": 3, "solution": true, "task": false}
def enter():
    """The trained keras.Model that you enter: input (32, 32, 3), scaled to [0, 1]; output (10,), probabilities or scores."""
    ### BEGIN SOLUTION
    if PROFILE == "quick":
        return better  # the shapes are easy
    layers = keras.layers

    def convolution(x, channels, size=3, strides=1, pool=False):
        x = layers.Conv2D(channels, size, strides=strides, padding="same", use_bias=False)(x)
        if pool:
            x = layers.MaxPooling2D(2)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))

    def build():
        inputs = keras.Input((32, 32, 3))
        x = convolution(inputs, 28, size=4, strides=2)
        for channels in (56, 112):
            x = convolution(x, channels, pool=True)
            x = layers.Add()([x, convolution(convolution(x, channels), channels)])  # week 12 says why
        return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalMaxPooling2D()(x)))

    return training.trained("champion", build, lambda model: train_better(model, 9), settings={"seed": SEED})[0]
    ### END SOLUTION


champion = enter()

# %% topics=["F5"] nbgrader={"grade": true, "grade_id": "champion-eighty", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: what your net does on the validation images. Hidden: on the test images.
from course import bands, blocks

net = blocks.as_model(champion, "enter's result", (32, 32, 3))
bands.on_validation(net, "cifar10", "week06", "stretch", says="is the goal")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week06", "stretch", moves=())
### END HIDDEN TESTS

# %% [markdown] topics=["I5", "I6"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# - An optimiser is three lines. Momentum adds up what agrees, Adam gives each weight its own rate; neither saves you from a rate that is too high.
# - A schedule is tested at its edges, by epochs that count from 0. Dropout is tested by its mean, in training and in use.
# - Read both curves, from the first epoch on: a loss of $10^{31}$ and a loss of 2.30 may be the same patient.
# - Weights are not time, and time is not accuracy. Where a net's weights sit matters more than how many there are.
# - Ablate: one change, a number expected, a number found.
#
# Next week: how the famous nets between LeNet and VGG put such layers together.
