"""
Inbound connectors by phase: nothing restricts before its time, and at the end one connector is the lock.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

CONNECTOR = "m365.inbound_connector"
GATEWAY = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")
MOVED = {"alder.example": GATEWAY}
HYBRID = {"platform": "hybrid", "inbound_host": "mail.alder.example"}


@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
def test_no_export_is_for_a_person(make: Any, phase: str) -> None:
    """
    Without an export a person is told what to look at in this phase, and nothing is asked.
    """
    tenant = make.tenant(phase)

    assert f"{CONNECTOR}.manual_{phase}" == tenant.one(CONNECTOR).message.id
    assert [] == tenant.asked


def test_phase_of_any_domain_counts(make: Any) -> None:
    """
    Where one domain is ahead of the others, a person is told what its phase asks for.
    """
    domains = ["alder.example", {"name": "alder-two.example", "phase": "lockdown"}]

    assert f"{CONNECTOR}.manual_lockdown" == make.tenant(parameters={"domains": domains}).one(CONNECTOR).message.id


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"RestrictDomainsToIPAddresses": True}, ("restricted_too_early",)),
        ({"RestrictDomainsToCertificate": True, "TlsSenderCertificateName": "*.mimecast.com"}, ("restricted_too_early",)),
        ({"RequireTls": True}, ("tls_too_early",)),
        ({"RequireTls": True, "RestrictDomainsToIPAddresses": True}, ("restricted_too_early", "tls_too_early")),
        ({"TreatMessagesAsInternal": True}, ("treats_as_internal",)),
        ({"RestrictDomainsToIPAddresses": True, "SenderDomains": ["smtp:alder.example;1"]}, ("restricted_too_early",)),
    ],
)
def test_too_early(make: Any, phase: str, changes: dict[str, Any], causes: tuple[str, ...]) -> None:
    """
    A restriction while MX still leads elsewhere fails; the command takes it off and can be undone.
    """
    tenant = make.tenant(phase, connectors=[make.connector(**{"SenderIPAddresses": make.ranges, **changes})])
    finding = tenant.one(CONNECTOR)

    assert ("fail", causes, "Mimecast inbound") == (finding.status, finding.causes, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(CONNECTOR)
    tenant.undo(finding)
    assert causes == tenant.one(CONNECTOR).causes


@pytest.mark.parametrize("phase", ["prepare", "cutover"])
def test_nothing_restricts(make: Any, phase: str) -> None:
    """
    A connector that restricts nothing passes, and so does another partner's that is for its own domain.
    """
    other = make.lock(Name="Partner", SenderDomains=["smtp:partner.example;1"], SenderIPAddresses=["192.0.2.0/24"])
    tenant = make.tenant(phase, connectors=[make.connector(SenderIPAddresses=make.ranges), other])

    assert ("pass", "Mimecast inbound") == (tenant.one(CONNECTOR).status, tenant.one(CONNECTOR).subject)
    assert ("pass", "tenant") == (make.tenant(phase, connectors=[other]).one(CONNECTOR).status, "tenant")


def test_an_empty_list_does_not_pass(make: Any) -> None:
    """
    No connector at all is nothing to judge before the lock, and not a pass.
    """
    assert ("not_applicable", "none") == make.tenant(connectors=[]).brief(CONNECTOR)


@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
def test_wrong_type(make: Any, phase: str) -> None:
    """
    A connector of type OnPremises with the gateway's addresses fails in every phase, and the commands put it right.
    """
    connectors = [make.connector(Name="From gateway", ConnectorType="OnPremises", SenderIPAddresses=list(make.ranges))]
    tenant = make.tenant(phase, connectors=connectors)
    finding = tenant.one(CONNECTOR)

    assert ("fail", "wrong_type", "From gateway") == (finding.status, finding.cause, finding.subject)
    tenant.paste(finding)
    assert {"pass"} == {each.status for each in tenant.judge(CONNECTOR).values()}
    tenant.undo(finding)
    assert "wrong_type" == tenant.one(CONNECTOR).cause


def test_wrong_type_with_servers_of_the_customer(make: Any) -> None:
    """
    Only the gateway's addresses are taken out of a connector that is also for servers on-premises.
    """
    own = make.connector(Name="Hybrid", ConnectorType="OnPremises", SenderIPAddresses=["192.0.2.1", *make.ranges])
    tenant = make.tenant(connectors=[own])
    tenant.paste(tenant.one(CONNECTOR))

    assert (["192.0.2.1"], True) == (tenant.connectors[0]["SenderIPAddresses"], tenant.connectors[0]["Enabled"])


def test_turned_off_restricts_nothing(make: Any) -> None:
    """
    A connector that is turned off does nothing before the lock.
    """
    assert "pass" == make.tenant(connectors=[make.lock(Enabled=False)]).one(CONNECTOR).status


@pytest.mark.parametrize(
    ("mx", "status", "cause"),
    [
        ({"alder.example": ("mail.alder.example",)}, "fail", "restricted_too_early"),
        ({"alder.example": (*GATEWAY, "mail.alder.example")}, "fail", "restricted_too_early"),
        (MOVED, "pass", None),
        ({"alder.example": DnsOutcome.SERVFAIL}, "unknown", "dns_servfail"),
    ],
)
def test_locked_at_the_cutover(make: Any, mx: dict[str, Any], status: str, cause: str | None) -> None:
    """
    At the cut-over the lock is too early until MX has moved; where that cannot be seen nothing is said.
    """
    tenant = make.tenant("cutover", connectors=[make.lock()], mx=mx)

    assert (status, cause) == tenant.brief(CONNECTOR)


def test_locked_while_no_resolver_answers(make: Any) -> None:
    """
    The zone has the new records, and what the resolvers give is not known: neither is whether the lock is too early.
    """
    tenant = make.tenant("cutover", connectors=[make.lock()], mx=MOVED, resolvers=DnsOutcome.TIMEOUT)

    assert ("unknown", "dns_timeout") == tenant.brief(CONNECTOR)


def test_faulty_lock_at_the_cutover(make: Any) -> None:
    """
    Once MX has moved a lock is judged as a lock.
    """
    tenant = make.tenant("cutover", connectors=[make.lock(SenderIPAddresses=make.ranges[:1])], mx=MOVED)

    assert ("fail", "missing") == tenant.brief(CONNECTOR)


@pytest.mark.parametrize("phases", [("lockdown", "prepare"), ("lockdown", "cutover"), ("prepare", "prepare")])
def test_the_last_domain_decides(make: Any, phases: tuple[str, str]) -> None:
    """
    The lock holds for all domains, so it waits for the last of them; unlocked is right until then.
    """
    domains = [{"name": name, "phase": phase} for name, phase in zip(("alder.example", "birch.example"), phases, strict=True)]
    keys = {"domains": domains, "phase": "lockdown"}
    mx = {**MOVED, "birch.example": ("mail.birch.example",)}

    assert "fail" == make.tenant(connectors=[make.lock()], parameters=keys, mx=mx).one(CONNECTOR).status
    assert "pass" == make.tenant(connectors=[make.connector()], parameters=keys, mx=mx).one(CONNECTOR).status


def test_pilot_for_a_domain_that_has_moved(make: Any) -> None:
    """
    A lock that is limited to a domain in its last phase is not too early for the others.
    """
    domains = [{"name": "alder.example", "phase": "lockdown"}, {"name": "birch.example", "phase": "prepare"}]
    tenant = make.tenant(connectors=[make.lock(AssociatedAcceptedDomains=["alder.example"])], parameters={"domains": domains})

    assert "restricted_too_early" not in tenant.one(CONNECTOR).causes


def test_locked_to_what_stands_in_front(make: Any) -> None:
    """
    A lock to another gateway is told at present.gateway before the move; with the new ranges in it, it passes; after it, it is too early.
    """
    keys = {"present_gateway": {"name": "Old", "ranges": ["192.0.2.0/24"], "locked": True}}
    old = make.lock(Name="Old", SenderIPAddresses=["192.0.2.0/24"])
    both = make.lock(Name="Old", SenderIPAddresses=["192.0.2.0/24", *make.ranges])

    assert ("not_applicable", "present_gateway") == make.tenant(connectors=[old], parameters=keys).brief(CONNECTOR)
    assert ("pass", None) == make.tenant(connectors=[both], parameters=keys).brief(CONNECTOR)
    assert ("fail", "restricted_too_early") == make.tenant("cutover", connectors=[old], parameters=keys).brief(CONNECTOR)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"SenderIPAddresses": ["195.130.217.0-195.130.217.127", "195.130.217.128/25", "91.220.42.0/24", "213.167.81.0/25"]},
        {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True, "TlsSenderCertificateName": "*.mimecast.com"},
        {
            "RestrictDomainsToIPAddresses": False,
            "RestrictDomainsToCertificate": True,
            "TlsSenderCertificateName": "<I>CN=Some CA<S>CN=*.Mimecast.com, O=Some",
            "SenderIPAddresses": [],
        },
        {"AssociatedAcceptedDomains": ["ALDER.example"]},
    ],
)
def test_locked(make: Any, changes: dict[str, Any]) -> None:
    """
    A lock by all addresses, or by the gateway's certificate, passes.
    """
    assert ("pass", None) == make.tenant("lockdown", connectors=[make.lock(**changes)]).brief(CONNECTOR)


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"Enabled": False}, ("disabled",)),
        ({"SenderDomains": ["smtp:alder.example;1"]}, ("sender_domains",)),
        ({"AssociatedAcceptedDomains": ["other.example"]}, ("pilot_only",)),
        ({"RestrictDomainsToIPAddresses": False}, ("not_restricted",)),
        ({"RestrictDomainsToIPAddresses": False, "SenderIPAddresses": []}, ("not_restricted",)),
        ({"SenderIPAddresses": ["195.130.217.0/24"]}, ("missing",)),
        ({"SenderIPAddresses": ["195.130.217.0/24", "91.220.40.0/22", "213.167.81.0/25"]}, ("too_wide",)),
        (
            {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True, "TlsSenderCertificateName": "*.mimecast.co.za"},
            ("certificate_name",),
        ),
        (
            {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True, "TlsSenderCertificateName": None},
            ("certificate_name",),
        ),
        ({"RestrictDomainsToCertificate": True, "TlsSenderCertificateName": "gw.other.example"}, ("certificate_name",)),
        ({"RequireTls": False}, ("tls_not_required",)),
        ({"TreatMessagesAsInternal": True}, ("treats_as_internal",)),
        (
            {"Enabled": False, "RequireTls": False, "RestrictDomainsToIPAddresses": False, "SenderIPAddresses": []},
            ("disabled", "not_restricted", "tls_not_required"),
        ),
    ],
)
def test_not_the_lock(make: Any, changes: dict[str, Any], causes: tuple[str, ...]) -> None:
    """
    Each thing that keeps a connector from being the lock fails; the command makes it the lock and can be undone.
    """
    tenant = make.tenant("lockdown", connectors=[make.lock(**changes)])
    finding = tenant.one(CONNECTOR)

    assert ("fail", causes, "Mimecast inbound") == (finding.status, finding.causes, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(CONNECTOR)
    tenant.undo(finding)
    assert causes == tenant.one(CONNECTOR).causes


@pytest.mark.parametrize("connectors", ["empty", "partner"])
def test_no_lock(make: Any, connectors: str) -> None:
    """
    Without any connector for the gateway there is no lock; the command makes one, and its way back takes it away.
    """
    partner = make.lock(Name="Mimecast inbound", SenderDomains=["partner.example"], SenderIPAddresses=["192.0.2.1"])
    partner["Name"] = "Scanner"
    tenant = make.tenant("lockdown", connectors=[] if connectors == "empty" else [partner])
    finding = tenant.one(CONNECTOR)

    assert ("fail", "none", "tenant") == (finding.status, finding.cause, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(CONNECTOR)
    tenant.undo(finding)
    assert "none" == tenant.one(CONNECTOR).cause


def test_both_restrictions(make: Any) -> None:
    """
    Address and certificate together are warned of; the command leaves the certificate.
    """
    tenant = make.tenant("lockdown", connectors=[make.lock(RestrictDomainsToCertificate=True, TlsSenderCertificateName="*.mimecast.com")])

    assert ("warn", "both_restrictions") == tenant.brief(CONNECTOR)
    tenant.paste(tenant.one(CONNECTOR))
    assert ("pass", None) == tenant.brief(CONNECTOR)
    assert (True, False) == tuple(tenant.connectors[0][f"RestrictDomainsTo{kind}"] for kind in ("Certificate", "IPAddresses"))


def test_lock_that_admits_too_much(make: Any) -> None:
    """
    A lock that still admits the old gateway or another region is warned of.
    """
    keys = {"present_gateway": {"name": "Old", "ranges": ["192.0.2.0/24"]}}
    tenant = make.tenant(
        "lockdown", connectors=[make.lock(SenderIPAddresses=[*make.ranges, "192.0.2.0/25", "41.74.206.0/24"])], parameters=keys
    )

    assert ("old_gateway", "other_region") == tuple(sorted(tenant.one(CONNECTOR).causes))
    assert "warn" == tenant.one(CONNECTOR).status
    tenant.paste(tenant.one(CONNECTOR))
    assert ("pass", None) == tenant.brief(CONNECTOR)


def test_region_decides_the_certificate(make: Any) -> None:
    """
    In a region with a certificate name of its own that name is demanded.
    """
    by_name = {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True}
    keys = {"region": "za", "console_ranges": ["41.74.206.0/24"]}
    right = make.lock(**by_name, TlsSenderCertificateName="*.mimecast.co.za")
    wrong = make.lock(**by_name, TlsSenderCertificateName="*.mimecast.com")

    assert "pass" == make.tenant("lockdown", connectors=[right], parameters=keys).one(CONNECTOR).status
    assert ("fail", "certificate_name") == make.tenant("lockdown", connectors=[wrong], parameters=keys).brief(CONNECTOR)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"SenderIPAddresses": ["192.0.2.0/24"]}, "missing"),
        (
            {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True, "TlsSenderCertificateName": "gw.other.example"},
            "certificate_name",
        ),
    ],
)
def test_lock_that_turns_the_gateway_away(make: Any, changes: dict[str, Any], cause: str) -> None:
    """
    A lock that admits somebody else alone is the one to put right.
    """
    tenant = make.tenant("lockdown", connectors=[make.lock(**{"Name": "Lock", "SenderIPAddresses": [], **changes})])

    assert ("fail", cause) == tenant.brief(CONNECTOR)
    tenant.paste(tenant.one(CONNECTOR))
    if cause == "missing":  # who was let in before stays until somebody says that he must not
        assert ("warn", "excess") == tenant.brief(CONNECTOR)
        tenant.paste(tenant.one(CONNECTOR))
    assert ("pass", None) == tenant.brief(CONNECTOR)


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [({}, ("warn", "excess")), ({"senders": [{"name": "Scanner", "from": "a@alder.example", "ip": "192.0.2.1"}]}, ("pass", None))],
)
def test_a_lock_that_lets_a_stranger_in(make: Any, keys: dict[str, Any], verdict: tuple[str, str | None]) -> None:
    """
    An address that is nobody's is told; one of a sender who is named is meant.
    """
    lock = make.lock(SenderIPAddresses=[*make.ranges, "192.0.2.1"])

    assert verdict == make.tenant("lockdown", connectors=[lock], parameters=keys).brief(CONNECTOR)


def test_another_lock_beside_the_lock(make: Any) -> None:
    """
    A connector for every sender that restricts nothing, beside the lock, is warned of; a scanner's own lock is not.
    """
    scanner = make.lock(Name="Scanner", SenderIPAddresses=["192.0.2.1"])
    found = make.tenant("lockdown", connectors=[make.lock(), scanner, make.connector(Name="Everybody")]).judge(CONNECTOR)

    assert {"Mimecast inbound": "pass", "Everybody": "warn"} == {key: each.status.value for key, each in found.items()}


def test_servers_of_a_hybrid(make: Any) -> None:
    """
    A connector for servers on-premises is not the gateway's, whatever restrictions it has.
    """
    own = make.lock(
        Name="Inbound from Exchange", ConnectorType="OnPremises", SenderIPAddresses=[], TlsSenderCertificateName="mail.alder.example"
    )
    found = make.tenant("lockdown", connectors=[own, make.lock()], parameters=HYBRID).judge(CONNECTOR)
    early = make.tenant(connectors=[own, make.connector()], parameters=HYBRID).judge(CONNECTOR)

    assert {"Mimecast inbound": "pass"} == {key: each.status.value for key, each in found.items()}
    assert {"Mimecast inbound": "pass"} == {key: each.status.value for key, each in early.items()}


def test_centralised_transport(make: Any) -> None:
    """
    A tenant in the cloud whose mail all goes through servers on-premises is warned.
    """
    tenant = make.tenant("lockdown", connectors=[make.lock()], outbound=[make.outbound(RouteAllMessagesViaOnPremises=True)])

    assert ("warn", "centralized_transport") == tenant.brief(CONNECTOR)


def test_settling(make: Any) -> None:
    """
    A lock that is younger than an hour is not yet an answer.
    """
    assert ("unknown", "settling") == make.tenant("lockdown", connectors=[make.lock(WhenChangedUTC="2026-11-24T21:59:00Z")]).brief(
        CONNECTOR
    )


def test_ranges_not_known(make: Any) -> None:
    """
    Where the ranges are not known a lock by address is not judged; one by certificate is, and a new lock is made by certificate.
    """
    keys = {"console_ranges": None}
    by_name = make.lock(RestrictDomainsToIPAddresses=False, RestrictDomainsToCertificate=True, TlsSenderCertificateName="*.mimecast.com")
    none = make.tenant("lockdown", connectors=[], parameters=keys)

    assert ("unknown", "dns_servfail") == make.tenant("lockdown", connectors=[make.lock()], parameters=keys).brief(CONNECTOR)
    assert ("pass", None) == make.tenant("lockdown", connectors=[by_name], parameters=keys).brief(CONNECTOR)
    none.paste(none.one(CONNECTOR))
    assert ("pass", None) == none.brief(CONNECTOR)


@pytest.mark.parametrize("phase", ["prepare", "lockdown"])
@pytest.mark.parametrize("key", ["Enabled", "RequireTls", "RestrictDomainsToCertificate"])
def test_untold_keys(make: Any, phase: str, key: str) -> None:
    """
    A connector is not judged sound without the keys that decide it.
    """
    connector = make.lock() if phase == "lockdown" else make.connector()
    del connector[key]

    assert ("unknown", "not_in_export") == make.tenant(phase, connectors=[connector]).brief(CONNECTOR)
