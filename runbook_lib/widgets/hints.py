"""
Suggestions below the fields of a form: what the present MX records say. A hint is taken with a click, and never by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets

from ..knowledge.text import Catalogue
from ..suggesting import Suggestion, suggest
from .elements import button
from .form import Form
from .front import Status
from .lane import on_click
from .tasks import Worker

ASK_ON = frozenset({"domains", "nameservers", "connect_to", "probes", "sandbox", "platform"})
"""
Keys whose change is worth asking DNS again.
"""
HINTED = ("platform", "region", "inbound_host")


class Hints:
    """
    The suggestions of one form.

    Args:
        form: Whose fields get them.
        catalogue: The words.
        status: Where errors are said.
    """

    def __init__(self, form: Form, catalogue: Catalogue, status: Status) -> None:
        self._form, self._catalogue, self._status = form, catalogue, status
        self.worker = Worker(Status(), catalogue)

    def changed(self, keys: Sequence[str]) -> None:
        """
        Ask again where one of these keys makes a difference; what is being asked already is let go of.
        """
        if ASK_ON & set(keys):
            self.clear()  # they were about something else
            self.worker = Worker(self.worker.status, self._catalogue)
            self.worker.start(self._suggest())

    def clear(self) -> None:
        """
        Take the suggestions away: the form is about something else now.
        """
        self.worker.stop()
        for key in HINTED:
            field = self._form.field(key)
            if field is not None:
                field.hint(())

    async def _suggest(self) -> None:
        found: dict[str, list[Suggestion]] = {}
        try:
            for each in await suggest(self._form.read()):
                found.setdefault(each.key, []).append(each)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is said
            Worker(self._status, self._catalogue).fail(error)
        for key in HINTED:
            field = self._form.field(key)
            if field is not None:
                field.hint([self._hint(each) for each in found.get(key, []) if field.read().get(key) != each.value])

    def _hint(self, suggestion: Suggestion) -> ipywidgets.Widget:
        text = self._catalogue.text(suggestion.message.id, **suggestion.message.values)
        said = ipywidgets.HTML(f'<span class="rb-hint" role="status">{escape(text)}</span>')
        take = button(self._catalogue.text("walk.take"), hint=self._catalogue.text("walk.take", "hint", value=suggestion.value))
        on_click(take, lambda: self.worker.guard(lambda: self._take(suggestion)))
        row = ipywidgets.HBox([said, take])
        row.add_class("rb-hint-row")
        return row

    def _take(self, suggestion: Suggestion) -> None:
        self._form.put(suggestion.key, suggestion.value)
        field = self._form.field(suggestion.key)
        if field is not None:
            field.hint(())
            field.focus()
