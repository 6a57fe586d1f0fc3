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

# %% [markdown] topics=["K1"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 11 · Inception
#
# **Afterwards you can** say why a 1×1 comes before a 5×5, count what it saves, build an Inception block and a small GoogLeNet, compare it with a plain net of the same budget, and tell which kernels can be cut into two thin ones. **Time** 3 hours. **You need** week 3 (counting), week 7 (VGG, the 1×1 reduction) and week 6's data.
#
# | exercise | points |
# |---|--:|
# | 1 `conv1x1` | 10 |
# | 2 `naive_cost`, `reduced_cost` | 15 |
# | 3 `naive_block`, `inception_block` | 25 |
# | 4 `separate`, `rank_one` | 10 |
# | 5 `factorised_conv`, `factor_cost` | 10 |
# | 6 `mini_googlenet` | 20 |
# | 7 in words | 10 |
#
# Stuck? `course.hint("inception_block")`. Words: [glossary](../../course/glossary.md). Before: [week 10](../week10_transfer/week10_transfer.ipynb); next: [week 12](../week12_resnet/week12_resnet.ipynb). `PROFILE` is set in the next cell, or by `course start 11 --profile full`; "full" uses CIFAR-10 in place of generated shapes.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import blocks, branches, checks, datasets, evaluation, plots, training
import course

import keras
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import maximum_filter
from scipy.signal import correlate2d
from scipy.stats import binomtest

training.start(PROFILE, SEED)
plots.style()
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"

# %% [markdown] topics=["K1", "K4"] nbgrader={"grade": false, "grade_id": "family-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Several kernel sizes side by side
#
# In 2014 GoogLeNet came first, and VGG second, in ImageNet's classification contest:
#
# | | weights | multiplications per image | top-5 error (contest, several nets averaged) |
# |---|---|---|---|
# | VGG (16 layers of weights) | 138,357,544 | 15.5 billion | 7.3 % |
# | GoogLeNet (22 layers of weights) | 6,998,552 | 1.6 billion | 6.7 % |
#
# A twentieth of the weights, a tenth of the work, and fewer errors (Szegedy et al., 2015; Simonyan and Zisserman, 2015). This week is about two ideas in it.
#
# *First*: every convolution of VGG is 3×3. But an object may fill the picture or a corner of it, and the features of one photograph have different sizes: the colour of a pixel, an edge, a window. **Inception** runs several kernel sizes side by side and stacks their maps; the next layer weights them. *Second*: without a remedy that would be very expensive, so a **1×1** reduces the number of channels first.
#
# GoogLeNet and VGG differ in much besides, so the table does not show that several sizes are better than one. Section 6 puts a plain net of the same budget beside yours and looks. **Write down now what you expect**: which of the two will make fewer errors on the validation images, and by how many of 100?
#
# Here is what four kinds of branches make of one photograph, with kernels chosen by hand.

# %% topics=["K4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "family-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One photograph, four branches
photo = datasets.load("photos").images["china"][60:360, 100:500] / 255.0
grey = photo @ np.array([0.299, 0.587, 0.114])
rows, columns = np.mgrid[-2:3, -2:3]
spot = (2 - rows**2 - columns**2) * np.exp(-(rows**2 + columns**2) / 2)
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
views = {
    "1×1: red minus blue, the colour of a pixel": photo @ np.array([1.0, 0.0, -1.0]),
    "3×3: Sobel, an edge": correlate2d(grey, sobel, "same", "symm"),
    "5×5: bright spot on dark ground": correlate2d(grey, spot - spot.mean(), "same", "symm"),
    "3×3 maximum, stride 1: the brightest neighbour": maximum_filter(grey, 3),
}
fig, axes = plt.subplots(2, 2, figsize=(9.6, 7.4), layout="constrained")
for ax, (title, view) in zip(axes.flat, views.items(), strict=True):
    ax.imshow(np.clip(view, *np.percentile(view, [1, 99])), cmap="cividis")
    ax.set(title=title, xlabel="column", ylabel="row")
fig.suptitle("One photograph, four branches: each answers to something else (bright: a strong answer)")
plots.show(
    "The same photograph of a Chinese pagoda after four operations: red minus blue shows areas of colour; "
    "Sobel shows vertical edges; a 5×5 spot detector shows small bright details; a 3×3 maximum gives a "
    "coarser, brighter copy."
)

# %% [markdown] topics=["A8", "K2", "G12", "G11"] nbgrader={"grade": false, "grade_id": "conv1x1-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · A 1×1 is a matrix product per pixel
#
# A 1×1 convolution looks at one pixel and at all its channels. With $C$ channels coming in and $K$ going out it has a matrix $w$ of $C \times K$, and does to the vector $x$ of channels, at each pixel,
#
# $$y = x\,w + b$$
#
# which is the same dense layer at every pixel. On an RGB image that is a *mix of colours*. The pixel (200, 100, 50) and the column (0.299, 0.587, 0.114) give
# 0.299·200 + 0.587·100 + 0.114·50 = 124.2: the grey value of week 1. With three columns it is a colour filter.
#
# Height and width stay; only the number of channels changes, in either direction: $K < C$ *shrinks* (192 → 16), $K > C$ *expands* (16 → 192). It does not enlarge height and width; that needs a transposed convolution (week 2). With the same maps it has a ninth of the weights of a 3×3, 88.9 % fewer; and the layer after it, if it sees 128 instead of 512 maps, costs 3/4 less (week 7).

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-conv1x1", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `conv1x1` (10 points)
#
# No loop is needed. Compared to four digits with the 1×1 convolution of Keras.


# %% topics=["A8", "K2", "G12"] nbgrader={"grade": false, "grade_id": "conv1x1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv1x1(x, w, b=None):
    """1×1 convolution as a matrix product.

    x: array (..., height, width, c_in): one image, or a batch of them. w: array (c_in, c_out). b: array (c_out,), or None for no bias.
    Returns an array of floats (..., height, width, c_out).
    """
    ### BEGIN SOLUTION
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    y = x @ w
    return y if b is None else y + b
    ### END SOLUTION


# %% topics=["A8", "K2"] nbgrader={"grade": true, "grade_id": "conv1x1-by-hand", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A map of 1×2 with three channels, by hand
import numpy as np

from course import checks

x = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
w = np.array([[1.0, 0.0], [0.0, 10.0], [2.0, -1.0]])
checks.close(
    conv1x1(x, w),
    [[[7.0, 17.0], [16.0, 44.0]]],
    unless={
        "only the first column of w is used": [[[7.0], [16.0]]],
        "the channels are multiplied, but not summed": np.sum(x, axis=-1, keepdims=True) * w.sum(axis=0),
        "the result is summed over the pixels: each pixel is on its own": [23.0, 61.0],
    },
    hint="first pixel: 1·1 + 2·0 + 3·2 = 7 and 1·0 + 2·10 + 3·(−1) = 17",
)
checks.close(
    conv1x1(x, w, [100.0, 200.0]),
    [[[107.0, 217.0], [116.0, 244.0]]],
    unless={"the bias is forgotten": [[[7.0, 17.0], [16.0, 44.0]]]},
    hint="b has one number for each channel that comes out, and is added at every pixel",
)
checks.passed("one map by hand, with a bias and without", points=2)

# %% topics=["G12"] nbgrader={"grade": true, "grade_id": "conv1x1-colours", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Grey values of a photograph's pixels, as bytes
import numpy as np

from course import checks

pixels = np.array([[[200, 100, 50], [255, 255, 255]], [[0, 0, 0], [10, 200, 30]]], dtype=np.uint8)
checks.close(
    conv1x1(pixels, np.array([[0.299], [0.587], [0.114]])),
    [[[124.2], [255.0]], [[0.0], [123.81]]],
    unless={"the single channel that comes out is an axis of its own: (2, 2, 1)": [[124.2, 255.0], [0.0, 123.81]]},
    hint="the grey value of (200, 100, 50) is 0.299·200 + 0.587·100 + 0.114·50 = 124.2",
)
checks.close(
    conv1x1(pixels, np.array([[1], [1], [1]], dtype=np.uint8)),
    [[[350.0], [765.0]], [[0.0], [240.0]]],
    unless={"bytes run over at 256: turn x into floats first": [[[94], [253]], [[0], [240]]]},
    hint="with ones for weights the three channels are summed: 200 + 100 + 50",
)
checks.passed("grey values of bytes, and sums above 255", points=2)

# %% topics=["A8", "K2"] nbgrader={"grade": true, "grade_id": "conv1x1-keras", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The output's shape
# When graded: maps that are not square, batches, Keras's own 1×1
import numpy as np

from course import checks

checks.shape(
    conv1x1(np.ones((4, 5, 3)), np.ones((3, 7))),
    (4, 5, 7),
    hint="height and width stay, the depth is that of w's columns",
)
### BEGIN HIDDEN TESTS
import keras

from course import backends

rng = np.random.default_rng(1101)
for shape, c_out in (((5, 7, 3), 2), ((2, 6, 4, 5), 9), ((3, 3, 3), 3), ((1, 8, 4), 1), ((2, 3, 4, 4), 4)):
    x = rng.normal(size=shape)
    w, b = rng.normal(size=(shape[-1], c_out)), rng.normal(size=c_out)
    batch = x if x.ndim == 4 else x[None]
    with backends.in_64_bits():
        layer = keras.layers.Conv2D(c_out, 1, dtype="float64")
        layer.build(batch.shape)
        layer.set_weights([w[None, None], b])
        expected = np.asarray(layer(batch)).reshape((*shape[:-1], c_out))
    unless = {"the bias is forgotten": expected - b}
    if c_out == shape[-1]:
        unless["w is turned around: its rows are the channels that come in, its columns those that go out"] = (
            x @ w.T + b
        )
    if x.ndim == 4:
        unless["a batch is handled like its first image"] = np.broadcast_to(expected[:1], expected.shape)
    checks.close(
        conv1x1(x, w, b),
        expected,
        unless=unless,
        rtol=1e-4,
        atol=1e-6,
        hint="another result than Keras's 1×1 convolution: x @ w works on the last axis, whatever stands before it",
    )
    checks.close(conv1x1(x, w), expected - b, rtol=1e-4, atol=1e-6, hint="without a bias")
checks.unchanged(conv1x1, rng.normal(size=(3, 4, 2)), rng.normal(size=(2, 3)), rng.normal(size=3))
### END HIDDEN TESTS
checks.passed("height and width stay", points=6, later="maps that are not square, batches, Keras's own 1×1")

# %% topics=["G12", "G11"] tags=["draw"] nbgrader={"grade": false, "grade_id": "conv1x1-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Four 1×1 convolutions of one photograph
with checks.waiting_for("conv1x1"):
    grey_column = np.array([[0.299], [0.587], [0.114]])
    sepia = np.array([[0.393, 0.349, 0.272], [0.769, 0.686, 0.534], [0.189, 0.168, 0.131]])
    shrunk = conv1x1(photo, grey_column)
    mixes = {
        "3 → 3: the unit matrix": conv1x1(photo, np.eye(3)),
        "3 → 1: grey value": shrunk,
        "3 → 3: sepia": conv1x1(photo, sepia),
        "1 → 3: grown back, still grey": conv1x1(shrunk, np.ones((1, 3))),
    }
    fig, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
    for ax, (title, image) in zip(axes.flat, mixes.items(), strict=True):
        ax.imshow(np.clip(image, 0, 1), cmap="gray", vmin=0, vmax=1)
        ax.set(title=title, xlabel="column", ylabel="row")
    fig.suptitle("1×1 convolutions of an RGB image: linear mixes of its colours, pixel by pixel")
    plots.show(
        "The photograph four times: unchanged by the unit matrix, in grey values, in brownish sepia, and "
        "grown back from one channel to three, where it stays grey."
    )

# %% [markdown] topics=["K4", "K6", "K2"] nbgrader={"grade": false, "grade_id": "cost-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The last picture shows a limit: reducing loses something, and expanding does not bring it back. The maps of one layer are usually correlated, so that a few mixes can hold most of what matters, and the mix is *learnt*.
#
# ## 3 · What four branches cost
#
# The first block of GoogLeNet, called 3a, operates on maps of 28×28 with 192 channels. The **naive** form puts side by side a 1×1 to 64 maps, a 3×3 to 128, a 5×5 to 32, and a 3×3 max pooling with stride 1,
# and stacks what comes out: 64 + 128 + 32 + 192 = **416** channels. The pooling keeps all its channels, so the depth can only grow: a second such block would start at 416. And the 5×5: its 32 maps, a thirteenth of the output, take (25·192 + 1)·32 = 153,632 of 387,296 weights.
#
# The **reduced** form puts a 1×1 before the 3×3 (to 96 maps) and before the 5×5 (to 16), and one *after* the pooling (to 32). In total:
#
# | branch | naive: weights | reduced: weights |
# |---|---|---|
# | 1×1 | (192 + 1)·64 = 12,352 | 12,352 |
# | 3×3 | (9·192 + 1)·128 = 221,312 | (192 + 1)·96 + (9·96 + 1)·128 = 18,528 + 110,720 = 129,248 |
# | 5×5 | (25·192 + 1)·32 = 153,632 | (192 + 1)·16 + (25·16 + 1)·32 = 3,088 + 12,832 = 15,920 |
# | pooling | 0 | (192 + 1)·32 = 6,176 |
# | **in total** | **387,296**, 416 channels | **163,696**, 256 channels |
#
# The work follows: a convolution uses each kernel weight once at each of the 28·28 places. A **MAC** is one multiplication with its addition; biases, which are only added, and pooling do not count.
# The naive 5×5 has 784·25·192·32 = 120,422,400, the reduced one 784·(192·16 + 25·16·32) = 12,443,648, a tenth.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-block_cost", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `naive_cost` and `reduced_cost` (15 points)
#
# `f3r` is the reduction before the 3×3, `f5r` the one before the 5×5, `fp` the projection after the pooling. All counts are exact.


# %% topics=["K4", "K6", "K2"] nbgrader={"grade": false, "grade_id": "block_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def naive_cost(h, w, c, f1, f3, f5):
    """Weights and MACs of a naive block on maps of h×w with c channels: f1 maps of 1×1, f3 of 3×3, f5 of 5×5, a pooling.

    Returns a dict with the keys "1x1", "3x3", "5x5", "pool"; each value is a pair (weights with biases, MACs for one image without
    biases) of ints. Raises ValueError when a number is below 1.
    """
    ### BEGIN SOLUTION
    if min(h, w, c, f1, f3, f5) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(h, w, c, f1, f3, f5)}")
    return {
        "1x1": ((c + 1) * f1, h * w * c * f1),
        "3x3": ((9 * c + 1) * f3, h * w * 9 * c * f3),
        "5x5": ((25 * c + 1) * f5, h * w * 25 * c * f5),
        "pool": (0, 0),
    }
    ### END SOLUTION


def reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp):
    """The same for a block with reductions: 1×1 to f3r maps before the 3×3, to f5r before the 5×5, to fp after the pooling.

    Each 1×1 belongs to its branch. Returns a dict as naive_cost does. Raises ValueError when a number is below 1.
    """
    ### BEGIN SOLUTION
    if min(h, w, c, f1, f3r, f3, f5r, f5, fp) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(h, w, c, f1, f3r, f3, f5r, f5, fp)}")
    return {
        "1x1": ((c + 1) * f1, h * w * c * f1),
        "3x3": ((c + 1) * f3r + (9 * f3r + 1) * f3, h * w * (c * f3r + 9 * f3r * f3)),
        "5x5": ((c + 1) * f5r + (25 * f5r + 1) * f5, h * w * (c * f5r + 25 * f5r * f5)),
        "pool": ((c + 1) * fp, h * w * c * fp),
    }
    ### END SOLUTION


# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "block_cost-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The weights of block 3a, naive and reduced
from course import checks

KEYS = ["1x1", "3x3", "5x5", "pool"]
for cost, right, wrong in (
    (
        naive_cost(28, 28, 192, 64, 128, 32),
        {"1x1": 12_352, "3x3": 221_312, "5x5": 153_632, "pool": 0},
        {
            "pool": {"a pooling has no weights": 193 * 192, "a pooling has no weights, also none per channel": 192},
        },
    ),
    (
        reduced_cost(28, 28, 192, 64, 96, 128, 16, 32, 32),
        {"1x1": 12_352, "3x3": 129_248, "5x5": 15_920, "pool": 6_176},
        {
            "3x3": {
                "the 3×3 branch pays for its 1×1 as well": 110_720,
                "after the 1×1 the 3×3 sees 96 maps, not 192": 18_528 + 221_312,
                "the 1×1 comes before the 3×3, not after it": (9 * 192 + 1) * 96 + 97 * 128,
                "the reduction of the 3×3 is f3r": 193 * 16 + 145 * 128,
            },
            "5x5": {
                "the 5×5 branch pays for its 1×1 as well": 12_832,
                "after the 1×1 the 5×5 sees 16 maps, not 192": 3_088 + 153_632,
                "the 1×1 comes before the 5×5, not after it": (25 * 192 + 1) * 16 + 17 * 32,
            },
            "pool": {"after the pooling stands a 1×1 from 192 to 32 maps, and it has weights": 0},
        },
    ),
):
    checks.true(isinstance(cost, dict), "the costs are a dict with an entry for each branch", f"found {cost!r}")
    checks.equal(sorted(cost), KEYS, hint="the keys are 1x1, 3x3, 5x5 and pool, with the letter x")
    kernels = {"1x1": 1, "3x3": 9, "5x5": 25, "pool": 1}
    maps = {"1x1": 64, "3x3": 128, "5x5": 32, "pool": 32}
    for key in KEYS:
        checks.true(len(cost[key]) == 2, "each branch has a pair: (weights, MACs)")
        unless = dict(wrong.get(key, {}))
        if right[key]:
            unless["the biases are missing: each map has one"] = (
                right[key] - maps[key] - ({"3x3": 96, "5x5": 16}.get(key, 0) if right["pool"] else 0)
            )
        if right[key] and cost[key][1] == right[key]:
            unless["the order is (weights, MACs)"] = cost[key][0]
        checks.integer(
            cost[key][0],
            right[key],
            unless=unless,
            hint=f"the weights of branch {key}: compare with the table above, term by term",
        )
checks.passed("the weights of block 3a, naive and reduced", points=3)

# %% topics=["K6"] nbgrader={"grade": true, "grade_id": "block_cost-macs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The multiplications of block 3a, naive and reduced
from course import checks

places = 28 * 28
for cost, right in (
    (
        naive_cost(28, 28, 192, 64, 128, 32),
        {"1x1": 192 * 64, "3x3": 9 * 192 * 128, "5x5": 25 * 192 * 32, "pool": 0},
    ),
    (
        reduced_cost(28, 28, 192, 64, 96, 128, 16, 32, 32),
        {"1x1": 192 * 64, "3x3": 192 * 96 + 9 * 96 * 128, "5x5": 192 * 16 + 25 * 16 * 32, "pool": 192 * 32},
    ),
):
    for key, each in right.items():
        weights, macs = cost[key]
        checks.integer(
            macs,
            places * each,
            unless={
                "MACs do not count biases: they are only added": places * weights if weights else -1,
                "each kernel weight is used at every place: times h·w": each if each else -1,
                "the maximum of a pooling is no multiplication": places * 9 * 192 if not each else -1,
                "padding is same, so there are 28·28 places, not 26·26 or 24·24": 26 * 26 * each
                if key == "3x3" and "pool" in cost and cost["pool"][1] == 0
                else -1,
            },
            hint=f"the MACs of branch {key}: kernel weights without biases, times 28·28 places",
        )
checks.passed("the multiplications of block 3a, naive and reduced", points=3)

# %% topics=["K4", "K6"] nbgrader={"grade": true, "grade_id": "block_cost-any", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The smallest block
# When graded: other blocks, maps that are not square
from course import checks

checks.equal(
    naive_cost(1, 1, 1, 1, 1, 1),
    {"1x1": (2, 1), "3x3": (10, 9), "5x5": (26, 25), "pool": (0, 0)},
    hint="the smallest block: one place, one channel, one map each",
)
checks.equal(
    reduced_cost(1, 1, 1, 1, 1, 1, 1, 1, 1),
    {"1x1": (2, 1), "3x3": (12, 10), "5x5": (28, 26), "pool": (2, 1)},
    hint="the smallest block with reductions: one place, one channel, one map everywhere",
)
### BEGIN HIDDEN TESTS
import numpy as np


def measured(h, w, steps):
    weights = macs = 0
    for before, after, k in steps:
        kernel = k * k * before * after
        weights, macs = weights + kernel + after, macs + h * w * kernel
    return weights, macs


rng = np.random.default_rng(1111)
for _ in range(4):
    h, w, c, f1, f3r, f3, f5r, f5, fp = (int(n) for n in rng.choice(np.arange(2, 70), size=9, replace=False))
    naive = {"1x1": [(c, f1, 1)], "3x3": [(c, f3, 3)], "5x5": [(c, f5, 5)], "pool": []}
    reduced = {
        "1x1": [(c, f1, 1)],
        "3x3": [(c, f3r, 1), (f3r, f3, 3)],
        "5x5": [(c, f5r, 1), (f5r, f5, 5)],
        "pool": [(c, fp, 1)],
    }
    for name, found, plan in (
        ("naive_cost", naive_cost(h, w, c, f1, f3, f5), naive),
        ("reduced_cost", reduced_cost(h, w, c, f1, f3r, f3, f5r, f5, fp), reduced),
    ):
        checks.equal(sorted(found), sorted(plan), hint="the keys are 1x1, 3x3, 5x5 and pool")
        for key, steps in plan.items():
            weights, macs = measured(h, w, steps)
            checks.integer(
                found[key][0],
                weights,
                unless={
                    "your weights are those of block 3a: use the arguments": {"1x1": 12_352, "pool": 6_176}.get(key, -1)
                },
                hint=f"{name}, branch {key}: the weights of another block",
            )
            checks.integer(
                found[key][1],
                macs,
                unless={
                    "the map is not square: h·w places, not h·h": macs // w * h,
                    "h·w places, not w·w": macs // h * w,
                }
                if steps
                else None,
                hint=f"{name}, branch {key}: the MACs of another block",
            )
### END HIDDEN TESTS
checks.passed("the smallest block", points=6, later="other blocks, maps that are not square")

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "block_cost-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Numbers below 1
# When graded: every number below 1 in turn
from course import checks

naive_cost(28, 28, 1, 64, 128, 32), reduced_cost(28, 28, 1, 64, 128, 32, 2, 2, 2)  # raise nothing
checks.raises(ValueError, lambda: naive_cost(28, 28, 0, 64, 128, 32), hint="naive_cost of an input without channels")
### BEGIN HIDDEN TESTS
for place in range(6):
    sizes = [5, 6, 4, 3, 2, 7]
    sizes[place] = -1 if place % 2 else 0
    checks.raises(ValueError, lambda: naive_cost(*sizes), hint="naive_cost with a number below 1")
for place in range(9):
    sizes = [5, 6, 4, 3, 2, 7, 3, 2, 5]
    sizes[place] = 0 if place % 2 else -1
    checks.raises(ValueError, lambda: reduced_cost(*sizes), hint="reduced_cost with a number below 1")
### END HIDDEN TESTS
checks.passed("an error for an input without channels", points=3, later="every number below 1 in turn")

# %% topics=["K4", "K6"] tags=["draw"] nbgrader={"grade": false, "grade_id": "cost-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Block 3a: weights and multiplications by branch
with checks.waiting_for("naive_cost", "reduced_cost"):
    both = {
        "naive": naive_cost(28, 28, 192, 64, 128, 32),
        "reduced": reduced_cost(28, 28, 192, 64, 96, 128, 16, 32, 32),
    }
    fig, axes = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained")
    for ax, part, unit, label in ((axes[0], 0, 1e3, "weights (thousands)"), (axes[1], 1, 1e6, "MACs (millions)")):
        for number, ((name, cost), color, hatch) in enumerate(zip(both.items(), (RED, BLUE), ("//", ""), strict=True)):
            values = [cost[key][part] / unit for key in ("1x1", "3x3", "5x5", "pool")]
            bars = ax.bar(
                np.arange(4) + 0.4 * number - 0.2,
                values,
                0.38,
                color=color,
                hatch=hatch,
                edgecolor="0.6",
                label=f"{name}: {sum(values):.0f} in total",
            )
            ax.bar_label(bars, fmt="%.0f", fontsize=9)
        ax.set(title=label.split(" (")[0], ylabel=label, xlabel="branch")
        ax.set_xticks(range(4), ["1×1", "3×3", "5×5", "pool"])
        ax.legend(frameon=False)
        ax.spines[["top", "right"]].set_visible(False)
    fig.suptitle("Block 3a on 28×28×192: where the 1×1 saves")
    plots.show(
        "Two groups of bars by branch, naive beside reduced. The 1×1 branch is equal; the 3×3 falls to "
        "somewhat more than half, the 5×5 to a tenth; the pooling branch of the reduced block has a small "
        "bar."
    )

# %% [markdown] topics=["K4", "K2", "G13"] nbgrader={"grade": false, "grade_id": "block-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The reduced 5×5 branch costs a tenth of the naive one. **That is why the 1×1 comes first:** a 5×5 kernel pays 25 weights for each map that it sees, a 1×1 pays one. After the pooling it has another purpose: it keeps the depth of the block under control, 256 instead of 416.
#
# ## 4 · The block
#
# Every convolution has a bias and a ReLU, the reductions too. All branches keep height and width: `padding="same"` everywhere, and the pooling has **stride 1** (in Keras the stride defaults to the pool size). Stacking means along the channels, which is `Concatenate`; adding (week 12) would need equal depths and would mix the branches.
#
# The order in which you stack the branches is free. The next layer has a weight of its own for each channel, so another order only means the same weights in another order. The checks take any.

# %% topics=["K4", "K2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "block-diagram", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The Inception block with reductions, here block 3a
plots.diagram(
    [
        "x\n28×28×192",
        [
            ["conv 1×1, f1\n28×28×64"],
            ["conv 1×1, f3r\n28×28×96", "conv 3×3, f3\n28×28×128"],
            ["conv 1×1, f5r\n28×28×16", "conv 5×5, f5\n28×28×32"],
            ["max pooling 3×3, stride 1\n28×28×192", "conv 1×1, fp\n28×28×32"],
        ],
        "concatenate\n28×28×256",
    ],
    title="The Inception block, with the sizes of 3a",
)
plots.show(
    "Boxes and arrows: from x four branches lead down side by side: a 1×1; a 1×1 and then a 3×3; a 1×1 and then a 5×5; a "
    "3×3 max pooling and then a 1×1. They meet in a concatenation of 64 + 128 + 32 + 32 = 256 channels."
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-inception_block", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `naive_block` and `inception_block` (25 points)
#
# On 28×28×192 the naive block of 3a has 416 channels and 387,296 weights, the one with reductions 256 and 163,696. Numbers are compared to three digits. `blocks.model_of(inception_block, (28, 28, 192), 64, 96, 128, 16, 32, 32).summary()` shows what you have built.


# %% topics=["K4", "K2"] nbgrader={"grade": false, "grade_id": "inception_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def naive_block(x, f1, f3, f5):
    """The naive Inception block: 1×1, 3×3 and 5×5 convolutions and a 3×3 max pooling, all on x, side by side.

    x: Keras tensor (None, height, width, c). Each convolution has a bias and a ReLU.
    Returns a Keras tensor (None, height, width, f1 + f3 + f5 + c), the branches stacked in any order.
    """
    ### BEGIN SOLUTION
    return keras.layers.Concatenate()(
        [
            keras.layers.Conv2D(f1, 1, padding="same", activation="relu")(x),
            keras.layers.Conv2D(f3, 3, padding="same", activation="relu")(x),
            keras.layers.Conv2D(f5, 5, padding="same", activation="relu")(x),
            keras.layers.MaxPooling2D(3, strides=1, padding="same")(x),
        ]
    )
    ### END SOLUTION


def inception_block(x, f1, f3r, f3, f5r, f5, fp):
    """The Inception block with reductions, as in the diagram.

    x: Keras tensor (None, height, width, c). f1: maps of the 1×1 branch. f3r, f3: maps of the 1×1 and of the 3×3 after it.
    f5r, f5: the same for the 5×5. fp: maps of the 1×1 after the 3×3 max pooling. Six convolutions, each with a bias and a ReLU.
    Returns a Keras tensor (None, height, width, f1 + f3 + f5 + fp), the branches stacked in any order.
    """
    ### BEGIN SOLUTION
    layers = keras.layers

    def conv(x, maps, k):
        return layers.Conv2D(maps, k, padding="same", activation="relu")(x)

    return layers.Concatenate()(
        [
            conv(x, f1, 1),
            conv(conv(x, f3r, 1), f3, 3),
            conv(conv(x, f5r, 1), f5, 5),
            conv(layers.MaxPooling2D(3, strides=1, padding="same")(x), fp, 1),
        ]
    )
    ### END SOLUTION


# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "inception_block-naive", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The naive block has 416 channels and 387,296 weights
# When graded: what it computes
from course import blocks, checks

try:
    block = blocks.model_of(naive_block, (28, 28, 192), 64, 128, 32)
except ValueError as problem:
    checks.fail(
        "the branches of the naive block do not fit side by side: all keep 28×28 (padding='same', the pooling with strides=1), and they are stacked along the channels",
        str(problem),
    )
checks.equal(
    tuple(block.output_shape[1:]),
    (28, 28, 416),
    unless={"the branch of the pooling is missing, and it passes on all 192 channels": (28, 28, 224)},
    hint="64 + 128 + 32 maps and the 192 channels of the pooling, at 28×28",
)
checks.integer(
    block.count_params(),
    387_296,
    unless={"the biases are missing": 387_072},
    hint="12,352 + 221,312 + 153,632: three convolutions, all on x",
)
### BEGIN HIDDEN TESTS
import itertools

import keras
import numpy as np

shape, maps = (9, 10, 7), (5, 3, 8)
images = np.random.default_rng(1121).normal(size=(2, *shape)).astype("float32")


def expected(activation="relu", pool=keras.layers.MaxPooling2D, size=3, after="linear"):
    x = keras.Input(shape)
    parts = [
        keras.layers.Conv2D(f, k, padding="same", activation=activation)(x)
        for f, k in zip(maps, (1, 3, 5), strict=True)
    ]
    pooled = keras.layers.Activation(after)(pool(size, strides=1, padding="same")(x))
    return keras.Model(x, [*parts, pooled])


def ordered(parts, like):
    """The branches stacked in the order that comes nearest to `like`."""
    stacks = [np.concatenate(order, axis=-1) for order in itertools.permutations(parts)]
    return min(stacks, key=lambda stack: float(np.abs(stack - like).sum()) if stack.shape == like.shape else np.inf)


block = blocks.model_of(naive_block, shape, *maps)
checks.equal(tuple(block.output_shape[1:]), (9, 10, 23), hint="on other maps: f1 + f3 + f5 + c channels, same size")


def answer(change):
    """What a block with this change gives with the student's weights, in the order of branches that comes nearest."""
    reference = expected(**change)
    blocks.twin(block, reference, np.random.default_rng(1122))
    return ordered([np.asarray(part) for part in reference(images)], np.asarray(block(images, training=False)))


changes = {
    "a ReLU after each convolution is missing": {"activation": "linear"},
    "the pooling takes the maximum, not the average": {"pool": keras.layers.AveragePooling2D},
    "the pooling of the block is 3×3, not 2×2": {"size": 2},
    "only convolutions have a ReLU: after the pooling, and after the stacking, there is none": {"after": "relu"},
}
right = answer({})
got = np.asarray(block(images, training=False))
good = got.shape == right.shape and np.allclose(got, right, rtol=1e-3, atol=1e-4)
checks.close(
    got,
    right,
    unless={} if good else {message: answer(change) for message, change in changes.items()},
    rtol=1e-3,
    atol=1e-4,
    hint="with the same weights the naive block gives other numbers: three convolutions with ReLU and a 3×3 maximum, all of x",
)
### END HIDDEN TESTS
checks.passed("channels and weights of the naive block", points=5, later="what it computes")

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "inception_block-shape", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Block 3a keeps 28×28 and has 256 channels
import re

from course import blocks, checks

problem = None
try:
    equal = blocks.model_of(inception_block, (12, 10, 4), 5, 5, 5, 5, 5, 5)
    checks.equal(
        tuple(equal.output_shape[1:]),
        (12, 10, 20),
        unless={
            "the branches are added: stack them with Concatenate": (12, 10, 5),
            "the branches are stacked along the height: the channels are the last axis": (48, 10, 5),
            "the branches are stacked along the width: the channels are the last axis": (12, 40, 5),
            "the branch of the pooling has no 1×1 after it": (12, 10, 19),
            "a branch is missing: there are four": (12, 10, 15),
            "the maps of the reductions are stacked as well: only the ends of the branches are": (12, 10, 30),
        },
        hint="four branches of five maps each on 12×10: 20 channels",
    )
    block = blocks.model_of(inception_block, (28, 28, 192), 64, 96, 128, 16, 32, 32)
except ValueError as raised:
    problem = raised
if problem is not None:
    heights = {int(height) for height in re.findall(r"None, (\d+), \d+, \d+", str(problem))}
    if heights & {4, 5, 6}:  # of 12 rows a stride of 2 or 3 leaves so many
        checks.fail("the pooling makes its map smaller: strides=1 keeps the size, left out it is 3", str(problem))
    if heights & {8, 10}:
        checks.fail("a branch loses its border: convolutions and pooling need padding='same'", str(problem))
    checks.fail(
        "the branches do not fit side by side: equal height and width, stacked along the channels", str(problem)
    )
checks.equal(
    tuple(block.output_shape[1:]),
    (28, 28, 256),
    unless={
        "the branch of the pooling has no 1×1 after it, and passes on all 192 channels": (28, 28, 416),
        "the branch of the pooling is missing": (28, 28, 224),
        "the height and width are halved: the pooling has strides=1": (14, 14, 256),
    },
    hint="64 + 128 + 32 + 32 maps at 28×28",
)
checks.passed("block 3a keeps 28×28 and has 256 channels", points=4)

# %% topics=["K4", "K2"] nbgrader={"grade": true, "grade_id": "inception_block-weights", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Block 3a has 163,696 weights
from course import blocks, checks

block = blocks.model_of(inception_block, (28, 28, 192), 64, 96, 128, 16, 32, 32)
checks.integer(
    block.count_params(),
    163_696,
    unless={
        "the biases are missing": 163_328,
        "batch norm has no place in this block: a bias and a ReLU after each convolution": 163_696 + 4 * 368,
        "batch norm has no place in this block, and each convolution has a bias": 163_328 + 4 * 368,
        "batch norm has no place in this block, and each convolution has a bias.": 163_328 + 4 * 256,
        "the reductions are missing: a 1×1 before the 3×3 and of the 5×5": 387_296 + 6_176,
        "the reduction before the 3×3 is missing": 163_696 - 129_248 + 221_312,
        "the reduction before the 5×5 is missing": 163_696 - 15_920 + 153_632,
        "the 1×1 comes after the large kernels: before them it saves": 12_352
        + 1_729 * 96
        + 97 * 128
        + 4_801 * 16
        + 17 * 32
        + 6_176,
        "f3r and f5r are mixed up": 12_352 + 193 * 16 + 145 * 128 + 193 * 96 + 2_401 * 32 + 6_176,
        "one reduction serves both branches: each has its own": 163_696 - 15_920 + 2_401 * 32,
        "the third branch has a 5×5": 163_696 - 12_832 + 145 * 32,
        "the 1×1 after the pooling is missing": 163_696 - 6_176,
    },
    hint="12,352 + 129,248 + 15,920 + 6,176: the table of section 3",
)
checks.passed("block 3a has 163,696 weights", points=4)

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "inception_block-fields", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Which maps see how much of the input: one changed pixel tells
from course import blocks, branches, checks

block = blocks.model_of(inception_block, (11, 11, 6), 4, 3, 7, 2, 5, 6)
found = branches.joins(block)
checks.true(len(found) > 0, "nothing runs side by side in your block: four branches start at x, and meet at the end")
checks.equal(
    found[-1].kinds,
    {1: 4, 3: 13, 5: 5},
    unless={
        "the branches stand one after the other: each of them starts at x": {1: 4, 3: 7, 7: 5, 9: 6},
        "a 1×1 after the pooling sees 3×3, as the pooling does: is your pooling 3×3?": {1: 4, 2: 6, 3: 7, 5: 5},
        "the pooling is missing in its branch: its 1×1 sees one pixel": {1: 10, 3: 7, 5: 5},
        "the pooling of the block is 3×3": {1: 4, 3: 7, 5: 11},
        "the 5×5 branch sees no more than 3×3": {1: 4, 3: 18},
        "the 3×3 branch sees 5×5": {1: 4, 3: 6, 5: 12},
    },
    hint="4 maps see a single pixel of x, 7 + 6 see 3×3 (the convolution and the pooling), 5 see 5×5",
)
checks.passed("each branch sees as much as it should", points=3)

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "inception_block-any", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The smallest block
# When graded: other numbers of maps, other sizes, odd ones too
from course import blocks, checks

block = blocks.model_of(inception_block, (5, 5, 2), 1, 1, 1, 1, 1, 1)
checks.equal(tuple(block.output_shape[1:]), (5, 5, 4), hint="the smallest block: a map a branch")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1123)
for _ in range(4):
    h, w, c, f1, f3r, f3, f5r, f5, fp = (int(n) for n in rng.choice(np.arange(5, 40), size=9, replace=False))
    block = blocks.model_of(inception_block, (h, w, c), f1, f3r, f3, f5r, f5, fp)
    checks.equal(
        tuple(block.output_shape[1:]),
        (h, w, f1 + f3 + f5 + fp),
        unless={
            "your block has the maps of 3a whatever the arguments say": (h, w, 256),
            "height and width are mixed up": (w, h, f1 + f3 + f5 + fp),
        },
        hint="f1 + f3 + f5 + fp channels on maps that are not square",
    )
    kernels = [(1, 1, c, f1), (1, 1, c, f3r), (3, 3, f3r, f3), (1, 1, c, f5r), (5, 5, f5r, f5), (1, 1, c, fp)]
    found = sorted(tuple(weight.shape) for weight in block.weights if len(weight.shape) == 4)
    checks.equal(
        found,
        sorted(kernels),
        hint="six kernels: 1×1 to f1; 1×1 to f3r, 3×3 to f3; 1×1 to f5r, 5×5 to f5; 1×1 to fp after the pooling",
    )
    checks.integer(
        block.count_params(),
        sum(int(np.prod(kernel)) + kernel[-1] for kernel in kernels),
        hint="each of the six convolutions has a bias, and there are no other weights",
    )
### END HIDDEN TESTS
checks.passed("the smallest block", points=4, later="other numbers of maps, other sizes, odd ones too")

# %% topics=["K4", "K2"] nbgrader={"grade": true, "grade_id": "inception_block-wiring", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Two maps per branch
# When graded: random weights against an independent computation, in any order of branches
from course import blocks, checks

block = blocks.model_of(inception_block, (6, 7, 3), 2, 2, 2, 2, 2, 2)
checks.equal(tuple(block.output_shape[1:]), (6, 7, 8), hint="two maps a branch, four branches")
### BEGIN HIDDEN TESTS
import itertools

import keras
import numpy as np

layers = keras.layers
shape = (9, 11, 7)
f1, f3r, f3, f5r, f5, fp = maps = (5, 3, 6, 2, 4, 8)
images = np.random.default_rng(1124).normal(size=(2, *shape)).astype("float32")


def expected(first="relu", reduction="relu", last="relu", projection="relu", pool="max", pooled_last=False):
    x = keras.Input(shape)

    def conv(x, maps, k, activation):
        return layers.Conv2D(maps, k, padding="same", activation=activation)(x)

    def pooled(x):
        return (layers.MaxPooling2D if pool == "max" else layers.AveragePooling2D)(3, strides=1, padding="same")(x)

    return keras.Model(
        x,
        [
            conv(x, f1, 1, first),
            conv(conv(x, f3r, 1, reduction), f3, 3, last),
            conv(conv(x, f5r, 1, reduction), f5, 5, last),
            pooled(conv(x, fp, 1, projection)) if pooled_last else conv(pooled(x), fp, 1, projection),
        ],
    )


def ordered(parts, like):
    """The branches stacked in the order that comes nearest to `like`."""
    stacks = [np.concatenate(order, axis=-1) for order in itertools.permutations(parts)]
    return min(stacks, key=lambda stack: float(np.abs(stack - like).sum()) if stack.shape == like.shape else np.inf)


block = blocks.model_of(inception_block, shape, *maps)
blocks.twin(block, expected(), np.random.default_rng(1125))
values = {tuple(weight.shape): weight for weight in block.weights}  # no two have the same shape here
got = np.asarray(block(images, training=False))


def answer(change):
    """What a block with this change gives with the student's weights, in the order of branches that comes nearest."""
    reference = expected(**change)
    for weight in reference.weights:
        weight.assign(values[tuple(weight.shape)])
    return ordered([np.asarray(part) for part in reference(images)], got)


changes = {
    "the ReLUs are missing: every convolution has one, also the reductions": dict.fromkeys(
        ("first", "reduction", "last", "projection"), "linear"
    ),
    "the reductions need a ReLU as well: without it, 1×1 and 3×3 are one linear layer": {"reduction": "linear"},
    "a ReLU after the 3×3 and the 5×5 is missing": {"last": "linear"},
    "a ReLU after the 1×1 branch is missing": {"first": "linear"},
    "a ReLU after the projection of the pooling is missing": {"projection": "linear"},
    "the ReLUs at the ends of the branches are missing": {"first": "linear", "last": "linear", "projection": "linear"},
    "the pooling takes the maximum, not the average": {"pool": "average"},
    "the 1×1 comes after the pooling, not before it": {"pooled_last": True},
}
right = answer({})
good = got.shape == right.shape and np.allclose(got, right, rtol=1e-3, atol=1e-4)
checks.close(
    got,
    right,
    unless={} if good else {message: answer(change) for message, change in changes.items()},
    rtol=1e-3,
    atol=1e-4,
    hint="with the same weights the block gives other numbers, in whatever order the branches are stacked: look at what each branch starts from, and at its ReLUs",
)
### END HIDDEN TESTS
checks.passed(
    "two maps per branch, four branches",
    points=5,
    later="random weights against an independent computation, in any order of branches",
)

# %% topics=["K4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "block-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One pixel of x is changed: which maps notice it
with checks.waiting_for("inception_block"):
    block = blocks.model_of(inception_block, (11, 11, 3), 8, 8, 8, 8, 8, 8)
    join = branches.joins(block)[-1]
    block.set_weights([np.abs(w) for w in block.get_weights()])
    pair_of_images = np.ones((2, 11, 11, 3), "float32")
    pair_of_images[1, 5, 5] += 1
    before, after = np.asarray(block(pair_of_images))
    fig, axes = plt.subplots(
        1, len(join.kinds), figsize=(3.2 * len(join.kinds), 4.1), layout="constrained", squeeze=False
    )
    for ax, (field, maps) in zip(axes[0], join.kinds.items(), strict=True):
        change = (after - before)[..., np.array(join.fields) == field].mean(axis=-1)
        ax.imshow(change, cmap="cividis")
        ax.set(title=f"{maps} maps: {field}×{field}", xlabel="column", ylabel="row")
    fig.suptitle("One pixel of x is changed: where your block's maps notice it, by branch")
    plots.show(
        "Three maps of changes, one for each field of your block: a single bright pixel for 1×1, a square of "
        "3×3 for the maps of the 3×3 and the pooling branch, a square of 5×5 for the 5×5 branch."
    )

# %% [markdown] topics=["K4", "K1"] nbgrader={"grade": false, "grade_id": "stack-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Nine of them are GoogLeNet
#
# The table of the paper, one row per block: side length of the maps, channels that come in, then the block's six numbers. A pooling comes before 3a, 4a and 5a.

# %% topics=["K4", "K1"] nbgrader={"grade": false, "grade_id": "stack-table", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
GOOGLENET = {
    "3a": (28, 192, 64, 96, 128, 16, 32, 32),
    "3b": (28, 256, 128, 128, 192, 32, 96, 64),
    "4a": (14, 480, 192, 96, 208, 16, 48, 64),
    "4b": (14, 512, 160, 112, 224, 24, 64, 64),
    "4c": (14, 512, 128, 128, 256, 24, 64, 64),
    "4d": (14, 512, 112, 144, 288, 32, 64, 64),
    "4e": (14, 528, 256, 160, 320, 32, 128, 128),
    "5a": (7, 832, 256, 160, 320, 32, 128, 128),
    "5b": (7, 832, 384, 192, 384, 48, 128, 128),
}

# %% topics=["K4", "K1"] tags=["draw"] nbgrader={"grade": false, "grade_id": "stack-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The nine blocks of GoogLeNet: channels and weights
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained", width_ratios=(2, 1))
for place, (_, _, f1, _, f3, _, f5, fp) in enumerate(GOOGLENET.values()):
    bottom = 0
    for maps, color, hatch, label in (
        (f1, BLUE, "", "1×1"),
        (f3, ORANGE, "//", "3×3"),
        (f5, RED, "xx", "5×5"),
        (fp, GREEN, "..", "pooling, 1×1"),
    ):
        left.bar(
            place, maps, bottom=bottom, color=color, hatch=hatch, edgecolor="0.6", label=label if not place else None
        )
        bottom += maps
    left.text(place, bottom + 12, str(bottom), ha="center", fontsize=9)
left.set_xticks(range(9), [f"{name}\n{row[0]}×{row[0]}" for name, row in GOOGLENET.items()])
left.set(
    title="The nine blocks as stacks of channels",
    xlabel="block and size of its maps",
    ylabel="channels out",
    ylim=(0, 1120),
)
left.legend(frameon=False, loc="upper left")
left.spines[["top", "right"]].set_visible(False)
right.set(title="Weights of the nine blocks", xlabel="block", ylabel="weights (thousands)")
with checks.waiting_for("naive_cost", "reduced_cost"):
    slim, thick, macs = [], [], 0
    for side, c, f1, f3r, f3, f5r, f5, fp in GOOGLENET.values():
        cost = reduced_cost(side, side, c, f1, f3r, f3, f5r, f5, fp)
        slim.append(sum(weights for weights, _ in cost.values()))
        macs += sum(one for _, one in cost.values())
        thick.append(sum(weights for weights, _ in naive_cost(side, side, c, f1, f3, f5).values()))
    right.plot(list(GOOGLENET), np.array(thick) / 1e3, "s--", color=RED, label=f"naive: {sum(thick) / 1e6:.1f} million")
    right.plot(list(GOOGLENET), np.array(slim) / 1e3, "o-", color=BLUE, label=f"reduced: {sum(slim) / 1e6:.1f} million")
    right.legend(frameon=False)
    start = 112 * 112 * 49 * 3 * 64 + 56 * 56 * (64 * 64 + 9 * 64 * 192)
    print(
        f"MACs of one image: {macs / 1e9:.2f} billion in the nine blocks, {start / 1e9:.2f} in the three convolutions before them"
    )
right.spines[["top", "right"]].set_visible(False)
plots.show(
    "Left: nine stacked bars that grow from 256 to 1,024 channels, in each the 3×3 the largest part or "
    "nearly so, the 5×5 a small one. Right: weights per block, the naive line far above the reduced one."
)

# %% [markdown] topics=["K5"] nbgrader={"grade": false, "grade_id": "separate-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# In every block half to two thirds of the channels come from the 3×3 and the 5×5, at most a fifth from the 5×5. On the same inputs nine naive blocks would have 23.7 million weights; these have 5.8 million. In a naive chain the inputs would grow from block to block as well.
#
# ## 5 · Thin kernels
#
# Later Inceptions (Szegedy et al., 2016) cut the kernels themselves. A 7×7 kernel $K$ that is a column $a$ times a row $b$, $K_{ij} = a_i\,b_j$, need not be computed as a 7×7: apply the row first (1×7), then the column (7×1).
#
# $$\sum_{i,j} a_i\,b_j\,x_{i,j} = \sum_i a_i \Big( \sum_j b_j\,x_{i,j} \Big)$$
#
# The right side has 7 + 7 = 14 weights for the left side's 49: **71.4 % fewer**. For 3×3 it is 6 for 9, 33.3 % fewer. Sobel's kernel is such a product: (1, 2, 1) vertically, (−1, 0, 1) horizontally.
#
# Which kernels can be cut? Those of **rank 1** as a matrix: every row is a multiple of one row. The singular value decomposition (SVD) writes any matrix as a sum of such products,
#
# $$K = s_1\,u_1 v_1^T + s_2\,u_2 v_2^T + \dots, \qquad s_1 \ge s_2 \ge \dots \ge 0$$
#
# so a kernel separates exactly when all singular values but the first are zero (up to rounding). Sobel: 3.46, 0, 0. The Laplacian: 4.45, 0.45, 0, rank 2: **it does not separate**: no two vectors give it.
# The first term alone is the nearest that a separable kernel can come (Eckart and Young, 1936), and leaves out the share
#
# $$1 - \frac{s_1^2}{s_1^2 + s_2^2 + \dots}$$
#
# of the kernel's sum of squares: for the Laplacian 1.0 %. That may be good enough, but it is another kernel, and has to be reported as such.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-separate", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `separate` and `rank_one` (10 points)
#
# `separate` is exact: it raises an error for a kernel that does not separate. `rank_one` gives the nearest separable kernel, and what share is lost. Products are compared to four digits.


# %% topics=["K5"] nbgrader={"grade": false, "grade_id": "separate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def separate(kernel):
    """Column and row whose outer product is the kernel.

    kernel: array (kh, kw), not all zeros. A singular value of at most 1e-6 times the largest one counts as zero.
    Returns (column, row), arrays (kh,) and (kw,), with np.outer(column, row) equal to kernel.
    Raises ValueError, with the rank in the message, when the kernel does not separate.
    """
    ### BEGIN SOLUTION
    u, s, vt = np.linalg.svd(np.asarray(kernel, dtype=float))
    rank = int((s > 1e-6 * s[0]).sum())
    if rank != 1:
        raise ValueError(f"this kernel has rank {rank}: it is no product of a column and a row")
    return u[:, 0] * s[0], vt[0]
    ### END SOLUTION


def rank_one(kernel):
    """The separable kernel nearest to `kernel`, and the share of the kernel that it leaves out.

    kernel: array (kh, kw), not all zeros.
    Returns (nearest, lost): an array (kh, kw), and a float, 1 minus the first squared singular value over the sum of all of them.
    """
    ### BEGIN SOLUTION
    u, s, vt = np.linalg.svd(np.asarray(kernel, dtype=float))
    return s[0] * np.outer(u[:, 0], vt[0]), 1 - s[0] ** 2 / (s**2).sum()
    ### END SOLUTION


# %% topics=["K5"] nbgrader={"grade": true, "grade_id": "separate-known", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Sobel's kernel and a Gaussian separate, the Laplacian does not
import numpy as np

from course import checks

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
bell = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
for name, kernel in (("Sobel's kernel", sobel_x), ("the 5×5 Gaussian", np.outer(bell, bell))):
    result = checks.unchanged(separate, kernel)
    checks.true(
        isinstance(result, (tuple, list)) and len(result) == 2, f"{name} has rank 1: return its column and its row"
    )
    product = np.outer(*result)
    checks.close(
        product,
        kernel,
        unless={
            "the sign is lost": np.abs(kernel) if kernel is not sobel_x else -kernel,
            "first the column (down), then the row (across)": kernel.T if kernel is sobel_x else kernel + 1,
            "the singular value is lost: u and v have length 1": kernel / np.linalg.norm(kernel),
            "the singular value stands in one of the two vectors, or its root in both": kernel * np.linalg.norm(kernel),
        },
        hint=f"np.outer(column, row) must give {name} back",
        atol=1e-6,
    )
laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
checks.raises(
    ValueError,
    lambda: separate(laplacian),
    hint="the Laplacian has rank 2: two vectors cannot give it, and a near miss must not be passed off as it",
)
try:
    separate(laplacian)
except ValueError as problem:
    checks.true("2" in str(problem), "the error's message says the rank, here 2", f"it says {str(problem)!r}")
checks.passed("Sobel, a Gaussian, and an error for the Laplacian", points=4)

# %% topics=["K5"] nbgrader={"grade": true, "grade_id": "separate-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A kernel of ones
# When graded: rank 1 in all sizes and scales; higher ranks, some only just
import numpy as np

from course import checks

try:
    checks.true(len(separate(np.ones((2, 3)))) == 2, "a kernel of ones has rank 1: return its column and its row")
except ValueError:
    checks.fail(
        "a kernel of ones was refused, and it has rank 1: rounding leaves singular values near 1e-17, which count as zero"
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1131)
for (kh, kw), scale in (((3, 3), 1.0), ((7, 7), 1e-9), ((5, 2), 1e6), ((1, 4), 1.0), ((4, 1), 1e-7), ((2, 7), 50.0)):
    kernel = scale * np.outer(rng.normal(size=kh), rng.normal(size=kw))
    try:
        result = separate(kernel)
    except ValueError:
        checks.fail(
            "a kernel of rank 1 was refused: zero means small against the largest singular value, whatever the scale"
        )
    column, row = (np.asarray(part, dtype=float) for part in result)
    checks.true(column.size == kh and row.size == kw, "first the column (kh,), then the row (kw,)")
    checks.close(
        np.outer(column, row) / scale,
        kernel / scale,
        unless={"the sign is lost": -kernel / scale},
        hint="np.outer(column, row) must give the kernel back",
        rtol=1e-4,
        atol=1e-6,
    )
single = np.outer(rng.normal(size=5), rng.normal(size=5)).astype("float32")
for name, kernel in (
    ("in float32, as nets have them", single),
    ("with singular values 1 and 1e-7", np.diag([1, 1e-7])),
):
    try:
        result = separate(kernel)
    except ValueError:
        checks.fail(
            f"a kernel {name}, was refused: a singular value of at most 1e-6 times the largest counts as zero, the limits of np.linalg.matrix_rank are others"
        )
    checks.close(np.outer(*result), kernel, rtol=1e-4, atol=1e-5, hint=f"a kernel {name}")
checks.unchanged(separate, np.outer([1.0, -3.0], [2.0, 0.5]))
checks.unchanged(rank_one, np.array([[1.0, -3.0], [2.0, 0.5]]))
disc = (np.hypot(*np.mgrid[-3:4, -3:4]) <= 3.2).astype(float)
corner, near = np.diag([1, 1e-3]), np.diag([1, 4e-6])
for kernel in (
    disc,
    np.eye(3),
    rng.normal(size=(3, 3)),
    rng.normal(size=(2, 5)),
    corner,
    near,
    1e-9 * disc,
    1e9 * np.eye(2),
):
    checks.raises(
        ValueError,
        lambda: separate(kernel),
        hint="a kernel of rank 2 or more, however small the second singular value is: nothing may be approximated in silence",
    )
try:
    separate(np.eye(5))
except ValueError as problem:
    checks.true("5" in str(problem), "the error's message says the rank: that of np.eye(5) is 5")
### END HIDDEN TESTS
checks.passed(
    "a kernel of ones separates", points=3, later="rank 1 in all sizes and scales; higher ranks, some only just"
)

# %% topics=["K5"] nbgrader={"grade": true, "grade_id": "separate-nearest", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The nearest separable kernel to diag(3, 1)
# When graded: random kernels
import numpy as np

from course import checks

result = rank_one(np.array([[3.0, 0.0], [0.0, 1.0]]))
checks.true(isinstance(result, (tuple, list)) and len(result) == 2, "rank_one returns (nearest, lost)")
checks.close(
    result[0], [[3, 0], [0, 0]], hint="the nearest to diag(3, 1) is diag(3, 0): the first term of the SVD", atol=1e-6
)
checks.close(
    result[1],
    0.1,
    unless={
        "lost is what is left out, not what is kept": 0.9,
        "the shares are of squared singular values": 0.25,
        "lost is a share of the whole: over the sum of the squares": 1.0,
    },
    hint="of 3² + 1² the second term, 1², is lost: 0.1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1132)
for size in ((3, 3), (5, 3), (2, 6), (7, 7), (1, 3)):
    kernel = rng.normal(size=size) * 10.0 ** rng.integers(-3, 3)
    u, s, vt = np.linalg.svd(kernel, full_matrices=False)
    nearest, lost = rank_one(kernel)
    norm = np.linalg.norm(kernel)
    checks.close(
        np.asarray(nearest) / norm,
        s[0] * np.outer(u[:, 0], vt[0]) / norm,
        unless={"the singular value is lost: u and v have length 1": np.outer(u[:, 0], vt[0]) / norm},
        rtol=1e-4,
        atol=1e-6,
        hint="the first term of the SVD: s₁ times column times row",
    )
    checks.close(
        lost,
        1 - s[0] ** 2 / np.sum(s**2),
        unless={
            "the shares are of squared singular values": 1 - s[0] / s.sum(),
            "all singular values but the first are lost, not the second alone": s[1] ** 2 / np.sum(s**2)
            if len(s) > 1
            else -1,
        },
        rtol=1e-4,
        atol=1e-6,
        hint="lost is 1 − s₁² / Σ s²",
    )
### END HIDDEN TESTS
checks.passed("the nearest kernel to diag(3, 1), and what it loses", points=3, later="random kernels")

# %% topics=["K5"] tags=["draw"] nbgrader={"grade": false, "grade_id": "separate-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Six 7×7 kernels, the nearest of rank one, singular values
with checks.waiting_for("separate", "rank_one"):
    bell = np.array([1, 6, 15, 20, 15, 6, 1]) / 64
    zoo = {
        "Gaussian": np.outer(bell, bell),
        "Sobel": np.outer(bell, [-1, -2, -1, 0, 1, 2, 1]),
        "blurred Laplacian": correlate2d(np.pad([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 2), np.outer(bell, bell), "same"),
        "disc": (np.hypot(*np.mgrid[-3:4, -3:4]) <= 3.2).astype(float),
        "diagonal": np.eye(7),
        "random": np.random.default_rng(SEED).normal(size=(7, 7)),
    }
    fig, axes = plt.subplots(3, 6, figsize=(10, 6), layout="constrained")
    for (top, middle, bottom), (name, kernel) in zip(axes.T, zoo.items(), strict=True):
        limit = np.abs(kernel).max()
        nearest, lost = rank_one(kernel)
        try:
            separate(kernel)
            verdict, color = "separates", BLUE
        except ValueError:
            verdict, color = f"{100 * lost:.1f} % lost", RED
        top.imshow(kernel, cmap="PuOr_r", vmin=-limit, vmax=limit)
        top.set_title(f"{name}\n{verdict}", color=color)
        middle.imshow(nearest, cmap="PuOr_r", vmin=-limit, vmax=limit)
        bottom.bar(range(1, 8), np.linalg.svd(kernel, compute_uv=False) / np.linalg.norm(kernel), color=color)
        bottom.set(ylim=(0, 1.05), xlabel="number", xticks=[1, 4, 7])
        for ax in (top, middle):
            ax.set(xticks=[], yticks=[])
    for ax, label in zip(axes[:, 0], ("kernel", "nearest of rank 1", "singular values\n(scaled)"), strict=True):
        ax.set_ylabel(label)
    fig.suptitle("Six 7×7 kernels: what a column times a row can be, and what it cannot")
    plots.show(
        "Six kernels in columns. Gaussian and Sobel separate: one singular value. Blurred Laplacian, disc, "
        "diagonal and random do not: their nearest kernels of rank one differ visibly, and further singular "
        "values are not zero; those of the diagonal are all equal."
    )

# %% [markdown] topics=["K5", "G7", "K6"] nbgrader={"grade": false, "grade_id": "factor-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The disc becomes a square with soft corners. The seven singular values of the diagonal are all equal, so every kernel $vv^T$ with a unit vector $v$ is equally near, and the one that the program shows is arbitrary: none keeps more than a seventh. Inception does not cut trained kernels. It *trains* pairs of thin ones from the start, with many maps in between, and a sum of many products need not have rank one. Separating space from channels altogether, a k×k for each map by itself and then a 1×1, gives week 3's depthwise separable convolution (Chollet, 2017, who calls it an extreme Inception).
#
# Without biases, for one map in and one map out:
#
# | | weights | fewer than direct |
# |---|---|---|
# | 5×5 | 25 | |
# | two 3×3 in a row (week 7) | 18 | 28.0 % |
# | 1×5, 5×1 | 10 | 60.0 % |
# | 7×7 | 49 | |
# | three 3×3 in a row | 27 | 44.9 % |
# | 1×7, 7×1 | 14 | 71.4 % |
#
# With $c$ channels in and $f$ maps out, $f$ of them in between as well, it is $k^2 c f$ for the k×k, and $k\,c\,f + k\,f^2$ for the pair: the first layer sees $c$ channels, the second $f$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-factorised_conv", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `factorised_conv` and `factor_cost` (10 points)
#
# With `activation=None`, and the row and the column of a separable kernel as weights, the pair must give what the whole k×k gives, to three digits.


# %% topics=["K5", "G7", "K6"] nbgrader={"grade": false, "grade_id": "factorised_conv", "locked": false, "schema_version": 3, "solution": true, "task": false}
def factorised_conv(x, filters, k, middle=None, activation="relu"):
    """A 1×k and a k×1 convolution, one after the other, in the place of one k×k convolution.

    x: Keras tensor (None, height, width, c). middle: maps between the two, `filters` where it is None. activation: of both
    convolutions; None for none. Both have a bias and keep height and width.
    Returns a Keras tensor (None, height, width, filters).
    """
    ### BEGIN SOLUTION
    middle = filters if middle is None else middle
    x = keras.layers.Conv2D(middle, (1, k), padding="same", activation=activation)(x)
    return keras.layers.Conv2D(filters, (k, 1), padding="same", activation=activation)(x)
    ### END SOLUTION


def factor_cost(k, c=1, filters=1):
    """Kernel weights, without biases, of three ways to see k×k pixels, from c channels to `filters` maps.

    Returns a dict of ints: "direct", one k×k; "stack", (k − 1)/2 convolutions of 3×3 in a row; "pair", a 1×k and a k×1. Between two
    layers there are `filters` maps. Raises ValueError when k is even or below 3.
    """
    ### BEGIN SOLUTION
    if k < 3 or k % 2 == 0:
        raise ValueError(f"k must be odd and at least 3, not {k}")
    return {
        "direct": k * k * c * filters,
        "stack": 9 * c * filters + (k - 3) // 2 * 9 * filters * filters,
        "pair": k * c * filters + k * filters * filters,
    }
    ### END SOLUTION


# %% topics=["K5"] nbgrader={"grade": true, "grade_id": "factorised_conv-shape", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A pair for a 7×7, from 8 channels to 12 maps
from course import blocks, checks

block = blocks.model_of(factorised_conv, (17, 19, 8), 12, 7)
checks.equal(
    tuple(block.output_shape[1:]),
    (17, 19, 12),
    unless={
        "a pair loses the border: padding='same'": (11, 13, 12),
        "the two are stacked side by side: they stand one after the other": (17, 19, 24),
    },
    hint="height and width stay, 12 maps come out",
)
kernels = [tuple(weight.shape) for weight in block.weights if len(weight.shape) == 4]
checks.equal(
    sorted(kernels),
    [(1, 7, 8, 12), (7, 1, 12, 12)] if (1, 7, 8, 12) in kernels else [(1, 7, 12, 12), (7, 1, 8, 12)],
    unless={
        "that is the 7×7 itself: two thin kernels take its place": [(7, 7, 8, 12)],
        "both kernels lie the same way: one across (1×7), one down (7×1)": [(1, 7, 8, 12), (1, 7, 12, 12)],
        "side by side, the two make a cross, not a square: the second takes what the first gives": [
            (1, 7, 8, 12),
            (7, 1, 8, 12),
        ],
        "the kernel of the second has k rows and one column: (k, 1)": [(1, 7, 8, 12), (7, 7, 12, 12)],
        "without `middle` there are as many maps in between as come out": [(1, 7, 8, 8), (7, 1, 8, 12)],
        "the maps in between are all mixed: no depthwise kernels": [(1, 7, 8, 1), (7, 1, 8, 1)],
    },
    hint="two kernels: one of 1×7 on the 8 channels, one of 7×1 on its 12 maps",
)
checks.integer(
    block.count_params(),
    7 * 8 * 12 + 12 + 7 * 12 * 12 + 12,
    unless={"both convolutions have a bias": 7 * 8 * 12 + 7 * 12 * 12},
    hint="7·8·12 + 12 and 7·12·12 + 12 weights",
)
checks.passed("two thin kernels for a 7×7, from 8 channels to 12 maps", points=2)

# %% topics=["K5"] nbgrader={"grade": true, "grade_id": "factorised_conv-equals", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# One map in, one map out
# When graded: a separable kernel gives the same as a pair; other sizes, maps in between, activations
from course import blocks, checks

block = blocks.model_of(factorised_conv, (7, 7, 1), 1, 3, activation=None)
checks.equal(tuple(block.output_shape[1:]), (7, 7, 1), hint="one map in, one map out")
### BEGIN HIDDEN TESTS
import keras
import numpy as np
from scipy.signal import correlate2d

rng = np.random.default_rng(1141)
for k in (3, 5, 7):
    column, row = rng.normal(size=(2, k))
    image = rng.normal(size=(12, 15))
    block = blocks.model_of(factorised_conv, (12, 15, 1), 1, k, activation=None)
    weights = []
    for weight in block.get_weights():
        shape = weight.shape
        thin = row if len(shape) == 4 and shape[0] == 1 else column
        weights.append(thin.reshape(shape) if len(shape) == 4 and weight.size == k else np.zeros(shape))
    block.set_weights(weights)
    whole = correlate2d(image, np.outer(column, row), "same")
    cross = correlate2d(image, row[None], "same") + correlate2d(image, column[:, None], "same")
    checks.close(
        np.asarray(block(image[None, ..., None].astype("float32"), training=False))[0, ..., 0],
        whole,
        unless={
            "side by side, the two make a cross, not a square: the second takes what the first gives": cross,
            "activation=None means no ReLU in either": np.maximum(
                correlate2d(np.maximum(correlate2d(image, row[None], "same"), 0), column[:, None], "same"), 0
            ),
        },
        rtol=1e-3,
        atol=1e-4,
        hint="a column and a row as kernels, no activation: the pair gives what the k×k of their product gives",
    )


def expected(shape, filters, k, middle, first, second, flipped):
    x = keras.Input(shape)
    sizes = [(1, k), (k, 1)][:: -1 if flipped else 1]
    y = keras.layers.Conv2D(middle, sizes[0], padding="same", activation=first)(x)
    return keras.Model(x, keras.layers.Conv2D(filters, sizes[1], padding="same", activation=second)(y))


for shape, filters, k, middle, activation in (
    ((9, 6, 4), 5, 3, None, "relu"),
    ((8, 11, 3), 6, 7, 9, "relu"),
    ((7, 7, 5), 3, 5, 2, "tanh"),
):
    images = rng.normal(size=(2, *shape)).astype("float32")
    block = blocks.model_of(factorised_conv, shape, filters, k, middle=middle, activation=activation)
    maps = middle or filters
    kernels = sorted(tuple(weight.shape) for weight in block.weights if len(weight.shape) == 4)
    flipped = (k, 1, shape[-1], maps) in kernels
    wanted = (
        [(1, k, shape[-1], maps), (k, 1, maps, filters)]
        if not flipped
        else [(1, k, maps, filters), (k, 1, shape[-1], maps)]
    )
    checks.equal(kernels, wanted, hint="`middle` maps between the two kernels, `filters` at the end")
    changes = {
        "the activation comes after both convolutions, also between them": ("linear", activation),
        "the activation comes after both convolutions, also at the end": (activation, "linear"),
        "the activation is missing": ("linear", "linear"),
    }
    if activation != "relu":
        changes["`activation` is ignored: it is the argument that says which"] = ("relu", "relu")

    def answer(first, second, block=block, case=(shape, filters, k, maps), flipped=flipped, images=images):
        reference = expected(*case, first, second, flipped)
        blocks.twin(block, reference, np.random.default_rng(1142))
        return np.asarray(reference(images))

    right = answer(activation, activation)
    got = np.asarray(block(images, training=False))
    good = got.shape == right.shape and np.allclose(got, right, rtol=1e-3, atol=1e-4)
    checks.close(
        got,
        right,
        unless={} if good else {message: answer(*change) for message, change in changes.items()},
        rtol=1e-3,
        atol=1e-4,
        hint="with the same weights the pair gives other numbers",
    )
### END HIDDEN TESTS
checks.passed(
    "one map in, one map out",
    points=4,
    later="a separable kernel gives the same as a pair; other sizes, maps in between, activations",
)

# %% topics=["K5", "G7"] nbgrader={"grade": true, "grade_id": "factorised_conv-cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# 25, 18, 10 and 49, 27, 14; the 5×5 of block 3a
from course import checks

for (k, c, filters), right in (
    ((3, 1, 1), {"direct": 9, "stack": 9, "pair": 6}),
    ((5, 1, 1), {"direct": 25, "stack": 18, "pair": 10}),
    ((7, 1, 1), {"direct": 49, "stack": 27, "pair": 14}),
    ((5, 192, 32), {"direct": 153_600, "stack": 64_512, "pair": 35_840}),
):
    found = factor_cost(k, c, filters)
    checks.true(isinstance(found, dict), "factor_cost returns a dict of three numbers", f"found {found!r}")
    checks.equal(sorted(found), ["direct", "pair", "stack"], hint="the keys are direct, stack and pair")
    for key, count in right.items():
        wrong = {}
        if c != filters:
            wrong = {
                "direct": {"the biases are left aside here": count + filters},
                "stack": {
                    "the second 3×3 sees `filters` maps, not c": 2 * 9 * c * filters,
                    "the biases are left aside here": count + 2 * filters,
                },
                "pair": {
                    "the second of the pair sees `filters` maps, not c": 2 * 5 * c * filters,
                    "the biases are left aside here": count + 2 * filters,
                },
            }[key]
        elif key == "stack":
            wrong = {"a field of k needs (k − 1)/2 layers of 3×3": 9 * ((k + 1) // 2)}
        elif key == "pair":
            wrong = {"a pair is a row of k and a column of k: 2·k": k * k}
        checks.integer(found[key], count, unless=wrong, hint=f"{key} for k = {k}, from {c} channels to {filters} maps")
checks.passed("weights of the three ways, for 3, 5 and 7", points=2)

# %% topics=["K5", "G7"] nbgrader={"grade": true, "grade_id": "factorised_conv-cost-any", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# The smallest stack, and the defaults
# When graded: other sizes, even and small k
from course import checks

checks.equal(factor_cost(3, 2, 2), {"direct": 36, "stack": 36, "pair": 24}, hint="3×3 is a stack of one layer")
checks.equal(
    factor_cost(5), {"direct": 25, "stack": 18, "pair": 10}, hint="one channel and one map, where nothing else is said"
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1143)
for k in (3, 7, 9, 11):
    c, filters = (int(n) for n in rng.choice(np.arange(2, 50), size=2, replace=False))
    plans = {"direct": [(k, k)], "stack": [(3, 3)] * ((k - 1) // 2), "pair": [(1, k), (k, 1)]}
    found = factor_cost(k, c, filters)
    for key, sizes in plans.items():
        count, depth = 0, c
        for size in sizes:
            count, depth = count + size[0] * size[1] * depth * filters, filters
        checks.integer(
            found[key], count, hint=f"{key} for another k, c and filters: the first layer sees c, the others `filters`"
        )
for k in (4, 1, 0, -3):
    checks.raises(ValueError, lambda: factor_cost(k), hint="a k that is even or below 3")
### END HIDDEN TESTS
checks.passed("the smallest stack, and the defaults", points=2, later="other sizes, even and small k")

# %% topics=["K5", "G7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "factor-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Weights to see k×k pixels, in three ways
with checks.waiting_for("factor_cost"):
    sizes = np.arange(3, 16, 2)
    counts = [factor_cost(int(k)) for k in sizes]
    fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
    for key, style, color, label, shift in (
        ("direct", "s--", RED, "one k×k: k²", 8),
        ("stack", "^-.", ORANGE, "3×3 in a row: 9(k − 1)/2", 6),
        ("pair", "o-", BLUE, "1×k and k×1: 2k", -14),
    ):
        ax.plot(sizes, [count[key] for count in counts], style, color=color, label=label)
        ax.annotate(
            counts[2][key], (7, counts[2][key]), (0, shift), textcoords="offset points", ha="center", color=color
        )
    ax.set(title="Weights to see k×k pixels, one map in, one map out", xlabel="k", ylabel="weights", xticks=sizes)
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    plots.show(
        "Three lines of weights over k from 3 to 15: the k×k grows as a parabola to 225, the stack of 3×3 in "
        "a straight line to 63, the pair of 1×k and k×1 to 30."
    )

# %% topics=["K5"] tags=["draw"] nbgrader={"grade": false, "grade_id": "factor-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A Gaussian of 21×21 as your pair
with checks.waiting_for("separate", "factorised_conv"):
    bell = np.exp(-(np.arange(-10, 11) ** 2) / 30)
    column, row = separate(np.outer(bell, bell) / bell.sum() ** 2)
    pair = blocks.model_of(factorised_conv, (*grey.shape, 1), 1, 21, activation=None)
    thin = [
        row if w.shape[:2] == (1, 21) else column if w.shape[:2] == (21, 1) else np.zeros(w.shape)
        for w in pair.get_weights()
    ]
    pair.set_weights([values.reshape(w.shape) for values, w in zip(thin, pair.get_weights(), strict=True)])
    blurred = np.asarray(pair(grey[None, ..., None].astype("float32")))[0, ..., 0]
    whole = correlate2d(grey, np.outer(bell, bell) / bell.sum() ** 2, "same")
    fig, axes = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")
    axes[0].imshow(grey, cmap="gray", vmin=0, vmax=1)
    axes[0].set(title="grey values", xlabel="column", ylabel="row")
    axes[1].imshow(blurred, cmap="gray", vmin=0, vmax=1)
    axes[1].set(title="your 1×21, then your 21×1: 42 weights for 441", xlabel="column", ylabel="row")
    fig.suptitle(
        f"A Gaussian of 21×21 as a pair; largest difference from the whole kernel: {np.abs(blurred - whole).max():.0e}"
    )
    plots.show(
        "A grey photograph and its blurred copy made by a 1×21 and a 21×1; the title gives the largest "
        "difference from the whole kernel, near zero."
    )

# %% [markdown] topics=["K4", "K1", "F5"] nbgrader={"grade": false, "grade_id": "mini-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · A mini-GoogLeNet, and a plain net beside it
#
# Photographs of 32×32 need no 22 layers. Build a small GoogLeNet: a convolution and a pooling, then **at least two Inception blocks**, a pooling between them, a global average and the ten classes. The budget is **100,000 weights**, a fifth of the CIFAR net of the notes this course follows (528,054), which reaches 63.84 % on CIFAR-10's test set (week 6).
#
# - Use your `inception_block`, or write branches of another kind. The check finds fields with one changed pixel, as in exercise 3. It asks for at least two places where branches leave one map and meet again in another of the same height and width, with **three different fields** (1×1, 3×3, 5×5, say) side by side, **each in at least one sixteenth of the block's maps**.
# - GoogLeNet was trained without batch norm; its authors attached two auxiliary classifiers to bring a gradient to the lower half. You have week 9: batch norm after each block is enough.
# - In GoogLeNet about an eighth of the channels come from the expensive 5×5: keep them few.
# - A net of 69,690 weights reached 76.4 % on CIFAR-10's test set after six epochs (one run, seed 0, full profile).

# %% topics=["F1"] nbgrader={"grade": false, "grade_id": "mini-data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("cifar10", PROFILE, seed=SEED)
some = slice(3000 if PROFILE == "quick" else None)  # two nets are trained: 3,000 of the generated shapes will do
x_train, y_train = evaluation.scaled(data.train.x[some]), data.train.y[some]
x_val, y_val = evaluation.scaled(data.validation.x), data.validation.y
print(data)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-mini_googlenet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `mini_googlenet` (20 points)
#
# Budget, blocks and fields count 7 points, the accuracies of the next table 13. "Moved" means: shifted by one pixel. The trained net is kept in `artefacts/` beside this notebook: hand that folder in as well, else the grader trains it again.

# %% nbgrader={"grade": false, "grade_id": "asks-mini_googlenet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from course import bounds

bounds.show("week11", "first", "second", "slack", "moved")


# %% topics=["K4", "F5"] nbgrader={"grade": false, "grade_id": "mini_googlenet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_mini_googlenet():
    """A new, untrained net of GoogLeNet's kind for photographs of 32×32.

    Returns a keras.Model, not compiled, of Keras's own layers: input (32, 32, 3), scaled to [0, 1]; output (10,), probabilities. At most
    100,000 weights; at least two blocks of branches side by side, each with at least three different fields, each field in at least
    one sixteenth of the block's maps.
    """
    ### BEGIN SOLUTION
    layers = keras.layers

    def normalised(x):
        return layers.BatchNormalization(momentum=0.9)(x)

    n = 8 if PROFILE == "full" else 6  # shapes are easy
    wide = 4 * n, 4 * n, 6 * n, 3 * n // 2, 3 * n, 3 * n
    x = inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(3 * n, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(normalised(layers.MaxPooling2D(2)(x)))
    x = normalised(inception_block(x, 2 * n, 2 * n, 3 * n, n, n, n))
    x = layers.MaxPooling2D(2)(x)
    x = normalised(inception_block(x, *wide))
    x = normalised(inception_block(x, *wide))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    ### END SOLUTION


def train_mini(model):
    """Compile `model`, as build_mini_googlenet makes it, and train it on x_train, y_train with x_val, y_val as validation.

    Returns its history: a dict with the lists "loss", "accuracy", "val_loss" and "val_accuracy", one float per epoch.
    """
    ### BEGIN SOLUTION
    epochs, batch = (6, 128) if PROFILE == "full" else (2, 48)
    steps = epochs * -(-len(x_train) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        2e-4, steps - steps // 5, alpha=0.01, warmup_target=4e-3, warmup_steps=steps // 5
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng, history = np.random.default_rng(SEED), {}
    for _ in range(epochs):
        images = x_train.copy()
        mirrored = rng.random(len(images)) < 0.5
        images[mirrored] = images[mirrored][:, :, ::-1]
        one = training.fit(model, images, y_train, validation=(x_val, y_val), epochs=1, batch_size=batch)
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return history
    ### END SOLUTION


mini, mini_history = training.trained("mini", build_mini_googlenet, train_mini, settings={"seed": SEED})

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "mini_googlenet-budget", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Photographs in, ten numbers out, and the budget
from course import blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
weights = evaluation.budget(net)
checks.true(
    weights <= 100_000, f"your net has {weights:,} weights, frozen ones and constants counted: 100,000 are allowed"
)
checks.true(
    build_mini_googlenet().count_params() == net.count_params(),
    "mini is another net than build_mini_googlenet builds: run the cell again",
)
checks.passed("shapes and budget", points=3)

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "mini_googlenet-branches", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Two blocks with a share for each of three fields
from course import blocks, branches, checks

net = blocks.as_model(mini, "mini")
kinds, shares = [], []
for join in branches.joins(net):
    kinds.append(join.kinds)
    shares.append([field for field, maps in join.kinds.items() if 16 * maps >= len(join.fields)])
told = "; ".join(
    " ".join(f"{field}×{field}: {maps} maps" for field, maps in kind.items()) or "maps kept as they are"
    for kind in kinds
)
checks.true(
    len(kinds) > 0,
    "nothing runs side by side in your net: Inception's branches leave one map and meet in another of its size",
)
checks.true(
    any(len(kind) >= 3 for kind in kinds),
    "no block has three different fields side by side: 1×1, 3×3 and 5×5, say",
    f"found {told}",
)
checks.true(
    any(len(share) >= 3 for share in shares),
    "no block has three different fields that each make up a sixteenth of its maps: a token branch does not count",
    f"found {told}",
)
checks.true(
    sum(len(share) >= 3 for share in shares) >= 2,
    "at least two blocks need three different fields side by side, each in a sixteenth of the maps or more",
    f"found {told}",
)
checks.passed("two blocks with three fields side by side", points=4)

# %% topics=["K4", "F5"] nbgrader={"grade": true, "grade_id": "mini_googlenet-first", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The first band, on validation images
# When graded: the test images, as they are and moved by a pixel
from course import bands, blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
weights = evaluation.budget(net)
checks.true(weights <= 100_000, f"your net has {weights:,} weights, constants counted: 100,000 are allowed")
bands.on_validation(net, "cifar10", "week11", "first", says="is the first band")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week11", "first")
### END HIDDEN TESTS
checks.passed(
    "near the first band on validation images", points=6, later="the test images, as they are and moved by a pixel"
)

# %% topics=["K4", "F5"] nbgrader={"grade": true, "grade_id": "mini_googlenet-second", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# The second band, on validation images
# When graded: the test images, as they are and moved by a pixel
from course import bands, blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
weights = evaluation.budget(net)
checks.true(weights <= 100_000, f"your net has {weights:,} weights, constants counted: 100,000 are allowed")
bands.on_validation(net, "cifar10", "week11", "second", says="is the second band")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week11", "second")
### END HIDDEN TESTS
checks.passed(
    "near the second band on validation images", points=7, later="the test images, as they are and moved by a pixel"
)

# %% topics=["F5"] tags=["draw"] nbgrader={"grade": false, "grade_id": "mini-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Training curves, and errors of which the net is most sure
with checks.waiting_for("mini_googlenet"):
    plots.curves(mini_history, title=f"The mini-GoogLeNet, {evaluation.budget(mini):,} weights")
    plots.show("Loss and accuracy of your mini-GoogLeNet by epoch, for training and validation images.")
    guesses = mini.predict(x_val, verbose=0, batch_size=500)
    wrong = np.flatnonzero(guesses.argmax(axis=1) != y_val)
    print(f"{len(wrong)} of {len(y_val):,} validation images are wrong; here are those of which it is most sure")
    sure = wrong[np.argsort(-guesses[wrong].max(axis=1))][:12]
    if len(sure):
        plots.gallery(x_val[sure], y_val[sure], guesses[sure].argmax(axis=1), data.classes, columns=6)
        plots.show(
            "Up to twelve validation images that your net gets wrong, those with the highest probability first; "
            "above each the right class and the answer."
        )

# %% [markdown] topics=["K4", "F5"] nbgrader={"grade": false, "grade_id": "plain-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Are several sizes better than one?
#
# Now the test that section 1 asked for. The next cell builds a **plain** net with the same start, places of pooling, batch norm and head as the suggestion above, with one 3×3 where a block was, and as many maps as *your* net's budget allows. It is trained by your `train_mini`, on the same images. The two nets answer the same validation images, so what counts is the images on which exactly one is right (week 8, McNemar): if both nets were equally good, each of these would be heads or tails.


# %% topics=["K4", "F5"] nbgrader={"grade": false, "grade_id": "plain-net", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def build_plain():
    """A net of 3×3 convolutions alone, as wide as mini's number of weights allows."""
    layers = keras.layers

    def net(width):
        x = inputs = keras.Input((32, 32, 3))
        x = layers.MaxPooling2D(2)(layers.Conv2D(width, 3, padding="same", use_bias=False)(x))
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        for times, pool in ((2, True), (4, False), (4, False)):
            x = layers.Conv2D(times * width, 3, padding="same", activation="relu")(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.MaxPooling2D(2)(x) if pool else x
        x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
        return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))

    width = 1
    while 234 * (width + 1) ** 2 + 121 * (width + 1) + 10 <= mini.count_params():  # the weights of net(width + 1)
        width += 1
    return net(width)


with checks.waiting_for("mini_googlenet"):
    plain, _ = training.trained("plain", build_plain, train_mini, settings={"seed": SEED})
    right = {
        name: net.predict(x_val, verbose=0, batch_size=500).argmax(axis=1) == y_val
        for name, net in (("several sizes", mini), ("plain 3×3", plain))
    }
    for (name, hits), net in zip(right.items(), (mini, plain), strict=True):
        print(f"{name}: {net.count_params():,} weights, {hits.mean():.1%} of {len(y_val):,} validation images")
    ours, theirs = right.values()
    only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    chance = binomtest(only_ours, only_ours + only_theirs).pvalue if only_ours + only_theirs else 1.0
    print(
        f"right alone: several sizes {only_ours}, plain {only_theirs}; so far apart by chance in {chance:.1%} of cases"
    )

# %% [markdown] topics=["K4", "F5"] nbgrader={"grade": false, "grade_id": "plain-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Compare this with what you wrote down in section 1. The result is about these two nets, this recipe (made for the first) and one seed. Where the share is above some 5 %, the images do not tell the nets apart, and that is the finding. Where it is below, one of *these two nets* is better on images like these; that several sizes are better in general would need several seeds, and a recipe tuned for each of the two.

# %% [markdown] topics=["K4"] nbgrader={"grade": false, "grade_id": "branch-look-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The first block that the program can look into, one photograph, and for each field the maps whose values vary most. A border of two pixels is cut off: `same` pads with zeros there, and the maps answer to that edge.

# %% topics=["K4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "branch-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The branches of the first block on one image
with checks.waiting_for("mini_googlenet"):
    first, inside = None, None
    for join in branches.joins(mini):
        try:
            inside = keras.Model(mini.inputs[0], join.end)
        except ValueError:  # the block is a model of its own, into which this one cannot look
            continue
        if len(join.kinds) >= 3:
            first = join
            break
    if first is None:
        print("No block with three fields is in sight: this picture needs one in the net itself.")
    else:
        maps = np.asarray(inside(x_val[:1], training=False))[0, 2:-2, 2:-2]
        fields = np.array(first.fields)
        rows = [field for field in first.kinds if np.ptp(maps[..., fields == field]) > 0][:4]
        fig, axes = plt.subplots(len(rows), 7, figsize=(9.6, 1.6 * len(rows)), layout="constrained", squeeze=False)
        for line, field in zip(axes, rows, strict=True):
            line[0].imshow(x_val[0])
            line[0].set_title(data.classes[y_val[0]], fontsize=9)
            line[0].set_ylabel(f"field {field}×{field}\n{first.kinds[field]} maps")
            own = np.flatnonzero(fields == field)
            strongest = own[np.argsort(-maps[..., own].std(axis=(0, 1)))]
            for ax, number in zip(line[1:], strongest, strict=False):
                ax.imshow(maps[..., number], cmap="viridis")
                ax.set_title(f"map {number}", fontsize=9)
            for ax in line:
                ax.set(xticks=[], yticks=[])
            for ax in line[1 + len(strongest) :]:
                ax.set_axis_off()
        fig.suptitle("The branches of the first block on one image (bright: a strong answer)")
        plots.show(
            "One row per field: the photograph and the six maps of that field whose values vary most, without "
            "their border."
        )

# %% [markdown] topics=["K4", "K2", "K5"] nbgrader={"grade": false, "grade_id": "written-task", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · In words (10 points, read by a person)
#
# 1. (4 points) Why does a 1×1 come *before* the 5×5, and why *after* the pooling? Give a number of block 3a for each.
# 2. (3 points) The 1×1 before the 5×5 reduces 192 maps to 16. What can be lost there, why does it usually cost little, and what changes if it has no ReLU?
# 3. (3 points) A colleague replaces each 3×3 kernel of a trained net by its nearest of rank one, "33 % fewer weights". Which kernels suffer, what would you measure before you agree, and how does Inception get the saving without this loss?

# %% [markdown] topics=["K4", "K2", "K5"] nbgrader={"grade": true, "grade_id": "why-one-by-one-first", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. Before the 5×5: its kernel pays 25 weights for each map that it sees; with 16 instead of 192 maps the branch has 15,920 weights instead of 153,632 (its 1×1 of 3,088 paid), and a tenth of the MACs. After it
#    the 5×5 would already have been paid: (25·192 + 1)·16 + 17·32 = 77,360. *(1 point for the reason, 1 for a number.)* After the pooling: pooling has no weights and cannot change the depth, all 192 channels would pass, the block would
#    have 416 channels instead of 256, and each block would be deeper than the one before. *(1 point for the reason, 1 for a number.)*
# 2. Sixteen mixes span at most a 16-dimensional part of the 192 dimensions at each pixel; what lies outside does not reach the 5×5. Maps of one layer are much alike, the mixes are trained to keep what the 5×5 needs, and the other branches still see all
#    192. *(2 points.)* Without the ReLU 1×1 and 5×5 are together one linear layer: a 5×5 kernel of 192 channels whose weights are restricted (rank 16 across channels), so the saving stays and a non-linearity is lost. *(1 point.)*
# 3. Those whose second singular value is not small: blobs, diagonals, corners, anything that says "here or there"; edges along an axis and Gaussians do not. *(1 point.)* Measure `lost` for each kernel and, more to the point, the accuracy on validation data before and after, perhaps after some more
#    training. *(1 point.)* Inception trains the two thin kernels from the start, with many maps and a ReLU in between, so nothing that was learnt is thrown away. *(1 point.)*
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - A 1×1 convolution as a matrix product at every pixel. Before a large kernel it saves weights, after a pooling it limits the depth.
# - An Inception block: four branches, stacked. With reductions block 3a has 163,696 weights instead of 387,296, and 256 channels instead of 416.
# - The test of which kernels separate, and pairs of thin kernels that are trained as such: 14 weights for 49.
# - A mini-GoogLeNet with a plain opponent of the same budget. The order of branches and the names of layers do not matter; which fields the maps see, and in what numbers, does.
#
# Next week: what happens when nets get much deeper, and what one addition changes about it.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week11")

# %% [markdown] topics=["K4", "K1"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# ### The whole GoogLeNet (0 points, checked all the same)
#
# 224×224×3 → 7×7, stride 2, 64 maps: 112×112 → max pooling 3×3, stride 2: 56×56 → 1×1, 64 maps → 3×3, 192 maps → max pooling 3×3, stride 2: 28×28 → blocks 3a and 3b → pooling: 14×14 → 4a to 4e → pooling: 7×7 → 5a and 5b → global average → dropout 0.4 → classes with softmax. Everything padded `same`, a ReLU after every convolution; no response normalisation, no auxiliary classifiers. The numbers of the blocks are in `GOOGLENET` above.


# %% topics=["K4", "K1"] nbgrader={"grade": false, "grade_id": "googlenet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def googlenet(classes=1000):
    """GoogLeNet as in the text: input (224, 224, 3), output (classes,), probabilities; fresh weights, not compiled."""
    ### BEGIN SOLUTION
    layers = keras.layers

    def pool(x):
        return layers.MaxPooling2D(3, strides=2, padding="same")(x)

    x = inputs = keras.Input((224, 224, 3))
    x = pool(layers.Conv2D(64, 7, strides=2, padding="same", activation="relu")(x))
    x = layers.Conv2D(64, 1, activation="relu")(x)
    x = layers.Conv2D(192, 3, padding="same", activation="relu")(x)
    for name, (_, _, *maps) in GOOGLENET.items():
        if name in ("3a", "4a", "5a"):
            x = pool(x)
        x = inception_block(x, *maps)
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
    ### END SOLUTION


# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "googlenet-total", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# 6,998,552 weights, and nine blocks
from course import blocks, branches, checks

net = blocks.as_model(googlenet(), "googlenet's result")
checks.equal(net.input_shape, (None, 224, 224, 3), hint="a photograph of 224×224×3 comes in")
checks.equal(net.output_shape, (None, 1000), hint="a thousand classes come out")
checks.integer(
    net.count_params(),
    6_998_552,
    unless={
        "the 1×1 before the 3×3 at the start is missing": 6_998_552 - 4_160,
        "the biases are missing": 6_998_552 - 8_280,
        "a Flatten stands where GoogLeNet averages": 6_998_552 + 48 * 1024 * 1000,
    },
    hint="compare net.summary() with the text: 9,472 + 4,160 + 110,784 at the start, nine blocks, 1,025,000 at the end",
)
found = branches.joins(net)
checks.equal(
    [(join.end.shape[1], join.end.shape[-1]) for join in found],
    [(28, 256), (28, 480), (14, 512), (14, 512), (14, 512), (14, 528), (14, 832), (7, 832), (7, 1024)],
    hint="nine blocks: two at 28×28, five at 14×14, two at 7×7",
)
checks.passed("GoogLeNet's weights and blocks", points=0)

# %% topics=["K4"] nbgrader={"grade": true, "grade_id": "googlenet-classes", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Another number of classes
# When graded: its weights, and what it computes
from course import blocks, checks

net = blocks.as_model(googlenet(classes=17), "googlenet's result")
checks.equal(net.output_shape, (None, 17), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
import numpy as np

checks.integer(net.count_params(), 6_998_552 - 1_025 * 983, hint="only the last layer depends on the number of classes")

import keras

layers = keras.layers


def conv(x, maps, size, strides=1):
    return layers.Conv2D(maps, size, strides=strides, padding="same", activation="relu")(x)


def pool(x):
    return layers.MaxPooling2D(3, strides=2, padding="same")(x)


inputs = keras.Input((224, 224, 3))
x = conv(conv(pool(conv(inputs, 64, 7, 2)), 64, 1), 192, 3)
for name, f1, f3r, f3, f5r, f5, fp in (
    ("3a", 64, 96, 128, 16, 32, 32),
    ("3b", 128, 128, 192, 32, 96, 64),
    ("4a", 192, 96, 208, 16, 48, 64),
    ("4b", 160, 112, 224, 24, 64, 64),
    ("4c", 128, 128, 256, 24, 64, 64),
    ("4d", 112, 144, 288, 32, 64, 64),
    ("4e", 256, 160, 320, 32, 128, 128),
    ("5a", 256, 160, 320, 32, 128, 128),
    ("5b", 384, 192, 384, 48, 128, 128),
):
    x = pool(x) if name[1] == "a" else x
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    x = layers.Concatenate()(
        [conv(x, f1, 1), conv(conv(x, f3r, 1), f3, 3), conv(conv(x, f5r, 1), f5, 5), conv(pooled, fp, 1)]
    )
reference = keras.Model(inputs, layers.Dense(17, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
images = np.random.default_rng(1152).random((1, 14, 14, 3)).repeat(16, axis=1).repeat(16, axis=2).astype("float32")
found = []
for model in (net, reference):
    kernel = ()
    for (
        weight
    ) in model.weights:  # every kernel is a mean of all that it sees, so that the order of the branches is free
        shape = tuple(weight.shape)
        kernel = kernel if len(shape) == 1 else shape
        if len(shape) == 2:
            weight.assign(np.broadcast_to(np.linspace(-0.1, 0.1, 17), shape))
        elif len(shape) == 4:
            weight.assign(np.full(shape, 1 / np.prod(shape[:-1])))
        else:  # below 0 falls a third of what the first convolution gives, and the next one would let some of that through
            weight.assign(np.full(shape, {(7, 7, 3, 64): -0.45, (1, 1, 64, 64): 0.05}.get(kernel, 0)))
    found.append(np.asarray(model(images, training=False)))
checks.close(found[0].sum(), 1, rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
checks.close(
    *found,
    rtol=1e-3,
    atol=1e-5,
    hint="with the same weights your net gives other numbers: a ReLU after every convolution, 3×3 maxima of stride 2, the average at the end",
)
### END HIDDEN TESTS
checks.passed("seventeen classes", points=0, later="its weights, and what it computes")
