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
# # Week 8 · The same picture, a little different
#
# **Afterwards you can** widen a data set without lying about its labels: you write the usual augmentations in NumPy and in Keras
# layers, say which of them a task allows, split before you widen, and measure whether any of it helped. **Time** 3 to 4 hours.
# **You need** weeks 4 and 6: a training pipeline without leaks, and overfitting seen with your own eyes.
#
# A net that has seen 300 digits knows 300 digits by heart. You know more than that: you know that a 7 moved by two pixels is
# still a 7, and so is a 7 that leans. **Augmentation** writes this knowledge down as images. It is the cheapest
# regularisation there is, and the easiest to get wrong without noticing, because a wrong augmentation raises no error. It
# only makes the net a little worse, or the test a little too kind.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import checks, datasets, evaluation, training

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

training.start(PROFILE, SEED)

# %% nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("mnist", PROFILE)
x_train, y_train = evaluation.scaled(data.train.x), data.train.y
first_of_each = np.array([int(np.flatnonzero(y_train == digit)[0]) for digit in range(10)])
ten = x_train[first_of_each]  # one image of each digit, float32 (10, 28, 28, 1) in [0, 1]
photo = datasets.load("photos").images["flower"][170:330:2, 290:450:2].astype("float32") / 255  # (80, 80, 3)


def mosaic(ax, rows, beside=(), above=()):
    """Images of one size in rows and columns, drawn as one picture. rows: lists of (H, W, C); beside, above: labels."""
    height, width, channels = rows[0][0].shape
    gap = max(2, height // 14)
    sheet = np.ones((len(rows) * (height + gap) - gap, len(rows[0]) * (width + gap) - gap, channels))
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
# Every augmentation in this notebook keeps the same six promises. They are what the checks ask for, each time:
#
# 1. **A batch in, a batch out.** `x` has the shape (N, height, width, channels); so has the result.
# 2. **Type and range stay.** float32 in [0, 1] comes back as float32 in [0, 1], uint8 in 0 … 255 as uint8 in 0 … 255.
# 3. **The input stays as it is.** Tomorrow's epoch needs the original again.
# 4. **Each image has its own draw.** One shift for the whole batch is one new image, not N.
# 5. **Strength 0 changes nothing.** So an ablation can switch it off.
# 6. **All randomness comes from `rng`**, a `np.random.Generator` that the caller hands in. No `np.random.rand()`, no generator
#    made inside. Whoever holds the seed can then repeat the experiment; with hidden global state nobody can.
#
# How does one check a function that answers differently each time? With **probes**: images that give away what was drawn. A
# picture in which every pixel holds another number tells how far it was moved, and from that draw on everything is determined.
# The checks below never compare with particular random numbers. Whether you draw for the whole batch at once or image by
# image, rows or columns first, is yours to decide.

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "hflip-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · Mirror
#
# The simplest one. Images are stored as (N, height, width, channels), so left and right are the **third** axis, number 2; `[:, ::-1]`
# turns them upside down, and `[::-1]` shuffles the batch against its labels.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-hflip", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `hflip` (5 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "hflip", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% nbgrader={"grade": true, "grade_id": "hflip-mirror", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: p = 1 mirrors every image, p = 0 none.
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

# %% nbgrader={"grade": true, "grade_id": "hflip-rate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: half of 2,000 images. Hidden: other probabilities.
import numpy as np

from course import checks

numbered = np.random.default_rng(82).random((2000, 2, 3, 1), dtype="float32")


def mirrored(images):
    """Which images of `numbered` came back mirrored: bool (2000,)."""
    checks.shape(images, numbered.shape, hint="as many images come back as went in, of the same size")
    images = np.asarray(images)
    is_mirrored = np.isclose(images, numbered[:, :, ::-1]).all(axis=(1, 2, 3))
    as_it_was = np.isclose(images, numbered).all(axis=(1, 2, 3))
    checks.true(
        bool((is_mirrored | as_it_was).all()),
        "each image is either mirrored as a whole or left as it was, and stays at its place in the batch",
        f"{int((~(is_mirrored | as_it_was)).sum())} of 2000 are neither",
    )
    return is_mirrored


rate = mirrored(hflip(numbered, np.random.default_rng(3))).mean()
checks.true(
    0 < rate < 1,
    "all images share one draw: draw for each image of the batch",
    f"{rate:.0%} of the images are mirrored",
)
# Five standard deviations of a share of 2,000 draws, so that no right answer fails.
checks.between(rate, 0.5 - 0.056, 0.5 + 0.056, hint="by default half of the images are mirrored", what="the share")
### BEGIN HIDDEN TESTS
for p, seed in ((0.2, 4), (0.85, 5), (0.05, 6)):
    share = mirrored(hflip(numbered, np.random.default_rng(seed), p)).mean()
    room = 5 * np.sqrt(p * (1 - p) / len(numbered))
    checks.between(share, p - room, p + room, hint="p is the share of images that are mirrored", what="the share")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "hflip-rng", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden: the same seed gives the same images, another seed others; x stays as it is; uint8; a p that is no probability.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

images = np.random.default_rng(83).integers(0, 256, (60, 5, 4, 2), dtype="uint8")
first = checks.unchanged(lambda x: hflip(x, np.random.default_rng(11), 0.5), images)
checks.dtype(first, "uint8", hint="uint8 in, uint8 out")
checks.close(
    hflip(images, np.random.default_rng(11), 0.5),
    first,
    hint="two generators of the same seed must give the same images: take every random number from rng",
)
checks.true(
    not np.array_equal(hflip(images, np.random.default_rng(12), 0.5), first),
    "generators of different seeds give the same images: the numbers do not come from rng",
)
for p in (-0.1, 1.5):
    checks.raises(ValueError, lambda p=p: hflip(images, np.random.default_rng(0), p), hint="a p outside [0, 1]")
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "hflip-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Now look at what you have made, and read it aloud. A mirrored flower is a flower. A mirrored 7 is nothing at all.

# %% nbgrader={"grade": false, "grade_id": "hflip-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("hflip"):
    turned, turned_photo = (hflip(images, np.random.default_rng(SEED), 1.0) for images in (ten, photo[None]))
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 2.5), width_ratios=[10, 1], layout="constrained")
    mosaic(left, [ten, turned], ["as it is", "mirrored"], range(10))
    mosaic(right, [photo[None], turned_photo], (), ["flower"])
    fig.suptitle("What is still what it was?", fontsize=11)
    plt.show()

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "shift-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Shift
#
# The lecture's settings read "0.2–0.3": shift by up to that *fraction* of the side. On a photograph of 224 pixels 0.2 is 44 pixels, and the
# flower is still there. On MNIST 0.2 of 28 is 5 pixels, and the digit has a margin of 4: the strokes begin to leave the
# image. Strength is a property of the pair, augmentation and data.
#
# When an image moves down by 3, three rows fall off below, and three have to come from somewhere above. `np.roll` brings back
# what fell off, so that the foot of a 7 appears over its head. We fill with zeros. Worked: a row `[1, 2, 3, 4, 5]` moved right by 2 is `[0, 0, 1, 2, 3]`;
# `np.roll` would say `[4, 5, 1, 2, 3]`.

# %% nbgrader={"grade": false, "grade_id": "fill-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
moved = {"as it is": photo}
far = 24
padded = {"zeros": "constant", "reflected": "reflect", "edge repeated": "edge", "wrapped (np.roll)": "wrap"}
for title, mode in padded.items():
    moved[title] = np.pad(photo, ((far, 0), (far, 0), (0, 0)), mode=mode)[:80, :80]
fig, axes = plt.subplots(1, 5, figsize=(11, 2.5), layout="constrained")
for ax, (title, image) in zip(axes, moved.items(), strict=True):
    show(ax, image, title)
fig.suptitle("Moved down and right by 24 pixels: four ways to fill what moves in", fontsize=11)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-random_shift", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `random_shift` (8 points)
#
# Whole pixels, both directions, each image its own draw for rows **and** for columns. Mind the ends:
# `rng.integers(-m, m)` never gives `+m`.


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "random_shift", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_shift(x, rng, fraction=0.1):
    """Move each image by a random whole number of pixels, zeros moving in.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator.
    fraction: largest shift as a fraction of the side: rows move by -m … m with m = int(fraction · H), columns by
        -m … m with m = int(fraction · W), all equally likely, the two drawn apart from each other.
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when fraction is negative, or 1 or more.
    """
    ### BEGIN SOLUTION
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction is in [0, 1), not {fraction}")
    n, height, width = x.shape[:3]
    most_down, most_right = int(fraction * height), int(fraction * width)
    downs = rng.integers(-most_down, most_down, n, endpoint=True)
    rights = rng.integers(-most_right, most_right, n, endpoint=True)
    out = np.zeros_like(x)
    for image, new, down, right in zip(x, out, downs, rights, strict=True):
        kept = image[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
        top, left = max(0, down), max(0, right)
        new[top : top + kept.shape[0], left : left + kept.shape[1]] = kept
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "random_shift-move", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: each image is moved by whole pixels, and zeros move in. In the probe each pixel holds a number of its own.
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

# %% nbgrader={"grade": true, "grade_id": "random_shift-range", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: which shifts occur at fraction 0.2 of 10 rows and 15 columns. Hidden: other sizes and fractions.
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
    abs(float(np.corrcoef(downs, rights)[0, 1])) < 0.13, "rows and columns are drawn apart: they should not go together"
)
### BEGIN HIDDEN TESTS
for height, width, fraction, most_down, most_right, seed in (
    (28, 9, 0.1, 2, 0, 21),
    (12, 28, 0.25, 3, 7, 22),
    (9, 11, 0.3, 2, 3, 23),
):
    downs, rights = shifts(height, width, fraction, seed)
    judge(downs, most_down, most_right)
    judge(rights, most_right, most_down)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "random_shift-rng", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the seed decides; x stays as it is; uint8; fraction 0 and fractions that make no sense.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

images = np.random.default_rng(84).integers(1, 256, (50, 9, 7, 3), dtype="uint8")
first = checks.unchanged(lambda x: random_shift(x, np.random.default_rng(31), 0.3), images)
checks.dtype(first, "uint8", hint="uint8 in, uint8 out")
checks.close(
    random_shift(images, np.random.default_rng(31), 0.3),
    first,
    hint="two generators of the same seed must give the same images: take every random number from rng",
)
checks.true(
    not np.array_equal(random_shift(images, np.random.default_rng(32), 0.3), first),
    "generators of different seeds give the same images: the numbers do not come from rng",
)
checks.close(random_shift(images, np.random.default_rng(33), 0.0), images, hint="fraction 0 moves nothing")
checks.close(
    random_shift(images, np.random.default_rng(33), 0.05),
    images,
    hint="where fraction · side is less than one pixel, nothing moves",
)
for fraction in (-0.1, 1.0, 1.5):
    checks.raises(
        ValueError,
        lambda fraction=fraction: random_shift(images, np.random.default_rng(0), fraction),
        hint="a fraction that is negative, or 1 or more",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "crop-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · Pad, then crop
#
# Most CIFAR-10 records of the last ten years use one recipe: put a ring of 4 pixels around the 32×32 image, and cut a random 32×32
# window out of the 40×40. The window may begin at 0, 1, …, 8 in each direction, so there are 81 places.
#
# Is that anything new? With a ring of zeros it is your shift by −4 … 4 in other words. With a **reflected** ring it is not:
# there is no black border, which on photographs looks like nothing that a camera makes.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-random_crop_pad", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `random_crop_pad` (6 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "random_crop_pad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_crop_pad(x, rng, pad=4, mode="zeros"):
    """Put a ring around each image and cut a random window of the old size out of it.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator. pad: width of the ring in pixels.
    mode: what the ring holds, "zeros" or "reflect" (as in np.pad: the edge itself is not repeated).
    All (2 · pad + 1)² places of the window are equally likely, and each image has its own.
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when pad is negative or mode another word.
    """
    ### BEGIN SOLUTION
    if pad < 0 or mode not in ("zeros", "reflect"):
        raise ValueError(f"pad is at least 0 and mode 'zeros' or 'reflect', not {pad} and {mode!r}")
    n, height, width = x.shape[:3]
    ring = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    wide = np.pad(x, ring, mode="constant" if mode == "zeros" else "reflect")
    tops, lefts = rng.integers(0, 2 * pad + 1, size=(2, n))
    return np.stack([wide[i, tops[i] : tops[i] + height, lefts[i] : lefts[i] + width] for i in range(n)])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "random_crop_pad-zeros", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a ring of 2 zeros around 6×9: every window is a cut of the padded image, and all 25 places occur.
import numpy as np

from course import checks

image = np.random.default_rng(85).uniform(0.1, 1, (6, 9, 2)).astype("float32")
batch = np.repeat(image[None], 800, axis=0)
out = random_crop_pad(batch, np.random.default_rng(1), 2)
checks.shape(
    out,
    batch.shape,
    unless={"cut the window back to the old size: H×W, not (H + 2 pad)×(W + 2 pad)": (800, 10, 13, 2)},
    hint="the size of the images does not change",
)
checks.dtype(out, "float32", hint="float32 in, float32 out")
wide = np.zeros((10, 13, 2), "float32")
wide[2:8, 2:11] = image
corners = [(r, c) for r in range(5) for c in range(5)]
windows = np.stack([wide[r : r + 6, c : c + 9] for r, c in corners])
fits = np.isclose(np.asarray(out)[:, None], windows).all(axis=(2, 3, 4))  # (image, place)
checks.true(
    bool(fits.any(axis=1).all()),
    "some image is no 6×9 window of the padded 10×13 image: a ring of zeros on every side, then a cut",
)
places = [place for place, occurs in zip(corners, fits.any(axis=0), strict=True) if occurs]
checks.true(len(places) > 1, "all images of the batch are cut at the same place: draw for each image")
checks.true(
    {r for r, _ in places} == set(range(5)) and {c for _, c in places} == set(range(5)),
    "the window may begin at 0, 1, …, 2 · pad, both ends included",
    f"found rows {sorted({r for r, _ in places})} and columns {sorted({c for _, c in places})}",
)
checks.equal(len(places), 25, hint="rows and columns are drawn apart: with pad = 2 there are 25 places")

# %% nbgrader={"grade": true, "grade_id": "random_crop_pad-reflect", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one word that is no mode. Hidden: the reflected ring.
import numpy as np

from course import checks

checks.raises(
    ValueError,
    lambda: random_crop_pad(np.zeros((1, 5, 5, 1), "float32"), np.random.default_rng(0), 1, "mirror"),
    hint='a mode that is neither "zeros" nor "reflect"',
)
### BEGIN HIDDEN TESTS
image = np.random.default_rng(86).uniform(0.1, 1, (8, 7, 1)).astype("float32")
batch = np.repeat(image[None], 600, axis=0)
out = random_crop_pad(batch, np.random.default_rng(41), 3, "reflect")
checks.shape(out, batch.shape, hint="the size of the images does not change")
out = np.asarray(out)
checks.true(bool((out > 0).all()), "a reflected ring holds no zeros: mode is ignored")
down = [*range(3, 0, -1), *range(8), *range(6, 3, -1)]
right = [*range(3, 0, -1), *range(7), *range(5, 2, -1)]
wide = image[down][:, right]
fits = np.stack([np.isclose(out, wide[r : r + 8, c : c + 7]).all(axis=(1, 2, 3)) for r in range(7) for c in range(7)])
checks.true(
    bool(fits.any(axis=0).all()),
    'mode "reflect" mirrors about the edge pixel, which is not repeated: np.pad(mode="reflect")',
)
checks.true(
    bool(fits.any(axis=1).all()),
    "the window may begin at 0, 1, …, 2 · pad, both ends included",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "random_crop_pad-rng", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the seed decides; x stays as it is; uint8; pad 0 and a negative pad.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

images = np.random.default_rng(87).integers(1, 256, (50, 6, 8, 3), dtype="uint8")
for mode in ("zeros", "reflect"):
    first = checks.unchanged(lambda x, mode=mode: random_crop_pad(x, np.random.default_rng(51), 2, mode), images)
    checks.dtype(first, "uint8", hint="uint8 in, uint8 out")
    checks.close(
        random_crop_pad(images, np.random.default_rng(51), 2, mode),
        first,
        hint="two generators of the same seed must give the same images: take every random number from rng",
    )
    checks.true(
        not np.array_equal(random_crop_pad(images, np.random.default_rng(52), 2, mode), first),
        "generators of different seeds give the same images: the numbers do not come from rng",
    )
    checks.close(random_crop_pad(images, np.random.default_rng(53), 0, mode), images, hint="pad 0 changes nothing")
checks.raises(ValueError, lambda: random_crop_pad(images, np.random.default_rng(0), -1), hint="a negative pad")
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "rotate-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Rotate
#
# To turn an image one could take each pixel and ask where it goes. Try it: the pixel lands between the grid points, gets rounded, two
# pixels meet on one place, and other places get none. The left picture below shows the holes.
#
# So we ask the other way round, for each pixel of the **result**: where in the image do I come from? That place lies between
# four pixels, and we mix them by how near they are (**bilinear** interpolation). Write $(r, c)$ for a place counted from the middle of the
# image, which is at row $(H-1)/2$, column $(W-1)/2$. The result at $(r, c)$ comes from
#
# $$ r' = r\cos\alpha - c\sin\alpha, \qquad c' = r\sin\alpha + c\cos\alpha. $$
#
# Worked, $\alpha = 30°$: the place 4 columns right of the middle, $(0, 4)$, comes from $(-2, 3.46)$. Of the four pixels around it, those in row
# $-2$ get all the weight, column 3 gets 0.54 and column 4 gets 0.46. What comes from outside the image is 0.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-rotate", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `rotate` (8 points)
#
# You may write the interpolation yourself (a few lines of indexing), or let `scipy.ndimage.rotate` do it: then read what its
# arguments `axes`, `reshape`, `order` and `mode` do, and what they are by default.


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


# %% nbgrader={"grade": true, "grade_id": "rotate-angle", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the angles. The probe grows evenly from left to right, so the direction in which the result grows is the angle.
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

# %% nbgrader={"grade": true, "grade_id": "rotate-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: what comes from outside is 0. Hidden: all values, against SciPy's interpolation at the angle that was drawn.
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

# %% nbgrader={"grade": true, "grade_id": "rotate-rng", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the seed decides; x stays as it is; degrees 0; uint8 is rounded, not cut off; negative degrees.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
checks.close(rotate(floats, np.random.default_rng(73), 0), floats, atol=1e-6, hint="0 degrees changes nothing")
checks.raises(ValueError, lambda: rotate(floats, np.random.default_rng(0), -5), hint="negative degrees")
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "rotate-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Left, each pixel sent to where it goes, and the holes that stay. The others are yours: they ask where each pixel comes from.

# %% nbgrader={"grade": false, "grade_id": "rotate-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
three = x_train[first_of_each[3]][..., 0]
angle = np.deg2rad(25)
sent = np.zeros((28, 28))
for r, c in np.ndindex(28, 28):
    there = np.rint(
        [
            (r - 13.5) * np.cos(angle) + (c - 13.5) * np.sin(angle) + 13.5,
            (c - 13.5) * np.cos(angle) - (r - 13.5) * np.sin(angle) + 13.5,
        ]
    )
    if (there >= 0).all() and (there < 28).all():
        sent[int(there[0]), int(there[1])] = three[r, c]
fig, axes = plt.subplots(1, 6, figsize=(11, 2.3), layout="constrained")
show(axes[0], three[..., None], "as it is")
show(axes[1], sent[..., None], "pixels sent forward: holes")
for ax in axes[2:]:
    ax.set_axis_off()
with checks.waiting_for("rotate"):
    for ax, image in zip(
        axes[2:], rotate(np.repeat(three[None, ..., None], 4, axis=0), np.random.default_rng(SEED), 30), strict=True
    ):
        ax.set_axis_on()
        show(ax, image, "your rotate, ±30°")
fig.suptitle("Forward and backward", fontsize=11)
plt.show()

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "cutout-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Cutout
#
# Cover a square of the image with zeros. A net that has learnt to tell a 7 by its upper corner alone must now find a second
# reason. It is dropout in the input, in one connected piece: single missing pixels a convolution would simply interpolate.
#
# In the original paper (DeVries and Taylor, 2017) the square may hang over the border, so that some images lose less. Here it lies
# **inside**: its upper left corner is at a row from 0 to H − size, all equally likely. Worked: a square of 8 in 28×28 has 21×21 places and
# hides 64 of 784 pixels, 8 %.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-cutout", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `cutout` (6 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "cutout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cutout(x, rng, size=8):
    """Set one size×size square of each image to 0, in all channels.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator. size: side of the square in pixels.
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


# %% nbgrader={"grade": true, "grade_id": "cutout-square", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one square of zeros in every image, in all channels; everything else as it was.
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

# %% nbgrader={"grade": true, "grade_id": "cutout-place", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: all places occur, the borders too, and none more often than others.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "cutout-rng", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the seed decides; x stays as it is; uint8; size 0 and sizes that do not fit.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

images = np.random.default_rng(90).integers(1, 256, (50, 9, 7, 3), dtype="uint8")
first = checks.unchanged(lambda x: cutout(x, np.random.default_rng(95), 3), images)
checks.dtype(first, "uint8", hint="uint8 in, uint8 out")
checks.close(
    cutout(images, np.random.default_rng(95), 3),
    first,
    hint="two generators of the same seed must give the same images: take every random number from rng",
)
checks.true(
    not np.array_equal(cutout(images, np.random.default_rng(96), 3), first),
    "generators of different seeds give the same images: the numbers do not come from rng",
)
checks.close(cutout(images, np.random.default_rng(97), 0), images, hint="a square of size 0 changes nothing")
for size in (-1, 8):
    checks.raises(
        ValueError,
        lambda size=size: cutout(images, np.random.default_rng(0), size),
        hint="a size that is negative or larger than the shorter side",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "brightness-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Brightness
#
# The first one that changes values instead of places: add one number to all pixels of an image. Two traps lie here, and both make no
# noise.
#
# **Bytes run over.** A uint8 holds 0 to 255, and `180 + 100` in uint8 is 24: the brightest sky turns black. Compute in floats,
# clip, round, and only then go back.
#
# **Ranges are left.** 0.9 + 0.2 is 1.1. Nothing breaks, but no image of the test set ever holds 1.1. Clip to [0, 1].
#
# So that one setting means the same for both types, the strength is a fraction of the whole range: `delta=0.2` adds between −0.2 and 0.2 to
# floats, between −51 and 51 to bytes.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-brightness", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `brightness` (6 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "brightness", "locked": false, "schema_version": 3, "solution": true, "task": false}
def brightness(x, rng, delta=0.2):
    """Make each image brighter or darker by a random amount.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator.
    delta: largest change as a fraction of the range. Each image gets one number, uniform in [-delta, delta] (times 255 for
        uint8), added to all of its pixels and channels. Then values are clipped to the range, and rounded for uint8.
    Returns a new array of the same shape and type; x stays as it is.
    Raises ValueError when delta is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if not 0 <= delta <= 1:
        raise ValueError(f"delta is a fraction of the range, not {delta}")
    full = 255 if x.dtype == np.uint8 else 1
    change = full * rng.uniform(-delta, delta, size=(len(x), 1, 1, 1))
    out = np.clip(x + change, 0, full)
    return (np.rint(out) if x.dtype == np.uint8 else out).astype(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "brightness-add", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one number for each image, the same for all its pixels. The probe is medium grey, so nothing is clipped.
import numpy as np

from course import checks

images = np.random.default_rng(98).uniform(0.4, 0.6, (400, 3, 4, 3)).astype("float32")
out = brightness(images, np.random.default_rng(1), 0.3)
checks.shape(out, images.shape, hint="the size of the images does not change")
checks.dtype(out, "float32", hint="float32 in, float32 out: NumPy's random numbers are float64")
change = np.asarray(out, "float64") - images
checks.true(
    bool((np.ptp(change.reshape(400, -1), axis=1) < 1e-5).all()),
    "within an image all pixels and channels get the same number, and it is added, not multiplied",
)
amount = change[:, 0, 0, 0]
checks.true(np.ptp(amount) > 1e-3, "all images of the batch get the same number: draw for each image")
checks.between(
    float(np.abs(amount).max()), 0.28, 0.30001, hint="amounts are uniform in [-delta, delta]", what="the largest"
)
checks.true(bool(amount.min() < -0.25 and amount.max() > 0.25), "images become darker as well as brighter")
checks.between(float(amount.mean()), -0.044, 0.044, hint="amounts are uniform in [-delta, delta]", what="the mean")

# %% nbgrader={"grade": true, "grade_id": "brightness-clip", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: bytes do not run over. Hidden: the scale on bytes, rounding, and floats that stay in [0, 1].
import numpy as np

from course import checks

extremes = np.zeros((200, 2, 2, 1), "uint8")
extremes[:, 0] = 250
out = brightness(extremes, np.random.default_rng(2), 0.4)
checks.shape(out, extremes.shape, hint="the size of the images does not change")
checks.dtype(out, "uint8", hint="uint8 in, uint8 out")
out = np.asarray(out).astype(int)
checks.true(
    bool((out[:, 0] >= 148).all() and (out[:, 1] <= 102).all()),
    "bytes run over: 250 + 20 is 14 in uint8, and 0 - 20 is 236. Add in floats, clip to 0 … 255, then go back to uint8",
    f"pixels of 250 became {sorted(set(out[:, 0].ravel().tolist()))[:6]} …",
)
### BEGIN HIDDEN TESTS
grey = brightness(np.full((600, 1, 2, 1), 128, "uint8"), np.random.default_rng(101), 0.2)
amount = np.asarray(grey)[:, 0, 0, 0].astype(int) - 128
checks.between(
    int(np.abs(amount).max()),
    46,
    51,
    hint="on uint8 delta is a fraction of 255: 0.2 means up to 51 levels",
    what="the largest change",
)
floats = np.random.default_rng(102).random((300, 3, 3, 2), dtype="float32")
bright = brightness(floats, np.random.default_rng(103), 0.5)
checks.shape(bright, floats.shape, hint="the size of the images does not change")
checks.true(bool(np.min(bright) >= 0 and np.max(bright) <= 1), "values leave [0, 1]: clip after adding")
checks.true(
    bool((np.asarray(bright) == 1).any() and (np.asarray(bright) == 0).any()),
    "values beyond the range are clipped to its ends: neither wrapped nor scaled back",
)
half = np.zeros((300, 4, 4, 1), "uint8") + np.arange(96, 112, dtype="uint8").reshape(4, 4, 1)
same = brightness(half.astype("float32") / 255, np.random.default_rng(104), 0.3)
off = np.asarray(brightness(half, np.random.default_rng(104), 0.3), "float64") - 255 * np.asarray(same, "float64")
checks.true(bool(np.abs(off).max() < 1.01), "on uint8 the result is another one than on the same image in floats")
checks.true(
    bool(abs(off.mean()) < 0.15), "on uint8 the result is off by half a step: astype cuts off, so round before it"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "brightness-rng", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: the seed decides; x stays as it is; delta 0 and deltas outside [0, 1].
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

for images in (
    np.random.default_rng(105).random((30, 4, 5, 3), dtype="float32"),
    np.random.default_rng(106).integers(0, 256, (30, 4, 5, 1), dtype="uint8"),
):
    first = checks.unchanged(lambda x: brightness(x, np.random.default_rng(107), 0.4), images)
    checks.close(
        brightness(images, np.random.default_rng(107), 0.4),
        first,
        hint="two generators of the same seed must give the same images: take every random number from rng",
    )
    checks.true(
        not np.allclose(brightness(images, np.random.default_rng(108), 0.4), first),
        "generators of different seeds give the same images: the numbers do not come from rng",
    )
    checks.close(brightness(images, np.random.default_rng(109), 0), images, atol=1e-6, hint="delta 0 changes nothing")
    widest = brightness(images, np.random.default_rng(110), 1)
    checks.shape(widest, images.shape, hint="delta may be 1, the whole range")
    for delta in (-0.1, 1.2):
        checks.raises(
            ValueError,
            lambda delta=delta, images=images: brightness(images, np.random.default_rng(0), delta),
            hint="a delta outside [0, 1]",
        )
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "compose-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · A pipeline is data
#
# Write a pipeline as a list, each step a name with its settings:
#
# ```python
# steps = [("random_shift", {"fraction": 0.1}), ("rotate", {"degrees": 10}), ("cutout", {"size": 8})]
# ```
#
# Such a list can be printed, stored beside the results, and compared with last week's. The **order** is part of it: cutout, then brightness leaves a
# grey hole where brightness, then cutout leaves a black one. The **one** generator is handed from step to step, and each draws
# on where the last one stopped. Whoever makes a new `default_rng(0)` for each step gets draws that go together: the images
# that are mirrored are then always the ones that move left.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-compose", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · `compose` (6 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "compose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compose(x, steps, rng):
    """Apply augmentations one after another.

    x: images (N, H, W, C), float32 in [0, 1] or uint8. rng: np.random.Generator, shared by all steps.
    steps: list of (name, settings) in the order in which they are applied; name is one of "hflip", "random_shift",
        "random_crop_pad", "rotate", "cutout", "brightness", settings a dict of that function's keyword arguments.
    Returns a new array of the same shape and type, a copy of x where steps is empty; x stays as it is.
    Raises ValueError when a name is unknown.
    """
    ### BEGIN SOLUTION
    known = {
        "hflip": hflip,
        "random_shift": random_shift,
        "random_crop_pad": random_crop_pad,
        "rotate": rotate,
        "cutout": cutout,
        "brightness": brightness,
    }
    out = x.copy()
    for name, settings in steps:
        if name not in known:
            raise ValueError(f"there is no augmentation {name!r}; there are: {', '.join(known)}")
        out = known[name](out, rng, **settings)
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "compose-order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: settings reach their function, and steps run in the order of the list.
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
out = compose(grey, [("cutout", {"size": 4}), ("brightness", {"delta": 0.4})], np.random.default_rng(1))
checks.shape(out, grey.shape, hint="the size of the images does not change")
out = np.asarray(out, "float64").reshape(80, -1)
brighter = out[out.max(axis=1) > 0.55]
checks.true(len(brighter) > 5, "brightness is not applied: some images should be brighter")
checks.true(
    bool((brighter.min(axis=1) > 0.01).all()),
    "the steps run in another order than the list says: a hole that is cut first is made brighter afterwards",
)
late = compose(grey, [("brightness", {"delta": 0.4}), ("cutout", {"size": 4})], np.random.default_rng(1))
checks.true(
    bool((np.asarray(late).reshape(80, -1).min(axis=1) == 0).all()),
    "the steps run in another order than the list says: a hole that is cut last is black",
)

# %% nbgrader={"grade": true, "grade_id": "compose-rng", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: an unknown name. Hidden: all six names, one generator for all steps, the seed, the empty list.
import numpy as np

from course import checks

some = np.random.default_rng(111).random((30, 12, 9, 3), dtype="float32")
checks.raises(
    ValueError,
    lambda: compose(some, [("hflip", {}), ("vflip", {})], np.random.default_rng(0)),
    hint="a name that is not among the six: a misspelt step that is silently left out ruins an experiment",
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
    ("random_crop_pad", {"pad": 2, "mode": "reflect"}),
    ("rotate", {"degrees": 15}),
    ("cutout", {"size": 3}),
    ("brightness", {"delta": 0.1}),
]
for images in (some, (some * 255).astype("uint8")):
    first = checks.unchanged(lambda x: compose(x, every, np.random.default_rng(114)), images)
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
    for name, settings in every[1:5]:
        alone = compose(images, [(name, settings)], np.random.default_rng(116))
        checks.true(not np.array_equal(alone, images), f"the step {name!r} changes nothing")
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "compose-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The grid to keep in mind: **each column is one image**, the top row is what the camera saw, and every further row is what one epoch would have
# shown the net. Ask of each picture: would I still give it the same label?

# %% nbgrader={"grade": false, "grade_id": "compose-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
mild = [
    ("random_shift", {"fraction": 0.1}),
    ("rotate", {"degrees": 12}),
    ("cutout", {"size": 6}),
    ("brightness", {"delta": 0.15}),
]
for_photos = [("hflip", {}), ("random_crop_pad", {"pad": 12, "mode": "reflect"}), ("cutout", {"size": 20})]
with checks.waiting_for("compose and its steps"):
    stream = np.random.default_rng(SEED)
    digit_rows = [ten] + [compose(ten, mild, stream) for _ in range(5)]
    photo_rows = [photo[None]] + [compose(photo[None], [*for_photos, mild[-1]], stream) for _ in range(5)]
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 6.2), width_ratios=[10, 1], layout="constrained")
    mosaic(left, digit_rows, ["original", *(f"epoch {n}" for n in range(1, 6))], range(10))
    mosaic(right, photo_rows, (), ["flower"])
    fig.suptitle("Down a column: one image, and what five epochs make of it", fontsize=11)
    plt.show()

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "labels-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 9 · Which augmentation keeps which label
#
# Nothing in your code knows what is in the picture. You do, and it is for you to say what may happen to it. The question is not "does it
# still look nice?" but "**would a person give it the same label?**" Four tasks:
#
# | task | classes | what carries the label |
# |---|---|---|
# | `"digits"` | 0 to 9, in the print of the picture below; a 1 is a plain stroke | shape and its direction |
# | `"arrows"` | `"left"`, `"right"`, `"straight on"`: plain arrows ←, →, ↑ on a blue disc | the direction alone |
# | `"fruit"` | `"ripe"`, `"unripe"`: red and green tomatoes, same shapes | the colour alone |
# | `"cells"` | `"round"`, `"rod"`: bacteria under a microscope, lying any way round | the shape, in any direction |
#
# and seven augmentations: `"hflip"` (left–right), `"vflip"` (upside down), `"turn 180"`, `"turn 10"` (by up to ±10°), `"shift"` (by a
# tenth, the object stays whole), `"brightness"` (a little), `"grey"` (colours removed).
#
# A label is **kept** when the changed picture belongs to the same class. A 6 turned by 180° is a 9: a picture with a wrong label. A 7
# turned by 180° is nothing: a picture with no label. Neither is kept. But some digits survive: look.

# %% nbgrader={"grade": false, "grade_id": "labels-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
fig, ax = plt.subplots(figsize=(11, 3.9), layout="constrained")
changes = {"as it is": (1, 1), "hflip": (-1, 1), "vflip": (1, -1), "turn 180": (-1, -1)}
glyphs = [*"0l23456789", "←", "→", "↑"]  # the 1 as a plain stroke: a small l
for line, (across, up) in enumerate(changes.values()):
    for place, glyph in enumerate(glyphs):
        path = TextPath((0, 0), glyph, size=0.8)
        box = path.get_extents()
        middle = Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2)
        moved_there = middle.scale(across, up).translate(place, -line)
        ax.add_patch(PathPatch(moved_there.transform_path(path), color="#0072b2" if glyph in "←→↑" else "black"))
ax.hlines(-0.5, -0.5, 12.5, color="0.7", linewidth=1)
ax.set(xlim=(-0.5, 12.5), ylim=(-3.5, 0.5), aspect="equal", xticks=[])
ax.set_yticks([0, -1, -2, -3], list(changes))
ax.set_title("Which of these keep their label?", fontsize=11)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-classes_kept", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 8 · `classes_kept` (10 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "classes_kept", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classes_kept(augmentation, task):
    """The classes of a task whose pictures keep their label under an augmentation, whatever it draws.

    augmentation: "hflip", "vflip", "turn 180", "turn 10", "shift", "brightness" or "grey".
    task: "digits" (classes 0 … 9), "arrows" ("left", "right", "straight on"), "fruit" ("ripe", "unripe") or
        "cells" ("round", "rod"), as the table above describes them.
    Returns a set of classes: all of them where the augmentation is safe for the task, set() where it keeps none.
    Raises ValueError when the augmentation or the task is unknown.
    """
    ### BEGIN SOLUTION
    classes = {
        "digits": set(range(10)),
        "arrows": {"left", "right", "straight on"},
        "fruit": {"ripe", "unripe"},
        "cells": {"round", "rod"},
    }
    known = ("hflip", "vflip", "turn 180", "turn 10", "shift", "brightness", "grey")
    if task not in classes or augmentation not in known:
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
    return exceptions.get((augmentation, task), classes[task])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "classes_kept-digits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: digits, mirrored and moved.
from course import checks

everything = set(range(10))
checks.equal(
    set(classes_kept("hflip", "digits")),
    {0, 1, 8},
    unless={
        "digits must not be mirrored: look at the second row of the picture": everything,
        "some digits are their own mirror image: look at the second row of the picture": set(),
        "a 1 that is a plain stroke is its own mirror image": {0, 8},
        "a 3 is its own mirror image upside down (vflip), not left to right": {0, 1, 3, 8},
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

# %% nbgrader={"grade": true, "grade_id": "classes_kept-turned", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: digits upside down, turned by 180°, and without colour.
### BEGIN HIDDEN TESTS
from course import checks

checks.equal(
    set(classes_kept("vflip", "digits")),
    {0, 1, 3, 8},
    hint="digits upside down: look at the third row of the picture, digit by digit",
)
checks.equal(
    set(classes_kept("turn 180", "digits")),
    {0, 1, 8},
    unless={"a 6 turned by 180° is a 9: a picture, but with the wrong label": {0, 1, 6, 8, 9}},
    hint="digits turned by 180°: look at the last row of the picture, digit by digit",
)
checks.equal(set(classes_kept("grey", "digits")), set(range(10)), hint="digits are grey already")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "classes_kept-arrows", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: arrows.
### BEGIN HIDDEN TESTS
from course import checks

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

# %% nbgrader={"grade": true, "grade_id": "classes_kept-others", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: fruit and cells.
### BEGIN HIDDEN TESTS
from course import checks

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

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "labels-afterthought", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A label may also **move along** instead of being lost: mirror an arrow *and* swap `"left"` with `"right"`, and the pair is right again. The same
# holds for boxes and masks in detection. It is one more line of code, and a favourite place for bugs.

# %% [markdown] topics=["J1"] nbgrader={"grade": false, "grade_id": "stored-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 10 · Stored copies, or on the fly
#
# The lecture's example: 100 images, each stored in 100 variants, make 10,000. The run time rises with them, and so does the disk. What does not rise:
#
# - **Independent examples.** There are still 100 writers' hands in the set. Ten thousand copies of a hundred digits are worth far
#   less than ten thousand digits, and the standard error of anything you measure on them is that of 100.
# - **The variety.** After the last of the 100 variants the net has seen it all. **On the fly**, with new draws in every epoch, it never sees
#   the same picture twice: 30 epochs show 30 · N different images, and nothing is stored.

# %% nbgrader={"grade": false, "grade_id": "stored-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
rows = [("digits 28×28, uint8", 28 * 28, 100), ("digits 28×28, float32", 4 * 28 * 28, 100)]
rows += [("CIFAR-10 32×32×3, uint8", 32 * 32 * 3, 50_000), ("ImageNet 224×224×3, uint8", 224 * 224 * 3, 1_281_167)]
print(f"{'':28}{'images':>11}{'as they are':>14}{'100 copies each':>18}")
for name, each, count in rows:
    print(f"{name:28}{count:>11,}{count * each / 1e6:>11,.1f} MB{100 * count * each / 1e6:>15,.0f} MB")
epochs = np.arange(1, 301)
fig, ax = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
ax.plot(epochs, 100 * epochs, color="#0072b2", label="on the fly: new draws in each epoch")
ax.plot(epochs, np.minimum(100 * epochs, 10_000), "--", color="#d55e00", label="100 stored copies of each")
ax.plot(epochs, np.full(300, 100), ":", color="0.35", label="no augmentation")
ax.set(yscale="log", xlabel="epochs over the 100 images, or as many training steps", ylabel="different images seen")
ax.set_title("100 images: how much the net has seen")
ax.legend(frameon=False)
plt.show()

# %% [markdown] topics=["H5", "E8"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 11 · Split first, then widen
#
# Two things go wrong with splits, and the lecture's list has one of each.
#
# **The sum.** "70/15/15, 60/20/20, 90/10/10." Add up the last one. Shares that sum to 110 % have images on both sides, or a last
# part that is shorter than it says. Your function refuses them.
#
# **The order.** Widen 100 images to 10,000, shuffle, split: now nearly every test image has some seventy copies of its original in the training
# set. The net recognises what it has seen, and the test reports a wonderful number that no new digit will ever reach. So: split the **originals**,
# then widen the **training part only**. Validation and test images stay as the camera took them, because that is what the
# net will meet.
#
# Worked: 100 images, 70/15/15, 20 copies: 1,400 training images, 15 for validation, 15 for the test.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-splits", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 9 · `split_then_widen` (10 points)


# %% topics=["H5", "E8", "J1"] nbgrader={"grade": false, "grade_id": "splits", "locked": false, "schema_version": 3, "solution": true, "task": false}
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


# %% nbgrader={"grade": true, "grade_id": "splits-sum", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: shares that do not sum to 1 are refused; shares that do are not, whatever binary fractions make of them.
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

# %% nbgrader={"grade": true, "grade_id": "splits-parts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: every image is in exactly one part, with its own label; parts are drawn at random, by rng.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
again = split_then_widen(images, labels, shares, np.random.default_rng(121))
other = split_then_widen(images, labels, shares, np.random.default_rng(122))
checks.close(again["test"][0], parts["test"][0], hint="two generators of the same seed must give the same split")
checks.true(not np.array_equal(other["test"][0], parts["test"][0]), "another seed gives the same split: draw from rng")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "splits-leak", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: no variant of a validation or test image among the training images, and validation and test not augmented.
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

# %% nbgrader={"grade": true, "grade_id": "splits-widen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: 100 images become 10,000. Hidden: each with its label, each variant with draws of its own.
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
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "keras-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 12 · The same pipeline in Keras layers
#
# Keras has augmentations as **layers**, which brings three advantages: they run inside the training graph, they are saved with the
# net, and they are switched on in training and off in prediction, by the same `training` flag as dropout. Nobody can
# forget to leave the validation images alone.
#
# It also brings other units and other defaults. Each of these is a silent bug:
#
# | yours | Keras | mind |
# |---|---|---|
# | `hflip(x, rng, 0.5)` | `RandomFlip("horizontal")` | by default it flips upside down as well |
# | `random_shift(x, rng, 0.1)` | `RandomTranslation(0.1, 0.1)` | rows first; real numbers of pixels; fills with a reflection (whatever its documentation says), not with zeros |
# | `random_crop_pad(x, rng, 4)` | `ZeroPadding2D(4)`, `RandomCrop(H, W)` | the centre is cut in prediction |
# | `rotate(x, rng, 10)` | `RandomRotation(10 / 360)` | a fraction of a **full turn**: `RandomRotation(10)` would be ten turns, and is refused; fills with a reflection |
# | `cutout(x, rng, 8)` | `RandomErasing(…)` | area and side ratio are random; fills with noise |
# | `brightness(x, rng, 0.2)` | `RandomBrightness(0.2)` | takes images for 0 … 255 unless `value_range=(0, 1)` says otherwise |
#
# Other libraries, so that you know the names when you meet them. **imgaug** was the first large one; it has had no release since 2020 and fails with
# current NumPy. **Augmentor** builds pipelines on folders and writes the variants to disk, the stored copies of section 10.
# **Albumentations** is the fastest of the three, and moves masks and boxes along with the image; its free version has not been maintained
# since June 2025, and its successor has another licence (AGPL or paid). We use none of them: the six functions above are sixty lines, and you know what is in them.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-keras_pipeline", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 10 · `keras_pipeline` (15 points)


# %% topics=["H6"] nbgrader={"grade": false, "grade_id": "keras_pipeline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_pipeline(shape, flip=False, shift=0.0, degrees=0.0, delta=0.0):
    """A Keras model of augmentation layers for images in [0, 1]: random in training, the identity in prediction.

    shape: (H, W, C) of one image, float32 in [0, 1]. flip: mirror half of the images left to right.
    shift: move by up to this fraction of the side, in rows and in columns. degrees: turn by up to ±degrees.
    delta: add one number in [-delta, delta] to each image, values stay in [0, 1].
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
    if delta:
        steps.append(layers.RandomBrightness(delta, value_range=(0, 1)))
    if len(steps) == 1:
        steps.append(layers.Identity())
    return keras.Sequential(steps)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-still", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: in prediction nothing happens, and with all strengths at 0 nothing happens in training either.
import numpy as np

from course import checks, evaluation

images = np.random.default_rng(131).random((12, 14, 11, 3), dtype="float32")
strong = keras_pipeline((14, 11, 3), flip=True, shift=0.3, degrees=40, delta=0.3)
checks.true(
    hasattr(strong, "weights") and callable(strong),
    "return a keras.Model",
    f"found an object of type {type(strong).__name__}",
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

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-flip", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: half of the images are mirrored, left to right only.
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

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-shift", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Hidden: how far images move, in rows and in columns, and what moves in.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-turn", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: the angles, and what turns in.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "keras_pipeline-brightness", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden: how much brighter and darker, and the range.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

model = keras_pipeline((4, 4, 3), delta=0.25)
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
checks.between(float(np.abs(amount).max()), 0.23, 0.2501, hint="amounts reach from -delta to delta", what="the largest")
checks.true(bool(amount.min() < -0.15 and amount.max() > 0.15), "images become darker as well as brighter")
extremes = np.random.default_rng(134).random((100, 4, 4, 3), dtype="float32")
out = np.asarray(model(extremes, training=True))
checks.true(bool(out.min() >= 0 and out.max() <= 1), "values leave [0, 1]")
### END HIDDEN TESTS

# %% [markdown] topics=["H6"] nbgrader={"grade": false, "grade_id": "keras-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The same image down each column once more, now through your layers. The last row is the same model in prediction.

# %% nbgrader={"grade": false, "grade_id": "keras-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("keras_pipeline"):
    layers_of_mine = keras_pipeline((28, 28, 1), shift=0.1, degrees=12, delta=0.2)
    calls = [True, True, True, False]
    sheets = [keras.ops.convert_to_numpy(layers_of_mine(ten, training=flag)) for flag in calls]
    fig, ax = plt.subplots(figsize=(10, 4.3), layout="constrained")
    mosaic(ax, sheets, [f"training={flag}" for flag in calls], range(10))
    fig.suptitle("One image a column: three calls in training, one in prediction", fontsize=11)
    plt.show()

# %% [markdown] topics=["H6", "I3"] nbgrader={"grade": false, "grade_id": "mix-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 13 · Further: mixing two images (optional)
#
# The augmentations so far keep the label. These two change it, and say by how much. They take one-hot labels.
#
# **MixUp** (Zhang et al., 2018) adds two images: $\lambda$ of one and $1 - \lambda$ of the other, and mixes the labels in the same ratio. **CutMix** (Yun et
# al., 2019) pastes a rectangle of the one into the other, and mixes the labels by **area**. $\lambda$ comes from a Beta distribution;
# with $\alpha = 1$ it is uniform. In CutMix the rectangle has the sides $\sqrt{1-\lambda}\,H$ and $\sqrt{1-\lambda}\,W$, rounded to
# pixels, so the area that was really pasted, and not $\lambda$, has to go into the label.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-mixup", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch · `mixup`


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
# Visible: images and labels in one ratio. In the probe an image holds its own one-hot label in every pixel.
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

# %% nbgrader={"grade": true, "grade_id": "mixup-beta", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Hidden: the distribution of the shares; the seed; inputs as they were; alpha.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-cutmix", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch · `cutmix`


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
# Visible: the label's shares are the shares of the pixels. In the probe an image holds its own one-hot label in every pixel.
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

# %% nbgrader={"grade": true, "grade_id": "cutmix-draws", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Hidden: sides in the ratio of the image, places, the seed, inputs as they were, alpha.
### BEGIN HIDDEN TESTS
import numpy as np

from course import checks

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
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "mix-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("mixup", "cutmix"):
    hot = np.eye(10)
    fig, axes = plt.subplots(2, 8, figsize=(11, 3.2), layout="constrained")
    for line, function, name in zip(axes, (mixup, cutmix), ("MixUp", "CutMix"), strict=True):
        images, labels = function(ten, hot, np.random.default_rng(SEED + 1), alpha=1.0)
        for ax, image, label in zip(line, images, labels, strict=False):
            parts = [f"{share:.0%} {digit}" for digit, share in enumerate(label) if share > 0.005]
            show(ax, image, " + ".join(parts))
        line[0].set_ylabel(name, fontsize=10)
    fig.suptitle("Two images, one label with shares", fontsize=11)
    plt.show()

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "verdict-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 14 · Does it help? First decide what would convince you
#
# An **ablation** trains the same net twice, with and without one thing, everything else alike. Then somebody looks at 94.1 % and 94.6 %
# and writes "augmentation helps". Does it? Two kinds of noise sit in such a number:
#
# - **the seed**: other initial weights, another order of batches, another number. We see it by training each variant more
#   than once;
# - **the images**: a share $p$ measured on $n$ images has the standard error $\sqrt{p(1-p)/n}$, even if the seed did nothing.
#
# We fix the rule **before** we look at results. The *gain* is the mean with minus the mean without. The *noise* is the largest
# of three numbers: the spread (largest minus smallest) of the accuracies without, the spread of those with, and the standard error at the mean of all of
# them. It *helps* when the gain is more than twice the noise, it *hurts* when it is below minus twice the noise, and else it is *undecided*, which
# is a result, too.
#
# Worked, $n = 400$: without 0.90 and 0.92, with 0.96 and 0.97. Gain 0.055. Spreads 0.02 and 0.01; mean of all 0.9375, standard error
# $\sqrt{0.9375 \cdot 0.0625 / 400} = 0.0121$. Noise 0.02, and 0.055 > 0.04: it helps. With a single seed there would have been no spread to see, so
# your function refuses that.

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-verdict", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 11 · `verdict` (6 points)


# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "verdict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verdict(without, with_it, n):
    """Whether a change made a net better, by the rule above.

    without, with_it: accuracies in [0, 1] of the nets without and with the change, one a seed, at least two each.
    n: number of images that they were measured on.
    Returns (gain, noise, word), word one of "helps", "hurts", "undecided".
    Raises ValueError when there are fewer than two seeds on a side, or an accuracy is outside [0, 1].
    """
    ### BEGIN SOLUTION
    if min(len(without), len(with_it)) < 2:
        raise ValueError("one seed says nothing about the spread: train at least two")
    every = [*without, *with_it]
    if min(every) < 0 or max(every) > 1:
        raise ValueError("an accuracy is a share in [0, 1]")
    gain = sum(with_it) / len(with_it) - sum(without) / len(without)
    p = sum(every) / len(every)
    noise = max(max(without) - min(without), max(with_it) - min(with_it), (p * (1 - p) / n) ** 0.5)
    if abs(gain) <= 2 * noise:
        return gain, noise, "undecided"
    return gain, noise, "helps" if gain > 0 else "hurts"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "verdict-worked", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the worked example, and its mirror image.
from course import checks

got = verdict([0.90, 0.92], [0.96, 0.97], 400)
checks.true(isinstance(got, (tuple, list)) and len(got) == 3, "return three things: gain, noise, word")
checks.close(
    got[0],
    0.055,
    unless={"the gain is with minus without, not the other way round": -0.055},
    hint="the gain is the mean with minus the mean without",
)
checks.close(
    got[1],
    0.02,
    unless={
        "the spread of the accuracies without counts as well as that with, largest less smallest: "
        "the noise is the largest of the two spreads and the standard error": 0.0121031,
        "the noise is the largest of the three, not their sum": 0.0421031,
    },
    rtol=1e-4,
    hint="the noise is the largest of the two spreads and the standard error",
)
checks.equal(got[2], "helps", hint="0.055 is more than twice 0.02")
checks.equal(verdict([0.96, 0.97], [0.90, 0.92], 400)[2], "hurts", hint="a gain of -0.055 is below -0.04")
checks.equal(
    verdict([0.90, 0.92], [0.93, 0.94], 400)[2],
    "undecided",
    unless={"a gain of 0.025 is not twice the noise of 0.02": "helps"},
    hint="a gain of 0.025 is not twice the noise of 0.02",
)

# %% nbgrader={"grade": true, "grade_id": "verdict-noise", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: too few seeds. Hidden: which of the three noises counts, more seeds, the limits.
from course import checks

checks.raises(ValueError, lambda: verdict([0.9], [0.95, 0.96], 400), hint="a single seed on one side")
### BEGIN HIDDEN TESTS
import math

import numpy as np

checks.raises(ValueError, lambda: verdict([0.9, 0.91], [0.95], 400), hint="a single seed on one side")
checks.raises(ValueError, lambda: verdict([90.0, 91.0], [95.0, 96.0], 400), hint="accuracies in per cent")
for wrong in ([0.9, 1.2], [-0.1, 0.9]):
    checks.raises(ValueError, lambda wrong=wrong: verdict([0.5, 0.6], wrong, 400), hint="one accuracy outside [0, 1]")
    checks.raises(ValueError, lambda wrong=wrong: verdict(wrong, [0.5, 0.6], 400), hint="one accuracy outside [0, 1]")
checks.equal(verdict([0.0, 0.0], [1.0, 1.0], 400)[2], "helps", hint="0 and 1 are accuracies, too")
checks.equal(
    verdict([0.25, 0.5], [0.75, 1.0], 5000)[2],
    "undecided",
    unless={"exactly twice the noise is not more than twice the noise": "helps"},
    hint="a gain of 0.5 is not more than twice the noise of 0.25",
)
checks.close(
    verdict([0.80, 0.81], [0.85, 0.85], 100)[1],
    math.sqrt(0.8275 * 0.1725 / 100),
    hint="with few images the standard error sqrt(p (1 - p) / n) is the largest, p the mean of all accuracies",
)
checks.equal(
    verdict([0.80, 0.81], [0.85, 0.85], 100)[2], "undecided", hint="with few images the standard error decides"
)
checks.equal(verdict([0.80, 0.81], [0.85, 0.85], 10_000)[2], "helps", hint="with many images the seeds decide")
checks.close(verdict([0.9, 0.9], [0.90, 0.97], 5000)[1], 0.07, hint="the spread with the change counts as well")
checks.close(verdict([0.88, 0.93], [0.95, 0.95], 5000)[1], 0.05, hint="the spread without the change counts as well")
draw = np.random.default_rng(161)
for _ in range(40):
    a = draw.uniform(0.6, 0.99, int(draw.integers(2, 6))).round(3)
    b = np.clip(a.mean() + draw.uniform(-0.3, 0.3) + draw.uniform(-0.02, 0.02, int(draw.integers(2, 6))), 0, 1).round(3)
    n = int(draw.integers(50, 5000))
    together = np.concatenate([a, b])
    noise = max(np.ptp(a), np.ptp(b), math.sqrt(together.mean() * (1 - together.mean()) / n))
    gain = b.mean() - a.mean()
    if abs(abs(gain) - 2 * noise) < 1e-6:
        continue
    word = "undecided" if abs(gain) < 2 * noise else ("helps" if gain > 0 else "hurts")
    got = verdict(a.tolist(), b.tolist(), n)
    checks.close(
        [got[0], got[1]],
        [gain, noise],
        hint="sides may have different numbers of seeds: means, spreads, all as one for p",
    )
    checks.equal(got[2], word, hint="helps above twice the noise, hurts below minus twice, else undecided")
### END HIDDEN TESTS

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "variants-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 15 · The experiment
#
# A few digits only: augmentation matters most where data are scarce. Three variants of one small net:
#
# | variant | augmentation | we expect |
# |---|---|---|
# | `"none"` | none | that it learns its few images by heart |
# | `"shift-and-turn"` | shifts and small turns, which keep every digit's label | better |
# | `"mirrored-too"` | the same, and mirrored | worse than the second: mirrored 2s and 5s get in each other's way |
#
# Each with two seeds. The augmentation stands in front of the net as layers, so validation images pass through unchanged.

# %% nbgrader={"grade": false, "grade_id": "variants-given", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
VARIANTS = {
    "none": {},
    "shift-and-turn": {"shift": 0.08, "degrees": 12},
    "mirrored-too": {"shift": 0.08, "degrees": 12, "flip": True},
}
SEEDS = (SEED, SEED + 1)
FEW, EPOCHS = {"quick": (250, 8), "full": (600, 60)}[PROFILE]
few = x_train[:FEW], y_train[:FEW]
held = evaluation.scaled(data.validation.x[:2000]), data.validation.y[:2000]
print(f"{len(few[1])} images to learn from, {len(held[1])} to validate, {EPOCHS} epochs")


def small_net(shape):
    """A small net for ten classes, not compiled. shape: (H, W, C) of one image."""
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


# %% [markdown] nbgrader={"grade": false, "grade_id": "task-variants", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 12 · `build_variant` and `train_variant` (6 points)


# %% topics=["I3", "H6"] nbgrader={"grade": false, "grade_id": "variants", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_variant(settings, shape, seed):
    """small_net(shape) with keras_pipeline(shape, **settings) in front of it, one model.

    settings: keyword arguments of keras_pipeline, {} for no augmentation. shape: (H, W, C) of one image.
    seed: keras.utils.set_random_seed(seed) comes first, then small_net, then the pipeline (which draws seeds of its own):
        so the same seed gives the same initial weights in every variant.
    Returns a keras.Model from (N, H, W, C), float32 in [0, 1], to (N, 10) probabilities.
    """
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(seed)
    net = small_net(shape)
    return keras.Sequential([keras.Input(shape), keras_pipeline(shape, **settings), net])
    ### END SOLUTION


def train_variant(model, train, validation, epochs):
    """Compile and train a model, the one that is given: Adam with a learning rate of 0.003, cross-entropy for integer labels, accuracy as metric, batches of 32.

    train, validation: pairs (x, y), x float32 (N, H, W, C) in [0, 1], y integers (N,). Validation images are measured after
    each epoch as they are, and never trained on.
    Returns (model, history): the same model, after the last epoch, and the dict that training.fit returns.
    """
    ### BEGIN SOLUTION
    optimizer = keras.optimizers.Adam(learning_rate=0.003)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(model, *train, validation=validation, epochs=epochs, batch_size=32, quiet=True)
    return model, history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "variants-build", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: the same net in every variant, random in training only, with weights that the seed decides.
import numpy as np

from course import checks, evaluation

shape = (14, 12, 1)
images = np.random.default_rng(171).random((6, 14, 12, 1), dtype="float32")
plain, mixed = build_variant({}, shape, 5), build_variant({"shift": 0.3, "degrees": 30}, shape, 5)
for model in (plain, mixed):
    checks.true(hasattr(model, "weights"), "build_variant returns a keras.Model")
    checks.equal(
        evaluation.budget(model),
        160 + 4640 + 1290,
        hint="every variant has the weights of small_net, no more and no fewer",
    )
    out = np.asarray(model(images, training=False))
    checks.shape(out, (6, 10), hint="probabilities of ten classes")
    checks.close(out.sum(axis=1), np.ones(6), rtol=1e-4, hint="probabilities sum to 1")
same = np.asarray(plain(images, training=True))
checks.close(same, np.asarray(plain(images, training=False)), atol=1e-5, hint="without settings nothing is random")
first, second = np.asarray(mixed(images, training=True)), np.asarray(mixed(images, training=True))
checks.true(not np.allclose(first, second, atol=1e-6), "the settings are not used: in training each call should differ")
checks.close(
    np.asarray(mixed(images, training=False)),
    np.asarray(plain(images, training=False)),
    atol=1e-5,
    hint="the same seed gives the same initial weights in every variant: make small_net right after the seed is set",
)
other = np.asarray(build_variant({}, shape, 6)(images, training=False))
checks.true(not np.allclose(other, same, atol=1e-4), "another seed gives the same initial weights: use `seed`")

# %% nbgrader={"grade": true, "grade_id": "variants-train", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a small problem that can be learnt, and a history for each epoch.
import keras
import numpy as np

from course import checks

keras.utils.set_random_seed(1)
y = np.arange(160) % 4
x = np.random.default_rng(172).uniform(0, 0.3, (160, 4, 4, 1)).astype("float32")
x[np.arange(160), y] += 0.6  # class k has a bright row k
net = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
before = np.asarray(net(x[:4], training=False))
trained, history = train_variant(net, (x, y), (x[:40], y[:40]), 12)
checks.true(hasattr(trained, "weights"), "return (model, history), the model first")
checks.true(isinstance(history, dict), "return (model, history), the history as the dict that training.fit returns")
for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
    checks.true(name in history, f"the history has no {name!r}: is the metric or the validation part missing?")
    checks.equal(len(history[name]), 12, hint="one number an epoch")
checks.true(not np.allclose(np.asarray(trained(x[:4], training=False)), before), "the returned model is not trained")
checks.between(
    history["loss"][-1],
    0,
    1.9,
    hint="the loss falls from about 2.3 as the net learns: Adam with a rate of 0.003, and sparse_categorical_crossentropy for integer labels",
    what="the last loss",
)

# %% nbgrader={"grade": true, "grade_id": "variants-validation", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden: what the history says of validation images is what the returned model does on them, as they are.
### BEGIN HIDDEN TESTS
import keras
import numpy as np

from course import checks, evaluation

keras.utils.set_random_seed(2)
draw = np.random.default_rng(173)
y = draw.integers(0, 5, 500)
x = draw.uniform(0, 0.4, (500, 5, 5, 1)).astype("float32")
x[np.arange(500), y] += 0.35
wild = [keras.layers.RandomFlip("vertical"), keras.layers.RandomTranslation(0.4, 0.0, fill_mode="wrap")]
net = keras.Sequential(
    [keras.Input((5, 5, 1)), *wild, keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
)
trained, history = train_variant(net, (x[:150], y[:150]), (x[150:], y[150:]), 4)
checks.between(
    history["val_accuracy"][-1] - evaluation.accuracy(trained, x[150:], y[150:]),
    -0.006,
    0.006,
    hint="the last val_accuracy is not what the returned model has on the validation images as they are",
    what="the difference",
)
### END HIDDEN TESTS

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation-run", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 13 · The run, and what it says (8 points)
#
# The loop below trains what your functions build, and keeps each net in `artefacts/`, so a second run loads them. After it you write two
# things down, both **from the nets that were trained**:
#
# - `record`: {variant: [accuracy on `held` of the net of each seed]}, shares in [0, 1], in the order of `nets`;
# - `conclusion`: {"shift-and-turn": word, "mirrored-too": word}, the word of your `verdict`, the first **against `"none"`**, the second
#   against **`"shift-and-turn"`**, because mirroring is what changed.
#
# The grader measures your nets again. Your conclusion has to be the one that *your* run supports, also where that is "undecided".

# %% topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation", "locked": false, "schema_version": 3, "solution": true, "task": false}
nets = {variant: [] for variant in VARIANTS}
histories = {variant: [] for variant in VARIANTS}
for variant, settings in VARIANTS.items():
    for seed in SEEDS:
        model, history = training.trained(
            f"{variant}-{seed}",
            lambda settings=settings, seed=seed: build_variant(settings, (28, 28, 1), seed),
            lambda model: train_variant(model, few, held, EPOCHS),
            settings={"variant": settings, "seed": seed, "images": FEW, "epochs": EPOCHS},
        )
        nets[variant].append(model)
        histories[variant].append(history)

# record = {variant: [accuracy of each seed's net on `held`]}; conclusion = {"shift-and-turn": word, "mirrored-too": word}
### BEGIN SOLUTION
record = {variant: [evaluation.accuracy(net, *held) for net in group] for variant, group in nets.items()}
conclusion = {
    "shift-and-turn": verdict(record["none"], record["shift-and-turn"], len(held[1]))[2],
    "mirrored-too": verdict(record["shift-and-turn"], record["mirrored-too"], len(held[1]))[2],
}
### END SOLUTION
print({variant: [round(value, 4) for value in values] for variant, values in record.items()})
print(conclusion)

# %% nbgrader={"grade": true, "grade_id": "ablation-nets", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: three variants, two seeds each, one architecture, and nets that differ.
import numpy as np

from course import checks, evaluation

checks.true(isinstance(nets, dict), "nets is a dict {variant: [a net for each seed]}")
variants = ("none", "shift-and-turn", "mirrored-too")
checks.equal(sorted(nets), sorted(variants), hint="nets has these three variants")
sizes, answers = set(), []
noise = np.random.default_rng(181).random((5, 28, 28, 1), dtype="float32")
for variant in variants:
    checks.equal(len(nets[variant]), 2, hint="two nets for each variant, one a seed")
    for net in nets[variant]:
        checks.true(hasattr(net, "weights"), "the nets are Keras models")
        sizes.add(evaluation.budget(net))
        answers.append(np.asarray(net(noise, training=False)))
checks.equal(len(sizes), 1, hint="an ablation changes one thing: all nets have the same number of weights")
for i in range(6):
    for j in range(i):
        checks.true(
            not np.allclose(answers[i], answers[j], atol=1e-5), "two of the nets are the same: other seeds, other nets"
        )

# %% nbgrader={"grade": true, "grade_id": "ablation-record", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the form of the record. Hidden: its numbers, measured again on the validation images; the test images, once.
from course import checks

variants = ("none", "shift-and-turn", "mirrored-too")
checks.true(isinstance(record, dict), "record is a dict {variant: [accuracies]}")
checks.equal(sorted(record), sorted(variants), hint="the record has these three variants")
for variant in variants:
    checks.equal(len(record[variant]), 2, hint="one accuracy for each of the two seeds")
    for value in record[variant]:
        checks.between(value, 0, 1, hint="an accuracy is a share in [0, 1], not in per cent", what="the accuracy")
### BEGIN HIDDEN TESTS
import contextlib
import io
import warnings

from course import datasets, evaluation, profile

with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    validation = datasets.load("mnist", profile.current()).validation
x, y = evaluation.scaled(validation.x[:2000]), validation.y[:2000]
for variant in variants:
    for net, told in zip(nets[variant], record[variant], strict=True):
        checks.between(
            told - evaluation.accuracy(net, x, y),
            -0.004,
            0.004,
            hint="the record is not what the nets do on the validation images `held`, in the order of `nets`",
            what="the difference",
        )
test = evaluation.test_split("mnist")
if test.labelled:
    share = max(evaluation.accuracy(net, evaluation.scaled(test.x), test.y) for net in nets["shift-and-turn"])
    checks.between(
        share,
        profile.bound("week08_augmentation", "augmented"),
        1,
        hint="the nets of shift-and-turn have hardly learnt anything: are they trained for all epochs, with all images?",
        what="the accuracy on the test images",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ablation-conclusion", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the form. Hidden: whether the recorded run supports the conclusion.
from course import checks

checks.equal(
    sorted(conclusion),
    ["mirrored-too", "shift-and-turn"],
    hint="a word for each of the two augmentations, none for `none`",
)
for word in conclusion.values():
    checks.true(word in ("helps", "hurts", "undecided"), "the word is one of verdict's three", f"found {word!r}")
### BEGIN HIDDEN TESTS
import contextlib
import io
import math
import warnings

import numpy as np

from course import datasets, evaluation, profile

with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    validation = datasets.load("mnist", profile.current()).validation
x, y = evaluation.scaled(validation.x[:2000]), validation.y[:2000]
measured = {variant: [evaluation.accuracy(net, x, y) for net in group] for variant, group in nets.items()}
for variant, base in (("shift-and-turn", "none"), ("mirrored-too", "shift-and-turn")):
    before, after = np.array(measured[base]), np.array(measured[variant])
    p = np.concatenate([before, after]).mean()
    noise = max(np.ptp(before), np.ptp(after), math.sqrt(p * (1 - p) / len(y)))
    gain = after.mean() - before.mean()
    if abs(abs(gain) - 2 * noise) < 0.002:
        continue  # too close to call, after another machine's rounding
    word = "undecided" if abs(gain) < 2 * noise else ("helps" if gain > 0 else "hurts")
    checks.equal(
        conclusion[variant],
        word,
        hint=f"{variant}: this is not what your own run says by the rule of section 14 (against {base})",
    )
### END HIDDEN TESTS

# %% [markdown] topics=["I3"] nbgrader={"grade": false, "grade_id": "ablation-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The curves with and without. The net without augmentation learns its images by heart: its training accuracy runs to 1, and then there is
# nothing left to learn. The augmented nets never see an image twice, so their training accuracy stays **lower**, and below their validation
# accuracy for a long time. That is no mistake: training is measured on augmented images, which are harder.
#
# In the quick profile eight epochs on the small digits are too few for a gain that stands out of the noise: the honest word for
# `"shift-and-turn"` may well be "undecided". Regularisation pays at the end of a long training. The full profile trains six times as long on MNIST.

# %% nbgrader={"grade": false, "grade_id": "curves-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("the ablation"):
    colours = {"none": "#0072b2", "shift-and-turn": "#d55e00", "mirrored-too": "#009e73"}
    styles = {"none": "-", "shift-and-turn": "--", "mirrored-too": ":"}
    fig, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained", gridspec_kw={"width_ratios": [3, 3, 2]})
    for ax, key, title in zip(
        axes, ("accuracy", "val_accuracy"), ("training images, as the net sees them", "validation images"), strict=False
    ):
        for variant, group in histories.items():
            for history in group:
                ax.plot(
                    np.arange(1, len(history[key]) + 1), history[key], color=colours[variant], alpha=0.25, linewidth=1
                )
            mean = np.mean([history[key] for history in group], axis=0)
            ax.plot(np.arange(1, len(mean) + 1), mean, styles[variant], color=colours[variant], label=variant)
        ax.set(title=title, xlabel="epoch", ylabel="accuracy", ylim=(0.3, 1.02))
        ax.grid(alpha=0.3)
    axes[0].legend(frameon=False, loc="lower right")
    for place, (variant, values) in enumerate(record.items()):
        mean = np.mean(values)
        axes[2].errorbar(place, mean, np.sqrt(mean * (1 - mean) / len(held[1])), color="0.6", capsize=6)
        axes[2].plot([place] * len(values), values, "o", color=colours[variant], markersize=8)
    axes[2].set_xticks(range(len(record)), [name.replace("-", "\n") for name in record])
    axes[2].set(title="after the last epoch", ylabel="validation accuracy", xlim=(-0.5, len(record) - 0.5))
    axes[2].grid(alpha=0.3, axis="y")
    fig.suptitle(f"{FEW} digits, with and without augmentation (thin: one seed; dots: seeds, bar: one standard error)")
    plt.show()

# %% [markdown] topics=["I2", "I3"] nbgrader={"grade": false, "grade_id": "gap-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### The gap
#
# Week 6's rule of thumb, a gap of 2 to 3 points between training and validation accuracy, cannot be read off these curves: the left one is of augmented
# images, so with augmentation the gap comes out too small, often below 0. Measure both sides on images **as they are**, then it is the gap again.
# Week 6's warning holds here, too: a gap also closes when a net becomes worse on both sides. It says what is wrong, not which net is best; that
# says the validation column.

# %% topics=["I2", "I3"] nbgrader={"grade": false, "grade_id": "gap-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("the ablation"):
    print(f"{'mean of two seeds':18}{'training':>10}{'as it is':>10}{'validation':>12}{'gap':>14}")
    for variant, group in nets.items():
        told = np.mean([history["accuracy"][-1] for history in histories[variant]])
        known, unseen = (np.mean([evaluation.accuracy(net, *part) for net in group]) for part in (few, held))
        print(f"{variant:18}{told:10.1%}{known:10.1%}{unseen:12.1%}{100 * (known - unseen):+7.1f} points")

# %% [markdown] topics=["I3", "H6"] nbgrader={"grade": false, "grade_id": "mirrored-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# And the answer to section 9, from the nets themselves. We show them **mirrored** validation digits. The nets that never met a mirror
# lose most digits that a mirror changes. The nets that trained with mirrors read them, and pay for it on the left: they spend
# their weights on pictures that nobody will ever show them, and confuse what the mirror made alike. Which classes pay most?

# %% nbgrader={"grade": false, "grade_id": "mirrored-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("the ablation"):
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.6), sharey=True, layout="constrained")
    for ax, images, title in zip(axes, (held[0], held[0][:, :, ::-1]), ("as they are", "mirrored"), strict=True):
        for offset, variant in zip((-0.2, 0.2), ("shift-and-turn", "mirrored-too"), strict=True):
            guesses = [np.asarray(net(images, training=False)).argmax(axis=1) for net in nets[variant]]
            right = np.mean([guess == held[1] for guess in guesses], axis=0)
            share = [right[held[1] == digit].mean() for digit in range(10)]
            ax.bar(np.arange(10) + offset, share, 0.38, color=colours[variant], label=variant)
        ax.set(title=f"validation digits, {title}", xlabel="true class", xticks=range(10), ylim=(0, 1.02))
    axes[0].set_ylabel("share recognised (mean of two seeds)")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncol=2, frameon=False)
    plt.show()

# %% [markdown] topics=["H6", "I3"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What to take along
#
# - An augmentation is a claim about the world: *this change does not change the label.* Make it on purpose, for each task anew.
# - Split first. Augment the training part only, on the fly where you can.
# - Randomness comes from a generator that you hold. A pipeline is a list that you can store.
# - Test random code with probes that give away what was drawn.
# - An ablation has at least two seeds and a rule that was fixed before the run. "Undecided" is a result.
