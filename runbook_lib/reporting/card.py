"""
Cards for the notebook: one a step, and the summary. Static HTML in the notebook's own colours, everything open, no button; and the same in
parts, which a live card puts its buttons between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..knowledge.text import Catalogue
from ..results import Finding, Result, Status
from .contacts import emergency_line
from .evidence import EvidenceMaker
from .gate_views import GateView, gate_views
from .html import customer_of
from .labels import SIGNS, VERDICT_SIGNS, Labels, next_line, verdict_line, verdict_meaning
from .markup import Html, printable, printable_finding, render, shown, shown_deep
from .picture import draw, flow_of
from .references import with_fields, with_labels
from .remedies import Paste
from .theme import card_style
from .views import RowView, Viewer


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


@dataclass(frozen=True, slots=True)
class StepState:
    """
    Where a step, or the whole run, stands: sign, word and colour.

    Args:
        status: Whose colour it has.
        sign: In front of the word.
        word: What it says.
    """

    status: Status
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class ListedStep:
    """
    One line of the list of steps.

    Args:
        key: Id of the step.
        title: For people.
        state: Where it stands.
    """

    key: str
    title: str
    state: StepState


def render_card(
    title: str,
    why: str,
    catalogue: Catalogue,
    *,
    todo: Sequence[Todo] = (),
    paste: Sequence[Paste] = (),
    findings: Sequence[Finding] = (),
    observations: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Sequence[str] = (),
    practice: bool = False,
    twin: bool = False,
    step: str = "",
    whole: Result | None = None,
    folded: bool = False,
) -> Html:
    """
    The card of one step: why, what to do, what was found, what to do about it.

    Args:
        title: Its heading, for screen readers: what is seen is the notebook's own above the card.
        why: Two sentences at most.
        catalogue: The texts.
        todo: What a person does.
        paste: What they paste that belongs to no single thing to do.
        findings: What was found, with words.
        observations: In JSON form; only those that the findings name are shown.
        notes: What else has to be known of the findings.
        practice: True where the sandbox is looked at.
        twin: It stands beside a live card, and is seen only where that is not.
        step: Its id.
        whole: The whole result, whose gates are shown in the step they belong to; None where there is none.
        folded: What there is to do in the step at all is folded: nothing of it is left, or what was found says more.
    """
    made = render(
        "card.html.j2",
        gates=_gates(whole, step, catalogue),
        folded=folded,
        style=card_style(twin=twin),
        practice=practice,
        twin=twin,
        title=shown(title),
        why=shown(why),
        todo=[_printable(item) for item in todo],
        paste=[_paste(item) for item in paste],
        notes=[shown(note) for note in notes],
        **_found(findings, observations or {}, catalogue, step, whole),
    )
    return with_labels(made, catalogue)


def render_live_head(
    key: str,
    title: str,
    why: str,
    catalogue: Catalogue,
    *,
    state: StepState | None,
    todo: Sequence[Todo],
    folded: bool = False,
    next_below: bool = False,
) -> Html:
    """
    The upper part of a live card: where the step stands, why it is there, what a person does.

    Args:
        key: Id of the step, which links lead to.
        title: Its heading, for screen readers: what is seen is the notebook's own above the card.
        why: Two sentences at most.
        catalogue: The texts.
        state: Where it stands, None where that says nothing.
        todo: What a person does.
        folded: What there is to do in the step at all is folded: nothing of it is left, or what was found says more.
        next_below: The lower part has something to do next, which a link leads to.
    """
    labels = Labels(catalogue)
    todo = [_printable(item) for item in todo]
    values = {
        "step": key,
        "title": shown(title),
        "why": shown(why),
        "todo": todo,
        "state": state,
        "words": catalogue.text,
        "next": next_below,
    }
    made = render("live_head.html.j2", language=catalogue.language, t=labels, signs=SIGNS, folded=folded, **values)
    return with_fields(made, catalogue)


def render_live_found(
    title: str,
    catalogue: Catalogue,
    *,
    findings: Sequence[Finding],
    observations: Mapping[str, Mapping[str, Any]],
    notes: Sequence[str] = (),
    step: str = "",
    whole: Result | None = None,
) -> Html:
    """
    The lower part of a live card: what was found, what to do about it, on what it rests.

    Args:
        title: Of the step, for the table's caption.
        catalogue: The texts.
        findings: With words.
        observations: In JSON form.
        notes: What else has to be known of the findings.
        step: Id of the step.
        whole: The whole result, whose gates are shown in the step they belong to; None where there is none.
    """
    gates = _gates(whole, step, catalogue, live=True)
    notes = list(map(shown, notes))
    found = _found(findings, observations, catalogue, step, whole, live=True)
    made = render("live_found.html.j2", title=shown(title), step=step, notes=notes, gates=gates, **found)
    return with_fields(made, catalogue)


def render_live_overview(
    title: str,
    state: StepState,
    steps: Sequence[ListedStep],
    result: Result,
    catalogue: Catalogue,
    *,
    then: str = "",
    note: str = "",
    start: str = "",
) -> Html:
    """
    What stands at the top of a walk: where every step stands, and the way of the mail.

    Args:
        title: Its heading.
        state: Where the whole stands.
        steps: In order.
        result: What was found so far; only findings of steps that were looked at.
        catalogue: The texts.
        then: What comes next or what it means for the mail, ``""`` where the steps say it.
        note: What has to be known about what was found, ``""`` for nothing.
        start: The start page, as the server knows it; ``""`` where there is none.
    """
    labels = Labels(catalogue)
    picture = draw(flow_of(printable(result), labels), labels, prefix="rb-overview")
    return render(
        "live_overview.html.j2",
        language=catalogue.language,
        t=labels,
        signs=SIGNS,
        title=shown(title),
        state=state,
        steps=[ListedStep(step.key, shown(step.title), step.state) for step in steps],
        picture=picture,
        then=shown(then),
        note=shown(note),
        start=start,
        words=catalogue.text,
    )


def render_summary(result: Result, catalogue: Catalogue, note: str = "", *, twin: bool = False) -> Html:
    """
    The card of the last step: the answer, the gates, the picture and what to do next.

    Args:
        result: The result.
        catalogue: The texts.
        note: What has to be known about it.
        twin: It stands beside a live card, and is seen only where that is not.
    """
    practice = bool(result.environment.get("sandbox"))
    answer = _answer(result, catalogue, "rb-summary")
    return with_labels(render("summary.html.j2", style=card_style(twin=twin), practice=practice, twin=twin, note=note, **answer), catalogue)


def render_live_summary(result: Result, catalogue: Catalogue, note: str = "") -> Html:
    """
    The same answer as part of a live card.

    Args:
        result: The result.
        catalogue: The texts.
        note: What has to be known about it.
    """
    made = render("live_summary.html.j2", note=note, **_answer(result, catalogue, "rb-live-summary", live=True))
    return with_fields(made, catalogue)


def _gates(whole: Result | None, step: str, catalogue: Catalogue, *, live: bool = False) -> list[GateView]:
    """
    The gates that are shown in a step's card.
    """
    if whole is None:
        return []
    viewer = _viewer(whole.findings, Labels(catalogue), live=live)
    gates = {name: replace(gate, blocked_by=tuple(map(shown, gate.blocked_by))) for name, gate in whole.gates.items()}
    return gate_views(replace(whole, gates=gates), viewer, step) if step else []


def _viewer(findings: Iterable[Finding], labels: Labels, *, live: bool) -> Viewer:
    return Viewer([printable_finding(finding) for finding in findings], labels, {}, prefix=None, live=live)


def _found(
    findings: Sequence[Finding],
    observations: Mapping[str, Mapping[str, Any]],
    catalogue: Catalogue,
    step: str,
    whole: Result | None,
    *,
    live: bool = False,
) -> dict[str, Any]:
    """
    What was found in a step. What to do about it rests on the whole result: what is to be put right may stand in another step. Nothing is
    to be put right in a step that nobody has looked at.
    """
    labels = Labels(catalogue)
    clean = [printable_finding(finding) for finding in findings]
    named = list(dict.fromkeys(key for finding in findings for key in finding.evidence if key in observations))
    maker = EvidenceMaker(labels)
    evidence = [maker.make(shown(key), shown_deep(observations[key])) for key in named]
    viewer = _viewer(clean if whole is None else whole.findings, labels, live=live)
    return {
        "language": catalogue.language,
        "t": labels,
        "signs": SIGNS,
        "counts": labels.counts(clean),
        "rows": viewer.rows(clean),
        "skipped": [(line, [RowView((view,)) for view in views]) for line, views in viewer.skipped(clean)],
        "actions": viewer.actions(step) if findings else (),
        "evidence": evidence,
    }


def _answer(result: Result, catalogue: Catalogue, prefix: str, *, live: bool = False) -> dict[str, Any]:
    result = printable(result)
    labels = Labels(catalogue)
    viewer = Viewer(result.findings, labels, {}, prefix=None, live=live)
    return {
        "language": catalogue.language,
        "t": labels,
        "signs": SIGNS,
        "customer": customer_of(result),
        "verdict": verdict_line(result, labels),
        "verdict_status": VERDICT_SIGNS[result.verdict],
        "meaning": verdict_meaning(result, labels),
        "counts": labels.counts(result.findings),
        "gates": gate_views(result, viewer),
        "picture": draw(flow_of(result, labels), labels, prefix=prefix),
        "actions": viewer.actions(),
        "next_line": next_line(result, labels),
        "emergency": emergency_line(result.environment, labels),
    }


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
