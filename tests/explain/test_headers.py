"""
Headers of delivered messages: the way, the gateway on it, and what the platforms found.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runbook_lib.explain import Reason, Stage, Whose, explain, read_message
from runbook_lib.knowledge.text import Catalogue

MICROSOFT = b"""\
Received: from AM0EUR02FT012.eop-EUR02.prod.protection.outlook.com (2603:10a6::1) by
 DB7.eurprd03.prod.outlook.com (2603:10a6::2) with Microsoft SMTP Server
 (version=TLS1_2, cipher=X) id 15.20.1; Tue, 24 Nov 2026 10:00:07 +0000
Received: from eu-smtp-delivery-1.mimecast.com (185.58.85.1) by
 AM0EUR02FT012.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server
 (version=TLS1_2, cipher=X) id 15.20.2 via Frontend Transport; Tue, 24 Nov 2026 10:00:05 +0000
Received: from mail.birch.example (mail.birch.example [192.0.2.7]) by
 relay.mimecast.com with ESMTP with STARTTLS (version=TLSv1.3) id
 uk-mta-12-abc; Tue, 24 Nov 2026 10:00:02 +0000
Received: from pc.birch.example ([198.51.100.9]) by mail.birch.example with ESMTPSA; Tue, 24 Nov 2026 11:00:05 +0100
Authentication-Results: spf=fail (sender IP is 185.58.85.1)
 smtp.mailfrom=birch.example; dkim=pass (signature was verified)
 header.d=birch.example;dmarc=pass action=none header.from=birch.example;compauth=pass reason=130
Authentication-Results-Original: relay.mimecast.com; dkim=pass header.d=birch.example
ARC-Authentication-Results: i=1; relay.mimecast.com; dkim=pass header.d=birch.example; dmarc=pass (policy=none) header.from=birch.example
X-Forefront-Antispam-Report: CIP:192.0.2.7;CTRY:DE;LANG:en;SCL:-1;SRV:;IPV:CAL;SFV:SKN;H:mail.birch.example;PTR:;CAT:NONE;SFS:;DIR:INB;
X-MS-Exchange-SkipListedInternetSender: ip=[192.0.2.7];domain=mail.birch.example
X-MS-Exchange-ExternalOriginalInternetSender: ip=[192.0.2.7];domain=mail.birch.example
From: =?utf-8?Q?B=C3=A4rbel?= <b@birch.example>
Subject: Offer
Message-ID: <1@birch.example>

Hello
"""


def test_hops() -> None:
    """
    The hops come oldest first, with time, delay, clock skew and the gateway named.
    """
    view = read_message(MICROSOFT)

    assert ["pc.birch.example", "mail.birch.example", "eu-smtp-delivery-1.mimecast.com"] == [hop.sent_by for hop in view.hops[:3]]
    assert [None, -3.0, 3.0, 2.0] == [hop.delay_s for hop in view.hops]
    assert [False, True, False, False] == [hop.clock_skew for hop in view.hops]
    assert [(False, False), (False, True), (True, False), (False, False)] == [(hop.from_gateway, hop.to_gateway) for hop in view.hops]
    assert ("198.51.100.9", "ESMTPSA", datetime(2026, 11, 24, 10, 0, 5, tzinfo=UTC)) == (
        view.hops[0].address,
        view.hops[0].protocol,
        view.hops[0].at,
    )
    assert view.hops[2] == view.delivered_by_gateway
    assert view.took_s == 2.0


def test_results() -> None:
    """
    The platform's results stand apart from ARC's, with their properties.
    """
    view = read_message(MICROSOFT)
    results = view.platform_results

    assert results is not None
    assert [("spf", "fail"), ("dkim", "pass"), ("dmarc", "pass"), ("compauth", "pass")] == [
        (each.method, each.result) for each in results.verdicts
    ]
    assert {"smtp.mailfrom": "birch.example"} == results.verdicts[0].properties
    assert "sender IP is 185.58.85.1" == results.verdicts[0].comment
    assert [("relay.mimecast.com", 1)] == [(each.server, each.instance) for each in view.results if each.instance is not None]


def test_microsoft() -> None:
    """
    Microsoft's fields are read and each is explained.
    """
    view = read_message(MICROSOFT)
    catalogue = Catalogue()

    assert view.microsoft is not None
    assert (-1, "SKN", "CAL", "192.0.2.7", "pass", "130") == (
        view.microsoft.scl,
        view.microsoft.sfv,
        view.microsoft.ipv,
        view.microsoft.cip,
        view.microsoft.compauth,
        view.microsoft.compauth_reason,
    )
    assert view.microsoft.filtering_skipped
    assert view.microsoft.skip_listed.startswith("ip=[192.0.2.7]")
    assert 7 == len([catalogue.text(message.id, **message.values) for message in view.explained()])
    assert "Bärbel <b@birch.example>" == view.sender


def test_google() -> None:
    """
    Google's results and its own fields are read.
    """
    view = read_message(
        b"Received: from eu-smtp-delivery-1.mimecast.com (eu-smtp-delivery-1.mimecast.com. [185.58.85.1])\n"
        b"        by mx.google.com with ESMTPS id a1; Tue, 24 Nov 2026 02:00:00 -0800 (PST)\n"
        b"Authentication-Results: mx.google.com;\n"
        b"       dkim=fail header.i=@birch.example;\n"
        b"       spf=softfail (google.com: b@birch.example does not designate 185.58.85.1) smtp.mailfrom=b@birch.example;\n"
        b"       dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=birch.example\n"
        b"X-Gm-Spam: 1\nX-Gm-Phishy: 0\nFrom: b@birch.example\n"
    )
    dmarc = view.verdict("dmarc")

    assert dmarc is not None
    assert ("fail", "p=REJECT sp=REJECT dis=NONE") == (dmarc.result, dmarc.comment)
    assert view.google is not None
    assert view.google.judged_spam
    assert view.hops[0].from_gateway
    assert "mx.google.com" == view.hops[0].taken_by


def test_headers_alone_are_explained() -> None:
    """
    Pasted headers with a failed DMARC result and a spam verdict give both diagnoses.
    """
    found = explain(
        "Authentication-Results: spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=a.example;"
        " dmarc=fail action=quarantine header.from=a.example\n"
        "X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:6;SFV:SPM;IPV:NLI;CAT:SPM\n"
    )

    assert [(Reason.AUTHENTICATION_FAILED, Stage.DELIVERED), (Reason.SPAM_OR_VIRUS, Stage.DELIVERED)] == [
        (each.reason, each.stage) for each in found
    ]


def test_good_headers_are_no_bounce() -> None:
    """
    Pasted headers without trouble say that nothing is wrong.
    """
    found = explain(MICROSOFT.partition(b"\n\n")[0])

    assert [Reason.NOT_A_BOUNCE] == [each.reason for each in found]


def test_circle() -> None:
    """
    Twenty-five hops and more are taken for a mail loop.
    """
    hop = "Received: from a.example by b.example; Tue, 24 Nov 2026 10:00:00 +0000\n"

    assert Reason.MAIL_LOOP == explain(hop * 30)[0].reason


def test_unreadable_fields_are_left_out() -> None:
    """
    Times, addresses and results that make no sense are None or empty, never an error.
    """
    view = read_message(
        b"Received: from by ; Foo, 99 Nov 99999 99:99:99 +9999\n"
        b"Received: from [999.1.1.1] (HELO x) by\n"
        b"Authentication-Results: ((((; =;=;;; spf= ; dkim\n"
        b"X-Forefront-Antispam-Report: SCL:abc;SFV:;IPV\n"
    )

    assert [None, None] == [hop.at for hop in view.hops]
    assert ["", ""] == [hop.address for hop in view.hops]
    assert view.microsoft is not None
    assert view.microsoft.scl is None


@pytest.mark.parametrize(
    ("host", "address", "whose", "step"),
    [
        ("eu-smtp-delivery-1.mimecast.com", "185.58.85.1", Whose.PLATFORM, "platform"),
        ("mail.birch.example", "192.0.2.1", Whose.SENDER, "authentication"),
    ],
)
def test_dmarc_that_failed_behind_the_gateway_is_for_the_tenant(host: str, address: str, whose: Whose, step: str) -> None:
    """
    Where the gateway handed the message over the platform has judged the gateway's address; else the sender's own set-up is wrong.
    """
    found = explain(
        f"Received: from {host} ({host}. [{address}])\n"
        "        by mx.google.com with ESMTPS id a1; Tue, 24 Nov 2026 02:00:00 -0800 (PST)\n"
        "Authentication-Results: mx.google.com; spf=fail smtp.mailfrom=b@birch.example; dmarc=fail header.from=birch.example\n"
        "From: b@birch.example\n"
    )
    failed = next(each for each in found if each.reason is Reason.AUTHENTICATION_FAILED)

    assert (whose, step) == (failed.whose, failed.next)
    assert failed.words(Catalogue("en")).remedy
