"""
Signs and words: how a status looks, and the labels of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..knowledge.text import Catalogue
from ..results import GRAVITY, Answer, Finding, Result, Stage, Status, Verdict
from .actions import next_actions
from .cutover import wait_for_lock

SIGNS: Mapping[Status, str] = MappingProxyType(
    {
        Status.PASS: "✓",
        Status.WARN: "!",
        Status.FAIL: "✕",
        Status.UNKNOWN: "?",
        Status.MANUAL: "☐",
        Status.NOT_APPLICABLE: "–",
        Status.WAIVED: "≈",
    }
)
VERDICT_SIGNS: Mapping[Verdict, Status] = MappingProxyType(
    {Verdict.READY: Status.PASS, Verdict.NOT_READY: Status.FAIL, Verdict.INCOMPLETE: Status.UNKNOWN}
)
"""
The status whose sign and colour stands for a verdict.
"""
KINDS = {
    "not_reached": "not_reached",
    "nothing_given": "nothing_given",
    "empty": "nothing_given",
    "none_to_ask": "nothing_given",
    "left_out": "left_out",
}
"""
Causes by which `Status.NOT_APPLICABLE` means something else than that nobody needs it, and what.
"""
SKIPPED = (*dict.fromkeys(KINDS.values()), Status.NOT_APPLICABLE.value)
"""
The kinds of `Status.NOT_APPLICABLE`, in the order in which they are told.
"""


PLANNED = "lockdown.scope.planned"
"""
The message of a domain that moves later, as planned.
"""


def kind_of(finding: Finding) -> str:
    """
    The status of a finding; of `Status.NOT_APPLICABLE` which kind it is, and of `Status.FAIL` whether only a date is waited for.
    """
    if finding.status is Status.FAIL and finding.message.id == PLANNED:
        return "planned"
    kinds = (KINDS[cause] for cause in finding.causes if cause in KINDS) if finding.status is Status.NOT_APPLICABLE else ()
    return next(iter(kinds), finding.status.value)


def gravest(statuses: Iterable[Status]) -> Status | None:
    """
    The gravest of several statuses, None for none.
    """
    return min(statuses, key=GRAVITY.index, default=None)


class Labels:
    """
    The labels of one language.

    Args:
        catalogue: Where they come from.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __call__(self, label: str, /, **values: Any) -> str:
        """
        One label.

        Args:
            label: ``group.name`` without the ``ui.`` in front.
            values: What it needs.
        """
        group, _, name = label.partition(".")
        return self.catalogue.fill(self.catalogue.fields(f"ui.{group}")[name], values, f"ui.{label}")

    def pick(self, group: str, name: str) -> str:
        """
        The label of a code; the code itself where there is none, so that a newer document can still be shown.
        """
        fields = self.catalogue.fields(f"ui.{group}")
        return fields.get(name, name)

    def region(self, code: str) -> str:
        """
        The name of a region of the gateway, and its code; the code alone where there is no such region.
        """
        name = self.catalogue.region(code)
        return code if name == code else f"{name} ({code})"

    def sign(self, status: Status) -> str:
        """
        The sign of a status.
        """
        return SIGNS[status]

    def word(self, status: Status) -> str:
        """
        The word of a status.
        """
        return self.pick("status", status.value)

    def step(self, step: str) -> str:
        """
        The title of a step.
        """
        key = f"steps.{step}"
        return self.catalogue.text(key, "title") if self.catalogue.has(key) else step

    def reason(self, step: str) -> str:
        """
        Why there is this step.
        """
        key = f"steps.{step}"
        return self.catalogue.text(key, "why") if self.catalogue.has(key) else ""

    def counts(self, findings: Iterable[Finding]) -> list[tuple[Status, str]]:
        """
        How many there are of each status, gravest first, in words; what was not looked at by kind.
        """
        found = [kind_of(finding) for finding in findings]
        looked = [status.value for status in GRAVITY if status is not Status.NOT_APPLICABLE]
        kinds = [*looked[: looked.index("fail") + 1], "planned", *looked[looked.index("fail") + 1 :], *SKIPPED]
        return [(_status_of(kind), self(f"counted.{kind}", n=found.count(kind))) for kind in kinds if kind in found]


def _status_of(kind: str) -> Status:
    if kind in SKIPPED:
        return Status.NOT_APPLICABLE
    return Status.FAIL if kind == "planned" else Status(kind)


MANY_WAIT = 5
"""
Open ends that wait for one thing, from which on the verdict says so.
"""


def verdict_line(result: Result, labels: Labels) -> str:
    """
    The answer of a run in one line.
    """
    statuses = [finding.status for finding in result.findings]
    if result.verdict is Verdict.NOT_READY:
        return labels("verdict.planned" if _planned(result) else "verdict.not_ready", n=statuses.count(Status.FAIL))
    if result.verdict is Verdict.INCOMPLETE:
        open_ends = _open_ends(result)
        if not open_ends:
            return labels("verdict.incomplete_empty")
        waiting = _waiting(result)
        return labels("verdict.incomplete_waiting" if waiting >= MANY_WAIT else "verdict.incomplete", n=open_ends, waiting=waiting)
    return labels.pick("verdict", "ready_spreading" if _spreading(result) else "ready_waits" if _waits(result) else f"ready_{result.phase}")


def _open_ends(result: Result) -> int:
    return sum(finding.status in (Status.UNKNOWN, Status.MANUAL) for finding in result.findings)


def _waiting(result: Result) -> int:
    """
    How many findings wait for the one thing to do that most of them wait for.
    """
    return max((len(action.consequences) for action in next_actions(result.findings)), default=0)


def verdict_meaning(result: Result, labels: Labels) -> str:
    """
    What the answer means for the mail, in one or two sentences.
    """
    if _refusing(result):
        return labels("verdict_means.refusing")
    if _planned(result):
        return labels("verdict_means.planned")
    if _premature(result):
        return labels("verdict_means.premature", phase=labels.pick("phase_short", result.phase))
    if result.verdict is Verdict.READY and _spreading(result):
        return labels("verdict_means.ready_spreading")
    if result.verdict is Verdict.READY and _waits(result):
        return labels("verdict_means.ready_waits")
    if result.verdict is Verdict.READY:
        soon = sum(finding.status is Status.WARN for finding in result.findings)
        first = labels("verdict_means.in_order_but", n=soon) if soon else labels("verdict_means.in_order")
        return f"{first} {labels.pick('verdict_means', f'ready_{result.phase}')}"
    means, waiting = labels.pick("verdict_means", f"{result.verdict.value}_{result.phase}"), _waiting(result)
    if result.verdict is Verdict.NOT_READY and waiting >= MANY_WAIT:
        return f"{means} {labels('verdict_means.besides', n=_open_ends(result), waiting=waiting)}"
    return means


def next_line(result: Result, labels: Labels) -> str:
    """
    What comes next where nothing is broken or open in this phase.
    """
    wait = wait_for_lock(result.cutover, labels.catalogue) if result.phase == "cutover" else ""
    name = "spreading" if _spreading(result) else "waits" if _waits(result) else "lock_waits" if wait else result.phase
    return labels.catalogue.fill(labels.pick("none_left", name), {"wait": wait})


def _waits(result: Result) -> bool:
    """
    True where all is prepared and the move has to wait all the same, for a TTL that is too long for example.
    """
    gate = result.gates.get("move_mx")
    return result.phase == "prepare" and gate is not None and gate.stage is Stage.AHEAD and gate.answer is not Answer.GO


def _refusing(result: Result) -> bool:
    """
    True where the platform is locked while mail still comes by the old way: mail is being turned away at this moment.
    """
    return any(each.status is Status.FAIL and "locked_early" in each.causes for each in result.findings)


def _planned(result: Result) -> bool:
    """
    True where nothing is wrong but that other domains move later, as planned, and the lock has to wait for them.
    """
    broken = [each for each in result.findings if each.status is Status.FAIL]
    return bool(broken) and all(each.message.id == PLANNED for each in broken)


def _premature(result: Result) -> bool:
    """
    True where the phase is after the move, and no domain's MX has moved.
    """
    seen = [each for each in result.findings if each.check == "mx.gateway" and each.status is not Status.NOT_APPLICABLE]
    return result.phase != "prepare" and bool(seen) and all(each.causes == ("not_moved",) for each in seen)


def _spreading(result: Result) -> bool:
    """
    True where MX has moved and some resolvers still give the old records: there is nothing to do but wait.
    """
    return result.phase == "cutover" and any(each.check == "mx.propagation" and each.status is Status.WARN for each in result.findings)
