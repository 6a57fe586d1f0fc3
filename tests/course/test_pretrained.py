"""The base that travels with the course: its file, its loader, and the small helpers of week 10."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course import evaluation, pretrained
from course.datasets import DatasetError
from course.datasets.registry import data_folder
from course.datasets.splits import Split


def script():
    """The module `data/train_base.py`, imported from its path."""
    spec = importlib.util.spec_from_file_location("train_base", data_folder() / "train_base.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_file_is_small_pinned_and_named_on_its_card():
    assert (data_folder() / pretrained.FILE).stat().st_size < 2**20
    card = pretrained.card()
    model = pretrained.base(top=True)
    weights = evaluation.budget(model)
    assert pretrained.SHA256 in card
    assert f"{weights:,} weights and {model.count_params() - weights:,} moving statistics" in card
    assert all(name in card for name in pretrained.BASE_CLASSES)


def test_shapes_and_the_two_tops():
    x = np.random.default_rng(0).random((3, 32, 32, 3)).astype("float32")
    whole, base = pretrained.base(top=True), pretrained.base()
    assert whole.output_shape == (None, len(pretrained.BASE_CLASSES)) and base.output_shape == (None, 96)
    W, b = whole.layers[-1].get_weights()
    scores = np.exp(np.asarray(base(x, training=False)) @ W + b)
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(np.asarray(whole(x, training=False)), expected, rtol=1e-4, atol=1e-6)


def test_each_call_gives_a_model_of_its_own():
    one = pretrained.base()
    one.trainable = False
    one.set_weights([np.zeros_like(w) for w in one.get_weights()])
    other = pretrained.base()
    assert other.trainable and any(w.any() for w in other.get_weights())
    assert not other.compiled


def test_weights_are_exactly_those_of_the_file():
    config, stored = pretrained._read(data_folder() / pretrained.FILE, pretrained.SHA256)
    for kept, weight in zip(stored, pretrained.base(top=True).get_weights(), strict=True):
        assert kept.dtype == np.float16 and weight.dtype == np.float32
        np.testing.assert_array_equal(kept.astype("float32"), weight)
    assert json.loads(config)["class_name"] == "Functional"


def test_the_script_builds_the_net_of_the_file():
    model = script().build()
    assert [w.shape for w in model.get_weights()] == [w.shape for w in pretrained.base(top=True).get_weights()]


def test_saved_and_read_again(tmp_path, monkeypatch):
    model = pretrained.base(top=True)
    digest = pretrained.save(model, tmp_path / "base.npz")
    assert digest == pretrained.SHA256  # the same weights give the same file, to the last byte
    monkeypatch.setattr(pretrained, "data_folder", lambda: tmp_path)
    for kept, weight in zip(model.get_weights(), pretrained.base(top=True).get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)


@pytest.mark.parametrize("what", ["missing", "another", "truncated", "layer"])
def test_a_file_that_is_not_ours(what, tmp_path, monkeypatch):
    path = tmp_path / "base.npz"
    content = (data_folder() / pretrained.FILE).read_bytes()
    digest = None
    if what == "another":
        path.write_bytes(content[:-1] + b"x")
    elif what == "truncated":  # with the right hash, so that what follows is reached
        path.write_bytes(content[: len(content) // 2])
        digest = pretrained._digest(path.read_bytes())
    elif what == "layer":
        import keras

        digest = pretrained.save(keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)]), path)
    monkeypatch.setattr(pretrained, "data_folder", lambda: tmp_path)
    if digest:
        monkeypatch.setattr(pretrained, "SHA256", digest)
    with pytest.raises(DatasetError) as caught:
        pretrained.base()
    assert str(caught.value).endswith(".") and "base.npz" in str(caught.value)


def test_only_renumbers_the_wanted_classes():
    split = Split(np.arange(6)[:, None, None] * np.ones((1, 2, 2)), np.array([0, 1, 2, 2, 1, 0]), "train")
    x, y = pretrained.only(split, ("c", "a"), ("a", "b", "c"))
    np.testing.assert_array_equal(x[:, 0, 0], [0, 2, 3, 5])
    np.testing.assert_array_equal(y, [1, 0, 0, 1])
    with pytest.raises(ValueError, match="no class 'd'"):
        pretrained.only(split, ("d",), ("a", "b", "c"))


def test_few_is_stratified_nested_and_repeatable():
    y = np.random.default_rng(0).permutation(np.arange(3).repeat((5, 9, 20)))
    small, large = pretrained.few(y, 2, 7), pretrained.few(y, 5, 7)
    assert np.bincount(y[large]).tolist() == [5, 5, 5] and len(set(large)) == 15
    assert set(small) <= set(large)
    np.testing.assert_array_equal(small, pretrained.few(y, 2, 7))
    assert set(pretrained.few(y, 2, 8)) != set(small)
    with pytest.raises(ValueError, match="class 0 has 5"):
        pretrained.few(y, 6, 7)


def test_toy_base_has_statistics_of_its_own():
    toy, same, other = pretrained.toy_base(seed=1), pretrained.toy_base(seed=1), pretrained.toy_base(seed=2)
    assert toy.output_shape == (None, 6)
    for a, b in zip(toy.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(toy.get_weights(), other.get_weights(), strict=True))
    x = np.random.default_rng(0).random((4, 8, 8, 3)).astype("float32")
    assert not np.allclose(np.asarray(toy(x, training=False)), np.asarray(same(x, training=True)), atol=1e-3)


@pytest.mark.parametrize("setting", ["COURSE_WORKER", "COURSE_OFFLINE", ""])
def test_imagenet_is_skipped_with_a_notice(setting, monkeypatch, capsys):
    for name in ("COURSE_WORKER", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    if setting:
        monkeypatch.setenv(setting, "1")
    assert pretrained.imagenet() is None
    assert capsys.readouterr().out.startswith("ImageNet's weights are left out: ")


def test_imagenet_where_the_download_fails(monkeypatch, capsys):
    import keras

    from course import profile

    def fails(*args, **options):
        raise OSError("no route to host")

    for name in ("COURSE_WORKER", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(profile, "current", lambda: "full")
    monkeypatch.setattr(keras.applications, "MobileNetV2", fails)
    assert pretrained.imagenet() is None
    assert "no route to host" in capsys.readouterr().out


def test_importing_it_does_not_import_keras():
    code = "import sys; from course import pretrained; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_script_names_what_is_missing(tmp_path):
    env = {**os.environ, "COURSE_DATA": str(tmp_path / "nowhere"), "COURSE_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, str(data_folder() / "train_base.py"), "--measure"], env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "COURSE_DATA names" in done.stderr and "Traceback" not in done.stderr
