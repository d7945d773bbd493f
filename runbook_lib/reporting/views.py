"""
A result as the pages show it: everything named, counted and put in order, nothing escaped yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import idna

from ..knowledge.gates import gate_rules
from ..results import GATES, GRAVITY, Answer, Finding, Gate, Stage, Status
from .actions import Action, next_actions
from .labels import SIGNS, Labels

STEPS = ("intake", "domain", "ranges", "platform", "route", "mx", "authentication", "lockdown", "summary")
SUBJECTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Link:
    """
    A place on the same page.

    Args:
        anchor: Its id, ``""`` where it is not on this page.
        text: What is shown.
    """

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """
    One finding, ready to be shown.

    Args:
        finding: The finding itself.
        anchor: Its id on the page, ``""`` for none.
        title: Name of the check.
        sign: Sign of its status.
        word: Word of its status.
        who: Who does what is to be done, in words.
        evidence: Observations and findings it rests on.
    """

    finding: Finding
    anchor: str
    title: str
    sign: str
    word: str
    who: str
    evidence: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ActionView:
    """
    One thing to do, ready to be shown.

    Args:
        action: The action itself.
        view: Its gravest finding.
        summaries: Why, the first few sentences.
        subjects: What it is about, the first few.
        more: How many subjects are not among them.
    """

    action: Action
    view: FindingView
    summaries: tuple[str, ...]
    subjects: tuple[str, ...]
    more: int


GATE_SIGNS: Mapping[Answer, Status] = {Answer.GO: Status.PASS, Answer.NO_GO: Status.FAIL, Answer.OPEN: Status.UNKNOWN}
IN_ORDER = (Status.PASS, Status.WARN, Status.NOT_APPLICABLE)
"""
Statuses by which nobody would guess that the finding blocks a gate.
"""


@dataclass(frozen=True, slots=True)
class GateView:
    """
    One gate, ready to be shown.

    Args:
        title: What it lets through.
        status: The status whose colour and sign it has.
        word: Its answer.
        means: The answer in a sentence.
        blockers: What blocks it or is waited for; steps that nobody has looked at yet count as one each.
        blocked: The heading of these.
    """

    title: str
    status: Status
    word: str
    means: str
    blockers: tuple[Link, ...]
    blocked: str


@dataclass(frozen=True, slots=True)
class StepView:
    """
    One step, ready to be shown.

    Args:
        step: Its id.
        title: Its title.
        counts: How many findings of each status.
        findings: All that is not `Status.NOT_APPLICABLE`, gravest first.
        not_needed: The others.
    """

    step: str
    title: str
    counts: list[tuple[Status, str]]
    findings: tuple[FindingView, ...]
    not_needed: tuple[FindingView, ...]


class Viewer:
    """
    Makes views of the findings of one result.

    Args:
        findings: All of them.
        labels: The words.
        observed: For each observation its anchor and its title.
        prefix: Put in front of each anchor; ``None`` where the page has no anchors.
    """

    def __init__(self, findings: Sequence[Finding], labels: Labels, observed: Mapping[str, Link], prefix: str | None = "f") -> None:
        self.labels = labels
        self.observed = observed
        self.anchors = {finding.name: f"{prefix}{number}" if prefix is not None else "" for number, finding in enumerate(findings, 1)}
        self.by_name = {finding.name: finding for finding in findings}

    def finding(self, finding: Finding) -> FindingView:
        """
        The view of one finding.
        """
        return FindingView(
            finding=finding,
            anchor=self.anchors[finding.name],
            title=self.labels.pick("check", finding.check),
            sign=SIGNS[finding.status],
            word=self.labels.word(finding.status),
            who=self.labels.pick("who", finding.words.who) if finding.words.who else "",
            evidence=tuple(self._evidence(key) for key in finding.evidence),
        )

    def _evidence(self, key: str) -> Link:
        if key in self.observed:
            return self.observed[key]
        if " " in key:
            return Link(self.anchors.get(key, ""), self.labels("finding.stopped_by", name=self.name(key)))
        return Link("", key)

    def name(self, name: str) -> str:
        """
        A finding's ``check subject`` with the check's title.
        """
        check, _, subject = name.partition(" ")
        return f"{self.labels.pick('check', check)} · {subject}" if subject else name

    def actions(self) -> tuple[ActionView, ...]:
        """
        What to do next, most urgent first.
        """
        return tuple(
            ActionView(
                action,
                self.finding(action.first),
                action.summaries[:3],
                action.subjects[:SUBJECTS_SHOWN],
                max(0, len(action.subjects) - SUBJECTS_SHOWN),
            )
            for action in next_actions(tuple(self.by_name.values()))
        )

    def gates(self, gates: Mapping[str, Gate], step: str = "") -> list[GateView]:
        """
        The gates in their order.

        Args:
            gates: By name.
            step: Id of the step whose card shows them; ``""`` for all.
        """
        names = [*(name for name in GATES if name in gates), *(name for name in gates if name not in GATES)]
        rules = gate_rules()
        return [self._gate(name, gates[name]) for name in names if not step or (name in rules and rules[name].step == step)]

    def _gate(self, name: str, gate: Gate) -> GateView:
        ahead = gate.stage is Stage.AHEAD
        word = gate.answer.value if ahead else f"{name}_{gate.stage.value}"
        status = Status.NOT_APPLICABLE if gate.stage is Stage.IDLE else GATE_SIGNS[gate.answer]
        return GateView(
            title=self.labels.pick("gate", name),
            status=status,
            word=self.labels.pick("gate", word),
            means=self.labels.pick("gate", f"{word}_means"),
            blockers=tuple(dict.fromkeys(self._blocker(name, blocker) for blocker in gate.blocked_by)),
            blocked=self.labels("gate.waits_for" if gate.answer is Answer.OPEN else "gate.blocked_by"),
        )

    def _blocker(self, gate: str, name: str) -> Link:
        """
        What blocks a gate, with the reason where the finding itself is in order.
        """
        finding = self.by_name.get(name)
        if finding is not None and "not_asked" in finding.causes:
            return Link("", self.labels("gate.not_looked", step=self.labels.step(finding.step)))
        reasons = self.labels.catalogue.fields("ui.gate_because")
        reason = reasons.get(f"{gate} {finding.check}") if finding is not None and finding.status in IN_ORDER else None
        return Link(self.anchors.get(name, ""), f"{self.name(name)}: {reason}" if reason else self.name(name))

    def steps(self) -> list[StepView]:
        """
        The steps that have findings, in their order.
        """
        findings = list(self.by_name.values())
        names = dict.fromkeys([*STEPS, *(finding.step for finding in findings)])
        views = []
        for step in names:
            here = [self.finding(finding) for finding in findings if finding.step == step]
            if here:
                looked_at = [view for view in here if view.finding.status is not Status.NOT_APPLICABLE]
                views.append(
                    StepView(
                        step=step,
                        title=self.labels.step(step),
                        counts=self.labels.counts(view.finding.status for view in here),
                        findings=tuple(by_gravity(looked_at)),
                        not_needed=tuple(view for view in here if view.finding.status is Status.NOT_APPLICABLE),
                    )
                )
        return views


def by_gravity(views: Iterable[FindingView]) -> list[FindingView]:
    """
    Gravest first, else as they come.
    """
    return sorted(views, key=lambda view: GRAVITY.index(view.finding.status))


def domain_names(environment: Mapping[str, Any], labels: Labels) -> list[str]:
    """
    The domains as they are shown: internationalised names in both forms, what is special about one behind it.
    """
    shown = []
    for entry in _list(environment.get("domains")):
        domain = entry if isinstance(entry, Mapping) else {"name": entry}
        name = both_forms(str(domain.get("name", "")))
        special = [str(domain["role"])] if domain.get("role", "mail") != "mail" else []
        special += [labels.pick("phase_short", str(domain["phase"]))] if "phase" in domain else []
        special += [labels.pick("platform", str(domain["platform"]))] if "platform" in domain else []
        shown.append(f"{name} ({', '.join(special)})" if special else name)
    return shown


def both_forms(name: str) -> str:
    """
    A domain name; an internationalised one as people write it with the A-label behind.
    """
    try:
        ascii_form = idna.encode(name).decode("ascii").lower()
        people = idna.decode(ascii_form)
    except (UnicodeError, ValueError):
        return name
    return f"{people} ({ascii_form})" if people != ascii_form else name


def seconds_between(started: str, finished: str) -> float:
    """
    Seconds from one time to another, 0 where one of them is no time.
    """
    try:
        return max(0.0, (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
