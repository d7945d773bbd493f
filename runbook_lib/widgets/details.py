"""
The details of the environment: shut to one line where all is right, the form where it is not or somebody wants to change it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from ..environment import (
    Environment,
    environment_from_parameters,
    fingerprint,
    load_environment,
    of_another_phase,
    safe_name,
    save_environment,
)
from ..errors import EnvironmentFileError, KeyProblem
from ..knowledge.headings import titles
from ..knowledge.text import Catalogue, visible
from ..reporting import Html, render_inputs
from ..reporting.labels import Labels
from ..reporting.markup import shown
from .controls import card
from .elements import button
from .fields import place_of
from .form import Form
from .front import Panel, Status, Style
from .hints import Hints
from .home import Home
from .lane import on_click
from .tasks import Worker
from .uploads import Uploads


class Details:
    """
    The form of a walk, and what is done with it.

    Args:
        catalogue: The words.
        home: Where the walk lives.
        values: The environment as it was given.
        notes: What has to be known about it.
        use: Called with an environment that was accepted, None for one that does not belong here; says whether what was found is void.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        home: Home,
        values: Mapping[str, Any],
        notes: Sequence[str],
        use: Callable[[Environment | None], Awaitable[bool]],
    ) -> None:
        self._catalogue, self._home, self._notes, self._use = catalogue, home, notes, use
        self._saved = dict(values)
        self._origin = self._to_keep(self._saved)
        self._file = home.file
        self._seen = fingerprint(home.file) if home.file is not None else None
        self.status = Status()
        self.worker = Worker(self.status, catalogue)
        self.form = Form(
            catalogue,
            home.base,
            about=home.notebook if home.file is None else home.file.name,
            status=self.status,
            uploads=Uploads(catalogue, home.uploads, home.base),
            changed=self._changed,
            failed=self.worker.fail,
        )
        self._hints = Hints(self.form, catalogue, self.status)
        self._head = Panel(catalogue)
        self._buttons = self._make_buttons()
        self._body = ipywidgets.VBox([])
        self.widget = card(Style(), self._head, self._body, self._buttons, self.status)
        self._taken_up = self._restore()
        self._open = self._taken_up or self.environment() is None
        self._show()

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

    @property
    def changed_outside(self) -> bool:
        """
        True where somebody else has changed the file since.
        """
        return self._file is not None and fingerprint(self._file) != self._seen

    @property
    def unsaved(self) -> bool:
        """
        True where what stands in the form is not what is worked with.
        """
        return self.form.read() != self._saved

    def stop_asking(self) -> None:
        """
        Stop looking for suggestions.
        """
        self._hints.worker.stop()

    def looked_at(self) -> None:
        """
        Something was looked at: that all has to be looked at again is said no longer.
        """
        void = self._catalogue.text("walk.void")
        if void in self.status.text:
            self.status.say(self.status.text.replace(void, "").strip())

    def open_at(self, name: str) -> None:
        """
        Open the form at one field.

        Args:
            name: As texts refer to it: ``inbound_host``, or ``of_present.locked`` for one inside another.
        """
        if not self._open:
            self._toggle()
        if self.form.reveal(name):
            self._head.cursor(place_of(name))

    def people(self, key: str) -> dict[str, Any]:
        """
        What people have said so far: ``attestations`` or ``waivers``.
        """
        given = self._saved.get(key)
        return dict(given) if isinstance(given, Mapping) else {}

    def say(self, attestations: Mapping[str, Any]) -> Environment:
        """
        Keep what people say, in the file too where there is one; the rest of what is typed stays unsaved.

        Returns:
            The environment with it.

        Raises:
            EnvironmentFileError: It is not right, or could not be written.
        """
        values = {**self._saved, "attestations": dict(attestations)}
        made = environment_from_parameters(values, self._home.base)
        self._write(values)
        self._saved = values
        self.form.put("attestations", dict(attestations))
        if self.form.read() != values:
            self._keep()  # what is typed and not saved belongs to the new state from now on
        else:
            self._settled()
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
        self._again = button(text("walk.read_again"), hint=text("walk.read_again", "hint"))
        on_click(self._again, lambda: self.worker.start(self._read_again()))
        self._name = ipywidgets.Text(description=text("walk.file"), style={"description_width": "initial"})
        self._save_as = button(text("walk.save_as"))
        on_click(self._save_as, lambda: self.worker.start(self._take(as_file=True)))
        made = ipywidgets.HBox([self._change, self._accept, self._again, self._discard, self._empty, self._name, self._save_as])
        made.add_class("rb-controls")
        return made

    def _show(self) -> None:
        self._body.children = (self.form.widget,) if self._open else ()
        for widget in (self._accept, self._discard):
            widget.layout.display = "" if self._open else "none"
        for widget in (self._name, self._save_as):
            widget.layout.display = "" if self._open and self._file is None else "none"
        self._again.layout.display = "" if self.changed_outside else "none"
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
        said = [*self._notes] if self._to_keep(values) == self._origin else []  # they are about what was given
        said += [self._catalogue.text("walk.restored")] if self._taken_up and self._open else []
        notes = "".join(f'<p class="rb-note">{escape(shown(note))}</p>' for note in said)
        line = " · ".join(escape(visible(fact)) for fact in facts if fact)
        return Html(f'<div class="rb rb-live-part">{band}<h2>{escape(shown(self.title))}</h2><p>{line}</p>{notes}</div>')

    def _toggle(self) -> None:
        self._open = not self._open
        self._show()
        if self._open:
            self._hints.changed(("domains",))

    def _restore(self) -> bool:
        self.form.fill(self._saved)
        draft = self._home.draft
        if draft is None or not isinstance(draft.get("base"), Mapping) or not isinstance(draft.get("values"), Mapping):
            return False
        base, typed = dict(draft["base"]), dict(draft["values"])
        if self._home.file is None:
            if base != self._origin or not isinstance(draft.get("saved"), Mapping):
                return False
            base = self._go_on_with(dict(draft["saved"]), str(draft.get("file") or ""))
            self.form.fill(self._saved)
        kept = self._to_keep(self._saved)  # where the file was changed in the same place, the file counts
        changed = {key for key in {*base, *typed} if base.get(key) != typed.get(key) and base.get(key) == kept.get(key)}
        values = {key: value for key, value in self._saved.items() if key not in changed}
        values |= {key: value for key, value in typed.items() if key in changed}
        if values == self._saved:
            return False
        self.form.fill(values, changed)
        return True

    def _go_on_with(self, saved: dict[str, Any], file: str) -> dict[str, Any]:
        """
        Take up what was accepted in a notebook without a file, or the file it was saved in.

        Returns:
            What the typing that was not saved started from.
        """
        self._saved = saved
        path = Path(file) if file else None
        if path is not None and path.is_file():
            self._saved = load_environment(path).as_given()
            self._file, self._seen = path, fingerprint(path)
        return saved

    def _revert(self) -> None:
        self.form.fill(self._saved)
        self._hints.clear()
        self._settled()
        self._taken_up = False
        self._show()
        self.status.say(self._catalogue.text("walk.discarded"))
        self._hints.changed(("domains",))
        self._accept.focus()

    def _clear(self) -> None:
        kept: dict[str, Any] = {key: self._saved[key] for key in ("language", "output_dir") if key in self._saved}
        self.form.fill(kept)
        self._hints.clear()
        self._changed(("customer",))
        self.form.fields[0].focus()

    async def _take(self, *, as_file: bool = False) -> None:
        environment = self.form.accept()
        if environment is None:
            return
        wrong = self._home.fits(environment, self._catalogue)
        if wrong and self._file is None and not as_file:
            self.status.say(wrong, "fail")
            return
        values = self.form.read()
        if as_file and self._file is None:
            self._file = self._new_file()
        self._write(values)
        if self._file is not None:
            values |= load_environment(self._file).as_given()  # a number that was typed is one in the file
        if wrong:
            self._saved = values
            self._settled()
            await self._use(None)
            self._show()
            self.status.say(" ".join([self._catalogue.text("walk.saved", file=self._file.name if self._file else ""), wrong]), "fail")
            return
        moved = values.get("platform") != self._saved.get("platform")
        lapsed = of_another_phase(values) if values.get("phase") != self._saved.get("phase") else []
        self._saved = values
        self.form.fill(values)
        self._hints.clear()
        self._settled()
        self._open = self._taken_up = False
        void = await self._use(environment_from_parameters(values, self._home.base))
        self._show()
        self._change.focus()
        said = [self._catalogue.text("walk.saved", file=self._file.name) if self._file is not None else self._catalogue.text("walk.used")]
        faulty = {field.label: field.faults for field in self.form.fields if field.faults}
        if faulty:
            said.append(self._catalogue.text("walk.saved", "faulty", n=sum(faulty.values()), fields=list(faulty)))
        said += [self._catalogue.text(each.message.id, **each.message.values) for each in lapsed]
        if void:
            said.append(self._catalogue.text("walk.void"))
        if environment.language != self._catalogue.language:
            said.append(self._catalogue.text("walk.language_later"))
        self.status.say(" ".join(said))
        headings = titles(self._home.notebook, Catalogue(environment.language), environment.platform)
        if environment.language != self._catalogue.language:
            self._head.again(headings)
        elif moved:
            self._head.head(headings)

    def _new_file(self) -> Path:
        stem = self._name.value.strip().removesuffix(".yaml").removesuffix(".yml")
        path = self._home.base / f"{safe_name(stem)}.yaml"
        if path.exists():
            raise EnvironmentFileError(path.name, [KeyProblem("", path.name, self._catalogue.text("walk.file_exists"))])
        return path

    def _write(self, values: Mapping[str, Any]) -> None:
        if self._file is not None:
            try:
                save_environment(self._file, values, seen=self._seen)
                self._seen = fingerprint(self._file)
            finally:
                self._again.layout.display = "" if self.changed_outside else "none"

    async def _read_again(self) -> None:
        """
        Take over what somebody else wrote into the file; what is typed here and not saved stays, but where the file was changed as well.

        Raises:
            EnvironmentFileError: The file cannot be read, or is not there any more.
        """
        if self._file is None:
            return
        given = await asyncio.to_thread(load_environment, self._file)
        former, typed, found = self._saved, self.form.read(), given.as_given()
        mine = {key for key in {*former, *typed} if former.get(key) != typed.get(key) and former.get(key) == found.get(key)}
        values = {key: value for key, value in found.items() if key not in mine}
        values |= {key: value for key, value in typed.items() if key in mine}
        self._saved, self._seen = found, fingerprint(self._file)
        self.form.fill(values, mine)
        if mine:
            self._keep()
        else:
            self._settled()
        wrong = self._home.fits(given, self._catalogue)
        await self._use(None if wrong else given)
        self._show()
        said = self._catalogue.text("walk.read_again", "typed" if mine else "done", file=self._file.name)
        self.status.say(f"{said} {wrong}".strip(), "fail" if wrong else "")

    def _changed(self, keys: Sequence[str]) -> None:
        self._keep()
        if self.status.tone != "fail":
            self.status.say("")  # that something was saved is past
        self._hints.changed(keys)

    def _keep(self) -> None:
        """
        Keep what is typed; of a notebook without a file also what was accepted, and the file it was saved in.
        """
        saved = self._to_keep(self._saved)
        loose = self._home.file is None
        kept: dict[str, Any] = {"base": self._origin if loose else saved, "values": self._to_keep(self.form.read())}
        if loose:
            kept |= {"saved": saved, "file": "" if self._file is None else str(self._file)}
        self._home.keep(kept)

    def _settled(self) -> None:
        """
        Nothing is typed that is not saved: of an environment with a file nothing is left to keep.
        """
        if self._home.file is None:
            self._keep()
        else:
            self._home.keep(None)

    def _to_keep(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """
        Values without those that hold a secret.
        """
        try:
            environment_from_parameters(values, self._home.base)
        except EnvironmentFileError as error:
            hidden = {re.split(r"\W", problem.key)[0] for problem in error.problems if problem.secret}
            return {key: value for key, value in values.items() if key not in hidden}
        return dict(values)
