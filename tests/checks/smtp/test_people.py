"""
Attestations and waivers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbook_lib.checks import manual
from runbook_lib.checks.people import apply_people, attest, remark, waive
from runbook_lib.knowledge.text import Catalogue, Message
from runbook_lib.observations import PersonNote
from runbook_lib.results import Finding, Status

ATTESTED = {"by": "Erika", "at": "2026-11-20", "phase": "prepare", "note": "green tick"}
WAIVER = {"reason": "known", "by": "Erika", "expires": "2026-11-23"}


def _finding(status: Status = Status.MANUAL, subject: str = "tenant", check: str = "gateway.test_connection") -> Finding:
    return Finding(
        check, "route", subject, status, Message(f"{check}.manual", {"hosts": ["x"], "domains": ["y"]}), "why", ("why",), ("o9",)
    )


@pytest.mark.parametrize("key", ["gateway.test_connection", "route"])
def test_attestation_turns_manual_into_pass(build: Any, key: str) -> None:
    """
    A check, or the step it belongs to, confirmed in its phase passes, with the person as evidence.
    """
    world = build.world({"attestations": {key: ATTESTED}})
    case = world.case()
    note = case.observations.add(PersonNote(key, "Erika", "2026-11-20", "prepare", "green tick"))
    (found,) = attest([_finding()], case)

    assert (Status.PASS, "attested", ("attested",)) == (found.status, found.cause, found.causes)
    assert ("o9", note) == found.evidence
    assert "Erika" in Catalogue("en").words(found.message).summary


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.MANUAL])
def test_attestation_never_goes_against_what_was_seen(build: Any, status: Status) -> None:
    """
    Only what waits for a person is touched.
    """
    case = build.world({"attestations": {"route": ATTESTED}}).case()

    assert (_finding(status),) == attest([_finding(status)], case)


def test_attestation_of_another_phase_does_nothing(build: Any) -> None:
    """
    What was confirmed while preparing does not count at lockdown, and the finding's values say in which phase it was confirmed.
    """
    case = build.world({"phase": "lockdown", "attestations": {"route": ATTESTED}}).case()
    (found,) = attest([_finding()], case)

    assert Status.MANUAL is found.status
    assert "prepare" == found.message.values["attested_in"]
    said = remark(found.message, Catalogue("en"))
    assert said.startswith(f"{ATTESTED['by']} confirmed it on ")
    assert "for the phase prepare" in said


TENANT = "alder-example.mail.protection.outlook.com"


@pytest.mark.parametrize(
    ("word", "check", "subject", "status", "said"),
    [
        ("gateway.test_connection", "route.starttls", "192.0.2.1", Status.FAIL, True),
        ("gateway.test_connection", "exchange.certificate", "From gateway", Status.FAIL, True),
        ("gateway.test_connection", "route.starttls", "192.0.2.1", Status.WARN, False),
        ("gateway.test_connection", "route.relay", "192.0.2.1", Status.FAIL, False),
        ("m365.connection_filter", "allowlist.coverage", "allowlist", Status.FAIL, True),
        ("lockdown.scope", "mx.gateway", "alder.example", Status.FAIL, True),
        ("m365.inbound_connector", "lockdown.direct", TENANT, Status.FAIL, True),
        ("m365.inbound_connector", "lockdown.direct", "mail.alder.example", Status.FAIL, False),
        ("exchange.firewall", "lockdown.direct", "mail.alder.example", Status.FAIL, True),
        ("exchange.firewall", "lockdown.direct", TENANT, Status.FAIL, False),
    ],
)
def test_what_was_seen_against_a_word_is_said(  # one case has five parts
    build: Any, word: str, check: str, subject: str, status: Status, *, said: bool
) -> None:
    """
    The word stays a pass, and what speaks against it is named beside it: of a lock, what was seen at the doors that it locks.
    """
    case = build.world({"attestations": {word: ATTESTED}}).case()
    found, _ = attest([_finding(check=word), _finding(status, subject, check)], case)
    more = remark(found.message, Catalogue("en"))

    assert Status.PASS is found.status
    assert said == more.startswith("What was seen speaks against it: ")
    assert said == (subject in more)


def test_phase_of_the_findings_own_domain_counts(build: Any) -> None:
    """
    A finding about a domain with a phase of its own is confirmed in that phase.
    """
    keys = {"domains": ["alder.example", {"name": "alder-two.example", "phase": "lockdown"}], "attestations": {"gateway.accepts": ATTESTED}}
    case = build.world(keys).case()
    findings = [_finding(subject="alder.example", check="gateway.accepts"), _finding(subject="alder-two.example", check="gateway.accepts")]

    assert [Status.PASS, Status.MANUAL] == [each.status for each in attest(findings, case)]


@pytest.mark.parametrize("status", [Status.WARN, Status.FAIL, Status.UNKNOWN, Status.MANUAL])
@pytest.mark.parametrize("key", ["gateway.test_connection", "gateway.test_connection tenant"])
def test_waiver_accepts_what_is_wrong_or_open(build: Any, status: Status, key: str) -> None:
    """
    A waiver for the check, or for check and subject, turns what is wrong or open into an accepted exception that keeps its cause.
    """
    case = build.world({"waivers": {key: WAIVER}}).case()
    (found,) = waive([_finding(status)], case)

    assert (Status.WAIVED, "why") == (found.status, found.cause)
    assert {"waived": status.value, "waived_by": "Erika", "waiver_reason": "known", "waiver_ends": "2026-11-23"}.items() <= dict(
        found.message.values
    ).items()


@pytest.mark.parametrize("status", [Status.PASS, Status.NOT_APPLICABLE])
def test_waiver_leaves_the_rest(build: Any, status: Status) -> None:
    """
    What is right or not needed stays as it is.
    """
    case = build.world({"waivers": {"gateway.test_connection": WAIVER}}).case()

    assert (_finding(status),) == waive([_finding(status)], case)


def test_waiver_of_another_subject(build: Any) -> None:
    """
    A waiver for one subject does nothing for another.
    """
    case = build.world({"waivers": {"route.connect 192.0.2.1": WAIVER}}).case()
    findings = [_finding(Status.FAIL, "192.0.2.1", "route.connect"), _finding(Status.FAIL, "192.0.2.2", "route.connect")]

    assert [Status.WAIVED, Status.FAIL] == [each.status for each in waive(findings, case)]


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), Status.WAIVED),
        (datetime(2026, 11, 24, 0, 0, 0, tzinfo=UTC), Status.FAIL),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC).astimezone(UTC) + timedelta(hours=1), Status.FAIL),
    ],
)
def test_waiver_ends_with_its_day(build: Any, now: datetime, status: Status) -> None:
    """
    A waiver counts to the end of its last day, UTC; afterwards it does nothing and the values say that it ended.
    """
    case = build.world({"waivers": {"gateway.test_connection": WAIVER}}).case(now=now)
    (found,) = waive([_finding(Status.FAIL)], case)

    assert status is found.status
    assert ("waiver_ended" in found.message.values) is (status is Status.FAIL)
    assert ("ended on 23 November 2026." in remark(found.message, Catalogue("en"))) is (status is Status.FAIL)


def test_ended_waiver_does_not_hide_a_living_one(build: Any) -> None:
    """
    Where the waiver for the subject has ended and one for the check has not, the check's counts.
    """
    waivers = {"gateway.test_connection tenant": {**WAIVER, "expires": "2026-01-01"}, "gateway.test_connection": WAIVER}
    case = build.world({"waivers": waivers}).case()

    assert [Status.WAIVED] == [each.status for each in waive([_finding(Status.FAIL)], case)]


def test_attestation_goes_before_waiver(build: Any) -> None:
    """
    What a person has confirmed passes and needs no exception.
    """
    keys = {"waivers": {"gateway.test_connection": WAIVER}, "attestations": {"route": ATTESTED}}

    assert [Status.PASS] == [each.status for each in apply_people(build.world(keys).case(), [_finding()])]


def test_confirmed_words_of_every_manual_check() -> None:
    """
    What was confirmed is said in words, not by a check's id.
    """
    catalogue = Catalogue("en")

    assert [] == [check.id for check in manual.CHECKS if check.id not in catalogue.fields("people.claims")]
