"""
The details of the environment: shut to one line where all is right, the form where it is not or somebody wants to change it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from ..environment import Environment, environment_from_parameters, fingerprint, load_environment, safe_name, save_environment
from ..errors import EnvironmentFileError, KeyProblem, RunbookError
from ..knowledge.text import Catalogue, visible
from ..reporting import Html, render_inputs
from ..reporting.labels import Labels
from ..reporting.markup import shown
from .controls import card
from .fields import button
from .form import Form
from .front import Panel, Status, Style
from .hints import Hints
from .lane import on_click
from .tasks import Worker
from .uploads import Uploads

if TYPE_CHECKING:
    from .walkthrough import Home

_SECRETS = ("(not shown)", "…@")
"""
What an error shows in place of one.
"""


class Details:
    """
    The form of a walk, and what is done with it.

    Args:
        catalogue: The words.
        home: Where the walk lives.
        values: The environment as it was given.
        notes: What has to be known about it.
        use: Called with an environment that was accepted.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        home: Home,
        values: Mapping[str, Any],
        notes: Sequence[str],
        use: Callable[[Environment], Awaitable[None]],
    ) -> None:
        self._catalogue, self._home, self._notes, self._use = catalogue, home, notes, use
        self._saved = dict(values)
        self._file = home.file
        self._seen = fingerprint(home.file) if home.file is not None else None
        self.status = Status()
        self.worker = Worker(self.status, catalogue)
        self.form = Form(
            catalogue, home.base, uploads=Uploads(catalogue, home.uploads, home.base), changed=self._changed, failed=self.worker.fail
        )
        self._hints = Hints(self.form, catalogue)
        self._head = Panel(catalogue)
        self._buttons = self._make_buttons()
        self._body = ipywidgets.VBox([])
        self.widget = card(Style(), self._head, self._body, self._buttons, self.status)
        restored = self._restore()
        self._open = restored or self.environment() is None
        self._show()
        if restored:
            self.status.say(catalogue.text("walk.restored"))

    @property
    def language(self) -> str:
        """
        The language that was given or saved last.
        """
        return str(self._saved.get("language") or "en")

    @property
    def title(self) -> str:
        """
        Whom it is about.
        """
        return str(self.form.read().get("customer") or self._catalogue.text("walk.no_customer"))

    def environment(self) -> Environment | None:
        """
        The environment that was given or saved last, None where something is wrong in it.
        """
        try:
            made = environment_from_parameters(self._saved, self._home.base)
        except EnvironmentFileError:
            return None
        return None if self._home.fits(made, self._catalogue) else made

    def people(self, key: str) -> dict[str, Any]:
        """
        What people have said so far: ``attestations`` or ``waivers``.
        """
        given = self._saved.get(key)
        return dict(given) if isinstance(given, Mapping) else {}

    def say(self, attestations: Mapping[str, Any]) -> Environment | None:
        """
        Keep what people say, in the file too where there is one; the rest of what is typed stays unsaved.

        Returns:
            The environment with it; None where that is not right, which is said then.
        """
        values = {**self._saved, "attestations": dict(attestations)}
        try:
            made = environment_from_parameters(values, self._home.base)
            self._write(values)
        except RunbookError as error:
            self.status.say(str(error), "fail")
            return None
        self._saved = values
        self.form.put("attestations", dict(attestations))
        if self.form.read() != values:
            self._changed(("attestations",))  # what is typed and not saved belongs to the new state from now on
        self._show()
        return made

    def twin(self) -> Html:
        """
        The inputs as static HTML.
        """
        return render_inputs(self.title, self._notes, self._to_keep(self._saved), self._catalogue, twin=True)

    def _make_buttons(self) -> ipywidgets.HBox:
        text = self._catalogue.text
        self._change = button(text("walk.change"), hint=text("walk.change", "hint"))
        on_click(self._change, lambda: self.worker.guard(self._toggle))
        self._accept = button(text("walk.save" if self._file is not None else "walk.use"), "primary")
        on_click(self._accept, lambda: self.worker.start(self._take()))
        self._empty = button(text("walk.empty"), hint=text("walk.empty", "hint"))
        on_click(self._empty, lambda: self.worker.guard(self._clear))
        self._discard = button(text("walk.discard"), hint=text("walk.discard", "hint"))
        on_click(self._discard, lambda: self.worker.guard(self._revert))
        self._name = ipywidgets.Text(description=text("walk.file"), style={"description_width": "initial"})
        self._save_as = button(text("walk.save_as"))
        on_click(self._save_as, lambda: self.worker.start(self._take(as_file=True)))
        made = ipywidgets.HBox([self._change, self._accept, self._discard, self._empty, self._name, self._save_as])
        made.add_class("rb-controls")
        return made

    def _show(self) -> None:
        self._body.children = (self.form.widget,) if self._open else ()
        for widget in (self._accept, self._discard):
            widget.layout.display = "" if self._open else "none"
        for widget in (self._name, self._save_as):
            widget.layout.display = "" if self._open and self._file is None else "none"
        self._empty.layout.display = "" if self._open and self._saved.get("sandbox") else "none"
        self._change.description = self._catalogue.text("walk.close" if self._open else "walk.change")
        if not self._name.value:
            self._name.value = f"{safe_name(self.title)}.yaml"
        self._head.show(self._summary())

    def _summary(self) -> Html:
        labels, values = Labels(self._catalogue), self._saved
        domains = values.get("domains") or []
        names = [
            str(entry.get("name") if isinstance(entry, Mapping) else entry)
            for entry in (domains if isinstance(domains, list) else [domains])
        ]
        facts = [
            labels.pick("platform", str(values.get("platform") or "")),
            labels.pick("phase_short", str(values.get("phase") or "prepare")),
            str(values.get("region") or ""),
            ", ".join(names[:5]) + (" …" if len(names) > 5 else ""),
            self._file.name if self._file is not None else "",
        ]
        band = f'<p class="rb-band" role="note">{escape(labels("practice.band"))}</p>' if values.get("sandbox") else ""
        notes = "".join(f'<p class="rb-note">{escape(shown(note))}</p>' for note in self._notes)
        line = " · ".join(escape(visible(fact)) for fact in facts if fact)
        return Html(f'<div class="rb rb-live-part">{band}<h2>{escape(shown(self.title))}</h2><p>{line}</p>{notes}</div>')

    def _toggle(self) -> None:
        self._open = not self._open
        self._show()

    def _restore(self) -> bool:
        self.form.fill(self._saved)
        draft = self._home.draft
        if draft is None or draft.get("base") != self._to_keep(self._saved) or not isinstance(draft.get("values"), Mapping):
            return False
        if draft["values"] == self._saved:
            return False
        self.form.fill(draft["values"])
        return True

    def _revert(self) -> None:
        self.form.fill(self._saved)
        self._home.keep(None)
        self.status.say(self._catalogue.text("walk.discarded"))
        self._accept.focus()

    def _clear(self) -> None:
        kept: dict[str, Any] = {key: self._saved[key] for key in ("language", "output_dir") if key in self._saved}
        self.form.fill(kept)
        self._changed(("customer",))
        self.form.fields[0].focus()

    async def _take(self, *, as_file: bool = False) -> None:
        environment = self.form.accept()
        if environment is None:
            self.status.say(self._catalogue.text("walk.form_wrong", n=len(self.form.problems())), "fail")
            return
        wrong = self._home.fits(environment, self._catalogue)
        if wrong:
            self.status.say(wrong, "fail")
            return
        values = self.form.read()
        if as_file and self._file is None:
            self._file = self._new_file()
        self._write(values)
        if self._file is not None:
            values |= load_environment(self._file).as_given()  # a number that was typed is one in the file
        self._saved = values
        self.form.fill(values)
        self._home.keep(None)
        self._open = False
        await self._use(environment_from_parameters(values, self._home.base))
        self._show()
        self._change.focus()
        said = [self._catalogue.text("walk.saved", file=self._file.name) if self._file is not None else self._catalogue.text("walk.used")]
        if environment.language != self._catalogue.language:
            said.append(self._catalogue.text("walk.language_later"))
        self.status.say(" ".join(said))

    def _new_file(self) -> Path:
        stem = self._name.value.strip().removesuffix(".yaml").removesuffix(".yml")
        path = self._home.base / f"{safe_name(stem)}.yaml"
        if path.exists():
            raise EnvironmentFileError(path.name, [KeyProblem("", path.name, self._catalogue.text("walk.file_exists"))])
        return path

    def _write(self, values: Mapping[str, Any]) -> None:
        if self._file is not None:
            save_environment(self._file, values, seen=self._seen)
            self._seen = fingerprint(self._file)

    def _changed(self, keys: Sequence[str]) -> None:
        self._home.keep({"base": self._to_keep(self._saved), "values": self._to_keep(self.form.read())})
        self._hints.changed(keys)

    def _to_keep(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """
        Values without those that hold a secret.
        """
        try:
            environment_from_parameters(values, self._home.base)
        except EnvironmentFileError as error:
            hidden = {re.split(r"\W", problem.key)[0] for problem in error.problems if any(sign in problem.value for sign in _SECRETS)}
            return {key: value for key, value in values.items() if key not in hidden}
        return dict(values)
