"""
What ``dane.tlsa`` looks at: which MX hosts are secure, their TLSA records, and the certificates they serve, from one plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ..environment import DomainScope, Environment, Phase, ProbeKind, Role
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, SmtpDialogue, SmtpQuestion, ask_dns, together
from ..standards.addresses import HostAddresses, resolve_host
from ..standards.mx import MxView, see_mx
from ..standards.names import is_address, is_host_name
from ..standards.tlsa import Tlsa, parse_tlsa
from .case import Case
from .gateway import see_gateway
from .mx_gateway import expected_hosts
from .route_view import may_ask, see_routes

PORT = 25
"""
Where an MX host is asked.
"""
MOST_ADDRESSES = 4
"""
Addresses of one MX host that are connected to.
"""


@dataclass(frozen=True, slots=True)
class DomainDane:
    """
    One domain.

    Args:
        mx: Its MX records.
        ds: The answer for DS of its zone: is it signed?
    """

    mx: MxView
    ds: DnsAnswer

    @property
    def signed_unproved(self) -> bool:
        """
        True where the zone is signed, but the resolver does not say that it checked.
        """
        return self.ds.outcome is DnsOutcome.ANSWER and not self.mx.recursive.authentic


@dataclass(frozen=True, slots=True)
class HostDane:
    """
    One MX host.

    Args:
        host: Host name.
        scopes: The domains that list it.
        mx_secure: The MX records that name it are secure.
        resolved: Its addresses; None where they were not asked for.
        tlsa: The answers for its TLSA records, the one that counts last.
        dialogues: With its addresses.
    """

    host: str
    scopes: tuple[DomainScope, ...] = ()
    mx_secure: bool = True
    resolved: HostAddresses | None = None
    tlsa: tuple[DnsAnswer, ...] = ()
    dialogues: tuple[SmtpDialogue, ...] = ()

    @property
    def secure(self) -> bool:
        """
        True where the resolver validated its addresses, and that it has none of the other family.
        """
        return self.resolved is not None and all(answer.authentic for answer in self.resolved.answers)

    @property
    def name(self) -> str:
        """
        The name its TLSA records stand at.
        """
        return self.tlsa[-1].question.name if self.tlsa else f"_{PORT}._tcp.{self.host}"

    @property
    def names(self) -> tuple[str, ...]:
        """
        The names its certificate may bear (RFC 7672 section 3.2.2).
        """
        aliases = [record.target for record in self.resolved.aliases if record.target] if self.resolved is not None else []
        return tuple(dict.fromkeys([self.host, *aliases, *(scope.name for scope in self.scopes)]))

    @property
    def tlsa_outcome(self) -> DnsOutcome:
        """
        How asking for its TLSA records ended.
        """
        return self.tlsa[-1].outcome if self.tlsa else DnsOutcome.NODATA

    @property
    def published(self) -> bool:
        """
        True where there are TLSA records that the resolver validated.
        """
        return bool(self.tlsa) and self.tlsa[-1].outcome is DnsOutcome.ANSWER and self.tlsa[-1].authentic

    @property
    def records(self) -> tuple[Tlsa, ...]:
        """
        The TLSA records that can be read.
        """
        found = [parse_tlsa(record.data) for record in self.tlsa[-1].records] if self.published else []
        return tuple(record for record in found if record is not None)

    @property
    def usable(self) -> tuple[Tlsa, ...]:
        """
        Those a mail sender can use.
        """
        return tuple(record for record in self.records if record.usable)

    @property
    def protected(self) -> bool:
        """
        True where senders demand a certificate by its TLSA records.
        """
        return self.secure and bool(self.usable)

    @property
    def open_end(self) -> DnsOutcome | None:
        """
        Why it is not known whether it is protected, None where it is.
        """
        asked = (*(self.resolved.answers if self.resolved is not None else ()), *self.tlsa)
        return next((answer.outcome for answer in asked if not answer.outcome.found and answer.outcome is not DnsOutcome.LOOP), None)


@dataclass(frozen=True, slots=True)
class DaneView:
    """
    All that is known.

    Args:
        domains: By name, those that receive mail.
        hosts: Their MX hosts.
        gateway: The gateway's hosts, where a host is protected today and a domain is yet to move.
    """

    domains: Mapping[str, DomainDane]
    hosts: tuple[HostDane, ...]
    gateway: tuple[HostDane, ...] = ()


@dataclass(slots=True)
class _Listing:
    scopes: list[DomainScope] = field(default_factory=list)
    secure: bool = False


def see_dane(case: Case) -> Plan[DaneView]:
    """
    Ask for TLSA records of secure MX hosts, and for the certificates of those that have some.
    """
    environment = case.environment
    scopes = [scope for scope in environment.scopes if scope.role is Role.MAIL]
    seen = yield from together([_see_domain(scope.name) for scope in scopes])
    domains = {scope.name: one for scope, one in zip(scopes, seen, strict=True)}
    listings: dict[str, _Listing] = {}
    for scope in scopes:
        for host in domains[scope.name].mx.hosts:
            listing = listings.setdefault(host, _Listing())
            listing.scopes.append(scope)
            listing.secure = listing.secure or domains[scope.name].mx.recursive.authentic
    hosts = yield from together([_see_host(host, tuple(each.scopes), secure=each.secure) for host, each in listings.items()])
    if ProbeKind.SMTP in environment.probes and any(host.protected for host in hosts):
        hosts = yield from _with_dialogues(case, hosts)
    moving = any(host.protected and any(scope.phase is Phase.PREPARE for scope in host.scopes) for host in hosts)
    gateway = (yield from together([_see_host(host, (), secure=True) for host in expected_hosts(environment)])) if moving else []
    return DaneView(domains, tuple(hosts), tuple(gateway))


def _see_domain(domain: str) -> Plan[DomainDane]:
    mx = yield from see_mx(domain)
    (ds,) = yield from ask_dns(DnsQuestion(mx.zone.apex or domain, "DS"))
    return DomainDane(mx, ds)


def _see_host(host: str, scopes: tuple[DomainScope, ...], *, secure: bool) -> Plan[HostDane]:
    """
    Addresses and TLSA records of one host; nothing is asked where its MX records are not secure.
    """
    if not secure or not is_host_name(host) or is_address(host):
        return HostDane(host, scopes, secure)
    resolved = yield from resolve_host(host)
    found = HostDane(host, scopes, secure, resolved)
    if resolved.outcome is not DnsOutcome.ANSWER or not found.secure:
        return found
    last = (resolved.aliases[-1].target if resolved.aliases else "") or host
    answers: list[DnsAnswer] = []
    for name in dict.fromkeys((last, host)):  # RFC 7672 section 2.2.3: what the host is an alias of comes first
        answers += yield from ask_dns(DnsQuestion(f"_{PORT}._tcp.{name}", "TLSA"))
        if answers[-1].outcome not in (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN):
            break
    return HostDane(host, scopes, secure, resolved, tuple(answers))


def _with_dialogues(case: Case, hosts: Sequence[HostDane]) -> Plan[list[HostDane]]:
    """
    Add the dialogues with the protected hosts: those the route and the gateway are asked for anyway, else one for the certificate alone.
    """
    environment = case.environment
    wanted = {host.host for host in hosts if host.protected}
    known: dict[str, tuple[SmtpDialogue, ...]] = {}
    if environment.inbound_port == PORT and wanted & {scope.inbound_host for scope in environment.scopes}:
        routes = yield from see_routes(case)
        known |= {view.host: tuple(each.dialogue for each in view.addresses) for view in routes.hosts}
    if wanted & set(expected_hosts(environment)):
        doors = yield from see_gateway(case)
        known |= {view.host: view.dialogues for view in doors}
    return (yield from together([_with_dialogue(environment, host, known.get(host.host, ())) for host in hosts]))


def _with_dialogue(environment: Environment, host: HostDane, known: tuple[SmtpDialogue, ...]) -> Plan[HostDane]:
    if not host.protected or host.resolved is None:
        return host
    dialogues = known
    if not dialogues:
        addresses = [each for each in host.resolved.addresses if may_ask(environment, host.host, each, PORT)][:MOST_ADDRESSES]
        questions = [SmtpQuestion(host.host, address, PORT, greylist_retry=False) for address in addresses]
        dialogues = tuple(cast("list[SmtpDialogue]", (yield questions))) if questions else ()
    return HostDane(host.host, host.scopes, host.mx_secure, host.resolved, host.tlsa, dialogues)
