"""
Fields that are lists of entries: one row each, rows added and removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import ipywidgets

from ..knowledge.text import Catalogue
from .elements import button, close_deep
from .fields import Field, Say, share
from .lane import on_click

MOST_ROWS = 60
"""
Rows shown as fields; a longer list is edited in the file.
"""


class Row:
    """
    One entry.

    Args:
        parts: Its fields.
        more: Fields that are shown on demand.
        catalogue: The words.
        remove: Called when it is to go.
        turned: Called when fields come or go.
    """

    def __init__(
        self,
        parts: Sequence[Field],
        more: Sequence[Field],
        catalogue: Catalogue,
        *,
        remove: Callable[[Row], None],
        turned: Callable[[], None],
    ) -> None:
        self.parts, self.more = parts, more
        self._turned = turned
        self.original: Any = None
        self.before: dict[str, Any] = {}
        gone = button(catalogue.text("walk.remove"), hint=catalogue.text("walk.remove", "hint"))
        on_click(gone, lambda: remove(self))
        buttons = [gone]
        self._more_box = ipywidgets.HBox([])
        self._more_box.add_class("rb-row-fields")
        if more:
            self._toggle = button(catalogue.text("walk.more"), hint=catalogue.text("walk.more", "hint"))
            on_click(self._toggle, self._turn)
            buttons.insert(0, self._toggle)
        row = ipywidgets.HBox([*(part.widget for part in parts), *buttons])
        row.add_class("rb-row-fields")
        self.widget = ipywidgets.VBox([row, self._more_box])
        self.widget.add_class("rb-row-entry")

    def fill(self, values: Mapping[str, Any], original: Any) -> None:
        """
        Put in an entry; `original` is given back as long as nobody changes it.
        """
        for part in (*self.parts, *self.more):
            part.fill(values)
        self.original, self.before = original, self._map()
        if any(part.read() for part in self.more):
            self._show_more()

    @property
    def shown(self) -> Sequence[Field]:
        """
        The fields that are to be seen.
        """
        return (*self.parts, *self.more) if self._more_box.children else self.parts

    def read(self, plain: str = "") -> Any:
        """
        The entry, None where nothing stands in it.

        Args:
            plain: An entry that has only this key is given as its value alone.
        """
        now = self._map()
        if self.original is not None and now == self.before:
            return self.original
        return now.get(plain) if set(now) == {plain} else now or None

    def _map(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in (*self.parts, *self.more):
            found |= part.read()
        return found

    def reveal(self, name: str) -> None:
        """
        Show a field that is shown on demand.
        """
        if not self._more_box.children and any(part.holds(name) for part in self.more):
            self._turn()

    def _show_more(self) -> None:
        self._more_box.children = tuple(part.widget for part in self.more)

    def _turn(self) -> None:
        if self._more_box.children:
            self._more_box.children = ()
        else:
            self._show_more()
        self._turned()


class RowsField(Field):
    """
    A list of maps, or a map of maps, as rows.

    Args:
        key: Key of the environment.
        catalogue: The words.
        make: The fields of one row, and those shown on demand.
        named_by: Where the environment has a map: the field whose value is the entry's name.
        plain: An entry that has only this key is written as its value alone.
    """

    wide = True
    compound = True

    def __init__(
        self,
        key: str,
        catalogue: Catalogue,
        make: Callable[[], tuple[Sequence[Field], Sequence[Field]]],
        *,
        named_by: str = "",
        plain: str = "",
    ) -> None:
        super().__init__(key, catalogue)
        self._make_row = make
        self._named_by, self._plain = named_by, plain
        self._rows: list[Row] = []
        self._beyond: list[Any] = []
        self._remarks: Sequence[tuple[str, str]] = ()
        self._refusals: Sequence[tuple[str, str]] = ()

    @cached_property
    def control(self) -> ipywidgets.Widget:
        """
        The rows, and the button that adds one.
        """
        add = button(self.catalogue.text("walk.add", self.key if self.key in self.catalogue.fields("walk.add") else "text"))
        on_click(add, lambda: self.guard(self._add))
        self._box = ipywidgets.VBox([])
        made = ipywidgets.VBox([self._box, add])
        self._show_rows()
        self.remark(self._remarks)
        self.refuse(self._refusals)
        return made

    def holds(self, name: str) -> bool:
        """
        True where a name is its own or that of a field of a row.
        """
        parts, more = self._make_row()
        return super().holds(name) or any(part.holds(name) for part in (*parts, *more))

    def reveal(self, name: str) -> None:
        """
        Show a field of the first row, which is made where there is none.
        """
        if not self._rows:
            self._add()
        self._rows[0].reveal(name)

    def read(self) -> dict[str, Any]:
        """
        The entries: those in rows, and those beyond what is shown.
        """
        if "control" not in self.__dict__ or self._read_rows() == self._filled:
            return {} if self._given is None else {self.key: self._given}
        return self._read_rows()

    def _read_rows(self) -> dict[str, Any]:
        plain = "" if self._named_by else self._plain
        entries = [entry for row in self._rows if (entry := row.read(plain)) is not None] + self._beyond
        if self._named_by:
            named: dict[str, Any] = {}
            for entry in entries:
                rest = dict(entry)
                name = str(rest.pop(self._named_by, ""))
                named[name] = rest.get(self._plain, "") if self._plain else rest
            return {self.key: named} if named else {}
        return {self.key: entries} if entries else {}

    def fill(self, values: Mapping[str, Any]) -> None:
        """
        One row for each entry.
        """
        self._given = values.get(self.key)
        if "control" in self.__dict__:
            self._show_rows()

    def own_problems(self) -> list[tuple[str, str]]:
        """
        Two rows of one name, of which only one could be kept.
        """
        if not self._named_by or "control" not in self.__dict__:
            return []
        names = [str(entry.get(self._named_by, "")) for row in self._rows if isinstance(entry := row.read(), dict)]
        twice = next((name for name in names if names.count(name) > 1), None)
        return [] if twice is None else [("", self.catalogue.text("walk.twice", name=twice))]

    def refuse(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say what is wrong beside the field of the row that it is about, as soon as there are rows; of a list that has a row for each entry.
        """
        self._refusals = messages
        super().refuse(self._share(messages, Field.refuse))

    def remark(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say what may not be meant beside the field of the row that it is about, once there are rows.
        """
        self._remarks = messages
        super().remark(self._share(messages, Field.remark) if self._rows else ())

    def _share(self, messages: Sequence[tuple[str, str]], say: Say) -> list[tuple[str, str]]:
        left = list(messages)
        for index, row in enumerate(row for row in self._rows if row.read() is not None):
            own = [] if self._named_by else [(where, said) for where, said in left if where.startswith(f"[{index}]")]
            left = [each for each in left if each not in own]
            inner = [(where.removeprefix(f"[{index}]") or f".{self._plain}", said) for where, said in own]
            left += share((*row.parts, *row.more), inner, say)
        return left

    @property
    def refused(self) -> bool:
        """
        True while something is wrong in a row, or in the whole.
        """
        return super().refused or self._wrong is not None

    @property
    def _wrong(self) -> Field | None:
        return next((part for row in self._rows for part in (*row.parts, *row.more) if part.refused), None)

    def focus(self) -> None:
        """
        Put the cursor into the first field in which something is wrong, else into the first row.
        """
        if not self._rows:
            self._add()
        (self._wrong or self._rows[0].parts[0]).focus()

    def _entries(self) -> list[tuple[dict[str, Any], Any]]:
        given = self._given
        if self._named_by:
            made = []
            for name, entry in given.items() if isinstance(given, Mapping) else ():
                rest = dict(entry) if isinstance(entry, Mapping) else {self._plain: entry}
                made.append(({self._named_by: name, **rest}, None))
            return made
        listed = given if isinstance(given, list | tuple) else [] if given is None else [given]
        return [(dict(entry) if isinstance(entry, Mapping) else {self._plain: entry}, entry) for entry in listed]

    def _show_rows(self) -> None:
        entries = self._entries()
        self._beyond = [original if original is not None else entry for entry, original in entries[MOST_ROWS:]]
        former, self._rows = self._rows, []
        for entry, original in entries[:MOST_ROWS]:
            self._new_row().fill(entry, original)
        if not entries:
            self._new_row()
        self._filled = None if isinstance(self._given, str) else self._read_rows()  # one entry that is no list becomes one here
        self._tell_once()
        self._box.children = tuple(row.widget for row in self._rows)
        for row in former:
            close_deep(row.widget)

    def _tell_once(self) -> None:
        """
        What a field of the rows is for stands in the first row that shows it, and in no other.
        """
        told: set[str] = set()
        for row in self._rows:
            for part in row.shown:
                part.bare(bare=part.key in told)
                told.add(part.key)

    def _new_row(self) -> Row:
        parts, more = self._make_row()
        row = Row(parts, more, self.catalogue, remove=lambda gone: self.guard(lambda: self._remove(gone)), turned=self._tell_once)
        for part in (*parts, *more):
            part.changed = lambda _: self.changed(self)
            part.failed = self._pass_on
        self._rows.append(row)
        return row

    def _add(self) -> None:
        row = self._new_row()
        self._tell_once()
        self._box.children = (*self._box.children, row.widget)
        row.parts[0].focus()

    def _remove(self, row: Row) -> None:
        where = self._rows.index(row)
        self._rows.remove(row)
        if not self._rows:
            self._new_row()
        self._tell_once()
        self._box.children = tuple(each.widget for each in self._rows)
        self._rows[max(0, where - 1)].parts[0].focus()
        close_deep(row.widget)
        self.changed(self)
