"""
The parts with a front of their own, seen from the kernel, and work that a click starts.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runbook_lib.errors import RunbookError
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import Html
from runbook_lib.widgets.controls import Controls
from runbook_lib.widgets.front import Panel, Status
from runbook_lib.widgets.showing import Twins
from runbook_lib.widgets.tasks import Worker

from .conftest import Traffic


def test_panel(catalogue: Catalogue, traffic: Traffic) -> None:
    """
    It shows markup, knows the words of its buttons, opens notebooks, and tells of the pages that show it.
    """
    pages: list[str] = []
    panel = Panel(catalogue, Html("<p>a</p>"), pages.append)
    panel.show(Html("<p>b</p>"))
    panel.go("a/b.ipynb")
    for content in ({"page": "x" * 500}, {"page": 5}, {}, None, [], "page"):
        panel._handle_custom_msg(content, [])

    assert "<p>b</p>" == panel.html
    assert {"copy", "copied", "copy_failed"} == set(panel.words)
    assert [{"open": "a/b.ipynb"}] == traffic.custom(panel)
    assert ["x" * 100] == pages


def test_status() -> None:
    """
    A bar while something is under way; a sentence takes it away.
    """
    status = Status()
    status.say("No", "fail")
    status.advance(1, 3, "Looking")
    under_way = (status.tone, status.text, dict(status.progress))
    status.say("Done")

    assert ("", "Looking", {"done": 1, "total": 3, "label": "Looking"}) == under_way
    assert ("", "Done", 0) == (status.tone, status.text, status.progress["total"])


@pytest.fixture
def worker(catalogue: Catalogue) -> Worker:
    """
    A worker with a status line.
    """
    return Worker(Status(), catalogue)


@pytest.mark.parametrize(
    ("error", "said"),
    [(RunbookError("In words."), "In words."), (ValueError("deep inside"), "reason is in the program: ValueError: deep inside")],
)
async def test_errors_are_said(worker: Worker, error: Exception, said: str) -> None:
    """
    An error with words says these, any other that it is one of the program; long work and short handlers alike.
    """

    async def work() -> None:
        raise error

    def handler() -> None:
        raise error

    worker.start(work())
    await worker.wait()
    first = (worker.status.tone, worker.status.text)
    worker.status.say("")
    worker.guard(handler)

    assert first == (worker.status.tone, worker.status.text)
    assert "fail" == worker.status.tone
    assert said in worker.status.text


async def test_one_piece_of_work_at_a_time(worker: Worker) -> None:
    """
    A second one is not begun while the first is under way; stopped, it says so, and the next can begin.
    """
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()

    assert worker.start(work())
    assert not worker.start(work())
    assert worker.busy
    worker.stop()
    await worker.wait()
    assert not worker.busy
    assert "Stopped. What was found until then stands below." == worker.status.text
    gate.set()
    assert worker.start(work())
    await worker.wait()
    worker.stop()
    await worker.wait()


async def test_stop_is_there_only_while_something_goes_on(catalogue: Catalogue) -> None:
    """
    The Stop button comes with the work and goes with it, an error or not.
    """
    seen: list[Any] = []
    controls: Controls

    async def work() -> None:
        seen.append(controls.stop.layout.display)
        raise RunbookError("No.")

    controls = Controls(catalogue, "walk.verify", work, "Route")
    controls.start.click()
    await controls.worker.wait()

    assert [""] == seen
    assert "none" == controls.stop.layout.display
    assert "Look at this step now: Route" == controls.start.tooltip


def test_twins(shown: list[Any]) -> None:
    """
    A twin is shown once and then changed in its place, and only where it differs.
    """
    twins = Twins()
    twins.update("a", Html("early"))
    twins.show("a", [], Html("first"), "plain")
    twins.update("a", Html("first"), "plain")
    twins.update("a", Html("second"), "plain")

    assert [("first", False), ("second", True)] == [(each["data"]["text/html"], each["update"]) for each in shown]
    assert 1 == len({each["transient"]["display_id"] for each in shown})


def test_the_result_has_a_place_before_there_is_one(shown: list[Any]) -> None:
    """
    The cell leaves an empty place under an id, so that a result that comes from a click later finds it.
    """
    Twins().emit(None)

    assert [({"text/plain": ""}, False)] == [(each["data"], each["update"]) for each in shown]
    assert shown[0]["transient"]["display_id"].endswith("-result")
