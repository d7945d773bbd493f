"""
Addresses and ranges as the platforms write them.

One entry is a single address, a CIDR block, a range ``a-b`` or an address with a mask in brackets (``192.0.2.0(255.255.255.0)``). An IPv6
address may carry a scope (``fe80::1%4``), which says nothing about who may connect and is dropped. Rules: Microsoft's
Set-HostedConnectionFilterPolicy, New-InboundConnector and Set-ReceiveConnector; Google's help page 60751.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LONGEST = 200
"""
Characters of an entry that can be an address; a longer one is none.
"""
_SCOPE = re.compile(r"%[0-9A-Za-z_.]*")
_MASK = re.compile(r"([0-9.]+)\(([0-9.]+)\)")


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """
    One entry of an address list.

    Args:
        text: As exported.
        first: Lowest address, None where the entry is none.
        last: Highest address, None where the entry is none.
        prefix: Length of the prefix as written, None where none was written.
        problem: ``""``, ``not_an_address``, ``host_bits`` (read as the block around it), ``reversed`` or ``mixed`` (IPv4 to IPv6).
    """

    text: str
    first: Address | None = None
    last: Address | None = None
    prefix: int | None = None
    problem: str = ""

    @property
    def networks(self) -> tuple[Network, ...]:
        """
        The smallest set of CIDR blocks that is exactly this entry; empty where it is none.
        """
        if isinstance(self.first, ipaddress.IPv4Address) and isinstance(self.last, ipaddress.IPv4Address):
            return tuple(ipaddress.summarize_address_range(self.first, self.last))
        if isinstance(self.first, ipaddress.IPv6Address) and isinstance(self.last, ipaddress.IPv6Address):
            return tuple(ipaddress.summarize_address_range(self.first, self.last))
        return ()

    @property
    def size(self) -> int:
        """
        How many addresses it holds.
        """
        return int(self.last) - int(self.first) + 1 if self.first is not None and self.last is not None else 0

    def holds(self, address: Address) -> bool:
        """
        True where an address lies in it.
        """
        if self.first is None or self.last is None or address.version != self.first.version:
            return False
        return int(self.first) <= int(address) <= int(self.last)


@dataclass(frozen=True, slots=True)
class AddressList:
    """
    A list of addresses and ranges, in the order of the export.

    Args:
        entries: Each entry, also those that are no address.
    """

    entries: tuple[AddressEntry, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """
        The entries as exported.
        """
        return tuple(entry.text for entry in self.entries)

    @property
    def networks(self) -> tuple[Network, ...]:
        """
        The CIDR blocks of all entries, repetitions included.
        """
        return tuple(network for entry in self.entries for network in entry.networks)

    @property
    def unread(self) -> tuple[AddressEntry, ...]:
        """
        The entries that are no address or were not written as the platform wants them.
        """
        return tuple(entry for entry in self.entries if entry.problem)

    def holds(self, address: Address) -> bool:
        """
        True where an address lies in one of the entries.
        """
        return any(entry.holds(address) for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def parse_addresses(texts: Iterable[str]) -> AddressList:
    """
    Parse entries; nothing is left out and nothing is merged.
    """
    return AddressList(tuple(parse_address(text) for text in texts))


def parse_address(text: str) -> AddressEntry:
    """
    Parse one entry.

    Args:
        text: As exported; white space around it is not an error here (`allowlist.syntax` judges pasted lists).
    """
    bare = _SCOPE.sub("", text.strip()) if len(text) <= LONGEST else ""
    mask = _MASK.fullmatch(bare)
    if mask:
        bare = f"{mask.group(1)}/{mask.group(2)}"
    try:
        if "/" in bare:
            return _block(text, bare)
        low, dash, high = bare.partition("-")
        if dash:
            return _range(text, ipaddress.ip_address(low.strip()), ipaddress.ip_address(high.strip()))
        address = ipaddress.ip_address(bare)
    except ValueError:
        return AddressEntry(text, problem="not_an_address")
    return AddressEntry(text, address, address)


def _block(text: str, bare: str) -> AddressEntry:
    network = ipaddress.ip_network(bare, strict=False)
    written = ipaddress.ip_address(bare.partition("/")[0].strip())
    problem = "" if written == network.network_address else "host_bits"
    return AddressEntry(text, network.network_address, network.broadcast_address, network.prefixlen, problem)


def _range(text: str, first: Address, last: Address) -> AddressEntry:
    if first.version != last.version:
        return AddressEntry(text, problem="mixed")
    if int(first) > int(last):
        return AddressEntry(text, problem="reversed")
    return AddressEntry(text, first, last)
