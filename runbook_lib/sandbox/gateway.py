"""
The gateway's own part of a world, made from the regions' snapshot: its zones with MX hosts and SPF records, and its mail servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Any

from ..errors import SandboxError
from ..knowledge.regions import Region, region

_STRING = 255
"""
Longest string of a TXT record, bytes (RFC 1035 section 3.3.14).
"""


def gateway_part(codes: Sequence[str]) -> dict[str, Any]:
    """
    ``zones`` and ``smtp`` of the given regions, in the form of a world's description.
    """
    zones: dict[str, Any] = {}
    smtp: dict[str, Any] = {}
    for found in map(region, codes):
        addresses = _addresses(found)
        outbound = [host.replace("-inbound-", "-outbound-") for host in found.mx]
        for kind, hosts in (("gateway", list(found.mx)), ("gateway_outbound", outbound)):
            for host in hosts:
                zone = _zone(zones, host, addresses)
                zone["records"][f"{host}. A"] = [addresses.pop(0)]
                smtp[host] = {"like": kind, "certificate_names": [found.certificate]}
        texts = _strings(f"v=spf1 {' '.join(f'ip4:{cidr}' for cidr in found.cidrs)} ~all")
        _zone(zones, found.spf, addresses)["records"][f"{found.spf}. TXT"] = [texts]
    return {"zones": zones, "smtp": smtp}


def _addresses(found: Region) -> list[str]:
    """
    Plausible addresses: some of each of the region's larger ranges.
    """
    networks = [network for network in map(IPv4Network, found.cidrs) if network.prefixlen <= 25]
    if not networks:
        raise SandboxError(f"The snapshot has no ranges of the region {found.code!r}, so the sandbox cannot play its gateway.")
    return [str(network[offset]) for offset in (21, 36, 61, 110, 120) for network in networks[:2]]


def _zone(zones: dict[str, Any], name: str, addresses: list[str]) -> dict[str, Any]:
    """
    The zone a name of the gateway is in, made if it is not there yet.
    """
    labels = name.split(".")
    apex = ".".join(labels[-3:] if labels[-2] == "co" else labels[-2:])
    if apex not in zones:
        servers = [f"ns1.{apex}", f"ns2.{apex}"]
        zones[apex] = {"servers": servers, "ttl": 300, "records": {f"{server}. A": [addresses.pop()] for server in servers}}
    found: dict[str, Any] = zones[apex]
    return found


def _strings(text: str) -> str:
    """
    TXT data in presentation form, cut into strings that fit.
    """
    return " ".join(f'"{text[start : start + _STRING]}"' for start in range(0, len(text), _STRING))
