"""
`lockdown.direct` beside the exported connector: where the two disagree it is named.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.checks import lockdown
from runbook_lib.exports import Exports
from runbook_lib.exports.reading import read_export
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.results import Finding, Status

(DIRECT,) = lockdown.CHECKS
LOCKED = "550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched"
SOUND = {
    "Name": "Gateway",
    "Enabled": True,
    "ConnectorType": "Partner",
    "SenderIPAddresses": ["203.0.113.0/24"],
    "SenderDomains": ["smtp:*;1"],
    "RequireTls": True,
    "RestrictDomainsToIPAddresses": True,
    "RestrictDomainsToCertificate": False,
    "AssociatedAcceptedDomains": [],
}


def _judged(build: Any, connectors: Any, *, locked: bool, **keys: Any) -> Finding:
    server = build.server(valid=LOCKED, unknown=LOCKED, foreign=LOCKED, neutral=LOCKED) if locked else build.server()
    case = build.world({"phase": "lockdown", **keys}, default=server).case(DIRECT)
    exported = Exports((read_export("c.json", json.dumps(connectors).encode()),)) if connectors is not None else Exports()
    (finding,) = DIRECT.judge(replace(case, exports=exported), DIRECT)
    return finding.worded(Catalogue("en").words(finding.message))


@pytest.mark.parametrize(
    ("changes", "status", "cause"),
    [
        ({}, Status.UNKNOWN, "stage_unproven"),
        ({"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True}, Status.UNKNOWN, "stage_unproven"),
        ({"AssociatedAcceptedDomains": ["alder.example"]}, Status.UNKNOWN, "stage_unproven"),
        ({"AssociatedAcceptedDomains": ["alder.onmicrosoft.com\\alder.example"]}, Status.UNKNOWN, "stage_unproven"),
        ({"AssociatedAcceptedDomains": ["other.example"]}, Status.FAIL, "open"),
        ({"Enabled": False}, Status.FAIL, "open"),
        ({"ConnectorType": "OnPremises"}, Status.FAIL, "open"),
        ({"SenderDomains": ["smtp:partner.example;1"]}, Status.FAIL, "open"),
        ({"RestrictDomainsToIPAddresses": False}, Status.FAIL, "open"),
    ],
)
def test_accepted_beside_a_connector(build: Any, changes: dict[str, Any], status: Status, cause: str) -> None:
    """
    Accepted at RCPT is open, unless the exported connector is locked for this domain: then the two disagree.
    """
    found = _judged(build, {**SOUND, **changes}, locked=False)

    assert (status, cause) == (found.status, found.cause)


def test_disagreement_is_named(build: Any) -> None:
    """
    The finding says which connector says otherwise.
    """
    assert "Gateway" in _judged(build, SOUND, locked=False).words.summary


def test_refused_beside_a_connector_that_restricts_nobody(build: Any) -> None:
    """
    A lock that no export shows still counts, and the disagreement is named.
    """
    found = _judged(build, {**SOUND, "RestrictDomainsToIPAddresses": False}, locked=True)

    assert (Status.PASS, ("locked", "export_disagrees")) == (found.status, found.causes)
    assert "disagree" in found.words.summary


def test_refused_as_exported(build: Any) -> None:
    """
    A lock seen and exported, or seen without any export, is right.
    """
    assert _judged(build, SOUND, locked=True).causes == ("locked",)
    assert _judged(build, None, locked=True).causes == ("locked",)


def test_connectors_of_microsoft_say_nothing_of_other_doors(build: Any) -> None:
    """
    A host of the customer's own is open when it accepts, whatever a connector of Exchange Online says.
    """
    server = build.server()
    world = build.world({"phase": "lockdown", "platform": "hybrid", "inbound_host": "mail.alder.example"}, default=server)
    world.addresses = {"mail.alder.example": ("203.0.113.7",)}
    exports = Exports((read_export("c.json", json.dumps([SOUND]).encode()),))
    found = {each.subject: each for each in DIRECT.judge(replace(world.case(DIRECT), exports=exports), DIRECT)}
    finding = found["mail.alder.example"]

    assert finding.cause != "stage_unproven"


RULE = {
    "Name": "Only through the gateway",
    "State": "Enabled",
    "Mode": "Enforce",
    "Priority": 0,
    "SetSCL": None,
    "SenderIpRanges": None,
    "ExceptIfSenderIpRanges": ["203.0.113.0/24"],
    "RejectMessageReasonText": "Not through the gateway",
    "FromScope": "NotInOrganization",
}
MOVED = {"alder.example": ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")}


def _beside_rule(build: Any, changes: dict[str, Any], keys: dict[str, Any], **attributes: Any) -> Finding:
    case = build.world({"console_ranges": ["203.0.113.0/24"], **keys}, **attributes).case(DIRECT)
    exported = Exports((read_export("r.json", json.dumps([{**RULE, **changes}]).encode()),))
    (finding,) = DIRECT.judge(replace(case, exports=exported), DIRECT)
    return finding.worded(Catalogue("en").words(finding.message))


@pytest.mark.parametrize(
    ("changes", "status", "cause"),
    [
        ({}, Status.UNKNOWN, "stage_unproven"),
        ({"RecipientDomainIs": ["alder.example"]}, Status.UNKNOWN, "stage_unproven"),
        ({"RecipientDomainIs": ["other.example"]}, Status.FAIL, "open"),
        ({"SenderDomainIs": ["partner.example"]}, Status.FAIL, "open"),
        ({"SubjectContainsWords": ["invoice"]}, Status.FAIL, "open"),
        ({"State": "Disabled"}, Status.FAIL, "open"),
        ({"ActivationDate": "2027-01-01T00:00:00Z"}, Status.FAIL, "open"),
    ],
)
def test_accepted_beside_a_rule(build: Any, changes: dict[str, Any], status: Status, cause: str) -> None:
    """
    A rule that keeps strangers out does so behind DATA: accepted at RCPT is no proof of an open door.
    """
    found = _beside_rule(build, changes, {"phase": "lockdown"})

    assert (status, cause) == (found.status, found.cause)


@pytest.mark.parametrize(
    ("changes", "keys", "mx", "verdict"),
    [
        ({}, {"phase": "prepare"}, {}, (Status.FAIL, "locked_early")),
        ({}, {"phase": "cutover"}, {}, (Status.FAIL, "locked_early")),
        ({}, {"phase": "cutover"}, MOVED, (Status.WARN, "locked")),
        ({"ExceptIfSenderIpRanges": ["192.0.2.0/24"]}, {"phase": "prepare"}, {}, (Status.UNKNOWN, "locked")),
        ({}, {"phase": "prepare", "present_gateway": {"name": "Old", "locked": True}}, {}, (Status.PASS, "locked", "to_present")),
        ({"State": "Disabled"}, {"phase": "prepare"}, {}, (Status.PASS,)),
    ],
)
def test_a_rule_that_locks_too_early(
    build: Any, changes: dict[str, Any], keys: dict[str, Any], mx: dict[str, Any], verdict: tuple[Any, ...]
) -> None:
    """
    A door that accepts at RCPT while a rule refuses everybody but the gateway loses mail now; for others nobody knows.
    """
    found = _beside_rule(build, changes, keys, mx=mx)

    assert verdict == (found.status, *found.causes)
    assert ("Disable-TransportRule" in found.words.paste) is (found.status is Status.FAIL)
