"""
One field of a form: a labelled control with help, an example, and what is wrong beside it, in words.

A field holds what stands in the environment. As long as nobody changes it, it gives back just that. Its widget is made when it is first
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from typing import Any

import ipywidgets

from ..knowledge.text import Catalogue
from ..reporting.markup import shown
from .elements import close_deep, labelled, titled
from .lane import Lane

Changed = Callable[["Field"], None]
"""
Told of a field that somebody has left with another value.
"""


def place_of(name: str) -> str:
    """
    The class of a field on the page.

    Args:
        name: As texts refer to it.
    """
    return f"rb-at-{name.replace('.', '-')}"


def _raise(error: Exception) -> None:
    raise error


class Field:
    """
    One field. A wide one takes the whole width of the form; one compound of others has its label and its words above them.

    Args:
        key: Key of the environment.
        catalogue: The words; ``form.<key>`` has ``label``, ``help`` and ``example``, or ``example_<platform>`` where that is another.
        words: Id of its texts where that is another.
    """

    wide = False
    compound = False

    def __init__(self, key: str, catalogue: Catalogue, words: str = "") -> None:
        self.key = key
        self.catalogue = catalogue
        self._words = words or f"form.{key}"
        self._given: Any = None
        self._filled: Any = None
        self._error = ""
        self._remark = ""
        self._platform = ""
        self._bare = False
        self._hint: Sequence[ipywidgets.Widget] = ()
        self._filling = False
        self._lane = Lane()
        self.changed: Changed = lambda _: None
        self.failed: Callable[[Exception], None] = _raise

    @property
    def keys(self) -> tuple[str, ...]:
        """
        The keys of the environment it reads and fills.
        """
        return (self.key,)

    @property
    def name(self) -> str:
        """
        What texts refer to it by.
        """
        return self._words.removeprefix("form.")

    def holds(self, name: str) -> bool:
        """
        True where a name is its own or that of a field inside it.
        """
        return self.name == name

    def reveal(self, name: str) -> None:
        """
        Unfold a field inside it.
        """

    @property
    def label(self) -> str:
        """
        Its label.
        """
        return self.catalogue.text(self._words, "label")

    @property
    def helping(self) -> str:
        """
        What it is for, and an example.
        """
        fields = self.catalogue.fields(self._words)
        example = fields.get(f"example_{self._platform}", fields["example"])
        return f"{fields['help']} {self.catalogue.text('walk.example', example=example)}"

    @cached_property
    def widget(self) -> ipywidgets.Widget:
        """
        What is shown.
        """
        said = [titled(self.label), self._note, self.control] if self.compound else [self.control, self._note]
        made = ipywidgets.VBox([*said, self._hints])
        made.add_class("rb-field")
        made.add_class(place_of(self.name))
        if self.wide:
            made.add_class("rb-wide")
        return made

    @cached_property
    def control(self) -> ipywidgets.Widget:
        """
        What is typed into, filled with what was given.
        """
        control = self._make()
        self._put(control, self._given)
        self._filled = self._look(control)
        control.observe(self._left, names="value")
        return control

    @cached_property
    def _note(self) -> ipywidgets.HTML:
        made = ipywidgets.HTML(self._note_text())
        made.add_class("rb-note")
        return made

    @cached_property
    def _hints(self) -> ipywidgets.VBox:
        return ipywidgets.VBox(list(self._hint))

    def read(self) -> dict[str, Any]:
        """
        What stands in it, by key; a key without value is left out.
        """
        if "control" not in self.__dict__ or self._look(self.control) == self._filled:
            return {} if self._given is None else {self.key: self._given}
        value = self._taken(self.control)
        return {} if value is None or value in ("", [], {}) else {self.key: value}

    def fill(self, values: Mapping[str, Any]) -> None:
        """
        Put in what an environment gives. Nobody is told of a change.
        """
        self._given = values.get(self.key)
        if "control" in self.__dict__:
            self._filling = True
            try:
                self._put(self.control, self._given)
                self._filled = self._look(self.control)
            finally:
                self._filling = False

    def own_problems(self) -> list[tuple[str, str]]:
        """
        What is wrong with what was typed that the environment made of it cannot show: where in the field, and what.
        """
        return []

    def refuse(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say beside it what is wrong; nothing where all is right.

        Args:
            messages: Where in it, for example ``[1].name``, and what is wrong.
        """
        error = " ".join(f"{where.lstrip('.')}: {message}" if where else message for where, message in messages)
        self._error = error
        self._renew_note()

    def remark(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say beside it what may not be meant; it is no error and keeps nothing from being used.

        Args:
            messages: Where in it, and what is to be said.
        """
        self._remark = " ".join(said for _, said in messages)
        self._renew_note()

    @property
    def faults(self) -> int:
        """
        How many faults stand in it that keep it from nothing.
        """
        return 0

    @property
    def refused(self) -> bool:
        """
        True while something is wrong in it.
        """
        return bool(self._error)

    def hint(self, widgets: Sequence[ipywidgets.Widget]) -> None:
        """
        Show suggestions below it.
        """
        former, self._hint = self._hint, widgets
        if "_hints" in self.__dict__:
            self._hints.children = tuple(widgets)
        for widget in former:
            close_deep(widget)

    def fit(self, platform: str) -> None:
        """
        Give the example of a platform, where that is another.
        """
        self._platform = platform
        self._renew_note()

    def bare(self, *, bare: bool) -> None:
        """
        Show below it what it is for, or tell it only to a pointer that rests on it and to a screen reader: a field like it says it already.
        """
        self._bare = bare
        self._renew_note()

    def focus(self) -> None:
        """
        Put the cursor into it.
        """
        self.control.focus()

    def _renew_note(self) -> None:
        if "_note" in self.__dict__:
            self._note.value = self._note_text()  # goes to the browser only where it is another

    def _note_text(self) -> str:
        said = f'<span class="rb-help"{" hidden" if self._bare else ""}>{escape(self.helping)}</span>'
        if self._remark:
            said = f'<span class="rb-remark" role="status">{escape(shown(self._remark))}</span>{said}'
        if not self._error:
            return said
        wrong = escape(shown(f"{self.label}: {self._error}"))
        return f'<span class="rb-field-error" role="alert"><span aria-hidden="true">✕</span> {wrong}</span>{said}'

    def _left(self, _change: object) -> None:
        if not self._filling:
            self._lane.do(lambda: self.guard(lambda: self.changed(self)))

    def guard(self, handler: Callable[[], None]) -> None:
        """
        Carry out a handler whose error is shown, not swallowed.
        """
        try:
            handler()
        except Exception as error:  # noqa: BLE001  # ipywidgets would only log it
            self.failed(error)

    def _pass_on(self, error: Exception) -> None:
        self.failed(error)  # whoever that is by then

    def _look(self, control: ipywidgets.Widget) -> Any:
        return control.value

    def _make(self) -> ipywidgets.Widget:
        return labelled(ipywidgets.Text(continuous_update=False), self.label)

    def _put(self, control: ipywidgets.Widget, value: Any) -> None:
        control.value = "" if value is None else str(value)

    def _taken(self, control: ipywidgets.Widget) -> Any:
        return str(control.value).strip(" \t\r\n")


Say = Callable[[Field, Sequence[tuple[str, str]]], None]
"""
Says something beside a field.
"""


class ChoiceField(Field):
    """
    One of several.

    Args:
        key: Key of the environment.
        catalogue: The words.
        options: Value and label of each.
        optional: Nothing may be chosen.
        default: The option that counts then; it is chosen from the start and gives nothing. ``""`` where nothing chosen is something else.
        words: Id of its texts where that is another than the key's.
    """

    def __init__(
        self,
        key: str,
        catalogue: Catalogue,
        options: Sequence[tuple[str, str]],
        *,
        optional: bool = False,
        default: str = "",
        words: str = "",
    ) -> None:
        super().__init__(key, catalogue, words)
        self._default = default
        if default:
            self._options = [
                (value, catalogue.text("walk.default", choice=label) if value == default else label) for value, label in options
            ]
        else:
            self._options = [("", catalogue.text("walk.not_given" if optional else "walk.choose")), *options]

    def _make(self) -> ipywidgets.Widget:
        options = [(label, value) for value, label in self._options]
        return labelled(ipywidgets.Dropdown(options=options, value=self._default), self.label)

    def _put(self, control: ipywidgets.Widget, value: Any) -> None:
        text = self._default if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        if text not in [known for known, _ in self._options]:
            label = shown(text) or self.catalogue.text("walk.choose")
            self._options.append((text, label))  # what is no choice is shown all the same, and refused in words
            control.options = [(label, known) for known, label in self._options]
        control.value = text

    def _taken(self, control: ipywidgets.Widget) -> Any:
        if control.value == self._default:
            return None
        return {"true": True, "false": False}.get(control.value, control.value)


class FlagField(Field):
    """
    Yes or no.
    """

    def _make(self) -> ipywidgets.Widget:
        return ipywidgets.Checkbox(description=self.label, indent=False)

    def _put(self, control: ipywidgets.Widget, value: Any) -> None:
        control.value = value is True or str(value).casefold() in ("true", "yes", "on")

    def _taken(self, control: ipywidgets.Widget) -> Any:
        return True if control.value else None


class LinesField(Field):
    """
    A list, one a line.
    """

    def _make(self) -> ipywidgets.Widget:
        return labelled(ipywidgets.Textarea(continuous_update=False, rows=3), self.label)

    def _put(self, control: ipywidgets.Widget, value: Any) -> None:
        control.value = "\n".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)

    def _taken(self, control: ipywidgets.Widget) -> Any:
        return [line.strip(" \t\r") for line in str(control.value).split("\n") if line.strip(" \t\r")]


class GroupField(Field):
    """
    A map of the environment as a group of fields.

    Args:
        key: Key of the environment.
        catalogue: The words.
        parts: One field a key of the map.
    """

    wide = True
    compound = True

    def __init__(self, key: str, catalogue: Catalogue, parts: Sequence[Field]) -> None:
        super().__init__(key, catalogue)
        self.parts = parts
        for part in parts:
            part.changed = lambda _: self.changed(self)
            part.failed = self._pass_on

    @cached_property
    def control(self) -> ipywidgets.Widget:
        """
        The fields of the group.
        """
        made = ipywidgets.VBox([part.widget for part in self.parts])
        made.add_class("rb-group")
        return made

    def holds(self, name: str) -> bool:
        """
        True where a name is its own or that of a field of the group.
        """
        return super().holds(name) or any(part.holds(name) for part in self.parts)

    def read(self) -> dict[str, Any]:
        """
        What stands in the group, as one map.
        """
        found = self._map()
        if found == self._filled:
            return {} if self._given is None else {self.key: self._given}
        return {self.key: found} if found else {}

    def _map(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in self.parts:
            found |= part.read()
        return found

    def fill(self, values: Mapping[str, Any]) -> None:
        """
        Fill every field of the group.
        """
        self._given = given = values.get(self.key)
        for part in self.parts:
            part.fill(given if isinstance(given, Mapping) else {})
        self._filled = self._map()

    def refuse(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say what is wrong beside the field of the group that it is about.
        """
        super().refuse(share(self.parts, messages, Field.refuse))

    def remark(self, messages: Sequence[tuple[str, str]]) -> None:
        """
        Say what may not be meant beside the field of the group that it is about.
        """
        super().remark(share(self.parts, messages, Field.remark))

    @property
    def refused(self) -> bool:
        """
        True while something is wrong in the group.
        """
        return super().refused or any(part.refused for part in self.parts)

    def focus(self) -> None:
        """
        Put the cursor into the first field in which something is wrong, else into the first.
        """
        next((part for part in self.parts if part.refused), self.parts[0]).focus()


def share(parts: Sequence[Field], messages: Sequence[tuple[str, str]], say: Say) -> list[tuple[str, str]]:
    """
    Say everything beside the part that it is about.

    Args:
        parts: The fields of a map, none of them made up of others.
        messages: Where in the map, for example ``.hosts[0]``, and what is to be said.
        say: ``Field.refuse`` or ``Field.remark``.

    Returns:
        What belongs to no part.
    """
    left = list(messages)
    for part in parts:
        own = [(where, said) for where, said in left if where.lstrip(".").split("[")[0] == part.key]
        say(part, [(where.lstrip(".").removeprefix(part.key), said) for where, said in own])
        left = [each for each in left if each not in own]
    return left
