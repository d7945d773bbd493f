"""
Nothing that is pasted makes the explanation fail, hang or say more than it may.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.explain import Reason, Stage, Whose, explain, read_message
from runbook_lib.explain.reasons import LONGEST_MATCH
from runbook_lib.knowledge.text import Catalogue

KEYS = ["reason", "reply_code", "enhanced_code", "temporary", "whose", "stage", "summary", "remedy", "matched", "next"]
STEPS = {"intake", "domain", "ranges", "platform", "route", "mx", "authentication", "lockdown", "summary"}
PIECES = st.sampled_from(
    [
        "550 5.1.1 ",
        "451-",
        "\r\n",
        "\n",
        "\r",
        "--b\n",
        "Content-Type: multipart/report; boundary=b\n",
        "Content-Type: message/rfc822\n\n",
        "Content-Type: message/delivery-status\n\n",
        "Content-Transfer-Encoding: base64\n",
        "Final-Recipient: rfc822; a@b.example\n",
        "Action: failed\n",
        "Status: 5.",
        "Received: from ",
        " by x; ",
        "Authentication-Results: ",
        "spf=fail (",
        ")",
        "=?utf-8?Q?",
        "=?idna?B?",
        "\x00",
        "\ufffd",
        "RCPT TO:<a@b.example>\n",
        "EHLO x\n",
        "user unknown ",
        "host mx[192.0.2.1] said: ",
        "Subject: Undelivered\n",
        "From: MAILER-DAEMON\n",
        "status=bounced (",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=25).map("".join), st.text(max_size=300)))
def test_anything_is_explained(content: bytes | str) -> None:
    """
    Any input gives at least one well-formed diagnosis that JSON can hold, and a readable header view.
    """
    found = explain(content)
    shown = [each.as_json(Catalogue()) for each in found]

    assert 1 <= len(found) <= 21
    for each in shown:
        assert KEYS == list(each)
        assert each["next"] is None or each["next"] in STEPS
        assert each["summary"]
        assert len(str(each["matched"])) <= 6 * LONGEST_MATCH
        assert str(each["matched"]).isprintable()
    assert shown == json.loads(json.dumps(shown))
    read_message(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed; boundary=b\nFrom: a@b.example\n\n"
        + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 20_000,
        b"Content-Type: message/rfc822\nFrom: a@b.example\n\n" * 20_000,
        b"Received: from a by b; x\n" * 60_000,
        b"From: a@b.example\nSubject: x\n" + b"X: " + b"(" * 900_000,
        b"Authentication-Results: " + b"(" * 500_000 + b"\n",
        b"550 " + b"user " * 200_000,
        b"550-5.1.1 x\n" * 90_000,
        b"<" * 1_000_000,
        b"From: a@b.example\nContent-Type: text/html\nSubject: failure\n\n" + b"<style " * 140_000,
        b"a@" * 500_000,
        b"Final-Recipient: rfc822; a@b\nAction: failed\n\n" * 20_000,
        b" " * 1_000_000 + b"550",
        b"said: " * 170_000,
        b"1.1.1." * 170_000,
    ],
    ids=range(14),
)
def test_hostile_input_is_bounded(content: bytes) -> None:
    """
    Endless nesting, fields, brackets and repetition are explained as well (the suite's time limit says how fast).
    """
    assert explain(content)


def test_only_the_beginning_is_looked_at() -> None:
    """
    What stands behind the first mebibyte has no effect.
    """
    assert Reason.NOT_A_BOUNCE == explain(b"hello\n" * 200_000 + b"550 5.1.1 user unknown\n")[0].reason


def test_control_characters_are_shown() -> None:
    """
    Escape sequences and direction marks of outside text are written out.
    """
    matched = explain("550 5.1.1 user unknown \x1b[31m\u202e")[0].matched

    assert "\\x1b[31m\\u202e" in matched


def test_recipients_are_bounded() -> None:
    """
    A report on a thousand recipients gives at most twenty diagnoses.
    """
    groups = "".join(f"Final-Recipient: rfc822; a{n}@b.example\nAction: failed\nStatus: 5.1.1\n\n" for n in range(1000))

    assert 20 == len(explain("Reporting-MTA: dns; x.example\n\n" + groups))


def test_vocabulary_is_that_of_the_contract() -> None:
    """
    Reasons, sides and stages are those that are promised.
    """
    assert 26 == len(Reason)
    assert {"sender", "gateway", "platform", "recipient", "network", "probe", "unknown"} == {each.value for each in Whose}
    assert {"connect", "greeting", "ehlo", "starttls", "mail", "rcpt", "data", "delivered"} == {each.value for each in Stage}
