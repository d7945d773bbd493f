"""
The same notebook in two tabs of the browser: one has it, the other says so, and JupyterLab asks nothing in either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from .conftest import Visitor

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

ASKED = """new MutationObserver(() => {
    window.asked ||= document.querySelector('.jp-Dialog')?.textContent;
}).observe(document, {childList: true, subtree: true});"""
"""
Remembers the first question of JupyterLab's.
"""
PATH = "() => window.jupyterapp.shell.currentWidget.context.path"
NOTED = "() => window.jupyterapp.shell.currentWidget.context.model.sharedModel.setMetadata('noted', 'in the tab that gave it up')"
COUNTS = "() => window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.executionCount ?? null)"
"""
How often each cell's kernel had run something when it ran the cell.
"""
RUN = """(counts) => {
    const cells = [...window.jupyterapp.shell.currentWidget.content.widgets];
    return cells.at(-1).model.executionCount > counts.at(-1);
}"""
"""
Whether the last cell was run since the other tab ran it.
"""
INERT = "(node) => node.closest('[inert]') !== null"
CLEAN = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
SAVE_S = 3
"""
Seconds after which the page saves what has changed.
"""


def test_a_notebook_goes_on_in_the_tab_that_ran_it_last(visitor: Visitor) -> None:
    """
    The tab that loses it says where it goes on, saves nothing and runs nothing, from a menu neither; a button takes it back, by keyboard
    too, and the cards are alive again.
    """
    visitor.page.context.add_init_script(ASKED)
    visitor.visit("rose-two-spf")
    visitor.button("Change the details").focus()
    path = visitor.page.evaluate(PATH)
    second = replace(visitor, page=visitor.page.context.new_page())
    second.page.goto(f"{visitor.server.root}/lab/tree/{path}", wait_until="domcontentloaded")
    there = visitor.panel.get_by_role("alertdialog", name="This runbook is open in another tab")
    here = second.panel.get_by_role("alertdialog")
    expect(there).to_be_visible()
    expect(visitor.button("Go on here")).to_be_focused()
    assert [True, True] == [visitor.panel.locator(each).evaluate(INERT) for each in (".jp-Notebook", ".jp-NotebookPanel-toolbar")]
    second.button("Verify", within=second.card("Domains")).click()
    expect(second.card("Domains").get_by_text("What was found")).to_be_visible()

    second.page.wait_for_function(RUN, arg=visitor.page.evaluate(COUNTS))
    counts = [each.page.evaluate(COUNTS) for each in (visitor, second)]
    visitor.command("notebook:run-all-cells")
    visitor.command("runmenu:run-all")
    visitor.page.evaluate(NOTED)
    visitor.saved()
    visitor.command("docmanager:save-all")
    visitor.page.wait_for_timeout((SAVE_S + 1) * 1000)
    visitor.shot("elsewhere")
    second.page.wait_for_function(CLEAN)
    assert visitor.page.evaluate(CLEAN)
    assert counts == [each.page.evaluate(COUNTS) for each in (visitor, second)]
    assert "noted" not in nbformat.read(visitor.server.workspace / path, as_version=4).metadata

    visitor.page.bring_to_front()
    visitor.page.keyboard.press("Enter")
    expect(there).to_have_count(0)
    expect(here).to_be_visible()
    visitor.button("Verify", within=visitor.card("Gateway addresses")).click()
    expect(visitor.card("Gateway addresses").get_by_text("What was found")).to_be_visible()
    expect(visitor.overview.get_by_text("2 of 8 steps looked at")).to_be_visible()
    visitor.saved()
    visitor.shot("back")

    assert [None, None] == [each.page.evaluate("() => window.asked") for each in (visitor, second)]
    assert [] == [error for error in visitor.errors if "runbook" in error.lower()]
    nbformat.validate(nbformat.read(visitor.server.workspace / path, as_version=4))
