"""
What ipywidgets has nothing for: markup with copy buttons and tabs, a live region, a place to drop files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import anywidget
from traitlets import Bool, Dict, Int, Unicode

from ..knowledge.text import Catalogue
from ..reporting import Html
from ..reporting.theme import live_style
from .lane import Lane

LARGEST_UPLOAD = 64 * 1024 * 1024
"""
Bytes of one uploaded file; the readers of exports take no larger ones.
"""
_MOST_PIECES = 256


@cache
def _script(name: str) -> str:
    return files(__package__).joinpath("front", name).read_text(encoding="utf-8")


class Style(anywidget.AnyWidget):
    """
    The style sheet of everything that is live, once a page. Each widget carrying it would make a page that is loaded again slow.
    """

    _esm = Unicode("export default { render({ el }) { el.style.display = 'none'; } };").tag(sync=True)
    _css = Unicode(live_style()).tag(sync=True)


class Shown(Protocol):
    """
    Told that a panel is in view.
    """

    def __call__(self, *, came: bool) -> None:
        """
        Take notice.

        Args:
            came: It has just come into view.
        """


class Panel(anywidget.AnyWidget):
    """
    Markup that may change. What is open, chosen or focused in it stays so.

    Args:
        catalogue: Words of the copy buttons.
        html: What is shown at first.
        seen: Called with the id of each page that shows it.
        shown: Called whenever it comes into view, and every few seconds as long as it is in view.
        told: What a press on something in it that has ``data-rb-tell`` calls, by that, with its ``data-rb-about``.
    """

    _esm = Unicode(_script("panel.js")).tag(sync=True)
    html = Unicode("").tag(sync=True)
    words = Dict().tag(sync=True)
    watched = Bool(False).tag(sync=True)

    def __init__(
        self,
        catalogue: Catalogue,
        html: Html | None = None,
        seen: Callable[[str], None] | None = None,
        shown: Shown | None = None,
        told: Mapping[str, Callable[[str], None]] | None = None,
    ) -> None:
        words = {name: catalogue.text("walk.copy", name) for name in ("copy", "copied", "copy_failed")}
        super().__init__(html="" if html is None else html.text, words=words, watched=shown is not None)
        self.add_class("rb-live")
        self._seen, self._shown, self._lane = seen, shown, Lane()
        self._called = dict(told or {})
        self.on_msg(self._told)

    def show(self, html: Html) -> None:
        """
        Show other markup.
        """
        self.html = html.text

    def go(self, path: str) -> None:
        """
        Open another notebook where this is shown.

        Args:
            path: As this server knows it, from its root.
        """
        self.send({"open": path})

    def cursor(self, place: str) -> None:
        """
        Put the cursor into a field of the notebook that shows this, as soon as it is there.

        Args:
            place: Its class.
        """
        self.send({"cursor": place})

    def head(self, titles: Mapping[str, str]) -> None:
        """
        Give the notebook that shows this other headings, under `runbook open`.

        Args:
            titles: By the id of the cell.
        """
        self.send({"titles": dict(titles)})

    def again(self, titles: Mapping[str, str]) -> None:
        """
        Run the notebook that shows this once more, under `runbook open`.

        Args:
            titles: New ones for its headings, by the id of the cell.
        """
        self.send({"again": dict(titles)})

    def _told(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, Mapping):
            return
        seen, come, called = self._seen, self._shown, self._called.get(str(content.get("tell")))
        if come is not None and content.get("shown") in ("came", "still"):
            came = content["shown"] == "came"
            self._lane.do(lambda: come(came=came))
        if seen is not None and isinstance(content.get("page"), str):
            page = content["page"][:100]
            self._lane.do(lambda: seen(page))
        if called is not None and isinstance(content.get("about"), str):
            about = content["about"][:255]
            self._lane.do(lambda: called(about))


class Status(anywidget.AnyWidget):
    """
    A live region with one sentence, and a bar while something is under way.
    """

    _esm = Unicode(_script("status.js")).tag(sync=True)
    text = Unicode("").tag(sync=True)
    tone = Unicode("").tag(sync=True)
    progress = Dict({"done": 0, "total": 0, "label": ""}).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("rb-live")

    def say(self, text: str, tone: str = "") -> None:
        """
        Say something, and take the bar away.

        Args:
            text: One sentence.
            tone: ``fail`` for an error, else ``""``.
        """
        self.tone, self.text, self.progress = tone, text, {"done": 0, "total": 0, "label": ""}

    def advance(self, done: int, total: int, text: str) -> None:
        """
        Show how far something is.
        """
        self.tone, self.text, self.progress = "", text, {"done": done, "total": total, "label": text}


class Tie(anywidget.AnyWidget):
    """
    Ties the fields of the box it is in to their help, remark and error, for screen readers and for a pointer that rests on them; and keeps
    the notebook's own keys away from its choices. Enter in a confirmation does what the button beside it does.
    """

    _esm = Unicode(_script("tie.js")).tag(sync=True)


class Typing(anywidget.AnyWidget):
    """
    Keeps what is being typed into a field of the form it is in while the page is loaded anew.

    Args:
        about: What tells this form from any other in the same tab of the browser.
    """

    _esm = Unicode(_script("typing.js")).tag(sync=True)
    about = Unicode("").tag(sync=True)

    def __init__(self, about: str) -> None:
        super().__init__(about=about)


class DropZone(anywidget.AnyWidget):
    """
    Takes files, by picker or by drag and drop.

    Args:
        label: What stands in it.
        taken: Called with the name and the bytes of each file.
        refused: Called with the name and the size in bytes of one that is too large.
    """

    _esm = Unicode(_script("drop.js")).tag(sync=True)
    label = Unicode("").tag(sync=True)
    largest = Int(LARGEST_UPLOAD).tag(sync=True)

    def __init__(self, label: str, taken: Callable[[str, bytes], None], refused: Callable[[str, int], None]) -> None:
        super().__init__(label=label)
        self.add_class("rb-live")
        self._taken, self._refused = taken, refused
        self._lane = Lane()
        self._under_way: dict[str, list[bytes]] = {}
        self.on_msg(self._told)

    def focus(self) -> None:
        """
        Put the focus on the picker.
        """
        self.send({"focus": True})

    def _told(self, _widget: Any, content: Any, buffers: Any) -> None:
        if not isinstance(content, Mapping) or not isinstance(content.get("name"), str):
            return
        name, key = content["name"][:255], str(content.get("id"))[:100]
        if content.get("kind") == "too_large":
            size = int(content.get("size") or 0)
            self._lane.do(lambda: self._refused(name, size))
            return
        pieces, index = content.get("pieces"), content.get("index")
        if not isinstance(pieces, int) or not 0 < pieces <= _MOST_PIECES or not buffers:
            return
        if index == 0:
            self._under_way = {key: []}  # the front sends one file after the other
        got = self._under_way.get(key)
        if got is None or index != len(got):
            return
        got.append(bytes(buffers[0]))
        if len(got) == pieces:
            del self._under_way[key]
            self._lane.do(lambda: self._taken(name, b"".join(got)))
