"""
The setting a notebook finds itself in: is anybody there, where do results go, which made-up customer stands in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .environment import Environment, environment_from_parameters, load_environment, safe_name
from .execution.managed import MANAGED
from .knowledge.text import Catalogue
from .procedures import notebook_of
from .sandbox import STAND_INS, scenario
from .workspace import current


def is_interactive(said: Any) -> bool:
    """
    True where a person is in front of the notebook.

    Args:
        said: The parameter `interactive`; None asks whether the client that runs this cell can answer (its message's ``allow_stdin``).
    """
    if isinstance(said, bool):
        return said
    if os.environ.get(MANAGED):
        return False
    from IPython.core.getipython import get_ipython  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and bool(kernel.get_parent().get("content", {}).get("allow_stdin"))


def page_words(language: str) -> Catalogue:
    """
    The words of a page that belongs to no customer.

    Args:
        language: As its parameter says; empty takes the workspace's, else `RUNBOOK_LANGUAGE`, else English.

    Raises:
        KnowledgeError: There are no texts in it.
    """
    workspace = current()
    return Catalogue(language or (None if workspace is None else workspace.language))


def results_folder(environment: Environment) -> Path:
    """
    Where the result lies: in a managed run the working folder, else below `output_dir`.
    """
    return Path() if os.environ.get(MANAGED) else Path(environment.output_dir) / safe_name(environment.customer)


def stand_in(given: Mapping[str, Any], notebook: str) -> Environment:
    """
    The made-up customer that a notebook shows where nothing was given.

    Args:
        given: Its parameters: language and folder of results count.
        notebook: Which notebook.
    """
    own = {key: given[key] for key in ("language", "output_dir") if key in given}
    customer = load_environment(scenario(STAND_INS[notebook]).environment_file)
    return environment_from_parameters({**customer.as_parameters(), **own})


def misplaced(environment: Environment, notebook: str, catalogue: Catalogue) -> str:
    """
    Why an environment does not belong into a notebook, in words; ``""`` where it does.
    """
    right = notebook_of(environment.platform)
    if right == notebook:
        return ""
    return catalogue.text("walk.other_notebook", platform=environment.platform.value)
