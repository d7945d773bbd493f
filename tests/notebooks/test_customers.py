"""
The notebooks under papermill's parameters: the customers of the demo, which are of every platform, phase and verdict.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from runbook_lib.cli.demonstration import CUSTOMERS
from runbook_lib.environment import load_environment
from runbook_lib.execution.delivery import deliver, notebook_path
from runbook_lib.sandbox import scenario

pytestmark = pytest.mark.notebook


@pytest.mark.parametrize("name", CUSTOMERS)
async def test_the_notebook_comes_to_the_verdict_of_the_story(name: str, tmp_path: Path) -> None:
    """
    The executed notebook holds static HTML for every step, no widget and no raw script, and its result is the scenario's.
    """
    expected = scenario(name)
    environment = load_environment(expected.environment_file)
    delivery = await deliver(environment, notebook_path(name, environment), tmp_path)
    text = (tmp_path / "notebook.ipynb").read_text(encoding="utf-8")
    outputs = [output.data for cell in nbformat.reads(text, as_version=4).cells for output in cell.get("outputs", []) if "data" in output]
    html = "".join(data.get("text/html", "") for data in outputs)
    plain = "".join(data.get("text/plain", "") for data in outputs)

    assert delivery.failure is None
    assert expected.verdict is delivery.result.verdict
    assert len([data for data in outputs if "text/html" in data]) == 11
    assert "widget-view" not in text
    assert not re.search(r"<script|<img|\x1b", html)
    assert "\x1b" not in plain
