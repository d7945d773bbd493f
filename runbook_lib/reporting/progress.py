"""
Where a step is: whether its act is still ahead, and whether its instructions would only stand in the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..knowledge.gates import gate_rules
from ..results import Finding, Result, Stage, Status
from .labels import gravest

IN_ORDER = (Status.PASS, Status.WARN, Status.NOT_APPLICABLE)
"""
Statuses of findings that block a gate though nothing is wrong: its time has not come.
"""


def has_to_wait(step: str, whole: Result | None) -> bool:
    """
    True for a step whose act is ahead while something that is wrong or not known stands against it, wherever that was found.

    Args:
        step: Its id.
        whole: The whole result, None as long as nothing was asked.
    """
    if whole is None:
        return False
    statuses = {finding.name: finding.status for finding in whole.findings}
    gates = [whole.gates[name] for name in _acts(step)]
    return any(statuses.get(name) not in IN_ORDER for gate in gates if gate.stage is Stage.AHEAD for name in gate.blocked_by)


def is_due(step: str, whole: Result | None) -> bool:
    """
    False for a step whose act is still ahead: then all may be right, and yet nothing of it is done.

    Args:
        step: Its id.
        whole: The whole result, None as long as nothing was asked.
    """
    return whole is None or all(whole.gates[name].stage is Stage.DONE for name in _acts(step))


def _acts(step: str) -> list[str]:
    """
    The acts of a step: its gates, but for the way back, which nobody wants to take.
    """
    return [name for name, rule in gate_rules().items() if rule.step == step and name != "roll_back"]


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
