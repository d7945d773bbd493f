"""
``runbook explain``: text, file and standard input, in words and as JSON.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from runbook_lib.cli.app import run

CORPUS = Path(__file__).with_name("corpus")
HEADER = """\
Received: from eu-smtp-delivery-1.mimecast.com (185.58.85.1) by x.mail.protection.outlook.com with Microsoft SMTP Server;
 Tue, 24 Nov 2026 10:00:05 +0000
Received: from mail.birch.example ([192.0.2.7]) by relay.mimecast.com with ESMTPS; Tue, 24 Nov 2026 10:00:02 +0000
Authentication-Results: spf=pass smtp.mailfrom=birch.example; dmarc=pass
X-Forefront-Antispam-Report: CIP:192.0.2.7;SCL:-1;SFV:SKN;IPV:CAL;CAT:NONE
"""


class Input:
    """
    Standard input with bytes in it.
    """

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A reply given as an argument is explained: what, code, whose, what to do, on what it rests.
    """
    status = run(["explain", "550 5.7.51 TenantInboundAttribution; There is a partner connector configured"])
    lines = capsys.readouterr().out.splitlines()

    assert 0 == status
    assert "The platform only takes mail from the gateway's addresses, and this message came from another one." == lines[0]
    assert "  locked_to_gateway 550 5.7.51" == lines[1]
    assert "  Whose: the mail platform" == lines[2]
    assert "  To do: It depends on who sent the message:" == lines[3]
    assert lines[5].startswith("    • ")
    assert lines[5].endswith("Take it off now: the Restrict setting of the inbound connector.")
    assert "  Rests on: 550 5.7.51 TenantInboundAttribution; There is a partner connector configured" == lines[8]
    assert '  Next: the step "Close the side door" in the customer\'s notebook' == lines[9]


@pytest.mark.parametrize(
    ("reply", "setting"),
    [
        (
            "421 4.7.0 IP not in whitelist for RCPT domain, closing connection. gsmtp",
            '"Reject all mail not from gateway IPs" of the inbound',
        ),
        ("550 5.7.51 Access denied", "the rule for port 25 of the firewall"),
    ],
)
def test_a_platform_is_told_of_its_own_setting(capsys: pytest.CaptureFixture[str], reply: str, setting: str) -> None:
    """
    Nobody is sent to another platform's console; where the reply does not tell the platform, all are named.
    """
    run(["explain", reply])

    assert setting in capsys.readouterr().out


def test_a_reply_in_unknown_words(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Nobody is asked to paste what was just pasted; a text without a reply is.
    """
    run(["explain", "451 4.7.99 Come back another day"])
    reply = capsys.readouterr().out
    run(["explain", "Undeliverable: your message to Kim could not be delivered."])
    text = capsys.readouterr().out

    assert "Ask whoever runs that server, with these words" in reply
    assert "paste that" not in reply
    assert "paste that" in text


def test_file(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The name of an existing file stands for its content; further recipients are told shortly.
    """
    status = run(["explain", str(CORPUS / "postfix-two.eml")])
    output = capsys.readouterr().out

    assert 0 == status
    assert "The mailbox of bert@cedar.example has no room left." in output
    assert "Also: There is no mailbox for carl@cedar.example: mx.cedar.example does not know the address. (user_unknown)" in output


@pytest.mark.parametrize("arguments", [["explain", "--json"], ["explain", "-", "--json"]])
def test_standard_input(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without an argument, or with a dash, standard input is read; JSON is the contract's list.
    """
    monkeypatch.setattr(sys, "stdin", Input(b"452 4.2.2 Mailbox full\r\n"))
    status = run(arguments)

    assert 0 == status
    assert [
        {
            "reason": "mailbox_full",
            "reply_code": 452,
            "enhanced_code": "4.2.2",
            "temporary": True,
            "whose": "recipient",
            "stage": None,
            "summary": "The mailbox of the recipient has no room left.",
            "remedy": "Free space in the mailbox, or raise its quota, and send again.",
            "matched": "452 4.2.2 Mailbox full",
            "next": None,
        }
    ] == json.loads(capsys.readouterr().out)


def test_no_bounce(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A message that is no bounce says so, and nobody is named for it.
    """
    run(["explain", str(CORPUS / "vacation.eml")])
    output = capsys.readouterr().out

    assert output.startswith("This is an automatic reply: the message arrived.")
    assert "Whose" not in output


def test_way_of_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Headers show the way with delays and the gateway on it, and what the platform found.
    """
    run(["explain", HEADER])
    output = capsys.readouterr().out

    assert "The way of the message, oldest first (3 s in all):" in output
    assert "   2     +3 s  eu-smtp-delivery-1.mimecast.com [185.58.85.1] -> x.mail.protection.outlook.com  MICROSOFT  (gateway)" in output
    assert "What the platform found: spf=pass, dmarc=pass" in output
    assert "IPV:CAL: the connecting address is on the connection filter's allow list" in output
