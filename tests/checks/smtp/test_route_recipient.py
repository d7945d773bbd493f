"""
`route.recipient`, `route.unknown_recipient`, `route.relay`, `route.delivery`.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import route
from runbook_lib.knowledge.replies import Meaning
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import Envelope, Problem, SmtpQuestion, Stage, Trouble
from runbook_lib.results import Status


def _check(key: str) -> Any:
    return next(check for check in route.CHECKS if check.id == key)


RECIPIENT, UNKNOWN, RELAY, DELIVERY = (
    _check("route.recipient"),
    _check("route.unknown_recipient"),
    _check("route.relay"),
    _check("route.delivery"),
)
LOCKED = "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched"
MOVED = {"alder.example": ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")}


def test_every_meaning_has_its_words() -> None:
    """
    There is a text for every meaning a refused recipient can have.
    """
    catalogue = Catalogue("en")

    assert [] == [each.value for each in Meaning if not catalogue.has(f"route.recipient.{each.value}") and each is not Meaning.LOCKED]


@pytest.mark.parametrize(
    ("wire", "status", "cause"),
    [
        ("250 2.1.5 OK", Status.PASS, None),
        ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", Status.FAIL, "unknown_recipient"),
        ("550 5.4.1 Relay Access Denied", Status.FAIL, "domain_not_accepted"),
        ("451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35", Status.FAIL, "wrong_host"),
        ("550 4.4.4 no mail-enabled subscriptions. ATTR5", Status.FAIL, "no_mailboxes"),
        ("550 5.7.606 Access denied, banned sending IP", Status.UNKNOWN, "probe_reputation"),
        ("451 4.7.500 Server busy", Status.UNKNOWN, "rate_limited"),
        ("451 4.7.1 Greylisted, try again", Status.UNKNOWN, "greylisted"),
        ("451 4.3.0 hm", Status.UNKNOWN, "temporary"),
        ("554 hm", Status.FAIL, "refused"),
        ("mail:550 5.7.1 sender rejected", Status.UNKNOWN, "probe_reputation"),
        ("mail:550 hm", Status.UNKNOWN, "probe_reputation"),
        ("mail:530 5.7.0 Must issue STARTTLS first", Status.FAIL, "tls_required"),
        ("550 5.7.68 TenantInboundAttribution; Direct Send not allowed", Status.UNKNOWN, "direct_send_rejected"),
        (LOCKED, Status.UNKNOWN, "locked"),
    ],
)
def test_recipient(build: Any, wire: str, status: Status, cause: str | None) -> None:
    """
    A refused test recipient fails with what the reply means; a reply about the probe, a delay or the lock is unknown.
    """
    found = build.world(default=build.server(valid=wire)).one(RECIPIENT)

    assert (status, cause) == (found.status, found.cause)


def test_accepted_after_greylisting(build: Any) -> None:
    """
    An acceptance after the hold time passes, and says how long it took.
    """
    found = build.world(default=build.server(retried_after_s=61.0)).one(RECIPIENT)

    assert found.status is Status.PASS
    assert "greylisting" in found.words.summary


def test_no_test_recipient_is_manual(build: Any) -> None:
    """
    Without a test recipient the question is for a person; the other questions are still asked.
    """
    world = build.world({"test_recipient": None})

    assert (Status.MANUAL, "no_recipient") == (world.one(RECIPIENT).status, world.one(RECIPIENT).cause)
    assert world.one(RELAY).status is Status.PASS


def test_reply_that_never_came(build: Any) -> None:
    """
    Closed before the answer: unknown, not refused.
    """
    server = build.changed(results=(), problem=Problem(Trouble.CLOSED, Stage.RCPT, ""))
    world = build.world(default=server)

    for check in (RECIPIENT, UNKNOWN, RELAY):
        assert (Status.UNKNOWN, "protocol_error") == (world.one(check).status, world.one(check).cause)


def test_gravest_recipient_counts(build: Any) -> None:
    """
    Two domains behind one host ask two recipients in one dialogue; a refusal of one is the address's finding.
    """
    keys = {"domains": ["alder.example", {"name": "alder-two.example", "test_recipient": "max@alder-two.example"}]}
    world = build.world(keys)
    question = next(each for each in _questions(world, RECIPIENT) if isinstance(each, SmtpQuestion))

    assert [each.recipient for each in question.transactions if each.envelope is Envelope.VALID] == [
        "erika@alder.example",
        "max@alder-two.example",
    ]
    assert sum(isinstance(each, SmtpQuestion) for each in world.asked) == 1


def _questions(world: Any, check: Any) -> list[Any]:
    world.judge(check)
    return list(world.asked)


@pytest.mark.parametrize(
    ("wire", "status", "cause"),
    [
        ("550 5.1.1 no", Status.PASS, None),
        ("250 OK", Status.WARN, "accepted"),
        ("451 4.3.0 later", Status.UNKNOWN, "temporary"),
        ("550 5.7.606 banned", Status.UNKNOWN, "probe_reputation"),
        ("mail:550 hm", Status.UNKNOWN, "probe_reputation"),
        ("mail:530 5.7.0 Must issue a STARTTLS command first", Status.UNKNOWN, "probe_reputation"),
        (LOCKED, Status.UNKNOWN, "locked"),
    ],
)
def test_unknown_recipient(build: Any, wire: str, status: Status, cause: str | None) -> None:
    """
    An address nobody has is refused for good; accepted is warned of, held off is unknown.
    """
    found = build.world(default=build.server(unknown=wire)).one(UNKNOWN)

    assert (status, cause) == (found.status, found.cause)


@pytest.mark.parametrize(
    ("wire", "status", "cause"),
    [
        ("550 5.7.64 TenantAttribution; Relay Access Denied", Status.PASS, None),
        ("454 4.7.1 Relay access denied", Status.PASS, None),
        ("550 5.4.1 Recipient address rejected: Access denied", Status.PASS, None),
        ("250 OK", Status.FAIL, "relay"),
        ("450 4.1.2 Recipient address rejected: Domain not found", Status.UNKNOWN, "test_domain_refused"),
        ("556 5.1.10 Domain example.com does not accept mail (nullMX)", Status.UNKNOWN, "test_domain_refused"),
        ("450 4.3.2 later", Status.UNKNOWN, "temporary"),
        ("mail:550 5.7.1 sender rejected", Status.UNKNOWN, "probe_reputation"),
    ],
)
def test_relay(build: Any, wire: str, status: Status, cause: str | None) -> None:
    """
    A foreign address is refused as relaying, with 4xx or 5xx; a refusal for another reason proves nothing.
    """
    found = build.world(default=build.server(foreign=wire)).one(RELAY)

    assert (status, cause) == (found.status, found.cause)


def test_relay_domain_of_the_consultant(build: Any) -> None:
    """
    The open-relay question uses the consultant's own domain where one is named, else a reserved one.
    """
    own = next(
        each for each in _questions(build.world({"relay_test_domain": "consultant.example"}), RELAY) if isinstance(each, SmtpQuestion)
    )
    reserved = next(each for each in _questions(build.world(), RELAY) if isinstance(each, SmtpQuestion))

    assert [each.recipient.rpartition("@")[2] for each in own.transactions if each.envelope is Envelope.FOREIGN] == ["consultant.example"]
    assert [each.recipient.rpartition("@")[2] for each in reserved.transactions if each.envelope is Envelope.FOREIGN] == ["example.com"]


def test_questions_by_default(build: Any) -> None:
    """
    One dialogue asks the valid, the unknown and the foreign address in this order; nothing is sent on to DATA.
    """
    question = next(each for each in _questions(build.world(), RECIPIENT) if isinstance(each, SmtpQuestion))

    assert [Envelope.VALID, Envelope.UNKNOWN, Envelope.FOREIGN] == [each.envelope for each in question.transactions]
    assert question == next(each for each in _questions(build.world(), RECIPIENT) if isinstance(each, SmtpQuestion))


def test_delivery(build: Any) -> None:
    """
    A message is sent only where it is asked for; its acceptance passes, its refusal fails with the meaning.
    """
    asked = {"send_test_message": True}

    assert build.world().one(DELIVERY).status is Status.NOT_APPLICABLE
    assert build.world(asked).one(DELIVERY).status is Status.PASS
    refused = build.world(asked, default=build.server(delivery=("250 OK", "354 go on", "554 5.6.0 bad content"))).one(DELIVERY)
    assert (Status.FAIL, "content_refused") == (refused.status, refused.cause)
    later = build.world(asked, default=build.server(delivery=("250 OK", "452 4.3.1 later", ""))).one(DELIVERY)
    assert later.status is Status.UNKNOWN
    unreached = build.world(asked, default=build.server(valid="550 5.1.1 no", delivery=("550 5.1.1 no", "", ""))).one(DELIVERY)
    assert (Status.NOT_APPLICABLE, f"route.recipient {build.address}") == (unreached.status, unreached.evidence[0])


@pytest.mark.parametrize(
    ("phase", "mx", "status"),
    [
        ("prepare", {}, Status.UNKNOWN),
        ("cutover", {}, Status.UNKNOWN),
        ("cutover", {"alder.example": ("mail.alder.example",)}, Status.UNKNOWN),
        ("cutover", MOVED, Status.NOT_APPLICABLE),
        ("lockdown", {}, Status.NOT_APPLICABLE),
    ],
)
def test_locked_recipient_by_phase(build: Any, phase: str, mx: dict[str, Any], status: Status) -> None:
    """
    The lock's refusal is unknown while it comes too early; once MX has moved, and at lockdown, the question is not needed.
    """
    server = build.server(valid=LOCKED, unknown=LOCKED, foreign=LOCKED, neutral=LOCKED)
    world = build.world({"phase": phase}, mx=mx, default=server)

    for check in (RECIPIENT, UNKNOWN, RELAY):
        assert (status, "locked") == (world.one(check).status, world.one(check).cause)


def test_lock_that_closes_the_connection(build: Any) -> None:
    """
    Google's lock answers once and closes: the questions after it are unknown because of the lock, not because of the protocol.
    """
    server = build.server(valid="421 4.7.0 IP not in whitelist for RCPT domain, closing connection.", unknown=None, foreign=None)
    world = build.world(
        {"platform": "google_workspace", "inbound_host": "smtp.google.com"},
        addresses={"smtp.google.com": ("142.250.1.26",)},
        default=server,
    )

    assert [("unknown", "locked")] * 3 == [(world.one(check).status, world.one(check).cause) for check in (RECIPIENT, UNKNOWN, RELAY)]
    for check in (UNKNOWN, RELAY):
        assert "Way round the gateway" in world.one(check).words.remedy
        assert "421 4.7.0" in world.one(check).words.observed


def test_recipient_of_another_domain_is_not_asked_at_this_domains_host(build: Any) -> None:
    """
    The environment's recipient lies in one domain; the host of another domain is not asked for it, but for a person to test.
    """
    keys = {"domains": ["alder.example", {"name": "alder-two.example", "inbound_host": "mx2.alder.example"}]}
    addresses = {"mail.alder.example": ("93.184.216.34",), "mx2.alder.example": ("93.184.216.35",)}
    found = build.own(keys, addresses=addresses).judge(RECIPIENT)

    assert {"93.184.216.34": Status.PASS, "93.184.216.35": Status.MANUAL} == {key: each.status for key, each in found.items()}


def test_recipient_in_an_unlisted_domain_counts(build: Any) -> None:
    """
    A test recipient in a domain that is not listed is asked all the same.
    """
    assert build.world({"test_recipient": "erika@birch.example"}).one(RECIPIENT).status is Status.PASS


def test_addresses_stand_in_the_same_order_every_time(build: Any) -> None:
    """
    DNS turns its answers round; the findings do not turn with them.
    """
    one = build.world(addresses={build.host: ("52.101.2.1", "52.101.1.9")}).judge(RECIPIENT)
    other = build.world(addresses={build.host: ("52.101.1.9", "52.101.2.1")}).judge(RECIPIENT)

    assert list(one) == list(other) == ["52.101.1.9", "52.101.2.1"]


@pytest.mark.parametrize(
    ("valid", "others", "status"),
    [
        ("550 5.7.1 Go away", "550 5.7.1 Go away", Status.UNKNOWN),
        ("530 5.7.0 Must issue a STARTTLS command first", "530 5.7.0 Must issue a STARTTLS command first", Status.UNKNOWN),
        ("250 2.1.5 Ok", "550 5.7.1 Go away", Status.PASS),
        ("550 5.7.1 Not you", "550 5.1.1 User unknown", Status.PASS),
    ],
)
@pytest.mark.parametrize("name", ["route.unknown_recipient", "route.relay"])
def test_one_refusal_for_everybody_says_nothing(build: Any, name: str, valid: str, others: str, status: Status) -> None:
    """
    A server that refuses all recipients in the same words, for a reason that is none of theirs, has not been asked anything.
    """
    server = build.server(valid=valid, unknown=others, foreign=others)

    assert build.own(default=server).one(build.check(route.CHECKS, name)).status is status
