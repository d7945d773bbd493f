"""
How single values are read: text, flag, number, date, lists, addresses, enumerations.

Each takes the reading (for notes), the platform's key and the value, which is never ``null``, and gives the value or None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from .addresses import AddressList, parse_addresses
from .fields import Reader, Reading, clean, elements, guard, in_braces, text_of, unwrap
from .kinds import recognition
from .refusing import shown

_DATE = re.compile(r"/Date\((-?\d{1,16})([+-]\d{4})?\)/")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_SPAN = re.compile(r"(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")
_BYTES = re.compile(r"\(([\d,.\s]{1,30}) bytes\)")
_COST = re.compile(r"(?i)(?:(?P<type>smtp|x400|[a-z]{2,10}):)?(?P<domain>[^;]*)(?:;(?P<cost>\d{1,3}))?")
_TRUE = {"true", "$true", "1", "yes"}
_FALSE = {"false", "$false", "0", "no"}


def free(reading: Reading, key: str, value: Any) -> str | None:
    """
    Text that people write, so that nothing is read into it: names, comments, subjects.
    """
    found = text_of(value)
    if found is None:
        reading.note(key, "not_text", value)
    return found


def text(reading: Reading, key: str, value: Any) -> str | None:
    """
    Text that the platform writes; a number is its digits, an object its telling key.

    Raises:
        Refused: Only the type's name is left of an object.
    """
    found = text_of(value)
    if found is None:
        reading.note(key, "not_text", value)
        return None
    if not isinstance(value, dict):
        guard(reading, key, found)
    return found


def flag(reading: Reading, key: str, value: Any) -> bool | None:
    """
    True or false, also written as text.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) or value in (0, 1):
        said = str(value).strip().casefold()
        if said in _TRUE:
            return True
        if said in _FALSE:
            return False
    reading.note(key, "not_flag", value)
    return None


def number(reading: Reading, key: str, value: Any) -> int | None:
    """
    A whole number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", value, re.ASCII):
        return int(value)
    reading.note(key, "not_number", value)
    return None


def size(reading: Reading, key: str, value: Any) -> int | None:
    """
    A size in bytes: ``36 MB (37,748,736 bytes)``. ``Unlimited`` is None without a note.
    """
    if isinstance(value, str):
        match = _BYTES.search(value[:200])
        if match:
            return int(re.sub(r"\D", "", match.group(1)) or "0")
        if value.strip().casefold() == "unlimited":
            return None
    return number(reading, key, value)


def seconds(reading: Reading, key: str, value: Any) -> float | None:
    """
    A time span in seconds: ``00:00:05``, ``1.00:00:00`` or an object with ``TotalSeconds``.
    """
    if isinstance(value, dict):
        total = value.get("TotalSeconds")
        if isinstance(total, int | float) and not isinstance(total, bool):
            return float(total)
    elif isinstance(value, str):
        match = _SPAN.fullmatch(value.strip()[:60])
        if match:
            days, hours, minutes, rest = (int(part or 0) for part in match.groups())
            return float(((days * 24 + hours) * 60 + minutes) * 60 + rest)
    reading.note(key, "not_number", value)
    return None


def moment(reading: Reading, key: str, value: Any) -> datetime | None:
    """
    A time in UTC: ``/Date(ms)/`` of PowerShell 5, ISO 8601 of PowerShell 7. Without a time zone it is noted and not used, unless the
    key says that it is UTC.
    """
    return _moment(reading, key, value, assume_utc="utc" in key.casefold() or key == "Received")


def day(reading: Reading, key: str, value: Any) -> datetime | None:
    """
    The same where the day is what counts: a time without a zone is read as UTC, and noted.
    """
    found = _moment(Reading(), key, value, assume_utc=False)
    if found is not None:
        return found
    found = _moment(reading, key, value, assume_utc=True)
    if found is not None:
        reading.note(key, "zone_assumed", value)
    return found


def _moment(reading: Reading, key: str, value: Any, *, assume_utc: bool) -> datetime | None:
    said = text_of(value)
    try:
        match = _DATE.fullmatch(said.strip()) if said else None
        if match:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match.group(1)))
        iso = _ISO.fullmatch(said.strip()) if said else None
        if iso:
            zone = iso.group(8)
            if zone is None and not assume_utc:
                reading.note(key, "no_zone", value)
                return None
            year, month, date, hour, minute, second = (int(part or 0) for part in iso.groups()[:6])
            fraction = int((iso.group(7) or "")[:6].ljust(6, "0"))
            return datetime(year, month, date, hour, minute, second, fraction, tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    reading.note(key, "not_date", value)
    return None


def _zone(said: str | None) -> timezone:
    if said is None or said.upper() in ("Z", "UTC"):
        return UTC
    offset = timedelta(hours=int(said[1:3]), minutes=int(said[-2:]))
    return timezone(-offset if said[0] == "-" else offset)


def texts(reading: Reading, key: str, value: Any) -> tuple[str, ...] | None:
    """
    A list of texts without separators in them; one text is split at commas, semicolons and white space.
    """
    found = elements(reading, key, value)
    if found is None:
        return None
    if isinstance(value, list):
        return tuple(found)
    return tuple(part for item in found for part in re.split(r"[,;\s]+", in_braces(item) or item) if part)


def names(reading: Reading, key: str, value: Any) -> tuple[str, ...] | None:
    """
    A list of texts that may hold spaces; one text is split at commas and semicolons only.
    """
    found = elements(reading, key, value)
    if found is None:
        return None
    if isinstance(value, list):
        return tuple(found)
    return tuple(part.strip() for item in found for part in re.split(r"[,;]", in_braces(item) or item) if part.strip())


def addresses(reading: Reading, key: str, value: Any) -> AddressList | None:
    """
    A list of addresses and ranges. ``{::-ffff:…, 0.0.0.0-255.255.255.255}`` within one element is several.
    """
    found = elements(reading, key, value)
    if found is None:
        return None
    split: list[str] = []
    for item in found:
        inner = in_braces(item)
        if inner is None and isinstance(value, list):
            split.append(item)
        else:
            split.extend(part for part in re.split(r"\s*[,;]\s*|\s+(?!-)(?<!-\s)", (inner or item).strip()) if part)
    made = parse_addresses(split)
    for entry in made.unread:
        reading.note(key, entry.problem, entry.text)
    return made


@dataclass(frozen=True, slots=True)
class AddressSpace:
    """
    A domain of a connector.

    Args:
        text: As exported, for example ``smtp:*;1``.
        domain: ``*``, ``*.alder.example`` or ``alder.example``, lower case.
        cost: None where none stands there.
    """

    text: str
    domain: str
    cost: int | None = None


def address_spaces(reading: Reading, key: str, value: Any) -> tuple[AddressSpace, ...] | None:
    """
    Domains of a connector: ``*``, ``smtp:*;1``, several of them in one text too.
    """
    found = elements(reading, key, value)
    if found is None:
        return None
    made = []
    for item in found:
        for part in re.split(r"[,\s]+|;(?!\d{1,3}(?:[;,\s]|$))", in_braces(item) or item):
            match = _COST.fullmatch(part)
            if part and match and match.group("domain"):
                cost = match.group("cost")
                made.append(AddressSpace(part, match.group("domain").lower().rstrip("."), int(cost) if cost else None))
            elif part:
                reading.note(key, "not_domain", part)
    return tuple(made)


def bindings(reading: Reading, key: str, value: Any) -> tuple[str, ...] | None:
    """
    Endpoints ``0.0.0.0:25``; an endpoint object gives its port, and ``*`` where its address is not written out.
    """
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and isinstance(item.get("Port"), int):
            inner = item.get("Address")
            address = inner.get("IPAddressToString", "*") if isinstance(inner, dict) else inner
            found.append(f"{shown(address) if isinstance(address, str) else '*'}:{item['Port']}")
        else:
            found.extend(texts(reading, key, item) or () if item is not None else ())
    return tuple(found)


def domain(reading: Reading, key: str, value: Any) -> str | None:
    """
    A domain name as the export spells it, lower case, no final dot.
    """
    found = text(reading, key, value)
    return found.strip().lower().rstrip(".") if found is not None else None


def choice(enumeration: str) -> Reader:
    """
    A reader for one value of an enumeration: its text, or its number where the numbers are known.
    """

    def read(reading: Reading, key: str, value: Any) -> str | None:
        value = unwrap(value)
        if isinstance(value, str) and not value.strip().isdecimal():
            return clean(value.strip())
        found = number(Reading(), key, value)
        known = recognition().enumerations[enumeration].get(found) if found is not None else None
        if known is None:
            reading.note(key, "not_known", value)
        return known

    return read


def plain_choice(reading: Reading, key: str, value: Any) -> str | None:
    """
    One value of an enumeration whose numbers are not known: text, and a number is noted.
    """
    if isinstance(value, str) and not value.strip().isdecimal():
        return clean(value.strip())
    reading.note(key, "not_known", value)
    return None


def flags(enumeration: str) -> Reader:
    """
    A reader for a set of values: a list, ``AnonymousUsers, ExchangeServers``, or the sum of their bits.
    """

    def read(reading: Reading, key: str, value: Any) -> frozenset[str] | None:
        bits = number(Reading(), key, value)
        if bits is not None:
            known = recognition().flags[enumeration]
            if bits < 0 or bits & ~sum(known):
                reading.note(key, "not_known", value)
                return None
            return frozenset(name for bit, name in known.items() if bits & bit)
        found = texts(reading, key, value)
        return frozenset(name for name in found if name.casefold() != "none") if found is not None else None

    return read
