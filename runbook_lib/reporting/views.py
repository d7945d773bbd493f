"""
A result as the pages show it: everything named, counted and put in order, nothing escaped yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..results import GRAVITY, Finding, Status
from .actions import Action, next_actions
from .labels import SIGNS, SKIPPED, Labels, kind_of
from .names import LISTS, subject_in_words, subject_of

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
            self.link(action.first.name, self.labels.pick("check", action.first.check)),
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
        return self.link(name, self.name(name))

    def link(self, name: str, text: str) -> Link:
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


def within(actions: Iterable[Action], step: str) -> Iterator[Action]:
    """
    The actions that put something right in one step, each with what it puts right there; where others wait for it there, as it is.
    """
    for action in actions:
        here = tuple(finding for finding in action.findings if finding.step == step)
        if here or any(finding.step == step for finding in action.consequences):
            yield replace(action, findings=here or action.findings)


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


def seconds_between(started: str, finished: str) -> float:
    """
    Seconds from one time to another, 0 where one of them is no time.
    """
    try:
        return max(0.0, (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
