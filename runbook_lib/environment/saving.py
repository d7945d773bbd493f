"""
Writing an environment file: what does not change in it stays as it is, and nothing is written that would not read back as it was given.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import EnvironmentFileError
from ..knowledge.text import Catalogue, visible
from .loading import build, bytes_of
from .model import NOTEBOOK_DEFAULTS, NOTEBOOK_ONLY, as_json, is_empty
from .problems import catalogue_of, problem
from .refusal import Refusal
from .yaml_editing import edited
from .yaml_text import LARGEST_FILE, decoded, read_yaml, typed
from .yaml_writing import Layout

_MARK = b"\xef\xbb\xbf"
_PART_LISTS = frozenset({"contacts", "domains", "senders"})
_PARTS = frozenset({"present_gateway", "gateway_options", "validation_codes"})
_PART_MAPS = frozenset({"attestations", "waivers"})


@dataclass(frozen=True, slots=True)
class Notes:
    """
    Comments for a new file, without their ``#``.

    Args:
        head: Above all.
        keys: Above each key.
        end: Below all: what one may add, ready to be taken in.
    """

    head: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    end: str = ""


def fingerprint(path: str | os.PathLike[str]) -> str:
    """
    What tells whether a file is still what it was: its SHA-256, ``""`` where there is none.

    Raises:
        EnvironmentFileError: It is there and cannot be read.
    """
    try:
        content = _content(Path(path))
    except Refusal as refusal:
        raise EnvironmentFileError(visible(str(path)), [problem("", "", refusal, Catalogue())]) from None
    return _fingerprint(content)


def save_environment(
    path: str | os.PathLike[str],
    values: Mapping[str, Any],
    seen: str | None = None,
    *,
    notes: Notes | None = None,
    afresh: bool = False,
) -> None:
    """
    Write an environment file, so that `load_environment` gives what the values say.

    Where there is such a file, comments, order, quotes and layout of all that stays the same survive; keys without a value are removed, new
    ones come at the end. It is replaced as a whole or not at all, and not touched where nothing changes. A link is followed.

    Args:
        path: The file. Its folder is made if there is none.
        values: By key, as `Environment.as_given` has them. `interactive` is left out: no file has it.
        seen: The `fingerprint` the file had when the values were read from it; it must not have changed since.
        notes: Comments for a file that is new.
        afresh: Make it new, whatever stands there.

    Raises:
        EnvironmentFileError: A value is wrong, the file has changed or is not YAML, or cannot be written. Then nothing was written.
    """
    source = Path(path)
    name = visible(str(path))
    given = {key: value for key, value in values.items() if key not in NOTEBOOK_ONLY}
    build(given, name, source.parent, [])
    wanted = _in_order(_meaning(typed(as_json(given))))
    try:
        content = _content(source)
        _must_be(_fingerprint(content), seen)
        made = _new(wanted, notes or Notes()).encode() if content is None or afresh else _changed(content, wanted)
        if made == content:
            return
        _must_read_back(made, wanted)
        _must_be(fingerprint(source), _fingerprint(content))
        _replace(Path(os.path.realpath(source)), made)
    except Refusal as refusal:
        raise EnvironmentFileError(name, [problem("", "", refusal, catalogue_of(given))]) from None
    except OSError as error:
        failed = Refusal("environment_words.save.not_written", reason=error.strerror or type(error).__name__)
        raise EnvironmentFileError(name, [problem("", "", failed, catalogue_of(given))]) from None


def _content(source: Path) -> bytes | None:
    try:
        return bytes_of(source)
    except Refusal as refusal:
        if refusal.message == "file_not_found":
            return None
        raise


def _fingerprint(content: bytes | None) -> str:
    return "" if content is None else sha256(content).hexdigest()


def _must_be(found: str, seen: str | None) -> None:
    if seen is not None and found != seen:
        raise Refusal("environment_words.save.changed" if found else "environment_words.save.gone")


def _changed(content: bytes, wanted: Mapping[str, Any]) -> bytes:
    try:
        old = _meaning(typed(read_yaml(content)))
    except Refusal as refusal:
        if refusal.message != "file_empty":
            raise Refusal("environment_words.save.unreadable", reason=refusal) from None
        old = {}
    if old == wanted:
        return content
    mark = _MARK if content.startswith(_MARK) else b""
    return mark + edited(decoded(content), old, wanted).encode()


def _new(wanted: Mapping[str, Any], notes: Notes) -> str:
    layout = Layout()
    lines = _commented(notes.head)
    for key, value in wanted.items():
        lines += [*_commented(notes.keys.get(key, "")), *layout.lines({key: value}, 0)]
    end = _commented(notes.end)
    return "".join(f"{line}\n" for line in [*lines, *([""] if end else []), *end])


def _commented(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.splitlines()]


def _must_read_back(content: bytes, wanted: Mapping[str, Any]) -> None:
    if len(content) > LARGEST_FILE:
        raise Refusal("file_large", limit=LARGEST_FILE)
    found = _meaning(typed(read_yaml(content)))
    wrong = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    if wrong:
        raise Refusal("environment_words.save.differs", keys=wrong)


def _in_order(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in NOTEBOOK_DEFAULTS if key in given}


def _meaning(given: Mapping[str, Any]) -> dict[str, Any]:
    """
    What is said: without keys that have no value, at the top and in the maps inside.
    """
    said = {key: _said(key, value) for key, value in given.items()}
    return {key: value for key, value in said.items() if not is_empty(key, value)}


def _said(key: str, value: Any) -> Any:
    if key in _PART_LISTS and isinstance(value, list):
        return [_filled(item) for item in value]
    if key in _PARTS:
        return _filled(value)
    if key in _PART_MAPS and isinstance(value, dict):
        return {name: _filled(item) for name, item in value.items()}
    return value


def _filled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if item is not None and item not in ("", [], {})}


def _replace(target: Path, content: bytes) -> None:
    """
    Put a file in its place whole. It keeps its permissions.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
