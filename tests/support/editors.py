"""A solved notebook as other editors save it: VS Code's Jupyter extension, and Colab in three ages of its format."""

from __future__ import annotations

import copy
from typing import Any

from autograder.authoring import release_notebook
from autograder.weeks import Week, marks

OWN = "mine = 1 + 1"
ANSWER = "The kernel is not flipped, so it is a cross-correlation."


def solved(week: Week) -> dict[str, Any]:
    """The release with every answer written, and a cell of the student's own behind the imports, as JupyterLab saves it."""
    notebook: dict[str, Any] = copy.deepcopy(release_notebook(week))
    for cell in notebook["cells"]:
        ours = week[cell["id"]]
        if ours.role == "answer":
            cell["source"] = marks.without_marks(ours.source)
        elif ours.role == "written":
            cell["source"] = cell["source"].replace(marks.TEXT_STUB, ANSWER)
    own = {"cell_type": "code", "id": "1f3a9c", "metadata": {}, "source": OWN, "outputs": [], "execution_count": 4}
    at = next(number for number, cell in enumerate(notebook["cells"]) if cell["id"] == "imports")
    notebook["cells"].insert(at + 1, own)
    return notebook


def _lines(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def vs_code(notebook: dict[str, Any]) -> dict[str, Any]:
    """Cell ids and metadata stay; the kernel is that of the chosen environment; cells with another language say so."""
    saved = copy.deepcopy(notebook)
    saved["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.4)", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.12.4",
        },
    }
    for number, cell in enumerate(saved["cells"]):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["metadata"] = {**cell["metadata"], "vscode": {"languageId": "python"}}
    _lines(saved)
    return saved


def colab(notebook: dict[str, Any], keeps: str = "ids") -> dict[str, Any]:
    """keeps: "ids", a notebook of format 4.5 that goes through as it is; "metadata", one of format 4.0, whose cells have
    their ids in the metadata; "text", a copy pasted together by hand, with new ids and nothing of ours in the metadata.
    """
    saved = copy.deepcopy(notebook)
    saved["nbformat_minor"] = 5 if keeps == "ids" else 0
    saved["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "name": "python3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(saved["cells"]):
        name = cell["id"] if keeps == "ids" else cell.pop("id")
        if keeps == "text":
            cell["metadata"] = {}
        cell["metadata"] = {**cell["metadata"], "id": f"x9Lq{number:08}" if keeps == "text" else name}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"outputId": f"{number:08x}-f00d", "colab": {"base_uri": "https://localhost:8080/"}}
            cell["execution_count"] = number
    _lines(saved)
    return saved
