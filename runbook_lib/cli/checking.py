"""
``runbook check``: probe and judge, a table on the terminal or the result document.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..environment import Environment, safe_name
from ..errors import EnvironmentFileError
from ..exports import Exports
from ..results import Result
from ..session import Progress, Session, earlier_result
from .console import WRONG, Loaded, error_document, load_all, progress, several, worst

AT_ONCE = 4
"""
Customers looked at side by side; each of them asks many questions at once already.
"""


def check_all(paths: Sequence[Path], *, as_json: bool) -> int:
    """
    Check environments.

    Args:
        paths: Files or folders.
        as_json: Print result documents in place of tables.

    Returns:
        The exit status, the worst of all.
    """
    loaded = load_all(paths)
    outcomes = asyncio.run(_look(loaded))
    if as_json:
        documents = [error_document(outcome) if isinstance(outcome, EnvironmentFileError) else outcome.to_json() for outcome in outcomes]
        sys.stdout.write(json.dumps(documents if several(paths) else documents[0], ensure_ascii=False, indent=1) + "\n")
    else:
        _show([outcome for outcome in outcomes if isinstance(outcome, Result)])
    return worst(outcome.verdict.exit_status if isinstance(outcome, Result) else WRONG for outcome in outcomes)


async def _look(loaded: Sequence[Loaded]) -> list[Result | EnvironmentFileError]:
    gate = asyncio.Semaphore(AT_ONCE)
    with progress() as bars:

        async def one(item: Loaded) -> Result | EnvironmentFileError:
            if item.environment is None:
                return item.error or EnvironmentFileError(str(item.file), [])
            async with gate:
                bar = bars.add_task(item.file.name, total=None)
                return await _check(item.environment, item.exports, lambda _, done, total: bars.update(bar, completed=done, total=total))

        return await asyncio.gather(*(one(item) for item in loaded))


async def _check(environment: Environment, exports: Exports, tell: Progress) -> Result:
    before = earlier_result(environment, Path(environment.output_dir) / safe_name(environment.customer))
    async with Session(environment, exports, before=before) as session:
        await session.look(progress=tell)
        return session.result()


def _show(results: Sequence[Result]) -> None:
    from rich.console import Console

    from ..reporting import render_terminal

    console = Console()
    for result in results:
        render_terminal(result, console)
