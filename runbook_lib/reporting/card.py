"""
Cards for the notebook: one a step, and the summary. Static HTML in the notebook's own colours, everything open, no button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..knowledge.text import Catalogue
from ..results import Finding, Result, Status
from .evidence import EvidenceMaker
from .html import customer_of
from .labels import SIGNS, VERDICT_SIGNS, Labels, verdict_line, verdict_meaning
from .markup import Html, printable, printable_finding, render, shown, shown_deep
from .picture import draw, flow_of
from .theme import card_style
from .views import Link, Viewer, by_gravity


@dataclass(frozen=True, slots=True)
class Paste:
    """
    Text to be pasted somewhere.

    Args:
        title: Where, ``""`` where that is clear.
        text: What.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """
    One of several ways to do the same thing, for example in the classic and in the new console.

    Args:
        title: What tells it from the others, ``""`` for nothing.
        lines: What to do, one step a line.
    """

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Todo:
    """
    One thing for a person to do.

    Args:
        text: What.
        ways: How, in each of the consoles there are.
        by: Who does it, in words.
        lines: What it takes, one action a line.
        paste: What is pasted on the way.
        note: What else has to be known.
    """

    text: str
    ways: tuple[Way, ...] = ()
    by: str = ""
    lines: tuple[str, ...] = ()
    paste: tuple[Paste, ...] = ()
    note: str = ""


def render_card(
    title: str,
    why: str,
    catalogue: Catalogue,
    *,
    todo: Sequence[Todo] = (),
    paste: Sequence[Paste] = (),
    findings: Sequence[Finding] = (),
    observations: Mapping[str, Mapping[str, Any]] | None = None,
    practice: bool = False,
) -> Html:
    """
    The card of one step: why, what to do, what was found, what to do about it.

    Args:
        title: Its heading.
        why: Two sentences at most.
        catalogue: The texts.
        todo: What a person does.
        paste: What they paste that belongs to no single thing to do.
        findings: What was found, with words.
        observations: In JSON form; only those that the findings name are shown.
        practice: True where the sandbox is looked at.
    """
    labels = Labels(catalogue)
    clean = [printable_finding(finding) for finding in findings]
    given = observations or {}
    named = list(dict.fromkeys(key for finding in findings for key in finding.evidence if key in given))
    maker = EvidenceMaker(labels)
    evidence = [maker.make(shown(key), shown_deep(given[key])) for key in named]
    viewer = Viewer(clean, labels, {item.key: Link("", f"{item.title} ({item.key})") for item in evidence}, prefix=None)
    views = [viewer.finding(finding) for finding in clean]
    return render(
        "card.html.j2",
        language=catalogue.language,
        style=card_style(),
        t=labels,
        signs=SIGNS,
        practice=practice,
        title=shown(title),
        why=shown(why),
        todo=[_printable(item) for item in todo],
        paste=[_paste(item) for item in paste],
        counts=labels.counts(finding.status for finding in clean),
        findings=by_gravity(view for view in views if view.finding.status is not Status.NOT_APPLICABLE),
        not_needed=[view for view in views if view.finding.status is Status.NOT_APPLICABLE],
        actions=viewer.actions(),
        evidence=evidence,
    )


def render_summary(result: Result, catalogue: Catalogue) -> Html:
    """
    The card of the last step: the answer, the gates, the picture and what to do next.

    Args:
        result: The result.
        catalogue: The texts.
    """
    result = printable(result)
    labels = Labels(catalogue)
    viewer = Viewer(result.findings, labels, {}, prefix=None)
    return render(
        "summary.html.j2",
        language=catalogue.language,
        style=card_style(),
        t=labels,
        signs=SIGNS,
        practice=bool(result.environment.get("sandbox")),
        customer=customer_of(result),
        verdict=verdict_line(result, labels),
        verdict_status=VERDICT_SIGNS[result.verdict],
        meaning=verdict_meaning(result, labels),
        counts=labels.counts(finding.status for finding in result.findings),
        gates=viewer.gates(result),
        picture=draw(flow_of(result, labels), labels, prefix="rb-summary"),
        actions=viewer.actions(),
    )


def _printable(item: Todo) -> Todo:
    return Todo(
        text=shown(item.text),
        ways=tuple(Way(shown(way.title), tuple(map(shown, way.lines))) for way in item.ways),
        by=shown(item.by),
        lines=tuple(map(shown, item.lines)),
        paste=tuple(map(_paste, item.paste)),
        note=shown(item.note),
    )


def _paste(item: Paste) -> Paste:
    return Paste(shown(item.title), shown(item.text))
