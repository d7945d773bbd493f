"""
The walk: the form, the overview, one live card a step, and the report at the end; what they share and how they follow each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..environment import Environment, catalogue_of
from ..errors import RunbookError
from ..observations import Observations
from ..reporting import Todo
from ..reporting.duties import todos
from ..results import Finding
from .confirming import Confirming, Word
from .details import Details
from .front import Status
from .home import Home
from .overview import Overview
from .pulse import Pulse
from .run import Looked, Run, stamp_of
from .showing import Twins
from .step_card import Seen, StepCard, state_of
from .summary_card import SummaryCard
from .tasks import Worker
from .watch_part import WatchPart

REDRAW_S = 0.3
"""
Seconds between two times at which what was found is drawn while more is coming.
"""


class Walkthrough:
    """
    One notebook in front of a person.

    Args:
        home: Where it lives.
        values: The environment as it was given.
        notes: What has to be known about them.
    """

    def __init__(self, home: Home, values: Mapping[str, Any], notes: Sequence[str] = ()) -> None:
        self.home = home
        self.catalogue = catalogue_of(values)
        self.run: Run | None = None
        self._cards: dict[str, StepCard] = {}
        self._watches: list[WatchPart] = []
        self._pages: set[str] = set()
        self._person = ""
        self._twins = Twins()
        self._closing = Worker(Status(), self.catalogue)
        self.overview = Overview(self.catalogue, self._verify_all, self._page_seen, home.start)
        self.summary = SummaryCard(self.catalogue, self._finish, self._to_field)
        self.details = Details(self.catalogue, home, values, notes, self._use)
        self._pulse = Pulse(lambda: self.overview.worker.guard(lambda: self._refresh(twins=False)), REDRAW_S)
        environment = self.details.environment()
        if environment is not None:
            self.run = Run(environment, home.before(environment))
            try:
                self.run.recall(home.memory())
            except RunbookError as error:
                self.details.status.say(str(error), "fail")
        self._refresh()

    @property
    def outdated(self) -> bool:
        """
        True where another language was chosen or the file was changed by somebody else, so that all has to be made anew.
        """
        return self.details.language != self.catalogue.language or self.details.changed_outside

    def show_inputs(self) -> None:
        """
        Show the details of the environment and the overview.
        """
        self._pages.clear()
        self.overview.reloaded(seen=False)
        widgets = [self.details.widget, self.overview.widget]
        self._twins.show("overview", widgets, self.details.twin(), instead=self.catalogue.text("walk.no_kernel"))

    async def step(self, key: str) -> None:
        """
        Show one step's card, as it stands.
        """
        card = self._card(key)
        self._show_card(card)
        self._twins.show(key, [card.widget], card.twin(), card.plain())

    async def finish(self) -> None:
        """
        Show the summary card; the report is written when somebody says so.
        """
        self._refresh()
        self._twins.show("summary", [self.summary.widget], self.summary.twin())
        self._twins.emit(self.summary.result)

    def take_over(self, former: Walkthrough) -> None:
        """
        Close the walk whose place this one takes.
        """
        self._closing.start(former.aclose())

    async def aclose(self) -> None:
        """
        Stop what is under way and close the run.
        """
        self.details.stop_asking()
        former, self.run = self.run, None
        await self._end(former)

    async def _end(self, run: Run | None) -> None:
        """
        Stop what is under way, and close a run that has no place any more.
        """
        workers = [card.worker for card in self._cards.values()] + [
            self.overview.worker,
            self.summary.worker,
            *(watch.controls.worker for watch in self._watches),
        ]
        self._pulse.stop()
        for worker in workers:
            worker.stop()
        for worker in workers:
            await worker.wait()
        if run is not None:
            await run.aclose()

    def _card(self, key: str) -> StepCard:
        if key not in self._cards:
            watch = WatchPart(self.catalogue, lambda: self.run, self._refresh, lambda: self.details.unsaved) if key == "mx" else None
            extra = []
            if watch is not None:
                extra.append(watch.widget)
                self._watches.append(watch)
            self._cards[key] = StepCard(
                key,
                self.catalogue,
                verify=self._verify,
                confirming=self._confirming,
                page_seen=self._page_seen,
                to_field=self._to_field,
                extra=extra,
            )
        return self._cards[key]

    def _to_field(self, name: str) -> None:
        self.details.worker.guard(lambda: self.details.open_at(name))

    def _confirming(self, worker: Worker) -> Confirming:
        return Confirming(self.catalogue, lambda: self._person, self._confirm, self._take_back, worker.guard)

    async def _verify(self, card: StepCard) -> None:
        run = self.run
        if run is None:
            card.status.say(self.catalogue.text("walk.details_first"), "fail")
            return
        total = len(run.steps[card.key].checks)
        card.status.advance(0, total, self.catalogue.text("walk.looking", done=0, total=total))

        def tell(done: int, total: int) -> None:
            if run is not self.run:
                return
            card.status.advance(done, total, self.catalogue.text("walk.looking", done=done, total=total))
            self._draw(done)

        try:
            await run.look([card.key], tell)
        finally:
            await self._keep(run)
        card.status.say(self._looked("step"))

    async def _verify_all(self) -> None:
        run = self.run
        if run is None:
            self.overview.status.say(self.catalogue.text("walk.details_first"), "fail")
            return
        total = sum(len(look.checks) for look in run.steps.values())
        self.overview.status.advance(0, total, self.catalogue.text("walk.looking", done=0, total=total))
        try:
            await run.look(run.steps, lambda done, total: self._overall(self.overview.status.advance, done, total))
        finally:
            await self._keep(run)
        self.overview.status.say(self._looked())

    def _overall(self, advance: Callable[[int, int, str], None], done: int, total: int) -> None:
        advance(done, total, self.catalogue.text("walk.looking", done=done, total=total))
        self._draw(done)

    def _draw(self, done: int) -> None:
        """
        Show what is known while more is coming: that it began at once, and the first finding without waiting for that.
        """
        if done:
            self._pulse.beat()
        else:
            self._refresh(twins=False)

    async def _finish(self) -> None:
        run = self.run
        if run is None:
            self.summary.status.say(self.catalogue.text("walk.details_first"), "fail")
            return
        try:
            if run.missing:
                await run.look(run.missing, lambda done, total: self._overall(self.summary.status.advance, done, total))
            result = run.result()
            if result is not None:
                path, link = await asyncio.to_thread(self.home.deliver, run.environment, result)
                self.summary.delivered(result, path, link)
                self._twins.update_result(result)
        finally:
            await self._keep(run)

    async def _keep(self, run: Run) -> None:
        """
        Show what is known now, and keep it for the day the kernel is gone.
        """
        self._pulse.stop()  # all is drawn now
        if run is not self.run:
            return
        if any(look.looked is not Looked.NOT_YET for look in run.steps.values()):
            self.details.looked_at()
        self._refresh()
        memory = run.memory()
        await asyncio.to_thread(self.home.remember, memory)

    async def _use(self, environment: Environment | None) -> bool:
        """
        Go on with other details: what was found for the old ones goes, unless only people's words or the language differ.

        Without details, as where they belong into another notebook, nothing is looked at here any more.

        Returns:
            True where something that was found is gone.
        """
        former = self.run
        if environment is None:
            self.run = None
            self._forget()
            self._refresh()
            await self._end(former)
            return former is not None
        same = former is not None and former.stamp == stamp_of(environment)
        if former is not None and same and former.environment.language == environment.language:
            former.people(environment)
            self._refresh()
            self._saved()
            return False
        made = Run(environment, self.home.before(environment))
        if former is not None and same:
            await asyncio.to_thread(made.recall, former.memory())
        self.run = made
        self._forget()
        self._refresh()
        await self._end(former)
        self._forget()
        return not same and former is not None and any(look.looked is not Looked.NOT_YET for look in former.steps.values())

    def _saved(self) -> None:
        """
        That the form holds other details than were looked at is said no longer: they are saved.
        """
        unsaved = self.catalogue.text("walk.looked", "unsaved")
        for controls in (self.overview.controls, self.summary.controls, *(card.controls for card in self._cards.values())):
            if unsaved in controls.status.text:
                controls.status.say(controls.status.text.replace(unsaved, "").strip())

    def _forget(self) -> None:
        """
        What was said and shown about other details goes.
        """
        self.summary.forget()
        for watch in self._watches:
            watch.forget()
        for controls in (self.overview.controls, *(card.controls for card in self._cards.values())):
            controls.status.say("")

    def _confirm(self, word: Word) -> None:
        if self.run is None:
            return
        self._person = word.by
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        given = dict(self.details.people("attestations"))
        for check in word.checks:
            about = next((each for found in self.run.findings().values() for each in found if each.check == check), None)
            given[check] = {"by": word.by, "at": at, "phase": _phase(self.run.environment, about)}
            if word.note:
                given[check]["note"] = word.note
        self._say(given)

    def _take_back(self, checks: tuple[str, ...]) -> None:
        if self.run is None:
            return
        given = dict(self.details.people("attestations"))
        step = next((key for key, look in self.run.steps.items() if checks[0] in look.checks), "")
        for check in checks:
            given.pop(check, None)
        whole = given.pop(step, None)
        if whole is not None:  # somebody's word for the whole step: it goes on for its other checks
            found = self.run.findings()[step]
            others = dict.fromkeys(each.check for each in found if each.cause == "attested" and each.check not in checks)
            given |= {other: whole for other in others if other not in given}
        self._say(given)

    def _say(self, attestations: Mapping[str, Any]) -> None:
        environment = self.details.say(attestations)
        if self.run is not None:
            self.run.people(environment)
            self._refresh()

    def _page_seen(self, page: str) -> None:
        """
        A page shows the cards. A second one without the cells having been run again gets the live cards, but not the stored ones.
        """
        self._pages.add(page)
        if len(self._pages) > 1:
            self.overview.reloaded(seen=True)

    def _refresh(self, *, twins: bool = True) -> None:
        """
        Show everywhere what is known now.
        """
        for card in self._cards.values():
            if self._show_card(card) and twins:
                self._twins.update(card.key, card.twin(), card.plain())
        self.overview.show(self.run)
        self.summary.show(self.run, self._todo("summary"))
        if twins:
            self._twins.update("overview", self.details.twin())
            self._twins.update("summary", self.summary.twin())

    def _show_card(self, card: StepCard) -> bool:
        run = self.run
        if run is None:
            return card.wait(self.catalogue.text("walk.details_first"))
        look, findings = run.steps[card.key], run.findings()[card.key]
        whole = run.result()
        state = state_of(look, findings, self.catalogue, card.key, whole)
        todo = self._todo(card.key)
        how = (look.looked, len(look.answered), look.recalled)
        return card.show(Seen(look, state, todo, findings, run.observations(), run.practice, *how, whole))

    def _todo(self, key: str) -> list[Todo]:
        run = self.run
        if run is None:
            return []
        session = run.session
        environment = session.environment if session is not None else run.environment
        observed = session.observations if session is not None else Observations()
        return todos(run.procedure.step(key), environment, observed, run.so_far(), self.catalogue)

    def _looked(self, kind: str = "text") -> str:
        said = self.catalogue.text("walk.looked", kind, at=datetime.now(UTC).isoformat())
        return f"{said}. {self.catalogue.text('walk.looked', 'unsaved')}" if self.details.unsaved else said


def _phase(environment: Environment, finding: Finding | None) -> str:
    """
    The phase that a person's word counts in: that of the domain it is about, else the environment's.
    """
    own = [scope.phase for scope in environment.scopes if finding is not None and scope.name == finding.subject]
    return (own[0] if own else environment.phase).value
