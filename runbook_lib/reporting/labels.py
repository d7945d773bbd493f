"""
Signs and words: how a status looks, and the labels of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..knowledge.text import Catalogue
from ..results import GRAVITY, Result, Status, Verdict

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

    def counts(self, statuses: Iterable[Status]) -> list[tuple[Status, str]]:
        """
        How many there are of each status, gravest first, in words.
        """
        found = list(statuses)
        return [(status, self(f"counted.{status.value}", n=found.count(status))) for status in GRAVITY if status in found]


def verdict_line(result: Result, labels: Labels) -> str:
    """
    The answer of a run in one line.
    """
    statuses = [finding.status for finding in result.findings]
    if result.verdict is Verdict.NOT_READY:
        return labels("verdict.not_ready", n=statuses.count(Status.FAIL))
    if result.verdict is Verdict.INCOMPLETE:
        open_ends = statuses.count(Status.UNKNOWN) + statuses.count(Status.MANUAL)
        return labels("verdict.incomplete", n=open_ends) if open_ends else labels("verdict.incomplete_empty")
    return labels.pick("verdict", f"ready_{result.phase}")


def verdict_meaning(result: Result, labels: Labels) -> str:
    """
    What the answer means for the mail, in one or two sentences.
    """
    return labels.pick("verdict_means", f"{result.verdict.value}_{result.phase}")
