"""
Several results on one page, and as a table for a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from .._version import __version__
from ..knowledge.text import Catalogue
from ..results import GRAVITY, Result, Status, Verdict
from .actions import URGENT, next_actions
from .html import customer_of
from .labels import SIGNS, VERDICT_SIGNS, Labels, next_line, verdict_line
from .markup import printable, render, shown
from .theme import page_style

COLUMNS = ("file", "customer", "platform", "phase", "verdict", "answer", "fail", "unknown", "manual", "warn", "next", "who", "report")
"""
Column heads of the table: codes, so that a program can rely on them.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One environment of several.

    Args:
        name: Its file; stands for it where there is no result.
        result: Its result, None where there is none.
        report: Its report, a relative path or a ``file:`` URL; ``""`` for none.
        error: Why there is no result.
    """

    name: str
    result: Result | None = None
    report: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """
    One line of the page.
    """

    status: Status
    badge: str
    answer: str
    customer: str
    platform: str
    phase: str
    counts: list[tuple[Status, str]]
    next: str
    who: str
    link: str


def render_index(entries: Sequence[Entry], catalogue: Catalogue) -> str:
    """
    The index page.

    Args:
        entries: In any order; the page shows the gravest first, else keeps the order.
        catalogue: The texts.

    Returns:
        An HTML page of the same make as the report.
    """
    labels = Labels(catalogue)
    rows = sorted((_row(entry, labels) for entry in entries), key=lambda row: GRAVITY.index(row.status))
    results = [entry.result for entry in entries if entry.result is not None]
    sums = {verdict.value: sum(result.verdict is verdict for result in results) for verdict in Verdict}
    errors = len(entries) - len(results)
    return render(
        "index.html.j2",
        language=catalogue.language,
        style=page_style(),
        t=labels,
        signs=SIGNS,
        practice=any(result.environment.get("sandbox") for result in results),
        heading=labels("index.heading", n=len(rows)),
        sums=labels("index.sums_error", error=errors, **sums) if errors else labels("index.sums", **sums),
        rows=rows,
        version=__version__,
    ).text


def summary_csv(entries: Sequence[Entry], catalogue: Catalogue) -> str:
    """
    One line an environment, comma-separated (RFC 4180), in the order given.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    labels = Labels(catalogue)
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    for entry in entries:
        row = _row(entry, labels)
        result = entry.result
        statuses = [finding.status for finding in result.findings] if result else []
        codes = [str(result.environment.get("platform") or ""), result.phase, result.verdict.value] if result else ["", "", "error"]
        numbers = [statuses.count(status) for status in (Status.FAIL, Status.UNKNOWN, Status.MANUAL, Status.WARN)]
        texts = [shown(entry.name), row.customer, *codes, row.answer]
        writer.writerow([*map(_cell, texts), *numbers, *map(_cell, [row.next, row.who, entry.report])])
    return made.getvalue()


def _row(entry: Entry, labels: Labels) -> Row:
    link = _local(entry.report)
    if entry.result is None:
        badge = labels("badge.error")
        return Row(Status.UNKNOWN, badge, badge, shown(entry.name), "", "", [], shown(entry.error), "", link)
    result = printable(entry.result)
    actions = next_actions(result.findings)
    words = actions[0].first.words if actions else None
    counts = labels.counts(result.findings)
    return Row(
        status=VERDICT_SIGNS[result.verdict],
        badge=labels(f"badge.{result.verdict.value}"),
        answer=verdict_line(result, labels),
        customer=customer_of(result),
        platform=labels.pick("platform", str(result.environment.get("platform") or "")),
        phase=labels.pick("phase_short", result.phase),
        counts=[pair for pair in counts if pair[0] in URGENT],
        next=(words.remedy or words.summary) if words else next_line(result, labels),
        who=labels.pick("who", words.who) if words and words.who else "",
        link=link,
    )


def _cell(text: str) -> str:
    flat = " ".join(text.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") else flat


def _local(link: str) -> str:
    """
    A link that stays on this machine: a relative path, quoted, or a ``file:`` URL; ``""`` for any other.
    """
    if link.startswith("file:///"):
        return link
    return "" if link.startswith("/") else quote(link, safe="/-._~")
