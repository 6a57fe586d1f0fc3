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

# %% [markdown] topics=["H4", "H1"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 7 · From LeNet to VGG
#
# **Afterwards you can** read an architecture table and write it as code, predict its weights before you build it, and say what a transition
# and a 1×1 convolution cost and save.
#
# **Time** 3 hours. **You need** weeks 2 and 3 (sizes, [receptive fields](../../course/glossary.md), counting) and week 6's data.
#
# | exercise | points |
# |---|---|
# | 1 · `lenet5` | 10 |
# | 2 · `alexnet` | 15 |
# | 3 · `vgg_block` | 15 |
# | 4 · `transition` and `transition_cost` | 20 |
# | 5 · `build_vgg` | 20 |
# | 6 · `mini_vgg` | 15 |
# | in words | 5 |
# | stretch: `reduction_saving`, `pyramid`, `zfnet` | 0 |
#
# Stuck? `course.hint("lenet5")` in a cell of your own, with the name of any exercise. `PROFILE` is chosen with `course start 7 --profile full`, or by editing the
# next cell: `"quick"` uses generated shapes, `"full"` the photographs of CIFAR-10.
#
# [Glossary](../../course/glossary.md) · [week 6](../week06_cifar10/week06_cifar10.ipynb) · [week 8](../week08_augmentation/week08_augmentation.ipynb)
#
# Four nets in seventeen years: LeNet-5 (LeCun et al., 1998) reads cheques, AlexNet (Krizhevsky et al., 2012) wins ImageNet, ZFNet (Zeiler and Fergus,
# 2014) looks inside and repairs it, VGG (Simonyan and Zisserman, 2015) keeps only 3×3 convolutions. You write three of them yourself, layer by layer,
# and the fourth as a stretch exercise. Loading a finished one is not the exercise.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
import course
from course import blocks, bounds, checks, datasets, evaluation, plots, training

import keras
import matplotlib.pyplot as plt
import numpy as np

training.start(PROFILE, SEED)
plots.style()
BLUE, ORANGE, GREY, RED = "#0072B2", "#E69F00", "#8A8A8A", "#D55E00"

# %% [markdown] topics=["H4", "A7"] nbgrader={"grade": false, "grade_id": "family-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · Convolution and pooling in a row
#
# Write `C` for a convolution and `M` for a pooling, and a decade of networks fits on one line each:
#
# | net | input | pattern | head | weights |
# |---|---|---|---|---|
# | LeNet-5 | 32×32×1 | `C M C M` | 120, 84, 10 | 61,706 |
# | AlexNet | 227×227×3 | `C M C M C C C M` | 4096, 4096, 1000 | 62,378,344 |
# | ZFNet | 224×224×3 | `C M C M C C C M` | 4096, 4096, 1000 | 62,357,608 |
# | VGG16 | 224×224×3 | `CCM CCM CCCM CCCM CCCM` | 4096, 4096, 1000 | 138,357,544 |
#
# **Why did it take until 2012?** LeNet's pattern was known for fourteen years. Two things were missing: data (the competition on ImageNet, Deng et al., 2009, gave 1.2 million labelled
# photographs) and computing power (AlexNet trained for five to six days on two graphics cards). ReLU then made the larger net train faster, and dropout overfit less.
#
# From left to right, the maps get smaller and there are more of them. The next figure draws this to scale: each box is one stage, as high as its maps and as
# wide as the number of its maps (on a log scale).

# %% topics=["H4", "A4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "family-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: the four nets to one scale
nets = {  # (side of the maps, number of maps) after each stage
    "LeNet-5": [(32, 1), (28, 6), (14, 6), (10, 16), (5, 16)],
    "AlexNet": [(227, 3), (55, 96), (27, 96), (27, 256), (13, 256), (13, 384), (13, 384), (13, 256), (6, 256)],
    "ZFNet": [(224, 3), (110, 96), (55, 96), (26, 256), (13, 256), (13, 384), (13, 384), (13, 256), (6, 256)],
    "VGG16": [
        (224, 3), (224, 64), (112, 64), (112, 128), (56, 128), (56, 256), (28, 256), (28, 512), (14, 512), (14, 512), (7, 512),
    ],
}  # fmt: skip
fig, axes = plt.subplots(1, 4, figsize=(10, 3.4), layout="constrained", sharey=True)
for ax, (name, stages) in zip(axes, nets.items(), strict=True):
    left = 0.0
    for number, (side, maps) in enumerate(stages):
        width = 1 + np.log2(maps)
        pooled = number > 0 and side < stages[number - 1][0] and maps == stages[number - 1][1]
        color = GREY if number == 0 else ORANGE if pooled else BLUE
        ax.bar(left + width / 2, side, width, bottom=-side / 2, color=color, edgecolor="0.5")
        left += width + 0.6
    ax.set(
        title=f"{name}: {stages[0][0]}×{stages[0][0]} to {stages[-1][0]}×{stages[-1][0]}", xticks=[], xlabel="depth →"
    )
axes[0].set(
    ylabel="pixels from the middle of the map", yticks=[-112, -56, 0, 56, 112], yticklabels=[112, 56, 0, 56, 112]
)
for color, label in ((GREY, "image"), (BLUE, "convolutions"), (ORANGE, "pooling")):
    axes[0].bar(0, 0, color=color, label=label)
fig.legend(*axes[0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncol=3)
fig.suptitle("Four nets to one scale (width of a box: 1 + log₂ of its number of maps)")
plots.show(
    "Four nets drawn to one scale. LeNet-5 is tiny: maps of 32 to 5 pixels. AlexNet and ZFNet shrink from 227 and 224 pixels to 6 in a "
    "smooth slope; VGG16 goes down from 224 to 7 in five even steps, two or three convolutions to a step."
)

# %% [markdown] topics=["A4", "H4"] nbgrader={"grade": false, "grade_id": "pyramid-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The notes this course follows call this a pyramid, and ask whether it is Egypt's or the Maya's. LeNet and the first layers of AlexNet go down a smooth slope:
# most of their layers change the size. VGG is the stepped kind. Within a **block** two or three convolutions keep the size, and all but
# the first keep the number of maps; between blocks a [transition](../../course/glossary.md) halves the side length, and the next block has twice as many maps (up to
# 512). Steps are practical: a block can be repeated, lengthened or replaced without a new calculation for what comes after it. ResNet (week 12) is stepped for the same reason.
#
# ## 2 · LeNet-5
#
# The table, with the sums that you can do by now:
#
# | layer | output | weights |
# |---|---|---|
# | convolution 5×5, 6 maps, tanh | 28×28×6 | (25·1 + 1)·6 = 156 |
# | average pooling 2×2 | 14×14×6 | 0 |
# | convolution 5×5, 16 maps, tanh | 10×10×16 | (25·6 + 1)·16 = 2,416 |
# | average pooling 2×2 | 5×5×16 | 0 |
# | 120 units, tanh | 120 | (5·5·16 + 1)·120 = 48,120 |
# | 84 units, tanh | 84 | 121·84 = 10,164 |
# | 10 classes, softmax | 10 | 85·10 = 850 |
# | **in total** | | **61,706** |
#
# Three things date it. There is no [padding](../../course/glossary.md): LeCun put the 28×28 digits into 32×32 images to have room. It averages where later nets take the maximum. And it
# uses tanh instead of ReLU. In the paper the layer of 120 is a convolution, 5×5 over a 5×5 map; `Flatten` and `Dense` compute the
# same. (The paper counts 60,000 weights: its second convolution leaves out some connections, its pooling has two weights per map, and its last
# layer is different.)

# %% topics=["H4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "lenet-diagram", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: LeNet-5 as boxes and arrows
plots.diagram(
    [
        "image\n32×32×1", "conv 5×5, tanh\n28×28×6", "average pool 2×2\n14×14×6", "conv 5×5, tanh\n10×10×16", "average pool 2×2\n5×5×16",
        "flatten\n400", "dense, tanh\n120", "dense, tanh\n84", "dense, softmax\n10",
    ],
    title="LeNet-5",
    direction="right",
)  # fmt: skip
plots.show(
    "LeNet-5 as a chain of boxes: a 32×32 image, twice a 5×5 convolution and an average pooling, which leave 5×5×16, then flatten and three "
    "dense layers of 120, 84 and 10 units."
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-lenet5", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `lenet5` (10 points)
#
# The numbers of maps and units are arguments. Hidden checks choose others, and compare the outputs for random weights (to three digits).


# %% topics=["H4"] nbgrader={"grade": false, "grade_id": "lenet5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    """LeNet-5 as in the table, with other numbers of maps and units if asked; new weights, not compiled.

    maps: maps of the two convolutions. units: units of the two layers before the last one.
    Returns a keras.Model: input (32, 32, 1), output (classes,), probabilities.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(maps[0], 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(maps[1], 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(units[0], activation="tanh"),
            layers.Dense(units[1], activation="tanh"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "lenet5-total", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# 61,706 weights, 32×32×1 in, ten probabilities out
import numpy as np

from course import blocks, checks

net = blocks.as_model(lenet5(), "lenet5's result")
checks.equal(
    net.input_shape,
    (None, 32, 32, 1),
    unless={"LeNet's input is 32×32: the 28×28 digits get a border of 2": (None, 28, 28, 1)},
    hint="the input is one grey image of 32×32: (32, 32, 1)",
)
checks.integer(
    net.count_params(),
    61_706,
    unless={
        "the convolutions of LeNet-5 have no padding: 32, 28, 14, 10, 5": 136_586,
        "the biases are missing": 61_470,
        "Flatten is missing: a dense layer looks at the last axis alone": 156 + 2_416 + 17 * 120 + 10_164 + 850,
        "the layer of 84 is missing": 51_902,
        "the layer of 120 is missing": 156 + 2_416 + 401 * 84 + 850,
        "the second pooling is missing: 10×10×16 numbers reach the layer of 120": 156
        + 2_416
        + 1_601 * 120
        + 10_164
        + 850,
        "the kernels are 5×5": 60 + 880 + (6 * 6 * 16 + 1) * 120 + 10_164 + 850,
    },
    hint="156 + 2,416 + 48,120 + 10,164 + 850: compare your net.summary() with the table, line by line",
)
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
outputs = np.asarray(net(np.random.default_rng(0).random((3, 32, 32, 1)).astype("float32")))
checks.close(outputs.sum(axis=1), np.ones(3), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
checks.passed("61,706 weights, and ten probabilities come out", points=4)

# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "lenet5-computes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The shape of the result
# When graded: other numbers of maps, units and classes, with random weights.
from course import blocks, checks

net = blocks.as_model(lenet5(), "lenet5's result")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
### BEGIN HIDDEN TESTS
for maps, units, classes in (((7, 11), (31, 23), 5), ((3, 4), (6, 38), 12)):
    net = blocks.as_model(lenet5(maps=maps, units=units, classes=classes), "lenet5's result")
    checks.equal(net.output_shape, (None, classes), hint="`classes` outputs, whatever the number")
    checks.integer(
        net.count_params(),
        26 * maps[0]
        + (25 * maps[0] + 1) * maps[1]
        + (25 * maps[1] + 1) * units[0]
        + (units[0] + 1) * units[1]
        + (units[1] + 1) * classes,
        unless={"your net has the same layers whatever maps and units say: use the arguments": 60_856 + 85 * classes},
        hint="other maps, units and classes: every layer takes its number from the arguments",
    )
from functools import partial

import keras
import numpy as np

first, second = (blocks.as_model(lenet5(), "lenet5's result").get_weights()[0] for _ in range(2))
checks.true(
    not np.allclose(first, second),
    "two calls give two nets, each with new weights: build the layers inside the function, and fix no seed there",
)
images = np.random.default_rng(702).random((4, 32, 32, 1)).astype("float32")


def expected(pool="average", activation="tanh", hidden="tanh", last="softmax", late="linear"):
    x = inputs = keras.Input((32, 32, 1))
    for maps in (5, 9):
        x = keras.layers.Activation(activation)(keras.layers.Conv2D(maps, 5)(x))
        x = (keras.layers.AveragePooling2D if pool == "average" else keras.layers.MaxPooling2D)(2)(x)
        x = keras.layers.Activation(late)(x)
    x = keras.layers.Flatten()(x)
    for units in (17, 13):
        x = keras.layers.Activation(hidden)(keras.layers.Dense(units)(x))
    return keras.Model(inputs, keras.layers.Activation(last)(keras.layers.Dense(7)(x)))


net = blocks.as_model(lenet5(maps=(5, 9), units=(17, 13), classes=7), "lenet5's result")
wrong = {
    "LeNet averages over 2×2, it does not take the maximum": {"pool": "max"},
    "LeNet's non-linearity is tanh, ReLU came later": {"activation": "relu", "hidden": "relu"},
    "the non-linearity after the convolutions is missing (tanh)": {"activation": "linear"},
    "the non-linearity in the layers before the last is missing (tanh)": {"hidden": "linear"},
    "the last layer is a softmax over the classes": {"last": "sigmoid"},
    "tanh belongs to the convolution, before its average: the tanh of an average is another number": {
        "activation": "linear",
        "late": "tanh",
    },
    "averages and tanh, please: maxima and ReLU are AlexNet's": {"pool": "max", "activation": "relu", "hidden": "relu"},
}


def answer(**change):
    """What the net answers with the weights of ours, which has this mistake."""
    reference = expected(**change)
    blocks.twin(net, reference, np.random.default_rng(703))
    return np.asarray(reference(images))


right = answer()
checks.close(
    np.asarray(net(images, training=False)),
    right,
    rtol=1e-3,
    atol=1e-5,
    unless={message: partial(answer, **change) for message, change in wrong.items()},
    hint="with the same weights LeNet gives other numbers: convolution, tanh, average; then tanh, tanh, softmax",
)
### END HIDDEN TESTS
checks.passed(
    "ten outputs for ten classes",
    points=6,
    later="other maps, units and classes; the order of the layers, tanh, averages",
)

# %% [markdown] topics=["H4", "B6"] nbgrader={"grade": false, "grade_id": "alex-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · AlexNet, and how to count 62 million weights without allocating them
#
# | layer | output | weights |
# |---|---|---|
# | convolution 11×11, [stride](../../course/glossary.md) 4, 96 maps, ReLU | 55×55×96 | (121·3 + 1)·96 = 34,944 |
# | max pooling 3×3, stride 2 | 27×27×96 | |
# | convolution 5×5, same, 256 maps, ReLU | 27×27×256 | (25·96 + 1)·256 = 614,656 |
# | max pooling 3×3, stride 2 | 13×13×256 | |
# | convolution 3×3, same, 384 maps, ReLU | 13×13×384 | 885,120 |
# | convolution 3×3, same, 384 maps, ReLU | 13×13×384 | 1,327,488 |
# | convolution 3×3, same, 256 maps, ReLU | 13×13×256 | 884,992 |
# | max pooling 3×3, stride 2 | 6×6×256 | |
# | 4096 units, ReLU; 4096 units, ReLU; 1000 classes, softmax | | 37,752,832 + 16,781,312 + 4,097,000 |
# | **in total** | | **62,378,344** |
#
# - **227, not 224.** The paper prints 224×224, and (224 − 11)/4 + 1 = 54.25 is not a whole number. With 227 it is 55.
# - **Overlap.** The poolings take 3×3 with stride 2, so neighbouring windows share a row or a column.
# - **Two graphics cards.** Each had 3 GB, so the second, fourth and fifth convolution
#   were split into two **groups**, each of which sees half of the maps. That halves their kernels: 60,965,224 weights.
# - **Normalisation.** After the first two convolutions the paper has week 1's [lateral inhibition](../../course/glossary.md): at each pixel, a map that responds
#   strongly holds down its neighbouring maps. It has no weights. It lowered AlexNet's top-5 error by 1.2 points (Krizhevsky et al., 2012); VGG's authors found no gain, and batch norm has replaced it. We
#   leave it out.
#
# 62 million floats take 250 MB, VGG16's take 550 MB. To *count* them you need to allocate none. Give the net a **width** $w$ by which every number of maps and units is
# multiplied. The kernels of a layer between two such numbers grow with $w^2$. Those of a layer that begins at the image or ends at the classes, and every bias but the last, grow with
# $w$. The biases of the classes stay. So the total is a parabola,
#
# $$P(w) = a\,w^2 + b\,w + c$$
#
# and three thin nets determine it. The checks do exactly this: they build your net at three small widths, fit the parabola through the counts, and evaluate
# it at $w = 1$.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-alexnet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `alexnet` (15 points)
#
# Every number of maps or units $n$ in the table, except the classes, becomes `int(n * width)`. `groups` belongs to the second, fourth and fifth
# convolution; `Conv2D` has an argument of that name. Dropout between the dense layers is allowed and not checked. Outputs are compared to two digits.


# %% topics=["H4", "A7"] nbgrader={"grade": false, "grade_id": "alexnet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def alexnet(width=1.0, classes=1000, groups=1):
    """AlexNet as in the table, without local response normalisation; new weights, not compiled.

    width: every number of maps or units n becomes int(n * width). groups: of the second, fourth and fifth convolution.
    Returns a keras.Model: input (227, 227, 3), output (classes,), probabilities.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((227, 227, 3))])
    net.add(layers.Conv2D(int(96 * width), 11, strides=4, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Conv2D(int(256 * width), 5, padding="same", groups=groups, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Conv2D(int(384 * width), 3, padding="same", activation="relu"))
    net.add(layers.Conv2D(int(384 * width), 3, padding="same", groups=groups, activation="relu"))
    net.add(layers.Conv2D(int(256 * width), 3, padding="same", groups=groups, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Flatten())
    for _ in range(2):
        net.add(layers.Dense(int(4096 * width), activation="relu"))
        net.add(layers.Dropout(0.5))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "alexnet-total", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Three thin nets, and the parabola through their counts at width 1
from fractions import Fraction

from course import blocks, checks

widths = [Fraction(1, 16), Fraction(1, 8), Fraction(3, 16)]
counts = []
for w in widths:
    net = blocks.as_model(alexnet(width=float(w)), "alexnet's result")
    checks.equal(
        net.output_shape,
        (None, 1000),
        unless={"Flatten is missing: a dense layer looks at the last axis alone": (None, 6, 6, 1000)},
        hint="a thousand numbers come out, one for each class",
    )
    counts.append(net.count_params())
checks.true(len(set(counts)) == 3, "nets of three widths have the same number of weights: multiply by `width`")
total = Fraction(0)
for w, count in zip(widths, counts, strict=True):
    share = Fraction(count)
    for other in widths:
        if other != w:
            share *= (1 - other) / (w - other)
    total += share
checks.integer(
    int(total) if total.denominator == 1 else float(total),
    62_378_344,
    unless={
        "the input is 224×224: with 227 the first map is 55×55, and 6×6×256 numbers reach the dense layers": 50_844_008,
        "the groups are on: with groups=1 every kernel sees all maps": 60_965_224,
        "the biases are missing": 62_367_776,
        "a dense layer of 4096 is missing": 45_597_032,
        "a global average stands where AlexNet flattens: a better idea, but another net": 25_678_184,
        "one of the two convolutions of 384 is missing": 61_050_856,
        "batch norm does not occur in AlexNet": 62_378_344 + 4 * 1376,
    },
    hint="extrapolated to width 1 the net has another number of weights than the table: compare alexnet(1/16).summary() with it",
)
checks.passed("62,378,344 weights at width 1, from three thin nets", points=4)

# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "alexnet-shapes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The sizes on the way: 55, 27, 27, 13, 13, 13, 6
from course import blocks, checks

net = blocks.as_model(alexnet(width=1 / 16, classes=10), "alexnet's result")
checks.equal(
    net.input_shape,
    (None, 227, 227, 3),
    unless={"(224 − 11)/4 + 1 is no whole number: the input is 227×227": (None, 224, 224, 3)},
    hint="a colour image of 227×227 comes in",
)
checks.equal(net.output_shape, (None, 10), hint="`classes` numbers come out")
path = blocks.maps_of(net)
checks.equal(
    [side for side, _, _ in path],
    [55, 27, 27, 13, 13, 13, 6],
    unless={
        "the first convolution has no padding: (227 − 11)/4 + 1 = 55": [57, 28, 28, 13, 13, 13, 6],
        "the convolutions after the first keep the size: padding='same'": [55, 27, 23, 11, 9, 7, 5, 2],
    },
    hint="55, pooled to 27, 27, pooled to 13, 13, 13, pooled to 6",
)
checks.equal(
    [maps for _, _, maps in path], [6, 6, 16, 16, 24, 16, 16], hint="a sixteenth of 96, 256, 384, 384, 256 maps"
)
checks.passed("the sizes and the maps on the way", points=3)

# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "alexnet-width", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The number of classes
# When graded: other widths, layer by layer.
from course import blocks, checks

net = blocks.as_model(alexnet(width=1 / 32, classes=7), "alexnet's result")
checks.equal(net.output_shape, (None, 7), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(704)
for _ in range(3):
    part, classes = 4 * int(rng.integers(1, 4)) + 1, int(rng.integers(2, 60))
    net = blocks.as_model(alexnet(width=part / 128, classes=classes), "alexnet's result")
    a, b, c, d = (96 * part // 128, 256 * part // 128, 384 * part // 128, 4096 * part // 128)
    kernels = [(11, 11, 3, a), (5, 5, a, b), (3, 3, b, c), (3, 3, c, c), (3, 3, c, b)]
    found = [tuple(w.shape) for w in net.weights if len(w.shape) == 4]
    checks.equal(
        found[:5],
        kernels,
        unless={"the numbers of maps are rounded down: int(n * width)": [
            (11, 11, 3, round(96 * part / 128)), (5, 5, round(96 * part / 128), b), (3, 3, b, c), (3, 3, c, c), (3, 3, c, b),
        ]} if round(96 * part / 128) != a else None,
        hint="the kernels of another width: 11×11, 5×5 and three of 3×3, each number of maps int(n * width)",
    )  # fmt: skip
    checks.integer(
        net.count_params(),
        sum(int(np.prod(k)) + k[-1] for k in kernels) + (36 * b + 1) * d + (d + 1) * d + (d + 1) * classes,
        hint="the dense layers of another width: int(4096 * width) units twice, then the classes",
    )
### END HIDDEN TESTS
checks.passed("seven classes at width 1/32", points=4, later="other widths and classes, layer by layer")

# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "alexnet-computes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Groups change no output shape
# When graded: which kernels the groups halve; random weights against an independent net.
from course import blocks, checks

net = blocks.as_model(alexnet(width=1 / 16, classes=5, groups=2), "alexnet's result")
checks.equal(net.output_shape, (None, 5), hint="`classes` numbers come out, with groups as well")
### BEGIN HIDDEN TESTS
from functools import partial

import keras
import numpy as np

kernels = [tuple(w.shape) for w in net.weights if len(w.shape) == 4][:5]  # a head of convolutions may follow
checks.true(
    kernels != [(11, 11, 3, 6), (5, 5, 6, 16), (3, 3, 16, 24), (3, 3, 24, 24), (3, 3, 24, 16)],
    "groups=2 changes nothing: hand it to the second, fourth and fifth convolution",
)
checks.equal(
    sorted(kernels),
    sorted([(11, 11, 3, 6), (5, 5, 3, 16), (3, 3, 16, 24), (3, 3, 12, 24), (3, 3, 12, 16)]),
    hint="the groups belong to the second, fourth and fifth convolution, whose kernels see half of the maps; the third sees all",
)
checks.integer(
    net.count_params(),
    sum(int(np.prod(k)) + k[-1] for k in kernels) + (36 * 16 + 1) * 256 + 257 * 256 + 257 * 5,
    hint="groups change three convolutions: the dense layers keep their units, every layer its biases",
)
four = blocks.as_model(alexnet(width=1 / 8, classes=5, groups=4), "alexnet's result")
checks.equal(
    sorted([tuple(w.shape) for w in four.weights if len(w.shape) == 4][:5]),
    sorted([(11, 11, 3, 12), (5, 5, 3, 32), (3, 3, 32, 48), (3, 3, 12, 48), (3, 3, 12, 32)]),
    hint="groups is a number: with four groups, each sees a quarter of the maps",
)
images = np.random.default_rng(705).random((2, 227, 227, 3)).astype("float32")


def expected(pool=3, activation="relu", hidden="relu", last="softmax", kind=keras.layers.MaxPooling2D):
    act = keras.layers.Activation
    x = inputs = keras.Input((227, 227, 3))
    x = act(activation)(keras.layers.Conv2D(8, 11, strides=4)(x))
    x = kind(pool, strides=2)(x)
    x = act(activation)(keras.layers.Conv2D(21, 5, padding="same")(x))
    x = kind(pool, strides=2)(x)
    for maps in (32, 32, 21):
        x = act(activation)(keras.layers.Conv2D(maps, 3, padding="same")(x))
    x = keras.layers.Flatten()(kind(pool, strides=2)(x))
    for _ in range(2):
        x = act(hidden)(keras.layers.Dense(341)(x))
    return keras.Model(inputs, act(last)(keras.layers.Dense(5)(x)))


net = blocks.as_model(alexnet(width=1 / 12, classes=5), "alexnet's result")
wrong = {
    "the poolings overlap: windows of 3×3 with stride 2": {"pool": 2},
    "the ReLUs after the convolutions are missing": {"activation": "linear"},
    "the ReLUs in the dense layers are missing": {"hidden": "linear"},
    "the ReLUs are missing": {"activation": "linear", "hidden": "linear"},
    "the net uses tanh: AlexNet's novelty was the ReLU": {"activation": "tanh", "hidden": "tanh"},
    "the outputs are no probabilities: end in a softmax": {"last": "linear"},
    "the classes exclude each other: softmax, not a sigmoid for each": {"last": "sigmoid"},
    "AlexNet's poolings take the maximum, not the average": {"kind": keras.layers.AveragePooling2D},
}


def answer(**change):
    """What the net answers with the weights of ours, which has this mistake."""
    reference = expected(**change)
    blocks.twin(net, reference, np.random.default_rng(706))
    return np.asarray(reference(images))


right = answer()
checks.close(
    np.asarray(net(images, training=False)),
    right,
    rtol=1e-2,
    atol=1e-4,
    unless={message: partial(answer, **change) for message, change in wrong.items()},
    hint="with the same weights AlexNet gives other numbers: ReLU after every layer but the last, maxima over 3×3 with stride 2",
)
### END HIDDEN TESTS
checks.passed("groups keep the output shape", points=4, later="the kernels with groups, random weights")

# %% topics=["H4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "parabola-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: your thin nets on the parabola
with checks.waiting_for("alexnet"):
    thin = np.array([1 / 16, 1 / 8, 3 / 16])
    counts = [alexnet(width=float(width)).count_params() for width in thin]
    line = np.linspace(0, 1.05, 100)
    parabola = np.poly1d(np.polyfit(thin, counts, 2))
    fig, ax = plt.subplots(figsize=(7, 3.3), layout="constrained")
    ax.plot(line, parabola(line) / 1e6, color=BLUE, label="the parabola through three thin nets")
    ax.plot(thin, np.array(counts) / 1e6, "o", color=ORANGE, label="yours, of widths 1/16, 1/8, 3/16")
    ax.plot(1, parabola(1) / 1e6, "s", color=RED, label=f"at width 1: {parabola(1):,.0f}, never built")
    ax.set(title="AlexNet's weights against its width", xlabel="width", ylabel="weights in millions")
    ax.legend(frameon=False)
    plots.show(
        "A parabola through the weights of three thin AlexNets, at widths of one, two and three sixteenths, rises to 62.4 million at width 1, "
        "a net that was never built."
    )

# %% [markdown] topics=["H4", "D11", "H1", "A7"] nbgrader={"grade": false, "grade_id": "zf-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **ZFNet** is AlexNet after a look inside. Zeiler and Fergus (2014) made visible what the maps respond to, and saw two faults. The 11×11 kernels of the first layer held extremely
# high and extremely low frequencies and little in between; and the maps of the second layer showed aliasing, the grid of the stride of 4. So they took 7×7 with stride 2 in the first
# convolution, and stride 2 in the second. A unit of the last map then sees 171 pixels instead of 195. The early maps are finer (110×110 instead of 55×55); the last ones have the
# same 6×6 and the same [jump](../../course/glossary.md) of 32. The top-5 error fell by 1.7 points. The pattern and the head are the same; writing it is a stretch exercise.
#
# ## 4 · VGG: one block, again and again
#
# Simonyan and Zisserman (2015) asked what is left to choose if *every* convolution is 3×3 with stride 1 and `same`, and *every* pooling 2×2 with stride 2. Week 2 gave the first
# half of the answer: two 3×3 convolutions see 5×5, three see 7×7, with 28 % and 45 % fewer weights, and with one or two more ReLUs on the way. The second half is
# that within a block only two choices remain: how many convolutions, and how many maps.
#
# A block at 224×224 from 3 to 64 maps: 3×3 to 64 maps (1,792 weights), ReLU, 3×3 to 64 maps (36,928), ReLU, pooling: 112×112×64. One of the paper's six nets, "C", ends
# its later blocks with a 1×1 convolution instead of a third 3×3, as the notes sketch it: one more non-linearity, no larger field. On ImageNet it was
# worse than with a third 3×3 ("D", which is VGG16) and better than with no third convolution ("B").

# %% topics=["H1"] tags=["draw"] nbgrader={"grade": false, "grade_id": "block-diagram", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: a block of VGG16, and the block of net C
plots.diagram(
    ["56×56×128", "conv 3×3, 256\nReLU", "conv 3×3, 256\nReLU", "conv 3×3, 256\nReLU", "max pool 2×2", "28×28×256"],
    title="The third block of VGG16 (net D)",
    direction="right",
)
plots.show(
    "A block of VGG16 as a chain: three 3×3 convolutions of 256 maps with ReLU, then a max pooling that halves 56×56 to 28×28."
)
plots.diagram(
    ["56×56×128", "conv 3×3, 256\nReLU", "conv 3×3, 256\nReLU", "conv 1×1, 256\nReLU", "max pool 2×2", "28×28×256"],
    title="The same block of net C: last=1",
    direction="right",
)
plots.show("The same block in net C: its third convolution is 1×1 instead of 3×3; all sizes are the same.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-vgg_block", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `vgg_block` (15 points)
#
# It takes a Keras tensor and returns one, as `keras.layers.ReLU()(x)` does. To look at it as a model: `blocks.model_of(vgg_block, (32, 32, 3), 2, 16).summary()`
# shows the net from an input of 32×32×3 to what your function returns. Outputs are compared to three digits.


# %% topics=["H1"] nbgrader={"grade": false, "grade_id": "vgg_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vgg_block(x, n_convs, filters, last=3):
    """A block of VGG: n_convs convolutions, each followed by ReLU, then a max pooling 2×2 with stride 2.

    x: Keras tensor (None, height, width, channels). n_convs: at least 1. filters: maps of each convolution.
    last: kernel size of the block's last convolution, 3, or 1 as in the paper's net C; all others are 3×3. The
    convolutions have a bias and keep height and width.
    Returns a Keras tensor (None, height // 2, width // 2, filters). Raises ValueError when n_convs is below 1.
    """
    ### BEGIN SOLUTION
    if n_convs < 1:
        raise ValueError(f"a block has at least one convolution, not {n_convs}")
    for number in range(n_convs):
        kernel = last if number == n_convs - 1 else 3
        x = keras.layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
    return keras.layers.MaxPooling2D(2)(x)
    ### END SOLUTION


# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "vgg_block-shape", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Half the side length, `filters` maps, also for odd sides
from course import blocks, checks

for shape, n_convs, filters, expected in (
    ((224, 224, 3), 2, 64, (112, 112, 64)),
    ((32, 32, 3), 1, 8, (16, 16, 8)),
    ((14, 14, 16), 3, 24, (7, 7, 24)),
    ((15, 21, 4), 2, 5, (7, 10, 5)),
):
    block = blocks.model_of(vgg_block, shape, n_convs, filters)
    height, width, channels = shape
    checks.equal(
        tuple(block.output_shape[1:]),
        expected,
        unless={
            "the convolutions keep the size: padding='same'": (
                (height - 2 * n_convs) // 2,
                (width - 2 * n_convs) // 2,
                filters,
            ),
            "the pooling at the end of the block is missing": (height, width, filters),
            "an odd side is rounded down by the pooling: its last row has no partner": (
                -(-height // 2),
                -(-width // 2),
                filters,
            ),
            "one pooling at the end of the block, not one after each convolution": (
                height // 2**n_convs,
                width // 2**n_convs,
                filters,
            ),
        },
        hint="a block halves height and width and has `filters` maps",
    )
checks.passed("half the side length and `filters` maps, on four shapes", points=3)

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "vgg_block-weights", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The weights of VGG16's first blocks
# When graded: other blocks.
from course import blocks, checks

block = blocks.model_of(vgg_block, (32, 32, 3), 2, 64)
checks.integer(
    block.count_params(),
    38_720,
    unless={
        "the biases are missing": 1_728 + 36_864,
        "one convolution too few: n_convs of them": 1_792,
        "the second convolution sees 64 maps, not the image: feed each layer with the one before": 2 * 1_792,
        "one convolution too many: n_convs of them": 38_720 + 36_928,
        "batch norm came a year later: the block has convolutions with ReLU and a pooling": 38_720 + 512,
        "every convolution of the block has `filters` maps": 896 + (9 * 32 + 1) * 64,
    },
    hint="1,792 + 36,928: 3×3 from 3 to 64 maps, then from 64 to 64",
)
checks.integer(
    blocks.model_of(vgg_block, (16, 16, 128), 3, 256).count_params(),
    295_168 + 2 * 590_080,
    hint="3×3 from 128 to 256 maps, then twice from 256 to 256",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(711)
for n_convs in (1, 2, 4):
    channels, filters = (int(n) for n in rng.choice(np.arange(2, 40), size=2, replace=False))
    block = blocks.model_of(vgg_block, (12, 12, channels), n_convs, filters)
    kernels = [tuple(w.shape) for w in block.weights if len(w.shape) == 4]
    checks.equal(
        kernels,
        [(3, 3, channels, filters)] + [(3, 3, filters, filters)] * (n_convs - 1),
        hint="n_convs kernels of 3×3, the first on the maps that come in, the others on `filters` maps",
    )
    checks.integer(
        block.count_params(),
        (9 * channels + 1) * filters + (n_convs - 1) * (9 * filters + 1) * filters,
        hint="another number of convolutions, maps in and maps out",
    )
### END HIDDEN TESTS
checks.passed("the weights of two blocks of VGG16", points=4, later="other numbers of convolutions and maps")

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "vgg_block-computes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The shape of a small block
# When graded: random weights against an independent computation.
from course import blocks, checks

block = blocks.model_of(vgg_block, (8, 8, 2), 2, 3)
checks.equal(tuple(block.output_shape[1:]), (4, 4, 3), hint="a block halves height and width")
### BEGIN HIDDEN TESTS
from functools import partial

import keras
import numpy as np

for shape, n_convs, filters, size in (((10, 13, 3), 2, 5, 3), ((9, 8, 4), 3, 6, 3), ((8, 10, 3), 2, 6, 1)):
    images = np.random.default_rng(712).normal(size=(3, *shape)).astype("float32")

    def expected(between="relu", last="relu", pool="max"):
        x = inputs = keras.Input(shape)
        for number in range(n_convs):
            at_end = number == n_convs - 1
            x = keras.layers.Conv2D(filters, size if at_end else 3, padding="same")(x)
            x = keras.layers.Activation(last if at_end else between)(x)
        return keras.Model(
            inputs, (keras.layers.MaxPooling2D if pool == "max" else keras.layers.AveragePooling2D)(2)(x)
        )

    block = blocks.model_of(vgg_block, shape, n_convs, filters, size)
    wrong = {
        "a ReLU after every convolution: without it, convolutions in a row are a single larger one": {
            "between": "linear",
            "last": "linear",
        },
        "a ReLU after the convolutions inside the block as well": {"between": "linear"},
        "a ReLU after the last convolution as well": {"last": "linear"},
        "VGG takes the maximum, not the average": {"pool": "average"},
    }

    def answer(**change):
        """What the block answers with the weights of ours, which has this mistake."""
        reference = expected(**change)
        blocks.twin(block, reference, np.random.default_rng(713))
        return np.asarray(reference(images))

    right = answer()
    checks.close(
        np.asarray(block(images, training=False)),
        right,
        rtol=1e-3,
        atol=1e-4,
        unless={message: partial(answer, **change) for message, change in wrong.items()},
        hint="with the same weights the block gives other numbers: convolution, ReLU, convolution, ReLU, then one pooling",
    )
### END HIDDEN TESTS
checks.passed("half the side length", points=5, later="the numbers that come out, for random weights")

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "vgg_block-last", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The block of net C ends with 1×1
# When graded: other blocks, and a block without a convolution.
from course import blocks, checks

block = blocks.model_of(vgg_block, (16, 16, 8), 3, 8, last=1)
checks.equal(
    [tuple(w.shape) for w in block.weights if len(w.shape) == 4],
    [(3, 3, 8, 8), (3, 3, 8, 8), (1, 1, 8, 8)],
    unless={
        "last=1 is the size of the last kernel, and the others stay 3×3": [(1, 1, 8, 8)] * 3,
        "last=1 changes nothing: it is the size of the last kernel": [(3, 3, 8, 8)] * 3,
        "the 1×1 is one of the n_convs, not one more": [(3, 3, 8, 8)] * 3 + [(1, 1, 8, 8)],
        "the 1×1 comes last": [(1, 1, 8, 8), (3, 3, 8, 8), (3, 3, 8, 8)],
    },
    hint="two kernels of 3×3, then one of 1×1",
)
checks.equal(tuple(block.output_shape[1:]), (8, 8, 8), hint="a 1×1 changes no size: the pooling does")
### BEGIN HIDDEN TESTS
block = blocks.model_of(vgg_block, (6, 6, 5), 1, 7, last=1)
checks.equal(
    [tuple(w.shape) for w in block.weights if len(w.shape) == 4],
    [(1, 1, 5, 7)],
    hint="a block of a single convolution: it is the last one",
)
checks.raises(ValueError, lambda: blocks.model_of(vgg_block, (8, 8, 3), 0, 4), hint="a block of no convolution")
### END HIDDEN TESTS
checks.passed("two kernels of 3×3, then one of 1×1", points=3, later="a single convolution, and none")

# %% [markdown] topics=["H2", "K2"] nbgrader={"grade": false, "grade_id": "transition-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Between the blocks
#
# A transition makes the map smaller, and may change the number of maps with a 1×1 convolution (with ReLU). There are three ways to write it:
#
# 1. 1×1, then max pooling
# 2. max pooling, then 1×1
# 3. 1×1, then max pooling, then another 1×1
#
# All three turn 56×56×256 into 28×28×128. What do they cost? A 1×1 from 256 to 128 maps has 256·128 + 128 = 32,896 weights, wherever it stands. Its *work* depends
# on where it stands: one multiplication ([MAC](../../course/glossary.md)) per weight and place, 56·56·256·128 = 102,760,448 before the pooling. **Predict first:** how many after it,
# and what does variant 3 cost? Write both numbers down; the check and the figure below will tell you.
#
# The variants do not compute the same. Variant 1 takes the maximum of mixtures, variant 2 mixes maxima: a map that says "left edge, but no
# right edge" has its maximum elsewhere than its parts.

# %% topics=["H2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "transition-diagram", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: the three variants side by side
variants = (
    ["1×1, 128, ReLU", "max pool 2×2"],
    ["max pool 2×2", "1×1, 128, ReLU"],
    ["1×1, 128, ReLU", "max pool 2×2", "1×1, 128, ReLU"],
)
for number, steps in enumerate(variants, start=1):
    plots.diagram(["56×56×256", *steps, "28×28×128"], title=f"Variant {number}", direction="right")
    plots.show(f"Variant {number} of a transition from 56×56×256 to 28×28×128: {', then '.join(steps)}.")

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-transition", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `transition` and `transition_cost` (20 points)
#
# The first builds a transition, the second counts what it costs. Outputs are compared to three digits, counts exactly.


# %% topics=["H2", "K2"] nbgrader={"grade": false, "grade_id": "transition", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transition(x, variant, filters):
    """A transition between two blocks: half the side, `filters` maps.

    x: Keras tensor (None, height, width, channels). Each 1×1 convolution has `filters` maps, a bias and a ReLU; the max
    pooling is 2×2 with stride 2. variant: 1 is 1×1, pooling; 2 is pooling, 1×1; 3 is 1×1, pooling, 1×1.
    Returns a Keras tensor (None, height // 2, width // 2, filters). Raises ValueError for another variant.
    """
    ### BEGIN SOLUTION
    if variant not in (1, 2, 3):
        raise ValueError(f"there are the variants 1, 2 and 3, not {variant!r}")
    if variant in (1, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    if variant in (2, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    return x
    ### END SOLUTION


def transition_cost(h, w, c, filters, variant):
    """What a transition costs on a map of h×w with c channels.

    Returns (weights, macs), two ints: weights with biases; macs, the multiplications of the 1×1 convolutions for one
    image, without biases. Raises ValueError for another variant than 1, 2 or 3.
    """
    ### BEGIN SOLUTION
    if variant not in (1, 2, 3):
        raise ValueError(f"there are the variants 1, 2 and 3, not {variant!r}")
    before, after = h * w, (h // 2) * (w // 2)
    weights, macs = (c + 1) * filters, (after if variant == 2 else before) * c * filters
    if variant == 3:
        weights, macs = weights + (filters + 1) * filters, macs + after * filters * filters
    return weights, macs
    ### END SOLUTION


# %% topics=["H2"] nbgrader={"grade": true, "grade_id": "transition-shapes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Three variants: one shape, and their weights
from course import blocks, checks

for variant, weights in ((1, 32_896), (2, 32_896), (3, 32_896 + 16_512)):
    model = blocks.model_of(transition, (56, 56, 256), variant, 128)
    checks.equal(
        tuple(model.output_shape[1:]),
        (28, 28, 128),
        unless={
            "the pooling is missing": (56, 56, 128),
            "the 1×1 convolution is missing": (28, 28, 256),
            "a single pooling: it halves the side once": (14, 14, 128),
        },
        hint="56×56×256 becomes 28×28×128 in each variant",
    )
    checks.integer(
        model.count_params(),
        weights,
        unless={
            "the kernels of a transition are 1×1, not 3×3": (9 * 256 + 1) * 128 + (variant == 3) * (9 * 128 + 1) * 128,
            "the biases are missing": weights - 128 * (1 + (variant == 3)),
            "the second 1×1 of variant 3 is missing": 32_896 if variant == 3 else -1,
            "variant 3 alone has two 1×1 convolutions": 49_408 if variant < 3 else -1,
            "the first 1×1 of variant 3 has `filters` maps already": 65_792 + 32_896 if variant == 3 else -1,
        },
        hint=f"variant {variant} of 56×56×256 to 128 maps: 256·128 + 128, and for variant 3 another 128·128 + 128",
    )
checks.passed("the shape and the weights of the three variants", points=4)

# %% topics=["H2"] nbgrader={"grade": true, "grade_id": "transition-computes", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Half the side length, `filters` maps
# When graded: random weights against an independent computation; another variant.
from course import blocks, checks

model = blocks.model_of(transition, (8, 8, 4), 1, 3)
checks.equal(tuple(model.output_shape[1:]), (4, 4, 3), hint="half the side, `filters` maps")
### BEGIN HIDDEN TESTS
from functools import partial

import keras
import numpy as np

orders = {1: "cm", 2: "mc", 3: "cmc"}
images = np.random.default_rng(721).normal(size=(3, 9, 12, 5)).astype("float32")


def step_of(size):
    return keras.layers.AveragePooling2D(1, strides=size)


def expected(order, activation="relu", pool=keras.layers.MaxPooling2D):
    x = inputs = keras.Input((9, 12, 5))
    for letter in order:
        x = pool(2)(x) if letter == "m" else keras.layers.Conv2D(7, 1, activation=activation)(x)
    return keras.Model(inputs, x)


for variant, order in orders.items():
    model = blocks.model_of(transition, (9, 12, 5), variant, 7)
    wrong = {
        "a ReLU belongs to each 1×1 convolution": (order, "linear"),
        "the pooling of a transition takes the maximum": (order, "relu", keras.layers.AveragePooling2D),
        "a stride of 2 is no pooling: it drops three of four places unseen, the pooling keeps the largest of them": (
            order,
            "relu",
            step_of,
        ),
    }
    if variant < 3:
        wrong["the order is the other one: variant 1 convolves first, variant 2 pools first"] = (orders[3 - variant],)

    def answer(*change):
        """What the transition answers with the weights of ours, which has this mistake."""
        reference = expected(*change)
        blocks.twin(model, reference, np.random.default_rng(722))
        return np.asarray(reference(images))

    right = answer(order)
    checks.close(
        np.asarray(model(images, training=False)),
        right,
        rtol=1e-3,
        atol=1e-5,
        unless={message: partial(answer, *change) for message, change in wrong.items()},
        hint="with the same weights the transition gives other numbers: mind the order of 1×1, ReLU and pooling",
    )
for variant in (0, 4):
    checks.raises(
        ValueError, lambda: blocks.model_of(transition, (8, 8, 4), variant, 3), hint="transition with another variant"
    )
### END HIDDEN TESTS
checks.passed("half the side length", points=6, later="the order, the ReLU, other variants")

# %% topics=["H2"] nbgrader={"grade": true, "grade_id": "transition-cost", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# What 56×56×256 to 128 maps costs
from course import checks

for variant, expected in ((1, (32_896, 102_760_448)), (2, (32_896, 25_690_112)), (3, (49_408, 115_605_504))):
    checks.equal(
        transition_cost(56, 56, 256, 128, variant),
        expected,
        unless={
            "the biases are missing in the weights": (expected[0] - 128 * (1 + (variant == 3)), expected[1]),
            "after the pooling there is a quarter of the places": (32_896, 102_760_448) if variant == 2 else (),
            "before the pooling there are all places": (32_896, 25_690_112) if variant == 1 else (),
            "the second 1×1 stands after the pooling, at a quarter of the places": (
                49_408,
                102_760_448 + 56 * 56 * 128 * 128,
            )
            if variant == 3
            else (),
            "the second 1×1 of variant 3 starts from `filters` maps": (65_792, 102_760_448 + 25_690_112)
            if variant == 3
            else (),
            "macs are multiplications: biases are only added": (
                expected[0],
                expected[1] + {1: 3136 * 128, 2: 784 * 128, 3: 3920 * 128}[variant],
            ),
            "the order is (weights, macs)": expected[::-1],
        },
        hint="count the weights of each 1×1 with its biases, and its multiplications at each place where it stands",
    )
checks.passed("weights and multiplications of the three variants", points=5)

# %% topics=["H2"] nbgrader={"grade": true, "grade_id": "transition-costs-in-general", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The smallest transition
# When graded: other sizes, odd ones too, against the model; another variant.
from course import checks

checks.equal(
    transition_cost(2, 2, 1, 1, 2), (2, 1), hint="the smallest transition: one place is left, one multiplication"
)
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(723)
for _ in range(4):
    h, w, c, filters = (int(n) for n in rng.choice(np.arange(5, 40), size=4, replace=False))
    for variant, order in ((1, "cm"), (2, "mc"), (3, "cmc")):
        shape, weights, macs = (1, h, w, c), 0, 0
        for letter in order:
            layer = keras.layers.MaxPooling2D(2) if letter == "m" else keras.layers.Conv2D(filters, 1)
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
            if letter == "c":
                macs += int(np.prod(layer.kernel.shape)) * shape[1] * shape[2]
            weights += layer.count_params()
        found = transition_cost(h, w, c, filters, variant)
        checks.equal(len(found), 2, hint="two numbers: (weights, macs)")
        checks.integer(found[0], weights, hint="weights on maps that are not square, with odd sides")
        checks.integer(
            found[1],
            macs,
            unless={"an odd side is rounded down by the pooling: (h // 2)·(w // 2) places": (h * w // 4) * c * filters},
            hint="macs on maps that are not square, with odd sides: the pooling rounds down each side",
        )
checks.raises(ValueError, lambda: transition_cost(8, 8, 4, 4, 0), hint="transition_cost with another variant")
### END HIDDEN TESTS
checks.passed("a map of 2×2", points=5, later="other sizes, odd ones too; another variant")

# %% topics=["H2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "transition-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: what the three variants cost
with checks.waiting_for("transition_cost"):
    names = ["1: 1×1, pool", "2: pool, 1×1", "3: 1×1, pool, 1×1"]
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 2.8), layout="constrained", sharey=True)
    for row, variant in enumerate((1, 2, 3)):
        weights, macs = transition_cost(56, 56, 256, 128, variant)
        left.barh(row, weights / 1e3, color=BLUE)
        left.text(weights / 1e3, row, f" {weights:,}", va="center")
        right.barh(row, macs / 1e6, color=ORANGE)
        right.text(macs / 1e6, row, f" {macs / 1e6:.1f} million", va="center")
    left.set_yticks(range(3), names)
    left.invert_yaxis()
    left.set(title="weights", xlabel="thousands", xlim=(0, 66))
    right.set(title="multiplications for one image", xlabel="millions", xlim=(0, 155))
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    fig.suptitle("A transition from 56×56×256 to 28×28×128, written in three ways")
    plots.show(
        "Bars for the three transitions. Variants 1 and 2 have 32,896 weights each, variant 3 has 49,408. Multiplications: 102.8 million for "
        "variant 1, a quarter of that, 25.7 million, for variant 2, and 115.6 million for variant 3."
    )

# %% [markdown] topics=["H3", "K2"] nbgrader={"grade": false, "grade_id": "reduction-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Variants 1 and 2 have the same weights, and variant 2 a quarter of the work.
#
# ## 6 · What a 1×1 saves, and what it costs
#
# The notes' rule: after 512 maps of 3×3 put a 1×1 to 128, and the next layer is three quarters cheaper. A 3×3 from 512 to 512 maps has
#
# $$(9 \cdot 512 + 1) \cdot 512 = 2{,}359{,}808$$
#
# weights; from 128 to 512 it has $(9 \cdot 128 + 1) \cdot 512 = 590{,}336$. The next layer saves **75.0 %**, as the notes say. But the 1×1 is not free: it has $(512 + 1) \cdot 128 = 65{,}664$ weights. Together these are 656,000,
# so the share saved is **72.2 %**. The difference is small here, and not always: reduce to 400 maps instead, and the next layer saves 21.9 %, of which the 1×1's 205,200 weights leave 13.2 %.
# Reduce to 480, and you pay more than before.

# %% [markdown] topics=["H1", "A7", "J5"] nbgrader={"grade": false, "grade_id": "vgg-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · VGG16, all of it
#
# A configuration is a list: a number is a 3×3 convolution with so many maps, `"M"` a pooling.
#
# ```python
# VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
# ```
#
# After the last pooling: `Flatten`, 4096 units with ReLU, 4096 units with ReLU, the classes with softmax. Thirteen convolutions and three dense layers make 16. From
# 224×224 five poolings lead to 7×7×512 = 25,088 numbers, and the first dense layer has 25,089·4096 = 102,764,544 weights, three quarters of the
# net in one layer. The thirteen convolutions together have 14,714,688.

# %% topics=["H1", "A7"] nbgrader={"grade": false, "grade_id": "configs", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
VGG19 = [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"]

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-build_vgg", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `build_vgg` (20 points)
#
# The notes' assignment, in their words: *write the whole sequential network yourself, `model = Sequential()`*. So the result is a `keras.Sequential`. The width works as for AlexNet,
# but no layer becomes empty: at least one map or unit stays. Outputs are compared to three digits.


# %% topics=["H1", "A7", "J5"] nbgrader={"grade": false, "grade_id": "build_vgg", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    """A net of VGG's kind as keras.Sequential; new weights, not compiled.

    config: numbers of maps (3×3 convolution, same, ReLU) and "M" (max pooling 2×2, stride 2). After them Flatten, a dense layer with
    ReLU for each of units, and the classes with softmax. width: every number n of config and units becomes int(n * width), at least 1.
    size: side length of the square image, 3 channels. config stays as it is.
    Returns a keras.Sequential: input (size, size, 3), output (classes,), probabilities.
    Raises ValueError when config holds anything but "M" and ints of at least 1, or when a side would become 0.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    for item in config:
        if item != "M" and not (isinstance(item, int) and item >= 1):
            raise ValueError(f'config holds numbers of maps and "M", not {item!r}')
    if size // 2 ** config.count("M") < 1:
        raise ValueError(f"an image of side {size} cannot be halved {config.count('M')} times")
    net = keras.Sequential([keras.Input((size, size, 3))])
    for item in config:
        if item == "M":
            net.add(layers.MaxPooling2D(2))
        else:
            net.add(layers.Conv2D(max(1, int(item * width)), 3, padding="same", activation="relu"))
    net.add(layers.Flatten())
    for count in units:
        net.add(layers.Dense(max(1, int(count * width)), activation="relu"))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


# %% topics=["J5"] nbgrader={"grade": true, "grade_id": "build_vgg-sequential", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A keras.Sequential with the right input and output
import keras

from course import blocks, checks

net = blocks.as_model(build_vgg([8, "M", 16, "M"], classes=5, size=32, units=(12,)), "build_vgg's result")
checks.true(
    isinstance(net, keras.Sequential),
    "the assignment asks for a Sequential: model = keras.Sequential(), then model.add(…)",
    f"found {type(net).__name__}",
)
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a colour image of size×size comes in")
checks.equal(
    net.output_shape,
    (None, 5),
    unless={"Flatten is missing: a dense layer looks at the last axis alone": (None, 8, 8, 5)},
    hint="`classes` numbers come out",
)
checks.passed("a Sequential for images of size×size", points=2)

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "build_vgg-total", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# VGG16 from three thin nets: 138,357,544 weights
from fractions import Fraction

import numpy as np

from course import blocks, checks

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
widths = [Fraction(1, 64), Fraction(1, 32), Fraction(1, 16)]
thin = []
for w in widths:
    net = blocks.as_model(build_vgg(VGG16, width=float(w)), "build_vgg's result")
    convolutions = 0
    for weight in net.weights:
        if len(weight.shape) == 4:
            convolutions += int(np.prod(weight.shape)) + weight.shape[-1]
    thin.append((net.count_params(), convolutions))
checks.true(len(set(thin)) == 3, "nets of three widths have the same number of weights: multiply by `width`")
checks.equal(len(net.output_shape), 2, hint="Flatten is missing: a dense layer looks at the last axis alone")
totals = []
for part in (0, 1):
    total = Fraction(0)
    for w, counts in zip(widths, thin, strict=True):
        share = Fraction(counts[part])
        for other in widths:
            if other != w:
                share *= (1 - other) / (w - other)
        total += share
    totals.append(int(total) if total.denominator == 1 else float(total))
checks.integer(
    totals[1],
    14_714_688,
    unless={
        "the first convolution of each stage only: every number of the list is a convolution": 3_910_784,
        "one block or convolution is missing: thirteen numbers, thirteen convolutions": 14_714_688 - 2_359_808,
        "the kernels are 3×3": 40_866_624,
    },
    hint="extrapolated to width 1 the convolutions have another number of weights: thirteen of 3×3, with biases, each on the maps of the one before",
)
checks.integer(
    totals[0],
    138_357_544,
    unless={
        "a dense layer of 4096 is missing": 138_357_544 - 16_781_312,
        "the biases of the dense layers are missing": 138_357_544 - 9_192,
        "a global average stands where VGG flattens: a better idea, but another net": 138_357_544
        - 102_764_544
        + 513 * 4096,
        "both dense layers are missing: units=(4096, 4096)": 14_714_688 + 25_089_000,
    },
    hint="the convolutions are right, the head is not: Flatten, 4096·w, 4096·w, classes",
)
checks.passed("138,357,544 weights, 14,714,688 of them in convolutions", points=5)

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "build_vgg-shapes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The sizes on the way: 224, 112, 56, 28, 14, 7
from course import blocks, checks

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
net = checks.unchanged(
    lambda config: build_vgg(config, width=1 / 64, classes=3),
    VGG16,
    hint="your function changes config: go through a copy",
)
net = blocks.as_model(net, "build_vgg's result")
checks.equal(
    blocks.maps_of(net),
    [
        (224, 224, 1), (112, 112, 1), (112, 112, 2), (56, 56, 2), (56, 56, 4), (28, 28, 4), (28, 28, 8), (14, 14, 8), (7, 7, 8),
    ],
    unless={
        "the poolings are missing: each \"M\" halves the side": [(224, 224, n) for n in (1, 2, 4, 8)],
    },
    hint="the convolutions keep the size, each \"M\" halves it: 224, 112, 56, 28, 14, 7, and the maps double up to 512·w",
)  # fmt: skip
checks.passed("the sizes and the maps on the way", points=3)

# %% topics=["H1", "J5"] nbgrader={"grade": true, "grade_id": "build_vgg-width", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# A small net without dense layers in between
# When graded: other configurations, widths, sizes, units and classes.
from course import blocks, checks

net = blocks.as_model(build_vgg([4, "M"], width=1.0, classes=3, size=8, units=()), "build_vgg's result")
checks.integer(
    net.count_params(),
    112 + 65 * 3,
    unless={"the convolutions keep the size: padding='same'": 112 + 37 * 3},
    hint="a net without dense layers in between: units=()",
)
### BEGIN HIDDEN TESTS
import numpy as np

rng = np.random.default_rng(741)
for _ in range(4):
    config = []
    for _ in range(int(rng.integers(1, 4))):
        config += [int(n) for n in rng.integers(6, 40, size=rng.integers(1, 4))] + ["M"] * int(rng.integers(0, 2))
    width, classes, size = int(rng.integers(3, 12)) / 8, int(rng.integers(2, 30)), int(rng.integers(17, 40))
    units = [int(n) for n in rng.integers(5, 60, size=rng.integers(1, 4))]
    net = blocks.as_model(build_vgg(config, width, classes, size, units), "build_vgg's result")
    side, depth, kernels = size, 3, []
    for item in config:
        if item == "M":
            side //= 2
        else:
            kernels.append((3, 3, depth, int(item * width)))
            depth = kernels[-1][-1]
    before = side * side * depth
    for n in units:
        kernels.append((before, int(n * width)))
        before = kernels[-1][-1]
    kernels.append((before, classes))
    found = [tuple(w.shape) for w in net.weights if len(w.shape) > 1]
    checks.equal(
        found,
        kernels,
        hint="another configuration: one 3×3 per number, int(n * width) maps; Flatten; int(n * width) units for each of units; "
        "then the classes, to which the width does not apply",
    )
    checks.integer(
        net.count_params(),
        sum(int(np.prod(k)) + k[-1] for k in kernels),
        hint="every layer has a bias and nothing else",
    )
### END HIDDEN TESTS
checks.passed(
    "units=() leaves one dense layer", points=5, later="other configurations, widths, sizes, units and classes"
)

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "build_vgg-computes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The number of classes
# When graded: random weights against an independent computation.
from course import blocks, checks

net = blocks.as_model(build_vgg([3, "M"], classes=3, size=8, units=(5,)), "build_vgg's result")
checks.equal(net.output_shape, (None, 3), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
from functools import partial

import keras
import numpy as np

images = np.random.default_rng(742).random((4, 20, 20, 3)).astype("float32")


def expected(activation="relu", hidden="relu", last="softmax", pool=keras.layers.MaxPooling2D):
    x = inputs = keras.Input((20, 20, 3))
    for item in (6, 7, "M", 9, "M"):
        x = pool(2)(x) if item == "M" else keras.layers.Conv2D(item, 3, padding="same", activation=activation)(x)
    x = keras.layers.Flatten()(x)
    for units in (11, 13):
        x = keras.layers.Dense(units, activation=hidden)(x)
    return keras.Model(inputs, keras.layers.Dense(4, activation=last)(x))


net = blocks.as_model(build_vgg([6, 7, "M", 9, "M"], 1.0, 4, 20, (11, 13)), "build_vgg's result")
wrong = {
    "a ReLU after every convolution is missing": {"activation": "linear"},
    "a ReLU in the dense layers before the last is missing": {"hidden": "linear"},
    "the outputs are no probabilities: end in a softmax": {"last": "linear"},
    "the classes exclude each other: softmax, not a sigmoid for each": {"last": "sigmoid"},
    "VGG takes the maximum, not the average": {"pool": keras.layers.AveragePooling2D},
}


def answer(**change):
    """What the net answers with the weights of ours, which has this mistake."""
    reference = expected(**change)
    blocks.twin(net, reference, np.random.default_rng(743))
    return np.asarray(reference(images))


right = answer()
checks.close(
    np.asarray(net(images, training=False)),
    right,
    rtol=1e-3,
    atol=1e-5,
    unless={message: partial(answer, **change) for message, change in wrong.items()},
    hint="with the same weights the net gives other numbers: 3×3, ReLU and maxima; Flatten; ReLU; softmax",
)
### END HIDDEN TESTS
checks.passed("three classes", points=3, later="the numbers that come out, for random weights")

# %% topics=["A7"] nbgrader={"grade": true, "grade_id": "build_vgg-any-config", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A configuration that begins with a pooling
# When graded: VGG19, a very thin net, a bad list, an image that is too small.
from course import blocks, checks

try:
    smallest = build_vgg(["M", 1, "M", "M"], classes=2, size=8, units=(3,))
except ValueError:
    checks.fail(
        "8 is halved to 4, 2 and 1, and a side of 1 is still a side: only 0 is refused; so is a single map a map"
    )
net = blocks.as_model(smallest, "build_vgg's result")
checks.equal(net.output_shape, (None, 2), hint="a configuration may begin with a pooling, and end at a side of 1")
### BEGIN HIDDEN TESTS
config = [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"]
net = blocks.as_model(build_vgg(config, 1 / 64, 10, 64, (64, 64)), "build_vgg's result")
checks.equal(
    [tuple(w.shape)[-1] for w in net.weights if len(w.shape) > 1],
    [1, 1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 1, 1, 10],
    hint="VGG19 has sixteen convolutions: the list says how many",
)
try:
    thin = build_vgg([4, "M"], 1 / 8, 3, 8, (4,))
except ValueError:
    checks.fail("a very thin net: int(n * width) is 0 there, and a layer has at least one map: max(1, int(n * width))")
net = blocks.as_model(thin, "build_vgg's result")
checks.equal(
    [tuple(w.shape)[-1] for w in net.weights if len(w.shape) > 1], [1, 1, 3], hint="a very thin net: at least one map"
)
for bad in ([8, "P"], [8, 0], [8, -3], [8, None], [8, 2.5], [8, "16"]):
    checks.raises(
        ValueError,
        lambda: build_vgg(bad, 1.0, 3, 16, (4,)),
        hint=f'config with {bad[1]!r}, which is neither "M" nor an int of at least 1',
    )
checks.raises(ValueError, lambda: build_vgg([4, "M", "M", "M"], 1.0, 3, 7, (4,)), hint="a side that would become 0")
### END HIDDEN TESTS
checks.passed(
    "a pooling first, and a side length of 1 at the end", points=2, later="VGG19, very thin nets, bad configurations"
)

# %% [markdown] topics=["H1"] nbgrader={"grade": false, "grade_id": "vgg-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Before it is built
#
# Your full VGG16, with every weight's *shape* and no weight's value: inside a `StatelessScope` that initialises nothing, Keras only notes what there would be, and
# allocates none of the 553 MB. **Predict first:** which of the five blocks does most of the multiplications?

# %% topics=["H1"] nbgrader={"grade": false, "grade_id": "vgg-count", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("build_vgg"), keras.StatelessScope(initialize_variables=False):
    for name, config in (("VGG16", VGG16), ("VGG19", VGG19)):
        net = build_vgg(config)
        rows = [(tuple(layer.output.shape)[1:], layer.count_params()) for layer in net.layers]
        in_convolutions = sum(count for shape, count in rows if len(shape) == 3)
        print(f"{name}: {net.count_params():,} weights, {in_convolutions:,} of them in convolutions")
        if config is VGG16:
            counts = [count for _, count in rows if count]
            sides = [f"{shape[0]}×{shape[0]}" if len(shape) == 3 else "dense" for shape, count in rows if count]
            deep = [int(np.prod(layer.kernel.shape)) for layer in net.layers if layer.count_params()]
            places = [shape[0] ** 2 if len(shape) == 3 else 1 for shape, count in rows if count]

# %% topics=["H1"] tags=["draw"] nbgrader={"grade": false, "grade_id": "vgg-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: weights and work of VGG16, layer by layer
with checks.waiting_for("build_vgg"):
    work = [k * p / 1e9 for k, p in zip(deep, places, strict=True)]
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 4.6), layout="constrained", sharex=True)
    top.bar(range(len(counts)), np.array(counts) / 1e6, color=BLUE)
    bottom.bar(range(len(work)), work, color=ORANGE)
    top.set(title=f"VGG16: {sum(counts):,} weights", ylabel="weights (millions)")
    bottom.set(
        title=f"and {sum(work):.1f} billion multiplications per image",
        ylabel="multiplications (10⁹)",
        xlabel="layer: side length of its maps",
    )
    bottom.set_xticks(range(len(sides)), sides, rotation=60, fontsize=9)
    for ax in (top, bottom):
        ax.spines[["top", "right"]].set_visible(False)
    plots.show(
        "Two rows of bars, one bar per layer of VGG16. Weights: one bar, the first dense layer with 102.8 million, towers over all others. "
        "Multiplications: spread over the convolutions, highest in the middle layers at 112, 56 and 28 pixels; the dense layers have almost none."
    )
    per_block = {}
    for side, w, count in zip(sides, work, counts, strict=True):
        one = per_block.setdefault(side, [0.0, 0])
        one[0] += w
        one[1] += count
    for side, (w, count) in per_block.items():
        print(f"{side:>8}: {w / sum(work):6.1%} of the multiplications, {count / sum(counts):6.1%} of the weights")

# %% [markdown] topics=["H1", "F5"] nbgrader={"grade": false, "grade_id": "mini-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The weights are in the head: 89 % in the three dense layers. The work is in the blocks, and most of it in the middle: block 1 has 12.5 %, blocks 2 to 4 together 78 %. To get a smaller file, change the head; to get
# a faster net, change the middle blocks.
#
# ## 8 · A mini-VGG against the notes' CIFAR net
#
# Week 6's net of the notes has 528,054 weights, kernels of 2×2 and 97 % of its weights in one dense layer. Trained as in the notes it put 63.84 % of CIFAR-10's test images into the right class after 25 epochs (67.89 % in its
# best epoch; our measurement). Design a net of VGG's kind that does better with **no more than 528,054 weights**.
#
# You may use what VGG did not have in 2014. Batch norm between convolution and ReLU (without a bias before it) lets a deep net train from a random start; the authors of VGG first trained
# their shallow net A, and began the deeper nets with its layers. A global average or one small dense layer can replace the head. The rate can rise and then fall. And photographs may be
# mirrored: a car is a car from both sides, and so is each shape of the quick set.
#
# But rate, mirroring and batch norm are a *recipe*, and would help the notes' net as well. So the recipe is given, `train_mini` in the next cell, and after the exercise it trains the notes' net, too. Only that comparison
# says something about the design.

# %% topics=["F1"] nbgrader={"grade": false, "grade_id": "mini-data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("cifar10", PROFILE, seed=SEED)
x_train, y_train = evaluation.scaled(data.train.x), data.train.y
x_val, y_val = evaluation.scaled(data.validation.x), data.validation.y
print(data)


def train_mini(model):
    """The recipe. Compile `model`, a net for 32×32×3 and ten classes, and train it on x_train, y_train with x_val, y_val as validation.

    Returns its history: a dict with the lists "loss", "accuracy", "val_loss" and "val_accuracy", one float per epoch.
    """
    epochs, batch = (8, 128) if PROFILE == "full" else (2, 64)
    steps = epochs * -(-len(x_train) // batch)
    peak, warmup = 0.1 * batch / 128, steps // 3  # larger batches are less noisy: they bear a larger rate
    rate = keras.optimizers.schedules.CosineDecay(
        peak / 10, steps - warmup, alpha=0.001, warmup_target=peak, warmup_steps=warmup
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng, history = np.random.default_rng(SEED), {}
    for epoch in range(epochs):
        images = x_train.copy()
        mirrored = rng.random(len(images)) < 0.5
        images[mirrored] = images[mirrored][:, :, ::-1]
        title = f"{epoch + 1} of {epochs}"
        one = training.fit(model, images, y_train, validation=(x_val, y_val), epochs=1, batch_size=batch, title=title)
        for name, values in one.items():
            history.setdefault(name, []).extend(values)
    return history


# %% [markdown] nbgrader={"grade": false, "grade_id": "task-mini_vgg", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `mini_vgg` (15 points)
#
# At least two blocks; in each, at least two ordinary 3×3 convolutions (stride 1, not depthwise, not dilated) before its pooling; no kernel larger than 3×3. A global pooling at the end counts as a pooling. At most 528,054
# weights (4 points). You design the net; it is trained by `train_mini` (a recipe of your own may replace it). The other points are for accuracy, see the next cell. The trained net is kept in `artefacts/` beside
# this notebook: hand that folder in as well, else the grader trains it again.

# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "asks-mini_vgg", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
bounds.show("week07", "first", "second", "slack", "moved")


# %% topics=["H1", "F5"] nbgrader={"grade": false, "grade_id": "mini_vgg", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_mini_vgg():
    """A new, untrained net of VGG's kind for photographs of 32×32.

    Returns a keras.Model, not compiled, of Keras's own layers: input (32, 32, 3), scaled to [0, 1]; output (10,), probabilities. At most 528,054
    weights; at least two blocks of two 3×3 convolutions and a pooling, no kernel larger than 3×3.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for maps in (16, 32, 64) if PROFILE == "full" else (8, 16, 32):
        for pooled in (False, True):
            net.add(layers.Conv2D(maps, 3, padding="same", use_bias=False))
            if pooled:
                net.add(layers.MaxPooling2D(2))
            net.add(layers.BatchNormalization(momentum=0.9))
            net.add(layers.ReLU())
    net.add(layers.Flatten())
    net.add(layers.Dropout(0.3))
    net.add(layers.Dense(128, activation="relu"))
    net.add(layers.Dropout(0.4))
    net.add(layers.Dense(10, activation="softmax"))
    return net
    ### END SOLUTION


mini, mini_history = training.trained("mini", build_mini_vgg, train_mini, settings={"seed": SEED})

# %% topics=["H1"] nbgrader={"grade": true, "grade_id": "mini_vgg-design", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The design: blocks of 3×3, and at most 528,054 weights
import numpy as np

from course import blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
checks.equal(net.output_shape, (None, 10), hint="ten numbers come out, one for each class")
weights = evaluation.budget(net)
checks.true(
    weights <= 528_054,
    f"your net has {weights:,} weights, frozen ones and constants counted: the notes' has 528,054",
)
sides = [tuple(w.shape)[:2] for w in net.weights if len(w.shape) == 4]
checks.true(
    all(max(side) <= 3 for side in sides),
    "VGG has no kernel larger than 3×3: two 3×3 see what a 5×5 sees, for fewer weights",
    f"found kernels {sides}",
)
found, run = [], 0  # ordinary 3×3 convolutions before each pooling
for layer, _ in blocks.steps(net)[1]:
    kind = type(layer).__name__
    if kind == "Conv2D" and layer.groups == 1:
        size, stride, spread = (tuple(pair) for pair in (layer.kernel_size, layer.strides, layer.dilation_rate))
        run += (size, stride, spread) == ((3, 3), (1, 1), (1, 1))
    elif "Pooling2D" in kind:
        found.append(run)
        run = 0
checks.true(
    sum(run >= 2 for run in found) >= 2,
    "at least two blocks of at least two ordinary 3×3 convolutions (stride 1, not depthwise, not dilated) before a pooling",
    f"found {found} such convolutions before the poolings",
)
some = np.random.default_rng(0).random((3, 32, 32, 3), dtype="float32")
outputs = np.asarray(net(some, training=False))
checks.close(outputs.sum(axis=1), np.ones(3), rtol=1e-3, hint="the outputs are no probabilities: end in a softmax")
checks.true(
    build_mini_vgg().count_params() == net.count_params(),
    "mini is another net than build_mini_vgg builds: run the cell again",
)
checks.passed("two blocks or more, no kernel above 3×3, within the budget", points=4)

# %% topics=["H1", "F5"] nbgrader={"grade": true, "grade_id": "mini_vgg-first", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Validation accuracy for the first points
# When graded: the test images, as they are and moved by a pixel.
from course import bands, blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
weights = evaluation.budget(net)
checks.true(weights <= 528_054, f"your net has {weights:,} weights, constants counted: the notes' has 528,054")
bands.on_validation(net, "cifar10", "week07", "first")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week07", "first")
### END HIDDEN TESTS
checks.passed("the validation images", points=5, later="the test images, as they are and moved by a pixel")

# %% topics=["H1", "F5"] nbgrader={"grade": true, "grade_id": "mini_vgg-second", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Validation accuracy for the second points
# When graded: the test images, as they are and moved by a pixel.
from course import bands, blocks, checks, evaluation

net = blocks.as_model(mini, "mini")
checks.equal(net.input_shape, (None, 32, 32, 3), hint="a photograph of 32×32×3 comes in")
weights = evaluation.budget(net)
checks.true(weights <= 528_054, f"your net has {weights:,} weights, constants counted: the notes' has 528,054")
bands.on_validation(net, "cifar10", "week07", "second")
### BEGIN HIDDEN TESTS
bands.on_test(net, "cifar10", "week07", "second")
### END HIDDEN TESTS
checks.passed("the validation images", points=6, later="the test images, as they are and moved by a pixel")

# %% topics=["F5"] tags=["draw"] nbgrader={"grade": false, "grade_id": "mini-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: your curves, and the errors of which the net is most sure
with checks.waiting_for("mini_vgg"):
    plots.curves(mini_history, title=f"The mini-VGG, {evaluation.budget(mini):,} weights against the notes' 528,054")
    plots.show(
        "Loss and accuracy of the mini-VGG against the epoch. After the last epoch the training and validation accuracies are close together; "
        "with batch norm and a high rate the validation line may jump in early epochs."
    )
    guesses = mini.predict(x_val, verbose=0, batch_size=500)
    wrong = np.flatnonzero(guesses.argmax(axis=1) != y_val)
    print(
        f"{len(wrong)} of {len(y_val):,} validation images are in the wrong class; below are those of which the net is most sure"
    )
    sure = wrong[np.argsort(-guesses[wrong].max(axis=1))][:16]
    if len(sure):
        plots.gallery(x_val[sure], y_val[sure], guesses[sure].argmax(axis=1), data.classes)
        plots.show(
            "Photographs of the validation set that the mini-VGG puts into the wrong class, those first of which it is most sure."
        )

# %% [markdown] topics=["H1", "F5"] nbgrader={"grade": false, "grade_id": "rerun-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Is it the design?
#
# Now the notes' net with the same recipe: its own layers, with batch norm before each ReLU so that it can bear the same rate, trained by `train_mini`. **Predict first:** how much of the
# difference between 63.84 % and your net is the recipe's?


# %% topics=["F5"] nbgrader={"grade": false, "grade_id": "rerun", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def notes_net():
    """The notes' CIFAR net of week 6, with batch norm between convolution and ReLU: 528,166 weights that are trained."""
    image = x = keras.Input((32, 32, 3))
    for maps in (16, 32, 64):
        x = keras.layers.Conv2D(maps, 2, padding="same", use_bias=False)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Flatten()(keras.layers.Dropout(0.3)(x))
    x = keras.layers.Dropout(0.4)(keras.layers.Dense(500, activation="relu")(x))
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(x))


with checks.waiting_for("mini_vgg"):
    notes, _ = training.trained("notes", notes_net, train_mini, settings={"seed": SEED})
    print(f"{'':12}{'weights':>10}{'validation':>12}")
    for name, net in (("notes' net", notes), ("your net", mini)):
        print(f"{name:12}{evaluation.budget(net):10,}{evaluation.accuracy(net, x_val, y_val):12.1%}")

# %% [markdown] topics=["H1", "F5", "A4", "H3"] nbgrader={"grade": false, "grade_id": "rerun-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The recipe is worth a lot by itself, and the design adds to it. With our solution in the quick profile (four runs of two epochs) the notes' net reached 81.4 to 85.4 % of the validation images, and the
# mini-VGG 94.7 to 96.9 % with 85,250 weights, a sixth. In the full profile (CIFAR-10 re-encoded as JPEG, one seed each, eight epochs) they reached 74.1 % and 78.1 %, the mini-VGG with 204,794 weights. This much may be said of VGG's design against this net, with this recipe; on other data
# or after a longer training the difference may be another.
#
# ## 9 · In words (5 points, read by a person)
#
# 1. (3 points) The two pictures of VGG16 in section 7: where are its weights, where is its work, and why are these different places? Name one change that makes the file
#    smaller and hardly changes the work, and one that does the opposite.
# 2. (2 points) "Stepped like the Maya's, not smooth like Egypt's": which two jobs does VGG give to two different kinds of layers, and what does that make easy?

# %% [markdown] topics=["A4", "H3"] nbgrader={"grade": true, "grade_id": "steps-of-a-pyramid", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. Weights: 102.8 of 138.4 million are in the first dense layer, since each of its 4096 units has its own weight for each of 7·7·512 numbers. Work: a convolution uses each
#    of its few weights at every place, 224·224 times in the first block, so 99 % of the 15.5 billion multiplications are in the convolutions, 78 % in blocks 2 to 4, where maps are still large and already many. *(1 point for both places, 1
#    for the reason.)* Smaller file, same work: a global average instead of `Flatten`, or fewer units. Less work, nearly the same file: fewer maps in blocks 1 to 3, which hold 60 % of the work
#    and 1.3 % of the weights. (A stride of 2 in the first block is no answer while the head begins with `Flatten`: 7×7 becomes 3×3, and the first dense layer shrinks from 102.8 to 18.9 million weights.) *(1 point.)*
# 2. Blocks compute (3×3, ReLU) and keep the shape; transitions change the shape (pooling, new number of maps) and compute little. So a block can be made longer, narrower or be replaced without
#    touching what comes after it: VGG16 and VGG19 differ only in three blocks, which have four convolutions instead of three. *(1 point each.)*
# ### END SOLUTION

# %% [markdown] topics=["A4", "H4"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# 0 points, still checked. `reduction_saving` counts what section 6 counts by hand. `pyramid` reads the steps off a configuration; the figure then draws them. `zfnet` is AlexNet with another beginning.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-reduction_saving", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `reduction_saving` and `widest_reduction`
#
# The sums of section 6 as functions, and the number of maps at which a reduction stops saving. Shares are compared to five digits.


# %% topics=["H3", "K2"] nbgrader={"grade": false, "grade_id": "reduction_saving", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reduction_saving(c_in, c_red, c_out, k=3):
    """Weights, with biases, of a k×k convolution from c_in to c_out maps, direct or after a 1×1 that reduces to c_red maps.

    Returns a dict: "direct", the k×k convolution on c_in maps; "reduced", the k×k convolution on c_red maps; "pointwise", the 1×1
    (these three are ints); "saves_next", the share of "direct" that the k×k convolution saves; "saves_all", the share of "direct" that
    both together save (negative when they cost more). Raises ValueError when a number is below 1.
    """
    ### BEGIN SOLUTION
    if min(c_in, c_red, c_out, k) < 1:
        raise ValueError(f"all sizes must be at least 1, got {(c_in, c_red, c_out, k)}")
    direct = (k * k * c_in + 1) * c_out
    reduced = (k * k * c_red + 1) * c_out
    pointwise = (c_in + 1) * c_red
    return {
        "direct": direct,
        "reduced": reduced,
        "pointwise": pointwise,
        "saves_next": 1 - reduced / direct,
        "saves_all": 1 - (reduced + pointwise) / direct,
    }
    ### END SOLUTION


def widest_reduction(c_in, c_out, k=3):
    """The largest c_red for which a 1×1 to c_red maps and the k×k convolution after it have fewer weights than the direct one.

    Returns an int; 0 when no c_red has.
    """
    ### BEGIN SOLUTION
    widest = 0
    for c_red in range(1, c_in + 1):
        if reduction_saving(c_in, c_red, c_out, k)["saves_all"] > 0:
            widest = c_red
    return widest
    ### END SOLUTION


# %% topics=["H3"] nbgrader={"grade": true, "grade_id": "reduction_saving-lecture", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# 512 maps reduced to 128, 300 and 400
from course import checks

for c_red, reduced, pointwise in ((128, 590_336, 65_664), (300, 1_382_912, 153_900), (400, 1_843_712, 205_200)):
    found = reduction_saving(512, c_red, 512)
    checks.true(isinstance(found, dict), "reduction_saving returns a dict of five numbers", f"found {found!r}")
    checks.equal(
        sorted(found),
        ["direct", "pointwise", "reduced", "saves_all", "saves_next"],
        hint="the keys are direct, reduced, pointwise, saves_next, saves_all",
    )
    checks.integer(
        found["direct"],
        2_359_808,
        unless={"the biases are missing: one for each of the 512 maps": 2_359_296},
        hint="direct: (9·512 + 1)·512",
    )
    checks.integer(
        found["reduced"],
        reduced,
        unless={
            "the biases are missing: one for each of the 512 maps": reduced - 512,
            "reduced is the k×k convolution alone: the 1×1 has an entry of its own": reduced + pointwise,
        },
        hint="reduced: (9·c_red + 1)·512",
    )
    checks.integer(
        found["pointwise"],
        pointwise,
        unless={
            "the biases are missing: the 1×1 has one for each of its maps": pointwise - c_red,
            "the 1×1 goes from c_in to c_red maps, not to c_out": 513 * 512,
            "the 1×1 has one bias for each map that comes out, c_red": (c_red + 1) * 512,
        },
        hint="pointwise: (512 + 1)·c_red",
    )
    checks.close(
        found["saves_next"],
        1 - reduced / 2_359_808,
        unless={
            "that share is kept, not saved: one minus it": reduced / 2_359_808,
            "a share, not per cent: between 0 and 1": 100 * (1 - reduced / 2_359_808),
            "saves_next is without the 1×1: saves_all has it": 1 - (reduced + pointwise) / 2_359_808,
        },
        hint="saves_next: the share of the direct convolution's weights that the next one does without",
    )
    checks.close(
        found["saves_all"],
        1 - (reduced + pointwise) / 2_359_808,
        unless={
            "the cost of the 1×1 is forgotten: it has weights as well": 1 - reduced / 2_359_808,
            "that share is kept, not saved: one minus it": (reduced + pointwise) / 2_359_808,
            "a share, not per cent: between 0 and 1": 100 * (1 - (reduced + pointwise) / 2_359_808),
        },
        hint="saves_all: the same share, when the 1×1 is counted as well",
    )
checks.passed("512 maps to 128, 300 and 400", points=0)

# %% topics=["H3", "K2"] nbgrader={"grade": true, "grade_id": "reduction_saving-general", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One map to one map
# When graded: other maps and kernels, against layers of Keras; sizes below 1.
from course import checks

checks.integer(reduction_saving(1, 1, 1)["direct"], 10, hint="one map to one map: nine weights and a bias")
### BEGIN HIDDEN TESTS
import keras
import numpy as np

rng = np.random.default_rng(731)
for k in (1, 3, 5, 7):
    c_in, c_red, c_out = (int(n) for n in rng.choice(np.arange(2, 60), size=3, replace=False))
    counts = []
    for kernel, before, after in ((k, c_in, c_out), (k, c_red, c_out), (1, c_in, c_red)):
        layer = keras.layers.Conv2D(after, kernel)
        layer.build((None, 9, 9, before))
        counts.append(layer.count_params())
    found = reduction_saving(c_in, c_red, c_out, k)
    for key, count in zip(("direct", "reduced", "pointwise"), counts, strict=True):
        checks.integer(found[key], count, hint=f"{key}: other kernels than 3×3, and as many maps in as out nowhere")
    checks.close(found["saves_next"], 1 - counts[1] / counts[0], hint="saves_next for other maps and kernels")
    checks.close(
        found["saves_all"],
        1 - (counts[1] + counts[2]) / counts[0],
        hint="saves_all for other maps and kernels: negative where the reduction costs more than it saves",
    )
for bad in ((0, 4, 4, 3), (4, 0, 4, 3), (4, 4, -1, 3), (4, 4, 4, 0)):
    checks.raises(ValueError, lambda: reduction_saving(*bad), hint="a number below 1")
### END HIDDEN TESTS
checks.passed("one map to one map", points=0, later="other maps and kernels, sizes below 1")

# %% topics=["H3"] nbgrader={"grade": true, "grade_id": "reduction_saving-widest", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The widest reduction of 512 maps that still saves
# When graded: others, also where none saves.
from course import checks

checks.integer(
    widest_reduction(512, 512),
    460,
    unless={
        "one too many: at the break-even the two must still differ": 461,
        "the cost of the 1×1 is forgotten: without it every reduction would pay": 511,
    },
    hint="512 to 460 maps still saves, 461 does not: 1×1 and 3×3 together against the direct 3×3",
)
### BEGIN HIDDEN TESTS
for c_in, c_out, k in (
    (64, 64, 3),
    (256, 32, 3),
    (40, 300, 5),
    (24, 24, 1),
    (3, 64, 3),
    (2, 1, 1),
    (2, 4, 1),
    (2, 3, 1),
):
    direct = (k * k * c_in + 1) * c_out
    wanted = max([0, *(r for r in range(1, c_in + 1) if (k * k * r + 1) * c_out + (c_in + 1) * r < direct)])
    checks.integer(
        widest_reduction(c_in, c_out, k),
        wanted,
        hint="other maps and kernels: the largest c_red that still saves, 0 where none does",
    )
### END HIDDEN TESTS
checks.passed("the break-even for 512 maps", points=0, later="other maps and kernels")

# %% topics=["H3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "reduction-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: where a reduction stops saving
with checks.waiting_for("reduction_saving", "widest_reduction"):
    reds = np.arange(16, 513, 8)
    found = [reduction_saving(512, int(red), 512) for red in reds]
    fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    ax.plot(reds, [100 * one["saves_next"] for one in found], color=BLUE, label="the next 3×3 alone (the notes' rule)")
    ax.plot(reds, [100 * one["saves_all"] for one in found], "--", color=RED, label="with the 1×1 counted")
    ax.axhline(0, color=GREY, linewidth=0.8)
    for red in (128, 300, 400):
        both = reduction_saving(512, red, 512)
        ax.plot([red, red], [100 * both["saves_all"], 100 * both["saves_next"]], color=GREY)
        ax.annotate(
            f"{red}: {100 * both['saves_all']:.0f} %",
            (red, 100 * both["saves_all"]),
            (-6, -12),
            ha="right",
            textcoords="offset points",
        )
    ax.axvline(
        widest_reduction(512, 512), color=ORANGE, linestyle=":", label=f"break-even: {widest_reduction(512, 512)} maps"
    )
    ax.set(
        title="A 3×3 from 512 to 512 maps, after a 1×1", xlabel="maps that the 1×1 leaves", ylabel="weights saved in %"
    )
    fig.legend(frameon=False, loc="outside lower center", ncol=2)
    ax.spines[["top", "right"]].set_visible(False)
    plots.show(
        "Share of weights saved against the maps that the 1×1 leaves, two falling lines. The next 3×3 alone saves 97 % at 16 maps and 0 at 512. "
        "With the 1×1 counted the line lies lower: 72 % at 128 maps, 13 % at 400, and 0 at 460, the break-even."
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-pyramid", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `pyramid`


# %% topics=["A4"] nbgrader={"grade": false, "grade_id": "pyramid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pyramid(config, size=224):
    """The steps of a configuration such as VGG16's: one row per block, (convolutions, side, maps).

    A block is a run of convolutions; side is the side length of its maps, maps the number of them after its last convolution.
    Returns a list of tuples of ints, in order; poolings without a convolution in between make no row of their own.
    """
    ### BEGIN SOLUTION
    rows, run = [], []
    for item in [*config, "M"]:
        if item == "M":
            if run:
                rows.append((len(run), size, run[-1]))
            run, size = [], size // 2
        else:
            run.append(item)
    return rows
    ### END SOLUTION


# %% topics=["A4"] nbgrader={"grade": true, "grade_id": "pyramid-vgg16", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# VGG16's five steps
# When graded: other configurations.
from course import checks

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
checks.rows(
    pyramid(VGG16),
    [(2, 224, 64), (2, 112, 128), (3, 56, 256), (3, 28, 512), (3, 14, 512)],
    unless={
        "the side is that of the block's maps, before its pooling": [
            (2, 112, 64), (2, 56, 128), (3, 28, 256), (3, 14, 512), (3, 7, 512),
        ],
    },
    hint="(convolutions, side, maps) for each of five blocks",
)  # fmt: skip
### BEGIN HIDDEN TESTS
for config, size, wanted, first in (
    ([8, "M", 4, 6], 33, [(1, 33, 8), (2, 16, 6)], [(1, 33, 8), (2, 16, 4)]),
    (["M", 5, "M", "M", 7, "M"], 30, [(1, 15, 5), (1, 3, 7)], None),
    ([], 8, [], None),
):
    checks.rows(
        checks.unchanged(pyramid, config, size),
        wanted,
        unless={"maps is the number of the block's last convolution, not of its first": first} if first else None,
        hint="a block at the end without a pooling counts, a pooling without a block does not; sides are rounded down",
    )
### END HIDDEN TESTS
checks.passed("the five steps of VGG16", points=0, later="other configurations")

# %% topics=["A4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "pyramid-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: two stepped pyramids
with checks.waiting_for("pyramid"):
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    for ax, (name, config) in zip(axes, {"VGG16": VGG16, "VGG19": VGG19}.items(), strict=True):
        for step, (convolutions, side, maps) in enumerate(pyramid(config)):
            ax.barh(step, side, left=-side / 2, color=BLUE, edgecolor="0.5", height=0.2 * convolutions + 0.15)
            ax.text(126, step, f"{convolutions} × 3×3, {maps} maps", va="center", fontsize=9)
        ax.set(title=f"{name}: a stepped pyramid", xlabel="pixels from the middle of the map", xlim=(-120, 260))
        ax.set_xticks([-112, -56, 0, 56, 112], [112, 56, 0, 56, 112])
        ax.set_yticks(range(5), [f"block {n}" for n in range(1, 6)])
        ax.spines[["top", "right"]].set_visible(False)
    plots.show(
        "VGG16 and VGG19 as stepped pyramids: five bars from 224 to 14 pixels wide, thicker where a block has more convolutions. VGG19 has four "
        "convolutions in its last three blocks where VGG16 has three."
    )


# %% [markdown] nbgrader={"grade": false, "grade_id": "task-zfnet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `zfnet`
#
# 224×224×3 → zero padding of 1 → convolution 7×7, stride 2, 96 maps: 110×110 → max pooling 3×3, stride 2, `same`: 55×55 → convolution 5×5, stride 2, no padding, 256 maps:
# 26×26 → max pooling 3×3, stride 2, `same`: 13×13 → three 3×3 convolutions, `same`, 384, 384, 256 maps → max pooling 3×3, stride 2: 6×6 → 4096, 4096, classes. ReLU as in AlexNet.


# %% topics=["H4"] nbgrader={"grade": false, "grade_id": "zfnet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zfnet(width=1.0, classes=1000):
    """ZFNet as in the text, without response normalisation; width as in alexnet. Input (224, 224, 3), output (classes,), probabilities."""
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((224, 224, 3)), layers.ZeroPadding2D(1)])
    net.add(layers.Conv2D(int(96 * width), 7, strides=2, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2, padding="same"))
    net.add(layers.Conv2D(int(256 * width), 5, strides=2, activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2, padding="same"))
    for maps in (384, 384, 256):
        net.add(layers.Conv2D(int(maps * width), 3, padding="same", activation="relu"))
    net.add(layers.MaxPooling2D(3, strides=2))
    net.add(layers.Flatten())
    for _ in range(2):
        net.add(layers.Dense(int(4096 * width), activation="relu"))
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


# %% topics=["H4"] nbgrader={"grade": true, "grade_id": "zfnet-sizes", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The sizes on the way: 110, 55, 26, 13, 6
# When graded: the weights at another width; random weights against an independent net.
from course import blocks, checks

net = blocks.as_model(zfnet(width=1 / 32, classes=10), "zfnet's result")
sides = [side for side, _, _ in blocks.maps_of(net)]
checks.equal(
    [side for number, side in enumerate(sides) if number == 0 or side != sides[number - 1]],
    [110, 55, 26, 13, 6],
    hint="110, pooled to 55, 26, pooled to 13, and 6 at the end",
)
checks.equal(net.output_shape, (None, 10), hint="`classes` numbers come out")
### BEGIN HIDDEN TESTS
import numpy as np

for part, classes in ((2, 9), (5, 21)):
    net = blocks.as_model(zfnet(width=part / 64, classes=classes), "zfnet's result")
    a, b, c, d = (n * part // 64 for n in (96, 256, 384, 4096))
    kernels = [(7, 7, 3, a), (5, 5, a, b), (3, 3, b, c), (3, 3, c, c), (3, 3, c, b), (36 * b, d), (d, d), (d, classes)]
    checks.equal(
        [tuple(w.shape) for w in net.weights if len(w.shape) > 1], kernels, hint="the kernels of another width"
    )
    checks.integer(net.count_params(), sum(int(np.prod(k)) + k[-1] for k in kernels), hint="every layer has a bias")
from functools import partial

import keras

images = np.random.default_rng(751).random((2, 224, 224, 3)).astype("float32")


def expected(activation="relu", last="softmax", kind=keras.layers.MaxPooling2D):
    act, conv = keras.layers.Activation(activation), keras.layers.Conv2D
    inputs = keras.Input((224, 224, 3))
    x = kind(3, strides=2, padding="same")(act(conv(6, 7, strides=2)(keras.layers.ZeroPadding2D(1)(inputs))))
    x = kind(3, strides=2, padding="same")(act(conv(16, 5, strides=2)(x)))
    for maps in (24, 24, 16):
        x = act(conv(maps, 3, padding="same")(x))
    x = keras.layers.Flatten()(kind(3, strides=2)(x))
    for _ in range(2):
        x = act(keras.layers.Dense(256)(x))
    return keras.Model(inputs, keras.layers.Activation(last)(keras.layers.Dense(5)(x)))


net = blocks.as_model(zfnet(width=1 / 16, classes=5), "zfnet's result")
wrong = {
    "the ReLUs are missing": {"activation": "linear"},
    "the outputs are no probabilities: end in a softmax": {"last": "linear"},
    "the poolings take the maximum, not the average": {"kind": keras.layers.AveragePooling2D},
}


def answer(**change):
    """What the net answers with the weights of ours, which has this mistake."""
    reference = expected(**change)
    blocks.twin(net, reference, np.random.default_rng(752))
    return np.asarray(reference(images))


right = answer()
checks.close(
    np.asarray(net(images, training=False)),
    right,
    rtol=1e-2,
    atol=1e-4,
    unless={message: partial(answer, **change) for message, change in wrong.items()},
    hint="with the same weights ZFNet gives other numbers: ReLU after every layer but the last, maxima over 3×3 with stride 2",
)
### END HIDDEN TESTS
checks.passed("110, 55, 26, 13, 6", points=0, later="the weights at another width, random weights")

# %% [markdown] topics=["D11", "H4"] nbgrader={"grade": false, "grade_id": "zf-look-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Zeiler and Fergus's habit, on your own net
#
# The first kernels, and what the first block makes of one image. How to read them: a kernel is drawn in colour, mid-grey where its weights are near zero; patches of one colour beside another are edges,
# even patches are colour filters, and a kernel that looks like noise has learnt little. A map is bright where its kernel found what it looks for. A map that is dark everywhere contributes nothing on this image.

# %% topics=["D11"] tags=["draw"] nbgrader={"grade": false, "grade_id": "zf-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: first kernels and activation maps of your net
with checks.waiting_for("mini_vgg"):
    first = next(layer for layer in mini.layers if isinstance(layer, keras.layers.Conv2D))
    plots.kernels(first, channel=None, title="The mini-VGG's first kernels")
    plots.show(
        "The first 3×3 kernels of the mini-VGG as colour tiles; some are light on one side and dark on the other, which are edge detectors."
    )
    half = next(
        (one for one in mini.layers if one.output.shape[1] == 16 and len(one.output.shape) == 4), mini.layers[-1]
    )
    part = keras.Model(mini.inputs, half.output)
    plots.activation_maps(part, x_val[0], title="One image in the first block of the mini-VGG")
    plots.show(
        "One validation image, and the maps that the first block of the mini-VGG makes of it: some show edges, some areas of one colour, some are dark."
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - LeNet-5, AlexNet and VGG from their tables: a pattern of C and M, numbers of maps, a head. You counted them before they were built, and the count was right.
# - The total is a parabola in the width, so three thin nets give the weights of a large one. They do not give its accuracy.
# - Pool first, then 1×1: a quarter of the work at the same weights. A reduction must pay for its own 1×1.
# - In VGG16 the weights are in the head and the work is in the middle blocks.
# - A comparison of designs needs one recipe for both nets.
#
# [Next week](../week08_augmentation/week08_augmentation.ipynb) the images themselves are varied. Week 12 makes stepped nets deep.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week07")
