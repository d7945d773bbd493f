"""
A button that starts something long, one that stops it, and the line that says how far it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import ipywidgets

from ..knowledge.text import Catalogue
from .elements import button
from .front import Status
from .lane import on_click
from .tasks import Worker


class Controls:
    """
    Start, Stop and what goes on.

    Args:
        catalogue: The words.
        words: Id of the texts of the start button: ``text`` on it, ``hint`` longer.
        work: What a click starts. A second click while it runs does nothing.
        title: Put into the hints.
    """

    def __init__(self, catalogue: Catalogue, words: str, work: Callable[[], Awaitable[None]], title: str = "") -> None:
        self.status = Status()
        self.worker = Worker(self.status, catalogue)
        self._work = work
        self.start = button(catalogue.text(words), "primary", hint=catalogue.text(words, "hint", title=title))
        self.stop = button(catalogue.text("walk.stop"), hint=catalogue.text("walk.stop", "hint"))
        on_click(self.start, lambda: self.worker.start(self._carry_out()))
        on_click(self.stop, self._stop)
        self.stop.add_class("rb-stop")
        self.stop.layout.display = "none"
        self.widget = ipywidgets.HBox([self.start, self.stop, self.status])
        self.widget.add_class("rb-controls")

    async def _carry_out(self) -> None:
        self.stop.layout.display = ""
        try:
            await self._work()
        finally:
            self.stop.layout.display = "none"

    def _stop(self) -> None:
        self.worker.stop()
        self.start.focus()  # the button that had the focus is about to go


def card(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """
    Parts one below the other, as a live card.
    """
    made = ipywidgets.VBox(list(parts))
    for name in ("rb-live", "rb-live-card"):
        made.add_class(name)
    return made
