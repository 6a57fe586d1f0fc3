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

# %% [markdown] topics=["L4", "L1"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 12 · ResNet, and what a net costs to run
#
# **Afterwards you can** write residual blocks and the nets made of them, say in numbers why they train where plain nets do not, and state what a net costs: weights,
# memory, milliseconds, money, metres. **Time** 3 to 4 hours. **You need** weeks 7 (blocks), 9 (gradients through depth) and 11 (the 1×1).
#
# Eleven weeks of this course made nets deeper, and each time it helped. This week begins where it stopped helping, repairs it with one plus sign, and ends on a road, with a
# car that has to brake.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import blocks, checks, datasets, evaluation, training

import time
from functools import partial
from itertools import pairwise
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "0.45"

# %% [markdown] topics=["L1", "K3"] nbgrader={"grade": false, "grade_id": "deeper-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · The deeper net that is worse
#
# He, Zhang, Ren and Sun trained plain nets, 3×3 convolutions with batch norm and ReLU, on CIFAR-10: with 20 layers, then with 32, 44 and 56. The net of 56 layers was worse than the one of 20, **on the
# training images as well**. So it did not overfit. It could have copied the smaller net and passed everything on in the other 36 layers; no step of SGD found that.
#
# The lecture's picture for it: every layer loses a little. Say 1 % of the information is lost in each layer. Behind $L$ layers $0.99^L$ is left: 92 % behind 8, 82 % behind 20, 57 % behind
# 56, and 0.003 % behind 1,024. ("Information" is a picture, not a measurement. What can be measured is the signal on its way forward, and the gradient on its way back, and week 9 did: with weights of a bad
# size a layer keeps 0.36 of it, so that 0.007 arrive behind 5 layers and 0.00004 behind 10.) Whatever the factor is, **it is taken to the power of the depth**, and 1 is the only factor that survives that.
#
# The cure turns the question round. Let every block *add* a little to what it was given: if it adds 0.01 %, then $1.0001^{1024} = 1.108$ arrives behind a thousand of them.

# %% topics=["L1", "K3"] nbgrader={"grade": false, "grade_id": "deeper-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
depth = np.arange(0, 1025)
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
for ax, last in zip(axes, (56, 1024), strict=True):
    ax.plot(depth, 1.0001**depth, color=GREEN, label="adds 0.01 %: 1.0001 to the depth")
    ax.plot(depth, 0.99**depth, "--", color=BLUE, label="loses 1 %: 0.99 to the depth")
    ax.plot(depth, 0.36**depth, ":", color=RED, label="keeps 0.36 (week 9)")
    ax.set(title=f"Up to {last:,} layers", xlabel="layers", ylabel="what arrives", xlim=(0, last), ylim=(0, 1.2))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].legend(frameon=False, loc="lower left", bbox_to_anchor=(0.1, 0.12))
fig.suptitle("A factor a layer, to the power of the depth")
plt.show()

# %% [markdown] topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "skip-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · f(x) + x
#
# A **residual block** computes
#
# $$\mathrm{out} = \mathrm{ReLU}\bigl(f(x) + x\bigr), \qquad f:\ 3{\times}3 \to \text{batch norm} \to \text{ReLU} \to 3{\times}3 \to \text{batch norm}.$$
#
# The two convolutions, the **branch**, no longer have to produce the output; they produce what has to be *changed* about the input, the residual. If nothing has to be changed, their weights go to zero and the block does
# nothing: $\mathrm{ReLU}(0 + x) = x$, since $x$ comes out of a ReLU. A deeper net is then never forced to be worse than a shallower one.
#
# Three details carry it.
#
# * **No ReLU at the end of the branch.** $f$ must be able to subtract. The ReLU stands behind the addition.
# * **Batch norm, then no bias.** Batch norm takes the mean away, and a bias with it. Its own β is the bias; with both, the bias is there twice and counted twice.
# * **Shapes.** $f(x)$ and $x$ can be added where they have the same shape. Where the block halves the side (step 2 in its first convolution) or changes the number of maps, the shortcut is **projected**: a 1×1 convolution with the same step,
#   and batch norm. The lecture's sketch calls it a projection layer, 1×1×64 on its way to 512 maps. *Only* there: everywhere else the shortcut is the untouched $x$, which costs nothing and loses nothing.

# %% topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "skip-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
fig, axes = plt.subplots(1, 3, figsize=(12, 5.2), layout="constrained")
box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": GREY}
kept = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": BLUE, "linewidth": 1.8}
ways = {
    "Plain: out = ReLU(f(x))": ("", None),
    "Residual: out = ReLU(f(x) + x)": ("x as it is", None),
    "The shape changes: projected": ("", "1×1, step 2\nbatch norm"),
}
for ax, (title, (label, projection)) in zip(axes, ways.items(), strict=True):
    skip = bool(label or projection)
    step = ", step 2" if projection else ""
    stack = ["x", f"3×3{step}", "batch norm, ReLU", "3×3", "batch norm", "+" if skip else "", "ReLU", "out"]
    stack = [word for word in stack if word]
    heights = np.linspace(7.4, 0.4, len(stack))
    for upper, lower in pairwise(heights):
        ax.annotate("", (0, lower + 0.24), (0, upper - 0.24), arrowprops={"arrowstyle": "->", "color": GREY})
    for word, height in zip(stack, heights, strict=True):
        ax.text(0, height, word, ha="center", va="center", bbox=None if word in ("x", "out") else box, fontsize=10)
    if skip:
        top, plus = heights[0], heights[stack.index("+")]
        ax.plot([0.12, 1.6, 1.6], [top, top, plus], color=BLUE, linewidth=2.4)
        ax.annotate("", (0.2, plus), (1.6, plus), arrowprops={"arrowstyle": "->", "color": BLUE, "linewidth": 2.4})
        middle = (top + plus) / 2
        ax.text(1.6, middle, projection or label, ha="center", va="center", color=BLUE, bbox=kept, fontsize=10)
    ax.set(title=title, xlim=(-1.3, 2.6), ylim=(0, 8))
    ax.set_axis_off()
fig.suptitle("The identity path, in blue: what goes in also comes out")
plt.show()

# %% [markdown] topics=["G13", "E19"] nbgrader={"grade": false, "grade_id": "adds-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### It adds
#
# The lecture's notes say "filters added 16 + 16 = 32" about a skip connection, after a 3×3 convolution from 16 to 32 maps with $(9\cdot16 + 1)\cdot32 = 4{,}640$ weights. That is what *concatenation* does: the maps are put side by side, 16 and 16 become 32, and the next layer pays
# for 32. A residual block **adds**: 16 maps and 16 maps are 16 maps. Inception (week 11) and DenseNet concatenate, ResNet adds, and a net whose maps pile up block after block has taken one for the other.

# %% topics=["G13", "E19"] nbgrader={"grade": false, "grade_id": "adds-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
one, other = keras.Input((32, 32, 16)), keras.Input((32, 32, 16))
for join in (keras.layers.Add(), keras.layers.Concatenate()):
    joined = join([one, other])
    following = keras.layers.Conv2D(32, 3)
    following(joined)
    name = type(join).__name__
    print(
        f"{name:12} 16 and 16 maps are {joined.shape[-1]}; the next 3×3 to 32 maps has {following.count_params():,} weights"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-residual_block", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `residual_block` (20 points)
#
# It takes a Keras tensor and returns one. `blocks.model_of(residual_block, (32, 32, 16), 16)` is the net from an input of 32×32×16 to what your function returns, and you can print its summary.
# The checks look at shapes, at counted weights, and at what comes out; how you write it, and what you call your layers, is yours.


# %% topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "residual_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def residual_block(x, filters, stride=1, project=None):
    """A residual block: relu(f(x) + shortcut(x)).

    x: Keras tensor (None, height, width, channels). f: convolution 3×3 with step `stride`, batch norm, ReLU, convolution
    3×3, batch norm; both convolutions have `filters` maps, padding="same" and no bias.
    project: True, the shortcut is a 1×1 convolution with step `stride` to `filters` maps, without bias, and a batch norm;
    False, it is x itself; None, it is projected where the block changes the shape, and only there.
    Returns a Keras tensor (None, height, width, filters), with height and width halved, rounded up, for stride 2.
    Raises ValueError for project=False where the block changes the shape.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    changes = stride != 1 or x.shape[-1] != filters
    if project is None:
        project = changes
    elif changes and not project:
        raise ValueError(f"{x.shape[-1]} maps cannot be added to {filters} maps at a step of {stride}: project")
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    if project:
        x = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(layers.Add()([y, x]))
    ### END SOLUTION


# %% topics=["L4", "L7"] nbgrader={"grade": true, "grade_id": "residual_block-weights", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: shapes and weights of two blocks, one that keeps the shape and one that changes it.
from course import blocks, checks


def block_of(shape, *arguments):
    try:
        return blocks.model_of(residual_block, shape, *arguments)
    except ValueError as problem:
        checks.fail(
            "f(x) and x cannot be added: where the block changes the shape, x goes through a 1×1 convolution with the same step",
            str(problem),
        )


block = block_of((16, 16, 16), 16)
checks.equal(
    tuple(block.output_shape[1:]),
    (16, 16, 16),
    unless={
        "a skip adds, it does not concatenate: 16 maps and 16 maps are 16 maps": (16, 16, 32),
        "the convolutions keep the size: padding='same'": (12, 12, 16),
    },
    hint="a block of step 1 keeps height and width, and has `filters` maps",
)
checks.integer(
    block.count_params(),
    4_736,
    unless={
        "a bias in front of batch norm is counted twice, for batch norm has its own: use_bias=False": 4_768,
        "batch norm is missing: one behind each of the two convolutions": 4_608,
        "batch norm is missing behind one of the two convolutions": 4_672,
        "batch norm is missing, and the convolutions have a bias in its place": 4_640,
        "the shortcut is projected though the shape stays: there it is x itself": 5_056,
        "the shortcut is projected though the shape stays (and without batch norm): there it is x itself": 4_992,
        "the branch has two convolutions": 2_368,
        "two batch norms, both in the branch: none behind the addition, none on the shortcut": 4_800,
    },
    hint="twice 3·3·16·16, and twice the 4·16 numbers of a batch norm",
)
block = block_of((16, 16, 16), 32, 2)
checks.equal(
    tuple(block.output_shape[1:]),
    (8, 8, 32),
    unless={
        "a skip adds, it does not concatenate: 32 maps and 32 maps are 32 maps": (8, 8, 64),
        "the step is taken twice: it belongs to the first convolution only": (4, 4, 32),
        "the step changes nothing: it belongs to the first convolution, and to the shortcut": (16, 16, 32),
    },
    hint="a step of 2 halves height and width",
)
checks.integer(
    block.count_params(),
    14_720,
    unless={
        "the projection has a batch norm as well": 14_592,
        "the projection has a batch norm in place of its bias": 14_624,
        "a bias in front of batch norm is counted twice: use_bias=False, in the projection too": 14_816,
        "a bias in front of batch norm is counted twice: use_bias=False": 14_784,
        "the projection has no bias either: batch norm stands behind it": 14_752,
        "the projection is 1×1, not 3×3": 18_816,
        "the shortcut has no weights: cropped or pooled, and filled up with zeros, is the paper's option A; here it is projected": 14_080,
        "batch norm is missing": 14_336,
    },
    hint="3·3·16·32 + 3·3·32·32 in the branch, 16·32 in the projection, and three batch norms of 4·32",
)

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "residual_block-zeroed", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: with a branch of zeros, relu(x) comes out. In a student's words: f(x) + x, and f is 0.
import numpy as np

from course import blocks, checks

block = blocks.model_of(residual_block, (6, 7, 5), 5)
checks.equal(
    tuple(block.output_shape[1:]),
    (6, 7, 5),
    unless={"a skip adds, it does not concatenate: 5 maps and 5 maps are 5 maps": (6, 7, 10)},
    hint="the shape stays: six by seven, five maps",
)
fresh = {"gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0}
for weight in block.weights:  # every convolution to zero, every batch norm as it was on the first day
    weight.assign(np.full(weight.shape, fresh.get(weight.path.rsplit("/", 1)[-1], 0.0)))
x = np.random.default_rng(0).normal(size=(3, 6, 7, 5)).astype("float32")
relu = np.maximum(x, 0)
checks.close(
    np.asarray(block(x, training=False)),
    relu,
    rtol=1e-4,
    atol=1e-6,
    unless={
        "relu(0 + x) should come out, and x does: the last ReLU stands behind the addition, not before it": x,
        "with a branch of zeros nothing comes out: the skip is missing (or multiplied, not added)": np.zeros_like(x),
        "half of relu(x) comes out: the skip adds, it does not average": relu / 2,
        "x is added twice": 2 * relu,
        "a batch norm stands on the identity path: where the shape stays, x is added as it is": relu / np.sqrt(1.001),
        "a batch norm stands on the identity path: where the shape stays, x is added as it is.": x / np.sqrt(1.001),
    },
    hint="with all kernels 0 the branch is 0, and relu(x) should come out: is anything on the way of x that changes it?",
)

# %% topics=["L7"] nbgrader={"grade": true, "grade_id": "residual_block-project", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: project=True on a shape that stays. Hidden: where a projection is needed and where not.
from course import blocks, checks

block = blocks.model_of(residual_block, (8, 8, 4), 4, 1, True)
checks.integer(
    block.count_params(),
    2 * 144 + 16 + 3 * 16,
    unless={
        "project=True asks for the 1×1 also where the shape stays": 2 * 144 + 2 * 16,
        "the projection has a batch norm as well": 2 * 144 + 16 + 2 * 16,
    },
    hint="project=True: two 3×3 kernels, a 1×1 kernel and three batch norms",
)


### BEGIN HIDDEN TESTS
def built(hint, *arguments):
    try:
        return blocks.model_of(residual_block, *arguments)
    except ValueError as problem:
        checks.fail(hint, str(problem))


for shape, filters, stride, wanted in (
    ((9, 9, 6), 6, 1, 0),
    ((9, 9, 6), 6, 2, 1),
    ((9, 9, 6), 12, 1, 1),
    ((9, 9, 12), 6, 1, 1),
    ((8, 8, 1), 4, 1, 1),
):
    hint = f"{shape[-1]} maps to {filters} at a step of {stride}: the shape changes, so the shortcut is projected"
    block = built(hint, shape, filters, stride)
    side = -(-shape[0] // stride)
    checks.equal(tuple(block.output_shape[1:]), (side, side, filters), hint="a step of 2 halves the side, rounded up")
    found = block.count_params() - 9 * filters * (shape[-1] + filters) - 8 * filters
    checks.integer(
        found,
        wanted * (shape[-1] * filters + 4 * filters),
        unless={
            hint: 0 if wanted else -1,
            "the shortcut is projected though the shape stays: there it is x itself": 0 if wanted else 6 * 6 + 24,
        },
        hint="the projection: a 1×1 kernel and a batch norm, where the shape changes, and nothing where it stays",
    )
checks.integer(
    blocks.model_of(residual_block, (8, 8, 4), 4, project=False).count_params(),
    2 * 144 + 2 * 16,
    hint="project=False on a shape that stays: x is added as it is",
)
for shape, filters, stride, why in (
    ((8, 8, 4), 8, 1, "project=False where the number of maps changes"),
    ((8, 8, 4), 4, 2, "project=False where the side changes"),
    (
        (8, 8, 1),
        4,
        1,
        "project=False from one map to four; Keras would add the one map to each of the four, and say nothing",
    ),
):
    checks.raises(ValueError, lambda: blocks.model_of(residual_block, shape, filters, stride, False), hint=why)
### END HIDDEN TESTS

# %% topics=["L4", "L7", "L5"] nbgrader={"grade": true, "grade_id": "residual_block-computes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Hidden: random weights against an independent computation, with the same step and without; which pixels a projection takes.
from course import blocks, checks

block = blocks.model_of(residual_block, (8, 8, 3), 5, 2)
checks.equal(tuple(block.output_shape[1:]), (4, 4, 5), hint="a step of 2 halves height and width")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(1201)

# The projection alone: a 1×1 kernel that copies, and a branch of zeros. It takes every second pixel, the first one included.
block = blocks.model_of(residual_block, (8, 8, 3), 5, 2)
fresh = {"gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0}
for weight in block.weights:
    if int(np.prod(weight.shape)) == 3 * 5:
        weight.assign(np.eye(3, 5).reshape(weight.shape))
    else:
        weight.assign(np.full(weight.shape, fresh.get(weight.path.rsplit("/", 1)[-1], 0.0)))
x = rng.normal(size=(2, 8, 8, 3)).astype("float32")
filled = np.concatenate([x, np.zeros((2, 8, 8, 2), "float32")], axis=-1)
taken = np.maximum(filled[:, ::2, ::2], 0)
pooled = np.maximum(filled.reshape(2, 4, 2, 4, 2, 5), 0)
checks.close(
    np.asarray(block(x, training=False)),
    taken,
    rtol=2e-3,
    atol=1e-5,
    unless={
        "the shortcut is max-pooled: the 1×1 takes the step itself": pooled.max(axis=(2, 4)),
        "the shortcut is averaged: the 1×1 takes the step itself": np.maximum(
            filled.reshape(2, 4, 2, 4, 2, 5).mean(axis=(2, 4)), 0
        ),
        "the shortcut is not projected from x": np.zeros_like(taken),
    },
    hint="with a branch of zeros and a copying 1×1, every second pixel of x comes out, beginning with the first",
)


def expected(
    shape,
    filters,
    stride,
    projected,
    between="relu",
    before="linear",
    after="relu",
    step=0,
    skip="linear",
    early=False,
    padded=False,
):
    act, conv = keras.layers.Activation, keras.layers.Conv2D

    def convolution(x, number):
        if stride > 1 and number == step and padded:
            x = keras.layers.ZeroPadding2D(1)(x)
        return conv(
            filters,
            3,
            strides=stride if number == step else 1,
            padding="valid" if stride > 1 and number == step and padded else "same",
            use_bias=False,
        )(x)

    def norm(x):
        return keras.layers.BatchNormalization()(x)

    x = inputs = keras.Input(shape)
    y = convolution(x, 0)
    y = norm(act(between)(y)) if early else act(between)(norm(y))
    y = convolution(y, 1)
    y = act(before)(norm(y))
    if projected:
        x = norm(conv(filters, 1, strides=stride, use_bias=False)(x))
    return keras.Model(inputs, act(after)(keras.layers.Add()([y, act(skip)(x)])))


def same_norms(model, values):
    for weight in model.weights:  # every batch norm alike, so that the order in which they stand does not matter
        if len(weight.shape) == 1:
            weight.assign(values[weight.path.rsplit("/", 1)[-1]])


for shape, filters, stride, projected in (((7, 8, 4), 4, 1, False), ((8, 6, 4), 6, 2, True), ((7, 9, 5), 3, 1, True)):
    images = rng.normal(size=(4, *shape)).astype("float32")
    values = {
        "gamma": rng.uniform(0.5, 1.5, filters),
        "beta": rng.normal(0, 0.5, filters),
        "moving_mean": rng.normal(0, 0.5, filters),
        "moving_variance": rng.uniform(0.5, 1.5, filters),
    }
    block = blocks.model_of(residual_block, shape, filters, stride)
    named = {w.path.rsplit("/", 1)[-1] for w in block.weights if len(w.shape) == 1}
    checks.true(
        named <= values.keys(), "a bias stands in front of batch norm: use_bias=False", f"found {sorted(named)}"
    )
    changes = {
        "a ReLU stands at the end of the branch: f(x) must be able to subtract, the ReLU comes behind the addition": {
            "before": "relu"
        },
        "the ReLU stands before the addition, and none behind it": {"before": "relu", "after": "linear"},
        "the ReLU between the two convolutions is missing: without it they are one": {"between": "linear"},
        "the shortcut goes through a ReLU: it is x, or its projection, and nothing more": {"skip": "relu"},
        "batch norm comes in front of the ReLU, right behind the convolution": {"early": True},
        "the block's non-linearity is ReLU": {"between": "tanh"},
    }
    if stride > 1:
        changes["the step belongs to the block's first convolution, not to its second"] = {"step": 1}
        changes["padding='same' pads an even side at its end only; you have padded both sides, as PyTorch does"] = {
            "padded": True
        }

    def answer(change, block=block, images=images, case=(shape, filters, stride, projected), values=values):
        reference = expected(*case, **change)
        blocks.twin(block, reference, np.random.default_rng(1202))
        same_norms(block, values)
        same_norms(reference, values)
        return np.asarray(reference(images, training=False))

    right = answer({})
    got = np.asarray(block(images, training=False))
    good = got.shape == right.shape and np.allclose(got, right, rtol=5e-3, atol=5e-3)
    checks.close(
        got,
        right,
        rtol=5e-3,
        atol=5e-3,
        unless={} if good else {message: answer(change) for message, change in changes.items()},
        hint="with the same weights the block gives other numbers: 3×3, batch norm, ReLU, 3×3, batch norm; plus the shortcut; ReLU",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "block-look-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### What is left of the picture
#
# Two stacks of blocks with random weights and three maps, so that a map is a colour: the plain ones compute $\mathrm{ReLU}(f(x))$, the residual ones are yours. Which of them would you ask, behind 16 blocks, what was in the
# picture?

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("cifar10", PROFILE, seed=SEED)
some = slice(2000 if PROFILE == "quick" else None)  # the shapes are easy, and deep nets are slow: 2,000 of them will do
x_train, y_train = evaluation.scaled(data.train.x[some]), data.train.y[some]
x_val, y_val = evaluation.scaled(data.validation.x), data.validation.y
print(f"{len(x_train):,} photographs to train on, {len(x_val):,} to validate with")


# %% topics=["L4"] nbgrader={"grade": false, "grade_id": "plain-block", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def plain_block(x, filters, stride=1):
    """The same branch without a shortcut: two convolutions, each with batch norm and ReLU."""
    for step in (stride, 1):
        x = keras.layers.Conv2D(filters, 3, strides=step, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    return x


# %% topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "block-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}


def through(block, depths):
    """A net that returns what stands behind so many blocks, one output for each of `depths`."""
    x = inputs = keras.Input((32, 32, 3))
    outputs = []
    for number in range(1, max(depths) + 1):
        x = block(x, 3)
        if number in depths:
            outputs.append(x)
    return keras.Model(inputs, outputs)


with checks.waiting_for("residual_block"):
    depths = (1, 2, 4, 8, 16)
    keras.utils.set_random_seed(SEED)
    picture = x_train[:1]
    rows = {"plain": through(plain_block, depths)(picture), "residual": through(residual_block, depths)(picture)}
    fig, axes = plt.subplots(2, len(depths) + 1, figsize=(12, 4.3), layout="constrained")
    for row, (name, maps) in zip(axes, rows.items(), strict=True):
        for ax, image, number in zip(row, [picture, *maps], (0, *depths), strict=True):
            image = np.asarray(image)[0]
            ax.imshow(image / max(image.max(), 1e-12))
            ax.set(xticks=[], yticks=[], title=f"{name}: {number} deep" if number else f"{name}: the picture")
    fig.suptitle("The same picture behind random blocks of three maps, each scaled to its own maximum")
    plt.show()

# %% [markdown] topics=["L5", "K3"] nbgrader={"grade": false, "grade_id": "gradient-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · And backward: the gradient that is kept
#
# Behind an addition, the gradient goes to *every* summand, whole: of $w = q + p + r$ the derivative with respect to each of $q$, $p$, $r$ is 1. So what arrives at a block's input is
#
# $$\frac{\partial L}{\partial x} = \underbrace{\frac{\partial L}{\partial\,\mathrm{out}}\cdot f'(x)}_{\text{through the branch}} + \underbrace{\frac{\partial L}{\partial\,\mathrm{out}}}_{\text{kept by the skip}}$$
#
# (where the last ReLU is open). The lecture's numbers: 0.0000078 comes back through the layers, 0.07 through the skip, and the sum, 0.0700078, does not care whether the layers let anything through. Behind many blocks with slopes $a_1, a_2, \dots$ a plain net multiplies, $a_1a_2a_3\cdots$, and a residual one
# multiplies $(1+a_1)(1+a_2)(1+a_3)\cdots = 1 + a_1 + a_2 + \dots + a_1a_2 + \dots$: a sum over all ways through the net, of which the shortest has no layer in it.
#
# Week 9's net, with a skip: block $l$ has two matrices,
#
# $$u_l = \mathrm{ReLU}(h_{l-1}A_l), \qquad h_l = \mathrm{ReLU}(u_lB_l + h_{l-1}).$$
#
# Worked on: $x = (1, 2)$, $A = \begin{pmatrix}1&-1\\0&1\end{pmatrix}$, $B = \begin{pmatrix}-1&1\\0.5&-4\end{pmatrix}$. Forward: $xA = (1, 1) = u$, $uB = (-0.5, -3)$, with the skip $(0.5, -1)$, so $h = (0.5, 0)$. (Without it: $h = (0, 0)$, and the block is dead.) Backward, with
# $\partial L/\partial h = (1, 1)$: the ReLU lets $\delta = (1, 0)$ through; $\partial L/\partial B = u^\top\delta = \begin{pmatrix}1&0\\1&0\end{pmatrix}$ with norm 1.414; at $u$ arrives $\delta B^\top = (-1, 0.5)$; $\partial L/\partial A = x^\top(-1, 0.5) = \begin{pmatrix}-1&0.5\\-2&1\end{pmatrix}$ with norm
# 2.5. At $x$: through the branch $(-1, 0.5)A^\top = (-1.5, 0.5)$, by the skip $\delta = (1, 0)$, in all $(-0.5, 0.5)$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-gradients", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `forward` and `gradients` (15 points)
#
# NumPy only, dense blocks, as in week 9: what holds for a matrix holds for a convolution. Your two functions then train a net of 56 layers.


# %% topics=["L5", "K3", "L4"] nbgrader={"grade": false, "grade_id": "gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(x, pairs, residual=True):
    """The activations of a net of blocks: relu(relu(h A) B + h), or relu(relu(h A) B) for residual=False.

    x: (N, D). pairs: a list of (A, B), A of shape (D, M) and B of shape (M, D), one pair a block.
    Returns the list [x, h_1, ..., h_L], each (N, D).
    """
    ### BEGIN SOLUTION
    layers = [x]
    for a, b in pairs:
        total = np.maximum(layers[-1] @ a, 0) @ b
        if residual:
            total = total + layers[-1]
        layers.append(np.maximum(total, 0))
    return layers
    ### END SOLUTION


def gradients(x, pairs, dout, residual=True):
    """The loss's gradient on its way back through such a net.

    x, pairs, residual: as for forward. dout: (N, D), the loss's gradient with respect to the last h.
    Returns (grads, dx): grads, a list of (∂L/∂A, ∂L/∂B), shaped like pairs, first block first; dx, (N, D), ∂L/∂x.
    """
    ### BEGIN SOLUTION
    layers = forward(x, pairs, residual)
    delta, grads = dout, []
    for (a, b), before, after in zip(pairs[::-1], layers[-2::-1], layers[:0:-1], strict=True):
        delta = delta * (after > 0)
        inner = np.maximum(before @ a, 0)
        inside = (delta @ b.T) * (inner > 0)
        grads.append((before.T @ inside, inner.T @ delta))
        delta = inside @ a.T + (delta if residual else 0)
    return grads[::-1], delta
    ### END SOLUTION


# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "gradients-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked block, and two of them in a row.
import numpy as np

from course import checks

x = np.array([[1.0, 2.0]])
pair = (np.array([[1.0, -1.0], [0.0, 1.0]]), np.array([[-1.0, 1.0], [0.5, -4.0]]))
got = checks.unchanged(forward, x, [pair])
checks.true(
    isinstance(got, (list, tuple)) and len(got) == 2, "forward returns a list: x, and what each block makes of it"
)
checks.close(got[0], x, hint="the list begins with x itself")
checks.close(
    got[1],
    [[0.5, 0.0]],
    unless={
        "the skip is missing": [[0.0, 0.0]],
        "the ReLU stands behind the addition: relu(u B + h), not relu(u B) + h": [[1.0, 2.0]],
        "the last ReLU, behind the addition, is missing": [[0.5, -1.0]],
    },
    hint="x = (1, 2) becomes (0.5, 0)",
)
checks.close(
    forward(x, [pair], False)[1],
    [[0.0, 0.0]],
    unless={"residual=False leaves the skip out": [[0.5, 0.0]]},
    hint="without the skip the block is dead: (0, 0)",
)
two = forward(np.array([[4.0, 1.0]]), [pair, pair])
checks.true(len(two) == 3, "two blocks: x, h_1 and h_2")
checks.close(
    two[2],
    [[2.5, 0.0]],
    unless={
        "the ReLU inside the branch is missing": [[8.5, 0.0]],
        "each block begins with what the block before gave": [[0.0, 5.0]],
    },
    hint="(4, 1) becomes (0, 5), and that becomes (2.5, 0)",
)

# %% topics=["L5"] nbgrader={"grade": true, "grade_id": "gradients-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked block, backward.
import numpy as np

from course import checks

x, dout = np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]])
pair = (np.array([[1.0, -1.0], [0.0, 1.0]]), np.array([[-1.0, 1.0], [0.5, -4.0]]))
got = checks.unchanged(gradients, x, [pair], dout)
checks.true(
    isinstance(got, (list, tuple)) and len(got) == 2 and isinstance(got[0], (list, tuple)) and len(got[0]) == 1,
    "gradients returns two things: a list with a pair for each block, and dx",
)
grads, dx = got
checks.close(
    dx,
    [[-0.5, 0.5]],
    unless={
        "what the skip keeps is missing: δ itself arrives at x as well": [[-1.5, 0.5]],
        "what the skip carries has passed the last ReLU backward, too: it is δ, not dout": [[-0.5, 1.5]],
        "only the skip's part arrives: the branch's is missing": [[1.0, 0.0]],
        "the last ReLU is closed where h is 0: multiply by (h > 0) first": [[4.5, -2.5]],
        "the skip's part is added twice": [[0.5, 0.5]],
    },
    hint="through the branch (−1.5, 0.5), by the skip (1, 0)",
)
checks.true(
    isinstance(grads[0], (list, tuple)) and len(grads[0]) == 2,
    "each block has two gradients: of A and of B, in this order",
)
checks.close(
    grads[0][1],
    [[1.0, 0.0], [1.0, 0.0]],
    unless={"of A and of B, in this order": [[-1.0, 0.5], [-2.0, 1.0]]},
    hint="∂L/∂B = uᵀδ, with u = (1, 1) and δ = (1, 0)",
)
checks.close(grads[0][0], [[-1.0, 0.5], [-2.0, 1.0]], hint="∂L/∂A = xᵀ(−1, 0.5), with x = (1, 2)")

# %% topics=["L5", "K3"] nbgrader={"grade": true, "grade_id": "gradients-slopes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Hidden: random residual nets, against measured slopes.
import numpy as np

from course import checks

x = np.array([[1.0, 2.0], [0.5, 0.0]])
pair = (np.array([[0.5], [0.25]]), np.array([[1.0, -1.0]]))
grads, dx = checks.unchanged(gradients, x, [pair, pair], np.ones((2, 2)))
checks.true(len(grads) == 2, "two blocks, so two pairs of gradients")
checks.shape(grads[0][0], (2, 1), hint="a gradient has the shape of its matrix")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1203)


def run(x, pairs):
    for a, b in pairs:
        inner = x @ a
        x = (inner * (inner > 0)) @ b + x
        x = x * (x > 0)
    return x


def slope(value, nudged):
    found = np.zeros_like(value)
    for place in np.ndindex(*value.shape):
        for sign in (1, -1):
            other = value.copy()
            other[place] += sign * 1e-6
            found[place] += sign * nudged(other) / 2e-6
    return found


for width, inner, depth, images in ((4, 3, 2, 5), (3, 5, 4, 6)):
    pairs = [(rng.normal(0, 0.6, (width, inner)), rng.normal(0, 0.6, (inner, width))) for _ in range(depth)]
    x, dout = rng.normal(size=(images, width)), rng.normal(size=(images, width))
    expected = []
    for block in range(depth):
        for which in (0, 1):

            def loss(other, block=block, which=which):
                changed = [list(pair) for pair in pairs]
                changed[block][which] = other
                return (run(x, changed) * dout).sum()

            expected.append(slope(pairs[block][which], loss))
    grads, dx = checks.unchanged(gradients, x, pairs, dout)
    checks.close(
        dx,
        slope(x, lambda other: (run(other, pairs) * dout).sum()),
        rtol=1e-4,
        atol=1e-6,
        hint="dx differs from the measured slopes: at each block the skip's part is added to the branch's, behind the masks of both ReLUs",
    )
    flat = [one for pair in grads for one in pair]
    checks.true(len(flat) == len(expected), "a gradient for every matrix, two a block")
    for number, (one, right) in enumerate(zip(flat, expected, strict=True)):
        block, letter = number // 2 + 1, "AB"[number % 2]
        checks.close(
            one,
            right,
            rtol=1e-4,
            atol=1e-6,
            unless={"first block first: turn the list around": expected[len(expected) - 2 - number + 2 * (number % 2)]},
            hint=f"∂L/∂{letter} of block {block} differs from the measured slopes: is the ReLU inside the branch masked, and what the skip keeps passed on?",
        )
### END HIDDEN TESTS

# %% topics=["L5", "K3"] nbgrader={"grade": true, "grade_id": "gradients-depths", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: depths 8, 20 and 56. A plain net's first matrix hears nothing at depth 56, a residual net's as much as at depth 8.
import numpy as np

from course import checks

first = {}
for residual in (True, False):
    for depth in (8, 20, 56):
        rng = np.random.default_rng(depth)
        spread = 0.36 * np.sqrt(2 / 32)  # a layer keeps 0.36 of the signal
        pairs = [(rng.normal(0, spread, (32, 32)), rng.normal(0, spread, (32, 32))) for _ in range((depth - 2) // 2)]
        grads, _ = gradients(rng.normal(size=(20, 32)), pairs, rng.normal(size=(20, 32)) / 20, residual)
        first[residual, depth] = np.linalg.norm(grads[0][0])
checks.between(
    first[False, 56] / first[False, 8],
    1e-40,
    1e-12,
    hint="a plain net of 56 layers: each of the 48 further layers takes its factor of about 0.36",
)
for depth in (20, 56):
    checks.between(
        first[True, depth] / first[True, 8],
        0.05,
        20,
        hint=f"a residual net of {depth} layers: the skip keeps the gradient, which hardly depends on the depth",
    )

# %% topics=["K3"] nbgrader={"grade": true, "grade_id": "gradients-plain", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: residual=False is week 9's net.
import numpy as np

from course import checks

grads, dx = gradients(np.ones((1, 1)), [(np.array([[2.0]]), np.array([[3.0]]))], np.ones((1, 1)), residual=False)
checks.close([grads[0][0][0][0], grads[0][1][0][0]], [3.0, 2.0], hint="1, times 2, times 3: the gradients are 3 and 2")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1204)
pairs = [(rng.uniform(0.1, 1, (3, 4)), rng.uniform(0.1, 1, (4, 3))) for _ in range(3)]  # no ReLU ever closes
x, dout = rng.uniform(0.1, 1, (5, 3)), rng.normal(size=(5, 3))
chain = [m for pair in pairs for m in pair]
ahead, back = [x], [dout]
for m in chain:
    ahead.append(ahead[-1] @ m)
for m in chain[::-1]:
    back.append(back[-1] @ m.T)
grads, dx = checks.unchanged(gradients, x, pairs, dout, False)
checks.close(
    dx, back[-1], hint="residual=False: dx is dout times all matrices, turned; the skip is left out backward as well"
)
found = [one for pair in grads for one in pair]
for one, h, d in zip(found, ahead[:-1], back[-2::-1], strict=True):
    checks.close(one, h.T @ d, hint="residual=False: a chain of matrices, without the skip's part")
### END HIDDEN TESTS

# %% topics=["L5", "K3"] nbgrader={"grade": false, "grade_id": "gradient-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("gradients"):
    width, spread = 64, 0.36 * np.sqrt(2 / 64)
    depths = (8, 20, 56)
    fig, axes = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
    for residual, colour, name in ((False, ORANGE, "plain"), (True, BLUE, "residual")):
        first = []
        for depth, style in zip(depths, (":", "--", "-"), strict=True):
            rng = np.random.default_rng(SEED)
            pairs = [[rng.normal(0, spread, (width, width)) for _ in "AB"] for _ in range((depth - 2) // 2)]
            grads, _ = gradients(rng.normal(size=(100, width)), pairs, rng.normal(size=(100, width)) / 100, residual)
            norms = [np.linalg.norm(one) for pair in grads for one in pair]
            axes[0].semilogy(range(1, len(norms) + 1), norms, style, color=colour, label=f"{name}, depth {depth}")
            first.append(norms[0])
        axes[1].semilogy(depths, first, "o-" if residual else "s-", color=colour, label=name)
        print(
            f"{name}: the first matrix's gradient norm at depth 8, 20, 56: {', '.join(f'{norm:.1e}' for norm in first)}"
        )
    axes[0].set(title="Gradient norm by layer", xlabel="matrix (1 is next to the image)", ylabel="‖∂L/∂W‖")
    axes[1].set(
        title="The first matrix, in nets of three depths", xlabel="depth of the net", ylabel="‖∂L/∂W‖", xticks=depths
    )
    axes[0].legend(fontsize=8, ncol=2)
    axes[1].legend()
    fig.suptitle("64 wide, ReLU, a layer keeps 0.36 of the signal, before any training")
    plt.show()

# %% [markdown] topics=["L5", "K3"] nbgrader={"grade": false, "grade_id": "gradient-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# In the plain net of 56 layers a gradient of some $10^{-23}$ arrives: with any sensible rate, no digit of a weight changes. (As in week 9 it is small in *all* layers: a matrix's gradient is the product of what came forward and what came back.) The residual net's lines lie on each other: depth costs nothing.
#
# ### Do they train?
#
# Your `forward` and `gradients`, a random first layer, a last layer, 200 lines of nothing else: SGD with momentum on small versions of the photographs. Three kinds: plain with weights of a bad size (0.36, as above), plain with He's size (1.00, the best there is for a plain net, week 9), and
# residual with the bad size.

# %% topics=["L1", "L5", "K3"] nbgrader={"grade": false, "grade_id": "dense-training", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
small = x_train[:1500].reshape(-1, 8, 4, 8, 4, 3).mean(axis=(2, 4)).reshape(1500, -1)
small = (small - small.mean(axis=0)) / (small.std(axis=0) + 1e-6)


def train_dense(depth, residual, keeps, epochs=4, rate=0.02, width=64, batch=50):
    """Mean training loss in each epoch of a dense net, trained by SGD with momentum 0.9."""
    rng = np.random.default_rng(SEED)
    start = np.maximum(small @ rng.normal(0, small.shape[1] ** -0.5, (small.shape[1], width)), 0)
    matrices = [rng.normal(0, keeps * (2 / width) ** 0.5, (width, width)) for _ in range(depth - 2)]
    matrices.append(np.zeros((width, 10)))
    speed, losses = [np.zeros_like(m) for m in matrices], []
    for _ in range(epochs):
        total = 0.0
        for part in rng.permutation(len(start)).reshape(-1, batch):
            pairs = list(zip(matrices[:-1:2], matrices[1:-1:2], strict=True))
            last = forward(start[part], pairs, residual)[-1]
            scores = last @ matrices[-1]
            chances = np.exp(scores - scores.max(axis=1, keepdims=True))
            chances /= chances.sum(axis=1, keepdims=True)
            total -= np.log(chances[np.arange(batch), y_train[part]] + 1e-12).sum()
            dscores = (chances - np.eye(10)[y_train[part]]) / batch
            grads, _ = gradients(start[part], pairs, dscores @ matrices[-1].T, residual)
            for m, v, g in zip(matrices, speed, [g for pair in grads for g in pair] + [last.T @ dscores], strict=True):
                v *= 0.9
                v -= rate * g
                m += v
        losses.append(total / len(start))
    return losses


with checks.waiting_for("gradients"):
    kinds = {
        "plain, 0.36": (False, 0.36, GREY, "x:"),
        "plain, He": (False, 1.0, ORANGE, "s--"),
        "residual, 0.36": (True, 0.36, BLUE, "o-"),
    }
    fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained", sharey=True)
    for ax, depth in zip(axes, (8, 20, 56), strict=True):
        for name, (residual, keeps, colour, style) in kinds.items():
            losses = train_dense(depth, residual, keeps)
            ax.plot(range(1, len(losses) + 1), losses, style, color=colour, label=name)
        ax.set(title=f"{depth} layers", xlabel="epoch", xticks=range(1, len(losses) + 1))
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("training loss")
    axes[0].legend(frameon=False)
    fig.suptitle("The same steps on the same images: deeper is worse, unless it is residual")
    plt.show()

# %% [markdown] topics=["L1", "L5"] nbgrader={"grade": false, "grade_id": "dense-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The plain net with weights of a bad size stays at $\log 10 = 2.303$ at every depth: it hears nothing. He's size saves 8 layers, not 56. The residual net does not need the right size, and its curve falls faster the deeper it is.

# %% [markdown] topics=["L2", "L3", "L6", "K6"] nbgrader={"grade": false, "grade_id": "bottleneck-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · The bottleneck
#
# The lecture's three sketches, and what they cost ("same" or not can be read from the sizes):
#
# 1. 32×32×3 → 3×3×32 → 30×30×32 → 1×1×1024 → 30×30×1024. The second step has $(32 + 1)\cdot1024 = 33{,}792$ weights. A 1×1 can make many maps cheaply; the *next* layer pays for them.
# 2. 34×34×128 → 1×1×64 → 34×34×64 → 3×3×128 → 32×32×128. First reduce, then convolve: $8{,}256 + 73{,}856 = 82{,}112$ weights, against $147{,}584$ for the 3×3 on all 128 maps.
# 3. 48×48×256 → **decrease**, 1×1×64 → 48×48×64 → 3×3×64 → 48×48×64 → **increase**, 1×1×256 → 48×48×256. $16{,}448 + 36{,}928 + 16{,}640 = 70{,}016$ weights, against $590{,}080$ for one 3×3 from 256 to 256 maps: 88.1 % saved. (Weights are $(m\cdot n\cdot d + 1)\cdot K$, with a bias, as in week 3.)
#
# The third is ResNet's **bottleneck**, the branch of ResNet-50 and of all deeper ones. The expensive 3×3 works on a quarter of the maps, and since in and out both have 256, the skip fits without a projection: what was thrown away in the
# middle has gone round it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-bottleneck", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `chain_cost` and `bottleneck` (20 points)
#
# Here the convolutions have biases and no batch norm, as the lecture counts them.


# %% topics=["L2", "L3", "L6", "K6"] nbgrader={"grade": false, "grade_id": "bottleneck", "locked": false, "schema_version": 3, "solution": true, "task": false}
def chain_cost(shape, layers, padding="valid"):
    """What a chain of convolutions of step 1, each with a bias, costs.

    shape: (height, width, channels) of the input. layers: a list of (k, maps), a k×k convolution to so many maps. padding: "valid" or "same", for all.
    Returns a list with one row a layer, (height, width, maps, weights, macs), ints: the output's shape; the weights with biases; the
    multiplications for one image, without biases.
    Raises ValueError where a kernel is larger than its map (padding "valid"), and for another padding.
    """
    ### BEGIN SOLUTION
    if padding not in ("valid", "same"):
        raise ValueError(f'padding is "valid" or "same", not {padding!r}')
    height, width, channels = shape
    rows = []
    for k, maps in layers:
        if padding == "valid":
            height, width = height - k + 1, width - k + 1
            if min(height, width) < 1:
                raise ValueError(f"a kernel of {k}×{k} is larger than its map")
        kernel = k * k * channels * maps
        rows.append((height, width, maps, kernel + maps, height * width * kernel))
        channels = maps
    return rows
    ### END SOLUTION


def bottleneck(x, inner):
    """A bottleneck block: relu(f(x) + x), where f is 1×1 to `inner` maps, ReLU, 3×3 to `inner` maps, ReLU, 1×1 to the maps of x.

    x: Keras tensor (None, height, width, channels). The convolutions have a bias, no batch norm, and keep height and width.
    Returns a Keras tensor of the shape of x.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    y = layers.Conv2D(inner, 1, activation="relu")(x)
    y = layers.Conv2D(inner, 3, padding="same", activation="relu")(y)
    y = layers.Conv2D(x.shape[-1], 1)(y)
    return layers.ReLU()(layers.Add()([y, x]))
    ### END SOLUTION


# %% topics=["L2", "L3", "L6"] nbgrader={"grade": true, "grade_id": "bottleneck-chain", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's three sketches.
from course import checks

bias = "the bias is missing: a weight for each map"
depth = "the kernels are as deep as the layer before, not as the input"
got = chain_cost((32, 32, 3), [(3, 32), (1, 1024)])
checks.rows(
    got,
    [(30, 30, 32, 896, 777_600), (30, 30, 1024, 33_792, 29_491_200)],
    unless={
        bias: [(30, 30, 32, 864, 777_600), (30, 30, 1024, 32_768, 29_491_200)],
        depth: [(30, 30, 32, 896, 777_600), (30, 30, 1024, 4_096, 2_764_800)],
        "padding is valid: a 3×3 takes a pixel from every side": [
            (32, 32, 32, 896, 884_736),
            (32, 32, 1024, 33_792, 33_554_432),
        ],
        "multiplications are counted without the biases": [
            (30, 30, 32, 896, 806_400),
            (30, 30, 1024, 33_792, 30_412_800),
        ],
        "every weight of a kernel multiplies once at each place of the output, not of the input": [
            (30, 30, 32, 896, 884_736),
            (30, 30, 1024, 33_792, 29_491_200),
        ],
    },
    hint="32×32×3 → 3×3×32 → 1×1×1024: (height, width, maps, weights, multiplications) for both",
)
checks.rows(
    chain_cost((34, 34, 128), [(1, 64), (3, 128)]),
    [(34, 34, 64, 8_256, 9_469_952), (32, 32, 128, 73_856, 75_497_472)],
    unless={depth: [(34, 34, 64, 8_256, 9_469_952), (32, 32, 128, 147_584, 150_994_944)]},
    hint="34×34×128 → 1×1×64 → 3×3×128: 8,256 and 73,856 weights",
)
checks.rows(
    chain_cost((48, 48, 256), [(1, 64), (3, 64), (1, 256)], "same"),
    [(48, 48, 64, 16_448, 37_748_736), (48, 48, 64, 36_928, 84_934_656), (48, 48, 256, 16_640, 37_748_736)],
    unless={
        "padding='same' keeps the size": [
            (48, 48, 64, 16_448, 37_748_736),
            (46, 46, 64, 36_928, 78_004_224),
            (46, 46, 256, 16_640, 34_668_544),
        ]
    },
    hint="the bottleneck: 16,448 + 36,928 + 16,640 weights",
)

# %% topics=["L3", "K6"] nbgrader={"grade": true, "grade_id": "bottleneck-any-chain", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: other chains, maps that are not square, a kernel that does not fit.
from course import checks

checks.rows(chain_cost((5, 4, 2), [(3, 6)], "same"), [(5, 4, 6, 114, 2_160)], hint="five by four: the height first")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1205)
for padding in ("valid", "same", "valid"):
    h, w, c = int(rng.integers(20, 40)), int(rng.integers(41, 60)), int(rng.integers(1, 9))
    spec, expected, shape = [], [], (h, w, c)
    for _ in range(4):
        k, maps = int(rng.integers(1, 6)), int(rng.integers(2, 50))
        lost = (k - 1) * (padding == "valid")
        spec.append((k, maps))
        h, w = h - lost, w - lost
        expected.append((h, w, maps, (k * k * c + 1) * maps, h * w * k * k * c * maps))
        c = maps
    checks.rows(
        checks.unchanged(chain_cost, shape, spec, padding),
        expected,
        hint=f"a chain of four layers, padding {padding}: sizes first, then (k·k·depth + 1)·maps, then places times weights",
    )
checks.equal(chain_cost((8, 8, 3), []), [], hint="a chain of no layers costs nothing")
checks.rows(chain_cost((3, 3, 1), [(3, 2)]), [(1, 1, 2, 20, 18)], hint="a kernel as large as its map leaves one pixel")
checks.raises(ValueError, lambda: chain_cost((4, 9, 1), [(3, 2), (3, 2)]), hint="a kernel larger than its map")
checks.raises(ValueError, lambda: chain_cost((9, 9, 1), [(3, 2)], "full"), hint="a padding that is neither")
### END HIDDEN TESTS

# %% topics=["L6"] nbgrader={"grade": true, "grade_id": "bottleneck-weights", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the block of the sketch has the chain's 70,016 weights.
from course import blocks, checks

block = blocks.model_of(bottleneck, (48, 48, 256), 64)
checks.equal(
    tuple(block.output_shape[1:]),
    (48, 48, 256),
    unless={
        "a skip adds, it does not concatenate: 256 maps and 256 maps are 256 maps": (48, 48, 512),
        "the last 1×1 increases again: to the maps of x": (48, 48, 64),
        "the 3×3 keeps the size: padding='same'": (46, 46, 256),
    },
    hint="48×48×256 comes out, as it went in",
)
checks.integer(
    block.count_params(),
    70_016,
    unless={
        "the biases are missing": 69_632,
        "the biases are missing and batch norm is there: here it is the other way round": 69_632 + 4 * 384,
        "there is a batch norm behind the convolutions: here there is none, as the lecture counts": 70_016 + 4 * 384,
        "this is the plain 3×3 on all maps: first decrease, then convolve, then increase": 590_080,
        "the shortcut is projected though the shape stays: there it is x itself": 70_016 + 65_792,
        "the 3×3 increases already: it works on the `inner` maps": 16_448 + (9 * 64 + 1) * 256 + 65_792,
        "the middle is a 3×3": 16_448 + 65 * 64 + 16_640,
        "the first is a 1×1: decrease before the 3×3, not in it": (9 * 256 + 1) * 64 + 36_928 + 16_640,
        "the last is a 1×1": 16_448 + 36_928 + (9 * 64 + 1) * 256,
        "the 3×3 in the middle is missing": 16_448 + 16_640,
    },
    hint="16,448 + 36,928 + 16,640: compare the summary of blocks.model_of(bottleneck, (48, 48, 256), 64) with the sketch",
)

# %% topics=["L4", "L6"] nbgrader={"grade": true, "grade_id": "bottleneck-computes", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# Hidden: other sizes, random weights against an independent computation.
from course import blocks, checks

block = blocks.model_of(bottleneck, (5, 6, 7), 3)
checks.equal(
    tuple(block.output_shape[1:]), (5, 6, 7), hint="the shape stays, also where the maps are not four times `inner`"
)
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(1206)


def expected(shape, inner, first="relu", second="relu", before="linear", after="relu", skip=True):
    act, conv = keras.layers.Activation, keras.layers.Conv2D
    x = inputs = keras.Input(shape)
    y = act(first)(conv(inner, 1)(x))
    y = act(second)(conv(inner, 3, padding="same")(y))
    y = act(before)(conv(shape[-1], 1)(y))
    return keras.Model(inputs, act(after)(keras.layers.Add()([y, x]) if skip else y))


for shape, inner in (((5, 6, 7), 3), ((8, 7, 4), 2), ((6, 6, 3), 5)):
    checks.integer(
        blocks.model_of(bottleneck, shape, inner).count_params(),
        (shape[-1] + 1) * inner + (9 * inner + 1) * inner + (inner + 1) * shape[-1],
        hint="other maps: `inner` of them in the middle, and the maps of x at the end",
    )
    images = rng.normal(size=(3, *shape)).astype("float32")
    block = blocks.model_of(bottleneck, shape, inner)
    changes = {
        "a ReLU stands at the end of the branch: f(x) must be able to subtract, the ReLU comes behind the addition": {
            "before": "relu"
        },
        "the ReLU stands before the addition, and none behind it": {"before": "relu", "after": "linear"},
        "the last ReLU, behind the addition, is missing": {"after": "linear"},
        "the skip is missing: f(x) + x": {"skip": False},
        "the ReLU behind the first 1×1 is missing": {"first": "linear"},
        "the ReLU behind the 3×3 is missing": {"second": "linear"},
        "the ReLUs inside the branch are missing: without them its three convolutions are one": {
            "first": "linear",
            "second": "linear",
        },
    }

    def answer(change, block=block, images=images, case=(shape, inner)):
        reference = expected(*case, **change)
        blocks.twin(block, reference, np.random.default_rng(1207))
        return np.asarray(reference(images))

    right = answer({})
    got = np.asarray(block(images, training=False))
    good = got.shape == right.shape and np.allclose(got, right, rtol=1e-3, atol=1e-4)
    checks.close(
        got,
        right,
        rtol=1e-3,
        atol=1e-4,
        unless={} if good else {message: answer(change) for message, change in changes.items()},
        hint="with the same weights the block gives other numbers: 1×1, ReLU, 3×3, ReLU, 1×1; plus x; ReLU",
    )
### END HIDDEN TESTS

# %% topics=["L3", "L6"] nbgrader={"grade": false, "grade_id": "bottleneck-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("bottleneck"):
    ways = {
        "128 maps, sketch 2": (
            (34, 34, 128),
            {"3×3 on all": [(3, 128)], "reduced to 64": [(1, 64), (3, 128)]},
            "valid",
        ),
        "256 maps, sketch 3": (
            (48, 48, 256),
            {"3×3 on all": [(3, 256)], "bottleneck of 64": [(1, 64), (3, 64), (1, 256)]},
            "same",
        ),
        "the same 64 maps, two 3×3": ((48, 48, 64), {"basic block": [(3, 64), (3, 64)]}, "same"),
    }
    fig, axes = plt.subplots(1, 2, figsize=(12, 3.6), layout="constrained", sharey=True)
    names = []
    for shape, chains, padding in ways.values():
        for name, layers in chains.items():
            rows = chain_cost(shape, layers, padding)
            for ax, column, unit in ((axes[0], 3, 1e3), (axes[1], 4, 1e6)):
                left = 0.0
                for (k, _), row in zip(layers, rows, strict=True):
                    ax.barh(
                        len(names), row[column] / unit, left=left, color=BLUE if k == 3 else ORANGE, edgecolor="white"
                    )
                    left += row[column] / unit
                ax.text(left, len(names), f" {left:,.0f}", va="center", fontsize=9)
            names.append(f"{shape[-1]} maps: {name}")
    for ax, title, unit in (
        (axes[0], "Weights", "thousand weights"),
        (axes[1], "Work", "million multiplications an image"),
    ):
        ax.set(title=title, xlabel=unit, yticks=range(len(names)), yticklabels=names)
        ax.margins(x=0.12)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    for colour, label in ((BLUE, "3×3"), (ORANGE, "1×1")):
        axes[0].barh(0, 0, color=colour, label=label)
    axes[0].legend(frameon=False, loc="lower right")
    fig.suptitle("What the bottleneck saves")
    plt.show()
    one, three = (
        chain_cost((48, 48, 256), [(3, 256)], "same"),
        chain_cost((48, 48, 256), [(1, 64), (3, 64), (1, 256)], "same"),
    )
    print(
        f"saved: {1 - sum(row[3] for row in three) / one[0][3]:.1%} of the weights, {1 - sum(row[4] for row in three) / one[0][4]:.1%} of the work"
    )

# %% [markdown] topics=["L6"] nbgrader={"grade": false, "grade_id": "bottleneck-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# For the price of two 3×3 on 64 maps the bottleneck carries 256. That is why ResNet-50, with bottlenecks, works hardly more than ResNet-34 without, and is four times as wide on its identity path.

# %% [markdown] topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "net-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · ResNets for small photographs
#
# The paper's nets for CIFAR-10 have one number, $n$:
#
# | stage | output | blocks | first step |
# |---|---|---|---|
# | 3×3 to 16 maps, batch norm, ReLU | 32×32×16 | | 1 |
# | residual blocks of 16 maps | 32×32×16 | $n$ | 1 |
# | residual blocks of 32 maps | 16×16×32 | $n$ | 2 |
# | residual blocks of 64 maps | 8×8×64 | $n$ | 2 |
# | global average, softmax over the classes | 10 | | |
#
# Two convolutions a block, one at the start and one dense layer: $6n + 2$ layers (projections are not counted). $n = 1, 3, 9$ are ResNet-8, -20 and -56.
#
# **Which weights?** Papers and programs count differently, so here is what these checks count: no convolution has a bias; **each one, a projection too, has a batch norm behind it**, whose four numbers a map (γ, β and the two moving statistics) all count; the shortcut is projected
# where the shape changes, in two blocks of the whole net. (The paper filled up with zeros there on CIFAR-10, and projected on ImageNet.) Then
#
# * ResNet-8: 432 + 64 in the first layer, 4,736 + 14,720 + 58,112 in the three blocks, 650 in the head: **78,714**.
# * ResNet-20: **274,042**.
#
# The *plain* net of the same depth is what He compared with: the same convolutions, batch norms and ReLUs, no shortcuts, no projections.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-resnet_cifar", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `resnet_cifar` (14 points)


# %% topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "resnet_cifar", "locked": false, "schema_version": 3, "solution": true, "task": false}
def resnet_cifar(n, residual=True, width=16, classes=10):
    """The ResNet of 6 n + 2 layers for images of 32×32, or the plain net of that depth; not compiled.

    n: blocks in each of the three stages, at least 1. residual=False: the plain net, without any shortcut.
    width: maps of the first stage; the others have 2 * width and 4 * width.
    Returns a keras.Model: input (32, 32, 3), output (classes,), probabilities. Raises ValueError when n is below 1.
    """
    ### BEGIN SOLUTION
    if n < 1:
        raise ValueError(f"a stage has at least one block, not {n}")
    block = residual_block if residual else plain_block
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    for stage in range(3):
        for number in range(n):
            x = block(x, width * 2**stage, stride=2 if stage > 0 and number == 0 else 1)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
    ### END SOLUTION


# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet_cifar-totals", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: ResNet-8 and ResNet-20, and the plain net of 8 layers.
from course import blocks, checks


def total(*arguments):
    net = blocks.as_model(resnet_cifar(*arguments), "resnet_cifar's result")
    checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
    checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
    return net.count_params()


for n, wanted, biases in ((1, 78_714, 336), (3, 274_042, 784)):
    checks.integer(
        total(n),
        wanted,
        unless={
            "the convolutions have no bias, for batch norm stands behind each": wanted + biases,
            "the convolutions have no bias, for batch norm stands behind each, the projections included": wanted
            + biases
            + 96,
            "a batch norm stands behind each projection, too": wanted - 384,
            "biases in the convolutions, no batch norm behind the projections: a well-known example program counts so, the table does not": wanted
            - 384
            + biases,
            "the first stage keeps its shape, so none of its blocks is projected": wanted + 256 + 64,
            "batch norm and ReLU follow the very first convolution, too": wanted - 64,
            "a global average stands in front of the softmax, not Flatten": wanted + 40_320,
            "this is the plain net: the shortcuts are missing, or have no projections where the shape changes": wanted
            - 2_944,
            "n blocks a stage, not 2n: each has two convolutions already, so 6n + 2 layers": wanted + 97_664 * n,
            "the step of 2 stands in the first block of the second and third stage, where the maps change": {
                1: -1,
                3: wanted + 5_504,
            }[n],
            "the step of 2 stands in the first block of the second and third stage, not in each": {
                1: -1,
                3: wanted + 11_008,
            }[n],
            "a block has two convolutions: 6n + 2 layers": {1: 29_882, 3: 127_546}[n],
        },
        hint=f"6·{n} + 2 layers: compare your net.summary() with the table, stage by stage",
    )
checks.integer(
    total(1, False),
    75_770,
    unless={
        "residual=False changes nothing: it leaves every shortcut out": 78_714,
    },
    hint="the plain net of 8 layers: ResNet-8 without its two projections and their batch norms",
)

# %% topics=["L4", "L7"] nbgrader={"grade": true, "grade_id": "resnet_cifar-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: other depths, widths and numbers of classes.
from course import blocks, checks

net = blocks.as_model(resnet_cifar(1, width=4, classes=7), "resnet_cifar's result")
checks.equal(net.output_shape, (None, 7), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1208)
for n, residual in ((1, True), (2, True), (3, False)):
    w, classes = int(rng.integers(3, 9)), int(rng.integers(2, 40))
    net = blocks.as_model(resnet_cifar(n, residual, w, classes), "resnet_cifar's result")
    checks.equal(net.output_shape, (None, classes), hint="`classes` outputs, whatever the number")
    kernels = [(3, 3, 3, w)]
    before = w
    for maps in (w, 2 * w, 4 * w):
        kernels += [(3, 3, before, maps)] + [(3, 3, maps, maps)] * (2 * n - 1)
        before = maps
    found = [tuple(k.shape) for k in net.weights if len(k.shape) == 4 and k.shape[0] == 3]
    checks.equal(
        sorted(found),
        sorted(kernels),
        unless={
            "width changes nothing: the stages have width, 2·width and 4·width maps": sorted(
                tuple(16 * s // w if i > 1 and s in (w, 2 * w, 4 * w) else s for i, s in enumerate(k)) for k in kernels
            ),
        },
        hint="the 3×3 kernels of another depth and width: 6n + 1 of them, on width, 2·width and 4·width maps",
    )
    norms = 4 * (2 * n + 1) * w + 4 * 2 * n * 6 * w + (4 * 6 * w if residual else 0)
    shortcuts = w * 2 * w + 2 * w * 4 * w if residual else 0
    checks.integer(
        net.count_params(),
        sum(int(np.prod(k)) for k in kernels) + norms + shortcuts + (4 * w + 1) * classes,
        hint="another depth and width: the 3×3 kernels are right; batch norms, projections or the head are not",
    )
checks.raises(ValueError, lambda: resnet_cifar(0), hint="a net of no blocks")
### END HIDDEN TESTS

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet_cifar-computes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Hidden: random weights against an independent computation, residual and plain.
from course import blocks, checks

net = blocks.as_model(resnet_cifar(1, width=4), "resnet_cifar's result")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

images = np.random.default_rng(1209).random((6, 32, 32, 3)).astype("float32")


def expected(n, residual, width, first="relu", before="linear", between="relu", pool="average", last="softmax"):
    layers = keras.layers

    def convolution(x, maps, size=3, step=1):
        return layers.BatchNormalization()(layers.Conv2D(maps, size, strides=step, padding="same", use_bias=False)(x))

    inputs = keras.Input((32, 32, 3))
    x = layers.Activation(first)(convolution(inputs, width))
    for stage in range(3):
        for number in range(n):
            maps, step = width * 2**stage, 2 if stage and number == 0 else 1
            y = layers.Activation(between)(convolution(x, maps, step=step))
            y = layers.Activation(before)(convolution(y, maps))
            if residual:
                short = x if step == 1 and x.shape[-1] == maps else convolution(x, maps, 1, step)
                y = layers.Add()([y, short])
            x = layers.ReLU()(y)
    x = (layers.GlobalAveragePooling2D if pool == "average" else layers.GlobalMaxPooling2D)()(x)
    return keras.Model(inputs, layers.Activation(last)(layers.Dense(10)(x)))


def same_norms(model):
    rng = np.random.default_rng(1210)
    values = {}
    for maps in sorted({int(w.shape[0]) for w in model.weights if len(w.shape) == 1}):
        values[maps, "gamma"], values[maps, "beta"] = rng.uniform(0.7, 1.3, maps), rng.normal(0, 0.2, maps)
        values[maps, "moving_mean"], values[maps, "moving_variance"] = (
            rng.normal(0, 0.2, maps),
            rng.uniform(0.7, 1.3, maps),
        )
    for weight in model.weights:
        kind = weight.path.rsplit("/", 1)[-1]
        if (int(weight.shape[0]), kind) in values and len(weight.shape) == 1:
            weight.assign(values[int(weight.shape[0]), kind])


for n, residual, width in ((2, True, 3), (1, False, 4)):
    net = blocks.as_model(resnet_cifar(n, residual, width), "resnet_cifar's result")
    changes = {
        "the ReLU behind the very first batch norm is missing": {"first": "linear"},
        "the ReLU inside the blocks is missing": {"between": "linear"},
        "the head takes the average of each map, not its maximum": {"pool": "max"},
        "the outputs are no probabilities: end in a softmax": {"last": "linear"},
        "the last layer is a softmax over the classes": {"last": "sigmoid"},
    }
    if residual:
        changes["the blocks have a ReLU in front of the addition"] = {"before": "relu"}

    def answer(change, net=net, case=(n, residual, width)):
        reference = expected(*case, **change)
        blocks.twin(net, reference, np.random.default_rng(1211))
        same_norms(net)
        same_norms(reference)
        return np.asarray(reference(images, training=False))

    right = answer({})
    got = np.asarray(net(images, training=False))
    good = got.shape == right.shape and np.allclose(got, right, rtol=2e-2, atol=2e-3)
    checks.close(
        got,
        right,
        rtol=2e-2,
        atol=2e-3,
        unless={} if good else {message: answer(change) for message, change in changes.items()},
        hint="with the same weights the net gives other numbers: the step of 2 in the first block of the second and third stage, ReLU behind every addition, the average, softmax",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["L4"] nbgrader={"grade": false, "grade_id": "train-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Train one
#
# A ResNet-8 has 78,714 numbers and 12.5 million multiplications an image. Train yours: a rate that rises and falls, a few epochs, as in weeks 6 and 7.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-resnet8", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `resnet8` (6 points)
#
# The trained net is kept in `artefacts/` beside this notebook: hand that folder in as well, else the grader trains
# it again.


# %% topics=["L4"] nbgrader={"grade": false, "grade_id": "resnet8", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_resnet(model):
    """Compile `model`, as resnet_cifar makes it, and train it on x_train, y_train with x_val, y_val as validation.

    Returns its history: a dict with the lists "loss", "accuracy", "val_loss" and "val_accuracy", one float an epoch.
    """
    ### BEGIN SOLUTION
    epochs, batch = (4, 128) if PROFILE == "full" else (3, 32)
    steps = epochs * -(-len(x_train) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.01, steps - steps // 4, alpha=0.01, warmup_target=0.1, warmup_steps=steps // 4
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=epochs, batch_size=batch)
    ### END SOLUTION


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet, settings={"seed": SEED})

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet8-net", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: it is the net of section 5, and it has been trained.
import contextlib
import io

import numpy as np

from course import blocks, checks, datasets, evaluation, profile

net = blocks.as_model(resnet8, "resnet8")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
checks.integer(
    net.count_params(),
    78_714,
    unless={"this is the plain net: resnet_cifar(1) is the one with shortcuts": 75_770},
    hint="resnet8 is the net that resnet_cifar(1) makes",
)
checks.true(evaluation.constants(net) == 0, "there are long lists of numbers in the net's configuration")
with contextlib.redirect_stdout(io.StringIO()):
    known = datasets.load("cifar10", profile.current()).validation
checks.between(
    evaluation.accuracy(net, evaluation.scaled(known.x[:300]), known.y[:300]),
    profile.bound("week12", "first") / 2,
    1.0,
    hint="the net guesses, or does little better: has train_resnet compiled it, and fitted it to x_train and y_train?",
    what="validation accuracy",
)

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet8-first", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the validation images. Hidden: the test images, as they are and moved by a pixel.
from course import bands, blocks, checks, evaluation

net = blocks.as_model(resnet8, "resnet8")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
checks.true(evaluation.budget(net) <= 78_714, "the net has more weights than a ResNet-8, constants counted")
bands.on_validation(net, "cifar10", "week12", "first", says="is asked for")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week12", "first")
### END HIDDEN TESTS

# %% [markdown] topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "curves-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Plain against residual, as convolutional nets
#
# At 8 layers the plain net trains as well as yours: batch norm keeps eight layers in range by itself, and that is the honest half of the story (try it: `train_resnet(resnet_cifar(1, residual=False))`). At 56 it does not. In
# the full profile the next cell trains two nets of 56 layers, plain and residual, 8 maps wide, on 4,000 photographs, and keeps them; it takes some minutes.


# %% topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "curves", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def train_deep(model):
    """The recipe of the nets of 56 layers: 4,000 photographs, 5 epochs."""
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    part = (x_val[:1000], y_val[:1000])
    return training.fit(model, x_train[:4000], y_train[:4000], validation=part, epochs=5, batch_size=64)


if PROFILE == "full":
    with checks.waiting_for("resnet_cifar"):
        fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
        for name, colour, style in (("plain", ORANGE, "s--"), ("residual", BLUE, "o-")):
            build = partial(resnet_cifar, 9, residual=name == "residual", width=8)
            _, history = training.trained(f"{name}56", build, train_deep, settings={"seed": SEED})
            epochs = range(1, len(history["loss"]) + 1)
            axes[0].plot(epochs, history["loss"], style, color=colour, label=name)
            axes[1].plot(epochs, history["val_accuracy"], style, color=colour, label=name)
        axes[0].set(title="Training loss", xlabel="epoch", ylabel="cross-entropy", xticks=epochs)
        axes[1].set(title="Validation accuracy", xlabel="epoch", ylabel="accuracy", xticks=epochs)
        for ax in axes:
            ax.grid(alpha=0.3)
            ax.legend(frameon=False)
        fig.suptitle("56 layers, with and without shortcuts")
        plt.show()
else:
    print('Two nets of 56 layers are trained here in the full profile: PROFILE = "full".')

# %% [markdown] topics=["A14"] nbgrader={"grade": false, "grade_id": "latency-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · What a net costs to run
#
# Training is paid once. Running is paid for every image, and there are four prices on the card.
#
# * **Memory.** Four bytes a weight in float32: a ResNet-8 is 0.31 MB, a VGG16 is 553 MB.
# * **Milliseconds an image.** A call on a batch of $b$ images takes $t_b$; an image then costs $t_b/b$. Larger batches are cheaper per image, for the fixed cost of a call is shared, until the cores are busy.
# * **Latency.** But an image has to *wait for its whole batch*: from call to answer it takes $t_b$, however small $t_b/b$ is. Who sorts a million photographs at night looks at the one number, who brakes a car at the other.
# * **Money.** A machine costs so much an hour, a million images take so many hours.
#
# Two rules of measuring. **The first call is not like the others**: Keras traces and compiles the net for it. Call once to warm up and leave that number out (the lecture's "30 minutes for a machine to be ready" is the same effect, larger). **Take the median** of several calls, not the mean: other
# programs disturb, and they only ever make a call slower.
#
# Worked: calls on 8 images take 500 (the first), 26, 24, 40 and 25 ms. Without the first, the median is (25 + 26)/2 = 25.5 ms: latency 25.5 ms, 3.1875 ms an image. A million images take 3,187.5 s, 0.885 hours; at 0.36 an hour they cost 0.32.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-latency_card", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `time_calls` and `latency_card` (6 points)
#
# `time.perf_counter()` is the clock. The checks never ask how fast your machine is: the card is computed from durations that they hand you.


# %% topics=["A14"] nbgrader={"grade": false, "grade_id": "latency_card", "locked": false, "schema_version": 3, "solution": true, "task": false}
def time_calls(model, sizes, runs=5):
    """How long calls of a net take, the very first included.

    model: keras.Model with one input. sizes: batch sizes, ints. runs: how many calls to time after the first.
    Calls model.predict_on_batch on random images of the model's input shape, float32.
    Returns {batch size: [runs + 1 durations in seconds, in the order in which they were measured]}.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    seconds = {}
    for size in sizes:
        images = rng.random((size, *model.input_shape[1:])).astype("float32")
        seconds[size] = []
        for _ in range(runs + 1):
            began = time.perf_counter()
            model.predict_on_batch(images)
            seconds[size].append(time.perf_counter() - began)
    return seconds
    ### END SOLUTION


def latency_card(seconds, weights, price_per_hour, bytes_per_weight=4):
    """What a net costs to run.

    seconds: as time_calls returns it; the first number of each list is the warm-up. weights: how many the net has.
    price_per_hour: of the machine. bytes_per_weight: 4 for float32, 2 for float16.
    Returns a dict: "megabytes", of the weights (10⁶ bytes); "latency_ms", {batch size: median milliseconds of a call};
    "ms_per_image", {batch size: median milliseconds divided by the batch size}; "best_batch", the batch size with the
    least milliseconds an image, the smallest of equal ones; "cost_of_a_million", images, at the best batch size.
    Raises ValueError when a list holds nothing but its warm-up.
    """
    ### BEGIN SOLUTION
    latency = {}
    for size, durations in seconds.items():
        if len(durations) < 2:
            raise ValueError(f"there is nothing behind the warm-up for batches of {size}")
        latency[size] = 1000 * float(np.median(durations[1:]))
    per_image = {size: ms / size for size, ms in latency.items()}
    best = min(per_image, key=lambda size: (per_image[size], size))
    return {
        "megabytes": weights * bytes_per_weight / 1e6,
        "latency_ms": latency,
        "ms_per_image": per_image,
        "best_batch": best,
        "cost_of_a_million": per_image[best] * 1000 / 3600 * price_per_hour,
    }
    ### END SOLUTION


# %% topics=["A14"] nbgrader={"grade": true, "grade_id": "latency_card-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked card; and that your measurement measures something, whatever it is.
import keras
import numpy as np

from course import checks

seconds = {1: [0.9, 0.012, 0.010, 0.011], 8: [0.5, 0.026, 0.024, 0.040, 0.025]}
card = checks.unchanged(latency_card, seconds, 78_714, 0.36)
keys = {"megabytes", "latency_ms", "ms_per_image", "best_batch", "cost_of_a_million"}
checks.true(
    isinstance(card, dict) and set(card) == keys,
    "the card is a dict with five entries, as the text names them",
    f"found {card}",
)
checks.close(
    card["megabytes"],
    0.314856,
    unless={
        "a float32 has four bytes": 0.078714,
        "a megabyte here is 10⁶ bytes, not 2²⁰": 0.314856e6 / 2**20,
        "megabytes, not bytes": 314_856,
    },
    hint="78,714 weights of 4 bytes are 0.314856 megabytes",
)
for name, right, wrong in (
    (
        "latency_ms",
        {1: 11.0, 8: 25.5},
        {
            "the first call compiles: leave it out": {1: 11.5, 8: 26.0},
            "the first call compiles, and a mean believes it": {1: 233.25, 8: 123.0},
            "the median, not the mean: one disturbed call moves the mean": {1: 11.0, 8: 28.75},
            "milliseconds, not seconds": {1: 0.011, 8: 0.0255},
            "the median, not the minimum": {1: 10.0, 8: 24.0},
            "latency is the whole call's: an image waits for its batch": {1: 11.0, 8: 3.1875},
        },
    ),
    (
        "ms_per_image",
        {1: 11.0, 8: 3.1875},
        {
            "an image costs its share of the call: divide by the batch size": {1: 11.0, 8: 25.5},
            "milliseconds, not seconds": {1: 0.011, 8: 0.0031875},
        },
    ),
):
    found = card[name]
    checks.true(
        isinstance(found, dict) and set(found) == {1, 8},
        f"{name} is a dict with a number for each batch size",
        f"found {found}",
    )
    checks.close(
        [found[1], found[8]],
        list(right.values()),
        unless={k: list(v.values()) for k, v in wrong.items()},
        hint=f"{name} is {right}",
    )
checks.integer(
    card["best_batch"],
    8,
    unless={"the best batch has the least milliseconds an image, not the least latency": 1},
    hint="3.1875 ms an image, with 8",
)
checks.close(
    card["cost_of_a_million"],
    0.31875,
    unless={
        "the price is for an hour, of 3,600 seconds": 0.31875 * 3600,
        "at the best batch size, not at 1": 1.1,
        "an hour has 3,600 seconds": 0.31875 * 60,
        "a million images": 0.31875e-6,
    },
    hint="a million images of 3.1875 ms are 0.885 hours",
)
net = keras.Sequential([keras.Input((4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
durations = time_calls(net, [1, 3], runs=4)
checks.true(
    isinstance(durations, dict) and set(durations) == {1, 3},
    "time_calls returns a dict with a list for each batch size",
    f"found {durations}",
)
for times in durations.values():
    checks.true(
        len(times) == 5,
        "runs + 1 durations: the first call belongs into the list, and the card leaves it out",
        f"found {len(times)} for runs=4",
    )
    checks.true(
        all(isinstance(t, (float, np.floating)) and 0 < t < 60 for t in times),
        "a duration is a positive number of seconds: the clock behind the call, minus the clock before it",
    )

# %% topics=["A14"] nbgrader={"grade": true, "grade_id": "latency_card-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: other durations, other prices, half precision, a list without a measurement.
from course import checks

card = latency_card({4: [1.0, 0.008]}, 1_000_000, 1.0, bytes_per_weight=2)
checks.close(
    card["megabytes"], 2.0, unless={"bytes_per_weight changes nothing": 4.0}, hint="a million weights of two bytes"
)
checks.close(card["cost_of_a_million"], 2 / 3.6, hint="2 ms an image are 2,000 seconds for a million")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1212)
for _ in range(4):
    sizes = [int(n) for n in rng.choice(np.arange(1, 200), size=4, replace=False)]
    seconds = {size: [float(t) for t in rng.exponential(0.02, int(rng.integers(3, 9)))] for size in sizes}
    weights, price = int(rng.integers(1e4, 1e8)), float(rng.uniform(0.05, 30))
    card = checks.unchanged(latency_card, seconds, weights, price)
    middle = {size: 1000 * float(np.median(times[1:])) for size, times in seconds.items()}
    least = min(middle[size] / size for size in sizes)
    checks.close(card["megabytes"], 4e-6 * weights, hint="four bytes a weight")
    checks.close(
        [card["latency_ms"][size] for size in sizes],
        [middle[size] for size in sizes],
        hint="the median of all calls but the first, in milliseconds",
    )
    checks.close(
        [card["ms_per_image"][size] for size in sizes],
        [middle[size] / size for size in sizes],
        hint="the call's milliseconds, shared by the batch",
    )
    checks.integer(
        card["best_batch"],
        next(size for size in sizes if middle[size] / size == least),
        hint="the batch size with the least milliseconds an image, in whatever order they come",
    )
    checks.close(
        card["cost_of_a_million"], least / 3.6 * price, hint="a million images at the best batch size, by the hour"
    )
even = latency_card({16: [1.0, 0.5, 0.5], 2: [1.0, 0.0625, 0.0625], 4: [1.0, 0.125, 0.125]}, 10, 1.0)
checks.integer(
    even["best_batch"], 2, hint="of batch sizes that cost the same, the smallest: nobody waits longer than needed"
)
checks.raises(
    ValueError,
    lambda: latency_card({1: [0.9, 0.1], 2: [0.8]}, 10, 1.0),
    hint="a list that holds nothing but its warm-up",
)
### END HIDDEN TESTS

# %% topics=["A14"] nbgrader={"grade": false, "grade_id": "latency-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("latency_card", "resnet_cifar"):
    sizes = (1, 4, 16, 64)
    timed = {"ResNet-8": resnet_cifar(1)}
    if PROFILE == "full":
        timed["ResNet-20"] = resnet_cifar(3)
    fig, axes = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    for (name, net), colour, mark in zip(timed.items(), (BLUE, ORANGE), "os", strict=False):
        seconds = time_calls(net, sizes)
        card = latency_card(seconds, net.count_params(), price_per_hour=0.10)
        first = [seconds[size][0] * 1000 for size in sizes]
        axes[0].loglog(sizes, first, mark + ":", color=colour, label=f"{name}, first call", fillstyle="none")
        axes[0].loglog(sizes, list(card["latency_ms"].values()), mark + "-", color=colour, label=f"{name}, later calls")
        axes[1].loglog(sizes, list(card["ms_per_image"].values()), mark + "-", color=colour, label=name)
        axes[2].plot(
            list(card["latency_ms"].values()),
            [1000 / ms for ms in card["ms_per_image"].values()],
            mark + "-",
            color=colour,
            label=name,
        )
        print(
            f"{name}: {card['megabytes']:.2f} MB; one image {card['latency_ms'][1]:.1f} ms; best at batches of {card['best_batch']}, "
            f"{card['ms_per_image'][card['best_batch']]:.2f} ms an image; a million images for {card['cost_of_a_million']:.3f} at 0.10 an hour"
        )
    axes[0].set(title="From call to answer", xlabel="images in the batch", ylabel="milliseconds a call")
    axes[1].set(title="The share of one image", xlabel="images in the batch", ylabel="milliseconds an image")
    axes[2].set(title="What you may choose between", xlabel="latency, ms", ylabel="images a second")
    for ax in axes[:2]:
        ax.set_xticks(sizes, sizes)
        ax.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
    for ax in axes:
        ax.legend(frameon=False, fontsize=8)
        ax.grid(alpha=0.3)
    fig.suptitle("A latency card of this machine, at this minute")
    plt.show()

# %% [markdown] topics=["K7", "A14"] nbgrader={"grade": false, "grade_id": "braking-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · The braking car
#
# The lecture's chain: camera → what is it → an obstacle → calculation → brakes, "in real time". Real time is a budget in milliseconds, and metres are what it is spent in. At $v$ metres a second a car travels $v\,t$ in the reaction time $t$ and then, braking with $a$ m/s², another $v^2/(2a)$:
#
# $$d = v\,t + \frac{v^2}{2a}.$$
#
# What is $t$? A camera takes $r$ frames a second. The child steps out just *after* a frame; a single frame may be mistaken, so the program wants $m$ frames in a row: $m/r$ seconds until the last of them is taken. Then the net looks at it, $\ell$ (with a batch of one: who waits for a batch of 64 frames has driven on for two seconds). Then
# the brakes take hold, $b$:
#
# $$t = \frac{m}{r} + \ell + b.$$
#
# Worked: 50 km/h are 13.89 m/s. 15 frames a second, 3 frames, the lecture's 50 ms for the net, 0.2 s for the brakes: $t = 0.2 + 0.05 + 0.2 = 0.45$ s, 6.25 m. Braking with 8 m/s² takes 12.06 m. In all 18.31 m, and the net is 0.69 m of it.
#
# **A queue is no buffer.** If the net needs longer for a frame than the camera needs to take the next, $\ell > 1/r$, and every frame is looked at in turn, then each waits longer than the one before, without end. A stream of video is not sped up by a message system such as the lecture's Kafka; it only remembers
# reliably what has long been run over. Old frames have to be dropped.

# %% topics=["K7"] nbgrader={"grade": false, "grade_id": "queue-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
fig, axes = plt.subplots(1, 2, figsize=(12, 3.8), layout="constrained")
frames, rate = np.arange(90), 30
for milliseconds, colour in ((30, GREEN), (36, ORANGE), (50, RED)):
    taken, free, waits = frames / rate, 0.0, []
    for moment in taken:  # each frame in turn
        free = max(free, moment) + milliseconds / 1000
        waits.append(free - moment)
    axes[0].plot(taken, waits, color=colour, label=f"{milliseconds} ms a frame")
    free, seen, ages = 0.0, [], []
    while free < taken[-1]:  # always the newest frame, the older ones are dropped
        newest = (
            taken[taken <= free + 1e-9][-1]
            if not seen or taken[taken <= free + 1e-9][-1] > seen[-1]
            else taken[taken > free][0]
        )
        free = max(free, newest) + milliseconds / 1000
        seen.append(newest)
        ages.append(free - newest)
    axes[1].plot(seen, ages, color=colour, label=f"{milliseconds} ms a frame, {len(seen)} of {len(taken)} seen")
axes[0].set(
    title="Every frame in turn: the delay grows for ever",
    xlabel="moment of the frame, s",
    ylabel="seconds until its answer",
)
axes[1].set(
    title="Always the newest frame",
    xlabel="moment of the frame, s",
    ylabel="seconds until its answer",
    ylim=axes[0].get_ylim(),
)
for ax in axes:
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
fig.suptitle("A camera of 30 frames a second, 33 ms apart")
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-braking", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `stopping_distance` and `latency_budget` (4 points)


# %% topics=["K7", "A14"] nbgrader={"grade": false, "grade_id": "braking", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    """Metres that a car travels from the moment when an obstacle appears, just after a frame was taken, until it stands.

    kmh: speed in km/h. latency: seconds the net takes for a frame. fps: frames a second, each of which is looked at.
    frames: how many in a row must show the obstacle. brakes: seconds until the brakes take hold. deceleration: m/s².
    Raises ValueError where the net is slower than the camera (latency above 1 / fps): the queue has no end.
    """
    ### BEGIN SOLUTION
    if latency > 1 / fps:
        raise ValueError(
            f"a frame comes every {1 / fps:.3f} s, and the net takes {latency} s: frames queue up for ever"
        )
    speed = kmh / 3.6
    return speed * (frames / fps + latency + brakes) + speed**2 / (2 * deceleration)
    ### END SOLUTION


def latency_budget(kmh, metres, fps, frames=3, brakes=0.2, deceleration=8.0):
    """Seconds that the net may take for a frame, at most, if the car is to stand within `metres` of the obstacle's first moment.

    The others are as for stopping_distance. The budget is never more than 1 / fps.
    Raises ValueError where not even a net that takes no time would be in time.
    """
    ### BEGIN SOLUTION
    speed = kmh / 3.6
    left = (metres - speed**2 / (2 * deceleration)) / speed - frames / fps - brakes
    if left < 0:
        raise ValueError(f"at {kmh} km/h no net stops the car within {metres} m")
    return min(left, 1 / fps)
    ### END SOLUTION


# %% topics=["K7"] nbgrader={"grade": true, "grade_id": "braking-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked car, at 50 km/h.
from course import checks

speed = 50 / 3.6
metres = stopping_distance(50, 0.05, 15)
checks.close(
    metres,
    18.3063,
    rtol=1e-4,
    unless={
        "speed is in metres a second: divide km/h by 3.6": 50 * 0.45 + 2500 / 16,
        "the braking way is v² over 2a": 6.25 + speed**2 / 8,
        "the way until the brakes take hold is missing: v·t": speed**2 / 16,
        "the braking way is missing: v²/(2a)": 6.25,
        "all `frames` of them have to be taken, frames / fps seconds": speed * (1 / 15 + 0.25) + speed**2 / 16,
        "the brakes' own delay is missing": speed * 0.25 + speed**2 / 16,
        "the net's latency is missing": speed * 0.4 + speed**2 / 16,
        "the latency is paid once, for the last of the frames: the others are looked at while it is taken": speed * 0.55
        + speed**2 / 16,
        "the obstacle appears just after a frame: `frames` further ones, not one less": speed * (2 / 15 + 0.25)
        + speed**2 / 16,
    },
    hint="0.45 s at 13.89 m/s are 6.25 m, and 12.06 m of braking",
)
checks.close(
    latency_budget(50, 18.0, 15),
    (18 - speed**2 / 16) / speed - 0.4,
    rtol=1e-4,
    unless={"frames and brakes are paid from the same budget": 1 / 15},
    hint="within 18 m, 28 ms are left for the net",
)
checks.raises(
    ValueError,
    lambda: stopping_distance(50, 0.08, 15),
    hint="a net that needs 80 ms for a frame, and a camera that takes one every 67 ms",
)

# %% topics=["K7"] nbgrader={"grade": true, "grade_id": "braking-any", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: other cars, cameras and roads.
from course import checks

checks.close(
    stopping_distance(36, 0.0, 10, frames=1, brakes=0.0, deceleration=5.0),
    11.0,
    hint="10 m/s: 1 m until the frame, 10 m of braking",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1213)
for _ in range(5):
    kmh, fps, frames = float(rng.uniform(20, 180)), int(rng.integers(5, 60)), int(rng.integers(1, 6))
    brakes, deceleration = float(rng.uniform(0, 0.5)), float(rng.uniform(3, 10))
    latency = float(rng.uniform(0.1, 0.9)) / fps
    v = kmh / 3.6
    wanted = v * (frames / fps + latency + brakes) + v * v / (2 * deceleration)
    checks.close(
        stopping_distance(kmh, latency, fps, frames, brakes, deceleration),
        wanted,
        hint="another car: v times (frames/fps + latency + brakes), plus v²/(2a)",
    )
    checks.close(
        latency_budget(kmh, wanted, fps, frames, brakes, deceleration),
        latency,
        rtol=1e-4,
        atol=1e-6,
        hint="the budget for that very distance is that very latency",
    )
    checks.close(
        latency_budget(kmh, wanted + 200, fps, frames, brakes, deceleration),
        1 / fps,
        unless={"the budget is never more than 1 / fps: the net keeps pace with the camera": latency + 200 / v},
        hint="much room: 1 / fps, however far the obstacle is",
    )
    checks.raises(
        ValueError,
        lambda: latency_budget(kmh, wanted - v * (latency + 0.01), fps, frames, brakes, deceleration),
        hint="a distance within which no net stops the car",
    )
    checks.raises(
        ValueError,
        lambda: stopping_distance(kmh, 1.2 / fps, fps, frames, brakes, deceleration),
        hint="a net slower than the camera",
    )
### END HIDDEN TESTS

# %% topics=["K7"] nbgrader={"grade": false, "grade_id": "braking-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("braking"):
    speeds = np.linspace(10, 130, 100)
    fig, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    parts = {
        "until the third frame": (0.0, 0.0),
        "the net, 33 ms": (1 / 30, 0.0),
        "the brakes' delay, 0.2 s": (1 / 30, 0.2),
    }
    below = np.zeros_like(speeds)
    for (name, (latency, brakes)), colour in zip(parts.items(), (GREY, RED, ORANGE), strict=True):
        way = np.array([stopping_distance(v, latency, 30, brakes=brakes) - v**2 / 3.6**2 / 16 for v in speeds])
        axes[0].fill_between(speeds, below, way, color=colour, label=name)
        below = way
    axes[0].fill_between(
        speeds, below, below + (speeds / 3.6) ** 2 / 16, color=BLUE, alpha=0.8, label="braking, 8 m/s²"
    )
    axes[0].set(title="Where the metres go", xlabel="speed, km/h", ylabel="metres until the car stands")
    axes[0].legend(loc="upper left", frameon=False)
    for metres, colour, style in ((15, RED, "-"), (25, ORANGE, "--"), (40, GREEN, "-."), (60, BLUE, ":")):
        kept, budget = [], []
        for v in np.linspace(10, 130, 1201):
            try:
                budget.append(1000 * latency_budget(v, metres, 30))
                kept.append(v)
            except ValueError:
                budget.append(0.0)
                kept.append(v)
                break
        axes[1].plot(kept, budget, style, color=colour, label=f"{metres} m of sight")
    axes[1].set(
        title="What is left for the net, at 30 frames a second",
        xlabel="speed, km/h",
        ylabel="milliseconds a frame",
        xlim=(10, 130),
        ylim=(0, 40),
    )
    axes[1].legend(frameon=False)
    fig.suptitle("The braking car: three frames, 0.2 s for the brakes")
    plt.show()

# %% [markdown] topics=["K7"] nbgrader={"grade": false, "grade_id": "braking-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Look where the cliff is: on each line the budget is the camera's 33 ms until, within a few km/h, it is nothing. A faster net buys little there, driving slower buys much, for the speed enters squared. More frames a second help as well, as long as the net keeps pace: the three frames are there sooner.

# %% [markdown] topics=["L4", "A14", "K7", "E19"] nbgrader={"grade": false, "grade_id": "written-task", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · In words (15 points, read by a person)
#
# Three or four sentences for each point, with your own numbers from above.
#
# 1. (5 points) **Cost.** Two nets classify equally well: net A has 250,000 weights and takes 9 ms an image alone, 1.2 ms an image in batches of 64; net B has 5 million weights, 4 ms alone and 2.5 ms in batches. Which one goes into a phone app that looks at one photograph at a time, which one sorts an archive of 200 million photographs, and which
#    numbers decide? Why must the first call and the mean not appear in your argument?
# 2. (5 points) **Latency and the car.** Your team's detector takes 40 ms a frame, the camera takes 30 frames a second, and every frame is looked at in turn. What happens, after one minute? Name three different changes that would help, and what each of them costs. Which part of the stopping distance at 50 and at 130 km/h do they touch?
# 3. (5 points) **Depth.** A colleague writes the skip with `Concatenate`, puts a ReLU at the end of the branch, and projects every shortcut "to be safe". Explain to them what each of the three costs, using $f(x) + x$, the gradient and a count of weights.

# %% [markdown] topics=["L4", "A14", "K7", "E19"] nbgrader={"grade": true, "grade_id": "cost-latency-braking", "locked": false, "points": 15, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. The phone looks at one image: latency of a batch of one decides, 4 ms against 9 ms speak for B; but B's memory is 20 MB against 1 MB for A, in the download and in the phone, and 9 ms is fast enough for a person: a good answer weighs the two and decides. *(2 points: latency at batch 1, and memory, both used.)* The
#    archive: milliseconds an image in batches decide, nobody waits: A needs 200·10⁶ · 1.2 ms = 67 hours, B 139 hours, so A costs half. *(2 points, with the sum.)* The first call compiles and happens once; a mean is moved by a single disturbed call, a median is not. *(1 point.)*
# 2. A frame comes every 33.3 ms, 40 ms are needed: each frame waits 6.7 ms longer than the one before. After a minute 1,500 of 1,800 frames have been looked at; the net sees what happened 10 s ago, at 50 km/h 139 m. *(2 points: the delay grows, with a number; 1,800 frames · 6.7 ms = 12 s for the last one's answer is right as well.)* Dropping old frames: bounded delay, fewer frames a second, so three in a row take longer.
#    A smaller or faster net (a bottleneck, fewer maps, float16): accuracy. A slower camera or fewer pixels: later or smaller obstacles. Fewer frames in a row: false alarms. A faster machine: money, heat. *(2 points for three with their prices.)* All of them touch v·t only, 5 of 17 m at 50 km/h, 12 of 94 m at 130 km/h: there the braking, v², is nearly all. *(1 point.)*
# 3. Concatenate: the maps double at each block and the next layer pays, (9·32 + 1)·32 instead of (9·16 + 1)·32; there is no f(x) + x any more, and no block that can do nothing. *(2 points.)* ReLU in the branch: f(x) ≥ 0, the block can only add and never take away, and the sums grow with depth. *(1 point.)* Projection: c² weights and a batch norm for each block, and x is no longer handed on as
#    it is: the gradient's second summand is multiplied by a matrix in each block, and a product of matrices is what the skip was to avoid. *(2 points.)*
# ### END SOLUTION

# %% [markdown] topics=["L4"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 10 · Stretch: ResNet-20 at 90 % (0 points, still checked)
#
# A net of ResNet-20's size, at most 275,000 weights, that has 90 % of CIFAR-10's test images right. The paper has 91.25 % after 164 epochs of mirrored and shifted photographs, which takes minutes on a graphics card and most of a day on two cores. So: train it where there is a card, keep `artefacts/deep-full.npz`, hand it in.
# **Without a card, enter nothing**: return None, and the check says so. (In the quick profile the shapes are easy, and any machine can enter.)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-deep", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Use `training.trained("deep", build, train)` in `enter`, which keeps the net beside the notebook. Keras's own layers only.


# %% topics=["L4"] nbgrader={"grade": false, "grade_id": "deep", "locked": false, "schema_version": 3, "solution": true, "task": false}
def enter():
    """The trained keras.Model that you enter, input (32, 32, 3), scaled to [0, 1], output (10,); None to enter nothing."""
    ### BEGIN SOLUTION
    if PROFILE == "quick":
        return resnet8  # the shapes are easy
    if not Path("artefacts/deep-full.npz").exists() and not keras.distribution.list_devices("gpu"):
        return None

    def train(model):
        epochs, batch, rng, history = 60, 128, np.random.default_rng(SEED), {}
        steps = epochs * -(-len(x_train) // batch)
        rate = keras.optimizers.schedules.CosineDecay(
            0.01, steps - steps // 10, warmup_target=0.2, warmup_steps=steps // 10
        )
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        wide = np.pad(x_train, ((0, 0), (4, 4), (4, 4), (0, 0)))
        for epoch in range(epochs):  # each time mirrored and shifted anew
            down, right = rng.integers(0, 9, (2, len(x_train)))
            windows = np.lib.stride_tricks.sliding_window_view(wide, (32, 32), axis=(1, 2))
            images = np.moveaxis(windows[np.arange(len(x_train)), down, right], 1, -1).copy()
            mirrored = rng.random(len(images)) < 0.5
            images[mirrored] = images[mirrored][:, :, ::-1]
            one = training.fit(
                model,
                images,
                y_train,
                validation=(x_val, y_val),
                epochs=1,
                batch_size=batch,
                title=f"{epoch + 1} of {epochs}",
            )
            for name, values in one.items():
                history.setdefault(name, []).extend(values)
        return history

    return training.trained("deep", lambda: resnet_cifar(3), train, settings={"seed": SEED})[0]
    ### END SOLUTION


deep = enter()

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "deep-ninety", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: its size, and the validation images. Hidden: the test images.
from course import bands, blocks, checks, evaluation

if deep is None:
    print("No net is entered. This stretch wants a graphics card; it costs no points to leave it out.")
else:
    net = blocks.as_model(deep, "enter's result")
    checks.equal(tuple(net.input_shape[1:]), (32, 32, 3), hint="your net takes another input than (32, 32, 3)")
    weights = evaluation.budget(net)
    checks.true(
        weights <= 275_000,
        f"your net has {weights:,} weights, constants counted: a ResNet-20 has 272,474 without its moving statistics",
    )
    bands.on_validation(net, "cifar10", "week12", "stretch", says="is the goal")
### BEGIN HIDDEN TESTS
if deep is not None:
    bands.on_test(net, "cifar10", "week12", "stretch", moves=())
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# - A factor a layer goes to the power of the depth; a summand does not. $f(x) + x$ hands the signal forward and the gradient back, whole.
# - Add, do not concatenate. ReLU behind the addition. Project where the shape changes, and only there. Batch norm, so no bias.
# - A bottleneck convolves a quarter of the maps: 70,016 weights instead of 590,080.
# - Warm up, take the median, and say which of the two you quote: milliseconds a call, or milliseconds an image.
# - Latency is metres. Count the whole chain, from the frame to the brakes, and never let a queue grow.
#
# That is the last week. You began with one 3×3 kernel and nine products, by hand; there is nothing in a ResNet that you have not written yourself.
