"""
The kinds of exports, and what each is recognised by. The data are in ``knowledge/exports.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

_IGNORED = re.compile(r"[\s_-]+")


class Kind(StrEnum):
    """
    What an export holds.
    """

    INBOUND_CONNECTORS = "inbound_connectors"
    OUTBOUND_CONNECTORS = "outbound_connectors"
    CONNECTION_FILTER_POLICIES = "connection_filter_policies"
    TRANSPORT_RULES = "transport_rules"
    ACCEPTED_DOMAINS = "accepted_domains"
    ORGANIZATION_CONFIGS = "organization_configs"
    ARC_CONFIGS = "arc_configs"
    TRANSPORT_CONFIGS = "transport_configs"
    RECEIVE_CONNECTORS = "receive_connectors"
    SEND_CONNECTORS = "send_connectors"
    EXCHANGE_CERTIFICATES = "exchange_certificates"
    ANONYMOUS_RIGHTS = "anonymous_rights"
    HYBRID_CONFIGURATIONS = "hybrid_configurations"
    RECIPIENT_FILTER_CONFIGS = "recipient_filter_configs"
    RECIPIENTS = "recipients"
    GOOGLE_USERS = "google_users"
    GOOGLE_GROUPS = "google_groups"
    GOOGLE_ALIASES = "google_aliases"
    GATEWAY_ADDRESSES = "gateway_addresses"
    MESSAGE_TRACE = "message_trace"
    GOOGLE_POLICIES = "google_policies"
    AGGREGATE_REPORTS = "aggregate_reports"
    MESSAGE = "message"
    VANTAGE = "vantage"
    SEVERAL = "several"
    """A file with several of these (ScubaGear's, or the one our own command writes); its sections say which."""
    NOTHING = "nothing"
    """``null``, ``[]`` or ``[null]``: PowerShell found nothing of some kind, and the file does not say of which."""


class Other(StrEnum):
    """
    What is recognised and is none of the exports that are used.
    """

    REMOTE_DOMAINS = "remote_domains"
    DKIM_CONFIGS = "dkim_configs"
    MAILBOXES = "mailboxes"
    GRAPH_DOMAINS = "graph_domains"
    COLUMNS_EMAIL = "columns_email"
    RESULT = "result"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Recognition:
    """
    What is known of exported objects.

    Args:
        keys: For each kind and each other thing the sets of normalised keys that are enough, largest first.
        sections: Normalised name of a section in a file with several exports to its kind: ScubaGear's names, cmdlets, and our own.
        cmdlets: Normalised cmdlet to kind.
        enumerations: Name to number to text.
        flags: Name to bit to text.
        google_allowlist: Policy type of the allow list, without ``settings/``.
        google_allowlist_value: Key of its value.
        google_types: How many types of Gmail settings make an export a full one.
    """

    keys: Mapping[Kind | Other, tuple[frozenset[str], ...]]
    sections: Mapping[str, Kind]
    cmdlets: Mapping[str, Kind]
    enumerations: Mapping[str, Mapping[int, str]]
    flags: Mapping[str, Mapping[int, str]]
    google_allowlist: str
    google_allowlist_value: str
    google_types: int

    def recognise(self, keys: Iterable[str]) -> frozenset[Kind | Other]:
        """
        Which kind an object is of.

        A kind whose smaller set of keys is part of a matching larger one of another kind gives way to it.

        Args:
            keys: The object's keys, as they stand.

        Returns:
            Empty for none; more than one where the keys do not tell.
        """
        here = {normal(key) for key in keys}
        matching: dict[Kind | Other, list[frozenset[str]]] = {}
        for kind, sets in self.keys.items():
            hits = [enough for enough in sets if enough <= here]
            if hits:
                matching[kind] = hits
        wanted: set[Kind | Other] = {kind for kind in matching if isinstance(kind, Kind)} or set(matching)
        return frozenset(
            kind for kind in wanted if not any(_outdone(matching[kind], matching[other]) for other in wanted if other is not kind)
        )


def _outdone(mine: list[frozenset[str]], others: list[frozenset[str]]) -> bool:
    return all(any(hit < larger for larger in others) for hit in mine)


@lru_cache(maxsize=8192)
def normal(key: str) -> str:
    """
    A key as keys are compared: no case, spaces, ``_`` or ``-``.
    """
    return _IGNORED.sub("", key[:200]).casefold()


@cache
def recognition() -> Recognition:
    """
    What is shipped.
    """
    data = tomllib.loads(files("runbook_lib.knowledge").joinpath("exports.toml").read_text(encoding="utf-8"))
    keys: dict[Kind | Other, tuple[frozenset[str], ...]] = {}
    sections: dict[str, Kind] = {}
    cmdlets: dict[str, Kind] = {}
    for name, entry in data["kinds"].items():
        kind = Kind(name)
        keys[kind] = _sets(entry["any_of"])
        for section in (name, entry.get("scubagear"), entry.get("cmdlet")):
            if section:
                sections[normal(section)] = kind
        if "cmdlet" in entry:
            cmdlets[normal(entry["cmdlet"])] = kind
    for name, any_of in data["others"].items():
        keys[Other(name)] = _sets(any_of)
    return Recognition(
        keys=keys,
        sections=sections,
        cmdlets=cmdlets,
        enumerations=_numbered(data["enumerations"]),
        flags=_numbered(data["flags"]),
        google_allowlist=data["google"]["allowlist"],
        google_allowlist_value=data["google"]["allowlist_value"],
        google_types=data["google"]["types_of_a_full_export"],
    )


def _sets(any_of: list[list[str]]) -> tuple[frozenset[str], ...]:
    return tuple(sorted((frozenset(map(normal, keys)) for keys in any_of), key=len, reverse=True))


def _numbered(tables: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[int, str]]:
    return {name: {int(number): text for number, text in table.items()} for name, table in tables.items()}
