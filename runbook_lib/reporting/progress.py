"""
Where a step is: whether its act is still ahead, and whether its instructions would only stand in the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..knowledge.gates import gate_rules
from ..results import Finding, Result, Stage, Status
from .labels import gravest


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
