"""
One Microsoft 365 tenant as its exports show it: what the ``m365.*`` checks have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ..environment import DomainScope, Environment, Phase, Platform
from ..exports import AddressEntry, AddressList, InboundConnector, Kind
from ..knowledge.gateway import gateway
from ..knowledge.platforms import provider
from ..knowledge.regions import CUSTOM, region, regions
from ..observations import Plan
from ..results import Finding, Status
from ..standards.ranges import AddressSet, Network, outermost, subtract
from .case import Case, Check
from .exported import evidence_of_kinds
from .m365_remedies import ready
from .mx_gateway import expected_hosts
from .pasted import networks_of
from .ranges import Reference, reference, required_ranges
from .said import Said
from .tenant import TENANT, concerned, facts, furthest, not_concerned

PLATFORMS = (Platform.MICROSOFT_365.value, Platform.HYBRID.value)
SETTLE = timedelta(hours=1)
"""
How long Exchange Online may take until a changed setting holds everywhere.
"""
MOST_SHOWN = 20
_PRIVATE = networks_of(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"))


def plan_ranges(case: Case, *kinds: Kind) -> Plan[Reference | None]:
    """
    Find out the required ranges; nothing is asked where none of these kinds of exports was given.
    """
    if not concerned(case, PLATFORMS) or not any(case.exports.given(kind) for kind in kinds):
        return None
    return (yield from reference(case.environment))


@dataclass(frozen=True)
class Tenant:
    """
    A tenant and what it is held against.

    Args:
        case: The customer.
        scopes: Its domains with mail; at least one.
        found: The required ranges, None where they were not asked for.
    """

    case: Case
    scopes: tuple[DomainScope, ...]
    found: Reference | None = None

    @property
    def environment(self) -> Environment:
        """
        What is intended.
        """
        return self.case.environment

    @property
    def locking(self) -> bool:
        """
        True where every domain is in the phase in which the tenant is locked: the lock holds for all of them.
        """
        return all(scope.phase is Phase.LOCKDOWN for scope in self.scopes)

    @cached_property
    def required(self) -> tuple[Network, ...]:
        """
        The IPv4 ranges the tenant has to trust; Exchange Online takes no others in its lists. Empty where they are not known.
        """
        if self.found is None or not self.found.certain:
            return ()
        return tuple(network for network in outermost(self.found.required) if network.version == 4)

    @cached_property
    def own(self) -> AddressSet:
        """
        The addresses that are known or believed to be this customer's gateway's.
        """
        return AddressSet(
            [*self.required, *(self.found.tolerated if self.found else ()), *networks_of(region(self.environment.region).cidrs)]
        )

    @cached_property
    def others(self) -> AddressSet:
        """
        The addresses of the gateway's other regions.
        """
        return AddressSet(networks_of(cidr for one in regions() if one.code != self.environment.region for cidr in one.cidrs))

    @cached_property
    def old(self) -> AddressSet:
        """
        The addresses of what stands in front today.
        """
        return AddressSet(self.old_networks)

    @property
    def old_networks(self) -> list[Network]:
        """
        The ranges of what stands in front today.
        """
        present = self.environment.present_gateway
        return networks_of(present.ranges) if present else []

    def lacking(self, networks: Iterable[Network]) -> list[Network] | None:
        """
        The required addresses that some networks leave out; None where it is not known what is required.
        """
        return subtract(self.required, AddressSet(networks)) if self.required else None

    def touches(self, entries: AddressList | None) -> bool:
        """
        True where a list holds addresses of the gateway, of whichever region.
        """
        return entries is not None and any(self.own.touches(each) or self.others.touches(each) for each in entries.networks)

    def holds_own(self, entries: AddressList | None) -> bool:
        """
        True where a list holds addresses of this customer's gateway.
        """
        return entries is not None and any(self.own.touches(each) for each in entries.networks)

    def beyond(self, entries: AddressList, *, skipping: bool = False) -> dict[str, list[str]]:
        """
        Entries that hold what is not the customer's gateway's and does harm there, by kind.

        Args:
            entries: The list.
            skipping: It is a list of hops to skip, in which private and Microsoft's addresses have no place.
        """
        kinds = [("other_region", self.others)]
        if self.locking:
            kinds.append(("old_gateway", self.old))
        if skipping:
            kinds += [("microsoft_ranges", AddressSet(networks_of(provider("microsoft").ranges))), ("private", AddressSet(_PRIVATE))]
        found: dict[str, list[str]] = {}
        for entry in entries.entries:
            rest = subtract(entry.networks, self.own)
            kind = next((kind for kind, ranges in kinds if any(ranges.touches(each) for each in rest)), "")
            if kind:
                found.setdefault(kind, []).append(entry.text)
        return found

    def serves(self, connector: InboundConnector) -> bool:
        """
        True for an inbound connector that is meant for the gateway, or that the gateway's mail falls under because it names nobody.
        """
        if self.touches(connector.sender_ip_addresses) or self.touches(connector.ef_skip_ips):
            return True
        if self.is_called_so(connector):
            return True
        named = bool(connector.sender_ip_addresses) or bool(connector.tls_sender_certificate_name)
        return is_partner(connector) and from_everywhere(connector) and not named

    def is_called_so(self, connector: InboundConnector) -> bool:
        """
        True for a connector with the gateway's name, on its label or in the certificate it demands.
        """
        label = f"{connector.name} {connector.comment or ''}".casefold()
        demanded = certificate_fits(self.environment, connector.tls_sender_certificate_name or "")
        return demanded or self._of_other_region(connector) or gateway().name.casefold() in label

    def covers_all(self, connector: InboundConnector) -> bool:
        """
        True where a connector holds for all of the domains: it names none, or all of them.
        """
        named = connector.holds_for
        return not named or all({scope.name, scope.unicode.lower()} & named for scope in self.scopes)

    @staticmethod
    def _of_other_region(connector: InboundConnector) -> bool:
        name = common_name(connector.tls_sender_certificate_name or "")
        return bool(name) and any(under(name, one.certificate) for one in regions())

    @property
    def values(self) -> dict[str, Any]:
        """
        What every sentence about the tenant may need.
        """
        of = region(self.environment.region)
        return {
            **facts(self.case, self.scopes),
            "name": "-",
            "spf": of.spf or "-",
            "required": [str(network) for network in self.required],
            "certificate": list(certificate_patterns(self.environment)),
            "paste": [],
        }

    def said(
        self, status: Status, message: str, more: dict[str, Any] | None = None, causes: Iterable[str] = (), about: Iterable[object] = ()
    ) -> Said:
        """
        Something said of the tenant.

        Args:
            status: The verdict.
            message: Id in full.
            more: Values besides those every sentence may need.
            causes: Gravest first.
            about: The exported objects it rests on.
        """
        evidence = (*self.case.evidence_of(*about), *self.ranges_evidence)
        return Said(status, message, {**self.values, **(more or {})}, tuple(causes), evidence)

    @property
    def ranges_evidence(self) -> tuple[str, ...]:
        """
        The DNS answers behind the required ranges.
        """
        return self.case.evidence(*self.found.answers) if self.found else ()

    def unsure(self, more: dict[str, Any] | None = None, about: Iterable[object] = ()) -> Said:
        """
        What is said where it is not known what is required.
        """
        if "dns" not in self.environment.probes or self.environment.region == CUSTOM:
            return self.said(Status.MANUAL, "m365.export.no_reference", more, ("no_reference",), about)
        causes = self.found.causes if self.found and self.found.causes else ("no_ranges",)
        return self.said(Status.UNKNOWN, "m365.export.ranges_unknown", more, causes, about)

    def incomplete(self, keys: Iterable[str], more: dict[str, Any] | None = None, about: Iterable[object] = ()) -> Said:
        """
        What is said where the export leaves out or garbles what it takes to judge.
        """
        return self.said(Status.UNKNOWN, "m365.export.incomplete", {**(more or {}), "keys": list(keys)}, ("not_in_export",), about)

    def empty(self, cmdlet: str, kind: Kind) -> Said:
        """
        What is said where an export of something that every tenant has holds nothing.
        """
        said = self.said(Status.UNKNOWN, "m365.export.empty", {"cmdlet": cmdlet}, ("empty_export",))
        return replace(said, evidence=evidence_of_kinds(self.case, kind))

    def settled(self, said: Said, changed: datetime | None) -> Said:
        """
        A verdict that rests on a setting, or that the setting is too young for one. What is wrong stays wrong.
        """
        if changed is None or said.status not in (Status.PASS, Status.WARN) or abs(self.case.now - changed) >= SETTLE:
            return said
        until = {"changed": changed.isoformat(), "until": (changed + SETTLE).isoformat()}
        return replace(
            said,
            status=Status.UNKNOWN,
            message="m365.export.settling",
            values={**said.values, **until},
            causes=("settling", *said.causes),
        )


def see_tenant(case: Case, *kinds: Kind) -> Tenant | None:
    """
    The tenant of a case, None where no domain with mail is on Microsoft 365.

    Args:
        case: The customer.
        kinds: Those of the check's plan, see `plan_ranges`.
    """
    scopes = concerned(case, PLATFORMS)
    if not scopes:
        return None
    return Tenant(case, scopes, case.replay(plan_ranges(case, *kinds)))


def by_hand(case: Case, check: Check, message: str = "manual", *, varies: bool = False) -> list[Finding]:
    """
    The finding of a check nobody gave an export for; or that it does not concern the customer.

    Args:
        case: The customer.
        check: The check.
        message: Message id behind the check's id.
        varies: The words differ by phase.
    """
    scopes = concerned(case, PLATFORMS)
    if not scopes:
        return [not_concerned(case, check)]
    return [check.finding(TENANT, Status.MANUAL, f"{message}_{furthest(scopes).value}" if varies else message, asked_by_hand(case, scopes))]


def asked_by_hand(case: Case, scopes: Sequence[DomainScope]) -> dict[str, object]:
    """
    What the words about a thing that a person has to look at need.
    """
    required = [network for network in networks_of(required_ranges(case.environment, case.observations)) if network.version == 4]
    return {**facts(case, scopes), "required": ready(required)}


def is_partner(connector: InboundConnector) -> bool:
    """
    True for the only type whose restrictions are enforced.
    """
    return (connector.connector_type or "").casefold() == "partner"


def is_on_premises(connector: InboundConnector) -> bool:
    """
    True for the type that stands for the own organisation.
    """
    return (connector.connector_type or "").casefold() == "onpremises"


def from_everywhere(connector: InboundConnector) -> bool:
    """
    True where a connector is for mail from any domain.
    """
    return any(space.domain == "*" for space in connector.sender_domains or ())


def too_wide(entry: AddressEntry) -> bool:
    """
    True for an entry Exchange Online's lists do not take: IPv6, wider than /24, or a range of more than 256 addresses.
    """
    return entry.first is not None and (entry.first.version == 6 or entry.size > 256 or (entry.prefix is not None and entry.prefix < 24))


def said_of(flag: bool | None) -> str:
    """
    A switch as the platform writes it, ``?`` where the export does not say.
    """
    return "?" if flag is None else str(flag)


def common_name(name: str) -> str:
    """
    The name of a certificate, lower case, also where the whole subject is written out (``<I>…<S>CN=*.gateway.example, O=…``).
    """
    subject = name.rpartition("<S>")[2].strip()
    for part in subject.split(","):
        key, equals, value = part.strip().partition("=")
        if equals and key.strip().casefold() == "cn":
            return value.strip().casefold().rstrip(".")
    return subject.casefold().rstrip(".")


def under(name: str, pattern: str) -> bool:
    """
    True where a certificate name is a pattern like ``*.gateway.example``, or a name below it.
    """
    return bool(pattern) and (name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:])))


def certificate_patterns(environment: Environment) -> tuple[str, ...]:
    """
    Names the gateway's certificate has: the region's, else those that cover the hosts the console shows. Empty where not known.
    """
    known = region(environment.region).certificate
    return (known,) if known else tuple(dict.fromkeys(f"*.{host.partition('.')[2]}" for host in expected_hosts(environment) if "." in host))


def certificate_fits(environment: Environment, name: str) -> bool:
    """
    True where a connector's certificate name is the gateway's.
    """
    return any(under(common_name(name), pattern) for pattern in certificate_patterns(environment))
