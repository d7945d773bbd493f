"""
What a check is given, and what a check is.

A check has two halves that share their questions: a *plan* that yields what must be asked, and a *judge* that replays what was observed and
says what it means. Both are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from ..environment import Environment
from ..exports import Exports
from ..knowledge.text import Message
from ..observations import DnsAnswer, DnsOutcome, GivenText, Observation, Observations, Plan, Question, Stored, Via, replay
from ..results import Finding, Status

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """
    One customer as a check sees it.

    Args:
        environment: What is intended.
        observations: What was seen so far.
        now: The time of judging, UTC.
        exports: What the tenant exported.
        disbelieved: The resolver denies names that are known to exist (see `belief`), so its NXDOMAIN says nothing.
    """

    environment: Environment
    observations: Observations
    now: datetime
    exports: Exports = field(default_factory=Exports)
    disbelieved: bool = False

    def replay(self, plan: Plan[T]) -> T:
        """
        Carry out a plan against what was observed.
        """
        return replay(plan, self._answer)

    def _answer(self, question: Question) -> Observation:
        found = self.observations.answer(question)
        if not self.disbelieved or not isinstance(found, DnsAnswer) or found.question.via is not Via.RESOLVER:
            return found
        return replace(found, outcome=DnsOutcome.DISBELIEVED) if found.outcome is DnsOutcome.NXDOMAIN else found

    def evidence(self, *observed: Stored) -> tuple[str, ...]:
        """
        The ids of observations, for a finding.
        """
        return self.observations.ids_of(*observed)

    def evidence_of(self, *exported: object) -> tuple[str, ...]:
        """
        The ids of the files that exported objects came from.
        """
        files = [export for each in exported if (export := self.exports.file_of(each)) is not None]
        return self.observations.ids_of(*(GivenText(export.file, "", export.sha256) for export in files))


@dataclass(frozen=True, slots=True)
class Check:
    """
    One check of the contract.

    Args:
        id: For example ``mx.gateway``.
        step: Step it belongs to.
        judge: From a case to its findings, at least one.
        plan: What must be asked first; None where nothing is.
        everywhere: It is shown for platforms that it does not concern, too (as `not_applicable`), though its id is in their family.
    """

    id: str
    step: str
    judge: Callable[[Case, Check], Iterable[Finding]]
    plan: Callable[[Case], Plan[Any]] | None = None
    everywhere: bool = False

    def finding(
        self,
        subject: str,
        status: Status,
        message: str,
        values: Mapping[str, Any] | None = None,
        *,
        causes: Iterable[str] = (),
        evidence: Iterable[str] = (),
    ) -> Finding:
        """
        Make a finding of this check.

        Args:
            subject: What it is about, spelt as the contract says.
            status: The verdict.
            message: Message id; where it does not begin with the check's id and a dot, that is put in front.
            values: What the message needs.
            causes: Gravest first.
            evidence: Ids of observations.
        """
        key = message if message.startswith((f"{self.id}.", "common.")) else f"{self.id}.{message}"
        all_causes = tuple(dict.fromkeys(causes))
        return Finding(
            check=self.id,
            step=self.step,
            subject=subject,
            status=status,
            message=Message(key, dict(values or {})),
            cause=all_causes[0] if all_causes else None,
            causes=all_causes,
            evidence=tuple(dict.fromkeys(evidence)),
        )
