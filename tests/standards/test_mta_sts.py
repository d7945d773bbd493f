"""
MTA-STS records, policies and patterns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.standards.mta_sts import Mode, covers, is_sts, parse_policy, parse_record, policy_text, see_record

GOOD = "version: STSv1\r\nmode: enforce\r\nmx: mail.alder.example\r\nmx: *.Gate.Example\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    ("pattern", "host", "expected"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("mail.example.com", "MAIL.example.com.", True),
        ("mail.example.com", "mail.example.com.attacker.net", False),
        ("mail.example.com", "xmail.example.com", False),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("*.Example.Com", "mail.example.com", True),
        ("*", "mail", False),
        ("*.*.com", "mail.example.com", False),
        ("ma*.example.com", "mail.example.com", False),
        ("mail.example.com.", "mail.example.com", False),
    ],
)
def test_covers(pattern: str, host: str, expected: bool) -> None:
    """
    A pattern is the host itself, or ``*.`` for exactly one label on its left.
    """
    assert expected == covers(pattern, host)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=2, max_size=5))
def test_wildcard_is_one_label(labels: list[str]) -> None:
    """
    For any name the wildcard below its parent covers it, and none further up does.
    """
    host = ".".join(labels)

    assert [1] == [index for index in range(1, len(labels)) if covers("*." + ".".join(labels[index:]), host)]


def test_good_policy() -> None:
    """
    A policy is read with its patterns in lower case.
    """
    policy = parse_policy(GOOD)

    assert (Mode.ENFORCE, 604800, ("mail.alder.example", "*.gate.example"), True) == (
        policy.mode,
        policy.max_age,
        policy.mx,
        policy.valid,
    )


@pytest.mark.parametrize(
    ("text", "wrong", "missing"),
    [
        (GOOD.replace("\r\n", "\n"), (), ()),
        (GOOD + "later: 1\r\nmode: none\r\n", (), ()),
        ("version: STSv1\nmode: none\nmax_age: 86400\n", (), ()),
        (GOOD.replace("STSv1", "STSv2"), ("version: STSv2",), ()),
        (GOOD.replace("enforce", "ENFORCE"), ("mode: ENFORCE",), ()),
        (GOOD.replace("604800", "31557601"), ("max_age: 31557601",), ()),
        (GOOD.replace("604800", "-1"), ("max_age: -1",), ()),
        (GOOD.replace("mail.alder", "mail..alder"), ("mx: mail..alder.example",), ()),
        ("junk\n" + GOOD, ("junk",), ()),
        ("mode: testing\n", (), ("version", "max_age", "mx")),
        ("", (), ("version", "mode", "max_age", "mx")),
    ],
)
def test_policies(text: str, wrong: tuple[str, ...], missing: tuple[str, ...]) -> None:
    """
    What keeps senders from using a policy is named; of repeated keys the first counts, unknown ones are ignored.
    """
    policy = parse_policy(text)

    assert (wrong, missing) == (policy.wrong, policy.keys)


@given(st.text())
def test_any_policy(text: str) -> None:
    """
    Whatever is served can be read.
    """
    policy = parse_policy(text)

    assert not policy.valid or policy.mode is not None


def test_written_policy() -> None:
    """
    A policy that is written out is read as the same.
    """
    policy = parse_policy("\n".join(policy_text(Mode.TESTING, ["mail.alder.example"], 86400)))

    assert (Mode.TESTING, 86400, ("mail.alder.example",), True) == (policy.mode, policy.max_age, policy.mx, policy.valid)


@pytest.mark.parametrize(
    ("text", "taken", "valid"),
    [
        ("v=STSv1; id=20160831085700Z;", True, True),
        ("v=STSv1;id=1", True, True),
        ("v=STSv1 ; id=1; ext=x", True, True),
        ("v=STSv1;", True, False),
        ("v=STSv1; id=", True, False),
        (f"v=STSv1; id={'a' * 33}", True, False),
        ("v=STSv1; id=1; id=2", True, False),
        ("v=stsv1; id=1", False, True),
        ("v=STSv10; id=1", False, True),
        (" v=STSv1; id=1", False, True),
    ],
)
def test_records(text: str, taken: bool, valid: bool) -> None:
    """
    A record begins with its version, spelt exactly so, and has one identifier of letters and digits.
    """
    assert (taken, valid) == (is_sts(text), parse_record(text).valid)


def test_see_record(carry_out: Callable[..., Any]) -> None:
    """
    Other texts at the name do not count; one that was meant is told apart.
    """
    view, _ = carry_out(see_record("alder.example"), {("_mta-sts.alder.example", "TXT"): ["v=STSv1; id=1", "V=STSV1; id=2", "else"]})

    assert (("v=STSv1; id=1",), ("V=STSV1; id=2",)) == (view.texts, view.others)
