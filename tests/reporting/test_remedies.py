"""
Commands in remedies, and blocks to paste with titles.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from runbook_lib.knowledge.text import Catalogue, languages
from runbook_lib.reporting import render_card, render_report, render_terminal
from runbook_lib.reporting.remedies import Paste, Piece, pastes, pieces
from runbook_lib.results import Result, Status, Words

REMEDY = (
    "Look at <it>. Read only:\n    Get-ThingA | Format-List <b>\n    Get-ThingB\n"
    "Then run Set-TransportRule -Enabled $false, and export Get-ThingC again."
)
PASTE = "## One <i>\nallow <b>\n# undo: no\n\n## Two\nallow x\n"


@pytest.fixture
def result(ready: Result) -> Result:
    """
    A result with one finding that has commands in its remedy and two blocks to paste.
    """
    words = Words(summary="S", remedy=REMEDY, who="tenant_admin", paste=PASTE)
    return replace(ready, findings=(replace(ready.findings[0], status=Status.FAIL, words=words),))


def _rendered(result: Result, catalogue: Catalogue) -> list[str]:
    return [render_card("T", "", catalogue, findings=result.findings).text, render_report(result, catalogue)]


@pytest.mark.parametrize(
    ("remedy", "expected"),
    [
        ("", []),
        ("Wait.", [("text", "Wait.")]),
        ("See:\n    a b\n    c\nd", [("text", "See:"), ("command", "a b\nc"), ("text", "d")]),
        ("Run Get-ThingA.", [("text", "Run "), ("name", "Get-ThingA"), ("text", ".")]),
        (
            "Compare (runbook ranges eu --live --split 24) now",
            [("text", "Compare ("), ("name", "runbook ranges eu --live --split 24"), ("text", ") now")],
        ),
        ("This runbook follows it, in a Get-together.", [("text", "This runbook follows it, in a Get-together.")]),
    ],
)
def test_pieces(remedy: str, expected: list[tuple[str, str]]) -> None:
    """
    Indented lines are commands, names of commands are found in sentences, and the rest stays what it is.
    """
    assert expected == [(piece.kind, piece.text) for piece in pieces(remedy) if piece != Piece("text", "")]


def test_blocks_to_paste() -> None:
    """
    Each title begins a block of its own; what has none is one block without; a comment is no title; the way back stands by itself.
    """
    assert [Paste("One <i>", "allow <b>", "no"), Paste("Two", "allow x")] == pastes(PASTE)
    assert [Paste("", "a", "b\nc")] == pastes("a\n! undo: b\n# undo: c")
    assert [Paste("", "a # undo: b\n# redo: c")] == pastes("a # undo: b\n# redo: c")
    assert [Paste("", "a"), Paste("T", "b")] == pastes("a\n## T\nb")
    assert [] == pastes("")


def test_shown_as_code_in_card_and_report(result: Result, catalogue: Catalogue) -> None:
    """
    Commands and blocks can be copied one by one, under their titles; whatever stands in them is text.
    """
    for html in _rendered(result, catalogue):
        assert '<pre class="rb-paste" tabindex="0"><code>Get-ThingA | Format-List &lt;b&gt;\nGet-ThingB</code></pre>' in html
        assert "<code>Set-TransportRule -Enabled $false</code>, and export <code>Get-ThingC</code> again." in html
        assert '<summary>One &lt;i&gt;</summary><pre class="rb-paste" tabindex="0"><code>allow &lt;b&gt;</code></pre>' in html
        assert html.index("Only if these commands made it worse") < html.index('<pre class="rb-paste" tabindex="0"><code>no</code></pre>')
        assert '<summary>Two</summary><pre class="rb-paste" tabindex="0"><code>allow x</code></pre>' in html
        assert "<b>" not in html


def test_terminal_and_document_have_it_as_text(result: Result, catalogue: Catalogue) -> None:
    """
    Neither has a mark of ours in it, and the document has the remedy letter by letter.
    """
    stream = StringIO()
    render_terminal(result, Console(file=stream, width=120), catalogue)
    said = stream.getvalue()

    assert "          Get-ThingA | Format-List <b>" in [line.rstrip() for line in said.splitlines()]
    assert "<code>" not in said
    assert REMEDY == result.to_json()["findings"][0]["remedy"]


def _remedies(language: str) -> Iterator[tuple[str, str]]:
    for entry in files("runbook_lib.knowledge").joinpath("texts", language).iterdir():
        stack: list[Any] = [tomllib.loads(entry.read_text(encoding="utf-8"))]
        while stack:
            for key, value in stack.pop().items():
                if isinstance(value, dict):
                    stack.append(value)
                elif key == "remedy":
                    yield entry.name, value


@pytest.mark.parametrize("language", languages())
def test_commands_stand_on_lines_of_their_own(language: str) -> None:
    """
    Whatever is more than a name of a command can be copied whole, and ends without a full stop.
    """
    piped = re.compile(r"^(?!    ).*(\| (Format|Select|Where)-|gam print)|^    .*\.$", re.MULTILINE)

    assert [] == [each for each in _remedies(language) if piped.search(each[1])]
