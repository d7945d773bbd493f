"""
Saved messages, transcripts and log lines of every common system: each file of the corpus is explained as its expectation says.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.explain import Reason, explain

CORPUS = Path(__file__).with_name("corpus")
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((CORPUS / "expectations.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_file(name: str) -> None:
    """
    The best diagnosis has the file's reason, codes, stage and lasting.
    """
    best = explain((CORPUS / name).read_bytes())[0]

    expected = {"reply_code": None, "enhanced_code": None, "temporary": False, "stage": None, **EXPECTED[name]}
    assert expected == {key: getattr(best, key) for key in expected}, best


def test_every_file_has_an_expectation() -> None:
    """
    No file of the corpus is left out.
    """
    found = {path.name for path in CORPUS.iterdir()} - {"expectations.toml", "replies.txt"}

    assert set(EXPECTED) == found


def test_every_recipient_has_a_diagnosis() -> None:
    """
    A report on two recipients gives two diagnoses, each with its own reason and address.
    """
    found = explain((CORPUS / "postfix-two.eml").read_bytes())

    assert [("bert@cedar.example", Reason.MAILBOX_FULL), ("carl@cedar.example", Reason.USER_UNKNOWN)] == [
        (each.recipient, each.reason) for each in found
    ]
