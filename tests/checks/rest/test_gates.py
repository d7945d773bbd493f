"""
The gates: what blocks which act, and what does not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runbook_lib.checks.gates import gates
from runbook_lib.checks.registry import CHECKS
from runbook_lib.knowledge.gates import gate_rules
from runbook_lib.knowledge.text import Message
from runbook_lib.results import Answer, Finding, Gate, Stage, Status

DOOR = "alder-example.mail.protection.outlook.com"


def _finding(name: str, status: str, *causes: str, stopped_by: str = "") -> Finding:
    check, _, subject = name.partition(" ")
    evidence = (stopped_by,) if stopped_by else ()
    return Finding(check, "x", subject or "tenant", Status(status), Message("x"), causes[0] if causes else None, causes, evidence)


HEALTHY = {
    "prepare": [
        _finding("domain.validation alder.example", "pass"),
        _finding("mx.gateway alder.example", "pass"),
        _finding("mx.ttl alder.example", "pass"),
        _finding("route.connect 192.0.2.1", "pass"),
        _finding(f"lockdown.direct {DOOR}", "pass"),
        _finding("senders.direct tenant", "not_applicable", "other_phase"),
    ],
    "cutover": [
        _finding("mx.gateway alder.example", "pass"),
        _finding("mx.propagation alder.example", "pass"),
        _finding("route.connect 192.0.2.1", "pass"),
        _finding(f"lockdown.direct {DOOR}", "pass"),
        _finding("senders.direct tenant", "pass"),
    ],
    "lockdown": [
        _finding("mx.gateway alder.example", "pass"),
        _finding("route.connect 192.0.2.1", "pass"),
        _finding(f"lockdown.direct {DOOR}", "pass", "locked"),
    ],
}


def _answers(desk: Any, phase: str, *more: Finding, recorded: tuple[str, ...] = ("alder.example",), **keys: Any) -> dict[str, Gate]:
    names = {finding.name for finding in more}
    findings = [finding for finding in HEALTHY[phase] if finding.name not in names] + list(more)
    return gates(desk.case(phase=phase, **keys), findings, recorded)


@pytest.mark.parametrize(
    ("phase", "answers"),
    [
        ("prepare", {"move_mx": "go", "lock": "no_go", "roll_back": "go"}),
        ("cutover", {"move_mx": "go", "lock": "go", "roll_back": "go"}),
        ("lockdown", {"move_mx": "go", "lock": "go", "roll_back": "no_go"}),
    ],
)
def test_healthy(desk: Any, phase: str, answers: dict[str, str]) -> None:
    """
    Ready to move before the move, ready to lock after it, and no way back while locked.
    """
    assert answers == {name: gate.answer.value for name, gate in _answers(desk, phase).items()}


def test_lock_is_shut_before_the_move(desk: Any) -> None:
    """
    Before MX has moved the lock is blocked by where MX leads, though that is right for now.
    """
    assert Gate(Answer.NO_GO, ("mx.gateway alder.example",)) == _answers(desk, "prepare")["lock"]


def test_roll_back_is_shut_while_locked(desk: Any) -> None:
    """
    MX back while the platform is locked is total loss: each locked door blocks it.
    """
    assert Gate(Answer.NO_GO, (f"lockdown.direct {DOOR}",)) == _answers(desk, "lockdown")["roll_back"]


@pytest.mark.parametrize(
    ("finding", "gate"),
    [
        (_finding("mx.ttl alder.example", "warn", "long_ttl"), Gate(Answer.NO_GO, ("mx.ttl alder.example",))),
        (_finding("domain.validation alder.example", "fail", "absent"), Gate(Answer.NO_GO, ("domain.validation alder.example",))),
        (_finding("domain.validation alder.example", "warn"), Gate(Answer.GO)),
        (_finding("domain.validation alder.example", "waived"), Gate(Answer.GO)),
        (_finding("route.recipient 192.0.2.1", "unknown", "greylisted"), Gate(Answer.OPEN, ("route.recipient 192.0.2.1",))),
        (_finding("recipients.coverage tenant", "manual"), Gate(Answer.OPEN, ("recipients.coverage tenant",))),
        (_finding("mta_sts.policy alder.example", "warn", "gateway_left_out"), Gate(Answer.NO_GO, ("mta_sts.policy alder.example",))),
        (_finding("mta_sts.policy alder.example", "warn", "syntax"), Gate(Answer.GO)),
        (_finding("spf.record alder.example", "fail"), Gate(Answer.GO)),
        (_finding(f"lockdown.direct {DOOR}", "fail", "locked_early"), Gate(Answer.NO_GO, (f"lockdown.direct {DOOR}",))),
        (_finding("ranges.current eu", "not_applicable", "left_out"), Gate(Answer.OPEN, ("ranges.current eu",))),
        (_finding("google.allowlist tenant", "not_applicable", "other_platform"), Gate(Answer.GO)),
        (_finding("domain.validation parked.example", "fail"), Gate(Answer.GO)),
    ],
)
def test_move(desk: Any, finding: Finding, gate: Gate) -> None:
    """
    Each finding blocks the move or does not, and nothing else is named.
    """
    domains = ["alder.example", {"name": "parked.example", "role": "parked"}]

    assert gate == _answers(desk, "prepare", finding, domains=domains)["move_mx"]


@pytest.mark.parametrize(
    ("finding", "gate"),
    [
        (_finding("mx.propagation alder.example", "warn", "old_served"), Gate(Answer.NO_GO, ("mx.propagation alder.example",))),
        (_finding("mx.propagation alder.example", "not_applicable", "none_to_ask"), Gate(Answer.GO)),
        (_finding("mx.gateway alder.example", "fail", "residual"), Gate(Answer.NO_GO, ("mx.gateway alder.example",))),
        (_finding("mx.gateway alder.example", "unknown", "dns_timeout"), Gate(Answer.OPEN, ("mx.gateway alder.example",))),
        (_finding("senders.direct Scanner", "warn", "direct_sender"), Gate(Answer.NO_GO, ("senders.direct Scanner",))),
        (_finding("lockdown.scope other.example", "fail", "not_moved"), Gate(Answer.NO_GO, ("lockdown.scope other.example",))),
        (_finding("lockdown.scope alder.onmicrosoft.com", "warn", "cannot_move"), Gate(Answer.GO)),
        (_finding("delivery.headers tenant", "manual"), Gate(Answer.OPEN, ("delivery.headers tenant",))),
        (_finding("m365.inbound_connector Gateway", "fail", "missing"), Gate(Answer.NO_GO, ("m365.inbound_connector Gateway",))),
        (_finding("m365.inbound_connector Gateway", "fail", "not_restricted"), Gate(Answer.GO)),
        (
            _finding("m365.inbound_connector Gateway", "fail", "missing", "not_restricted"),
            Gate(Answer.NO_GO, ("m365.inbound_connector Gateway",)),
        ),
        (_finding("route.certificate 192.0.2.1", "fail", "expired"), Gate(Answer.GO)),
    ],
)
def test_lock(desk: Any, finding: Finding, gate: Gate) -> None:
    """
    Each finding blocks the lock or does not; what the lock itself puts right does not.
    """
    assert gate == _answers(desk, "cutover", finding)["lock"]


def test_what_is_known_to_be_wrong_comes_first(desk: Any) -> None:
    """
    A gate that is shut lists what is wrong, then what is not known.
    """
    unknown = _finding("gateway.accepts alder.example", "unknown", "greylisted")
    wrong = _finding("allowlist.coverage allowlist", "fail", "missing")

    assert Gate(Answer.NO_GO, (wrong.name, unknown.name)) == _answers(desk, "prepare", unknown, wrong)["move_mx"]


def test_what_was_not_reached_is_blocked_by_its_root(desk: Any) -> None:
    """
    A chain of findings that were not reached leads to the one that stopped them, once.
    """
    root = _finding("route.connect 192.0.2.1", "unknown", "connect_timeout")
    chain = [
        _finding("route.greeting 192.0.2.1", "unknown", "not_reached", stopped_by=root.name),
        _finding("route.starttls 192.0.2.1", "unknown", "not_reached", stopped_by="route.greeting 192.0.2.1"),
    ]

    assert Gate(Answer.OPEN, (root.name,)) == _answers(desk, "prepare", root, *chain)["move_mx"]


@pytest.mark.parametrize(
    ("phase", "finding", "gate"),
    [
        ("lockdown", _finding(f"lockdown.direct {DOOR}", "fail", "open"), Gate(Answer.GO)),
        ("lockdown", _finding(f"lockdown.direct {DOOR}", "unknown", "stage_unproven"), Gate(Answer.OPEN, (f"lockdown.direct {DOOR}",))),
        (
            "lockdown",
            _finding(f"lockdown.direct {DOOR}", "pass", "unreachable_from_here"),
            Gate(Answer.NO_GO, (f"lockdown.direct {DOOR}",)),
        ),
        ("cutover", _finding(f"lockdown.direct {DOOR}", "warn", "locked"), Gate(Answer.NO_GO, (f"lockdown.direct {DOOR}",))),
        ("cutover", _finding(f"lockdown.direct {DOOR}", "not_applicable", "not_yet"), Gate(Answer.OPEN, (f"lockdown.direct {DOOR}",))),
        ("prepare", _finding(f"lockdown.direct {DOOR}", "pass", "locked"), Gate(Answer.GO, stage=Stage.IDLE)),
        ("prepare", _finding("mx.gateway alder.example", "unknown", "dns_timeout"), Gate(Answer.OPEN, ("mx.gateway alder.example",))),
    ],
)
def test_roll_back(desk: Any, phase: str, finding: Finding, gate: Gate) -> None:
    """
    Every door has to be seen open, and the former MX records have to be known.
    """
    assert gate == _answers(desk, phase, finding)["roll_back"]


def test_roll_back_needs_the_former_records(desk: Any) -> None:
    """
    After the move nobody can look up where mail went before: without a record of it the way back is open.
    """
    assert Gate(Answer.OPEN, ("mx.gateway alder.example",)) == _answers(desk, "cutover", recorded=())["roll_back"]


def test_waves(desk: Any) -> None:
    """
    What is about a domain that has been locked long ago does not bear on moving the next one.
    """
    domains = [{"name": "alder.example", "phase": "lockdown"}, "second.example"]
    findings = [
        _finding("mx.gateway alder.example", "pass"),
        _finding("domain.validation alder.example", "fail"),
        _finding("mx.gateway second.example", "pass"),
    ]
    case = desk.case(domains=domains)

    assert gates(case, findings)["move_mx"] == Gate(Answer.GO)
    assert gates(case, findings)["lock"].blocked_by == ("mx.gateway second.example",)


def test_a_move_that_is_done_is_not_blocked(desk: Any) -> None:
    """
    Once mail goes to the gateway nothing bears on moving it; while it does not, everything does.
    """
    broken = _finding("route.connect 192.0.2.1", "fail", "refused")
    not_yet = _finding("mx.gateway alder.example", "fail", "not_moved")

    assert Gate(Answer.GO, stage=Stage.DONE) == _answers(desk, "cutover", broken)["move_mx"]
    assert Gate(Answer.NO_GO, (broken.name,)) == _answers(desk, "cutover", broken, not_yet)["move_mx"]


def test_roll_back_of_a_wrong_move_without_records_is_open(desk: Any) -> None:
    """
    That MX is wrong does not forbid the way back; not knowing it leaves it open.
    """
    wrong = _finding("mx.gateway alder.example", "fail", "wrong_region")

    assert Gate(Answer.OPEN, (wrong.name,)) == _answers(desk, "cutover", wrong, recorded=())["roll_back"]
    assert Gate(Answer.GO) == _answers(desk, "cutover", wrong)["roll_back"]


@pytest.mark.parametrize(
    ("phase", "finding", "stages"),
    [
        ("prepare", None, ["ahead", "ahead", "idle"]),
        ("prepare", _finding("mx.gateway alder.example", "warn", "moved"), ["ahead", "ahead", "ahead"]),
        ("prepare", _finding("mx.gateway alder.example", "unknown", "dns_timeout"), ["ahead", "ahead", "ahead"]),
        ("cutover", None, ["done", "ahead", "ahead"]),
        ("cutover", _finding("mx.gateway alder.example", "fail", "not_moved"), ["ahead", "ahead", "idle"]),
        ("lockdown", _finding("mx.gateway alder.example", "fail", "not_moved"), ["ahead", "flawed", "ahead"]),
        ("cutover", _finding("mx.gateway alder.example", "fail", "not_moved", "residual"), ["ahead", "ahead", "ahead"]),
        ("lockdown", None, ["done", "done", "ahead"]),
        ("lockdown", _finding(f"lockdown.direct {DOOR}", "fail", "open"), ["done", "ahead", "ahead"]),
        ("lockdown", _finding("lockdown.direct other.example", "unknown", "dns_timeout"), ["done", "ahead", "ahead"]),
        ("lockdown", _finding("lockdown.scope alder.example", "fail", "elsewhere"), ["done", "flawed", "ahead"]),
    ],
)
def test_what_is_done_and_what_has_no_object(desk: Any, phase: str, finding: Finding | None, stages: list[str]) -> None:
    """
    A move is done where MX leads to the gateway, a lock where every door was seen shut, with faults where something of it is wrong, and
    there is a way back only once something moved.
    """
    found = _answers(desk, phase, *([finding] if finding is not None else []))

    assert [found[name].stage.value for name in ("move_mx", "lock", "roll_back")] == stages
    assert all((gate.answer is Answer.GO) == (gate.stage is not Stage.FLAWED) for gate in found.values() if gate.stage is not Stage.AHEAD)


@pytest.mark.parametrize(
    ("phase", "finding", "answer"),
    [
        ("lockdown", _finding("m365.inbound_connector tenant", "fail", "not_restricted"), Answer.GO),
        ("lockdown", _finding("google.gateway_options tenant", "fail", "reject_all"), Answer.GO),
        ("lockdown", _finding("m365.inbound_connector tenant", "fail", "missing"), Answer.NO_GO),
        ("cutover", _finding("google.gateway_options tenant", "fail", "reject_all"), Answer.NO_GO),
        ("prepare", _finding("google.gateway_options tenant", "fail", "reject_all"), Answer.NO_GO),
    ],
)
def test_a_lock_that_is_missing_does_not_forbid_the_move(desk: Any, phase: str, finding: Finding, answer: Answer) -> None:
    """
    Whoever set the phase to lockdown before MX has moved is not told to lock first; a lock that is on too early does forbid the move.
    """
    not_yet = _finding("mx.gateway alder.example", "fail", "not_moved")
    found = _answers(desk, phase, finding, *([not_yet] if phase != "prepare" else []))

    assert found["move_mx"].answer is answer
    assert (finding.name in found["move_mx"].blocked_by) is (answer is Answer.NO_GO)


def test_nothing_looked_at_is_open(desk: Any) -> None:
    """
    Without findings, or for parked domains alone, nothing is free.
    """
    assert {Answer.OPEN} == {gate.answer for gate in gates(desk.case(), ()).values()}
    assert {Answer.OPEN} == {
        gate.answer for gate in gates(desk.case(domains=[{"name": "alder.example", "role": "parked"}]), HEALTHY["prepare"]).values()
    }


def test_table_names_checks_that_exist() -> None:
    """
    Every check and family in the table is one of the registry's.
    """
    ids = {check.id for check in CHECKS}
    families = {f"{check.split('.')[0]}." for check in ids}
    named = {name for rule in gate_rules().values() for name in (*rule.checks, *rule.early, *rule.warnings, *rule.cured)}

    assert named <= ids | families


@pytest.mark.parametrize(("status", "answer"), [("fail", Answer.NO_GO), ("manual", Answer.OPEN)])
def test_lock_that_is_on_and_not_right(desk: Any, status: str, answer: Answer) -> None:
    """
    A platform that is seen locked is locked, whatever is to be put right about the lock: the way back says the same.
    """
    broken = _finding("google.inbound_gateway tenant", status)
    found = _answers(desk, "lockdown", broken)

    assert Gate(answer, ("google.inbound_gateway tenant",), Stage.FLAWED) == found["lock"]
    assert Answer.NO_GO is found["roll_back"].answer
    still_open = _finding(f"lockdown.direct {DOOR}", "fail", "open")
    assert Stage.AHEAD is _answers(desk, "lockdown", broken, still_open)["lock"].stage


@pytest.mark.parametrize("check", ["m365.inbound_connector", "exchange.firewall", "hosted.confirmation", "google.gateway_options"])
@pytest.mark.parametrize(
    ("phase", "door", "gate"),
    [
        ("cutover", ("pass", "open"), (Answer.OPEN, Stage.AHEAD)),
        ("lockdown", ("fail", "open"), (Answer.GO, Stage.AHEAD)),
        ("lockdown", ("pass", "locked"), (Answer.OPEN, Stage.FLAWED)),
    ],
)
def test_the_lock_does_not_wait_for_a_word_that_it_is_on(desk: Any, check: str, phase: str, door: tuple[str, str], gate: Any) -> None:
    """
    At lockdown a person confirms these for the lock itself: that cannot come before it. Where the lock is on, the word is still due.
    """
    answers = _answers(desk, phase, _finding(f"lockdown.direct {DOOR}", *door), _finding(check, "manual"))

    assert gate == (answers["lock"].answer, answers["lock"].stage)


@pytest.mark.parametrize(
    ("status", "causes", "answer"),
    [
        ("pass", ("attested",), Answer.NO_GO),
        ("fail", ("open", "partly_locked"), Answer.NO_GO),
        ("waived", ("locked",), Answer.NO_GO),
        ("waived", ("open",), Answer.GO),
    ],
)
def test_no_way_back_to_a_door_that_turns_mail_away(desk: Any, status: str, causes: tuple[str, ...], answer: Answer) -> None:
    """
    A lock that a person confirms, one that is half off, and one that was accepted as an exception lose mail as any other.
    """
    found = _answers(desk, "lockdown", _finding(f"lockdown.direct {DOOR}", status, *causes))

    assert answer is found["roll_back"].answer


def test_no_way_back_where_no_door_was_asked_after_an_early_move(desk: Any) -> None:
    """
    Moved while the phase says prepare: what is not known about the door counts.
    """
    moved = _finding("mx.gateway alder.example", "warn", "moved")
    unasked = _finding(f"lockdown.direct {DOOR}", "not_applicable", "not_yet")

    assert Answer.OPEN is _answers(desk, "prepare", moved, unasked)["roll_back"].answer
    assert Answer.GO is _answers(desk, "prepare", unasked)["roll_back"].answer


@pytest.mark.parametrize(("early", "answer"), [(timedelta(seconds=1), Answer.NO_GO), (timedelta(0), Answer.GO)])
def test_the_lock_waits_for_the_old_ttl(desk: Any, early: timedelta, answer: Answer) -> None:
    """
    Nothing is locked as long as somebody may keep the former records, whatever the name servers say.
    """
    case = desk.case(phase="cutover")
    gate = gates(case, HEALTHY["cutover"], ("alder.example",), {"alder.example": case.now + early})["lock"]

    assert answer is gate.answer
    assert (gate.blocked_by == ("mx.propagation alder.example",)) is (answer is Answer.NO_GO)
