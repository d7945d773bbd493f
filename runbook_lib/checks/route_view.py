"""
What the route checks look at: each inbound host, its addresses, and one SMTP dialogue with each, from one shared plan.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, cast

from ..environment import DomainScope, Environment, InboundFirewall, Phase, Platform, ProbeKind, Role
from ..knowledge.platforms import platform_facts, probe_domain, provider_of, wanted_provider
from ..observations import (
    Envelope,
    Plan,
    PortAnswer,
    PortQuestion,
    Problem,
    SmtpConnection,
    SmtpDialogue,
    SmtpQuestion,
    SmtpTransaction,
    Stage,
    TransactionResult,
    Trouble,
    ask_ports,
    together,
)
from ..standards.addresses import HostAddresses, is_private, is_public, resolve_host
from ..standards.mx import MxView, see_mx
from .case import Case
from .mx_gateway import compare

_MOST_UNKNOWN = 3
_MOST_OF_OTHER_DOOR = 2
_NO_ADDRESS = ""


@dataclass(frozen=True)
class AddressView:
    """
    One address of one host, and the dialogue with it.

    Args:
        host: Host name.
        address: As DNS gave it, ``""`` where only `connect_to` knows the host.
        scopes: The domains whose mail goes there.
        dialogue: What was seen.
    """

    host: str
    address: str
    scopes: tuple[DomainScope, ...]
    dialogue: SmtpDialogue

    @property
    def subject(self) -> str:
        """
        What findings about it are called by.
        """
        return self.address or self.host

    @property
    def version(self) -> Literal[0, 4, 6]:
        """
        Version of the Internet Protocol that was spoken, or would have been; 0 where that is not known.
        """
        targets = [_host_part(connection.target) for connection in self.dialogue.connections if connection.target]
        for text in (*targets, self.address):
            with suppress(ValueError):
                return ipaddress.ip_address(text).version
        return 0

    @property
    def where(self) -> str:
        """
        Host and address for people.
        """
        return f"{self.host} ({self.address})" if self.address else self.host

    @property
    def platform(self) -> str:
        """
        The platform whose replies are to be expected.
        """
        return self.scopes[0].platform.value

    @property
    def phase(self) -> Phase:
        """
        The furthest phase of the domains behind it: a lock or firewall holds for all of them.
        """
        return Phase.furthest(scope.phase for scope in self.scopes)

    @property
    def problem(self) -> Problem | None:
        """
        What kept TCP from opening, None where it opened.
        """
        if any(connection.connected for connection in self.dialogue.connections):
            return None
        if self.dialogue.connections:
            return self.dialogue.connections[0].problem or Problem(Trouble.PROTOCOL, Stage.CONNECT)
        return self.dialogue.problem or Problem(Trouble.NOT_ASKED, Stage.CONNECT)

    @cached_property
    def first(self) -> SmtpConnection | None:
        """
        The first connection that opened.
        """
        return next((connection for connection in self.dialogue.connections if connection.connected), None)

    def results(self, *envelopes: Envelope) -> tuple[TransactionResult, ...]:
        """
        What the transactions of these kinds came to.
        """
        return tuple(result for result in self.dialogue.results if result.transaction.envelope in envelopes)


@dataclass(frozen=True)
class HostView:
    """
    One inbound host.

    Args:
        host: Host name.
        scopes: The domains whose mail goes there.
        resolved: Its addresses.
        published: False where its name does not resolve and `connect_to` maps it all the same.
        addresses: One view an address that was asked.
    """

    host: str
    scopes: tuple[DomainScope, ...]
    resolved: HostAddresses
    published: bool
    addresses: tuple[AddressView, ...]

    @property
    def phase(self) -> Phase:
        """
        The furthest phase of the domains behind it.
        """
        return Phase.furthest(scope.phase for scope in self.scopes)


@dataclass(frozen=True)
class Routes:
    """
    All inbound hosts of an environment.

    Args:
        hosts: Each once, in the order of the domains.
        doors: Other names by which a tenant at `Phase.LOCKDOWN` takes mail.
        ports: Whether port 25 is open from here, by version of the Internet Protocol, where somebody had to ask.
        mx: The MX records of the domains at `Phase.CUTOVER`, by domain.
        delivery: The address the one test message went to, and that dialogue; None where none was to be sent or no address takes it.
    """

    hosts: tuple[HostView, ...]
    doors: tuple[HostView, ...] = ()
    ports: dict[int, PortAnswer] = field(default_factory=dict)
    mx: dict[str, MxView] = field(default_factory=dict)
    delivery: AddressView | None = None

    def control(self, view: AddressView) -> PortAnswer | None:
        """
        Whether port 25 is open from here by the version of the Internet Protocol that leads to an address; None where nobody had to ask.
        """
        return self.ports.get(view.version)


def see_routes(case: Case) -> Plan[Routes]:
    """
    Resolve every inbound host, talk to each of its addresses, and ask the control hosts where a time-out makes that necessary.
    """
    environment = case.environment
    mail = mail_scopes(environment)
    groups: dict[str, list[DomainScope]] = {}
    for scope in mail:
        groups.setdefault(scope.inbound_host, []).append(scope)
    others = _other_doors(mail, groups)
    moving = [scope.name for scope in mail if scope.phase is Phase.CUTOVER]
    hosts, doors, views = cast(
        "tuple[list[HostView], list[HostView], list[MxView]]",
        tuple(
            (
                yield [
                    together([_see_host(environment, host, tuple(scopes)) for host, scopes in groups.items()]),
                    together([_see_host(environment, host, (scope,), _MOST_OF_OTHER_DOOR) for host, scope in others.items()]),
                    together([see_mx(name) for name in moving]),
                ]
            )
        ),
    )
    seen = [address for host in (*hosts, *doors) for address in host.addresses]
    needed = sorted({address.version for address in seen if _needs_control(environment, address)}) if environment.control_hosts else []
    ports = yield from ask_ports([PortQuestion(environment.control_hosts, version) for version in needed])
    delivery = (yield from _send_one_message(environment, hosts)) if environment.send_test_message else None
    return Routes(tuple(hosts), tuple(doors), dict(zip(needed, ports, strict=True)), dict(zip(moving, views, strict=True)), delivery)


def _send_one_message(environment: Environment, hosts: Sequence[HostView]) -> Plan[AddressView | None]:
    """
    Send the test message to the first address that took its recipient: one message in a run, however many addresses there are.
    """
    for view in (view for host in hosts for view in host.addresses):
        for result in view.results(Envelope.VALID):
            if result.rcpt is not None and result.rcpt.positive:
                message = SmtpTransaction(Envelope.DELIVERY, result.transaction.sender, result.transaction.recipient)
                question = SmtpQuestion(view.host, view.address, environment.inbound_port, (message,))
                (dialogue,) = cast("list[SmtpDialogue]", (yield [question]))
                return AddressView(view.host, view.address, view.scopes, dialogue)
    return None


def _see_host(environment: Environment, host: str, scopes: tuple[DomainScope, ...], most: int | None = None) -> Plan[HostView]:
    resolved = yield from resolve_host(host)
    port = environment.inbound_port
    mapped = connect_target(environment, host, _NO_ADDRESS, port) is not None
    asked = [address for address in in_order(resolved.addresses) if may_ask(environment, host, address, port)][:most]
    published = bool(resolved.addresses) or not mapped
    if not resolved.addresses and mapped:
        asked = [_NO_ADDRESS]
    if ProbeKind.SMTP not in environment.probes:
        asked = []
    questions = [SmtpQuestion(host, address, port, _transactions(environment, scopes)) for address in asked]
    dialogues = cast("list[SmtpDialogue]", (yield questions)) if questions else []
    views = tuple(AddressView(host, dialogue.question.address, scopes, dialogue) for dialogue in dialogues)
    return HostView(host, scopes, resolved, published, views)


def in_order(addresses: Iterable[str]) -> list[str]:
    """
    Addresses in their numerical order, IPv4 first: DNS turns them round with every answer, findings stand in the same order every time.
    """
    return sorted(addresses, key=lambda text: (ipaddress.ip_address(text).version, int(ipaddress.ip_address(text))))


def may_ask(environment: Environment, host: str, address: str, port: int) -> bool:
    """
    Whether a connection to an address that DNS gave is allowed.

    Whatever a stranger's zone says, nothing is connected to in the consultant's own network unless the environment expects it.
    """
    return environment.allow_private or is_public(address) or connect_target(environment, host, address, port) is not None


def _other_doors(mail: Sequence[DomainScope], groups: dict[str, list[DomainScope]]) -> dict[str, DomainScope]:
    doors: dict[str, DomainScope] = {}
    for scope in mail:
        found = provider_of(scope.inbound_host)
        if scope.phase is not Phase.LOCKDOWN:
            continue
        if found is not None:
            for door in found.other_doors(scope.name, scope.inbound_host):
                doors.setdefault(door, scope)
        else:
            doors |= _doors_of_cloud_part(scope)
    return {door: scope for door, scope in doors.items() if door not in groups}


def _doors_of_cloud_part(scope: DomainScope) -> dict[str, DomainScope]:
    """
    Hybrid: the tenant's own door beside the customer's servers. What it says is judged as that platform's.
    """
    cloud = platform_facts(scope.platform).cloud_part
    wanted = wanted_provider(cloud) if cloud else None
    door = wanted.older_door(scope.name) if wanted is not None else ""
    return {door: replace(scope, platform=Platform(cloud), inbound_host=door)} if door else {}


def _transactions(environment: Environment, scopes: Sequence[DomainScope]) -> tuple[SmtpTransaction, ...]:
    recipients = tuple(dict.fromkeys(scope.test_recipient for scope in scopes if scope.test_recipient))
    sender = environment.sender
    foreign = environment.relay_test_domain or probe_domain()
    asked = [SmtpTransaction(Envelope.VALID, sender, recipient) for recipient in recipients]
    asked += [SmtpTransaction(Envelope.UNKNOWN, sender, unlikely(environment, scope.name)) for scope in scopes[:_MOST_UNKNOWN]]
    asked.append(SmtpTransaction(Envelope.FOREIGN, sender, unlikely(environment, foreign)))
    locked = tuple(dict.fromkeys(scope.test_recipient for scope in scopes if scope.test_recipient and scope.phase is Phase.LOCKDOWN))
    for each in lock_senders(environment):
        asked += [SmtpTransaction(Envelope.NEUTRAL, each, recipient) for recipient in locked]
    return tuple(asked)


def lock_senders(environment: Environment) -> tuple[str, ...]:
    """
    The senders a lock is asked with besides the environment's own: the null sender and a neutral external one.
    """
    neutral = f"runbook-probe@{environment.relay_test_domain or probe_domain()}"
    return tuple(sender for sender in ("", neutral) if sender != environment.sender)


def unlikely(environment: Environment, domain: str) -> str:
    """
    An address that nobody has, the same in every run for one customer and domain.
    """
    digest = hashlib.sha256(f"{environment.customer}\n{domain}".encode()).hexdigest()
    return f"runbook-{digest[:20]}@{domain}"


def mail_scopes(environment: Environment) -> tuple[DomainScope, ...]:
    """
    The domains that receive mail, each with the test recipient that says something about it.

    A recipient in another of the listed domains speaks for that one: asked at this domain's host it would be refused, and rightly so.
    """
    listed = {scope.name for scope in environment.scopes}
    mail = [scope for scope in environment.scopes if scope.role is Role.MAIL]
    return tuple(replace(scope, test_recipient=None) if _speaks_for_another(scope, listed) else scope for scope in mail)


def _speaks_for_another(scope: DomainScope, listed: set[str]) -> bool:
    domain = (scope.test_recipient or "").rpartition("@")[2]
    return domain != scope.name and domain in listed


def connect_target(environment: Environment, host: str, address: str, port: int) -> str | None:
    """
    Where `connect_to` leads for a host or address, None where it says nothing. An entry for the address wins.
    """
    return next((target for name in (address, host) if name and (target := environment.redirected(name, port))), None)


def firewall_expected(environment: Environment, view: AddressView) -> bool:
    """
    True where the firewall in front of a host may rightly keep a probe out.
    """
    if environment.inbound_firewall is InboundFirewall.GATEWAY_ONLY:
        return True
    return any(scope.phase is Phase.LOCKDOWN and platform_facts(scope.platform).lock_by_firewall for scope in view.scopes)


def exempt(environment: Environment, view: AddressView) -> bool:
    """
    True where no control is needed: the connection goes to loopback, or to a private address that is expected.
    """
    targets = [_host_part(connection.target) for connection in view.dialogue.connections if connection.target]
    return bool(targets) and all(_is_near(environment, target) for target in targets)


def _is_near(environment: Environment, target: str) -> bool:
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        return False
    return address.is_loopback or (environment.allow_private and is_private(target))


def _host_part(target: str) -> str:
    return target.rpartition(":")[0].strip("[]") if target.count(":") == 1 or target.startswith("[") else target


def _needs_control(environment: Environment, view: AddressView) -> bool:
    problem = view.problem
    if problem is None or exempt(environment, view):
        return False
    if problem.trouble is Trouble.TIMEOUT:
        return True
    return problem.trouble in (Trouble.REFUSED, Trouble.UNREACHABLE) and firewall_expected(environment, view)


def port_shown_open(environment: Environment, routes: Routes, view: AddressView) -> bool:
    """
    True where it is known that the port a host is asked on can be reached from here.
    """
    if exempt(environment, view):
        return True
    control = routes.control(view)
    return control is not None and any(each.opened and _port_of(each.host) == environment.inbound_port for each in control.tries)


def _port_of(control: str) -> int:
    _, separator, port = control.rpartition(":")
    return int(port) if separator and port.isdigit() and (control.count(":") == 1 or "]" in control) else 25


def mx_moved(environment: Environment, routes: Routes, scope: DomainScope) -> bool | None:
    """
    True where a domain's MX records are the gateway's hosts and nothing else; None where that is not known.
    """
    view = routes.mx.get(scope.name)
    if view is None or not view.outcome.found:
        return None
    return compare(environment, view.hosts).moved and not view.null
