"""
What is to be done next: the remedies of all findings that are not fine, each once, most urgent first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..results import Finding, Status

URGENT = (Status.FAIL, Status.UNKNOWN, Status.MANUAL, Status.WARN)
"""
The statuses that leave something to do, most urgent first.
"""


@dataclass(frozen=True, slots=True)
class Action:
    """
    One thing to do.

    Args:
        findings: What it puts right, gravest first; all have the same remedy.
        consequences: Findings that could not be reached because of these, and have no remedy of their own.
    """

    findings: tuple[Finding, ...]
    consequences: tuple[Finding, ...] = ()

    @property
    def first(self) -> Finding:
        """
        The gravest finding.
        """
        return self.findings[0]

    @property
    def status(self) -> Status:
        """
        The gravest status.
        """
        return self.first.status

    @property
    def subjects(self) -> tuple[str, ...]:
        """
        What it is about, each once.
        """
        return tuple(dict.fromkeys(finding.subject for finding in self.findings))

    @property
    def summaries(self) -> tuple[str, ...]:
        """
        Why it is to be done, each sentence once.
        """
        return tuple(dict.fromkeys(finding.words.summary for finding in self.findings))


def next_actions(findings: Sequence[Finding]) -> tuple[Action, ...]:
    """
    What to do next.

    Args:
        findings: In the order of the steps.

    Returns:
        Most urgent first: by status, then by step. Findings with the same remedy are one action. What was only not reached is no action of
        its own where the finding that stopped it is one.
    """
    open_ends = [finding for status in URGENT for finding in findings if finding.status is status]
    names = {finding.name for finding in open_ends}
    stoppers = {finding.name: stopper for finding in open_ends if (stopper := _stopper(finding, names)) is not None}
    groups: dict[tuple[str, ...], list[Finding]] = {}
    consequences: dict[str, list[Finding]] = {}
    for finding in open_ends:
        root = _root(finding.name, stoppers)
        if root != finding.name:
            consequences.setdefault(root, []).append(finding)
        else:
            groups.setdefault(_key(finding), []).append(finding)
    return tuple(
        Action(tuple(group), tuple(after for finding in group for after in consequences.get(finding.name, ()))) for group in groups.values()
    )


def _key(finding: Finding) -> tuple[str, ...]:
    words = finding.words
    return (words.remedy, words.who, words.paste) if words.remedy else ("", words.who, words.paste, words.summary)


def _stopper(finding: Finding, names: AbstractSet[str]) -> str | None:
    if finding.words.remedy:
        return None
    return next((name for name in finding.evidence if name in names and name != finding.name), None)


def _root(name: str, stoppers: Mapping[str, str]) -> str:
    """
    What stopped it in the first place; the name itself where nothing did, or where the chain runs in a circle.
    """
    seen = [name]
    while seen[-1] in stoppers:
        following = stoppers[seen[-1]]
        if following in seen:
            return name
        seen.append(following)
    return seen[-1]
