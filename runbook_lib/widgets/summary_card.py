"""
The last card: look at what is missing, write the report, show the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from html import escape

from ..knowledge.text import Catalogue
from ..reporting import Html, Todo, render_card, render_live_found, render_live_head, render_live_summary, render_summary
from ..reporting.markup import shown
from ..results import Result
from .controls import Controls, card
from .front import Panel
from .run import Run


class SummaryCard:
    """
    The summary.

    Args:
        catalogue: The words.
        finish: Looks at what is missing and writes the report.
        to_field: Called with the field of the form that somebody wants to see.
    """

    def __init__(self, catalogue: Catalogue, finish: Callable[[], Awaitable[None]], to_field: Callable[[str], None]) -> None:
        self._catalogue = catalogue
        self._todo: Sequence[Todo] = ()
        self.result: Result | None = None
        self._now: Result | None = None
        self.controls = Controls(catalogue, "walk.finish", finish)
        self.status, self.worker = self.controls.status, self.controls.worker
        self.head = Panel(catalogue, told={"field": to_field})
        self.answer = Panel(catalogue, told={"field": to_field})
        self.link = Panel(catalogue)
        self.widget = card(self.head, self.controls.widget, self.link, self.answer)

    def show(self, run: Run | None, todo: Sequence[Todo]) -> None:
        """
        Show what is asked of a person, and the answer: that of the report, else what holds now, once everything was looked at.
        """
        text = self._catalogue.text
        self._todo = todo
        self._now = run.result() if run is not None and not run.missing else None
        title, why = text("steps.summary", "title"), text("steps.summary", "why")
        self.head.show(render_live_head("summary", title, why, self._catalogue, state=None, todo=todo))
        if self.result is not None:
            now = run.result() if run is not None else None
            older = now is not None and (_said(now), now.environment) != (_said(self.result), self.result.environment)
            self.answer.show(render_live_summary(self.result, self._catalogue, text("walk.older") if older else ""))
        elif run is not None and run.missing:
            note = text("walk.still_missing", steps=[text(f"steps.{key}", "title") for key in run.missing])
            self.answer.show(render_live_found(title, self._catalogue, findings=(), observations={}, notes=[note]))
        elif self._now is not None:
            self.answer.show(render_live_summary(self._now, self._catalogue, text("walk.no_report")))
        else:
            self.answer.show(Html(""))

    def delivered(self, result: Result, path: str, link: str) -> None:
        """
        A report was written.

        Args:
            result: What it says.
            path: Where it lies.
            link: How a page of this server reaches it, ``""`` for not.
        """
        self.result = result
        where = escape(shown(path))
        said = escape(self._catalogue.text("walk.open_report"))
        if link:
            self.link.show(Html(f'<p class="rb"><a data-rb-file="{escape(link)}" href="#">{said}</a> <code>{where}</code></p>'))
        else:
            self.link.show(Html(f'<p class="rb"><code>{where}</code></p>'))
        self.status.say(self._catalogue.text("walk.written", at=datetime.now(UTC).isoformat()))

    def forget(self) -> None:
        """
        Other details: the answer of the former ones goes.
        """
        self.result = None
        self.link.show(Html(""))
        self.status.say("")

    def twin(self) -> Html:
        """
        The answer as static HTML.
        """
        if self.result is not None:
            return render_summary(self.result, self._catalogue, twin=True)
        if self._now is not None:
            return render_summary(self._now, self._catalogue, self._catalogue.text("walk.no_report"), twin=True)
        title, why = self._catalogue.text("steps.summary", "title"), self._catalogue.text("steps.summary", "why")
        return render_card(title, why, self._catalogue, todo=self._todo, notes=[self._catalogue.text("walk.no_report")], twin=True)


def _said(result: Result) -> list[tuple[str, str, str]]:
    return sorted((finding.check, finding.subject, finding.status.value) for finding in result.findings)
