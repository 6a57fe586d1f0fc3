"""A notebook that is open in JupyterLab: its cells by name, what they show, and what a student does with them.

What a student does is done with the mouse and the keyboard; JupyterLab's own objects are asked only for what the page
does not say (which cell is which, whether one still runs). The lab must be started by `browser.lab`, which exposes them.
"""

from __future__ import annotations

from typing import Any

_WIDGET = """
const panel = jupyterapp.shell.currentWidget, notebook = panel.content;
const of = id => notebook.widgets.find(cell => cell.model.id === id);
"""

_BUSY = """
const kernel = panel.sessionContext.session?.kernel;
const waiting = cell => cell.model.type === 'code' && cell.model.executionState === 'running';
return kernel?.status !== 'idle' || notebook.widgets.some(waiting);
"""


class NotebookPage:
    """The notebook in front on `page`."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def ask(self, script: str, argument: Any = None) -> Any:
        """The value of a JavaScript function body; in it are panel, notebook, of(cell id) and the argument as `it`."""
        return self.page.evaluate(f"it => {{ {_WIDGET} {script} }}", argument)

    def wait(self) -> None:
        """Until nothing runs any more."""
        self.page.wait_for_timeout(300)  # what was asked for a moment ago has begun
        self.page.wait_for_function(f"() => {{ {_WIDGET} return !(() => {{ {_BUSY} }})(); }}")

    def element(self, cell: str) -> Any:
        """The cell in the page, scrolled into sight: of a long notebook only what is near is there."""
        assert self.ask("return Boolean(of(it));", cell), f"no cell {cell}"
        self.ask("return notebook.scrollToItem(notebook.widgets.indexOf(of(it)), 'center');", cell)
        self.page.wait_for_function(f"it => {{ {_WIDGET} return of(it).node.isConnected; }}", arg=cell)
        self.page.wait_for_timeout(200)  # neighbours that come into sight push it once more
        return self.page.evaluate_handle(f"it => {{ {_WIDGET} return of(it).node; }}", cell).as_element()

    def menu(self, *labels: str) -> None:
        """Choose a command by the labels of its menus: menu("Run", "Run All Cells")."""
        top, *rest = labels
        self.page.click(f".lm-MenuBar-itemLabel:text-is('{top}')")
        for label in rest:
            self.page.click(f".lm-Menu-itemLabel:text-is('{label}')")

    def run_all(self) -> None:
        self.menu("Run", "Run All Cells")
        self.wait()

    def write(self, cell: str, source: str) -> None:
        """Click into a cell, replace what it says by `source`, as somebody would who pastes it, and leave it."""
        self.element(cell).query_selector(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")

    def select(self, cell: str) -> None:
        """Make a cell the active one, as the arrow keys do; a click would open a folded cell."""
        self.element(cell)
        self.ask("notebook.activeCellIndex = notebook.widgets.indexOf(of(it)); notebook.activate();", cell)

    def run(self, cell: str, keys: str = "ControlOrMeta+Enter") -> None:
        self.select(cell)
        self.page.keyboard.press(keys)
        self.wait()

    def text(self, cell: str) -> str:
        """What stands below a cell, as somebody reads it."""
        area = self.element(cell).query_selector(".jp-Cell-outputWrapper")
        return "" if area is None else str(area.inner_text()).strip()

    def folded_title(self, cell: str) -> str:
        """What a folded cell shows of itself; empty where the cell is open."""
        shown = self.element(cell).query_selector(".jp-InputPlaceholder")
        return "" if shown is None else str(shown.inner_text()).strip()

    def save(self) -> None:
        self.page.keyboard.press("ControlOrMeta+s")
        self.page.wait_for_function(f"() => {{ {_WIDGET} return !panel.context.model.dirty; }}")
