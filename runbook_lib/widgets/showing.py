"""
What is put into the notebook itself: the widgets, and beside them their twins as static HTML, kept up to date by display id.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from ..reporting import Html
from ..results import MIME_TYPE, Result


class Twins:
    """
    The static twins of one walk, each under a display id of its own.
    """

    def __init__(self) -> None:
        self._run = uuid.uuid4().hex[:12]
        self._shown: dict[str, tuple[str, str]] = {}

    def show(self, key: str, widgets: Sequence[Any], twin: Html, plain: str = "", instead: str = "") -> None:
        """
        Put widgets and their twin into the output of the cell that is running.

        Args:
            key: What it is.
            widgets: The live ones.
            twin: The same as static HTML.
            plain: And as text.
            instead: What is said where no kernel keeps the widgets alive.
        """
        from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

        for widget in widgets:
            alive = {**widget._repr_mimebundle_(), "text/plain": instead}  # how IPython asks; its text is of no use
            display(alive, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none
        self._shown[key] = (twin.text, plain)
        display(_bundle(twin, plain), raw=True, display_id=self._id(key))  # type: ignore[no-untyped-call]  # IPython ships none

    def update(self, key: str, twin: Html, plain: str = "") -> None:
        """
        Put another twin in the place of one that was shown; nothing happens where it is the same, or none was shown.
        """
        from IPython.display import update_display  # noqa: PLC0415  # see above

        if key in self._shown and self._shown[key] != (twin.text, plain):
            self._shown[key] = (twin.text, plain)
            update_display(_bundle(twin, plain), display_id=self._id(key), raw=True)  # type: ignore[no-untyped-call]  # IPython ships none

    def emit(self, result: Result | None) -> None:
        """
        Leave the result document in the output of the cell that is running, or its place where there is none yet.
        """
        from IPython.display import display  # noqa: PLC0415  # see above

        display(_document(result), raw=True, display_id=self._id("result"))  # type: ignore[no-untyped-call]  # IPython ships none

    def update_result(self, result: Result) -> None:
        """
        Put the result document in its place.
        """
        from IPython.display import update_display  # noqa: PLC0415  # see above

        update_display(_document(result), display_id=self._id("result"), raw=True)  # type: ignore[no-untyped-call]  # IPython ships none

    def _id(self, key: str) -> str:
        return f"runbook-{self._run}-{key}"


def _document(result: Result | None) -> dict[str, Any]:
    return {"text/plain": ""} if result is None else {MIME_TYPE: result.to_json(), "text/plain": ""}


def _bundle(twin: Html, plain: str) -> dict[str, str]:
    return {"text/html": twin.text, "text/plain": plain}
