"""`load("textures")`: real photographs without a download, split by region."""

import hashlib
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from course import datasets
from course.datasets import textures as module
from course.datasets.registry import entries
from course.datasets.textures import COLUMNS, TEXTURES, TILE, photographs, textures

SHA = "bf850753b5702d5b580634e56f2302f4e57ca21e38598f9fe034af9fc8c55a49"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    monkeypatch.delenv("COURSE_WORKER", raising=False)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("the textures used the network"))


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_both_profiles_give_the_real_photographs(profile, capsys):
    data = datasets.load("textures", profile, seed=5, require_real=profile == "full")
    assert data.real and not data.notice and capsys.readouterr().out == ""
    assert data.classes == TEXTURES == entries()["textures"].classes
    for name in ("train", "validation", "test"):
        part = getattr(data, name)
        assert part.x.shape[1:] == (32, 32, 3) and part.x.dtype == np.uint8 and part.y.dtype == np.int64
        assert np.bincount(part.y).tolist() == list(entries()["textures"].counts[name])
        assert (part.x[..., 0] == part.x[..., 1]).all() and (part.x[..., 0] == part.x[..., 2]).all()
    assert "CC0" in data.datasheet


def test_textures_are_byte_identical():
    digest = hashlib.sha256()
    for part in COLUMNS:
        for array in textures(part):
            digest.update(array.tobytes())
    assert digest.hexdigest() == SHA


@pytest.mark.parametrize("part", list(COLUMNS))
def test_no_image_leaves_its_tile(part, monkeypatch):
    """Paint each tile with its own number: an image that held two numbers would show pixels of two tiles."""
    numbers = np.arange(16).reshape(4, 4).repeat(TILE, axis=0).repeat(TILE, axis=1).astype(np.uint8)
    marked = dict.fromkeys(TEXTURES, 90 + 5 * numbers)
    monkeypatch.setattr(module, "_read", lambda: marked)
    module._textures.cache_clear()
    try:
        x, _, tiles = textures(part)
    finally:
        module._textures.cache_clear()
    assert all(image.min() == image.max() for image in x)
    assert set(tiles % 4) == set(COLUMNS[part])


def test_the_parts_share_no_column():
    columns = [set(one) for one in COLUMNS.values()]
    assert not columns[0] & columns[1] and not columns[0] & columns[2] and not columns[1] & columns[2]
    assert {column for one in columns for column in one} == {0, 1, 2, 3}


def test_brightness_gives_no_class_away():
    x, y, _ = textures("train")
    means = x.mean(axis=(1, 2, 3))
    between = np.array([means[y == label].mean() for label in range(3)])
    assert np.ptp(between) < means.std()


def test_files_are_the_training_part():
    files = datasets.texture_files()
    assert len(files) == 768 and "brick/tile00-00.png" in files and "gravel/tile13-31.png" in files
    x, y, _ = textures("train")
    names = sorted(files)
    found, labels = datasets.to_arrays(files, names, 32)
    np.testing.assert_array_equal(found, x)
    np.testing.assert_array_equal(labels, y)
    with Image.open(io.BytesIO(files["grass/tile01-05.png"])) as image:
        assert image.size == (32, 32)


def test_arrays_are_the_callers_own():
    x, _, _ = textures("train")
    x[:] = 0
    photographs()["brick"][:] = 0
    assert textures("train")[0].any() and photographs()["brick"].any()


def test_labels_of_the_test_part_are_withheld_from_a_worker(monkeypatch):
    monkeypatch.setenv("COURSE_WORKER", "1")
    data = datasets.load("textures")
    assert data.train.labelled and data.validation.labelled and not data.test.labelled


def test_the_validation_part_cannot_be_chosen():
    with pytest.raises(datasets.DatasetError, match=r"region of each photograph.*\.$"):
        datasets.load("textures", validation=10)


def test_scikit_image_is_not_imported():
    code = "import sys, course.datasets as d; d.load('textures'); print('skimage' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_missing_or_other_photographs_are_one_sentence(tmp_path, monkeypatch):
    module._read.cache_clear()
    try:
        monkeypatch.setattr(module, "path_in_scikit_image", lambda *parts: tmp_path / parts[-1])
        with pytest.raises(datasets.DatasetError, match="install scikit-image") as caught:
            photographs()
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
        for name in TEXTURES:
            Image.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / f"{name}.png")
        with pytest.raises(datasets.DatasetError, match=r"shape \(64, 64\)"):
            photographs()
    finally:
        module._read.cache_clear()
