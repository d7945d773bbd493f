"""
The gates as the pages show them: the answer in words, and what blocks each or is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..knowledge.gates import gate_rules
from ..results import GATES, Answer, Finding, Gate, Result, Stage, Status
from .cutover import wait_for_lock
from .labels import Labels
from .progress import IN_ORDER
from .views import Link, Viewer

DOORS = "lockdown.direct"
"""
The check with a finding for every host of a platform, which one setting locks.
"""
GATE_SIGNS: Mapping[Answer, Status] = {Answer.GO: Status.PASS, Answer.NO_GO: Status.FAIL, Answer.OPEN: Status.UNKNOWN}


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


def gate_views(result: Result, viewer: Viewer, step: str = "") -> list[GateView]:
    """
    The gates in their order.

    Args:
        result: Whose gates they are.
        viewer: Knows the findings and the words.
        step: Id of the step whose card shows them; ``""`` for all.
    """
    gates = result.gates
    names = [*(name for name in GATES if name in gates), *(name for name in gates if name not in GATES)]
    rules = gate_rules()
    return [_view(name, result, viewer) for name in names if not step or (name in rules and rules[name].step == step)]


def _view(name: str, result: Result, viewer: Viewer) -> GateView:
    gate, labels = result.gates[name], viewer.labels
    ahead, flawed = gate.stage is Stage.AHEAD, gate.stage is Stage.FLAWED
    word = gate.answer.value if ahead else f"{name}_{gate.stage.value}"
    wait = wait_for_lock(result.cutover, labels.catalogue) if name == "lock" and ahead and gate.answer is Answer.GO else ""
    word = "lock_waits" if wait else word
    idle = gate.stage is Stage.IDLE
    fine = gate.answer is Answer.NO_GO and ahead and all(_in_order(blocker, viewer) for blocker in gate.blocked_by)
    status = Status.NOT_APPLICABLE if idle or fine else GATE_SIGNS[gate.answer]
    return GateView(
        title=labels.pick("gate", name),
        status=status,
        word=labels.pick("gate", word),
        means=labels("gate.lock_waits_means", wait=wait) if wait else _meaning(name, word, labels),
        blockers=() if idle else _blockers(name, gate, viewer),
        blocked=labels(f"gate.{'flaws' if flawed else 'waits_for' if gate.answer is Answer.OPEN else 'blocked_by'}"),
    )


def _in_order(blocker: str, viewer: Viewer) -> bool:
    """
    True for a finding that blocks a gate though nothing is wrong: its time has not come.
    """
    finding = viewer.by_name.get(blocker)
    return finding is not None and finding.status in IN_ORDER


def _meaning(name: str, word: str, labels: Labels) -> str:
    own = f"{name}_{word}_means"
    return labels.pick("gate", own if own in labels.catalogue.fields("ui.gate") else f"{word}_means")


def _blockers(name: str, gate: Gate, viewer: Viewer) -> tuple[Link, ...]:
    """
    What blocks a gate, each sentence once.
    """
    told: dict[str, Link] = {}
    for blocker in gate.blocked_by:
        link = _blocker(name, blocker, viewer)
        told.setdefault(link.text, link)
    return tuple(told.values())


def _blocker(gate: str, name: str, viewer: Viewer) -> Link:
    """
    What blocks a gate, with the reason where the finding itself is in order.
    """
    finding = viewer.by_name.get(name)
    if finding is not None and "not_asked" in finding.causes:
        return Link("", viewer.labels("gate.not_looked", step=viewer.labels.step(finding.step)), finding.step if viewer.live else "")
    reason = _reason(gate, finding, viewer.labels) if finding is not None and finding.status in IN_ORDER else ""
    if not reason or finding is None:
        return viewer.link(name, viewer.name(name))
    doors = {each.status for each in viewer.by_name.values() if each.check == DOORS and each.status is not Status.NOT_APPLICABLE}
    named = finding.check if finding.check == DOORS and len(doors) == 1 else name  # where all are shut none of them is named
    return viewer.link(name, f"{viewer.name(named)}: {reason}")


def _reason(gate: str, finding: Finding, labels: Labels) -> str:
    """
    Why a finding that is in order, or that this run left out, blocks a gate; ``""`` where that needs no words.
    """
    if "left_out" in finding.causes:
        return labels("gate.left_out")
    return labels.catalogue.fill(labels.catalogue.fields("ui.gate_because").get(f"{gate} {finding.check}", ""), {})
