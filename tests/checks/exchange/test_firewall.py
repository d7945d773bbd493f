"""
What only people can confirm, and the rules and the letter handed out with it.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest

from runbook_lib.knowledge.platforms import provider
from runbook_lib.results import Status

BOTH = {"195.130.217.0/24", "91.220.42.0/24"}
SIX = "195.130.217.0/24 2a02:1234::/32"


@pytest.mark.parametrize(
    ("check", "keys"),
    [("exchange.firewall", {}), ("exchange.firewall", {"platform": "hybrid"}), ("hosted.confirmation", {"platform": "hosted_exchange"})],
)
def test_for_a_person(customer: Any, check: str, keys: dict[str, Any]) -> None:
    """
    Manual with and without known ranges; only known ranges are handed out.
    """
    known = customer.one(check, **keys)
    unknown = customer.one(check, console_ranges=None, **keys)

    assert (Status.MANUAL, Status.MANUAL) == (known.status, unknown.status)
    assert all(cidr in known.words.paste for cidr in BOTH)
    assert (f"{check}.manual", "") == (unknown.message.id, unknown.words.paste)


def test_who_is_concerned(customer: Any) -> None:
    """
    Each is shown to the other platforms as not needed.
    """
    assert "other_platform" == customer.one("hosted.confirmation").cause
    assert "other_platform" == customer.one("exchange.firewall", platform="hosted_exchange").cause


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("## "):
            found[line] = []
        elif line:
            found[next(reversed(found))].append(line)
    return found


def _networks(lines: list[str]) -> set[str]:
    return {each for line in lines if "undo" not in line and "set inside" not in line for each in re.findall(r"[0-9a-f.:]+/\d+", line)}


@pytest.mark.parametrize("phase", ["prepare", "lockdown"])
def test_every_form_holds_exactly_the_ranges(customer: Any, phase: str) -> None:
    """
    Read again, each form of the rules lets in the gateway's ranges and no others.
    """
    sections = _sections(customer.one("exchange.firewall", phase=phase).words.paste)

    assert 4 == len(sections)
    masks = {
        str(ipaddress.ip_network((address, str(ipaddress.ip_address(2**32 - 1 - int(ipaddress.ip_address(wild)))))))
        for address, wild in re.findall(
            r"permit tcp ([\d.]+) ([\d.]+) any eq 25", "\n".join(sections[next(title for title in sections if "Access list" in title)])
        )
    }
    assert BOTH == masks
    assert all(BOTH == _networks(lines) for title, lines in sections.items() if "Access list" not in title)


def test_others_are_shut_out_only_at_lockdown(customer: Any) -> None:
    """
    As long as any domain's MX leads elsewhere, nothing is denied; every locked form has its way back.
    """
    early = customer.one("exchange.firewall", domains=["alder.example", {"name": "alder-two.example", "phase": "lockdown"}]).words
    late = customer.one("exchange.firewall", phase="lockdown").words

    assert not re.search(r"\b(deny|drop)\b", early.paste)
    assert 3 <= len(re.findall(r"\b(deny|drop)\b", late.paste))
    assert "Only once every domain behind it has moved" in late.remedy
    assert 3 == len(re.findall("undo: ", late.paste))


def test_both_address_families(customer: Any) -> None:
    """
    IPv6 ranges get lists and sets of their own.
    """
    for phase in ("prepare", "lockdown"):
        paste = customer.one("exchange.firewall", phase=phase, console_ranges=SIX).words.paste
        assert "ipv6 access-list" in paste
        assert "permit tcp 2a02:1234::/32 any eq 25" in paste
        assert "ip6 saddr" in paste


def test_the_lock_leaves_what_has_to_come_in(customer: Any) -> None:
    """
    Mail from inside, the customer's outgoing mail, and in a hybrid pair Exchange Online are not shut out.
    """
    own = customer.one("exchange.firewall", phase="lockdown").words
    pair = customer.one("exchange.firewall", phase="lockdown", platform="hybrid").words

    assert "chain forward" not in own.paste
    assert "10.0.0.0/8" in own.paste
    assert "52.100.0.0/14" not in own.paste
    assert 4 == pair.paste.count("52.100.0.0") == pair.paste.count("40.92.0.0")
    assert "Exchange Online" in pair.expected


@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
def test_hybrid_lets_exchange_online_in(customer: Any, phase: str) -> None:
    """
    In every phase and every form Exchange Online has entries of its own beside the gateway's, named, with their day and where today's are.
    """
    online = provider("microsoft")
    words = customer.one("exchange.firewall", phase=phase, platform="hybrid").words
    sections = _sections(words.paste)
    labels = [sum(f"{online.sends_as}, {online.ranges_as_of}" in line for line in lines) for lines in sections.values()]
    access = next(lines for title, lines in sections.items() if "Access list" in title)

    assert 4 == len(sections)
    assert all(f"list of {online.ranges_as_of}. Take today's: {online.ranges_at}" in lines[0] for lines in sections.values())
    assert [1, 2, 0 if phase != "lockdown" else 1, 2] == labels
    assert all({*BOTH, *online.ranges} == _networks(lines) for lines in sections.values() if lines is not access)
    assert [" permit tcp 2a01:111:f400::/48 any eq 25"] == [line for line in access if "f400" in line]
    assert " permit tcp 52.100.0.0 0.3.255.255 any eq 25" in access
    assert online.ranges_at in words.remedy
    assert words.remedy.startswith("Only once every domain") is (phase == "lockdown")


def test_rules_of_the_gateway_alone_are_not_labelled(customer: Any) -> None:
    """
    With nobody but the gateway to let in there is nothing to tell apart.
    """
    for phase in ("prepare", "lockdown"):
        paste = customer.one("exchange.firewall", phase=phase).words.paste
        assert "remark" not in paste
        assert not [line for line in paste.splitlines() if line.startswith("# ") and "undo" not in line]
