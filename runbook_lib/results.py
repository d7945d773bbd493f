"""
What a run comes to: findings, gates, the verdict, and the result document (contract section 3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from .errors import ResultError
from .knowledge.text import Message, Words

__all__ = ["GATES", "MIME_TYPE", "SCHEMA", "Answer", "Finding", "Gate", "Message", "Result", "Status", "Verdict", "Words", "verdict_of"]

SCHEMA = "inbound-runbook/result/1"
"""
Version of the result document. Keys are only ever added within it.
"""
MIME_TYPE = "application/vnd.inbound-runbook.result+json"
"""
Type of the notebook output that carries the result document.
"""


class Status(StrEnum):
    """
    What a finding says.
    """

    PASS = "pass"  # noqa: S105  # a status, no password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


GRAVITY = (Status.FAIL, Status.UNKNOWN, Status.MANUAL, Status.WARN, Status.WAIVED, Status.PASS, Status.NOT_APPLICABLE)
"""
Gravest first.
"""


class Verdict(StrEnum):
    """
    What a run says as a whole.
    """

    READY = "ready"
    NOT_READY = "not_ready"
    INCOMPLETE = "incomplete"

    @property
    def exit_status(self) -> int:
        """
        Exit status of `runbook check` and `runbook run`.
        """
        return {Verdict.READY: 0, Verdict.NOT_READY: 1, Verdict.INCOMPLETE: 3}[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What one check says of one subject.

    Args:
        check: Check id of the contract.
        step: Step it belongs to.
        subject: What it is about, spelt as the contract says.
        status: The verdict.
        message: What is to be said.
        cause: The gravest cause, None where nothing is wrong.
        causes: All causes, gravest first.
        evidence: Ids of observations; for a check that was not reached, ``check subject`` of the finding that stopped it.
        words: The sentences, once they are made.
    """

    check: str
    step: str
    subject: str
    status: Status
    message: Message
    cause: str | None = None
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    words: Words = field(default_factory=Words)

    @property
    def name(self) -> str:
        """
        ``check subject``: unique in a result.
        """
        return f"{self.check} {self.subject}"

    def worded(self, words: Words) -> Finding:
        """
        The same finding with its sentences.
        """
        return replace(self, words=words)

    def to_json(self) -> dict[str, Any]:
        """
        The finding as the result document has it.
        """
        return {
            "check": self.check,
            "step": self.step,
            "subject": self.subject,
            "status": self.status.value,
            "summary": self.words.summary,
            "expected": self.words.expected,
            "observed": self.words.observed,
            "cause": self.cause,
            "causes": list(self.causes),
            "message": {"id": self.message.id, "values": dict(self.message.values)},
            "remedy": self.words.remedy,
            "who": self.words.who,
            "paste": self.words.paste,
            "source": self.words.source,
            "evidence": list(self.evidence),
        }


class Answer(StrEnum):
    """
    Answer of a gate: may it be pressed now?
    """

    GO = "go"
    NO_GO = "no_go"
    OPEN = "open"


class Stage(StrEnum):
    """
    Where an act stands: still to be done, done, done though something of it is not right or not known yet, or without an object (nothing
    has moved that could be moved back).
    """

    AHEAD = "ahead"
    DONE = "done"
    FLAWED = "flawed"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Gate:
    """
    One irreversible act and what stands against it.

    Args:
        answer: May it be done now?
        blocked_by: Names of the findings that block it.
        stage: Where the act stands; `Stage.DONE` only where nothing blocks it, `Stage.FLAWED` only where something does.
    """

    answer: Answer = Answer.OPEN
    blocked_by: tuple[str, ...] = ()
    stage: Stage = Stage.AHEAD

    def to_json(self) -> dict[str, Any]:
        """
        The gate as the result document has it.
        """
        return {"answer": self.answer.value, "blocked_by": list(self.blocked_by), "stage": self.stage.value}


GATES = ("move_mx", "lock", "roll_back")


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """
    The verdict of a run: any fail is `not_ready`; else any unknown or manual is `incomplete`; else `ready`.

    An empty run is `incomplete`: nothing was found out.
    """
    statuses = {finding.status for finding in findings}
    if Status.FAIL in statuses:
        return Verdict.NOT_READY
    if not statuses or statuses & {Status.UNKNOWN, Status.MANUAL}:
        return Verdict.INCOMPLETE
    return Verdict.READY


@dataclass(frozen=True, slots=True)
class Result:
    """
    The result of one run, as the result document holds it (every field is JSON already but for the findings and gates).
    """

    tool_version: str
    runbook: str
    phase: str
    environment: Mapping[str, Any]
    started: str
    finished: str
    vantage: Mapping[str, Any]
    findings: tuple[Finding, ...]
    gates: Mapping[str, Gate]
    observations: Mapping[str, Mapping[str, Any]]
    attestations: tuple[Mapping[str, Any], ...] = ()
    waivers: tuple[Mapping[str, Any], ...] = ()
    language: str = "en"
    cutover: Mapping[str, Any] | None = None

    @property
    def verdict(self) -> Verdict:
        """
        What the run says as a whole.
        """
        return verdict_of(self.findings)

    def to_json(self) -> dict[str, Any]:
        """
        The result document.
        """
        return {
            "schema": SCHEMA,
            "tool_version": self.tool_version,
            "runbook": self.runbook,
            "phase": self.phase,
            "language": self.language,
            "environment": dict(self.environment),
            "started": self.started,
            "finished": self.finished,
            "vantage": dict(self.vantage),
            "verdict": self.verdict.value,
            "gates": {name: gate.to_json() for name, gate in self.gates.items()},
            "findings": [finding.to_json() for finding in self.findings],
            "observations": {key: dict(value) for key, value in self.observations.items()},
            "attestations": [dict(item) for item in self.attestations],
            "waivers": [dict(item) for item in self.waivers],
            **({"cutover": dict(self.cutover)} if self.cutover is not None else {}),
        }

    def dumps(self) -> str:
        """
        The result document as text, UTF-8 safe, ending in a line feed.
        """
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Result:
        """
        Read a result document.

        Raises:
            ResultError: It is not one, or of another version.
        """
        if document.get("schema") != SCHEMA:
            raise ResultError(f"This is not a result of version 1: schema is {document.get('schema')!r}, expected {SCHEMA!r}.")
        try:
            findings = tuple(_finding(item) for item in document["findings"])
            gates = {name: _gate(item) for name, item in document["gates"].items()}
            return cls(
                tool_version=document["tool_version"],
                runbook=document["runbook"],
                phase=document["phase"],
                environment=document["environment"],
                started=document["started"],
                finished=document["finished"],
                vantage=document["vantage"],
                findings=findings,
                gates=gates,
                observations=document["observations"],
                attestations=tuple(document["attestations"]),
                waivers=tuple(document["waivers"]),
                language=document.get("language", "en"),
                cutover=document.get("cutover"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ResultError(f"The result document is damaged: {error!r}") from error


def _gate(item: Mapping[str, Any]) -> Gate:
    return Gate(Answer(item["answer"]), tuple(item["blocked_by"]), Stage(item.get("stage", Stage.AHEAD)))


def _finding(item: Mapping[str, Any]) -> Finding:
    words = Words(
        summary=item["summary"],
        expected=item["expected"],
        observed=item["observed"],
        remedy=item["remedy"],
        who=item.get("who", ""),
        paste=item.get("paste", ""),
        source=item["source"],
    )
    return Finding(
        check=item["check"],
        step=item["step"],
        subject=item["subject"],
        status=Status(item["status"]),
        message=Message(item["message"]["id"], item["message"]["values"]),
        cause=item["cause"],
        causes=tuple(item["causes"]),
        evidence=tuple(item["evidence"]),
        words=words,
    )
