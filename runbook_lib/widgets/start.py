"""
The start page: choose a customer or make one, and go to the right notebook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets

from ..environment import load_environment
from ..errors import RunbookError
from ..knowledge.headings import titles
from ..knowledge.text import Catalogue, languages
from ..reporting import Html
from ..reporting.labels import VERDICT_SIGNS, Labels
from ..reporting.start import Customer, render_start
from ..results import Verdict
from ..sandbox import scenario
from ..workspace import Entry, Workspace
from ..workspace.folder import START
from .controls import card
from .elements import button, close_deep, helped, labelled
from .form import Form
from .front import Panel, Status, Style, Tie
from .hints import Hints
from .lane import Lane, on_click
from .layout import Section, start_fields
from .practice import Practice
from .showing import Twins
from .tasks import Worker

DRAFT = "start"
"""
Name of the draft that keeps what was typed for a customer that is not made yet.
"""
MOST_DOMAINS = 2
"""
Domains named in a line of the list.
"""


class StartPage:
    """
    The start page of a workspace.

    Args:
        workspace: The folder to work in.
        catalogue: The words.
    """

    def __init__(self, workspace: Workspace, catalogue: Catalogue) -> None:
        self._workspace = workspace
        self._paths: dict[str, Path] = {}
        self._twins = Twins()
        self._lane = Lane()
        self.widget = ipywidgets.VBox([])
        self._make(catalogue)

    def _make(self, catalogue: Catalogue) -> None:
        """
        All of it, in a language.
        """
        workspace, self._catalogue = self._workspace, catalogue
        self.status, self.form_status = Status(), Status()
        self.worker, making = Worker(self.status, catalogue), Worker(self.form_status, catalogue)
        told = {
            "forget": lambda slug: self.worker.guard(lambda: self._forget(slug)),
            "bring_back": lambda slug: self.worker.guard(lambda: self._bring_back(slug)),
        }
        self._list = Panel(catalogue, shown=self._viewed, told=told)
        self.form = Form(
            catalogue,
            workspace.environments,
            about=DRAFT,
            status=self.form_status,
            changed=self._changed,
            failed=making.fail,
            parts=[Section("new", start_fields(catalogue), open=True)],
        )
        self._hints = Hints(self.form, catalogue, self.form_status)
        typed = workspace.draft(DRAFT) or {}
        self.form.fill({**self._own, **typed}, typed.keys())
        make = button(catalogue.text("walk.start", "make"), "primary", hint=catalogue.text("walk.start", "make_hint"))
        on_click(make, lambda: making.guard(self._accept))
        self.practice = Practice(catalogue, self._practise, self.worker.guard)
        self._language = _chooser(catalogue)
        self._language.observe(lambda change: self._lane.do(lambda: self.worker.guard(lambda: self._speak(change["new"]))), names="value")
        language = helped(self._language, catalogue.text("walk.start", "language_hint"))
        known = card(Style(), Tie(), self._list, self.status, language)
        new = card(self.form.widget, make, self.form_status)
        former, self.widget.children = self.widget.children, (known, new, self.practice.widget)
        for each in former:
            close_deep(each)
        self._draw()

    def _speak(self, language: str) -> None:
        """
        Go on in another language, now and whenever the page is opened.
        """
        self._workspace.choose_language(language)
        self._keep({key: value for key, value in self.form.read().items() if key != "language"})
        self._make(Catalogue(language))
        self._list.head(titles(START, self._catalogue))
        self._language.focus()

    def _changed(self, keys: Sequence[str]) -> None:
        self._keep(self.form.read())
        self._hints.changed(keys)

    def _keep(self, values: Mapping[str, Any]) -> None:
        secret = {re.split(r"\W", problem.key)[0] for problem in self.form.problems() if problem.secret}
        self._workspace.save_draft(DRAFT, {key: value for key, value in values.items() if key not in secret})

    @property
    def _own(self) -> dict[str, Any]:
        """
        What a customer made here gets without being asked.
        """
        return {"language": self._catalogue.language} if self._catalogue.language != "en" else {}

    def show(self) -> None:
        """
        Put the page into the notebook.
        """
        self._twins.show("start", [self.widget], self._twin(), instead=self._catalogue.text("walk.no_kernel"))

    def _twin(self) -> Html:
        return render_start(self._customers(), self._catalogue, twin=True)

    def _viewed(self, *, came: bool) -> None:
        """
        Show what has happened meanwhile; what was said to somebody who has been elsewhere since is said no longer.
        """
        if came and self.status.tone != "fail":
            self.status.say("")
        self.worker.guard(self._draw)

    def _draw(self) -> None:
        customers = self._customers()
        away = [(entry.slug, entry.customer or entry.slug) for entry in self._workspace.put_away()]
        self._list.show(render_start(customers, self._catalogue, away=away))
        self._twins.update("start", render_start(customers, self._catalogue, twin=True))

    def _forget(self, slug: str) -> None:
        entry = self._workspace.entry(slug)
        if entry is None:
            return
        self._workspace.forget(entry)
        self._draw()
        words = "forgotten" if entry.file.exists() else "forgotten_gone"
        self.status.say(self._catalogue.text("walk.start", words, name=entry.customer or entry.slug, file=entry.file.name, slug=slug))

    def _bring_back(self, slug: str) -> None:
        entry = self._workspace.entry(slug)
        if entry is None:
            return
        self._workspace.bring_back(entry)
        self._draw()
        self.status.say(self._catalogue.text("walk.start", "is_back", name=entry.customer or entry.slug))

    def _customers(self) -> list[Customer]:
        return [self._customer(entry) for entry in self._workspace.entries()]

    def _customer(self, entry: Entry) -> Customer:
        labels = Labels(self._catalogue)
        if entry.problem or entry.platform is None or entry.phase is None:
            return Customer(entry.slug, entry.slug, problem=entry.problem, file=entry.file.name)
        at = self._catalogue.fill("{at:time}", {"at": entry.at}) if entry.at else ""
        return Customer(
            slug=entry.slug,
            name=entry.customer,
            platform=labels.pick("platform", entry.platform.value),
            phase=labels.pick("phase_short", entry.phase.value),
            verdict=_verdict(entry, labels),
            status=VERDICT_SIGNS[entry.verdict] if entry.verdict else None,
            at=at,
            looked=entry.looked,
            notebook=self._path(entry),
            report=self._inside(entry.report),
            file=entry.file.name,
            domains=", ".join(entry.domains[:MOST_DOMAINS]) + (" …" if len(entry.domains) > MOST_DOMAINS else ""),
            practice=entry.practice,
        )

    def _path(self, entry: Entry) -> str:
        """
        Where its notebook is, brought up to date the first time it is asked for: later it may be open, and nobody may write it then.
        """
        known = self._paths.get(entry.slug)
        if known is None or not known.is_file():
            try:
                known = self._paths[entry.slug] = self._workspace.notebook_for(entry)
            except RunbookError:
                return ""
        return self._inside(known)

    def _inside(self, path: Any) -> str:
        root = self._workspace.root
        return path.relative_to(root).as_posix() if path is not None and path.is_relative_to(root) else ""

    def _accept(self) -> None:
        if self.form.accept() is not None:
            self._begin(self.form.read())

    def _practise(self, name: str) -> None:
        """
        Go to a made-up customer; to the one on the list where it is there already, in this language.
        """
        values = {**load_environment(scenario(name).environment_file).as_parameters(), **self._own}
        there = next((entry for entry in self._workspace.entries() if entry.practice and self._is(entry, values)), None)
        if there is None:
            self._begin(values)
            return
        self.status.say(self._catalogue.text("walk.start", "there", customer=there.customer))
        self._list.go(self._path(there))

    def _is(self, entry: Entry, values: Mapping[str, Any]) -> bool:
        known = load_environment(entry.file).as_given()
        return all(known.get(key) == values.get(key) for key in ("sandbox", "language"))

    def _begin(self, values: Mapping[str, Any]) -> None:
        entry = self._workspace.create(values)
        path = self._path(entry)
        self.form.fill(self._own)
        self._hints.clear()
        self._workspace.drop_draft(DRAFT)
        self._draw()
        self.status.say(self._catalogue.text("walk.start", "made", customer=entry.customer))
        self._list.go(path)


def _verdict(entry: Entry, labels: Labels) -> str:
    """
    The answer of the last report in a few words, what it was ready for among them.
    """
    if entry.verdict is None:
        return ""
    ready = entry.verdict is Verdict.READY and entry.phase is not None
    return labels.pick("verdict", f"ready_{entry.phase}") if ready else labels.pick("badge", entry.verdict.value)


def _chooser(catalogue: Catalogue) -> ipywidgets.Dropdown:
    """
    The languages, each by its own name: who looks for theirs can read it.
    """
    names = catalogue.fields("walk.language")
    chooser = ipywidgets.Dropdown(options=[(names[code], code) for code in languages()], value=catalogue.language)
    return labelled(chooser, catalogue.text("walk.start", "language"))
