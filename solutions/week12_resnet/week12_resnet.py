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
# **Afterwards you can** write residual blocks and the nets made of them, tell degradation from vanishing, say in numbers what a skip does for signal and gradient, and state what a net costs to run: memory, milliseconds, money, metres. **Time** 3 hours. **You need** weeks 7 (blocks), 9 (gradients through depth) and 11 (the 1×1).
#
# | exercise | points |
# |---|--:|
# | *Part one: residual nets* | |
# | 1 `residual_block` | 20 |
# | 2 `forward`, `gradients` | 15 |
# | 3 `bottleneck` | 16 |
# | 4 `resnet_cifar` | 14 |
# | 5 `resnet8` | 6 |
# | *Part two: running a net* | |
# | 6 `time_calls`, `latency_card` | 8 |
# | 7 `stopping_distance` | 6 |
# | 8 in words, on both parts | 15 |
#
# Stuck? `course.hint("residual_block")`. Words: [glossary](../../course/glossary.md). Before: [week 11](../week11_inception/week11_inception.ipynb). `PROFILE` is set in the next cell, or by `course start 12 --profile full`; "full" uses CIFAR-10 in place of generated shapes.
#
# Part one begins where more depth made nets worse, and treats the addition that changed this. Part two measures what a net costs once it is trained.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import blocks, checks, datasets, evaluation, plots, training
import course

import time
from functools import partial
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)
plots.style()
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "0.5"

# %% [markdown] topics=["L1", "K3"] nbgrader={"grade": false, "grade_id": "deeper-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Two troubles of depth
#
# **Degradation.** He, Zhang, Ren and Sun (2015) trained plain nets, 3×3 convolutions with batch norm and ReLU, on CIFAR-10, with 20, 32, 44 and 56 layers. The net of 56 was worse than the one of 20, **on the training images as well**, so it did not overfit. A good net of 56 layers exists: the smaller net, then 36 layers that pass their input on. SGD found none as good: a failure of *optimisation*.
#
# **[Vanishing](../../course/glossary.md).** Without batch norm, and with weights of a bad size, each layer multiplies signal and gradient by a factor below 1. The notes this course follows picture 1 % lost per layer: $0.99^L$ is left, 57 % after 56 layers, 0.003 % after 1,024. Week 9 measured a factor of 0.36: 0.00004 after 10 layers.
#
# **The second does not explain the first.** He et al. say so (section 4.1): their plain nets have batch norm, so the forward signal keeps its spread, and they verified that the gradients have healthy norms. Neither vanishes. Why plain nets are hard to optimise they leave open; they conjecture very low convergence rates.
#
# The same block helps with both. Let every block *add* to what it was given. To pass the input on, a branch only has to be zero, which is easier to reach than an identity made of convolutions: their argument on degradation. And the added input carries signal and gradient past layers that would shrink them: you measure that in section 3, without batch norm.

# %% [markdown] topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "skip-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · f(x) + x
#
# A **residual block** computes
#
# $$\mathrm{out} = \mathrm{ReLU}\bigl(f(x) + x\bigr), \qquad f:\ 3{\times}3 \to \text{batch norm} \to \text{ReLU} \to 3{\times}3 \to \text{batch norm}.$$
#
# The two convolutions, the **branch**, no longer have to produce the output; they produce what has to be *changed* about the input, the residual. With a branch of zeros the block does nothing: $\mathrm{ReLU}(0 + x) = x$, since $x$ comes out of a ReLU.
#
# Three details matter.
#
# * **No ReLU at the end of the branch.** $f$ must be able to subtract; the ReLU comes later.
# * **Batch norm, then no bias.** Batch norm takes the mean away, and a bias with it. Its own β is the bias; with both, it is counted twice.
# * **Shapes.** $f(x)$ and $x$ can be added where they have the same shape. Where the block halves the side length (stride 2 in its first convolution) or changes the number of maps, the shortcut is **projected**: a 1×1 convolution with the same stride,
#   and batch norm. *Only* there: everywhere else the shortcut is $x$ itself, without weights.
#
# **Pre-activation.** In this block a ReLU stands on the path from block to block, so the sum is cut at 0 each time. He et al. (2016) move batch norm and ReLU before each convolution, BN → ReLU → 3×3 → BN → ReLU → 3×3, and put nothing after the addition: $x_{l+1} = x_l + f(x_l)$. Then $x_L = x_0 + \sum f(x_l)$ exactly, and the gradient has a path without any mask. With it a net of 1,001 layers had 4.9 % test errors on CIFAR-10, with the original block, trained alike, 7.6 %. You build the original one.

# %% topics=["L4", "L7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "skip-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Two residual blocks: the shape stays, and the shape changes
branch = ["batch norm, ReLU", "conv 3×3", "batch norm"]
plots.diagram(["x\n32×32×16", [["conv 3×3, 16", *branch], []], "add", "ReLU\n32×32×16"], title="The shape stays")
plots.show(
    "From x two ways lead to an addition: a branch of 3×3, batch norm and ReLU, 3×3, batch norm; and a line without any box, "
    "the identity. A ReLU comes after the addition."
)
plots.diagram(
    [
        "x\n32×32×16",
        [["conv 3×3, 32, stride 2", *branch], ["conv 1×1, 32, stride 2", "batch norm"]],
        "add",
        "ReLU\n16×16×32",
    ],
    title="The shape changes",
)
plots.show(
    "The same block from 32×32×16 to 16×16×32: the first 3×3 has stride 2, and on the other way stand a 1×1 of stride 2 and a "
    "batch norm, the projection."
)

# %% [markdown] topics=["G13", "E19"] nbgrader={"grade": false, "grade_id": "adds-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### It adds
#
# The notes say "filters added 16 + 16 = 32" about a skip connection, after a 3×3 with $(9\cdot16 + 1)\cdot32 = 4{,}640$ weights. That describes *concatenation*, as in Inception (week 11) and DenseNet: 16 and 16 maps are 32, and the next 3×3 to 32 maps pays 9,248. ResNet **adds**: 16 maps and 16 maps are 16 maps.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-residual_block", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `residual_block` (20 points)
#
# `blocks.model_of(residual_block, (32, 32, 16), 16)` is the net from an input of 32×32×16 to what your function returns, and you can print its summary. The checks look at shapes, at counted weights, and at what comes out (to two digits); names and order of layers are free.


# %% topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "residual_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def residual_block(x, filters, stride=1, project=None):
    """A residual block: relu(f(x) + shortcut(x)).

    x: Keras tensor (None, height, width, channels). f: convolution 3×3 with stride `stride`, batch norm, ReLU, convolution
    3×3, batch norm; both convolutions have `filters` maps, padding="same" and no bias.
    project: True, the shortcut is a 1×1 convolution with stride `stride` to `filters` maps, without bias, and a batch norm;
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
        raise ValueError(f"{x.shape[-1]} maps cannot be added to {filters} maps at a stride of {stride}: project")
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
# Shapes and weights of two blocks
from course import blocks, checks


def block_of(shape, *arguments):
    try:
        return blocks.model_of(residual_block, shape, *arguments)
    except ValueError as problem:
        checks.fail(
            "f(x) and x cannot be added: where the block changes the shape, x goes through a 1×1 convolution with the same stride",
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
    hint="a block of stride 1 keeps height and width, and has `filters` maps",
)
checks.integer(
    block.count_params(),
    4_736,
    unless={
        "a bias before batch norm is counted twice, for batch norm has its own: use_bias=False": 4_768,
        "batch norm is missing: one after each of the two convolutions": 4_608,
        "batch norm is missing after one of the two convolutions": 4_672,
        "batch norm is missing, and the convolutions have a bias in its place": 4_640,
        "the shortcut is projected though the shape stays: there it is x itself": 5_056,
        "the shortcut is projected though the shape stays (and without batch norm): there it is x itself": 4_992,
        "the branch has two convolutions": 2_368,
        "two batch norms, both in the branch: none after the addition, none on the shortcut": 4_800,
    },
    hint="twice 3·3·16·16, and twice the 4·16 numbers of a batch norm",
)
block = block_of((16, 16, 16), 32, 2)
checks.equal(
    tuple(block.output_shape[1:]),
    (8, 8, 32),
    unless={
        "a skip adds, it does not concatenate: 32 maps and 32 maps are 32 maps": (8, 8, 64),
        "the stride is taken twice: it belongs to the first convolution only": (4, 4, 32),
        "the stride changes nothing: it belongs to the first convolution, and to the shortcut": (16, 16, 32),
    },
    hint="a stride of 2 halves height and width",
)
checks.integer(
    block.count_params(),
    14_720,
    unless={
        "the projection has a batch norm as well": 14_592,
        "the projection has a batch norm in place of its bias": 14_624,
        "a bias before batch norm is counted twice: use_bias=False, in the projection too": 14_816,
        "a bias before batch norm is counted twice: use_bias=False": 14_784,
        "the projection has no bias either: batch norm comes after it": 14_752,
        "the projection is 1×1, not 3×3": 18_816,
        "the shortcut has no weights: cropped or pooled, and filled up with zeros, is the paper's option A; here it is projected": 14_080,
        "batch norm is missing": 14_336,
    },
    hint="3·3·16·32 + 3·3·32·32 in the branch, 16·32 in the projection, and three batch norms of 4·32",
)
checks.passed("shapes and weights: one keeps the shape, one changes it", points=5)

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "residual_block-zeroed", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# With a branch of zeros, relu(x) comes out
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
        "relu(0 + x) should come out, and x does: the last ReLU comes after the addition, not before it, nor (pre-activation) at the beginning of the branch": x,
        "with a branch of zeros nothing comes out: the skip is missing (or multiplied, not added)": np.zeros_like(x),
        "half of relu(x) comes out: the skip adds, it does not average": relu / 2,
        "x is added twice": 2 * relu,
        "a batch norm stands on the identity path: where the shape stays, x is added as it is": relu / np.sqrt(1.001),
        "a batch norm stands on the identity path: where the shape stays, x is added as it is.": x / np.sqrt(1.001),
    },
    hint="with all kernels 0 the branch is 0, and relu(x) should come out: is anything on the way of x that changes it?",
)
checks.passed("a branch of zeros leaves relu(x)", points=5)

# %% topics=["L7"] nbgrader={"grade": true, "grade_id": "residual_block-project", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# project=True on a shape that stays
# When graded: where a projection is needed and where not, and what is refused
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
    hint = f"{shape[-1]} maps to {filters} at a stride of {stride}: the shape changes, so the shortcut is projected"
    block = built(hint, shape, filters, stride)
    side = -(-shape[0] // stride)
    checks.equal(tuple(block.output_shape[1:]), (side, side, filters), hint="a stride of 2 halves the side, rounded up")
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
checks.passed(
    "project=True on a shape that stays",
    points=4,
    later="where a projection is needed and where not, and what is refused",
)

# %% topics=["L4", "L7", "L5"] nbgrader={"grade": true, "grade_id": "residual_block-computes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# A stride of 2 halves height and width
# When graded: random weights against an independent computation; the pixels a projection takes
from course import blocks, checks

block = blocks.model_of(residual_block, (8, 8, 3), 5, 2)
checks.equal(tuple(block.output_shape[1:]), (4, 4, 5), hint="a stride of 2 halves height and width")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(1201)

# The projection alone: a 1×1 kernel that copies, and a branch of zeros. It takes every second pixel, the first one included.
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
        "the shortcut is max-pooled: the 1×1 takes the stride itself": pooled.max(axis=(2, 4)),
        "the shortcut is averaged: the 1×1 takes the stride itself": np.maximum(
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
    checks.true(named <= values.keys(), "a bias comes before batch norm: use_bias=False", f"found {sorted(named)}")
    changes = {
        "a ReLU stands at the end of the branch: f(x) must be able to subtract, the ReLU comes after the addition": {
            "before": "relu"
        },
        "the ReLU stands before the addition, and none after it": {"before": "relu", "after": "linear"},
        "the ReLU between the two convolutions is missing: without it they are one": {"between": "linear"},
        "the shortcut goes through a ReLU: it is x, or its projection, and nothing more": {"skip": "relu"},
        "batch norm comes before the ReLU, right after the convolution": {"early": True},
        "the block's non-linearity is ReLU": {"between": "tanh"},
    }
    if stride > 1:
        changes["the stride belongs to the block's first convolution, not to its second"] = {"step": 1}
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
checks.passed(
    "a stride of 2 halves height and width",
    points=6,
    later="random weights against an independent computation; the pixels a projection takes",
)

# %% [markdown] topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "block-look-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### What is left of the picture
#
# Two stacks of blocks with random weights and eight maps, plain ones and yours. After each depth the picture is reconstructed from the eight maps as well as a linear regression per pixel can. **Predict first**: after how many plain blocks will half of the picture's variance be lost, and after how many residual ones?

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("cifar10", PROFILE, seed=SEED)
some = slice(2000 if PROFILE == "quick" else None)  # of the generated shapes the second 2,000 will do
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


# %% topics=["L1", "L4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "block-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A picture, reconstructed from what stands after random blocks
def through(block, depths):
    """A net that returns what comes out after so many blocks, one output for each of `depths`."""
    x = inputs = keras.Input((32, 32, 3))
    outputs = []
    for number in range(1, max(depths) + 1):
        x = block(x, 8)
        if number in depths:
            outputs.append(x)
    return keras.Model(inputs, outputs)


with checks.waiting_for("residual_block"):
    depths = (1, 2, 4, 8, 16)
    keras.utils.set_random_seed(SEED)
    picture = x_train[0].astype(float)
    fig, axes = plt.subplots(2, len(depths) + 1, figsize=(9.8, 4.1), layout="constrained")
    for row, (name, block) in zip(axes, (("plain", plain_block), ("residual", residual_block)), strict=True):
        row[0].imshow(picture)
        row[0].set(title="the picture", ylabel=name)
        for ax, maps, number in zip(row[1:], through(block, depths)(x_train[:1]), depths, strict=True):
            maps = np.asarray(maps, dtype=float)[0].reshape(1024, -1)
            known = np.hstack([maps / max(maps.max(), 1e-300), np.ones((1024, 1))])
            pixels = picture.reshape(1024, 3)
            guess = known @ np.linalg.lstsq(known, pixels, rcond=None)[0]
            kept = 1 - ((guess - pixels) ** 2).sum() / ((pixels - pixels.mean(axis=0)) ** 2).sum()
            ax.imshow(np.clip(guess, 0, 1).reshape(32, 32, 3))
            ax.set_title(f"after {number}: {kept:.0%}")
        for ax in row:
            ax.set(xticks=[], yticks=[])
    fig.suptitle("Reconstructed from eight maps after random blocks; share of the picture's variance")
    plots.show(
        "Two rows of a picture reconstructed after 1, 2, 4, 8 and 16 random blocks. With plain blocks it blurs and fades with depth; with "
        "residual blocks it stays recognisable for longer. The titles give the share of variance kept."
    )

# %% [markdown] topics=["L5", "K3"] nbgrader={"grade": false, "grade_id": "gradient-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Backward: the gradient that is kept
#
# In an addition, the gradient goes to *every* summand unchanged: of $w = q + p + r$ the derivative with respect to each of $q$, $p$, $r$ is 1. So what arrives at a block's input is
#
# $$\frac{\partial L}{\partial x} = \underbrace{\frac{\partial L}{\partial\,\mathrm{out}}\cdot f'(x)}_{\text{through the branch}} + \underbrace{\frac{\partial L}{\partial\,\mathrm{out}}}_{\text{kept by the skip}}$$
#
# (where the last ReLU is open). In the notes' numbers 0.0000078 comes back through the layers and 0.07 through the skip; the sum is 0.0700078. After many blocks with slopes $a_1, a_2, \dots$ a plain net multiplies, $a_1a_2a_3\cdots$, and a residual one
# multiplies $(1+a_1)(1+a_2)(1+a_3)\cdots = 1 + a_1 + a_2 + \dots + a_1a_2 + \dots$: a sum over all ways through the net, of which the shortest has no layer in it.
#
# Week 9's net, with a skip: block $l$ has two matrices,
#
# $$u_l = \mathrm{ReLU}(h_{l-1}A_l), \qquad h_l = \mathrm{ReLU}(u_lB_l + h_{l-1}).$$
#
# *Worked.* $x = (1, 2)$, $A = \begin{pmatrix}1&-1\\0&1\end{pmatrix}$, $B = \begin{pmatrix}-1&1\\0.5&-4\end{pmatrix}$. Forward: $xA = (1, 1) = u$, $uB = (-0.5, -3)$, with the skip $(0.5, -1)$, so $h = (0.5, 0)$. (Without it: $h = (0, 0)$, and the block is dead.) Backward, with
# $\partial L/\partial h = (1, 1)$: the ReLU lets $\delta = (1, 0)$ through; $\partial L/\partial B = u^\top\delta = \begin{pmatrix}1&0\\1&0\end{pmatrix}$ with norm 1.414; at $u$ arrives $\delta B^\top = (-1, 0.5)$; $\partial L/\partial A = x^\top(-1, 0.5) = \begin{pmatrix}-1&0.5\\-2&1\end{pmatrix}$ with norm
# 2.5. At $x$: through the branch $(-1, 0.5)A^\top = (-1.5, 0.5)$, by the skip $\delta = (1, 0)$, in total $(-0.5, 0.5)$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-gradients", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `forward` and `gradients` (15 points)
#
# NumPy only, dense blocks without batch norm, as in week 9. Your two functions then train a net of 56 layers. Compared with measured slopes to four digits.


# %% topics=["L5", "K3", "L4"] nbgrader={"grade": false, "grade_id": "gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(x, pairs, residual=True):
    """The activations of a net of blocks: relu(relu(h A) B + h), or relu(relu(h A) B) for residual=False.

    x: (N, D). pairs: a list of (A, B), A of shape (D, M) and B of shape (M, D), one pair per block.
    Returns the list [x, h_1, ..., h_L], each (N, D).
    """
    ### BEGIN SOLUTION
    layers = [x]
    for a, b in pairs:
        total = np.maximum(layers[-1] @ a, 0) @ b + (layers[-1] if residual else 0)
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
# The worked block, and two of them in a row
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
        "the ReLU comes after the addition: relu(u B + h), not relu(u B) + h": [[1.0, 2.0]],
        "the last ReLU, after the addition, is missing": [[0.5, -1.0]],
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
checks.passed("the worked block forward, two in a row, and one without skip", points=2)

# %% topics=["L5"] nbgrader={"grade": true, "grade_id": "gradients-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The worked block, backward
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
checks.passed("the worked block backward", points=3)

# %% topics=["L5", "K3"] nbgrader={"grade": true, "grade_id": "gradients-slopes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Two blocks, two images: shapes
# When graded: random residual nets, against measured slopes
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
        hint="dx differs from the measured slopes: at each block the skip's part is added to the branch's, after the masks of both ReLUs",
    )
    flat = [one for pair in grads for one in pair]
    checks.true(len(flat) == len(expected), "a gradient for every matrix, two per block")
    for number, (one, right) in enumerate(zip(flat, expected, strict=True)):
        block, letter = number // 2 + 1, "AB"[number % 2]
        checks.close(
            one,
            right,
            rtol=1e-4,
            atol=1e-6,
            unless={
                "first block first: turn the list around": expected[len(expected) - 2 - number + 2 * (number % 2)],
                "a matrix's gradient is the sum over the images: dout holds any mean already": right / images,
            },
            hint=f"∂L/∂{letter} of block {block} differs from the measured slopes: is the ReLU inside the branch masked, and what the skip keeps passed on?",
        )
### END HIDDEN TESTS
checks.passed(
    "a pair of gradients per block, of the right shapes",
    points=6,
    later="random residual nets, against measured slopes",
)

# %% topics=["L5", "K3"] nbgrader={"grade": true, "grade_id": "gradients-depths", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Depths 8, 20 and 56: does a gradient arrive at the first matrix?
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
checks.passed("the plain gradient vanishes, the residual one stays", points=2)

# %% topics=["K3"] nbgrader={"grade": true, "grade_id": "gradients-plain", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# residual=False on a net of one unit
# When graded: a chain of matrices
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
checks.passed("residual=False on a net of one unit", points=2, later="a chain of matrices")

# %% topics=["L5", "K3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "gradient-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Gradient norms by layer, plain and residual, at three depths
with checks.waiting_for("gradients"):
    width, spread = 64, 0.36 * np.sqrt(2 / 64)
    depths = (8, 20, 56)
    fig, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
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
    axes[0].legend(fontsize=9, ncol=2)
    axes[1].legend()
    fig.suptitle("64 wide, ReLU, a layer keeps 0.36 of the signal, before any training")
    plots.show(
        "Left, on a logarithmic axis, gradient norms by matrix: the plain nets' are constant within a net and "
        "lower by many powers of ten for each depth; the residual ones stay near the same height at depths 8, "
        "20 and 56. Right: the first matrix's norm over depth, falling steeply for plain nets, level for "
        "residual ones."
    )

# %% [markdown] topics=["L5", "K3"] nbgrader={"grade": false, "grade_id": "gradient-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# In the plain net of 56 layers a gradient of some $10^{-23}$ arrives: at any usual rate no weight changes noticeably. In the residual net the norms hardly depend on depth.
#
# ### Do they train?
#
# Your two functions and some 30 lines: SGD with momentum on small versions of the images, without batch norm. Five starts: plain and residual, each with weights of a bad size (0.36, as above) and of He's size (1.00, week 9); and a residual net of He's size whose second matrices $B$ are 0, so that each block begins as the identity. **Predict first**: which of the five train at 56 layers? Does a residual net need weights of the right size?

# %% topics=["L1", "L5", "K3"] nbgrader={"grade": false, "grade_id": "dense-training", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
small = x_train[:900].reshape(-1, 8, 4, 8, 4, 3).mean(axis=(2, 4)).reshape(900, -1)
small = (small - small.mean(axis=0)) / (small.std(axis=0) + 1e-6)


def train_dense(depth, residual, keeps, second, epochs=4, rate=0.02, width=64, batch=50):
    """(spread of the last block before training, mean training loss in each epoch), by SGD with momentum 0.9."""
    rng = np.random.default_rng(SEED)
    start = np.maximum(small @ rng.normal(0, small.shape[1] ** -0.5, (small.shape[1], width)), 0)
    spread = keeps * (2 / width) ** 0.5
    matrices = [rng.normal(0, spread, (width, width)) * (second if n % 2 else 1) for n in range(depth - 2)]
    matrices.append(np.zeros((width, 10)))
    at_first = forward(start, list(zip(matrices[:-1:2], matrices[1:-1:2], strict=True)), residual)[-1].std()
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
    return at_first, losses


# %% topics=["L1", "L5", "K3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "dense-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Training losses of five starts at three depths
with checks.waiting_for("gradients"), np.errstate(all="ignore"):
    kinds = {
        "plain, 0.36": (False, 0.36, 1, GREY, "x:"),
        "plain, He": (False, 1.0, 1, ORANGE, "s--"),
        "residual, 0.36": (True, 0.36, 1, BLUE, "o-"),
        "residual, He": (True, 1.0, 1, RED, "D--"),
        "residual, He, B = 0": (True, 1.0, 0, GREEN, "^-"),
    }
    curves = {(name, depth): train_dense(depth, *kind[:3]) for name, kind in kinds.items() for depth in (8, 20, 56)}
    fig, axes = plt.subplots(1, 3, figsize=(10, 4), layout="constrained", sharey=True)
    for (name, depth), (at_first, losses) in curves.items():
        ax, (*_, colour, style) = axes[(8, 20, 56).index(depth)], kinds[name]
        failed = "" if np.isfinite(losses).all() else " (NaN: not drawn)"
        ax.plot(range(1, len(losses) + 1), losses, style, color=colour, label=f"{at_first:.1e}{failed}")
        ax.set(title=f"{depth} layers", xlabel="epoch", xticks=range(1, len(losses) + 1), ylim=(1.5, 3.2))
    for ax in axes:
        ax.grid(alpha=0.3)
        ax.legend(frameon=False, title="spread after the last block, at first", title_fontsize=9, fontsize=9)
    axes[0].set_ylabel("training loss")
    fig.legend(
        [
            plt.Line2D([], [], color=kind[3], linestyle=kind[4].lstrip("xsoD^"), marker=kind[4][0])
            for kind in kinds.values()
        ],
        list(kinds),
        ncol=3,
        loc="outside lower center",
        frameon=False,
    )
    plots.show(
        "Training loss over four epochs at 8, 20 and 56 layers. Plain with 0.36 stays at 2.3 everywhere. Plain with He's size falls at 8 "
        "layers and hardly at 56. Residual with 0.36, and with B = 0, fall at every depth. Residual with He's size falls at 8, stays near 2.3 or above "
        "at 20, and ends in NaN at 56."
    )

# %% [markdown] topics=["L1", "L5"] nbgrader={"grade": false, "grade_id": "dense-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The plain net with weights of a bad size stays at $\log 10 = 2.303$ at every depth: nothing arrives. He's size trains at 8 layers, and hardly at 56.
#
# **A residual net needs the right size, too, but another one.** With He's size a branch is about as large as its input, so the sum grows from block to block: a spread of 10⁴ and more after 27 blocks, and NaN at the first steps. With 0.36 a branch adds little, which is why that start, bad for a plain net, is good here. Two remedies work at any depth: start each branch at zero, as in the last curve (with batch norm: the last γ of a branch at 0; Goyal et al., 2017), or use **batch norm** in the branch, which fixes its size whatever the weights. Then the variance grows in proportion to the depth, and not as a power of it (De and Smith, 2020). Your `residual_block` has it.

# %% [markdown] topics=["L2", "L3", "L6", "K6"] nbgrader={"grade": false, "grade_id": "bottleneck-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · The bottleneck
#
# The notes' three sketches, and what they cost:
#
# 1. 32×32×3 → 3×3×32 → 30×30×32 → 1×1×1024 → 30×30×1024. The second step has $(32 + 1)\cdot1024 = 33{,}792$ weights. A 1×1 makes many maps cheaply; the *next* layer pays for them.
# 2. 34×34×128 → 1×1×64 → 34×34×64 → 3×3×128 → 32×32×128. First reduce, then convolve: $8{,}256 + 73{,}856 = 82{,}112$ weights, against $147{,}584$ for the 3×3 on all 128 maps.
# 3. 48×48×256 → **decrease**, 1×1×64 → 48×48×64 → 3×3×64 → 48×48×64 → **increase**, 1×1×256 → 48×48×256. $16{,}448 + 36{,}928 + 16{,}640 = 70{,}016$ weights, against $590{,}080$ for one 3×3 from 256 to 256 maps: 88.1 % saved. (Weights are $(m\cdot n\cdot d + 1)\cdot K$, with a bias, as in week 3.)
#
# The third is ResNet's **bottleneck**, the branch of ResNet-50 and deeper ones. The expensive 3×3 works on a quarter of the maps, and since input and output both have 256, the skip fits without a projection.


# %% topics=["L2", "L3", "K6"] nbgrader={"grade": false, "grade_id": "chain-cost", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def chain_cost(shape, layers, padding="valid"):
    """What a chain of convolutions of stride 1, each with a bias, costs.

    shape: (height, width, channels) of the input. layers: a list of (k, maps), a k×k convolution to so many maps. padding: "valid" or "same", for all.
    Returns a list with one row per layer, (height, width, maps, weights, macs), ints: the output's shape; the weights with biases; the
    multiplications for one image, without biases.
    Raises ValueError where a kernel is larger than its map (padding "valid"), and for another padding.
    """
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


for name, shape, layers, padding in (
    ("sketch 1", (32, 32, 3), [(3, 32), (1, 1024)], "valid"),
    ("sketch 2", (34, 34, 128), [(1, 64), (3, 128)], "valid"),
    ("sketch 3", (48, 48, 256), [(1, 64), (3, 64), (1, 256)], "same"),
):
    for h, wide, maps, weights, macs in chain_cost(shape, layers, padding):
        print(f"{name}: {h}×{wide}×{maps}, {weights:,} weights, {macs / 1e6:.1f} million multiplications")

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-bottleneck", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `bottleneck` (16 points)
#
# Here convolutions have biases and no batch norm, as the notes count them. Compared to three digits.


# %% topics=["L2", "L3", "L6", "K6"] nbgrader={"grade": false, "grade_id": "bottleneck", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bottleneck(x, inner):
    """A bottleneck block: relu(f(x) + x), where f is 1×1 to `inner` maps, ReLU, 3×3 to `inner` maps, ReLU, 1×1 to the maps of x.

    x: Keras tensor (None, height, width, channels). The convolutions have a bias, no batch norm, and keep height and width.
    Returns a Keras tensor of the shape of x.
    """
    ### BEGIN SOLUTION
    y = keras.layers.Conv2D(inner, 1, activation="relu")(x)
    y = keras.layers.Conv2D(inner, 3, padding="same", activation="relu")(y)
    y = keras.layers.Conv2D(x.shape[-1], 1)(y)
    return keras.layers.ReLU()(keras.layers.Add()([y, x]))
    ### END SOLUTION


# %% topics=["L6"] nbgrader={"grade": true, "grade_id": "bottleneck-weights", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# The block of sketch 3 has 70,016 weights
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
        "there is a batch norm after the convolutions: here there is none, as the notes count": 70_016 + 4 * 384,
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
checks.passed("shape and 70,016 weights of sketch 3", points=7)

# %% topics=["L4", "L6"] nbgrader={"grade": true, "grade_id": "bottleneck-computes", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
# The shape stays, also with seven maps
# When graded: other sizes, random weights against an independent computation
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
    block = blocks.model_of(bottleneck, shape, inner)
    checks.integer(
        block.count_params(),
        (shape[-1] + 1) * inner + (9 * inner + 1) * inner + (inner + 1) * shape[-1],
        hint="other maps: `inner` of them in the middle, and the maps of x at the end",
    )
    images = rng.normal(size=(3, *shape)).astype("float32")
    changes = {
        "a ReLU stands at the end of the branch: f(x) must be able to subtract, the ReLU comes after the addition": {
            "before": "relu"
        },
        "the ReLU stands before the addition, and none after it": {"before": "relu", "after": "linear"},
        "the last ReLU, after the addition, is missing": {"after": "linear"},
        "the skip is missing: f(x) + x": {"skip": False},
        "the ReLU after the first 1×1 is missing": {"first": "linear"},
        "the ReLU after the 3×3 is missing": {"second": "linear"},
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
checks.passed(
    "the shape stays with seven maps, three inside",
    points=9,
    later="other sizes, random weights against an independent computation",
)

# %% topics=["L3", "L6"] tags=["draw"] nbgrader={"grade": false, "grade_id": "bottleneck-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What the bottleneck saves, in weights and in work
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
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", sharey=True)
    names = []
    for shape, chains, padding in ways.values():
        for name, layers in chains.items():
            rows = chain_cost(shape, layers, padding)
            for ax, column, unit in ((axes[0], 3, 1e3), (axes[1], 4, 1e6)):
                left = 0.0
                for (k, _), row in zip(layers, rows, strict=True):
                    ax.barh(
                        len(names), row[column] / unit, left=left, color=BLUE if k == 3 else ORANGE, edgecolor="0.6"
                    )
                    left += row[column] / unit
                ax.text(left, len(names), f" {left:,.0f}", va="center", fontsize=9)
            names.append(f"{shape[-1]} maps: {name}")
    for ax, title, unit in (
        (axes[0], "Weights", "thousand weights"),
        (axes[1], "Work", "million multiplications per image"),
    ):
        ax.set(title=title, xlabel=unit, yticks=range(len(names)), yticklabels=names)
        ax.margins(x=0.12)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    for colour, label in ((BLUE, "3×3"), (ORANGE, "1×1")):
        axes[0].barh(0, 0, color=colour, label=label)
    axes[0].legend(frameon=False, loc="lower right")
    fig.suptitle("What the bottleneck saves")
    plots.show(
        "Two groups of horizontal bars, weights and work: a 3×3 on all 256 maps is about eight times as long "
        "as the bottleneck of 64, which is about as long as two 3×3 on 64 maps; reduction to 64 of 128 maps "
        "saves less than half."
    )
    one, three = (
        chain_cost((48, 48, 256), [(3, 256)], "same"),
        chain_cost((48, 48, 256), [(1, 64), (3, 64), (1, 256)], "same"),
    )
    print(
        f"saved: {1 - sum(row[3] for row in three) / one[0][3]:.1%} of the weights, {1 - sum(row[4] for row in three) / one[0][4]:.1%} of the work"
    )

# %% [markdown] topics=["L6"] nbgrader={"grade": false, "grade_id": "bottleneck-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# For the price of two 3×3 on 64 maps the bottleneck carries 256. ResNet-50, with bottlenecks, needs little more work than ResNet-34 without (3.8 and 3.6 billion; He et al., 2015), on an identity path four times as wide.

# %% [markdown] topics=["L4", "L7"] nbgrader={"grade": false, "grade_id": "net-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · ResNets for small photographs
#
# The paper's nets for CIFAR-10 are set by one number, $n$:
#
# | stage | output | blocks | first stride |
# |---|---|---|---|
# | 3×3 to 16 maps, batch norm, ReLU | 32×32×16 | | 1 |
# | residual blocks of 16 maps | 32×32×16 | $n$ | 1 |
# | residual blocks of 32 maps | 16×16×32 | $n$ | 2 |
# | residual blocks of 64 maps | 8×8×64 | $n$ | 2 |
# | global average, softmax over the classes | 10 | | |
#
# Two convolutions per block, one at the start and one dense layer: $6n + 2$ layers (projections are not counted). $n = 1, 3, 9$ are ResNet-8, -20 and -56.
#
# **Which weights?** Papers and programs count differently; the checks count so: no convolution has a bias; **each one, a projection too, has a batch norm after it**, whose four numbers per map (γ, β and the two moving statistics) all count; the shortcut is projected
# where the shape changes, in two blocks of the whole net. (On CIFAR-10 the paper filled up with zeros instead.) Then
#
# * ResNet-8: 432 + 64 in the first layer, 4,736 + 14,720 + 58,112 in the three blocks, 650 in the head: **78,714**.
# * ResNet-20: **274,042**.
#
# The *plain* net of the same depth has no shortcuts and no projections.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-resnet_cifar", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `resnet_cifar` (14 points)
#
# Use your `residual_block` and the given `plain_block`. Counts are exact; outputs are compared to two digits.


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
# ResNet-8 and ResNet-20, and the plain net of 8 layers
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
            "the convolutions have no bias, for batch norm comes after each": wanted + biases,
            "the convolutions have no bias, for batch norm comes after each, the projections included": wanted
            + biases
            + 96,
            "a batch norm comes after each projection, too": wanted - 384,
            "biases in the convolutions, no batch norm after the projections: a well-known example program counts so, the table does not": wanted
            - 384
            + biases,
            "the first stage keeps its shape, so none of its blocks is projected": wanted + 256 + 64,
            "batch norm and ReLU follow the very first convolution, too": wanted - 64,
            "a global average comes before the softmax, not Flatten": wanted + 40_320,
            "this is the plain net: the shortcuts are missing, or have no projections where the shape changes": wanted
            - 2_944,
            "n blocks a stage, not 2n: each has two convolutions already, so 6n + 2 layers": wanted + 97_664 * n,
            "the stride of 2 belongs in the first block of the second and third stage, where the maps change": {
                1: -1,
                3: wanted + 5_504,
            }[n],
            "the stride of 2 belongs in the first block of the second and third stage, not in each": {
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
checks.passed("the weights of ResNet-8, ResNet-20 and the plain net", points=5)

# %% topics=["L4", "L7"] nbgrader={"grade": true, "grade_id": "resnet_cifar-sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Another width and number of classes
# When graded: other depths, widths, numbers of classes
from course import blocks, checks

net = blocks.as_model(resnet_cifar(1, width=4, classes=7), "resnet_cifar's result")
checks.equal(net.output_shape, (None, 7), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(1208)
for n, residual in ((2, True), (3, False)):
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
checks.passed("another width and number of classes", points=4, later="other depths, widths, numbers of classes")

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet_cifar-computes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The plain net of another width has ten outputs
# When graded: random weights against an independent computation, residual and plain
from course import blocks, checks

plain = blocks.as_model(resnet_cifar(1, False, 4), "resnet_cifar's result")
checks.equal(plain.output_shape, (None, 10), hint="ten numbers come out, one for each class")
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
    net = blocks.as_model(resnet_cifar(n, residual, width), "resnet_cifar's result") if residual else plain
    changes = {
        "the ReLU after the very first batch norm is missing": {"first": "linear"},
        "the ReLU inside the blocks is missing": {"between": "linear"},
        "the head takes the average of each map, not its maximum": {"pool": "max"},
        "the outputs are no probabilities: end in a softmax": {"last": "linear"},
        "the last layer is a softmax over the classes": {"last": "sigmoid"},
    }
    if residual:
        changes["the blocks have a ReLU before the addition"] = {"before": "relu"}

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
        hint="with the same weights the net gives other numbers: the stride of 2 in the first block of the second and third stage, ReLU after every addition, the average, softmax",
    )
### END HIDDEN TESTS
checks.passed(
    "ten outputs of the plain net",
    points=5,
    later="random weights against an independent computation, residual and plain",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-resnet8", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Train one
#
# A ResNet-8 needs 12.5 million multiplications per image. Use a rate that rises and falls, as in weeks 6 and 7, and a few epochs.
#
# ### Exercise 5 · `resnet8` (6 points)
#
# 2 points for the right net, trained to half of the first row's accuracy; 4 for the accuracies below. "Moved" means: shifted by one pixel. The trained net is kept in `artefacts/`: hand that folder in as well, else the grader trains it again.

# %% nbgrader={"grade": false, "grade_id": "asks-resnet8", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from course import bounds

bounds.show("week12", "first", "slack", "moved")


# %% topics=["L4"] nbgrader={"grade": false, "grade_id": "resnet8", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_resnet(model):
    """Compile `model`, as resnet_cifar makes it, and train it on x_train, y_train with x_val, y_val as validation.

    Returns its history: a dict with the lists "loss", "accuracy", "val_loss" and "val_accuracy", one float per epoch.
    """
    ### BEGIN SOLUTION
    epochs, batch = (4, 128) if PROFILE == "full" else (3, 32)
    steps = epochs * -(-len(x_train) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.01, steps - steps // 4, alpha=0.01, warmup_target=0.1, warmup_steps=steps // 4
    )
    model.compile(keras.optimizers.SGD(rate, 0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=epochs, batch_size=batch)
    ### END SOLUTION


resnet8, resnet8_history = training.trained("resnet8", lambda: resnet_cifar(1), train_resnet, settings={"seed": SEED})

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet8-net", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Its weights, and that it has been trained
# When graded: that it is a ResNet-8, whatever its layers are called
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
### BEGIN HIDDEN TESTS
import keras

from course import nets

layers = keras.layers


def convolution(x, maps, size=3, stride=1):
    x = layers.Conv2D(maps, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


inputs = keras.Input((32, 32, 3))
x = layers.ReLU()(convolution(inputs, 16))
for maps, stride in ((16, 1), (32, 2), (64, 2)):
    y = convolution(layers.ReLU()(convolution(x, maps, stride=stride)), maps)
    x = layers.ReLU()(layers.Add()([y, x if stride == 1 else convolution(x, maps, 1, stride)]))
reference = keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
checks.true(
    nets.same_net(net, reference, np.random.default_rng(1214)),
    "the net has as many weights as a ResNet-8, and with the same weights it computes something else: another graph",
)
### END HIDDEN TESTS
checks.passed("78,714 weights, and trained", points=2, later="that it is a ResNet-8, whatever its layers are called")

# %% topics=["L4"] nbgrader={"grade": true, "grade_id": "resnet8-first", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The accuracy, on validation images
# When graded: the test images, as they are and moved by a pixel
from course import bands, blocks, checks, evaluation

net = blocks.as_model(resnet8, "resnet8")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
checks.true(evaluation.budget(net) <= 78_714, "the net has more weights than a ResNet-8, constants counted")
bands.on_validation(net, "cifar10", "week12", "first", says="is asked for")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week12", "first")
### END HIDDEN TESTS
checks.passed(
    "near the accuracy asked for, on validation images",
    points=4,
    later="the test images, as they are and moved by a pixel",
)

# %% [markdown] topics=["L1", "L4"] nbgrader={"grade": false, "grade_id": "curves-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Plain against residual, as convolutional nets
#
# These nets have batch norm, so what they can show is degradation, not vanishing. At 8 layers expect little difference (try it: `train_resnet(resnet_cifar(1, residual=False))`). In the full profile the next cell trains two nets of 56 layers, plain and residual, 8 maps wide, on 4,000 photographs, and keeps them. Five epochs show how each begins; for the end see He et al. (2015), figure 6.


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
        plots.show(
            "Left the training loss, right the validation accuracy over five epochs for a plain and a residual "
            "net of 56 layers."
        )
else:
    print('Two nets of 56 layers are trained here in the full profile: PROFILE = "full".')

# %% [markdown] topics=["A14"] nbgrader={"grade": false, "grade_id": "latency-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Part two: running a net (14 points, and 10 of those in words)
#
# ## 7 · What a net costs to run
#
# Training is paid once. Running is paid for every image:
#
# * **Memory.** Four bytes per weight in float32: a ResNet-8 takes 0.31 MB, a VGG16 553 MB.
# * **Milliseconds per image.** A call on a batch of $b$ images takes $t_b$; an image then costs $t_b/b$. Larger batches are cheaper per image, because the fixed cost of a call is shared, until the cores are busy.
# * **Latency.** An image has to *wait for its whole batch*: from call to answer it takes $t_b$, however small $t_b/b$ is. Sorting photographs at night asks for the first of these numbers, braking a car for the second.
# * **Money.** A machine is paid per hour.
#
# Two rules of measuring. **The first call is different**: Keras traces and compiles the net for it. Leave it out. **Take the median** of several calls, not the mean: other programs disturb, and only ever make a call slower.
#
# *Worked.* Calls on 8 images take 500 (the first), 26, 24, 40 and 25 ms. Without the first, the median is (25 + 26)/2 = 25.5 ms: latency 25.5 ms, 3.1875 ms per image. A million images take 3,187.5 s, 0.885 hours; at 0.36 per hour they cost 0.32.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-latency_card", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `time_calls` and `latency_card` (8 points)
#
# `time.perf_counter()` is the clock. The checks never ask how fast your machine is. They hand `time_calls` a net that counts its calls and takes a known time for each, and compute cards to five digits.


# %% topics=["A14"] nbgrader={"grade": false, "grade_id": "latency_card", "locked": false, "schema_version": 3, "solution": true, "task": false}
def time_calls(model, sizes, runs=5):
    """How long calls of a net take, the very first included.

    model: keras.Model with one input. sizes: batch sizes, ints. runs: how many calls to time after the first.
    Calls model.predict_on_batch on random images of the model's input shape, float32.
    Returns {batch size: [runs + 1 durations in seconds, in the order in which they were measured]}.
    """
    ### BEGIN SOLUTION
    seconds = {}
    for size in sizes:
        images = np.random.random((size, *model.input_shape[1:])).astype("float32")
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
    fewest milliseconds per image, the smallest of equal ones; "cost_of_a_million", images, at the best batch size.
    Raises ValueError when a list holds nothing but its warm-up.
    """
    ### BEGIN SOLUTION
    latency = {}
    for size, durations in seconds.items():
        if len(durations) < 2:
            raise ValueError(f"there is nothing after the warm-up for batches of {size}")
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
# The worked card
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
            "of an even number of calls the median lies half-way between the two in the middle": {1: 11.0, 8: 26.0},
            "of an even number of calls the median lies half-way between the two in the middle.": {1: 11.0, 8: 25.0},
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
    unless={"the best batch has the least milliseconds per image, not the least latency": 1},
    hint="3.1875 ms per image, with 8",
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
checks.passed("the worked card", points=3)

# %% topics=["A14"] nbgrader={"grade": true, "grade_id": "latency_card-calls", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A net that counts its calls, and takes a known time for each
# When graded: other batches, images and numbers of runs
import time

import numpy as np

from course import checks, paced


def timed(shape, pace, sizes, runs):
    """Compare time_calls with a net whose n-th call on a batch of b images takes b · pace[n] seconds."""
    began = time.perf_counter()
    found = time_calls(paced.Net(shape, pace), sizes, runs=runs)
    around = time.perf_counter() - began
    checks.true(
        isinstance(found, dict) and set(found) == set(sizes),
        "time_calls returns a dict with a list for each batch size",
        f"found {found}",
    )
    for size in sizes:
        times, least = found[size], [size * seconds for seconds in pace]
        checks.true(
            isinstance(times, (list, tuple)) and len(times) == runs + 1,
            "runs + 1 durations: the first call belongs in the list, and the card leaves it out",
            f"found {times} for runs={runs}",
        )
        checks.true(
            all(isinstance(t, (float, np.floating)) and 0 < t < 60 for t in times),
            "a duration is a positive number of seconds: the clock after the call, minus the clock before it",
        )
        checks.true(
            sum(times) <= 1.02 * around + 0.005,
            "the durations add up to more than all of time_calls took: each is measured around one call, in seconds",
            f"{sum(times):.3f} s in a list, {around:.3f} s in all for time_calls",
        )
        told = f"on {size} images the calls take {least} s, and your list is {[round(t, 4) for t in times]}"
        checks.true(
            sum(times) >= 0.5 * sum(least),
            "the durations are much shorter than the calls: is model.predict_on_batch called between the two looks at the clock, on as many images as the batch size says?",
            told,
        )
        checks.true(
            times[0] >= 0.98 * least[0],
            "the first duration is that of the very first call on a batch of this size, the slow one: no call comes before, and the list keeps its order",
            told,
        )
        checks.true(
            all(t >= 0.98 * wanted for t, wanted in zip(times, least, strict=True)),
            "the durations are not those of the calls, one by one: look at the clock before and after each call, and keep the order",
            told,
        )


timed((8, 6, 2), (0.03, 0.006, 0.014, 0.009, 0.007), [1, 3], 4)
### BEGIN HIDDEN TESTS
timed((5, 4, 3), (0.02, 0.009, 0.004), [4, 1, 2], 2)
timed((3, 7, 1), (0.015, 0.012), [2], 1)
### END HIDDEN TESTS
checks.passed("each call of the net is timed, on its own", points=2, later="other batches, images and numbers of runs")

# %% topics=["A14"] nbgrader={"grade": true, "grade_id": "latency_card-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Half precision, and a price
# When graded: other durations, other prices, a list without a measurement
from course import checks

card = latency_card({4: [1.0, 0.008]}, 1_000_000, 1.0, bytes_per_weight=2)
checks.close(
    card["megabytes"], 2.0, unless={"bytes_per_weight changes nothing": 4.0}, hint="a million weights of two bytes"
)
checks.close(card["cost_of_a_million"], 2 / 3.6, hint="2 ms per image are 2,000 seconds for a million")
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
    checks.close(card["megabytes"], 4e-6 * weights, hint="four bytes per weight")
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
        hint="the batch size with the least milliseconds per image, in whatever order they come",
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
checks.passed(
    "half precision, and a price", points=3, later="other durations, other prices, a list without a measurement"
)

# %% topics=["A14"] tags=["draw"] nbgrader={"grade": false, "grade_id": "latency-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A latency card of this machine
with checks.waiting_for("latency_card", "resnet_cifar"):
    sizes = (1, 4, 16, 64)
    timed = {"ResNet-8": resnet_cifar(1)}
    if PROFILE == "full":
        timed["ResNet-20"] = resnet_cifar(3)
    fig, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
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
            f"{card['ms_per_image'][card['best_batch']]:.2f} ms per image; a million images for {card['cost_of_a_million']:.3f} at 0.10 per hour"
        )
    axes[0].set(title="From call to answer", xlabel="images in the batch", ylabel="milliseconds per call")
    axes[1].set(title="The share of one image", xlabel="images in the batch", ylabel="milliseconds per image")
    axes[2].set(title="What you may choose between", xlabel="latency, ms", ylabel="images per second")
    for ax in axes[:2]:
        ax.set_xticks(sizes, sizes)
        ax.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.grid(alpha=0.3)
    axes[2].grid(alpha=0.3)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncol=4, frameon=False, fontsize=9)
    fig.suptitle("A latency card of this machine, at this minute")
    plots.show(
        "Three plots over the batch size: milliseconds per call rise with the batch, and the first call lies "
        "far above the later ones; milliseconds per image fall; images per second against latency, between "
        "which one has to choose."
    )

# %% [markdown] topics=["K7", "A14"] nbgrader={"grade": false, "grade_id": "braking-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · The braking car
#
# The chain of the notes: camera → what is it → an obstacle → calculation → brakes, "in real time". At $v$ metres per second a car travels $v\,t$ in the reaction time $t$ and then, braking with $a$ m/s², another $v^2/(2a)$:
#
# $$d = v\,t + \frac{v^2}{2a}.$$
#
# What is $t$? A camera takes $r$ frames per second. The obstacle appears just *after* a frame; a single frame may be mistaken, so the program wants $m$ frames in a row: $m/r$ seconds until the last of them is taken. Then the net looks at it, $\ell$, with a batch of one. Then the brakes take hold, $b$:
#
# $$t = \frac{m}{r} + \ell + b.$$
#
# *Worked.* 50 km/h are 13.89 m/s. 15 frames per second, 3 frames, 50 ms for the net, 0.2 s for the brakes: $t = 0.2 + 0.05 + 0.2 = 0.45$ s, 6.25 m. Braking with 8 m/s² takes 12.06 m. In total 18.31 m, of which the net takes 0.69 m.
#
# **A queue can grow without bound.** Suppose frames are processed one at a time, each in turn. If the net needs longer for a frame than the camera needs to take the next, $\ell > 1/r$, each frame waits longer than the one before. A message system such as Kafka, which the notes name, stores frames and does not process them faster: old ones have to be dropped. (With several frames in work at once, by pipelining or on several machines, what counts is throughput: a latency above $1/r$ then makes no queue by itself.)

# %% topics=["K7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "queue-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A camera of 30 frames per second, and nets of three speeds
fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
frames, rate = np.arange(90), 30
for milliseconds, colour in ((30, GREEN), (36, ORANGE), (50, RED)):
    taken, free, waits = frames / rate, 0.0, []
    for moment in taken:  # each frame in turn
        free = max(free, moment) + milliseconds / 1000
        waits.append(free - moment)
    axes[0].plot(taken, waits, color=colour, label=f"{milliseconds} ms per frame")
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
    axes[1].plot(seen, ages, color=colour, label=f"{milliseconds} ms per frame, {len(seen)} of {len(taken)} seen")
axes[0].set(
    title="Every frame in turn: the delay grows",
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
fig.suptitle("A camera of 30 frames per second, 33 ms apart")
plots.show(
    "Left, every frame in turn: the delay stays at 30 ms for the fast net and grows in a straight line "
    "for 36 and 50 ms. Right, always the newest frame: the delay stays below about 0.1 s for all three, "
    "and the slower nets see fewer frames."
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-braking", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `stopping_distance` (6 points)
#
# Frames are processed one at a time. Distances are compared to four digits.


# %% topics=["K7", "A14"] nbgrader={"grade": false, "grade_id": "braking", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stopping_distance(kmh, latency, fps, frames=3, brakes=0.2, deceleration=8.0):
    """Metres that a car travels from the moment when an obstacle appears, just after a frame was taken, until it stands.

    kmh: speed in km/h. latency: seconds the net takes for a frame. fps: frames per second, each of which is looked at.
    frames: how many in a row must show the obstacle. brakes: seconds until the brakes take hold. deceleration: m/s².
    Raises ValueError where the net is slower than the camera (latency above 1 / fps; one frame is processed at a time).
    """
    ### BEGIN SOLUTION
    if latency > 1 / fps:
        raise ValueError(f"a frame comes every {1 / fps:.3f} s, and the net takes {latency} s: frames queue up")
    speed = kmh / 3.6
    return speed * (frames / fps + latency + brakes) + speed**2 / (2 * deceleration)
    ### END SOLUTION


# %% topics=["K7"] nbgrader={"grade": true, "grade_id": "braking-worked", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The worked car, at 50 km/h
from course import checks

speed = 50 / 3.6
metres = stopping_distance(50, 0.05, 15)
checks.close(
    metres,
    18.3063,
    rtol=1e-4,
    unless={
        "speed is in metres per second: divide km/h by 3.6": 50 * 0.45 + 2500 / 16,
        "the braking distance is v² over 2a": 6.25 + speed**2 / 8,
        "the way until the brakes take hold is missing: v·t": speed**2 / 16,
        "the braking distance is missing: v²/(2a)": 6.25,
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
checks.raises(
    ValueError,
    lambda: stopping_distance(50, 0.08, 15),
    hint="a net that needs 80 ms for a frame, and a camera that takes one every 67 ms",
)
checks.passed("the worked car at 50 km/h", points=3)

# %% topics=["K7"] nbgrader={"grade": true, "grade_id": "braking-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A car at 10 metres per second
# When graded: other cars, cameras and roads
from course import checks

checks.close(
    stopping_distance(36, 0.0, 10, frames=1, brakes=0.0, deceleration=5.0),
    11.0,
    hint="10 m/s: 1 m until the frame, 10 m of braking",
)
try:
    metres = stopping_distance(36, 0.25, 4, frames=1, brakes=0.0, deceleration=5.0)
except ValueError:
    checks.fail("a net that takes exactly the time between two frames keeps up: refuse a latency *above* 1 / fps alone")
checks.close(metres, 15.0, hint="10 m/s: 2.5 m until the frame, 2.5 m for the net, 10 m of braking")
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
    checks.raises(
        ValueError,
        lambda: stopping_distance(kmh, 1.2 / fps, fps, frames, brakes, deceleration),
        hint="a net slower than the camera",
    )
### END HIDDEN TESTS
checks.passed("a car at 10 metres per second", points=3, later="other cars, cameras and roads")

# %% topics=["K7"] tags=["draw"] nbgrader={"grade": false, "grade_id": "braking-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Where the metres go, and what is left for the net
with checks.waiting_for("braking"):
    speeds = np.linspace(10, 130, 481)
    fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
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
        most = np.array([(metres - stopping_distance(v, 0.0, 30)) / (v / 3.6) for v in speeds])  # seconds for the net
        axes[1].plot(speeds, 1000 * np.clip(most, 0, 1 / 30), style, color=colour, label=f"{metres} m of sight")
    axes[1].set(
        title="What is left for the net, at 30 frames per second",
        xlabel="speed, km/h",
        ylabel="milliseconds per frame",
        xlim=(10, 130),
        ylim=(0, 40),
    )
    axes[1].legend(frameon=False)
    fig.suptitle("The braking car: three frames, 0.2 s for the brakes")
    plots.show(
        "Left, metres until the car stands, over speed: braking itself is the largest part at high speed, the "
        "net's 33 ms the thinnest. Right, milliseconds left for the net over speed, for four distances of "
        "sight: a level line at 33 ms that falls to nothing within a few km/h."
    )

# %% [markdown] topics=["K7"] nbgrader={"grade": false, "grade_id": "braking-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# On each line of the right picture the budget is the camera's 33 ms until, within a few km/h, it falls to 0. A faster net gains little there; driving slower gains much, because the speed enters squared. More frames per second help as well, as long as the net keeps pace: the three frames are taken sooner.

# %% [markdown] topics=["L4", "A14", "K7", "E19"] nbgrader={"grade": false, "grade_id": "written-task", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · In words, on both parts (15 points, read by a person)
#
# Three or four sentences each.
#
# 1. (5 points) **Cost.** Two nets classify equally well: A has 250,000 weights and takes 9 ms per image alone, 1.2 ms in batches of 64; B has 5 million weights, 4 ms alone and 2.5 ms in batches. Which one would you put into a phone app that looks at one photograph at a time, which one sorts an archive of 200 million photographs, and which numbers decide? Why must the first call and the mean not appear in your argument?
# 2. (5 points) **Latency and the car.** Your team's detector takes 40 ms per frame, the camera takes 30 frames per second, and every frame is looked at in turn. What happens, after one minute? Name three changes that would help, and what each of them costs. Which part of the stopping distance at 50 and at 130 km/h do they touch?
# 3. (5 points) **Depth.** A colleague writes the skip with `Concatenate`, puts a ReLU at the end of the branch, and projects every shortcut "to be safe". What does each of the three cost? Use $f(x) + x$, the gradient and a count of weights.

# %% [markdown] topics=["L4", "A14", "K7", "E19"] nbgrader={"grade": true, "grade_id": "cost-latency-braking", "locked": false, "points": 15, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. The phone looks at one image: latency of a batch of one decides, 4 ms against 9 ms speak for B; but B's memory is 20 MB against 1 MB for A, in the download and in the phone, and 9 ms is fast enough for a person: a good answer weighs the two and decides. *(2 points: latency at batch 1, and memory, both used.)* The
#    archive: milliseconds per image in batches decide, nobody waits: A needs 200·10⁶ · 1.2 ms = 67 hours, B 139 hours, so A costs half. *(2 points, with the sum.)* The first call compiles and happens once; a mean is moved by a single disturbed call, a median is not. *(1 point.)*
# 2. A frame comes every 33.3 ms, 40 ms are needed: each frame waits 6.7 ms longer than the one before. After a minute 1,500 of 1,800 frames have been looked at; the net sees what happened 10 s ago, at 50 km/h 139 m. *(2 points: the delay grows, with a number; 1,800 frames · 6.7 ms = 12 s for the last one's answer is right as well.)* Dropping old frames: bounded delay, fewer frames per second, so three in a row take longer.
#    A smaller or faster net (a bottleneck, fewer maps, float16): accuracy. A slower camera or fewer pixels: later or smaller obstacles. Fewer frames in a row: false alarms. A faster machine: money, heat. *(2 points for three with their prices.)* All of them touch v·t only, 5 of 17 m at 50 km/h, 12 of 94 m at 130 km/h: there the braking, v², is nearly all. *(1 point.)*
# 3. Concatenate: the maps double at each block and the next layer pays, (9·32 + 1)·32 instead of (9·16 + 1)·32; there is no f(x) + x any more, and no block that can do nothing. *(2 points.)* ReLU in the branch: f(x) ≥ 0, the block can only add and never take away, and the sums grow with depth. *(1 point.)* Projection: c² weights and a batch norm for each block, and x is no longer handed on as
#    it is: the gradient's second summand is multiplied by a matrix in each block, and a product of matrices is what the skip was to avoid. *(2 points.)*
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - Residual blocks and the ResNets made of them: they add; the ReLU comes after the addition; the shortcut is projected only where the shape changes.
# - Backpropagation through a skip. A plain net multiplies its factors; the skip adds 1 to each. Batch norm, or a branch that begins at 0, keeps the sum from growing too fast.
# - A bottleneck: 70,016 weights instead of 590,080.
# - A latency card: warm up, take the median, state whether per call or per image.
# - A stopping distance, from the frame to the brakes.
#
# This is the last week. You began with one 3×3 kernel and nine products by hand, and have written a ResNet.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week12")

# %% [markdown] topics=["L4"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# ### ResNet-20 at 90 % (0 points, checked all the same)
#
# A net of ResNet-20's size, at most 275,000 weights, that reaches 90 % on CIFAR-10's test set. The paper reports 91.25 % after 164 epochs of mirrored and shifted photographs, which takes minutes on a graphics card and most of a day on two cores. Train it where there is a card, keep `artefacts/deep-full.npz`, and hand it in. **Without a card, enter nothing**: return None, and the check says so. (In the quick profile the shapes are easy, and any machine can enter.)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-deep", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Use `training.trained("deep", build, train)` in `enter`, which keeps the net beside the notebook. Keras's own layers only.


# %% nbgrader={"grade": false, "grade_id": "asks-deep", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from course import bounds

bounds.show("week12", "stretch", "slack")


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
# Its size, and the validation images
# When graded: the test images
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
checks.passed("the size, and the validation images, where a net is entered", points=0, later="the test images")
