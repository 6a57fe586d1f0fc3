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
# # Week 3 · Counting parameters
#
# In week 5 you have a budget: **fewer than 10,000 weights** for MNIST, at 99.2 % or better. The network of the lecture notes that this
# course follows has 220,234. To get from one to the other, you have to know where the weights are.
#
# **Afterwards you can**
#
# - predict every line of `model.summary()` before it prints: the output shape, the number of weights, and how many of them training
#   can change;
# - say which layers of a network have the weights, and which do the work;
# - audit a model that somebody hands you.
#
# **Time** about two and a half hours. **You need** the output sizes of [week 2](../week02_receptive_field/week02_receptive_field.ipynb).
# Nothing is trained this week, so `PROFILE` changes nothing.
#
# | | exercise | points |
# |--|---|--:|
# | 1 | `conv_params`, `dense_params`, `bn_params`, `separable_params` | 30 |
# | 2 | `kernel_stack_saving` | 10 |
# | 3 | `conv_macs` | 5 |
# | 4 | `count_spec` | 25 |
# | 5 | `audit` | 20 |
# | 6 | where the parameters hide (read by a person) | 10 |
# | | stretch: `widest_net` | 0 |
#
# Stuck? `course.hint("layer_params")`, `"kernel_stack_saving"`, `"macs"`, `"count_spec"` or `"audit"`. Words: [glossary](../../course/glossary.md).
# Next: [week 4, MNIST](../week04_mnist/week04_mnist.ipynb).

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" changes nothing this week: counting needs no data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np

from course import checks, plots

plots.style()
BLUE, VERMILLION, GREY, GREEN = "#0072b2", "#d55e00", "0.5", "#009e73"  # told apart by colour-blind readers

# %% [markdown] topics=["C1", "C2", "C5", "C6", "D9"] nbgrader={"grade": false, "grade_id": "need", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · One weight for every connection is too many
#
# A dense layer connects every input to every [unit](../../course/glossary.md). On a grey image of 1000×1000 pixels a single unit has **1,000,000 weights**,
# and a layer of 1000 units has **1,000,000,000**, plus 1000 biases: 4 GB in float32. Flattening also drops the neighbourhood of the
# pixels: a pattern that was learned in the top left corner has to be learned again everywhere else.
#
# Two ideas bring the number down. Take a 28×28 image and 32 output maps of 26×26:
#
# | each output unit sees … | and its weights are … | count | |
# |---|---|---|---|
# | all 784 pixels | its own | 785 · 26·26·32 = **16,981,120** | fully connected |
# | a 3×3 patch | its own | 10 · 26·26·32 = **216,320** | locally connected |
# | a 3×3 patch | shared by all 676 places | 10 · 32 = **320** | convolution |
#
# *Locality* divides the count by 78.5, *sharing* divides it by another 676. The sharing is across places, not across maps: each of the
# 32 maps keeps a kernel of its own.

# %% [markdown] topics=["B2", "B3", "B4", "B5"] nbgrader={"grade": false, "grade_id": "formula", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Four formulas that count almost every network
#
# A kernel of a convolution is as deep as its input: it covers $m \times n$ places **and all $d$ input maps**. With its one
# [bias](../../course/glossary.md) it has $m \cdot n \cdot d + 1$ weights, and a layer with $K$ output maps has $K$ such kernels:
#
# $$\text{conv}(m, n, d, K) = (m \cdot n \cdot d + 1) \cdot K$$
#
# The first layer of the notes, 3×3 on one grey map with 32 kernels: (3·3·1 + 1)·32 = 10·32 = **320**. The second layer takes those 32
# maps, so it has (3·3·**32** + 1)·64 = 289·64 = **18,496**, not 640.
#
# A dense layer from $a$ values to $b$ units has $a \cdot b$ weights and $b$ biases. The notes flatten 7×7×64 = 3136 values into 64
# units: 3136·64 + 64 = 200,704 + 64 = **200,768**.
#
# [Batch normalisation](../../course/glossary.md) keeps four values per map: a scale γ and a shift β, which training changes, and a moving
# mean and a moving variance, which are only measured. That is $4c$ in total for $c$ maps, **$2c$ of them trainable**.
#
# A separable convolution splits the work of a kernel into two steps: one $m \times n$ kernel for each of the $d$ maps (without a bias),
# then a 1×1 convolution that mixes the $d$ maps into $K$, with one bias for each of the $K$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-layer-params", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `conv_params`, `dense_params`, `bn_params`, `separable_params` (30 points)
#
# Write the four functions. Sizes are integers. A size below 1 is an invalid argument, for which each function raises `ValueError`.


# %% topics=["B2", "B3", "B4", "B5", "H7", "C1", "G13"] nbgrader={"grade": false, "grade_id": "layer_params", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_params(m, n, d, K, bias=True):
    """Weights of a convolution layer: K kernels of m x n places on d input maps.

    bias: whether every kernel has a bias.
    Returns an int. Raises ValueError when m, n, d or K is below 1.
    """
    ### BEGIN SOLUTION
    if min(m, n, d, K) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(m, n, d, K)}")
    return (m * n * d + (1 if bias else 0)) * K
    ### END SOLUTION


def dense_params(n_in, n_out, bias=True):
    """Weights of a dense layer from n_in values to n_out units, each with a bias if `bias`.

    Returns an int. Raises ValueError when n_in or n_out is below 1.
    """
    ### BEGIN SOLUTION
    if min(n_in, n_out) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(n_in, n_out)}")
    return (n_in + (1 if bias else 0)) * n_out
    ### END SOLUTION


def bn_params(c):
    """Values that a batch normalisation over c maps keeps (scale, shift, moving mean, moving variance).

    Returns (total, trainable), two ints. Raises ValueError when c is below 1.
    """
    ### BEGIN SOLUTION
    if c < 1:
        raise ValueError(f"there must be at least one map, got {c}")
    return 4 * c, 2 * c
    ### END SOLUTION


def separable_params(m, n, d, K, bias=True):
    """Weights of a separable convolution: one m x n kernel per map, then a 1x1 convolution from d to K maps.

    bias: whether each of the K output maps has a bias; the first step never has one.
    Returns an int. Raises ValueError when m, n, d or K is below 1.
    """
    ### BEGIN SOLUTION
    if min(m, n, d, K) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(m, n, d, K)}")
    depthwise = m * n * d
    pointwise = (d + (1 if bias else 0)) * K
    return depthwise + pointwise
    ### END SOLUTION


# %% topics=["B3", "B4", "A11", "F4", "G13", "E12"] nbgrader={"grade": true, "grade_id": "layer_params-conv", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Convolutions with a bias: the layers of the notes
from course import checks

lost_bias = "bias lost: every kernel has one weight more than its places, so 10 * 32 = 320, not 9 * 32 = 288"
checks.integer(
    conv_params(3, 3, 1, 32),
    320,
    unless={
        lost_bias: 288,
        "one bias per tap: the bracket is ((m*n*d) + 1) * K, a kernel has one bias, not one for each place": 576,
        "one bias for the whole layer: each of the K kernels has its own": 289,
        "the brackets are wrong: it is ((m*n*d) + 1) * K, so the bias is multiplied by K and so are the weights": 41,
    },
    hint="(m * n * d + 1) * K",
)
checks.integer(
    conv_params(3, 3, 32, 64),
    18_496,
    unless={
        "the depth is missing: a kernel covers all d maps of the layer below (289 * 64, not 10 * 64 = 640)": 640,
        lost_bias: 18_432,
    },
    hint="(m * n * d + 1) * K: a kernel covers all d maps of the layer below",
)
for (m, n, d, K), expected, where in (
    ((3, 3, 3, 32), 896, "colour image"),
    ((3, 3, 3, 64), 1_792, "36x36x3 image"),
    ((3, 3, 64, 128), 73_856, "third layer of the net on 20x20 images"),
    ((2, 2, 3, 16), 208, "first layer of the CIFAR net: its kernels are 2x2"),
    ((3, 3, 16, 32), 4_640, "32 kernels on 16 maps: the 32 + (9 + 1) of some notes is wrong"),
    ((1, 1, 32, 1024), 33_792, "a 1x1 kernel has a depth too"),
):
    checks.integer(conv_params(m, n, d, K), expected, hint=f"{where}: (m * n * d + 1) * K")
checks.passed("convolutions with a bias", points=6)

# %% topics=["B5", "C1", "C5"] nbgrader={"grade": true, "grade_id": "layer_params-dense", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Dense layers of the notes, and 1000 units on a megapixel
from course import checks

checks.integer(
    dense_params(7 * 7 * 64, 64),
    200_768,
    unless={
        "bias lost: 200,704 weights and 64 biases, one per unit": 200_704,
        "one bias for each input: the biases belong to the output units": 203_840,
        "one bias for the whole layer: each unit has its own": 200_705,
    },
    hint="n_in * n_out weights and n_out biases",
)
checks.integer(
    dense_params(784, 512),
    401_920,
    unless={"bias lost: 784 * 512 = 401,408 leaves out 512 biases": 401_408},
    hint="n_in * n_out weights and n_out biases",
)
checks.integer(dense_params(512, 10), 5_130, hint="n_in * n_out weights and n_out biases")
checks.integer(
    dense_params(1000 * 1000, 1000),
    1_000_001_000,
    hint="a thousand units on a megapixel: a billion weights, 1000 biases",
)
checks.passed("dense layers", points=5)

# %% topics=["B2", "C6"] nbgrader={"grade": true, "grade_id": "layer_params-shapes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# No bias, and kernels that are not square
# When graded: rectangular, 1×1 and depthwise kernels, with and without a bias
from course import checks

checks.integer(conv_params(3, 3, 1, 32, bias=False), 288, hint="without a bias a kernel has m * n * d weights")
checks.integer(dense_params(784, 512, bias=False), 401_408, hint="without a bias a unit has n_in weights")
checks.integer(conv_params(3, 5, 2, 4), 124, hint="a kernel need not be square: 3 * 5 places on 2 maps, and a bias")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(301)
for kernel in ((1, 1), (3, 5), (1, 7), (4, 2), (7, 7)):
    d, K = (int(v) for v in rng.integers(2, 40, size=2))
    for bias in (True, False):
        layer = keras.layers.Conv2D(K, kernel, use_bias=bias)
        layer.build((None, 16, 16, d))
        checks.integer(
            conv_params(*kernel, d, K, bias=bias),
            layer.count_params(),
            unless={
                "a kernel need not be square: m * n, not m * m": (kernel[0] ** 2 * d + bias) * K,
                "a kernel need not be square: m * n, not n * n": (kernel[1] ** 2 * d + bias) * K,
                "bias=False leaves the biases out": (kernel[0] * kernel[1] * d + 1) * K,
            },
            hint="a layer without bias, with a rectangular kernel or a 1x1 kernel",
        )
        layer = keras.layers.Dense(K, use_bias=bias)
        layer.build((None, d))
        checks.integer(dense_params(d, K, bias=bias), layer.count_params(), hint="a dense layer with and without bias")
layer = keras.layers.DepthwiseConv2D((3, 5))
layer.build((None, 16, 16, 24))
checks.integer(
    conv_params(3, 5, 1, 24), layer.count_params(), hint="a depthwise layer is K kernels that each see one map: d = 1"
)
### END HIDDEN TESTS
checks.passed(
    "layers without a bias, kernels that are not square",
    points=5,
    later="rectangular, 1×1 and depthwise kernels, with and without a bias",
)

# %% topics=["H7"] nbgrader={"grade": true, "grade_id": "layer_params-batch-norm", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Batch normalisation of 64 maps
# When graded: other numbers of maps
from course import checks

ideas = "four values per map: scale and shift are trained, moving mean and variance are only measured"
checks.equal(
    bn_params(64),
    (256, 128),
    unless={
        f"the moving mean and variance are missing in the total, 4c and not 2c: {ideas}": (128, 128),
        f"the moving mean and variance are not trained, 2c of the 4c: {ideas}": (256, 256),
        f"return both counts, (total, trainable): {ideas}": 256,
        "the order is (total, trainable)": (128, 256),
    },
    hint=ideas,
)
### BEGIN HIDDEN TESTS
import keras

for c in (1, 3, 17, 512):
    layer = keras.layers.BatchNormalization()
    layer.build((None, 5, 5, c))
    total, trainable = (sum(int(w.shape[0]) for w in ws) for ws in (layer.weights, layer.trainable_weights))
    checks.equal(bn_params(c), (total, trainable), hint=ideas)
### END HIDDEN TESTS
checks.passed("a batch normalisation of 64 maps", points=4, later="other numbers of maps")

# %% nbgrader={"grade": true, "grade_id": "layer_params-separable", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Separable convolutions: 3×3 from 32 maps to 64, and one without bias
# When graded: other sizes, with and without a bias
from course import checks

checks.integer(
    separable_params(3, 3, 32, 64),
    2_400,
    unless={
        "the two steps follow each other: add their weights, do not multiply them": 608_256,
        "the two steps follow each other: their weights are added": 589_888,
        "that is the full convolution: the first step has one m x n kernel per map, whatever K is": 18_496,
        "the first step has no bias, only the 64 output maps have one": 2_432,
        "bias lost: each of the K output maps has one": 2_336,
        "the second step is missing: 1x1 kernels that mix d maps into K": 288,
        "the first step is missing: one m x n kernel for each of the d maps": 2_112,
        "the first step has one kernel for each of the d maps, not a single one for all": 9 + 2_112,
    },
    hint="m * n * d for the first step, (d + 1) * K for the second",
)
checks.integer(
    separable_params(5, 3, 4, 6, bias=False),
    84,
    unless={"bias=False leaves the biases of the second step out": 90},
    hint="15 * 4 for the first step, 4 * 6 for the second, no bias",
)
### BEGIN HIDDEN TESTS
import keras

for kernel, d, K, bias in (((3, 3), 3, 8, True), ((5, 5), 16, 16, False), ((1, 7), 10, 3, True), ((3, 2), 1, 5, False)):
    layer = keras.layers.SeparableConv2D(K, kernel, use_bias=bias)
    layer.build((None, 16, 16, d))
    checks.integer(
        separable_params(*kernel, d, K, bias=bias),
        layer.count_params(),
        hint="a separable layer with a rectangular kernel, or without bias: m * n * d, then (d + 1) * K or d * K",
    )
### END HIDDEN TESTS
checks.passed("separable convolutions", points=5, later="other sizes, with and without a bias")

# %% nbgrader={"grade": true, "grade_id": "layer_params-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# The smallest layers, and a size of 0
# When graded: each size of each function below 1
from course import checks

checks.integer(conv_params(1, 1, 1, 1), 2, hint="the smallest layer there is: one weight and one bias")
checks.integer(dense_params(1, 1), 2, hint="the smallest dense layer: one weight and one bias")
checks.raises(ValueError, lambda: conv_params(3, 3, 0, 8), hint="conv_params with a size below 1")
### BEGIN HIDDEN TESTS
for bad in ((0, 3, 1, 8), (3, 0, 1, 8), (3, 3, 0, 8), (3, 3, 1, -8), (-3, -3, 1, 8)):
    checks.raises(ValueError, lambda: conv_params(*bad), hint="conv_params with a size below 1")
    checks.raises(ValueError, lambda: separable_params(*bad), hint="separable_params with a size below 1")
for bad in ((0, 10), (10, -1), (-2, -5)):
    checks.raises(ValueError, lambda: dense_params(*bad), hint="dense_params with a size below 1")
for c in (0, -3):
    checks.raises(ValueError, lambda: bn_params(c), hint="bn_params without a map")
### END HIDDEN TESTS
checks.passed("the smallest layers, and a size of 0", points=2, later="each size of each function below 1")

# %% [markdown] nbgrader={"grade": false, "grade_id": "look-connected", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your functions now draw the argument of section 1. All three curves give the same 32 output maps. The dashed and the solid blue curve
# are the same layer, without and with shared weights.

# %% tags=["draw"] topics=["C5", "C6", "D9"] nbgrader={"grade": false, "grade_id": "figure-connected", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: weights of a first layer against the side length of the image
with checks.waiting_for("conv_params", "dense_params"):
    sides = np.unique(np.geomspace(8, 1000, 40).astype(int))
    outputs = [32 * (int(side) - 2) ** 2 for side in sides]
    curves = [
        (
            "fully connected",
            [dense_params(int(s) ** 2, n) for s, n in zip(sides, outputs, strict=True)],
            VERMILLION,
            "-",
        ),
        ("3×3 patches, own weights", [(int(s) - 2) ** 2 * conv_params(3, 3, 1, 32) for s in sides], BLUE, "--"),
        ("3×3 patches, shared weights: 320, whatever the image", [conv_params(3, 3, 1, 32)] * len(sides), BLUE, "-"),
    ]
    figure, axis = plt.subplots(figsize=(7.6, 4.4), layout="constrained")
    for name, counts, colour, style in curves:
        axis.loglog(sides, counts, style, color=colour, linewidth=2.2, label=name)
    axis.axhline(10_000, color=GREY, linewidth=1, linestyle=":")
    axis.text(1000, 12_000, "week 5's budget: 10,000", color=GREY, ha="right", fontsize=9)
    counts = (dense_params(784, 21_632), 676 * conv_params(3, 3, 1, 32), conv_params(3, 3, 1, 32))
    axis.plot([28] * 3, counts, "o", color=GREY)
    for high, low, place, text in (
        (counts[0], counts[1], 3e6, "÷ 78.5 by locality"),
        (counts[1], counts[2], 2e3, "÷ 676 by sharing"),
    ):
        axis.annotate("", (28, 1.3 * low), (28, high / 1.3), arrowprops={"arrowstyle": "->", "color": GREY})
        axis.text(31, place, text, color=GREY, va="center", fontsize=9)
    axis.set(xlabel="side length of a square grey image, pixels", ylabel="weights of the first layer", ylim=(100, 3e15))
    axis.set_xticks([10, 28, 100, 224, 1000], ["10", "28", "100", "224", "1000"])
    axis.minorticks_off()
    axis.set_title("32 output maps, three ways to connect them")
    axis.legend(frameon=False, loc="upper left", fontsize=9)
    plots.show(
        "Weights against the side length of the image, both axes logarithmic. The fully connected curve climbs from about 10 to "
        "the power 5 to 10 to the power 13, the locally connected one from about 10 to the power 4 to 10 to the power 8.5, and "
        "the convolution stays at 320. At 28 pixels, locality divides by 78.5 and sharing by 676."
    )

# %% [markdown] topics=["B2", "G13", "E12", "E14", "E19", "K2", "H3"] nbgrader={"grade": false, "grade_id": "what-is-not-in-the-formula", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### What is *not* in the formula
#
# - **Padding** and **stride** are not arguments of `conv_params`. A larger stride makes the *map* smaller, and with it the memory for
#   activations and the work. The kernel keeps its weights. (Notes that say "a larger stride has fewer parameters" mean activations.
#   They are right about a *dense* layer further up: it sees a smaller map.)
# - **The image size** is not there either. The same 320 weights serve a thumbnail and a poster.
# - **A second form** of the formula is in circulation in which the bracket closes elsewhere: $m \cdot n \cdot (d + 1) \cdot K$.
#   Try it: 3·3·(1 + 1)·32 = 576. It gives each *place* of the kernel a bias. Right is $((m \cdot n \cdot d) + 1) \cdot K$.
# - **Add or concatenate?** A skip connection of a residual net *adds*: 16 maps and 16 maps stay 16 maps. A concatenation, as in
#   Inception, stacks: 16 and 16 become 32. The join has no weights in either case; the **next** layer pays. 32 kernels of 3×3 on the
#   sum have 4,640 weights. And on the stack?
#
# ### A 1×1 first
#
# A 1×1 convolution is a dense layer across the maps, applied at each place: (d + 1)·K weights, a ninth of a 3×3 (a share of 8/9 saved,
# biases aside). It can reduce the number of maps first, so that the expensive kernel has less depth to cover. From 512 to 128 maps,
# the 3×3 that follows needs only a quarter (3/4 saved). The 1×1 itself has to be counted, too. Weeks 11 and 12 build whole networks
# from this idea.

# %% topics=["E19", "K2", "H3", "L2", "L3"] nbgrader={"grade": true, "grade_id": "layer_params-blocks", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# After an addition, after a concatenation, after a 1×1
from course import checks

checks.integer(conv_params(3, 3, 16, 32), 4_640, hint="after an addition: 16 + 16 maps added are still 16 maps")
checks.integer(conv_params(3, 3, 16 + 16, 32), 9_248, hint="after a concatenation: 16 and 16 maps stacked are 32 maps")
plain = conv_params(3, 3, 512, 512)
reduced = conv_params(1, 1, 512, 128) + conv_params(3, 3, 128, 512)
checks.equal((plain, reduced), (2_359_808, 65_664 + 590_336), hint="512 maps, first reduced to 128 by a 1x1")
direct, thinned = conv_params(3, 3, 128, 128), conv_params(1, 1, 128, 64) + conv_params(3, 3, 64, 128)
checks.equal((direct, thinned), (147_584, 8_256 + 73_856), hint="34x34x128, reduced to 64 maps, 3x3 back to 128")
checks.integer(conv_params(1, 1, 32, 1024), 33_792, hint="a 1x1 from 32 maps to 1024")
pair = conv_params(1, 7, 1, 1, bias=False) + conv_params(7, 1, 1, 1, bias=False)
checks.equal((pair, conv_params(7, 7, 1, 1, bias=False)), (14, 49), hint="a 1x7 and a 7x1 for a 7x7")
checks.passed("sums, stacks and 1×1 reductions", points=3)

# %% tags=["draw"] topics=["K2", "H3", "L3", "A11", "G2"] nbgrader={"grade": false, "grade_id": "figure-blocks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: five replacements with fewer weights
with checks.waiting_for("conv_params", "dense_params", "separable_params"):
    c = conv_params
    pairs = [
        ("3×3, 64 → 64\nas separable convolution", c(3, 3, 64, 64), separable_params(3, 3, 64, 64)),
        ("5×5, 64 → 64\nas two 3×3", c(5, 5, 64, 64), 2 * c(3, 3, 64, 64)),
        ("3×3, 128 → 128\nthrough 64 maps", c(3, 3, 128, 128), c(1, 1, 128, 64) + c(3, 3, 64, 128)),
        ("3×3, 512 → 512\nthrough 128 maps", c(3, 3, 512, 512), c(1, 1, 512, 128) + c(3, 3, 128, 512)),
        ("head on 7×7×64\n1×1 and average, not dense", dense_params(3136, 64) + dense_params(64, 10), c(1, 1, 64, 10)),
    ]
    figure, axis = plt.subplots(figsize=(8.4, 3.9), layout="constrained")
    for row, (_, before, after) in enumerate(reversed(pairs)):
        axis.plot([after, before], [row, row], color=GREY, linewidth=2, zorder=1)
        axis.scatter([before, after], [row, row], s=60, color=[VERMILLION, BLUE], zorder=2)
        axis.text(before * 1.18, row, f"{before:,}", va="center", color=VERMILLION, fontsize=9)
        axis.text(after / 1.18, row, f"{after:,}", va="center", ha="right", color=BLUE, fontsize=9)
        middle = np.sqrt(before * after)
        axis.text(middle, row + 0.16, f"−{100 * (1 - after / before):.1f} %", ha="center", fontsize=9, color=GREY)
    axis.set_yticks(range(len(pairs)), [name for name, *_ in reversed(pairs)], fontsize=9)
    axis.set(xscale="log", xlim=(180, 1.6e7), ylim=(-0.6, len(pairs) - 0.3), xlabel="weights (logarithmic)")
    axis.set_title("Five replacements, before (red) and after (blue)", loc="left")
    plots.show(
        "Weights of five layers before and after a replacement, on a logarithmic axis. Separable for 3×3: 36,928 to 4,736. Two "
        "3×3 for a 5×5: 102,464 to 73,856. Through 64 of 128 maps: 147,584 to 82,112. Through 128 of 512 maps: 2,359,808 to "
        "656,000. A 1×1 and an average for the dense head: 201,418 to 650, by far the largest saving."
    )

# %% [markdown] topics=["A11", "G2", "K2", "H3"] nbgrader={"grade": false, "grade_id": "look-blocks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look at the last line: **the head** saves more than all the other replacements. Its plain form flattens 7×7×64 into 3136 values and
# connects each of them to 64 units. The thrifty form makes ten maps with a 1×1 convolution, one per class, and averages each map: 650
# weights. On the small example of the notes, a last map of 3×3×10, the same choice reads: flatten to (1, 90) and add a dense layer to
# 10 classes, 910 weights; or average the ten maps, no weights at all.
#
# In the third and fourth line, halving 128 maps saves 44 % and quartering 512 maps saves 72 %, a little less than the 3/4 that the 3×3
# alone would save. The difference is the 1×1. None of the five computes the same function as before; whether the smaller one is good
# enough is a question for training.

# %% [markdown] topics=["G7"] nbgrader={"grade": false, "grade_id": "stacks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Two small kernels for a large one
#
# Two stacked 3×3 layers see 5×5 ([week 2](../week02_receptive_field/week02_receptive_field.ipynb)), three see 7×7. With $c$ maps in and
# out, biases aside, a 5×5 layer has $25c^2$ weights and two 3×3 layers have $2 \cdot 9c^2 = 18c^2$. The share saved is $7/25$ =
# **0.28**, whatever $c$ is, and there is one non-linearity more. (36 %, which is sometimes quoted, is 9/25: the share *kept* when *one*
# 3×3 replaces a 5×5, which does not see the same field.)
#
# ### Exercise 2 · `kernel_stack_saving` (10 points)
#
# Return the exact share. Do not round: the checks compare to nine decimal places.


# %% topics=["G7"] nbgrader={"grade": false, "grade_id": "kernel_stack_saving", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_stack_saving(k):
    """Share of the weights saved when one k x k layer becomes (k - 1) / 2 stacked 3x3 layers, biases aside.

    k: odd and at least 3; every layer has the same number of maps in and out.
    Returns the share as a float between 0 and 1, not rounded. Raises ValueError when k is even or below 3.
    """
    ### BEGIN SOLUTION
    if k < 3 or k % 2 == 0:
        raise ValueError(f"only an odd kernel of at least 3 can be a stack of 3x3 kernels, got {k}")
    layers = (k - 1) // 2
    return 1 - layers * 9 / k**2
    ### END SOLUTION


# %% topics=["G7"] nbgrader={"grade": true, "grade_id": "kernel_stack_saving-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# A stack for a 5×5, a 7×7 and an 11×11 kernel
from course import checks

ideas = (
    "count all layers of the stack: (k - 1) / 2 of them, not one (36 % is one 3x3 for a 5x5)",
    "count all layers of the stack, not one",
    "that is the share that is kept: the saving is 1 minus it",
    "a share of the large kernel: divide by k * k, not by the weights of the stack",
    "a share between 0 and 1, not a percentage",
    "that is the number of weights saved: a share divides by k * k",
    "a stack of L layers sees 2 * L + 1 places, so L = (k - 1) / 2, not k // 2 + 1",
)
for k, share, wrong in (
    (5, 7 / 25, (9 / 25, 16 / 25, 18 / 25, 7 / 18, 28, 7, -2 / 25)),
    (7, 22 / 49, (9 / 49, 40 / 49, 27 / 49, 22 / 27, 2200 / 49, 22, 13 / 49)),
    (11, 76 / 121, (9 / 121, 112 / 121, 45 / 121, 76 / 45, 7600 / 121, 76, 67 / 121)),
):
    checks.close(
        kernel_stack_saving(k),
        share,
        unless={**dict(zip(ideas, wrong, strict=True)), "do not round: return the exact share": round(share, 3)},
        hint="compare (k - 1) / 2 kernels of 3x3 with one kernel of k x k",
        rtol=1e-9,
        atol=1e-9,
    )
checks.passed("the share saved for 5×5, 7×7 and 11×11", points=5)

# %% topics=["G7"] nbgrader={"grade": true, "grade_id": "kernel_stack_saving-any-odd", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# One 3×3 for a 3×3
# When graded: larger kernels, compared with two Keras models
from course import checks

checks.close(kernel_stack_saving(3), 0.0, hint="one 3x3 layer for one 3x3 layer saves nothing", atol=1e-9)
### BEGIN HIDDEN TESTS
import keras

for k in (5, 9, 13, 21):
    maps = image = keras.Input((32, 32, 4))
    large = keras.Model(image, keras.layers.Conv2D(4, k, use_bias=False)(image))
    while maps.shape != large.output.shape:
        maps = keras.layers.Conv2D(4, 3, use_bias=False)(maps)
    checks.close(
        kernel_stack_saving(k),
        1 - keras.Model(image, maps).count_params() / large.count_params(),
        hint="a stack that sees k x k has (k - 1) / 2 layers, for every odd k; do not round the share",
        atol=1e-9,
    )
### END HIDDEN TESTS
checks.passed("nothing is saved on a 3×3", points=3, later="larger kernels, compared with two Keras models")

# %% topics=["G7"] nbgrader={"grade": true, "grade_id": "kernel_stack_saving-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A kernel that no stack of 3×3 layers replaces
# When graded: kernels that are even, or below 3
from course import checks

kernel_stack_saving(5)  # raises nothing
checks.raises(ValueError, lambda: kernel_stack_saving(4), hint="no stack of 3x3 layers sees an even field of 4x4")
### BEGIN HIDDEN TESTS
for k in (-5, 0, 1, 2, 10):
    checks.raises(ValueError, lambda: kernel_stack_saving(k), hint="an even kernel, or one below 3")
### END HIDDEN TESTS
checks.passed("an even kernel raises ValueError", points=2, later="kernels that are even, or below 3")

# %% tags=["draw"] topics=["G7"] nbgrader={"grade": false, "grade_id": "figure-stacks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: one large kernel against a stack of small ones
with checks.waiting_for("kernel_stack_saving"):
    ks = np.arange(3, 17, 2)
    single = ks**2
    stack = single * (1 - np.array([kernel_stack_saving(int(k)) for k in ks]))
    figure, axis = plt.subplots(figsize=(7.6, 4.0), layout="constrained")
    axis.bar(ks - 0.42, single, 0.8, color=VERMILLION, label="one k×k layer: k²")
    for layer in range(int((ks[-1] - 1) // 2)):  # one block for each layer of the stack
        high = ks[stack >= 9 * (layer + 1) - 1e-6]
        axis.bar(high + 0.42, 9, 0.8, bottom=9 * layer, color=BLUE, edgecolor="0.75", linewidth=1.2)
    axis.bar([0], [0], color=BLUE, label="(k − 1)/2 layers of 3×3: 9 each")
    for k, one, many in zip(ks, single, stack, strict=True):
        axis.text(
            k,
            max(one, many) + 3,
            f"−{100 * (1 - many / one):.0f} %" if many < one else "equal",
            ha="center",
            fontsize=9,
        )
    axis.set(xlabel="receptive field, k × k", ylabel="weights per pair of maps (times c²)")
    axis.set_xticks(ks, [f"{k}×{k}" for k in ks])
    axis.set_xlim(1.7, 16.3)
    axis.set_title("The same receptive field from small kernels")
    axis.legend(frameon=False, loc="upper left")
    plots.show(
        "Bars for receptive fields of 3×3 to 15×15: the weights of one large kernel grow with the square of k, from 9 to 225, those "
        "of the stack of 3×3 layers in steps of 9, from 9 to 63. The share saved is written on each pair: 28 % at 5×5, 72 % at 15×15."
    )

# %% [markdown] topics=["G7"] nbgrader={"grade": false, "grade_id": "look-stacks", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The large kernel grows as $k^2$, the stack as $k$. The two are not the same function: a stack of 3×3 layers has a non-linearity after
# each of them, and even without it two 3×3 kernels in a row make only some of the 5×5 kernels. VGG (Simonyan and Zisserman, 2014) chose
# the stack for the fewer weights and the additional non-linearities. Week 11 splits a kernel in another way, into 1×k and k×1.

# %% [markdown] topics=["K6"] nbgrader={"grade": false, "grade_id": "work", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Weights are not work
#
# Every kernel is applied at every place of the output map, and each time it takes $m \cdot n \cdot d$ multiply-accumulates
# (MACs: one multiplication and the addition that collects it). So the *work* of a convolution does depend on the size of the map. The
# first layer of the notes, padded to keep 28×28, has 320 weights and 28·28·(3·3·1)·32 = **225,792** MACs. Adding a bias is no MAC.
#
# ### Exercise 3 · `conv_macs` (5 points)


# %% topics=["K6"] nbgrader={"grade": false, "grade_id": "macs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_macs(h_out, w_out, m, n, d, K):
    """Multiply-accumulates of a convolution with K kernels of m x n x d and output maps of h_out x w_out; biases are not counted.

    A dense layer is the case h_out = w_out = m = n = 1. Returns an int.
    """
    ### BEGIN SOLUTION
    return h_out * w_out * m * n * d * K
    ### END SOLUTION


# %% topics=["K6", "H2"] nbgrader={"grade": true, "grade_id": "macs-lecture", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Two convolutions and a dense layer of the notes, and a 1×1
from course import checks

checks.integer(
    conv_macs(28, 28, 3, 3, 1, 32),
    225_792,
    unless={
        "those are the weights: every kernel is used at each of the h_out * w_out places": 288,
        "biases are not multiplied: no MACs for them": 250_880,
        "a multiplication with its addition is one MAC, not two": 451_584,
        "a row of places is not a map: h_out * w_out places": 28 * 288,
    },
    hint="h_out * w_out places, m * n * d multiplications at each, for K kernels",
)
checks.integer(
    conv_macs(14, 14, 3, 3, 32, 64),
    3_612_672,
    unless={"a kernel multiplies over all d maps": 112_896},
    hint="a kernel multiplies over all d maps below it",
)
checks.integer(conv_macs(1, 1, 1, 1, 3136, 64), 200_704, hint="a dense layer is a 1x1 map with a 1x1 kernel")
checks.equal(
    conv_macs(112, 112, 1, 1, 64, 128) / conv_macs(56, 56, 1, 1, 64, 128),
    4.0,
    hint="a 1x1 before the 2x2 pooling does four times the work of one after it, with the same weights",
)
checks.passed("layers of the notes, and a 1×1 before and after pooling", points=2)

# %% topics=["K6"] nbgrader={"grade": true, "grade_id": "macs-any-shape", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# One multiplication, and a map that is not square
# When graded: rectangular maps and kernels, a very large map
from course import checks

checks.integer(conv_macs(1, 1, 1, 1, 1, 1), 1, hint="one place, one weight, one kernel: one multiplication")
checks.integer(
    conv_macs(2, 3, 1, 5, 4, 7),
    840,
    unless={"a map need not be square: h_out * w_out places": 560, "a kernel need not be square: m * n places": 168},
    hint="2 * 3 places, 1 * 5 * 4 products at each, 7 kernels",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(303)
for _ in range(6):
    h, w, m, n, d, K = (int(v) for v in rng.integers(2, 12, size=6))
    products = np.lib.stride_tricks.sliding_window_view(np.ones((h + m - 1, w + n - 1, d), int), (m, n, d))
    checks.integer(
        conv_macs(h, w, m, n, d, K),
        K * int(products.sum()),
        hint="maps and kernels need not be square: h_out * w_out places, m * n * d products at each, K kernels",
    )
checks.integer(
    conv_macs(1079, 1919, 5, 5, 63, 127),
    414_171_965_025,
    hint="a large map: the count does not fit into 32 bits, as an integer or as a float: use Python's own integers",
)
### END HIDDEN TESTS
checks.passed(
    "the smallest layer, and a map that is not square",
    points=3,
    later="rectangular maps and kernels, a very large map",
)

# %% [markdown] topics=["A7", "E-6", "F4", "G6", "B4"] nbgrader={"grade": false, "grade_id": "spec", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · A whole network, row by row
#
# A network is a list of layers, and each layer needs one thing from the one before: **the shape of its output**. We write a layer as a
# small dictionary:
#
# | layer | dictionary, with its defaults | output shape | weights |
# |---|---|---|---|
# | convolution | `{"op": "conv", "filters": K, "kernel": 3, "stride": 1, "padding": "valid", "bias": True}` | $(h', w', K)$ | `conv_params` |
# | separable | `{"op": "separable", …}`, the same keys | $(h', w', K)$ | `separable_params` |
# | max or average pool | `{"op": "pool", "size": 2, "stride": size, "padding": "valid"}` | $(h', w', d)$ | 0 |
# | global average | `{"op": "gap"}` | $(d,)$ | 0 |
# | flatten | `{"op": "flatten"}` | $(h \cdot w \cdot d,)$ | 0 |
# | dense | `{"op": "dense", "units": K, "bias": True}` | $(K,)$ | `dense_params` |
# | batch norm | `{"op": "bn"}` | unchanged | `bn_params`, total |
# | dropout, ReLU | `{"op": "dropout"}`, `{"op": "relu"}` | unchanged | 0 |
#
# `filters`, `kernel`, `size` and `units` are always given. The other keys may be missing, and then have the default of the table.
# `kernel`, `stride` and `size` are an integer or a pair (height, width). A side length $n$ becomes $\lfloor (n - k)/s \rfloor + 1$ with
# `"valid"`, $\lceil n/s \rceil$ with `"same"`.
#
# The shorthand of the notes, *C M C C M* (convolution, max pooling, …), turns into such a list with one loop.


# %% topics=["A7", "E-6", "F4", "G6", "C1", "H4"] nbgrader={"grade": false, "grade_id": "nets", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def pattern(letters, filters, kernel=3):
    """A list of layers for a string of C (3x3 convolution, same padding, next number of `filters`) and M (2x2 pooling)."""
    numbers = iter(filters)
    return [
        {"op": "conv", "filters": next(numbers), "kernel": kernel, "padding": "same"}
        if letter == "C"
        else {"op": "pool", "size": 2}
        for letter in letters
    ]


def dense(*units):
    """Dense layers, one per number of units."""
    return [{"op": "dense", "units": number} for number in units]


flatten, dropout, gap = {"op": "flatten"}, {"op": "dropout"}, {"op": "gap"}

MNIST_NET = [*pattern("CMCM", [32, 64]), flatten, *dense(64, 10)]  # on (28, 28, 1)
CIFAR_NET = [*pattern("CMCMCM", [16, 32, 64], kernel=2), dropout, flatten, *dense(500), dropout, *dense(10)]
MLP = [flatten, *dense(512, 512, 10)]
TWENTY = [{"op": "conv", "filters": number, "kernel": 3} for number in (32, 64, 128)]  # G6, on (20, 20, 3)
VGG16 = [
    *pattern("CCMCCMCCCMCCCMCCCM", [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6),
    flatten,
    *dense(4096, 4096, 1000),
]  # on (224, 224, 3)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-count-spec", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `count_spec` (25 points)
#
# Go through the list, keep the current shape, and write one row per layer. The depth of a layer is always the number of maps of the
# layer **before** it; it is the depth of the image only once, in the first layer. You may call your functions of exercise 1.
#
# Maps have a shape of three numbers, flat values have a shape of one. A convolution, a separable convolution, a pooling and a global
# average need maps, a dense layer needs flat values; batch norm, dropout, ReLU and flatten take both.


# %% topics=["B4", "B5", "E-6", "F4", "G6", "C1", "H4"] nbgrader={"grade": false, "grade_id": "count_spec", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_spec(spec, input_shape):
    """Predict the summary of a network.

    spec: list of dictionaries, one per layer (the table above), left unchanged; input_shape: (h, w, d), without the batch.
    Returns (rows, total): rows is a list of (op, output shape, parameters), one row per layer, every shape a tuple,
    (h, w, d) for maps and (n,) for flat values; total is the sum of the parameters.
    Raises ValueError for an unknown op, for a kernel or pool that does not fit into its map ("valid"), for a dense layer
    on maps, and for a convolution, a pooling or a global average on flat values.
    """

    ### BEGIN SOLUTION
    def pair(value):
        return (value, value) if isinstance(value, int) else tuple(value)

    def slide(shape, size, layer, stride):
        (kh, kw), (sh, sw) = pair(size), pair(layer.get("stride", stride))
        if layer.get("padding", "valid") == "same":
            return -(-shape[0] // sh), -(-shape[1] // sw)
        if kh > shape[0] or kw > shape[1]:
            raise ValueError(f"a {kh}x{kw} window does not fit into {shape[0]}x{shape[1]}")
        return (shape[0] - kh) // sh + 1, (shape[1] - kw) // sw + 1

    rows, shape = [], tuple(input_shape)
    for layer in spec:
        op, params = layer["op"], 0
        if op in ("conv", "separable", "pool", "gap") and len(shape) != 3:
            raise ValueError(f"{op} needs maps, not {shape}")
        if op in ("conv", "separable"):
            m, n = pair(layer["kernel"])
            count = conv_params if op == "conv" else separable_params
            params = count(m, n, shape[-1], layer["filters"], layer.get("bias", True))
            shape = (*slide(shape, layer["kernel"], layer, 1), layer["filters"])
        elif op == "pool":
            shape = (*slide(shape, layer["size"], layer, layer["size"]), shape[-1])
        elif op == "gap":
            shape = (shape[-1],)
        elif op == "flatten":
            shape = (int(np.prod(shape)),)
        elif op == "dense":
            if len(shape) != 1:
                raise ValueError(f"a dense layer needs flat values, not {shape}: flatten first")
            params = dense_params(shape[0], layer["units"], layer.get("bias", True))
            shape = (layer["units"],)
        elif op == "bn":
            params = bn_params(shape[-1])[0]
        elif op not in ("dropout", "relu"):
            raise ValueError(f"unknown layer {op!r}")
        rows.append((op, shape, params))
    return rows, sum(params for _, _, params in rows)
    ### END SOLUTION


# %% topics=["E-6", "B3", "B4", "B5"] nbgrader={"grade": true, "grade_id": "count_spec-mnist", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The MNIST net of the notes, row by row
from course import checks

net = [
    {"op": "conv", "filters": 32, "kernel": 3, "padding": "same"},
    {"op": "pool", "size": 2},
    {"op": "conv", "filters": 64, "kernel": 3, "padding": "same"},
    {"op": "pool", "size": 2},
    {"op": "flatten"},
    {"op": "dense", "units": 64},
    {"op": "dense", "units": 10},
]
ops = [layer["op"] for layer in net]
shapes = [(28, 28, 32), (14, 14, 32), (14, 14, 64), (7, 7, 64), (3136,), (64,), (10,)]


def table(*params, shapes=shapes):
    return list(zip(ops, shapes, params, strict=True))


forgot = [*shapes[:4], (64,), (64,), (10,)]
valid = [(26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64), (1600,), (64,), (10,)]
answer = checks.unchanged(count_spec, net, (28, 28, 1))
checks.true(
    isinstance(answer, (tuple, list)) and len(answer) == 2,
    "return two things: the rows, and the total of their parameters",
)
rows, total = answer
checks.rows(
    rows,
    table(320, 0, 18_496, 0, 0, 200_768, 650),
    unless={
        "the depth is taken from the image instead of the previous layer (640, not 18,496)": table(
            320, 0, 640, 0, 0, 200_768, 650
        ),
        "bias lost: every kernel and every unit has one": table(288, 0, 18_432, 0, 0, 200_704, 640),
        "flatten forgets the places: 7 * 7 * 64 = 3136 values, not 64": table(
            320, 0, 18_496, 0, 0, 4_160, 650, shapes=forgot
        ),
        'the padding is ignored: with "same" a side length n becomes n / stride, rounded up': table(
            320, 0, 18_496, 0, 0, 102_464, 650, shapes=valid
        ),
    },
    hint="(op, output shape, parameters); the depth comes from the previous layer",
)
checks.integer(total, 220_234, hint="the total is the sum of the rows")
checks.passed("the MNIST net of the notes, row by row", points=6)

# %% topics=["C1", "F4", "G6"] nbgrader={"grade": true, "grade_id": "count_spec-lectures", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The MLP, the CIFAR net, and a net without padding
from course import checks

conv = [{"op": "conv", "filters": filters, "kernel": 3} for filters in (32, 64, 128)]
rows, total = count_spec(conv, (20, 20, 3))
checks.rows(
    rows,
    [("conv", (18, 18, 32), 896), ("conv", (16, 16, 64), 18_496), ("conv", (14, 14, 128), 73_856)],
    hint='20 -> 18 -> 16 -> 14 with "valid", which is what a layer without "padding" means',
)
dense = [{"op": "dense", "units": units} for units in (512, 512, 10)]
rows, total = count_spec([{"op": "flatten"}, *dense], (28, 28, 1))
checks.equal([row[2] for row in rows], [0, 401_920, 262_656, 5_130], hint="the MLP: 784 values, 512, 512 and 10 units")
checks.integer(total, 669_706, hint="the MLP's total")
cifar = []
for filters in (16, 32, 64):
    cifar += [{"op": "conv", "filters": filters, "kernel": 2, "padding": "same"}, {"op": "pool", "size": 2}]
cifar += [
    {"op": "dropout"},
    {"op": "flatten"},
    {"op": "dense", "units": 500},
    {"op": "dropout"},
    {"op": "dense", "units": 10},
]
rows, total = count_spec(cifar, (32, 32, 3))
checks.equal(
    [row[2] for row in rows if row[2]],
    [208, 2_080, 8_256, 512_500, 5_010],
    hint="the CIFAR net: kernels of 2x2, 4 * 4 * 64 = 1024 values after flatten; dropout has no weights",
)
checks.integer(total, 528_054, hint="the CIFAR net's total")
checks.passed("the MLP, the CIFAR net, and a net without padding", points=4)

# %% topics=["B2"] nbgrader={"grade": true, "grade_id": "count_spec-shapes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Every option of a convolution, a pool and a dense layer, once
# When graded: rectangular kernels and images, random strides and paddings, compared with Keras
from course import checks

rows, total = count_spec([{"op": "conv", "filters": 4, "kernel": (3, 5), "stride": (2, 1)}], (9, 9, 2))
checks.rows(rows, [("conv", (4, 5, 4), 124)], hint="kernel and stride may be pairs: (height, width)")
options = [
    {"op": "conv", "filters": 4, "kernel": 3, "stride": 2, "padding": "same", "bias": False},
    {"op": "pool", "size": 3, "stride": 2},
    {"op": "pool", "size": (1, 2), "padding": "same"},
    {"op": "flatten"},
    {"op": "dense", "units": 3, "bias": False},
]
wanted = [
    ("conv", (6, 5, 4), 72),
    ("pool", (2, 2, 4), 0),
    ("pool", (2, 1, 4), 0),
    ("flatten", (8,), 0),
    ("dense", (3,), 24),
]
rows, total = checks.unchanged(count_spec, options, (11, 10, 2))
checks.rows(
    rows,
    wanted,
    unless={
        "a pool without a stride moves by its own size": [
            *wanted[:2],
            ("pool", (2, 2, 4), 0),
            ("flatten", (16,), 0),
            ("dense", (3,), 48),
        ],
    },
    hint="every option once: stride, padding and bias of a convolution; stride and padding of a pool; a dense layer without bias",
)
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(304)


def pair(low, high):
    return tuple(int(v) for v in rng.integers(low, high, size=2))


for _ in range(8):
    size = (int(rng.integers(30, 50)), int(rng.integers(52, 70)), int(rng.integers(1, 5)))
    spec, layers = [], []
    for _ in range(3):
        kernel, stride = pair(1, 6), pair(1, 3)
        filters, padding, bias = int(rng.integers(2, 12)), ("same", "valid")[rng.integers(2)], bool(rng.integers(2))
        layer = {"op": "conv", "filters": filters, "kernel": kernel, "stride": stride, "padding": padding, "bias": bias}
        layers.append(keras.layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=bias))
        spec.append(layer)
    window = pair(1, 3)
    spec += [
        {"op": "pool", "size": window},
        {"op": "pool", "size": 3, "padding": "same"},
        {"op": "pool", "size": 2, "stride": 1, "padding": "same"},
    ]
    layers += [
        keras.layers.MaxPooling2D(window),
        keras.layers.MaxPooling2D(3, padding="same"),
        keras.layers.AveragePooling2D(2, strides=1, padding="same"),
    ]
    spec += [{"op": "relu"}, {"op": "flatten"}, {"op": "dense", "units": 7, "bias": False}]
    spec += [{"op": "dense", "units": 5, "bias": True}]
    layers += [
        keras.layers.ReLU(),
        keras.layers.Flatten(),
        keras.layers.Dense(7, use_bias=False),
        keras.layers.Dense(5),
    ]
    try:
        model = keras.Sequential([keras.Input(size), *layers])
    except ValueError:
        continue  # the map ran out: not a network
    expected = [
        (layer["op"], tuple(built.output.shape[1:]), built.count_params())
        for layer, built in zip(spec, model.layers, strict=True)
    ]
    rows, total = count_spec(spec, size)
    checks.rows(
        rows,
        expected,
        hint="an oblong image, a rectangular kernel, a stride, a pool with a stride of its own, or a layer without bias",
    )
    checks.integer(total, model.count_params(), hint="the total is the sum of the rows")
### END HIDDEN TESTS
checks.passed(
    "pairs, strides, padding, layers without bias",
    points=5,
    later="rectangular kernels and images, random strides and paddings, compared with Keras",
)

# %% topics=["H7", "A11", "G2"] nbgrader={"grade": true, "grade_id": "count_spec-normed", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# A 1×1 head; separable layers, batch norm, dropout
# When graded: batch norm on flat values, separable layers with strides, compared with Keras
from course import checks

rows, total = count_spec([{"op": "conv", "filters": 10, "kernel": 1}, {"op": "gap"}], (7, 7, 64))
checks.rows(rows, [("conv", (7, 7, 10), 650), ("gap", (10,), 0)], hint="a global average leaves one value per map")
spec = [
    {"op": "separable", "filters": 6, "kernel": 3, "padding": "same", "bias": False},
    {"op": "bn"},
    {"op": "relu"},
    {"op": "dropout"},
    {"op": "gap"},
    {"op": "dense", "units": 3},
]
rows, total = count_spec(spec, (8, 8, 2))
checks.rows(
    rows,
    [
        ("separable", (8, 8, 6), 30),
        ("bn", (8, 8, 6), 24),
        ("relu", (8, 8, 6), 0),
        ("dropout", (8, 8, 6), 0),
        ("gap", (6,), 0),
        ("dense", (3,), 21),
    ],
    hint="18 + 12 weights of the separable layer, four values per map of the batch norm, then 6 · 3 + 3",
)
checks.integer(total, 75, hint="the total is the sum of the rows")
### BEGIN HIDDEN TESTS
import keras

for filters, bias, kernel, padding in (((8, 16), False, 3, "valid"), ((5, 9), True, (1, 3), "same")):
    spec = [
        {"op": "conv", "filters": filters[0], "kernel": kernel, "bias": bias, "padding": "same"},
        {"op": "bn"},
        {"op": "relu"},
        {"op": "separable", "filters": filters[1], "kernel": kernel, "stride": 2, "bias": bias, "padding": padding},
        {"op": "bn"},
        {"op": "gap"},
        {"op": "dense", "units": 6},
        {"op": "bn"},
    ]
    model = keras.Sequential(
        [
            keras.Input((17, 24, 3)),
            keras.layers.Conv2D(filters[0], kernel, padding="same", use_bias=bias),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.SeparableConv2D(filters[1], kernel, strides=2, use_bias=bias, padding=padding),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(6),
            keras.layers.BatchNormalization(),
        ]
    )
    expected = [
        (layer["op"], tuple(built.output.shape[1:]), built.count_params())
        for layer, built in zip(spec, model.layers, strict=True)
    ]
    rows, total = count_spec(spec, (17, 24, 3))
    checks.rows(
        rows,
        expected,
        hint="a batch norm (four values per map, or per flat value), a separable layer, or a global average pooling",
    )
    checks.integer(total, model.count_params(), hint="the total is the sum of the rows")
### END HIDDEN TESTS
checks.passed(
    "1×1 heads, separable layers, batch norm",
    points=4,
    later="batch norm on flat values, separable layers with strides, compared with Keras",
)

# %% topics=["H4", "H1"] nbgrader={"grade": true, "grade_id": "count_spec-history", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# LeNet-5
# When graded: the totals of larger nets that became famous
from course import checks


def conv(filters, kernel, **more):
    return {"op": "conv", "filters": filters, "kernel": kernel, **more}


def dense(*units):
    return [{"op": "flatten"}, *({"op": "dense", "units": number} for number in units)]


pool = {"op": "pool", "size": 2}
lenet = [conv(6, 5), pool, conv(16, 5), pool, *dense(120, 84, 10)]
checks.integer(count_spec(lenet, (32, 32, 1))[1], 61_706, hint="LeNet-5 on 32x32: 5x5 kernels without padding")
### BEGIN HIDDEN TESTS
overlapping = {"op": "pool", "size": 3, "stride": 2}
alexnet = [conv(96, 11, stride=4), overlapping, conv(256, 5, padding="same"), overlapping]
alexnet += [conv(384, 3, padding="same"), conv(384, 3, padding="same"), conv(256, 3, padding="same"), overlapping]
alexnet += dense(4096, 4096, 1000)
checks.integer(
    count_spec(alexnet, (227, 227, 3))[1],
    62_378_344,
    hint="AlexNet (ungrouped): its pools are 3x3 with stride 2, so they overlap, and 6 * 6 * 256 values arrive at the end",
)
for repeats, expected in (((2, 2, 3, 3, 3), 138_357_544), ((2, 2, 4, 4, 4), 143_667_240)):
    vgg = []
    for count, filters in zip(repeats, (64, 128, 256, 512, 512), strict=True):
        vgg += [conv(filters, 3, padding="same") for _ in range(count)] + [pool]
    checks.integer(
        count_spec(vgg + dense(4096, 4096, 1000), (224, 224, 3))[1],
        expected,
        hint="the VGG nets: five blocks, then dense",
    )
### END HIDDEN TESTS
checks.passed("LeNet-5: 61,706 weights", points=3, later="the totals of larger nets that became famous")

# %% nbgrader={"grade": true, "grade_id": "count_spec-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A dense layer on maps
# When graded: unknown layers, windows larger than the map, maps needed and not there
from course import checks

checks.raises(
    ValueError,
    lambda: count_spec([{"op": "dense", "units": 10}], (7, 7, 64)),
    hint="a dense layer on maps that were not flattened",
)
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: count_spec([{"op": "convolution", "filters": 3}], (8, 8, 1)), hint="an unknown op")
for bad in ({"op": "conv", "filters": 4, "kernel": (3, 7)}, {"op": "pool", "size": (6, 1)}):
    checks.raises(ValueError, lambda: count_spec([bad], (5, 6, 1)), hint="a window that does not fit into its map")
rows, total = count_spec([{"op": "conv", "filters": 2, "kernel": (5, 6)}, {"op": "flatten"}], (5, 6, 3))
checks.rows(rows, [("conv", (1, 1, 2), 182), ("flatten", (2,), 0)], hint="a kernel as large as its map fits once")
padded = 'with "same" the map is padded until any kernel fits'
try:
    rows, total = count_spec([{"op": "conv", "filters": 4, "kernel": 7, "padding": "same"}], (5, 6, 1))
except ValueError:
    checks.fail(padded, "it raised ValueError")
checks.rows(rows, [("conv", (5, 6, 4), 200)], hint=padded)
rows, total = count_spec([{"op": "gap"}, {"op": "flatten"}, {"op": "relu"}], (5, 6, 3))
checks.rows(
    rows, [("gap", (3,), 0), ("flatten", (3,), 0), ("relu", (3,), 0)], hint="flatten and ReLU take flat values as well"
)
for layer in (
    {"op": "conv", "filters": 2, "kernel": 1},
    {"op": "separable", "filters": 2, "kernel": 1, "padding": "same"},
    {"op": "pool", "size": 1},
    {"op": "gap"},
):
    checks.raises(
        ValueError, lambda: count_spec([{"op": "flatten"}, layer], (5, 6, 3)), hint=f"{layer['op']} on flat values"
    )
checks.equal(count_spec([], (8, 8, 1)), ([], 0), hint="a network without layers has no rows and no weights")
### END HIDDEN TESTS
checks.passed(
    "a dense layer on maps raises ValueError",
    points=3,
    later="unknown layers, windows larger than the map, maps needed and not there",
)

# %% [markdown] topics=["B3", "B4", "B5"] nbgrader={"grade": false, "grade_id": "look-count", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Where the weights are, and where the work is
#
# On the left the weights, on the right the work, both from your own functions.


# %% tags=["draw"] topics=["E-6", "K6"] nbgrader={"grade": false, "grade_id": "figure-mnist", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: weights and work of each layer of the MNIST net
def cost(spec, input_shape):
    """(label, weights, MACs) of each layer that has weights."""
    rows, _ = count_spec(spec, input_shape)
    table, shape = [], input_shape
    for layer, (op, out, params) in zip(spec, rows, strict=True):
        if op == "conv":
            m, n = layer["kernel"] if isinstance(layer["kernel"], (tuple, list)) else (layer["kernel"],) * 2
            size = "×".join(str(side) for side in out)
            table.append((f"conv {m}×{n} → {size}", params, conv_macs(out[0], out[1], m, n, shape[-1], out[-1])))
        elif op == "dense":
            table.append((f"dense {shape[0]} → {out[0]}", params, conv_macs(1, 1, 1, 1, shape[0], out[0])))
        shape = out
    return table


def human(value):
    """12345678 as 12.3 M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f}"


def draw_cost(title, spec, input_shape, height, alt):
    """Two panels of bars: weights and multiply-accumulates of every layer; convolutions blue, dense layers red."""
    table = cost(spec, input_shape)
    names = [name for name, _, _ in table]
    places = np.arange(len(table))  # not the names: VGG16 has layers of the same name
    colours = [BLUE if name.startswith("conv") else VERMILLION for name in names]
    figure, axes = plt.subplots(1, 2, figsize=(9, height), sharey=True, layout="constrained")
    for axis, column, what in ((axes[0], 1, "weights"), (axes[1], 2, "MACs per image")):
        values = np.array([row[column] for row in table], dtype=float)
        axis.barh(places, values / values.sum(), color=colours)
        for place, value in zip(places, values, strict=True):
            axis.annotate(
                human(value),
                (value / values.sum(), place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axis.set(xlabel="share of the net's total", xlim=(0, 1.2 * values.max() / values.sum()))
        axis.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
        axis.set_title(f"{what}: {human(values.sum())}")
    axes[0].set_yticks(places, names, fontsize=9)
    axes[0].invert_yaxis()
    figure.suptitle(title)
    plots.show(alt)


with checks.waiting_for("count_spec", "conv_macs"):
    draw_cost(
        "The MNIST net of the notes: the convolutions do the work, the dense layer has the weights",
        MNIST_NET,
        (28, 28, 1),
        2.5,
        "Shares of four layers. Weights: the dense layer of 64 units has 91 %, the second convolution 8 %. Work: the second "
        "convolution does 89 %, the first 6 %, the dense layer 5 %.",
    )

# %% tags=["draw"] topics=["H1", "K6"] nbgrader={"grade": false, "grade_id": "figure-vgg", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: weights and work of each layer of VGG16
with checks.waiting_for("count_spec", "conv_macs"):
    draw_cost(
        "VGG16: three dense layers have the weights, thirteen convolutions do the work",
        VGG16,
        (224, 224, 3),
        5,
        "Shares of sixteen layers. Weights: the first dense layer alone has three quarters. Work: spread over the thirteen "
        "convolutions, with almost nothing in the dense layers.",
    )

# %% [markdown] topics=["A10", "G2", "A11"] nbgrader={"grade": false, "grade_id": "look-mnist", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One dense layer, 3136 → 64, has 91 % of the weights of the MNIST net and does 5 % of its work; the second convolution has 8 % and does
# 89 %. VGG16 shows the same, 600 times larger: 102,764,544 weights, three quarters of the net, in the one layer after `flatten`.
# **For a smaller file, change the head. For less work, change the convolutions on large maps.** (While a net is *trained*, most of the
# memory usually goes to the activations that the backward pass needs, and these are largest in the first convolutions.)
#
# How far from a budget of 10,000 is the net without its head?

# %% topics=["A10", "A11", "G2"] nbgrader={"grade": false, "grade_id": "heads", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("count_spec"):
    body = pattern("CMCM", [32, 64])
    thin = pattern("CMCMC", [8, 16, 32])
    for name, spec in (
        ("as in the notes: flatten, dense 64, dense 10", [*body, flatten, *dense(64, 10)]),
        ("flatten, dense 10", [*body, flatten, *dense(10)]),
        ("1x1 to 10 maps, global average", [*body, {"op": "conv", "filters": 10, "kernel": 1}, gap]),
        ("global average, dense 10", [*body, gap, *dense(10)]),
        ("8, 16, 32 maps, global average, dense 10", [*thin, gap, *dense(10)]),
    ):
        print(f"{name:50}{count_spec(spec, (28, 28, 1))[1]:>9,}")

# %% [markdown] topics=["A10", "A11"] nbgrader={"grade": false, "grade_id": "look-heads", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The two lines with 19,466 weights are the same function, written twice: averaging and a linear layer can be swapped. With 8, 16 and 32
# maps the whole net has 6,218 weights. Whether *that* can read digits is the question of week 5.

# %% [markdown] topics=["A10", "H7"] nbgrader={"grade": false, "grade_id": "audit-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · An audit of a real model
#
# A prediction comes before a model is built. The other case is a model that somebody hands you. It may hold layers that were
# [**frozen**](../../course/glossary.md) (kept from training: week 10), a batch norm, a whole net used as a layer, or one layer used twice.
# `model.count_params()` gives one number for all of that. Which of its weights could the author have *set*?
#
# In the nets of this course every weight is in exactly one of three groups:
#
# - **trainable**: the optimiser changes it (`layer.trainable_weights`);
# - **frozen**: a weight like any other, whose value somebody chose, but training leaves it alone;
# - **moving statistics**: the moving mean and moving variance of a batch norm. They are measured, not chosen. They are never in
#   `trainable_weights`, frozen or not, so "not trainable" alone does not tell these two groups apart.
#
# (Keras's `Normalization` layer, which measures the mean and variance of a data set before training, would be a fourth group. This
# exercise leaves it out.)
#
# The budget of the course counts trainable **and** frozen weights, so that nothing is gained by freezing a million of them. Only moving
# statistics are left out. A weight that is used in two places is one weight.

# %% nbgrader={"grade": false, "grade_id": "peek", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import keras

peek = keras.Sequential(
    [
        keras.Input((8, 8, 3), name="image"),
        keras.layers.Conv2D(4, 3, use_bias=False, name="edges"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(2, name="classes"),
    ]
)
for layer in peek.layers:
    for weight in layer.weights:
        print(f"{layer.name:8} {weight.name:16} {tuple(weight.shape)!s:14} trainable: {weight.trainable}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-audit", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `audit` (20 points)
#
# Layers have `name`, `weights` and `trainable_weights`; a weight has `name` and `shape`. A model has them as well, also when it is used
# as a layer: its `weights` are all those inside it, each of them once. Count with the shapes.


# %% topics=["A10", "H7"] nbgrader={"grade": false, "grade_id": "audit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def audit(model):
    """Count what a built Keras model holds.

    Returns a dictionary:
      "rows": list of (layer name, weights, trainable weights), one row for each of model.layers, in their order, layers
              without weights included. A model used as a layer is one row, with all the weights inside it;
      "total": all weights of the model, each counted once, however often it is used. The rows add up to more where two
              of them share a layer;
      "trainable", "frozen", "moving": the three groups, which add up to "total";
      "budget": trainable + frozen, all that the author could have set.
    All counts are ints.
    """

    ### BEGIN SOLUTION
    def count(weights):
        return sum(int(np.prod(tuple(weight.shape), dtype=int)) for weight in weights)

    rows = [(layer.name, count(layer.weights), count(layer.trainable_weights)) for layer in model.layers]
    total = count(model.weights)
    trainable = count(model.trainable_weights)
    moving = count(weight for weight in model.weights if weight.name in ("moving_mean", "moving_variance"))
    return {
        "rows": rows,
        "total": total,
        "trainable": trainable,
        "frozen": total - trainable - moving,
        "moving": moving,
        "budget": total - moving,
    }
    ### END SOLUTION


# %% topics=["A10"] nbgrader={"grade": true, "grade_id": "audit-rows", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The rows and the total of a small net
import keras

from course import checks

model = keras.Sequential(
    [
        keras.Input((8, 8, 3)),
        keras.layers.Conv2D(4, 3, name="edges"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Dropout(0.2, name="drop"),
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(2, name="classes"),
    ]
)
report = audit(model)
checks.true(
    isinstance(report, dict) and {"rows", "total", "trainable", "frozen", "moving", "budget"} <= set(report),
    "audit returns a dictionary with rows, total, trainable, frozen, moving and budget",
)
checks.rows(
    report["rows"],
    [("edges", 112, 112), ("norm", 16, 8), ("drop", 0, 0), ("flat", 0, 0), ("classes", 290, 290)],
    unless={
        "the moving mean and variance of a batch norm are never trainable: use layer.trainable_weights": [
            ("edges", 112, 112),
            ("norm", 16, 16),
            ("drop", 0, 0),
            ("flat", 0, 0),
            ("classes", 290, 290),
        ],
        "bias lost: a layer's weights are a list, kernel and bias": [
            ("edges", 108, 108),
            ("norm", 4, 4),
            ("drop", 0, 0),
            ("flat", 0, 0),
            ("classes", 288, 288),
        ],
        "one row for each of model.layers: those without weights as well": [
            ("edges", 112, 112),
            ("norm", 16, 8),
            ("classes", 290, 290),
        ],
        "the state of a dropout's random generator is no weight: use layer.weights, not layer.variables": [
            ("edges", 112, 112),
            ("norm", 16, 8),
            ("drop", 2, 0),
            ("flat", 0, 0),
            ("classes", 290, 290),
        ],
    },
    hint="(name, size of layer.weights, size of layer.trainable_weights)",
)
checks.integer(
    report["total"],
    418,
    unless={
        "weights of different layers may have the same name: each of them counts": 306,
        "the state of a dropout's random generator is no weight: use model.weights, not model.variables": 420,
    },
    hint="the total of all weights in model.weights",
)
checks.passed("the rows and the total of a small net", points=5)

# %% topics=["A10"] nbgrader={"grade": true, "grade_id": "audit-frozen", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# A frozen convolution still counts
import keras

from course import checks

model = keras.Sequential(
    [
        keras.Input((8, 8, 3)),
        keras.layers.Conv2D(4, 3, name="base"),
        keras.layers.Flatten(),
        keras.layers.Dense(2, name="new"),
    ]
)
model.get_layer("base").trainable = False
report = audit(model)
checks.equal(
    [tuple(row)[1:] for row in report["rows"]],
    [(112, 0), (0, 0), (290, 290)],
    hint="a frozen layer has no trainable weights",
)
checks.integer(report["trainable"], 290, hint="a frozen layer is not trainable")
checks.integer(
    report["frozen"],
    112,
    unless={"a frozen convolution's weights are frozen: not every weight that is not trained is a moving statistic": 0},
    hint="the frozen weights are those of the base: 108 + 4",
)
checks.integer(report["moving"], 0, hint="without a batch norm there is no moving statistic: these weights are frozen")
checks.integer(
    report["budget"],
    402,
    unless={"the budget forgets frozen weights: freezing must not be a way to hide them": 290},
    hint="the budget counts trainable and frozen weights",
)
checks.passed("a frozen convolution still counts", points=4)

# %% topics=["H7"] nbgrader={"grade": true, "grade_id": "audit-moving", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The moving statistics of a batch norm
# When graded: batch norms that are frozen, or lack their scale or shift
import keras

from course import checks

ideas = "moving mean and variance are neither trainable nor frozen; they are measured, and not in the budget"
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(5, use_bias=False), keras.layers.BatchNormalization()])
report = audit(model)
checks.equal(
    [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
    (60, 50, 0, 10, 50),
    unless={
        f"the moving statistics are counted as frozen: {ideas}": (60, 50, 10, 0, 60),
        f"the budget counts the moving statistics: {ideas}": (60, 50, 0, 10, 60),
        f"the moving statistics are counted twice, as frozen too: {ideas}": (60, 50, 10, 10, 60),
    },
    hint=ideas,
)
### BEGIN HIDDEN TESTS
for options, kept in (({}, 2), ({"scale": False}, 1), ({"center": False}, 1), ({"scale": False, "center": False}, 0)):
    for trainable in (True, False):
        c = 7 if trainable else 11
        model = keras.Sequential(
            [
                keras.Input((6, 6, 2)),
                keras.layers.Conv2D(c, 3, name="moving_edges"),
                keras.layers.BatchNormalization(**options),
                keras.layers.LayerNormalization(),
                keras.layers.Dropout(0.1),
            ]
        )
        model.layers[1].trainable = trainable
        report = audit(model)
        mine = 19 * c + 2 * c
        expected = (
            mine + (kept + 2) * c,
            mine + kept * c * trainable,
            kept * c * (not trainable),
            2 * c,
            mine + kept * c,
        )
        checks.equal(
            [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
            expected,
            hint=(
                "a batch norm that is frozen, or has no scale or no shift: its scale and shift are frozen weights, and "
                "exactly its moving mean and moving variance are moving statistics"
            ),
        )
### END HIDDEN TESTS
checks.passed(
    "the moving statistics of a batch norm",
    points=5,
    later="batch norms that are frozen, or lack their scale or shift",
)

# %% nbgrader={"grade": true, "grade_id": "audit-shared-and-nested", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A layer that is used twice
# When graded: models used as layers, two levels deep, and models that share layers
import keras

from course import checks

image = keras.Input((6,), name="input")
twice = keras.layers.Dense(6, name="twice")
model = keras.Model(image, keras.layers.Dense(1, name="last")(twice(twice(image))))
report = audit(model)
checks.integer(
    report["total"],
    49,
    unless={"a layer that is used twice has its weights once: 42, not 84": 91},
    hint="42 weights of the shared layer and 7 of the last one",
)
checks.rows(
    report["rows"], [("input", 0, 0), ("twice", 42, 42), ("last", 7, 7)], hint="one row for each of model.layers"
)
### BEGIN HIDDEN TESTS
base = keras.Sequential(
    [
        keras.Input((9, 9, 1)),
        keras.layers.Conv2D(3, 3),
        keras.layers.BatchNormalization(),
        keras.layers.GlobalAveragePooling2D(),
    ],
    name="base",
)
for freeze in (False, True):
    left, right = keras.Input((9, 9, 1), name="left"), keras.Input((9, 9, 1), name="right")
    join = keras.layers.Concatenate(name="join")([base(left), base(right)])
    model = keras.Model([left, right], keras.layers.Dense(2, name="head")(join))
    base.trainable = not freeze
    report = audit(model)
    found = {row[0]: tuple(row)[1:] for row in report["rows"]}
    checks.equal(
        found,
        {"left": (0, 0), "right": (0, 0), "base": (42, 0 if freeze else 36), "join": (0, 0), "head": (14, 14)},
        hint="a model used as a layer is one row with all the weights inside it",
    )
    checks.equal(
        [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
        (56, 14, 36, 6, 50) if freeze else (56, 50, 0, 6, 50),
        hint="a model used as a layer: its weights count once, its batch norm's moving statistics are moving statistics too",
    )
inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.BatchNormalization()], name="inner")
middle = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(2)], name="middle")
for freeze in (False, True):
    inner.trainable = not freeze
    report = audit(keras.Sequential([keras.Input((4,)), middle, keras.layers.Dense(1, name="last")]))
    checks.equal(
        [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
        (49, 13, 28, 8, 41) if freeze else (49, 41, 0, 8, 41),
        hint="a model used as a layer of a model that is used as a layer: count from the model's own list of weights",
    )
both = [keras.layers.Dense(4, name="both"), keras.layers.BatchNormalization(name="norm")]
for freeze in (False, True):
    both[0].trainable = not freeze
    towers = [
        keras.Sequential([keras.Input((4,)), *both, keras.layers.Dense(3, name="own")], name=name)
        for name in ("left", "right")
    ]
    image = keras.Input((4,), name="input")
    report = audit(keras.Model(image, keras.layers.Add(name="sum")([tower(image) for tower in towers])))
    own = 51 - 20 * freeze - 8
    checks.rows(
        report["rows"],
        [("input", 0, 0), ("left", 51, own), ("right", 51, own), ("sum", 0, 0)],
        hint="each of two models that share layers is one row, with all the weights inside it",
    )
    checks.equal(
        [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
        (66, 38, 20, 8, 58) if freeze else (66, 58, 0, 8, 58),
        unless={
            "a layer that two models share is in both of their rows, but its weights exist once: count from the model's "
            "own lists of weights, not from the rows": (102, 2 * own, 40 * freeze, 16, 86),
            "the total is not the sum of the rows where two of them share a layer": (
                *(102, 58 - 20 * freeze, 36 + 20 * freeze, 8, 94),
            ),
            "moving statistics of a batch norm that two models share exist once": (
                *(66, 58 - 20 * freeze, 20 * freeze - 8, 16, 50),
            ),
        },
        hint="two models that share two layers: each weight counts once, in every group",
    )
### END HIDDEN TESTS
checks.passed(
    "a layer that is used twice",
    points=3,
    later="models used as layers, with a batch norm inside, two levels deep, and models that share layers",
)

# %% nbgrader={"grade": true, "grade_id": "audit-any-net", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A net with a batch norm, counted by hand
# When graded: random nets with several batch norms, some layers frozen
import keras

from course import checks

spec = [{"op": "conv", "filters": 32, "kernel": 3}, {"op": "bn"}, {"op": "gap"}, {"op": "dense", "units": 10}]
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3),
        keras.layers.BatchNormalization(),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10),
    ]
)
report = audit(model)
checks.equal(
    [report[key] for key in ("total", "trainable", "frozen", "moving", "budget")],
    (778, 714, 0, 64, 714),
    hint="320 + 128 + 330 weights, 64 of them moving statistics",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(305)
for _ in range(5):
    layers, state = [keras.Input((12, 12, 2))], []
    depth, total, trainable, moving = 2, 0, 0, 0
    for _ in range(4):
        filters, freeze, freeze_norm = int(rng.integers(1, 9)), bool(rng.integers(2)), bool(rng.integers(2))
        conv, norm = keras.layers.SeparableConv2D(filters, 3, padding="same"), keras.layers.BatchNormalization()
        conv.trainable, norm.trainable = not freeze, not freeze_norm
        layers += [conv, norm]
        weights = 9 * depth + depth * filters + filters
        total, moving = total + weights + 4 * filters, moving + 2 * filters
        trainable += weights * (not freeze) + 2 * filters * (not freeze_norm)
        depth = filters
    report = audit(keras.Sequential(layers))
    expected = (total, trainable, total - trainable - moving, moving, total - moving)
    for key, count in zip(("total", "trainable", "frozen", "moving", "budget"), expected, strict=True):
        checks.integer(report[key], count, hint=f"{key}: a net with several batch norms, some of its layers frozen")
### END HIDDEN TESTS
checks.passed("a net counted by hand", points=3, later="random nets with several batch norms, some layers frozen")

# %% nbgrader={"grade": false, "grade_id": "twins", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A layer that two models share is in both of their rows, but its 20 weights exist once
shared = keras.layers.Dense(4, name="shared")
towers = [keras.Sequential([keras.Input((4,)), shared, keras.layers.Dense(3)], name=name) for name in ("left", "right")]
image = keras.Input((4,), name="input")
twins = keras.Model(image, keras.layers.Add(name="sum")([tower(image) for tower in towers]))
with checks.waiting_for("audit"):
    report = audit(twins)
    for name, total, _ in report["rows"]:
        print(f"{name:6} {total}")
    print(
        f"your total: {report['total']}, Keras's: {twins.count_params()}, sum of the rows: {sum(row[1] for row in report['rows'])}"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "look-audit", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Three nets of the same shape. The second has more than 10,000 values in total, but only 9,770 that its author could set: it is within
# the budget. Freezing (third) moves weights from one group to another and leaves the budget as it was.


# %% tags=["draw"] topics=["A10", "H7"] nbgrader={"grade": false, "grade_id": "figure-audit", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: what an audit tells apart
def small_net(norm, freeze):
    """Five convolutions, four of them separable, for 28x28 grey images and 10 classes."""
    layers = [keras.Input((28, 28, 1)), keras.layers.Conv2D(16, 3, use_bias=not norm)]
    layers += [keras.layers.BatchNormalization()] if norm else []
    for filters in (32, 48, 64, 36):
        layers.append(keras.layers.SeparableConv2D(filters, 3, use_bias=not norm))
        layers += [keras.layers.BatchNormalization()] if norm else []
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    for layer in model.layers[:-1]:
        layer.trainable = not freeze
    return model


with checks.waiting_for("audit"):
    nets = {
        "plain": (False, False),
        "with batch norm": (True, False),
        "with batch norm,\nall but the head frozen": (True, True),
    }
    reports = {name: audit(small_net(*options)) for name, options in nets.items()}
    figure, axis = plt.subplots(figsize=(8.4, 3.2), layout="constrained")
    for key, colour, hatch in (("trainable", BLUE, ""), ("frozen", VERMILLION, ""), ("moving", "0.7", "///")):
        start = [{"trainable": 0, "frozen": r["trainable"], "moving": r["budget"]}[key] for r in reports.values()]
        widths = [r[key] for r in reports.values()]
        axis.barh(list(reports), widths, left=start, color=colour, hatch=hatch, edgecolor="0.4", label=key)
    for row, r in enumerate(reports.values()):
        axis.text(10_400, row, f"budget {r['budget']:,}\nin total {r['total']:,}", va="center", fontsize=9)
    axis.axvline(10_000, color=GREY, linestyle=":")
    axis.text(10_080, -0.62, "10,000", color=GREY, fontsize=9)
    axis.set_title("What an audit tells apart", loc="left")
    axis.set(xlabel="weights", xlim=(0, 12_900), ylim=(2.5, -0.75))
    figure.legend(frameon=False, loc="outside upper right", ncols=3)
    plots.show(
        "Bars of the weights of three nets. Plain: all trainable. With batch norm: 9,770 trainable weights, left of the dotted line "
        "at 10,000, and moving statistics that reach beyond it. All but the head frozen: the same bar, nearly all of it frozen."
    )

# %% [markdown] topics=["E-6"] nbgrader={"grade": false, "grade_id": "predict", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Before it prints
#
# Your prediction, with Keras's own count beside it.

# %% topics=["E-6"] nbgrader={"grade": false, "grade_id": "predict-summary", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
lecture_net = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
with checks.waiting_for("count_spec", "audit"):
    rows, total = count_spec(MNIST_NET, (28, 28, 1))
    print(f"{'layer':10}{'predicted shape':>18}{'predicted':>12}{'Keras shape':>18}{'Keras':>10}")
    for (op, shape, params), layer in zip(rows, lecture_net.layers, strict=True):
        print(f"{op:10}{shape!s:>18}{params:>12,}{tuple(layer.output.shape[1:])!s:>18}{layer.count_params():>10,}")
    print(f"{'total':10}{total:>30,}{lecture_net.count_params():>28,}   audit: {audit(lecture_net)['total']:,}")

# %% [markdown] topics=["A11", "G2", "E12", "E14", "E19"] nbgrader={"grade": false, "grade_id": "task-written", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · In words
#
# ### Exercise 6 · Where the parameters hide (10 points, read by a person)
#
# 1. (3 points) A classmate sets `strides=2` in both convolutions of the MNIST net of the notes (the poolings stay) "so that the
#    convolutions have fewer parameters". Which rows of the summary change, which do not, and why?
# 2. (2 points) Somebody's notes say $m \cdot n \cdot (d + 1) \cdot K$. What does this formula assume about biases? For which kernels is it
#    right all the same?
# 3. (3 points) Change **one thing** of the MNIST net so that it has fewer than 20,000 weights, and say what the change gives up.
# 4. (2 points) A block joins 16 maps with 16 maps, by adding or by concatenating. How many weights has a 3×3 layer with 32 kernels after
#    each? Which of the two is the skip connection of a residual net?

# %% [markdown] topics=["A11", "G2", "E12", "E14", "E19"] nbgrader={"grade": true, "grade_id": "where-the-parameters-hide", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. (3 points) The rows of the convolutions keep 320 and 18,496: a stride changes how often a kernel is applied, not how many weights it
#    has. What shrinks are the maps (28 → 14, pooled 7; → 4, pooled 2), hence the work, and the first dense row: 2·2·64 = 256 values
#    instead of 3136 arrive, so 256·64 + 64 = 16,448 instead of 200,768. The total falls to 35,914. It was the dense layer that shrank.
# 2. (2 points) It gives every one of the m·n places a bias, 576 instead of 320; a kernel has one. It is right for 1×1 kernels only.
# 3. (3 points) The head: a global average instead of `flatten`, and one dense layer to 10 classes, gives 320 + 18,496 + 650 = 19,466.
#    It gives up *where* in the 7×7 map something was found (and the hidden layer of 64). Other right answers exist, such as fewer maps
#    *with* a recount; narrower convolutions alone, with `flatten` and the dense layer of 64 kept, are not enough unless very narrow.
# 4. (2 points) Added: 16 maps, (9·16 + 1)·32 = 4,640. Concatenated: 32 maps, (9·32 + 1)·32 = 9,248. A residual net adds.
# ### END SOLUTION

# %% [markdown] topics=["A10"] nbgrader={"grade": false, "grade_id": "stretch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# ### `widest_net` (0 points, still checked)
#
# Week 5 the other way round: given the budget, how wide can the net be? Take `depth` convolutions of 3×3 with a bias and $w$ maps each, a
# global average, and a dense layer to the classes. For three of them on one grey map and 10 classes that is $18w^2 + 22w + 10$ weights:
# the cost grows with the square of the width, so four times the budget buys about twice the width. "Under" means *fewer than* the budget.


# %% topics=["A10"] nbgrader={"grade": false, "grade_id": "widest_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
def widest_net(budget, depth=3, d=1, classes=10):
    """The largest width w for which the net has fewer than `budget` weights.

    The net: depth convolutions of 3x3 with w maps each (on an image with d maps), global average pooling, a dense layer to
    `classes`; biases everywhere. depth, d, classes: at least 1.
    Returns an int, at least 1. Raises ValueError when even w = 1 does not fit.
    """

    ### BEGIN SOLUTION
    def weights(w):
        return conv_params(3, 3, d, w) + (depth - 1) * conv_params(3, 3, w, w) + dense_params(w, classes)

    if weights(1) >= budget:
        raise ValueError(f"even one map needs {weights(1)} weights, the budget is {budget}")
    w = 1
    while weights(w + 1) < budget:
        w += 1
    return w
    ### END SOLUTION


# %% topics=["A10"] nbgrader={"grade": true, "grade_id": "widest_net-ten-thousand", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Week 5's budget
from course import checks

checks.integer(
    widest_net(10_000),
    22,
    unless={
        "one map too many: that net does not stay under the budget": 23,
        "the depth comes from the previous layer: only the first convolution sees the image": 249,
    },
    hint="18 * 22**2 + 22 * 22 + 10 = 9,206 still fits",
)
checks.integer(widest_net(2_000, depth=1), 99, hint="one convolution and the head: 10 * w + 10 * w + 10")
checks.integer(widest_net(4_000, depth=1), 199, hint="end the search at the budget, not at a width that looks large")
checks.passed("week 5's budget, for three layers and for one", points=0)

# %% topics=["A10"] nbgrader={"grade": true, "grade_id": "widest_net-any-budget", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A budget that nothing fits
# When graded: other budgets, depths and images; the net that just fits and the one that just does not
from course import checks

checks.raises(ValueError, lambda: widest_net(20), hint="a budget of 20 is too small for one map per layer")
### BEGIN HIDDEN TESTS
import keras


def size(w, depth, d, classes):
    layers = [keras.layers.Conv2D(w, 3, padding="same") for _ in range(depth)]
    head = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(classes)]
    return keras.Sequential([keras.Input((8, 8, d)), *layers, *head]).count_params()


for budget, depth, d, classes in ((5_000, 2, 1, 10), (8_000, 5, 3, 7), (20_000, 4, 3, 100), (300_000, 6, 3, 1000)):
    w = widest_net(budget, depth=depth, d=d, classes=classes)
    checks.true(isinstance(w, int) and 1 <= w < 1000, "the width is a whole number of at least 1")
    checks.true(size(w, depth, d, classes) < budget, "the net of the width you found is not under the budget")
    checks.true(size(w + 1, depth, d, classes) >= budget, "one more map a layer would still fit under the budget")
for w in (4, 9):
    exact = size(w, 3, 1, 10)
    checks.integer(widest_net(exact + 1), w, hint="a net with one weight less than the budget is under it")
    checks.integer(
        widest_net(exact), w - 1, hint="under means fewer than: a net with exactly the budget is not under it"
    )
checks.raises(ValueError, lambda: widest_net(size(1, 2, 3, 4), depth=2, d=3, classes=4), hint="even w = 1 does not fit")
### END HIDDEN TESTS
checks.passed(
    "a budget that nothing fits",
    points=0,
    later="other budgets, depths and images; the net that just fits and the one that just does not",
)

# %% tags=["draw"] topics=["A10"] nbgrader={"grade": false, "grade_id": "figure-widest", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Drawing: the same budget, spent on depth or on width
with checks.waiting_for("widest_net"):
    depths = range(1, 11)
    widths = {budget: [widest_net(budget, depth=number) for number in depths] for budget in (5_000, 10_000, 40_000)}
    figure, axis = plt.subplots(figsize=(7.6, 3.8), layout="constrained")
    for budget, colour, mark in ((5_000, GREEN, "s"), (10_000, BLUE, "o"), (40_000, VERMILLION, "D")):
        axis.semilogy(depths, widths[budget], color=colour, marker=mark, label=f"fewer than {budget:,}")
    axis.set(xlabel="3×3 convolutions, one after the other", ylabel="widest number of maps (logarithmic)")
    axis.set_xticks(list(depths))
    axis.set_yticks([10, 20, 50, 100, 500, 2000], ["10", "20", "50", "100", "500", "2000"])
    axis.minorticks_off()
    axis.set_title("The same budget, spent on depth or on width")
    axis.legend(frameon=False, title="budget")
    plots.show(
        "Widest number of maps, on a logarithmic axis, against the number of 3×3 convolutions, for three budgets. All three curves "
        "fall steeply from one layer to two and slowly after that; four times the budget lies about a factor of two higher."
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - Counts from formulas: $(m \cdot n \cdot d + 1) \cdot K$ with the depth of the layer before; $(a + 1) \cdot b$; $4c$, of which $2c$ are trained.
# - Stride and padding are not in them. Most weights are in the dense layer after `flatten`, most work is in convolutions on large maps.
# - Small kernels in a stack, a 1×1 before a large kernel, an average for the head: three ways to fit a budget.
# - An auditor that counts from the weights of a built model and asks who set them. Week 5's grader counts in the same way.
#
# Next: [week 4](../week04_mnist/week04_mnist.ipynb) trains the MNIST net that you counted here.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import course

course.progress("week03")
