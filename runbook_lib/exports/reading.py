"""
From the bytes of one file to an `Export`. Files are recognised by what they hold, never by their name; nothing is guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from ..errors import ExportError
from ..knowledge.text import Catalogue, visible
from .aggregate import read_report
from .decoding import GZIP, LARGEST, ZIP, Text, decode, other_format, unpack
from .documents import load_documents
from .export import Export, ExportedObject, Section
from .fields import FieldProblem, Reading
from .google import json_column, policies_of, policies_of_table
from .kinds import Kind
from .messages import looks_like_message, read_message
from .objects import as_objects, failed_sections, keys_shown, kind_of, named_sections, section, sections_of
from .readers import moment
from .refusing import Refused, shown
from .tables import Table, load_table
from .vantage import is_vantage, read_vantage

LARGEST_KEPT = 262144
"""
Bytes of a file that are kept as evidence in a result.
"""
_OF_PEOPLE = frozenset(
    {
        Kind.RECIPIENTS,
        Kind.GOOGLE_USERS,
        Kind.GOOGLE_GROUPS,
        Kind.GOOGLE_ALIASES,
        Kind.GATEWAY_ADDRESSES,
        Kind.MESSAGE_TRACE,
        Kind.MESSAGE,
        Kind.AGGREGATE_REPORTS,
    }
)
_LISTING = re.compile(r"\s*\w[\w ]{0,60}? +: ", re.ASCII)
_EXPORTED_AT = ("timestamp_zulu", "exported_at")
_SELF_EXPLAINING = frozenset(
    [
        *(
            "lost_lists",
            "truncated",
            "json_cut_off",
            "json_column",
            "listing",
            "clixml",
            "spreadsheet",
            "section_damaged",
            "section_of_other_kind",
        ),
        *("too_large", "packed_too_large", "bomb", "locked_archive", "damaged_archive", "too_many_parts", "xml_entities"),
        *("header_too_large", "other_vantage", "damaged_vantage"),
    ]
)
"""
Causes whose text already says what to do; the list of everything that is accepted would be in the way.
"""


def read_export(name: str, content: bytes, texts: Catalogue | None = None) -> Export:
    """
    Read one file.

    Args:
        name: The file, as errors and findings name it; nothing is read from it.
        content: Its bytes.
        texts: The words of an error; without it in `own_language`.

    Raises:
        ExportError: It is none of the exports that are understood, or was damaged; the text says what was recognised and what is accepted.
    """
    reading = Reading()
    try:
        sections, exported_at, kind = _read(content, reading)
    except Refused as refused:
        raise _error(name, refused, texts or Catalogue()) from refused
    digest = hashlib.sha256(content).hexdigest()
    return Export(
        name, kind, digest, sections, exported_at, tuple(reading.problems), _kept(content, {section.kind for section in sections})
    )


def _kept(content: bytes, kinds: AbstractSet[Kind]) -> str:
    """
    The text of a file of configuration. Lists of people, messages, packed and large files are not kept: a report is passed on.
    """
    if kinds & _OF_PEOPLE or len(content) > LARGEST_KEPT:
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


def _error(name: str, refused: Refused, texts: Catalogue) -> ExportError:
    values: dict[str, Any] = dict(refused.values)
    recognised = ""
    if refused.cause == "other":
        problem = texts.text(f"exports.other.{values['other']}")
        recognised = texts.text("exports.recognised_keys", keys=values["keys"])
    elif refused.cause == "ambiguous":
        titles = [texts.text(f"exports.kind.{kind}") for kind in values["kinds"]]
        problem = texts.text("exports.ambiguous", kinds=titles)
        recognised = texts.text("exports.recognised_keys", keys=values["keys"])
    else:
        problem = texts.text(f"exports.{refused.cause}", **values)
    accepted = "" if refused.cause in _SELF_EXPLAINING else texts.text("exports.accepted")
    return ExportError(visible(name), refused.cause, problem, recognised, accepted)


_Found = tuple[tuple[Section, ...], datetime | None, Kind]


def _read(content: bytes, reading: Reading) -> _Found:
    if len(content) > LARGEST:
        raise Refused("too_large", limit=LARGEST // 1024 // 1024)
    if content.startswith((GZIP, *ZIP)):
        return _one(Kind.AGGREGATE_REPORTS, *(_packed_report(part, reading) for part in unpack(content)))
    format_name = other_format(content)
    if format_name:
        raise Refused("other_format", format=format_name)
    if looks_like_message(content):
        return _one(Kind.MESSAGE, read_message(content))
    decoded = decode(content)
    start = decoded.text.lstrip()[:1]
    if not start:
        raise Refused("empty")
    if start == "<":
        return _one(Kind.AGGREGATE_REPORTS, read_report(content.lstrip(), reading))
    if decoded.replaced:
        reading.problems.append(FieldProblem("", "", "not_utf8"))
    if start in "{[" or decoded.text.strip() == "null":
        return _documents(load_documents(decoded.text), reading)
    return _table(decoded, reading)


def _one(kind: Kind, *objects: ExportedObject) -> _Found:
    return (Section(kind, objects),), None, kind


def _packed_report(content: bytes, reading: Reading) -> ExportedObject:
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        raise Refused("packed_other")
    return read_report(content.lstrip(b" \t\r\n"), reading)


def _documents(documents: list[Any], reading: Reading) -> _Found:
    sections: dict[Kind, list[ExportedObject]] = {}
    exported_at: datetime | None = None
    for document in documents:
        found, when = _document(document, reading)
        exported_at = exported_at or when
        for one in found:
            sections.setdefault(one.kind, []).extend(one.objects)
    made = tuple(Section(kind, tuple(objects)) for kind, objects in sections.items())
    if not made:
        return (), exported_at, Kind.NOTHING
    return made, exported_at, made[0].kind if len(made) == 1 else Kind.SEVERAL


def _document(document: Any, reading: Reading) -> tuple[tuple[Section, ...], datetime | None]:
    if is_vantage(document):
        vantage = read_vantage(document, reading)
        return (Section(Kind.VANTAGE, (vantage,)),), vantage.finished
    policies = policies_of(document, reading)
    if policies is not None:
        return (Section(Kind.GOOGLE_POLICIES, policies),), None
    if isinstance(document, dict):
        named = named_sections(document)
        if named is not None:
            return _named(document, named, reading), _exported_at(document)
    objects = as_objects(document)
    if objects is None:
        raise Refused("json_of_no_objects", value=shown(document if not isinstance(document, list) else document[0] if document else ""))
    return sections_of(objects, reading), None


def _named(document: Mapping[str, Any], named: Mapping[Kind, tuple[str, Any]], reading: Reading) -> tuple[Section, ...]:
    failed = failed_sections(document)
    found = []
    for kind, (name, value) in named.items():
        objects = as_objects(value)
        if kind in failed and not objects:
            reading.subject = name
            reading.note(name, "cmdlet_failed")
            continue
        if objects is None:
            raise Refused("section_damaged", section=shown(name), value=shown(value))
        for shape in dict.fromkeys(tuple(item) for item in objects):
            if _kind_of_shape(shape) not in (None, kind):
                raise Refused("section_of_other_kind", section=shown(name), keys=keys_shown(shape))
        found.append(section(kind, objects, reading))
    return tuple(found)


def _kind_of_shape(keys: tuple[str, ...]) -> Kind | None:
    try:
        return kind_of(keys)
    except Refused:
        return None


def _exported_at(document: Mapping[str, Any]) -> datetime | None:
    for key in _EXPORTED_AT:
        value = document.get(key)
        if isinstance(value, str):
            return moment(Reading(), key, value)
    return None


def _table(decoded: Text, reading: Reading) -> _Found:
    reading.csv = True
    first = decoded.text.lstrip("\r\n").partition("\n")[0]
    if _LISTING.match(first):
        raise Refused("listing")
    table = load_table(decoded.text)
    if json_column(table):
        return _one(Kind.GOOGLE_POLICIES, *_gam_json(decoded.text, table, reading))
    if table.ragged:
        reading.problems.append(FieldProblem("", "", "ragged", ", ".join(map(str, table.ragged))))
    policies = policies_of_table(table, reading)
    if policies is not None:
        return _one(Kind.GOOGLE_POLICIES, *policies)
    kind = _table_kind(table, first)
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    one = section(kind, rows, reading)
    return (one,), None, kind


def _table_kind(table: Table, first: str) -> Kind:
    try:
        return kind_of(table.columns)
    except Refused as refused:
        if refused.cause == "unknown_object" and len(table.columns) == 1:
            raise Refused("not_recognised", start=shown(first)) from refused
        if refused.cause == "unknown_object":
            raise Refused("unknown_table", keys=keys_shown(table.columns)) from refused
        raise


def _gam_json(text: str, table: Table, reading: Reading) -> tuple[ExportedObject, ...]:
    """
    The policies of GAM's JSON column; the quote character is what makes its cells JSON.
    """
    for one in (table, None):
        try:
            found = policies_of_table(one if one is not None else load_table(text, quote="'"), reading)
        except Refused:
            continue
        if found is not None:
            return found
    raise Refused("json_column")
