"""
YAML read as text: no scalar is taken for a number, a date or a truth value before its key says so.

Only what an environment file needs is read: one document, maps, lists and scalars. Aliases, anchors, tags, duplicate keys and unreasonable
sizes are refused with the line they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .refusal import Refusal, Word

LARGEST_FILE = 1 << 20
"""
Bytes of an environment file.
"""
DEEPEST = 8
"""
How deep maps and lists may be nested.
"""
MOST_VALUES = 20_000
"""
How many scalars, lists and maps a file may have.
"""
_ENDLESS_TAG = re.compile(r"![^\s]{512}")  # the parser takes the square of its length in time
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,17})?")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TRUTHS = frozenset(
    {
        "send_test_message",
        "outbound_via_gateway",
        "internal_route",
        "allow_private",
        "contacts.emergency",
        "present_gateway.locked",
        "senders.tls",
        "gateway_options.require_tls",
        "gateway_options.reject_all",
        "gateway_options.detect_external_ip",
    }
)
_NUMBERS = frozenset({"inbound_port", "timeout", "time_limit"})


def read_yaml(content: bytes) -> dict[str, Any]:
    """
    Read a file's bytes.

    Returns:
        A tree of dicts, lists, texts and None (a plain ``null``, ``~`` or nothing).

    Raises:
        Refusal: It is no such file; the message has the line.
    """
    text = decoded(content)
    endless = _ENDLESS_TAG.search(text)
    if endless:
        raise Refusal("yaml_tag", line=text.count("\n", 0, endless.start()) + 1)
    builder = _Builder()
    for event in events(text):
        builder.take(event)
    if builder.root is None or builder.root == {}:
        raise Refusal("file_empty")
    if not isinstance(builder.root, dict):
        raise Refusal("yaml_not_map", found=Word("list" if isinstance(builder.root, list) else "text"))
    return builder.root


def decoded(content: bytes) -> str:
    """
    A file's text, without a byte order mark.

    Raises:
        Refusal: It is not UTF-8.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal("file_utf16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("file_not_utf8", position=error.start) from None


def events(text: str) -> Iterator[Any]:
    """
    What the parser makes of a text, piece by piece.

    Raises:
        Refusal: It is not YAML; the message has the line.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  # a notebook run by papermill has no file to read
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415  # only a file that is wrong needs them
    from ruamel.yaml.reader import ReaderError  # noqa: PLC0415  # only a file that is wrong needs them

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except ReaderError as error:
        raise Refusal("yaml_unprintable", position=error.position + 1, character=_character(error.character)) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(str(error.problem or error.context or "not understood").split())[:120]
        if mark is None:
            raise Refusal("yaml_somewhere", reason=reason) from None
        raise Refusal("yaml", line=mark.line + 1, column=mark.column + 1, reason=reason) from None
    except Exception as error:  # noqa: BLE001  # a parser's own fault on hostile bytes is the file's fault to the user
        raise Refusal("yaml_somewhere", reason=type(error).__name__) from None


def unmarked(text: str) -> Iterator[tuple[str, int]]:
    """
    The dashes, colons and question marks of a text that `events` takes, which tells of no place for them: kind and index.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  # only who saves a file needs it

    for token in YAML(typ="safe", pure=True).scan(text):
        yield type(token).__name__, token.start_mark.index


def _character(found: Any) -> str:
    return chr(found) if isinstance(found, int) else str(found)


@dataclass(slots=True)
class _Open:
    """
    A map or list that is being read, with the lines of its keys.
    """

    into: dict[str, Any] | list[Any]
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)


class _Builder:
    """
    Makes a tree of parser events, without recursion.
    """

    def __init__(self) -> None:
        self.root: Any = None
        self.begun = False
        self._stack: list[_Open] = []
        self._values = 0

    def take(self, event: Any) -> None:
        """
        Take the next event.
        """
        kind = type(event).__name__
        line = event.start_mark.line + 1 if event.start_mark else 0
        if kind == "DocumentStartEvent":
            if self.begun:
                raise Refusal("yaml_documents", line=line)
            self.begun = True
        elif kind == "AliasEvent" or getattr(event, "anchor", None):
            raise Refusal("yaml_alias", line=line)
        elif kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            self._value(event, kind, line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()

    def _value(self, event: Any, kind: str, line: int) -> None:
        self._values += 1
        if event.tag is not None:
            raise Refusal("yaml_tag", line=line)
        if self._values > MOST_VALUES:
            raise Refusal("yaml_many", line=line, limit=MOST_VALUES)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.into, dict) and top.key is None:
            self._key(top, event, kind, line)
            return
        made: Any
        if kind == "ScalarEvent":
            made = None if not event.style and event.value in _NULLS else event.value
        else:
            made = {} if kind == "MappingStartEvent" else []
        if top is None:
            self.root = made
        elif isinstance(top.into, dict):
            top.into[str(top.key)] = made
            top.key = None
        else:
            top.into.append(made)
        if kind != "ScalarEvent":
            if len(self._stack) >= DEEPEST:
                raise Refusal("yaml_deep", line=line, limit=DEEPEST)
            self._stack.append(_Open(made))

    def _key(self, top: _Open, event: Any, kind: str, line: int) -> None:
        if kind != "ScalarEvent" or (not event.style and event.value == ""):
            raise Refusal("yaml_key", line=line)
        if event.value in top.lines:
            raise Refusal("yaml_duplicate", line=line, name=event.value[:80], first=top.lines[event.value])
        top.lines[event.value] = line
        top.key = event.value


def typed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """
    The same tree with numbers and truth values where the key is one of those and the text is well formed. All else stays text.
    """
    return {key: _typed(key, value) for key, value in tree.items()}


def _typed(where: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(f"{where}.{key}", item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(where, item) for item in value]
    if isinstance(value, str) and where in _TRUTHS:
        return _WORDS.get(value.casefold(), value)
    if isinstance(value, str) and where in _NUMBERS and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value
