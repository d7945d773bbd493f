"""
The reply catalogue: real replies of the platforms, and that no hostile reply makes the look-up slow.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from runbook_lib.knowledge.replies import FOREIGN, GATEWAY, Meaning, Reading, catalogue_date, classify, entry_ids


@dataclass(frozen=True)
class Reply:
    """
    A reply as the catalogue needs it.
    """

    code: int
    text: str
    enhanced: str | None = None


def reply(text: str) -> Reply:
    """
    A reply from its wire form.
    """
    code, _, rest = text.partition(" ")
    head = rest.split(" ", 1)[0]
    return Reply(int(code), rest, head if head.count(".") == 2 else None)


MICROSOFT = [
    ("250 2.1.5 Recipient OK", Meaning.ACCEPTED),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AM0EUR02.example]", Meaning.UNKNOWN_RECIPIENT),
    (
        "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [x]",
        Meaning.UNKNOWN_RECIPIENT,
    ),
    ("550 5.4.1 Relay Access Denied", Meaning.DOMAIN_NOT_ACCEPTED),
    ("550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched", Meaning.LOCKED),
    ("550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization", Meaning.DIRECT_SEND_REJECTED),
    ("550 5.7.64 TenantAttribution; Relay Access Denied [x]", Meaning.RELAY_DENIED),
    ("451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35. [x]", Meaning.WRONG_HOST),
    ("550 4.4.4 Mail received as unauthenticated, no mail-enabled subscriptions. ATTR5", Meaning.NO_MAILBOXES),
    ("451 4.3.2 Temporary server error. Please try again later ATTR55", Meaning.TEMPORARY),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.9]", Meaning.PROBE_REPUTATION),
    ("550 5.7.649 Access denied, banned sending IP [192.0.2.9]", Meaning.PROBE_REPUTATION),
    ("451 4.7.500 Server busy. Please try again later", Meaning.RATE_LIMITED),
    ("451 4.7.650 The mail server [192.0.2.9] has been temporarily rate limited", Meaning.RATE_LIMITED),
    ("550 5.7.1 Service unavailable, Client host [192.0.2.9] blocked using Spamhaus", Meaning.PROBE_REPUTATION),
    ("550 5.7.513 Service unavailable, Client host blocked by Customer Block list", Meaning.PROBE_REPUTATION),
    ("550 5.7.506 Access Denied, Bad HELO", Meaning.BAD_HELLO),
    ("550 5.7.501 Service unavailable. Spam abuse detected from IP range. S(5001)", Meaning.PROBE_REPUTATION),
    ("550 5.7.508 Access denied, [192.0.2.9] has exceeded permitted limits", Meaning.RATE_LIMITED),
    ("550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", Meaning.PROBE_REPUTATION),
    ("550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains.", Meaning.SENDER_REFUSED),
    ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", Meaning.RECIPIENT_RESTRICTED),
]
GOOGLE = [
    (
        "550 5.7.1 [192.0.2.9] The IP you're using to send mail is not authorized to send email directly to our servers.",
        Meaning.PROBE_REPUTATION,
    ),
    ("550 5.7.28 There is an unusual rate of unsolicited mail originating from your IP address.", Meaning.PROBE_REPUTATION),
    ("250 2.1.5 OK abc - gsmtp", Meaning.ACCEPTED),
    ("550 5.1.1 The email account that you tried to reach does not exist.", Meaning.UNKNOWN_RECIPIENT),
    ("550 5.2.1 The email account that you tried to reach is disabled.", Meaning.MAILBOX_DISABLED),
    ("550 5.7.1 Relaying denied - gsmtp", Meaning.RELAY_DENIED),
    ("421 4.7.0 IP not in whitelist for RCPT domain, closing connection.", Meaning.LOCKED),
    ("421 4.7.0 TLS required for RCPT domain, closing connection", Meaning.TLS_REQUIRED),
    ("550 5.7.1 Unauthenticated email from alder.example is not accepted due to domain's DMARC policy.", Meaning.SENDER_REFUSED),
    ("550 5.7.25 The IP address sending this message does not have a PTR record", Meaning.PROBE_REPUTATION),
    ("421 4.7.0 unusual rate of unsolicited mail", Meaning.RATE_LIMITED),
    ("452 4.2.2 The email account that you tried to reach is over quota.", Meaning.MAILBOX_FULL),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly", Meaning.RATE_LIMITED),
]
EXCHANGE = [
    ("550 5.1.1 User unknown", Meaning.UNKNOWN_RECIPIENT),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Meaning.UNKNOWN_RECIPIENT),
    ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", Meaning.RELAY_DENIED),
    ("530 5.7.1 Client was not authenticated", Meaning.AUTHENTICATION_REQUIRED),
    ("530 5.7.0 Must issue a STARTTLS command first", Meaning.TLS_REQUIRED),
    ("451 4.7.0 Temporary server error. Please try again later. PRX2", Meaning.TEMPORARY),
    ("452 4.3.1 Insufficient system resources", Meaning.TEMPORARY),
    ("554 5.7.1 <unknown[192.0.2.9]>: Client host rejected: Access denied", Meaning.CLIENT_REFUSED),
    ("550 5.7.1 External client with IP address 192.0.2.9 does not have permissions to submit to this server.", Meaning.CLIENT_REFUSED),
    ("550 5.7.1 Your IP address 192.0.2.9 has been blocked due to spam activity", Meaning.PROBE_REPUTATION),
    ("554 5.7.1 Your host [192.0.2.9] is blocked: too many invalid recipients", Meaning.PROBE_REPUTATION),
    ("554 5.7.1 Connection refused. Your IP address has a dynamic or generic hostname", Meaning.PROBE_REPUTATION),
    ("554 5.7.1 The IP address 192.0.2.9 is dynamic; dynamic IPs are not welcome here", Meaning.PROBE_REPUTATION),
    ("550 5.7.1 Bounces are not accepted here", Meaning.SENDER_REFUSED),
    ("550 5.7.1 Null return path not accepted", Meaning.SENDER_REFUSED),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Meaning.RELAY_DENIED),
    ("450 4.2.0 <erika@alder.example>: Recipient address rejected: Greylisted, see https://postgrey.example", Meaning.GREYLISTED),
    ("550 5.1.1 <x@alder.example>: Recipient address rejected: User unknown in local recipient table", Meaning.UNKNOWN_RECIPIENT),
]
MIMECAST = [
    ("451 Internal resources are temporarily unavailable - https://community.example/451", Meaning.GREYLISTED),
    ("451 Account inbounds disabled", Meaning.INBOUND_DISABLED),
    ("451 Open relay is not allowed", Meaning.NOT_REGISTERED),
    ("550 Open relay not allowed", Meaning.NOT_REGISTERED),
    ("550 The incorrect hostname used for inbounds", Meaning.OUTBOUND_HOST),
    ("550 Invalid Recipient", Meaning.RECIPIENT_VALIDATION),
    ("451 IP temporarily blacklisted", Meaning.PROBE_REPUTATION),
    ("451 Account service is temporarily unavailable", Meaning.RATE_LIMITED),
    ("553 This route requires encryption (TLS)", Meaning.TLS_REQUIRED),
    ("550 Rejected by header based Anti-Spoofing policy", Meaning.SENDER_REFUSED),
]


@pytest.mark.parametrize(
    ("platform", "wire", "meaning"),
    [
        *(("microsoft_365", *case) for case in MICROSOFT),
        *(("google_workspace", *case) for case in GOOGLE),
        *(("on_premises", *case) for case in EXCHANGE),
        *((GATEWAY, *case) for case in MIMECAST),
    ],
    ids=lambda value: value[:40],
)
def test_replies_of_the_platforms(platform: str, wire: str, meaning: Meaning) -> None:
    """
    Each documented reply has the meaning its platform gives it.
    """
    assert meaning == classify(reply(wire), "rcpt", platform).meaning


@pytest.mark.parametrize(
    ("wire", "meaning"),
    [
        ("454 4.7.1 <x@example.com>: Relay access denied", Meaning.RELAY_DENIED),
        ("554 5.7.1 <x@example.com>: Relay access denied", Meaning.RELAY_DENIED),
        ("550 5.7.1 Unable to relay", Meaning.RELAY_DENIED),
        ("450 4.1.2 <x@example.invalid>: Recipient address rejected: Domain not found", Meaning.TEST_DOMAIN_REFUSED),
        (
            "556 5.1.10 <x@example.com>: Recipient address rejected: Domain example.com does not accept mail (nullMX)",
            Meaning.TEST_DOMAIN_REFUSED,
        ),
        ("550 5.1.1 no such user", Meaning.UNKNOWN_RECIPIENT),
        ("450 Try later", Meaning.TEMPORARY),
    ],
)
def test_open_relay_question(wire: str, meaning: Meaning) -> None:
    """
    A refusal that only says the test domain does not exist is told from a refusal to relay.
    """
    assert meaning == classify(reply(wire), FOREIGN, "on_premises").meaning


def test_test_domain_counts_only_for_the_open_relay_question() -> None:
    """
    "Domain not found" about the customer's own domain is not taken for a fault of the test domain.
    """
    found = classify(reply("550 5.1.2 Domain not found"), "rcpt", "on_premises")

    assert Meaning.DOMAIN_NOT_ACCEPTED == found.meaning


def test_unknown_replies_are_not_guessed_at() -> None:
    """
    A reply that no entry knows is temporary with 4xx, refused with 5xx, accepted below.
    """
    assert Reading(Meaning.TEMPORARY) == classify(reply("451 sorry"), "rcpt", "on_premises")
    assert Reading(Meaning.REFUSED) == classify(reply("554 sorry"), "rcpt", "on_premises")
    assert Reading(Meaning.ACCEPTED) == classify(reply("354 go on"), "data")


def test_words_count_on_any_platform_codes_do_not() -> None:
    """
    A lock's words are known on every platform; an enhanced code alone counts only in its own family.
    """
    assert Meaning.LOCKED == classify(reply("421 4.7.0 IP not in whitelist for RCPT domain"), "rcpt", "hosted_exchange").meaning
    assert Meaning.REFUSED == classify(reply("550 5.7.606 no"), "rcpt", "google_workspace").meaning


def test_lock_is_no_direct_send_rejection() -> None:
    """
    5.7.68 opens with the same word as 5.7.51 and is another control.
    """
    wire = "550 5.7.68 TenantInboundAttribution; Direct Send not allowed"

    assert Meaning.DIRECT_SEND_REJECTED == classify(reply(wire), "rcpt", "microsoft_365").meaning


def test_about_the_probe() -> None:
    """
    Meanings that speak of the one who asks are marked as such; those about the customer are not.
    """
    assert Meaning.PROBE_REPUTATION.about_probe
    assert Meaning.RATE_LIMITED.about_probe
    assert not Meaning.UNKNOWN_RECIPIENT.about_probe
    assert not Meaning.LOCKED.about_probe


def test_entries_are_unique_and_dated() -> None:
    """
    Every entry has an id of its own, and the catalogue a date.
    """
    assert len(set(entry_ids())) == len(entry_ids())
    assert "2026-11" == catalogue_date()


@pytest.mark.parametrize("piece", ["relaying to ", "internal resource", "listed in ", "helo ", "your ip ", "access denied for ", "a.b "])
def test_hostile_replies_do_not_stall(piece: str) -> None:
    """
    A reply made of half matches is looked up in a blink (no catastrophic backtracking).
    """
    started = time.process_time()
    classify(Reply(550, piece * 50_000, "5.7.1"), "rcpt", "on_premises")

    assert time.process_time() - started < 1.0
