"""
What ``runbook probe-kit``'s file saw from another machine.

Form: ``{"schema": "inbound-runbook/vantage/1", "tool_version", "started", "finished", "vantage": {"addresses", "nameservers", "proxy",
"port_25"}, "observations": {"o1": {…}, …}}``; the observations are those of a result document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import ResultError
from ..observations import Stored
from ..observations.codec import from_json
from .fields import Reading, text_of
from .readers import moment
from .refusing import Refused, shown

SCHEMA = "inbound-runbook/vantage/1"
FAMILY = "inbound-runbook/vantage/"
MOST_OBSERVATIONS = 10_000


@dataclass(frozen=True, slots=True)
class Vantage:
    """
    One run of the probe kit.

    Args:
        tool_version: Of the tool that wrote the kit.
        started: UTC, None where not told.
        finished: UTC.
        addresses: Of the machine it ran on.
        nameservers: Whom it asked.
        proxy: None for none.
        port_25: ``open``, ``blocked`` or ``unknown``.
        observations: Each with its id, in order.
    """

    tool_version: str
    started: datetime | None
    finished: datetime | None
    addresses: tuple[str, ...]
    nameservers: tuple[str, ...]
    proxy: str | None
    port_25: str
    observations: tuple[tuple[str, Stored], ...]


def is_vantage(document: Any) -> bool:
    """
    True for a document of the probe kit, of any version.
    """
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema.startswith(FAMILY)


def read_vantage(document: Mapping[str, Any], reading: Reading) -> Vantage:
    """
    Read a document of the probe kit.

    Raises:
        Refused: Another version wrote it, or an observation cannot be read.
    """
    if document["schema"] != SCHEMA:
        raise Refused("other_vantage", schema=shown(document["schema"]), known=SCHEMA)
    place = document.get("vantage")
    place = place if isinstance(place, dict) else {}
    told = document.get("observations")
    if not isinstance(told, dict) or len(told) > MOST_OBSERVATIONS or not all(isinstance(item, dict) for item in told.values()):
        raise Refused("damaged_vantage", column="observations")
    observations = []
    for key, item in told.items():
        try:
            observations.append((key, from_json(item)))
        except ResultError as error:
            raise Refused("damaged_vantage", column=f"observations.{shown(key)}") from error
    port = place.get("port_25")
    return Vantage(
        tool_version=text_of(document.get("tool_version")) or "",
        started=_time(document, "started", reading),
        finished=_time(document, "finished", reading),
        addresses=_texts(place.get("addresses")),
        nameservers=_texts(place.get("nameservers")),
        proxy=text_of(place.get("proxy")),
        port_25=port if port in ("open", "blocked") else "unknown",
        observations=tuple(observations),
    )


def _time(document: Mapping[str, Any], key: str, reading: Reading) -> datetime | None:
    return moment(reading, key, document[key]) if document.get(key) is not None else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in map(text_of, value) if text) if isinstance(value, list) else ()
