"""
The gateway's regions: a dated snapshot (``regions.json``), never the truth. DNS and the customer's console are asked for that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..errors import KnowledgeError

CUSTOM = "custom"
"""
The region of an account whose hosts and ranges the environment itself names.
"""


@dataclass(frozen=True, slots=True)
class Region:
    """
    One region of the gateway.

    Args:
        code: For example ``eu``.
        title: For people.
        mx: Inbound hosts, in order.
        spf: Name whose SPF record lists the ranges; ``""`` for `CUSTOM`.
        certificate: Name pattern of its certificates.
        confidence: How far the ranges can be trusted.
        mx_confidence: ``high`` or ``low``: with ``low`` a mismatch is no proof.
        cidrs: IPv4 ranges of the snapshot, may be empty.
        spf_is_superset: The SPF record holds another region's ranges too.
        note: What else is known.
    """

    code: str
    title: str
    mx: tuple[str, ...]
    spf: str
    certificate: str
    confidence: str
    mx_confidence: str
    cidrs: tuple[str, ...]
    spf_is_superset: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    All regions as they were known at one time.

    Args:
        as_of: When, a year or a date.
        source: How they were obtained.
        regions: By code.
    """

    as_of: str
    source: str
    regions: Mapping[str, Region]


@cache
def snapshot() -> Snapshot:
    """
    The snapshot that is shipped.
    """
    data = json.loads(files(__package__).joinpath("regions.json").read_text(encoding="utf-8"))
    regions = {
        code: Region(
            code=code,
            title=entry["title"],
            mx=tuple(entry["mx"]),
            spf=entry["spf"],
            certificate=entry["certificate"],
            confidence=entry["confidence"],
            mx_confidence=entry["mx_confidence"],
            cidrs=tuple(entry["cidrs"]),
            spf_is_superset=entry.get("spf_is_superset", False),
            note=entry.get("note", ""),
        )
        for code, entry in data["regions"].items()
    }
    return Snapshot(data["as_of"], data["how_obtained"], regions)


def regions() -> tuple[Region, ...]:
    """
    All regions of the snapshot.
    """
    return tuple(snapshot().regions.values())


def region(code: str) -> Region:
    """
    One region.

    Args:
        code: A code of the snapshot, or ``custom``, which has no hosts and ranges of its own.

    Raises:
        KnowledgeError: There is no such region.
    """
    if code == CUSTOM:
        return Region(CUSTOM, "Custom", (), "", "", "given by the environment", "high", ())
    try:
        return snapshot().regions[code]
    except KeyError:
        raise KnowledgeError(f"There is no region {code!r}; there are {', '.join(snapshot().regions)} and {CUSTOM}.") from None
