"""
Whether anybody is there, and which walk they get.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from runbook_lib.environment import NOTEBOOK_DEFAULTS, EnvironmentFileError, load_environment
from runbook_lib.execution.managed import MANAGED
from runbook_lib.interactive import KEPT
from runbook_lib.notebook import Runbook, begin
from runbook_lib.sandbox import STAND_INS, scenario
from runbook_lib.setting import is_interactive
from runbook_lib.widgets import Walkthrough
from runbook_lib.workspace import WORKSPACE_VARIABLE, Workspace

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
async def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: list[Any]) -> AsyncIterator[dict[str, Any]]:
    """
    The names of a notebook in a folder of its own, with the parameters as they are in git; its walk is closed at the end.
    """
    monkeypatch.chdir(tmp_path)
    assert shown == []
    namespace = {**NOTEBOOK_DEFAULTS, "interactive": True}
    yield namespace
    if KEPT in namespace:
        await namespace[KEPT][1].aclose()


@pytest.mark.parametrize(("said", "expected"), [(True, True), (False, False), (None, False), ("yes", False)])
def test_said_or_found_out(said: Any, expected: Any) -> None:
    """
    What the parameter says counts; without a kernel nobody is there.
    """
    assert expected is is_interactive(said)


def test_managed_run_is_headless(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A run that `runbook run` manages waits for nobody, unless the parameter says so.
    """
    monkeypatch.setenv(MANAGED, "1")

    assert not is_interactive(None)
    assert is_interactive(True)


@pytest.mark.notebook
async def test_in_a_kernel(tmp_path: Path) -> None:
    """
    In a kernel it depends on the client that runs the cell: one that can answer gets the live walk, any other static cards.
    """
    cells = ["from runbook_lib import notebook", "runbook = notebook.begin(globals(), 'exchange')", "await runbook.step('ranges')"]
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in [*cells, *cells[1:]]])
    document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    client = NotebookClient(document, timeout=60, resources={"metadata": {"path": str(tmp_path)}}, store_widget_state=False)
    async with client.async_setup_kernel():
        for index, cell in enumerate(document.cells):
            client.kc.allow_stdin = index < len(cells)
            await client.async_execute_cell(cell, index)
    views = [sum(VIEW in output.get("data", {}) for output in cell.outputs) for cell in document.cells]
    errors = [output for cell in document.cells for output in cell.outputs if output.output_type in ("error", "stream")]

    assert [] == errors
    assert [0, 2, 1, 0, 0] == views


async def test_same_parameters_show_the_same_walk(notebook: dict[str, Any], shown: list[Any]) -> None:
    """
    Running the first cell again shows the walk that is there, with what it found; other parameters begin a new one.
    """
    notebook |= load_environment(scenario("alder-pre").environment_file).as_parameters()
    first = begin(notebook, "microsoft_365")
    number = len(shown)
    second = begin(notebook, "microsoft_365")
    assert isinstance(first, Walkthrough)
    assert first is second
    assert 2 * number == len(shown)
    notebook["phase"] = "cutover"
    third = begin(notebook, "microsoft_365")
    assert isinstance(third, Walkthrough)

    assert first is not third
    assert third.run is not None
    assert "cutover" == third.run.environment.phase.value
    await first.aclose()


@pytest.mark.parametrize("interactive", [True, False])
def test_unknown_parameter_is_refused(notebook: dict[str, Any], *, interactive: bool) -> None:
    """
    A name that is no parameter is an error with the nearest one, in front of a person too.
    """
    notebook |= {"interactive": interactive, "test_recipent": "anna@a.example"}
    with pytest.raises(EnvironmentFileError, match="test_recipient"):
        begin(notebook, "microsoft_365")


async def test_wrong_value_opens_the_form(notebook: dict[str, Any]) -> None:
    """
    A wrong value is no error in front of a person: the form is open, and headless it is one.
    """
    notebook |= {"customer": "C", "domains": 5, "timeout": "soon", "platform": 3}
    walk = begin(notebook, "microsoft_365")
    assert isinstance(walk, Walkthrough)
    assert walk.details._body.children
    assert walk.run is None
    with pytest.raises(EnvironmentFileError, match="timeout"):
        begin({**notebook, "interactive": False}, "microsoft_365")


@pytest.mark.parametrize("name", sorted(STAND_INS))
async def test_fresh_notebook_shows_a_made_up_customer(notebook: dict[str, Any], shown: list[Any], name: str) -> None:
    """
    Without a parameter the stand-in of the notebook is shown, marked as practice, in front of a person and headless.
    """
    walk = begin(notebook, name)
    assert isinstance(walk, Walkthrough)
    assert walk.run is not None
    assert STAND_INS[name] == walk.run.environment.sandbox
    assert "No environment was given" in "".join(each["data"].get("text/html", "") for each in shown)
    headless = begin({**NOTEBOOK_DEFAULTS, "interactive": False}, name)
    assert isinstance(headless, Runbook)
    headless.session.close()


async def test_notebook_of_a_workspace(notebook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    In an environment's folder of the workspace the notebook is about its file; what is seen is kept there for the next kernel.
    """
    workspace = Workspace(tmp_path / "w")
    workspace.prepare()
    entry = workspace.create(load_environment(scenario("alder-pre").environment_file).as_parameters())
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.root))
    monkeypatch.chdir(workspace.notebook_for(entry).parent)
    walk = begin(notebook, "microsoft_365")
    assert isinstance(walk, Walkthrough)
    await walk.step("ranges")
    walk._cards["ranges"].controls.start.click()
    await walk._cards["ranges"].worker.wait()

    assert entry.file == walk.home.file
    assert "done" == json.loads(json.dumps(workspace.seen(entry.slug)))["steps"]["ranges"]["looked"]
