"""
What a notebook calls: begin, one call a step, finish. Everything shown is static HTML here; a notebook opened tomorrow still shows it.
"""

from __future__ import annotations

import os
import types
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from .environment import environment_from_parameters, is_fresh, place_of
from .errors import EnvironmentFileError, KeyProblem
from .execution.delivery import REPORT, RESULT, write_files
from .execution.managed import MANAGED
from .knowledge.text import Catalogue
from .reporting import Html, Todo, render_card, render_inputs, render_report, render_summary
from .reporting.duties import todos
from .reporting.progress import instructions_folded
from .results import MIME_TYPE, Result
from .session import Session, earlier_result
from .setting import is_interactive, misplaced, results_folder, stand_in

if TYPE_CHECKING:
    from .widgets import Walkthrough

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
            todo=self._for_people(key, result),
            findings=findings,
            observations=result.observations,
            practice=bool(session.given.sandbox),
            step=key,
            whole=result,
            folded=instructions_folded(key, findings, result),
        )
        words = session.catalogue.fields("ui.status")
        _show(card, "\n".join(f"{words[finding.status.value]}: {finding.words.summary}" for finding in findings))

    async def finish(self) -> None:
        """
        Show the summary page, and leave the result: in this notebook, and as files.

        The files go to ``<output_dir>/<customer>/``; in a run that `runbook run` manages, it writes them itself.
        """
        result = await self._look()
        await self.session.aclose()
        catalogue = self.session.catalogue
        title, why = catalogue.text("steps.summary", "title"), catalogue.text("steps.summary", "why")
        _show(render_card(title, why, catalogue, todo=self._for_people("summary", result)), "")
        verdict = catalogue.text("ui.badge", result.verdict.value)
        _show(render_summary(result, catalogue), verdict)
        if not os.environ.get(MANAGED):
            folder = results_folder(self.session.given)
            write_files(folder, {REPORT: render_report(result, self.session.catalogue), RESULT: result.dumps()})
            _show(Html(""), catalogue.text("steps.written", report=str(folder / REPORT)))
        _emit(result, catalogue.text("steps.result", verdict=verdict))

    def _for_people(self, key: str, result: Result) -> list[Todo]:
        session = self.session
        return todos(session.procedure.step(key), session.environment, session.observations, result, session.catalogue)

    async def _look(self) -> Result:
        if self._result is None:
            await self.session.run()
            self._result = self.session.result()
        return self._result


def begin(namespace: MutableMapping[str, Any], notebook: str) -> Runbook | Walkthrough:
    """
    Begin a run with the parameters of the notebook, and show them.

    Args:
        namespace: The notebook's ``globals()``. Every name in it that IPython and Python did not put there is taken for a parameter.
        notebook: Which notebook this is; an environment of a platform with another one is refused.

    Returns:
        The run: with forms and buttons in front of a person, else headless.

    Raises:
        EnvironmentFileError: A parameter is unknown or its value is wrong; all of it is named at once. In front of a person, wrong values
            are said in the form.
        SandboxError: The sandbox could not be started.
    """
    given = parameters_of(namespace)
    if is_interactive(given.get("interactive")):
        from .interactive import walk  # noqa: PLC0415  # a headless run needs no widgets

        return walk(namespace, given, notebook)
    fresh = is_fresh(given)
    environment = stand_in(given, notebook) if fresh else environment_from_parameters(given)
    wrong = misplaced(environment, notebook, Catalogue(environment.language))
    if wrong:
        raise EnvironmentFileError(place_of(given), [KeyProblem("platform", environment.platform.value, wrong)])
    runbook = Runbook(Session(environment, before=earlier_result(environment, results_folder(environment))), fresh=fresh)
    runbook.show_inputs()
    return runbook


def parameters_of(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """
    The parameters among a notebook's names.
    """
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_") and name not in _IPYTHON and not isinstance(value, types.ModuleType) and not _is_ours(value)
    }


def _is_ours(value: Any) -> bool:
    return type(value).__module__.startswith(f"{__package__}.")


def _show(html: Html, text: str) -> None:
    from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

    display({"text/html": html.text, "text/plain": text} if html.text else {"text/plain": text}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none


def _emit(result: Result, text: str) -> None:
    from IPython.display import display  # noqa: PLC0415  # see above

    display({MIME_TYPE: result.to_json(), "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none
