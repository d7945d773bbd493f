"""
What Exchange on-premises exports, as values. Names as in `microsoft`; ``None`` means that the export does not say.
"""

# ruff: noqa: RUF009  # column() is dataclasses.field()

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from .addresses import AddressList
from .fields import column
from .readers import (
    AddressSpace,
    address_spaces,
    addresses,
    bindings,
    choice,
    domain,
    flag,
    flags,
    free,
    moment,
    names,
    number,
    plain_choice,
    seconds,
    size,
    text,
    texts,
)

_NAME = ("Name", "Identity", "Id")
_NO_ADDRESSES = AddressList()
_RELAY = "ms-exch-smtp-accept-any-recipient"


@dataclass(frozen=True, slots=True)
class ReceiveConnector:
    """
    ``Get-ReceiveConnector``. Among connectors with the same binding the one with the most specific ``remote_ip_ranges`` takes a connection.

    Args:
        permission_groups: For example ``AnonymousUsers``.
        auth_mechanism: For example ``Tls``, ``ExternalAuthoritative``.
        tls_certificate_name: ``<I>issuer<S>subject``, ``""`` where none is fixed.
        max_message_size: Bytes.
        tarpit_interval: Seconds.
    """

    name: str = column(free, *_NAME, default="", empty="")
    identity: str | None = column(free, "Identity", empty="")
    server: str | None = column(text, "Server", empty="")
    enabled: bool | None = column(flag, "Enabled")
    transport_role: str | None = column(choice("TransportRole"), "TransportRole")
    bindings: tuple[str, ...] | None = column(bindings, "Bindings", empty=())
    remote_ip_ranges: AddressList | None = column(addresses, "RemoteIPRanges", empty=_NO_ADDRESSES)
    permission_groups: frozenset[str] | None = column(flags("PermissionGroups"), "PermissionGroups", empty=frozenset())
    auth_mechanism: frozenset[str] | None = column(flags("AuthMechanisms"), "AuthMechanism", empty=frozenset())
    fqdn: str | None = column(domain, "Fqdn", empty="")
    banner: str | None = column(free, "Banner", empty="")
    tls_certificate_name: str | None = column(text, "TlsCertificateName", empty="")
    require_tls: bool | None = column(flag, "RequireTLS")
    domain_secure_enabled: bool | None = column(flag, "DomainSecureEnabled")
    tls_domain_capabilities: tuple[str, ...] | None = column(names, "TlsDomainCapabilities", empty=())
    suppress_x_anonymous_tls: bool | None = column(flag, "SuppressXAnonymousTls")
    max_message_size: int | None = column(size, "MaxMessageSize")
    max_hop_count: int | None = column(number, "MaxHopCount")
    tarpit_interval: float | None = column(seconds, "TarpitInterval")
    protocol_logging_level: str | None = column(plain_choice, "ProtocolLoggingLevel", empty="")
    bare_linefeed_rejection_enabled: bool | None = column(flag, "BareLinefeedRejectionEnabled")
    smtp_utf8_enabled: bool | None = column(flag, "SmtpUtf8Enabled")
    when_changed: datetime | None = column(moment, "WhenChangedUTC", "WhenChanged")


@dataclass(frozen=True, slots=True)
class SendConnector:
    """
    ``Get-SendConnector``.
    """

    name: str = column(free, *_NAME, default="", empty="")
    enabled: bool | None = column(flag, "Enabled")
    address_spaces: tuple[AddressSpace, ...] | None = column(address_spaces, "AddressSpaces", empty=())
    smart_hosts: tuple[str, ...] | None = column(texts, "SmartHosts", empty=())
    dns_routing_enabled: bool | None = column(flag, "DNSRoutingEnabled")
    source_transport_servers: tuple[str, ...] | None = column(names, "SourceTransportServers", empty=())
    fqdn: str | None = column(domain, "Fqdn", empty="")
    require_tls: bool | None = column(flag, "RequireTLS")
    tls_domain: str | None = column(domain, "TlsDomain", empty="")
    tls_auth_level: str | None = column(plain_choice, "TlsAuthLevel", empty="")
    tls_certificate_name: str | None = column(text, "TlsCertificateName", empty="")
    cloud_services_mail_enabled: bool | None = column(flag, "CloudServicesMailEnabled")
    frontend_proxy_enabled: bool | None = column(flag, "FrontendProxyEnabled")


@dataclass(frozen=True, slots=True)
class ExchangeCertificate:
    """
    ``Get-ExchangeCertificate``; the names it is good for are ``certificate_domains``, ``services`` holds ``SMTP`` where it serves that.
    """

    thumbprint: str = column(text, "Thumbprint", default="", empty="")
    subject: str | None = column(text, "Subject", "SubjectName", empty="")
    issuer: str | None = column(text, "Issuer", "IssuerName", empty="")
    certificate_domains: tuple[str, ...] | None = column(texts, "CertificateDomains", "DnsNameList", empty=())
    services: frozenset[str] | None = column(flags("CertificateServices"), "Services", empty=frozenset())
    not_before: datetime | None = column(moment, "NotBefore")
    not_after: datetime | None = column(moment, "NotAfter")
    status: str | None = column(choice("CertificateStatus"), "Status")
    is_self_signed: bool | None = column(flag, "IsSelfSigned")
    has_private_key: bool | None = column(flag, "HasPrivateKey")


@dataclass(frozen=True, slots=True)
class AnonymousRight:
    r"""
    One row of ``Get-ADPermission`` on a receive connector.

    Args:
        identity: The connector, usually ``SERVER\name``.
        user: Whose right it is, None where the columns were chosen without it.
        extended_rights: For example ``ms-Exch-SMTP-Submit``.
        deny: The right is denied.
    """

    identity: str = column(free, "Identity", default="", empty="")
    user: str | None = column(free, "User", empty="")
    extended_rights: tuple[str, ...] | None = column(texts, "ExtendedRights", empty=())
    deny: bool | None = column(flag, "Deny")
    is_inherited: bool | None = column(flag, "IsInherited")

    @property
    def anonymous(self) -> bool | None:
        """
        True for the anonymous user, None where the export does not name the user.
        """
        if self.user is None:
            return None
        return "ANONYM" in self.user.upper() or "S-1-5-7" in re.split(r"[^0-9S-]", self.user.upper())

    @property
    def accepts_any_recipient(self) -> bool:
        """
        It grants relaying: mail for any recipient is taken.
        """
        return self.deny is not True and any(right.casefold() == _RELAY for right in self.extended_rights or ())


@dataclass(frozen=True, slots=True)
class HybridConfiguration:
    """
    ``Get-HybridConfiguration``; ``CentralizedTransport`` among the features sends all mail of the cloud through on-premises.
    """

    name: str = column(free, *_NAME, default="Hybrid Configuration", empty="")
    features: tuple[str, ...] | None = column(texts, "Features", empty=())
    domains: tuple[str, ...] | None = column(texts, "Domains", empty=())
    on_premises_smart_host: str | None = column(domain, "OnPremisesSmartHost", empty="")
    receiving_transport_servers: tuple[str, ...] | None = column(texts, "ReceivingTransportServers", empty=())
    sending_transport_servers: tuple[str, ...] | None = column(texts, "SendingTransportServers", empty=())
    edge_transport_servers: tuple[str, ...] | None = column(texts, "EdgeTransportServers", empty=())
    tls_certificate_name: str | None = column(text, "TlsCertificateName", empty="")


@dataclass(frozen=True, slots=True)
class RecipientFilterConfig:
    """
    ``Get-RecipientFilterConfig``: whether unknown recipients are refused while the message comes in.
    """

    name: str = column(free, *_NAME, default="", empty="")
    enabled: bool | None = column(flag, "Enabled")
    external_mail_enabled: bool | None = column(flag, "ExternalMailEnabled")
    recipient_validation_enabled: bool | None = column(flag, "RecipientValidationEnabled")
    block_list_enabled: bool | None = column(flag, "BlockListEnabled")
    blocked_recipients: tuple[str, ...] | None = column(texts, "BlockedRecipients", empty=())
