"""
Where handlers run: on the thread and in the event loop that the cells run in.

JupyterLab hands messages of widgets to a kernel's subshell, a thread of its own with another event loop. What is started there would share
locks and connections with what cells started, across two loops, and would end with the subshell when the page is loaded again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import ipywidgets


class Lane:
    """
    The thread and the event loop it was made in.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def do(self, handler: Callable[[], object]) -> None:
        """
        Carry out a handler here: at once where this is the thread, else as soon as the loop comes to it.
        """
        if self._loop is None or threading.get_ident() == self._thread:
            handler()
        else:
            self._loop.call_soon_threadsafe(handler)


def on_click(button: ipywidgets.Button, handler: Callable[[], object]) -> None:
    """
    Carry out a handler when a button is pressed, wherever the message comes in.
    """
    lane = Lane()
    button.on_click(lambda _: lane.do(handler))
