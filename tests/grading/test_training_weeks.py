"""Weeks that train: nets that are handed in, nets that are trained anew, and what may not be read from where."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from grading_example import WEEK

from autograder.grading.engine import Grader
from autograder.weeks import Cell

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
    result = grader.grade(week(), {"net": BUILD}, artefacts={"net-quick.npz": kept(0.25)})  # type: ignore[arg-type]
    assert {c.id: c.verdict for c in result.checks} == {**dict.fromkeys(CHECKS, "pass"), "net-late": "fail"}
    result = grader.grade(week(), {"net": BUILD}, artefacts={"net-quick.npz": kept(0.5)})  # type: ignore[arg-type]
    assert {c.id for c in result.checks if c.verdict != "pass"} == {"net-weights", "net-late"}


@pytest.mark.sandbox
@pytest.mark.parametrize("artefact", [b"", b"PK\3\4 no zip", kept(0.25, features=5), kept(float("nan"))])
def test_a_net_that_does_not_fit_is_trained_anew(grader: Grader, artefact: bytes) -> None:
    result = grader.grade(week(), {"net": BUILD}, artefacts={"net-quick.npz": artefact})  # type: ignore[arg-type]
    assert result.verdict == "pass"
    text = "".join(o.get("text", "") for o in result.outputs["net"])
    assert "artefacts/net-quick.npz is not used, because" in text


@pytest.mark.sandbox
def test_a_worker_that_starts_anew_need_not_train_anew(grader: Grader) -> None:
    """After a failed check that shows values the cells run in a new worker: the net comes from the old one."""
    training_takes = BUILD.replace("    trainings = 1\n", "    trainings = 1\n    import time; time.sleep(3)\n")
    checks = {**CHECKS, "net-late": "from course import checks\nchecks.equal(1, trainings + 5)"}
    result = grader.grade(week(checks), {"net": training_takes})  # type: ignore[arg-type]
    assert [c.id for c in result.checks if c.verdict != "pass"] == ["net-late"]
    assert result.seconds < 7


@pytest.mark.sandbox
def test_the_profile_is_the_graders(grader: Grader) -> None:
    lying = BUILD + "\nPROFILE = 'full'\nfrom course import profile\nprofile.use('full')"
    result = grader.grade(week(), {"net": lying})  # type: ignore[arg-type]
    (check,) = [c for c in result.checks if c.verdict != "pass"]
    assert check.id == "net-profile" and "'full'" in check.message
