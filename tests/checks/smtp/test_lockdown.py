"""
`lockdown.direct`: a lock seen or not seen, by phase and platform.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import lockdown
from runbook_lib.observations import Envelope, PortQuestion, Problem, SmtpQuestion, Stage, Trouble
from runbook_lib.results import Status

(DIRECT,) = lockdown.CHECKS
LOCKED = "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched"
GOOGLE = "421 4.7.0 IP not in whitelist for RCPT domain, closing connection."
MOVED = {"alder.example": ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")}
OLD = {"alder.example": ("eu-smtp-inbound-1.mimecast.com", "mail.alder.example")}


def _locked(build: Any) -> Any:
    return build.server(valid=LOCKED, unknown=LOCKED, foreign=LOCKED, neutral=LOCKED)


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
def test_open_before_the_lock_is_right(build: Any, phase: str) -> None:
    """
    Before lockdown an open door is as it should be.
    """
    found = build.world({"phase": phase}, mx=MOVED).one(DIRECT)

    assert (Status.PASS, build.host) == (found.status, found.subject)


@pytest.mark.parametrize(
    ("phase", "mx", "moved"),
    [("prepare", {}, False), ("cutover", {}, False), ("cutover", OLD, False), ("cutover", MOVED, True)],
)
@pytest.mark.parametrize("wire", ["250 2.1.5 Ok", "451 4.7.500 Server busy"])
def test_what_is_expected_of_an_open_door(build: Any, wire: str, phase: str, mx: dict[str, Any], *, moved: bool) -> None:
    """
    Nobody is told that the lock waits for the MX records where they have moved; that they have is shown by evidence.
    """
    found = build.world({"phase": phase}, mx=mx, default=build.server(valid=wire)).one(DIRECT)

    assert moved == found.words.expected.startswith("The MX records have moved")
    assert moved == (len(found.evidence) > 1), found.evidence
    assert moved != (found.words.expected == "No lock before the MX records have moved.")


@pytest.mark.parametrize(
    ("wire", "status", "cause"),
    [
        ("550 5.4.1 Recipient address rejected: Access denied.", Status.PASS, None),
        ("550 5.7.606 Access denied, banned sending IP", Status.UNKNOWN, "probe_reputation"),
        ("451 4.7.500 Server busy", Status.UNKNOWN, "rate_limited"),
        ("451 4.7.1 Greylisted, try again", Status.UNKNOWN, "greylisted"),
        ("451 4.3.0 hm", Status.UNKNOWN, "temporary"),
        ("mail:550 hm", Status.UNKNOWN, "probe_reputation"),
    ],
)
def test_open_only_where_the_recipient_was_decided_on(build: Any, wire: str, status: Status, cause: str | None) -> None:
    """
    Before lockdown a reply about the probe, or one that only holds off, does not show that the door is open.
    """
    assert (status, cause) == _brief(build.world({"phase": "prepare"}, default=build.server(valid=wire)).one(DIRECT))


@pytest.mark.parametrize(
    ("keys", "mx", "status", "cause"),
    [
        ({"phase": "prepare"}, {}, Status.FAIL, "locked_early"),
        ({"phase": "prepare", "present_gateway": {"name": "Old", "locked": True}}, {}, Status.PASS, "locked"),
        ({"phase": "cutover"}, OLD, Status.FAIL, "locked_early"),
        ({"phase": "cutover"}, {}, Status.UNKNOWN, "locked"),
        ({"phase": "cutover"}, MOVED, Status.WARN, "locked"),
        ({"phase": "lockdown"}, {}, Status.PASS, "locked"),
    ],
)
def test_lock_by_phase(build: Any, keys: dict[str, Any], mx: dict[str, Any], status: Status, cause: str) -> None:
    """
    The lock's refusal is a fault while MX leads elsewhere, a reminder once it has moved, and the aim at lockdown.
    """
    found = build.world(keys, mx=mx, default=_locked(build)).one(DIRECT)

    assert (status, cause) == (found.status, found.cause)


def test_early_lock_is_temporary_at_google(build: Any) -> None:
    """
    Google's lock puts mail off instead of returning it, and the finding says so.
    """
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com"}
    server = build.server(valid=GOOGLE, unknown=None, foreign=None, neutral=None)
    found = build.world(keys, addresses={"smtp.google.com": ("142.250.1.26",)}, default=server).one(DIRECT)

    assert (Status.FAIL, "lockdown.direct.locked_early_temporary") == (found.status, found.message.id)


def test_every_door_of_google_at_lockdown(build: Any) -> None:
    """
    At lockdown each of Google's names is asked; one that closes after its refusal counts as shut, one that does not exist is not needed.
    """
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com", "phase": "lockdown"}
    addresses = {
        "smtp.google.com": ("142.250.1.26",),
        "aspmx.l.google.com": ("142.250.1.27",),
        "alt1.aspmx.l.google.com": ("142.250.1.28",),
    }
    servers = {
        "142.250.1.26": build.server(valid=GOOGLE, unknown=None, foreign=None, neutral=None),
        "142.250.1.27": build.server(valid=GOOGLE, unknown=None, foreign=None, neutral=None),
    }
    found = build.world(keys, addresses=addresses, servers=servers).judge(DIRECT)

    assert len(found) == 6
    assert found["smtp.google.com"].status is Status.PASS
    assert found["aspmx.l.google.com"].status is Status.PASS
    assert (Status.FAIL, "open") == (found["alt1.aspmx.l.google.com"].status, found["alt1.aspmx.l.google.com"].cause)
    assert (Status.NOT_APPLICABLE, "no_such_door") == (found["alt4.aspmx.l.google.com"].status, found["alt4.aspmx.l.google.com"].cause)


def test_older_door_of_microsoft_at_lockdown(build: Any) -> None:
    """
    A tenant on the newer host form keeps the older door, which is asked as well.
    """
    keys = {"inbound_host": "alder-example.e-v1.mx.microsoft", "phase": "lockdown"}
    world = build.world(keys, addresses={"alder-example.e-v1.mx.microsoft": ("52.101.1.1",), build.host: (build.address,)})
    world.servers = {"52.101.1.1": _locked(build)}
    found = world.judge(DIRECT)

    assert {"alder-example.e-v1.mx.microsoft": Status.PASS, build.host: Status.FAIL} == {key: each.status for key, each in found.items()}


@pytest.mark.parametrize(("wire", "status", "cause"), [("250 2.1.5 Ok", Status.FAIL, "open"), (LOCKED, Status.PASS, "locked")])
def test_tenants_door_of_a_hybrid_organisation_at_lockdown(build: Any, wire: str, status: Status, cause: str) -> None:
    """
    Beside the servers of a hybrid organisation its tenant takes mail for the same domains: that door is asked too, and judged as the
    tenant's.
    """
    keys = {"platform": "hybrid", "inbound_host": "mail.alder.example", "phase": "lockdown"}
    addresses = {"mail.alder.example": ("25.0.0.1",), "alder-example.mail.protection.outlook.com": ("52.101.1.1",)}
    servers = {"52.101.1.1": build.server(valid=wire, neutral=wire), "25.0.0.1": _locked(build)}
    found = build.world(keys, addresses=addresses, servers=servers).judge(DIRECT)

    assert {"mail.alder.example", "alder-example.mail.protection.outlook.com"} == set(found)
    door = found["alder-example.mail.protection.outlook.com"]
    assert (status, cause) == (door.status, door.cause)
    assert "firewall" not in door.words.remedy


def test_tenants_door_of_a_hybrid_organisation_that_is_not_there(build: Any) -> None:
    """
    A domain for which the tenant takes no mail has no such door; before the lock nobody is asked.
    """
    keys = {"platform": "hybrid", "inbound_host": "mail.alder.example"}
    addresses = {"mail.alder.example": ("25.0.0.1",)}
    locked, early = (build.world({**keys, "phase": phase}, addresses=addresses).judge(DIRECT) for phase in ("lockdown", "prepare"))

    door = locked["alder-example.mail.protection.outlook.com"]
    assert (Status.NOT_APPLICABLE, "no_such_door") == (door.status, door.cause)
    assert ["mail.alder.example"] == list(early)


@pytest.mark.parametrize(
    ("server", "status", "cause"),
    [
        ({}, Status.FAIL, "open"),
        ({"valid": LOCKED, "neutral": LOCKED}, Status.PASS, "locked"),
        ({"valid": LOCKED}, Status.FAIL, "open"),
        ({"valid": "550 5.4.1 Access denied", "neutral": "550 5.4.1 Access denied"}, Status.UNKNOWN, "unknown_recipient"),
        ({"valid": "550 5.7.606 banned", "neutral": "550 5.7.606 banned"}, Status.UNKNOWN, "probe_reputation"),
        ({"valid": "451 4.7.500 Server busy", "neutral": None}, Status.UNKNOWN, "rate_limited"),
    ],
)
def test_door_at_lockdown(build: Any, server: dict[str, Any], status: Status, cause: str) -> None:
    """
    At lockdown every sender has to be refused for the lock's reason; accepted once is open, another refusal proves nothing.
    """
    found = build.world({"phase": "lockdown"}, default=build.server(**server)).one(DIRECT)

    assert (status, cause) == (found.status, found.cause)


@pytest.mark.parametrize(
    ("keys", "senders"),
    [
        ({}, ["", "runbook-probe@example.com"]),
        ({"sender": "me@consultant.example"}, ["me@consultant.example", "", "runbook-probe@example.com"]),
        ({"relay_test_domain": "consultant.example"}, ["", "runbook-probe@consultant.example"]),
    ],
)
def test_asked_with_null_and_neutral_sender(build: Any, keys: dict[str, Any], senders: list[str]) -> None:
    """
    At lockdown the test recipient is asked with the null sender and with a neutral external one; before, only with the sender set.
    """
    world = build.world({"phase": "lockdown", **keys})
    world.judge(DIRECT)
    question = next(each for each in world.asked if isinstance(each, SmtpQuestion))
    early = build.world(keys)
    early.judge(DIRECT)
    before = next(each for each in early.asked if isinstance(each, SmtpQuestion))

    assert senders == [each.sender for each in question.transactions if each.envelope in (Envelope.VALID, Envelope.NEUTRAL)]
    assert [] == [each for each in before.transactions if each.envelope is Envelope.NEUTRAL]


def test_no_recipient_at_lockdown_is_manual(build: Any) -> None:
    """
    Without a test recipient the lock is for a person to confirm; before lockdown it is not needed.
    """
    assert (Status.MANUAL, "no_recipient") == _brief(build.world({"phase": "lockdown", "test_recipient": None}).one(DIRECT))
    assert build.world({"test_recipient": None}).one(DIRECT).status is Status.NOT_APPLICABLE


def _brief(finding: Any) -> tuple[Status, str | None]:
    return finding.status, finding.cause


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        (True, (Status.PASS, "unreachable_from_here")),
        (False, (Status.UNKNOWN, "egress_blocked")),
        (None, (Status.UNKNOWN, "connect_timeout")),
    ],
)
@pytest.mark.parametrize("problem", ["timeout", "refused"])
@pytest.mark.parametrize("platform", ["on_premises", "hybrid", "hosted_exchange"])
def test_firewall_at_lockdown(build: Any, platform: str, problem: str, controls: bool | None, expected: Any) -> None:
    """
    Behind a firewall nothing answers; that counts as the lock only where a control host shows that the port is open from here.
    """
    server = build.server(problem=getattr(build, problem))
    world = build.own({"phase": "lockdown", "platform": platform, "test_recipient": None}, default=server, controls=controls)

    assert expected == _brief(world.judge(DIRECT)["mail.alder.example"])
    assert any(isinstance(each, PortQuestion) for each in world.asked)


@pytest.mark.parametrize(
    ("address", "only", "expected"),
    [
        ("2a01:4f8::25", 4, (Status.UNKNOWN, "connect_timeout")),
        ("2a01:4f8::25", 6, (Status.PASS, "unreachable_from_here")),
        ("93.184.216.34", 6, (Status.UNKNOWN, "connect_timeout")),
        ("93.184.216.34", 4, (Status.PASS, "unreachable_from_here")),
    ],
)
def test_a_control_host_speaks_for_its_own_version_of_ip(build: Any, address: str, only: int, expected: Any) -> None:
    """
    A firewall that is shut for IPv4 may be wide open for IPv6: what was reached by the one says nothing of the other.
    """
    target = f"[{address}]:25" if ":" in address else f"{address}:25"
    world = build.own({"phase": "lockdown"}, default=build.server(problem=build.timeout, target=target), only=only)
    world.addresses = {"mail.alder.example": (address,)}

    assert expected == _brief(world.one(DIRECT))


def test_firewall_of_a_near_host_needs_no_control(build: Any) -> None:
    """
    A target on loopback that refuses needs no control host.
    """
    keys = {"phase": "lockdown", "connect_to": {"mail.alder.example:25": "127.0.0.1:2525"}}
    world = build.own(keys, default=build.server(problem=build.refused, target="127.0.0.1:2525"), controls=False)

    assert (Status.PASS, "unreachable_from_here") == _brief(world.one(DIRECT))
    assert not any(isinstance(each, PortQuestion) for each in world.asked)


def test_greeting_of_refusal_is_a_shut_door(build: Any) -> None:
    """
    A 5xx greeting at lockdown proves both that the port is open from here and that the door is shut.
    """
    server = build.changed(greeting=build.reply("554 no service"), ehlo=None, results=())

    assert (Status.PASS, "unreachable_from_here") == _brief(build.own({"phase": "lockdown"}, default=server).one(DIRECT))


def test_gateway_only_in_any_phase(build: Any) -> None:
    """
    With `inbound_firewall: gateway_only` silence is right in every phase, and an answer is warned of before lockdown.
    """
    keys = {"inbound_firewall": "gateway_only"}

    assert build.own(keys, default=build.server(problem=build.timeout)).one(DIRECT).status is Status.PASS
    assert (Status.WARN, "not_firewalled") == _brief(build.own(keys).one(DIRECT))
    assert (Status.FAIL, "open") == _brief(build.own({**keys, "phase": "lockdown"}).one(DIRECT))


def test_exchange_that_demands_authentication_is_locked(build: Any) -> None:
    """
    At lockdown a receive connector that takes no anonymous mail from here counts as the lock; before, it may be the lock or the route.
    """
    server = build.server(valid="530 5.7.1 Client was not authenticated", neutral="530 5.7.1 Client was not authenticated")

    assert (Status.PASS, "locked") == _brief(build.own({"phase": "lockdown"}, default=server).one(DIRECT))
    assert (Status.UNKNOWN, "authentication_required") == _brief(build.own(default=server).one(DIRECT))


def test_door_that_could_not_be_asked_is_unknown_at_lockdown(build: Any) -> None:
    """
    A cloud's door that does not answer leaves the question open, naming what stopped it.
    """
    world = build.world({"phase": "lockdown"}, default=build.server(problem=build.timeout), controls=False)
    found = world.one(DIRECT)

    assert (Status.UNKNOWN, "not_reached") == _brief(found)
    assert (f"route.connect {build.address}",) == found.evidence


def test_waves_behind_one_host(build: Any) -> None:
    """
    Where one domain is to be locked and another not yet, each is judged by its own phase and the gravest counts.
    """
    keys = {
        "phase": "lockdown",
        "domains": ["alder.example", {"name": "alder-two.example", "phase": "prepare", "test_recipient": "max@alder-two.example"}],
    }
    found = build.world(keys, default=_locked(build)).one(DIRECT)

    assert (Status.FAIL, "locked_early") == _brief(found)
    assert "alder-two.example" in found.words.summary


def test_reply_that_never_came_at_lockdown(build: Any) -> None:
    """
    A dialogue that broke before the answer proves nothing.
    """
    server = build.changed(results=(), problem=Problem(Trouble.CLOSED, Stage.MAIL, ""))

    assert (Status.UNKNOWN, "protocol_error") == _brief(build.world({"phase": "lockdown"}, default=server).one(DIRECT))


def test_a_door_that_is_locked_at_one_address_is_open_in_part(build: Any) -> None:
    """
    While a setting settles one address refuses and another accepts: open for strangers, and a loss for mail that is sent back there.
    """
    world = build.world(
        {"phase": "lockdown"}, servers={"52.101.68.21": build.server(valid=LOCKED, neutral=LOCKED, target="52.101.68.21:25")}
    )
    world.addresses = {build.host: ("52.101.73.5", "52.101.68.21")}
    found = world.one(DIRECT)

    assert (Status.FAIL, ("open", "partly_locked")) == (found.status, found.causes)


@pytest.mark.parametrize("neutral", [LOCKED, "250 2.1.5 Ok"])
def test_a_door_that_is_locked_for_one_sender_is_open_in_part(build: Any, neutral: str) -> None:
    """
    The same for a lock that holds for some senders only.
    """
    found = build.world({"phase": "lockdown"}, default=build.server(valid="250 2.1.5 Ok", neutral=neutral)).one(DIRECT)

    assert (Status.FAIL, "open") == (found.status, found.cause)
    assert ("partly_locked" in found.causes) is (neutral == LOCKED)


@pytest.mark.parametrize("wire", ["550 5.7.1 Direct delivery is not accepted here, use our MX records", "530 5.7.0 Must issue a STARTTLS"])
def test_a_refusal_that_nobody_knows_does_not_show_an_open_door(build: Any, wire: str) -> None:
    """
    Before lockdown a refusal in other words may be the lock: it is not called open.
    """
    found = build.own(default=build.server(valid=wire)).one(DIRECT)

    assert (Status.UNKNOWN, "lockdown.direct.unclear") == (found.status, found.message.id)


def test_a_question_without_an_answer_is_not_called_unasked(build: Any) -> None:
    """
    With a test recipient whose question got no reply nothing is known, and nobody is told that it was not named.
    """
    found = build.own(default=build.server(valid=None)).one(DIRECT)

    assert (Status.UNKNOWN, "lockdown.direct.no_answer") == (found.status, found.message.id)
