"""
The live view of the cut-over inside its step: who shows the new records by now, until all do.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import ipywidgets

from ..errors import RunbookError
from ..knowledge.text import Catalogue
from ..reporting import Html
from ..reporting.watch import render_watch
from ..watching import Tick, moving, watch
from .controls import Controls
from .front import Panel
from .run import Run


class WatchPart:
    """
    The watch.

    Args:
        catalogue: The words.
        run: Gives the run, None as long as there are no details.
        told: Called after each look.
        unsaved: Says whether the form holds changes that are not saved.
    """

    def __init__(self, catalogue: Catalogue, run: Callable[[], Run | None], told: Callable[[], None], unsaved: Callable[[], bool]) -> None:
        self._catalogue, self._run, self._told, self._unsaved = catalogue, run, told, unsaved
        self.controls = Controls(catalogue, "walk.watch", self._watch)
        self.panel = Panel(catalogue)
        self.widget = ipywidgets.VBox([self.controls.widget, self.panel])

    def forget(self) -> None:
        """
        Other details: what was seen for the former ones goes.
        """
        self.panel.show(Html(""))
        self.controls.status.say("")

    async def _watch(self) -> None:
        run = self._run()
        if run is None:
            raise RunbookError(self._catalogue.text("walk.details_first"))
        self.controls.status.say(self._catalogue.text("walk.watching"))
        session = await run.open()
        if not moving(session.environment):
            said = [
                self._catalogue.text("walk.watch_later"),
                *([self._catalogue.text("walk.watch_later", "unsaved")] if self._unsaved() else []),
            ]
            self.controls.status.say(" ".join(said))
            return
        latest: Tick | None = None
        try:
            async with aclosing(watch(session)) as ticks:
                async for tick in ticks:
                    latest = tick
                    run.observed()
                    self.panel.show(render_watch(tick, self._catalogue, live=True))
                    self._told()
                    if tick.complete:
                        self.controls.status.say(self._catalogue.text("walk.watched"))
        finally:
            if latest is not None and latest.next_in:
                self.panel.show(render_watch(replace(latest, next_in=0.0), self._catalogue, live=True))  # there is no next look
