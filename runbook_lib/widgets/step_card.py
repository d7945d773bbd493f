"""
The live card of one step: why, what to do, Verify and Stop, the findings as they come, and what only a person can confirm.

Beside it stands its twin, the same card as static HTML, which is seen wherever no kernel keeps the live one alive.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from ..knowledge.text import Catalogue
from ..reporting import Html, StepState, Todo, render_card, render_live_found, render_live_head
from ..reporting.actions import next_actions
from ..reporting.labels import SIGNS, Labels, gravest
from ..reporting.progress import has_to_wait, instructions_folded, is_due
from ..reporting.views import within
from ..results import Finding, Gate, Result, Status
from .confirming import Confirming
from .controls import Controls, card
from .front import Panel
from .run import Looked, StepLook
from .tasks import Worker

HELD_AGAINST = (Status.FAIL, Status.UNKNOWN, Status.MANUAL)
"""
The statuses that the verdict counts; a step counts all of them too, so that the steps add up to it.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What a card shows.

    Args:
        look: How far the step was looked at.
        state: The same in words.
        todo: What a person does.
        findings: What was found.
        observations: On what it rests, JSON form.
        practice: The sandbox is looked at.
        looked: How far, at the moment of showing.
        answered: How many of its checks have an answer.
        recalled: An earlier walk found all this.
        whole: The whole result, None as long as nothing was asked.
    """

    look: StepLook
    state: StepState
    todo: Sequence[Todo]
    findings: Sequence[Finding]
    observations: Mapping[str, Mapping[str, Any]]
    practice: bool
    looked: Looked = Looked.NOT_YET
    answered: int = 0
    recalled: bool = False
    whole: Result | None = None

    def same(self, other: Seen) -> bool:
        """
        True where the other would be shown the same way; findings name their observations, so these need no comparing.
        """
        mine, theirs = (
            (s.state, s.todo, s.findings, s.practice, s.looked, s.answered, s.recalled, s.gates, s.begun_with) for s in (self, other)
        )
        return mine == theirs

    @property
    def begun_with(self) -> tuple[str, ...]:
        """
        The findings that what is to be done begins with, by name: they may be another step's.
        """
        if self.whole is None or not self.findings:
            return ()
        return tuple(action.first.name for action in within(next_actions(self.whole.findings), self.findings[0].step))

    @property
    def gates(self) -> Mapping[str, Gate]:
        """
        The gates as they stand.
        """
        return self.whole.gates if self.whole is not None else {}


class StepCard:
    """
    One step's card.

    Args:
        key: Id of the step.
        catalogue: The words.
        verify: Looks at the step; given what to tell of its progress.
        confirming: Makes the rows for what a person confirms; given what shows their errors.
        page_seen: Called with the id of each page that shows it.
        to_field: Called with the field of the form that somebody wants to see.
        extra: Further widgets, between the findings and what is to be confirmed.
    """

    def __init__(
        self,
        key: str,
        catalogue: Catalogue,
        *,
        verify: Callable[[StepCard], Awaitable[None]],
        confirming: Callable[[Worker], Confirming],
        page_seen: Callable[[str], None],
        to_field: Callable[[str], None],
        extra: Sequence[ipywidgets.Widget] = (),
    ) -> None:
        self.key = key
        self.title = catalogue.text(f"steps.{key}", "title")
        self._why = catalogue.text(f"steps.{key}", "why")
        self._catalogue = catalogue
        self._seen: Seen | None = None
        self._waiting = ""
        self._folded = False
        self.controls = Controls(catalogue, "walk.verify", self._verify, self.title)
        self.status, self.worker = self.controls.status, self.controls.worker
        self._look = verify
        self.head = Panel(catalogue, seen=page_seen, told={"field": to_field})
        self.found = Panel(catalogue, told={"field": to_field})
        self.confirming = confirming(self.worker)
        self.widget = card(self.head, self.controls.widget, self.found, *extra, self.confirming.widget)

    def wait(self, note: str) -> bool:
        """
        Show that there is nothing to look at yet, and why.

        Returns:
            True where that is new.
        """
        if self._seen is None and self._waiting == note:
            return False
        self._seen, self._waiting = None, note
        self.head.show(render_live_head(self.key, self.title, self._why, self._catalogue, state=None, todo=()))
        self.found.show(render_live_found(self.title, self._catalogue, findings=(), observations={}, notes=[note]))
        self.confirming.show(())
        return True

    def show(self, seen: Seen) -> bool:
        """
        Show how far the step is and what was found.

        Returns:
            True where anything of it is new.
        """
        if self._seen is not None and self._seen.same(seen):
            return False
        self._seen, self._waiting = seen, ""
        if seen.looked is not Looked.UNDER_WAY:  # the card does not unfold for the moment of looking
            self._folded = seen.looked is Looked.DONE and instructions_folded(self.key, seen.findings, seen.whole)
        self.controls.widget.layout.display = "" if seen.look.checks else "none"
        self.head.show(
            render_live_head(
                self.key,
                self.title,
                self._why,
                self._catalogue,
                state=seen.state,
                todo=seen.todo,
                folded=self._folded,
                next_below=bool(seen.begun_with),
            )
        )
        self.found.show(
            render_live_found(
                self.title,
                self._catalogue,
                findings=seen.findings,
                observations=seen.observations,
                notes=self._notes(seen),
                step=self.key,
                whole=seen.whole,
            )
        )
        self.confirming.show(seen.findings)
        return True

    def twin(self) -> Html:
        """
        The card as static HTML.
        """
        seen = self._seen
        if seen is None:
            return render_card(self.title, self._why, self._catalogue, notes=[self._waiting] if self._waiting else (), twin=True)
        return render_card(
            self.title,
            self._why,
            self._catalogue,
            todo=seen.todo,
            findings=seen.findings,
            observations=seen.observations,
            notes=self._notes(seen),
            practice=seen.practice,
            twin=True,
            step=self.key,
            whole=seen.whole,
            folded=self._folded,
        )

    def plain(self) -> str:
        """
        The findings as plain text.
        """
        words = self._catalogue.fields("ui.status")
        return "\n".join(f"{words[each.status.value]}: {each.words.summary}" for each in (self._seen.findings if self._seen else ()))

    def _notes(self, seen: Seen) -> list[str]:
        if seen.look.checks and seen.looked is Looked.NOT_YET:
            return [self._catalogue.text("walk.not_yet")]
        if seen.looked is Looked.STOPPED:
            return [self._catalogue.text("walk.stopped_note", done=seen.answered, total=len(seen.look.checks))]
        if seen.recalled and seen.look.at is not None:
            return [self._catalogue.text("walk.recalled", at=seen.look.at.isoformat())]
        return []

    async def _verify(self) -> None:
        await self._look(self)


def state_of(look: StepLook, findings: Sequence[Finding], catalogue: Catalogue, step: str, whole: Result | None) -> StepState:
    """
    Where a step stands, in sign, word and colour.

    Args:
        look: How far it was looked at.
        findings: What was found.
        catalogue: The words.
        step: Its id.
        whole: The whole result, None as long as nothing was asked.
    """
    if not look.checks:
        return StepState(Status.NOT_APPLICABLE, SIGNS[Status.NOT_APPLICABLE], catalogue.text("walk.state", "read"))
    if look.looked is Looked.UNDER_WAY:
        return StepState(Status.UNKNOWN, "…", catalogue.text("walk.state", "under_way"))
    if look.looked is Looked.NOT_YET:
        return StepState(Status.NOT_APPLICABLE, "○", catalogue.text("walk.state", "not_yet"))
    if look.looked is Looked.STOPPED:
        return StepState(Status.UNKNOWN, SIGNS[Status.UNKNOWN], catalogue.text("walk.state", "stopped"))
    worst = gravest(finding.status for finding in findings)
    if worst is None or worst is Status.NOT_APPLICABLE:
        return StepState(Status.NOT_APPLICABLE, SIGNS[Status.NOT_APPLICABLE], catalogue.text("walk.state", "nothing"))
    if worst in (Status.PASS, Status.WAIVED) and has_to_wait(step, whole):
        return StepState(Status.NOT_APPLICABLE, SIGNS[Status.NOT_APPLICABLE], catalogue.text("walk.state", "waits"))
    if worst in (Status.PASS, Status.WAIVED):
        return StepState(Status.PASS, SIGNS[Status.PASS], catalogue.text("walk.state", "right" if is_due(step, whole) else "right_so_far"))
    counts = [words for status, words in Labels(catalogue).counts(findings) if status is worst or status in HELD_AGAINST]
    return StepState(worst, SIGNS[worst], ", ".join(counts))
