"""
The gateway as knowledge: what its hosts are called, and how it wants a domain to be proved. Data with date and source are in
``gateway.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class HostKind(StrEnum):
    """
    What a host of the gateway is for.
    """

    INBOUND = "inbound"
    """Takes mail from the Internet: what an MX record has to name."""
    OUTBOUND = "outbound"
    """Takes the customer's outgoing mail, and refuses mail from the Internet."""
    OTHER = "other"
    """Anything else below the gateway's domains."""


@dataclass(frozen=True, slots=True)
class GatewayHost:
    """
    What the name of a gateway host says.

    Args:
        kind: What it is for.
        region: Code of the region in its name, ``""`` where it names none.
    """

    kind: HostKind
    region: str = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    One gateway.

    Args:
        name: For people.
        inbound: Pattern of inbound hosts; its group ``region`` is the region's code.
        outbound: Pattern of outbound hosts.
        domains: Names below these belong to the gateway.
        validation_target: Where the validating CNAME leads.
        mx_preference: The preference to publish both hosts with.
        mx_ttl: The TTL to publish them with, seconds.
        as_of: Date of all this.
        source: Where the validation rules are from.
    """

    name: str
    inbound: str
    outbound: str
    domains: tuple[str, ...]
    validation_target: str
    mx_preference: int
    mx_ttl: int
    as_of: str
    source: str

    def host(self, name: str) -> GatewayHost | None:
        """
        What a host name says of itself.

        Args:
            name: A-label, lower case.

        Returns:
            None for a host that is not the gateway's.
        """
        for kind, pattern in ((HostKind.INBOUND, self.inbound), (HostKind.OUTBOUND, self.outbound)):
            match = re.fullmatch(pattern, name)
            if match:
                return GatewayHost(kind, match.group("region"))
        if any(name == domain or name.endswith(f".{domain}") for domain in self.domains):
            return GatewayHost(HostKind.OTHER)
        return None


@cache
def gateway() -> Gateway:
    """
    The gateway that is shipped.
    """
    data = tomllib.loads(files(__package__).joinpath("gateway.toml").read_text(encoding="utf-8"))
    return Gateway(
        name=data["name"],
        inbound=data["hosts"]["inbound"],
        outbound=data["hosts"]["outbound"],
        domains=tuple(data["hosts"]["domains"]),
        validation_target=data["validation"]["target"],
        mx_preference=data["mx"]["preference"],
        mx_ttl=data["mx"]["ttl"],
        as_of=data["as_of"],
        source=data["validation"]["source"],
    )


def validation_target() -> str:
    """
    Where the CNAME that proves a domain leads.
    """
    return gateway().validation_target
