"""
The report on paper, in a real browser.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import render_report
from runbook_lib.results import Result

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PDFTOTEXT = shutil.which("pdftotext")


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM or not PDFTOTEXT, reason="needs Chromium and pdftotext")
def test_paper_has_what_is_folded_and_says_it_is_practice(not_ready: Result, catalogue: Catalogue, tmp_path: Path) -> None:
    """
    Closed details are printed in full, and every sheet says that the data are practice data.
    """
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(render_report(not_ready, catalogue), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={tmp_path / 'profile'}"]
    subprocess.run([CHROMIUM, *options, f"--print-to-pdf={paper}", page.as_uri()], check=True, capture_output=True, timeout=60)
    text = subprocess.run([PDFTOTEXT, "-layout", str(paper), "-"], check=True, capture_output=True, timeout=60).stdout.decode()
    sheets = text.split("\f")[:-1]

    assert len(sheets) > 2
    assert all("Practice data, not a customer" in sheet for sheet in sheets)
    for folded in (
        "RCPT TO:<kim@alder.example>",
        "-----END CERTIFICATE-----",
        "rd ra ad",
        "mode: enforce",
        "Stopped by Name servers",
        "Not asked for: no test",
    ):
        assert folded in text
