"""
Exported files by picker or by drag and drop: read at once, kept where the environment lives, said what they are.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, count
from pathlib import Path

import ipywidgets

from ..environment import safe_name
from ..errors import ExportError
from ..exports import Export, Kind, read_export
from ..knowledge.export_commands import come_from
from ..knowledge.text import Catalogue, visible
from .elements import button, close_deep
from .front import LARGEST_UPLOAD, DropZone, Status
from .lane import on_click
from .tasks import Worker

TAKEN, REFUSED = "✓", "✕"

TOGETHER_S = 5.0
"""
Seconds within which files count as having come together.
"""
LARGEST_LOOKED_AT = 4 * 1024 * 1024
"""
Bytes of a file of the environment that is looked at for the list; of a larger one is not said what it is.
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """
    What a file holds: as a whole, and in each of its sections.
    """

    kind: Kind
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, export: Export) -> _Held:
        return cls(export.kind, tuple(section.kind for section in export.sections))


def _kept(path: Path, content: bytes) -> Path:
    """
    Keep a file under its own name, or beside one that has the name and says something else: nothing is written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    others = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    free = next(each for each in chain((path,), others) if not each.exists() or _holds(each, content))
    waiting = free.with_name(f".{free.name}.new")
    waiting.write_bytes(content)
    waiting.replace(free)
    return free


def _holds(path: Path, content: bytes) -> bool:
    return path.stat().st_size == len(content) and path.read_bytes() == content


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
        self._unread: list[str] = []
        self._said: list[tuple[str, bool]] = []
        self._said_at = -TOGETHER_S
        self._came: dict[str, float] = {}
        self._platforms: tuple[str, ...] = ()
        self._held: dict[str, _Held | None] = {}
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
        self._held.clear()
        self._unread.clear()
        self._show()
        self._look_at_rest()

    def concern(self, platforms: Sequence[str]) -> None:
        """
        Say beside each file whether it can come from one of these platforms at all.

        Args:
            platforms: Codes of the customer's; none where that is not known.
        """
        if self._platforms != tuple(platforms):
            self._platforms = tuple(platforms)
            self._show()
            self._look_at_rest()

    def _look_at_rest(self) -> None:
        """
        Find out what the files hold that the environment names, as soon as there is a platform they could be foreign to.
        """
        if self._platforms:
            self._unread += [name for name in self.files if name not in self._held and name not in self._unread]
            self._go_on()

    def _arrived(self, name: str, content: bytes) -> None:
        self._waiting.append((name, content))
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting or self._unread:
            self.worker.start(self._work())  # where that is under way already, it comes to these too

    async def _work(self) -> None:
        while self._waiting or self._unread:
            try:
                if self._waiting:
                    await self.take(*self._waiting.pop(0))
                else:
                    await self._look_at(self._unread.pop(0))
            except Exception as error:  # noqa: BLE001  # the next file is taken all the same
                self.failed(error)

    async def _look_at(self, name: str) -> None:
        self._held[name] = held = await asyncio.to_thread(self._read, self._base / name)
        if self._remark(held):
            self._show()

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
        try:
            export = await asyncio.to_thread(read_export, safe, content, self._catalogue)
        except ExportError as error:
            where = self._catalogue.text("walk.accepted") if error.accepted else ""
            said = " ".join(part for part in (error.problem, error.recognised, where) if part)
            self._say(f"{visible(plain)}: {said}", wrong=True)
            return
        path = await asyncio.to_thread(_kept, self._folder / safe, content)
        named, former = self._named(path), self._named(self._folder / safe)
        together = time.monotonic() - self._came.get(safe, -TOGETHER_S) < TOGETHER_S
        replaced = named != former and not together and former in self.files
        if replaced:
            self.files[self.files.index(former)] = named
        elif named not in self.files:
            self.files.append(named)
        self._came[safe] = time.monotonic()
        self._held[named] = held = _Held.of(export)
        form = "replaced" if replaced else "beside" if named != former else "text"
        there = self._catalogue.text("walk.uploaded", form, name=plain, kind=self._title(held.kind), file=path.name)
        self._say(" ".join(part for part in (there, self._remark(held)) if part))
        self._show()
        self.changed()

    def _named(self, path: Path) -> str:
        """
        A file as the environment names it.
        """
        try:
            return path.relative_to(self._base).as_posix()
        except ValueError:
            return str(path)

    def _too_large(self, name: str, size: int) -> None:
        self._say(self._catalogue.text("walk.too_large", name=name, size=size // 1048576, most=LARGEST_UPLOAD // 1048576), wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        """
        Say what became of a file, below what is said of those that came with it.
        """
        if time.monotonic() - self._said_at > TOGETHER_S:
            self._said.clear()
        self._said_at = time.monotonic()
        self._said.append((text, wrong))
        mixed = len({each for _, each in self._said}) > 1  # one colour for all: a sign tells them apart
        lines = [f"{REFUSED if each else TAKEN} {line}" if mixed else line for line, each in self._said]
        self._status.say("\n".join(lines), "fail" if any(each for _, each in self._said) else "")

    def _show(self) -> None:
        former = self._list.children
        self._list.children = tuple(self._row(name) for name in self.files)
        for row in former:
            close_deep(row)

    def _title(self, kind: Kind) -> str:
        return self._catalogue.text(f"exports.kind.{kind.value}")

    def _remark(self, held: _Held | None) -> str:
        """
        That a file can come from none of the customer's platforms; ``""`` where it can, or that cannot be told.
        """
        if held is None or not self._platforms or come_from(held.kinds, self._platforms):
            return ""
        kind, platforms = self._title(held.kinds[0]), list(self._platforms)
        return self._catalogue.text("walk.foreign", kind=kind, n=len(held.kinds), platforms=platforms)

    def _read(self, path: Path) -> _Held | None:
        try:
            small = path.stat().st_size <= LARGEST_LOOKED_AT
            return _Held.of(read_export(path.name, path.read_bytes(), self._catalogue)) if small else None
        except (OSError, ValueError):  # an ExportError is one
            return None  # what is wrong with it is said where the environment is checked

    def _row(self, name: str) -> ipywidgets.Widget:
        gone = button(self._catalogue.text("walk.remove"), hint=self._catalogue.text("walk.remove", "file", name=name))
        on_click(gone, lambda: self._guard(lambda: self._remove(name)))
        said = self._remark(self._held.get(name))
        remark = [ipywidgets.HTML(f'<span class="rb-remark">{escape(said)}</span>')] if said else []
        row = ipywidgets.HBox([ipywidgets.Label(visible(name)), *remark, gone])
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
