"""
The headings of the notebooks. A Markdown cell cannot choose its language, so whoever makes or shows a copy of a notebook puts them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

from .text import Catalogue

_FRONT = re.compile(r"#+ (?:[0-9]+ )?")


def titles(notebook: str, catalogue: Catalogue, platform: str = "") -> dict[str, str]:
    """
    The titles of a shipped notebook, by the id of their cell: ``title``, and ``<step>-heading``.

    Args:
        notebook: Which notebook, without the ending; one that is not shipped has none.
        catalogue: The words: ``notebooks.<notebook>`` has the title and what is no step; steps have theirs in ``steps.<step>``.
        platform: The customer's, which the title names; ``""`` where the notebook is nobody's.
    """
    if not catalogue.has(f"notebooks.{notebook}"):
        return {}
    steps = {name: catalogue.fields(f"steps.{name}") for name in catalogue.names("steps")}
    found = {f"{name}-heading": fields["title"] for name, fields in steps.items() if "title" in fields}
    found |= {key if key == "title" else f"{key}-heading": text for key, text in catalogue.fields(f"notebooks.{notebook}").items()}
    return {**found, "title": catalogue.text("notebooks.of_platform", platform=platform)} if platform else found


def put_headings(cells: Iterable[MutableMapping[str, Any]], notebook: str, catalogue: Catalogue, platform: str = "") -> None:
    """
    Put the headings of a shipped notebook in a language; their level and number, and every other cell, stay as they are.

    Args:
        cells: Of the notebook, changed in place.
        notebook: Which notebook, without the ending.
        catalogue: The words.
        platform: The customer's, which the title names; ``""`` where the notebook is nobody's.
    """
    found = titles(notebook, catalogue, platform)
    for cell in cells:
        title, source = found.get(str(cell.get("id"))), cell.get("source")
        front = _FRONT.match("".join(source) if isinstance(source, list) else str(source))
        if cell.get("cell_type") == "markdown" and title is not None and front is not None:
            cell["source"] = front.group() + title
