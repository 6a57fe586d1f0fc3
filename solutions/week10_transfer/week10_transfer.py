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

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "opening", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# # Week 10 · Transfer learning
#
# **Afterwards you can** reuse a trained net on photographs that it has never seen, freeze and unfreeze its layers so that they really stay or really move, measure how many images it takes until a net of your own catches up, and find the leak in a folder of images before it flatters your results. **Time** 3 hours. **You need** week 4 (splits without leaks), week 7 (AlexNet), week 9 (batch norm).
#
# | exercise | points |
# |---|--:|
# | 1 `validate_dataset` | 12 |
# | 2 `split_dataset` | 10 |
# | 3 `linear_probe` | 14 |
# | 4 `alexnet_mini` and `own` | 18 |
# | 5 `freeze`, `unfreeze_top` | 18 |
# | 6 `fine_tune` | 14 |
# | 7 in words | 14 |
#
# Stuck? `course.hint("linear_probe")`. Words: [glossary](../../course/glossary.md). Before: [week 9](../week09_normalisation/week09_normalisation.ipynb); next: [week 11](../week11_inception/week11_inception.ipynb). `PROFILE` is set in the next cell, or by `course start 10 --profile full`; the data are the same in both profiles, "full" trains longer and on more choices of images.
#
# The notes this course follows compare two people who apply for a job: one has **seven years** of experience in a neighbouring trade, the other **one year** in this one. Whom do you hire? This week you measure both.

# %% tags=["parameters"] nbgrader={"grade": false, "grade_id": "parameters", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
PROFILE = "quick"  # "full" uses the real data
SEED = 0

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The course first: with it Keras loads sooner, and says nothing.
from course import blocks, bounds, checks, datasets, evaluation, plots, pretrained, training
from course.datasets.folder import SUFFIXES
from course.datasets.textures import photographs
import course

import io
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

training.start(PROFILE, SEED)
plots.style()
BLUE, ORANGE, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "0.5"

# %% [markdown] topics=["J2", "J4"] nbgrader={"grade": false, "grade_id": "data-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 1 · A folder of photographs
#
# Your job this week: tell **brick, grass and gravel** apart. The images are real. scikit-image brings one photograph of each, 512×512 pixels, free of rights (CC0). Each is divided into 4×4 *tiles*; from a tile we cut patches of 64×64 pixels, bring them to 32×32, and change brightness and contrast at random, so that brightness gives no class away. The left half of each photograph is for training, the third quarter for validation; the last quarter is the grader's test set.

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "data", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
data = datasets.load("textures", PROFILE)
x_train, y_train = evaluation.scaled(data.train.x), data.train.y
x_val, y_val = evaluation.scaled(data.validation.x), data.validation.y
surfaces = (
    datasets.texture_files()
)  # the training images once more, as a folder holds them: {"brick/tile00-00.png": bytes, …}
print(data)
print(f"{len(surfaces)} files, for example {', '.join(list(surfaces)[:2])} and {list(surfaces)[-1]}")

# %% topics=["J4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "data-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The three photographs, their tiles, and five training images of each
fig, axes = plt.subplots(3, 6, figsize=(9, 4.8), layout="constrained")
for row, (label, (name, photo)) in zip(axes, enumerate(photographs().items()), strict=True):
    row[0].imshow(photo, cmap="gray", vmin=0, vmax=255)
    for edge in (128, 256, 384):
        row[0].axvline(edge, color="#0072b2" if edge == 256 else "0.8", linewidth=2 if edge == 256 else 0.6)
        row[0].axhline(edge, color="0.8", linewidth=0.6)
    row[0].set_ylabel(name)
    for ax, image in zip(row[1:], x_train[y_train == label][::51], strict=False):
        ax.imshow(image)
    for ax in row:
        ax.set(xticks=[], yticks=[])
axes[0, 0].set_title("photograph", fontsize=9)
axes[0, 1].set_title("training images", fontsize=9)
plots.show(
    "Three grey photographs, a brick wall, a lawn and gravel, each with a grid of 4 by 4 tiles and a line down the middle, right "
    "of which nothing is trained on; beside each five small patches of it, some dark, some bright, some pale."
)

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "own-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The assignment in the notes asks for the same with images of your own: at least **three classes of at least 250 images each**, one folder per class. Section 7 runs your own folder through everything you build here. Folders of real images are never in order:
#
# | what goes wrong | what it does |
# |---|---|
# | a file that is no image, or half of one | training stops in the middle, or a decoder quietly fills the rest with grey |
# | the same picture twice, perhaps in another format | one copy is trained on, the other tested on: the test knows the answer |
# | the same picture in two classes | one of the labels is wrong |
# | one class with 900 images, one with 250 | always answering "the large one" is right more than half of the time |
#
# A copy is not always a copy of the *bytes*: a PNG that was saved again has other bytes and the same pixels. So compare what is decoded.

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "task-validate_dataset", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 1 · `validate_dataset` (12 points)
#
# Your function gets the files as above, a dict from `"class/name.png"` to the file's bytes. It reports **every** problem in a sentence of its own, so that whoever repairs the folder need not come back ten times. `Image.open(io.BytesIO(content))` opens an image but decodes nothing: a file that was cut off in the middle is noticed only when its pixels are asked for, as by `convert("RGB")`.


# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "validate_dataset", "locked": false, "schema_version": 3, "solution": true, "task": false}
def validate_dataset(files, least_classes=3, least_images=250, most_ratio=2.0):
    """What is wrong with a data set of images.

    files: {"class/name.png": bytes}, any number, also none. Only names that end in one of SUFFIXES (.jpg, .jpeg, .png, .bmp,
    .webp, capitals too) count as images, other files are ignored.
    Returns a list of sentences (str), empty where all is well. There is one for each of these, which names the files or
    classes concerned, whole ("cat/7.png", "cat"), and no other file; numbers are written in digits:
    - an image that cannot be decoded to its last pixel,
    - an image whose pixels, as RGB, are those of another one, in its own or in another class: it names both,
    - a class with fewer than least_images images, also one of whose images none can be decoded: it names their number, too,
    - fewer than least_classes classes: it names their number, and the number that is needed,
    - a largest class with more than most_ratio times as many images as the smallest: it names both.
    Images that cannot be decoded do not count as images of their class; copies do.
    """
    ### BEGIN SOLUTION
    problems, counts, known = [], {}, {}
    for name in sorted(name for name in files if name.lower().endswith(SUFFIXES)):
        group = name.split("/")[0]
        counts.setdefault(group, 0)
        try:
            pixels = np.asarray(Image.open(io.BytesIO(files[name])).convert("RGB"))
        except Exception as problem:
            problems.append(f"{name} cannot be read ({type(problem).__name__}): replace it, or take it out")
            continue
        counts[group] += 1
        first = known.setdefault((pixels.shape, pixels.tobytes()), name)
        if first != name:
            problems.append(f"{name} shows the same picture as {first}: keep the one whose class is right")
    if len(counts) < least_classes:
        problems.append(f"there are {len(counts)} classes, and {least_classes} are needed")
    problems += [f"{group} has {n} of {least_images} images" for group, n in counts.items() if n < least_images]
    small, large = min(counts, key=counts.get, default=""), max(counts, key=counts.get, default="")
    if counts and counts[large] > most_ratio * counts[small]:
        problems.append(f"{large} has {counts[large]} images and {small} only {counts[small]}: out of balance")
    return problems
    ### END SOLUTION


# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-good", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# A folder in order: 3 · 250 images, and two files of text
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {"readme.txt": b"my images", "notes/to do.txt": b"more images"}
for name in ("star", "heart", "ring"):
    for number, pixels in enumerate(draw_shapes(name, 250, 101)):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        files[f"{name}/{number}.png"] = file.getvalue()
checks.equal(
    validate_dataset(files),
    [],
    hint="this folder is in order, so the list is empty: 250 images are enough, and a text file is ignored, with its folder",
)
checks.passed("a folder in order has no problems", points=2)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-counts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# A class too few, an image too few, out of balance, no file at all
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes


def folder(**counts):
    files = {}
    for seed, (name, count) in enumerate(counts.items()):
        for number, pixels in enumerate(draw_shapes("star", count, 110 + seed)):
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG", compress_level=1)
            files[f"{name}/{number}.png"] = file.getvalue()
    return files


def sentences(problems):
    checks.true(
        isinstance(problems, (list, tuple)), "a list of sentences comes back", f"found {type(problems).__name__}"
    )
    checks.true(all(isinstance(one, str) for one in problems), "each problem is a sentence, a str")
    return list(problems)


for files, limits, words, idea in (
    (folder(cat=6, dog=6), (3, 6), ("2", "3"), "2 classes where 3 are needed: a sentence with both numbers in digits"),
    (
        folder(cat=6, dog=5, cow=6),
        (3, 6),
        ("dog", "5"),
        "a class with one image too few: a sentence with its name and its number in digits",
    ),
    (
        folder(cat=13, dog=6, cow=9),
        (3, 5, 2.0),
        ("cat", "dog"),
        "one class has more than twice as many images as another: a sentence with both names",
    ),
    (
        folder(cat=9, dog=3, cow=6),
        (4, 3, 3.0),
        ("3", "4"),
        "3 classes where 4 are asked for, and no more: exactly most_ratio = 3 times as many images is in balance",
    ),
):
    found = sentences(validate_dataset(files, *limits))
    checks.true(len(found) > 0, f"nothing is reported: {idea}")
    checks.true(
        any(all(word in one for word in words) for one in found),
        f"the report does not say it: {idea}",
        f"found {found}",
    )
    checks.true(len(found) == 1, f"one problem, one sentence: {idea}", f"found {found}")
found = sentences(validate_dataset(folder(cat=6, dog=5, cow=4), 3, 6))
for words in (("dog", "5"), ("cow", "4")):
    checks.true(
        any(all(word in one for word in words) for one in found),
        "each class with too few images has a sentence of its own, not only the smallest",
        f"found {found}",
    )
found = sentences(validate_dataset({}))
checks.true(
    any("0" in one and "3" in one for one in found),
    "an empty folder has 0 classes where 3 are needed: a sentence with both numbers in digits",
    f"found {found}",
)
checks.equal(
    validate_dataset(folder(cat=12, dog=6, cow=9), 3, 5, 2.0), [], hint="exactly twice as many is still in balance"
)
checks.passed("what is missing is counted, and named", points=3)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-unreadable", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Twelve JPEGs in order
# When graded: files that are no images, half images, unreadable classes
import io

from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes

files = {}
for name in ("a", "b", "c"):
    for number, pixels in enumerate(draw_shapes("heart", 4, 120 + ord(name))):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=90)
        files[f"{name}/{number}.jpg"] = file.getvalue()
checks.equal(validate_dataset(files, 3, 4), [], hint="twelve JPEGs in order: nothing to report")
### BEGIN HIDDEN TESTS
whole = files["b/2.jpg"]
file = io.BytesIO()
Image.fromarray(draw_shapes("heart", 1, 129)[0]).save(file, "PNG")
for name, content, idea in (
    ("b/broken.jpg", b"this is no image", "a file that is no image"),
    ("c/empty.PNG", b"", "an empty file; capitals in .PNG count as well"),
    ("a/text.jpeg", b"no image", "all five endings count, .jpeg too"),
    ("b/text.webp", b"no image", "all five endings count, .webp too"),
    ("c/text.Bmp", b"no image", "all five endings count, .bmp too"),
    (
        "a/half.jpg",
        whole[: len(whole) * 4 // 5],
        "an image that was cut off in the middle: `open` and `verify` do not decode it, convert does",
    ),
    (
        "a/half.png",
        file.getvalue()[:-200],
        "an image that was cut off in the middle: `open` and `verify` do not decode it, convert does",
    ),
):
    found = validate_dataset(files | {name: content}, 3, 4)
    checks.true(
        isinstance(found, (list, tuple)) and len(found) > 0 and all(isinstance(one, str) for one in found),
        f"nothing is reported: {idea}",
    )
    checks.true(any(name in one for one in found), f"the sentence must name the file: {idea}")
    checks.true(len(found) == 1, f"one problem, one sentence: {idea}")
    checks.true(not any(other in one for one in found for other in files), "a sentence names a file that is in order")
less = {name: content for name, content in files.items() if name != "b/3.jpg"} | {"b/3.jpg": b"no image"}
found = validate_dataset(less, 3, 4)
checks.true(
    isinstance(found, (list, tuple)) and all(isinstance(one, str) for one in found), "a list of sentences comes back"
)
checks.true(any("b/3.jpg" in one for one in found), "the sentence must name the file that cannot be read")
checks.true(
    any("b" in one and "3" in one and "b/3.jpg" not in one for one in found),
    "an image that cannot be read does not count: its class now has one too few, and that is a problem of its own",
)
ruined = {name: b"?" if name.startswith("b/") else content for name, content in files.items()}
found = validate_dataset(ruined, 3, 4)
checks.true(
    isinstance(found, (list, tuple)) and all(isinstance(one, str) for one in found), "a list of sentences comes back"
)
checks.true(
    any("b" in one and "0" in one and "b/" not in one for one in found),
    "a class of which no image can be read has 0 images: that is a problem of its own, beside the files",
)
checks.true(
    not any(name in one for one in found for name in files if not name.startswith("b/")),
    "a sentence names a file that is in order",
)
checks.true(
    len(found) == 6,
    "of one class of three no image can be read: a sentence for each of its 4 files, one for its 0 images, and one for the balance",
    f"found {len(found)} sentences",
)
both = files | {"a/x.jpg": b"?", "c/y.jpg": b"?"}
found = validate_dataset(both, 3, 4)
checks.true(
    isinstance(found, (list, tuple))
    and all(isinstance(one, str) for one in found)
    and all(any(name in one for one in found) for name in ("a/x.jpg", "c/y.jpg")),
    "every problem is reported, not only the first",
)
### END HIDDEN TESTS
checks.passed(
    "images in order are read", points=3, later="broken and half images, a class of which nothing can be read"
)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "validate_dataset-copies", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Fifteen different images are fifteen
# When graded: copies of bytes and of pixels; images that look alike
import io

import numpy as np
from PIL import Image

from course import checks
from course.datasets.shapes import draw_shapes


def packed(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


images = {
    f"{name}/{n}.png": pixels
    for name in ("a", "b", "c")
    for n, pixels in enumerate(draw_shapes("ring", 5, 130 + ord(name)))
}
files = {name: packed(pixels) for name, pixels in images.items()}
checks.equal(validate_dataset(files, 3, 5), [], hint="fifteen different images: nothing to report")
### BEGIN HIDDEN TESTS
near = images["a/1.png"].copy()
near[7, 9, 1] ^= 1
checks.equal(
    validate_dataset(files | {"a/near.png": packed(near)}, 3, 5),
    [],
    hint="an image that differs in a single pixel is no copy: compare all pixels, exactly",
)
turned = np.ascontiguousarray(images["a/1.png"].transpose(1, 0, 2))
checks.equal(
    validate_dataset(files | {"a/turned.png": packed(turned)}, 3, 5),
    [],
    hint="an image that was turned is another image",
)
brown, green = (packed(np.full((8, 8, 3), colour, np.uint8)) for colour in ((100, 50, 0), (0, 101, 0)))
checks.equal(
    validate_dataset(files | {"b/brown.png": brown, "c/green.png": green}, 3, 5),
    [],
    hint="a brown and a green image that are equally bright are no copies: compare red, green and blue",
)
flat = {
    "b/wide.png": packed(np.full((8, 16, 3), 90, np.uint8)),
    "b/high.png": packed(np.full((16, 8, 3), 90, np.uint8)),
}
checks.equal(
    validate_dataset(files | flat, 3, 5),
    [],
    hint="two images of one colour, 8×16 and 16×8, have the same bytes of pixels and another shape: they are no copies",
)
grey = np.repeat(images["c/0.png"][..., :1], 3, axis=2)
for name, content, twin, idea in (
    ("a/again.png", files["a/3.png"], "a/3.png", "the same file under another name"),
    ("c/again.png", files["a/3.png"], "a/3.png", "the same file in another class"),
    (
        "a/saved.png",
        packed(images["a/2.png"], compress_level=0),
        "a/2.png",
        "saved again: other bytes, the same pixels",
    ),
    (
        "b/saved.bmp",
        packed(images["a/4.png"], "BMP"),
        "a/4.png",
        "saved in another format and class: other bytes, the same pixels",
    ),
):
    found = validate_dataset(files | {name: content}, 3, 5)
    checks.true(
        isinstance(found, (list, tuple)) and len(found) > 0 and all(isinstance(one, str) for one in found),
        f"a copy is not reported: {idea}",
    )
    checks.true(any(name in one and twin in one for one in found), f"the sentence must name both files: {idea}")
    checks.true(
        not any(other in one for one in found for other in files if other != twin),
        "a sentence names a file that is in order",
    )
    checks.true(len(found) <= 2, f"one pair, one sentence: {idea}")
many = {"a/again.png": files["a/3.png"], "b/again.png": files["a/3.png"], "c/again.png": files["c/4.png"]}
found = validate_dataset(files | many, 3, 6)
checks.true(
    isinstance(found, (list, tuple))
    and all(isinstance(one, str) for one in found)
    and all(any(name in one for one in found) for name in many),
    "every copy is reported, not only the first, and not only the first of a picture",
)
checks.true(len(found) <= 4, "copies count as images of their class: with them each class has enough here")
pair = {"a/grey.png": packed(grey), "b/grey.png": packed(grey[..., 0])}
found = validate_dataset(files | pair, 3, 5)
checks.true(
    isinstance(found, (list, tuple))
    and any(isinstance(one, str) and "a/grey.png" in one and "b/grey.png" in one for one in found),
    "a grey image and the same one as RGB show the same picture: convert both to RGB, then compare",
)
### END HIDDEN TESTS
checks.passed(
    "different images are not taken for copies",
    points=4,
    later="copies by bytes and by pixels, in one class and in two",
)

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "bad-folder-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your function on the folder of this week, and on the same folder after somebody spoiled it:

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "bad-folder", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("validate_dataset"):
    spoiled = dict(surfaces)
    spoiled["brick/half.png"] = surfaces["brick/tile00-03.png"][:300]
    spoiled["grass/copy of brick.png"] = surfaces["brick/tile01-07.png"]
    for number in range(12):
        del spoiled[f"gravel/tile00-{number:02}.png"]
    print(f"as it was: {len(validate_dataset(surfaces))} problems; spoiled:")
    for sentence in validate_dataset(spoiled):
        print("  -", sentence)

# %% [markdown] topics=["J1", "J4"] nbgrader={"grade": false, "grade_id": "split-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 2 · The leak that no validator finds
#
# The folder passes. Now split it at random, image by image, train on four fifths, test on one fifth: the accuracy will be high, and worth nothing. Patches of one tile overlap, and each place was shot twice: `tile03-06` and `tile03-07` are moved by a pixel at most and lit differently. No pixel is equal, so no search for copies finds them; still, a classifier that has seen one knows the other.
#
# The same happens with the frames of a video, the photographs of a burst, several X-rays of one patient. It also happens when 100 photographs are turned and shifted into 10,000 *stored* files before they are split (week 8): each test image then has siblings in the training set. The rule: **what belongs together stays on one side.** Split whole series, not images; split first, then augment the training part alone.

# %% [markdown] topics=["J4", "J1"] nbgrader={"grade": false, "grade_id": "task-split_dataset", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 2 · `split_dataset` (10 points)
#
# A file's name says which series it belongs to: all before the **last** `-` of the name. `"brick/tile03-07.png"` belongs to the series `brick/tile03`, `"cat/my-sofa-2.jpg"` to `cat/my-sofa`. A name without `-` after its class is a series of its own. Worked: a class has 8 series; with `test=0.25`, round(0.25 · 8) = 2 of them, chosen at random, go to the test part with all their files.


# %% topics=["J4", "J1"] nbgrader={"grade": false, "grade_id": "split_dataset", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_dataset(names, test=0.25, seed=0):
    """Split the names of images into training and test, whole series at a time.

    names: an iterable of "class/series-number.ext", in any order; the class is what stands before the "/".
    test: the share to test on, from 0 to 1. seed: an int; the same seed gives the same split of the same names.
    Returns (train, test), two lists of names: each name in exactly one of them, no series in both. Of a class with
    G series, round(test · G) are in the test part, chosen at random.
    """
    ### BEGIN SOLUTION
    series = {}
    for name in sorted(names):
        group, file = name.split("/", 1)
        series.setdefault(group, {}).setdefault(file.rpartition("-")[0] or file, []).append(name)
    rng = np.random.default_rng(seed)
    train, held = [], []
    for members in series.values():
        order = rng.permutation(len(members))
        for rank, files_of_one in zip(order, members.values(), strict=True):
            (held if rank < round(test * len(members)) else train).extend(files_of_one)
    return train, held
    ### END SOLUTION


# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-series", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Three classes of eight, four and four series, and names without "-"
from course import checks

names = [f"cat/sofa{s}-{n}.jpg" for s in range(8) for n in range(3)]
names += [f"dog/my-park-{s}-{n}.png" for s in range(4) for n in range(5)]
names += [f"hen/{n}.png" for n in range(4)]
answer = split_dataset(names, 0.25, 0)
checks.true(isinstance(answer, (tuple, list)) and len(answer) == 2, "two lists come back: training, test")
train, test = (list(part) for part in answer)
checks.true(all(isinstance(name, str) for name in train + test), "the lists hold names")
checks.true(not set(train) & set(test), "an image is on both sides: the test part was trained on")
checks.equal(sorted(train + test), sorted(names), hint="each image is on exactly one side")
for series in {name.rpartition("-")[0] or name for name in names}:
    sides = {name in test for name in names if (name.rpartition("-")[0] or name) == series}
    checks.true(
        len(sides) == 1,
        "a series is on both sides: choose among the series, not among the images",
        f"{series} is in the training and in the test part",
    )
counts = [sum(name.startswith(group) for name in test) for group in ("cat", "dog", "hen")]
checks.equal(
    counts,
    [6, 5, 1],
    unless={
        "training and test are exchanged: (train, test), in this order": [18, 15, 3],
        "a name without “-” is a series of its own": [6, 5, 0],
    },
    hint="a quarter of the series of *each* class: 2 of 8 cats' (6 images), 1 of 4 dogs' (5 images), 1 of 4 hens",
)
checks.passed("whole series, the same share of every class", points=4)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-any", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: other shares, series of uneven length, names in any order
from course import checks

### BEGIN HIDDEN TESTS
import numpy as np


def series(name):
    group, file = name.split("/")
    return f"{group}/{file.rpartition('-')[0] or file}"


names = [f"a-1/tile{s:02}-{n}.png" for s in range(10) for n in range(1 + s)]
names += [f"b/tile{s:02}-{n}.png" for s in range(20) for n in range(2)]  # tile00 as in the other class: another series
names += [f"c/{s}-x-{n}.png" for s in range(5) for n in range(4)]
names += [f"d-2/{n}.png" for n in range(4)]  # the only dash belongs to the class
names = [names[n] for n in np.random.default_rng(5).permutation(len(names))]
for share, wanted in (
    (0.4, (4, 8, 2, 2)),
    (0.2, (2, 4, 1, 1)),
    (0.6, (6, 12, 3, 2)),
    (0.0, (0, 0, 0, 0)),
    (1.0, (10, 20, 5, 4)),
    (0.33, (3, 7, 2, 1)),
):
    train, test = split_dataset(tuple(names), share, 3)
    checks.equal(
        sorted([*train, *test]), sorted(names), hint="each image is on exactly one side, in any order of the names"
    )
    held, known = ({series(name) for name in part} for part in (test, train))
    checks.true(not held & known, "a series is on both sides: choose among the series, not among the images")
    counts = tuple(sum(one.startswith(group) for one in held) for group in ("a-1/", "b/", "c/", "d-2/"))
    checks.equal(
        counts,
        wanted,
        unless={
            "a dash in the name of the class says nothing of a series: `d-2/0.png` is one of its own": (*wanted[:3], 0),
            "round, as Python does: neither always up nor always down": tuple(
                int(share * many) for many in (10, 20, 5, 4)
            ),
        }
        if share == 0.33
        else None,
        hint="round(test · G) of the G *series* of each class are tested on, whatever the number of their images",
    )
### END HIDDEN TESTS
checks.when_graded("other shares, series of uneven length, any order", points=3)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "split_dataset-seed", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: the same seed, other seeds, not the first or last series
from course import checks

### BEGIN HIDDEN TESTS
names = [f"{group}/s{s:02}-{n}.png" for group in "ab" for s in range(20) for n in range(2)]
first, again, backwards = split_dataset(names, 0.3, 5), split_dataset(names, 0.3, 5), split_dataset(names[::-1], 0.3, 5)
checks.equal(
    sorted(first[1]), sorted(again[1]), hint="the same seed gave another split: choose with np.random.default_rng(seed)"
)
checks.equal(
    sorted(first[1]),
    sorted(backwards[1]),
    hint="the same names in another order gave another split: sort before you choose",
)
checks.equal(sorted(split_dataset(set(names), 0.3, 5)[1]), sorted(first[1]), hint="a set of names is an iterable, too")
chosen = [tuple(sorted(split_dataset(names, 0.3, seed)[1])) for seed in range(6)]
checks.true(len(set(chosen)) > 3, "other seeds gave the same split: choose at random, by the seed")
ends = {name[2:5] for name in chosen[0] if name[0] == "a"}
checks.true(
    ends not in ({f"s{s:02}" for s in range(6)}, {f"s{s:02}" for s in range(14, 20)}),
    "the test part is the beginning or the end of each class: files of a folder are ordered, choose at random",
)
### END HIDDEN TESTS
checks.when_graded("the same seed twice, other seeds", points=3)

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "leak-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# How much does the leak flatter? The simplest classifier answers: give each image the class of its nearest neighbour among the training images, compared pixel by pixel after each image was brought to mean 0 and spread 1. The orange bar splits at random, image by image; the blue one uses your `split_dataset`; the grey one asks about the validation part, a region from which nothing was trained on. Which of the first two tells the truth about the third?

# %% topics=["J4", "J1"] tags=["draw"] nbgrader={"grade": false, "grade_id": "leak-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Nearest neighbour in pixels: random split, your split, a new region
with checks.waiting_for("split_dataset"):

    def nearest(x_known, y_known, x_new, y_new):
        flat = [x[..., 0].reshape(len(x), -1) for x in (x_known, x_new)]
        known, new = ((z - z.mean(1, keepdims=True)) / z.std(1, keepdims=True) for z in flat)
        return np.mean(y_known[(new @ known.T).argmax(axis=1)] == y_new)

    names = list(surfaces)
    shares = {"random, image by image": [], "your split, by series": []}
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(names))
        held = [names[n] for n in order[: len(names) // 4]], split_dataset(names, 0.25, seed)[1]
        for line, part in zip(shares.values(), held, strict=True):
            tested = np.isin(names, list(part))
            line.append(nearest(x_train[~tested], y_train[~tested], x_train[tested], y_train[tested]))
    shares["a new region"] = [nearest(x_train, y_train, x_val, y_val)]
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for place, (line, color) in enumerate(zip(shares.values(), (ORANGE, BLUE, GREY), strict=True)):
        ax.barh(place, 100 * np.mean(line), color=color, height=0.6)
        ax.text(100 * np.mean(line) + 1, place, f"{np.mean(line):.0%}", va="center")
    ax.axvline(100 / 3, color=GREY, linestyle=":", label="chance")
    ax.set_yticks(range(3), list(shares))
    ax.set(
        xlim=(0, 110),
        xlabel="nearest neighbour right, in % (mean over five splits)",
        title="The same classifier, three tests",
    )
    ax.invert_yaxis()
    ax.legend(loc="lower right", frameon=False)
    plots.show(
        "Three bars: with a random split the nearest neighbour seems right about nine times in ten; with a split by series, "
        "and on a region that is new to it, little more than half of the time."
    )

# %% [markdown] topics=["J2", "J3", "D11"] nbgrader={"grade": false, "grade_id": "base-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 3 · Somebody else's seven years
#
# Nobody trains on ImageNet for a small job; one downloads a net that somebody trained. To keep this course free of downloads, a small **base** travels in the folder `data/`: a residual net, trained for four minutes on 27,000 colour photographs of six classes of CIFAR-10 (airplane, bird, deer, dog, frog, truck; its card is `data/base.md`). It has never seen a wall, a lawn or gravel, and nothing grey.
#
# What a net learns first serves nearly every task: edges, spots, textures. What it learns last is its own task (Yosinski and others, 2014, measured this layer by layer). So keep the first layers, perhaps adapt the middle ones where images are many, and replace the last, which says "airplane, bird, deer, …", by one for your own classes.
#
# Zeiler and Fergus (2014) looked into AlexNet's first layer and found edges at all angles, stripes and pairs of opposite colours. Look at the base's first layer before you trust it: its kernels, and what four of its maps make of your photographs. A layer that had learned nothing would show noise.

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "base", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
base = pretrained.base()  # without its last layer: an image in, 96 features out
print(f"the base: {base.count_params():,} numbers, {base.input_shape[1:]} in, {base.output_shape[1:]} out")

# %% topics=["D11"] tags=["draw"] nbgrader={"grade": false, "grade_id": "kernels-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Four first kernels of the base, and the photographs in their maps
first = next(layer for layer in base.layers if isinstance(layer, keras.layers.Conv2D))
kernels = np.asarray(first.kernel)  # (5, 5, 3, 32)
strongest = np.argsort(-np.linalg.norm(kernels.sum(axis=2) - kernels.sum(axis=2).mean((0, 1)), axis=(0, 1)))[:4]
fig, axes = plt.subplots(4, 5, figsize=(9, 7), layout="constrained")
axes[0, 0].axis("off")
for ax, number in zip(axes[0, 1:], strongest, strict=True):
    kernel = kernels[..., number]
    ax.imshow(kernel / np.abs(kernel).max() / 2 + 0.5)
    ax.set_title(f"kernel {number}", fontsize=9)
for row, (name, photo) in zip(axes[1:], photographs().items(), strict=True):
    image = evaluation.scaled(photo[None, :150, :150]).repeat(3, axis=-1)
    maps = np.asarray(first(image))[0, 2:-2, 2:-2]  # without the frame, where the kernel reads padding
    row[0].imshow(image[0])
    row[0].set_ylabel(name)
    for ax, number in zip(row[1:], strongest, strict=True):
        limit = np.percentile(np.abs(maps[..., number] - maps[..., number].mean()), 99)
        ax.imshow(maps[..., number] - maps[..., number].mean(), cmap="PuOr_r", vmin=-limit, vmax=limit)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plots.show(
    "Above, four 5 by 5 kernels with a bright and a dark side, at several angles. Below, a corner of brick, grass and gravel, each in "
    "the maps of these kernels: the joints of the wall stand out as lines, violet on one side and orange on the other, the "
    "horizontal ones in some maps more than in others; grass and gravel, which have edges everywhere, give maps full of specks."
)

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "probe-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Cut off the last layer, and the base turns each image into 96 **features**. Every image passes through it **once**; all that follows is cheap. Two things are easily wrong, and raise no error: the mode (week 9; `predict` uses batch norm's moving statistics) and the **range**. A base expects what it was trained on: ours values in [0, 1], Keras's MobileNetV2 −1 to 1.
#
# If the features are good, a **linear** classifier is enough: scores $f\,W + b$, the largest wins. For 3 classes that is $96 \cdot 3 + 3 = 291$ weights, the whole of what you train. It is called a [linear probe](../../course/glossary.md), since its accuracy says how much the features know.
#
# How you fit it is up to you, if it takes no more than some hundredths of a second: softmax regression (week 6), scikit-learn, or **ridge regression** to one-hot labels. Centre and scale the features, $z = (f - m)/s$, and solve
#
# $$(Z^\top Z + \lambda I)\, W = Z^\top Y .$$
#
# *Worked.* One centred feature $z = (-1, -1, 1, 1)$, labels 0, 0, 1, 1; the column of class 1 is $Y = (0, 0, 1, 1)$. $Z^\top Z = 4$, $Z^\top Y = 2$: without $\lambda$ the weight is 0.5, with $\lambda = 4$ it is 0.25.
#
# Why $\lambda$? Five images per class are 15 images for 96 features: $Z^\top Z$ has rank 14 at most and cannot be inverted. Just above 97 images it can, but then huge weights sit on tiny differences. $\lambda$ of the order of the number of features holds them down.
#
# One trap. The mean and the scale belong to the *training* features; fold them into $W$ and $b$, so that new features need no scaling: $\frac{f - m}{s} W + b = f \cdot \frac{W}{s} + (b - \frac{m}{s} W)$. And a feature that never changes has $s = 0$.

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "task-linear_probe", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 3 · `linear_probe` (14 points)
#
# On clouds of points that hardly touch, the checks ask for 95 % of new points (93 % where features are far from 0 or of very different sizes); on clouds that overlap in 100 dimensions for 75 % from 25 points per class, and 50 % from 5. Real photographs follow.


# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "linear_probe", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_probe(f, y):
    """Fit a linear classifier to features.

    f: (N, d) features, not scaled. y: integers (N,), 0 … C - 1, each class at least once.
    Returns (W, b), float arrays (d, C) and (C,): the class of features g is the largest of g @ W + b. It is sensible also where N is about d or less,
    where features lie far from 0, and where one is a thousand times as large as another.
    """
    ### BEGIN SOLUTION
    f, y = np.asarray(f, float), np.asarray(y)
    mean, scale = f.mean(axis=0), f.std(axis=0) + 1e-9
    z = (f - mean) / scale
    labels = np.eye(y.max() + 1)[y]
    share = labels.mean(axis=0)
    W = np.linalg.solve(z.T @ z + f.shape[1] * np.eye(f.shape[1]), z.T @ (labels - share))
    W = W / scale[:, None]
    return W, share - mean @ W
    ### END SOLUTION


# %% nbgrader={"grade": false, "grade_id": "asks-linear_probe", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
bounds.show("week10", "probe")

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-separates", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Four clouds, told apart on points that were not trained on
import numpy as np

from course import checks

rng = np.random.default_rng(11)
centres = rng.normal(0, 2, (4, 6))
y, y_new = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
f, f_new = (centres[labels] + rng.normal(0, 0.6, (200, 6)) for labels in (y, y_new))
answer = checks.unchanged(linear_probe, f, y)
checks.true(
    isinstance(answer, (tuple, list)) and len(answer) == 2,
    "two things come back, W and b: `return W, b`",
    f"found {type(answer).__name__}",
)
W, b = answer
checks.shape(
    W,
    (6, 4),
    unless={"W is (d, C), a column a class: yours is transposed": (4, 6)},
    hint="W has a column for each class",
)
checks.shape(
    b, (4,), unless={"b has one number a class, without another axis": (1, 4)}, hint="b has one number a class"
)
checks.true(
    bool(np.isfinite(W).all() and np.isfinite(b).all()), "W or b holds NaN or infinity: does your descent diverge?"
)
guess = (f_new @ np.asarray(W) + np.asarray(b)).argmax(axis=1)
found = np.mean(guess == y_new)
checks.true(
    found > 0.1,
    "nearly every answer is wrong, worse than chance: the largest score is the answer, so does your descent go uphill, or are the columns out of order?",
)
checks.between(
    found,
    0.95,
    1,
    hint="four clouds that hardly touch are told apart by a linear classifier; yours is hardly trained",
    what="accuracy",
)
checks.passed("four clouds are told apart: at least 95 % of new points", points=4)

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-anywhere", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Two classes have two columns
# When graded: features far from 0, of other sizes, constant ones
import numpy as np

from course import checks

rng = np.random.default_rng(12)
f = rng.normal(0, 1, (40, 3))
W, b = linear_probe(f, np.arange(40) % 2)
checks.shape(W, (3, 2), unless={"two classes have two columns, as any other number has": (3, 1)}, hint="(d, C)")
### BEGIN HIDDEN TESTS
for seed, classes, d in ((13, 5, 8), (14, 2, 6)):
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 2.5, (classes, d))
    y, y_new = np.arange(300) % classes, rng.integers(0, classes, 300)
    plain = [centres[labels] + rng.normal(0, 0.6, (300, d)) for labels in (y, y_new)]
    sizes = 10.0 ** rng.uniform(-2, 1, d)
    for name, change in (
        ("", lambda g: g),
        (
            "your classifier needs the features to be near 0: is there a bias, and does it come back with the mean folded in?",
            lambda g: g + 50,
        ),
        (
            "a feature that is large is not an important one: scale the features, and fold the scale into W",
            lambda g: g * sizes,
        ),
        (
            "a feature that never changes has the standard deviation 0: do not divide by it",
            lambda g: np.c_[g, np.ones(len(g))],
        ),
    ):
        W, b = (np.asarray(part, float) for part in linear_probe(change(plain[0]), y))
        checks.true(
            bool(np.isfinite(W).all() and np.isfinite(b).all()),
            name or "W or b holds NaN or infinity",
            "NaN or infinity",
        )
        found = np.mean((change(plain[1]) @ W + b).argmax(axis=1) == y_new)
        checks.between(
            found,
            0.93,
            1,
            hint=name or "clouds that hardly touch are told apart by a linear classifier",
            what="accuracy",
        )
### END HIDDEN TESTS
checks.passed("two classes, two columns", points=4, later="features far from 0, of very different sizes, constant ones")

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-few", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Each class has a feature of its own
# When graded: as many points as features, and far fewer
import numpy as np

from course import checks

W, b = linear_probe(np.eye(4).repeat(2, axis=0), np.arange(4).repeat(2))
checks.equal(
    (np.eye(4) @ np.asarray(W) + np.asarray(b)).argmax(axis=1),
    [0, 1, 2, 3],
    hint="each class has a feature of its own here",
)
### BEGIN HIDDEN TESTS
for seed, each in ((16, 25), (17, 25), (18, 5)):
    rng = np.random.default_rng(seed)
    d = 100
    centres = rng.normal(0, 0.45, (4, d))
    y, y_new = np.arange(4).repeat(each), rng.integers(0, 4, 400)
    f, f_new = (centres[labels] + rng.normal(0, 1, (len(labels), d)) for labels in (y, y_new))
    W, b = (np.asarray(part, float) for part in linear_probe(f, y))
    checks.true(bool(np.isfinite(W).all() and np.isfinite(b).all()), "with few images W or b becomes NaN or infinity")
    found = np.mean((f_new @ W + b).argmax(axis=1) == y_new)
    checks.between(
        found,
        0.75 if each > 5 else 0.5,
        1,
        hint="with as many images as features, or fewer, your classifier falls apart: hold the weights down, by λ, by weight decay or by ending early",
        what="accuracy on new points",
    )
### END HIDDEN TESTS
checks.passed("eight points in four dimensions", points=3, later="as many points as features, and far fewer")

# %% topics=["J2"] nbgrader={"grade": true, "grade_id": "linear_probe-photographs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: brick, grass and gravel, 20 images of each class
import numpy as np

from course import checks, datasets, evaluation, pretrained, profile

### BEGIN HIDDEN TESTS
known, unseen, copy = datasets.load("textures").train, evaluation.test_split("textures"), pretrained.base()
few = pretrained.few(known.y, 20, 0)
f, f_new = (np.asarray(copy(evaluation.scaled(x), training=False)) for x in (known.x[few], unseen.x))
W, b = (np.asarray(part, float) for part in linear_probe(f, known.y[few]))
checks.between(
    np.mean((f_new @ W + b).argmax(axis=1) == unseen.y),
    profile.bound("week10", "probe"),
    1,
    hint="on the base's features of real photographs your probe is worse than it should be: hold the weights down, and scale the features",
    what="accuracy",
)
### END HIDDEN TESTS
checks.when_graded("the base's features of real photographs", points=3)

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "curve-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# One number of images and one choice of them are an anecdote. A curve over the number of images per class, with several random choices for each, is an answer. Below, your probe on the base's features and the same probe on the 3,072 pixels, five choices each; the band reaches from the worst to the best.


# %% topics=["J2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "curve-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Your probe on features and on pixels, over the number of images
def features(base, x):
    """The base's features of images (N, 32, 32, 3): a float array (N, 96)."""
    return base.predict(x, batch_size=256, verbose=0)


def accuracies(f, y, f_new, y_new, samples, seeds):
    """The accuracy of `linear_probe`: (seeds, samples), a random choice of images per class for each seed."""
    table = np.zeros((len(seeds), len(samples)))
    for row, seed in enumerate(seeds):
        for column, each in enumerate(samples):
            chosen = pretrained.few(y, each, seed)
            W, b = linear_probe(f[chosen], y[chosen])
            table[row, column] = np.mean((f_new @ W + b).argmax(axis=1) == y_new)
    return table


with checks.waiting_for("linear_probe"):
    f_train, f_val = features(base, x_train), features(base, x_val)
    small, small_val = (
        x[:, ::2, ::2, 0].reshape(len(x), -1) for x in (x_train, x_val)
    )  # every second pixel, to be quick
    numbers = (5, 10, 20, 40, 100, 200)
    by_features = accuracies(f_train, y_train, f_val, y_val, numbers, range(5))
    by_pixels = accuracies(small, y_train, small_val, y_val, numbers, range(5))
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    for name, table, color, mark in (("base's features", by_features, BLUE, "o"), ("pixels", by_pixels, ORANGE, "s")):
        ax.plot(numbers, 100 * table.mean(axis=0), color=color, marker=mark, label=f"probe on the {name}")
        ax.fill_between(numbers, 100 * table.min(axis=0), 100 * table.max(axis=0), color=color, alpha=0.2)
        print(f"{name:16}", ", ".join(f"{n}: {a:.1%}" for n, a in zip(numbers, table.mean(axis=0), strict=True)))
    ax.axhline(100 / 3, color=GREY, linestyle=":", label="chance")
    ax.set(xscale="log", ylim=(20, 101), xlabel="images per class (log scale)", ylabel="validation accuracy in %")
    ax.set(title="291 weights on features, and as simple a classifier on pixels")
    ax.set_xticks(numbers, numbers)
    ax.minorticks_off()
    ax.legend(loc="center right", frameon=False)
    plots.show(
        "Two curves over 5 to 200 images per class: the probe on the base's features starts near 90 per cent and rises to about 96; "
        "the probe on pixels stays at chance, a third, however many images it gets."
    )

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "alex-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 4 · One year: an AlexNet made to measure
#
# A comparison needs a fair opponent: a net **trained from scratch** on the same images. The assignment in the notes asks for an AlexNet. Its 62 million weights cannot be fed by a few hundred images; what is worth keeping is the pattern `C M C M C C C M`, a first kernel that is larger than the others, ReLU, and a head with dropout. Everything else gets smaller. Count before you train (week 3): after the last pooling, side² · maps numbers meet the first dense layer, and that is where the budget goes.
#
# | | AlexNet | here, at 32×32 |
# |---|---|---|
# | first convolution | 11×11, stride 4 | for example 5×5, stride 2 |
# | side after the first convolution and each pooling | 55, 27, 13, 6 | for example 16, 8, 4, 2 |
# | weights | 62,378,344 | at most 200,000 |

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "task-alexnet_mini", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 4 · `alexnet_mini` and `own` (18 points)
#
# `own` is trained on all 768 training images. The race in section 6 trains the same net, by your `train_own`, on as few as 15 images in total, so let the number of *steps* (not only of epochs) be large enough there: forty at least. Small sets are learned by heart; batch norm, dropout and a rate that falls help. `own` is kept in `artefacts/` beside this notebook: hand that folder in as well, or the grader trains it again.


# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "alexnet_mini", "locked": false, "schema_version": 3, "solution": true, "task": false}
def alexnet_mini(size=32, classes=3):
    """A new, untrained AlexNet for small images.

    size: side length of the images, 32 to 64. Returns a keras.Model, not compiled, of Keras's own layers: input (size, size, 3),
    scaled to [0, 1]; output (classes,), probabilities. In the order C M C M C C C M (C: one or more convolutions, each with a
    non-linearity after it; M: a pooling that makes the maps smaller, to 1×1 at the least), then a head; the first kernel is
    larger than 3×3 and than the later ones; at most 200,000 weights, for each size.
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    net = keras.Sequential([keras.Input((size, size, 3))])
    for maps, kernel, stride, pool in ((16, 5, 2, 3), (32, 3, 1, 3), (48, 3, 1, 0), (48, 3, 1, 0), (32, 3, 1, 2)):
        net.add(layers.Conv2D(maps, kernel, strides=stride, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.8))
        net.add(layers.ReLU())
        if pool:
            net.add(layers.MaxPooling2D(pool, strides=2, padding="same"))
    for layer in (layers.Flatten(), layers.Dropout(0.3), layers.Dense(64, activation="relu")):
        net.add(layer)
    net.add(layers.Dense(classes, activation="softmax"))
    return net
    ### END SOLUTION


def train_own(model, x, y):
    """Compile `model`, as alexnet_mini makes it, and train it on x, float32 (N, size, size, 3), with labels y (N,), N >= 15.

    Returns its history: a dict of lists, "loss" and "accuracy", one float per epoch.
    """
    ### BEGIN SOLUTION
    epochs, least = (6, 80) if PROFILE == "quick" else (16, 240)
    per_epoch = -(-len(x) // 32)
    epochs = max(epochs, -(-least // per_epoch))
    steps = epochs * per_epoch
    rate = keras.optimizers.schedules.CosineDecay(3e-4, steps - steps // 5, warmup_target=3e-3, warmup_steps=steps // 5)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x, y, epochs=epochs, batch_size=32, quiet=True)
    ### END SOLUTION


own, own_history = training.trained(
    "own",
    lambda: alexnet_mini(32, 3),
    lambda model: train_own(model, x_train, y_train),
    settings={"seed": SEED, "images": len(x_train)},
)


# %% nbgrader={"grade": false, "grade_id": "asks-alexnet_mini", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
bounds.show("week10", "first", "second", "slack")

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-shapes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Sizes, classes and the budget of 200,000 weights
import numpy as np

from course import blocks, checks, evaluation

for size, classes in ((32, 3), (48, 4), (64, 5)):
    net = blocks.as_model(alexnet_mini(size, classes), "alexnet_mini's result")
    checks.equal(net.input_shape, (None, size, size, 3), hint="the input is (size, size, 3)")
    checks.equal(net.output_shape, (None, classes), hint="`classes` numbers come out")
    weights = evaluation.budget(net)
    checks.true(
        weights <= 200_000,
        f"with size {size} your net has {weights:,} weights, at most 200,000: most of them sit in the dense layer after Flatten; pool more, or use fewer maps there",
    )
outputs = np.asarray(net(np.random.default_rng(61).random((3, 64, 64, 3)).astype("float32"), training=False))
checks.close(outputs.sum(axis=1), np.ones(3), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
checks.passed("sizes, classes and budget", points=4)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-pattern", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The pattern C M C M C C C M, read off the shapes
import re

import keras
import numpy as np

from course import blocks, checks


def flat(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from flat(layer)
        else:
            yield layer


for size in (32, 64):
    net = blocks.as_model(alexnet_mini(size, 3), "alexnet_mini's result")
    pattern, sides, kernels = "", size, []
    for layer in flat(net):
        shape = tuple(layer.output.shape)
        if len(shape) != 4:
            continue
        kernel = [tuple(w.shape)[:2] for w in layer.weights if len(w.shape) == 4]
        if kernel:
            pattern, kernels = pattern + "C", [*kernels, max(kernel[0])]
        elif shape[1] and shape[1] < sides:
            pattern += "M"
        sides = shape[1] or sides
    checks.true(
        re.fullmatch(r"C+MC+MC{3,}M[CM]*", pattern) is not None,
        "AlexNet's pattern is C M C M C C C M: three convolutions in a row before the last pooling, one before each of the others",
        f"with size {size} found {' '.join(pattern)}",
    )
    checks.true(kernels[0] > 3, "AlexNet's first kernel is the large one: larger than 3×3", f"found {kernels}")
    checks.true(kernels[0] > max(kernels[1:]), "the first kernel is larger than the later ones", f"found {kernels}")
checks.passed("C M C M C C C M, the first kernel the largest", points=4)

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-computes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Another size and number of classes
# When graded: a non-linearity after each convolution; other sizes
import numpy as np

from course import blocks, checks, evaluation

net = blocks.as_model(alexnet_mini(40, 6), "alexnet_mini's result")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 40, 40, 3), (None, 6)), hint="(size, size, 3) in, (classes,) out"
)
### BEGIN HIDDEN TESTS
import keras

x = np.random.default_rng(63).random((8, 40, 40, 3)).astype("float32")
outputs = np.asarray(net(x, training=False))
checks.close(outputs.sum(axis=1), np.ones(8), rtol=1e-4, hint="the outputs are no probabilities: end in a softmax")
checks.true(bool(np.ptp(outputs, axis=0).max() > 0), "the output does not depend on the image")
net = blocks.as_model(alexnet_mini(56, 10), "alexnet_mini's result")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 56, 56, 3), (None, 10)), hint="(size, size, 3) in, (classes,) out"
)
checks.true(evaluation.budget(net) <= 200_000, "with another size your net has more than 200,000 weights")
net = blocks.as_model(alexnet_mini(64, 3), "alexnet_mini's result")
convolutions = [layer for layer in net.layers if any(len(w.shape) == 4 for w in layer.weights)]
maps = [
    layer for layer in net.layers if not isinstance(layer, keras.layers.InputLayer) and len(layer.output.shape) == 4
]
in_a_row = isinstance(net, keras.Sequential)  # its layers are used once, whatever their nodes say


def part_from(convolution, following):
    """The part of the net from the input of a convolution to the next one, or to the last maps; its output is 4-D."""
    if not in_a_row:
        return keras.Model(convolution.input, following.input if following else maps[-1].output)
    x = start = keras.Input(convolution.input.shape[1:])
    last = net.layers.index(following) if following else net.layers.index(maps[-1]) + 1
    for layer in net.layers[net.layers.index(convolution) : last]:
        x = layer(x)
    return keras.Model(start, x)


if not any(isinstance(layer, keras.Model) for layer in net.layers) and (
    in_a_row or all(len(layer._inbound_nodes) == 1 for layer in convolutions)
):
    rng = np.random.default_rng(62)
    for convolution, following in zip(convolutions, [*convolutions[1:], None], strict=True):
        part = part_from(convolution, following)
        shape = tuple(convolution.input.shape[1:])
        pooled = tuple(convolution.output.shape[1:3]) != tuple(part.output_shape[1:3])
        if following is None and not pooled:
            continue  # a 1×1 in the head, which gives the scores
        # A maximum is no linear function; of maps that are the same everywhere it is the value itself, away from the border.
        size = (1, 1, shape[2]) if pooled else shape
        a, b = (np.broadcast_to(rng.normal(0, 1, (4, *size)), (4, *shape)).astype("float32") for _ in range(2))
        total, one, other, none = (np.asarray(part(x, training=False)) for x in (a + b, a, b, np.zeros_like(a)))
        if pooled:
            middle = total.shape[1] // 2
            total, one, other, none = (y[:, middle, middle] for y in (total, one, other, none))
        size = float(np.abs(one - none).max())
        checks.true(
            float(np.abs(total - one - other + none).max()) > 1e-4 * size,
            "after a convolution a non-linearity is missing, and a pooling is none in its place: ReLU belongs after each"
            if pooled
            else "between two convolutions there is no non-linearity: two in a row are then one convolution; ReLU belongs after each",
        )
### END HIDDEN TESTS
checks.passed("size 40 and six classes", points=2, later="a non-linearity after each convolution, other sizes")

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-first", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# `own` on validation images, a region that it was not trained on
# When graded: test images, also moved by a pixel
from course import blocks, checks, datasets, evaluation, profile

bound = profile.bound("week10", "first")
slack = profile.bound("week10", "slack")
net = blocks.as_model(own, "own")
checks.equal(
    (net.input_shape, net.output_shape), ((None, 32, 32, 3), (None, 3)), hint="own is alexnet_mini(32, 3), trained"
)
checks.equal(
    blocks.as_model(alexnet_mini(32, 3), "alexnet_mini's result").count_params(),
    net.count_params(),
    hint="own is another net than alexnet_mini builds: run the cell again",
)
checks.true(evaluation.budget(net) <= 200_000, "own has more than 200,000 weights")
part = datasets.load("textures").validation
checks.between(
    evaluation.accuracy(net, evaluation.scaled(part.x), part.y),
    bound - slack,
    1,
    hint=f"{bound:.0%} of the test images are asked for, and your validation accuracy is still well below it: train longer, with a rate that falls, batch norm, dropout",
    what="validation accuracy",
)
### BEGIN HIDDEN TESTS
part = evaluation.test_split("textures")
for rows, columns in ((0, 0), (1, 0), (0, -1)):
    checks.between(
        evaluation.accuracy(net, evaluation.scaled(evaluation.shifted(part.x, rows, columns)), part.y),
        bound - slack * (rows or columns) ** 2,
        1,
        hint=f"fewer than {bound:.0%} of the test images are right, moved by a pixel or as they are: a bound is reached safely by a net that is a little better",
        what="test accuracy",
    )
### END HIDDEN TESTS
checks.passed("own knows a region that it was not trained on", points=5, later="test images, also moved by a pixel")

# %% topics=["J4"] nbgrader={"grade": true, "grade_id": "alexnet_mini-second", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The second bound, on validation images
# When graded: the same on test images
from course import blocks, checks, datasets, evaluation, profile

bound = profile.bound("week10", "second")
net = blocks.as_model(own, "own", takes=(32, 32, 3))
checks.equal(net.output_shape, (None, 3), hint="own is alexnet_mini(32, 3), trained")
checks.true(evaluation.budget(net) <= 200_000, "own has more than 200,000 weights")
part = datasets.load("textures").validation
checks.between(
    evaluation.accuracy(net, evaluation.scaled(part.x), part.y),
    bound - profile.bound("week10", "slack"),
    1,
    hint=f"this bound asks for {bound:.0%} of the test images: train longer, with a rate that falls, moved images, batch norm",
    what="validation accuracy",
)
### BEGIN HIDDEN TESTS
part = evaluation.test_split("textures")
checks.between(
    evaluation.accuracy(net, evaluation.scaled(part.x), part.y),
    bound,
    1,
    hint=f"fewer than {bound:.0%} of the test images are right: a bound is reached safely by a net that is a little better",
    what="test accuracy",
)
### END HIDDEN TESTS
checks.passed("own is better than that", points=3, later="the same on test images")

# %% topics=["J4"] tags=["draw"] nbgrader={"grade": false, "grade_id": "own-look", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# What `own` learned, and what it confuses
with checks.waiting_for("alexnet_mini"):
    print(
        f"validation: {evaluation.accuracy(own, x_val, y_val):.1%} of {len(x_val)}, {evaluation.budget(own):,} weights"
    )
    plots.curves(own_history, title="The small AlexNet from scratch, 256 images per class")
    plots.show("Training loss falling and training accuracy rising towards 100 per cent over the epochs.")

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "freeze-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 5 · Freezing, and thawing from the top
#
# The probe stands outside the net. Put it onto the base as a last layer, its **head**, and both are one model. To train only the head, the base is **[frozen](../../course/glossary.md)**: no step changes its weights. Later its upper layers may be thawed and trained a little, at a low rate: **[fine-tuning](../../course/glossary.md)**.
#
# Three things decide whether a frozen net stays as it was:
#
# 1. **`compile` comes after `trainable`.** Keras makes its training function at the first `fit` after `compile`, from what is trainable then. Change `trainable` later, and nothing happens until you compile again. Set on a model, it is set on every layer inside.
# 2. **A batch norm has four arrays**, and two of them are not weights but statistics, which move whenever it works in training mode, at any learning rate, even at 0. In Keras a batch norm with `trainable = False` also works in inference mode, so its statistics stay.
# 3. **`base(x, training=False)` alone does not freeze.** It says how the layers work, not what is trained. Keras's guide on transfer learning says that it keeps batch norm in inference mode even after thawing. See for yourself what `fit` does to weights and to statistics in the version that you run:


# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "frozen-demo", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
def moved(before, model):
    """How many weights and how many statistics of a model differ from those kept before, to the last bit."""
    pairs = [(w.path, not np.array_equal(old, w.numpy())) for old, w in zip(before, model.weights, strict=True)]
    return [sum(new for path, new in pairs if ("moving" in path) == statistics) for statistics in (False, True)]


x_toy, y_toy = np.random.default_rng(SEED).random((32, 8, 8, 3)).astype("float32"), np.arange(32) % 3
print(f"Keras {keras.__version__}: arrays of the base that a fit has changed")
for title, frozen, late in (
    ("base(x, training=False) alone", False, False),
    ("trainable = False, then compile", True, False),
    ("compile, fit, then trainable = False, fit", True, True),
):
    toy = pretrained.toy_base((4, 5))
    toy.trainable = not frozen or late
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(toy(inputs, training=False)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    if late:
        model.fit(x_toy, y_toy, epochs=1, verbose=0)
        toy.trainable = False
    before = toy.get_weights()
    model.fit(x_toy, y_toy, epochs=1, verbose=0)
    weights, statistics = moved(before, toy)
    print(f"{title:42} {weights} of 7 weights, {statistics} of 4 statistics")

# %% [markdown] topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "task-freeze", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 5 · `freeze`, `unfreeze_top` (18 points)
#
# `freeze` makes one model of a base and a probe. The probe's scores were fitted to 0 and 1; read as inputs of a softmax they say "nearly undecided". Multiplied by 10 they keep their order, and the model is as sure as the probe deserves. Count before you train: with 96 features and 3 classes, 291 trainable numbers and not one more. `unfreeze_top` thaws from the top, for the last layers are the most special; batch norms stay frozen throughout, so that a handful of images does not replace statistics of 27,000. Neither function compiles: that belongs to the training, after `trainable` is set. And rely on `trainable`: the first line above moves all 4 statistics in the version that the course pins, whatever the guide says.


# %% topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "freeze", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze(base, W, b):
    """A classifier on a frozen base, which answers as a linear probe does.

    base: a Keras model from images to features (d,), with its weights. W, b: arrays (d, C) and (C,), a linear probe.
    Returns a keras.Model, not compiled, from images to (C,) probabilities: softmax(10 · (features · W + b)), the base in
    inference mode. Trainable are the kernel and the bias of the last dense layer alone.
    """
    ### BEGIN SOLUTION
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    head = keras.layers.Dense(len(b), activation="softmax")
    model = keras.Model(inputs, head(base(inputs, training=False)))
    head.set_weights([10 * np.asarray(W), 10 * np.asarray(b)])
    return model
    ### END SOLUTION


def unfreeze_top(model, n):
    """Thaw the last n convolutions of the base, for fine-tuning.

    model: what your `freeze` returned, trained or not. n: how many convolutions, counted from the end of the base.
    Returns the model, not compiled anew, with the weights it had. Trainable are the kernels (and biases) of these n
    convolutions, and the head; everything else is frozen, each batch norm included, also those between thawed layers.
    Raises ValueError where n is negative or the base has fewer convolutions.
    """
    ### BEGIN SOLUTION
    layers = [layer for part in model.layers for layer in (part.layers if isinstance(part, keras.Model) else [part])]
    convolutions = [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]
    if not 0 <= n <= len(convolutions):
        raise ValueError(f"the base has {len(convolutions)} convolutions, {n} cannot be thawed")
    top = convolutions[len(convolutions) - n :]
    for layer in layers:
        layer.trainable = layer in top or isinstance(layer, keras.layers.Dense)
    return model
    ### END SOLUTION


# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "freeze-counts", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# What may be trained, counted
import numpy as np

from course import blocks, checks, pretrained

rng = np.random.default_rng(31)
W, b = rng.normal(size=(6, 3)), rng.normal(size=3)
net = blocks.as_model(freeze(pretrained.toy_base((4, 5, 6), seed=31), W, b), "freeze's result", takes=(8, 8, 3))
checks.equal(net.output_shape, (None, 3), hint="C numbers come out, one for each column of W")
kernels = 27 * 4 + 4 + 36 * 5 + 45 * 6 + 6
checks.integer(
    sum(int(np.prod(weight.shape)) for weight in net.trainable_variables),
    (6 + 1) * 3,
    unless={
        "the head is frozen as well, so nothing is left to train": 0,
        "the base is not frozen: trainable = False is missing, or comes for the wrong part": kernels + 2 * 15 + 21,
        "γ and β of the batch norms can still be trained": 2 * 15 + 21,
        "the last layer of the base is not frozen": 45 * 6 + 6 + 2 * 6 + 21,
        "the head has no bias": 18,
        "frozen and trainable are exchanged: the head stays, the base moves": kernels + 2 * 15,
    },
    hint="trainable are the head's kernel and bias alone: d·C + C numbers",
)
checks.passed("the head alone can be trained", points=4)

# %% topics=["J2", "J3"] nbgrader={"grade": true, "grade_id": "freeze-answers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The model answers as the probe does
# When graded: other bases and probes
import numpy as np

from course import blocks, checks, pretrained


def expected(toy, x, W, b, times=10.0, training=False):
    scores = times * (np.asarray(toy(x, training=training)) @ W + b)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


rng = np.random.default_rng(32)
W, b, x = rng.normal(0, 0.3, (5, 3)), rng.normal(0, 0.3, 3), rng.random((6, 8, 8, 3)).astype("float32")
net = blocks.as_model(freeze(pretrained.toy_base((4, 5), seed=32), W, b), "freeze's result")
toy, other = (pretrained.toy_base((4, 5), seed=32) for _ in range(2))
checks.close(
    np.asarray(net(x, training=False)),
    expected(toy, x, W, b),
    rtol=1e-3,
    atol=1e-4,
    unless={
        "the head is the probe as it is: it should be ten times as sure": expected(toy, x, W, b, 1.0),
        "b is multiplied by 10 as well": expected(toy, x, 10 * W, b, 1.0),
        "W is multiplied by 10 as well": expected(toy, x, W, 10 * b, 1.0),
        "the outputs are scores: end in a softmax": lambda: 10 * (np.asarray(toy(x, training=False)) @ W + b),
    },
    hint="softmax(10 · (features · W + b)), with the base's own weights, in inference mode",
)
checks.close(
    np.asarray(net(x[:1], training=False)),
    expected(toy, x[:1], W, b),
    rtol=1e-3,
    atol=1e-4,
    hint="an image alone has the same answer as in company",
)
### BEGIN HIDDEN TESTS
for maps, classes, size, seed in (((5, 7), 4, 10, 33), ((3, 4, 6, 8), 2, 12, 34)):
    rng = np.random.default_rng(seed)
    W, b = rng.normal(0, 0.3, (maps[-1], classes)), rng.normal(0, 0.3, classes)
    x = rng.random((5, size, size, 3)).astype("float32")
    toy = pretrained.toy_base(maps, size=size, seed=seed)
    want = expected(toy, x, W, b)
    net = blocks.as_model(freeze(toy, W, b), "freeze's result")
    checks.close(np.asarray(net(x, training=False)), want, rtol=1e-3, atol=1e-4, hint="other bases, sizes and probes")
### END HIDDEN TESTS
checks.passed("the model answers as the probe does", points=3, later="other bases and probes")

# %% topics=["J2", "J3"] nbgrader={"grade": true, "grade_id": "freeze-holds", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: after a fit the base is what it was, to the last bit
import numpy as np

from course import blocks, checks, pretrained

### BEGIN HIDDEN TESTS
import keras

for maps, classes, seed in (((5, 7), 4, 35), ((3, 4, 6, 8), 2, 36)):
    rng = np.random.default_rng(seed)
    toy = pretrained.toy_base(maps, size=10, seed=seed)
    before = toy.get_weights()
    W, b = rng.normal(0, 0.3, (maps[-1], classes)), rng.normal(0, 0.3, classes)
    net = blocks.as_model(freeze(toy, W, b), "freeze's result")
    x, y = rng.random((40, 10, 10, 3)).astype("float32") * 2, rng.integers(0, classes, 40)
    values = net.get_weights()
    places = [next((n for n, new in enumerate(values) if np.array_equal(old, new)), None) for old in before]
    checks.true(
        None not in places,
        "the net does not hold the base's weights: put the base itself into the model, not a copy of its layout",
    )
    checks.equal(len(values), len(before) + 2, hint="the net has the base's arrays, and a kernel and a bias")
    net.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    net.fit(x, y, batch_size=10, epochs=2, verbose=0)
    after = net.get_weights()
    wrong = [
        n for n, (place, old) in enumerate(zip(places, before, strict=True)) if not np.array_equal(after[place], old)
    ]
    statistics = {n for n, w in enumerate(toy.weights) if "moving" in w.path}
    checks.true(
        not wrong or not set(wrong) <= statistics,
        "a fit changes the moving statistics of the batch norms: they work in training mode, so they are not frozen",
    )
    checks.true(not wrong, "a fit changes weights of the base: it is not frozen", f"arrays {wrong} of {len(before)}")
    head = [n for n in range(len(values)) if n not in places]
    checks.true(
        any(not np.array_equal(values[n], after[n]) for n in head), "the head learns nothing: it must stay trainable"
    )
### END HIDDEN TESTS
checks.when_graded("a fit leaves every array of the base as it was", points=4)

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "freeze-thawed", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# Two of four convolutions thawed, counted
import numpy as np

from course import blocks, checks, pretrained

rng = np.random.default_rng(41)
net = freeze(pretrained.toy_base((4, 5, 6, 7), seed=41), rng.normal(size=(7, 3)), rng.normal(size=3))
net = blocks.as_model(unfreeze_top(blocks.as_model(net, "freeze's result"), 2), "unfreeze_top's result")
sizes = [27 * 4 + 4, 36 * 5, 45 * 6 + 6, 54 * 7]
head = (7 + 1) * 3
checks.integer(
    sum(int(np.prod(weight.shape)) for weight in net.trainable_variables),
    sizes[2] + sizes[3] + head,
    unless={
        "nothing of the base is thawed: n counts convolutions, not layers of any kind": head,
        "thawed from the wrong end: the bottom stays frozen": sizes[0] + sizes[1] + head,
        "the whole base is thawed, batch norms included": sum(sizes) + 2 * 22 + head,
        "all convolutions are thawed, not the last n": sum(sizes) + head,
        "the batch norms among the thawed layers must stay frozen": sizes[2] + sizes[3] + 2 * 13 + head,
        "all batch norms are thawed: they must stay frozen": sizes[2] + sizes[3] + 2 * 22 + head,
        "one convolution too few is thawed": sizes[3] + head,
        "one convolution too many is thawed": sum(sizes[1:]) + head,
        "the head must stay trainable": sizes[2] + sizes[3],
        "n counts convolutions: the batch norm is none, and stays frozen": sizes[3] + 2 * 7 + head,
        "n counts convolutions, not arrays": 2 * 7 + head,
    },
    hint="trainable are the last two convolutions and the head, no batch norm",
)
checks.passed("the last two convolutions and the head can be trained", points=4)

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "freeze-which", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# When graded: which layers, for any n; n that cannot be; weights kept
import numpy as np

from course import blocks, checks, pretrained

### BEGIN HIDDEN TESTS
for maps, classes, seed in (((4, 5, 6), 3, 43), ((3, 3, 3, 3, 3), 5, 44)):
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(maps[-1], classes)), rng.normal(size=classes)
    toy = pretrained.toy_base(maps, seed=seed)
    groups = [[w.numpy() for w in layer.weights] for layer in toy.layers if "conv" in layer.name]
    for n in (0, 1, len(maps)):
        frozen = blocks.as_model(freeze(pretrained.toy_base(maps, seed=seed), W, b), "freeze's result")
        kept = frozen.get_weights()
        net = blocks.as_model(unfreeze_top(frozen, n), "unfreeze_top's result")
        checks.true(
            len(kept) == len(net.get_weights())
            and all(np.array_equal(old, new) for old, new in zip(kept, net.get_weights(), strict=True)),
            "unfreeze_top must not change any weight: the head that has been trained is lost, or the base built anew",
        )
        wanted = [w for group in groups[len(maps) - n :] for w in group]
        got = [np.asarray(w) for w in net.trainable_variables]
        missing = [w for w in wanted if not any(np.array_equal(w, other) for other in got)]
        checks.true(
            not missing, f"with n = {n} of {len(maps)} a convolution that should be thawed is not: count from the end"
        )
        message = (
            "n = 0 thaws nothing: [-0:] is the whole list"
            if n == 0
            else f"with n = {n} of {len(maps)} more is thawed than should be"
        )
        checks.equal(len(got), len(wanted) + 2, hint=message)
        again = blocks.as_model(unfreeze_top(net, 1), "unfreeze_top's result")
        checks.equal(
            len(again.trainable_variables),
            len(groups[-1]) + 2,
            hint="called again with n = 1, all but the last convolution is frozen again",
        )
    for n in (-1, len(maps) + 1):
        frozen = blocks.as_model(freeze(pretrained.toy_base(maps, seed=seed), W, b), "freeze's result")
        checks.raises(
            ValueError, lambda: unfreeze_top(frozen, n), hint="n below 0, or more than the base has convolutions"
        )
### END HIDDEN TESTS
checks.when_graded("any n, and n that cannot be", points=3)

# %% [markdown] topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "tune-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 6 · Fine-tuning, and the race
#
# | way | an image passes the base | augmentation | trained here |
# |---|---|---|---|
# | probe on features | once | no: features are fixed | 291 numbers |
# | frozen base in the model | forward, each epoch | yes | 291 numbers |
# | fine-tuning | forward and back, each epoch | yes | thawed kernels as well |
#
# Fine-tuning comes last, from a head that has been trained. A head of random weights would send random gradients into the thawed layers and spoil in the first steps what the base knew; from the probe's head they are small. The rate stays low, a tenth of the usual one or less: what the base knows is to be adapted, not learned anew.
#
# *Worked: the size of a step.* Adam divides each gradient by its own size (week 6), so its first step moves every weight by about the learning rate, whatever the loss: by 0.0001 here. With 60 images and batches of 32 there are two steps per epoch and twelve in six epochs; no weight moves further than about 0.0012.

# %% [markdown] topics=["J3"] nbgrader={"grade": false, "grade_id": "task-fine_tune", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ### Exercise 6 · `fine_tune` (14 points)
#
# Probe, model, thaw, compile, fit, in the right order. A forgotten or early `compile` raises nothing; it trains the wrong layers. With a rate of 0 nothing moves, and the model is the probe itself: a test worth keeping.


# %% topics=["J3"] nbgrader={"grade": false, "grade_id": "fine_tune", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fine_tune(base, x, y, n, epochs=6, rate=1e-4):
    """Fit a linear probe to the base's features, and train it on together with the last n convolutions of the base.

    base: a Keras model from images to features. x: images (N, height, width, 3), scaled. y: integers (N,), 0 … C - 1.
    n: how many convolutions to thaw. epochs, rate: of Adam on the sparse categorical cross-entropy, in batches of 32.
    Returns the trained model, images to (C,) probabilities. It starts as `freeze` makes it of the base and your
    linear_probe of its features. Below the thawed convolutions, and in every batch norm, the base has its old arrays,
    to the last bit.
    """
    ### BEGIN SOLUTION
    W, b = linear_probe(np.asarray(base(x, training=False)), y)
    model = unfreeze_top(freeze(base, W, b), n)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    training.fit(model, x, y, epochs=epochs, batch_size=32, quiet=True)
    return model
    ### END SOLUTION


# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-start", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# With a rate of 0 the model is your probe, and nothing has moved
import numpy as np

from course import blocks, checks, pretrained

rng = np.random.default_rng(52)
y = np.arange(40) % 3
x = (rng.random((40, 8, 8, 3)) * 0.6 + 0.4 * np.eye(3)[y][:, None, None]).astype("float32")
toy = pretrained.toy_base((4, 5, 6), seed=51)
before, f = toy.get_weights(), np.asarray(toy(x, training=False))
net = blocks.as_model(fine_tune(toy, x, y, 1, 1, 0.0), "fine_tune's result")
checks.equal(net.output_shape, (None, 3), hint="a number for each class in y")
values = net.get_weights()
checks.true(
    all(any(np.array_equal(old, new) for new in values) for old in before),
    "with a rate of 0 an array of the base has changed: the statistics of a batch norm move at any rate where it works in "
    "training mode, so freeze the batch norms before you compile; and pass the rate on",
)
W, b = linear_probe(f, y)
scores = 10 * (f @ np.asarray(W) + np.asarray(b))
p = np.exp(scores - scores.max(axis=1, keepdims=True))
checks.close(
    np.asarray(net(x, training=False)),
    p / p.sum(axis=1, keepdims=True),
    rtol=1e-2,
    atol=1e-3,
    hint="with a rate of 0 the model should be freeze(base, W, b), with W and b of your linear_probe on the base's features",
)
checks.passed("it starts from the probe", points=5)

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-steps", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# One step of Adam moves a weight by the rate: the head and the top move
# When graded: other rates, epochs and n
import numpy as np

from course import blocks, checks, pretrained


def moves(maps, n, count, epochs, rate, seed):
    """By how much the arrays of head and base have moved: the head's largest move, and (kind, move) for each array of the base."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 3
    # Labels that do not follow from the images: a head that fits them all would have nothing to move for.
    x = (rng.random((count, 8, 8, 3)) * 0.8 + 0.2 * np.eye(3)[rng.permutation(y)][:, None, None]).astype("float32")
    toy = pretrained.toy_base(maps, seed=seed)
    base = pretrained.toy_base(maps, seed=seed)
    W, b = linear_probe(np.asarray(toy(x, training=False)), y)
    old = [10 * np.asarray(W), 10 * np.asarray(b)]
    net = blocks.as_model(fine_tune(base, x, y, n, epochs, rate), "fine_tune's result")
    values = net.get_weights()
    checks.equal(len(values), len(toy.weights) + 2, hint="the model is the base and one dense layer")
    head = [next(v for v in values if v.shape == o.shape and np.abs(v - o).max() < 1) for o in old]
    rest = [
        (w.path.rsplit("/", 1)[-1], min(np.abs(v - w.numpy()).max() for v in values if v.shape == w.shape))
        for w in toy.weights
    ]
    return max(float(np.abs(v - o).max()) for v, o in zip(head, old, strict=True)), rest


head, rest = moves((4, 5, 6), 1, 30, 1, 1e-2, 53)
checks.true(head > 1e-4, "the head has not moved: is the model fitted, with the head trainable, after compile?")
checks.between(
    head,
    0.5e-2,
    1.2e-2,
    hint="one step of Adam at a rate of 0.01 moves the head by about 0.01: use Adam, the given rate, epochs and batches of 32",
    what="the largest move of a weight in the head",
)
checks.true(
    rest[-6 if len(rest) == 16 else -5][1] > 0,
    "the last convolution of the base has not moved, although it was to be thawed: is the model compiled *after* trainable is set?",
)
### BEGIN HIDDEN TESTS
for maps, n, count, epochs, rate, steps, seed in (
    ((4, 6), 2, 32, 3, 1e-3, 3, 54),
    ((5, 6, 7), 1, 160, 2, 3e-3, 10, 55),
):
    head, rest = moves(maps, n, count, epochs, rate, seed)
    checks.between(
        head,
        0.3 * steps * rate,
        1.5 * steps * rate,
        hint="the head moved further, or less far, than the epochs, the rate and batches of 32 make it move",
        what="the largest move of a weight in the head",
    )
    top = max(move for _, move in rest)
    checks.between(
        top,
        0.3 * steps * rate,
        1.5 * steps * rate,
        hint="the thawed convolutions moved further, or less far, than the epochs, the rate and batches of 32 make them move",
        what="the largest move of a weight in the base",
    )
### END HIDDEN TESTS
checks.passed("head and top move by the rate", points=5, later="other rates, epochs and n")

# %% topics=["J3"] nbgrader={"grade": true, "grade_id": "fine_tune-holds", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# When graded: what has moved after a training, and what has not
import numpy as np

from course import blocks, checks, pretrained

### BEGIN HIDDEN TESTS
for maps, n, seed in (((4, 6, 5), 0, 56), ((5, 4, 3, 6), 3, 57)):
    toy = pretrained.toy_base(maps, seed=seed)
    before = toy.get_weights()
    rng = np.random.default_rng(seed)
    x, y = rng.random((40, 8, 8, 3)).astype("float32"), np.arange(40) % 4
    W, _ = linear_probe(np.asarray(toy(x, training=False)), y)
    values = blocks.as_model(fine_tune(toy, x, y, n, 2, 1e-3), "fine_tune's result").get_weights()
    heads = [new for new in values if new.shape == np.shape(W)]
    checks.true(
        bool(heads) and all(np.abs(new - 10 * np.asarray(W)).max() > 5e-4 for new in heads),
        f"with n = {n} the head has not been trained: it learns whatever is thawed below it",
    )
    convolution = -1
    for old, weight in zip(before, toy.weights, strict=True):
        kind = weight.path.rsplit("/", 1)[-1]
        convolution += kind == "kernel"
        same = any(np.array_equal(old, new) for new in values)
        if kind in ("gamma", "beta", "moving_mean", "moving_variance"):
            checks.true(same, "a batch norm of the base has changed: γ, β and the statistics stay")
        elif convolution < len(maps) - n:
            checks.true(
                same,
                "a convolution below the thawed ones has changed: was it trained before it was frozen, or is compile in the wrong place?",
            )
        elif kind == "kernel":
            checks.true(not same, "a thawed convolution has not moved: compile after trainable is set, then fit")
### END HIDDEN TESTS
checks.when_graded("frozen layers and batch norms stay, thawed ones move", points=4)

# %% [markdown] topics=["J2", "J3"] nbgrader={"grade": false, "grade_id": "race-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **The race.** Three ways to use the same images: the probe; fine-tuning from the probe's head, with the last two convolutions; your AlexNet from scratch. **Before you run the next cell, write down** (it is part of question 1 in section 8): who leads with 5 images per class, by how many points, and from how many images on do you expect the lines to meet?

# %% topics=["J2", "J3"] tags=["draw"] nbgrader={"grade": false, "grade_id": "race-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# The race: probe, fine-tuning and AlexNet from scratch
with checks.waiting_for("linear_probe", "alexnet_mini", "freeze", "fine_tune"):
    samples, seeds = ((5, 10, 20, 40, 100, 200), range(3)) if PROFILE == "full" else ((5, 20, 80), range(2))
    table = np.full((3, len(seeds), len(samples)), np.nan)
    for row, seed in enumerate(seeds):
        for column, each in enumerate(samples):
            if PROFILE == "quick" and row and each == samples[-1]:
                continue  # many images: one choice is like another
            keras.utils.set_random_seed(seed)
            picked = pretrained.few(y_train, each, seed)
            W, b = linear_probe(f_train[picked], y_train[picked])
            table[0, row, column] = np.mean((f_val @ W + b).argmax(axis=1) == y_val)
            model = fine_tune(pretrained.base(), x_train[picked], y_train[picked], 2)
            table[1, row, column] = evaluation.accuracy(model, x_val, y_val)
            model = alexnet_mini(32, 3)
            train_own(model, x_train[picked], y_train[picked])
            table[2, row, column] = evaluation.accuracy(model, x_val, y_val)
    fig, ax = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
    for name, lines, color, mark in zip(
        ("linear probe", "fine-tuned from the probe", "AlexNet from scratch"),
        table,
        (BLUE, GREEN, ORANGE),
        "o^s",
        strict=True,
    ):
        mean, least, most = (100 * function(lines, axis=0) for function in (np.nanmean, np.nanmin, np.nanmax))
        ax.plot(samples, mean, color=color, marker=mark, label=name)
        ax.fill_between(samples, least, most, color=color, alpha=0.2)
        print(f"{name:27}", ", ".join(f"{n}: {a:.1f}%" for n, a in zip(samples, mean, strict=True)))
    ax.axhline(100 / 3, color=GREY, linestyle=":", label="chance")
    ax.set(xscale="log", xlabel="images per class (log scale)", ylabel="validation accuracy in %")
    once = "" if PROFILE == "full" else f" (one of {samples[-1]})"
    ax.set(title=f"Seven years against one: mean and range of {len(seeds)} choices of images{once}")
    ax.set_xticks(samples, samples)
    ax.minorticks_off()
    ax.legend(loc="center right", frameon=False)
    plots.show(
        "Accuracy over the number of images per class: with 5 images probe and fine-tuned net are far above the AlexNet from "
        "scratch; its line rises steeply and comes near the other two, which lie close together, with some eighty images or more."
    )

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "race-words", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Read it from the left: what is the head start worth in *images*? With few, moving two more layers changes little. And the pixels of section 3 never left chance: what helps is what the base knows, not the linear classifier.

# %% [markdown] topics=["J4"] nbgrader={"grade": false, "grade_id": "photos-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 7 · Your own photographs
#
# Make a folder `own_images` beside this notebook, one folder per class in it, at least 250 images each. A telephone's burst mode does it in an hour; name the files of one burst alike (`sofa3-01.jpg`, `sofa3-02.jpg`), and your split keeps it on one side. This cell sends the folder along the same path: validate, split by series, probe, fine-tune, AlexNet. It is not graded; your answer in section 8 may use it.

# %% topics=["J4"] nbgrader={"grade": false, "grade_id": "photos", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("validate_dataset", "split_dataset", "linear_probe", "fine_tune", "alexnet_mini"):
    if Path("own_images").is_dir():
        mine = datasets.read_files("own_images")
        problems = validate_dataset(mine)
        for sentence in problems:
            print("  -", sentence)
        if not problems:
            images = [name for name in mine if name.lower().endswith(SUFFIXES)]
            (x, y), (x_new, y_new) = (datasets.to_arrays(mine, part, 32) for part in split_dataset(images, 0.25, SEED))
            x, x_new = evaluation.scaled(x), evaluation.scaled(x_new)
            W, b = linear_probe(features(base, x), y)
            print(f"linear probe  {np.mean((features(base, x_new) @ W + b).argmax(axis=1) == y_new):.1%}")
            print(f"fine-tuned    {evaluation.accuracy(fine_tune(pretrained.base(), x, y, 2), x_new, y_new):.1%}")
            net = alexnet_mini(32, int(y.max()) + 1)
            train_own(net, x, y)
            print(
                f"from scratch  {evaluation.accuracy(net, x_new, y_new):.1%}, all on {len(x_new)} images that were held out"
            )
    else:
        print("There is no folder own_images beside this notebook yet.")

# %% [markdown] topics=["J1", "J2", "J3", "J4"] nbgrader={"grade": false, "grade_id": "written-task", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## 8 · In words
#
# ### Exercise 7 · (14 points, read by a person)
#
# 1. (5 points) Your prediction before the race, and what came. Then: a workshop sorts five kinds of screws by camera and has 40 photographs of each, and a day. Which of the three ways do you take, what do you freeze, and what would make you change your mind? Quote two numbers of your own curves.
# 2. (5 points) A student turns 100 photographs of each class into 10,000 by mirroring, shifting and turning, stores them, splits them at random, and reports 99.6 %. Say what is wrong, what the true accuracy may be like, and give the right order of steps. Then say what on-the-fly augmentation changes. Quote the leak figure.
# 3. (4 points) Seven years or one: name a task for which even the base's first layer is of no use, one for which only its last is of no use, and say what you would measure to decide.

# %% [markdown] topics=["J1", "J2", "J3", "J4"] nbgrader={"grade": true, "grade_id": "who-to-hire", "locked": false, "points": 14, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. A prediction that is compared with the curve, right or wrong. *(1 point.)* 200 images are few: a probe, or fine-tuning from the probe at a low rate; the frozen base with 96 · 5 + 5 trained numbers cannot learn the images by heart. *(2 points: the way, and what is frozen, batch norms included.)* Mind-changers: several hundred images per class, or screws that look unlike anything the base knows, so that scratch catches up early. *(1 point.)* Two numbers of the student's own curves. *(1 point.)*
# 2. Copies of one photograph are on both sides, so the test asks for what was learned by heart. *(1 point.)* As in the leak figure, where the same classifier seemed right for 91 % and was right for 55 %, the true accuracy may be far lower, near what 100 images per class give. *(1 point.)* Split the photographs, by series, then augment the training part alone, train, test on untouched images. *(2 points.)* On the fly there are no stored copies to split and each epoch sees new ones; the split must still come first. *(1 point.)*
# 3. First layer of no use: inputs that are no photographs, such as spectrograms, sound, tables. *(1 point.)* Only the last: other animals, vehicles or surfaces in photographs of the same kind, as here. *(1 point.)* Measure: a probe on features of several depths against scratch, over numbers of images and seeds, on a validation part that shares no series with training. *(2 points.)*
# ### END SOLUTION

# %% [markdown] topics=["D11", "J2"] nbgrader={"grade": false, "grade_id": "stretch-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## Stretch
#
# ### Stretch · `grad_cam`: where did it look?
#
# **Grad-CAM** (Selvaraju and others, 2017) asks which places of the last maps speak for a class. For a class with score $s$ and maps $A^k$, weigh each map by the mean gradient of the score, add up, keep what is positive:
#
# $$\alpha_k = \frac{1}{h\,w} \sum_{ij} \frac{\partial s}{\partial A^k_{ij}} \qquad H = \mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big)$$
#
# After the base's last maps come an average and your probe, so $s = \sum_k W_k \cdot \frac{1}{hw} \sum_{ij} A^k_{ij} + b$. That is linear, and its gradient needs no tape: $\partial s / \partial A^k_{ij} = W_k / (hw)$, the same at each place. (For such a net Grad-CAM is the older *class activation map*, up to a factor.)


# %% topics=["D11"] nbgrader={"grade": false, "grade_id": "grad_cam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grad_cam(maps, gradients, size):
    """A heat map of where a class was seen.

    maps: (h, w, c), what a layer gave for one image. gradients: (h, w, c), the derivatives of the class's score by them. size: a multiple of h and of w.
    Returns a float array (size, size): the formula's H, divided by its maximum (all zeros where that is 0), each place enlarged to a block of size/h × size/w equal pixels.
    """
    ### BEGIN SOLUTION
    weights = gradients.mean(axis=(0, 1))
    heat = np.maximum((maps * weights).sum(axis=-1), 0)
    if heat.max() > 0:
        heat = heat / heat.max()
    return heat.repeat(size // heat.shape[0], axis=0).repeat(size // heat.shape[1], axis=1)
    ### END SOLUTION


# %% topics=["D11"] nbgrader={"grade": true, "grade_id": "grad_cam-formula", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# A worked example
# When graded: random maps, maps that speak against the class
import numpy as np

from course import checks

maps = np.array([[[1.0, 2.0], [0.0, 4.0]], [[3.0, 0.0], [2.0, 2.0]]])  # 2×2 places, 2 maps
gradients = np.array([[[4.0, 0.0], [0.0, -1.0]], [[0.0, 0.0], [0.0, -3.0]]])  # means 1 and -1
checks.close(
    grad_cam(maps, gradients, 4),
    np.array([[0, 0], [1, 0]]).repeat(2, axis=0).repeat(2, axis=1),
    unless={
        "the ReLU is missing: what speaks against the class is left out": np.array([[-1, -4], [3, 0]])
        .repeat(2, 0)
        .repeat(2, 1)
        / 3,
        "each place has its own gradient here: the formula averages them over the places first": np.array(
            [[1, 0], [0, 0]]
        )
        .repeat(2, 0)
        .repeat(2, 1),
        "divide by the maximum": np.array([[0, 0], [3, 0]]).repeat(2, 0).repeat(2, 1),
        "the maps are not weighed by the gradients": np.array([[3, 4], [3, 4]]).repeat(2, 0).repeat(2, 1) / 4,
    },
    hint="the mean gradients are 1 and -1, so the sums are -1, -4, 3, 0; positive is 3 alone",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(71)
for h, w, c, size in ((4, 4, 7, 32), (2, 3, 5, 12), (8, 8, 1, 8)):
    maps, gradients = rng.normal(size=(h, w, c)), rng.normal(size=(h, w, c))
    heat = np.maximum((maps * gradients.mean(axis=(0, 1))).sum(axis=2), 0)
    checks.close(
        checks.unchanged(grad_cam, maps, gradients, size),
        np.kron(heat / heat.max(), np.ones((size // h, size // w))),
        atol=1e-6,
        hint="other maps and sizes",
    )
checks.close(
    grad_cam(np.array([[[1.0], [4.0]]]), np.ones((1, 2, 1)), 2),
    [[0.25, 1.0], [0.25, 1.0]],
    hint="divide by the maximum alone: where every place speaks for the class, none becomes 0",
)
checks.close(
    grad_cam(np.ones((2, 2, 1)), -np.ones((2, 2, 1)), 4),
    np.zeros((4, 4)),
    hint="nothing speaks for the class: zeros, not 0/0",
)
### END HIDDEN TESTS
checks.passed("the heat map of the worked example", points=0, later="random maps, maps that speak against the class")

# %% topics=["D11", "J2"] tags=["draw"] nbgrader={"grade": false, "grade_id": "grad_cam-figure", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Where the probe's answer comes from, in six validation images
with checks.waiting_for("grad_cam", "linear_probe"):
    W, b = linear_probe(f_train, y_train)
    last = next(layer for layer in base.layers[::-1] if len(layer.output.shape) == 4)
    shown = [int(n) for label in range(3) for n in np.flatnonzero(y_val == label)[:2]]
    maps = np.asarray(keras.Model(base.inputs[0], last.output)(x_val[shown]))
    scores = maps.mean(axis=(1, 2)) @ W + b
    fig, axes = plt.subplots(2, 6, figsize=(9.5, 3.6), layout="constrained")
    for column, (number, image_maps, score) in enumerate(zip(shown, maps, scores, strict=True)):
        guess = int(score.argmax())
        gradients = np.broadcast_to(W[:, guess] / image_maps[..., 0].size, image_maps.shape)
        axes[0, column].imshow(x_val[number])
        axes[0, column].set_title(data.classes[y_val[number]], fontsize=9)
        axes[1, column].imshow(x_val[number].mean(axis=-1), cmap="gray", vmin=0, vmax=1)
        heat = axes[1, column].imshow(grad_cam(image_maps, gradients, 32), cmap="viridis", alpha=0.55, vmin=0, vmax=1)
        axes[1, column].set_title(
            f"“{data.classes[guess]}”", fontsize=9, color=BLUE if guess == y_val[number] else ORANGE
        )
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    fig.colorbar(heat, ax=axes[1], label="heat", shrink=0.9)
    plots.show(
        "Six patches, two of each class, and below each the same in grey with a map of 4 by 4 places over it, bright where the last "
        "maps speak for the class that the probe answers."
    )

# %% [markdown] topics=["J2"] nbgrader={"grade": false, "grade_id": "imagenet-idea", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# **The big base.** MobileNetV2 at a third of its width, trained on ImageNet: 1,280 features, 410,208 numbers. It wants images of 96×96 between −1 and 1, so ours are enlarged. The cell runs in the full profile where the weights can be downloaded, and says so where they cannot. Compare its probe with yours.

# %% topics=["J2"] nbgrader={"grade": false, "grade_id": "imagenet", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
with checks.waiting_for("linear_probe"):
    if (large := pretrained.imagenet()) is not None:
        enlarged = [np.asarray(keras.ops.image.resize(x, (96, 96))) * 2 - 1 for x in (x_train, x_val)]
        big = [large.predict(x, batch_size=50, verbose=0) for x in enlarged]
        found = accuracies(big[0], y_train, big[1], y_val, numbers, range(3)).mean(axis=0)
        print("MobileNetV2's features:", ", ".join(f"{n}: {a:.1%}" for n, a in zip(numbers, found, strict=True)))

# %% [markdown] nbgrader={"grade": false, "grade_id": "closing", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# ## What you have built
#
# - A validator and a split for any folder of images; the split keeps a series on one side, where a random one flattered a nearest neighbour by 36 points.
# - A linear probe: features once, then some hundred weights, the cheapest first try there is, and a good one with few images.
# - An AlexNet made to measure, as the opponent that a claim about transfer needs.
# - Freezing and thawing that holds: `trainable`, then `compile`; count what may be trained before a fit, compare what is frozen after it.
# - Fine-tuning that starts from the probe, at a low rate.
#
# Next week: several kernel sizes side by side, and why a 1×1 comes first.

# %% nbgrader={"grade": false, "grade_id": "progress", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
course.progress("week10")
