"""
A field to paste a bounce into, and what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

from ..knowledge.text import Catalogue
from ..reporting import Html
from .controls import Controls, card
from .elements import labelled
from .front import Panel, Style


class Explaining:
    """
    The form of the troubleshooting notebook.

    Args:
        catalogue: The words.
        given: What stands in the field at first.
        explain: Makes the card that explains a text.
        start: The start page, as the server knows it; ``""`` where there is none.
    """

    def __init__(self, catalogue: Catalogue, given: str, explain: Callable[[str], Html], start: str = "") -> None:
        self._catalogue, self._explain = catalogue, explain
        self.text = labelled(ipywidgets.Textarea(value=given, rows=10), catalogue.text("walk.bounce"))
        self.controls = Controls(catalogue, "walk.explain", self._show)
        self.answer = Panel(catalogue)
        home = f'<p class="rb rb-up"><a href="#" data-rb-open="{escape(start)}">{escape(catalogue.text("walk.start", "home"))}</a></p>'
        self.head = Panel(catalogue, Html(home if start else ""))
        self.widget = card(Style(), self.head, self.text, self.controls.widget, self.answer)

    async def _show(self) -> None:
        if not self.text.value.strip():
            self.controls.status.say(self._catalogue.text("walk.nothing_pasted"), "fail")
            self.answer.show(Html(""))
            self.text.focus()
            return
        self.answer.show(self._explain(self.text.value))
        self.controls.status.say("")
