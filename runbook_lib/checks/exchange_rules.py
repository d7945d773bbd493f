"""
Firewall rules that let the gateway in, ready to paste: as a list for any firewall, as an access list, for nftables and for Windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..standards.ranges import Network
from .m365_remedies import UNDO

_FAMILIES = (
    (4, "ip", "ipv4_addr", ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")),
    (6, "ip6", "ipv6_addr", ("::1/128", "fc00::/7", "fe80::/10")),
)
"""
Version, word and type of each address family, and its addresses that are inside (RFC 1918, 4193, 3927, 4291).
"""


@dataclass(frozen=True, slots=True)
class Source:
    """
    Somebody whom the rules let in.

    Args:
        title: What they are called.
        short: The same as a set of addresses can be called.
        networks: Their ranges.
        as_of: Date of the ranges, ``""`` where they are today's.
    """

    title: str
    short: str
    networks: tuple[Network, ...]
    as_of: str = ""

    @property
    def label(self) -> str:
        """
        What stands before their entries.
        """
        return f"{self.title}, {self.as_of}" if self.as_of else self.title

    def of_version(self, version: int) -> list[Network]:
        """
        Their ranges of one address family.
        """
        return [network for network in self.networks if network.version == version]


def plain_rules(sources: Sequence[Source], hosts: Sequence[str], port: int, *, locked: bool) -> list[str]:
    """
    Rules in words that any firewall's form can take, one a range.

    Args:
        sources: Who is let in, the gateway first; several are told apart by a line before their rules.
        hosts: What the gateway delivers to.
        port: The port there.
        locked: Nobody else is let in.
    """
    lines = []
    for source in sources:
        lines += _labelled(f"# {source.label}", sources)
        lines += [f"allow tcp from {network} to {host} port {port}" for host in hosts for network in source.networks]
    return [*lines, *(f"deny tcp from any to {host} port {port}" for host in hosts if locked)]


def _labelled(line: str, sources: Sequence[Source]) -> list[str]:
    return [line] if len(sources) > 1 else []


def access_list(sources: Sequence[Source], port: int, name: str, *, locked: bool) -> list[str]:
    """
    An extended access list with wildcard masks, as many routers and firewalls read it; it belongs on the outside interface, inbound.
    """
    lines = []
    for version, head in ((4, f"ip access-list extended {name}"), (6, f"ipv6 access-list {name}-6")):
        present = [(source, mine) for source in sources if (mine := source.of_version(version))]
        if not present:
            continue
        lines.append(head)
        for source, mine in present:
            lines += _labelled(f" remark {source.label}", sources)
            for network in mine:
                where = f"{network.network_address} {network.hostmask}" if version == 4 else str(network)
                lines.append(f" permit tcp {where} any eq {port}")
        if locked:
            lines += [f" deny tcp any any eq {port}", f" permit {head.split()[0]} any any"]
        lines.append(f"! undo: no {head}")
    return lines


def nftables(sources: Sequence[Source], port: int, name: str, *, locked: bool) -> list[str]:
    """
    Commands for nftables, and their way back.

    To let in, rules go into the chains that are there (``inet filter``): no table of its own can undo another's drop. To lock, a table of
    its own is enough, since a drop is final; it is for the machine itself, as one that forwards would also drop the customer's outgoing
    mail. Mail from inside stays admitted.
    """
    present = [
        (source, version, family, kind, _texts(mine))
        for source in sources
        for version, family, kind, _ in _FAMILIES
        if (mine := source.of_version(version))
    ]
    if not locked:
        return [
            *(
                f"nft insert rule inet filter {chain} tcp dport {port} {family} saddr {{ {mine} }} accept comment {_comment(name, source)}"
                for chain in ("input", "forward")
                for source, _, family, _, mine in present
            ),
            f"{UNDO}nft -a list table inet filter | grep {name} ; nft delete rule inet filter CHAIN handle NUMBER",
        ]
    admitted = [f"tcp dport {port} {family} saddr @{source.short}{version} accept" for source, version, family, _, _ in present]
    admitted += [f"tcp dport {port} {family} saddr @inside{version} accept" for version, family, _, _ in _FAMILIES]
    sets = []
    for source in sources:
        sets += _labelled(f"  # {source.label}", sources)
        sets += [_set(f"{source.short}{version}", kind, mine) for each, version, _, kind, mine in present if each is source]
    return [
        "nft -f - <<'END'",
        f"table inet {name} {{",
        *sets,
        *(_set(f"inside{version}", kind, ", ".join(inside)) for version, _, kind, inside in _FAMILIES),
        f"  chain input {{ type filter hook input priority filter - 1; policy accept; {'; '.join(admitted)}; tcp dport {port} drop; }}",
        "}",
        "END",
        f"{UNDO}nft delete table inet {name}",
    ]


def _comment(name: str, source: Source) -> str:
    return f"{name}_{source.short}_{source.as_of}" if source.as_of else name


def _texts(networks: Iterable[Network]) -> str:
    return ", ".join(map(str, networks))


def _set(name: str, kind: str, elements: str) -> str:
    return f"  set {name} {{ type {kind}; flags interval; elements = {{ {elements} }}; }}"


def netsh(sources: Sequence[Source], port: int) -> list[str]:
    """
    Rules of Windows Defender Firewall on the server itself, one for each who is let in, and their way back. What no rule allows it refuses
    already.
    """
    lines, back = [], []
    for source in sources:
        name = f"SMTP from {source.label}" if source.as_of else f"SMTP from {short_name(source.title)}"
        remote = ",".join(map(str, source.networks))
        lines.append(
            f'netsh advfirewall firewall add rule name="{name}" dir=in action=allow protocol=TCP localport={port} remoteip={remote}'
        )
        back.append(f'{UNDO}netsh advfirewall firewall delete rule name="{name}"')
    return [*lines, *back]


def short_name(gateway: str) -> str:
    """
    The gateway's name as a rule or a table can be called.
    """
    return "".join(character for character in gateway if character.isascii() and character.isalnum()) or "gateway"
