"""
The lock of a tenant: one connector that admits the gateway and rejects everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..environment import Platform
from ..exports import AddressList, InboundConnector
from ..knowledge.gateway import gateway
from ..results import Status
from ..standards.ranges import AddressSet, subtract
from .m365_remedies import NONE, OFF, ON, Change, Script, listed, new_connector, quoted, ready, unused
from .m365_view import (
    MOST_SHOWN,
    Tenant,
    certificate_fits,
    certificate_patterns,
    from_everywhere,
    is_on_premises,
    is_partner,
    said_of,
    too_wide,
)
from .pasted import networks_of
from .said import Said
from .tenant import TENANT

CONNECTOR = "m365.inbound_connector"
CMDLET = "Set-InboundConnector"
_GRAVEST = (
    "disabled",
    "sender_domains",
    "pilot_only",
    "not_restricted",
    "treats_as_internal",
    "missing",
    "too_wide",
    "certificate_name",
    "tls_not_required",
)
"""
What keeps a connector from being the lock, gravest first.
"""
_NEEDED = ("Enabled", "ConnectorType", "SenderDomains", "RequireTls", "RestrictDomainsToIPAddresses", "RestrictDomainsToCertificate")


@dataclass(frozen=True)
class Lock:
    """
    One Partner connector as the lock.

    Args:
        tenant: The tenant.
        connector: The connector.
        pilot: It may be limited to some domains, since the others are not to be locked yet.
    """

    tenant: Tenant
    connector: InboundConnector
    pilot: bool = False

    @property
    def addresses(self) -> AddressList:
        """
        The addresses it lists.
        """
        return self.connector.sender_ip_addresses or AddressList()

    @property
    def by_address(self) -> bool:
        """
        True where it admits by address.
        """
        return self.connector.restrict_domains_to_ip_addresses is True

    @property
    def by_certificate(self) -> bool:
        """
        True where it admits by certificate.
        """
        return self.connector.restrict_domains_to_certificate is True

    @property
    def untold(self) -> list[str]:
        """
        Keys without which nothing can be said, and which the export does not have.
        """
        return untold(self.connector)

    @property
    def faults(self) -> tuple[str, ...]:
        """
        What keeps it from being the lock, gravest first.
        """
        one = self.connector
        found = {
            "disabled": one.enabled is False,
            "sender_domains": not from_everywhere(one),
            "pilot_only": not self._reaches_all,
            "not_restricted": not self.by_address and not self.by_certificate,
            "treats_as_internal": one.treat_messages_as_internal is True,
            "missing": self.by_address and bool(self.tenant.lacking(self.addresses.networks)),
            "too_wide": self.by_address and any(map(too_wide, self.addresses.entries)),
            "certificate_name": self.by_certificate
            and bool(certificate_patterns(self.tenant.environment))
            and not certificate_fits(self.tenant.environment, one.tls_sender_certificate_name or ""),
            "tls_not_required": one.require_tls is False,
        }
        return tuple(cause for cause in _GRAVEST if found[cause])

    @property
    def _reaches_all(self) -> bool:
        return self.pilot or self.tenant.covers_all(self.connector)

    @property
    def unproven(self) -> bool:
        """
        True where it is not known what it has to admit.
        """
        by_name = self.by_certificate and not certificate_patterns(self.tenant.environment)
        return by_name or (self.by_address and not self.tenant.required)

    @property
    def values(self) -> dict[str, Any]:
        """
        What the sentences about it need.
        """
        one = self.connector
        return {
            "name": one.name,
            "type": one.connector_type or "?",
            "enabled": said_of(one.enabled),
            "tls": said_of(one.require_tls),
            "by_ip": said_of(one.restrict_domains_to_ip_addresses),
            "by_cert": said_of(one.restrict_domains_to_certificate),
            "internal": said_of(one.treat_messages_as_internal),
            "domains_set": [space.domain for space in one.sender_domains or ()],
            "pilot": list(one.associated_accepted_domains or ()),
            "addresses": list(self.addresses.texts)[:MOST_SHOWN],
            "missing": [str(network) for network in self.tenant.lacking(self.addresses.networks) or ()],
            "wide": [entry.text for entry in self.addresses.entries if too_wide(entry)][:MOST_SHOWN],
            "certificate_set": one.tls_sender_certificate_name or "-",
            "by": "RestrictDomainsToCertificate" if self.by_certificate else "RestrictDomainsToIPAddresses",
        }

    def said(self) -> Said:
        """
        What is said of it as the lock.
        """
        tenant, one, more = self.tenant, self.connector, self.values
        faults = self.faults
        if self.untold and not faults:
            return tenant.incomplete(self.untold, more, [one])
        if faults:
            return tenant.said(Status.FAIL, f"{CONNECTOR}.{faults[0]}", {**more, "paste": self.remedy().lines}, faults, [one])
        if self.unproven:
            return tenant.unsure(more, [one])
        return tenant.settled(self._good(), one.when_changed)

    def _good(self) -> Said:
        tenant, one, more = self.tenant, self.connector, self.values
        beyond = tenant.beyond(self.addresses) if self.by_address else {}
        if self.by_address and self._strangers(beyond):
            beyond = {**beyond, "excess": self._strangers(beyond)}
        texts = [text for kind in beyond.values() for text in kind]
        hybrid = any(scope.platform is Platform.HYBRID for scope in tenant.scopes)
        outbound = tenant.case.exports.outbound_connectors or ()
        around = [each.name for each in outbound if each.enabled is not False and each.route_all_messages_via_on_premises]
        found = {
            "both_restrictions": self.by_address and self.by_certificate,
            **dict.fromkeys(beyond, True),
            "centralized_transport": bool(around) and not hybrid,  # of a hybrid `exchange.hybrid` tells it
        }
        causes = tuple(cause for cause, is_so in found.items() if is_so)
        if not causes:
            return tenant.said(Status.PASS, f"{CONNECTOR}.locked", more, (), [one])
        more |= {"beyond": texts[:MOST_SHOWN], "around": around, "paste": self.remedy(drop=texts).lines}
        message = causes[0] if causes[0] not in beyond else "excess"
        return tenant.said(Status.WARN, f"{CONNECTOR}.{message}", more, causes, [one])

    def _strangers(self, beyond: Mapping[str, list[str]]) -> list[str]:
        """
        Entries that are neither the gateway's, nor told as something else, nor of somebody who is named as a direct sender.
        """
        told = {text for texts in beyond.values() for text in texts}
        senders = networks_of(sender.ip for sender in self.tenant.environment.senders if sender.ip)
        meant = AddressSet([*senders, *self.tenant.old_networks])
        rest = [(entry.text, subtract(entry.networks, self.tenant.own)) for entry in self.addresses.entries if entry.text not in told]
        return [text for text, networks in rest if subtract(networks, meant)]

    def remedy(self, drop: Sequence[str] = ()) -> Script:
        """
        The command that makes it the lock, and nothing where that takes ranges or names that are not known.

        Of two restrictions the certificate's stays: addresses change, and then the lock turns the gateway away.

        Args:
            drop: Entries to take from its addresses besides.
        """
        one, environment = self.connector, self.tenant.environment
        patterns = certificate_patterns(environment)
        fits = certificate_fits(environment, one.tls_sender_certificate_name or "")
        by_certificate = self.by_certificate and (fits or not self.by_address) and bool(patterns)
        if not by_certificate and not self.tenant.required:
            by_certificate = bool(patterns)
        if not by_certificate and not self.tenant.required:
            return Script()
        change = Change(CMDLET, one.name)
        if one.enabled is False:
            change.switch("Enabled", to=True)
        if not from_everywhere(one):
            change.alter("SenderDomains", ["*"])
        if not self._reaches_all:
            change.set("AssociatedAcceptedDomains", NONE, listed(one.associated_accepted_domains or ()))
        if one.treat_messages_as_internal:
            change.switch("TreatMessagesAsInternal", to=False)
        if one.require_tls is not True:
            change.switch("RequireTls", to=True)
        if by_certificate and not fits:
            before = one.tls_sender_certificate_name
            change.set("TlsSenderCertificateName", quoted(patterns[0]), quoted(before) if before else NONE)
        if not by_certificate:
            change.alter("SenderIPAddresses", *self._addresses_to_change(drop))
        for parameter, now, wanted in (
            ("RestrictDomainsToCertificate", self.by_certificate, by_certificate),
            ("RestrictDomainsToIPAddresses", self.by_address, not by_certificate),
        ):
            if now is not wanted:
                change.switch(parameter, to=wanted)
        return change.script

    def _addresses_to_change(self, drop: Sequence[str]) -> tuple[list[str], list[str]]:
        wrong = [*(entry.text for entry in self.addresses.entries if too_wide(entry)), *drop]
        kept = [network for entry in self.addresses.entries if entry.text not in wrong for network in entry.networks]
        return ready(self.tenant.lacking(kept) or ()), wrong


def untold(connector: InboundConnector) -> list[str]:
    """
    Keys without which nothing can be said of a connector, and which the export does not have.
    """
    values = (
        connector.enabled,
        connector.connector_type,
        connector.sender_domains,
        connector.require_tls,
        connector.restrict_domains_to_ip_addresses,
        connector.restrict_domains_to_certificate,
    )
    return [key for key, value in zip(_NEEDED, values, strict=True) if value is None]


def new_lock(tenant: Tenant, names: Iterable[str]) -> Script:
    """
    A connector that is the lock.

    Args:
        tenant: The tenant.
        names: Of the connectors there are.
    """
    name = unused(f"{gateway().name} inbound", names)
    if tenant.required:
        addresses = listed(ready(tenant.required))
        return new_connector(name, {"RequireTls": ON, "SenderIPAddresses": addresses, "RestrictDomainsToIPAddresses": ON})
    patterns = certificate_patterns(tenant.environment)
    if not patterns:
        return Script()
    return new_connector(name, {"RequireTls": ON, "RestrictDomainsToCertificate": ON, "TlsSenderCertificateName": quoted(patterns[0])})


def without_gateway(tenant: Tenant, connector: InboundConnector) -> Script:
    """
    Take the gateway's addresses from a connector of type OnPremises; turn it off where it has no others. What is left of the gateway in it
    is not taken for internal.
    """
    entries = (connector.sender_ip_addresses or AddressList()).entries
    own = [entry.text for entry in entries if any(tenant.own.touches(each) for each in entry.networks)]
    change = Change(CMDLET, connector.name)
    if len(own) == len(entries) and not connector.tls_sender_certificate_name:
        change.set("Enabled", OFF, ON)
    else:
        change.alter("SenderIPAddresses", remove=own)
        if connector.treat_messages_as_internal and tenant.serves(replace(connector, sender_ip_addresses=None)):
            change.switch("TreatMessagesAsInternal", to=False)
    return change.script


def judge_locked(tenant: Tenant, connectors: Sequence[InboundConnector]) -> list[tuple[str, Said]]:
    """
    What is said of the connectors of a tenant that has to be locked: of the lock, or of what comes nearest to it.
    """
    found = []
    wrong = [one for one in connectors if one.enabled is not False and is_on_premises(one) and tenant.holds_own(one.sender_ip_addresses)]
    partners = [Lock(tenant, one) for one in connectors if is_partner(one)]
    locks = [lock for lock in partners if tenant.serves(lock.connector) or of_old_gateway(tenant, lock.connector)]
    locks = locks or [lock for lock in partners if from_everywhere(lock.connector) and (lock.by_address or lock.by_certificate)]
    locks.sort(key=lambda lock: (len(lock.faults), not tenant.serves(lock.connector)))
    sound = [lock for lock in locks if not lock.faults]
    replaced = not locks and bool(wrong)
    for number, one in enumerate(wrong):
        script = without_gateway(tenant, one)
        if replaced and number == 0:
            script = script.then(new_lock(tenant, [each.name for each in connectors]))
        more = {**Lock(tenant, one).values, "paste": script.lines}
        found.append((one.name, tenant.said(Status.FAIL, f"{CONNECTOR}.wrong_type", more, ("wrong_type",), [one])))
    found += [(lock.connector.name, lock.said()) for lock in sound or locks[:1]]
    for lock in locks if sound else ():
        one = lock.connector
        if lock.faults and one.enabled is not False and from_everywhere(one):
            more = {**lock.values, "beside": [each.connector.name for each in sound], "paste": lock.remedy().lines}
            found.append((one.name, tenant.said(Status.WARN, f"{CONNECTOR}.beside_lock", more, lock.faults, [one])))
    if not found:
        unread = [one for one in connectors if one.connector_type is None]
        if unread:
            return [(unread[0].name, tenant.incomplete(["ConnectorType"], {"name": unread[0].name}, unread))]
        paste = new_lock(tenant, [one.name for one in connectors]).lines
        more = {"name": "-", "others": [one.name for one in connectors][:MOST_SHOWN], "paste": paste}
        found.append((TENANT, tenant.said(Status.FAIL, f"{CONNECTOR}.none", more, ("none",), connectors)))
    return found


def of_old_gateway(tenant: Tenant, connector: InboundConnector) -> bool:
    """
    True for a connector that holds addresses of what stands, or stood, in front.
    """
    listed_addresses = connector.sender_ip_addresses
    return listed_addresses is not None and any(tenant.old.touches(each) for each in listed_addresses.networks)
