"""Training in a notebook that is interrupted, and one whose kernel is killed: what was reached is kept, and used again."""

from __future__ import annotations

from typing import Any

import browser
import nbformat
import pytest
from notebook_page import NotebookPage

from autograder.authoring.notebooks import as_notebook

SETUP = """
import os, pathlib, time
import keras
import numpy as np
from course import training

training.start("quick", 0)
x, y = np.eye(8, 4, dtype="float32"), np.arange(8) % 2

def build():
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    net.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return net

class Pause(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.5)
"""
LONG = """
def train(net):
    return training.fit(net, x, y, epochs=500, callbacks=[Pause()])

net, history = training.trained("long", build, train)
"""
USED = "print('usable:', net.predict(x, verbose=0).shape, len(history['loss']) < 500)"
DIES = """
class Dies(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if not pathlib.Path("died").exists():
            pathlib.Path("died").write_text("")
            os._exit(1)

second, _ = training.trained("second", build, lambda net: training.fit(net, x, y, epochs=2, callbacks=[Dies()]))
"""
CELLS = {"setup": SETUP, "long": LONG, "used": USED, "dies": DIES}


@pytest.fixture
def notebook(lab: browser.Lab, page: Any) -> NotebookPage:
    folder = lab.root / "assignments" / "scratch"
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(source.strip(), id=name) for name, source in CELLS.items()]
    nbformat.write(as_notebook(cells), folder / "scratch.ipynb")
    lab.open(page, "assignments/scratch/scratch.ipynb")
    return NotebookPage(page)


def said(notebook: NotebookPage, cell: str, words: str) -> None:
    """Wait until a cell says something."""
    notebook.element(cell)
    where = "([id, words]) => jupyterapp.shell.currentWidget.content.widgets.find(cell => cell.model.id === id)"
    notebook.page.wait_for_function(f"{where}.node.innerText.includes(words)", arg=[cell, words])


def test_what_was_trained_survives_an_interrupt_and_a_dead_kernel(lab: browser.Lab, notebook: NotebookPage) -> None:
    page = notebook.page
    notebook.run("setup")
    notebook.select("long")
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    said(notebook, "long", "3/500")
    browser.shoot(page, "training-runs")
    page.get_by_title("Interrupt the kernel").click()
    notebook.wait()
    browser.shoot(page, "training-interrupted")
    text = notebook.text("long")
    assert "interrupted in" in text and "Kept:" in text and "Traceback" not in text, text
    notebook.run("used")
    assert notebook.text("used") == "usable: (8, 2) True"

    notebook.select("dies")
    page.keyboard.press("ControlOrMeta+Enter")
    page.wait_for_selector(".jp-Dialog:has-text('Kernel Restarting')")
    browser.shoot(page, "training-kernel-died")
    page.click(".jp-Dialog-button")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'")
    notebook.run_all()
    assert "long: loaded from" in " ".join(notebook.text("long").split()), notebook.text("long")
    assert notebook.text("used") == "usable: (8, 2) True"
    assert (lab.root / "assignments/scratch/artefacts/second-quick.npz").is_file()
    browser.shoot(page, "training-continued")
