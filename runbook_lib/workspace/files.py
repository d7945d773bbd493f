"""
Reading and writing the workspace's small files: reading is bounded and forgives damage, writing is all or nothing.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def read_json(path: Path, limit: int) -> Any:
    """
    What a JSON file holds.

    Args:
        path: The file.
        limit: Bytes of a file that is still read.

    Returns:
        None where there is none, where it is longer, and where it is damaged.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
        return json.loads(content) if len(content) <= limit else None
    except (OSError, ValueError, RecursionError):
        return None


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """
    Write a file whole or not at all.

    Args:
        path: The file; its folder is there.
        text: Its new content.
        mode: Who may read it.

    Raises:
        OSError: It cannot be written.
        UnicodeEncodeError: The text is no text.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
