"""
What the workspace remembers in ``.workspace.json``: environment files by their slug, which are off the list, what each copy of a
notebook was made from, and the language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..environment import safe_name
from .files import read_json, write_text

NAME = ".workspace.json"
RESERVED = frozenset({"environments", "reports"})
"""
Folders of the workspace's own, so that no customer's folder may be called that.
"""
_LARGEST = 1 << 20
_MOST = 1000


class Register:
    """
    The memory of one workspace. It is read anew with each question, since a server, its kernels and a command may use one workspace.

    Args:
        root: The workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / NAME

    def files(self) -> dict[Path, str]:
        """
        Environment files whose slug is not their name in ``environments/``, and that slug.
        """
        found: dict[Path, str] = {}
        for slug, path in _texts(self._document().get("files")).items():
            if usable(slug):
                found.setdefault(self._root / path, slug)
        return found

    def remember(self, file: Path, slug: str) -> None:
        """
        Note the slug of an environment file.

        Raises:
            OSError: It cannot be written.
        """
        document = self._document()
        inside = file.is_relative_to(self._root)
        path = file.relative_to(self._root).as_posix() if inside else str(file)
        self._write({**document, "files": {**_texts(document.get("files")), slug: path}})

    def forget(self, slug: str) -> None:
        """
        Remember the environment file of a slug no longer.

        Raises:
            OSError: It cannot be written.
        """
        document = self._document()
        self._write({**document, "files": {known: path for known, path in _texts(document.get("files")).items() if known != slug}})

    def hidden(self) -> frozenset[str]:
        """
        The slugs of environments that were taken off the list.
        """
        listed = self._document().get("hidden")
        return frozenset(slug for slug in listed[:_MOST] if isinstance(slug, str)) if isinstance(listed, list) else frozenset()

    def hide(self, slug: str, *, hidden: bool) -> None:
        """
        Take an environment off the list, or put it back.

        Raises:
            OSError: It cannot be written.
        """
        before = self.hidden()
        after = before | {slug} if hidden else before - {slug}
        if after != before:
            self._write({**self._document(), "hidden": sorted(after)})

    def source_of(self, copy: Path) -> str:
        """
        The mark of what a copy was made from, ``""`` where nothing is known.
        """
        return _texts(self._document().get("copies")).get(self._key(copy), "")

    def note_source(self, copy: Path, mark: str) -> None:
        """
        Note what a copy was made from.

        Raises:
            OSError: It cannot be written.
        """
        document = self._document()
        self._write({**document, "copies": {**_texts(document.get("copies")), self._key(copy): mark}})

    @property
    def language(self) -> str:
        """
        The language that was chosen here, ``""`` where none was.
        """
        return str(self._document().get("language", ""))

    def note_language(self, language: str) -> None:
        """
        Note the language that was chosen.

        Raises:
            OSError: It cannot be written.
        """
        self._write({**self._document(), "language": language})

    def _key(self, copy: Path) -> str:
        return copy.relative_to(self._root).as_posix()

    def _document(self) -> Mapping[str, Any]:
        document = read_json(self._file, _LARGEST)
        return document if isinstance(document, dict) else {}

    def _write(self, document: Mapping[str, Any]) -> None:
        write_text(self._file, json.dumps(document, indent=1, ensure_ascii=True, sort_keys=True) + "\n")


def usable(slug: str) -> bool:
    """
    True for a slug that may be a folder of the workspace.
    """
    return slug == safe_name(slug) and slug.casefold() not in RESERVED


def free_slug(name: str, taken: Iterable[str]) -> str:
    """
    A slug for a name that no other environment has, on a file system that knows no capitals either.

    >>> free_slug("Alder & Sons", ["alder-sons"])
    'Alder-Sons-2'
    """
    used = {slug.casefold() for slug in taken} | RESERVED
    base = safe_name(name)
    slug, number = base, 2
    while slug.casefold() in used:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _texts(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return dict([(key, text) for key, text in pairs if isinstance(text, str) and "\0" not in text][:_MOST])
