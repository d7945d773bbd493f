"""
``runbook run``: execute the notebooks, write the reports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..environment import Environment
from ..errors import EnvironmentFileError
from ..execution.delivery import REPORT, Delivery, deliver, folder_names, notebook_path, write_files
from ..knowledge.text import Catalogue
from .console import WRONG, Loaded, load_all, progress, say, several, worst

DEFAULT_OUTPUT = "reports"


@dataclass(frozen=True, slots=True)
class Job:
    """
    One environment to be run.

    Args:
        file: Its file.
        environment: Loaded.
        notebook: To be executed.
        folder: For its report.
    """

    file: Path
    environment: Environment
    notebook: Path
    folder: Path


def run_all(paths: Sequence[Path], output: Path | None, jobs: int) -> int:
    """
    Run environments.

    Args:
        paths: Files or folders.
        output: Folder for the reports; None takes each environment's own.
        jobs: How many at once.

    Returns:
        The exit status, the worst of all.
    """
    loaded = load_all(paths)
    made = _jobs(loaded, output)
    statuses = [WRONG] * (len(loaded) - len(made))
    words = Catalogue()
    deliveries = asyncio.run(carry_out(made, jobs))
    for job, delivery in zip(made, deliveries, strict=True):
        outcome = str(delivery.failure or words.text("command.verdict", delivery.result.verdict.value))
        say(words.text("command.say", "outcome", file=str(job.file), outcome=outcome, report=str(delivery.folder / REPORT)))
        statuses.append(delivery.result.verdict.exit_status)
    if several(paths) and deliveries:
        write_index(output or Path(DEFAULT_OUTPUT), made, deliveries)
        say(f"{(output or Path(DEFAULT_OUTPUT)) / 'index.html'}")
    return worst(statuses)


async def carry_out(jobs: Sequence[Job], at_once: int) -> list[Delivery]:
    """
    Carry out jobs, some at once.

    Args:
        jobs: What to do.
        at_once: How many side by side.

    Returns:
        What each left behind, in the same order.
    """
    gate = asyncio.Semaphore(at_once)
    with progress() as bars:

        async def one(job: Job) -> Delivery:
            async with gate:
                bar = bars.add_task(job.folder.name, total=None)
                return await deliver(
                    job.environment, job.notebook, job.folder, lambda done, total: bars.update(bar, completed=done, total=total)
                )

        return await asyncio.gather(*(one(job) for job in jobs))


def write_index(output: Path, jobs: Sequence[Job], deliveries: Sequence[Delivery]) -> None:
    """
    Write ``index.html`` and ``summary.csv`` over several reports.
    """
    from ..reporting import Entry, render_index, summary_csv

    entries = [
        Entry(str(job.file), delivery.result, _link(output, delivery.folder)) for job, delivery in zip(jobs, deliveries, strict=True)
    ]
    catalogue = Catalogue(deliveries[0].result.language)
    write_files(output, {"index.html": render_index(entries, catalogue), "summary.csv": summary_csv(entries, catalogue)})


def _jobs(loaded: Sequence[Loaded], output: Path | None) -> list[Job]:
    names = folder_names([item.file for item in loaded])
    jobs = []
    for item, name in zip(loaded, names, strict=True):
        if item.environment is None:
            continue
        try:
            notebook = notebook_path(str(item.file), item.environment)
        except EnvironmentFileError as error:
            say(str(error))
            continue
        jobs.append(Job(item.file, item.environment, notebook, (output or Path(item.environment.output_dir)) / name))
    return jobs


def _link(output: Path, folder: Path) -> str:
    try:
        return (folder.resolve().relative_to(output.resolve()) / REPORT).as_posix()
    except ValueError:
        return (folder.resolve() / REPORT).as_uri()
