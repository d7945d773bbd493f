"""
Widgets without a browser: what they send is kept, and what is put into the notebook is caught.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from runbook_lib.interactive import _at_home, _loose
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.sandbox import scenario
from runbook_lib.widgets import Home, Walkthrough
from runbook_lib.widgets.form import Form
from runbook_lib.widgets.front import Status
from runbook_lib.workspace import Entry, Workspace


@dataclass
class Traffic:
    """
    What the widgets sent to the browser.
    """

    messages: list[tuple[BaseComm, Mapping[str, Any]]] = field(default_factory=list)

    def custom(self, widget: ipywidgets.Widget) -> list[Any]:
        """
        The custom messages of one widget.
        """
        return [data["content"] for channel, data in self.messages if channel is widget.comm and data.get("method") == "custom"]

    @property
    def cursor(self) -> BaseComm | None:
        """
        Whose widget got the cursor last.
        """
        return next((channel for channel, data in reversed(self.messages) if data.get("content") == {"do": "focus"}), None)


@pytest.fixture(autouse=True)
def traffic(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    """
    Every comm that a widget opens writes down what it sends; at the end all widgets are closed.
    """
    sent = Traffic()

    class Kept(BaseComm):  # type: ignore[misc]  # comm ships no types
        def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
            if msg_type == "comm_msg":
                sent.messages.append((self, data))

    monkeypatch.setattr(comm, "create_comm", Kept)
    yield sent
    ipywidgets.Widget.close_all()


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """
    What is put into the notebook, in order.
    """
    shell = InteractiveShell.instance(
        config=Config({"HistoryManager": {"enabled": False}}),
        ipython_dir=str(tmp_path / "ipython"),
        user_module=types.ModuleType("walked_notebook"),
    )
    shell.display_pub = CapturingDisplayPublisher()
    yield shell.display_pub.outputs
    InteractiveShell.clear_instance()


async def until(condition: Callable[[], Any]) -> None:
    """
    Wait until something is so.
    """
    while not condition():  # noqa: ASYNC110  # what is waited for knows of no event
        await asyncio.sleep(0.01)


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """
    All files below a folder.
    """
    return [path for path in folder.rglob(pattern) if path.is_file()]


@pytest.fixture
def catalogue() -> Catalogue:
    """
    The English words.
    """
    return Catalogue()


@pytest.fixture
def form(tmp_path: Path, catalogue: Catalogue) -> Form:
    """
    An empty form that is shown, all its sections open.
    """
    made = Form(catalogue, tmp_path, about="test", status=Status(), failed=_raise)
    open_all(made)
    return made


def _raise(error: Exception) -> None:
    raise error


def open_all(form: Form) -> None:
    """
    Show a form and open every section.
    """
    assert form.widget is not None
    for box in form._boxes.values():
        box.open()


@pytest.fixture
def opened() -> Callable[[Form], None]:
    """
    Shows a form and opens every section of it.
    """
    return open_all


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """
    A workspace without customers.
    """
    made = Workspace(tmp_path / "workspace")
    made.prepare()
    return made


@pytest.fixture
def entry(workspace: Workspace) -> Callable[..., Entry]:
    """
    Takes a made-up customer into the workspace, as a file of its own.
    """

    def made(name: str, **changed: Any) -> Entry:
        from runbook_lib.environment import load_environment  # noqa: PLC0415  # only these tests read files

        values = load_environment(scenario(name).environment_file).as_parameters()
        return workspace.create({**values, **changed})

    return made


@pytest.fixture
def at_home(workspace: Workspace) -> Callable[[Entry, str], Home]:
    """
    Where a walk of one customer of the workspace lives.
    """
    return lambda entry, notebook: _at_home(workspace, entry, notebook)


@pytest.fixture
def loose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Home]:
    """
    Where a walk lives that belongs to no workspace.
    """
    monkeypatch.chdir(tmp_path)
    return lambda notebook: _loose(notebook, {})


@pytest.fixture
async def walk(shown: list[dict[str, Any]]) -> AsyncIterator[Callable[..., Walkthrough]]:
    """
    Begins a walk; whatever it has open is closed at the end.
    """
    assert shown == []
    begun: list[Walkthrough] = []

    def begin(home: Home, values: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Walkthrough:
        begun.append(Walkthrough(home, values, notes))
        return begun[-1]

    yield begin
    for one in begun:
        one.details._hints.worker.stop()
        await one.details._hints.worker.wait()
        await one.details.worker.wait()
        await one.aclose()
