"""
The table on the terminal.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from runbook_lib.reporting import render_terminal
from runbook_lib.results import Finding, Result, Status


def printed(result: Result, **options: Any) -> str:
    """
    What is printed on a terminal.
    """
    stream = io.TextIOWrapper(io.BytesIO(), encoding=options.pop("encoding", "utf-8"), newline="\n")
    render_terminal(result, Console(file=stream, **options))
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


def test_terminal_says_all_of_it(not_ready: Result) -> None:
    """
    Sign, word, check, subject and summary of each finding, what to do next, and the verdict at the end.
    """
    text = printed(not_ready, width=200)

    assert re.search(r"✕ Broken +MX and the gateway +alder.example +alder.example still lists mail.alder.example", text)
    assert text.startswith("Practice data, not a customer")
    assert text.index("What to do next") < text.index("Renew the certificate")
    assert "Alder Timber Ltd: Not ready: 2 things are broken" in text.splitlines()[-2]


def test_terminal_tells_once_what_was_not_reached(ready: Result, make_finding: Callable[..., Finding]) -> None:
    """
    What one finding stopped is one row that names it, and the action says how many wait for it; a whole tenant is not named.
    """
    stopper = make_finding("route.connect", "tenant", Status.UNKNOWN, "No answer.", remedy="Open it.")
    stopped = [
        make_finding(check, "tenant", Status.UNKNOWN, "TWICE", evidence=("route.connect tenant",), causes=("not_reached",))
        for check in ("route.greeting", "route.starttls")
    ]
    text = printed(replace(ready, findings=(stopper, *stopped)), width=160)

    assert re.search(r"\? Not found out +Greeting, STARTTLS +Not found out because of Port 25 opens\.", text)
    assert "2 other checks wait for this." in text
    assert "TWICE" not in text
    assert "tenant" not in text


@pytest.mark.parametrize("width", [40, 70, 120])
def test_terminal_keeps_to_its_width(width: int, not_ready: Result, hostile: Result) -> None:
    """
    No line is longer than the terminal, and no name is cut off.
    """
    for result in (not_ready, hostile):
        lines = printed(result, width=width).splitlines()

        assert max(map(len, lines)) <= width
    assert "…" not in printed(not_ready, width=width)


def test_hostile_text_reaches_no_terminal(hostile: Result) -> None:
    """
    No control character but the line feed is printed, and square brackets are no markup.
    """
    text = printed(hostile, width=160, no_color=True)

    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) == []
    assert "[bold]x[/bold]" in " ".join(text.split())


def test_terminal_without_the_signs_gets_plain_ones(not_ready: Result) -> None:
    """
    A terminal that cannot show the signs gets letters, never an error.
    """
    text = printed(not_ready, width=120, encoding="ascii")

    assert "x Broken" in text
    assert "+ OK" in text


def test_huge_results_are_short_at_the_end(huge: Result) -> None:
    """
    Only the most urgent things to do are printed; the others are counted.
    """
    assert re.search(r"and \d+ more, in the report", printed(huge, width=160))
