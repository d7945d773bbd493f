"""
``runbook open``: the notebooks in JupyterLab, or as an app, in a workspace.
"""

from __future__ import annotations

import importlib.util
import sys
import webbrowser
from pathlib import Path

from ..errors import OpenError, RunbookError
from ..execution.lab import Front, Site, page_to, serve
from ..knowledge.text import Catalogue, visible
from ..workspace import Workspace
from ..workspace.copies import names
from .console import WRONG, say

_ENDINGS = (".yaml", ".yml")


def open_notebook(what: str, folder: Path, *, as_app: bool, browser: bool, port: int | None) -> int:
    """
    Open a notebook and serve the workspace until somebody ends it.

    Args:
        what: Name of a notebook, an environment file, or the short name of an environment of the workspace.
        folder: The workspace.
        as_app: As an app, without JupyterLab around it.
        browser: Whether a browser is opened.
        port: To listen on; None takes a free one.

    Returns:
        The server's exit status; 2 where nothing could be opened.
    """
    catalogue, front = Catalogue(), Front.APP if as_app else Front.LAB
    if importlib.util.find_spec(front.value) is None:
        say(catalogue.text("opening.not_installed", front.name.lower()))
        return WRONG
    workspace = Workspace(folder)
    try:
        workspace.prepare()
        notebook = _notebook(what, workspace, catalogue)
    except RunbookError as error:
        say(str(error))
        return WRONG
    except OSError as error:
        say(catalogue.text("opening.say", "no_workspace", folder=str(folder), reason=error.strerror or type(error).__name__))
        return WRONG

    def opened(url: str) -> None:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        say(catalogue.text("opening.say", "help", folder=str(workspace.root)))
        if browser:
            webbrowser.open(page_to(url, workspace.root).as_uri())

    try:
        return serve(Site(workspace.root, notebook, front, port), opened)
    except OpenError as error:
        say(str(error))
        return WRONG


def _notebook(what: str, workspace: Workspace, catalogue: Catalogue) -> Path:
    path = Path(what)
    if path.suffix in _ENDINGS:
        return workspace.notebook_for(workspace.add(path))
    entry = workspace.entry(what)
    if entry is not None:
        return workspace.notebook_for(entry)
    name = path.stem if path.suffix == ".ipynb" else what
    if name not in names():
        known = [*names(), *(each.slug for each in workspace.entries())]
        raise OpenError(catalogue.text("opening.say", "unknown", name=visible(what), known=known))
    return workspace.copy(name)
