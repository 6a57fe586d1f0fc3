"""`course.datasets.load`: sources, splits, notices, and the sentences of its errors."""

import hashlib
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course import datasets
from course.datasets import registry as registry_module
from course.datasets.digits import digits, enlarge
from course.datasets.registry import entries
from course.datasets.shapes import SHAPES, draw_shapes, shapes
from course.datasets.splits import hold_out
from course.datasets.worker import write_worker_data

SHAPES_SHA = "500d4467c9b63a09aad74e2caeebcec4bf815348f9e2fa214cb8b1fcacb7b7fc"
DIGITS_SHA = "de77a57d67c2b949670a7cf0384f375dea4496a1381113ae82360db7fc84ce03"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch, tmp_path):
    """No test reads or writes the user's caches, or the network."""
    for name in ("COURSE_DATA", "COURSE_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    return text


def fake_arrays(name: str) -> dict[str, np.ndarray]:
    """Arrays with the counts of the real set, and cheap pixels: each image holds its own number."""
    entry = entries()[name]
    arrays = {}
    for split, counts in entry.counts.items():
        total = sum(counts)
        x = np.zeros((total, *entry.image_shape), np.uint8)
        flat = x.reshape(total, -1)
        flat[:, 0], flat[:, 1], flat[:, 2] = np.arange(total) % 256, np.arange(total) // 256, split == "test"
        arrays[f"x_{split}"] = x
        arrays[f"y_{split}"] = np.repeat(np.arange(10, dtype=np.uint8), counts)
    return arrays


@pytest.fixture(scope="module")
def mnist_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course_data")
    np.savez_compressed(folder / "mnist.npz", **fake_arrays("mnist"))
    return folder


def test_import_is_cheap():
    code = (
        "import sys, course.datasets; print([m for m in ('keras', 'sklearn', 'tensorflow', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_photos():
    photos = datasets.load("photos")
    assert set(photos.images) == {"china", "flower"}
    for image in photos.images.values():
        assert image.dtype == np.uint8 and image.shape == (427, 640, 3) and image.flags.writeable
    assert photos.real


@pytest.mark.parametrize(
    ("name", "shape", "sizes"), [("mnist", (28, 28), (1197, 240, 360)), ("cifar10", (32, 32, 3), (4000, 1000, 1000))]
)
def test_quick_profile_gives_the_embedded_set_and_says_so(name, shape, sizes, capsys, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("the quick profile used the network"))
    data = datasets.load(name)
    assert "in place of" in capsys.readouterr().out and data.notice
    assert data.real is False and "embedded" in data.source and len(data.classes) == 10
    for part, size in zip((data.train, data.validation, data.test), sizes, strict=True):
        assert part.x.shape == (size, *shape) and part.x.dtype == np.uint8
        assert part.y.shape == (size,) and part.y.dtype == np.int64
        assert len(np.unique(part.y)) == 10
    x, y = data.train
    assert x is data.train.x and y is data.train.y and len(data.train) == sizes[0]
    assert "This is not" in data.datasheet


def test_cifar10_stand_in_names_its_classes():
    assert datasets.load("cifar10").classes == SHAPES == entries()["shapes"].classes


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_no_image_is_in_two_parts(name):
    data = datasets.load(name, seed=3)
    parts = [{image.tobytes() for image in part.x} for part in (data.train, data.validation, data.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]


def test_the_seed_moves_the_validation_part_only():
    first, again, other = (datasets.load("mnist", seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.validation.x, again.validation.x)
    assert not np.array_equal(first.validation.x, other.validation.x)
    np.testing.assert_array_equal(first.test.x, other.test.x)


def test_arrays_are_the_callers_own():
    data = datasets.load("mnist")
    data.train.x[:] = 0
    data.test.x[:] = 0
    assert datasets.load("mnist").train.x.any() and datasets.load("mnist").test.x.any()


def test_shapes_are_byte_identical():
    x, y = shapes()
    assert hashlib.sha256(x.tobytes()).hexdigest() == SHAPES_SHA
    assert np.bincount(y).tolist() == [600] * 10


def test_digits_are_byte_identical():
    x, y = digits()
    assert hashlib.sha256(x.tobytes()).hexdigest() == DIGITS_SHA
    assert x.shape == (1797, 28, 28) and x.max() == 255 and not x[:, :4].any() and not x[:, :, 24:].any()
    assert len(y) == 1797


def test_scikit_learns_files_are_what_it_reads_from_them_itself():
    from sklearn.datasets import load_digits, load_sample_image

    theirs = load_digits()
    x, y = digits()
    np.testing.assert_array_equal(x, enlarge(theirs.images))
    np.testing.assert_array_equal(y, theirs.target)
    for name, image in datasets.load("photos").images.items():
        np.testing.assert_array_equal(image, load_sample_image(f"{name}.jpg"))


def test_scikit_learns_files_are_read_without_importing_it():
    code = (
        "import sys, course.datasets as d; d.load('mnist', 'quick'); d.load('photos')\n"
        "print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"


@pytest.mark.parametrize("what", ["photos", "mnist"])
def test_without_scikit_learn_a_sentence_says_so(what, monkeypatch):
    digits.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn", None)  # as Python marks a module that is not there
    with pytest.raises(datasets.DatasetError, match=r"scikit-learn.*install scikit-learn") as caught:
        datasets.load(what, "quick")
    one_sentence(caught.value)


def test_enlarge_agrees_with_bilinear_interpolation():
    """An independent computation: SciPy's linear interpolation at the same places."""
    from scipy.ndimage import map_coordinates

    small = np.random.default_rng(0).integers(0, 17, (1, 8, 8))
    places = np.clip((np.arange(20) + 0.5) * 8 / 20 - 0.5, 0, 7)
    wanted = map_coordinates(small[0].astype(float), np.meshgrid(places, places, indexing="ij"), order=1) * 255 / 16
    np.testing.assert_allclose(enlarge(small)[0, 4:24, 4:24], wanted, atol=0.51)


def test_shapes_differ_from_their_ground():
    for name in SHAPES:
        assert draw_shapes(name, 3, 5).std(axis=(1, 2)).max() > 10
    with pytest.raises(ValueError, match="no shape"):
        draw_shapes("hexagon", 1, 0)


# Splits


def test_hold_out_is_stratified_and_disjoint():
    labels = np.repeat(np.arange(4), [10, 20, 30, 41])
    images = np.arange(101, dtype=np.uint8).reshape(-1, 1, 1)
    rest, held = hold_out(images, labels, 25, seed=1)
    assert sorted([*rest, *held]) == list(range(101)) and len(held) == 25
    assert np.abs(np.bincount(labels[held]) - np.bincount(labels) * 25 / 101).max() < 1


def test_hold_out_never_parts_twins():
    images = np.repeat(np.arange(50, dtype=np.uint8), 2).reshape(-1, 1, 1)
    images[:60, 0, 0] = np.arange(60) + 100  # 60 images once, 20 pairs
    rest, held = hold_out(images, np.zeros(100, int), 40, seed=0)
    assert not set(images[rest].ravel()) & set(images[held].ravel())


def test_hold_out_that_cannot_be_done():
    with pytest.raises(datasets.DatasetError, match="ask for fewer"):
        hold_out(np.zeros((4, 1, 1), np.uint8), np.zeros(4, int), 2, seed=0)
    for count in (-1, 1797):
        with pytest.raises(datasets.DatasetError, match="cannot be held out"):
            datasets.load("mnist", validation=count)


def test_validation_of_a_size_asked_for():
    assert len(datasets.load("mnist", validation=100).validation) == 100
    assert len(datasets.load("mnist", validation=0).validation) == 0


# Sources


def test_course_data_comes_first(mnist_folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(mnist_folder))
    data = datasets.load("mnist", "full")
    assert data.real and data.notice == "" and "COURSE_DATA" in data.source and "not the pinned file" in data.source
    assert data.sha256 == hashlib.sha256((mnist_folder / "mnist.npz").read_bytes()).hexdigest()
    assert [len(part) for part in (data.train, data.validation, data.test)] == [55000, 5000, 10000]
    seen = {image.tobytes() for image in data.train.x} & {image.tobytes() for image in data.validation.x}
    assert not seen
    assert "Yann LeCun" in data.datasheet


def test_quick_profile_ignores_course_data(mnist_folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(mnist_folder))
    assert not datasets.load("mnist", "quick").real


def test_course_data_with_labels_in_a_column(tmp_path, monkeypatch):
    arrays = fake_arrays("mnist")
    np.savez_compressed(tmp_path / "mnist.npz", **{**arrays, "y_train": arrays["y_train"][:, None]})
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert datasets.load("mnist", "full").train.y.shape == (55000,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("y_test"), "lacks y_test"),
        (lambda a: a.update(x_train=a["x_train"][1:]), r"x_train is uint8 \(59999, 28, 28\)"),
        (lambda a: a.update(x_test=a["x_test"].astype(np.float32)), "x_test is float32"),
        (lambda a: a.update(y_train=a["y_train"] * 0), "right number of each class"),
        (lambda a: a.update(y_train=a["y_train"].astype(np.int64) - 1), "right number of each class"),
        (lambda a: a.update(y_test=a["y_test"].astype(float)), "y_test is float64"),
    ],
)
def test_course_data_with_another_set(tmp_path, monkeypatch, change, words):
    arrays = fake_arrays("mnist")
    change(arrays)
    np.savez_compressed(tmp_path / "mnist.npz", **arrays)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(datasets.DatasetError, match=words) as caught:
        datasets.load("mnist", "full")
    one_sentence(caught.value)


@pytest.mark.parametrize("keep", [0, 10, 1000, 60_000])
def test_truncated_course_data(mnist_folder, tmp_path, monkeypatch, keep):
    (tmp_path / "mnist.npz").write_bytes((mnist_folder / "mnist.npz").read_bytes()[:keep])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(datasets.DatasetError, match="truncated or damaged") as caught:
        datasets.load("mnist", "full")
    one_sentence(caught.value)


def test_an_array_that_is_no_archive(tmp_path, monkeypatch):
    with (tmp_path / "mnist.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(datasets.DatasetError, match="truncated or damaged"):
        datasets.load("mnist", "full")


def test_course_data_that_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(datasets.DatasetError, match="no folder") as caught:
        datasets.load("mnist", "full")
    one_sentence(caught.value)


def test_full_profile_without_any_source_warns_and_gives_the_embedded_set():
    with pytest.warns(datasets.EmbeddedDataWarning, match="This is NOT cifar10") as seen:
        data = datasets.load("cifar10", "full")
    assert "COURSE_DATA is not set" in str(seen[0].message) and "COURSE_OFFLINE" in str(seen[0].message)
    assert data.real is False and data.notice == str(seen[0].message)


def test_require_real():
    with pytest.raises(datasets.DatasetError, match="cannot be had") as caught:
        datasets.load("mnist", "full", require_real=True)
    assert "name it in COURSE_DATA" in str(caught.value)
    with pytest.raises(datasets.DatasetError, match="full"):
        datasets.load("mnist", "quick", require_real=True)


@pytest.fixture
def pinned(monkeypatch):
    """Let the registry pin other hashes, for files made here."""

    def pin(name: str, **changes):
        from msgspec.structs import replace

        known = dict(entries())
        download = known[name].download
        assert download is not None
        inner = {key: changes.pop(key) for key in ("sha256", "bytes", "urls") if key in changes}
        known[name] = replace(known[name], download=replace(download, **inner), **changes)
        for module in ("loading", "worker"):
            monkeypatch.setattr(f"course.datasets.{module}.entries", lambda: known)

    return pin


def test_keras_cache(mnist_folder, tmp_path, pinned):
    content = (mnist_folder / "mnist.npz").read_bytes()
    cache = tmp_path / "keras" / "datasets"
    cache.mkdir(parents=True)
    (cache / "mnist.npz").write_bytes(content)
    pinned("mnist", sha256=hashlib.sha256(content).hexdigest())
    data = datasets.load("mnist", "full")
    assert data.real and data.source == "Keras's cache, mnist.npz"


def test_keras_cache_with_the_wrong_hash(mnist_folder, tmp_path):
    cache = tmp_path / "keras" / "datasets"
    cache.mkdir(parents=True)
    (cache / "mnist.npz").write_bytes((mnist_folder / "mnist.npz").read_bytes())
    with pytest.warns(datasets.EmbeddedDataWarning, match="wrong SHA-256"):
        assert not datasets.load("mnist", "full").real


SMALL = {"train": (50,) * 10, "test": (10,) * 10}


def write_batches(folder: Path) -> dict[str, str]:
    """Write CIFAR-10's six batches with 500 and 100 images in all; return their MD5 sums.

    The red channel of an image holds its label, the green one the number of its batch, the blue one its place in it.
    """
    folder.mkdir(parents=True)
    sums = {}
    for number, name in enumerate(entries()["cifar10"].batches):
        y = np.arange(100) % 10
        x = np.stack([np.full((100, 32, 32), 0) + v[:, None, None] for v in (y, y * 0 + number, np.arange(100))], 1)
        content = pickle.dumps({b"data": x.astype(np.uint8).reshape(100, 3072), b"labels": y.tolist()}, protocol=2)
        (folder / name).write_bytes(content)
        sums[name] = hashlib.md5(content).hexdigest()
    return sums


@pytest.mark.parametrize("place", ["cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py"])
def test_cifar_batches_of_keras(tmp_path, pinned, place):
    folder = tmp_path / "keras" / "datasets" / place
    pinned("cifar10", batches=write_batches(folder), counts=SMALL, validation=50)
    data = datasets.load("cifar10", "full")
    assert data.real and "Keras's cache" in data.source
    assert np.bincount(data.validation.y).tolist() == [5] * 10
    for part in (data.train, data.validation, data.test):
        np.testing.assert_array_equal(part.x[:, 5, 7, 0], part.y)  # channels last, labels beside their images
    assert set(data.test.x[..., 1].ravel()) == {5} and set(data.train.x[..., 1].ravel()) == set(range(5))


def test_cifar_batches_that_are_not_the_pinned_ones(tmp_path):
    write_batches(tmp_path / "keras" / "datasets" / "cifar-10-batches-py")
    with pytest.warns(datasets.EmbeddedDataWarning, match="data_batch_1 in .* has the wrong MD5"):
        datasets.load("cifar10", "full")


def test_a_missing_batch(tmp_path, pinned):
    folder = tmp_path / "keras" / "datasets" / "cifar-10-batches-py"
    pinned("cifar10", batches=write_batches(folder), counts=SMALL, validation=50)
    (folder / "data_batch_3").unlink()
    with pytest.warns(datasets.EmbeddedDataWarning, match="data_batch_3 in .* is truncated or damaged"):
        datasets.load("cifar10", "full")


def test_an_archive_of_cifar10_is_read_without_unpacking_it(tmp_path):
    import tarfile

    from msgspec.structs import replace

    from course.datasets.files import read_cifar_archive

    write_batches(tmp_path / "cifar-10-batches-py")
    path = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "cifar-10-batches-py", "cifar-10-batches-py")
    entry = replace(entries()["cifar10"], counts=SMALL)
    arrays = read_cifar_archive(path, entry, withhold=False)
    np.testing.assert_array_equal(arrays.x_test[:, 3, 3, 0], arrays.y_test)
    assert read_cifar_archive(path, entry, withhold=True).y_test is None
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(datasets.DatasetError, match="damaged"):
        read_cifar_archive(path, entry, withhold=False)


class _Hostile:
    def __reduce__(self):
        return print, ("this pickle ran code",)


def test_a_pickle_that_would_run_code_is_refused(tmp_path, pinned, capsys):
    folder = tmp_path / "keras" / "datasets" / "cifar-10-batches-py"
    sums = write_batches(folder)
    content = pickle.dumps(_Hostile())
    (folder / "data_batch_1").write_bytes(content)
    pinned("cifar10", batches=sums | {"data_batch_1": hashlib.md5(content).hexdigest()})
    with pytest.warns(datasets.EmbeddedDataWarning, match="something else than arrays"):
        datasets.load("cifar10", "full")
    assert "ran code" not in capsys.readouterr().out


# Errors of the call


def test_unknown_names():
    with pytest.raises(datasets.DatasetError, match="choose one of cifar10, mnist, photos") as caught:
        datasets.load("imagenet")
    one_sentence(caught.value)
    with pytest.raises(datasets.DatasetError, match="choose one of"):
        datasets.load("shapes")  # an embedded set has no name of its own
    with pytest.raises(datasets.DatasetError, match="quick") as caught:
        datasets.load("mnist", "fast")
    one_sentence(caught.value)


def test_missing_and_damaged_registry(tmp_path, monkeypatch):
    monkeypatch.setattr(registry_module, "__file__", str(tmp_path / "course" / "datasets" / "registry.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(datasets.DatasetError, match=r"datasets\.toml was not found") as caught:
        datasets.load("mnist")
    one_sentence(caught.value)
    assert datasets.load("photos").real  # needs no registry
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("[mnist\n")
    with pytest.raises(datasets.DatasetError, match="is not valid TOML"):
        datasets.load("mnist")


def test_registry_in_the_working_directory(tmp_path, monkeypatch):
    """The package may be installed elsewhere while the student works in the release's folder."""
    source = registry_module.data_folder() / "datasets.toml"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_bytes(source.read_bytes())
    (tmp_path / "assignments" / "week").mkdir(parents=True)
    monkeypatch.setattr(registry_module, "__file__", str(tmp_path / "site" / "course" / "datasets" / "registry.py"))
    monkeypatch.chdir(tmp_path / "assignments" / "week")
    assert registry_module.data_folder() == tmp_path / "data"


def test_registry_is_sound():
    known = entries()
    assert set(known) == {"mnist", "cifar10", "photos", "textures", "digits", "shapes"}
    for entry in known.values():
        text = entry.datasheet.read_text(encoding="utf-8")
        for heading in ("**Origin.**", "**Licence.**", "**Counts.**", "**Known flaws.**"):
            assert heading in text, f"{entry.datasheet} lacks {heading}"
        if entry.download:
            assert re.fullmatch("[0-9a-f]{64}", entry.download.sha256) and len(entry.download.urls) >= 2
            assert all(url.startswith("https://") for url in entry.download.urls)
            assert sum(entry.counts["train"]) in (50000, 60000) and sum(entry.counts["test"]) == 10000


# In the grading sandbox


def test_labels_of_the_test_part_are_withheld_from_a_worker(monkeypatch):
    monkeypatch.setenv("COURSE_WORKER", "1")
    data = datasets.load("mnist")
    assert data.train.labelled and data.validation.labelled and not data.test.labelled
    assert len(data.test.x) == 360 and "withheld" in repr(data.test)
    with pytest.raises(datasets.DatasetError, match="withheld") as caught:
        _ = data.test.y
    one_sentence(caught.value)
    with pytest.raises(datasets.DatasetError):
        _, _ = data.test


def test_worker_data_hold_no_test_labels(mnist_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(mnist_folder))
    (written,) = write_worker_data(tmp_path / "worker")
    with np.load(written) as archive:
        assert set(archive.files) == {"x_train", "y_train", "x_test"}
    assert [path.name for path in (tmp_path / "worker").iterdir()] == ["mnist.npz"]
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "worker"))
    with pytest.raises(datasets.DatasetError, match="lacks y_test"):
        datasets.load("mnist", "full")
    monkeypatch.setenv("COURSE_WORKER", "1")
    data = datasets.load("mnist", "full")
    assert data.real and not data.test.labelled and len(data.train.y) == 55000
    with pytest.raises(datasets.DatasetError, match="unset COURSE_WORKER"):
        write_worker_data(tmp_path / "again")


def test_a_worker_never_downloads(monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE")
    monkeypatch.setenv("COURSE_WORKER", "1")
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("a worker used the network"))
    with pytest.warns(datasets.EmbeddedDataWarning, match="sandbox has no network"):
        datasets.load("mnist", "full")
