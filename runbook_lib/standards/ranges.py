"""
Sets of addresses: what a list covers, what is missing from it, what is too much. Pure, and quick for long lists.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Iterator

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
"""
One network of either family.
"""
_MOST_PIECES = 12
"""
Prefix lengths shorter than this are never split: there would be too many pieces.
"""


class AddressSet:
    """
    A set of addresses of both families.

    Args:
        networks: Any networks; they may overlap.
    """

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        spans: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for network in networks:
            spans[network.version].append(span(network))
        for version, unsorted in spans.items():
            starts, ends = self._starts[version], self._ends[version]
            for first, last in sorted(unsorted):
                if ends and first <= ends[-1] + 1:
                    ends[-1] = max(ends[-1], last)
                else:
                    starts.append(first)
                    ends.append(last)

    def __bool__(self) -> bool:
        return bool(self._starts[4] or self._starts[6])

    def lacking(self, network: Network) -> list[Network]:
        """
        The parts of a network that are not in the set.
        """
        first, last = span(network)
        return [part for low, high in self._gaps(network.version, first, last) for part in between(network.version, low, high)]

    def covers(self, network: Network) -> bool:
        """
        True where every address of a network is in the set.
        """
        first, last = span(network)
        return next(self._gaps(network.version, first, last), None) is None

    def touches(self, network: Network) -> bool:
        """
        True where any address of a network is in the set.
        """
        first, last = span(network)
        starts, ends = self._starts[network.version], self._ends[network.version]
        index = bisect_right(starts, last) - 1
        return index >= 0 and ends[index] >= first

    def _gaps(self, version: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        starts, ends = self._starts[version], self._ends[version]
        index = max(bisect_right(starts, first) - 1, 0)
        while first <= last:
            while index < len(starts) and ends[index] < first:
                index += 1
            if index == len(starts) or starts[index] > last:
                yield first, last
                return
            if starts[index] > first:
                yield first, starts[index] - 1
            first = ends[index] + 1


def span(network: Network) -> tuple[int, int]:
    """
    The first and the last address of a network as numbers.
    """
    return int(network.network_address), int(network.broadcast_address)


def between(version: int, first: int, last: int) -> list[Network]:
    """
    The networks that make up a span of addresses.
    """
    if version == 4:
        return list(ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)))
    return list(ipaddress.summarize_address_range(ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)))


def subtract(networks: Iterable[Network], others: AddressSet) -> list[Network]:
    """
    What is in the networks and not in a set, in order and without repetition.
    """
    return list(dict.fromkeys(part for network in networks for part in others.lacking(network)))


def outermost(networks: Iterable[Network]) -> list[Network]:
    """
    The networks without those that lie within another, in order.
    """
    unique = list(dict.fromkeys(networks))
    kept: set[Network] = set()
    end: dict[int, int] = {}
    for network in sorted(unique, key=lambda one: (one.version, int(one.network_address), one.prefixlen)):
        last = int(network.broadcast_address)
        if last > end.get(network.version, -1):
            kept.add(network)
            end[network.version] = last
    return [network for network in unique if network in kept]


def pieces(cidrs: Iterable[str], prefix: int) -> list[str]:
    """
    Networks as a platform takes them that has a shortest prefix length.

    Args:
        cidrs: Networks in order.
        prefix: IPv4 networks shorter than this are split; those shorter than /12 are left, no platform takes as many pieces.
    """
    found: list[str] = []
    for network in map(ipaddress.ip_network, cidrs):
        wide = network.version == 4 and _MOST_PIECES <= network.prefixlen < prefix
        found.extend(map(str, network.subnets(new_prefix=prefix)) if wide else [str(network)])
    return found
