"""TensorFlow's start-up messages are dropped; other words on stderr are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def stderr_of(code: str, folder: Path | None = None) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    return done.stderr


def test_importing_keras_says_nothing() -> None:
    code = "import course, sys; assert 'keras' not in sys.modules; import keras; print(keras.__loader__)"
    assert stderr_of(code) == ""


def test_other_words_are_kept(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text(
        "import os\n"
        "os.write(2, b'I0000 00:00:1.2 3 port.cc:153] oneDNN custom operations are on.\\n')\n"
        "os.write(2, b'the disk is full\\n')\n"
        "x = 1\n"
    )
    code = "import sys; sys.path.insert(0, '.'); import course, keras, os; os.write(2, b'after'); assert keras.x == 1"
    assert stderr_of(code, tmp_path) == "the disk is full\nafter"


def test_a_failing_import_says_why(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("raise ImportError('no backend')\n")
    code = (
        "import sys; sys.path.insert(0, '.'); import course\n"
        "try:\n    import keras\nexcept ImportError as e:\n    print(e, file=sys.stderr)\n"
        "import gc; assert gc.isenabled()"
    )
    assert stderr_of(code, tmp_path) == "no backend\n"


def test_keras_loads_its_bridge_to_scikit_learn_when_it_is_used() -> None:
    code = (
        "import course, sys, keras; assert 'sklearn' not in sys.modules and 'scipy.stats' not in sys.modules\n"
        "from keras.wrappers import SKLearnClassifier; assert 'sklearn' in sys.modules\n"
        "import sklearn.base as base; assert issubclass(SKLearnClassifier, base.BaseEstimator)\n"
        "assert keras.wrappers.SKLearnClassifier is SKLearnClassifier"
    )
    assert stderr_of(code) == ""


def test_garbage_is_collected_again_after_the_import(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("import gc\nwhile_it_loads = gc.isenabled()\n")
    start = "import sys, gc; sys.path.insert(0, '.'); import course"
    for before, after in (
        ("", "gc.isenabled() and gc.get_freeze_count() > 1000"),
        ("gc.disable()", "not gc.isenabled() and not gc.get_freeze_count()"),
    ):
        code = f"{start}; {before}\nimport keras; assert not keras.while_it_loads; assert {after}"
        assert stderr_of(code, tmp_path) == ""


def test_a_missing_module_is_missing() -> None:
    code = (
        "import course, importlib.util as u; course.quiet.MODULES = ('nowhere',); assert u.find_spec('nowhere') is None"
    )
    assert stderr_of(code) == ""


def test_many_small_nets_are_no_reason_for_a_warning() -> None:
    code = (
        "import course, logging; log = logging.getLogger('tensorflow'); log.addHandler(logging.StreamHandler())\n"
        "log.warning('%s', 'the disk is full'); log.warning('5 out of the last 5 calls triggered tf.function retracing.')"
    )
    assert stderr_of(code) == "the disk is full\n"
