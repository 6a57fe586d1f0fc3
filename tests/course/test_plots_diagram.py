"""Nets as boxes and arrows: what is drawn and where, not how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest

matplotlib.use("Agg")

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course import plots
from course.plots import graphs, layered

RESIDUAL = ["input", [["conv 3×3, 64", "batch norm", "ReLU", "conv 3×3, 64"], []], "add", "ReLU"]
INCEPTION = [
    "input",
    ["conv 1×1, 64", ["conv 1×1, 96", "conv 3×3, 128"], ["conv 1×1, 16", "conv 5×5, 32"], ["max pool", "conv 1×1, 32"]],
    "concatenate",
]
PYRAMID: dict[str, list[str]] = {
    "C3": [],
    "C4": ["C3"],
    "C5": ["C4"],
    "P5": ["C5"],
    "P4": ["C4", "P5"],
    "P3": ["C3", "P4"],
}
BESIDE = {"P5": "C5", "P4": "C4", "P3": "C3"}


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(fig: Any) -> tuple[dict[str, list[Any]], list[Any], list[Any]]:
    """Boxes by their words, arrows, and words that stand in no box."""
    (ax,) = fig.axes
    boxes = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    found: dict[str, list[Any]] = {}
    loose = []
    for text in ax.texts:
        spot = ax.transData.transform(text.get_position())
        inside = [box for box in boxes if box.contains(*spot)]
        if inside:
            assert len(inside) == 1
            words = text.get_window_extent()
            assert inside[0].x0 <= words.x0 and words.x1 <= inside[0].x1, text.get_text()
            assert inside[0].y0 <= words.y0 and words.y1 <= inside[0].y1, text.get_text()
            assert text.get_fontsize() >= 9
            found.setdefault(text.get_text(), []).append(inside[0])
        else:
            loose.append(text.get_text())
    assert sum(map(len, found.values())) == len(boxes)
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))
    return found, arrows, loose


@pytest.mark.parametrize("direction", ["down", "right"])
@pytest.mark.parametrize(("spec", "boxes", "arrows"), [(RESIDUAL, 7, 7), (INCEPTION, 9, 11)])
def test_branches_leave_one_box_and_meet_in_one(spec: Any, boxes: int, arrows: int, direction: str) -> None:
    found, drawn_arrows, loose = drawn(plots.diagram(spec, title="A block", direction=direction))
    assert (sum(map(len, found.values())), len(drawn_arrows)) == (boxes, arrows) and loose == ["A block"]
    assert {"input", spec[2]} < set(found)


def test_arrows_point_onwards_and_pass_through_no_box() -> None:
    fig = plots.diagram(RESIDUAL)
    found, arrows, _ = drawn(fig)
    boxes = [box for group in found.values() for box in group]
    for arrow in arrows:
        points = fig.axes[0].transData.transform(arrow.get_path().to_polygons(closed_only=False)[0])
        middle = [
            box for box in boxes for x, y in points[1:-1] if box.x0 + 2 < x < box.x1 - 2 and box.y0 + 2 < y < box.y1 - 2
        ]
        assert not middle
    assert found["input"][0].y0 > found["add"][0].y1 > found["ReLU"][-1].y1


def test_the_main_path_is_straight_and_the_skip_goes_around_it() -> None:
    found, _, _ = drawn(plots.diagram(RESIDUAL))
    middles = {round((box.x0 + box.x1) / 2, 1) for group in found.values() for box in group}
    assert len(middles) == 1


def test_a_feature_pyramid_has_two_sides() -> None:
    found, arrows, _ = drawn(plots.diagram(PYRAMID, beside=BESIDE))
    for right, left in BESIDE.items():
        (one,), (two,) = found[left], found[right]
        assert one.x1 < two.x0 and one.y0 + one.y1 == pytest.approx(two.y0 + two.y1, abs=1)
    assert len(arrows) == 7


def test_a_long_chain_to_the_right_goes_on_in_a_next_line() -> None:
    fig = plots.diagram([f"conv 3×3, {64 * n} of many" for n in range(1, 13)], direction="right")
    found, arrows, _ = drawn(fig)
    assert fig.get_size_inches()[0] <= 10 and len(arrows) == 11
    assert len({round(box.y0) for group in found.values() for box in group}) > 1


@pytest.mark.parametrize(
    ("spec", "options", "error", "words"),
    [
        ([], {}, ValueError, "no layer"),
        (["conv"], {"direction": "up"}, ValueError, "down"),
        ([["conv"], "add"], {}, ValueError, "before them"),
        (["input", 3], {}, TypeError, "words"),
        ({"a": ["b"]}, {}, ValueError, "'b'"),
        ({"a": []}, {"beside": {"a": "b"}}, ValueError, "'b'"),
        (7, {}, TypeError, "Keras model"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(spec: Any, options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        plots.diagram(spec, **options)


def test_the_layout_keeps_boxes_apart() -> None:
    widths = dict.fromkeys("abcdef", 1.0)
    edges = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "e"), ("c", "e"), ("d", "e"), ("e", "f"), ("a", "f")]
    layout = layered.place(widths, edges, gap=0.5, lane=0.1)
    assert [sorted(row) for row in layout.rows] == [["a"], ["b", "c", "d"], ["e"], ["f"]]
    spots = sorted(layout.across[name] for name in "bcd")
    assert all(b - a >= 1.5 - 1e-6 for a, b in pairwise(spots))
    assert [row for row, _ in layout.bends["a", "f"]] == [1, 2] and not layout.bends["a", "b"]


@pytest.fixture(scope="module")
def net() -> Any:
    import keras

    layers = keras.layers
    inner = keras.Sequential([keras.Input((8, 8, 4)), layers.Conv2D(4, 1)], name="inner")
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    shared = layers.Conv2D(4, 3, strides=1, padding="same", activation="relu", name="unit_conv")
    y = shared(shared(x))
    x = layers.Add()([x, inner(y)])
    x = layers.MaxPooling2D(2)(x)
    return keras.Model(inputs, layers.Dense(10, "softmax")(layers.GlobalAveragePooling2D()(x)))


def test_a_model_is_drawn_from_its_layers(net: Any) -> None:
    graph = graphs.from_model(net, parameters=True)
    labels = [box.label for box in graph.boxes.values()]
    assert labels == [
        "input\n8×8×3",
        "conv 3×3, 4\nbatch norm · ReLU\n8×8×4\n124 parameters",
        "conv 3×3, 4 · ReLU\n8×8×4\n148 parameters",
        "conv 3×3, 4 · ReLU\n8×8×4\n148 parameters",  # called twice, drawn twice
        "inner\n8×8×4\n20 parameters",
        "add\n8×8×4",
        "max pool 2×2\n4×4×4",
        "global average pool\n4",
        "dense 10 · softmax\n50 parameters",
    ]
    assert len(graph.edges) == 9
    drawn(plots.diagram(net, title="A net"))


def test_layers_of_a_prefix_share_a_box(net: Any) -> None:
    graph = graphs.from_model(net, shapes=False, fold=False, collapse=["unit_"])
    labels = [box.label for box in graph.boxes.values()]
    assert labels.count("unit") == 1 and "batch norm" in labels and "ReLU" in labels


def test_a_model_without_shapes_is_refused() -> None:
    import keras

    with pytest.raises(ValueError, match="no shapes yet"):
        plots.diagram(keras.Sequential([keras.layers.Dense(1)]))
