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
        ("m365.connection_filter", {"microsoft_365", "hybrid"}),
        ("exchange.firewall", {"on_premises", "hybrid"}),
        ("exchange.hybrid", {"hybrid"}),
        ("hosted.confirmation", {"hosted_exchange"}),
        ("gateway.test_connection", set(PLATFORMS)),
        ("recipients.coverage", set(PLATFORMS)),
    ],
)
def test_platforms(build: Any, check: str, platforms: set[str]) -> None:
    """
    A check concerns its own platforms; on others it says that it is not needed.
    """
    found = {platform: build.world({"platform": platform}).one(BY_ID[check]) for platform in PLATFORMS}

    assert platforms == {platform for platform, finding in found.items() if finding.status is Status.MANUAL}
    assert {"other_platform"} >= {finding.cause for platform, finding in found.items() if platform not in platforms}


@pytest.mark.parametrize("check", ["lockdown.scope", "delivery.headers", "senders.direct"])
def test_checks_of_later_phases(build: Any, check: str) -> None:
    """
    What belongs to the end is asked from the cut-over on.
    """
    found = [build.world({"phase": phase}).one(BY_ID[check]).status for phase in PHASES]

    assert [Status.NOT_APPLICABLE, Status.MANUAL, Status.MANUAL] == found


def test_phase_of_any_domain_counts(build: Any) -> None:
    """
    Where one domain is ahead of the others, what its phase asks for is asked.
    """
    keys = {"domains": ["alder.example", {"name": "alder-two.example", "phase": "lockdown"}]}

    assert build.world(keys).one(BY_ID["lockdown.scope"]).status is Status.MANUAL
    assert build.world(keys).one(BY_ID["m365.inbound_connector"]).message.id == "m365.inbound_connector.manual_lockdown"


def test_present_gateway(build: Any) -> None:
    """
    None named passes before the move; a named one is for a person; after the move it is not needed.
    """
    check = BY_ID["present.gateway"]

    assert build.world().one(check).status is Status.PASS
    assert build.world({"present_gateway": {"name": "Old"}}).one(check).status is Status.MANUAL
    assert build.world({"present_gateway": {"name": "Old", "locked": True}}).one(check).message.id == "present.gateway.locked"
    assert build.world({"phase": "cutover", "present_gateway": {"name": "Old"}}).one(check).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.WARN), ("cutover", Status.WARN), ("lockdown", Status.FAIL)])
def test_direct_senders(build: Any, phase: str, status: Status) -> None:
    """
    Each named direct sender is warned of, and fails once the lock is on.
    """
    senders = [{"name": "Scanner", "from": "scan@alder.example", "ip": "192.0.2.9"}, {"name": "Shop"}]
    found = build.world({"phase": phase, "senders": senders}).judge(BY_ID["senders.direct"])

    assert {"Scanner": status, "Shop": status} == {key: each.status for key, each in found.items()}


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
        names += ["other_phase"] * bool(entry.phases)
        assert all(catalogue.has(f"{entry.id}.{name}") for name in names)
