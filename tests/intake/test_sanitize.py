"""Damaged notebooks: repaired where the repair is certain, refused with the reason where it is not."""

from __future__ import annotations

import ast
import copy
import json
from dataclasses import replace
from typing import Any

import nbformat
import pytest
from grading_example import GOOD, WEEK
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.notebooks import release_notebook, text_of
from autograder.grading.plan import steps_of
from autograder.intake.sanitize import Unreadable, grade_ids, sanitize
from autograder.intake.work import Work
from autograder.weeks import marks

LAST = WEEK.cells[-1].id


def release() -> dict[str, Any]:
    """The release of the example week as a student has it, with the answer filled in."""
    cells = []
    for cell, raw in zip(WEEK.cells, WEEK.notebook.cells, strict=True):
        source = cell.visible_source if cell.role == "check" else cell.source
        if cell.role == "written":
            source = "YOUR ANSWER HERE"
        metadata = copy.deepcopy(dict(raw.metadata))
        new = {"cell_type": cell.kind, "id": cell.id, "metadata": metadata, "source": source}
        if cell.kind == "code":
            new |= {"outputs": [], "execution_count": None}
        cells.append(new)
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def find(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def clean(notebook: Any) -> Work:
    return sanitize(json.dumps(notebook).encode(), WEEK)


def extra(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def test_an_undamaged_notebook_passes_without_a_word() -> None:
    found = clean(release())
    assert found.sources == {"conv2d": GOOD}
    assert found.written == {"correlation-or-convolution": "YOUR ANSWER HERE"}
    assert (found.extras, found.warnings, found.tampered) == ({}, [], False)


def test_extra_cells_keep_their_place() -> None:
    notebook = release()
    notebook["cells"].insert(0, extra("first = 1"))
    notebook["cells"].append(extra("last = 1"))
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "my notes"})
    assert clean(notebook).extras == {"": ["first = 1"], LAST: ["last = 1"]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"\xff\xfe\x00\x01\x02", "UTF-8|JSON|cut off"),
        (b"\x89PNG\r\n", "UTF-8"),
        (b"hello", "not JSON"),
        (b'{"cells": [', "cut off"),
        (json.dumps(release()).encode()[:-50], "cut off"),
        (b'{"cells": [}', "line 1"),
        (b"[1, 2]", "not a notebook"),
        (b'"text"', "not a notebook"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": "four", "cells": []}', "another week"),
        (b'{"nbformat": 2, "worksheets": 7}', "no list of cells"),
        (b"[" * 200_000, "nested too deeply|cut off"),
        (b'{"cells": [], "nbformat": 4}', "another week"),
        (b'{\n "cells": [\n<<<<<<< HEAD\n 1\n=======\n 2,\n>>>>>>> theirs\n ]}', r"merge-conflict marks \(line 3\)"),
        (b'{\n "cells": [\n<<<<<<< HEAD\n 1\n=======\n 2\n>>>>>>> theirs\n ]}', "another week"),
    ],
)
def test_files_that_are_no_notebook_are_refused_with_the_reason(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        sanitize(data, WEEK)


def test_an_old_notebook_is_converted() -> None:
    new = nbformat.from_dict(release())
    old = nbformat.convert(new, 3)
    found = sanitize(json.dumps(old).encode(), WEEK)
    assert found.sources == {"conv2d": GOOD}


@pytest.mark.parametrize("version", [1, 2, 3, 3.0, "4", None, 99])
def test_a_notebook_of_any_format_is_read_by_its_cells(version: object) -> None:
    notebook = release()
    if version in (1, 2, 3):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["input"] = cell.pop("source")
        notebook["worksheets"] = [{"cells": notebook.pop("cells")}]
    found = clean({**notebook, "nbformat": version})
    assert (found.sources, found.warnings) == ({"conv2d": GOOD}, [])


def test_a_small_file_of_very_many_values_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable, match="too many values"):
        sanitize(b'{"cells": [], "x": [' + b"[]," * 5_000_001 + b"0]}", WEEK)


def without_names(notebook: dict[str, Any]) -> dict[str, Any]:
    """As an editor that keeps neither metadata nor ids writes it."""
    cells = [{**{k: v for k, v in c.items() if k != "id"}, "metadata": {}} for c in notebook["cells"]]
    return {**notebook, "cells": cells, "nbformat_minor": 0}


def test_without_any_names_cells_are_known_by_text_function_and_place() -> None:
    notebook = release()
    find(notebook, "correlation-or-convolution")["source"] = "Because the kernel is flipped."
    at = notebook["cells"].index(find(notebook, "conv2d"))
    notebook["cells"].insert(at + 1, extra("table = conv2d"))
    notebook["cells"].insert(at, extra("helper = 1"))
    written = notebook["cells"].index(find(notebook, "correlation-or-convolution"))
    notebook["cells"].insert(written + 1, {"cell_type": "markdown", "metadata": {}, "source": "And a second thought."})
    found = clean(without_names(notebook))
    assert found.sources == {"conv2d": GOOD}
    assert found.extras == {WEEK.cells[at - 1].id: ["helper = 1"], "conv2d": ["table = conv2d"]}
    assert found.written["correlation-or-convolution"] == "Because the kernel is flipped.\n\nAnd a second thought."
    assert not found.tampered
    assert len(found.warnings) == 3, found.warnings


def test_of_two_nameless_answers_the_last_counts_and_the_first_runs_before_it() -> None:
    notebook = release()
    at = notebook["cells"].index(find(notebook, "conv2d"))
    notebook["cells"].insert(at, extra("def conv2d(image, kernel): return 'draft'"))
    found = clean(without_names(notebook))
    assert found.sources == {"conv2d": GOOD}
    assert found.extras == {WEEK.cells[at - 1].id: ["def conv2d(image, kernel): return 'draft'"]}


def test_a_check_copied_into_a_cell_of_ones_own_is_no_fraud() -> None:
    notebook = release()
    notebook["cells"].append(extra(find(notebook, "conv2d-lecture")["source"]))
    found = clean(notebook)
    assert (found.warnings, found.tampered) == ([], False)
    assert found.extras == {LAST: [WEEK["conv2d-lecture"].visible_source]}


def test_byte_order_mark_and_list_sources_are_read() -> None:
    notebook = release()
    cell = find(notebook, "conv2d")
    cell["source"] = cell["source"].splitlines(keepends=True)
    found = sanitize(b"\xef\xbb\xbf" + json.dumps(notebook).encode(), WEEK)
    assert found.sources == {"conv2d": GOOD}


def test_edited_checks_and_points_are_restored_and_flagged() -> None:
    notebook = release()
    find(notebook, "conv2d-lecture")["source"] = "pass"
    find(notebook, "conv2d-any-shape")["metadata"]["nbgrader"]["points"] = 100
    found = clean(notebook)
    assert found.tampered
    assert any("conv2d-lecture had been edited" in w for w in found.warnings)
    assert any("points of the check conv2d-any-shape" in w for w in found.warnings)


def test_a_check_of_an_older_release_is_no_fraud() -> None:
    """The teacher corrected a check after the release: students who work in the old notebook have changed nothing."""
    cells = tuple(
        replace(cell, source=f"# mended\n{cell.source}", points=cell.points + 1)
        if cell.id == "conv2d-lecture"
        else cell
        for cell in WEEK.cells
    )
    notebook = json.loads(text_of(release_notebook(WEEK)))
    found = sanitize(json.dumps(notebook).encode(), replace(WEEK, cells=cells))
    assert not found.tampered
    assert "the check conv2d-lecture is that of another release: ours counts" in found.warnings
    find(notebook, "conv2d-lecture")["source"] = "pass"
    assert sanitize(json.dumps(notebook).encode(), replace(WEEK, cells=cells)).tampered


def test_a_check_of_another_type_is_flagged() -> None:
    notebook = release()
    find(notebook, "conv2d-lecture")["metadata"]["nbgrader"]["grade"] = False
    assert clean(notebook).tampered


def test_deleted_duplicated_and_moved_cells_cost_nothing() -> None:
    notebook = release()
    cells = notebook["cells"]
    cells.remove(find(notebook, "conv2d-lecture"))
    cells.append(copy.deepcopy(find(notebook, "conv2d-any-shape")))
    answer = find(notebook, "conv2d")
    cells.remove(answer)
    cells.append(answer)
    found = clean(notebook)
    assert found.sources == {"conv2d": GOOD}
    assert not found.tampered
    text = "\n".join(found.warnings)
    for words in ("conv2d-lecture had been deleted", "conv2d-any-shape was there 2 times", "moved"):
        assert words in text


def test_an_answer_that_lost_its_metadata_is_recognised() -> None:
    notebook = release()
    find(notebook, "conv2d")["metadata"] = {}
    assert clean(notebook).sources == {"conv2d": GOOD}, "by its id"
    notebook["cells"] = [{k: v for k, v in c.items() if k != "id"} for c in notebook["cells"]]
    found = clean(notebook)
    assert found.sources == {"conv2d": GOOD}, "by the function it defines"
    assert any("lost its name" in w for w in found.warnings)
    assert not any(found.extras.values()), "and does not run twice"


def test_of_two_answers_the_written_one_counts() -> None:
    notebook = release()
    notebook["cells"].append({**copy.deepcopy(find(notebook, "conv2d")), "source": marks.stub(WEEK["conv2d"].source)})
    assert clean(notebook).sources == {"conv2d": GOOD}


HALVES = ("def _window(x): return x", "def conv2d(image, kernel): return _window(image)")


@pytest.mark.parametrize("sources", [HALVES, (GOOD, "print(conv2d(image, kernel))"), (GOOD, f"# {GOOD}")])
def test_an_answer_cell_that_was_split_runs_whole(sources: tuple[str, str]) -> None:
    """Editors leave both halves the name of the whole: each runs where it stands."""
    notebook = release()
    answer = find(notebook, "conv2d")
    at = notebook["cells"].index(answer)
    notebook["cells"][at : at + 1] = [{**copy.deepcopy(answer), "source": source} for source in sources]
    found = clean(notebook)
    assert found.sources == {"conv2d": sources[0]} and found.extras == {"conv2d": [sources[1]]}
    assert "the answer cell conv2d is there 2 times: each runs where it stands, as in the kernel" in found.warnings


@pytest.mark.parametrize("first", ["%%time\n", "!ls\n", "if True:\n    pass\n"])
def test_an_answer_in_a_cell_of_the_students_own_is_recognised(first: str) -> None:
    notebook = release()
    answer = find(notebook, "conv2d")
    answer["metadata"], answer["id"], answer["source"] = {}, "mine", first + GOOD
    assert clean(notebook).sources == {"conv2d": first + GOOD}
    answer["source"] = "def mine(image, kernel): return image\nconv2d = mine"
    assert clean(notebook).sources == {"conv2d": answer["source"]}


def test_nothing_runs_over_an_answer_that_is_made_in_a_way_of_its_own() -> None:
    notebook = release()
    answer = find(notebook, "conv2d")
    answer["metadata"], answer["id"], answer["source"] = {}, "mine", "globals()['conv2d'] = lambda image, kernel: image"
    found = clean(notebook)
    assert found.sources == {"conv2d": ""} and [answer["source"]] in found.extras.values()


def test_written_answers_reach_their_reader_wherever_they_stand() -> None:
    notebook = release()
    written = find(notebook, "correlation-or-convolution")
    at = notebook["cells"].index(written)
    note = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "It flips."}
    notebook["cells"].insert(at + 1, note)
    assert clean(notebook).written == {"correlation-or-convolution": "It flips."}, "below the stub"
    written["source"] = "First half."
    assert clean(notebook).written == {"correlation-or-convolution": "First half.\n\nIt flips."}
    notebook["cells"][at + 1] = {**copy.deepcopy(written), "source": "Second half."}
    assert clean(notebook).written == {"correlation-or-convolution": "First half.\n\nSecond half."}, "split"


def test_numbers_that_were_printed_are_no_values() -> None:
    notebook = release()
    text = '"0, 1, [2], \\\\' * 1_000_000
    find(notebook, "conv2d")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    assert clean(notebook).sources == {"conv2d": GOOD}
    find(notebook, "conv2d")["outputs"] = [[]] * 3_000_000
    with pytest.raises(Unreadable, match="too many values"):
        clean(notebook)


def test_a_cell_that_is_cut_says_so() -> None:
    notebook = release()
    find(notebook, "conv2d")["source"] += "#" * 500_000
    assert any("the rest of it was left out" in warning for warning in clean(notebook).warnings)


def test_points_of_any_size_are_points_that_were_changed() -> None:
    notebook = release()
    cell = find(notebook, "conv2d-lecture")
    cell["source"], cell["metadata"]["nbgrader"]["points"] = "pass", 10**400
    assert clean(notebook).tampered


def test_an_answer_turned_into_markdown_is_read_as_code() -> None:
    notebook = release()
    find(notebook, "conv2d")["cell_type"] = "markdown"
    found = clean(notebook)
    assert found.sources == {"conv2d": GOOD}
    assert any("turned into markdown" in w for w in found.warnings)


def test_an_import_added_to_a_given_cell_still_runs_but_the_profile_is_ours() -> None:
    notebook = release()
    find(notebook, "imports")["source"] += "\nimport scipy"
    find(notebook, "parameters")["source"] = 'PROFILE = "mine"'
    found = clean(notebook)
    assert found.extras == {"imports": [WEEK["imports"].source + "\nimport scipy"]}
    assert any("parameters had been edited: ours counts" in w for w in found.warnings)


@pytest.mark.parametrize("source", ['PROFILE = "full"', "PROFILE = 'full'"])
def test_a_profile_that_a_student_chose_is_nothing_to_say(source: str) -> None:
    notebook = release()
    cell = find(notebook, "parameters")
    text = "".join(cell["source"])
    cell["source"] = text.replace('PROFILE = "quick"', source)
    assert cell["source"] != text
    found = clean(notebook)
    assert not found.warnings and not found.tampered and not found.extras, "the grader runs ours, with its own profile"
    steps = {step.cell.id: step.source for step in steps_of(WEEK, found.sources, found.extras, None, (), "quick")}
    assert steps["parameters"] == f"{text}\nPROFILE = {'quick'!r}"
    cell["source"] = cell["source"].replace("SEED = 0", "SEED = 1")
    assert any("parameters had been edited: ours counts" in warning for warning in clean(notebook).warnings)


def test_grade_ids_tell_which_week_it_is() -> None:
    assert "conv2d-lecture" in grade_ids(json.dumps(release()).encode())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_change_of_any_cell_ends_in_answers_or_a_reason(data: st.DataObject) -> None:
    notebook = release()
    for _ in range(data.draw(st.integers(1, 4))):
        cell = data.draw(st.sampled_from(notebook["cells"]))
        where = data.draw(st.sampled_from(["cell_type", "source", "metadata", "nbgrader", "id", "delete", "cell"]))
        value = data.draw(json_values)
        if where == "delete":
            cell.clear()
        elif where == "cell":
            notebook["cells"].append(value)
        elif where == "nbgrader" and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = value
        else:
            cell[where] = value
        notebook["cells"] = [c for c in notebook["cells"] if isinstance(c, dict)] or [{}]
    try:
        assert isinstance(clean(notebook), Work)
    except Unreadable as problem:
        assert str(problem)


def in_conflict(notebook: dict[str, Any], name: str, other: str, base: str = "") -> bytes:
    """The notebook as git leaves it when the source of the cell `name` is `other` on the other side."""
    cell = find(notebook, name)
    mine, cell["source"] = cell["source"], "HERE"
    one, two = (f'"source": {json.dumps(source)}\n' for source in (mine, other))
    conflict = f"\n<<<<<<< HEAD\n{one}{base}=======\n{two}>>>>>>> partner\n"
    return json.dumps(notebook).replace('"source": "HERE"', conflict, 1).encode()


@pytest.mark.parametrize("base", ["", '||||||| merged\n"source": ""\n'])
def test_of_a_conflict_in_one_cell_the_others_count(base: str) -> None:
    notebook = release()
    found = sanitize(in_conflict(copy.deepcopy(notebook), "imports", "import os", base), WEEK)
    assert found.sources == {"conv2d": GOOD}
    assert any("the cell imports holds merge-conflict marks" in warning for warning in found.warnings)
    found = sanitize(in_conflict(notebook, "conv2d", "def conv2d(a, b): return a", base), WEEK)
    assert GOOD in found.sources["conv2d"] and ">>>>>>>" in found.sources["conv2d"]
    assert any("the cell conv2d holds merge-conflict marks" in warning for warning in found.warnings)
    assert not found.tampered


def test_a_conflict_about_outputs_is_none() -> None:
    notebook = release()
    text = json.dumps(notebook).replace(
        '"execution_count": null', '\n<<<<<<< HEAD\n"execution_count": 1\n=======\n"execution_count": 2\n>>>>>>> b\n', 2
    )
    found = sanitize(text.encode(), WEEK)
    assert found.sources == {"conv2d": GOOD} and not found.warnings


def test_a_check_in_another_layout_or_with_prints_is_changed_and_not_tampered_with() -> None:
    notebook = release()
    cell = find(notebook, "conv2d-lecture")
    ours = cell["source"]
    for source, says in {
        ast.unparse(ast.parse(ours)): "layout or comments only",
        "# mine\n" + ours: "layout or comments only",
        f"print('here')\n{ours}\nprint(conv2d)\nimage": "prints and what is only shown",
        f"%%time\n{ours}": "prints and what is only shown",
        ours + "\nz z": "no Python any more",
    }.items():
        cell["source"] = source
        found = clean(notebook)
        assert not found.tampered
        assert any("conv2d-lecture had been changed (" in w and says in w for w in found.warnings), found.warnings


def test_a_check_that_tests_something_else_is_tampered_with_and_it_is_said_where() -> None:
    notebook = release()
    cell = find(notebook, "conv2d-lecture")
    ours = cell["source"]
    for source in (
        "checks = None\n" + ours,
        ours.replace("checks.close", "print"),
        f"print(setattr(checks, 'close', print))\n{ours}",
        f"print(checks := 3)\n{ours}",
        ours.partition("checks.close")[0],
    ):
        cell["source"] = source
        found = clean(notebook)
        assert found.tampered, source
        assert any("conv2d-lecture had been edited (what it tests was changed" in w for w in found.warnings)
