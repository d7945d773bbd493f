"""
Changing values in the text of an environment file: what does not change stays as it is, character by character.

Each list and map without brackets is taken apart into its entries, each with the comment lines above it, and put together again. So
comments go along with what they stand at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .refusal import Refusal
from .yaml_places import Entry, Kind, Node, Places
from .yaml_writing import Layout, bracketed, scalar

_SAME: Any = object()
"""
The value of an entry that says nothing, and stays.
"""


def edited(text: str, old: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """
    The text with other values.

    Args:
        text: What `yaml_text.read_yaml` takes, or a text without a value.
        old: What is in it, each key by its type; keys that say nothing may be left out and then stay.
        wanted: What is to be in it, in the order in which new keys are appended.

    Raises:
        Refusal: A value stands in a form that is not changed here.
    """
    places = Places(text)
    layout = _layout_of(places)
    editor = _Editor(places, layout)
    root = places.root
    if root is None or not root.entries:
        kept = text if root is None else text[: root.start] + text[root.end :].lstrip()
        return editor.appended(kept, layout.lines(wanted, 0))
    if root.flow:
        return text[: root.start] + editor.in_brackets(root, old, wanted) + text[root.end :]
    return editor.document(root, old, wanted)


def _layout_of(places: Places) -> Layout:
    first = places.rest_of_line(0)
    newline = "\r\n" if places.text[len(first) :].startswith("\r\n") else "\n"
    step: int | None = None
    offset: int | None = None
    stack = [places.root] if places.root else []
    while stack:
        node = stack.pop()
        for entry in node.entries:
            inner = entry.node
            if node.kind is Kind.MAP and not node.flow and not inner.flow and inner.kind is not Kind.SCALAR:
                inset = inner.column - node.column
                step = inset if step is None and inner.kind is Kind.MAP and inset > 0 else step
                offset = inset if offset is None and inner.kind is Kind.LIST else offset
            stack.append(inner)
    return Layout(step or 2, 2 if offset is None else offset, newline)


@dataclass(slots=True)
class _Chunk:
    """
    One entry of a list or map without brackets.

    Args:
        lead: Blank and comment lines above it.
        body: Its lines, without the space in front of the first.
        tail: Comment lines that are set in below it.
        keeps: Blank lines behind it would be part of its value.
    """

    lead: str
    body: str
    tail: str = ""
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class _Editor:
    places: Places
    layout: Layout

    def document(self, root: Node, old: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
        """
        The whole text, new keys at its end.
        """
        text = self.places.text
        keys = {entry.key for entry in root.entries}
        kept = {key: value for key, value in wanted.items() if key in keys}
        new = {key: value for key, value in wanted.items() if key not in keys}
        made = text[: self._begin(root)] + self.entries(root, old, kept, root.stop)
        return self.appended(made, self.layout.lines(new, root.column)) + text[root.stop :]

    def appended(self, text: str, lines: Sequence[str]) -> str:
        """
        A text with further lines.
        """
        if not lines:
            return text
        gap = self.layout.newline if text and not text.endswith(("\n", "\r")) else ""
        return text + gap + self._joined(lines)

    def _joined(self, lines: Sequence[str]) -> str:
        return "".join(line + self.layout.newline for line in lines)

    def entries(self, node: Node, old: Any, wanted: Any, stop: int | None = None) -> str:
        """
        A list or map without brackets, from the beginning of its first line (behind a dash: of its first entry) to the end of its last.

        Args:
            node: Where it stands.
            old: What it is.
            wanted: What it is to be.
            stop: Where the text behind the last entry ends, if that is part of it.
        """
        chunks, after = self._chunks(node, stop)
        order = _order(node, old, wanted)
        stay = {position for position, _, _ in order}
        left = [_dropped(chunks, position) for position in range(len(chunks)) if position not in stay]
        made = []
        for position, key, value in order:
            if position is None:
                made.append(_Chunk("", self._new(key, value, node.column)))
                continue
            chunk, entry = chunks[position], node.entries[position]
            before = old[position] if node.kind is Kind.LIST else old.get(key)
            if value is not _SAME and before != value:
                chunk.body = self._changed(entry, before, value, node.column)
                chunk.keeps = False
                chunk.tail = _set_out(chunk.tail, node.column) if isinstance(value, str) else chunk.tail
            made.append(chunk)
        return self._put_together(made, node) + "".join(left) + after

    def _chunks(self, node: Node, stop: int | None) -> tuple[list[_Chunk], str]:
        """
        Its entries, and what stands behind the last.
        """
        text, made, lead = self.places.text, [], ""
        for position, entry in enumerate(node.entries):
            end = self.places.body_end(entry.node)
            is_last = position + 1 == len(node.entries)
            until = (end if stop is None else stop) if is_last else self.places.line_start(node.entries[position + 1].start)
            gap = text[end:until]
            tail = _tail(gap, node.column)
            made.append(_Chunk(lead, text[entry.start : end], tail, self.places.keeps_blank_lines(entry.node)))
            lead = gap[len(tail) :]
        return made, lead

    def _put_together(self, chunks: Sequence[_Chunk], node: Node) -> str:
        compact = self._is_compact(node)
        made, keeps = "", False
        for chunk in chunks:
            lead = chunk.lead
            while keeps and lead and not lead.splitlines()[0].strip():
                lead = "".join(lead.splitlines(keepends=True)[1:])
            keeps = chunk.keeps
            if compact and not made:
                made = self.appended(chunk.body, lead.splitlines()) + chunk.tail
            else:
                made = self._ended(made) + lead + " " * node.column + chunk.body
                made = (self._ended(made) if chunk.tail else made) + chunk.tail
        return made

    def _ended(self, text: str) -> str:
        return text if not text or text.endswith(("\n", "\r")) else text + self.layout.newline

    def _begin(self, node: Node) -> int:
        return node.start if self._is_compact(node) else self.places.line_start(node.start)

    def _is_compact(self, node: Node) -> bool:
        """
        True where its first entry stands behind a dash.
        """
        return bool(self.places.text[self.places.line_start(node.start) : node.start].strip(" "))

    def _new(self, key: str | None, value: Any, column: int) -> str:
        lines = self.layout.lines([value] if key is None else {key: value}, column)
        return self._joined(lines)[column:]

    def _changed(self, entry: Entry, before: Any, value: Any, column: int) -> str:
        """
        An entry without brackets with another value, to the end of its last line.
        """
        text, inner = self.places.text, entry.node
        if entry.explicit or entry.mark < 0:
            raise Refusal("environment_words.save.form", line=text.count("\n", 0, entry.start) + 1)
        end = self.places.body_end(inner)
        if _is_alike(inner, value) and inner.flow:
            return text[entry.start : inner.start] + self.in_brackets(inner, before, value) + text[inner.end : end]
        if _is_alike(inner, value):
            return text[entry.start : self._begin(inner)] + self.entries(inner, before, value)
        gap = text[entry.mark + 1 : inner.start]
        below_it = "\n" in gap or "\r" in gap
        space = " " if below_it else gap or " "
        in_list = entry.key is None
        # What stands below a dash begins where the dash's own line does.
        inline, below = self.layout.written(value, column + len(space) - 1 if in_list else column, in_list=in_list, quote=inner.style)
        if below_it and inner.kind is Kind.SCALAR and not below and not inner.is_block:
            return text[entry.start : inner.start] + inline + text[inner.end : end]
        if below_it:
            rest = self.places.rest_of_line(entry.mark + 1).rstrip()
        elif inner.is_block:
            rest = _comment(self.places.rest_of_line(inner.start))
        else:
            rest = self.places.rest_of_line(inner.end).rstrip()
        first = text[entry.start : entry.mark + 1] + (space + inline if inline else "") + rest
        return self._joined([first, *below])

    def in_brackets(self, node: Node, old: Any, wanted: Any) -> str:
        """
        A list or map in brackets.
        """
        text, entries = self.places.text, node.entries
        if text[node.start] not in "[{" or any(entry.explicit for entry in entries):
            return bracketed(wanted)
        between = [text[one.node.end : two.start] for one, two in pairwise(entries)]
        usual = between[-1] if between and "#" not in between[-1] else ", "
        made = ""
        for position, key, value in _order(node, old, wanted):
            if position is None:
                piece, gap = (f"{scalar(key, flow=True)}: " if key is not None else "") + bracketed(value), usual
            else:
                entry = entries[position]
                before = old[position] if node.kind is Kind.LIST else old.get(key)
                same = value is _SAME or before == value
                piece = text[entry.start : entry.node.end] if same else self._piece(entry, before, value)
                gap = between[position - 1] if position else usual
            made += (gap if made else "") + piece
        return text[node.start : entries[0].start] + made + text[entries[-1].node.end : node.end]

    def _piece(self, entry: Entry, before: Any, value: Any) -> str:
        text, inner = self.places.text, entry.node
        new = self.in_brackets(inner, before, value) if _is_alike(inner, value) else bracketed(value, quote=inner.style)
        if entry.key is None:
            return new
        if entry.mark < 0:
            return f"{text[entry.start : inner.end]}: {new}"
        return text[entry.start : entry.mark + 1] + (text[entry.mark + 1 : inner.start] or " ") + new


def _is_alike(node: Node, value: Any) -> bool:
    """
    True where a list stays a list or a map a map, and neither is empty.
    """
    kind = Kind.MAP if isinstance(value, Mapping) else Kind.LIST if isinstance(value, list) else Kind.SCALAR
    return bool(node.entries and value) and node.kind is kind


def _order(node: Node, old: Any, wanted: Any) -> list[tuple[int | None, str | None, Any]]:
    """
    The entries there are to be: which one it was (None: it is new), its key, its value.

    A map keeps its order, and what says nothing stays in it. An entry of a list is known again by its text or its name.
    """
    if node.kind is Kind.MAP:
        keys = [entry.key for entry in node.entries]
        stay = [(at, key, wanted.get(key, _SAME)) for at, key in enumerate(keys) if key in wanted or key not in old]
        return [*stay, *((None, key, value) for key, value in wanted.items() if key not in keys)]
    known: dict[str, list[int]] = {}
    for position, item in enumerate(old):
        known.setdefault(_identity(item), []).append(position)
    found = (known.get(_identity(item)) for item in wanted)
    return [(places.pop(0) if places else None, None, item) for places, item in zip(found, wanted, strict=True)]


def _identity(item: Any) -> str:
    return str(item.get("name", item) if isinstance(item, Mapping) else item)


def _dropped(chunks: Sequence[_Chunk], position: int) -> str:
    """
    Take an entry's comments out with it, but for those that may be meant for others.

    The lines right above it are its own, unless the next entry follows without a comment or a blank line: then they may be the heading of
    both. What stands further above is nobody's.

    Returns:
        What is left where there is no next entry.
    """
    lead = chunks[position].lead
    following = chunks[position + 1] if position + 1 < len(chunks) else None
    if following is not None and not following.lead:
        following.lead = lead
        return ""
    lines = lead.splitlines(keepends=True)
    while lines and lines[-1].strip():
        lines.pop()
    left = "".join(lines) if any(line.strip() for line in lines) else ""
    if following is None:
        return left
    following.lead = left + following.lead
    return ""


def _tail(gap: str, column: int) -> str:
    """
    The comment lines right behind an entry that are set in below it.
    """
    kept = 0
    lines = gap.splitlines(keepends=True)
    for count, line in enumerate(lines, 1):
        if line.strip():
            if len(line) - len(line.lstrip(" ")) <= column:
                break
            kept = count
    return "".join(lines[:kept])


def _set_out(tail: str, column: int) -> str:
    """
    Comment lines as far out as the key: further in, they would be part of the text above.
    """
    return "".join(" " * column + line.lstrip(" ") if line.strip() else line for line in tail.splitlines(keepends=True))


def _comment(header: str) -> str:
    """
    The comment behind ``|`` or ``>`` with the space in front of it.
    """
    sign = header.find(" #")
    return header[len(header[:sign].rstrip()) :].rstrip() if sign >= 0 else ""
