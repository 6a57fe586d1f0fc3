"""Training for the weekly notebooks: seeds, a fit that shows its progress, the best weights, and trained nets that are kept.

    from course import training

    training.start(PROFILE, SEED)
    best = training.BestWeights("val_loss", "min")
    history = training.fit(model, x, y, validation=(x_val, y_val), epochs=10, callbacks=[best])
    best.restore(model)

    model, history = training.trained("cnn", build, train)    # from artefacts/cnn-quick.npz, or trained now and kept
    training.forget("cnn")                                    # to train it anew

Nothing here chooses a loss, an optimiser, a schedule or a split: that is the reader's work. Importing this module does not
import Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course.training.artefacts import forget, trained
from course.training.fitting import Diverged, Interrupted, fit, start

if TYPE_CHECKING:
    from course.training.callbacks import BestWeights

__all__ = ["BestWeights", "Diverged", "Interrupted", "fit", "forget", "start", "trained"]


def __getattr__(name: str) -> Any:
    """`BestWeights` derives from a class of Keras, so it is made when it is first asked for."""
    if name == "BestWeights":
        from course.training.callbacks import BestWeights

        return BestWeights
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
