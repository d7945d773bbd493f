"""
A notebook in front of a person: where its environment comes from, what was typed before, where the report goes.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from .environment import (
    NOTEBOOK_DEFAULTS,
    Environment,
    environment_from_parameters,
    is_fresh,
    load_environment,
    safe_name,
)
from .execution.delivery import REPORT, RESULT, write_files
from .knowledge.text import Catalogue
from .reporting import render_report
from .results import Result
from .session import earlier_result
from .setting import is_interactive, misplaced, page_words, results_folder, stand_in
from .widgets import Home, StartPage, Walkthrough
from .workspace import Entry, Workspace, current
from .workspace.folder import START

KEPT = "_runbook_walk"
"""
Name in the notebook's own namespace under which its walk is kept, so that running a cell again shows what is there.
"""
_FREE = ("interactive", "language", "output_dir")


def walk(namespace: MutableMapping[str, Any], given: Mapping[str, Any], notebook: str) -> Walkthrough:
    """
    The walk of a notebook; the one that is there already where its parameters are the same.

    Args:
        namespace: The notebook's ``globals()``.
        given: Its parameters.
        notebook: Which notebook.

    Raises:
        EnvironmentFileError: A parameter is unknown, or the environment file cannot be loaded.
    """
    known = namespace.get(KEPT)
    if known is not None and known[0] == dict(given) and not known[1].outdated:
        kept: Walkthrough = known[1]
        kept.show_inputs()
        return kept
    _refuse_unknown(given)
    made = _walk(given, notebook)
    if known is not None:
        made.take_over(known[1])
    namespace[KEPT] = (dict(given), made)
    made.show_inputs()
    return made


def start(language: str = "", interactive: bool | None = None) -> None:
    """
    Show the start page: choose an environment or make one, and go to its notebook. Without `runbook open`, it is said how to come by one.

    Args:
        language: Of the words; empty takes the workspace's, else `RUNBOOK_LANGUAGE`, else English.
        interactive: Whether a person is there; None finds out.
    """
    workspace = current()
    catalogue = page_words(language)
    if workspace is None or not is_interactive(interactive):
        from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

        display({"text/plain": catalogue.text("walk.start", "elsewhere")}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none
        return
    workspace.prepare()
    StartPage(workspace, catalogue).show()


def _refuse_unknown(given: Mapping[str, Any]) -> None:
    strange = [key for key in given if key not in NOTEBOOK_DEFAULTS]
    if strange:
        environment_from_parameters(given)  # says which, and what was meant


def _walk(given: Mapping[str, Any], notebook: str) -> Walkthrough:
    workspace = current()
    entry = workspace.entry_of(Path.cwd()) if workspace is not None else None
    own = {key: given[key] for key in _FREE if key in given and given[key] != NOTEBOOK_DEFAULTS[key] and key != "interactive"}
    if workspace is not None and entry is not None and is_fresh(given):
        values = {**load_environment(entry.file).as_given(), **own}
        return Walkthrough(_at_home(workspace, entry, notebook), values)
    if is_fresh(given):
        catalogue = Catalogue(str(given.get("language") or "en"))
        return Walkthrough(_loose(notebook, given), stand_in(given, notebook).as_parameters(), [catalogue.text("walk.fresh")])
    values = {key: value for key, value in given.items() if key != "interactive" and value != NOTEBOOK_DEFAULTS[key]}
    return Walkthrough(_loose(notebook, given), values)


def _at_home(workspace: Workspace, entry: Entry, notebook: str) -> Home:
    def keep(draft: Mapping[str, Any] | None) -> None:
        if draft is None:
            workspace.drop_draft(entry.slug)
        else:
            workspace.save_draft(entry.slug, draft)

    def deliver(environment: Environment, result: Result) -> tuple[str, str]:
        path = _write(workspace.results_of(entry.slug, environment), result)
        inside = path.is_relative_to(workspace.root)
        return str(path), path.relative_to(workspace.root).as_posix() if inside else ""

    return Home(
        notebook=notebook,
        base=entry.file.parent,
        file=entry.file,
        uploads=entry.file.parent / "exports" / entry.slug,
        draft=workspace.draft(entry.slug),
        keep=keep,
        memory=lambda: workspace.seen(entry.slug),
        remember=lambda memory: workspace.save_seen(entry.slug, memory),
        before=lambda environment: earlier_result(environment, workspace.results_of(entry.slug, environment)),
        deliver=deliver,
        fits=lambda environment, catalogue: misplaced(environment, notebook, catalogue),
        start=f"{START}.ipynb",
    )


def _loose(notebook: str, given: Mapping[str, Any]) -> Home:
    """
    A notebook that belongs to no workspace: what is typed is kept where its reports go.
    """
    drafts = Workspace(Path(str(given.get("output_dir") or "reports")))
    name = safe_name(f"{notebook}-{given.get('customer') or 'new'}")

    def keep(draft: Mapping[str, Any] | None) -> None:
        if draft is None:
            drafts.drop_draft(name)
        else:
            drafts.save_draft(name, draft)

    return Home(
        notebook=notebook,
        base=Path.cwd(),
        file=None,
        uploads=Path.cwd() / "exports" / name,
        draft=drafts.draft(name),
        keep=keep,
        memory=lambda: drafts.seen(name),
        remember=lambda memory: drafts.save_seen(name, memory),
        before=lambda environment: earlier_result(environment, results_folder(environment)),
        deliver=lambda environment, result: (str(_write(results_folder(environment), result)), ""),
        fits=lambda environment, catalogue: misplaced(environment, notebook, catalogue),
    )


def _write(folder: Path, result: Result) -> Path:
    write_files(folder, {REPORT: render_report(result, Catalogue(result.language)), RESULT: result.dumps()})
    return folder / REPORT
