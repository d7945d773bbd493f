"""
Host and domain names as DNS and SMTP have them (RFC 1034, 1123, 5321). Pure.

Names are A-labels in lower case without the final dot, as everywhere in this package.
"""

from __future__ import annotations

import ipaddress
import re

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


def is_address(name: str) -> bool:
    """
    True where a name is an IP address, plain or in the brackets of an address literal.
    """
    text = name.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(text.removeprefix("ipv6:"))
    except ValueError:
        return False
    return True


def is_host_name(name: str) -> bool:
    """
    True where a name may stand for a host: letters, digits and hyphens, 63 a label, 253 in all (RFC 1123 section 2.1).
    """
    return bool(name) and len(name) <= 253 and all(_LABEL.match(label) for label in name.split("."))


def is_within(name: str, zone: str) -> bool:
    """
    True where a name is the zone itself or stands below it. Everything stands below the root, ``""``.
    """
    return not zone or name == zone or name.endswith(f".{zone}")


def parents(name: str) -> tuple[str, ...]:
    """
    The names above a name, nearest first, without the root.
    """
    labels = name.split(".")
    return tuple(".".join(labels[index:]) for index in range(1, len(labels)))


def without_doubled(name: str, zone: str) -> str:
    """
    What was meant where a zone editor appended the zone to a name that had been written out in full.

    Args:
        name: The name published.
        zone: The zone it stands in.

    Returns:
        The name without the appended zone, ``""`` where the name does not stand below the zone.
    """
    suffix = f".{zone}"
    return name.removesuffix(suffix) if zone and name.endswith(suffix) else ""
