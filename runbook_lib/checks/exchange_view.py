"""
Which receive connector takes a connection from an address: the servers as exported, and the most specific match among their doors.

Among the enabled connectors of a server with the same local binding the one whose remote range is the most specific takes a connection
(Microsoft: Set-ReceiveConnector, RemoteIPRanges).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..environment import DomainScope, Platform
from ..exports import AddressEntry, AnonymousRight, ReceiveConnector
from ..knowledge.platforms import provider_of
from ..observations import Plan
from ..standards.ranges import AddressSet, Network, span
from .case import Case
from .ranges import Reference, reference
from .tenant import concerned

EXCHANGE = (Platform.ON_PREMISES.value, Platform.HYBRID.value)
"""
The platforms with servers of their own.
"""
ANYWHERE = "*"
"""
A binding to all local addresses.
"""
ANONYMOUS = "AnonymousUsers"
TRUSTED = "ExternalAuthoritative"
_ALL = {4: "0.0.0.0", 6: "::"}  # noqa: S104  # text of an export; nothing is bound
_SUBMIT = "ms-exch-smtp-submit"
_FRONT = ("frontend", "edge")
_NEEDED = (("enabled", "Enabled"), ("bindings", "Bindings"), ("remote_ip_ranges", "RemoteIPRanges"))

Span = tuple[int, int]
"""
First and last address as numbers.
"""


@dataclass(frozen=True, slots=True)
class Server:
    """
    One server and its connectors.

    Args:
        name: As exported, ``""`` where the export does not say.
        connectors: All of them.
    """

    name: str
    connectors: tuple[ReceiveConnector, ...]

    @property
    def on_port(self) -> tuple[ReceiveConnector, ...]:
        """
        The enabled connectors on port 25.
        """
        return tuple(each for each in self.connectors if each.enabled is not False and (each.bindings is None or _ports(each)))

    @property
    def doors(self) -> tuple[ReceiveConnector, ...]:
        """
        The connectors that meet the outside: the front end's; on an Edge server, which has no front end, all of them.
        """
        front = tuple(each for each in self.on_port if is_front(each))
        return front or self.on_port

    @property
    def has_front_end(self) -> bool:
        """
        False for an Edge server.
        """
        return any(each.transport_role and is_front(each) for each in self.connectors)

    @property
    def untold(self) -> tuple[str, ...]:
        """
        The columns that the export lacks, or that could not be read, so that nothing can be said of this server.
        """
        missing = [key for each in self.doors for name, key in _NEEDED if getattr(each, name) is None]
        unread = [each for each in self.doors if any(not entry.networks for entry in ranges(each))]
        return tuple(dict.fromkeys([*missing, *(["RemoteIPRanges"] if unread else [])]))


@dataclass(frozen=True, slots=True)
class Landing:
    """
    Where connections from one range end at one local address of a server.

    Args:
        network: The range.
        shares: The connectors that take it, each with its parts.
        gap: Some of it is taken by none.
    """

    network: Network
    shares: tuple[tuple[ReceiveConnector, tuple[Span, ...]], ...]
    gap: bool

    @property
    def connectors(self) -> tuple[ReceiveConnector, ...]:
        """
        The connectors that take any of it.
        """
        return tuple(connector for connector, _ in self.shares)


def is_front(connector: ReceiveConnector) -> bool:
    """
    True for a connector of the front end, and for one whose role the export does not tell.
    """
    return connector.transport_role is None or connector.transport_role.casefold().startswith(_FRONT)


def ranges(connector: ReceiveConnector) -> tuple[AddressEntry, ...]:
    """
    The remote ranges of a connector.
    """
    return connector.remote_ip_ranges.entries if connector.remote_ip_ranges is not None else ()


def address_set(connector: ReceiveConnector) -> AddressSet:
    """
    The addresses a connector is meant for.
    """
    return AddressSet(network for entry in ranges(connector) for network in entry.networks)


def trusts(connector: ReceiveConnector) -> bool:
    """
    True where whoever connects is taken for one of the organisation's own.
    """
    return TRUSTED in (connector.auth_mechanism or ())


def anonymous(connector: ReceiveConnector, rights: Iterable[AnonymousRight] | None) -> bool | None:
    """
    True where mail without a login is taken; by the group, or where permissions are custom by the right itself. None where not told.
    """
    if connector.permission_groups is None:
        return None
    own = [row for row in rights or () if of_connector(row, connector)]
    submit = any(row.deny is not True and any(right.casefold() == _SUBMIT for right in row.extended_rights or ()) for row in own)
    return ANONYMOUS in connector.permission_groups or submit


def of_connector(row: AnonymousRight, connector: ReceiveConnector) -> bool:
    """
    True where a row of permissions is about a connector.
    """
    return row.identity.casefold() in {name.casefold() for name in (connector.identity, full_name(connector), connector.name) if name}


def server_of(connector: ReceiveConnector) -> str:
    """
    The server of a connector, ``""`` where the export does not say.
    """
    if connector.server:
        return connector.server
    server, separator, _ = (connector.identity or "").partition("\\")
    return server if separator else ""


def full_name(connector: ReceiveConnector) -> str:
    r"""
    ``SERVER\name``, as far as it is known.
    """
    if connector.identity and "\\" in connector.identity:
        return connector.identity
    server = server_of(connector)
    return f"{server}\\{connector.name}" if server else connector.name


def servers(connectors: Iterable[ReceiveConnector]) -> tuple[Server, ...]:
    """
    Connectors by server, in the order of the export.
    """
    groups: dict[str, list[ReceiveConnector]] = {}
    for connector in connectors:
        groups.setdefault(server_of(connector).casefold(), []).append(connector)
    return tuple(Server(server_of(group[0]), tuple(group)) for group in groups.values())


def subjects(connectors: Sequence[ReceiveConnector]) -> dict[ReceiveConnector, str]:
    """
    What findings about connectors are called by: the name, with its server where several have it, numbered where that is not enough.
    """
    named: dict[str, list[ReceiveConnector]] = {}
    for connector in connectors:
        named.setdefault(connector.name.casefold(), []).append(connector)
    made: dict[ReceiveConnector, str] = {}
    taken: set[str] = set()
    for connector in connectors:
        alone = len(named[connector.name.casefold()]) == 1
        name = (connector.name if alone else full_name(connector)) or "?"
        number, subject = 1, name
        while subject.casefold() in taken:
            number += 1
            subject = f"{name} ({number})"
        taken.add(subject.casefold())
        made[connector] = subject
    return made


def landings(server: Server, networks: Iterable[Network]) -> list[Landing]:
    """
    Where connections from some ranges end, at each local address that takes the whole range; at each there is where none does.
    """
    found = []
    for network in networks:
        each = [_land(network, _bound(server, network.version, address)) for address in _addresses(server, network.version)]
        whole = [landing for landing in each if not landing.gap]
        found += list(dict.fromkeys(whole or each)) or [Landing(network, (), gap=True)]
    return found


def _ports(connector: ReceiveConnector) -> list[str]:
    """
    The local addresses at which a connector listens on port 25.
    """
    return [address.strip("[]") for binding in connector.bindings or () for address, _, port in [binding.rpartition(":")] if port == "25"]


def _listens(connector: ReceiveConnector, version: int) -> set[str]:
    found = set()
    for address in _ports(connector):
        if address in (ANYWHERE, _ALL[version], ""):
            found.add(ANYWHERE)
        elif address not in _ALL.values() and (":" in address) == (version == 6):
            found.add(address)
    return found


def _addresses(server: Server, version: int) -> list[str]:
    return sorted({address for connector in server.doors for address in _listens(connector, version)})


def _bound(server: Server, version: int, address: str) -> list[tuple[ReceiveConnector, bool]]:
    found = []
    for connector in server.doors:
        listens = _listens(connector, version)
        if address in listens or ANYWHERE in listens:
            found.append((connector, address in listens))
    return found


def _land(network: Network, connectors: Sequence[tuple[ReceiveConnector, bool]]) -> Landing:
    """
    Give each address to the most specific entry that holds it; between entries alike, to the binding that names the address.
    """
    first, last = span(network)
    entries = [
        (entry.size, not exact, int(entry.first), int(entry.last), position)
        for position, (connector, exact) in enumerate(connectors)
        for entry in ranges(connector)
        if entry.first is not None and entry.last is not None and entry.first.version == network.version
        if int(entry.first) <= last and int(entry.last) >= first
    ]
    shares: dict[int, list[Span]] = {}
    free = [(first, last)]
    for _, _, low, high, position in sorted(entries):
        start = end = bisect_left(free, low, key=lambda part: part[1])
        left: list[Span] = []
        while end < len(free) and free[end][0] <= high:
            part = free[end]
            shares.setdefault(position, []).append((max(part[0], low), min(part[1], high)))
            left += [(part[0], low - 1)] if part[0] < low else []
            left += [(high + 1, part[1])] if part[1] > high else []
            end += 1
        free[start:end] = left
        if not free:
            break
    return Landing(network, tuple((connectors[position][0], tuple(parts)) for position, parts in shares.items()), gap=bool(free))


def exchange_scopes(case: Case) -> tuple[DomainScope, ...]:
    """
    The domains with mail on servers of the customer's own.
    """
    return concerned(case, EXCHANGE)


def delivers_online(scopes: Iterable[DomainScope]) -> bool:
    """
    True where the gateway delivers to Exchange Online only, so that no connection of its own reaches the servers.
    """
    return all((found := provider_of(scope.inbound_host)) is not None and found.code == "microsoft" for scope in scopes)


def plan_connectors(case: Case) -> Plan[Reference | None]:
    """
    The gateway's ranges; nothing is asked where no receive connectors were given.
    """
    return (yield from reference(case.environment)) if exchange_scopes(case) and case.exports.receive_connectors else None
