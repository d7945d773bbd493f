"""
Several results on one page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from .._version import __version__
from ..knowledge.text import Catalogue
from ..results import Result, Status, Verdict
from .actions import URGENT, next_actions
from .html import customer_of
from .labels import GRAVITY, SIGNS, VERDICT_SIGNS, Labels, verdict_line
from .markup import printable, render
from .theme import page_style


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """
    One environment of several.

    Args:
        result: Its result.
        link: Its report, a relative path or a ``file:`` URL; ``""`` for none.
    """

    result: Result
    link: str = ""


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


def render_index(entries: Sequence[IndexEntry], catalogue: Catalogue | None = None) -> str:
    """
    The index page.

    Args:
        entries: In any order; the page shows the gravest first, else keeps the order.
        catalogue: The texts; English where left out.

    Returns:
        An HTML page of the same make as the report.
    """
    catalogue = catalogue or Catalogue()
    labels = Labels(catalogue)
    rows = sorted((_row(entry, labels) for entry in entries), key=lambda row: GRAVITY.index(row.status))
    sums = {verdict.value: sum(entry.result.verdict is verdict for entry in entries) for verdict in Verdict}
    return render(
        "index.html.j2",
        language=catalogue.language,
        style=page_style(),
        t=labels,
        signs=SIGNS,
        practice=any(entry.result.environment.get("sandbox") for entry in entries),
        heading=labels("index.heading", n=len(rows)),
        sums=labels("index.sums", **sums),
        rows=rows,
        version=__version__,
    ).text


def _row(entry: IndexEntry, labels: Labels) -> Row:
    result = printable(entry.result)
    actions = next_actions(result.findings)
    words = actions[0].first.words if actions else None
    counts = labels.counts(finding.status for finding in result.findings)
    return Row(
        status=VERDICT_SIGNS[result.verdict],
        badge=labels(f"badge.{result.verdict.value}"),
        customer=customer_of(result),
        platform=labels.pick("platform", str(result.environment.get("platform") or "")),
        phase=labels.pick("phase_short", result.phase),
        answer=verdict_line(result, labels),
        counts=[pair for pair in counts if pair[0] in URGENT],
        next=(words.remedy or words.summary) if words else labels("index.nothing"),
        who=labels.pick("who", words.who) if words and words.who else "",
        link=_local(entry.link),
    )


def _local(link: str) -> str:
    """
    A link that stays on this machine: a relative path, quoted, or a ``file:`` URL; ``""`` for any other.
    """
    if link.startswith("file:///"):
        return link
    return "" if link.startswith("/") else quote(link, safe="/-._~")
