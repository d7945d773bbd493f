"""
What a person is told to do is told for the platforms they have, and for no other.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import registry
from runbook_lib.checks.tenant import ways
from runbook_lib.knowledge.text import Catalogue, languages

OTHERS = {
    "microsoft_365": ("Google", "Exchange:"),
    "google_workspace": ("Microsoft 365", "Exchange"),
    "on_premises": ("Google", "Microsoft 365"),
    "hybrid": ("Google",),
    "hosted_exchange": ("Google", "Microsoft 365", "Exchange"),
}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("platform", OTHERS)
@pytest.mark.parametrize("name", ["senders.direct", "lockdown.scope"])
def test_only_the_own_platform_is_named(desk: Any, name: str, platform: str, language: str) -> None:
    """
    With nothing exported at the cut-over a person has to look, and is told where on their own platform.
    """
    case = desk.case(
        platform=platform, phase="cutover", inbound_host="smtp.google.com" if platform == "google_workspace" else "m.alder.example"
    )
    check = next(check for check in registry.CHECKS if check.id == name)
    (finding,) = check.judge(case, check)
    remedy = Catalogue(language).words(finding.message).remedy

    assert finding.message.id == f"{name}.manual"
    assert len(remedy) > 60
    assert not [word for word in OTHERS[platform] if word in remedy]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("platform", "said"), [("hybrid", True), ("on_premises", False)])
def test_a_hybrid_lock_leaves_exchange_online_in(desk: Any, platform: str, *, said: bool, language: str) -> None:
    """
    How the way to the servers is locked names Exchange Online where it delivers there, and only there.
    """
    case = desk.case(platform=platform, phase="lockdown", inbound_host="m.alder.example")
    text = Catalogue(language).fill("{ways:way}", {"ways": ways("lock", case.environment.scopes)})

    assert said is ("Exchange Online Protection" in text)


def test_commands_of_two_platforms_stand_on_lines_of_their_own(desk: Any) -> None:
    """
    What follows a command begins a new line, so that the command can be copied as it stands.
    """
    case = desk.case(platform="hybrid", phase="cutover", inbound_host="m.alder.example")
    check = next(check for check in registry.CHECKS if check.id == "lockdown.scope")
    lines = Catalogue().words(next(iter(check.judge(case, check))).message).remedy.split("\n")

    assert [line for line in lines if line.startswith("    ")] == ["    Get-AcceptedDomain | Format-Table DomainName,DomainType"] * 2
    assert not [line for line in lines if line != line.strip() and not line.startswith("    ")]
