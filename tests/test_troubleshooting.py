"""
What the troubleshooting notebook shows.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from runbook_lib.execution.runner import execute
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue

pytestmark = pytest.mark.notebook


async def _shown(folder: Path, **parameters: str) -> tuple[str, str]:
    execution = await execute(
        shipped("notebooks") / "troubleshooting.ipynb", parameters, time_limit=30, folder=folder, catalogue=Catalogue("en")
    )
    outputs = [output for cell in execution.notebook.cells for output in cell.get("outputs", [])]
    data = [output.data for output in outputs if "data" in output]
    errors = [output.evalue for output in outputs if output.output_type == "error"]
    return "".join(one.get("text/html", "") for one in data), "".join([*(one.get("text/plain", "") for one in data), *errors])


async def test_a_pasted_bounce_is_explained(tmp_path: Path) -> None:
    """
    A reply comes out as cause, remedy and the step to go to; markup in it is shown as text.
    """
    html, _ = await _shown(tmp_path, text="550 5.1.1 <script>alert(1)</script> User unknown")

    assert "550 5.1.1" in html
    assert "<script" not in html
    assert "Practice data" not in html


async def test_nothing_pasted_shows_an_example(tmp_path: Path) -> None:
    """
    Run as it is, the notebook explains a made-up bounce and says so.
    """
    html, _ = await _shown(tmp_path)

    assert "Practice data" in html
    assert "only takes mail from the gateway" in html


async def test_a_file_is_read(tmp_path: Path) -> None:
    """
    An .eml beside the notebook is explained; one that is not there is named.
    """
    (tmp_path / "bounce.eml").write_bytes(b"From: MAILER-DAEMON@a.example\nSubject: Undelivered\n\n552 5.2.2 Mailbox full\n")
    html, _ = await _shown(tmp_path, file="bounce.eml")
    _, said = await _shown(tmp_path, file="missing.eml")

    assert "552 5.2.2" in html
    assert "missing.eml" in said


def test_its_parameters_are_few() -> None:
    """
    Text, file, language, and whether a field is shown: nothing else can be given.
    """
    document = nbformat.read(shipped("notebooks") / "troubleshooting.ipynb", as_version=4)
    (cell,) = [cell for cell in document.cells if "parameters" in cell.metadata.get("tags", [])]

    assert ["file", "interactive", "language", "text"] == sorted(re.split(r"[: ]", line)[0] for line in cell.source.splitlines())
