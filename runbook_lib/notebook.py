"""
What a notebook calls: begin, one call a step, finish. Everything shown is static HTML here; a notebook opened tomorrow still shows it.
"""

from __future__ import annotations

import os
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .environment import Environment, environment_from_parameters, is_fresh, load_environment, safe_name
from .errors import EnvironmentFileError, KeyProblem
from .execution.delivery import REPORT, RESULT, write_files
from .execution.managed import MANAGED
from .knowledge.text import Catalogue
from .procedures import notebook_of
from .procedures.instructions import Instruction, instructions
from .reporting import Html, Paste, Todo, Way, render_card, render_inputs, render_report, render_summary
from .reporting.cutover import cutover_view
from .reporting.markup import shown_deep
from .results import MIME_TYPE, Result
from .sandbox import STAND_INS, scenario
from .session import Session, earlier_result

_MOST_DOMAINS = 20
_IPYTHON = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})


class Runbook:
    """
    One notebook's run.

    Args:
        session: The run itself.
        fresh: No environment was given; the sandbox's healthy customer stands in.
    """

    def __init__(self, session: Session, *, fresh: bool) -> None:
        self.session = session
        self._fresh = fresh
        self._result: Result | None = None

    def show_inputs(self) -> None:
        """
        Show whom this run is about and what it was given, with a banner where it is practice data.
        """
        catalogue, environment = self.session.catalogue, self.session.given
        notes = [catalogue.text("steps.fresh_banner")] if self._fresh else []
        if environment.sandbox:
            notes.append(catalogue.text("steps.sandbox_banner", customer=environment.customer))
        _show(render_inputs(environment.customer, notes, environment.as_given(), catalogue), "\n".join([environment.customer, *notes]))

    async def step(self, key: str) -> None:
        """
        Carry out one step and show it: why, what to do, what was found, what to do about that.

        Args:
            key: Id of the step, for example ``route``.

        The first call asks everything the whole runbook needs, side by side; so every card is judged with all the evidence there is.
        """
        result = await self._look()
        session = self.session
        findings = [finding for finding in result.findings if finding.step == key]
        title, why = session.catalogue.text(f"steps.{key}", "title"), session.catalogue.text(f"steps.{key}", "why")
        card = render_card(
            title,
            why,
            session.catalogue,
            todo=[*self._for_people(key), *_cutover(result, key, session.catalogue)],
            findings=findings,
            observations=result.observations,
            practice=bool(session.given.sandbox),
        )
        _show(card, "\n".join(f"{finding.status.value}: {finding.words.summary}" for finding in findings))

    async def finish(self) -> None:
        """
        Show the summary page, and leave the result: in this notebook, and as files.

        The files go to ``<output_dir>/<customer>/``; in a run that `runbook run` manages, it writes them itself.
        """
        result = await self._look()
        await self.session.aclose()
        catalogue = self.session.catalogue
        title, why = catalogue.text("steps.summary", "title"), catalogue.text("steps.summary", "why")
        _show(render_card(title, why, catalogue, todo=self._for_people("summary")), "")
        _show(render_summary(result, catalogue), result.verdict.value)
        if not os.environ.get(MANAGED):
            folder = _folder(self.session.given)
            write_files(folder, {REPORT: render_report(result, self.session.catalogue), RESULT: result.dumps()})
            path = str(folder / REPORT)
            _show(Html(""), self.session.catalogue.text("steps.written", report=path))
        _emit(result)

    def _for_people(self, key: str) -> list[Todo]:
        session = self.session
        asked = instructions(session.procedure.step(key), session.environment, session.observations, session.catalogue)
        return [_todo(item, session.catalogue) for item in asked]

    async def _look(self) -> Result:
        if self._result is None:
            await self.session.run()
            self._result = self.session.result()
        return self._result


def begin(namespace: Mapping[str, Any], notebook: str) -> Runbook:
    """
    Begin a run with the parameters of the notebook, and show them.

    Args:
        namespace: The notebook's ``globals()``. Every name in it that IPython and Python did not put there is taken for a parameter.
        notebook: Which notebook this is; an environment of a platform with another one is refused.

    Returns:
        The run.

    Raises:
        EnvironmentFileError: A parameter is unknown or its value is wrong; all of it is named at once.
        SandboxError: The sandbox could not be started.
    """
    given = parameters_of(namespace)
    fresh = is_fresh(given)
    environment = _stand_in(given, notebook) if fresh else environment_from_parameters(given)
    right = notebook_of(environment.platform)
    if right != notebook:
        message = f"This is the notebook for {notebook}; {environment.platform.value} has its own: {right}.ipynb."
        raise EnvironmentFileError("notebook parameters", [KeyProblem("platform", environment.platform.value, message)])
    runbook = Runbook(Session(environment, before=earlier_result(environment, _folder(environment))), fresh=fresh)
    runbook.show_inputs()
    return runbook


def parameters_of(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """
    The parameters among a notebook's names.
    """
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_") and name not in _IPYTHON and not isinstance(value, types.ModuleType | Runbook)
    }


def _todo(item: Instruction, catalogue: Catalogue) -> Todo:
    consoles = ((catalogue.text("steps.new_console"), item.new), (catalogue.text("steps.classic_console"), item.classic))
    return Todo(
        item.title,
        ways=tuple(Way(title, (where,)) for title, where in consoles if where),
        by=catalogue.text("ui.who", item.by),
        lines=item.todo,
        paste=tuple(Paste(block.title, block.text) for block in item.blocks),
        note=item.note,
    )


def _cutover(result: Result, key: str, catalogue: Catalogue) -> list[Todo]:
    """
    The part of the cut-over plan that belongs to a step: times and records where MX moves, the records of the way back at the lock.
    """
    view = cutover_view(shown_deep(result.cutover), catalogue)
    if view is None or key not in ("mx", "lockdown"):
        return []

    def text(name: str) -> str:
        return catalogue.text("cutover.section", name)

    by = catalogue.text("ui.who", "consultant")
    if key == "mx":
        removed = "\n".join(part.remove for part in view.domains if part.remove)
        lines = tuple(f"{when}: {what}" for when, what, _ in view.milestones)
        return [Todo(text("title"), by=by, lines=lines, paste=(Paste(text("remove"), removed),) if removed else (), note=text("intro"))]
    known = tuple(f"{part.title}: {part.facts[0][1]}" for part in view.domains[:_MOST_DOMAINS])
    paste = (Paste(text("back_records"), view.back_records),) if view.back_records else ()
    return [Todo(text("records"), by=by, lines=known, paste=paste, note=view.warning)]


def _folder(environment: Environment) -> Path:
    """
    Where the result lies: in a managed run the working folder, else below `output_dir`.
    """
    return Path() if os.environ.get(MANAGED) else Path(environment.output_dir) / safe_name(environment.customer)


def _stand_in(given: Mapping[str, Any], notebook: str) -> Environment:
    own = {key: given[key] for key in ("language", "output_dir") if key in given}
    customer = load_environment(scenario(STAND_INS[notebook]).environment_file)
    return environment_from_parameters({**customer.as_parameters(), **own})


def _show(html: Html, text: str) -> None:
    from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

    display({"text/html": html.text, "text/plain": text} if html.text else {"text/plain": text}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none


def _emit(result: Result) -> None:
    from IPython.display import display  # noqa: PLC0415  # see above

    display({MIME_TYPE: result.to_json(), "text/plain": f"Result: {result.verdict.value}"}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none
