"""
The environment as a form: filled from parameters or a file, checked field by field, one thing wrong said beside each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from ..environment import Environment, Platform, doubts, environment_from_parameters, of_another_phase
from ..errors import EnvironmentFileError, KeyProblem
from ..knowledge.text import Catalogue
from .elements import button
from .fields import Field
from .front import DropZone, Status, Tie, Typing
from .lane import on_click
from .layout import Section, sections
from .uploads import Uploads


class Form:
    """
    The form of one environment.

    Args:
        catalogue: The words.
        base: Folder that files named in it are relative to.
        about: What tells this form from any other.
        status: Says how much is wrong, once somebody has acted, for as long as it is so.
        uploads: Where exported files go.
        changed: Told after every change, with the keys that changed.
        failed: Told of an error in a handler.
        parts: The sections; the whole form where left out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        base: Path,
        *,
        about: str,
        status: Status,
        uploads: Uploads | None = None,
        changed: Callable[[Sequence[str]], None] = lambda _: None,
        failed: Callable[[Exception], None],
        parts: Sequence[Section] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._base = base
        self._about = about
        self._status = status
        self._complaint = ""
        self._sections = tuple(sections(catalogue) if parts is None else parts)
        self._exports = None if uploads is None else _Exports(catalogue, uploads)
        self._changed = changed
        self._rest: dict[str, Any] = {}
        self._left: set[str] = set()
        self._acted = False
        self._boxes: dict[str, _Box] = {}
        for field in self.fields:
            field.changed, field.failed = self._field_changed, failed

    @property
    def fields(self) -> tuple[Field, ...]:
        """
        All fields, in order.
        """
        last = () if self._exports is None else (self._exports,)
        return (*(field for section in self._sections for field in section.fields), *last)

    def field(self, key: str) -> Field | None:
        """
        The field of a key, None where the form has none.
        """
        return next((field for field in self.fields if field.key == key), None)

    @cached_property
    def widget(self) -> ipywidgets.Widget:
        """
        What is shown.
        """
        self._boxes = {section.id: _Box(section, self._catalogue) for section in self._sections}
        self._summary = ipywidgets.HTML()
        last = [] if self._exports is None else [self._exports.widget]
        made = ipywidgets.VBox([Tie(), Typing(self._about), self._summary, *(box.widget for box in self._boxes.values()), *last])
        made.add_class("rb-form")
        self._fit()
        return made

    def fill(self, values: Mapping[str, Any], typed: Collection[str] = ()) -> None:
        """
        Put in what an environment gives. What the form has no field for is kept.

        Args:
            values: What it gives.
            typed: The keys that somebody has typed: what is wrong with them is said.
        """
        known = {key for field in self.fields for key in field.keys}
        self._rest = {key: value for key, value in values.items() if key not in known}
        for field in self.fields:
            field.fill(values)
        self._left, self._acted = set(typed), False
        self._say(self.problems() if typed else (), self._left)
        self._remark()
        self._fit()

    def put(self, key: str, value: Any) -> None:
        """
        Fill one field as if somebody had typed it.
        """
        field = self.field(key)
        if field is None:
            self._rest[key] = value
        else:
            field.fill({**self.read(), key: value})
            self._field_changed(field)

    def read(self) -> dict[str, Any]:
        """
        What stands in the form, as an environment has it.
        """
        found = dict(self._rest)
        for field in self.fields:
            found |= field.read()
        return found

    def problems(self) -> tuple[KeyProblem, ...]:
        """
        All that is wrong in it now.
        """
        own = [KeyProblem(field.key + where, "", said) for field in self.fields for where, said in field.own_problems()]
        try:
            environment_from_parameters(self.read(), self._base)
        except EnvironmentFileError as error:
            return (*own, *error.problems)
        return tuple(own)

    def accept(self) -> Environment | None:
        """
        The environment it makes; where something is wrong all of it is said beside its field, and the first one gets the cursor.
        """
        found, self._acted = self.problems(), True
        self._say(found, None)
        if not found:
            return environment_from_parameters(self.read(), self._base)
        first = next((field for field in self.fields if field.refused), None)
        if first is not None:
            self._open_section_of(first)
            first.focus()
        return None

    def reveal(self, name: str) -> bool:
        """
        Unfold what a field is in.

        Args:
            name: As texts refer to it: ``inbound_host``, or ``of_present.locked`` for one inside another.

        Returns:
            True where there is such a field.
        """
        field = next((field for field in self.fields if field.holds(name)), None)
        if field is None:
            return False
        self._open_section_of(field)
        field.reveal(name)
        return True

    def _field_changed(self, field: Field) -> None:
        self._left.update(field.keys)
        self._say(self.problems(), None if self._acted else self._left)
        self._remark()
        if not {"platform", "domains"}.isdisjoint(field.keys):
            self._fit()
        self._changed(field.keys)

    def _say(self, problems: Sequence[KeyProblem], only: Collection[str] | None) -> None:
        """
        Say problems beside their fields: of those that were left, or of all once somebody has acted.
        """
        given = self.read()
        by_root: dict[str, list[tuple[str, str]]] = {}
        for problem in problems:
            key = re.split(r"\W", problem.key)[0]
            message = problem.message if key in given else self._catalogue.text("walk.due")
            by_root.setdefault(key, []).append((problem.key[len(key) :], message))
        for field in self.fields:
            found = [each for key in field.keys for each in by_root.get(key, [])]
            field.refuse(found if only is None or not set(field.keys).isdisjoint(only) else ())
        self._complain(problems if only is None else ())

    def _complain(self, problems: Sequence[KeyProblem]) -> None:
        """
        Say how much is wrong, above the form and beside its buttons, and no longer than it is so.
        """
        former, self._complaint = self._complaint, self._catalogue.text("walk.form_wrong", n=len(problems)) if problems else ""
        if self._complaint:
            self._status.say(self._complaint, "fail")
        elif former and self._status.text == former:
            self._status.say("")
        if "widget" in self.__dict__:
            known = {key for field in self.fields for key in field.keys}
            others = [f"{problem.key}: {problem.message}" for problem in problems if re.split(r"\W", problem.key)[0] not in known]
            lines = "".join(f"<br>{escape(line)}" for line in others)
            said = f'<span class="rb-field-error" role="alert">{escape(self._complaint)}{lines}</span>'
            self._summary.value = said if problems else ""

    def _remark(self) -> None:
        """
        Say beside the fields what may not be meant, whoever typed it; and what comes of a phase that was chosen just now.
        """
        given = self.read()
        said = [*doubts(given), *(of_another_phase(given) if "phase" in self._left else ())]
        found = [(each.key, self._catalogue.text(each.message.id, **each.message.values)) for each in said]
        for field in self.fields:
            field.remark([(key.removeprefix(field.key), said) for key, said in found if re.split(r"\W", key)[0] == field.key])

    def _fit(self) -> None:
        platform = str(self.read().get("platform") or "")
        for field in self.fields:
            field.fit(platform)
        if self._exports is not None:
            self._exports.concern(_platforms(self.read()))
        for section in self._sections:
            if section.id in self._boxes:
                self._boxes[section.id].widget.layout.display = "" if section.concerns(platform) else "none"

    def _open_section_of(self, field: Field) -> None:
        for section in self._sections:
            if field in section.fields and section.id in self._boxes:
                self._boxes[section.id].widget.layout.display = ""
                self._boxes[section.id].open()


def _platforms(given: Mapping[str, Any]) -> list[str]:
    """
    The platforms that a customer has, whichever domain they are of, each once.
    """
    domains = given.get("domains")
    own = [entry.get("platform") for entry in domains if isinstance(entry, Mapping)] if isinstance(domains, list | tuple) else []
    return [platform.value for platform in Platform if platform.value in (given.get("platform"), *own)]


class _Exports(Field):
    """
    The exported files as a field like the others.

    Args:
        catalogue: The words.
        uploads: Where files are dropped, and those that are there.
    """

    wide = True

    def __init__(self, catalogue: Catalogue, uploads: Uploads) -> None:
        super().__init__("exports", catalogue)
        self._uploads = uploads
        uploads.changed = lambda: self.changed(self)
        uploads.failed = self._pass_on

    @cached_property
    def control(self) -> ipywidgets.Widget:
        """
        Where files are dropped, and below it those that are there.
        """
        return self._uploads.widget

    def read(self) -> dict[str, Any]:
        """
        The files; as they were given, as long as none came or went.
        """
        files = self._uploads.files
        if files == self._filled:
            return {} if self._given is None else {self.key: self._given}
        return {self.key: list(files)} if files else {}

    def fill(self, values: Mapping[str, Any]) -> None:
        """
        Show the files that an environment names.
        """
        self._given = given = values.get(self.key)
        self._uploads.fill(given if isinstance(given, list | tuple) else [] if given is None else [given])
        self._filled = list(self._uploads.files)

    def concern(self, platforms: Sequence[str]) -> None:
        """
        Say beside each file whether it can come from one of these platforms.
        """
        self._uploads.concern(platforms)

    def focus(self) -> None:
        """
        Put the cursor on what takes files.
        """
        next(part for part in self._uploads.widget.children if isinstance(part, DropZone)).focus()


class _Box:
    """
    A section that opens and closes; what is in it is made when it is first opened.
    """

    def __init__(self, section: Section, catalogue: Catalogue) -> None:
        self._section = section
        self._catalogue = catalogue
        self._title = catalogue.text(f"form.section.{section.id}")
        self._body: ipywidgets.VBox = ipywidgets.VBox([])
        self._head = button("")
        self._head.add_class("rb-section")
        on_click(self._head, lambda: self.close() if self._body.children else self.open())
        self._body.add_class("rb-section-body")
        self.widget: ipywidgets.Widget = ipywidgets.VBox([self._head, self._body])
        if section.open:
            self.open()
        else:
            self.close()

    def open(self) -> None:
        """
        Show what is in it.
        """
        self._body.children = tuple(field.widget for field in self._section.fields)
        self._head.description = f"▾ {self._title}"
        self._head.tooltip = self._catalogue.text("walk.section", "close", title=self._title)

    def close(self) -> None:
        """
        Hide it.
        """
        self._body.children = ()
        self._head.description = f"▸ {self._title}"
        self._head.tooltip = self._catalogue.text("walk.section", "open", title=self._title)
