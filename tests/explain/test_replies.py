"""
Bare replies: every line of the corpus is explained with the right reason.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook_lib.explain import Reason, explain

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
