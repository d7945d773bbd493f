"""
What Exchange Online (and, for some, Exchange on-premises) exports, as values.

Field names are the platform's, in snake case. ``None`` means that the export does not say; an empty tuple or list means that it says: none.
Source of names and meanings: MicrosoftDocs/office-docs-powershell, one page a cmdlet.
"""

# ruff: noqa: RUF009  # column() is dataclasses.field()

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from .addresses import AddressList
from .fields import Record, column
from .readers import (
    AddressSpace,
    address_spaces,
    addresses,
    choice,
    day,
    domain,
    flag,
    free,
    moment,
    names,
    number,
    plain_choice,
    text,
    texts,
)

_NAME = ("Name", "Identity", "Id")
_CHANGED = ("WhenChangedUTC", "WhenChanged")
_NO_ADDRESSES = AddressList()
_CONDITION_KEYS = (
    "From", "FromMemberOf", "FromScope", "SentTo", "SentToMemberOf", "SentToScope", "BetweenMemberOf1", "BetweenMemberOf2",
    "RecipientDomainIs", "SenderDomainIs", "SenderIpRanges", "SubjectContainsWords", "SubjectOrBodyContainsWords",
    "HeaderContainsMessageHeader", "HeaderMatchesMessageHeader", "FromAddressContainsWords", "FromAddressMatchesPatterns",
    "RecipientAddressContainsWords", "RecipientAddressMatchesPatterns", "AnyOfToHeader", "AnyOfCcHeader", "AnyOfToCcHeader",
    "AnyOfRecipientAddressContainsWords", "AnyOfRecipientAddressMatchesPatterns", "SubjectMatchesPatterns",
    "SubjectOrBodyMatchesPatterns", "SCLOver", "MessageSizeOver", "AttachmentSizeOver", "MessageTypeMatches", "WithImportance",
    "SenderInRecipientList", "RecipientInSenderList", "HasNoClassification", "HasClassification", "HasSenderOverride",
    "MessageContainsDataClassifications", "ContentCharacterSetContainsWords", "SenderManagementRelationship", "ManagerForEvaluatedUser",
    "ManagerAddresses", "ADComparisonAttribute", "SenderADAttributeContainsWords", "SenderADAttributeMatchesPatterns",
    "RecipientADAttributeContainsWords", "RecipientADAttributeMatchesPatterns", "AnyOfToHeaderMemberOf", "AnyOfCcHeaderMemberOf",
    "AnyOfToCcHeaderMemberOf", "AttachmentContainsWords", "AttachmentMatchesPatterns", "AttachmentNameMatchesPatterns",
    "AttachmentExtensionMatchesWords", "AttachmentPropertyContainsWords", "AttachmentHasExecutableContent", "AttachmentIsUnsupported",
    "AttachmentIsPasswordProtected", "AttachmentProcessingLimitExceeded",
)  # fmt: skip
_EXCEPT = "ExceptIf"
_PREDICATE = "Predicate"
_MOST_NAMES = 100


class Origin(StrEnum):
    """
    Where an object was exported, as far as it says so itself.
    """

    ONLINE = "online"
    ON_PREMISES = "on_premises"
    UNKNOWN = "unknown"


def origin(record: Record) -> Origin:
    """
    Exchange Online or on-premises, from the names of the directory objects; both have rules, domains and an organisation.
    """
    where = " ".join(str(record.get(key))[:500] for key in ("DistinguishedName", "OrganizationId", "ObjectCategory", "OriginatingServer"))
    if "Exchange Hosted Organizations" in where or ".PROD.OUTLOOK.COM" in where.upper() or "CN=ConfigurationUnits" in where:
        return Origin.ONLINE
    if record.find(("MailFlowRegion", "SendingFromDomainDisabled", "SmtpDaneStatus", "RejectDirectSend")):
        return Origin.ONLINE
    return Origin.ON_PREMISES if "CN=Microsoft Exchange,CN=Services" in where else Origin.UNKNOWN


def conditions_set(record: Record) -> tuple[str, ...] | None:
    """
    The conditions of a transport rule that hold a value; None where the export has none of their keys.
    """
    return _set(record, _CONDITION_KEYS)


def exceptions_set(record: Record) -> tuple[str, ...] | None:
    """
    The exceptions of a transport rule that hold a value; None where the export has none of their keys.
    """
    return _set(record, [f"{_EXCEPT}{key}" for key in _CONDITION_KEYS])


def _set(record: Record, keys: Sequence[str]) -> tuple[str, ...] | None:
    found = [(key, record.get(key)) for key in keys if record.find((key,))]
    return tuple(key for key, value in found if not _blank(value)) if found else None


def _named(keys: Iterable[str], classes: Iterable[str], prefix: str = "") -> tuple[str, ...]:
    """
    Keys, and what the class names beside them tell of further ones.
    """
    told = {key.casefold(): key for key in keys}
    for each in islice(classes, _MOST_NAMES):
        bare = each.rpartition(".")[2].strip().removesuffix(_PREDICATE)
        if bare:
            told.setdefault(f"{prefix}{bare}".casefold(), f"{prefix}{bare}")
    return tuple(told.values())


def _blank(value: Any) -> bool:
    if isinstance(value, list):
        return all(item is None for item in value)
    return value is None or value is False or value in ("", "{}")


@dataclass(frozen=True, slots=True)
class InboundConnector:
    """
    ``Get-InboundConnector``: whom Exchange Online takes mail from as a partner or as the own organisation.

    ``sender_ip_addresses`` is enforced only for type Partner with ``restrict_domains_to_ip_addresses``. ``ef_…`` is Enhanced Filtering:
    ``ef_skip_last_ip`` skips the last hop alone; else ``ef_skip_ips`` are skipped, and none means that it is off; ``ef_users`` empty is
    everyone.
    """

    name: str = column(free, *_NAME, default="", empty="")
    enabled: bool | None = column(flag, "Enabled")
    connector_type: str | None = column(plain_choice, "ConnectorType")
    connector_source: str | None = column(plain_choice, "ConnectorSource")
    comment: str | None = column(free, "Comment", empty="")
    sender_ip_addresses: AddressList | None = column(addresses, "SenderIPAddresses", empty=_NO_ADDRESSES)
    sender_domains: tuple[AddressSpace, ...] | None = column(address_spaces, "SenderDomains", empty=())
    trusted_organizations: tuple[str, ...] | None = column(names, "TrustedOrganizations", empty=())
    client_host_names: tuple[str, ...] | None = column(texts, "ClientHostNames", empty=())
    associated_accepted_domains: tuple[str, ...] | None = column(texts, "AssociatedAcceptedDomains", empty=())
    require_tls: bool | None = column(flag, "RequireTls")
    restrict_domains_to_ip_addresses: bool | None = column(flag, "RestrictDomainsToIPAddresses")
    restrict_domains_to_certificate: bool | None = column(flag, "RestrictDomainsToCertificate")
    tls_sender_certificate_name: str | None = column(text, "TlsSenderCertificateName", empty="")
    cloud_services_mail_enabled: bool | None = column(flag, "CloudServicesMailEnabled")
    treat_messages_as_internal: bool | None = column(flag, "TreatMessagesAsInternal")
    ef_test_mode: bool | None = column(flag, "EFTestMode")
    ef_skip_last_ip: bool | None = column(flag, "EFSkipLastIP", "DetectSenderIPBySkippingLastIP")
    ef_skip_ips: AddressList | None = column(addresses, "EFSkipIPs", "DetectSenderIPBySkippingTheseIPs", empty=_NO_ADDRESSES)
    ef_skip_mail_gateway: tuple[str, ...] | None = column(texts, "EFSkipMailGateway", empty=())
    ef_users: tuple[str, ...] | None = column(texts, "EFUsers", "DetectSenderIPRecipientList", empty=())
    scan_and_drop_recipients: tuple[str, ...] | None = column(texts, "ScanAndDropRecipients", empty=())
    is_valid: bool | None = column(flag, "IsValid")
    when_created: datetime | None = column(moment, "WhenCreatedUTC", "WhenCreated")
    when_changed: datetime | None = column(moment, *_CHANGED)

    @property
    def holds_for(self) -> frozenset[str]:
        """
        The accepted domains it is limited to, lower case; empty for all. Some exports write the tenant's name before them.
        """
        names = self.associated_accepted_domains or ()
        return frozenset(name.lower().rstrip(".").replace("\\", "/").rpartition("/")[2] for name in names)


@dataclass(frozen=True, slots=True)
class OutboundConnector:
    """
    ``Get-OutboundConnector``; ``route_all_messages_via_on_premises`` is centralised mail transport.
    """

    name: str = column(free, *_NAME, default="", empty="")
    enabled: bool | None = column(flag, "Enabled")
    connector_type: str | None = column(plain_choice, "ConnectorType")
    connector_source: str | None = column(plain_choice, "ConnectorSource")
    recipient_domains: tuple[AddressSpace, ...] | None = column(address_spaces, "RecipientDomains", empty=())
    smart_hosts: tuple[str, ...] | None = column(texts, "SmartHosts", empty=())
    use_mx_record: bool | None = column(flag, "UseMXRecord")
    tls_domain: str | None = column(domain, "TlsDomain", empty="")
    tls_settings: str | None = column(plain_choice, "TlsSettings", empty="")
    is_transport_rule_scoped: bool | None = column(flag, "IsTransportRuleScoped")
    route_all_messages_via_on_premises: bool | None = column(flag, "RouteAllMessagesViaOnPremises")
    cloud_services_mail_enabled: bool | None = column(flag, "CloudServicesMailEnabled")
    all_accepted_domains: bool | None = column(flag, "AllAcceptedDomains")
    is_validated: bool | None = column(flag, "IsValidated")
    last_validation_timestamp: datetime | None = column(moment, "LastValidationTimestamp")
    when_changed: datetime | None = column(moment, *_CHANGED)


@dataclass(frozen=True, slots=True)
class ConnectionFilterPolicy:
    """
    ``Get-HostedConnectionFilterPolicy``: the IP allow and block lists of Exchange Online.
    """

    name: str = column(free, *_NAME, default="", empty="")
    is_default: bool | None = column(flag, "IsDefault")
    ip_allow_list: AddressList | None = column(addresses, "IPAllowList", empty=_NO_ADDRESSES)
    ip_block_list: AddressList | None = column(addresses, "IPBlockList", empty=_NO_ADDRESSES)
    enable_safe_list: bool | None = column(flag, "EnableSafeList")
    directory_based_edge_block_mode: str | None = column(plain_choice, "DirectoryBasedEdgeBlockMode", empty="")
    when_changed: datetime | None = column(moment, *_CHANGED)


@dataclass(frozen=True, slots=True)
class TransportRule:
    """
    ``Get-TransportRule``, online or on-premises.

    Args:
        conditions: Class names of the conditions, as PowerShell lists them.
        exceptions: The same of the exceptions.
        conditions_set: Keys of the conditions that hold a value, for example ``SenderIpRanges``; None where the export has none of them.
        exceptions_set: The same of the exceptions, for example ``ExceptIfSenderIpRanges``.
        set_scl: -1 to 9, None where it sets none or the export does not say.
    """

    name: str = column(free, *_NAME, default="", empty="")
    state: str | None = column(choice("RuleState"), "State")
    mode: str | None = column(choice("RuleMode"), "Mode")
    priority: int | None = column(number, "Priority")
    sender_ip_ranges: AddressList | None = column(addresses, "SenderIpRanges", empty=_NO_ADDRESSES)
    except_if_sender_ip_ranges: AddressList | None = column(addresses, "ExceptIfSenderIpRanges", empty=_NO_ADDRESSES)
    from_scope: str | None = column(plain_choice, "FromScope", empty="")
    sent_to_scope: str | None = column(plain_choice, "SentToScope", empty="")
    recipient_domain_is: tuple[str, ...] | None = column(texts, "RecipientDomainIs", empty=())
    except_if_recipient_domain_is: tuple[str, ...] | None = column(texts, "ExceptIfRecipientDomainIs", empty=())
    sender_domain_is: tuple[str, ...] | None = column(texts, "SenderDomainIs", empty=())
    set_scl: int | None = column(number, "SetSCL")
    set_header_name: str | None = column(free, "SetHeaderName", empty="")
    set_header_value: str | None = column(free, "SetHeaderValue", empty="")
    stop_rule_processing: bool | None = column(flag, "StopRuleProcessing")
    activation_date: datetime | None = column(day, "ActivationDate")
    expiry_date: datetime | None = column(day, "ExpiryDate")
    conditions: tuple[str, ...] | None = column(names, "Conditions", empty=())
    exceptions: tuple[str, ...] | None = column(names, "Exceptions", empty=())
    actions: tuple[str, ...] | None = column(names, "Actions", empty=())
    is_rule_configuration_supported: bool | None = column(flag, "IsRuleConfigurationSupported")
    quarantine: bool | None = column(flag, "Quarantine")
    delete_message: bool | None = column(flag, "DeleteMessage")
    reject_message_reason_text: str | None = column(free, "RejectMessageReasonText", empty="")
    redirect_message_to: tuple[str, ...] | None = column(names, "RedirectMessageTo", empty=())
    route_message_outbound_connector: str | None = column(free, "RouteMessageOutboundConnector", empty="")
    when_changed: datetime | None = column(moment, *_CHANGED)
    conditions_set: tuple[str, ...] | None = None
    exceptions_set: tuple[str, ...] | None = None
    origin: Origin = Origin.UNKNOWN

    @property
    def looks_at(self) -> tuple[str, ...]:
        """
        All conditions it is known to have, by their keys: those that hold a value, and those that the list of class names tells of.
        """
        return _named(self.conditions_set or (), self.conditions or ())

    @property
    def leaves_out(self) -> tuple[str, ...]:
        """
        All exceptions it is known to have, likewise.
        """
        return _named(self.exceptions_set or (), self.exceptions or (), _EXCEPT)


@dataclass(frozen=True, slots=True)
class AcceptedDomain:
    """
    ``Get-AcceptedDomain``, online or on-premises. ``domain_name`` is as exported, lower case, no final dot.
    """

    domain_name: str = column(domain, "DomainName", "Name", default="", empty="")
    name: str = column(free, *_NAME, default="", empty="")
    domain_type: str | None = column(choice("AcceptedDomainType"), "DomainType")
    default: bool | None = column(flag, "Default")
    initial_domain: bool | None = column(flag, "InitialDomain")
    match_sub_domains: bool | None = column(flag, "MatchSubDomains")
    is_coexistence_domain: bool | None = column(flag, "IsCoexistenceDomain")
    outbound_only: bool | None = column(flag, "OutboundOnly")
    sending_to_domain_disabled: bool | None = column(flag, "SendingToDomainDisabled")
    sending_from_domain_disabled: bool | None = column(flag, "SendingFromDomainDisabled")
    pending_removal: bool | None = column(flag, "PendingRemoval")
    smtp_dane_status: str | None = column(plain_choice, "SmtpDaneStatus", empty="")
    mail_flow_region: str | None = column(text, "MailFlowRegion", empty="")
    when_changed: datetime | None = column(moment, *_CHANGED)
    origin: Origin = Origin.UNKNOWN


@dataclass(frozen=True, slots=True)
class OrganizationConfig:
    """
    ``Get-OrganizationConfig``; ScubaGear's leaves ``RejectDirectSend`` out, so that it is None there.
    """

    name: str = column(free, *_NAME, default="", empty="")
    reject_direct_send: bool | None = column(flag, "RejectDirectSend")
    hybrid_configuration_status: str | None = column(plain_choice, "HybridConfigurationStatus", empty="")
    is_dehydrated: bool | None = column(flag, "IsDehydrated")
    send_from_alias_enabled: bool | None = column(flag, "SendFromAliasEnabled")
    when_changed: datetime | None = column(moment, *_CHANGED)
    origin: Origin = Origin.UNKNOWN


@dataclass(frozen=True, slots=True)
class ArcConfig:
    """
    ``Get-ArcConfig``: whose ARC seals are trusted.
    """

    name: str = column(free, *_NAME, default="", empty="")
    arc_trusted_sealers: tuple[str, ...] | None = column(texts, "ArcTrustedSealers", empty=())
    when_changed: datetime | None = column(moment, *_CHANGED)


@dataclass(frozen=True, slots=True)
class TransportConfig:
    """
    ``Get-TransportConfig``, as far as incoming mail is concerned.
    """

    name: str = column(free, *_NAME, default="", empty="")
    internal_smtp_servers: AddressList | None = column(addresses, "InternalSMTPServers", empty=_NO_ADDRESSES)
    tls_receive_domain_secure_list: tuple[str, ...] | None = column(texts, "TLSReceiveDomainSecureList", empty=())
    max_receive_size: str | None = column(text, "MaxReceiveSize", empty="")
    transport_rule_limit: int | None = column(number, "TransportRuleLimit")
    origin: Origin = Origin.UNKNOWN
