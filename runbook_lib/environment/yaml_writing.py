"""
Values as YAML that every reader takes for what they are: ours, and papermill's with its older rules.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_SIGNS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How a file is set.

    Args:
        step: Columns by which a map inside another is set in.
        offset: Columns by which a list is set in below its key: 0 or `step`.
        newline: What ends a line.
    """

    step: int = 2
    offset: int = 2
    newline: str = "\n"

    def written(self, value: Any, column: int, *, in_list: bool = False, quote: str | None = None) -> tuple[str, list[str]]:
        """
        A value behind its colon or dash.

        Args:
            value: As JSON has it.
            column: Where the key or the dash stands.
            in_list: Behind a dash.
            quote: The quotes a text had here before.

        Returns:
            What stands on the same line, and the lines below it.
        """
        if isinstance(value, Mapping | list | tuple) and value:
            inner = column + (2 if in_list else self.offset if isinstance(value, list | tuple) else self.step)
            lines = self.lines(value, inner)
            return (lines[0][inner:], lines[1:]) if in_list else ("", lines)
        if isinstance(value, str) and _fits_block(value):
            inset = " " * (column + self.step)
            sign = "|" if value.endswith("\n") else "|-"
            return sign, [inset + line if line else "" for line in value.removesuffix("\n").split("\n")]
        return bracketed(value, flow=False, quote=quote), []

    def lines(self, value: Mapping[str, Any] | Sequence[Any], column: int) -> list[str]:
        """
        The entries of a map or list, one below the other.
        """
        made = []
        is_map = isinstance(value, Mapping)
        pairs = (
            [(f"{scalar(key)}:", item) for key, item in value.items()] if isinstance(value, Mapping) else [("-", item) for item in value]
        )
        for sign, item in pairs:
            inline, below = self.written(item, column, in_list=not is_map)
            made.append(f"{' ' * column}{sign} {inline}".rstrip(" "))
            made += below
        return made


def bracketed(value: Any, *, flow: bool = True, quote: str | None = None) -> str:
    """
    A value on one line, lists and maps in brackets.

    Args:
        value: As JSON has it.
        flow: It stands in brackets itself, so that commas and brackets in a text count.
        quote: The quotes a text had here before.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key, flow=True)}: {bracketed(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(bracketed(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value, flow=flow, quote=quote) if isinstance(value, str) else str(value)


def scalar(text: str, *, flow: bool = False, quote: str | None = None) -> str:
    """
    A text on one line: as it is where every reader takes it for this text, else in quotes.
    """
    if quote == '"' or any(map(_is_odd, text)):
        return '"' + "".join(_escaped(character) for character in text) + '"'
    return text if quote != "'" and _is_plain(text, flow=flow) else "'" + text.replace("'", "''") + "'"


def _is_plain(text: str, *, flow: bool) -> bool:
    if not text or text != text.strip(" ") or text[0] in _SIGNS or text.startswith("..."):
        return False
    if ": " in text or " #" in text or text.endswith(":") or (flow and any(sign in text for sign in ",[]{}:")):
        return False
    return not any(pattern.match(text) for pattern in _other_types())


def _is_odd(character: str) -> bool:
    """
    A character that cannot be seen, or is taken for another: control and format characters, and every space but the ordinary one.
    """
    return character != " " and not ("!" <= character <= "~") and unicodedata.category(character)[0] in "CZ"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if not _is_odd(character):
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _fits_block(text: str) -> bool:
    """
    True for lines that stay what they are behind ``|`` in every editor: nothing invisible, no space at an end, no blank line outside.
    """
    if "\n" not in text:
        return False
    lines = text.removesuffix("\n").split("\n")
    if not lines[0] or not lines[-1] or lines[0].startswith(" "):
        return False
    return not any(line.endswith(" ") or any(map(_is_odd, line)) for line in lines)


@cache
def _other_types() -> tuple[Any, ...]:
    """
    What YAML 1.1 and 1.2 take for a number, a truth value, a date or nothing.
    """
    from ruamel.yaml.resolver import implicit_resolvers  # noqa: PLC0415  # only who writes a file needs it

    return tuple(pattern for _, _, pattern, _ in implicit_resolvers)
