"""
Bare replies: every line of the corpus is explained with the right reason.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook_lib.explain import Reason, Whose, explain
from runbook_lib.knowledge.text import Catalogue

LINES = [
    tuple(part.strip() for part in line.split("|", 1))
    for line in Path(__file__).with_name("corpus").joinpath("replies.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("reason", "reply"), LINES)
def test_reply(reason: str, reply: str) -> None:
    """
    The reply is explained with its reason.
    """
    best = explain(reply)[0]

    assert Reason(reason) == best.reason, best


def test_every_reason_is_covered() -> None:
    """
    The corpus has a reply for every reason but that for nothing known.
    """
    assert set(Reason) - {Reason.UNKNOWN} == {Reason(reason) for reason, _ in LINES}


def test_what_the_gateway_filtered_is_the_gateways() -> None:
    """
    Its own words for a message that its policies refused name the gateway, and whoever looks after it.
    """
    best = explain("554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [abc.uk41]")[0]
    words = best.words(Catalogue())

    assert (Reason.SPAM_OR_VIRUS, Whose.GATEWAY, "gateway_admin") == (best.reason, best.whose, words.who)
    assert "gateway refused" in words.summary


@pytest.mark.parametrize(
    "text",
    [
        "Der Server hat '550 5.4.1 Recipient address rejected: Access denied' zurückgegeben.",
        'Remote server returned "550 5.4.1 Recipient address rejected: Access denied".',
        "Remote server returned '550 5.4.1 Recipient address rejected: Access denied'",
    ],
)
def test_a_quoted_reply_ends_with_its_quotation(text: str) -> None:
    """
    What stands behind the reply is not taken for a part of it.
    """
    assert "550 5.4.1 Recipient address rejected: Access denied" == explain(text)[0].matched


def test_a_reply_may_have_quotations_in_it() -> None:
    """
    They do not end it.
    """
    assert "550 User's mailbox 'anna' unknown" == explain("host mx said: 550 User's mailbox 'anna' unknown")[0].matched
