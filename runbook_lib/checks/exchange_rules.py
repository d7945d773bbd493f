"""
Firewall rules that let the gateway in, ready to paste: as a list for any firewall, as an access list, for nftables and for Windows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..standards.ranges import Network
from .m365_remedies import UNDO

_FAMILIES = (
    (4, "ip", "ipv4_addr", ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")),
    (6, "ip6", "ipv6_addr", ("::1/128", "fc00::/7", "fe80::/10")),
)
"""
Version, word and type of each address family, and its addresses that are inside (RFC 1918, 4193, 3927, 4291).
"""


def plain_rules(networks: Sequence[Network], hosts: Sequence[str], port: int, *, locked: bool) -> list[str]:
    """
    Rules in words that any firewall's form can take, one a range.

    Args:
        networks: The gateway's ranges.
        hosts: What the gateway delivers to.
        port: The port there.
        locked: Nobody else is let in.
    """
    lines = [f"allow tcp from {network} to {host} port {port}" for host in hosts for network in networks]
    return [*lines, *(f"deny tcp from any to {host} port {port}" for host in hosts if locked)]


def access_list(networks: Sequence[Network], port: int, name: str, *, locked: bool) -> list[str]:
    """
    An extended access list with wildcard masks, as many routers and firewalls read it; it belongs on the outside interface, inbound.
    """
    lines = []
    for version, head in ((4, f"ip access-list extended {name}"), (6, f"ipv6 access-list {name}-6")):
        mine = [network for network in networks if network.version == version]
        if not mine:
            continue
        lines.append(head)
        for network in mine:
            source = f"{network.network_address} {network.hostmask}" if version == 4 else str(network)
            lines.append(f" permit tcp {source} any eq {port}")
        if locked:
            lines += [f" deny tcp any any eq {port}", f" permit {head.split()[0]} any any"]
        lines.append(f"! undo: no {head}")
    return lines


def nftables(networks: Sequence[Network], port: int, name: str, *, locked: bool) -> list[str]:
    """
    Commands for nftables, and their way back.

    To let in, rules go into the chains that are there (``inet filter``): no table of its own can undo another's drop. To lock, a table of
    its own is enough, since a drop is final; it is for the machine itself, as one that forwards would also drop the customer's outgoing
    mail. Mail from inside stays admitted.
    """
    sources = [(version, family, kind, _of_version(networks, version), inside) for version, family, kind, inside in _FAMILIES]
    present = [source for source in sources if source[3]]
    if not locked:
        return [
            *(
                f"nft insert rule inet filter {chain} tcp dport {port} {family} saddr {{ {', '.join(mine)} }} accept comment {name}"
                for chain in ("input", "forward")
                for _, family, _, mine, _ in present
            ),
            f"{UNDO}nft -a list table inet filter | grep {name} ; nft delete rule inet filter CHAIN handle NUMBER",
        ]
    admitted = [f"tcp dport {port} {family} saddr @gateway{version} accept" for version, family, _, _, _ in present]
    admitted += [f"tcp dport {port} {family} saddr @inside{version} accept" for version, family, _, _, _ in sources]
    return [
        "nft -f - <<'END'",
        f"table inet {name} {{",
        *(_set(f"gateway{version}", kind, mine) for version, _, kind, mine, _ in present),
        *(_set(f"inside{version}", kind, inside) for version, _, kind, _, inside in sources),
        f"  chain input {{ type filter hook input priority filter - 1; policy accept; {'; '.join(admitted)}; tcp dport {port} drop; }}",
        "}",
        "END",
        f"{UNDO}nft delete table inet {name}",
    ]


def _of_version(networks: Iterable[Network], version: int) -> list[str]:
    return [str(network) for network in networks if network.version == version]


def _set(name: str, kind: str, elements: Sequence[str]) -> str:
    return f"  set {name} {{ type {kind}; flags interval; elements = {{ {', '.join(elements)} }}; }}"


def netsh(networks: Sequence[Network], port: int, name: str) -> list[str]:
    """
    A rule of Windows Defender Firewall on the server itself, and its way back. What no rule allows it refuses already.
    """
    remote = ",".join(map(str, networks))
    return [
        f'netsh advfirewall firewall add rule name="{name}" dir=in action=allow protocol=TCP localport={port} remoteip={remote}',
        f'{UNDO}netsh advfirewall firewall delete rule name="{name}"',
    ]


def short_name(gateway: str) -> str:
    """
    The gateway's name as a rule or a table can be called.
    """
    return "".join(character for character in gateway if character.isascii() and character.isalnum()) or "gateway"
