"""
What a judge has to say of one subject, before it becomes a finding; and how several sayings of one subject become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..observations import Problem, Stage, Trouble
from ..results import GRAVITY, Finding, Message, Status
from .case import Check

TOGETHER = "together"
"""
Value of a message: the name of what a person looks at once for several checks, and confirms as one.
"""
_TROUBLES: Mapping[Trouble, str] = {
    Trouble.NOT_RESOLVED: "not_resolved",
    Trouble.REFUSED: "connection_refused",
    Trouble.TIMEOUT: "connect_timeout",
    Trouble.UNREACHABLE: "unreachable",
    Trouble.CLOSED: "protocol_error",
    Trouble.CERTIFICATE: "protocol_error",
    Trouble.PROTOCOL: "protocol_error",
    Trouble.LIMIT: "limit",
    Trouble.PROXY: "proxy_error",
    Trouble.LOCAL: "local_error",
    Trouble.NOT_ASKED: "limit",
}


@dataclass(frozen=True, slots=True)
class Said:
    """
    A verdict without its subject.

    Args:
        status: The verdict.
        message: Message id in full; several checks may share one.
        values: What the message needs.
        causes: Gravest first.
        evidence: Ids of observations, or names of findings.
    """

    status: Status
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def about(self, check: Check, subject: str) -> Finding:
        """
        The finding.
        """
        finding = check.finding(subject, self.status, self.message, self.values, causes=self.causes, evidence=self.evidence)
        return replace(finding, message=Message(self.message, dict(self.values)))


def not_reached(stopper: str | Sequence[str], status: Status) -> Said:
    """
    What is said of a check that could not be reached.

    Args:
        stopper: ``check subject`` of the finding that stopped it, or of several.
        status: Their verdict: what is not known stops what follows from being known.
    """
    stoppers = [stopper] if isinstance(stopper, str) else list(stopper)
    now, message = (
        (Status.UNKNOWN, "common.not_reached_unknown") if status is Status.UNKNOWN else (Status.NOT_APPLICABLE, "common.not_reached")
    )
    return Said(now, message, {"stopper": stoppers}, causes=("not_reached",), evidence=tuple(stoppers))


def with_causes_of_stoppers(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """
    Give what is unknown because something before it is unknown the causes of that, so that each such finding says by itself why.

    Args:
        findings: All findings of a run; one that was not reached names in its evidence the finding that stopped it.
    """
    named = {finding.name: finding for finding in findings}

    def causes(finding: Finding, seen: frozenset[str]) -> tuple[str, ...]:
        if finding.status is not Status.UNKNOWN or finding.causes != ("not_reached",):
            return finding.causes
        stoppers = [named[name] for name in finding.evidence if name in named and name not in seen]
        found = [cause for stopper in stoppers for cause in causes(stopper, seen | {finding.name}) if stopper.status is Status.UNKNOWN]
        return tuple(dict.fromkeys([*found, "not_reached"]))

    made = []
    for finding in findings:
        all_causes = causes(finding, frozenset())
        made.append(finding if all_causes == finding.causes else replace(finding, cause=all_causes[0], causes=all_causes))
    return tuple(made)


def left_out(kind: str) -> Said:
    """
    What is said of a check whose probes this run was not allowed to make.
    """
    return Said(Status.NOT_APPLICABLE, "common.left_out", {"kind": kind}, causes=("left_out",))


def cause_of(problem: Problem) -> str:
    """
    The contract's word for what stopped a dialogue; a time-out after the connection opened is an error of the protocol.
    """
    if problem.trouble is Trouble.TIMEOUT and problem.stage is not Stage.CONNECT:
        return "protocol_error"
    return _TROUBLES[problem.trouble]


def gravest(items: Sequence[Said]) -> Said:
    """
    The gravest of several sayings about one subject, with all causes and all evidence.

    Args:
        items: At least one.
    """
    ordered = sorted(items, key=lambda item: GRAVITY.index(item.status))
    worst = ordered[0]
    same = [item for item in ordered if item.status is worst.status]
    causes = tuple(dict.fromkeys(cause for item in same for cause in item.causes))
    evidence = tuple(dict.fromkeys(key for item in ordered for key in item.evidence))
    return replace(worst, causes=causes, evidence=evidence)


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """
    One finding for each check and subject: where two hosts share an address the gravest is kept, with all causes and evidence.
    """
    kept: dict[str, Finding] = {}
    for finding in findings:
        other = kept.get(finding.name)
        if other is None:
            kept[finding.name] = finding
            continue
        first, second = sorted((other, finding), key=lambda item: GRAVITY.index(item.status))
        causes = first.causes if first.status is not second.status else tuple(dict.fromkeys((*first.causes, *second.causes)))
        evidence = tuple(dict.fromkeys((*first.evidence, *second.evidence)))
        kept[finding.name] = replace(first, causes=causes, evidence=evidence)
    return list(kept.values())
