"""
A result as the pages show it: everything named, counted and put in order, nothing escaped yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import idna

from ..errors import KnowledgeError
from ..knowledge.check_ids import TENANT
from ..knowledge.gates import gate_rules
from ..results import GATES, GRAVITY, Answer, Finding, Gate, Result, Stage, Status
from .actions import Action, next_actions
from .labels import SIGNS, SKIPPED, Labels, gravest, kind_of

STEPS = ("intake", "domain", "ranges", "platform", "route", "mx", "authentication", "lockdown", "summary")
SUBJECTS_SHOWN = 8
FOLDED = tuple(kind for kind in SKIPPED if kind != "not_reached")
"""
The kinds of findings that are only counted, and can be opened.
"""


@dataclass(frozen=True, slots=True)
class Link:
    """
    A place on the same page.

    Args:
        anchor: Its id, ``""`` where it is not on this page.
        text: What is shown.
        step: In live cards the step whose card it leads to, ``""`` for none.
        row: In that card the finding whose row it leads to, by name, ``""`` for the card's head.
    """

    anchor: str
    text: str
    step: str = ""
    row: str = ""


@dataclass(frozen=True, slots=True)
class FindingView:
    """
    One finding, ready to be shown.

    Args:
        finding: The finding itself.
        anchor: Its id on the page, ``""`` for none.
        title: Name of the check.
        subject: What it is about, ``""`` where title or summary say it.
        key: Check and subject, as an exception in the environment file names them.
        sign: Sign of its status.
        word: Word of its status.
        who: Who does what is to be done, in words.
        evidence: Observations and findings it rests on.
        mark: In live cards what links find its row by, ``""`` elsewhere.
    """

    finding: Finding
    anchor: str
    title: str
    subject: str
    key: str
    sign: str
    word: str
    who: str
    evidence: tuple[Link, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """
    One row of a table of findings: a finding, or all that was not reached because of the same ones.

    Args:
        views: The findings, with different titles where they are several.
        stoppers: What stopped them; nothing for a finding that stands for itself.
        because: What stands in front of these.
    """

    views: tuple[FindingView, ...]
    stoppers: tuple[Link, ...] = ()
    because: str = ""

    @property
    def first(self) -> FindingView:
        """
        The finding, or the first of them.
        """
        return self.views[0]


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
        waiting: How many other checks wait for it, in words; ``""`` for none.
        anchor: Its id on the page, ``""`` for none.
        row: The row of its gravest finding.
    """

    action: Action
    view: FindingView
    summaries: tuple[str, ...]
    subjects: tuple[str, ...]
    more: int
    waiting: str
    anchor: str
    row: Link


LISTS = "allowlist."
"""
What checks begin with that are about a list, which is their subject by its key.
"""
DOORS = "lockdown.direct"
"""
The check with a finding for every host of a platform, which one setting locks.
"""
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
        rows: What was looked at or should have been, gravest first.
        skipped: The others by kind, each with a line that counts them.
    """

    step: str
    title: str
    counts: list[tuple[Status, str]]
    rows: list[RowView]
    skipped: list[tuple[str, list[RowView]]]


class Viewer:
    """
    Makes views of the findings of one result.

    Args:
        findings: All of them.
        labels: The words.
        observed: For each observation its anchor and its title.
        prefix: Put in front of each anchor; ``None`` where the page has no anchors.
        live: They stand in live cards, so that what blocks a gate leads to its row in its step's card.
    """

    def __init__(
        self, findings: Sequence[Finding], labels: Labels, observed: Mapping[str, Link], prefix: str | None = "f", *, live: bool = False
    ) -> None:
        self.labels = labels
        self.live = live
        self.observed = observed
        self._placed = prefix is not None
        self.anchors = {finding.name: f"{prefix}{number}" if prefix is not None else "" for number, finding in enumerate(findings, 1)}
        self.by_name = {finding.name: finding for finding in findings}

    def finding(self, finding: Finding) -> FindingView:
        """
        The view of one finding.
        """
        subject = self._subject(finding.name)
        return FindingView(
            finding=finding,
            anchor=self.anchors.get(finding.name, ""),
            title=self.labels.pick("check", finding.check),
            subject="" if finding.check.startswith(LISTS) and subject in finding.words.summary else subject,
            key=f"{finding.check} {subject_of(finding)}".rstrip(),
            sign=SIGNS[finding.status],
            word=self.labels.pick("status", kind_of(finding)),
            who=self.labels.pick("who", finding.words.who) if finding.words.who else "",
            evidence=tuple(self._evidence(key) for key in finding.evidence),
            mark=finding.name if self.live else "",
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
        title, subject = self.labels.pick("check", name.partition(" ")[0]), self._subject(name)
        return f"{title} · {subject}" if subject else title

    def _subject(self, name: str) -> str:
        check, _, subject = name.partition(" ")
        return subject_in_words(check, subject, self.labels)

    def actions(self, step: str = "") -> tuple[ActionView, ...]:
        """
        What to do next, most urgent first.

        Args:
            step: Only what puts something right in this step, ``""`` for all.
        """
        actions = next_actions(tuple(self.by_name.values()))
        return tuple(self._action(number, action) for number, action in enumerate(within(actions, step) if step else actions, 1))

    def to_confirm(self) -> list[tuple[FindingView, Link]]:
        """
        What waits for a person's word, each with the action that says where to look.
        """
        places = {
            finding.name: Link(view.anchor, self.labels("finding.number", n=number))
            for number, view in enumerate(self.actions(), 1)
            for finding in view.action.findings
        }
        return [(self.finding(finding), places[name]) for name, finding in self.by_name.items() if finding.status is Status.MANUAL]

    def _action(self, number: int, action: Action) -> ActionView:
        subjects = [said for said in dict.fromkeys(self._subject(finding.name) for finding in action.findings) if said]
        waiting = len(action.consequences)
        return ActionView(
            action,
            self.finding(action.first),
            action.summaries[:3],
            tuple(subjects[:SUBJECTS_SHOWN]),
            max(0, len(subjects) - SUBJECTS_SHOWN),
            self.labels("finding.waiting", n=waiting) if waiting else "",
            f"a{number}" if self._placed else "",
            self._link(action.first.name, self.labels.pick("check", action.first.check)),
        )

    def rows(self, findings: Iterable[Finding]) -> list[RowView]:
        """
        What was looked at or should have been, gravest first; in one row what was not reached because of the same findings.
        """
        told = [finding for finding in findings if kind_of(finding) not in FOLDED]
        groups: dict[tuple[str, ...], list[FindingView]] = {}
        for view in by_gravity(map(self.finding, told)):
            groups.setdefault(_stopped(view.finding), []).append(view)
        return [self._row(views) for views in groups.values()]

    def _row(self, views: Sequence[FindingView]) -> RowView:
        first = views[0].finding
        if "not_reached" not in first.causes:
            return RowView(tuple(views))
        stoppers = tuple(self._to(key) for key in first.evidence)
        because = "not_known" if first.status is Status.UNKNOWN else "not_reached"
        return RowView(tuple(views), stoppers, self.labels(f"finding.{because}"))

    def _to(self, name: str) -> Link:
        return self._link(name, self.name(name))

    def _link(self, name: str, text: str) -> Link:
        """
        A link to a finding.
        """
        finding = self.by_name.get(name)
        place = (finding.step, name) if finding is not None and self.live else ("", "")
        return Link(self.anchors.get(name, ""), text, *place)

    def skipped(self, findings: Iterable[Finding]) -> list[tuple[str, list[FindingView]]]:
        """
        What was not looked at: by kind, each with a line that counts them.
        """
        kinds: dict[str, list[FindingView]] = {}
        for finding in findings:
            kinds.setdefault(kind_of(finding), []).append(self.finding(finding))
        return [(self.labels(f"skipped.{kind}", n=len(kinds[kind])), kinds[kind]) for kind in FOLDED if kind in kinds]

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
        ahead, flawed = gate.stage is Stage.AHEAD, gate.stage is Stage.FLAWED
        word = gate.answer.value if ahead else f"{name}_{gate.stage.value}"
        idle = gate.stage is Stage.IDLE
        fine = gate.answer is Answer.NO_GO and ahead and all(self._in_order(blocker) for blocker in gate.blocked_by)
        status = Status.NOT_APPLICABLE if idle or fine else GATE_SIGNS[gate.answer]
        return GateView(
            title=self.labels.pick("gate", name),
            status=status,
            word=self.labels.pick("gate", word),
            means=self._meaning(name, word),
            blockers=() if idle else self._blockers(name, gate),
            blocked=self.labels(f"gate.{'flaws' if flawed else 'waits_for' if gate.answer is Answer.OPEN else 'blocked_by'}"),
        )

    def _in_order(self, blocker: str) -> bool:
        """
        True for a finding that blocks a gate though nothing is wrong: its time has not come.
        """
        finding = self.by_name.get(blocker)
        return finding is not None and finding.status in IN_ORDER

    def _meaning(self, name: str, word: str) -> str:
        own = f"{name}_{word}_means"
        return self.labels.pick("gate", own if own in self.labels.catalogue.fields("ui.gate") else f"{word}_means")

    def _blockers(self, name: str, gate: Gate) -> tuple[Link, ...]:
        """
        What blocks a gate, each sentence once.
        """
        told: dict[str, Link] = {}
        for blocker in gate.blocked_by:
            link = self._blocker(name, blocker)
            told.setdefault(link.text, link)
        return tuple(told.values())

    def _blocker(self, gate: str, name: str) -> Link:
        """
        What blocks a gate, with the reason where the finding itself is in order.
        """
        finding = self.by_name.get(name)
        if finding is not None and "not_asked" in finding.causes:
            return Link("", self.labels("gate.not_looked", step=self.labels.step(finding.step)), finding.step if self.live else "")
        reason = self._reason(gate, finding) if finding is not None and finding.status in IN_ORDER else ""
        if not reason or finding is None:
            return self._link(name, self.name(name))
        doors = {each.status for each in self.by_name.values() if each.check == DOORS and each.status is not Status.NOT_APPLICABLE}
        named = finding.check if finding.check == DOORS and len(doors) == 1 else name  # where all are shut none of them is named
        return self._link(name, f"{self.name(named)}: {reason}")

    def _reason(self, gate: str, finding: Finding) -> str:
        """
        Why a finding that is in order, or that this run left out, blocks a gate; ``""`` where that needs no words.
        """
        if "left_out" in finding.causes:
            return self.labels("gate.left_out")
        return self.labels.catalogue.fill(self.labels.catalogue.fields("ui.gate_because").get(f"{gate} {finding.check}", ""), {})

    def steps(self) -> list[StepView]:
        """
        The steps that have findings, in their order.
        """
        findings = list(self.by_name.values())
        names = dict.fromkeys([*STEPS, *(finding.step for finding in findings)])
        views = []
        for step in names:
            here = [finding for finding in findings if finding.step == step]
            if here:
                views.append(
                    StepView(
                        step=step,
                        title=self.labels.step(step),
                        counts=self.labels.counts(here),
                        rows=self.rows(here),
                        skipped=[(line, [RowView((view,)) for view in kind]) for line, kind in self.skipped(here)],
                    )
                )
        return views


def is_due(step: str, whole: Result | None) -> bool:
    """
    False for a step whose act is still ahead: then all may be right, and yet nothing of it is done.

    Args:
        step: Its id.
        whole: The whole result, None as long as nothing was asked.
    """
    acts = [name for name, rule in gate_rules().items() if rule.step == step and name != "roll_back"]
    return whole is None or all(whole.gates[name].stage is Stage.DONE for name in acts)


def instructions_folded(step: str, findings: Sequence[Finding], whole: Result | None) -> bool:
    """
    True for a step whose instructions would only stand in the way: nothing of it is left to do, since all is right or accepted and its act,
    if it has one, is done; or something is wrong, and what was found says what to do about that.

    Args:
        step: Its id.
        findings: What was found in it, once it was looked at to its end.
        whole: The whole result, None as long as nothing was asked.
    """
    worst = gravest(finding.status for finding in findings)
    return worst is Status.FAIL or (worst in (Status.PASS, Status.WAIVED) and is_due(step, whole))


def within(actions: Iterable[Action], step: str) -> Iterator[Action]:
    """
    The actions that put something right in one step, each with what it puts right there; where others wait for it there, as it is.
    """
    for action in actions:
        here = tuple(finding for finding in action.findings if finding.step == step)
        if here or any(finding.step == step for finding in action.consequences):
            yield replace(action, findings=here or action.findings)


def subject_in_words(check: str, subject: str, labels: Labels) -> str:
    """
    What a finding is about, as people call it: a pasted list by its label, an internationalised name in both forms; ``""`` where the title
    of the check says it.
    """
    if subject in ("", TENANT):
        return ""
    if check.startswith(LISTS):
        try:
            return labels.catalogue.fill("{subject:listed}", {"subject": subject})
        except KnowledgeError:
            return subject
    return both_forms(subject) if "xn--" in subject else subject


def subject_of(finding: Finding) -> str:
    """
    What a finding is about, as the environment file calls it; ``""`` where its title says it.
    """
    return "" if finding.subject == TENANT else finding.subject


def _stopped(finding: Finding) -> tuple[str, ...]:
    """
    What findings that go into one row have in common; one that was not stopped has its own name.
    """
    return (finding.status.value, *finding.evidence) if "not_reached" in finding.causes else (finding.name,)


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
        name = both_forms(str(domain.get("name", "")).removesuffix("."))
        role = str(domain.get("role", "mail"))
        special = [labels.catalogue.fill("{role:word}", {"role": role})] if role != "mail" else []
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
