"""Weeks that train: nets that are handed in, nets that are trained again, and which data may not be read."""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields, replace

import numpy as np
import pytest
from graded import graded
from grading_example import WEEK

from autograder.grading.grader import Grader
from autograder.weeks import Cell, Week
from course.syllabus import WeekPlan

SETUP = "import numpy as np\nimport keras\nfrom course import training\ntraining.start(PROFILE, SEED)"
BUILD = (
    "def build():\n"
    "    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation='softmax')])\n"
    "def train(model):\n"
    "    global trainings\n"
    "    trainings = 1\n"
    "    model.set_weights([np.full((4, 2), 0.25), np.zeros(2)])\n"
    "    return {'loss': [1.0]}\n"
    "trainings = 0\n"
    "net, history = training.trained('net', build, train)\n"
)
CHECKS = {
    "net-size": "from course import checks, evaluation\nchecks.equal(evaluation.budget(net), 10)",
    "net-weights": "from course import checks\nchecks.close(net.get_weights()[0].ravel()[0], 0.25)",
    "net-hidden": (
        "from course import checks\n"
        "### BEGIN HIDDEN TESTS\n"
        "checks.true(net.count_params() == 10, 'size')\n"
        "### END HIDDEN TESTS"
    ),
    "net-late": "from course import checks\nchecks.equal(trainings, 1, hint='it was trained')",
    "net-profile": (
        "from course import checks, profile\nchecks.equal(profile.current(), 'quick')\nchecks.equal(PROFILE, 'quick')"
    ),
}


def week(checks: dict[str, str] = CHECKS) -> object:
    cells = [
        Cell("parameters", "given", "code", 'PROFILE = "quick"\nSEED = 0', tags=("parameters",)),
        Cell("setup", "given", "code", SETUP),
        Cell("net", "answer", "code", BUILD),
        *(Cell(name, "check", "code", source, points=1) for name, source in checks.items()),
    ]
    return replace(WEEK, cells=tuple(cells))


def kept(weight: float, features: int = 4) -> bytes:
    """A net as `course.training.trained` keeps it."""
    import keras

    from course.training.artefacts import configuration

    model = keras.Sequential([keras.Input((features,)), keras.layers.Dense(2, activation="softmax")])
    about = json.dumps({"format": 1, "history": {"loss": [0.5]}, "settings": "{}"})
    stream = io.BytesIO()
    np.savez(
        stream,
        weight_000=np.full((features, 2), weight, "float32"),
        weight_001=np.zeros(2, "float32"),
        about=np.frombuffer(about.encode(), np.uint8),
        config=np.frombuffer(configuration(model).encode(), np.uint8),
    )
    return stream.getvalue()


@pytest.mark.sandbox
def test_a_net_that_was_handed_in_is_graded_without_training(grader: Grader) -> None:
    result = graded(grader, week(), {"net": BUILD}, artefacts={"net-quick.npz": kept(0.25)})  # type: ignore[arg-type]
    assert {c.id: c.verdict for c in result.checks} == {**dict.fromkeys(CHECKS, "pass"), "net-late": "fail"}
    result = graded(grader, week(), {"net": BUILD}, artefacts={"net-quick.npz": kept(0.5)})  # type: ignore[arg-type]
    assert {c.id for c in result.checks if c.verdict != "pass"} == {"net-weights", "net-late"}


@pytest.mark.sandbox
@pytest.mark.parametrize("artefact", [b"", b"PK\3\4 no zip", kept(0.25, features=5), kept(float("nan"))])
def test_a_net_that_does_not_fit_is_trained_anew(grader: Grader, artefact: bytes) -> None:
    result = graded(grader, week(), {"net": BUILD}, artefacts={"net-quick.npz": artefact})  # type: ignore[arg-type]
    assert result.verdict == "pass"
    text = "".join(o.get("text", "") for o in result.outputs["net"])
    assert "artefacts/net-quick.npz is not used, because" in text


@pytest.mark.sandbox
def test_a_worker_that_starts_anew_need_not_train_anew(grader: Grader) -> None:
    """After a failed check that shows values the cells run in a new worker: the net comes from the old one."""
    checks = {**CHECKS, "net-late": "from course import checks\nchecks.equal(1, trainings + 5)"}
    result = graded(grader, week(checks), {"net": BUILD})  # type: ignore[arg-type]
    (late,) = [c for c in result.checks if c.verdict != "pass"]
    assert late.id == "net-late" and "expected 5" in late.message  # of the new worker, where `trainings` stays 0


@pytest.mark.sandbox
def test_the_profile_is_the_graders(grader: Grader) -> None:
    lying = BUILD + "\nPROFILE = 'full'\nfrom course import profile\nprofile.use('full')"
    result = graded(grader, week(), {"net": lying})  # type: ignore[arg-type]
    (check,) = [c for c in result.checks if c.verdict != "pass"]
    assert check.id == "net-profile" and "'full'" in check.message


class _Hasty(Week):
    """A week whose cells may take one second."""

    @property
    def plan(self) -> WeekPlan:
        return replace(super().plan, cell_seconds={"quick": 1.0, "full": 1.0})


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("slow", "says"),
    [
        ("    import time; time.sleep(60)\n", "train fewer epochs .* hand in the trained net too, .* artefacts/"),
        ("", "endless loop"),
    ],
)
def test_a_training_over_its_time_limit_says_what_to_change(grader: Grader, slow: str, says: str) -> None:
    body = BUILD.replace("    trainings = 1\n", "    trainings = 1\n" + slow) if slow else "while True: pass\n"
    plain = week()
    hasty = _Hasty(**{field.name: getattr(plain, field.name) for field in fields(plain)})  # type: ignore[arg-type]
    result = graded(grader, hasty, {"net": body})
    late = {c.id: c for c in result.checks if c.id in ("net-size", "net-weights", "net-hidden")}
    for check in late.values():
        assert check.verdict == "missing" and check.points == 0
        assert re.search(rf"net is not defined: its cell did not end within 1 s: .*{says}", check.message), (
            check.message
        )


NETS = {
    "a Lambda layer": (
        "keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(2)])",
        "net: the model uses a Lambda layer, which can hide code: ",
    ),
    "a layer of one's own": (
        "keras.Sequential([keras.Input((4,)), type('Twice', (keras.layers.Layer,), {'call': lambda s, x: 2 * x})()])",
        "net: the model uses .*(no built-in Keras layer|a class of your own)",
    ),
    "a net that is a class": (
        "type('Own', (keras.Model,), {'call': lambda self, x: x})()",
        "net: the model uses .*(no built-in Keras layer|a class of your own)",
    ),
    "no Keras model": (
        "__import__('sklearn.linear_model').linear_model.LogisticRegression()",
        "net should be a Keras model of built-in layers\nit is a LogisticRegression",
    ),
    "a layer": ("keras.layers.Dense(2)", "net should be a Keras model of built-in layers"),
    "no input": (
        "keras.Sequential([keras.layers.Dense(2)])",
        r"net has no weights yet: begin it with keras.Input\(shape",
    ),
    "another input": (
        "keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])",
        r"net should take one image of shape \(4,\): keras.Input\(\(4,\)\)\nit takes \(5,\)",
    ),
    "NaN": (
        "keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])\n"
        "net.set_weights([w * np.nan for w in net.get_weights()])",
        "net: the model's weights contain NaN or infinity: the training diverged",
    ),
    "nothing": ("None", "net is None: did you forget `return`"),
}


@pytest.mark.sandbox
@pytest.mark.parametrize("code, says", NETS.values(), ids=NETS)
def test_a_net_that_cannot_be_graded_says_what_to_change(grader: Grader, code: str, says: str) -> None:
    check = "from course import blocks\nblocks.as_model(net, 'net', (4,))"
    result = graded(grader, week({"net-size": check}), {"net": f"net = {code}"})  # type: ignore[arg-type]
    (found,) = result.checks
    assert found.verdict == "fail" and re.search(says, found.message), found.message


@pytest.mark.sandbox
def test_a_cell_that_fails_is_the_reason_why_its_second_name_is_missing(grader: Grader) -> None:
    check = "from course import checks\nchecks.true(isinstance(history, dict), 'a history')"
    result = graded(grader, week({"net-size": check}), {"net": "net = undefined"})  # type: ignore[arg-type]
    assert result.checks[0].message.startswith("history is not defined: its cell ended in NameError")
