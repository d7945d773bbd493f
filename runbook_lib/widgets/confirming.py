"""
"I have done this": what only a person can confirm, with a name and a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from ..checks.people import claim_of
from ..errors import RunbookError
from ..knowledge.check_ids import TENANT
from ..knowledge.text import Catalogue
from ..reporting.labels import Labels
from ..reporting.markup import shown
from ..reporting.names import subject_in_words
from ..reporting.references import without_keys
from ..results import Finding, Status
from .elements import button, close_deep, labelled
from .front import Tie
from .lane import on_click


@dataclass(frozen=True, slots=True)
class _Key:
    """
    A row.

    Args:
        checks: Ids of the checks it is about.
        subjects: What it is about where that is not the whole tenant.
        kind: ``open`` or ``said``.
    """

    checks: tuple[str, ...]
    subjects: tuple[str, ...]
    kind: str


def _key(kind: str, found: Iterable[Finding]) -> _Key:
    checks = dict.fromkeys(each.check for each in found)
    subjects = dict.fromkeys(each.subject for each in found if each.subject != TENANT)
    return _Key(tuple(checks), tuple(subjects), kind)


@dataclass(frozen=True, slots=True)
class Word:
    """
    What a person says.

    Args:
        checks: Ids of the checks it is about.
        by: Who says it.
        note: What else is to be said.
    """

    checks: tuple[str, ...]
    by: str
    note: str


class Confirming:
    """
    The rows of one step: what waits for a person, and what a person has confirmed.

    Args:
        catalogue: The words.
        person: Gives the name that is filled in at first.
        confirm: Called with what a person says.
        take_back: Called with the ids of the checks whose confirmation is taken back.
        guard: Carries out a handler and shows its error.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        person: Callable[[], str],
        confirm: Callable[[Word], None],
        take_back: Callable[[tuple[str, ...]], None],
        guard: Callable[[Callable[[], None]], None],
    ) -> None:
        self._box = ipywidgets.VBox([])
        self.widget = ipywidgets.VBox([Tie(), self._box])
        self.widget.add_class("rb-confirm")
        self._catalogue = catalogue
        self._person, self._confirm, self._take_back, self._guard = person, confirm, take_back, guard
        self._rows: dict[_Key, ipywidgets.Widget] = {}
        self._first: dict[_Key, ipywidgets.Widget] = {}

    def show(self, findings: Sequence[Finding]) -> None:
        """
        Show the rows that these findings call for, one for checks that are confirmed as one. A row that stays keeps what was typed into it.
        """
        groups: dict[tuple[str, ...], list[Finding]] = {}
        for finding in findings:
            kind = "open" if finding.status is Status.MANUAL else "said" if finding.cause == "attested" else ""
            if kind:
                whose = tuple(str(finding.message.values.get(name, "")) for name in ("by", "at")) if kind == "said" else ()
                groups.setdefault((kind, claim_of(finding), *whose), []).append(finding)
        wanted = {_key(kind, found): found for (kind, *_), found in groups.items()}
        former = self._rows
        self._rows = {key: former.get(key) or self._row(key, found) for key, found in wanted.items()}
        self._box.children = tuple(self._rows.values())
        for key in former.keys() - wanted.keys():
            close_deep(former[key])
        for key, first in self._first.items():
            if key.kind == "open" and not first.value:
                first.value = self._person()  # said once, it need not be typed again

    def _row(self, key: _Key, found: Sequence[Finding]) -> ipywidgets.Widget:
        labels = Labels(self._catalogue)
        title = ", ".join(labels.pick("check", check) for check in key.checks)
        if key.kind == "open":
            return self._open(title, key, found)
        about = self._about(key)
        return self._said(f"{title} ({about})" if about else title, key, found[0])

    def _about(self, key: _Key) -> str:
        names = [subject_in_words(key.checks[0], subject, Labels(self._catalogue)) for subject in key.subjects]
        return without_keys(self._catalogue.fill("{names}", {"names": names}), self._catalogue) if names else ""

    def _claim(self, key: _Key, found: Sequence[Finding]) -> str:
        """
        What is confirmed, in a sentence, and for what: one word counts for all of it.
        """
        said = self._catalogue.fill("{claim:claim}", {"claim": claim_of(found[0])})
        about = self._about(key)
        asked = self._catalogue.text("walk.confirm", "claim_about" if about else "claim", claim=said, about=about)
        return " ".join([asked, *dict.fromkeys(filter(None, map(self._former, found)))])

    def _former(self, finding: Finding) -> str:
        """
        Whose word this one takes the place of, ``""`` for nobody's: one for another phase does not count, and only one can be kept.
        """
        values = finding.message.values
        if values.get("attested_for") != finding.check:
            return ""
        whose = {"by": values["attested_by"], "at": values["attested_at"], "phase": values["attested_in"]}
        return self._catalogue.text("walk.confirm", "replaces", **whose)

    def _open(self, title: str, key: _Key, found: Sequence[Finding]) -> ipywidgets.Widget:
        text = self._catalogue.text
        by = ipywidgets.Text(value=self._person(), continuous_update=False)
        note = ipywidgets.Text(continuous_update=False)
        error = ipywidgets.HTML()
        note.add_class("rb-long")
        done = button(text("walk.confirm", "done"), "primary", hint=text("walk.confirm", "done_hint", title=title))

        def named(change: Any) -> None:
            if str(change["new"]).strip():
                error.value = ""

        def clicked() -> None:
            if not by.value.strip():
                error.value = f'<span class="rb-field-error" role="alert">{text("walk.confirm", "name_missing")}</span>'
                by.focus()
                return
            error.value = ""
            try:
                self._confirm(Word(key.checks, by.value.strip(), note.value.strip()))
            except RunbookError as wrong:  # it is said where the person looks
                error.value = f'<span class="rb-field-error" role="alert">{escape(shown(str(wrong)))}</span>'
                return
            self._focus(key.checks)

        by.observe(named, names="value")
        on_click(done, lambda: self._guard(clicked))
        fields = ipywidgets.HBox(
            [
                labelled(by, text("walk.confirm", "by")),
                labelled(note, text("walk.confirm", "note")),
                done,
            ]
        )
        asked = ipywidgets.HTML(f'<span class="rb-help">{escape(shown(self._claim(key, found)))}</span>')
        row = ipywidgets.VBox([ipywidgets.Label(title), asked, fields, error])
        row.add_class("rb-confirm-row")
        self._first[key] = by
        return row

    def _undo(self, checks: tuple[str, ...]) -> None:
        self._take_back(checks)
        self._focus(checks)

    def _focus(self, checks: tuple[str, ...]) -> None:
        """
        The row that had the focus is gone: it goes to the one in its place.
        """
        for kind in ("said", "open"):
            for key in self._rows:
                if (key.checks, key.kind) == (checks, kind):
                    self._first[key].focus()
                    return

    def _said(self, title: str, key: _Key, finding: Finding) -> ipywidgets.Widget:
        text = self._catalogue.text
        values = finding.message.values
        whose = {"by": str(values.get("by", "")), "at": self._catalogue.fill("{at:said}", {"at": values.get("at", "")})}
        said = ipywidgets.Label(text("walk.confirm", "said", title=title, **whose))
        back = button(text("walk.confirm", "take_back"), hint=text("walk.confirm", "take_back_hint", title=title))
        question = ipywidgets.HTML(
            f'<span role="status">{escape(shown(text("walk.confirm", "take_back_sure", title=title, **whose)))}</span>'
        )
        sure = button(text("walk.confirm", "take_back"), hint=text("walk.confirm", "take_back_hint", title=title))
        keep = button(text("walk.confirm", "keep"), hint=text("walk.confirm", "keep_hint", title=title))
        row = ipywidgets.HBox([said, back, question, sure, keep])
        row.add_class("rb-confirm-row")

        def turn(*parts: ipywidgets.Widget) -> None:
            for each in row.children:
                each.layout.display = "" if each in parts else "none"
            parts[-1].focus()

        for each in (question, sure, keep):
            each.layout.display = "none"
        on_click(back, lambda: self._guard(lambda: turn(question, sure, keep)))
        on_click(keep, lambda: self._guard(lambda: turn(said, back)))
        on_click(sure, lambda: self._guard(lambda: self._undo(key.checks)))
        self._first[key] = back
        return row
