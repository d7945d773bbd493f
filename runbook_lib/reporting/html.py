"""
The report: one self-contained page, made from the result document and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import KnowledgeError
from ..knowledge.regions import region, snapshot
from ..knowledge.text import Catalogue
from ..results import Result, Status
from .contacts import contacts_view
from .cutover import OPEN_DOMAINS, cutover_view
from .evidence import Evidence, EvidenceMaker, size_of
from .gate_views import gate_views
from .inputs import inputs_view
from .labels import SIGNS, VERDICT_SIGNS, Labels, next_line, verdict_line, verdict_meaning
from .markup import Html, printable, render
from .names import domain_names
from .people import attestation_rows, waiver_rows
from .picture import draw, flow_of
from .references import with_labels
from .theme import page_style
from .views import Link, Viewer, seconds_between

EVIDENCE_BUDGET = 4_000_000
"""
So many characters of evidence are put on a page in full; beyond that each is named and is found in the result document.
"""
LONG_S = 600
"""
Seconds from which on the end is said as well: a person walked through it, from a first look to a last.
"""


@dataclass(frozen=True, slots=True)
class PlacedEvidence:
    """
    Evidence with its id on the page.
    """

    anchor: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """
    What a step's findings rest on.

    Args:
        shown: What no step before it rests on.
        above: What is shown with a step before it.
    """

    shown: list[PlacedEvidence] = field(default_factory=list)
    above: list[PlacedEvidence] = field(default_factory=list)


def render_report(result: Result, catalogue: Catalogue) -> str:
    """
    The report of one run.

    Args:
        result: The result document.
        catalogue: The texts of its language.

    Returns:
        An HTML page without script and without any reference to the outside.
    """
    result = printable(result)
    labels = Labels(catalogue)
    placed = _evidence(result, labels)
    observed = {key: Link(item.anchor, f"{item.evidence.title} ({key})") for key, item in placed.items()}
    viewer = Viewer(result.findings, labels, observed)
    by_step, others = _by_step(result, placed)
    environment = result.environment
    made = render(
        "report.html.j2",
        language=result.language,
        style=page_style(),
        t=labels,
        signs=SIGNS,
        customer=customer_of(result),
        practice=str(environment.get("sandbox") or ""),
        head=_head(result, labels),
        verdict=verdict_line(result, labels),
        verdict_status=VERDICT_SIGNS[result.verdict],
        meaning=verdict_meaning(result, labels),
        counts=labels.counts(result.findings),
        gates=gate_views(result, viewer),
        picture=draw(flow_of(result, labels), labels),
        actions=viewer.actions(),
        steps=viewer.steps(),
        cutover=cutover_view(result.cutover, catalogue),
        open_domains=OPEN_DOMAINS,
        words=catalogue.text,
        evidence_of=by_step,
        other_evidence=others,
        manual=viewer.to_confirm(),
        attest_lines=_attest_lines(result, labels),
        contacts=contacts_view(environment, labels),
        attestations=attestation_rows(result.attestations, labels, result.findings),
        waivers=waiver_rows(result.waivers, labels),
        inputs=inputs_view(environment, labels, elsewhere=("console_ranges",)),
        range_lists=_ranges(environment, labels),
        next_line=next_line(result, labels),
        version=result.tool_version,
        finished=_span(result, labels),
    )
    return with_labels(made, catalogue).text


def render_picture(result: Result, catalogue: Catalogue) -> Html:
    """
    The mail-flow picture alone, for a page that has the style sheet already.
    """
    labels = Labels(catalogue)
    return draw(flow_of(printable(result), labels), labels)


def customer_of(result: Result) -> str:
    """
    What the customer is called; the runbook where nobody was named.
    """
    return str(result.environment.get("customer") or result.runbook)


def _head(result: Result, labels: Labels) -> list[tuple[str, str]]:
    environment = result.environment
    names = domain_names(environment, labels)
    shown = ", ".join(names[:20]) + (f" {labels('head.more', n=len(names) - 20)}" if len(names) > 20 else "")
    rows = [
        ("domains", shown or labels("none.value")),
        ("platform", labels.pick("platform", str(environment.get("platform") or ""))),
        ("phase", labels.pick("phase", result.phase)),
        ("region", labels.region(str(environment.get("region") or ""))),
        ("vendor_process", _process(environment, labels)),
        ("when", _span(result, labels)),
        ("seen_from", _vantage(result, labels)),
        ("tool", labels("head.version", version=result.tool_version)),
    ]
    return [(labels(f"head.{key}"), value) for key, value in rows if value]


def _process(environment: Mapping[str, Any], labels: Labels) -> str:
    code = str(environment.get("vendor_process") or "")
    return labels.catalogue.fields("form.choice.vendor_process").get(code, code)


def _span(result: Result, labels: Labels) -> str:
    seconds = seconds_between(result.started, result.finished)
    words = "span_short" if seconds < 1 else "span_long" if seconds > LONG_S else "span"
    try:
        return labels(f"head.{words}", start=result.started, end=result.finished, seconds=seconds)
    except ValueError:
        return f"{result.started} – {result.finished}"


def _vantage(result: Result, labels: Labels) -> str:
    if result.environment.get("sandbox"):
        return labels("head.practice")
    vantage = result.vantage
    addresses = [str(item) for item in vantage.get("addresses") or ()]
    servers = [str(item) for item in vantage.get("nameservers") or ()]
    parts = [", ".join(addresses) or labels("head.nowhere")]
    if vantage.get("proxy"):
        parts.append(labels("head.proxy", proxy=str(vantage["proxy"])))
    if vantage.get("port_25") in ("open", "blocked"):
        parts.append(labels.pick("port", str(vantage["port_25"])))
    if servers:
        parts.append(labels("head.nameservers", servers=servers))
    return "; ".join(parts)


def _evidence(result: Result, labels: Labels) -> dict[str, PlacedEvidence]:
    maker = EvidenceMaker(labels)
    placed = {}
    left = EVIDENCE_BUDGET
    for number, (key, observation) in enumerate(result.observations.items(), 1):
        evidence = maker.make(key, observation) if left > 0 else Evidence(key, maker.title(observation), maker.cut(key))
        left -= size_of(evidence.blocks)
        placed[key] = PlacedEvidence(f"e{number}", evidence)
    return placed


def _by_step(result: Result, placed: Mapping[str, PlacedEvidence]) -> tuple[dict[str, StepEvidence], list[PlacedEvidence]]:
    first: dict[str, str] = {}
    by_step: dict[str, StepEvidence] = {finding.step: StepEvidence() for finding in result.findings}
    for step, key in dict.fromkeys((finding.step, key) for finding in result.findings for key in finding.evidence if key in placed):
        own = first.setdefault(key, step) == step
        (by_step[step].shown if own else by_step[step].above).append(placed[key])
    return by_step, [item for key, item in placed.items() if key not in first]


def _attest_lines(result: Result, labels: Labels) -> str:
    checks = list(dict.fromkeys(finding.check for finding in result.findings if finding.status is Status.MANUAL))
    by, note = labels("attested.name"), labels("attested.note")
    lines = [f"  {check}: {{by: {by}, at: {result.finished[:10]}, phase: {result.phase}, note: {note}}}" for check in checks]
    return "\n".join(["attestations:", *lines])


def _shipped(confidence: str, labels: Labels) -> str:
    sure = labels.pick("confidence", confidence)
    return ", ".join(part for part in (labels("appendix.ranges_gateway", as_of=snapshot().as_of), sure) if part)


def _ranges(environment: Mapping[str, Any], labels: Labels) -> list[tuple[str, list[str]]]:
    lists = []
    given = environment.get("console_ranges")
    if given:
        shown = str(given).split("\n") if isinstance(given, str) else [str(item) for item in given]
        lists.append((labels("appendix.ranges_console"), shown))
    try:
        known = region(str(environment.get("region") or ""))
    except KnowledgeError:
        return lists
    if known.cidrs:
        lists.append((_shipped(known.confidence, labels), list(known.cidrs)))
    return lists
