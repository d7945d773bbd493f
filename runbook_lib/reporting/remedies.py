"""
What a remedy is made of: sentences with names of commands in them, commands on lines of their own, and blocks to paste with a title.

All of it is plain text with three conventions, so that a terminal and a result document show it as it is: a line of a remedy that is
indented is a command; in what is to be pasted a line that begins with ``##`` is the title of what follows, and a comment that begins
with ``undo:`` is a line of the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

INDENT = "    "
"""
What a command on a line of its own begins with.
"""
_TITLE = re.compile(r"^## +(\S.*)\n?", re.MULTILINE)
_BACK = re.compile(r"^[#!] undo: (.*)\n?", re.MULTILINE)
_COMMAND = re.compile(
    r"\b(?:Add|Connect|Disable|Enable|Export|Get|New|Remove|Set|Test)-[A-Z][A-Za-z0-9]+"
    r"(?: -[A-Z][A-Za-z]+(?: (?:\$(?:true|false|null)|Unlimited))?)*"
    r"(?: \| Select-Object [A-Z][A-Za-z]+(?:,[A-Z][A-Za-z]+)*)?"
    r"|\brunbook [a-z]+(?: [a-z0-9]+)?(?: --[a-z]+(?: [a-z0-9]+)?)+"
)
"""
A command of PowerShell with what is set in it, or one of ours with its options, in the middle of a sentence.
"""


@dataclass(frozen=True, slots=True)
class Paste:
    """
    Text to be pasted somewhere.

    Args:
        title: Where, ``""`` where that is clear.
        text: What.
        back: What undoes it, ``""`` where nothing is said of that.
    """

    title: str
    text: str
    back: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A piece of a remedy.

    Args:
        kind: ``text``, ``name`` of a command within a sentence, or ``command`` on lines of its own.
        text: What stands there.
    """

    kind: str
    text: str


def pieces(remedy: str) -> list[Piece]:
    """
    A remedy taken apart, in order; nothing for an empty one.
    """
    found: list[Piece] = []
    for command, lines in groupby(remedy.split("\n") if remedy else (), lambda line: line.startswith(INDENT)):
        if command:
            found.append(Piece("command", "\n".join(line.removeprefix(INDENT) for line in lines)))
        else:
            found += _sentence("\n".join(lines))
    return found


def _sentence(text: str) -> Iterator[Piece]:
    end = 0
    for match in _COMMAND.finditer(text):
        yield Piece("text", text[end : match.start()])
        yield Piece("name", match[0])
        end = match.end()
    yield Piece("text", text[end:])


def pastes(text: str) -> list[Paste]:
    """
    What is to be pasted, block by block; one without a title where it has none.
    """
    before, *rest = _TITLE.split(text)
    titled = [_paste(title, block) for title, block in zip(rest[::2], rest[1::2], strict=True)]
    return [*([_paste("", before)] if before.strip() else []), *titled]


def _paste(title: str, block: str) -> Paste:
    return Paste(title, _BACK.sub("", block).rstrip("\n"), "\n".join(match[1] for match in _BACK.finditer(block)))
