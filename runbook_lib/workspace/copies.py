"""
Copies of the notebooks: made from what is shipped, made anew when that has changed, and never at the price of what a person wrote in one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..environment import safe_name
from ..errors import KnowledgeError
from ..knowledge.headings import put_headings
from ..knowledge.shipped import shipped
from ..knowledge.text import Catalogue, visible
from .files import read_json, write_text
from .register import Register

OURS = "inbound_runbook"
"""
Metadata key of a notebook that JupyterLab runs by itself when it is opened.
"""
PARAMETERS = "parameters"
_LARGEST = 256 << 20


def names() -> tuple[str, ...]:
    """
    The notebooks that are shipped, without the ending.
    """
    return tuple(sorted(path.stem for path in shipped("notebooks").glob("*.ipynb")))


def digests() -> list[str]:
    """
    What the code of each shipped notebook comes to: only a notebook with just this code is run by itself when it is opened.
    """
    documents = (read_json(shipped("notebooks") / f"{name}.ipynb", _LARGEST) for name in names())
    codes = ["\0".join(_text(cell.get("source")) for cell in _cells(document) if cell.get("cell_type") == "code") for document in documents]
    return [hashlib.sha256(code.encode()).hexdigest() for code in codes]


def copy_of(name: str, folder: Path, register: Register, catalogue: Catalogue, *, called: str = "", platform: str = "") -> Path:
    """
    The copy of a notebook in a folder, up to date.

    Args:
        name: Of the notebook, without the ending.
        folder: Of the workspace; it is made.
        register: The workspace's memory.
        catalogue: The words, for its headings.
        called: What the copy is called, without the ending; as the notebook where left out.
        platform: The customer's, which its title names; ``""`` where it is nobody's.

    A copy is made anew where what is shipped has changed since, or the language; what was shown in it is shown again when it is
    run. One in which somebody has changed a cell stays as it is; once what is shipped has changed it is kept under another name beside the
    new one.

    Raises:
        KnowledgeError: There is no such notebook.
        OSError: It cannot be written.
    """
    if name not in names():
        raise KnowledgeError(catalogue.text("opening.say", "no_notebook", name=visible(name), known=list(names())))
    source = read_json(shipped("notebooks") / f"{name}.ipynb", _LARGEST)
    put_headings(_cells(source), name, catalogue, platform)
    target = folder / f"{called or name}.ipynb"
    mark = _mark(source)
    if target.exists():
        known, found = register.source_of(target), _mark(read_json(target, _LARGEST))
        if mark in (found, known):
            return target
        if not found or found != known:
            target.replace(_aside(target))
    folder.mkdir(parents=True, exist_ok=True)
    write_text(target, json.dumps(_prepared(source), indent=1, ensure_ascii=False) + "\n")
    register.note_source(target, mark)
    return target


def _prepared(document: Any) -> Any:
    """
    The document with its code folded, but for the parameters, and marked as ours. A cell is not deleted by a slip: it is somebody's card.
    """
    for cell in _cells(document):
        metadata = cell.setdefault("metadata", {})
        metadata["deletable"] = False
        if cell.get("cell_type") == "code" and PARAMETERS not in metadata.get("tags", []):
            metadata.setdefault("jupyter", {})["source_hidden"] = True
    document["metadata"][OURS] = True
    return document


def _mark(document: Any) -> str:
    """
    The same for two notebooks whose cells say the same, whatever was shown in them; ``""`` for what is no notebook.
    """
    if not isinstance(document, dict):
        return ""
    cells = [(str(cell.get("cell_type")), _text(cell.get("source"))) for cell in _cells(document)]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _cells(document: Any) -> Iterator[dict[str, Any]]:
    cells = document.get("cells")
    return (cell for cell in cells if isinstance(cell, dict)) if isinstance(cells, list) else iter(())


def _text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _aside(target: Path) -> Path:
    number, path = 1, target.with_name(f"{safe_name(target.stem)}-edited.ipynb")
    while path.exists():
        number += 1
        path = target.with_name(f"{safe_name(target.stem)}-edited-{number}.ipynb")
    return path
