"""
What the commands share: finding environment files, saying what is wrong with them, showing progress.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from ..environment import Environment, load_environment
from ..errors import EnvironmentFileError, KeyProblem
from ..exports import Exports
from ..knowledge.text import Catalogue
from ..session import open_exports

ERROR_SCHEMA = "inbound-runbook/error/1"
"""
Version of the document that stands for an environment file that cannot be used.
"""
WRONG = 2
SEVERITY = (2, 1, 3, 0)
"""
Exit statuses, worst first.
"""
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    One environment file, loaded or not.

    Args:
        file: As the user named it, or found in a folder.
        environment: None where it cannot be used.
        error: Why not.
        exports: What its tenant exported.
    """

    file: Path
    environment: Environment | None
    error: EnvironmentFileError | None = None
    exports: Exports = field(default_factory=Exports)


def load_all(paths: Iterable[Path]) -> list[Loaded]:
    """
    Load environment files; what is wrong with one goes to stderr and does not stop the others.

    Args:
        paths: Files, or folders whose ``*.yaml`` and ``*.yml`` files are taken in the order of their names.
    """
    return [_load(file) for path in paths for file in _files(path)]


def several(paths: Sequence[Path]) -> bool:
    """
    True where a list is due, not a single document: several arguments, or a folder.
    """
    return len(paths) > 1 or any(path.is_dir() for path in paths)


def worst(statuses: Iterable[int]) -> int:
    """
    The exit status of several, worst first in the order 2, 1, 3, 0.
    """
    return min(statuses, key=SEVERITY.index, default=WRONG)


def error_document(error: EnvironmentFileError) -> dict[str, Any]:
    """
    What stands in a list of results for a file that cannot be used.
    """
    return {
        "schema": ERROR_SCHEMA,
        "file": error.file,
        "errors": [{"key": problem.key, "value": problem.value, "message": problem.message} for problem in error.problems],
    }


class Bars(Protocol):
    """
    What of rich's progress bars the commands use.
    """

    def add_task(self, description: str, *, total: float | None) -> Any:
        """
        A new bar; returns what `update` knows it by.
        """

    def update(self, task_id: Any, *, completed: float, total: float) -> None:
        """
        How far it is.
        """


class _NoBars:
    def add_task(self, description: str, *, total: float | None) -> None:
        pass

    def update(self, task_id: Any, *, completed: float, total: float) -> None:
        pass


@contextmanager
def progress() -> Iterator[Bars]:
    """
    Progress bars on stderr; nothing where that is no terminal.
    """
    if not sys.stderr.isatty():
        yield _NoBars()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield bars


def say(text: str) -> None:
    """
    One line for people, on stderr.
    """
    sys.stderr.write(text + "\n")


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(entry for entry in path.iterdir() if entry.suffix in _ENDINGS and entry.is_file())
    return found or [path]


def _load(file: Path) -> Loaded:
    try:
        environment = load_environment(file)
        _must_have_world(environment, file)
        return Loaded(file, environment, exports=open_exports(environment, str(file)))
    except EnvironmentFileError as error:
        say(str(error))
        return Loaded(file, None, error)


def _must_have_world(environment: Environment, file: Path) -> None:
    if environment.sandbox is None:
        return
    from ..sandbox import names

    if environment.sandbox not in names():
        nearest = get_close_matches(environment.sandbox, names(), 1)
        words = Catalogue(environment.language)
        values = {"name": environment.sandbox, "n": len(names()), "nearest": "".join(nearest)}
        message = words.text("environment_words.no_world", "near" if nearest else "text", **values)
        raise EnvironmentFileError(str(file), [KeyProblem("sandbox", environment.sandbox, message)])
