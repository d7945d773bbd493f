"""
One notebook, executed headlessly, and what really became of it.

Neither papermill's cell statuses nor the saved notebook can be trusted for that: after a time-out or the death of a kernel they look like a
success. The verdict comes from the exception, or from the result that the notebook's last cell emitted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..errors import ExecutionError, Failure, ResultError
from ..knowledge.headings import put_headings
from ..knowledge.text import Catalogue, visible
from ..results import MIME_TYPE, Result
from .kernel import Client

CellProgress = Callable[[int, int], None]
"""
Told how many cells are done, and how many there are.
"""
_GRACE_S = 60.0
_DETAIL = 600


@dataclass(frozen=True, slots=True)
class Execution:
    """
    What became of a notebook.

    Args:
        notebook: The notebook document with what output there is.
        result: What it emitted, None where it did not come to that.
        failure: Why not, None where it did.
    """

    notebook: Any
    result: Result | None
    failure: ExecutionError | None


async def execute(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    time_limit: float,
    folder: Path,
    catalogue: Catalogue,
    progress: CellProgress | None = None,
) -> Execution:
    """
    Execute a notebook with parameters.

    Args:
        notebook: The shipped notebook's file.
        parameters: Names and values for its parameters cell; the names have been checked.
        time_limit: Seconds that the environment allows for its probes; starting and ending the kernel get some more.
        folder: Working folder of the kernel.
        catalogue: The words, for the notebook's headings and for what may go wrong.
        progress: Told of each cell.

    Returns:
        What became of it. Only a cancellation raises; the kernel is gone then.
    """
    from papermill.iorw import load_notebook_node  # noqa: PLC0415  # papermill's import can take a second
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415  # see above

    logging.getLogger("papermill.translators").setLevel(logging.ERROR)
    document = load_notebook_node(str(notebook))
    put_headings(document.cells, notebook.stem, catalogue, str(parameters.get("platform") or ""))
    document = parameterize_notebook(document, dict(parameters), kernel_name="python3", language="python")
    for cell in document.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
    client = Client(
        document, resources={"metadata": {"path": str(folder)}}, shutdown_kernel="immediate", timeout=None, store_widget_state=False
    )
    client.on_cell_executed = _teller(progress, len(document.cells))
    failure = await _outcome(client, time_limit + _GRACE_S, catalogue)
    result = None if failure else _emitted(document)
    if failure is None and result is None:
        failure = ExecutionError(Failure.NO_RESULT, catalogue.text("execution.failure", "no_result"))
    return Execution(document, result, failure)


async def _outcome(client: Client, bound: float, catalogue: Catalogue) -> ExecutionError | None:
    # In a task of its own, because nbclient turns a cancellation into a dead kernel.
    task = asyncio.ensure_future(client.async_execute())
    try:
        done, _ = await asyncio.wait({task}, timeout=bound)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    if not done:
        return ExecutionError(Failure.TIMEOUT, catalogue.text("execution.failure", "timeout", seconds=bound))
    return _failure(task.exception(), catalogue)


def _failure(error: BaseException | None, catalogue: Catalogue) -> ExecutionError | None:
    def failed(kind: Failure, field: str, **values: str) -> ExecutionError:
        return ExecutionError(kind, catalogue.text("execution.failure", field, **values))

    match error:
        case None:
            return None
        case CellTimeoutError():
            return failed(Failure.TIMEOUT, "cell_timeout")
        case DeadKernelError():
            return failed(Failure.KERNEL_DIED, "kernel_died")
        case CellExecutionError():
            return failed(Failure.CELL, "cell_error", detail=_short(f"{error.ename}: {error.evalue}"))
        case RuntimeError() | OSError():
            return failed(Failure.KERNEL_DIED, "no_kernel", detail=_short(str(error)))
        case _:
            raise error


def _emitted(document: Any) -> Result | None:
    for cell in reversed(document.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {}).get(MIME_TYPE)
            if data is not None:
                try:
                    return Result.from_json(data)
                except ResultError:
                    return None
    return None


def _teller(progress: CellProgress | None, total: int) -> Callable[..., None]:
    def told(*, cell: Any, cell_index: int, **_: Any) -> None:
        del cell
        if progress is not None:
            progress(cell_index + 1, total)

    return told


def _short(text: str) -> str:
    shown = visible(text[: _DETAIL * 2])
    return shown if len(shown) <= _DETAIL else shown[: _DETAIL - 1] + "…"
