"""
``runbook watch``: the live view of a cut-over, until it is complete everywhere.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..environment import Environment, ProbeKind, Role
from ..errors import EnvironmentFileError, KeyProblem
from ..exports import Exports
from ..knowledge.text import Catalogue
from ..session import Session
from ..watching import Tick, as_moving, moving, watch
from .console import WRONG, Loaded, error_document, load_all, say, several

STOPPED = 3
MOST_NAMED = 5
"""
Domains up to which the first line names them.
"""

Show = Callable[[Tick], None]


def watch_environment(path: Path, *, every: float, minutes: float | None, as_json: bool) -> int:
    """
    Watch one environment.

    Args:
        path: Its file.
        every: Seconds between two looks.
        minutes: After which the watch ends in any case; None goes on.
        as_json: Print one JSON object a look.

    Returns:
        0 complete, 3 not complete when it ended, 2 for an environment file that cannot be used.
    """
    loaded = _load(path)
    if loaded.environment is None:
        if as_json and loaded.error is not None:
            _print(json.dumps(error_document(loaded.error), ensure_ascii=False))
        return WRONG
    environment = as_moving(loaded.environment)
    catalogue = Catalogue(environment.language)
    if environment is not loaded.environment:
        say(catalogue.text("watch.say", "phase"))
    _say_what(environment, catalogue, every)
    with _shown(catalogue, as_json=as_json) as show:
        try:
            complete = asyncio.run(_watch(environment, loaded.exports, show, every, None if minutes is None else minutes * 60))
        except KeyboardInterrupt:
            complete = False
    if not complete:
        say(catalogue.text("watch.say", "stopped"))
    return 0 if complete else STOPPED


def _say_what(environment: Environment, catalogue: Catalogue, every: float) -> None:
    watched = moving(environment)
    domains = [scope.unicode for scope in watched]
    later = [scope.unicode for scope in environment.scopes if scope.role is Role.MAIL and scope not in watched]
    if environment.sandbox:
        say(catalogue.text("ui.practice", "band"))
    begins = "begins" if len(domains) <= MOST_NAMED else "begins_many"
    say(catalogue.text("watch.say", begins, domains=domains, n=len(domains), every=every))
    if later:
        say(catalogue.text("watch.say", "later", domains=later))


async def _watch(environment: Environment, exports: Exports, show: Show, every: float, lasting: float | None) -> bool:
    complete = False
    async with Session(environment, exports) as session, aclosing(watch(session, every=every, lasting=lasting)) as ticks:
        async for tick in ticks:
            show(tick)
            complete = tick.complete
    return complete


@contextmanager
def _shown(catalogue: Catalogue, *, as_json: bool) -> Iterator[Show]:
    """
    What shows a look: a table that is kept up to date on a terminal, else lines.
    """
    if as_json:
        yield lambda tick: _print(json.dumps(tick.to_json(), ensure_ascii=False))
    elif sys.stdout.isatty():
        with _table(catalogue) as show:
            yield show
    else:
        yield _log(catalogue)


def _log(catalogue: Catalogue) -> Show:
    from ..reporting.watch import watch_lines

    before: Tick | None = None

    def show(tick: Tick) -> None:
        nonlocal before
        _print("\n".join(watch_lines(tick, before, catalogue)))
        before = tick

    return show


@contextmanager
def _table(catalogue: Catalogue) -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live

    from ..reporting.watch import watch_table

    console = Console()
    latest: Tick | None = None

    def show(tick: Tick) -> None:
        nonlocal latest
        latest = tick

    with Live(get_renderable=lambda: watch_table(latest, catalogue, console, datetime.now(UTC)), console=console, refresh_per_second=2):
        yield show


def _load(path: Path) -> Loaded:
    if several([path]):
        say(Catalogue().text("watch.refused", "folder", path=str(path)))
        return Loaded(path, None)
    (loaded,) = load_all([path])
    problem = None if loaded.environment is None else _misfit(loaded.environment)
    if problem is None:
        return loaded
    error = EnvironmentFileError(str(path), [problem])
    say(str(error))
    return Loaded(path, None, error)


def _misfit(environment: Environment) -> KeyProblem | None:
    """
    What of an environment leaves nothing to watch.
    """
    catalogue = Catalogue(environment.language)
    if ProbeKind.DNS not in environment.probes:
        return KeyProblem("probes", ", ".join(environment.probes), catalogue.text("watch.refused", "probes"))
    if all(scope.role is not Role.MAIL for scope in environment.scopes):
        return KeyProblem("domains", ", ".join(scope.name for scope in environment.scopes), catalogue.text("watch.refused", "no_mail"))
    return None


def _print(text: str) -> None:
    """
    Data on stdout, at once; what its encoding does not have is written out.
    """
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()
