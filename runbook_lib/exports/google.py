"""
Google Workspace settings: the Cloud Identity Policy API's JSON, ScubaGoggles' export, and GAM's CSV in both forms.

The inbound gateway is in none of them; its list is pasted (environment key ``gateway_list``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .addresses import AddressList, parse_addresses
from .documents import load_documents
from .fields import Reading, Record, clean, text_of
from .kinds import recognition
from .refusing import Refused
from .tables import Table

_PREFIX = "settings/"
_NUMBERED = re.compile(r"(.+)\.(\d{1,5})")
_VALUE = ("setting.value.", "setting/value/", "value.")


@dataclass(frozen=True, slots=True)
class GooglePolicy:
    """
    One policy.

    Args:
        setting: Type without ``settings/``, for example ``gmail.imap_access``.
        name: ``policies/…``, ``""`` where the export leaves it out.
        org_unit: Path where the export has it (``/`` is the top), else the id or name; ``""`` for none.
        group: Group it applies to, ``""`` for none.
        admin: An administrator set it (``ADMIN``), False for Google's default (``SYSTEM``), None where not told.
        allowed_ip_addresses: For the allow list its entries, else None.
        value: The setting's value as JSON text, keys sorted; bounded.
    """

    setting: str
    name: str = ""
    org_unit: str = ""
    group: str = ""
    admin: bool | None = None
    allowed_ip_addresses: AddressList | None = None
    value: str = "{}"

    @property
    def is_allowlist(self) -> bool:
        """
        It is the email allow list.
        """
        return self.setting == recognition().google_allowlist


def is_policy(document: Any) -> bool:
    """
    True for a policy object of the API.
    """
    setting = document.get("setting") if isinstance(document, dict) else None
    return isinstance(setting, dict) and isinstance(setting.get("type"), str)


def policies_of(document: Any, reading: Reading) -> tuple[GooglePolicy, ...] | None:
    """
    The policies in a JSON document: one, a list, a page of the API, or ScubaGoggles' map of organisational units; None where it is none of
    these.
    """
    if is_policy(document):
        return (_policy(document, reading),)
    if isinstance(document, list):
        return tuple(_policy(item, reading) for item in document) if document and all(map(is_policy, document)) else None
    inner = document.get("policies") if isinstance(document, dict) else None
    if isinstance(inner, list) and all(map(is_policy, inner)):
        if document.get("nextPageToken"):
            reading.note("nextPageToken", "more_pages")
        return tuple(_policy(item, reading) for item in inner)
    if isinstance(inner, dict) and inner:
        return _by_unit(inner, reading)
    return None


def _by_unit(units: Mapping[str, Any], reading: Reading) -> tuple[GooglePolicy, ...] | None:
    found: list[GooglePolicy] = []
    for unit, settings in units.items():
        if not isinstance(settings, dict):
            return None
        for name, value in settings.items():
            service, _, rest = name.partition("_")
            if service == "gmail" and rest and isinstance(value, dict):
                found.append(_made(f"{service}.{rest}", value, reading, org_unit=clean(unit)))
    return tuple(found) or None


def policies_of_table(table: Table, reading: Reading) -> tuple[GooglePolicy, ...] | None:
    """
    The policies in GAM's CSV: one column a value, or a JSON column; None where it is neither.

    Raises:
        Refused: The JSON column holds no JSON.
    """
    columns = {name.casefold().replace("/", "."): position for position, name in enumerate(table.columns)}
    if "json" in columns:
        position = columns["json"]
        found = []
        for row in table.rows:
            documents = load_documents(row[position]) if row[position].strip() else []
            for document in documents:
                if not is_policy(document):
                    return None
                found.append(_policy(document, reading))
        return tuple(found) if found or "name" in columns else None
    if "setting.type" not in columns:
        return None
    return tuple(_flat(dict(zip(table.columns, row, strict=True)), reading) for row in table.rows)


def json_column(table: Table) -> bool:
    """
    True for a table with a column ``JSON``.
    """
    return any(name.casefold() == "json" for name in table.columns)


def _policy(document: Mapping[str, Any], reading: Reading) -> GooglePolicy:
    setting = document["setting"]
    query = document.get("policyQuery")
    query = Record(query) if isinstance(query, dict) else Record({})
    value = setting.get("value")
    kind = document.get("type")
    if not isinstance(value, dict):
        if value is not None:
            reading.note("setting.value", "not_object", value)
        value = {}
    return _made(
        setting["type"],
        value,
        reading,
        name=text_of(document.get("name")) or "",
        org_unit=_first_text(query, "orgUnitPath", "orgUnit"),
        group=_first_text(query, "groupEmail", "group"),
        admin=None if kind is None else kind == "ADMIN",
    )


def _first_text(record: Record, *keys: str) -> str:
    return next((text for text in (text_of(record.get(key)) for key in keys) if text), "")


def _made(kind: str, value: Mapping[str, Any], reading: Reading, **more: Any) -> GooglePolicy:
    setting = clean(kind).removeprefix(_PREFIX)
    known = recognition()
    allowed = None
    if setting == known.google_allowlist:
        reading.subject = "allowlist"
        entries = value.get(known.google_allowlist_value)
        if entries is None:
            allowed = AddressList()
        elif isinstance(entries, list) and all(isinstance(entry, str) for entry in entries):
            allowed = parse_addresses(map(clean, entries))
            for entry in allowed.unread:
                reading.note(known.google_allowlist_value, entry.problem, entry.text)
        else:
            reading.note(known.google_allowlist_value, "not_list", entries)
    return GooglePolicy(setting, allowed_ip_addresses=allowed, value=clean(json.dumps(value, sort_keys=True)), **more)


def _flat(row: Mapping[str, str], reading: Reading) -> GooglePolicy:
    plain = {name.replace("/", "."): cell for name, cell in row.items()}
    lists: dict[str, dict[int, str]] = {}
    value: dict[str, Any] = {}
    for name, cell in plain.items():
        inner = next((name[len(prefix) :] for prefix in _VALUE if name.startswith(prefix)), None)
        if inner is None or cell == "":
            continue
        numbered = _NUMBERED.fullmatch(inner)
        if numbered:
            lists.setdefault(numbered.group(1), {})[int(numbered.group(2))] = cell
        else:
            value[inner] = cell
    value.update({name: [cells[position] for position in sorted(cells)] for name, cells in lists.items()})
    key = recognition().google_allowlist_value
    if isinstance(value.get(key), str):
        if "System." in value[key]:
            raise Refused("lost_lists", column=key, value=value[key])
        value[key] = [] if value[key] == "0" else [part for part in re.split(r"[\s,;|]+", value[key]) if part]
    kind = plain.get("type", "")
    return _made(
        next(cell for name, cell in plain.items() if name.casefold() == "setting.type"),
        value,
        reading,
        name=clean(plain.get("name", "")),
        org_unit=clean(plain.get("policyQuery.orgUnitPath") or plain.get("policyQuery.orgUnit") or ""),
        group=clean(plain.get("policyQuery.groupEmail") or plain.get("policyQuery.group") or ""),
        admin=kind == "ADMIN" if kind else None,
    )


def allowlist_of(policies: Iterable[GooglePolicy]) -> AddressList | None:
    """
    The allow list that the policies tell of: the entries of all policies that set it (Google has it for the whole organisation only).

    Returns:
        None where they do not tell: the list is in none of them and they are too few types to be all Gmail settings. Empty where it is in
        none of them and they are; Google leaves a list out that was never set.
    """
    every = list(policies)
    lists = [policy for policy in every if policy.is_allowlist]
    if lists:
        if any(policy.allowed_ip_addresses is None for policy in lists):
            return None
        return AddressList(tuple(entry for policy in lists for entry in (policy.allowed_ip_addresses or AddressList()).entries))
    gmail = {policy.setting for policy in every if policy.setting.startswith("gmail.")}
    return AddressList() if len(gmail) >= recognition().google_types else None
