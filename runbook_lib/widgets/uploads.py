"""
Exported files by picker or by drag and drop: read at once, kept where the environment lives, said what they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import ipywidgets

from ..environment import safe_name
from ..errors import ExportError
from ..exports import read_export
from ..knowledge.text import Catalogue, visible
from .fields import button, close_deep
from .front import LARGEST_UPLOAD, DropZone, Status
from .lane import on_click
from .tasks import Worker


def _raise(error: Exception) -> None:
    raise error


class Uploads:
    """
    The exported files of one environment.

    Args:
        catalogue: The words.
        folder: Where uploaded files are kept.
        base: Folder that the environment's files are relative to.
    """

    def __init__(self, catalogue: Catalogue, folder: Path, base: Path) -> None:
        self.files: list[str] = []
        self.changed: Callable[[], None] = lambda: None
        self.failed: Callable[[Exception], None] = _raise
        self._catalogue, self._folder, self._base = catalogue, folder, base
        self._status = Status()
        self._list = ipywidgets.VBox([])
        self._waiting: list[tuple[str, bytes]] = []
        self.worker = Worker(self._status, catalogue)
        self._zone = DropZone(catalogue.text("walk.drop"), self._arrived, self._too_large)
        title = ipywidgets.HTML(f'<span class="rb-list-title">{catalogue.text("form.section.exports")}</span>')
        self.widget = ipywidgets.VBox([title, self._zone, self._status, self._list])
        self.widget.add_class("rb-uploads")

    def fill(self, files: Sequence[str]) -> None:
        """
        The files the environment names already.
        """
        self.files = list(map(str, files))
        self._show()

    def _arrived(self, name: str, content: bytes) -> None:
        self._waiting.append((name, content))
        self.worker.start(self._work())  # where that is under way already, it comes to this one too

    async def _work(self) -> None:
        while self._waiting:
            name, content = self._waiting.pop(0)
            try:
                await self.take(name, content)
            except Exception as error:  # noqa: BLE001  # the next file is taken all the same
                self.failed(error)

    async def take(self, name: str, content: bytes) -> None:
        """
        Take an uploaded file: it is kept where it can be read as an export, else it is said why not.

        Args:
            name: As the browser gives it; only its last part is used, made safe.
            content: All of it.
        """
        plain = name.replace("\\", "/").rpartition("/")[2]
        stem, _, ending = plain.rpartition(".")
        safe = f"{safe_name(stem)}.{safe_name(ending)}" if stem and ending else safe_name(plain)
        path = self._folder / safe
        try:
            export = await asyncio.to_thread(read_export, safe, content, self._catalogue)
        except ExportError as error:
            where = self._catalogue.text("walk.accepted") if error.accepted else ""
            said = " ".join(part for part in (error.problem, error.recognised, where) if part)
            self._status.say(f"{visible(plain)}: {said}", "fail")
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        waiting = path.with_name(f".{safe}.new")
        waiting.write_bytes(content)
        waiting.replace(path)
        try:
            named = path.relative_to(self._base).as_posix()
        except ValueError:
            named = str(path)
        if named not in self.files:
            self.files.append(named)
        kind = self._catalogue.text(f"exports.kind.{export.kind.value}")
        self._status.say(self._catalogue.text("walk.uploaded", name=plain, kind=kind))
        self._show()
        self.changed()

    def _too_large(self, name: str, size: int) -> None:
        self._status.say(self._catalogue.text("walk.too_large", name=name, size=size // 1048576, most=LARGEST_UPLOAD // 1048576), "fail")

    def _show(self) -> None:
        former = self._list.children
        self._list.children = tuple(self._row(name) for name in self.files)
        for row in former:
            close_deep(row)

    def _row(self, name: str) -> ipywidgets.Widget:
        gone = button(self._catalogue.text("walk.remove"), hint=self._catalogue.text("walk.remove", "file", name=name))
        on_click(gone, lambda: self._guard(lambda: self._remove(name)))
        row = ipywidgets.HBox([ipywidgets.Label(visible(name)), gone])
        row.add_class("rb-file")
        return row

    def _guard(self, handler: Callable[[], None]) -> None:
        try:
            handler()
        except Exception as error:  # noqa: BLE001  # ipywidgets would only log it
            self.failed(error)

    def _remove(self, name: str) -> None:
        where = self.files.index(name)
        self.files = [each for each in self.files if each != name]
        self._show()
        if self._list.children:
            self._list.children[min(where, len(self.files) - 1)].children[-1].focus()
        else:
            self._zone.focus()
        self.changed()
