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
# # Week 1 · Convolution by hand
#
# **Afterwards you can** compute any 2-D cross-correlation by hand, with any stride and padding, and say what a kernel
# detects. **Time** about three hours, without the stretch exercises. **You need** NumPy indexing.
#
# | Exercise | Points | What you build |
# |---|---|---|
# | 1 `zero_pad` | 5 | a frame of zeros |
# | 2 `conv2d` | 25 | the sliding window |
# | 3 `sobel_edges` | 15 | edges, with their direction |
# | 4 `extract_patches` | 10 | an image cut into windows |
# | 5 `conv2d_multi` | 20 | many channels in, many filters out |
# | 6 `pool2d` | 15 | smaller maps |
# | 7 in words | 10 | correlation or convolution? |
# | Stretch | 0 | gradients · im2col · separable kernels · lateral inhibition |
#
# Loops are welcome. Every function here can be written with two `for` loops and the pictures still appear in seconds.
# Run the check below each exercise: when it fails, it says which idea is missing. Some checks go on in the grader with
# other inputs, so write for any shape, not for the numbers that you see.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data; this week has one set only, two photographs
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np

from course import checks, datasets

plt.rcParams.update({"figure.dpi": 100, "axes.titlesize": 10, "image.interpolation": "nearest"})

# %% [markdown] topics=["C3", "D3"] nbgrader={"grade": false, "grade_id": "idea-pixels", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## A picture is a table of numbers
#
# A photograph that has been read from a file is an array of `uint8`: whole numbers from 0 to 255, indexed by row
# (downwards), column (to the right) and channel. The order of the first two axes trips up everyone once: `photo[10, 200]`
# is near the **top** edge, not near the left one.
#
# The third axis holds red, green and blue, in that order. One library, OpenCV, reads files as blue, green, red; a face
# that has turned blue is the sign that `[..., ::-1]` is missing.


# %% topics=["C3", "D3"] nbgrader={"grade": false, "grade_id": "photo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def half(image):
    """Half as many pixels along each side, so that loops stay quick: the mean of each 2×2 block."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    return blocks.mean(axis=(1, 3)).round().astype(np.uint8)


photo = half(datasets.load("photos").images["china"])
print(f"shape {photo.shape}, type {photo.dtype}, from {photo.min()} to {photo.max()}")
print("top left pixel (red, green, blue):", photo[0, 0])

fig, axes = plt.subplots(2, 4, figsize=(12, 4.4), layout="constrained")
axes[0, 0].imshow(photo)
axes[0, 0].set_title("the photograph")
axes[1, 0].hist([photo[..., c].ravel() for c in range(3)], bins=16, color=["#d55e00", "#009e73", "#0072b2"])
axes[1, 0].set(title="how often each value occurs", xlabel="pixel value", ylabel="pixels")
axes[1, 0].legend(["red", "green", "blue"], fontsize=7)
for c, name in enumerate(["red", "green", "blue"]):
    shown = axes[0, c + 1].imshow(photo[..., c], cmap="gray", vmin=0, vmax=255)
    axes[0, c + 1].set_title(f"channel {c}: {name}, as brightness")
    alone = np.zeros_like(photo)
    alone[..., c] = photo[..., c]
    axes[1, c + 1].imshow(alone)
    axes[1, c + 1].set_title(f"{name} alone, in its colour")
fig.colorbar(shown, ax=axes[0, 3], label="pixel value")
for ax in (*axes[0], *axes[1, 1:]):
    ax.set(xlabel="column", ylabel="row")
    ax.label_outer()
plt.show()

# %% [markdown] topics=["C8"] nbgrader={"grade": false, "grade_id": "idea-gray", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Three numbers to one: what the eye weighs
#
# The retina has three kinds of cone, and the brain's estimate of brightness listens mostly to the green-sensitive and
# red-sensitive ones, hardly to the blue. So a gray picture that looks right is not the mean of the channels but
#
# $$\text{gray} = 0.299\,R + 0.587\,G + 0.114\,B .$$
#
# Pure green, (0, 255, 0), becomes 149.7; pure blue becomes 29.1; the mean would make both 85. The visual cortex then goes
# on from brightness to *differences* of brightness: its first cells answer to small edges at one place, in one direction.
# The rest of this week builds those cells.

# %% topics=["C8"] nbgrader={"grade": false, "grade_id": "gray-photo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
gray_photo = photo @ np.array([0.299, 0.587, 0.114])
flower = half(datasets.load("photos").images["flower"])

fig, axes = plt.subplots(1, 4, figsize=(12, 2.5), layout="constrained")
mean, weighted = flower.mean(axis=-1), flower @ np.array([0.299, 0.587, 0.114])
axes[0].imshow(flower)
axes[0].set_title("the flower")
axes[1].imshow(mean, cmap="gray", vmin=0, vmax=255)
axes[1].set_title("plain mean")
axes[2].imshow(weighted, cmap="gray", vmin=0, vmax=255)
axes[2].set_title("0.299 R + 0.587 G + 0.114 B")
shown = axes[3].imshow(weighted - mean, cmap="PuOr_r", vmin=-40, vmax=40)
axes[3].set_title("weighted minus mean")
fig.colorbar(shown, ax=axes[3], label="pixel value")
for ax in axes:
    ax.set(xlabel="column", ylabel="row")
    ax.label_outer()
plt.show()

# %% [markdown] topics=["B1", "D9", "C7"] nbgrader={"grade": false, "grade_id": "idea-local", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Look locally, and everywhere with the same eyes
#
# A dense layer gives every unit one weight for every pixel. It has a *global* view, and it must learn what a nose looks
# like anew at every place where a nose can be. A convolution makes two bets about pictures instead:
#
# - **Locality.** What matters at a place can be judged from its neighbours. A unit sees a 3×3 patch, its *local receptive
#   field*, and nothing else. Wider views come from stacking layers (next week).
# - **Sharing.** What is worth detecting here is worth detecting there. All places of one output map use the same nine
#   weights. Different output maps have different weights, or they would all be the same map.
#
# What sharing saves, for a 28×28 gray image, 3×3 patches and 32 maps (26×26 places, nine weights and a bias each):
#
# | | weights | grows with the image? |
# |---|---|---|
# | shared: (3·3·1 + 1)·32 | **320** | no |
# | not shared: 26·26·(3·3·1 + 1)·32 | **216,320** | yes |
# | dense onto 26·26·32 units: (28·28 + 1)·21,632 | **16,981,120** | yes, as the fourth power of its side |

# %% nbgrader={"grade": false, "grade_id": "lecture-numbers", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
lecture_image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
lecture_kernel = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
padding_grid = np.array([[2, 0, 1, 2, 2], [1, 0, 1, 0, 2], [1, 1, 0, 1, 1], [1, 2, 2, 2, 2], [2, 0, 2, 1, 1]])
blob = np.array(
    [
        [0, 0, 0, 5, 0, 0, 0],
        [0, 5, 18, 32, 18, 5, 0],
        [0, 18, 64, 100, 64, 18, 0],
        [5, 32, 100, 100, 100, 32, 5],
        [0, 18, 64, 100, 64, 18, 0],
        [0, 5, 18, 32, 18, 5, 0],
        [0, 0, 0, 5, 0, 0, 0],
    ]
)


def draw_numbers(ax, values, title="", cmap="Blues", low=None, high=None, size=9):
    """Draw a small 2-D array as coloured squares with its numbers written in them."""
    values = np.asarray(values)
    low, high = values.min() if low is None else low, values.max() if high is None else high
    ax.imshow(values, cmap=cmap, vmin=low, vmax=high + (high - low) * 0.7 if cmap == "Blues" else high)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=size)
    ax.set(title=title, xticks=[], yticks=[])


def draw_window(ax, row, column, height, width, color="#d55e00"):
    """Outline the window whose top left pixel is (row, column)."""
    ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=color, linewidth=2.5))


# %% [markdown] topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "idea-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## A window that asks one question
#
# A kernel is a small table of weights. Lay it on a patch of the image, multiply pairwise, add up: the sum says *how much
# does this patch look like me?* Write it down, move one step to the right, ask again.
#
# On the lecture's 5×5 image the first patch gives
# 3·0 + 3·1 + 2·2 + 0·2 + 0·2 + 1·0 + 3·0 + 1·1 + 2·2 = **12**.

# %% topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "first-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
fig, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained", width_ratios=[5, 3, 3, 3])
draw_numbers(axes[0], lecture_image, "image, 5×5, and the first window")
draw_window(axes[0], 0, 0, 3, 3)
draw_numbers(axes[1], lecture_image[:3, :3], "the patch", low=0, high=3)
draw_numbers(axes[2], lecture_kernel, "× kernel, pairwise", cmap="Purples", high=4)
draw_numbers(axes[3], lecture_image[:3, :3] * lecture_kernel, "= products, sum 12", cmap="Oranges", high=7)
plt.show()

# %% [markdown] topics=["D10", "D2"] nbgrader={"grade": false, "grade_id": "task-zero_pad", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `zero_pad` (5 points)
#
# A 3×3 window fits three times into five pixels, so a 5×5 image shrinks to 3×3, and the pixels at its border are seen less
# often than those inside. *Padding* puts a frame of zeros around the image first: with $p = 1$ the 5×5 image becomes 7×7
# and the result is 5×5 again. The padding $p$ is counted **per side**: a side of length $n$ becomes $n + 2p$. An odd
# kernel of size $k$ keeps the size with $p = (k-1)/2$; an even one cannot be centred, it needs one pixel more on one side.


# %% topics=["D10"] nbgrader={"grade": false, "grade_id": "zero_pad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_pad(x, p):
    """Put a frame of zeros, p pixels wide, around an image.

    x: (H, W), or (H, W, C) with channels last, which get the same frame each.
    p: pixels on each of the four sides, an int >= 0.
    Returns a new array, (H + 2p, W + 2p) or (H + 2p, W + 2p, C); x stays as it is.
    Raises ValueError when p is negative.
    """
    ### BEGIN SOLUTION
    if p < 0:
        raise ValueError(f"padding must be 0 or more, not {p}")
    height, width = x.shape[:2]
    padded = np.zeros((height + 2 * p, width + 2 * p, *x.shape[2:]), dtype=x.dtype)
    padded[p : p + height, p : p + width] = x
    return padded
    ### END SOLUTION


# %% topics=["D10"] nbgrader={"grade": true, "grade_id": "zero_pad-lecture", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's 5×5 grid, padded by one pixel.
import numpy as np

from course import checks

grid = np.array([[2, 0, 1, 2, 2], [1, 0, 1, 0, 2], [1, 1, 0, 1, 1], [1, 2, 2, 2, 2], [2, 0, 2, 1, 1]])
padded = [
    [0, 0, 0, 0, 0, 0, 0],
    [0, 2, 0, 1, 2, 2, 0],
    [0, 1, 0, 1, 0, 2, 0],
    [0, 1, 1, 0, 1, 1, 0],
    [0, 1, 2, 2, 2, 2, 0],
    [0, 2, 0, 2, 1, 1, 0],
    [0, 0, 0, 0, 0, 0, 0],
]
repeated = [
    [2, 2, 0, 1, 2, 2, 2],
    [2, 2, 0, 1, 2, 2, 2],
    [1, 1, 0, 1, 0, 2, 2],
    [1, 1, 1, 0, 1, 1, 1],
    [1, 1, 2, 2, 2, 2, 2],
    [2, 2, 0, 2, 1, 1, 1],
    [2, 2, 0, 2, 1, 1, 1],
]
result = zero_pad(grid, 1)
checks.shape(
    result,
    (7, 7),
    hint="a side of length n becomes n + 2p",
    unless={
        "padding is counted per side: p rows above and p rows below": (6, 6),
        "rows are padded, columns are not": (7, 5),
        "columns are padded, rows are not": (5, 7),
    },
)
checks.close(
    result,
    padded,
    unless={"pad with zeros: your frame repeats the pixels at the border": repeated},
    hint="the image stands in the middle of a frame of zeros",
)

# %% nbgrader={"grade": true, "grade_id": "zero_pad-any", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: rectangles, wider frames, colour images, p = 0, a negative p, and whether your function
# leaves its input alone.
import numpy as np

from course import checks

checks.shape(zero_pad(np.ones((2, 3)), 2), (6, 7), hint="a side of length n becomes n + 2p")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(101)
for size, p in (((3, 6), 2), ((5, 2), 3), ((4, 4), 0), ((4, 7, 3), 1), ((3, 3, 1), 2)):
    x = rng.normal(size=size)
    frame = [(p, p), (p, p)] + [(0, 0)] * (x.ndim - 2)
    checks.close(
        zero_pad(x, p),
        np.pad(x, frame),
        unless={
            "pad rows and columns only: channels get no padding": np.pad(x, p),
            "padding is counted per side: p in front and p behind": np.pad(x, [(a // 2, b - b // 2) for a, b in frame]),
            "padding goes on all four sides": np.pad(x, [(a + b, 0) for a, b in frame]),
            "pad with zeros: your frame repeats the pixels at the border": np.pad(x, frame, mode="edge"),
            "fractions are lost: keep x's number type": np.pad(x.astype(int), frame),
        },
        hint="n becomes n + 2p along rows and along columns, with zeros",
    )
checks.unchanged(zero_pad, rng.normal(size=(4, 5)), 1)
checks.raises(ValueError, lambda: zero_pad(np.ones((5, 5)), -1), hint="a negative padding")
### END HIDDEN TESTS

# %% [markdown] topics=["D2", "D7"] nbgrader={"grade": false, "grade_id": "idea-stride", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The *stride* is the step of the window. With stride 2 it visits every second place, along rows **and** columns, and a
# window that would stick out is left out. So a side of length $n$ gives
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# results. Seven padded pixels, kernel 3: stride 1 gives 5 of them, stride 2 gives 3. Six pixels, kernel 3, stride 2: 1.5
# rounded down, plus one, is 2.

# %% topics=["D2", "D10"] nbgrader={"grade": false, "grade_id": "padding-and-stride", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("zero_pad"):
    padded_grid = zero_pad(padding_grid, 1)
    fig, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
    for ax, step in zip(axes, (None, 1, 2), strict=True):
        draw_numbers(ax, padded_grid)
        draw_window(ax, 1, 1, 5, 5, color="#0072b2")
        if step is None:
            ax.set_title("zero padding 1: 5×5 becomes 7×7")
            continue
        centres = np.array([(r, c) for r in range(1, 6, step) for c in range(1, 6, step)])
        ax.plot(centres[:, 1], centres[:, 0], "o", color="#d55e00", markersize=17, fillstyle="none", markeredgewidth=2)
        draw_window(ax, 0, 0, 3, 3)
        draw_window(ax, 0, step, 3, 3, color="#009e73")
        ax.set_title(
            f"stride {step}: {len(centres)} window centres, result {len(centres) ** 0.5:.0f}×{len(centres) ** 0.5:.0f}"
        )
    plt.show()

# %% [markdown] topics=["D1", "D12"] nbgrader={"grade": false, "grade_id": "task-conv2d", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `conv2d` (25 points)
#
# The whole machine for one channel: pad, slide with a stride, multiply, add up, add the bias. The bias is **one** number
# for every window, added once to the finished sum: on the second lecture example, with kernel
# `[[1,0,1],[0,1,0],[1,0,1]]` and bias 0, the first window gives 4; with bias −1.5 it gives 2.5.
#
# The formula that networks use is
#
# $$y_{ij} = b + \sum_{a=0}^{k_h-1} \sum_{c=0}^{k_w-1} x_{si+a,\; sj+c}\; w_{ac},$$
#
# the kernel laid on the image *as it stands*, without turning it. Mathematicians call this cross-correlation; exercise 7
# asks what difference that makes.
#
# One trap before you start. Pixels are `uint8`, and in `uint8` 200 + 100 is 44, because it counts modulo 256. Compute in
# floats.


# %% topics=["D1", "D2", "D10", "D12"] nbgrader={"grade": false, "grade_id": "conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d(image, kernel, stride=1, padding=0, bias=0.0):
    """Cross-correlate one image with one kernel.

    image: (H, W), any real number type, uint8 included; kernel: (kh, kw), not necessarily square or odd.
    stride: step of the window in pixels, along rows and columns, an int >= 1.
    padding: zeros on each of the four sides, in pixels, an int >= 0.
    bias: one number, added once to every result.
    Returns an array of floats, ((H + 2 padding - kh) // stride + 1, (W + 2 padding - kw) // stride + 1). They may be
    negative or beyond 255. The inputs stay as they are.
    Raises ValueError when stride < 1, when padding < 0, or when the kernel is larger than the padded image.
    """
    ### BEGIN SOLUTION
    if stride < 1:
        raise ValueError(f"stride must be 1 or more, not {stride}")
    padded = zero_pad(np.asarray(image, dtype=float), padding)
    (height, width), (kh, kw) = padded.shape, kernel.shape
    if kh > height or kw > width:
        raise ValueError(f"kernel {kernel.shape} is larger than the padded image {padded.shape}")
    rows, columns = (height - kh) // stride + 1, (width - kw) // stride + 1
    result = np.full((rows, columns), float(bias))
    # Nine shifted images instead of thousands of windows: weight (a, c) meets the same pixels in all windows at once.
    for a in range(kh):
        for c in range(kw):
            seen = padded[a : a + stride * rows : stride, c : c + stride * columns : stride]
            result += float(kernel[a, c]) * seen[:rows, :columns]
    return result
    ### END SOLUTION


# %% topics=["D1"] nbgrader={"grade": true, "grade_id": "conv2d-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's own numbers.
import numpy as np

from course import checks

image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
kernel = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
checks.close(
    checks.unchanged(conv2d, image, kernel),
    [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    unless={
        "your kernel is flipped: deep learning's convolution is cross-correlation": [
            [18, 20, 19],
            [10, 9, 17],
            [11, 8, 14],
        ],
        "rows and columns of the result are swapped": [[12, 10, 9], [12, 17, 6], [17, 19, 14]],
        "rows and columns of the kernel are swapped": [[17, 15, 20], [11, 13, 19], [8, 6, 12]],
        "the last window is left out: a side of length n has n - k + 1 places": [[12, 12], [10, 17]],
    },
    hint="multiply the window and the kernel pairwise, add up, write the sum at the window's place",
)

# %% topics=["D12"] nbgrader={"grade": true, "grade_id": "conv2d-bias", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the second lecture example. Its kernel looks the same upside down, so this check cannot see whether you
# flip.
import numpy as np

from course import checks

image = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
sums = np.array([[4, 3, 4], [2, 4, 3], [2, 3, 4]])
checks.close(
    conv2d(image, kernel),
    sums,
    unless={"rows and columns of the result are swapped": sums.T},
    hint="one sum for every place of the window, and a default bias of 0",
)
checks.close(
    conv2d(image, kernel, bias=-1.5),
    [[2.5, 1.5, 2.5], [0.5, 2.5, 1.5], [0.5, 1.5, 2.5]],
    unless={
        "the bias is lost: add it to every result": sums,
        "the bias is added once to each sum, not once per weight": sums - 1.5 * 9,
        "the bias is added to the pixels: it belongs to the finished sum": sums - 1.5 * 5,
        "fractions are lost: the result must be an array of floats": np.trunc(sums - 1.5),
        "the bias is cut to a whole number": sums - 1,
        "the bias is added, yours is subtracted": sums + 1.5,
    },
    hint="the bias is one number, added once to every result",
)

# %% nbgrader={"grade": true, "grade_id": "conv2d-stride-padding", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: sizes. Hidden: other sizes, strides and paddings, against SciPy.
import numpy as np

from course import checks

checks.shape(
    conv2d(np.ones((5, 5)), np.ones((3, 3)), padding=1),
    (5, 5),
    hint="a side of length n becomes n + 2p - k + 1",
    unless={
        "padding is counted per side, p on the left and p on the right, and the last window counts too": (4, 4),
        "padding is ignored": (3, 3),
    },
)
checks.shape(
    conv2d(np.ones((6, 8)), np.ones((3, 3)), stride=2),
    (2, 3),
    hint="floor: a window that would stick out is left out, (n + 2p - k) // s + 1",
    unless={
        "stride is ignored": (4, 6),
        "the stride holds along rows and along columns": (2, 6),
        "the stride holds along columns and along rows": (4, 3),
        "rows and columns are swapped": (3, 2),
    },
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(11)
for size, k, s, p in (((8, 8), (3, 3), 2, 1), ((7, 10), (3, 2), 3, 0), ((6, 9), (5, 4), 2, 2), ((9, 9), (2, 2), 4, 3)):
    x, w = rng.normal(size=size), rng.normal(size=k)
    every = correlate2d(np.pad(x, p), w, mode="valid")
    checks.close(
        conv2d(x, w, stride=s, padding=p),
        every[::s, ::s],
        unless={
            "stride is ignored: move the window by stride pixels": every,
            "the stride holds along rows and columns: yours moves one pixel to the right": every[::s],
            "the stride holds along rows and columns: yours moves one pixel down": every[:, ::s],
            "your kernel is flipped: deep learning's convolution is cross-correlation": correlate2d(
                np.pad(x, p), w[::-1, ::-1], mode="valid"
            )[::s, ::s],
            "padding is counted per side, and goes on all four": correlate2d(
                np.pad(x, ((2 * p, 0), (2 * p, 0))), w, mode="valid"
            )[::s, ::s],
            "pad with zeros, not with the pixels at the border": correlate2d(
                np.pad(x, p, mode="edge"), w, mode="valid"
            )[::s, ::s],
        },
        hint="pad first, then move by stride pixels; floor: a window that would stick out is left out",
        rtol=1e-4,
        atol=1e-4,
    )
checks.close(
    conv2d(x, w, 4, 3), every[::4, ::4], hint="the arguments stand in the order stride, padding", rtol=1e-4, atol=1e-4
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv2d-shapes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: rectangles. Hidden: even and oblong kernels, a kernel as large as its image, against SciPy.
import numpy as np

from course import checks

checks.shape(
    conv2d(np.ones((4, 7)), np.ones((2, 3))),
    (3, 5),
    hint="rows shrink by kh - 1, columns by kw - 1",
    unless={
        "rows and columns are swapped": (5, 3),
        "rows and columns of the kernel are swapped": (2, 6),
        "image and kernel need not be square": (3, 3),
    },
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(7)
for size, k in (
    ((6, 6), (3, 3)),
    ((6, 5), (2, 2)),
    ((5, 9), (2, 4)),
    ((8, 3), (8, 1)),
    ((4, 6), (4, 6)),
    ((3, 5), (1, 1)),
):
    x, w = rng.normal(size=size), rng.normal(size=k)
    right = correlate2d(x, w, mode="valid")
    unless = {
        "your kernel is flipped: deep learning's convolution is cross-correlation": correlate2d(
            x, w[::-1, ::-1], mode="valid"
        ),
        "your kernel is flipped along one axis": correlate2d(x, w[::-1], mode="valid"),
        "your kernel is flipped along its rows": correlate2d(x, w[:, ::-1], mode="valid"),
        "rows and columns of the result are swapped": right.T,
        "negative results are cut to 0: keep the sign": np.maximum(right, 0),
        "rows and columns of the kernel are swapped": correlate2d(x, w.T, mode="valid")
        if k[0] <= min(size) and k[1] <= min(size)
        else right + 1,
    }
    checks.close(conv2d(x, w), right, unless=unless, hint="one sum for every place of the window", rtol=1e-4, atol=1e-4)
checks.close(
    conv2d(x, np.array([[2.0]]), bias=0.5),
    2 * x + 0.5,
    unless={
        "the bias is lost: add it to every result": 2 * x,
        "the bias is added to the pixels: it belongs to the finished sum": 2 * x + 1,
    },
    hint="a 1×1 kernel scales every pixel, and the bias is added",
    rtol=1e-4,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv2d-numbers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: bright uint8 pixels, negative results, results beyond 255, fractions, and whether your
# function leaves its inputs alone.
import numpy as np

from course import checks

checks.shape(
    conv2d(np.ones((3, 4), dtype=np.uint8), np.ones((2, 2))), (2, 3), hint="one sum for every place of the window"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
checks.unchanged(conv2d, rng.normal(size=(6, 6)), rng.normal(size=(3, 3)), 3, 0, 1.0)
checks.unchanged(conv2d, rng.normal(size=(5, 5)), rng.normal(size=(2, 2)), 1, 2)
bright = np.full((4, 4), 200, dtype=np.uint8)
checks.close(
    conv2d(bright, np.ones((3, 3), dtype=np.uint8)),
    [[1800, 1800], [1800, 1800]],
    unless={
        "results are cut at 255: a response is no pixel, keep it as it is": [[255, 255], [255, 255]],
        "uint8 overflows at 255: compute in floats": [[8, 8], [8, 8]],
    },
    hint="uint8 overflows at 255: compute in floats",
)
falling = np.array([[90, 60, 10, 0]] * 4, dtype=np.uint8)
checks.close(
    conv2d(falling, np.array([[0, 0, 0], [-2, 0, 1], [0, 0, 0]])),
    [[-170, -120], [-170, -120]],
    unless={
        "negative results are cut to 0: keep the sign": np.zeros((2, 2)),
        "the sign is lost: no abs here": [[170, 120], [170, 120]],
        "your kernel is flipped: deep learning's convolution is cross-correlation": [[70, 60], [70, 60]],
        "rows and columns of the result are swapped": [[-170, -170], [-120, -120]],
        "rows and columns of the kernel are swapped": [[-60, -10], [-60, -10]],
    },
    hint="uint8 has no negative numbers: compute in floats",
)
checks.close(
    conv2d(np.array([[1, 2], [3, 5]]), np.full((2, 2), 0.25)),
    [[2.75]],
    unless={"fractions are lost: the result must be an array of floats": [[2]]},
    hint="fractions are lost: the result must be an array of floats",
)
checks.close(
    conv2d(np.array([[0.25, 0.5]], dtype=np.float32), np.array([[1, 4]])),
    [[2.25]],
    hint="fractions in the image must survive, whatever number type the kernel has",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv2d-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: a kernel that is too large. Hidden: a stride and a padding that make no sense, and a kernel that padding
# saves.
import numpy as np

from course import checks

checks.raises(ValueError, lambda: conv2d(np.ones((2, 5)), np.ones((3, 3))), hint="a kernel larger than the image")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: conv2d(np.ones((5, 2)), np.ones((3, 3))), hint="a kernel wider than the image")
checks.raises(ValueError, lambda: conv2d(np.ones((5, 5)), np.ones((3, 3)), stride=0), hint="a stride of 0")
checks.raises(ValueError, lambda: conv2d(np.ones((5, 5)), np.ones((3, 3)), stride=-1), hint="a negative stride")
checks.raises(ValueError, lambda: conv2d(np.ones((7, 7)), np.ones((3, 3)), padding=-1), hint="a negative padding")
checks.close(
    conv2d(np.full((2, 2), 3.0), np.ones((4, 4)), padding=1),
    [[12]],
    hint="the kernel must fit into the padded image, not into the bare one",
)
### END HIDDEN TESTS

# %% [markdown] topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "look-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Nine windows, nine sums, by your own function. Check one or two in your head: this is the last time that it is this easy.

# %% topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "sliding-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d"):
    sums = conv2d(lecture_image, lecture_kernel)
    fig = plt.figure(figsize=(11.5, 7.2), layout="constrained")
    left, right = fig.subfigures(1, 2, width_ratios=[1, 3.1])
    side = left.subplots(2, 1)
    draw_numbers(side[0], lecture_kernel, "the kernel, the same at every place", cmap="Purples", high=4, size=12)
    draw_numbers(side[1], sums, "the nine sums, each at its window's place", cmap="Oranges", low=0, high=40, size=12)
    panels = right.subplots(*sums.shape)
    for (row, column), total in np.ndenumerate(sums):
        ax = panels[row, column]
        draw_numbers(ax, lecture_image)
        draw_window(ax, row, column, 3, 3)
        terms = lecture_image[row : row + 3, column : column + 3] * lecture_kernel
        ax.set_title(" + ".join(f"{term:g}" for term in terms[terms != 0]) + f" = {total:g}", color="#b04a00")
        ax.set_xlabel(f"result row {row}, column {column}", fontsize=8)
    fig.suptitle("One kernel slides over a 5×5 image")
    plt.show()

# %% [markdown] topics=["D5"] nbgrader={"grade": false, "grade_id": "idea-zoo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## The kernel zoo
#
# Nobody has to learn the kernels below; they were thought up by hand. Two things tell you what a kernel does before you
# run it.
#
# - **Its sum.** On a patch of one constant value $v$, the response is $v$ times the sum of the weights. Sum 1 keeps the
#   brightness: blur, sharpen. Sum 0 answers *nothing* on a flat surface and speaks only where something changes: edges.
# - **Its shape.** The sum of products is largest where the patch looks like the kernel. A kernel that is dark on the left
#   and bright on the right finds places that are dark on the left and bright on the right.

# %% topics=["D5"] nbgrader={"grade": false, "grade_id": "kernel-zoo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
zoo = {
    "Gaussian blur": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256,
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    "Laplacian": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "vertical edges": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    "45° lines": np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]),
}
with checks.waiting_for("conv2d"):
    fig, axes = plt.subplots(4, 3, figsize=(11, 9.6), layout="constrained", height_ratios=[1, 1.6, 1, 1.6])
    for number, (name, kernel_shown) in enumerate(zoo.items()):
        top, bottom = axes[number // 3 * 2, number % 3], axes[number // 3 * 2 + 1, number % 3]
        limit = np.abs(kernel_shown).max()
        top.imshow(kernel_shown, cmap="RdBu_r", vmin=-1.6 * limit, vmax=1.6 * limit)
        for (row, column), weight in np.ndenumerate(kernel_shown):
            text = f"{weight:g}" if limit >= 1 else f"{weight * 256:g}"
            top.text(column, row, text, ha="center", va="center", fontsize=9)
        unit = "" if limit >= 1 else " (in 1/256)"
        top.set(title=f"{name}{unit}, sum {kernel_shown.sum():g}", xticks=[], yticks=[])
        response = conv2d(gray_photo, kernel_shown)
        if kernel_shown.sum() == 0:
            bottom.imshow(response, cmap="gray", vmin=-150, vmax=150)
            bottom.set_title("response: black −150, gray 0, white +150", fontsize=8)
        else:
            bottom.imshow(response, cmap="gray", vmin=0, vmax=255)
            bottom.set_title("response: black 0, white 255", fontsize=8)
        bottom.set(xlabel="column", ylabel="row")
    plt.show()

# %% [markdown] topics=["D5", "D6"] nbgrader={"grade": false, "grade_id": "zoo-question", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Look again.** Sharpening made the sky noisier. Why should it, and what would come of applying the Laplacian to the
# blurred picture instead?
#
# <details><summary>Answer</summary>
#
# The sharpening kernel is the picture minus its Laplacian. A Laplacian adds up differences between a pixel and its four
# neighbours, so the grain of the sky is amplified (the variance of independent noise grows by the sum of the squared
# weights, 25 + 4 = 29). Blurring first removes the grain, and the Laplacian of the blurred picture keeps the larger edges:
# the "Laplacian of Gaussian", or Mexican hat, an old and good detector of blobs.
#
# </details>
#
# **From edges to a dog.** Put these in the order in which a trained network's layers come to respond to them: *an eye with
# fur around it* · *a 45° line* · *a golden retriever* · *a curve, or two lines that meet* · *a nostril, a patch of fur*.
#
# <details><summary>Answer</summary>
#
# A 45° line → a curve, or two lines that meet → a nostril, a patch of fur → an eye with fur around it → a golden
# retriever. Features become patterns, patterns parts, parts objects: each layer's kernels look at the maps of the layer
# before, not at pixels, so "looks like me" means a richer thing at each step.
#
# </details>

# %% [markdown] topics=["C7"] nbgrader={"grade": false, "grade_id": "idea-equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Shift the input, and the answer shifts along
#
# The weights are the same everywhere, so a blob that moves two rows down and five columns to the right has its response
# moved by as much. That is **equivariance**: $\text{conv}(\text{shift}(x)) = \text{shift}(\text{conv}(x))$.

# %% topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d"):
    here, there = np.zeros((14, 18)), np.zeros((14, 18))
    here[2:9, 2:9] = blob
    there[4:11, 7:14] = blob
    laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    answer_here, answer_there = conv2d(here, laplacian), conv2d(there, laplacian)
    fig, axes = plt.subplots(1, 4, figsize=(12, 2.8), layout="constrained")
    for ax, values, title in zip(
        axes,
        (here, answer_here, there, answer_there),
        ("the blob", "its Laplacian", "shifted by (2, 5)", "Laplacian of the shifted blob"),
        strict=True,
    ):
        limit = np.abs(values).max()
        shown = ax.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set(
            title=title,
            xlabel="column",
            ylabel="row",
            xticks=range(0, values.shape[1], 4),
            yticks=range(0, values.shape[0], 4),
        )
    fig.colorbar(shown, ax=axes[3], label="response", shrink=0.75)
    plt.show()
    print(
        "largest |conv(shift(x)) - shift(conv(x))|:", np.abs(np.roll(answer_here, (2, 5), (0, 1)) - answer_there).max()
    )
    print("maximum over all places, before and after:", answer_here.max(), answer_there.max())

# %% [markdown] topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "wrong-invariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** The lecture notes say: *"Shared weights make the network translation invariant."*
#
# <details><summary>Answer</summary>
#
# Invariant would mean that the answer *stays the same* when the input moves. The map above does not stay the same, it moves
# along: shared weights give **equivariance**. What stays the same in the printed lines is the *maximum over all places*:
# pooling throws the place away, and that gives invariance. Pooling over small windows gives it approximately, for shifts
# smaller than the window; and at the border, where zeros are padded, even equivariance ends.
#
# </details>

# %% [markdown] topics=["D4", "C4"] nbgrader={"grade": false, "grade_id": "idea-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Edges, and which way they face
#
# Sobel's pair of kernels are differences across one axis, smoothed along the other:
#
# $$G_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# G_y = G_x^\top = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}.$$
#
# $G_x$ is a derivative **along x**: positive where the picture gets brighter to the right. So it answers to edges that
# *stand upright*, such as the side of a tower. $G_y$ is positive where it gets brighter downwards and answers to edges that
# *lie*, such as the rim of a roof. The strength of an edge, whichever way it runs, is $\sqrt{g_x^2 + g_y^2}$.
#
# On the lecture's 7×7 blob, the first window of $G_x$ sees the columns (0, 0, 0) and (0, 18, 64): it gives
# 1·0 + 2·18 + 1·64 − 0 = **100**. The whole first row is 100, 141, 0, −141, −100: rising, level, falling.

# %% [markdown] topics=["D4", "C4"] nbgrader={"grade": false, "grade_id": "task-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `sobel_edges` (15 points)
#
# You may call your `conv2d`. The signs matter: a falling edge is not the same as a rising one.


# %% topics=["D4"] nbgrader={"grade": false, "grade_id": "sobel_edges", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sobel_edges(gray):
    """Sobel derivatives of a gray image, and the strength of its edges.

    gray: (H, W), any real number type, uint8 included; H >= 3 and W >= 3.
    Returns gx, gy, magnitude: three float arrays of shape (H - 2, W - 2). gx is positive where the image gets brighter to
    the right, gy where it gets brighter downwards, magnitude = sqrt(gx² + gy²). Nothing is clipped or scaled, and gray
    stays as it is.
    Raises ValueError when gray is not two-dimensional or smaller than 3×3.
    """
    ### BEGIN SOLUTION
    if np.ndim(gray) != 2:
        raise ValueError(f"a gray image has two axes, this one has {np.ndim(gray)}")
    sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx, gy = conv2d(gray, sobel_x), conv2d(gray, sobel_x.T)
    return gx, gy, np.hypot(gx, gy)
    ### END SOLUTION


# %% topics=["D4"] nbgrader={"grade": true, "grade_id": "sobel_edges-step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: a wall that is dark on the left and bright on the right, and a floor that is bright at the top.
import numpy as np

from course import checks

upright = np.array([[0, 0, 0, 10, 10, 10]] * 5)
result = sobel_edges(upright)
checks.true(
    isinstance(result, (tuple, list, np.ndarray)) and len(result) == 3 and np.ndim(result[0]) == 2,
    "return three arrays: gx, gy, magnitude",
    f"found a {type(result).__name__}",
)
gx, gy, magnitude = result
checks.close(
    gx,
    [[0, 40, 40, 0]] * 3,
    unless={
        "gx and gy are swapped: gx is the derivative along x, it answers to upright edges": np.zeros((3, 4)),
        "the sign of gx is turned: positive where it gets brighter to the right": [[0, -40, -40, 0]] * 3,
        "the results are scaled: use the weights 1, 2, 1 as they are": [[0, 10, 10, 0]] * 3,
        "smooth with the weights 1, 2, 1 along the edge": [[0, 30, 30, 0]] * 3,
    },
    hint="gx is 40 where the window straddles this edge and 0 elsewhere",
    what="gx",
)
checks.close(gy, np.zeros((3, 4)), hint="nothing changes downwards here, so gy is 0", what="gy")
lying = np.array([[9] * 4, [9] * 4, [0] * 4, [0] * 4])
gx, gy, magnitude = sobel_edges(lying)
checks.close(gx, np.zeros((2, 2)), hint="nothing changes to the right here, so gx is 0", what="gx")
checks.close(
    gy,
    [[-36, -36], [-36, -36]],
    unless={
        "the sign of gy is turned or lost: positive where it gets brighter downwards": [[36, 36], [36, 36]],
        "negative responses are cut to 0: keep the sign": np.zeros((2, 2)),
    },
    hint="it gets darker downwards, so gy is -36",
    what="gy",
)
checks.close(
    magnitude,
    [[36, 36], [36, 36]],
    unless={"the root is missing: sqrt(gx² + gy²)": np.full((2, 2), 36**2)},
    hint="the magnitude has no sign: sqrt(gx² + gy²)",
    what="the magnitude",
)

# %% topics=["C4", "D4"] nbgrader={"grade": true, "grade_id": "sobel_edges-blob", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's 7×7 blob.
import numpy as np

from course import checks

blob_pixels = np.array(
    [
        [0, 0, 0, 5, 0, 0, 0],
        [0, 5, 18, 32, 18, 5, 0],
        [0, 18, 64, 100, 64, 18, 0],
        [5, 32, 100, 100, 100, 32, 5],
        [0, 18, 64, 100, 64, 18, 0],
        [0, 5, 18, 32, 18, 5, 0],
        [0, 0, 0, 5, 0, 0, 0],
    ]
)
along_x = np.array(
    [
        [100, 141, 0, -141, -100],
        [241, 259, 0, -259, -241],
        [318, 300, 0, -300, -318],
        [241, 259, 0, -259, -241],
        [100, 141, 0, -141, -100],
    ]
)
gx, gy, magnitude = sobel_edges(blob_pixels)
checks.close(
    gx,
    along_x,
    unless={
        "gx and gy are swapped": along_x.T,
        "the sign of gx is turned: positive where it gets brighter to the right": -along_x,
        "negative responses are cut to 0: keep the sign": np.maximum(along_x, 0),
        "the sign is lost: gx itself has no abs": np.abs(along_x),
        "results are cut at 255: a response is no pixel": np.clip(along_x, 0, 255),
    },
    hint="the first row of gx is 100, 141, 0, -141, -100",
    what="gx",
)
checks.close(
    gy,
    along_x.T,
    unless={"the sign of gy is turned: positive where it gets brighter downwards": -along_x.T},
    hint="the blob is symmetric, so gy is gx with rows and columns swapped",
    what="gy",
)
checks.close(
    [magnitude[0][0], magnitude[0][1], magnitude[2][0]],
    [20000**0.5, (141**2 + 241**2) ** 0.5, 318],
    unless={
        "magnitude is not |gx| + |gy|: square, add, take the root": [200, 382, 318],
        "the root is missing: sqrt(gx² + gy²)": [20000, 141**2 + 241**2, 318**2],
        "magnitude is not the mean of the two": [100, 191, 159],
    },
    hint="magnitude = sqrt(gx² + gy²)",
    rtol=1e-4,
    what="the magnitude",
)

# %% nbgrader={"grade": true, "grade_id": "sobel_edges-random", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: rectangles with random pixels, against SciPy.
import numpy as np

from course import checks

checks.shape(sobel_edges(np.ones((4, 6)))[0], (2, 4), hint="no padding: both sides shrink by 2", what="gx")
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate1d

rng = np.random.default_rng(21)
for size in ((6, 9), (3, 8), (10, 3)):
    x = rng.normal(size=size)
    right_x = correlate1d(correlate1d(x, [-1, 0, 1], axis=1), [1, 2, 1], axis=0)[1:-1, 1:-1]
    right_y = correlate1d(correlate1d(x, [-1, 0, 1], axis=0), [1, 2, 1], axis=1)[1:-1, 1:-1]
    gx, gy, magnitude = sobel_edges(x)
    checks.shape(gx, right_x.shape, hint="no padding: both sides shrink by 2", what="gx")
    close = {"rtol": 1e-4, "atol": 1e-4}
    checks.close(
        gx,
        right_x,
        unless={
            "gx and gy are swapped": right_y,
            "the sign of gx is turned": -right_x,
            "negative responses are cut to 0: keep the sign": np.maximum(right_x, 0),
            "the sign is lost: gx itself has no abs": np.abs(right_x),
        },
        hint="gx: differences along x, smoothed with the weights 1, 2, 1 along y",
        what="gx",
        **close,
    )
    checks.close(
        gy,
        right_y,
        unless={"the sign of gy is turned": -right_y},
        hint="gy: differences along y, smoothed along x",
        what="gy",
        **close,
    )
    checks.close(
        magnitude,
        np.sqrt(right_x**2 + right_y**2),
        unless={
            "magnitude is not |gx| + |gy|: square, add, take the root": np.abs(right_x) + np.abs(right_y),
            "magnitude is not scaled to its maximum": np.hypot(right_x, right_y) / np.hypot(right_x, right_y).max(),
        },
        hint="magnitude = sqrt(gx² + gy²)",
        what="the magnitude",
        **close,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sobel_edges-numbers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: a black image. Hidden: uint8 pixels, strong edges, a colour image, an image that is too small, and whether
# your function leaves its input alone.
import numpy as np

from course import checks

checks.close(
    sobel_edges(np.zeros((3, 4), dtype=np.uint8))[2], [[0, 0]], hint="a black image has no edges", what="the magnitude"
)
### BEGIN HIDDEN TESTS
strong = np.array([[250, 250, 0, 0, 250]] * 4, dtype=np.uint8)
gx, gy, magnitude = sobel_edges(strong)
checks.close(
    gx,
    [[-1000, -1000, 1000]] * 2,
    unless={
        "negative responses are cut to 0: keep the sign": [[0, 0, 1000]] * 2,
        "results are cut to 0…255: a response is no pixel": [[0, 0, 255]] * 2,
        "gx and gy are swapped": np.zeros((2, 3)),
        "the sign of gx is turned: positive where it gets brighter to the right": [[1000, 1000, -1000]] * 2,
        "the sign is lost: gx itself has no abs": [[1000, 1000, 1000]] * 2,
        "smooth with the weights 1, 2, 1 along the edge": [[-750, -750, 750]] * 2,
    },
    hint="uint8 overflows at 255 and has no negative numbers: compute in floats",
    what="gx",
)
checks.close(gy, np.zeros((2, 3)), hint="uint8 overflows at 255: compute in floats", what="gy")
checks.close(
    magnitude,
    [[1000, 1000, 1000]] * 2,
    unless={"results are cut to 0…255: a response is no pixel": [[255, 255, 255]] * 2},
    hint="magnitude = sqrt(gx² + gy²), not clipped",
    what="the magnitude",
)
rng = np.random.default_rng(22)
checks.unchanged(sobel_edges, rng.normal(size=(5, 6)))
checks.raises(
    ValueError, lambda: sobel_edges(np.ones((6, 6, 3))), hint="a colour image: it has three axes, a gray one has two"
)
checks.raises(ValueError, lambda: sobel_edges(np.ones((2, 6))), hint="an image smaller than 3×3")
### END HIDDEN TESTS

# %% topics=["D4", "C4"] nbgrader={"grade": false, "grade_id": "sobel-panel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d", "sobel_edges"):
    gx_photo, gy_photo, strength = sobel_edges(gray_photo)
    gx_blob, gy_blob, strength_blob = sobel_edges(blob)
    fig, axes = plt.subplots(2, 4, figsize=(13, 5.6), layout="constrained")
    axes[0, 0].imshow(gray_photo, cmap="gray")
    axes[0, 0].set_title("gray photograph")
    for ax, values, title in (
        (axes[0, 1], gx_photo, "gx: upright edges\nred brighter to the right, blue darker"),
        (axes[0, 2], gy_photo, "gy: lying edges\nred brighter downwards, blue darker"),
    ):
        ax.imshow(values, cmap="RdBu_r", vmin=-500, vmax=500)
        ax.set_title(title)
    shown = axes[0, 3].imshow(strength, cmap="cividis", vmin=0, vmax=600)
    axes[0, 3].set_title("magnitude: edges of every direction")
    fig.colorbar(shown, ax=axes[0, 3], label="sqrt(gx² + gy²)", shrink=0.65)
    for ax in axes[0]:
        ax.set(xlabel="column", ylabel="row")
    draw_numbers(axes[1, 0], blob, "the lecture's 7×7 blob", cmap="Greys", low=0, high=180, size=8)
    draw_numbers(axes[1, 1], gx_blob, "gx of the blob", cmap="RdBu_r", low=-500, high=500, size=8)
    draw_numbers(axes[1, 2], gy_blob, "gy of the blob", cmap="RdBu_r", low=-500, high=500, size=8)
    draw_numbers(axes[1, 3], np.round(strength_blob), "magnitude, rounded", cmap="Oranges", low=0, high=600, size=8)
    plt.show()

# %% [markdown] topics=["D4", "E1", "E2"] nbgrader={"grade": false, "grade_id": "wrong-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here? (1)** In the lecture notes the picture filtered with `[[-1,0,1],[-2,0,2],[-1,0,1]]` has the title
# "Sobel Y", and the other one "Sobel X". How can you tell from the pictures alone, without the code?
#
# <details><summary>Answer</summary>
#
# The titles are swapped. That kernel is a derivative along x, so it is silent along every line that runs left to right, and
# lights up on what stands upright: the sides of the towers and the window frames. If the rims of the roofs shine under the
# title "Sobel X", the title is wrong. (*Vertical edges* and *vertical derivative* are opposites, which is how such
# titles get swapped.)
#
# </details>
#
# **What is wrong here? (2)** The notes compute the edges of a `uint8` picture with `cv2.filter2D(gray, -1, sobel_x)`. The
# `-1` asks for a result of the same number type as the input. Which edges are missing in the result?
#
# <details><summary>Answer</summary>
#
# All that get *darker* to the right. `uint8` cannot hold a negative number, and `filter2D` clips to 0…255: the blob's row
# 100, 141, 0, −141, −100 becomes 100, 141, 0, 0, 0. Strong rising edges are cut at 255 as well. The cell below shows what
# is lost. Ask for floats (`cv2.CV_64F`), and clip or take a magnitude only when you draw.
#
# </details>

# %% topics=["D4", "E2"] nbgrader={"grade": false, "grade_id": "clipped-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d", "sobel_edges"):
    gx_photo = sobel_edges(gray_photo)[0]
    clipped = np.clip(gx_photo, 0, 255)
    fig, axes = plt.subplots(1, 3, figsize=(12, 2.9), layout="constrained")
    for ax, values, title in (
        (axes[0], np.abs(gx_photo), "|gx|, computed in floats"),
        (axes[1], clipped, "gx as uint8: clipped to 0…255"),
        (axes[2], np.abs(gx_photo) - clipped, "what clipping lost"),
    ):
        shown = ax.imshow(values, cmap="cividis", vmin=0, vmax=400)
        ax.set(title=title, xlabel="column", ylabel="row")
    fig.colorbar(shown, ax=axes, label="response", shrink=0.75)
    plt.show()
    print(f"clipping lost {1 - clipped.sum() / np.abs(gx_photo).sum():.0%} of the response")

# %% [markdown] topics=["D7"] nbgrader={"grade": false, "grade_id": "task-patches", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Cut it into patches
#
# A convolution can be read in two ways: one kernel that travels, or many patches that are all shown to the same kernel.
# The second reading is worth having in your hands: the fast implementations use it, and networks that see an image as a
# row of patches start from it. With a stride equal to the patch size the patches tile the image like a mosaic; with a
# smaller stride neighbours overlap and share pixels.
#
# ### Exercise 4 · `extract_patches` (10 points)
#
# Reading order: along the first row of windows from left to right, then the next row. On the lecture's 5×5 image, size 3
# and stride 2 give four patches; the second begins at row 0, column 2.


# %% topics=["D7"] nbgrader={"grade": false, "grade_id": "extract_patches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def extract_patches(image, k, stride):
    """Cut every k×k window out of an image, in reading order.

    image: (H, W); k: side of the window, an int >= 1; stride: step of the window, an int >= 1.
    Returns an array (n, k, k) with n = ((H - k) // stride + 1) * ((W - k) // stride + 1): left to right, then downwards. No padding:
    a window that would stick out is left out.
    Raises ValueError when k < 1, when stride < 1, or when k is larger than a side of the image.
    """
    ### BEGIN SOLUTION
    if k < 1 or stride < 1:
        raise ValueError(f"k and stride must be 1 or more, not {k} and {stride}")
    height, width = image.shape
    if k > height or k > width:
        raise ValueError(f"a {k}×{k} window does not fit into {image.shape}")
    return np.array(
        [
            image[row : row + k, column : column + k]
            for row in range(0, height - k + 1, stride)
            for column in range(0, width - k + 1, stride)
        ]
    )
    ### END SOLUTION


# %% topics=["D7"] nbgrader={"grade": true, "grade_id": "extract_patches-lecture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Visible: four patches of the lecture's image.
import numpy as np

from course import checks

image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
patches = [
    [[3, 3, 2], [0, 0, 1], [3, 1, 2]],
    [[2, 1, 0], [1, 3, 1], [2, 2, 3]],
    [[3, 1, 2], [2, 0, 0], [2, 0, 0]],
    [[2, 2, 3], [0, 2, 2], [0, 0, 1]],
]
result = extract_patches(image, 3, 2)
checks.shape(
    result,
    (4, 3, 3),
    hint="n patches of k×k, with n = (rows of windows) × (columns of windows)",
    unless={
        "stride is ignored: move the window by stride pixels": (9, 3, 3),
        "the stride holds along rows and columns": (6, 3, 3),
        "one axis for all patches: (n, k, k)": (2, 2, 3, 3),
        "keep each patch k×k: do not flatten it": (4, 9),
        "the last window counts too, and the window moves by stride, not by its own size": (1, 3, 3),
    },
)
checks.close(
    result,
    patches,
    unless={
        "reading order: go left to right along a row of windows first, then downwards": [
            patches[i] for i in (0, 2, 1, 3)
        ],
        "each patch is transposed: rows stay rows": np.swapaxes(patches, 1, 2),
        "the window starts at every pixel: move it by stride pixels": [
            image[r : r + 3, c : c + 3] for r in (0, 1) for c in (0, 1)
        ],
    },
    hint="patch i holds the pixels of window i as they stand",
)

# %% nbgrader={"grade": true, "grade_id": "extract_patches-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: rectangles and other strides, against NumPy.
import numpy as np

from course import checks

checks.shape(extract_patches(np.ones((4, 6)), 2, 2), (6, 2, 2), hint="2 × 3 windows of 2×2")
### BEGIN HIDDEN TESTS
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(31)
for size, k, s in (((6, 8), 2, 2), ((7, 5), 3, 1), ((9, 4), 4, 3), ((5, 8), 3, 2), ((4, 4), 4, 1), ((3, 4), 1, 2)):
    x = rng.normal(size=size)
    windows = sliding_window_view(x, (k, k))[::s, ::s]
    right = windows.reshape(-1, k, k)
    checks.close(
        extract_patches(x, k, s),
        right,
        unless={
            "stride is ignored: move the window by stride pixels": sliding_window_view(x, (k, k)).reshape(-1, k, k),
            "reading order: go left to right along a row of windows first, then downwards": windows.transpose(
                1, 0, 2, 3
            ).reshape(-1, k, k),
            "each patch is transposed: rows stay rows": right.transpose(0, 2, 1),
            "one axis for all patches: (n, k, k)": windows,
        },
        hint="n = ((H - k) // s + 1) × ((W - k) // s + 1) windows, and the image need not be square",
    )
checks.unchanged(extract_patches, rng.normal(size=(5, 6)), 2, 2)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "extract_patches-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: a window that is too large. Hidden: one that is too tall or too wide, a stride or a size that makes no
# sense.
import numpy as np

from course import checks

extract_patches(np.ones((3, 3)), 3, 1)  # raises nothing: it just fits
checks.raises(ValueError, lambda: extract_patches(np.ones((3, 3)), 4, 1), hint="a window larger than the image")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: extract_patches(np.ones((3, 5)), 4, 1), hint="a window taller than the image")
checks.raises(ValueError, lambda: extract_patches(np.ones((5, 3)), 4, 1), hint="a window wider than the image")
checks.raises(ValueError, lambda: extract_patches(np.ones((4, 4)), 2, 0), hint="a stride of 0")
checks.raises(ValueError, lambda: extract_patches(np.ones((4, 4)), 0, 1), hint="a window of size 0")
### END HIDDEN TESTS

# %% topics=["D7"] nbgrader={"grade": false, "grade_id": "mosaic", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("extract_patches"):
    flower_gray = flower @ np.array([0.299, 0.587, 0.114])
    tiles, overlapping = extract_patches(flower_gray, 40, 40), extract_patches(flower_gray, 40, 20)
    per_row = (flower_gray.shape[1] - 40) // 40 + 1
    fig, axes = plt.subplots(
        len(tiles) // per_row, per_row, figsize=(9, 6), gridspec_kw={"wspace": 0.06, "hspace": 0.06}
    )
    for ax, tile in zip(axes.ravel(), tiles, strict=True):
        ax.imshow(tile, cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
    fig.suptitle(
        f"{len(tiles)} patches of 40×40 at stride 40; at stride 20 there are {len(overlapping)}, and most pixels occur four times",
        y=0.93,
    )
    plt.show()

# %% [markdown] topics=["D8", "D2", "G12", "A9"] nbgrader={"grade": false, "grade_id": "idea-multi", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Many channels in, many filters out
#
# A colour image has three channels, and the layers to come have 32 or 512. A filter then is a small *block*: for each input
# channel a kernel of its own. Each kernel slides over its channel, and the results are **added up** (the lecture calls this
# feature accumulation), plus one bias: a filter gives *one* map, however many channels it reads. And as one map can show
# only one kind of feature (teeth, whiskers, a tongue), a layer holds $K$ filters, and its output has $K$ channels: at each
# place, a patch becomes $K$ numbers.
#
# All weights of a layer fit into one array of shape $(k_h, k_w, C, K)$, the order that Keras uses:
#
# $$y_{ijk} = b_k + \sum_{a} \sum_{c} \sum_{d=0}^{C-1} x_{si+a,\; sj+c,\; d}\; w_{acdk}.$$
#
# Two cases to keep in mind:
#
# - **1×1×C.** A 1×1 kernel looks at one place and mixes its channels. The gray formula from the beginning *is* a 1×1
#   convolution, with $w$ of shape (1, 1, 3, 1). Starting from a 6×6 colour image, one step of it reads a 1×1×3 column and
#   writes one number.
# - **78×78×3.** A 7×7 kernel leaves 72×72, a 5×5 kernel 74×74, a 3×3 kernel 76×76, whatever the number of filters. Images
#   are taken to be square in such sums; your code should not assume it.

# %% [markdown] topics=["D8", "G12"] nbgrader={"grade": false, "grade_id": "task-multi", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `conv2d_multi` (20 points)
#
# You may call your `conv2d`, once for each pair of an input channel and a filter, or slide a block.


# %% topics=["D8", "G12"] nbgrader={"grade": false, "grade_id": "conv2d_multi", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_multi(x_hwc, w_kkck, b_k, stride=1, padding=0):
    """Cross-correlate an image of C channels with K filters, as a convolution layer does.

    x_hwc: (H, W, C); w_kkck: (kh, kw, C, K), input channels third, filters last; b_k: (K,), one bias for each filter.
    stride, padding: as in conv2d.
    Returns an array of floats, (out_h, out_w, K), sizes as in conv2d. The inputs stay as they are.
    Raises ValueError when image and filters disagree about C, when b_k does not hold K numbers, and for whatever conv2d
    does not accept.
    """
    ### BEGIN SOLUTION
    (*_, channels, filters), biases = w_kkck.shape, np.asarray(b_k, dtype=float)
    if x_hwc.shape[-1] != channels:
        raise ValueError(f"the image has {x_hwc.shape[-1]} channels, the filters read {channels}")
    if biases.shape != (filters,):
        raise ValueError(f"{filters} filters need {filters} biases, not {biases.shape}")
    maps = [
        sum(conv2d(x_hwc[..., c], w_kkck[..., c, k], stride, padding) for c in range(channels)) for k in range(filters)
    ]
    return np.stack(maps, axis=-1) + biases
    ### END SOLUTION


# %% topics=["C8", "G12"] nbgrader={"grade": true, "grade_id": "conv2d_multi-gray", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the gray formula as a 1×1 convolution, on a red, a green, a blue and a white pixel.
import numpy as np

from course import checks

pixels = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
weights = np.array([0.299, 0.587, 0.114]).reshape(1, 1, 3, 1)
gray = conv2d_multi(pixels, weights, np.zeros(1))
checks.shape(
    gray,
    (2, 2, 1),
    hint="one filter gives one map: (H, W, 1)",
    unless={
        "keep the last axis, also when there is one filter only": (2, 2),
        "a filter adds up its channels: it gives one map, not one for each input channel": (2, 2, 3),
        "channels stand last: (H, W, K)": (1, 2, 2),
    },
)
checks.close(
    gray,
    [[[76.245], [149.685]], [[29.07], [255]]],
    unless={
        "channels are taken as blue, green, red": [[[29.07], [149.685]], [[76.245], [255]]],
        "the channels are averaged: a filter adds them up": [[[25.415], [49.895]], [[9.69], [85]]],
        "rows and columns are swapped": [[[76.245], [29.07]], [[149.685], [255]]],
        "only one channel is read: add up over all channels": [[[76.245], [0]], [[0], [76.245]]],
        "fractions are lost: the result must be an array of floats": [[[76], [149]], [[29], [255]]],
    },
    hint="at each place: 0.299 R + 0.587 G + 0.114 B",
    rtol=1e-4,
)

# %% topics=["D8"] nbgrader={"grade": true, "grade_id": "conv2d_multi-count", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: all pixels and weights 1, so every result counts the weights of its filter, plus the filter's bias.
import numpy as np

from course import checks

biases = np.arange(1, 9) * 100.0
result = conv2d_multi(np.ones((7, 9, 3)), np.ones((3, 3, 3, 8)), biases)
checks.shape(
    result,
    (5, 7, 8),
    hint="(H - kh + 1, W - kw + 1, K): the depth of the output is the number of filters",
    unless={
        "channels stand last: (H, W, K)": (8, 5, 7),
        "the depth of the output is the number of filters, not of input channels": (5, 7, 3),
        "rows and columns are swapped": (7, 5, 8),
    },
)
checks.close(
    result,
    np.zeros((5, 7, 8)) + 27 + biases,
    unless={
        "the bias is lost: each filter has one": np.full((5, 7, 8), 27.0),
        "add up over the input channels: a filter has 3·3·3 = 27 weights": np.zeros((5, 7, 8)) + 9 + biases,
        "the bias is added once to each sum, not once per input channel": np.zeros((5, 7, 8)) + 27 + 3 * biases,
        "each filter has a bias of its own": np.full((5, 7, 8), 27.0 + biases[0]),
        "the bias is added once to each sum, not once per weight": np.zeros((5, 7, 8)) + 27 + 27 * biases,
        "the sum over channels is no mean": np.zeros((5, 7, 8)) + 9 + biases / 3,
    },
    hint="27 weights of 1 on pixels of 1, plus the bias of the filter",
)

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-random", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: random images and filters, against SciPy.
import numpy as np

from course import checks

checks.shape(
    conv2d_multi(np.ones((4, 5, 2)), np.ones((2, 2, 2, 6)), np.zeros(6)), (3, 4, 6), hint="(H - kh + 1, W - kw + 1, K)"
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate

rng = np.random.default_rng(41)
for (h, width, c), (kh, kw), f in (
    ((6, 6, 3), (3, 3), 3),
    ((5, 8, 2), (3, 2), 4),
    ((7, 4, 5), (1, 1), 2),
    ((6, 5, 1), (2, 4), 3),
):
    x, w, b = rng.normal(size=(h, width, c)), rng.normal(size=(kh, kw, c, f)), rng.normal(size=f)

    def layer(x, w, b):
        # An N-d correlation with the whole block; its centre is at size // 2 along every axis.
        full = [
            correlate(x, w[..., k], mode="constant")[
                kh // 2 : kh // 2 + h - kh + 1, kw // 2 : kw // 2 + width - kw + 1, w.shape[2] // 2
            ]
            for k in range(w.shape[3])
        ]
        return np.stack(full, axis=-1) + b

    right = layer(x, w, b)
    unless = {
        "your kernel is flipped: deep learning's convolution is cross-correlation": layer(x, w[::-1, ::-1], b),
        "the channels are flipped: true convolution in three dimensions turns them too": layer(
            x, w[::-1, ::-1, ::-1], b
        ),
        "the bias is lost: each filter has one": layer(x, w, 0 * b),
        "the bias is added once to each sum, not once per input channel": layer(x, w, c * b),
        "each filter has a bias of its own": layer(x, w, b[0]),
        "the channels are averaged: a filter adds them up": layer(x, w / c, b),
        "the input channels are taken in the wrong order": layer(x, w[:, :, ::-1], b),
        "channels stand last: (H, W, K)": right.transpose(2, 0, 1),
    }
    if c == f:
        unless["the weights' order is (kh, kw, C, K): input channels third, filters last"] = layer(
            x, w.swapaxes(2, 3), b
        )
    if kh == kw:
        unless["rows and columns of the kernels are swapped"] = layer(x, w.swapaxes(0, 1), b)
    checks.close(
        conv2d_multi(x, w, b),
        right,
        unless=unless,
        hint="for each filter: correlate every channel with its own kernel, add up over channels, add the bias",
        rtol=1e-4,
        atol=1e-4,
    )
checks.close(
    conv2d_multi(np.full((3, 3, 2), 200, dtype=np.uint8), np.ones((2, 2, 2, 1), dtype=np.uint8), [0.5]),
    np.full((2, 2, 1), 1600.5),
    unless={"keep the last axis, also when there is one filter only": np.full((2, 2), 1600.5)},
    hint="uint8 overflows at 255: compute in floats",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-stride-padding", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: strides and paddings on rectangles.
import numpy as np

from course import checks

checks.shape(
    conv2d_multi(np.ones((5, 7, 1)), np.ones((3, 3, 1, 2)), np.zeros(2), stride=2, padding=1),
    (3, 4, 2),
    unless={
        "stride and padding are ignored": (3, 5, 2),
        "stride is ignored: move the window by stride pixels": (5, 7, 2),
        "padding is ignored": (2, 3, 2),
    },
    hint="a side of length n becomes (n + 2p - k) // s + 1",
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(43)
for size, k, s, p in (((7, 9), (3, 3), 2, 1), ((8, 5), (2, 3), 3, 2), ((6, 6), (5, 5), 1, 2)):
    x, w, b = rng.normal(size=(*size, 2)), rng.normal(size=(*k, 2, 3)), rng.normal(size=3)
    padded = np.pad(x, ((p, p), (p, p), (0, 0)))
    planes = np.array([[correlate2d(padded[..., c], w[..., c, f], mode="valid") for c in range(2)] for f in range(3)])
    every = np.moveaxis(planes.sum(axis=1), 0, -1) + b
    bare = (
        np.moveaxis(
            np.array([[correlate2d(x[..., c], w[..., c, f], mode="valid") for c in range(2)] for f in range(3)]).sum(
                axis=1
            ),
            0,
            -1,
        )
        + b
    )
    checks.close(
        conv2d_multi(x, w, b, stride=s, padding=p),
        every[::s, ::s],
        unless={
            "stride is ignored: move the window by stride pixels": every,
            "padding is ignored": bare[::s, ::s],
            "stride and padding are ignored": bare,
            "the bias is lost: each filter has one": (every - b)[::s, ::s],
        },
        hint="pad rows and columns, not channels; then move by stride pixels, and leave out what would stick out",
        rtol=1e-4,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: an image and filters that disagree. Hidden: biases, kernels, strides, and whether the inputs are left
# alone.
import numpy as np

from course import checks

checks.raises(
    ValueError,
    lambda: conv2d_multi(np.ones((5, 5, 3)), np.ones((3, 3, 2, 4)), np.zeros(4)),
    hint="an image of 3 channels, filters for 2",
)
### BEGIN HIDDEN TESTS
checks.raises(
    ValueError,
    lambda: conv2d_multi(np.ones((5, 5, 1)), np.ones((3, 3, 2, 4)), np.zeros(4)),
    hint="an image with fewer channels than the filters read",
)
checks.raises(
    ValueError, lambda: conv2d_multi(np.ones((5, 5, 2)), np.ones((3, 3, 2, 4)), np.zeros(1)), hint="too few biases"
)
checks.raises(
    ValueError, lambda: conv2d_multi(np.ones((2, 5, 2)), np.ones((3, 3, 2, 4)), np.zeros(4)), hint="a kernel too large"
)
checks.raises(
    ValueError,
    lambda: conv2d_multi(np.ones((5, 5, 2)), np.ones((3, 3, 2, 4)), np.zeros(4), stride=0),
    hint="a stride of 0",
)
rng = np.random.default_rng(47)
checks.unchanged(conv2d_multi, rng.normal(size=(6, 6, 2)), rng.normal(size=(3, 3, 2, 2)), rng.normal(size=2), 3, 1)
### END HIDDEN TESTS

# %% topics=["D8", "D2", "A9"] nbgrader={"grade": false, "grade_id": "colour-filters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d_multi"):
    small = photo[40:196, 60:260].astype(float)
    edge = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    filters = np.zeros((3, 3, 3, 3))
    filters[..., 0] = edge[..., None] * [0.299, 0.587, 0.114]
    filters[..., 1] = edge.T[..., None] * [0.299, 0.587, 0.114]
    filters[1, 1, :, 2] = [1.0, -0.5, -0.5]
    maps = conv2d_multi(small, filters, np.zeros(3))
    fig, axes = plt.subplots(1, 4, figsize=(13, 2.9), layout="constrained")
    axes[0].imshow(small.astype(np.uint8))
    axes[0].set_title(f"in: {small.shape[0]}×{small.shape[1]}×3")
    for k, (name, limit) in enumerate((("upright edges", 400), ("lying edges", 400), ("redder than gray", 80))):
        shown = axes[k + 1].imshow(maps[..., k], cmap="PuOr_r", vmin=-limit, vmax=limit)
        axes[k + 1].set_title(f"map {k}: {name}")
        fig.colorbar(shown, ax=axes[k + 1], label="response" if k == 2 else None)
    for ax in axes:
        ax.set(xlabel="column", ylabel="row")
        ax.label_outer()
    fig.suptitle(f"Three filters, three maps: out is {maps.shape[0]}×{maps.shape[1]}×{maps.shape[2]}")
    plt.show()
    for k in (7, 5, 3):
        out = conv2d_multi(np.zeros((78, 78, 3)), np.zeros((k, k, 3, 2)), np.zeros(2))
        print(f"78×78×3 through two {k}×{k} filters: {out.shape}")

# %% [markdown] topics=["D13", "E13"] nbgrader={"grade": false, "grade_id": "wrong-strides", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** The lecture notes set the stride as `strides=[1, 2, 2, 1]`. Which four numbers are these, and what
# does one write in Keras?
#
# <details><summary>Answer</summary>
#
# It is the interface of TensorFlow 1: a step along each axis of a batch, in the order batch, height, width, channels. The
# first and last are always 1, since nobody skips images or channels. Keras asks for the two that mean something:
# `keras.layers.Conv2D(32, 3, strides=(2, 2))`, or just `strides=2`.
#
# </details>

# %% [markdown] topics=["A5", "A6", "D14"] nbgrader={"grade": false, "grade_id": "idea-pool", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Pooling: keep the loudest
#
# Where exactly an edge lies matters less than that it is there. *Max pooling* takes windows of the map and keeps the
# largest value of each: of `[[9,1,2],[4,5,6],[7,8,0]]`, one 3×3 window, it keeps **9**. There are no weights to learn, each
# channel is pooled by itself, and the usual stride is the size of the window, so that windows tile the map.
#
# A 2×2 pool halves each side: 50 % of the height, 50 % of the width, but only **1/4 of the values** survive. A 3×3 pool
# keeps 1/9 and drops 8/9 ≈ 89 %. In the lecture's sketch, 78×78×3 → (3×3, 32 filters) → 76×76×32 → pool → 38×38×32.
#
# *Average pooling* was the choice of the first networks and of some until 2013 or so: it blurs where max selects. *Min
# pooling* is max pooling of the negative image; you will meet it in image processing rather than in networks.

# %% [markdown] topics=["A5", "A6", "D14"] nbgrader={"grade": false, "grade_id": "task-pool", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `pool2d` (15 points)


# %% topics=["A5", "A6", "D14"] nbgrader={"grade": false, "grade_id": "pool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool2d(x, size, stride=None, mode="max"):
    """Pool square windows of a map, each channel by itself.

    x: (H, W) or (H, W, C); size: side of the window in pixels, an int >= 1.
    stride: step of the window, an int >= 1; None means size.
    mode: "max", "min" or "avg", the mean of the size × size values.
    Returns an array (out_h, out_w) or (out_h, out_w, C) with out_h = (H - size) // stride + 1, out_w likewise. No padding: a window
    that would stick out is left out. x stays as it is.
    Raises ValueError for an unknown mode, for size < 1 or stride < 1, and when size is larger than H or W.
    """
    ### BEGIN SOLUTION
    reduce = {"max": np.max, "min": np.min, "avg": np.mean}.get(mode)
    if reduce is None:
        raise ValueError(f'mode must be "max", "min" or "avg", not {mode!r}')
    stride = size if stride is None else stride
    height, width = x.shape[:2]
    if not (1 <= size <= min(height, width)) or stride < 1:
        raise ValueError(f"a window of {size} with stride {stride} does not fit into {x.shape}")
    return np.array(
        [
            [
                reduce(x[row : row + size, column : column + size], axis=(0, 1))
                for column in range(0, width - size + 1, stride)
            ]
            for row in range(0, height - size + 1, stride)
        ]
    )
    ### END SOLUTION


# %% topics=["A5", "D14"] nbgrader={"grade": true, "grade_id": "pool2d-lecture", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Visible: the lecture's numbers, and how much of a map survives.
import numpy as np

from course import checks

checks.close(pool2d(np.array([[9, 1, 2], [4, 5, 6], [7, 8, 0]]), 3), [[9]], hint="the largest value of the window")
x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
checks.close(
    pool2d(x, 2),
    [[6, 8], [3, 4]],
    unless={
        "the default stride is the size of the window, so that windows tile the map": [[6, 7, 8], [6, 7, 8], [3, 3, 4]],
        "rows and columns are swapped": [[6, 3], [8, 4]],
        "the window is not sliced right: a slice a:b leaves out b": [[1, 2], [3, 1]],
    },
    hint="the largest value of each 2×2 window",
)
checks.close(np.size(pool2d(np.ones((12, 18)), 2)) / (12 * 18), 1 / 4, hint="2×2 pooling keeps a quarter of the values")
checks.close(np.size(pool2d(np.ones((12, 18)), 3)) / (12 * 18), 1 / 9, hint="3×3 pooling keeps a ninth of the values")

# %% topics=["A6", "D14"] nbgrader={"grade": true, "grade_id": "pool2d-modes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: average and minimum of the same map.
import numpy as np

from course import checks

x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
checks.close(
    pool2d(x, 2, mode="avg"),
    [[3.25, 5.25], [2, 2]],
    unless={
        "an average divides by all values of the window: size × size": [[6.5, 10.5], [4, 4]],
        "an average is no sum": [[13, 21], [8, 8]],
        "fractions are lost: an average needs floats": [[3, 5], [2, 2]],
        "mode is ignored: this is the maximum": [[6, 8], [3, 4]],
        "this is the median, not the mean": [[3, 5.5], [2, 2]],
    },
    hint="the mean of each 2×2 window",
)
checks.close(
    pool2d(x, 2, mode="min"),
    [[1, 2], [1, 0]],
    unless={
        "mode is ignored: this is the maximum": [[6, 8], [3, 4]],
        "the smallest value starts from the window, not from 0": [[0, 0], [0, 0]],
    },
    hint="the smallest value of each 2×2 window",
)

# %% nbgrader={"grade": true, "grade_id": "pool2d-overlap", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: overlapping windows, odd sizes, strides larger than the window, in all three modes.
import numpy as np

from course import checks

checks.shape(
    pool2d(np.ones((7, 8)), 3, 2),
    (3, 3),
    unless={
        "stride is ignored: it need not be the size of the window": (2, 2),
        "the window moves by stride pixels, also when windows overlap": (5, 6),
    },
    hint="floor: a window that would stick out is left out, (n - size) // stride + 1",
)
### BEGIN HIDDEN TESTS
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(61)
for size, k, s in (((7, 9), 3, 2), ((8, 6), 3, None), ((5, 5), 2, None), ((6, 9), 2, 3), ((7, 4), 4, 1)):
    x = rng.normal(size=size)
    windows = sliding_window_view(x, (k, k))
    step = k if s is None else s
    for mode, reduced in (("max", windows.max((2, 3))), ("avg", windows.mean((2, 3))), ("min", windows.min((2, 3)))):
        pooled = pool2d(x, k, s, mode)
        checks.shape(
            pooled,
            reduced[::step, ::step].shape,
            unless={
                "stride is ignored: it need not be the size of the window": reduced[::k, ::k].shape,
                "the default stride is the size of the window": reduced.shape,
                "rows and columns are swapped": reduced[::step, ::step].T.shape,
            },
            hint="floor: a window that would stick out is left out, (n - size) // stride + 1",
        )
        checks.close(
            pooled,
            reduced[::step, ::step],
            unless={
                "mode is ignored: this is the maximum": windows.max((2, 3))[::step, ::step],
                "the maximum of negative values is negative: do not start from 0": np.maximum(
                    reduced[::step, ::step], 0
                ),
            },
            hint="every result belongs to its own window, which begins stride pixels after the one before",
            rtol=1e-4,
            atol=1e-4,
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pool2d-channels", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: maps with channels, maps that are negative everywhere, bright uint8 pixels, and whether x
# is left alone.
import numpy as np

from course import checks

checks.shape(pool2d(np.ones((4, 6, 3)), 2), (2, 3, 3), hint="each channel is pooled by itself")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(63)
x = rng.normal(size=(6, 4, 3)) - 10
tiles = x.reshape(3, 2, 2, 2, 3).copy()
for mode, right in (("max", tiles.max((1, 3))), ("min", tiles.min((1, 3))), ("avg", tiles.mean((1, 3)))):
    checks.close(
        pool2d(x, 2, mode=mode),
        right,
        unless={
            "each channel is pooled by itself": {"max": np.max, "min": np.min, "avg": np.mean}[mode](
                tiles, axis=(1, 3, 4)
            ),
            "all values are negative here: do not start the maximum from 0": np.zeros((3, 2, 3)),
            "mode is ignored: this is the maximum": tiles.max((1, 3)),
        },
        hint="each channel is pooled by itself, negative values too",
        rtol=1e-4,
        atol=1e-4,
    )
checks.close(
    pool2d(x[..., 0], 2), tiles.max((1, 3))[..., 0], hint="do not start the maximum from 0", rtol=1e-4, atol=1e-4
)
bright = np.full((4, 4), 200, dtype=np.uint8)
checks.close(pool2d(bright, 2, mode="avg"), [[200, 200], [200, 200]], hint="uint8 overflows at 255: compute in floats")
checks.unchanged(pool2d, rng.normal(size=(4, 6)), 2)
checks.unchanged(lambda values: pool2d(values, 3, 1, "avg"), rng.normal(size=(4, 6, 2)))
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pool2d-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Visible: an unknown mode. Hidden: another one, a window that does not fit, a stride or a size of 0.
import numpy as np

from course import checks

pool2d(np.ones((4, 4)), 2, mode="max")  # raises nothing
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 2, mode="median"), hint="an unknown mode")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 2, mode="sum"), hint="another unknown mode")
checks.raises(ValueError, lambda: pool2d(np.ones((3, 6)), 4), hint="a window taller than the map")
checks.raises(ValueError, lambda: pool2d(np.ones((6, 3)), 4), hint="a window wider than the map")
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 2, stride=0), hint="a stride of 0")
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 0), hint="a window of size 0")
### END HIDDEN TESTS

# %% [markdown] topics=["D2"] nbgrader={"grade": false, "grade_id": "look-layer", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# With the three pieces in hand you can run one stage of a network from end to end: filters, then "keep what is positive"
# (a ReLU), then pooling. A complete network repeats this stage until the maps are small, and puts a classifier behind it.

# %% topics=["D2", "A5", "A6"] nbgrader={"grade": false, "grade_id": "one-stage", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d", "sobel_edges", "pool2d"):
    response_x = sobel_edges(gray_photo)[0]
    relu = np.maximum(response_x, 0)
    fig, axes = plt.subplots(2, 3, figsize=(12, 5.6), layout="constrained")
    stages = (
        (gray_photo, "gray", 0, 255, "input"),
        (response_x, "RdBu_r", -500, 500, "filter: gx"),
        (relu, "cividis", 0, 500, "ReLU: only what is positive"),
        (pool2d(relu, 4), "cividis", 0, 500, "max pool 4×4: the edges stay strong"),
        (pool2d(relu, 4, mode="avg"), "cividis", 0, 500, "average pool 4×4: thin edges fade"),
        (pool2d(relu, 4, mode="min"), "cividis", 0, 500, "min pool 4×4: thin edges vanish"),
    )
    for ax, (values, cmap, low, high, title) in zip(axes.ravel(), stages, strict=True):
        shown = ax.imshow(values, cmap=cmap, vmin=low, vmax=high)
        ax.set(title=f"{title}, {values.shape[0]}×{values.shape[1]}", xlabel="column", ylabel="row")
    fig.colorbar(shown, ax=axes, label="response (the lower row and ReLU)")
    plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-written", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · Correlation or convolution? (10 points)
#
# Answer in words, in the cell below, about six sentences:
#
# 1. What does a mathematician's convolution do that `conv2d` does not?
# 2. Why does a network that *learns* its kernels not care?
# 3. Name one kernel of this notebook for which both give the same, and one for which the result changes, and say how it
#    changes. When would that matter in practice?

# %% [markdown] topics=["D1", "D4"] nbgrader={"grade": true, "grade_id": "correlation-or-convolution", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. It turns the kernel by 180° (flips it along both axes) before sliding it: $y_{ij} = \sum x_{i-a,\,j-c}\, w_{ac}$ instead
#    of $x_{i+a,\,j+c}$. The flip makes the operation commutative and associative; cross-correlation is neither.
# 2. The weights are found by gradient descent. If the layer flipped them, training would find the flipped kernel, and the
#    outputs, the loss and its gradients would be the same. Only the picture of the kernel would look turned.
# 3. Any kernel that looks the same when turned by 180° gives the same: Gaussian blur, sharpen, the Laplacian, the X of the
#    second lecture example. Sobel's kernels change sign when turned, so $g_x$ and $g_y$ change sign, while the magnitude
#    stays. (The lecture's first kernel gives other numbers altogether: 18, 20, 19 … instead of 12, 12, 17 ….) It matters
#    when weights move between libraries, when a kernel is written by hand, or when `scipy.signal.convolve2d` is used where
#    `correlate2d` was meant: rising edges are then reported as falling.
#
# Marking: 3 for the flip along *both* axes; 3 for "learned flipped, so the same function" (1 only for "it is a
# convention"); 2 for a right pair of kernels with the change named; 2 for a practical case. A transpose instead of a flip
# in (1): no more than 1 of 3.
# ### END SOLUTION

# %% [markdown] topics=["G3"] nbgrader={"grade": false, "grade_id": "stretch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch exercises
#
# No points, but checked like the others. Take the one that you are curious about.
#
# ### Stretch A · `conv2d_backward`
#
# Training needs to know how the loss changes with every weight, every pixel and the bias. A convolution is $y = wx + b$ many
# times over with the same $w$, so the chain rule is short. Let $g_{ij} = \partial L / \partial y_{ij}$ come from the layer
# behind. The weight $w_{ac}$ meets pixel $x_{si+a,\,sj+c}$ in window $(i, j)$, so
#
# $$\frac{\partial L}{\partial w_{ac}} = \sum_{ij} g_{ij}\, x_{si+a,\,sj+c}, \qquad
# \frac{\partial L}{\partial x_{si+a,\,sj+c}} \mathrel{+}= g_{ij}\, w_{ac}, \qquad
# \frac{\partial L}{\partial b} = \sum_{ij} g_{ij}.$$
#
# Go through the windows as in the forward pass: what was read there is written here. Padding was added in front of the
# forward pass, so its gradient is cut off behind the backward pass. The check compares with a *numerical* gradient: move
# one number by ±ε, see how the loss moves.


# %% topics=["G3"] nbgrader={"grade": false, "grade_id": "conv2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    """Gradients of a loss L through y = conv2d(image, kernel, stride, padding, bias).

    image: (H, W); kernel: (kh, kw); grad_out: dL/dy, of the shape of y.
    Returns d_image (H, W), d_kernel (kh, kw), d_bias (a number).
    """
    ### BEGIN SOLUTION
    padded = zero_pad(np.asarray(image, dtype=float), padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros(kernel.shape)
    kh, kw = kernel.shape
    for (i, j), g in np.ndenumerate(grad_out):
        window = np.s_[i * stride : i * stride + kh, j * stride : j * stride + kw]
        d_kernel += g * padded[window]
        d_padded[window] += g * kernel
    height, width = image.shape
    d_image = d_padded[padding : padding + height, padding : padding + width]
    return d_image, d_kernel, float(np.sum(grad_out))
    ### END SOLUTION


# %% topics=["G3"] nbgrader={"grade": true, "grade_id": "conv2d_backward-numbers", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a 3×3 image under a 2×2 kernel; every result counts once, so each gradient can be found by hand.
import numpy as np

from course import checks

image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
kernel = np.array([[1.0, 10.0], [100.0, 1000.0]])
result = conv2d_backward(image, kernel, np.ones((2, 2)))
checks.true(
    isinstance(result, (tuple, list)) and len(result) == 3,
    "return three things: d_image, d_kernel, d_bias",
    f"found a {type(result).__name__}",
)
d_image, d_kernel, d_bias = result
checks.close(d_kernel, [[12, 16], [24, 28]], hint="each weight collects the pixels that it met", what="d_kernel")
checks.close(
    d_image,
    [[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]],
    unless={
        "windows overlap: add to the gradient of a pixel, do not overwrite it": [
            [1, 1, 10],
            [1, 1, 10],
            [100, 100, 1000],
        ],
        "the kernel is flipped": [[1000, 1100, 100], [1010, 1111, 101], [10, 11, 1]],
    },
    hint="each pixel collects the weights that it met; the one in the middle met all four",
    what="d_image",
)
checks.close(
    d_bias, 4, unless={"the bias is added to every result: sum, do not average": 1}, hint="d_bias = sum of grad_out"
)

# %% nbgrader={"grade": true, "grade_id": "conv2d_backward-gradient", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: numerical gradients on random shapes, with stride and padding.
import numpy as np

from course import checks

checks.shape(
    conv2d_backward(np.ones((4, 5)), np.ones((3, 3)), np.ones((2, 3)), stride=2, padding=1)[0],
    (4, 5),
    unless={"the padding's gradient is cut off: d_image has the shape of image": (6, 7)},
    hint="d_image has the shape of image",
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(71)
for size, k, s, p in (((5, 6), (3, 2), 1, 0), ((6, 5), (3, 3), 2, 0), ((4, 5), (2, 3), 1, 1), ((6, 7), (3, 3), 2, 2)):
    x, w = rng.normal(size=size), rng.normal(size=k)
    g = rng.normal(size=correlate2d(np.pad(x, p), w, mode="valid")[::s, ::s].shape)

    def numerical(values):
        gradient = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            kept = values[place]
            sides = []
            for step in (1e-3, -1e-3):
                values[place] = kept + step
                sides.append(np.sum(g * correlate2d(np.pad(x, p), w, mode="valid")[::s, ::s]))
            values[place] = kept
            gradient[place] = (sides[0] - sides[1]) / 2e-3
        return gradient

    dx, dw, db = conv2d_backward(x, w, g, stride=s, padding=p)
    right_dx, right_dw = numerical(x), numerical(w)
    checks.close(
        dw, right_dw, hint="d_kernel: mind the stride and the padding of the forward pass", rtol=1e-4, atol=1e-5
    )
    checks.shape(
        dx,
        size,
        unless={"the padding's gradient is cut off: d_image has the shape of image": np.pad(x, p).shape},
        hint="d_image has the shape of image",
        what="d_image",
    )
    checks.close(
        dx,
        right_dx,
        hint="d_image: add g·w at the place that the window read in the padded image",
        rtol=1e-4,
        atol=1e-5,
    )
    checks.close(db, g.sum(), hint="d_bias = sum of grad_out", rtol=1e-4, atol=1e-5)
checks.unchanged(conv2d_backward, x, w, g, 2, 2)
### END HIDDEN TESTS

# %% [markdown] topics=["A8"] nbgrader={"grade": false, "grade_id": "stretch-im2col", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch B · `im2col` and `conv_as_matmul`
#
# A dense layer is $y = xW + b$, one matrix product, and that is what hardware does best. So lay every patch out as a row
# ("image to columns", though here they are rows), every filter as a column, and a whole convolution layer is one dense
# layer that is applied to all patches:
#
# $$\underbrace{(n,\; k_h k_w C)}_{\text{patches}} \times \underbrace{(k_h k_w C,\; K)}_{\text{weights}} + \underbrace{(K,)}_{\text{bias}} = (n,\; K).$$
#
# Most libraries compute convolutions like this, or did for a decade. The price is memory: every pixel is copied up to
# $k_h k_w$ times. In each row the order is that of `w_kkck.reshape(-1, K)`: kernel row, kernel column, channel.


# %% topics=["A8"] nbgrader={"grade": false, "grade_id": "im2col", "locked": false, "schema_version": 3, "solution": true, "task": false}
def im2col(x_hwc, kh, kw, stride=1, padding=0):
    """Every window of an image as a row.

    x_hwc: (H, W, C). Returns (out_h * out_w, kh * kw * C): windows in reading order, and in each row kernel row first, then
    kernel column, then channel.
    """
    ### BEGIN SOLUTION
    padded = zero_pad(x_hwc, padding)
    height, width, _ = padded.shape
    return np.array(
        [
            padded[row : row + kh, column : column + kw].ravel()
            for row in range(0, height - kh + 1, stride)
            for column in range(0, width - kw + 1, stride)
        ]
    )
    ### END SOLUTION


def conv_as_matmul(x_hwc, w_kkck, b_k, stride=1, padding=0):
    """The same as conv2d_multi, with one matrix product: returns (out_h, out_w, K)."""
    ### BEGIN SOLUTION
    kh, kw, _, filters = w_kkck.shape
    flat = im2col(np.asarray(x_hwc, dtype=float), kh, kw, stride, padding) @ w_kkck.reshape(-1, filters) + b_k
    columns = (x_hwc.shape[1] + 2 * padding - kw) // stride + 1
    return flat.reshape(-1, columns, filters)
    ### END SOLUTION


# %% topics=["A8"] nbgrader={"grade": true, "grade_id": "im2col-rows", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a 3×3 image with two channels, the second a hundred times the first.
import numpy as np

from course import checks

plane = np.arange(9).reshape(3, 3)
image = np.stack([plane, 100 * plane], axis=-1)
checks.close(
    im2col(image, 2, 2),
    [
        [0, 0, 1, 100, 3, 300, 4, 400],
        [1, 100, 2, 200, 4, 400, 5, 500],
        [3, 300, 4, 400, 6, 600, 7, 700],
        [4, 400, 5, 500, 7, 700, 8, 800],
    ],
    unless={
        "channels come last in a row: pixel by pixel, not plane by plane": [
            [0, 1, 3, 4, 0, 100, 300, 400],
            [1, 2, 4, 5, 100, 200, 400, 500],
            [3, 4, 6, 7, 300, 400, 600, 700],
            [4, 5, 7, 8, 400, 500, 700, 800],
        ],
    },
    hint="one row for each window, in reading order",
)

# %% nbgrader={"grade": true, "grade_id": "im2col-matmul", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: the matrix product against SciPy, with stride and padding.
import numpy as np

from course import checks

checks.shape(
    conv_as_matmul(np.ones((4, 5, 2)), np.ones((2, 2, 2, 6)), np.zeros(6)), (3, 4, 6), hint="(out_h, out_w, K)"
)
### BEGIN HIDDEN TESTS
from scipy.signal import correlate2d

rng = np.random.default_rng(73)
for size, k, c, f, s, p in (((5, 6), (3, 3), 2, 4, 1, 0), ((7, 5), (2, 3), 3, 2, 2, 1), ((6, 8), (3, 1), 1, 3, 3, 2)):
    x, w, b = rng.normal(size=(*size, c)), rng.normal(size=(*k, c, f)), rng.normal(size=f)
    padded = np.pad(x, ((p, p), (p, p), (0, 0)))
    planes = np.array([[correlate2d(padded[..., d], w[..., d, e], mode="valid") for d in range(c)] for e in range(f)])
    right = np.moveaxis(planes.sum(axis=1), 0, -1)[::s, ::s]
    checks.shape(
        im2col(x, *k, stride=s, padding=p), (right[..., 0].size, k[0] * k[1] * c), hint="(out_h · out_w, kh · kw · C)"
    )
    checks.close(
        conv_as_matmul(x, w, b, stride=s, padding=p),
        right + b,
        unless={"the bias is lost: y = xW + b": right},
        hint="patches as rows times filters as columns, plus the bias, then back to (out_h, out_w, K)",
        rtol=1e-4,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "stretch-separable", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch C · `separable`
#
# Sobel's kernel is a column (1, 2, 1) times a row (−1, 0, 1). Such a kernel can be run as two thin ones, one after the
# other: $2k$ multiplications a pixel instead of $k^2$; for the 5×5 Gaussian that is 10 instead of 25. A kernel splits like
# this exactly when its rank as a matrix is 1, and the singular value decomposition tells the rank: all singular values but
# the first are zero. Week 11 will build a network from this trick.


# %% nbgrader={"grade": false, "grade_id": "separable", "locked": false, "schema_version": 3, "solution": true, "task": false}
def separable(kernel):
    """Split a kernel into a column and a row whose outer product it is.

    kernel: (kh, kw), not all zeros.
    Returns (column, row) of shapes (kh,) and (kw,) with np.outer(column, row) equal to kernel, where there are such; else
    None. A singular value below 1e-8 times the largest counts as zero.
    """
    ### BEGIN SOLUTION
    u, sizes, v = np.linalg.svd(np.asarray(kernel, dtype=float))
    if (sizes[1:] > 1e-8 * sizes[0]).any():
        return None
    root = np.sqrt(sizes[0])
    return u[:, 0] * root, v[0] * root
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "separable-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: Sobel's kernel splits, the Laplacian does not.
import numpy as np

from course import checks

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
result = separable(sobel_x)
checks.true(result is not None and len(result) == 2, "this kernel has rank 1: return its column and its row")
checks.close(
    np.outer(*result),
    sobel_x,
    unless={"the sign is lost": -sobel_x, "row and column are swapped": sobel_x.T},
    hint="np.outer(column, row) must give the kernel back, its size included",
    atol=1e-6,
)
checks.true(separable(np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])) is None, "the Laplacian has rank 2: return None")

# %% nbgrader={"grade": true, "grade_id": "separable-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: a kernel of ones. Hidden: random kernels of rank 1 and of higher rank, oblong ones too.
import numpy as np

from course import checks

checks.true(separable(np.ones((2, 3))) is not None, "a kernel of ones has rank 1")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(79)
for kh, kw in ((3, 3), (5, 2), (1, 4), (2, 7), (4, 1)):
    kernel = np.outer(rng.normal(size=kh), rng.normal(size=kw)) * 1000.0 ** rng.integers(-2, 2)
    result = separable(kernel)
    checks.true(
        result is not None and len(result) == 2, "a kernel of rank 1 was not recognised, whatever its scale and shape"
    )
    checks.true(np.size(result[0]) == kh and np.size(result[1]) == kw, "first the column (kh,), then the row (kw,)")
    checks.close(
        np.outer(*result) / np.abs(kernel).max(),
        kernel / np.abs(kernel).max(),
        hint="np.outer(column, row) must give the kernel back",
        atol=1e-6,
    )
for size in ((3, 3), (2, 5), (4, 4)):
    checks.true(separable(rng.normal(size=size)) is None, "a random kernel has full rank: return None")
nearly = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
nearly[1, 1] = 1e-4
checks.true(separable(nearly) is None, "a kernel that is only nearly of rank 1 is not separable: return None")
### END HIDDEN TESTS

# %% [markdown] topics=["B6"] nbgrader={"grade": false, "grade_id": "stretch-lrn", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch D · `lrn`: the loudest silences its neighbours
#
# A nerve cell that fires hard holds its neighbours down: *lateral inhibition*. Within one map ("intra-channel") a Mexican
# hat does it, a positive centre in a negative surround. Between maps ("inter-channel"), AlexNet used *local response
# normalisation*: each channel is divided by the activity of the $n$ channels around it, at the same place,
#
# $$b_i = \frac{a_i}{\left(k + \alpha \sum_{j=\max(0,\, i-\lfloor n/2 \rfloor)}^{\min(C-1,\, i+\lfloor n/2 \rfloor)} a_j^2\right)^{\beta}} .$$
#
# With $n = 3$, $\alpha = 1$, $\beta = 1$, $k = 1$, the channels (1, 2, 0) become 1/(1+1+4), 2/(1+1+4+0) and 0. Batch
# normalisation has since taken its place; the idea that strong answers should silence weak ones has stayed (softmax,
# attention).


# %% topics=["B6"] nbgrader={"grade": false, "grade_id": "lrn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lrn(x, n=5, alpha=1e-4, beta=0.75, k=2.0):
    """Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3).

    x: (H, W, C); n: how many channels inhibit each other, odd; at the first and last channels the window is cut.
    alpha is not divided by n. Returns floats of the shape of x; x stays as it is.
    """
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=float)
    result = np.empty_like(x)
    for i in range(x.shape[-1]):
        around = x[..., max(0, i - n // 2) : i + n // 2 + 1]
        result[..., i] = x[..., i] / (k + alpha * np.sum(around**2, axis=-1)) ** beta
    return result
    ### END SOLUTION


# %% topics=["B6"] nbgrader={"grade": true, "grade_id": "lrn-by-hand", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one pixel with three channels, as in the text.
import numpy as np

from course import checks

checks.close(
    lrn(np.array([[[1.0, 2.0, 0.0]]]), n=3, alpha=1.0, beta=1.0, k=1.0),
    [[[1 / 6, 2 / 6, 0]]],
    unless={
        "alpha is not divided by n here": [[[1 / (1 + 5 / 3), 2 / (1 + 5 / 3), 0]]],
        "square the neighbours' activity": [[[1 / 4, 2 / 4, 0]]],
        "a channel counts in its own sum": [[[1 / 5, 2 / 2, 0]]],
        "k is missing": [[[1 / 5, 2 / 5, 0]]],
    },
    hint="divide each channel by (k + alpha · sum of squares over n channels around it) to the power beta",
)

# %% nbgrader={"grade": true, "grade_id": "lrn-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible: one size. Hidden: random maps, windows wider than the number of channels, against SciPy.
import numpy as np

from course import checks

checks.shape(lrn(np.ones((2, 3, 4))), (2, 3, 4), hint="the shape of x stays")
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate1d

rng = np.random.default_rng(83)
for size, n, alpha, beta, k in (
    ((3, 4, 8), 5, 0.3, 0.75, 2.0),
    ((2, 5, 4), 3, 1.0, 0.5, 1.0),
    ((2, 2, 3), 7, 0.1, 1.0, 1.5),
):
    x = rng.normal(size=size)

    def norm(axis):
        padding = [(n, n) if a == axis else (0, 0) for a in range(3)]
        summed = correlate1d(np.pad(x, padding) ** 2, np.ones(n), axis=axis, mode="constant")
        kept = tuple(slice(n, -n) if a == axis else slice(None) for a in range(3))
        return x / (k + alpha * summed[kept]) ** beta

    checks.close(
        checks.unchanged(lrn, x, n, alpha, beta, k),
        norm(2),
        unless={
            "the wrong axis: neighbours are channels at the same place, not pixels": norm(0),
            "the wrong axis: neighbours are channels, not the pixels beside": norm(1),
            "every channel is divided by the sum over all channels": x
            / (k + alpha * np.sum(x**2, axis=-1, keepdims=True)) ** beta,
        },
        hint="n // 2 channels on each side, cut at the first and the last channel",
        rtol=1e-4,
        atol=1e-5,
    )
### END HIDDEN TESTS

# %% topics=["B6"] nbgrader={"grade": false, "grade_id": "inhibition", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("conv2d", "lrn"):
    activity = np.array([0.4, 0.5, 0.6, 3.0, 0.8, 0.5, 0.4, 0.5, 0.7, 1.5, 0.6, 0.4]).reshape(1, 1, -1)
    inhibited = lrn(activity, n=5, alpha=1.0, beta=0.75, k=1.0)
    stairs = np.repeat(np.arange(5) * 50.0 + 20, 16)[None] * np.ones((15, 1))
    radius = np.hypot(*np.mgrid[-7:8, -7:8])
    narrow, wide = np.exp(-(radius**2) / 4), np.exp(-(radius**2) / 18)
    hat = narrow / narrow.sum() - 0.8 * wide / wide.sum()
    seen = conv2d(stairs, hat)[0]
    fig, axes = plt.subplots(1, 3, figsize=(13, 3.2), layout="constrained", width_ratios=[1.3, 0.8, 1.3])
    places = np.arange(activity.size)
    axes[0].bar(places - 0.2, activity.ravel(), 0.4, label="before", color="#999999")
    axes[0].bar(places + 0.2, inhibited.ravel(), 0.4, label="after lrn, n = 5", color="#d55e00")
    axes[0].set(title="between channels: the winner silences its neighbours", xlabel="channel", ylabel="activity")
    axes[0].legend()
    limit = np.abs(hat).max()
    shown = axes[1].imshow(hat, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[1].set(title="within a map: a Mexican hat", xlabel="column", ylabel="row")
    fig.colorbar(shown, ax=axes[1], label="weight")
    axes[2].plot(stairs[0, 7:-7], label="brightness", color="#999999")
    axes[2].plot(5 * seen, label="5 × response of the hat", color="#0072b2")
    axes[2].set(title="stairs of gray: each step is exaggerated", xlabel="column", ylabel="value")
    axes[2].legend()
    plt.show()

# %% [markdown] topics=["C9"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have now
#
# **What makes a network a ConvNet?** Say it in one breath, naming four things, then compare.
#
# <details><summary>Answer</summary>
#
# Convolution layers, whose units look at small patches (*local*) and share their weights over all places (*tied weights*,
# hence few of them); *subsampling* in between, by pooling or strides, so that deeper layers see more of the picture; and a
# small fully connected *classifier*, or an average over all places, at the end.
#
# </details>
#
# `conv2d_multi` is the forward pass of `keras.layers.Conv2D(K, k, strides=s)`, and `pool2d` that of `MaxPooling2D`. The
# rest of the course stacks them, learns their weights, and asks what they cost. Next week: how far does a stack of them
# see?
