"""
Findings, verdict and the result document.
"""

from __future__ import annotations

import json

import pytest

from runbook_lib.errors import ResultError
from runbook_lib.results import Answer, Finding, Gate, Message, Result, Status, Verdict, Words, verdict_of


def _finding(status: Status, subject: str = "alder.example") -> Finding:
    return Finding(
        "mx.gateway",
        "mx",
        subject,
        status,
        Message("mx.gateway.pass", {"n": 1}),
        words=Words("s", "e", "o", "r", "consultant", "p", "RFC 5321"),
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], Verdict.INCOMPLETE),
        ([Status.PASS], Verdict.READY),
        ([Status.PASS, Status.WARN, Status.NOT_APPLICABLE, Status.WAIVED], Verdict.READY),
        ([Status.PASS, Status.UNKNOWN], Verdict.INCOMPLETE),
        ([Status.PASS, Status.MANUAL], Verdict.INCOMPLETE),
        ([Status.FAIL, Status.UNKNOWN, Status.MANUAL], Verdict.NOT_READY),
    ],
)
def test_verdict(statuses: list[Status], expected: Verdict) -> None:
    """
    Any fail is not ready; else any unknown or manual is incomplete; else ready; and nothing at all is never ready.
    """
    assert expected == verdict_of(map(_finding, statuses))


@pytest.mark.parametrize(("verdict", "expected"), [(Verdict.READY, 0), (Verdict.NOT_READY, 1), (Verdict.INCOMPLETE, 3)])
def test_exit_status(verdict: Verdict, expected: int) -> None:
    """
    Each verdict has the exit status of the contract.
    """
    assert expected == verdict.exit_status


def _result() -> Result:
    return Result(
        tool_version="1",
        runbook="microsoft_365",
        phase="prepare",
        environment={"customer": "Älder"},
        started="2026-11-23T16:00:00Z",
        finished="2026-11-23T16:00:01Z",
        vantage={"addresses": [], "nameservers": [], "proxy": None, "port_25": "unknown"},
        findings=(_finding(Status.FAIL), _finding(Status.PASS, "other.example")),
        gates={"move_mx": Gate(Answer.NO_GO, ("mx.gateway alder.example",))},
        observations={"o1": {"kind": "person"}},
    )


def test_a_result_survives_being_stored() -> None:
    """
    A result document read again is the same result.
    """
    result = _result()

    assert result == Result.from_json(json.loads(result.dumps()))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"schema": "inbound-runbook/result/2"},
        {"schema": "inbound-runbook/result/1"},
        {"schema": "inbound-runbook/result/1", "findings": 3},
    ],
)
def test_what_is_no_result_is_refused(document: dict[str, object]) -> None:
    """
    A document of another version, or a damaged one, raises an error for people.
    """
    with pytest.raises(ResultError):
        Result.from_json(document)
