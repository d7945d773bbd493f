"""
The live view of a cut-over: card, table and log lines.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting.watch import MOST_ROWS, render_watch, watch_lines, watch_table
from runbook_lib.results import Finding, Status
from runbook_lib.watching import Kind, Row, State, Tick

AT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
HOSTILE = "<script>x</script>\x1b[31m\u202e[bold]y[/bold]"
D = "alder.example"
ROWS = (
    Row(D, D, "ns1.alder.example (192.0.2.1)", Kind.AUTHORITY, State.NEW, ("10 a.example",), "10 a.example", at=AT),
    Row(D, D, "ns2.alder.example (192.0.2.2)", Kind.AUTHORITY, State.OLD, ("10 old.example",), "10 old.example", at=AT),
    Row(D, D, "1.1.1.1", Kind.RESOLVER, State.OLD, ("10 old.example",), "10 old.example", left=1740, at=AT),
    Row(D, D, "9.9.9.9", Kind.RESOLVER, State.UNKNOWN, said="time-out", cause="dns_timeout", at=AT),
    Row(D, D, "lame.alder.example", Kind.AUTHORITY, State.ASIDE, said="lame", cause="lame", at=AT),
)


def look(rows: tuple[Row, ...] = ROWS, findings: tuple[Finding, ...] = (), **changes: Any) -> Tick:
    """
    A look, half way.
    """
    return replace(Tick(1, AT, rows, findings, complete=False, next_in=30.0), **changes)


def printed(tick: Tick | None, catalogue: Catalogue, *, width: int = 100, encoding: str = "utf-8", now: datetime = AT) -> str:
    """
    What a terminal shows.
    """
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    console = Console(file=stream, width=width)
    console.print(watch_table(tick, catalogue, console, now))
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_a_card_says_who_shows_what(catalogue: Catalogue, take_apart: Callable[[str], Any]) -> None:
    """
    One line for the whole with the time left, then every server with sign, word, records and time left.
    """
    words = take_apart(render_watch(look(), catalogue).text).words

    assert "✕ 1 of 4 answers show the new MX records. The last old answer ends in 29 minutes." in words
    assert "Looked at 24 November 2026 22:00 UTC, look 1. Next look at 22:00:30 UTC." in words
    assert "✓ New records name server ns1.alder.example (192.0.2.1) 10 a.example" in words
    assert "✕ Other records name server ns2.alder.example (192.0.2.2) 10 old.example" in words
    assert "! Other records resolver 1.1.1.1 10 old.example 29 minutes" in words
    assert "? Not found out resolver 9.9.9.9 time-out" in words
    assert "– Not waited for name server lame.alder.example lame" in words


def test_answers_that_show_the_new_records_in_part(catalogue: Catalogue, take_apart: Callable[[str], Any]) -> None:
    """
    Where old records stand beside the new ones, the line does not say that nobody shows the new ones.
    """
    rows = tuple(replace(row, state=State.PART, left=None) for row in ROWS[:2])
    words = take_apart(render_watch(look(rows), catalogue).text).words

    assert "0 of 2 answers show only the new MX records; 2 show them in part." in words


def test_a_complete_card(catalogue: Catalogue, take_apart: Callable[[str], Any]) -> None:
    """
    The last look says that it is complete, and promises no next one.
    """
    words = take_apart(render_watch(look(ROWS[:1], complete=True, next_in=0.0), catalogue).text).words

    assert "✓ The cut-over is complete: 1 of 1 answers show the new MX records." in words
    assert "Next look" not in words


def test_nothing_to_wait_for(catalogue: Catalogue) -> None:
    """
    Before the move the card says that there is nothing to wait for.
    """
    assert "No domain has left the phase &#34;Prepare&#34;, so" in render_watch(look(()), catalogue).text


@pytest.mark.parametrize("live", [True, False])
def test_part_of_a_live_card(live: bool, catalogue: Catalogue) -> None:
    """
    A live card has frame and style sheet already; else the card brings both.
    """
    text = render_watch(look(), catalogue, live=live).text

    assert (not live, not live) == ("<style>" in text, 'class="rb rb-card"' in text)


def test_practice_is_said(catalogue: Catalogue) -> None:
    """
    The sandbox's card has the band.
    """
    assert "Practice data, not a customer" in render_watch(look(), catalogue, practice=True).text
    assert "Practice data, not a customer" not in render_watch(look(), catalogue).text


def test_what_stands_against_it(catalogue: Catalogue, make_finding: Callable[..., Finding]) -> None:
    """
    The findings of the checks stand below, those that are fine do not.
    """
    findings = (
        make_finding("mx.gateway", D, Status.PASS, "Fine."),
        make_finding("mx.consistency", D, Status.FAIL, "They differ.", remedy="Correct ns2."),
    )
    tick = look(findings=findings)
    text = render_watch(tick, catalogue).text

    assert "Correct ns2." in text
    assert "Fine." not in text
    assert "Broken: They differ." in printed(tick, catalogue)
    assert "  Broken: They differ." in watch_lines(tick, None, catalogue)
    assert "  Broken: They differ." not in watch_lines(tick, tick, catalogue)


def test_hostile_text_stays_text(catalogue: Catalogue, make_finding: Callable[..., Finding]) -> None:
    """
    What a server says is never markup, nor a control character.
    """
    row = Row(D, HOSTILE, HOSTILE, Kind.RESOLVER, State.OLD, (HOSTILE,), HOSTILE, left=5, at=AT)
    tick = look((row,), (make_finding("mx.gateway", D, Status.FAIL, HOSTILE, remedy=HOSTILE),))
    card, table, log = (
        render_watch(tick, catalogue).text,
        printed(tick, catalogue, width=200),
        "\n".join(watch_lines(tick, None, catalogue)),
    )

    assert "<script>" not in card
    assert "[bold]y[/bold]" in table
    assert set() == {character for character in card + table + log if not character.isprintable()} - {"\n"}


@pytest.mark.parametrize("width", [50, 80, 140])
def test_a_table_keeps_to_its_width(width: int, catalogue: Catalogue) -> None:
    """
    No line is longer than the terminal, and no name is cut off.
    """
    text = printed(look(), catalogue, width=width)

    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


def test_a_poor_terminal(catalogue: Catalogue) -> None:
    """
    Where the signs cannot be shown there are others.
    """
    assert "+ New records" in printed(look(), catalogue, encoding="ascii")


def test_time_goes_on_between_two_looks(catalogue: Catalogue) -> None:
    """
    The table counts down to the next look and to the end of the old answers.
    """
    assert "Looking now." in printed(None, catalogue)
    assert "Next look in 20 s." in printed(look(), catalogue, now=AT + timedelta(seconds=10))
    later = printed(look(), catalogue, now=AT + timedelta(seconds=1680))
    assert "Looking now." in later
    assert "The last old answer ends in 60 s." in later or "The last old answer ends in 1 minute." in later


def test_very_many_rows(catalogue: Catalogue) -> None:
    """
    Of a great many servers only those are listed that do not show the new records; the others are counted.
    """
    rows = (*ROWS, *(replace(ROWS[0], who=f"ns{n}.alder.example") for n in range(MOST_ROWS)))
    text = render_watch(look(rows), catalogue).text

    assert "61 more show the new records." in text
    assert "ns2.alder.example" in text
    assert "ns7.alder.example" not in text


def test_a_log_tells_what_has_changed(catalogue: Catalogue) -> None:
    """
    The first look names whoever does not show the new records; each later one those that changed, and nobody else.
    """
    first = look()
    second = look((*ROWS[:1], replace(ROWS[1], state=State.NEW, said="10 a.example"), *ROWS[2:]), number=2)

    assert [
        "24 November 2026 22:00 UTC, look 1: 1 of 4 answers show the new MX records. The last old answer ends in 29 minutes.",
        "  alder.example, name server ns2.alder.example (192.0.2.2): Other records (10 old.example)",
        "  alder.example, resolver 1.1.1.1: Other records (10 old.example), 29 minutes left",
        "  alder.example, resolver 9.9.9.9: Not found out (time-out)",
        "  alder.example, name server lame.alder.example: Not waited for (lame)",
    ] == watch_lines(first, None, catalogue)
    assert [
        "24 November 2026 22:00 UTC, look 2: 2 of 4 answers show the new MX records. The last old answer ends in 29 minutes.",
        "  alder.example, name server ns2.alder.example (192.0.2.2): New records (10 a.example)",
    ] == watch_lines(second, first, catalogue)


def test_servers_that_are_not_known(catalogue: Catalogue) -> None:
    """
    Where the name servers could not be found out the row stands for all of them.
    """
    row = Row(D, D, "", Kind.AUTHORITY, State.UNKNOWN, said="SERVFAIL", cause="dns_servfail")

    assert "  alder.example, its name servers: Not found out (SERVFAIL)" in watch_lines(look((row,)), None, catalogue)
