"""
Checks that wait for a person: shown in the right phase and on the right platform, each with what to look at and where to click.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import manual
from runbook_lib.knowledge.manual import manual_checks
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.results import Status

BY_ID = {check.id: check for check in manual.CHECKS}
PLATFORMS = ("microsoft_365", "google_workspace", "on_premises", "hybrid", "hosted_exchange")
PHASES = ("prepare", "cutover", "lockdown")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("phase", PHASES)
def test_every_check_says_something(build: Any, platform: str, phase: str) -> None:
    """
    On every platform and in every phase each check has a finding about the tenant, and a manual one says what to do and who does it.
    """
    world = build.world({"platform": platform, "phase": phase, "present_gateway": {"name": "Old"}})
    for check in manual.CHECKS:
        found = world.one(check)
        assert found.subject == "tenant"
        assert found.status in (Status.MANUAL, Status.NOT_APPLICABLE)
        if found.status is Status.MANUAL:
            assert found.words.remedy
            assert found.words.who


@pytest.mark.parametrize(
    ("check", "platforms"),
    [
        ("gateway.test_connection", set(PLATFORMS)),
    ],
)
def test_platforms(build: Any, check: str, platforms: set[str]) -> None:
    """
    A check concerns its own platforms; on others it says that it is not needed.
    """
    found = {platform: build.world({"platform": platform}).one(BY_ID[check]) for platform in PLATFORMS}

    assert platforms == {platform for platform, finding in found.items() if finding.status is Status.MANUAL}
    assert {"other_platform"} >= {finding.cause for platform, finding in found.items() if platform not in platforms}


def test_no_mail_domain(build: Any) -> None:
    """
    An environment of parked domains needs none of them.
    """
    world = build.world({"domains": [{"name": "alder.example", "role": "parked"}]})

    assert {Status.NOT_APPLICABLE} == {world.one(check).status for check in manual.CHECKS}


def test_table_has_its_words() -> None:
    """
    Every entry of the table has the texts its flags call for.
    """
    catalogue = Catalogue("en")
    for entry in manual_checks():
        names = [f"manual_{phase}" for phase in PHASES] if entry.varies else ["manual"]
        assert all(catalogue.has(f"{entry.id}.{name}") for name in names)
