"""
Where in the text of an environment file each value stands, so that one can be changed and all else stays as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .yaml_text import events, unmarked

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_BLOCKS = ("|", ">")


class Kind(StrEnum):
    """
    What a node is.
    """

    SCALAR = "scalar"
    MAP = "map"
    LIST = "list"


@dataclass(slots=True)
class Node:
    """
    A value as it stands in the text.

    Args:
        kind: What it is.
        start: Index of its first character.
        end: Index behind its last character; of lists and maps without brackets, behind their last entry.
        stop: Index at which the parser was when it ended: comments behind the last entry of the file lie between `end` and this.
        flow: It stands in brackets.
        style: Of a scalar: its quote or block sign, or None.
        column: Of a list or map without brackets: the column of its entries.
        entries: Of a list or map.
    """

    kind: Kind
    start: int
    end: int
    stop: int
    flow: bool = False
    style: str | None = None
    column: int = 0
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """
        True for text behind ``|`` or ``>``.
        """
        return self.style in _BLOCKS


@dataclass(slots=True)
class Entry:
    """
    One entry of a list or map.

    Args:
        start: Index of the key or of the dash; in a list in brackets, of the value.
        mark: Index of the colon or the dash; -1 where there is none.
        key: Of an entry of a map.
        node: Its value.
        explicit: Its key stands behind a ``?``.
    """

    start: int
    mark: int
    key: str | None
    node: Node
    explicit: bool = False


class Places:
    """
    The values of one text.

    Args:
        text: What `yaml_text.read_yaml` takes.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        signs = list(unmarked(text))
        self._dashes = [index for name, index in signs if name == "BlockEntryToken"]
        self._colons = [index for name, index in signs if name == "ValueToken"]
        self._questions = {index for name, index in signs if name == "KeyToken" and text.startswith("?", index)}
        self.root = self._document()

    def line_start(self, index: int) -> int:
        """
        Where the line of an index begins.
        """
        return max(self.text.rfind(sign, 0, index) for sign in "\n\r\x85\u2028\u2029") + 1

    def line_end(self, index: int) -> int:
        """
        Where the next line begins.
        """
        found = _LINE_END.search(self.text, index)
        return found.end() if found else len(self.text)

    def rest_of_line(self, index: int) -> str:
        """
        What stands behind an index, without the line's end.
        """
        found = _LINE_END.search(self.text, index)
        return self.text[index : found.start() if found else len(self.text)]

    def body_end(self, node: Node) -> int:
        """
        Where the line behind the last one of a value begins.
        """
        while node.entries and not node.flow:
            node = node.entries[-1].node
        ended = node.is_block and node.end > 0 and self.text[node.end - 1] in "\n\r"
        return node.end if ended else self.line_end(node.end)

    def keeps_blank_lines(self, node: Node) -> bool:
        """
        True where blank lines behind a value are part of it.
        """
        while node.entries and not node.flow:
            node = node.entries[-1].node
        return node.is_block and "+" in self.rest_of_line(node.start).split("#")[0]

    def _document(self) -> Node | None:
        found = events(self.text)
        for event in found:
            if type(event).__name__ in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
                return self._node(event, found)
        return None

    def _node(self, event: Any, rest: Iterator[Any]) -> Node:
        start, stop = event.start_mark.index, event.end_mark.index
        name = type(event).__name__
        if name == "ScalarEvent":
            return Node(Kind.SCALAR, start, self._tight(start, stop, event.style), stop, style=event.style)
        kind = Kind.MAP if name == "MappingStartEvent" else Kind.LIST
        node = Node(kind, start, start, stop, flow=bool(event.flow_style), column=event.start_mark.column)
        for inner in rest:
            if type(inner).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                node.stop = inner.end_mark.index
                break
            node.entries.append(self._pair(inner, rest) if kind is Kind.MAP else self._item(inner, rest, node))
        node.end = node.stop if node.flow or not node.entries else node.entries[-1].node.end
        return node

    def _pair(self, key: Any, rest: Iterator[Any]) -> Entry:
        start, end = key.start_mark.index, key.end_mark.index
        node = self._node(next(rest), rest)
        position = bisect_left(self._colons, end)
        mark = self._colons[position] if position < len(self._colons) and self._colons[position] <= node.start else -1
        explicit = start > 0 and len(self.text[:start].rstrip()) - 1 in self._questions
        return Entry(start, mark, key.value, self._placed(node, mark, end), explicit)

    def _item(self, event: Any, rest: Iterator[Any], parent: Node) -> Entry:
        node = self._node(event, rest)
        if parent.flow:
            return Entry(node.start, -1, None, node)
        mark = self._dashes[bisect_left(self._dashes, max(node.start, 1)) - 1]
        return Entry(mark, mark, None, self._placed(node, mark, mark + 1))

    @staticmethod
    def _placed(node: Node, mark: int, otherwise: int) -> Node:
        """
        The parser notes a value that is not there where the next one begins; it belongs behind its colon or dash.
        """
        if node.kind is Kind.SCALAR and node.start == node.stop:
            node.start = node.end = mark + 1 if mark >= 0 else otherwise
        return node

    def _tight(self, start: int, stop: int, style: str | None) -> int:
        if style not in _BLOCKS:
            return stop
        raw = self.text[start:stop]
        header = self.rest_of_line(start)
        return stop if "+" in header.split("#")[0] else start + max(len(raw.rstrip()), len(header))
