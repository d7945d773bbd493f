"""
The notebooks as they are in git: thin, without output, with the parameters of the contract.
"""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

from runbook_lib.environment import NOTEBOOK_DEFAULTS, Platform
from runbook_lib.knowledge.headings import put_headings
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.procedures import procedure

NOTEBOOKS = sorted(shipped("notebooks").glob("*.ipynb"))
RUNBOOKS = [path for path in NOTEBOOKS if path.stem in ("microsoft_365", "google_workspace", "exchange")]
ALLOWED_NODES = (ast.Import, ast.Assign, ast.AnnAssign, ast.Expr)


def _cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_committed(path: Path) -> None:
    """
    No output, no execution count, no widget state, no metadata but those that are meant; every cell has an id.
    """
    document = nbformat.read(path, as_version=4)
    nbformat.validate(document)

    assert {"kernelspec", "language_info"} == set(document.metadata)
    assert all(cell.get("id") for cell in document.cells)
    assert [] == [cell.id for cell in document.cells if cell.get("outputs") or cell.get("execution_count")]
    assert [] == [cell.id for cell in document.cells if set(cell.metadata) - {"tags", "jupyter"}]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headings_are_those_of_the_catalogue(path: Path) -> None:
    """
    Putting the English headings in changes nothing, and the German ones change every heading: there is no prose besides.
    """
    shipped_ones = [cell.source for cell in _cells(path, "markdown")]
    english, german = _cells(path, "markdown"), _cells(path, "markdown")
    put_headings(english, path.stem, Catalogue("en"))
    put_headings(german, path.stem, Catalogue("de"))

    assert shipped_ones == [cell.source for cell in english]
    assert [] == [
        cell.source for cell, one in zip(german, shipped_ones, strict=True) if cell.source == one and cell.source != "## 2 Domains"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path: Path) -> None:
    """
    A cell is an import of the library, a literal or a call; there is no def, no class and no other module.
    """
    for cell in _cells(path, "code"):
        tree = ast.parse(cell.source, mode="exec")

        assert len(cell.source.splitlines()) <= 10 or "parameters" in cell.metadata.get("tags", [])
        assert [] == [node for node in tree.body if not isinstance(node, ALLOWED_NODES)]
        assert {"runbook_lib"} >= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        assert [] == [node for node in ast.walk(tree) if isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp))]


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_the_parameters_are_the_contract_s(path: Path) -> None:
    """
    The parameters cell holds every key, neutral, one literal a line, so that papermill knows them all.
    """
    (cell,) = [cell for cell in _cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    found = {}
    for node in ast.parse(cell.source).body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        assert isinstance(target, ast.Name)
        found[target.id] = ast.literal_eval(node.value)  # type: ignore[union-attr, arg-type]

    assert NOTEBOOK_DEFAULTS == found
    assert len(cell.source.splitlines()) == len(NOTEBOOK_DEFAULTS)
    assert [] == [line for line in cell.source.splitlines() if line.count("=") != 1]


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_one_call_a_step_in_order(path: Path) -> None:
    """
    Every step of the procedure has its heading and its call, in order, and the last cell finishes.
    """
    calls = [cell.source for cell in _cells(path, "code") if cell.source.startswith("await")]
    steps = [step.id for step in procedure(Platform.MICROSOFT_365).steps]

    assert [*(f'await runbook.step("{step}")' for step in steps[:-1]), "await runbook.finish()"] == calls
    assert len(_cells(path, "markdown")) == len(steps) + 1
