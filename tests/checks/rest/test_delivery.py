"""
`delivery.headers`: the way of a delivered message, and what the platform made of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "delivery.headers"
INSIDE = (
    "Received: from AM0PR01.eurprd01.prod.outlook.com (2603:10a6::1) by DB8PR01.eurprd01.prod.outlook.com with HTTPS;"
    " Tue, 24 Nov 2026 20:00:09 +0000"
)
ENTERING = (
    "Received: from eu-smtp-delivery-1.mimecast.com (203.0.113.5) by AM0EUR01FT001.mail.protection.outlook.com (10.152.0.1)"
    " with Microsoft SMTP Server (version=TLS1_2) id 15.20; Tue, 24 Nov 2026 20:00:07 +0000"
)
AT_GATEWAY = (
    "Received: from mail.sender.example (mail.sender.example [192.0.2.55]) by relay.mimecast.com with ESMTP id uk-mta-1;"
    " Tue, 24 Nov 2026 20:00:02 +0000"
)
AUTHENTICATED = (
    "Authentication-Results: spf=pass smtp.mailfrom=sender.example; dkim=pass header.d=sender.example; dmarc=pass; compauth=pass reason=100"
)
SKIPPED = "X-Forefront-Antispam-Report: CIP:192.0.2.55;CTRY:;LANG:en;SCL:-1;SRV:;IPV:NLI;SFV:SKN;CAT:NONE"
PLAIN = "X-Forefront-Antispam-Report: CIP:203.0.113.5;CTRY:;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;CAT:NONE"


def _message(*lines: str) -> str:
    rest = ["From: Bob <bob@sender.example>", "To: Ann <ann@alder.example>", "Subject: Test", "Message-ID: <1@sender.example>", "", "Hello"]
    return "\r\n".join([*lines, *rest])


WHOLE = (INSIDE, ENTERING, AT_GATEWAY, AUTHENTICATED, SKIPPED)


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.NOT_APPLICABLE), ("cutover", Status.MANUAL), ("lockdown", Status.MANUAL)])
def test_none_given(desk: Any, phase: str, status: Status) -> None:
    """
    Without a message somebody has to look at one, once mail goes through the gateway.
    """
    assert desk.one(CHECK, phase=phase).status is status


@pytest.mark.parametrize(
    ("platform", "there", "elsewhere"),
    [
        ("google_workspace", "Gmail", "SCL:-1"),
        ("microsoft_365", "SCL:-1", "Gmail"),
        ("hybrid", "SCL:-1", "Gmail"),
        ("on_premises", "Outlook", "SCL:-1"),
    ],
)
def test_where_a_header_is_found(desk: Any, platform: str, there: str, elsewhere: str) -> None:
    """
    Nobody is sent to another platform's mailbox, or told to look for another platform's mark.
    """
    remedy = desk.one(CHECK, phase="cutover", platform=platform, inbound_host="mail.alder.example").words.remedy

    assert there in remedy
    assert elsewhere not in remedy


def test_whole_way(desk: Any) -> None:
    """
    Through the gateway, not judged again, authenticated: the proof of the whole way, called by its file.
    """
    found = desk.one(CHECK, {"test.eml": _message(*WHOLE)}, phase="lockdown")

    assert (Status.PASS, "test.eml") == (found.status, found.subject)
    assert len(found.evidence) == 1
    assert "eu-smtp-delivery-1.mimecast.com [203.0.113.5]" in found.words.observed


@pytest.mark.parametrize(
    ("lines", "status", "cause"),
    [
        (
            (ENTERING.replace("eu-smtp-delivery-1.mimecast.com (203.0.113.5)", "mail.sender.example (192.0.2.55)"), AUTHENTICATED, SKIPPED),
            "fail",
            "bypassed",
        ),
        (
            (
                ENTERING.replace("eu-smtp-delivery-1.mimecast.com (203.0.113.5)", "filter.other.example (192.0.2.66)"),
                "Received: from eu-smtp-delivery-1.mimecast.com (203.0.113.5) by filter.other.example; Tue, 24 Nov 2026 20:00:05 +0000",
                AT_GATEWAY,
                AUTHENTICATED,
                SKIPPED,
            ),
            "fail",
            "detour",
        ),
        ((ENTERING, AT_GATEWAY, AUTHENTICATED, SKIPPED.replace("SCL:-1", "SCL:6").replace("SFV:SKN", "SFV:SPM")), "fail", "judged_spam"),
        ((ENTERING.replace("203.0.113.5", "192.0.2.66"), AT_GATEWAY, AUTHENTICATED, SKIPPED), "warn", "not_in_ranges"),
        ((ENTERING.replace("203.0.113.5", "10.1.2.3"), AT_GATEWAY, AUTHENTICATED, SKIPPED), "pass", None),
        ((ENTERING, AT_GATEWAY, AUTHENTICATED, PLAIN), "warn", "judged_again"),
        ((ENTERING, AT_GATEWAY, AUTHENTICATED, PLAIN.replace("IPV:NLI", "IPV:CAL")), "pass", None),
        (
            (ENTERING, AT_GATEWAY, AUTHENTICATED, PLAIN, "X-MS-Exchange-SkipListedInternetSender: ip=[192.0.2.55];domain=x"),
            "warn",
            "not_for_all",
        ),
        (
            (
                ENTERING,
                AT_GATEWAY,
                AUTHENTICATED,
                PLAIN,
                "X-MS-Exchange-SkipListedInternetSender: ip=[192.0.2.55];domain=x",
                "X-MS-Exchange-ExternalOriginalInternetSender: ip=[192.0.2.55];domain=x",
            ),
            "pass",
            None,
        ),
        (
            (
                ENTERING,
                AT_GATEWAY,
                SKIPPED,
                "Authentication-Results: spf=fail smtp.mailfrom=a.example; dkim=fail; dmarc=fail action=oreject; compauth=fail reason=000",
            ),
            "fail",
            "authentication_lost",
        ),
        (
            (
                ENTERING,
                AT_GATEWAY,
                SKIPPED,
                "Authentication-Results: spf=fail; dkim=fail; dmarc=fail action=none; compauth=pass reason=130",
            ),
            "pass",
            None,
        ),
        (
            (ENTERING, AT_GATEWAY, SKIPPED, "Authentication-Results: spf=fail; dkim=none; dmarc=none; compauth=fail reason=001"),
            "warn",
            "authentication_weak",
        ),
        ((ENTERING, AT_GATEWAY, AUTHENTICATED.replace("; compauth=pass reason=100", "")), "unknown", "no_fields"),
        ((ENTERING, AT_GATEWAY, SKIPPED), "unknown", "no_results"),
        ((AT_GATEWAY, AUTHENTICATED, SKIPPED), "unknown", "not_entered"),
        ((AUTHENTICATED, SKIPPED), "unknown", "no_hops"),
    ],
)
def test_broken_links(desk: Any, lines: tuple[str, ...], status: str, cause: str | None) -> None:
    """
    Each broken link is named by its cause.
    """
    found = desk.one(CHECK, {"test.eml": _message(*lines)}, phase="lockdown")

    assert (status, cause) == (found.status.value, found.cause)


def test_gateway_of_another_region(desk: Any) -> None:
    """
    A gateway host of another region, from addresses that are not the account's, is told.
    """
    entering = ENTERING.replace("eu-smtp-delivery-1.mimecast.com (203.0.113.5)", "us-smtp-inbound-delivery-1.mimecast.com (205.139.110.61)")
    found = desk.one(CHECK, {"test.eml": _message(entering, AT_GATEWAY, AUTHENTICATED, SKIPPED)}, phase="lockdown")

    assert (Status.WARN, "other_region") == (found.status, found.cause)


def test_sender_in_the_same_cloud(desk: Any) -> None:
    """
    Where the sender is a tenant of the same provider, its own hops in front of the gateway are not the platform's.
    """
    sending = (
        "Received: from A.eurprd02.prod.outlook.com by EUR02.outbound.protection.outlook.com with SMTP; Tue, 24 Nov 2026 20:00:00 +0000"
    )
    found = desk.one(CHECK, {"test.eml": _message(INSIDE, ENTERING, AT_GATEWAY, sending, AUTHENTICATED, SKIPPED)}, phase="lockdown")

    assert found.status is Status.PASS


def test_google(desk: Any) -> None:
    """
    At Google the mark of its spam filter counts.
    """
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com", "phase": "lockdown"}
    entering = (
        "Received: from eu-smtp-delivery-1.mimecast.com ([203.0.113.5]) by mx.google.com with ESMTPS id x; Tue, 24 Nov 2026 20:00:07 +0000"
    )
    results = "Authentication-Results: mx.google.com; dkim=pass header.i=@sender.example; spf=pass; dmarc=pass (p=REJECT)"

    assert desk.one(CHECK, {"m.eml": _message(entering, AT_GATEWAY, results)}, **keys).status is Status.PASS
    assert desk.one(CHECK, {"m.eml": _message("X-Gm-Spam: 1", entering, AT_GATEWAY, results)}, **keys).cause == "judged_spam"


def test_own_server(desk: Any) -> None:
    """
    A server of the customer's own writes no marks; the way alone is judged.
    """
    keys = {"platform": "on_premises", "inbound_host": "mail.alder.example", "phase": "cutover"}
    entering = ENTERING.replace("AM0EUR01FT001.mail.protection.outlook.com", "mail.alder.example")

    assert desk.one(CHECK, {"m.eml": _message(entering, AT_GATEWAY)}, **keys).status is Status.PASS
