"""
How a reader says that a file cannot be used: it raises `Refused`, and `read_export` makes the `ExportError` with the file's name.
"""

from __future__ import annotations

from typing import Any

from ..knowledge.text import visible

LONGEST_SHOWN = 60
"""
How many characters of a value an error repeats.
"""


class Refused(ValueError):  # noqa: N818  # it never leaves the room; errors for people end in Error
    """
    A file that cannot be used.

    Args:
        cause: The part of the text id behind ``exports.``, and the code of the error.
        values: What the text needs.
    """

    def __init__(self, cause: str, /, **values: Any) -> None:
        self.cause = cause
        self.values = values
        super().__init__(cause)


def shown(value: Any) -> str:
    """
    A value as an error repeats it: one line, printable, short; of an object, a list and a long number only what it is, as JSON writes it.
    """
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, int) and abs(value) > 10**30:
        return "…"
    text = visible(str(value)[: LONGEST_SHOWN * 2])
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
