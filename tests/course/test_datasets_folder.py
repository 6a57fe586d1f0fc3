"""`load_folder`: an image folder or zip of the student's own."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from course import datasets


def picture(red: int, size=(40, 30), kind="JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (red, 100, 50)).save(file, kind)
    return file.getvalue()


def files(each=10, inside="") -> dict[str, bytes]:
    """Two classes; the red channel tells the class, and each image is another one."""
    names = {}
    for label, name in enumerate(("cat", "dog")):
        for number in range(each):
            names[f"{inside}{name}/{number}.jpg"] = picture(200 * label + 5 * number)
    return names


def make_folder(path, content):
    for name, data in content.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def make_zip(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def refused(path, words, **options):
    with pytest.raises(datasets.DatasetError, match=words) as caught:
        datasets.load_folder(path, **options)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize("inside", ["", "pets/", "a/b/"])
@pytest.mark.parametrize("zipped", [False, True])
def test_folder_and_zip(tmp_path, inside, zipped):
    content = files(inside=inside) | {"__MACOSX/cat/._0.jpg": b"x", "notes.txt": b"x", f"{inside}cat/.hidden.jpg": b"x"}
    path = make_zip(tmp_path / "own.zip", content) if zipped else make_folder(tmp_path / "own", content)
    data = datasets.load_folder(path, size=16)
    assert data.classes == ("cat", "dog") and data.real
    assert [len(part) for part in (data.train, data.validation, data.test)] == [14, 3, 3]
    for part in (data.train, data.validation, data.test):
        assert part.x.shape[1:] == (16, 16, 3) and part.x.dtype == np.uint8 and part.y.dtype == np.int64
        np.testing.assert_array_equal(part.x[:, 8, 8, 0] > 125, part.y == 1)


def test_height_and_width(tmp_path):
    data = datasets.load_folder(make_folder(tmp_path, files()), size=(12, 20))
    assert data.train.x.shape[1:] == (12, 20, 3)


def test_other_modes_and_kinds_become_colour(tmp_path):
    content = files()
    for number, mode in enumerate(("L", "RGBA", "P", "1", "LA")):
        file = io.BytesIO()
        Image.new(mode, (9, 9)).save(file, "PNG")
        content[f"cat/extra{number}.PNG"] = file.getvalue()
    data = datasets.load_folder(make_folder(tmp_path, content), size=8)
    assert len(data.train) + len(data.validation) + len(data.test) == 25


def test_copies_stay_in_the_train_part(tmp_path):
    content = files(each=10)
    content |= {f"cat/copy{number}.jpg": content[f"cat/{number}.jpg"] for number in range(4)}
    data = datasets.load_folder(make_folder(tmp_path, content), size=8)
    parts = [{image.tobytes() for image in part.x} for part in (data.train, data.validation, data.test)]
    assert not parts[0] & (parts[1] | parts[2]) and not parts[1] & parts[2]


def test_unreadable_images(tmp_path):
    for name, damaged in (("empty", b""), ("text", b"not an image"), ("cut", picture(9, (400, 300))[:700])):
        path = make_folder(tmp_path / name, files() | {"cat/bad.jpg": damaged})
        refused(path, r"cat/bad\.jpg .* cannot be read")
        refused(
            make_zip(tmp_path / f"{name}.zip", files() | {"cat/bad.jpg": damaged}), r"cat/bad\.jpg .* cannot be read"
        )


def test_too_few_classes_or_images(tmp_path):
    single = {name: data for name, data in files().items() if name.startswith("cat")}
    refused(make_folder(tmp_path / "one", single), "single class 'cat'")
    refused(make_folder(tmp_path / "nested", {f"pets/{k}": v for k, v in single.items()}), "single class 'cat'")
    refused(make_folder(tmp_path / "few", single | {"dog/1.jpg": picture(3)}), "class 'dog' .* has 1 of the 3 images")
    refused(make_folder(tmp_path / "loose", files() | {"lost.jpg": picture(3)}), r"lost\.jpg .* lies in no class")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "holds no image")
    refused(make_folder(tmp_path / "flat", {"1.jpg": picture(1), "2.jpg": picture(2)}), "in no class")


@pytest.mark.parametrize("name", ["../cat/9.jpg", "/cat/9.jpg", "cat/../../9.jpg", "C:/cat/9.jpg", "..\\cat\\9.jpg"])
def test_names_that_lead_out_of_a_zip(tmp_path, name):
    refused(make_zip(tmp_path / "own.zip", files() | {name: picture(1)}), "leads out of the zip")
    assert [path.name for path in tmp_path.iterdir()] == ["own.zip"]


def test_damaged_zips(tmp_path):
    whole = make_zip(tmp_path / "own.zip", files()).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.zip", "no zip, or a truncated one")
    place = whole.index(b"JFIF")
    (tmp_path / "flipped.zip").write_bytes(whole[:place] + b"XXXX" + whole[place + 4 :])
    refused(tmp_path / "flipped.zip", "cannot be unpacked")
    refused(tmp_path / "nowhere.zip", "no folder or zip")


def test_zips_and_images_that_swell(tmp_path, monkeypatch):
    path = make_zip(tmp_path / "own.zip", files())
    monkeypatch.setattr("course.datasets.folder.MOST_PIXELS", 1000)
    refused(path, "40×30 pixels")
    monkeypatch.setattr("course.datasets.folder.MOST_BYTES", 1000)
    refused(path, "unpacks to")


def test_options(tmp_path):
    path = make_folder(tmp_path, files())
    refused(path, "size 0", size=0)
    refused(path, "size", size=(1, 2, 3))
    refused(path, "sum must be below 1", validation=0.6, test=0.4)
    refused(path, "sum must be below 1", validation=-0.1)


def test_sample_folder(tmp_path):
    path = datasets.write_sample_folder(tmp_path / "samples", each=20)
    data = datasets.load_folder(path, size=32)
    assert data.classes == ("heart", "ring", "star")
    assert len(data.train) + len(data.validation) + len(data.test) == 60
    with pytest.raises(datasets.DatasetError, match="not empty"):
        datasets.write_sample_folder(path)
    with pytest.raises(datasets.DatasetError, match="no shape called 'dragon'"):
        datasets.write_sample_folder(tmp_path / "other", classes=("dragon",))
    (tmp_path / "file").write_text("")
    with pytest.raises(datasets.DatasetError, match="cannot be written"):
        datasets.write_sample_folder(tmp_path / "file")


@pytest.mark.parametrize("inside", ["", "pets/", "a/b/"])
@pytest.mark.parametrize("zipped", [False, True])
def test_files_as_they_are(tmp_path, inside, zipped):
    content = files(each=2, inside=inside) | {f"{inside}cat/broken.png": b"no image", f"{inside}cat/.hidden.jpg": b"x"}
    path = make_zip(tmp_path / "own.zip", content) if zipped else make_folder(tmp_path / "own", content)
    found = datasets.read_files(path)
    assert found["cat/broken.png"] == b"no image"  # nothing is decoded, nothing judged
    assert sorted(found) == ["cat/0.jpg", "cat/1.jpg", "cat/broken.png", "dog/0.jpg", "dog/1.jpg"]
    assert all(found[name] == content[f"{inside}{name}"] for name in found)


def test_files_of_a_single_class_and_of_none(tmp_path):
    one = make_folder(tmp_path / "one", {"cat/0.jpg": picture(3), "notes.txt": b"x"})
    assert sorted(datasets.read_files(one)) == ["cat/0.jpg", "notes.txt"]
    (tmp_path / "empty").mkdir()
    assert datasets.read_files(tmp_path / "empty") == {}
    with pytest.raises(datasets.DatasetError, match="no folder or zip"):
        datasets.read_files(tmp_path / "nowhere")


def test_arrays_of_chosen_files():
    content = files(each=3)
    x, y = datasets.to_arrays(content, ["dog/1.jpg", "cat/2.jpg"], 16)
    assert x.shape == (2, 16, 16, 3) and x.dtype == np.uint8 and y.tolist() == [1, 0]
    assert x[0, 8, 8, 0] > 125 > x[1, 8, 8, 0]
    x, y = datasets.to_arrays(content, [], 16)
    assert x.shape == (0, 16, 16, 3) and y.dtype == np.int64
    with pytest.raises(datasets.DatasetError, match=r"cat/9\.jpg cannot be read"):
        datasets.to_arrays(content | {"cat/9.jpg": b"x"}, ["cat/9.jpg"], 16)
