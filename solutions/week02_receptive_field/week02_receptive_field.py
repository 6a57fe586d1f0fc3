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

# %% [markdown] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 2 · How much has one number seen?
#
# **Afterwards you can** predict the size of every feature map before a framework prints it, tell *output size* from
# *receptive field* (the lecture slides mix them up), and choose a depth that fits an image. **Time** 2 to 3 hours.
# **You need** week 1, integer division, and a pencil.
#
# You will build a small calculator: one function for one layer, one for a whole stack, one for what the stack sees. At the
# end you compare what your formula promises with what a real network actually looks at on a photograph.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np

from course import checks

# %% [markdown] topics=["G8", "A1", "A9", "G5", "E11"] nbgrader={"grade": false, "grade_id": "size-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Where may the window stand?
#
# Forget formulas for a moment and count. A window of $k$ pixels slides over a row of $n$ pixels. It starts at the left
# edge, and the last place where it still fits begins at pixel $n - k$. Those are $n - k + 1$ places, and each place
# writes one output. A 3×3 kernel turns 36×36 into 34×34, then 32×32; 40×40 becomes 38, then 36. On a 78×78 image a 7×7
# kernel leaves 72 and a 5×5 kernel leaves 74.
#
# Three knobs change the count:
#
# - **padding** $p$ puts $p$ extra zeros on *each* side: the row is now $n + 2p$ long;
# - **stride** $s$ takes only every $s$-th place; a place that does not fit completely is not taken, so we round **down**;
# - **dilation** $d$ spreads the $k$ taps, $d$ pixels from one to the next: the window then spans $d(k-1)+1$ pixels.
#
# $$ n_\text{out} = \left\lfloor \frac{n + 2p - \big(d(k-1)+1\big)}{s} \right\rfloor + 1 $$
#
# Worked: AlexNet's first layer has $n=227, k=11, s=4, p=0$, so $\lfloor 216/4 \rfloor + 1 = 55$. With $n = 226$ it would be
# $\lfloor 215/4 \rfloor + 1 = \lfloor 53.75 \rfloor + 1 = 54$: the last window ends at column 222, and columns 223 to 225 are never looked at.
#
# **What is wrong here?** A slide says: "receptive field: $n = (n_1 + 2p - k)/s + 1$". Two things are wrong with that
# sentence. Note down what you think; the written question at the end asks for it.

# %% [markdown] topics=["D10"] nbgrader={"grade": false, "grade_id": "padding-picture", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### A picture: padding on the lecture's 5×5 grid
#
# Without padding, the centre of a 3×3 window can only stand on the inner 3×3 pixels, so the output is 3×3. One ring of
# zeros gives it room to stand on every pixel: 7×7 in, 5×5 out, the size of the original.

# %% nbgrader={"grade": false, "grade_id": "padding-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
grid = np.array([[2, 0, 1, 2, 2], [1, 0, 1, 0, 2], [1, 1, 0, 1, 1], [1, 2, 2, 2, 2], [2, 0, 2, 1, 1]])


def draw_grid(ax, values, ring, title):
    """Draw a square grid of numbers, its outer `ring` cells in grey, one 3×3 window, and the places of its centre."""
    side = len(values)
    inside = np.zeros((side, side))
    inside[ring : side - ring, ring : side - ring] = 1
    ax.imshow(inside, cmap="gray", vmin=-2.5, vmax=1)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, value, ha="center", va="center", color="black" if inside[row, column] else "0.85")
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 3, 3, fill=False, edgecolor="#d55e00", linewidth=3, label="first window"))
    ax.add_patch(
        plt.Rectangle(
            (0.5, 0.5),
            side - 2,
            side - 2,
            fill=False,
            edgecolor="#0072b2",
            linewidth=2,
            linestyle="--",
            label="where its centre may stand",
        )
    )
    ax.set(title=title, xlabel="column", ylabel="row", xticks=range(side), yticks=range(side))


fig, (left, right) = plt.subplots(1, 2, figsize=(9, 5), gridspec_kw={"width_ratios": [5, 7]}, layout="constrained")
draw_grid(left, grid, 0, "no padding: 5×5 → 3×3")
draw_grid(right, np.pad(grid, 1), 1, "one ring of zeros: 7×7 → 5×5")
fig.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncol=2, frameon=False)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-conv_output_size", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `conv_output_size` (15 points)
#
# One side, one layer. Keras knows two words for padding as well: `"valid"` is none at all, and `"same"` is as much as it
# takes to get $\lceil n/s \rceil$ outputs, whatever the kernel.
#
# Some layers are impossible: a window that is longer than the padded row has no place to stand. Say so with a
# `ValueError`; a size of 0 or −3 that travels on through the network is far harder to find.


# %% topics=["G8", "A9"] nbgrader={"grade": false, "grade_id": "conv_output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(n, k, s=1, p=0, dilation=1):
    """Length of one side after a convolution or a pooling.

    n: length of the side, k: of the kernel, s: stride (all in pixels); p: zeros added on EACH side, an int, or
    "valid" (no padding) or "same" (as much padding as gives ceil(n / s) outputs); dilation: distance between taps.
    Returns an int.
    Raises ValueError when n, k, s or dilation is smaller than 1, when p is negative or an unknown word, and when the
    (dilated) kernel is larger than the padded side.
    """
    ### BEGIN SOLUTION
    if min(n, k, s, dilation) < 1:
        raise ValueError(f"n, k, s and dilation must be at least 1, not {n}, {k}, {s}, {dilation}")
    if p == "same":
        return -(-n // s)
    if p == "valid":
        p = 0
    if isinstance(p, str) or p < 0:
        raise ValueError(f"padding is a number of pixels >= 0, 'same' or 'valid', not {p!r}")
    room = n + 2 * p - (dilation * (k - 1) + 1)
    if room < 0:
        raise ValueError(f"a kernel of {k} (dilation {dilation}) does not fit into {n} + 2*{p} pixels")
    return room // s + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_output_size-lecture", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's numbers, stride 1.
from course import checks

for n, k, expected in ((36, 3, 34), (34, 3, 32), (40, 3, 38), (78, 7, 72), (78, 5, 74), (9, 5, 5)):
    checks.equal(
        conv_output_size(n, k),
        expected,
        unless={
            "one place too few: from 0 to n - k there are n - k + 1 places": expected - 1,
            "without padding the side gets shorter: n - k + 1": n,
        },
        hint="with stride 1 and no padding a window of k fits into n pixels at n - k + 1 places",
    )
checks.equal(
    conv_output_size(5, 3, 1, 1),
    5,
    unless={"p counts the zeros on each side: the padded row has n + 2p pixels, not n + p": 4},
    hint="one ring of zeros around 5×5 leaves 5×5: n + 2p - k + 1",
)

# %% topics=["E11"] nbgrader={"grade": true, "grade_id": "conv_output_size-floor", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: strides, where a place that does not fit is not taken, and a dilated kernel.
from course import checks

for n, k, s, p, expected, exact, all_places in (
    (226, 11, 4, 0, 54, 54.75, 216),
    (8, 3, 2, 0, 3, 3.5, 6),
    (224, 7, 2, 3, 112, 112.5, 224),
    (5, 2, 2, 0, 2, 2.5, 4),
):
    checks.integer(
        conv_output_size(n, k, s, p),
        expected,
        unless={
            "the floor is forgotten: a window that does not fit completely is not taken": exact,
            "round down (floor), neither up nor to the nearest": expected + 1,
            "the stride is ignored: only every s-th place counts": all_places,
            "the + 1 is missing: the first place, at 0, counts as well": expected - 1,
        },
        hint="floor((n + 2p - k) / s) + 1",
    )
checks.integer(conv_output_size(227, 11, 4), 55, hint="(227 - 11) / 4 + 1 = 55, AlexNet's first layer")
checks.equal(
    conv_output_size(20, 3, dilation=2),
    16,
    unless={
        "dilation is ignored: taps that are d apart span d (k - 1) + 1 pixels": 18,
        "k taps have k - 1 gaps: a dilated kernel spans d (k - 1) + 1 pixels, not d k": 15,
    },
    hint="a dilated kernel spans d (k - 1) + 1 pixels",
)

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-words", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: "same" and "valid" as Keras means them.
from course import checks

checks.equal(conv_output_size(28, 3, p="valid"), 26, hint='"valid" means no padding')
checks.equal(conv_output_size(28, 3, p="same"), 28, hint='with stride 1, "same" keeps the size')
checks.equal(
    conv_output_size(32, 2, p="same"),
    32,
    unless={"with an even kernel, p = k // 2 on both sides is one too many": 33},
    hint='"same" keeps the size for an even kernel as well',
)
for n, k, s, expected in ((28, 3, 2, 14), (7, 3, 2, 4), (10, 3, 3, 4), (5, 7, 2, 3)):
    checks.equal(
        conv_output_size(n, k, s, "same"),
        expected,
        unless={
            '"same" is the size of the input only at stride 1: it is ceil(n / s)': n,
            '"same" rounds up: ceil(n / s)': expected - 1,
        },
        hint='"same" gives ceil(n / s) outputs, whatever the kernel',
    )

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-keras", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: two cases. Hidden: 200 random layers against Keras's own layers.
from course import checks

checks.equal(conv_output_size(13, 3, 2, 0), 6, hint="(13 - 3) // 2 + 1")
checks.equal(conv_output_size(30, 5, 3, 1, 2), 8, hint="floor((n + 2p - (d (k - 1) + 1)) / s) + 1")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(2021)
tried = 0
while tried < 200:
    n, k, s, d = (int(rng.integers(low, high)) for low, high in ((1, 70), (1, 8), (1, 5), (1, 4)))
    p = [0, 1, 2, 3, 5, "valid", "same"][int(rng.integers(7))]
    if s > 1:
        d = 1  # Keras has no layer with both
    ring = 0 if isinstance(p, str) else p
    if p != "same" and d * (k - 1) + 1 > n + 2 * ring:
        continue
    layer = keras.layers.Conv1D(1, k, strides=s, dilation_rate=d, padding=p if isinstance(p, str) else "valid")
    expected = layer.compute_output_shape((None, n + 2 * ring, 1))[1]
    checks.equal(
        conv_output_size(n, k, s, p, d),
        expected,
        unless={}
        if d == 1
        else {"dilation is ignored: a dilated kernel spans d (k - 1) + 1 pixels": n + 2 * ring - k + 1},
        hint="some combination of stride, padding and dilation gives another size than Keras: try each knob on its own",
    )
    tried += 1
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: a kernel that is too large, negative padding. Hidden: the other errors of the contract, and what just fits.
from course import checks

checks.raises(ValueError, lambda: conv_output_size(3, 5), hint="a kernel larger than the padded side")
checks.raises(ValueError, lambda: conv_output_size(10, 3, 1, -1), hint="negative padding")
### BEGIN HIDDEN TESTS
for n, k, s, p in ((4, 5, 2, 0), (4, 7, 3, 1), (1, 2, 4, 0), (6, 11, 4, 2)):
    checks.raises(
        ValueError,
        lambda n=n, k=k, s=s, p=p: conv_output_size(n, k, s, p),
        hint="a kernel larger than the padded side, also at a stride above 1 (int() rounds -0.5 up to 0, // does not)",
    )
checks.raises(ValueError, lambda: conv_output_size(8, 3, dilation=4), hint="a dilated kernel larger than the side")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 1, -2), hint="negative padding")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 1, "full"), hint="a word for padding that is not known")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 0), hint="a stride of 0")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 0, "same"), hint="a stride of 0")
checks.raises(ValueError, lambda: conv_output_size(8, 0), hint="a kernel of 0 pixels")
checks.raises(ValueError, lambda: conv_output_size(0, 3, 1, 2), hint="a side of 0 pixels")
checks.raises(ValueError, lambda: conv_output_size(8, 3, dilation=0), hint="a dilation of 0")
for n, k, s, p, d in ((5, 5, 1, 0, 1), (1, 3, 2, 1, 1), (9, 3, 1, 0, 4), (1, 1, 1, 0, 1), (5, 5, 3, 0, 1)):
    checks.equal(
        conv_output_size(n, k, s, p, d), 1, hint="a kernel exactly as large as the padded side still fits, once"
    )
### END HIDDEN TESTS

# %% [markdown] topics=["G8", "B1", "G9", "E14"] nbgrader={"grade": false, "grade_id": "stride-question", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** A slide says: "a larger stride reduces the parameters". Look at your function: the stride changes
# the number of *places*. Where in a 3×3 kernel does it appear? Keep the thought for the written question.

# %% [markdown] topics=["G10", "D10"] nbgrader={"grade": false, "grade_id": "even-kernels", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Odd and even kernels
#
# To keep the size at stride 1, a kernel of $k$ pixels needs $k - 1$ zeros in all. For $k = 3$ that is one on each side, for
# $k = 5$ two. For $k = 2$ it is a single zero, and it has to go *somewhere*. Keras puts the odd one **after** (bottom and
# right). That is why the field prefers odd kernels: they have a centre pixel, and padding is symmetric. The lecture's
# CIFAR net uses 2×2 kernels, and each of its layers shifts what it sees by half a pixel.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-same_padding", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `same_padding` (10 points)
#
# At stride 1: how many zeros go before the row, how many after?


# %% topics=["D10", "G10"] nbgrader={"grade": false, "grade_id": "same_padding", "locked": false, "schema_version": 3, "solution": true, "task": false}
def same_padding(k):
    """Zeros that Keras's padding="same" adds to one side's two ends, stride 1.

    k: kernel length, odd or even. Returns (before, after), two ints; where they differ, `after` is the larger.
    Raises ValueError when k is smaller than 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"a kernel has at least one pixel, not {k}")
    before = (k - 1) // 2
    return before, k - 1 - before
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "same_padding-odd", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: odd kernels.
from course import checks

checks.equal(
    same_padding(5),
    (2, 2),
    unless={
        "return two numbers, (before, after), not their sum": 4,
        "return two numbers, (before, after): an odd kernel has the same on both sides": 2,
        "k - 1 is the number of zeros in all, not on each side": (4, 4),
        "a kernel has k - 1 neighbours to make room for, not k": (2, 3),
    },
    hint="a kernel of 5 reaches two pixels to either side of its centre",
)
for k, expected in ((1, (0, 0)), (3, (1, 1)), (11, (5, 5))):
    checks.equal(
        same_padding(k), expected, hint="an odd kernel has the same number of zeros on both sides, k - 1 in all"
    )

# %% nbgrader={"grade": true, "grade_id": "same_padding-even", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: even kernels. k - 1 zeros in all, the odd one after.
from course import checks

checks.equal(
    same_padding(2),
    (0, 1),
    unless={
        "p = k // 2 on both sides is one zero too many for an even kernel: the output grows by 1": (1, 1),
        "one zero too few for an even kernel: before + after must be k - 1": (0, 0),
        "the wrong way round: Keras pads an even kernel more after (bottom, right) than before": (1, 0),
        "half a zero cannot be added: the counts are whole, and the larger one goes after": (0.5, 0.5),
    },
    hint="a kernel of 2 needs a single zero, and Keras puts it after",
)
for k, expected in ((4, (1, 2)), (6, (2, 3))):
    checks.equal(same_padding(k), expected, hint="before + after = k - 1, and the larger of the two goes after")

# %% nbgrader={"grade": true, "grade_id": "same_padding-keras", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one kernel. Hidden: many, against the zeros that a Keras layer really adds; a kernel of no pixels.
from course import checks

checks.equal(same_padding(7), (3, 3), hint="k - 1 = 6 zeros in all")

### BEGIN HIDDEN TESTS
import keras
import numpy as np

n, centre = 61, 30
impulse = np.zeros((1, n, 1), dtype="float32")
impulse[0, centre, 0] = 1
for k in (1, 2, 3, 7, 8, 9, 10, 12, 15, 16, 20):
    layer = keras.layers.Conv1D(1, k, padding="same", use_bias=False, kernel_initializer="ones")
    seen = np.flatnonzero(keras.ops.convert_to_numpy(layer(impulse))[0, :, 0])
    # Output i looks at inputs i - before ... i + after, so the impulse appears from centre - after to centre + before.
    got = checks.unchanged(same_padding, k)
    checks.shape(got, (2,), hint="return two numbers, (before, after)")
    checks.equal(
        got,
        (int(seen[-1]) - centre, centre - int(seen[0])),
        hint="Keras pads k - 1 zeros in all; for even kernels the larger part goes after",
    )
    for side in got:
        checks.integer(side, int(side), hint="counts of zeros are whole")
checks.raises(ValueError, lambda: same_padding(0), hint="a kernel with k below 1")
checks.raises(ValueError, lambda: same_padding(-3), hint="a kernel with k below 1")
### END HIDDEN TESTS

# %% [markdown] topics=["G10"] nbgrader={"grade": false, "grade_id": "even-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Now look. One bright pixel in the middle of 11×11, a kernel of ones, `padding="same"`: the light area shows which outputs
# noticed the pixel. With odd kernels it sits around the cross; with even ones it leans to the upper left, because each
# output looks further to its lower right.

# %% nbgrader={"grade": false, "grade_id": "even-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import keras

bright = np.zeros((1, 11, 11, 1), dtype="float32")
bright[0, 5, 5, 0] = 1
fig, axes = plt.subplots(1, 4, figsize=(12, 3.7), sharey=True, layout="constrained")
for ax, k in zip(axes, (3, 5, 2, 4), strict=True):
    layer = keras.layers.Conv2D(1, k, padding="same", use_bias=False, kernel_initializer="ones")
    ax.imshow(keras.ops.convert_to_numpy(layer(bright))[0, :, :, 0], cmap="cividis", vmin=0, vmax=1)
    ax.plot(5, 5, "+", color="#d55e00", markersize=14, markeredgewidth=2.5)
    ax.set(title=f"{k}×{k} kernel", xlabel="column", xticks=(0, 5, 10), yticks=(0, 5, 10))
axes[0].set_ylabel("row")
fig.suptitle("Which outputs see the pixel at the cross?")
with checks.waiting_for("same_padding"):
    for ax, k in zip(axes, (3, 5, 2, 4), strict=True):
        ax.set_title("{0}×{0} kernel: {1} before, {2} after".format(k, *same_padding(k)))
plt.show()

# %% [markdown] topics=["A1", "G5", "G6"] nbgrader={"grade": false, "grade_id": "trace-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · A whole stack
#
# From here on, a network is a list of layers, and a layer is a tuple `(k, s, p)`: kernel, stride, padding. Pooling has a
# window and a stride too, so it is written the same way: `(2, 2, 0)` is a 2×2 pooling. We call the list a **spec**, and
# every function below takes the same kind.
#
# The lecture's example: `[(3, 1, 0), (3, 1, 0)]` takes 36 to 34 to 32. Its 20×20×3 image goes through three layers of
# 3×3 with 32, 64 and 128 kernels:
#
# | layer | output | parameters |
# |---|---|---|
# | image | 20×20×3 | |
# | 3×3×32 | 18×18×32 | (3·3·3 + 1)·32 = 896 |
# | 3×3×64 | 16×16×64 | (3·3·32 + 1)·64 = 18,496 |
# | 3×3×128 | *the slide leaves this blank* | (3·3·64 + 1)·128 = 73,856 |
#
# Your function will fill the gap. Depth does not enter it: the number of kernels changes the third number only.

# %% nbgrader={"grade": false, "grade_id": "spec-examples", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
conv3, pool2 = (3, 1, 1), (2, 2, 0)
NETS = {
    "MNIST net": (28, [(3, 1, "same"), pool2, (3, 1, "same"), pool2]),
    "CIFAR net": (32, [(2, 1, "same"), pool2, (2, 1, "same"), pool2, (2, 1, "same"), pool2]),
    "AlexNet": (227, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), conv3, conv3, conv3, (3, 2, 0)]),
    "ZFNet": (224, [(7, 2, 1), (3, 2, 1), (5, 2, 0), (3, 2, 1), conv3, conv3, conv3, (3, 2, 0)]),
    "VGG16": (224, [layer for convs in (2, 2, 3, 3, 3) for layer in [conv3] * convs + [pool2]]),
}

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-shape_trace", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `shape_trace` (20 points)
#
# Follow one image through a spec. Images need not be square: 1080×1920 is a pair of sides, and each side is followed for
# itself.


# %% topics=["A1", "G5"] nbgrader={"grade": false, "grade_id": "shape_trace", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shape_trace(n, spec):
    """Sizes of the image and of every feature map.

    n: the image's side, an int, or its two sides, a tuple (h, w), in pixels; spec: list of layers (k, s, p), where p
    is an int (zeros on each side), "same" or "valid".
    Returns a list of len(spec) + 1 sizes, the input first: ints when n is an int, tuples (h, w) when it is a tuple.
    Raises ValueError when a layer does not fit (see conv_output_size).
    """
    ### BEGIN SOLUTION
    sizes = [n]
    for k, s, p in spec:
        last = sizes[-1]
        if isinstance(last, tuple):
            sizes.append(tuple(conv_output_size(side, k, s, p) for side in last))
        else:
            sizes.append(conv_output_size(last, k, s, p))
    return sizes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shape_trace-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's stacks of 3×3 layers.
from course import checks

checks.rows(
    [[size] for size in shape_trace(36, [(3, 1, 0), (3, 1, 0)])],
    [[36], [34], [32]],
    unless={
        "the list begins with the input": [[34], [32]],
        "each layer starts from the size the layer before it has left, not from the image": [[36], [34], [34]],
        "return every size on the way, not only the last": [[32]],
    },
    hint="36 → 34 → 32: the input, then one size per layer",
)
checks.equal(
    shape_trace(20, [(3, 1, 0)] * 3),
    [20, 18, 16, 14],
    hint="20 → 18 → 16 → 14: this last size is the one that the slide leaves blank",
)
checks.equal(shape_trace(9, []), [9], hint="a network without layers leaves the image as it is")

# %% nbgrader={"grade": true, "grade_id": "shape_trace-pools", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the MNIST net with its two poolings, and AlexNet with strides, floors and padding.
from course import checks

same3, pool2 = (3, 1, "same"), (2, 2, 0)
checks.equal(
    shape_trace(28, [same3, pool2, same3, pool2]),
    [28, 28, 14, 14, 7],
    unless={
        "the stride is ignored: pooling by 2 halves the side": [28, 28, 27, 27, 26],
        "the list begins with the input": [28, 14, 14, 7],
    },
    hint="MNIST net: 28 → 28 → 14 → 14 → 7",
)
checks.equal(
    shape_trace(227, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]),
    [227, 55, 27, 27, 13, 13, 13, 13, 6],
    hint="AlexNet: 227 → 55 → 27 → 27 → 13 → 13 → 13 → 13 → 6; a layer is (k, s, p), p zeros on each side",
)

# %% nbgrader={"grade": true, "grade_id": "shape_trace-pair", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: a wide image. Hidden: others, tall and wide, and what is done to your arguments.
from course import checks

checks.equal(
    shape_trace((36, 48), [(3, 1, 0), (2, 2, 0)]),
    [(36, 48), (34, 46), (17, 23)],
    unless={
        "only the height shrinks: the window slides along the width as well": [(36, 48), (34, 48), (17, 48)],
        "only the width shrinks: the window slides along the height as well": [(36, 48), (36, 46), (36, 23)],
        "for a pair (h, w) every size is a pair": [36, 34, 17],
    },
    hint="each of the two sides is followed for itself: (36, 48) → (34, 46) → (17, 23)",
)
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(36)
for _ in range(8):
    h, w = (int(side) for side in rng.integers(40, 140, size=2))
    spec, expected = [], [(h, w)]
    for _ in range(4):
        k, s = int(rng.integers(1, 6)), int(rng.integers(1, 3))
        p = ["same", "valid"][int(rng.integers(2))]
        spec.append((k, s, p))
        layer = keras.layers.MaxPooling2D(k, strides=s, padding=p)
        expected.append(tuple(layer.compute_output_shape((None, *expected[-1], 1))[1:3]))
    got = checks.unchanged(shape_trace, (h, w), spec)
    checks.equal(got, expected, hint="each side of an image that is not square is followed for itself")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "shape_trace-keras", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: how many sizes there are. Hidden: random stacks, against the shapes of real Keras models.
from course import checks

checks.equal(
    len(shape_trace(50, [(3, 1, 0)] * 4)), 5, hint="four layers have five sizes: the list begins with the input"
)

### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(40)
for _ in range(12):
    n = int(rng.integers(60, 240))
    x = model_input = keras.Input((n, 1))
    spec, maps = [], [x]
    for _ in range(int(rng.integers(2, 9))):
        side = x.shape[1]
        k, s = int(rng.integers(1, min(7, side) + 1)), int(rng.integers(1, 4))
        p = [0, 1, 2, "same", "valid"][int(rng.integers(5))]
        spec.append((k, s, p))
        if isinstance(p, int):
            x = keras.layers.Conv1D(1, k, strides=s)(keras.layers.ZeroPadding1D(p)(x))
        else:
            x = keras.layers.Conv1D(1, k, strides=s, padding=p)(x)
        maps.append(x)
        if x.shape[1] < 3:
            break
    expected = [m.shape[1] for m in maps]
    got = checks.unchanged(shape_trace, n, spec)
    checks.equal(
        got,
        expected,
        unless={"the list begins with the input": expected[1:], "return every size, not only the last": expected[-1]},
        hint="each layer takes (kernel, stride, padding per side), and starts from the size of the layer before it",
    )
    checks.integer(got[-1], expected[-1])
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "shape_trace-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the layer that no longer fits. Hidden: deeper down, and on one side only.
from course import checks

checks.equal(shape_trace(7, [(3, 1, 0)] * 3), [7, 5, 3, 1], hint="7 → 5 → 3 → 1 still fits")
checks.raises(ValueError, lambda: shape_trace(7, [(3, 1, 0)] * 4), hint="a 3×3 layer on a map of 1×1 does not fit")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: shape_trace(28, [(2, 2, 0)] * 5), hint="a layer far down that does not fit")
checks.raises(ValueError, lambda: shape_trace((4, 30), [(5, 1, 0)]), hint="a kernel that fits into one side only")
checks.raises(ValueError, lambda: shape_trace((30, 4), [(5, 2, 0)]), hint="a kernel that fits into one side only")
checks.raises(ValueError, lambda: shape_trace(12, [(3, 1, 0), (3, 1, -1)]), hint="negative padding")
### END HIDDEN TESTS

# %% [markdown] topics=["A4"] nbgrader={"grade": false, "grade_id": "pyramid-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Two kinds of pyramid
#
# The lecture draws networks as pyramids: the base is the image, every layer is a course of stones. Only 3×3 layers, without
# padding, build the smooth pyramid of Egypt: it loses two pixels a layer and needs 199 of them on a 400×400 image. The
# networks that won contests are stepped pyramids, as the Maya built them: a **block** of layers keeps the size, a
# **transition** (a pooling or a stride) halves it. Count the steps of VGG16: how many blocks does it have?


# %% nbgrader={"grade": false, "grade_id": "pyramid-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def draw_pyramid(ax, sizes, title, labels=True):
    """Draw sizes (pixels) as courses of a pyramid, the image at the bottom; a label at each step."""
    colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.9, len(set(sizes))))
    colour_of = dict(zip(sorted(set(sizes), reverse=True), colours, strict=True))
    for level, size in enumerate(sizes):
        ax.barh(level, size, left=-size / 2, height=1.0, color=colour_of[size], edgecolor="white" if labels else "none")
    for size in colour_of if labels else ():
        first = sizes.index(size)
        ax.text(max(sizes) / 2 + 8, first + (sizes.count(size) - 1) / 2, f"{size}×{size}", va="center", fontsize=9)
    ax.set(title=title, xlabel="side (pixels), centred", xlim=(-max(sizes) * 0.53, max(sizes) * 0.75))
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.spines[["top", "right"]].set_visible(False)


with checks.waiting_for("shape_trace"):
    smooth = shape_trace(400, [(3, 1, 0)] * 199)
    fig, axes = plt.subplots(1, 3, figsize=(13, 5), layout="constrained")
    draw_pyramid(axes[0], smooth, f"199 layers of 3×3: 400 → {smooth[-1]}", labels=False)
    for ax, name in zip(axes[1:], ("AlexNet", "VGG16"), strict=True):
        side, spec = NETS[name]
        draw_pyramid(ax, shape_trace(side, spec), f"{name}: {len(spec)} layers with a window")
    axes[0].set_ylabel("layer (0 is the image)")
    fig.suptitle("The pyramid of shapes: smooth and stepped")
    plt.show()

# %% [markdown] topics=["B1", "G4", "G9"] nbgrader={"grade": false, "grade_id": "rf-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · What has one number seen?
#
# The size of a map says how *many* numbers there are. The **receptive field** says how much of the image one of them has
# seen. Stand on one number behind three 3×3 layers and look back: it saw 3×3 numbers of the map before it. Neighbouring
# windows overlap, so those 3×3 numbers together saw 5×5 of the map before that, and these saw 7×7 pixels. Each further
# layer adds a rim of one pixel on each side: 3 → 5 → 7. One layer is **local**: a corner, an edge. A network whose last
# number has a receptive field as large as the image is **global**: it can tell a dog from a wolf.
#
# Two things follow at once. Two layers of 3×3 see as much as one 5×5 (9×9 → 5×5 either way), three as much as one 7×7.
#
# **With a stride** a new thing comes in. Behind a 2×2 pooling, neighbouring numbers stand 2 pixels apart *in the image*. This
# distance is called the **jump**. One step of a 3×3 window on that map is a jump of 2 pixels, so its rim is 2 pixels wide on
# each side. Worked, the lecture's MNIST net:
#
# | layer | k, s | the field grows by | receptive field | jump behind the layer |
# |---|---|---|---|---|
# | image | | | 1 | 1 |
# | 3×3 convolution | 3, 1 | 2 steps of 1 pixel | 3 | 1 |
# | 2×2 pooling | 2, 2 | 1 step of 1 pixel | 4 | 2 |
# | 3×3 convolution | 3, 1 | 2 steps of 2 pixels | 8 | 2 |
# | 2×2 pooling | 2, 2 | 1 step of 2 pixels | 10 | 4 |
#
# Note the order in the second row: the pooling itself still steps in jumps of 1; only what comes *after* it jumps by 2.
# Padding does not appear anywhere: zeros at the rim change how many numbers there are, not how far one of them looks.

# %% [markdown] topics=["G7"] nbgrader={"grade": false, "grade_id": "two-small-kernels", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Why two small kernels instead of one large one?
#
# The same field for fewer weights: 5×5 has 25 weights per pair of channels, two 3×3 have 18, that is 7/25 = **28 %** fewer.
# For 7×7 against three 3×3 it is 49 against 27: **45 %** fewer. There is one more nonlinearity with every layer as well.
# (Careful: 18 is 28 % less than 25. The 36 % that one reads now and then is 9/25, another question.)

# %% [markdown] topics=["G5", "G6"] nbgrader={"grade": false, "grade_id": "measure-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Measure first, then compute
#
# There is an honest way to find out what a number sees, without any formula: nudge one pixel of the image and look whether
# the number moves. Here is the lecture's 20×20×3 image and its three 3×3 layers with random weights. We nudge each pixel in
# turn and watch one unit in the middle of the map.


# %% nbgrader={"grade": false, "grade_id": "influence", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def influence(model, image, block=1, nudge=0.1, batch=64):
    """How far the central unit of a model's last map moves when a block of the input is nudged.

    model: Keras model, image (H, W, C) in, map (h, w, K) out; image: float array; block: side of a nudged square, pixels;
    nudge: what is added to all its values. Returns (H // block, W // block): mean |change| over the K channels.
    """
    rows, columns = image.shape[0] // block, image.shape[1] // block
    places = [(r * block, c * block) for r in range(rows) for c in range(columns)]

    def centre(images):
        maps = keras.ops.convert_to_numpy(model(images))
        return maps[:, maps.shape[1] // 2, maps.shape[2] // 2, :]

    still, moved = centre(image[None]), []
    for start in range(0, len(places), batch):
        nudged = np.repeat(image[None], min(batch, len(places) - start), axis=0)
        for copy, (r, c) in zip(nudged, places[start : start + batch], strict=True):
            copy[r : r + block, c : c + block] += nudge
        moved.append(np.abs(centre(nudged) - still).mean(axis=1))
    return np.concatenate(moved).reshape(rows, columns)


# %% nbgrader={"grade": false, "grade_id": "measure-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(SEED)
noise = np.random.default_rng(SEED).random((20, 20, 3)).astype("float32")
stack, measured = keras.Sequential([keras.Input((20, 20, 3))]), []
fig, axes = plt.subplots(1, 3, figsize=(11, 4.4), sharey=True, layout="constrained")
for ax, filters in zip(axes, (32, 64, 128), strict=True):
    stack.add(keras.layers.Conv2D(filters, 3))
    touched = influence(stack, noise, batch=400) > 1e-6
    measured.append(int(touched.any(axis=0).sum()))
    ax.imshow(touched, cmap="cividis")
    h, w, channels = stack.output_shape[1:]
    ax.set(title=f"{len(measured)} × conv 3×3: {h}×{w}×{channels}\none unit sees {measured[-1]}×{measured[-1]}")
    ax.set(xlabel="column (pixel)", xticks=(0, 5, 10, 15, 19), yticks=(0, 5, 10, 15, 19))
axes[0].set_ylabel("row (pixel)")
fig.suptitle("Measured: the pixels that move the central unit (bright)")
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-receptive_field", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `receptive_field` (25 points)
#
# Now as arithmetic. Go through the spec once and keep two numbers, the receptive field and the jump. Write one row per
# layer: the field, the jump behind this layer, and, when the size of the image is given, the size of the map.


# %% topics=["G4", "G6", "G9", "B7"] nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(spec, n=None):
    """Receptive field, jump and size behind every layer.

    spec: list of layers (k, s, p), as in shape_trace; n: side of the image, an int or a tuple (h, w), or None.
    Returns a list with one row (rf, jump, size) per layer. rf: pixels of the image that one number has seen, per side;
    jump: distance in pixels of the image between neighbouring numbers; size: as in shape_trace, None when n is None.
    rf is the theoretical field: it may exceed the image.
    """
    ### BEGIN SOLUTION
    sizes = [None] * (len(spec) + 1) if n is None else shape_trace(n, spec)
    rf, jump, table = 1, 1, []
    for (k, s, _), size in zip(spec, sizes[1:], strict=True):
        rf += (k - 1) * jump
        jump *= s
        table.append((rf, jump, size))
    return table
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "receptive_field-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: three layers of 3×3, as measured above.
from course import checks

rows = receptive_field([(3, 1, 0)] * 3)
checks.rows(
    rows,
    [(3, 1, None), (5, 1, None), (7, 1, None)],
    unless={
        "kernels are not multiplied: windows overlap, a 3×3 layer adds 2 pixels": [
            (3, 1, None),
            (9, 1, None),
            (27, 1, None),
        ],
        "kernels are not added: windows overlap, a 3×3 layer adds only k - 1 = 2": [
            (3, 1, None),
            (6, 1, None),
            (9, 1, None),
        ],
        "a pixel has seen itself: before the first layer the field is 1, not 0": [
            (2, 1, None),
            (4, 1, None),
            (6, 1, None),
        ],
        "one row per layer: the image itself has no row": [(1, 1, None), (3, 1, None), (5, 1, None), (7, 1, None)],
        "a row is (rf, jump, size), with size None when no n is given": [(3, 1), (5, 1), (7, 1)],
    },
    hint="each 3×3 layer adds k - 1 = 2 pixels: 3, 5, 7; with stride 1 the jump stays 1; no n, no size: None",
)

# %% nbgrader={"grade": true, "grade_id": "receptive_field-jump", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the MNIST net of the table above, and the CIFAR net with its 2×2 kernels.
from course import checks

same3, same2, pool2 = (3, 1, "same"), (2, 1, "same"), (2, 2, 0)
checks.equal(
    [tuple(row)[:2] for row in receptive_field([same3, pool2, same3, pool2])],
    [(3, 1), (4, 2), (8, 2), (10, 4)],
    unless={
        "the jump is ignored: behind a stride of 2, one step of a window is 2 pixels of the image": [
            (3, 1),
            (4, 2),
            (6, 2),
            (7, 4),
        ],
        "the jump is updated before it is used: a layer's own stride counts only for the layers after it": [
            (3, 1),
            (5, 2),
            (9, 2),
            (13, 4),
        ],
        "the jump is the product of all strides so far, not the stride of this layer": [(3, 1), (4, 2), (8, 1), (9, 2)],
        "strides multiply, they are not added: jump *= s": [(3, 1), (4, 2), (8, 2), (10, 3)],
        "pooling is a window as well: it widens the field by (k - 1) · jump": [(3, 1), (3, 2), (7, 2), (7, 4)],
        "the jump in a row is the one behind this layer, not before it": [(3, 1), (4, 1), (8, 2), (10, 2)],
    },
    hint="rf grows by (k - 1) · jump, then jump is multiplied by s: (3, 1), (4, 2), (8, 2), (10, 4)",
)
checks.equal(
    [tuple(row)[:2] for row in receptive_field([same2, pool2] * 3)],
    [(2, 1), (3, 2), (5, 2), (7, 4), (11, 4), (15, 8)],
    unless={
        "strides multiply, they are not added: jump *= s": [(2, 1), (3, 2), (5, 2), (7, 3), (10, 3), (13, 4)],
    },
    hint="the CIFAR net ends at a receptive field of 15 and a jump of 8; rf first, with the old jump, then jump *= s",
)

# %% nbgrader={"grade": true, "grade_id": "receptive_field-known-nets", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the numbers that the literature gives, after the last pooling. Hidden: padding must not matter; the whole table.
from course import checks

conv3, pool2 = (3, 1, 1), (2, 2, 0)
vgg16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [conv3] * convs + [pool2]]
alexnet = [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), conv3, conv3, conv3, (3, 2, 0)]
zfnet = [(7, 2, 1), (3, 2, 1), (5, 2, 0), (3, 2, 1), conv3, conv3, conv3, (3, 2, 0)]
for name, spec, rf, jump in (("VGG16", vgg16, 212, 32), ("AlexNet", alexnet, 195, 32), ("ZFNet", zfnet, 171, 32)):
    last = receptive_field(spec)[-1]
    checks.equal(
        last[0], rf, hint=f"the last pooling of {name} has a receptive field of {rf} pixels; padding has no part in it"
    )
    checks.equal(last[1], jump, hint=f"the strides of {name} multiply to {jump}")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(212)
for _ in range(6):
    kernels, strides = rng.integers(1, 8, size=6).tolist(), rng.integers(1, 4, size=6).tolist()
    spec = [(k, s, 0) for k, s in zip(kernels, strides, strict=True)]
    # Walking back from the last layer: w neighbouring numbers have seen (w - 1) s + k numbers of the map before.
    expected = []
    for depth in range(1, 7):
        seen = 1
        for k, s in zip(kernels[depth - 1 :: -1], strides[depth - 1 :: -1], strict=True):
            seen = (seen - 1) * s + k
        expected.append((seen, int(np.prod(strides[:depth]))))
    got = [tuple(row)[:2] for row in checks.unchanged(receptive_field, spec)]
    checks.equal(got, expected, hint="strides and kernels in any order: rf += (k - 1) · jump, then jump *= s")
    padded = [(k, s, "same" if i % 2 else 3) for i, (k, s, _) in enumerate(spec)]
    checks.equal(
        [tuple(row)[:2] for row in receptive_field(padded)],
        expected,
        hint="padding changes how many numbers there are, not how far one of them looks",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "receptive_field-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: sizes behind each layer. Hidden: small images, pairs, and maps against Keras.
from course import checks

checks.rows(
    receptive_field([(3, 1, 0)] * 3, 20),
    [(3, 1, 18), (5, 1, 16), (7, 1, 14)],
    unless={
        "(n + 2p - k) / s + 1 is the output size, not the receptive field": [(18, 1, 18), (16, 1, 16), (14, 1, 14)],
        "the size in a row is the one behind the layer, not before it": [(3, 1, 20), (5, 1, 18), (7, 1, 16)],
        "with n given, the third entry is the size of the map": [(3, 1, None), (5, 1, None), (7, 1, None)],
    },
    hint="20 → 18 → 16 → 14, with fields 3, 5, 7",
)
### BEGIN HIDDEN TESTS
import keras

same3, pool2 = (3, 1, "same"), (2, 2, 0)
checks.equal(
    receptive_field([same3, pool2, same3, same3], 8),
    [(3, 1, 8), (4, 2, 4), (8, 2, 4), (12, 2, 4)],
    hint="the theoretical field may exceed the image: do not cut it off",
)
checks.equal(
    receptive_field([(5, 2, 2), pool2, (3, 1, 0)], (45, 62)),
    [(5, 2, (23, 31)), (7, 4, (11, 15)), (15, 4, (9, 13))],
    hint="for an image (h, w) every size is a pair; the field is still one number",
)
checks.equal(receptive_field([], 12), [], hint="no layer, no row")
model = keras.Sequential([keras.Input((97, 1))])
spec = [(7, 2, "valid"), (3, 1, "same"), (2, 2, "valid"), (5, 3, "same"), (4, 1, "valid")]
for k, s, p in spec:
    model.add(keras.layers.Conv1D(1, k, strides=s, padding=p))
sizes = [layer.output.shape[1] for layer in model.layers]
checks.equal([row[2] for row in receptive_field(spec, 97)], sizes, hint="the third entry is the size behind each layer")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "receptive_field-measured", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Visible: one layer. Hidden: random stacks, built in Keras and measured by lighting every pixel. No formula on our side.
from course import checks

checks.equal(
    receptive_field([(5, 3, 0)], 20), [(5, 3, 6)], hint="one layer sees its kernel, and its jump is its stride"
)

### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(7)
for _ in range(10):
    spec, jump, reach = [], 1, 1
    while len(spec) < 2 or (len(spec) < 6 and reach < 90):
        k, s = int(rng.integers(1, 7)), int(rng.choice([1, 1, 2, 3]))
        spec.append((k, s, ["valid", "same"][int(rng.integers(2))]))
        reach, jump = reach + k * jump, jump * s  # generous: only to make the row long enough
    n = 3 * reach + 4 * jump
    model = keras.Sequential([keras.Input((n, 1))])
    for k, s, p in spec:
        model.add(keras.layers.Conv1D(1, k, strides=s, padding=p, kernel_initializer="ones"))
    # Row i of the identity is an image in which only pixel i is lit; ones everywhere, so nothing cancels.
    lit = keras.ops.convert_to_numpy(model(np.eye(n, dtype="float32")[:, :, None]))[:, :, 0] > 0
    middle = lit.shape[1] // 2
    seen, neighbour = np.flatnonzero(lit[:, middle]), np.flatnonzero(lit[:, middle + 1])
    # With a stride larger than its kernel a layer skips pixels, so the field is measured from its first to its last pixel.
    width, step = int(seen[-1] - seen[0]) + 1, int(neighbour[0] - seen[0])
    last = receptive_field(spec, n)[-1]
    checks.equal(last[0], width, hint="nudging pixels of a real stack shows another receptive field than yours")
    checks.equal(last[1], step, hint="neighbouring numbers of a real stack see fields that are another jump apart")
    checks.equal(last[2], lit.shape[1], hint="the size of the last map is another one in a real stack")
### END HIDDEN TESTS

# %% [markdown] topics=["B7", "G9"] nbgrader={"grade": false, "grade_id": "growth-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Look: how the field grows
#
# Read off your own numbers. The steeper a line, the more a layer brings: after every pooling the slope doubles. A rule of
# the lecture says that the last receptive field should come close to the size of the image: for 300×300 something like
# 290, 280 or 270. Its measure is the ratio field / image, and a good range is 0.9 to 1.1. Which of the five nets keep to
# it? Which image would suit VGG16's last pooling exactly?

# %% nbgrader={"grade": false, "grade_id": "growth-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
styles = {"MNIST net": "o-", "CIFAR net": "s--", "AlexNet": "^-.", "ZFNet": "v:", "VGG16": "D-"}


def rf_ratio(spec, n):
    """Receptive field of the last layer over the larger side of the image, from your receptive_field."""
    return receptive_field(spec)[-1][0] / (max(n) if isinstance(n, tuple) else n)


with checks.waiting_for("receptive_field"):
    fields = {name: [1] + [row[0] for row in receptive_field(spec)] for name, (_, spec) in NETS.items()}
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(13, 4.8), gridspec_kw={"width_ratios": [3, 2]}, layout="constrained"
    )
    near = left.inset_axes([0.66, 0.08, 0.32, 0.27], xlim=(0, 6.3), ylim=(0, 17), title="the first six layers")
    for (name, field), colour in zip(
        fields.items(), ("#000000", "#e69f00", "#0072b2", "#56b4e9", "#d55e00"), strict=True
    ):
        for ax in (left, near):
            ax.plot(field, styles[name], color=colour, markersize=4, label=f"{name}: {field[-1]} pixels")
    left.set(title="Receptive field over depth", xlabel="layer (0 is the image)", ylabel="receptive field (pixels)")
    left.set_xticks(range(0, 19, 2))
    left.grid(alpha=0.3)
    left.legend(loc="upper left")
    ratios = {f"{name}\n({side})": rf_ratio(spec, side) for name, (side, spec) in NETS.items()}
    right.axhspan(0.9, 1.1, color="#009e73", alpha=0.25, label="0.9 to 1.1")
    bars = right.bar(list(ratios), list(ratios.values()), color="0.35")
    right.bar_label(bars, fmt="%.2f")
    right.set(title="Receptive field over image side", xlabel="net (side of its image)", ylabel="ratio", ylim=(0, 1.25))
    right.legend(loc="upper left")
    plt.show()

# %% topics=["B7"] nbgrader={"grade": false, "grade_id": "depth-choice", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How many 3×3 layers, with a 2×2 pooling after every second one, for these images? Where the range is missed, what would you change?
with checks.waiting_for("receptive_field"):
    lines = ["image   layers: ratio of receptive field to image (in the range 0.9 to 1.1: *)"]
    for side in (300, 400, 500, 800):
        line = f"{side:5}  "
        for convs in range(2, 17):
            spec = [layer for i in range(convs) for layer in ([(2, 2, 0)] if i and i % 2 == 0 else []) + [(3, 1, 1)]]
            ratio = rf_ratio(spec, side)
            if 0.5 <= ratio <= 2:
                line += f"  {convs:2}: {ratio:.2f}{'*' if 0.9 <= ratio <= 1.1 else ' '}"
        lines.append(line)
    print("\n".join(lines))

# %% [markdown] topics=["A2", "A3", "E9", "E10"] nbgrader={"grade": false, "grade_id": "depth-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · How deep for which image?
#
# "400×400, 3×3 kernels: how many layers?" The slide answers "199/200", as if it could not decide. There are two questions
# in it, and each has one answer.
#
# 1. **Collapse.** How many layers without padding can be applied before none fits any more, and how large is the last map?
# 2. **Field.** How many layers are needed until one number has seen the whole image, a receptive field of at least $n$?
#
# **What is wrong here?** Another slide says "1920×1080: 2000 layers". Work out the second question for the larger side (a
# number that has seen 1920 columns has also seen 1080 rows) before you run the check.
#
# Nobody builds either of them. With a pooling after every $m$ layers the jump doubles each time, and a handful of layers is
# enough. That is what pooling is *for*.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-layer_counts", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `layers_to_collapse` and `layers_for_rf` (15 points)
#
# Both in one cell. Strides are 1 throughout, only the poolings have stride 2.


# %% topics=["A2", "A3", "B7", "E9"] nbgrader={"grade": false, "grade_id": "layer_counts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layers_to_collapse(n, k=3):
    """How many k×k layers without padding, stride 1, fit onto a side of n pixels, one after the other.

    Returns (layers, size): their number, and the side of the last map.
    Raises ValueError when n is smaller than 1, or k smaller than 2 (a 1×1 layer never shrinks anything).
    """
    ### BEGIN SOLUTION
    if n < 1 or k < 2:
        raise ValueError(f"n must be at least 1 and k at least 2, not {n} and {k}")
    layers = (n - 1) // (k - 1)
    return layers, n - layers * (k - 1)
    ### END SOLUTION


def layers_for_rf(n, k=3, pool_every=None):
    """Smallest number of k×k convolutions, stride 1, after which the receptive field is at least n.

    n: side of the image, or a tuple (h, w): then the larger side counts.
    pool_every: None for no pooling; m for a 2×2 pooling with stride 2 after every m convolutions. Poolings widen the
    field but are not counted, and the field is that of the last convolution.
    Raises ValueError when a side is smaller than 1, k smaller than 2 or pool_every smaller than 1.
    """
    ### BEGIN SOLUTION
    sides = n if isinstance(n, tuple) else (n,)
    if min(sides) < 1 or k < 2 or (pool_every is not None and pool_every < 1):
        raise ValueError(f"cannot count layers for n={n}, k={k}, pool_every={pool_every}")
    rf, jump, layers = 1, 1, 0
    while rf < max(sides):
        if pool_every and layers and layers % pool_every == 0:
            rf, jump = rf + jump, 2 * jump
        rf += (k - 1) * jump
        layers += 1
    return layers
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "layer_counts-collapse", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: 400×400, layer by layer until nothing fits.
from course import checks

checks.equal(
    layers_to_collapse(400),
    (199, 2),
    unless={
        "off by one: after 199 layers the map is 2×2, and no 3×3 window fits into that": (200, 0),
        "199 layers, yes, but 400 - 2 · 199 = 2: an even side never becomes 1×1": (199, 1),
        "that is the other question, the receptive field: see how many layers still fit": (200, 1),
        "return two numbers: the layers, and the size at which they end": 199,
        "return (layers, size), in this order": (2, 199),
        "one more layer fits: a 3×3 window has one place on a map of 4 × 4 or 3 × 3": (198, 4),
    },
    hint="each layer takes 2 pixels; stop when a 3×3 window no longer fits",
)
checks.equal(layers_to_collapse(7), (3, 1), hint="7 → 5 → 3 → 1: an odd side ends at 1×1")
checks.equal(layers_to_collapse(2), (0, 2), hint="a 3×3 window does not fit into 2×2, not even once")

# %% nbgrader={"grade": true, "grade_id": "layer_counts-field", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: until one number has seen 400 pixels, and a Full HD image.
from course import checks

checks.integer(
    layers_for_rf(400),
    200,
    unless={
        "off by one: 199 layers have a field of 399, one pixel short of the image": 199,
        "off by one: 200 layers have a field of 401 already": 201,
    },
    hint="L layers of 3×3 have a field of 2 L + 1: find the smallest L with 2 L + 1 ≥ n",
)
checks.integer(
    layers_for_rf((1080, 1920)),
    960,
    unless={
        "the smaller side counts for less: a number that has seen 1080 columns has not seen all 1920": 540,
        "each 3×3 layer adds 2 pixels, one on each side: 2000 layers would be twice too many": 1920,
        "the two sides do not add up: one number looks along both at once": 1500,
        "off by one: the field must be at least as large as the larger side": 959,
    },
    hint="the larger side counts: 2 L + 1 ≥ 1920",
)

# %% nbgrader={"grade": true, "grade_id": "layer_counts-other-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: 9×9. Hidden: odd and even sizes, small ones, other kernels, for both functions.
from course import checks

checks.equal(layers_to_collapse(9), (4, 1), hint="9 → 7 → 5 → 3 → 1")
checks.equal(
    layers_for_rf(9),
    4,
    unless={
        "off by one: the field must be at least n, and one layer fewer has seen the whole image already": 5,
        "off by one: the field must be at least n, so round up": 3,
    },
    hint="3, 5, 7, 9",
)

### BEGIN HIDDEN TESTS
for n, k in (
    (401, 3),
    (28, 3),
    (1080, 3),
    (400, 5),
    (399, 5),
    (398, 5),
    (30, 4),
    (31, 4),
    (32, 4),
    (64, 2),
    (100, 7),
    (1, 3),
    (4, 5),
    (5, 5),
    (6, 5),
):
    sizes = list(range(n, 0, 1 - k))  # n, n - (k - 1), …: what is left before and after each layer
    checks.equal(
        layers_to_collapse(n, k),
        (len(sizes) - 1, sizes[-1]),
        unless={
            "k is ignored: a k×k layer takes k - 1 pixels": ((n - 1) // 2, n - (n - 1) // 2 * 2),
            "off by one in the number of layers that still fit": (len(sizes), sizes[-1] - k + 1),
        },
        hint="collapse: count the layers while n ≥ k; each takes k - 1 pixels (even sizes and other kernels do not end at 1)",
    )
    fields = next(layers for layers in range(n + 1) if len(range(layers * (k - 1) + 1)) >= n)
    checks.integer(
        layers_for_rf(n, k),
        fields,
        unless={
            "off by one: the field must be at least n, so round up": fields - 1,
            "off by one: one layer fewer has seen the whole image already": fields + 1,
        },
        hint="field: the smallest L with 1 + L (k - 1) ≥ n, for any k",
    )
for pair in ((720, 1280), (1440, 2560), (2160, 3840), (4320, 7680), (7680, 4320), (50, 50)):
    checks.integer(
        layers_for_rf(pair), max(pair) // 2, hint="for a pair (h, w) the larger side counts, wherever it stands"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "layer_counts-pooled", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: two layers, a pooling, two layers, a pooling, one more. Hidden: other images, kernels and distances between poolings.
from course import checks

checks.integer(
    layers_for_rf(23, pool_every=2),
    5,
    unless={
        "pool_every is ignored": 11,
        "poolings are not counted, only convolutions": 7,
        "a pooling is a window as well: it widens the field by one jump": 6,
        "the poolings come after every m convolutions, none before the first": 4,
    },
    hint="fields behind the convolutions: 3, 5, then (pooling: 6) 10, 14, then (pooling: 16) 24 ≥ 23",
)
### BEGIN HIDDEN TESTS
for n, k, m in (
    (1920, 3, 2),
    (7680, 3, 3),
    (400, 3, 1),
    (11, 3, 2),
    (9, 3, 2),
    (6, 3, 2),
    (5, 3, 2),
    (224, 5, 2),
    (100, 2, 4),
    (14, 3, 2),
    (15, 3, 2),
    (1, 3, 2),
    ((300, 500), 3, 2),
    (1000, 7, 3),
):
    need, layers, seen = max(n) if isinstance(n, tuple) else n, 0, 1
    while seen < need:
        layers += 1
        windows = [w for i in range(layers) for w in ([(2, 2)] if i and i % m == 0 else []) + [(k, 1)]]
        seen = 1  # walking back from the last convolution: w numbers have seen (w - 1) s + k before the layer
        for window, s in reversed(windows):
            seen = (seen - 1) * s + window
    checks.integer(
        layers_for_rf(n, k, m),
        layers,
        hint="with poolings: each adds one jump to the field, then doubles the jump; count the convolutions only",
    )
checks.integer(layers_for_rf(400, pool_every=None), 200, hint="pool_every=None means no pooling")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "layer_counts-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a kernel that never shrinks anything. Hidden: the other errors of the contract.
from course import checks

layers_to_collapse(10, 2), layers_for_rf(10, 2)  # raise nothing
checks.raises(ValueError, lambda: layers_to_collapse(10, 1), hint="a 1×1 layer never shrinks anything")
checks.raises(ValueError, lambda: layers_for_rf(10, 1), hint="a 1×1 layer never widens the field")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: layers_to_collapse(0), hint="an image without pixels")
checks.raises(ValueError, lambda: layers_to_collapse(-4, 3), hint="an image without pixels")
checks.raises(ValueError, lambda: layers_for_rf(0), hint="an image without pixels")
checks.raises(ValueError, lambda: layers_for_rf((0, 40)), hint="an image without pixels")
checks.raises(ValueError, lambda: layers_for_rf(40, 3, 0), hint="a pooling after every 0 layers")
checks.raises(ValueError, lambda: layers_for_rf(40, 1, 2), hint="a 1×1 layer never widens the field")
### END HIDDEN TESTS

# %% [markdown] topics=["A3", "E10"] nbgrader={"grade": false, "grade_id": "resolution-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Here is the lecture's table, in your numbers. Screens and cameras went from HD to 8K within a few years; without pooling, the
# depth would have had to grow with them.

# %% nbgrader={"grade": false, "grade_id": "resolution-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
screens = {"HD": (720, 1280), "Full HD": (1080, 1920), "QHD": (1440, 2560), "4K": (2160, 3840), "8K": (4320, 7680)}
with checks.waiting_for("layers_for_rf"):
    plans = {"no pooling": None, "pooling every 4 layers": 4, "pooling every 2 layers": 2}
    counts = {plan: [layers_for_rf(size, 3, every) for size in screens.values()] for plan, every in plans.items()}
    fig, ax = plt.subplots(figsize=(10, 4.5), layout="constrained")
    for i, ((plan, values), colour) in enumerate(zip(counts.items(), ("0.25", "#0072b2", "#e69f00"), strict=True)):
        bars = ax.bar(np.arange(len(screens)) + 0.27 * (i - 1), values, 0.25, color=colour, label=plan)
        ax.bar_label(bars)
    ax.set_xticks(range(len(screens)), [f"{name}\n{w}×{h}" for name, (h, w) in screens.items()])
    ax.set(yscale="log", ylim=(5, 12000), ylabel="3×3 convolutions (log scale)", xlabel="resolution")
    ax.set_title("Convolutions until one number has seen the whole image")
    ax.legend(loc="upper left", ncol=3)
    plt.show()

# %% [markdown] topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "jump-equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · What a jump means: half a promise
#
# A convolution keeps a promise: move the image by one pixel, and the map moves by one pixel (it is *equivariant*). Behind
# strides, the map can only move in whole numbers, and one of its steps is a jump of pixels. So the promise holds for shifts
# by a multiple of the jump, and for no others. Here a stack with jump 4, a 3×3 convolution and a 2×2 pooling twice:

# %% nbgrader={"grade": false, "grade_id": "jump-equivariance-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(SEED)
steps = [keras.Input((64, 64, 1))]
for _ in range(2):
    steps += [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
stepped = keras.Sequential(steps)
scene = np.random.default_rng(SEED).random((1, 64, 64, 1)).astype("float32")
before = keras.ops.convert_to_numpy(stepped(scene))
for shift in range(1, 9):
    after = keras.ops.convert_to_numpy(stepped(np.roll(scene, shift, axis=2)))
    cells = round(shift / 4)
    inner = slice(4, -4)  # away from the border, where the image wraps around
    off = np.abs(after[:, :, inner] - np.roll(before, cells, axis=2)[:, :, inner]).mean() / before.std()
    verdict = "the same numbers" if off < 1e-4 else f"differ by {off:.2f} standard deviations"
    print(f"image moved by {shift} pixels, map moved by {cells}: {verdict}")

# %% [markdown] topics=["B1", "B7", "G5"] nbgrader={"grade": false, "grade_id": "effective-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Promise and practice
#
# The formula says which pixels *can* matter. It does not say how much. From a pixel in the middle of the field many paths
# lead to the number, from a pixel in the corner only one, so the middle counts for far more. The part that really matters is
# the **effective** receptive field (Luo et al., 2016).
#
# We take a VGG-like stack with random weights on a photograph, nudge it in blocks of 4×4 pixels, and watch one number in the
# middle of the last map. Dashed: what your formula promises. Bright: what really moves the number.

# %% nbgrader={"grade": false, "grade_id": "effective-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from course import datasets

photo = datasets.load("photos").images["china"]
crop = photo[88:200, 218:330].astype("float32") / 255
vgg_start = [layer for convs in (2, 2, 3) for layer in [(3, 1, "same")] * convs + [(2, 2, "valid")]] + [
    (3, 1, "same")
] * 3
heat = np.zeros((28, 28))
for seed in range(2):  # random weights differ, so average over two networks
    keras.utils.set_random_seed(SEED + seed)
    model = keras.Sequential([keras.Input(crop.shape)])
    for k, s, p in vgg_start:
        if s == 2:
            model.add(keras.layers.MaxPooling2D(k))
        else:
            filters = 6 if len(model.layers) < 3 else 12
            model.add(keras.layers.Conv2D(filters, k, padding=p, activation="relu", kernel_initializer="he_normal"))
    moves = influence(model, crop, block=4)
    heat += moves / moves.max()
heat /= heat.max()

with checks.waiting_for("receptive_field"):
    rf, jump, cells = receptive_field(vgg_start, crop.shape[0])[-1]
    middle = (cells // 2) * jump + (jump - 1) / 2  # the pixel at the centre of what the watched unit sees
    fig, axes = plt.subplots(1, 3, figsize=(14, 4.7), layout="constrained")
    axes[0].imshow(crop)
    axes[0].set_title(f"the photograph, 112×112, field {rf}×{rf}")
    shown = axes[1].imshow(heat, cmap="viridis", extent=(-0.5, 111.5, 111.5, -0.5))
    axes[1].set_title("how far the number moves")
    fig.colorbar(shown, ax=axes[1], fraction=0.046, label="mean movement (the largest is 1)")
    light = np.kron(heat, np.ones((4, 4)))[:, :, None]
    axes[2].imshow(crop * (0.12 + 0.88 * np.sqrt(light)))
    axes[2].set_title("the photograph as that number sees it")
    for ax in axes:
        corner = middle - (rf - 1) / 2 - 0.5
        ax.add_patch(plt.Rectangle((corner, corner), rf, rf, fill=False, edgecolor="white", linewidth=3))
        ax.add_patch(
            plt.Rectangle((corner, corner), rf, rf, fill=False, edgecolor="#d55e00", linewidth=2, linestyle="--")
        )
        ax.set(xlabel="column (pixel)", ylabel="row (pixel)")
    fig.suptitle("Theoretical (dashed) and effective (bright) receptive field")
    plt.show()
    order = np.sort(heat.ravel())[::-1]
    half = int(np.searchsorted(np.cumsum(order) / order.sum(), 0.5)) + 1
    first = (
        np.arange(28) * 4
    )  # first pixel of each block; a block at the rim of the field may stand on both sides of it
    outside = (first + 3 < middle - (rf - 1) / 2) | (first > middle + (rf - 1) / 2)
    beyond = heat[outside[:, None] | outside[None, :]].max(initial=0)
    print(f"largest movement by a block wholly outside the field: {beyond:.6f}")
    print(f"half of all movement comes from {half * 16 / rf**2:.0%} of the theoretical field")

# %% [markdown] nbgrader={"grade": false, "grade_id": "effective-lesson", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Nothing outside the dashed square moves the number: the promise holds. But most of the square hardly matters. So
# "receptive field ≥ image" is needed before a network *can* see everything, and it does not yet mean that it does.

# %% [markdown] topics=["A2", "G8", "G9", "E9", "E11", "E14"] nbgrader={"grade": false, "grade_id": "written-intro", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · In your own words (15 points, read by a person)
#
# Four sentences or so for each point; numbers and a small example say more than adjectives.
#
# 1. (9 points) "400×400, 3×3 kernels: 199/200 layers." Which question has the answer 199, which has the answer 200? Say for
#    each why it cannot be the other number, and what the map looks like behind the 199th layer. Is there a third number that
#    gets a 400×400 image down to 1×1?
# 2. (3 points) "Receptive field: $n = (n_1 + 2p - k)/s + 1$." Name both things that are wrong.
# 3. (3 points) "A larger stride reduces the parameters." What does it reduce, what not, and when may it reduce parameters
#    after all?

# %% [markdown] topics=["A2", "G8", "G9", "E9", "E11", "E14"] nbgrader={"grade": true, "grade_id": "one-ninety-nine-or-two-hundred", "locked": false, "points": 15, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. 199 answers "how many layers without padding fit?". Each 3×3 layer takes 2 pixels: 400 − 2·199 = 2. Behind the 199th
#    layer the map is 2×2, no 3×3 window fits any more, so there is no 200th layer; and as the side stays even, 1×1 is never
#    reached. 200 answers "how many layers until one number has seen the whole image?". The field is 2L + 1: 399 after 199
#    layers, one pixel short; 401 after 200. With padding those 200 layers exist. No number of 3×3 layers without padding
#    gives 1×1 from 400; it takes something else (a 2×2 kernel at the end, one padded or strided layer, pooling).
#    *(3 points for each number with its question, 2 for the 2×2 map and the parity, 1 for "no third number".)*
# 2. It is the size of the output, not the receptive field (which does not depend on the size of the image or on padding), and
#    the floor is missing: a window that does not fit completely is not taken. *(2 + 1 points.)*
# 3. A convolution has (k·k·c_in + 1)·c_out weights; the stride appears nowhere in it. It reduces the size of the map, and so
#    memory and multiplications. Only a dense layer behind Flatten has fewer weights, because its input got smaller.
#    *(1 point each.)*
# ### END SOLUTION

# %% [markdown] topics=["G11"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Stretch: three more ways to look (0 points, still checked)
#
# ### Branches
#
# An Inception block looks through several windows at once, a residual block adds its input to its output. What has a number
# behind such a junction seen? Everything that *any* branch has seen: the **longest path** counts. We write a junction as a
# list of branches inside the spec, each branch a spec of its own; the empty branch `[]` is the skip connection.
# `[(3, 1, 1), [[], [(3, 1, 1), (3, 1, 1)]]]` is one convolution and then a residual block: field 3, then 3 or 7, so 7.
# Branches that are joined must have made the same jump, or their maps would not fit onto each other.


# %% nbgrader={"grade": false, "grade_id": "branches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def branch_field(spec):
    """Receptive field and jump at the end of a network with branches.

    spec: list of items; a tuple (k, s, p) is a layer, a list is a junction: a list of branches, each a spec again (it may
    hold junctions, and [] passes its input on unchanged). Every branch is centred on the same pixel.
    Returns (rf, jump). Raises ValueError when branches that meet have different jumps.
    """
    ### BEGIN SOLUTION
    rf, jump = 1, 1
    for item in spec:
        if isinstance(item, list):
            ends = [branch_field(branch) for branch in item]
            if len({end[1] for end in ends}) != 1:
                raise ValueError("branches that meet must have the same jump")
            k, s = max(end[0] for end in ends), ends[0][1]
        else:
            k, s, _ = item
        rf, jump = rf + (k - 1) * jump, jump * s
    return rf, jump
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "branches-blocks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a plain stack, a residual block, an Inception block behind a pooling.
from course import checks

conv1, conv3, conv5, pool2 = (1, 1, 0), (3, 1, 1), (5, 1, 2), (2, 2, 0)
checks.equal(
    branch_field([conv3, pool2, conv3, pool2]), (10, 4), hint="without junctions it is receptive_field's last row"
)
checks.equal(
    branch_field([conv3, [[], [conv3, conv3]]]),
    (7, 1),
    unless={
        "the longest path counts, not the shortest": (3, 1),
    },
    hint="the longest path counts: 3, and then two more layers of 3×3",
)
inception = [[conv1], [conv1, conv3], [conv1, conv5], [(3, 1, 1), conv1]]
checks.equal(
    branch_field([conv3, pool2, inception, inception]),
    (20, 2),
    unless={
        "the jump is ignored inside the branches: they stand behind a pooling": (12, 2),
        "branches stand side by side: the longest counts, not their sum": (36, 2),
    },
    hint="field 4 and jump 2 behind the pooling; each block adds (5 - 1) · 2",
)

# %% nbgrader={"grade": true, "grade_id": "branches-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: jumps that differ. Hidden: strided and nested branches.
from course import checks

checks.raises(ValueError, lambda: branch_field([[[(3, 2, 1)], []]]), hint="branches that meet with different jumps")
### BEGIN HIDDEN TESTS
a, down, point = (3, 1, 1), (3, 2, 1), (1, 2, 0)
checks.equal(
    branch_field([[[down, a], [point]]]),
    (7, 2),
    unless={"the jump that the branches have made goes on behind the junction": (7, 1)},
    hint="a residual block with a strided projection",
)
checks.equal(
    branch_field([[[down, a], [point]], [[], [a, a]], [[down, a], [point]], a]),
    (35, 4),
    hint="the jump of a junction multiplies the jump of what follows",
)
checks.equal(branch_field([a, [[a, [[], [a, a]]], [(5, 1, 2)]], a]), (11, 1), hint="junctions inside branches")
checks.equal(branch_field([]), (1, 1), hint="an empty network: a pixel has seen itself")
checks.equal(branch_field([[[], []]]), (1, 1), hint="empty branches pass their input on")
checks.raises(
    ValueError, lambda: branch_field([a, [[a], [a, [[down], [a]]]]]), hint="a nested junction of different jumps"
)
checks.equal(checks.unchanged(branch_field, [a, [[], [a, a]]]), (7, 1), hint="a residual block")
### END HIDDEN TESTS

# %% [markdown] topics=["G8"] nbgrader={"grade": false, "grade_id": "dilation-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Dilation
#
# Spread the three taps of a kernel $d$ pixels apart, and it spans $d(k-1)+1$ pixels for the same three weights. Double $d$ in
# every layer, as WaveNet does, and the field doubles as well: dilations 1, 2, 4 of 3 taps see 3, 7, 15 pixels, and no pixel
# is thrown away.


# %% nbgrader={"grade": false, "grade_id": "dilation", "locked": false, "schema_version": 3, "solution": true, "task": false}
def effective_kernel(k, dilation):
    """Pixels from the first to the last tap of a kernel of k taps that are `dilation` pixels apart. Returns an int."""
    ### BEGIN SOLUTION
    return dilation * (k - 1) + 1
    ### END SOLUTION


def dilated_field(k, dilations):
    """Receptive fields behind each layer of a stack of kernels of k taps, stride 1.

    dilations: one number per layer. Returns a list of ints, one per layer.
    """
    ### BEGIN SOLUTION
    fields, rf = [], 1
    for dilation in dilations:
        rf += effective_kernel(k, dilation) - 1
        fields.append(rf)
    return fields
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dilation-doubling", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one kernel, then three with doubled dilation.
from course import checks

checks.equal(effective_kernel(3, 1), 3, hint="dilation 1 is the ordinary kernel")
checks.equal(
    effective_kernel(3, 2),
    5,
    unless={
        "k taps have k - 1 gaps: d (k - 1) + 1, not d k": 6,
        "dilation d puts d - 1 zeros between two taps, not d": 7,
    },
    hint="three taps, two pixels apart: 0, 2, 4",
)
checks.equal(
    dilated_field(3, [1, 2, 4]),
    [3, 7, 15],
    unless={
        "each layer adds its span minus 1: windows overlap": [3, 8, 17],
        "dilation is no stride: it does not multiply up over the layers": [3, 7, 23],
        "dilation is ignored": [3, 5, 7],
        "return the field behind every layer, not only the last": 15,
    },
    hint="each layer adds d (k - 1): 3, 7, 15",
)

# %% nbgrader={"grade": true, "grade_id": "dilation-measured", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one layer. Hidden: WaveNet-like stacks, measured in Keras.
from course import checks

checks.equal(dilated_field(3, [1]), [3], hint="one ordinary layer of three taps")

### BEGIN HIDDEN TESTS
import keras
import numpy as np

for k, dilations in ((2, [1, 2, 4, 8, 16]), (3, [1, 1, 3, 2]), (5, [2, 5]), (4, [3]), (1, [4, 2])):
    n = 301
    x = np.eye(n, dtype="float32")[:, :, None]
    expected = []
    for d in dilations:
        layer = keras.layers.Conv1D(1, k, dilation_rate=d, padding="same", use_bias=False, kernel_initializer="ones")
        x = keras.ops.convert_to_numpy(layer(x))
        seen = np.flatnonzero(x[:, n // 2, 0])
        expected.append(int(seen[-1] - seen[0]) + 1)
        checks.equal(effective_kernel(k, d), d * (k - 1) + 1, hint="k taps have k - 1 gaps of d pixels")
    checks.equal(
        checks.unchanged(dilated_field, k, dilations),
        expected,
        hint="nudging pixels of a dilated stack shows other fields",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["G11"] nbgrader={"grade": false, "grade_id": "transpose-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Growing back
#
# A 1×1 convolution changes the number of channels and leaves height and width alone: it can shrink 256 channels to 64 and
# another can expand them again. To make a map *larger*, the lecture says "deconv"; the layer is called **transposed
# convolution**. Each input number paints a patch of $k$ pixels, and the patches start $s$ pixels apart. The last of $n$
# patches starts at $(n-1)s$ and ends $k$ later; a padding $p$ cuts $p$ pixels off each end:
#
# $$ n_\text{out} = (n-1)\,s - 2p + k $$
#
# It undoes a convolution's *size* (7 → 3 by $k=3, s=2$, and 3 → 7 back), not its values. And not every size: 8 also
# became 3, and the floor has swallowed the eighth pixel.


# %% topics=["G11"] nbgrader={"grade": false, "grade_id": "conv_transpose_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_transpose_size(n, k, s=1, p=0):
    """Length of one side after a transposed convolution.

    n: length of the side, k: of the kernel, k >= s; s: stride; p: pixels cut off EACH end, an int, or "valid" (none) or
    "same" (so many that the length becomes n * s). Returns an int.
    Raises ValueError when n, k or s is smaller than 1, p negative or an unknown word, or nothing is left.
    """
    ### BEGIN SOLUTION
    if min(n, k, s) < 1:
        raise ValueError(f"n, k and s must be at least 1, not {n}, {k}, {s}")
    if p == "same":
        return n * s
    if p == "valid":
        p = 0
    if isinstance(p, str) or p < 0:
        raise ValueError(f"padding is a number of pixels >= 0, 'same' or 'valid', not {p!r}")
    size = (n - 1) * s - 2 * p + k
    if size < 1:
        raise ValueError(f"nothing is left of {n} pixels with k={k}, s={s}, p={p}")
    return size
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conv_transpose_size-back", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: back to where the convolution came from.
from course import checks

checks.equal(
    conv_transpose_size(3, 3, 2),
    7,
    unless={
        "that is the size after an ordinary convolution: this one grows": 1,
        "n patches have n - 1 gaps of s pixels between their starts": 9,
        "with p = 0 the last patch starts at (n - 1) s and ends k later": 6,
    },
    hint="(n - 1) s - 2p + k",
)
checks.equal(
    conv_transpose_size(112, 4, 2, 1),
    224,
    unless={"p is cut off on each side: 2p in all": 225, "padding cuts off here, it does not add": 228},
    hint="(112 - 1) · 2 - 2 + 4",
)
checks.equal(conv_transpose_size(14, 3, 2, "same"), 28, hint='"same" gives n · s')
checks.equal(conv_transpose_size(14, 2, 2, "valid"), 28, hint='"valid" cuts off nothing')

# %% nbgrader={"grade": true, "grade_id": "conv_transpose_size-keras", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a 1×1 kernel. Hidden: random layers against Keras's Conv2DTranspose; the errors of the contract.
from course import checks

checks.equal(conv_transpose_size(5, 1), 5, hint="a 1×1 kernel leaves the size alone")

### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(11)
for _ in range(40):
    n, s = int(rng.integers(1, 40)), int(rng.integers(1, 5))
    k, p = s + int(rng.integers(0, 5)), ["valid", "same"][int(rng.integers(2))]
    layer = keras.layers.Conv2DTranspose(1, k, strides=s, padding=p)
    whole = layer.compute_output_shape((None, n, n, 1))[1]
    checks.equal(conv_transpose_size(n, k, s, p), whole, hint="Keras's Conv2DTranspose gives another size")
    if p == "valid":
        checks.equal(conv_transpose_size(n, k, s), whole, hint='padding 0 is "valid"')
        if whole > 4:
            cropped = keras.layers.Cropping1D(2).compute_output_shape((None, whole, 1))[1]
            checks.equal(conv_transpose_size(n, k, s, 2), cropped, hint="p pixels are cut off each end")
checks.raises(ValueError, lambda: conv_transpose_size(1, 3, 1, 2), hint="nothing is left")
checks.raises(ValueError, lambda: conv_transpose_size(2, 2, 1, -1), hint="negative padding")
checks.raises(ValueError, lambda: conv_transpose_size(0, 3), hint="a side of 0 pixels")
checks.raises(ValueError, lambda: conv_transpose_size(3, 3, 1, "full"), hint="a word for padding that is not known")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# - **Size** and **receptive field** are two questions. Size: how many places; it needs $n$, $p$ and a floor. Field: how far
#   one number looks back; it needs $k$ and the jump, and neither $n$ nor $p$.
# - Small kernels in a row see as much as a large one, for fewer weights; strides multiply what every later layer brings.
# - Even kernels lean to one side. Odd ones have a centre.
# - The formula is an upper bound. What a network really looks at can be measured: nudge and watch.
#
# Next week: what all these layers *cost*.
