"""
From an environment to the three files of a report: the executed notebook, ``report.html`` and ``result.json``.

All three are made in full before the first is written, and each is written beside its place and then moved there: whoever looks at the
folder sees the old report or the new one, never half of one.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..environment import Environment, safe_name
from ..errors import EnvironmentFileError, ExecutionError, KeyProblem
from ..knowledge.shipped import shipped
from ..knowledge.text import Catalogue, Message
from ..procedures import notebook_of
from ..procedures.recorded import former_of
from ..reporting import render_report
from ..results import GATES, Finding, Gate, Result, Status
from ..session import earlier_result

if TYPE_CHECKING:
    from .runner import CellProgress

NOTEBOOK, REPORT, RESULT = "notebook.ipynb", "report.html", "result.json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    What one environment's run left behind.

    Args:
        folder: Where the three files lie.
        result: What came of it; of a run that did not end, one that says so.
        failure: Why it did not end, None where it did.
    """

    folder: Path
    result: Result
    failure: ExecutionError | None


async def deliver(environment: Environment, notebook: Path, folder: Path, progress: CellProgress | None = None) -> Delivery:
    """
    Execute an environment's notebook and write its report.

    Args:
        environment: Checked.
        notebook: The platform's notebook.
        folder: Where the files go; it is made.
        progress: Told of each cell.

    Returns:
        What was left behind.

    Raises:
        OSError: The folder or a file in it cannot be written.
    """
    # nbformat loads jsonschema, and that, where JupyterLab has brought this package, builds a grammar of IRIs: more than a second, for a
    # format that no notebook has. None makes the import fail, which jsonschema is prepared for.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is the import system's word for "there is none"
    import nbformat  # noqa: PLC0415  # see above

    from .runner import execute  # noqa: PLC0415  # a notebook's kernel, which comes here only to write files, needs nothing of Jupyter's

    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    started = datetime.now(UTC)
    parameters = {**environment.as_parameters(), "interactive": False}
    catalogue = Catalogue(environment.language)
    execution = await execute(
        notebook, parameters, time_limit=environment.time_limit, folder=folder, catalogue=catalogue, progress=progress
    )
    result = execution.result or failed_result(environment, started, execution.failure, earlier_result(environment, folder))
    result = replace(result, environment=environment.as_given())  # a notebook is told its files in full, a report as they were given
    write_files(
        folder,
        {
            NOTEBOOK: nbformat.writes(execution.notebook) + "\n",  # type: ignore[no-untyped-call]  # it ships no types
            REPORT: render_report(result, Catalogue(result.language)),
            RESULT: result.dumps(),
        },
    )
    return Delivery(folder, result, execution.failure)


def notebook_path(file: str, environment: Environment) -> Path:
    """
    The notebook of an environment's platform.

    Raises:
        EnvironmentFileError: This version has none for it.
    """
    path = shipped("notebooks") / f"{notebook_of(environment.platform)}.ipynb"
    if not path.is_file():
        platform = environment.platform.value
        words = Catalogue(environment.language)
        message = words.text("environment_words.no_notebook", notebook=path.stem, platform=words.text("ui.platform", platform))
        raise EnvironmentFileError(file, [KeyProblem("platform", platform, message)])
    return path


def failed_result(environment: Environment, started: datetime, failure: ExecutionError | None, before: Any = None) -> Result:
    """
    The result of a run whose notebook did not come to its end: nothing is said about the customer, and it is said why.

    Args:
        environment: Whose run it was.
        started: When it began.
        failure: Why it did not end.
        before: An earlier result document: what it recorded of the MX records before the move is kept.
    """
    detail = str(failure) if failure is not None else ""
    message = Message("common.execution_failed", {"detail": detail, "kind": failure.kind.value if failure is not None else ""})
    finding = Finding("execution", "summary", "tenant", Status.UNKNOWN, message, "execution_failed", ("execution_failed",))
    return Result(
        tool_version=__version__,
        runbook=notebook_of(environment.platform),
        phase=environment.phase.value,
        environment=environment.as_given(),
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        finished=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        vantage={"addresses": [], "nameservers": [], "proxy": None, "port_25": "unknown"},
        findings=(finding.worded(Catalogue(environment.language).words(message)),),
        gates={name: Gate() for name in GATES},
        observations={},
        language=environment.language,
        cutover=before["cutover"] if former_of(before, environment.customer) else None,
    )


def write_files(folder: Path, contents: dict[str, str]) -> None:
    """
    Write several files of one folder, each whole or not at all.

    Raises:
        OSError: One of them cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def folder_names(files: Sequence[Path]) -> list[str]:
    """
    One folder name for each environment file: its stem, with its folder's name in front where stems are equal.

    >>> folder_names([Path("a/x.yaml"), Path("b/x.yaml"), Path("a/y.yaml")])
    ['a-x', 'b-x', 'y']
    """
    stems = [file.stem for file in files]
    names = [safe_name(file.stem if stems.count(file.stem) == 1 else f"{file.resolve().parent.name}-{file.stem}") for file in files]
    taken: dict[str, int] = {}
    unique = []
    for name in names:
        taken[name.lower()] = taken.get(name.lower(), 0) + 1
        unique.append(name if taken[name.lower()] == 1 else f"{name}-{taken[name.lower()]}")
    return unique
