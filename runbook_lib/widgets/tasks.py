"""
Work that a click starts: kept, so that nobody collects it; its errors shown, never swallowed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..errors import RunbookError
from ..knowledge.text import Catalogue
from .front import Status

_log = logging.getLogger(__name__)


class Worker:
    """
    Carries out one piece of work at a time for one place on the page.

    Args:
        status: Where errors are said.
        catalogue: The words.
    """

    def __init__(self, status: Status, catalogue: Catalogue) -> None:
        self.status = status
        self._catalogue = catalogue
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """
        True while something is under way.
        """
        return self._task is not None and not self._task.done()

    def start(self, work: Coroutine[Any, Any, None]) -> bool:
        """
        Begin some work, unless other work is under way: a second click does nothing.

        Returns:
            True where it was begun.
        """
        if self.busy:
            work.close()
            return False
        self._task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._task.add_done_callback(lambda task: self._never_begun(work) if task.cancelled() else None)
        return True

    def stop(self) -> None:
        """
        Stop what is under way.
        """
        if self._task is not None:
            self._task.cancel()

    async def wait(self) -> None:
        """
        Wait until nothing is under way.
        """
        if self._task is not None:
            await asyncio.wait([self._task])

    def _never_begun(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()
        self.status.say(self._catalogue.text("walk.stopped"))

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            self.status.say(self._catalogue.text("walk.stopped"))
        except Exception as error:  # noqa: BLE001  # whatever it is, the person who clicked has to be told
            self.fail(error)

    def guard(self, handler: Callable[[], None]) -> None:
        """
        Carry out a short handler whose error is shown, not swallowed.
        """
        try:
            handler()
        except Exception as error:  # noqa: BLE001  # ipywidgets would only log it
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """
        Say what went wrong, in words where the error has some.
        """
        if isinstance(error, RunbookError):
            self.status.say(str(error), "fail")
        else:
            _log.error("A handler failed.", exc_info=error)
            self.status.say(self._catalogue.text("walk.defect", detail=f"{type(error).__name__}: {error}"[:300]), "fail")
