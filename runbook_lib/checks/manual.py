"""
Checks that a person answers: those of the table ``manual.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..knowledge.manual import ManualCheck, manual_checks
from ..results import Finding, Status
from .case import Case, Check
from .tenant import TENANT, concerned, facts, furthest, not_concerned


def _judge(entry: ManualCheck) -> Callable[[Case, Check], Iterable[Finding]]:
    def judged(case: Case, check: Check) -> list[Finding]:
        scopes = concerned(case, entry.platforms)
        if not scopes:
            return [not_concerned(case, check)]
        values = facts(case, scopes)
        message = f"manual_{furthest(scopes).value}" if entry.varies else "manual"
        return [check.finding(TENANT, Status.MANUAL, message, values)]

    return judged


CHECKS: tuple[Check, ...] = tuple(Check(entry.id, entry.step, _judge(entry)) for entry in manual_checks())
