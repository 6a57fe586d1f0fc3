"""Train the base of week 10 (`base.npz`) and measure it, as its card, `base.md`, says.

    COURSE_DATA=… python data/train_base.py               # trains, writes data/base.npz, prints accuracies and hash
    COURSE_DATA=… python data/train_base.py --measure     # measures the file that is there

The real CIFAR-10 is needed (see `cifar10.md`). Six of its ten classes are used, the other four are never looked at. One core
takes about four minutes. The same seed on another machine gives weights that differ in their last digits, and an accuracy that
differs by some tenths of a point; only the published file has the hash that `course.pretrained` expects.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np

from course import datasets, evaluation, pretrained, training

HERE = Path(__file__).resolve().parent
SEED, EPOCHS, BATCH, PEAK, DECAY = 10, 9, 128, 0.1, 5e-4


def build() -> keras.Model:
    """Three stages of 32, 48 and 96 maps, the last two with a residual pair; a global average; six probabilities."""
    layers = keras.layers

    def convolution(x, maps, size=3, strides=1, pool=False):
        x = layers.Conv2D(maps, size, strides=strides, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(2)(x) if pool else x
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))

    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 32, size=5, strides=2)
    for maps in (48, 96):
        x = convolution(x, maps, pool=True)
        x = layers.Add()([x, convolution(convolution(x, maps), maps)])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(len(pretrained.BASE_CLASSES), activation="softmax")(x))


def moved(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A copy of the images (N, 32, 32, 3), each shifted by up to 4 pixels with reflected borders, half of them mirrored."""
    padded = np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
    (rows, columns), mirrored = rng.integers(0, 9, (2, len(x))), rng.random(len(x)) < 0.5
    out = np.empty_like(x)
    for n, (row, column, mirror) in enumerate(zip(rows, columns, mirrored, strict=True)):
        crop = padded[n, row : row + 32, column : column + 32]
        out[n] = crop[:, ::-1] if mirror else crop
    return out


def train(model: keras.Model, x, y, held) -> None:
    """SGD with Nesterov momentum under one cycle of the rate: up to PEAK in a quarter of the steps, down to 0 in the rest."""
    steps = EPOCHS * -(-len(x) // BATCH)
    ramp = keras.optimizers.schedules.CosineDecay(
        0.02 * PEAK, int(0.75 * steps), warmup_target=PEAK, warmup_steps=int(0.25 * steps)
    )
    optimizer = keras.optimizers.SGD(ramp, momentum=0.9, nesterov=True, weight_decay=DECAY)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(SEED)
    for epoch in range(1, EPOCHS + 1):
        title = f"epoch {epoch} of {EPOCHS}"
        training.fit(model, moved(x, rng), y, validation=held, epochs=1, batch_size=BATCH, title=title)


def measure(part, names: tuple[str, ...]) -> None:
    """Print the accuracy of the file on the images of the base's six classes in one part, whole and class by class."""
    model = pretrained.base(top=True)
    x, y = pretrained.only(part, pretrained.BASE_CLASSES, names)
    x = evaluation.scaled(x)
    print(f"{part.name}: {evaluation.accuracy(model, x, y):.2%} of {len(y):,} images")
    for label, name in enumerate(pretrained.BASE_CLASSES):
        print(f"  {name:10} {evaluation.accuracy(model, x[y == label], y[y == label]):.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and measure the base of week 10.")
    parser.add_argument("--measure", action="store_true", help="measure the file that is there, train nothing")
    options = parser.parse_args()
    training.start("full", SEED)
    try:
        data = datasets.load("cifar10", "full", require_real=True)
    except datasets.DatasetError as problem:
        sys.exit(str(problem))
    if not options.measure:
        x, y = pretrained.only(data.train, pretrained.BASE_CLASSES, data.classes)
        x_val, y_val = pretrained.only(data.validation, pretrained.BASE_CLASSES, data.classes)
        model = build()
        began = time.process_time()
        train(model, evaluation.scaled(x), y, (evaluation.scaled(x_val), y_val))
        digest = pretrained.save(model, HERE / pretrained.FILE)
        print(f"{model.count_params():,} numbers, {time.process_time() - began:.0f} s of processor time")
        print(f"SHA-256 {digest}")
        pretrained.SHA256 = digest
    print(f"{HERE / pretrained.FILE}, images: {data.source}")
    for part in (data.validation, data.test):
        measure(part, data.classes)


if __name__ == "__main__":
    main()
