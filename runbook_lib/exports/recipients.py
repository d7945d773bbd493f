"""
Who can receive mail: recipients of the platform, the gateway's addresses, and rows of a message trace.
"""

# ruff: noqa: RUF009  # column() is dataclasses.field()

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from .fields import Reading, Record, build, clean, column, elements, in_braces, unwrap
from .kinds import Kind
from .readers import free, moment, number

_SMTP = re.compile(r"(?i)(?<![\w:])smtp:([^\s,;|{}\"]{1,320}@[^\s,;|{}\"]+)")
_MAILBOX = re.compile(r"(?<![^\s@,;|{}\":])[^\s@,;|{}\":]+@[^\s@,;|{}\":]+")
"""
From the beginning of a word only, so that a long one costs its length once.
"""
_NUMBERED = re.compile(r"(.+)\.(\d{1,4})")
_PRIMARY = ("PrimarySmtpAddress", "primaryEmail", "Email Address [Required]", "Group Email [Required]", "Group Email", "mail")
_ADDRESSES = ("EmailAddresses", "proxyAddresses")
_GATEWAY = ("Email Address", "Internal Address", "email", "Address")


class RecipientSource(StrEnum):
    """
    Whose list an address is from.
    """

    EXCHANGE = "exchange"
    GOOGLE_USER = "google_user"
    GOOGLE_GROUP = "google_group"
    GOOGLE_ALIAS = "google_alias"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    One recipient with all its SMTP addresses.

    Args:
        address: The primary address as exported.
        addresses: All of them, the primary first, without repetition; only SMTP ones.
        source: Whose list it is from.
        kind: The platform's word for it (``UserMailbox``, ``SharedMailbox``), ``""`` where it says none.
        name: For people.
        target: For an alias the address it leads to, else ``""``.
        aliases_told: The export has a column for further addresses.
    """

    address: str
    addresses: tuple[str, ...]
    source: RecipientSource
    kind: str = ""
    name: str = ""
    target: str = ""
    aliases_told: bool = True


@dataclass(frozen=True, slots=True)
class TraceRow:
    """
    One row of a message trace: one message for one recipient.

    Args:
        received: When the platform took it, UTC.
        status: For example ``Delivered``.
        from_ip: The address that delivered it, ``""`` for mail from inside.
        connector: Name or id of the connector, None where the export does not say.
    """

    received: datetime | None = column(moment, "Received", "origin_timestamp_utc", "date_time_utc", "Date (UTC)")
    sender: str = column(free, "SenderAddress", "Sender", default="", empty="")
    recipient: str = column(free, "RecipientAddress", "Recipient", "recipient_status", default="", empty="")
    subject: str | None = column(free, "Subject", "message_subject", empty="")
    status: str | None = column(free, "Status", empty="")
    from_ip: str | None = column(free, "FromIP", "original_client_ip", "client_ip", empty="")
    to_ip: str | None = column(free, "ToIP", "server_ip", empty="")
    size: int | None = column(number, "Size", "total_bytes")
    message_id: str | None = column(free, "MessageId", empty="")
    message_trace_id: str | None = column(free, "MessageTraceId", "network_message_id", empty="")
    connector: str | None = column(free, "ConnectorId", "Connector", empty="")
    direction: str | None = column(free, "Directionality", "Direction", empty="")


_SOURCES = {
    Kind.RECIPIENTS: RecipientSource.EXCHANGE,
    Kind.GOOGLE_USERS: RecipientSource.GOOGLE_USER,
    Kind.GOOGLE_GROUPS: RecipientSource.GOOGLE_GROUP,
    Kind.GOOGLE_ALIASES: RecipientSource.GOOGLE_ALIAS,
    Kind.GATEWAY_ADDRESSES: RecipientSource.GATEWAY,
}


def trace_rows(record: Record, reading: Reading) -> Iterator[TraceRow]:
    """
    The rows of one row: a downloaded report has all recipients of a message in one cell, ``a@alder.example##Receive, Deliver;b@…``.
    """
    row = build(TraceRow, record, reading)
    if "##" not in row.recipient:
        yield row
        return
    for part in row.recipient.split(";"):
        address, _, status = part.partition("##")
        if address.strip():
            yield replace(row, recipient=address.strip(), status=row.status or status.strip())


def recipient(kind: Kind, record: Record, reading: Reading) -> Recipient | None:
    """
    One recipient from an object or row.

    Returns:
        None where it has no SMTP address; that is noted unless the row is blank.
    """
    source = _SOURCES[kind]
    reading.subject = _plain(record, "Name", "DisplayName", "Identity", *_PRIMARY)
    if source is RecipientSource.GOOGLE_ALIAS:
        primary, further, told = _plain(record, "Alias", "NonEditableAlias"), [], True
    elif source is RecipientSource.GATEWAY:
        primary, further, told = _plain(record, *_GATEWAY), _listed(record, reading, "Aliases"), True
    elif source is RecipientSource.EXCHANGE:
        primary, further, told = _exchange(record, reading)
    else:
        primary = _plain(record, *_PRIMARY, "email")
        further = [*_listed(record, reading, "aliases"), *_listed(record, reading, "nonEditableAliases")]
        told = any(str(key).casefold().startswith(("aliases", "noneditablealiases")) for key in record)
    found = tuple(dict.fromkeys(address for address in (primary, *further) if _MAILBOX.fullmatch(address)))
    if not found:
        if primary or further:
            reading.note("address", "no_address", primary)
        return None
    return Recipient(
        found[0],
        found,
        source,
        _plain(record, "RecipientTypeDetails", "RecipientType", "Address Type", "TargetType", "Type"),
        _plain(record, "DisplayName", "Name", "Global Name", "name.fullName"),
        _plain(record, "Target") if source is RecipientSource.GOOGLE_ALIAS else "",
        told,
    )


def _exchange(record: Record, reading: Reading) -> tuple[str, list[str], bool]:
    primary = _plain(record, "PrimarySmtpAddress", "WindowsEmailAddress", "mail").removeprefix("SMTP:")
    found = record.find(_ADDRESSES)
    if found is None:
        return primary, [], False
    key, value = found
    value = unwrap(value)
    upper = []
    further = []
    for item in (elements(reading, key, value) or []) if value is not None else []:
        smtp = [(match.group(0), match.group(1)) for match in _SMTP.finditer(item)]
        if not smtp and ":" not in item:
            smtp = [("", address) for address in _MAILBOX.findall(in_braces(item) or item)]
        further += [address for _, address in smtp]
        upper += [address for whole, address in smtp if whole.startswith("SMTP:")]
    return primary or (upper[0] if upper else ""), [*upper, *further], True


def _listed(record: Record, reading: Reading, key: str) -> list[str]:
    """
    A list of a CSV row: in one column, or spread over ``key.0``, ``key.1`` … as GAM does.
    """
    found: list[str] = []
    for column_name in record:
        numbered = _NUMBERED.fullmatch(str(column_name))
        plain = numbered.group(1) if numbered else str(column_name)
        if plain.casefold() != key.casefold():
            continue
        value = unwrap(record.get(str(column_name)))
        for item in (elements(reading, str(column_name), value) or []) if value is not None else []:
            found += _MAILBOX.findall(item)
    return found


def _plain(record: Record, *keys: str) -> str:
    for key in keys:
        value: Any = unwrap(record.get(key))
        if isinstance(value, dict):
            value = value.get("Address") or value.get("address")
        if isinstance(value, str) and value.strip():
            return clean(value.strip())
    return ""
