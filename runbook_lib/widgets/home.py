"""
Where a walk lives: its files, and what keeps what was typed and found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environment import Environment
from ..knowledge.text import Catalogue
from ..results import Result


@dataclass(frozen=True, slots=True)
class Home:
    """
    Where a walk lives.

    Args:
        notebook: Which notebook it is.
        base: Folder that the environment's files are relative to.
        file: The environment file, None where there is none yet.
        uploads: Folder for uploaded files.
        draft: What was typed and not saved, None for nothing.
        keep: Keeps what was typed; given None it lets go of it.
        memory: Reads what an earlier walk had seen.
        remember: Keeps what this walk has seen.
        before: The result document of an earlier run of an environment.
        deliver: Writes report and result; returns the report's path and how a page of this server can link to it, ``""`` for not.
        fits: Says in words why an environment does not belong into this notebook, ``""`` where it does.
        start: The start page, as the server knows it; ``""`` where there is none.
    """

    notebook: str
    base: Path
    file: Path | None
    uploads: Path
    draft: Mapping[str, Any] | None
    keep: Callable[[Mapping[str, Any] | None], None]
    memory: Callable[[], Any]
    remember: Callable[[Mapping[str, Any]], None]
    before: Callable[[Environment], Any]
    deliver: Callable[[Environment, Result], tuple[str, str]]
    fits: Callable[[Environment, Catalogue], str]
    start: str = ""
