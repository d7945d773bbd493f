"""
Drawing again and again: not too often, and never without what came last.
"""

from __future__ import annotations

import asyncio

from runbook_lib.widgets.pulse import Pulse


async def test_what_came_last_is_drawn() -> None:
    """
    The first is drawn at once, a burst behind it once more, at the end of the while.
    """
    news: list[int] = []
    drawn: list[int] = []
    pulse = Pulse(lambda: drawn.append(len(news)), 0.05)
    for each in range(9):
        news.append(each)
        pulse.beat()

    assert [1] == drawn
    await asyncio.sleep(0.2)
    assert [1, 9] == drawn


async def test_what_is_stopped_is_not_drawn() -> None:
    """
    Once all is over nothing comes behind; later it can begin anew.
    """
    drawn = []
    pulse = Pulse(lambda: drawn.append(1), 0.05)
    pulse.beat()
    pulse.beat()
    pulse.stop()
    await asyncio.sleep(0.1)

    assert [1] == drawn
    pulse.beat()
    assert [1, 1] == drawn
