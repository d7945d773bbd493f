"""
Something that is drawn again and again, but not more often than one can read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Pulse:
    """
    Draws at once where that was not done for a while, else at the end of that while: what came last is never left out.

    Args:
        draw: Draws.
        every: Seconds between two times.
    """

    def __init__(self, draw: Callable[[], None], every: float) -> None:
        self._draw, self._every = draw, every
        self._drawn_at = -every
        self._waiting: asyncio.TimerHandle | None = None

    def beat(self) -> None:
        """
        Something is new.
        """
        if self._waiting is not None:
            return
        wait = self._drawn_at + self._every - time.monotonic()
        if wait <= 0:
            self._now()
        else:
            self._waiting = asyncio.get_running_loop().call_later(wait, self._now)

    def stop(self) -> None:
        """
        What was to be drawn is not any more.
        """
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _now(self) -> None:
        self._waiting = None
        try:
            self._draw()
        finally:
            self._drawn_at = time.monotonic()
