"""
Which checks bear on which irreversible act. Data are in ``gates.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class GateRule:
    """
    One gate.

    Args:
        name: ``move_mx``, ``lock`` or ``roll_back``.
        step: Id of the step whose card shows it.
        checks: Ids of the checks that bear on it; one with a final dot stands for a family.
        early: Likewise, but only for domains that have not moved yet.
        warnings: Checks whose warnings block it; with causes only those.
        cured: Checks and the causes of faults that the act itself puts right, or that are put right after it.
        itself: Checks that a person confirms at lockdown for the act itself, so that it cannot wait for that.
    """

    name: str
    step: str
    checks: tuple[str, ...]
    early: frozenset[str]
    warnings: Mapping[str, frozenset[str]]
    cured: Mapping[str, frozenset[str]]
    itself: frozenset[str]

    def has(self, check: str) -> bool:
        """
        True where a check bears on it, early or at any time.
        """
        return check in self.early or check in self.checks or f"{check.split('.', 1)[0]}." in self.checks


@cache
def gate_rules() -> Mapping[str, GateRule]:
    """
    All gates by name.
    """
    data = tomllib.loads(files(__package__).joinpath("gates.toml").read_text(encoding="utf-8"))
    return {
        name: GateRule(
            name,
            entry["step"],
            tuple(entry["checks"]),
            frozenset(entry["early"]),
            {check: frozenset(causes) for check, causes in entry.get("warnings", {}).items()},
            {check: frozenset(causes) for check, causes in entry.get("cured", {}).items()},
            frozenset(entry.get("itself", ())),
        )
        for name, entry in data.items()
        if isinstance(entry, dict)
    }
