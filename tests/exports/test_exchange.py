"""
Exchange Online, ScubaGear and Exchange Server objects.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.errors import ExportError
from runbook_lib.exports import Exports, Kind, Origin, read_exports

Several = Callable[..., Exports]


def test_scubagear_gives_several_kinds(scubagear: Path) -> None:
    """
    The sample's sections, its time, and the difference between empty, there and not told.
    """
    exports = read_exports([scubagear])
    (export,) = exports.files

    assert Kind.SEVERAL == export.kind
    assert datetime(2026, 5, 4, 17, 15, 48, 307000, UTC) == export.exported_at
    assert () == export.problems
    assert () == exports.outbound_connectors
    assert exports.receive_connectors is None
    assert ["inbound connector test 1"] == [one.name for one in exports.inbound_connectors or ()]
    assert 7 == len(exports.accepted_domains or ())
    assert {Origin.ONLINE} == {one.origin for one in exports.accepted_domains or ()}
    (rule,) = exports.transport_rules or ()
    assert (("FromScope",), None) == (rule.conditions_set, rule.set_scl)
    (organization,) = exports.organization_configs or ()
    assert organization.reject_direct_send is None


def test_each_online_kind_is_recognised_by_its_keys(exports: Several, connector: dict[str, Any]) -> None:
    """
    Every cmdlet of the contract, each in a file of its own.
    """
    made = exports(
        connector,
        [{"Name": "to gateway", "RecipientDomains": ["*"], "ConnectorType": "Partner", "RouteAllMessagesViaOnPremises": False}],
        {"Name": "Default", "IPAllowList": ["192.0.2.0/22", "2001:db8::1"], "IPBlockList": [], "EnableSafeList": False},
        [
            {
                "Name": "bypass",
                "State": "Disabled",
                "Mode": "Audit",
                "Priority": 3,
                "SetSCL": -1,
                "SenderIpRanges": ["192.0.2.0/24"],
                "ExpiryDate": "2026-05-01T00:00:00",
            }
        ],
        [{"DomainName": "alder.example", "DomainType": "Authoritative", "Default": True}],
        {"Name": "alder", "RejectDirectSend": True},
        {"Identity": "Default", "ArcTrustedSealers": "gateway.example, other.example"},
    )

    assert [
        Kind.INBOUND_CONNECTORS, Kind.OUTBOUND_CONNECTORS, Kind.CONNECTION_FILTER_POLICIES, Kind.TRANSPORT_RULES, Kind.ACCEPTED_DOMAINS,
        Kind.ORGANIZATION_CONFIGS, Kind.ARC_CONFIGS,
    ] == [export.kind for export in made.files]  # fmt: skip
    assert (False, True) == (
        (made.outbound_connectors or ())[0].route_all_messages_via_on_premises,
        (made.organization_configs or ())[0].reject_direct_send,
    )
    policy = (made.connection_filter_policies or ())[0]
    assert policy.ip_allow_list is not None
    assert ["host_bits", ""] == [entry.problem for entry in policy.ip_allow_list.entries]
    assert ("gateway.example", "other.example") == (made.arc_configs or ())[0].arc_trusted_sealers
    rule = (made.transport_rules or ())[0]
    assert ("Disabled", "Audit", -1, datetime(2026, 5, 1, tzinfo=UTC)) == (rule.state, rule.mode, rule.set_scl, rule.expiry_date)
    assert ["zone_assumed"] == [problem.kind for problem in made.files[3].problems]


def test_a_rule_tells_which_conditions_it_has(exports: Several) -> None:
    """
    A bypass rule without an address condition can be told from one with it, whatever PowerShell lists as class names.
    """
    base = {
        "Name": "r",
        "State": "Enabled",
        "Mode": "Enforce",
        "Priority": 0,
        "SetSCL": -1,
        "SenderIpRanges": None,
        "FromScope": None,
        "HasNoClassification": False,
    }
    made = exports([base, {**base, "Name": "s", "SenderIpRanges": ["192.0.2.1"], "FromScope": "NotInOrganization"}])

    assert [(), ("FromScope", "SenderIpRanges")] == [rule.conditions_set for rule in made.transport_rules or ()]


def test_receive_connectors_in_words_and_bits(exports: Several) -> None:
    """
    Permission groups and mechanisms are a comma text, a list or the sum of bits; ranges, bindings, sizes and spans are read.
    """
    one = {
        "Name": "Default Frontend EX1",
        "Server": "EX1",
        "Enabled": True,
        "TransportRole": 16384,
        "Bindings": ["[::]:25", "0.0.0.0:25"],
        "RemoteIPRanges": "{::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 0.0.0.0-255.255.255.255}",
        "PermissionGroups": "AnonymousUsers, ExchangeServers",
        "AuthMechanism": "Tls, ExternalAuthoritative",
        "Fqdn": {"Domain": "Mail.Alder.example"},
        "MaxMessageSize": "36 MB (37,748,736 bytes)",
        "TarpitInterval": "00:00:05",
        "TlsCertificateName": "<I>CN=CA<S>CN=mail.alder.example",
    }
    other = {
        **one,
        "PermissionGroups": 5,
        "AuthMechanism": 33,
        "TransportRole": "FrontendTransport",
        "Bindings": [{"AddressFamily": 2, "Address": {"Address": 0}, "Port": 25}],
    }
    first, second = exports([one, other]).receive_connectors or ()

    assert frozenset(("AnonymousUsers", "ExchangeServers")) == first.permission_groups == second.permission_groups
    assert frozenset(("Tls", "ExternalAuthoritative")) == first.auth_mechanism == second.auth_mechanism
    assert ("FrontendTransport", "mail.alder.example", 37748736, 5.0) == (
        first.transport_role,
        first.fqdn,
        first.max_message_size,
        first.tarpit_interval,
    )
    assert (("[::]:25", "0.0.0.0:25"), ("*:25",)) == (first.bindings, second.bindings)
    assert first.remote_ip_ranges is not None
    assert first.remote_ip_ranges.holds(ipaddress.ip_address("203.0.113.9"))


def test_unknown_bits_are_noted(exports: Several) -> None:
    """
    A bit that is not known makes the whole set not told.
    """
    made = exports({"Name": "c", "RemoteIPRanges": [], "PermissionGroups": 1024, "AuthMechanism": "None"})
    (found,) = made.receive_connectors or ()

    assert (None, frozenset()) == (found.permission_groups, found.auth_mechanism)
    assert ["not_known"] == [problem.kind for problem in made.files[0].problems]


@pytest.mark.parametrize(
    "rights",
    [
        ["ms-Exch-SMTP-Accept-Any-Recipient"],
        "{ms-Exch-SMTP-Submit, ms-Exch-SMTP-Accept-Any-Recipient}",
        [{"RawIdentity": "ms-Exch-SMTP-Accept-Any-Recipient"}],
    ],
)
def test_the_right_to_relay_is_found_in_every_shape(exports: Several, rights: Any) -> None:
    """
    The anonymous user's extended rights as a list, a text, or objects.
    """
    made = exports(
        [
            {"Identity": "EX1\\Relay", "ExtendedRights": rights},
            {"Identity": "EX1\\Relay", "ExtendedRights": rights, "User": "ALDER\\scan", "Deny": False},
        ]
    )
    (right,) = made.anonymous_rights or ()

    assert (True, None) == (right.accepts_any_recipient, right.anonymous)


def test_a_denied_right_is_none(exports: Several) -> None:
    """
    Deny true takes the right away.
    """
    made = exports(
        {"Identity": "c", "User": "NT AUTHORITY\\ANONYMOUS LOGON", "ExtendedRights": ["ms-Exch-SMTP-Accept-Any-Recipient"], "Deny": True}
    )
    (right,) = made.anonymous_rights or ()

    assert (False, True) == (right.accepts_any_recipient, right.anonymous)


def test_certificates_hybrid_and_the_rest_of_exchange_server(exports: Several) -> None:
    """
    Services as bits, names as objects, features as text.
    """
    made = exports(
        [
            {
                "Thumbprint": "AB",
                "Services": 24,
                "CertificateDomains": [{"Domain": "mail.alder.example"}],
                "NotAfter": "/Date(1795449600000)/",
                "Status": 1,
                "IsSelfSigned": False,
            }
        ],
        {"Features": "FreeBusy, CentralizedTransport", "OnPremisesSmartHost": "mail.alder.example", "ReceivingTransportServers": ["EX1"]},
        [{"Name": "out", "AddressSpaces": ["SMTP:*;1"], "SmartHosts": ["gateway.example"], "Enabled": True}],
        {"RecipientValidationEnabled": True, "BlockListEnabled": False, "Enabled": True},
    )
    (certificate,) = made.exchange_certificates or ()

    assert (frozenset(("IIS", "SMTP")), ("mail.alder.example",), "Valid") == (
        certificate.services,
        certificate.certificate_domains,
        certificate.status,
    )
    assert ("FreeBusy", "CentralizedTransport") == (made.hybrid_configurations or ())[0].features
    assert "*" == ((made.send_connectors or ())[0].address_spaces or ())[0].domain
    assert (made.recipient_filter_configs or ())[0].recipient_validation_enabled is True


def test_on_premises_domains_are_told_from_online_ones(exports: Several) -> None:
    """
    Both have accepted domains; the directory's name says which, and without it nothing is said.
    """
    base = {"DomainType": "Authoritative"}
    made = exports(
        [
            {
                **base,
                "DomainName": {"Address": "a.example", "Domain": "a.example"},
                "DistinguishedName": "CN=a,CN=First Organization,CN=Microsoft Exchange,CN=Services,CN=Configuration",
            },
            {**base, "DomainName": "b.example", "OrganizationId": "X/Microsoft Exchange Hosted Organizations/alder"},
            {**base, "DomainName": "c.example"},
        ]
    )

    assert [("a.example", Origin.ON_PREMISES), ("b.example", Origin.ONLINE), ("c.example", Origin.UNKNOWN)] == [
        (one.domain_name, one.origin) for one in made.accepted_domains or ()
    ]


def test_a_section_with_something_else_in_it_is_refused(exports: Several, connector: dict[str, Any]) -> None:
    """
    A section's name does not overrule what is in it.
    """
    with pytest.raises(ExportError, match="another kind"):
        exports({"Get-TransportRule": [connector]})


def test_the_same_object_in_two_files_counts_once(exports: Several, connector: dict[str, Any]) -> None:
    """
    ScubaGear's file and the cmdlet's beside it do not double a connector; a changed one stays.
    """
    made = exports(connector, {"inbound_connectors": [connector]}, {**connector, "Enabled": False})

    assert [True, False] == [one.enabled for one in made.inbound_connectors or ()]
