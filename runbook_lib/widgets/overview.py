"""
What stands at the top of a walk: where every step stands, the way of the mail, and the button that looks at everything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import ipywidgets

from ..knowledge.text import Catalogue
from ..reporting import ListedStep, StepState, render_live_overview
from ..reporting.labels import SIGNS, VERDICT_SIGNS, Labels, next_line, verdict_line, verdict_meaning
from ..results import Result, Status, Verdict
from .controls import Controls, card
from .front import Panel
from .run import Run
from .step_card import state_of


class Overview:
    """
    The overview.

    Args:
        catalogue: The words.
        verify: Looks at every step.
        page_seen: Called with the id of each page that shows it.
        start: The start page, as the server knows it; ``""`` where there is none.
    """

    def __init__(
        self, catalogue: Catalogue, verify: Callable[[], Awaitable[None]], page_seen: Callable[[str], None], start: str = ""
    ) -> None:
        self._catalogue, self._start = catalogue, start
        self.controls = Controls(catalogue, "walk.verify_all", verify)
        self.status, self.worker = self.controls.status, self.controls.worker
        self.panel = Panel(catalogue, seen=page_seen)
        self._note = ipywidgets.HTML()
        self.widget = card(self._note, self.panel, self.controls.widget)

    def show(self, run: Run | None) -> None:
        """
        Show where a run stands.

        Args:
            run: The run, None as long as there are no details.
        """
        self.widget.layout.display = "none" if run is None else ""
        if run is None:
            return
        labels = Labels(self._catalogue)
        findings, whole = run.findings(), run.result()
        steps = [
            ListedStep(key, labels.step(key), state_of(look, findings[key], self._catalogue, key, whole))
            for key, look in run.steps.items()
            if look.checks
        ]
        state, title = self._state(run, run.so_far(), labels), self._catalogue.text("walk.overview")
        words = next_line if run.so_far().verdict is Verdict.READY else verdict_meaning
        then = "" if run.missing else words(run.so_far(), labels)
        seen = [look.at for look in run.steps.values() if look.recalled and look.at is not None]
        note = self._catalogue.text("walk.recalled", at=min(seen).isoformat()) if seen else ""
        self.panel.show(render_live_overview(title, state, steps, run.so_far(), self._catalogue, then=then, note=note, start=self._start))

    def reloaded(self, *, seen: bool) -> None:
        """
        Say that the page was loaded again, or no longer.
        """
        note = self._catalogue.text("walk.reloaded") if seen else ""
        self._note.value = f'<span class="rb-help" role="status">{note}</span>' if note else ""

    def _state(self, run: Run, result: Result, labels: Labels) -> StepState:
        total = sum(bool(look.checks) for look in run.steps.values())
        done = total - len(run.missing)
        broken = sum(finding.status is Status.FAIL for finding in result.findings)
        if not run.missing:
            status = VERDICT_SIGNS[result.verdict]
            return StepState(status, SIGNS[status], verdict_line(result, labels))
        word = self._catalogue.text("walk.steps_done", done=done, total=total)
        if broken:
            return StepState(Status.FAIL, SIGNS[Status.FAIL], f"{word}, {labels('counted.fail', n=broken)}")
        return StepState(Status.NOT_APPLICABLE, "○", word)
