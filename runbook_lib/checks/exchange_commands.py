"""
Commands that put receive connectors right, ready to paste, each with its way back. Nothing is overwritten that others rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..exports import AddressEntry, AddressList, AnonymousRight, ReceiveConnector, parse_addresses
from ..standards.ranges import AddressSet, Network, between, span
from .exchange_view import ANONYMOUS, Server, address_set, anonymous, full_name, landings, ranges, trusts
from .m365_remedies import UNDO, listed, quoted

TLS = "Tls"
FRONT_END = "FrontendTransport"


def is_sound(connector: ReceiveConnector, rights: Iterable[AnonymousRight] | None) -> bool:
    """
    True where a connector takes mail without a login and trusts nobody.
    """
    return bool(anonymous(connector, rights)) and not trusts(connector)


def lands_well(server: Server, network: Network, rights: Sequence[AnonymousRight] | None) -> bool:
    """
    True where all of a range ends at one sound connector of a server.
    """
    found = landings(server, [network])
    return all(not one.gap and len(one.connectors) == 1 and is_sound(one.connectors[0], rights) for one in found)


def only_for(connector: ReceiveConnector, required: Sequence[Network]) -> bool:
    """
    True where a connector serves the gateway's addresses and nobody else's, so that changing it touches nobody else.
    """
    gateway = AddressSet(required)
    return bool(ranges(connector)) and all(gateway.covers(network) for entry in ranges(connector) for network in entry.networks)


@dataclass(slots=True)
class _Repair:
    """
    One server being put right.

    Args:
        server: As it is by now.
        rights: Of the anonymous user.
        lines: The commands so far.
        back: The ways back, in the same order.
    """

    server: Server
    rights: Sequence[AnonymousRight] | None
    lines: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)

    def change(self, connector: ReceiveConnector, what: str, undo: str, **values: object) -> ReceiveConnector:
        """
        Note a Set-ReceiveConnector and carry it out on the model.
        """
        identity = quoted(full_name(connector))
        self.lines.append(f"Set-ReceiveConnector -Identity {identity} {what}")
        self.back.append(f"Set-ReceiveConnector -Identity {identity} {undo}")
        changed = replace(connector, **values)  # type: ignore[arg-type]  # the values are fields of it, by name
        others = tuple(changed if each is connector else each for each in self.server.connectors)
        self.server = Server(self.server.name, others)
        return changed


def repair(server: Server, required: Sequence[Network], name: str, rights: Sequence[AnonymousRight] | None) -> list[str]:
    """
    The commands by which every required range ends at one sound connector of a server.

    Args:
        server: As exported; its doors tell all that is needed.
        required: The gateway's ranges.
        name: What a new connector is called.
        rights: Of the anonymous user.

    Returns:
        Commands, then the ways back as comments; empty where nothing is wrong.
    """
    work = _Repair(server, rights)
    wrong = [network for network in required if not lands_well(server, network, rights)]
    if not wrong:
        return []
    taker = _taker(server, required, rights)
    _clear(work, wrong, taker)
    if taker is not None and not is_sound(taker, rights):
        taker = _make_sound(work, taker)
    wrong = [network for network in required if not lands_well(work.server, network, rights)]
    if wrong:
        _give(work, wrong, taker, name)
    return [*work.lines, *(f"{UNDO}{line}" for line in reversed(work.back))]


def _taker(server: Server, required: Sequence[Network], rights: Sequence[AnonymousRight] | None) -> ReceiveConnector | None:
    """
    A connector that is for the gateway alone, a sound one first.
    """
    own = [each for each in server.doors if only_for(each, required)]
    return next((each for each in own if is_sound(each, rights)), own[0] if own else None)


def _clear(work: _Repair, wrong: Sequence[Network], taker: ReceiveConnector | None) -> None:
    """
    Take out of other connectors what lies within the gateway's ranges: there it is more specific than any better place.
    """
    exact = {span(network) for network in wrong}
    for connector in work.server.doors:
        within = [entry for entry in ranges(connector) if _in_one(entry, wrong)]
        if connector is taker or not within:
            continue
        kept = {entry for entry in within if _span_of(entry) in exact}
        if len(within) < len(ranges(connector)):
            _remove(work, connector, within)
        elif not kept:
            work.change(connector, "-Enabled $false", "-Enabled $true", enabled=False)
        else:
            narrower = [entry for entry in within if entry not in kept]
            rest = _remove(work, connector, narrower) if narrower else connector
            if not is_sound(rest, work.rights):
                _make_sound(work, rest)


def _remove(work: _Repair, connector: ReceiveConnector, entries: Sequence[AddressEntry]) -> ReceiveConnector:
    texts = listed(entry.text for entry in entries)
    gone = set(entries)
    rest = AddressList(tuple(entry for entry in ranges(connector) if entry not in gone))
    return work.change(connector, f"-RemoteIPRanges @{{Remove={texts}}}", f"-RemoteIPRanges @{{Add={texts}}}", remote_ip_ranges=rest)


def _span_of(entry: AddressEntry) -> tuple[int, int] | None:
    return None if entry.first is None or entry.last is None else (int(entry.first), int(entry.last))


def _in_one(entry: AddressEntry, networks: Sequence[Network]) -> bool:
    if entry.first is None or entry.last is None:
        return False
    low, high, version = int(entry.first), int(entry.last), entry.first.version
    return any(network.version == version and span(network)[0] <= low and high <= span(network)[1] for network in networks)


def _make_sound(work: _Repair, connector: ReceiveConnector) -> ReceiveConnector:
    groups, ways = _joined(connector.permission_groups), _joined(connector.auth_mechanism)
    return work.change(
        connector,
        f"-PermissionGroups {ANONYMOUS} -AuthMechanism {TLS}",
        f"-PermissionGroups {groups} -AuthMechanism {ways}",
        permission_groups=frozenset({ANONYMOUS}),
        auth_mechanism=frozenset({TLS}),
    )


def _joined(flags: Iterable[str] | None) -> str:
    return ",".join(sorted(flags or ())) or "None"


def _give(work: _Repair, wrong: Sequence[Network], taker: ReceiveConnector | None, name: str) -> None:
    """
    Add ranges to the gateway's own connector, or make one.
    """
    parts = [str(part) for network in wrong for part in _parts(network, work.server, taker)]
    texts = listed(parts)
    if taker is not None:
        entries = AddressList((*ranges(taker), *parse_addresses(parts).entries))
        work.change(taker, f"-RemoteIPRanges @{{Add={texts}}}", f"-RemoteIPRanges @{{Remove={texts}}}", remote_ip_ranges=entries)
        return
    there = {each.name.casefold() for each in work.server.connectors}
    number, called = 1, name
    while called.casefold() in there:
        number += 1
        called = f"{name} {number}"
    versions = {network.version for network in wrong}
    bindings = ",".join([*(["'0.0.0.0:25'"] if 4 in versions else []), *(["'[::]:25'"] if 6 in versions else [])])
    server = f" -Server {quoted(work.server.name)}" if work.server.name else ""
    role = f" -TransportRole {FRONT_END}" if work.server.has_front_end or not work.server.on_port else ""
    work.lines.append(
        f"New-ReceiveConnector -Name {quoted(called)}{server}{role} -Usage Custom -Bindings {bindings} -RemoteIPRanges {texts} "
        f"-PermissionGroups {ANONYMOUS} -AuthMechanism {TLS}"
    )
    identity = f"{work.server.name}\\{called}" if work.server.name else called
    work.back.append(f"Remove-ReceiveConnector -Identity {quoted(identity)}")


def _parts(network: Network, server: Server, taker: ReceiveConnector | None) -> list[Network]:
    """
    A range in pieces that overlap no other connector's range by halves, which Exchange refuses; without what the taker has already.
    """
    first, last = span(network)
    cuts = {first, last + 1}
    for connector in server.connectors:
        for entry in ranges(connector):
            if connector is taker or entry.first is None or entry.last is None or entry.first.version != network.version:
                continue
            low, high = int(entry.first), int(entry.last)
            if low < first <= high < last or first < low <= last < high:
                cuts.add(low if first < low else high + 1)
    edges = sorted(cuts)
    pieces = [piece for low, high in pairwise(edges) for piece in between(network.version, low, high - 1)]
    own = address_set(taker) if taker is not None else AddressSet()
    return [piece for piece in pieces if not own.covers(piece)] or pieces
