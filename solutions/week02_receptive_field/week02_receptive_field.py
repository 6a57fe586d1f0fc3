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
# # Week 2 · How much has one unit seen?
#
# **Afterwards you can**
#
# - predict the size of every feature map before a framework prints it;
# - tell *output size* from *receptive field*, and say where the field lies;
# - choose a depth that suits an image, and say what the receptive field does not tell you.
#
# **Time** about three hours for the core. **You need** integer division, a pencil, and
# [Week 1](../week01_convolution/week01_convolution.ipynb). Next: [Week 3](../week03_parameters/week03_parameters.ipynb). Words:
# [glossary](../../course/glossary.md).
#
# | Exercise | Points | What you build |
# |---|---|---|
# | 1 `conv_output_size` | 15 | the size after one layer |
# | 2 `same_padding` | 5 | zeros before and after |
# | 3 `shape_trace` | 15 | the sizes of a whole stack |
# | 4 `receptive_field` | 25 | what one unit has seen |
# | 5 `field_location` | 10 | where that is in the image |
# | 6 `layers_to_collapse`, `layers_for_rf` | 15 | how many layers an image needs |
# | 7 in words | 15 | 199 or 200 layers? |
# | Stretch | 0 | branches · dilation |
#
# At the end you compare what your formulas promise with what networks look at on a photograph. Stuck?
# `course.hint("conv_output_size")`, and likewise for the other exercises. `PROFILE` (the cell below, or
# `course start 2 --profile full`) changes nothing this week.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" does the same this week
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np

from course import checks, datasets, plots, widgets

plots.style()

# %% [markdown] topics=["G8", "A1", "A9", "G5", "E11", "D10"] nbgrader={"grade": false, "grade_id": "task-conv_output_size", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Where can the window be?
#
# Count first. A window of $k$ pixels slides over a row of $n$ pixels. It starts at the left edge, and the last place where it
# still fits begins at pixel $n - k$. That makes $n - k + 1$ places, and each gives one output. A 3×3 kernel turns 36×36 into
# 34×34, then 32×32; 40×40 becomes 38, then 36. On a 78×78 image a 7×7 kernel leaves 72 and a 5×5 kernel leaves 74.
#
# Three settings change the count:
#
# - **padding** $p$ puts $p$ zeros at *each* end: the row is now $n + 2p$ long;
# - **stride** $s$ takes only every $s$-th place; a place that does not fit completely is not taken, so we round **down**;
# - **[dilation](../../course/glossary.md)** $d$ spreads the $k$ taps, $d$ pixels from one to the next: the window spans
#   $d(k-1)+1$ pixels.
#
# $$ n_\text{out} = \left\lfloor \frac{n + 2p - \big(d(k-1)+1\big)}{s} \right\rfloor + 1 $$
#
# Worked: AlexNet's first layer has $n=227, k=11, s=4, p=0$, so $\lfloor 216/4 \rfloor + 1 = 55$. With $n = 226$ it would be
# $\lfloor 215/4 \rfloor + 1 = 54$: the last window ends at column 222, and columns 223 to 225 are never looked at.
#
# **What is wrong here?** A slide of the lecture notes this course follows says: "receptive field: $n = (n_1 + 2p - k)/s + 1$".
# Two things are wrong. Note down what you think; exercise 7 asks for it.
#
# ### Exercise 1 · `conv_output_size` (15 points)
#
# One axis, one layer. Keras has two words for padding as well: `"valid"` is none at all, and `"same"` is as much as it
# takes to get $\lceil n/s \rceil$ outputs, whatever the kernel.
#
# Some layers are impossible: a window that is longer than the padded row fits nowhere. Raise a `ValueError`; a size of 0 or −3
# that travels on through the network is far harder to find.


# %% topics=["G8", "A9"] nbgrader={"grade": false, "grade_id": "conv_output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(n, k, s=1, p=0, dilation=1):
    """Size along one axis after a convolution or a pooling.

    n: size before, k: kernel, s: stride (all in pixels, ints); p: zeros added at EACH end, an int, or
    "valid" (no padding) or "same" (as much padding as gives ceil(n / s) outputs); dilation: distance between taps.
    Returns an int.
    Raises ValueError when n, k, s or dilation is smaller than 1, when p is negative or an unknown word, and when the
    (dilated) kernel is longer than the padded row.
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
# The notes' numbers, stride 1
from course import checks

for n, k, expected in ((36, 3, 34), (34, 3, 32), (40, 3, 38), (78, 7, 72), (78, 5, 74), (9, 5, 5)):
    checks.equal(
        conv_output_size(n, k),
        expected,
        unless={
            "one place too few: from 0 to n - k there are n - k + 1 places": expected - 1,
            "without padding the row gets shorter: n - k + 1": n,
        },
        hint="with stride 1 and no padding a window of k fits into n pixels at n - k + 1 places",
    )
checks.equal(
    conv_output_size(5, 3, 1, 1),
    5,
    unless={"p counts the zeros at each end: the padded row has n + 2p pixels, not n + p": 4},
    hint="one ring of zeros around 5×5 leaves 5×5",
)
checks.passed("the notes' numbers at stride 1", points=3)

# %% topics=["E11"] nbgrader={"grade": true, "grade_id": "conv_output_size-floor", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Strides, where a place that does not fit is not taken; dilation
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
checks.passed("strides, the floor and a dilated kernel", points=3)

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-words", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# “same” and “valid” as Keras means them
from course import checks

checks.equal(conv_output_size(28, 3, p="valid"), 26, hint='"valid" means no padding')
checks.integer(conv_output_size(28, 3, p="same"), 28, hint='with stride 1, "same" keeps the size')
checks.equal(
    conv_output_size(32, 2, p="same"),
    32,
    unless={"with an even kernel, p = k // 2 at both ends is one too many": 33},
    hint='"same" keeps the size for an even kernel as well',
)
for n, k, s, expected in ((28, 3, 2, 14), (7, 3, 2, 4), (10, 3, 3, 4), (5, 7, 2, 3)):
    checks.integer(
        conv_output_size(n, k, s, "same"),
        expected,
        unless={
            '"same" is the size of the input only at stride 1: it is ceil(n / s)': n,
            '"same" rounds up: ceil(n / s)': expected - 1,
        },
        hint='"same" gives ceil(n / s) outputs, whatever the kernel',
    )
checks.passed("“same” and “valid” as Keras means them", points=3)

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-keras", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# All settings together, in numbers
# When graded: 200 random layers, compared with Keras
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
    checks.integer(
        conv_output_size(n, k, s, p, d),
        expected,
        unless={}
        if d == 1
        else {"dilation is ignored: a dilated kernel spans d (k - 1) + 1 pixels": n + 2 * ring - k + 1},
        hint="some combination of stride, padding and dilation gives another size than Keras: try each setting on its own",
    )
    tried += 1
### END HIDDEN TESTS
checks.passed("stride, padding and dilation together", points=3, later="200 random layers, compared with Keras")

# %% nbgrader={"grade": true, "grade_id": "conv_output_size-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Layers that do not exist
# When graded: other impossible layers, and kernels that just fit
from course import checks

checks.raises(ValueError, lambda: conv_output_size(3, 5), hint="a kernel larger than the padded row")
checks.raises(ValueError, lambda: conv_output_size(10, 3, 1, -1), hint="negative padding")
checks.raises(ValueError, lambda: conv_output_size(3, 5, p="valid"), hint='a kernel larger than the row, with "valid"')
### BEGIN HIDDEN TESTS
for n, k, s, p in ((4, 5, 2, 0), (4, 7, 3, 1), (1, 2, 4, 0), (6, 11, 4, 2)):
    checks.raises(
        ValueError,
        lambda n=n, k=k, s=s, p=p: conv_output_size(n, k, s, p),
        hint="a kernel larger than the padded row, also at a stride above 1 (int() rounds -0.5 up to 0, // does not)",
    )
checks.raises(ValueError, lambda: conv_output_size(8, 3, dilation=4), hint="a dilated kernel larger than the row")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 1, -2), hint="negative padding")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 1, "full"), hint="a word for padding that is not known")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 0), hint="a stride of 0")
checks.raises(ValueError, lambda: conv_output_size(8, 3, 0, "same"), hint="a stride of 0")
checks.raises(ValueError, lambda: conv_output_size(8, 0), hint="a kernel of 0 pixels")
checks.raises(ValueError, lambda: conv_output_size(0, 3, 1, 2), hint="a row of 0 pixels")
checks.raises(ValueError, lambda: conv_output_size(8, 3, dilation=0), hint="a dilation of 0")
for n, k, s, p, d in ((5, 5, 1, 0, 1), (1, 3, 2, 1, 1), (9, 3, 1, 0, 4), (1, 1, 1, 0, 1), (5, 5, 3, 0, 1)):
    checks.equal(
        conv_output_size(n, k, s, p, d), 1, hint="a kernel exactly as large as the padded row still fits, once"
    )
checks.raises(ValueError, lambda: conv_output_size(0, 3, 1, "same"), hint='a row of 0 pixels, with "same"')
checks.raises(ValueError, lambda: conv_output_size(8, 0, 1, "same"), hint='a kernel of 0 pixels, with "same"')
checks.raises(ValueError, lambda: conv_output_size(8, 3, 1, "same", 0), hint='a dilation of 0, with "same"')
checks.raises(ValueError, lambda: conv_output_size(3, 3, 1, 0, 2), hint="a dilated kernel larger than the row")
### END HIDDEN TESTS
checks.passed(
    "a kernel too large and a negative padding are refused",
    points=3,
    later="other impossible layers, and kernels that just fit",
)

# %% [markdown] topics=["G8", "B1", "G9", "E14", "G10", "D10"] nbgrader={"grade": false, "grade_id": "task-same_padding", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** A slide says: "a larger stride reduces the parameters". Look at your function: the stride changes
# the number of *places*. Where in a 3×3 kernel does it appear? Exercise 7 comes back to this.
#
# ## 2 · Odd and even kernels
#
# To keep the size at stride 1, a kernel of $k$ pixels needs $k - 1$ zeros in total. For $k = 3$ that is one at each end, for
# $k = 5$ two. For $k = 2$ it is a single zero, and it has to go *somewhere*. Keras puts it **after** the row (bottom and
# right). This is one reason why odd kernels are preferred: they have a centre pixel, and their padding is symmetric. The CIFAR
# net of the notes uses 2×2 kernels: each of them shifts what a unit sees by half a pixel of the layer's input, which after
# poolings is half a [jump](../../course/glossary.md) in the image (section 4).
#
# ### Exercise 2 · `same_padding` (5 points)
#
# At stride 1: how many zeros go before the row, how many after?


# %% topics=["D10", "G10"] nbgrader={"grade": false, "grade_id": "same_padding", "locked": false, "schema_version": 3, "solution": true, "task": false}
def same_padding(k):
    """Zeros that Keras's padding="same" adds to the two ends of a row, stride 1.

    k: kernel length, odd or even. Returns (before, after), two ints; where they differ, `after` is the larger.
    Raises ValueError when k is smaller than 1.
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"a kernel has at least one pixel, not {k}")
    before = (k - 1) // 2
    return before, k - 1 - before
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "same_padding-odd", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Odd kernels
from course import checks

checks.equal(
    same_padding(5),
    (2, 2),
    unless={
        "return two numbers, (before, after), not their sum": 4,
        "return two numbers, (before, after): an odd kernel has the same at both ends": 2,
        "k - 1 is the number of zeros in total, not at each end": (4, 4),
        "a kernel has k - 1 neighbours to make room for, not k": (2, 3),
    },
    hint="a kernel of 5 reaches two pixels to the left and to the right of its centre",
)
for k, expected in ((1, (0, 0)), (3, (1, 1)), (11, (5, 5))):
    for zeros, count in zip(same_padding(k), expected, strict=True):
        checks.integer(zeros, count, hint="an odd kernel has the same number of zeros at both ends")
    checks.equal(
        same_padding(k), expected, hint="an odd kernel has the same number of zeros at both ends, k - 1 in total"
    )
checks.passed("odd kernels", points=1)

# %% nbgrader={"grade": true, "grade_id": "same_padding-even", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Even kernels
from course import checks

checks.equal(
    same_padding(2),
    (0, 1),
    unless={
        "p = k // 2 at both ends is one zero too many for an even kernel: the output grows by 1": (1, 1),
        "one zero too few for an even kernel: before + after must be k - 1": (0, 0),
        "the wrong way round: Keras pads an even kernel more after (bottom, right) than before": (1, 0),
        "half a zero cannot be added: the counts are whole, and the larger one goes after": (0.5, 0.5),
    },
    hint="a kernel of 2 needs a single zero, and Keras puts it after",
)
for k, expected in ((4, (1, 2)), (6, (2, 3))):
    checks.equal(same_padding(k), expected, hint="before + after = k - 1, and the larger of the two goes after")
checks.passed("even kernels", points=2)

# %% nbgrader={"grade": true, "grade_id": "same_padding-keras", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# One more kernel
# When graded: many kernels, compared with the zeros that Keras adds; a kernel of no pixels
from course import checks

checks.equal(same_padding(7), (3, 3), hint="a kernel of seven reaches three pixels to either end")
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
        hint="Keras pads k - 1 zeros in total; for even kernels the larger part goes after",
    )
    for side in got:
        checks.integer(side, int(side), hint="counts of zeros are whole")
checks.raises(ValueError, lambda: same_padding(0), hint="a kernel with k below 1")
checks.raises(ValueError, lambda: same_padding(-3), hint="a kernel with k below 1")
### END HIDDEN TESTS
checks.passed(
    "a kernel of seven", points=2, later="many kernels, compared with the zeros that Keras adds; a kernel of no pixels"
)

# %% tags=["draw"] topics=["G10"] nbgrader={"grade": false, "grade_id": "even-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Which outputs notice one bright pixel? Odd and even kernels
import keras

bright = np.zeros((1, 11, 11, 1), dtype="float32")
bright[0, 5, 5, 0] = 1
fig, axes = plt.subplots(1, 4, figsize=(10, 3.1), sharey=True, layout="constrained")
for ax, k in zip(axes, (3, 5, 2, 4), strict=True):
    layer = keras.layers.Conv2D(1, k, padding="same", use_bias=False, kernel_initializer="ones")
    ax.imshow(keras.ops.convert_to_numpy(layer(bright))[0, :, :, 0], cmap="cividis", vmin=0, vmax=1)
    ax.plot(5, 5, "+", color="#d55e00", markersize=14, markeredgewidth=2.5)
    ax.set(title=f"{k}×{k} kernel", xlabel="column", xticks=(0, 5, 10), yticks=(0, 5, 10))
axes[0].set_ylabel("row")
with checks.waiting_for("same_padding"):
    for ax, k in zip(axes, (3, 5, 2, 4), strict=True):
        ax.set_title("{0}×{0} kernel: {1} before, {2} after".format(k, *same_padding(k)))
plots.show(
    "One bright pixel, marked by a cross, and the outputs of an 11×11 map that notice it. With 3×3 and 5×5 kernels they form a "
    "square around the cross. With 2×2 and 4×4 kernels the square leans to the upper left, because each output looks "
    "further to its lower right."
)

# %% [markdown] topics=["A1", "G5", "G6"] nbgrader={"grade": false, "grade_id": "trace-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · A whole stack
#
# From here on, a network is a list of layers, and a layer is a tuple `(k, s, p)`: kernel, stride, padding. Pooling has a
# window and a stride too, so it is written the same way: `(2, 2, 0)` is a 2×2 pooling. We call the list a **spec**, and
# every function below takes the same kind.
#
# The notes' example: `[(3, 1, 0), (3, 1, 0)]` takes 36 to 34 to 32. Their 20×20×3 image goes through three layers of
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

# %% topics=["A1"] nbgrader={"grade": false, "grade_id": "spec-examples", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
conv3, pool2 = (3, 1, 1), (2, 2, 0)
NETS = {
    "MNIST net": (28, [(3, 1, "same"), pool2, (3, 1, "same"), pool2]),
    "CIFAR net": (32, [(2, 1, "same"), pool2, (2, 1, "same"), pool2, (2, 1, "same"), pool2]),
    "AlexNet": (227, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), conv3, conv3, conv3, (3, 2, 0)]),
    "ZFNet": (224, [(7, 2, 1), (3, 2, 1), (5, 2, 0), (3, 2, 1), conv3, conv3, conv3, (3, 2, 0)]),
    "VGG16": (224, [layer for convs in (2, 2, 3, 3, 3) for layer in [conv3] * convs + [pool2]]),
    "ResNet-50": (  # its longest path; 1×1 layers of stride 1 are left out, they change nothing here
        224,
        [(7, 2, 3), (3, 2, 1), *[conv3] * 3, (1, 2, 0), *[conv3] * 4, (1, 2, 0), *[conv3] * 6, (1, 2, 0), *[conv3] * 3],
    ),
}

# %% [markdown] topics=["G5"] nbgrader={"grade": false, "grade_id": "task-shape_trace", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `shape_trace` (15 points)
#
# Follow one image through a spec. Images need not be square: 1080×1920 is a pair, and height and width are handled
# independently.


# %% topics=["A1", "G5"] nbgrader={"grade": false, "grade_id": "shape_trace", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shape_trace(n, spec):
    """Sizes of the image and of every feature map.

    n: the size of a square image, an int, or a tuple (h, w), in pixels; spec: list of layers (k, s, p), where p
    is an int (zeros at each end), "same" or "valid".
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


# %% nbgrader={"grade": true, "grade_id": "shape_trace-lecture", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The notes' stacks of 3×3 layers
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
    hint="20 → 18 → 16 → 14: the last size is the one that the slide leaves blank",
)
checks.equal(shape_trace(9, []), [9], hint="a network without layers leaves the image as it is")
checks.passed("36 → 34 → 32, and the size that the slide leaves blank", points=4)

# %% nbgrader={"grade": true, "grade_id": "shape_trace-pools", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The MNIST net and AlexNet
from course import checks

same3, pool2 = (3, 1, "same"), (2, 2, 0)
checks.equal(
    shape_trace(28, [same3, pool2, same3, pool2]),
    [28, 28, 14, 14, 7],
    unless={
        "the stride is ignored: pooling by 2 halves the size": [28, 28, 27, 27, 26],
        "the list begins with the input": [28, 14, 14, 7],
    },
    hint="MNIST net: 28 → 28 → 14 → 14 → 7",
)
checks.equal(
    shape_trace(227, [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]),
    [227, 55, 27, 27, 13, 13, 13, 13, 6],
    hint="AlexNet: 227 → 55 → 27 → 27 → 13 → 13 → 13 → 13 → 6; a layer is (k, s, p), p zeros at each end",
)
checks.passed("the MNIST net and AlexNet", points=3)

# %% nbgrader={"grade": true, "grade_id": "shape_trace-pair", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A wide image
# When graded: other wide, tall and square pairs, and whether your arguments stay as they are
from course import checks

checks.equal(
    shape_trace((36, 48), [(3, 1, 0), (2, 2, 0)]),
    [(36, 48), (34, 46), (17, 23)],
    unless={
        "only the height shrinks: the window slides along the width as well": [(36, 48), (34, 48), (17, 48)],
        "only the width shrinks: the window slides along the height as well": [(36, 48), (36, 46), (36, 23)],
        "for a pair (h, w) every size is a pair": [36, 34, 17],
    },
    hint="height and width are handled independently: (36, 48) → (34, 46) → (17, 23)",
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
    checks.equal(got, expected, hint="height and width are handled independently")
checks.equal(
    shape_trace((20, 20), [(3, 1, 0), (2, 2, 0)]),
    [(20, 20), (18, 18), (9, 9)],
    unless={"for a pair (h, w) every size is a pair, also when h = w": [20, 18, 9]},
    hint="for a pair (h, w) every size is a pair, also when h = w",
)
### END HIDDEN TESTS
checks.passed(
    "a 36×48 image", points=3, later="other wide, tall and square pairs, and whether your arguments stay as they are"
)

# %% nbgrader={"grade": true, "grade_id": "shape_trace-keras", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# How many sizes there are
# When graded: random stacks, compared with Keras models
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
        hint="each layer takes (kernel, stride, padding at each end), and starts from the size of the layer before it",
    )
    checks.integer(got[-1], expected[-1])
### END HIDDEN TESTS
checks.passed("five sizes for four layers", points=3, later="random stacks, compared with Keras models")

# %% nbgrader={"grade": true, "grade_id": "shape_trace-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A layer that no longer fits
# When graded: deeper down, and along one axis only
from course import checks

checks.equal(shape_trace(7, [(3, 1, 0)] * 3), [7, 5, 3, 1], hint="7 → 5 → 3 → 1 still fits")
checks.raises(ValueError, lambda: shape_trace(7, [(3, 1, 0)] * 4), hint="a 3×3 layer on a map of 1×1 does not fit")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: shape_trace(28, [(2, 2, 0)] * 5), hint="a layer far down that does not fit")
checks.raises(ValueError, lambda: shape_trace((4, 30), [(5, 1, 0)]), hint="a kernel that fits along one axis only")
checks.raises(ValueError, lambda: shape_trace((30, 4), [(5, 2, 0)]), hint="a kernel that fits along one axis only")
checks.raises(ValueError, lambda: shape_trace(12, [(3, 1, 0), (3, 1, -1)]), hint="negative padding")
### END HIDDEN TESTS
checks.passed("a layer that no longer fits is refused", points=2, later="deeper down, and along one axis only")

# %% [markdown] topics=["A4", "G11"] nbgrader={"grade": false, "grade_id": "pyramid-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Two kinds of pyramid
#
# The notes draw networks as pyramids: the base is the image, every layer is a course of stones. With 3×3 layers only, without
# padding, the pyramid is smooth, as in Egypt: it loses two pixels per layer and needs 199 layers on a 400×400 image. AlexNet
# and VGG16 are stepped pyramids, as the Maya built them: a **block** of layers keeps the size, a
# [transition](../../course/glossary.md) (a pooling or a stride) halves it. Count the steps of VGG16: how many blocks?
#
# Maps can also grow back. A [transposed convolution](../../course/glossary.md) (the notes say "deconv") lets every unit paint a
# patch of $k$ pixels, patches $s$ pixels apart, $p$ cropped at each end: $n_\text{out} = (n-1)\,s - 2p + k$. It restores a
# convolution's *size*, 3 → 7 after 7 → 3, not its values. A 1×1 convolution changes the channels only.


# %% tags=["draw"] topics=["A4"] nbgrader={"grade": false, "grade_id": "pyramid-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The pyramid of shapes, smooth and stepped
def draw_pyramid(ax, sizes, title, labels=True):
    """Draw sizes (pixels) as courses of a pyramid, the image at the bottom; a label at each step."""
    colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.9, len(set(sizes))))
    colour_of = dict(zip(sorted(set(sizes), reverse=True), colours, strict=True))
    for level, size in enumerate(sizes):
        ax.barh(level, size, left=-size / 2, height=1.0, color=colour_of[size], edgecolor="C7" if labels else "none")
    for size in colour_of if labels else ():
        first = sizes.index(size)
        ax.text(max(sizes) / 2 + 8, first + (sizes.count(size) - 1) / 2, f"{size}×{size}", va="center", color="C7")
    ax.set(title=title, xlabel="size (pixels), centred", xlim=(-max(sizes) * 0.53, max(sizes) * 0.85))
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.spines[["top", "right"]].set_visible(False)


with checks.waiting_for("shape_trace"):
    smooth = shape_trace(400, [(3, 1, 0)] * 199)
    fig, axes = plt.subplots(1, 3, figsize=(10, 4.4), layout="constrained")
    draw_pyramid(axes[0], smooth, f"199 layers of 3×3: 400 → {smooth[-1]}", labels=False)
    for ax, name in zip(axes[1:], ("AlexNet", "VGG16"), strict=True):
        size, spec = NETS[name]
        draw_pyramid(ax, shape_trace(size, spec), f"{name}: {len(spec)} layers")
    axes[0].set_ylabel("layer (0 is the image)")
    plots.show(
        "Sizes of the maps as pyramids, the image at the bottom. 199 layers of 3×3 give a smooth pyramid from 400 to 2. "
        "AlexNet falls in large steps: 227, 55, 27, 13, 6. VGG16 has five steps between six plateaus: 224, 112, 56, 28, 14, 7."
    )

# %% [markdown] topics=["B1", "G4", "G9", "G7", "G5", "G6"] nbgrader={"grade": false, "grade_id": "rf-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · What has one unit seen?
#
# The size of a map says how *many* units there are. The [receptive field](../../course/glossary.md) says how much of the image
# one of them has seen. Take one unit after three 3×3 layers and look back: it saw 3×3 units of the map before it. Neighbouring
# windows overlap, so those 3×3 units together saw 5×5 of the map before that, and these saw 7×7 pixels. Each further layer
# adds a rim of one pixel: 3 → 5 → 7. One layer is **local**: a corner, an edge. When the field of the last units covers the image,
# the network is **global**.
#
# **With a stride**, something new comes in. After a 2×2 pooling, neighbouring units are 2 pixels apart *in the image*. This
# distance is the [jump](../../course/glossary.md). One step of a 3×3 window on that map is a jump of 2 pixels, so its rim is 2
# pixels wide. Worked, the notes' MNIST net:
#
# | layer | k, s | the field grows by | receptive field | jump after the layer |
# |---|---|---|---|---|
# | image | | | 1 | 1 |
# | 3×3 convolution | 3, 1 | 2 steps of 1 pixel | 3 | 1 |
# | 2×2 pooling | 2, 2 | 1 step of 1 pixel | 4 | 2 |
# | 3×3 convolution | 3, 1 | 2 steps of 2 pixels | 8 | 2 |
# | 2×2 pooling | 2, 2 | 1 step of 2 pixels | 10 | 4 |
#
# Note the row of the first pooling: the pooling itself still steps in jumps of 1; only what comes *after* it jumps by 2.
# Padding appears nowhere: zeros at the border change how many units there are, not how far one of them looks.
#
# **Why two small kernels instead of one large one?** Two layers of 3×3 see as much as one 5×5 (9×9 → 5×5 either way), three as
# much as one 7×7. 5×5 has 25 weights per pair of channels, two 3×3 have 18: a share of 7/25 = **28 %** is saved. For 7×7 against
# three 3×3, 22/49 = **45 %** is saved. Every layer also adds a nonlinearity.
#
# **Measure first, then compute.** There is a way to find out what a unit sees without any formula: nudge one pixel of the image
# and see whether the unit moves. Here are the notes' 20×20×3 image and its three 3×3 layers with random weights. We nudge each
# pixel in turn and watch one unit in the middle of the map.


# %% nbgrader={"grade": false, "grade_id": "influence", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def influence(model, image, block=1, nudge=0.1, batch=64):
    """How far the central unit of a model's last map moves when a block of the input is nudged.

    model: Keras model, image (H, W, C) in, map (h, w, K) out; image: float array; block: side length of a nudged square, pixels;
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


# %% tags=["draw"] topics=["G5", "G6"] nbgrader={"grade": false, "grade_id": "measure-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Measured: the pixels that move the central unit
keras.utils.set_random_seed(SEED)
noise = np.random.default_rng(SEED).random((20, 20, 3)).astype("float32")
stack, measured = keras.Sequential([keras.Input((20, 20, 3))]), []
fig, axes = plt.subplots(1, 3, figsize=(10, 4), sharey=True, layout="constrained")
for ax, filters in zip(axes, (32, 64, 128), strict=True):
    stack.add(keras.layers.Conv2D(filters, 3))
    touched = influence(stack, noise, batch=400) > 1e-6
    measured.append(int(touched.any(axis=0).sum()))
    ax.imshow(touched, cmap="cividis")
    h, w, channels = stack.output_shape[1:]
    ax.set(title=f"{len(measured)} × conv 3×3: {h}×{w}×{channels}\none unit sees {measured[-1]}×{measured[-1]}")
    ax.set(xlabel="column (pixel)", xticks=(0, 5, 10, 15, 19), yticks=(0, 5, 10, 15, 19))
axes[0].set_ylabel("row (pixel)")
plots.show(
    "Three 20×20 images in which the pixels that move the central unit are bright: a 3×3 square after one layer, 5×5 after "
    "two, 7×7 after three."
)

# %% [markdown] topics=["G4"] nbgrader={"grade": false, "grade_id": "task-receptive_field", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `receptive_field` (25 points)
#
# Now as arithmetic. Go through the spec once and keep two numbers, the receptive field and the jump. Write one row per
# layer: the field, the jump after this layer, and, when the size of the image is given, the size of the map.


# %% topics=["G4", "G6", "G9", "B7"] nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(spec, n=None):
    """Receptive field, jump and size after every layer.

    spec: list of layers (k, s, p), as in shape_trace; n: size of the image, an int or a tuple (h, w), or None.
    Returns a list with one row (rf, jump, size) per layer. rf: side length, in pixels of the image, of the field of one unit;
    jump: distance in pixels of the image between neighbouring units; size: as in shape_trace, None when n is None.
    rf is the theoretical field: it may exceed the image.
    Raises ValueError when n is given and a layer does not fit.
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
# Three layers of 3×3, as measured above
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
        "kernels are not added: windows overlap, a 3×3 layer adds a rim of one pixel only": [
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
    hint="the three fields are the ones measured above; with stride 1 the jump stays 1; no n, no size: None",
)
checks.passed("three layers of 3×3: 3, 5, 7", points=5)

# %% nbgrader={"grade": true, "grade_id": "receptive_field-jump", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Poolings: the MNIST net and the CIFAR net
from course import checks

same3, same2, pool2 = (3, 1, "same"), (2, 1, "same"), (2, 2, 0)
checks.equal(
    [tuple(row)[:2] for row in receptive_field([same3, pool2, same3, pool2])],
    [(3, 1), (4, 2), (8, 2), (10, 4)],
    unless={
        "the jump is ignored: after a stride of 2, one step of a window is 2 pixels of the image": [
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
        "strides multiply, they are not added": [(3, 1), (4, 2), (8, 2), (10, 3)],
        "pooling is a window as well: it widens the field as well": [(3, 1), (3, 2), (7, 2), (7, 4)],
        "the jump in a row is the one after this layer, not before it": [(3, 1), (4, 1), (8, 2), (10, 2)],
    },
    hint="compare with the table above, row by row: (3, 1), (4, 2), (8, 2), (10, 4)",
)
checks.equal(
    [tuple(row)[:2] for row in receptive_field([same2, pool2] * 3)],
    [(2, 1), (3, 2), (5, 2), (7, 4), (11, 4), (15, 8)],
    unless={
        "strides multiply, they are not added": [(2, 1), (3, 2), (5, 2), (7, 3), (10, 3), (13, 4)],
    },
    hint="the CIFAR net ends at a receptive field of 15 and a jump of 8",
)
checks.passed("the MNIST net ends at (10, 4), the CIFAR net at (15, 8)", points=5)

# %% nbgrader={"grade": true, "grade_id": "receptive_field-known-nets", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Published nets, after their last pooling
# When graded: random stacks, and that padding does not matter
from course import checks

conv3, pool2 = (3, 1, 1), (2, 2, 0)
vgg16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [conv3] * convs + [pool2]]
alexnet = [(11, 4, 0), (3, 2, 0), (5, 1, 2), (3, 2, 0), conv3, conv3, conv3, (3, 2, 0)]
zfnet = [(7, 2, 1), (3, 2, 1), (5, 2, 0), (3, 2, 1), conv3, conv3, conv3, (3, 2, 0)]
for name, spec, rf, jump in (("VGG16", vgg16, 212, 32), ("AlexNet", alexnet, 195, 32), ("ZFNet", zfnet, 171, 32)):
    last = receptive_field(spec)[-1]
    checks.equal(
        last[0], rf, hint=f"the last pooling of {name} has a receptive field of {rf} pixels; padding does not enter"
    )
    checks.equal(last[1], jump, hint=f"the strides of {name} multiply to {jump}")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(212)
for _ in range(6):
    kernels, strides = rng.integers(1, 8, size=6).tolist(), rng.integers(1, 4, size=6).tolist()
    spec = [(k, s, 0) for k, s in zip(kernels, strides, strict=True)]
    # Walking back from the last layer: w neighbouring units have seen (w - 1) s + k units of the map before.
    expected = []
    for depth in range(1, 7):
        seen = 1
        for k, s in zip(kernels[depth - 1 :: -1], strides[depth - 1 :: -1], strict=True):
            seen = (seen - 1) * s + k
        expected.append((seen, int(np.prod(strides[:depth]))))
    got = [tuple(row)[:2] for row in checks.unchanged(receptive_field, spec)]
    checks.equal(
        got,
        expected,
        hint="strides and kernels come in any order: which jump does a window step in, and when does the jump change?",
    )
    padded = [(k, s, "same" if i % 2 else 3) for i, (k, s, _) in enumerate(spec)]
    checks.equal(
        [tuple(row)[:2] for row in receptive_field(padded)],
        expected,
        hint="padding changes how many units there are, not how far one of them looks",
    )
checks.equal(
    tuple(receptive_field([(3, 1, 0)] * 150)[-1])[:2],
    (301, 1),
    hint="without n there is no image that a layer could fail to fit: 150 layers have a field, too",
)
### END HIDDEN TESTS
checks.passed("VGG16 212, AlexNet 195, ZFNet 171", points=5, later="random stacks, and that padding does not matter")

# %% nbgrader={"grade": true, "grade_id": "receptive_field-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The sizes, when n is given
# When graded: small images, layers that do not fit, an empty spec, Keras
from course import checks

checks.rows(
    receptive_field([(3, 1, 0)] * 3, 20),
    [(3, 1, 18), (5, 1, 16), (7, 1, 14)],
    unless={
        "(n + 2p - k) / s + 1 is the output size, not the receptive field": [(18, 1, 18), (16, 1, 16), (14, 1, 14)],
        "the size in a row is the one after the layer, not before it": [(3, 1, 20), (5, 1, 18), (7, 1, 16)],
        "with n given, the third entry is the size of the map": [(3, 1, None), (5, 1, None), (7, 1, None)],
    },
    hint="20 → 18 → 16 → 14, with fields 3, 5, 7",
)
checks.rows(
    receptive_field([(5, 2, 2), (2, 2, 0), (3, 1, 0)], (45, 62)),
    [(5, 2, (23, 31)), (7, 4, (11, 15)), (15, 4, (9, 13))],
    hint="for an image (h, w) every size is a pair; the field and the jump stay ints",
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
    receptive_field([same3, pool2, pool2], (30, 47)),
    [(3, 1, (30, 47)), (4, 2, (15, 23)), (6, 4, (7, 11))],
    hint="for an image (h, w) every size is a pair; the field stays an int",
)
checks.equal(receptive_field([], 12), [], hint="no layer, no row")
for n in (4, (9, 4)):
    checks.raises(
        ValueError,
        lambda n=n: receptive_field([(3, 1, 0)] * 2, n),
        hint="a size n at which the second layer does not fit",
    )
model = keras.Sequential([keras.Input((97, 1))])
spec = [(7, 2, "valid"), (3, 1, "same"), (2, 2, "valid"), (5, 3, "same"), (4, 1, "valid")]
for k, s, p in spec:
    model.add(keras.layers.Conv1D(1, k, strides=s, padding=p))
sizes = [layer.output.shape[1] for layer in model.layers]
checks.equal([row[2] for row in receptive_field(spec, 97)], sizes, hint="the third entry is the size after each layer")
### END HIDDEN TESTS
checks.passed(
    "fields and sizes of a 20×20 and of a 45×62 image",
    points=4,
    later="small images, layers that do not fit, other pairs, an empty spec, maps compared with Keras",
)

# %% nbgrader={"grade": true, "grade_id": "receptive_field-measured", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# One layer
# When graded: random stacks, built in Keras and measured by lighting every pixel
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
    checks.equal(last[1], step, hint="neighbouring units of a real stack see fields that are another jump apart")
    checks.equal(last[2], lit.shape[1], hint="the size of the last map is another one in a real stack")
### END HIDDEN TESTS
checks.passed(
    "one layer sees its kernel", points=6, later="random stacks, built in Keras and measured by lighting every pixel"
)

# %% tags=["draw"] topics=["B7", "G9"] nbgrader={"grade": false, "grade_id": "growth-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How the field grows with depth, and how it compares with the image
styles = {"MNIST net": "o-", "CIFAR net": "s--", "AlexNet": "^-.", "ZFNet": "v:", "VGG16": "D-"}


def rf_ratio(spec, n):
    """Receptive field of the last layer over the larger side length of the image, from your receptive_field."""
    return receptive_field(spec)[-1][0] / (max(n) if isinstance(n, tuple) else n)


with checks.waiting_for("receptive_field"):
    fields = {name: [1] + [row[0] for row in receptive_field(spec)] for name, (_, spec) in NETS.items()}
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=[3, 2], layout="constrained")
    for (name, style), colour in zip(styles.items(), ("0.5", "#e69f00", "#0072b2", "#56b4e9", "#d55e00"), strict=True):
        left.plot(fields[name], style, color=colour, markersize=4, label=f"{name}: {fields[name][-1]} pixels")
    left.set(title="Receptive field over depth", xlabel="layer (0 is the image)", ylabel="receptive field (pixels)")
    left.set_xticks(range(0, 19, 2))
    left.grid(alpha=0.3)
    left.legend(loc="upper left")
    ratios = {f"{name} ({n})": rf_ratio(spec, n) for name, (n, spec) in NETS.items()}
    right.axvspan(0.9, 1.1, color="#009e73", alpha=0.3, label="0.9 to 1.1")
    bars = right.barh(list(ratios), list(ratios.values()), color="0.5")
    right.bar_label(bars, fmt="%.2f", padding=3)
    right.set(title="Field over image", xlabel="ratio", xlim=(0, 2.6))
    right.invert_yaxis()
    right.legend(loc="upper right")
    plots.show(
        "Left: the receptive field over depth for five nets; the lines get steeper after every stride, and end between 10 "
        "pixels (MNIST net) and 212 (VGG16). Right: the field of the last layer over the size of the image: 0.36 for the "
        "MNIST net, 0.47, 0.86, 0.76, 0.95 for VGG16 and 2.16 for ResNet-50; only VGG16 lies between 0.9 and 1.1."
    )

# %% tags=["draw"] topics=["G4", "G9"] nbgrader={"grade": false, "grade_id": "field-widget", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look back from one unit; beside the rows, the fields you computed
with checks.waiting_for("receptive_field"):
    small_net = [(3, 1, 0), (2, 2, 0), (3, 1, 0), (2, 2, 0)]
    widgets.receptive_field(small_net, n=22, fields=[1] + [row[0] for row in receptive_field(small_net)])

# %% [markdown] topics=["G4", "G5", "B1"] nbgrader={"grade": false, "grade_id": "task-field_location", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Where is the field?
#
# All units of a map have fields of the same size. Where a field lies depends on the unit. One layer with $k=3, s=2, p=1$: the
# window of unit 0 begins one pixel *before* the image, at −1. The window of unit 2 begins at 2·2 − 1 = 3 and ends at 3 + 3 − 1
# = 5: this unit has seen pixels 3 to 5. After a second layer, a unit has seen the units from one to another of this map.
#
# ### Exercise 5 · `field_location` (10 points)
#
# Along one axis: the first and the last pixel that unit $i$ of the last map has seen. Walk back through the spec.


# %% topics=["G4", "G5"] nbgrader={"grade": false, "grade_id": "field_location", "locked": false, "schema_version": 3, "solution": true, "task": false}
def field_location(spec, i):
    """First and last pixel, along one axis, that unit i of the last map has seen.

    spec: list of layers (k, s, p), p an int >= 0 (zeros at each end) or "valid"; i: index of the unit, an int >= 0.
    Returns (first, last), two ints, counted from the image's pixel 0; the last pixel belongs to the field. They may lie outside
    the image, in the padding: first is then negative. Without layers, unit i has seen pixel i.
    Raises ValueError when i is negative, and when p is negative or another word ("same" depends on the size of the map).
    """
    ### BEGIN SOLUTION
    if i < 0:
        raise ValueError(f"units are counted from 0, not {i}")
    first = last = i
    for k, s, p in reversed(spec):
        zeros = 0 if p == "valid" else p
        if isinstance(zeros, str) or zeros < 0:
            raise ValueError(f"padding is a number of pixels >= 0 or 'valid', not {p!r}")
        first, last = first * s - zeros, last * s - zeros + k - 1
    return first, last
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "field_location-by-hand", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# One layer, two layers, and the MNIST net
from course import checks

checks.equal(
    field_location([(3, 2, 1)], 2),
    (3, 5),
    unless={
        "the last pixel belongs to the field: 5, not 6": (3, 6),
        "padding moves the window to the left, in front of the image": (5, 7),
        "padding is ignored: there are p zeros before pixel 0": (4, 6),
        "the stride is ignored: unit 2 begins two strides further": (1, 3),
        "return the first and the last pixel, not the first and the width": (3, 3),
    },
    hint="the layer of the text: unit 2 has seen pixels 3 to 5",
)
checks.equal(
    field_location([(3, 2, 1)], 0),
    (-1, 1),
    unless={"do not cut the field off at the image: first may be negative": (0, 1)},
    hint="unit 0 begins one pixel before the image",
)
mnist = [(3, 1, 1), (2, 2, 0), (3, 1, 1), (2, 2, 0)]
checks.equal(
    [tuple(field_location(mnist, i)) for i in (0, 3, 6)],
    [(-3, 6), (9, 18), (21, 30)],
    unless={
        "padding is ignored": [(0, 9), (12, 21), (24, 33)],
        "p counts units of the layer's own input, which are a jump of pixels apart": [(-2, 7), (10, 19), (22, 31)],
        "do not cut the field off at the image: first may be negative": [(0, 6), (9, 18), (21, 30)],
        "walk back: begin with the last layer": [(-6, 9), (6, 21), (18, 33)],
    },
    hint="ten pixels each, a jump of four apart; in the middle, unit 3 has seen pixels 9 to 18",
)
checks.passed("one layer, and the MNIST net from corner to corner", points=4)

# %% nbgrader={"grade": true, "grade_id": "field_location-measured", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# A layer without padding
# When graded: random stacks, built in Keras and measured by lighting every pixel
from course import checks

checks.equal(field_location([(11, 4, "valid"), (3, 2, 0)], 1), (8, 26), hint="AlexNet's first two layers, unit 1")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(55)
for _ in range(6):
    spec, jump, reach = [], 1, 1
    for _ in range(int(rng.integers(2, 5))):
        k, p = int(rng.integers(1, 6)), int(rng.integers(0, 3))
        s = int(rng.integers(1, min(k, 3) + 1))  # no stride above its kernel: then no pixel of a field is skipped
        spec.append((k, s, p))
        reach, jump = reach + (k - 1) * jump, jump * s
    n = 3 * reach + 3 * jump
    x = inputs = keras.Input((n, 1))
    for k, s, p in spec:
        x = keras.layers.Conv1D(1, k, strides=s, kernel_initializer="ones")(keras.layers.ZeroPadding1D(p)(x))
    lit = keras.ops.convert_to_numpy(keras.Model(inputs, x)(np.eye(n, dtype="float32")[:, :, None]))[:, :, 0] > 0
    for i in range(lit.shape[1]):
        seen = np.flatnonzero(lit[:, i])
        if len(seen) != reach:
            continue  # part of this field lies in the padding, where no pixel can be lit
        start = int(seen[0]) - i * jump
        first, last = checks.unchanged(field_location, spec, i)
        checks.equal(
            (first, last),
            (int(seen[0]), int(seen[-1])),
            hint="lighting every pixel of a real stack shows another first and last pixel",
        )
    checks.equal(
        tuple(field_location(spec, 0)),
        (start, start + reach - 1),
        hint="neighbouring units are a jump apart, in the padding as well",
    )
### END HIDDEN TESTS
checks.passed(
    "AlexNet's first two layers", points=4, later="random stacks, built in Keras and measured by lighting every pixel"
)

# %% nbgrader={"grade": true, "grade_id": "field_location-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: other paddings that do not exist, and no layers
from course import checks

field_location([(3, 1, 0)], 0)  # raises nothing
checks.raises(ValueError, lambda: field_location([(3, 1, 0)], -1), hint="a unit before the first one")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: field_location([(3, 1, "same")], 2), hint='"same": its zeros depend on the size')
checks.raises(ValueError, lambda: field_location([(3, 1, 0), (3, 1, -1)], 2), hint="a negative padding")
checks.raises(
    ValueError, lambda: field_location([(3, 1, -1), (3, 1, 0)], 2), hint="a negative padding in the first layer"
)
checks.raises(ValueError, lambda: field_location([], -1), hint="a unit before the first one, without layers")
checks.raises(ValueError, lambda: field_location([(3, 1, "full")], 2), hint="a word for padding that is not known")
checks.equal(tuple(field_location([], 7)), (7, 7), hint="without layers, unit i has seen pixel i")
for got in field_location([(3, 2, 1), (2, 2, 0)], 3):
    checks.integer(got, int(got), hint="pixels are counted in ints")
### END HIDDEN TESTS
checks.passed("a negative unit is refused", points=2, later="other paddings that do not exist, and no layers")

# %% tags=["draw"] topics=["G4", "G5"] nbgrader={"grade": false, "grade_id": "location-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The fields of the MNIST net's seven last units, along one axis
with checks.waiting_for("field_location"):
    mnist_net = [(3, 1, 1), (2, 2, 0), (3, 1, 1), (2, 2, 0)]
    fig, ax = plt.subplots(figsize=(9, 3), layout="constrained")
    ax.axvspan(-0.5, 27.5, color="0.5", alpha=0.2, label="the image, 28 pixels")
    for i in range(7):
        first, last = field_location(mnist_net, i)
        ax.plot([first - 0.4, last + 0.4], [i, i], "-", color="#0072b2", linewidth=5, solid_capstyle="butt")
        ax.text((first + last) / 2, i - 0.42, f"{first} to {last}", ha="center", va="center", color="C7")
    ax.set(xlabel="pixel", ylabel="unit", xlim=(-5, 38), ylim=(6.6, -0.9), yticks=range(7))
    ax.legend(loc="upper right")
    plots.show(
        "Seven bars of ten pixels, each four pixels to the right of the one above. The field of unit 0 reaches from −3 to 6 "
        "and that of unit 6 from 21 to 30, both beyond the 28 pixels of the image; unit 3 sees pixels 9 to 18 in its middle."
    )

# %% [markdown] topics=["B7", "G9", "B1"] nbgrader={"grade": false, "grade_id": "rule", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### What is wrong with this rule?
#
# The notes say that the last receptive field should come close to the size of the image: for 300×300 something like 290, 280
# or 270; a good ratio of field to image is 0.9 to 1.1. Compare with nets that have set records or are used everywhere:
#
# | net | input | field of the last map | ratio |
# |---|---|---|---|
# | AlexNet (2012), last pooling | 227 | 195 | 0.86 |
# | VGG16 (2014), last pooling | 224 | 212 | 0.95 |
# | MobileNet (2017) | 224 | 315 | 1.41 |
# | ResNet-50 (2015) | 224 | 483 | 2.16 |
# | ResNet-152 (2015) | 224 | 1,507 | 6.73 |
# | Inception-v4 (2016) | 299 | 2,071 | 6.93 |
#
# (Longest paths; Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019. Your function
# gives 483 for the spec of ResNet-50 above.) Find three reasons why the rule does not hold, then compare.
#
# <details><summary>Answer</summary>
#
# 1. A field as large as the image covers it for the unit in the *middle* only; a unit in the corner has a quarter of the image in
#    its field, the rest is padding. For every unit to see all $n$ pixels, the field must be about $2n$.
# 2. The theoretical field is an upper bound. Most of the influence comes from its middle (section 8), so a ratio of 1 does not
#    mean that a unit makes use of the whole image.
# 3. The units of the last map need not see everything, because the head combines them. BagNet-33, a ResNet whose units see
#    33×33 pixels only, averages their votes and reaches 87.6 % top-5 accuracy on ImageNet (Brendel and Bethge, 2019).
#
# What remains: a field much smaller than the objects cannot recognise their shape. Over published nets accuracy grows with the
# field, with diminishing returns (Araujo et al., 2019), but these nets also differ in depth, width and year.
#
# </details>

# %% [markdown] topics=["A2", "A3", "E9", "E10"] nbgrader={"grade": false, "grade_id": "task-layer_counts", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · How deep for which image?
#
# "400×400, 3×3 kernels: how many layers?" A slide answers "199/200", as if it could not decide. There are two questions
# in it, and each has one answer.
#
# 1. **Collapse.** How many layers without padding can be applied before none fits any more, and how large is the last map?
# 2. **Field.** How many layers are needed until one unit has a receptive field of at least $n$?
#
# **What is wrong here?** Another slide says "1920×1080: 2000 layers". Work out the second question for the larger side length (a
# field of 1920 columns has 1920 rows as well) before you run the check.
#
# Nobody builds either of them. With a pooling after every $m$ layers the jump doubles each time, and a few dozen layers
# are enough: this is one of the things that pooling is for.
#
# ### Exercise 6 · `layers_to_collapse` and `layers_for_rf` (15 points)
#
# Both in one cell. Convolutions have stride 1, poolings stride 2.


# %% topics=["A2", "A3", "B7", "E9"] nbgrader={"grade": false, "grade_id": "layer_counts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layers_to_collapse(n, k=3):
    """How many k×k layers without padding, stride 1, fit onto n pixels, one after the other.

    Returns (layers, size), two ints: their number, and the side length of the last map.
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

    n: side length of the image, or a tuple (h, w): then the larger one counts.
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
# 400×400, layer by layer until nothing fits
from course import checks

checks.equal(
    layers_to_collapse(400),
    (199, 2),
    unless={
        "off by one: after 199 layers the map is 2×2, and no 3×3 window fits into that": (200, 0),
        "199 layers, yes, but 400 - 2 · 199 = 2: an even size never becomes 1×1": (199, 1),
        "that is the other question, the receptive field: see how many layers still fit": (200, 1),
        "return two numbers: the layers, and the size at which they end": 199,
        "return (layers, size), in this order": (2, 199),
        "one more layer fits: a 3×3 window has one place on a map of 4 × 4 or 3 × 3": (198, 4),
    },
    hint="each layer takes 2 pixels; stop when a 3×3 window no longer fits",
)
for found, wanted in zip(layers_to_collapse(400), (199, 2), strict=True):
    checks.integer(found, wanted)
checks.equal(layers_to_collapse(7), (3, 1), hint="7 → 5 → 3 → 1: an odd size ends at 1×1")
checks.equal(layers_to_collapse(2), (0, 2), hint="a 3×3 window does not fit into 2×2, not even once")
checks.passed("199 layers, and a map of 2×2", points=3)

# %% nbgrader={"grade": true, "grade_id": "layer_counts-field", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Until one unit has seen 400 pixels, and a Full HD image
from course import checks

checks.integer(
    layers_for_rf(400),
    200,
    unless={
        "off by one: 199 layers have a field of 399, one pixel short of the image": 199,
        "off by one: 200 layers have a field of 401 already": 201,
    },
    hint="how large is the field after L layers of 3×3? Find the smallest L for which it is at least n",
)
checks.integer(
    layers_for_rf((1080, 1920)),
    960,
    unless={
        "the smaller side is not enough: a field of 1080 columns does not reach all 1920": 540,
        "each 3×3 layer adds 2 pixels, one at each end: 2000 layers would be twice too many": 1920,
        "the two sides do not add up: a field extends along both at once": 1500,
        "off by one: the field must be at least as large as the larger side": 959,
    },
    hint="the larger side counts",
)
checks.passed("200 layers for 400 pixels, 960 for Full HD", points=3)

# %% nbgrader={"grade": true, "grade_id": "layer_counts-other-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# 9×9
# When graded: odd, even and small sizes, other kernels, pairs, for both functions
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
        hint="collapse: count the layers while n ≥ k; each takes k - 1 pixels (even sizes and other kernels need not end at 1)",
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
        layers_for_rf(pair), max(pair) // 2, hint="for a pair (h, w) the larger side counts, first or second"
    )
### END HIDDEN TESTS
checks.passed(
    "9×9 in both functions", points=4, later="odd, even and small sizes, other kernels, pairs, for both functions"
)

# %% nbgrader={"grade": true, "grade_id": "layer_counts-pooled", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A pooling after every second layer
# When graded: other images, kernels and distances between poolings
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
    hint="fields after the convolutions: 3, 5, then (pooling: 6) 10, 14, then (pooling: 16) 24 ≥ 23",
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
        seen = 1  # walking back from the last convolution: w units have seen (w - 1) s + k before the layer
        for window, s in reversed(windows):
            seen = (seen - 1) * s + window
    checks.integer(
        layers_for_rf(n, k, m),
        layers,
        hint="with poolings: each adds one jump to the field, then doubles the jump; count the convolutions only",
    )
checks.integer(layers_for_rf(400, pool_every=None), 200, hint="pool_every=None means no pooling")
### END HIDDEN TESTS
checks.passed(
    "five convolutions and two poolings for 23 pixels",
    points=3,
    later="other images, kernels and distances between poolings",
)

# %% nbgrader={"grade": true, "grade_id": "layer_counts-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: images without pixels, impossible distances between poolings
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
checks.raises(ValueError, lambda: layers_for_rf((40, 0)), hint="an image without pixels, in its width")
checks.raises(ValueError, lambda: layers_for_rf(40, 3, -2), hint="a pooling after every −2 layers")
### END HIDDEN TESTS
checks.passed(
    "a kernel that shrinks nothing is refused",
    points=2,
    later="images without pixels, impossible distances between poolings",
)

# %% tags=["draw"] topics=["A3", "E10", "B7"] nbgrader={"grade": false, "grade_id": "resolution-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Convolutions until the field covers a screen, with and without pooling
screens = {"HD": (720, 1280), "Full HD": (1080, 1920), "QHD": (1440, 2560), "4K": (2160, 3840), "8K": (4320, 7680)}
with checks.waiting_for("layers_for_rf"):
    plans = {"no pooling": None, "pooling every 4 layers": 4, "pooling every 2 layers": 2}
    counts = {plan: [layers_for_rf(size, 3, every) for size in screens.values()] for plan, every in plans.items()}
    fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
    for i, ((plan, values), colour) in enumerate(zip(counts.items(), ("0.5", "#0072b2", "#e69f00"), strict=True)):
        bars = ax.bar(np.arange(len(screens)) + 0.27 * (i - 1), values, 0.25, color=colour, label=plan)
        ax.bar_label(bars)
    ax.set_xticks(range(len(screens)), [f"{name}\n{w}×{h}" for name, (h, w) in screens.items()])
    ax.set(yscale="log", ylim=(5, 30000), ylabel="3×3 convolutions (log scale)", xlabel="resolution")
    ax.legend(loc="upper left", ncol=3)
    plots.show(
        "Bars on a logarithmic scale for five screen resolutions. Without pooling the number of 3×3 convolutions grows from "
        "640 for HD to 3,840 for 8K; with a pooling after every fourth one it stays between 29 and 40, after every second one between 17 and 22."
    )
    print({n: layers_for_rf(n, 3, 2) for n in (300, 400, 500, 800)}, "convolutions, with a pooling after every second")

# %% [markdown] topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "jump-equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Equivariance after strides
#
# A convolution is *equivariant*: move the image by one pixel, and the map moves by one pixel. After strides, the map can only
# move by whole units, and one unit is a jump of pixels. So equivariance holds for shifts by a multiple of the jump, and in
# general for no others. Here is a stack with jump 4: twice a 3×3 convolution and a 2×2 pooling.

# %% nbgrader={"grade": false, "grade_id": "jump-equivariance-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
keras.utils.set_random_seed(SEED)
steps = [keras.Input((64, 64, 1))]
for _ in range(2):
    steps += [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
stepped = keras.Sequential(steps)
scene = np.random.default_rng(SEED).random((1, 64, 64, 1)).astype("float32")
before = keras.ops.convert_to_numpy(stepped(scene))
differences = []
for shift in range(1, 9):
    after = keras.ops.convert_to_numpy(stepped(np.roll(scene, shift, axis=2)))
    cells = round(shift / 4)
    inner = slice(4, -4)  # away from the border, where the image wraps around
    off = np.abs(after[:, :, inner] - np.roll(before, cells, axis=2)[:, :, inner]).mean() / before.std()
    differences.append(off)
    verdict = "the same numbers" if off < 1e-4 else f"differ by {off:.2f} standard deviations"
    print(f"image moved by {shift} pixels, map moved by {cells}: {verdict}")

fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
ax.bar(range(1, 9), differences, color="#0072b2")
ax.set(xlabel="the image is moved by (pixels)", ylabel="difference\n(standard deviations)", xticks=range(1, 9))
plots.show(
    "Bars of the difference between the map of the moved image and the moved map, for shifts of 1 to 8 pixels. At 4 and 8, the "
    "multiples of the jump, there is none; at all others it is between 0.1 and 0.2 standard deviations."
)

# %% [markdown] topics=["B1", "B7", "G5"] nbgrader={"grade": false, "grade_id": "effective-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · The field in theory and in practice
#
# The formula says which pixels *can* matter. It does not say how much. From a pixel in the middle of the field many paths
# lead to the unit, from a pixel in the corner only one, so the middle counts for far more. The part that really matters is
# the **effective** receptive field (Luo et al., 2016).
#
# We take a VGG-like stack with random weights on a photograph, nudge it in blocks of 4×4 pixels, and watch one unit in the
# middle of the last map. Any one random net has its own preferences, so we average over ten. Dashed: what your formula
# promises. Bright: what really moves the unit.

# %% tags=["draw"] topics=["B1", "B7", "G5"] nbgrader={"grade": false, "grade_id": "effective-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Theoretical and effective receptive field of ten random nets
photo = datasets.load("photos").images["china"]
small = photo[:424].reshape(106, 4, 160, 4, 3).mean(axis=(1, 3)).astype("float32") / 255
crop = small[22:70, 44:92]
vgg_start = [layer for _ in range(2) for layer in [(3, 1, 1)] * 2 + [(2, 2, 0)]] + [(3, 1, 1)] * 3
model = keras.Sequential([keras.Input(crop.shape)])
for depth, (k, s, _) in enumerate(vgg_start, start=1):
    if s == 2:
        model.add(keras.layers.MaxPooling2D(k))
        continue
    last_layer = depth == len(vgg_start)  # many channels and no ReLU: a mean over them varies less
    filters = 48 if last_layer else 6 if depth < 3 else 12
    model.add(keras.layers.Conv2D(filters, k, padding="same", activation=None if last_layer else "relu"))
heat, rng = np.zeros((12, 12)), np.random.default_rng(SEED)
for _ in range(10):
    for layer in model.layers:
        if layer.weights:  # a new net: weights drawn as He et al. (2015) do for ReLUs
            shape = layer.kernel.shape
            layer.kernel.assign(rng.normal(size=shape) * np.sqrt(2 / np.prod(shape[:-1])))
    moves = influence(model, crop, block=4, batch=144)
    heat += moves / moves.sum()
heat /= heat.max()

with checks.waiting_for("receptive_field", "field_location"):
    rf, jump, cells = receptive_field(vgg_start, crop.shape[0])[-1]
    first, last = field_location(vgg_start, cells // 2)
    fig, axes = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained", width_ratios=[1, 1.2, 1, 1.2])
    axes[0].imshow(crop)
    axes[0].set_title("the photograph")
    shown = axes[1].imshow(heat, cmap="viridis", extent=(-0.5, 47.5, 47.5, -0.5))
    axes[1].set_title("how far the unit moves")
    fig.colorbar(shown, ax=axes[1], fraction=0.046)
    axes[2].imshow(crop * (0.12 + 0.88 * np.kron(heat, np.ones((4, 4)))[:, :, None]))
    axes[2].set_title("what it looks at")
    for ax in axes[:3]:
        for color, style in (("0.9", "-"), ("#d55e00", "--")):
            ax.add_patch(
                plt.Rectangle(
                    (first - 0.5, first - 0.5), rf, rf, fill=False, edgecolor=color, linestyle=style, linewidth=2
                )
            )
        ax.set(xticks=[], yticks=[])
    centres = np.arange(12) * 4 + 1.5
    axes[3].plot(centres, heat[6], "o-", color="#0072b2", markersize=4, label="middle row")
    axes[3].plot(centres, heat[:, 6], "s--", color="#d55e00", markersize=4, label="middle column")
    axes[3].axvspan(first - 0.5, last + 0.5, color="0.5", alpha=0.2)
    axes[3].set(title="profiles", xlabel="pixel", ylim=(0, 1.45))
    axes[3].legend(loc="upper center", fontsize=9)
    plots.show(
        "A 48×48 part of the photograph with the theoretical field of 40×40 pixels dashed. The heat map is brightest in "
        "the middle of the field and falls off to nearly nothing towards its border. The profiles through the middle "
        "are bell-shaped, much narrower than the field."
    )
    order = np.sort(heat.ravel())[::-1]
    half = int(np.searchsorted(np.cumsum(order) / order.sum(), 0.5)) + 1
    starts = np.arange(12) * 4  # first pixel of each block; a block at the border of the field may reach out of it
    outside = (starts + 3 < first) | (starts > last)
    beyond = heat[outside[:, None] | outside[None, :]].max()
    print(f"largest movement by a block wholly outside the field: {beyond:.6f}")
    print(f"half of all movement comes from {half * 16 / rf**2:.0%} of the theoretical field")

# %% [markdown] topics=["A2", "G8", "G9", "E9", "E11", "E14", "B1"] nbgrader={"grade": false, "grade_id": "written-intro", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Nothing outside the dashed square moves the unit, and most of the square hardly matters. A field as large as the image lets a
# unit see everything; it does not mean that the unit makes use of it.
#
# ### Exercise 7 · In your own words (15 points, read by a person)
#
# About four sentences for each point; numbers and a small example say more than adjectives.
#
# 1. (9 points) "400×400, 3×3 kernels: 199/200 layers." Which question has the answer 199, which has the answer 200? Say for
#    each why it cannot be the other number, and what the map looks like after the 199th layer. Is there a third number that
#    gets a 400×400 image down to 1×1?
# 2. (3 points) "Receptive field: $n = (n_1 + 2p - k)/s + 1$." Name both things that are wrong.
# 3. (3 points) "A larger stride reduces the parameters." What does it reduce, what does it not, and when may it reduce parameters
#    after all?

# %% [markdown] topics=["A2", "G8", "G9", "E9", "E11", "E14"] nbgrader={"grade": true, "grade_id": "one-ninety-nine-or-two-hundred", "locked": false, "points": 15, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. 199 answers "how many layers without padding fit?". Each 3×3 layer takes 2 pixels: 400 − 2·199 = 2. After the 199th
#    layer the map is 2×2, no 3×3 window fits any more, so there is no 200th layer; and as the side stays even, 1×1 is never
#    reached. 200 answers "how many layers until one unit has seen the whole image?". The field is 2L + 1: 399 after 199
#    layers, one pixel short; 401 after 200. With padding those 200 layers exist. No number of 3×3 layers without padding
#    gives 1×1 from 400; it takes something else (a 2×2 kernel at the end, one padded or strided layer, pooling).
#    *(3 points for each number with its question, 2 for the 2×2 map and the parity, 1 for "no third number".)*
# 2. It is the size of the output, not the receptive field (which does not depend on the size of the image or on padding), and
#    the floor is missing: a window that does not fit completely is not taken. *(2 + 1 points.)*
# 3. A convolution has (k·k·c_in + 1)·c_out weights; the stride appears nowhere in it. It reduces the size of the map, and so
#    memory and multiplications. Only a dense layer after Flatten has fewer weights, because its input got smaller.
#    *(1 point each.)*
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - **Size** and **receptive field** are two questions. Size: how many places; it needs $n$, $p$ and a floor. Field: how far
#   one unit looks back; it needs $k$ and the jump, and neither $n$ nor $p$. Where the field lies needs $p$ again.
# - Small kernels in a row see as much as a large one, for fewer weights; strides multiply what every later layer adds.
# - Even kernels lean to one end. Odd ones have a centre.
# - The formula is an upper bound. What a network really looks at can be measured: nudge and watch.
#
# Next: [what all these layers cost](../week03_parameters/week03_parameters.ipynb).

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import course

course.progress("week02")

# %% [markdown] topics=["G4"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# No points, but checked like the others.
#
# ### Stretch A · `branch_field`
#
# An Inception block looks through several windows at once; a residual block adds its input to its output. What has a unit after
# such a junction seen? Everything that *any* branch has seen: the **longest path** counts. We write a junction as a
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
# A plain stack, a residual block, Inception blocks
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
        "the jump is ignored inside the branches: they come after a pooling": (12, 2),
        "branches run side by side: the longest counts, not their sum": (36, 2),
    },
    hint="field 4 and jump 2 after the pooling; each block adds (5 - 1) · 2",
)
checks.passed("a residual block and two Inception blocks", points=0)

# %% nbgrader={"grade": true, "grade_id": "branches-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Jumps that differ
# When graded: strided and nested branches
from course import checks

checks.raises(ValueError, lambda: branch_field([[[(3, 2, 1)], []]]), hint="branches that meet with different jumps")
### BEGIN HIDDEN TESTS
a, down, point = (3, 1, 1), (3, 2, 1), (1, 2, 0)
checks.equal(
    branch_field([[[down, a], [point]]]),
    (7, 2),
    unless={"the jump that the branches have made goes on after the junction": (7, 1)},
    hint="a residual block with a strided projection",
)
checks.equal(
    branch_field([[[down, a], [point]], [[], [a, a]], [[down, a], [point]], a]),
    (35, 4),
    hint="the jump of a junction multiplies the jump of what follows",
)
checks.equal(branch_field([a, [[a, [[], [a, a]]], [(5, 1, 2)]], a]), (11, 1), hint="junctions inside branches")
checks.equal(branch_field([]), (1, 1), hint="an empty network: a pixel has seen itself")
checks.raises(ValueError, lambda: branch_field([[[a], [a, a], [down]]]), hint="a third branch with another jump")
checks.equal(branch_field([[[], []]]), (1, 1), hint="empty branches pass their input on")
checks.equal(branch_field([a, [[down]], a]), (9, 2), hint="a junction of a single branch is that branch")
checks.raises(
    ValueError, lambda: branch_field([a, [[a], [a, [[down], [a]]]]]), hint="a nested junction of different jumps"
)
checks.equal(checks.unchanged(branch_field, [a, [[], [a, a]]]), (7, 1), hint="a residual block")
### END HIDDEN TESTS
checks.passed("branches with different jumps are refused", points=0, later="strided and nested branches")

# %% [markdown] topics=["G8"] nbgrader={"grade": false, "grade_id": "dilation-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch B · `effective_kernel` and `dilated_field`
#
# Spread the three taps of a kernel $d$ pixels apart, and it spans $d(k-1)+1$ pixels for the same three weights. WaveNet (van den Oord
# et al., 2016) doubles $d$ in every layer: dilations 1, 2, 4 of 3 taps see 3, 7, 15 pixels, and no pixel is skipped.


# %% nbgrader={"grade": false, "grade_id": "dilation", "locked": false, "schema_version": 3, "solution": true, "task": false}
def effective_kernel(k, dilation):
    """Pixels from the first to the last tap of a kernel of k taps that are `dilation` pixels apart. Returns an int."""
    ### BEGIN SOLUTION
    return dilation * (k - 1) + 1
    ### END SOLUTION


def dilated_field(k, dilations):
    """Receptive fields after each layer of a stack of kernels of k taps, stride 1.

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
# One kernel, then three with doubled dilation
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
        "return the field after every layer, not only the last": 15,
    },
    hint="how far does each layer reach beyond the one before? 3, 7, 15",
)
checks.passed("dilations 1, 2, 4 see 3, 7, 15 pixels", points=0)

# %% nbgrader={"grade": true, "grade_id": "dilation-measured", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One ordinary layer
# When graded: WaveNet-like stacks, measured in Keras
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
    fields = checks.unchanged(dilated_field, k, dilations)
    checks.equal(fields, expected, hint="nudging pixels of a dilated stack shows other fields")
    checks.integer(fields[-1], expected[-1])
### END HIDDEN TESTS
checks.passed("one ordinary layer", points=0, later="WaveNet-like stacks, measured in Keras")
