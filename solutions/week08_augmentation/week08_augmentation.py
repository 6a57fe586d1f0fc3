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

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 8 · Data augmentation
#
# **Afterwards you can** widen a data set without changing its labels: you write common augmentations in NumPy and in Keras
# layers, say which of them a task allows, split before you widen, and measure whether any of it helped.
#
# **Time** 3 hours. **You need** weeks 4 and 6: a training pipeline without leaks, and overfitting as you have seen it.
#
# | exercise | points |
# |---|---|
# | 1 · `hflip` and `random_shift` | 24 |
# | 2 · `cutout` and `colour_jitter` | 24 |
# | 3 · `classes_kept` | 12 |
# | 4 · `keras_pipeline` | 18 |
# | 5 · `verdict` | 10 |
# | 6 · the ablation | 12 |
# | stretch: `compose` and `split_then_widen`, `rotate`, `mixup`, `cutmix` | 0 |
#
# Stuck? `course.hint("moves")` in a cell of your own, with the name of an exercise's answer cell. `PROFILE` is chosen with `course start 8 --profile full`, or by editing the
# next cell: `"quick"` uses small embedded sets, `"full"` MNIST and CIFAR-10.
#
# [Glossary](../../course/glossary.md) · [week 7](../week07_lenet_to_vgg/week07_lenet_to_vgg.ipynb) · [week 9](../week09_normalisation/week09_normalisation.ipynb)
#
# You know that a 7 moved by two pixels is
# still a 7, and so is a 7 that leans. [Augmentation](../../course/glossary.md) writes this knowledge down as images. A wrong augmentation raises no error:
# it only makes the net a little worse, or the test a little too kind.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
import course
from course import bounds, checks, datasets, evaluation, plots, training

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

training.start(PROFILE, SEED)
plots.style()

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("mnist", PROFILE)
x_train, y_train = evaluation.scaled(data.train.x), data.train.y
pictures = datasets.load("cifar10", PROFILE)
first_of_each = np.array([int(np.flatnonzero(y_train == digit)[0]) for digit in range(10)])
ten = x_train[first_of_each]  # one image of each digit, float32 (10, 28, 28, 1) in [0, 1]
photo = datasets.load("photos").images["flower"][170:330:2, 290:450:2].astype("float32") / 255  # (80, 80, 3)


# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "drawing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How this notebook draws images: several as one picture, or one
def mosaic(ax, rows, beside=(), above=()):
    """Images of one size in rows and columns, drawn as one picture. rows: lists of (H, W, C); beside, above: labels."""
    height, width, channels = rows[0][0].shape
    gap = max(2, height // 14)
    sheet = np.full((len(rows) * (height + gap) - gap, len(rows[0]) * (width + gap) - gap, channels), 0.5)
    for r, images in enumerate(rows):
        for c, image in enumerate(images):
            top, left = r * (height + gap), c * (width + gap)
            sheet[top : top + height, left : left + width] = image
    show(ax, sheet)
    ax.set_yticks(np.arange(len(beside)) * (height + gap) + height / 2, beside, fontsize=9)
    ax.set_xticks(np.arange(len(above)) * (width + gap) + width / 2, above, fontsize=9)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def show(ax, image, title=""):
    """One image, grey or in colour, without ticks."""
    ax.imshow(image if image.shape[-1] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=9)


# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "contract", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · One contract for all
#
# Every augmentation in this notebook keeps the same six promises:
#
# 1. **A batch in, a batch out**, of the same shape (N, height, width, channels).
# 2. **Type and range stay.** float32 in [0, 1] comes back as float32 in [0, 1], uint8 in 0 … 255 as uint8 in 0 … 255.
# 3. **The input stays as it is.**
# 4. **Each image has its own draw.** One shift for the whole batch gives one new image, not N.
# 5. **Strength 0 changes nothing.** So an [ablation](../../course/glossary.md) can switch it off.
# 6. **All randomness comes from `rng`**, a `np.random.Generator` that the caller passes in: no `np.random.rand()`, no generator
#    made inside. Then whoever has the seed can repeat the experiment.
#
# The checks use **probes**, images that reveal what was drawn: where all pixels differ, one pixel tells how far the image was moved, and then everything else is determined.
# They never compare with particular random numbers, so you may draw for the whole batch at once or image by
# image. Shares and ranges are tested with a tolerance of five standard deviations; pixel values to five digits.
#
# ## 2 · Mirror and shift
#
# **Mirror.** Images are stored as (N, height, width, channels), so left and right are the **third** axis, number 2. `[:, ::-1]`
# turns them upside down, and `[::-1]` reverses the batch, so that images lose their labels.
#
# **Shift.** The settings in the notes this course follows read "0.2–0.3": shift by up to that *fraction* of the side length. On a photograph of 224 pixels 0.2 is 44 pixels, and the
# flower is still there. On MNIST 0.2 of 28 is 5 pixels, and the digit has a margin of 4, so strokes begin to leave the
# image.
#
# When an image moves down by 3, three rows leave at the bottom, and three have to come from somewhere at the top. `np.roll` brings back
# what left, so that the foot of a 7 appears above its head. Filling with zeros leaves a black border; on photographs a **reflected** border looks more natural.
# Worked: the row `[1, 2, 3, 4, 5]` moved right by 2 is `[0, 0, 1, 2, 3]` with zeros and `[3, 2, 1, 2, 3]` reflected (as `np.pad` does it: the edge itself is not repeated);
# `np.roll` would give `[4, 5, 1, 2, 3]`.
#
# Many CIFAR-10 results since the ResNet paper (He et al., 2016) use **pad, then crop**: a border of 4 pixels, and a random 32×32 window of the 40×40. That is a
# shift by −4 … 4: 81 places, and with mirroring 162 different images.

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "fill-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: four ways to fill what moves in
moved = {"as it is": photo}
far = 24
padded = {"zeros": "constant", "reflected": "reflect", "edge repeated": "edge", "wrapped (np.roll)": "wrap"}
for title, mode in padded.items():
    moved[title] = np.pad(photo, ((far, 0), (far, 0), (0, 0)), mode=mode)[:80, :80]
fig, axes = plt.subplots(1, 5, figsize=(10, 2.4), layout="constrained")
for ax, (title, image) in zip(axes, moved.items(), strict=True):
    show(ax, image, title)
fig.suptitle("Moved down and right by 24 pixels: four ways to fill what moves in", fontsize=11)
plots.show(
    "A flower five times: as it is, then moved down and right by 24 pixels. What moves in is black, or the mirrored flower, or stripes of the "
    "repeated edge, or the opposite side of the picture, which np.roll wraps around."
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-moves", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `hflip` and `random_shift` (24 points)
#
# Whole pixels, both directions, each image its own draw for rows **and** for columns. Mind the ends:
# `rng.integers(-m, m)` never gives `+m`.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "moves", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hflip(x, rng, p=0.5):
    """Mirror each image left to right with probability p.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator. p: in [0, 1].
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when p is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 <= p <= 1:
        raise ValueError(f"p is a probability, not {p}")
    out = x.copy()
    chosen = rng.random(len(x)) < p
    out[chosen] = x[chosen, :, ::-1]
    return out
    ### END SOLUTION


def random_shift(x, rng, fraction=0.1, fill="zeros"):
    """Move each image by a random whole number of pixels.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator.
    fraction: largest shift as a fraction of the side length: rows move by -m … m with m = int(fraction · H), columns by
        -m … m with m = int(fraction · W), all equally likely, the two drawn independently.
    fill: what moves in, "zeros", or "reflect" (as in np.pad: the edge itself is not repeated).
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when fraction is negative, or 1 or more, or fill is another word.
    """
    ### BEGIN SOLUTION
    if not 0 <= fraction < 1 or fill not in ("zeros", "reflect"):
        raise ValueError(f"fraction is in [0, 1) and fill 'zeros' or 'reflect', not {fraction} and {fill!r}")
    n, height, width = x.shape[:3]
    down, right = int(fraction * height), int(fraction * width)
    border = ((0, 0), (down, down), (right, right), (0, 0))
    wide = np.pad(x, border, mode="constant" if fill == "zeros" else "reflect")
    tops = rng.integers(0, 2 * down, n, endpoint=True)
    lefts = rng.integers(0, 2 * right, n, endpoint=True)
    return np.stack([wide[i, tops[i] : tops[i] + height, lefts[i] : lefts[i] + width] for i in range(n)])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "moves-mirror", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# hflip: p = 1 mirrors every image, p = 0 none, p = ½ about half
# When graded: other probabilities, a batch of a single image.
import numpy as np

from course import checks

images = np.random.default_rng(81).random((5, 4, 6, 3), dtype="float32")
always = hflip(images, np.random.default_rng(0), 1.0)
checks.close(
    always,
    np.flip(images, axis=2),
    unless={
        "upside down: axis 1 holds the rows; left and right are axis 2": np.flip(images, axis=1),
        "turned by 180°: mirror the columns only": np.flip(images, axis=(1, 2)),
        "the colours are swapped (RGB became BGR): axis 3 holds the channels": np.flip(images, axis=3),
        "the order of the images is reversed, so that they lose their labels": np.flip(images, axis=0),
        "nothing was mirrored: p is the probability to mirror, not the probability to leave as it is": images,
    },
    hint="p = 1 mirrors every image left to right: columns are axis 2 of (N, H, W, C)",
)
checks.dtype(always, "float32", hint="float32 in, float32 out")
checks.close(
    hflip(images, np.random.default_rng(0), 0.0),
    images,
    unless={"p is the probability to mirror, not the probability to leave as it is": np.flip(images, axis=2)},
    hint="p = 0 mirrors no image",
)
many = np.random.default_rng(82).random((2000, 2, 3, 1), dtype="float32")
out = hflip(many, np.random.default_rng(3))
checks.shape(out, many.shape, hint="as many images come back as went in, of the same size")
is_mirrored = np.isclose(np.asarray(out), many[:, :, ::-1]).all(axis=(1, 2, 3))
as_it_was = np.isclose(np.asarray(out), many).all(axis=(1, 2, 3))
checks.true(
    bool((is_mirrored | as_it_was).all()),
    "each image is either mirrored as a whole or left as it was, and stays at its place in the batch",
    f"{int((~(is_mirrored | as_it_was)).sum())} of 2000 are neither",
)
rate = is_mirrored.mean()
checks.true(
    0 < rate < 1,
    "all images share one draw: draw for each image of the batch",
    f"{rate:.0%} of the images are mirrored",
)
# Five standard deviations of a share of 2,000 draws, so that no right answer fails.
checks.between(rate, 0.5 - 0.056, 0.5 + 0.056, hint="by default half of the images are mirrored", what="the share")
### BEGIN HIDDEN TESTS
for p, seed in ((0.2, 4), (0.85, 5), (0.05, 6)):
    again = np.asarray(hflip(many, np.random.default_rng(seed), p))
    checks.shape(again, many.shape, hint="as many images come back as went in, of the same size")
    turned = np.isclose(again, many[:, :, ::-1]).all(axis=(1, 2, 3))
    kept = np.isclose(again, many).all(axis=(1, 2, 3))
    checks.true(bool((turned | kept).all()), "each image is either mirrored as a whole or left as it was")
    room = 5 * np.sqrt(p * (1 - p) / len(many))
    checks.between(
        turned.mean(), p - room, p + room, hint="p is the share of images that are mirrored", what="the share"
    )
together = float((is_mirrored[::2] == is_mirrored[1::2]).mean())
checks.between(
    together, 0.42, 0.58, hint="neighbours in the batch share a draw: each image has its own", what="the share"
)
alone = many[:1]
turned = [not np.isclose(hflip(alone, np.random.default_rng(seed)), alone).all() for seed in range(40)]
checks.true(
    0 < sum(turned) < 40,
    "a batch of one image is mirrored in about half of the calls: draw for each image, instead of mirroring a fixed number",
)
### END HIDDEN TESTS
checks.passed(
    "all, none, and about half of the images are mirrored",
    points=7,
    later="other probabilities, a batch of a single image",
)

# %% nbgrader={"grade": true, "grade_id": "moves-shift", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# random_shift: each image moves as a whole, and zeros move in
import numpy as np

from course import checks

height, width = 10, 8
probe = np.arange(1, height * width + 1, dtype="float32").reshape(height, width, 1) / (height * width)
batch = np.repeat(probe[None], 60, axis=0)
out = random_shift(batch, np.random.default_rng(1), 0.3)
checks.shape(out, batch.shape, hint="the size of the images does not change")
checks.dtype(out, "float32", hint="float32 in, float32 out")
for image in np.asarray(out):
    number = np.rint(image[..., 0] * height * width).astype(int)  # 0 where something was filled in
    rows, columns = np.nonzero(number)
    downs = rows - (number[rows, columns] - 1) // width
    rights = columns - (number[rows, columns] - 1) % width
    if len(rows) == height * width and (np.ptp(downs) or np.ptp(rights)):
        same = np.array_equal(np.sort(number, axis=None), np.arange(1, height * width + 1))
        checks.fail(
            "what leaves on one side comes back on the other: np.roll wraps around; zeros should move in"
            if same
            else "what moves in must be 0, not a copy of other pixels"
        )
    checks.true(
        len(rows) > 0 and not np.ptp(downs) and not np.ptp(rights),
        "an image is moved as a whole, by whole pixels, without interpolation: pixel [r, c] goes to [r + down, c + right]",
    )
    kept = (height - abs(int(downs[0]))) * (width - abs(int(rights[0])))
    checks.true(
        len(rows) == kept,
        "pixels are lost that should still be in the image",
        f"moved by ({downs[0]}, {rights[0]}): {kept} pixels stay inside, found {len(rows)}",
    )
checks.true(
    len(np.unique(np.asarray(out), axis=0)) > 1,
    "all images of the batch are moved alike: draw for each image",
)
checks.passed("sixty images, each moved by whole pixels", points=5)

# %% nbgrader={"grade": true, "grade_id": "moves-reflect", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# random_shift with fill="reflect": the worked row, and every place
import numpy as np

from course import checks

row = np.repeat(np.array([1, 2, 3, 4, 5], "uint8").reshape(1, 1, 5, 1), 400, axis=0)
out = random_shift(row, np.random.default_rng(4), 0.4, fill="reflect")
checks.shape(out, row.shape, hint="the size of the images does not change")
found = sorted({tuple(int(v) for v in image[0, :, 0]) for image in np.asarray(out)})
checks.equal(
    found,
    [(1, 2, 3, 4, 5), (2, 1, 2, 3, 4), (2, 3, 4, 5, 4), (3, 2, 1, 2, 3), (3, 4, 5, 4, 3)],
    unless={
        "zeros move in although fill is \"reflect\"": [
            (0, 0, 1, 2, 3), (0, 1, 2, 3, 4), (1, 2, 3, 4, 5), (2, 3, 4, 5, 0), (3, 4, 5, 0, 0),
        ],
        "the edge itself is not repeated: np.pad calls that \"reflect\", not \"symmetric\"": [
            (1, 1, 2, 3, 4), (1, 2, 3, 4, 5), (2, 1, 1, 2, 3), (2, 3, 4, 5, 5), (3, 4, 5, 5, 4),
        ],
    },
    hint="the row 1 2 3 4 5 moved by -2 … 2, with a reflected border",
)  # fmt: skip
checks.raises(
    ValueError,
    lambda: random_shift(row, np.random.default_rng(0), 0.2, fill="mirror"),
    hint='a fill that is neither "zeros" nor "reflect"',
)
checks.passed("the worked row with a reflected border, at all five places", points=4)

# %% nbgrader={"grade": true, "grade_id": "moves-range", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# random_shift: all shifts at fraction 0.2 of 10 rows and 15 columns
import numpy as np

from course import checks


def shifts(height, width, fraction, seed, count=1500):
    """(down, right) of each image: where a single white pixel in the middle went."""
    images = np.zeros((count, height, width, 1), "float32")
    images[:, height // 2, width // 2] = 1
    out = np.asarray(random_shift(images, np.random.default_rng(seed), fraction))
    checks.shape(out, images.shape, hint="the size of the images does not change")
    checks.true(bool((out.sum(axis=(1, 2, 3)) == 1).all()), "the white pixel of some image is lost, doubled or smeared")
    place = out.reshape(count, -1).argmax(axis=1)
    return place // width - height // 2, place % width - width // 2


def judge(moves, most, side):
    """Whether `moves` are -most … most, all about equally often."""
    found = sorted({int(move) for move in moves})
    checks.equal(
        found,
        list(range(-most, most + 1)),
        unless={
            "the largest shift never occurs: rng.integers(low, high) leaves high out": list(range(-most, most)),
            "images move one way only: draw from -m to m": list(range(most + 1)),
            "images move along one axis only: rows and columns both move": [0],
            "rows and columns have different lengths: fraction · H for rows, fraction · W for columns": [
                *range(-side, side + 1)
            ],
            "int(fraction · side) rounds down": list(range(-most - 1, most + 2)),
            "int() cuts towards 0, so the largest shifts never occur: draw whole numbers, with rng.integers": list(
                range(1 - most, most)
            ),
        },
        hint="shifts are all whole numbers from -m to m, m = int(fraction · side)",
    )
    share = np.bincount(np.asarray(moves) + most) / len(moves)
    expected = 1 / (2 * most + 1)
    room = 5 * np.sqrt(expected * (1 - expected) / len(moves))
    checks.true(bool(np.abs(share - expected).max() <= room + 1e-9), "all shifts from -m to m are equally likely")


downs, rights = shifts(10, 15, 0.2, 2)
judge(downs, 2, 3)
judge(rights, 3, 2)
checks.true(
    abs(float(np.corrcoef(downs, rights)[0, 1])) < 0.13,
    "rows and columns are drawn independently: they should not go together",
)
checks.passed("all shifts occur, all equally often", points=3)

# %% nbgrader={"grade": true, "grade_id": "moves-rules", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# When graded: the promises of section 1, other sizes and fractions
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np


def shifts(height, width, fraction, seed, count=1500):
    """(down, right) of each image: where a single white pixel in the middle went."""
    images = np.zeros((count, height, width, 1), "float32")
    images[:, height // 2, width // 2] = 1
    out = np.asarray(random_shift(images, np.random.default_rng(seed), fraction))
    checks.shape(out, images.shape, hint="the size of the images does not change")
    checks.true(bool((out.sum(axis=(1, 2, 3)) == 1).all()), "the white pixel of some image is lost, doubled or smeared")
    place = out.reshape(count, -1).argmax(axis=1)
    return place // width - height // 2, place % width - width // 2


def judge(moves, most, side):
    """Whether `moves` are -most … most, all about equally often."""
    found = sorted({int(move) for move in moves})
    checks.equal(
        found,
        list(range(-most, most + 1)),
        unless={
            "the largest shift never occurs: rng.integers(low, high) leaves high out": list(range(-most, most)),
            "images move one way only: draw from -m to m": list(range(most + 1)),
            "images move along one axis only: rows and columns both move": [0],
            "rows and columns have different lengths: fraction · H for rows, fraction · W for columns": [
                *range(-side, side + 1)
            ],
            "int(fraction · side) rounds down": list(range(-most - 1, most + 2)),
            "int() cuts towards 0, so the largest shifts never occur: draw whole numbers, with rng.integers": list(
                range(1 - most, most)
            ),
        },
        hint="shifts are all whole numbers from -m to m, m = int(fraction · side)",
    )
    share = np.bincount(np.asarray(moves) + most) / len(moves)
    expected = 1 / (2 * most + 1)
    room = 5 * np.sqrt(expected * (1 - expected) / len(moves))
    checks.true(bool(np.abs(share - expected).max() <= room + 1e-9), "all shifts from -m to m are equally likely")


for height, width, fraction, most_down, most_right, seed in (
    (28, 9, 0.1, 2, 0, 21),
    (12, 28, 0.25, 3, 7, 22),
    (9, 11, 0.3, 2, 3, 23),
):
    downs, rights = shifts(height, width, fraction, seed)
    judge(downs, most_down, most_right)
    judge(rights, most_right, most_down)
images = np.random.default_rng(84).integers(1, 256, (60, 9, 7, 3), dtype="uint8")
for name, change in (
    ("hflip", lambda x, seed: hflip(x, np.random.default_rng(seed), 0.5)),
    ("random_shift", lambda x, seed: random_shift(x, np.random.default_rng(seed), 0.3)),
    ("random_shift", lambda x, seed: random_shift(x, np.random.default_rng(seed), 0.3, "reflect")),
):
    first = checks.unchanged(lambda x, change=change: change(x, 31), images)
    checks.dtype(first, "uint8", hint="uint8 in, uint8 out")
    checks.close(
        change(images, 31),
        first,
        hint=f"{name}: two generators of the same seed must give the same images: take every random number from rng",
    )
    checks.true(
        not np.array_equal(change(images, 32), first),
        f"{name}: generators of different seeds give the same images: the numbers do not come from rng",
    )
    checks.equal(
        len(np.unique(np.asarray(change(np.repeat(images[:1], 60, axis=0), 33)), axis=0)) > 1,
        True,
        hint=f"{name}: all images share one draw: draw for each image",
    )
tall = np.repeat(np.random.default_rng(86).uniform(0.1, 1, (1, 8, 7, 1)).astype("float32"), 900, axis=0)
out = np.asarray(random_shift(tall, np.random.default_rng(41), 0.4, "reflect"))
checks.shape(out, tall.shape, hint="the size of the images does not change")
wide = tall[0][[3, 2, 1, *range(8), 6, 5, 4]][:, [2, 1, *range(7), 5, 4]]
fits = np.stack([np.isclose(out, wide[r : r + 8, c : c + 7]).all(axis=(1, 2, 3)) for r in range(7) for c in range(5)])
checks.true(bool(fits.any(axis=0).all()), 'fill "reflect": some image is no cut of the image with a reflected border')
checks.true(bool(fits.any(axis=1).all()), 'fill "reflect": some of the places never occur')
for fill in ("zeros", "reflect"):
    checks.close(random_shift(images, np.random.default_rng(33), 0.0, fill), images, hint="fraction 0 moves nothing")
    checks.close(
        random_shift(images, np.random.default_rng(33), 0.05, fill),
        images,
        hint="where fraction · side is less than one pixel, nothing moves",
    )
for fraction in (-0.1, 1.0, 1.5):
    checks.raises(
        ValueError,
        lambda fraction=fraction: random_shift(images, np.random.default_rng(0), fraction),
        hint="a fraction that is negative, or 1 or more",
    )
for p in (-0.1, 1.5):
    checks.raises(ValueError, lambda p=p: hflip(images, np.random.default_rng(0), p), hint="a p outside [0, 1]")
### END HIDDEN TESTS
checks.when_graded("the promises of section 1, other sizes, fractions and fills", points=5)

# %% topics=["H6"] tags=["draw"] nbgrader={"grade": false, "grade_id": "moves-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: digits and a flower, mirrored and shifted
with checks.waiting_for("hflip", "random_shift"):
    far = np.random.default_rng(SEED)
    rows = [ten, hflip(ten, far, 1.0), random_shift(ten, far, 0.2)]
    flowers = [photo[None], hflip(photo[None], far, 1.0), random_shift(photo[None], far, 0.2, "reflect")]
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), width_ratios=[10, 1], layout="constrained")
    mosaic(left, rows, ["as it is", "mirrored", "shifted"], range(10))
    mosaic(right, flowers, (), ["flower"])
    fig.suptitle("Which of these are still what they were?", fontsize=11)
    plots.show(
        "Ten digits and a flower as they are, mirrored, and shifted by up to a fifth. The mirrored flower is a flower; most of the "
        "mirrored digits are no digits any more. Some of the shifted digits touch the border or lose a stroke."
    )

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "cutout-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A mirrored flower is a flower. Name each digit of the second row: most are no digit any more. Section 5 comes back to this.
#
# ## 3 · Cutout and colour
#
# **Cutout** covers a square of the image with zeros. A net that tells a 7 by its upper corner alone must now find a second
# feature. It acts like [dropout](../../course/glossary.md) on the input, in one connected piece.
# In the original paper (DeVries and Taylor, 2017) the square may extend beyond the border. Here it lies **inside**: its upper left corner is at a row from 0 to H − size, all equally likely.
# Worked: a square of 8 in 28×28 has 21×21 places and hides 64 of 784 pixels, 8 %. It can also cover the very stroke that makes an 8 of a 3, and then the label is wrong: its size has to be chosen for the data.
#
# **Colour jitter** changes values instead of places, as another camera or another hour of the day would. Ours has two parts. *Saturation*: write each pixel as its grey value (the mean of
# its channels) plus a rest, and multiply the rest by a factor: 0 gives a grey image, 1 the image itself. *Brightness*: add one number to all pixels.
# Worked, one pixel (0.2, 0.4, 0.6): grey 0.4, rest (−0.2, 0, 0.2). With factor 0.5 and +0.1 it becomes (0.4, 0.5, 0.6).
#
# Two mistakes fail silently. **Bytes overflow.** A uint8 holds 0 to 255, and `180 + 100` in uint8 is 24: the brightest sky turns black. Compute in floats,
# clip, round, and only then go back. **Values leave the range.** 0.9 + 0.2 is 1.1, which no image of the test set ever holds. Clip to the range, once, at the end.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-values", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `cutout` and `colour_jitter` (24 points)
#
# So that one setting means the same for both types, strengths are fractions of the range: `brightness=0.2` adds between −0.2 and 0.2 to
# floats, between −51 and 51 to bytes.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "values", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cutout(x, rng, size=8):
    """Set one size×size square of each image to 0, in all channels.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator. size: side length of the square in pixels.
    The square lies inside the image; all its (H - size + 1) · (W - size + 1) places are equally likely, and each image
    has its own. Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when size is negative or larger than the shorter side.
    """
    ### BEGIN SOLUTION
    n, height, width = x.shape[:3]
    if not 0 <= size <= min(height, width):
        raise ValueError(f"a square of {size} does not fit into {height}×{width}")
    out = x.copy()
    tops = rng.integers(0, height - size, n, endpoint=True)
    lefts = rng.integers(0, width - size, n, endpoint=True)
    for image, top, left in zip(out, tops, lefts, strict=True):
        image[top : top + size, left : left + size] = 0
    return out
    ### END SOLUTION


def colour_jitter(x, rng, brightness=0.2, saturation=0.0):
    """Change the colours of each image by random amounts.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator.
    saturation: each image has its own factor, uniform in [1 - saturation, 1 + saturation], that multiplies how far each value
        is from its pixel's grey, the mean over the channels.
    brightness: then each image has one number, uniform in [-brightness, brightness] (times 255 for uint8), added to all of its values.
    At the end values are clipped to the range, and rounded for uint8. Draws depend on rng and N only: the same picture as bytes
    and as floats changes alike.
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when brightness or saturation is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if not (0 <= brightness <= 1 and 0 <= saturation <= 1):
        raise ValueError(f"brightness and saturation are in [0, 1], not {brightness} and {saturation}")
    full, one_each = (255 if x.dtype == np.uint8 else 1), (len(x), 1, 1, 1)
    grey = x.mean(axis=-1, keepdims=True, dtype="float64")
    factor = rng.uniform(1 - saturation, 1 + saturation, one_each)
    change = full * rng.uniform(-brightness, brightness, one_each)
    out = np.clip(grey + factor * (x - grey) + change, 0, full)
    return (np.rint(out) if x.dtype == np.uint8 else out).astype(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "values-square", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# cutout: one square of zeros in every image, in all channels
import numpy as np

from course import checks

images = np.random.default_rng(89).uniform(0.1, 1, (60, 9, 12, 3)).astype("float32")
out = cutout(images, np.random.default_rng(1), 4)
checks.shape(out, images.shape, hint="the size of the images does not change")
checks.dtype(out, "float32", hint="float32 in, float32 out")
corners = set()
for before, after in zip(images, np.asarray(out), strict=True):
    hole = (after == 0).all(axis=-1)
    checks.true(
        bool(np.allclose(after[~hole], before[~hole])),
        "outside the square something changed, or the square is not zero in all channels",
    )
    checks.true(
        hole.sum() > 0, "some image has no square at all: each image gets one, inside the image, with every draw"
    )
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    checks.true(
        bool(hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()),
        "the zeros of an image should be one square, not scattered pixels or several pieces",
    )
    checks.equal(
        (len(rows), len(columns)),
        (4, 4),
        hint="the square is size × size and lies inside the image: at the border a part of it is missing, or its size is wrong",
    )
    corners.add((int(rows[0]), int(columns[0])))
checks.true(len(corners) > 1, "the square is at the same place in all images: draw for each image")
checks.passed("one square of zeros in each of sixty images", points=5)

# %% nbgrader={"grade": true, "grade_id": "values-place", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: the places of cutout's square
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

for height, width, size, seed in ((9, 6, 3, 91), (5, 8, 4, 92), (6, 6, 6, 93), (7, 7, 1, 94)):
    out = np.asarray(cutout(np.ones((1500, height, width, 1), "float32"), np.random.default_rng(seed), size))
    checks.shape(out, (1500, height, width, 1), hint="the size of the images does not change")
    checks.true(
        bool(((out == 0).sum(axis=(1, 2, 3)) == size * size).all()),
        "the square is cut off at the border: with size pixels inside, its corner is at 0 … side - size",
    )
    for axis, side in ((2, height), (1, width)):
        first = (out[..., 0] == 0).any(axis=axis).argmax(axis=1)
        places = side - size + 1
        checks.equal(
            sorted({int(place) for place in first}),
            list(range(places)),
            unless={"the last place never occurs: rng.integers(low, high) leaves high out": list(range(places - 1))},
            hint="the square may touch every border: its corner is at 0 … side - size, both included",
        )
        share = np.bincount(first, minlength=places) / len(first)
        room = 5 * np.sqrt((1 - 1 / places) / places / len(first)) + 1e-9
        checks.true(
            bool(np.abs(share - 1 / places).max() <= room),
            "all places are equally likely: a square pushed back from the border is there too often",
        )
    corners = {(hole.any(axis=1).argmax(), hole.any(axis=0).argmax()) for hole in out[..., 0] == 0}
    checks.equal(
        len(corners),
        (height - size + 1) * (width - size + 1),
        hint="rows and columns are drawn independently: in 1,500 images each of the (H - size + 1) · (W - size + 1) places occurs",
    )
### END HIDDEN TESTS
checks.when_graded("all places of the square occur, the borders too, equally often", points=4)

# %% nbgrader={"grade": true, "grade_id": "values-colour", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# colour_jitter: the worked pixel, and the ranges of both amounts
import numpy as np

from course import checks

images = np.tile(np.array([0.2, 0.4, 0.6], "float32"), (400, 2, 3, 1))
for brightness, saturation in ((0.15, 0.0), (0.0, 0.5), (0.08, 0.5)):
    out = colour_jitter(images, np.random.default_rng(1), brightness=brightness, saturation=saturation)
    checks.shape(out, images.shape, hint="the size of the images does not change")
    checks.dtype(out, "float32", hint="float32 in, float32 out: NumPy's random numbers are float64")
    out = np.asarray(out, "float64")
    checks.true(
        bool((np.ptp(out.reshape(400, 6, 3), axis=1) < 1e-5).all()),
        "within an image all pixels get the same factor and the same number",
    )
    red, green, blue = out[:, 0, 0].T
    checks.true(
        bool(np.allclose(red + blue, 2 * green, atol=1e-5)),
        "the rest is multiplied and one number is added: (0.2, 0.4, 0.6) stays evenly spaced",
    )
    amount, factor = green - 0.4, (blue - red) / 0.4
    for name, found, middle, most in (("brightness", amount, 0, brightness), ("saturation", factor, 1, saturation)):
        off = found - middle
        if most == 0:
            checks.true(bool(np.abs(off).max() < 1e-4), f"{name} = 0 changes nothing of it")
            continue
        checks.true(np.ptp(off) > 1e-3, f"{name}: all images of the batch get the same: draw for each image")
        checks.between(
            float(np.abs(off).max()),
            0.95 * most,
            most + 1e-4,
            hint=f"{name}: amounts are uniform between minus and plus the strength, the factor around 1",
            what="the largest",
        )
        checks.true(bool(off.min() < -0.8 * most and off.max() > 0.8 * most), f"{name}: both ways, up and down")
        checks.between(
            float(off.mean()),
            -0.15 * most,
            0.15 * most,
            hint=f"{name}: uniform amounts have this mean",
            what="the mean",
        )
        checks.between(
            float(off.std()),
            0.51 * most,
            0.645 * most,
            hint=f"{name}: amounts are uniform",
            what="their standard deviation",
        )
checks.true(abs(float(np.corrcoef(amount, factor)[0, 1])) < 0.25, "factor and number are drawn independently")
checks.passed("brightness and saturation, alone and together", points=6)

# %% nbgrader={"grade": true, "grade_id": "values-bytes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# colour_jitter: bytes do not overflow
# When graded: clipping once at the end, rounding, the scale on bytes.
import numpy as np

from course import checks

extremes = np.zeros((200, 2, 2, 1), "uint8")
extremes[:, 0] = 250
out = colour_jitter(extremes, np.random.default_rng(2), brightness=0.4)
checks.shape(out, extremes.shape, hint="the size of the images does not change")
checks.dtype(out, "uint8", hint="uint8 in, uint8 out")
out = np.asarray(out).astype(int)
checks.true(
    bool((out[:, 0] >= 148).all() and (out[:, 1] <= 102).all()),
    "bytes overflow: 250 + 20 is 14 in uint8, and 0 - 20 is 236. Add in floats, clip to 0 … 255, then go back to uint8",
    f"pixels of 250 became {sorted(set(out[:, 0].ravel().tolist()))[:6]} …",
)
### BEGIN HIDDEN TESTS
grey = colour_jitter(np.full((600, 1, 2, 1), 128, "uint8"), np.random.default_rng(101), 0.2)
amount = np.asarray(grey)[:, 0, 0, 0].astype(int) - 128
checks.between(
    int(np.abs(amount).max()),
    46,
    51,
    hint="on uint8 the strength is a fraction of 255: 0.2 means up to 51 levels",
    what="the largest change",
)
dark = colour_jitter(np.zeros((60, 2, 2, 3), "uint8"), np.random.default_rng(105), 0.4)
checks.true(
    int(np.asarray(dark).max()) > 60,
    "a black photograph in bytes hardly changes: the type decides whether the range is 0 … 255, not the largest value",
)
draw = np.random.default_rng(102)
floats = draw.random((300, 4, 3, 3), dtype="float32")
floats[:, 0] = draw.uniform(0.45, 0.55, (300, 3, 3))  # these are never clipped, and tell what was drawn
out = colour_jitter(floats, np.random.default_rng(103), 0.3, 0.8)
checks.shape(out, floats.shape, hint="the size of the images does not change")
out = np.asarray(out, "float64")
checks.true(bool(out.min() >= 0 and out.max() <= 1), "values leave [0, 1]: clip after adding")
mean = floats.mean(axis=-1, keepdims=True, dtype="float64")
rest = floats - mean
amount = (out - mean)[:, 0].mean(axis=(1, 2))
factor = ((out - mean)[:, 0] * rest[:, 0]).sum(axis=(1, 2)) / (rest[:, 0] ** 2).sum(axis=(1, 2))
expected = np.clip(mean + factor[:, None, None, None] * rest + amount[:, None, None, None], 0, 1)
checks.close(
    out,
    expected,
    rtol=0,
    atol=2e-3,
    hint="strong colours: first the rest is multiplied, then the number is added, and values are clipped once, at the end",
)
half = np.zeros((300, 4, 4, 3), "uint8") + np.arange(96, 144, dtype="uint8").reshape(4, 4, 3)
same = colour_jitter(half.astype("float32") / 255, np.random.default_rng(104), 0.3, 0.5)
off = np.asarray(colour_jitter(half, np.random.default_rng(104), 0.3, 0.5), "float64") - 255 * np.asarray(
    same, "float64"
)
checks.true(bool(np.abs(off).max() < 1.01), "on uint8 the result is another one than on the same image in floats")
checks.true(
    bool(abs(off.mean()) < 0.15), "on uint8 the result is off by half a level: astype truncates, so round before it"
)
### END HIDDEN TESTS
checks.passed("bytes of 250 and 0 stay in their range", points=4, later="clipping once, rounding, the scale on bytes")

# %% nbgrader={"grade": true, "grade_id": "values-rules", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# When graded: the promises of section 1, strength 0, bad strengths
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

bytes_ = np.random.default_rng(90).integers(1, 256, (50, 9, 7, 3), dtype="uint8")
for images in (bytes_, bytes_.astype("float32") / 255):
    for name, change in (
        ("cutout", lambda x, seed: cutout(x, np.random.default_rng(seed), 3)),
        ("colour_jitter", lambda x, seed: colour_jitter(x, np.random.default_rng(seed), 0.3, 0.4)),
    ):
        first = checks.unchanged(lambda x, change=change: change(x, 95), images)
        checks.dtype(first, str(images.dtype), hint="the type of the images stays: uint8 in, uint8 out")
        checks.close(
            change(images, 95),
            first,
            hint=f"{name}: two generators of the same seed must give the same images: take every random number from rng",
        )
        checks.true(
            not np.allclose(change(images, 96), first),
            f"{name}: generators of different seeds give the same images: the numbers do not come from rng",
        )
    checks.close(cutout(images, np.random.default_rng(97), 0), images, hint="a square of size 0 changes nothing")
    checks.close(
        colour_jitter(images, np.random.default_rng(97), 0, 0),
        images,
        atol=1e-6,
        hint="brightness 0 and saturation 0 change nothing",
    )
    checks.shape(colour_jitter(images, np.random.default_rng(98), 1, 1), images.shape, hint="strengths may be 1")
for size in (-1, 8):
    checks.raises(
        ValueError,
        lambda size=size: cutout(bytes_, np.random.default_rng(0), size),
        hint="a size that is negative or larger than the shorter side",
    )
for pair in ((-0.1, 0), (1.2, 0), (0, -0.1), (0, 1.2)):
    checks.raises(
        ValueError,
        lambda pair=pair: colour_jitter(bytes_, np.random.default_rng(0), *pair),
        hint="a brightness or a saturation outside [0, 1]",
    )
### END HIDDEN TESTS
checks.when_graded("the promises of section 1, strength 0, strengths that make no sense", points=5)

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "crop-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Resized crops** are the third common augmentation for photographs: cut a random window out of the image and bring it back to the full size (Szegedy et al., 2015, for ImageNet). Objects then come in
# many sizes. Keras's `RandomZoom` with a negative factor does this around the middle.

# %% topics=["H6"] tags=["draw"] nbgrader={"grade": false, "grade_id": "photo-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: a photograph with your augmentations, and resized crops
with checks.waiting_for("hflip", "random_shift", "cutout", "colour_jitter"):
    stream, zoom = np.random.default_rng(SEED), keras.layers.RandomZoom((-0.5, 0.0), seed=SEED)
    six = np.repeat(photo[None], 6, axis=0)
    kinds = {
        "colour_jitter": colour_jitter(six, stream, 0.2, 0.8),
        "cutout": cutout(six, stream, 24),
        "shift, reflected": random_shift(six, stream, 0.25, "reflect"),
        "resized crop": keras.ops.convert_to_numpy(zoom(six, training=True)).clip(0, 1),
    }
    fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
    mosaic(ax, [[photo, *images] for images in kinds.values()], list(kinds), ["original"])
    fig.suptitle("One photograph, four augmentations", fontsize=11)
    plots.show(
        "Four rows of one flower, the original first. Colour jitter makes it brighter, darker, paler or gaudier; cutout covers a black square; "
        "shifts move it with a reflected border; resized crops show it larger, cut off at the border."
    )

# %% [markdown] topics=["H6", "J1"] nbgrader={"grade": false, "grade_id": "stored-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · From augmentations to a data set
#
# **Stored copies, or on the fly.** The notes' example: 100 images, each stored in 100 variants, make 10,000. Run time and disk space grow with them. Two things do not:
#
# - **Independent examples.** Ten thousand variants of a hundred digits are worth far
#   less than ten thousand digits.
# - **Variety.** After the 100 variants nothing new comes. **On the fly**, with new draws in every epoch, nothing is stored and new variants keep coming, as many as the
#   augmentation can make: pad-and-crop with mirroring has 162 per image, a rotation by a real angle has no such limit.

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "stored-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: how many different images a net has seen
rows = [("digits 28×28, uint8", 28 * 28, 100), ("digits 28×28, float32", 4 * 28 * 28, 100)]
rows += [("CIFAR-10 32×32×3, uint8", 32 * 32 * 3, 50_000), ("ImageNet 224×224×3, uint8", 224 * 224 * 3, 1_281_167)]
print(f"{'':28}{'images':>11}{'as they are':>14}{'100 copies each':>18}")
for name, each, count in rows:
    print(f"{name:28}{count:>11,}{count * each / 1e6:>11,.1f} MB{100 * count * each / 1e6:>15,.0f} MB")
epochs = np.arange(1, 301)
fig, ax = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
ax.plot(epochs, 100 * epochs, color="#0072b2", label="on the fly, real-valued draws")
ax.plot(
    epochs,
    100 * 162 * (1 - (1 - 1 / 162) ** epochs),
    "-.",
    color="#009e73",
    label="on the fly, pad and crop with mirroring",
)
ax.plot(epochs, np.minimum(100 * epochs, 10_000), "--", color="#d55e00", label="100 stored copies of each")
ax.plot(epochs, np.full(300, 100), ":", color="0.5", label="no augmentation")
ax.set(yscale="log", xlabel="epochs over the 100 images, or as many training steps", ylabel="different images seen")
ax.set_title("100 images: how much the net has seen")
ax.legend(frameon=False)
plots.show(
    "Different images seen against epochs, log scale, for 100 originals. Without augmentation 100. With 100 stored copies of each it ends at 10,000. "
    "Pad and crop with mirroring bends towards 16,200; draws of real numbers rise without a limit, to 30,000 after 300 epochs."
)

# %% [markdown] topics=["H5", "E8"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Split first, then widen.** Two things go wrong with splits, and the notes have one of each.
#
# *The sum.* "70/15/15, 60/20/20, 90/10/10." Shares that sum to 110 % put images on both sides, or make the last
# part shorter than it says.
#
# *The order.* Widen 100 images to 10,000, shuffle, split: now nearly every test image has some seventy variants of its original in the training
# set. So split the **originals**, then widen the **training part only**. Validation and test images stay as they are.
#
# How much does the wrong order flatter? The next cell does both with your augmentations, on 100 digits in 20 variants each. Its classifier learns nothing: an image gets the label of
# the most similar training image. **Predict first:** which three accuracies will it print?

# %% topics=["H5"] nbgrader={"grade": false, "grade_id": "leak-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from sklearn.neighbors import KNeighborsClassifier

with checks.waiting_for("random_shift", "colour_jitter"):
    stream = np.random.default_rng(SEED)

    def widen(x, y, copies=20):
        """Each image in `copies` variants, flattened, with its label."""
        x = colour_jitter(random_shift(np.repeat(x, copies, axis=0), stream, 0.1), stream, 0.2)
        return x.reshape(len(x), -1), np.repeat(y, copies)

    picked = stream.permutation(len(x_train))[:600]  # at random: neighbours in the set are often by one writer
    few_x, few_y = x_train[picked[:100]], y_train[picked[:100]]
    wide_x, wide_y = widen(few_x, few_y)
    order = stream.permutation(len(wide_x))
    leaky = KNeighborsClassifier(1).fit(wide_x[order[600:]], wide_y[order[600:]])
    print(f"widened, then split: {leaky.score(wide_x[order[:600]], wide_y[order[:600]]):.1%} of the test images")
    scores, truth = [], []
    for _ in range(5):  # five splits, because 30 test images are few
        order = stream.permutation(100)
        honest = KNeighborsClassifier(1).fit(*widen(few_x[order[30:]], few_y[order[30:]]))
        scores.append(honest.score(few_x[order[:30]].reshape(30, -1), few_y[order[:30]]))
        truth.append(honest.score(x_train[picked[100:]].reshape(500, -1), y_train[picked[100:]]))
    print(f"split, then widened: {np.mean(scores):.1%} (mean of five splits)")
    print(f"500 digits that neither has seen: {np.mean(truth):.1%}")

# %% [markdown] topics=["H5", "H6"] nbgrader={"grade": false, "grade_id": "leak-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The first accuracy is the highest, and no classifier of the three is better for it: nearly every test image has variants of its own original in the training set, and the most similar one
# gives the label away. On digits that are new the same method gets about ten points less (quick profile, three seeds: 95 to 96 % against 85 to 88 %). The second line, from few images, is rough but honest.
#
# Next: what a net sees on the fly, several augmentations in a row.

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "epochs-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: one image per column, and what five epochs make of it
with checks.waiting_for("hflip", "random_shift", "cutout", "colour_jitter"):
    stream = np.random.default_rng(SEED)
    digit_rows, photo_rows = [ten], [photo[None]]
    for _ in range(5):
        digit_rows.append(colour_jitter(cutout(random_shift(ten, stream, 0.1), stream, 6), stream, 0.15))
        flower = random_shift(hflip(photo[None], stream), stream, 0.15, "reflect")
        photo_rows.append(colour_jitter(cutout(flower, stream, 20), stream, 0.2, 0.6))
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 6), width_ratios=[10, 1], layout="constrained")
    mosaic(left, digit_rows, ["original", *(f"epoch {n}" for n in range(1, 6))], range(10))
    mosaic(right, photo_rows, (), ["flower"])
    fig.suptitle("Down a column: one image, and what five epochs make of it", fontsize=11)
    plots.show(
        "Each column is one image, the original on top, and below it what five epochs show the net: digits a little shifted with a small hole, "
        "a flower mirrored, shifted, with a square missing and other colours."
    )

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "labels-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Each column is one image**, the top row is the original, and every further row is what one epoch shows the net. Would you still give each the same label?
#
# ## 5 · Which augmentation keeps which label
#
# Your code does not know what is in the picture. You do. The question is: **would a person give it the same label?** Four tasks:
#
# | task | classes | what carries the label |
# |---|---|---|
# | `"digits"` | 0 to 9, as printed in the figure below; a 1 is a plain stroke | shape and its direction |
# | `"arrows"` | `"left"`, `"right"`, `"straight on"`: plain arrows ←, →, ↑ on a blue disc | the direction alone |
# | `"fruit"` | `"ripe"`, `"unripe"`: red and green tomatoes of the same shapes | the colour alone |
# | `"cells"` | `"round"`, `"rod"`: bacteria under a microscope, lying in any direction | the shape, in any direction |
#
# and seven augmentations: `"hflip"` (left–right), `"vflip"` (upside down), `"turn 180"`, `"turn 10"` (by up to ±10°), `"shift"` (by a
# tenth, the object stays whole), `"brightness"` (a little), `"grey"` (saturation 0).
#
# A label is **kept** when the changed picture belongs to the same class. A 6 turned by 180° is a 9: a picture with a wrong label. A 7
# turned by 180° is no digit: a picture with no label. Neither is kept. Some digits survive.

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "labels-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: digits and arrows, mirrored and turned
fig, ax = plt.subplots(figsize=(10, 3.7), layout="constrained")
changes = {"as it is": (1, 1), "hflip": (-1, 1), "vflip": (1, -1), "turn 180": (-1, -1)}
glyphs = [*"0l23456789", "←", "→", "↑"]  # the 1 as a plain stroke: a small l
for line, (across, up) in enumerate(changes.values()):
    for place, glyph in enumerate(glyphs):
        path = TextPath((0, 0), glyph, size=0.8)
        box = path.get_extents()
        middle = Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2)
        moved_there = middle.scale(across, up).translate(place, -line)
        ax.add_patch(PathPatch(moved_there.transform_path(path), color="#0072b2" if glyph in "←→↑" else "0.5"))
ax.hlines(-0.5, -0.5, 12.5, color="0.7", linewidth=1)
ax.set(xlim=(-0.5, 12.5), ylim=(-3.5, 0.5), aspect="equal", xticks=[])
ax.set_yticks([0, -1, -2, -3], list(changes))
ax.set_title("Which of these keep their label?", fontsize=11)
plots.show(
    "Ten digits and three arrows in four rows: as they are, mirrored left to right, upside down, and turned by 180 degrees. Compare each glyph with "
    "the one in the first row, and with the other glyphs of the first row."
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-classes_kept", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `classes_kept` (12 points)

# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "classes_kept", "locked": false, "schema_version": 3, "solution": true, "task": false}
CLASSES = {
    "digits": set(range(10)),
    "arrows": {"left", "right", "straight on"},
    "fruit": {"ripe", "unripe"},
    "cells": {"round", "rod"},
}
AUGMENTATIONS = ("hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey")


def classes_kept(augmentation, task):
    """The classes of a task whose pictures keep their label under an augmentation, whatever it draws.

    augmentation: "hflip", "vflip", "turn 180", "turn 10", "shift", "brightness" or "grey".
    task: "digits" (classes 0 … 9), "arrows" ("left", "right", "straight on"), "fruit" ("ripe", "unripe") or
        "cells" ("round", "rod"), as the table above describes them.
    Returns a set of classes: all of them where the augmentation is safe for the task, set() where it keeps none.
    Raises ValueError when the augmentation or the task is unknown.
    """
    ### BEGIN SOLUTION
    if task not in CLASSES or augmentation not in AUGMENTATIONS:
        raise ValueError(f"unknown: {augmentation!r} on {task!r}")
    exceptions = {
        ("hflip", "digits"): {0, 1, 8},
        ("vflip", "digits"): {0, 1, 3, 8},
        ("turn 180", "digits"): {0, 1, 8},
        ("hflip", "arrows"): {"straight on"},
        ("vflip", "arrows"): {"left", "right"},
        ("turn 180", "arrows"): set(),
        ("grey", "fruit"): set(),
    }
    return exceptions.get((augmentation, task), CLASSES[task])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "classes_kept-digits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Digits mirrored, and digits moved a little
from course import checks

everything = set(range(10))
checks.equal(
    set(classes_kept("hflip", "digits")),
    {0, 1, 8},
    unless={
        "digits must not be mirrored: look at the second row of the figure": everything,
        "some digits are their own mirror image: look at the second row of the figure": set(),
        "a 1 that is a plain stroke is its own mirror image": {0, 8},
        "one of these is its own mirror image upside down (vflip), not left to right": {0, 1, 3, 8},
    },
    hint="which digits look the same in a mirror, left to right?",
)
for safe in ("shift", "turn 10", "brightness"):
    checks.equal(
        set(classes_kept(safe, "digits")),
        everything,
        hint=f"a digit under {safe!r}, as the table describes it, keeps its label",
    )
checks.raises(ValueError, lambda: classes_kept("blur", "digits"), hint="an augmentation that is not in the list")
checks.raises(ValueError, lambda: classes_kept("hflip", "faces"), hint="a task that is not in the table")
checks.passed("digits mirrored, shifted, turned a little, brighter", points=3)

# %% nbgrader={"grade": true, "grade_id": "classes_kept-turned", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# When graded: digits turned and grey, fruit, cells
from course import checks

### BEGIN HIDDEN TESTS
checks.equal(
    set(classes_kept("vflip", "digits")),
    {0, 1, 3, 8},
    hint="digits upside down: look at the third row of the figure, digit by digit",
)
checks.equal(
    set(classes_kept("turn 180", "digits")),
    {0, 1, 8},
    unless={"a 6 turned by 180° is a 9: a picture, but with the wrong label": {0, 1, 6, 8, 9}},
    hint="digits turned by 180°: look at the last row of the figure, digit by digit",
)
checks.equal(set(classes_kept("grey", "digits")), set(range(10)), hint="digits are grey already")
for augmentation in ("hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey"):
    checks.equal(
        set(classes_kept(augmentation, "cells")),
        {"round", "rod"},
        hint=f"cells under {augmentation!r}: they lie any way round, and only their shape counts",
    )
    checks.equal(
        set(classes_kept(augmentation, "fruit")),
        set() if augmentation == "grey" else {"ripe", "unripe"},
        hint=f"fruit under {augmentation!r}: only the colour counts, and it must be left to see",
    )
### END HIDDEN TESTS
checks.when_graded("digits upside down, turned, grey; fruit and cells under all seven", points=5)

# %% nbgrader={"grade": true, "grade_id": "classes_kept-arrows", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: arrows
from course import checks

### BEGIN HIDDEN TESTS
every = {"left", "right", "straight on"}
for augmentation, kept in (
    ("hflip", {"straight on"}),
    ("vflip", {"left", "right"}),
    ("turn 180", set()),
    ("turn 10", every),
    ("shift", every),
    ("brightness", every),
    ("grey", every),
):
    checks.equal(
        set(classes_kept(augmentation, "arrows")),
        kept,
        unless={"a mirrored arrow to the left points to the right: that is another class": every}
        if augmentation == "hflip"
        else {},
        hint=f"arrows under {augmentation!r}: where does each of ←, →, ↑ point afterwards, and is that its class?",
    )
### END HIDDEN TESTS
checks.when_graded("arrows under all seven augmentations", points=4)

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "labels-afterthought", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A label may also **change along** with the image: mirror an arrow *and* swap `"left"` with `"right"`, and it matches again.
#
# ## 6 · The same pipeline in Keras layers
#
# Keras has augmentations as **layers**: they run as a part of the net, are saved with it, and are on in training and off in prediction, by the same `training` flag as dropout.
#
# Their units and defaults are different. Each difference is a silent bug for somebody who does not know it:
#
# | yours | Keras | mind |
# |---|---|---|
# | `hflip(x, rng, 0.5)` | `RandomFlip("horizontal")` | by default it also flips upside down |
# | `random_shift(x, rng, 0.1)` | `RandomTranslation(0.1, 0.1)` | rows first; real numbers of pixels; fills with a reflection, not with zeros |
# | rotation by ±10° | `RandomRotation(10 / 360)` | a fraction of a **full turn**; fills with a reflection |
# | resized crop | `RandomZoom((-0.3, 0.0))` | **negative** enlarges; `(-0.3, 0.0)` draws windows of 70 to 100 % of the side length |
# | `colour_jitter(x, rng, 0.2)` | `RandomBrightness(0.2)` | takes images for 0 … 255 unless `value_range=(0, 1)` says otherwise |
# | pad, then crop | `ZeroPadding2D(4)`, `RandomCrop(32, 32)` | do not use it here: see the next cell |
#
# Other libraries: **imgaug** has had no release since 2020 and fails with
# current NumPy. **Albumentations** also moves masks and boxes; it has not been maintained
# since 2025, and its successor has another licence (AGPL or paid).

# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "crop-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What RandomCrop of this Keras does: six equal images whose pixels are their numbers, and a window of 5×5 for each.
numbered = np.repeat(np.arange(64, dtype="float32").reshape(1, 8, 8, 1), 6, axis=0)
crop = keras.layers.RandomCrop(5, 5, seed=4)
for training_now in (True, False):
    out = keras.ops.convert_to_numpy(crop(numbered, training=training_now))
    corners = out[:, 0, 0, 0].astype(int).tolist()
    print(f"training={training_now!s:5}  shape {out.shape}, first pixel of each image: {corners}")

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "crop-demo-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# In training all six windows begin at the same pixel: the layer draws **one** place for the whole batch, against our promise 4. And in prediction nothing is cut, so the next layer meets images of another
# size. `RandomTranslation` draws for each image and keeps the size: use it instead.
#
# ### Exercise 4 · `keras_pipeline` (18 points)
#
# Strengths are measured on 200 to 400 images: the largest draw must reach 90 % of the strength.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "keras_pipeline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, zoom=0.0, brightness=0.0):
    """A Keras model of augmentation layers for images in [0, 1]: random in training, the identity in prediction.

    shape: (H, W, C) of one image, float32 in [0, 1]. flip: mirror half of the images left to right.
    shift: move by up to this fraction of the side, in rows and in columns. degrees: turn by up to ±degrees.
    zoom: cut a window around the middle, of (1 - zoom) to 1 of the side lengths (one share for both), and bring it back to the full size.
    brightness: add one number in [-brightness, brightness] to each image, values stay in [0, 1].
    What comes from outside the image is 0. With all arguments at their defaults, images stay as they are.
    Returns a keras.Model from (N, H, W, C) to (N, H, W, C), without weights, built from Keras's own layers.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    steps = [keras.Input(shape)]
    if flip:
        steps.append(layers.RandomFlip("horizontal"))
    if shift:
        steps.append(layers.RandomTranslation(shift, shift, fill_mode="constant", fill_value=0.0))
    if degrees:
        steps.append(layers.RandomRotation(degrees / 360, fill_mode="constant", fill_value=0.0))
    if zoom:
        steps.append(layers.RandomZoom((-zoom, 0.0), fill_mode="constant", fill_value=0.0))
    if brightness:
        steps.append(layers.RandomBrightness(brightness, value_range=(0, 1)))
    if len(steps) == 1:
        steps.append(layers.Identity())
    return keras.Sequential(steps)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-still", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# In prediction nothing happens; with strength 0 nothing at all
import numpy as np

from course import blocks, checks, evaluation

images = np.random.default_rng(131).random((12, 14, 11, 3), dtype="float32")
strong = blocks.as_model(
    keras_pipeline((14, 11, 3), flip=True, shift=0.3, degrees=40, zoom=0.3, brightness=0.3), "keras_pipeline's result"
)
checks.equal(evaluation.budget(strong), 0, hint="augmentation has nothing to learn: no weights")
in_prediction = np.asarray(strong(images, training=False))
checks.close(
    in_prediction,
    images,
    atol=1e-6,
    hint="in prediction (training=False) images stay as they are: leave the flag to Keras",
)
in_training = np.asarray(strong(images, training=True))
checks.shape(in_training, images.shape, hint="the size of the images does not change")
checks.true(not np.allclose(in_training, images, atol=1e-3), "in training (training=True) nothing happens")
nothing = keras_pipeline((14, 11, 3))
checks.close(
    np.asarray(nothing(images, training=True)),
    images,
    atol=1e-6,
    hint="with flip=False and all strengths 0, images stay as they are, in training too",
)
checks.passed("the identity in prediction, and with strength 0", points=3)

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-flip", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Half of the images are mirrored, left to right only
import numpy as np

from course import checks

images = np.random.default_rng(132).random((800, 3, 4, 1), dtype="float32")
out = np.asarray(keras_pipeline((3, 4, 1), flip=True)(images, training=True))
checks.shape(out, images.shape, hint="the size of the images does not change")
as_it_was = np.isclose(out, images, atol=1e-5).all(axis=(1, 2, 3))
mirrored = np.isclose(out, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
upside_down = np.isclose(out, images[:, ::-1], atol=1e-5).all(axis=(1, 2, 3))
upside_down |= np.isclose(out, images[:, ::-1, ::-1], atol=1e-5).all(axis=(1, 2, 3))
checks.true(
    not upside_down.any(),
    'some images are upside down: RandomFlip mirrors both ways unless it is told "horizontal"',
)
checks.true(bool((as_it_was | mirrored).all()), "some images are neither mirrored nor as they were")
checks.between(float(mirrored.mean()), 0.41, 0.59, hint="half of the images are mirrored", what="the share")
checks.passed("half of 800 images are mirrored", points=2)

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-shift", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
# When graded: shifts, angles, brightness, and what moves in
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

height, width, count = 30, 20, 300
row, column = np.mgrid[:height, :width]
images = np.stack([0.5 + 0.01 * (row - 15), 0.5 + 0.01 * (column - 10), np.ones((height, width))], axis=-1)
images = np.repeat(images[None].astype("float32"), count, axis=0)
out = np.asarray(keras_pipeline((height, width, 3), shift=0.2)(images, training=True), "float64")
checks.shape(out, images.shape, hint="the size of the images does not change")
inner = (slice(None), slice(8, 22), slice(6, 14))  # comes from inside at every shift that is allowed
moved = (out[inner] - images[inner]).mean(axis=(1, 2)) * 100
checks.true(
    bool(np.ptp(out[inner] - images[inner], axis=(1, 2))[:, :2].max() < 1e-3),
    "shift alone moves images as a whole; here they are changed in another way, or moved too far",
)
for axis, side in ((0, height), (1, width)):
    amount = moved[:, axis]
    checks.between(
        float(np.abs(amount).max()),
        0.9 * 0.2 * side,
        0.2 * side + 0.05,
        hint="rows move by up to shift · H, columns by up to shift · W: RandomTranslation(height_factor, width_factor)",
        what="the largest shift",
    )
    checks.true(bool(amount.min() < 0 < amount.max()), "images move both ways")
far = (np.abs(moved[:, :2]) > 1.5).any(axis=1)
checks.true(
    bool((out[far][..., 2].min(axis=(1, 2)) < 0.01).all()),
    'zeros move in: RandomTranslation reflects unless fill_mode="constant"',
)
side, count = 25, 200
row, column = np.mgrid[:side, :side] - 12
images = np.stack([0.5 + 0.02 * column, np.ones((side, side))], axis=-1).astype("float32")
images = np.repeat(images[None], count, axis=0)
near = np.hypot(row, column) <= 8
plane = np.stack([np.ones(near.sum()), column[near], row[near]], axis=1)
for degrees in (12, 40):
    try:
        model = keras_pipeline((side, side, 2), degrees=degrees)
    except ValueError:
        checks.fail("Keras refuses the angle: RandomRotation takes a fraction of a full turn, degrees / 360")
    out = np.asarray(model(images, training=True), "float64")
    checks.shape(out, images.shape, hint="the size of the images does not change")
    fitted = np.linalg.lstsq(plane, out[..., 0][:, near].T, rcond=None)[0]
    angles = np.degrees(np.arctan2(fitted[2], fitted[1]))
    checks.between(
        float(np.abs(angles).max()),
        0.9 * degrees,
        degrees + 0.2,
        hint="angles are in [-degrees, degrees]: RandomRotation takes a fraction of a full turn, degrees / 360",
        what="the largest angle",
    )
    checks.true(bool(angles.min() < 0 < angles.max()), "images turn both ways")
corners = out[np.abs(angles) > 15][:, 0, 0, 1]
checks.true(
    bool((corners < 0.05).all()), 'what comes from outside is 0: RandomRotation reflects unless fill_mode="constant"'
)
model = keras_pipeline((4, 4, 3), brightness=0.25)
grey = np.random.default_rng(133).uniform(0.4, 0.6, (400, 4, 4, 3)).astype("float32")
change = np.asarray(model(grey, training=True), "float64") - grey
checks.shape(change, grey.shape, hint="the size of the images does not change")
checks.true(
    bool(np.abs(change).max() < 0.26),
    "far too much brightness: RandomBrightness takes the range for 0 … 255 unless value_range=(0, 1)",
)
checks.true(
    bool((np.ptp(change.reshape(400, -1), axis=1) < 1e-4).all()), "within an image all pixels get the same number added"
)
amount = change[:, 0, 0, 0]
checks.between(
    float(np.abs(amount).max()), 0.23, 0.2501, hint="amounts reach from -brightness to brightness", what="the largest"
)
checks.true(bool(amount.min() < -0.15 and amount.max() > 0.15), "images become darker as well as brighter")
extremes = np.random.default_rng(134).random((100, 4, 4, 3), dtype="float32")
out = np.asarray(model(extremes, training=True))
checks.true(bool(out.min() >= 0 and out.max() <= 1), "values leave [0, 1]")
### END HIDDEN TESTS
checks.when_graded("how far images move, turn and brighten, and what moves in", points=9)

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-zoom", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The window that zoom cuts out
# When graded: another zoom, and all five arguments at once.
import numpy as np

from course import checks

row, column = np.mgrid[:21, :25]
ramps = np.stack([0.5 + 0.02 * (row - 10), 0.5 + 0.02 * (column - 12)], axis=-1)
images = np.repeat(ramps[None].astype("float32"), 200, axis=0)
out = np.asarray(keras_pipeline((21, 25, 2), zoom=0.4)(images, training=True), "float64")
checks.shape(out, images.shape, hint="the size of the images does not change")
checks.close(out[:, 10, 12], images[:, 10, 12], atol=2e-3, rtol=0, hint="the window lies around the middle")
tall = (out[:, 14, 12, 0] - out[:, 6, 12, 0]) / 0.16  # the share of the side length that the window shows
wide = (out[:, 10, 16, 1] - out[:, 10, 8, 1]) / 0.16
checks.true(
    bool(max(tall.max(), wide.max()) < 1.01),
    "the image becomes smaller: RandomZoom enlarges with negative factors",
    f"found windows of up to {max(tall.max(), wide.max()):.2f} of the side length",
)
for share in (tall, wide):
    checks.between(
        float(share.min()),
        0.59,
        0.64,
        hint="windows have (1 - zoom) to 1 of the side length",
        what="the smallest window",
    )
    checks.between(
        float(share.max()),
        0.96,
        1.01,
        hint="windows have (1 - zoom) to 1 of the side length",
        what="the largest window",
    )
checks.true(
    bool(np.allclose(tall, wide, atol=0.01)),
    "both sides are cut by the same share, so that objects keep their proportions",
)
### BEGIN HIDDEN TESTS
out = np.asarray(keras_pipeline((21, 25, 2), zoom=0.2)(images, training=True), "float64")
tall = (out[:, 14, 12, 0] - out[:, 6, 12, 0]) / 0.16
checks.between(
    float(tall.min()),
    0.79,
    0.82,
    hint="another zoom: windows have (1 - zoom) to 1 of the side length",
    what="the smallest window",
)
row, column = np.mgrid[:41, :41] - 20
images = np.stack([0.5 + 0.01 * column, np.full((41, 41), 0.5)], axis=-1).astype("float32")
model = keras_pipeline((41, 41, 2), flip=True, shift=0.05, degrees=10, zoom=0.3, brightness=0.2)
out = np.asarray(model(np.repeat(images[None], 200, axis=0), training=True), "float64")
near = np.hypot(row, column) <= 8  # comes from inside, whatever is drawn
plane = np.stack([np.ones(near.sum()), column[near], row[near]], axis=1)
middle, right, down = np.linalg.lstsq(plane, (out[..., 0] - out[..., 1])[:, near].T, rcond=None)[0]
angle, share = np.degrees(np.arctan2(down, np.abs(right))), np.hypot(right, down) / 0.01
for name, found, low, high in (
    ("flip: the share of mirrored images", (right < 0).mean(), 0.3, 0.7),
    ("shift: the largest, in pixels times the window", np.abs(middle).max() / 0.01, 1.0, 2.6),
    ("degrees: the largest angle", np.abs(angle).max(), 9, 10.4),
    ("zoom: the smallest window", share.min(), 0.69, 0.75),
    ("brightness: the largest number", np.abs(out[:, 20, 20, 1] - 0.5).max(), 0.18, 0.201),
):
    checks.between(
        float(found),
        low,
        high,
        hint=f"all five at once ({name.split(':')[0]}): each argument works beside the others, on what the last step returned",
        what=name,
    )
### END HIDDEN TESTS
checks.passed("windows of 60 to 100 % at zoom=0.4", points=4, later="another zoom, all five arguments at once")

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "verdict-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Does it help? First decide what would convince you
#
# An **ablation** trains the same net with and without one thing, everything else alike. Do 94.1 % and 94.6 % then show that it helps? Two kinds of chance are in such numbers: other test **images** would give other shares, another **seed** other nets.
#
# Both nets are measured on the *same* images, and most images are easy or hard for both. Only images on which they differ say anything, so we compare **in pairs**. Let there be
# $S$ seeds and $n$ images. For image $i$ let $d_i$ be the number of nets *with* the change that are right on it minus the number of nets *without* that are, divided by $S$. Then
#
# $$ \text{gain} = \bar d, \qquad \text{margin} = 1.96\, s / \sqrt n, $$
#
# where $s$ is the standard deviation of the $d_i$ (with $n-1$), and gain ± margin is a 95 % interval for these nets on other images of the kind. (For one pair of nets this is nearly week 4's McNemar test.)
#
# The interval knows nothing about seeds. So we look at each seed's own gain as well, and fix this rule **before** we see results: the change *helps* when the gain is above the margin **and** every seed's own gain is above 0; it *hurts* when the gain is
# below minus the margin and every seed's own gain is below 0; else it is *undecided*. What this rule is worth with two seeds was measured: section 8 says it.
#
# Worked, $n = 400$, two seeds with the same pattern: 40 images become right, 20 become wrong, 340 stay. Gain 20/400 = 0.05; $s = 0.3845$; margin 0.0377. Helps.
#
# ### Exercise 5 · `verdict` (10 points)
#
# Numbers are compared to four digits.


# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "verdict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verdict(without, with_it):
    """Whether a change made a net better, by the rule above.

    without, with_it: bool arrays (seeds, n) of the nets without and with the change: [s, i] tells whether the net of seed s put
        image i into the right class. Same seeds, same images, at least two of each. Both stay as they are.
    Returns (gain, margin, word), word one of "helps", "hurts", "undecided".
    Raises ValueError when the two have different shapes, are not two-dimensional, or have fewer than two seeds or images.
    """
    ### BEGIN SOLUTION
    without, with_it = np.asarray(without, float), np.asarray(with_it, float)
    if without.shape != with_it.shape or without.ndim != 2 or min(without.shape) < 2:
        raise ValueError(
            f"two arrays (seeds, images) of one shape, at least 2×2, not {without.shape} and {with_it.shape}"
        )
    change = with_it - without
    of_image, of_seed = change.mean(axis=0), change.mean(axis=1)
    gain = float(of_image.mean())
    margin = float(1.96 * of_image.std(ddof=1) / np.sqrt(of_image.size))
    if gain > margin and (of_seed > 0).all():
        return gain, margin, "helps"
    if gain < -margin and (of_seed < 0).all():
        return gain, margin, "hurts"
    return gain, margin, "undecided"
    ### END SOLUTION


# %% topics=["I3"] nbgrader={"grade": true, "grade_id": "verdict-worked", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The worked example, its reverse, and seeds that disagree
import numpy as np

from course import checks

before = np.zeros((2, 400), bool)
before[:, 40:300] = True  # 0 … 39 will become right, 40 … 59 wrong
after = before.copy()
after[:, :40], after[:, 40:60] = True, False
got = checks.unchanged(verdict, before, after)
checks.true(isinstance(got, (tuple, list)) and len(got) == 3, "return three things: gain, margin, word")
checks.close(
    got[0],
    0.05,
    unless={"the gain is with minus without, not the other way round": -0.05},
    rtol=1e-4,
    hint="20 of 400 images were gained",
)
checks.close(
    got[1],
    0.0376848,
    unless={
        "the pairs are lost: the margin comes from the standard deviation of the d of each image": 0.0648207,
        "the standard deviation has n - 1 (ddof=1)": 0.0376377,
        "the factor 1.96 is missing": 0.0192269,
        "the standard deviation is divided by the root of n": 0.7536962,
        "there are n = 400 values of d, one for each image, each the mean over the seeds": 0.0266306,
    },
    rtol=1e-4,
    hint="1.96 standard deviations of the d of the images, divided by the root of their number",
)
checks.equal(got[2], "helps", hint="the gain is above the margin, and both seeds gain")
checks.equal(verdict(after, before)[2], "hurts", hint="the same the other way round")
mixed = after.copy()
mixed[1] = before[1]
mixed[1, 299] = False
mixed[0, 300:340] = True
checks.equal(
    verdict(before, mixed)[2],
    "undecided",
    unless={"every seed has to gain: here the second one loses": "helps"},
    hint="the second seed loses",
)
checks.passed("helps, hurts, and undecided where the seeds disagree", points=4)

# %% topics=["I3"] nbgrader={"grade": true, "grade_id": "verdict-general", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# A single seed is refused
# When graded: more seeds, no change at all, gains within the margin, other shapes.
import numpy as np

from course import checks

one, two = np.ones((1, 50), bool), np.ones((2, 50), bool)
checks.raises(ValueError, lambda: verdict(one, one), hint="a single seed")
### BEGIN HIDDEN TESTS
for pair in ((two, two[:, :40]), (two, one), (two[0], two[0]), (two[:, :1], two[:, :1])):
    checks.raises(
        ValueError, lambda pair=pair: verdict(*pair), hint="shapes that differ, one dimension, a single image"
    )
checks.equal(verdict(two, two)[2], "undecided", hint="nothing changed at all: gain 0, margin 0")
checks.close(list(verdict(two, two)[:2]), [0, 0], atol=1e-9, hint="nothing changed at all: gain 0, margin 0")
split = np.zeros((2, 100), bool)
split[0, :40], split[1, :2] = True, True
other = np.zeros((2, 100), bool)
other[1, :5] = True
for pair in ((split, other), (other, split)):
    checks.equal(
        verdict(*pair)[2],
        "undecided",
        hint="the gain is beyond the margin, but one seed has the other sign: undecided, either way",
    )
still = split.copy()
still[0, 40:60] = True  # the second seed neither gains nor loses
for pair in ((split, still), (still, split)):
    checks.equal(
        verdict(*pair)[2],
        "undecided",
        hint="a seed whose own gain is exactly 0 is not above 0, and not below: undecided",
    )
draw = np.random.default_rng(161)
for _ in range(60):
    seeds, n = int(draw.integers(2, 6)), int(draw.integers(20, 600))
    easy = draw.random(n)
    a = draw.random((seeds, n)) < easy
    b = draw.random((seeds, n)) < np.clip(easy + draw.choice([-0.2, -0.05, 0, 0.05, 0.2]), 0, 1)
    d = b.mean(axis=0) - a.mean(axis=0)
    gain, margin = d.mean(), 1.96 * d.std(ddof=1) / np.sqrt(n)
    own = b.mean(axis=1) - a.mean(axis=1)
    word = "undecided"
    if gain > margin and own.min() > 0:
        word = "helps"
    if gain < -margin and own.max() < 0:
        word = "hurts"
    got = verdict(a, b)
    checks.close(
        [got[0], got[1]], [gain, margin], rtol=1e-4, atol=1e-9, hint="gain and margin for other seeds and images"
    )
    checks.equal(got[2], word, hint="the gain beyond the margin, and every seed of the same sign: else undecided")
### END HIDDEN TESTS
checks.passed(
    "a single seed is refused", points=6, later="more seeds, no change, gains within the margin, other shapes"
)

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "variants-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · The experiment: one augmentation, two data sets
#
# Few images, because there augmentation matters most; one small net; two seeds; the only change is mirroring:
#
# | set | quick | full | mirrored images |
# |---|---|---|---|
# | `"digits"` | embedded digits | MNIST | mostly no digits (section 5) |
# | `"pictures"` | generated coloured shapes | photographs of CIFAR-10 | of the same class |
#
# **Predict first:** which word will `verdict` give for each? Write both down first.
#
# `held` are further images of the training part that no net is trained on. The test images are left to the grader.

# %% nbgrader={"grade": false, "grade_id": "variants-given", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
SEEDS = (0, 1)  # fixed, so that the grader can begin where you began
VARIANTS = {"as they are": {}, "mirrored": {"flip": True}}
FEW, EPOCHS = {
    "quick": ({"digits": 250, "pictures": 500}, 15),
    "full": ({"digits": 600, "pictures": 1000}, 30),
}[PROFILE]
few, held = {}, {}
for name, whole in (("digits", data), ("pictures", pictures)):
    part = slice(FEW[name], FEW[name] + 1000)
    few[name] = evaluation.scaled(whole.train.x[: FEW[name]]), whole.train.y[: FEW[name]]
    held[name] = evaluation.scaled(whole.train.x[part]), whole.train.y[part]
    print(f"{name}: {FEW[name]} images to learn from, {len(held[name][1])} held out, {EPOCHS} epochs")


def build_variant(settings, shape, seed):
    """A small net for ten classes with keras_pipeline(shape, **settings) in front, not compiled. shape: (H, W, C)."""
    keras.utils.set_random_seed(seed)  # the net right after it: the same initial weights in every variant
    net = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    return keras.Sequential([keras.Input(shape), keras_pipeline(shape, **settings), net])


def train_variant(model, train, validation, epochs):
    """Train with Adam and return the history. train, validation: pairs (x, y); 300 of the latter make the curves."""
    optimizer = keras.optimizers.Adam(learning_rate=0.003)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    some = tuple(part[:300] for part in validation)
    return training.fit(model, *train, validation=some, epochs=epochs, batch_size=32, quiet=True)


# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation-run", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · The run, and what it says (12 points)
#
# The loop below trains eight nets and keeps them in `artefacts/`: hand that folder in. After it you write two
# things down, both **from the nets that were trained**:
#
# - `record`: `record[name][variant]` is a bool array (2, n): [s, i] tells whether the net of seed s puts image i of `held[name]` into the right class;
# - `conclusion`: `conclusion[name]` is the word of your `verdict` for mirroring on this set.
#
# The grader measures your nets again; `record` may differ in 1 % of the images. Each net must have begun with the weights of its seed, have learnt (see the next cell), and behave as its variant says: those trained with mirrored images give an image and its mirror image the same class
# more often, by at least 10 points on each set. Your conclusion must be the one that *your* run supports.

# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "asks-ablation", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
bounds.show("week08", "digits", "pictures")

# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation", "locked": false, "schema_version": 3, "solution": true, "task": false}
nets = {name: {variant: [] for variant in VARIANTS} for name in few}
histories = {name: {variant: [] for variant in VARIANTS} for name in few}
for name in few:
    for variant, settings in VARIANTS.items():
        for seed in SEEDS:
            model, history = training.trained(
                f"{name}-{'mirrored' if settings else 'plain'}-{seed}",
                lambda settings=settings, seed=seed, name=name: build_variant(settings, few[name][0].shape[1:], seed),
                lambda model, name=name: train_variant(model, few[name], held[name], EPOCHS),
                settings={"variant": settings, "seed": seed, "images": FEW[name], "epochs": EPOCHS},
            )
            nets[name][variant].append(model)
            histories[name][variant].append(history)

# record = {name: {variant: bool array (2, n)}}; conclusion = {name: word}
### BEGIN SOLUTION
record = {
    name: {
        variant: np.array([np.asarray(net(x, training=False)).argmax(axis=1) == y for net in group])
        for variant, group in nets[name].items()
    }
    for name, (x, y) in held.items()
}
conclusion = {name: verdict(record[name]["as they are"], record[name]["mirrored"])[2] for name in held}
### END SOLUTION
for name in record:
    print(
        name,
        {variant: np.mean(right, axis=1).round(3).tolist() for variant, right in record[name].items()},
        conclusion[name],
    )

# %% nbgrader={"grade": true, "grade_id": "ablation-nets", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Two sets, two variants, two seeds: eight nets that differ
import numpy as np

from course import checks, evaluation

for name, shape in (("digits", (28, 28, 1)), ("pictures", (32, 32, 3))):
    checks.true(isinstance(nets, dict) and name in nets, "nets is a dict {name: {variant: [a net for each seed]}}")
    checks.equal(sorted(nets[name]), ["as they are", "mirrored"], hint="two variants for each set")
    sizes, answers = set(), []
    noise = np.random.default_rng(181).random((5, *shape), dtype="float32")
    for variant in ("as they are", "mirrored"):
        checks.equal(len(nets[name][variant]), 2, hint="two nets for each variant, one per seed")
        for net in nets[name][variant]:
            checks.true(hasattr(net, "weights"), "the nets are Keras models")
            sizes.add(evaluation.budget(net))
            answers.append(np.asarray(net(noise, training=False)))
    checks.equal(len(sizes), 1, hint="an ablation changes one thing: all nets of a set have the same number of weights")
    for i in range(4):
        for j in range(i):
            checks.true(
                not np.allclose(answers[i], answers[j], atol=1e-5),
                "two of the nets are the same: other seeds, other nets",
            )
checks.passed("eight nets of one design each set", points=3)

# %% nbgrader={"grade": true, "grade_id": "ablation-origin", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: each net began at its seed, has learnt, and knows mirrors
from course import checks

### BEGIN HIDDEN TESTS
import contextlib
import io
import warnings

import keras
import numpy as np

from course import datasets, evaluation, profile

for name, source in (("digits", "mnist"), ("pictures", "cifar10")):
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = evaluation.scaled(datasets.load(source, profile.current()).validation.x[:500])
    begun = []
    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        fresh = keras.Sequential(
            [
                keras.Input(x.shape[1:]),
                keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
                keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        begun.append([w.copy() for w in fresh.get_weights() if w.ndim > 1])
    agree = {}
    for variant in ("as they are", "mirrored"):
        agree[variant] = []
        for seed, net in enumerate(nets[name][variant]):
            kernels = [np.asarray(w) for w in net.get_weights() if np.ndim(w) > 1]
            checks.equal(
                [k.shape for k in kernels],
                [k.shape for k in begun[seed]],
                hint="the nets are those of build_variant: two convolutions and a dense layer",
            )
            own, other = (np.corrcoef(kernels[1].ravel(), begun[s][1].ravel())[0, 1] for s in (seed, 1 - seed))
            checks.true(
                bool(own > 0.15 and abs(other) < 0.1),
                "a net did not begin with the weights of its seed: train what build_variant gives for SEEDS, in this order",
            )
            plain, turned = (np.asarray(net(part, training=False)).argmax(axis=1) for part in (x, x[:, :, ::-1]))
            agree[variant].append(float((plain == turned).mean()))
    checks.between(
        np.mean(agree["mirrored"]) - np.mean(agree["as they are"]),
        0.1,
        1,
        hint=f'{name}: the nets of "mirrored" know mirror images hardly better than the others: were they trained with them?',
        what="the difference",
    )
    test = evaluation.test_split(source)
    if test.labelled:
        base = "as they are" if name == "digits" else "mirrored"
        checks.between(
            np.mean([evaluation.accuracy(net, evaluation.scaled(test.x), test.y) for net in nets[name][base]]),
            profile.bound("week08_augmentation", name),
            1,
            hint=f"{name}: the nets have hardly learnt anything: are they trained for all epochs, with all images?",
            what="the accuracy on the test images",
        )
### END HIDDEN TESTS
checks.when_graded("each net began at its seed, has learnt, and behaves as its variant says", points=4)

# %% nbgrader={"grade": true, "grade_id": "ablation-record", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The form of the record
# When graded: its entries, measured again.
import numpy as np

from course import checks

for name in ("digits", "pictures"):
    checks.true(isinstance(record, dict) and name in record, "record is a dict {name: {variant: bool array (2, n)}}")
    checks.equal(sorted(record[name]), ["as they are", "mirrored"], hint="the record has both variants of each set")
    for right in record[name].values():
        checks.dtype(right, "bool", hint="[s, i] tells whether image i is in the right class: True or False")
        found = np.asarray(right)
        checks.true(found.ndim == 2 and found.shape[0] == 2, "one row per seed, one column per image of `held`")
### BEGIN HIDDEN TESTS
import contextlib
import io
import warnings

from course import datasets, evaluation, profile

skipped = {"quick": {"digits": 250, "pictures": 500}, "full": {"digits": 600, "pictures": 1000}}[profile.current()]
for name, source in (("digits", "mnist"), ("pictures", "cifar10")):
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = datasets.load(source, profile.current()).train
    x, y = (
        array[skipped[name] : skipped[name] + 1000]
        for array in (evaluation.scaled(whole.x[: skipped[name] + 1000]), whole.y)
    )
    for variant, group in nets[name].items():
        checks.shape(record[name][variant], (2, len(y)), hint="one column per image of `held`")
        for net, told in zip(group, np.asarray(record[name][variant]), strict=True):
            measured = np.asarray(net(x, training=False)).argmax(axis=1) == y
            checks.between(
                float((measured != told).mean()),
                0,
                0.01,
                hint="the record is not what the nets do on the images of `held`, seed by seed, image by image",
                what="the share that differs",
            )
### END HIDDEN TESTS
checks.passed("the form of the record", points=3, later="its entries, measured again")

# %% nbgrader={"grade": true, "grade_id": "ablation-conclusion", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# One word for each set
# When graded: whether your own run supports it.
from course import checks

checks.equal(sorted(conclusion), ["digits", "pictures"], hint="a word for each of the two sets")
for word in conclusion.values():
    checks.true(word in ("helps", "hurts", "undecided"), "the word is one of verdict's three", f"found {word!r}")
### BEGIN HIDDEN TESTS
import contextlib
import io
import warnings

import numpy as np

from course import datasets, evaluation, profile

skipped = {"quick": {"digits": 250, "pictures": 500}, "full": {"digits": 600, "pictures": 1000}}[profile.current()]
for name, source in (("digits", "mnist"), ("pictures", "cifar10")):
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = datasets.load(source, profile.current()).train
    x, y = (
        array[skipped[name] : skipped[name] + 1000]
        for array in (evaluation.scaled(whole.x[: skipped[name] + 1000]), whole.y)
    )
    right = {
        variant: np.array([np.asarray(net(x, training=False)).argmax(axis=1) == y for net in group], float)
        for variant, group in nets[name].items()
    }
    change = right["mirrored"] - right["as they are"]
    d, own = change.mean(axis=0), change.mean(axis=1)
    gain, margin = d.mean(), 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    if abs(abs(gain) - margin) < 0.003 or np.abs(own).min() < 0.002:
        continue  # too close to call, after another machine's rounding
    word = "helps" if gain > margin and own.min() > 0 else "hurts" if gain < -margin and own.max() < 0 else "undecided"
    checks.equal(conclusion[name], word, hint=f"{name}: this is not what your own run says by the rule of section 7")
### END HIDDEN TESTS
checks.passed("a word for each set", points=2, later="whether your own run supports it")

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# With our solution in the quick profile mirroring **hurts** on digits (accuracies of the two seeds 0.893 and 0.900 without, 0.875 and 0.851 with: a loss of 3.3 ± 1.7 points) and **helps** on pictures (0.533 and 0.590 without,
# 0.565 and 0.619 with: a gain of 3.1 ± 2.3 points).
#
# **What is the rule worth?** We trained eight nets per variant on the digits. Two groups that differ in nothing but their seeds: the rule called a difference in 27 % (plain) and 40 % (mirrored) of such comparisons
# of two seeds with two, in 16 and 19 % with three seeds, in 6 % with four. The real effect it found in 82, 95 and 99 %. So two seeds give a hint: the interval holds for *these* nets. A claim needs four or more.
#
# An augmentation helps where the test images vary as it does. Another trial says the same: on the embedded digits, which are centred, shifts and small turns changed little (200 digits, two seeds: 84.2 and 86.7 % without,
# 86.3 and 86.3 % with), but on the held-out digits moved by two pixels the accuracy rose from 60 to 78 %.
#
# Without mirroring the training accuracy rises to nearly 1. With it, it stays **lower**, because it is measured on augmented images. So week 6's rule of thumb, a gap of 2 to 3 points, cannot be read off these curves: the table below measures
# both accuracies on images **as they are**. A gap also closes when a net becomes worse on both sides.
#
# The last figure shows the digits class by class, as they are and mirrored. Which classes pay most for mirroring?

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "curves-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: accuracy against the epoch, with and without mirroring
colours = {"as they are": "#0072b2", "mirrored": "#d55e00"}
with checks.waiting_for("the ablation"):
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", sharey=True)
    for ax, name in zip(axes, histories, strict=True):
        for variant, group in histories[name].items():
            for key, style, label in (("accuracy", ":", "training"), ("val_accuracy", "-", "held out")):
                mean = np.mean([history[key] for history in group], axis=0)
                ax.plot(np.arange(1, len(mean) + 1), mean, style, color=colours[variant], label=f"{variant}, {label}")
        ax.set(title=f"{name} ({FEW[name]} images)", xlabel="epoch")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("accuracy (mean of two seeds)")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncol=4, frameon=False)
    plots.show(
        "Accuracy against the epoch on digits and on pictures. On both sets the training lines without mirroring rise to nearly 1, those with "
        "mirroring stay lower. On held-out digits mirroring ends below, on held-out pictures above the line without."
    )

# %% topics=["I2", "I3"] nbgrader={"grade": false, "grade_id": "gap-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Training accuracy as the net sees its images, both accuracies on images as they are, and the gap
with checks.waiting_for("the ablation"):
    print(f"{'mean of two seeds':24}{'training, as seen':>18}{'training, as it is':>20}{'held out':>10}{'gap':>14}")
    for name in nets:
        for variant, group in nets[name].items():
            told = np.mean([history["accuracy"][-1] for history in histories[name][variant]])
            known, unseen = (np.mean([evaluation.accuracy(net, *part[name]) for net in group]) for part in (few, held))
            gap = 100 * (known - unseen)
            print(f"{name + ', ' + variant:24}{told:18.1%}{known:20.1%}{unseen:10.1%}{gap:+7.1f} points")

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "mirrored-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: digits as they are and mirrored, class by class
with checks.waiting_for("the ablation"):
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    x, y = held["digits"]
    for ax, images, title in zip(axes, (x, x[:, :, ::-1]), ("as they are", "mirrored"), strict=True):
        for offset, (variant, group) in zip((-0.2, 0.2), nets["digits"].items(), strict=True):
            right = np.mean([np.asarray(net(images, training=False)).argmax(axis=1) == y for net in group], axis=0)
            share = [right[y == digit].mean() for digit in range(10)]
            ax.bar(np.arange(10) + offset, share, 0.38, color=colours[variant], label=f"trained {variant}")
        ax.set(title=f"held-out digits, {title}", xlabel="true class", xticks=range(10), ylim=(0, 1.02))
    axes[0].set_ylabel("share recognised (mean of two seeds)")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncol=2, frameon=False)
    plots.show(
        "Share of each digit recognised. As they are, nets trained without mirrors are a little better in most classes. On mirrored digits they "
        "recognise most of 0, 4 and 8 and hardly a 3, 5, 6 or 7, while nets trained with mirrors recognise most of all classes."
    )

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# 0 points, still checked.

# %% [markdown] topics=["H6", "H5", "E8", "J1"] nbgrader={"grade": false, "grade_id": "compose-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `compose` and `split_then_widen`
#
# **A pipeline is data.** Write it as a list, each step a name with its settings:
#
# ```python
# steps = [("random_shift", {"fraction": 0.1}), ("cutout", {"size": 8})]
# ```
#
# The **order** is part of it: cutout, then brightness leaves a
# grey hole; brightness, then cutout a black one. **One** generator is passed from step to step, and each draws
# on where the last one stopped. With a new `default_rng(0)` for each step the images
# that are mirrored would always be the ones that move left.
#
# `split_then_widen` does what section 4 asks for. To stay short it neither looks for twins nor keeps the classes' shares equal, as week 6's did: it takes images that have no twins.
#
# Worked: 100 images, 70/15/15, 20 copies: 1,400 training images, 15 for validation, 15 for the test.


# %% topics=["H6", "H5", "E8", "J1"] nbgrader={"grade": false, "grade_id": "pipeline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compose(x, steps, rng):
    """Apply augmentations one after another.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator, shared by all steps.
    steps: list of (name, settings) in the order in which they are applied; name is one of "hflip", "random_shift",
        "cutout", "colour_jitter", settings a dict of that function's keyword arguments.
    Returns a new array of the same shape and type, a copy of x where steps is empty; x stays as it is.
    Raises ValueError when a name is unknown.
    """
    ### BEGIN SOLUTION
    known = {
        "hflip": hflip,
        "random_shift": random_shift,
        "cutout": cutout,
        "colour_jitter": colour_jitter,
    }
    out = x.copy()
    for name, settings in steps:
        if name not in known:
            raise ValueError(f"there is no augmentation {name!r}; there are: {', '.join(known)}")
        out = known[name](out, rng, **settings)
    return out
    ### END SOLUTION


def split_then_widen(x, y, fractions, rng, steps=(), copies=1):
    """Split into training, validation and test part at random, then widen the training part alone.

    x: images (N, H, W, C); y: labels (N,). fractions: three shares (training, validation, test), 0 or more, summing to 1
        (to within 1e-6). Validation and test get round(share · N) images each, training the rest.
    steps: as compose takes them; copies: how many augmented variants of each training image, with draws of their own,
        take its place (1 or more). The training part then has copies times as many images, each with its label, in any order.
    Returns {"train": (x, y), "validation": (x, y), "test": (x, y)}. Validation and test images are as they were in x.
    Raises ValueError when the fractions are negative or do not sum to 1, or copies is smaller than 1.
    """
    ### BEGIN SOLUTION
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"the shares must be 0 or more and sum to 1, and {fractions} sum to {sum(fractions):g}")
    if copies < 1:
        raise ValueError(f"copies must be at least 1, not {copies}")
    order = rng.permutation(len(x))
    n_validation, n_test = round(fractions[1] * len(x)), round(fractions[2] * len(x))
    validation, test = order[:n_validation], order[n_validation : n_validation + n_test]
    train = np.repeat(order[n_validation + n_test :], copies)
    return {
        "train": (compose(x[train], steps, rng), y[train]),
        "validation": (x[validation], y[validation]),
        "test": (x[test], y[test]),
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pipeline-order", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# compose: settings reach their function, steps run in order
import numpy as np

from course import checks

images = np.random.default_rng(110).random((6, 5, 7, 1), dtype="float32")
checks.close(
    compose(images, [("hflip", {"p": 1.0})], np.random.default_rng(0)),
    np.flip(images, axis=2),
    hint='the settings of a step are the keyword arguments of its function: ("hflip", {"p": 1.0}) mirrors every image',
)
checks.close(
    compose(images, [("hflip", {"p": 1.0}), ("hflip", {"p": 1.0})], np.random.default_rng(0)),
    images,
    unless={"only one of the steps is applied: each works on what the last one returned": np.flip(images, axis=2)},
    hint="mirrored twice is as before",
)
grey = np.full((80, 10, 10, 1), 0.5, "float32")
out = compose(grey, [("cutout", {"size": 4}), ("colour_jitter", {"brightness": 0.4})], np.random.default_rng(1))
checks.shape(out, grey.shape, hint="the size of the images does not change")
out = np.asarray(out, "float64").reshape(80, -1)
brighter = out[out.max(axis=1) > 0.55]
checks.true(len(brighter) > 5, "colour_jitter is not applied: some images should be brighter")
checks.true(
    bool((brighter.min(axis=1) > 0.01).all()),
    "the steps run in another order than the list says: a hole that is cut first is made brighter afterwards",
)
late = compose(grey, [("colour_jitter", {"brightness": 0.4}), ("cutout", {"size": 4})], np.random.default_rng(1))
checks.true(
    bool((np.asarray(late).reshape(80, -1).min(axis=1) == 0).all()),
    "the steps run in another order than the list says: a hole that is cut last is black",
)
checks.passed("settings, and the order of the steps", points=0)

# %% nbgrader={"grade": true, "grade_id": "pipeline-rng", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# compose: an unknown name
# When graded: all four names, one generator for all steps, the empty list.
import numpy as np

from course import checks

some = np.random.default_rng(111).random((30, 12, 9, 3), dtype="float32")
checks.raises(
    ValueError,
    lambda: compose(some, [("hflip", {}), ("vflip", {})], np.random.default_rng(0)),
    hint="a name that is not among the four: a misspelt step that is silently left out ruins an experiment",
)
### BEGIN HIDDEN TESTS
small = np.random.default_rng(112).random((1000, 2, 3, 1), dtype="float32")
twice = compose(small, [("hflip", {}), ("hflip", {})], np.random.default_rng(113))
checks.shape(twice, small.shape, hint="the size of the images does not change")
changed = float((~np.isclose(twice, small).all(axis=(1, 2, 3))).mean())
checks.between(
    changed,
    0.42,
    0.58,
    hint="two steps draw the same numbers: hand on the one generator instead of making a new one for each step",
    what="the share of images that two random mirrorings leave mirrored",
)
every = [
    ("hflip", {}),
    ("random_shift", {"fraction": 0.2}),
    ("cutout", {"size": 3}),
    ("colour_jitter", {"brightness": 0.1, "saturation": 0.3}),
]
for images in (some, (some * 255).astype("uint8")):
    first = checks.unchanged(lambda x, steps: compose(x, steps, np.random.default_rng(114)), images, every)
    checks.shape(first, images.shape, hint="the size of the images does not change")
    checks.dtype(first, str(images.dtype), hint="the type of the images does not change")
    checks.close(
        compose(images, every, np.random.default_rng(114)),
        first,
        hint="two generators of the same seed must give the same images: take every random number from rng",
    )
    checks.true(
        not np.array_equal(compose(images, every, np.random.default_rng(115)), first),
        "generators of different seeds give the same images: hand rng on to the steps",
    )
    checks.close(compose(images, [], np.random.default_rng(0)), images, hint="no steps, no change")
    for name, settings in every[1:]:
        alone = compose(images, [(name, settings)], np.random.default_rng(116))
        checks.true(not np.array_equal(alone, images), f"the step {name!r} changes nothing")
### END HIDDEN TESTS
checks.passed(
    "an unknown name is refused", points=0, later="all four names, one generator for all steps, the empty list"
)

# %% nbgrader={"grade": true, "grade_id": "pipeline-sum", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# split_then_widen: shares that do not sum to 1 are refused
import numpy as np

from course import checks

images, labels = np.zeros((20, 4, 4, 1), "float32"), np.arange(20)
for bad in ((0.9, 0.1, 0.1), (0.6, 0.2, 0.1), (0.8, 0.3, -0.1), (70, 15, 15)):
    checks.raises(
        ValueError,
        lambda bad=bad: split_then_widen(images, labels, bad, np.random.default_rng(0)),
        hint=f"shares {bad}: they sum to {sum(bad):g}, or one is negative",
    )
for good in ((0.7, 0.2, 0.1), (0.6, 0.2, 0.2), (0.8, 0.1, 0.1), (1.0, 0.0, 0.0)):
    parts = split_then_widen(images, labels, good, np.random.default_rng(0))
    checks.equal(
        [len(parts[part][1]) for part in ("train", "validation", "test")],
        [round(20 * share) for share in good],
        hint=f"shares {good} of 20 images, whose sum in floats is {sum(good)!r}",
    )
checks.raises(
    ValueError,
    lambda: split_then_widen(images, labels, (0.8, 0.1, 0.1), np.random.default_rng(0), [], 0),
    hint="no copies at all",
)
checks.passed("bad shares are refused, good ones are not", points=0)

# %% nbgrader={"grade": true, "grade_id": "pipeline-parts", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# When graded: every image in one part, with its label
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

count = 300
images = np.repeat(np.arange(1, count + 1, dtype="float32") / 512, 9).reshape(count, 3, 3, 1)  # its value is its number
labels = np.repeat(np.arange(10), 30)
shares = (0.7, 0.15, 0.15)
parts = checks.unchanged(lambda x, y: split_then_widen(x, y, shares, np.random.default_rng(121)), images, labels)
numbers = {}
for name, size in (("train", 210), ("validation", 45), ("test", 45)):
    x, y = parts[name]
    checks.shape(x, (size, 3, 3, 1), hint="round(share · N) images for validation and for test, the rest for training")
    checks.shape(y, (size,), hint="a label for each image of the part")
    numbers[name] = np.rint(np.asarray(x)[:, 0, 0, 0] * 512).astype(int) - 1
    checks.equal(
        np.asarray(y).tolist(),
        labels[np.clip(numbers[name], 0, count - 1)].tolist(),
        hint="images and labels are not in the same order: shuffle one order of indices and use it for both",
    )
whole = np.concatenate(list(numbers.values()))
checks.equal(
    sorted(whole.tolist()),
    list(range(count)),
    hint="every image belongs to exactly one part: none twice, none left out",
)
for name in ("validation", "test"):
    found = len(set(labels[numbers[name]].tolist()))
    checks.true(
        found >= 6, "the parts are cut off in the order of the set, which may be sorted by class: shuffle first"
    )
odd = split_then_widen(images[:23], labels[:23], (0.6, 0.25, 0.15), np.random.default_rng(123))
checks.equal(
    [len(odd[name][1]) for name in ("train", "validation", "test")],
    [14, 6, 3],
    hint="23 images in shares 0.6, 0.25, 0.15: validation and test get round(share · N), training the rest",
)
few = split_then_widen(images[:13], labels[:13], (0.6, 0.2, 0.2), np.random.default_rng(123))
checks.equal(
    [len(few[name][1]) for name in ("train", "validation", "test")],
    [7, 3, 3],
    hint="13 images in shares 0.6, 0.2, 0.2: validation and test get round(share · N), training the rest",
)
again = split_then_widen(images, labels, shares, np.random.default_rng(121))
other = split_then_widen(images, labels, shares, np.random.default_rng(122))
checks.close(again["test"][0], parts["test"][0], hint="two generators of the same seed must give the same split")
checks.true(not np.array_equal(other["test"][0], parts["test"][0]), "another seed gives the same split: draw from rng")
### END HIDDEN TESTS
checks.when_graded("every image in exactly one part, with its own label; the seed", points=0)

# %% nbgrader={"grade": true, "grade_id": "pipeline-leak", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# split_then_widen: no variant of a test image in training
import numpy as np

from course import checks

tag = np.arange(1, 101, dtype="float32").reshape(100, 1, 1, 1) / 128  # the brightest pixel of an image is its number
images = np.ones((100, 6, 5, 1), "float32") * tag
images[:, :3] /= 2
steps = [("random_shift", {"fraction": 0.2}), ("hflip", {})]
parts = split_then_widen(images, np.arange(100), (0.7, 0.15, 0.15), np.random.default_rng(1), steps, 4)
sources = {}
for name in ("train", "validation", "test"):
    pixels = np.asarray(parts[name][0])
    checks.true(pixels.ndim == 4, "each part is a pair (x, y), x of the shape (n, H, W, C)")
    sources[name] = np.rint(pixels.max(axis=(1, 2, 3)) * 128).astype(int) - 1
for name in ("validation", "test"):
    shared = set(sources["train"].tolist()) & set(sources[name].tolist())
    checks.true(
        not shared,
        "the split leaks: variants of one image stand on both sides. Split the originals, then widen the training part",
        f"{len(shared)} of the images in {name} have a variant in train",
    )
    checks.close(
        parts[name][0],
        images[sources[name]],
        hint="validation and test images stay as they are: augment the training part only",
    )
checks.passed("no leak, and validation and test as they were", points=0)

# %% nbgrader={"grade": true, "grade_id": "pipeline-widen", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# split_then_widen: 100 images become 10,000
# When graded: each variant with its label and its own draws.
import numpy as np

from course import checks

hundred = np.random.default_rng(123).random((100, 4, 5, 1), dtype="float32")
x, y = split_then_widen(hundred, np.arange(100), (1, 0, 0), np.random.default_rng(2), [("hflip", {})], 100)["train"]
checks.shape(
    x,
    (10_000, 4, 5, 1),
    unless={"the variants take the place of the originals: 100 · 100, not 100 · 101": (10_100, 4, 5, 1)},
    hint="100 images in 100 variants each are 10,000",
)
checks.shape(y, (10_000,), hint="each variant carries the label of its image")
### BEGIN HIDDEN TESTS
tag = np.arange(1, 101, dtype="float32").reshape(100, 1, 1, 1) / 128
images = np.ones((100, 15, 15, 1), "float32") * tag
parts = split_then_widen(
    images, np.arange(100) * 3, (0.6, 0.2, 0.2), np.random.default_rng(124), [("cutout", {"size": 3})], 7
)
x, y = parts["train"]
checks.shape(x, (420, 15, 15, 1), hint="copies variants of each training image")
source = np.rint(np.asarray(x).max(axis=(1, 2, 3)) * 128).astype(int) - 1
checks.equal(
    np.asarray(y).tolist(),
    (source * 3).tolist(),
    hint="a variant carries the label of its image: repeat the labels in the same order",
)
checks.equal(
    set(np.bincount(source, minlength=100).tolist()), {0, 7}, hint="each training image has the same number of variants"
)
different = [len(np.unique(np.asarray(x)[source == one], axis=0)) for one in set(source.tolist())]
checks.true(
    float(np.mean(different)) > 6, "the variants of an image are copies of each other: each has draws of its own"
)
x, _ = split_then_widen(images, np.arange(100), (1, 0, 0), np.random.default_rng(125), [("cutout", {"size": 3})])[
    "train"
]
checks.true(
    bool((np.asarray(x) == 0).any(axis=(1, 2, 3)).all()), "a single variant is augmented too: copies=1 is no exception"
)
### END HIDDEN TESTS
checks.passed("10,000 variants of 100 images", points=0, later="each variant with its label and its own draws")

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "rotate-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `rotate`
#
# To turn an image one could take each pixel and compute where it goes. It lands between the grid points, is rounded, two
# pixels meet at one place, and other places get none: the result has holes.
#
# So ask the other way round, for each pixel of the **result**: where in the image does it come from? That place lies between
# four pixels, which are mixed by how near they are (**bilinear** interpolation). Write $(r, c)$ for a place counted from the middle of the
# image, which is at row $(H-1)/2$, column $(W-1)/2$. The result at $(r, c)$ comes from
#
# $$ r' = r\cos\alpha - c\sin\alpha, \qquad c' = r\sin\alpha + c\cos\alpha. $$
#
# Worked, $\alpha = 30°$: the place 4 columns right of the middle, $(0, 4)$, comes from $(-2, 3.46)$. Of the four pixels around it, those in row
# $-2$ get all the weight, column 3 gets 0.54 and column 4 gets 0.46. What comes from outside the image is 0.
#
# You may write the interpolation yourself, or let `scipy.ndimage.rotate` do it: then read what its
# arguments `axes`, `reshape`, `order` and `mode` do.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "rotate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rotate(x, rng, degrees=10):
    """Turn each image about its middle by a random angle, uniform in [-degrees, degrees].

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator. degrees: largest angle, 0 or more.
    Values between pixels are interpolated linearly (bilinear), and rounded to whole numbers for uint8. What comes from
    outside the image is 0. Angles depend on rng and N only, not on the pixels.
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when degrees is negative.
    """
    ### BEGIN SOLUTION
    if degrees < 0:
        raise ValueError(f"degrees is at least 0, not {degrees}")
    n, height, width = x.shape[:3]
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    row, column = np.mgrid[:height, :width]
    row, column = row - middle_row, column - middle_column
    ringed = np.pad(x.astype("float64"), ((0, 0), (1, 1), (1, 1), (0, 0)))  # zeros for what comes from outside
    out = np.empty(x.shape)
    for i, angle in enumerate(np.deg2rad(rng.uniform(-degrees, degrees, n))):
        from_row = row * np.cos(angle) - column * np.sin(angle) + middle_row + 1
        from_column = row * np.sin(angle) + column * np.cos(angle) + middle_column + 1
        from_row, from_column = np.clip(from_row, 0, height + 0.999999), np.clip(from_column, 0, width + 0.999999)
        top, left = from_row.astype(int), from_column.astype(int)
        low, right = (from_row - top)[..., None], (from_column - left)[..., None]
        upper = (1 - right) * ringed[i, top, left] + right * ringed[i, top, left + 1]
        lower = (1 - right) * ringed[i, top + 1, left] + right * ringed[i, top + 1, left + 1]
        out[i] = (1 - low) * upper + low * lower
    return (np.rint(out) if x.dtype == np.uint8 else out).astype(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rotate-angle", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The angles: the direction in which a ramp grows
import numpy as np

from course import checks

height, width = 21, 17
row, column = np.mgrid[:height, :width]
row, column = row - 10, column - 8
probe = np.repeat((0.5 + 0.02 * column).astype("float32")[None, :, :, None], 150, axis=0)
out = rotate(probe, np.random.default_rng(1), 25)
checks.shape(out, probe.shape, hint="the images keep their size: what turns out of the frame is cut off")
checks.dtype(out, "float32", hint="float32 in, float32 out")
near = np.hypot(row, column) <= 6  # there all comes from inside the image, whatever the angle
plane = np.stack([np.ones(near.sum()), column[near], row[near]], axis=1)
angles = []
for image in np.asarray(out, "float64"):
    (middle, right, down), *_ = np.linalg.lstsq(plane, image[..., 0][near], rcond=None)
    checks.between(
        middle,
        0.499,
        0.501,
        hint="the image is not turned about its middle, ((H - 1) / 2, (W - 1) / 2)",
        what="the middle",
    )
    checks.between(
        np.hypot(right, down),
        0.0198,
        0.0202,
        hint="the image is stretched or holds no turned image at all",
        what="the slope",
    )
    angles.append(np.degrees(np.arctan2(down, right)))
angles = np.array(angles)
checks.true(np.ptp(angles) > 0.1, "all images of the batch are turned by the same angle: draw for each image")
checks.true(
    bool((np.abs(angles) <= 25.1).all()),
    "an angle beyond ±degrees: is it in radians where degrees are wanted, or drawn from a normal distribution?",
    f"expected -25 to 25, found {angles.min():.1f} to {angles.max():.1f}",
)
checks.true(angles.min() < 0 < angles.max(), "images turn one way only: angles are uniform in [-degrees, degrees]")
checks.true(
    bool(np.abs(angles).max() > 21) and 8 < angles.std() < 21,
    "the angles are not uniform in [-degrees, degrees]",
    f"found {angles.min():.1f} to {angles.max():.1f} with standard deviation {angles.std():.1f}",
)
checks.passed("angles between minus and plus degrees", points=0)

# %% nbgrader={"grade": true, "grade_id": "rotate-values", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What comes from outside is 0
# When graded: all values, against SciPy's interpolation at the angle that was drawn.
import numpy as np

from course import checks

white = rotate(np.ones((40, 15, 15, 1), "float32"), np.random.default_rng(2), 40)
checks.shape(white, (40, 15, 15, 1), hint="the images keep their size")
white = np.asarray(white)
checks.true(
    bool((white[:, 0, 0] == 0).sum() >= 20),
    "the corners of a white image turn black: what comes from outside the image is 0, not a copy of what is inside",
)
checks.close(white[:, 4:11, 4:11], np.ones((40, 7, 7, 1)), rtol=1e-4, hint="the middle of a white image stays white")
### BEGIN HIDDEN TESTS
from scipy import ndimage

for height, width, degrees, seed in ((20, 26, 35, 61), (23, 18, 180, 62)):
    draw = np.random.default_rng(seed)
    row, column = np.mgrid[:height, :width]
    row, column = row - (height - 1) / 2, column - (width - 1) / 2
    images = np.zeros((25, height, width, 2), "float32")
    images[..., 0] = 0.5 + 0.015 * column
    images[:, 3:-3, 3:-3, 1] = draw.random((25, height - 6, width - 6))
    out = rotate(images, np.random.default_rng(seed + 100), degrees)
    checks.shape(out, images.shape, hint="the images keep their size")
    near = np.hypot(row, column) <= 6
    plane = np.stack([np.ones(near.sum()), column[near], row[near]], axis=1)
    for image, turned in zip(images, np.asarray(out, "float64"), strict=True):
        fitted, *_ = np.linalg.lstsq(plane, turned[..., 0][near], rcond=None)
        checks.close(
            plane @ fitted,
            turned[..., 0][near],
            rtol=1e-3,
            atol=1e-4,
            hint="values between pixels are interpolated linearly: the nearest pixel alone makes steps",
        )
        angle = np.arctan2(fitted[2], fitted[1])
        source = [
            row * np.cos(angle) - column * np.sin(angle) + (height - 1) / 2,
            row * np.sin(angle) + column * np.cos(angle) + (width - 1) / 2,
        ]
        expected = ndimage.map_coordinates(image[..., 1], source, order=1)
        checks.close(
            turned[..., 1],
            expected,
            atol=3e-3,
            rtol=0,
            hint="the channels do not show the same turn, or values are not those of bilinear interpolation",
        )
### END HIDDEN TESTS
checks.passed("black corners, a white middle", points=0, later="all values")

# %% nbgrader={"grade": true, "grade_id": "rotate-rng", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# When graded: the promises of section 1
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

bytes_ = np.random.default_rng(88).integers(0, 256, (20, 12, 10, 3), dtype="uint8")
floats = bytes_.astype("float32") / 255
first = checks.unchanged(lambda x: rotate(x, np.random.default_rng(71), 20), floats)
checks.close(
    rotate(floats, np.random.default_rng(71), 20),
    first,
    hint="two generators of the same seed must give the same images: take every random number from rng",
)
checks.true(
    not np.allclose(rotate(floats, np.random.default_rng(72), 20), first, atol=1e-3),
    "generators of different seeds give the same images: the numbers do not come from rng",
)
checks.true(
    bool(np.min(first) >= 0) and bool(np.max(first) <= 1 + 1e-6),
    "values leave [0, 1]: a spline of higher order overshoots, linear interpolation cannot",
)
whole = rotate(bytes_, np.random.default_rng(71), 20)
checks.dtype(whole, "uint8", hint="uint8 in, uint8 out")
off = np.asarray(whole, "float64") - 255 * np.asarray(first, "float64")
checks.true(
    bool(np.abs(off).max() < 1.01),
    "on uint8 the result is another one than on the same image in floats: round, and stay in 0 … 255",
)
checks.true(
    bool(abs(off.mean()) < 0.15), "on uint8 the result is too dark by half a step: astype cuts off, so round before it"
)
black = floats.copy()
black[0] = 0
checks.close(
    np.asarray(rotate(black, np.random.default_rng(71), 20))[1:],
    np.asarray(first)[1:],
    hint="angles depend on rng and N only: a black image in front changes the turn of the others",
)
checks.close(rotate(floats, np.random.default_rng(73), 0), floats, atol=1e-6, hint="0 degrees changes nothing")
checks.raises(ValueError, lambda: rotate(floats, np.random.default_rng(0), -5), hint="negative degrees")
### END HIDDEN TESTS
checks.when_graded("the seed, the input as it was, 0 degrees, rounding of bytes, negative degrees", points=0)

# %% [markdown] topics=["H6", "I3"] nbgrader={"grade": false, "grade_id": "mix-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### `mixup` and `cutmix`
#
# The augmentations so far keep the label. These two change it, and say by how much. They take one-hot labels.
#
# **MixUp** (Zhang et al., 2018) adds two images, $\lambda$ of one and $1 - \lambda$ of the other, and mixes the labels in the same ratio. **CutMix** (Yun et
# al., 2019) pastes a rectangle of one into the other, and mixes the labels by **area**. $\lambda$ comes from a Beta distribution;
# with $\alpha = 1$ it is uniform. In CutMix the rectangle has the sides $\sqrt{1-\lambda}\,H$ and $\sqrt{1-\lambda}\,W$, rounded to
# pixels, so the area that was really pasted, and not $\lambda$, goes into the label.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "mixup", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixup(x, y, rng, alpha=0.2):
    """Mix each image with another one of the batch, and their labels in the same ratio.

    x: images (N, H, W, C), float32 in [0, 1]. y: one-hot labels (N, classes). rng: np.random.Generator.
    alpha: each image has its own share, drawn from Beta(alpha, alpha); partners are a random permutation of the batch.
    Returns (x, y), new arrays of the same shapes; x float32.
    Raises ValueError when alpha is not above 0.
    """
    ### BEGIN SOLUTION
    if alpha <= 0:
        raise ValueError(f"alpha must be above 0, not {alpha}")
    partner = rng.permutation(len(x))
    share = rng.beta(alpha, alpha, len(x))
    wide = share[:, None, None, None]
    mixed = wide * x + (1 - wide) * x[partner]
    return mixed.astype(x.dtype), share[:, None] * y + (1 - share[:, None]) * y[partner]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mixup-share", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# mixup: images and labels in one ratio
import numpy as np

from course import checks

classes = np.arange(300) % 6
labels = np.eye(6)[classes]
images = np.broadcast_to(labels[:, None, None, :], (300, 3, 2, 6)).astype("float32").copy()
x, y = mixup(images, labels, np.random.default_rng(1), 1.0)
checks.shape(x, images.shape, hint="the size of the images does not change")
checks.shape(y, labels.shape, hint="labels stay (N, classes)")
checks.dtype(x, "float32", hint="float32 in, float32 out")
checks.close(np.asarray(y).sum(axis=1), np.ones(300), hint="the shares of a label sum to 1")
checks.close(
    np.asarray(x)[:, 1, 1],
    y,
    atol=1e-5,
    hint="images and labels are mixed in different ratios, or with different partners",
)
own = np.asarray(y)[np.arange(300), classes]
mixed = own[own < 0.999]
checks.true(len(mixed) > 150, "most images have a partner of another class here")
checks.true(float(np.ptp(mixed)) > 0.5, "all images share one draw: each has its own share")
checks.passed("images and labels in one ratio", points=0)

# %% nbgrader={"grade": true, "grade_id": "mixup-beta", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# When graded: the distribution of the shares, the seed, alpha
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

classes = np.arange(2000)
labels = np.eye(2, dtype="float32")[classes % 2]
images = np.random.default_rng(141).random((2000, 2, 2, 1), dtype="float32")
for alpha, seed in ((0.2, 142), (1.0, 143), (5.0, 144)):
    x, y = checks.unchanged(lambda a, b, s=seed, al=alpha: mixup(a, b, np.random.default_rng(s), al), images, labels)
    largest = np.asarray(y).max(axis=1)
    mixed = largest[largest < 1 - 1e-9]
    spread = np.random.default_rng(0).beta(alpha, alpha, 100_000)
    expected = np.maximum(spread, 1 - spread).mean()
    checks.between(float(mixed.mean()), expected - 0.035, expected + 0.035, hint="shares come from Beta(alpha, alpha)")
    again = mixup(images, labels, np.random.default_rng(seed), alpha)[0]
    checks.close(again, x, hint="two generators of the same seed must give the same images: take every number from rng")
checks.raises(ValueError, lambda: mixup(images, labels, np.random.default_rng(0), 0.0), hint="alpha of 0")
own = np.eye(60)
partners = [
    (np.asarray(mixup(images[:60], own, np.random.default_rng(s), 5.0)[1]) - 2 * own).argmax(axis=1) for s in (1, 2)
]
checks.true(
    float((partners[0] == partners[1]).mean()) < 0.5,
    "the partners are the same for every seed: draw a permutation from rng",
)
checks.equal(len(set(partners[0].tolist())) > 50, True, hint="partners are a permutation: each image is a partner once")
### END HIDDEN TESTS
checks.when_graded("the distribution of the shares, the seed, the input as it was, alpha", points=0)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "cutmix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cutmix(x, y, rng, alpha=1.0):
    """Paste a rectangle of another image of the batch into each image, and mix the labels by area.

    x: images (N, H, W, C), float32 in [0, 1]. y: one-hot labels (N, classes). rng: np.random.Generator.
    alpha: each image has its own share λ from Beta(alpha, alpha). The rectangle has round(H · sqrt(1 - λ)) rows and
        round(W · sqrt(1 - λ)) columns and lies anywhere inside. The partner's weight in the label is its share of the pixels.
    Returns (x, y), new arrays of the same shapes; x float32.
    Raises ValueError when alpha is not above 0.
    """
    ### BEGIN SOLUTION
    if alpha <= 0:
        raise ValueError(f"alpha must be above 0, not {alpha}")
    n, height, width = x.shape[:3]
    partner = rng.permutation(n)
    side = np.sqrt(1 - rng.beta(alpha, alpha, n))
    rows, columns = np.rint(height * side).astype(int), np.rint(width * side).astype(int)
    tops, lefts = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    out = x.copy()
    for i in range(n):
        window = (slice(tops[i], tops[i] + rows[i]), slice(lefts[i], lefts[i] + columns[i]))
        out[i][window] = x[partner[i]][window]
    pasted = (rows * columns / (height * width))[:, None]
    return out, (1 - pasted) * y + pasted * y[partner]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cutmix-area", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# cutmix: the label's shares are those of the pixels
import numpy as np

from course import checks

labels = np.eye(200)
images = np.broadcast_to(labels[:, None, None, :], (200, 8, 6, 200)).astype("float32").copy()
x, y = cutmix(images, labels, np.random.default_rng(1))
checks.shape(x, images.shape, hint="the size of the images does not change")
checks.dtype(x, "float32", hint="float32 in, float32 out")
checks.close(
    y,
    np.asarray(x, "float64").mean(axis=(1, 2)),
    atol=1e-6,
    hint="the label's shares are the shares of the pixels: count what was really pasted, after rounding",
)
pasted = np.asarray(x)[np.arange(200), :, :, np.arange(200)] == 0
checks.true(len(np.unique(pasted.sum(axis=(1, 2)))) > 5, "all rectangles have one size: each image has its own share")
for hole in pasted:
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    whole = not len(rows) or hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    checks.true(bool(whole), "what is pasted is one rectangle")
checks.passed("labels mixed by area", points=0)

# %% nbgrader={"grade": true, "grade_id": "cutmix-draws", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# When graded: proportions, places, the seed, alpha
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np

labels = np.eye(200)
images = np.broadcast_to(labels[:, None, None, :], (200, 12, 6, 200)).astype("float32").copy()
x, y = checks.unchanged(lambda a, b: cutmix(a, b, np.random.default_rng(151)), images, labels)
pasted = np.asarray(x)[np.arange(200), :, :, np.arange(200)] == 0
rows, columns = pasted.any(axis=2).sum(axis=1), pasted.any(axis=1).sum(axis=1)
checks.true(
    bool((np.abs(rows - 2 * columns) <= 2)[columns > 0].all()), "the rectangle has the proportions of the image"
)
inside = (rows > 0) & (rows < 12) & (columns < 6)
checks.true(
    len({int(top) for top in pasted.any(axis=2).argmax(axis=1)[inside]}) > 6, "the rectangle lies at random places"
)
checks.close(cutmix(images, labels, np.random.default_rng(151))[0], x, hint="the same seed gives the same images")
checks.between(float(pasted.mean()), 0.4, 0.6, hint="with alpha = 1 half of the pixels are pasted on average")
checks.raises(ValueError, lambda: cutmix(images, labels, np.random.default_rng(0), -1), hint="a negative alpha")
partners = [
    (np.asarray(cutmix(images, labels, np.random.default_rng(s), 5.0)[1]) - 2 * labels).argmax(axis=1) for s in (1, 2)
]
checks.true(
    float((partners[0] == partners[1]).mean()) < 0.5,
    "the partners are the same for every seed: draw a permutation from rng",
)
largest = np.asarray(cutmix(images, labels, np.random.default_rng(152), 50.0)[1]).max(axis=1)
checks.true(
    float(np.quantile(largest, 0.9)) < 0.75, "alpha is not used: with alpha = 50 nearly all shares are near one half"
)
### END HIDDEN TESTS
checks.when_graded("proportions, places, the seed, the input as it was, alpha", points=0)

# %% tags=["draw"] nbgrader={"grade": false, "grade_id": "mix-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Figure: two images, one label with shares
with checks.waiting_for("mixup", "cutmix"):
    hot = np.eye(10)
    fig, axes = plt.subplots(2, 8, figsize=(10, 3.2), layout="constrained")
    for line, function, name in zip(axes, (mixup, cutmix), ("MixUp", "CutMix"), strict=True):
        images, labels = function(ten, hot, np.random.default_rng(SEED + 3), alpha=8.0)
        for ax, image, label in zip(line, images, labels, strict=False):
            parts = [f"{share:.0%} {digit}" for digit, share in enumerate(label) if share > 0.005]
            show(ax, image, " + ".join(parts))
        line[0].set_ylabel(name, fontsize=10)
    fig.suptitle("Two images, one label with shares", fontsize=11)
    plots.show(
        "Eight digits with MixUp and with CutMix, each titled with its label: about half of one digit and half of another. MixUp shows both strokes "
        "half bright; CutMix shows a rectangle of one digit in the other."
    )

# %% [markdown] topics=["H6", "I3"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - An augmentation is a claim: *this change keeps the label.* The same mirroring helped on one set and hurt on the other.
# - Split first. Augment the training part only, on the fly where you can.
# - Randomness comes from a generator that you hold; a pipeline is a list that you can store.
# - Random code can be tested with probes that reveal what was drawn.
# - An ablation compares in pairs on the same images, repeats with other seeds, and fixes its rule before the run. "Undecided" is a result.
#
# [Next week](../week09_normalisation/week09_normalisation.ipynb): normalisation, and what the numbers inside a net look like.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week08")
