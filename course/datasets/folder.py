"""An image folder or zip of one's own: one folder for each class, `class/….jpg`."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from course.datasets.errors import DatasetError
from course.datasets.loading import Dataset
from course.datasets.shapes import SHAPES, draw_shapes
from course.datasets.splits import Split, hold_out

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
MOST_BYTES = 4 << 30  # of all images of a zip together, unpacked: a zip may be made to swell without end
MOST_PIXELS = 50_000_000  # of one image


def load_folder(
    path: str | Path,
    size: int | tuple[int, int] = 64,
    *,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
) -> Dataset:
    """Load images of one's own from a folder or a zip that holds one folder for each class.

    Each image is turned upright, cut to the middle part that has the wanted proportions, and scaled. A single folder
    around the classes (`pets/cat/1.jpg`) does no harm; hidden files and files that are not images are left out.

    Args:
        path: a folder or a `.zip`.
        size: height and width in pixels; one number makes squares.
        validation, test: shares to hold out, stratified; their sum is below 1.
        seed: chooses the parts.

    Returns:
        A `Dataset` with images uint8 (N, height, width, 3) and the classes in alphabetical order.

    Raises:
        DatasetError: a sentence that names the file and what is wrong with it: no such path, no zip, a name in the zip
            that leads out of it, an unreadable image, fewer than two classes, too few images to split.
    """
    path = Path(path).expanduser()
    shape = (size, size) if isinstance(size, int) else tuple(size)
    if len(shape) != 2 or min(shape) < 1:
        raise DatasetError(f"The size {size!r} is not possible; give one number of pixels, or (height, width).")
    if validation < 0 or test < 0 or validation + test >= 1:
        raise DatasetError(
            f"Validation {validation} and test {test} leave nothing to train on; their sum must be below 1."
        )
    with _opened(path) as (names, read):
        by_class = _by_class(names, path)
        images, labels = [], []
        for label, members in enumerate(by_class.values()):
            for name in members:
                images.append(_decode(read(name), f"{name} in {path}", shape))
                labels.append(label)
    x, y = np.stack(images), np.array(labels, np.int64)
    for name, count in zip(by_class, np.bincount(y), strict=True):
        if count < 3:
            raise DatasetError(
                f"The class {name!r} in {path} has {count} of the 3 images that are needed at least to split it."
            )
    rest, tested = hold_out(x, y, round(test * len(y)), seed)
    trained, held = hold_out(x[rest], y[rest], round(validation * len(y)), seed + 1)
    return Dataset(
        name=path.name,
        title=f"your own images, {len(by_class)} classes",
        train=Split(x[rest][trained], y[rest][trained], "train"),
        validation=Split(x[rest][held], y[rest][held], "validation"),
        test=Split(x[tested], y[tested], "test"),
        classes=tuple(by_class),
        source=str(path),
        real=True,
        notice="",
        sha256="",
        licence="yours to know",
        sheet=path / "README.md",
    )


def read_files(path: str | Path) -> dict[str, bytes]:
    """The files of an image folder or zip as {"class/name.png": content}, unopened; hidden files are left out.

    Folders around the classes are left out of the names. Nothing is decoded and nothing judged, so damaged images, other files
    and classes without enough images are among them. Raises DatasetError where the folder or the zip itself cannot be read.
    """
    path = Path(path).expanduser()
    with _opened(path) as (names, read):
        kept = [name for name in names if not _hidden(PurePosixPath(name))]
        parts = [PurePosixPath(name).parts for name in kept]
        around = 0
        while parts and all(len(part) > around + 2 for part in parts) and len({part[around] for part in parts}) == 1:
            around += 1
        return {"/".join(part[around:]): read(name) for name, part in zip(kept, parts, strict=True)}


def to_arrays(files: Mapping[str, bytes], names: Iterable[str], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Decode some of `files` ({"class/name.png": content}): images uint8 (N, size, size, 3) and labels int64 (N,).

    The labels count the classes of all `files` in alphabetical order. Each image is cut to its middle square and scaled.
    Raises DatasetError for an image that cannot be read.
    """
    classes = sorted({name.split("/")[0] for name in files})
    chosen = list(names)
    images = [_decode(files[name], name, (size, size)) for name in chosen]
    x = np.stack(images) if images else np.empty((0, size, size, 3), np.uint8)
    return x, np.array([classes.index(name.split("/")[0]) for name in chosen], np.int64)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """Open a folder or a zip: the names of its files with `/`, and a function that reads one."""
    if path.is_dir():

        def read_file(name: str) -> bytes:
            try:
                return (path / name).read_bytes()
            except OSError as error:
                raise DatasetError(f"The image {name} in {path} cannot be read ({error.strerror}).") from error

        yield sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()), read_file
        return
    if not path.is_file():
        raise DatasetError(f"There is no folder or zip {path}; check the name.")
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path} is no zip, or a truncated one ({error}); pack it again.") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        for member in members:
            _refuse_way_out(member.filename, path)
        total = sum(member.file_size for member in members)
        if total > MOST_BYTES:
            raise DatasetError(f"{path} unpacks to {total / 2**30:.1f} GiB, and at most {MOST_BYTES >> 30} are read.")

        def read_member(name: str) -> bytes:
            try:
                return archive.read(name)
            except (OSError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error) as error:
                raise DatasetError(f"{name} in {path} cannot be unpacked ({error}); pack the zip again.") from error

        yield sorted(member.filename for member in members), read_member


def _refuse_way_out(name: str, path: Path) -> None:
    """Refuse names that would lead out of a folder: nothing is unpacked here, but such a zip is an attack or broken."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]:
        raise DatasetError(f"{path} holds the name {name!r}, which leads out of the zip; nothing of it is read.")


def _hidden(name: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.parts)


def _by_class(names: list[str], path: Path) -> dict[str, list[str]]:
    """Sort image names into classes by their folder; the classes in alphabetical order."""
    images = [
        PurePosixPath(name) for name in names if name.lower().endswith(SUFFIXES) and not _hidden(PurePosixPath(name))
    ]
    if not images:
        raise DatasetError(f"{path} holds no image ({', '.join(SUFFIXES)}); put each class into a folder of its own.")
    depth = 0  # how many folders lie around the classes
    while len({image.parts[depth] for image in images}) == 1 and all(len(image.parts) > depth + 2 for image in images):
        depth += 1
    classes: dict[str, list[str]] = {}
    for image in sorted(images):
        if len(image.parts) < depth + 2:
            raise DatasetError(f"The image {image} in {path} lies in no class; move it into the folder of its class.")
        classes.setdefault(image.parts[depth], []).append(image.as_posix())
    if len(classes) < 2:
        raise DatasetError(f"{path} has the single class {next(iter(classes))!r}; a classifier needs at least two.")
    return dict(sorted(classes.items()))


def _decode(content: bytes, where: str, shape: tuple[int, ...]) -> np.ndarray:
    """Decode one image to uint8 (height, width, 3)."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise DatasetError(f"The image {where} has {image.width}×{image.height} pixels; make it smaller.")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except DatasetError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them to
        raise DatasetError(
            f"The image {where} cannot be read ({error or type(error).__name__}); replace or remove it."
        ) from error
    return np.asarray(ImageOps.fit(upright, (shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.uint8)


def write_sample_folder(
    path: str | Path, classes: tuple[str, ...] = ("star", "heart", "ring"), each: int = 250, seed: int = 10
) -> Path:
    """Write a generated image folder, `class/0000.png`…, in the format that `load_folder` reads.

    Args:
        path: the folder to make; it must be empty or absent.
        classes: names of shapes, see `course.datasets.shapes.SHAPES`.
        each: how many images of each class.
        seed: the same seed gives the same pixels on every platform.

    Raises:
        DatasetError: for an unknown shape, or a folder that is not empty or cannot be written.
    """
    from PIL import Image

    path = Path(path).expanduser()
    unknown = [name for name in classes if name not in SHAPES]
    if unknown:
        raise DatasetError(f"There is no shape called {unknown[0]!r}; choose among {', '.join(SHAPES)}.")
    try:
        if path.exists() and any(path.iterdir()):
            raise DatasetError(f"The folder {path} is not empty; name a new one.")
        for name in classes:
            (path / name).mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(draw_shapes(name, each, 1000 * seed + SHAPES.index(name))):
                Image.fromarray(image).save(path / name / f"{number:04}.png")
    except OSError as error:
        raise DatasetError(f"The folder {path} cannot be written ({error.strerror or error}).") from error
    return path
