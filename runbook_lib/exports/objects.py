"""
From parsed objects to values: which kind they are, and one section a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from .exchange import AnonymousRight, ExchangeCertificate, HybridConfiguration, ReceiveConnector, RecipientFilterConfig, SendConnector
from .export import ExportedObject, Section
from .fields import Reading, Record, build, unwrap
from .kinds import Kind, normal, recognition
from .microsoft import (
    AcceptedDomain,
    ArcConfig,
    ConnectionFilterPolicy,
    InboundConnector,
    OrganizationConfig,
    OutboundConnector,
    TransportConfig,
    TransportRule,
    conditions_set,
    exceptions_set,
    origin,
)
from .recipients import recipient, trace_rows
from .refusing import Refused, shown

MOST_KEYS_SHOWN = 8
_PLAIN: Mapping[Kind, type] = {
    Kind.INBOUND_CONNECTORS: InboundConnector,
    Kind.OUTBOUND_CONNECTORS: OutboundConnector,
    Kind.CONNECTION_FILTER_POLICIES: ConnectionFilterPolicy,
    Kind.ARC_CONFIGS: ArcConfig,
    Kind.RECEIVE_CONNECTORS: ReceiveConnector,
    Kind.SEND_CONNECTORS: SendConnector,
    Kind.EXCHANGE_CERTIFICATES: ExchangeCertificate,
    Kind.ANONYMOUS_RIGHTS: AnonymousRight,
    Kind.HYBRID_CONFIGURATIONS: HybridConfiguration,
    Kind.RECIPIENT_FILTER_CONFIGS: RecipientFilterConfig,
}
_WITH_ORIGIN: Mapping[Kind, type] = {
    Kind.ACCEPTED_DOMAINS: AcceptedDomain,
    Kind.ORGANIZATION_CONFIGS: OrganizationConfig,
    Kind.TRANSPORT_CONFIGS: TransportConfig,
}
_RECIPIENTS = frozenset((Kind.RECIPIENTS, Kind.GOOGLE_USERS, Kind.GOOGLE_GROUPS, Kind.GOOGLE_ALIASES, Kind.GATEWAY_ADDRESSES))


def kind_of(keys: Iterable[str]) -> Kind:
    """
    The one kind an object or a table is of.

    Raises:
        Refused: None, or not told apart; the error says what was recognised.
    """
    spelt = [str(key) for key in keys]
    found = recognition().recognise(spelt)
    if len(found) == 1:
        (only,) = found
        if isinstance(only, Kind):
            return only
        raise Refused("other", other=only.value, keys=keys_shown(spelt))
    if found:
        raise Refused("ambiguous", kinds=sorted(kind.value for kind in found), keys=keys_shown(spelt))
    raise Refused("unknown_object", keys=keys_shown(spelt))


def keys_shown(keys: Iterable[str]) -> list[str]:
    """
    The first keys of an object, for an error; "…" stands for the others.
    """
    spelt = [shown(key) for key in islice(keys, MOST_KEYS_SHOWN + 1)]
    return spelt if len(spelt) <= MOST_KEYS_SHOWN else [", ".join(spelt[:MOST_KEYS_SHOWN]) + ", …"]


def as_objects(value: Any) -> list[Mapping[str, Any]] | None:
    """
    The objects of a list, a single object, ``null``, ``{}`` or ``{"value": […], "Count": n}``; None for anything else.
    """
    value = unwrap(value)
    items = value if isinstance(value, list) else [value]
    flat: list[Mapping[str, Any]] = []
    for item in items:
        if isinstance(item, dict):
            flat.extend([item] if item else [])
        elif item is not None:
            return None
    return flat


def sections_of(objects: Iterable[Mapping[str, Any]], reading: Reading) -> tuple[Section, ...]:
    """
    Sort objects by kind, and read them.

    Raises:
        Refused: One is of no kind.
    """
    sorted_objects: dict[Kind, list[Mapping[str, Any]]] = {}
    known: dict[tuple[str, ...], Kind] = {}
    for item in objects:
        shape = tuple(item)
        if shape not in known:
            known[shape] = kind_of(shape)
        sorted_objects.setdefault(known[shape], []).append(item)
    return tuple(section(kind, items, reading) for kind, items in sorted_objects.items())


def section(kind: Kind, objects: Iterable[Mapping[str, Any]], reading: Reading) -> Section:
    """
    Read objects whose kind is known.
    """
    if kind is Kind.MESSAGE_TRACE:
        return Section(kind, tuple(row for item in objects for row in trace_rows(Record(item), reading)))
    read = reader_of(kind)
    made = (read(Record(item), reading) for item in objects)
    return Section(kind, tuple(item for item in made if item is not None))


def reader_of(kind: Kind) -> Callable[[Record, Reading], ExportedObject | None]:
    """
    How an object of a kind is read.
    """
    if kind in _RECIPIENTS:
        return lambda record, reading: recipient(kind, record, reading)
    if kind is Kind.TRANSPORT_RULES:
        return lambda record, reading: build(
            TransportRule,
            record,
            reading,
            conditions_set=conditions_set(record),
            exceptions_set=exceptions_set(record),
            origin=origin(record),
        )
    if kind in _WITH_ORIGIN:
        return lambda record, reading: build(_WITH_ORIGIN[kind], record, reading, origin=origin(record))
    return lambda record, reading: build(_PLAIN[kind], record, reading)


def named_sections(document: Mapping[str, Any]) -> dict[Kind, tuple[str, Any]] | None:
    """
    The sections of a file that names them: ScubaGear's, or our own command's; None for a document that is something else.

    Returns:
        Kind to the name as spelt and what stands there.
    """
    known = recognition().sections
    found = {known[normal(key)]: (key, value) for key, value in document.items() if normal(key) in known and _is_section(value)}
    if not found or recognition().recognise(document):
        return None
    return found


def _is_section(value: Any) -> bool:
    return value is None or isinstance(value, list | dict)


def failed_sections(document: Mapping[str, Any]) -> frozenset[Kind]:
    """
    Kinds whose cmdlet failed when ScubaGear ran: their empty section says nothing.
    """
    told = next((value for key, value in document.items() if normal(key) == "exounsuccessfulcommands"), None)
    cmdlets = recognition().cmdlets
    names = told if isinstance(told, list) else [told]
    return frozenset(cmdlets[normal(name)] for name in names if isinstance(name, str) and normal(name) in cmdlets)
