"""
The headings of the notebooks. A Markdown cell cannot choose its language, so whoever makes a copy of a notebook puts them in.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from .text import Catalogue

_SUFFIX = "-heading"


def put_headings(cells: Iterable[MutableMapping[str, Any]], notebook: str, catalogue: Catalogue) -> None:
    """
    Put the headings of a shipped notebook in a language; every other cell stays as it is.

    Args:
        cells: Of the notebook, changed in place. The id of a heading says which it is: ``title``, or ``<step>-heading``.
        notebook: Which notebook, without the ending; of one that is not shipped nothing is changed.
        catalogue: The words: ``notebooks.<notebook>`` has the title and what is no step; steps have theirs in ``steps.<step>``.
    """
    if not catalogue.has(f"notebooks.{notebook}"):
        return
    own = catalogue.fields(f"notebooks.{notebook}")
    number = 0
    for cell in cells:
        if cell.get("cell_type") != "markdown":
            continue
        key = str(cell.get("id")).removesuffix(_SUFFIX)
        if key in own:
            cell["source"] = f"{'#' if key == 'title' else '##'} {own[key]}"
        elif catalogue.has(f"steps.{key}"):
            number += 1
            cell["source"] = f"## {number} {catalogue.text(f'steps.{key}', 'title')}"
