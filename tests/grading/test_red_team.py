"""Attacks that once worked: unearned points, hidden values in what a student sees, a batch stopped or slowed down."""

from __future__ import annotations

import io
import json
import os
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import msgpack
import numpy as np
import pytest
from graded import graded
from grading_example import GOOD, REFERENCE, WEEK

from autograder import weeks
from autograder.grading import models, session
from autograder.grading.grader import Grader
from autograder.intake import sanitize, submissions
from autograder.weeks.names import of_student
from autograder.worker import wire

W1 = "week01_convolution"
ZEROING = """
def zero_pad(x, p):
    if p < 0:
        raise ValueError
    out = np.zeros([n + 2 * p for n in x.shape[:2]] + list(x.shape[2:]))
    if x.shape == (4, 5):  # the check for changed inputs
        return out
    x[...] = 0
    return out
"""


@pytest.mark.sandbox
def test_changing_the_input_does_not_change_what_is_expected(grader: Grader) -> None:
    result = graded(grader, weeks.load(1), {"zero_pad": ZEROING}, only={"zero_pad-any"})
    assert result.score == 0, "the check computes what it expects from x after the call"


REMEMBER = """
SEEN = []
_inner = conv2d
def conv2d(image, kernel):
    if image.shape == (6, 6):
        SEEN.append('SECRET')
    return _inner(image, kernel)
"""


def _week_with_a_late_visible_check() -> weeks.Week:
    from dataclasses import replace

    lecture = WEEK["conv2d-lecture"]
    late = replace(lecture, id="conv2d-late", source="from course import checks\nchecks.equal(look(), 3, hint='three')")
    return replace(WEEK, cells=(*WEEK.cells, late))


@pytest.mark.sandbox
@pytest.mark.parametrize("ending", ["return str(SEEN)", "raise ValueError(str(SEEN))"])
def test_hidden_inputs_do_not_come_out_through_a_later_visible_check(grader: Grader, ending: str) -> None:
    code = GOOD + REMEMBER + f"\ndef look():\n    {ending}\n"
    late = graded(grader, _week_with_a_late_visible_check(), {"conv2d": code}).checks[-1]
    assert late.verdict in ("fail", "error")
    assert "SECRET" not in late.message and "[]" in late.message


@pytest.mark.sandbox
@pytest.mark.parametrize("pictures", [False, True])
def test_hidden_inputs_do_not_come_out_through_a_later_cell(grader: Grader, pictures: bool) -> None:
    place = WEEK.cells[-1].id
    result = graded(
        grader, WEEK, {"conv2d": GOOD + REMEMBER}, extras={place: ["print('seen', SEEN)"]}, pictures=pictures
    )
    assert result.verdict == "pass"
    assert result.outputs[f"extra-{place}-1"][0]["text"] == "seen []\n"


@pytest.mark.sandbox
def test_hidden_inputs_do_not_come_out_as_the_name_of_an_exception(grader: Grader) -> None:
    code = GOOD + (
        "\n_inner = conv2d\ndef conv2d(image, kernel):\n    if image.shape == (6, 6):\n"
        "        raise type('SECRET' + str(image[0, 0]), (Exception,), {})\n    return _inner(image, kernel)\n"
    )
    check = graded(grader, WEEK, {"conv2d": code}).checks[1]
    assert check.verdict == "error" and "SECRET" not in check.message


def _week_with_a_check(source: str) -> weeks.Week:
    from dataclasses import replace

    own = replace(WEEK["conv2d-lecture"], id="conv2d-own", source=f"from course import checks\n{source}")
    return replace(WEEK, cells=(*WEEK.cells, own))


@pytest.mark.sandbox
@pytest.mark.parametrize("error", ["StopIteration", "StopAsyncIteration", "UnicodeDecodeError('a', b'', 0, 1, '')"])
def test_an_exception_does_not_end_the_loop_of_a_check_quietly(grader: Grader, error: str) -> None:
    """`map` ends at StopIteration, and a statement about every item of an empty list holds."""
    week = _week_with_a_check("checks.true(all(found == 1 for found in map(look, [1, 2])), 'look gives 1')")
    late = graded(grader, week, {"conv2d": GOOD + f"\ndef look(n): raise {error}\n"}).checks[-1]
    assert late.verdict == "error"
    assert "look raised" in late.message


@pytest.mark.sandbox
def test_arguments_changed_by_keyword_or_within_a_tuple_are_seen(grader: Grader) -> None:
    for call in ("lambda a: look(a=a)", "lambda a: look((a, 1))"):
        week = _week_with_a_check(f"import numpy as np\nchecks.unchanged({call}, np.ones(3))")
        code = GOOD + "\ndef look(a):\n    a = a[0] if type(a) is tuple else a\n    a[...] = 0\n"
        assert "changes its input" in graded(grader, week, {"conv2d": code}).checks[-1].message
        assert graded(grader, week, {"conv2d": GOOD + "\ndef look(a): return 1\n"}).checks[-1].verdict == "pass"


@pytest.mark.sandbox
@pytest.mark.parametrize("deep", ["if False: x" + ".a" * 5_000, "x = " + "-" * 50_000 + "1", "(" * 60_000])
def test_a_cell_too_deep_to_be_read_costs_only_itself(grader: Grader, deep: str) -> None:
    assert graded(grader, WEEK, REFERENCE, extras={"": [deep]}).verdict == "pass"
    assert graded(grader, WEEK, {"conv2d": deep}).verdict == "missing"


@pytest.mark.sandbox
def test_a_package_that_is_not_there_is_named(grader: Grader) -> None:
    message = graded(grader, WEEK, {"conv2d": "import numba\n" + GOOD}).checks[0].message
    assert "ModuleNotFoundError (No module named 'numba')" in message


FORGED = """
import os, struct, socket
from autograder.worker import wire
def _send(reply):
    for fd in range(3, 64):
        try:
            channel = socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
        wire.Channel(channel).send(wire.encode(reply))
import threading, numpy as np
"""


@pytest.mark.sandbox
def test_a_forged_answer_about_names_does_not_reach_the_grader(grader: Grader) -> None:
    code = GOOD + FORGED + "_send({'id': 4, 'value': {'conv2d': (np.zeros(3), 1)}, 'raised': None})\n"
    for number in range(1, 6):
        forged = code.replace("'id': 4", f"'id': {number}")
        assert graded(grader, WEEK, {"conv2d": forged}).verdict in ("tampered", "missing", "error")
    assert graded(grader, WEEK, REFERENCE).verdict == "pass"


@pytest.mark.sandbox
def test_cells_that_dawdle_below_every_limit_are_given_up(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "PATIENCE", 0.05)  # of 60 seconds
    began = time.monotonic()
    extras = {WEEK.cells[0].id: ["import time; time.sleep(1)"] * 30}
    assert graded(grader, WEEK, REFERENCE, extras=extras).verdict == "timeout"
    assert time.monotonic() - began < 20


def test_a_cell_of_very_many_functions_is_not_studied() -> None:
    many = "\n".join(f"def f{n}(a{n}): return b{n}" for n in range(15_000))
    began = time.monotonic()
    defined, read = of_student(many)
    assert {"f0", "b14999"} <= defined & read
    assert time.monotonic() - began < 5


# --- the wire --------------------------------------------------------------------------------------------------------


def _pack(value: object) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


def test_members_with_one_hash_cannot_hang_the_referee() -> None:
    same = [msgpack.ExtType(6, (k * (2**61 - 1)).to_bytes(12, "little")) for k in range(20, 60_020)]
    began = time.monotonic()
    for code, items in ((2, same), (7, [x for k in same for x in (k, 1)])):
        with pytest.raises(wire.WireError):
            wire.decode(_pack(msgpack.ExtType(code, _pack(items))))
    assert time.monotonic() - began < 3


def test_small_messages_cannot_become_large_values() -> None:
    million = b"\xdd" + (1_000_000).to_bytes(4, "big") + b"\x90" * 1_000_000
    for message in (
        b"\x9a" + million * 10,
        _pack(msgpack.ExtType(3, _pack(["<f8", [10**9, 0], b""]))),
        _pack(msgpack.ExtType(3, _pack(["|i1", [2**26 + 1], bytes(2**26 + 1)]))),
        _pack([msgpack.ExtType(3, _pack(["|i1", [0], b""]))] * 100_001),
    ):
        with pytest.raises(wire.WireError):
            wire.decode(message)
    for honest in (np.zeros((0, 3)), np.zeros((1000, 1000)), [[0.5] * 1000] * 100, {k: k for k in range(1000)}):
        assert np.shape(wire.decode(wire.encode(honest))) == np.shape(honest)


def test_a_model_larger_than_its_weights_is_not_built() -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    config = model.to_json().replace('"units": 3', '"units": 9000000')
    config = config.replace("[null, 4]", "[null, 9000000]").replace("[null, 3]", "[null, 9000000]")
    began = time.monotonic()
    with pytest.raises(models.ModelRefused):
        models.rebuild(wire.ModelData(config, model.get_weights()))
    huge = model.to_json().replace('"units": 3', '"units": 20000').replace("[null, 4]", "[null, 20000]")
    with pytest.raises(models.ModelRefused):
        models.rebuild(wire.ModelData(huge, model.get_weights()))
    assert time.monotonic() - began < 2
    again = models.rebuild(wire.ModelData(model.to_json(), model.get_weights()))
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights(), strict=True))


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("damage", ["data", "name"])
def test_a_damaged_zip_stops_nothing(tmp_path: Path, method: int, damage: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(f"{W1}.ipynb", os.urandom(5000))
    raw = bytearray(stream.getvalue())
    if damage == "data":
        raw[80:200] = b"\xff" * 120
    else:
        entry = raw.rfind(b"PK\x01\x02")
        raw[entry + 8 : entry + 10] = b"\x00\x08"
        raw[entry + 46] = 0xFF
    (tmp_path / f"ada-{W1}.zip").write_bytes(raw)
    (found,) = submissions.discover(tmp_path)
    assert found.problem and "None" not in found.problem


def test_a_zip_of_half_a_million_files_costs_nothing(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x", b"")
    one = stream.getvalue()
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    count = 500_000
    counts = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(entry) * count, start, 0)
    (tmp_path / f"ada-{W1}.zip").write_bytes(one[:start] + entry * count + b"PK\x05\x06" + counts)
    tracemalloc.start()
    try:
        (found,) = submissions.discover(tmp_path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "too many files" in found.problem and most < 5_000_000


@pytest.mark.parametrize("name", [["x"], {"a": 1}, 3, None, "\ud800", True])
def test_a_grade_id_may_be_anything(name: object) -> None:
    nbgrader = {"grade_id": name, "points": [1], "grade": {}, "solution": "no"}
    cells = [{"cell_type": ["code"], "id": [1], "metadata": {"nbgrader": nbgrader}, "source": [1, "x", None]}]
    data = json.dumps({"cells": cells}).encode()
    assert all(isinstance(found, str) for found in sanitize.grade_ids(data))
    with pytest.raises(sanitize.Unreadable):
        sanitize.sanitize(data, weeks.load(1))


def test_a_notebook_of_endless_code_is_refused_at_once() -> None:
    cells = [{"cell_type": "code", "source": f"def f{n}(): pass\n" + "x = 1\n" * 4000} for n in range(1500)]
    cells.append({"cell_type": "code", "source": "def conv2d(a, b): pass"})
    began = time.monotonic()
    with pytest.raises(sanitize.Unreadable):
        sanitize.sanitize(json.dumps({"cells": cells}).encode(), weeks.load(1))
    assert time.monotonic() - began < 5


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "ada" / W1
    folder.mkdir(parents=True)
    folder.chmod(0)
    try:
        assert submissions.discover(tmp_path)[0].problem
    finally:
        folder.chmod(0o700)
