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
# A convolution slides a small window of weights over an image and writes down one weighted sum for each place. Nearly all the work of the networks that recognise photographs is this one operation. You write it in NumPy, find
# edges with it, and let gradient descent discover an edge detector on its own.
#
# **Afterwards you can**
#
# - compute any 2-D cross-correlation by hand, with any stride and padding;
# - say what a kernel responds to before you run it;
# - find a kernel by gradient descent, from pairs of images;
# - write the forward pass of a convolution layer and of a pooling layer.
#
# **Time** about three hours for the core. **You need** NumPy indexing. Next:
# [Week 2](../week02_receptive_field/week02_receptive_field.ipynb). Words: [glossary](../../course/glossary.md).
#
# | Exercise | Points | What you build |
# |---|---|---|
# | 1 `zero_pad` | 5 | a frame of zeros |
# | 2 `conv2d` | 25 | the sliding window |
# | 3 `sobel_edges` | 15 | edges with their direction |
# | 4 `learn_kernel` | 15 | a kernel found by gradient descent |
# | 5 `conv2d_multi` | 20 | many channels in, many filters out |
# | 6 `pool2d` | 10 | smaller maps |
# | 7 in words | 10 | correlation or convolution? |
# | Stretch | 0 | patches · gradients · im2col · separable kernels |
#
# Loops are welcome. Some checks have hidden parts that try other inputs when your work is graded, so write for any shape. Stuck? `course.hint("conv2d")`. `PROFILE` (the cell
# below, or `course start 1 --profile full`) changes nothing this week: the only data are two photographs.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data; this week has one set only, two photographs
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np

from course import checks, datasets, plots, widgets

plots.style(**{"image.interpolation": "nearest"})

# %% [markdown] topics=["C3", "D3"] nbgrader={"grade": false, "grade_id": "idea-pixels", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## A picture is a table of numbers
#
# A photograph read from a file is an array of `uint8`: whole numbers from 0 to 255, indexed by row (downwards), column (to
# the right) and [channel](../../course/glossary.md). The row comes first: `photo[10, 200]` lies near the **top** edge, not
# near the left one.
#
# The third axis holds red, green and blue, in that order. (OpenCV reads blue, green, red. If a face looks blue, reverse the last
# axis with `[..., ::-1]`.)


# %% topics=["C3", "D3"] nbgrader={"grade": false, "grade_id": "photo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def half(image):
    """Half as many pixels along each axis, so that loops stay quick: the mean of each 2×2 block."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3)
    return blocks.mean(axis=(1, 3)).round().astype(np.uint8)


photo = half(datasets.load("photos").images["china"])
print(f"shape {photo.shape}, type {photo.dtype}, from {photo.min()} to {photo.max()}")
print("top left pixel (red, green, blue):", photo[0, 0])

# %% tags=["draw"] topics=["D3"] nbgrader={"grade": false, "grade_id": "photo-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The photograph, its histogram, and its three channels
fig, axes = plt.subplots(1, 5, figsize=(10, 2.2), layout="constrained")
axes[0].imshow(photo)
axes[0].set_title("the photograph")
for c, (name, color) in enumerate((("red", "#d55e00"), ("green", "#009e73"), ("blue", "#0072b2"))):
    axes[c + 1].imshow(photo[..., c], cmap="gray", vmin=0, vmax=255)
    axes[c + 1].set_title(f"channel {c}: {name}")
    axes[4].hist(photo[..., c].ravel(), bins=32, histtype="step", linewidth=1.8, color=color, label=name)
axes[4].set(title="pixels per value", xlabel="value", yticks=[])
axes[4].legend(loc="upper center", fontsize=9)
for ax in axes[:4]:
    ax.set(xticks=[], yticks=[])
plots.show(
    "A Chinese pavilion of several roofs under a pale sky, and its red, green and blue channels as grey pictures. The sky is "
    "bright in all three and brightest in blue: the histogram of blue has a peak near 255."
)

# %% [markdown] topics=["C8"] nbgrader={"grade": false, "grade_id": "idea-gray", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### From three numbers to one
#
# The mean of the three channels makes a grey picture that looks wrong, because equal amounts of red, green and blue light do not
# look equally bright. Television has long used these weights (luma, ITU-R Rec. 601):
#
# $$\text{grey} = 0.299\,R + 0.587\,G + 0.114\,B .$$
#
# Pure green, (0, 255, 0), becomes 149.7 and pure blue 29.1; the mean would make both 85.
#
# Then come *differences* of brightness. In the visual cortex of the cat, Hubel and Wiesel (1959, 1962) found cells that
# respond to an edge at one place and in one orientation, the simple cells. The kernels of this week do the same.

# %% topics=["C8"] nbgrader={"grade": false, "grade_id": "gray-photo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
LUMA = np.array([0.299, 0.587, 0.114])
gray_photo = photo @ LUMA
print("green and blue become", (np.array([[0, 255, 0], [0, 0, 255]]) @ LUMA).round(1))

# %% [markdown] topics=["B1", "D9", "C7"] nbgrader={"grade": false, "grade_id": "idea-local", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Local units, shared weights
#
# A dense layer gives every unit one weight per pixel. Its view is *global*, and what it has learned about a nose at one place
# does not help it at another. A convolution makes two assumptions instead.
#
# - **Locality.** What is at a place can be judged from its neighbourhood. A unit sees one 3×3 [patch](../../course/glossary.md),
#   its *local receptive field*, and nothing else. Stacked layers see more (next week).
# - **Sharing.** What is worth detecting here is worth detecting everywhere. All places of one output map use the same nine
#   weights. Different output maps have different weights; otherwise they would be equal.
#
# What sharing saves, for a 28×28 grey image, 3×3 patches and 32 maps (26×26 places, nine weights and a bias each):
#
# | | weights | grows with the image? |
# |---|---|---|
# | shared: (3·3·1 + 1)·32 | **320** | no |
# | not shared: 26·26·(3·3·1 + 1)·32 | **216,320** | yes, with its area |
# | dense onto 26·26·32 units: (28·28 + 1)·21,632 | **16,981,120** | yes, with its area squared |

# %% [markdown] topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "idea-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## A window that asks one question
#
# A [kernel](../../course/glossary.md) is a small table of weights. Lay it on a patch of the image, multiply pairwise and add
# up: the sum is the kernel's *response* at this place. Write it down, move one step to the right, and do the same again.
#
# On the 5×5 image of the lecture notes this course follows ("the notes" from here on), the first patch gives
# 3·0 + 3·1 + 2·2 + 0·2 + 0·2 + 1·0 + 3·0 + 1·1 + 2·2 = **12**.

# %% tags=["draw"] topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "lecture-numbers", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The notes' numbers, two drawing helpers, and the first window
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
    ax.imshow(values, cmap=cmap, vmin=low, vmax=high + (high - low) * 0.7 if cmap != "RdBu_r" else high)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=size, color="0.1")
    ax.set(title=title, xticks=[], yticks=[])


def draw_window(ax, row, column, height, width, color="#d55e00"):
    """Outline the window whose top left pixel is (row, column)."""
    ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=color, linewidth=2.5))


fig, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained", width_ratios=[5, 3.6, 3.6, 3.6])
draw_numbers(axes[0], lecture_image, "image, 5×5, and the first window")
draw_window(axes[0], 0, 0, 3, 3)
draw_numbers(axes[1], lecture_image[:3, :3], "the patch", low=0, high=3)
draw_numbers(axes[2], lecture_kernel, "× kernel, pairwise", cmap="Purples", high=4)
draw_numbers(axes[3], lecture_image[:3, :3] * lecture_kernel, "= products, sum 12", cmap="Oranges", high=7)
plots.show(
    "A 5×5 grid of numbers with its top left 3×3 window outlined; that patch; the kernel 0 1 2, 2 2 0, 0 1 2; and their "
    "products 0 3 4, 0 0 0, 0 1 4, which add up to 12."
)

# %% [markdown] topics=["D10", "D2"] nbgrader={"grade": false, "grade_id": "task-zero_pad", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `zero_pad` (5 points)
#
# Along five pixels there are three places for a window of three, so a 5×5 image shrinks to 3×3, and the pixels at its border
# are seen less often than those inside. [Padding](../../course/glossary.md) puts a frame of zeros around the image first: with $p = 1$ the
# 5×5 image becomes 7×7 and the result is 5×5 again. The padding $p$ is counted at **each of the four borders**: a side length
# of $n$ becomes $n + 2p$. An odd kernel of size $k$ keeps the size with $p = (k-1)/2$; an even one needs one zero more at one
# end than at the other.


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
# The notes' 5×5 grid, padded by one pixel
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
    hint="a side length of n becomes n + 2p",
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
    hint="the image is in the middle of a frame of zeros",
)
checks.true(isinstance(result, np.ndarray), "return a NumPy array, not a list", f"found a {type(result).__name__}")
checks.passed("the notes' grid, padded by one pixel", points=3)

# %% nbgrader={"grade": true, "grade_id": "zero_pad-any", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Other sizes and paddings
# When graded: rectangles, wider frames, colour images, p = 0, a negative p
import numpy as np

from course import checks

checks.shape(zero_pad(np.ones((2, 3)), 2), (6, 7), hint="a side length of n becomes n + 2p")
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
            "padding is counted per side: p before and p after": np.pad(x, [(a // 2, b - b // 2) for a, b in frame]),
            "padding goes on all four sides": np.pad(x, [(a + b, 0) for a, b in frame]),
            "pad with zeros: your frame repeats the pixels at the border": np.pad(x, frame, mode="edge"),
            "pad with zeros: your frame mirrors the image": np.pad(x, frame, mode="reflect"),
            "fractions are lost: keep x's number type": np.pad(x.astype(int), frame),
        },
        hint="n becomes n + 2p along rows and along columns, with zeros",
    )
checks.unchanged(zero_pad, rng.normal(size=(4, 5)), 1)
checks.raises(ValueError, lambda: zero_pad(np.ones((5, 5)), -1), hint="a negative padding")
### END HIDDEN TESTS
checks.passed(
    "a 2×3 image in a frame of two", points=2, later="rectangles, wider frames, colour images, p = 0, a negative p"
)

# %% [markdown] topics=["D2", "D7"] nbgrader={"grade": false, "grade_id": "idea-stride", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stride
#
# The [stride](../../course/glossary.md) is the step of the window. With stride 2 it visits every second place, along rows
# **and** columns, and a window that would stick out is left out. A side length of $n$ therefore gives
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# results. Seven padded pixels, kernel 3: stride 1 gives 5 of them, stride 2 gives 3. Six pixels, kernel 3, stride 2: 1.5
# rounded down, plus one, is 2.

# %% tags=["draw"] topics=["D2", "D10"] nbgrader={"grade": false, "grade_id": "padding-and-stride", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Where the window can be: padding 1, with stride 1 and stride 2
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
        side = round(len(centres) ** 0.5)
        ax.set_title(f"stride {step}: {side}×{side} window centres")
    plots.show(
        "A 5×5 grid in a frame of zeros. With stride 1 the centre of a 3×3 window can stand on all 25 pixels of the grid; "
        "with stride 2 on 9 of them, every second one in each direction."
    )

# %% [markdown] topics=["D1", "D12"] nbgrader={"grade": false, "grade_id": "task-conv2d", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `conv2d` (25 points)
#
# This is the complete operation for one channel: pad, slide, multiply, add up, add the [bias](../../course/glossary.md).
# The bias is **one** number for all windows, added once to each finished sum. On the notes' second example, with kernel
# `[[1,0,1],[0,1,0],[1,0,1]]` and bias 0, the first window gives 4; with bias −1.5 it gives 2.5.
#
# The formula that networks use is
#
# $$y_{ij} = b + \sum_{a=0}^{k_h-1} \sum_{c=0}^{k_w-1} x_{si+a,\; sj+c}\; w_{ac},$$
#
# where $x$ is the padded image, and the kernel is laid on it *as it is*, without turning it. This is
# [cross-correlation](../../course/glossary.md). Exercise 7 asks how it differs from what mathematicians call convolution.
#
# One trap: pixels are `uint8`, which counts modulo 256, so that 200 + 100 is 44. Compute in floats. The checks compare results
# to four digits.


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
# The notes' own numbers
import numpy as np

from course import checks

image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
kernel = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
result = checks.unchanged(conv2d, image, kernel)
checks.close(
    result,
    [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    unless={
        "your kernel is flipped: deep learning's convolution is cross-correlation": [
            [18, 20, 19],
            [10, 9, 17],
            [11, 8, 14],
        ],
        "rows and columns of the result are swapped": [[12, 10, 9], [12, 17, 6], [17, 19, 14]],
        "rows and columns of the kernel are swapped": [[17, 15, 20], [11, 13, 19], [8, 6, 12]],
        "the last window is left out: a side length of n has n - k + 1 places": [[12, 12], [10, 17]],
        "add the nine products up, do not average them": np.array([[12, 12, 17], [10, 17, 19], [9, 6, 14]]) / 9,
        "multiply pairwise, with *: @ and np.dot give the matrix product": [[49, 50, 51], [28, 36, 55], [31, 23, 40]],
        "multiply pairwise, with *: the matrix product is another thing": [[44, 48, 54], [34, 36, 54], [28, 18, 34]],
        "take the pixels as they are: no division by 255": np.array([[12, 12, 17], [10, 17, 19], [9, 6, 14]]) / 255,
        "take the weights as they are: no division by their sum": np.array([[12, 12, 17], [10, 17, 19], [9, 6, 14]])
        / 10,
        "without padding=… there is no padding: 5×5 becomes 3×3": [
            [6, 14, 17, 11, 3],
            [14, 12, 12, 17, 11],
            [8, 10, 17, 19, 13],
            [11, 9, 6, 14, 12],
            [6, 4, 4, 6, 4],
        ],
    },
    hint="multiply the window and the kernel pairwise, add up, write the sum at the window's place",
)
checks.true(isinstance(result, np.ndarray), "return a NumPy array, not a list", f"found a {type(result).__name__}")
checks.passed("the notes' nine sums", points=5)

# %% topics=["D12"] nbgrader={"grade": true, "grade_id": "conv2d-bias", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The notes' second example, with a bias
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
checks.passed("one bias, added once to every sum", points=4)

# %% nbgrader={"grade": true, "grade_id": "conv2d-stride-padding", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Stride, padding and bias together, in numbers
# When graded: other sizes, strides and paddings, compared with SciPy
import numpy as np

from course import checks

checks.shape(
    conv2d(np.ones((5, 5)), np.ones((3, 3)), padding=1),
    (5, 5),
    hint="a side length of n becomes n + 2p - k + 1",
    unless={
        "padding is counted per side, p to the left and p to the right, and the last window counts too": (4, 4),
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
image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
kernel = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
checks.close(
    conv2d(image, kernel, stride=2, padding=1, bias=0.5),
    [[6.5, 17.5, 3.5], [8.5, 17.5, 13.5], [6.5, 4.5, 4.5]],
    unless={
        "the bias is lost: add it to every result": [[6, 17, 3], [8, 17, 13], [6, 4, 4]],
        "the bias is added to the pixels: it belongs to the finished sum": [[11, 22, 8], [13, 22, 18], [11, 9, 9]],
        "pad with zeros: the bias belongs to the finished sum": [[9, 19, 6], [9.5, 17.5, 15.5], [9, 6, 7]],
        "your kernel is flipped: deep learning's convolution is cross-correlation": [
            [12.5, 7.5, 7.5],
            [10.5, 9.5, 19.5],
            [6.5, 0.5, 8.5],
        ],
        "padding is ignored": [[12.5, 17.5], [9.5, 14.5]],
        "the window moves by one pixel: it must move by stride pixels": [
            [6.5, 14.5, 17.5],
            [14.5, 12.5, 12.5],
            [8.5, 10.5, 17.5],
        ],
    },
    hint="pad with zeros, then move the window by stride pixels along both axes, then add the bias to each sum",
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


rng = np.random.default_rng(11)
for size, k, s, p in (((8, 8), (3, 3), 2, 1), ((7, 10), (3, 2), 3, 0), ((6, 9), (5, 4), 2, 2), ((9, 9), (2, 2), 4, 3)):
    x, w = rng.normal(size=size), rng.normal(size=k)
    every = correlate2d(np.pad(x, p), w)
    checks.close(
        conv2d(x, w, stride=s, padding=p),
        every[::s, ::s],
        unless={
            "stride is ignored: move the window by stride pixels": every,
            "the stride holds along rows and columns: yours moves one pixel to the right": every[::s],
            "the stride holds along rows and columns: yours moves one pixel down": every[:, ::s],
            "your kernel is flipped: deep learning's convolution is cross-correlation": correlate2d(
                np.pad(x, p), w[::-1, ::-1]
            )[::s, ::s],
            "padding is counted per side, and goes on all four": correlate2d(np.pad(x, ((2 * p, 0), (2 * p, 0))), w)[
                ::s, ::s
            ],
            "pad with zeros, not with the pixels at the border": correlate2d(np.pad(x, p, mode="edge"), w)[::s, ::s],
        },
        hint="pad first, then move by stride pixels; floor: a window that would stick out is left out",
        rtol=1e-4,
        atol=1e-4,
    )
checks.close(
    conv2d(x, w, 4, 3),
    every[::4, ::4],
    hint="the order of the arguments is image, kernel, stride, padding",
    rtol=1e-4,
    atol=1e-4,
)
### END HIDDEN TESTS
checks.passed(
    "stride 2, padding 1 and a bias on the notes' image",
    points=5,
    later="other sizes, strides and paddings, compared with SciPy",
)

# %% nbgrader={"grade": true, "grade_id": "conv2d-shapes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Rectangles, even and oblong kernels
# When graded: even and oblong kernels, a kernel as large as its image
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
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


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
    right = correlate2d(x, w)
    unless = {
        "your kernel is flipped: deep learning's convolution is cross-correlation": correlate2d(x, w[::-1, ::-1]),
        "your kernel is flipped along one axis": correlate2d(x, w[::-1]),
        "your kernel is flipped along its rows": correlate2d(x, w[:, ::-1]),
        "rows and columns of the result are swapped": right.T,
        "negative results are cut to 0: keep the sign": np.maximum(right, 0),
        "rows and columns of the kernel are swapped": correlate2d(x, w.T)
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
checks.passed(
    "a 4×7 image under a 2×3 kernel", points=4, later="even and oblong kernels, a kernel as large as its image"
)

# %% nbgrader={"grade": true, "grade_id": "conv2d-numbers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Number types
# When graded: bright uint8 pixels, negative results, results beyond 255, fractions
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
        "results are cut at 255: a response is not a pixel, keep it as it is": [[255, 255], [255, 255]],
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
checks.passed(
    "the shape for uint8 pixels", points=4, later="bright uint8 pixels, negative results, results beyond 255, fractions"
)

# %% nbgrader={"grade": true, "grade_id": "conv2d-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: impossible strides and paddings, and a kernel that only padding makes fit
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
checks.passed(
    "a kernel larger than the image is refused",
    points=3,
    later="impossible strides and paddings, and a kernel that only padding makes fit",
)

# %% tags=["draw"] topics=["D1", "D2"] nbgrader={"grade": false, "grade_id": "sliding-window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Move the window: its products, its sum, and your own result so far
with checks.waiting_for("conv2d"):
    widgets.sliding_window(lecture_image, lecture_kernel, conv2d)

# %% [markdown] topics=["D5"] nbgrader={"grade": false, "grade_id": "idea-zoo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## The kernel zoo
#
# The kernels below were designed by hand. Two properties tell you what a kernel does before you run it.
#
# - **Its sum.** On a patch of one constant value $v$, the response is $v$ times the sum of the weights. Sum 1 keeps the
#   brightness: blur, sharpen. Sum 0 gives *nothing* on a flat surface and responds only where something changes: edges.
# - **Its shape.** Among patches with the same sum of squares, the one proportional to the kernel has the largest response.
#   (The condition matters: with the notes' kernel a flat patch of threes scores 30, the kernel laid on itself 18.) So a
#   kernel that is negative on the left and positive on the right responds most where dark turns to bright from left to right.

# %% tags=["draw"] topics=["D5"] nbgrader={"grade": false, "grade_id": "kernel-zoo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Six kernels and their responses
zoo = {
    "Gaussian blur": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256,
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    "Laplacian": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "vertical edges": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    "45° lines": np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]),
}
with checks.waiting_for("conv2d"):
    fig, axes = plt.subplots(4, 3, figsize=(10, 8.8), layout="constrained", height_ratios=[1, 1.6, 1, 1.6])
    for number, (name, kernel_shown) in enumerate(zoo.items()):
        top, bottom = axes[number // 3 * 2, number % 3], axes[number // 3 * 2 + 1, number % 3]
        limit = np.abs(kernel_shown).max()
        top.imshow(kernel_shown, cmap="RdBu_r", vmin=-1.6 * limit, vmax=1.6 * limit)
        for (row, column), weight in np.ndenumerate(kernel_shown):
            text = f"{weight:g}" if limit >= 1 else f"{weight * 256:g}"
            top.text(column, row, text, ha="center", va="center", fontsize=9, color="0.1")
        unit = "" if limit >= 1 else " (in 1/256)"
        top.set(title=f"{name}{unit}, sum {kernel_shown.sum():g}", xticks=[], yticks=[])
        response = conv2d(gray_photo, kernel_shown)
        edges = kernel_shown.sum() == 0
        bottom.imshow(response, cmap="gray", vmin=-150 if edges else 0, vmax=150 if edges else 255)
        bottom.set_title("black −150, grey 0, white +150" if edges else "black 0, white 255", fontsize=9)
        bottom.set(xticks=[], yticks=[])
    plots.show(
        "Six kernels above their responses to the grey photograph. Blur softens it; sharpen makes edges crisper and the "
        "sky grainier; emboss looks like a relief; the Laplacian is grey except for thin edges; vertical edges shows the "
        "sides of columns; the last one shows lines that rise from left to right."
    )

# %% [markdown] topics=["D5", "D6", "C7"] nbgrader={"grade": false, "grade_id": "idea-equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Look again.** Sharpening made the sky noisier. Why? What would the Laplacian of the *blurred* picture show?
#
# <details><summary>Answer</summary>
#
# Sharpening amplifies the differences between a pixel and its four neighbours, and with them the grain of the sky: the
# variance of independent noise is multiplied by the sum of the squared weights, 25 + 4 = 29. Blurring first
# removes the grain, and the larger edges stay: the "Laplacian of Gaussian" (Marr and Hildreth, 1980).
#
# </details>
#
# **From edges to a dog.** Put these in the order in which a trained network's layers respond to them: *an eye with
# fur around it* · *a 45° line* · *a golden retriever* · *a curve, or two lines that meet* · *a nostril, a patch of fur*.
#
# <details><summary>Answer</summary>
#
# A 45° line → a curve, or two lines that meet → a nostril, a patch of fur → an eye with fur around it → a golden
# retriever (Zeiler and Fergus, 2014): features, patterns, parts, objects.
#
# </details>
#
# ## Shift the input, and the response shifts with it
#
# The weights are the same everywhere, so when a blob moves two rows down and five columns to the right, its response does too.
# That is [equivariance](../../course/glossary.md): $\text{conv}(\text{shift}(x)) = \text{shift}(\text{conv}(x))$.

# %% tags=["draw"] topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "equivariance", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A blob and its Laplacian, before and after a shift
with checks.waiting_for("conv2d"):
    here, there = np.zeros((14, 18)), np.zeros((14, 18))
    here[2:9, 2:9] = blob
    there[4:11, 7:14] = blob
    laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    answer_here, answer_there = conv2d(here, laplacian), conv2d(there, laplacian)
    fig, axes = plt.subplots(1, 4, figsize=(10, 2.5), layout="constrained")
    for ax, values, title in zip(
        axes,
        (here, answer_here, there, answer_there),
        ("the blob", "its Laplacian", "shifted by (2, 5)", "its Laplacian"),
        strict=True,
    ):
        limit = np.abs(values).max()
        shown = ax.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set(title=title, xticks=range(0, values.shape[1], 4), yticks=range(0, values.shape[0], 4))
    fig.colorbar(shown, ax=axes[3], label="response", shrink=0.75)
    difference = np.abs(np.roll(answer_here, (2, 5), (0, 1)) - answer_there).max()
    plots.show(
        "A blob near the top left and the ring-shaped response of the Laplacian to it; then the same blob two rows lower "
        "and five columns to the right, and the same response, moved by as much."
    )
    print("largest |conv(shift(x)) - shift(conv(x))|:", difference)
    print("maximum over all places, before and after:", answer_here.max(), answer_there.max())

# %% [markdown] topics=["C7", "E15", "D4", "C4"] nbgrader={"grade": false, "grade_id": "task-sobel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** The notes say: *"Shared weights make the network translation invariant."*
#
# <details><summary>Answer</summary>
#
# Invariant would mean that the response *stays the same* when the input moves. The map above moves along: shared weights give
# **equivariance**, except near the border, where zeros are padded. What stays the same in the printed lines is the
# *maximum over all places*: it forgets where, and that gives [invariance](../../course/glossary.md). Pooling over small
# windows gives it only approximately.
#
# </details>
#
# ## Edges and their direction
#
# Sobel's two kernels are differences along one axis, smoothed along the other:
#
# $$G_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix}, \qquad
# G_y = G_x^\top = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}.$$
#
# $G_x$ is a derivative **along x**: positive where the picture gets brighter to the right. So it responds to *vertical* edges,
# such as the side of a tower. $G_y$ is positive where it gets brighter downwards and responds to *horizontal* edges, such as
# the rim of a roof. The strength of an edge in any direction is the length of the vector $(g_x, g_y)$.
#
# On the notes' 7×7 blob, the first window of $G_x$ gives 1·0 + 2·18 + 1·64 − 0 = **100**. The whole first row is 100, 141, 0,
# −141, −100: rising, level, falling.
#
# ### Exercise 3 · `sobel_edges` (15 points)
#
# You may call your `conv2d`. Keep the signs: a falling edge is not a rising one. The checks compare to four digits.


# %% topics=["D4"] nbgrader={"grade": false, "grade_id": "sobel_edges", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sobel_edges(gray):
    """Sobel derivatives of a grey image, and the strength of its edges.

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
# A vertical and a horizontal edge
import numpy as np

from course import checks

vertical = np.array([[0, 0, 0, 10, 10, 10]] * 5)
result = sobel_edges(vertical)
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
        "gx and gy are swapped: gx is the derivative along x, it answers to vertical edges": np.zeros((3, 4)),
        "the sign of gx is turned: positive where it gets brighter to the right": [[0, -40, -40, 0]] * 3,
        "the results are scaled: use the weights 1, 2, 1 as they are": [[0, 10, 10, 0]] * 3,
        "the results are scaled by 1/8: use the weights 1, 2, 1 as they are": [[0, 5, 5, 0]] * 3,
        "the image is scaled to its maximum: use the pixels as they are": [[0, 4, 4, 0]] * 3,
        "smooth with the weights 1, 2, 1 along the edge": [[0, 30, 30, 0]] * 3,
    },
    hint="gx is 40 where the window straddles this edge and 0 elsewhere",
    what="gx",
)
checks.close(
    gy,
    np.zeros((3, 4)),
    unless={"return gx, gy, magnitude, in this order": [[0, 40, 40, 0]] * 3},
    hint="nothing changes downwards here, so gy is 0",
    what="gy",
)
horizontal = np.array([[9] * 4, [9] * 4, [0] * 4, [0] * 4])
gx, gy, magnitude = sobel_edges(horizontal)
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
    unless={"the root is missing: the magnitude is the length of (gx, gy)": np.full((2, 2), 36**2)},
    hint="the magnitude has no sign: it is the length of (gx, gy)",
    what="the magnitude",
)
checks.passed("a vertical and a horizontal edge", points=4)

# %% topics=["C4", "D4"] nbgrader={"grade": true, "grade_id": "sobel_edges-blob", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The notes' 7×7 blob
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
        "results are cut at 255: a response is not a pixel": np.clip(along_x, 0, 255),
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
        "magnitude is not |gx| + |gy|: it is the length of (gx, gy)": [200, 382, 318],
        "the root is missing: the magnitude is the length of (gx, gy)": [20000, 141**2 + 241**2, 318**2],
        "magnitude is not the mean of the two": [100, 191, 159],
    },
    hint="the magnitude is the length of the vector (gx, gy)",
    rtol=1e-4,
    what="the magnitude",
)
checks.passed("gx, gy and the magnitude of the notes' blob", points=5)

# %% nbgrader={"grade": true, "grade_id": "sobel_edges-random", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Rectangles
# When graded: rectangles of random pixels, compared with SciPy
import numpy as np

from course import checks

checks.shape(sobel_edges(np.ones((4, 6)))[0], (2, 4), hint="no padding: height and width shrink by 2", what="gx")
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate1d

rng = np.random.default_rng(21)
for size in ((6, 9), (3, 8), (10, 3)):
    x = rng.normal(size=size)
    right_x = correlate1d(correlate1d(x, [-1, 0, 1], axis=1), [1, 2, 1], axis=0)[1:-1, 1:-1]
    right_y = correlate1d(correlate1d(x, [-1, 0, 1], axis=0), [1, 2, 1], axis=1)[1:-1, 1:-1]
    gx, gy, magnitude = sobel_edges(x)
    checks.shape(gx, right_x.shape, hint="no padding: height and width shrink by 2", what="gx")
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
            "magnitude is not |gx| + |gy|: it is the length of (gx, gy)": np.abs(right_x) + np.abs(right_y),
            "magnitude is not scaled to its maximum": np.hypot(right_x, right_y) / np.hypot(right_x, right_y).max(),
        },
        hint="the magnitude is the length of the vector (gx, gy)",
        what="the magnitude",
        **close,
    )
### END HIDDEN TESTS
checks.passed("the shape for a 4×6 image", points=3, later="rectangles of random pixels, compared with SciPy")

# %% nbgrader={"grade": true, "grade_id": "sobel_edges-numbers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Number types and images that must be refused
# When graded: uint8 pixels, strong edges, a colour image, an image that is too small
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
        "results are cut to 0…255: a response is not a pixel": [[0, 0, 255]] * 2,
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
    unless={"results are cut to 0…255: a response is not a pixel": [[255, 255, 255]] * 2},
    hint="the magnitude is the length of (gx, gy), not clipped",
    what="the magnitude",
)
rng = np.random.default_rng(22)
checks.unchanged(sobel_edges, rng.normal(size=(5, 6)))
checks.raises(
    ValueError, lambda: sobel_edges(np.ones((6, 6, 3))), hint="a colour image: it has three axes, a gray one has two"
)
checks.raises(ValueError, lambda: sobel_edges(np.ones((2, 6))), hint="an image smaller than 3×3")
checks.raises(ValueError, lambda: sobel_edges(np.ones((6, 2))), hint="an image smaller than 3×3, in width")
checks.raises(
    ValueError, lambda: sobel_edges(np.ones(9)), hint="a row of pixels: it has one axis, a gray image has two"
)
### END HIDDEN TESTS
checks.passed(
    "a black image has no edges",
    points=3,
    later="uint8 pixels, strong edges, a colour image, an image that is too small",
)

# %% tags=["draw"] topics=["D4", "C4", "E2"] nbgrader={"grade": false, "grade_id": "sobel-panel", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Sobel on the photograph and on the blob
with checks.waiting_for("conv2d", "sobel_edges"):
    gx_photo, gy_photo, strength = sobel_edges(gray_photo)
    gx_blob, gy_blob, strength_blob = sobel_edges(blob)
    fig, axes = plt.subplots(2, 4, figsize=(10, 4.8), layout="constrained")
    axes[0, 0].imshow(gray_photo, cmap="gray")
    axes[0, 0].set_title("grey photograph")
    for ax, values, title in (
        (axes[0, 1], gx_photo, "gx: vertical edges"),
        (axes[0, 2], gy_photo, "gy: horizontal edges"),
    ):
        ax.imshow(values, cmap="RdBu_r", vmin=-500, vmax=500)
        ax.set_title(title)
    axes[0, 3].imshow(strength, cmap="cividis", vmin=0, vmax=600)
    axes[0, 3].set_title("magnitude: all edges")
    for ax in axes[0]:
        ax.set(xticks=[], yticks=[])
    draw_numbers(axes[1, 0], blob, "the notes' 7×7 blob", cmap="Greys", low=0, high=180)
    draw_numbers(axes[1, 1], gx_blob, "gx of the blob", cmap="RdBu_r", low=-500, high=500)
    draw_numbers(axes[1, 2], gy_blob, "gy of the blob", cmap="RdBu_r", low=-500, high=500)
    draw_numbers(axes[1, 3], np.round(strength_blob), "magnitude, rounded", cmap="Oranges", low=0, high=600)
    plots.show(
        "gx of the photograph shows the sides of columns, red where it gets brighter to the right and blue where it gets "
        "darker; gy shows the rims of the roofs; the magnitude shows both. Below, the same for the blob: gx is positive on "
        "its left half and negative on its right half, gy positive above and negative below."
    )
    lost = 1 - np.clip(gx_photo, 0, 255).sum() / np.abs(gx_photo).sum()
    print(f"of gx as uint8, clipped to 0…255, {lost:.0%} of the response would be lost")

# %% [markdown] topics=["D4", "E1", "E2", "G3", "D5"] nbgrader={"grade": false, "grade_id": "task-learn", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here? (1)** In the notes the picture filtered with `[[-1,0,1],[-2,0,2],[-1,0,1]]` has the title
# "Sobel Y", and the other one "Sobel X". How can you tell from the pictures alone?
#
# <details><summary>Answer</summary>
#
# The titles are swapped. That kernel is a derivative along x: it gives nothing along a horizontal edge and responds to
# vertical ones, such as the sides of the towers. Where the rims of the roofs shine, the title should be "Sobel Y".
#
# </details>
#
# **What is wrong here? (2)** The notes compute the edges of a `uint8` picture with `cv2.filter2D(gray, -1, sobel_x)`. The
# `-1` asks for a result of the same number type as the input. Which edges are missing in the result?
#
# <details><summary>Answer</summary>
#
# All that get *darker* to the right. `uint8` holds no negative number, and `filter2D` clips to 0…255: the blob's row
# 100, 141, 0, −141, −100 becomes 100, 141, 0, 0, 0. Strong rising edges are cut at 255 as well: on the photograph, half
# of the response is lost (printed above). Ask for floats (`cv2.CV_64F`), and clip only when you draw.
#
# </details>
#
# ## A kernel that is learned
#
# Nobody designs the kernels of a network: gradient descent finds them. Here it has one kernel to find, from pairs of images:
# an input $x$, and the target $t$ that an unknown kernel made of it.
#
# Begin with a kernel of zeros. Predict every target with `conv2d` (stride 1, no padding, no bias). The error is
# $e = \text{prediction} - t$; the loss is the mean of $e^2$ over all $n$ values of all targets. The weight $w_{ac}$ meets pixel
# $x_{i+a,\,j+c}$ in window $(i, j)$, so
#
# $$\frac{\partial L}{\partial w_{ac}} = \frac{2}{n} \sum_{\text{pairs}} \sum_{ij} e_{ij}\; x_{i+a,\;j+c} .$$
#
# Then step downhill, $w \leftarrow w - \text{rate} \cdot \partial L / \partial w$, all weights at once, and repeat.
#
# ### Exercise 4 · `learn_kernel` (15 points)
#
# The checks compare kernels and losses to four digits. On two noise images of 24×24, ten steps at a rate of 0.4 must bring
# every weight to within 0.01 of Sobel's, and the loss below a thousandth of its first value.


# %% topics=["G3"] nbgrader={"grade": false, "grade_id": "learn_kernel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learn_kernel(pairs, k, rate, steps):
    """Find the k×k kernel that turns each image into its target, by gradient descent on the mean squared error.

    pairs: list of (image, target), float arrays of shapes (H, W) and (H - k + 1, W - k + 1), stride 1, no padding; H and W may
    differ from pair to pair.
    k: side length of the kernel, an int >= 1; rate: the learning rate; steps: number of steps, an int >= 0.
    The kernel starts at zero. The loss is the mean over all values of all targets; every step uses all pairs.
    Returns (kernel, losses): an array (k, k), and a list of steps + 1 numbers, the loss before the first step and after each
    step. The inputs stay as they are.
    Raises ValueError when pairs is empty, and when a target does not have the shape that its image asks for.
    """
    ### BEGIN SOLUTION
    if not pairs:
        raise ValueError("there is nothing to learn from")
    for image, target in pairs:
        if target.shape != (image.shape[0] - k + 1, image.shape[1] - k + 1):
            raise ValueError(f"a {k}×{k} kernel does not make {target.shape} of {image.shape}")
    kernel, losses = np.zeros((k, k)), []
    count = sum(target.size for _, target in pairs)
    for step in range(steps + 1):
        errors = [conv2d(image, kernel) - target for image, target in pairs]
        losses.append(sum(np.sum(error**2) for error in errors) / count)
        if step < steps:
            gradient = sum(conv2d(image, error) for (image, _), error in zip(pairs, errors, strict=True)) * 2 / count
            kernel = kernel - rate * gradient
    return kernel, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "learn_kernel-by-hand", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# Two steps on one pair, small enough to follow by hand
import numpy as np

from course import checks

image = np.array([[1.0, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]])
target = np.array([[1.0, -2, 0], [0, 1, 3]])
result = checks.unchanged(learn_kernel, [(image, target)], 2, 0.1, 1)
checks.true(
    isinstance(result, (tuple, list)) and len(result) == 2,
    "return two things: the kernel and the list of losses",
    f"found a {type(result).__name__}",
)
kernel, losses = result
checks.true(np.ndim(kernel) != 1 or np.size(kernel) == 4, "return the kernel first, then the losses")
first = np.array([[7.0, -3], [-5, 4]]) / 30
checks.close(
    kernel,
    first,
    unless={
        "downhill: subtract the gradient, do not add it": -first,
        "the square's derivative has a factor of 2, and n counts the target's values": first / 2,
        "the loss is a mean: divide the gradient by the number of values": first * 6,
        "the loss is a mean over values, not over pairs": first * 6,
        "rows and columns of the kernel are swapped": first.T,
        "the gradient is flipped: weight (a, c) meets pixel (i + a, j + c)": first[::-1, ::-1],
        "no step was taken: one step was asked for": np.zeros((2, 2)),
        "one step too many": [[0.3766667, -0.1333333], [-0.2644444, 0.2266667]],
    },
    hint="after one step from zero: -rate · gradient, with the error -target",
    rtol=1e-4,
    what="the kernel after one step",
)
checks.close(
    losses,
    [2.5, 1.6224074],
    unless={
        "the loss before the first step is the first entry": [1.6224074],
        "the loss after the last step is missing": [2.5],
        "the loss is a mean: divide by the number of values": [15, 9.7344444],
        "one loss too many: steps + 1 numbers": [2.5, 1.6224074, 1.2999290],
        "the loss is the mean of e², not half of it": [1.25, 0.8112037],
        "the loss is the mean of e², without a root": [1.5811388, 1.2737376],
        "the loss is the mean of e², not of |e|": [1.1666667, 0.95],
    },
    hint="the loss before the step, then after it: steps + 1 numbers",
    rtol=1e-4,
    what="the losses",
)
kernel, losses = learn_kernel([(image, target)], 2, 0.1, 2)
checks.close(
    kernel,
    [[0.3766667, -0.1333333], [-0.2644444, 0.2266667]],
    unless={"the second step must start from the errors that the first one left": 2 * first},
    hint="predict anew before every step",
    rtol=1e-4,
    what="the kernel after two steps",
)
checks.passed("one and two steps by hand", points=5)

# %% nbgrader={"grade": true, "grade_id": "learn_kernel-sobel", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Ten steps find Sobel's kernel
import numpy as np

from course import checks

rng = np.random.default_rng(1968)
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
pairs = []
for _ in range(2):
    image = rng.normal(size=(24, 24))
    change = image[:, 2:] - image[:, :-2]
    pairs.append((image, change[:-2] + 2 * change[1:-1] + change[2:]))
kernel, losses = learn_kernel(pairs, 3, 0.4, 10)
checks.close(
    kernel,
    sobel_x,
    unless={
        "the kernel found is turned by 180°: the gradient uses x[i + a, j + c], as the prediction does": -sobel_x,
        "the kernel found is transposed": sobel_x.T,
    },
    hint="ten steps at a rate of 0.4 must bring every weight to within 0.01",
    rtol=0,
    atol=0.01,
    what="the kernel",
)
checks.true(
    len(losses) == 11 and bool(losses[-1] < losses[0] / 1000), "the loss must fall below a thousandth within ten steps"
)
checks.passed("ten steps find Sobel's kernel", points=4)

# %% nbgrader={"grade": true, "grade_id": "learn_kernel-any", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Several pairs, and what must be refused
# When graded: pairs of different sizes, other side lengths and rates, wrong shapes
import numpy as np

from course import checks

checks.raises(ValueError, lambda: learn_kernel([], 3, 0.1, 5), hint="no pairs at all")
checks.shape(
    learn_kernel([(np.ones((5, 6)), np.ones((3, 4)))], 3, 0.1, 0)[0],
    (3, 3),
    hint="the kernel is k×k",
    what="the kernel",
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


rng = np.random.default_rng(19)


def descend(pairs, k, rate, steps, share=None):
    """The right answer; share: the weight of each pair in the loss, by default its share of all values."""
    count = sum(target.size for _, target in pairs)
    kernel, losses = np.zeros((k, k)), []
    for _ in range(steps + 1):
        gradient, loss = np.zeros((k, k)), 0.0
        for image, target in pairs:
            error = correlate2d(image, kernel) - target
            weight = 1 / count if share is None else share / target.size
            gradient += 2 * weight * correlate2d(image, error)
            loss += weight * np.sum(error**2)
        losses.append(loss)
        last, kernel = kernel, kernel - rate * gradient
    return last, losses


for sizes, k, rate, steps in (
    (((6, 9), (12, 5)), 3, 0.05, 4),
    (((5, 5),), 1, 0.2, 3),
    (((4, 8), (9, 4), (7, 7)), 4, 0.1, 6),
    (((8, 6), (3, 3)), 2, 0.1, 0),
):
    pairs = [(rng.normal(size=size), rng.normal(size=(size[0] - k + 1, size[1] - k + 1))) for size in sizes]
    right, right_losses = descend(pairs, k, rate, steps)
    kernel, losses = checks.unchanged(learn_kernel, pairs, k, rate, steps)
    checks.close(
        kernel,
        right,
        unless={
            "all pairs count in every step, not only the first": descend(pairs[:1], k, rate, steps)[0],
            "all pairs count in every step, not only the last": descend(pairs[-1:], k, rate, steps)[0],
            "every value counts alike: the mean is over all values of all targets, not a mean of the pairs' means": descend(
                pairs, k, rate, steps, 1 / len(pairs)
            )[0],
            "divide by the number of values of all targets, not pair by pair": descend(pairs, k, rate, steps, 1)[0],
        },
        hint="the gradient adds up over all windows of all pairs and is divided by the number of all target values",
        rtol=1e-4,
        atol=1e-5,
        what="the kernel",
    )
    checks.close(
        losses,
        right_losses,
        unless={
            "the mean is over all values of all targets, not a mean of the pairs' means": descend(
                pairs, k, rate, steps, 1 / len(pairs)
            )[1],
        },
        hint="losses: the mean over all values of all targets, before the first step and after each",
        rtol=1e-4,
        atol=1e-5,
        what="the losses",
    )
image, target = rng.normal(size=(6, 6)), rng.normal(size=(4, 4))
(kernel, losses), (right, right_losses) = (
    learn_kernel([(image, target)], 3, 2.0, 3),
    descend([(image, target)], 3, 2.0, 3),
)
steep = (
    "take every step that is asked for and return the last kernel, also when the rate is so large that the loss rises"
)
checks.true(len(losses) == 4, steep, f"expected 4 losses, found {len(losses)}")
checks.close(kernel, right, hint=steep, rtol=1e-4, what="the kernel")
checks.close(losses, right_losses, hint=steep, rtol=1e-4, what="the losses")
checks.raises(ValueError, lambda: learn_kernel([(image, target)], 2, 0.1, 1), hint="a target too small for its image")
checks.raises(
    ValueError,
    lambda: learn_kernel([(image, target), (image, image)], 3, 0.1, 1),
    hint="a second target that is too large",
)
checks.raises(
    ValueError, lambda: learn_kernel([(image, target[:1])], 3, 0.1, 1), hint="a target of one row for an image of six"
)
checks.raises(
    ValueError, lambda: learn_kernel([(image, image[:4])], 3, 0.1, 1), hint="a target of the right height, but too wide"
)
### END HIDDEN TESTS
checks.passed(
    "an empty list is refused, no step gives zeros",
    points=6,
    later="pairs of different sizes, other side lengths, rates that are too large, no step at all, wrong shapes",
)

# %% topics=["G3", "D5"] nbgrader={"grade": false, "grade_id": "learn-pairs", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Three things to learn from: noise, the photograph, and noise filtered with a kernel that was turned by 180°
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
with checks.waiting_for("conv2d", "learn_kernel"):
    noise = np.random.default_rng(SEED).normal(size=(40, 40))
    scene = (gray_photo - gray_photo.mean()) / gray_photo.std()
    runs = {
        "noise": (noise, sobel_x, 0.4),
        "photograph": (scene, sobel_x, 0.1),
        "noise, turned kernel": (noise, sobel_x[::-1, ::-1], 0.4),
    }
    found = {
        name: learn_kernel([(image, conv2d(image, kernel))], 3, rate, 10)
        for name, (image, kernel, rate) in runs.items()
    }
    for name, (kernel, losses) in found.items():
        print(f"{name}: loss {losses[0]:.3g} → {losses[-1]:.3g} in ten steps, first row {kernel[0].round(2)}")

# %% tags=["draw"] topics=["G3", "D5"] nbgrader={"grade": false, "grade_id": "learn-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The kernel after each step, and the loss
with checks.waiting_for("conv2d", "learn_kernel"):
    fig, axes = plt.subplots(1, 6, figsize=(10, 2.6), layout="constrained", width_ratios=[1, 1, 1, 1, 1, 2])
    pair = [(noise, conv2d(noise, sobel_x))]
    for ax, taken in zip(axes, (0, 1, 2, 10), strict=False):
        values = learn_kernel(pair, 3, 0.4, taken)[0].round(2) + 0.0
        draw_numbers(ax, values, f"after {taken} step{'s' * (taken != 1)}", cmap="RdBu_r", low=-4, high=4)
    draw_numbers(axes[4], sobel_x, "Sobel", cmap="RdBu_r", low=-4, high=4)
    looks = (("o-", "#0072b2"), ("s--", "#d55e00"), ("x", "C7"))
    for (name, (_, losses)), (style, color) in zip(found.items(), looks, strict=True):
        axes[5].semilogy(np.array(losses) / losses[0], style, color=color, markersize=5, label=name)
    axes[5].set(title="loss, relative to the first", xlabel="steps")
    axes[5].legend(fontsize=9)
    plots.show(
        "The learned kernel on noise: zeros, then about three quarters of Sobel's weights after one step, most of them after two, "
        "and Sobel's kernel after ten. The loss falls by many orders of magnitude on noise, for both kernels alike; on the "
        "photograph it falls by a third only."
    )

# %% [markdown] topics=["G3", "D5", "D8", "D2", "G12", "A9"] nbgrader={"grade": false, "grade_id": "idea-multi", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **Look at the three losses.** Why is noise the better teacher, and what do you make of the turned kernel?
#
# <details><summary>Answer</summary>
#
# Neighbouring pixels of a photograph are nearly equal. Add to one weight and take as much from its neighbour, and the prediction
# hardly changes: in that direction the loss is almost flat. Raise all weights together, and it changes much: that direction is
# over 300 times as curved. The rate has to suit the steep one, so progress along the flat ones is slow: a hundred steps leave
# 2 % of the loss. In noise all directions are nearly alike. Weeks 6 and 9 come back to this.
#
# The turned kernel is found just as fast: keep that for exercise 7.
#
# </details>
#
# ## Many channels in, many filters out
#
# A colour image has three channels, and later layers read 32 or 512. A filter is then a small *block*: a kernel of its own for
# each input channel. Each kernel slides over its channel, and the responses are **added up** (the notes call this feature
# accumulation), plus one bias. A filter gives *one* map, however many channels it reads. One map shows one kind of
# feature (teeth, whiskers, a tongue), so a layer holds $K$ filters, and each patch becomes $K$ numbers.
#
# All weights of a layer fit into one array of shape $(k_h, k_w, C, K)$, the order that Keras uses:
#
# $$y_{ijk} = b_k + \sum_{a} \sum_{c} \sum_{d=0}^{C-1} x_{si+a,\; sj+c,\; d}\; w_{acdk}.$$
#
# - **1×1×C.** A 1×1 kernel looks at one place and mixes its channels. The grey formula *is* a 1×1 convolution, with $w$ of shape
#   (1, 1, 3, 1): on a 6×6 colour image, one step of it reads a 1×1×3 column and writes one number.
# - **78×78×3.** A 7×7 kernel leaves 72×72, a 5×5 kernel 74×74, a 3×3 kernel 76×76, whatever the number of filters.

# %% tags=["draw"] topics=["D8"] nbgrader={"grade": false, "grade_id": "filter-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One filter over three channels: three responses, added up, plus a bias
colours = np.array(
    [
        [[1, 0, 2, 1, 0], [0, 2, 1, 0, 1], [3, 1, 0, 2, 0], [0, 1, 1, 0, 2], [2, 0, 1, 3, 0]],
        [[0, 1, 1, 0, 2], [2, 0, 0, 1, 1], [0, 3, 1, 0, 0], [1, 0, 2, 1, 0], [0, 1, 0, 0, 3]],
        [[2, 1, 0, 0, 1], [0, 0, 1, 2, 0], [1, 2, 0, 0, 3], [0, 1, 0, 1, 1], [1, 0, 2, 0, 0]],
    ]
)
block = np.array(
    [[[1, 0, -1], [1, 0, -1], [1, 0, -1]], [[0, 1, 0], [0, 2, 0], [0, 1, 0]], [[0, 0, 0], [-1, 1, 0], [0, 0, 0]]]
)
with checks.waiting_for("conv2d"):
    responses = [conv2d(colours[c], block[c]) for c in range(3)]
    fig = plt.figure(figsize=(9, 5.6), layout="constrained")
    grid = fig.add_gridspec(3, 4, width_ratios=[5, 3.5, 3.5, 4])
    for c, (name, cmap) in enumerate((("red", "Reds"), ("green", "Greens"), ("blue", "Blues"))):
        ax = [fig.add_subplot(grid[c, column]) for column in range(3)]
        draw_numbers(ax[0], colours[c], f"channel {c}: {name}", cmap=cmap, low=0, high=4)
        draw_window(ax[0], 0, 0, 3, 3)
        draw_numbers(ax[1], block[c], f"its kernel w[:, :, {c}, k]", cmap="Purples", low=-2, high=4)
        draw_numbers(ax[2], responses[c], "its response", cmap="Oranges", low=-6, high=12)
        draw_window(ax[2], 0, 0, 1, 1)
    result = fig.add_subplot(grid[1, 3])
    draw_numbers(
        result, sum(responses) + 0.5, "all three added up,\nplus the bias 0.5", cmap="Oranges", low=-6, high=20
    )
    draw_window(result, 0, 0, 1, 1)
    first = " + ".join(f"{response[0, 0]:g}" for response in responses).replace("+ -", "− ")
    plots.show(
        "Three rows for red, green and blue: a 5×5 channel with its first 3×3 window outlined, the kernel for this channel, "
        "and its 3×3 response. On the right the one map that the filter gives: at each place the sum of the three "
        "responses plus 0.5."
    )
    print(f"first place: {first} + 0.5 = {sum(responses)[0, 0] + 0.5:g}")

# %% tags=["draw"] topics=["D8"] nbgrader={"grade": false, "grade_id": "filter-widget", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The same filter, window by window
widgets.filter_over_channels(np.moveaxis(colours, 0, -1), np.moveaxis(block, 0, -1), 0.5)

# %% [markdown] topics=["D8", "G12"] nbgrader={"grade": false, "grade_id": "task-multi", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `conv2d_multi` (20 points)
#
# You may call your `conv2d`, once for each pair of an input channel and a filter, or slide a block. The checks compare to four
# digits.


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
# The grey formula as a 1×1 convolution
import numpy as np

from course import checks

pixels = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
weights = np.array([0.299, 0.587, 0.114]).reshape(1, 1, 3, 1)
gray = conv2d_multi(pixels, weights, np.zeros(1))
checks.true(not isinstance(gray, (list, tuple)), "return a NumPy array, not a list of maps")
checks.shape(
    gray,
    (2, 2, 1),
    hint="one filter gives one map: (H, W, 1)",
    unless={
        "keep the last axis, also when there is one filter only": (2, 2),
        "a filter adds up its channels: it gives one map, not one for each input channel": (2, 2, 3),
        "channels come last: (H, W, K)": (1, 2, 2),
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
checks.passed("the grey formula as a 1×1 convolution", points=4)

# %% topics=["D8"] nbgrader={"grade": true, "grade_id": "conv2d_multi-count", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# All pixels and weights 1: every result counts the weights
import numpy as np

from course import checks

biases = np.arange(1, 9) * 100.0
result = conv2d_multi(np.ones((7, 9, 3)), np.ones((3, 3, 3, 8)), biases)
checks.shape(
    result,
    (5, 7, 8),
    hint="(H - kh + 1, W - kw + 1, K): the depth of the output is the number of filters",
    unless={
        "channels come last: (H, W, K)": (8, 5, 7),
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
        "add up over the channels, do not average": np.zeros((5, 7, 8)) + 9 + biases / 3,
        "start every filter's sum anew: yours goes on from the filter before": np.zeros((5, 7, 8))
        + 27 * np.arange(1, 9)
        + biases,
    },
    hint="27 weights of 1 on pixels of 1, plus the bias of the filter",
)
checks.passed("27 weights per filter, and a bias each", points=3)

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-random", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# Other images and filters
# When graded: random images and filters, compared with SciPy
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
        "channels come last: (H, W, K)": right.transpose(2, 0, 1),
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
    conv2d_multi(np.full((3, 3, 2), 200, dtype=np.uint8), np.ones((2, 2, 2, 1), dtype=np.uint8), np.array([0.5])),
    np.full((2, 2, 1), 1600.5),
    unless={"keep the last axis, also when there is one filter only": np.full((2, 2), 1600.5)},
    hint="uint8 overflows at 255: compute in floats",
)
### END HIDDEN TESTS
checks.passed("the shape for six filters", points=6, later="random images and filters, compared with SciPy")

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-stride-padding", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Two channels, two filters, stride 2, padding 1, in numbers
# When graded: other strides and paddings, on rectangles
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
    hint="a side length of n becomes (n + 2p - k) // s + 1",
)
image = np.array([[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]], [[7, 70], [8, 80], [9, 90]]])
filters = np.zeros((2, 2, 2, 2))
filters[..., 0, 0] = [[1, 2], [3, 4]]
filters[..., 1, 0] = [[0, 1], [0, 0]]
filters[..., 1, 1] = [[1, 0], [0, -1]]
biases = np.array([0.5, -1])
sums = np.array([[[4.0, -10], [18, -30]], [[76, -70], [137, -40]]])
checks.close(
    conv2d_multi(image, filters, biases, stride=2, padding=1),
    sums + biases,
    unless={
        "the bias is lost: each filter has one": sums,
        "the bias is added once to each sum, not once per input channel": sums + 2 * biases,
        "each filter has a bias of its own": sums + 0.5,
        "the weights' order is (kh, kw, C, K): input channels third, filters last": [
            [[4.5, -11], [18.5, -31]],
            [[36.5, -67], [77.5, -35]],
        ],
        "your kernel is flipped: deep learning's convolution is cross-correlation": [
            [[1.5, 9], [27.5, 29]],
            [[19.5, 69], [143.5, 39]],
        ],
        "each filter has kernels of its own: yours uses those of the first one for all": sums[..., :1] + biases,
        "each channel has a kernel of its own: yours uses that of the first channel for all": [
            [[44.5, -1], [198.5, -1]],
            [[396.5, -1], [847.5, -1]],
        ],
        "add the responses up, not the channels: each channel has a kernel of its own": [
            [[44.5, -12], [198.5, -34]],
            [[440.5, -78], [913.5, -45]],
        ],
        "stack the maps along the last axis: a reshape mixes their places": [
            [[4.5, 18.5], [76.5, 137.5]],
            [[-11, -31], [-71, -41]],
        ],
        "negative results are cut to 0: keep the sign": np.maximum(sums + biases, 0),
    },
    hint="for each filter: correlate every channel with its own kernel, add up over channels, add the filter's bias",
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


rng = np.random.default_rng(43)
for size, k, s, p in (((7, 9), (3, 3), 2, 1), ((8, 5), (2, 3), 3, 2), ((6, 6), (5, 5), 1, 2)):
    x, w, b = rng.normal(size=(*size, 2)), rng.normal(size=(*k, 2, 3)), rng.normal(size=3)
    padded = np.pad(x, ((p, p), (p, p), (0, 0)))
    planes = np.array([[correlate2d(padded[..., c], w[..., c, f]) for c in range(2)] for f in range(3)])
    every = np.moveaxis(planes.sum(axis=1), 0, -1) + b
    bare = (
        np.moveaxis(
            np.array([[correlate2d(x[..., c], w[..., c, f]) for c in range(2)] for f in range(3)]).sum(axis=1),
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
checks.passed(
    "two channels, two filters, stride 2 and padding 1", points=4, later="other strides and paddings, on rectangles"
)

# %% nbgrader={"grade": true, "grade_id": "conv2d_multi-errors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: wrong numbers of biases, large kernels, impossible strides and paddings
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
checks.raises(
    ValueError, lambda: conv2d_multi(np.ones((5, 5, 2)), np.ones((3, 3, 2, 4)), np.zeros(5)), hint="too many biases"
)
checks.raises(
    ValueError,
    lambda: conv2d_multi(np.ones((5, 2, 2)), np.ones((3, 3, 2, 4)), np.zeros(4)),
    hint="a kernel wider than the image",
)
checks.raises(
    ValueError,
    lambda: conv2d_multi(np.ones((7, 7, 2)), np.ones((3, 3, 2, 4)), np.zeros(4), padding=-1),
    hint="a negative padding",
)
### END HIDDEN TESTS
checks.passed(
    "an image and filters that disagree are refused",
    points=3,
    later="wrong numbers of biases, large kernels, impossible strides and paddings",
)

# %% tags=["draw"] topics=["D8", "D2", "A9"] nbgrader={"grade": false, "grade_id": "colour-filters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Three filters over a colour image: three maps
with checks.waiting_for("conv2d_multi"):
    part = photo[40:196, 60:260].astype(float)
    edge = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    filters = np.zeros((3, 3, 3, 3))
    filters[..., 0] = edge[..., None] * LUMA
    filters[..., 1] = edge.T[..., None] * LUMA
    filters[1, 1, :, 2] = [1.0, -0.5, -0.5]
    maps = conv2d_multi(part, filters, np.zeros(3))
    fig, axes = plt.subplots(1, 4, figsize=(10, 2.4), layout="constrained")
    axes[0].imshow(part.astype(np.uint8))
    axes[0].set_title(f"in: {part.shape[0]}×{part.shape[1]}×3")
    for k, (name, limit) in enumerate((("vertical edges", 400), ("horizontal edges", 400), ("redder than grey", 80))):
        shown = axes[k + 1].imshow(maps[..., k], cmap="PuOr_r", vmin=-limit, vmax=limit)
        axes[k + 1].set_title(f"map {k}: {name}")
        fig.colorbar(shown, ax=axes[k + 1], label="response" if k == 2 else None, shrink=0.75)
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    plots.show(
        "A part of the colour photograph and the three maps that three filters make of it: vertical edges, horizontal "
        "edges, and where the picture is redder than grey, above all the painted columns and window frames."
    )
    for k in (7, 5, 3):
        out = conv2d_multi(np.zeros((78, 78, 3)), np.zeros((k, k, 3, 2)), np.zeros(2))
        print(f"78×78×3 through two {k}×{k} filters: {out.shape}")

# %% [markdown] topics=["D13", "E13", "A5", "A6", "D14"] nbgrader={"grade": false, "grade_id": "task-pool", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **What is wrong here?** The notes set the stride as `strides=[1, 2, 2, 1]`. Which four numbers are these, and what does one
# write in Keras?
#
# <details><summary>Answer</summary>
#
# The steps along the axes of a batch: batch, height, width, channels. TensorFlow's `tf.nn.conv2d` takes them so, with 1 as the
# first and the last: nobody skips images or channels. Keras asks for the two that matter, `keras.layers.Conv2D(32, 3, strides=(2, 2))`, or just `strides=2`.
#
# </details>
#
# ## Pooling: keep the largest
#
# That an edge exists often matters more than exactly where. *Max [pooling](../../course/glossary.md)* takes windows of the map
# and keeps the largest value of each: of `[[9,1,2],[4,5,6],[7,8,0]]`, one 3×3 window, it keeps **9**. There are no weights to
# learn, each channel is pooled separately, and the usual stride is the size of the window.
#
# A 2×2 pool halves height and width, and only **1/4 of the values** survive. A 3×3 pool keeps 1/9 and drops 8/9 ≈ 89 %. In
# the notes' sketch, 78×78×3 → (3×3, 32 filters) → 76×76×32 → pool → 38×38×32.
#
# *Average pooling* between layers was the choice of LeNet-5 (LeCun et al., 1998); AlexNet (Krizhevsky et al., 2012) and most
# later networks use max pooling or strides. Over a *whole* map, before the classifier, the average is usual today (from week 3
# on). *Min pooling* is minus the max pooling of the negative image.
#
# ### Exercise 6 · `pool2d` (10 points)
#
# The checks compare to four digits.


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
# The notes' numbers, in all three modes
import numpy as np

from course import checks

one = pool2d(np.array([[9, 1, 2], [4, 5, 6], [7, 8, 0]]), 3)
checks.close(one, [[9]], hint="the largest value of the window")
checks.true(not isinstance(one, (list, tuple)), "return a NumPy array, not a list")
x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
checks.close(
    pool2d(x, 2),
    [[6, 8], [3, 4]],
    unless={
        "the default stride is the size of the window, so that windows tile the map": [[6, 7, 8], [6, 7, 8], [3, 3, 4]],
        "rows and columns are swapped": [[6, 3], [8, 4]],
        "the window is sliced wrongly: a slice a:b leaves out b": [[1, 2], [3, 1]],
    },
    hint="the largest value of each 2×2 window",
)
checks.close(np.size(pool2d(np.ones((12, 18)), 2)) / (12 * 18), 1 / 4, hint="2×2 pooling keeps a quarter of the values")
checks.close(np.size(pool2d(np.ones((12, 18)), 3)) / (12 * 18), 1 / 9, hint="3×3 pooling keeps a ninth of the values")
checks.close(
    pool2d(x, 2, mode="avg"),
    [[3.25, 5.25], [2, 2]],
    unless={
        "an average divides by all values of the window: size × size": [[6.5, 10.5], [4, 4]],
        "an average is not a sum": [[13, 21], [8, 8]],
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
checks.passed("maximum, average and minimum of the notes' map, 1/4 and 1/9 of the values kept", points=4)

# %% nbgrader={"grade": true, "grade_id": "pool2d-overlap", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Windows that overlap, in numbers
# When graded: odd sizes, strides larger than the window, windows of one pixel
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
x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
checks.close(pool2d(x, 3, stride=1), [[7, 8], [7, 8]], hint="3×3 windows, one pixel apart: they overlap")
checks.close(
    pool2d(x, 1, stride=2, mode="avg"),
    [[1, 2], [3, 1]],
    unless={"stride is ignored: it need not be the size of the window": x},
    hint="a window of one pixel is allowed; at stride 2 it keeps every second row and column",
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
checks.passed(
    "3×3 windows at stride 1", points=3, later="odd sizes, strides larger than the window, windows of one pixel"
)

# %% nbgrader={"grade": true, "grade_id": "pool2d-channels", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Maps with channels
# When graded: all modes, a stride that is not the size, one channel, negative maps, uint8
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
volume = rng.normal(size=(7, 8, 2))
overlapping = np.lib.stride_tricks.sliding_window_view(volume, (3, 3), axis=(0, 1))
for mode, right in (("max", overlapping.max((3, 4))), ("avg", overlapping.mean((3, 4)))):
    checks.close(
        pool2d(volume, 3, 2, mode),
        right[::2, ::2],
        unless={
            "stride is ignored: with channels it need not be the size of the window either": right[::3, ::3],
            "mode is ignored: this is the maximum": overlapping.max((3, 4))[::2, ::2],
        },
        hint="stride and mode hold for maps with channels as well",
        rtol=1e-4,
        atol=1e-4,
    )
checks.shape(
    pool2d(np.ones((4, 6, 1)), 2),
    (2, 3, 1),
    unless={"keep the last axis, also when there is one channel only": (2, 3)},
    hint="(out_h, out_w, C)",
)
### END HIDDEN TESTS
checks.passed(
    "the shape for three channels",
    points=2,
    later="all modes, a stride that is not the size, one channel, negative maps, uint8",
)

# %% nbgrader={"grade": true, "grade_id": "pool2d-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: other modes, windows that do not fit, impossible strides and sizes
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
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 2, mode="a"), hint="an unknown mode, part of a known word")
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), 2, stride=-1), hint="a negative stride")
checks.raises(ValueError, lambda: pool2d(np.ones((4, 4)), -2), hint="a negative window size")
checks.raises(
    ValueError, lambda: pool2d(np.ones((4, 4)), 0, 1, "avg"), hint="a window of size 0, with a stride of its own"
)
### END HIDDEN TESTS
checks.passed(
    "an unknown mode is refused", points=1, later="other modes, windows that do not fit, impossible strides and sizes"
)

# %% topics=["C7", "E15"] nbgrader={"grade": false, "grade_id": "pool-shift", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One bright pixel moves right, one pixel at a time. Does a pooled row notice?
with checks.waiting_for("pool2d"):
    row = np.zeros((2, 8))
    row[0, 2] = 9
    for shift in range(4):
        print(f"moved by {shift}: {pool2d(np.roll(row, shift, axis=1), 2)[0]}")

# %% [markdown] topics=["D2", "E15"] nbgrader={"grade": false, "grade_id": "look-layer", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A step inside a window goes unnoticed; the next one crosses a border and changes the map. So pooling over small windows
# is invariant to some shifts of one pixel and not to others.
#
# With these pieces you can run one stage of a network: filters, then "keep what is positive" (a ReLU), then pooling. A network
# repeats such stages and ends in a classifier.
#
# **[Lateral inhibition](../../course/glossary.md)** is a related idea: a nerve cell that fires strongly suppresses its
# neighbours. Within one map, a kernel with a positive centre and a negative surround does that. Between maps, AlexNet divided each
# value by a function of the neighbouring channels' squares, *local response normalisation*; VGG's authors measured no gain
# from it (Simonyan and Zisserman, 2014).

# %% tags=["draw"] topics=["D2", "A5", "A6", "B6"] nbgrader={"grade": false, "grade_id": "one-stage", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One stage of a network: filter, ReLU, pooling
with checks.waiting_for("conv2d", "sobel_edges", "pool2d"):
    response_x = sobel_edges(gray_photo)[0]
    relu = np.maximum(response_x, 0)
    fig, axes = plt.subplots(2, 3, figsize=(10, 5), layout="constrained")
    stages = (
        (gray_photo, "gray", 0, 255, "input"),
        (response_x, "RdBu_r", -500, 500, "filter: gx"),
        (relu, "cividis", 0, 500, "ReLU"),
        (pool2d(relu, 4), "cividis", 0, 500, "max pool 4×4"),
        (pool2d(relu, 4, mode="avg"), "cividis", 0, 500, "average pool 4×4"),
        (pool2d(relu, 4, mode="min"), "cividis", 0, 500, "min pool 4×4"),
    )
    for ax, (values, cmap, low, high, title) in zip(axes.ravel(), stages, strict=True):
        shown = ax.imshow(values, cmap=cmap, vmin=low, vmax=high)
        ax.set(title=f"{title}, {values.shape[0]}×{values.shape[1]}", xticks=[], yticks=[])
    fig.colorbar(shown, ax=axes, label="response (ReLU and the lower row)")
    plots.show(
        "The photograph, its gx, and gx with negative values set to zero. Below, three poolings with 4×4 windows: after max "
        "pooling the edges are still bright, after average pooling thin edges have faded, after min pooling they are gone."
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "task-written", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 7 · Correlation or convolution? (10 points)
#
# Answer in words, in the cell below, in about six sentences. (This one is read by a person.)
#
# 1. What does a mathematician's convolution do that `conv2d` does not?
# 2. Why does a network that *learns* its kernels not care? Your `learn_kernel` has just met a turned kernel.
# 3. Name one kernel of this notebook for which both give the same, and one for which the result changes, and say how it
#    changes. When would that matter in practice?

# %% [markdown] topics=["D1", "D4"] nbgrader={"grade": true, "grade_id": "correlation-or-convolution", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. It turns the kernel by 180° (flips it along both axes) before sliding it: $y_{ij} = \sum x_{i-a,\,j-c}\, w_{ac}$ instead
#    of $x_{i+a,\,j+c}$. The flip makes the operation commutative and associative; cross-correlation is neither.
# 2. The weights are found by gradient descent. If the layer flipped them, training would find the flipped kernel, and the
#    outputs, the loss and its gradients would be the same. Only the picture of the kernel would look turned.
# 3. Any kernel that looks the same when turned by 180° gives the same: Gaussian blur, sharpen, the Laplacian, the X of the
#    second example of the notes. Sobel's kernels change sign when turned, so $g_x$ and $g_y$ change sign, while the magnitude
#    stays. (The notes' first kernel gives other numbers altogether: 18, 20, 19 … instead of 12, 12, 17 ….) It matters
#    when weights move between libraries, when a kernel is written by hand, or when `scipy.signal.convolve2d` is used where
#    `correlate2d` was meant: rising edges are then reported as falling.
#
# Marking: 3 for the flip along *both* axes; 3 for "learned flipped, so the same function" (1 only for "it is a
# convention"); 2 for a right pair of kernels with the change named; 2 for a practical case. A transpose instead of a flip
# in (1): no more than 1 of 3.
# ### END SOLUTION

# %% [markdown] topics=["C9"] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# **What makes a network a ConvNet?** Name four things, then compare.
#
# <details><summary>Answer</summary>
#
# Convolution layers, whose units look at small patches (*local*) and share their weights over all places (*tied weights*,
# hence few of them); *subsampling* in between, by pooling or strides, so that deeper layers see more of the picture; and a
# small *classifier* at the end.
#
# </details>
#
# `conv2d_multi` is the forward pass of `keras.layers.Conv2D(K, k, strides=s)`, `pool2d` that of `MaxPooling2D` and
# `AveragePooling2D`, and `learn_kernel` a training loop. The coming weeks stack them, count what they
# cost, and train them. Next: [how far does a stack of them see?](../week02_receptive_field/week02_receptive_field.ipynb)

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
import course

course.progress("week01")

# %% [markdown] topics=["D7"] nbgrader={"grade": false, "grade_id": "stretch", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# No points, but checked like the others. Choose what interests you.
#
# ### Stretch A · `extract_patches`
#
# A convolution can be read in two ways: one kernel that travels, or many patches that are all shown to the same kernel.
# Fast implementations use the second reading, and networks that see an image as a row of patches start from it (Dosovitskiy et
# al., 2020). With a stride equal to the patch size, the patches tile the image; with a smaller stride neighbours overlap.
#
# Reading order: along the first row of windows from left to right, then the next row. On the notes' 5×5 image, size 3
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


# %% topics=["D7"] nbgrader={"grade": true, "grade_id": "extract_patches-lecture", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Four patches of the notes' image
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
    hint="patch i holds the pixels of window i as they are",
)
checks.true(not isinstance(result, (list, tuple)), "return one NumPy array (n, k, k), not a list of patches")
checks.passed("four patches of the notes' image", points=0)

# %% nbgrader={"grade": true, "grade_id": "extract_patches-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Rectangles and other strides
# When graded: rectangles and other strides, compared with NumPy
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
checks.passed("six windows of 2×2", points=0, later="rectangles and other strides, compared with NumPy")

# %% nbgrader={"grade": true, "grade_id": "extract_patches-errors", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What must be refused
# When graded: windows too tall or too wide, impossible strides and sizes
import numpy as np

from course import checks

extract_patches(np.ones((3, 3)), 3, 1)  # raises nothing: it just fits
checks.raises(ValueError, lambda: extract_patches(np.ones((3, 3)), 4, 1), hint="a window larger than the image")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, lambda: extract_patches(np.ones((3, 5)), 4, 1), hint="a window taller than the image")
checks.raises(ValueError, lambda: extract_patches(np.ones((5, 3)), 4, 1), hint="a window wider than the image")
checks.raises(ValueError, lambda: extract_patches(np.ones((4, 4)), 2, 0), hint="a stride of 0")
checks.raises(ValueError, lambda: extract_patches(np.ones((4, 4)), 0, 1), hint="a window of size 0")
checks.raises(ValueError, lambda: extract_patches(np.ones((4, 4)), 2, -1), hint="a negative stride")
### END HIDDEN TESTS
checks.passed(
    "a window larger than the image is refused",
    points=0,
    later="windows too tall or too wide, impossible strides and sizes",
)

# %% tags=["draw"] topics=["D7"] nbgrader={"grade": false, "grade_id": "mosaic", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The flower, cut into tiles
with checks.waiting_for("extract_patches"):
    flower_gray = half(datasets.load("photos").images["flower"]) @ LUMA
    tiles, overlapping = extract_patches(flower_gray, 40, 40), extract_patches(flower_gray, 40, 20)
    per_row = (flower_gray.shape[1] - 40) // 40 + 1
    fig, axes = plt.subplots(
        len(tiles) // per_row, per_row, figsize=(8, 5.2), gridspec_kw={"wspace": 0.06, "hspace": 0.06}
    )
    for ax, tile in zip(axes.ravel(), tiles, strict=True):
        ax.imshow(tile, cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
    fig.suptitle(f"{len(tiles)} patches of 40×40 at stride 40; {len(overlapping)} at stride 20", y=0.95)
    plots.show("The grey flower cut into a mosaic of 40×40 tiles, five rows of eight, with thin gaps between them.")

# %% [markdown] topics=["G3"] nbgrader={"grade": false, "grade_id": "stretch-backward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch B · `conv2d_backward`
#
# `learn_kernel` needed the gradient of one kernel. A layer inside a network also needs that of its input, to hand on. A
# convolution is $y = wx + b$ many times over with the same $w$, so the chain rule is short. Let $g_{ij} = \partial L / \partial
# y_{ij}$ come from the next layer. The weight $w_{ac}$ meets pixel $x_{si+a,\,sj+c}$ in window $(i, j)$, so
#
# $$\frac{\partial L}{\partial w_{ac}} = \sum_{ij} g_{ij}\, x_{si+a,\,sj+c}, \qquad
# \frac{\partial L}{\partial x_{si+a,\,sj+c}} \mathrel{+}= g_{ij}\, w_{ac}, \qquad
# \frac{\partial L}{\partial b} = \sum_{ij} g_{ij}.$$
#
# Go through the windows as in the forward pass: what was read there is written here. Padding was added before the forward
# pass, so its gradient is cropped after the backward pass. The check compares to four digits with a *numerical* gradient: move one
# number by ±ε and see how the loss moves.


# %% topics=["G3"] nbgrader={"grade": false, "grade_id": "conv2d_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv2d_backward(image, kernel, grad_out, stride=1, padding=0):
    """Gradients of a loss L through y = conv2d(image, kernel, stride, padding, bias).

    image: (H, W); kernel: (kh, kw), any real number types; grad_out: dL/dy, floats of the shape of y.
    Returns d_image (H, W), d_kernel (kh, kw), both of floats, and d_bias, a number. The inputs stay as they are.
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
# A 3×3 image under a 2×2 kernel, by hand
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
checks.passed("the three gradients of a 3×3 image", points=0)

# %% nbgrader={"grade": true, "grade_id": "conv2d_backward-gradient", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Numerical gradients
# When graded: random shapes, with stride and padding; whole numbers
import numpy as np

from course import checks

checks.shape(
    conv2d_backward(np.ones((4, 5)), np.ones((3, 3)), np.ones((2, 3)), stride=2, padding=1)[0],
    (4, 5),
    unless={"the padding's gradient is cropped: d_image has the shape of image": (6, 7)},
    hint="d_image has the shape of image",
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


rng = np.random.default_rng(71)
for size, k, s, p in (((5, 6), (3, 2), 1, 0), ((6, 5), (3, 3), 2, 0), ((4, 5), (2, 3), 1, 1), ((6, 7), (3, 3), 2, 2)):
    x, w = rng.normal(size=size), rng.normal(size=k)
    g = rng.normal(size=correlate2d(np.pad(x, p), w)[::s, ::s].shape)

    def numerical(values):
        gradient = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            kept = values[place]
            sides = []
            for step in (1e-3, -1e-3):
                values[place] = kept + step
                sides.append(np.sum(g * correlate2d(np.pad(x, p), w)[::s, ::s]))
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
        unless={"the padding's gradient is cropped: d_image has the shape of image": np.pad(x, p).shape},
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
whole = np.arange(9).reshape(3, 3)
dx, dw, db = conv2d_backward(whole, np.array([[1, 2], [3, 4]]), np.full((2, 2), 0.25))
floats = "gradients are floats, also when the image or the kernel holds whole numbers"
checks.close(dw, [[2, 3], [5, 6]], hint=floats, what="d_kernel")
checks.close(dx, [[0.25, 0.75, 0.5], [1, 2.5, 1.5], [0.75, 1.75, 1]], hint=floats, what="d_image")
### END HIDDEN TESTS
checks.passed(
    "the shape of d_image with stride 2 and padding 1",
    points=0,
    later="random shapes, with stride and padding; whole numbers",
)

# %% [markdown] topics=["A8"] nbgrader={"grade": false, "grade_id": "stretch-im2col", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch C · `im2col` and `conv_as_matmul`
#
# A dense layer is $y = xW + b$, one matrix product, which hardware does very fast. So lay every patch out as a row
# ("image to columns", though here they are rows), every filter as a column, and a whole convolution layer is one dense
# layer that is applied to all patches:
#
# $$\underbrace{(n,\; k_h k_w C)}_{\text{patches}} \times \underbrace{(k_h k_w C,\; K)}_{\text{weights}} + \underbrace{(K,)}_{\text{bias}} = (n,\; K).$$
#
# Caffe computed its convolutions like this (Jia et al., 2014). It takes memory: every pixel is copied up to $k_h k_w$ times. In
# each row the order is that of `w_kkck.reshape(-1, K)`: kernel row, kernel column, channel.


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
# A 3×3 image with two channels
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
checks.passed("the four rows of a 3×3 image with two channels", points=0)

# %% nbgrader={"grade": true, "grade_id": "im2col-matmul", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The matrix product
# When graded: the matrix product against SciPy, with stride and padding
import numpy as np

from course import checks

checks.shape(
    conv_as_matmul(np.ones((4, 5, 2)), np.ones((2, 2, 2, 6)), np.zeros(6)), (3, 4, 6), hint="(out_h, out_w, K)"
)
### BEGIN HIDDEN TESTS
from scipy.ndimage import correlate


def correlate2d(x, w):
    """SciPy's correlation for every place of the kernel inside the image (scipy.signal takes a second to import)."""
    (h, width), (kh, kw) = x.shape, w.shape
    return correlate(x, w)[kh // 2 : h - (kh - 1) // 2, kw // 2 : width - (kw - 1) // 2]


rng = np.random.default_rng(73)
for size, k, c, f, s, p in (((5, 6), (3, 3), 2, 4, 1, 0), ((7, 5), (2, 3), 3, 2, 2, 1), ((6, 8), (3, 1), 1, 3, 3, 2)):
    x, w, b = rng.normal(size=(*size, c)), rng.normal(size=(*k, c, f)), rng.normal(size=f)
    padded = np.pad(x, ((p, p), (p, p), (0, 0)))
    planes = np.array([[correlate2d(padded[..., d], w[..., d, e]) for d in range(c)] for e in range(f)])
    right = np.moveaxis(planes.sum(axis=1), 0, -1)[::s, ::s]
    windows = np.lib.stride_tricks.sliding_window_view(padded, k, axis=(0, 1))[::s, ::s]
    checks.close(
        im2col(x, *k, stride=s, padding=p),
        np.moveaxis(windows, 2, -1).reshape(right[..., 0].size, -1),
        hint="im2col: (out_h · out_w, kh · kw · C), one row for each window of the padded image, s pixels apart",
        rtol=1e-4,
        atol=1e-4,
        what="im2col's result",
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
checks.passed("the shape for six filters", points=0, later="the matrix product against SciPy, with stride and padding")

# %% [markdown] nbgrader={"grade": false, "grade_id": "stretch-separable", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Stretch D · `separable`
#
# Sobel's kernel is a column (1, 2, 1) times a row (−1, 0, 1). Such a kernel can be run as two thin ones, one after the
# other: $2k$ multiplications per pixel instead of $k^2$; for the 5×5 Gaussian that is 10 instead of 25. A kernel splits like
# this exactly when its rank as a matrix is 1, and the singular value decomposition shows the rank: all singular values but
# the first are zero. Week 11 uses this to build a network.


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
# Sobel's kernel splits, the Laplacian does not
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
checks.passed("Sobel's kernel splits, the Laplacian does not", points=0)

# %% nbgrader={"grade": true, "grade_id": "separable-any", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Other kernels
# When graded: random kernels of rank 1 and of higher rank, oblong ones too
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
for zeros in (np.outer([0, 1, 2], [0, 1, -1]), np.outer([0, 0, 3], [1.0, 2.0, 0.0])):
    result = separable(zeros)
    checks.true(result is not None and len(result) == 2, "a kernel of rank 1 may have rows and columns of zeros")
    checks.close(np.outer(*result), zeros, hint="a kernel of rank 1 may have rows and columns of zeros", atol=1e-6)
for size in ((3, 3), (2, 5), (4, 4)):
    kernel = rng.normal(size=size)
    checks.true(separable(kernel) is None, "a random kernel has full rank: return None")
    checks.true(
        separable(1e-9 * kernel) is None, "compare with the largest singular value: small weights alone are not rank 1"
    )
noisy = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]) + 1e-10 * rng.normal(size=(3, 3))
checks.true(separable(noisy) is not None, "a singular value below 1e-8 times the largest counts as zero")
nearly = np.outer([1.0, 2.0, 1.0], [-1.0, 0.0, 1.0])
nearly[1, 1] = 1e-4
checks.true(separable(nearly) is None, "a kernel that is only nearly of rank 1 is not separable: return None")
### END HIDDEN TESTS
checks.passed("a kernel of ones splits", points=0, later="random kernels of rank 1 and of higher rank, oblong ones too")
