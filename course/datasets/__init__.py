"""Data for the notebooks.

    from course import datasets

    data = datasets.load("mnist", profile=PROFILE)     # or "cifar10"
    data.train.x, data.train.y                         # uint8 (N, 28, 28), int64 (N,); also .validation and .test
    data.classes, data.source, data.real, data.datasheet

    photos = datasets.load("photos")
    photos.images["china"]                             # uint8 (427, 640, 3)

    surfaces = datasets.load("textures")               # real photographs of brick, grass and gravel, 32×32
    datasets.texture_files()                           # its training part as {"brick/tile00-00.png": bytes, …}

    own = datasets.load_folder("my_images.zip", size=64)

Environment: COURSE_DATA names a folder with `mnist.npz` and `cifar10.npz`; COURSE_CACHE the folder for downloads;
COURSE_OFFLINE=1 forbids downloads; COURSE_WORKER=1 withholds the labels of the test part (the grader sets it).
"""

from course.datasets.errors import DatasetError
from course.datasets.folder import load_folder, read_files, to_arrays, write_sample_folder
from course.datasets.loading import Dataset, EmbeddedDataWarning, load
from course.datasets.photos import Photos
from course.datasets.splits import Split
from course.datasets.textures import texture_files

__all__ = [
    "Dataset",
    "DatasetError",
    "EmbeddedDataWarning",
    "Photos",
    "Split",
    "load",
    "load_folder",
    "read_files",
    "texture_files",
    "to_arrays",
    "write_sample_folder",
]
