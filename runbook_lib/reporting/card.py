"""
What a notebook shows: banner, inputs, one card a step, the summary. Static HTML in the notebook's own colours, everything open, no button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..knowledge.text import Catalogue
from ..results import Finding, Result, Status
from .evidence import EvidenceMaker
from .html import as_text, customer_of
from .labels import SIGNS, VERDICT_SIGNS, Labels, verdict_line, verdict_meaning
from .markup import Html, printable, printable_finding, render, shown, shown_deep
from .picture import draw, flow_of
from .theme import card_style
from .views import Link, Viewer, by_gravity

if TYPE_CHECKING:
    from ..procedures.instructions import Instruction


def render_banner(lines: Sequence[str]) -> Html:
    """
    A band with one or more lines of text; nothing where there are none.
    """
    return render("banner.html.j2", style=card_style(), lines=[shown(line) for line in lines]) if lines else Html("")


def render_inputs(given: Mapping[str, Any], catalogue: Catalogue) -> Html:
    """
    What a run was given, as a table.

    Args:
        given: The environment as given.
        catalogue: The texts.
    """
    rows = [(key, as_text(value)) for key, value in shown_deep(given).items()]
    return render("inputs.html.j2", language=catalogue.language, style=card_style(), t=Labels(catalogue), rows=rows)


def render_card(step: str, todo: Sequence[Instruction], findings: Sequence[Finding], result: Result, catalogue: Catalogue) -> Html:
    """
    The card of one step: why, what to do, what was found, what to do about it.

    Args:
        step: Its id.
        todo: What a person does.
        findings: What was found, with words.
        result: Whose observations are the evidence; only those that the findings name are shown.
        catalogue: The texts.
    """
    labels = Labels(catalogue)
    clean = [printable_finding(finding) for finding in findings]
    named = list(dict.fromkeys(key for finding in findings for key in finding.evidence if key in result.observations))
    maker = EvidenceMaker(labels)
    evidence = [maker.make(shown(key), shown_deep(result.observations[key])) for key in named]
    viewer = Viewer(clean, labels, {item.key: Link("", f"{item.title} ({item.key})") for item in evidence}, prefix=None)
    views = [viewer.finding(finding) for finding in clean]
    return render(
        "card.html.j2",
        language=catalogue.language,
        style=card_style(),
        t=labels,
        signs=SIGNS,
        practice=bool(result.environment.get("sandbox")),
        title=labels.step(step),
        why=labels.reason(step),
        todo=_duties(todo, labels),
        counts=labels.counts(finding.status for finding in clean),
        findings=by_gravity(view for view in views if view.finding.status is not Status.NOT_APPLICABLE),
        not_needed=[view for view in views if view.finding.status is Status.NOT_APPLICABLE],
        actions=viewer.actions(),
        evidence=evidence,
    )


def render_summary(todo: Sequence[Instruction], result: Result, catalogue: Catalogue) -> Html:
    """
    The card of the last step: the answer, the gates, the picture, what to do next, and what closes the job.

    Args:
        todo: What a person does at the end.
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
        title=labels.step("summary"),
        customer=customer_of(result),
        verdict=verdict_line(result, labels),
        verdict_status=VERDICT_SIGNS[result.verdict],
        meaning=verdict_meaning(result, labels),
        counts=labels.counts(finding.status for finding in result.findings),
        gates=viewer.gates(result),
        picture=draw(flow_of(result, labels), labels, prefix="rb-summary"),
        actions=viewer.actions(),
        todo=_duties(todo, labels),
    )


def _duties(todo: Sequence[Instruction], labels: Labels) -> list[dict[str, Any]]:
    return [
        {
            "title": shown(item.title),
            "by": labels.pick("who", item.by) if item.by else "",
            "todo": [shown(line) for line in item.todo],
            "ways": [(labels(f"card.{name}"), shown(getattr(item, name))) for name in ("new", "classic") if getattr(item, name)],
            "paste_title": shown(item.paste_title),
            "paste": shown(item.paste),
            "way_back": shown(item.way_back),
            "note": shown(item.note),
        }
        for item in todo
    ]
